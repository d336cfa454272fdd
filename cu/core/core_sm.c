/* SPDX-License-Identifier: Apache-2.0 */
/* SMF: PDU sessions of type IPv4, an address for each, one default QoS flow. TS 24.501 6.3, 6.4. */
#include "cu/core/core_internal.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

static session_t *session_find(ue_t *u, uint8_t id)
{
    for (uint32_t i = 0; i < MAX_SESSIONS; i++)
        if (u->sessions[i].state != SESSION_NONE && u->sessions[i].id == id)
            return &u->sessions[i];
    return NULL;
}

uint16_t core_sm_status(const ue_t *u)
{
    uint16_t bits = 0;
    for (uint32_t i = 0; i < MAX_SESSIONS; i++)
        if (u->sessions[i].state == SESSION_ACTIVE)
            bits |= (uint16_t)(1u << u->sessions[i].id);
    return bits;
}

bool core_sm_owns(const ue_t *u, uint32_t ipv4)
{
    for (uint32_t i = 0; i < MAX_SESSIONS; i++)
        if (u->sessions[i].state == SESSION_ACTIVE && u->sessions[i].ipv4 == ipv4)
            return true;
    return false;
}

/* ---- addresses ---- */

/* The subscriber's own address for its first session, else one of the pool, taken in turn so that an address
 * that was just given back rests. False: none left. */
static bool address_take(ue_t *u, session_t *s)
{
    core_t *c = u->core;
    bool static_free = u->sub->ipv4 != 0;
    for (uint32_t i = 0; i < MAX_SESSIONS; i++)
        static_free &= u->sessions[i].state == SESSION_NONE || u->sessions[i].ipv4 != u->sub->ipv4;
    if (static_free) {
        s->ipv4 = u->sub->ipv4;
        s->from_pool = false;
        return true;
    }
    for (uint32_t i = 0; i < c->pool_n; i++) {
        uint32_t k = (c->pool_next + i) % c->pool_n;
        if (c->leased[k])
            continue;
        c->leased[k] = 1;
        c->pool_next = (k + 1) % c->pool_n;
        s->ipv4 = c->config->pool_first + k;
        s->from_pool = true;
        return true;
    }
    c->counters.pool_empty++;
    return false;
}

void core_sm_free(ue_t *u, session_t *s)
{
    if (s->state != SESSION_NONE && s->from_pool)
        u->core->leased[s->ipv4 - u->core->config->pool_first] = 0;
    memset(s, 0, sizeof *s);
}

void core_sm_free_all(ue_t *u)
{
    for (uint32_t i = 0; i < MAX_SESSIONS; i++)
        core_sm_free(u, &u->sessions[i]);
}

void core_sm_keep(ue_t *u, uint16_t status)
{
    for (uint32_t i = 0; i < MAX_SESSIONS; i++)
        if (u->sessions[i].state != SESSION_NONE && !(status >> u->sessions[i].id & 1))
            core_sm_free(u, &u->sessions[i]);
}

/* ---- messages ---- */

static int wrap(const nas_sm_t *sm, uint8_t *buf, size_t cap, nas_mm_t *ret)
{
    size_t n;
    int r = nas_sm_build(sm, buf, cap, &n);
    if (r < 0)
        return r;
    *ret = (nas_mm_t){.type = NAS_DL_NAS_TRANSPORT};
    ret->u.dl_nas_transport.container_type = 1;
    ret->u.dl_nas_transport.container = (nas_bytes_t){buf, (uint32_t)n};
    ret->u.dl_nas_transport.has_pdu_session_id = sm->pdu_session_id != 0;
    ret->u.dl_nas_transport.pdu_session_id = sm->pdu_session_id;
    return 0;
}

static void send_cause(ue_t *u, nas_sm_type_t type, uint8_t id, uint8_t pti, uint8_t cause)
{
    uint8_t buf[64];
    nas_mm_t m;
    nas_sm_t sm = {.pdu_session_id = id, .pti = pti, .type = type, .u.cause.cause = cause};
    if (wrap(&sm, buf, sizeof buf, &m) == 0)
        core_send_mm(u, &m);
}

static int reject(ue_t *u, const nas_sm_t *sm, uint8_t cause)
{
    u->core->counters.sessions_rejected++;
    log_notice(&u->core->log, "%s: PDU session %u rejected, cause %u", u->sub->imsi, sm->pdu_session_id,
               cause);
    send_cause(u, NAS_PDU_SESSION_ESTABLISHMENT_REJECT, sm->pdu_session_id, sm->pti, cause);
    return 0;
}

/* The AMF could not forward it: the message goes back with a 5GMM cause, 5.4.5.3.1. */
static int not_forwarded(ue_t *u, const nas_ul_nas_transport_t *t, uint8_t cause)
{
    nas_mm_t m = {.type = NAS_DL_NAS_TRANSPORT};
    nas_dl_nas_transport_t *d = &m.u.dl_nas_transport;
    u->core->counters.sessions_rejected++;
    d->container_type = t->container_type;
    d->container = t->container;
    d->has_pdu_session_id = t->has_pdu_session_id;
    d->pdu_session_id = t->pdu_session_id;
    d->has_cause = true;
    d->cause = cause;
    core_send_mm(u, &m);
    return 0;
}

static int build_accept(const ue_t *u, const session_t *s, uint8_t *buf, size_t cap, nas_mm_t *ret)
{
    const core_config_t *config = u->core->config;
    nas_sm_t sm = {.pdu_session_id = s->id, .pti = s->pti, .type = NAS_PDU_SESSION_ESTABLISHMENT_ACCEPT};
    nas_establishment_accept_t *a = &sm.u.establishment_accept;
    a->pdu_session_type = 1;
    a->ssc_mode = 1;
    a->rules.n = 1;
    a->rules.r[0] =
        (nas_qos_rule_t){.id = 1, .operation = 1, .is_default = true, .precedence = 255, .qfi = DEFAULT_QFI};
    a->ambr = (nas_ambr_t){(uint64_t)u->sub->ambr_dl_kbps * 1000, (uint64_t)u->sub->ambr_ul_kbps * 1000};
    a->has_cause = s->only_ipv4;
    a->cause = NAS_SM_IPV4_ONLY;
    a->has_address = a->has_snssai = a->has_flows = a->has_dnn = true;
    a->address = (nas_pdu_address_t){.type = 1, .ipv4 = s->ipv4};
    a->snssai = s->snssai;
    a->flows.n = 1;
    a->flows.f[0] = (nas_qos_flow_t){.qfi = DEFAULT_QFI, .operation = 1, .five_qi = DEFAULT_5QI};
    a->pco.dns = s->wants_dns ? config->dns : 0;
    a->pco.mtu = s->wants_mtu ? (uint16_t)config->mtu : 0;
    a->has_pco = a->pco.dns || a->pco.mtu;
    memcpy(a->dnn.text, u->sub->dnn, sizeof u->sub->dnn);
    return wrap(&sm, buf, cap, ret);
}

void core_sm_describe(const ue_t *u, const session_t *s, ngap_pdu_session_setup_t *ret)
{
    *ret = (ngap_pdu_session_setup_t){
        .pdu_session_id = s->id,
        .snssai = {s->snssai.sst, s->snssai.sd},
        .ambr_dl_bps = (uint64_t)u->sub->ambr_dl_kbps * 1000,
        .ambr_ul_bps = (uint64_t)u->sub->ambr_ul_kbps * 1000,
        .ue_ipv4 = s->ipv4,
        .n_qos_flows = 1,
        .qos_flows = {{.qfi = DEFAULT_QFI, .five_qi = DEFAULT_5QI, .arp_priority = 8}},
    };
}

/* ---- establishment ---- */

static bool slice_find(const ue_t *u, const nas_ul_nas_transport_t *t, nas_snssai_t *ret)
{
    for (uint8_t i = 0; i < u->allowed.n; i++)
        if (!t->has_snssai || (u->allowed.s[i].sst == t->snssai.sst && u->allowed.s[i].sd == t->snssai.sd)) {
            *ret = u->allowed.s[i];
            return true;
        }
    return false;
}

static int resend_accept(ue_t *u, const session_t *s)
{
    uint8_t buf[256];
    nas_mm_t m;
    if (s->state == SESSION_ACTIVE && build_accept(u, s, buf, sizeof buf, &m) == 0)
        core_send_mm(u, &m);
    return 0;
}

static int establish(ue_t *u, const nas_ul_nas_transport_t *t, const nas_sm_t *sm)
{
    const nas_establishment_request_t *r = &sm->u.establishment_request;
    session_t *s = session_find(u, sm->pdu_session_id);
    nas_snssai_t snssai;
    if (s && s->pti == sm->pti && s->state != SESSION_RELEASING)
        return resend_accept(u, s); /* T3580 ran out in the UE: the same request again */
    if (t->has_request_type && t->request_type != 1)
        return reject(u, sm, NAS_SM_PDU_SESSION_DOES_NOT_EXIST);
    if (!slice_find(u, t, &snssai))
        return not_forwarded(u, t, NAS_MM_PAYLOAD_NOT_FORWARDED);
    if (t->has_dnn && strcasecmp(t->dnn.text, u->sub->dnn) != 0)
        return not_forwarded(u, t, NAS_MM_DNN_NOT_SUPPORTED);
    if (r->has_type && r->pdu_session_type == 2)
        return reject(u, sm, NAS_SM_IPV4_ONLY);
    if (r->has_type && r->pdu_session_type != 1 && r->pdu_session_type != 3)
        return reject(u, sm, NAS_SM_UNKNOWN_PDU_SESSION_TYPE);
    if (s) /* a new request for a session that is there: the old one is gone, 5.4.5.2.5 */
        core_sm_free(u, s);
    for (uint32_t i = 0; !s && i < MAX_SESSIONS; i++)
        if (u->sessions[i].state == SESSION_NONE)
            s = &u->sessions[i];
    if (!s || !address_take(u, s))
        return reject(u, sm, NAS_SM_INSUFFICIENT_RESOURCES);
    s->state = SESSION_SETUP;
    s->id = sm->pdu_session_id;
    s->pti = sm->pti;
    s->snssai = snssai;
    s->only_ipv4 = r->has_type && r->pdu_session_type == 3;
    s->wants_dns = r->has_pco && r->pco.wants_dns;
    s->wants_mtu = r->has_pco && r->pco.wants_mtu;

    uint8_t buf[256];
    nas_mm_t m;
    op_t *op = core_op_add(u->core, OP_SESSION_SETUP);
    if (!op || build_accept(u, s, buf, sizeof buf, &m) < 0 || core_op_nas(u, op, &m) < 0) {
        if (op)
            u->core->op_n--;
        core_sm_free(u, s);
        return reject(u, sm, NAS_SM_INSUFFICIENT_RESOURCES);
    }
    op->u.session_setup.ue = u->ids;
    op->u.session_setup.n_sessions = 1;
    core_sm_describe(u, s, &op->u.session_setup.sessions[0]); /* its NAS PDU is op->nas: core.c */
    return 0;
}

void core_sm_on_setup_response(ue_t *u, const ngap_setup_response_t *r)
{
    for (uint8_t i = 0; i < r->n_sessions && i < NGAP_MAX_PDU_SESSIONS; i++) {
        session_t *s = session_find(u, r->sessions[i].pdu_session_id);
        if (!s)
            continue;
        if (r->sessions[i].ok && s->state == SESSION_SETUP) {
            s->state = SESSION_ACTIVE;
            u->core->counters.sessions++;
            log_notice(&u->core->log, "%s: PDU session %u, %u.%u.%u.%u", u->sub->imsi, s->id, s->ipv4 >> 24,
                       s->ipv4 >> 16 & 255, s->ipv4 >> 8 & 255, s->ipv4 & 255);
        } else if (!r->sessions[i].ok) {
            bool told = s->state == SESSION_SETUP;
            uint8_t id = s->id, pti = s->pti;
            log_warning(&u->core->log, "%s: PDU session %u: the RAN refused, cause %d/%u", u->sub->imsi, id,
                        r->sessions[i].cause.group, r->sessions[i].cause.value);
            core_sm_free(u, s);
            u->core->counters.sessions_rejected++;
            if (told) /* it did not deliver the accept */
                send_cause(u, NAS_PDU_SESSION_ESTABLISHMENT_REJECT, id, pti, NAS_SM_INSUFFICIENT_RESOURCES);
        }
    }
}

/* ---- release ---- */

static int release(ue_t *u, const nas_sm_t *sm)
{
    session_t *s = session_find(u, sm->pdu_session_id);
    uint8_t buf[64];
    nas_mm_t m;
    if (!s || s->state != SESSION_ACTIVE) {
        send_cause(u, NAS_PDU_SESSION_RELEASE_REJECT, sm->pdu_session_id, sm->pti,
                   NAS_SM_INVALID_PDU_SESSION);
        return 0;
    }
    nas_sm_t command = {.pdu_session_id = s->id,
                        .pti = sm->pti,
                        .type = NAS_PDU_SESSION_RELEASE_COMMAND,
                        .u.cause.cause = NAS_SM_REGULAR_DEACTIVATION};
    op_t *op = core_op_add(u->core, OP_SESSION_RELEASE);
    if (!op)
        return -ENOBUFS;
    op->u.session_release = (ngap_pdu_session_release_t){.ue = u->ids,
                                                         .n_sessions = 1,
                                                         .pdu_session_id = {s->id},
                                                         .cause = {NGAP_CAUSE_NAS, NGAP_NAS_NORMAL_RELEASE}};
    if (wrap(&command, buf, sizeof buf, &m) < 0 || core_op_nas(u, op, &m) < 0) {
        u->core->op_n--;
        return -ENOBUFS;
    }
    s->state = SESSION_RELEASING;
    return 0;
}

void core_sm_on_release_response(ue_t *u, const ngap_pdu_session_release_t *r)
{
    for (uint8_t i = 0; i < r->n_sessions && i < NGAP_MAX_PDU_SESSIONS; i++) {
        session_t *s = session_find(u, r->pdu_session_id[i]);
        if (s && s->state == SESSION_RELEASING)
            core_sm_free(u, s); /* the address is free when the RAN routes nothing to it any more */
    }
}

/* ---- dispatch ---- */

int core_sm_handle(ue_t *u, const nas_ul_nas_transport_t *t)
{
    nas_sm_t sm;
    nas_error_t err;
    if (t->container_type != 1) {
        return not_forwarded(u, t, NAS_MM_PAYLOAD_NOT_FORWARDED);
    }
    if (nas_sm_parse(t->container.p, t->container.n, &sm, &err) < 0) {
        u->core->counters.rx_nas_malformed++;
        if (err.cause)
            send_cause(u, NAS_5GSM_STATUS, sm.pdu_session_id, sm.pti, err.cause);
        return -EBADMSG;
    }
    if (sm.type == NAS_5GSM_STATUS)
        return 0;
    if (sm.pdu_session_id < 1 || sm.pdu_session_id > 15 ||
        (t->has_pdu_session_id && t->pdu_session_id != sm.pdu_session_id)) {
        send_cause(u, NAS_5GSM_STATUS, sm.pdu_session_id, sm.pti, NAS_SM_INVALID_PDU_SESSION);
        return -EPROTO;
    }
    switch (sm.type) {
    case NAS_PDU_SESSION_ESTABLISHMENT_REQUEST:
        if (sm.pti == 0 || sm.pti == 255) {
            send_cause(u, NAS_5GSM_STATUS, sm.pdu_session_id, sm.pti, NAS_SM_INVALID_PTI);
            return -EPROTO;
        }
        return establish(u, t, &sm);
    case NAS_PDU_SESSION_RELEASE_REQUEST:
        return release(u, &sm);
    case NAS_PDU_SESSION_RELEASE_COMPLETE:
        return 0; /* the RAN's response frees the address */
    case NAS_PDU_SESSION_MODIFICATION_REQUEST:
        send_cause(u, NAS_PDU_SESSION_MODIFICATION_REJECT, sm.pdu_session_id, sm.pti,
                   NAS_SM_SERVICE_OPTION_NOT_SUPPORTED);
        return 0;
    default:
        send_cause(u, NAS_5GSM_STATUS, sm.pdu_session_id, sm.pti, NAS_SM_TYPE_NOT_COMPATIBLE);
        return -EPROTO;
    }
}
