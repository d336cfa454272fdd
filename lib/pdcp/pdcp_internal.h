/* SPDX-License-Identifier: Apache-2.0 */
/* What the two directions of a PDCP entity share. Names of state variables are those of TS 38.323 7.1. */
#ifndef VITRAN_PDCP_PDCP_INTERNAL_H
#define VITRAN_PDCP_PDCP_INTERNAL_H

#include "lib/pdcp/pdcp.h"

#define MAC_I_BYTES 4u
#define NEVER INT64_MAX
/* In a reordering slot: received, and given away at once (out-of-order delivery). */
#define GONE ((buf_t *)(void *)&pdcp_gone)
extern buf_t pdcp_gone;

struct pdcp {
    pdcp_config_t cfg;
    pdcp_ops_t ops;
    uint32_t sn_mask; /* SN space - 1 */
    uint8_t header_bytes;
    uint8_t bearer, tx_direction, rx_direction;
    bool has_mac; /* data PDUs end with MAC-I */
    bool tx_integrity, tx_ciphering, rx_integrity, rx_ciphering;
    nea_key_t nea;
    nia_key_t nia;

    uint32_t tx_next; /* TX_NEXT */
    /* SDUs from watch_from up to TX_NEXT are watched: when each came, for the discard timer, and a copy for
     * recovery. By COUNT. */
    int64_t *came_ns; /* [size: tx_mask + 1]; NULL: no discard timer */
    buf_t **kept;     /* [size: tx_mask + 1]; NULL: no recovery */
    uint32_t tx_mask, watch_from;

    uint32_t rx_next, rx_deliv, rx_reord; /* RX_NEXT, RX_DELIV, RX_REORD */
    buf_t **held;                         /* [size: rx_mask + 1] by COUNT */
    uint32_t rx_mask;
    int64_t t_reordering;

    pdcp_counters_t n;
};

/* Reads the SN of a data PDU that is known to be long enough. 6.2.2 */
static inline uint32_t pdcp_sn(const pdcp_t *p, const uint8_t *h)
{
    return p->cfg.sn_bits == 12 ? ((uint32_t)h[0] << 8 | h[1]) & 0xfff
                                : ((uint32_t)h[0] << 16 | (uint32_t)h[1] << 8 | h[2]) & 0x3ffff;
}

/* RCVD_COUNT of an SN. false: below COUNT 0. 5.2.2.1 */
bool pdcp_rcvd_count(const pdcp_t *p, uint32_t sn, uint32_t *ret);
/* Watches SDUs below `count` no longer. */
void pdcp_unwatch(pdcp_t *p, uint32_t count);
/* Gives away everything held, in order, and forgets the rest. */
void pdcp_flush_rx(pdcp_t *p, bool deliver);
void pdcp_on_reordering_timer(pdcp_t *p, int64_t now_ns);

#endif
