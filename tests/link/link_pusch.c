/* SPDX-License-Identifier: Apache-2.0 */
/* PUSCH: blocks lost of single transmissions, of HARQ processes (throughput as TS 38.104 8.2 counts it), or
 * of the UCI on it. */
#include "lib/mac/mcs.h"
#include "lib/phy/pusch/pusch_tx.h"
#include "tests/link/link.h"

#include <stdlib.h>
#include <string.h>

#define HARQ_SLOTS 8 /* from one transmission of a block to its next */

typedef enum { METRIC_TB, METRIC_HARQ, METRIC_CSI1, METRIC_CSI2, METRIC_ACK } metric_t;

typedef struct {
    const phy_t *phy;
    metric_t metric;
    pusch_plan_t plan[4]; /* of each transmission */
    unsigned n_csi2;
    channel_t *channel;
    float noise;
    link_random_t random;
    phy_grid_t tx, rx;
    pusch_tx_work_t *tx_work;
    pusch_work_t *work;
    pusch_rx_t *state;
    void *memory;
    uint8_t *soft, *tb, *got, uci[3][UCI_MAX_BYTES];
    sch_rx_cb_t cb[SCH_MAX_CB];
} sim_t;

/* DMRS symbols of mapping type A, l0 = 2, 14 symbols, single: TS 38.211 table 6.4.1.1.3-3. */
static const uint16_t dmrs_symbols[4] = {1 << 2, 1 << 2 | 1 << 11, 1 << 2 | 1 << 7 | 1 << 11,
                                         1 << 2 | 1 << 5 | 1 << 8 | 1 << 11};
static const uint8_t rv_sequence[4] = {0, 2, 3, 1};

static metric_t metric_of(const char *name)
{
    static const char *const names[] = {"tb", "harq", "csi1", "csi2", "ack"};
    for (unsigned i = 0; i < 5; i++)
        if (strcmp(name, names[i]) == 0)
            return (metric_t)i;
    link_die("metric: tb, harq, csi1, csi2 or ack, not %s", name);
}

static pusch_cfg_t configuration(link_args_t *a)
{
    unsigned n_prb = link_int(a, "prb", 25), layers = link_int(a, "layers", 1), added = link_int(a, "pos", 1);
    mcs_t mcs;
    uint8_t table = (uint8_t)link_int(a, "table", MCS_TABLE_QAM256), index = (uint8_t)link_int(a, "mcs", 0);
    if (!mcs_get(table, index, &mcs) || !mcs.rate_x10 || added > 3)
        link_die("no such row: table=%u mcs=%u pos=%u", table, index, added);
    pusch_cfg_t c = {.mu = (uint8_t)link_int(a, "mu", 1),
                     .rnti = 1,
                     .n_grid_prb = (uint16_t)n_prb,
                     .n_prb = (uint16_t)n_prb,
                     .n_symbols = 14,
                     .dmrs_type = 1,
                     .dmrs_length = 1,
                     .dmrs_symbols = dmrs_symbols[added],
                     .n_cdm_groups_no_data = 2,
                     .dmrs_port = {0, 1, 2, 3},
                     .transform_precoding = link_int(a, "transform", 0),
                     .qm = mcs.qm,
                     .rate_x10 = mcs.rate_x10,
                     .n_layers = (uint8_t)layers,
                     .n_tx_ports = (uint8_t)layers,
                     .codebook = layers == 2, /* TPMI 0 */
                     .n_harq_ack = (uint16_t)link_int(a, "ack", 0),
                     .n_csi1 = (uint16_t)link_int(a, "csi1", 0),
                     .n_csi2 = (uint16_t)link_int(a, "csi2", 0),
                     .beta_harq_ack_x1000 = ulsch_beta_ack(link_int(a, "beta_ack", 11)),
                     .beta_csi1_x1000 = ulsch_beta_csi(link_int(a, "beta_csi", 13)),
                     .alpha_x100 = 100,
                     .n_rx = (uint8_t)link_int(a, "rx", 2),
                     .equalizer = link_int(a, "irc", 0) ? EQ_IRC : EQ_MMSE,
                     .max_iterations = (uint8_t)link_int(a, "iterations", 0)};
    c.beta_csi2_x1000 = c.beta_csi1_x1000;
    uint16_t re = tbs_re_per_prb(14, dmrs_re_per_prb(1, (uint8_t)(added + 1), 2), 0);
    c.tb_bytes = tbs_bits(re, c.n_prb, mcs.qm, mcs.rate_x10, c.n_layers, 0) / 8;
    return c;
}

static void *create(const phy_t *phy, link_args_t *a, double snr_db)
{
    sim_t *s = link_memory(sizeof *s);
    s->phy = phy;
    s->metric = metric_of(link_text(a, "metric", "tb"));
    pusch_cfg_t c = configuration(a);
    s->n_csi2 = c.n_csi2;
    phy_refusal_t why;
    for (unsigned i = 0; i < 4; i++) {
        c.rv = rv_sequence[i];
        if (pusch_plan(phy, &c, &s->plan[i], &why) < 0)
            link_refused(&why);
    }
    s->channel = link_channel(
        a,
        (channel_cfg_t){.n_tx = c.n_tx_ports, .n_rx = c.n_rx, .mu = c.mu, .n_sc = (uint16_t)(12 * c.n_prb)},
        snr_db, &s->noise);
    link_random_seed(&s->random, 0x5eed);
    s->tx = link_grid(c.n_grid_prb, c.n_tx_ports);
    s->rx = link_grid(c.n_grid_prb, c.n_rx);
    s->tx_work = link_memory(pusch_tx_work_bytes());
    s->work = link_memory(pusch_work_bytes());
    s->state = link_memory(sizeof *s->state);
    s->memory = link_memory(pusch_rx_bytes(&s->plan[0]));
    size_t each = (LDPC_MAX_SOFT + LDPC_MAX_K_BYTES + 127) & ~(size_t)63;
    s->soft = link_memory(each * s->plan[0].sch.n_cb);
    for (unsigned i = 0; i < s->plan[0].sch.n_cb; i++) {
        s->cb[i].soft = (int8_t *)s->soft + i * each;
        s->cb[i].bits = s->soft + i * each + LDPC_MAX_SOFT;
    }
    s->tb = link_memory(c.tb_bytes);
    s->got = link_memory(c.tb_bytes);
    return s;
}

static void destroy(void *self)
{
    sim_t *s = self;
    channel_destroy(s->channel);
    free(s->tx.re), free(s->rx.re);
    free(s->tx_work), free(s->work), free(s->state), free(s->memory);
    free(s->soft), free(s->tb), free(s->got);
    free(s);
}

static unsigned csi2_size(const void *ctx, const uint8_t *csi1, unsigned n_csi1)
{
    (void)csi1, (void)n_csi1;
    return *(const unsigned *)ctx;
}

static const pusch_result_t *transmit(sim_t *s, unsigned transmission)
{
    const pusch_plan_t *plan = &s->plan[transmission];
    pusch_tx(s->phy, plan, &(pusch_payload_t){s->tb, s->uci[0], s->uci[1], s->uci[2]}, 1, s->tx_work, &s->tx);
    channel_slot(s->channel, transmission * HARQ_SLOTS);
    channel_apply(s->channel, &s->tx, s->noise, false, &s->rx);
    return pusch_rx(s->phy, s->state, s->work, plan, &s->rx, s->cb, s->memory, csi2_size, &s->n_csi2, s->got);
}

static bool uci_wrong(const pusch_uci_t *got, const uint8_t *sent, unsigned n)
{
    return got->n_bits != n || memcmp(got->bits, sent, (n + 7) / 8) != 0;
}

static void trial(void *self, link_count_t *count)
{
    sim_t *s = self;
    const pusch_cfg_t *c = &s->plan[0].cfg;
    link_random_bits(&s->random, s->tb, 8 * c->tb_bytes);
    link_random_bits(&s->random, s->uci[0], c->n_harq_ack);
    link_random_bits(&s->random, s->uci[1], c->n_csi1);
    link_random_bits(&s->random, s->uci[2], c->n_csi2);
    for (unsigned i = 0; i < s->plan[0].sch.n_cb; i++)
        s->cb[i].n_soft = 0, s->cb[i].done = false;
    channel_redraw(s->channel);
    for (unsigned i = 0; i < (s->metric == METRIC_HARQ ? 4 : 1); i++) {
        const pusch_result_t *r = transmit(s, i);
        bool bad = true;
        if (s->metric <= METRIC_HARQ)
            bad = !r->crc_ok || memcmp(s->tb, s->got, c->tb_bytes) != 0;
        else if (s->metric == METRIC_ACK)
            bad = uci_wrong(&r->harq_ack, s->uci[0], c->n_harq_ack);
        else if (s->metric == METRIC_CSI1)
            bad = uci_wrong(&r->csi1, s->uci[1], c->n_csi1);
        else
            bad = uci_wrong(&r->csi2, s->uci[2], c->n_csi2);
        count->trials++;
        count->errors += bad;
        if (!bad)
            break;
    }
}

const link_sim_t link_pusch = {"pusch",
                               "mcs= table= (1: 64QAM, 2: 256QAM) prb= mu= layers= rx= pos= transform= ack= "
                               "csi1= csi2= metric=tb|harq|...",
                               create, trial, destroy};
