/* SPDX-License-Identifier: Apache-2.0 */
/* The UE table: contexts, RNTIs and generations, configuration, bearers, SDUs, removal and loss. [slot] */
#include "du/mac/internal.h"

/* ---- UE table ---- */

ue_t *ue_get(mac_t *m, du_ue_ref_t ref)
{
    if (ref.index >= m->cfg.max_ues)
        return NULL;
    ue_t *u = &m->ue[ref.index];
    return u->state != UE_FREE && u->generation == ref.generation ? u : NULL;
}

ue_t *ue_of_rnti(mac_t *m, uint16_t rnti)
{
    if (rnti < MAC_FIRST_RNTI)
        return NULL;
    uint32_t i = (uint32_t)(rnti - MAC_FIRST_RNTI) % MAC_MAX_UES;
    return i < m->cfg.max_ues && m->ue[i].state != UE_FREE && m->ue[i].rnti == rnti ? &m->ue[i] : NULL;
}

static void pucch_region(mac_t *m)
{
    uint16_t top = 0; /* highest index in use, plus one */
    for (uint32_t w = 0; w < sizeof m->used / sizeof *m->used; w++)
        if (m->used[w])
            top = (uint16_t)(64 * w + 64 - (uint32_t)__builtin_clzll(m->used[w]));
    m->pucch_prbs = radio_pucch_prbs(top ? top : 1);
}

ue_t *ue_take(mac_t *m)
{
    for (uint32_t w = 0; w < sizeof m->used / sizeof *m->used; w++) {
        uint64_t free_ones = ~m->used[w];
        uint32_t i = free_ones ? 64 * w + (uint32_t)__builtin_ctzll(free_ones) : UINT32_MAX;
        if (i >= m->cfg.max_ues)
            continue;
        ue_t *u = &m->ue[i];
        uint16_t rounds = u->rounds;
        memset(u, 0, sizeof *u);
        u->rounds = (uint16_t)(rounds + 1);
        u->index = (uint16_t)i;
        /* RNTIs of one index rotate, so that what is late for a former UE finds no owner */
        u->rnti = (uint16_t)(MAC_FIRST_RNTI + rounds % 256 * MAC_MAX_UES + i);
        u->state = UE_MSG3;
        u->generation = sched_ue_add(m->sched, u->index, u->rnti);
        u->last_drb_slot = m->now;
        m->used[w] |= UINT64_C(1) << (i & 63);
        m->n_access++;
        m->n_used++;
        pucch_region(m);
        return u;
    }
    return NULL;
}

void bearers_drop(mac_t *m, ue_t *u)
{
    for (uint32_t i = 0; i < u->n_bearers; i++)
        m->up.bearer_gone(m->up.ctx, u->bearer[i]);
    u->n_bearers = 0;
}

void ue_free(mac_t *m, ue_t *u)
{
    if (u->state == UE_MSG3 || u->state == UE_MSG4)
        m->n_access--;
    bearers_drop(m, u);
    for (uint32_t i = 0; i < N_HARQ; i++)
        tb_give(m, &u->dl[i]);
    buf_free(u->srb0);
    u->srb0 = NULL;
    u->state = UE_FREE;
    m->n_used--;
    m->used[u->index >> 6] &= ~(UINT64_C(1) << (u->index & 63));
    sched_ue_remove(m->sched, u->index);
    pucch_region(m);
    m->up.removed(m->up.ctx, ue_ref(u), u->known);
}

void ue_lose(mac_t *m, ue_t *u, mac_loss_t cause)
{
    if (u->lost)
        return;
    u->lost = 1;
    m->c.ue_lost++;
    m->up.lost(m->up.ctx, ue_ref(u), u->rnti, cause);
}

void ue_connect(mac_t *m, ue_t *u)
{
    if (u->state == UE_CONNECTED)
        return;
    u->state = UE_CONNECTED;
    m->n_access--;
    for (uint32_t i = 0; i < N_HARQ; i++)
        if (u->ul[i].core && u->ul[i].state == HARQ_RETX) { /* the plugin cannot send it again: a new grant */
            u->ul[i].state = HARQ_FREE;
            u->ul_busy &= (uint16_t) ~(1u << i);
            u->sr_pending = 1;
        }
    u->last_drb_slot = m->now;
    dl_columns_harq(m, u);
    ul_columns_harq(m, u);
    link_dl_update(m, u);
    link_ul_update(m, u);
    ul_refresh(m, u);
    u->dirty = 1;
}

/* ---- commands ---- */

static int by_priority(const mac_bearer_t *a, const mac_bearer_t *b)
{
    return a->lc.priority != b->lc.priority ? a->lc.priority - b->lc.priority : a->lc.lcid - b->lc.lcid;
}

/* Packet delay budget and error rate of the standardized 5QIs, TS 23.501 table 5.7.4-1; others as 5QI 9. */
static void qos_of(uint8_t five_qi, uint32_t *ret_pdb_us, uint8_t *ret_per_exp)
{
    static const struct {
        uint8_t five_qi, per_exp;
        uint16_t pdb_ms;
    } rows[] = {{1, 2, 100}, {2, 3, 150}, {3, 3, 50},  {4, 6, 300},  {5, 6, 100},  {6, 6, 300}, {7, 3, 100},
                {8, 6, 300}, {9, 6, 300}, {65, 2, 75}, {66, 2, 100}, {67, 3, 100}, {69, 6, 60}, {70, 6, 200},
                {75, 2, 50}, {79, 2, 50}, {80, 6, 10}, {82, 4, 10},  {83, 4, 10},  {84, 5, 30}, {85, 5, 5}};
    *ret_pdb_us = 300000;
    *ret_per_exp = 6;
    for (uint32_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].five_qi == five_qi) {
            *ret_pdb_us = rows[i].pdb_ms * 1000u;
            *ret_per_exp = rows[i].per_exp;
        }
}

static void columns_bearers(mac_t *m, ue_t *u)
{
    sched_ues_t *c = m->col[VTN_DL];
    uint32_t base = (uint32_t)u->index * RADIO_MAX_LC;
    uint8_t slice = 0;
    for (uint32_t i = 0; i < u->n_bearers; i++) {
        const radio_lc_t *lc = &u->bearer[i]->lc;
        c->lc_id[base + i] = lc->lcid;
        c->lc_5qi[base + i] = lc->five_qi;
        c->lc_priority[base + i] = lc->priority;
        c->lc_slice[base + i] = lc->slice;
        qos_of(lc->is_drb ? lc->five_qi : 5, &c->lc_pdb_us[base + i],
               &c->lc_per_exp[base + i]); /* SRBs as signalling */
        c->lc_gbr_kbps[base + i] = lc->gbr_dl_kbps;
        c->lc_mbr_kbps[base + i] = 0;
        c->lc_queued_bytes[base + i] = 0;
        c->lc_hol_delay_us[base + i] = 0;
        if (lc->is_drb)
            slice = lc->slice;
    }
    c->n_lcs[u->index] = u->n_bearers;
    /* the slice of its data bearers, which is what its throughput is charged to */
    m->col[VTN_DL]->slice[u->index] = m->col[VTN_UL]->slice[u->index] = slice;
    u->stats.slice = slice;
    for (uint32_t d = 0; d < 2; d++)
        m->col[d]->alloc_type[u->index] = VTN_ALLOC_CONTIGUOUS;
    sched_ue_changed(m->sched, u->index);
}

int mac_ue_configure(mac_t *m, du_ue_ref_t ref, const radio_ue_t *cfg, mac_bearer_t *const *bearers)
{
    ue_t *u = ue_get(m, ref);
    mac_bearer_t *next[RADIO_MAX_LC];
    dci_cfg_t dc;
    dci_plan_t plan;
    if (!u || u->removing)
        return -ESTALE;
    if (u->state == UE_MSG3 || cfg->n_lc > RADIO_MAX_LC || cfg->n_res > RADIO_MAX_PUCCH_RES || !cfg->n_k1)
        return -EINVAL;
    for (uint32_t i = 0; i < cfg->n_lc; i++) {
        next[i] = bearers[i];
        for (uint32_t j = 0; j < u->n_bearers && !next[i]; j++)
            if (u->bearer[j]->lc.lcid == cfg->lc[i].lcid)
                next[i] = u->bearer[j];
        if (!next[i])
            return -ENOENT;
    }
    radio_dci_cfg(&m->cell, cfg, &dc);
    int r = dci_plan(&dc, &plan);
    if (r < 0)
        return r;

    for (uint32_t j = 0; j < u->n_bearers; j++) {
        bool kept = false;
        for (uint32_t i = 0; i < cfg->n_lc; i++)
            kept |= next[i] == u->bearer[j];
        if (!kept)
            m->up.bearer_gone(m->up.ctx, u->bearer[j]);
    }
    u->n_bearers = 0;
    for (uint32_t i = 0; i < cfg->n_lc; i++) { /* by insertion: the order in which a block is filled */
        uint32_t at = u->n_bearers++;
        next[i]->lc = cfg->lc[i];
        next[i]->ue = ref;
        for (; at > 0 && by_priority(next[i], u->bearer[at - 1]) < 0; at--)
            u->bearer[at] = u->bearer[at - 1];
        u->bearer[at] = next[i];
    }
    u->cfg = *cfg;
    u->dci = plan;
    for (uint32_t i = 0; i < m->cell.n_dl_tdra; i++)
        u->dl_dmrs[i] = radio_dmrs(&m->cell, &m->cell.dl_tdra[i], cfg->dmrs_add_pos, RADIO_PORTS_CDM_GROUPS);
    for (uint32_t i = 0; i < m->cell.n_ul_tdra; i++)
        u->ul_dmrs[i] = radio_dmrs(&m->cell, &m->cell.ul_tdra[i], cfg->dmrs_add_pos, RADIO_PORTS_CDM_GROUPS);
    bool again = u->configured;
    u->configured = 1;
    columns_bearers(m, u);
    u->dirty = 1;
    u->stats.rnti = u->rnti;
    u->stats.ue = ref;
    if (u->state == UE_CONNECTED) {
        link_dl_update(m, u);
        link_ul_update(m, u);
        dl_columns_harq(m, u);
    } else if (u->srb0_sent) {
        ue_connect(m, u);
    } else if (again) { /* the UE gets to know it with the next message on SRB1 */
        u->restoring = 1;
    }
    return 0;
}

int mac_ue_remove(mac_t *m, du_ue_ref_t ref, uint32_t drain_slots)
{
    ue_t *u = ue_get(m, ref);
    if (!u)
        return -ESTALE;
    if (!drain_slots) {
        ue_free(m, u);
    } else if (!u->removing) {
        u->removing = 1;
        u->remove_at = m->now + drain_slots;
    }
    return 0;
}

void mac_remove_all(mac_t *m)
{
    for (uint32_t i = 0; i < m->cfg.max_ues; i++)
        if (m->ue[i].state != UE_FREE)
            ue_free(m, &m->ue[i]);
    m->n_preambles = 0;
}

void mac_l1_lost(mac_t *m)
{
    for (uint32_t i = 0; i < m->cfg.max_ues; i++)
        if (m->ue[i].state != UE_FREE) {
            if (m->ue[i].known)
                ue_lose(m, &m->ue[i], MAC_LOSS_L1);
            else
                ue_free(m, &m->ue[i]);
        }
    for (uint32_t i = 0; i < N_PLANS; i++)
        m->plan[i].slot = UINT64_MAX;
    m->n_preambles = 0;
    m->started = 0;
}

mac_bearer_t *mac_bearer(mac_t *m, du_ue_ref_t ref, uint8_t lcid)
{
    ue_t *u = ue_get(m, ref);
    for (uint32_t i = 0; u && i < u->n_bearers; i++)
        if (u->bearer[i]->lc.lcid == lcid)
            return u->bearer[i];
    return NULL;
}

int mac_sdu_send(mac_t *m, du_ue_ref_t ref, uint8_t lcid, buf_t *sdu)
{
    mac_bearer_t *b = mac_bearer(m, ref, lcid);
    int r = b ? 0 : ue_get(m, ref) ? -ENOENT : -ESTALE;
    if (!r) {
        sdu->time_ns = m->now_ns ? m->now_ns : 1; /* 0 is "none" to RLC */
        r = rlc_push_sdu(b->rlc, sdu);
    }
    if (r < 0) {
        buf_free(sdu);
        return r;
    }
    ue_t *u = &m->ue[ref.index];
    u->dirty = 1;
    if (u->restoring && lcid == 1)
        u->told = 1;
    if (b->lc.is_drb) {
        u->last_drb_slot = m->now;
        u->inactive_told = 0;
    }
    return 0;
}

void mac_touch(mac_t *m, du_ue_ref_t ref)
{
    ue_t *u = ue_get(m, ref);
    if (u)
        u->dirty = 1;
}

void mac_rlc_failed(mac_t *m, du_ue_ref_t ref)
{
    ue_t *u = ue_get(m, ref);
    if (u)
        ue_lose(m, u, MAC_LOSS_RLC_RETX);
}
