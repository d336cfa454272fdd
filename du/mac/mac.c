/* SPDX-License-Identifier: Apache-2.0 */
/* Life and the order of a slot. See internal.h for the other files. */
#include "du/mac/internal.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

COUNTERS_DEFINE(mac, MAC_COUNTERS)

#define TICK_EVERY 4u /* slots between two looks at a UE's timers; the UEs take turns */

/* ---- a slot ---- */

/* What an uplink slot still owes: nothing said is no energy. */
static void plan_close(mac_t *m, ul_plan_t *p)
{
    for (uint32_t i = 0; i < p->n_pusch; i++)
        if (!p->pusch[i].answered) {
            m->c.ul_silent++;
            ul_result(m, p, &p->pusch[i], false, true, NULL, 0);
        }
    uci_close(m, p);
}

static void close_below(mac_t *m, uint64_t slot)
{
    if (slot > m->closed + N_PLANS) { /* a jump: all that is in the ring is over */
        uint64_t from = m->closed;
        m->closed = slot;
        for (uint64_t s = from; s < from + N_PLANS; s++)
            if (m->plan[s % N_PLANS].slot == s)
                plan_close(m, &m->plan[s % N_PLANS]);
        return;
    }
    for (; m->closed < slot; m->closed++)
        if (m->plan[m->closed % N_PLANS].slot == m->closed)
            plan_close(m, &m->plan[m->closed % N_PLANS]);
}

void mac_indication(mac_t *m, const fapi_ul_slot_t *ul)
{
    uint64_t slot = ul->abs_slot;
    ul_plan_t *p = &m->plan[slot % N_PLANS];
    if (!m->started)
        return;
    for (uint32_t i = 0; i < ul->n_rach; i++)
        rach_indication(m, slot, &ul->rach[i]);
    if (p->slot != slot || slot < m->closed) {
        m->c.ind_unknown_rnti += (uint64_t)ul->n_pusch + ul->n_uci;
        return;
    }
    for (uint32_t i = 0; i < ul->n_pusch; i++)
        ul_indication(m, p, &ul->pusch[i], ul->rx);
    for (uint32_t i = 0; i < ul->n_uci; i++)
        uci_indication(m, p, &ul->uci[i]);
    m->c.ind_bad_value += ul->n_srs; /* none was asked for */
}

/* RLC timers, link supervision, removal: each UE has its turn every few slots. */
static void ue_timers(mac_t *m)
{
    for (uint32_t w = 0; w < sizeof m->used / sizeof *m->used; w++)
        for (uint64_t b = m->used[w]; b; b &= b - 1) {
            uint32_t i = 64 * w + (uint32_t)__builtin_ctzll(b);
            ue_t *u = &m->ue[i];
            if ((i + m->now) % TICK_EVERY)
                continue;
            for (uint32_t j = 0; j < u->n_bearers; j++)
                rlc_tick(u->bearer[j]->rlc, m->now_ns);
            if (u->n_bearers)
                dl_refresh(m, u); /* a timer may have made a retransmission or a status due; delays grow */
            u->stats.dl_queued_bytes = u->dl_queued;
            u->stats.ul_queued_bytes = u->bsr_bytes;
            u->stats.abs_slot = m->now;
            if (u->removing && (m->now >= u->remove_at || (!u->dl_queued && !u->dl_busy && !u->srb0))) {
                ue_free(m, u);
                continue;
            }
            if (m->cfg.inactivity_ms && u->state == UE_CONNECTED && !u->inactive_told &&
                m->now - u->last_drb_slot >= (uint64_t)m->cfg.inactivity_ms << m->cell.mu) {
                u->inactive_told = 1;
                m->up.inactive(m->up.ctx, ue_ref(u));
            }
        }
}

static void run_plugin(mac_t *m)
{
    sched_slot_t s = {.abs_slot = m->slot, .deadline_ns = m->deadline_ns};
    const sched_grant_t *g;
    memcpy(s.cce_free, m->same_coreset ? m->grid.cce_free : m->grid.uss_free, sizeof s.cce_free);
    if (m->grid.dl_row != 0xff) {
        sched_direction_t *d = &s.dir[VTN_DL];
        const radio_tdra_t *row = &m->cell.dl_tdra[m->grid.dl_row];
        d->n_active = dl_active(m, m->active_dl);
        d->active = m->active_dl;
        if (d->n_active) {
            d->n_options = 1;
            d->tda_row[0] = m->grid.dl_row;
            d->symbol_start[0] = row->start_symbol;
            d->n_symbols[0] = row->n_symbols;
            d->re_per_prb[0] = m->re_dl[m->grid.dl_row];
            memcpy(d->free_prbs[0].bits, m->grid.free_prbs, sizeof d->free_prbs[0].bits);
            d->max_grants = FAPI_MAX_DCI - m->out->n_pdcch;
        }
    }
    m->n_unasked = 0;
    uint64_t pusch_slot = m->slot + m->cell.ul_tdra[m->row_ul].k;
    ul_plan_t *p = plan_get(m, pusch_slot);
    if (p) {
        sched_direction_t *d = &s.dir[VTN_UL];
        const radio_tdra_t *row = &m->cell.ul_tdra[m->row_ul];
        d->n_active = ul_active(m, pusch_slot, m->active_ul);
        d->active = m->active_ul;
        if (d->n_active) {
            d->n_options = 1;
            d->k[0] = row->k;
            d->tda_row[0] = m->row_ul;
            d->symbol_start[0] = row->start_symbol;
            d->n_symbols[0] = row->n_symbols;
            d->re_per_prb[0] = m->re_ul[m->row_ul];
            memcpy(d->free_prbs[0].bits, p->free_prbs, sizeof d->free_prbs[0].bits);
            uint32_t room = (uint32_t)FAPI_MAX_PUSCH - p->n_pusch,
                     dci = (uint32_t)FAPI_MAX_DCI - m->out->n_ul_dci;
            d->max_grants = room < dci ? room : dci;
        }
    }
    uint32_t n = sched_run(m->sched, &s, &g);
    for (uint32_t i = 0; i < n;
         i++) /* downlink first: a PUSCH grant counts the HARQ-ACK bits that it will carry */
        if (g[i].dir == VTN_DL && !dl_grant(m, &g[i]))
            sched_refuse(m->sched, &g[i]);
    for (uint32_t i = 0; i < n; i++)
        if (g[i].dir == VTN_UL && !ul_grant(m, &g[i]))
            sched_refuse(m->sched, &g[i]);
    ul_unasked_end(m);
}

void mac_slot(mac_t *m, uint64_t n, uint64_t deadline_ns, fapi_dl_slot_t *out)
{
    memset(out, 0, offsetof(fapi_dl_slot_t, pdcch));
    out->weights.n_weights = 0;
    m->now = n;
    m->slot = n + m->cfg.k;
    m->now_ns = mac_slot_ns(n, m->cell.mu);
    m->deadline_ns = deadline_ns;
    m->out = out;
    if (!m->started) {
        m->started = 1;
        m->closed = n;
    }
    if (n > m->cfg.ul_grace_slots)
        close_below(m, n - m->cfg.ul_grace_slots);
    ue_timers(m);
    grid_begin(m);
    common_slot(m);
    rach_slot(m);
    ul_plan_t *p = plan_get(m, m->slot);
    if (p && !p->built) {
        p->built = 1;
        ul_build(m, p);
        uci_build(m, p);
        common_prach(m);
    }
    if (m->grid.n_dl_symbols)
        run_plugin(m);
    out->abs_slot = m->slot;
}

/* ---- life ---- */

static int cell_rows(mac_t *m, char err[256])
{
    const radio_cell_t *c = &m->cell;
    m->row_full = m->row_special = m->row_special_csi = m->row_ul = 0xff;
    for (uint8_t i = 0; i < c->n_dl_tdra; i++) {
        uint32_t end = (uint32_t)c->dl_tdra[i].start_symbol + c->dl_tdra[i].n_symbols;
        m->dl_dmrs_common[i] = radio_dmrs_common(c, &c->dl_tdra[i]);
        m->re_dl[i] = radio_dmrs(c, &c->dl_tdra[i], 1, RADIO_PORTS_CDM_GROUPS).re_per_prb;
        if (c->dl_tdra[i].k || c->dl_tdra[i].start_symbol < m->coreset0.n_symbols)
            continue;
        if (end == 14 && m->row_full == 0xff)
            m->row_full = i;
        if (end == c->tdd_dl_symbols && m->row_special == 0xff)
            m->row_special = i;
        if (end <= c->csi_rs_symbol && m->row_special_csi == 0xff)
            m->row_special_csi = i;
    }
    for (uint8_t i = 0; i < c->n_ul_tdra; i++) {
        m->ul_dmrs_common[i] = radio_dmrs_common(c, &c->ul_tdra[i]);
        m->re_ul[i] = radio_dmrs(c, &c->ul_tdra[i], 1, RADIO_PORTS_CDM_GROUPS).re_per_prb;
        /* Grants go out in the last downlink slot that leaves the UE its preparation time (N2: k2 of 2 or
         * more), after which no further HARQ-ACK can join the PUSCH. */
        if (c->ul_tdra[i].k >= 2 && (m->row_ul == 0xff || c->ul_tdra[i].k < c->ul_tdra[m->row_ul].k))
            m->row_ul = i;
    }
    if (m->row_full == 0xff || m->row_ul == 0xff) {
        snprintf(err, 256,
                 "cell: no time-domain row for a whole downlink slot, or none with k2 of 2 or more");
        return -EINVAL;
    }
    if (c->csi_rs_period_slots && radio_dl_symbols(c, c->csi_rs_offset_slots) == 14) {
        snprintf(err, 256, "cell: csi_rs_offset_slots: the CSI-RS has to be in a special slot");
        return -EINVAL;
    }
    return 0;
}

static int start_scheduler(mac_t *m, char err[256])
{
    const radio_cell_t *c = &m->cell;
    sched_config_t s = {
        .max_ues = m->cfg.max_ues,
        .max_lcs_per_ue = RADIO_MAX_LC,
        .n_slices = m->cfg.n_slices,
        .n_prb_dl = c->n_prb,
        .n_prb_ul = c->n_prb,
        .rbg_size_dl = rbg_size(c->n_prb, 1),
        .rbg_size_ul = rbg_size(c->n_prb, 1),
        .mu = c->mu,
        .n_ports_dl = 1,
        .n_ports_ul = 1,
        .tdd_period_slots = c->tdd_period_slots,
        .coreset = m->coreset,
        .seed = m->cfg.seed,
        .plugin_path = m->cfg.plugin_path,
        .initial_sets = m->cfg.initial_sets,
        .n_initial_sets = m->cfg.n_initial_sets,
        .log = m->cfg.log,
    };
    radio_ue_t u;
    int r = radio_ue_defaults(&u, c, 0);
    if (r < 0)
        return r;
    s.search_space = radio_search_space(&u.uss);
    memcpy(s.slice_sst_sd, m->cfg.slice_sst_sd, sizeof s.slice_sst_sd);
    for (uint32_t i = 0; i < c->tdd_period_slots; i++)
        s.tdd_slot_kind[i] = radio_dl_symbols(c, i) == 14 ? 'D' : radio_ul_symbols(c, i) == 14 ? 'U' : 'S';
    r = sched_create(&s, &m->sched, err, 256);
    if (r < 0 && !err[0])
        snprintf(err, 256, "scheduler: cannot be created (%d)", r);
    return r;
}

int mac_create(const mac_config_t *cfg, const mac_up_t *up, mac_t **ret, char err[256])
{
    const char *why = "";
    radio_ue_t u;
    dci_cfg_t dc;
    err[0] = 0;
    if (cfg->max_ues < 1 || cfg->max_ues > MAC_MAX_UES || cfg->k < 1 || cfg->k > 4 ||
        cfg->ul_grace_slots > 8 || cfg->max_harq_tx > 16 || cfg->n_slices < 1 || cfg->n_slices > 16 ||
        !cfg->pool) {
        snprintf(err, 256,
                 "mac: max_ues 1..%d, k 1..4, ul_grace_slots 0..8, max_harq_tx 0..16, n_slices 1..16",
                 MAC_MAX_UES);
        return -EINVAL;
    }
    mac_t *m = aligned_alloc(64, (sizeof *m + 63) & ~(size_t)63);
    if (!m)
        return -ENOMEM;
    memset(m, 0, sizeof *m);
    m->cfg = *cfg;
    m->cell = cfg->cell;
    m->up = *up;
    m->active = 1;
    if (!m->cfg.max_harq_tx)
        m->cfg.max_harq_tx = 4;
    if (!m->cfg.dtx_limit)
        m->cfg.dtx_limit = 20;
    if (m->cfg.bler_target <= 0 || m->cfg.bler_target >= 1)
        m->cfg.bler_target = 0.1;
    for (uint32_t i = 0; i < N_PLANS; i++)
        m->plan[i].slot = UINT64_MAX;
    int r = radio_cell_derive(&m->cell, &why);
    if (r < 0) {
        snprintf(err, 256, "cell: %s", why);
        goto fail;
    }
    r = radio_ue_defaults(&u, &m->cell, 0);
    if (r < 0) {
        snprintf(err, 256, "cell: the TDD pattern has no place for SR and CSI");
        goto fail;
    }
    m->coreset0 = radio_coreset(&m->cell.coreset0);
    m->coreset = radio_coreset(&u.coreset);
    m->same_coreset = m->coreset.id == 0;
    m->css = radio_search_space(&m->cell.css);
    pdcch_search_space(&m->coreset0, &m->css, 0, 0, m->css_cce);
    search_space_t si = {.n_candidates = {0, 0, 4, 2, 1}}; /* Type0: TS 38.213 table 10.1-1 */
    pdcch_search_space(&m->coreset0, &si, 0, 0, m->si_cce);
    radio_dci_cfg(&m->cell, NULL, &dc);
    r = dci_plan(&dc, &m->dci_common);
    if (r < 0) {
        snprintf(err, 256, "cell: no DCI fits");
        goto fail;
    }
    r = cell_rows(m, err);
    if (r < 0)
        goto fail;
    m->f2_prb = m->cell.n_prb;
    for (uint32_t i = 0; i < u.n_set1; i++)
        if (u.res[u.n_set0 + i].prb_start < m->f2_prb)
            m->f2_prb = u.res[u.n_set0 + i].prb_start;
    m->pucch_prbs = radio_pucch_prbs(1);
    link_init(m);
    /* the largest block there can be: all PRBs at the top row of the 256QAM table */
    m->tb_cap = (tbs_bytes(MCS_TABLE_QAM256, 27, 156, m->cell.n_prb, 1) + 127) & ~63u;
    m->ue = calloc(cfg->max_ues, sizeof *m->ue);
    m->tb_store = aligned_alloc(64, (size_t)cfg->max_ues * N_HARQ * m->tb_cap);
    r = -ENOMEM;
    m->tb_free = calloc((size_t)cfg->max_ues * N_HARQ, sizeof *m->tb_free);
    if (!m->ue || !m->tb_store || !m->tb_free)
        goto fail;
    memset(m->tb_store, 0,
           (size_t)cfg->max_ues * N_HARQ * m->tb_cap); /* so that no page is first touched in a slot */
    for (uint32_t i = 0; i < cfg->max_ues; i++)
        for (uint32_t k = 0; k < N_HARQ; k++)
            m->tb_free[m->n_tb_free++] = m->tb_store + ((size_t)i * N_HARQ + k) * m->tb_cap;
    r = start_scheduler(m, err);
    if (r < 0)
        goto fail;
    m->col[VTN_DL] = sched_ues(m->sched, VTN_DL);
    m->col[VTN_UL] = sched_ues(m->sched, VTN_UL);
    *ret = m;
    return 0;
fail:
    free(m->ue);
    free(m->tb_store);
    free(m->tb_free);
    free(m);
    return r;
}

void mac_destroy(mac_t *m)
{
    if (!m)
        return;
    for (uint32_t i = 0; i < m->cfg.max_ues; i++) {
        bearers_drop(m, &m->ue[i]);
        buf_free(m->ue[i].srb0);
    }
    pages_clear(m);
    sched_destroy(m->sched);
    free(m->ue);
    free(m->tb_store);
    free(m->tb_free);
    free(m);
}

void mac_fapi_cell(const radio_cell_t *c, fapi_cell_config_t *ret)
{
    *ret = (fapi_cell_config_t){
        .nr_cell_id = c->nr_cell_id,
        .dl_point_a_arfcn = c->point_a_arfcn,
        .ul_point_a_arfcn = c->point_a_arfcn,
        .phys_cell_id = c->pci,
        .n_prb_dl = c->n_prb,
        .n_prb_ul = c->n_prb,
        .mu = c->mu,
        .n_tx_ant = 1,
        .n_rx_ant = 1,
        .ssb_period_ms = c->ssb_period_ms,
        .ssb_case = 2, /* C */
        .k_ssb = c->k_ssb,
        .ssb_offset_point_a = c->offset_to_point_a,
        .ssb_mask = (uint64_t)c->ssb_mask_byte << 56,
        .dmrs_type_a_position = c->dmrs_type_a_pos,
        .prach_config_index = c->prach_config_index,
        .prach_scs = c->mu,
        .prach_zero_corr = c->prach_zero_corr,
        .prach_root_sequence = c->prach_root,
        .prach_short = 1,
        .prach_freq_start = c->prach_freq_start,
        .prach_n_fdm = 1,
        .tdd_period_slots = c->tdd_period_slots,
        .tdd_special_dl_symbols = c->tdd_dl_symbols,
        .tdd_special_ul_symbols = c->tdd_ul_symbols,
    };
    for (uint32_t i = 0; i < c->tdd_period_slots; i++)
        ret->tdd_kind[i] = radio_dl_symbols(c, i) == 14 ? 'D' : radio_ul_symbols(c, i) == 14 ? 'U' : 'S';
}

const mac_counters_t *mac_counters(const mac_t *m)
{
    return &m->c;
}

uint32_t mac_ue_stats(const mac_t *m, mac_ue_stats_t *ret, uint32_t cap)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->cfg.max_ues && n < cap; i++)
        if (m->ue[i].state != UE_FREE && m->ue[i].configured) {
            ret[n] = m->ue[i].stats;
            ret[n++].ue = (du_ue_ref_t){(uint16_t)i, m->ue[i].generation};
        }
    return n;
}

struct sched *mac_sched(mac_t *m)
{
    return m->sched;
}

bool mac_has_results(const mac_t *m)
{
    return sched_has_results(m->sched);
}

const radio_cell_t *mac_cell(const mac_t *m)
{
    return &m->cell;
}
