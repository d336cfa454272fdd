/* SPDX-License-Identifier: Apache-2.0 */
/* AVX2: a PRB at a time. Eight samples (a 128-bit lane) are iq_width bytes on the wire whatever the width is,
 * so that a lane packs by itself: pairs by a multiplication, pairs of pairs by another, bytes turned round by
 * one shuffle; an odd width shares the byte in the middle, which a second shuffle brings. */
#include "fronthaul/compression/bfp.h"

#include <immintrin.h>
#include <string.h>

typedef struct {
    __m256i mask, largest, pair, quad, down, first, second;
} pack_t;

/* Widths below 16. Quad q0 of a lane (samples 0..3) stands `odd` bits high, so that it ends on a byte. */
static void pack_init(pack_t *k, unsigned w)
{
    unsigned odd = w % 2 ? 4 : 0, n0 = (4 * w + odd) / 8;
    uint8_t first[16], second[16];
    memset(first, 0x80, sizeof first);
    memset(second, 0x80, sizeof second);
    for (unsigned b = 0; b < w; b++)
        first[b] = (uint8_t)(b < n0 ? n0 - 1 - b : 8 + w - 1 - b);
    if (odd)
        second[n0 - 1] = (uint8_t)(8 + n0 - 1);
    k->mask = _mm256_set1_epi16((short)((1 << w) - 1));
    k->largest = _mm256_set1_epi16((short)((1 << (w - 1)) - 1));
    k->pair = _mm256_set1_epi32((1 << 16) | (1 << w)); /* low sample x 2^w + high one; not for w = 15 */
    k->quad = _mm256_set_epi64x(INT64_C(1) << (2 * w), INT64_C(1) << (2 * w + odd), INT64_C(1) << (2 * w),
                                INT64_C(1) << (2 * w + odd));
    k->down = w == 15 ? _mm256_set_epi64x(4, 0, 4, 0) : _mm256_set_epi64x(32, 32 - odd, 32, 32 - odd);
    k->first = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)first));
    k->second = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)second));
}

__attribute__((always_inline)) static inline __m256i pack(const pack_t *k, unsigned w, __m256i x,
                                                          __m256i half, __m128i exponent)
{
    x = _mm256_sra_epi16(_mm256_adds_epi16(x, half), exponent);
    x = _mm256_and_si256(_mm256_min_epi16(x, k->largest), k->mask);
    __m256i quad;
    if (w == 15) { /* 2^15 is no factor of 16 bits, 2^34 none of 32 */
        __m256i pair =
            _mm256_or_si256(_mm256_srli_epi32(_mm256_slli_epi32(x, 16), 1), _mm256_srli_epi32(x, 16));
        __m256i high = _mm256_slli_epi64(_mm256_srli_epi64(pair, 32), 4);
        quad = _mm256_srlv_epi64(_mm256_or_si256(_mm256_slli_epi64(pair, 34), high), k->down);
    } else {
        __m256i pair = _mm256_madd_epi16(x, k->pair);
        quad = _mm256_or_si256(_mm256_mul_epu32(pair, k->quad), _mm256_srlv_epi64(pair, k->down));
    }
    __m256i bytes = _mm256_shuffle_epi8(quad, k->first);
    return w % 2 ? _mm256_or_si256(bytes, _mm256_shuffle_epi8(quad, k->second)) : bytes;
}

__attribute__((always_inline)) static inline void compress_kind(unsigned w, const ci16_t *in, size_t n_prb,
                                                                uint8_t *out)
{
    const size_t bytes = bfp_prb_bytes(w), direct = 2 * (size_t)w + 17; /* a lane's store is 16 bytes */
    size_t left = n_prb * bytes;
    pack_t k;
    pack_init(&k, w);
    for (size_t p = 0; p < n_prb; p++, in += BFP_PRB_RE, out += bytes, left -= bytes) {
        __m256i ab = _mm256_loadu_si256((const __m256i *)in);
        __m128i c = _mm_loadu_si128((const __m128i *)(in + 8));
        __m256i used = _mm256_xor_si256(ab, _mm256_srai_epi16(ab, 15));
        __m128i any = _mm_xor_si128(c, _mm_srai_epi16(c, 15));
        any =
            _mm_or_si128(any, _mm_or_si128(_mm256_castsi256_si128(used), _mm256_extracti128_si256(used, 1)));
        any = _mm_minpos_epu16(_mm_xor_si128(any, _mm_set1_epi16(-1)));
        unsigned most = 0xffff ^ (unsigned)_mm_extract_epi16(any, 0);
        unsigned raw = 31 - (unsigned)__builtin_clz(most << 1 | 1);
        unsigned e = raw > w - 1 ? raw - (w - 1) : 0;
        __m128i exponent = _mm_cvtsi32_si128((int)e);
        __m256i half = _mm256_set1_epi16((short)((1u << e) >> 1));
        ab = pack(&k, w, ab, half, exponent);
        c = _mm256_castsi256_si128(pack(&k, w, _mm256_castsi128_si256(c), half, exponent));
        uint8_t last[64], *to = left >= direct ? out : last;
        to[0] = (uint8_t)e;
        _mm_storeu_si128((__m128i *)(to + 1), _mm256_castsi256_si128(ab));
        _mm_storeu_si128((__m128i *)(to + 1 + w), _mm256_extracti128_si256(ab, 1));
        _mm_storeu_si128((__m128i *)(to + 1 + 2 * w), c);
        if (to == last)
            // cppcheck-suppress uninitvar ; written through `to`
            memcpy(out, last, bytes);
    }
}

/* Nothing to scale: exponent 0 and the bytes turned round. */
static void compress_16(const ci16_t *in, size_t n_prb, uint8_t *out)
{
    const __m256i swap = _mm256_set_epi8(14, 15, 12, 13, 10, 11, 8, 9, 6, 7, 4, 5, 2, 3, 0, 1, 14, 15, 12, 13,
                                         10, 11, 8, 9, 6, 7, 4, 5, 2, 3, 0, 1);
    for (; n_prb > 0; n_prb--, in += BFP_PRB_RE, out += 49) {
        __m256i ab = _mm256_loadu_si256((const __m256i *)in);
        __m128i c = _mm_loadu_si128((const __m128i *)(in + 8));
        out[0] = 0;
        _mm256_storeu_si256((__m256i *)(out + 1), _mm256_shuffle_epi8(ab, swap));
        _mm_storeu_si128((__m128i *)(out + 33), _mm_shuffle_epi8(c, _mm256_castsi256_si128(swap)));
    }
}

static void compress(unsigned w, const ci16_t *in, size_t n_prb, uint8_t *out)
{
    if (w == 16)
        compress_16(in, n_prb, out);
    else if (w == 15)
        compress_kind(15, in, n_prb, out);
    else if (w == 9)
        compress_kind(9, in, n_prb, out);
    else
        compress_kind(w, in, n_prb, out);
}

typedef struct {
    __m256i low, high;       /* bytes of samples 0..3 and 4..7 of a lane, each to the top of 32 bits */
    __m256i low_up, high_up; /* then up to the field's first bit */
    __m128i down;            /* then down with its sign */
} unpack_t;

static void unpack_init(unpack_t *k, unsigned w)
{
    uint8_t bytes[2][16];
    uint32_t up[2][4];
    for (unsigned i = 0; i < 8; i++) {
        unsigned first = i * w / 8;
        up[i / 4][i % 4] = i * w % 8;
        for (unsigned b = 0; b < 4; b++) /* what lies behind the lane is not part of the field */
            bytes[i / 4][i % 4 * 4 + 3 - b] = (uint8_t)((first + b) & 15);
    }
    k->low = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)bytes[0]));
    k->high = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)bytes[1]));
    k->low_up = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)up[0]));
    k->high_up = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)up[1]));
    k->down = _mm_cvtsi32_si128((int)(32 - w));
}

/* The last packing saturates. */
__attribute__((always_inline)) static inline __m256i unpack(const unpack_t *k, __m256i x, __m128i exponent)
{
    __m256i low = _mm256_sllv_epi32(_mm256_shuffle_epi8(x, k->low), k->low_up);
    __m256i high = _mm256_sllv_epi32(_mm256_shuffle_epi8(x, k->high), k->high_up);
    low = _mm256_sll_epi32(_mm256_sra_epi32(low, k->down), exponent);
    high = _mm256_sll_epi32(_mm256_sra_epi32(high, k->down), exponent);
    return _mm256_packs_epi32(low, high);
}

static void expand(unsigned w, const uint8_t *in, size_t n_prb, ci16_t *out)
{
    const size_t bytes = bfp_prb_bytes(w), direct = 2 * (size_t)w + 17;
    size_t left = n_prb * bytes;
    unpack_t k;
    unpack_init(&k, w);
    for (size_t p = 0; p < n_prb; p++, in += bytes, out += BFP_PRB_RE, left -= bytes) {
        uint8_t last[64];
        const uint8_t *from = in;
        if (left < direct) {
            memset(last, 0, sizeof last);
            memcpy(last, in, bytes);
            from = last;
        }
        __m128i exponent = _mm_cvtsi32_si128(from[0] & 15);
        __m256i ab =
            _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(from + 1))),
                                    _mm_loadu_si128((const __m128i *)(from + 1 + w)), 1);
        __m256i c = _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)(from + 1 + 2 * w)));
        _mm256_storeu_si256((__m256i *)out, unpack(&k, ab, exponent));
        _mm_storeu_si128((__m128i *)(out + 8), _mm256_castsi256_si128(unpack(&k, c, exponent)));
    }
}

const bfp_ops_t bfp_ops_avx2 = {compress, expand};
