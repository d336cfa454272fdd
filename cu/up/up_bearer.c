/* SPDX-License-Identifier: Apache-2.0 */
/* Bearers: which one a packet takes, the queue in front of it, flow control, and what comes back up. */
#include "cu/up/up_internal.h"

#include <errno.h>

#define DEFAULT_QUEUE_BYTES (1u << 20)

session_t **up_bucket(up_t *u, uint32_t ue_ipv4_be)
{
    return &u->by_addr[ntohl(ue_ipv4_be) * 2654435761u >> 8 & (u->n_ues - 1)];
}

void up_mark_ready(up_t *u, drb_t *d)
{
    if (d->ready)
        return;
    d->ready = true;
    d->ready_next = NULL;
    if (u->ready_tail)
        u->ready_tail->ready_next = d;
    else
        u->ready_head = d;
    u->ready_tail = d;
}

void up_unready(up_t *u, drb_t *d)
{
    drb_t *before = NULL;
    if (!d->ready)
        return;
    for (drb_t *x = u->ready_head; x != d; x = x->ready_next)
        before = x;
    if (before)
        before->ready_next = d->ready_next;
    else
        u->ready_head = d->ready_next;
    if (u->ready_tail == d)
        u->ready_tail = before;
    d->ready = false;
}

/* A packet that left the queue for nowhere. */
static void drop(drb_t *d, buf_t *b)
{
    d->ue->stats->dl_queue_bytes -= b->len;
    d->ue->stats->dl_dropped++;
    buf_free(b);
}

void up_dl_packet(up_t *u, const n6_key_t *key, buf_t *b)
{
    u->n.n6_rx_packets++;
    u->n.n6_rx_bytes += b->len;
    session_t *s = *up_bucket(u, key->ue_ipv4_be);
    while (s && s->cfg.ue_ipv4_be != key->ue_ipv4_be)
        s = s->next;
    if (!s) {
        u->n.n6_rx_no_ue++;
        buf_free(b);
        return;
    }
    uint32_t hash = fq_hash(b->data, b->len);
    uint8_t drb_id = sdap_drb(&s->sdap, s->cfg.default_qfi);
    drb_t *d = s->ue->drbs[drb_id];
    if (!d || sdap_tx(&s->sdap, drb_id, &(sdap_info_t){.qfi = s->cfg.default_qfi}, b) != 0) {
        u->n.n6_rx_no_drb++;
        buf_free(b);
        return;
    }
    b->time_ns = u->now_ns;
    fq_push(&d->queue, b, hash);
    s->ue->stats->dl_queue_bytes += b->len;
    while (d->queue.bytes > (d->cfg.queue_bytes ? d->cfg.queue_bytes : DEFAULT_QUEUE_BYTES)) {
        u->n.dl_queue_dropped++;
        drop(d, fq_drop(&d->queue));
    }
    up_mark_ready(u, d);
}

/* Bytes that the DU may still be sent. */
static bool window_open(const drb_t *d)
{
    return d->sent_total - d->confirmed_total < d->window_bytes;
}

/* One PDU is on its way. */
static void account(drb_t *d, const buf_t *pdu)
{
    d->sent_total += pdu->len;
    d->last_sn = pdu->user;
    d->sent_any = true;
    d->sent_at[pdu->user % FLIGHT_SLOTS] = d->sent_total;
    d->ue->stats->dl_packets++;
    d->ue->stats->dl_bytes += pdu->len;
}

/* Ciphers a batch and hands it to the socket. */
static void flush(up_t *u, pdcp_item_t *items, drb_t **drbs, unsigned n)
{
    buf_t *bufs[UP_BATCH];
    drb_t *to[UP_BATCH];
    unsigned m = 0;
    pdcp_tx_batch(u->crypto, items, n, u->now_ns);
    for (unsigned i = 0; i < n; i++) {
        if (items[i].result != 0) {
            if (items[i].result == -EOVERFLOW && !drbs[i]->count_told) {
                drbs[i]->count_told = true;
                up_tell(u, UP_EVENT_COUNT, drbs[i]);
            }
            drbs[i]->ue->stats->dl_dropped++;
            buf_free(items[i].buf);
            continue;
        }
        account(drbs[i], items[i].buf);
        bufs[m] = items[i].buf;
        to[m++] = drbs[i];
    }
    up_f1u_send(u, to, bufs, m);
}

void up_pump(up_t *u)
{
    pdcp_item_t items[UP_BATCH];
    drb_t *drbs[UP_BATCH];
    unsigned n = 0;
    /* Each ready DRB in turn gives at most a batch, and goes to the end of the list if it has more. */
    while (u->ready_head) {
        drb_t *d = u->ready_head;
        uint64_t pending = 0; /* in the batch, not accounted yet */
        unsigned given = 0;
        up_unready(u, d);
        while (d->remote.sin_family && d->queue.n && given < UP_BATCH &&
               (d->probe || d->sent_total + pending - d->confirmed_total < d->window_bytes)) {
            buf_t *b = fq_pop(&d->queue);
            d->ue->stats->dl_queue_bytes -= b->len;
            items[n] = (pdcp_item_t){d->pdcp, b, 0};
            drbs[n++] = d;
            pending += b->len + 3;
            d->poll |= d->probe;
            d->probe = false;
            given++;
            if (n == UP_BATCH) {
                flush(u, items, drbs, n);
                n = 0;
                pending = 0;
            }
        }
        if (given == UP_BATCH && d->queue.n && window_open(d))
            up_mark_ready(u, d);
    }
    if (n)
        flush(u, items, drbs, n);
}

void up_on_status(up_t *u, drb_t *d, const nru_t *s)
{
    /* AM counts from the highest delivered in sequence, UM from the highest transmitted. */
    bool am = d->cfg.pdcp.rlc_am;
    bool has = am ? s->has_highest_delivered : s->has_highest_transmitted;
    uint32_t sn = am ? s->highest_delivered_sn : s->highest_transmitted_sn;
    uint32_t mask = d->cfg.pdcp.sn_bits == 12 ? 0xfff : 0x3ffff;
    d->probe_wait_ns = PROBE_NS;
    d->probe_at_ns = u->now_ns + PROBE_NS;
    d->window_bytes = s->desired_buffer_bytes;
    if (am && has && sn <= mask)
        pdcp_on_delivered(d->pdcp, sn);
    if (has && d->sent_any && sn <= mask && ((d->last_sn - sn) & mask) < FLIGHT_SLOTS) {
        uint64_t at = d->sent_at[sn % FLIGHT_SLOTS];
        if (at > d->confirmed_total && at <= d->sent_total)
            d->confirmed_total = at;
    }
    if (d->queue.n && window_open(d))
        up_mark_ready(u, d);
}

void up_tick(up_t *u)
{
    for (uint32_t i = 0; i < u->n_ues; i++) {
        ue_t *ue = u->ues[i];
        for (int k = 1; ue && k < UP_MAX_DRBS; k++) {
            drb_t *d = ue->drbs[k];
            if (!d)
                continue;
            pdcp_tick(d->pdcp, u->now_ns);
            int64_t discard = d->cfg.pdcp.discard_ns;
            buf_t *late;
            while (discard && discard != PDCP_INFINITY_NS &&
                   (late = fq_expired(&d->queue, u->now_ns - discard))) {
                drop(d, late);
                u->n.dl_discarded++;
            }
            /* Packets and status frames can be lost like any datagram; a window must not stay closed for it.
             */
            if (d->queue.n && d->remote.sin_family && !window_open(d) && u->now_ns >= d->probe_at_ns) {
                d->probe_at_ns = u->now_ns + d->probe_wait_ns;
                d->probe_wait_ns = d->probe_wait_ns < PROBE_MAX_NS ? 2 * d->probe_wait_ns : PROBE_MAX_NS;
                d->probe = true;
                up_mark_ready(u, d);
            }
        }
    }
}

/* An uplink SDU, deciphered and in order. */
void up_pdcp_deliver(void *ctx, buf_t *b)
{
    drb_t *d = ctx;
    up_t *u = d->up;
    session_t *s = d->ue->sessions[d->cfg.session_id];
    sdap_info_t info;
    uint32_t source;
    if (sdap_rx(&s->sdap, d->cfg.drb_id, b, &info) != 0) {
        u->n.n6_tx_malformed++;
    } else if (info.end_marker) {
        /* The flow moved to another DRB of the UE's choice: nothing waits for it here. TS 37.324 5.2.2 */
    } else if (n6_source(b, &source) != 0) {
        u->n.n6_tx_malformed++;
    } else if (source != s->cfg.ue_ipv4_be) {
        u->n.n6_tx_spoofed++;
    } else if (n6_send(&u->n6, b) != 0) {
        u->n.n6_tx_refused++;
    } else {
        u->n.n6_tx_packets++;
        u->n.n6_tx_bytes += b->len;
        d->ue->stats->ul_packets++;
        d->ue->stats->ul_bytes += b->len;
    }
    buf_free(b);
}

void up_pdcp_integrity_failure(void *ctx)
{
    drb_t *d = ctx;
    up_tell(d->up, UP_EVENT_INTEGRITY, d);
}

void up_pdcp_retransmit(void *ctx, buf_t *pdu)
{
    drb_t *d = ctx;
    if (!d->remote.sin_family) {
        buf_free(pdu);
        return;
    }
    d->retransmitting = true;
    up_f1u_send(d->up, &d, &pdu, 1);
    d->retransmitting = false;
}
