/* SPDX-License-Identifier: Apache-2.0 */
/* Far above the waterfall no block may be lost: most LLRs are saturated there, and a decoder whose saturated
 * sums and messages take each other back has an error floor that measurements at the waterfall do not see. */
#include "lib/phy/ldpc/sch_rx.h"
#include "lib/phy/signal/demap.h"
#include "lib/phy/signal/modulation.h"
#include "tests/unit/cu.h"
#include "tests/unit/lib/phy/ldpc/noise.h"

#include <stdlib.h>

#define MAX_E (3840 * 8 * 6)

static uint8_t tb[1056], got[1056], coded[MAX_E / 8 + 64];
static cf_t symbols[MAX_E];
static float inverse[MAX_E];
static int8_t llr[MAX_E];
static _Alignas(64) int8_t soft[LDPC_MAX_SOFT];
static uint8_t decoded[LDPC_MAX_K_BYTES];
static ldpc_dec_work_t work;

/* One block of one code block through AWGN, Es/N0 in dB. */
static bool block(const phy_t *phy, const sch_plan_t *plan, noise_t *s, double esn0_db)
{
    for (unsigned i = 0; i < plan->tb_bytes; i++)
        tb[i] = (uint8_t)(noise_next(s) >> 32);
    sch_encode_cb(phy, plan, tb, sch_tb_crc(phy, plan, tb), 0, coded);
    unsigned n = plan->g_bits / plan->qm;
    modulate_cf(phy, plan->qm, coded, n, 1, symbols);
    double noise = pow(10, -esn0_db / 10), sigma = sqrt(noise / 2);
    for (unsigned i = 0; i < n; i++) {
        symbols[i].re += (float)(sigma * noise_gauss(s));
        symbols[i].im += (float)(sigma * noise_gauss(s));
        inverse[i] = (float)(1 / noise);
    }
    demap(phy, plan->qm, symbols, inverse, n, llr);
    sch_rx_cb_t harq = {.soft = soft, .bits = decoded};
    ldpc_dec_stats_t stats;
    return sch_decode_cb(phy, plan, 0, llr, &harq, 8, &work, &stats) && sch_assemble(phy, plan, &harq, got) &&
           memcmp(got, tb, plan->tb_bytes) == 0;
}

static bool make_plan(const phy_t *phy, unsigned bytes, unsigned qm, double rate, sch_plan_t *ret)
{
    unsigned crc = bytes * 8 > 3824 ? 24 : 16, n = (unsigned)((bytes * 8 + crc) / rate / qm);
    sch_cfg_t c = {.tb_bytes = bytes,
                   .g_bits = n * qm,
                   .rate_x10 = (uint16_t)(rate * 10240),
                   .qm = (uint8_t)qm,
                   .n_layers = 1};
    return n * qm <= MAX_E && sch_plan(phy, &c, ret, NULL) == 0 && ret->n_cb == 1;
}

/* Es/N0 where the code works well: capacity of the rate, and what modulation and code lose to it. */
static double waterfall(double rate, unsigned qm)
{
    return 10 * log10(pow(2, rate * qm) - 1) + 1.0 + 0.15 * qm;
}

static void test_no_floor(void)
{
    static const double rates[] = {0.2, 0.33, 0.44, 0.55, 0.65, 0.74, 0.81, 0.87, 0.93};
    static const unsigned sizes[] = {40, 188, 480, 1050};
    static sch_plan_t plan;
    phy_t *phy;
    noise_t s = {UINT64_C(0x3c6ef372fe94f82b)};
    unsigned tried = 0, lost = 0;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
    for (unsigned r = 0; r < sizeof rates / sizeof *rates; r++)
        for (unsigned qm = 2; qm <= 8; qm += 2)
            for (unsigned above = 3; above <= 12; above += 3)
                for (unsigned i = 0; i < 12; i++) {
                    unsigned bytes = sizes[i % 4];
                    if (!make_plan(phy, bytes, qm, rates[r], &plan))
                        continue;
                    tried++;
                    if (!block(phy, &plan, &s, waterfall(rates[r], qm) + above)) {
                        lost++;
                        printf("\n  lost: %u bytes, rate %.2f, qm %u, %u dB above", bytes, rates[r], qm,
                               above);
                    }
                }
    CU_ASSERT(tried > 1500);
    CU_ASSERT_EQUAL(lost, 0);
    phy_destroy(phy);
}

CU_MAIN("ldpc sure bits", {"no block lost above the waterfall", test_no_floor})
