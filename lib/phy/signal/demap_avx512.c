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

/* The next two LLRs of each symbol; moves v on. */
static __m128i level(eight_t *e, float half)
{
    const __m512 one = _mm512_set1_ps(1), limit = _mm512_set1_ps(127);
    __m512 a = _mm512_abs_ps(e->v), f = e->v;
    if (half > 1) {
        __m512 k = _mm512_floor_ps(_mm512_mul_ps(a, _mm512_set1_ps(0.5f)));
        k = _mm512_min_ps(k, _mm512_set1_ps(half - 1));
        f = _mm512_mul_ps(_mm512_add_ps(k, one), _mm512_sub_ps(a, k));
        /* the sign of v */
        f = _mm512_castsi512_ps(_mm512_ternarylogic_epi32(_mm512_castps_si512(f), _mm512_castps_si512(e->v),
                                                          _mm512_set1_epi32(INT32_MIN), 0xd8));
    }
    e->v = _mm512_sub_ps(_mm512_set1_ps(half), a);
    f = _mm512_mul_ps(f, e->w);
    f = _mm512_max_ps(_mm512_min_ps(f, limit), _mm512_set1_ps(-127));
    return _mm512_cvtepi32_epi8(_mm512_maskz_cvtps_epi32(e->known, f));
}

/* Pairs of LLRs lie level by level, 16 symbols each; this puts those of a symbol together. */
static __m512i order_of(unsigned levels, unsigned first)
{
    _Alignas(64) static const uint16_t count[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                                    11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                                    22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
    __m512i u = _mm512_add_epi16(_mm512_load_si512(count), _mm512_set1_epi16((int16_t)first));
    __m512i symbol =
        levels == 1 ? u : _mm512_mulhi_epu16(u, _mm512_set1_epi16((int16_t)(uint16_t)(65536 / levels + 1)));
    __m512i at = _mm512_sub_epi16(u, _mm512_mullo_epi16(symbol, _mm512_set1_epi16((int16_t)levels)));
    return _mm512_add_epi16(symbol, _mm512_slli_epi16(at, 4));
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
        __m256i pair[6];
        for (unsigned j = 0; j < 6; j++, half *= 0.5f)
            pair[j] = j < levels ? _mm256_inserti128_si256(_mm256_castsi128_si256(level(&a, half)),
                                                           level(&b, half), 1)
                                 : _mm256_setzero_si256();
        __m512i r[3];
        for (unsigned j = 0; j < 3; j++)
            r[j] = _mm512_inserti64x4(_mm512_castsi256_si512(pair[2 * j]), pair[2 * j + 1], 1);
        for (unsigned o = 0; o < (levels + 1) / 2; o++) {
            __m512i x = levels == 1 ? r[0] : _mm512_permutex2var_epi16(r[0], order[o], r[1]);
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
