/* SPDX-License-Identifier: Apache-2.0 */
/* The channel estimator's kernels, one body for all variants: each chest_<isa>.c defines VEC_N and CHEST_OPS.
 */
#include "lib/phy/pusch/chest.h"
#include "lib/phy/pusch/vec.h"

/* Stores the first n <= VEC_N lanes. */
VEC_INLINE void store_n(float *p, vf_t v, unsigned n)
{
    if (n >= VEC_N)
        vec_store(p, v);
    else
        memcpy(p, &v, n * sizeof *p);
}

VEC_INLINE vf_t load_n(const float *p, unsigned n)
{
    if (n >= VEC_N)
        return vec_load(p);
    vf_t v = {0};
    memcpy(&v, p, n * sizeof *p);
    return v;
}

/* The i-th vector of pilots in a symbol: type 1 every second subcarrier from delta on, type 2 two of six. */
VEC_INLINE void gather_pilots(const ci16_t *row, unsigned type, unsigned i, vf_t *re, vf_t *im)
{
    if (type == 1) {
        vf_t a = (vf_t)vec_load_ci16(row + 2 * i), b;
        /* The last odd sample of a run whose delta is 1 lies one behind the run: within the grid's padding.
         */
        b = (vf_t)vec_load_ci16(row + 2 * i + VEC_N);
        vec_split_ci16((vi_t)VEC_EVEN(a, b), re, im);
    } else {
        ci16_t s[VEC_N];
        for (unsigned j = 0; j < VEC_N; j += 2)
            memcpy(s + j, row + 3 * (i + j), 2 * sizeof *s);
        vec_split_ci16(vec_load_ci16(s), re, im);
    }
}

/* re, im = pilots * conj(ref) * scale; the sum of |pilots|^2. */
static float ls(const ci16_t *row, unsigned type, unsigned delta, const cf_t *ref, unsigned n_prb,
                float scale, float *re, float *im)
{
    const unsigned n = n_prb * dmrs_per_prb(type);
    const float *r = (const float *)ref;
    vf_t power = {0};
    row += delta;
    unsigned i = 0;
    for (; i + VEC_N <= n; i += VEC_N) {
        vf_t yr, yi;
        gather_pilots(row, type, i, &yr, &yi);
        vf_t a = vec_load(r + 2 * i), b = vec_load(r + 2 * i + VEC_N);
        vf_t rr = VEC_EVEN(a, b), ri = VEC_ODD(a, b);
        power += yr * yr + yi * yi;
        vec_store(re + i, (yr * rr + yi * ri) * scale);
        vec_store(im + i, (yi * rr - yr * ri) * scale);
    }
    float sum = vec_sum(power);
    for (; i < n; i++) {
        const ci16_t y = row[type == 1 ? 2 * i : 6 * (i / 2) + i % 2];
        float yr = y.re, yi = y.im;
        sum += yr * yr + yi * yi;
        re[i] = (yr * ref[i].re + yi * ref[i].im) * scale;
        im[i] = (yi * ref[i].re - yr * ref[i].im) * scale;
    }
    return sum;
}

VEC_INLINE vf_t four_pilots(const float *x, float outer, float w_f)
{
    vf_t lo = vec_load(x), hi = vec_load(x + VEC_N);
    vf_t before = VEC_ODD(vec_load(x - 2), vec_load(x - 2 + VEC_N));
    vf_t behind = VEC_EVEN(vec_load(x + 2), vec_load(x + 2 + VEC_N));
    vf_t even = VEC_EVEN(lo, hi) * (0.5f - outer) + behind * outer;
    vf_t odd = VEC_ODD(lo, hi) * (0.5f - outer) + before * outer;
    return even + odd * w_f;
}

/* Pairs of one run: pair p from pilots 2p-1 .. 2p+2 of a with weights outer, 1/2 - outer, 1/2 - outer, outer,
 * w_f on the odd ones; the first and last from their own two. With a second symbol b (NULL: none) the mean
 * with w_t times the same of b. */
static void despread(const float *const a[2], const float *const b[2], unsigned n_pairs, float outer,
                     float w_f, float w_t, float *re, float *im)
{
    const float half = b ? 0.5f : 1.0f;
    for (int c = 0; c < 2; c++) {
        float *out = c ? im : re;
        for (unsigned p = 1; p + 1 < n_pairs; p += VEC_N) {
            vf_t sum = four_pilots(a[c] + 2 * p, outer, w_f);
            if (b)
                sum += four_pilots(b[c] + 2 * p, outer, w_f) * w_t;
            store_n(out + p, sum * half, n_pairs - 1 - p);
        }
        for (unsigned p = 0; p<n_pairs; p += n_pairs> 1 ? n_pairs - 1 : 1) {
            float sum = a[c][2 * p] + w_f * a[c][2 * p + 1];
            if (b)
                sum += w_t * (b[c][2 * p] + w_f * b[c][2 * p + 1]);
            out[p] = sum * half * 0.5f;
        }
    }
}

/* Adds: [0] power, [1, 2] sum conj(x[i]) x[i+1], [3, 4] the same two apart, [5] sum |x[i-1] - 2x[i] +
 * x[i+1]|^2. */
static void lags(const float *re, const float *im, unsigned n, float sums[6])
{
    vf_t s[6] = {0};
    for (unsigned i = 0; i < n; i += VEC_N) {
        const unsigned n0 = n - i, n1 = n0 - 1, n2 = n0 > 2 ? n0 - 2 : 0;
        vf_t r0 = load_n(re + i, n0), i0 = load_n(im + i, n0);
        s[0] += r0 * r0 + i0 * i0;
        vf_t r1 = load_n(re + i + 1, n1), i1 = load_n(im + i + 1, n1);
        s[1] += r0 * r1 + i0 * i1;
        s[2] += r0 * i1 - i0 * r1;
        vf_t r2 = load_n(re + i + 2, n2), i2 = load_n(im + i + 2, n2);
        s[3] += r0 * r2 + i0 * i2;
        s[4] += r0 * i2 - i0 * r2;
        vf_t dr = r0 - 2 * r1 + r2, di = i0 - 2 * i1 + i2;
        if (n2 < VEC_N)
            for (unsigned j = 0; j < VEC_N; j++)
                if (j >= n2)
                    dr[j] = di[j] = 0;
        s[5] += dr * dr + di * di;
    }
    for (int j = 0; j < 6; j++)
        sums[j] += vec_sum(s[j]);
}

/* sum += conj(a) b */
static void correlate(const float *const a[2], const float *const b[2], unsigned n, float sum[2])
{
    vf_t sr = {0}, si = {0};
    for (unsigned i = 0; i < n; i += VEC_N) {
        vf_t ar = load_n(a[0] + i, n - i), ai = load_n(a[1] + i, n - i);
        vf_t br = load_n(b[0] + i, n - i), bi = load_n(b[1] + i, n - i);
        sr += ar * br + ai * bi;
        si += ar * bi - ai * br;
    }
    sum[0] += vec_sum(sr);
    sum[1] += vec_sum(si);
}

/* x *= phase * factor */
static void rotate(float *re, float *im, const float *const phase[2], cf_t factor, unsigned n)
{
    for (unsigned i = 0; i < n; i += VEC_N) {
        vf_t pr = vec_load(phase[0] + i), pi = vec_load(phase[1] + i);
        vf_t fr = pr * factor.re - pi * factor.im, fi = pr * factor.im + pi * factor.re;
        vf_t xr = vec_load(re + i), xi = vec_load(im + i);
        store_n(re + i, xr * fr - xi * fi, n - i);
        store_n(im + i, xr * fi + xi * fr, n - i);
    }
}

#define PRB_VECS ((12 + VEC_N - 1) / VEC_N)

/* PRBs out[0], out[1] .. from the pairs of their windows, in, which moves `step` pairs a PRB. */
VEC_INLINE void smooth_prbs(const float *weight, const unsigned taps, const float *const in[2], unsigned from,
                            unsigned step, float *const out[2], unsigned q, unsigned n)
{
    vf_t kept[15]; /* stores could change what weight points to, not these */
    const bool keep = VEC_N == 16 && taps == 15;
#pragma GCC unroll 15
    for (unsigned t = 0; keep && t < 15; t++)
        kept[t] = vec_load(weight + 16 * t);
    for (unsigned i = 0; i < n; i++) {
        vf_t re[PRB_VECS], im[PRB_VECS];
        for (int v = 0; v < PRB_VECS; v++)
            re[v] = im[v] = vec_set(0);
        const float *xr = in[0] + from + i * step, *xi = in[1] + from + i * step;
#pragma GCC unroll 15
        for (unsigned t = 0; t < taps; t++)
            for (int v = 0; v < PRB_VECS; v++) {
                vf_t w = keep ? kept[t] : vec_load(weight + 16 * t + v * VEC_N);
                re[v] += w * xr[t];
                im[v] += w * xi[t];
            }
        for (int v = 0; v < PRB_VECS; v++) {
            vec_store(out[0] + 12 * (q + i) + v * VEC_N, re[v]);
            vec_store(out[1] + 12 * (q + i) + v * VEC_N, im[v]);
        }
    }
}

/* One run of n_prb PRBs through windows of w->n_prb: the first and last PRBs take the nearest whole window.
 */
static void smooth(const chest_window_t *w, const float *const in[2], unsigned n_prb, float *const out[2])
{
    const unsigned size = w->n_prb, step = w->taps / size, centre = size / 2;
    const size_t pos = (size_t)w->taps * 16;
    if (n_prb == size) {
        for (unsigned q = 0; q < size; q++)
            smooth_prbs(w->weight + q * pos, w->taps, in, 0, step, out, q, 1);
        return;
    }
    const unsigned inner = n_prb - size + 1, last = n_prb - size;
    for (unsigned q = 0; q < centre; q++)
        smooth_prbs(w->weight + q * pos, w->taps, in, 0, step, out, q, 1);
    const float *mid = w->weight + centre * pos;
    if (w->taps == 15)
        smooth_prbs(mid, 15, in, 0, 3, out, centre, inner);
    else
        smooth_prbs(mid, w->taps, in, 0, step, out, centre, inner);
    for (unsigned q = centre + 1; q < size; q++)
        smooth_prbs(w->weight + q * pos, w->taps, in, last * step, step, out, last + q, 1);
}

/* pilots -= w[i % 2] * h at the pilots */
static void explain(float *re, float *im, unsigned type, unsigned delta, const float *const h[2],
                    const float w[2], unsigned n_prb)
{
    const unsigned n = n_prb * dmrs_per_prb(type);
    unsigned i = 0;
    if (type == 1) {
        vf_t sign;
        for (int j = 0; j < VEC_N; j++)
            sign[j] = w[j % 2];
        for (; i + VEC_N <= n; i += VEC_N) {
            const float *pr = h[0] + 2 * i, *pi = h[1] + 2 * i;
            vf_t ar = vec_load(pr), br = vec_load(pr + VEC_N), ai = vec_load(pi), bi = vec_load(pi + VEC_N);
            vec_store(re + i, vec_load(re + i) - sign * (delta ? VEC_ODD(ar, br) : VEC_EVEN(ar, br)));
            vec_store(im + i, vec_load(im + i) - sign * (delta ? VEC_ODD(ai, bi) : VEC_EVEN(ai, bi)));
        }
    }
    for (; i < n; i++) {
        unsigned k = delta + (type == 1 ? 2 * i : 6 * (i / 2) + i % 2);
        re[i] -= w[i % 2] * h[0][k];
        im[i] -= w[i % 2] * h[1][k];
    }
}

/* out = sum of weight[j] in[j] */
static void combine(const float *const *in, const float *weight, unsigned n_in, size_t n, float *out)
{
    for (size_t i = 0; i < n; i += VEC_N) {
        vf_t x = vec_load(in[0] + i) * weight[0];
        for (unsigned j = 1; j < n_in; j++)
            x += vec_load(in[j] + i) * weight[j];
        vec_store(out + i, x);
    }
}

const chest_ops_t CHEST_OPS = {ls, despread, lags, correlate, rotate, smooth, explain, combine};
