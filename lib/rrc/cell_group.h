/* SPDX-License-Identifier: Apache-2.0 */
/* CellGroupConfig of TS 38.331 between bytes and radio_ue_t: what the DU decides for one UE and the UE obeys.
 * The DU builds it (it travels as an octet string over F1AP inside RRCSetup and RRCReconfiguration), the UE
 * parses it. A CellGroupConfig is a delta: `present` says which parts are on the wire; the others stay as the
 * UE has them.
 *
 * Above: du/f1ap and du/mac (build), fronthaul/emulator/ue (parse). Below: lib/asn1.
 * Thread: any; no state. */
#ifndef VITRAN_RRC_CELL_GROUP_H
#define VITRAN_RRC_CELL_GROUP_H

#include "lib/rrc/sysinfo.h"

enum {
    RRC_CG_BEARERS = 1, /* rlc-BearerToAddModList: ue.lc[] */
    RRC_CG_MAC = 2,     /* mac-CellGroupConfig: BSR, PHR, SR, TAG, DRX */
    RRC_CG_PHY = 4,     /* physicalCellGroupConfig: dynamic HARQ-ACK codebook */
    RRC_CG_SP_CELL = 8, /* spCellConfig: BWP 0's PDCCH, PDSCH, PUCCH, PUSCH, CSI; RLF timers */
    RRC_CG_ALL = 15,
};

typedef struct {
    uint32_t present; /* RRC_CG_... */
    radio_ue_t ue;    /* members of the parts that are present */
    uint8_t n_release;
    uint8_t release_lcid[RADIO_MAX_LC]; /* rlc-BearerToReleaseList */
    uint64_t reestablish;               /* bit lcid: reestablishRLC of that bearer in ue.lc[] */
    uint64_t modify; /* bit lcid: the bearer's servedRadioBearer is left out: it changes one that is there */
} rrc_cell_group_t;

/* 0; -ERANGE: a member has no place on the wire, *ret_why names it; -ENOBUFS; -ENOMEM. */
int rrc_cell_group_build(const rrc_cell_group_t *cg, const radio_cell_t *cell, arena_t *scratch, uint8_t *buf,
                         size_t cap, size_t *ret_n, rrc_why_t *ret_why);
/* A peer's bytes. 0; -EBADMSG: does not decode; -ENOTSUP: asks for what our UE cannot do; -ENOMEM. *ret is
 * untouched on failure. */
int rrc_cell_group_parse(const uint8_t *bytes, size_t n, const radio_cell_t *cell, arena_t *scratch,
                         rrc_cell_group_t *ret, rrc_why_t *ret_why);

#endif
