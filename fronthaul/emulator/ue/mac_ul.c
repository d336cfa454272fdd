/* SPDX-License-Identifier: Apache-2.0 */
/* Uplink: grants, HARQ (TS 38.321 5.4.2), multiplexing with logical channel prioritisation (5.4.3.1). A block
 * is built in the slot in which it is sent. */
#include <math.h>
#include <stdlib.h>

#include "fronthaul/emulator/ue/ue_int.h"

#define TB_MIN 64

void ue_ul_reset(ue_t *u)
{
    for (int i = 0; i < UE_UL_RING; i++)
        u->mac.grant[i].slot = UE_NEVER;
    for (int i = 0; i < UE_N_HARQ; i++)
        u->mac.ul[i].used = false;
}

void ue_ul_grant(ue_t *u, const ue_ul_grant_t *g)
{
    ue_ul_harq_t *h = &u->mac.ul[g->sch.harq_id];
    ue_ul_grant_t *to = &u->mac.grant[g->slot % UE_UL_RING];
    ue_ul_grant_t n = *g;

    if (g->slot < u->t || g->slot - u->t >= UE_UL_RING || to->slot == g->slot) {
        u->counters.ul_late++;
        return;
    }
    if (!g->msg3)
        ue_ra_on_c_rnti_grant(u);
    /* Msg3's retransmissions come by format 0_0 for the TC-RNTI: always the same block. 5.4.2.1 */
    n.is_new = g->is_new || (!g->msg3 && (!h->used || h->ndi != g->ndi));
    if (n.is_new) {
        if (!n.sch.rate_x10 || !n.sch.tb_bytes) {
            u->counters.dci_bad++;
            return;
        }
    } else {
        if (!h->used)
            return;
        if (!n.sch.rate_x10) {
            n.sch.rate_x10 = h->sch.rate_x10;
            n.sch.tb_bytes = h->sch.tb_bytes;
        }
        if (n.sch.tb_bytes != h->sch.tb_bytes) {
            u->counters.dci_bad++;
            return;
        }
    }
    *to = n;
}

/* ---- logical channel prioritisation ---- */

/* Bj grows by PBR every slot, up to PBR x BSD. */
static void refill(ue_t *u, ue_lc_t *lc)
{
    uint64_t slots = u->t - lc->bj_at;
    lc->bj_at = u->t;
    if (lc->cfg.pbr_kbytes_s == UINT32_MAX) {
        lc->bj = INT64_MAX / 2;
        return;
    }
    int64_t rate = (int64_t)lc->cfg.pbr_kbytes_s * 1000, cap = rate * lc->cfg.bsd_ms / 1000;
    lc->bj += rate * (int64_t)slots / (int64_t)(1000u << u->cell.mib.mu);
    if (lc->bj > cap)
        lc->bj = cap;
}

/* Takes from one channel until it is empty, `limit` bytes are out, or the block is full. */
static void serve(ue_t *u, mac_build_t *b, ue_lc_t *lc, uint32_t keep_free, bool by_bucket)
{
    while (!by_bucket || lc->bj > 0) {
        uint32_t room = mac_build_room(b);
        if (room <= keep_free)
            return;
        room -= keep_free;
        uint8_t *p = mac_build_sdu_reserve(b, lc->cfg.lcid, room);
        if (!p)
            return;
        uint32_t n = rlc_pull(lc->rlc, p, room, u->now_ns);
        mac_build_sdu_commit(b, n);
        if (!n)
            return;
        if (lc->cfg.pbr_kbytes_s != UINT32_MAX)
            lc->bj -= n;
    }
}

static int by_priority(const void *a, const void *b)
{
    const ue_lc_t *x = *(ue_lc_t *const *)a, *y = *(ue_lc_t *const *)b;
    return (int)x->cfg.priority - (int)y->cfg.priority ? (int)x->cfg.priority - (int)y->cfg.priority
                                                       : (int)x->cfg.lcid - (int)y->cfg.lcid;
}

static void multiplex(ue_t *u, const ue_ul_grant_t *g, uint8_t *tb)
{
    mac_build_t b = mac_build(tb, g->sch.tb_bytes);
    ue_lc_t *order[RADIO_MAX_LC];
    uint32_t n = 0;
    bool use_long = false, phr = false;

    if (g->msg3 && u->mac.ra.for_ccch) {
        mac_build_ul_ccch(&b, u->mac.ra.msg3, u->mac.ra.msg3_n);
        mac_build_end(&b);
        return;
    }
    if (g->msg3)
        mac_build_c_rnti(&b, u->mac.c_rnti);

    for (int i = 0; i < RADIO_MAX_LC; i++)
        if (u->mac.lc[i].used) {
            refill(u, &u->mac.lc[i]);
            order[n++] = &u->mac.lc[i];
        }
    qsort(order, n, sizeof *order, by_priority);
    uint32_t keep = ue_bsr_reserve(u, &use_long, &phr);
    bool reserved = keep && keep <= b.cap - b.n;
    if (!reserved)
        keep = 0;
    for (uint32_t i = 0; i < n; i++)
        serve(u, &b, order[i], keep, true);
    for (uint32_t i = 0; i < n; i++)
        serve(u, &b, order[i], keep, false);
    ue_bsr_append(u, &b, reserved, use_long, phr, ue_headroom_db(u, g->sch.n_prb));
    mac_build_end(&b);
}

/* ---- sending ---- */

double ue_headroom_db(const ue_t *u, uint16_t n_prb)
{
    /* PH = Pcmax - (P0 + 10 log10(2^mu M) + PL), alpha 1. TS 38.213 7.1.1, 7.7.1 */
    double db = 10 * log10((double)((uint32_t)n_prb << u->cell.mib.mu));
    return u->config.p_max_dbm - (u->cell.radio.p0_nominal_dbm + db + u->config.path_loss_db);
}

void ue_ul_tx(ue_t *u)
{
    ue_ul_grant_t *g = &u->mac.grant[u->t % UE_UL_RING];
    if (g->slot != u->t) {
        ue_uci_tx(u, NULL, 0xff);
        return;
    }
    g->slot = UE_NEVER;
    ue_ul_harq_t *h = &u->mac.ul[g->sch.harq_id];
    if (g->msg3 && u->mac.ra.state != UE_RA_MSG3 && u->mac.ra.state != UE_RA_CONTENTION) {
        ue_uci_tx(u, NULL, 0xff); /* the attempt is over */
        return;
    }
    if (g->is_new) {
        uint8_t *tb = realloc(h->tb, g->sch.tb_bytes > TB_MIN ? g->sch.tb_bytes : TB_MIN);
        if (!tb) {
            ue_uci_tx(u, NULL, 0xff);
            return;
        }
        h->tb = tb;
        h->used = true;
        h->ndi = g->msg3 ? 0 : g->ndi;
        h->sch = g->sch;
        multiplex(u, g, h->tb);
        u->counters.ul_new++;
    } else {
        u->counters.ul_retx++;
    }
    if (g->msg3) /* Msg3 is sent under the TC-RNTI, which a later C-RNTI grant of process 0 must not continue
                  */
        h->ndi = 0;
    double headroom = ue_headroom_db(u, g->sch.n_prb);
    ue_pusch_tx_t tx = {.sch = g->sch, .tb = h->tb, .power_short_db = headroom < 0 ? -headroom : 0};
    tx.sch.new_data = g->is_new;
    ue_uci_tx(u, &tx, g->ul_dai);
    u->air.pusch(u->air.ctx, &tx);
    if (g->msg3)
        ue_ra_msg3_sent(u);
}
