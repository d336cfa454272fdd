/* SPDX-License-Identifier: Apache-2.0 */
/* What the cell sends to everybody: SSB with MIB, CSI-RS, SIB1 (TS 38.213 13), paging (TS 38.304 7.1); and
 * the PRACH occasions that it listens to. [slot] */
#include "du/mac/internal.h"

static void ssb(mac_t *m, uint16_t sfn)
{
    uint32_t period = (uint32_t)m->cell.ssb_period_ms * slots_per_frame(m->cell.mu) / 10;
    uint32_t at = (uint32_t)(m->slot % period);
    for (uint8_t i = 0; i < 8 && m->out->n_ssb < FAPI_MAX_SSB; i++) {
        if (!(m->cell.ssb_mask_byte >> (7 - i) & 1) || ssb_first_symbol('C', i) / 14u != at)
            continue;
        /* systemFrameNumber: the 6 MSBs, behind the choice bit of BCCH-BCH-Message; TS 38.331 6.2.1 */
        m->out->ssb[m->out->n_ssb++] = (fapi_ssb_pdu_t){.phys_cell_id = m->cell.pci,
                                                        .ssb_block_index = i,
                                                        .k_ssb = m->cell.k_ssb,
                                                        .ssb_offset_point_a = m->cell.offset_to_point_a,
                                                        .bch_payload = m->mib | (uint32_t)(sfn >> 4) << 17,
                                                        .sfn = sfn};
    }
}

static void csi_rs(mac_t *m)
{
    const radio_cell_t *c = &m->cell;
    if (!c->csi_rs_period_slots || m->slot % c->csi_rs_period_slots != c->csi_rs_offset_slots)
        return;
    m->out->csi_rs[m->out->n_csi_rs++] = (fapi_csi_rs_pdu_t){.bwp_size = c->n_prb,
                                                             .n_rbs = c->csi_rs_n_prb,
                                                             .scs = c->mu,
                                                             .csi_type = 1,
                                                             .row = 2, /* one port, density 1 */
                                                             .freq_domain = 1,
                                                             .symb_l0 = c->csi_rs_symbol,
                                                             .freq_density = 2,
                                                             .scramb_id = c->pci};
}

/* SIB1 in the second of the two slots that search space 0 has UEs monitor: the first one holds the SSB. */
static void sib1(mac_t *m, uint16_t sfn)
{
    uint16_t n0;
    bool odd;
    common_alloc_t a;
    dci_bits_t bits;
    if (!m->sib1_bytes || !search_space0_slot(m->cell.search_space0_index, m->cell.mu, 0, &n0, &odd))
        return;
    uint32_t first = (uint32_t)odd * slots_per_frame(m->cell.mu) + n0 + 1;
    uint32_t period = m->cell.sib1_period_slots ? m->cell.sib1_period_slots : 40;
    if (m->slot % period != first % period || (sfn & 1) != odd)
        return;
    if (!grid_common_alloc(m, true, m->sib1_bytes, &a))
        return;
    uint8_t tb[4096];
    assert(a.tbs <= sizeof tb);
    memcpy(tb, m->sib1,
           m->sib1_bytes); /* no MAC header on BCCH; padding is zeros. TS 38.321 6.1.1, 38.331 8.5 */
    memset(tb + m->sib1_bytes, 0, a.tbs - m->sib1_bytes);
    dci_1_0_common_t d = {.riv = a.riv, .tdra = m->grid.dl_row, .mcs = a.mcs};
    dci_pack_1_0_si(&m->dci_common, &d, &bits);
    if (!grid_has_room(m, false, a.tbs) ||
        !grid_dci(m, false, &m->coreset0, RNTI_SI, (uint16_t)a.cce, a.aggregation, &bits))
        return;
    fapi_pdsch_pdu_t *p =
        grid_pdsch(m, RNTI_SI, &m->cell.dl_tdra[m->grid.dl_row], &m->dl_dmrs_common[m->grid.dl_row],
                   a.prb_start, a.n_prb, MCS_TABLE_QAM64, a.mcs, 0, tb, a.tbs);
    assert(p);
    p->ref_point = 1;
    grid_common_take(m, &a);
    tap(m, MAC_TAP_DL, RNTI_SI, MAC_RNTI_SI, 0, m->slot, 0, tb, a.tbs);
    m->c.sib1_sent++;
}

/* Does a paging frame of this UE begin here? The occasion is the frame's first PDCCH slot: N_s 1, and the
 * paging search space is not search space 0. TS 38.304 7.1 */
static bool page_due(const mac_t *m, const page_t *p, uint16_t sfn)
{
    uint32_t t = p->cycle_frames && p->cycle_frames < m->cell.paging_cycle_frames
                     ? p->cycle_frames
                     : m->cell.paging_cycle_frames;
    uint32_t n = t / (m->cell.paging_n ? m->cell.paging_n : 1);
    return n && sfn % t == t / n * (p->ue_id % n);
}

static bool page_send(mac_t *m, const page_t *p)
{
    common_alloc_t a;
    dci_bits_t bits;
    uint8_t tb[4096];
    if (!grid_common_alloc(m, false, p->pcch->len, &a) || a.tbs > sizeof tb ||
        !grid_has_room(m, false, a.tbs))
        return false;
    memcpy(tb, p->pcch->data, p->pcch->len);
    memset(tb + p->pcch->len, 0, a.tbs - p->pcch->len);
    dci_1_0_common_t d = {.riv = a.riv, .tdra = m->grid.dl_row, .mcs = a.mcs, .short_indicator = 1};
    dci_pack_1_0_p(&m->dci_common, &d, &bits);
    if (!grid_dci(m, false, &m->coreset0, RNTI_P, (uint16_t)a.cce, a.aggregation, &bits))
        return false;
    fapi_pdsch_pdu_t *pdu =
        grid_pdsch(m, RNTI_P, &m->cell.dl_tdra[m->grid.dl_row], &m->dl_dmrs_common[m->grid.dl_row],
                   a.prb_start, a.n_prb, MCS_TABLE_QAM64, a.mcs, 0, tb, a.tbs);
    assert(pdu);
    pdu->ref_point = 1;
    grid_common_take(m, &a);
    tap(m, MAC_TAP_DL, RNTI_P, MAC_RNTI_P, 0, m->slot, 0, tb, a.tbs);
    m->c.paging_sent++;
    return true;
}

static void paging(mac_t *m, uint16_t sfn)
{
    bool sent = false; /* one P-RNTI block an occasion: the others wait for the next cycle */
    if (slot_in_frame(m->slot, m->cell.mu) != 0)
        return;
    for (uint32_t i = 0; i < MAX_PAGES; i++) {
        page_t *p = &m->pages[i];
        if (!p->pcch || sent || !page_due(m, p, sfn))
            continue;
        sent = page_send(m, p);
        if (sent && --p->n_left == 0) {
            buf_free(p->pcch);
            p->pcch = NULL;
        }
    }
}

void common_slot(mac_t *m)
{
    uint16_t sfn = slot_sfn(m->slot, m->cell.mu);
    if (!m->grid.n_dl_symbols)
        return;
    ssb(m, sfn);
    csi_rs(m);
    if (m->active) {
        sib1(m, sfn);
        paging(m, sfn);
    }
}

void common_prach(mac_t *m)
{
    if (slot_in_frame(m->slot, m->cell.mu) != m->cell.prach_slot)
        return;
    m->out->prach[m->out->n_prach++] = (fapi_prach_pdu_t){.phys_cell_id = m->cell.pci,
                                                          .n_occasions = 1,
                                                          .format = m->cell.prach_format,
                                                          .start_symbol = m->cell.prach_start_symbol};
}

void pages_clear(mac_t *m)
{
    for (uint32_t i = 0; i < MAX_PAGES; i++) {
        buf_free(m->pages[i].pcch);
        m->pages[i].pcch = NULL;
    }
}

int mac_page(mac_t *m, uint16_t ue_id, uint16_t cycle_frames, uint8_t n_cycles, buf_t *pcch)
{
    for (uint32_t i = 0; i < MAX_PAGES; i++)
        if (!m->pages[i].pcch && pcch->len <= 2048 && n_cycles) {
            m->pages[i] =
                (page_t){.ue_id = ue_id, .cycle_frames = cycle_frames, .n_left = n_cycles, .pcch = pcch};
            return 0;
        }
    m->c.paging_dropped++;
    buf_free(pcch);
    return -ENOBUFS;
}

int mac_set_si(mac_t *m, uint32_t mib, const uint8_t *sib1_bytes, uint32_t n)
{
    if (n > sizeof m->sib1)
        return -EMSGSIZE;
    m->mib = mib & 0x81ffffu; /* the SFN's place is ours */
    memcpy(m->sib1, sib1_bytes, n);
    m->sib1_bytes = (uint16_t)n;
    return 0;
}

void mac_set_active(mac_t *m, bool active)
{
    m->active = active;
}
