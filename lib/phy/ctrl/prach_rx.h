/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels of the PRACH detector; internal. */
#ifndef VITRAN_PHY_CTRL_PRACH_RX_H
#define VITRAN_PHY_CTRL_PRACH_RX_H

#include "lib/phy/ctrl/prach.h"

#define PRACH_MAX_LANES 16

/* power[t1 * R + t2][lane] += |c(t1 + R t2)|^2, where c(t) = sum_k rx(k) conj(root(k)) exp(j 2 pi k t / N).
 * roots: [size: l_ra x 2 x lanes] re then im of each subcarrier; rx [size: l_ra] is the same for all lanes,
 * or packed [size: l_ra x 2 x lanes] gives each lane its own (rx is then not read). twiddles [size: N]: exp(j
 * 2 pi b t1 / N) at b R + t1. buf [size: N x 2 x lanes]. All 64-byte aligned. */
typedef void prach_correlate_t(unsigned l_ra, const float *roots, const cf_t *rx, const float *packed,
                               const cf_t *twiddles, float *buf, float *power);

typedef struct {
    unsigned lanes;
    prach_correlate_t *correlate_1024, *correlate_256;
} prach_ops_t;

extern const prach_ops_t prach_ops_generic, prach_ops_avx2, prach_ops_avx512;

static inline const prach_ops_t *prach_ops(phy_isa_t isa)
{
#if defined(__x86_64__)
    if (isa == PHY_ISA_AVX512)
        return &prach_ops_avx512;
    if (isa == PHY_ISA_AVX2)
        return &prach_ops_avx2;
#endif
    (void)isa;
    return &prach_ops_generic;
}

#endif
