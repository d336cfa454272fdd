/* SPDX-License-Identifier: Apache-2.0 */
/* SRB1 of a UE that re-establishes its connection: contention is resolved, but until the RRCReconfiguration
 * that follows the UE has nothing dedicated. TS 38.331 5.3.7, 9.2.1. So downlink goes by DCI 1_0 and uplink
 * by DCI 0_0 in the common search space of CORESET 0, feedback on the common PUCCH resources, one block at a
 * time each way; the UE asks by random access with its C-RNTI, and gets a grant unasked once a message to it
 * has been acknowledged. rach.c sends the downlink blocks, which are Msg4 with more in them.
 *
 * The dedicated configuration is in force when the block with the end of the first SRB1 message behind it has
 * been acknowledged: that message is the RRCReconfiguration. [slot] */
#include "du/mac/internal.h"

#define UL_PROCESS 1 /* 0 is Msg3's, which random access may use in between */
#define UL_MCS 4
#define UL_MIN_BYTES 48
#define UL_MAX_BYTES 200
#define UL_MAX_PRBS 24

static const uint8_t rv_order[4] = {0, 2, 3, 1};

static mac_bearer_t *srb1_of(const ue_t *u)
{
    for (uint32_t i = 0; i < u->n_bearers; i++)
        if (u->bearer[i]->lc.lcid == 1)
            return u->bearer[i];
    return NULL;
}

uint32_t access_queued(const mac_t *m, const ue_t *u)
{
    rlc_buffer_status_t s;
    const mac_bearer_t *b = srb1_of(u);
    if (!b || u->srb0_sent)
        return 0;
    rlc_buffer_status(b->rlc, m->now_ns, &s);
    return s.total_bytes ? s.total_bytes + 3 * (s.n_sdus + 1) : 0;
}

uint32_t access_fill(mac_t *m, ue_t *u, mac_build_t *out)
{
    mac_bearer_t *b = srb1_of(u);
    return b ? dl_fill_from(m, u, b, out) : 0;
}

static void ul_transmit(mac_t *m, ue_t *u, bool first)
{
    harq_t *h = &u->ul[UL_PROCESS];
    uint16_t n_prb = h->n_prb, start, re = m->ul_dmrs_common[m->row_ul].re_per_prb;
    uint32_t tbs = h->tbs_bytes, bytes = UL_MIN_BYTES;
    uint8_t row, level;
    ul_plan_t *p;
    dci_bits_t bits;
    if (first) {
        for (uint32_t g = 0; g < 8; g++)
            bytes += u->lcg_bytes[g] < UL_MAX_BYTES ? u->lcg_bytes[g] : UL_MAX_BYTES;
        n_prb = prbs_for(bytes < UL_MAX_BYTES ? bytes : UL_MAX_BYTES, MCS_TABLE_QAM64, UL_MCS, re,
                         UL_MAX_PRBS, &tbs);
    }
    int cce = grid_css_cce(m, false, 2, &level);
    if (!n_prb || cce < 0 || !grid_has_room(m, true, 0) || !rach_ul_place(m, 0, 2, n_prb, &row, &p, &start))
        return;
    /* no HARQ-ACK on this PUSCH: DCI 0_0 for a UE without betas. Another row might hold another block. */
    if (p->pusch_of[u->index] || p->fb_of[u->index] ||
        m->ul_dmrs_common[row].re_per_prb != (first ? re : h->re_per_prb))
        return;
    if (first) {
        *h = (harq_t){.tbs_bytes = tbs,
                      .n_prb = n_prb,
                      .re_per_prb = re,
                      .ndi = h->ndi ^ 1,
                      .mcs = UL_MCS,
                      .mcs_table = MCS_TABLE_QAM64,
                      .layers = 1,
                      .tda_row = row,
                      .core = 1};
        u->ul_busy |= 1u << UL_PROCESS;
        u->sr_pending = 0;
        m->c.ul_new++;
    } else {
        m->c.ul_retx++;
    }
    uint8_t rv = rv_order[h->n_tx++ & 3];
    dci_0_0_t d = {.riv = riv_encode(m->cell.n_prb, start, n_prb),
                   .tdra = row,
                   .mcs = UL_MCS,
                   .ndi = h->ndi,
                   .rv = rv,
                   .harq_id = UL_PROCESS,
                   .tpc = 1};
    dci_pack_0_0(&m->dci_common, DCI_CSS, &d, &bits);
    bool sent = grid_dci(m, true, &m->coreset0, u->rnti, (uint16_t)cce, (uint8_t)(1u << level), &bits);
    assert(sent);
    (void)sent;
    pusch_plan_t *s = &p->pusch[p->n_pusch];
    *s = (pusch_plan_t){.ue = u->index, .generation = u->generation, .harq_id = UL_PROCESS};
    grid_fill_pusch(m, &s->pdu, u->rnti, &m->cell.ul_tdra[row], &m->ul_dmrs_common[row], start, n_prb,
                    MCS_TABLE_QAM64, UL_MCS, rv, h->tbs_bytes);
    s->pdu.harq_id = UL_PROCESS;
    s->pdu.new_data = first;
    s->pdu.beta_harq = u->cfg.beta_harq; /* should it be connected by then */
    s->pdu.beta_csi1 = u->cfg.beta_csi;
    s->pdu.handle = p->n_pusch++;
    p->pusch_of[u->index] = p->n_pusch;
    prb_clear_range(p->free_prbs, start, n_prb);
    h->state = HARQ_WAIT;
    h->pdcch_slot = m->slot;
    h->due_slot = p->slot;
}

void access_ul_slot(mac_t *m, ue_t *u)
{
    const harq_t *h = &u->ul[UL_PROCESS];
    bool wants = u->sr_pending;
    for (uint32_t g = 0; g < 8; g++)
        wants |= u->lcg_bytes[g] > 0;
    if (h->state == HARQ_RETX)
        ul_transmit(m, u, false);
    else if (h->state == HARQ_FREE && wants)
        ul_transmit(m, u, true);
}

void access_ul_result(mac_t *m, ue_t *u, harq_t *h, uint8_t harq_id, bool ok, const uint8_t *pdu, uint32_t n,
                      uint64_t slot)
{
    if (!ok && h->n_tx < m->cfg.max_harq_tx && u->state == UE_MSG4) {
        h->state = HARQ_RETX;
        return;
    }
    h->state = HARQ_FREE;
    u->ul_busy &= (uint16_t) ~(1u << harq_id);
    if (ok) {
        u->last_ul_prbs = h->n_prb;
        ul_demux(m, u, pdu, n, slot);
    } else {
        m->c.ul_given_up++;
        u->sr_pending = u->state == UE_CONNECTED; /* else it asks by random access */
    }
    if (u->state == UE_CONNECTED) {
        ul_columns_harq(m, u);
        ul_refresh(m, u);
    }
}
