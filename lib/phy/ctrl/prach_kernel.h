/* SPDX-License-Identifier: Apache-2.0 */
/* The correlator's kernel, included by one .c for each SIMD level, which defines LANES and PRACH_OPS. Each
 * lane is one pair of root sequence and received block; a lane's inverse DFT never meets its neighbours', so
 * there is no shuffle at all. N = R^2 points (32^2 = 1024, 16^2 = 256) in two passes of R-point transforms:
 * with k = R a + b and t = t1 + R t2, c(t) = sum_b W_R^(b t2) W_N^(b t1) sum_a x(R a + b) W_R^(a t1). */
#include "lib/phy/ctrl/prach_rx.h"

typedef float vec __attribute__((vector_size(LANES * 4)));

typedef struct {
    vec re, im;
} cvec;

static inline __attribute__((always_inline)) cvec add(cvec a, cvec b)
{
    return (cvec){a.re + b.re, a.im + b.im};
}

static inline __attribute__((always_inline)) cvec sub(cvec a, cvec b)
{
    return (cvec){a.re - b.re, a.im - b.im};
}

static inline __attribute__((always_inline)) cvec times(cvec a, float c, float s)
{
    return (cvec){a.re * c - a.im * s, a.re * s + a.im * c};
}

/* y(t) = sum_n x(n) j^(n t) */
static inline __attribute__((always_inline)) void idft4(cvec *x0, cvec *x1, cvec *x2, cvec *x3)
{
    cvec a = add(*x0, *x2), b = sub(*x0, *x2), c = add(*x1, *x3), d = sub(*x1, *x3);
    *x0 = add(a, c);
    *x2 = sub(a, c);
    *x1 = (cvec){b.re - d.im, b.im + d.re};
    *x3 = (cvec){b.re + d.im, b.im - d.re};
}

#define C1_32 0.98078528040323044913f
#define S1_32 0.19509032201612826785f
#define C2_32 0.92387953251128675613f
#define S2_32 0.38268343236508977173f
#define C3_32 0.83146961230254523708f
#define S3_32 0.55557023301960222474f
#define C4_32 0.70710678118654752440f

/* exp(j 2 pi i / 32), i below 22 */
static const float w32[22][2] = {
    {1, 0},           {C1_32, S1_32},   {C2_32, S2_32},   {C3_32, S3_32},   {C4_32, C4_32},  {S3_32, C3_32},
    {S2_32, C2_32},   {S1_32, C1_32},   {0, 1},           {-S1_32, C1_32},  {-S2_32, C2_32}, {-S3_32, C3_32},
    {-C4_32, C4_32},  {-C3_32, S3_32},  {-C2_32, S2_32},  {-C1_32, S1_32},  {-1, 0},         {-C1_32, -S1_32},
    {-C2_32, -S2_32}, {-C3_32, -S3_32}, {-C4_32, -C4_32}, {-S3_32, -C3_32},
};

static inline __attribute__((always_inline)) void idft8(cvec *x, const cvec *in, unsigned stride)
{
    cvec e0 = in[0], e1 = in[2 * stride], e2 = in[4 * stride], e3 = in[6 * stride];
    cvec o0 = in[stride], o1 = in[3 * stride], o2 = in[5 * stride], o3 = in[7 * stride];
    idft4(&e0, &e1, &e2, &e3);
    idft4(&o0, &o1, &o2, &o3);
    o1 = (cvec){(o1.re - o1.im) * C4_32, (o1.re + o1.im) * C4_32};
    o2 = (cvec){-o2.im, o2.re};
    o3 = (cvec){(-o3.re - o3.im) * C4_32, (o3.re - o3.im) * C4_32};
    x[0] = add(e0, o0);
    x[1] = add(e1, o1);
    x[2] = add(e2, o2);
    x[3] = add(e3, o3);
    x[4] = sub(e0, o0);
    x[5] = sub(e1, o1);
    x[6] = sub(e2, o2);
    x[7] = sub(e3, o3);
}

/* In place; R is 16 or 32, a constant after inlining. n = 4 a + b, t = t1 + R/4 t2. */
static inline __attribute__((always_inline)) void idft_r(unsigned r, cvec *x)
{
    cvec y[32];
    unsigned q = r / 4;
    for (unsigned b = 0; b < 4; b++) {
        if (r == 32) {
            idft8(y + b * q, x + b, 4);
        } else {
            for (unsigned a = 0; a < 4; a++)
                y[b * q + a] = x[4 * a + b];
            idft4(&y[b * q], &y[b * q + 1], &y[b * q + 2], &y[b * q + 3]);
        }
    }
    for (unsigned t1 = 0; t1 < q; t1++) {
        cvec c0 = y[t1], c1 = y[q + t1], c2 = y[2 * q + t1], c3 = y[3 * q + t1];
        if (t1) {
            unsigned w = t1 * (32 / r);
            c1 = times(c1, w32[w][0], w32[w][1]);
            c2 = times(c2, w32[2 * w][0], w32[2 * w][1]);
            c3 = times(c3, w32[3 * w][0], w32[3 * w][1]);
        }
        idft4(&c0, &c1, &c2, &c3);
        x[t1] = c0;
        x[t1 + q] = c1;
        x[t1 + 2 * q] = c2;
        x[t1 + 3 * q] = c3;
    }
}

static inline __attribute__((always_inline)) void correlate_r(unsigned r, bool packed, unsigned l_ra,
                                                              const cvec *roots, const cf_t *rx,
                                                              const cvec *rx_packed, const cf_t *twiddles,
                                                              cvec *buf, vec *power)
{
    cvec x[32];
    for (unsigned b = 0; b < r; b++) {
        for (unsigned a = 0; a < r; a++) {
            unsigned k = r * a + b;
            if (k < l_ra) {
                cvec u = roots[k], y;
                if (packed)
                    y = rx_packed[k];
                else
                    y = (cvec){rx[k].re - (vec){0}, rx[k].im - (vec){0}};
                x[a] = (cvec){y.re * u.re + y.im * u.im, y.im * u.re - y.re * u.im};
            } else {
                x[a] = (cvec){{0}, {0}};
            }
        }
        idft_r(r, x);
        for (unsigned t1 = 0; t1 < r; t1++)
            buf[t1 * r + b] = times(x[t1], twiddles[b * r + t1].re, twiddles[b * r + t1].im);
    }
    for (unsigned t1 = 0; t1 < r; t1++) {
        for (unsigned b = 0; b < r; b++)
            x[b] = buf[t1 * r + b];
        idft_r(r, x);
        for (unsigned t2 = 0; t2 < r; t2++)
            power[t1 * r + t2] += x[t2].re * x[t2].re + x[t2].im * x[t2].im;
    }
}

static void correlate_1024(unsigned l_ra, const float *roots, const cf_t *rx, const float *packed,
                           const cf_t *twiddles, float *buf, float *power)
{
    if (packed)
        correlate_r(32, true, l_ra, (const cvec *)roots, rx, (const cvec *)packed, twiddles, (cvec *)buf,
                    (vec *)power);
    else
        correlate_r(32, false, l_ra, (const cvec *)roots, rx, 0, twiddles, (cvec *)buf, (vec *)power);
}

static void correlate_256(unsigned l_ra, const float *roots, const cf_t *rx, const float *packed,
                          const cf_t *twiddles, float *buf, float *power)
{
    if (packed)
        correlate_r(16, true, l_ra, (const cvec *)roots, rx, (const cvec *)packed, twiddles, (cvec *)buf,
                    (vec *)power);
    else
        correlate_r(16, false, l_ra, (const cvec *)roots, rx, 0, twiddles, (cvec *)buf, (vec *)power);
}

const prach_ops_t PRACH_OPS = {
    .lanes = LANES, .correlate_1024 = correlate_1024, .correlate_256 = correlate_256};
