/* SPDX-License-Identifier: Apache-2.0 */
/* Coding of downlink control information: TS 38.212 7.3.2 (CRC24C over 24 ones and the payload, masked with
 * the RNTI), 7.3.3 (polar code, N up to 512) and 7.3.4 (rate matching), and the UE's side of it.
 *
 * [any thread] Functions touch their arguments only. */
#ifndef VITRAN_PHY_POLAR_DCI_CODE_H
#define VITRAN_PHY_POLAR_DCI_CODE_H

#include "lib/phy/polar/polar.h"

#define DCI_CODE_MAX_BITS 140 /* K <= 164 */
#define DCI_CODE_MIN_BITS 12  /* shorter payloads are padded to 12 (7.3.1) */

typedef struct {
    uint16_t a_bits; /* payload, 12..140 */
    uint16_t e_bits; /* rate-matched: 108 x aggregation level, any value from a_bits + 24 to 8192 is taken */
} dci_code_cfg_t;

typedef struct {
    uint16_t a_bits, e_bits;
    polar_plan_t polar;
} dci_code_plan_t;

/* 0, or -EINVAL with the refused field: a_bits, e_bits. */
int dci_code_plan(const dci_code_cfg_t *cfg, dci_code_plan_t *ret, phy_refusal_t *why);

/* payload: A bits packed; out: E bits packed, before the scrambling of 38.211 7.3.2.3. */
void dci_code_encode(const phy_t *phy, const dci_code_plan_t *plan, const uint8_t *payload, uint16_t rnti,
                     uint8_t *out);

/* E LLRs (descrambled) to the payload of the likeliest path whose CRC holds under one of the RNTIs. Returns
 * the index of that RNTI, or -1: nothing for them here (payload untouched). */
int dci_code_decode(const phy_t *phy, const dci_code_plan_t *plan, const int8_t *llr, const uint16_t *rntis,
                    unsigned n_rntis, polar_work_t *work, uint8_t *ret_payload);

/* As dci_code_decode, for an unknown RNTI: takes the likeliest path of which the 8 CRC bits that no RNTI
 * covers hold; 1 in 32 of noise passes. False: none. */
bool dci_code_decode_any(const phy_t *phy, const dci_code_plan_t *plan, const int8_t *llr, polar_work_t *work,
                         uint8_t *ret_payload, uint16_t *ret_rnti);

#endif
