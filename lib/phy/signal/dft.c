/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/dft_ops.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SMOOTH_MAX 4096

struct dft_tables {
    dft_kernels_t kernels;
    dft_plan_t *plan[DFT_MAX + 1];
};

/* Offset in the first work buffer of what Bluestein's convolution keeps. */
#define BLUESTEIN_AT DFT_MAX
static const unsigned primes[] = {139, 571, 839, 1151}; /* L_RA of TS 38.211 6.3.3.1 */

static cf_t root(uint64_t k, unsigned n)
{
    double a = -2 * M_PI * (double)(k % n) / n;
    return (cf_t){(float)cos(a), (float)sin(a)};
}

static unsigned remove_factor(unsigned *n, unsigned f)
{
    unsigned count = 0;
    for (; *n % f == 0; *n /= f)
        count++;
    return count;
}

/* Radices of a size, or 0 passes when it has another prime factor. */
static bool factor(unsigned m, unsigned *ret_n, uint8_t radix[DFT_MAX_PASSES])
{
    unsigned n = 0, two = remove_factor(&m, 2), three = remove_factor(&m, 3), five = remove_factor(&m, 5);
    if (m != 1)
        return false;
    /* 8s, and 4s so that a single 2 stays only where it must. */
    while (two >= 3 && two != 4) {
        radix[n++] = 8;
        two -= 3;
    }
    for (; two >= 2; two -= 2)
        radix[n++] = 4;
    if (two)
        radix[n++] = 2;
    for (; three >= 2; three -= 2)
        radix[n++] = 9;
    if (three)
        radix[n++] = 3;
    for (; five; five--)
        radix[n++] = 5;
    *ret_n = n;
    return true;
}

static void *aligned(size_t bytes)
{
    return aligned_alloc(64, (bytes + 63) / 64 * 64);
}

static void plan_destroy(dft_plan_t *p)
{
    if (!p)
        return;
    for (unsigned i = 0; i < p->n_passes; i++)
        free(p->twiddle[i]);
    free(p->join);
    free(p->chirp);
    free(p->response);
    free(p);
}

static int plan_smooth(const dft_kernels_t *kernels, unsigned n, dft_plan_t **ret)
{
    dft_plan_t *p = calloc(1, sizeof *p);
    if (!p)
        return -ENOMEM;
    /* As many lanes as leave at least as many points in each. */
    p->n = n;
    p->v = kernels->v16 && n % 16 == 0 && n >= 256 ? 16
           : kernels->v8 && n % 8 == 0 && n >= 64  ? 8
           : n % 4 == 0 && n >= 16                 ? 4
                                                   : 1;
    p->m = n / p->v;
    p->run = p->v == 16 ? kernels->v16 : p->v == 8 ? kernels->v8 : p->v == 4 ? kernels->v4 : kernels->v1;
    bool smooth = factor(p->m, &p->n_passes, p->radix);
    assert(smooth);
    (void)smooth;
    unsigned l = p->m;
    for (unsigned i = 0; i < p->n_passes; i++) {
        unsigned r = p->radix[i];
        cf_t *w = aligned(sizeof *w * (l / r) * (r - 1));
        if (!w) {
            p->n_passes = i;
            plan_destroy(p);
            return -ENOMEM;
        }
        p->twiddle[i] = w;
        for (unsigned at = 0; at < l / r; at++)
            for (unsigned k = 1; k < r; k++)
                *w++ = root((uint64_t)at * k, l);
        l /= r;
    }
    if (p->v > 1) {
        float *w = p->join = aligned(sizeof *w * 2 * n);
        if (!w) {
            plan_destroy(p);
            return -ENOMEM;
        }
        for (unsigned k = 0; k < p->m; k++, w += 2 * p->v)
            for (unsigned v = 0; v < p->v; v++) {
                cf_t x = root((uint64_t)v * k, n);
                w[v] = x.re;
                w[p->v + v] = x.im;
            }
    }
    *ret = p;
    return 0;
}

/* Bluestein: k i = (k^2 + i^2 - (k - i)^2) / 2 makes a transform of any size a convolution with a chirp. */
static void run_bluestein(const dft_plan_t *p, bool inverse, const cf_t *in, cf_t *out, float *a, float *b)
{
    const dft_plan_t *c = p->convolution;
    cf_t *x = (cf_t *)(a + BLUESTEIN_AT);
    for (unsigned i = 0; i < p->n; i++) {
        cf_t s = inverse ? (cf_t){in[i].im, in[i].re} : in[i], w = p->chirp[i];
        x[i] = (cf_t){s.re * w.re - s.im * w.im, s.re * w.im + s.im * w.re};
    }
    memset(x + p->n, 0, sizeof *x * (c->n - p->n));
    c->run(c, false, x, x, a, b);
    for (unsigned i = 0; i < c->n; i++) {
        cf_t s = x[i], w = p->response[i];
        x[i] = (cf_t){s.re * w.re - s.im * w.im, s.re * w.im + s.im * w.re};
    }
    c->run(c, true, x, x, a, b);
    for (unsigned i = 0; i < p->n; i++) {
        cf_t s = x[i], w = p->chirp[i];
        s = (cf_t){s.re * w.re - s.im * w.im, s.re * w.im + s.im * w.re};
        out[i] = inverse ? (cf_t){s.im, s.re} : s;
    }
}

static int plan_bluestein(const struct dft_tables *t, unsigned n, dft_plan_t **ret)
{
    unsigned l = 2 * n - 1;
    while (!t->plan[l] || l % 16)
        l++;
    dft_plan_t *p = calloc(1, sizeof *p), *c = t->plan[l];
    dft_work_t *work = aligned(sizeof *work);
    if (!p || !work || !(p->chirp = aligned(sizeof(cf_t) * n)) ||
        !(p->response = aligned(sizeof(cf_t) * l))) {
        free(work);
        plan_destroy(p);
        return -ENOMEM;
    }
    p->n = n;
    p->run = run_bluestein;
    p->convolution = c;
    memset(p->response, 0, sizeof(cf_t) * l);
    for (unsigned i = 0; i < n; i++) {
        p->chirp[i] = root((uint64_t)i * i, 2 * n);
        cf_t w = {p->chirp[i].re / (float)l, -p->chirp[i].im / (float)l};
        p->response[i] = p->response[i ? l - i : 0] = w;
    }
    c->run(c, false, p->response, p->response, work->a, work->b);
    free(work);
    *ret = p;
    return 0;
}

int dft_tables_create(phy_isa_t isa, struct dft_tables **ret)
{
    struct dft_tables *t = calloc(1, sizeof *t);
    if (!t)
        return -ENOMEM;
    t->kernels = dft_kernels_generic;
#if defined(__x86_64__)
    if (isa >= PHY_ISA_AVX2)
        t->kernels = dft_kernels_avx2;
    if (isa >= PHY_ISA_AVX512)
        t->kernels = dft_kernels_avx512;
#endif
    (void)isa;
    int err = 0;
    for (unsigned n = 1; n <= DFT_MAX && !err; n++) {
        unsigned count, m = n;
        uint8_t radix[DFT_MAX_PASSES];
        remove_factor(&m, 2);
        if (factor(n, &count, radix) && (n <= SMOOTH_MAX || m == 1 || m == 3))
            err = plan_smooth(&t->kernels, n, &t->plan[n]);
    }
    for (unsigned i = 0; i < sizeof primes / sizeof *primes && !err; i++)
        err = plan_bluestein(t, primes[i], &t->plan[primes[i]]);
    if (err) {
        dft_tables_destroy(t);
        return err;
    }
    *ret = t;
    return 0;
}

void dft_tables_destroy(struct dft_tables *t)
{
    if (!t)
        return;
    for (unsigned n = 0; n <= DFT_MAX; n++)
        plan_destroy(t->plan[n]);
    free(t);
}

const dft_plan_t *dft_plan(const phy_t *phy, unsigned n)
{
    return n <= DFT_MAX ? phy->dft->plan[n] : NULL;
}

unsigned dft_size(const dft_plan_t *plan)
{
    return plan->n;
}

void dft(const dft_plan_t *plan, dft_direction_t direction, const cf_t *in, cf_t *out, dft_work_t *work)
{
    plan->run(plan, direction == DFT_INVERSE, in, out, work->a, work->b);
}

void dft_batch(const dft_plan_t *plan, dft_direction_t direction, unsigned count, const cf_t *in,
               size_t in_stride, cf_t *out, size_t out_stride, dft_work_t *work)
{
    for (unsigned i = 0; i < count; i++)
        dft(plan, direction, in + i * in_stride, out + i * out_stride, work);
}

void cf_scale(cf_t *x, size_t n, float factor_)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (cf_t){x[i].re * factor_, x[i].im * factor_};
}
