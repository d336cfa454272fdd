/* SPDX-License-Identifier: Apache-2.0 */
#include "du/phy/slots.h"

#include "lib/core/clock.h"
#include "lib/mac/prach_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

COUNTERS_DEFINE(du_phy, DU_PHY_COUNTERS)

static void *alloc_work(size_t bytes)
{
    bytes = (bytes + PHY_ALIGN - 1) / PHY_ALIGN * PHY_ALIGN;
    void *at = aligned_alloc(PHY_ALIGN, bytes);
    if (at)
        memset(at, 0, bytes);
    return at;
}

static int check_cell(const du_phy_cfg_t *cfg, phy_refusal_t *why)
{
    const fapi_cell_config_t *c = &cfg->cell;
    if (c->mu > 3)
        return phy_refuse(why, "mu", c->mu, "0..3");
    if (c->n_prb_dl < 4 || c->n_prb_dl > PHY_MAX_PRB)
        return phy_refuse(why, "n_prb_dl", c->n_prb_dl, "4..275");
    if (c->n_prb_ul < 4 || c->n_prb_ul > PHY_MAX_PRB)
        return phy_refuse(why, "n_prb_ul", c->n_prb_ul, "4..275");
    if (c->n_tx_ant == 0 || c->n_tx_ant > PHY_MAX_PORTS)
        return phy_refuse(why, "n_tx_ant", c->n_tx_ant, "1..8");
    if (c->n_rx_ant == 0 || c->n_rx_ant > PHY_MAX_PORTS)
        return phy_refuse(why, "n_rx_ant", c->n_rx_ant, "1..8");
    if (c->phys_cell_id > 1007)
        return phy_refuse(why, "phys_cell_id", c->phys_cell_id, "0..1007");
    if (cfg->ldpc_iterations > 64)
        return phy_refuse(why, "ldpc_iterations", cfg->ldpc_iterations, "1..64");
    return 0;
}

static int create_grid(phy_grid_t *g, unsigned n_ant, unsigned n_prb)
{
    *g = (phy_grid_t){.n_sc = (uint16_t)(n_prb * 12),
                      .n_ant = (uint8_t)n_ant,
                      .n_symbols = PHY_SYMBOLS,
                      .stride = PHY_GRID_STRIDE};
    g->re = alloc_work((size_t)n_ant * PHY_SYMBOLS * PHY_GRID_STRIDE * sizeof(ci16_t));
    return g->re ? 0 : -ENOMEM;
}

static int create_slots(du_phy_t *p)
{
    p->dl = alloc_work(DU_PHY_SLOTS * sizeof *p->dl);
    p->ul = alloc_work(DU_PHY_SLOTS * sizeof *p->ul);
    if (!p->dl || !p->ul)
        return -ENOMEM;
    for (unsigned i = 0; i < DU_PHY_SLOTS; i++) {
        p->dl[i].p = p->ul[i].p = p;
        p->ul[i].memory = alloc_work(p->cfg.ul_bytes);
        if (!p->ul[i].memory || create_grid(&p->dl[i].grid, p->cfg.cell.n_tx_ant, p->cfg.cell.n_prb_dl) ||
            create_grid(&p->ul[i].grid, p->cfg.cell.n_rx_ant, p->cfg.cell.n_prb_ul))
            return -ENOMEM;
    }
    return 0;
}

static int create_work(du_phy_t *p)
{
    p->n_threads = workers_n_threads(p->workers);
    for (uint32_t i = 0; i < p->n_threads; i++) {
        thread_work_t *w = &p->work[i];
        w->pdsch = alloc_work(sizeof *w->pdsch);
        w->pusch = alloc_work(pusch_work_bytes());
        w->pucch = alloc_work(pucch_work_size());
        w->prach = alloc_work(prach_work_size());
        w->srs = alloc_work(srs_work_size());
        w->srs_h = alloc_work((size_t)PHY_MAX_PRB * PHY_MAX_PORTS * SRS_MAX_PORTS * sizeof(cf_t));
        w->ops = alloc_work(HARQ_MAX_BLOCKS * sizeof *w->ops);
        w->ldpc = alloc_work(sizeof *w->ldpc);
        if (!w->pdsch || !w->pusch || !w->pucch || !w->prach || !w->srs || !w->srs_h || !w->ops || !w->ldpc)
            return -ENOMEM;
    }
    return 0;
}

/* Formats of a row of the configuration tables: of its occasions, and of the last one in a slot. */
static const uint8_t row_formats[][2] = {
    [PRACH_0] = {PREAMBLE_0, PREAMBLE_0},       [PRACH_1] = {PREAMBLE_1, PREAMBLE_1},
    [PRACH_2] = {PREAMBLE_2, PREAMBLE_2},       [PRACH_3] = {PREAMBLE_3, PREAMBLE_3},
    [PRACH_A1] = {PREAMBLE_A1, PREAMBLE_A1},    [PRACH_A2] = {PREAMBLE_A2, PREAMBLE_A2},
    [PRACH_A3] = {PREAMBLE_A3, PREAMBLE_A3},    [PRACH_B1] = {PREAMBLE_B1, PREAMBLE_B1},
    [PRACH_B4] = {PREAMBLE_B4, PREAMBLE_B4},    [PRACH_C0] = {PREAMBLE_C0, PREAMBLE_C0},
    [PRACH_C2] = {PREAMBLE_C2, PREAMBLE_C2},    [PRACH_A1_B1] = {PREAMBLE_A1, PREAMBLE_B1},
    [PRACH_A2_B2] = {PREAMBLE_A2, PREAMBLE_B2}, [PRACH_A3_B3] = {PREAMBLE_A3, PREAMBLE_B3},
};

/* The cell's preambles. A cell without PRACH has none to detect: prach_config_index 255. */
static int create_prach(du_phy_t *p, phy_refusal_t *why)
{
    const fapi_cell_config_t *c = &p->cfg.cell;
    if (c->prach_config_index == 255)
        return 0;
    pdu_slot_t at = du_phy_pdu_slot(p, 0);
    prach_row_t row;
    /* FR2 from 120 kHz on; FR1's tables are by duplex */
    prach_table_t table = c->mu >= 3            ? PRACH_FR2
                          : c->tdd_period_slots ? PRACH_FR1_UNPAIRED
                                                : PRACH_FR1_PAIRED;
    if (!prach_row(table, c->prach_config_index, &row))
        return phy_refuse(why, "prach_config_index", c->prach_config_index,
                          "a row of the configuration table");
    const uint8_t *formats = row_formats[row.format];
    for (unsigned i = 0; i < (formats[0] == formats[1] ? 1u : 2u); i++) {
        fapi_prach_pdu_t pdu = {.format = formats[i], .n_occasions = 1};
        prach_cfg_t cfg;
        prach_plan_t plan;
        int err = pdu_prach(&at, &pdu, &cfg, why);
        if (!err)
            err = prach_plan(&cfg, &plan, why);
        if (!err)
            err = prach_detector_create(p->phy, &plan, &p->prach[i], why);
        if (err)
            return err;
        p->prach_format[i] = formats[i];
    }
    return 0;
}

static void open_device(du_phy_t *p)
{
    char why[256];
    if (!p->cfg.bbdev)
        return;
    if (bbdev_open(p->phy, p->cfg.bbdev, p->n_threads, &p->bbdev, why)) {
        log_warning(p->log, "%s. LDPC is decoded by this CPU (%s).", why, phy_isa_name(p->phy->isa));
        return;
    }
    log_notice(p->log, "LDPC is decoded by BBDEV device %s", p->cfg.bbdev);
}

int du_phy_create(const du_phy_cfg_t *cfg, const log_t *log, du_phy_t **ret, phy_refusal_t *why)
{
    int err = check_cell(cfg, why);
    if (err)
        return err;
    du_phy_t *p = alloc_work(sizeof *p);
    if (!p)
        return -ENOMEM;
    p->cfg = *cfg;
    p->log = log;
    p->cfg.workers.n_callers = DU_PHY_CALLERS;
    p->cfg.harq_blocks = cfg->harq_blocks ? cfg->harq_blocks : 2048;
    p->cfg.harq_processes = cfg->harq_processes ? cfg->harq_processes : 1024;
    p->cfg.ldpc_iterations = cfg->ldpc_iterations ? cfg->ldpc_iterations : 8;
    p->cfg.ul_bytes = cfg->ul_bytes ? cfg->ul_bytes : 16u << 20;
    err = phy_create(cfg->max_isa, &p->phy);
    if (!err)
        err = ring_create(&p->refusals, DU_PHY_REFUSALS, sizeof(du_phy_refusal_t));
    if (!err)
        err = harq_pool_create(p->cfg.harq_blocks, p->cfg.harq_processes, &p->harq);
    if (!err)
        err = create_slots(p);
    if (!err)
        err = create_prach(p, why);
    if (!err)
        err = workers_create(&p->cfg.workers, &p->workers);
    if (!err)
        err = create_work(p);
    if (err) {
        du_phy_destroy(p);
        return err;
    }
    open_device(p);
    *ret = p;
    return 0;
}

void du_phy_destroy(du_phy_t *p)
{
    if (!p)
        return;
    workers_destroy(p->workers); /* first: its threads run tasks of all that follows */
    bbdev_close(p->bbdev);
    for (uint32_t i = 0; i < p->n_threads; i++) {
        thread_work_t *w = &p->work[i];
        free(w->pdsch), free(w->pusch), free(w->pucch), free(w->prach);
        free(w->srs), free(w->srs_h), free(w->ops), free(w->ldpc);
    }
    for (unsigned i = 0; i < DU_PHY_SLOTS; i++) {
        if (p->dl)
            free(p->dl[i].grid.re);
        if (p->ul)
            free(p->ul[i].grid.re), free(p->ul[i].memory);
    }
    free(p->dl);
    free(p->ul);
    prach_detector_destroy(p->prach[0]);
    prach_detector_destroy(p->prach[1]);
    harq_pool_destroy(p->harq);
    ring_destroy(&p->refusals);
    phy_destroy(p->phy);
    free(p);
}

int du_phy_set_precoding(du_phy_t *p, unsigned pm_idx, unsigned n_ports, unsigned n_layers, const cf_t *w,
                         phy_refusal_t *why)
{
    if (pm_idx == 0 || pm_idx >= DU_PHY_MAX_PRECODING)
        return phy_refuse(why, "pm_idx", pm_idx, "1..255");
    if (n_ports > p->cfg.cell.n_tx_ant)
        return phy_refuse(why, "n_ports", n_ports, "at most the cell's antennas");
    int err = precoding_set(n_ports, n_layers, w, &p->precoding[pm_idx], why);
    p->precoding_set[pm_idx] = err == 0;
    return err;
}

void du_phy_refused(du_phy_t *p, uint64_t abs_slot, const char *pdu, uint16_t rnti, const phy_refusal_t *why)
{
    du_phy_refusal_t r = {.abs_slot = abs_slot, .pdu = pdu, .rnti = rnti, .why = *why};
    if (!ring_push(&p->refusals, &r))
        p->counters.refusals_lost++;
}

bool du_phy_poll_refusal(du_phy_t *p, du_phy_refusal_t *ret)
{
    return ring_pop(&p->refusals, ret);
}

enum { B_SLOTS, B_LATE, B_SUM, B_MAX, B_WORST };

bool du_phy_account(du_phy_t *p, unsigned direction, int64_t begin_ns, int64_t deadline_ns)
{
    int64_t now = time_ns(CLOCK_MONOTONIC);
    atomic_ullong *b = p->budget[direction];
    uint64_t took = (uint64_t)(now - begin_ns);
    bool late = deadline_ns && now > deadline_ns;
    atomic_fetch_add_explicit(&b[B_SLOTS], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&b[B_LATE], late, memory_order_relaxed);
    atomic_fetch_add_explicit(&b[B_SUM], took, memory_order_relaxed);
    unsigned long long seen = atomic_load_explicit(&b[B_MAX], memory_order_relaxed);
    while (took > seen && !atomic_compare_exchange_weak_explicit(&b[B_MAX], &seen, took, memory_order_relaxed,
                                                                 memory_order_relaxed))
        ;
    if (late) {
        uint64_t by = (uint64_t)(now - deadline_ns);
        seen = atomic_load_explicit(&b[B_WORST], memory_order_relaxed);
        while (by > seen && !atomic_compare_exchange_weak_explicit(
                                &b[B_WORST], &seen, by, memory_order_relaxed, memory_order_relaxed))
            ;
    }
    return !late;
}

static du_phy_budget_t budget(const du_phy_t *p, unsigned direction)
{
    const atomic_ullong *b = p->budget[direction];
    return (du_phy_budget_t){
        .slots = atomic_load_explicit(&b[B_SLOTS], memory_order_relaxed),
        .late = atomic_load_explicit(&b[B_LATE], memory_order_relaxed),
        .sum_ns = atomic_load_explicit(&b[B_SUM], memory_order_relaxed),
        .max_ns = atomic_load_explicit(&b[B_MAX], memory_order_relaxed),
        .worst_late_ns = (int64_t)atomic_load_explicit(&b[B_WORST], memory_order_relaxed),
    };
}

void du_phy_budget(const du_phy_t *p, du_phy_budget_t *ret_dl, du_phy_budget_t *ret_ul)
{
    *ret_dl = budget(p, 0);
    *ret_ul = budget(p, 1);
}

void du_phy_forget_ue(du_phy_t *p, uint16_t rnti)
{
    harq_forget(p->harq, rnti);
}

const du_phy_counters_t *du_phy_counters(const du_phy_t *p)
{
    return &p->counters;
}

const harq_pool_counters_t *du_phy_harq_counters(const du_phy_t *p)
{
    return harq_pool_counters(p->harq);
}

const char *du_phy_ldpc_name(const du_phy_t *p)
{
    return p->bbdev ? p->cfg.bbdev : phy_isa_name(p->phy->isa);
}

bbdev_counters_t du_phy_bbdev_counters(const du_phy_t *p)
{
    return p->bbdev ? bbdev_counters(p->bbdev) : (bbdev_counters_t){0};
}

bool du_phy_help(du_phy_t *p, unsigned self)
{
    return workers_help(p->workers, self);
}
