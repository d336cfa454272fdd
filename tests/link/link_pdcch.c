/* SPDX-License-Identifier: Apache-2.0 */
/* PDCCH to a UE, one candidate in a CORESET of 48 PRBs: DCIs missed, or (metric=false) DCIs found where
 * nothing was sent. */
#include "lib/phy/dl/pdcch_rx.h"
#include "tests/link/link.h"

#include <stdlib.h>
#include <string.h>

#define RNTI 0x4601
#define CORESET_PRB 48

typedef struct {
    const phy_t *phy;
    bool silent;
    pdcch_tx_plan_t tx_plan;
    pdcch_rx_plan_t rx_plan;
    channel_t *channel;
    float noise;
    link_random_t random;
    phy_grid_t tx, rx;
    pdcch_rx_work_t *work;
} sim_t;

static void *create(const phy_t *phy, link_args_t *a, double snr_db)
{
    sim_t *s = link_memory(sizeof *s);
    s->phy = phy;
    const char *metric = link_text(a, "metric", "missed");
    if (strcmp(metric, "missed") != 0 && strcmp(metric, "false") != 0)
        link_die("metric: missed or false, not %s", metric);
    s->silent = metric[0] == 'f';
    pdcch_tx_cfg_t c = {.carrier_size = CORESET_PRB,
                        .freq_resources = ((UINT64_C(1) << CORESET_PRB / 6) - 1) << (45 - CORESET_PRB / 6),
                        .duration = (uint8_t)link_int(a, "duration", 2),
                        .interleaved = link_int(a, "interleaved", 1),
                        .reg_bundle = 6,
                        .interleaver = 2,
                        .aggregation_level = (uint8_t)link_int(a, "level", 1),
                        .rnti = RNTI,
                        .payload_bits = (uint16_t)link_int(a, "bits", 40)};
    pdcch_rx_cfg_t r = {.pdcch = c, .n_rx = (uint8_t)link_int(a, "rx", 2)};
    phy_refusal_t why;
    if (pdcch_tx_plan(&c, 1, &s->tx_plan, &why) < 0 || pdcch_rx_plan(&r, &s->rx_plan, &why) < 0)
        link_refused(&why);
    s->channel = link_channel(
        a,
        (channel_cfg_t){
            .n_tx = 1, .n_rx = r.n_rx, .mu = (uint8_t)link_int(a, "mu", 1), .n_sc = 12 * CORESET_PRB},
        snr_db, &s->noise);
    link_random_seed(&s->random, 0x5eed);
    s->tx = link_grid(CORESET_PRB, 1);
    s->rx = link_grid(CORESET_PRB, r.n_rx);
    s->work = link_memory(sizeof *s->work);
    return s;
}

static void destroy(void *self)
{
    sim_t *s = self;
    channel_destroy(s->channel);
    free(s->tx.re), free(s->rx.re), free(s->work);
    free(s);
}

static void trial(void *self, link_count_t *count)
{
    sim_t *s = self;
    unsigned bits = s->tx_plan.cfg.payload_bits;
    static const uint16_t rntis[] = {RNTI};
    uint8_t dci[32], got[32];
    link_random_bits(&s->random, dci, bits);
    if (!s->silent)
        pdcch_tx_run(s->phy, &s->tx_plan, dci, &s->tx);
    channel_redraw(s->channel);
    channel_slot(s->channel, 0);
    channel_apply(s->channel, &s->tx, s->noise, false, &s->rx);
    pdcch_rx_result_t r;
    bool found = pdcch_rx(s->phy, &s->rx_plan, &s->rx, rntis, 1, s->work, got, &r);
    count->trials++;
    count->errors += s->silent ? found : !found || memcmp(dci, got, (bits + 7) / 8) != 0;
}

const link_sim_t link_pdcch = {"pdcch", "level= bits= rx= mu= duration= interleaved= metric=missed|false",
                               create, trial, destroy};
