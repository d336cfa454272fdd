/* SPDX-License-Identifier: Apache-2.0 */
/* The encoder in plain C; each variant that the compiler vectorizes well includes it once and defines
 * ENCODE. A column is kept twice in a row, so that its rotation by s is what begins at bit s. */
#include "lib/phy/ldpc/encode_inner.h"

#define DOUBLE_WORDS 16 /* 2 * 384 bits, and what a rotation of 8 words by 5 reads behind them */

/* x [size: 8]: a column, zeros behind Zc. */
static inline __attribute__((always_inline)) void store_double(uint64_t *d, const uint64_t *x, unsigned zc)
{
    unsigned b = zc % 64;
    uint64_t again[9];
    again[0] = x[0] >> b;
    for (unsigned i = 1; i < 8; i++)
        again[i] = x[i] >> b | x[i - 1] << 1 << (63 - b);
    again[8] = x[7] << 1 << (63 - b);
    for (unsigned i = 0; i < 8; i++) {
        d[i] = x[i];
        d[i + 8] = 0;
    }
    for (unsigned i = 0; i < 9; i++)
        d[zc / 64 + i] |= again[i];
}

static inline __attribute__((always_inline)) void add_rotated(uint64_t *sum, const uint64_t *d, unsigned s,
                                                              unsigned w)
{
    const uint64_t *p = d + s / 64;
    unsigned r = s % 64, q = 63 - r;
    for (unsigned i = 0; i < w; i++)
        sum[i] ^= p[i] << r | p[i + 1] >> 1 >> q;
}

static inline __attribute__((always_inline)) void mask(uint64_t *x, unsigned zc, unsigned w)
{
    for (unsigned i = 0; i < w; i++)
        x[i] &= zc >= 64 * (i + 1) ? ~(uint64_t)0 : zc <= 64 * i ? 0 : ~(~(uint64_t)0 >> (zc - 64 * i));
}

static inline __attribute__((always_inline)) void
encode(const graph_t *g, unsigned n_rows, const uint8_t *message, uint8_t *ret_parity, unsigned w)
{
    unsigned zc = g->zc, n_sys = g->n_sys;
    uint64_t d[GRAPH_MAX_SYS + 4][DOUBLE_WORDS];
    for (unsigned c = 0; c < n_sys; c++) {
        uint64_t x[8] = {0};
        memcpy(x, message + (size_t)c * (zc / 8), zc / 8);
        for (unsigned i = 0; i < 8; i++)
            x[i] = bits_load64((const uint8_t *)&x[i]);
        store_double(d[c], x, zc);
    }

    uint64_t row[GRAPH_MAX_ROWS][8] __attribute__((aligned(64)));
    uint64_t p[8] = {0}, t[DOUBLE_WORDS];
    for (unsigned i = 0; i < 4; i++) {
        uint64_t sum[8] = {0};
        for (unsigned e = g->row_start[i]; e < g->row_start[i + 1] && g->col[e] < n_sys; e++)
            add_rotated(sum, d[g->col[e]], g->shift[e], w);
        for (unsigned j = 0; j < 8; j++) {
            row[i][j] = sum[j];
            p[j] ^= sum[j];
        }
    }
    mask(p, zc, w);
    store_double(t, p, zc);
    memset(p, 0, sizeof p);
    add_rotated(p, t, ldpc_core_rotation(g), w);
    mask(p, zc, w);
    store_double(d[n_sys], p, zc);
    /* Row i (0..2) holds the core column i + 1 for the first time, with shift 0: it is the sum of the rest.
     */
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned e = g->row_start[i]; e < g->row_start[i + 1]; e++)
            if (g->col[e] >= n_sys && g->col[e] <= n_sys + i)
                add_rotated(row[i], d[g->col[e]], g->shift[e], w);
        mask(row[i], zc, w);
        store_double(d[n_sys + i + 1], row[i], zc);
    }
    for (unsigned i = 4; i < n_rows; i++) {
        uint64_t sum[8] = {0};
        for (unsigned e = g->row_start[i]; e + 1 < g->row_start[i + 1]; e++)
            add_rotated(sum, d[g->col[e]], g->shift[e], w);
        for (unsigned j = 0; j < w; j++)
            row[i][j] = sum[j];
    }
    memmove(row[1], row[0], sizeof row[0] * 3);
    memcpy(row[0], p, sizeof p);

    uint8_t out[GRAPH_MAX_ROWS * GRAPH_MAX_ZC / 8 + 64];
    for (unsigned i = 0; i < n_rows; i++)
        for (unsigned j = 0; j < w; j++)
            bits_store64(out + (size_t)i * zc / 8 + 8 * j, row[i][j]);
    memcpy(ret_parity, out, (size_t)n_rows * zc / 8);
}

void ENCODE(const struct ldpc_encoder *encoder, const graph_t *g, unsigned n_rows, const uint8_t *message,
            uint8_t *ret_parity)
{
    (void)encoder;
    if (g->zc > 256)
        encode(g, n_rows, message, ret_parity, 8);
    else if (g->zc > 64)
        encode(g, n_rows, message, ret_parity, 4);
    else
        ldpc_encode_small(g, n_rows, message, ret_parity);
}
