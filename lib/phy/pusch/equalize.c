/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/pusch/equalize.h"

#include <math.h>

const eq_ops_t *eq_ops(phy_isa_t isa)
{
#if defined(__x86_64__)
    if (isa >= PHY_ISA_AVX512)
        return &eq_ops_avx512;
    if (isa >= PHY_ISA_AVX2)
        return &eq_ops_avx2;
#endif
    (void)isa;
    return &eq_ops_generic;
}

void eq_filter(const phy_t *phy, const eq_shape_t *shape, const float *h, const float *noise, float *g,
               float *inv_noise)
{
    float inv_var[PHY_MAX_PORTS];
    for (unsigned r = 0; r < shape->n_rx; r++) {
        bool sane = noise[r] >= 0 && noise[r] < 1e12f;
        inv_var[r] = sane ? 1.0f / fmaxf(noise[r], 1e-9f) : 0.0f;
    }
    phy->equalize->filter(shape, h, inv_var, g, inv_noise);
}

/* Inverse of the Cholesky factor of the hermitian r [n][n]: m lower triangular with m r m^H = 1. A pivot that
 * is not above a millionth of the mean power is taken for that. */
static void whitening(const cf_t *r, unsigned n, cf_t *m)
{
    double lr[8][8] = {{0}}, li[8][8] = {{0}}, mr[8][8] = {{0}}, mi[8][8] = {{0}}, trace = 0;
    for (unsigned i = 0; i < n; i++)
        trace += r[i * n + i].re;
    double least = trace > 0 && trace < 1e15 ? trace / n * 1e-6 : 1;
    least = least > 1e-10 ? least : 1e-10;
    for (unsigned j = 0; j < n; j++) {
        double d = r[j * n + j].re;
        for (unsigned k = 0; k < j; k++)
            d -= lr[j][k] * lr[j][k] + li[j][k] * li[j][k];
        d = sqrt(d > least ? d : least);
        lr[j][j] = d;
        for (unsigned i = j + 1; i < n; i++) {
            double xr = r[i * n + j].re, xi = r[i * n + j].im;
            for (unsigned k = 0; k < j; k++) {
                xr -= lr[i][k] * lr[j][k] + li[i][k] * li[j][k];
                xi -= li[i][k] * lr[j][k] - lr[i][k] * li[j][k];
            }
            lr[i][j] = xr / d;
            li[i][j] = xi / d;
        }
    }
    for (unsigned j = 0; j < n; j++) {
        mr[j][j] = 1 / lr[j][j];
        for (unsigned i = j + 1; i < n; i++) {
            double xr = 0, xi = 0;
            for (unsigned k = j; k < i; k++) {
                xr += lr[i][k] * mr[k][j] - li[i][k] * mi[k][j];
                xi += lr[i][k] * mi[k][j] + li[i][k] * mr[k][j];
            }
            mr[i][j] = -xr / lr[i][i];
            mi[i][j] = -xi / lr[i][i];
        }
    }
    for (unsigned i = 0; i < n; i++)
        for (unsigned j = 0; j < n; j++)
            m[i * n + j] = (cf_t){(float)mr[i][j], (float)mi[i][j]};
}

void eq_filter_irc(const phy_t *phy, const eq_shape_t *shape, float *h, const cf_t *covariance,
                   unsigned group_prb, float *g, float *inv_noise)
{
    const unsigned n = shape->n_rx, step = group_prb * 12;
    const size_t layer = (size_t)2 * n * shape->stride;
    const float one[PHY_MAX_PORTS] = {1, 1, 1, 1, 1, 1, 1, 1};
    cf_t m[PHY_MAX_PORTS * PHY_MAX_PORTS];
    for (unsigned at = 0, i = 0; at < shape->n_sc; at += step, i++) {
        unsigned n_sc = shape->n_sc - at < step ? shape->n_sc - at : step;
        whitening(covariance + (size_t)i * n * n, n, m);
        for (unsigned l = 0; l < shape->n_layers; l++)
            phy->equalize->triangle(m, n, false, h + l * layer + at, shape->stride, n_sc);
    }
    phy->equalize->filter(shape, h, one, g, inv_noise);
    for (unsigned at = 0, i = 0; at < shape->n_sc; at += step, i++) {
        unsigned n_sc = shape->n_sc - at < step ? shape->n_sc - at : step;
        whitening(covariance + (size_t)i * n * n, n, m);
        for (unsigned l = 0; l < shape->n_layers; l++)
            phy->equalize->triangle(m, n, true, g + l * layer + at, shape->stride, n_sc);
    }
}

void eq_apply(const phy_t *phy, const eq_shape_t *shape, const float *g, unsigned first, unsigned n_sc,
              const ci16_t *const *rows, cf_t rotation, cf_t *out)
{
    const cf_t scaled = {rotation.re / PHY_UNIT, rotation.im / PHY_UNIT};
    phy->equalize->apply(shape, g, first, n_sc, rows, scaled, out);
}

void eq_order_noise(const phy_t *phy, const eq_shape_t *shape, const float *inv_noise, unsigned first,
                    unsigned n_sc, float *out)
{
    phy->equalize->order_noise(shape->n_layers, inv_noise + first, shape->stride, n_sc, out);
}
