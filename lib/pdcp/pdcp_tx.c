/* SPDX-License-Identifier: Apache-2.0 */
/* Sending. A round of the batch is: headers and COUNTs; MAC-I over header and data; ciphering of data and
 * MAC-I. TS 38.323 5.2.1, 5.8, 5.9 */
#include "lib/pdcp/pdcp_internal.h"

#include <errno.h>
#include <string.h>

/* Header in front and room for MAC-I behind. */
static void frame(const pdcp_t *p, buf_t *b, uint32_t count)
{
    uint32_t sn = count & p->sn_mask;
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
    if (p->has_mac)
        memset(buf_put(b, MAC_I_BYTES), 0, MAC_I_BYTES);
    b->user = sn;
}

/* Discard timer and recovery copy of the SDU that takes TX_NEXT. */
static void watch(pdcp_t *p, const buf_t *sdu, int64_t now_ns)
{
    if (!p->came_ns && !p->kept) {
        p->watch_from = p->tx_next + 1;
        return;
    }
    if (p->tx_next - p->watch_from > p->tx_mask)
        pdcp_unwatch(p, p->watch_from + 1); /* more in flight than is watched */
    if (p->came_ns)
        p->came_ns[p->tx_next & p->tx_mask] = now_ns;
    if (p->kept)
        p->kept[p->tx_next & p->tx_mask] = buf_from(p->cfg.recovery, sdu->data, sdu->len);
}

static int begin(pdcp_t *p, buf_t *b, int64_t now_ns)
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
    p->n.tx_sdus++;
    p->n.tx_sdu_bytes += b->len;
    watch(p, b, now_ns);
    frame(p, b, p->tx_next++);
    return 0;
}

/* What a round has for the multi-buffer library. */
typedef struct {
    nia_job_t macs[CRYPTO_BATCH_MAX];
    nea_job_t ciphers[CRYPTO_BATCH_MAX];
    uint32_t n_macs, n_ciphers;
} jobs_t;

static void add_jobs(const pdcp_t *p, buf_t *b, uint32_t count, jobs_t *j)
{
    if (p->tx_integrity && p->nia.alg != NIA0)
        j->macs[j->n_macs++] = (nia_job_t){.key = &p->nia,
                                           .in = b->data,
                                           .n_bytes = b->len - MAC_I_BYTES,
                                           .count = count,
                                           .bearer = p->bearer,
                                           .direction = p->tx_direction,
                                           .headroom = buf_headroom(b) >= 8};
    uint32_t clear = p->header_bytes + (p->cfg.sdap_header_tx ? 1u : 0u);
    if (p->tx_ciphering && p->nea.alg != NEA0 && b->len > clear)
        j->ciphers[j->n_ciphers++] = (nea_job_t){&p->nea, b->data + clear, b->data + clear, b->len - clear,
                                                 count,   p->bearer,       p->tx_direction};
}

static void run_jobs(crypto_t *c, jobs_t *j)
{
    if (j->n_macs) {
        nia_batch(c, j->macs, j->n_macs);
        for (uint32_t i = 0; i < j->n_macs; i++)
            memcpy((uint8_t *)(uintptr_t)j->macs[i].in + j->macs[i].n_bytes, j->macs[i].mac, MAC_I_BYTES);
    }
    if (j->n_ciphers)
        nea_batch(c, j->ciphers, j->n_ciphers);
}

static void tx_round(crypto_t *c, pdcp_item_t *items, uint32_t n, int64_t now_ns)
{
    jobs_t j;
    j.n_macs = j.n_ciphers = 0;
    for (uint32_t i = 0; i < n; i++) {
        pdcp_t *p = items[i].pdcp;
        buf_t *b = items[i].buf;
        items[i].result = begin(p, b, now_ns);
        if (items[i].result != 0)
            continue;
        add_jobs(p, b, p->tx_next - 1, &j);
    }
    run_jobs(c, &j);
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

uint32_t pdcp_recover(pdcp_t *p, crypto_t *c)
{
    uint32_t n = 0;
    for (uint32_t count = p->watch_from; p->kept && count != p->tx_next; count++) {
        const buf_t *sdu = p->kept[count & p->tx_mask];
        buf_t *b = sdu ? buf_from(p->cfg.recovery, sdu->data, sdu->len) : NULL;
        if (!b)
            continue;
        if (buf_tailroom(b) < MAC_I_BYTES || !p->ops.retransmit) {
            buf_free(b);
            continue;
        }
        jobs_t j;
        j.n_macs = j.n_ciphers = 0;
        frame(p, b, count);
        add_jobs(p, b, count, &j);
        run_jobs(c, &j);
        p->ops.retransmit(p->ops.ctx, b);
        n++;
    }
    return n;
}
