/* SPDX-License-Identifier: Apache-2.0 */
/* Rate dematching of one code block with HARQ soft combining, the receiver's side of TS 38.212 5.4.2: undoes
 * the bit interleaving and adds the LLRs to the circular buffer, saturating at +-127. Any thread; no
 * allocation. */
#ifndef VITRAN_PHY_LDPC_DEMATCH_H
#define VITRAN_PHY_LDPC_DEMATCH_H

#include "lib/phy/ldpc/rate_match.h"

typedef struct {
    uint8_t bg;        /* 1 or 2 */
    uint16_t zc;       /* Zc */
    uint16_t n_filler; /* F */
    uint32_t n_cb;     /* Ncb, bits: N, or less with limited buffer rate matching. 5.4.2.1 */
    uint8_t rv;        /* redundancy version, 0..3 */
    uint8_t qm;        /* modulation order 1, 2, 4, 6, 8, 10 */
    uint32_t e;        /* E_r, bits of this block, a multiple of qm */
} ldpc_dematch_cfg_t;

typedef struct {
    ldpc_dematch_cfg_t cfg;
    circ_t circ; /* k0, fillers */
} ldpc_dematch_plan_t;

/* E_r at most: over 40 repetitions of the largest code. */
#define LDPC_MAX_E (1u << 20)

/* -EINVAL: bg, zc and n_filler as in ldpc_dec_plan; n_cb of 0, above N or all fillers; rv above 3; qm; e of
 * 0, no multiple of qm or above LDPC_MAX_E. Any thread. */
int ldpc_dematch_plan(const phy_t *phy, const ldpc_dematch_cfg_t *cfg, ldpc_dematch_plan_t *ret,
                      phy_refusal_t *why);

/* Adds llr[size: e] to soft[size: n_cb], which holds its first *n_soft LLRs (0: a new transport block, soft
 * need not be initialised). *n_soft grows to what is known then; what lies behind is not touched. Filler
 * positions below it hold 0. An LLR of -128 counts as -127. */
void ldpc_dematch(const phy_t *phy, const ldpc_dematch_plan_t *plan, const int8_t *llr, int8_t *soft,
                  uint32_t *n_soft);

typedef struct ldpc_dematch_ops {
    void (*dematch)(const ldpc_dematch_plan_t *plan, const int8_t *llr, int8_t *soft, uint32_t *n_soft);
} ldpc_dematch_ops_t;

/* The variant of a level, or the next lower one. */
const ldpc_dematch_ops_t *ldpc_dematch_ops(phy_isa_t isa);

#endif
