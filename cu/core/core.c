/* SPDX-License-Identifier: Apache-2.0 */
/* Life of the core, its UE table, the RAN's side of the seam, and the outbox. */
#include "cu/core/core_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

COUNTERS_DEFINE(core, CORE_COUNTERS)

int core_random_bytes(void *to, size_t n)
{
    return getrandom(to, n, 0) == (ssize_t)n ? 0 : -EIO;
}

/* ---- outbox ---- */

void core_enter(core_t *c)
{
    c->depth++;
}

static void op_run(core_t *c, op_t *op)
{
    ngap_bytes_t nas = {op->nas, (uint32_t)op->nas_n};
    switch (op->type) {
    case OP_NAS:
        op->u.nas.nas_pdu = nas;
        c->ran.downlink_nas_transport(c->ran.ctx, &op->u.nas);
        break;
    case OP_CONTEXT_SETUP:
        op->u.context_setup.nas_pdu = nas;
        c->ran.initial_context_setup_request(c->ran.ctx, &op->u.context_setup);
        break;
    case OP_SESSION_SETUP:
        op->u.session_setup.sessions[0].nas_pdu = nas;
        c->ran.pdu_session_setup_request(c->ran.ctx, &op->u.session_setup);
        break;
    case OP_SESSION_RELEASE:
        op->u.session_release.nas_pdu = nas;
        c->ran.pdu_session_release_command(c->ran.ctx, &op->u.session_release);
        break;
    case OP_RELEASE:
        c->ran.ue_context_release_command(c->ran.ctx, &op->u.cause);
        break;
    case OP_PAGING:
        c->ran.paging(c->ran.ctx, &op->u.paging);
        break;
    case OP_ERROR:
        c->ran.error_indication(c->ran.ctx, &op->u.cause);
        break;
    }
}

void core_leave(core_t *c)
{
    /* While the outermost call empties the outbox, a RAN that calls in again adds to it and returns. */
    while (c->depth == 1 && c->op_n) {
        op_t *op = &c->ops[c->op_first];
        op_run(c, op);
        c->op_first = (c->op_first + 1) % OUTBOX;
        c->op_n--;
    }
    c->depth--;
}

op_t *core_op_add(core_t *c, op_type_t type)
{
    if (c->op_n == OUTBOX) {
        log_error(&c->log, "outbox is full, an operation is lost");
        return NULL;
    }
    op_t *op = &c->ops[(c->op_first + c->op_n++) % OUTBOX];
    op->type = type;
    memset(&op->u, 0, sizeof op->u);
    op->nas_n = 0;
    return op;
}

/* ---- UE table ---- */

static ue_t *ue_by_id(core_t *c, uint64_t amf_id)
{
    for (uint32_t i = 0; i < c->n_ues; i++)
        if (c->ues[i].used && c->ues[i].connected && c->ues[i].ids.amf_ue_ngap_id == amf_id)
            return &c->ues[i];
    return NULL;
}

ue_t *core_ue_by_tmsi(core_t *c, uint32_t tmsi)
{
    for (uint32_t i = 0; i < c->n_ues && tmsi; i++)
        if (c->ues[i].used && c->ues[i].tmsi == tmsi)
            return &c->ues[i];
    return NULL;
}

ue_t *core_ue_by_subscriber(core_t *c, const core_subscriber_t *sub, const ue_t *but)
{
    for (uint32_t i = 0; i < c->n_ues; i++)
        if (c->ues[i].used && c->ues[i].sub == sub && &c->ues[i] != but && c->ues[i].state != MM_RELEASING)
            return &c->ues[i];
    return NULL;
}

const core_subscriber_t *core_subscriber_find(const core_t *c, const char *imsi)
{
    for (uint32_t i = 0; i < c->config->n_subscribers; i++)
        if (strcmp(c->config->subscribers[i].imsi, imsi) == 0)
            return &c->config->subscribers[i];
    return NULL;
}

uint32_t core_tmsi_new(core_t *c)
{
    uint32_t tmsi;
    do {
        if (core_random_bytes(&tmsi, sizeof tmsi) < 0)
            tmsi = (uint32_t)c->next_amf_id;
    } while (tmsi == 0 || tmsi == UINT32_MAX || core_ue_by_tmsi(c, tmsi));
    return tmsi;
}

static void connect_ue(ue_t *u, uint32_t ran_id)
{
    core_paging_stop(u);
    u->connected = true;
    u->context_up = u->secured = false;
    u->ids = (ngap_ue_ids_t){u->core->next_amf_id, ran_id};
    u->core->next_amf_id = (u->core->next_amf_id + 1) & 0xffffffffff; /* 40 bits */
}

static void release_op(core_t *c, ngap_ue_ids_t ids, ngap_cause_t cause)
{
    op_t *op = core_op_add(c, OP_RELEASE);
    if (op)
        op->u.cause = (ngap_ue_cause_t){ids, cause};
}

ue_t *core_ue_new(core_t *c, uint32_t ran_id)
{
    for (uint32_t i = 0; i < c->n_ues; i++) {
        ue_t *u = &c->ues[i];
        if (u->used)
            continue;
        memset(u, 0, sizeof *u);
        u->core = c;
        u->used = true;
        u->state = MM_NULL;
        u->ngksi = NAS_KSI_NONE - 1; /* the first challenge gets 0 */
        connect_ue(u, ran_id);
        return u;
    }
    c->counters.ue_table_full++;
    release_op(c, (ngap_ue_ids_t){UINT64_MAX, ran_id},
               (ngap_cause_t){NGAP_CAUSE_MISC, 0 /* processing overload */});
    return NULL;
}

void core_ue_reconnect(ue_t *u, uint32_t ran_id)
{
    if (u->connected)
        release_op(u->core, u->ids, (ngap_cause_t){NGAP_CAUSE_NAS, NGAP_NAS_NORMAL_RELEASE});
    core_answer_came(u);
    connect_ue(u, ran_id);
    u->state = MM_REGISTERED;
}

void core_ue_forget(ue_t *u)
{
    core_paging_stop(u);
    core_answer_came(u);
    core_sm_free_all(u);
    memset(&u->security, 0, sizeof u->security);
    u->used = false;
}

void core_ue_release(ue_t *u, ngap_cause_t cause, bool forget)
{
    core_answer_came(u);
    if (forget) {
        core_sm_free_all(u);
        u->tmsi = 0;
        u->state = MM_RELEASING;
    }
    if (u->connected)
        release_op(u->core, u->ids, cause);
    else if (forget)
        core_ue_forget(u);
}

/* The connection is gone, whoever ended it. */
static void disconnected(ue_t *u)
{
    u->connected = u->context_up = u->secured = false;
    if (u->state != MM_REGISTERED)
        core_ue_forget(u);
    for (uint32_t i = 0; i < MAX_SESSIONS; i++) /* half made or half released: nobody will finish it */
        if (u->sessions[i].state == SESSION_SETUP || u->sessions[i].state == SESSION_RELEASING)
            core_sm_free(u, &u->sessions[i]);
}

/* ---- what the RAN calls ---- */

static ue_t *find(core_t *c, const ngap_ue_ids_t *ids)
{
    ue_t *u = ue_by_id(c, ids->amf_ue_ngap_id);
    if (u && u->ids.ran_ue_ngap_id == ids->ran_ue_ngap_id)
        return u;
    c->counters.rx_unknown_ue++;
    op_t *op = core_op_add(c, OP_ERROR); /* inconsistent ids, TS 38.413 10.6 */
    if (op)
        op->u.cause =
            (ngap_ue_cause_t){*ids, {NGAP_CAUSE_RADIO_NETWORK, 15 /* inconsistent-remote-UE-NGAP-ID */}};
    return NULL;
}

static void on_initial_ue_message(void *ctx, const ngap_initial_ue_message_t *m)
{
    core_t *c = ctx;
    core_enter(c);
    core_mm_initial(c, m);
    core_leave(c);
}

static void on_uplink_nas_transport(void *ctx, const ngap_nas_transport_t *m)
{
    core_t *c = ctx;
    core_enter(c);
    ue_t *u = find(c, &m->ue);
    if (u)
        core_mm_uplink(u, m->nas_pdu.p, m->nas_pdu.n);
    core_leave(c);
}

static void on_context_setup_response(void *ctx, const ngap_setup_response_t *m)
{
    core_t *c = ctx;
    core_enter(c);
    ue_t *u = find(c, &m->ue);
    if (u) {
        u->context_up = true;
        core_sm_on_setup_response(u, m);
    }
    core_leave(c);
}

static void on_context_setup_failure(void *ctx, const ngap_ue_cause_t *m)
{
    core_t *c = ctx;
    core_enter(c);
    ue_t *u = find(c, &m->ue);
    if (u) {
        log_warning(&c->log, "UE %lu: the RAN could not set up its context, cause %d/%u",
                    (unsigned long)m->ue.amf_ue_ngap_id, m->cause.group, m->cause.value);
        core_ue_release(u, m->cause, u->state != MM_REGISTERED);
    }
    core_leave(c);
}

static void on_session_setup_response(void *ctx, const ngap_setup_response_t *m)
{
    core_t *c = ctx;
    core_enter(c);
    ue_t *u = find(c, &m->ue);
    if (u)
        core_sm_on_setup_response(u, m);
    core_leave(c);
}

static void on_session_release_response(void *ctx, const ngap_pdu_session_release_t *m)
{
    core_t *c = ctx;
    core_enter(c);
    ue_t *u = find(c, &m->ue);
    if (u)
        core_sm_on_release_response(u, m);
    core_leave(c);
}

static void on_radio_capability(void *ctx, const ngap_capability_t *m)
{
    (void)ctx, (void)m; /* the UE is asked again on its next connection */
}

static void on_release_request(void *ctx, const ngap_ue_cause_t *m)
{
    core_t *c = ctx;
    core_enter(c);
    ue_t *u = find(c, &m->ue);
    if (u && u->state != MM_RELEASING)
        core_ue_release(u, m->cause, u->state != MM_REGISTERED);
    core_leave(c);
}

static void on_release_complete(void *ctx, const ngap_ue_cause_t *m)
{
    core_t *c = ctx;
    core_enter(c);
    ue_t *u = ue_by_id(c, m->ue.amf_ue_ngap_id); /* unknown: a connection that was left for a new one */
    if (u)
        disconnected(u);
    core_leave(c);
}

static void on_error_indication(void *ctx, const ngap_ue_cause_t *m)
{
    core_t *c = ctx;
    core_enter(c);
    log_warning(&c->log, "UE %lu: error indication from the RAN, cause %d/%u",
                (unsigned long)m->ue.amf_ue_ngap_id, m->cause.group, m->cause.value);
    ue_t *u = ue_by_id(c, m->ue.amf_ue_ngap_id);
    if (u)
        disconnected(u);
    core_leave(c);
}

static void on_ng_reset(void *ctx, ngap_cause_t cause)
{
    core_t *c = ctx;
    core_enter(c);
    log_notice(&c->log, "the RAN starts anew, cause %d/%u", cause.group, cause.value);
    for (uint32_t i = 0; i < c->n_ues; i++)
        if (c->ues[i].used && c->ues[i].connected)
            disconnected(&c->ues[i]);
    core_leave(c);
}

const ngap_core_t *core_ngap(core_t *c)
{
    return &c->face;
}

/* ---- from above ---- */

void core_set_tap(core_t *c, core_tap_t tap, void *ctx)
{
    c->tap = tap;
    c->tap_ctx = ctx;
}

int core_deregister(core_t *c, const char *imsi)
{
    const core_subscriber_t *sub = core_subscriber_find(c, imsi);
    ue_t *u = sub ? core_ue_by_subscriber(c, sub, NULL) : NULL;
    if (!u || u->state != MM_REGISTERED)
        return -ENOENT;
    nas_mm_t m = {.type = NAS_DEREGISTRATION_REQUEST_NW,
                  .u.deregistration_request_nw.deregistration_type = 1};
    core_enter(c);
    if (u->connected) {
        u->state = MM_DEREGISTERING;
        core_send_mm_and_wait(u, &m, NAS_INTEGRITY_CIPHERED,
                              c->config->t3560_ms); /* T3522 has the same 6 s */
    } else {                                        /* idle: it learns of it when it comes back */
        c->counters.deregistrations++;
        core_ue_forget(u);
    }
    core_leave(c);
    return 0;
}

uint32_t core_ues(const core_t *c, core_ue_status_t *ret, uint32_t cap)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < c->n_ues; i++) {
        const ue_t *u = &c->ues[i];
        if (!u->used)
            continue;
        if (n < cap) {
            ret[n] = (core_ue_status_t){.ids = u->ids,
                                        .state = core_mm_fsm.states[u->state],
                                        .tmsi_5g = u->tmsi,
                                        .nea = (uint8_t)u->security.nea,
                                        .nia = (uint8_t)u->security.nia};
            if (u->sub)
                memcpy(ret[n].imsi, u->sub->imsi, sizeof ret[n].imsi);
            for (uint32_t k = MAX_SESSIONS; k-- > 0;)
                if (u->sessions[k].state == SESSION_ACTIVE) {
                    ret[n].pdu_session_id = u->sessions[k].id;
                    ret[n].ipv4 = u->sessions[k].ipv4;
                    ret[n].snssai = (ngap_snssai_t){u->sessions[k].snssai.sst, u->sessions[k].snssai.sd};
                }
        }
        n++;
    }
    return n;
}

const core_counters_t *core_counters(const core_t *c)
{
    return &c->counters;
}

/* ---- life ---- */

int core_create(loop_t *loop, const core_config_t *config, const ngap_ran_t *ran, const log_t *log,
                core_t **ret)
{
    config_error_t err;
    if (core_config_check(config, &err) < 0) {
        log_error(log, "%s", err.text);
        return -EINVAL;
    }
    core_t *c = calloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    c->loop = loop;
    c->config = config;
    c->ran = *ran;
    c->log = log_sub(log, "core");
    c->n_ues = (uint32_t)config->max_ues;
    c->next_amf_id = 1;
    c->pool_n = config->pool_last - config->pool_first + 1;
    c->ues = calloc(c->n_ues, sizeof *c->ues);
    c->sqn = calloc(config->n_subscribers + 1, sizeof *c->sqn);
    c->leased = calloc(c->pool_n, 1);
    int r = !c->ues || !c->sqn || !c->leased ? -ENOMEM : crypto_create(&c->crypto);
    if (r < 0) {
        core_destroy(c);
        return r;
    }
    nas_plmn_build(config->plmn, c->plmn);
    /* TS 24.501 9.12.1: an MNC of two digits gets a leading zero */
    snprintf(c->sn_name, sizeof c->sn_name, "5G:mnc%s%s.mcc%.3s.3gppnetwork.org",
             strlen(config->plmn) == 5 ? "0" : "", config->plmn + 3, config->plmn);
    for (uint32_t i = 0; i < config->n_subscribers; i++) {
        uint32_t ip = config->subscribers[i].ipv4;
        c->sqn[i] = (uint64_t)config->subscribers[i].sqn;
        if (ip >= config->pool_first && ip <= config->pool_last)
            c->leased[ip - config->pool_first] = 1; /* never given to anybody else */
    }
    c->face = (ngap_core_t){.ctx = c,
                            .initial_ue_message = on_initial_ue_message,
                            .uplink_nas_transport = on_uplink_nas_transport,
                            .initial_context_setup_response = on_context_setup_response,
                            .initial_context_setup_failure = on_context_setup_failure,
                            .pdu_session_setup_response = on_session_setup_response,
                            .pdu_session_release_response = on_session_release_response,
                            .ue_radio_capability_info = on_radio_capability,
                            .ue_context_release_request = on_release_request,
                            .ue_context_release_complete = on_release_complete,
                            .error_indication = on_error_indication,
                            .ng_reset = on_ng_reset};
    *ret = c;
    return 0;
}

void core_destroy(core_t *c)
{
    if (!c)
        return;
    for (uint32_t i = 0; c->ues && i < c->n_ues; i++)
        core_paging_stop(&c->ues[i]), loop_timer_stop(&c->ues[i].timer);
    crypto_destroy(c->crypto);
    free(c->ues);
    free(c->sqn);
    free(c->leased);
    free(c);
}
