/* SPDX-License-Identifier: Apache-2.0 */
/* Contention-based random access, network side: preamble -> Msg2 within ra-ResponseWindow -> Msg3 with HARQ
 * on the temporary C-RNTI -> Msg4 with the contention resolution identity and, as a rule, the CU's CCCH
 * message. TS 38.321 5.1, TS 38.213 8. [slot] */
#include "du/mac/internal.h"

#define MSG3_MCS 4
#define MSG3_BYTES 12 /* C-RNTI, short BSR and PHR, or 64 bits of CCCH with its subheader */
#define MAX_RAR 8     /* responses in one PDU */
#define SETUP_MS 5000 /* a UE that the CU never answers is given up */

static const uint8_t rv_order[4] = {0, 2, 3, 1};

static uint64_t ms_to_slots(const mac_t *m, uint32_t ms)
{
    return (uint64_t)ms << m->cell.mu;
}

void rach_indication(mac_t *m, uint64_t slot, const fapi_rach_ind_t *r)
{
    m->c.rach_preambles++;
    if (r->preamble_index > 63 || r->ra_index != 0 || r->slot_index != m->cell.prach_slot ||
        r->symbol_index != m->cell.prach_start_symbol || r->timing_advance > 3846 ||
        slot_in_frame(slot, m->cell.mu) != m->cell.prach_slot) {
        m->c.ind_bad_value++;
        return;
    }
    if (!m->active)
        return;
    for (uint32_t i = 0; i < m->n_preambles; i++)
        if (m->preambles[i].preamble == r->preamble_index && m->preambles[i].from == slot + 1)
            return; /* said twice */
    if (m->n_preambles == MAX_PREAMBLES) {
        m->c.rach_late++;
        return;
    }
    m->preambles[m->n_preambles++] = (preamble_t){
        .from = slot + 1,
        .until = slot + 1 + m->cell.ra_window_slots,
        .ra_rnti = ra_rnti(r->symbol_index, r->slot_index, r->ra_index, 0),
        .ta = r->timing_advance,
        .preamble = r->preamble_index,
    };
}

bool rach_ul_place(mac_t *m, uint8_t extra, uint8_t min_k, uint16_t n_prb, uint8_t *ret_row,
                   ul_plan_t **ret_plan, uint16_t *ret_start)
{
    for (uint8_t i = 0; i < m->cell.n_ul_tdra; i++) {
        if (m->cell.ul_tdra[i].k < min_k)
            continue;
        ul_plan_t *p = plan_get(m, m->slot + m->cell.ul_tdra[i].k + extra);
        if (!p || p->n_pusch >= FAPI_MAX_PUSCH)
            continue;
        int start = grid_find_prbs(p->free_prbs, 0, m->cell.n_prb, n_prb);
        if (start < 0)
            continue;
        *ret_row = i;
        *ret_plan = p;
        *ret_start = (uint16_t)start;
        return true;
    }
    return false;
}

static void msg3_plan(mac_t *m, ue_t *u, ul_plan_t *p, uint8_t row, uint16_t start)
{
    harq_t *h = &u->ul[0];
    pusch_plan_t *g = &p->pusch[p->n_pusch];
    *g = (pusch_plan_t){.ue = u->index, .generation = u->generation, .harq_id = 0, .msg3 = 1};
    grid_fill_pusch(m, &g->pdu, u->rnti, &m->cell.ul_tdra[row], &m->ul_dmrs_common[row], start, h->n_prb,
                    MCS_TABLE_QAM64, h->mcs, rv_order[(h->n_tx - 1) & 3], h->tbs_bytes);
    g->pdu.handle = p->n_pusch;
    g->pdu.new_data = h->n_tx == 1;
    p->n_pusch++;
    p->pusch_of[u->index] = p->n_pusch;
    prb_clear_range(p->free_prbs, start, h->n_prb);
    h->state = HARQ_WAIT;
    h->due_slot = p->slot;
    h->pdcch_slot = m->slot;
}

/* One RAR PDU with the responses to all preambles of one RA-RNTI whose window is open. Returns false when
 * nothing went out. */
static bool rar_send(mac_t *m, uint16_t rnti)
{
    preamble_t *of[MAX_RAR];
    mac_rar_t rar[MAX_RAR];
    uint32_t n = 0;
    common_alloc_t a;
    dci_bits_t bits;
    uint8_t tb[512];
    for (uint32_t i = 0; i < m->n_preambles && n < MAX_RAR; i++)
        if (m->preambles[i].ra_rnti == rnti && m->slot >= m->preambles[i].from &&
            m->slot < m->preambles[i].until)
            of[n++] = &m->preambles[i];
    if (!n || !grid_common_alloc(m, false, n * MAC_RAR_BYTES, &a) || a.tbs > sizeof tb ||
        !grid_has_room(m, false, a.tbs))
        return false;

    uint32_t done = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t row;
        uint16_t start;
        uint32_t tbs;
        ul_plan_t *p;
        uint16_t n_prb =
            prbs_for(MSG3_BYTES, MCS_TABLE_QAM64, MSG3_MCS, m->ul_dmrs_common[0].re_per_prb, 24, &tbs);
        if (!n_prb || !rach_ul_place(m, tdra_msg3_delta(m->cell.mu), 1, n_prb, &row, &p, &start))
            break; /* in a later slot of the window */
        ue_t *u = ue_take(m);
        if (!u) {
            m->c.rach_no_rnti++;
            of[i]->until = 0;
            continue;
        }
        u->ul[0] = (harq_t){.n_tx = 1,
                            .mcs = MSG3_MCS,
                            .mcs_table = MCS_TABLE_QAM64,
                            .layers = 1,
                            .n_prb = n_prb,
                            .re_per_prb = m->ul_dmrs_common[row].re_per_prb,
                            .tbs_bytes = tbs,
                            .tda_row = row,
                            .core = 1};
        u->ul_busy |= 1;
        msg3_plan(m, u, p, row, start);
        rar[done++] = (mac_rar_t){
            .kind = MAC_RAR_RESPONSE,
            .rapid = of[i]->preamble,
            .ta = of[i]->ta,
            .tc_rnti = u->rnti,
            .grant = {.fdra = mac_rar_fdra(m->cell.n_prb, riv_encode(m->cell.n_prb, start, n_prb)),
                      .tdra = row,
                      .mcs = MSG3_MCS,
                      .tpc = 3 /* 0 dB */},
        };
        of[i]->until = 0; /* answered */
        m->c.rach_rar++;
    }
    if (!done)
        return false;
    int r = mac_rar_build(rar, done, tb, a.tbs);
    assert(r == 0);
    (void)r;
    dci_1_0_common_t d = {.riv = a.riv, .tdra = m->grid.dl_row, .mcs = a.mcs};
    dci_pack_1_0_ra(&m->dci_common, &d, &bits);
    bool sent = grid_dci(m, false, &m->coreset0, rnti, (uint16_t)a.cce, a.aggregation, &bits);
    assert(sent);
    (void)sent;
    fapi_pdsch_pdu_t *pdu =
        grid_pdsch(m, rnti, &m->cell.dl_tdra[m->grid.dl_row], &m->dl_dmrs_common[m->grid.dl_row], a.prb_start,
                   a.n_prb, MCS_TABLE_QAM64, a.mcs, 0, tb, a.tbs);
    assert(pdu);
    pdu->ref_point = 1;
    grid_common_take(m, &a);
    tap(m, MAC_TAP_DL, rnti, MAC_RNTI_RA, 0, m->slot, 0, tb, a.tbs);
    return true;
}

static void rar_slot(mac_t *m)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < m->n_preambles; i++)
        if (m->slot >= m->preambles[i].from && m->preambles[i].until)
            if (!rar_send(m, m->preambles[i].ra_rnti))
                break;
    for (uint32_t i = 0; i < m->n_preambles; i++) {
        if (m->preambles[i].until > m->slot + 1)
            m->preambles[kept++] = m->preambles[i];
        else if (m->preambles[i].until)
            m->c.rach_late++;
    }
    m->n_preambles = (uint8_t)kept;
}

/* ---- Msg3 ---- */

static void msg3_retransmit(mac_t *m, ue_t *u)
{
    harq_t *h = &u->ul[0];
    uint8_t row, level;
    uint16_t start;
    ul_plan_t *p;
    dci_bits_t bits;
    int cce = grid_css_cce(m, false, 2, &level);
    if (cce < 0 || !grid_has_room(m, true, 0) || !rach_ul_place(m, 0, 2, h->n_prb, &row, &p, &start))
        return;
    /* another row may hold another number of data REs: then the block would change its size */
    if (m->ul_dmrs_common[row].re_per_prb != h->re_per_prb)
        return;
    h->n_tx++;
    dci_0_0_t d = {.riv = riv_encode(m->cell.n_prb, start, h->n_prb),
                   .tdra = row,
                   .mcs = h->mcs,
                   .ndi = 0,
                   .rv = rv_order[(h->n_tx - 1) & 3],
                   .tpc = 1};
    dci_pack_0_0(&m->dci_common, DCI_CSS, &d, &bits);
    grid_dci(m, true, &m->coreset0, u->rnti, (uint16_t)cce, (uint8_t)(1u << level), &bits);
    msg3_plan(m, u, p, row, start);
    m->c.ul_retx++;
}

/* The UE comes back on an index it has: its Msg3 named it. TS 38.321 5.1.5: a grant to its C-RNTI ends the
 * contention. */
static void msg3_c_rnti(mac_t *m, ue_t *tmp, uint16_t rnti, const uint8_t *pdu, uint32_t n, uint64_t slot)
{
    ue_t *u = ue_of_rnti(m, rnti);
    /* one whose SRB1 was re-established has no SR resource and asks this way */
    bool known = u && (u->state == UE_CONNECTED || (u->state == UE_MSG4 && u->n_bearers));
    if (!known || u == tmp || u->lost) {
        m->c.msg3_bad++;
        return;
    }
    m->c.msg3_crnti++;
    u->dl_dtx_row = u->ul_dtx_row = 0;
    ul_demux(m, u, pdu, n, slot);
    u->sr_pending = 1;
    ul_refresh(m, u);
}

void rach_msg3_result(mac_t *m, ue_t *u, bool ok, bool dtx, const uint8_t *pdu, uint32_t n, uint64_t slot)
{
    harq_t *h = &u->ul[0];
    (void)dtx;
    if (!ok) {
        if (h->n_tx < m->cfg.max_harq_tx) {
            h->state = HARQ_RETX;
            return;
        }
        m->c.msg3_failed++;
        ue_free(m, u);
        return;
    }
    h->state = HARQ_FREE;
    u->ul_busy &= (uint16_t)~1u;

    mac_iter_t it = mac_iter(MAC_UL, pdu, n);
    mac_subpdu_t s;
    const uint8_t *ccch = NULL;
    uint32_t ccch_n = 0;
    uint16_t rnti = 0;
    while (mac_next(&it, &s) == 1) {
        if (s.is_sdu && (s.lcid == MAC_LCID_UL_CCCH_48 || s.lcid == MAC_LCID_CCCH_64)) {
            ccch = s.p;
            ccch_n = s.n;
        } else if (!s.is_sdu && s.lcid == MAC_LCID_UL_C_RNTI && mac_parse_c_rnti(s.p, s.n, &rnti) == 0) {
            msg3_c_rnti(m, u, rnti, pdu, n, slot);
            ue_free(m, u);
            return;
        }
    }
    buf_t *sdu = ccch && ccch_n >= 6 ? buf_from(m->cfg.pool, ccch, ccch_n) : NULL;
    if (!sdu) {
        if (ccch && ccch_n >= 6)
            m->c.ul_no_buffer++;
        else
            m->c.msg3_bad++;
        ue_free(m, u);
        return;
    }
    m->c.msg3_ccch++;
    memcpy(u->contention, ccch, 6); /* 6.1.3.3: the first 48 bits of the CCCH SDU */
    u->state = UE_MSG4;
    u->known = 1;
    u->msg4_by = m->now + ms_to_slots(m, m->cell.contention_ms) * 3 / 4;
    u->setup_by = m->now + ms_to_slots(m, SETUP_MS);
    m->up.ccch(m->up.ctx, ue_ref(u), u->rnti, sdu);
}

/* ---- Msg4 ---- */

static bool msg4_transmit(mac_t *m, ue_t *u, bool first)
{
    harq_t *h = &u->dl[0];
    bool contention = !u->contention_sent;
    common_alloc_t a;
    uci_place_t place;
    dci_bits_t bits;
    if (first) {
        uint32_t bytes = (contention ? 7 : 0) + (u->srb0 ? u->srb0->len + (u->srb0->len > 255 ? 3 : 2) : 0);
        uint32_t srb1 = u->srb0 ? 0 : access_queued(m, u); /* RLC segments what is too much for one block */
        while (!grid_common_alloc(m, false, bytes + srb1, &a))
            if ((srb1 /= 2) < 32)
                return false;
        if (a.tbs > m->tb_cap)
            return false;
    } else {
        uint8_t level;
        const coreset_t *c0 = &m->coreset0;
        a.cce = grid_css_cce(m, false, 2, &level);
        int start =
            grid_find_prbs(m->grid.free_prbs, c0->prb_start, (uint16_t)(c0->prb_start + c0->n_prb), h->n_prb);
        if (a.cce < 0 || start < 0 || m->grid.dl_row == 0xff ||
            m->dl_dmrs_common[m->grid.dl_row].re_per_prb != h->re_per_prb)
            return false;
        a.aggregation = (uint8_t)(1u << level);
        a.mcs = h->mcs;
        a.tbs = h->tbs_bytes;
        a.prb_start = (uint16_t)start;
        a.n_prb = h->n_prb;
        a.riv = riv_encode(c0->n_prb, (uint16_t)(a.prb_start - c0->prb_start), a.n_prb);
    }
    if (!grid_has_room(m, false, a.tbs) || !uci_place_common(m, u, (uint16_t)a.cce, &place)) {
        m->c.no_pucch++;
        return false;
    }
    if (first) {
        tb_take(m, h);
        mac_build_t b = mac_build(h->tb, a.tbs);
        bool fits = (!contention || mac_build_contention(&b, u->contention)) &&
                    (!u->srb0 || mac_build_sdu(&b, MAC_LCID_CCCH, u->srb0->data, u->srb0->len));
        assert(fits);
        (void)fits;
        uint32_t srb1 = u->srb0 ? 0 : access_fill(m, u, &b);
        if (!contention && !u->srb0 && !srb1) { /* nothing was left for it */
            tb_give(m, h);
            return false;
        }
        mac_build_end(&b);
        uint8_t ndi = h->ndi ^ 1;
        *h = (harq_t){.tb = h->tb,
                      .tbs_bytes = a.tbs,
                      .n_prb = a.n_prb,
                      .re_per_prb = m->dl_dmrs_common[m->grid.dl_row].re_per_prb,
                      .ndi = ndi,
                      .mcs = a.mcs,
                      .mcs_table = MCS_TABLE_QAM64,
                      .layers = 1,
                      .core = 1,
                      .has_srb0 = u->srb0 != NULL,
                      .has_srb1 = srb1 > 0,
                      .ends_access = srb1 > 0 && u->told && !access_queued(m, u)};
        u->dl_busy |= 1;
        m->c.msg4_sent += contention || u->srb0;
        m->c.dl_new++;
        tap(m, MAC_TAP_DL, u->rnti, MAC_RNTI_C, u->index, m->slot, 0, h->tb, a.tbs);
    } else {
        m->c.dl_retx++;
    }
    h->n_tx++;
    uint8_t rv = rv_order[(h->n_tx - 1) & 3];
    dci_1_0_t d = {.riv = a.riv,
                   .tdra = m->grid.dl_row,
                   .mcs = a.mcs,
                   .ndi = h->ndi,
                   .rv = rv,
                   .harq_id = 0,
                   .dai = place.dai,
                   .tpc = 1,
                   .pucch_resource = place.pri,
                   .k1 = (uint8_t)(place.k1 - 1)}; /* of format 1_0: {1 .. 8}, TS 38.213 9.2.3 */
    dci_pack_1_0(&m->dci_common, DCI_CSS, &d, &bits);
    bool sent = grid_dci(m, false, &m->coreset0, u->rnti, (uint16_t)a.cce, a.aggregation, &bits);
    assert(sent);
    (void)sent;
    fapi_pdsch_pdu_t *pdu =
        grid_pdsch(m, u->rnti, &m->cell.dl_tdra[m->grid.dl_row], &m->dl_dmrs_common[m->grid.dl_row],
                   a.prb_start, a.n_prb, MCS_TABLE_QAM64, a.mcs, rv, h->tb, a.tbs);
    assert(pdu);
    pdu->ref_point = 1;
    pdu->new_data = first;
    grid_common_take(m, &a);
    uci_take(m, u, &place, 0);
    h->state = HARQ_WAIT;
    h->pdcch_slot = m->slot;
    h->due_slot = m->slot + place.k1;
    return true;
}

void rach_msg4_feedback(mac_t *m, ue_t *u, harq_t *h, bool ack)
{
    if (!ack) {
        if (h->n_tx < m->cfg.max_harq_tx) {
            h->state = HARQ_RETX;
            return;
        }
        h->state = HARQ_FREE;
        tb_give(m, h);
        u->dl_busy &= (uint16_t)~1u;
        m->c.dl_given_up++;
        if (u->contention_sent && !h->has_srb0) /* RLC sends SRB1's data again */
            return;
        m->c.msg4_failed++;
        ue_lose(m, u, MAC_LOSS_MSG4);
        return;
    }
    h->state = HARQ_FREE;
    tb_give(m, h);
    u->dl_busy &= (uint16_t)~1u;
    u->contention_sent = 1;
    if (h->ends_access) {
        ue_connect(m, u);
        return;
    }
    if (h->has_srb1)
        u->sr_pending = 1; /* most likely it has an answer, and no SR resource to say so */
    if (!h->has_srb0)
        return;
    buf_free(u->srb0);
    u->srb0 = NULL;
    u->srb0_sent = 1;
    m->up.srb0_delivered(m->up.ctx, ue_ref(u));
    if (u->configured)
        ue_connect(m, u);
}

static void msg4_slot(mac_t *m, ue_t *u)
{
    harq_t *h = &u->dl[0];
    if (u->lost)
        return;
    if (u->n_bearers && u->contention_sent && !u->srb0)
        access_ul_slot(m, u);
    if (h->state == HARQ_RETX && h->core) {
        msg4_transmit(m, u, false);
        return;
    }
    if (h->state != HARQ_FREE)
        return;
    if (m->now >= u->setup_by && !u->srb0 && !u->srb0_sent)
        ue_lose(m, u, MAC_LOSS_MSG4);
    else if (u->srb0 || access_queued(m, u) || (!u->contention_sent && m->now >= u->msg4_by))
        msg4_transmit(m, u, true);
}

void rach_slot(mac_t *m)
{
    if (m->grid.dl_row == 0xff)
        return;
    if (m->n_preambles)
        rar_slot(m);
    if (!m->n_access)
        return;
    for (uint32_t w = 0; w < sizeof m->used / sizeof *m->used; w++)
        for (uint64_t b = m->used[w]; b; b &= b - 1) {
            ue_t *u = &m->ue[64 * w + (uint32_t)__builtin_ctzll(b)];
            if (u->state == UE_MSG4)
                msg4_slot(m, u);
            else if (u->state == UE_MSG3 && u->ul[0].state == HARQ_RETX)
                msg3_retransmit(m, u);
        }
}

int mac_ccch_send(mac_t *m, du_ue_ref_t ref, buf_t *sdu)
{
    ue_t *u = ue_get(m, ref);
    int r = !u                                               ? -ESTALE
            : u->state != UE_MSG4 || u->srb0 || u->srb0_sent ? -EALREADY
            : sdu->len > 1024                                ? -EMSGSIZE
                                                             : 0;
    if (r < 0) {
        buf_free(sdu);
        return r;
    }
    u->srb0 = sdu;
    return 0;
}
