/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lib/phy/polar/list_avx2.h"

static inline __m512i load4(const void *p)
{
    return _mm512_loadu_si512(p);
}

static void spread(const int16_t *root, int16_t (*llr)[POLAR_LIST], unsigned n)
{
    const __m512i each = _mm512_setr_epi64(0, 0, 0x0001000100010001, 0x0001000100010001, 0x0002000200020002,
                                           0x0002000200020002, 0x0003000300030003, 0x0003000300030003);
    for (unsigned i = 0; i < n; i += 4)
        _mm512_storeu_si512(llr[i], _mm512_permutexvar_epi16(each, _mm512_castsi128_si512(_mm_loadl_epi64(
                                                                       (const void *)(root + i)))));
}

static void node_f(const int16_t (*in)[POLAR_LIST], int16_t (*out)[POLAR_LIST], unsigned half)
{
    if (half == 1) {
        f_one(in, out);
        return;
    }
    if (half == 2) {
        _mm256_storeu_si256((void *)out, f2(load2(in), load2(in + 2)));
        return;
    }
    for (unsigned i = 0; i < half; i += 4) {
        __m512i a = load4(in[i]), b = load4(in[half + i]);
        __m512i least = _mm512_min_epi16(_mm512_abs_epi16(a), _mm512_abs_epi16(b));
        __mmask32 minus = _mm512_movepi16_mask(_mm512_xor_si512(a, b));
        _mm512_storeu_si512(out[i], _mm512_mask_sub_epi16(least, minus, _mm512_setzero_si512(), least));
    }
}

static inline __m512i add4(__m512i a, __m512i b)
{
    return _mm512_max_epi16(_mm512_adds_epi16(a, b), _mm512_set1_epi16(-32767));
}

static void node_g(const int16_t (*in)[POLAR_LIST], int16_t (*out)[POLAR_LIST], unsigned half,
                   const uint8_t *left, const uint8_t from[POLAR_LIST])
{
    if (half == 1) {
        g_one(in, out, *left, from);
        return;
    }
    if (half == 2) {
        __m256i order = _mm256_broadcastsi128_si256(lanes16(from)), a = _mm256_shuffle_epi8(load2(in), order);
        uint16_t minus;
        memcpy(&minus, left, sizeof minus);
        a = _mm256_mask_sub_epi16(a, minus, _mm256_setzero_si256(), a);
        _mm256_storeu_si256((void *)out, add2(_mm256_shuffle_epi8(load2(in + 2), order), a));
        return;
    }
    __m512i order = _mm512_broadcast_i32x4(lanes16(from));
    for (unsigned i = 0; i < half; i += 4) {
        __m512i a = _mm512_shuffle_epi8(load4(in[i]), order);
        uint32_t minus;
        memcpy(&minus, left + i, sizeof minus);
        a = _mm512_mask_sub_epi16(a, minus, _mm512_setzero_si512(), a);
        _mm512_storeu_si512(out[i], add4(_mm512_shuffle_epi8(load4(in[half + i]), order), a));
    }
}

static void node_g_zero(const int16_t (*in)[POLAR_LIST], int16_t (*out)[POLAR_LIST], unsigned half,
                        const uint8_t from[POLAR_LIST])
{
    if (half < 4) {
        const uint8_t zero[2] = {0};
        node_g(in, out, half, zero, from);
        return;
    }
    __m512i order = _mm512_broadcast_i32x4(lanes16(from));
    for (unsigned i = 0; i < half; i += 4)
        _mm512_storeu_si512(out[i], _mm512_shuffle_epi8(add4(load4(in[i]), load4(in[half + i])), order));
}

/* Bit p of a byte from its bit from[p], as a matrix: its rows are in the bytes from the last to the first. */
static inline uint64_t bit_order(const uint8_t from[POLAR_LIST])
{
    __m128i f = _mm_loadl_epi64((const void *)from);
    __m128i row = _mm_shuffle_epi8(_mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0), f);
    return __builtin_bswap64((uint64_t)_mm_cvtsi128_si64(row));
}

static inline uint64_t reorder8(const uint8_t *bytes, unsigned n, uint64_t order)
{
    uint64_t w = 0;
    memcpy(&w, bytes, n);
    return (uint64_t)_mm_cvtsi128_si64(
        _mm_gf2p8affine_epi64_epi8(_mm_cvtsi64_si128((long long)w), _mm_cvtsi64_si128((long long)order), 0));
}

static void order_bits(uint8_t *bytes, unsigned n, const uint8_t from[POLAR_LIST])
{
    uint64_t order = bit_order(from);
    if (n >= 64) {
        __m512i o = _mm512_set1_epi64((long long)order);
        for (unsigned i = 0; i < n; i += 64)
            _mm512_storeu_si512(bytes + i, _mm512_gf2p8affine_epi64_epi8(load4(bytes + i), o, 0));
        return;
    }
    for (unsigned i = 0; i < n; i += 8) {
        unsigned m = n - i < 8 ? n - i : 8;
        uint64_t w = reorder8(bytes + i, m, order);
        memcpy(bytes + i, &w, m);
    }
}

static void node_combine(const uint8_t *left, const uint8_t *right, uint8_t *out, unsigned half,
                         const uint8_t from[POLAR_LIST])
{
    uint64_t order = bit_order(from);
    if (half >= 64) {
        __m512i o = _mm512_set1_epi64((long long)order);
        for (unsigned i = 0; i < half; i += 64) {
            __m512i r = load4(right + i);
            _mm512_storeu_si512(out + i,
                                _mm512_xor_si512(_mm512_gf2p8affine_epi64_epi8(load4(left + i), o, 0), r));
            _mm512_storeu_si512(out + half + i, r);
        }
        return;
    }
    for (unsigned i = 0; i < half; i += 8) {
        unsigned m = half - i < 8 ? half - i : 8;
        uint64_t w = reorder8(left + i, m, order), r = 0;
        memcpy(&r, right + i, m);
        w ^= r;
        memcpy(out + i, &w, m);
        memcpy(out + half + i, &r, m);
    }
}

static unsigned hard(const int16_t (*llr)[POLAR_LIST], unsigned n, uint8_t *bits)
{
    unsigned odd = 0;
    if (n < 4) {
        for (unsigned i = 0; i < n; i++) {
            bits[i] = (uint8_t)_mm_movepi16_mask(load1(llr[i]));
            odd ^= bits[i];
        }
        return odd;
    }
    for (unsigned i = 0; i < n; i += 4) {
        uint32_t four = _mm512_movepi16_mask(load4(llr[i]));
        memcpy(bits + i, &four, sizeof four);
        odd ^= four;
    }
    odd ^= odd >> 16;
    return (odd ^ odd >> 8) & 0xff;
}

static bool select_paths(int32_t metric[POLAR_LIST], const int32_t cost[POLAR_LIST], uint8_t from[POLAR_LIST],
                         unsigned *ret_changed)
{
    __m256i a = load2(metric), b = load2(cost);
    if (nobody_changes(a, b))
        return false;
    const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i key = _mm512_inserti64x4(_mm512_castsi256_si512(a), b, 1);
    key = _mm512_or_si512(_mm512_slli_epi32(key, 4), lane);
    const __m512i one = _mm512_set1_epi32(1);
    __m512i rank[3] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512()};
/* Counts the keys that are smaller than the key i lanes on. */
#define COUNT(i)                                                                                             \
    (rank[(i) % 3] = _mm512_mask_add_epi32(                                                                  \
         rank[(i) % 3], _mm512_cmplt_epi32_mask(_mm512_alignr_epi32(key, key, i), key), rank[(i) % 3], one))
    COUNT(1), COUNT(2), COUNT(3), COUNT(4), COUNT(5), COUNT(6), COUNT(7), COUNT(8);
    COUNT(9), COUNT(10), COUNT(11), COUNT(12), COUNT(13), COUNT(14), COUNT(15);
#undef COUNT
    rank[0] = _mm512_add_epi32(_mm512_add_epi32(rank[0], rank[1]), rank[2]);
    __mmask16 kept = _mm512_cmplt_epi32_mask(rank[0], _mm512_set1_epi32(POLAR_LIST));
    __m256i best = _mm512_castsi512_si256(_mm512_maskz_compress_epi32(kept, key));
    _mm256_storeu_si256((void *)metric, _mm256_srai_epi32(best, 4));
    _mm_storel_epi64((void *)from, _mm256_cvtepi32_epi8(_mm256_and_si256(best, _mm256_set1_epi32(7))));
    *ret_changed = _mm256_test_epi32_mask(best, _mm256_set1_epi32(8));
    return true;
}

#include "lib/phy/polar/list_kernel.h"

static void code_word(const uint8_t *sums, unsigned n, unsigned path, uint64_t *ret)
{
    __m512i bit = _mm512_set1_epi8((char)(1 << path));
    for (unsigned i = 0; i < n; i += 64)
        ret[i / 64] = _mm512_test_epi8_mask(load4(sums + i), bit) & (n < 64 ? 0xffffffff : ~(uint64_t)0);
}

const polar_ops_t polar_ops_avx512 = {.run = run_list, .code_word = code_word};
