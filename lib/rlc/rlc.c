/* SPDX-License-Identifier: Apache-2.0 */
/* Creation, the SDU queue, transparent mode, and the switch to UM and AM. */
#include "lib/rlc/rlc_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

COUNTERS_DEFINE(rlc, RLC_COUNTERS)

static uint32_t power_of_two(uint32_t n)
{
    uint32_t p = 64; /* at least one word of a bitmap */
    while (p < n)
        p <<= 1;
    return p;
}

static void timers_off(rlc_t *r)
{
    r->t_poll_retransmit = r->t_reassembly = NEVER;
    r->status_allowed_at = INT64_MIN;
}

static bool config_valid(const rlc_config_t *c)
{
    switch (c->mode) {
    case RLC_TM:
        break;
    case RLC_UM:
        if ((c->sn_bits != 6 && c->sn_bits != 12) || c->t_reassembly_ns < 0)
            return false;
        break;
    case RLC_AM:
        if ((c->sn_bits != 12 && c->sn_bits != 18) || c->t_reassembly_ns < 0 || c->t_status_prohibit_ns < 0 ||
            c->t_poll_retransmit_ns <= 0 || c->max_retx < 1 || c->max_retx > 32)
            return false;
        break;
    default:
        return false;
    }
    return c->queue_sdus <= (1u << 20) && c->tx_window <= (1u << 17) && c->rx_window <= (1u << 17);
}

int rlc_create(rlc_t **ret, const rlc_config_t *config, const rlc_ops_t *ops, pool_t *pool)
{
    if (!config_valid(config) || !pool)
        return -EINVAL;
    rlc_t *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    r->cfg = *config;
    r->ops = *ops;
    r->pool = pool;
    rlc_config_t *c = &r->cfg;
    if (c->queue_sdus == 0)
        c->queue_sdus = c->mode == RLC_TM ? 64 : 4096;
    c->queue_sdus = power_of_two(c->queue_sdus);
    r->queue_mask = c->queue_sdus - 1;
    r->queue = calloc(c->queue_sdus, sizeof *r->queue);
    bool ok = r->queue != NULL;
    if (c->mode != RLC_TM) {
        r->sn_mask = (1u << c->sn_bits) - 1;
        r->sn_window = 1u << (c->sn_bits - 1); /* TS 38.322 7.2 */
        /* UM moves its window by what arrives, so all of it is needed; AM's is ours to bound. */
        uint32_t rx = c->mode == RLC_UM ? r->sn_window : c->rx_window ? c->rx_window : 4096;
        c->rx_window = rx < r->sn_window ? power_of_two(rx) : r->sn_window;
        uint32_t rx_mem = power_of_two(c->rx_window);
        r->rx_mask = rx_mem - 1;
        r->partial = calloc(rx_mem, sizeof *r->partial);
        r->rx_done = calloc(rx_mem / 64, sizeof *r->rx_done);
        ok = ok && r->partial && r->rx_done;
    }
    if (c->mode == RLC_AM) {
        uint32_t tx = c->tx_window ? c->tx_window : 4096;
        c->tx_window = tx < r->sn_window ? power_of_two(tx) : r->sn_window;
        r->tx_mask = c->tx_window - 1;
        r->tx = calloc(c->tx_window, sizeof *r->tx);
        r->retx_map = calloc(c->tx_window / 64, sizeof *r->retx_map);
        ok = ok && r->tx && r->retx_map;
    }
    if (!ok) {
        rlc_destroy(r);
        return -ENOMEM;
    }
    timers_off(r);
    *ret = r;
    return 0;
}

/* Gives back every buffer. */
static void drop_all(rlc_t *r)
{
    if (r->queue)
        for (; r->queue_head != r->queue_tail; r->queue_head++)
            buf_free(r->queue[r->queue_head & r->queue_mask]);
    if (r->cfg.mode == RLC_UM)
        buf_free(r->cur.sdu); /* AM's is in tx[] */
    if (r->tx)
        for (uint32_t i = 0; i <= r->tx_mask; i++)
            buf_free(r->tx[i].sdu);
    if (r->partial)
        for (uint32_t i = 0; i <= r->rx_mask; i++)
            buf_free(r->partial[i]);
}

void rlc_destroy(rlc_t *r)
{
    if (!r)
        return;
    drop_all(r);
    free(r->queue);
    free(r->tx);
    free(r->retx_map);
    free(r->partial);
    free(r->rx_done);
    free(r);
}

void rlc_reestablish(rlc_t *r)
{
    drop_all(r);
    r->queue_head = r->queue_tail = r->queue_n = r->queue_bytes = 0;
    r->cur = (tx_current_t){0};
    if (r->tx) {
        memset(r->tx, 0, (r->tx_mask + 1) * sizeof *r->tx);
        memset(r->retx_map, 0, (r->tx_mask + 1) / 8);
    }
    if (r->partial) {
        memset(r->partial, 0, (r->rx_mask + 1) * sizeof(*r->partial));
        memset(r->rx_done, 0, (r->rx_mask + 1) / 8);
    }
    r->tx_next_ack = r->tx_next = r->poll_sn = 0;
    r->pdu_without_poll = r->byte_without_poll = 0;
    r->retx_bytes = r->retx_sdus = 0;
    r->poll_forced = r->max_retx_told = false;
    r->rx_next = r->rx_next_highest = r->rx_trigger = r->rx_highest_status = 0;
    r->status_wanted = r->poll_waits = r->status_size_known = false;
    timers_off(r);
}

int rlc_push_sdu(rlc_t *r, buf_t *sdu)
{
    if (sdu->len == 0 || sdu->len > SDU_MAX)
        return -EINVAL;
    if (r->queue_tail - r->queue_head > r->queue_mask) {
        r->n.tx_queue_full++;
        return -ENOBUFS;
    }
    r->queue[r->queue_tail++ & r->queue_mask] = sdu;
    r->queue_n++;
    r->queue_bytes += sdu->len;
    r->n.tx_sdus++;
    r->n.tx_sdu_bytes += sdu->len;
    return 0;
}

int rlc_discard_sdu(rlc_t *r, uint32_t user)
{
    for (uint32_t i = r->queue_head; i != r->queue_tail; i++) {
        buf_t *b = r->queue[i & r->queue_mask];
        if (!b || b->user != user)
            continue;
        r->queue[i & r->queue_mask] = NULL;
        r->queue_n--;
        r->queue_bytes -= b->len;
        r->n.tx_discarded++;
        buf_free(b);
        while (r->queue_head != r->queue_tail && !r->queue[r->queue_head & r->queue_mask])
            r->queue_head++;
        return 0;
    }
    return -ENOENT;
}

buf_t *rlc_queue_pop(rlc_t *r)
{
    if (r->queue_n == 0)
        return NULL;
    buf_t *b;
    while (!(b = r->queue[r->queue_head++ & r->queue_mask]))
        ; /* discarded meanwhile; queue_n says that one more is there */
    r->queue[(r->queue_head - 1) & r->queue_mask] = NULL;
    r->queue_n--;
    r->queue_bytes -= b->len;
    return b;
}

static const buf_t *queue_front(const rlc_t *r)
{
    if (r->queue_n == 0)
        return NULL;
    uint32_t i = r->queue_head;
    while (!r->queue[i & r->queue_mask])
        i++;
    return r->queue[i & r->queue_mask];
}

void rlc_deliver(rlc_t *r, buf_t *sdu)
{
    r->n.rx_sdus++;
    r->n.rx_sdu_bytes += sdu->len;
    if (r->ops.deliver)
        r->ops.deliver(r->ops.ctx, sdu);
    else
        buf_free(sdu);
}

void rlc_deliver_bytes(rlc_t *r, const uint8_t *p, uint32_t n)
{
    buf_t *b = buf_from(r->pool, p, n);
    if (b)
        rlc_deliver(r, b);
    else
        r->n.rx_no_buffer++;
}

void rlc_buffer_status(rlc_t *r, int64_t now_ns, rlc_buffer_status_t *ret)
{
    uint32_t new_bytes = r->queue_bytes, n_new = r->queue_n, headers;
    const buf_t *oldest = r->cur.sdu ? r->cur.sdu : queue_front(r);
    if (r->cur.sdu) {
        new_bytes += r->cur.sdu->len - r->cur.sent;
        n_new++;
    }
    ret->n_sdus = n_new;
    ret->head_time_ns = oldest ? oldest->time_ns : 0;
    ret->status_bytes = ret->retx_bytes = 0;
    switch (r->cfg.mode) {
    case RLC_AM:
        ret->status_bytes = am_status_size(r, now_ns);
        ret->retx_bytes = r->retx_bytes;
        headers = (r->cfg.sn_bits == 12 ? 2u : 3u) * (n_new + r->retx_sdus) + SO_BYTES * r->retx_sdus;
        break;
    case RLC_UM:
        headers = n_new;
        break;
    default:
        headers = 0;
        break;
    }
    if (r->cur.sdu)
        headers += SO_BYTES + (r->cfg.mode == RLC_UM && r->cfg.sn_bits == 12);
    ret->data_bytes = new_bytes + ret->retx_bytes + ret->status_bytes;
    ret->total_bytes = ret->data_bytes + headers;
}

uint32_t rlc_pull(rlc_t *r, uint8_t *to, uint32_t n, int64_t now_ns)
{
    if (r->cfg.mode == RLC_AM)
        return am_pull(r, to, n, now_ns);
    if (r->cfg.mode == RLC_UM)
        return um_pull(r, to, n);
    /* TM: whole SDUs only. TS 38.322 5.2.1 */
    const buf_t *front = queue_front(r);
    if (!front || front->len > n)
        return 0;
    buf_t *b = rlc_queue_pop(r);
    uint32_t len = b->len, user = b->user;
    memcpy(to, b->data, len);
    buf_free(b);
    r->n.tx_pdus++;
    if (r->ops.transmitted)
        r->ops.transmitted(r->ops.ctx, user);
    return len;
}

void rlc_on_pdu(rlc_t *r, const uint8_t *pdu, uint32_t n, int64_t now_ns)
{
    if (n == 0) {
        r->n.rx_malformed++;
        return;
    }
    if (r->cfg.mode == RLC_AM) {
        if (pdu[0] & 0x80) { /* D/C. TS 38.322 6.2.3.6 */
            am_on_pdu(r, pdu, n, now_ns);
        } else {
            am_on_status(r, pdu, n);
        }
    } else if (r->cfg.mode == RLC_UM) {
        um_on_pdu(r, pdu, n, now_ns);
    } else {
        r->n.rx_pdus++;
        rlc_deliver_bytes(r, pdu, n);
    }
}

void rlc_tick(rlc_t *r, int64_t now_ns)
{
    if (now_ns >= r->t_reassembly) {
        r->t_reassembly = NEVER;
        if (r->cfg.mode == RLC_AM)
            am_on_reassembly_timer(r, now_ns);
        else
            um_on_reassembly_timer(r, now_ns);
    }
    if (now_ns >= r->t_poll_retransmit) {
        r->t_poll_retransmit = NEVER;
        am_on_poll_timer(r);
    }
}

uint32_t rlc_first_missing(const rlc_t *r, uint32_t x, uint32_t end)
{
    uint32_t left = sn_from(r, x, end);
    while (left) {
        uint32_t i = x & r->rx_mask;
        uint64_t missing = ~r->rx_done[i / 64] >> (i % 64);
        uint32_t in_word = 64 - i % 64;
        uint32_t step = missing ? (uint32_t)__builtin_ctzll(missing) : in_word;
        if (step > in_word)
            step = in_word;
        if (step >= left)
            return end;
        x = (x + step) & r->sn_mask;
        if (step < in_word)
            return x;
        left -= step;
    }
    return end;
}

const rlc_counters_t *rlc_counters(const rlc_t *r)
{
    return &r->n;
}

const rlc_config_t *rlc_config(const rlc_t *r)
{
    return &r->cfg;
}
