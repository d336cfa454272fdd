/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/demap_ops.h"

#include <immintrin.h>
#include <string.h>

/* Four symbols: I and Q side by side in v, the weight of each in both places of w. */
typedef struct {
    __m256 v, w, known; /* known: all bits where w > 0 */
} four_t;

static __m256 magnitude(__m256 x)
{
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x);
}

static four_t load(const cf_t *sym, const float *inv_noise, const demap_scale_t *s)
{
    const __m256i twice = _mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3);
    __m256 y = _mm256_loadu_ps(&sym->re), largest = _mm256_set1_ps(FLT_MAX), zero = _mm256_setzero_ps();
    __m256 w = _mm256_permutevar8x32_ps(_mm256_castps128_ps256(_mm_loadu_ps(inv_noise)), twice);
    __m256 good = _mm256_cmp_ps(magnitude(y), largest, _CMP_LE_OQ);
    good = _mm256_and_ps(good, _mm256_permute_ps(good, 0xb1));
    good = _mm256_and_ps(good, _mm256_cmp_ps(w, largest, _CMP_LE_OQ));
    good = _mm256_and_ps(good, _mm256_cmp_ps(w, zero, _CMP_GT_OQ));
    w = _mm256_and_ps(good, _mm256_mul_ps(w, _mm256_set1_ps(s->weight * PHY_LLR_SCALE)));
    w = _mm256_min_ps(w, largest);
    return (four_t){_mm256_mul_ps(y, _mm256_set1_ps(s->per_half)), w, _mm256_cmp_ps(w, zero, _CMP_GT_OQ)};
}

/* The next two LLRs of each symbol; moves v on. */
static __m256i level(four_t *e, float half)
{
    const __m256 sign = _mm256_set1_ps(-0.0f);
    __m256 a = magnitude(e->v), f = e->v;
    if (half > 1) {
        __m256 k = _mm256_floor_ps(_mm256_mul_ps(a, _mm256_set1_ps(0.5f)));
        k = _mm256_min_ps(k, _mm256_set1_ps(half - 1));
        f = _mm256_mul_ps(_mm256_add_ps(k, _mm256_set1_ps(1)), _mm256_sub_ps(a, k));
        f = _mm256_or_ps(f, _mm256_and_ps(sign, e->v));
    }
    e->v = _mm256_sub_ps(_mm256_set1_ps(half), a);
    f = _mm256_mul_ps(f, e->w);
    f = _mm256_max_ps(_mm256_min_ps(f, _mm256_set1_ps(127)), _mm256_set1_ps(-127));
    return _mm256_cvtps_epi32(_mm256_and_ps(e->known, f));
}

static inline __attribute__((always_inline)) size_t run(unsigned levels, const cf_t *sym,
                                                        const float *inv_noise, size_t n, int8_t *llr)
{
    const __m256i in_order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    const demap_scale_t *s = &demap_scales[levels];
    size_t i = 0;
    for (; i + 16 <= n; i += 16, llr += 32 * levels) {
        four_t e[4];
        for (unsigned j = 0; j < 4; j++)
            e[j] = load(sym + i + 4 * j, inv_noise + i + 4 * j, s);
        float half = (float)(1u << (levels - 1));
        __m256i pair[5]; /* level by level, 16 symbols of two LLRs */
        for (unsigned j = 0; j < levels; j++, half *= 0.5f) {
            __m256i x = _mm256_packs_epi32(level(&e[0], half), level(&e[1], half));
            __m256i y = _mm256_packs_epi32(level(&e[2], half), level(&e[3], half));
            pair[j] = _mm256_permutevar8x32_epi32(_mm256_packs_epi16(x, y), in_order);
        }
        if (levels == 1) {
            _mm256_storeu_si256((__m256i *)llr, pair[0]);
        } else if (levels % 2 == 0) {
            __m256i low = _mm256_unpacklo_epi16(pair[0], pair[1]),
                    high = _mm256_unpackhi_epi16(pair[0], pair[1]);
            __m256i out[4] = {low, high};
            if (levels == 4) {
                __m256i low2 = _mm256_unpacklo_epi16(pair[2], pair[3]);
                __m256i high2 = _mm256_unpackhi_epi16(pair[2], pair[3]);
                out[0] = _mm256_unpacklo_epi32(low, low2);
                out[1] = _mm256_unpackhi_epi32(low, low2);
                out[2] = _mm256_unpacklo_epi32(high, high2);
                out[3] = _mm256_unpackhi_epi32(high, high2);
            }
            /* Lower halves are symbols 0-7, upper ones 8-15. */
            for (unsigned j = 0; j < levels; j++) {
                _mm_storeu_si128((__m128i *)(llr + 16 * j), _mm256_castsi256_si128(out[j]));
                _mm_storeu_si128((__m128i *)(llr + 16 * (levels + j)), _mm256_extracti128_si256(out[j], 1));
            }
        } else {
            _Alignas(32) uint16_t t[5][16];
            for (unsigned j = 0; j < levels; j++)
                _mm256_store_si256((__m256i *)t[j], pair[j]);
            for (unsigned k = 0; k < 16; k++)
                for (unsigned j = 0; j < levels; j++)
                    memcpy(llr + 2 * (k * levels + j), &t[j][k], 2);
        }
    }
    return i;
}

static size_t demap_block(unsigned qm, const cf_t *sym, const float *inv_noise, size_t n, int8_t *llr)
{
    switch (qm) {
    case 2:
        return run(1, sym, inv_noise, n, llr);
    case 4:
        return run(2, sym, inv_noise, n, llr);
    case 6:
        return run(3, sym, inv_noise, n, llr);
    case 8:
        return run(4, sym, inv_noise, n, llr);
    default:
        return run(5, sym, inv_noise, n, llr);
    }
}

const struct demap_ops demap_ops_avx2 = {.demap = demap_block};
