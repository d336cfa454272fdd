/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/ofdm.h"
#include "tests/unit/lib/phy/signal/signal_check.h"

#include <complex.h>
#include <errno.h>
#include <math.h>

static dft_work_t work;
static ofdm_plan_t plan;

/* Samples of 5.3.1 and 5.4, sum by sum, in time units T_c. */
static void test_definition(void)
{
    uint64_t seed = 11;
    const double t_c = 1 / (480e3 * 4096), kappa = 64;
    for (unsigned mu = 0; mu <= 4; mu++) {
        ofdm_cfg_t cfg = {
            .mu = mu, .n_fft = 256, .n_sc = 60, .k0 = mu == 1 ? -6 : 6, .f0_hz = mu == 2 ? 0 : 3.5012e9};
        CU_ASSERT_EQUAL_FATAL(ofdm_plan(phys[PHY_ISA_GENERIC], &cfg, &plan, NULL), 0);
        double spacing = 15e3 * (1 << mu), rate = spacing * cfg.n_fft, t_start = 0;
        CU_ASSERT_EQUAL(plan.start[plan.n_symbols], rate / 1000);
        for (unsigned l = 0; l < plan.n_symbols; l++) {
            double n_u = 2048 * kappa / (1 << mu);
            double n_cp = 144 * kappa / (1 << mu) + (l == 0 || l == 7u << mu ? 16 * kappa : 0);
            CU_ASSERT_DOUBLE_EQUAL(plan.start[l], t_start * rate, 1e-6);
            cf_t re[60], got[600], rx[60];
            for (unsigned k = 0; k < 60; k++)
                re[k] = (cf_t){random_float(&seed), random_float(&seed)};
            unsigned n = ofdm_modulate(&plan, l, re, got, &work);
            CU_ASSERT_DOUBLE_EQUAL(n, (n_u + n_cp) * t_c * rate, 1e-6);
            double complex phase = cexp(-I * 2 * M_PI * fmod(cfg.f0_hz * (t_start + n_cp * t_c), 1));
            double worst = 0;
            for (unsigned i = 0; i < n; i += 3) {
                double t = t_start + i / rate;
                double complex s = 0;
                for (unsigned k = 0; k < 60; k++)
                    s += (re[k].re + I * re[k].im) * cexp(I * 2 * M_PI * ((double)k + cfg.k0 - 60 / 2.0) *
                                                          spacing * (t - n_cp * t_c - t_start));
                worst = fmax(worst, cabs(got[i].re + I * got[i].im - s * phase / cfg.n_fft));
            }
            CU_ASSERT(worst < 1e-6);
            for (unsigned early = 0; early <= plan.cp[l]; early += plan.cp[l] / 2) {
                ofdm_demodulate(&plan, l, early, got, rx, &work);
                worst = 0;
                for (unsigned k = 0; k < 60; k++)
                    worst = fmax(worst, fabs(rx[k].re - re[k].re) + fabs(rx[k].im - re[k].im));
                CU_ASSERT(worst < 1e-5);
            }
            t_start += (n_u + n_cp) * t_c;
        }
    }
}

static void refused(ofdm_cfg_t cfg, const char *field)
{
    phy_refusal_t why = {0};
    CU_ASSERT_EQUAL(ofdm_plan(phys[0], &cfg, &plan, &why), -EINVAL);
    CU_ASSERT_STRING_EQUAL(why.field, field);
}

static void test_refusals(void)
{
    refused((ofdm_cfg_t){.mu = 5, .n_fft = 256, .n_sc = 12}, "mu");
    refused((ofdm_cfg_t){.n_fft = 250, .n_sc = 12}, "n_fft");
    refused((ofdm_cfg_t){.n_fft = 16384, .n_sc = 12}, "n_fft");
    refused((ofdm_cfg_t){.n_fft = 0, .n_sc = 12}, "n_fft");
    refused((ofdm_cfg_t){.n_fft = 256, .n_sc = 0}, "n_sc");
    refused((ofdm_cfg_t){.n_fft = 256, .n_sc = 13}, "n_sc");
    refused((ofdm_cfg_t){.n_fft = 256, .n_sc = 264}, "n_sc");
    refused((ofdm_cfg_t){.n_fft = 256, .n_sc = 252, .k0 = 6}, "k0");
    refused((ofdm_cfg_t){.n_fft = 256, .n_sc = 252, .k0 = INT32_MIN}, "k0");
    refused((ofdm_cfg_t){.n_fft = 256, .n_sc = 252, .f0_hz = -1}, "f0_hz");
    refused((ofdm_cfg_t){.n_fft = 256, .n_sc = 252, .f0_hz = (double)NAN}, "f0_hz");
}

CU_MAIN("ofdm", {"start", phys_create}, {"the definition", test_definition}, {"refusals", test_refusals},
        {"end", phys_destroy})
