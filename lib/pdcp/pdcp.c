/* SPDX-License-Identifier: Apache-2.0 */
/* Creation, keys, timers, re-establishment. */
#include "lib/pdcp/pdcp_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

COUNTERS_DEFINE(pdcp, PDCP_COUNTERS)

buf_t pdcp_gone;

static uint32_t power_of_two(uint32_t n)
{
    uint32_t p = 16;
    while (p < n)
        p <<= 1;
    return p;
}

static bool config_valid(const pdcp_config_t *c)
{
    if (c->srb ? c->rb_id < 1 || c->rb_id > 3 || c->sn_bits != 12
               : c->rb_id < 1 || c->rb_id > 32 || (c->sn_bits != 12 && c->sn_bits != 18))
        return false;
    return c->t_reordering_ns >= 0 && c->discard_ns >= 0 && c->rx_window <= (1u << 17) &&
           c->tx_window <= (1u << 17);
}

static bool has_discard_timer(const pdcp_config_t *c)
{
    return !c->srb && c->discard_ns != 0 && c->discard_ns != PDCP_INFINITY_NS;
}

static bool has_recovery(const pdcp_config_t *c)
{
    return !c->srb && c->rlc_am && c->recovery;
}

void pdcp_unwatch(pdcp_t *p, uint32_t count)
{
    for (; p->watch_from < count; p->watch_from++)
        if (p->kept) {
            buf_free(p->kept[p->watch_from & p->tx_mask]);
            p->kept[p->watch_from & p->tx_mask] = NULL;
        }
}

int pdcp_create(pdcp_t **ret, const pdcp_config_t *config, const pdcp_ops_t *ops)
{
    if (!config_valid(config))
        return -EINVAL;
    pdcp_t *p = aligned_alloc(64, (sizeof *p + 63) & ~(size_t)63);
    if (!p)
        return -ENOMEM;
    memset(p, 0, sizeof *p);
    p->cfg = *config;
    p->ops = *ops;
    pdcp_config_t *c = &p->cfg;
    p->sn_mask = (1u << c->sn_bits) - 1;
    p->header_bytes = c->sn_bits == 12 ? 2 : 3;
    p->bearer = (uint8_t)((c->rb_id - 1) & 0x1f);
    p->tx_direction = c->network ? CRYPTO_DOWNLINK : CRYPTO_UPLINK;
    p->rx_direction = c->network ? CRYPTO_UPLINK : CRYPTO_DOWNLINK;
    p->has_mac = c->srb || c->integrity;
    p->t_reordering = NEVER;
    uint32_t window = 1u << (c->sn_bits - 1); /* Window_Size, 7.2 */
    uint32_t rx = power_of_two(c->rx_window ? c->rx_window : c->srb ? 64 : 4096);
    c->rx_window = rx < window ? rx : window;
    p->rx_mask = c->rx_window - 1;
    p->held = calloc(c->rx_window, sizeof *p->held);
    bool ok = p->held != NULL;
    if (has_discard_timer(c) || has_recovery(c)) {
        uint32_t tx = power_of_two(c->tx_window ? c->tx_window : 4096);
        c->tx_window = tx < window ? tx : window;
        p->tx_mask = c->tx_window - 1;
        if (has_discard_timer(c))
            p->came_ns = calloc(c->tx_window, sizeof *p->came_ns);
        if (has_recovery(c))
            p->kept = calloc(c->tx_window, sizeof(*p->kept));
        ok = ok && (p->came_ns || !has_discard_timer(c)) && (p->kept || !has_recovery(c));
    }
    if (!ok) {
        pdcp_destroy(p);
        return -ENOMEM;
    }
    *ret = p;
    return 0;
}

void pdcp_destroy(pdcp_t *p)
{
    if (!p)
        return;
    if (p->held)
        pdcp_flush_rx(p, false);
    free(p->held);
    if (p->kept)
        pdcp_unwatch(p, p->tx_next);
    free(p->came_ns);
    free(p->kept);
    free(p);
}

int pdcp_set_security(pdcp_t *p, crypto_t *c, const pdcp_security_t *s)
{
    if ((unsigned)s->nea > NEA3 || (unsigned)s->nia > NIA3)
        return -EINVAL;
    nea_key_init(c, &p->nea, s->nea, s->enc_key);
    nia_key_init(c, &p->nia, s->nia, s->int_key);
    return 0;
}

void pdcp_activate_tx(pdcp_t *p, bool integrity, bool ciphering)
{
    p->tx_integrity = integrity && p->has_mac;
    p->tx_ciphering = ciphering;
}

void pdcp_activate_rx(pdcp_t *p, bool integrity, bool ciphering)
{
    p->rx_integrity = integrity && p->has_mac;
    p->rx_ciphering = ciphering;
}

bool pdcp_verify(const pdcp_t *p, crypto_t *c, const nia_key_t *key, const buf_t *pdu)
{
    uint32_t count;
    uint8_t mac[4];
    if (!p->has_mac || pdu->len < p->header_bytes + MAC_I_BYTES ||
        !pdcp_rcvd_count(p, pdcp_sn(p, pdu->data), &count))
        return false;
    nia_mac(c, key, count, p->bearer, p->rx_direction, pdu->data, pdu->len - MAC_I_BYTES, mac);
    return nia_mac_equal(mac, pdu->data + pdu->len - MAC_I_BYTES);
}

void pdcp_on_delivered(pdcp_t *p, uint32_t sn)
{
    if (p->watch_from == p->tx_next)
        return;
    /* The highest COUNT sent that has this SN. */
    uint32_t count = p->tx_next - 1 - ((p->tx_next - 1 - sn) & p->sn_mask);
    if (count < p->tx_next && count >= p->watch_from)
        pdcp_unwatch(p, count + 1);
}

void pdcp_tick(pdcp_t *p, int64_t now_ns)
{
    if (now_ns >= p->t_reordering) {
        p->t_reordering = NEVER;
        pdcp_on_reordering_timer(p, now_ns);
    }
    if (!p->came_ns)
        return;
    while (p->watch_from != p->tx_next &&
           now_ns - p->came_ns[p->watch_from & p->tx_mask] >= p->cfg.discard_ns) {
        uint32_t sn = p->watch_from & p->sn_mask;
        pdcp_unwatch(p, p->watch_from + 1);
        p->n.tx_discarded++;
        if (p->ops.discard)
            p->ops.discard(p->ops.ctx, sn);
    }
}

int64_t pdcp_next_ns(const pdcp_t *p)
{
    int64_t t = p->t_reordering;
    if (p->came_ns && p->watch_from != p->tx_next) {
        int64_t d = p->came_ns[p->watch_from & p->tx_mask] + p->cfg.discard_ns;
        t = d < t ? d : t;
    }
    return t;
}

int pdcp_reestablish(pdcp_t *p, crypto_t *c, const pdcp_security_t *s)
{
    int r = pdcp_set_security(p, c, s);
    if (r != 0)
        return r;
    if (p->cfg.srb || !p->cfg.rlc_am) {
        pdcp_flush_rx(p, !p->cfg.srb);
        pdcp_unwatch(p, p->tx_next);
        p->tx_next = p->watch_from = 0;
        p->rx_next = p->rx_deliv = p->rx_reord = 0;
        p->t_reordering = NEVER;
    }
    pdcp_activate_tx(p, true, true);
    pdcp_activate_rx(p, true, true);
    return 0;
}

pdcp_state_t pdcp_state(const pdcp_t *p)
{
    return (pdcp_state_t){p->tx_next, p->rx_deliv, p->rx_next, p->rx_reord, p->t_reordering != NEVER};
}

void pdcp_set_counts(pdcp_t *p, uint32_t tx_next, uint32_t rx_next)
{
    pdcp_unwatch(p, p->tx_next);
    p->tx_next = p->watch_from = tx_next;
    p->rx_next = p->rx_deliv = p->rx_reord = rx_next;
}

const pdcp_counters_t *pdcp_counters(const pdcp_t *p)
{
    return &p->n;
}

const pdcp_config_t *pdcp_config(const pdcp_t *p)
{
    return &p->cfg;
}
