/* SPDX-License-Identifier: Apache-2.0 */
/* DCI, PBCH and UCI coding: there and back, through noise, and with what must not be taken for a message. */
#include <errno.h>
#include <stdlib.h>

#include "lib/phy/ldpc/crc.h"
#include "lib/phy/polar/dci_code.h"
#include "lib/phy/polar/pbch_code.h"
#include "lib/phy/polar/uci_code.h"
#include "tests/unit/cu.h"
#include "tests/unit/lib/phy/polar/common.h"

static phy_t *phy;
static polar_work_t work;

static void start(void)
{
    if (!phy)
        CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
}

static void mask_tail(uint8_t *bits, unsigned n)
{
    if (n % 8)
        bits[n / 8] &= (uint8_t)(0xff00 >> n % 8);
}

static void test_dci(void)
{
    uint64_t seed = 1;
    start();
    for (unsigned a = DCI_CODE_MIN_BITS; a <= DCI_CODE_MAX_BITS; a += 16)
        for (unsigned level = 2; level <= 16; level *= 2) {
            static dci_code_plan_t plan;
            dci_code_cfg_t cfg = {.a_bits = (uint16_t)a, .e_bits = (uint16_t)(108 * level)};
            CU_ASSERT_EQUAL_FATAL(dci_code_plan(&cfg, &plan, NULL), 0);
            uint8_t sent[18], coded[216], got[18];
            int8_t llr[1728];
            random_bytes(&seed, sent, sizeof sent);
            mask_tail(sent, a);
            dci_code_encode(phy, &plan, sent, 0x4601, coded);
            noisy_llrs(&seed, coded, cfg.e_bits, 0.4, llr);
            const uint16_t ours[] = {0xffff, 0x4601}, others[] = {0x4602, 0x0601, 0xffff};
            memset(got, 0xa5, sizeof got);
            CU_ASSERT_EQUAL(dci_code_decode(phy, &plan, llr, others, 3, &work, got), -1);
            CU_ASSERT_EQUAL(got[0], 0xa5); /* untouched */
            CU_ASSERT_EQUAL(dci_code_decode(phy, &plan, llr, ours, 2, &work, got), 1);
            CU_ASSERT_BYTES(got, (a + 7) / 8, sent, (a + 7) / 8);
            uint16_t rnti = 0;
            CU_ASSERT_TRUE(dci_code_decode_any(phy, &plan, llr, &work, got, &rnti));
            CU_ASSERT_EQUAL(rnti, 0x4601);
        }
}

/* An empty candidate must not become a DCI: with 3 RNTIs 8 paths pass with 1.4e-6 each. */
static void test_dci_noise_only(void)
{
    uint64_t seed = 2;
    start();
    static dci_code_plan_t plan;
    const dci_code_cfg_t cfg = {.a_bits = 40, .e_bits = 216};
    CU_ASSERT_EQUAL_FATAL(dci_code_plan(&cfg, &plan, NULL), 0);
    int taken = 0, any = 0;
    for (int i = 0; i < 500; i++) {
        uint8_t got[18];
        int8_t llr[216];
        uint16_t rnti;
        const uint16_t rntis[] = {0x4601, 0xffff, 1};
        for (int j = 0; j < 216; j++)
            llr[j] = quantize(gauss(&seed), 16);
        taken += dci_code_decode(phy, &plan, llr, rntis, 3, &work, got) >= 0;
        any += dci_code_decode_any(phy, &plan, llr, &work, got, &rnti);
    }
    CU_ASSERT_EQUAL(taken, 0);
    CU_ASSERT(any > 2 && any < 45); /* 8 paths, 8 bits: about 1 in 32 */
}

static void test_dci_refusals(void)
{
    static dci_code_plan_t plan;
    phy_refusal_t why;
    dci_code_cfg_t cfg = {.a_bits = 11, .e_bits = 108};
    CU_ASSERT_EQUAL(dci_code_plan(&cfg, &plan, &why), -EINVAL);
    CU_ASSERT_STRING_EQUAL(why.field, "a_bits");
    cfg.a_bits = 141;
    CU_ASSERT_EQUAL(dci_code_plan(&cfg, &plan, &why), -EINVAL);
    CU_ASSERT_STRING_EQUAL(why.field, "a_bits");
    cfg.a_bits = 100;
    CU_ASSERT_EQUAL(dci_code_plan(&cfg, &plan, &why), -EINVAL); /* 124 bits into 108 */
    CU_ASSERT_STRING_EQUAL(why.field, "e_bits");
    cfg.e_bits = 9000;
    CU_ASSERT_EQUAL(dci_code_plan(&cfg, &plan, &why), -EINVAL);
    CU_ASSERT_STRING_EQUAL(why.field, "e_bits");
}

static pbch_payload_t some_payload(uint64_t *seed, unsigned l_max)
{
    pbch_payload_t p = {.cell_id = (uint16_t)(next_random(seed) % 1008), .l_max = (uint8_t)l_max};
    p.ssb_index = (uint8_t)(next_random(seed) % l_max);
    p.sfn = next_random(seed) & 1023;
    p.half_frame = next_random(seed) & 1;
    p.k_ssb = next_random(seed) % (l_max == 64 ? 12 : 24);
    random_bytes(seed, p.mib, sizeof p.mib);
    for (unsigned i = 0; i < 6; i++) { /* a MIB that agrees with SFN and k_SSB */
        p.mib[0] &= (uint8_t) ~(0x40 >> i);
        p.mib[0] |= (uint8_t)((p.sfn >> (9 - i) & 1) << (6 - i));
    }
    p.mib[1] = (uint8_t)((p.mib[1] & 0x0f) | (p.k_ssb & 15) << 4);
    return p;
}

static void test_pbch(void)
{
    uint64_t seed = 3;
    const unsigned l_max[] = {4, 8, 64};
    start();
    for (int i = 0; i < 60; i++) {
        pbch_payload_t sent = some_payload(&seed, l_max[i % 3]), got = {0};
        uint8_t coded[PBCH_E_BYTES];
        int8_t llr[PBCH_E_BITS];
        CU_ASSERT_EQUAL(pbch_check(&sent, NULL), 0);
        pbch_encode(phy, &sent, coded);
        noisy_llrs(&seed, coded, PBCH_E_BITS, 1.2, llr);
        got.cell_id = sent.cell_id;
        got.l_max = sent.l_max;
        got.ssb_index = sent.ssb_index & 7;
        CU_ASSERT_TRUE(pbch_decode(phy, llr, &work, &got));
        CU_ASSERT_EQUAL(got.sfn, sent.sfn);
        CU_ASSERT_EQUAL(got.half_frame, sent.half_frame);
        CU_ASSERT_EQUAL(got.k_ssb, sent.k_ssb);
        CU_ASSERT_EQUAL(got.ssb_index, sent.ssb_index);
        CU_ASSERT_BYTES(got.mib, 3, sent.mib, 3);
        for (int j = 0; j < PBCH_E_BITS; j++)
            llr[j] = quantize(gauss(&seed), 16);
        pbch_payload_t before = got;
        CU_ASSERT_FALSE(pbch_decode(phy, llr, &work, &got));
        CU_ASSERT_BYTES(&got, sizeof got, &before, sizeof before);
    }
}

static void test_pbch_refusals(void)
{
    const struct {
        pbch_payload_t p;
        const char *field;
    } bad[] = {{{.cell_id = 1008, .l_max = 8}, "cell_id"},
               {{.l_max = 10}, "l_max"},
               {{.l_max = 4, .ssb_index = 4}, "ssb_index"},
               {{.l_max = 8, .k_ssb = 32}, "k_ssb"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        phy_refusal_t why;
        CU_ASSERT_EQUAL(pbch_check(&bad[i].p, &why), -EINVAL);
        CU_ASSERT_STRING_EQUAL(why.field, bad[i].field);
    }
}

static const uci_cfg_t ucis[] = {
    {1, 2, 2},       {1, 24, 4},      {2, 6, 2},        {2, 60, 6},      {3, 32, 2},     {6, 50, 2},
    {7, 33, 2},      {11, 32, 2},     {11, 400, 8},     {12, 40, 2},     {19, 128, 4},   {20, 64, 2},
    {100, 300, 2},   {359, 1200, 2},  {360, 1087, 2},   {360, 1088, 2},  {361, 1089, 2}, {1012, 1087, 2},
    {1013, 1200, 4}, {1706, 2200, 6}, {1706, 16384, 8}, {1705, 3001, 6},
};

static void test_uci(void)
{
    uint64_t seed = 4;
    start();
    for (size_t i = 0; i < sizeof ucis / sizeof *ucis; i++) {
        static uci_plan_t plan;
        CU_ASSERT_EQUAL_FATAL(uci_plan(&ucis[i], &plan, NULL), 0);
        unsigned a = ucis[i].a_bits, e = ucis[i].e_bits;
        CU_ASSERT_EQUAL(plan.n_blocks, (a >= 360 && e >= 1088) || a >= 1013 ? 2 : 1);
        CU_ASSERT_EQUAL(plan.crc_bits, a < 12 ? 0 : a < 20 ? 6 : 11);
        uint8_t sent[UCI_MAX_BYTES] = {0}, coded[2048], got[UCI_MAX_BYTES];
        static int8_t llr[16384];
        random_bytes(&seed, sent, (a + 7) / 8);
        mask_tail(sent, a);
        memset(coded, 0xff, sizeof coded);
        uci_encode(phy, &plan, sent, coded);
        noisy_llrs(&seed, coded, e, 0.3, llr);
        uci_result_t result;
        uci_decode(phy, &plan, llr, &work, got, &result);
        CU_ASSERT_TRUE(result.ok);
        CU_ASSERT_EQUAL(result.has_metric, a < 12);
        CU_ASSERT_BYTES(got, (a + 7) / 8, sent, (a + 7) / 8);
        if (plan.crc_bits == 11) {
            for (unsigned j = 0; j < e; j++)
                llr[j] = quantize(gauss(&seed), 16);
            uci_decode(phy, &plan, llr, &work, got, &result);
            CU_ASSERT_FALSE(result.ok);
        }
    }
}

/* More coded bits than 8192: 5.4.1 to the letter goes on repeating, and far more noise than usual is no
 * matter. One block, and two. */
static void test_uci_repeated(void)
{
    static const uint8_t p[32] = {0,  1,  2,  4,  3,  5,  6,  7,  8,  16, 9,  17, 10, 18, 11, 19,
                                  12, 20, 13, 21, 14, 22, 15, 23, 24, 25, 26, 28, 27, 29, 30, 31};
    static const uci_cfg_t cfgs[] = {{12, 8193, 2}, {20, 100001, 4}, {400, 99999, 2}, {60, 1372800, 8}};
    uint64_t seed = 44;
    start();
    for (size_t c = 0; c < sizeof cfgs / sizeof *cfgs; c++) {
        static uci_plan_t plan;
        CU_ASSERT_EQUAL_FATAL(uci_plan(&cfgs[c], &plan, NULL), 0);
        const unsigned a = cfgs[c].a_bits, e = cfgs[c].e_bits, n = plan.polar.n, er = e / plan.n_blocks;
        uint8_t sent[UCI_MAX_BYTES] = {0}, got[UCI_MAX_BYTES];
        uint8_t *coded = malloc(e / 8 + 1);
        int8_t *llr = malloc(e);
        random_bytes(&seed, sent, (a + 7) / 8);
        mask_tail(sent, a);
        uci_encode(phy, &plan, sent, coded);
        unsigned bad = 0;
        for (unsigned r = 0; r < plan.n_blocks; r++) {
            /* c_r (A is even here), then its CRC, then d */
            uint8_t block[256] = {0}, d[128];
            const unsigned k = a / plan.n_blocks;
            for (unsigned i = 0; i < k; i++)
                block[i / 8] |=
                    (uint8_t)((sent[(r * k + i) / 8] >> (7 - (r * k + i) % 8) & 1) << (7 - i % 8));
            const uint32_t crc = crc_bits(phy, plan.crc_bits == 6 ? CRC6 : CRC11, block, k);
            for (unsigned i = k; i < k + plan.crc_bits; i++)
                block[i / 8] |= (uint8_t)((crc >> (plan.crc_bits - 1 - (i - k)) & 1) << (7 - i % 8));
            polar_place(&plan.polar, block, d);
            polar_transform(d, n);
            unsigned t = 0, at = 0;
            while (t * (t + 1) / 2 < er)
                t++;
            /* v(i, j) = e(k) row by row, T - i in row i; read column by column */
            for (unsigned j = 0; j < t; j++)
                for (unsigned i = 0; i < t - j; i++) {
                    const unsigned from = i * t - i * (i - 1) / 2 + j;
                    if (from >= er)
                        continue;
                    const unsigned y = from % n, q = p[32 * y / n] * (n / 32) + y % (n / 32);
                    const unsigned out = r * er + at++;
                    bad += (d[q / 8] >> (7 - q % 8) & 1) != (coded[out / 8] >> (7 - out % 8) & 1);
                }
            CU_ASSERT_EQUAL(at, er);
        }
        CU_ASSERT_EQUAL(bad, 0);
        /* a third of the LLRs wrong, of full scale: sums beyond int16 */
        for (unsigned i = 0; i < e; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            const bool wrong = (seed >> 40) % 3 == 0;
            llr[i] = (coded[i / 8] >> (7 - i % 8) & 1) != wrong ? -127 : 127;
        }
        uci_result_t result;
        uci_decode(phy, &plan, llr, &work, got, &result);
        CU_ASSERT_TRUE(result.ok);
        CU_ASSERT_BYTES(got, (a + 7) / 8, sent, (a + 7) / 8);
        free(coded);
        free(llr);
    }
}

/* A word of the code with a wrong CRC is not taken, however clear it is. */
static void test_wrong_crc(void)
{
    uint64_t seed = 5;
    start();
    static uci_plan_t plan;
    const uci_cfg_t cfg = {.a_bits = 40, .e_bits = 216, .qm = 2};
    CU_ASSERT_EQUAL_FATAL(uci_plan(&cfg, &plan, NULL), 0);
    for (unsigned flip = 0; flip < 11; flip++) {
        uint8_t block[8] = {0}, coded[27], got[UCI_MAX_BYTES];
        int8_t llr[216];
        random_bytes(&seed, block, 5);
        uint32_t crc = crc_bits(phy, CRC11, block, 40) ^ 1u << flip;
        block[5] = (uint8_t)(crc >> 3);
        block[6] = (uint8_t)(crc << 5);
        polar_encode(phy, &plan.polar, block, coded);
        clean_llrs(coded, 216, llr);
        uci_result_t result;
        uci_decode(phy, &plan, llr, &work, got, &result);
        /* Only the best path is near; that another of 8 fits by chance is 7 in 2048. */
        CU_ASSERT_FALSE(result.ok);
        CU_ASSERT_BYTES(got, 5, block, 5);
    }
}

static void test_uci_refusals(void)
{
    const struct {
        uci_cfg_t cfg;
        const char *field;
    } bad[] = {{{0, 100, 2}, "a_bits"},      {{1707, 5000, 2}, "a_bits"}, {{20, 30, 2}, "e_bits"},
               {{20, 2097153, 2}, "e_bits"}, {{5, 4, 2}, "e_bits"},       {{1, 1, 3}, "qm"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        static uci_plan_t plan;
        phy_refusal_t why = {0};
        CU_ASSERT_EQUAL(uci_plan(&bad[i].cfg, &plan, &why), -EINVAL);
        CU_ASSERT(why.field && strcmp(why.field, bad[i].field) == 0);
    }
}

/* Every variant gives the same messages. */
static void test_variants(void)
{
    uint64_t seed = 6;
    start();
    phy_t *plain;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_GENERIC, &plain), 0);
    for (int i = 0; i < 20; i++) {
        static uci_plan_t plan;
        const uci_cfg_t cfg = {.a_bits = 50, .e_bits = 150, .qm = 2};
        CU_ASSERT_EQUAL_FATAL(uci_plan(&cfg, &plan, NULL), 0);
        uint8_t sent[7] = {0}, coded[19], a[UCI_MAX_BYTES], b[UCI_MAX_BYTES];
        int8_t llr[150];
        uci_result_t ra, rb;
        random_bytes(&seed, sent, 6);
        uci_encode(phy, &plan, sent, coded);
        noisy_llrs(&seed, coded, 150, 0.9, llr);
        uci_decode(phy, &plan, llr, &work, a, &ra);
        uci_decode(plain, &plan, llr, &work, b, &rb);
        CU_ASSERT_EQUAL(ra.ok, rb.ok);
        CU_ASSERT_BYTES(a, 7, b, 7);
    }
    phy_destroy(plain);
}

CU_MAIN("polar codes", {"DCI", test_dci}, {"no DCI in noise", test_dci_noise_only},
        {"DCI refusals", test_dci_refusals}, {"PBCH", test_pbch}, {"PBCH refusals", test_pbch_refusals},
        {"UCI", test_uci}, {"UCI repeated", test_uci_repeated}, {"wrong CRC", test_wrong_crc},
        {"UCI refusals", test_uci_refusals}, {"variants", test_variants})
