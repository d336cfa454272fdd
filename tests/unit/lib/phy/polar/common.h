/* SPDX-License-Identifier: Apache-2.0 */
/* Noise, random bits and hard LLRs for the tests of lib/phy/polar. */
#ifndef VITRAN_TESTS_POLAR_COMMON_H
#define VITRAN_TESTS_POLAR_COMMON_H

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t next_random(uint64_t *s)
{
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s * 0x2545f4914f6cdd1d >> 16;
}

static inline void random_bytes(uint64_t *s, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)next_random(s);
}

static inline double uniform(uint64_t *s)
{
    return ((double)(next_random(s) & 0xffffffff) + 0.5) / 4294967296.0;
}

static inline double gauss(uint64_t *s)
{
    return sqrt(-2 * log(uniform(s))) * cos(2 * 3.14159265358979 * uniform(s));
}

static inline unsigned bit_at(const uint8_t *bits, size_t i)
{
    return bits[i >> 3] >> (7 - (i & 7)) & 1;
}

static inline void unpack(const uint8_t *bits, size_t n, uint8_t *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)bit_at(bits, i);
}

static inline int8_t quantize(double llr, double scale)
{
    double x = llr * scale;
    return (int8_t)(x > 127 ? 127 : x < -127 ? -127 : lrint(x));
}

/* BPSK of n packed bits through noise of that standard deviation, to LLRs of 8 a natural-log unit. */
static inline void noisy_llrs(uint64_t *s, const uint8_t *bits, size_t n, double sigma, int8_t *llr)
{
    for (size_t i = 0; i < n; i++) {
        double y = (bit_at(bits, i) ? -1.0 : 1.0) + sigma * gauss(s);
        llr[i] = quantize(2 * y / (sigma * sigma), 8);
    }
}

static inline void clean_llrs(const uint8_t *bits, size_t n, int8_t *llr)
{
    for (size_t i = 0; i < n; i++)
        llr[i] = bit_at(bits, i) ? -20 : 20;
}

#endif
