/* SPDX-License-Identifier: Apache-2.0 */
/* The resources of a slot: which PRBs and CCEs are free, and the PDUs that go into the L1's slab. [slot] */
#include "du/mac/internal.h"

#include <stddef.h>

/* ---- downlink ---- */

static bool ssb_in_slot(const mac_t *m, uint64_t slot)
{
    uint32_t period = (uint32_t)m->cell.ssb_period_ms * slots_per_frame(m->cell.mu) / 10;
    uint32_t at = (uint32_t)(slot % period);
    for (uint8_t i = 0; i < 8; i++)
        if ((m->cell.ssb_mask_byte >> (7 - i) & 1) && ssb_first_symbol('C', i) / 14u == at)
            return true;
    return false;
}

void grid_begin(mac_t *m)
{
    dl_grid_t *g = &m->grid;
    memset(g, 0, sizeof *g);
    g->slot = m->slot;
    g->n_dl_symbols = radio_dl_symbols(&m->cell, m->slot);
    g->dl_row = 0xff;
    if (g->n_dl_symbols == 14)
        g->dl_row = m->row_full;
    else if (g->n_dl_symbols) {
        bool csi = m->cell.csi_rs_period_slots &&
                   m->slot % m->cell.csi_rs_period_slots == m->cell.csi_rs_offset_slots;
        g->dl_row = csi ? m->row_special_csi : m->row_special;
    }
    if (!g->n_dl_symbols)
        return;
    if (g->dl_row != 0xff)
        prb_set_range(g->free_prbs, 0, m->cell.n_prb);
    if (ssb_in_slot(m, m->slot))
        prb_clear_range(g->free_prbs, m->cell.ssb_prb, 20);
    for (uint32_t i = 0; i < coreset_n_cce(&m->coreset0); i++)
        g->cce_free[i >> 6] |= UINT64_C(1) << (i & 63);
    for (uint32_t i = 0; i < coreset_n_cce(&m->coreset); i++)
        g->uss_free[i >> 6] |= UINT64_C(1) << (i & 63);
}

int grid_css_cce(mac_t *m, bool si, uint32_t level, uint8_t *ret_level)
{
    uint8_t(*cand)[PDCCH_MAX_CANDIDATES] = si ? m->si_cce : m->css_cce;
    for (uint32_t l = level; l < PDCCH_LEVELS; l++)
        for (uint32_t i = 0; i < PDCCH_MAX_CANDIDATES; i++)
            if (cand[l][i] != PDCCH_NO_CCE && cce_test(m->grid.cce_free, cand[l][i], 1u << l)) {
                *ret_level = (uint8_t)l;
                return cand[l][i];
            }
    return -1;
}

bool grid_has_room(const mac_t *m, bool ul, uint32_t tb_bytes)
{
    const fapi_dl_slot_t *o = m->out;
    if (ul)
        return o->n_ul_dci < FAPI_MAX_DCI;
    return o->n_pdcch < FAPI_MAX_DCI && o->n_pdsch < FAPI_MAX_PDSCH &&
           o->tx_bytes + ((tb_bytes + 63) & ~63u) <= FAPI_TX_BYTES;
}

bool grid_dci(mac_t *m, bool ul, const coreset_t *cs, uint16_t rnti, uint16_t first_cce, uint8_t aggregation,
              const dci_bits_t *bits)
{
    fapi_dl_slot_t *o = m->out;
    fapi_pdcch_pdu_t *p;
    if ((ul ? o->n_ul_dci : o->n_pdcch) >= FAPI_MAX_DCI) {
        m->c.slab_full++;
        return false;
    }
    p = ul ? &o->ul_dci[o->n_ul_dci++] : &o->pdcch[o->n_pdcch++];
    *p = (fapi_pdcch_pdu_t){.bwp_start = 0,
                            .bwp_size = m->cell.n_prb,
                            .scs = m->cell.mu,
                            .start_symbol = 0,
                            .duration = cs->n_symbols,
                            .cce_reg_interleaved = cs->interleaved,
                            .reg_bundle_size = cs->reg_bundle,
                            .interleaver_size = cs->interleaver_rows,
                            .coreset_type = cs->id ? 1 : 0,
                            .shift_index = cs->shift,
                            .aggregation_level = aggregation,
                            .rnti = rnti,
                            .scrambling_id = m->cell.pci, /* no pdcch-DMRS-ScramblingID: the cell's */
                            .cce_index = first_cce,
                            .dmrs_id = m->cell.pci,
                            .payload_bits = bits->n_bits};
    if (cs->id == 0) { /* its position is not on the grid of six: the type says so */
        p->bwp_start = cs->prb_start;
        p->bwp_size = cs->n_prb;
    }
    for (uint32_t i = 0; i < cs->n_prb / 6u; i++) {
        uint32_t bit = (cs->id ? cs->prb_start / 6u : 0) + i;
        p->freq_domain_resource[bit >> 3] |= (uint8_t)(0x80 >> (bit & 7));
    }
    memcpy(p->payload, bits->bytes, sizeof p->payload);
    if (cs->id == 0)
        cce_clear(m->grid.cce_free, first_cce, aggregation);
    if (cs->id || m->same_coreset)
        cce_clear(m->grid.uss_free, first_cce, aggregation);
    return true;
}

fapi_pdsch_pdu_t *grid_pdsch(mac_t *m, uint16_t rnti, const radio_tdra_t *row, const radio_dmrs_t *dmrs,
                             uint16_t prb_start, uint16_t n_prb, uint8_t mcs_table, uint8_t mcs, uint8_t rv,
                             const uint8_t *tb, uint32_t tb_bytes)
{
    fapi_dl_slot_t *o = m->out;
    uint32_t room = (tb_bytes + 63) & ~63u;
    mcs_t q;
    if (o->n_pdsch >= FAPI_MAX_PDSCH || o->tx_bytes + room > FAPI_TX_BYTES || !mcs_get(mcs_table, mcs, &q)) {
        m->c.slab_full++;
        return NULL;
    }
    fapi_pdsch_pdu_t *p = &o->pdsch[o->n_pdsch++];
    memset(p, 0, offsetof(fapi_pdsch_pdu_t, precoding));
    p->precoding.n_prgs = p->precoding.prg_size = 0;
    p->precoding.n_dig_bf = 0;
    p->rnti = rnti;
    p->bwp_size = m->cell.n_prb;
    p->scs = m->cell.mu;
    p->qam_mod_order = q.qm;
    p->mcs_index = mcs;
    p->mcs_table = (uint8_t)(mcs_table - 1);
    p->rv_index = rv;
    p->target_code_rate = q.rate_x10;
    p->n_id_pdsch = m->cell.pci;
    p->n_layers = 1;
    p->new_data = 1;
    p->dmrs_symbol_mask = dmrs->symbol_mask;
    p->dmrs_scrambling_id = m->cell.pci;
    p->n_cdm_groups_no_data = dmrs->n_cdm_groups;
    p->resource_alloc = 1;
    p->dmrs_ports = 1;
    p->rb_start = prb_start;
    p->rb_size = n_prb;
    p->start_symbol = row->start_symbol;
    p->n_symbols = row->n_symbols;
    p->tb_bytes = tb_bytes;
    p->tb_offset = o->tx_bytes;
    memcpy(o->tx + o->tx_bytes, tb, tb_bytes);
    o->tx_bytes += room;
    return p;
}

int grid_find_prbs(const uint64_t *mask, uint16_t from, uint16_t to, uint16_t n)
{
    uint16_t start, run;
    while ((run = prb_next_run(mask, from, &start)) > 0 && start < to) {
        if (start + run > to)
            run = (uint16_t)(to - start);
        if (run >= n)
            return start;
        from = (uint16_t)(start + run);
    }
    return -1;
}

uint16_t prbs_for(uint32_t bytes, uint8_t mcs_table, uint8_t mcs, uint16_t re_per_prb, uint16_t max_prb,
                  uint32_t *ret_tbs)
{
    uint16_t lo = 1, hi = max_prb; /* the size grows with the PRBs */
    if (!hi || tbs_bytes(mcs_table, mcs, re_per_prb, hi, 1) < bytes)
        return 0;
    while (lo < hi) {
        uint16_t mid = (uint16_t)((lo + hi) / 2);
        if (tbs_bytes(mcs_table, mcs, re_per_prb, mid, 1) >= bytes)
            hi = mid;
        else
            lo = (uint16_t)(mid + 1);
    }
    *ret_tbs = tbs_bytes(mcs_table, mcs, re_per_prb, lo, 1);
    return lo;
}

bool grid_common_alloc(mac_t *m, bool si, uint32_t bytes, common_alloc_t *ret)
{
    const coreset_t *c0 = &m->coreset0;
    uint16_t to = (uint16_t)(c0->prb_start + c0->n_prb);
    uint8_t level;
    common_alloc_t a;
    if (m->grid.dl_row == 0xff)
        return false;
    a.cce = grid_css_cce(m, si, 2, &level);
    if (a.cce < 0) {
        m->c.no_cce++;
        return false;
    }
    a.aggregation = (uint8_t)(1u << level);
    uint16_t re = m->dl_dmrs_common[m->grid.dl_row].re_per_prb;
    /* As robust as the free PRBs allow: QPSK only, the lowest rate first that fits into a third of CORESET 0,
     * then whatever fits. */
    for (uint32_t pass = 0; pass < 2; pass++)
        for (a.mcs = pass ? 3 : 2; a.mcs <= 9; a.mcs++) {
            a.n_prb = prbs_for(bytes, MCS_TABLE_QAM64, a.mcs, re, pass ? c0->n_prb : c0->n_prb / 3, &a.tbs);
            int start = a.n_prb ? grid_find_prbs(m->grid.free_prbs, c0->prb_start, to, a.n_prb) : -1;
            if (start < 0)
                continue;
            a.prb_start = (uint16_t)start;
            a.riv = riv_encode(c0->n_prb, (uint16_t)(a.prb_start - c0->prb_start), a.n_prb);
            *ret = a;
            return true;
        }
    return false;
}

void grid_common_take(mac_t *m, const common_alloc_t *a)
{
    prb_clear_range(m->grid.free_prbs, a->prb_start, a->n_prb);
}

/* ---- uplink ---- */

ul_plan_t *plan_get(mac_t *m, uint64_t slot)
{
    ul_plan_t *p = &m->plan[slot % N_PLANS];
    if (p->slot == slot)
        return p;
    if (slot < m->closed || slot - m->closed >= N_PLANS || radio_ul_symbols(&m->cell, slot) < 14)
        return NULL;
    /* What was here is settled: it lies below m->closed. The big arrays need no clearing, their counts do. */
    p->slot = slot;
    p->f2_used = 0;
    p->common_used = 0;
    p->n_pusch = p->n_fb = p->n_handles = p->built = 0;
    memset(p->fb_of, 0, sizeof p->fb_of);
    memset(p->pusch_of, 0, sizeof p->pusch_of);
    memset(p->free_prbs, 0, sizeof p->free_prbs);
    prb_set_range(p->free_prbs, m->pucch_prbs, (uint16_t)(m->cell.n_prb - 1 - m->pucch_prbs));
    if (slot_in_frame(slot, m->cell.mu) == m->cell.prach_slot)
        prb_clear_range(p->free_prbs, m->cell.prach_freq_start, m->cell.prach_n_prb);
    return p;
}

void grid_fill_pusch(const mac_t *m, fapi_pusch_pdu_t *p, uint16_t rnti, const radio_tdra_t *row,
                     const radio_dmrs_t *dmrs, uint16_t prb_start, uint16_t n_prb, uint8_t mcs_table,
                     uint8_t mcs, uint8_t rv, uint32_t tb_bytes)
{
    mcs_t q = {0};
    (void)mcs_get(mcs_table, mcs, &q); /* the caller's row exists */
    *p = (fapi_pusch_pdu_t){.rnti = rnti,
                            .bwp_size = m->cell.n_prb,
                            .scs = m->cell.mu,
                            .qam_mod_order = q.qm,
                            .mcs_index = mcs,
                            .mcs_table = (uint8_t)(mcs_table - 1),
                            .target_code_rate = q.rate_x10,
                            .n_id_pusch = m->cell.pci,
                            .n_layers = 1,
                            .rv_index = rv,
                            .dmrs_symbol_mask = dmrs->symbol_mask,
                            .dmrs_scrambling_id = m->cell.pci,
                            .n_cdm_groups_no_data = dmrs->n_cdm_groups,
                            .resource_alloc = 1,
                            .dmrs_ports = 1,
                            .rb_start = prb_start,
                            .rb_size = n_prb,
                            .start_symbol = row->start_symbol,
                            .n_symbols = row->n_symbols,
                            .tb_bytes = tb_bytes};
}
