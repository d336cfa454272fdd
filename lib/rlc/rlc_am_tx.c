/* SPDX-License-Identifier: Apache-2.0 */
/* Acknowledged mode, sending: new data, retransmission, polling, and what a STATUS PDU does to them.
 * TS 38.322 5.2.3.1, 5.3.2, 5.3.3. SDUs stay in tx[] from their first byte until they are acknowledged. */
#include "lib/rlc/rlc_internal.h"

#include <string.h>

static am_tx_sdu_t *tx_at(rlc_t *r, uint32_t sn)
{
    return &r->tx[sn & r->tx_mask];
}

static uint32_t outstanding(const rlc_t *r)
{
    return sn_from(r, r->tx_next_ack, r->tx_next);
}

/* Nothing to send but what waits for acknowledgement, or the window does not let new SDUs in. */
static bool nothing_new(const rlc_t *r)
{
    return r->retx_sdus == 0 && !r->cur.sdu && (r->queue_n == 0 || outstanding(r) > r->tx_mask);
}

/* The P field of the PDU that is being built, whose new_bytes are sent for the first time. Called after the
 * buffers have been brought up to date. 5.3.3.2 */
static bool wants_poll(rlc_t *r, uint32_t new_bytes)
{
    bool poll = r->poll_forced;
    if (new_bytes) {
        r->pdu_without_poll++;
        r->byte_without_poll += new_bytes;
        poll = poll || (r->cfg.poll_pdu && r->pdu_without_poll >= r->cfg.poll_pdu) ||
               (r->cfg.poll_byte && r->byte_without_poll >= r->cfg.poll_byte);
    }
    return poll || nothing_new(r);
}

static void write_header(rlc_t *r, uint8_t *to, uint32_t sn, int si, uint32_t so, bool poll, int64_t now_ns)
{
    uint32_t at = 2;
    to[0] = (uint8_t)(0x80 | (poll ? 0x40 : 0) | si << 4);
    if (r->cfg.sn_bits == 12) {
        to[0] |= (uint8_t)(sn >> 8);
        to[1] = (uint8_t)sn;
    } else {
        to[0] |= (uint8_t)(sn >> 16);
        put16(to + 1, sn);
        at = 3;
    }
    if (SI_HAS_SO(si))
        put16(to + at, so);
    if (poll) {
        r->pdu_without_poll = r->byte_without_poll = 0;
        r->poll_forced = false;
        r->poll_sn = (r->tx_next - 1) & r->sn_mask;
        r->t_poll_retransmit = now_ns + r->cfg.t_poll_retransmit_ns;
    }
    r->n.tx_pdus++;
}

/* How bytes [start, end) of an SDU of len bytes go into a PDU of at most n bytes: cuts the end, and gives SI
 * and header size. false: not even one byte fits. */
static bool fit(const rlc_t *r, uint32_t start, uint32_t *end, uint32_t len, uint32_t n, int *ret_si,
                uint32_t *ret_header)
{
    uint32_t header = (r->cfg.sn_bits == 12 ? 2u : 3u) + (start ? SO_BYTES : 0);
    if (n <= header)
        return false;
    if (*end - start > n - header)
        *end = start + (n - header);
    *ret_header = header;
    *ret_si = start == 0 ? (*end == len ? SI_ALL : SI_FIRST) : *end == len ? SI_LAST : SI_MIDDLE;
    return true;
}

/* The lowest SN that waits for retransmission. retx_sdus says that there is one. */
static uint32_t first_retx(const rlc_t *r)
{
    uint32_t sn = r->tx_next_ack;
    for (;;) {
        uint32_t i = sn & r->tx_mask;
        uint64_t waiting = r->retx_map[i / 64] >> (i % 64);
        if (waiting)
            return (sn + (uint32_t)__builtin_ctzll(waiting)) & r->sn_mask;
        sn = (sn + 64 - i % 64) & r->sn_mask;
    }
}

static void retx_remove(rlc_t *r, uint32_t sn)
{
    am_tx_sdu_t *t = tx_at(r, sn);
    if (t->n_ranges == 0)
        return;
    for (uint32_t i = 0; i < t->n_ranges; i++)
        r->retx_bytes -= (uint32_t)(t->ranges[i].end - t->ranges[i].start);
    t->n_ranges = 0;
    bit_clear(r->retx_map, sn & r->tx_mask);
    r->retx_sdus--;
}

static uint32_t pull_retx(rlc_t *r, uint8_t *to, uint32_t n, int64_t now_ns)
{
    uint32_t sn = first_retx(r), header;
    am_tx_sdu_t *t = tx_at(r, sn);
    uint32_t start = t->ranges[0].start, end = t->ranges[0].end;
    int si;
    if (!fit(r, start, &end, t->sdu->len, n, &si, &header))
        return 0;
    memcpy(to + header, t->sdu->data + start, end - start);
    r->retx_bytes -= end - start;
    if (end < t->ranges[0].end) {
        t->ranges[0].start = (uint16_t)end;
    } else {
        t->n_ranges--;
        memmove(t->ranges, t->ranges + 1, t->n_ranges * sizeof *t->ranges);
        if (t->n_ranges == 0) {
            bit_clear(r->retx_map, sn & r->tx_mask);
            r->retx_sdus--;
        }
    }
    r->n.tx_retx_pdus++;
    write_header(r, to, sn, si, start, wants_poll(r, 0), now_ns);
    return header + (end - start);
}

static uint32_t pull_new(rlc_t *r, uint8_t *to, uint32_t n, int64_t now_ns)
{
    tx_current_t *c = &r->cur;
    uint32_t header;
    int si;
    if (!c->sdu) {
        if (outstanding(r) > r->tx_mask || n <= (r->cfg.sn_bits == 12 ? 2 : 3) ||
            !(c->sdu = rlc_queue_pop(r)))
            return 0;
        c->sent = 0;
        c->sn = r->tx_next;
        r->tx_next = (r->tx_next + 1) & r->sn_mask;
        *tx_at(r, c->sn) = (am_tx_sdu_t){.sdu = c->sdu, .user = c->sdu->user};
        __builtin_prefetch(r->queue[r->queue_head & r->queue_mask]);
    }
    uint32_t start = c->sent, end = c->sdu->len, sn = c->sn, user = c->sdu->user;
    if (!fit(r, start, &end, end, n, &si, &header))
        return 0;
    memcpy(to + header, c->sdu->data + start, end - start);
    bool whole = end == c->sdu->len;
    c->sent = end;
    if (whole)
        c->sdu = NULL;
    write_header(r, to, sn, si, start, wants_poll(r, end - start), now_ns);
    if (whole && r->ops.transmitted)
        r->ops.transmitted(r->ops.ctx, user);
    return header + (end - start);
}

uint32_t am_pull(rlc_t *r, uint8_t *to, uint32_t n, int64_t now_ns)
{
    if (r->status_wanted && now_ns >= r->status_allowed_at) {
        uint32_t size = am_status_write(r, to, n, now_ns);
        if (size)
            return size;
    }
    if (r->retx_sdus)
        return pull_retx(r, to, n, now_ns);
    return pull_new(r, to, n, now_ns);
}

/* Puts [start, end) among the SDU's ranges. */
static void add_range(rlc_t *r, am_tx_sdu_t *t, uint32_t start, uint32_t end)
{
    range_t all[TX_RANGES + 1];
    uint32_t n = 0, i = 0;
    uint32_t before = 0, after = 0;
    for (uint32_t k = 0; k < t->n_ranges; k++)
        before += (uint32_t)(t->ranges[k].end - t->ranges[k].start);
    while (i < t->n_ranges && t->ranges[i].end < start)
        all[n++] = t->ranges[i++];
    while (i < t->n_ranges && t->ranges[i].start <= end) {
        start = t->ranges[i].start < start ? t->ranges[i].start : start;
        end = t->ranges[i].end > end ? t->ranges[i].end : end;
        i++;
    }
    all[n++] = (range_t){(uint16_t)start, (uint16_t)end};
    while (i < t->n_ranges)
        all[n++] = t->ranges[i++];
    if (n > TX_RANGES) { /* sends the bytes between the last two again as well */
        all[n - 2].end = all[n - 1].end;
        n--;
    }
    for (uint32_t k = 0; k < n; k++)
        after += (uint32_t)(all[k].end - all[k].start);
    memcpy(t->ranges, all, n * sizeof *all);
    t->n_ranges = (uint8_t)n;
    r->retx_bytes += after - before;
}

/* Considers bytes [start, end) of an SDU for retransmission. 5.3.2 */
static void consider_retx(rlc_t *r, uint32_t sn, uint32_t start, uint32_t end)
{
    am_tx_sdu_t *t = tx_at(r, sn);
    bool pending = t->n_ranges != 0;
    uint32_t sent = r->cur.sdu && r->cur.sn == sn ? r->cur.sent : t->sdu->len;
    if (end > sent)
        end = sent;
    if (start >= end)
        return;
    add_range(r, t, start, end);
    if (!pending) {
        bit_set(r->retx_map, sn & r->tx_mask);
        r->retx_sdus++;
    }
    /* RETX_COUNT is 0 after the first time. What is pending already does not count again, so that an SDU
     * counts once a STATUS PDU however many pieces of it are missing. */
    if (!pending && t->n_nacks <= r->cfg.max_retx) {
        t->n_nacks++;
        if (t->n_nacks > r->cfg.max_retx) {
            r->n.tx_max_retx++;
            if (!r->max_retx_told && r->ops.max_retx) {
                r->max_retx_told = true;
                r->ops.max_retx(r->ops.ctx);
            }
        }
    }
}

/* One NACK of a STATUS PDU. */
typedef struct {
    uint32_t sn, n, so_start, so_end; /* SDUs sn .. sn + n - 1; from byte so_start of the first up to, not
                                         including, so_end of the last */
} nack_t;

/* Reads the NACK at *at and moves on; *more says whether another follows. false: cut short. 6.2.2.5 */
static bool read_nack(const rlc_t *r, const uint8_t *p, uint32_t n, uint32_t *at, bool *more, nack_t *ret)
{
    uint32_t i = *at, bytes = r->cfg.sn_bits == 12 ? 2 : 3, e;
    if (n - i < bytes)
        return false;
    if (bytes == 2) {
        ret->sn = (uint32_t)p[i] << 4 | p[i + 1] >> 4;
        e = p[i + 1] & 0x0e; /* E1 E2 E3 R */
    } else {
        ret->sn = (uint32_t)p[i] << 10 | (uint32_t)p[i + 1] << 2 | p[i + 2] >> 6;
        e = p[i + 2] >> 2 & 0x0e; /* E1 E2 E3 R R R */
    }
    i += bytes;
    ret->so_start = 0;
    ret->so_end = SDU_MAX + 1;
    ret->n = 1;
    if (e & 0x04) {
        if (n - i < 4)
            return false;
        ret->so_start = get16(p + i);
        uint32_t last = get16(p + i + 2);
        ret->so_end = last == 0xffff ? SDU_MAX + 1 : last + 1;
        i += 4;
    }
    if (e & 0x02) {
        if (n - i < 1 || p[i] == 0)
            return false;
        ret->n = p[i++];
    }
    *more = e & 0x08;
    *at = i;
    return true;
}

/* Cuts off what lies below the window: SDUs acknowledged since the peer wrote that. false: nothing is left.
 */
static bool clip_nack(const rlc_t *r, nack_t *k)
{
    uint32_t off = sn_from(r, r->tx_next_ack, k->sn);
    if (off < r->sn_window)
        return true;
    uint32_t below = r->sn_mask + 1 - off;
    if (k->n <= below)
        return false;
    *k = (nack_t){r->tx_next_ack, k->n - below, 0, k->so_end};
    return true;
}

/* Takes an SDU as delivered. One that is not sent to its end cannot be: such an acknowledgement is not
 * believed. */
static bool acknowledge(rlc_t *r, uint32_t sn)
{
    am_tx_sdu_t *t = tx_at(r, sn);
    if (!t->sdu)
        return true;
    if (r->cur.sdu && r->cur.sn == sn)
        return false;
    retx_remove(r, sn);
    buf_free(t->sdu);
    t->sdu = NULL;
    return true;
}

void am_on_status(rlc_t *r, const uint8_t *p, uint32_t n)
{
    /* D/C, CPT, ACK_SN, E1; control PDU types other than STATUS are reserved. 6.2.3.7 */
    if (n < 3 || (p[0] & 0x70) != 0) {
        r->n.rx_malformed++;
        return;
    }
    r->n.rx_status++;
    uint32_t ack, at = 3;
    bool more;
    if (r->cfg.sn_bits == 12) {
        ack = (p[0] & 0x0fu) << 8 | p[1];
        more = p[2] & 0x80;
    } else {
        ack = (p[0] & 0x0fu) << 14 | (uint32_t)p[1] << 6 | p[2] >> 2;
        more = p[2] & 0x02;
    }
    uint32_t n_acked = sn_from(r, r->tx_next_ack, ack);
    if (n_acked > outstanding(r)) {
        /* Either side of the window: old news, or never sent. Neither says anything that holds. */
        r->n.rx_bad_status++;
        return;
    }
    /* Nothing is believed before all of it has been read. */
    nack_t k;
    uint32_t next = 0; /* lowest offset from TX_Next_Ack that the next NACK may name */
    bool again = more, bad = false;
    uint32_t scan = at;
    while (again) {
        if (!read_nack(r, p, n, &scan, &again, &k)) {
            r->n.rx_malformed++;
            return;
        }
        if (clip_nack(r, &k)) { /* they must ascend and stay below ACK_SN */
            uint32_t off = sn_from(r, r->tx_next_ack, k.sn);
            bad = bad || off < next || off + k.n > n_acked;
            next = off + k.n - 1;
        }
    }
    if (bad) {
        r->n.rx_bad_status++;
        return;
    }

    uint32_t done = 0; /* SDUs below this offset are dealt with */
    bool believed = true;
    while (more) {
        read_nack(r, p, n, &at, &more, &k);
        if (!clip_nack(r, &k))
            continue;
        uint32_t off = sn_from(r, r->tx_next_ack, k.sn);
        for (; done < off; done++)
            believed &= acknowledge(r, (r->tx_next_ack + done) & r->sn_mask);
        for (uint32_t i = 0; i < k.n; i++) {
            uint32_t sn = (k.sn + i) & r->sn_mask;
            if (tx_at(r, sn)->sdu)
                consider_retx(r, sn, i == 0 ? k.so_start : 0, i == k.n - 1 ? k.so_end : SDU_MAX + 1);
        }
        done = off + k.n > done ? off + k.n : done;
    }
    for (; done < n_acked; done++)
        believed &= acknowledge(r, (r->tx_next_ack + done) & r->sn_mask);
    if (!believed)
        r->n.rx_bad_status++;

    /* 5.3.3.3: the poll is answered */
    if (sn_from(r, r->tx_next_ack, r->poll_sn) < n_acked)
        r->t_poll_retransmit = NEVER;
    while (r->tx_next_ack != r->tx_next && !tx_at(r, r->tx_next_ack)->sdu) {
        uint32_t user = tx_at(r, r->tx_next_ack)->user;
        r->tx_next_ack = (r->tx_next_ack + 1) & r->sn_mask;
        if (r->ops.delivered)
            r->ops.delivered(r->ops.ctx, user);
    }
}

void am_on_poll_timer(rlc_t *r)
{
    /* 5.3.3.4: something must be sent for the poll to ride on. */
    if (nothing_new(r) && outstanding(r)) {
        uint32_t sn = (r->tx_next - 1) & r->sn_mask;
        if (!tx_at(r, sn)->sdu)
            sn = r->tx_next_ack;
        consider_retx(r, sn, 0, SDU_MAX + 1);
    }
    if (outstanding(r))
        r->poll_forced = true;
}
