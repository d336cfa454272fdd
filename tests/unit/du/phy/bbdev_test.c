/* SPDX-License-Identifier: Apache-2.0 */
/* What would break: an accelerator that is missing, cannot do what we need, or dies in the middle of a
 * transport block must cost time, never a block. */
#include "du/phy/bbdev.h"
#include "tests/doubles/bbdev_ldpc.h"
#include "tests/link/channel.h"
#include "tests/unit/cu.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include <rte_bbdev.h>

#define DEVICE "ldpc_double0"
#define MAX_BLOCKS 100

static const uint32_t all_flags = RTE_BBDEV_LDPC_DEINTERLEAVER_BYPASS | RTE_BBDEV_LDPC_ITERATION_STOP_ENABLE;
static phy_t *phy;

static bbdev_double_t device(void)
{
    return (bbdev_double_t){.capability_flags = all_flags, .llr_size = 8, .n_queues = 4};
}

/* A transport block on its way: what was sent, its LLRs, soft buffers. */
typedef struct {
    sch_plan_t plan;
    uint8_t tb[120000];
    int8_t *llr;
    sch_rx_cb_t cb[MAX_BLOCKS];
    ldpc_dec_op_t ops[MAX_BLOCKS];
    link_random_t random;
} block_t;

static void make(block_t *b, uint32_t tb_bytes, double rate)
{
    memset(b, 0, sizeof *b);
    link_random_seed(&b->random, tb_bytes);
    /* the next size that splits into whole bytes per code block, as those of TS 38.214 do */
    uint32_t g = (uint32_t)(tb_bytes * 8 / rate) / 4 * 4;
    sch_cfg_t cfg = {.g_bits = g, .rate_x10 = (uint16_t)(rate * 10240), .qm = 4, .n_layers = 1};
    for (cfg.tb_bytes = tb_bytes; sch_plan(phy, &cfg, &b->plan, NULL); cfg.tb_bytes++)
        CU_ASSERT_FATAL(cfg.tb_bytes < tb_bytes + 200);
    tb_bytes = cfg.tb_bytes;
    for (uint32_t i = 0; i < tb_bytes; i++)
        b->tb[i] = (uint8_t)link_random_u64(&b->random);
    b->llr = malloc(g);
    for (unsigned r = 0; r < b->plan.n_cb; r++)
        b->cb[r] = (sch_rx_cb_t){.soft = aligned_alloc(64, LDPC_MAX_SOFT), .bits = malloc(LDPC_MAX_K_BYTES)};
}

static void drop(block_t *b)
{
    free(b->llr);
    for (unsigned r = 0; r < b->plan.n_cb; r++)
        free(b->cb[r].soft), free(b->cb[r].bits);
}

/* One transmission of it over BPSK-like noise of an amplitude ratio, as LLRs. */
static void transmit(block_t *b, unsigned rv, double snr_db)
{
    static uint8_t f[LDPC_MAX_E / 8];
    double sigma = pow(10, -snr_db / 20);
    b->plan.rv = (uint8_t)rv;
    circ_init(&b->plan.circ, b->plan.graph, b->plan.k_prime, b->plan.n_ref, rv);
    uint32_t crc = sch_tb_crc(phy, &b->plan, b->tb);
    for (unsigned r = 0; r < b->plan.n_cb; r++) {
        int8_t *llr = b->llr + sch_e_start(&b->plan, r);
        sch_encode_cb(phy, &b->plan, b->tb, crc, r, f);
        for (uint32_t i = 0; i < sch_e(&b->plan, r); i++) {
            double x = (f[i / 8] >> (7 - i % 8) & 1 ? -1 : 1) + sigma * link_random_gauss(&b->random).re;
            double v = PHY_LLR_SCALE * 2 * x / (sigma * sigma);
            llr[i] = (int8_t)(v > 127 ? 127 : v < -127 ? -127 : lrint(v));
        }
        sch_rx_op(&b->plan, r, llr, &b->cb[r], 12, &b->ops[r]);
    }
}

static bool same_tb(const block_t *b)
{
    static uint8_t got[120000];
    return sch_assemble(phy, &b->plan, b->cb, got) && memcmp(got, b->tb, b->plan.tb_bytes) == 0;
}

static ldpc_dec_work_t work;

static void test_decodes_as_the_cpu_does(void)
{
    static block_t b;
    char err[256] = "";
    bbdev_double_t d = device();
    bbdev_t *dev = NULL;
    CU_ASSERT_EQUAL_FATAL(bbdev_double_add(DEVICE, &d), 0);
    CU_ASSERT_EQUAL_FATAL(bbdev_open(phy, DEVICE, 2, &dev, err), 0);
    /* 100 kB: more blocks than one batch; 100 B: one block, CRC16; 2500 B: fillers */
    const uint32_t sizes[] = {90000, 100, 2500};
    for (unsigned i = 0; i < 3; i++) {
        make(&b, sizes[i], 0.5);
        transmit(&b, 0, 5);
        ldpc_dec_backend_t *be = bbdev_decoder(dev, i & 1);
        CU_ASSERT_EQUAL(be->run(be, b.ops, b.plan.n_cb, &work), 0);
        CU_ASSERT_TRUE(same_tb(&b));
        drop(&b);
    }
    CU_ASSERT_EQUAL(bbdev_counters(dev).blocks, d.seen);
    CU_ASSERT(d.seen > 64);
    bbdev_close(dev);
    bbdev_double_remove(DEVICE);
}

static void test_combines_retransmissions(void)
{
    static block_t b;
    char err[256];
    bbdev_double_t d = device();
    bbdev_t *dev = NULL;
    CU_ASSERT_EQUAL_FATAL(bbdev_double_add(DEVICE, &d), 0);
    CU_ASSERT_EQUAL_FATAL(bbdev_open(phy, DEVICE, 1, &dev, err), 0);
    make(&b, 20000, 0.8);
    ldpc_dec_backend_t *be = bbdev_decoder(dev, 0);
    transmit(&b, 0, -1);
    be->run(be, b.ops, b.plan.n_cb, &work);
    CU_ASSERT_FALSE(same_tb(&b));
    transmit(&b, 2, -1);
    be->run(be, b.ops, b.plan.n_cb, &work);
    CU_ASSERT_TRUE(same_tb(&b));
    unsigned seen = d.seen;
    transmit(&b, 3, -1); /* all done: nothing goes to the device */
    be->run(be, b.ops, b.plan.n_cb, &work);
    CU_ASSERT_EQUAL(d.seen, seen);
    CU_ASSERT_TRUE(b.ops[0].stats.crc_ok);
    drop(&b);
    bbdev_close(dev);
    bbdev_double_remove(DEVICE);
}

static void with_faults(bbdev_double_t d, uint64_t bbdev_counters_t_offset)
{
    static block_t b;
    char err[256];
    bbdev_t *dev = NULL;
    CU_ASSERT_EQUAL_FATAL(bbdev_double_add(DEVICE, &d), 0);
    CU_ASSERT_EQUAL_FATAL(bbdev_open(phy, DEVICE, 1, &dev, err), 0);
    make(&b, 90000, 0.5);
    ldpc_dec_backend_t *be = bbdev_decoder(dev, 0);
    transmit(&b, 0, 5);
    CU_ASSERT_EQUAL(be->run(be, b.ops, b.plan.n_cb, &work), 0);
    CU_ASSERT_TRUE(same_tb(&b));
    bbdev_counters_t c = bbdev_counters(dev);
    CU_ASSERT(*(const uint64_t *)((const char *)&c + bbdev_counters_t_offset) > 0);
    drop(&b);
    bbdev_close(dev);
    bbdev_double_remove(DEVICE);
}

static void test_a_failing_device_loses_nothing(void)
{
    bbdev_double_t d = device();
    d.fail_every = 3;
    with_faults(d, offsetof(bbdev_counters_t, failed));
    d = device();
    d.take_at_most = 7;
    with_faults(d, offsetof(bbdev_counters_t, rejected));
    d = device();
    d.swallow = 5;
    with_faults(d, offsetof(bbdev_counters_t, timeouts));
}

static void test_a_wrong_block_is_not_taken_for_good(void)
{
    static block_t b;
    char err[256];
    bbdev_double_t d = device();
    bbdev_t *dev = NULL;
    d.corrupt_every = 4;
    CU_ASSERT_EQUAL_FATAL(bbdev_double_add(DEVICE, &d), 0);
    CU_ASSERT_EQUAL_FATAL(bbdev_open(phy, DEVICE, 1, &dev, err), 0);
    make(&b, 8000, 0.5);
    ldpc_dec_backend_t *be = bbdev_decoder(dev, 0);
    transmit(&b, 0, 5);
    be->run(be, b.ops, b.plan.n_cb, &work);
    for (unsigned r = 0; r < b.plan.n_cb; r++)
        CU_ASSERT_EQUAL(b.ops[r].stats.crc_ok, r % 4 != 0);
    CU_ASSERT_FALSE(same_tb(&b));
    drop(&b);
    bbdev_close(dev);
    bbdev_double_remove(DEVICE);
}

static void test_refuses_what_cannot_serve(void)
{
    char err[256];
    bbdev_t *dev = NULL;
    CU_ASSERT_EQUAL(bbdev_open(phy, "not_there", 1, &dev, err), -ENODEV);
    CU_ASSERT_PTR_NOT_NULL(strstr(err, "not_there"));
    /* Debian's null device: has no LDPC. */
    CU_ASSERT_EQUAL(bbdev_open(phy, "baseband_null", 1, &dev, err), -ENOTSUP);
    CU_ASSERT_PTR_NOT_NULL(strstr(err, "no LDPC decoding"));
    bbdev_double_t d = device();
    CU_ASSERT_EQUAL_FATAL(bbdev_double_add(DEVICE, &d), 0);
    d.no_ldpc = true;
    CU_ASSERT_EQUAL(bbdev_open(phy, DEVICE, 1, &dev, err), -ENOTSUP);
    d = device();
    d.capability_flags = RTE_BBDEV_LDPC_ITERATION_STOP_ENABLE;
    CU_ASSERT_EQUAL(bbdev_open(phy, DEVICE, 1, &dev, err), -ENOTSUP);
    CU_ASSERT_PTR_NOT_NULL(strstr(err, "deinterleaver bypass"));
    d = device();
    d.llr_size = 2;
    CU_ASSERT_EQUAL(bbdev_open(phy, DEVICE, 1, &dev, err), -ENOTSUP);
    d = device();
    CU_ASSERT_EQUAL(bbdev_open(phy, DEVICE, 5, &dev, err), -ENOSPC);
    CU_ASSERT_PTR_NULL(dev);
    bbdev_close(NULL);
    bbdev_double_remove(DEVICE);
}

static void test_narrow_llrs(void)
{
    bbdev_double_t d = device();
    d.llr_size = 6;
    d.fail_every = 1000;
    with_faults(d, offsetof(bbdev_counters_t, blocks));
}

static int start(void)
{
    char *argv[] = {"test", "--no-huge", "--no-pci",    "--no-telemetry",       "--no-shconf",
                    "-m",   "128",       "--no-shconf", "--vdev=baseband_null", "--log-level=error",
                    NULL};
    return bbdev_eal_start((int)(sizeof argv / sizeof *argv) - 1, argv) || phy_create(PHY_ISA_BEST, &phy);
}

int main(void)
{
    static const CU_TestInfo tests[] = {
        {"decodes as the CPU does", test_decodes_as_the_cpu_does},
        {"combines retransmissions", test_combines_retransmissions},
        {"a failing device loses nothing", test_a_failing_device_loses_nothing},
        {"a wrong block is not taken for good", test_a_wrong_block_is_not_taken_for_good},
        {"narrow LLRs", test_narrow_llrs},
        {"refuses what cannot serve", test_refuses_what_cannot_serve},
        CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{.pName = "du/phy bbdev", .pTests = (CU_TestInfo *)tests}, CU_SUITE_INFO_NULL};
    if (start() || CU_initialize_registry() || CU_register_suites(suites))
        return 2;
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    unsigned failed = CU_get_number_of_failures(), ran = CU_get_number_of_asserts();
    CU_cleanup_registry();
    phy_destroy(phy);
    return failed || !ran;
}
