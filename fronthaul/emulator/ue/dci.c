/* SPDX-License-Identifier: Apache-2.0 */
/* Blind decoding of PDCCH (TS 38.213 10.1) and what a DCI means (TS 38.214 5.1, 6.1): a DCI is ours if its
 * RNTI is one that we listen to, its CCEs are a candidate of a search space that is monitored in this slot,
 * and its length is one that we expect there. Values that a format does not allow are dropped and counted. */
#include "fronthaul/emulator/ue/ue_int.h"

static bool is_candidate(const coreset_t *c, const search_space_t *ss, uint16_t rnti, uint32_t slot_in_frame,
                         const fapi_pdcch_pdu_t *p)
{
    uint8_t cces[PDCCH_LEVELS][PDCCH_MAX_CANDIDATES];
    uint32_t level = 0;
    while (level < PDCCH_LEVELS && 1u << level != p->aggregation_level)
        level++;
    if (level == PDCCH_LEVELS || p->start_symbol != 0 || p->duration != c->n_symbols)
        return false;
    pdcch_search_space(c, ss, rnti, slot_in_frame, cces);
    for (uint32_t i = 0; i < PDCCH_MAX_CANDIDATES; i++)
        if (cces[level][i] != PDCCH_NO_CCE && cces[level][i] == p->cce_index)
            return true;
    return false;
}

static bool take_bits(const fapi_pdcch_pdu_t *p, dci_bits_t *ret)
{
    if (p->payload_bits > DCI_MAX_BYTES * 8 || p->payload_bits > 255)
        return false;
    ret->n_bits = (uint8_t)p->payload_bits;
    memcpy(ret->bytes, p->payload, DCI_MAX_BYTES);
    return true;
}

/* Common part of an allocation. */
static bool fill(ue_t *u, ue_sch_t *s, const radio_tdra_t *row, radio_dmrs_t dmrs, uint8_t mcs_table,
                 uint8_t mcs, uint8_t scaling)
{
    mcs_t m;
    if (!dmrs.symbol_mask || !mcs_get(mcs_table, mcs, &m)) {
        u->counters.dci_bad++;
        return false;
    }
    s->start_symbol = row->start_symbol;
    s->n_symbols = row->n_symbols;
    s->re_per_prb = dmrs.re_per_prb;
    s->qm = m.qm;
    s->rate_x10 = m.rate_x10;
    s->tb_bytes = m.rate_x10 ? tbs_bits(dmrs.re_per_prb, s->n_prb, m.qm, m.rate_x10, 1, scaling) / 8 : 0;
    if (s->tb_bytes > UE_MAX_TB) {
        u->counters.dci_bad++;
        return false;
    }
    return true;
}

static bool dl_prbs(ue_t *u, uint32_t riv, bool common, ue_sch_t *s)
{
    uint16_t bwp = common ? u->cell.coreset0.n_prb : u->cell.radio.n_prb, start;
    if (!riv_decode(bwp, riv, &start, &s->n_prb)) {
        u->counters.dci_bad++;
        return false;
    }
    s->prb_start = (uint16_t)(start + (common ? u->cell.coreset0.prb_start : 0));
    if (!u->cell.have_sib1)
        s->prb_start = UE_UNKNOWN_PRB;
    return true;
}

/* ---- SI, RAR, paging: no HARQ ---- */

static void receive_broadcast(ue_t *u, const ue_sch_t *s)
{
    const uint8_t *tb = s->tb_bytes ? u->air.pdsch(u->air.ctx, s) : NULL;
    if (!tb) {
        u->counters.dl_failed++;
        return;
    }
    u->counters.dl_ok++;
    if (s->rnti == RNTI_SI)
        ue_cell_on_sib1(u, tb, s->tb_bytes);
    else if (s->rnti == RNTI_P)
        ue_rrc_on_paging(u, tb, s->tb_bytes);
    else
        ue_ra_on_rar(u, tb, s->tb_bytes);
}

static void on_broadcast_dci(ue_t *u, uint16_t rnti, const dci_bits_t *bits)
{
    dci_1_0_common_t d;
    ue_sch_t s = {.rnti = rnti, .new_data = true};
    radio_tdra_t row;
    int r = rnti == RNTI_SI  ? dci_unpack_1_0_si(&u->cell.plan, bits, &d)
            : rnti == RNTI_P ? dci_unpack_1_0_p(&u->cell.plan, bits, &d)
                             : dci_unpack_1_0_ra(&u->cell.plan, bits, &d);
    if (r)
        return; /* another length */
    u->counters.dci++;
    if (rnti == RNTI_P && d.short_indicator != 1 && d.short_indicator != 3)
        return; /* a short message alone: system information does not change here */
    if (rnti == RNTI_SI) {
        tdra_t t;
        if (d.si_indicator || !tdra_pdsch_default_a(d.tdra, u->cell.mib.dmrs_type_a_pos, &t)) {
            u->counters.dci_bad++;
            return;
        }
        row = (radio_tdra_t){t.k, t.mapping, t.start, t.len};
    } else {
        if (d.tdra >= u->cell.radio.n_dl_tdra) {
            u->counters.dci_bad++;
            return;
        }
        row = u->cell.radio.dl_tdra[d.tdra];
    }
    /* dmrs needs no more of the cell than the MIB's position */
    radio_cell_t for_dmrs = {.dmrs_type_a_pos = u->cell.mib.dmrs_type_a_pos};
    s.rv = rnti == RNTI_SI ? d.rv : 0;
    if (row.k != 0 || d.mcs > 28 || !dl_prbs(u, d.riv, true, &s) ||
        !fill(u, &s, &row, radio_dmrs_common(&for_dmrs, &row), MCS_TABLE_QAM64, d.mcs, d.tb_scaling))
        return;
    receive_broadcast(u, &s);
}

/* ---- assignments for this UE ---- */

static void assign(ue_t *u, const fapi_pdcch_pdu_t *p, const coreset_t *coreset, ue_assignment_t *a,
                   const radio_tdra_t *row)
{
    if (row->k != 0) { /* our cell has no k0 but 0 */
        u->counters.dci_bad++;
        return;
    }
    a->retx_mcs = !a->sch.rate_x10;
    a->first_cce = p->cce_index;
    a->n_cce = coreset_n_cce(coreset);
    ue_dl_assignment(u, a);
}

/* k1 as the formats have it: 1..8 before, and from dl-DataToUL-ACK with a dedicated configuration; format 1_0
 * always 1..8. TS 38.213 9.2.3 */
static void on_1_0(ue_t *u, const fapi_pdcch_pdu_t *p, const dci_bits_t *bits, uint16_t rnti)
{
    dci_1_0_t d;
    if (dci_unpack_1_0(&u->cell.plan, DCI_CSS, bits, &d))
        return;
    u->counters.dci++;
    if (d.tdra >= u->cell.radio.n_dl_tdra || d.harq_id >= UE_N_HARQ || d.k1 > 7) {
        u->counters.dci_bad++;
        return;
    }
    const radio_tdra_t *row = &u->cell.radio.dl_tdra[d.tdra];
    ue_assignment_t a = {.sch = {.rnti = rnti, .harq_id = d.harq_id, .rv = d.rv},
                         .ndi = d.ndi,
                         .dai = d.dai,
                         .pri = d.pucch_resource,
                         .ack_slot = u->t + d.k1 + 1u,
                         .common_pucch = rnti != u->mac.c_rnti || !u->mac.configured};
    if (!dl_prbs(u, d.riv, true, &a.sch) ||
        !fill(u, &a.sch, row, radio_dmrs_common(&u->cell.radio, row), MCS_TABLE_QAM64, d.mcs, 0))
        return;
    assign(u, p, &u->cell.coreset0, &a, row);
}

static void on_1_1(ue_t *u, const fapi_pdcch_pdu_t *p, const dci_bits_t *bits, const coreset_t *coreset)
{
    const radio_ue_t *cfg = &u->mac.cfg;
    dci_1_1_t d;
    if (dci_unpack_1_1(&u->mac.plan, bits, &d))
        return;
    u->counters.dci++;
    if (d.tdra >= u->cell.radio.n_dl_tdra || d.harq_id >= UE_N_HARQ || d.harq_id >= cfg->n_harq_dl ||
        d.k1 >= cfg->n_k1 || d.ports != RADIO_PORTS_FIELD) {
        u->counters.dci_bad++;
        return;
    }
    const radio_tdra_t *row = &u->cell.radio.dl_tdra[d.tdra];
    ue_assignment_t a = {.sch = {.rnti = u->mac.c_rnti, .harq_id = d.harq_id, .rv = d.rv},
                         .ndi = d.ndi,
                         .dai = d.dai,
                         .pri = d.pucch_resource,
                         .ack_slot = u->t + cfg->k1[d.k1]};
    if (!dl_prbs(u, d.fdra, false, &a.sch) ||
        !fill(u, &a.sch, row, radio_dmrs(&u->cell.radio, row, cfg->dmrs_add_pos, RADIO_PORTS_CDM_GROUPS),
              cfg->mcs_table_dl + 1, d.mcs, 0))
        return;
    assign(u, p, coreset, &a, row);
}

/* ---- uplink grants ---- */

static bool ul_prbs(ue_t *u, uint32_t riv, ue_sch_t *s)
{
    if (riv_decode(u->cell.radio.n_prb, riv, &s->prb_start, &s->n_prb))
        return true;
    u->counters.dci_bad++;
    return false;
}

static void on_0_0(ue_t *u, const dci_bits_t *bits, uint16_t rnti)
{
    dci_0_0_t d;
    if (dci_unpack_0_0(&u->cell.plan, DCI_CSS, bits, &d))
        return;
    u->counters.dci++;
    if (d.tdra >= u->cell.radio.n_ul_tdra || d.harq_id >= UE_N_HARQ) {
        u->counters.dci_bad++;
        return;
    }
    const radio_tdra_t *row = &u->cell.radio.ul_tdra[d.tdra];
    bool msg3 = rnti != u->mac.c_rnti;
    ue_ul_grant_t g = {.slot = u->t + row->k,
                       .sch = {.rnti = rnti, .harq_id = msg3 ? 0 : d.harq_id, .rv = d.rv},
                       .ndi = d.ndi,
                       .msg3 = msg3,
                       .ul_dai = 0xff};
    if (ul_prbs(u, d.riv, &g.sch) &&
        fill(u, &g.sch, row, radio_dmrs_common(&u->cell.radio, row), MCS_TABLE_QAM64, d.mcs, 0))
        ue_ul_grant(u, &g);
}

static void on_0_1(ue_t *u, const dci_bits_t *bits)
{
    const radio_ue_t *cfg = &u->mac.cfg;
    dci_0_1_t d;
    if (dci_unpack_0_1(&u->mac.plan, bits, &d))
        return;
    u->counters.dci++;
    if (d.tdra >= u->cell.radio.n_ul_tdra || d.harq_id >= UE_N_HARQ || d.ports != RADIO_PORTS_FIELD ||
        !d.ulsch) {
        u->counters.dci_bad++;
        return;
    }
    const radio_tdra_t *row = &u->cell.radio.ul_tdra[d.tdra];
    ue_ul_grant_t g = {.slot = u->t + row->k,
                       .sch = {.rnti = u->mac.c_rnti, .harq_id = d.harq_id, .rv = d.rv},
                       .ndi = d.ndi,
                       .ul_dai = d.dai};
    if (ul_prbs(u, d.fdra, &g.sch) &&
        fill(u, &g.sch, row, radio_dmrs(&u->cell.radio, row, cfg->dmrs_add_pos, RADIO_PORTS_CDM_GROUPS),
             cfg->mcs_table_ul + 1, d.mcs, 0))
        ue_ul_grant(u, &g);
}

/* ---- the search ---- */

static void scan_common(ue_t *u, const fapi_pdcch_pdu_t *p, const dci_bits_t *bits, uint32_t slot_in_frame)
{
    const ue_ra_t *ra = &u->mac.ra;
    search_space_t css = radio_search_space(&u->cell.radio.css);
    bool c_rnti = u->mac.c_rnti && p->rnti == u->mac.c_rnti;
    bool tc_rnti = (ra->state == UE_RA_CONTENTION || ra->state == UE_RA_MSG3) && p->rnti == ra->tc_rnti;
    bool response = ra->state == UE_RA_WINDOW && p->rnti == ra->ra_rnti;

    if (!c_rnti && !tc_rnti && !response && p->rnti != RNTI_P)
        return;
    if (bits->n_bits != u->cell.plan.size_css ||
        !is_candidate(&u->cell.coreset0, &css, p->rnti, slot_in_frame, p))
        return;
    if (response || p->rnti == RNTI_P) {
        on_broadcast_dci(u, p->rnti, bits);
    } else if (bits->bytes[0] & 0x80) { /* identifier for DCI formats: 1 is downlink. TS 38.212 7.3.1 */
        on_1_0(u, p, bits, p->rnti);
    } else {
        on_0_0(u, bits, p->rnti);
    }
}

static void scan_dedicated(ue_t *u, const fapi_pdcch_pdu_t *p, const dci_bits_t *bits, uint32_t slot_in_frame)
{
    coreset_t coreset = radio_coreset(&u->mac.cfg.coreset);
    search_space_t uss = radio_search_space(&u->mac.cfg.uss);
    if (!is_candidate(&coreset, &uss, p->rnti, slot_in_frame, p))
        return;
    if (bits->bytes[0] & 0x80) {
        if (bits->n_bits == u->mac.plan.size_1_1)
            on_1_1(u, p, bits, &coreset);
    } else if (bits->n_bits == u->mac.plan.size_0_1) {
        on_0_1(u, bits);
    }
}

void ue_dci_scan(ue_t *u, const ue_rx_t *rx)
{
    ue_cell_t *c = &u->cell;
    uint16_t sfn = slot_sfn(u->t, c->mib.mu), slot = slot_in_frame(u->t, c->mib.mu);
    uint8_t first_symbol;
    /* Candidates of search space 0: TS 38.213 table 10.1-1. */
    static const search_space_t type0 = {.n_candidates = {0, 0, 4, 2, 1}};
    bool sib1 = !c->have_sib1 && search_space0_monitored(c->mib.search_space0_index, c->mib.mu, 0,
                                                         c->coreset0.n_symbols, sfn, slot, &first_symbol) > 0;

    for (uint32_t i = 0; i < rx->n_pdcch; i++) {
        const fapi_pdcch_pdu_t *p = rx->pdcch[i];
        dci_bits_t bits;
        if (!take_bits(p, &bits))
            continue;
        if (p->rnti == RNTI_SI) {
            if (sib1 && bits.n_bits == c->plan.size_css &&
                is_candidate(&c->coreset0, &type0, RNTI_SI, slot, p))
                on_broadcast_dci(u, RNTI_SI, &bits);
        } else if (c->have_sib1) {
            scan_common(u, p, &bits, slot);
            if (u->mac.configured && u->mac.c_rnti && p->rnti == u->mac.c_rnti &&
                bits.n_bits != c->plan.size_css)
                scan_dedicated(u, p, &bits, slot);
        }
    }
}
