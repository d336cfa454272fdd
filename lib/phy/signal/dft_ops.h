/* SPDX-License-Identifier: Apache-2.0 */
/* Internal to dft*.c: what a plan holds and what a SIMD level brings.
 *
 * A transform of N = V M points runs as V transforms of M points at once, one a vector lane: lane v takes the
 * samples v, v + V, v + 2V .. These are mixed-radix passes that sort themselves (Stockham), between two work
 * buffers, without a shuffle. Then the lanes are joined: a twiddle factor, a transposition of V vectors, and
 * transforms of V points across what were the lanes. Complex vectors lie in the buffers as V real parts and
 * then V imaginary parts. The inverse is the forward transform with real and imaginary parts exchanged at
 * both ends. */
#ifndef VITRAN_PHY_SIGNAL_DFT_OPS_H
#define VITRAN_PHY_SIGNAL_DFT_OPS_H

#include "lib/phy/signal/dft.h"

#define DFT_MAX_PASSES 12

typedef void dft_run_t(const dft_plan_t *p, bool inverse, const cf_t *in, cf_t *out, float *a, float *b);

struct dft_plan {
    unsigned n, v, m;
    dft_run_t *run;
    unsigned n_passes;
    uint8_t radix[DFT_MAX_PASSES];
    /* Of a pass with radix r over l points: exp(-j 2 pi p k / l) for p = 0 .. l/r - 1, k = 1 .. r - 1. */
    cf_t *twiddle[DFT_MAX_PASSES];
    /* exp(-j 2 pi v k / n) by k and lane v, as complex vectors. */
    float *join;
    /* Primes: Bluestein's convolution. */
    const dft_plan_t *convolution;
    cf_t *chirp;    /* exp(-j pi i^2 / n) */
    cf_t *response; /* transform of the conjugated chirp, over the convolution's length */
};

/* By log2 of the lanes: 1, 4, 8, 16; NULL where there is none. */
typedef struct {
    dft_run_t *v1, *v4, *v8, *v16;
} dft_kernels_t;

extern const dft_kernels_t dft_kernels_generic;
extern const dft_kernels_t dft_kernels_avx2;
extern const dft_kernels_t dft_kernels_avx512;

#endif
