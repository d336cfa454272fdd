/* SPDX-License-Identifier: Apache-2.0 */
/* RLC (TS 38.322): one entity, both directions, network or UE side, in transparent, unacknowledged or
 * acknowledged mode. An entity belongs to one thread, the slot thread: after rlc_create nothing here
 * allocates, locks or calls the system, and the work of each call is bounded by what it is given and by the
 * configured windows. Time is whatever monotonic ns the caller passes in; calls must not go back in time.
 *
 * Above (PDCP, RRC, F1-U):  rlc_push_sdu, rlc_discard_sdu, and rlc_ops_t for SDUs received and sent.
 * Below (MAC):              rlc_buffer_status, rlc_pull, rlc_on_pdu, rlc_tick each slot.
 *
 * Buffers carry SDUs: rlc_push_sdu takes ownership, deliver() gives it away. A PDU never has a buffer of its
 * own: it is written straight into the transport block and read straight out of it. */
#ifndef VITRAN_RLC_RLC_H
#define VITRAN_RLC_RLC_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/core/counters.h"
#include "lib/core/pool.h"

typedef struct rlc rlc_t;

typedef enum { RLC_TM, RLC_UM, RLC_AM } rlc_mode_t;

/* Times in ns. What stands in RRC's RLC-Config, TS 38.331; "infinity" is 0 for poll_pdu and poll_byte. */
typedef struct {
    rlc_mode_t mode;
    uint8_t sn_bits;              /* UM: 6, 12. AM: 12, 18. TM: ignored */
    uint8_t max_retx;             /* AM maxRetxThreshold, 1..32 */
    uint32_t poll_pdu;            /* AM, PDUs */
    uint32_t poll_byte;           /* AM, bytes */
    int64_t t_poll_retransmit_ns; /* AM */
    int64_t t_reassembly_ns;      /* UM, AM */
    int64_t t_status_prohibit_ns; /* AM */

    /* Sizes of the memory that is set aside; 0 takes the default. Windows are rounded up to a power of two
     * and capped by half the SN space. */
    uint32_t queue_sdus; /* SDUs waiting for their first transmission; default 4096 (TM: 64) */
    uint32_t tx_window;  /* AM: SDUs sent and not yet acknowledged; default 4096 */
    uint32_t rx_window;  /* UM, AM: SNs in reception; default 4096; a PDU beyond it is dropped, not acked */
} rlc_config_t;

/* What the entity tells the layer above, from within the calls below. Any member may be NULL. None of them
 * may destroy or re-establish the entity; pushing SDUs is fine. */
typedef struct {
    void *ctx;
    /* A received SDU, with ownership. Order is that of completion: PDCP reorders (TS 38.322 5.2.3.2). */
    void (*deliver)(void *ctx, buf_t *sdu);
    /* The last byte of the SDU that was pushed with this `user` value was sent for the first time. */
    void (*transmitted)(void *ctx, uint32_t user);
    /* AM: the peer acknowledged all of it. Called in the order of transmission without gaps, so that the last
     * one seen is the highest delivered in sequence (TS 38.425 5.4.2.1). */
    void (*delivered)(void *ctx, uint32_t user);
    /* AM: maxRetxThreshold was reached (TS 38.322 5.3.2): radio link failure. Once until re-established. */
    void (*max_retx)(void *ctx);
} rlc_ops_t;

/* TS 38.322 5.5. The MAC's BSR counts data_bytes (TS 38.321 5.4.5: headers are not counted); a scheduler that
 * grants total_bytes empties the entity in one PDU-stream. */
typedef struct {
    uint32_t total_bytes;  /* data, RLC headers, STATUS PDU; 0: nothing to send */
    uint32_t data_bytes;   /* SDU bytes for the first time and again, STATUS PDU */
    uint32_t retx_bytes;   /* of those, retransmissions */
    uint32_t status_bytes; /* of those, a STATUS PDU that may be sent now */
    uint32_t n_sdus;       /* SDUs that wait for (the rest of) their first transmission */
    int64_t head_time_ns;  /* buf time_ns of the oldest of those; 0 when there is none */
} rlc_buffer_status_t;

#define RLC_COUNTERS(X)                                                                                      \
    X(tx_sdus, COUNTER_INFO, "SDUs", "taken from above")                                                     \
    X(tx_sdu_bytes, COUNTER_INFO, "bytes", "taken from above")                                               \
    X(tx_pdus, COUNTER_INFO, "PDUs", "data PDUs given to MAC, retransmissions included")                     \
    X(tx_retx_pdus, COUNTER_INFO, "PDUs", "retransmissions given to MAC")                                    \
    X(tx_status, COUNTER_INFO, "PDUs", "STATUS PDUs given to MAC")                                           \
    X(tx_discarded, COUNTER_INFO, "SDUs", "discarded on request from above")                                 \
    X(tx_queue_full, COUNTER_WARNING, "SDUs", "refused: the queue is full")                                  \
    X(tx_max_retx, COUNTER_ERROR, "SDUs", "reached maxRetxThreshold")                                        \
    X(rx_pdus, COUNTER_INFO, "PDUs", "data PDUs from MAC")                                                   \
    X(rx_sdus, COUNTER_INFO, "SDUs", "delivered above")                                                      \
    X(rx_sdu_bytes, COUNTER_INFO, "bytes", "delivered above")                                                \
    X(rx_status, COUNTER_INFO, "PDUs", "STATUS PDUs from MAC")                                               \
    X(rx_malformed, COUNTER_ERROR, "PDUs", "dropped: header, segment offset or STATUS PDU does not parse")   \
    X(rx_duplicate, COUNTER_INFO, "PDUs", "dropped: all of it was received before")                          \
    X(rx_out_of_window, COUNTER_WARNING, "PDUs", "dropped: SN outside of the receive window")                \
    X(rx_bad_status, COUNTER_WARNING, "PDUs", "STATUS PDUs that name SNs never sent")                        \
    X(rx_no_buffer, COUNTER_WARNING, "PDUs", "dropped: no buffer, or SDU larger than a buffer")              \
    X(rx_reassembly_dropped, COUNTER_WARNING, "SDUs", "UM: incomplete when t-Reassembly or the window ended")
COUNTERS_DECLARE(rlc, RLC_COUNTERS)

/* [control] `pool` gives the buffers of received SDUs. 0, -EINVAL (a value that 38.331 does not allow),
 * -ENOMEM. */
int rlc_create(rlc_t **ret, const rlc_config_t *config, const rlc_ops_t *ops, pool_t *pool);
/* [control] Frees all buffers held. NULL is fine. */
void rlc_destroy(rlc_t *r);
/* Drops all SDUs and segments, stops timers, zeroes state variables. TS 38.322 5.1.2 */
void rlc_reestablish(rlc_t *r);

/* Queues an SDU (1 to 65535 bytes; a longer or empty one is -EINVAL) and takes ownership of it, on success
 * only. sdu->user comes back in transmitted() and delivered() (PDCP SN by convention), sdu->time_ns in
 * head_time_ns. 0, -ENOBUFS (queue full), -EINVAL. */
int rlc_push_sdu(rlc_t *r, buf_t *sdu);
/* Drops the queued SDU with this `user` value, if not a byte of it was sent. 0, -ENOENT. TS 38.322 5.4. Looks
 * from the oldest on. */
int rlc_discard_sdu(rlc_t *r, uint32_t user);

/* What MAC could take now. */
void rlc_buffer_status(rlc_t *r, int64_t now_ns, rlc_buffer_status_t *ret);
/* Writes the next PDU, at most n bytes, to `to`: STATUS first, then retransmissions, then new data, segmented
 * as needed. Returns its size, 0 when there is nothing that fits. Called until it returns 0 or the grant is
 * used up; each PDU is its own MAC subPDU. */
uint32_t rlc_pull(rlc_t *r, uint8_t *to, uint32_t n, int64_t now_ns);
/* One received PDU of n bytes; the memory stays the caller's. What does not parse is counted and dropped. */
void rlc_on_pdu(rlc_t *r, const uint8_t *pdu, uint32_t n, int64_t now_ns);
/* Runs what has expired. Once a slot, in O(1) when nothing has. */
void rlc_tick(rlc_t *r, int64_t now_ns);

const rlc_counters_t *rlc_counters(const rlc_t *r);
const rlc_config_t *rlc_config(const rlc_t *r); /* with the defaults filled in */

#endif
