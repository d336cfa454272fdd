/* SPDX-License-Identifier: Apache-2.0 */
/* 16 REs at a time: one byte permute brings each layer's bits into words, a shift aligns them, a word permute
 * is the constellation; precoding is two multiply-adds (VNNI) a layer and port. */
#include <immintrin.h>

#include "lib/phy/dl/dl_ops.h"

/* Even bits of a byte (7, 5, 3, 1 of the window's 7 bits: 6, 4, 2, 0) to its low nibble. */
#define GF2_ROW(i, bit) ((uint64_t)(1u << (bit)) << (8 * (7 - (i))))
static const uint64_t even_bits = GF2_ROW(3, 6) | GF2_ROW(2, 4) | GF2_ROW(1, 2) | GF2_ROW(0, 0);

static inline __attribute__((always_inline)) void map_layers(const dl_map_t *map, const uint8_t *bits,
                                                             size_t n_re, ci16_t *const out[],
                                                             unsigned n_layers, bool qam256)
{
    __m512i perm[PHY_MAX_LAYERS], shift[PHY_MAX_LAYERS];
    for (unsigned l = 0; l < n_layers; l++) {
        perm[l] = _mm512_load_si512(map->perm[l]);
        shift[l] = _mm512_load_si512(map->shift[l]);
    }
    const __m512i table = _mm512_load_si512(qam256 ? map->level : map->window);
    const __m512i matrix = _mm512_set1_epi64((long long)even_bits);
    size_t step = 2u * n_layers * map->qm;
    for (size_t i = 0; i < n_re; i += 16, bits += step) {
        __m512i x = _mm512_loadu_si512(bits);
        for (unsigned l = 0; l < n_layers; l++) {
            __m512i v = _mm512_srlv_epi16(_mm512_permutexvar_epi8(perm[l], x), shift[l]);
            if (qam256)
                v = _mm512_gf2p8affine_epi64_epi8(v, matrix, 0); /* the permute takes the low 5 bits */
            _mm512_storeu_si512(out[l] + i, _mm512_permutexvar_epi16(v, table));
        }
    }
}

static void map_avx512(const dl_map_t *map, const uint8_t *bits, size_t n_re, ci16_t *const out[])
{
    if (map->qm == 8) {
        switch (map->n_layers) {
        case 1:
            map_layers(map, bits, n_re, out, 1, true);
            return;
        case 2:
            map_layers(map, bits, n_re, out, 2, true);
            return;
        case 3:
            map_layers(map, bits, n_re, out, 3, true);
            return;
        default:
            map_layers(map, bits, n_re, out, 4, true);
            return;
        }
    }
    switch (map->n_layers) {
    case 1:
        map_layers(map, bits, n_re, out, 1, false);
        return;
    case 2:
        map_layers(map, bits, n_re, out, 2, false);
        return;
    case 3:
        map_layers(map, bits, n_re, out, 3, false);
        return;
    default:
        map_layers(map, bits, n_re, out, 4, false);
        return;
    }
}

static inline __mmask16 tail_mask(size_t left)
{
    return left >= 16 ? (__mmask16)0xffff : (__mmask16)((1u << left) - 1);
}

static void copy_identity(const precoding_t *w, const ci16_t *const in[], ci16_t *const out[], size_t n,
                          bool add)
{
    for (unsigned p = 0; p < w->n_ports; p++)
        for (size_t i = 0; i < n; i += 16) {
            __mmask16 k = tail_mask(n - i);
            __m512i y = p < w->n_layers ? _mm512_maskz_loadu_epi32(k, in[p] + i) : _mm512_setzero_si512();
            if (add)
                y = _mm512_adds_epi16(y, _mm512_maskz_loadu_epi32(k, out[p] + i));
            _mm512_mask_storeu_epi32(out[p] + i, k, y);
        }
}

/* Two ports in one pass over the layers' values. */
static inline __attribute__((always_inline)) void precode_ports(const precoding_t *w, unsigned p0,
                                                                unsigned n_ports, unsigned n_layers,
                                                                const ci16_t *const in[], ci16_t *const out[],
                                                                size_t n, bool add)
{
    const __m512i half = _mm512_set1_epi32(PRECODING_ONE / 2);
    /* packs leaves re and im of 4 REs side by side in each 128-bit lane: interleave them */
    const __m512i order =
        _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15));
    __m512i w_re[4][PHY_MAX_LAYERS], w_im[4][PHY_MAX_LAYERS];
    for (unsigned p = 0; p < n_ports; p++)
        for (unsigned l = 0; l < n_layers; l++) {
            ci16_t c = w->w[p0 + p][l];
            w_re[p][l] =
                _mm512_set1_epi32((int32_t)((uint32_t)(uint16_t)c.re | (uint32_t)(uint16_t)-c.im << 16));
            w_im[p][l] =
                _mm512_set1_epi32((int32_t)((uint32_t)(uint16_t)c.im | (uint32_t)(uint16_t)c.re << 16));
        }
    for (size_t i = 0; i < n; i += 16) {
        __mmask16 k = tail_mask(n - i);
        __m512i x[PHY_MAX_LAYERS];
        for (unsigned l = 0; l < n_layers; l++)
            x[l] = _mm512_maskz_loadu_epi32(k, in[l] + i);
        for (unsigned p = 0; p < n_ports; p++) {
            __m512i re = half, im = half;
            for (unsigned l = 0; l < n_layers; l++) {
                re = _mm512_dpwssd_epi32(re, x[l], w_re[p][l]);
                im = _mm512_dpwssd_epi32(im, x[l], w_im[p][l]);
            }
            __m512i y = _mm512_packs_epi32(_mm512_srai_epi32(re, 14), _mm512_srai_epi32(im, 14));
            y = _mm512_shuffle_epi8(y, order);
            if (add)
                y = _mm512_adds_epi16(y, _mm512_maskz_loadu_epi32(k, out[p0 + p] + i));
            _mm512_mask_storeu_epi32(out[p0 + p] + i, k, y);
        }
    }
}

static inline __attribute__((always_inline)) void precode_layers(const precoding_t *w, unsigned n_layers,
                                                                 const ci16_t *const in[],
                                                                 ci16_t *const out[], size_t n, bool add)
{
    unsigned p = 0;
    for (; p + 2 <= w->n_ports; p += 2)
        precode_ports(w, p, 2, n_layers, in, out, n, add);
    if (p < w->n_ports)
        precode_ports(w, p, 1, n_layers, in, out, n, add);
}

static void precode_avx512(const precoding_t *w, const ci16_t *const in[], ci16_t *const out[], size_t n,
                           bool add)
{
    if (w->identity) {
        copy_identity(w, in, out, n, add);
        return;
    }
    switch (w->n_layers) {
    case 1:
        precode_layers(w, 1, in, out, n, add);
        return;
    case 2:
        precode_layers(w, 2, in, out, n, add);
        return;
    case 3:
        precode_layers(w, 3, in, out, n, add);
        return;
    default:
        precode_layers(w, 4, in, out, n, add);
        return;
    }
}

static void expand_avx512(uint16_t re, const ci16_t *in, size_t n_prb, ci16_t *out, bool add)
{
    __mmask16 k = re & 0xfff;
    unsigned step = (unsigned)__builtin_popcount(k);
    for (size_t i = 0; i < n_prb; i++, out += 12, in += step) {
        __m512i y = _mm512_maskz_expand_epi32(k, _mm512_loadu_si512(in));
        if (add)
            y = _mm512_adds_epi16(y, _mm512_maskz_loadu_epi32(k, out));
        _mm512_mask_storeu_epi32(out, k, y);
    }
}

const dl_ops_t dl_ops_avx512 = {.map = map_avx512, .precode = precode_avx512, .expand = expand_avx512};
