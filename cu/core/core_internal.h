/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded core inside: core.c (life, UE table, the NGAP side, outbox), core_mm_fsm.c (the 5GMM machine),
 * core_mm.c (what its steps do), core_send.c (messages and their protection), core_aka.c (AUSF and UDM),
 * core_sm.c (SMF).
 *
 * A step of a machine never calls the RAN: it puts operations into the outbox, which is emptied when the
 * outermost call into the core ends, so that a RAN that answers inside the call finds every state settled. */
#ifndef VITRAN_CU_CORE_INTERNAL_H
#define VITRAN_CU_CORE_INTERNAL_H

#include "cu/core/core.h"
#include "lib/core/fsm.h"
#include "lib/nas/security.h"

#define NAS_BYTES 1024u /* longest NAS message that the core makes or reads */
#define OUTBOX 16u      /* operations in one call */
#define MAX_SESSIONS 4u /* PDU sessions of a UE */
#define MAX_TRIES 5u    /* a message and its four retransmissions: TS 24.501 table 10.2.2 */
#define MAX_RESYNC 2u   /* AUTS in a row that are followed */
#define DEFAULT_5QI 9
#define DEFAULT_QFI 1

typedef enum {
    MM_NULL,           /* the initial message has come */
    MM_IDENTITY,       /* IDENTITY REQUEST is out, T3570 */
    MM_AUTHENTICATION, /* AUTHENTICATION REQUEST is out, T3560 */
    MM_SECURITY_MODE,  /* SECURITY MODE COMMAND is out, T3560 */
    MM_ACCEPTED,       /* REGISTRATION ACCEPT is out, T3550 */
    MM_REGISTERED,
    MM_DEREGISTERING, /* DEREGISTRATION REQUEST is out, T3522 */
    MM_RELEASING,     /* UE CONTEXT RELEASE COMMAND is out; forgotten when the RAN has done it */
    MM_STATES
} mm_state_t;

typedef enum {
    EV_REGISTRATION_REQUEST,
    EV_IDENTITY_RESPONSE,
    EV_AUTHENTICATION_RESPONSE,
    EV_AUTHENTICATION_FAILURE,
    EV_SECURITY_MODE_COMPLETE,
    EV_SECURITY_MODE_REJECT,
    EV_REGISTRATION_COMPLETE,
    EV_DEREGISTRATION_REQUEST,
    EV_DEREGISTRATION_ACCEPT,
    EV_SERVICE_REQUEST,
    EV_UL_NAS_TRANSPORT,
    EV_CONFIGURATION_UPDATE_COMPLETE,
    EV_STATUS,
    EV_TIMEOUT, /* the timer of the state's message ran out for the last time */
    EV_COUNT
} mm_event_t;
extern const fsm_t core_mm_fsm;

typedef enum { SESSION_NONE, SESSION_SETUP, SESSION_ACTIVE, SESSION_RELEASING } session_state_t;

typedef struct {
    session_state_t state;
    uint8_t id, pti;
    uint32_t ipv4;
    bool from_pool;
    nas_snssai_t snssai;
    bool only_ipv4; /* the UE asked for IPv4v6: told why it got less */
    bool wants_dns, wants_mtu;
} session_t;

/* An authentication vector and what the serving network derives of it. */
typedef struct {
    uint8_t rand[16], autn[16], xres_star[16], hxres_star[16], k_amf[32];
} vector_t;

typedef struct ue {
    core_t *core;
    bool used, connected;
    bool context_up; /* the RAN has set up the UE's context on this connection */
    uint16_t state;  /* mm_state_t */
    ngap_ue_ids_t ids;

    const core_subscriber_t *sub;
    uint32_t tmsi; /* 0: none */

    nas_security_t security;
    bool secured; /* secure exchange is established for this connection */
    uint8_t ngksi;
    vector_t vector;
    uint8_t resyncs;
    loop_timer_t t3513; /* running: the UE is being paged */
    uint8_t pagings;

    uint8_t capability_n, capability[8]; /* UE security capability as it came */
    nas_nssai_t requested, allowed;
    nas_rejected_nssai_t rejected;

    /* The message that waits for its answer, plain; n 0: none. */
    loop_timer_t timer;
    uint8_t tries;
    nas_sht_t retry_sht;
    int64_t retry_ms;
    size_t retry_n;
    uint8_t retry[NAS_BYTES];

    session_t sessions[MAX_SESSIONS];
} ue_t;

typedef enum {
    OP_NAS,
    OP_CONTEXT_SETUP,
    OP_SESSION_SETUP,
    OP_SESSION_RELEASE,
    OP_RELEASE,
    OP_PAGING,
    OP_ERROR
} op_type_t;

typedef struct {
    op_type_t type;
    union {
        ngap_nas_transport_t nas;
        ngap_initial_context_setup_t context_setup;
        ngap_pdu_session_setup_request_t session_setup;
        ngap_pdu_session_release_t session_release;
        ngap_ue_cause_t cause;
        ngap_paging_t paging;
    } u;
    size_t nas_n;
    uint8_t nas[NAS_BYTES]; /* what the op's NAS PDU points to */
} op_t;

struct core {
    loop_t *loop;
    const core_config_t *config;
    ngap_ran_t ran;
    ngap_core_t face;
    log_t log;
    crypto_t *crypto;
    core_counters_t counters;
    uint8_t plmn[3];
    char sn_name[40];

    ue_t *ues; /* [size: max_ues] */
    uint32_t n_ues;
    uint64_t next_amf_id;
    uint64_t *sqn;   /* [size: n_subscribers] the last one given out */
    uint8_t *leased; /* [size: pool addresses] 1: in use */
    uint32_t pool_n, pool_next;

    core_tap_t tap;
    void *tap_ctx;

    uint32_t depth; /* calls into the core on the stack */
    uint32_t op_first, op_n;
    op_t ops[OUTBOX];
};

/* core.c */
void core_enter(core_t *c);
void core_leave(core_t *c);
op_t *core_op_add(core_t *c, op_type_t type); /* NULL: full, logged */
/* Ends the UE's connection; `forget`: and everything known of it. */
void core_ue_release(ue_t *u, ngap_cause_t cause, bool forget);
/* Frees the entry: timer, sessions. Tells nobody. */
void core_ue_forget(ue_t *u);
ue_t *core_ue_new(core_t *c, uint32_t ran_ue_ngap_id); /* NULL: the table is full, counted */
/* A UE that was known before is here again, on this connection. */
void core_ue_reconnect(ue_t *u, uint32_t ran_ue_ngap_id);
ue_t *core_ue_by_tmsi(core_t *c, uint32_t tmsi);
ue_t *core_ue_by_subscriber(core_t *c, const core_subscriber_t *sub, const ue_t *but);
const core_subscriber_t *core_subscriber_find(const core_t *c, const char *imsi);
uint32_t core_tmsi_new(core_t *c);
int core_random_bytes(void *to, size_t n);

/* core_send.c */
void core_tap(const ue_t *u, bool uplink, nas_sht_t sht, const uint8_t *plain, size_t n);
/* Protected when there is a secure exchange, else plain. */
void core_send_mm(ue_t *u, const nas_mm_t *m);
/* The same, and again until the answer comes or MAX_TRIES is reached. */
void core_send_mm_and_wait(ue_t *u, const nas_mm_t *m, nas_sht_t sht, int64_t ms);
/* Notes what core_send_mm_and_wait would repeat, without sending: it goes out inside another operation. */
void core_wait_for_answer(ue_t *u, const nas_mm_t *m, nas_sht_t sht, int64_t ms);
void core_answer_came(ue_t *u);
/* Builds and protects into `op->nas`. */
int core_op_nas(ue_t *u, op_t *op, const nas_mm_t *m);
void core_send_status(ue_t *u, uint8_t cause);
void core_send_initial_context_setup(ue_t *u, const nas_mm_t *m, uint16_t sessions);

/* core_aka.c */
int core_aka_vector(core_t *c, const core_subscriber_t *sub, vector_t *ret);
/* Follows a valid AUTS: the next vector is above the USIM's SQN. 0 or -EPERM. */
int core_aka_resync(core_t *c, const core_subscriber_t *sub, const uint8_t rand[16], const uint8_t auts[14]);
bool core_aka_check(const vector_t *v, const uint8_t res_star[16]);

/* core_mm.c */
void core_mm_initial(core_t *c, const ngap_initial_ue_message_t *m);
void core_mm_uplink(ue_t *u, const uint8_t *pdu, size_t n);
int core_mm_on_registration_request(void *ctx, void *arg);
int core_mm_on_identity_response(void *ctx, void *arg);
int core_mm_on_authentication_response(void *ctx, void *arg);
int core_mm_on_authentication_failure(void *ctx, void *arg);
int core_mm_on_security_mode_complete(void *ctx, void *arg);
int core_mm_on_security_mode_reject(void *ctx, void *arg);
int core_mm_on_registration_complete(void *ctx, void *arg);
int core_mm_on_deregistration_request(void *ctx, void *arg);
int core_mm_on_deregistration_accept(void *ctx, void *arg);
int core_mm_on_service_request(void *ctx, void *arg);
int core_mm_on_ul_nas_transport(void *ctx, void *arg);
int core_mm_on_status(void *ctx, void *arg);
int core_mm_on_setup_timeout(void *ctx, void *arg);
int core_mm_on_accept_timeout(void *ctx, void *arg);

/* core_sm.c */
int core_sm_handle(ue_t *u, const nas_ul_nas_transport_t *t);
void core_sm_on_setup_response(ue_t *u, const ngap_setup_response_t *r);
void core_sm_on_release_response(ue_t *u, const ngap_pdu_session_release_t *r);
void core_sm_describe(const ue_t *u, const session_t *s, ngap_pdu_session_setup_t *ret);
void core_sm_free(ue_t *u, session_t *s);
void core_sm_free_all(ue_t *u);
/* Frees the sessions that are not in the UE's PDU session status. */
void core_sm_keep(ue_t *u, uint16_t status);
uint16_t core_sm_status(const ue_t *u); /* PDU session status bits */
bool core_sm_owns(const ue_t *u, uint32_t ipv4);

/* core_paging.c: ends what core_downlink_data began. */
void core_paging_stop(ue_t *u);

#endif
