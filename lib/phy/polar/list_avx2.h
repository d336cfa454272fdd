/* SPDX-License-Identifier: Apache-2.0 */
/* The list decoder's vector operations with AVX2: two places of 8 paths in a register. list_avx512.c takes
 * what it has no better way for from here as well. A place alone uses half a register, so that what a stage
 * stored is loaded in the same pieces. */
#ifndef VITRAN_PHY_POLAR_LIST_AVX2_H
#define VITRAN_PHY_POLAR_LIST_AVX2_H

#include "lib/phy/polar/polar.h"

#include <immintrin.h>

static inline __m256i load2(const void *p)
{
    return _mm256_loadu_si256(p);
}

static inline __m128i load1(const void *p)
{
    return _mm_loadu_si128(p);
}

static inline __m128i f1(__m128i a, __m128i b)
{
    __m128i sign = _mm_or_si128(_mm_xor_si128(a, b), _mm_set1_epi16(1));
    return _mm_sign_epi16(_mm_min_epi16(_mm_abs_epi16(a), _mm_abs_epi16(b)), sign);
}

static inline __m256i f2(__m256i a, __m256i b)
{
    __m256i sign = _mm256_or_si256(_mm256_xor_si256(a, b), _mm256_set1_epi16(1));
    return _mm256_sign_epi16(_mm256_min_epi16(_mm256_abs_epi16(a), _mm256_abs_epi16(b)), sign);
}

static inline __m128i add1(__m128i a, __m128i b)
{
    return _mm_max_epi16(_mm_adds_epi16(a, b), _mm_set1_epi16(-32767));
}

static inline __m256i add2(__m256i a, __m256i b)
{
    return _mm256_max_epi16(_mm256_adds_epi16(a, b), _mm256_set1_epi16(-32767));
}

/* Byte pattern that puts 16-bit lanes in the order `from`. */
static inline __m128i lanes16(const uint8_t from[POLAR_LIST])
{
    __m128i f = _mm_cvtepu8_epi16(_mm_loadl_epi64((const void *)from));
    f = _mm_slli_epi16(f, 1);
    return _mm_or_si128(_mm_or_si128(f, _mm_slli_epi16(f, 8)), _mm_set1_epi16(0x100));
}

/* All ones in the 16-bit lanes of the bits that are set in byte i. */
static inline __m128i masks1(uint8_t bits)
{
    const __m128i each = _mm_setr_epi16(1, 2, 4, 8, 16, 32, 64, 128);
    return _mm_cmpeq_epi16(_mm_and_si128(_mm_set1_epi16(bits), each), each);
}

static inline __m256i masks2(const uint8_t *bits)
{
    const __m256i each = _mm256_setr_epi16(1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128);
    uint16_t two;
    memcpy(&two, bits, 2);
    const __m256i spread = _mm256_setr_epi8(0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 1, -1, 1,
                                            -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1);
    __m256i v = _mm256_shuffle_epi8(_mm256_set1_epi16((short)two), spread);
    return _mm256_cmpeq_epi16(_mm256_and_si256(v, each), each);
}

static inline void f_one(const int16_t (*in)[POLAR_LIST], int16_t (*out)[POLAR_LIST])
{
    _mm_storeu_si128((void *)out, f1(load1(in), load1(in + 1)));
}

static inline void g_one(const int16_t (*in)[POLAR_LIST], int16_t (*out)[POLAR_LIST], uint8_t left,
                         const uint8_t from[POLAR_LIST])
{
    __m128i order = lanes16(from), a = _mm_shuffle_epi8(load1(in), order);
    __m128i b = _mm_shuffle_epi8(load1(in + 1), order), m = masks1(left);
    _mm_storeu_si128((void *)out, add1(b, _mm_sub_epi16(_mm_xor_si128(a, m), m)));
}

static inline void order_rows(uint8_t (*rows)[POLAR_LIST], unsigned n, const uint8_t from[POLAR_LIST])
{
    __m128i order = _mm_loadl_epi64((const void *)from);
    order = _mm_unpacklo_epi64(order, _mm_add_epi8(order, _mm_set1_epi8(8)));
    for (unsigned i = 0; i + 1 < n; i += 2)
        _mm_storeu_si128((void *)rows[i], _mm_shuffle_epi8(load1(rows[i]), order));
    if (n & 1)
        _mm_storel_epi64((void *)rows[n - 1], _mm_shuffle_epi8(_mm_loadl_epi64((void *)rows[n - 1]), order));
}

static inline __m256i lanes32(const uint8_t from[POLAR_LIST])
{
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const void *)from));
}

static inline void order_metrics(int32_t (*rows)[POLAR_LIST], unsigned n, const uint8_t from[POLAR_LIST])
{
    __m256i order = lanes32(from);
    for (unsigned i = 0; i < n; i++)
        _mm256_storeu_si256((void *)rows[i], _mm256_permutevar8x32_epi32(load2(rows[i]), order));
}

static inline void penalties(const int16_t (*llr)[POLAR_LIST], unsigned n, int32_t zeros[POLAR_LIST],
                             int32_t ones[POLAR_LIST])
{
    __m256i sum = _mm256_setzero_si256(), size = sum;
    for (unsigned i = 0; i < n; i++) {
        __m256i v = _mm256_cvtepi16_epi32(load1(llr + i));
        sum = _mm256_add_epi32(sum, v);
        size = _mm256_add_epi32(size, _mm256_abs_epi32(v));
    }
    _mm256_storeu_si256((void *)ones, _mm256_srai_epi32(_mm256_add_epi32(size, sum), 1));
    _mm256_storeu_si256((void *)zeros, _mm256_srai_epi32(_mm256_sub_epi32(size, sum), 1));
}

/* The keys of 8 paths into their sorted lists. */
#define LEAST_INSERT(v, rows, most)                                                                          \
    for (unsigned t_ = 0; t_ < (most); t_++) {                                                               \
        __m256i low_ = _mm256_min_epi32(v, rows[t_]);                                                        \
        v = _mm256_max_epi32(v, rows[t_]);                                                                   \
        rows[t_] = low_;                                                                                     \
    }

static inline __m256i certainty(const int16_t (*llr)[POLAR_LIST], unsigned i)
{
    __m256i v = _mm256_abs_epi32(_mm256_cvtepi16_epi32(load1(llr + i)));
    return _mm256_or_si256(_mm256_slli_epi32(v, 10), _mm256_set1_epi32((int)i));
}

static inline void least_certain(const int16_t (*llr)[POLAR_LIST], unsigned n, unsigned most,
                                 int32_t (*rows)[POLAR_LIST])
{
    if (n == 1) {
        _mm256_storeu_si256((void *)rows[0], certainty(llr, 0));
        return;
    }
    __m256i best[POLAR_LIST];
    for (unsigned t = 0; t < POLAR_LIST; t++)
        best[t] = _mm256_set1_epi32(INT32_MAX);
    if (n <= 4) {
        for (unsigned i = 0; i < n; i++) {
            __m256i v = certainty(llr, i);
            LEAST_INSERT(v, best, 4)
        }
    } else {
        for (unsigned i = 0; i < n; i++) {
            __m256i v = certainty(llr, i);
            LEAST_INSERT(v, best, POLAR_LIST)
        }
    }
    for (unsigned t = 0; t < most; t++)
        _mm256_storeu_si256((void *)rows[t], best[t]);
}

/* Whether the worst of `metric` is no worse than the best of `cost`. */
static inline bool nobody_changes(__m256i metric, __m256i cost)
{
    __m128i most = _mm_max_epi32(_mm256_castsi256_si128(metric), _mm256_extracti128_si256(metric, 1));
    __m128i least = _mm_min_epi32(_mm256_castsi256_si128(cost), _mm256_extracti128_si256(cost, 1));
    most = _mm_max_epi32(most, _mm_shuffle_epi32(most, 0x4e));
    least = _mm_min_epi32(least, _mm_shuffle_epi32(least, 0x4e));
    most = _mm_max_epi32(most, _mm_shuffle_epi32(most, 0xb1));
    least = _mm_min_epi32(least, _mm_shuffle_epi32(least, 0xb1));
    return _mm_cvtsi128_si32(most) <= _mm_cvtsi128_si32(least);
}

#endif
