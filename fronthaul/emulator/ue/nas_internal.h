/* SPDX-License-Identifier: Apache-2.0 */
/* The UE's NAS inside: nas.c (life, timers, the way in and out), nas_handle.c (the 5GMM machine and what it
 * does), nas_sm.c (the PDU session), nas_usim.c (authentication). Actions only put messages into the outbox
 * and note what to tell; both leave when the machine has taken its step, so that a callback finds the new
 * state. */
#ifndef VITRAN_EMULATOR_UE_NAS_INTERNAL_H
#define VITRAN_EMULATOR_UE_NAS_INTERNAL_H

#include "fronthaul/emulator/ue/nas.h"
#include "lib/core/fsm.h"
#include "lib/nas/security.h"

#define MESSAGE_BYTES 1024u
#define OUTBOX 4u
#define PDU_SESSION_ID 1u

/* What the UE waits for; one at a time for each of 5GMM and 5GSM. Values: TS 24.501 tables 10.2.1 and 10.3.1.
 */
typedef struct {
    int64_t due_ns; /* INT64_MAX: not running */
    uint8_t tries;  /* how often the message went out */
} wait_t;

#define T3510_S 15 /* REGISTRATION REQUEST */
#define T3511_S 10 /* before it is tried again */
#define T3517_S 15 /* SERVICE REQUEST */
#define T3521_S 15 /* DEREGISTRATION REQUEST */
#define T3580_S 16 /* PDU SESSION ESTABLISHMENT REQUEST */
#define MAX_TRIES 5

/* Events of the 5GMM machine: messages that arrive. */
typedef enum {
    EV_AUTHENTICATION_REQUEST,
    EV_AUTHENTICATION_REJECT,
    EV_SECURITY_MODE_COMMAND,
    EV_IDENTITY_REQUEST,
    EV_REGISTRATION_ACCEPT,
    EV_REGISTRATION_REJECT,
    EV_DEREGISTRATION_ACCEPT,
    EV_DEREGISTRATION_REQUEST,
    EV_SERVICE_ACCEPT,
    EV_SERVICE_REJECT,
    EV_CONFIGURATION_UPDATE,
    EV_DL_NAS_TRANSPORT,
    EV_STATUS,
    EV_COUNT
} ue_nas_event_t;

extern const fsm_t ue_nas_fsm;

typedef struct {
    size_t n;
    uint8_t pdu[MESSAGE_BYTES];
} out_t;

struct ue_nas {
    ue_nas_config_t config;
    ue_nas_cbs_t cbs;
    log_t log;
    crypto_t *crypto;
    ue_nas_counters_t counters;
    int64_t now_ns;
    uint16_t state; /* ue_nas_state_t, for fsm_step */

    nas_mobile_id_t suci;
    char sn_name[40]; /* serving network name: the home network's */
    char imeisv[17];
    nas_security_capability_t capability;

    bool connected,
        secured;        /* secured: secure exchange is established for this connection, TS 24.501 4.4.2.5 */
    bool wants_service; /* a SERVICE REQUEST is under way */
    bool has_guti;
    nas_guti_t guti;

    /* 5G-AKA: what the last successful challenge left, until SECURITY MODE COMMAND takes it into use */
    bool fresh;
    uint8_t fresh_ngksi, fresh_k_amf[32];
    uint8_t last_rand[16], last_res_star[16]; /* a repeated challenge gets the same answer, 5.4.1.3.3 */
    bool has_last;
    uint8_t mac_failures; /* in a row */

    nas_security_t security;
    bool has_k_gnb;
    uint32_t k_gnb_count; /* UL NAS COUNT that K_gNB is made with */

    wait_t mm, sm;
    bool restart_due; /* mm is T3511 */
    bool off;         /* deregistration for switch-off */
    uint8_t pti;
    bool session_up;
    ue_nas_session_t session;
    nas_nssai_t allowed;

    /* The initial message in full, for SECURITY MODE COMPLETE's container. */
    size_t initial_n;
    uint8_t initial[MESSAGE_BYTES];

    uint32_t out_n;
    out_t out[OUTBOX];
    bool tell_registered, tell_session_up, tell_session_down, tell_failed;
    ue_nas_fail_t fail;
    uint8_t fail_cause;
};

/* nas.c */
void ue_nas_wait_start(ue_nas_t *n, wait_t *w, int64_t seconds);
void ue_nas_wait_stop(wait_t *w);
/* Puts a message into the outbox: protected where there is a context in use, else plain. */
void ue_nas_send_mm(ue_nas_t *n, const nas_mm_t *m);
void ue_nas_send_protected(ue_nas_t *n, nas_sht_t sht, const nas_mm_t *m);
/* The initial messages: with a context integrity protected, their non-cleartext IEs ciphered in a container.
 */
int ue_nas_send_registration_request(ue_nas_t *n);
void ue_nas_send_service_request(ue_nas_t *n, bool paged);
void ue_nas_send_deregistration_request(ue_nas_t *n);
/* Everything stops; the caller hears of it. Forgets GUTI and keys. */
void ue_nas_fail(ue_nas_t *n, ue_nas_fail_t why, uint8_t cause);
void ue_nas_forget_network(ue_nas_t *n);

/* nas_usim.c: the USIM's answer to a challenge, TS 33.102 6.3.3 */
typedef enum { USIM_OK, USIM_MAC_FAILURE, USIM_NOT_5G, USIM_SYNC_FAILURE, USIM_ERROR } usim_result_t;
typedef struct {
    uint8_t res_star[16], k_amf[32]; /* OK */
    uint8_t auts[14];                /* SYNC_FAILURE */
} usim_answer_t;
usim_result_t ue_nas_usim_authenticate(ue_nas_t *n, const uint8_t rand[16], const uint8_t autn[16],
                                       const uint8_t *abba, size_t abba_n, usim_answer_t *ret);

/* nas_sm.c */
void ue_nas_sm_establish(ue_nas_t *n);
int ue_nas_sm_handle(ue_nas_t *n, const nas_dl_nas_transport_t *t);
void ue_nas_sm_timeout(ue_nas_t *n);

#endif
