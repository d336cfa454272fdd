/* SPDX-License-Identifier: Apache-2.0 */
/* PUCCH formats 0 to 4, counted as TS 38.104 8.3 does:
 *   ack     an ACK bit was sent and not found (DTX or NACK)          trials: ACK bits
 *   nack    a NACK bit was sent and an ACK found                     trials: NACK bits
 *   dtx     nothing was sent and an ACK bit found                    trials: bits that could have been sent
 *   uci     UCI of formats 2 to 4 not received as sent               trials: transmissions
 *   false   nothing was sent and something detected                  trials: occasions */
#include "lib/phy/ctrl/pucch_tx.h"
#include "tests/link/link.h"

#include <stdlib.h>
#include <string.h>

typedef enum { METRIC_ACK, METRIC_NACK, METRIC_DTX, METRIC_UCI, METRIC_FALSE, N_METRICS } metric_t;

typedef struct {
    const phy_t *phy;
    metric_t metric;
    pucch_plan_t plan;
    channel_t *channel;
    float noise;
    link_random_t random;
    phy_grid_t tx, rx;
    pucch_work_t *work;
} sim_t;

static metric_t metric_of(const char *name)
{
    static const char *const names[] = {"ack", "nack", "dtx", "uci", "false"};
    for (unsigned i = 0; i < N_METRICS; i++)
        if (strcmp(name, names[i]) == 0)
            return (metric_t)i;
    link_die("metric: ack, nack, dtx, uci or false, not %s", name);
}

static void *create(const phy_t *phy, link_args_t *a, double snr_db)
{
    sim_t *s = link_memory(sizeof *s);
    unsigned format = link_int(a, "format", 0), n_prb = link_int(a, "prb", 1), bits = link_int(a, "bits", 1),
             carrier = link_int(a, "carrier", 273), symbols = link_int(a, "symbols", 1);
    bool hop = link_int(a, "hop", 0);
    /* The narrow grid holds both hops; channel_cfg_t.gap_sc puts the second at the carrier's upper end. */
    unsigned grid_prb = hop ? 2 * n_prb : n_prb;
    s->phy = phy;
    s->metric = metric_of(link_text(a, "metric", format < 2 ? "ack" : "uci"));
    if (symbols < 1 || symbols > 14 || carrier < grid_prb)
        link_die("symbols=1..14, carrier= at least both hops");
    pucch_cfg_t c = {.format = (uint8_t)format,
                     .mu = (uint8_t)link_int(a, "mu", 1),
                     .n_grid_prb = (uint16_t)grid_prb,
                     .second_hop_prb = (uint16_t)(hop ? n_prb : 0),
                     .n_prb = (uint8_t)n_prb,
                     .intra_slot_hopping = hop,
                     .start_symbol = (uint8_t)(14 - symbols),
                     .n_symbols = (uint8_t)symbols,
                     .occ_length = format == 4 ? (uint8_t)link_int(a, "occ", 2) : 0,
                     .additional_dmrs = link_int(a, "more_dmrs", 0),
                     .rnti = 1,
                     .n_harq = (uint16_t)bits,
                     .n_rx = (uint8_t)link_int(a, "rx", 2),
                     .p_false_alarm = (float)link_real(a, "p_false", 0)};
    phy_refusal_t why;
    if (pucch_plan(phy, &c, &s->plan, &why) < 0)
        link_refused(&why);
    s->channel = link_channel(a,
                              (channel_cfg_t){.n_tx = 1,
                                              .n_rx = c.n_rx,
                                              .mu = c.mu,
                                              .n_sc = (uint16_t)(12 * grid_prb),
                                              .split_sc = (uint16_t)(12 * n_prb),
                                              .gap_sc = (uint16_t)(hop ? 12 * (carrier - grid_prb) : 0)},
                              snr_db, &s->noise);
    link_random_seed(&s->random, 0x5eed);
    s->tx = link_grid(grid_prb, 1);
    s->rx = link_grid(grid_prb, c.n_rx);
    s->work = link_memory(pucch_work_size());
    return s;
}

static void destroy(void *self)
{
    sim_t *s = self;
    channel_destroy(s->channel);
    free(s->tx.re), free(s->rx.re), free(s->work);
    free(s);
}

static void receive(sim_t *s, pucch_result_t *r)
{
    const pucch_plan_t *plan = &s->plan;
    if (plan->cfg.format == 0)
        pucch_f0_detect(s->phy, &plan, 1, &s->rx, r);
    else if (plan->cfg.format == 1)
        pucch_f1_detect(s->phy, &plan, 1, &s->rx, r);
    else
        pucch_decode(s->phy, plan, &s->rx, s->work, r);
}

/* HARQ-ACK bit i, 1 is ACK. */
static bool bit_of(const sim_t *s, uint8_t harq, const uint8_t *uci, unsigned i)
{
    return s->plan.cfg.format < 2 ? harq >> i & 1 : uci[i / 8] >> (7 - i % 8) & 1;
}

static void trial(void *self, link_count_t *count)
{
    sim_t *s = self;
    const pucch_cfg_t *c = &s->plan.cfg;
    bool silent = s->metric == METRIC_DTX || s->metric == METRIC_FALSE;
    uint8_t harq = (uint8_t)(link_random_u64(&s->random) >> 32 & ((1u << (c->n_harq & 3)) - 1)),
            uci[PUCCH_MAX_UCI_BYTES];
    link_random_bits(&s->random, uci, c->n_harq);
    memset(s->tx.re, 0, (size_t)PHY_SYMBOLS * s->tx.stride * sizeof(ci16_t));
    if (!silent)
        pucch_transmit(s->phy, &s->plan, &(pucch_uci_t){.harq = harq, .uci = uci}, 1, &s->tx, 0);
    channel_redraw(s->channel);
    channel_slot(s->channel, 0);
    channel_apply(s->channel, &s->tx, s->noise, false, &s->rx);
    pucch_result_t r;
    receive(s, &r);
    bool valid = r.detected && (c->format < 2 || r.crc_ok);
    if (s->metric == METRIC_FALSE) {
        count->trials++;
        count->errors += r.detected;
        return;
    }
    if (s->metric == METRIC_UCI) {
        count->trials++;
        count->errors += !valid || memcmp(r.uci, uci, (c->n_harq + 7u) / 8) != 0;
        return;
    }
    for (unsigned i = 0; i < c->n_harq; i++) {
        bool sent = bit_of(s, harq, uci, i), got = valid && bit_of(s, r.harq, r.uci, i);
        if (s->metric != METRIC_DTX && sent != (s->metric == METRIC_ACK))
            continue;
        count->trials++;
        count->errors += s->metric == METRIC_ACK ? !got : got;
    }
}

const link_sim_t link_pucch = {"pucch",
                               "format= prb= symbols= bits= hop= carrier= mu= rx= more_dmrs= occ= p_false= "
                               "metric=ack|nack|dtx|uci|false",
                               create, trial, destroy};
