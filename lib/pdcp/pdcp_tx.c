/* SPDX-License-Identifier: Apache-2.0 */
/* Sending. A round of the batch is: headers and COUNTs; MAC-I over header and data; ciphering of data and
 * MAC-I. TS 38.323 5.2.1, 5.8, 5.9 */
#include "lib/pdcp/pdcp_internal.h"

#include <errno.h>
#include <string.h>

static int put_header(pdcp_t *p, buf_t *b, int64_t now_ns)
{
    uint32_t tail = p->has_mac ? MAC_I_BYTES : 0;
    if (b->len > PDCP_MAX_SDU || buf_headroom(b) < p->header_bytes || buf_tailroom(b) < tail) {
        p->n.tx_too_large++;
        return -EMSGSIZE;
    }
    if (p->tx_next == UINT32_MAX) { /* never used twice with one key */
        p->n.tx_count_exhausted++;
        return -EOVERFLOW;
    }
    uint32_t sn = p->tx_next & p->sn_mask;
    p->n.tx_sdus++;
    p->n.tx_sdu_bytes += b->len;
    uint8_t *h = buf_push(b, p->header_bytes);
    uint8_t dc = p->cfg.srb ? 0 : 0x80;
    if (p->cfg.sn_bits == 12) {
        h[0] = (uint8_t)(dc | sn >> 8);
        h[1] = (uint8_t)sn;
    } else {
        h[0] = (uint8_t)(dc | sn >> 16);
        h[1] = (uint8_t)(sn >> 8);
        h[2] = (uint8_t)sn;
    }
    if (tail)
        memset(buf_put(b, tail), 0, tail);
    b->user = sn;
    if (p->came_ns) {
        if (p->tx_next - p->watch_from > p->tx_mask)
            p->watch_from++; /* more in flight than is watched */
        p->came_ns[p->tx_next & p->tx_mask] = now_ns;
    } else {
        p->watch_from = p->tx_next + 1;
    }
    p->tx_next++;
    return 0;
}

static void tx_round(crypto_t *c, pdcp_item_t *items, uint32_t n, int64_t now_ns)
{
    nia_job_t macs[CRYPTO_BATCH_MAX];
    nea_job_t ciphers[CRYPTO_BATCH_MAX];
    uint32_t n_macs = 0, n_ciphers = 0;
    for (uint32_t i = 0; i < n; i++) {
        pdcp_t *p = items[i].pdcp;
        buf_t *b = items[i].buf;
        items[i].result = put_header(p, b, now_ns);
        if (items[i].result != 0)
            continue;
        uint32_t count = p->tx_next - 1;
        if (p->tx_integrity && p->nia.alg != NIA0)
            macs[n_macs++] = (nia_job_t){.key = &p->nia,
                                         .in = b->data,
                                         .n_bytes = b->len - MAC_I_BYTES,
                                         .count = count,
                                         .bearer = p->bearer,
                                         .direction = p->tx_direction,
                                         .headroom = buf_headroom(b) >= 8};
        uint32_t clear = p->header_bytes + (p->cfg.sdap_header_tx ? 1u : 0u);
        if (p->tx_ciphering && p->nea.alg != NEA0 && b->len > clear)
            ciphers[n_ciphers++] = (nea_job_t){&p->nea, b->data + clear, b->data + clear, b->len - clear,
                                               count,   p->bearer,       p->tx_direction};
    }
    if (n_macs) {
        nia_batch(c, macs, n_macs);
        for (uint32_t i = 0; i < n_macs; i++)
            memcpy((uint8_t *)(uintptr_t)macs[i].in + macs[i].n_bytes, macs[i].mac, MAC_I_BYTES);
    }
    if (n_ciphers)
        nea_batch(c, ciphers, n_ciphers);
}

void pdcp_tx_batch(crypto_t *c, pdcp_item_t *items, uint32_t n, int64_t now_ns)
{
    for (uint32_t i = 0; i < n; i += CRYPTO_BATCH_MAX)
        tx_round(c, items + i, n - i < CRYPTO_BATCH_MAX ? n - i : CRYPTO_BATCH_MAX, now_ns);
}

int pdcp_tx(pdcp_t *p, crypto_t *c, buf_t *sdu, int64_t now_ns)
{
    pdcp_item_t item = {p, sdu, 0};
    tx_round(c, &item, 1, now_ns);
    return item.result;
}
