/* SPDX-License-Identifier: Apache-2.0 */
/* Downlink of connected UEs: what the plugin is told, its grants made into DCIs and blocks, HARQ
 * (TS 38.321 5.3.2), and the multiplexing of logical channels into the block, RLC writing in place (5.4.3.1
 * turned round: the network's choice is its own; here the grant's first channel, then priority). [slot] */
#include "du/mac/internal.h"

static const uint8_t rv_order[4] = {0, 2, 3, 1};

#define TA_BYTES 2u

/* Columns of the processes: which one takes new data, which one waits to be sent again. */
void dl_columns_harq(mac_t *m, ue_t *u)
{
    sched_ues_t *c = m->col[VTN_DL];
    uint32_t n = u->cfg.n_harq_dl ? u->cfg.n_harq_dl : 8;
    uint16_t all = (uint16_t)((1u << n) - 1), free_ones = (uint16_t)(~u->dl_busy & all);
    uint8_t fresh = VTN_NONE, again = VTN_NONE;
    if (free_ones) { /* round robin: a process that was acknowledged late is not taken again at once */
        uint16_t above = (uint16_t)(free_ones & ~((1u << u->dl_next) - 1));
        fresh = (uint8_t)__builtin_ctz(above ? above : free_ones);
    }
    uint64_t oldest = UINT64_MAX;
    for (uint32_t b = u->dl_busy; b; b &= b - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(b);
        if (u->dl[i].state == HARQ_RETX && !u->dl[i].core && u->dl[i].pdcch_slot < oldest) {
            oldest = u->dl[i].pdcch_slot;
            again = (uint8_t)i;
        }
    }
    c->harq_new[u->index] = fresh;
    c->harq_retx[u->index] = again;
    if (again != VTN_NONE) {
        const harq_t *h = &u->dl[again];
        mcs_t q, r;
        uint8_t any = h->mcs;
        if (mcs_get(h->mcs_table, h->mcs, &q)) /* the row of this modulation that has no rate of its own */
            for (uint8_t i = (uint8_t)(mcs_max_index(h->mcs_table) + 1); i < 32; i++)
                if (mcs_get(h->mcs_table, i, &r) && r.qm == q.qm)
                    any = i;
        c->retx_round[u->index] = h->n_tx;
        c->retx_mcs[u->index] = h->mcs;
        c->retx_mcs_any[u->index] = any;
        c->retx_layers[u->index] = h->layers;
        c->retx_n_prb[u->index] = h->n_prb;
        c->retx_re_per_prb[u->index] = h->re_per_prb;
        c->retx_tbs_bytes[u->index] = h->tbs_bytes;
    }
}

void dl_refresh(mac_t *m, ue_t *u)
{
    sched_ues_t *c = m->col[VTN_DL];
    uint32_t base = (uint32_t)u->index * RADIO_MAX_LC, total = 0;
    uint8_t flags = 0;
    for (uint32_t i = 0; i < u->n_bearers; i++) {
        rlc_buffer_status_t s;
        rlc_buffer_status(u->bearer[i]->rlc, m->now_ns, &s);
        uint32_t n = s.total_bytes ? s.total_bytes + 3 * (s.n_sdus + 1) : 0; /* MAC subheaders */
        c->lc_queued_bytes[base + i] = n;
        c->lc_hol_delay_us[base + i] = s.head_time_ns && m->now_ns > s.head_time_ns
                                           ? (uint32_t)((m->now_ns - s.head_time_ns) / 1000)
                                           : 0;
        if (n && !u->bearer[i]->lc.is_drb)
            flags = VTN_UE_SIGNALLING;
        total += n;
    }
    c->flags[u->index] = flags;
    if (u->ta_pending)
        total += TA_BYTES;
    u->dl_queued = total;
    c->queued_bytes[u->index] = total;
    u->dirty = 0;
}

uint32_t dl_active(mac_t *m, uint16_t *list)
{
    sched_ues_t *c = m->col[VTN_DL];
    uint32_t n = 0;
    for (uint32_t w = 0; w < sizeof m->used / sizeof *m->used; w++)
        for (uint64_t b = m->used[w]; b; b &= b - 1) {
            ue_t *u = &m->ue[64 * w + (uint32_t)__builtin_ctzll(b)];
            if (u->state != UE_CONNECTED || u->lost)
                continue;
            if (u->dirty)
                dl_refresh(m, u);
            if (c->harq_retx[u->index] == VTN_NONE && (!u->dl_queued || c->harq_new[u->index] == VTN_NONE))
                continue;
            c->k1_mask[u->index] = uci_k1_mask(m, u);
            if (!c->k1_mask[u->index])
                continue;
            list[n++] = u->index;
        }
    return n;
}

uint32_t dl_fill_from(mac_t *m, ue_t *u, mac_bearer_t *b, mac_build_t *out)
{
    uint32_t taken = 0;
    for (;;) {
        uint32_t room = mac_build_room(out);
        uint8_t *at = room ? mac_build_sdu_reserve(out, b->lc.lcid, room) : NULL;
        if (!at)
            return taken;
        uint32_t n = rlc_pull(b->rlc, at, room, m->now_ns);
        mac_build_sdu_commit(out, n);
        if (!n)
            return taken;
        if (m->up.tap_rlc)
            m->up.tap_rlc(m->up.ctx, MAC_TAP_DL, u->index, m->slot, &b->lc, at, n);
        taken += n;
        if (b->lc.is_drb)
            u->last_drb_slot = m->now;
    }
}

static uint32_t fill_block(mac_t *m, ue_t *u, uint8_t *tb, uint32_t tb_bytes, uint8_t lc_first)
{
    mac_build_t out = mac_build(tb, tb_bytes);
    uint32_t taken = 0;
    if (u->ta_pending && mac_build_ta(&out, 0, (uint8_t)(u->ta_pending - 1))) {
        u->ta_pending = 0;
        m->c.ta_commands++;
        taken += 1;
    }
    for (uint32_t i = 0; i < u->n_bearers; i++)
        if (u->bearer[i]->lc.lcid == lc_first)
            taken += dl_fill_from(m, u, u->bearer[i], &out);
    for (uint32_t i = 0; i < u->n_bearers; i++) /* kept in the order of priority */
        taken += dl_fill_from(m, u, u->bearer[i], &out);
    mac_build_end(&out);
    return taken;
}

bool dl_grant(mac_t *m, const sched_grant_t *g)
{
    ue_t *u = &m->ue[g->ue];
    harq_t *h = &u->dl[g->harq_id & (N_HARQ - 1)];
    const radio_tdra_t *row = &m->cell.dl_tdra[g->tda_row];
    uci_place_t place;
    dci_bits_t bits;
    if (g->tbs_bytes > m->tb_cap || !grid_has_room(m, false, g->tbs_bytes)) {
        m->c.slab_full++;
        return false;
    }
    if (!uci_place(m, u, g->k1, &place)) {
        m->c.no_pucch++;
        return false;
    }
    if (g->is_retx ? h->state != HARQ_RETX : h->state != HARQ_FREE)
        return false;
    if (!g->is_retx) {
        tb_take(m, h);
        uint32_t taken = fill_block(m, u, h->tb, g->tbs_bytes, g->lc_first);
        u->dirty = 1;
        if (!taken) { /* nothing was left for it */
            tb_give(m, h);
            return false;
        }
        *h = (harq_t){.tb = h->tb,
                      .tbs_bytes = g->tbs_bytes,
                      .n_prb = g->n_prb,
                      .re_per_prb = u->dl_dmrs[g->tda_row].re_per_prb,
                      .ndi = h->ndi ^ 1,
                      .mcs = g->mcs,
                      .mcs_table = g->mcs_table,
                      .layers = g->layers,
                      .tda_row = g->tda_row,
                      .sdu_bytes = (uint16_t)(taken > 0xffff ? 0xffff : taken)};
        u->dl_busy |= (uint16_t)(1u << g->harq_id);
        u->dl_next = (uint8_t)((g->harq_id + 1) & (N_HARQ - 1));
        m->c.dl_new++;
        tap(m, MAC_TAP_DL, u->rnti, MAC_RNTI_C, u->index, m->slot, g->harq_id, h->tb, g->tbs_bytes);
    } else {
        m->c.dl_retx++;
    }
    bool first = h->n_tx == 0;
    h->n_tx++;
    uint8_t rv = rv_order[h->rv_at & 3];
    dci_1_1_t d = {.fdra = riv_encode(m->cell.n_prb, g->prb_start, g->n_prb),
                   .tdra = g->tda_row,
                   .mcs = g->mcs,
                   .ndi = h->ndi,
                   .rv = rv,
                   .harq_id = g->harq_id,
                   .dai = place.dai,
                   .tpc = 1,
                   .pucch_resource = place.pri,
                   .k1 = place.k1_field,
                   .ports = RADIO_PORTS_FIELD};
    dci_pack_1_1(&u->dci, &d, &bits);
    bool sent = grid_dci(m, false, &m->coreset, u->rnti, g->first_cce, g->aggregation_level, &bits);
    assert(sent);
    (void)sent;
    fapi_pdsch_pdu_t *p = grid_pdsch(m, u->rnti, row, &u->dl_dmrs[g->tda_row], g->prb_start, g->n_prb,
                                     g->mcs_table, g->mcs, rv, h->tb, h->tbs_bytes);
    assert(p);
    mcs_t q;
    if (mcs_get(h->mcs_table, h->mcs, &q)) /* a row without a rate takes that of the first transmission */
        p->target_code_rate = q.rate_x10;
    p->harq_id = g->harq_id;
    p->new_data = first;
    uci_take(m, u, &place, g->harq_id);
    h->state = HARQ_WAIT;
    h->pdcch_slot = m->slot;
    h->due_slot = m->slot + place.k1;
    u->stats.dl_tb++;
    u->stats.dl_prbs += g->n_prb;
    dl_columns_harq(m, u);
    return true;
}

void dl_feedback(mac_t *m, uint16_t ue, uint16_t generation, uint8_t harq_id, int ack, bool dtx)
{
    ue_t *u = &m->ue[ue];
    harq_t *h = &u->dl[harq_id];
    if (u->state == UE_FREE || u->generation != generation || h->state != HARQ_WAIT)
        return;
    if (ack)
        m->c.dl_ack++;
    else if (dtx)
        m->c.dl_dtx++;
    else
        m->c.dl_nack++;
    u->dl_dtx_row = dtx ? (uint8_t)(u->dl_dtx_row + (u->dl_dtx_row < 255)) : 0;
    if (dtx)
        u->stats.dl_dtx++;
    else if (!ack)
        u->stats.dl_nack++;
    if (!dtx && !h->core && h->n_tx == 1)
        link_dl_outcome(m, u, ack, h->mcs);
    if (!dtx)
        h->rv_at++; /* after a DTX the UE most likely has nothing: the systematic bits again */

    if (h->core) {
        rach_msg4_feedback(m, u, h, ack);
        return;
    }
    if (ack || h->n_tx >= m->cfg.max_harq_tx) {
        h->state = HARQ_FREE;
        tb_give(m, h);
        u->dl_busy &= (uint16_t) ~(1u << harq_id);
        if (ack) {
            u->stats.dl_bytes += h->sdu_bytes;
        } else {
            m->c.dl_given_up++;
            u->stats.dl_dropped_tb++;
        }
        sched_feedback(m->sched, VTN_DL, ue, harq_id, ack ? VTN_OUT_ACK : VTN_OUT_FAILED, h->tbs_bytes,
                       h->pdcch_slot);
    } else {
        h->state = HARQ_RETX;
        sched_feedback(m->sched, VTN_DL, ue, harq_id, dtx ? VTN_OUT_DTX : VTN_OUT_NACK, h->tbs_bytes,
                       h->pdcch_slot);
    }
    dl_columns_harq(m, u);
    if (u->dl_dtx_row >= m->cfg.dtx_limit)
        ue_lose(m, u, MAC_LOSS_DTX);
}
