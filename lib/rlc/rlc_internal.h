/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of an RLC entity share: its memory, SN arithmetic, and reassembly. Arrays are indexed by SN
 * modulo a power of two that is at least the window, so that a lookup is one access. */
#ifndef VITRAN_RLC_RLC_INTERNAL_H
#define VITRAN_RLC_RLC_INTERNAL_H

#include "lib/rlc/rlc.h"

#define NEVER INT64_MAX

/* Segmentation info. TS 38.322 6.2.3.4 */
enum { SI_ALL = 0, SI_FIRST = 1, SI_LAST = 2, SI_MIDDLE = 3 };
#define SI_HAS_SO(si) ((si) == SI_LAST || (si) == SI_MIDDLE)

#define SO_BYTES 2u
#define SDU_MAX 65535u /* what a 16-bit SO can address */

/* Bytes [start, end) of an SDU. */
typedef struct {
    uint16_t start, end;
} range_t;

#define TX_RANGES 3 /* more are merged: sending a few bytes twice is allowed, growing is not */

/* An SDU that has an SN. */
typedef struct {
    buf_t *sdu; /* NULL: acknowledged */
    uint32_t user;
    uint8_t n_ranges; /* what waits for retransmission, ascending and disjoint */
    uint8_t n_nacks;  /* RETX_COUNT + 1; 0: never considered for retransmission */
    range_t ranges[TX_RANGES];
} am_tx_sdu_t;

/* The SDU whose new bytes are being sent, piece by piece. */
typedef struct {
    buf_t *sdu;
    uint32_t sent; /* bytes sent so far */
    uint32_t sn;
} tx_current_t;

struct rlc {
    rlc_config_t cfg;
    rlc_ops_t ops;
    pool_t *pool;
    uint32_t sn_mask;   /* SN space - 1 */
    uint32_t sn_window; /* AM_Window_Size or UM_Window_Size, TS 38.322 7.2 */

    /* SDUs without an SN yet: a ring whose holes are SDUs discarded meanwhile */
    buf_t **queue; /* [size: queue_mask + 1] */
    uint32_t queue_mask, queue_head, queue_tail;
    uint32_t queue_n, queue_bytes;
    tx_current_t cur;

    /* AM transmission. Names are those of TS 38.322 7.1 */
    am_tx_sdu_t *tx;    /* [size: tx_mask + 1] */
    uint64_t *retx_map; /* [size: (tx_mask + 1) / 64] SDUs that have ranges */
    uint32_t tx_mask;
    uint32_t tx_next_ack, tx_next, poll_sn;
    uint32_t pdu_without_poll, byte_without_poll;
    uint32_t retx_bytes, retx_sdus;
    bool poll_forced, max_retx_told;
    int64_t t_poll_retransmit;

    /* Reception */
    buf_t **partial;   /* [size: rx_mask + 1] SDUs in reassembly */
    uint64_t *rx_done; /* [size: (rx_mask + 1) / 64] SDUs received completely */
    uint32_t rx_mask;
    uint32_t rx_next;           /* AM RX_Next; UM RX_Next_Reassembly */
    uint32_t rx_next_highest;   /* RX_Next_Highest */
    uint32_t rx_trigger;        /* AM RX_Next_Status_Trigger; UM RX_Timer_Trigger */
    uint32_t rx_highest_status; /* AM */
    int64_t t_reassembly;

    /* STATUS */
    bool status_wanted, poll_waits, status_size_known;
    uint32_t poll_waits_sn; /* the poll is answered when RX_Highest_Status has passed this */
    uint32_t status_size;
    int64_t status_allowed_at; /* end of t-StatusProhibit */

    rlc_counters_t n;
};

/* Distance from a to b going up. */
static inline uint32_t sn_from(const rlc_t *r, uint32_t a, uint32_t b)
{
    return (b - a) & r->sn_mask;
}

static inline bool bit_get(const uint64_t *map, uint32_t i)
{
    return map[i / 64] >> (i % 64) & 1;
}
static inline void bit_set(uint64_t *map, uint32_t i)
{
    map[i / 64] |= UINT64_C(1) << (i % 64);
}
static inline void bit_clear(uint64_t *map, uint32_t i)
{
    map[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

/* Writes the last 16 bits in network order. */
static inline void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}
static inline uint32_t get16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

/* rlc.c: the oldest SDU of the queue, off it; NULL when empty. */
buf_t *rlc_queue_pop(rlc_t *r);
void rlc_deliver(rlc_t *r, buf_t *sdu);
/* A buffer with one whole SDU, delivered; counts when there is none. */
void rlc_deliver_bytes(rlc_t *r, const uint8_t *p, uint32_t n);

/* rlc_segment.c: reassembly of one SDU in a buffer, whose headroom holds the list of what has come. */
typedef enum {
    SEGMENT_ADDED,
    SEGMENT_COMPLETE,
    SEGMENT_DUPLICATE,
    SEGMENT_MALFORMED,
    SEGMENT_NO_ROOM
} segment_t;
/* Makes a fresh buffer one for reassembly. */
void segment_begin(buf_t *b);
segment_t segment_add(buf_t *b, uint32_t so, const uint8_t *p, uint32_t n, bool last);
/* Whether bytes are missing in front of the last byte that has come. */
bool segment_has_gap(const buf_t *b);
/* The i-th missing range in order; end is SDU_MAX + 1 when it reaches an end that is not known. false: there
 * is none. */
bool segment_gap(const buf_t *b, uint32_t i, uint32_t *ret_start, uint32_t *ret_end);

/* The first SN at or above x, below `end`, that was not received completely; `end` if there is none. */
uint32_t rlc_first_missing(const rlc_t *r, uint32_t x, uint32_t end);

uint32_t um_pull(rlc_t *r, uint8_t *to, uint32_t n);
void um_on_pdu(rlc_t *r, const uint8_t *p, uint32_t n, int64_t now_ns);
void um_on_reassembly_timer(rlc_t *r, int64_t now_ns);

uint32_t am_pull(rlc_t *r, uint8_t *to, uint32_t n, int64_t now_ns);
void am_on_status(rlc_t *r, const uint8_t *p, uint32_t n);
void am_on_poll_timer(rlc_t *r);
void am_on_pdu(rlc_t *r, const uint8_t *p, uint32_t n, int64_t now_ns);
void am_on_reassembly_timer(rlc_t *r, int64_t now_ns);
/* Size of the STATUS PDU that could be sent now; 0: none. */
uint32_t am_status_size(rlc_t *r, int64_t now_ns);
/* Writes it, cut at n bytes; 0 when not even the fixed part fits. */
uint32_t am_status_write(rlc_t *r, uint8_t *to, uint32_t n, int64_t now_ns);

#endif
