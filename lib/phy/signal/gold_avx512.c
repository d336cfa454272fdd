/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/gold_ops.h"

#include <immintrin.h>
#include <string.h>

/* The first of the bits in memory order in bit 0, as masks have it. */
static uint64_t first_low(uint64_t c)
{
    __m128i v = _mm_cvtsi64_si128((long long)c);
    v = _mm_gf2p8affine_epi64_epi8(v, _mm_set1_epi64x((long long)0x8040201008040201), 0);
    return (uint64_t)_mm_cvtsi128_si64(v);
}

static uint64_t load64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return first_low(v);
}

static void flip(int8_t *llr, const uint8_t *c, size_t n)
{
    for (size_t i = 0; i < n; i += 64) {
        __mmask64 keep = n - i >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << (n - i)) - 1;
        __mmask64 negate = load64(c + i / 8) & keep;
        __m512i x = _mm512_maskz_loadu_epi8(keep, llr + i);
        x = _mm512_mask_sub_epi8(x, negate, _mm512_setzero_si512(), x);
        _mm512_mask_storeu_epi8(llr + i, keep, x);
    }
}

static void qpsk_ci16(ci16_t *out, const uint8_t *c, size_t n, int16_t a)
{
    const __m512i plus = _mm512_set1_epi16(a), minus = _mm512_set1_epi16((int16_t)-a);
    for (size_t i = 0; i < n; i += 32) {
        uint64_t left = 2 * (n - i), negate = load64(c + i / 4);
        uint64_t keep = left >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << left) - 1;
        _mm512_mask_storeu_epi16(out + i, (__mmask32)keep,
                                 _mm512_mask_mov_epi16(plus, (__mmask32)negate, minus));
        _mm512_mask_storeu_epi16(out + i + 16, (__mmask32)(keep >> 32),
                                 _mm512_mask_mov_epi16(plus, (__mmask32)(negate >> 32), minus));
    }
}

static void qpsk_cf(cf_t *out, const uint8_t *c, size_t n, float a)
{
    const __m512 plus = _mm512_set1_ps(a), minus = _mm512_set1_ps(-a);
    for (size_t i = 0; i < n; i += 32) {
        uint64_t left = 2 * (n - i), negate = load64(c + i / 4);
        uint64_t keep = left >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << left) - 1;
        for (unsigned k = 0; k < 4; k++)
            _mm512_mask_storeu_ps(out + i + 8 * k, (__mmask16)(keep >> 16 * k),
                                  _mm512_mask_mov_ps(plus, (__mmask16)(negate >> 16 * k), minus));
    }
}

__attribute__((target("pclmul"))) static uint64_t multiply(uint32_t a, uint32_t b)
{
    return (uint64_t)_mm_cvtsi128_si64(
        _mm_clmulepi64_si128(_mm_cvtsi32_si128((int)a), _mm_cvtsi32_si128((int)b), 0));
}

#define GOLD_OPS gold_ops_avx512
#include "lib/phy/signal/gold_kernel.h"
