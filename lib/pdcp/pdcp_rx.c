/* SPDX-License-Identifier: Apache-2.0 */
/* Receiving. A round of the batch is: COUNTs; deciphering; verification; then, packet by packet, duplicates,
 * reordering and delivery. The COUNTs of a round are made from RX_DELIV as it was before the round: with at
 * most 64 packets a round, and windows of at least 2048, that changes nothing for a peer that keeps to its
 * window. TS 38.323 5.2.2, 6.2 */
#include "lib/pdcp/pdcp_internal.h"

#include <errno.h>
#include <string.h>

bool pdcp_rcvd_count(const pdcp_t *p, uint32_t sn, uint32_t *ret)
{
    int64_t window = (int64_t)1 << (p->cfg.sn_bits - 1);
    int64_t deliv_sn = p->rx_deliv & p->sn_mask;
    int64_t base = (int64_t)p->rx_deliv - deliv_sn; /* HFN of RX_DELIV */
    if ((int64_t)sn < deliv_sn - window)
        base += (int64_t)p->sn_mask + 1;
    else if ((int64_t)sn >= deliv_sn + window)
        base -= (int64_t)p->sn_mask + 1;
    if (base < 0 || base + sn >= UINT32_MAX)
        return false;
    *ret = (uint32_t)(base + sn);
    return true;
}

static void give(pdcp_t *p, buf_t *b)
{
    p->n.rx_sdus++;
    p->n.rx_sdu_bytes += b->len;
    if (p->ops.deliver)
        p->ops.deliver(p->ops.ctx, b);
    else
        buf_free(b);
}

/* Empties the slot of RX_DELIV and moves on. */
static void step(pdcp_t *p, bool deliver)
{
    buf_t **slot = &p->held[p->rx_deliv++ & p->rx_mask], *b = *slot;
    *slot = NULL;
    if (!b || b == GONE)
        return;
    if (deliver)
        give(p, b);
    else
        buf_free(b);
}

/* Delivers what follows RX_DELIV without a gap. */
static void deliver_run(pdcp_t *p)
{
    while (p->rx_deliv != p->rx_next && p->held[p->rx_deliv & p->rx_mask])
        step(p, true);
}

void pdcp_flush_rx(pdcp_t *p, bool deliver)
{
    while (p->rx_deliv != p->rx_next)
        step(p, deliver);
}

static void run_timer(pdcp_t *p, int64_t now_ns)
{
    if (p->t_reordering != NEVER && p->rx_deliv >= p->rx_reord)
        p->t_reordering = NEVER;
    if (p->t_reordering != NEVER || p->rx_deliv >= p->rx_next)
        return;
    p->rx_reord = p->rx_next;
    if (p->cfg.t_reordering_ns == 0)
        pdcp_on_reordering_timer(p, now_ns);
    else if (p->cfg.t_reordering_ns != PDCP_INFINITY_NS)
        p->t_reordering = now_ns + p->cfg.t_reordering_ns;
}

void pdcp_on_reordering_timer(pdcp_t *p, int64_t now_ns)
{
    p->n.rx_reordering_expired++;
    while (p->rx_deliv < p->rx_reord)
        step(p, true);
    deliver_run(p);
    if (p->rx_deliv < p->rx_next)
        run_timer(p, now_ns);
}

/* A verified SDU with its COUNT. */
static int receive(pdcp_t *p, buf_t *b, uint32_t count, int64_t now_ns)
{
    if (count < p->rx_deliv ||
        (count - p->rx_deliv <= p->rx_mask && count < p->rx_next && p->held[count & p->rx_mask])) {
        p->n.rx_duplicate++;
        buf_free(b);
        return -EEXIST;
    }
    b->user = count;
    if (count == p->rx_deliv && count == p->rx_next) { /* nothing is missing, nothing is held */
        p->rx_deliv = p->rx_next = count + 1;
        give(p, b);
        return 0;
    }
    if (count - p->rx_deliv > p->rx_mask) {
        /* No memory for a gap this long: what is missing at its lower end is given up. */
        uint32_t low = count - p->rx_mask;
        p->n.rx_window_overrun++;
        while (p->rx_deliv < low && p->rx_deliv < p->rx_next)
            step(p, true);
        if (p->rx_deliv < low)
            p->rx_deliv = low;
        if (p->rx_next < p->rx_deliv)
            p->rx_next = p->rx_deliv;
    }
    if (count >= p->rx_next)
        p->rx_next = count + 1;
    if (p->cfg.out_of_order) {
        p->held[count & p->rx_mask] = GONE;
        give(p, b);
    } else {
        p->held[count & p->rx_mask] = b;
    }
    deliver_run(p);
    run_timer(p, now_ns);
    return 0;
}

/* 6.2.3: a status report tells what arrived; feedback of header compression and unknown types mean nothing
 * here.
 */
static void on_control(pdcp_t *p, const buf_t *b)
{
    p->n.rx_control++;
    if ((b->data[0] >> 4 & 7) != 0)
        return;
    if (b->len < 5) {
        p->n.rx_malformed++;
        return;
    }
    uint32_t fmc =
        (uint32_t)b->data[1] << 24 | (uint32_t)b->data[2] << 16 | (uint32_t)b->data[3] << 8 | b->data[4];
    if (fmc > p->tx_next)
        return; /* of COUNTs never sent */
    pdcp_unwatch(p, fmc);
    for (uint32_t i = 0; p->kept && i < (b->len - 5) * 8 && i <= p->tx_mask; i++) {
        uint32_t count = fmc + 1 + i;
        if (count >= p->tx_next)
            break;
        if (count < p->watch_from || !(b->data[5 + i / 8] & 0x80 >> i % 8))
            continue;
        buf_free(p->kept[count & p->tx_mask]); /* arrived: not to be sent again */
        p->kept[count & p->tx_mask] = NULL;
    }
}

static void rx_round(crypto_t *c, pdcp_item_t *items, uint32_t n, int64_t now_ns)
{
    nia_job_t macs[CRYPTO_BATCH_MAX];
    nea_job_t ciphers[CRYPTO_BATCH_MAX];
    uint8_t mac_of[CRYPTO_BATCH_MAX]; /* item of each job */
    uint32_t counts[CRYPTO_BATCH_MAX];
    uint32_t n_macs = 0, n_ciphers = 0;
    for (uint32_t i = 0; i < n; i++) {
        pdcp_t *p = items[i].pdcp;
        buf_t *b = items[i].buf;
        uint32_t tail = p->has_mac ? MAC_I_BYTES : 0;
        items[i].result = 0;
        counts[i] = 0;
        if (!p->cfg.srb && b->len > 0 && !(b->data[0] & 0x80)) {
            on_control(p, b);
            buf_free(b);
            items[i].buf = NULL;
            continue;
        }
        if (b->len < p->header_bytes + tail || !pdcp_rcvd_count(p, pdcp_sn(p, b->data), &counts[i])) {
            p->n.rx_malformed++;
            buf_free(b);
            items[i].buf = NULL;
            items[i].result = -EBADMSG;
            continue;
        }
        p->n.rx_pdus++;
        uint32_t clear = p->header_bytes + (p->cfg.sdap_header_rx ? 1u : 0u);
        if (p->rx_ciphering && p->nea.alg != NEA0 && b->len > clear)
            ciphers[n_ciphers++] = (nea_job_t){&p->nea,   b->data + clear, b->data + clear, b->len - clear,
                                               counts[i], p->bearer,       p->rx_direction};
        if (p->rx_integrity && p->nia.alg != NIA0) {
            mac_of[n_macs] = (uint8_t)i;
            macs[n_macs++] = (nia_job_t){.key = &p->nia,
                                         .in = b->data,
                                         .n_bytes = b->len - MAC_I_BYTES,
                                         .count = counts[i],
                                         .bearer = p->bearer,
                                         .direction = p->rx_direction,
                                         .headroom = buf_headroom(b) >= 8};
        }
    }
    if (n_ciphers)
        nea_batch(c, ciphers, n_ciphers);
    if (n_macs)
        nia_batch(c, macs, n_macs);
    for (uint32_t k = 0; k < n_macs; k++) {
        pdcp_item_t *item = &items[mac_of[k]];
        if (nia_mac_equal(macs[k].mac, macs[k].in + macs[k].n_bytes))
            continue;
        item->pdcp->n.rx_integrity++;
        buf_free(item->buf);
        item->buf = NULL;
        item->result = -EBADMSG;
        if (item->pdcp->ops.integrity_failure)
            item->pdcp->ops.integrity_failure(item->pdcp->ops.ctx);
    }
    for (uint32_t i = 0; i < n; i++) {
        pdcp_t *p = items[i].pdcp;
        buf_t *b = items[i].buf;
        if (!b)
            continue;
        buf_pull(b, p->header_bytes);
        b->len -= p->has_mac ? MAC_I_BYTES : 0;
        items[i].buf = NULL;
        items[i].result = receive(p, b, counts[i], now_ns);
    }
}

void pdcp_rx_batch(crypto_t *c, pdcp_item_t *items, uint32_t n, int64_t now_ns)
{
    for (uint32_t i = 0; i < n; i += CRYPTO_BATCH_MAX)
        rx_round(c, items + i, n - i < CRYPTO_BATCH_MAX ? n - i : CRYPTO_BATCH_MAX, now_ns);
}

int pdcp_rx(pdcp_t *p, crypto_t *c, buf_t *pdu, int64_t now_ns)
{
    pdcp_item_t item = {p, pdu, 0};
    rx_round(c, &item, 1, now_ns);
    return item.result;
}

int pdcp_build_status_report(const pdcp_t *p, buf_t *buf)
{
    /* D/C 0, type 0, FMC, then a bit for each COUNT from FMC + 1 on up to the last one received. 6.2.3.1 */
    uint32_t n_bits = p->rx_next > p->rx_deliv + 1 ? p->rx_next - p->rx_deliv - 1 : 0;
    uint32_t room = buf_tailroom(buf);
    if (room < 5)
        return -ENOBUFS;
    uint32_t n_bytes = (n_bits + 7) / 8;
    if (n_bytes > room - 5)
        n_bytes = room - 5;
    uint8_t *o = buf_put(buf, 5 + n_bytes);
    o[0] = 0;
    o[1] = (uint8_t)(p->rx_deliv >> 24);
    o[2] = (uint8_t)(p->rx_deliv >> 16);
    o[3] = (uint8_t)(p->rx_deliv >> 8);
    o[4] = (uint8_t)p->rx_deliv;
    memset(o + 5, 0, n_bytes);
    for (uint32_t i = 0; i < n_bits && i / 8 < n_bytes; i++)
        if (p->held[(p->rx_deliv + 1 + i) & p->rx_mask])
            o[5 + i / 8] |= (uint8_t)(0x80 >> (i % 8));
    return 0;
}
