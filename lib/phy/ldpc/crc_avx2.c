/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/ldpc/crc_inner.h"

#include <immintrin.h>

/* a * x^d, reduced to 96 bits and added to b */
static inline __m128i fold(__m128i a, __m128i shift, __m128i b)
{
    return _mm_xor_si128(_mm_clmulepi64_si128(a, shift, 0x11),
                         _mm_xor_si128(_mm_clmulepi64_si128(a, shift, 0x00), b));
}

static inline __m128i load_shift(const crc_shift_t *s)
{
    return _mm_set_epi64x((long long)s->high, (long long)s->low);
}

size_t crc_fold_avx2(const crc_fold_t *k, uint32_t state, const uint8_t *p, size_t n, uint8_t ret[16])
{
    if (n < 64)
        return 0;
    const __m128i swap = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m128i *in = (const __m128i *)p;
    __m128i a[4];
    for (int i = 0; i < 4; i++)
        a[i] = _mm_shuffle_epi8(_mm_loadu_si128(in + i), swap);
    a[0] = _mm_xor_si128(a[0], _mm_set_epi32((int)state, 0, 0, 0));
    size_t at = 4;
    __m128i by_512 = load_shift(&k->by_512), by_128 = load_shift(&k->by_128);
    for (; at + 4 <= n / 16; at += 4)
        for (int i = 0; i < 4; i++)
            a[i] = fold(a[i], by_512, _mm_shuffle_epi8(_mm_loadu_si128(in + at + i), swap));
    for (int i = 1; i < 4; i++)
        a[i] = fold(a[i - 1], by_128, a[i]);
    for (; at < n / 16; at++)
        a[3] = fold(a[3], by_128, _mm_shuffle_epi8(_mm_loadu_si128(in + at), swap));
    _mm_storeu_si128((__m128i *)ret, _mm_shuffle_epi8(a[3], swap));
    return at * 16;
}
