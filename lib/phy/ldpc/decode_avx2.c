/* SPDX-License-Identifier: Apache-2.0 */
/* 32 checks at a time, messages kept as they are. */
#include "lib/phy/ldpc/decode_frame.h"
#include "lib/phy/ldpc/decode_variants.h"

#include <immintrin.h>

#define HALF 32

/* ldpc_rule_apply of 32. */
static inline __m256i soften(__m256i m, __m256i offset, __m256i most)
{
    __m256i x = _mm256_subs_epu8(m, offset);
    __m256i eighth = _mm256_and_si256(_mm256_srli_epi16(x, 3), _mm256_set1_epi8(0x1f));
    __m256i sixteenth = _mm256_and_si256(_mm256_srli_epi16(x, 4), _mm256_set1_epi8(0x0f));
    x = _mm256_sub_epi8(_mm256_sub_epi8(x, eighth), sixteenth);
    return _mm256_min_epu8(x, most);
}

static inline __m256i load(const int8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)p);
}

static inline void store(int8_t *p, __m256i x)
{
    _mm256_storeu_si256((__m256i *)p, x);
}

static void row_update(const row_t *row, bool first)
{
    const __m256i zero = _mm256_setzero_si256(), one = _mm256_set1_epi8(1),
                  offset = _mm256_set1_epi8((char)row->offset), most = _mm256_set1_epi8((char)row->most);
    const unsigned zc = row->zc, n = row->n, n_old = first ? 0 : n - row->extension,
                   stride = (zc + LANES - 1) / LANES * LANES;
    uint32_t off[GRAPH_MAX_DEGREE];
    __m256i t[GRAPH_MAX_DEGREE];
    memcpy(off, row->off, sizeof off);
    for (unsigned at = 0; at < zc; at += HALF) {
        __m256i min1 = _mm256_set1_epi8(-1), min2 = min1, sign = zero;
        for (unsigned e = 0; e < n; e++) {
            __m256i x = load(row->src[e] + off[e]);
            off[e] += HALF;
            off[e] -= off[e] >= zc ? zc : 0;
            if (e < n_old)
                x = _mm256_subs_epi8(x, load(row->msg + e * stride + at));
            t[e] = x;
            __m256i a = _mm256_abs_epi8(x);
            sign = _mm256_xor_si256(sign, x);
            min2 = _mm256_min_epu8(min2, _mm256_max_epu8(min1, a));
            min1 = _mm256_min_epu8(min1, a);
        }
        __m256i low1 = soften(min1, offset, most), low2 = soften(min2, offset, most);
        for (unsigned e = 0; e < n; e++) {
            __m256i lowest = _mm256_cmpeq_epi8(_mm256_abs_epi8(t[e]), min1);
            __m256i m = _mm256_blendv_epi8(low1, low2, lowest);
            m = _mm256_sign_epi8(m, _mm256_or_si256(_mm256_xor_si256(sign, t[e]), one));
            store(row->msg + e * stride + at, m);
            store(row->dst[e] + at, _mm256_adds_epi8(t[e], m));
        }
    }
    for (unsigned e = 0; e < n; e++)
        pad_column(row->dst[e], zc);
}

static bool row_holds(const row_t *row, unsigned n_vectors)
{
    unsigned zc = row->zc, end = n_vectors * LANES < zc ? n_vectors * LANES : zc;
    for (unsigned at = 0; at < end; at += HALF) {
        __m256i sign = _mm256_setzero_si256();
        for (unsigned e = 0; e < row->n; e++) {
            unsigned off = row->off[e] + at;
            sign = _mm256_xor_si256(sign, load(row->src[e] + (off >= zc ? off - zc : off)));
        }
        uint32_t lanes = zc - at < HALF ? ~UINT32_C(0) >> (HALF - (zc - at)) : ~UINT32_C(0);
        if ((uint32_t)_mm256_movemask_epi8(sign) & lanes)
            return false;
    }
    return true;
}

static inline __m256i backwards(__m256i x)
{
    const __m256i order = _mm256_setr_epi8(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13,
                                           12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    return _mm256_permute4x64_epi64(_mm256_shuffle_epi8(x, order), 0x4e);
}

static uint64_t pack_64(const int8_t *llr, uint64_t *ret_unknown)
{
    __m256i a = backwards(load(llr)), b = backwards(load(llr + HALF)), zero = _mm256_setzero_si256();
    *ret_unknown = (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, zero)) << 32 |
                   (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, zero));
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(a) << 32 | (uint32_t)_mm256_movemask_epi8(b);
}

const ldpc_dec_ops_t ldpc_dec_ops_avx2 = {.decode = decode_frame};
