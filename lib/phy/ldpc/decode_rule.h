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

/* The largest message when n_rows take part. A bit's sum saturates at 127; where it is below what its
 * messages add up to, each row takes its own off and gives it back, so that two or three wrong messages in a
 * row turn the bit for good: an error floor far above the waterfall (R = 0.2, 9 dB above: 30% of the blocks
 * with 44). The more rows, the more messages a bit sums up and the smaller they have to be; the fewer, the
 * more each has to say. Measured by unit test ldpc/sure over all rates; 63 and 24 have floors everywhere. */
static inline uint8_t ldpc_rule_max(unsigned n_rows)
{
    return n_rows > 30 ? 32 : n_rows > 12 ? 40 : 44;
}

/* m: smallest magnitude, 0..128. */
static inline uint8_t ldpc_rule_apply(uint8_t m, uint8_t offset, uint8_t most)
{
    uint8_t x = (uint8_t)(m < offset ? 0 : m - offset);
    x = (uint8_t)(x - (x >> 3) - (x >> 4));
    return x < most ? x : most;
}

#endif
