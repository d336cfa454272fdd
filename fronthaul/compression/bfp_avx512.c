/* SPDX-License-Identifier: Apache-2.0 */
/* AVX-512 with VBMI: four PRBs (12 lanes of eight samples, 3 registers) at a time, without a scalar in the
 * loop. A lane is iq_width bytes on the wire whatever the width is; four lanes and the udCompParam bytes
 * among them fit one register (4 x 15 + 2 bytes), so that one two-source byte permutation lays out each third
 * of the wire's bytes:
 *
 *   register 0: e0 L0 L1 L2 e1 L3       4 w + 2 bytes       PRB 0: lanes 0..2, PRB 1: lanes 3..5 ...
 *   register 1: L4 L5 e2 L6 L7          4 w + 1
 *   register 2: L8 e3 L9 L10 L11        4 w + 1
 *
 * Exponents of the four PRBs stand in lanes 0, 3, 2, 1 of one register: in that order three blends and two
 * rotations bring the lanes of a PRB above each other. */
#include "fronthaul/compression/bfp.h"

#include <immintrin.h>

/* Constant tables for every width, by the preprocessor: f(r, w, j) for j = 0..63. */
#define J4(f, r, w, j) f(r, w, (j)), f(r, w, (j) + 1), f(r, w, (j) + 2), f(r, w, (j) + 3)
#define J16(f, r, w, j) J4(f, r, w, j), J4(f, r, w, (j) + 4), J4(f, r, w, (j) + 8), J4(f, r, w, (j) + 12)
#define J64(f, r, w)                                                                                         \
    {                                                                                                        \
        J16(f, r, w, 0), J16(f, r, w, 16), J16(f, r, w, 32), J16(f, r, w, 48)                                \
    }
#define REGISTERS(f, w)                                                                                      \
    {                                                                                                        \
        J64(f, 0, w), J64(f, 1, w), J64(f, 2, w)                                                             \
    }
#define WIDTHS(f)                                                                                            \
    {                                                                                                        \
        REGISTERS(f, 1), REGISTERS(f, 2), REGISTERS(f, 3), REGISTERS(f, 4), REGISTERS(f, 5),                 \
            REGISTERS(f, 6), REGISTERS(f, 7), REGISTERS(f, 8), REGISTERS(f, 9), REGISTERS(f, 10),            \
            REGISTERS(f, 11), REGISTERS(f, 12), REGISTERS(f, 13), REGISTERS(f, 14), REGISTERS(f, 15)         \
    }

/* Where the two udCompParam bytes of register r stand (register 1 and 2 have one; 99: none). */
#define PARAM(r, w) ((r) == 0 ? 0 : (r) == 1 ? 2 * (w) : (w))
#define PARAM2(r, w) ((r) == 0 ? 3 * (w) + 1 : 99)
/* Byte j of register r without the udCompParam bytes before it: lane x w + byte of the lane. */
#define DATA(r, w, j) ((j) - ((j) > PARAM(r, w)) - ((j) > PARAM2(r, w)))
#define LANE(r, w, j) (DATA(r, w, j) / (w) % 4)
#define BYTE(r, w, j) (DATA(r, w, j) % (w))
/* Bytes of the first quad of a lane, with the byte that an odd width shares. */
#define QUAD(w) (((w) + 1) / 2)
/* Exponents: PRB 0 in lane 0, 1 in 3, 2 in 2, 3 in 1. */
#define FIRST(r, w, j)                                                                                       \
    ((j) == PARAM(r, w)        ? 64 + ((r) == 0   ? 0                                                        \
                                       : (r) == 1 ? 32                                                       \
                                                  : 16)                                                      \
     : (j) == PARAM2(r, w)     ? 64 + 48                                                                     \
     : BYTE(r, w, j) < QUAD(w) ? 16 * LANE(r, w, j) + QUAD(w) - 1 - BYTE(r, w, j)                            \
                               : 16 * LANE(r, w, j) + 8 + (w)-1 - BYTE(r, w, j))
/* The other half of the shared byte; 0xff: none. */
#define SECOND(r, w, j)                                                                                      \
    ((j) != PARAM(r, w) && (j) != PARAM2(r, w) && (w) % 2 && BYTE(r, w, j) == QUAD(w) - 1                    \
         ? 16 * LANE(r, w, j) + 8 + QUAD(w) - 1                                                              \
         : 0xff)

static const uint8_t first[15][3][64] __attribute__((aligned(64))) = WIDTHS(FIRST);
static const uint8_t second[15][3][64] __attribute__((aligned(64))) = WIDTHS(SECOND);

typedef struct {
    __m512i mask, largest, pair, quad, down, bias;
    __m512i first[3], second[3];
    __mmask64 shared[3];
} pack_t;

static inline __m512i load_table(const uint8_t *t)
{
    return _mm512_load_si512((const __m512i *)t);
}

static void pack_init(pack_t *k, unsigned w)
{
    unsigned odd = w % 2 ? 4 : 0;
    k->mask = _mm512_set1_epi16((short)((1 << w) - 1));
    k->largest = _mm512_set1_epi16((short)((1 << (w - 1)) - 1));
    k->pair = _mm512_set1_epi32((1 << 16) | (1 << w));
    k->quad = _mm512_broadcast_i32x4(_mm_set_epi64x(INT64_C(1) << (2 * w), INT64_C(1) << (2 * w + odd)));
    k->down = _mm512_broadcast_i32x4(w == 15 ? _mm_set_epi64x(4, 0) : _mm_set_epi64x(32, 32 - odd));
    k->bias = _mm512_set1_epi32((int)(17 - w));
    for (int r = 0; r < 3; r++) {
        k->first[r] = load_table(first[w - 1][r]);
        k->second[r] = load_table(second[w - 1][r]);
        k->shared[r] = _mm512_cmpneq_epi8_mask(k->second[r], _mm512_set1_epi8(-1));
    }
}

/* A third of four PRBs: four lanes of samples, exponents and halves of each, to bytes of the wire. */
__attribute__((always_inline)) static inline __m512i pack(const pack_t *k, unsigned w, int r, __m512i x,
                                                          __m512i exponent, __m512i half, __m512i exponents)
{
    x = _mm512_srav_epi16(_mm512_adds_epi16(x, half), exponent);
    x = _mm512_and_si512(_mm512_min_epi16(x, k->largest), k->mask);
    __m512i quad;
    if (w == 15) { /* 2^15 is no factor of 16 bits, 2^34 none of 32 */
        __m512i pair =
            _mm512_or_si512(_mm512_srli_epi32(_mm512_slli_epi32(x, 16), 1), _mm512_srli_epi32(x, 16));
        __m512i high = _mm512_slli_epi64(_mm512_srli_epi64(pair, 32), 4);
        quad = _mm512_srlv_epi64(_mm512_or_si512(_mm512_slli_epi64(pair, 34), high), k->down);
    } else {
        __m512i pair = _mm512_madd_epi16(x, k->pair);
        quad = _mm512_or_si512(_mm512_mul_epu32(pair, k->quad), _mm512_srlv_epi64(pair, k->down));
    }
    __m512i bytes = _mm512_permutex2var_epi8(quad, k->first[r], exponents);
    if (w % 2)
        bytes = _mm512_or_si512(bytes, _mm512_maskz_permutexvar_epi8(k->shared[r], k->second[r], quad));
    return bytes;
}

/* Three registers of samples of four PRBs to three registers of bytes. */
__attribute__((always_inline)) static inline void compress_4(const pack_t *k, unsigned w, __m512i z[3])
{
    __m512i u0 = _mm512_xor_si512(z[0], _mm512_srai_epi16(z[0], 15));
    __m512i u1 = _mm512_xor_si512(z[1], _mm512_srai_epi16(z[1], 15));
    __m512i u2 = _mm512_xor_si512(z[2], _mm512_srai_epi16(z[2], 15));
    __m512i a = _mm512_mask_mov_epi64(_mm512_mask_mov_epi64(u0, 0x0c, u2), 0x30, u1); /* PRBs 0 3 2 1 */
    __m512i b = _mm512_mask_mov_epi64(_mm512_mask_mov_epi64(u1, 0x0c, u0), 0x30, u2); /* 1 0 3 2 */
    __m512i c = _mm512_mask_mov_epi64(_mm512_mask_mov_epi64(u2, 0x0c, u1), 0x30, u0); /* 2 1 0 3 */
    b = _mm512_shuffle_i32x4(b, b, 0x39);
    c = _mm512_shuffle_i32x4(c, c, 0x4e);
    __m512i used = _mm512_ternarylogic_epi32(a, b, c, 0xfe);
    used = _mm512_or_si512(used, _mm512_shuffle_epi32(used, _MM_PERM_BADC));
    used = _mm512_or_si512(used, _mm512_shuffle_epi32(used, _MM_PERM_CDAB));
    used = _mm512_or_si512(used, _mm512_slli_epi32(used, 16));
    /* Zeros above the highest bit used in 16: exponent = 16 - zeros - (w - 1), not below 0. */
    __m512i e = _mm512_subs_epu16(k->bias, _mm512_lzcnt_epi32(used));
    e = _mm512_shuffle_epi8(e, _mm512_set1_epi16((short)0x8000)); /* in each word of the lane */
    __m512i half = _mm512_srli_epi16(_mm512_sllv_epi16(_mm512_set1_epi16(1), e), 1);
    z[0] = pack(k, w, 0, z[0], _mm512_shuffle_i32x4(e, e, 0xc0), _mm512_shuffle_i32x4(half, half, 0xc0), e);
    z[1] = pack(k, w, 1, z[1], _mm512_shuffle_i32x4(e, e, 0xaf), _mm512_shuffle_i32x4(half, half, 0xaf), e);
    z[2] = pack(k, w, 2, z[2], _mm512_shuffle_i32x4(e, e, 0x56), _mm512_shuffle_i32x4(half, half, 0x56), e);
}

/* The lowest n bits, none for n < 0. */
static inline uint64_t ones(int64_t n)
{
    return n <= 0 ? 0 : n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

__attribute__((always_inline)) static inline void compress_kind(unsigned w_constant, unsigned w,
                                                                const ci16_t *in, size_t n_prb, uint8_t *out)
{
    const size_t at1 = 4 * (size_t)w + 2, at2 = at1 + 4 * w + 1, bytes = at2 + 4 * w + 1;
    int64_t left = (int64_t)(n_prb * bfp_prb_bytes(w));
    pack_t k;
    pack_init(&k, w);
    __m512i z[3];
    for (; n_prb >= 4; n_prb -= 4, in += 48, out += bytes, left -= (int64_t)bytes) {
        for (int r = 0; r < 3; r++)
            z[r] = _mm512_loadu_si512((const __m512i *)(in + 16 * r));
        compress_4(&k, w_constant, z);
        if (left >= (int64_t)at2 + 64) { /* what is written too much is written over by the next four */
            _mm512_storeu_si512((__m512i *)out, z[0]);
            _mm512_storeu_si512((__m512i *)(out + at1), z[1]);
            _mm512_storeu_si512((__m512i *)(out + at2), z[2]);
        } else {
            _mm512_mask_storeu_epi8(out, ones((int64_t)at1), z[0]);
            _mm512_mask_storeu_epi8(out + at1, ones((int64_t)(at2 - at1)), z[1]);
            _mm512_mask_storeu_epi8(out + at2, ones((int64_t)(bytes - at2)), z[2]);
        }
    }
    if (n_prb > 0) {
        int64_t n = (int64_t)n_prb * 24;
        for (int r = 0; r < 3; r++)
            z[r] = _mm512_maskz_loadu_epi16((__mmask32)ones(n - 32 * r), in + 16 * r);
        compress_4(&k, w_constant, z);
        _mm512_mask_storeu_epi8(out, ones(left < (int64_t)at1 ? left : (int64_t)at1), z[0]);
        if (left > (int64_t)at1)
            _mm512_mask_storeu_epi8(
                out + at1, ones(left < (int64_t)at2 ? left - (int64_t)at1 : (int64_t)(at2 - at1)), z[1]);
        if (left > (int64_t)at2)
            _mm512_mask_storeu_epi8(out + at2, ones(left - (int64_t)at2), z[2]);
    }
}

/* Nothing to scale: exponent 0 and the bytes turned round, a PRB at a time. */
static void compress_16(const ci16_t *in, size_t n_prb, uint8_t *out)
{
    static const uint8_t swap[64] __attribute__((aligned(64))) = {
        0,  1,  0,  3,  2,  5,  4,  7,  6,  9,  8,  11, 10, 13, 12, 15, 14, 17, 16, 19, 18, 21, 20, 23, 22,
        25, 24, 27, 26, 29, 28, 31, 30, 33, 32, 35, 34, 37, 36, 39, 38, 41, 40, 43, 42, 45, 44, 47, 46};
    const __m512i order = load_table(swap);
    for (; n_prb > 1; n_prb--, in += BFP_PRB_RE, out += 49) {
        __m512i x = _mm512_maskz_loadu_epi16(0xffffff, in);
        x = _mm512_maskz_permutexvar_epi8(UINT64_MAX - 1, order, x);
        if (n_prb > 2)
            _mm512_storeu_si512((__m512i *)out, x);
        else
            _mm512_mask_storeu_epi8(out, ones(49), x);
    }
    if (n_prb)
        _mm512_mask_storeu_epi8(
            out, ones(49),
            _mm512_maskz_permutexvar_epi8(UINT64_MAX - 1, order, _mm512_maskz_loadu_epi16(0xffffff, in)));
}

static void compress(unsigned w, const ci16_t *in, size_t n_prb, uint8_t *out)
{
    if (w == 16)
        compress_16(in, n_prb, out);
    else if (w == 15)
        compress_kind(15, 15, in, n_prb, out);
    else if (w % 2) /* the two below differ in a shuffle only */
        compress_kind(1, w, in, n_prb, out);
    else
        compress_kind(2, w, in, n_prb, out);
}

/* Expansion: byte k of a quad (7 the most significant) comes from byte 7 - k behind the quad's first; bytes
 * behind the lane are not part of a field, wherever they come from. */
#define LANE_AT(r, w, l) ((l) * (w) + ((r) == 0 ? 1 + ((l) > 2) : (r) == 1 ? ((l) > 1) : ((l) > 0)))
#define GATHER(r, w, j) ((LANE_AT(r, w, (j) / 16) + ((j) / 8 % 2) * ((w) / 2) + 7 - (j) % 8) & 63)
/* The udCompParam byte of each word's PRB: in this register, or (+64) in the one before. Odd bytes unused. */
#define EXPONENT(r, w, j)                                                                                    \
    ((r) == 0   ? ((j) / 16 < 3 ? 0 : 3 * (w) + 1)                                                           \
     : (r) == 1 ? ((j) / 16 < 2 ? 64 + 3 * (w) + 1 : 2 * (w))                                                \
                : ((j) / 16 < 1 ? 64 + 2 * (w) : (w)))

static const uint8_t gather[15][3][64] __attribute__((aligned(64))) = WIDTHS(GATHER);
static const uint8_t exponent_at[15][3][64] __attribute__((aligned(64))) = WIDTHS(EXPONENT);

typedef struct {
    __m512i gather[3], exponent[3], shift;
    __m128i down;
} unpack_t;

static void unpack_init(unpack_t *k, unsigned w)
{
    /* Byte b of word i of a quad: 8 bits from bit 48 + 8 b - i w on (4 less in the second quad of an odd w).
     */
    uint64_t quad[2] = {0, 0};
    for (unsigned j = 0; j < 16; j++) {
        unsigned from = 48 + 8 * (j % 2) - j / 2 % 4 * w - (j / 8 && w % 2 ? 4 : 0);
        quad[j / 8] |= (uint64_t)(from & 63) << (j % 8 * 8);
    }
    k->shift = _mm512_broadcast_i32x4(_mm_set_epi64x((int64_t)quad[1], (int64_t)quad[0]));
    k->down = _mm_cvtsi32_si128((int)(16 - w));
    for (int r = 0; r < 3; r++) {
        k->gather[r] = load_table(gather[w - 1][r]);
        k->exponent[r] = load_table(exponent_at[w - 1][r]);
    }
}

__attribute__((always_inline)) static inline __m512i scale(__m512i m, __m512i e)
{
    e = _mm512_and_si512(e, _mm512_set1_epi16(15));
    __m512i v = _mm512_sllv_epi16(m, e);
    __mmask32 lost = _mm512_cmpneq_epi16_mask(_mm512_srav_epi16(v, e), m);
    return _mm512_mask_blend_epi16(lost, v,
                                   _mm512_xor_si512(_mm512_srai_epi16(m, 15), _mm512_set1_epi16(0x7fff)));
}

__attribute__((always_inline)) static inline __m512i unpack(const unpack_t *k, int r, __m512i before,
                                                            __m512i x)
{
    __m512i quads = _mm512_permutexvar_epi8(k->gather[r], x);
    __m512i m = _mm512_sra_epi16(_mm512_multishift_epi64_epi8(k->shift, quads), k->down);
    __m512i e = r == 0 ? _mm512_permutexvar_epi8(k->exponent[r], x)
                       : _mm512_permutex2var_epi8(x, k->exponent[r], before);
    return scale(m, e);
}

static void expand_16(const uint8_t *in, size_t n_prb, ci16_t *out)
{
    static const uint8_t swap[64] __attribute__((aligned(64))) = {
        2,  1,  4,  3,  6,  5,  8,  7,  10, 9,  12, 11, 14, 13, 16, 15, 18, 17, 20, 19, 22, 21, 24, 23,
        26, 25, 28, 27, 30, 29, 32, 31, 34, 33, 36, 35, 38, 37, 40, 39, 42, 41, 44, 43, 46, 45, 48, 47};
    const __m512i order = load_table(swap);
    for (; n_prb > 0; n_prb--, in += 49, out += BFP_PRB_RE) {
        __m512i x =
            n_prb > 1 ? _mm512_loadu_si512((const __m512i *)in) : _mm512_maskz_loadu_epi8(ones(49), in);
        __m512i v = scale(_mm512_permutexvar_epi8(order, x), _mm512_set1_epi16(in[0]));
        _mm512_mask_storeu_epi16(out, 0xffffff, v);
    }
}

static void expand(unsigned w, const uint8_t *in, size_t n_prb, ci16_t *out)
{
    if (w == 16) {
        expand_16(in, n_prb, out);
        return;
    }
    const size_t at1 = 4 * (size_t)w + 2, at2 = at1 + 4 * w + 1, bytes = at2 + 4 * w + 1;
    int64_t left = (int64_t)(n_prb * bfp_prb_bytes(w));
    unpack_t k;
    unpack_init(&k, w);
    for (; n_prb > 0; in += bytes, out += 48, left -= (int64_t)bytes) {
        __m512i x0, x1, x2;
        if (left >= (int64_t)at2 + 64) {
            x0 = _mm512_loadu_si512((const __m512i *)in);
            x1 = _mm512_loadu_si512((const __m512i *)(in + at1));
            x2 = _mm512_loadu_si512((const __m512i *)(in + at2));
        } else {
            x0 = _mm512_maskz_loadu_epi8(ones(left), in);
            x1 = _mm512_maskz_loadu_epi8(ones(left - (int64_t)at1), in + at1);
            x2 = _mm512_maskz_loadu_epi8(ones(left - (int64_t)at2), in + at2);
        }
        __m512i z0 = unpack(&k, 0, x0, x0), z1 = unpack(&k, 1, x0, x1), z2 = unpack(&k, 2, x1, x2);
        if (n_prb >= 4) {
            _mm512_storeu_si512((__m512i *)out, z0);
            _mm512_storeu_si512((__m512i *)(out + 16), z1);
            _mm512_storeu_si512((__m512i *)(out + 32), z2);
            n_prb -= 4;
        } else {
            int64_t n = (int64_t)n_prb * 24;
            _mm512_mask_storeu_epi16(out, (__mmask32)ones(n), z0);
            _mm512_mask_storeu_epi16(out + 16, (__mmask32)ones(n - 32), z1);
            _mm512_mask_storeu_epi16(out + 32, (__mmask32)ones(n - 64), z2);
            n_prb = 0;
        }
    }
}

const bfp_ops_t bfp_ops_avx512 = {compress, expand};
