/* SPDX-License-Identifier: Apache-2.0 */
/* A transport block's way through segmentation, coding and rate matching, and what is refused. */
#include "tests/unit/cu.h"
#include "tests/unit/lib/phy/ldpc/model.h"
#include "lib/phy/ldpc/encode.h"
#include "lib/phy/ldpc/sch.h"

/* 38.212 7.2 one bit a byte, up to f of block r; parity comes from ldpc_encode (encode_test proves it).
 * Returns E_r or 0 when the plan says something else. */
static uint32_t model_block(const phy_t *phy, const sch_cfg_t *cfg, const sch_plan_t *plan, const uint8_t *tb,
                            unsigned r, uint8_t *f)
{
    uint32_t a = cfg->tb_bytes * 8;
    unsigned l = a > 3824 ? 24 : 16;
    double rate = cfg->rate_x10 / 10240.0;
    unsigned bg = a <= 292 || (a <= 3824 && rate <= 0.67) || rate <= 0.25 ? 2 : 1;
    uint32_t b = a + l, k_cb = bg == 1 ? 8448 : 3840, c = 1, bp = b;
    if (b > k_cb) {
        c = (b + k_cb - 24 - 1) / (k_cb - 24);
        bp = b + c * 24;
    }
    uint32_t kp = bp / c;
    unsigned kb = bg == 1 ? 22 : b > 640 ? 10 : b > 560 ? 9 : b > 192 ? 8 : 6, zc = 0;
    for (unsigned z = 0; z < GRAPH_N_ZC && !zc; z++)
        zc = kb * graph_zc[z] >= kp ? graph_zc[z] : 0;
    uint32_t k = (bg == 1 ? 22 : 10) * zc, n = (bg == 1 ? 66 : 50) * zc;
    if (plan->graph->bg != bg || plan->graph->zc != zc || plan->n_cb != c || plan->k != k ||
        plan->k_prime != kp)
        return 0;

    static uint8_t bits[SCH_MAX_TB_BYTES * 8 + 24], cb[8448], cw[GRAPH_MAX_COLS * GRAPH_MAX_ZC];
    for (uint32_t i = 0; i < a; i++)
        bits[i] = (uint8_t)model_bit(tb, i);
    uint32_t crc = model_crc(l == 24 ? "24 23 18 17 14 11 10 7 6 5 4 3 1 0" : "16 12 5 0", bits, a);
    for (unsigned i = 0; i < l; i++)
        bits[a + i] = crc >> (l - 1 - i) & 1;
    uint32_t payload = c > 1 ? kp - 24 : kp;
    memcpy(cb, bits + r * payload, payload);
    if (c > 1) {
        crc = model_crc("24 23 6 5 1 0", cb, payload);
        for (unsigned i = 0; i < 24; i++)
            cb[payload + i] = crc >> (23 - i) & 1;
    }
    memset(cb + kp, 0, k - kp);
    uint8_t packed[1056], parity[46 * 48];
    model_pack(packed, cb, k);
    const graph_t *g = graph_get(phy, bg, zc);
    ldpc_encode(phy, g, g->n_rows, packed, parity);
    memcpy(cw, cb, k);
    memset(cw + kp, FILLER, k - kp);
    for (uint32_t i = 0; i < g->n_rows * zc; i++)
        cw[k + i] = (uint8_t)model_bit(parity, i);

    uint32_t n_cb = n;
    if (cfg->tbs_lbrm) {
        uint32_t n_ref = (uint32_t)((uint64_t)cfg->tbs_lbrm * 3 / (2 * c));
        n_cb = n_ref < n ? n_ref : n;
    }
    static const unsigned numerator[2][4] = {{0, 17, 33, 56}, {0, 13, 25, 43}};
    uint32_t k0 = (uint32_t)((uint64_t)numerator[bg - 1][cfg->rv] * n_cb / n) * zc;
    uint32_t unit = (uint32_t)cfg->n_layers * cfg->qm, units = cfg->g_bits / unit;
    uint32_t e = r <= c - units % c - 1 ? unit * (units / c) : unit * ((units + c - 1) / c);
    model_rate_match(cw + 2 * zc, n_cb, k0, cfg->qm, e, f);
    return e;
}

static void test_chain(void)
{
    static const struct {
        uint32_t tb_bytes;
        uint16_t rate_x10;
    } sizes[] = {{3, 1200},    {10, 5000},   {36, 9000},   {37, 7000},  {71, 3000},  {80, 6700},
                 {125, 9000},  {478, 6860},  {478, 6861},  {479, 2560}, {528, 8000}, {1053, 9000},
                 {1057, 9000}, {1056, 2000}, {2115, 9480}, {4227, 6000}};
    static const uint8_t qms[] = {2, 4, 6, 8, 1, 10};
    uint64_t seed = 21;
    static uint8_t tb[8192], f[400000], want[50001], got[50001];
    for (unsigned i = 0; i < sizeof tb; i++)
        tb[i] = (uint8_t)(model_random(&seed) >> 33);
    unsigned planned = 0;
    for (int isa = 0; isa < PHY_N_ISA; isa++) {
        phy_t *phy;
        CU_ASSERT_EQUAL_FATAL(phy_create((phy_isa_t)isa, &phy), 0);
        for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++)
            for (unsigned rv = 0; rv < 4; rv++) {
                sch_cfg_t cfg = {.tb_bytes = sizes[s].tb_bytes,
                                 .rate_x10 = sizes[s].rate_x10,
                                 .rv = (uint8_t)rv,
                                 .qm = qms[(s + rv) % 6],
                                 .n_layers = (uint8_t)(1 + (s + rv) % 4),
                                 .tbs_lbrm = rv % 2 ? sizes[s].tb_bytes * 8 + 200 : 0};
                uint32_t unit = (uint32_t)cfg.qm * cfg.n_layers;
                cfg.g_bits = (uint32_t)(cfg.tb_bytes * 8ull * 10240 / cfg.rate_x10) / unit * unit + unit;
                if (s % 5 == 4) /* round the buffer */
                    cfg.g_bits *= 6;
                sch_plan_t plan;
                phy_refusal_t why = {0};
                int err = sch_plan(phy, &cfg, &plan, &why);
                CU_ASSERT_EQUAL(err, 0);
                if (err < 0)
                    continue;
                planned++;
                uint32_t crc = sch_tb_crc(phy, &plan, tb), at = 0;
                for (unsigned r = 0; r < plan.n_cb; r++) {
                    uint32_t e = model_block(phy, &cfg, &plan, tb, r, f);
                    CU_ASSERT_EQUAL_FATAL(sch_e(&plan, r), e);
                    CU_ASSERT_EQUAL(sch_e_start(&plan, r), at);
                    model_pack(want, f, e);
                    got[(e + 7) / 8] = 0xa5;
                    sch_encode_cb(phy, &plan, tb, crc, r, got);
                    CU_ASSERT_EQUAL(memcmp(got, want, (e + 7) / 8), 0);
                    CU_ASSERT_EQUAL(got[(e + 7) / 8], 0xa5);
                    at += e;
                }
                CU_ASSERT_EQUAL(at, cfg.g_bits);
            }
        phy_destroy(phy);
    }
    CU_ASSERT_EQUAL(planned, PHY_N_ISA * 4 * sizeof sizes / sizeof *sizes);
}

/* A plan that is refused says which field, and leaves what it would have filled. */
static void test_refusals(void)
{
    phy_t *phy;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
    const sch_cfg_t good = {.tb_bytes = 1057, .g_bits = 9600, .rate_x10 = 9000, .qm = 6, .n_layers = 2};
    static const struct {
        const char *field;
        sch_cfg_t cfg;
    } bad[] = {
        {"tb_bytes", {.tb_bytes = 0, .g_bits = 9600, .rate_x10 = 9000, .qm = 6, .n_layers = 2}},
        {"tb_bytes", {.tb_bytes = 1058, .g_bits = 9600, .rate_x10 = 9000, .qm = 6, .n_layers = 2}},
        {"tb_bytes", {.tb_bytes = UINT32_MAX, .g_bits = 9600, .rate_x10 = 9000, .qm = 6, .n_layers = 2}},
        {"tb_bytes", {.tb_bytes = 262144, .g_bits = 9600, .rate_x10 = 2000, .qm = 6, .n_layers = 2}},
        {"rate_x10", {.tb_bytes = 1057, .g_bits = 9600, .rate_x10 = 0, .qm = 6, .n_layers = 2}},
        {"rate_x10", {.tb_bytes = 1057, .g_bits = 9600, .rate_x10 = 10241, .qm = 6, .n_layers = 2}},
        {"rv", {.tb_bytes = 1057, .g_bits = 9600, .rate_x10 = 9000, .qm = 6, .n_layers = 2, .rv = 4}},
        {"qm", {.tb_bytes = 1057, .g_bits = 9600, .rate_x10 = 9000, .qm = 3, .n_layers = 2}},
        {"qm", {.tb_bytes = 1057, .g_bits = 9600, .rate_x10 = 9000, .qm = 0, .n_layers = 2}},
        {"n_layers", {.tb_bytes = 1057, .g_bits = 9600, .rate_x10 = 9000, .qm = 6, .n_layers = 0}},
        {"n_layers", {.tb_bytes = 1057, .g_bits = 9600, .rate_x10 = 9000, .qm = 6, .n_layers = 5}},
        {"g_bits", {.tb_bytes = 1057, .g_bits = 0, .rate_x10 = 9000, .qm = 6, .n_layers = 2}},
        {"g_bits", {.tb_bytes = 1057, .g_bits = 9606, .rate_x10 = 9000, .qm = 6, .n_layers = 2}},
        {"g_bits", {.tb_bytes = 1057, .g_bits = 12, .rate_x10 = 9000, .qm = 6, .n_layers = 2}},
        {"g_bits", {.tb_bytes = 1057, .g_bits = 1u << 31, .rate_x10 = 9000, .qm = 2, .n_layers = 2}},
        {"tbs_lbrm",
         {.tb_bytes = 1057, .g_bits = 9600, .rate_x10 = 9000, .qm = 6, .n_layers = 2, .tbs_lbrm = 100}},
    };
    sch_plan_t plan;
    CU_ASSERT_EQUAL(sch_plan(phy, &good, &plan, NULL), 0);
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        phy_refusal_t why = {0};
        sch_plan_t before;
        memset(&plan, 0x5a, sizeof plan);
        memcpy(&before, &plan, sizeof plan);
        CU_ASSERT(sch_plan(phy, &bad[i].cfg, &plan, &why) < 0);
        CU_ASSERT_STRING_EQUAL(why.field ? why.field : "", bad[i].field);
        CU_ASSERT_EQUAL(memcmp(&plan, &before, sizeof plan), 0);
    }
    phy_destroy(phy);
}

/* 38.214 5.1.3.2 by hand: 273 PRB, 4 layers, 256QAM: N_info = 156 * 273 * 4 * 8 * 948 / 1024 = 1261674.75, n
 * = 15, N'_info = 39 * 32768 = 1277952, C = 152, TBS = 8 * 152 * ceil(1277976 / 1216) - 24. */
static void test_tbs_lbrm(void)
{
    CU_ASSERT_EQUAL(sch_tbs_lbrm(4, 8, 273), 1277992);
    CU_ASSERT_EQUAL(sch_tbs_lbrm(4, 8, 218), 1277992);
    /* 1 layer, 64QAM, 32 PRB: N_info = 27729, n = 9, N'_info = 27648, C = 4, TBS = 32 * 865 - 24 */
    CU_ASSERT_EQUAL(sch_tbs_lbrm(1, 6, 24), 27656);
    CU_ASSERT(sch_tbs_lbrm(1, 6, 33) > sch_tbs_lbrm(1, 6, 32));
    CU_ASSERT(sch_tbs_lbrm(1, 6, 66) == sch_tbs_lbrm(1, 6, 33));
}

CU_MAIN("sch", {"chain", test_chain}, {"refusals", test_refusals}, {"limited buffer", test_tbs_lbrm})
