/* SPDX-License-Identifier: Apache-2.0 */
/* RIC control: PLG's swap, set and get, and E2SM-RC's slice-level PRB quota, which sets the same parameters.
 * The answer waits until tunables says that the request is in force, and carries the slot and what was read
 * back. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2sm/plg/plg.h"
#include "e2sm/rc/rc.h"
#include "lib/e2agent/agent.h"

#define MAX_PROCESS_ID 64u

/* A control that waits for the slot thread. */
struct pending_control {
    struct pending_control *next;
    e2agent_t *agent; /* NULL: nobody waits any more */
    e2ap_RICrequestID_t request;
    int64_t function;
    bool want_ack;
    uint32_t process_id_n;
    uint8_t process_id[MAX_PROCESS_ID];
    uint32_t n;
    struct {
        uint32_t slice;
        e2sm_ue_t ue;
    } scopes[TUNABLES_MAX_ITEMS]; /* PLG set: as the control named them */
    vtn_set_t sets[TUNABLES_MAX_ITEMS];
};

static pending_control_t *pending_new(e2agent_t *a, const e2ap_RICcontrolRequest_t *m)
{
    pending_control_t *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->agent = a;
    p->request = m->protocolIEs.RICrequestID;
    p->function = m->protocolIEs.RANfunctionID;
    p->want_ack = m->protocolIEs.has.RICcontrolAckRequest &&
                  m->protocolIEs.RICcontrolAckRequest == e2ap_RICcontrolAckRequest_ack;
    if (m->protocolIEs.has.RICcallProcessID && m->protocolIEs.RICcallProcessID.n <= MAX_PROCESS_ID) {
        p->process_id_n = m->protocolIEs.RICcallProcessID.n;
        memcpy(p->process_id, m->protocolIEs.RICcallProcessID.p, p->process_id_n);
    }
    p->next = a->controls;
    a->controls = p;
    return p;
}

static void pending_free(pending_control_t *p)
{
    if (p->agent)
        for (pending_control_t **at = &p->agent->controls; *at; at = &(*at)->next)
            if (*at == p) {
                *at = p->next;
                break;
            }
    free(p);
}

void control_orphan_all(e2agent_t *a)
{
    for (pending_control_t *p; (p = a->controls);) {
        a->controls = p->next;
        p->agent = NULL; /* its callback frees it */
    }
}

static void acknowledge(pending_control_t *p, const uint8_t *outcome, size_t n)
{
    e2ap_RICcontrolAcknowledge_t m = {
        .protocolIEs = {.has = {.RICcallProcessID = p->process_id_n > 0, .RICcontrolOutcome = 1},
                        .RICrequestID = p->request,
                        .RANfunctionID = p->function,
                        .RICcallProcessID = {p->process_id, p->process_id_n},
                        .RICcontrolOutcome = {outcome, (uint32_t)n}}};
    p->agent->counters.controls++;
    if (p->want_ack)
        agent_send(p->agent, E2AP_SUCCESSFUL(RICcontrolAcknowledge, &m));
}

static void fail(pending_control_t *p, e2ap_Cause_t cause, const uint8_t *outcome, size_t n)
{
    e2ap_RICcontrolFailure_t m = {
        .protocolIEs = {.has = {.RICcallProcessID = p->process_id_n > 0, .RICcontrolOutcome = n > 0},
                        .RICrequestID = p->request,
                        .RANfunctionID = p->function,
                        .RICcallProcessID = {p->process_id, p->process_id_n},
                        .Cause = cause,
                        .RICcontrolOutcome = {outcome, (uint32_t)n}}};
    p->agent->counters.controls_failed++;
    agent_send(p->agent, E2AP_UNSUCCESSFUL(RICcontrolFailure, &m));
}

static e2ap_Cause_t cause_of(plg_Reason_t reason)
{
    switch (reason) {
    case plg_Reason_timeout:
        return E2AP_CAUSE(ricRequest, CauseRICrequest_control_timer_expired);
    case plg_Reason_busy:
        return E2AP_CAUSE(misc, CauseMisc_control_processing_overload);
    case plg_Reason_not_running:
    case plg_Reason_refused_by_plugin:
    case plg_Reason_incompatible_plugin:
    case plg_Reason_slot_passed:
    case plg_Reason_unspecified:
        return E2AP_CAUSE(ricRequest, CauseRICrequest_control_failed_to_execute);
    default:
        return E2AP_CAUSE(ricRequest, CauseRICrequest_control_message_invalid);
    }
}

/* ---- PLG ---- */

static void plg_fail(pending_control_t *p, plg_Reason_t reason, uint32_t item, const char *text)
{
    e2agent_t *a = p->agent;
    size_t n = 0;
    plg_Failed_t f = {.has = {.item = item != TUNABLES_NO_ITEM},
                      .reason = reason,
                      .item = item != TUNABLES_NO_ITEM ? item : 0,
                      .text = {(const uint8_t *)text, (uint32_t)strlen(text)}};
    plg_ControlOutcome_t o = {.choice = plg_ControlOutcome_choice_failed, .u = {.failed = &f}};
    if (asn1_encode(&plg_ControlOutcome_type, ASN1_APER, &o, a->message, E2AP_MAX_MESSAGE / 2, &n, NULL) < 0)
        n = 0;
    log_info(&a->log, "control refused: %s %s", plg_reason_name(reason), text);
    fail(p, cause_of(reason), a->message, n);
    pending_free(p);
}

/* What was not found is named by the scope of the parameter. */
static plg_Reason_t reason_for(e2agent_t *a, const pending_control_t *p, int status, uint32_t item)
{
    const vtn_param_t *param = item < p->n ? tunables_param(a->tunables, p->sets[item].param_id) : NULL;
    if (status == -ENXIO && param)
        return param->scope == VTN_SCOPE_SLICE ? plg_Reason_unknown_slice
               : param->scope == VTN_SCOPE_UE  ? plg_Reason_unknown_ue
                                               : plg_Reason_wrong_scope;
    return plg_reason(status);
}

static void plg_acknowledge(pending_control_t *p, const plg_ControlOutcome_t *o)
{
    e2agent_t *a = p->agent;
    size_t n;
    if (asn1_encode(&plg_ControlOutcome_type, ASN1_APER, o, a->message, E2AP_MAX_MESSAGE / 2, &n, NULL) < 0) {
        a->counters.tx_encode_failed++;
        plg_fail(p, plg_Reason_unspecified, TUNABLES_NO_ITEM, "the outcome cannot be encoded");
        return;
    }
    acknowledge(p, a->message, n);
    pending_free(p);
}

/* The wire's scope from what a value belongs to; its parts lie in the arena. */
static int scope_to(arena_t *arena, const vtn_param_t *param, uint32_t slice, const e2sm_ue_t *ue,
                    plg_Scope_t *ret)
{
    if (param->scope == VTN_SCOPE_SLICE) {
        plg_S_NSSAI_t *s = ARENA_NEW(arena, plg_S_NSSAI_t);
        uint8_t *octets = ARENA_ARRAY(arena, uint8_t, 4);
        if (!s || !octets)
            return -ENOMEM;
        E2SM_SLICE_TO(s, slice, octets);
        ret->choice = plg_Scope_choice_slice;
        ret->u.slice = s;
    } else if (param->scope == VTN_SCOPE_UE) {
        plg_UEID_t *u = ARENA_NEW(arena, plg_UEID_t);
        if (!u)
            return -ENOMEM;
        u->gNB_CU_UE_F1AP_ID = ue->cu_ue_f1ap_id;
        u->has.ran_UEID = ue->has_ran_ue_id;
        u->ran_UEID = (asn1_bytes_t){ue->ran_ue_id, 8};
        ret->choice = plg_Scope_choice_ue;
        ret->u.ue = u;
    } else {
        ret->choice = plg_Scope_choice_cell;
        ret->u.cell = 0;
    }
    return 0;
}

/* Slice or UE index of a scope; 0, or the reason + 1. */
static int key_of(e2agent_t *a, uint32_t n_ues, const vtn_param_t *param, const plg_Scope_t *s,
                  uint32_t *ret_key, uint32_t *ret_slice, e2sm_ue_t *ret_ue)
{
    static const uint32_t choices[] = {plg_Scope_choice_cell, plg_Scope_choice_slice, plg_Scope_choice_ue};
    if (param->scope > VTN_SCOPE_UE || s->choice != choices[param->scope])
        return plg_Reason_wrong_scope + 1;
    *ret_key = 0;
    if (s->choice == plg_Scope_choice_slice) {
        *ret_slice = E2SM_SLICE_FROM(s->u.slice);
        int i = agent_slice_index(a, *ret_slice);
        if (i < 0)
            return plg_Reason_unknown_slice + 1;
        *ret_key = (uint32_t)i;
    } else if (s->choice == plg_Scope_choice_ue) {
        ret_ue->cu_ue_f1ap_id = (uint32_t)s->u.ue->gNB_CU_UE_F1AP_ID;
        ret_ue->has_ran_ue_id = s->u.ue->has.ran_UEID;
        if (s->u.ue->has.ran_UEID)
            memcpy(ret_ue->ran_ue_id, s->u.ue->ran_UEID.p, 8);
        for (uint32_t i = 0; i < n_ues; i++) {
            e2sm_ue_t name;
            agent_ue_name(&a->ues[i], &name);
            if (e2sm_ue_equal(&name, ret_ue)) {
                *ret_key = VTN_UE_KEY(a->ues[i].ue, a->ues[i].ue_generation);
                return 0;
            }
        }
        a->counters.ue_unknown++;
        return plg_Reason_unknown_ue + 1;
    }
    return 0;
}

static void on_plg_set(void *ctx, const tunables_result_t *r)
{
    pending_control_t *p = ctx;
    e2agent_t *a = p->agent;
    if (!a) {
        free(p);
        return;
    }
    if (r->status < 0) {
        plg_fail(p, reason_for(a, p, r->status, r->item), r->item, r->text);
        return;
    }
    arena_reset(&a->tx);
    plg_Applied_t applied = {.slot = (int64_t)r->slot,
                             .elapsed = r->elapsed_us,
                             .readback = {r->n, ARENA_ARRAY(&a->tx, plg_Setting_t, r->n)}};
    for (uint32_t i = 0; applied.readback.p && i < r->n; i++) {
        const vtn_param_t *param = tunables_param(a->tunables, r->readback[i].param_id);
        plg_Setting_t *s = &applied.readback.p[i];
        s->parameter = r->readback[i].param_id;
        if (!param || scope_to(&a->tx, param, p->scopes[i].slice, &p->scopes[i].ue, &s->scope) < 0)
            applied.readback.p = NULL;
        else
            s->value = plg_value_from(param, r->readback[i].v);
    }
    if (!applied.readback.p) {
        plg_fail(p, plg_Reason_unspecified, TUNABLES_NO_ITEM, "applied, but the answer does not fit");
        return;
    }
    plg_acknowledge(
        p, &(plg_ControlOutcome_t){.choice = plg_ControlOutcome_choice_applied, .u = {.applied = &applied}});
}

static void plg_set(pending_control_t *p, const plg_Set_t *m)
{
    e2agent_t *a = p->agent;
    const tunables_plugin_t *running = tunables_running(a->tunables);
    uint32_t item = TUNABLES_NO_ITEM, n_ues = agent_ues(a);
    if (m->items.n > TUNABLES_MAX_ITEMS) {
        plg_fail(p, plg_Reason_malformed, TUNABLES_NO_ITEM, "too many items");
        return;
    }
    if (m->has.plugin &&
        (!running || strlen(running->id) != m->plugin.n || memcmp(running->id, m->plugin.p, m->plugin.n))) {
        plg_fail(p, plg_Reason_not_running, TUNABLES_NO_ITEM, running ? running->id : "no plugin runs");
        return;
    }
    for (uint32_t i = 0; i < m->items.n; i++, p->n++) {
        const plg_Setting_t *s = &m->items.p[i];
        const vtn_param_t *param = tunables_param(a->tunables, (uint32_t)s->parameter);
        if (!param) {
            plg_fail(p, plg_Reason_unknown_parameter, i, "");
            return;
        }
        p->sets[i].param_id = param->id;
        int reason =
            key_of(a, n_ues, param, &s->scope, &p->sets[i].scope_key, &p->scopes[i].slice, &p->scopes[i].ue);
        if (!reason && plg_value_to(param, &s->value, &p->sets[i].v) < 0)
            reason = plg_Reason_wrong_type + 1;
        if (reason) {
            plg_fail(p, (plg_Reason_t)(reason - 1), i, param->name);
            return;
        }
    }
    int r = tunables_set(a->tunables, p->sets, p->n, m->has.lease ? (uint32_t)m->lease : 0,
                         m->has.atSlot ? (uint64_t)m->atSlot : TUNABLES_NOW, TUNABLES_BY_CONTROL, on_plg_set,
                         p, &item);
    if (r < 0) {
        const vtn_param_t *param = item < p->n ? tunables_param(a->tunables, p->sets[item].param_id) : NULL;
        plg_fail(p, reason_for(a, p, r, item), item, param ? param->name : "");
    }
}

static void on_plg_swap(void *ctx, const tunables_result_t *r)
{
    pending_control_t *p = ctx;
    if (!p->agent) {
        free(p);
        return;
    }
    if (r->status < 0) {
        plg_fail(p, r->status == -ENOENT ? plg_Reason_unknown_plugin : plg_reason(r->status),
                 TUNABLES_NO_ITEM, r->text);
        return;
    }
    plg_Swapped_t s = {.from = {(const uint8_t *)r->from, (uint32_t)strlen(r->from)},
                       .to = {(const uint8_t *)r->to, (uint32_t)strlen(r->to)},
                       .slot = (int64_t)r->slot,
                       .elapsed = r->elapsed_us};
    plg_acknowledge(
        p, &(plg_ControlOutcome_t){.choice = plg_ControlOutcome_choice_swapped, .u = {.swapped = &s}});
}

static void plg_swap(pending_control_t *p, const plg_Swap_t *m)
{
    char to[129];
    snprintf(to, sizeof to, "%.*s", (int)m->to.n, (const char *)m->to.p);
    int r = tunables_swap(p->agent->tunables, to, m->has.atSlot ? (uint64_t)m->atSlot : TUNABLES_NOW,
                          on_plg_swap, p);
    if (r == -ENOENT)
        plg_fail(p, plg_Reason_unknown_plugin, TUNABLES_NO_ITEM, to);
    else if (r == -EALREADY)
        plg_fail(p, plg_Reason_refused_by_plugin, TUNABLES_NO_ITEM, "it runs already");
    else if (r < 0)
        plg_fail(p, plg_reason(r), TUNABLES_NO_ITEM, "");
}

static int get_one(e2agent_t *a, const vtn_param_t *param, uint32_t key, uint32_t slice, const e2sm_ue_t *ue,
                   plg_Values_t *values, uint32_t cap)
{
    vtn_value_t v;
    if (values->items.n >= cap)
        return -E2BIG;
    int r = tunables_get(a->tunables, param->id, key, &v);
    if (r < 0)
        return r;
    plg_Setting_t *s = &values->items.p[values->items.n++];
    s->parameter = param->id;
    s->value = plg_value_from(param, v);
    return scope_to(&a->tx, param, slice, ue, &s->scope);
}

static void get_all(e2agent_t *a, uint32_t n_ues, plg_Values_t *values, uint32_t cap)
{
    const tunables_plugin_t *p = tunables_running(a->tunables);
    for (uint32_t i = 0; p && i < p->n_params; i++) {
        const vtn_param_t *param = p->params[i];
        e2sm_ue_t ue;
        if (param->scope == VTN_SCOPE_CELL)
            get_one(a, param, 0, 0, NULL, values, cap);
        for (uint32_t k = 0; param->scope == VTN_SCOPE_SLICE && k < a->config->n_slices; k++)
            get_one(a, param, k, a->config->slices[k], NULL, values, cap);
        for (uint32_t k = 0; param->scope == VTN_SCOPE_UE && k < n_ues; k++) {
            agent_ue_name(&a->ues[k], &ue);
            get_one(a, param, VTN_UE_KEY(a->ues[k].ue, a->ues[k].ue_generation), 0, &ue, values, cap);
        }
    }
}

static void plg_get(pending_control_t *p, const plg_Get_t *m)
{
    e2agent_t *a = p->agent;
    const tunables_plugin_t *running = tunables_running(a->tunables);
    uint32_t n_ues = agent_ues(a), cap = 1024; /* maxItems */
    arena_reset(&a->tx);
    plg_Values_t values = {.plugin = {(const uint8_t *)(running ? running->id : "?"),
                                      running ? (uint32_t)strlen(running->id) : 1},
                           .slot = (int64_t)tunables_slot_now(a->tunables),
                           .items = {0, ARENA_ARRAY(&a->tx, plg_Setting_t, cap)}};
    if (!values.items.p) {
        plg_fail(p, plg_Reason_busy, TUNABLES_NO_ITEM, "");
        return;
    }
    if (!m->items)
        get_all(a, n_ues, &values, cap);
    for (uint32_t i = 0; m->items && i < m->items->n; i++) {
        const vtn_param_t *param = tunables_param(a->tunables, (uint32_t)m->items->p[i].parameter);
        uint32_t key = 0, slice = 0;
        e2sm_ue_t ue = {0};
        int reason = param ? key_of(a, n_ues, param, &m->items->p[i].scope, &key, &slice, &ue)
                           : plg_Reason_unknown_parameter + 1;
        int r = reason ? 0 : get_one(a, param, key, slice, &ue, &values, cap);
        if (reason || r < 0) {
            plg_fail(p, reason ? (plg_Reason_t)(reason - 1) : plg_reason(r), i, param ? param->name : "");
            return;
        }
    }
    plg_acknowledge(
        p, &(plg_ControlOutcome_t){.choice = plg_ControlOutcome_choice_values, .u = {.values = &values}});
}

static void handle_plg(pending_control_t *p, asn1_bytes_t header, asn1_bytes_t message)
{
    e2agent_t *a = p->agent;
    plg_ControlHeader_t h;
    plg_ControlMessage_t m;
    asn1_error_t why;
    if (asn1_decode(&plg_ControlHeader_type, ASN1_APER, header.p, header.n, &a->rx, &h, &why) < 0 ||
        asn1_decode(&plg_ControlMessage_type, ASN1_APER, message.p, message.n, &a->rx, &m, &why) < 0) {
        plg_fail(p, plg_Reason_malformed, TUNABLES_NO_ITEM, why.what);
        return;
    }
    if (h.cell && e2sm_cell_from_bits(h.cell->nRCellIdentity.p) != a->cell.nr_cell_id) {
        plg_fail(p, plg_Reason_unknown_cell, TUNABLES_NO_ITEM, "");
        return;
    }
    if (m.choice == plg_ControlMessage_choice_swap)
        plg_swap(p, m.u.swap);
    else if (m.choice == plg_ControlMessage_choice_set)
        plg_set(p, m.u.set);
    else if (m.choice == plg_ControlMessage_choice_get)
        plg_get(p, m.u.get);
    else
        plg_fail(p, plg_Reason_malformed, TUNABLES_NO_ITEM, "a control of a later version");
}

/* ---- RC ---- */

static void rc_fail(pending_control_t *p, plg_Reason_t reason, const char *text)
{
    e2agent_t *a = p->agent;
    rc_outcome_t o = {0};
    size_t n = 0;
    snprintf(o.reason, sizeof o.reason, "%s%s%s", plg_reason_name(reason), *text ? ": " : "", text);
    if (rc_outcome_encode(&o, a->message, E2AP_MAX_MESSAGE / 2, &n) < 0)
        n = 0;
    log_info(&a->log, "RC control refused: %s", o.reason);
    fail(p, cause_of(reason), a->message, n);
    pending_free(p);
}

static int64_t percent_of(const vtn_param_t *param, vtn_value_t v)
{
    return param->type == VTN_F64 ? (int64_t)(v.f + 0.5) : v.i;
}

static void on_rc_set(void *ctx, const tunables_result_t *r)
{
    pending_control_t *p = ctx;
    e2agent_t *a = p->agent;
    if (!a) {
        free(p);
        return;
    }
    if (r->status < 0) {
        rc_fail(p, reason_for(a, p, r->status, r->item), r->text);
        return;
    }
    rc_outcome_t o = {.has_slot = true, .slot = r->slot, .elapsed_us = r->elapsed_us, .has_quota = true};
    static const char *const names[] = {E2AGENT_PARAM_PRB_MIN, E2AGENT_PARAM_PRB_MAX,
                                        E2AGENT_PARAM_PRB_DEDICATED};
    int64_t *const values[] = {&o.min, &o.max, &o.dedicated};
    size_t n;
    for (int i = 0; i < 3; i++) {
        vtn_value_t v;
        const vtn_param_t *param = e2agent_quota_param(a->tunables, names[i]);
        if (param && tunables_get(a->tunables, param->id, r->readback[r->n - 1].scope_key, &v) == 0)
            *values[i] = percent_of(param, v);
    }
    if (rc_outcome_encode(&o, a->message, E2AP_MAX_MESSAGE / 2, &n) < 0) {
        rc_fail(p, plg_Reason_unspecified, "applied, but the outcome cannot be encoded");
        return;
    }
    acknowledge(p, a->message, n);
    pending_free(p);
}

const vtn_param_t *e2agent_quota_param(tunables_t *t, const char *suffix)
{
    const tunables_plugin_t *p = tunables_running(t);
    size_t n = strlen(suffix);
    for (uint32_t i = 0; p && i < p->n_params; i++) {
        size_t m = strlen(p->params[i]->name);
        if (p->params[i]->scope == VTN_SCOPE_SLICE && m > n && p->params[i]->name[m - n - 1] == '.' &&
            strcmp(p->params[i]->name + m - n, suffix) == 0)
            return p->params[i];
    }
    return NULL;
}

static bool add_percent(pending_control_t *p, const char *suffix, uint32_t key, int64_t percent)
{
    const vtn_param_t *param = e2agent_quota_param(p->agent->tunables, suffix);
    if (!param || (param->type != VTN_I64 && param->type != VTN_F64))
        return false;
    vtn_set_t *s = &p->sets[p->n++];
    s->param_id = param->id;
    s->scope_key = key;
    if (param->type == VTN_F64)
        s->v.f = (double)percent;
    else
        s->v.i = percent;
    return true;
}

static void handle_rc(pending_control_t *p, asn1_bytes_t header, asn1_bytes_t message)
{
    e2agent_t *a = p->agent;
    rc_control_t c;
    uint32_t item = TUNABLES_NO_ITEM;
    int r = rc_control_decode(header, message, &a->rx, &c);
    if (r < 0) {
        rc_fail(p, plg_Reason_malformed,
                r == -ENOTSUP ? "only style 2, action 6 is supported, one slice for each policy" : "");
        return;
    }
    for (uint32_t i = 0; i < c.n; i++) {
        const rc_quota_t *q = &c.quotas[i];
        int slice = agent_slice_index(a, q->slice);
        if (slice < 0 || (q->has_plmn && memcmp(q->plmn, a->cell.plmn, 3) != 0)) {
            rc_fail(p, plg_Reason_unknown_slice, "");
            return;
        }
        /* TS 28.541 4.3.36: dedicated <= min <= max, percent. */
        if ((q->has_min && q->has_max && q->min > q->max) ||
            (q->has_dedicated && q->has_min && q->dedicated > q->min)) {
            rc_fail(p, plg_Reason_out_of_range, "dedicated <= min <= max does not hold");
            return;
        }
        bool ok =
            (!q->has_min || add_percent(p, E2AGENT_PARAM_PRB_MIN, (uint32_t)slice, q->min)) &&
            (!q->has_max || add_percent(p, E2AGENT_PARAM_PRB_MAX, (uint32_t)slice, q->max)) &&
            (!q->has_dedicated || add_percent(p, E2AGENT_PARAM_PRB_DEDICATED, (uint32_t)slice, q->dedicated));
        if (!ok) {
            rc_fail(p, plg_Reason_not_running, "the running plugin has no such quota");
            return;
        }
    }
    r = tunables_set(a->tunables, p->sets, p->n, 0, TUNABLES_NOW, TUNABLES_BY_CONTROL, on_rc_set, p, &item);
    if (r < 0)
        rc_fail(p, reason_for(a, p, r, item), "");
}

void control_handle(e2agent_t *a, const e2ap_RICcontrolRequest_t *m)
{
    pending_control_t *p = pending_new(a, m);
    if (!p) {
        a->counters.controls_failed++;
        return;
    }
    if (a->tunables && p->function == FUNCTION_PLG) {
        handle_plg(p, m->protocolIEs.RICcontrolHeader, m->protocolIEs.RICcontrolMessage);
    } else if (a->tunables && p->function == FUNCTION_RC) {
        handle_rc(p, m->protocolIEs.RICcontrolHeader, m->protocolIEs.RICcontrolMessage);
    } else {
        fail(p, E2AP_CAUSE(ricRequest, CauseRICrequest_ran_function_id_invalid), NULL, 0);
        pending_free(p);
    }
}
