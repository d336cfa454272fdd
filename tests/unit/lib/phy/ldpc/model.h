/* SPDX-License-Identifier: Apache-2.0 */
/* Slow models of TS 38.212 for the tests, one bit a byte (2: filler), written from the clauses and not from
 * lib/phy. */
#ifndef VITRAN_TESTS_LDPC_MODEL_H
#define VITRAN_TESTS_LDPC_MODEL_H

#include "lib/phy/ldpc/graph.h"

#include <stdlib.h>
#include <string.h>

#define FILLER 2

static inline uint64_t model_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

static inline void model_pack(uint8_t *p, const uint8_t *bits, size_t n)
{
    memset(p, 0, (n + 7) / 8);
    for (size_t i = 0; i < n; i++)
        if (bits[i] == 1)
            p[i / 8] |= (uint8_t)(0x80 >> i % 8);
}

static inline unsigned model_bit(const uint8_t *p, size_t i)
{
    return p[i / 8] >> (7 - i % 8) & 1;
}

/* Random bits of a kind: 0 zeros, 1 ones, 2 a single one, otherwise any. */
static inline void model_fill(uint8_t *bits, size_t n, unsigned kind, uint64_t *seed)
{
    for (size_t i = 0; i < n; i++)
        bits[i] = kind == 0 ? 0 : kind == 1 ? 1 : kind == 2 ? 0 : model_random(seed) >> 40 & 1;
    if (kind == 2 && n)
        bits[model_random(seed) % n] = 1;
}

/* 5.1: long division by the generator, highest power first. */
static inline uint32_t model_crc(const char *powers, const uint8_t *bits, size_t n)
{
    uint8_t g[25] = {0};
    unsigned length = 0;
    for (const char *p = powers; *p;) {
        char *end;
        unsigned d = (unsigned)strtoul(p, &end, 10);
        length = length ? length : d;
        g[length - d] = 1;
        p = *end ? end + 1 : end;
    }
    uint8_t *a = calloc(1, n + length);
    memcpy(a, bits, n);
    for (size_t i = 0; i < n; i++)
        for (unsigned j = 0; a[i] && j <= length; j++)
            a[i + j] ^= (uint8_t)(j == 0 ? 0 : g[j]);
    uint32_t r = 0;
    for (unsigned j = 0; j < length; j++)
        r = r << 1 | a[n + j];
    free(a);
    return r;
}

/* 5.4.2: bit selection from d[0 .. n_cb - 1] and interleaving. */
static inline void model_rate_match(const uint8_t *d, uint32_t n_cb, uint32_t k0, unsigned qm, uint32_t e,
                                    uint8_t *ret_f)
{
    uint8_t *sel = malloc(e);
    for (uint32_t k = 0, j = 0; k < e; j++)
        if (d[(k0 + j) % n_cb] != FILLER)
            sel[k++] = d[(k0 + j) % n_cb];
    for (uint32_t j = 0; j < e / qm; j++)
        for (unsigned i = 0; i < qm; i++)
            ret_f[i + j * qm] = sel[i * (e / qm) + j];
    free(sel);
}

#endif
