/* SPDX-License-Identifier: Apache-2.0 */
/* AMF: uplink 5GMM messages, checked and read, and what the steps of the machine do.
 * TS 24.501 4.4.4.3, 5.4, 5.5, 5.6. */
#include "cu/core/core_internal.h"

#include "lib/core/clock.h"

#include <errno.h>
#include <string.h>

#define CAUSE_NAS(v) ((ngap_cause_t){NGAP_CAUSE_NAS, (v)})

/* ---- identity ---- */

static void reject_registration(ue_t *u, uint8_t cause)
{
    nas_mm_t m = {.type = NAS_REGISTRATION_REJECT, .u.registration_reject.cause = cause};
    u->core->counters.registrations_rejected++;
    log_notice(&u->core->log, "%s: registration rejected, cause %u", u->sub ? u->sub->imsi : "unknown UE",
               cause);
    core_send_mm(u, &m);
    core_ue_release(u, CAUSE_NAS(NGAP_NAS_UNSPECIFIED), true);
}

static void ask_identity(ue_t *u)
{
    nas_mm_t m = {.type = NAS_IDENTITY_REQUEST, .u.identity_request.identity_type = NAS_ID_SUCI};
    u->state = MM_IDENTITY;
    core_send_mm_and_wait(u, &m, NAS_PLAIN, u->core->config->t3570_ms);
}

static void authenticate(ue_t *u)
{
    static const uint8_t abba[2] = {0, 0};
    nas_mm_t m = {.type = NAS_AUTHENTICATION_REQUEST};
    nas_authentication_request_t *r = &m.u.authentication_request;
    if (core_aka_vector(u->core, u->sub, &u->vector) < 0) {
        log_error(&u->core->log, "%s: no authentication vector", u->sub->imsi);
        reject_registration(u, NAS_MM_CONGESTION);
        return;
    }
    u->ngksi = (uint8_t)((u->ngksi + 1) % NAS_KSI_NONE);
    r->ngksi = u->ngksi;
    r->abba = (nas_bytes_t){abba, sizeof abba};
    r->has_rand = r->has_autn = true;
    memcpy(r->rand, u->vector.rand, 16);
    memcpy(r->autn, u->vector.autn, 16);
    u->state = MM_AUTHENTICATION;
    core_send_mm_and_wait(u, &m, NAS_PLAIN, u->core->config->t3560_ms);
}

static void identified(ue_t *u, const nas_mobile_id_t *id)
{
    char imsi[16];
    if (!nas_id_imsi(id, imsi)) { /* concealed: there is no home network key here */
        reject_registration(u, NAS_MM_UE_IDENTITY_UNKNOWN);
        return;
    }
    u->sub = core_subscriber_find(u->core, imsi);
    if (!u->sub) {
        u->core->counters.unknown_subscriber++;
        log_notice(&u->core->log, "%s: no such subscriber", imsi);
        reject_registration(u, NAS_MM_ILLEGAL_UE);
        return;
    }
    u->resyncs = 0;
    authenticate(u);
}

int core_mm_on_identity_response(void *ctx, void *arg)
{
    ue_t *u = ctx;
    core_answer_came(u);
    identified(u, &((const nas_mm_t *)arg)->u.identity_response.id);
    return 0;
}

/* ---- authentication ---- */

static void reject_authentication(ue_t *u)
{
    nas_mm_t m = {.type = NAS_AUTHENTICATION_REJECT};
    core_send_mm(u, &m);
    core_ue_release(u, CAUSE_NAS(NGAP_NAS_AUTHENTICATION_FAILURE), true);
}

/* One algorithm that both have: the configured one, else the strongest. -1: none. */
static int pick(int64_t wanted, uint8_t octet, bool null_allowed)
{
    static const int order[] = {2, 1, 3, 0};
    if (octet & 0x80 >> wanted)
        return (int)wanted;
    for (unsigned i = 0; i < 4; i++)
        if ((octet & 0x80 >> order[i]) && (order[i] || null_allowed))
            return order[i];
    return -1;
}

static void start_security_mode(ue_t *u)
{
    core_t *c = u->core;
    int nea = pick(c->config->nea, u->capability[0], true),
        nia = pick(c->config->nia, u->capability[1], false);
    nas_mm_t m = {.type = NAS_SECURITY_MODE_COMMAND};
    nas_security_mode_command_t *s = &m.u.security_mode_command;
    if (nea < 0 || nia < 0) {
        reject_registration(u, NAS_MM_SECURITY_CAPABILITIES_MISMATCH);
        return;
    }
    if (nas_security_init(&u->security, c->crypto, u->vector.k_amf, u->ngksi, (nea_t)nea, (nia_t)nia,
                          CRYPTO_DOWNLINK) < 0) {
        reject_registration(u, NAS_MM_CONGESTION);
        return;
    }
    u->secured = false;
    s->algorithms = (uint8_t)(nea << 4 | nia);
    s->ngksi = u->ngksi;
    s->replayed.raw = (nas_bytes_t){u->capability, u->capability_n};
    s->has_imeisv_request = s->has_additional = true;
    s->imeisv_request = 1;
    s->additional = 2; /* the initial message again, in full: what came was not protected, 4.4.6 */
    u->state = MM_SECURITY_MODE;
    core_send_mm_and_wait(u, &m, NAS_INTEGRITY_NEW, c->config->t3560_ms);
}

int core_mm_on_authentication_response(void *ctx, void *arg)
{
    ue_t *u = ctx;
    core_t *c = u->core;
    const nas_authentication_response_t *r = &((const nas_mm_t *)arg)->u.authentication_response;
    if (!r->has_res) { /* says nothing about who sent it; 5.4.1.3.4 has it there always */
        core_send_status(u, NAS_MM_CONDITIONAL_IE);
        return -EBADMSG;
    }
    core_answer_came(u);
    if (!core_aka_check(&u->vector, r->res)) {
        c->counters.auth_wrong_res++;
        log_warning(&c->log, "%s: authentication: wrong RES*", u->sub->imsi);
        reject_authentication(u);
        return 0;
    }
    c->counters.auth_ok++;
    /* Only now is it sure who this is: what the subscriber had before ends. */
    ue_t *old = core_ue_by_subscriber(c, u->sub, u);
    if (old)
        core_ue_release(old, CAUSE_NAS(NGAP_NAS_NORMAL_RELEASE), true);
    start_security_mode(u);
    return 0;
}

int core_mm_on_authentication_failure(void *ctx, void *arg)
{
    ue_t *u = ctx;
    core_t *c = u->core;
    const nas_authentication_failure_t *f = &((const nas_mm_t *)arg)->u.authentication_failure;
    core_answer_came(u);
    if (f->cause == NAS_MM_SYNCH_FAILURE && f->has_auts && u->resyncs < MAX_RESYNC) {
        if (core_aka_resync(c, u->sub, u->vector.rand, f->auts) == 0) {
            c->counters.auth_resync++;
            u->resyncs++;
            log_notice(&c->log, "%s: authentication: SQN resynchronised", u->sub->imsi);
            authenticate(u);
            return 0;
        }
        c->counters.auth_bad_auts++;
    } else if (f->cause == NAS_MM_NGKSI_IN_USE && u->resyncs < MAX_RESYNC) {
        u->resyncs++;
        authenticate(u);
        return 0;
    } else if (f->cause == NAS_MM_MAC_FAILURE)
        c->counters.auth_mac_failure++;
    log_warning(&c->log, "%s: authentication failed in the UE, cause %u", u->sub->imsi, f->cause);
    reject_authentication(u);
    return 0;
}

/* ---- registration ---- */

static bool subscribed(const core_subscriber_t *sub, const nas_snssai_t *s)
{
    for (uint32_t i = 0; i < sub->n_slices; i++)
        if (sub->slices[i].sst == s->sst && sub->slices[i].sd == s->sd)
            return true;
    return false;
}

/* Allowed is what was asked for and is subscribed; the default slice when that is nothing, 4.6.2.2. */
static void choose_slices(ue_t *u)
{
    u->allowed.n = u->rejected.n = 0;
    for (uint8_t i = 0; i < u->requested.n; i++) {
        const nas_snssai_t *s = &u->requested.s[i];
        if (subscribed(u->sub, s)) {
            u->allowed.s[u->allowed.n] = (nas_snssai_t){.sst = s->sst, .sd = s->sd};
            u->allowed.n++;
        } else {
            u->rejected.s[u->rejected.n].sst = s->sst;
            u->rejected.s[u->rejected.n].sd = s->sd;
            u->rejected.s[u->rejected.n++].cause = 0; /* not available in this PLMN */
        }
    }
    if (u->allowed.n)
        return;
    const core_slice_t *first = u->sub->n_slices ? &u->sub->slices[0] : &(core_slice_t){1, NAS_SD_NONE};
    u->allowed.s[0] = (nas_snssai_t){.sst = (uint8_t)first->sst, .sd = (uint32_t)first->sd};
    u->allowed.n = 1;
}

/* `update`: of a mobility or periodic registration update, which keeps the sessions; NULL otherwise. */
static void accept(ue_t *u, const nas_registration_request_t *update)
{
    core_t *c = u->core;
    nas_mm_t m = {.type = NAS_REGISTRATION_ACCEPT};
    nas_registration_accept_t *a = &m.u.registration_accept;
    static const uint8_t features[2] = {0, 0}; /* no IMS voice, no emergency, no interworking */
    u->tmsi = core_tmsi_new(c);
    choose_slices(u);
    a->result = 1; /* 3GPP access */
    a->has_guti = a->has_tai_list = a->has_allowed_nssai = a->has_network_features = a->has_t3512 = true;
    a->guti.type = NAS_ID_GUTI;
    a->guti.guti = (nas_guti_t){.amf_region = (uint8_t)c->config->amf_region_id,
                                .amf_set = (uint16_t)c->config->amf_set_id,
                                .amf_pointer = (uint8_t)c->config->amf_pointer,
                                .tmsi = u->tmsi};
    memcpy(a->guti.guti.plmn, c->plmn, 3);
    a->tai_list.n = 1;
    memcpy(a->tai_list.t[0].plmn, c->plmn, 3);
    a->tai_list.t[0].tac = (uint32_t)c->config->tac;
    a->allowed_nssai = u->allowed;
    a->has_rejected_nssai = u->rejected.n != 0;
    a->rejected_nssai = u->rejected;
    a->network_features = (nas_bytes_t){features, sizeof features};
    a->t3512 =
        UINT32_MAX; /* no periodic registration: a lost UE is found out by paging or by its next attach */
    uint16_t wanted = update && update->has_uplink_data_status ? update->uplink_data_status : 0;
    a->has_pdu_session_status = update && update->has_pdu_session_status;
    a->pdu_session_status = core_sm_status(u);
    u->state = MM_ACCEPTED;
    if (u->context_up) /* registered again on a connection that has its context */
        core_send_mm(u, &m);
    else
        core_send_initial_context_setup(u, &m, wanted);
    core_wait_for_answer(u, &m, NAS_INTEGRITY_CIPHERED, c->config->t3550_ms);
}

static void keep_request(ue_t *u, const nas_registration_request_t *r)
{
    u->requested.n = 0;
    if (r->has_requested_nssai)
        u->requested = r->requested_nssai;
}

int core_mm_on_registration_request(void *ctx, void *arg)
{
    ue_t *u = ctx;
    const nas_registration_request_t *r = &((const nas_mm_t *)arg)->u.registration_request;
    uint8_t type = r->registration_type & 7;
    bool known = u->secured && u->sub, update = known && (type == 2 || type == 3);
    core_answer_came(u);
    if (!update)
        core_sm_free_all(u);
    else if (r->has_pdu_session_status)
        core_sm_keep(u, r->pdu_session_status);
    keep_request(u, r);
    if (!r->has_security_capability || r->security_capability.raw.n > sizeof u->capability) {
        reject_registration(u, NAS_MM_INVALID_MANDATORY);
        return 0;
    }
    u->capability_n = (uint8_t)r->security_capability.raw.n;
    memcpy(u->capability, r->security_capability.raw.p, u->capability_n);
    if (known) /* its keys are known and it has shown that it has them */
        accept(u, update ? r : NULL);
    else if (r->id.type == NAS_ID_SUCI)
        identified(u, &r->id);
    else
        ask_identity(u);
    return 0;
}

int core_mm_on_security_mode_complete(void *ctx, void *arg)
{
    ue_t *u = ctx;
    const nas_security_mode_complete_t *s = &((const nas_mm_t *)arg)->u.security_mode_complete;
    nas_mm_t inner;
    core_answer_came(u);
    if (s->has_container) {
        if (nas_mm_parse(s->container.p, s->container.n, &inner, NULL) == 0 &&
            inner.type == NAS_REGISTRATION_REQUEST)
            keep_request(u, &inner.u.registration_request);
        else
            u->core->counters.rx_nas_malformed++; /* the clear message stands */
    }
    accept(u, NULL);
    return 0;
}

int core_mm_on_security_mode_reject(void *ctx, void *arg)
{
    ue_t *u = ctx;
    core_answer_came(u);
    log_warning(&u->core->log, "%s: SECURITY MODE REJECT, cause %u", u->sub->imsi,
                ((const nas_mm_t *)arg)->u.cause.cause);
    core_ue_release(u, CAUSE_NAS(NGAP_NAS_UNSPECIFIED), true);
    return 0;
}

int core_mm_on_registration_complete(void *ctx, void *arg)
{
    ue_t *u = ctx;
    (void)arg;
    core_answer_came(u);
    u->core->counters.registrations++;
    log_notice(&u->core->log, "%s: registered, 5G-TMSI %08x, NEA%d, NIA%d", u->sub->imsi, u->tmsi,
               u->security.nea, u->security.nia);
    return 0;
}

int core_mm_on_setup_timeout(void *ctx, void *arg)
{
    (void)arg;
    core_ue_release(ctx, CAUSE_NAS(NGAP_NAS_UNSPECIFIED), true);
    return 0;
}

int core_mm_on_accept_timeout(void *ctx, void *arg)
{
    ue_t *u = ctx;
    (void)arg;
    core_answer_came(u);
    return 0;
}

/* ---- deregistration, service, sessions, status ---- */

int core_mm_on_deregistration_request(void *ctx, void *arg)
{
    ue_t *u = ctx;
    const nas_deregistration_request_ue_t *r = &((const nas_mm_t *)arg)->u.deregistration_request_ue;
    core_answer_came(u);
    if (u->secured && u->sub) {
        u->core->counters.deregistrations++;
        log_notice(&u->core->log, "%s: deregistered", u->sub->imsi);
    }
    if (!(r->deregistration_type & 8)) { /* not switched off: it waits for an answer */
        nas_mm_t m = {.type = NAS_DEREGISTRATION_ACCEPT_UE};
        core_send_mm(u, &m);
    }
    core_ue_release(u, CAUSE_NAS(NGAP_NAS_DEREGISTER), true);
    return 0;
}

int core_mm_on_deregistration_accept(void *ctx, void *arg)
{
    ue_t *u = ctx;
    (void)arg;
    core_answer_came(u);
    u->core->counters.deregistrations++;
    core_ue_release(u, CAUSE_NAS(NGAP_NAS_DEREGISTER), true);
    return 0;
}

int core_mm_on_service_request(void *ctx, void *arg)
{
    ue_t *u = ctx;
    const nas_service_request_t *r = &((const nas_mm_t *)arg)->u.service_request;
    if (!u->secured || !u->sub) { /* nobody that we know: it has to register, 5.6.1.5 */
        nas_mm_t m = {.type = NAS_SERVICE_REJECT, .u.service_reject.cause = NAS_MM_UE_IDENTITY_UNKNOWN};
        core_send_mm(u, &m);
        core_ue_release(u, CAUSE_NAS(NGAP_NAS_UNSPECIFIED), true);
        return 0;
    }
    if (r->has_pdu_session_status)
        core_sm_keep(u, r->pdu_session_status);
    nas_mm_t m = {.type = NAS_SERVICE_ACCEPT};
    nas_service_accept_t *a = &m.u.service_accept;
    uint16_t wanted = r->has_uplink_data_status ? r->uplink_data_status : 0;
    if (r->service_type == 2) /* answer to paging: there is data for it */
        wanted = core_sm_status(u);
    a->has_pdu_session_status = r->has_pdu_session_status;
    a->pdu_session_status = core_sm_status(u);
    if (u->context_up)
        core_send_mm(u, &m);
    else
        core_send_initial_context_setup(u, &m, wanted);
    return 0;
}

int core_mm_on_ul_nas_transport(void *ctx, void *arg)
{
    return core_sm_handle(ctx, &((const nas_mm_t *)arg)->u.ul_nas_transport);
}

int core_mm_on_status(void *ctx, void *arg)
{
    ue_t *u = ctx;
    log_notice(&u->core->log, "UE %lu: 5GMM STATUS, cause %u", (unsigned long)u->ids.amf_ue_ngap_id,
               ((const nas_mm_t *)arg)->u.cause.cause);
    return 0;
}

/* ---- uplink messages ---- */

static int event_of(nas_mm_type_t type)
{
    switch (type) {
    case NAS_REGISTRATION_REQUEST:
        return EV_REGISTRATION_REQUEST;
    case NAS_REGISTRATION_COMPLETE:
        return EV_REGISTRATION_COMPLETE;
    case NAS_IDENTITY_RESPONSE:
        return EV_IDENTITY_RESPONSE;
    case NAS_AUTHENTICATION_RESPONSE:
        return EV_AUTHENTICATION_RESPONSE;
    case NAS_AUTHENTICATION_FAILURE:
        return EV_AUTHENTICATION_FAILURE;
    case NAS_SECURITY_MODE_COMPLETE:
        return EV_SECURITY_MODE_COMPLETE;
    case NAS_SECURITY_MODE_REJECT:
        return EV_SECURITY_MODE_REJECT;
    case NAS_DEREGISTRATION_REQUEST_UE:
        return EV_DEREGISTRATION_REQUEST;
    case NAS_DEREGISTRATION_ACCEPT_NW:
        return EV_DEREGISTRATION_ACCEPT;
    case NAS_SERVICE_REQUEST:
        return EV_SERVICE_REQUEST;
    case NAS_UL_NAS_TRANSPORT:
        return EV_UL_NAS_TRANSPORT;
    case NAS_CONFIGURATION_UPDATE_COMPLETE:
        return EV_CONFIGURATION_UPDATE_COMPLETE;
    case NAS_5GMM_STATUS:
        return EV_STATUS;
    default:
        return -1;
    }
}

/* What is read without protection as long as there is no secure exchange, 4.4.4.3. */
static bool may_be_plain(nas_mm_type_t type)
{
    return type == NAS_REGISTRATION_REQUEST || type == NAS_IDENTITY_RESPONSE ||
           type == NAS_AUTHENTICATION_RESPONSE || type == NAS_AUTHENTICATION_FAILURE ||
           type == NAS_SECURITY_MODE_REJECT;
}

static void step(ue_t *u, nas_mm_t *m)
{
    int event = event_of(m->type), r = -EPROTO;
    log_debug(&u->core->log, "UE %lu: <- %s in %s", (unsigned long)u->ids.amf_ue_ngap_id,
              nas_mm_name((uint8_t)m->type), core_mm_fsm.states[u->state]);
    if (event >= 0)
        r = fsm_step(&core_mm_fsm, &u->state, (uint16_t)event, u, m);
    if (r != -EPROTO)
        return;
    u->core->counters.rx_nas_unexpected++;
    if (u->secured && m->type != NAS_5GMM_STATUS && u->state != MM_RELEASING)
        core_send_status(u, NAS_MM_TYPE_NOT_COMPATIBLE);
}

void core_mm_uplink(ue_t *u, const uint8_t *pdu, size_t n)
{
    core_t *c = u->core;
    uint8_t buf[NAS_BYTES];
    size_t plain_n = n;
    nas_header_t h;
    nas_mm_t m;
    nas_error_t err;
    const uint8_t *plain = pdu;
    c->counters.rx_nas++;
    if (nas_header_parse(pdu, n, &h) < 0) {
        c->counters.rx_nas_malformed++;
        return;
    }
    if (h.sht != NAS_PLAIN) {
        /* A context exists from SECURITY MODE COMMAND on; before its COMPLETE nothing else is under it. */
        if (!u->security.valid || (u->state == MM_SECURITY_MODE && h.sht != NAS_INTEGRITY_CIPHERED_NEW) ||
            nas_unprotect(&u->security, c->crypto, pdu, n, buf, sizeof buf, &plain_n) < 0) {
            c->counters.rx_nas_integrity++;
            return;
        }
        u->secured = true;
        plain = buf;
        core_tap(u, true, h.sht, plain, plain_n);
    }
    if (nas_mm_parse(plain, plain_n, &m, &err) < 0) {
        c->counters.rx_nas_malformed++;
        if (err.cause && u->state != MM_RELEASING)
            core_send_status(u, err.cause);
        return;
    }
    if (h.sht == NAS_PLAIN && (u->secured || !may_be_plain(m.type))) {
        c->counters.rx_nas_unprotected++;
        return;
    }
    step(u, &m);
}

/* The context that an initial message names, when the message proves to be its UE's. */
static ue_t *known_ue(core_t *c, const ngap_initial_ue_message_t *im, const nas_header_t *h,
                      const nas_mobile_id_t *id)
{
    uint8_t buf[NAS_BYTES];
    size_t n;
    if (h->sht == NAS_PLAIN || (id->type != NAS_ID_GUTI && id->type != NAS_ID_S_TMSI))
        return NULL;
    ue_t *u = core_ue_by_tmsi(c, id->guti.tmsi);
    if (!u || !u->security.valid || (u->state != MM_REGISTERED && u->state != MM_ACCEPTED))
        return NULL;
    if (nas_unprotect(&u->security, c->crypto, im->nas_pdu.p, im->nas_pdu.n, buf, sizeof buf, &n) < 0) {
        c->counters.rx_nas_integrity++;
        return NULL;
    }
    return u;
}

/* The whole message out of the ciphered container of an initial one, 4.4.6. The views of *m point into buf
 * then. */
static void open_container(ue_t *u, nas_mm_t *m, uint8_t *buf, size_t cap)
{
    nas_bytes_t c = m->type == NAS_REGISTRATION_REQUEST ? m->u.registration_request.container
                                                        : m->u.service_request.container;
    bool has = m->type == NAS_REGISTRATION_REQUEST ? m->u.registration_request.has_container
                                                   : m->u.service_request.has_container;
    nas_mm_t inner;
    if (!has || c.n > cap)
        return;
    nea_apply(u->core->crypto, &u->security.enc, u->security.rx_count, 1, CRYPTO_UPLINK, c.p, buf, c.n);
    if (nas_mm_parse(buf, c.n, &inner, NULL) == 0 && inner.type == m->type)
        *m = inner;
    else
        u->core->counters.rx_nas_malformed++;
}

void core_mm_initial(core_t *c, const ngap_initial_ue_message_t *im)
{
    uint8_t buf[NAS_BYTES];
    nas_header_t h;
    nas_mm_t m;
    nas_error_t err;
    const nas_mobile_id_t *id = NULL;
    c->counters.rx_nas++;
    bool ok = nas_header_parse(im->nas_pdu.p, im->nas_pdu.n, &h) == 0 &&
              (h.sht == NAS_PLAIN || h.sht == NAS_INTEGRITY) &&
              nas_mm_parse(h.inner, h.inner_n, &m, &err) == 0;
    if (ok && m.type == NAS_REGISTRATION_REQUEST)
        id = &m.u.registration_request.id;
    else if (ok && m.type == NAS_SERVICE_REQUEST)
        id = &m.u.service_request.s_tmsi;
    else if (ok && m.type == NAS_DEREGISTRATION_REQUEST_UE)
        id = &m.u.deregistration_request_ue.id;
    ue_t *u = id ? known_ue(c, im, &h, id) : NULL;
    if (u) {
        core_ue_reconnect(u, im->ran_ue_ngap_id);
        u->secured = true;
        if (m.type != NAS_DEREGISTRATION_REQUEST_UE)
            open_container(u, &m, buf, sizeof buf);
        step(u, &m);
        return;
    }
    u = core_ue_new(c, im->ran_ue_ngap_id);
    if (!u)
        return;
    if (id) {
        step(u, &m);
        return;
    }
    /* Nothing that opens a connection: it ends. */
    c->counters.rx_nas_malformed++;
    core_ue_release(u, (ngap_cause_t){NGAP_CAUSE_PROTOCOL, NGAP_PROTOCOL_SEMANTIC_ERROR}, true);
}
