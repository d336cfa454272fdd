/* SPDX-License-Identifier: Apache-2.0 */
/* The UE's 5GMM machine and what each downlink message does: TS 24.501 5.4, 5.5, 5.6. */
#include "fronthaul/emulator/ue/nas_internal.h"

#include <errno.h>
#include <string.h>

/* ---- authentication and security mode: common procedures ---- */

static void send_auth_failure(ue_nas_t *n, uint8_t cause, const uint8_t *auts)
{
    nas_mm_t m = {.type = NAS_AUTHENTICATION_FAILURE};
    m.u.authentication_failure.cause = cause;
    if (auts) {
        m.u.authentication_failure.has_auts = true;
        memcpy(m.u.authentication_failure.auts, auts, 14);
    }
    ue_nas_send_mm(n, &m);
}

static void send_res(ue_nas_t *n)
{
    nas_mm_t m = {.type = NAS_AUTHENTICATION_RESPONSE};
    m.u.authentication_response.has_res = true;
    memcpy(m.u.authentication_response.res, n->last_res_star, 16);
    ue_nas_send_mm(n, &m);
}

static int on_authentication_request(void *ctx, void *arg)
{
    ue_nas_t *n = ctx;
    const nas_authentication_request_t *r = &((const nas_mm_t *)arg)->u.authentication_request;
    usim_answer_t answer;
    if (!r->has_rand || !r->has_autn) { /* EAP-AKA' is not ours; 5.4.1.3 needs both */
        nas_mm_t m = {.type = NAS_5GMM_STATUS, .u.cause.cause = NAS_MM_CONDITIONAL_IE};
        ue_nas_send_mm(n, &m);
        return -EBADMSG;
    }
    if (n->has_last && memcmp(r->rand, n->last_rand, 16) == 0) {
        n->fresh_ngksi = r->ngksi;
        send_res(n);
        return 0;
    }
    if (r->ngksi == NAS_KSI_NONE || (n->security.valid && r->ngksi == n->security.ngksi)) {
        send_auth_failure(n, NAS_MM_NGKSI_IN_USE, NULL);
        return 0;
    }
    switch (ue_nas_usim_authenticate(n, r->rand, r->autn, r->abba.p, r->abba.n, &answer)) {
    case USIM_OK:
        n->fresh = n->has_last = true;
        n->fresh_ngksi = r->ngksi;
        n->mac_failures = 0;
        memcpy(n->fresh_k_amf, answer.k_amf, 32);
        memcpy(n->last_rand, r->rand, 16);
        memcpy(n->last_res_star, answer.res_star, 16);
        send_res(n);
        return 0;
    case USIM_SYNC_FAILURE:
        n->counters.auth_sync_failure++;
        log_notice(&n->log, "%s: authentication: SQN is not fresh, asking for resynchronisation",
                   n->config.imsi);
        send_auth_failure(n, NAS_MM_SYNCH_FAILURE, answer.auts);
        return 0;
    case USIM_NOT_5G:
        send_auth_failure(n, NAS_MM_NON_5G_AUTHENTICATION, NULL);
        return 0;
    case USIM_MAC_FAILURE:
        n->counters.auth_mac_failure++;
        log_warning(&n->log, "%s: authentication: MAC failure, this network does not have our key",
                    n->config.imsi);
        send_auth_failure(n, NAS_MM_MAC_FAILURE, NULL);
        if (++n->mac_failures == 3) /* 5.4.1.3.7 c: the network is taken for false */
            ue_nas_fail(n, UE_NAS_FAIL_NETWORK_NOT_AUTHENTIC, NAS_MM_MAC_FAILURE);
        return 0;
    default:
        log_error(&n->log, "%s: authentication: the algorithms failed", n->config.imsi);
        return -EIO;
    }
}

static int on_authentication_reject(void *ctx, void *arg)
{
    ue_nas_t *n = ctx;
    (void)arg;
    ue_nas_fail(n, n->mac_failures ? UE_NAS_FAIL_NETWORK_NOT_AUTHENTIC : UE_NAS_FAIL_AUTHENTICATION_REJECT,
                n->mac_failures ? NAS_MM_MAC_FAILURE : NAS_MM_ILLEGAL_UE);
    return 0;
}

/* The context is in use already: nas.c verified the message with it. 5.4.2.3 */
static int on_security_mode_command(void *ctx, void *arg)
{
    ue_nas_t *n = ctx;
    const nas_security_mode_command_t *c = &((const nas_mm_t *)arg)->u.security_mode_command;
    nas_mm_t m = {.type = NAS_SECURITY_MODE_COMPLETE};
    nas_security_mode_complete_t *done = &m.u.security_mode_complete;
    n->secured = true;
    n->has_k_gnb = true;
    n->k_gnb_count = n->security.tx_count; /* of this SECURITY MODE COMPLETE, TS 33.501 6.8.1.1.2.2 */
    if (c->has_imeisv_request && c->imeisv_request == 1) {
        done->has_imeisv = true;
        done->imeisv.type = NAS_ID_IMEISV;
        memcpy(done->imeisv.imei, n->imeisv, sizeof n->imeisv);
    }
    if (n->initial_n) {
        done->has_container = true;
        done->container = (nas_bytes_t){n->initial, (uint32_t)n->initial_n};
    }
    ue_nas_send_protected(n, NAS_INTEGRITY_CIPHERED_NEW, &m);
    return 0;
}

static int on_identity_request(void *ctx, void *arg)
{
    ue_nas_t *n = ctx;
    uint8_t type = ((const nas_mm_t *)arg)->u.identity_request.identity_type & 7;
    nas_mm_t m = {.type = NAS_IDENTITY_RESPONSE};
    nas_mobile_id_t *id = &m.u.identity_response.id;
    if (type == NAS_ID_SUCI)
        *id = n->suci;
    else if ((type == NAS_ID_IMEISV || type == NAS_ID_IMEI) && n->secured) {
        id->type = (nas_id_type_t)type;
        memcpy(id->imei, n->imeisv, sizeof n->imeisv);
        if (type == NAS_ID_IMEI)
            id->imei[15] = 0;
    } else if (type == NAS_ID_GUTI && n->has_guti && n->secured) {
        id->type = NAS_ID_GUTI;
        id->guti = n->guti;
    } else if (!n->secured)
        return -EPROTO; /* only the SUCI is given away unprotected, 4.4.4.2 */
    ue_nas_send_mm(n, &m);
    return 0;
}

/* ---- registration ---- */

static int on_registration_accept(void *ctx, void *arg)
{
    ue_nas_t *n = ctx;
    const nas_registration_accept_t *a = &((const nas_mm_t *)arg)->u.registration_accept;
    bool again = n->state != UE_NAS_REGISTERING; /* our COMPLETE was lost */
    ue_nas_wait_stop(&n->mm);
    n->mm.tries = 0;
    if (a->has_allowed_nssai)
        n->allowed = a->allowed_nssai;
    if (a->has_guti && a->guti.type == NAS_ID_GUTI) {
        nas_mm_t m = {.type = NAS_REGISTRATION_COMPLETE};
        n->has_guti = true;
        n->guti = a->guti.guti;
        ue_nas_send_mm(n, &m);
    }
    if (again)
        return 0;
    n->state = UE_NAS_REGISTERED;
    n->tell_registered = true;
    ue_nas_sm_establish(n);
    return 0;
}

static int on_registration_reject(void *ctx, void *arg)
{
    ue_nas_fail(ctx, UE_NAS_FAIL_REGISTRATION_REJECT, ((const nas_mm_t *)arg)->u.registration_reject.cause);
    return 0;
}

/* ---- deregistration ---- */

static int on_deregistration_accept(void *ctx, void *arg)
{
    ue_nas_t *n = ctx;
    (void)arg;
    ue_nas_wait_stop(&n->mm);
    return 0;
}

static int on_deregistration_request(void *ctx, void *arg)
{
    ue_nas_t *n = ctx;
    const nas_deregistration_request_nw_t *r = &((const nas_mm_t *)arg)->u.deregistration_request_nw;
    nas_mm_t m = {.type = NAS_DEREGISTRATION_ACCEPT_NW};
    ue_nas_send_mm(n, &m);
    ue_nas_fail(n, UE_NAS_FAIL_DEREGISTERED, r->has_cause ? r->cause : 0);
    return 0;
}

/* ---- service request ---- */

static int on_service_accept(void *ctx, void *arg)
{
    ue_nas_t *n = ctx;
    const nas_service_accept_t *a = &((const nas_mm_t *)arg)->u.service_accept;
    if (!n->wants_service)
        return -EPROTO;
    ue_nas_wait_stop(&n->mm);
    n->wants_service = false;
    if (n->session_up && a->has_pdu_session_status && !(a->pdu_session_status >> PDU_SESSION_ID & 1)) {
        n->session_up = false; /* the network has released it, 5.6.1.4 */
        n->state = UE_NAS_REGISTERED;
        n->tell_session_down = true;
    }
    return 0;
}

static int on_service_reject(void *ctx, void *arg)
{
    ue_nas_t *n = ctx;
    uint8_t cause = ((const nas_mm_t *)arg)->u.service_reject.cause;
    if (!n->wants_service)
        return -EPROTO;
    ue_nas_wait_stop(&n->mm);
    n->wants_service = false;
    if (cause != NAS_MM_CONGESTION) /* the others that a network sends us end the registration, 5.6.1.5 */
        ue_nas_fail(n, UE_NAS_FAIL_DEREGISTERED, cause);
    return 0;
}

static int on_configuration_update(void *ctx, void *arg)
{
    ue_nas_t *n = ctx;
    const nas_configuration_update_command_t *c = &((const nas_mm_t *)arg)->u.configuration_update_command;
    if (c->has_guti && c->guti.type == NAS_ID_GUTI) {
        n->has_guti = true;
        n->guti = c->guti.guti;
    }
    if (c->has_allowed_nssai)
        n->allowed = c->allowed_nssai;
    if (c->has_indication && (c->indication & 1)) {
        nas_mm_t m = {.type = NAS_CONFIGURATION_UPDATE_COMPLETE};
        ue_nas_send_mm(n, &m);
    }
    return 0;
}

static int on_dl_nas_transport(void *ctx, void *arg)
{
    return ue_nas_sm_handle(ctx, &((const nas_mm_t *)arg)->u.dl_nas_transport);
}

static int on_status(void *ctx, void *arg)
{
    ue_nas_t *n = ctx;
    log_notice(&n->log, "%s: 5GMM STATUS, cause %u", n->config.imsi, ((const nas_mm_t *)arg)->u.cause.cause);
    return 0;
}

/* ---- the machine ---- */

#define ROW FSM_ROW
static const fsm_row_t rows[] = {
    ROW(UE_NAS_REGISTERING, EV_AUTHENTICATION_REQUEST, on_authentication_request, FSM_ANY),
    ROW(UE_NAS_REGISTERING, EV_AUTHENTICATION_REJECT, on_authentication_reject, FSM_ANY),
    ROW(UE_NAS_REGISTERING, EV_SECURITY_MODE_COMMAND, on_security_mode_command, FSM_ANY),
    ROW(UE_NAS_REGISTERING, EV_IDENTITY_REQUEST, on_identity_request, FSM_ANY),
    ROW(UE_NAS_REGISTERING, EV_REGISTRATION_ACCEPT, on_registration_accept, FSM_ANY), /* REGISTERED */
    ROW(UE_NAS_REGISTERING, EV_REGISTRATION_REJECT, on_registration_reject, FSM_ANY), /* FAILED */

    ROW(UE_NAS_REGISTERED, EV_AUTHENTICATION_REQUEST, on_authentication_request, FSM_ANY),
    ROW(UE_NAS_REGISTERED, EV_AUTHENTICATION_REJECT, on_authentication_reject, FSM_ANY),
    ROW(UE_NAS_REGISTERED, EV_SECURITY_MODE_COMMAND, on_security_mode_command, FSM_ANY),
    ROW(UE_NAS_REGISTERED, EV_IDENTITY_REQUEST, on_identity_request, FSM_ANY),
    ROW(UE_NAS_REGISTERED, EV_REGISTRATION_ACCEPT, on_registration_accept, FSM_ANY),
    ROW(UE_NAS_REGISTERED, EV_CONFIGURATION_UPDATE, on_configuration_update, FSM_ANY),
    ROW(UE_NAS_REGISTERED, EV_DL_NAS_TRANSPORT, on_dl_nas_transport, FSM_ANY), /* SESSION_UP */
    ROW(UE_NAS_REGISTERED, EV_DEREGISTRATION_REQUEST, on_deregistration_request, FSM_ANY),
    ROW(UE_NAS_REGISTERED, EV_SERVICE_ACCEPT, on_service_accept, FSM_ANY),
    ROW(UE_NAS_REGISTERED, EV_SERVICE_REJECT, on_service_reject, FSM_ANY),

    ROW(UE_NAS_SESSION_UP, EV_AUTHENTICATION_REQUEST, on_authentication_request, FSM_ANY),
    ROW(UE_NAS_SESSION_UP, EV_AUTHENTICATION_REJECT, on_authentication_reject, FSM_ANY),
    ROW(UE_NAS_SESSION_UP, EV_SECURITY_MODE_COMMAND, on_security_mode_command, FSM_ANY),
    ROW(UE_NAS_SESSION_UP, EV_IDENTITY_REQUEST, on_identity_request, FSM_ANY),
    ROW(UE_NAS_SESSION_UP, EV_REGISTRATION_ACCEPT, on_registration_accept, FSM_ANY),
    ROW(UE_NAS_SESSION_UP, EV_CONFIGURATION_UPDATE, on_configuration_update, FSM_ANY),
    ROW(UE_NAS_SESSION_UP, EV_DL_NAS_TRANSPORT, on_dl_nas_transport, FSM_ANY), /* REGISTERED on release */
    ROW(UE_NAS_SESSION_UP, EV_DEREGISTRATION_REQUEST, on_deregistration_request, FSM_ANY),
    ROW(UE_NAS_SESSION_UP, EV_SERVICE_ACCEPT, on_service_accept, FSM_ANY),
    ROW(UE_NAS_SESSION_UP, EV_SERVICE_REJECT, on_service_reject, FSM_ANY),

    ROW(UE_NAS_DEREGISTERING, EV_DEREGISTRATION_ACCEPT, on_deregistration_accept, UE_NAS_DEREGISTERED),
    ROW(UE_NAS_DEREGISTERING, EV_DEREGISTRATION_REQUEST, on_deregistration_request,
        FSM_ANY), /* collision, 5.5.2.2.6 */

    ROW(FSM_ANY, EV_STATUS, on_status, FSM_ANY),
};

const char *const ue_nas_state_names[] = {"DEREGISTERED",  "REGISTERING", "REGISTERED", "SESSION_UP",
                                          "DEREGISTERING", "FAILED",      NULL};
const char *const ue_nas_fail_names[] = {"none",
                                         "registration rejected",
                                         "authentication rejected",
                                         "network not authentic",
                                         "security mode",
                                         "PDU session rejected",
                                         "no answer",
                                         "deregistered by the network",
                                         NULL};
static const char *const event_names[] = {"AUTHENTICATION REQUEST",
                                          "AUTHENTICATION REJECT",
                                          "SECURITY MODE COMMAND",
                                          "IDENTITY REQUEST",
                                          "REGISTRATION ACCEPT",
                                          "REGISTRATION REJECT",
                                          "DEREGISTRATION ACCEPT",
                                          "DEREGISTRATION REQUEST",
                                          "SERVICE ACCEPT",
                                          "SERVICE REJECT",
                                          "CONFIGURATION UPDATE",
                                          "DL NAS TRANSPORT",
                                          "5GMM STATUS"};
const fsm_t ue_nas_fsm = {"ue_nas", ue_nas_state_names,        event_names, rows, 6,
                          EV_COUNT, sizeof rows / sizeof *rows};
