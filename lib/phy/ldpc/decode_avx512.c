/* SPDX-License-Identifier: Apache-2.0 */
/* 64 checks at a time, a row unrolled by its degree. Messages are kept as they are: 64 bytes an edge and
 * vector from L2 are cheaper (by 3 to 15%) than two magnitudes a row and two mask words an edge in L1. */
#include "lib/phy/ldpc/decode_frame.h"
#include "lib/phy/ldpc/decode_variants.h"
#include "lib/phy/sanitized.h"

#include <immintrin.h>

#if PHY_SANITIZED
#define UNROLL
#elif defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 20")
#endif

/* ldpc_rule_apply of 64. */
static inline __m512i soften(__m512i m, __m512i offset, __m512i most)
{
    __m512i x = _mm512_subs_epu8(m, offset);
    __m512i eighth = _mm512_and_si512(_mm512_srli_epi16(x, 3), _mm512_set1_epi8(0x1f));
    __m512i sixteenth = _mm512_and_si512(_mm512_srli_epi16(x, 4), _mm512_set1_epi8(0x0f));
    x = _mm512_sub_epi8(_mm512_sub_epi8(x, eighth), sixteenth);
    return _mm512_min_epu8(x, most);
}

PHY_TEMPLATE void update(const row_t *row, const unsigned n, const bool first, const bool extension)
{
    const __m512i zero = _mm512_setzero_si512(), offset = _mm512_set1_epi8((char)row->offset),
                  most = _mm512_set1_epi8((char)row->most);
    const unsigned zc = row->zc, n_old = first ? 0 : n - extension;
    int8_t *msg = row->msg;
    uint32_t off[GRAPH_MAX_DEGREE];
    UNROLL for (unsigned e = 0; e < n; e++) off[e] = row->off[e];
    for (unsigned at = 0; at < zc; at += LANES, msg += n * LANES) {
        __m512i t[GRAPH_MAX_DEGREE], min1 = _mm512_set1_epi8(-1), min2 = min1, sign = zero;
        UNROLL for (unsigned e = 0; e < n; e++)
        {
            __m512i x = _mm512_loadu_si512(row->src[e] + off[e]);
            off[e] += LANES;
            off[e] -= off[e] >= zc ? zc : 0;
            if (e < n_old)
                x = _mm512_subs_epi8(x, _mm512_load_si512(msg + e * LANES));
            t[e] = x;
            __m512i a = _mm512_abs_epi8(x);
            sign = _mm512_xor_si512(sign, x);
            min2 = _mm512_min_epu8(min2, _mm512_max_epu8(min1, a));
            min1 = _mm512_min_epu8(min1, a);
        }
        __m512i low1 = soften(min1, offset, most), low2 = soften(min2, offset, most);
        UNROLL for (unsigned e = 0; e < n; e++)
        {
            __mmask64 lowest = _mm512_cmpeq_epi8_mask(_mm512_abs_epi8(t[e]), min1);
            __mmask64 negative = _mm512_movepi8_mask(_mm512_xor_si512(sign, t[e]));
            __m512i m = _mm512_mask_mov_epi8(low1, lowest, low2);
            m = _mm512_mask_sub_epi8(m, negative, zero, m);
            if (e < n - extension)
                _mm512_store_si512(msg + e * LANES, m);
            _mm512_store_si512(row->dst[e] + at, _mm512_adds_epi8(t[e], m));
        }
    }
    for (unsigned e = 0; e < n; e++)
        _mm512_storeu_si512(row->dst[e] + zc, _mm512_load_si512(row->dst[e]));
}

#define DEGREES(X) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(19)
#define DEGREE(n)                                                                                            \
    static void update_##n(const row_t *row, bool first)                                                     \
    {                                                                                                        \
        if (first)                                                                                           \
            row->extension ? update(row, n, true, true) : update(row, n, true, false);                       \
        else                                                                                                 \
            row->extension ? update(row, n, false, true) : update(row, n, false, false);                     \
    }
DEGREES(DEGREE)

static void row_update(const row_t *row, bool first)
{
#define ENTRY(n) [n] = update_##n,
    static void (*const of_degree[GRAPH_MAX_DEGREE + 1])(const row_t *, bool) = {DEGREES(ENTRY)};
    of_degree[row->n](row, first);
}

static bool row_holds(const row_t *row, unsigned n_vectors)
{
    unsigned zc = row->zc;
    for (unsigned at = 0; at < zc && n_vectors > 0; at += LANES, n_vectors--) {
        __m512i sign = _mm512_setzero_si512();
        for (unsigned e = 0; e < row->n; e++) {
            unsigned off = row->off[e] + at;
            sign = _mm512_xor_si512(sign, _mm512_loadu_si512(row->src[e] + (off >= zc ? off - zc : off)));
        }
        uint64_t lanes = zc - at < LANES ? ~UINT64_C(0) >> (LANES - (zc - at)) : ~UINT64_C(0);
        if (_mm512_movepi8_mask(sign) & lanes)
            return false;
    }
    return true;
}

static uint64_t pack_64(const int8_t *llr, uint64_t *ret_unknown)
{
    const __m512i backwards =
        _mm512_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
                        24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44,
                        45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63);
    __m512i x = _mm512_permutexvar_epi8(backwards, _mm512_loadu_si512(llr));
    *ret_unknown = _mm512_testn_epi8_mask(x, x);
    return _mm512_movepi8_mask(x);
}

const ldpc_dec_ops_t ldpc_dec_ops_avx512 = {.decode = decode_frame};
