/* SPDX-License-Identifier: Apache-2.0 */
/* The detectors of PUCCH formats 0 and 1 beside a model that tries every message, on signals of the models'
 * transmitters: the same messages when the signal is strong, as few errors when it is weak, false alarms as
 * promised, and silent UEs stay silent beside strong ones. */
#include "lib/phy/ctrl/pucch.h"
#include "tests/models/pucch_detect.h"
#include "tests/unit/lib/phy/models/air.h"

#define PRBS 6
#define GRID (MODEL_SYMBOLS * PRBS * 12)
#define MAX_CANDIDATES 8
#define MAX_RX 4

typedef struct {
    pucch_cfg_t cfg;
    pucch_plan_t plan;
    unsigned n;                   /* candidates */
    uint8_t harq[MAX_CANDIDATES]; /* of each, as pucch_result_t has it */
    bool sr[MAX_CANDIDATES];
    cplx_t sent[MAX_CANDIDATES][GRID];
} link_t;

/* Grids of all messages. */
static void make_candidates(link_t *u)
{
    const pucch_cfg_t *c = &u->cfg;
    u->n = 0;
    memset(u->sent, 0, sizeof u->sent);
    for (unsigned sr = 0; sr <= (c->format == 0 ? c->sr_bits : 0u); sr++)
        for (unsigned h = 0; h < 1u << c->n_harq; h++) {
            if (c->format == 0 && c->n_harq == 0 && !sr)
                continue; /* nothing sent */
            uint8_t bits[2] = {h & 1, h >> 1};
            u->harq[u->n] = (uint8_t)h;
            u->sr[u->n] = sr || c->n_harq == 0;
            cplx_t *grid = u->sent[u->n++];
            if (c->format == 0) {
                model_pucch0_t m = {.slot = c->slot,
                                    .n_grid_prb = PRBS,
                                    .prb = c->prb_start,
                                    .second_prb = c->second_hop_prb,
                                    .start_symbol = c->start_symbol,
                                    .n_symbols = c->n_symbols,
                                    .n_id = c->hopping_id,
                                    .m0 = c->initial_cyclic_shift,
                                    .hopping = c->intra_slot_hopping,
                                    .group_hopping = c->group_hopping};
                model_pucch0(&m, model_pucch0_m_cs(c->n_harq, bits, sr), grid);
            } else {
                model_pucch1_t m = {.slot = c->slot,
                                    .n_grid_prb = PRBS,
                                    .prb = c->prb_start,
                                    .second_prb = c->second_hop_prb,
                                    .start_symbol = c->start_symbol,
                                    .n_symbols = c->n_symbols,
                                    .n_id = c->hopping_id,
                                    .m0 = c->initial_cyclic_shift,
                                    .occ = c->time_domain_occ,
                                    .hopping = c->intra_slot_hopping,
                                    .group_hopping = c->group_hopping,
                                    .n_bits = c->n_harq,
                                    .bits = {bits[0], bits[1]}};
                model_pucch1(&m, grid);
            }
        }
}

static void random_link(link_t *u, unsigned format)
{
    pucch_cfg_t *c = &u->cfg;
    *c = (pucch_cfg_t){.format = (uint8_t)format,
                       .mu = (uint8_t)random_below(2),
                       .n_grid_prb = PRBS,
                       .grid_crb = (uint16_t)random_below(100),
                       .n_prb = 1,
                       .prb_start = (uint16_t)random_below(PRBS),
                       .intra_slot_hopping = random_below(2),
                       .group_hopping = (uint8_t)random_below(3),
                       .hopping_id = (uint16_t)random_below(1024),
                       .initial_cyclic_shift = (uint8_t)random_below(12),
                       .n_rx = (uint8_t)(1u << random_below(3))};
    c->slot = (uint16_t)random_below(10u << c->mu);
    c->second_hop_prb = (uint16_t)((c->prb_start + between(1, PRBS - 1)) % PRBS);
    c->n_symbols = (uint8_t)(format == 0 ? between(1, 2) : between(4, 14));
    c->start_symbol = (uint8_t)random_below(15u - c->n_symbols);
    if (format == 0) {
        c->intra_slot_hopping = c->intra_slot_hopping && c->n_symbols == 2;
        c->sr_bits = (uint8_t)random_below(2);
        c->n_harq = (uint16_t)between(c->sr_bits ? 0 : 1, 2);
    } else {
        unsigned part = c->intra_slot_hopping ? c->n_symbols / 2u : c->n_symbols;
        c->n_harq = (uint16_t)random_below(3);
        c->sr_bits = c->n_harq == 0;
        c->time_domain_occ = (uint8_t)random_below(part / 2 ? part / 2 : 1);
    }
    phy_refusal_t why = {0};
    if (pucch_plan(phys[0], c, &u->plan, &why)) {
        printf("\nrefused: %s = %ld\n", why.field, (long)why.value);
        abort();
    }
    make_candidates(u);
}

static void detect(const link_t *u, const phy_grid_t *rx, pucch_result_t *ret)
{
    const pucch_plan_t *plan = &u->plan;
    phy_t *phy = phys[phy_isa_detect()];
    if (u->cfg.format == 0)
        pucch_f0_detect(phy, &plan, 1, rx, ret);
    else
        pucch_f1_detect(phy, &plan, 1, rx, ret);
}

static bool right(const link_t *u, const pucch_result_t *r, unsigned sent)
{
    return r->detected && (u->cfg.n_harq == 0 || r->harq == u->harq[sent]) &&
           (u->cfg.format == 1 || u->cfg.sr_bits == 0 || r->sr == u->sr[sent]);
}

/* One slot; sent < 0: nothing was. Both answers. */
static void slot(const link_t *u, channel_t *c, uint64_t n, int sent, double snr_db, pucch_result_t *fast,
                 model_detection_t *model)
{
    static const cplx_t nothing[GRID];
    static cplx_t y[MAX_RX * GRID];
    static phy_grid_t tx, rx;
    const cplx_t *candidates[MAX_CANDIDATES];
    if (!tx.re) {
        tx = make_grid(1, PRBS);
        rx = make_grid(MAX_RX, PRBS);
    }
    rx.n_ant = u->cfg.n_rx;
    for (unsigned i = 0; i < u->n; i++)
        candidates[i] = u->sent[i];
    air_send(sent < 0 ? nothing : u->sent[sent], 1, &tx);
    channel_slot(c, n);
    channel_apply(c, &tx, (float)db(-snr_db), false, &rx);
    detect(u, &rx, fast);
    air_receive(&rx, y);
    *model = model_detect(y, u->cfg.n_rx, PRBS, candidates, u->n);
}

/* Strong signals through every kind of channel: both say what was sent. */
static void strong(unsigned format)
{
    make_phys();
    link_t *u = malloc(sizeof *u);
    unsigned wrong = 0, model_wrong = 0;
    for (unsigned i = 0; i < 250; i++) {
        random_link(u, format);
        /* 0.8 of a microsecond and flat fading are too much for one antenna at times. */
        channel_profile_t profile = u->cfg.n_rx < 4 ? CHANNEL_AWGN : i % 2 ? CHANNEL_TDLA30 : CHANNEL_TDLB100;
        channel_t *c =
            air_channel(profile, 1, u->cfg.n_rx, u->cfg.mu, PRBS, random_below(250), 40.0 * (i % 3), i + 1);
        unsigned sent = random_below(u->n);
        pucch_result_t fast;
        model_detection_t model;
        slot(u, c, i, (int)sent, 20, &fast, &model);
        wrong += !right(u, &fast, sent);
        model_wrong += model.best != sent;
        CU_ASSERT(fast.metric > 1 || !fast.detected);
        if (profile == CHANNEL_AWGN) {
            /* the channel's gain is 1 on every antenna */
            double rsrp = 20 * log10(0.25 * PHY_UNIT / 32767);
            CU_ASSERT_DOUBLE_EQUAL(fast.rsrp_dbfs, rsrp, 1.0);
            CU_ASSERT_DOUBLE_EQUAL(fast.rsrp_dbfs, 20 * log10(PHY_UNIT / 32767.0) + 10 * log10(model.power),
                                   1.0);
        }
        channel_destroy(c);
    }
    CU_ASSERT(model_wrong <= 1);
    CU_ASSERT(wrong <= model_wrong + 1);
    free(u);
}

static void test_strong_0(void)
{
    strong(0);
}

static void test_strong_1(void)
{
    strong(1);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

#define TRIALS 600

/* False alarms, then as weak a signal as is missed now and then: the model with the threshold that gives it
 * 1% false alarms on the same noise. */
static void weak(unsigned format, unsigned n_configs)
{
    make_phys();
    link_t *u = malloc(sizeof *u);
    static double ratio[TRIALS];
    unsigned all_alarms = 0, all_missed = 0, all_model = 0, n = 0;
    for (unsigned i = 0; i < n_configs; i++) {
        random_link(u, format);
        if (u->cfg.n_rx == 1 && u->cfg.n_symbols == 1)
            random_link(u, format);
        channel_t *c = air_channel(CHANNEL_AWGN, 1, u->cfg.n_rx, u->cfg.mu, PRBS, 50, 0, i + 77);
        pucch_result_t fast;
        model_detection_t model;
        unsigned alarms = 0;
        for (unsigned t = 0; t < TRIALS; t++) {
            slot(u, c, t, -1, 10, &fast, &model);
            alarms += fast.detected;
            ratio[t] = model.ratio;
        }
        CU_ASSERT(at_most(alarms, TRIALS, 0.01));
        qsort(ratio, TRIALS, sizeof *ratio, by_value);
        double threshold = ratio[TRIALS - 1 - TRIALS / 100];
        /* Energy that gives about 5% errors. */
        double snr = 10.5 - 10 * log10(12.0 * u->cfg.n_symbols * u->cfg.n_rx) + 1.0 * (u->cfg.n_rx > 1) +
                     1.5 * (u->cfg.n_harq == 2);
        unsigned missed = 0, model_missed = 0;
        for (unsigned t = 0; t < TRIALS; t++) {
            unsigned sent = random_below(u->n);
            slot(u, c, TRIALS + t, (int)sent, snr, &fast, &model);
            missed += !right(u, &fast, sent);
            model_missed += model.best != sent || model.ratio < threshold;
        }
        channel_destroy(c);
        all_alarms += alarms;
        all_missed += missed;
        all_model += model_missed;
        n += TRIALS;
        if (getenv("VERBOSE"))
            printf("\nformat %u, %u symbols, hop %d, %u rx, %u bits, sr %u, %.1f dB: %u alarms, %u missed, "
                   "model %u",
                   format, u->cfg.n_symbols, u->cfg.intra_slot_hopping, u->cfg.n_rx, u->cfg.n_harq,
                   u->cfg.sr_bits, snr, alarms, missed, model_missed);
    }
    CU_ASSERT(at_most(all_alarms, n, 0.01));
    CU_ASSERT(all_alarms >= n / 400); /* not bought with deafness */
    CU_ASSERT(all_model > n / 200);
    CU_ASSERT(all_missed <= 1.5 * all_model);
    free(u);
}

static void test_weak_0(void)
{
    weak(0, 8);
}

static void test_weak_1(void)
{
    weak(1, 6);
}

/* One strong UE, late by as much as a cell is wide, and silent ones on all other shifts. */
static void neighbours(unsigned format, channel_profile_t profile)
{
    make_phys();
    static phy_grid_t tx, rx;
    tx = make_grid(1, PRBS);
    rx = make_grid(2, PRBS);
    link_t *u = malloc(sizeof *u);
    pucch_plan_t *plans = calloc(12, sizeof *plans);
    const pucch_plan_t *p[12];
    static pucch_result_t results[12];
    unsigned asked = 0, alarms = 0, missed = 0;
    for (unsigned i = 0; i < 120; i++) {
        do
            random_link(u, format);
        while (u->cfg.n_rx != 2 || u->cfg.n_harq != 1 || u->cfg.sr_bits);
        unsigned n = 0;
        for (unsigned s = 0; s < (format == 0 ? 6u : 12u); s++) {
            pucch_cfg_t cfg = u->cfg;
            cfg.initial_cyclic_shift = (uint8_t)((u->cfg.initial_cyclic_shift + s) % 12);
            CU_ASSERT_EQUAL_FATAL(pucch_plan(phys[0], &cfg, &plans[n], NULL), 0);
            p[n] = &plans[n];
            n++;
        }
        double delay = 400.0 * i / 120;
        channel_t *c = air_channel(profile, 1, 2, u->cfg.mu, PRBS, u->cfg.mu ? delay : 2 * delay, 0, i);
        unsigned sent = random_below(u->n);
        air_send(u->sent[sent], 1, &tx);
        channel_slot(c, i);
        channel_apply(c, &tx, (float)db(-(10.0 + i % 5 * 7)), false, &rx);
        phy_t *phy = phys[phy_isa_detect()];
        format == 0 ? pucch_f0_detect(phy, p, n, &rx, results) : pucch_f1_detect(phy, p, n, &rx, results);
        missed += !right(u, &results[0], sent);
        for (unsigned s = 1; s < n; s++) {
            asked++;
            alarms += results[s].detected;
            if (results[s].detected && getenv("VERBOSE"))
                printf("\nformat %u, shift %u, %.0f ns mu %u, snr %u: metric %.2f", format, s, delay,
                       u->cfg.mu, 10 + i % 5 * 7, (double)results[s].metric);
        }
        channel_destroy(c);
    }
    CU_ASSERT(missed <= (profile == CHANNEL_AWGN ? 0 : 2));
    CU_ASSERT(at_most(alarms, asked, 0.01));
    if (alarms > 0)
        printf(" [%u of %u silent UEs heard] ", alarms, asked);
    free(plans);
    free(u);
    free(tx.re);
    free(rx.re);
}

static void test_neighbours_0(void)
{
    neighbours(0, CHANNEL_AWGN);
    neighbours(0, CHANNEL_TDLB100);
}

static void test_neighbours_1(void)
{
    neighbours(1, CHANNEL_AWGN);
    neighbours(1, CHANNEL_TDLB100);
}

CU_MAIN("pucch 0 and 1 beside a model", {"strong, format 0", test_strong_0},
        {"strong, format 1", test_strong_1}, {"weak, format 0", test_weak_0}, {"weak, format 1", test_weak_1},
        {"silent neighbours, format 0", test_neighbours_0},
        {"silent neighbours, format 1", test_neighbours_1})
