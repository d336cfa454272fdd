/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/ldpc/encode_inner.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* Byte i of a word that has its top bit first is the stream's byte in_word(i). */
static unsigned in_word(unsigned i)
{
    return i / 8 * 8 + 7 - i % 8;
}

int ldpc_encoder_create(phy_isa_t isa, struct ldpc_encoder **ret)
{
    size_t size = (sizeof(struct ldpc_encoder) + PHY_ALIGN - 1) / PHY_ALIGN * PHY_ALIGN;
    struct ldpc_encoder *t = aligned_alloc(PHY_ALIGN, size);
    if (!t)
        return -ENOMEM;
    memset(t, 0, size);
    unsigned n = 0;
    for (unsigned z = 0; z < GRAPH_N_ZC; z++) {
        unsigned bytes = graph_zc[z] / 8;
        if (graph_zc[z] <= 64)
            continue;
        t->first[z] = (uint16_t)n;
        for (unsigned b = 0; b < bytes; b++, n++)
            for (unsigned i = 0; i < 64; i++)
                t->rotation[n][i] = (uint8_t)((in_word(i) + b) % bytes);
        for (unsigned i = 0; i < 64; i++)
            t->next_word[z][i] = (uint8_t)in_word((in_word(i) + 8) % bytes);
    }
    assert(n == ENCODE_ROTATIONS);
    t->encode = ldpc_encode_generic;
#if defined(__x86_64__)
    if (isa == PHY_ISA_AVX512)
        t->encode = ldpc_encode_avx512;
    else if (isa == PHY_ISA_AVX2)
        t->encode = ldpc_encode_avx2;
#else
    (void)isa;
#endif
    *ret = t;
    return 0;
}

void ldpc_encoder_destroy(struct ldpc_encoder *encoder)
{
    free(encoder);
}

void ldpc_encode(const phy_t *phy, const graph_t *g, unsigned n_rows, const uint8_t *message,
                 uint8_t *ret_parity)
{
    assert(n_rows >= 4 && n_rows <= g->n_rows);
    phy->encoder->encode(phy->encoder, g, n_rows, message, ret_parity);
}

/* Bits behind Zc are garbage where Zc is not 64. */
static inline uint64_t rotate(uint64_t x, unsigned s, unsigned zc)
{
    return x << s | x >> 1 >> (zc - 1 - s);
}

void ldpc_encode_small(const graph_t *g, unsigned n_rows, const uint8_t *message, uint8_t *ret_parity)
{
    unsigned zc = g->zc, n_sys = g->n_sys;
    uint64_t keep = ~(uint64_t)0 << (64 - zc), x[GRAPH_MAX_SYS + 4], row[4], sum = 0;
    size_t k = (size_t)n_sys * zc, n_bytes = ((size_t)n_rows * zc + 7) / 8;
    for (unsigned c = 0; c < n_sys; c++) {
        size_t at = (size_t)c * zc;
        x[c] = at + 72 <= k ? bits_load64_at(message, at) & keep : bits_load_n(message, at, zc);
    }
    for (unsigned i = 0; i < 4; i++) {
        row[i] = 0;
        for (unsigned e = g->row_start[i]; e < g->row_start[i + 1] && g->col[e] < n_sys; e++)
            row[i] ^= rotate(x[g->col[e]], g->shift[e], zc);
        sum ^= row[i];
    }
    x[n_sys] = rotate(sum & keep, ldpc_core_rotation(g), zc) & keep;
    /* Row i (0..2) holds the core column i + 1 for the first time, with shift 0: it is the sum of the rest.
     */
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned e = g->row_start[i + 1] - 1u; g->col[e] >= n_sys; e--)
            if (g->col[e] <= n_sys + i)
                row[i] ^= rotate(x[g->col[e]], g->shift[e], zc);
        x[n_sys + i + 1] = row[i] & keep;
    }
    uint8_t out[GRAPH_MAX_ROWS * 64 / 8 + 8], *o = out;
    uint64_t acc = 0;
    for (unsigned i = 0, n = 0; i < n_rows; i++) {
        uint64_t v;
        if (i < 4) {
            v = x[n_sys + i];
        } else {
            v = 0;
            for (unsigned e = g->row_start[i]; e + 1 < g->row_start[i + 1]; e++)
                v ^= rotate(x[g->col[e]], g->shift[e], zc);
            v &= keep;
        }
        acc |= v >> n;
        if (n + zc >= 64) {
            bits_store64(o, acc);
            o += 8;
            acc = n ? v << (64 - n) : 0;
        }
        n = (n + zc) % 64;
    }
    bits_store64(o, acc);
    memcpy(ret_parity, out, n_bytes);
}
