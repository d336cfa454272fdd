/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/modulation.h"
#include "tests/unit/lib/phy/signal/modulation_model.h"
#include "tests/unit/lib/phy/signal/signal_check.h"

static const unsigned orders[] = {1, 2, 4, 6, 8, 10};
#define N_ORDERS (sizeof orders / sizeof *orders)
#define LONGEST 3000

static void test_against_formulas(void)
{
    uint64_t seed = 3;
    static const size_t lengths[] = {0,  1,  2,  3,  7,  8,  12,  15,   16,  17,
                                     31, 32, 33, 47, 63, 64, 100, 1023, 2999};
    static ci16_t out[LONGEST + 1];
    static cf_t cf[LONGEST + 1];
    EACH_PHY(phy)
    for (unsigned o = 0; o < N_ORDERS; o++)
        for (unsigned k = 0; k < sizeof lengths / sizeof *lengths; k++) {
            unsigned qm = orders[o];
            size_t n = lengths[k], bytes = (n * qm + 7) / 8, wrong = 0;
            uint8_t *bits = malloc(bytes ? bytes : 1); /* exact: a sanitizer sees a read behind it */
            for (size_t i = 0; i < bytes; i++)
                bits[i] = (uint8_t)random64(&seed);
            const float amplitude = k % 2 ? PHY_UNIT : 1234.56f;
            memset(out, 0x55, sizeof out);
            memset(cf, 0, sizeof cf);
            modulate(phy, qm, bits, n, amplitude, out);
            modulate_cf(phy, qm, bits, n, amplitude, cf);
            for (size_t i = 0; i < n; i++) {
                uint8_t b[MODULATION_MAX_QM];
                double re, im;
                for (unsigned j = 0; j < qm; j++)
                    b[j] = bits[(i * qm + j) / 8] >> (7 - (i * qm + j) % 8) & 1;
                model_symbol(qm, b, i, &re, &im);
                wrong += fabs(cf[i].re - re * amplitude) > 1e-6 * amplitude;
                wrong += fabs(cf[i].im - im * amplitude) > 1e-6 * amplitude;
                /* The nearest integer, and the same one for both signs. */
                wrong += fabs(out[i].re - re * amplitude) > 0.501 || fabs(out[i].im - im * amplitude) > 0.501;
            }
            wrong += out[n].re != 0x5555 || out[n].im != 0x5555 || cf[n].re != 0;
            CU_ASSERT_EQUAL(wrong, 0);
            free(bits);
        }
}

static void test_variants(void)
{
    uint64_t seed = 4;
    static uint8_t bits[LONGEST * 10 / 8];
    static ci16_t want[LONGEST], got[LONGEST];
    static cf_t want_cf[LONGEST], got_cf[LONGEST];
    for (size_t i = 0; i < sizeof bits; i++)
        bits[i] = (uint8_t)random64(&seed);
    for (unsigned o = 0; o < N_ORDERS; o++)
        for (float amplitude = 1; amplitude < 25000; amplitude *= 1.37f) {
            size_t n = random64(&seed) % LONGEST;
            modulate(phys[0], orders[o], bits, n, amplitude, want);
            modulate_cf(phys[0], orders[o], bits, n, amplitude, want_cf);
            EACH_PHY(phy)
            {
                modulate(phy, orders[o], bits, n, amplitude, got);
                modulate_cf(phy, orders[o], bits, n, amplitude, got_cf);
                CU_ASSERT_EQUAL(memcmp(got, want, n * sizeof *got), 0);
                CU_ASSERT_EQUAL(memcmp(got_cf, want_cf, n * sizeof *got_cf), 0);
            }
        }
}

/* Over all symbols: mean power 1 and symmetric; what modulation compression is told builds the same points.
 */
static void test_constellation(void)
{
    for (unsigned o = 0; o < N_ORDERS; o++) {
        unsigned qm = orders[o], n = 1u << qm;
        uint8_t bits[1024 * 10 / 8] = {0};
        for (unsigned s = 0; s < n; s++)
            for (unsigned b = 0; b < qm; b++)
                bits[(s * qm + b) / 8] |= (uint8_t)((s >> (qm - 1 - b) & 1) << (7 - (s * qm + b) % 8));
        static cf_t x[1024];
        static ci16_t y[1024];
        static int8_t v[2048];
        modulate_cf(phys[0], qm, bits, n, 1, x);
        modulate(phys[0], qm, bits, n, PHY_UNIT, y);
        double power = 0, peak = 0;
        int sum = 0;
        for (unsigned s = 0; s < n; s++) {
            power += x[s].re * x[s].re + x[s].im * x[s].im;
            peak = fmax(peak, x[s].re);
            sum += y[s].im;
        }
        CU_ASSERT_DOUBLE_EQUAL(power / n, 1, 1e-6);
        CU_ASSERT_EQUAL(sum, 0);
        const constellation_t *c = constellation(qm);
        CU_ASSERT_DOUBLE_EQUAL(c->peak, peak, 1e-6);
        if (qm == 1)
            continue;
        CU_ASSERT_EQUAL(c->width, qm / 2);
        modulation_points(phys[0], qm, bits, n, v);
        for (unsigned s = 0; s < n; s++) {
            CU_ASSERT(v[2 * s] >= -(1 << (c->width - 1)) && v[2 * s] < 1 << (c->width - 1));
            double i =
                c->scaler * (v[2 * s] / (double)(1 << (c->width - 1)) + c->csf / (double)(1 << c->width));
            double q = c->scaler * (v[2 * s + 1] + 0.5) / (1 << (c->width - 1));
            CU_ASSERT_DOUBLE_EQUAL(i, x[s].re, 1e-6);
            CU_ASSERT_DOUBLE_EQUAL(q, x[s].im, 1e-6);
            CU_ASSERT_DOUBLE_EQUAL(c->spacing * (v[2 * s] + 0.5), x[s].re, 1e-6);
        }
    }
}

static void test_layers(void)
{
    ci16_t in[24], out[4][24];
    cf_t in_cf[24], out_cf[4][24];
    for (int i = 0; i < 24; i++) {
        in[i] = (ci16_t){(int16_t)i, (int16_t)-i};
        in_cf[i] = (cf_t){(float)i, (float)-i};
    }
    for (unsigned layers = 1; layers <= 4; layers++) {
        unsigned n = 24 / layers;
        ci16_t *to[4] = {out[0], out[1], out[2], out[3]};
        cf_t *to_cf[4] = {out_cf[0], out_cf[1], out_cf[2], out_cf[3]};
        layer_map(in, layers, n, to);
        layer_map_cf(in_cf, layers, n, to_cf);
        for (unsigned l = 0; l < layers; l++)
            for (unsigned i = 0; i < n; i++) {
                CU_ASSERT_EQUAL(out[l][i].re, (int)(i * layers + l));
                CU_ASSERT_EQUAL(out_cf[l][i].im, -(float)(i * layers + l));
            }
    }
    int8_t llr[2][12], joined[24];
    for (int i = 0; i < 24; i++)
        llr[i / 4 % 2][i / 8 * 4 + i % 4] = (int8_t)i; /* 16QAM, two layers, in codeword order */
    const int8_t *from[2] = {llr[0], llr[1]};
    layer_demap_llr(from, 2, 4, 3, joined);
    for (int i = 0; i < 24; i++)
        CU_ASSERT_EQUAL(joined[i], i);
}

static void test_valid(void)
{
    for (unsigned qm = 0; qm < 14; qm++)
        CU_ASSERT_EQUAL(modulation_valid(qm),
                        qm == 1 || qm == 2 || qm == 4 || qm == 6 || qm == 8 || qm == 10);
}

CU_MAIN("modulation", {"start", phys_create}, {"the formulas of 38.211 5.1", test_against_formulas},
        {"variants", test_variants}, {"constellation parameters", test_constellation},
        {"layers", test_layers}, {"orders", test_valid}, {"end", phys_destroy})
