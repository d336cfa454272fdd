/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lib/phy/polar/list_avx2.h"

static void spread(const int16_t *root, int16_t (*llr)[POLAR_LIST], unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        _mm_storeu_si128((void *)llr[i], _mm_set1_epi16(root[i]));
}

static void node_f(const int16_t (*in)[POLAR_LIST], int16_t (*out)[POLAR_LIST], unsigned half)
{
    if (half == 1) {
        f_one(in, out);
        return;
    }
    for (unsigned i = 0; i < half; i += 2)
        _mm256_storeu_si256((void *)out[i], f2(load2(in[i]), load2(in[half + i])));
}

static void node_g(const int16_t (*in)[POLAR_LIST], int16_t (*out)[POLAR_LIST], unsigned half,
                   const uint8_t *left, const uint8_t from[POLAR_LIST])
{
    if (half == 1) {
        g_one(in, out, *left, from);
        return;
    }
    __m256i order = _mm256_broadcastsi128_si256(lanes16(from));
    for (unsigned i = 0; i < half; i += 2) {
        __m256i a = _mm256_shuffle_epi8(load2(in[i]), order);
        __m256i b = _mm256_shuffle_epi8(load2(in[half + i]), order), m = masks2(left + i);
        _mm256_storeu_si256((void *)out[i], add2(b, _mm256_sub_epi16(_mm256_xor_si256(a, m), m)));
    }
}

static void node_g_zero(const int16_t (*in)[POLAR_LIST], int16_t (*out)[POLAR_LIST], unsigned half,
                        const uint8_t from[POLAR_LIST])
{
    if (half == 1) {
        g_one(in, out, 0, from);
        return;
    }
    __m256i order = _mm256_broadcastsi128_si256(lanes16(from));
    for (unsigned i = 0; i < half; i += 2)
        _mm256_storeu_si256((void *)out[i],
                            _mm256_shuffle_epi8(add2(load2(in[i]), load2(in[half + i])), order));
}

/* For the low and the high half of a byte: what its bits become. */
typedef struct {
    __m256i low, high;
} bit_order_t;

static inline bit_order_t bit_order(const uint8_t from[POLAR_LIST])
{
    /* Lane p of the comparison with s is set where path p comes from path s. */
    __m128i f = _mm_loadl_epi64((const void *)from);
    uint8_t to[POLAR_LIST];
    for (int s = 0; s < POLAR_LIST; s++)
        to[s] = (uint8_t)_mm_movemask_epi8(_mm_cmpeq_epi8(f, _mm_set1_epi8((char)s)));
    const __m128i nibble = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m128i table[2] = {_mm_setzero_si128(), _mm_setzero_si128()};
    for (int s = 0; s < POLAR_LIST; s++) {
        __m128i bit = _mm_set1_epi8((char)(1 << (s & 3)));
        __m128i has = _mm_cmpeq_epi8(_mm_and_si128(nibble, bit), bit);
        table[s >> 2] = _mm_or_si128(table[s >> 2], _mm_and_si128(has, _mm_set1_epi8((char)to[s])));
    }
    return (bit_order_t){_mm256_broadcastsi128_si256(table[0]), _mm256_broadcastsi128_si256(table[1])};
}

static inline __m256i reorder32(__m256i v, bit_order_t o)
{
    const __m256i nibble = _mm256_set1_epi8(15);
    return _mm256_or_si256(_mm256_shuffle_epi8(o.low, _mm256_and_si256(v, nibble)),
                           _mm256_shuffle_epi8(o.high, _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble)));
}

static inline uint64_t reorder8(const uint8_t *bytes, unsigned n, bit_order_t o)
{
    uint64_t w = 0;
    memcpy(&w, bytes, n);
    return (uint64_t)_mm_cvtsi128_si64(
        _mm256_castsi256_si128(reorder32(_mm256_castsi128_si256(_mm_cvtsi64_si128((long long)w)), o)));
}

static void order_bits(uint8_t *bytes, unsigned n, const uint8_t from[POLAR_LIST])
{
    bit_order_t o = bit_order(from);
    unsigned i = 0;
    for (; i + 32 <= n; i += 32)
        _mm256_storeu_si256((void *)(bytes + i), reorder32(load2(bytes + i), o));
    for (; i < n; i += 8) {
        unsigned m = n - i < 8 ? n - i : 8;
        uint64_t w = reorder8(bytes + i, m, o);
        memcpy(bytes + i, &w, m);
    }
}

static void node_combine(const uint8_t *left, const uint8_t *right, uint8_t *out, unsigned half,
                         const uint8_t from[POLAR_LIST])
{
    bit_order_t o = bit_order(from);
    if (half >= 32) {
        for (unsigned i = 0; i < half; i += 32) {
            __m256i r = load2(right + i);
            _mm256_storeu_si256((void *)(out + i), _mm256_xor_si256(reorder32(load2(left + i), o), r));
            _mm256_storeu_si256((void *)(out + half + i), r);
        }
        return;
    }
    for (unsigned i = 0; i < half; i += 8) {
        unsigned m = half - i < 8 ? half - i : 8;
        uint64_t w = reorder8(left + i, m, o), r = 0;
        memcpy(&r, right + i, m);
        w ^= r;
        memcpy(out + i, &w, m);
        memcpy(out + half + i, &r, m);
    }
}

static unsigned hard(const int16_t (*llr)[POLAR_LIST], unsigned n, uint8_t *bits)
{
    unsigned odd = 0;
    for (unsigned i = 0; i < n; i++) {
        __m128i v = load1(llr + i);
        unsigned byte = (unsigned)_mm_movemask_epi8(_mm_packs_epi16(v, v)) & 0xff;
        bits[i] = (uint8_t)byte;
        odd ^= byte;
    }
    return odd;
}

static bool select_paths(int32_t metric[POLAR_LIST], const int32_t cost[POLAR_LIST], uint8_t from[POLAR_LIST],
                         unsigned *ret_changed)
{
    __m256i a = load2(metric), b = load2(cost);
    if (nobody_changes(a, b))
        return false;
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    a = _mm256_or_si256(_mm256_slli_epi32(a, 4), lane);
    b = _mm256_or_si256(_mm256_slli_epi32(b, 4), _mm256_add_epi32(lane, _mm256_set1_epi32(8)));
    __m256i rank_a = _mm256_setzero_si256(), rank_b = rank_a;
    const __m256i next = _mm256_setr_epi32(1, 2, 3, 4, 5, 6, 7, 0);
    __m256i ra = a, rb = b;
    for (unsigned i = 0; i < POLAR_LIST; i++) {
        rank_a =
            _mm256_add_epi32(rank_a, _mm256_add_epi32(_mm256_cmpgt_epi32(a, ra), _mm256_cmpgt_epi32(a, rb)));
        rank_b =
            _mm256_add_epi32(rank_b, _mm256_add_epi32(_mm256_cmpgt_epi32(b, ra), _mm256_cmpgt_epi32(b, rb)));
        ra = _mm256_permutevar8x32_epi32(ra, next);
        rb = _mm256_permutevar8x32_epi32(rb, next);
    }
    /* Ranks count downwards from 0. */
    const __m256i worst = _mm256_set1_epi32(-POLAR_LIST);
    unsigned kept = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(rank_a, worst)));
    kept |= (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(rank_b, worst))) << 8;
    int32_t key[2 * POLAR_LIST];
    _mm256_storeu_si256((void *)key, a);
    _mm256_storeu_si256((void *)(key + POLAR_LIST), b);
    unsigned changed = 0;
    for (unsigned have = 0; have < POLAR_LIST; have++, kept &= kept - 1) {
        unsigned i = (unsigned)__builtin_ctz(kept);
        changed |= (i >> 3) << have;
        from[have] = i & 7;
        metric[have] = key[i] >> 4;
    }
    *ret_changed = changed;
    return true;
}

#include "lib/phy/polar/list_kernel.h"

static void code_word(const uint8_t *sums, unsigned n, unsigned path, uint64_t *ret)
{
    __m128i shift = _mm_cvtsi32_si128(7 - (int)path);
    for (unsigned i = 0; i < n; i += 32) {
        uint64_t w = (uint32_t)_mm256_movemask_epi8(_mm256_sll_epi16(load2(sums + i), shift));
        ret[i / 64] = i & 32 ? ret[i / 64] | w << 32 : w;
    }
}

const polar_ops_t polar_ops_avx2 = {.run = run_list, .code_word = code_word};
