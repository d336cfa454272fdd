/* SPDX-License-Identifier: Apache-2.0 */
/* The PUSCH receiver beside a slow model of one, on the models' signals through tests/link's channels. */
#include "lib/mac/mcs.h"
#include "tests/models/pusch_rx.h"
#include "tests/models/sch_rx.h"
#include "tests/unit/lib/phy/models/air.h"
#include "tests/unit/lib/phy/models/pusch_case.h"
#include "tests/unit/lib/phy/pusch/rig.h"

#define GAIN 0.25 /* of air_channel */
#define DELAY_NS 120

typedef struct {
    pusch_cfg_t cfg;
    model_shared_t m;
    rig_t *rig;
    cplx_t *sent, *received;
    int8_t *bits;
    double *llr;
    size_t n_bits;
} case_t;

static rig_random_t payload_random = {99};

static bool case_make(case_t *c, const pusch_cfg_t *cfg)
{
    phy_refusal_t why;
    *c = (case_t){.cfg = *cfg};
    phy_t *phy = phys[phy_isa_detect()];
    c->rig = rig_create(phy, &c->cfg, &payload_random, &why);
    if (!c->rig)
        return false;
    c->m = pusch_model(&c->cfg);
    c->n_bits = model_shared_bits(&c->m);
    CU_ASSERT_EQUAL_FATAL(c->rig->plan.g_bits, c->n_bits);
    c->sent = make_model_grid(cfg->n_tx_ports, cfg->n_grid_prb);
    c->received = make_model_grid(cfg->n_rx, cfg->n_grid_prb);
    c->llr = calloc(c->n_bits + 1, sizeof *c->llr);
    c->bits = calloc(c->n_bits + 1, 1);
    uint8_t *word = calloc(c->n_bits / 8 + 64, 1);
    pusch_payload_t p = {c->rig->tb, c->rig->uci[0], c->rig->uci[1], c->rig->uci[2]};
    pusch_tx_codeword(phy, &c->rig->plan, &p, c->rig->tx_work, word);
    for (size_t i = 0; i < c->n_bits; i++)
        c->bits[i] = word[i / 8] >> (7 - i % 8) & 1;
    free(word);
    model_shared_transmit(&c->m, c->bits, c->sent);
    air_send(c->sent, 1, &c->rig->tx);
    return true;
}

static void case_free(case_t *c)
{
    rig_destroy(c->rig);
    free(c->sent);
    free(c->received);
    free(c->llr);
    free(c->bits);
}

/* Through the channel; noise as if the signal had unit gain. */
static void case_air(case_t *c, channel_t *channel, uint64_t slot, double snr_db)
{
    channel_slot(channel, slot);
    channel_apply(channel, &c->rig->tx, (float)db(-snr_db), false, &c->rig->rx);
}

static void case_model(case_t *c, double snr_db)
{
    model_air_t air = {.n_rx = c->cfg.n_rx,
                       .scs_hz = 15000.0 * (1 << c->cfg.mu),
                       .noise = db(-snr_db) * GAIN * GAIN,
                       .gain = GAIN * GAIN / c->cfg.n_layers,
                       .from_s = (DELAY_NS - 60) * 1e-9,
                       .to_s = (DELAY_NS + 350) * 1e-9};
    air_receive(&c->rig->rx, c->received);
    model_shared_receive(&c->m, &air, c->received, c->llr);
}

static bool case_fast_ok(case_t *c, const pusch_result_t **ret)
{
    *ret = rig_receive(c->rig, &c->rig->plan, 0);
    return (*ret)->crc_ok && memcmp(c->rig->got, c->rig->tb, c->cfg.tb_bytes) == 0;
}

static bool case_model_ok(case_t *c)
{
    model_sch_t sch = {.tb_bytes = c->cfg.tb_bytes,
                       .g_bits = (unsigned)c->n_bits,
                       .rv = c->cfg.rv,
                       .qm = c->cfg.qm,
                       .n_layers = c->cfg.n_layers,
                       .rate = c->cfg.rate_x10 / 10240.0};
    return model_sch_receive(phys[0], &sch, 8, c->llr, c->rig->got) &&
           memcmp(c->rig->got, c->rig->tb, c->cfg.tb_bytes) == 0;
}

/* How alike LLRs are: int8 against natural ones, both cut where int8 ends. */
static double correlation(const int8_t *fast, const double *model, size_t n, double *ret_ratio,
                          double *ret_signs)
{
    double ff = 0, mm = 0, fm = 0, edge = 127 / PHY_LLR_SCALE, differ = 0;
    for (size_t i = 0; i < n; i++) {
        double f = fast[i] / PHY_LLR_SCALE, m = fmax(-edge, fmin(edge, model[i]));
        ff += f * f;
        mm += m * m;
        fm += f * m;
        differ += (f < 0) != (m < 0) && fabs(m) > 2;
    }
    *ret_ratio = sqrt(ff / mm);
    *ret_signs = differ / (double)n;
    return fm / sqrt(ff * mm);
}

static pusch_cfg_t next_case(unsigned max_prb)
{
    for (;;) {
        pusch_cfg_t c = random_pusch();
        c.n_rx = (uint8_t)(c.n_layers == 1 ? between(1, 4) : c.n_layers == 2 ? between(3, 4) : between(6, 8));
        c.n_prb = c.n_prb > max_prb ? (uint16_t)max_prb : c.n_prb;
        c.codebook = false; /* columns of a channel that layers can be told apart by */
        c.n_tx_ports = c.n_layers;
        c.tpmi = 0;
        if (!place_pusch(&c))
            continue;
        c.rate_x10 = (uint16_t)between(2000, 7500);
        c.tb_bytes = tbs_bits(12 * (c.n_symbols - 3u), c.n_prb, c.qm, c.rate_x10, c.n_layers, 0) / 8;
        pusch_plan_t *plan = malloc(sizeof *plan);
        bool fine = c.tb_bytes < 500 && pusch_plan(phys[0], &c, plan, NULL) == 0;
        free(plan);
        if (fine)
            return c;
    }
}

/* Es/N0 at which the rate decodes, more or less, and 3 dB. */
static double enough(const pusch_cfg_t *c)
{
    return 10 * log10(pow(2, c->qm * c->rate_x10 / 10240.0) - 1) + 4;
}

/* LLRs of both, in Gaussian and fading channels, at SNRs where they matter. */
static void test_llrs(void)
{
    make_phys();
    unsigned n = 0;
    double worst = 1, all = 0;
    for (unsigned i = 0; i < 36; i++) {
        pusch_cfg_t cfg = next_case(6);
        case_t c;
        if (!case_make(&c, &cfg))
            continue;
        bool fading = i % 2;
        channel_t *channel = air_channel(fading ? CHANNEL_TDLA30 : CHANNEL_AWGN, cfg.n_tx_ports, cfg.n_rx,
                                         cfg.mu, cfg.n_grid_prb, DELAY_NS, 0, 7000 + i);
        double snr = enough(&cfg) + 3 + 3 * fading, ratio, differ;
        case_air(&c, channel, i, snr);
        const pusch_result_t *result;
        case_fast_ok(&c, &result);
        case_model(&c, snr);
        double like = correlation(c.rig->state->llr, c.llr, c.n_bits, &ratio, &differ);
        const double least = cfg.n_prb == 1 ? 0.85 : 0.9; /* four pilots and two layers leave much open */
        CU_ASSERT(like > least);
        CU_ASSERT(ratio > 0.6 && ratio < 1.5);
        CU_ASSERT(differ < 0.04);
        if (getenv("VERBOSE") || !(like > least) || !(ratio > 0.6 && ratio < 1.5) || !(differ < 0.04)) {
            printf("\nlike %.3f ratio %.2f differ %.4f snr %.1f fading %d rx %u mu %u ", like, ratio, differ,
                   snr, fading, cfg.n_rx, cfg.mu);
            print_pusch(&cfg);
        }
        worst = fmin(worst, like);
        all += like;
        n++;
        channel_destroy(channel);
        case_free(&c);
    }
    CU_ASSERT(n > 30);
    CU_ASSERT(all / n > 0.96);
    destroy_phys();
}

/* Both decode what is sent well above the noise. */
static void test_strong(void)
{
    make_phys();
    unsigned lost = 0, model_lost = 0, n = 0;
    for (unsigned i = 0; i < 24; i++) {
        pusch_cfg_t cfg = next_case(5);
        case_t c;
        if (!case_make(&c, &cfg))
            continue;
        channel_t *channel =
            air_channel(CHANNEL_AWGN, cfg.n_tx_ports, cfg.n_rx, cfg.mu, cfg.n_grid_prb, DELAY_NS, 0, 100 + i);
        double snr = enough(&cfg) + 9;
        case_air(&c, channel, i, snr);
        const pusch_result_t *r;
        bool fast = case_fast_ok(&c, &r);
        case_model(&c, snr);
        bool model = case_model_ok(&c);
        lost += !fast;
        model_lost += !model;
        if (!fast) {
            printf("\nlost at %.1f dB, model %d: rx %u rate %u ", snr, model, cfg.n_rx, cfg.rate_x10);
            print_pusch(&cfg);
        }
        n++;
        /* true values: unit gain on each antenna and layer */
        CU_ASSERT_DOUBLE_EQUAL(r->rsrp_db, 20 * log10(GAIN), 0.7);
        CU_ASSERT_DOUBLE_EQUAL(r->ta_s * 1e9f, DELAY_NS, 60.0 / (1 << cfg.mu) * 4 / fmin(4, cfg.n_prb));
        /* a PRB of crossed pilots leaves next to nothing to measure noise by */
        if (cfg.n_prb > 1 || cfg.n_layers == 1)
            CU_ASSERT_DOUBLE_EQUAL(r->sinr_db, snr + 10 * log10(cfg.n_rx), cfg.n_prb == 1 ? 4 : 2.5);
        if (getenv("VERBOSE") && fabs(r->sinr_db - snr - 10 * log10(cfg.n_rx)) > 2)
            printf("\nsinr %.1f instead of %.1f, prb %u, rx %u", (double)r->sinr_db,
                   snr + 10 * log10(cfg.n_rx), cfg.n_prb, cfg.n_rx),
                print_pusch(&cfg);
        channel_destroy(channel);
        case_free(&c);
    }
    CU_ASSERT(n > 20);
    CU_ASSERT_EQUAL(lost, 0);
    CU_ASSERT_EQUAL(model_lost, 0);
    destroy_phys();
}

/* Where both lose some blocks, the fast receiver loses no more than the model with 1 dB less: its channel
 * estimate knows neither noise nor delays, its decoder counts in bytes. */
static void test_waterfall(void)
{
    make_phys();
    static const struct {
        uint8_t n_prb, qm, n_layers, n_rx, transform;
        uint16_t rate;
        double snr;
    } points[] = {{4, 2, 1, 2, 0, 3000, -3.7}, {2, 6, 2, 4, 0, 6000, 7.4}, {3, 4, 1, 1, 1, 5000, 7.0}};
    for (unsigned p = 0; p < sizeof points / sizeof *points; p++) {
        unsigned lost = 0, model_lost = 0, n = 40;
        pusch_cfg_t cfg = rig_cfg(points[p].n_prb, points[p].n_layers, points[p].n_rx, points[p].qm);
        cfg.transform_precoding = points[p].transform;
        cfg.rate_x10 = points[p].rate;
        cfg.tb_bytes = tbs_bits(12 * 12, cfg.n_prb, cfg.qm, cfg.rate_x10, cfg.n_layers, 0) / 8;
        case_t c;
        CU_ASSERT_FATAL(case_make(&c, &cfg));
        channel_t *channel =
            air_channel(CHANNEL_AWGN, cfg.n_tx_ports, cfg.n_rx, cfg.mu, cfg.n_grid_prb, DELAY_NS, 0, 31 + p);
        for (unsigned i = 0; i < n; i++) {
            const pusch_result_t *r;
            case_air(&c, channel, i, points[p].snr);
            lost += !case_fast_ok(&c, &r);
            case_air(&c, channel, i, points[p].snr - 1);
            case_model(&c, points[p].snr - 1);
            model_lost += !case_model_ok(&c);
        }
        if (getenv("VERBOSE"))
            printf("\nwaterfall %u: lost %u, model with 1 dB less %u", p, lost, model_lost);
        CU_ASSERT(lost <= model_lost + 3);
        CU_ASSERT(model_lost > n / 16);
        CU_ASSERT(lost < n);
        channel_destroy(channel);
        case_free(&c);
    }
    destroy_phys();
}

CU_MAIN("pusch receiver beside a model", {"LLRs", test_llrs}, {"strong", test_strong},
        {"waterfall", test_waterfall})
