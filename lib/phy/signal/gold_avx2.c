/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/gold_ops.h"

#include <immintrin.h>
#include <string.h>

/* 32 bytes of 255 where the 32 bits of c (in memory order, from bit 7 of the first byte) are 1. */
static __m256i spread(uint32_t c)
{
    const __m256i byte_of = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i bit_of = _mm256_set1_epi64x(0x0102040810204080);
    __m256i v = _mm256_shuffle_epi8(_mm256_set1_epi32((int)c), byte_of);
    return _mm256_cmpeq_epi8(_mm256_and_si256(v, bit_of), bit_of);
}

static uint32_t load32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}

static void flip(int8_t *llr, const uint8_t *c, size_t n)
{
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        __m256i m = spread(load32(c + i / 8)), x = _mm256_loadu_si256((const __m256i *)(llr + i));
        _mm256_storeu_si256((__m256i *)(llr + i), _mm256_sub_epi8(_mm256_xor_si256(x, m), m));
    }
    for (; i < n; i++)
        llr[i] = c[i / 8] >> (7 - i % 8) & 1 ? (int8_t)-llr[i] : llr[i];
}

static void qpsk_ci16(ci16_t *out, const uint8_t *c, size_t n, int16_t a)
{
    const __m256i plus = _mm256_set1_epi16(a), minus = _mm256_set1_epi16((int16_t)-a);
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        __m256i m = spread(load32(c + i / 4));
        __m256i low = _mm256_cvtepi8_epi16(_mm256_castsi256_si128(m));
        __m256i high = _mm256_cvtepi8_epi16(_mm256_extracti128_si256(m, 1));
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_blendv_epi8(plus, minus, low));
        _mm256_storeu_si256((__m256i *)(out + i + 8), _mm256_blendv_epi8(plus, minus, high));
    }
    for (; i < n; i++) {
        unsigned two = c[i / 4] >> (6 - 2 * (i % 4));
        out[i] = (ci16_t){two & 2 ? (int16_t)-a : a, two & 1 ? (int16_t)-a : a};
    }
}

static void qpsk_cf(cf_t *out, const uint8_t *c, size_t n, float a)
{
    const __m256i first = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i sign = _mm256_set1_epi32(INT32_MIN), av = _mm256_castps_si256(_mm256_set1_ps(a));
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        __m256i m = _mm256_sllv_epi32(_mm256_set1_epi32((int)((uint32_t)c[i / 4] << 24)), first);
        m = _mm256_xor_si256(_mm256_and_si256(m, sign), av);
        _mm256_storeu_si256((__m256i *)(out + i), m);
    }
    for (; i < n; i++) {
        unsigned two = c[i / 4] >> (6 - 2 * (i % 4));
        out[i] = (cf_t){two & 2 ? -a : a, two & 1 ? -a : a};
    }
}

static uint64_t multiply(uint32_t a, uint32_t b)
{
    return gold_ops_generic.multiply(a, b);
}

#define GOLD_OPS gold_ops_avx2
#include "lib/phy/signal/gold_kernel.h"
