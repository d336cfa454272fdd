/* SPDX-License-Identifier: Apache-2.0 */
/* What assoc.c (life of an association, send queue, backoff, callbacks) and the two carriers share. A carrier
 * moves bytes and translates its notifications; it knows nothing of callbacks. The two carriers' system
 * headers define the same names, so neither is included here. */
#ifndef VITRAN_SCTP_INTERNAL_H
#define VITRAN_SCTP_INTERNAL_H

#include "lib/sctp/assoc.h"

#include <sys/socket.h>

typedef struct {
    uint32_t n;
    struct sockaddr_storage a[ASSOC_MAX_ADDRS];
} addr_list_t;

/* addr.c */
/* Parses "a,b,c" with `port` for each; NULL or "" is the IPv4 wildcard. 0 or -EINVAL. */
int addr_parse(const char *text, uint16_t port, addr_list_t *ret);
socklen_t addr_len(const struct sockaddr_storage *a);
uint16_t addr_port(const struct sockaddr_storage *a);
void addr_set_port(struct sockaddr_storage *a, uint16_t port);
bool addr_equal(const struct sockaddr_storage *a, const struct sockaddr_storage *b); /* port included */
/* "10.0.0.1:38472", "[::1]:38472" */
void addr_print(const struct sockaddr_storage *a, char ret[ASSOC_ADDR_TEXT]);

/* The configuration with its defaults filled in and its strings parsed. */
typedef struct {
    addr_list_t local, remote;
    uint16_t local_udp_port, remote_udp_port, streams;
    uint32_t max_assocs, heartbeat_ms, rto_min_ms, rto_max_ms, max_retrans, backoff_min_ms, backoff_max_ms,
        queue_bytes;
} assoc_settings_t;

typedef struct kernel_end kernel_end_t; /* kernel.c: a socket and its place in the loop */
typedef struct udp_listen udp_listen_t; /* udp.c */
typedef struct udp_conn udp_conn_t;     /* udp.c */

/* A carrier's half. Calls about an association never call back into assoc.c before they return. */
typedef struct {
    assoc_carrier_t id;
    int (*listen)(assoc_listener_t *l);
    void (*listen_close)(assoc_listener_t *l);
    /* Begins to connect: ends in assoc_in_up or assoc_in_down. */
    int (*connect)(assoc_t *a);
    /* 0; -EAGAIN: assoc_in_writable comes later; or -errno. */
    int (*send)(assoc_t *a, uint16_t stream, uint32_t ppid, const void *bytes, size_t n);
    /* Lets go of the socket; in order or by ABORT. Fine when there is none. */
    void (*drop)(assoc_t *a, bool in_order);
    /* Copies the udp_* counters; NULL where there are none. */
    void (*read_counters)(const assoc_t *a, const assoc_listener_t *l, assoc_counters_t *to);
} carrier_t;

extern const carrier_t carrier_kernel, carrier_udp;

typedef struct queued {
    struct queued *next;
    uint32_t ppid, n;
    uint16_t stream;
    uint8_t bytes[];
} queued_t;

struct assoc {
    const carrier_t *carrier;
    loop_t *loop;
    assoc_settings_t set;
    assoc_cbs_t cbs;
    void *ctx, *user;
    log_t log;
    assoc_listener_t *listener; /* NULL: connecting */
    assoc_t *next;              /* of the listener */
    bool up, closed, said_failed;
    uint32_t pins; /* calls on the stack that still use this; freed when closed and unpinned */
    uint16_t streams;
    char remote_text[ASSOC_ADDR_TEXT];

    uint8_t *rx; /* message under reassembly [size: rx_cap] */
    size_t rx_n, rx_cap;
    bool rx_skip; /* it was too long: dropped to its end */

    queued_t *queue, **queue_tail;
    size_t queue_bytes;

    loop_timer_t retry;
    uint32_t backoff_ms;

    assoc_counters_t own, *counters; /* counters: own, or the listener's */
    kernel_end_t *kernel;
    udp_conn_t *udp;
};

struct assoc_listener {
    const carrier_t *carrier;
    loop_t *loop;
    assoc_settings_t set;
    assoc_cbs_t cbs;
    void *ctx;
    log_t log;
    assoc_t *assocs;
    uint32_t n_assocs, pins;
    bool closed;
    assoc_counters_t counters;
    kernel_end_t *kernel;
    udp_listen_t *udp;
};

/* What a carrier tells assoc.c. After each of these `a` may be closed: pin it before, look at a->closed
 * after. */
void assoc_pin(assoc_t *a);
void assoc_unpin(assoc_t *a);
/* After l->pins went down: frees a listener that is closed and has none. */
void assoc_listener_unpinned(assoc_listener_t *l);
/* A new association of a listener, not yet up; NULL: refused, counted. */
assoc_t *assoc_in_accept(assoc_listener_t *l, const struct sockaddr_storage *remote, uint16_t udp_port);
void assoc_in_up(assoc_t *a, uint16_t streams);
void assoc_in_down(assoc_t *a, assoc_down_t why);
/* A piece of a message; `last` ends it. */
void assoc_in_data(assoc_t *a, uint16_t stream, uint32_t ppid, const uint8_t *bytes, size_t n, bool last);
void assoc_in_event(assoc_t *a, assoc_event_type_t type, uint32_t code, const char *text);
void assoc_in_writable(assoc_t *a);

#endif
