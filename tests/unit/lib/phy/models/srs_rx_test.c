/* SPDX-License-Identifier: Apache-2.0 */
/* The SRS receiver beside a model that solves for all ports at once, and both beside the true channel. */
#include "lib/phy/ctrl/srs.h"
#include "tests/models/srs_rx.h"
#include "tests/unit/lib/phy/models/air.h"

#define PRBS 24
#define SC (12 * PRBS)
#define GAIN 0.25 /* of air_channel */
#define MAX_RX 4
#define MAX_PORTS 4

static srs_cfg_t random_srs(void)
{
    static const uint8_t combs[] = {2, 4, 8}, prgs[] = {1, 2, 4};
    srs_cfg_t c = {.mu = (uint8_t)random_below(2),
                   .slot = (uint16_t)random_below(10),
                   .sfn = (uint16_t)random_below(1024),
                   .n_grid_prb = PRBS,
                   .n_ports = (uint8_t)(1u << random_below(3)),
                   .n_symbols = 1,
                   .repetition = 1,
                   .start_symbol = (uint8_t)between(8, 13),
                   .c_srs = (uint8_t)between(2, 7),
                   .b_srs = 0,
                   .b_hop = 3,
                   .comb = combs[random_below(3)],
                   .group_hopping = (uint8_t)random_below(3),
                   .sequence_id = (uint16_t)random_below(1024),
                   .n_rx = (uint8_t)(1u << random_below(3)),
                   .prg_size = prgs[random_below(3)]};
    c.comb_offset = (uint8_t)random_below(c.comb);
    c.cyclic_shift = (uint8_t)random_below(c.comb == 2 ? 8 : c.comb == 4 ? 12 : 6);
    return c;
}

static model_srs_t model_of(const srs_cfg_t *c)
{
    return (model_srs_t){.mu = c->mu,
                         .sfn = c->sfn,
                         .slot = c->slot,
                         .n_grid_prb = c->n_grid_prb,
                         .n_ports = c->n_ports,
                         .n_symbols = c->n_symbols,
                         .repetition = c->repetition,
                         .start_symbol = c->start_symbol,
                         .c_srs = c->c_srs,
                         .b_srs = c->b_srs,
                         .b_hop = c->b_hop,
                         .comb = c->comb,
                         .comb_offset = c->comb_offset,
                         .cyclic_shift = c->cyclic_shift,
                         .group_hopping = c->group_hopping,
                         .sequence_id = c->sequence_id,
                         .aperiodic = true};
}

static cplx_t h_model[MAX_RX * MAX_PORTS * SC];
static cf_t h_fast[PRBS * MAX_RX * MAX_PORTS];
static cf_t response[SC];

/* Relative errors of both against the channel's mean over each PRG. */
static void errors(const srs_cfg_t *c, const srs_result_t *r, const channel_t *channel, double *fast,
                   double *model)
{
    double all = 0;
    *fast = *model = 0;
    for (unsigned p = 0; p < c->n_ports; p++)
        for (unsigned rx = 0; rx < c->n_rx; rx++) {
            channel_response(channel, c->start_symbol, p, rx, response);
            for (unsigned g = 0; g < PRBS / c->prg_size; g++) {
                if (!(r->prg_mask[0] >> g & 1))
                    continue;
                unsigned width = 12u * c->prg_size;
                cplx_t truth = 0, mean = 0;
                bool whole = true;
                for (unsigned k = g * width; k < (g + 1) * width; k++) {
                    cplx_t m = h_model[(rx * c->n_ports + p) * SC + k];
                    whole = whole && (m != 0 || k % 12 >= 12u - c->comb || k % 12 < c->comb);
                    truth += GAIN * (response[k].re + I * response[k].im) / width;
                    mean += m / width;
                }
                if (!whole)
                    continue; /* sounded in part: a matter of taste */
                cf_t f = h_fast[(g * c->n_rx + rx) * c->n_ports + p];
                all += cabs(truth) * cabs(truth);
                *fast += pow(cabs(f.re + I * f.im - truth), 2);
                *model += pow(cabs(mean - truth), 2);
            }
        }
    *fast /= all;
    *model /= all;
}

static void test_channels(void)
{
    make_phys();
    srs_work_t *work = aligned_alloc(64, (srs_work_size() + 63) / 64 * 64);
    phy_grid_t tx = make_grid(MAX_PORTS, PRBS), rx = make_grid(MAX_RX, PRBS);
    cplx_t *sent = make_model_grid(MAX_PORTS, PRBS), *received = make_model_grid(MAX_RX, PRBS);
    unsigned n = 0;
    double sum_fast = 0, sum_model = 0;
    for (unsigned i = 0; i < 60; i++) {
        srs_cfg_t c = random_srs();
        srs_plan_t plan;
        if (srs_plan(phys[0], &c, &plan, NULL))
            continue;
        model_srs_t m = model_of(&c);
        double snr = 5.0 * (i % 5), delay = 60, scs = 15000.0 * (1 << c.mu), fast, model;
        bool fading = i % 2;
        channel_t *channel = air_channel(fading ? CHANNEL_TDLA30 : CHANNEL_AWGN, c.n_ports, c.n_rx, c.mu,
                                         PRBS, delay, 0, 900 + i);
        memset(sent, 0, (size_t)MAX_PORTS * MODEL_SYMBOLS * SC * sizeof *sent);
        model_srs(&m, sent);
        tx.n_ant = c.n_ports;
        rx.n_ant = c.n_rx;
        air_send(sent, 1, &tx);
        channel_slot(channel, i);
        channel_apply(channel, &tx, (float)db(-snr), false, &rx);
        air_receive(&rx, received);
        srs_channel_t out = {
            .h = h_fast, .n_prg = plan.n_prg, .n_rx = c.n_rx, .n_ports = c.n_ports, .prg_size = c.prg_size};
        srs_result_t r;
        srs_receive(phys[phy_isa_detect()], &plan, &rx, work, &out, 0, &r);
        model_srs_receive(&m, 0, received, c.n_rx, scs, 450e-9, db(-snr) * GAIN * GAIN, GAIN * GAIN, h_model);
        errors(&c, &r, channel, &fast, &model);
        CU_ASSERT(r.detected);
        /* The model knows noise and delays, so it is better; how much is the estimator's price. */
        bool fine = fast < 4 * model + 0.01;
        CU_ASSERT(fine);
        if (!fading)
            CU_ASSERT_DOUBLE_EQUAL(r.ta_ns, delay, 120.0 / (1 << c.mu));
        if (!fading && snr >= 10)
            CU_ASSERT_DOUBLE_EQUAL(r.rsrp_dbfs[0], 20 * log10(GAIN * PHY_UNIT / 32767), 1.5);
        if (getenv("VERBOSE") || !fine)
            printf("\nerror %.4f, model %.4f, snr %.0f fading %d mu %u comb %u+%u cs %u ports %u rx %u C %u "
                   "prg %u "
                   "ta %.0f snr %.1f",
                   fast, model, snr, fading, c.mu, c.comb, c.comb_offset, c.cyclic_shift, c.n_ports, c.n_rx,
                   c.c_srs, c.prg_size, (double)r.ta_ns, (double)r.snr_db);
        sum_fast += fast;
        sum_model += model;
        n++;
        channel_destroy(channel);
    }
    CU_ASSERT(n > 30);
    CU_ASSERT(sum_fast < 2 * sum_model);
    if (getenv("VERBOSE"))
        printf("\nmean error %.4f, model %.4f of %u", sum_fast / n, sum_model / n, n);
    free(work);
    free(tx.re);
    free(rx.re);
    free(sent);
    free(received);
    destroy_phys();
}

CU_MAIN("srs beside a model", {"channels", test_channels})
