/* SPDX-License-Identifier: Apache-2.0 */
/* qm streams are taken apart in steps: even from odd LLRs as long as qm is even, and what is left, 3 or 5
 * streams, by byte shuffles. */
#include "lib/phy/ldpc/decode_variants.h"
#include "lib/phy/ldpc/dematch_frame.h"

#include <immintrin.h>

static __m256i load(const int8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)p);
}

static void store(int8_t *p, __m256i x)
{
    _mm256_storeu_si256((__m256i *)p, x);
}

/* x[2 n] to even[n], x[2 n + 1] to odd[n]. n is a multiple of 32. */
static inline void halve(const int8_t *x, unsigned n, int8_t *even, int8_t *odd)
{
    const __m256i low = _mm256_set1_epi16(0xff);
    for (unsigned i = 0; i < n; i += 32) {
        __m256i a = load(x + 2 * i), b = load(x + 2 * i + 32);
        __m256i e = _mm256_packus_epi16(_mm256_and_si256(a, low), _mm256_and_si256(b, low));
        __m256i o = _mm256_packus_epi16(_mm256_srli_epi16(a, 8), _mm256_srli_epi16(b, 8));
        store(even + i, _mm256_permute4x64_epi64(e, 0xd8));
        store(odd + i, _mm256_permute4x64_epi64(o, 0xd8));
    }
}

static inline void add_64(const int8_t *x, int8_t *to, bool fresh)
{
    for (unsigned i = 0; i < BLOCK; i += 32) {
        __m256i v = load(x + i);
        if (!fresh)
            v = _mm256_adds_epi8(load(to + i), v);
        store(to + i, _mm256_max_epi8(v, _mm256_set1_epi8(-127)));
    }
}

/* x[m n + i] for n of 0..63 and i of 0 .. m - 1 to out[i * 2][n]; m is 3 or 5. */
__attribute__((always_inline)) static inline void split_odd(const unsigned m, const int8_t *x,
                                                            int8_t (*out)[BLOCK])
{
    int8_t index[5][5][16];
    for (unsigned i = 0; i < m; i++)
        for (unsigned v = 0; v < m; v++)
            for (unsigned n = 0; n < 16; n++) {
                unsigned at = m * n + i;
                index[i][v][n] = (int8_t)(at / 16 == v ? at % 16 : 0x80);
            }
    for (unsigned n = 0; n < BLOCK; n += 16)
        for (unsigned i = 0; i < m; i++) {
            __m128i y = _mm_setzero_si128();
            for (unsigned v = 0; v < m; v++) {
                __m128i in = _mm_loadu_si128((const __m128i *)(x + m * n + 16 * v));
                y = _mm_or_si128(y, _mm_shuffle_epi8(in, _mm_loadu_si128((const __m128i *)index[i][v])));
            }
            _mm_storeu_si128((__m128i *)(out[i * 2] + n), y);
        }
}

static void add_streams(unsigned qm, const int8_t *llr, int8_t *const *streams, bool fresh)
{
    int8_t half[2][5 * BLOCK], quarter[4][2 * BLOCK], out[MAX_QM][BLOCK];
    if (qm == 1) {
        add_64(llr, streams[0], fresh);
        return;
    }
    if (qm == 2)
        halve(llr, BLOCK, out[0], out[1]);
    else
        halve(llr, qm / 2 * BLOCK, half[0], half[1]);
    for (unsigned i = 0; i < 2 && qm > 2; i++) {
        if (qm == 4)
            halve(half[i], BLOCK, out[i], out[i + 2]);
        else if (qm == 6)
            split_odd(3, half[i], out + i);
        else if (qm == 10)
            split_odd(5, half[i], out + i);
        else
            halve(half[i], 2 * BLOCK, quarter[i], quarter[i + 2]);
    }
    for (unsigned i = 0; i < 4 && qm == 8; i++)
        halve(quarter[i], BLOCK, out[i], out[i + 4]);
    for (unsigned i = 0; i < qm; i++)
        add_64(out[i], streams[i], fresh);
}

const ldpc_dematch_ops_t ldpc_dematch_ops_avx2 = {.dematch = dematch_frame};
