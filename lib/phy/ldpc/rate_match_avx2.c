/* SPDX-License-Identifier: Apache-2.0 */
/* 256 columns at a time: each row is a register; registers are transposed by bytes, then the 8 x 8 bits of
 * each word by swaps. */
#include "lib/phy/ldpc/rate_match_kernel.h"

#include <immintrin.h>

/* 256 bits from bit `at` on. */
static inline __m256i load_at(const uint8_t *p, uint32_t at)
{
    unsigned s = at % 8;
    __m256i a = _mm256_loadu_si256((const __m256i *)(p + at / 8));
    __m256i b = _mm256_loadu_si256((const __m256i *)(p + at / 8 + 1));
    a = _mm256_and_si256(_mm256_sll_epi16(a, _mm_cvtsi32_si128((int)s)), _mm256_set1_epi8((char)(0xff << s)));
    b = _mm256_andnot_si256(_mm256_set1_epi8((char)(0xff << s)),
                            _mm256_srl_epi16(b, _mm_cvtsi32_si128((int)(8 - s))));
    return _mm256_or_si256(a, b);
}

/* x[k] lane l: bytes 16 l + 2 k and 16 l + 2 k + 1 of all eight rows. */
static inline __attribute__((always_inline)) void transpose_rows(__m256i x[8])
{
    __m256i a[8], b[8];
    for (unsigned i = 0; i < 4; i++) {
        a[2 * i] = _mm256_unpacklo_epi8(x[2 * i], x[2 * i + 1]);
        a[2 * i + 1] = _mm256_unpackhi_epi8(x[2 * i], x[2 * i + 1]);
    }
    for (unsigned i = 0; i < 2; i++)
        for (unsigned h = 0; h < 2; h++) {
            b[4 * i + 2 * h] = _mm256_unpacklo_epi16(a[4 * i + h], a[4 * i + 2 + h]);
            b[4 * i + 2 * h + 1] = _mm256_unpackhi_epi16(a[4 * i + h], a[4 * i + 2 + h]);
        }
    for (unsigned h = 0; h < 4; h++) {
        x[2 * h] = _mm256_unpacklo_epi32(b[h], b[4 + h]);
        x[2 * h + 1] = _mm256_unpackhi_epi32(b[h], b[4 + h]);
    }
}

static inline __attribute__((always_inline)) __m256i swap_bits(__m256i x, int s, uint64_t m)
{
    __m256i t =
        _mm256_and_si256(_mm256_xor_si256(x, _mm256_srli_epi64(x, s)), _mm256_set1_epi64x((long long)m));
    return _mm256_xor_si256(x, _mm256_xor_si256(t, _mm256_slli_epi64(t, s)));
}

/* Two words of each lane, eight rows each, to 16 columns: the first 2 * qm bytes of a lane. Rows are the last
 * qm of the eight, and the last row in a word's first byte. */
static inline __attribute__((always_inline)) __m256i columns(__m256i x, unsigned qm)
{
    x = swap_bits(x, 7, 0x00aa00aa00aa00aa);
    x = swap_bits(x, 14, 0x0000cccc0000cccc);
    x = swap_bits(x, 28, 0x00000000f0f0f0f0);
    /* Now byte j of a word is column 7 - j with the first row on top. */
    const __m256i words = _mm256_setr_epi8(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4,
                                           3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);
    x = _mm256_shuffle_epi8(x, words);
    if (qm == 6) {
        const __m256i pack = _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1, 2, 1, 0,
                                              6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
        x = _mm256_maddubs_epi16(x, _mm256_set1_epi16(0x0140));
        x = _mm256_madd_epi16(x, _mm256_set1_epi32(0x00011000));
        x = _mm256_shuffle_epi8(x, pack);
    } else if (qm == 4) {
        x = _mm256_maddubs_epi16(x, _mm256_set1_epi16(0x0110));
        x = _mm256_packus_epi16(x, x);
    } else if (qm == 2) {
        x = _mm256_maddubs_epi16(x, _mm256_set1_epi16(0x0104));
        x = _mm256_madd_epi16(x, _mm256_set1_epi32(0x00010010));
        x = _mm256_packus_epi32(x, x);
        x = _mm256_packus_epi16(x, x);
    }
    return x;
}

static inline __attribute__((always_inline)) void interleave_256(const uint8_t *circ, uint32_t n_circ,
                                                                 unsigned qm, const uint32_t *start,
                                                                 uint32_t n_cols, uint8_t *ret_f)
{
    uint32_t at[8];
    memcpy(at, start, qm * sizeof *at);
    for (; n_cols > 0; ret_f += 32 * qm) {
        uint32_t n = n_cols < 256 ? n_cols : 256;
        __m256i x[8];
        for (unsigned i = qm; i < 8; i++)
            x[i] = _mm256_setzero_si256();
        for (unsigned i = 0; i < qm; i++) {
            x[qm - 1 - i] = load_at(circ, at[i]);
            at[i] += 256;
            if (at[i] >= n_circ)
                at[i] %= n_circ;
        }
        transpose_rows(x);
        n_cols -= n;
        uint8_t last[32 * 8 + 16],
            *out = n_cols >= 64 ? ret_f : last; /* room for what a store writes too much */
        for (unsigned k = 0; k < 8; k++) { /* ascending: each overwrites what the one before wrote too much */
            x[k] = columns(x[k], qm);
            _mm_storeu_si128((__m128i *)(out + 2 * k * qm), _mm256_castsi256_si128(x[k]));
        }
        for (unsigned k = 0; k < 8; k++)
            _mm_storeu_si128((__m128i *)(out + (16 + 2 * k) * qm), _mm256_extracti128_si256(x[k], 1));
        if (out == last) {
            uint32_t bits = n * qm;
            last[bits / 8] &= (uint8_t)(0xff00 >> bits % 8);
            memcpy(ret_f, last, (bits + 7) / 8);
        }
    }
}

static void interleave_rows(const uint8_t *circ, uint32_t n_circ, unsigned qm, const uint32_t *at,
                            uint32_t n_cols, uint8_t *ret_f)
{
    switch (qm) {
    case 2:
        interleave_256(circ, n_circ, 2, at, n_cols, ret_f);
        break;
    case 4:
        interleave_256(circ, n_circ, 4, at, n_cols, ret_f);
        break;
    case 6:
        interleave_256(circ, n_circ, 6, at, n_cols, ret_f);
        break;
    case 8:
        interleave_256(circ, n_circ, 8, at, n_cols, ret_f);
        break;
    default:
        interleave_any(circ, n_circ, qm, at, n_cols, ret_f);
    }
}

const rate_match_ops_t rate_match_ops_avx2 = {interleave_rows};
