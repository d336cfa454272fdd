/* SPDX-License-Identifier: Apache-2.0 */
/* Internal to demap*.c. The arithmetic that every variant follows step by step, in IEEE single precision. No
 * product is an operand of a sum, so that no compiler can fuse the two and every variant gives the same bits:
 *   w  = inv_noise * weight, at most FLT_MAX; 0 when inv_noise is not a positive finite number or the
 * symbol is not finite;
 *   v0 = y / (half the spacing), for I and Q; from bit pair to bit pair v' = 2^(m-1) - |v|, where 2^m levels
 *        are left;
 *   f(v) = (k + 1) (|v| - k) with the sign of v, k = min(floor(|v| / 2), 2^(m-1) - 1);
 *   llr = f w, NaN becomes 0, clamped to +-127, rounded to the nearest.
 * |y + s|^2 - |y - s|^2 of the two nearest points is 4 f(v) (half spacing)^2. */
#ifndef VITRAN_PHY_SIGNAL_DEMAP_OPS_H
#define VITRAN_PHY_SIGNAL_DEMAP_OPS_H

#include "lib/phy/signal/demap.h"

#include <float.h>
#include <math.h>

struct demap_ops {
    /* qm 2, 4, 6, 8, 10: as many of the n symbols as suit the kernel, which it returns. */
    size_t (*demap)(unsigned qm, const cf_t *sym, const float *inv_noise, size_t n, int8_t *llr);
};

typedef struct {
    float per_half; /* 1 / half the spacing */
    float weight;   /* 4 (half spacing)^2 */
} demap_scale_t;

/* By qm / 2: half the spacing is sqrt(1.5 / (4^(qm/2) - 1)). */
static const demap_scale_t demap_scales[] = {
    {0, 0},
    {1.41421356f, 2.0f},
    {3.16227766f, 0.4f},
    {6.48074070f, 0.0952380952f},
    {13.0384048f, 0.0235294118f},
    {26.1151297f, 0.00586510264f},
};

extern const struct demap_ops demap_ops_avx2;
extern const struct demap_ops demap_ops_avx512;

#endif
