/* SPDX-License-Identifier: Apache-2.0 */
/* Who owns what: the control thread owns the directory (which handles, sessions, DRBs and TEIDs exist) and
 * allocates the objects; the up thread owns the objects from the command that brings them until the one that
 * takes them away, and frees them. */
#ifndef VITRAN_CU_UP_INTERNAL_H
#define VITRAN_CU_UP_INTERNAL_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#include "cu/up/fq.h"
#include "cu/up/n6.h"
#include "cu/up/up.h"
#include "lib/core/ring.h"
#include "lib/gtpu/gtpu.h"
#include "lib/sdap/sdap.h"

#define UP_BATCH 64
#define UP_MAX_SESSIONS 16 /* PDU session ID 1..15 */
#define UP_MAX_DRBS 33     /* DRB id 1..32 */
#define FLIGHT_SLOTS 8192u /* PDUs under way whose sizes are remembered */

/* Before the DU has said what it wants. */
#define INITIAL_WINDOW_BYTES (128u * 1024)
/* A bearer whose window is closed sends one packet, polling for a status, when the DU has been silent this
 * long; the time doubles with each. */
#define PROBE_NS INT64_C(200000000)
#define PROBE_MAX_NS INT64_C(3200000000)

typedef struct ue ue_t;
typedef struct drb drb_t;

/* A PDU session. */
typedef struct session {
    ue_t *ue;
    up_session_config_t cfg;
    sdap_t sdap;
    struct session *next; /* in its bucket of the address table */
} session_t;

struct drb {
    up_t *up;
    ue_t *ue;
    up_drb_config_t cfg;
    uint32_t local_teid;
    pdcp_t *pdcp;
    struct sockaddr_in remote; /* family 0: not known yet */
    uint32_t remote_teid, nru_sn;

    fq_t queue; /* SDUs with SDAP header, before PDCP: what is dropped here leaves no gap in the COUNTs */
    drb_t *ready_next; /* in the list of DRBs that have something to send */
    bool ready;

    /* Flow control, TS 38.425 5.4.2: sent_total - confirmed_total bytes are under way. */
    uint32_t window_bytes;
    uint64_t sent_total, confirmed_total;
    uint64_t sent_at[FLIGHT_SLOTS]; /* sent_total when the PDU with this SN (modulo) had been sent */
    uint32_t last_sn;
    bool sent_any;
    int64_t probe_at_ns, probe_wait_ns;
    bool probe, poll; /* one packet may pass a closed window; the next packet asks for a status */
    bool count_told;
    bool retransmitting; /* PDUs being sent are sent for the second time */
};

struct ue {
    uint32_t handle;
    pdcp_security_t security;
    session_t *sessions[UP_MAX_SESSIONS];
    drb_t *drbs[UP_MAX_DRBS];
    up_ue_stats_t *stats; /* in up_t, so that the control thread can read it at any time */
};

typedef enum {
    UP_CMD_UE_ADD,
    UP_CMD_UE_REMOVE,
    UP_CMD_UE_REKEY,
    UP_CMD_SESSION_ADD,
    UP_CMD_SESSION_REMOVE,
    UP_CMD_DRB_ADD,
    UP_CMD_DRB_REMOTE,
    UP_CMD_DRB_RECOVER,
    UP_CMD_DRB_REMOVE
} up_cmd_kind_t;

typedef struct {
    up_cmd_kind_t kind;
    uint32_t index; /* of the UE */
    uint8_t id;     /* session or DRB */
    union {
        ue_t *ue;
        session_t *session;
        drb_t *drb;
        pdcp_security_t security;
        struct {
            uint32_t ipv4_be, teid;
            uint16_t port;
        } remote;
    } u;
} up_cmd_t;

/* The control thread's directory entry. */
typedef struct {
    uint32_t handle; /* 0: free */
    uint16_t generation;
    pdcp_security_t security;
    uint16_t sessions;           /* bit a PDU session ID */
    uint32_t teids[UP_MAX_DRBS]; /* 0: no such DRB */
} up_dir_t;

struct up {
    up_config_t cfg;
    loop_t *loop;
    up_events_t events;
    uint32_t n_ues; /* size of the tables by UE index; a power of two */

    /* control thread */
    up_dir_t *dir;
    gtpu_table_t teids_given;
    crypto_t *control_crypto; /* expands keys at creation */

    /* both */
    ring_t commands;
    int wake_fd;
    pthread_t thread;
    bool thread_runs;
    atomic_bool stop;
    up_ue_stats_t *stats; /* [size: n_ues] */

    /* up thread */
    n6_t n6;
    int fd;
    pool_t *pool;
    pool_t *recovery; /* copies of SDUs under way; its running empty costs no traffic, only recovery */
    crypto_t *crypto;
    ue_t **ues;          /* [size: n_ues] */
    session_t **by_addr; /* [size: n_ues] buckets */
    gtpu_table_t teids;  /* TEID -> drb_t * */
    drb_t *ready_head, *ready_tail;
    buf_t *rx[UP_BATCH];
    int64_t now_ns;
    int64_t next_tick_ns;
    up_counters_t n;
};

/* up_bearer.c: queues, SDAP, PDCP. */
void up_dl_packet(up_t *u, const n6_key_t *key, buf_t *b); /* from N6; takes the buffer */
void up_pump(up_t *u);                                     /* sends what flow control lets go */
void up_on_status(up_t *u, drb_t *d, const nru_t *s);
void up_mark_ready(up_t *u, drb_t *d);
void up_unready(up_t *u, drb_t *d);
void up_tick(up_t *u); /* timers of every bearer */
void up_pdcp_deliver(void *ctx, buf_t *sdu);
void up_pdcp_integrity_failure(void *ctx);
void up_pdcp_retransmit(void *ctx, buf_t *pdu);
session_t **up_bucket(up_t *u, uint32_t ue_ipv4_be);

/* up_f1u.c: the socket. */
bool up_f1u_receive(up_t *u);
/* Sends n PDUs (already with PDCP header) to their DRBs' DUs; frees the buffers. */
void up_f1u_send(up_t *u, drb_t *const *drbs, buf_t *const *bufs, unsigned n);

/* up_thread.c */
void *up_thread(void *u);
typedef enum { UP_EVENT_LOST, UP_EVENT_COUNT, UP_EVENT_INTEGRITY } up_event_kind_t;
/* Tells RRC, on its own thread. */
void up_tell(up_t *u, up_event_kind_t kind, const drb_t *d);
void up_free_ue(up_t *u, ue_t *ue);

#endif
