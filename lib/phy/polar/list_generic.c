/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/polar/polar.h"

#include <string.h>

static inline int16_t saturate(int32_t x)
{
    return (int16_t)(x > 32767 ? 32767 : x < -32767 ? -32767 : x);
}

static inline int32_t magnitude(int32_t x)
{
    return x < 0 ? -x : x;
}

static void spread(const int16_t *root, int16_t (*llr)[POLAR_LIST], unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        for (unsigned p = 0; p < POLAR_LIST; p++)
            llr[i][p] = root[i];
}

static void node_f(const int16_t (*in)[POLAR_LIST], int16_t (*out)[POLAR_LIST], unsigned half)
{
    const int16_t *a = in[0], *b = in[half];
    int16_t *to = out[0];
    for (unsigned i = 0; i < half * POLAR_LIST; i++) {
        int16_t x = (int16_t)magnitude(a[i]), y = (int16_t)magnitude(b[i]);
        int16_t least = x < y ? x : y, sign = (int16_t)((a[i] ^ b[i]) >> 15);
        to[i] = (int16_t)((least ^ sign) - sign);
    }
}

static void node_g(const int16_t (*in)[POLAR_LIST], int16_t (*out)[POLAR_LIST], unsigned half,
                   const uint8_t *left, const uint8_t from[POLAR_LIST])
{
    for (unsigned i = 0; i < half; i++)
        for (unsigned p = 0; p < POLAR_LIST; p++) {
            int a = in[i][from[p]], b = in[half + i][from[p]];
            out[i][p] = saturate(left[i] >> p & 1 ? b - a : b + a);
        }
}

static void node_g_zero(const int16_t (*in)[POLAR_LIST], int16_t (*out)[POLAR_LIST], unsigned half,
                        const uint8_t from[POLAR_LIST])
{
    for (unsigned i = 0; i < half; i++)
        for (unsigned p = 0; p < POLAR_LIST; p++)
            out[i][p] = saturate(in[i][from[p]] + in[half + i][from[p]]);
}

/* Bit p of each byte from bit from[p]. */
static void reorder(const uint8_t *in, uint8_t *out, unsigned n, const uint8_t from[POLAR_LIST])
{
    uint8_t to[POLAR_LIST] = {0};
    for (unsigned p = 0; p < POLAR_LIST; p++)
        to[from[p]] |= (uint8_t)(1u << p);
    for (unsigned i = 0; i < n; i++) {
        uint8_t byte = 0;
        for (unsigned p = 0; p < POLAR_LIST; p++)
            byte |= (uint8_t)(-(in[i] >> p & 1) & to[p]);
        out[i] = byte;
    }
}

static void order_bits(uint8_t *bytes, unsigned n, const uint8_t from[POLAR_LIST])
{
    reorder(bytes, bytes, n, from);
}

static void node_combine(const uint8_t *left, const uint8_t *right, uint8_t *out, unsigned half,
                         const uint8_t from[POLAR_LIST])
{
    reorder(left, out, half, from);
    for (unsigned i = 0; i < half; i++)
        out[i] ^= right[i];
    memcpy(out + half, right, half);
}

static void order_rows(uint8_t (*rows)[POLAR_LIST], unsigned n, const uint8_t from[POLAR_LIST])
{
    for (unsigned i = 0; i < n; i++) {
        uint8_t old[POLAR_LIST];
        memcpy(old, rows[i], sizeof old);
        for (unsigned p = 0; p < POLAR_LIST; p++)
            rows[i][p] = old[from[p]];
    }
}

static void order_metrics(int32_t (*rows)[POLAR_LIST], unsigned n, const uint8_t from[POLAR_LIST])
{
    for (unsigned i = 0; i < n; i++) {
        int32_t old[POLAR_LIST];
        memcpy(old, rows[i], sizeof old);
        for (unsigned p = 0; p < POLAR_LIST; p++)
            rows[i][p] = old[from[p]];
    }
}

static void penalties(const int16_t (*llr)[POLAR_LIST], unsigned n, int32_t zeros[POLAR_LIST],
                      int32_t ones[POLAR_LIST])
{
    for (unsigned p = 0; p < POLAR_LIST; p++)
        zeros[p] = ones[p] = 0;
    for (unsigned i = 0; i < n; i++)
        for (unsigned p = 0; p < POLAR_LIST; p++) {
            zeros[p] += llr[i][p] < 0 ? -llr[i][p] : 0;
            ones[p] += llr[i][p] < 0 ? 0 : llr[i][p];
        }
}

/* Signs; returns which paths have an odd number of ones. */
static unsigned hard(const int16_t (*llr)[POLAR_LIST], unsigned n, uint8_t *bits)
{
    uint8_t odd = 0;
    for (unsigned i = 0; i < n; i++) {
        uint8_t byte = 0;
        for (unsigned p = 0; p < POLAR_LIST; p++)
            byte |= (uint8_t)((llr[i][p] < 0) << p);
        bits[i] = byte;
        odd ^= byte;
    }
    return odd;
}

/* Row t: |LLR| << 10 | place of each path's t-th smallest; `most` rows. */
static void least_certain(const int16_t (*llr)[POLAR_LIST], unsigned n, unsigned most,
                          int32_t (*rows)[POLAR_LIST])
{
    for (unsigned t = 0; t < most; t++)
        for (unsigned p = 0; p < POLAR_LIST; p++)
            rows[t][p] = INT32_MAX;
    for (unsigned i = 0; i < n; i++) {
        int32_t key[POLAR_LIST];
        for (unsigned p = 0; p < POLAR_LIST; p++)
            key[p] = magnitude(llr[i][p]) << 10 | (int32_t)i;
        for (unsigned t = 0; t < most; t++)
            for (unsigned p = 0; p < POLAR_LIST; p++) {
                int32_t low = key[p] < rows[t][p] ? key[p] : rows[t][p];
                key[p] = key[p] < rows[t][p] ? rows[t][p] : key[p];
                rows[t][p] = low;
            }
    }
}

/* The 8 smallest of metric[0..7], cost[0..7], the first of equal ones, in that order. */
static bool select_paths(int32_t metric[POLAR_LIST], const int32_t cost[POLAR_LIST], uint8_t from[POLAR_LIST],
                         unsigned *ret_changed)
{
    int32_t key[2 * POLAR_LIST], most = metric[0], least = cost[0];
    for (unsigned p = 0; p < POLAR_LIST; p++) {
        most = metric[p] > most ? metric[p] : most;
        least = cost[p] < least ? cost[p] : least;
        key[p] = metric[p] * 16 + (int32_t)p;
        key[POLAR_LIST + p] = cost[p] * 16 + POLAR_LIST + (int32_t)p;
    }
    if (most <= least)
        return false;
    unsigned changed = 0, have = 0;
    for (unsigned i = 0; i < 2 * POLAR_LIST; i++) {
        unsigned rank = 0;
        for (unsigned j = 0; j < 2 * POLAR_LIST; j++)
            rank += key[j] < key[i];
        if (rank < POLAR_LIST) {
            changed |= (i >= POLAR_LIST) << have;
            from[have] = (uint8_t)(i % POLAR_LIST);
            metric[have++] = key[i] >> 4;
        }
    }
    *ret_changed = changed;
    return true;
}

#include "lib/phy/polar/list_kernel.h"

static void code_word(const uint8_t *sums, unsigned n, unsigned path, uint64_t *ret)
{
    for (unsigned i = 0; i < n; i += 64) {
        uint64_t w = 0;
        for (unsigned j = 0; j < 64 && i + j < n; j++)
            w |= (uint64_t)(sums[i + j] >> path & 1) << j;
        ret[i / 64] = w;
    }
}

const polar_ops_t polar_ops_generic = {.run = run_list, .code_word = code_word};
