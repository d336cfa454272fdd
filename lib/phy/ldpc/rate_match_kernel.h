/* SPDX-License-Identifier: Apache-2.0 */
/* The interleaver in plain C, 64 columns at a time; a variant's file includes it. */
#include "lib/phy/ldpc/rate_match_inner.h"

/* Swaps the bits of a that `m` << s covers with those of b that m covers. */
static inline __attribute__((always_inline)) void swap(uint64_t *a, uint64_t *b, unsigned s, uint64_t m)
{
    uint64_t t = (*a >> s ^ *b) & m;
    *a ^= t << s;
    *b ^= t;
}

/* x[i] byte g, counted from the top, becomes x[g] byte i. */
static inline __attribute__((always_inline)) void transpose_bytes(uint64_t x[8])
{
    for (unsigned i = 0; i < 4; i++)
        swap(&x[i + 4], &x[i], 32, 0x00000000ffffffff);
    for (unsigned i = 0; i < 8; i++)
        if (!(i & 2))
            swap(&x[i + 2], &x[i], 16, 0x0000ffff0000ffff);
    for (unsigned i = 0; i < 8; i += 2)
        swap(&x[i + 1], &x[i], 8, 0x00ff00ff00ff00ff);
}

/* The 8 bytes of a word as an 8 x 8 matrix, transposed. */
static inline __attribute__((always_inline)) uint64_t transpose_bits(uint64_t x)
{
    uint64_t t = (x ^ x >> 7) & 0x00aa00aa00aa00aa;
    x ^= t ^ t << 7;
    t = (x ^ x >> 14) & 0x0000cccc0000cccc;
    x ^= t ^ t << 14;
    t = (x ^ x >> 28) & 0x00000000f0f0f0f0;
    return x ^ t ^ t << 28;
}

/* The top qm bits of each byte, together in the word's top 8 * qm bits. */
static inline __attribute__((always_inline)) uint64_t gather_top(uint64_t x, unsigned qm)
{
    if (qm == 8)
        return x;
    unsigned gap = 8 - qm;
    uint64_t half = 0xff00ff00ff00ff00;
    x = (x & half) | (x & ~half) << gap;
    half = 0xffff0000ffff0000;
    x = (x & half) | (x & ~half) << 2 * gap;
    half = 0xffffffff00000000;
    return (x & half) | (x & ~half) << 4 * gap;
}

/* 64 columns of qm rows [word i: row i]: qm words. */
static inline __attribute__((always_inline)) void interleave_64(const uint64_t *row, unsigned qm,
                                                                uint8_t *out)
{
    uint64_t x[8];
    for (unsigned i = 0; i < 8; i++)
        x[i] = i < qm ? row[i] : 0;
    transpose_bytes(x);
    for (unsigned g = 0; g < 8; g++)
        x[g] = gather_top(transpose_bits(x[g]), qm);
    for (unsigned g = 0; g < 8; g++) /* each overwrites what its neighbour wrote too much */
        bits_store64(out + g * qm, x[g]);
}

/* 1024QAM: eight rows and two. */
static inline void interleave_64_10(const uint64_t *row, uint8_t *out)
{
    uint8_t a[72], b[24];
    interleave_64(row, 8, a);
    interleave_64(row + 8, 2, b);
    for (unsigned g = 0; g < 16; g++) {
        uint64_t v = 0;
        for (unsigned j = 0; j < 4; j++)
            v = v << 10 | (uint64_t)a[4 * g + j] << 2 | (b[g] >> (6 - 2 * j) & 3);
        uint8_t word[8];
        bits_store64(word, v << 24);
        memcpy(out + 5 * g, word, 5);
    }
}

static inline __attribute__((always_inline)) void interleave(const uint8_t *circ, uint32_t n_circ,
                                                             unsigned qm, const uint32_t *start,
                                                             uint32_t n_cols, uint8_t *ret_f)
{
    uint32_t at[RATE_MATCH_MAX_QM];
    memcpy(at, start, qm * sizeof *at);
    for (; n_cols > 0; ret_f += 8 * qm) {
        uint32_t n = n_cols < 64 ? n_cols : 64;
        // cppcheck-suppress shiftTooManyBits ; n is 1..64
        uint64_t row[RATE_MATCH_MAX_QM], keep = ~(uint64_t)0 << (64 - n);
        for (unsigned i = 0; i < qm; i++) {
            row[i] = bits_load64_at(circ, at[i]) & keep;
            at[i] += 64;
            if (at[i] >= n_circ)
                at[i] %= n_circ;
        }
        n_cols -= n;
        uint8_t last[8 * RATE_MATCH_MAX_QM + 8], *out = n_cols >= 64 ? ret_f : last;
        if (qm == 10)
            interleave_64_10(row, out);
        else
            interleave_64(row, qm, out);
        if (out == last)
            memcpy(ret_f, last, (n * qm + 7) / 8);
    }
}

static void interleave_any(const uint8_t *circ, uint32_t n_circ, unsigned qm, const uint32_t *at,
                           uint32_t n_cols, uint8_t *ret_f)
{
    switch (qm) {
    case 2:
        interleave(circ, n_circ, 2, at, n_cols, ret_f);
        break;
    case 4:
        interleave(circ, n_circ, 4, at, n_cols, ret_f);
        break;
    case 6:
        interleave(circ, n_circ, 6, at, n_cols, ret_f);
        break;
    case 8:
        interleave(circ, n_circ, 8, at, n_cols, ret_f);
        break;
    case 10:
        interleave(circ, n_circ, 10, at, n_cols, ret_f);
        break;
    default:
        interleave(circ, n_circ, 1, at, n_cols, ret_f);
    }
}
