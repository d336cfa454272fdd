/* SPDX-License-Identifier: Apache-2.0 */
/* Uplink of connected UEs: what their buffers hold (BSR, TS 38.321 5.4.5; SR, 5.4.4), grants made into DCIs
 * and PUSCH PDUs, HARQ (5.4.2), and taking received PDUs apart. [slot] */
#include "du/mac/internal.h"

static const uint8_t rv_order[4] = {0, 2, 3, 1};

void ul_columns_harq(mac_t *m, ue_t *u)
{
    sched_ues_t *c = m->col[VTN_UL];
    uint16_t free_ones = (uint16_t)~u->ul_busy;
    uint8_t fresh = VTN_NONE, again = VTN_NONE;
    if (free_ones) {
        uint16_t above = (uint16_t)(free_ones & ~((1u << u->ul_next) - 1));
        fresh = (uint8_t)__builtin_ctz(above ? above : free_ones);
    }
    uint64_t oldest = UINT64_MAX;
    for (uint32_t b = u->ul_busy; b; b &= b - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(b);
        if (u->ul[i].state == HARQ_RETX && !u->ul[i].core && u->ul[i].pdcch_slot < oldest) {
            oldest = u->ul[i].pdcch_slot;
            again = (uint8_t)i;
        }
    }
    c->harq_new[u->index] = fresh;
    c->harq_retx[u->index] = again;
    if (again != VTN_NONE) {
        const harq_t *h = &u->ul[again];
        mcs_t q, r;
        uint8_t any = h->mcs;
        if (mcs_get(h->mcs_table, h->mcs, &q))
            for (uint8_t i = (uint8_t)(mcs_max_index(h->mcs_table) + 1); i < 32; i++)
                if (mcs_get(h->mcs_table, i, &r) && r.qm == q.qm)
                    any = i;
        c->retx_round[u->index] = h->n_tx;
        c->retx_mcs[u->index] = h->mcs;
        c->retx_mcs_any[u->index] = any;
        c->retx_layers[u->index] = 1;
        c->retx_n_prb[u->index] = h->n_prb;
        c->retx_re_per_prb[u->index] = h->re_per_prb;
        c->retx_tbs_bytes[u->index] = h->tbs_bytes;
    }
}

#define UNASKED_SLOTS 40u /* since the last data of the UE, either way */

/* Queue columns from the last reports and what has been granted since. */
void ul_refresh(mac_t *m, ue_t *u)
{
    sched_ues_t *c = m->col[VTN_UL];
    uint32_t base = (uint32_t)u->index * RADIO_MAX_LC, total = 0, n = 0;
    uint8_t flags = u->sr_pending ? VTN_UE_SR : 0;
    if (u->state != UE_CONNECTED)
        return;
    for (uint32_t g = 0; g < 8; g++) {
        if (!u->lcg_bytes[g])
            continue;
        total += u->lcg_bytes[g];
        c->lc_id[base + n] = (uint8_t)g;
        c->lc_queued_bytes[base + n] = u->lcg_bytes[g];
        c->lc_5qi[base + n] = 0;
        c->lc_priority[base + n] = 127;
        c->lc_slice[base + n] = 0;
        c->lc_per_exp[base + n] = 0;
        c->lc_hol_delay_us[base + n] = c->lc_pdb_us[base + n] = 0;
        c->lc_gbr_kbps[base + n] = c->lc_mbr_kbps[base + n] = 0;
        for (uint32_t i = 0; i < u->n_bearers; i++) {
            const radio_lc_t *lc = &u->bearer[i]->lc;
            if (lc->lcg == g && !lc->is_drb)
                flags |= VTN_UE_SIGNALLING;
            if (lc->lcg != g || lc->priority >= c->lc_priority[base + n])
                continue;
            c->lc_5qi[base + n] = lc->five_qi;
            c->lc_priority[base + n] = lc->priority;
            c->lc_slice[base + n] = lc->slice;
            c->lc_gbr_kbps[base + n] = lc->gbr_ul_kbps;
        }
        n++;
    }
    u->bsr_bytes = total;
    c->n_lcs[u->index] = (uint8_t)n;
    c->queued_bytes[u->index] = total > u->inflight_bytes ? total - u->inflight_bytes : 0;
    c->flags[u->index] = flags;
}

/* A UE that has just had data and has none to report gets a small block now and then unasked: what answers
 * that data (a TCP acknowledgement) need not wait for the next SR. A few UEs a slot and each only so often,
 * so that they never crowd out those who asked. */
static bool unasked(mac_t *m, const ue_t *u, uint32_t n)
{
    return n < MAX_UNASKED && u->last_drb_slot + UNASKED_SLOTS > m->now &&
           u->last_unasked + UNASKED_SLOTS / 4 <= m->now && !u->inflight_bytes && u->n_bearers > 1;
}

uint32_t ul_active(mac_t *m, uint64_t pusch_slot, uint16_t *list)
{
    sched_ues_t *c = m->col[VTN_UL];
    uint32_t n = 0;
    ul_plan_t *p = plan_get(m, pusch_slot);
    m->n_unasked = 0;
    if (!p || p->n_pusch >= FAPI_MAX_PUSCH)
        return 0;
    for (uint32_t w = 0; w < sizeof m->used / sizeof *m->used; w++)
        for (uint64_t b = m->used[w]; b; b &= b - 1) {
            ue_t *u = &m->ue[64 * w + (uint32_t)__builtin_ctzll(b)];
            if (u->state != UE_CONNECTED || u->lost || p->pusch_of[u->index])
                continue;
            if (c->harq_retx[u->index] == VTN_NONE) {
                if (c->harq_new[u->index] == VTN_NONE)
                    continue;
                if (!c->queued_bytes[u->index] && !u->sr_pending) {
                    if (!unasked(m, u, m->n_unasked))
                        continue;
                    u->last_unasked = m->now;
                    c->flags[u->index] |= VTN_UE_SR;
                    m->unasked[m->n_unasked++] = u->index;
                }
            }
            list[n++] = u->index;
        }
    return n;
}

/* After the plugin's turn: those who were not granted have not asked. */
void ul_unasked_end(mac_t *m)
{
    for (uint32_t i = 0; i < m->n_unasked; i++)
        ul_refresh(m, &m->ue[m->unasked[i]]);
}

bool ul_grant(mac_t *m, const sched_grant_t *g)
{
    ue_t *u = &m->ue[g->ue];
    harq_t *h = &u->ul[g->harq_id & (N_HARQ - 1)];
    ul_plan_t *p = plan_get(m, m->slot + g->k);
    dci_bits_t bits;
    uint16_t n_harq, n_csi;
    if (!p || p->n_pusch >= FAPI_MAX_PUSCH || p->pusch_of[u->index] || !grid_has_room(m, true, 0)) {
        m->c.slab_full++;
        return false;
    }
    if (g->is_retx ? h->state != HARQ_RETX : h->state != HARQ_FREE)
        return false;
    if (!g->is_retx) {
        *h = (harq_t){.tbs_bytes = g->tbs_bytes,
                      .n_prb = g->n_prb,
                      .re_per_prb = u->ul_dmrs[g->tda_row].re_per_prb,
                      .ndi = h->ndi ^ 1,
                      .mcs = g->mcs,
                      .mcs_table = g->mcs_table,
                      .layers = 1,
                      .tda_row = g->tda_row};
        u->ul_busy |= (uint16_t)(1u << g->harq_id);
        u->ul_next = (uint8_t)((g->harq_id + 1) & (N_HARQ - 1));
        h->counted = 1;
        u->inflight_bytes += h->tbs_bytes;
        u->sr_pending = 0;
        m->c.ul_new++;
    } else {
        m->c.ul_retx++;
    }
    bool first = h->n_tx == 0;
    uint8_t rv = rv_order[h->rv_at & 3];
    h->n_tx++;
    uci_on_pusch(u, p, &n_harq, &n_csi);
    dci_0_1_t d = {
        .fdra = riv_encode(m->cell.n_prb, g->prb_start, g->n_prb),
        .tdra = g->tda_row,
        .mcs = g->mcs,
        .ndi = h->ndi,
        .rv = rv,
        .harq_id = g->harq_id,
        .dai = (uint8_t)((n_harq + 3) & 3), /* V = 1 is field 0; no bits: V = 4. 38.213 table 9.1.3-2 */
        .tpc = 1,
        .ports = RADIO_PORTS_FIELD,
        .ulsch = 1};
    dci_pack_0_1(&u->dci, &d, &bits);
    bool sent = grid_dci(m, true, &m->coreset, u->rnti, g->first_cce, g->aggregation_level, &bits);
    assert(sent);
    (void)sent;
    pusch_plan_t *s = &p->pusch[p->n_pusch];
    *s = (pusch_plan_t){.ue = u->index, .generation = u->generation, .harq_id = g->harq_id};
    grid_fill_pusch(m, &s->pdu, u->rnti, &m->cell.ul_tdra[g->tda_row], &u->ul_dmrs[g->tda_row], g->prb_start,
                    g->n_prb, g->mcs_table, g->mcs, rv, h->tbs_bytes);
    mcs_t q;
    if (mcs_get(h->mcs_table, h->mcs, &q))
        s->pdu.target_code_rate = q.rate_x10;
    s->pdu.harq_id = g->harq_id;
    s->pdu.new_data = first;
    s->pdu.beta_harq = u->cfg.beta_harq;
    s->pdu.beta_csi1 = u->cfg.beta_csi;
    s->pdu.handle = p->n_pusch++;
    p->pusch_of[u->index] = p->n_pusch;
    prb_clear_range(p->free_prbs, g->prb_start, g->n_prb);
    h->state = HARQ_WAIT;
    h->pdcch_slot = m->slot;
    h->due_slot = p->slot;
    u->stats.ul_tb++;
    u->stats.ul_prbs += g->n_prb;
    ul_columns_harq(m, u);
    ul_refresh(m, u);
    return true;
}

void ul_build(mac_t *m, ul_plan_t *p)
{
    for (uint32_t i = 0; i < p->n_pusch; i++) {
        pusch_plan_t *s = &p->pusch[i];
        ue_t *u = &m->ue[s->ue];
        fapi_pusch_pdu_t *d = &m->out->pusch[m->out->n_pusch++];
        *d = s->pdu;
        if (u->generation == s->generation && u->state == UE_CONNECTED && !s->msg3) {
            uci_on_pusch(u, p, &d->harq_ack_bits, &d->csi1_bits);
            s->pdu.harq_ack_bits = d->harq_ack_bits;
            s->pdu.csi1_bits = d->csi1_bits;
        }
    }
}

/* ---- what was received ---- */

static void take_bsr(mac_t *m, ue_t *u, const mac_bsr_t *b, uint64_t slot)
{
    bool is_long = b->lcid == MAC_LCID_UL_LONG_BSR || b->lcid == MAC_LCID_UL_LONG_TRUNC_BSR;
    m->c.bsr++;
    if (b->lcid == MAC_LCID_UL_LONG_BSR || b->lcid == MAC_LCID_UL_SHORT_BSR)
        memset(u->lcg_bytes, 0, sizeof u->lcg_bytes); /* these tell all there is */
    for (uint32_t i = 0; i < b->n; i++) {
        uint8_t g = b->lcg[i];
        if (g < 8)
            u->lcg_bytes[g] = is_long ? bsr_long_bytes(b->index[i]) : bsr_short_bytes(b->index[i]);
    }
    if (b->lcid == MAC_LCID_UL_LONG_TRUNC_BSR)
        for (uint32_t g = 0; g < 8; g++) /* known to have data, its size was left out */
            if ((b->lcg_mask >> g & 1) && !u->lcg_bytes[g])
                u->lcg_bytes[g] = 64;
    /* The report knows of all blocks built before it: only later grants are still to be taken off. */
    u->inflight_bytes = 0;
    for (uint32_t busy = u->ul_busy; busy; busy &= busy - 1) {
        harq_t *h = &u->ul[__builtin_ctz(busy)];
        h->counted = h->state == HARQ_WAIT && h->n_tx == 1 && h->due_slot > slot;
        if (h->counted)
            u->inflight_bytes += h->tbs_bytes;
    }
}

/* MAC PDU of a connected UE. */
void ul_demux(mac_t *m, ue_t *u, const uint8_t *pdu, uint32_t n, uint64_t slot)
{
    mac_iter_t it = mac_iter(MAC_UL, pdu, n);
    mac_subpdu_t s;
    int r;
    while ((r = mac_next(&it, &s)) == 1) {
        if (!s.is_sdu) {
            mac_bsr_t b;
            uint8_t ph, pcmax;
            switch (s.lcid) {
            case MAC_LCID_UL_SHORT_BSR:
            case MAC_LCID_UL_LONG_BSR:
            case MAC_LCID_UL_SHORT_TRUNC_BSR:
            case MAC_LCID_UL_LONG_TRUNC_BSR:
                if (mac_parse_bsr(s.lcid, s.p, s.n, &b) == 0)
                    take_bsr(m, u, &b, slot);
                else
                    m->c.ul_pdu_bad++;
                break;
            case MAC_LCID_UL_PHR:
                if (mac_parse_phr(s.p, s.n, &ph, &pcmax) == 0) {
                    m->c.phr++;
                    u->phr_db = (int16_t)mac_phr_db(ph);
                    u->stats.phr_db = u->phr_db;
                    link_phr(m, u);
                } else {
                    m->c.ul_pdu_bad++;
                }
                break;
            default:
                break; /* C-RNTI, padding: nothing to do */
            }
            continue;
        }
        mac_bearer_t *b = NULL;
        for (uint32_t i = 0; i < u->n_bearers; i++)
            if (u->bearer[i]->lc.lcid == s.lcid)
                b = u->bearer[i];
        if (!b || s.lcid == 0) {
            m->c.ul_lcid_unknown++;
            continue;
        }
        u->stats.ul_bytes += s.n;
        if (b->lc.is_drb) {
            u->last_drb_slot = m->now;
            u->inactive_told = 0;
        }
        uint32_t *q =
            &u->lcg_bytes[b->lc.lcg & 7]; /* a BSR in this PDU stands behind the SDUs and sets it anew */
        *q -= *q < s.n ? *q : s.n;
        if (m->up.tap_rlc)
            m->up.tap_rlc(m->up.ctx, MAC_TAP_UL, u->index, slot, &b->lc, s.p, s.n);
        rlc_on_pdu(b->rlc, s.p, s.n, m->now_ns);
        u->dirty = 1; /* a status PDU makes or ends retransmissions */
    }
    if (r < 0)
        m->c.ul_pdu_bad++;
}

void ul_result(mac_t *m, ul_plan_t *p, pusch_plan_t *g, bool ok, bool dtx, const uint8_t *pdu, uint32_t n)
{
    ue_t *u = &m->ue[g->ue];
    harq_t *h = &u->ul[g->harq_id];
    g->answered = 1;
    if (u->state == UE_FREE || u->generation != g->generation || h->state != HARQ_WAIT)
        return;
    if (ok)
        m->c.ul_crc_ok++;
    else if (dtx)
        m->c.ul_dtx++;
    else
        m->c.ul_crc_failed++;
    if (ok)
        tap(m, MAC_TAP_UL, u->rnti, MAC_RNTI_C, u->index, p->slot, g->harq_id, pdu, n);
    if (g->msg3) {
        rach_msg3_result(m, u, ok, dtx, pdu, n, p->slot);
        return;
    }
    if (h->core) {
        access_ul_result(m, u, h, g->harq_id, ok, pdu, n, p->slot);
        return;
    }
    u->ul_dtx_row = dtx ? (uint8_t)(u->ul_dtx_row + (u->ul_dtx_row < 255)) : 0;
    if (dtx)
        u->stats.ul_dtx++;
    else if (!ok)
        u->stats.ul_crc_failed++;
    if (!dtx && h->n_tx == 1)
        link_ul_outcome(m, u, ok, h->mcs);
    if (!dtx)
        h->rv_at++;
    if (ok || h->n_tx >= m->cfg.max_harq_tx) {
        h->state = HARQ_FREE;
        u->ul_busy &= (uint16_t) ~(1u << g->harq_id);
        if (h->counted)
            u->inflight_bytes -= u->inflight_bytes < h->tbs_bytes ? u->inflight_bytes : h->tbs_bytes;
        if (ok) {
            u->last_ul_prbs = h->n_prb;
            ul_demux(m, u, pdu, n, p->slot);
        } else {
            m->c.ul_given_up++;
            u->sr_pending = 1; /* the report that was in it, if any, is lost: ask once more */
        }
        sched_feedback(m->sched, VTN_UL, g->ue, g->harq_id, ok ? VTN_OUT_ACK : VTN_OUT_FAILED, h->tbs_bytes,
                       h->pdcch_slot);
    } else {
        h->state = HARQ_RETX;
        sched_feedback(m->sched, VTN_UL, g->ue, g->harq_id, dtx ? VTN_OUT_DTX : VTN_OUT_NACK, h->tbs_bytes,
                       h->pdcch_slot);
    }
    ul_columns_harq(m, u);
    ul_refresh(m, u);
    if (u->ul_dtx_row >= m->cfg.dtx_limit)
        ue_lose(m, u, MAC_LOSS_UL_DTX);
}

void ul_indication(mac_t *m, ul_plan_t *p, const fapi_pusch_ind_t *i, const uint8_t *rx)
{
    if (i->handle >= p->n_pusch) {
        m->c.ind_bad_handle++;
        return;
    }
    pusch_plan_t *g = &p->pusch[i->handle];
    if (g->pdu.rnti != i->rnti || g->harq_id != i->harq_id) {
        m->c.ind_unknown_rnti++;
        return;
    }
    if (g->answered) {
        m->c.ind_bad_handle++;
        return;
    }
    if (i->crc_ok && i->tb_bytes != g->pdu.tb_bytes) {
        m->c.ind_bad_length++;
        return;
    }
    ue_t *u = &m->ue[g->ue];
    if (u->generation == g->generation && u->state != UE_FREE) {
        if (i->sinr_db_x10 < -500 || i->sinr_db_x10 > 1000)
            m->c.ind_bad_value++;
        else if (!i->dtx)
            link_ul_sinr(m, u, i->sinr_db_x10);
        if (i->crc_ok)
            link_ta(m, u, i->timing_advance);
        if (g->pdu.harq_ack_bits && i->harq_crc == 0 && !i->dtx) {
            if (i->harq_ack_bits == g->pdu.harq_ack_bits)
                uci_bits(m, p, u->index, i->harq, i->harq_ack_bits, true, false);
            else
                m->c.ind_bad_length++;
        }
        if (g->pdu.csi1_bits && i->csi1_crc == 0 && i->csi1_bits == g->pdu.csi1_bits && !i->dtx)
            uci_csi(m, u, i->csi1, i->csi1_bits);
    }
    ul_result(m, p, g, i->crc_ok && !i->dtx, i->dtx, rx + i->tb_offset, i->tb_bytes);
}
