/* SPDX-License-Identifier: Apache-2.0 */
/* The estimator against the true channel of the rig: normalized mean squared error, time alignment, CFO,
 * noise, SINR, for every DMRS pattern, small and large allocations, runs with gaps, hops; variants against
 * each other. What it gets wrong the equaliser hears as noise. */
#include "tests/unit/cu.h"
#include "tests/unit/lib/phy/pusch/rig.h"

static phy_t *best;
static rig_random_t rnd = {20261121};

typedef struct {
    double nmse_db, ta_s, cfo_hz, noise_db, sinr_db, rsrp_db;
} measured_t;

/* Sends through the channel, estimates, compares h at each occasion (CFO's phase is out of it). */
static measured_t measure(const phy_t *phy, const pusch_cfg_t *cfg, rig_channel_t *ch, bool flat)
{
    measured_t m = {0};
    rig_t *g = rig_create(phy, cfg, &rnd, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    ch->n_tx = cfg->n_tx_ports;
    ch->n_rx = cfg->n_rx;
    ch->mu = cfg->mu;
    rig_draw(ch, &rnd, flat);
    rig_send(g);
    rig_run(ch, &rnd, &g->tx, &g->rx, 0x3fff);
    pusch_rx_begin(g->state, &g->plan, &g->rx, g->cb, g->memory);
    double err = 0, power = 0, sinr = 0;
    for (unsigned hop = 0; hop < g->plan.n_hops; hop++) {
        pusch_rx_dmrs(phy, g->state, g->work, hop);
        const chest_t *e = &g->state->chest[hop];
        const chest_plan_t *p = e->plan;
        for (unsigned o = 0; o < p->cfg.n_occasions; o++) {
            /* of a pair the middle */
            unsigned l = p->cfg.symbol[o];
            for (unsigned y = 0; y < cfg->n_layers; y++)
                for (unsigned a = 0; a < cfg->n_rx; a++) {
                    const float *h = e->h + ((o * cfg->n_layers + y) * cfg->n_rx + a) * 2 * p->stride;
                    for (unsigned r = 0, k = 0; r < p->cfg.n_runs; r++)
                        for (unsigned sc = 12u * p->cfg.run[r].prb_start, n = 12u * p->cfg.run[r].n_prb; n--;
                             sc++, k++) {
                            zd_t t = rig_gain(ch, a, y, l, sc),
                                 d = (double)h[k] + I * (double)h[k + p->stride] - t;
                            err += creal(d * conj(d));
                            power += creal(t * conj(t));
                        }
                }
        }
        m.ta_s += (double)e->result.ta_s / g->plan.n_hops;
        m.cfo_hz += (double)e->result.cfo_hz / g->plan.n_hops;
        m.noise_db += 10 * log10((double)e->result.noise) / g->plan.n_hops;
        m.rsrp_db += 10 * log10((double)e->result.rsrp) / g->plan.n_hops;
        sinr += (double)e->result.sinr / g->plan.n_hops;
    }
    m.sinr_db = 10 * log10(sinr);
    m.nmse_db = 10 * log10(err / power);
    rig_destroy(g);
    return m;
}

/* All patterns over a flat and a 6-path channel. bound: NMSE below -SNR - bound dB. */
static void test_patterns(void)
{
    static const struct {
        unsigned type, length, n_layers, n_prb, ports[4];
        double flat, paths;
    } cases[] = {
        {1, 1, 1, 1, {0}, 4, 3},
        {1, 1, 1, 2, {1}, 8, 5},
        {1, 1, 1, 3, {2}, 9, 6},
        {1, 1, 1, 24, {0}, 12, 9},
        {1, 1, 1, 273, {3}, 13, 9.5},
        {1, 1, 2, 1, {0, 1}, 3, 2},
        {1, 1, 2, 24, {0, 2}, 12, 9},
        {1, 1, 4, 51, {0, 1, 2, 3}, 12, 7},
        {1, 2, 1, 24, {0}, 14, 10},
        {1, 2, 4, 24, {0, 1, 4, 5}, 14, 9},
        {1, 2, 4, 24, {4, 5, 6, 7}, 14, 9},
        {2, 1, 1, 1, {0}, 2, 1},
        {2, 1, 1, 24, {0}, 9, 6},
        {2, 1, 2, 51, {2, 3}, 10, 6},
        {2, 1, 4, 51, {0, 1, 4, 5}, 10, 6},
        {2, 2, 4, 51, {6, 7, 8, 11}, 12, 8},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        pusch_cfg_t c = rig_cfg(cases[i].n_prb, cases[i].n_layers, 4, 2);
        c.dmrs_type = (uint8_t)cases[i].type;
        c.dmrs_length = (uint8_t)cases[i].length;
        c.dmrs_symbols = cases[i].length == 1 ? 1u << 2 | 1u << 11 : 3u << 2 | 3u << 10;
        c.n_cdm_groups_no_data = (uint8_t)(cases[i].type + 1);
        for (unsigned l = 0; l < cases[i].n_layers; l++)
            c.dmrs_port[l] = (uint8_t)cases[i].ports[l];
        rig_rate(best, &c, 0.3);
        /* DMRS boost: 3 or 4.77 dB over data; snr is data's. */
        const double snr = 15;
        for (unsigned flat = 0; flat < 2; flat++) {
            rig_channel_t ch = {.n_paths = flat ? 1 : 6, .noise = pow(10, -snr / 10)};
            for (unsigned p = 0; p < ch.n_paths; p++)
                ch.delay[p] = 300e-9 + 60e-9 * p;
            measured_t m = measure(best, &c, &ch, flat);
            double bound = flat ? cases[i].flat : cases[i].paths;
            if (m.nmse_db > -snr - bound)
                printf("case %u flat %u: NMSE %.1f dB, bound %.1f\n", i, flat, m.nmse_db, -snr - bound);
            CU_ASSERT(m.nmse_db < -snr - bound);
            if (cases[i].n_prb >= 24) {
                CU_ASSERT(fabs(m.noise_db + snr) < 1);
                if (flat) {
                    CU_ASSERT(fabs(m.ta_s - 300e-9) < 20e-9);
                    CU_ASSERT(fabs(m.sinr_db - snr - 6.02) < 1); /* four antennas */
                    CU_ASSERT(fabs(m.rsrp_db) < 0.3);
                }
            }
        }
    }
}

/* Ports of one CDM group over a dispersive channel: what one leaks into the other by its slope over
 * neighbouring pilots would end at -30 dB for type 1. */
static void test_leakage(void)
{
    for (unsigned type = 1; type <= 2; type++) {
        pusch_cfg_t c = rig_cfg(51, 2, 4, 2);
        c.dmrs_type = (uint8_t)type;
        rig_rate(best, &c, 0.3);
        rig_channel_t ch = {.n_paths = 6, .noise = 1e-4};
        for (unsigned p = 0; p < 6; p++)
            ch.delay[p] = 200e-9 + 80e-9 * p;
        CU_ASSERT(measure(best, &c, &ch, false).nmse_db < -41);
    }
}

/* Arrival times from early to most of a cyclic prefix, offsets of both signs. Tolerances: a quarter of the
 * MAC's TA unit and 1% of a subcarrier. */
static void test_time_and_frequency(void)
{
    for (unsigned mu = 0; mu <= 3; mu++)
        for (int i = -2; i <= 6; i++) {
            pusch_cfg_t c = rig_cfg(24, 1, 2, 2);
            c.mu = (uint8_t)mu;
            rig_rate(best, &c, 0.3);
            const double ta = i * 500e-9 / (1 << mu), cfo = (i - 2) * 150.0 * (1 << mu) / 2;
            rig_channel_t ch = {.n_paths = 1, .noise = 0.1, .cfo = cfo};
            ch.delay[0] = ta;
            measured_t m = measure(best, &c, &ch, true);
            CU_ASSERT(fabs(m.ta_s - ta) < 16 * 64 / CHEST_TC_HZ / (1 << mu) / 4);
            CU_ASSERT(fabs(m.cfo_hz - cfo) < 150.0 * (1 << mu));
            CU_ASSERT(m.nmse_db < -10 - 9);
        }
    CU_ASSERT_EQUAL(chest_ta_command(0, 1), 31);
    CU_ASSERT_EQUAL(chest_ta_command((float)(3 * 16 * 64 / CHEST_TC_HZ / 2), 1), 34);
    CU_ASSERT_EQUAL(chest_ta_command(-1, 1), 0);
    CU_ASSERT_EQUAL(chest_ta_command(NAN, 1), 0);
    CU_ASSERT_EQUAL(chest_ta_command(1, 1), 63);
    CU_ASSERT_EQUAL(chest_ta_tc(1e-6f), 1966);
}

/* Allocation type 0 with gaps, and hops far apart: nothing is smoothed over a gap. */
static void test_gaps_and_hops(void)
{
    for (unsigned kind = 0; kind < 2; kind++) {
        pusch_cfg_t c = rig_cfg(48, 2, 4, 2);
        if (kind) {
            c.freq_hopping = true;
            c.prb_start = 0;
            c.second_hop_prb = 4;
            c.dmrs_symbols = 1u << 2 | 1u << 5 | 1u << 8 | 1u << 12;
        } else {
            c.resource_alloc_type0 = true;
            c.rb_set[0] = 0xf00f03c3ff01ull;
        }
        rig_rate(best, &c, 0.3);
        rig_channel_t ch = {.n_paths = 4, .noise = 0.01, .cfo = -80};
        for (unsigned p = 0; p < 4; p++)
            ch.delay[p] = 200e-9 + 100e-9 * p;
        measured_t m = measure(best, &c, &ch, false);
        CU_ASSERT(m.nmse_db < -20 - 4.5);
        CU_ASSERT(fabs(m.cfo_hz + 80) < 40);
    }
}

/* The covariance sees an interferer's direction: its principal part is the interferer's. */
static void test_covariance(void)
{
    pusch_cfg_t c = rig_cfg(24, 1, 4, 2);
    rig_rate(best, &c, 0.3);
    rig_t *g = rig_create(best, &c, &rnd, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    rig_channel_t ch = {.n_paths = 1, .n_tx = 1, .n_rx = 4, .mu = 1, .noise = 0.01};
    for (unsigned i = 0; i < 4; i++)
        ch.interferer[i] = cexp(1.3 * I * i) * (1 + i) / 4.0;
    rig_draw(&ch, &rnd, true);
    rig_send(g);
    rig_run(&ch, &rnd, &g->tx, &g->rx, 0x3fff);
    pusch_rx_begin(g->state, &g->plan, &g->rx, g->cb, g->memory);
    pusch_rx_dmrs(best, g->state, g->work, 0);
    cf_t r[16];
    chest_covariance(best, &g->state->chest[0], 0, 24, r);
    double worst = 0, scale = 0;
    for (unsigned i = 0; i < 4; i++)
        for (unsigned j = 0; j < 4; j++) {
            zd_t want = ch.interferer[i] * conj(ch.interferer[j]) + (i == j ? 0.01 : 0);
            worst = fmax(worst, cabs((double)r[4 * i + j].re + I * (double)r[4 * i + j].im - want));
            scale = fmax(scale, cabs(want));
        }
    CU_ASSERT(worst < 0.25 * scale);
    rig_destroy(g);
}

/* The same samples through every variant: estimates agree to float's rounding (fused multiply-adds and the
 * order of sums differ, so not to the bit). */
static void test_variants(void)
{
    pusch_cfg_t c = rig_cfg(23, 3, 4, 2);
    c.dmrs_type = 2;
    c.n_cdm_groups_no_data = 3;
    rig_rate(best, &c, 0.3);
    rig_t *g = rig_create(best, &c, &rnd, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    for (unsigned extreme = 0; extreme < 2; extreme++) {
        for (size_t i = 0; i < (size_t)4 * 14 * g->rx.stride; i++) {
            uint32_t x = rig_next(&rnd);
            g->rx.re[i] = extreme ? (ci16_t){x & 1 ? 32767 : -32768, x & 2 ? 32767 : -32768}
                                  : (ci16_t){(int16_t)(x & 0xfff), (int16_t)(x >> 16 & 0xfff)};
        }
        float *first = NULL;
        size_t n = 0;
        for (phy_isa_t isa = 0; isa <= phy_isa_detect(); isa++) {
            phy_t *phy;
            CU_ASSERT_EQUAL_FATAL(phy_create(isa, &phy), 0);
            pusch_rx_begin(g->state, &g->plan, &g->rx, g->cb, g->memory);
            pusch_rx_dmrs(phy, g->state, g->work, 0);
            const chest_t *e = &g->state->chest[0];
            n = (size_t)2 * 3 * 4 * 2 * e->plan->stride;
            if (!first) {
                first = malloc(n * sizeof *first);
                memcpy(first, e->h, n * sizeof *first);
            }
            double err = 0, power = 0;
            for (size_t i = 0; i < n; i++) {
                err += pow((double)e->h[i] - (double)first[i], 2);
                power += pow((double)first[i], 2);
            }
            CU_ASSERT(power > 0 && err < 1e-8 * power);
            phy_destroy(phy);
        }
        free(first);
    }
    rig_destroy(g);
}

static void start(void)
{
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &best), 0);
}

static void stop(void)
{
    phy_destroy(best);
}

CU_MAIN("channel estimation", {"start", start}, {"every DMRS pattern", test_patterns},
        {"ports do not leak", test_leakage}, {"time alignment and CFO", test_time_and_frequency},
        {"gaps and hops", test_gaps_and_hops}, {"covariance of an interferer", test_covariance},
        {"variants agree", test_variants}, {"stop", stop})
