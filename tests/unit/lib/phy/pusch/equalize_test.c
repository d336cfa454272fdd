/* SPDX-License-Identifier: Apache-2.0 */
/* The equaliser against its formula in double precision: G = D (H^H R^-1 H + I)^-1 H^H R^-1 by Gauss-Jordan
 * elimination, symbols and SINRs. Variants and that: within float's tolerance (the order of fused
 * multiply-adds differs, so results are not bit-equal). A wrong filter costs every UE of the cell. */
#include "tests/unit/cu.h"
#include "tests/unit/lib/phy/pusch/rig.h"

#define N_SC 36
#define STRIDE 64

/* x = inverse of the n x n matrix a. */
static void invert(unsigned n, zd_t a[8][8], zd_t x[8][8])
{
    for (unsigned i = 0; i < n; i++)
        for (unsigned j = 0; j < n; j++)
            x[i][j] = i == j;
    for (unsigned i = 0; i < n; i++) {
        unsigned p = i;
        for (unsigned k = i + 1; k < n; k++)
            if (cabs(a[k][i]) > cabs(a[p][i]))
                p = k;
        for (unsigned j = 0; j < n; j++) {
            zd_t t = a[i][j], u = x[i][j];
            a[i][j] = a[p][j], a[p][j] = t;
            x[i][j] = x[p][j], x[p][j] = u;
        }
        zd_t d = a[i][i];
        for (unsigned j = 0; j < n; j++)
            a[i][j] /= d, x[i][j] /= d;
        for (unsigned k = 0; k < n; k++) {
            zd_t f = a[k][i];
            for (unsigned j = 0; k != i && j < n; j++)
                a[k][j] -= f * a[i][j], x[k][j] -= f * x[i][j];
        }
    }
}

/* Rows of G and SINRs at one subcarrier. */
static void model(eq_kind_t kind, bool biased, unsigned n_layers, unsigned n_rx, zd_t h[8][8], zd_t r[8][8],
                  zd_t g[8][8], double *sinr)
{
    zd_t ri[8][8], hr[8][8], a[8][8], b[8][8];
    zd_t r_copy[8][8];
    memcpy(r_copy, r, sizeof r_copy);
    invert(n_rx, r_copy, ri);
    for (unsigned l = 0; l < n_layers; l++)
        for (unsigned i = 0; i < n_rx; i++) {
            hr[l][i] = 0;
            for (unsigned j = 0; j < n_rx; j++)
                hr[l][i] += conj(h[j][l]) * ri[j][i];
        }
    for (unsigned l = 0; l < n_layers; l++)
        for (unsigned m = 0; m < n_layers; m++) {
            a[l][m] = l == m && kind != EQ_ZF;
            for (unsigned i = 0; i < n_rx; i++)
                a[l][m] += hr[l][i] * h[i][m];
        }
    invert(n_layers, a, b);
    for (unsigned l = 0; l < n_layers; l++) {
        double d = creal(b[l][l]);
        sinr[l] = kind == EQ_ZF ? 1 / d : (1 - d) / d;
        for (unsigned i = 0; i < n_rx; i++) {
            g[l][i] = 0;
            for (unsigned m = 0; m < n_layers; m++)
                g[l][i] += b[l][m] * hr[m][i];
            if (kind != EQ_ZF && !biased)
                g[l][i] /= 1 - d;
        }
    }
}

static void check(const phy_t *phy, eq_kind_t kind, bool biased, unsigned n_layers, unsigned n_rx,
                  double snr_db, rig_random_t *rnd)
{
    static float h[4 * 8 * 2 * STRIDE], g[4 * 8 * 2 * STRIDE], inv[4 * STRIDE], ordered[4 * STRIDE + 64];
    static ci16_t y[8][STRIDE + 16];
    static cf_t out[4 * STRIDE], cov[3 * 64];
    static zd_t hh[N_SC][8][8], r[3][8][8];
    float noise[8];
    memset(h, 0, sizeof h);
    for (unsigned k = 0; k < N_SC; k++)
        for (unsigned l = 0; l < n_layers; l++)
            for (unsigned i = 0; i < n_rx; i++) {
                zd_t x = rig_gauss(rnd);
                float *p = h + ((size_t)l * n_rx + i) * 2 * STRIDE + k;
                p[0] = (float)creal(x);
                p[STRIDE] = (float)cimag(x);
                hh[k][i][l] = (double)p[0] + I * (double)p[STRIDE];
            }
    memset(r, 0, sizeof r);
    for (unsigned i = 0; i < n_rx; i++) {
        noise[i] = (float)(pow(10, -snr_db / 10) * (0.5 + rig_uniform(rnd)));
        for (unsigned q = 0; q < 3; q++)
            r[q][i][i] = (double)noise[i];
    }
    if (kind == EQ_IRC)
        for (unsigned q = 0; q < 2; q++) { /* groups of 2 PRBs, the last has one */
            zd_t v[8];
            for (unsigned i = 0; i < n_rx; i++)
                v[i] = rig_gauss(rnd);
            for (unsigned i = 0; i < n_rx; i++)
                for (unsigned j = 0; j < n_rx; j++) {
                    r[q][i][j] += v[i] * conj(v[j]);
                    cov[(q * n_rx + i) * n_rx + j] =
                        (cf_t){(float)creal(r[q][i][j]), (float)cimag(r[q][i][j])};
                }
        }
    for (unsigned i = 0; i < n_rx; i++)
        for (unsigned k = 0; k < STRIDE + 16; k++)
            y[i][k] = (ci16_t){(int16_t)(rig_next(rnd) >> 18), (int16_t)(rig_next(rnd) >> 18)};
    const eq_shape_t shape = {kind, biased, (uint8_t)n_layers, (uint8_t)n_rx, N_SC, STRIDE};
    if (kind == EQ_IRC)
        eq_filter_irc(phy, &shape, h, cov, 2, g, inv);
    else
        eq_filter(phy, &shape, h, noise, g, inv);
    const ci16_t *rows[8];
    for (unsigned i = 0; i < n_rx; i++)
        rows[i] = y[i] + 12; /* the piece from the second PRB on */
    const zd_t rot = cexp(0.7 * I);
    eq_apply(phy, &shape, g, 12, N_SC - 12, rows, (cf_t){(float)creal(rot), (float)cimag(rot)}, out);
    eq_order_noise(phy, &shape, inv, 12, N_SC - 12, ordered);
    double worst = 0, worst_sinr = 0;
    for (unsigned k = 0; k < N_SC; k++) {
        zd_t gg[8][8];
        double sinr[8];
        model(kind, biased, n_layers, n_rx, hh[k], r[kind == EQ_IRC ? k / 24 : 0], gg, sinr);
        for (unsigned l = 0; l < n_layers; l++) {
            double size = 0;
            zd_t z = 0;
            for (unsigned i = 0; i < n_rx; i++) {
                const float *p = g + ((size_t)l * n_rx + i) * 2 * STRIDE + k;
                worst = fmax(worst, cabs((double)p[0] + I * (double)p[STRIDE] - gg[l][i]) /
                                        (cabs(gg[l][0]) + cabs(gg[l][n_rx - 1])));
                z += gg[l][i] * ((double)y[i][k].re + I * (double)y[i][k].im) / PHY_UNIT;
                size += cabs(gg[l][i]) * cabs((double)y[i][k].re + I * (double)y[i][k].im) / PHY_UNIT;
            }
            worst_sinr = fmax(worst_sinr, fabs((double)inv[l * STRIDE + k] / sinr[l] - 1));
            if (k < 12)
                continue;
            const cf_t o = out[(k - 12) * n_layers + l];
            worst = fmax(worst, cabs((double)o.re + I * (double)o.im - rot * z) / size);
            CU_ASSERT_EQUAL(ordered[(k - 12) * n_layers + l], inv[l * STRIDE + k]);
        }
    }
    /* Conditioning grows with the SNR; 4 layers on 4 antennas at 30 dB lose about three digits. */
    CU_ASSERT(worst < 5e-3);
    CU_ASSERT(worst_sinr < 5e-3);
    if (n_layers == 1 && kind != EQ_IRC)
        CU_ASSERT(worst < 2e-6 && worst_sinr < 2e-6);
}

static void test_formula(void)
{
    for (phy_isa_t isa = 0; isa <= phy_isa_detect(); isa++) {
        phy_t *phy;
        CU_ASSERT_EQUAL_FATAL(phy_create(isa, &phy), 0);
        rig_random_t r = {99};
        for (unsigned l = 1; l <= 4; l++)
            for (unsigned n = 1; n <= 8; n++)
                for (int snr = 0; snr <= 30; snr += 15) {
                    check(phy, EQ_MMSE, false, l, n, snr, &r);
                    check(phy, EQ_MMSE, true, l, n, snr, &r);
                    if (n > 1)
                        check(phy, EQ_IRC, false, l, n, snr, &r);
                    if (n > l || n == 1)
                        check(phy, EQ_ZF, false, l == 1 || n > l ? l : 1, n, snr, &r);
                }
        phy_destroy(phy);
    }
}

/* A dead channel, a noiseless one, NaN where noise is asked for: finite filters, SINRs of 0 or the bound. */
static void test_extremes(void)
{
    for (phy_isa_t isa = 0; isa <= phy_isa_detect(); isa++) {
        phy_t *phy;
        CU_ASSERT_EQUAL_FATAL(phy_create(isa, &phy), 0);
        static const float values[] = {0, 1e-20f, 1, 1e6f};
        static const float noises[] = {0, NAN, INFINITY, -1, 1e-3f};
        for (unsigned l = 1; l <= 4; l++)
            for (unsigned v = 0; v < 4; v++)
                for (unsigned n = 0; n < 5; n++)
                    for (unsigned kind = 0; kind < 3; kind++) {
                        static float h[4 * 4 * 2 * STRIDE], g[4 * 4 * 2 * STRIDE], inv[4 * STRIDE];
                        cf_t cov[16] = {{0, 0}};
                        float noise[4];
                        for (size_t i = 0; i < sizeof h / sizeof *h; i++)
                            h[i] = values[v];
                        for (unsigned i = 0; i < 4; i++)
                            cov[5 * i].re = noise[i] = noises[n];
                        eq_shape_t s = {(eq_kind_t)kind, false, (uint8_t)l, 4, 12, STRIDE};
                        if (kind == EQ_IRC)
                            eq_filter_irc(phy, &s, h, cov, 1, g, inv);
                        else
                            eq_filter(phy, &s, h, noise, g, inv);
                        bool fine = true;
                        for (unsigned i = 0; i < l; i++)
                            for (unsigned k = 0; k < 12; k++)
                                fine &= inv[i * STRIDE + k] >= 0 && inv[i * STRIDE + k] <= 1.001e8f;
                        for (unsigned i = 0; i < l * 8 && v < 3; i++)
                            for (unsigned k = 0; k < 12; k++)
                                fine &= isfinite(g[i * STRIDE + k]);
                        CU_ASSERT(fine);
                    }
        phy_destroy(phy);
    }
}

CU_MAIN("equalize", {"filters are the formula's", test_formula}, {"extremes stay finite", test_extremes})
