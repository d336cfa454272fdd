/* SPDX-License-Identifier: Apache-2.0 */
/* Acknowledged mode, receiving: data PDUs, t-Reassembly, and the STATUS PDU that says what is missing. TS
 * 38.322 5.2.3.2, 5.3.4, 6.2.2.5. A bit per SN says what is complete; the few SDUs in pieces have buffers. */
#include "lib/rlc/rlc_internal.h"

#include <string.h>

/* Position above RX_Next: what SNs are compared by. 7.1 */
static uint32_t off(const rlc_t *r, uint32_t sn)
{
    return sn_from(r, r->rx_next, sn);
}

/* Whether bytes are missing in SN before the last byte of it that has come. */
static bool has_gap(const rlc_t *r, uint32_t sn)
{
    const buf_t *b = r->partial[sn & r->rx_mask];
    return b && segment_has_gap(b);
}

/* 5.2.3.2.3, the last two of its rules */
static void run_timer(rlc_t *r, int64_t now_ns)
{
    uint32_t highest = off(r, r->rx_next_highest);
    if (r->t_reassembly != NEVER) {
        uint32_t trigger = off(r, r->rx_trigger);
        if (trigger == 0 || (trigger == 1 && !has_gap(r, r->rx_next)) || trigger > r->sn_window)
            r->t_reassembly = NEVER;
    }
    if (r->t_reassembly == NEVER && (highest > 1 || (highest == 1 && has_gap(r, r->rx_next)))) {
        r->t_reassembly = now_ns + r->cfg.t_reassembly_ns;
        r->rx_trigger = r->rx_next_highest;
    }
}

static void answer_poll(rlc_t *r)
{
    if (r->poll_waits && off(r, r->poll_waits_sn) >= r->sn_window) {
        r->poll_waits = false; /* delivered and below the window: surely below RX_Highest_Status */
        r->status_wanted = true;
    } else if (r->poll_waits && off(r, r->poll_waits_sn) < off(r, r->rx_highest_status)) {
        r->poll_waits = false;
        r->status_wanted = true;
    }
}

static void complete(rlc_t *r, uint32_t sn)
{
    bit_set(r->rx_done, sn & r->rx_mask);
    if (sn == r->rx_highest_status)
        r->rx_highest_status = rlc_first_missing(r, sn, r->rx_next_highest);
    if (sn == r->rx_next) {
        uint32_t next = rlc_first_missing(r, sn, r->rx_next_highest);
        for (uint32_t x = sn; x != next; x = (x + 1) & r->sn_mask)
            bit_clear(r->rx_done, x & r->rx_mask);
        r->rx_next = next;
    }
}

void am_on_pdu(rlc_t *r, const uint8_t *p, uint32_t n, int64_t now_ns)
{
    int si = p[0] >> 4 & 3;
    bool poll = p[0] & 0x40;
    uint32_t fixed = r->cfg.sn_bits == 12 ? 2 : 3, header = fixed + (SI_HAS_SO(si) ? SO_BYTES : 0), so = 0,
             sn;
    r->n.rx_pdus++;
    if (n <= header) {
        r->n.rx_malformed++;
        return;
    }
    if (r->cfg.sn_bits == 12)
        sn = (p[0] & 0x0fu) << 8 | p[1];
    else
        sn = (p[0] & 0x03u) << 16 | get16(p + 1);
    if (SI_HAS_SO(si) && (so = get16(p + fixed)) == 0) {
        r->n.rx_malformed++;
        return;
    }
    uint32_t at = off(r, sn);
    if (at >= r->cfg.rx_window) {
        r->n.rx_out_of_window++;
        /* Inside the standard's window but beyond our memory counts as lost on the air. */
        if (poll && at >= r->sn_window) {
            r->status_wanted = true;
            r->status_size_known = false;
        }
        return;
    }
    p += header;
    n -= header;
    buf_t **slot = &r->partial[sn & r->rx_mask];
    buf_t *sdu = NULL;
    if (bit_get(r->rx_done, sn & r->rx_mask)) {
        r->n.rx_duplicate++;
    } else if (si == SI_ALL) {
        sdu = *slot; /* pieces that came before are of no more use, their buffer is */
        *slot = NULL;
        if (sdu) {
            sdu->data = sdu->store + BUF_HEADROOM;
            sdu->len = 0;
        } else {
            sdu = buf_alloc(r->pool);
        }
        uint8_t *to = sdu ? buf_put(sdu, n) : NULL;
        if (!to) { /* as if lost: it will be asked for again */
            buf_free(sdu);
            r->n.rx_no_buffer++;
            return;
        }
        memcpy(to, p, n);
    } else {
        bool fresh = !*slot;
        if (fresh) {
            if (!(*slot = buf_alloc(r->pool))) {
                r->n.rx_no_buffer++;
                return;
            }
            segment_begin(*slot);
        }
        segment_t done = segment_add(*slot, so, p, n, si == SI_LAST);
        if (done == SEGMENT_COMPLETE) {
            sdu = *slot;
            *slot = NULL;
        } else if (done == SEGMENT_DUPLICATE) {
            r->n.rx_duplicate++;
        } else if (done != SEGMENT_ADDED) {
            *(done == SEGMENT_MALFORMED ? &r->n.rx_malformed : &r->n.rx_no_buffer) += 1;
            if (fresh) {
                buf_free(*slot);
                *slot = NULL;
            }
            return;
        }
    }
    if (at >= off(r, r->rx_next_highest))
        r->rx_next_highest = (sn + 1) & r->sn_mask;
    if (poll) {
        /* Answered once RX_Highest_Status has passed it, which may be in a moment. 5.3.4 */
        r->poll_waits = true;
        r->poll_waits_sn = sn;
    }
    if (sdu)
        complete(r, sn);
    run_timer(r, now_ns);
    answer_poll(r);
    r->status_size_known = false;
    if (sdu)
        rlc_deliver(r, sdu);
}

void am_on_reassembly_timer(rlc_t *r, int64_t now_ns)
{
    r->rx_highest_status = rlc_first_missing(r, r->rx_trigger, r->rx_next_highest);
    uint32_t ahead = sn_from(r, r->rx_highest_status, r->rx_next_highest);
    if (ahead > 1 || (ahead == 1 && has_gap(r, r->rx_highest_status))) {
        r->t_reassembly = now_ns + r->cfg.t_reassembly_ns;
        r->rx_trigger = r->rx_next_highest;
    }
    answer_poll(r);
    r->status_wanted = true;
    r->status_size_known = false;
}

/* Writes NACKs one after the other, or only adds up their size (to == NULL). */
typedef struct {
    uint8_t *to;
    uint32_t at, limit; /* bytes used, bytes that there are */
    uint8_t *e1;        /* where the E1 bit of the element before is set when one follows */
    uint8_t e1_bit;
    bool wide; /* 18-bit SN */
} status_writer_t;

static bool put_nack(status_writer_t *w, uint32_t sn, uint32_t n, bool has_so, uint32_t so_start,
                     uint32_t so_end)
{
    uint32_t size = (w->wide ? 3 : 2) + (has_so ? 4 : 0) + (n > 1 ? 1 : 0);
    if (size > w->limit - w->at)
        return false;
    if (w->to) {
        uint8_t *p = w->to + w->at;
        uint8_t e = (uint8_t)((has_so ? 0x04 : 0) | (n > 1 ? 0x02 : 0));
        *w->e1 |= w->e1_bit;
        if (w->wide) {
            p[0] = (uint8_t)(sn >> 10);
            p[1] = (uint8_t)(sn >> 2);
            p[2] = (uint8_t)(sn << 6 | e << 2);
            w->e1 = p + 2;
            w->e1_bit = 0x20;
            p += 3;
        } else {
            p[0] = (uint8_t)(sn >> 4);
            p[1] = (uint8_t)(sn << 4 | e);
            w->e1 = p + 1;
            w->e1_bit = 0x08;
            p += 2;
        }
        if (has_so) {
            put16(p, so_start);
            put16(p + 2, so_end > SDU_MAX ? 0xffff : so_end - 1);
            p += 4;
        }
        if (n > 1)
            *p = (uint8_t)n;
    }
    w->at += size;
    return true;
}

/* Names all that is missing between RX_Next and RX_Highest_Status; returns ACK_SN: RX_Highest_Status, or the
 * first missing SN that there was no room for. */
static uint32_t put_missing(const rlc_t *r, status_writer_t *w)
{
    uint32_t end = r->rx_highest_status;
    uint32_t x = rlc_first_missing(r, r->rx_next, end);
    while (x != end) {
        const buf_t *b = r->partial[x & r->rx_mask];
        uint32_t run = 1;
        if (b) {
            uint32_t undo = w->at, i = 0, start, stop;
            uint8_t *undo_e1 = w->e1, undo_bit = w->e1_bit;
            while (segment_gap(b, i, &start, &stop)) {
                if (!put_nack(w, x, 1, true, start, stop)) { /* all gaps of an SDU or none */
                    w->at = undo;
                    w->e1 = undo_e1;
                    w->e1_bit = undo_bit;
                    if (w->to)
                        *w->e1 &= (uint8_t)~w->e1_bit;
                    return x;
                }
                i++;
            }
        } else {
            while (run < 255 && ((x + run) & r->sn_mask) != end &&
                   !bit_get(r->rx_done, (x + run) & r->rx_mask) && !r->partial[(x + run) & r->rx_mask])
                run++;
            if (!put_nack(w, x, run, false, 0, 0))
                return x;
        }
        x = rlc_first_missing(r, (x + run) & r->sn_mask, end);
    }
    return end;
}

uint32_t am_status_size(rlc_t *r, int64_t now_ns)
{
    if (!r->status_wanted || now_ns < r->status_allowed_at)
        return 0;
    if (!r->status_size_known) {
        status_writer_t w = {.at = 3, .limit = SDU_MAX, .wide = r->cfg.sn_bits == 18};
        put_missing(r, &w);
        r->status_size = w.at;
        r->status_size_known = true;
    }
    return r->status_size;
}

uint32_t am_status_write(rlc_t *r, uint8_t *to, uint32_t n, int64_t now_ns)
{
    status_writer_t w = {.to = to, .at = 3, .limit = n, .wide = r->cfg.sn_bits == 18};
    if (n < 3)
        return 0;
    to[2] = 0;
    w.e1 = to + 2;
    w.e1_bit = w.wide ? 0x02 : 0x80;
    uint32_t ack = put_missing(r, &w);
    if (w.wide) {
        to[0] = (uint8_t)(ack >> 14);
        to[1] = (uint8_t)(ack >> 6);
        to[2] = (uint8_t)(to[2] | ack << 2);
    } else {
        to[0] = (uint8_t)(ack >> 8);
        to[1] = (uint8_t)ack;
    }
    r->status_wanted = false;
    r->status_allowed_at = now_ns + r->cfg.t_status_prohibit_ns;
    r->n.tx_status++;
    return w.at;
}
