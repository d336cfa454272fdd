/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/modulation_ops.h"

#include <immintrin.h>

/* Bytes and shifts that bring symbol i of 16 into the low bits of 32-bit lane i. */
typedef struct {
    __m512i byte, shift;
    __mmask32 bytes; /* of 16 symbols */
} window_t;

static window_t make_window(unsigned qm)
{
    const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i bit = _mm512_mullo_epi32(lane, _mm512_set1_epi32((int)qm)), k = _mm512_srli_epi32(bit, 3);
    window_t w;
    /* The byte with the first bit is the higher of two; the other half of the lane is 0, as byte 63 is. */
    w.byte = _mm512_or_si512(_mm512_slli_epi32(k, 8), _mm512_add_epi32(k, _mm512_set1_epi32(0x3f3f0001)));
    w.shift = _mm512_sub_epi32(_mm512_set1_epi32(16 - (int)qm), _mm512_and_si512(bit, _mm512_set1_epi32(7)));
    w.bytes = (1u << 2 * qm) - 1;
    return w;
}

/* In each lane: bits 0-3 are the last four of I (b0, b2 ..), bits 4-7 those of Q; bit 8 is a fifth of I, bit
 * 12 of Q. Whatever stands above in a byte is not of this symbol. */
static __m512i split(const window_t *w, const uint8_t *bits)
{
    const __m512i deinterleave = _mm512_set1_epi64(0x0208208001041040);
    __m512i x = _mm512_zextsi256_si512(_mm256_maskz_loadu_epi8(w->bytes, bits));
    x = _mm512_srlv_epi32(_mm512_permutexvar_epi8(w->byte, x), w->shift);
    return _mm512_gf2p8affine_epi64_epi8(x, deinterleave, 0);
}

static __m512i pick(__m512i x, unsigned mask)
{
    return _mm512_and_si512(x, _mm512_set1_epi32((int)mask));
}

static size_t map_ci16(unsigned qm, const uint8_t *bits, size_t n, const modulation_levels_t *l, ci16_t *out)
{
    const __m512i level = _mm512_load_si512(l->level16);
    const window_t w = make_window(qm);
    size_t i = 0;
    for (; i + 16 <= n; i += 16, bits += 2 * qm) {
        __m512i x = split(&w, bits);
        if (qm < 10)
            x = _mm512_or_si512(x, _mm512_slli_epi32(x, 12));
        else
            x = _mm512_or_si512(_mm512_or_si512(pick(x, 0xf), pick(_mm512_srli_epi32(x, 4), 0x10)),
                                _mm512_or_si512(pick(_mm512_slli_epi32(x, 12), 0xf0000),
                                                pick(_mm512_slli_epi32(x, 8), 0x100000)));
        _mm512_storeu_si512(out + i, _mm512_permutexvar_epi16(x, level));
    }
    return i;
}

static size_t map_cf(unsigned qm, const uint8_t *bits, size_t n, const modulation_levels_t *l, cf_t *out)
{
    const __m512 low = _mm512_load_ps(l->level), high = _mm512_load_ps(l->level + 16);
    const __m512i first = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i second = _mm512_add_epi32(first, _mm512_set1_epi32(8));
    const window_t w = make_window(qm);
    size_t i = 0;
    for (; i + 16 <= n; i += 16, bits += 2 * qm) {
        __m512i x = split(&w, bits), q = _mm512_srli_epi32(x, 4);
        if (qm == 10) {
            q = _mm512_or_si512(pick(q, 0xf), pick(_mm512_srli_epi32(x, 8), 0x10));
            x = _mm512_or_si512(pick(x, 0xf), pick(_mm512_srli_epi32(x, 4), 0x10));
        }
        __m512 re = _mm512_permutex2var_ps(low, x, high), im = _mm512_permutex2var_ps(low, q, high);
        _mm512_storeu_ps(out + i, _mm512_permutex2var_ps(re, first, im));
        _mm512_storeu_ps(out + i + 8, _mm512_permutex2var_ps(re, second, im));
    }
    return i;
}

const modulation_ops_t modulation_ops_avx512 = {.map_ci16 = map_ci16, .map_cf = map_cf};
