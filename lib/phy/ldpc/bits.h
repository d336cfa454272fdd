/* SPDX-License-Identifier: Apache-2.0 */
/* Access to packed bits, first bit first, in words whose top bit is the first. */
#ifndef VITRAN_PHY_LDPC_BITS_H
#define VITRAN_PHY_LDPC_BITS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t bits_load64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

static inline void bits_store64(uint8_t *p, uint64_t v)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    memcpy(p, &v, 8);
}

/* 64 bits from bit `at` on. Reads 9 bytes. */
static inline uint64_t bits_load64_at(const uint8_t *p, size_t at)
{
    unsigned r = at % 8;
    return bits_load64(p + at / 8) << r | (uint64_t)p[at / 8 + 8] >> (8 - r);
}

/* The same for n <= 64 bits and the bytes that hold them, no more; zeros behind them. */
static inline uint64_t bits_load_n(const uint8_t *p, size_t at, unsigned n)
{
    size_t first = at / 8, bytes = (at % 8 + n + 7) / 8;
    uint8_t b[16] = {0};
    memcpy(b, p + first, bytes);
    uint64_t v = bits_load64_at(b, at % 8);
    return n == 0 ? 0 : v & ~(uint64_t)0 << (64 - n);
}

/* Copies n bits from bit `src_at` to bit `dst_at`; the bits before dst_at in its byte stay, those behind the
 * last in its byte become 0. src may be dst when it ends before dst_at. */
static inline void bits_copy(uint8_t *dst, size_t dst_at, const uint8_t *src, size_t src_at, size_t n)
{
    unsigned lead = dst_at % 8;
    if (lead && n) { /* up to a byte boundary */
        unsigned m = 8 - lead < n ? 8 - lead : (unsigned)n;
        uint8_t keep = (uint8_t)(dst[dst_at / 8] & ~(0xff >> lead));
        dst[dst_at / 8] = (uint8_t)(keep | bits_load_n(src, src_at, m) >> 56 >> lead);
        dst_at += m;
        src_at += m;
        n -= m;
    }
    if (src_at % 8 == 0) {
        memmove(dst + dst_at / 8, src + src_at / 8, n / 8);
        dst_at += n / 8 * 8;
        src_at += n / 8 * 8;
        n %= 8;
    }
    for (; n >= 64 + 8; n -= 64, dst_at += 64, src_at += 64)
        bits_store64(dst + dst_at / 8, bits_load64_at(src, src_at));
    for (; n > 0; dst_at += 8, src_at += 8, n -= n < 8 ? n : 8)
        dst[dst_at / 8] = (uint8_t)(bits_load_n(src, src_at, n < 8 ? (unsigned)n : 8) >> 56);
}

#endif
