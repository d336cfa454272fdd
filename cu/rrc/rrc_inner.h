/* SPDX-License-Identifier: Apache-2.0 */
/* Inside cu/rrc: a UE, its states and events, and what the files ask of each other. */
#ifndef VITRAN_CU_RRC_INNER_H
#define VITRAN_CU_RRC_INNER_H

#include "cu/rrc/rrc_build.h"
#include "cu/rrc/rrc_cu.h"
#include "lib/pdcp/pdcp.h"

typedef enum {
    UE_SETUP,          /* RRCSetup is out */
    UE_CONNECTED,      /* RRC connection without AS security: NAS passes */
    UE_SECURITY,       /* SecurityModeCommand is out */
    UE_CAPABILITY,     /* UECapabilityEnquiry is out */
    UE_CONTEXT,        /* the DU works on UE CONTEXT SETUP or MODIFICATION */
    UE_RECONFIGURING,  /* RRCReconfiguration is out */
    UE_READY,          /* security is on and nothing is under way */
    UE_REESTABLISHING, /* RRCReestablishment is out */
    UE_RADIO_LOST,     /* the DU has lost the UE, which may still ask for re-establishment */
    UE_ASKED_RELEASE,  /* the core has been asked to release the UE */
    UE_RELEASING,      /* UE CONTEXT RELEASE COMMAND is out */
    UE_N_STATES
} ue_state_t;

typedef enum {
    /* from the UE */
    EV_SETUP_COMPLETE,
    EV_SECURITY_COMPLETE,
    EV_SECURITY_FAILURE,
    EV_CAPABILITY,
    EV_RECONFIGURED,
    EV_REESTABLISHED,
    EV_REESTABLISH, /* the request, verified */
    /* from the DU */
    EV_CONTEXT_OK,
    EV_CONTEXT_FAILED,
    EV_DU_WANTS_RELEASE,
    EV_DU_RADIO_LOST, /* a release request because of a radio link failure */
    EV_DU_REQUIRES,
    EV_DU_INACTIVE,
    EV_DU_RELEASED,
    EV_DU_LOST, /* the DU has no context of it any more */
    /* from the core, and from here */
    EV_JOB,     /* the first of the queue may begin */
    EV_RELEASE, /* the core commands the release */
    EV_UP_LOST, /* the user plane lost a bearer */
    EV_TIMEOUT,
    EV_N
} ue_event_t;

/* What the core wants of a UE, one after the other. */
typedef enum { JOB_CONTEXT, JOB_SESSIONS, JOB_RELEASE_SESSIONS, JOB_RESTORE } job_kind_t;

typedef struct job {
    struct job *next;
    job_kind_t kind;
    ngap_initial_context_setup_t context; /* JOB_CONTEXT; its sessions are in `sessions` */
    uint8_t n_sessions;
    ngap_pdu_session_setup_t sessions[NGAP_MAX_PDU_SESSIONS]; /* JOB_CONTEXT, JOB_SESSIONS; NAS in `bytes` */
    ngap_pdu_session_result_t results[NGAP_MAX_PDU_SESSIONS];
    uint8_t release[NGAP_MAX_PDU_SESSIONS]; /* JOB_RELEASE_SESSIONS: n_sessions ids */
    ngap_bytes_t nas;                       /* the request's own NAS-PDU */
    rrc_reconfiguration_t reconfiguration;  /* what the UE is going to be told */
    uint8_t cell_group[2048];               /* its masterCellGroup */
    uint32_t n_bytes;
    uint8_t bytes[]; /* copies of what ngap_bytes_t views point to */
} job_t;

typedef struct {
    uint8_t session_id; /* 0: free */
    uint8_t drb_id;
    f1ap_snssai_t snssai;
    uint8_t n_flows;
    f1ap_flow_t flows[F1AP_MAX_FLOWS];
    f1ap_tunnel_t ul;
    f1ap_tunnel_t dl;
    bool up; /* in service */
} session_t;

typedef struct rrc_ue rrc_ue_t;
struct rrc_ue {
    rrc_cu_t *rrc;
    bool used;
    uint16_t state;
    uint32_t ran_id;
    uint64_t amf_id;
    bool core_knows; /* INITIAL UE MESSAGE has gone */
    bool f1_alive;
    uint32_t cu_ue_id;
    f1ap_du_link_t *du;
    f1ap_cgi_t cell;
    uint16_t pci, crnti;
    uint32_t tac, ssb_arfcn;
    uint8_t establishment_cause;
    bool has_tmsi_part1, has_tmsi;
    uint64_t tmsi;            /* 48 bits; part 1: the 39 low ones, as they came */
    uint8_t last_transaction; /* the RRC transaction identifier given out last */
    uint8_t transaction;      /* of the message that an answer is awaited for */
    loop_timer_t timer;
    /* SRB1 and SRB2 at [1], [2] */
    pdcp_t *srb[3];
    bufq_t received; /* from the SRB at hand, in order */
    /* AS security */
    bool secure, has_keys;
    uint8_t k_gnb[32], ncc;
    pdcp_security_t rrc_security, up_security;
    /* capability */
    uint8_t *capability; /* UE-CapabilityRAT-ContainerList */
    uint32_t capability_n;
    uint64_t ambr_ul_bps;
    /* bearers */
    bool context_at_du; /* UE CONTEXT SETUP has been done */
    uint32_t up_ue;     /* UINT32_MAX: none */
    session_t sessions[RRC_MAX_DRBS];
    /* jobs: the first is under way in the states SECURITY .. RECONFIGURING */
    job_t *jobs;
    ngap_cause_t release_cause;
    /* A call outward that an action wants made when the step is over: the core may call back into us. */
    void (*after)(rrc_ue_t *ue);
};

struct rrc_cu {
    loop_t *loop;
    rrc_cu_config_t config;
    rrc_up_t up;
    f1ap_cu_t *f1;
    const ngap_core_t *core;
    rrc_cu_counters_t counters;
    uint32_t n_ues;
    rrc_ue_t *ues; /* [size: config.max_ues] */
    uint16_t *generations;
    arena_t arena;
    uint8_t arena_mem[128 * 1024];
    rrc_out_t out;
};

/* Runs the row for the event and what it left to do; what has no row is counted. Returns fsm_step's result.
 * The UE may be gone afterwards. */
int rrc_step(rrc_ue_t *ue, ue_event_t event, void *arg);
void rrc_timer(rrc_ue_t *ue, bool on);

/* rrc_cu.c */
rrc_ue_t *rrc_ue_new(rrc_cu_t *rrc);
rrc_ue_t *rrc_ue_of_ran_id(rrc_cu_t *rrc, uint32_t ran_id);
void rrc_ue_free(rrc_ue_t *ue); /* its F1 id, bearers and jobs go with it; nobody is told */

/* rrc_path.c: SRB messages through PDCP and F1 */
int rrc_srb_create(rrc_ue_t *ue, uint8_t srb_id);
int rrc_send_ccch(rrc_ue_t *ue);                 /* rrc->out on SRB0 */
int rrc_send_dcch(rrc_ue_t *ue, uint8_t srb_id); /* rrc->out */
/* rrc->out as a PDCP PDU; to be freed. NULL: counted. */
buf_t *rrc_protect(rrc_ue_t *ue, uint8_t srb_id);
void rrc_receive_srb(rrc_ue_t *ue, uint8_t srb_id, asn1_bytes_t pdu);
void rrc_capture_nas(rrc_cu_t *rrc, const uint8_t *p, uint32_t n);
/* For a message without an answer, and for one whose answer is awaited from now on. */
uint8_t rrc_next_transaction(rrc_ue_t *ue);
uint8_t rrc_awaited_transaction(rrc_ue_t *ue);

/* rrc_handle.c */
void rrc_on_initial_ul(void *ctx, f1ap_du_link_t *du, const f1ap_cell_t *cell, const f1ap_initial_ul_t *m);
void rrc_on_ue_message(void *ctx, void *ue, const f1ap_msg_t *m);
void rrc_on_ue_lost(void *ctx, void *ue, f1ap_cause_t cause);
void rrc_handle_dcch(rrc_ue_t *ue, uint8_t srb_id, const uint8_t *p, uint32_t n);

/* rrc_security.c */
/* Chooses algorithms among the UE's and derives all keys from ue->k_gnb. 0, -ENOTSUP: no integrity algorithm
 * in common. */
int rrc_security_choose(rrc_ue_t *ue, uint16_t nea_mask, uint16_t nia_mask);
int rrc_security_derive(rrc_ue_t *ue);
/* K_NG-RAN* for the UE's cell becomes K_gNB (TS 33.501 A.11). */
int rrc_security_next_key(rrc_ue_t *ue, uint8_t scratch[32]);
/* The 16 bits that a UE with this context would send. */
uint16_t rrc_security_short_mac(const rrc_ue_t *ue, uint16_t pci, uint64_t target_cell, uint16_t crnti);

/* rrc_bearer.c */
/* Prepares the first job's F1 request and sends it. 0 or -errno. */
int rrc_bearer_request(rrc_ue_t *ue);
/* The DU's answer: fills job->reconfiguration and job->results. */
int rrc_bearer_response(rrc_ue_t *ue, const f1ap_context_response_t *m);
/* After RRCReconfigurationComplete: bearers go into service. */
void rrc_bearer_start(rrc_ue_t *ue);
/* The first job came to nothing. */
void rrc_bearer_fail(rrc_ue_t *ue, ngap_cause_t cause);
void rrc_bearer_drop(rrc_ue_t *ue, session_t *s);
void rrc_bearer_drop_all(rrc_ue_t *ue);

/* rrc_ngap.c */
void rrc_job_add(rrc_ue_t *ue, job_t *job);
void rrc_job_pop(rrc_ue_t *ue);
job_t *rrc_job_new(job_kind_t kind, uint32_t n_bytes);
void rrc_core_initial_message(rrc_ue_t *ue, asn1_bytes_t nas);
void rrc_core_uplink_nas(rrc_ue_t *ue, asn1_bytes_t nas);
void rrc_core_job_done(rrc_ue_t *ue); /* response of the first job, which is popped */
void rrc_core_job_failed(rrc_ue_t *ue, ngap_cause_t cause);
void rrc_core_ask_release(rrc_ue_t *ue);
void rrc_core_release_complete(rrc_ue_t *ue); /* the UE is freed */

/* rrc_actions.c: actions of the table; ctx is the rrc_ue_t */
int rrc_do_connected(void *ctx, void *arg);
int rrc_do_start_job(void *ctx, void *arg);
int rrc_do_security(void *ctx, void *arg);
int rrc_do_secured(void *ctx, void *arg);
int rrc_do_security_failed(void *ctx, void *arg);
int rrc_do_capability(void *ctx, void *arg);
int rrc_do_context_ok(void *ctx, void *arg);
int rrc_do_context_failed(void *ctx, void *arg);
int rrc_do_reconfigured(void *ctx, void *arg);
int rrc_do_reestablish(void *ctx, void *arg);
int rrc_do_reestablished(void *ctx, void *arg);
int rrc_do_ask_release(void *ctx, void *arg);
int rrc_do_release(void *ctx, void *arg);
int rrc_do_released(void *ctx, void *arg);
int rrc_do_lost(void *ctx, void *arg);
int rrc_do_radio_lost(void *ctx, void *arg);
int rrc_do_timeout(void *ctx, void *arg);
int rrc_do_give_up(void *ctx, void *arg);
int rrc_do_required(void *ctx, void *arg);
int rrc_do_inactive(void *ctx, void *arg);

#endif
