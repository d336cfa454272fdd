/* SPDX-License-Identifier: Apache-2.0 */
/* Codebooks, matrices, and the inner loops that every downlink channel shares: each variant gives what
 * generic gives, generic gives what doubles give. */
#include "lib/phy/dl/dl_ops.h"
#include "lib/phy/dl/precoding.h"
#include "tests/unit/lib/phy/dl/model.h"

/* A TPMI's matrix has orthogonal columns and sends power 1 in all where every port is on; |w|^2 is the same
 * on each port that is. */
static void test_pusch_codebook(void)
{
    static const unsigned sizes[5][5] = {[1] = {0, 1}, [2] = {0, 6, 3}, [4] = {0, 28, 22, 7, 5}};
    for (unsigned ports = 1; ports <= 4; ports *= 2)
        for (unsigned layers = 1; layers <= ports; layers++) {
            CU_ASSERT_EQUAL(precoding_pusch_n_tpmi(ports, layers, false), sizes[ports][layers]);
            for (unsigned i = 0; i < sizes[ports][layers]; i++) {
                cf_t w[16];
                CU_ASSERT_EQUAL(precoding_pusch(ports, layers, i, false, w, NULL), 0);
                double total = 0;
                unsigned on = 0;
                for (unsigned p = 0; p < ports; p++) {
                    double row = 0;
                    for (unsigned l = 0; l < layers; l++)
                        row += w[p * layers + l].re * w[p * layers + l].re +
                               w[p * layers + l].im * w[p * layers + l].im;
                    total += row;
                    on += row > 0;
                    CU_ASSERT(row == 0 || fabs(row - 1.0 / ports) < 1e-6);
                }
                CU_ASSERT_DOUBLE_EQUAL(total, (double)on / ports, 1e-6);
                for (unsigned a = 0; a < layers; a++)
                    for (unsigned b = 0; b < a; b++) {
                        cd s = 0;
                        for (unsigned p = 0; p < ports; p++) {
                            cf_t x = w[p * layers + a], y = w[p * layers + b];
                            s += (x.re - I * x.im) * (y.re + I * y.im);
                        }
                        CU_ASSERT(cabs(s) < 1e-6);
                    }
            }
            cf_t none[16];
            phy_refusal_t why;
            CU_ASSERT(precoding_pusch(ports, layers, sizes[ports][layers], false, none, &why) < 0);
            CU_ASSERT_STRING_EQUAL(why.field, "tpmi");
        }
    CU_ASSERT_EQUAL(precoding_pusch_n_tpmi(4, 1, true), 28);
    CU_ASSERT_EQUAL(precoding_pusch_n_tpmi(4, 2, true), 0);
    cf_t w[4]; /* table 6.3.1.5-2, TPMI 19: 1 j -j -1 */
    CU_ASSERT_EQUAL(precoding_pusch(4, 1, 19, true, w, NULL), 0);
    CU_ASSERT(w[0].re == 0.5f && w[1].im == 0.5f && w[2].im == -0.5f && w[3].re == -0.5f);
}

/* Every matrix of the type I codebook: orthonormal columns of power 1 / layers. */
static void test_type1(void)
{
    static const type1_codebook_t books[] = {{1, 1, 1}, {2, 1, 1}, {2, 1, 2}, {4, 1, 1},
                                             {4, 1, 2}, {2, 2, 1}, {2, 2, 2}};
    for (size_t b = 0; b < sizeof books / sizeof *books; b++) {
        unsigned ports = 2u * books[b].n1 * books[b].n2;
        for (unsigned layers = 1; layers <= (ports == 2 ? 2 : 4); layers++) {
            unsigned n = 0;
            for (unsigned i = 0; i < 16 * 8 * 4 * 16; i++) {
                cf_t w[32];
                if (precoding_type1(&books[b], layers, i % 16, i / 16 % 8, i / 128 % 4, i / 512, w, NULL) < 0)
                    continue;
                n++;
                for (unsigned x = 0; x < layers; x++)
                    for (unsigned y = 0; y <= x; y++) {
                        cd s = 0;
                        for (unsigned p = 0; p < ports; p++) {
                            cf_t u = w[p * layers + x], v = w[p * layers + y];
                            s += (u.re - I * u.im) * (v.re + I * v.im);
                        }
                        CU_ASSERT(cabs(s - (x == y ? 1.0 / layers : 0)) < 1e-6);
                    }
            }
            CU_ASSERT(n > 0);
            if (books[b].n1 == 2 && books[b].n2 == 1 && books[b].mode == 1) /* i1_1 8 x i1_3 x i2 */
                CU_ASSERT_EQUAL(n, layers == 1 ? 32 : layers == 2 ? 32 : 16);
        }
    }
    /* 4 ports, beam l = 3, co-phasing j: v = [1, e^(j 2 pi 3 / 8)], W = 1/2 [v; j v] */
    cf_t w[4];
    type1_codebook_t c = {2, 1, 1};
    CU_ASSERT_EQUAL(precoding_type1(&c, 1, 3, 0, 0, 1, w, NULL), 0);
    cd v = cexp(2 * M_PI * I * 3 / 8);
    CU_ASSERT(fabs(w[0].re - 0.5) < 1e-6 && cabs(w[1].re + I * w[1].im - v / 2) < 1e-6);
    CU_ASSERT(cabs(w[2].re + I * w[2].im - I / 2) < 1e-6 && cabs(w[3].re + I * w[3].im - I * v / 2) < 1e-6);
    phy_refusal_t why;
    CU_ASSERT(precoding_type1(&c, 5, 0, 0, 0, 0, w, &why) < 0 && !strcmp(why.field, "n_layers"));
    CU_ASSERT(precoding_type1(&c, 1, 8, 0, 0, 0, w, &why) < 0 && !strcmp(why.field, "i1_1"));
    CU_ASSERT(precoding_type1(&c, 1, 0, 1, 0, 0, w, &why) < 0 && !strcmp(why.field, "i1_2"));
    CU_ASSERT(precoding_type1(&c, 1, 0, 0, 1, 0, w, &why) < 0 && !strcmp(why.field, "i1_3"));
    CU_ASSERT(precoding_type1(&c, 1, 0, 0, 0, 4, w, &why) < 0 && !strcmp(why.field, "i2"));
    c.n1 = 3;
    CU_ASSERT(precoding_type1(&c, 1, 0, 0, 0, 0, w, &why) < 0 && !strcmp(why.field, "n1"));
}

static void test_set(void)
{
    cf_t w[4] = {{1, 0}, {0, 0}, {0, 0}, {1, 0}};
    precoding_t p;
    phy_refusal_t why;
    CU_ASSERT(precoding_set(2, 2, w, &p, NULL) == 0 && p.identity);
    w[3].im = 0.01f;
    CU_ASSERT(precoding_set(2, 2, w, &p, NULL) == 0 && !p.identity);
    CU_ASSERT(precoding_set(0, 2, w, &p, &why) < 0 && !strcmp(why.field, "n_ports"));
    CU_ASSERT(precoding_set(9, 2, w, &p, &why) < 0 && !strcmp(why.field, "n_ports"));
    CU_ASSERT(precoding_set(2, 5, w, &p, &why) < 0 && !strcmp(why.field, "n_layers"));
    static const float bad[] = {NAN, INFINITY, -INFINITY, 2, -2, 1e30f};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        w[2] = (cf_t){0, bad[i]};
        CU_ASSERT(precoding_set(2, 2, w, &p, &why) < 0 && !strcmp(why.field, "w") && why.value == 2);
    }
    w[2] = (cf_t){1.9f, 1.9f}; /* with the 1.01 beside it the sum is above 4 */
    CU_ASSERT(precoding_set(2, 2, w, &p, &why) < 0 && !strcmp(why.field, "w"));
}

/* Noise and silence in a channel choose something valid, never trap. */
static void test_select(void)
{
    cf_t h[32] = {{0, 0}};
    precoding_choice_t c[4];
    CU_ASSERT_EQUAL(precoding_pusch_select(h, 4, 4, 0.1f, PRECODING_FULLY_PARTIAL_AND_NON_COHERENT, c), 4);
    for (unsigned i = 0; i < 32; i++)
        h[i] = (cf_t){NAN, INFINITY};
    CU_ASSERT_EQUAL(precoding_pusch_select(h, 8, 4, 0.1f, PRECODING_NON_COHERENT, c), 4);
    for (unsigned i = 0; i < 4; i++)
        CU_ASSERT(c[i].n_layers == i + 1 && c[i].tpmi < precoding_pusch_n_tpmi(4, i + 1, false));
    CU_ASSERT_EQUAL(precoding_pusch_select(h, 8, 4, NAN, PRECODING_NON_COHERENT, c), 0);
    CU_ASSERT_EQUAL(precoding_pusch_select(h, 8, 4, 0, PRECODING_NON_COHERENT, c), 0);
    CU_ASSERT_EQUAL(precoding_pusch_select(h, 9, 4, 1, PRECODING_NON_COHERENT, c), 0);
    CU_ASSERT_EQUAL(precoding_pusch_select(h, 2, 3, 1, PRECODING_NON_COHERENT, c), 0);
}

#define N 77 /* no multiple of any vector */

static void test_map_variants(void)
{
    static const uint8_t orders[4] = {2, 4, 6, 8};
    rnd_t r = {11};
    for (unsigned q = 0; q < 4; q++)
        for (unsigned layers = 1; layers <= 4; layers++) {
            unsigned qm = orders[q];
            uint8_t bits[N * 4 + 256], *unpacked = malloc(N * 4 * 8);
            for (size_t i = 0; i < sizeof bits; i++)
                bits[i] = (uint8_t)rnd(&r);
            for (unsigned i = 0; i < N * layers * qm; i++)
                unpacked[i] = bits[i / 8] >> (7 - i % 8) & 1;
            dl_map_t map;
            dl_map_init(&map, qm, layers, 2.5f * PHY_UNIT);
            static ci16_t out[PHY_N_ISA][4][N + DL_PAD_RE];
            for (unsigned isa = 0; isa <= phy_isa_detect(); isa++) {
                ci16_t *at[4] = {out[isa][0], out[isa][1], out[isa][2], out[isa][3]};
                dl_ops((phy_isa_t)isa)->map(&map, bits, N, at);
                for (unsigned l = 0; l < layers; l++)
                    CU_ASSERT(memcmp(out[isa][l], out[0][l], N * sizeof(ci16_t)) == 0);
            }
            double worst = 0;
            for (unsigned i = 0; i < N; i++)
                for (unsigned l = 0; l < layers; l++) {
                    cd x = 2.5 * PHY_UNIT * model_modulate(qm, unpacked + (i * layers + l) * qm);
                    worst = fmax(worst, cabs(x - (out[0][l][i].re + I * out[0][l][i].im)));
                }
            CU_ASSERT(worst < 0.75);
            free(unpacked);
        }
}

static void test_precode_variants(void)
{
    rnd_t r = {5};
    for (unsigned round = 0; round < 400; round++) {
        unsigned ports = 1 + pick(&r, 8), layers = 1 + pick(&r, 4), n = 1 + pick(&r, N);
        bool add = pick(&r, 2), extreme = pick(&r, 4) == 0, identity = pick(&r, 4) == 0 && ports >= layers;
        cf_t w[32];
        precoding_t p;
        for (unsigned i = 0; i < 32; i++)
            w[i] = (cf_t){(float)((int)pick(&r, 2001) - 1000) / 2000,
                          (float)((int)pick(&r, 2001) - 1000) / 2000};
        CU_ASSERT_EQUAL_FATAL(precoding_set(ports, layers, w, &p, NULL), 0);
        if (identity)
            precoding_identity(ports, layers, &p);
        static ci16_t in[4][N], out[PHY_N_ISA][8][N + 1], before[8][N + 1];
        const ci16_t *from[4] = {in[0], in[1], in[2], in[3]};
        for (unsigned i = 0; i < 4 * N; i++) {
            uint32_t x = rnd(&r);
            in[i / N][i % N] = extreme
                                   ? (ci16_t){x & 1 ? INT16_MAX : -INT16_MAX, x & 2 ? INT16_MAX : -INT16_MAX}
                                   : (ci16_t){(int16_t)x, (int16_t)(x >> 16)};
            ci16_t *v = &in[i / N][i % N];
            v->re = v->re == INT16_MIN ? 0 : v->re;
            v->im = v->im == INT16_MIN ? 0 : v->im;
        }
        for (unsigned i = 0; i < 8 * (N + 1); i++)
            before[i / (N + 1)][i % (N + 1)] = (ci16_t){(int16_t)rnd(&r), (int16_t)rnd(&r)};
        for (unsigned isa = 0; isa <= phy_isa_detect(); isa++) {
            ci16_t *to[8];
            memcpy(out[isa], before, sizeof before);
            for (unsigned a = 0; a < 8; a++)
                to[a] = out[isa][a];
            dl_ops((phy_isa_t)isa)->precode(&p, from, to, n, add);
            CU_ASSERT(memcmp(out[isa], out[0], sizeof before) == 0); /* and nothing behind n or other ports */
        }
        double worst = 0;
        for (unsigned a = 0; a < ports; a++)
            for (unsigned i = 0; i < n; i++) {
                cd y = 0;
                for (unsigned l = 0; l < layers; l++) {
                    cd c = identity ? (a == l) : w[a * layers + l].re + I * w[a * layers + l].im;
                    y += c * (in[l][i].re + I * in[l][i].im);
                }
                double re = fmax(fmin(creal(y), INT16_MAX), INT16_MIN),
                       im = fmax(fmin(cimag(y), INT16_MAX), INT16_MIN);
                if (add) {
                    re = fmax(fmin(re + before[a][i].re, INT16_MAX), INT16_MIN);
                    im = fmax(fmin(im + before[a][i].im, INT16_MAX), INT16_MIN);
                }
                worst = fmax(worst, fmax(fabs(re - out[0][a][i].re), fabs(im - out[0][a][i].im)));
            }
        CU_ASSERT(worst < 8.6); /* 4 layers, full scale, weights rounded to 2^-15 */
    }
}

static void test_expand_variants(void)
{
    rnd_t r = {3};
    for (unsigned round = 0; round < 300; round++) {
        uint16_t re = (uint16_t)(1 + pick(&r, 0xfff));
        unsigned n_prb = 1 + pick(&r, 5), at = 0;
        bool add = pick(&r, 2);
        ci16_t in[60 + DL_PAD_RE], before[72], out[PHY_N_ISA][72];
        for (unsigned i = 0; i < 60 + DL_PAD_RE; i++)
            in[i] = (ci16_t){(int16_t)rnd(&r), (int16_t)rnd(&r)};
        for (unsigned i = 0; i < 72; i++)
            before[i] = (ci16_t){(int16_t)rnd(&r), (int16_t)rnd(&r)};
        for (unsigned isa = 0; isa <= phy_isa_detect(); isa++) {
            memcpy(out[isa], before, sizeof before);
            dl_ops((phy_isa_t)isa)->expand(re, in, n_prb, out[isa], add);
            CU_ASSERT(memcmp(out[isa], out[0], sizeof before) == 0);
        }
        for (unsigned i = 0; i < 72; i++) {
            ci16_t want = before[i];
            if (i < 12 * n_prb && (re >> i % 12 & 1)) {
                int a = in[at].re + (add ? want.re : 0), b = in[at].im + (add ? want.im : 0);
                at++;
                want.re = (int16_t)(a > 32767 ? 32767 : a < -32768 ? -32768 : a);
                want.im = (int16_t)(b > 32767 ? 32767 : b < -32768 ? -32768 : b);
            }
            CU_ASSERT(out[0][i].re == want.re && out[0][i].im == want.im);
        }
    }
}

CU_MAIN("precoding", {"PUSCH codebook", test_pusch_codebook}, {"type I codebook", test_type1},
        {"set", test_set}, {"TPMI of broken channels", test_select}, {"modulate and map", test_map_variants},
        {"precode", test_precode_variants}, {"expand", test_expand_variants})
