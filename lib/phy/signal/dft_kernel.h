/* SPDX-License-Identifier: Apache-2.0 */
/* One width of the transforms of dft_ops.h: included once for each V (1, 4, 8, 16 lanes) by the file of a
 * SIMD level, with the flags of that level. Plain C on the compiler's vector types. */
#include "lib/phy/sanitized.h"

#include <math.h>

/* Samples stay in registers only if the loops over a radix unroll early. */
#if PHY_SANITIZED
#define DFT_UNROLL
#else
#define DFT_UNROLL _Pragma("GCC unroll 16")
#endif

#define DFT_GLUE_(a, b) a##b
#define DFT_GLUE(a, b) DFT_GLUE_(a, b)
#define NAME(x) DFT_GLUE(x##_v, V)

#if V == 1
typedef float NAME(vf);
#else
typedef float NAME(vf) __attribute__((vector_size(4 * V)));
#endif
#define vf NAME(vf)
/* The same in memory: of any alignment, and on top of floats. */
typedef vf NAME(vm) __attribute__((aligned(4), may_alias));
typedef vf NAME(va) __attribute__((may_alias));
#define vm NAME(vm)
#define va NAME(va)

typedef struct {
    vf re, im;
} NAME(vc);
#define vc NAME(vc)

#define INLINE PHY_TEMPLATE

INLINE vf NAME(set1)(float x)
{
#if V == 1
    return x;
#else
    return x - (vf){0};
#endif
}
#define set1 NAME(set1)

INLINE vc NAME(load)(const float *buffer, size_t i)
{
    // cppcheck-suppress nullPointerArithmetic ; a pass that reads samples loads none of src
    const va *at = (const va *)(buffer + i * 2 * V);
    return (vc){at[0], at[1]};
}

INLINE void NAME(store)(float *buffer, size_t i, vc x)
{
    va *at = (va *)(buffer + i * 2 * V);
    at[0] = x.re;
    at[1] = x.im;
}

/* V consecutive samples, real and imaginary parts apart. */
INLINE vc NAME(load_samples)(const cf_t *x, bool swap)
{
    const vf p[2] = {((const vm *)x)[0], ((const vm *)x)[1]};
#if V == 1
    vc r = {p[0], p[1]};
#elif V == 4
    vc r = {__builtin_shufflevector(p[0], p[1], 0, 2, 4, 6), __builtin_shufflevector(p[0], p[1], 1, 3, 5, 7)};
#elif V == 8
    vc r = {__builtin_shufflevector(p[0], p[1], 0, 2, 4, 6, 8, 10, 12, 14),
            __builtin_shufflevector(p[0], p[1], 1, 3, 5, 7, 9, 11, 13, 15)};
#else
    vc r = {__builtin_shufflevector(p[0], p[1], 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30),
            __builtin_shufflevector(p[0], p[1], 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)};
#endif
    return swap ? (vc){r.im, r.re} : r;
}

INLINE vc NAME(add)(vc a, vc b)
{
    return (vc){a.re + b.re, a.im + b.im};
}

INLINE vc NAME(sub)(vc a, vc b)
{
    return (vc){a.re - b.re, a.im - b.im};
}

INLINE vc NAME(mul)(vc a, vc w)
{
    return (vc){a.re * w.re - a.im * w.im, a.re * w.im + a.im * w.re};
}

INLINE vc NAME(scale)(vc a, float f)
{
    return (vc){a.re * set1(f), a.im * set1(f)};
}

/* a - j b and a + j b */
INLINE vc NAME(sub_j)(vc a, vc b)
{
    return (vc){a.re + b.im, a.im - b.re};
}

INLINE vc NAME(add_j)(vc a, vc b)
{
    return (vc){a.re - b.im, a.im + b.re};
}

#define add NAME(add)
#define sub NAME(sub)
#define mul NAME(mul)
#define scale NAME(scale)
#define sub_j NAME(sub_j)
#define add_j NAME(add_j)

INLINE void NAME(dft2)(vc *x)
{
    vc t = x[1];
    x[1] = sub(x[0], t);
    x[0] = add(x[0], t);
}

INLINE void NAME(dft3)(vc *x)
{
    vc t = add(x[1], x[2]), s = scale(sub(x[1], x[2]), 0.86602540378f);
    vc m = {x[0].re - t.re * set1(0.5f), x[0].im - t.im * set1(0.5f)};
    x[0] = add(x[0], t);
    x[1] = sub_j(m, s);
    x[2] = add_j(m, s);
}

INLINE void NAME(dft4)(vc *x)
{
    vc a = add(x[0], x[2]), b = sub(x[0], x[2]), c = add(x[1], x[3]), d = sub(x[1], x[3]);
    x[0] = add(a, c);
    x[1] = sub_j(b, d);
    x[2] = sub(a, c);
    x[3] = add_j(b, d);
}

INLINE void NAME(dft5)(vc *x)
{
    const vf c1 = set1(0.30901699437f), c2 = set1(-0.80901699437f), s1 = set1(0.95105651630f),
             s2 = set1(0.58778525229f);
    vc a = add(x[1], x[4]), b = add(x[2], x[3]), c = sub(x[1], x[4]), d = sub(x[2], x[3]);
    vc m1 = {x[0].re + c1 * a.re + c2 * b.re, x[0].im + c1 * a.im + c2 * b.im};
    vc m2 = {x[0].re + c2 * a.re + c1 * b.re, x[0].im + c2 * a.im + c1 * b.im};
    vc n1 = {s1 * c.re + s2 * d.re, s1 * c.im + s2 * d.im};
    vc n2 = {s2 * c.re - s1 * d.re, s2 * c.im - s1 * d.im};
    x[0] = add(x[0], add(a, b));
    x[1] = sub_j(m1, n1);
    x[2] = sub_j(m2, n2);
    x[3] = add_j(m2, n2);
    x[4] = add_j(m1, n1);
}

INLINE void NAME(dft8)(vc *x)
{
    const float h = 0.70710678119f;
    vc e[4] = {x[0], x[2], x[4], x[6]}, o[4] = {x[1], x[3], x[5], x[7]};
    NAME(dft4)(e);
    NAME(dft4)(o);
    /* o[1] (1 - j) h, o[2] (-j), o[3] (-1 - j) h */
    vc o1 = {(o[1].re + o[1].im) * set1(h), (o[1].im - o[1].re) * set1(h)};
    vc o3 = {(o[3].im - o[3].re) * set1(h), (o[3].re + o[3].im) * set1(-h)};
    x[0] = add(e[0], o[0]);
    x[4] = sub(e[0], o[0]);
    x[1] = add(e[1], o1);
    x[5] = sub(e[1], o1);
    x[2] = sub_j(e[2], o[2]);
    x[6] = add_j(e[2], o[2]);
    x[3] = add(e[3], o3);
    x[7] = sub(e[3], o3);
}

INLINE vc NAME(turn)(vc a, float re, float im)
{
    return mul(a, (vc){set1(re), set1(im)});
}
#define turn NAME(turn)

INLINE void NAME(dft9)(vc *x)
{
    vc y[3][3];
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned j = 0; j < 3; j++)
            y[i][j] = x[i + 3 * j];
        NAME(dft3)(y[i]);
    }
    y[1][1] = turn(y[1][1], 0.76604444312f, -0.64278760969f);
    y[1][2] = turn(y[1][2], 0.17364817767f, -0.98480775301f);
    y[2][1] = turn(y[2][1], 0.17364817767f, -0.98480775301f);
    y[2][2] = turn(y[2][2], -0.93969262079f, -0.34202014333f);
    for (unsigned k = 0; k < 3; k++) {
        vc z[3] = {y[0][k], y[1][k], y[2][k]};
        NAME(dft3)(z);
        for (unsigned j = 0; j < 3; j++)
            x[k + 3 * j] = z[j];
    }
}

INLINE void NAME(dft16)(vc *x)
{
    const float c = 0.92387953251f, s = 0.38268343236f, h = 0.70710678119f;
    vc y[4][4];
    for (unsigned i = 0; i < 4; i++) {
        for (unsigned j = 0; j < 4; j++)
            y[i][j] = x[i + 4 * j];
        NAME(dft4)(y[i]);
    }
    y[1][1] = turn(y[1][1], c, -s);
    y[1][2] = (vc){(y[1][2].re + y[1][2].im) * set1(h), (y[1][2].im - y[1][2].re) * set1(h)};
    y[1][3] = turn(y[1][3], s, -c);
    y[2][1] = (vc){(y[2][1].re + y[2][1].im) * set1(h), (y[2][1].im - y[2][1].re) * set1(h)};
    y[2][2] = (vc){y[2][2].im, -y[2][2].re};
    y[2][3] = (vc){(y[2][3].im - y[2][3].re) * set1(h), (y[2][3].re + y[2][3].im) * set1(-h)};
    y[3][1] = turn(y[3][1], s, -c);
    y[3][2] = (vc){(y[3][2].im - y[3][2].re) * set1(h), (y[3][2].re + y[3][2].im) * set1(-h)};
    y[3][3] = turn(y[3][3], -c, s);
    for (unsigned k = 0; k < 4; k++) {
        vc z[4] = {y[0][k], y[1][k], y[2][k], y[3][k]};
        NAME(dft4)(z);
        for (unsigned j = 0; j < 4; j++)
            x[k + 4 * j] = z[j];
    }
}

INLINE void NAME(dft_small)(unsigned r, vc *x)
{
    switch (r) {
    case 2:
        NAME(dft2)(x);
        break;
    case 3:
        NAME(dft3)(x);
        break;
    case 4:
        NAME(dft4)(x);
        break;
    case 5:
        NAME(dft5)(x);
        break;
    case 8:
        NAME(dft8)(x);
        break;
    case 9:
        NAME(dft9)(x);
        break;
    default:
        NAME(dft16)(x);
        break;
    }
}

/* One pass of radix r over l points, s transforms beside each other. The first one reads samples. */
INLINE void NAME(pass)(unsigned r, const cf_t *samples, bool swap, const float *src, float *dst, unsigned l,
                       unsigned s, const cf_t *twiddle)
{
    unsigned m = l / r;
    for (unsigned p = 0; p < m; p++) {
        const cf_t *w = twiddle + (size_t)p * (r - 1);
        for (unsigned q = 0; q < s; q++) {
            vc x[16];
            DFT_UNROLL
            for (unsigned j = 0; j < r; j++)
                x[j] = samples ? NAME(load_samples)(samples + (size_t)V * (p + m * j), swap)
                               : NAME(load)(src, q + (size_t)s * (p + m * j));
            NAME(dft_small)(r, x);
            NAME(store)(dst, q + (size_t)s * r * p, x[0]);
            DFT_UNROLL
            for (unsigned k = 1; k < r; k++) {
                vc y = m > 1 ? mul(x[k], (vc){set1(w[k - 1].re), set1(w[k - 1].im)}) : x[k];
                NAME(store)(dst, q + (size_t)s * (r * p + k), y);
            }
        }
    }
}

#define DFT_PASSES(r)                                                                                        \
    static void NAME(first_##r)(const cf_t *x, bool swap, float *dst, unsigned l, const cf_t *w)             \
    {                                                                                                        \
        if (swap)                                                                                            \
            NAME(pass)(r, x, true, NULL, dst, l, 1, w);                                                      \
        else                                                                                                 \
            NAME(pass)(r, x, false, NULL, dst, l, 1, w);                                                     \
    }                                                                                                        \
    static void NAME(pass_##r)(const float *src, float *dst, unsigned l, unsigned s, const cf_t *w)          \
    {                                                                                                        \
        NAME(pass)(r, NULL, false, src, dst, l, s, w);                                                       \
    }
DFT_PASSES(2)
DFT_PASSES(3)
DFT_PASSES(4)
DFT_PASSES(5)
DFT_PASSES(8)
DFT_PASSES(9)
DFT_PASSES(16)

/* The lanes of V vectors exchanged with their order. */
INLINE void NAME(transpose)(vf *x)
{
    (void)x;
#if V == 4
    vf a = __builtin_shufflevector(x[0], x[1], 0, 4, 1, 5),
       b = __builtin_shufflevector(x[0], x[1], 2, 6, 3, 7);
    vf c = __builtin_shufflevector(x[2], x[3], 0, 4, 1, 5),
       d = __builtin_shufflevector(x[2], x[3], 2, 6, 3, 7);
    x[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
    x[1] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
    x[2] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
    x[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
#elif V == 8
    vf t[8], u[8];
    for (unsigned i = 0; i < 8; i += 2) {
        t[i] = __builtin_shufflevector(x[i], x[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        t[i + 1] = __builtin_shufflevector(x[i], x[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (unsigned i = 0; i < 8; i += 4)
        for (unsigned j = 0; j < 2; j++) {
            u[i + 2 * j] = __builtin_shufflevector(t[i + j], t[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            u[i + 2 * j + 1] = __builtin_shufflevector(t[i + j], t[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    for (unsigned i = 0; i < 4; i++) {
        x[i] = __builtin_shufflevector(u[i], u[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        x[i + 4] = __builtin_shufflevector(u[i], u[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
#elif V == 16
    vf t[16], u[16];
    for (unsigned i = 0; i < 16; i += 2) {
        t[i] =
            __builtin_shufflevector(x[i], x[i + 1], 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
        t[i + 1] = __builtin_shufflevector(x[i], x[i + 1], 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30,
                                           15, 31);
    }
    for (unsigned i = 0; i < 16; i += 4)
        for (unsigned j = 0; j < 2; j++) {
            u[i + 2 * j] = __builtin_shufflevector(t[i + j], t[i + j + 2], 0, 1, 16, 17, 4, 5, 20, 21, 8, 9,
                                                   24, 25, 12, 13, 28, 29);
            u[i + 2 * j + 1] = __builtin_shufflevector(t[i + j], t[i + j + 2], 2, 3, 18, 19, 6, 7, 22, 23, 10,
                                                       11, 26, 27, 14, 15, 30, 31);
        }
    /* Quarters of u[i + 4 j]: row 4 q + i takes quarter q of u[i], u[i + 4], u[i + 8], u[i + 12]. */
    for (unsigned i = 0; i < 4; i++) {
        vf a =
            __builtin_shufflevector(u[i], u[i + 4], 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27);
        vf b = __builtin_shufflevector(u[i], u[i + 4], 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30,
                                       31);
        vf c = __builtin_shufflevector(u[i + 8], u[i + 12], 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25,
                                       26, 27);
        vf d = __builtin_shufflevector(u[i + 8], u[i + 12], 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28,
                                       29, 30, 31);
        x[i] = __builtin_shufflevector(a, c, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
        x[i + 4] = __builtin_shufflevector(b, d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
        x[i + 8] =
            __builtin_shufflevector(a, c, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
        x[i + 12] =
            __builtin_shufflevector(b, d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    }
#endif
}

INLINE void NAME(store_samples)(cf_t *at, vc x, bool swap)
{
    vf a = swap ? x.im : x.re, b = swap ? x.re : x.im;
#if V == 1
    vf p[2] = {a, b};
#elif V == 4
    vf p[2] = {__builtin_shufflevector(a, b, 0, 4, 1, 5), __builtin_shufflevector(a, b, 2, 6, 3, 7)};
#elif V == 8
    vf p[2] = {__builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11),
               __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)};
#else
    vf p[2] = {__builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23),
               __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)};
#endif
    ((vm *)at)[0] = p[0];
    ((vm *)at)[1] = p[1];
}

/* Joins the lanes: out[k + m k2] for all k and k2 < V. */
INLINE void NAME(join)(const dft_plan_t *plan, bool swap, const float *src, cf_t *out)
{
    unsigned m = plan->m;
    for (unsigned k = 0; k < m; k += V) {
        if (k + V > m)
            k = m - V; /* some again */
        vc x[V];
        for (unsigned j = 0; j < V; j++)
            x[j] = mul(NAME(load)(src, k + j), NAME(load)(plan->join, k + j));
        vf re[V], im[V];
        for (unsigned j = 0; j < V; j++) {
            re[j] = x[j].re;
            im[j] = x[j].im;
        }
        NAME(transpose)(re);
        NAME(transpose)(im);
        for (unsigned j = 0; j < V; j++)
            x[j] = (vc){re[j], im[j]};
        NAME(dft_small)(V, x);
        for (unsigned j = 0; j < V; j++)
            NAME(store_samples)(out + k + (size_t)m * j, x[j], swap);
    }
}

static void NAME(run)(const dft_plan_t *plan, bool inverse, const cf_t *in, cf_t *out, float *a, float *b)
{
    unsigned l = plan->m, s = 1;
    float *src = b, *dst = a;
    for (unsigned i = 0; i < plan->n_passes; i++) {
        unsigned r = plan->radix[i];
        const cf_t *w = plan->twiddle[i];
#define DFT_CASE(n)                                                                                          \
    case n:                                                                                                  \
        if (i)                                                                                               \
            NAME(pass_##n)(src, dst, l, s, w);                                                               \
        else                                                                                                 \
            NAME(first_##n)(in, inverse, dst, l, w);                                                         \
        break;
        switch (r) {
            DFT_CASE(2)
            DFT_CASE(3)
            DFT_CASE(4)
            DFT_CASE(5)
            DFT_CASE(8)
            DFT_CASE(9)
            DFT_CASE(16)
        }
#undef DFT_CASE
        float *t = src;
        src = dst;
        dst = t;
        l /= r;
        s *= r;
    }
#if V == 1
    for (unsigned k = 0; k < plan->m; k++)
        NAME(store_samples)
    (out + k, plan->n_passes ? NAME(load)(src, k) : (vc){in->re, in->im}, plan->n_passes && inverse);
#else
    if (inverse)
        NAME(join)(plan, true, src, out);
    else
        NAME(join)(plan, false, src, out);
#endif
}

#undef DFT_PASSES
#undef DFT_UNROLL
#undef turn
#undef add
#undef sub
#undef mul
#undef scale
#undef sub_j
#undef add_j
#undef set1
#undef vc
#undef vf
#undef vm
#undef va
#undef INLINE
#undef NAME
#undef DFT_GLUE
#undef DFT_GLUE_
#undef V
