/* SPDX-License-Identifier: Apache-2.0 */
/* The Gold sequence's kernels, compiled once for each SIMD level by gold_generic.c, gold_avx2.c and
 * gold_avx512.c. Each defines GOLD_OPS, the name of its table, before including this, and may bring its own
 * `flip`, `qpsk_ci16`, `qpsk_cf` and `multiply`;
 * GOLD_SPAN_OP names its `span` where it has one. */
#include "lib/phy/signal/gold_ops.h"

#include <stddef.h>

/* Where p(x) annihilates a bit sequence, so does p(x)^32 = p(x^32): the recurrences of bits hold for 32-bit
 * words of 32 consecutive bits each, whatever the order of bits in a word; p(x)^128 gives the same four words
 * apart. From words that were written long before, a wide load need not wait for its stores. */
static void expand(uint32_t *x1, uint32_t *x2, size_t from, size_t to)
{
    size_t near = to < 124 ? to : 124, i;
    for (i = from; i < near; i++)
        x1[i] = x1[i - 31] ^ x1[i - 28];
    for (; i < to; i++)
        x1[i] = x1[i - 124] ^ x1[i - 112];
    for (i = from; i < near; i++)
        x2[i] = x2[i - 31] ^ x2[i - 30] ^ x2[i - 29] ^ x2[i - 28];
    for (; i < to; i++)
        x2[i] = x2[i - 124] ^ x2[i - 120] ^ x2[i - 116] ^ x2[i - 112];
}

static void combine(const uint32_t *restrict x1, const uint32_t *restrict x2, size_t n, uint32_t *restrict c)
{
    for (size_t i = 0; i < n; i++)
        c[i] = x1[i] ^ x2[i];
}

static void xor_bytes(uint8_t *restrict bits, const uint8_t *restrict c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bits[i] ^= c[i];
}

#ifndef GOLD_SPAN_OP
#define GOLD_SPAN_OP NULL
#endif

const gold_ops_t GOLD_OPS = {
    .span = GOLD_SPAN_OP,
    .expand = expand,
    .combine = combine,
    .xor_bytes = xor_bytes,
    .flip = flip,
    .qpsk_ci16 = qpsk_ci16,
    .qpsk_cf = qpsk_cf,
    .multiply = multiply,
};
