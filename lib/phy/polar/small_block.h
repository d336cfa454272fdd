/* SPDX-License-Identifier: Apache-2.0 */
/* Channel coding of small block lengths, 1 to 11 bits: TS 38.212 5.3.3 and its rate matching 5.4.3; the
 * receiver decides by maximum likelihood (a fast Hadamard transform for each mask) and says how far its
 * choice stands out, for DTX detection.
 *
 * [any thread] Functions touch their arguments only. */
#ifndef VITRAN_PHY_POLAR_SMALL_BLOCK_H
#define VITRAN_PHY_POLAR_SMALL_BLOCK_H

#include "lib/phy/phy.h"

#define SMALL_BLOCK_MAX_K 11

/* Bits of the code word before rate matching: Qm for 1 bit, 3 Qm for 2, 32 for 3..11. */
unsigned small_block_length(unsigned k, unsigned qm);

typedef enum { SMALL_BLOCK_BIT, SMALL_BLOCK_X, SMALL_BLOCK_Y } small_block_place_t;
/* What stands at place i (of any length) of a rate-matched block: a bit, or one of tables 5.3.3.1-1
 * and 5.3.3.2-1's placeholders x (becomes 1 after scrambling) and y (takes the value of the scrambled bit
 * before it). */
small_block_place_t small_block_place(unsigned k, unsigned qm, unsigned i);

/* k: 1..11; bits: k, packed. qm: 1, 2, 4, 6, 8 bits a symbol (matters for k <= 2 only). out: E bits, packed;
 * placeholders are written as 1 (x) and as the bit before (y) and have to be set again after scrambling. The
 * bits after E in the last byte are 0. */
void small_block_encode(unsigned k, unsigned qm, const uint8_t *bits, uint32_t e, uint8_t *out);

typedef struct {
    uint16_t bits; /* the decision: k bits, first in the highest of them (bit k-1) */
    float metric;  /* sum of LLR x sign of the chosen code word: 0..127 E */
    float second;  /* the same of the best other code word */
    float energy;  /* sqrt(number of LLRs x sum of squares) of the code word after rate recovery; metric /
                      energy <= 1 is the  normalized correlation: near 1 for a strong signal, ~ sqrt(2 k ln 2 /
                      n) for noise alone */
} small_block_decision_t;

/* llr: E values, those of x ignored. y's LLR counts for the bit before it: the caller has descrambled it with
 * that bit's scrambling (ulsch_gather does), or set it to 0. */
void small_block_decode(unsigned k, unsigned qm, const int8_t *llr, uint32_t e, small_block_decision_t *ret);

#endif
