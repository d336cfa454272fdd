/* SPDX-License-Identifier: Apache-2.0 */
/* Unacknowledged mode. An SDU that fits goes without an SN; a segmented one has the same SN in each piece. TS
 * 38.322 5.2.2, 6.2.2.3 */
#include "lib/rlc/rlc_internal.h"

#include <string.h>

/* Bytes in front of a segment. */
static uint32_t header_bytes(const rlc_t *r, int si)
{
    return (r->cfg.sn_bits == 6 ? 1u : 2u) + (SI_HAS_SO(si) ? SO_BYTES : 0);
}

uint32_t um_pull(rlc_t *r, uint8_t *to, uint32_t n)
{
    tx_current_t *c = &r->cur;
    if (!c->sdu) {
        if (n < 3 || !(c->sdu = rlc_queue_pop(r))) /* the largest header of a first piece, and a byte */
            return 0;
        c->sent = 0;
    }
    uint32_t left = c->sdu->len - c->sent, header, payload;
    int si;
    if (c->sent == 0 && left + 1 <= n) {
        si = SI_ALL;
        header = 1;
        payload = left;
    } else {
        header = header_bytes(r, c->sent ? SI_LAST : SI_FIRST);
        if (n <= header)
            return 0;
        payload = n - header < left ? n - header : left;
        si = c->sent == 0 ? SI_FIRST : payload == left ? SI_LAST : SI_MIDDLE;
    }
    to[0] = (uint8_t)(si << 6);
    if (si != SI_ALL) {
        uint32_t at = 1;
        if (r->cfg.sn_bits == 6) {
            to[0] |= (uint8_t)r->tx_next;
        } else {
            to[0] |= (uint8_t)(r->tx_next >> 8);
            to[at++] = (uint8_t)r->tx_next;
        }
        if (SI_HAS_SO(si))
            put16(to + at, c->sent);
    }
    memcpy(to + header, c->sdu->data + c->sent, payload);
    c->sent += payload;
    r->n.tx_pdus++;
    if (c->sent == c->sdu->len) {
        uint32_t user = c->sdu->user;
        if (si != SI_ALL)
            r->tx_next = (r->tx_next + 1) & r->sn_mask;
        buf_free(c->sdu);
        c->sdu = NULL;
        if (r->ops.transmitted)
            r->ops.transmitted(r->ops.ctx, user);
    }
    return header + payload;
}

/* Whether SN is within (RX_Next_Highest - UM_Window_Size) <= SN < RX_Next_Highest. */
static bool in_window(const rlc_t *r, uint32_t sn)
{
    return sn_from(r, r->rx_next_highest - r->sn_window, sn) < r->sn_window;
}

/* Position above the lower edge of the window: what SNs are compared by. 7.1 */
static uint32_t above_edge(const rlc_t *r, uint32_t sn)
{
    return sn_from(r, r->rx_next_highest - r->sn_window, sn);
}

static void forget(rlc_t *r, uint32_t sn)
{
    buf_t **p = &r->partial[sn & r->rx_mask];
    if (*p) {
        buf_free(*p);
        *p = NULL;
        r->n.rx_reassembly_dropped++;
    }
    bit_clear(r->rx_done, sn & r->rx_mask);
}

/* Whether something is missing below RX_Next_Highest that t-Reassembly waits for. */
static bool waits(const rlc_t *r)
{
    uint32_t ahead = sn_from(r, r->rx_next, r->rx_next_highest);
    const buf_t *b = r->partial[r->rx_next & r->rx_mask];
    return ahead > 1 || (ahead == 1 && b && segment_has_gap(b));
}

static void run_timer(rlc_t *r, int64_t now_ns)
{
    if (r->t_reassembly != NEVER &&
        (above_edge(r, r->rx_trigger) <= above_edge(r, r->rx_next) ||
         (!in_window(r, r->rx_trigger) && r->rx_trigger != r->rx_next_highest) || !waits(r)))
        r->t_reassembly = NEVER;
    if (r->t_reassembly == NEVER && waits(r)) {
        r->t_reassembly = now_ns + r->cfg.t_reassembly_ns;
        r->rx_trigger = r->rx_next_highest;
    }
}

void um_on_pdu(rlc_t *r, const uint8_t *p, uint32_t n, int64_t now_ns)
{
    int si = p[0] >> 6;
    r->n.rx_pdus++;
    if (si == SI_ALL) {
        if (n < 2)
            r->n.rx_malformed++;
        else
            rlc_deliver_bytes(r, p + 1, n - 1);
        return;
    }
    uint32_t header = header_bytes(r, si), so = 0;
    if (n <= header) {
        r->n.rx_malformed++;
        return;
    }
    uint32_t sn = r->cfg.sn_bits == 6 ? p[0] & 0x3fu : (p[0] & 0x0fu) << 8 | p[1];
    if (SI_HAS_SO(si) && (so = get16(p + header - SO_BYTES)) == 0) {
        r->n.rx_malformed++;
        return;
    }
    if (in_window(r, sn) && above_edge(r, sn) < above_edge(r, r->rx_next)) {
        r->n.rx_out_of_window++;
        return;
    }
    if (in_window(r, sn) && bit_get(r->rx_done, sn & r->rx_mask)) {
        r->n.rx_duplicate++;
        return;
    }
    if (!in_window(r, sn)) {
        /* The window moves up to it; what falls out below is given up. 5.2.2.2.3 */
        uint32_t new_highest = (sn + 1) & r->sn_mask;
        uint32_t low = (new_highest - r->sn_window) & r->sn_mask;
        uint32_t steps = sn_from(r, r->rx_next_highest, new_highest);
        /* Slots are shared by SNs one window apart: each one entering evicts the one leaving. */
        for (uint32_t i = 0; i < steps && i < r->sn_window; i++)
            forget(r, (new_highest - 1 - i) & r->sn_mask);
        bool next_out = sn_from(r, low, r->rx_next) >= r->sn_window;
        r->rx_next_highest = new_highest;
        if (next_out)
            r->rx_next = rlc_first_missing(r, low, new_highest);
    }
    buf_t **slot = &r->partial[sn & r->rx_mask];
    if (!*slot) {
        if (!(*slot = buf_alloc(r->pool))) {
            r->n.rx_no_buffer++;
            run_timer(r, now_ns);
            return;
        }
        segment_begin(*slot);
    }
    switch (segment_add(*slot, so, p + header, n - header, si == SI_LAST)) {
    case SEGMENT_COMPLETE: {
        buf_t *sdu = *slot;
        *slot = NULL;
        bit_set(r->rx_done, sn & r->rx_mask);
        if (sn == r->rx_next)
            r->rx_next = rlc_first_missing(r, sn, r->rx_next_highest);
        rlc_deliver(r, sdu);
        break;
    }
    case SEGMENT_ADDED:
        break;
    case SEGMENT_DUPLICATE:
        r->n.rx_duplicate++;
        break;
    case SEGMENT_MALFORMED:
        r->n.rx_malformed++;
        break;
    case SEGMENT_NO_ROOM:
        r->n.rx_no_buffer++;
        break;
    }
    run_timer(r, now_ns);
}

void um_on_reassembly_timer(rlc_t *r, int64_t now_ns)
{
    uint32_t from = r->rx_next;
    uint32_t start = in_window(r, r->rx_trigger) ? r->rx_trigger : r->rx_next_highest;
    r->rx_next = rlc_first_missing(r, start, r->rx_next_highest);
    uint32_t steps = sn_from(r, from, r->rx_next);
    for (uint32_t i = 0; i < steps && i < r->sn_window; i++) {
        uint32_t sn = (from + i) & r->sn_mask;
        if (r->partial[sn & r->rx_mask]) {
            buf_free(r->partial[sn & r->rx_mask]);
            r->partial[sn & r->rx_mask] = NULL;
            r->n.rx_reassembly_dropped++;
        }
    }
    if (waits(r)) {
        r->t_reassembly = now_ns + r->cfg.t_reassembly_ns;
        r->rx_trigger = r->rx_next_highest;
    }
}
