/* SPDX-License-Identifier: Apache-2.0 */
/* The UE's half of 5GSM for its one PDU session: TS 24.501 6.4.1, 6.3.3. */
#include "fronthaul/emulator/ue/nas_internal.h"

#include "lib/core/clock.h"

#include <errno.h>
#include <string.h>

static void send_sm(ue_nas_t *n, const nas_sm_t *sm, bool establishing)
{
    uint8_t buf[256];
    size_t len;
    nas_mm_t m = {.type = NAS_UL_NAS_TRANSPORT};
    nas_ul_nas_transport_t *t = &m.u.ul_nas_transport;
    if (nas_sm_build(sm, buf, sizeof buf, &len) < 0)
        return;
    t->container_type = 1;
    t->container = (nas_bytes_t){buf, (uint32_t)len};
    t->has_pdu_session_id = sm->pdu_session_id != 0;
    t->pdu_session_id = sm->pdu_session_id;
    if (establishing) {
        t->has_request_type = true;
        t->request_type = 1; /* initial request */
        if (n->config.n_slices) {
            t->has_snssai = true;
            t->snssai = (nas_snssai_t){.sst = n->config.slices[0].sst, .sd = n->config.slices[0].sd};
        }
        t->has_dnn = n->config.dnn[0] != 0;
        memcpy(t->dnn.text, n->config.dnn, sizeof n->config.dnn);
    }
    ue_nas_send_mm(n, &m);
}

static void send_request(ue_nas_t *n)
{
    nas_sm_t sm = {
        .pdu_session_id = PDU_SESSION_ID, .pti = n->pti, .type = NAS_PDU_SESSION_ESTABLISHMENT_REQUEST};
    nas_establishment_request_t *r = &sm.u.establishment_request;
    r->max_rate_ul = r->max_rate_dl = 0xff; /* full data rate */
    r->has_type = r->has_ssc_mode = r->has_pco = true;
    r->pdu_session_type = 1;
    r->ssc_mode = 1;
    r->pco.wants_dns = r->pco.wants_mtu = true;
    send_sm(n, &sm, true);
    n->sm.tries++;
    ue_nas_wait_start(n, &n->sm, T3580_S);
}

void ue_nas_sm_establish(ue_nas_t *n)
{
    n->pti = (uint8_t)(n->pti % 254 + 1); /* 1..254 */
    n->sm.tries = 0;
    send_request(n);
}

void ue_nas_sm_timeout(ue_nas_t *n)
{
    if (n->sm.tries >= MAX_TRIES) {
        ue_nas_wait_stop(&n->sm);
        n->tell_failed = true;
        n->fail = UE_NAS_FAIL_TIMEOUT;
        n->fail_cause = 0;
        return;
    }
    n->counters.retransmissions++;
    send_request(n);
}

static void send_sm_cause(ue_nas_t *n, nas_sm_type_t type, uint8_t id, uint8_t pti, uint8_t cause)
{
    nas_sm_t sm = {.pdu_session_id = id, .pti = pti, .type = type};
    sm.u.cause.cause = cause; /* the same place in 5GSM STATUS and, unused, in RELEASE COMPLETE */
    if (type == NAS_PDU_SESSION_RELEASE_COMPLETE)
        sm.u.optional_cause = (nas_sm_optional_cause_t){.has_cause = false};
    send_sm(n, &sm, false);
}

static int on_accept(ue_nas_t *n, const nas_sm_t *sm)
{
    const nas_establishment_accept_t *a = &sm->u.establishment_accept;
    const nas_qos_rule_t *rule = NULL;
    if (n->sm.due_ns == INT64_MAX || sm->pti != n->pti || sm->pdu_session_id != PDU_SESSION_ID) {
        if (!n->session_up || sm->pti != n->pti) /* a repetition of what is in use needs no answer */
            send_sm_cause(n, NAS_5GSM_STATUS, sm->pdu_session_id, sm->pti, NAS_SM_INVALID_PTI);
        return -EPROTO;
    }
    for (uint8_t i = 0; i < a->rules.n; i++)
        if (a->rules.r[i].is_default && a->rules.r[i].operation == 1)
            rule = &a->rules.r[i];
    if (!rule || !a->has_address || a->address.type != 1) {
        send_sm_cause(n, NAS_5GSM_STATUS, PDU_SESSION_ID, n->pti, NAS_SM_INVALID_MANDATORY);
        return -EBADMSG;
    }
    ue_nas_wait_stop(&n->sm);
    n->session = (ue_nas_session_t){.pdu_session_id = PDU_SESSION_ID,
                                    .ipv4 = a->address.ipv4,
                                    .qfi = rule->qfi,
                                    .ambr_dl_bps = a->ambr.dl_bps,
                                    .ambr_ul_bps = a->ambr.ul_bps,
                                    .snssai = {.sd = NAS_SD_NONE}};
    for (uint8_t i = 0; a->has_flows && i < a->flows.n; i++)
        if (a->flows.f[i].qfi == rule->qfi)
            n->session.five_qi = a->flows.f[i].five_qi;
    if (a->has_pco) {
        n->session.dns_ipv4 = a->pco.dns;
        n->session.mtu = a->pco.mtu;
    }
    if (a->has_snssai)
        n->session.snssai = (ue_nas_snssai_t){a->snssai.sst, a->snssai.sd};
    n->session_up = true;
    n->state = UE_NAS_SESSION_UP;
    n->tell_session_up = true;
    return 0;
}

static void session_failed(ue_nas_t *n, uint8_t cause)
{
    ue_nas_wait_stop(&n->sm);
    n->tell_failed = true;
    n->fail = UE_NAS_FAIL_SESSION_REJECT;
    n->fail_cause = cause;
}

int ue_nas_sm_handle(ue_nas_t *n, const nas_dl_nas_transport_t *t)
{
    nas_sm_t sm;
    nas_error_t err;
    if (t->container_type != 1)
        return -EPROTO;
    if (nas_sm_parse(t->container.p, t->container.n, &sm, &err) < 0) {
        n->counters.rx_malformed++;
        if (t->has_cause && n->sm.due_ns != INT64_MAX) /* our own message came back, TS 24.501 5.4.5.3.3 */
            session_failed(n, t->cause);
        else if (err.cause)
            send_sm_cause(n, NAS_5GSM_STATUS, sm.pdu_session_id, sm.pti, err.cause);
        return -EBADMSG;
    }
    switch (sm.type) {
    case NAS_PDU_SESSION_ESTABLISHMENT_ACCEPT:
        return on_accept(n, &sm);
    case NAS_PDU_SESSION_ESTABLISHMENT_REJECT:
        if (n->sm.due_ns == INT64_MAX || sm.pti != n->pti)
            return -EPROTO;
        session_failed(n, sm.u.cause.cause);
        return 0;
    case NAS_PDU_SESSION_ESTABLISHMENT_REQUEST: /* not forwarded: ours, sent back with a 5GMM cause */
        if (!t->has_cause || n->sm.due_ns == INT64_MAX)
            return -EPROTO;
        session_failed(n, t->cause);
        return 0;
    case NAS_PDU_SESSION_RELEASE_COMMAND:
        if (!n->session_up || sm.pdu_session_id != PDU_SESSION_ID) {
            send_sm_cause(n, NAS_5GSM_STATUS, sm.pdu_session_id, sm.pti, NAS_SM_INVALID_PDU_SESSION);
            return -EPROTO;
        }
        send_sm_cause(n, NAS_PDU_SESSION_RELEASE_COMPLETE, sm.pdu_session_id, sm.pti, 0);
        n->session_up = false;
        n->state = UE_NAS_REGISTERED;
        n->tell_session_down = true;
        return 0;
    case NAS_5GSM_STATUS:
        return 0;
    default:
        send_sm_cause(n, NAS_5GSM_STATUS, sm.pdu_session_id, sm.pti, NAS_SM_TYPE_NOT_COMPATIBLE);
        return -EPROTO;
    }
}
