/* SPDX-License-Identifier: Apache-2.0 */
/* Controls: checked against what the node declares, claimed with the guard, sent, and answered when the node
 * says that they are in force. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "e2sm/rc/rc.h"
#include "lib/core/clock.h"
#include "ric/xapp/internal.h"

#define MAX_ITEMS 256u

typedef enum { KIND_SWAP, KIND_SET, KIND_GET, KIND_QUOTA, KIND_RAW } kind_t;

/* One that was sent and not answered. */
struct control {
    control_t *next;
    xapp_t *x;
    rpc_call_t *call; /* NULL: the xApp is gone; the claim is still ours to keep or give back */
    node_t *node;
    kind_t kind;
    int64_t instance; /* ricInstanceID */
    loop_timer_t timer;
    char xapp[GUARD_XAPP_TEXT];
    uint32_t priority, lease_ms;
    uint32_t n_items;
    guard_item_t items[MAX_ITEMS];
};

static void unlink_control(control_t *c)
{
    for (control_t **at = &c->x->controls; *at; at = &(*at)->next)
        if (*at == c) {
            *at = c->next;
            c->x->n_controls--;
            break;
        }
    loop_timer_stop(&c->timer);
}

static void control_free(control_t *c)
{
    unlink_control(c);
    free(c);
}

static void fail(control_t *c, grpc_status_code code, const char *text)
{
    guard_release(c->x->guard, c->xapp, c->items, c->n_items);
    if (c->call)
        rpc_call_fail(c->call, code, "%s", text);
    control_free(c);
}

static void on_timer(void *ctx)
{
    control_t *c = ctx;
    c->x->counters.controls_timed_out++;
    fail(c, GRPC_STATUS_DEADLINE_EXCEEDED,
         "the E2 node did not answer; the change may or may not be in force");
}

static void on_gone(void *ctx, rpc_call_t *call)
{
    control_t *c = ctx;
    (void)call;
    c->call = NULL;
}

static control_t *control_new(xapp_t *x, rpc_call_t *call, node_t *n, kind_t kind,
                              const Vitran__Ric__V1__Requester *q)
{
    control_t *c = x->n_controls < XAPP_MAX_CONTROLS ? calloc(1, sizeof *c) : NULL;
    if (!c) {
        rpc_call_fail(call, GRPC_STATUS_RESOURCE_EXHAUSTED, "too many controls at a time");
        return NULL;
    }
    c->x = x;
    c->call = call;
    c->node = n;
    c->kind = kind;
    snprintf(c->xapp, sizeof c->xapp, "%s", q ? q->xapp : "");
    c->priority = q ? q->priority : 0;
    loop_timer_init(x->loop, &c->timer, on_timer, c);
    for (bool used = true; used;) {
        used = false;
        c->instance = ++x->next_instance;
        for (const control_t *o = x->controls; o; o = o->next)
            used |= o->instance == c->instance;
    }
    c->next = x->controls;
    x->controls = c;
    x->n_controls++;
    return c;
}

/* Sends header and message as they lie in x. The call is answered later, or now with a failure. */
static void send_control(control_t *c, int64_t function, size_t header_n, size_t message_n,
                         asn1_bytes_t process_id, uint64_t wait_ms)
{
    xapp_t *x = c->x;
    e2ap_RICcontrolRequest_t m = {
        .protocolIEs = {.has = {.RICcallProcessID = process_id.n > 0, .RICcontrolAckRequest = 1},
                        .RICrequestID = {XAPP_REQUESTOR, c->instance},
                        .RANfunctionID = function,
                        .RICcallProcessID = process_id,
                        .RICcontrolHeader = {x->header, (uint32_t)header_n},
                        .RICcontrolMessage = {x->message, (uint32_t)message_n},
                        .RICcontrolAckRequest = e2ap_RICcontrolAckRequest_ack}};
    int r = e2term_send(x->term, c->node, E2AP_INITIATING(RICcontrolRequest, &m));
    if (r < 0) {
        fail(c, GRPC_STATUS_UNAVAILABLE, "the E2 node cannot be reached");
        return;
    }
    loop_timer_start(&c->timer, (int64_t)(XAPP_CONTROL_MS + wait_ms) * NS_PER_MS);
    rpc_call_set_gone(c->call, on_gone, c);
}

static bool encode_plg(xapp_t *x, const plg_ControlMessage_t *m, size_t *ret_header_n, size_t *ret_message_n)
{
    plg_ControlHeader_t h = {0};
    return asn1_encode(&plg_ControlHeader_type, ASN1_APER, &h, x->header, XAPP_BYTES, ret_header_n, NULL) ==
               0 &&
           asn1_encode(&plg_ControlMessage_type, ASN1_APER, m, x->message, XAPP_BYTES, ret_message_n, NULL) ==
               0;
}

static void refuse(control_t *c, grpc_status_code code, const char *text)
{
    c->x->counters.controls_refused++;
    if (c->call)
        rpc_call_fail(c->call, code, "%s", text);
    control_free(c);
}

/* Asks the guard for what the control sets; false after the call was failed. */
static bool claim(control_t *c, uint32_t lease_ms)
{
    uint32_t item = 0;
    const char *holder = "";
    char text[160];
    c->lease_ms = lease_ms;
    int r = guard_claim(c->x->guard, c->xapp, c->priority, c->items, c->n_items, lease_ms, &item, &holder);
    if (r == 0)
        return true;
    if (r == -EBUSY)
        snprintf(text, sizeof text, "settings[%u]: conflict: xApp '%s' holds it", item, holder);
    else
        snprintf(text, sizeof text, "too many leases");
    refuse(c, r == -EBUSY ? GRPC_STATUS_ABORTED : GRPC_STATUS_RESOURCE_EXHAUSTED, text);
    return false;
}

/* ---- swap ---- */

/* A whole id, or its last part where that names one plugin only. */
static const plg_Plugin_t *find_plugin(const plg_RANfunctionDefinition_t *d, const char *name)
{
    const plg_Plugin_t *by_part = NULL;
    uint32_t n = 0;
    size_t len = strlen(name);
    for (uint32_t i = 0; d && len && i < d->plugins.n; i++) {
        const plg_Plugin_t *p = &d->plugins.p[i];
        if (p->id.n == len && memcmp(p->id.p, name, len) == 0)
            return p;
        if (p->id.n > len && strchr("-.", p->id.p[p->id.n - len - 1]) &&
            memcmp(p->id.p + p->id.n - len, name, len) == 0) {
            by_part = p;
            n++;
        }
    }
    return n == 1 ? by_part : NULL;
}

void handle_swap(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n)
{
    xapp_t *x = ctx;
    Vitran__Ric__V1__SwapPluginRequest *q = vitran__ric__v1__swap_plugin_request__unpack(NULL, n, bytes);
    if (!q) {
        rpc_call_fail(call, GRPC_STATUS_INVALID_ARGUMENT, "not a SwapPluginRequest");
        return;
    }
    arena_reset(&x->arena);
    node_t *node = xapp_node(x, call, q->node_id);
    control_t *c = node ? control_new(x, call, node, KIND_SWAP, q->requester) : NULL;
    if (c) {
        const plg_RANfunctionDefinition_t *d = plg_definition(&x->arena, node);
        const plg_Plugin_t *p = find_plugin(d, q->to);
        size_t header_n, message_n;
        const char *holder = "";
        char text[160];
        if (!d) {
            refuse(c, GRPC_STATUS_NOT_FOUND, "the node has no plugins");
        } else if (!p) {
            snprintf(text, sizeof text, "no plugin, or more than one, is called '%s'", q->to);
            refuse(c, GRPC_STATUS_NOT_FOUND, text);
        } else if (guard_check_swap(x->guard, c->xapp, c->priority, node, &holder) < 0) {
            snprintf(text, sizeof text, "conflict: xApp '%s' holds a value of this node", holder);
            refuse(c, GRPC_STATUS_ABORTED, text);
        } else {
            bool later = q->when_case == VITRAN__RIC__V1__SWAP_PLUGIN_REQUEST__WHEN_AT_SLOT;
            plg_Swap_t s = {.has = {.atSlot = later}, .to = p->id, .atSlot = later ? (int64_t)q->at_slot : 0};
            plg_ControlMessage_t m = {.choice = plg_ControlMessage_choice_swap, .u = {.swap = &s}};
            if (encode_plg(x, &m, &header_n, &message_n))
                send_control(c, node_function(node, MODEL_PLG)->id, header_n, message_n,
                             (asn1_bytes_t){NULL, 0}, later ? 60000 : 0);
            else
                refuse(c, GRPC_STATUS_INVALID_ARGUMENT, "cannot be encoded");
        }
    }
    vitran__ric__v1__swap_plugin_request__free_unpacked(q, NULL);
}

/* ---- set and get ---- */

/* Fills items and c's guard items; false after the call was failed. */
static bool read_settings(control_t *c, const plg_Plugin_t *running, Vitran__Ric__V1__Setting **list,
                          size_t n, bool with_values, plg_Setting_t *ret)
{
    for (size_t i = 0; i < n; i++) {
        const char *why = "";
        char text[160];
        grpc_status_code code = setting_from_message(&c->x->arena, c->node, running, list[i], with_values,
                                                     &ret[i], &c->items[i], &why);
        if (code == GRPC_STATUS_OK)
            continue;
        snprintf(text, sizeof text, "settings[%zu]: %s", i, why);
        refuse(c, code, text);
        return false;
    }
    if (with_values)
        c->n_items = (uint32_t)n;
    return true;
}

static void set(control_t *c, const Vitran__Ric__V1__SetParametersRequest *q)
{
    xapp_t *x = c->x;
    const plg_RANfunctionDefinition_t *d = plg_definition(&x->arena, c->node);
    const plg_Plugin_t *running = plg_running(d);
    plg_Setting_t *items = ARENA_ARRAY(&x->arena, plg_Setting_t, q->n_settings);
    size_t header_n, message_n;
    bool later = q->when_case == VITRAN__RIC__V1__SET_PARAMETERS_REQUEST__WHEN_AT_SLOT;
    if (!running || !items || q->n_settings == 0 || q->n_settings > MAX_ITEMS || q->lease_ms > 3600000) {
        refuse(c, running ? GRPC_STATUS_INVALID_ARGUMENT : GRPC_STATUS_NOT_FOUND,
               running ? "1 to 256 settings, a lease of at most an hour" : "no plugin runs there");
        return;
    }
    if (!read_settings(c, running, q->settings, q->n_settings, true, items) || !claim(c, q->lease_ms))
        return;
    plg_Set_t s = {.has = {.plugin = *q->plugin != 0, .lease = q->lease_ms != 0, .atSlot = later},
                   .items = {(uint32_t)q->n_settings, items},
                   .plugin = {(const uint8_t *)q->plugin, (uint32_t)strlen(q->plugin)},
                   .lease = q->lease_ms,
                   .atSlot = later ? (int64_t)q->at_slot : 0};
    plg_ControlMessage_t m = {.choice = plg_ControlMessage_choice_set, .u = {.set = &s}};
    if (encode_plg(x, &m, &header_n, &message_n))
        send_control(c, node_function(c->node, MODEL_PLG)->id, header_n, message_n, (asn1_bytes_t){NULL, 0},
                     later ? 60000 : 0);
    else
        fail(c, GRPC_STATUS_INVALID_ARGUMENT, "cannot be encoded");
}

void handle_set(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n)
{
    xapp_t *x = ctx;
    Vitran__Ric__V1__SetParametersRequest *q =
        vitran__ric__v1__set_parameters_request__unpack(NULL, n, bytes);
    if (!q) {
        rpc_call_fail(call, GRPC_STATUS_INVALID_ARGUMENT, "not a SetParametersRequest");
        return;
    }
    arena_reset(&x->arena);
    node_t *node = xapp_node(x, call, q->node_id);
    control_t *c = node ? control_new(x, call, node, KIND_SET, q->requester) : NULL;
    if (c)
        set(c, q);
    vitran__ric__v1__set_parameters_request__free_unpacked(q, NULL);
}

static void get(control_t *c, const Vitran__Ric__V1__GetParametersRequest *q)
{
    xapp_t *x = c->x;
    const plg_RANfunctionDefinition_t *d = plg_definition(&x->arena, c->node);
    const plg_Plugin_t *running = plg_running(d);
    plg_Setting_t *settings = ARENA_ARRAY(&x->arena, plg_Setting_t, q->n_settings);
    plg_Address_t *items = ARENA_ARRAY(&x->arena, plg_Address_t, q->n_settings);
    size_t header_n, message_n;
    if (!running || !settings || !items || q->n_settings > MAX_ITEMS) {
        refuse(c, running ? GRPC_STATUS_INVALID_ARGUMENT : GRPC_STATUS_NOT_FOUND,
               running ? "at most 256 settings" : "no plugin runs there");
        return;
    }
    if (!read_settings(c, running, q->settings, q->n_settings, false, settings))
        return;
    for (size_t i = 0; i < q->n_settings; i++)
        items[i] = (plg_Address_t){settings[i].parameter, settings[i].scope};
    plg_Get_items_t list = {(uint32_t)q->n_settings, items};
    plg_Get_t g = {.items = q->n_settings ? &list : NULL};
    plg_ControlMessage_t m = {.choice = plg_ControlMessage_choice_get, .u = {.get = &g}};
    if (encode_plg(x, &m, &header_n, &message_n))
        send_control(c, node_function(c->node, MODEL_PLG)->id, header_n, message_n, (asn1_bytes_t){NULL, 0},
                     0);
    else
        refuse(c, GRPC_STATUS_INVALID_ARGUMENT, "cannot be encoded");
}

void handle_get(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n)
{
    xapp_t *x = ctx;
    Vitran__Ric__V1__GetParametersRequest *q =
        vitran__ric__v1__get_parameters_request__unpack(NULL, n, bytes);
    if (!q) {
        rpc_call_fail(call, GRPC_STATUS_INVALID_ARGUMENT, "not a GetParametersRequest");
        return;
    }
    arena_reset(&x->arena);
    node_t *node = xapp_node(x, call, q->node_id);
    control_t *c = node ? control_new(x, call, node, KIND_GET, NULL) : NULL;
    if (c)
        get(c, q);
    vitran__ric__v1__get_parameters_request__free_unpacked(q, NULL);
}

/* ---- RC: slice-level PRB quota ---- */

static void quota(control_t *c, const Vitran__Ric__V1__SetSlicePrbQuotaRequest *q)
{
    xapp_t *x = c->x;
    const ran_function_t *f = node_function(c->node, MODEL_RC);
    const plg_Plugin_t *running = plg_running(plg_definition(&x->arena, c->node));
    static const char *const suffixes[] = {"prb_min", "prb_max", "prb_dedicated"};
    const uint32_t values[] = {q->min_percent, q->max_percent, q->dedicated_percent};
    size_t header_n, message_n;
    if (!f || !q->slice) {
        refuse(c, f ? GRPC_STATUS_INVALID_ARGUMENT : GRPC_STATUS_NOT_FOUND,
               f ? "names no slice" : "the node does not offer E2SM-RC");
        return;
    }
    if (q->max_percent > 100 || q->min_percent > q->max_percent || q->dedicated_percent > q->min_percent) {
        refuse(c, GRPC_STATUS_OUT_OF_RANGE, "0 <= dedicated <= min <= max <= 100 does not hold");
        return;
    }
    rc_control_t *rc = ARENA_NEW(&x->arena, rc_control_t);
    if (!rc) {
        refuse(c, GRPC_STATUS_RESOURCE_EXHAUSTED, "out of memory");
        return;
    }
    *rc = (rc_control_t){.style = RC_STYLE_RADIO_RESOURCE, .action = RC_ACTION_SLICE_PRB_QUOTA, .n = 1};
    rc->quotas[0] = (rc_quota_t){.has_plmn = true,
                                 .has_min = true,
                                 .has_max = true,
                                 .has_dedicated = true,
                                 .slice = slice_from_message(q->slice),
                                 .min = q->min_percent,
                                 .max = q->max_percent,
                                 .dedicated = q->dedicated_percent};
    memcpy(rc->quotas[0].plmn, c->node->plmn, 3);
    /* Where PLG tells which parameters stand behind it, the same conflict rule holds for both ways in. */
    for (int i = 0; i < 3; i++) {
        const plg_Parameter_t *p = plg_find_quota(running, suffixes[i]);
        double real = values[i];
        if (!p)
            continue;
        guard_item_t *item = &c->items[c->n_items++];
        *item =
            (guard_item_t){c->node, (uint32_t)p->id, plg_Scope_choice_slice, rc->quotas[0].slice, values[i]};
        if (p->type.choice == plg_ParameterType_choice_real)
            memcpy(&item->value, &real, sizeof real);
    }
    if (!claim(c, 0))
        return;
    if (rc_control_encode(rc, &x->arena, x->header, XAPP_BYTES, &header_n, x->message, XAPP_BYTES,
                          &message_n) == 0)
        send_control(c, f->id, header_n, message_n, (asn1_bytes_t){NULL, 0}, 0);
    else
        fail(c, GRPC_STATUS_INVALID_ARGUMENT, "cannot be encoded");
}

void handle_quota(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n)
{
    xapp_t *x = ctx;
    Vitran__Ric__V1__SetSlicePrbQuotaRequest *q =
        vitran__ric__v1__set_slice_prb_quota_request__unpack(NULL, n, bytes);
    if (!q) {
        rpc_call_fail(call, GRPC_STATUS_INVALID_ARGUMENT, "not a SetSlicePrbQuotaRequest");
        return;
    }
    arena_reset(&x->arena);
    node_t *node = xapp_node(x, call, q->node_id);
    control_t *c = node ? control_new(x, call, node, KIND_QUOTA, q->requester) : NULL;
    if (c)
        quota(c, q);
    vitran__ric__v1__set_slice_prb_quota_request__free_unpacked(q, NULL);
}

/* ---- raw ---- */

void handle_control(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n)
{
    xapp_t *x = ctx;
    Vitran__Ric__V1__ControlRequest *q = vitran__ric__v1__control_request__unpack(NULL, n, bytes);
    if (!q) {
        rpc_call_fail(call, GRPC_STATUS_INVALID_ARGUMENT, "not a ControlRequest");
        return;
    }
    node_t *node = xapp_node(x, call, q->node_id);
    if (node && (q->header.len > XAPP_BYTES || q->message.len > XAPP_BYTES || q->call_process_id.len > 1024))
        rpc_call_fail(call, GRPC_STATUS_INVALID_ARGUMENT, "longer than %u bytes", XAPP_BYTES);
    else if (node && !node_function_by_id(node, q->function_id))
        rpc_call_fail(call, GRPC_STATUS_NOT_FOUND, "%s has no RAN function %u", node->id, q->function_id);
    else if (node) {
        control_t *c = control_new(x, call, node, KIND_RAW, NULL);
        if (c) {
            if (q->header.len)
                memcpy(x->header, q->header.data, q->header.len);
            if (q->message.len)
                memcpy(x->message, q->message.data, q->message.len);
            send_control(c, q->function_id, q->header.len, q->message.len,
                         (asn1_bytes_t){q->call_process_id.data, (uint32_t)q->call_process_id.len}, 0);
        }
    }
    vitran__ric__v1__control_request__free_unpacked(q, NULL);
}

/* ---- answers ---- */

static control_t *find(xapp_t *x, const node_t *n, const e2ap_RICrequestID_t *id)
{
    for (control_t *c = x->controls; c; c = c->next)
        if (c->node == n && id->ricRequestorID == XAPP_REQUESTOR && c->instance == id->ricInstanceID)
            return c;
    x->counters.strays++;
    return NULL;
}

static bool reply_plg(control_t *c, asn1_bytes_t outcome)
{
    xapp_t *x = c->x;
    arena_t *a = &x->arena;
    plg_ControlOutcome_t o;
    if (asn1_decode(&plg_ControlOutcome_type, ASN1_APER, outcome.p, outcome.n, a, &o, NULL) < 0)
        return false;
    const plg_Plugin_t *running = plg_running(plg_definition(a, c->node));
    if (c->kind == KIND_SWAP && o.choice == plg_ControlOutcome_choice_swapped) {
        Vitran__Ric__V1__SwapPluginReply m = VITRAN__RIC__V1__SWAP_PLUGIN_REPLY__INIT;
        m.from = message_text_n(a, o.u.swapped->from.p, o.u.swapped->from.n);
        m.to = message_text_n(a, o.u.swapped->to.p, o.u.swapped->to.n);
        m.slot = (uint64_t)o.u.swapped->slot;
        m.elapsed_us = (uint32_t)o.u.swapped->elapsed;
        rpc_call_reply(c->call, &m.base);
    } else if (c->kind == KIND_SET && o.choice == plg_ControlOutcome_choice_applied) {
        const plg_Applied_t *p = o.u.applied;
        Vitran__Ric__V1__SetParametersReply m = VITRAN__RIC__V1__SET_PARAMETERS_REPLY__INIT;
        m.slot = (uint64_t)p->slot;
        m.elapsed_us = (uint32_t)p->elapsed;
        m.readback = message_list(a, p->readback.n);
        for (uint32_t i = 0; m.readback && i < p->readback.n; i++)
            if ((m.readback[m.n_readback] = setting_message(a, running, &p->readback.p[i])))
                m.n_readback++;
        rpc_call_reply(c->call, &m.base);
    } else if (c->kind == KIND_GET && o.choice == plg_ControlOutcome_choice_values) {
        const plg_Values_t *p = o.u.values;
        Vitran__Ric__V1__GetParametersReply m = VITRAN__RIC__V1__GET_PARAMETERS_REPLY__INIT;
        m.plugin = message_text_n(a, p->plugin.p, p->plugin.n);
        m.slot = (uint64_t)p->slot;
        m.values = message_list(a, p->items.n);
        for (uint32_t i = 0; m.values && i < p->items.n; i++)
            if ((m.values[m.n_values] = setting_message(a, running, &p->items.p[i])))
                m.n_values++;
        rpc_call_reply(c->call, &m.base);
    } else {
        return false;
    }
    return true;
}

static bool reply_quota(control_t *c, asn1_bytes_t outcome)
{
    rc_outcome_t o;
    Vitran__Ric__V1__SetSlicePrbQuotaReply m = VITRAN__RIC__V1__SET_SLICE_PRB_QUOTA_REPLY__INIT;
    if (outcome.n && rc_outcome_decode(outcome, &c->x->arena, &o) < 0)
        return false;
    if (outcome.n) { /* a node of another make may say less: then 0 */
        m.slot = o.slot;
        m.elapsed_us = o.elapsed_us;
        m.min_percent = (uint32_t)o.min;
        m.max_percent = (uint32_t)o.max;
        m.dedicated_percent = (uint32_t)o.dedicated;
    }
    rpc_call_reply(c->call, &m.base);
    return true;
}

void xapp_controlled(xapp_t *x, node_t *n, const e2ap_RICcontrolAcknowledge_t *m)
{
    control_t *c = find(x, n, &m->protocolIEs.RICrequestID);
    asn1_bytes_t outcome =
        m->protocolIEs.has.RICcontrolOutcome ? m->protocolIEs.RICcontrolOutcome : (asn1_bytes_t){NULL, 0};
    if (!c)
        return;
    x->counters.controls++;
    arena_reset(&x->arena);
    bool ok = true;
    if (c->kind == KIND_SWAP)
        guard_forget(x->guard, n); /* whoever held a value asked for other plugins' */
    else
        guard_commit(x->guard, c->xapp, c->priority, c->items, c->n_items, c->lease_ms);
    if (!c->call) {
        ; /* the xApp did not wait for it */
    } else if (c->kind == KIND_QUOTA) {
        ok = reply_quota(c, outcome);
    } else if (c->kind == KIND_RAW) {
        Vitran__Ric__V1__ControlReply reply = VITRAN__RIC__V1__CONTROL_REPLY__INIT;
        reply.outcome.data = (uint8_t *)outcome.p;
        reply.outcome.len = outcome.n;
        rpc_call_reply(c->call, &reply.base);
    } else {
        ok = reply_plg(c, outcome);
    }
    if (!ok)
        rpc_call_fail(c->call, GRPC_STATUS_INTERNAL, "acknowledged, but the outcome cannot be read");
    control_free(c);
}

static grpc_status_code status_of(plg_Reason_t reason)
{
    switch (reason) {
    case plg_Reason_unknown_cell:
    case plg_Reason_unknown_plugin:
    case plg_Reason_unknown_parameter:
    case plg_Reason_unknown_slice:
    case plg_Reason_unknown_ue:
        return GRPC_STATUS_NOT_FOUND;
    case plg_Reason_malformed:
    case plg_Reason_wrong_type:
    case plg_Reason_wrong_scope:
        return GRPC_STATUS_INVALID_ARGUMENT;
    case plg_Reason_out_of_range:
    case plg_Reason_not_on_step:
        return GRPC_STATUS_OUT_OF_RANGE;
    case plg_Reason_conflict:
        return GRPC_STATUS_ABORTED;
    case plg_Reason_busy:
        return GRPC_STATUS_RESOURCE_EXHAUSTED;
    case plg_Reason_timeout:
        return GRPC_STATUS_DEADLINE_EXCEEDED;
    default:
        return GRPC_STATUS_FAILED_PRECONDITION;
    }
}

void xapp_not_controlled(xapp_t *x, node_t *n, const e2ap_RICcontrolFailure_t *m)
{
    control_t *c = find(x, n, &m->protocolIEs.RICrequestID);
    asn1_bytes_t outcome =
        m->protocolIEs.has.RICcontrolOutcome ? m->protocolIEs.RICcontrolOutcome : (asn1_bytes_t){NULL, 0};
    grpc_status_code code = GRPC_STATUS_FAILED_PRECONDITION;
    char cause[96], text[160];
    plg_ControlOutcome_t o;
    rc_outcome_t rc;
    if (!c)
        return;
    x->counters.controls_failed++;
    arena_reset(&x->arena);
    e2ap_cause_text(&m->protocolIEs.Cause, cause, sizeof cause);
    snprintf(text, sizeof text, "%s", cause);
    if (c->kind == KIND_QUOTA) {
        if (outcome.n && rc_outcome_decode(outcome, &x->arena, &rc) == 0)
            snprintf(text, sizeof text, "%.90s (%.60s)", rc.reason, cause);
        if (m->protocolIEs.Cause.choice == e2ap_Cause_choice_ricRequest &&
            m->protocolIEs.Cause.u.ricRequest == e2ap_CauseRICrequest_control_message_invalid)
            code = GRPC_STATUS_INVALID_ARGUMENT;
    } else if (c->kind != KIND_RAW && outcome.n &&
               asn1_decode(&plg_ControlOutcome_type, ASN1_APER, outcome.p, outcome.n, &x->arena, &o, NULL) ==
                   0 &&
               o.choice == plg_ControlOutcome_choice_failed) {
        const plg_Failed_t *f = o.u.failed;
        const char *reason = asn1_value_name(&plg_Reason_type, f->reason);
        char item[24] = "";
        if (f->has.item)
            snprintf(item, sizeof item, "settings[%d]: ", (int)f->item);
        snprintf(text, sizeof text, "%s%s%s%.*s", item, reason ? reason : "?", f->text.n ? ": " : "",
                 (int)f->text.n, (const char *)f->text.p);
        code = status_of(f->reason);
    }
    fail(c, code, text);
}

void xapp_node_down(xapp_t *x, node_t *n)
{
    guard_forget(x->guard, n);
    for (control_t *c = x->controls, *next; c; c = next) {
        next = c->next;
        if (c->node == n)
            fail(c, GRPC_STATUS_UNAVAILABLE, "the E2 node went away before it answered");
    }
}

void controls_destroy(xapp_t *x)
{
    while (x->controls)
        control_free(x->controls);
}
