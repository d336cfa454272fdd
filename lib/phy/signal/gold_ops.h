/* SPDX-License-Identifier: Apache-2.0 */
/* Internal to gold*.c: the kernels of one SIMD level, and the tables made at start. */
#ifndef VITRAN_PHY_SIGNAL_GOLD_OPS_H
#define VITRAN_PHY_SIGNAL_GOLD_OPS_H

#include "lib/phy/signal/gold.h"

#define GOLD_SPAN 2048 /* bytes of c that `span` makes at most */

typedef struct {
    /* vectors x 64 bytes of c, at most GOLD_SPAN, from the first 64 bits of the two m-sequences (the first in
     * bit 63); NULL: by expand and combine. */
    void (*span)(const struct gold_tables *t, uint64_t s1, uint64_t s2, size_t vectors, uint8_t *c);
    /* Words [from, to) of the two m-sequences from the 31 before each; from >= 31. */
    void (*expand)(uint32_t *x1, uint32_t *x2, size_t from, size_t to);
    /* c = x1 ^ x2, n words. */
    void (*combine)(const uint32_t *x1, const uint32_t *x2, size_t n, uint32_t *c);
    void (*xor_bytes)(uint8_t *bits, const uint8_t *c, size_t n);
    /* n LLRs by n bits of c; c may be read to a multiple of 8 bytes. */
    void (*flip)(int8_t *llr, const uint8_t *c, size_t n);
    /* n symbols from 2n bits of c; likewise. */
    void (*qpsk_ci16)(ci16_t *out, const uint8_t *c, size_t n, int16_t a);
    void (*qpsk_cf)(cf_t *out, const uint8_t *c, size_t n, float a);
    /* Product of two polynomials over GF(2) of degree < 32. */
    uint64_t (*multiply)(uint32_t a, uint32_t b);
} gold_ops_t;

struct gold_tables {
    const gold_ops_t *ops;
    /* x2's window at Nc, by byte j of c_init: the XOR of the four. */
    uint32_t x2_start[4][256];
    uint32_t x1_start;
    /* x^(d << 8j) modulo the two polynomials. */
    uint32_t x1_power[4][256], x2_power[4][256];
    uint32_t x1_span, x2_span; /* the same for d of a span */
    /* Bit 8b of a sequence is the parity of 31 bits of its window: which ones, by vector of 64 b, sequence
     * and byte of the window. For `span`. */
    _Alignas(64) uint8_t parity[GOLD_SPAN / 64][2][4][64];
};

extern const gold_ops_t gold_ops_generic;
extern const gold_ops_t gold_ops_avx2;
extern const gold_ops_t gold_ops_avx512;

#endif
