/* SPDX-License-Identifier: Apache-2.0 */
/* The pseudo-random sequence c(n) of TS 38.211 5.2.1 (length-31 Gold sequence, Nc = 1600 included), from any
 * position on: gold_init jumps there at a fixed price, so that code blocks, PRBs and symbols are scrambled
 * independently of each other. A gold_t is a small value: copy it to remember a position. Functions on one
 * gold_t are for one thread; different ones are independent. */
#ifndef VITRAN_PHY_SIGNAL_GOLD_H
#define VITRAN_PHY_SIGNAL_GOLD_H

#include "lib/phy/phy.h"

struct gold_tables;

typedef struct {
    const struct gold_tables *t;
    uint32_t x1, x2; /* the next 31 bits of x1(n + Nc) and x2(n + Nc), the first one in bit 30 */
    uint32_t skip; /* bits that were given out since; many a sequence ends there, so nobody has jumped yet */
} gold_t;

/* [any thread] Positions `g` at c(offset) of the sequence with c_init (31 bits). */
void gold_init(const phy_t *phy, gold_t *g, uint32_t c_init, uint32_t offset);
/* Skips n bits. */
void gold_skip(gold_t *g, uint32_t n);

/* The next n <= 32 bits, the first in the most significant of the n bits returned. */
uint32_t gold_next(gold_t *g, unsigned n);

/* The next n bits, packed from bit 7 of out[0] on. Unused bits of the last byte become 0. */
void gold_bits(gold_t *g, size_t n, uint8_t *out);
/* bits ^= the next n bits: scrambling of packed bits. Bits behind the n-th stay as they are. */
void gold_xor(gold_t *g, uint8_t *bits, size_t n);
/* Descrambling: negates llr[i] where the next bits are 1 [size: n]. */
void gold_flip_llr(gold_t *g, int8_t *llr, size_t n);

/* r(m) = ((1 - 2c(2m)) + j(1 - 2c(2m+1))) / sqrt(2) * amplitude, for the next n values of m (2n bits): DMRS,
 * PTRS, CSI-RS. A start at r(m0) is gold_init with offset 2 * m0. The ci16 form rounds amplitude / sqrt(2) to
 * the nearest integer (<= 32767). */
void gold_qpsk_ci16(gold_t *g, float amplitude, size_t n, ci16_t *out);
void gold_qpsk_cf(gold_t *g, float amplitude, size_t n, cf_t *out);

/* Internal, of phy_create and phy_destroy: 0 or -ENOMEM. */
int gold_tables_create(phy_isa_t isa, struct gold_tables **ret);
void gold_tables_destroy(struct gold_tables *t);

#endif
