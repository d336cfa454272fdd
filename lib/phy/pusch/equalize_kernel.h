/* SPDX-License-Identifier: Apache-2.0 */
/* The equaliser's kernels, one body for all variants: each equalize_<isa>.c defines VEC_N and EQ_OPS. The
 * number of layers is a constant in every instance, so that the small matrices live in registers. */
#include "lib/phy/pusch/equalize.h"
#include "lib/phy/pusch/vec.h"

#define EQ_SINR_MAX 1e8f

/* Inverse of the hermitian positive definite a (lower triangle: re, im) by LDL^H; b gets the lower triangle.
 * No pivot falls below `least`. */
VEC_INLINE void invert(const int n, const vf_t least, vf_t ar[4][4], vf_t ai[4][4], vf_t br[4][4],
                       vf_t bi[4][4])
{
    vf_t lr[4][4], li[4][4], mr[4][4], mi[4][4], inv_d[4], d[4];
#pragma GCC unroll 4
    for (int j = 0; j < n; j++) {
        vf_t dj = ar[j][j];
#pragma GCC unroll 4
        for (int k = 0; k < j; k++)
            dj -= (lr[j][k] * lr[j][k] + li[j][k] * li[j][k]) * d[k];
        d[j] = vec_max(dj, least);
        inv_d[j] = 1.0f / d[j];
#pragma GCC unroll 4
        for (int i = j + 1; i < n; i++) {
            vf_t xr = ar[i][j], xi = ai[i][j];
#pragma GCC unroll 4
            for (int k = 0; k < j; k++) { /* l_ik conj(l_jk) d_k */
                xr -= (lr[i][k] * lr[j][k] + li[i][k] * li[j][k]) * d[k];
                xi -= (li[i][k] * lr[j][k] - lr[i][k] * li[j][k]) * d[k];
            }
            lr[i][j] = xr * inv_d[j];
            li[i][j] = xi * inv_d[j];
        }
    }
    /* m = l^-1, unit lower triangular */
#pragma GCC unroll 4
    for (int j = 0; j < n; j++) {
#pragma GCC unroll 4
        for (int i = j + 1; i < n; i++) {
            vf_t xr = lr[i][j], xi = li[i][j];
#pragma GCC unroll 4
            for (int k = j + 1; k < i; k++) {
                xr += lr[i][k] * mr[k][j] - li[i][k] * mi[k][j];
                xi += lr[i][k] * mi[k][j] + li[i][k] * mr[k][j];
            }
            mr[i][j] = -xr;
            mi[i][j] = -xi;
        }
    }
    /* b = m^H d^-1 m; b_ij for i >= j: sum over k >= i of conj(m_ki) m_kj / d_k */
#pragma GCC unroll 4
    for (int j = 0; j < n; j++) {
#pragma GCC unroll 4
        for (int i = j; i < n; i++) {
            vf_t xr, xi;
            if (i == j) {
                xr = inv_d[i];
                xi = vec_set(0);
            } else {
                xr = mr[i][j] * inv_d[i];
                xi = mi[i][j] * inv_d[i];
            }
#pragma GCC unroll 4
            for (int k = i + 1; k < n; k++) {
                vf_t pr = mr[k][i] * inv_d[k], pi = mi[k][i] * inv_d[k];
                xr += pr * mr[k][j] + pi * mi[k][j];
                xi += pr * mi[k][j] - pi * mr[k][j];
            }
            br[i][j] = xr;
            bi[i][j] = xi;
        }
    }
}

VEC_INLINE void filter_n(const int n, const eq_shape_t *shape, const float *h, const float *inv_var, float *g,
                         float *inv_noise)
{
    const unsigned n_rx = shape->n_rx;
    const size_t stride = shape->stride;
    const bool zf = shape->kind == EQ_ZF;
    for (unsigned k = 0; k < shape->n_sc; k += VEC_N) {
        vf_t ar[4][4], ai[4][4], br[4][4], bi[4][4];
#pragma GCC unroll 4
        for (int i = 0; i < n; i++)
#pragma GCC unroll 4
            for (int j = 0; j <= i; j++)
                ar[i][j] = ai[i][j] = vec_set(i == j && !zf && n > 1 ? 1.0f : 0.0f);
        for (unsigned r = 0; r < n_rx; r++) {
            vf_t hr[4], hi[4];
#pragma GCC unroll 4
            for (int l = 0; l < n; l++) {
                const float *p = h + ((unsigned)l * n_rx + r) * 2 * stride + k;
                hr[l] = vec_load(p);
                hi[l] = vec_load(p + stride);
            }
            const vf_t w = vec_set(inv_var[r]);
#pragma GCC unroll 4
            for (int i = 0; i < n; i++) { /* a_ij += conj(h_i) h_j / variance */
                vf_t wr = w * hr[i], wi = w * hi[i];
                ar[i][i] += wr * hr[i] + wi * hi[i];
#pragma GCC unroll 4
                for (int j = 0; j < i; j++) {
                    ar[i][j] += wr * hr[j] + wi * hi[j];
                    ai[i][j] += wr * hi[j] - wi * hr[j];
                }
            }
        }
        if (n == 1) { /* MRC; MMSE and ZF differ only in the bias */
            vf_t s = ar[0][0];
            vf_t inv = 1.0f / vec_max(shape->biased ? s + 1.0f : s, vec_set(1e-12f));
            vec_store(inv_noise + k, vec_min(s, vec_set(EQ_SINR_MAX)));
            for (unsigned r = 0; r < n_rx; r++) {
                size_t at = (size_t)r * 2 * stride + k;
                vf_t w = inv * inv_var[r];
                vec_store(g + at, vec_load(h + at) * w);
                vec_store(g + at + stride, vec_load(h + at + stride) * -w);
            }
            continue;
        }
        /* The pivots of 1 + a are at least 1; those of a only as rounding lets them be. */
        invert(n, zf ? ar[0][0] * 1e-7f + 1e-20f : vec_set(1.0f), ar, ai, br, bi);
        vf_t scale[4];
#pragma GCC unroll 4
        for (int l = 0; l < n; l++) {
            vf_t d = vec_max(br[l][l], vec_set(1e-12f));
            vf_t sinr;
            if (zf) {
                sinr = 1.0f / d;
                scale[l] = vec_set(1.0f);
            } else {
                vf_t gain = vec_max(1.0f - d, vec_set(1e-6f));
                sinr = gain / d;
                scale[l] = shape->biased ? vec_set(1.0f) : 1.0f / gain;
            }
            vec_store(inv_noise + (size_t)l * stride + k, vec_min(sinr, vec_set(EQ_SINR_MAX)));
        }
#pragma GCC unroll 4
        for (int l = 0; l < n; l++)
#pragma GCC unroll 4
            for (int m = 0; m < l; m++) { /* the other triangle, before the rows are scaled */
                br[m][l] = br[l][m] * scale[m];
                bi[m][l] = -bi[l][m] * scale[m];
                br[l][m] *= scale[l];
                bi[l][m] *= scale[l];
            }
#pragma GCC unroll 4
        for (int l = 0; l < n; l++)
            br[l][l] *= scale[l];
        for (unsigned r = 0; r < n_rx; r++) {
            vf_t hr[4], hi[4];
            const vf_t w = vec_set(inv_var[r]);
#pragma GCC unroll 4
            for (int l = 0; l < n; l++) {
                const float *p = h + ((unsigned)l * n_rx + r) * 2 * stride + k;
                hr[l] = vec_load(p) * w;
                hi[l] = vec_load(p + stride) * w;
            }
#pragma GCC unroll 4
            for (int l = 0; l < n; l++) { /* g_l = sum over m of b_lm conj(h_m) */
                vf_t gr = br[l][l] * hr[l], gi = br[l][l] * -hi[l];
#pragma GCC unroll 4
                for (int m = 0; m < n; m++) {
                    if (m == l)
                        continue;
                    gr += br[l][m] * hr[m] + bi[l][m] * hi[m];
                    gi += bi[l][m] * hr[m] - br[l][m] * hi[m];
                }
                float *p = g + ((unsigned)l * n_rx + r) * 2 * stride + k;
                vec_store(p, gr);
                vec_store(p + stride, gi);
            }
        }
    }
}

static void filter(const eq_shape_t *shape, const float *h, const float *inv_var, float *g, float *inv_noise)
{
    switch (shape->n_layers) {
    case 1:
        filter_n(1, shape, h, inv_var, g, inv_noise);
        break;
    case 2:
        filter_n(2, shape, h, inv_var, g, inv_noise);
        break;
    case 3:
        filter_n(3, shape, h, inv_var, g, inv_noise);
        break;
    default:
        filter_n(4, shape, h, inv_var, g, inv_noise);
    }
}

/* Complex numbers as one element each, for interleaving layers. */
typedef double vd_t __attribute__((vector_size(4 * VEC_N)));
#if VEC_N == 4
#define ZIP64_LO(a, b) __builtin_shufflevector(a, b, 0, 2)
#define ZIP64_HI(a, b) __builtin_shufflevector(a, b, 1, 3)
#elif VEC_N == 8
#define ZIP64_LO(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define ZIP64_HI(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#else
#define ZIP64_LO(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define ZIP64_HI(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#endif

VEC_INLINE void put(cf_t *out, size_t i, vd_t v)
{
    memcpy((float *)out + i * VEC_N, &v, sizeof v);
}

VEC_INLINE void apply_n(const int n, const eq_shape_t *shape, const float *g, unsigned first, unsigned n_sc,
                        const ci16_t *const *rows, cf_t rotation, cf_t *out)
{
    const unsigned n_rx = shape->n_rx;
    const size_t stride = shape->stride;
    for (unsigned k = 0; k < n_sc; k += VEC_N) {
        vf_t xr[4], xi[4];
#pragma GCC unroll 4
        for (int l = 0; l < n; l++)
            xr[l] = xi[l] = vec_set(0);
        for (unsigned r = 0; r < n_rx; r++) {
            vf_t yr, yi;
            vec_split_ci16(vec_load_ci16(rows[r] + k), &yr, &yi);
#pragma GCC unroll 4
            for (int l = 0; l < n; l++) {
                const float *p = g + ((unsigned)l * n_rx + r) * 2 * stride + first + k;
                vf_t gr = vec_load(p), gi = vec_load(p + stride);
                xr[l] += gr * yr;
                xr[l] -= gi * yi;
                xi[l] += gr * yi;
                xi[l] += gi * yr;
            }
        }
        vd_t lo[4], hi[4];
#pragma GCC unroll 4
        for (int l = 0; l < n; l++) {
            vf_t zr = xr[l] * rotation.re - xi[l] * rotation.im;
            vf_t zi = xr[l] * rotation.im + xi[l] * rotation.re;
            lo[l] = (vd_t)VEC_ZIP_LO(zr, zi);
            hi[l] = (vd_t)VEC_ZIP_HI(zr, zi);
        }
        if (n == 1) {
            put(out + k, 0, lo[0]);
            put(out + k, 1, hi[0]);
        } else if (n == 2) {
            cf_t *o = out + (size_t)2 * k;
            put(o, 0, ZIP64_LO(lo[0], lo[1]));
            put(o, 1, ZIP64_HI(lo[0], lo[1]));
            put(o, 2, ZIP64_LO(hi[0], hi[1]));
            put(o, 3, ZIP64_HI(hi[0], hi[1]));
        } else if (n == 4) {
            cf_t *o = out + (size_t)4 * k;
#pragma GCC unroll 2
            for (int half = 0; half < 2; half++) {
                vd_t *v = half ? hi : lo;
                vd_t a = ZIP64_LO(v[0], v[2]), b = ZIP64_LO(v[1], v[3]);
                vd_t c = ZIP64_HI(v[0], v[2]), d = ZIP64_HI(v[1], v[3]);
                put(o, (size_t)half * 4 + 0, ZIP64_LO(a, b));
                put(o, (size_t)half * 4 + 1, ZIP64_HI(a, b));
                put(o, (size_t)half * 4 + 2, ZIP64_LO(c, d));
                put(o, (size_t)half * 4 + 3, ZIP64_HI(c, d));
            }
        } else {
            cf_t *o = out + (size_t)3 * k;
            cf_t lane[3][VEC_N];
            for (int l = 0; l < 3; l++) {
                put(lane[l], 0, lo[l]);
                put(lane[l], 1, hi[l]);
            }
            for (int i = 0; i < VEC_N; i++)
                for (int l = 0; l < 3; l++)
                    o[3 * i + l] = lane[l][i];
        }
    }
}

static void apply(const eq_shape_t *shape, const float *g, unsigned first, unsigned n_sc,
                  const ci16_t *const *rows, cf_t rotation, cf_t *out)
{
    switch (shape->n_layers) {
    case 1:
        apply_n(1, shape, g, first, n_sc, rows, rotation, out);
        break;
    case 2:
        apply_n(2, shape, g, first, n_sc, rows, rotation, out);
        break;
    case 3:
        apply_n(3, shape, g, first, n_sc, rows, rotation, out);
        break;
    default:
        apply_n(4, shape, g, first, n_sc, rows, rotation, out);
    }
}

static void order_noise(unsigned n_layers, const float *in, size_t stride, unsigned n_sc, float *out)
{
    if (n_layers == 1) {
        memcpy(out, in, n_sc * sizeof *out);
    } else if (n_layers == 3) {
        for (unsigned k = 0; k < n_sc; k++)
            for (unsigned l = 0; l < 3; l++)
                out[3 * k + l] = in[l * stride + k];
    } else {
        for (unsigned k = 0; k < n_sc; k += VEC_N) {
            vf_t a = vec_load(in + k), b = vec_load(in + stride + k);
            float *o = out + (size_t)n_layers * k;
            if (n_layers == 2) {
                vec_store(o, VEC_ZIP_LO(a, b));
                vec_store(o + VEC_N, VEC_ZIP_HI(a, b));
            } else {
                vf_t c = vec_load(in + 2 * stride + k), d = vec_load(in + 3 * stride + k);
                vf_t ac = VEC_ZIP_LO(a, c), bd = VEC_ZIP_LO(b, d);
                vec_store(o, VEC_ZIP_LO(ac, bd));
                vec_store(o + VEC_N, VEC_ZIP_HI(ac, bd));
                ac = VEC_ZIP_HI(a, c);
                bd = VEC_ZIP_HI(b, d);
                vec_store(o + 2 * VEC_N, VEC_ZIP_LO(ac, bd));
                vec_store(o + 3 * VEC_N, VEC_ZIP_HI(ac, bd));
            }
        }
    }
}

/* v = m v (filter false) or v^T = v^T m (filter true), m [n][n] lower triangular, at every subcarrier. Rows
 * from the last (the first) on, so that it can be done in place. */
static void triangle(const cf_t *m, unsigned n, bool filter, float *v, size_t stride, unsigned n_sc)
{
    for (unsigned k = 0; k < n_sc; k += VEC_N) {
        /* The last vector may reach into the next group, which has another m: that part keeps its values. */
        unsigned left = n_sc - k;
        for (unsigned s = 0; s < n; s++) {
            unsigned i = filter ? s : n - 1 - s;
            vf_t re = vec_set(0), im = vec_set(0);
            for (unsigned j = filter ? i : 0; j < (filter ? n : i + 1); j++) {
                cf_t c = filter ? m[j * n + i] : m[i * n + j];
                vf_t xr = vec_load(v + (size_t)2 * j * stride + k);
                vf_t xi = vec_load(v + ((size_t)2 * j + 1) * stride + k);
                re += xr * c.re - xi * c.im;
                im += xr * c.im + xi * c.re;
            }
            if (left >= VEC_N) {
                vec_store(v + (size_t)2 * i * stride + k, re);
                vec_store(v + ((size_t)2 * i + 1) * stride + k, im);
            } else {
                memcpy(v + (size_t)2 * i * stride + k, &re, left * sizeof(float));
                memcpy(v + ((size_t)2 * i + 1) * stride + k, &im, left * sizeof(float));
            }
        }
    }
}

const eq_ops_t EQ_OPS = {filter, apply, order_noise, triangle};
