/* SPDX-License-Identifier: Apache-2.0 */
/* PDSCH to a UE: blocks lost of single transmissions, or of HARQ processes as link_pusch.c counts them. The
 * precoder is the identity; the power of all layers together is 1. */
#include "lib/mac/mcs.h"
#include "lib/phy/dl/pdsch_rx.h"
#include "tests/link/link.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HARQ_SLOTS 8

typedef struct {
    const phy_t *phy;
    unsigned transmissions;
    pdsch_plan_t *tx_plan[4];
    pdsch_rx_plan_t *rx_plan[4];
    channel_t *channel;
    float noise;
    link_random_t random;
    phy_grid_t tx, rx;
    pdsch_work_t *tx_work;
    pdsch_rx_work_t *work;
    pdsch_rx_t *state;
    void *memory;
    uint8_t *soft, *tb, *got;
    sch_rx_cb_t cb[SCH_MAX_CB];
} sim_t;

static const uint8_t rv_sequence[4] = {0, 2, 3, 1};

static pdsch_cfg_t configuration(link_args_t *a)
{
    unsigned n_prb = link_int(a, "prb", 25), layers = link_int(a, "layers", 1);
    mcs_t mcs;
    uint8_t table = (uint8_t)link_int(a, "table", MCS_TABLE_QAM256), index = (uint8_t)link_int(a, "mcs", 0);
    if (!mcs_get(table, index, &mcs) || !mcs.rate_x10)
        link_die("no such row: table=%u mcs=%u", table, index);
    pdsch_cfg_t c = {.carrier_size = (uint16_t)n_prb,
                     .bwp_size = (uint16_t)n_prb,
                     .resource_alloc = 1,
                     .rb_size = (uint16_t)n_prb,
                     .start_symbol = 2,
                     .n_symbols = 12,
                     .qm = mcs.qm,
                     .target_code_rate = mcs.rate_x10,
                     .rnti = 1,
                     .n_layers = (uint8_t)layers,
                     .dmrs_symbols = 1 << 2 | 1 << 11,
                     .dmrs_type = 1,
                     .dmrs_length = 1,
                     .dmrs_ports = (uint16_t)((1 << layers) - 1),
                     .n_cdm_groups_without_data = 2,
                     .power_db = -10 * log10f((float)layers)};
    uint16_t re = tbs_re_per_prb(12, dmrs_re_per_prb(1, 2, 2), 0);
    c.tb_bytes = tbs_bits(re, c.rb_size, mcs.qm, mcs.rate_x10, c.n_layers, 0) / 8;
    return c;
}

static void *create(const phy_t *phy, link_args_t *a, double snr_db)
{
    sim_t *s = link_memory(sizeof *s);
    s->phy = phy;
    const char *metric = link_text(a, "metric", "tb");
    if (strcmp(metric, "tb") != 0 && strcmp(metric, "harq") != 0)
        link_die("metric: tb or harq, not %s", metric);
    s->transmissions = metric[0] == 't' ? 1 : 4;
    pdsch_rx_cfg_t c = {.pdsch = configuration(a),
                        .mu = (uint8_t)link_int(a, "mu", 1),
                        .n_rx = (uint8_t)link_int(a, "rx", 2),
                        .equalizer = EQ_MMSE,
                        .max_iterations = (uint8_t)link_int(a, "iterations", 0)};
    unsigned n_prb = c.pdsch.carrier_size, layers = c.pdsch.n_layers;
    phy_refusal_t why;
    for (unsigned i = 0; i < 4; i++) {
        c.pdsch.rv = rv_sequence[i];
        s->tx_plan[i] = link_memory(sizeof *s->tx_plan[i]);
        s->rx_plan[i] = link_memory(sizeof *s->rx_plan[i]);
        if (pdsch_plan(phy, &c.pdsch, layers, s->tx_plan[i], &why) < 0 ||
            pdsch_rx_plan(phy, &c, s->rx_plan[i], &why) < 0)
            link_refused(&why);
    }
    s->channel = link_channel(
        a,
        (channel_cfg_t){.n_tx = (uint8_t)layers, .n_rx = c.n_rx, .mu = c.mu, .n_sc = (uint16_t)(12 * n_prb)},
        snr_db, &s->noise);
    link_random_seed(&s->random, 0x5eed);
    s->tx = link_grid(n_prb, layers);
    s->rx = link_grid(n_prb, c.n_rx);
    s->tx_work = link_memory(sizeof *s->tx_work);
    s->work = link_memory(pdsch_rx_work_bytes());
    s->state = link_memory(sizeof *s->state);
    s->memory = link_memory(pdsch_rx_bytes(s->rx_plan[0]));
    unsigned n_cb = s->rx_plan[0]->pdsch.sch.n_cb;
    size_t each = (LDPC_MAX_SOFT + LDPC_MAX_K_BYTES + 127) & ~(size_t)63;
    s->soft = link_memory(each * n_cb);
    for (unsigned i = 0; i < n_cb; i++) {
        s->cb[i].soft = (int8_t *)s->soft + i * each;
        s->cb[i].bits = s->soft + i * each + LDPC_MAX_SOFT;
    }
    s->tb = link_memory(c.pdsch.tb_bytes);
    s->got = link_memory(c.pdsch.tb_bytes);
    return s;
}

static void destroy(void *self)
{
    sim_t *s = self;
    channel_destroy(s->channel);
    for (unsigned i = 0; i < 4; i++)
        free(s->tx_plan[i]), free(s->rx_plan[i]);
    free(s->tx.re), free(s->rx.re);
    free(s->tx_work), free(s->work), free(s->state), free(s->memory);
    free(s->soft), free(s->tb), free(s->got);
    free(s);
}

static void trial(void *self, link_count_t *count)
{
    sim_t *s = self;
    uint32_t bytes = s->tx_plan[0]->cfg.tb_bytes;
    link_random_bits(&s->random, s->tb, 8 * bytes);
    for (unsigned i = 0; i < s->rx_plan[0]->pdsch.sch.n_cb; i++)
        s->cb[i].n_soft = 0, s->cb[i].done = false;
    channel_redraw(s->channel);
    for (unsigned i = 0; i < s->transmissions; i++) {
        pdsch_run(s->phy, s->tx_plan[i], s->tb, s->tx_work, &s->tx);
        channel_slot(s->channel, i * HARQ_SLOTS);
        channel_apply(s->channel, &s->tx, s->noise, false, &s->rx);
        const pdsch_rx_result_t *r =
            pdsch_rx(s->phy, s->state, s->work, s->rx_plan[i], &s->rx, s->cb, s->memory, s->got);
        bool bad = !r->crc_ok || memcmp(s->tb, s->got, bytes) != 0;
        count->trials++;
        count->errors += bad;
        if (!bad)
            break;
    }
}

const link_sim_t link_pdsch = {"pdsch", "mcs= table= prb= mu= layers= rx= metric=tb|harq", create, trial,
                               destroy};
