/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/demap_ops.h"

#include <immintrin.h>

/* Eight symbols: I and Q side by side in y, the weight of each in both places of w. */
typedef struct {
    __m512 v, w;
    __mmask16 known; /* w > 0 */
} eight_t;

static eight_t load(const cf_t *sym, const float *inv_noise, const demap_scale_t *s)
{
    const __m512i twice = _mm512_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
    __m512 y = _mm512_loadu_ps(sym), largest = _mm512_set1_ps(FLT_MAX);
    __m512 w = _mm512_permutexvar_ps(twice, _mm512_castps256_ps512(_mm256_loadu_ps(inv_noise)));
    unsigned finite = _mm512_cmp_ps_mask(_mm512_abs_ps(y), largest, _CMP_LE_OQ);
    finite &= (finite >> 1 & 0x5555) | (finite << 1 & 0xaaaa);
    __mmask16 good = _mm512_mask_cmp_ps_mask((__mmask16)finite, w, largest, _CMP_LE_OQ);
    good = _mm512_mask_cmp_ps_mask(good, w, _mm512_setzero_ps(), _CMP_GT_OQ);
    w = _mm512_maskz_mul_ps(good, w, _mm512_set1_ps(s->weight * PHY_LLR_SCALE));
    w = _mm512_min_ps(w, largest);
    return (eight_t){_mm512_mul_ps(y, _mm512_set1_ps(s->per_half)), w,
                     _mm512_cmp_ps_mask(w, _mm512_setzero_ps(), _CMP_GT_OQ)};
}

/* The next two LLRs of each symbol, at most 127, as packing with saturation takes them; moves v on. */
static inline __attribute__((always_inline)) __m512i level(eight_t *e, float half)
{
    const __m512 one = _mm512_set1_ps(1);
    __m512 a = _mm512_abs_ps(e->v), f = e->v;
    if (half > 1) {
        if (half > 2) {
            __m512 k = _mm512_floor_ps(_mm512_mul_ps(a, _mm512_set1_ps(0.5f)));
            k = _mm512_min_ps(k, _mm512_set1_ps(half - 1));
            f = _mm512_mul_ps(_mm512_add_ps(k, one), _mm512_sub_ps(a, k));
        } else { /* two slopes, the greater counts */
            __m512 less = _mm512_sub_ps(a, one);
            f = _mm512_max_ps(a, _mm512_add_ps(less, less));
        }
        /* the sign of v */
        f = _mm512_castsi512_ps(_mm512_ternarylogic_epi32(_mm512_castps_si512(f), _mm512_castps_si512(e->v),
                                                          _mm512_set1_epi32(INT32_MIN), 0xd8));
    }
    e->v = _mm512_sub_ps(_mm512_set1_ps(half), a);
    f = _mm512_min_ps(_mm512_mul_ps(f, e->w), _mm512_set1_ps(127));
    return _mm512_maskz_cvtps_epi32(e->known, f);
}

/* Packing leaves pairs of LLRs in quarters of a vector: two levels of two and two symbols each. This puts
 * those of a symbol together. */
static __m512i order_of(unsigned levels, unsigned first)
{
    uint16_t order[32];
    for (unsigned i = 0; i < 32; i++) {
        unsigned symbol = (first + i) / levels % 16, at = (first + i) % levels;
        order[i] = (uint16_t)(at / 2 * 32 + symbol % 8 / 2 * 8 + at % 2 * 4 + symbol / 8 * 2 + symbol % 2);
    }
    return _mm512_loadu_si512(order);
}

static inline __attribute__((always_inline)) size_t run(unsigned levels, const cf_t *sym,
                                                        const float *inv_noise, size_t n, int8_t *llr)
{
    const demap_scale_t *s = &demap_scales[levels];
    __m512i order[3];
    __mmask32 fifth[3];
    for (unsigned o = 0; o < (levels + 1) / 2; o++) {
        order[o] = order_of(levels, 32 * o);
        fifth[o] = _mm512_cmpge_epu16_mask(order[o], _mm512_set1_epi16(64));
    }
    size_t i = 0;
    for (; i + 16 <= n; i += 16, llr += 32 * levels) {
        eight_t a = load(sym + i, inv_noise + i, s), b = load(sym + i + 8, inv_noise + i + 8, s);
        float half = (float)(1u << (levels - 1));
        __m512i pair[6], r[3];
        for (unsigned j = 0; j < levels; j++, half *= 0.5f)
            pair[j] = _mm512_packs_epi32(level(&a, half), level(&b, half));
        for (unsigned j = levels; j < 6; j++)
            pair[j] = pair[0];
        for (unsigned j = 0; j < (levels + 1) / 2; j++)
            r[j] = _mm512_max_epi8(_mm512_packs_epi16(pair[2 * j], pair[2 * j + 1]), _mm512_set1_epi8(-127));
        for (unsigned o = 0; o < (levels + 1) / 2; o++) {
            __m512i x = levels <= 2 ? _mm512_permutexvar_epi16(order[o], r[0])
                                    : _mm512_permutex2var_epi16(r[0], order[o], r[1]);
            if (levels == 5)
                x = _mm512_mask_permutexvar_epi16(x, fifth[o], order[o], r[2]);
            if (2 * o + 2 <= levels)
                _mm512_storeu_si512(llr + 64 * o, x);
            else
                _mm256_storeu_si256((__m256i *)(llr + 64 * o), _mm512_castsi512_si256(x));
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

const struct demap_ops demap_ops_avx512 = {.demap = demap_block};
