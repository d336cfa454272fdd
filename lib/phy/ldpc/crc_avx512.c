/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/ldpc/crc_inner.h"

#include <immintrin.h>

static inline __m128i fold(__m128i a, __m128i shift, __m128i b)
{
    return _mm_ternarylogic_epi64(_mm_clmulepi64_si128(a, shift, 0x11), _mm_clmulepi64_si128(a, shift, 0x00),
                                  b, 0x96);
}

static inline __m512i fold4(__m512i a, __m512i shift, __m512i b)
{
    return _mm512_ternarylogic_epi64(_mm512_clmulepi64_epi128(a, shift, 0x11),
                                     _mm512_clmulepi64_epi128(a, shift, 0x00), b, 0x96);
}

static inline __m128i load_shift(const crc_shift_t *s)
{
    return _mm_set_epi64x((long long)s->high, (long long)s->low);
}

size_t crc_fold_avx512(const crc_fold_t *k, uint32_t state, const uint8_t *p, size_t n, uint8_t ret[16])
{
    if (n < 64)
        return 0;
    const __m128i swap = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i swap4 = _mm512_broadcast_i32x4(swap);
    const __m512i by_512 = _mm512_broadcast_i32x4(load_shift(&k->by_512));
    const __m128i by_128 = load_shift(&k->by_128);
    __m512i first = _mm512_zextsi128_si512(_mm_set_epi32((int)state, 0, 0, 0));
    __m512i a[4];
    a[0] = _mm512_xor_si512(_mm512_shuffle_epi8(_mm512_loadu_si512(p), swap4), first);
    size_t at = 64;
    if (n >= 256) {
        const __m512i by_2048 = _mm512_broadcast_i32x4(load_shift(&k->by_2048));
        for (int i = 1; i < 4; i++)
            a[i] = _mm512_shuffle_epi8(_mm512_loadu_si512(p + 64 * i), swap4);
        for (at = 256; at + 256 <= n; at += 256)
            for (int i = 0; i < 4; i++)
                a[i] = fold4(a[i], by_2048, _mm512_shuffle_epi8(_mm512_loadu_si512(p + at + 64 * i), swap4));
        for (int i = 1; i < 4; i++)
            a[0] = fold4(a[0], by_512, a[i]);
    }
    for (; at + 64 <= n; at += 64)
        a[0] = fold4(a[0], by_512, _mm512_shuffle_epi8(_mm512_loadu_si512(p + at), swap4));
    __m128i r = _mm512_castsi512_si128(a[0]);
    r = fold(r, by_128, _mm512_extracti32x4_epi32(a[0], 1));
    r = fold(r, by_128, _mm512_extracti32x4_epi32(a[0], 2));
    r = fold(r, by_128, _mm512_extracti32x4_epi32(a[0], 3));
    for (; at + 16 <= n; at += 16)
        r = fold(r, by_128, _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(p + at)), swap));
    _mm_storeu_si128((__m128i *)ret, _mm_shuffle_epi8(r, swap));
    return at;
}
