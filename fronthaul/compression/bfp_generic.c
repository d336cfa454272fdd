/* SPDX-License-Identifier: Apache-2.0 */
/* Plain C. Eight mantissas are iq_width bytes: they are put together in 128 bits, whose bytes are then turned
 * round. The widths that radios use are compiled as constants. */
#include "fronthaul/compression/bfp.h"

#include <string.h>

typedef unsigned __int128 u128_t;

static inline uint64_t big_endian(uint64_t x)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_bswap64(x);
#else
    return x;
#endif
}

__attribute__((always_inline)) static inline void compress_width(unsigned w, const ci16_t *in, size_t n_prb,
                                                                 uint8_t *out)
{
    const uint64_t mask = (UINT64_C(1) << w) - 1;
    const int largest = (1 << (w - 1)) - 1;
    for (size_t p = 0; p < n_prb; p++, in += BFP_PRB_RE) {
        int16_t x[24];
        memcpy(x, in, sizeof x);
        unsigned used = 0; /* the bits that the magnitudes need: |x|, or |x| - 1 of a negative one */
        for (int i = 0; i < 24; i++)
            used |= (unsigned)(x[i] ^ (x[i] >> 15));
        unsigned raw = used ? 32 - (unsigned)__builtin_clz(used) : 0;
        unsigned exponent = raw > w - 1 ? raw - (w - 1) : 0;
        int half = (1 << exponent) >> 1;
        *out++ = (uint8_t)exponent;
        for (int k = 0; k < 24; k += 8) {
            uint64_t q[2] = {0, 0};
            for (int i = 0; i < 8; i++) {
                int m = (x[k + i] + half) >> exponent;
                m = m > largest ? largest : m;
                q[i / 4] = q[i / 4] << w | ((uint64_t)m & mask);
            }
            u128_t bits = ((u128_t)q[0] << (4 * w) | q[1]) << (128 - 8 * w);
            uint64_t bytes[2] = {big_endian((uint64_t)(bits >> 64)), big_endian((uint64_t)bits)};
            memcpy(out, bytes, w);
            out += w;
        }
    }
}

__attribute__((always_inline)) static inline void expand_width(unsigned w, const uint8_t *in, size_t n_prb,
                                                               ci16_t *out)
{
    for (size_t p = 0; p < n_prb; p++, out += BFP_PRB_RE) {
        unsigned exponent = *in++ & 15;
        int16_t x[24];
        for (int k = 0; k < 24; k += 8) {
            uint64_t bytes[2] = {0, 0};
            memcpy(bytes, in, w);
            in += w;
            u128_t bits = (u128_t)big_endian(bytes[0]) << 64 | big_endian(bytes[1]);
            for (int i = 0; i < 8; i++) {
                /* The field at the top of 64 bits, then down with its sign. */
                int64_t m = (int64_t)(uint64_t)((bits << ((unsigned)i * w)) >> 64) >> (64 - w);
                int64_t v = m * (INT64_C(1) << exponent);
                x[k + i] = (int16_t)(v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v);
            }
        }
        memcpy(out, x, sizeof x);
    }
}

#define EACH_WIDTH(f, in, n_prb, out)                                                                        \
    switch (w) {                                                                                             \
    case 8:                                                                                                  \
        f(8, in, n_prb, out);                                                                                \
        break;                                                                                               \
    case 9:                                                                                                  \
        f(9, in, n_prb, out);                                                                                \
        break;                                                                                               \
    case 10:                                                                                                 \
        f(10, in, n_prb, out);                                                                               \
        break;                                                                                               \
    case 12:                                                                                                 \
        f(12, in, n_prb, out);                                                                               \
        break;                                                                                               \
    case 14:                                                                                                 \
        f(14, in, n_prb, out);                                                                               \
        break;                                                                                               \
    default:                                                                                                 \
        f(w, in, n_prb, out);                                                                                \
    }

static void compress(unsigned w, const ci16_t *in, size_t n_prb, uint8_t *out)
{
    EACH_WIDTH(compress_width, in, n_prb, out)
}

static void expand(unsigned w, const uint8_t *in, size_t n_prb, ci16_t *out)
{
    EACH_WIDTH(expand_width, in, n_prb, out)
}

const bfp_ops_t bfp_ops_generic = {compress, expand};
