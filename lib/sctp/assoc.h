/* SPDX-License-Identifier: Apache-2.0 */
/* SCTP associations (RFC 9260) for F1-C, NG-C and E2: one interface over two carriers. `kernel` is the
 * kernel's own SCTP with multi-homing; `udp` is usrsctp over a UDP socket of ours (RFC 6951), for kernels
 * that have no SCTP. `auto` takes the kernel's when it has one. All is non-blocking on a loop_t: every
 * function here is called on the loop's thread and every callback runs there; a callback may call anything of
 * this header, assoc_close and assoc_listen_close of what called it included.
 *
 * Upper face: assoc_listen, assoc_connect, assoc_send, assoc_close, and assoc_cbs_t.
 * Lower face: sockets; nothing of it is seen.
 *
 * usrsctp has one state a process. It starts with the first endpoint of the udp carrier and ends with the
 * last, and it runs on one loop at a time: the udp carrier on a second loop of the same process is refused
 * with -EBUSY. Ends with the same local address and UDP port share the UDP socket (a DU's F1 and E2 both
 * leave from 9899) and its udp_* counters; on different ones, equal SCTP ports do not meet. */
#ifndef VITRAN_SCTP_ASSOC_H
#define VITRAN_SCTP_ASSOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/core/counters.h"
#include "lib/core/log.h"
#include "lib/core/loop.h"

#define ASSOC_UDP_PORT 9899u            /* IANA "sctp-tunneling", RFC 6951 6 */
#define ASSOC_MAX_ADDRS 4u              /* addresses of one end */
#define ASSOC_MAX_MESSAGE (256u * 1024) /* bytes; a longer one is dropped and counted */
#define ASSOC_ADDR_TEXT 64u             /* bytes of a printed address with port */

/* Payload protocol identifiers as they stand in a DATA chunk after ntohl. */
#define ASSOC_PPID_NGAP 60u     /* TS 38.412 7 */
#define ASSOC_PPID_F1AP 62u     /* TS 38.472 7 */
#define ASSOC_PPID_E2_CU_CP 70u /* O-RAN.WG3.E2GAP */
#define ASSOC_PPID_E2_CU_UP 71u
#define ASSOC_PPID_E2_DU 72u

typedef enum { ASSOC_CARRIER_AUTO, ASSOC_CARRIER_KERNEL, ASSOC_CARRIER_UDP } assoc_carrier_t;
extern const char *const assoc_carrier_labels[]; /* "auto", "kernel", "udp", NULL: for CONFIG_ENUM */

typedef struct assoc assoc_t;
typedef struct assoc_listener assoc_listener_t;

#define ASSOC_COUNTERS(X)                                                                                    \
    X(rx_messages, COUNTER_INFO, "messages", "received whole")                                               \
    X(tx_messages, COUNTER_INFO, "messages", "handed to the carrier")                                        \
    X(ups, COUNTER_INFO, "associations", "came up")                                                          \
    X(downs, COUNTER_WARNING, "associations", "went down, whatever the reason")                              \
    X(connect_failed, COUNTER_WARNING, "attempts", "to connect that ended without an association")           \
    X(rx_too_long, COUNTER_ERROR, "messages", "dropped: longer than ASSOC_MAX_MESSAGE")                      \
    X(tx_queue_full, COUNTER_ERROR, "messages", "refused: the send queue was full")                          \
    X(tx_failed, COUNTER_ERROR, "messages", "given up by SCTP before the peer acknowledged them")            \
    X(accept_refused, COUNTER_WARNING, "associations", "refused: max_assocs were up")                        \
    X(udp_rx, COUNTER_INFO, "datagrams", "read from the UDP socket (udp carrier)")                           \
    X(udp_tx, COUNTER_INFO, "datagrams", "written to the UDP socket (udp carrier)")                          \
    X(udp_rx_short, COUNTER_WARNING, "datagrams", "dropped: too short for an SCTP header and a chunk")       \
    X(udp_rx_checksum, COUNTER_WARNING, "datagrams", "dropped: CRC32c does not match")                       \
    X(udp_rx_stranger, COUNTER_WARNING, "datagrams", "dropped: from an unknown peer and not an INIT for us") \
    X(udp_rx_crowded, COUNTER_WARNING, "datagrams",                                                          \
      "dropped: INIT from a new peer while the peer table is full")                                          \
    X(udp_tx_dropped, COUNTER_WARNING, "datagrams", "not sent: the UDP socket refused them")
COUNTERS_DECLARE(assoc, ASSOC_COUNTERS)

/* One end. Zero is a good value for every member that says so. */
typedef struct {
    assoc_carrier_t carrier;
    /* Addresses without port, IPv4 or IPv6, separated by commas; more than one is multi-homing, which the udp
     * carrier does not have: it takes the first. local NULL or "": any. */
    const char *local;
    uint16_t local_port; /* SCTP port; 0: the carrier chooses (connect only) */
    const char *remote;  /* connect only */
    uint16_t remote_port;
    uint16_t local_udp_port;         /* udp carrier; 0: ASSOC_UDP_PORT */
    uint16_t remote_udp_port;        /* udp carrier, connect only; 0: ASSOC_UDP_PORT */
    uint16_t streams;                /* outbound and inbound wanted; 0: 8 */
    uint32_t max_assocs;             /* listen only; 0: 64 */
    uint32_t heartbeat_ms;           /* 0: 2000 */
    uint32_t rto_min_ms, rto_max_ms; /* 0: 100 and 1000 */
    uint32_t max_retrans; /* per association, and per path half of it; 0: 6. Loss is noticed after about
                             heartbeat_ms + max_retrans x rto_max_ms at worst */
    uint32_t backoff_min_ms, backoff_max_ms; /* wait before a new attempt to connect, doubled each time; 0:
                                                200 and 5000 */
    uint32_t queue_bytes;                    /* what may wait when the carrier's buffer is full; 0: 4 MiB */
    const log_t *log;                        /* NULL: silent; must outlive the end */
} assoc_config_t;

typedef enum {
    ASSOC_DOWN_SHUTDOWN,       /* the peer shut the association down in order */
    ASSOC_DOWN_LOST,           /* the peer aborted it or does not answer any more */
    ASSOC_DOWN_CONNECT_FAILED, /* connect only, once for each run of failed attempts: no association yet; goes
                                  on trying */
} assoc_down_t;

typedef enum {
    ASSOC_EVENT_PATH_UP,   /* text: address of the peer that answers (again) */
    ASSOC_EVENT_PATH_DOWN, /* text: address of the peer that does not answer */
    ASSOC_EVENT_RESTART,   /* the peer started the association anew: what the layer above agreed on is gone */
    ASSOC_EVENT_SEND_FAILED, /* a message was given up unacknowledged */
    ASSOC_EVENT_REMOTE_ERROR /* the peer sent an ERROR chunk; code: cause, RFC 9260 3.3.10 */
} assoc_event_type_t;

typedef struct {
    assoc_event_type_t type;
    uint32_t code;
    const char *text; /* "" when there is none */
} assoc_event_t;

typedef struct {
    /* The association can carry messages. For a listener this is the first that is heard of `a`: it may set
     * assoc_set_user here. */
    void (*up)(void *ctx, assoc_t *a);
    /* It carries nothing any more and messages not yet acknowledged are lost. An accepted association is gone
     * when this returns; a connecting one tries again by itself. Not called for what assoc_close ends. */
    void (*down)(void *ctx, assoc_t *a, assoc_down_t why);
    /* One whole message; the bytes are good until the callback returns. */
    void (*message)(void *ctx, assoc_t *a, uint16_t stream, uint32_t ppid, const uint8_t *bytes, size_t n);
    /* May be NULL. */
    void (*event)(void *ctx, assoc_t *a, const assoc_event_t *e);
} assoc_cbs_t;

/* True when this kernel has SCTP (its module may be loaded on asking). */
bool assoc_kernel_has_sctp(void);

/* Listens. `cbs` is copied, `ctx` goes to each callback. 0; -EINVAL (address, missing port), -EADDRINUSE,
 * -EPROTONOSUPPORT (kernel carrier without kernel SCTP), -EBUSY (see above), -ENOMEM, -errno. */
int assoc_listen(loop_t *loop, const assoc_config_t *config, const assoc_cbs_t *cbs, void *ctx,
                 assoc_listener_t **ret);
/* Ends its associations too (ABORT, no down callbacks). NULL is fine. */
void assoc_listen_close(assoc_listener_t *l);

/* Starts to connect and goes on, with backoff, until assoc_close. A peer that is not there is no error here.
 * Errors as assoc_listen. */
int assoc_connect(loop_t *loop, const assoc_config_t *config, const assoc_cbs_t *cbs, void *ctx,
                  assoc_t **ret);

/* Sends one message, or queues it while the carrier is busy; the bytes are copied. `stream` counts from 0.
 * 0; -ENOTCONN (not up), -EINVAL (no such stream, n is 0), -EMSGSIZE (n > ASSOC_MAX_MESSAGE), -ENOBUFS (queue
 * full: nothing was taken), -errno. */
int assoc_send(assoc_t *a, uint16_t stream, uint32_t ppid, const void *bytes, size_t n);

/* Ends the association in order (SHUTDOWN after what the carrier has taken) or at once (ABORT) and forgets
 * it: no callback comes any more. NULL is fine. */
void assoc_close(assoc_t *a, bool in_order);

bool assoc_is_up(const assoc_t *a);
/* Outbound streams that the peer agreed to; 0 while down. */
uint16_t assoc_streams(const assoc_t *a);
assoc_carrier_t assoc_carrier(const assoc_t *a); /* KERNEL or UDP */
/* "10.0.0.2:38472"; with the udp carrier "10.0.0.2:38472 over UDP 9899". Good while the association lives. */
const char *assoc_remote_text(const assoc_t *a);
/* Bytes of sent messages that still wait for room in the carrier. */
size_t assoc_queued_bytes(const assoc_t *a);

/* A pointer of the layer above; NULL at first. */
void assoc_set_user(assoc_t *a, void *user);
void *assoc_user(const assoc_t *a);

/* Counters of an endpoint: a listener's cover its associations. */
const assoc_counters_t *assoc_counters(const assoc_t *a);
const assoc_counters_t *assoc_listener_counters(const assoc_listener_t *l);

#endif
