/* SPDX-License-Identifier: Apache-2.0 */
/* Subscriptions: a streaming call is a subscriber of the subscription manager. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ric/xapp/internal.h"

struct stream {
    xapp_t *x;
    rpc_call_t *call;
    node_t *node;
    subscriber_t *subscriber;
    bool kpm;
    uint64_t sequence;
};

static void on_gone(void *ctx, rpc_call_t *call)
{
    stream_t *s = ctx;
    (void)call;
    if (s->subscriber)
        submgr_leave(s->subscriber);
    free(s);
}

static void on_ended(void *ctx, bool lost, const char *why)
{
    stream_t *s = ctx;
    rpc_call_end(s->call, lost ? GRPC_STATUS_UNAVAILABLE : GRPC_STATUS_ABORTED, why);
    free(s);
}

static void on_indication(void *ctx, const e2ap_RICindication_t *m)
{
    stream_t *s = ctx;
    xapp_t *x = s->x;
    const e2ap_RICindication_IEs_t *ies = &m->protocolIEs;
    Vitran__Ric__V1__Indication out = VITRAN__RIC__V1__INDICATION__INIT;
    bool ok;
    arena_reset(&x->arena);
    if (s->kpm) {
        kpm_report_t r;
        ok = kpm_report_decode(ies->RICindicationHeader, ies->RICindicationMessage, NULL, &x->arena, &r) == 0;
        if (ok) {
            out.what_case = VITRAN__RIC__V1__INDICATION__WHAT_KPM;
            out.kpm = kpm_message(&x->arena, &r);
            ok = out.kpm != NULL;
        }
    } else {
        plg_IndicationHeader_t h;
        plg_IndicationMessage_t events;
        ok = asn1_decode(&plg_IndicationHeader_type, ASN1_APER, ies->RICindicationHeader.p,
                         ies->RICindicationHeader.n, &x->arena, &h, NULL) == 0 &&
             asn1_decode(&plg_IndicationMessage_type, ASN1_APER, ies->RICindicationMessage.p,
                         ies->RICindicationMessage.n, &x->arena, &events, NULL) == 0;
        if (ok) {
            out.what_case = VITRAN__RIC__V1__INDICATION__WHAT_PLG;
            out.plg = plg_message(&x->arena, plg_running(plg_definition(&x->arena, s->node)), &h, &events);
            ok = out.plg != NULL;
        }
    }
    if (!ok) {
        x->counters.undecodable++;
        return;
    }
    out.node_id = s->node->id;
    out.sequence = s->sequence++;
    out.dropped = rpc_call_dropped(s->call);
    x->counters.indications++;
    rpc_call_send(s->call, &out.base);
}

static const subscriber_cbs_t cbs = {on_indication, on_ended};

/* The action of a KPM subscription. 0, or -errno with a text. */
static int kpm_definitions(xapp_t *x, const Vitran__Ric__V1__KpmSubscription *q, size_t *ret_trigger_n,
                           size_t *ret_action_n, const char **ret_text)
{
    kpm_action_t *a = ARENA_NEW(&x->arena, kpm_action_t);
    if (!a)
        return -ENOMEM;
    a->style = q->style;
    a->granularity_ms = q->granularity_ms ? q->granularity_ms : q->period_ms;
    *ret_text = "style is 1 (the cell) or 4 (each UE)";
    if (q->style != KPM_STYLE_NODE && q->style != KPM_STYLE_UES)
        return -EINVAL;
    *ret_text = "period_ms is 10 to 10000, granularity_ms divides it";
    if (q->period_ms < KPM_MIN_PERIOD_MS || q->period_ms > KPM_MAX_PERIOD_MS ||
        a->granularity_ms < KPM_MIN_PERIOD_MS || q->period_ms % a->granularity_ms)
        return -EINVAL;
    *ret_text = "1 to 128 measurements, labels included, with names of 1 to 150 characters";
    for (size_t i = 0; i < q->n_measurements; i++) {
        size_t len = strlen(q->measurements[i]);
        size_t labels = 1 + (q->style == KPM_STYLE_NODE ? q->n_slices : 0);
        if (len == 0 || len > 150 || a->n + labels > KPM_MAX_MEASUREMENTS)
            return -EINVAL;
        for (size_t j = 0; j < labels; j++)
            a->measurements[a->n++] =
                (kpm_measurement_t){{(const uint8_t *)q->measurements[i], (uint32_t)len},
                                    j ? slice_from_message(q->slices[j - 1]) : E2SM_NO_SLICE};
    }
    if (!a->n)
        return -EINVAL;
    if (q->style == KPM_STYLE_UES) { /* all of them: whatever CQI they report, or none yet */
        a->n_conditions = 1;
        a->conditions[0] = (kpm_condition_t){.test = KPM_TEST_CQI, .expression = KPM_LESS, .value = 16};
    }
    *ret_text = "cannot be encoded";
    int r = kpm_trigger_encode(q->period_ms, x->header, XAPP_BYTES, ret_trigger_n);
    return r < 0 ? r : kpm_action_encode(a, NULL, &x->arena, x->message, XAPP_BYTES, ret_action_n);
}

void handle_subscribe(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n)
{
    xapp_t *x = ctx;
    size_t trigger_n = 0, action_n = 0;
    const char *why = "";
    Vitran__Ric__V1__SubscribeRequest *q = vitran__ric__v1__subscribe_request__unpack(NULL, n, bytes);
    if (!q) {
        rpc_call_fail(call, GRPC_STATUS_INVALID_ARGUMENT, "not a SubscribeRequest");
        return;
    }
    arena_reset(&x->arena);
    node_t *node = xapp_node(x, call, q->node_id);
    if (!node)
        goto end;
    bool kpm = q->what_case == VITRAN__RIC__V1__SUBSCRIBE_REQUEST__WHAT_KPM;
    const ran_function_t *f = node_function(node, kpm ? MODEL_KPM : MODEL_PLG);
    int r = -EINVAL;
    if (!f) {
        rpc_call_fail(call, GRPC_STATUS_NOT_FOUND, "%s has no such RAN function", node->id);
        goto end;
    }
    if (kpm) {
        r = kpm_definitions(x, q->kpm, &trigger_n, &action_n, &why);
    } else if (q->what_case == VITRAN__RIC__V1__SUBSCRIBE_REQUEST__WHAT_PLG) {
        plg_EventTriggerDefinition_t t = {q->plg->plugins != 0, q->plg->values != 0};
        r = asn1_encode(&plg_EventTriggerDefinition_type, ASN1_APER, &t, x->header, XAPP_BYTES, &trigger_n,
                        NULL);
    } else {
        why = "says not what to subscribe to";
    }
    if (r < 0) {
        rpc_call_fail(call, GRPC_STATUS_INVALID_ARGUMENT, "%s", why);
        goto end;
    }
    stream_t *s = calloc(1, sizeof *s);
    if (s) {
        *s = (stream_t){.x = x, .call = call, .node = node, .kpm = kpm};
        r = submgr_join(x->submgr, node, f->id, (asn1_bytes_t){x->header, (uint32_t)trigger_n},
                        (asn1_bytes_t){x->message, (uint32_t)action_n}, &cbs, s, &s->subscriber);
    }
    if (!s || r < 0) {
        free(s);
        rpc_call_fail(call, r == -ENOTCONN ? GRPC_STATUS_UNAVAILABLE : GRPC_STATUS_RESOURCE_EXHAUSTED,
                      "cannot subscribe: %s", strerror(r < 0 ? -r : ENOMEM));
        goto end;
    }
    x->counters.streams++;
    if (q->queue)
        rpc_call_set_queue(call, q->queue < 65536 ? q->queue : 65536);
    rpc_call_set_gone(call, on_gone, s);
end:
    vitran__ric__v1__subscribe_request__free_unpacked(q, NULL);
}
