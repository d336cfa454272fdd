/* SPDX-License-Identifier: Apache-2.0 */
/* The encoder in C with vectors of four words, for lifting sizes above 64; a variant's file includes it once
 * and defines ENCODE. A column is kept twice in a row, so that its rotation by s is what begins at bit s. */
#include "lib/phy/ldpc/encode_inner.h"

#define DOUBLE_WORDS 16
#define COLUMN_BYTES 64 /* read and written for a column, whatever Zc is */

typedef uint64_t words_t __attribute__((vector_size(32), aligned(8), may_alias));

/* x [size: COLUMN_BYTES], of which the first `bytes` are the column. */
static inline __attribute__((always_inline)) void store_double(uint64_t *d, const uint8_t *x, unsigned bytes)
{
    uint8_t b[DOUBLE_WORDS * 8];
    memset(b + 96, 0, 32);
    memcpy(b, x, COLUMN_BYTES);
    memset(b + 64, 0, 32);
    memcpy(b + bytes, x, COLUMN_BYTES);
    for (unsigned i = 0; i < DOUBLE_WORDS; i++)
        d[i] = bits_load64(b + 8 * i);
}

static inline __attribute__((always_inline)) void add_rotated(words_t sum[2], const uint64_t *d, unsigned s,
                                                              unsigned n)
{
    const uint64_t *p = d + s / 64;
    unsigned r = s % 64, q = 63 - r;
    for (unsigned i = 0; i < n; i++)
        sum[i] ^= *(const words_t *)(p + 4 * i) << r | *(const words_t *)(p + 4 * i + 1) >> 1 >> q;
}

static inline __attribute__((always_inline)) void store_bytes(uint8_t *x, const words_t *sum, unsigned n)
{
    uint64_t w[8];
    memcpy(w, sum, n * sizeof *sum);
    for (unsigned i = 0; i < 4 * n; i++)
        bits_store64(x + 8 * i, w[i]);
}

/* n: vectors of a column, a constant where this is inlined. */
static inline __attribute__((always_inline)) void
encode(const graph_t *g, unsigned n_rows, const uint8_t *message, uint8_t *ret_parity, unsigned n)
{
    unsigned n_sys = g->n_sys, bytes = g->zc / 8u;
    uint64_t d[GRAPH_MAX_SYS + 4][DOUBLE_WORDS];
    uint8_t in[GRAPH_MAX_SYS * GRAPH_MAX_ZC / 8 + COLUMN_BYTES];
    memcpy(in, message, (size_t)n_sys * bytes);
    memset(in + n_sys * bytes, 0, COLUMN_BYTES);
    for (unsigned c = 0; c < n_sys; c++)
        store_double(d[c], in + c * bytes, bytes);

    words_t row[4][2] = {{{0}}}, all[2] = {{0}}, p0[2] = {{0}};
    uint8_t x[COLUMN_BYTES] = {0}, core[4][COLUMN_BYTES] = {{0}};
    for (unsigned i = 0; i < 4; i++) {
        words_t sum[2] = {{0}};
        for (unsigned e = g->row_start[i]; g->col[e] < n_sys; e++)
            add_rotated(sum, d[g->col[e]], g->shift[e], n);
        for (unsigned j = 0; j < n; j++) {
            row[i][j] = sum[j];
            all[j] ^= sum[j];
        }
    }
    store_bytes(x, all, n);
    store_double(d[n_sys], x, bytes);
    add_rotated(p0, d[n_sys], ldpc_core_rotation(g), n);
    store_bytes(core[0], p0, n);
    store_double(d[n_sys], core[0], bytes);
    /* Row i (0..2) holds the core column i + 1 for the first time, with shift 0: it is the sum of the rest.
     */
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned e = g->row_start[i + 1] - 1u; g->col[e] >= n_sys; e--)
            if (g->col[e] <= n_sys + i)
                add_rotated(row[i], d[g->col[e]], g->shift[e], n);
        store_bytes(core[i + 1], row[i], n);
        store_double(d[n_sys + i + 1], core[i + 1], bytes);
    }

    uint8_t out[GRAPH_MAX_ROWS * GRAPH_MAX_ZC / 8 +
                COLUMN_BYTES]; /* each row overwrites what the last wrote too much */
    for (unsigned i = 0; i < 4; i++)
        memcpy(out + i * bytes, core[i], COLUMN_BYTES);
    for (unsigned i = 4; i < n_rows; i++) {
        words_t sum[2] = {{0}};
        for (unsigned e = g->row_start[i]; e + 1 < g->row_start[i + 1]; e++)
            add_rotated(sum, d[g->col[e]], g->shift[e], n);
        store_bytes(out + i * bytes, sum, n);
    }
    memcpy(ret_parity, out, (size_t)n_rows * bytes);
}

void ENCODE(const struct ldpc_encoder *encoder, const graph_t *g, unsigned n_rows, const uint8_t *message,
            uint8_t *ret_parity)
{
    (void)encoder;
    if (g->zc > 256)
        encode(g, n_rows, message, ret_parity, 2);
    else if (g->zc > 64)
        encode(g, n_rows, message, ret_parity, 1);
    else
        ldpc_encode_small(g, n_rows, message, ret_parity);
}
