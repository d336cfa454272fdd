/* SPDX-License-Identifier: Apache-2.0 */
/* What the DU decides about its cell and its UEs, in lib/rrc's structs: MAC runs on the same values that MIB,
 * SIB1 and CellGroupConfig carry, so that there is one truth. The functions here make consistent sets;
 * du/f1ap encodes them with lib/rrc and gives them to the slot engine.
 *
 * Places on PUCCH, SR and CSI offsets are a pure function of the UE's cell-local index: no allocator, no
 * state, no two UEs of MAC_MAX_UES collide. [any] thread. */
#ifndef VITRAN_DU_MAC_RADIO_H
#define VITRAN_DU_MAC_RADIO_H

#include "lib/fapi/fapi.h"
#include "lib/rrc/cell_group.h"
#include "lib/rrc/sysinfo.h"

#define MAC_MAX_UES 128

/* A UE: its cell-local index and the generation of that index. */
typedef struct {
    uint16_t index, generation;
} du_ue_ref_t;

/* What the scheduler is told of a bearer and the UE is not. */
typedef struct {
    uint8_t five_qi;                   /* 0: SRB */
    uint8_t slice;                     /* index in the cell's slice list */
    uint8_t priority;                  /* of scheduling: 5QI priority level or ARP, 1 (highest)..127 */
    uint32_t pdb_us;                   /* packet delay budget */
    uint32_t gbr_dl_kbps, gbr_ul_kbps; /* 0: non-GBR */
} du_qos_t;

/* All of a UE's configuration. `group` is what the UE has in force after the message: all bearers, has_* all
 * true. (What goes on the wire may be a part of it: copy, clear has_*, keep the new bearers.) */
typedef struct {
    rrc_cell_group_t group;
    du_qos_t qos[RRC_MAX_LCID + 1]; /* by LCID */
} du_ue_config_t;

/* The handle of a DRB on du/f1u's rings. Holds the generation, so that what is left of a former UE finds
 * nobody. drb_id 1..32. */
static inline uint32_t du_bearer_handle(du_ue_ref_t ue, uint8_t drb_id)
{
    return (uint32_t)ue.generation << 16 | (uint32_t)(ue.index & 0x7ff) << 5 | ((drb_id - 1u) & 31);
}

/* The demo cell: n78, 30 kHz, TDD DDDSU (special slot 10:2:2), 51 PRB (20 MHz) or 273 PRB (100 MHz); one SSB;
 * CORESET 0 of 48 PRBs and 2 symbols; short PRACH once a frame; identity as the brief of the demo: PCI 1,
 * PLMN 001/01, TAC 7. Change identity members freely afterwards. 0; -EINVAL: another width. */
int du_cell_defaults(uint16_t n_prb, rrc_cell_t *ret);
/* Checks that MAC can run the cell. 0, -ENOTSUP with *ret_why, a constant sentence that names the member. */
int du_cell_check(const rrc_cell_t *c, const char **ret_why);
/* CONFIG.request of the cell. */
void du_cell_fapi(const rrc_cell_t *c, fapi_cell_config_t *ret);

/* What UE `ue_index` is told with its RRCSetup: SRB1 and all of MAC, physical and serving cell configuration.
 * 0, -ERANGE: index. */
int du_ue_defaults(const rrc_cell_t *c, uint16_t ue_index, du_ue_config_t *ret);
/* Adds a bearer, or -ENOSPC. SRB 1 or 2 is LCID 1 or 2; DRB n is LCID 3 + n (n 1..29); AM with 12-bit SN for
 * SRBs, 18-bit for DRBs. */
int du_ue_add_srb(du_ue_config_t *u, uint8_t srb_id);
int du_ue_add_drb(du_ue_config_t *u, uint8_t drb_id, bool um, const du_qos_t *qos);
/* Removes the bearer and lists its LCID in group.release_lcid. 0, -ENOENT. */
int du_ue_remove_drb(du_ue_config_t *u, uint8_t drb_id);
/* Standardized 5QI characteristics, TS 23.501 table 5.7.4-1 (1..9, 65, 66, 69, 70, 75, 79, 80, 82..85);
 * others as 9. */
void du_qos_from_5qi(uint8_t five_qi, du_qos_t *ret);

#endif
