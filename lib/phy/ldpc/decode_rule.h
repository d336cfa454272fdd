/* SPDX-License-Identifier: Apache-2.0 */
/* What a check node passes on, for all variants. Min-sum overstates: the exact message is smaller than the
 * smallest magnitude that goes in, by an amount that grows with the number of edges and vanishes for sure
 * messages. We take an offset off by degree, then 3/16. Chosen by measured block error rate at 8 iterations
 * (tests/link/ldpc_compare), with LLRs of PHY_LLR_SCALE. Private to lib/phy/ldpc. */
#ifndef VITRAN_PHY_LDPC_DECODE_RULE_H
#define VITRAN_PHY_LDPC_DECODE_RULE_H

#include <stdint.h>

/* Offset in LLR units of a row with `degree` edges when n_rows take part: at the highest rates a core row
 * stands nearly alone and repeats itself less. */
static inline uint8_t ldpc_rule_offset(unsigned n_rows, unsigned degree)
{
    return degree > 5 && n_rows > 6 ? 3 : 2;
}

/* The largest message. A bit's sum saturates at 127; if messages could come near that, taking one off a
 * saturated sum would leave a sure bit with next to nothing to say, and blocks full of sure bits with a few
 * wrong ones (high SNR) would not converge: a floor of several per cent of the blocks, 1 to 5 dB above the
 * waterfall. Measured with 64QAM, R = 0.81: 40 to 48 have no floor, 63 and 32 have one. */
#define LDPC_RULE_MAX 44

/* m: smallest magnitude, 0..128. */
static inline uint8_t ldpc_rule_apply(uint8_t m, uint8_t offset)
{
    uint8_t x = (uint8_t)(m < offset ? 0 : m - offset);
    x = (uint8_t)(x - (x >> 3) - (x >> 4));
    return x < LDPC_RULE_MAX ? x : LDPC_RULE_MAX;
}

#endif
