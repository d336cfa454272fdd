/* SPDX-License-Identifier: Apache-2.0 */
/* What the LDPC receiver's tests share: random numbers from a fixed seed, and coded bits through noise into
 * LLRs. */
#ifndef VITRAN_TESTS_LDPC_NOISE_H
#define VITRAN_TESTS_LDPC_NOISE_H

#include "lib/phy/ldpc/decode.h"

#include <math.h>

typedef struct {
    uint64_t state; /* not 0 */
} noise_t;

static inline uint64_t noise_next(noise_t *s)
{
    s->state ^= s->state << 13;
    s->state ^= s->state >> 7;
    s->state ^= s->state << 17;
    return s->state * UINT64_C(0x2545f4914f6cdd1d);
}

static inline unsigned noise_below(noise_t *s, unsigned n)
{
    return (unsigned)((noise_next(s) >> 32) * n >> 32);
}

static inline double noise_gauss(noise_t *s)
{
    double u = ((double)(noise_next(s) >> 11) + 0.5) / 9007199254740992.0;
    double v = (double)(noise_next(s) >> 11) / 9007199254740992.0;
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

static inline int8_t noise_quantise(double llr)
{
    double x = rint(llr * PHY_LLR_SCALE);
    return (int8_t)(x > LDPC_LLR_MAX ? LDPC_LLR_MAX : x < -LDPC_LLR_MAX ? -LDPC_LLR_MAX : x);
}

/* The natural LLR of one bit sent as BPSK, or as half a QPSK symbol, with Es/N0 of esn0 (linear) a bit. */
static inline double noise_llr(noise_t *s, bool bit, double esn0)
{
    double sigma2 = 0.5 / esn0;
    return 2.0 / sigma2 * ((bit ? -1.0 : 1.0) + sqrt(sigma2) * noise_gauss(s));
}

#endif
