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

/* Bit 8b + i is the parity of fixed bits of the window at bit i, which ones depends on b: a product of 8 x 8
 * bits, whose matrix has a byte of the eight windows as its rows and whose vectors are table entries. */
static void windows(uint64_t s, __m512i ret[4])
{
    const __m512i by = _mm512_setr_epi64(33, 32, 31, 30, 29, 28, 27, 26);
    _Alignas(64) static const uint8_t rows[64] = {0,  8,  16, 24, 32, 40, 48, 56, 1,  9,  17,
                                                  25, 33, 41, 49, 57, 2,  10, 18, 26, 34, 42,
                                                  50, 58, 3,  11, 19, 27, 35, 43, 51, 59};
    __m512i w = _mm512_srlv_epi64(_mm512_set1_epi64((long long)s), by);
    w = _mm512_permutexvar_epi8(_mm512_load_si512(rows), w);
    for (int j = 0; j < 4; j++)
        ret[j] = _mm512_permutexvar_epi64(_mm512_set1_epi64(j), w);
}

static void span(const struct gold_tables *t, uint64_t s1, uint64_t s2, size_t vectors, uint8_t *c)
{
    __m512i a[2][4];
    windows(s1, a[0]);
    windows(s2, a[1]);
    for (size_t v = 0; v < vectors; v++) {
        __m512i x[8];
        for (int j = 0; j < 8; j++)
            x[j] = _mm512_gf2p8affine_epi64_epi8(_mm512_load_si512(t->parity[v][j / 4][j % 4]),
                                                 a[j / 4][j % 4], 0);
        __m512i low = _mm512_ternarylogic_epi64(x[0], x[1], x[2], 0x96);
        __m512i high = _mm512_ternarylogic_epi64(x[3], x[4], x[5], 0x96);
        x[6] = _mm512_xor_si512(x[6], x[7]);
        _mm512_storeu_si512(c + 64 * v, _mm512_ternarylogic_epi64(low, high, x[6], 0x96));
    }
}

#define GOLD_SPAN_OP span
#define GOLD_OPS gold_ops_avx512
#include "lib/phy/signal/gold_kernel.h"
