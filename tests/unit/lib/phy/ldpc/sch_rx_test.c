/* SPDX-License-Identifier: Apache-2.0 */
/* Transport blocks from our coder through noise into our receiver: what a cell would lose if the two
 * disagreed on a redundancy version, a filler, an interleaver or a CRC. */
#include "lib/phy/ldpc/sch_rx.h"

#include "tests/unit/cu.h"
#include "tests/unit/lib/phy/ldpc/noise.h"

#include <stdlib.h>

#define MAX_BLOCKS 8

typedef struct {
    phy_t *phy;
    noise_t noise;
    sch_cfg_t cfg;
    sch_plan_t plan;
    uint8_t *tb, *got, *bits;
    int8_t *soft, *llr;
    sch_rx_cb_t harq[MAX_BLOCKS];
    ldpc_dec_stats_t stats[MAX_BLOCKS];
    ldpc_dec_work_t *work;
} rig_t;

static void rig_open(rig_t *r, phy_isa_t isa, sch_cfg_t cfg)
{
    *r = (rig_t){.noise = {UINT64_C(0x9e3779b97f4a7c15)}, .cfg = cfg};
    CU_ASSERT_EQUAL_FATAL(phy_create(isa, &r->phy), 0);
    CU_ASSERT_EQUAL_FATAL(sch_plan(r->phy, &cfg, &r->plan, NULL), 0);
    CU_ASSERT_FATAL(r->plan.n_cb <= MAX_BLOCKS);
    r->tb = malloc(cfg.tb_bytes);
    r->got = malloc(cfg.tb_bytes);
    r->llr = malloc(cfg.g_bits);
    r->bits = malloc(MAX_BLOCKS * LDPC_MAX_K_BYTES);
    r->soft = aligned_alloc(64, MAX_BLOCKS * LDPC_MAX_SOFT);
    r->work = aligned_alloc(64, sizeof *r->work);
    memset(r->work, 0x55, sizeof *r->work);
    memset(r->soft, 0x55, MAX_BLOCKS * LDPC_MAX_SOFT);
    for (unsigned i = 0; i < cfg.tb_bytes; i++)
        r->tb[i] = (uint8_t)noise_next(&r->noise);
    for (unsigned i = 0; i < MAX_BLOCKS; i++)
        r->harq[i] =
            (sch_rx_cb_t){.soft = r->soft + i * LDPC_MAX_SOFT, .bits = r->bits + i * LDPC_MAX_K_BYTES};
}

static void rig_close(rig_t *r)
{
    phy_destroy(r->phy);
    free(r->tb);
    free(r->got);
    free(r->llr);
    free(r->bits);
    free(r->soft);
    free(r->work);
}

/* Sends redundancy version rv at an Es/N0 a bit; true when the transport block comes out, and comes out
 * right. */
static bool rig_send(rig_t *r, unsigned rv, double esn0_db, unsigned iterations)
{
    static uint8_t coded[LDPC_MAX_E / 8];
    r->cfg.rv = (uint8_t)rv;
    CU_ASSERT_EQUAL_FATAL(sch_plan(r->phy, &r->cfg, &r->plan, NULL), 0);
    uint32_t crc = sch_tb_crc(r->phy, &r->plan, r->tb);
    for (unsigned b = 0; b < r->plan.n_cb; b++) {
        uint32_t e = sch_e(&r->plan, b);
        int8_t *llr = r->llr + sch_e_start(&r->plan, b);
        sch_encode_cb(r->phy, &r->plan, r->tb, crc, b, coded);
        for (uint32_t i = 0; i < e; i++)
            llr[i] =
                noise_quantise(noise_llr(&r->noise, coded[i / 8] >> (7 - i % 8) & 1, pow(10, esn0_db / 10)));
        sch_decode_cb(r->phy, &r->plan, b, llr, &r->harq[b], iterations, r->work, &r->stats[b]);
        CU_ASSERT_EQUAL(r->stats[b].crc_ok, r->harq[b].done);
    }
    memset(r->got, 0, r->cfg.tb_bytes);
    if (!sch_assemble(r->phy, &r->plan, r->harq, r->got))
        return false;
    CU_ASSERT_BYTES(r->got, r->cfg.tb_bytes, r->tb, r->cfg.tb_bytes);
    return true;
}

/* TBs of 1 to 3 code blocks, both base graphs and CRCs, small and large lifting sizes, all orders and
 * versions. */
static void test_clean(void)
{
    static const sch_cfg_t cases[] = {
        {.tb_bytes = 3, .g_bits = 48, .rate_x10 = 3080, .qm = 2, .n_layers = 1},
        {.tb_bytes = 3, .g_bits = 1200, .rate_x10 = 1200, .qm = 1, .n_layers = 1},
        {.tb_bytes = 30, .g_bits = 600, .rate_x10 = 4340, .qm = 4, .n_layers = 1},
        {.tb_bytes = 41, .g_bits = 600, .rate_x10 = 6020, .qm = 6, .n_layers = 2},
        {.tb_bytes = 320, .g_bits = 4000, .rate_x10 = 6660, .qm = 8, .n_layers = 1},
        {.tb_bytes = 478, .g_bits = 4800, .rate_x10 = 8000, .qm = 8, .n_layers = 1},
        {.tb_bytes = 481, .g_bits = 12000, .rate_x10 = 3200, .qm = 6, .n_layers = 1},
        {.tb_bytes = 1024, .g_bits = 24600, .rate_x10 = 3400, .qm = 10, .n_layers = 1},
        {.tb_bytes = 2178, .g_bits = 20400, .rate_x10 = 8500, .qm = 10, .n_layers = 2},
        {.tb_bytes = 2946, .g_bits = 26112, .rate_x10 = 9480, .qm = 8, .n_layers = 4, .tbs_lbrm = 40000},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
        for (unsigned rv = 0; rv < 4; rv++) {
            rig_t r;
            rig_open(&r, PHY_ISA_BEST, cases[i]);
            /* Versions 1 and 2 hold few information bits: where the rate is high they need a second
             * transmission. */
            bool ok = rig_send(&r, rv, 15, 10);
            if (!ok && rv != 0)
                ok = rig_send(&r, 0, 15, 10);
            CU_ASSERT(ok);
            rig_close(&r);
        }
}

/* A rate of 0.9 below its threshold: neither of two transmissions can be decoded alone, both together can. */
static void test_incremental_redundancy(void)
{
    const sch_cfg_t cfg = {.tb_bytes = 3000, .g_bits = 26880, .rate_x10 = 9000, .qm = 4, .n_layers = 1};
    rig_t r;
    rig_open(&r, PHY_ISA_BEST, cfg);
    CU_ASSERT_FALSE(rig_send(&r, 0, 1.0, 8));
    uint32_t n_soft = r.harq[0].n_soft;
    CU_ASSERT(rig_send(&r, 2, 1.0, 8));
    CU_ASSERT(r.harq[0].n_soft > n_soft);
    rig_close(&r);
    rig_open(&r, PHY_ISA_BEST, cfg);
    CU_ASSERT_FALSE(rig_send(&r, 2, 1.0, 8));
    rig_close(&r);
}

/* Chase combining: the same version again adds up. */
static void test_repeated(void)
{
    const sch_cfg_t cfg = {.tb_bytes = 300, .g_bits = 3600, .rate_x10 = 6600, .qm = 6, .n_layers = 1};
    rig_t r;
    rig_open(&r, PHY_ISA_BEST, cfg);
    CU_ASSERT_FALSE(rig_send(&r, 0, -1.0, 8));
    CU_ASSERT(rig_send(&r, 0, -1.0, 8));
    rig_close(&r);
}

/* What is decoded stays so: a later transmission of rubbish neither runs nor spoils it. */
static void test_done_is_skipped(void)
{
    const sch_cfg_t cfg = {.tb_bytes = 2178, .g_bits = 26400, .rate_x10 = 6600, .qm = 4, .n_layers = 1};
    rig_t r;
    rig_open(&r, PHY_ISA_BEST, cfg);
    CU_ASSERT(r.plan.n_cb > 1);
    CU_ASSERT(rig_send(&r, 0, 10, 8));
    CU_ASSERT(rig_send(&r, 2, -20, 8));
    for (unsigned b = 0; b < r.plan.n_cb; b++)
        CU_ASSERT_EQUAL(r.stats[b].iterations, 0);
    rig_close(&r);
}

/* A code word that fits all parity checks but whose bits do not fit the CRC is no code block; blocks that
 * each fit but are of different transport blocks are no transport block. */
static void test_wrong_crc(void)
{
    const sch_cfg_t one = {.tb_bytes = 100, .g_bits = 1800, .rate_x10 = 5000, .qm = 2, .n_layers = 1};
    rig_t r;
    rig_open(&r, PHY_ISA_BEST, one);
    uint8_t coded[1800 / 8];
    sch_encode_cb(r.phy, &r.plan, r.tb, sch_tb_crc(r.phy, &r.plan, r.tb) ^ 0x100, 0, coded);
    for (unsigned i = 0; i < 1800; i++)
        r.llr[i] = coded[i / 8] >> (7 - i % 8) & 1 ? -60 : 60;
    CU_ASSERT_FALSE(sch_decode_cb(r.phy, &r.plan, 0, r.llr, &r.harq[0], 5, r.work, &r.stats[0]));
    CU_ASSERT_EQUAL(r.stats[0].iterations, 5);
    CU_ASSERT_FALSE(sch_assemble(r.phy, &r.plan, r.harq, r.got));
    rig_close(&r);

    const sch_cfg_t two = {.tb_bytes = 2178, .g_bits = 26400, .rate_x10 = 6600, .qm = 4, .n_layers = 1};
    rig_open(&r, PHY_ISA_BEST, two);
    CU_ASSERT(rig_send(&r, 0, 10, 8));
    r.tb[0] ^= 1;
    r.harq[0].done = false;
    r.harq[0].n_soft = 0;
    for (unsigned b = 0; b < r.plan.n_cb; b++)
        CU_ASSERT(r.harq[b].done || b == 0);
    CU_ASSERT_FALSE(rig_send(&r, 0, -20, 8));
    uint8_t *other = r.harq[0].bits;
    sch_segment_cb(r.phy, &r.plan, r.tb, 0, 0, other);
    r.harq[0].done = true;
    CU_ASSERT_FALSE(sch_assemble(r.phy, &r.plan, r.harq, r.got));
    rig_close(&r);
}

/* A backend takes the same operations in a batch. */
static void test_backend(void)
{
    const sch_cfg_t cfg = {.tb_bytes = 2178, .g_bits = 26400, .rate_x10 = 6600, .qm = 4, .n_layers = 1};
    rig_t r;
    rig_open(&r, PHY_ISA_BEST, cfg);
    uint32_t crc = sch_tb_crc(r.phy, &r.plan, r.tb);
    uint8_t coded[26400 / 8];
    ldpc_dec_op_t ops[MAX_BLOCKS];
    for (unsigned b = 0; b < r.plan.n_cb; b++) {
        int8_t *llr = r.llr + sch_e_start(&r.plan, b);
        sch_encode_cb(r.phy, &r.plan, r.tb, crc, b, coded);
        for (uint32_t i = 0; i < sch_e(&r.plan, b); i++)
            llr[i] = coded[i / 8] >> (7 - i % 8) & 1 ? -20 : 20;
        sch_rx_op(&r.plan, b, llr, &r.harq[b], 4, &ops[b]);
    }
    ldpc_dec_backend_t backend = ldpc_dec_software(r.phy);
    CU_ASSERT_EQUAL(backend.run(&backend, ops, r.plan.n_cb, r.work), 0);
    for (unsigned b = 0; b < r.plan.n_cb; b++)
        CU_ASSERT(ops[b].stats.crc_ok && ops[b].stats.iterations >= 1);
    CU_ASSERT(sch_assemble(r.phy, &r.plan, r.harq, r.got));
    CU_ASSERT_BYTES(r.got, cfg.tb_bytes, r.tb, cfg.tb_bytes);
    rig_close(&r);
}

CU_MAIN("sch_rx", {"clean channel", test_clean}, {"incremental redundancy", test_incremental_redundancy},
        {"repetition", test_repeated}, {"decoded blocks are skipped", test_done_is_skipped},
        {"a wrong CRC", test_wrong_crc}, {"backend", test_backend})
