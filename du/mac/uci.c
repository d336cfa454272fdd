/* SPDX-License-Identifier: Apache-2.0 */
/* Uplink control: where each HARQ-ACK, SR and CSI report is carried (TS 38.213 9.2), and what came of it.
 *
 * Dynamic codebook (type 2): the bits of a UE in one uplink slot stand in the order of their DAI. Up to two
 * bits without CSI go on the UE's own format 1 place; more go on a format 2 place of a shared pool, which the
 * resource indicator selects; a PUSCH of the UE in that slot takes all of it. [slot] */
#include "du/mac/internal.h"

#define MIN_K1_COMMON 3 /* N1 with margin for a UE whose processing is not known yet; TS 38.214 5.3 */

bool uci_has_sr(const ue_t *u, uint64_t slot)
{
    return u->cfg.sr_period_slots && slot % u->cfg.sr_period_slots == u->cfg.sr_offset_slots;
}

bool uci_has_csi(const ue_t *u, uint64_t slot)
{
    return u->cfg.csi_period_slots && slot % u->cfg.csi_period_slots == u->cfg.csi_offset_slots;
}

static uint32_t f2_place(const mac_t *m, const radio_pucch_res_t *r)
{
    return (uint32_t)(r->prb_start - m->f2_prb) * 7 + r->start_symbol / 2;
}

static feedback_t *fb_of(ul_plan_t *p, uint16_t ue)
{
    return p->fb_of[ue] ? &p->fb[p->fb_of[ue] - 1] : NULL;
}

/* Can one more bit of the UE go into this plan? */
static bool place_in(mac_t *m, ue_t *u, ul_plan_t *p, uci_place_t *ret)
{
    feedback_t *f = fb_of(p, u->index);
    uint32_t bits = f ? f->n_bits : 0;
    /* Once its PUSCH grant is out, the count of bits in it (DAI) is fixed: TS 38.213 9.1.3.2 */
    if (p->pusch_of[u->index] || bits >= MAX_FB_BITS || (!f && p->n_fb >= MAX_FB) || (f && f->common))
        return false;
    ret->plan = p;
    ret->dai = (uint8_t)(bits & 3);
    ret->pri = f ? f->pri : 0;
    if ((bits < 2 && !uci_has_csi(u, p->slot)) || (f && f->f2_held))
        return true;
    for (uint8_t i = 0; i < u->cfg.n_set1; i++)
        if (!(p->f2_used >> f2_place(m, &u->cfg.res[u->cfg.n_set0 + i]) & 1)) {
            ret->pri = i;
            return true;
        }
    return false;
}

bool uci_place(mac_t *m, ue_t *u, uint8_t k1_only, uci_place_t *ret)
{
    for (uint8_t i = 0; i < u->cfg.n_k1; i++) {
        uint8_t k1 = u->cfg.k1[i];
        if (k1_only != VTN_K1_ANY && k1 != k1_only)
            continue;
        ul_plan_t *p = plan_get(m, m->slot + k1);
        if (!p || !place_in(m, u, p, ret))
            continue;
        ret->k1 = k1;
        ret->k1_field = i;
        return true;
    }
    return false;
}

uint16_t uci_k1_mask(mac_t *m, ue_t *u)
{
    uint16_t mask = 0;
    uci_place_t ignored;
    for (uint8_t i = 0; i < u->cfg.n_k1; i++)
        if (u->cfg.k1[i] < 16) {
            ul_plan_t *p = plan_get(m, m->slot + u->cfg.k1[i]);
            if (p && place_in(m, u, p, &ignored))
                mask |= (uint16_t)(1u << u->cfg.k1[i]);
        }
    return mask;
}

bool uci_place_common(mac_t *m, ue_t *u, uint16_t first_cce, uci_place_t *ret)
{
    for (uint8_t k1 = MIN_K1_COMMON; k1 <= 8; k1++) {
        ul_plan_t *p = plan_get(m, m->slot + k1);
        if (!p || p->n_fb >= MAX_FB || fb_of(p, u->index) || p->pusch_of[u->index])
            continue;
        for (uint8_t pri = 0; pri < 8; pri++) {
            pucch_common_t c;
            uint8_t r = pucch_common_r(first_cce, coreset_n_cce(&m->coreset0), pri);
            /* only those at the very edges: the rest of the band is PUSCH's */
            if (r > 15 || (p->common_used >> r & 1) ||
                !pucch_common_get(m->cell.pucch_common_index, r, m->cell.n_prb, &c) || c.prb_first_hop != 0 ||
                c.prb_second_hop != m->cell.n_prb - 1)
                continue;
            *ret = (uci_place_t){.plan = p, .k1 = k1, .pri = pri, .dai = 0, .common_r = r};
            return true;
        }
    }
    return false;
}

void uci_take(mac_t *m, ue_t *u, const uci_place_t *at, uint8_t harq_id)
{
    ul_plan_t *p = at->plan;
    feedback_t *f = fb_of(p, u->index);
    if (!f) {
        f = &p->fb[p->n_fb++];
        *f = (feedback_t){.ue = u->index, .generation = u->generation};
        p->fb_of[u->index] = p->n_fb;
    }
    f->harq_id[f->n_bits++] = harq_id;
    f->pri = at->pri;
    if (u->state != UE_CONNECTED) {
        f->common = 1;
        f->common_r = at->common_r;
        p->common_used |= (uint16_t)(1u << at->common_r);
    } else if (!f->f2_held && (f->n_bits > 2 || uci_has_csi(u, p->slot))) {
        f->f2_held = 1;
        p->f2_used |= UINT64_C(1) << f2_place(m, &u->cfg.res[u->cfg.n_set0 + at->pri]);
    }
}

void uci_on_pusch(const ue_t *u, ul_plan_t *p, uint16_t *ret_harq, uint16_t *ret_csi)
{
    feedback_t *f = fb_of(p, u->index);
    *ret_harq = f ? f->n_bits : 0;
    *ret_csi = u->state == UE_CONNECTED && uci_has_csi(u, p->slot) ? 4 : 0;
}

/* ---- the PUCCH PDUs of a slot ---- */

static fapi_pucch_pdu_t *pucch_add(mac_t *m, ul_plan_t *p, const ue_t *u, uint8_t fb, uint8_t n_harq,
                                   uint8_t n_csi, uint8_t sr)
{
    if (m->out->n_pucch >= FAPI_MAX_PUCCH) {
        m->c.slab_full++;
        return NULL;
    }
    uint8_t h = p->n_handles++;
    fapi_pucch_pdu_t *d = &m->out->pucch[m->out->n_pucch++];
    p->handle[h].ue = u->index;
    p->handle[h].generation = u->generation;
    p->handle[h].fb = fb;
    p->handle[h].n_harq = n_harq;
    p->handle[h].n_csi = n_csi;
    p->handle[h].sr = sr;
    p->handle[h].answered = 0;
    *d = (fapi_pucch_pdu_t){.rnti = u->rnti,
                            .bwp_size = m->cell.n_prb,
                            .scs = m->cell.mu,
                            .handle = h,
                            .hopping_id = m->cell.pucch_hopping_id,
                            .n_id_scrambling = m->cell.pci,
                            .dmrs_scrambling_id = m->cell.pci,
                            .sr_flag = sr,
                            .harq_bits = n_harq,
                            .csi1_bits = n_csi};
    return d;
}

static void pucch_dedicated(mac_t *m, ul_plan_t *p, const ue_t *u, const radio_pucch_res_t *r, uint8_t fb,
                            uint8_t n_harq, uint8_t n_csi, uint8_t sr)
{
    fapi_pucch_pdu_t *d = pucch_add(m, p, u, fb, n_harq, n_csi, sr);
    if (!d)
        return;
    d->format = r->format;
    d->prb_start = r->prb_start;
    d->prb_size = r->n_prb ? r->n_prb : 1;
    d->start_symbol = r->start_symbol;
    d->n_symbols = r->n_symbols;
    d->initial_cyclic_shift = r->initial_cyclic_shift;
    d->time_domain_occ = r->time_domain_occ;
}

static void pucch_common(mac_t *m, ul_plan_t *p, const ue_t *u, const feedback_t *f, uint8_t fb)
{
    pucch_common_t c;
    if (!pucch_common_get(m->cell.pucch_common_index, f->common_r, m->cell.n_prb, &c))
        return;
    fapi_pucch_pdu_t *d = pucch_add(m, p, u, fb, f->n_bits, 0, 0);
    if (!d)
        return;
    d->format = c.format;
    d->prb_start = c.prb_first_hop;
    d->prb_size = 1;
    d->second_hop_prb = c.prb_second_hop;
    d->freq_hop = 1;
    d->start_symbol = c.start_symbol;
    d->n_symbols = c.n_symbols;
    d->initial_cyclic_shift = c.cyclic_shift;
}

void uci_build(mac_t *m, ul_plan_t *p)
{
    for (uint32_t w = 0; w < sizeof m->used / sizeof *m->used; w++)
        for (uint64_t b = m->used[w]; b; b &= b - 1) {
            ue_t *u = &m->ue[64 * w + (uint32_t)__builtin_ctzll(b)];
            feedback_t *f = fb_of(p, u->index);
            uint8_t fb = p->fb_of[u->index];
            if (p->pusch_of[u->index] && u->state == UE_CONNECTED)
                continue; /* all on the PUSCH; TS 38.213 9.3 */
            if (f && f->generation != u->generation)
                f = NULL;
            if (f && f->common) {
                pucch_common(m, p, u, f, fb);
                continue;
            }
            if (u->state != UE_CONNECTED || u->lost)
                continue;
            bool sr = uci_has_sr(u, p->slot), csi = uci_has_csi(u, p->slot);
            if (f && !f->f2_held) {
                /* A positive SR moves the bits to the SR's place: 9.2.5.1. So both are listened to. */
                pucch_dedicated(m, p, u, &u->cfg.res[f->pri], fb, f->n_bits, 0, 0);
                if (sr)
                    pucch_dedicated(m, p, u, &u->cfg.res[u->cfg.sr_res], fb, f->n_bits, 0, 1);
            } else if (f) {
                pucch_dedicated(m, p, u, &u->cfg.res[u->cfg.n_set0 + f->pri], fb, f->n_bits, csi ? 4 : 0, sr);
            } else if (csi) {
                pucch_dedicated(m, p, u, &u->cfg.res[u->cfg.csi_res], 0, 0, 4, sr);
            } else if (sr) {
                pucch_dedicated(m, p, u, &u->cfg.res[u->cfg.sr_res], 0, 0, 0, 1);
            }
        }
}

/* ---- what came back ---- */

void uci_csi(mac_t *m, ue_t *u, const uint8_t *bits, uint32_t n)
{
    uint8_t cqi = 0;
    if (n != 4)
        return;
    for (uint32_t i = 0; i < 4; i++)
        cqi = (uint8_t)(cqi << 1 | bit_at(bits, i));
    m->c.cqi++;
    u->cqi = cqi;
    u->stats.cqi = cqi;
    link_dl_update(m, u);
}

void uci_bits(mac_t *m, ul_plan_t *p, uint16_t ue, const uint8_t *harq, uint32_t n_bits, bool valid, bool dtx)
{
    feedback_t *f = fb_of(p, ue);
    if (!f || f->answered)
        return;
    f->answered = 1;
    for (uint32_t i = 0; i < f->n_bits; i++) {
        bool ack = valid && !dtx && i < n_bits && bit_at(harq, i);
        dl_feedback(m, f->ue, f->generation, f->harq_id[i], ack, dtx || !valid);
    }
}

void uci_indication(mac_t *m, ul_plan_t *p, const fapi_uci_ind_t *i)
{
    if (i->handle >= p->n_handles) {
        m->c.ind_bad_handle++;
        return;
    }
    ue_t *u = &m->ue[p->handle[i->handle].ue];
    if (u->state == UE_FREE || u->generation != p->handle[i->handle].generation || u->rnti != i->rnti) {
        m->c.ind_unknown_rnti++;
        return;
    }
    if (p->handle[i->handle].answered) {
        m->c.ind_bad_handle++;
        return;
    }
    p->handle[i->handle].answered = 1;
    if (i->dtx)
        return;
    if (i->n_harq > MAX_FB_BITS || i->n_csi1 > 11) {
        m->c.ind_bad_length++;
        return;
    }
    link_ta(m, u, i->timing_advance);
    if (p->handle[i->handle].sr && i->sr) {
        m->c.sr++;
        u->sr_pending = 1;
        ul_refresh(m, u);
    }
    if (p->handle[i->handle].n_harq) {
        if (i->harq_crc)
            uci_bits(m, p, u->index, i->harq, 0, false, true);
        else if (i->n_harq == p->handle[i->handle].n_harq)
            uci_bits(m, p, u->index, i->harq, i->n_harq, true, false);
        else
            m->c.ind_bad_length++;
    }
    if (p->handle[i->handle].n_csi && i->n_csi1 && !i->csi1_crc) {
        if (i->n_csi1 == p->handle[i->handle].n_csi)
            uci_csi(m, u, i->csi1, i->n_csi1);
        else
            m->c.ind_bad_length++;
    }
}

void uci_close(mac_t *m, ul_plan_t *p)
{
    for (uint32_t i = 0; i < p->n_fb; i++)
        if (!p->fb[i].answered)
            uci_bits(m, p, p->fb[i].ue, NULL, 0, false, true);
}
