/* SPDX-License-Identifier: Apache-2.0 */
/* 8 REs at a time. Bits are parted into I's and Q's by bit extraction, levels come from byte shuffles. */
#include <immintrin.h>
#include <string.h>

#include "lib/phy/dl/dl_ops.h"

/* 8 symbols from qm bytes: I and Q of each, in stream order. */
static inline __attribute__((always_inline)) __m256i eight_symbols(const uint8_t *bits, unsigned qm,
                                                                   __m128i table_lo, __m128i table_hi)
{
    uint64_t v;
    memcpy(&v, bits, 8);
    v = __builtin_bswap64(v);
    uint64_t used = qm == 8 ? ~UINT64_C(0) : ~(~UINT64_C(0) >> (8 * qm));
    uint64_t spread = UINT64_C(0x0101010101010101) * ((1u << qm / 2) - 1);
    uint64_t i = __builtin_bswap64(_pdep_u64(_pext_u64(v, UINT64_C(0xaaaaaaaaaaaaaaaa) & used), spread));
    uint64_t q = __builtin_bswap64(_pdep_u64(_pext_u64(v, UINT64_C(0x5555555555555555) & used), spread));
    __m128i index = _mm_unpacklo_epi8(_mm_cvtsi64_si128((long long)i), _mm_cvtsi64_si128((long long)q));
    __m128i lo = _mm_shuffle_epi8(table_lo, index), hi = _mm_shuffle_epi8(table_hi, index);
    return _mm256_set_m128i(_mm_unpackhi_epi8(lo, hi), _mm_unpacklo_epi8(lo, hi));
}

static inline __attribute__((always_inline)) void map_qm(const dl_map_t *map, const uint8_t *bits,
                                                         size_t n_re, ci16_t *const out[], unsigned qm)
{
    uint8_t lo[16], hi[16];
    for (unsigned i = 0; i < 16; i++) {
        lo[i] = (uint8_t)map->level[i];
        hi[i] = (uint8_t)((uint16_t)map->level[i] >> 8);
    }
    __m128i tlo = _mm_loadu_si128((const __m128i *)lo), thi = _mm_loadu_si128((const __m128i *)hi);
    switch (map->n_layers) {
    case 1:
        for (size_t i = 0; i < n_re; i += 8, bits += qm)
            _mm256_storeu_si256((__m256i *)(out[0] + i), eight_symbols(bits, qm, tlo, thi));
        return;
    case 2:
        for (size_t i = 0; i < n_re; i += 8, bits += 2 * qm) {
            /* pairs (layer 0, layer 1): even lanes to one, odd ones to the other */
            __m256 a = _mm256_castsi256_ps(eight_symbols(bits, qm, tlo, thi));
            __m256 b = _mm256_castsi256_ps(eight_symbols(bits + qm, qm, tlo, thi));
            __m256i even = _mm256_castps_si256(_mm256_shuffle_ps(a, b, 0x88));
            __m256i odd = _mm256_castps_si256(_mm256_shuffle_ps(a, b, 0xdd));
            _mm256_storeu_si256((__m256i *)(out[0] + i), _mm256_permute4x64_epi64(even, 0xd8));
            _mm256_storeu_si256((__m256i *)(out[1] + i), _mm256_permute4x64_epi64(odd, 0xd8));
        }
        return;
    case 4:
        for (size_t i = 0; i < n_re; i += 8, bits += 4 * qm) {
            __m256i a = eight_symbols(bits, qm, tlo, thi);          /* REs 0, 1 */
            __m256i b = eight_symbols(bits + qm, qm, tlo, thi);     /* 2, 3 */
            __m256i c = eight_symbols(bits + 2 * qm, qm, tlo, thi); /* 4, 5 */
            __m256i d = eight_symbols(bits + 3 * qm, qm, tlo, thi); /* 6, 7 */
            /* 128-bit lanes are REs: [0 | 4], [1 | 5], [2 | 6], [3 | 7], then a 4x4 transpose in each lane */
            __m256i r0 = _mm256_permute2x128_si256(a, c, 0x20), r1 = _mm256_permute2x128_si256(a, c, 0x31);
            __m256i r2 = _mm256_permute2x128_si256(b, d, 0x20), r3 = _mm256_permute2x128_si256(b, d, 0x31);
            __m256i t0 = _mm256_unpacklo_epi32(r0, r1), t1 = _mm256_unpackhi_epi32(r0, r1);
            __m256i t2 = _mm256_unpacklo_epi32(r2, r3), t3 = _mm256_unpackhi_epi32(r2, r3);
            _mm256_storeu_si256((__m256i *)(out[0] + i), _mm256_unpacklo_epi64(t0, t2));
            _mm256_storeu_si256((__m256i *)(out[1] + i), _mm256_unpackhi_epi64(t0, t2));
            _mm256_storeu_si256((__m256i *)(out[2] + i), _mm256_unpacklo_epi64(t1, t3));
            _mm256_storeu_si256((__m256i *)(out[3] + i), _mm256_unpackhi_epi64(t1, t3));
        }
        return;
    default: /* 3 layers: in memory */
        for (size_t i = 0; i < n_re; i += 8, bits += 3 * qm) {
            _Alignas(32) ci16_t x[24];
            for (unsigned j = 0; j < 3; j++)
                _mm256_store_si256((__m256i *)(x + 8 * j), eight_symbols(bits + j * qm, qm, tlo, thi));
            for (unsigned j = 0; j < 8; j++)
                for (unsigned l = 0; l < 3; l++)
                    out[l][i + j] = x[3 * j + l];
        }
        return;
    }
}

static void map_avx2(const dl_map_t *map, const uint8_t *bits, size_t n_re, ci16_t *const out[])
{
    switch (map->qm) {
    case 2:
        map_qm(map, bits, n_re, out, 2);
        return;
    case 4:
        map_qm(map, bits, n_re, out, 4);
        return;
    case 6:
        map_qm(map, bits, n_re, out, 6);
        return;
    default:
        map_qm(map, bits, n_re, out, 8);
        return;
    }
}

static inline __attribute__((always_inline)) void precode_port(const precoding_t *w, unsigned p,
                                                               unsigned n_layers, const ci16_t *const in[],
                                                               ci16_t *out, size_t n, bool add)
{
    const __m256i half = _mm256_set1_epi32(PRECODING_ONE / 2);
    const __m256i order =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15));
    __m256i w_re[PHY_MAX_LAYERS], w_im[PHY_MAX_LAYERS];
    for (unsigned l = 0; l < n_layers; l++) {
        ci16_t c = w->w[p][l];
        w_re[l] = _mm256_set1_epi32((int32_t)((uint32_t)(uint16_t)c.re | (uint32_t)(uint16_t)-c.im << 16));
        w_im[l] = _mm256_set1_epi32((int32_t)((uint32_t)(uint16_t)c.im | (uint32_t)(uint16_t)c.re << 16));
    }
    for (size_t i = 0; i < n; i += 8) {
        unsigned left = n - i < 8 ? (unsigned)(n - i) : 8;
        const __m256i k =
            _mm256_cmpgt_epi32(_mm256_set1_epi32((int)left), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
        __m256i re = half, im = half;
        for (unsigned l = 0; l < n_layers; l++) {
            __m256i x = _mm256_maskload_epi32((const int *)(in[l] + i), k);
            re = _mm256_add_epi32(re, _mm256_madd_epi16(x, w_re[l]));
            im = _mm256_add_epi32(im, _mm256_madd_epi16(x, w_im[l]));
        }
        __m256i y = _mm256_packs_epi32(_mm256_srai_epi32(re, 14), _mm256_srai_epi32(im, 14));
        y = _mm256_shuffle_epi8(y, order);
        if (add)
            y = _mm256_adds_epi16(y, _mm256_maskload_epi32((const int *)(out + i), k));
        if (left == 8)
            _mm256_storeu_si256((__m256i *)(out + i), y);
        else
            _mm256_maskstore_epi32((int *)(out + i), k, y);
    }
}

static void precode_avx2(const precoding_t *w, const ci16_t *const in[], ci16_t *const out[], size_t n,
                         bool add)
{
    for (unsigned p = 0; p < w->n_ports; p++) {
        if (w->identity && !add) {
            if (p < w->n_layers)
                memcpy(out[p], in[p], n * sizeof *out[p]);
            else
                memset(out[p], 0, n * sizeof *out[p]);
            continue;
        }
        if (w->identity && p >= w->n_layers)
            continue;
        switch (w->n_layers) {
        case 1:
            precode_port(w, p, 1, in, out[p], n, add);
            break;
        case 2:
            precode_port(w, p, 2, in, out[p], n, add);
            break;
        case 3:
            precode_port(w, p, 3, in, out[p], n, add);
            break;
        default:
            precode_port(w, p, 4, in, out[p], n, add);
            break;
        }
    }
}

static void expand_avx2(uint16_t re, const ci16_t *in, size_t n_prb, ci16_t *out, bool add)
{
    uint8_t at[12];
    unsigned step = 0;
    for (unsigned k = 0; k < 12; k++)
        if (re >> k & 1)
            at[step++] = (uint8_t)k;
    for (size_t i = 0; i < n_prb; i++, out += 12, in += step)
        for (unsigned j = 0; j < step; j++) {
            ci16_t y = in[j];
            if (add)
                y = (ci16_t){dl_saturate(out[at[j]].re + y.re), dl_saturate(out[at[j]].im + y.im)};
            out[at[j]] = y;
        }
}

const dl_ops_t dl_ops_avx2 = {.map = map_avx2, .precode = precode_avx2, .expand = expand_avx2};
