/* SPDX-License-Identifier: Apache-2.0 */
/* Discrete Fourier transforms of complex floats: every size 2^a 3^b 5^c up to 4096 and, to 8192, 2^a and
 * 3 * 2^a; and the PRACH's 139, 571, 839 and 1151. Mixed radix, self-sorting. Plans are made at start by
 * phy_create and only read afterwards; [any thread], with a work memory for each. */
#ifndef VITRAN_PHY_SIGNAL_DFT_H
#define VITRAN_PHY_SIGNAL_DFT_H

#include "lib/phy/phy.h"

#define DFT_MAX 8192

typedef enum {
    DFT_FORWARD, /* out[k] = sum in[n] exp(-j 2 pi k n / N) */
    DFT_INVERSE, /* out[n] = sum in[k] exp(+j 2 pi k n / N), no factor 1/N */
} dft_direction_t;

typedef struct dft_plan dft_plan_t;

/* Contents are the transforms' own; one a thread, from the caller's memory. */
typedef struct {
    _Alignas(64) float a[2 * DFT_MAX + 64];
    _Alignas(64) float b[2 * DFT_MAX + 64];
} dft_work_t;

/* The plan of size n, or NULL when that size has none. */
const dft_plan_t *dft_plan(const phy_t *phy, unsigned n);
unsigned dft_size(const dft_plan_t *plan);

/* in[size: n], out[size: n]; in == out is fine, other overlaps are not. 8-byte alignment is enough, 64 is
 * faster. NaN and infinities spread over the result of this one transform only. */
void dft(const dft_plan_t *plan, dft_direction_t direction, const cf_t *in, cf_t *out, dft_work_t *work);
/* `count` transforms, in_stride and out_stride samples from one to the next. */
void dft_batch(const dft_plan_t *plan, dft_direction_t direction, unsigned count, const cf_t *in,
               size_t in_stride, cf_t *out, size_t out_stride, dft_work_t *work);

/* x[i] *= factor. */
void cf_scale(cf_t *x, size_t n, float factor);

struct dft_tables;
/* Internal, of phy_create and phy_destroy: 0 or -ENOMEM. */
int dft_tables_create(phy_isa_t isa, struct dft_tables **ret);
void dft_tables_destroy(struct dft_tables *t);

#endif
