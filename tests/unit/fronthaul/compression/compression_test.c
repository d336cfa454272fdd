/* SPDX-License-Identifier: Apache-2.0 */
/* The U-plane's compression methods other than block floating point (bfp_test.c): layout on the wire bit by
 * bit, errors no larger than each method's step, known values by hand, hostile sections. */
#include "fronthaul/compression/compression.h"
#include "lib/phy/signal/modulation.h"
#include "tests/unit/cu.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { MAX_PRB = 40 };

static uint64_t rng = 0x2545f4914f6cdd1d;

static uint32_t rnd(void)
{
    rng ^= rng << 13;
    rng ^= rng >> 7;
    rng ^= rng << 17;
    return (uint32_t)(rng >> 32);
}

static int get_signed(const uint8_t *in, size_t *at, unsigned n)
{
    int v = 0;
    for (unsigned i = 0; i < n; i++, ++*at) {
        int bit = in[*at / 8] >> (7 - *at % 8) & 1;
        v = i == 0 ? -bit : 2 * v + bit;
    }
    return v;
}

static int sample(const ci16_t *x, int i)
{
    return i % 2 ? x[i / 2].im : x[i / 2].re;
}

static void make_samples(ci16_t *x, size_t n_prb)
{
    for (size_t p = 0; p < n_prb; p++) {
        unsigned down = rnd() % 17, extreme = rnd() % 8 == 0;
        for (int i = 0; i < 12; i++) {
            int re = (int16_t)rnd() >> down, im = (int16_t)rnd() >> down;
            if (extreme) {
                re = rnd() & 1 ? 32767 : -32768;
                im = rnd() & 1 ? -32768 : 0;
            }
            x[p * 12 + (size_t)i] = (ci16_t){(int16_t)re, (int16_t)im};
        }
    }
}

static const bfp_ops_t *ops(int isa)
{
    return bfp_ops((phy_isa_t)isa);
}

static void test_none(void)
{
    ci16_t x[24], back[24];
    uint8_t wire[96];
    make_samples(x, 2);
    x[0] = (ci16_t){0x1234, -2};
    const compression_cfg_t cfg = {.method = COMPRESSION_NONE, .iq_width = 16};
    CU_ASSERT_EQUAL(compression_compress(&cfg, ops(0), x, 2, wire, sizeof wire), 96);
    CU_ASSERT(wire[0] == 0x12 && wire[1] == 0x34 && wire[2] == 0xff && wire[3] == 0xfe);
    CU_ASSERT_EQUAL(compression_expand(&cfg, ops(0), wire, sizeof wire, 2, back), 96);
    CU_ASSERT(memcmp(x, back, sizeof x) == 0);
}

/* A.2, in floating point, field by field. */
static void test_block_scaling(void)
{
    static ci16_t x[MAX_PRB * 12], back[MAX_PRB * 12];
    static uint8_t wire[MAX_PRB * 49], first[MAX_PRB * 49];
    for (unsigned w = 1; w <= 16; w++) {
        const compression_cfg_t cfg = {.method = COMPRESSION_BLOCK_SCALING, .iq_width = (uint8_t)w};
        size_t bytes = MAX_PRB * (3 * w + 1), at = 0;
        make_samples(x, MAX_PRB);
        for (int isa = 0; isa <= (int)phy_isa_detect(); isa++) {
            CU_ASSERT_EQUAL(compression_compress(&cfg, ops(isa), x, MAX_PRB, wire, bytes), (int64_t)bytes);
            CU_ASSERT_EQUAL(compression_expand(&cfg, ops(isa), wire, bytes, MAX_PRB, back), (int64_t)bytes);
            if (isa == 0)
                memcpy(first, wire, bytes);
            CU_ASSERT(memcmp(first, wire, bytes) == 0);
        }
        for (int p = 0; p < MAX_PRB; p++) {
            int max = 0;
            for (int i = 0; i < 24; i++) {
                int v = sample(x + p * 12, i), a = v < 0 ? -v - 1 : v;
                max = a > max ? a : max;
            }
            double scaler = fmax(ceil(max / 256.0), 1), step = scaler / 128 * ldexp(1, 16 - (int)w);
            CU_ASSERT_EQUAL(wire[at / 8], (int)scaler);
            at += 8;
            for (int i = 0; i < 24; i++) {
                int v = sample(x + p * 12, i), q = get_signed(wire, &at, w), top = (1 << (w - 1)) - 1;
                double exact = v / step;
                CU_ASSERT(fabs(q - exact) <= 0.5 || (exact > top && q == top) ||
                          (exact < -top - 1 && q == -top - 1));
                CU_ASSERT(fabs(sample(back + p * 12, i) - fmax(fmin(q * step, 32767), -32768)) <= 0.5);
            }
        }
    }
}

/* A.3 at its corners by hand, 8 bits: pieces meet at codes 64 and 96. */
static void test_mu_law(void)
{
    const compression_cfg_t cfg = {.method = COMPRESSION_MU_LAW, .iq_width = 8};
    ci16_t x[12] = {{16384, -16384}, {8192, -8192}, {32767, -32768},
                    {127, 128},      {-128, 8191},  {16640, 12288}},
           back[12];
    uint8_t wire[25];
    CU_ASSERT_EQUAL(compression_compress(&cfg, ops(0), x, 1, wire, sizeof wire), 25);
    const int codes[12] = {96, -96, 64, -64, 127, -127, 0, 1, -1, 63, 96, 80};
    CU_ASSERT_EQUAL(wire[0], 0x80);
    for (int i = 0; i < 12; i++)
        CU_ASSERT_EQUAL((int8_t)wire[1 + i], codes[i]);
    CU_ASSERT_EQUAL(compression_expand(&cfg, ops(0), wire, sizeof wire, 1, back), 25);
    const int values[12] = {16384, -16384, 8192, -8192, 32256, -32256, 0, 128, -128, 8064, 16384, 12288};
    for (int i = 0; i < 12; i++)
        CU_ASSERT_EQUAL(sample(back, i), values[i]);
    /* A quiet PRB is shifted up by 7 at most. */
    memset(x, 0, sizeof x);
    x[3].re = 255;
    compression_compress(&cfg, ops(0), x, 1, wire, sizeof wire);
    CU_ASSERT_EQUAL(wire[0], 0x87);
    x[3].re = 256;
    compression_compress(&cfg, ops(0), x, 1, wire, sizeof wire);
    CU_ASSERT_EQUAL(wire[0], 0x86);
    /* Every width: the error is below the step of the piece; the sign stays. */
    static ci16_t y[MAX_PRB * 12], again[MAX_PRB * 12];
    static uint8_t section[MAX_PRB * 49], first[MAX_PRB * 49];
    for (unsigned w = 4; w <= 15; w++) {
        const compression_cfg_t c = {.method = COMPRESSION_MU_LAW, .iq_width = (uint8_t)w};
        size_t bytes = MAX_PRB * (3 * w + 1);
        make_samples(y, MAX_PRB);
        for (int isa = 0; isa <= (int)phy_isa_detect(); isa++) {
            CU_ASSERT_EQUAL(compression_compress(&c, ops(isa), y, MAX_PRB, section, bytes), (int64_t)bytes);
            CU_ASSERT_EQUAL(compression_expand(&c, ops(isa), section, bytes, MAX_PRB, again), (int64_t)bytes);
            if (isa == 0)
                memcpy(first, section, bytes);
            CU_ASSERT(memcmp(first, section, bytes) == 0);
        }
        for (int i = 0; i < MAX_PRB * 24; i++) {
            int v = sample(y, i), got = sample(again, i);
            double shift = section[(size_t)(i / 24) * (3 * w + 1)] & 15, a = ldexp(abs(v), (int)shift);
            double step = ldexp(a <= 8192 ? 1 : a <= 16384 ? 2 : 4, 15 - (int)w - (int)shift);
            CU_ASSERT(abs(v - got) <= step + 0.5 && (got == 0 || (got < 0) == (v < 0)));
        }
    }
}

/* What the mapper makes goes through in a few bits and comes back to the unit. */
static void test_modulation(void)
{
    phy_t *phy;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
    for (unsigned qm = 2; qm <= 10; qm += 2)
        for (int shape = 0; shape < 2; shape++) {
            static ci16_t x[MAX_PRB * 12], back[MAX_PRB * 12];
            static int8_t points[MAX_PRB * 24];
            static uint8_t bits[MAX_PRB * 15], wire[MAX_PRB * 25];
            for (size_t i = 0; i < sizeof bits; i++)
                bits[i] = (uint8_t)rnd();
            float amplitude = shape ? 9000 : PHY_UNIT;
            modulate(phy, qm, bits, MAX_PRB * 12, amplitude, x);
            modulation_points(phy, qm, bits, MAX_PRB * 12, points);
            const constellation_t *k = constellation(qm);
            const compression_cfg_t cfg = {COMPRESSION_MODULATION, k->width, k->csf, k->scaler * amplitude};
            size_t bytes = (size_t)MAX_PRB * 3 * k->width, at = 0;
            for (int isa = 0; isa <= (int)phy_isa_detect(); isa++) {
                CU_ASSERT_EQUAL(compression_compress(&cfg, ops(isa), x, MAX_PRB, wire, sizeof wire),
                                (int64_t)bytes);
                CU_ASSERT_EQUAL(compression_expand(&cfg, ops(isa), wire, bytes, MAX_PRB, back),
                                (int64_t)bytes);
                bool close = true;
                for (int i = 0; i < MAX_PRB * 24; i++)
                    close = close && abs(sample(back, i) - sample(x, i)) <= 1;
                CU_ASSERT(close);
            }
            for (int i = 0; i < MAX_PRB * 24; i++)
                CU_ASSERT_EQUAL(get_signed(wire, &at, k->width), points[i]);
            /* The 15 bits of the C-plane say the scaler to a part in 2048. */
            float said = compression_scaler_decode(compression_scaler_encode(cfg.scaler));
            CU_ASSERT(fabsf(said / cfg.scaler - 1) < 1.0f / 2048);
        }
    phy_destroy(phy);
    /* By hand: 0.5 of full scale is mantissa 1024, exponent 0; full scale itself does not exist. */
    CU_ASSERT_EQUAL(compression_scaler_encode(16384), 0x400);
    CU_ASSERT_EQUAL(compression_scaler_encode(8192), 0x0c00);
    CU_ASSERT_EQUAL(compression_scaler_encode(0), 0);
    CU_ASSERT_EQUAL(compression_scaler_encode(32768), 0x7ff);
    CU_ASSERT_EQUAL(compression_scaler_decode(0x7801), 1.0f / 2048);
    /* csf 0: the points are multiples of the spacing, noise goes to the nearest. */
    ci16_t x[12] = {{0, 400}, {600, -1100}, {-2600, 5000}}, back[12];
    uint8_t wire[6];
    const compression_cfg_t cfg = {COMPRESSION_MODULATION, 2, false, 2000};
    CU_ASSERT_EQUAL(compression_compress(&cfg, ops(0), x, 1, wire, sizeof wire), 6);
    CU_ASSERT_EQUAL(compression_expand(&cfg, ops(0), wire, sizeof wire, 1, back), 6);
    CU_ASSERT(back[0].re == 0 && back[0].im == 0 && back[1].re == 1000 && back[1].im == -1000 &&
              back[2].re == -2000 && back[2].im == 1000);
}

static void test_refused(void)
{
    ci16_t x[12];
    uint8_t wire[49] = {0};
    phy_refusal_t why;
    static const compression_cfg_t bad[] = {
        {(compression_method_t)5, 9, false, 1},
        {COMPRESSION_NONE, 14, false, 1},
        {COMPRESSION_BFP, 0, false, 1},
        {COMPRESSION_BLOCK_SCALING, 17, false, 1},
        {COMPRESSION_MU_LAW, 3, false, 1},
        {COMPRESSION_MU_LAW, 16, false, 1},
        {COMPRESSION_MODULATION, 9, false, 1},
        {COMPRESSION_MODULATION, 4, false, 0},
        {COMPRESSION_MODULATION, 4, false, (float)NAN},
    };
    static const char *const fields[] = {"method",   "iq_width", "iq_width", "iq_width", "iq_width",
                                         "iq_width", "iq_width", "scaler",   "scaler"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CU_ASSERT_EQUAL(compression_check(&bad[i], &why), -EINVAL);
        CU_ASSERT_STRING_EQUAL(why.field, fields[i]);
        CU_ASSERT_EQUAL(compression_compress(&bad[i], ops(0), x, 1, wire, sizeof wire), -EINVAL);
        CU_ASSERT_EQUAL(compression_expand(&bad[i], ops(0), wire, sizeof wire, 1, x), -EINVAL);
    }
    for (int method = 0; method <= 4; method++) {
        const compression_cfg_t cfg = {(compression_method_t)method, method ? 8 : 16, false, 1000};
        size_t need = compression_prb_bytes(&cfg);
        CU_ASSERT_EQUAL(compression_compress(&cfg, ops(0), x, 1, wire, need - 1), -EMSGSIZE);
        CU_ASSERT_EQUAL(compression_expand(&cfg, ops(0), wire, need - 1, 1, x), -EMSGSIZE);
        CU_ASSERT_EQUAL(compression_expand(&cfg, ops(0), wire, need, SIZE_MAX, x), -EMSGSIZE);
        CU_ASSERT_EQUAL(compression_expand(&cfg, ops(0), wire, 0, 0, x), 0);
    }
    const compression_cfg_t mu = {COMPRESSION_MU_LAW, 8, false, 0};
    wire[0] = 0x90; /* says 9 bits */
    CU_ASSERT_EQUAL(compression_expand(&mu, ops(0), wire, 25, 1, x), -EBADMSG);
}

CU_MAIN("compression", {"none", test_none}, {"block scaling", test_block_scaling}, {"mu-law", test_mu_law},
        {"modulation", test_modulation}, {"refused", test_refused})
