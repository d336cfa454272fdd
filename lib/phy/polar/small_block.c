/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/polar/small_block.h"
#include "lib/phy/polar/words.h"

#include <math.h>

/* Table 5.3.3.3-1: bit k of entry i is M_i,k. */
static const uint16_t basis[32] = {
    0x403, 0x607, 0x749, 0x50d, 0x48f, 0x5d3, 0x755, 0x599, 0x69b, 0x65d, 0x6e5,
    0x567, 0x7a9, 0x6ab, 0x4b1, 0x6f3, 0x277, 0x139, 0x0fb, 0x061, 0x445, 0x60b,
    0x591, 0x717, 0x3df, 0x4e3, 0x32d, 0x3af, 0x175, 0x1fd, 0x7ff, 0x001,
};

/* Columns 1 to 5 number the 32 places: with column 0, ones, they make a first-order Reed-Muller code, which a
 * Hadamard transform of 32 decodes. Columns 6 to 10 are masks over it. */
static unsigned place_number(unsigned i)
{
    return basis[i] >> 1 & 31;
}

static unsigned mask_columns(unsigned i)
{
    return basis[i] >> 6;
}

unsigned small_block_length(unsigned k, unsigned qm)
{
    return k == 1 ? qm : k == 2 ? 3 * qm : 32;
}

small_block_place_t small_block_place(unsigned k, unsigned qm, unsigned i)
{
    if (k > 2 || qm == 1 || i % qm == 0)
        return SMALL_BLOCK_BIT;
    if (i % qm == 1)
        return k == 1 ? SMALL_BLOCK_Y : SMALL_BLOCK_BIT;
    return SMALL_BLOCK_X;
}

/* Which of c0, c1, c2 = c0 ^ c1 stands at place i of a block of 2 bits. */
static unsigned pair_bit(unsigned qm, unsigned i)
{
    return qm == 1 ? i % 3 : (i / qm * 2 + i % qm) % 3;
}

void small_block_encode(unsigned k, unsigned qm, const uint8_t *bits, uint32_t e, uint8_t *out)
{
    uint8_t d[32];
    unsigned n = small_block_length(k, qm);
    if (k <= 2) {
        unsigned c[3] = {get_bit(bits, 0), k == 2 ? get_bit(bits, 1) : 0, 0};
        c[2] = c[0] ^ c[1];
        for (unsigned i = 0; i < n; i++)
            d[i] = small_block_place(k, qm, i) == SMALL_BLOCK_X ? 1
                   : k == 1                                     ? (uint8_t)c[0]
                                                                : (uint8_t)c[pair_bit(qm, i)];
    } else {
        unsigned c = 0;
        for (unsigned i = 0; i < k; i++)
            c |= get_bit(bits, i) << i;
        for (unsigned i = 0; i < n; i++)
            d[i] = __builtin_parity(c & basis[i]);
    }
    memset(out, 0, (e + 7) / 8);
    for (uint32_t i = 0, j = 0; i < e; i++) {
        out[i >> 3] |= (uint8_t)(d[j] << (7 - (i & 7)));
        j = j + 1 == n ? 0 : j + 1;
    }
}

static void decode_short(unsigned k, unsigned qm, const int8_t *llr, uint32_t e, small_block_decision_t *ret)
{
    int64_t sum[3] = {0}, squares = 0;
    uint32_t n = 0;
    unsigned length = small_block_length(k, qm);
    for (uint32_t i = 0, j = 0; i < e; i++) {
        if (small_block_place(k, qm, j) != SMALL_BLOCK_X) {
            sum[k == 1 ? 0 : pair_bit(qm, j)] += llr[i];
            squares += llr[i] * llr[i];
            n++;
        }
        j = j + 1 == length ? 0 : j + 1;
    }
    int64_t best = INT64_MIN, second = INT64_MIN;
    for (unsigned c = 0; c < 1u << k; c++) {
        unsigned c0 = k == 1 ? c : c >> 1, c1 = c & 1;
        int64_t metric = c0 ? -sum[0] : sum[0];
        if (k == 2)
            metric += (c1 ? -sum[1] : sum[1]) + (c0 ^ c1 ? -sum[2] : sum[2]);
        if (metric > best) {
            second = best;
            best = metric;
            ret->bits = (uint16_t)c;
        } else if (metric > second) {
            second = metric;
        }
    }
    ret->metric = (float)best;
    ret->second = (float)second;
    ret->energy = sqrtf((float)n * (float)squares);
}

#define MASKS 32

/* The transforms of all masks side by side: h[place][mask]. */
static void hadamard(int32_t h[32][MASKS], unsigned masks)
{
    for (unsigned step = 1; step < 32; step *= 2)
        for (unsigned i = 0; i < 32; i++) {
            if (i & step)
                continue;
            for (unsigned m = 0; m < masks; m++) {
                int32_t a = h[i][m], b = h[i + step][m];
                h[i][m] = a + b;
                h[i + step][m] = a - b;
            }
        }
}

static void decode_masks(unsigned k, const int32_t sum[32], small_block_decision_t *ret)
{
    int32_t h[32][MASKS];
    unsigned masks = k > 6 ? 1u << (k - 6) : 1, width = masks < 4 ? 4 : masks;
    for (unsigned i = 0; i < 32; i++) {
        unsigned columns = mask_columns(i);
        for (unsigned m = 0; m < width; m++)
            h[place_number(i)][m] = __builtin_parity(columns & m) ? -sum[i] : sum[i];
    }
    hadamard(h, width);
    /* Index a of the transform has bit j set where c_(j + 1) is 1. */
    unsigned places = k > 6 ? 32 : 1u << (k - 1);
    int32_t best[MASKS], second[MASKS];
    uint32_t at[MASKS];
    for (unsigned m = 0; m < width; m++) {
        best[m] = second[m] = INT32_MIN;
        at[m] = 0;
    }
    for (uint32_t a = 0; a < places; a++)
        for (unsigned m = 0; m < width; m++) {
            int32_t v = h[a][m], size = v < 0 ? -v : v;
            int32_t low = size > best[m] ? best[m] : size;
            second[m] = low > second[m] ? low : second[m];
            at[m] = size > best[m] ? a | (v < 0 ? 32u : 0) : at[m];
            best[m] = size > best[m] ? size : best[m];
        }
    unsigned mask = 0;
    for (unsigned m = 1; m < masks; m++)
        if (best[m] > best[mask])
            mask = m;
    int32_t next = second[mask];
    for (unsigned m = 0; m < masks; m++)
        if (m != mask && best[m] > next)
            next = best[m];
    unsigned c = at[mask] >> 5 | (at[mask] & 31) << 1 | mask << 6, bits = 0;
    for (unsigned i = 0; i < k; i++)
        bits |= (c >> i & 1) << (k - 1 - i);
    ret->bits = (uint16_t)bits;
    ret->metric = (float)best[mask];
    ret->second = (float)next;
}

void small_block_decode(unsigned k, unsigned qm, const int8_t *llr, uint32_t e, small_block_decision_t *ret)
{
    if (k <= 2) {
        decode_short(k, qm, llr, e, ret);
        return;
    }
    int32_t sum[32] = {0};
    int64_t squares = 0;
    uint32_t i = 0;
    for (; i + 32 <= e; i += 32) {
        int32_t part = 0;
        for (unsigned j = 0; j < 32; j++) {
            sum[j] += llr[i + j];
            part += llr[i + j] * llr[i + j];
        }
        squares += part;
    }
    for (unsigned j = 0; i + j < e; j++) {
        sum[j] += llr[i + j];
        squares += llr[i + j] * llr[i + j];
    }
    decode_masks(k, sum, ret);
    ret->energy = sqrtf((float)e * (float)squares);
}
