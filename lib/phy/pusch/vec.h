/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors of VEC_N floats in GNU C, so that one kernel body compiles to SSE, AVX2 or AVX-512. A file that
 * includes this defines VEC_N: 4, 8 or 16. */
#ifndef VITRAN_PHY_PUSCH_VEC_H
#define VITRAN_PHY_PUSCH_VEC_H

#include "lib/phy/phy.h"
#include "lib/phy/sanitized.h"

#include <string.h>

typedef float vf_t __attribute__((vector_size(4 * VEC_N)));
typedef int32_t vi_t __attribute__((vector_size(4 * VEC_N)));

#define VEC_INLINE PHY_TEMPLATE

/* memcpy of a vector's size is an unaligned move. */
VEC_INLINE vf_t vec_load(const float *p)
{
    vf_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

VEC_INLINE void vec_store(float *p, vf_t v)
{
    memcpy(p, &v, sizeof v);
}

VEC_INLINE vf_t vec_set(float x)
{
    return x - (vf_t){0};
}

/* NaN gives `least`. */
VEC_INLINE vf_t vec_max(vf_t v, vf_t least)
{
    vi_t m = v > least;
    return (vf_t)(((vi_t)v & m) | ((vi_t)least & ~m));
}

VEC_INLINE vf_t vec_min(vf_t v, vf_t most)
{
    vi_t m = v < most;
    return (vf_t)(((vi_t)v & m) | ((vi_t)most & ~m));
}

/* a b a b ...: lower and upper half of interleaving, and the reverse. */
#if VEC_N == 4
#define VEC_ZIP_LO(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define VEC_ZIP_HI(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#define VEC_EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6)
#define VEC_ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7)
#elif VEC_N == 8
#define VEC_ZIP_LO(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define VEC_ZIP_HI(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define VEC_EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#define VEC_ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15)
#else
#define VEC_ZIP_LO(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define VEC_ZIP_HI(a, b)                                                                                     \
    __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#define VEC_EVEN(a, b)                                                                                       \
    __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define VEC_ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
#endif

/* VEC_N samples as float planes. */
VEC_INLINE void vec_split_ci16(vi_t x, vf_t *re, vf_t *im)
{
    *re = __builtin_convertvector((x << 16) >> 16, vf_t);
    *im = __builtin_convertvector(x >> 16, vf_t);
}

VEC_INLINE vi_t vec_load_ci16(const ci16_t *p)
{
    vi_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

VEC_INLINE float vec_sum(vf_t v)
{
    float s = 0;
    for (int i = 0; i < VEC_N; i++)
        s += v[i];
    return s;
}

#endif
