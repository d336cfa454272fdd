/* SPDX-License-Identifier: Apache-2.0 */
/* The UE's PDCCH receiver against the transmitter: every aggregation level and mapping, through channels, at
 * SNRs where they may be lost, and with nothing sent. */
#include "lib/phy/dl/pdcch_rx.h"
#include "tests/link/channel.h"
#include "tests/unit/cu.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define CARRIER 106

static phy_t *phy;
static link_random_t rnd;
static phy_grid_t tx, rx;
static pdcch_rx_work_t *work;
static pdcch_rx_plan_t plan;
static pdcch_tx_plan_t tx_plan;

static phy_grid_t grid_of(unsigned n_ant)
{
    phy_grid_t g = {.n_sc = 12 * CARRIER, .n_ant = (uint8_t)n_ant, .n_symbols = PHY_SYMBOLS, .stride = 1296};
    g.re = aligned_alloc(PHY_ALIGN, (size_t)n_ant * PHY_SYMBOLS * g.stride * sizeof(ci16_t));
    return g;
}

static void clear(const phy_grid_t *g)
{
    memset(g->re, 0, (size_t)g->n_ant * g->n_symbols * g->stride * sizeof(ci16_t));
}

static void setup(void)
{
    link_random_seed(&rnd, 17);
    CU_ASSERT_FATAL(phy_create(PHY_ISA_BEST, &phy) == 0);
    tx = grid_of(4);
    rx = grid_of(4);
    work = aligned_alloc(PHY_ALIGN, (sizeof *work + 63) / 64 * 64);
    clear(&rx);
}

static void teardown(void)
{
    phy_destroy(phy);
    free(tx.re);
    free(rx.re);
    free(work);
}

static unsigned pick(unsigned n)
{
    return (unsigned)(link_random_u64(&rnd) >> 33) % n;
}

/* 16 groups of PRBs. */
static pdcch_tx_cfg_t config(unsigned duration, unsigned level)
{
    return (pdcch_tx_cfg_t){.slot = 13,
                            .carrier_start = 7,
                            .carrier_size = CARRIER,
                            .coreset_start = 9,
                            .freq_resources = UINT64_C(0xffff) << 29,
                            .duration = (uint8_t)duration,
                            .reg_bundle = duration == 3 ? 3 : 2,
                            .interleaver = 2,
                            .shift_index = 5,
                            .aggregation_level = (uint8_t)level,
                            .rnti = 0x4601,
                            .scrambling_rnti = 0x4601,
                            .scrambling_id = 300,
                            .dmrs_id = 301,
                            .payload_bits = 40};
}

/* Sends random bits through the channel, receives. 1: found, 0: not found, -1: found something else. */
static int once(const pdcch_tx_cfg_t *cfg, unsigned n_rx, channel_t *channel, float noise)
{
    static const uint16_t rntis[3] = {0xffff, 0x4601, 1};
    uint8_t dci[32], got[32];
    pdcch_rx_result_t r;
    for (unsigned i = 0; i < sizeof dci; i++)
        dci[i] = (uint8_t)pick(256);
    if (cfg->payload_bits % 8)
        dci[cfg->payload_bits / 8] &= (uint8_t)(0xff00 >> cfg->payload_bits % 8);
    clear(&tx);
    const pdcch_rx_cfg_t c = {*cfg, (uint8_t)n_rx};
    CU_ASSERT_EQUAL_FATAL(pdcch_tx_plan(cfg, tx.n_ant, &tx_plan, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(pdcch_rx_plan(&c, &plan, NULL), 0);
    pdcch_tx_run(phy, &tx_plan, dci, &tx);
    phy_grid_t view = rx;
    view.n_ant = (uint8_t)n_rx;
    channel_apply(channel, &tx, noise, false, &view);
    memset(got, 0, sizeof got);
    if (!pdcch_rx(phy, &plan, &view, rntis, 3, work, got, &r))
        return 0;
    return r.rnti == 1 && memcmp(dci, got, (cfg->payload_bits + 7u) / 8) == 0 ? 1 : -1;
}

static channel_t *channel_of(channel_profile_t profile, unsigned n_rx, float delay_ns, uint64_t seed)
{
    const channel_cfg_t cc = {.profile = profile,
                              .n_tx = 4,
                              .n_rx = (uint8_t)n_rx,
                              .mu = 1,
                              .n_sc = 12 * CARRIER,
                              .delay_ns = delay_ns,
                              .gain = 0.4f,
                              .seed = seed};
    channel_t *c = NULL;
    CU_ASSERT_EQUAL_FATAL(channel_create(&cc, &c), 0);
    return c;
}

static void test_every_mapping(void)
{
    channel_t *c = channel_of(CHANNEL_TDLA30, 2, 200, 3), *far = channel_of(CHANNEL_TDLC300, 2, 200, 3);
    unsigned n = 0, lost = 0;
    for (unsigned duration = 1; duration <= 3; duration++)
        for (unsigned level = 1; level <= 16; level *= 2)
            for (unsigned kind = 0; kind < 6; kind++) {
                pdcch_tx_cfg_t cfg = config(duration, level);
                cfg.interleaved = kind & 1;
                cfg.all_contiguous_rbs = kind & 2;
                if (kind >= 4) {
                    cfg.reg_bundle = 6;
                    cfg.dmrs_coreset0 = true;
                    cfg.freq_resources = UINT64_C(0xff0f) << 29; /* a hole */
                }
                cfg.slot = (uint16_t)pick(20);
                cfg.start_symbol = (uint8_t)pick(15 - duration);
                const unsigned n_cce = duration * (unsigned)__builtin_popcountll(cfg.freq_resources);
                if (n_cce < level)
                    continue;
                cfg.first_cce = (uint16_t)(level * pick(n_cce / level));
                cfg.payload_bits = (uint16_t)(level == 1 ? 12 + pick(36) : 12 + pick(129));
                channel_slot(c, n);
                channel_slot(far, n++);
                lost += once(&cfg, 2, kind & 1 ? far : c, 0.001f) != 1;
            }
    CU_ASSERT(n > 80);
    CU_ASSERT(lost <= 1); /* two antennas fade together now and then */
    channel_destroy(c);
    channel_destroy(far);
}

/* A beam from four antennas; another bundle has another one. */
static void test_precoders_of_bundles(void)
{
    cf_t w[4];
    precoding_t beam;
    channel_t *c = channel_of(CHANNEL_TDLA30, 2, 0, 8);
    for (unsigned i = 0; i < 4; i++)
        w[i] = (cf_t){0.5f * cosf((float)i), 0.5f * sinf((float)i)};
    CU_ASSERT_EQUAL_FATAL(precoding_set(4, 1, w, &beam, NULL), 0);
    pdcch_tx_cfg_t cfg = config(1, 4);
    cfg.precoding = &beam;
    cfg.power_db = cfg.dmrs_power_db = 3;
    CU_ASSERT_EQUAL(once(&cfg, 2, c, 0.003f), 1);
    /* Six PRBs at a time turn by a phase: only an estimate inside of bundles stands that. */
    for (unsigned wide = 0; wide < 2; wide++) {
        uint8_t dci[8] = {1, 2, 3, 4, 5}, got[8];
        const uint16_t rnti = 0x4601;
        pdcch_rx_result_t r;
        cfg.all_contiguous_rbs = wide;
        cfg.precoding = NULL;
        const pdcch_rx_cfg_t rc = {cfg, 1};
        CU_ASSERT_EQUAL(pdcch_tx_plan(&cfg, 4, &tx_plan, NULL), 0);
        CU_ASSERT_EQUAL(pdcch_rx_plan(&rc, &plan, NULL), 0);
        CU_ASSERT_EQUAL(plan.n_blocks, wide ? 1 : 4);
        clear(&tx);
        pdcch_tx_run(phy, &tx_plan, dci, &tx);
        for (unsigned k = 0; k < tx.n_sc; k++) {
            ci16_t *x = phy_grid_symbol(&tx, 0, 0) + k, y = *x;
            const unsigned turns = (k / 12 + 4) / 6 % 4; /* the set begins at PRB 2 */
            *x = turns == 0   ? y
                 : turns == 1 ? (ci16_t){(int16_t)-y.im, y.re}
                 : turns == 2 ? (ci16_t){(int16_t)-y.re, (int16_t)-y.im}
                              : (ci16_t){y.im, (int16_t)-y.re};
        }
        CU_ASSERT_TRUE(pdcch_rx(phy, &plan, &tx, &rnti, 1, work, got, &r));
        if (wide == 0)
            CU_ASSERT(r.sinr_db > 40);
    }
    channel_destroy(c);
}

/* Where levels give out, AWGN on one antenna: each doubling bears about 3 dB more noise. */
static void test_noise(void)
{
    /* dB at which nearly all come, 40 bits */
    static const float enough[5] = {7.5f, 3.5f, 0.5f, -2.0f, -4.5f};
    channel_t *c = channel_of(CHANNEL_AWGN, 1, 100, 1);
    for (unsigned i = 0; i < 5; i++) {
        pdcch_tx_cfg_t cfg = config(2, 1u << i);
        unsigned ok = 0, few = 0, wrong = 0;
        for (unsigned n = 0; n < 40; n++) {
            int a = once(&cfg, 1, c, powf(10, -enough[i] / 10)),
                b = once(&cfg, 1, c, powf(10, (7 - enough[i]) / 10));
            ok += a == 1;
            few += b == 1;
            wrong += (a < 0) + (b < 0);
        }
        if (ok < 38 || few > 12)
            fprintf(stderr, "  level %u: %u of 40 at %.1f dB, %u 7 dB below\n", 1u << i, ok,
                    (double)enough[i], few);
        CU_ASSERT(ok >= 38);
        CU_ASSERT(few <= 12);
        CU_ASSERT_EQUAL(wrong, 0);
    }
    channel_destroy(c);
}

static void test_report(void)
{
    channel_t *c = channel_of(CHANNEL_AWGN, 2, 250, 1);
    pdcch_tx_cfg_t cfg = config(2, 8);
    CU_ASSERT_EQUAL(once(&cfg, 2, c, 0.02f), 1);
    pdcch_rx_result_t r;
    int8_t llr[PDCCH_TX_MAX_BITS];
    phy_grid_t view = rx;
    view.n_ant = 2;
    pdcch_rx_llr(phy, &plan, &view, work, llr, &r);
    CU_ASSERT_EQUAL(r.rnti, -1);
    CU_ASSERT_DOUBLE_EQUAL(r.rsrp_db, -7.96, 0.4);
    CU_ASSERT_DOUBLE_EQUAL(r.noise_db, -24.95, 0.8);
    CU_ASSERT_DOUBLE_EQUAL(r.sinr_db, 20, 1);
    CU_ASSERT_DOUBLE_EQUAL(r.slope, -2 * M_PI * 250e-9 * 30e3, 0.005);
    channel_destroy(c);
}

static void test_hostile_samples(void)
{
    const uint16_t rntis[2] = {0x4601, 0};
    for (unsigned kind = 0; kind < 4; kind++)
        for (unsigned level = 1; level <= 16; level *= 2)
            for (unsigned n = 0; n < 30; n++) {
                uint8_t got[32];
                pdcch_rx_result_t r;
                const pdcch_rx_cfg_t cfg = {config(1 + n % 3, level), 4};
                CU_ASSERT_EQUAL_FATAL(pdcch_rx_plan(&cfg, &plan, NULL), 0);
                for (size_t i = 0; i < (size_t)4 * PHY_SYMBOLS * rx.stride && (n == 0 || kind == 2); i++) {
                    const uint64_t x = link_random_u64(&rnd);
                    rx.re[i] = kind == 0   ? (ci16_t){0, 0}
                               : kind == 1 ? (ci16_t){INT16_MIN, INT16_MIN}
                               : kind == 2 ? (ci16_t){(int16_t)(x >> 20), (int16_t)(x >> 40)}
                                           : (ci16_t){(int16_t)(x % 5000 == 0 ? INT16_MAX : 0), 0};
                }
                CU_ASSERT_FALSE(pdcch_rx(phy, &plan, &rx, rntis, 2, work, got, &r));
                CU_ASSERT_EQUAL(r.rnti, -1);
                CU_ASSERT(isfinite(r.rsrp_db) && isfinite(r.noise_db) && isfinite(r.sinr_db) &&
                          isfinite(r.slope));
                n += kind == 2 ? 9 : 0;
            }
}

static void refused(const pdcch_rx_cfg_t *cfg, const char *field)
{
    phy_refusal_t why = {0};
    CU_ASSERT_EQUAL(pdcch_rx_plan(cfg, &plan, &why), -EINVAL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(why.field);
    CU_ASSERT_STRING_EQUAL(why.field, field);
}

static void test_refusals(void)
{
    const pdcch_rx_cfg_t good = {config(1, 4), 2};
    pdcch_rx_cfg_t c = good;
    c.pdcch.power_db = NAN; /* a UE does not know it */
    CU_ASSERT_EQUAL(pdcch_rx_plan(&c, &plan, NULL), 0);
#define REFUSED(member, value, name) (c = good, c.member = value, refused(&c, name))
    REFUSED(n_rx, 0, "n_rx");
    REFUSED(n_rx, 9, "n_rx");
    REFUSED(pdcch.duration, 4, "duration");
    REFUSED(pdcch.aggregation_level, 3, "aggregation_level");
    REFUSED(pdcch.first_cce, 2, "first_cce");
    REFUSED(pdcch.freq_resources, UINT64_C(1), "freq_resources");
    REFUSED(pdcch.payload_bits, 11, "payload_bits");
#undef REFUSED
}

CU_MAIN("lib/phy/dl PDCCH receiver", {"setup", setup}, {"every mapping", test_every_mapping},
        {"precoders of bundles", test_precoders_of_bundles}, {"noise", test_noise}, {"report", test_report},
        {"hostile samples", test_hostile_samples}, {"refusals", test_refusals}, {"teardown", teardown})
