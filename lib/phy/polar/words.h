/* SPDX-License-Identifier: Apache-2.0 */
/* Packed bits (first in the highest bit of a byte) to and from 64-bit words whose bit i % 64 is bit i, and
 * single bits. */
#ifndef VITRAN_PHY_POLAR_WORDS_H
#define VITRAN_PHY_POLAR_WORDS_H

#include <stdint.h>
#include <string.h>

static inline unsigned get_bit(const uint8_t *bits, uint32_t i)
{
    return bits[i >> 3] >> (7 - (i & 7)) & 1;
}

static inline void put_bit(uint8_t *bits, uint32_t i, unsigned bit)
{
    uint8_t mask = (uint8_t)(0x80 >> (i & 7));
    bits[i >> 3] = (uint8_t)(bit ? bits[i >> 3] | mask : bits[i >> 3] & ~mask);
}

/* n bits of `from`, beginning at bit `at`, to bit `to_at` of `to` and on. */
static inline void copy_bits(uint8_t *to, uint32_t to_at, const uint8_t *from, uint32_t at, uint32_t n)
{
    while (n && (to_at & 7)) {
        put_bit(to, to_at++, get_bit(from, at++));
        n--;
    }
    unsigned shift = at & 7;
    if (shift == 0) {
        memcpy(to + (to_at >> 3), from + (at >> 3), n >> 3);
    } else {
        for (uint32_t i = 0; i < n >> 3; i++)
            to[(to_at >> 3) + i] =
                (uint8_t)(from[(at >> 3) + i] << shift | from[(at >> 3) + i + 1] >> (8 - shift));
    }
    for (uint32_t i = n & ~7u; i < n; i++)
        put_bit(to, to_at + i, get_bit(from, at + i));
}

static inline uint64_t reverse_bits_in_bytes(uint64_t w)
{
    w = (w & 0x0f0f0f0f0f0f0f0f) << 4 | (w >> 4 & 0x0f0f0f0f0f0f0f0f);
    w = (w & 0x3333333333333333) << 2 | (w >> 2 & 0x3333333333333333);
    return (w & 0x5555555555555555) << 1 | (w >> 1 & 0x5555555555555555);
}

/* The last word is filled with zeros. */
static inline void words_from_bytes(const uint8_t *bytes, unsigned n_bytes, uint64_t *words)
{
    for (unsigned i = 0; i < n_bytes; i += 8) {
        uint64_t w = 0;
        memcpy(&w, bytes + i, n_bytes - i < 8 ? n_bytes - i : 8);
        words[i / 8] = reverse_bits_in_bytes(w);
    }
}

static inline void words_to_bytes(const uint64_t *words, unsigned n_bytes, uint8_t *bytes)
{
    for (unsigned i = 0; i < n_bytes; i += 8) {
        uint64_t w = reverse_bits_in_bytes(words[i / 8]);
        memcpy(bytes + i, &w, n_bytes - i < 8 ? n_bytes - i : 8);
    }
}

#endif
