/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/low_papr.h"
#include "lib/phy/signal/m_sequence.h"
#include "lib/phy/signal/transform_precoding.h"
#include "tests/unit/lib/phy/signal/signal_check.h"

#include <complex.h>
#include <errno.h>
#include <math.h>

static double distance(cf_t x, double complex want)
{
    return cabs(x.re + I * x.im - want);
}

/* 5.2.2.1 in double, with q as written there. */
static void test_zadoff_chu_lengths(void)
{
    static cf_t r[PHY_MAX_SC];
    for (unsigned m_zc = 30; m_zc <= PHY_MAX_SC; m_zc += m_zc < 400 ? 6 : 402) {
        unsigned n_zc = m_zc - 1;
        for (bool prime = false; !prime;) {
            prime = true;
            for (unsigned d = 2; d < n_zc && prime; d++)
                prime = n_zc % d != 0;
            n_zc -= !prime;
        }
        for (unsigned u = 0; u < 30; u += m_zc < 100 ? 1 : 7)
            for (unsigned v = 0; v <= (m_zc >= 72); v++) {
                double q_bar = (double)n_zc * (u + 1) / 31, worst = 0;
                double q = floor(q_bar + 0.5) + v * pow(-1, floor(2 * q_bar));
                CU_ASSERT_EQUAL(low_papr_base(u, v, m_zc, r), 0);
                for (unsigned n = 0; n < m_zc; n++) {
                    double m = n % n_zc, phase = M_PI * q * m * (m + 1) / n_zc;
                    if (m_zc == 30)
                        phase = M_PI * (u + 1) * (n + 1) * (n + 2) / 31;
                    worst = fmax(worst, distance(r[n], cexp(-I * phase)));
                }
                CU_ASSERT(worst < 1e-5);
            }
    }
}

/* The tables were searched for low peaks: a wrong entry shows as a high peak or a poor autocorrelation. */
static void test_short_lengths(void)
{
    for (unsigned m = 6; m <= 24; m += 6) {
        cf_t r[30][24];
        double worst = 0;
        for (unsigned u = 0; u < 30; u++) {
            CU_ASSERT_EQUAL(low_papr_base(u, 0, m, r[u]), 0);
            double peak = 0;
            for (unsigned t = 0; t < 16 * m; t++) {
                double complex x = 0;
                for (unsigned n = 0; n < m; n++)
                    x += (r[u][n].re + I * r[u][n].im) * cexp(I * 2 * M_PI * n * t / (16 * m));
                peak = fmax(peak, creal(x) * creal(x) + cimag(x) * cimag(x));
            }
            worst = fmax(worst, 10 * log10(peak / m));
            for (unsigned n = 0; n < m; n++)
                CU_ASSERT_DOUBLE_EQUAL(r[u][n].re * r[u][n].re + r[u][n].im * r[u][n].im, 1, 1e-6);
            for (unsigned w = 0; w < u; w++) {
                double complex c = 0;
                for (unsigned n = 0; n < m; n++)
                    c += (r[u][n].re + I * r[u][n].im) * conj(r[w][n].re + I * r[w][n].im);
                CU_ASSERT(cabs(c) / m < 0.95); /* no group twice */
            }
        }
        CU_ASSERT(worst < (m == 6 ? 3.8 : 2.9));
    }
}

static void test_shift_and_refusals(void)
{
    cf_t base[36], r[36];
    CU_ASSERT_EQUAL(low_papr_base(4, 0, 36, base), 0);
    static const unsigned of[] = {12, 8, 48, 6};
    for (unsigned k = 0; k < 4; k++)
        for (unsigned cs = 0; cs < of[k]; cs++) {
            CU_ASSERT_EQUAL(low_papr_sequence(4, 0, 36, cs, of[k], r), 0);
            for (unsigned n = 0; n < 36; n++)
                CU_ASSERT(distance(r[n], (base[n].re + I * base[n].im) *
                                             cexp(I * 2 * M_PI * cs * n / of[k])) < 1e-6);
            low_papr_shift(r, 36, cs, of[k], true);
            for (unsigned n = 0; n < 36; n++)
                CU_ASSERT(distance(r[n], base[n].re + I * base[n].im) < 1e-6);
        }
    CU_ASSERT_EQUAL(low_papr_base(30, 0, 36, r), -EINVAL);
    CU_ASSERT_EQUAL(low_papr_base(0, 1, 36, r), -EINVAL);
    CU_ASSERT_EQUAL(low_papr_base(0, 2, 72, r), -EINVAL);
    CU_ASSERT_EQUAL(low_papr_base(0, 0, 0, r), -EINVAL);
    CU_ASSERT_EQUAL(low_papr_base(0, 0, 7, r), -EINVAL);
    CU_ASSERT_EQUAL(low_papr_base(0, 0, PHY_MAX_SC + 6, r), -EINVAL);
    CU_ASSERT_EQUAL(low_papr_sequence(0, 0, 36, 0, 0, r), -EINVAL);
}

static unsigned slow_sum(uint32_t c_init, uint32_t at, unsigned n)
{
    uint8_t *c = slow_gold(c_init, at + n);
    unsigned sum = 0;
    for (unsigned m = 0; m < n; m++)
        sum += c[at + m] << m;
    free(c);
    return sum;
}

static void test_hopping(void)
{
    const phy_t *phy = phys[0];
    for (uint32_t n_id = 0; n_id < 1024; n_id += 93)
        for (uint32_t n_s = 0; n_s < 160; n_s += 53) {
            unsigned u, v;
            low_papr_hop_pucch(phy, LOW_PAPR_HOP_NEITHER, n_id, n_s, 0, &u, &v);
            CU_ASSERT(u == n_id % 30 && v == 0);
            for (unsigned hop = 0; hop < 2; hop++) {
                low_papr_hop_pucch(phy, LOW_PAPR_HOP_GROUP, n_id, n_s, hop, &u, &v);
                CU_ASSERT_EQUAL(u, (slow_sum(n_id / 30, 8 * (2 * n_s + hop), 8) % 30 + n_id % 30) % 30);
                CU_ASSERT_EQUAL(v, 0);
                low_papr_hop_pucch(phy, LOW_PAPR_HOP_SEQUENCE, n_id, n_s, hop, &u, &v);
                CU_ASSERT_EQUAL(u, n_id % 30);
                CU_ASSERT_EQUAL(v, slow_sum(32 * (n_id / 30) + n_id % 30, 2 * n_s + hop, 1));
            }
            for (unsigned l = 0; l < 14; l += 5) {
                CU_ASSERT_EQUAL(low_papr_pucch_n_cs(phy, n_id, n_s, l),
                                slow_sum(n_id, 14 * 8 * n_s + 8 * l, 8));
                low_papr_hop_pusch(phy, LOW_PAPR_HOP_GROUP, n_id, n_s, l, 24, &u, &v);
                CU_ASSERT_EQUAL(u, (slow_sum(n_id / 30, 8 * (14 * n_s + l), 8) % 30 + n_id) % 30);
                CU_ASSERT_EQUAL(v, 0);
                low_papr_hop_pusch(phy, LOW_PAPR_HOP_SEQUENCE, n_id, n_s, l, 72, &u, &v);
                CU_ASSERT(u == n_id % 30 && v == slow_sum(n_id, 14 * n_s + l, 1));
                low_papr_hop_pusch(phy, LOW_PAPR_HOP_SEQUENCE, n_id, n_s, l, 66, &u, &v);
                CU_ASSERT(u == n_id % 30 && v == 0);
                low_papr_hop_srs(phy, LOW_PAPR_HOP_GROUP, n_id, n_s, l, 96, &u, &v);
                CU_ASSERT_EQUAL(u, (slow_sum(n_id, 8 * (14 * n_s + l), 8) % 30 + n_id) % 30);
                low_papr_hop_srs(phy, LOW_PAPR_HOP_SEQUENCE, n_id, n_s, l, 96, &u, &v);
                CU_ASSERT(u == n_id % 30 && v == slow_sum(n_id, 14 * n_s + l, 1));
            }
        }
}

static void test_type2(void)
{
    static dft_work_t work;
    const unsigned m = 72;
    cf_t r[72];
    uint8_t *c = slow_gold(321, m);
    CU_ASSERT_EQUAL(low_papr_type2(phys[0], 321, m, r, &work), 0);
    for (unsigned k = 0; k < m; k++) {
        double complex sum = 0;
        for (unsigned i = 0; i < m; i++)
            sum += cexp(I * M_PI / 2 * (i % 2)) / sqrt(2) * ((1 - 2 * c[i]) + I * (1 - 2 * c[i])) *
                   cexp(-I * 2 * M_PI * i * k / m);
        CU_ASSERT(distance(r[k], sum / sqrt(m)) < 1e-5);
    }
    free(c);
    CU_ASSERT_EQUAL(low_papr_type2(phys[0], 321, 24, r, &work), -EINVAL);
    CU_ASSERT_EQUAL(low_papr_type2(phys[0], 321, 66, r, &work), -EINVAL);
}

/* 7.4.2.2 and 7.4.2.3 as they stand there. */
static void test_synchronisation(void)
{
    int x[127 + 7], x0[127 + 7], x1[127 + 7];
    static const int start[7] = {0, 1, 1, 0, 1, 1, 1}; /* x(0) .. x(6) */
    for (int i = 0; i < 7; i++) {
        x[i] = start[i];
        x0[i] = x1[i] = i == 0;
    }
    for (int i = 0; i < 127; i++) {
        x[i + 7] = (x[i + 4] + x[i]) % 2;
        x0[i + 7] = (x0[i + 4] + x0[i]) % 2;
        x1[i + 7] = (x1[i + 1] + x1[i]) % 2;
    }
    int8_t d[SS_LENGTH];
    for (unsigned id2 = 0; id2 < 3; id2++) {
        pss_sequence(id2, d);
        for (unsigned n = 0; n < 127; n++)
            CU_ASSERT_EQUAL(d[n], 1 - 2 * x[(n + 43 * id2) % 127]);
        for (unsigned id1 = 0; id1 < 336; id1++) {
            sss_sequence(id1, id2, d);
            unsigned m0 = 15 * (id1 / 112) + 5 * id2, m1 = id1 % 112, wrong = 0;
            for (unsigned n = 0; n < 127; n++)
                wrong += d[n] != (1 - 2 * x0[(n + m0) % 127]) * (1 - 2 * x1[(n + m1) % 127]);
            CU_ASSERT_EQUAL(wrong, 0);
        }
    }
}

CU_MAIN("sequences", {"start", phys_create}, {"Zadoff-Chu lengths", test_zadoff_chu_lengths},
        {"short lengths", test_short_lengths}, {"cyclic shifts and refusals", test_shift_and_refusals},
        {"hopping", test_hopping}, {"type 2", test_type2}, {"PSS and SSS", test_synchronisation},
        {"end", phys_destroy})
