/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/modulation_ops.h"

#include <immintrin.h>
#include <string.h>

typedef struct {
    __m256i byte[2], shift[2]; /* of symbols 0-7 and 8-15 */
} window_t;

static window_t make_window(unsigned qm)
{
    window_t w;
    for (unsigned h = 0; h < 2; h++) {
        _Alignas(32) int32_t byte[8], shift[8];
        for (unsigned i = 0; i < 8; i++) {
            unsigned bit = (8 * h + i) * qm;
            /* The byte with the first bit is the higher of two; the upper half of the lane is 0. Behind the
             * last byte there is nothing, and nothing of it is wanted. */
            unsigned next = bit / 8 + 1 < 16 ? bit / 8 + 1 : 128;
            byte[i] = (int32_t)(0x80800000u | bit / 8 << 8 | next);
            shift[i] = (int32_t)(16 - qm - bit % 8);
        }
        w.byte[h] = _mm256_load_si256((const __m256i *)byte);
        w.shift[h] = _mm256_load_si256((const __m256i *)shift);
    }
    return w;
}

/* The bytes of 16 symbols and no more, in both halves. */
static __m256i load(unsigned qm, const uint8_t *bits)
{
    __m128i x = _mm_setzero_si128();
    memcpy(&x, bits, qm <= 8 ? 2 * qm : 16);
    return _mm256_broadcastsi128_si256(x);
}

/* In each lane: bits 0-3 are I (b0, b2 ..), bits 4-7 Q; nothing above. */
static __m256i split(const window_t *w, unsigned h, __m256i x)
{
    const __m256i of_low = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 0x10, 1, 0x11, 0x20, 0x30, 0x21, 0x31, 2, 0x12, 3, 0x13, 0x22, 0x32, 0x23, 0x33));
    const __m256i of_high = _mm256_slli_epi32(of_low, 2), nibble = _mm256_set1_epi32(15);
    x = _mm256_srlv_epi32(_mm256_shuffle_epi8(x, w->byte[h]), w->shift[h]);
    return _mm256_or_si256(_mm256_shuffle_epi8(of_low, _mm256_and_si256(x, nibble)),
                           _mm256_shuffle_epi8(of_high, _mm256_and_si256(_mm256_srli_epi32(x, 4), nibble)));
}

static size_t map_ci16(unsigned qm, const uint8_t *bits, size_t n, const modulation_levels_t *l, ci16_t *out)
{
    if (qm > 8)
        return 0;
    _Alignas(16) uint8_t low[16], high[16];
    for (unsigned i = 0; i < 16; i++) {
        low[i] = (uint8_t)l->level16[i];
        high[i] = (uint8_t)((uint16_t)l->level16[i] >> 8);
    }
    const __m256i of_low = _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)low));
    const __m256i of_high = _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)high));
    const __m256i four_times = _mm256_setr_epi8(0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12, 0, 0, 0,
                                                0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12);
    const __m256i of_i = _mm256_set1_epi32(0x0f0f), of_q = _mm256_set1_epi32(0x0f0f0000);
    const __m256i odd = _mm256_set1_epi16((int16_t)0xff00);
    const window_t w = make_window(qm);
    size_t i = 0;
    for (; i + 16 <= n; i += 16, bits += 2 * qm) {
        __m256i x = load(qm, bits);
        for (unsigned h = 0; h < 2; h++) {
            __m256i v = _mm256_shuffle_epi8(split(&w, h, x), four_times);
            v = _mm256_or_si256(_mm256_and_si256(v, of_i), _mm256_and_si256(_mm256_srli_epi32(v, 4), of_q));
            v = _mm256_blendv_epi8(_mm256_shuffle_epi8(of_low, v), _mm256_shuffle_epi8(of_high, v), odd);
            _mm256_storeu_si256((__m256i *)(out + i + 8 * h), v);
        }
    }
    return i;
}

/* level[index & 15] */
static __m256 look_up(const modulation_levels_t *l, __m256i index)
{
    __m256 a = _mm256_permutevar8x32_ps(_mm256_load_ps(l->level), index);
    __m256 b = _mm256_permutevar8x32_ps(_mm256_load_ps(l->level + 8), index);
    return _mm256_blendv_ps(a, b, _mm256_castsi256_ps(_mm256_slli_epi32(index, 28)));
}

static size_t map_cf(unsigned qm, const uint8_t *bits, size_t n, const modulation_levels_t *l, cf_t *out)
{
    if (qm > 8)
        return 0;
    const window_t w = make_window(qm);
    size_t i = 0;
    for (; i + 16 <= n; i += 16, bits += 2 * qm) {
        __m256i x = load(qm, bits);
        for (unsigned h = 0; h < 2; h++) {
            __m256i v = split(&w, h, x);
            __m256 re = look_up(l, v), im = look_up(l, _mm256_srli_epi32(v, 4));
            __m256 a = _mm256_unpacklo_ps(re, im), b = _mm256_unpackhi_ps(re, im);
            _mm256_storeu_ps(&out[i + 8 * h].re, _mm256_permute2f128_ps(a, b, 0x20));
            _mm256_storeu_ps(&out[i + 8 * h + 4].re, _mm256_permute2f128_ps(a, b, 0x31));
        }
    }
    return i;
}

const modulation_ops_t modulation_ops_avx2 = {.map_ci16 = map_ci16, .map_cf = map_cf};
