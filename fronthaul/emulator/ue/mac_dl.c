/* SPDX-License-Identifier: Apache-2.0 */
/* Downlink HARQ (TS 38.321 5.3.2) and what the blocks carry (5.3.3, 6.1.2): SDUs to RLC or RRC, control
 * elements to the procedures that they belong to. */
#include "fronthaul/emulator/ue/ue_int.h"

void ue_dl_harq_reset(ue_t *u)
{
    memset(u->mac.dl, 0, sizeof u->mac.dl);
}

static void on_control_element(ue_t *u, const mac_subpdu_t *s)
{
    uint8_t tag, ta;
    switch (s->lcid) {
    case MAC_LCID_DL_CONTENTION:
        if (s->n == 6)
            ue_ra_on_contention_id(u, s->p);
        return;
    case MAC_LCID_DL_TA:
        if (mac_parse_ta(s->p, s->n, &tag, &ta) || tag != 0)
            return;
        /* steps of 16 x 64 Tc / 2^mu around 31. TS 38.213 4.2 */
        u->mac.n_ta = (uint16_t)(u->mac.n_ta + ta - 31 < 0 ? 0 : u->mac.n_ta + ta - 31);
        u->mac.ta_expires = UE_NEVER;
        return;
    default: /* DRX commands: this UE never sleeps; padding */
        return;
    }
}

static void on_sdu(ue_t *u, const mac_subpdu_t *s)
{
    if (s->lcid == MAC_LCID_CCCH) {
        ue_rrc_on_ccch(u, s->p, s->n);
        return;
    }
    ue_lc_t *lc = ue_mac_lc(u, s->lcid);
    if (lc)
        rlc_on_pdu(lc->rlc, s->p, s->n, u->now_ns);
    else
        u->counters.dl_lcid_unknown++;
}

/* The contention resolution identity may stand behind or before the CCCH SDU that it makes ours: it is looked
 * for first. false: this block is another UE's. */
static bool resolve_contention(ue_t *u, const uint8_t *tb, uint32_t n)
{
    if (u->mac.ra.state != UE_RA_CONTENTION || !u->mac.ra.for_ccch)
        return true;
    mac_iter_t it = mac_iter(MAC_DL, tb, n);
    for (mac_subpdu_t s; mac_next(&it, &s) == 1;)
        if (!s.is_sdu && s.lcid == MAC_LCID_DL_CONTENTION && s.n == 6)
            ue_ra_on_contention_id(u, s.p);
    return u->mac.ra.state == UE_RA_IDLE && u->mac.c_rnti;
}

static void demultiplex(ue_t *u, const uint8_t *tb, uint32_t n)
{
    mac_iter_t it = mac_iter(MAC_DL, tb, n);
    mac_subpdu_t s;
    int r;
    while ((r = mac_next(&it, &s)) == 1) {
        if (s.is_sdu)
            on_sdu(u, &s);
        else if (s.lcid != MAC_LCID_DL_CONTENTION)
            on_control_element(u, &s);
    }
    if (r < 0)
        u->counters.dl_pdu_bad++;
}

void ue_dl_assignment(ue_t *u, const ue_assignment_t *a)
{
    ue_dl_harq_t *h = &u->mac.dl[a->sch.harq_id];
    bool is_new = !h->used || h->ndi != a->ndi;
    uint16_t rnti = a->sch.rnti;

    if (rnti == u->mac.c_rnti)
        ue_ra_on_c_rnti_grant(u);
    if (is_new) {
        if (a->retx_mcs || !a->sch.tb_bytes) { /* a rate was never given: nothing can be decoded */
            u->counters.dci_bad++;
            return;
        }
        *h = (ue_dl_harq_t){.used = true, .ndi = a->ndi, .sch = a->sch};
    }
    ue_sch_t s = a->sch;
    s.new_data = is_new;
    if (a->retx_mcs) {
        s.rate_x10 = h->sch.rate_x10;
        s.tb_bytes = h->sch.tb_bytes;
    }
    if (!is_new && s.tb_bytes != h->sch.tb_bytes) { /* TS 38.214 5.1.3.2: the size does not change */
        u->counters.dci_bad++;
        return;
    }
    if (h->ok) { /* our acknowledgement was lost */
        u->counters.dl_again++;
        ue_ack_add(u, a, true);
        return;
    }
    const uint8_t *tb = u->air.pdsch(u->air.ctx, &s);
    if (!tb) {
        u->counters.dl_failed++;
        ue_ack_add(u, a, false);
        return;
    }
    u->counters.dl_ok++;
    h->ok = true;
    if (!resolve_contention(u, tb, s.tb_bytes)) {
        /* not for us: no feedback, and the block says nothing. TS 38.321 5.1.5 */
        ue_dl_harq_reset(u);
        return;
    }
    /* the feedback first: RRC may change the PUCCH configuration with what the block carries */
    ue_ack_add(u, a, true);
    demultiplex(u, tb, s.tb_bytes);
}
