/* SPDX-License-Identifier: Apache-2.0 */
/* F1-U of the DU (TS 38.425 over TS 29.281): one thread owns the GTP-U socket and moves PDCP PDUs between it
 * and the slot thread through two rings. Three users, three faces:
 *
 *   [control]  f1u_create, f1u_start, f1u_tunnel_*: tunnels, as F1AP sets them up.
 *   [slot]     f1u_dl_pop, f1u_ul_push, f1u_flow_*: packets and delivery status; never a system call.
 *              After the slot's end: f1u_wake, the one call that writes an eventfd, if there is anything.
 *   [f1u]      the thread itself, inside.
 *
 * A bearer is named by the 32-bit handle that the DU chose (e.g. UE index << 8 | DRB id); nothing here reads
 * into it. A buffer pushed or popped changes owner. */
#ifndef VITRAN_DU_F1U_H
#define VITRAN_DU_F1U_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/core/counters.h"
#include "lib/core/log.h"
#include "lib/core/pool.h"
#include "lib/rlc/rlc.h"

typedef struct f1u f1u_t;

typedef struct {
    uint32_t local_ipv4_be; /* address of the socket, network byte order; 0: any */
    uint16_t port;          /* 0: 2152 */
    uint32_t n_tunnels;     /* 0: 1024 */
    uint32_t ring_elems;    /* of each ring; 0: 8192 */
    pool_t *pool;           /* buffers of received packets */
    const log_t *log;
} f1u_config_t;

#define F1U_COUNTERS(X)                                                                                      \
    X(rx_packets, COUNTER_INFO, "packets", "G-PDUs with data from the CU")                                   \
    X(rx_bytes, COUNTER_INFO, "bytes", "T-PDU bytes from the CU")                                            \
    X(rx_malformed, COUNTER_ERROR, "packets", "dropped: header does not parse")                              \
    X(rx_unknown_teid, COUNTER_WARNING, "packets", "dropped: no such tunnel; answered by error indication")  \
    X(rx_unexpected, COUNTER_WARNING, "packets", "dropped: message type without a meaning here")             \
    X(rx_ring_full, COUNTER_WARNING, "packets", "dropped: the slot thread did not keep up")                  \
    X(rx_lost, COUNTER_WARNING, "packets", "gaps in the NR-U sequence numbers")                              \
    X(rx_no_buffer, COUNTER_WARNING, "times", "the pool was empty; packets stayed in the socket")            \
    X(rx_end_marker, COUNTER_INFO, "packets", "end markers")                                                 \
    X(rx_error_indication, COUNTER_WARNING, "packets", "the CU does not know a tunnel we send to")           \
    X(rx_echo, COUNTER_INFO, "packets", "echo requests answered")                                            \
    X(tx_packets, COUNTER_INFO, "packets", "G-PDUs with data to the CU")                                     \
    X(tx_bytes, COUNTER_INFO, "bytes", "T-PDU bytes to the CU")                                              \
    X(tx_status, COUNTER_INFO, "packets", "DL DATA DELIVERY STATUS frames sent")                             \
    X(tx_dropped, COUNTER_WARNING, "packets", "dropped: no tunnel for the bearer, or the socket refused")
COUNTERS_DECLARE(f1u, F1U_COUNTERS)

/* [control] Opens the socket. 0, -EINVAL, -ENOMEM, -errno of socket or bind. */
int f1u_create(f1u_t **ret, const f1u_config_t *config);
/* [control] Starts the thread. 0, -errno. */
int f1u_start(f1u_t *f);
/* [control] Ends the thread, closes, frees what is in the rings. The slot thread must not run. NULL is fine.
 */
void f1u_destroy(f1u_t *f);

typedef struct {
    uint32_t bearer;         /* handle */
    uint32_t remote_ipv4_be; /* the CU's F1-U address and TEID (UL UP TNL information) */
    uint32_t remote_teid;
    uint16_t remote_port; /* 0: 2152 */
    uint8_t sn_bits;      /* of PDCP: 12 or 18, to read SNs off DL PDUs */
} f1u_tunnel_config_t;

/* [control] Makes a tunnel; its TEID (DL UP TNL information) works at once. 0, -ENOSPC, -EINVAL. */
int f1u_tunnel_add(f1u_t *f, const f1u_tunnel_config_t *config, uint32_t *ret_local_teid);
/* [control] New remote end. 0, -ENOENT. */
int f1u_tunnel_modify(f1u_t *f, uint32_t local_teid, const f1u_tunnel_config_t *config);
/* [control] What is still in the DL ring for its bearer can come out after this. 0, -ENOENT. */
int f1u_tunnel_remove(f1u_t *f, uint32_t local_teid);

#define F1U_NO_SN UINT32_MAX /* a PDCP control PDU */

/* What the slot thread takes from the DL ring. */
typedef enum {
    F1U_DL_SDU, /* buf: a PDCP PDU for rlc_push_sdu; buf->user is its NR PDCP SN or F1U_NO_SN; buf->time_ns
                   is 0: the slot thread stamps it with its own clock */
    F1U_DL_DISCARD, /* the CU withdrew the PDUs sn .. sn + n - 1: rlc_discard_sdu for each */
    F1U_DL_POLL     /* the CU wants a delivery status now: f1u_flow_poll */
} f1u_dl_kind_t;

typedef struct {
    f1u_dl_kind_t kind;
    uint32_t bearer;
    buf_t *buf;
    uint32_t sn, n;
} f1u_dl_t;

/* [slot] false when there is nothing. */
bool f1u_dl_pop(f1u_t *f, f1u_dl_t *ret);
/* [slot] A PDCP PDU towards the CU, with ownership; false: the ring is full and the buffer is still the
 * caller's. */
bool f1u_ul_push(f1u_t *f, uint32_t bearer, buf_t *pdu);
/* [slot, after the slot's end] Wakes the thread if anything was pushed since the last time: one write. */
void f1u_wake(f1u_t *f);

/* Delivery status of one bearer, kept by the slot thread beside its RLC entity. Point rlc_ops_t.transmitted
 * and .delivered here, and tick once a slot (or every few): a report goes out when something changed and
 * F1U_REPORT_NS have passed, or at once after a poll. The desired buffer size is what the bearer sent in the
 * last 100 ms and at least F1U_MIN_BUFFER_BYTES, so that queues stay short at any rate. */
#define F1U_REPORT_NS INT64_C(5000000)
#define F1U_MIN_BUFFER_BYTES (96u * 1024)

typedef struct {
    uint32_t bearer;
    bool am; /* acknowledged mode: also report what was delivered */
    bool has_tx, has_delivered, changed, poll;
    uint32_t tx_sn, delivered_sn;
    int64_t next_report_ns;
    int64_t rate_mark_ns;     /* start of the rate window */
    uint64_t rate_mark_bytes; /* bytes that had left the queue then */
    uint32_t desired_bytes;
} f1u_flow_t;

void f1u_flow_init(f1u_flow_t *w, uint32_t bearer, bool am);
static inline void f1u_flow_transmitted(f1u_flow_t *w, uint32_t sn)
{
    if (sn != F1U_NO_SN) {
        w->tx_sn = sn;
        w->has_tx = w->changed = true;
    }
}
static inline void f1u_flow_delivered(f1u_flow_t *w, uint32_t sn)
{
    if (sn != F1U_NO_SN) {
        w->delivered_sn = sn;
        w->has_delivered = w->changed = true;
    }
}
static inline void f1u_flow_poll(f1u_flow_t *w)
{
    w->poll = true;
}
/* [slot] */
void f1u_flow_tick(f1u_flow_t *w, f1u_t *f, rlc_t *rlc, int64_t now_ns);

const f1u_counters_t *f1u_counters(const f1u_t *f);

#endif
