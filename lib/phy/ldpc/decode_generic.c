/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/ldpc/decode_frame.h"
#include "lib/phy/ldpc/decode_variants.h"

static int8_t clamp(int x)
{
    return (int8_t)(x < -128 ? -128 : x > 127 ? 127 : x);
}

static void row_update(const row_t *row, bool first)
{
    int8_t t[GRAPH_MAX_DEGREE][LANES], sign[LANES];
    uint8_t magnitude[GRAPH_MAX_DEGREE][LANES], min1[LANES], min2[LANES], low1[LANES], low2[LANES];
    unsigned zc = row->zc, n_old = first ? 0 : row->n - row->extension;
    for (unsigned at = 0; at < zc; at += LANES) {
        memset(min1, 255, LANES);
        memset(min2, 255, LANES);
        memset(sign, 0, LANES);
        for (unsigned e = 0; e < row->n; e++) {
            unsigned off = row->off[e] + at;
            const int8_t *src = row->src[e] + (off >= zc ? off - zc : off);
            const int8_t *msg = row->msg + e * ((zc + LANES - 1) / LANES * LANES) + at;
            for (unsigned i = 0; i < LANES; i++)
                t[e][i] = e < n_old ? clamp(src[i] - msg[i]) : src[i];
            for (unsigned i = 0; i < LANES; i++) {
                uint8_t m = (uint8_t)(t[e][i] < 0 ? -t[e][i] : t[e][i]);
                uint8_t more = m > min1[i] ? m : min1[i];
                magnitude[e][i] = m;
                min2[i] = more < min2[i] ? more : min2[i];
                min1[i] = m < min1[i] ? m : min1[i];
                sign[i] ^= t[e][i];
            }
        }
        for (unsigned i = 0; i < LANES; i++) {
            low1[i] = ldpc_rule_apply(min1[i], row->offset, row->most);
            low2[i] = ldpc_rule_apply(min2[i], row->offset, row->most);
        }
        for (unsigned e = 0; e < row->n; e++) {
            int8_t *msg = row->msg + e * ((zc + LANES - 1) / LANES * LANES) + at, *dst = row->dst[e] + at;
            for (unsigned i = 0; i < LANES; i++) {
                int m = magnitude[e][i] == min1[i] ? low2[i] : low1[i];
                msg[i] = (int8_t)((int8_t)(sign[i] ^ t[e][i]) < 0 ? -m : m);
                dst[i] = clamp(t[e][i] + msg[i]);
            }
        }
    }
    for (unsigned e = 0; e < row->n; e++)
        pad_column(row->dst[e], zc);
}

static bool row_holds(const row_t *row, unsigned n_vectors)
{
    int8_t sign[LANES];
    for (unsigned at = 0; at < row->zc && at < n_vectors * LANES; at += LANES) {
        memset(sign, 0, LANES);
        for (unsigned e = 0; e < row->n; e++) {
            unsigned off = row->off[e] + at;
            const int8_t *src = row->src[e] + (off >= row->zc ? off - row->zc : off);
            for (unsigned i = 0; i < LANES; i++)
                sign[i] ^= src[i];
        }
        int any = 0;
        for (unsigned i = 0; i < LANES && at + i < row->zc; i++)
            any |= sign[i];
        if (any < 0)
            return false;
    }
    return true;
}

static uint64_t pack_64(const int8_t *llr, uint64_t *ret_unknown)
{
    uint64_t bits = 0, unknown = 0;
    for (unsigned i = 0; i < LANES; i++) {
        bits = bits << 1 | (llr[i] < 0);
        unknown = unknown << 1 | (llr[i] == 0);
    }
    *ret_unknown = unknown;
    return bits;
}

const ldpc_dec_ops_t ldpc_dec_ops_generic = {.decode = decode_frame};
