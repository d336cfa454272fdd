/* SPDX-License-Identifier: Apache-2.0 */
/* 512 columns at a time: each row is a register; registers are transposed by words, words' bytes within a
 * register, and the 8 x 8 bits of a word by one product with the identity. */
#include "lib/phy/ldpc/rate_match_kernel.h"

#include <immintrin.h>

/* Matrices that shift bytes: left by s, and the following byte right by 8 - s. */
static inline __m512i shifts_left(unsigned s)
{
    return _mm512_set1_epi64((long long)(0x0102040810204080u >> 8 * s));
}
static inline __m512i shifts_right(unsigned s)
{
    return s ? _mm512_set1_epi64((long long)(0x0102040810204080u << 8 * (8 - s))) : _mm512_setzero_si512();
}

/* 512 bits from bit `at` on. */
static inline __m512i load_at(const uint8_t *p, uint32_t at)
{
    __m512i a = _mm512_loadu_si512(p + at / 8), b = _mm512_loadu_si512(p + at / 8 + 1);
    return _mm512_xor_si512(_mm512_gf2p8affine_epi64_epi8(a, shifts_left(at % 8), 0),
                            _mm512_gf2p8affine_epi64_epi8(b, shifts_right(at % 8), 0));
}

/* x[i] word q becomes x[q] word i. */
static inline __attribute__((always_inline)) void transpose_words(__m512i x[8])
{
    __m512i a[8];
    for (unsigned i = 0; i < 8; i += 2) {
        a[i] = _mm512_unpacklo_epi64(x[i], x[i + 1]);
        a[i + 1] = _mm512_unpackhi_epi64(x[i], x[i + 1]);
    }
    /* a[2 i + o] lane q: words 2 q + o of rows 2 i, 2 i + 1 */
    for (unsigned o = 0; o < 2; o++) {
        __m512i b0 = _mm512_shuffle_i64x2(a[o], a[2 + o], 0x44),
                b1 = _mm512_shuffle_i64x2(a[o], a[2 + o], 0xee);
        __m512i c0 = _mm512_shuffle_i64x2(a[4 + o], a[6 + o], 0x44);
        __m512i c1 = _mm512_shuffle_i64x2(a[4 + o], a[6 + o], 0xee);
        x[o] = _mm512_shuffle_i64x2(b0, c0, 0x88);
        x[2 + o] = _mm512_shuffle_i64x2(b0, c0, 0xdd);
        x[4 + o] = _mm512_shuffle_i64x2(b1, c1, 0x88);
        x[6 + o] = _mm512_shuffle_i64x2(b1, c1, 0xdd);
    }
}

typedef struct {
    __m512i bytes;    /* transposes 8 x 8 bytes */
    __m512i identity; /* the bits of a word's matrix */
    __m512i pack;     /* 64QAM: three bytes of each 32 bits, first bits first */
} masks_t;

/* Eight words of eight rows each to 64 columns: 8 * qm bytes, of 64 that are written. Rows are the last qm of
 * the eight. */
static inline __attribute__((always_inline)) void store_64(const masks_t *m, __m512i x, unsigned qm,
                                                           uint8_t *out)
{
    x = _mm512_permutexvar_epi8(m->bytes, x);
    x = _mm512_gf2p8affine_epi64_epi8(m->identity, x, 0);
    if (qm == 8) {
        _mm512_storeu_si512(out, x);
    } else if (qm == 6) {
        x = _mm512_maddubs_epi16(x, _mm512_set1_epi16(0x0140));
        x = _mm512_madd_epi16(x, _mm512_set1_epi32(0x00011000));
        _mm512_storeu_si512(out, _mm512_permutexvar_epi8(m->pack, x));
    } else if (qm == 4) {
        x = _mm512_maddubs_epi16(x, _mm512_set1_epi16(0x0110));
        _mm256_storeu_si256((__m256i *)out, _mm512_cvtepi16_epi8(x));
    } else {
        x = _mm512_maddubs_epi16(x, _mm512_set1_epi16(0x0104));
        x = _mm512_madd_epi16(x, _mm512_set1_epi32(0x00010010));
        _mm_storeu_si128((__m128i *)out, _mm512_cvtepi32_epi8(x));
    }
}

static inline __attribute__((always_inline)) void interleave_512(const uint8_t *circ, uint32_t n_circ,
                                                                 unsigned qm, const uint32_t *start,
                                                                 uint32_t n_cols, uint8_t *ret_f)
{
    uint8_t index[64], pack[64] = {0};
    for (unsigned i = 0; i < 64; i++)
        index[i] = (uint8_t)(i % 8 * 8 + i / 8);
    for (unsigned i = 0; i < 48; i++)
        pack[i] = (uint8_t)(i / 3 * 4 + 2 - i % 3);
    const masks_t m = {_mm512_loadu_si512(index), _mm512_set1_epi64(0x0102040810204080),
                       _mm512_loadu_si512(pack)};
    uint32_t at[8];
    memcpy(at, start, qm * sizeof *at);
    for (; n_cols > 0; ret_f += 64 * qm) {
        uint32_t n = n_cols < 512 ? n_cols : 512;
        __m512i x[8];
        for (unsigned i = 0; i < 8 - qm; i++)
            x[i] = _mm512_setzero_si512();
        for (unsigned i = 0; i < qm; i++) {
            x[8 - qm + i] = load_at(circ, at[i]);
            at[i] += 512;
            if (at[i] >= n_circ)
                at[i] %= n_circ;
        }
        transpose_words(x);
        n_cols -= n;
        if (n_cols >= 32) { /* room for what a store writes too much */
            for (unsigned q = 0; q < 8; q++)
                store_64(&m, x[q], qm, ret_f + q * 8 * qm);
        } else {
            uint8_t last[64 * 8 + 64];
            uint32_t bits = n * qm;
            for (unsigned q = 0; q < 8; q++)
                store_64(&m, x[q], qm, last + q * 8 * qm);
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
        interleave_512(circ, n_circ, 2, at, n_cols, ret_f);
        break;
    case 4:
        interleave_512(circ, n_circ, 4, at, n_cols, ret_f);
        break;
    case 6:
        interleave_512(circ, n_circ, 6, at, n_cols, ret_f);
        break;
    case 8:
        interleave_512(circ, n_circ, 8, at, n_cols, ret_f);
        break;
    default:
        interleave_any(circ, n_circ, qm, at, n_cols, ret_f);
    }
}

const rate_match_ops_t rate_match_ops_avx512 = {interleave_rows};
