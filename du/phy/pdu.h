/* SPDX-License-Identifier: Apache-2.0 */
/* What a PDU of the boundary means in lib/phy's terms: one function a channel, field by field. What only the
 * boundary can know is checked here (offsets into the slab, capacities); the standard's own limits are
 * checked by the X_plan functions that take the result. Both refuse with the field's name. [slot] thread, no
 * state. */
#ifndef VITRAN_DU_PHY_PDU_H
#define VITRAN_DU_PHY_PDU_H

#include "lib/fapi/fapi.h"
#include "lib/phy/ctrl/prach.h"
#include "lib/phy/ctrl/pucch.h"
#include "lib/phy/ctrl/srs.h"
#include "lib/phy/dl/csi_rs.h"
#include "lib/phy/dl/pdcch.h"
#include "lib/phy/dl/pdsch.h"
#include "lib/phy/dl/ssb.h"
#include "lib/phy/pusch/pusch.h"

/* The cell and the slot that a PDU belongs to. */
typedef struct {
    const fapi_cell_config_t *cell;
    uint16_t carrier_start; /* CRB of the grid's PRB 0 */
    uint8_t ldpc_iterations;
    uint64_t abs_slot;
    uint16_t sfn, slot; /* of abs_slot */
} pdu_slot_t;

pdu_slot_t pdu_slot(const fapi_cell_config_t *cell, uint16_t carrier_start, uint8_t ldpc_iterations,
                    uint64_t abs_slot);

/* What every PDU must have: the carrier's numerology and the normal cyclic prefix. */
int pdu_check_common(const pdu_slot_t *s, uint8_t scs, uint8_t cyclic_prefix, phy_refusal_t *why);

#define PDU_MAX_RESERVED (FAPI_MAX_RATE_MATCH + FAPI_MAX_SSB + 16 * FAPI_MAX_CSI_RS)

/* REs that a PDSCH of this slot leaves out: SSBs, what its masks say. csi_rs [n_csi_rs] are the slot's plans,
 * NULL where one was refused. reserved [PDU_MAX_RESERVED]; returns how many. */
unsigned pdu_pdsch_reserved(const pdu_slot_t *s, const fapi_dl_slot_t *slab, const fapi_pdsch_pdu_t *pdu,
                            const csi_rs_plan_t *const *csi_rs, pdsch_reserved_t *reserved);
/* 0, or -EINVAL naming a field of the PDU. Precoding is the caller's. */
int pdu_pdsch(const pdu_slot_t *s, const fapi_dl_slot_t *slab, const fapi_pdsch_pdu_t *pdu, pdsch_cfg_t *ret,
              phy_refusal_t *why);
int pdu_pdcch(const pdu_slot_t *s, const fapi_pdcch_pdu_t *pdu, pdcch_tx_cfg_t *ret, phy_refusal_t *why);
int pdu_ssb(const pdu_slot_t *s, const fapi_ssb_pdu_t *pdu, ssb_cfg_t *ret, phy_refusal_t *why);
int pdu_csi_rs(const pdu_slot_t *s, const fapi_csi_rs_pdu_t *pdu, csi_rs_cfg_t *ret, phy_refusal_t *why);
int pdu_pusch(const pdu_slot_t *s, const fapi_pusch_pdu_t *pdu, pusch_cfg_t *ret, phy_refusal_t *why);
int pdu_pucch(const pdu_slot_t *s, const fapi_pucch_pdu_t *pdu, pucch_cfg_t *ret, phy_refusal_t *why);
int pdu_prach(const pdu_slot_t *s, const fapi_prach_pdu_t *pdu, prach_cfg_t *ret, phy_refusal_t *why);
int pdu_srs(const pdu_slot_t *s, const fapi_srs_pdu_t *pdu, srs_cfg_t *ret, phy_refusal_t *why);

#endif
