/* SPDX-License-Identifier: Apache-2.0 */
/* One PDSCH from transmitter to receiver with all the memory that they want, for tests, fuzzing and benches.
 * The channel between the two grids is the caller's. */
#ifndef VITRAN_TESTS_DL_PDSCH_LINK_H
#define VITRAN_TESTS_DL_PDSCH_LINK_H

#include "lib/phy/dl/dmrs.h"
#include "lib/phy/dl/pdsch_rx.h"
#include "tests/link/channel.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const phy_t *phy;
    pdsch_plan_t tx_plan;
    pdsch_rx_plan_t rx_plan;
    phy_grid_t tx, rx;
    pdsch_work_t tx_work;
    pdsch_rx_work_t *work;
    pdsch_rx_t state;
    void *memory;
    sch_rx_cb_t cb[SCH_MAX_CB];
    uint8_t *soft;
    uint8_t *tb, *got;
} pdsch_link_t;

static inline void *link_memory(size_t n)
{
    n = (n + PHY_ALIGN - 1) / PHY_ALIGN * PHY_ALIGN;
    void *p = aligned_alloc(PHY_ALIGN, n ? n : PHY_ALIGN);
    memset(p, 0xa5, n);
    return p;
}

static inline phy_grid_t link_grid(unsigned n_prb, unsigned n_ant)
{
    phy_grid_t g = {.n_sc = (uint16_t)(12 * n_prb), .n_ant = (uint8_t)n_ant, .n_symbols = PHY_SYMBOLS};
    g.stride = (12 * n_prb + PHY_PAD_SC + 15) & ~15u;
    size_t bytes = (size_t)n_ant * PHY_SYMBOLS * g.stride * sizeof(ci16_t);
    g.re = link_memory(bytes);
    memset(g.re, 0, bytes);
    return g;
}

/* A plain 30 kHz PDSCH that tests change: all n_prb PRBs, symbols 2..13, DMRS of type 1 in symbols 2 and 11.
 */
static inline pdsch_rx_cfg_t link_cfg(unsigned n_prb, unsigned n_layers, unsigned n_rx, unsigned qm)
{
    return (pdsch_rx_cfg_t){.pdsch = {.slot = 7,
                                      .carrier_start = 11,
                                      .carrier_size = (uint16_t)n_prb,
                                      .bwp_start = 11,
                                      .bwp_size = (uint16_t)n_prb,
                                      .resource_alloc = 1,
                                      .rb_size = (uint16_t)n_prb,
                                      .start_symbol = 2,
                                      .n_symbols = 12,
                                      .qm = (uint8_t)qm,
                                      .rnti = 0x4601,
                                      .n_id = 77,
                                      .n_layers = (uint8_t)n_layers,
                                      .dmrs_symbols = 1u << 2 | 1u << 11,
                                      .dmrs_type = 1,
                                      .dmrs_length = 1,
                                      .dmrs_ports = (uint16_t)((1u << n_layers) - 1),
                                      .n_cdm_groups_without_data = 2,
                                      .dmrs_n_id = {517, 40000}},
                            .mu = 1,
                            .n_rx = (uint8_t)n_rx};
}

/* tb_bytes for about this code rate: whole bytes that segmentation takes, found by trying. False: the
 * configuration is refused. */
static inline bool link_rate(const phy_t *phy, pdsch_cfg_t *c, unsigned n_ports, double rate)
{
    pdsch_plan_t *plan = link_memory(sizeof *plan);
    pdsch_cfg_t t = *c;
    bool found = false;
    t.tb_bytes = 3;
    t.target_code_rate = (uint16_t)(rate * 10240);
    if (pdsch_plan(phy, &t, n_ports, plan, NULL) == 0) {
        for (t.tb_bytes = (uint32_t)(plan->g_bits * rate / 8); t.tb_bytes > 3; t.tb_bytes--)
            if (pdsch_plan(phy, &t, n_ports, plan, NULL) == 0)
                break;
        c->tb_bytes = t.tb_bytes;
        c->target_code_rate = t.target_code_rate;
        found = true;
    }
    free(plan);
    return found;
}

static inline void link_destroy(pdsch_link_t *g)
{
    if (!g)
        return;
    free(g->tx.re);
    free(g->rx.re);
    free(g->work);
    free(g->memory);
    free(g->soft);
    free(g->tb);
    free(g->got);
    free(g);
}

/* n_ports: antennas of the transmitter's grid. NULL: refused, why says. */
static inline pdsch_link_t *link_create(const phy_t *phy, const pdsch_rx_cfg_t *cfg, unsigned n_ports,
                                        link_random_t *r, phy_refusal_t *why)
{
    pdsch_link_t *g = link_memory(sizeof *g);
    memset(g, 0, sizeof *g);
    if (pdsch_plan(phy, &cfg->pdsch, n_ports, &g->tx_plan, why) < 0 ||
        pdsch_rx_plan(phy, cfg, &g->rx_plan, why) < 0) {
        free(g);
        return NULL;
    }
    g->phy = phy;
    g->tx = link_grid(cfg->pdsch.carrier_size, n_ports);
    g->rx = link_grid(cfg->pdsch.carrier_size, cfg->n_rx);
    g->work = link_memory(pdsch_rx_work_bytes());
    g->memory = link_memory(pdsch_rx_bytes(&g->rx_plan));
    const size_t each = LDPC_MAX_SOFT + (LDPC_MAX_K_BYTES + PHY_ALIGN - 1) / PHY_ALIGN * PHY_ALIGN;
    g->soft = link_memory(each * g->tx_plan.n_code_blocks);
    for (unsigned i = 0; i < g->tx_plan.n_code_blocks; i++) {
        g->cb[i].soft = (int8_t *)g->soft + i * each;
        g->cb[i].bits = g->soft + i * each + LDPC_MAX_SOFT;
    }
    g->tb = malloc(cfg->pdsch.tb_bytes + 1);
    g->got = malloc(cfg->pdsch.tb_bytes + 1);
    for (unsigned i = 0; i < cfg->pdsch.tb_bytes; i++)
        g->tb[i] = (uint8_t)(link_random_u64(r) >> 40);
    return g;
}

/* Sends with redundancy version and slot of `tx_plan` as it is. */
static inline void link_send(pdsch_link_t *g)
{
    pdsch_run(g->phy, &g->tx_plan, g->tb, &g->tx_work, &g->tx);
}

static inline void link_new_data(pdsch_link_t *g)
{
    for (unsigned i = 0; i < SCH_MAX_CB; i++) {
        g->cb[i].n_soft = 0;
        g->cb[i].done = false;
    }
}

static inline const pdsch_rx_result_t *link_receive(pdsch_link_t *g)
{
    return pdsch_rx(g->phy, &g->state, g->work, &g->rx_plan, &g->rx, g->cb, g->memory, g->got);
}

/* True: the block came over, and the receiver says so. */
static inline bool link_ok(const pdsch_link_t *g)
{
    return g->state.result.crc_ok && memcmp(g->tb, g->got, g->tx_plan.cfg.tb_bytes) == 0;
}

#endif
