/* SPDX-License-Identifier: Apache-2.0 */
/* The CU's user plane: SDAP and PDCP of all DRBs, F1-U towards the DUs with flow control, and N6. One thread
 * of its own does all of it; the control thread (RRC) drives it through the calls below, which put commands
 * into a ring and return at once. Commands are carried out in order. Identities and TEIDs are given out on
 * the control thread, so that a TEID can go into a message before the thread has seen the command; packets
 * that come even earlier wait in the socket.
 *
 *   N6 (TUN, by UE address) -> SDAP -> PDCP -> queue, discard timer -> F1-U within what the DU desires
 *   F1-U -> PDCP -> SDAP -> N6 (source address checked)
 *
 * N6 is behind cu/up/n6.h: what an N3 GTP-U implements later instead of a TUN. */
#ifndef VITRAN_CU_UP_H
#define VITRAN_CU_UP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/core/counters.h"
#include "lib/core/log.h"
#include "lib/core/loop.h"
#include "lib/core/pool.h"
#include "lib/pdcp/pdcp.h"

typedef struct up up_t;

typedef struct {
    uint32_t f1u_ipv4_be; /* our address on F1-U, network byte order; 0: any */
    uint16_t f1u_port;    /* 0: 2152 */
    const char *tun;      /* N6 interface name, made here; NULL: no N6 (tests give a descriptor) */
    int n6_fd;            /* used when tun is NULL and this is >= 0: datagrams of whole IP packets */
    uint32_t n6_ipv4_be;  /* address of the TUN device, e.g. 10.45.0.1; 0: left to the administrator */
    uint8_t n6_prefix;    /* e.g. 16 */
    uint32_t n6_mtu;      /* 0: 1400 */
    uint32_t max_ues;     /* 0: 256 */
    uint32_t n_bufs;      /* packet buffers; 0: 16384 */
    uint32_t buf_bytes;   /* data bytes of each; 0: 2048. At least MTU + 64 */
    const log_t *log;
} up_config_t;

/* What the user plane tells RRC, on the loop's thread. Any may be NULL. `ue` is the handle given by
 * up_ue_add.
 */
typedef struct {
    void *ctx;
    /* The DU answered with an error indication: it does not know our tunnel. */
    void (*bearer_lost)(void *ctx, uint32_t ue, uint8_t drb_id);
    /* COUNT reached its limit: new keys are needed before more can be sent. TS 38.331 5.3.1.2 */
    void (*count_exhausted)(void *ctx, uint32_t ue, uint8_t drb_id);
    /* MAC-I did not match on a DRB PDU. */
    void (*integrity_failure)(void *ctx, uint32_t ue, uint8_t drb_id);
} up_events_t;

#define UP_COUNTERS(X)                                                                                       \
    X(n6_rx_packets, COUNTER_INFO, "packets", "from N6")                                                     \
    X(n6_rx_bytes, COUNTER_INFO, "bytes", "from N6")                                                         \
    X(n6_rx_no_ue, COUNTER_INFO, "packets", "dropped: no UE has the destination address")                    \
    X(n6_rx_not_ipv4, COUNTER_INFO, "packets", "dropped: not IPv4, or shorter than its header")              \
    X(n6_rx_no_drb, COUNTER_WARNING, "packets", "dropped: no DRB for the QoS flow")                          \
    X(n6_tx_packets, COUNTER_INFO, "packets", "to N6")                                                       \
    X(n6_tx_bytes, COUNTER_INFO, "bytes", "to N6")                                                           \
    X(n6_tx_refused, COUNTER_WARNING, "packets", "dropped: the TUN device refused")                          \
    X(n6_tx_spoofed, COUNTER_WARNING, "packets", "dropped: source address is not the UE's")                  \
    X(n6_tx_malformed, COUNTER_WARNING, "packets",                                                           \
      "dropped: uplink SDU has no SDAP header or is no IP packet")                                           \
    X(f1u_rx_packets, COUNTER_INFO, "packets", "G-PDUs with data from DUs")                                  \
    X(f1u_rx_status, COUNTER_INFO, "packets", "DL DATA DELIVERY STATUS frames from DUs")                     \
    X(f1u_rx_malformed, COUNTER_ERROR, "packets", "dropped: header does not parse")                          \
    X(f1u_rx_unknown_teid, COUNTER_WARNING, "packets",                                                       \
      "dropped: no such tunnel; answered by error indication")                                               \
    X(f1u_rx_unexpected, COUNTER_WARNING, "packets", "dropped: message type without a meaning here")         \
    X(f1u_rx_error_indication, COUNTER_WARNING, "packets", "a DU does not know a tunnel we send to")         \
    X(f1u_rx_echo, COUNTER_INFO, "packets", "echo requests answered")                                        \
    X(f1u_tx_packets, COUNTER_INFO, "packets", "G-PDUs with data to DUs")                                    \
    X(f1u_tx_bytes, COUNTER_INFO, "bytes", "PDCP PDU bytes to DUs")                                          \
    X(f1u_tx_refused, COUNTER_WARNING, "packets", "dropped: the socket refused")                             \
    X(dl_queue_dropped, COUNTER_INFO, "packets", "dropped: the bearer's queue was full")                     \
    X(dl_discarded, COUNTER_INFO, "packets", "discard timer ran out in the bearer's queue")                  \
    X(no_buffer, COUNTER_WARNING, "times", "the pool was empty; packets stayed in the kernel")               \
    X(command_failed, COUNTER_ERROR, "commands", "named an unknown UE, session or DRB")
COUNTERS_DECLARE(up, UP_COUNTERS)

/* [control] Opens socket and TUN. 0, -EINVAL, -ENOMEM, -errno of what could not be opened. `events` come on
 * `loop` (NULL: none). */
int up_create(up_t **ret, const up_config_t *config, loop_t *loop, const up_events_t *events);
/* [control] Starts the thread. 0, -errno. */
int up_start(up_t *u);
/* [control] Ends the thread and frees all. NULL is fine. */
void up_destroy(up_t *u);

typedef struct {
    pdcp_security_t security; /* enc_key K_UPenc, int_key K_UPint */
} up_ue_config_t;

/* [control] All calls below: 0, -ENOSPC (UEs, sessions, tunnels or command ring exhausted), -EINVAL, -ENOENT.
 */
int up_ue_add(up_t *u, const up_ue_config_t *config, uint32_t *ret_ue);
/* Releases sessions and DRBs with it; the handle may not be used again. */
int up_ue_remove(up_t *u, uint32_t ue);
/* New K_UPenc, K_UPint: re-establishes PDCP of every DRB (TS 38.323 5.1.2). */
int up_ue_rekey(up_t *u, uint32_t ue, const pdcp_security_t *security);

#define UP_MAX_QFIS 16

typedef struct {
    uint8_t session_id;  /* PDU session ID, 1..15 */
    uint32_t ue_ipv4_be; /* the UE's address, network byte order */
    uint8_t default_qfi; /* QFI of downlink packets (no packet filters yet: the default QoS rule) */
} up_session_config_t;

int up_session_add(up_t *u, uint32_t ue, const up_session_config_t *config);
int up_session_remove(up_t *u, uint32_t ue, uint8_t session_id);

typedef struct {
    uint8_t drb_id;     /* 1..32 */
    uint8_t session_id; /* of a session added before */
    bool sdap_header_dl, sdap_header_ul;
    bool default_drb;
    uint8_t n_qfis;
    uint8_t qfis[UP_MAX_QFIS];
    /* srb, rb_id and network are filled in here. */
    pdcp_config_t pdcp;
    uint32_t queue_bytes; /* downlink packets that wait for the DU; 0: 1 MiB */
} up_drb_config_t;

/* Makes the DRB and its F1-U tunnel: ret_local_teid (network order is the codec's affair: a plain number) and
 * our F1-U address go to the DU as UL UP TNL information. Downlink packets wait until up_drb_set_remote. */
int up_drb_add(up_t *u, uint32_t ue, const up_drb_config_t *config, uint32_t *ret_local_teid);
/* The DU's DL UP TNL information. port 0: 2152. */
int up_drb_set_remote(up_t *u, uint32_t ue, uint8_t drb_id, uint32_t ipv4_be, uint16_t port, uint32_t teid);
/* Sends what the DU has not confirmed again (TS 38.323 5.4.1), AM DRBs only: when the DU says that it has
 * re-established RLC, after up_ue_rekey if keys changed. */
int up_drb_recover(up_t *u, uint32_t ue, uint8_t drb_id);
int up_drb_remove(up_t *u, uint32_t ue, uint8_t drb_id);

const up_counters_t *up_counters(const up_t *u);

/* [control] Bytes and packets of a UE, for status and KPM. 0, -ENOENT. */
typedef struct {
    uint64_t dl_packets, dl_bytes, ul_packets, ul_bytes; /* SDUs to and from the UE */
    uint64_t dl_dropped;
    uint64_t dl_queue_bytes; /* now */
} up_ue_stats_t;
int up_ue_stats(const up_t *u, uint32_t ue, up_ue_stats_t *ret);

#endif
