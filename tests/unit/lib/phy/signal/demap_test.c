/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/demap.h"
#include "tests/unit/lib/phy/signal/modulation_model.h"
#include "tests/unit/lib/phy/signal/signal_check.h"

#include <float.h>

static const unsigned orders[] = {1, 2, 4, 6, 8, 10};
#define N_ORDERS (sizeof orders / sizeof *orders)
#define LONGEST 300

/* Max-log over the whole constellation. */
static void model_llr(unsigned qm, size_t i, cf_t y, double inv_noise, double *llr)
{
    double nearest[10][2];
    for (unsigned b = 0; b < qm; b++)
        nearest[b][0] = nearest[b][1] = INFINITY;
    for (unsigned s = 0; s < 1u << qm; s++) {
        uint8_t bits[10];
        for (unsigned b = 0; b < qm; b++)
            bits[b] = s >> (qm - 1 - b) & 1;
        double re, im;
        model_symbol(qm, bits, i, &re, &im);
        double d = (y.re - re) * (y.re - re) + (y.im - im) * (y.im - im);
        for (unsigned b = 0; b < qm; b++)
            nearest[b][bits[b]] = fmin(nearest[b][bits[b]], d);
    }
    for (unsigned b = 0; b < qm; b++)
        llr[b] = (nearest[b][1] - nearest[b][0]) * inv_noise;
}

static void test_against_brute_force(void)
{
    uint64_t seed = 5;
    static cf_t y[LONGEST];
    static float inv_noise[LONGEST], real[LONGEST * 10];
    static int8_t llr[LONGEST * 10 + 1];
    for (unsigned o = 0; o < N_ORDERS; o++) {
        unsigned qm = orders[o];
        for (unsigned i = 0; i < LONGEST; i++) {
            float reach = i % 5 ? 1.3f : 6;
            y[i] = (cf_t){reach * random_float(&seed), reach * random_float(&seed)};
            /* -10 .. 40 dB, so that small and saturated values occur in all bits */
            inv_noise[i] = powf(10, (float)(random64(&seed) % 51) / 10 - 1);
        }
        demap_float(qm, y, inv_noise, LONGEST, real);
        EACH_PHY(phy)
        {
            size_t wrong = 0, saturated = 0, small = 0;
            llr[LONGEST * qm] = 0x55;
            demap(phy, qm, y, inv_noise, LONGEST, llr);
            for (unsigned i = 0; i < LONGEST; i++) {
                double want[10];
                model_llr(qm, i, y[i], inv_noise[i], want);
                for (unsigned b = 0; b < qm; b++) {
                    double x = fmax(-127, fmin(127, PHY_LLR_SCALE * want[b]));
                    double tolerance = 0.5 + 1e-5 * PHY_LLR_SCALE * (1 + inv_noise[i]);
                    wrong += fabs(llr[i * qm + b] - x) > fmin(tolerance, 1);
                    wrong += fabs(real[i * qm + b] - want[b]) > 1e-5 * (inv_noise[i] + fabs(want[b]));
                    saturated += abs(llr[i * qm + b]) == 127;
                    small += abs(llr[i * qm + b]) < 100;
                }
            }
            CU_ASSERT_EQUAL(wrong, 0);
            CU_ASSERT(saturated > 0 && small > 0);
            CU_ASSERT_EQUAL(llr[LONGEST * qm], 0x55);
        }
    }
}

static void test_variants_and_extremes(void)
{
    uint64_t seed = 6;
    static const float odd[] = {0,        -0.0f,   NAN,    -NAN,    INFINITY, -INFINITY, FLT_MAX,
                                -FLT_MAX, FLT_MIN, 1e-42f, -1e-42f, 1e30f,    -1e20f};
    const unsigned n_odd = sizeof odd / sizeof *odd;
    for (unsigned o = 0; o < N_ORDERS; o++)
        for (unsigned round = 0; round < 60; round++) {
            unsigned qm = orders[o];
            size_t n = round < 50 ? round : LONGEST - round;
            /* exact sizes: a sanitizer sees what is read or written behind them */
            cf_t *y = malloc(n * sizeof *y + 1);
            float *inv_noise = malloc(n * sizeof *inv_noise + 1);
            int8_t *want = malloc(n * qm + 1), *got = malloc(n * qm + 1);
            for (size_t i = 0; i < n; i++) {
                y[i] = (cf_t){2 * random_float(&seed), 2 * random_float(&seed)};
                inv_noise[i] = 100 * (1 + random_float(&seed));
                if (random64(&seed) % 8 == 0)
                    y[i].re = odd[random64(&seed) % n_odd];
                if (random64(&seed) % 8 == 0)
                    y[i].im = odd[random64(&seed) % n_odd];
                if (random64(&seed) % 8 == 0)
                    inv_noise[i] = odd[random64(&seed) % n_odd];
            }
            demap(phys[0], qm, y, inv_noise, n, want);
            for (size_t i = 0; i < n; i++) {
                bool known =
                    isfinite(y[i].re) && isfinite(y[i].im) && inv_noise[i] > 0 && inv_noise[i] <= FLT_MAX;
                for (unsigned b = 0; b < qm; b++) {
                    if (!known)
                        CU_ASSERT_EQUAL(want[i * qm + b], 0);
                    CU_ASSERT_NOT_EQUAL(want[i * qm + b], -128);
                }
            }
            EACH_PHY(phy)
            {
                memset(got, 0x55, n * qm + 1);
                demap(phy, qm, y, inv_noise, n, got);
                CU_ASSERT_EQUAL(memcmp(got, want, n * qm), 0);
                CU_ASSERT_EQUAL(got[n * qm], 0x55);
            }
            free(y);
            free(inv_noise);
            free(want);
            free(got);
        }
}

/* A symbol where it was sent says its own bits. */
static void test_points(void)
{
    for (unsigned o = 0; o < N_ORDERS; o++)
        for (unsigned s = 0; s < 1u << orders[o]; s++) {
            unsigned qm = orders[o];
            uint8_t bits[10];
            double re, im;
            int8_t llr[20];
            for (unsigned b = 0; b < qm; b++)
                bits[b] = s >> (qm - 1 - b) & 1;
            model_symbol(qm, bits, 0, &re, &im);
            cf_t y = {(float)re, (float)im};
            float inv_noise = 1000;
            demap(phys[0], qm, &y, &inv_noise, 1, llr);
            for (unsigned b = 0; b < qm; b++)
                CU_ASSERT(bits[b] ? llr[b] < 0 : llr[b] > 0);
        }
}

CU_MAIN("demap", {"start", phys_create}, {"max-log over the constellation", test_against_brute_force},
        {"variants, NaN and infinity", test_variants_and_extremes}, {"points", test_points},
        {"end", phys_destroy})
