/* SPDX-License-Identifier: Apache-2.0 */
/* Radio bearers: an RLC entity with its way up. SRB SDUs become events, DRB SDUs go through du/f1u's rings.
 */
#include "du/slot/internal.h"

#include <errno.h>
#include <stdlib.h>

/* ---- what RLC says, [slot] ---- */

static void srb_deliver(void *ctx, buf_t *sdu)
{
    bearer_t *b = ctx;
    event_push(b->d,
               &(du_event_t){.type = DU_EVENT_DCCH, .ue = b->b.ue, .srb_id = b->b.lc.rb_id, .sdu = sdu});
}

static void srb_delivered(void *ctx, uint32_t user)
{
    bearer_t *b = ctx;
    if (user)
        event_push(b->d, &(du_event_t){.type = DU_EVENT_SRB_DELIVERED,
                                       .ue = b->b.ue,
                                       .srb_id = b->b.lc.rb_id,
                                       .tag = b->tag[(user - 1) % N_NOTIFY]});
}

static void drb_deliver(void *ctx, buf_t *sdu)
{
    bearer_t *b = ctx;
    if (!b->d->cfg.f1u || !f1u_ul_push(b->d->cfg.f1u, b->handle, sdu)) {
        b->d->c.ul_ring_full++;
        buf_free(sdu);
    }
}

static void drb_transmitted(void *ctx, uint32_t user)
{
    f1u_flow_transmitted(&((bearer_t *)ctx)->flow, user);
}

static void drb_delivered(void *ctx, uint32_t user)
{
    f1u_flow_delivered(&((bearer_t *)ctx)->flow, user);
}

static void max_retx(void *ctx)
{
    bearer_t *b = ctx;
    mac_rlc_failed(b->d->mac, b->b.ue);
}

/* ---- life, [control] ---- */

int bearer_create(du_slot_t *d, du_ue_ref_t ue, const radio_lc_t *lc, mac_bearer_t **ret)
{
    bool am = lc->rlc.mode == RADIO_RLC_AM;
    rlc_config_t rc = {.mode = am ? RLC_AM : RLC_UM,
                       .sn_bits = lc->rlc.sn_bits,
                       .max_retx = lc->rlc.max_retx,
                       .poll_pdu = lc->rlc.poll_pdu,
                       .poll_byte = lc->rlc.poll_bytes,
                       .t_poll_retransmit_ns = lc->rlc.t_poll_retx_ms * NS_PER_MS,
                       .t_reassembly_ns = lc->rlc.t_reassembly_ms * NS_PER_MS,
                       .t_status_prohibit_ns = lc->rlc.t_status_prohibit_ms * NS_PER_MS};
    if (!lc->is_drb) /* a handful of RRC messages */
        rc.queue_sdus = rc.tx_window = rc.rx_window = 128;
    bearer_t *b = calloc(1, sizeof *b);
    if (!b)
        return -ENOMEM;
    rlc_ops_t ops = {.ctx = b, .max_retx = max_retx};
    if (lc->is_drb) {
        ops.deliver = drb_deliver;
        ops.transmitted = drb_transmitted;
        ops.delivered = drb_delivered;
        b->handle = du_bearer_handle(ue, lc->rb_id);
        f1u_flow_init(&b->flow, b->handle, am);
    } else {
        ops.deliver = srb_deliver;
        ops.delivered = srb_delivered;
    }
    b->d = d;
    b->b.lc = *lc;
    b->b.ue = ue;
    b->b.user = b;
    int r = rlc_create(&b->b.rlc, &rc, &ops, d->cfg.mac.pool);
    if (r < 0) {
        free(b);
        return r;
    }
    *ret = &b->b;
    return 0;
}

void bearer_destroy(mac_bearer_t *m)
{
    if (!m)
        return;
    bearer_t *b = m->user;
    rlc_destroy(m->rlc);
    free(b);
}

/* ---- packets, [slot] ---- */

void bearer_attach(du_slot_t *d, mac_bearer_t *m)
{
    bearer_t *b = m->user;
    if (!m->lc.is_drb || b->drb_at || d->n_drb >= MAX_DRBS)
        return;
    d->drb[d->n_drb++] = b;
    b->drb_at = d->n_drb;
}

void bearer_detach(du_slot_t *d, mac_bearer_t *m)
{
    bearer_t *b = m->user;
    if (!b->drb_at)
        return;
    bearer_t *last = d->drb[--d->n_drb];
    d->drb[b->drb_at - 1] = last;
    last->drb_at = b->drb_at;
    b->drb_at = 0;
}

#define MAX_DL_PER_SLOT 1024u /* what is more waits in the ring, so that a slot stays bounded */

void bearers_dl(du_slot_t *d)
{
    f1u_dl_t in;
    if (!d->cfg.f1u)
        return;
    for (uint32_t i = 0; i < MAX_DL_PER_SLOT && f1u_dl_pop(d->cfg.f1u, &in); i++) {
        du_ue_ref_t ue = {.index = (uint16_t)(in.bearer >> 5 & 0x7ff),
                          .generation = (uint16_t)(in.bearer >> 16)};
        uint8_t lcid = (uint8_t)(DU_DRB_LCID((in.bearer & 31) + 1));
        mac_bearer_t *m = mac_bearer(d->mac, ue, lcid);
        if (!m) {
            d->c.dl_no_bearer++;
            buf_free(in.kind == F1U_DL_SDU ? in.buf : NULL);
            continue;
        }
        switch (in.kind) {
        case F1U_DL_SDU:
            if (mac_sdu_send(d->mac, ue, lcid, in.buf) < 0)
                d->c.dl_queue_full++;
            break;
        case F1U_DL_DISCARD:
            for (uint32_t k = 0; k < in.n && k < 4096; k++)
                rlc_discard_sdu(m->rlc, in.sn + k);
            mac_touch(d->mac, ue);
            break;
        case F1U_DL_POLL:
            f1u_flow_poll(&((bearer_t *)m->user)->flow);
            break;
        }
    }
}

void bearers_tick(du_slot_t *d, uint64_t n)
{
    int64_t now = mac_slot_ns(n, mac_cell(d->mac)->mu);
    if (!d->cfg.f1u)
        return;
    for (uint32_t i = n & 3; i < d->n_drb; i += 4)
        f1u_flow_tick(&d->drb[i]->flow, d->cfg.f1u, d->drb[i]->b.rlc, now);
}
