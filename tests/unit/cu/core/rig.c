/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/cu/core/rig.h"

#include "lib/core/clock.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static rig_message_t *queue_add(rig_t *r, bool uplink, unsigned ue, const uint8_t *pdu, size_t n)
{
    assert(r->count < RIG_QUEUE && n <= sizeof r->queue[0].pdu);
    rig_message_t *m = &r->queue[(r->head + r->count++) % RIG_QUEUE];
    *m = (rig_message_t){.uplink = uplink, .ue = ue, .n = n, .ids = r->ue[ue].ids, .induced = r->in_hook};
    memcpy(m->pdu, pdu, n);
    return m;
}

/* ---- the UEs' side ---- */

static void send_ul(void *ctx, const uint8_t *pdu, size_t n, bool initial)
{
    rig_ue_t *u = ctx;
    rig_t *r = u->rig;
    if (initial) {
        u->connected = true;
        u->ids = (ngap_ue_ids_t){UINT64_MAX, ++r->next_ran_id};
    }
    queue_add(r, true, (unsigned)(u - r->ue), pdu, n)->initial = initial;
}

static void on_registered(void *ctx)
{
    ((rig_ue_t *)ctx)->registered++;
}

static void on_session_up(void *ctx, const ue_nas_session_t *s)
{
    rig_ue_t *u = ctx;
    u->session_ups++;
    u->up = *s;
}

static void on_session_down(void *ctx, uint8_t id)
{
    (void)id;
    ((rig_ue_t *)ctx)->session_downs++;
}

static void on_failed(void *ctx, ue_nas_fail_t why, uint8_t cause)
{
    rig_ue_t *u = ctx;
    u->failures++;
    u->fail = why;
    u->fail_cause = cause;
}

/* ---- the RAN's side ---- */

static rig_ue_t *by_ids(rig_t *r, const ngap_ue_ids_t *ids)
{
    for (unsigned i = 0; i < RIG_UES; i++)
        if (r->ue[i].connected && r->ue[i].ids.ran_ue_ngap_id == ids->ran_ue_ngap_id) {
            r->ue[i].ids.amf_ue_ngap_id = ids->amf_ue_ngap_id;
            return &r->ue[i];
        }
    return NULL;
}

static void queue_dl(rig_t *r, rig_ue_t *u, ngap_bytes_t pdu)
{
    if (u && pdu.n)
        queue_add(r, false, (unsigned)(u - r->ue), pdu.p, pdu.n);
}

static void downlink(void *ctx, const ngap_nas_transport_t *m)
{
    queue_dl(ctx, by_ids(ctx, &m->ue), m->nas_pdu);
}

static void context_setup(void *ctx, const ngap_initial_context_setup_t *m)
{
    rig_t *r = ctx;
    rig_ue_t *u = by_ids(r, &m->ue);
    if (!u)
        return;
    if (r->refuse_contexts) {
        ngap_ue_cause_t no = {m->ue, {NGAP_CAUSE_RADIO_NETWORK, NGAP_RADIO_UNSPECIFIED}};
        core_ngap(r->core)->initial_context_setup_failure(core_ngap(r->core)->ctx, &no);
        return;
    }
    u->context_setups++;
    u->context = *m;
    memcpy(u->k_gnb, m->k_gnb, 32);
    queue_dl(r, u, m->nas_pdu);
    ngap_setup_response_t done = {.ue = m->ue, .n_sessions = m->n_sessions};
    for (uint8_t i = 0; i < m->n_sessions; i++)
        done.sessions[i] =
            (ngap_pdu_session_result_t){.pdu_session_id = m->sessions[i].pdu_session_id, .ok = true};
    core_ngap(r->core)->initial_context_setup_response(core_ngap(r->core)->ctx, &done);
}

static void session_setup(void *ctx, const ngap_pdu_session_setup_request_t *m)
{
    rig_t *r = ctx;
    rig_ue_t *u = by_ids(r, &m->ue);
    if (!u)
        return;
    u->session_setups++;
    u->session = m->sessions[0];
    if (!r->refuse_sessions)
        queue_dl(r, u, m->sessions[0].nas_pdu);
    ngap_setup_response_t done = {
        .ue = m->ue,
        .n_sessions = 1,
        .sessions = {{.pdu_session_id = m->sessions[0].pdu_session_id,
                      .ok = !r->refuse_sessions,
                      .cause = {NGAP_CAUSE_RADIO_NETWORK, NGAP_RADIO_UNSPECIFIED}}}};
    core_ngap(r->core)->pdu_session_setup_response(core_ngap(r->core)->ctx, &done);
}

static void session_release(void *ctx, const ngap_pdu_session_release_t *m)
{
    rig_t *r = ctx;
    queue_dl(r, by_ids(r, &m->ue), m->nas_pdu);
    core_ngap(r->core)->pdu_session_release_response(core_ngap(r->core)->ctx, m);
}

/* The RRC release goes behind the NAS messages that wait. */
static void release_command(void *ctx, const ngap_ue_cause_t *m)
{
    rig_t *r = ctx;
    rig_ue_t *u = by_ids(r, &m->ue);
    if (u) {
        u->releases++;
        queue_add(r, false, (unsigned)(u - r->ue), (const uint8_t *)"", 0);
    }
    core_ngap(r->core)->ue_context_release_complete(core_ngap(r->core)->ctx, m);
}

static void paging(void *ctx, const ngap_paging_t *m)
{
    ((rig_t *)ctx)->pagings++;
    ((rig_t *)ctx)->paged = *m;
}

static void error_indication(void *ctx, const ngap_ue_cause_t *m)
{
    (void)m;
    ((rig_t *)ctx)->errors++;
}

static void ng_reset(void *ctx, ngap_cause_t cause)
{
    (void)ctx, (void)cause;
}

/* ---- running ---- */

static void deliver(rig_t *r, rig_message_t *m)
{
    rig_ue_t *u = &r->ue[m->ue];
    const ngap_core_t *core = core_ngap(r->core);
    if (!m->uplink && m->n == 0) {
        u->connected = false;
        ue_nas_on_connection_released(u->nas, loop_now_ns(r->loop));
    } else if (!m->uplink)
        ue_nas_on_dl(u->nas, loop_now_ns(r->loop), m->pdu, m->n);
    else if (m->initial ||
             u->ids.amf_ue_ngap_id == UINT64_MAX) { /* the core has not answered: still the first */
        ngap_initial_ue_message_t im = {.ran_ue_ngap_id = u->ids.ran_ue_ngap_id,
                                        .nas_pdu = {m->pdu, (uint32_t)m->n}};
        core->initial_ue_message(core->ctx, &im);
    } else {
        ngap_nas_transport_t t = {.ue = u->ids, .nas_pdu = {m->pdu, (uint32_t)m->n}};
        core->uplink_nas_transport(core->ctx, &t);
    }
}

void rig_pump(rig_t *r)
{
    while (r->count) {
        rig_message_t m = r->queue[r->head];
        r->head = (r->head + 1) % RIG_QUEUE;
        r->count--;
        int number = (int)r->carried++;
        if (number == r->lose || (r->hook && !r->hook(r, &m, r->hook_ctx)))
            continue;
        deliver(r, &m);
    }
}

void rig_run(rig_t *r, int64_t ms)
{
    rig_pump(r);
    for (int64_t t = 0; t < ms; t += 100) {
        loop_advance(r->loop, 100 * NS_PER_MS);
        for (unsigned i = 0; i < RIG_UES; i++)
            ue_nas_tick(r->ue[i].nas, loop_now_ns(r->loop));
        rig_pump(r);
    }
}

void rig_start(rig_t *r, unsigned ue)
{
    ue_nas_start(r->ue[ue].nas, loop_now_ns(r->loop));
}

void rig_radio_lost(rig_t *r, unsigned ue)
{
    ngap_ue_cause_t lost = {r->ue[ue].ids, {NGAP_CAUSE_RADIO_NETWORK, NGAP_RADIO_CONNECTION_LOST}};
    core_ngap(r->core)->ue_context_release_request(core_ngap(r->core)->ctx, &lost);
    rig_pump(r);
}

void rig_inject_ul(rig_t *r, unsigned ue, const uint8_t *pdu, size_t n)
{
    ngap_nas_transport_t t = {.ue = r->ue[ue].ids, .nas_pdu = {pdu, (uint32_t)n}};
    core_ngap(r->core)->uplink_nas_transport(core_ngap(r->core)->ctx, &t);
}

void rig_inject_dl(rig_t *r, unsigned ue, const uint8_t *pdu, size_t n)
{
    ue_nas_on_dl(r->ue[ue].nas, loop_now_ns(r->loop), pdu, n);
}

/* ---- life ---- */

void rig_defaults(rig_t *r, ue_nas_config_t ue[RIG_UES])
{
    /* K and OPc of test set 1, TS 35.208 4.3.1 */
    static const uint8_t k[16] = {0x46, 0x5b, 0x5c, 0xe8, 0xb1, 0x99, 0xb4, 0x9f,
                                  0xaa, 0x5f, 0x0a, 0x2e, 0xe2, 0x38, 0xa6, 0xbc};
    static const uint8_t opc[16] = {0xcd, 0x63, 0xcb, 0x71, 0x95, 0x4a, 0x9f, 0x4e,
                                    0x48, 0xa5, 0x99, 0x4e, 0x37, 0xa0, 0x2b, 0xaf};
    memset(r, 0, sizeof *r);
    memset(ue, 0, RIG_UES * sizeof *ue);
    r->lose = -1;
    core_config_t *c = &r->config;
    strcpy(c->plmn, "00101");
    c->tac = 7;
    c->amf_region_id = 1;
    c->amf_set_id = 1;
    c->pool_first = 0x0a2d0002;
    c->pool_last = 0x0a2d00fe;
    c->dns = 0x08080808;
    c->mtu = 1400;
    c->nea = c->nia = 2;
    c->max_ues = 8;
    c->t3513_ms = 2000;
    c->t3550_ms = c->t3560_ms = c->t3570_ms = 6000;
    c->n_subscribers = RIG_UES;
    for (unsigned i = 0; i < RIG_UES; i++) {
        core_subscriber_t *s = &c->subscribers[i];
        snprintf(s->imsi, sizeof s->imsi, "00101000000000%u", i + 1);
        memcpy(s->k, k, 16);
        memcpy(s->opc, opc, 16);
        s->k[15] = (uint8_t)(s->k[15] + i);
        s->amf[0] = 0x80;
        s->ambr_dl_kbps = 200000;
        s->ambr_ul_kbps = 100000;
        strcpy(s->dnn, "internet");
        s->n_slices = 1;
        s->slices[0] = (core_slice_t){1, i < 2 ? 0xffffff : 2};
        strcpy(ue[i].imsi, s->imsi);
        memcpy(ue[i].k, s->k, 16);
        memcpy(ue[i].opc, s->opc, 16);
        ue[i].n_slices = 1;
        ue[i].slices[0] = (ue_nas_snssai_t){1, i < 2 ? 0xffffff : 2};
        strcpy(ue[i].dnn, "internet");
    }
}

void rig_begin(rig_t *r, const ue_nas_config_t ue[RIG_UES])
{
    static log_sink_t sink = {.level = LOG_DEBUG};
    static const log_t log = {&sink, "test"};
    const log_t *to = getenv("VITRAN_TEST_LOG") ? &log : NULL;
    const ngap_ran_t ran = {
        r,      downlink,         context_setup, session_setup, session_release, release_command,
        paging, error_indication, ng_reset};
    loop_create(&r->loop);
    loop_set_virtual(r->loop);
    int ret = core_create(r->loop, &r->config, &ran, to, &r->core);
    assert(ret == 0);
    for (unsigned i = 0; i < RIG_UES; i++) {
        ue_nas_cbs_t cbs = {&r->ue[i], send_ul, on_registered, on_session_up, on_session_down, on_failed};
        r->ue[i].rig = r;
        ret = ue_nas_create(&ue[i], &cbs, to, &r->ue[i].nas);
        assert(ret == 0);
    }
    (void)ret;
}

void rig_end(rig_t *r)
{
    for (unsigned i = 0; i < RIG_UES; i++)
        ue_nas_destroy(r->ue[i].nas);
    core_destroy(r->core);
    loop_destroy(r->loop);
}
