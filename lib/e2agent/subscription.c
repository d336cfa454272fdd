/* SPDX-License-Identifier: Apache-2.0 */
/* Subscriptions and their indications. A KPM action samples the provider's counters once a granularity period
 * and sends what it gathered once a reporting period; each action keeps its own earlier counters. A PLG
 * action is sent when something changes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "e2sm/plg/plg.h"
#include "lib/core/clock.h"
#include "lib/e2agent/agent.h"
#include "lib/e2agent/measure.h"

/* A UE that a KPM action follows. */
typedef struct {
    e2agent_ue_t before; /* counters at the last sample */
    bool seen;           /* at the sample that is being taken */
    bool matches;        /* style 4: met the conditions in this period */
    kpm_value_t *values; /* style 4: [rows x measurements] of this period */
} followed_t;

typedef struct {
    subscription_t *of;
    int64_t id;
    uint16_t sn;
    kpm_action_t kpm;
    kpm_measurement_t *columns; /* own copies of the names */
    uint32_t *measures;         /* [size: kpm.n] numbers of measure.h */
    char *names;
    uint32_t rows, row; /* a reporting period has `rows` samples; the next is number `row` */
    loop_timer_t timer;
    int64_t due_ns, sampled_ns;
    uint64_t start_ms;
    e2agent_cell_t before;
    kpm_value_t *values; /* style 1: [rows x measurements] */
    uint32_t n_followed, cap_followed;
    followed_t *followed;
} action_t;

struct subscription {
    e2agent_t *agent;
    e2ap_RICrequestID_t request;
    int64_t function;
    bool want_plugins, want_values; /* PLG */
    uint32_t n_actions;
    action_t *actions[AGENT_MAX_ACTIONS];
};

/* ---- ends ---- */

static void action_destroy(action_t *x)
{
    if (!x)
        return;
    loop_timer_stop(&x->timer);
    for (uint32_t i = 0; i < x->n_followed; i++)
        free(x->followed[i].values);
    free(x->followed);
    free(x->values);
    free(x->columns);
    free(x->measures);
    free(x->names);
    free(x);
}

static void subscription_destroy(subscription_t *s)
{
    for (uint32_t i = 0; i < s->n_actions; i++)
        action_destroy(s->actions[i]);
    free(s);
}

void subscription_delete_all(e2agent_t *a)
{
    for (uint32_t i = 0; i < AGENT_MAX_SUBSCRIPTIONS; i++)
        if (a->subscriptions[i]) {
            subscription_destroy(a->subscriptions[i]);
            a->subscriptions[i] = NULL;
        }
}

static subscription_t **find(e2agent_t *a, const e2ap_RICrequestID_t *id)
{
    for (uint32_t i = 0; i < AGENT_MAX_SUBSCRIPTIONS; i++) {
        const subscription_t *s = a->subscriptions[i];
        if (s && s->request.ricRequestorID == id->ricRequestorID &&
            s->request.ricInstanceID == id->ricInstanceID)
            return &a->subscriptions[i];
    }
    return NULL;
}

/* ---- indications ---- */

static void send_indication(action_t *x, size_t header_n, size_t message_n)
{
    subscription_t *s = x->of;
    e2agent_t *a = s->agent;
    e2ap_RICindication_t m = {.protocolIEs = {.has = {.RICindicationSN = 1},
                                              .RICrequestID = s->request,
                                              .RANfunctionID = s->function,
                                              .RICactionID = x->id,
                                              .RICindicationSN = x->sn++,
                                              .RICindicationType = e2ap_RICindicationType_report,
                                              .RICindicationHeader = {a->header, (uint32_t)header_n},
                                              .RICindicationMessage = {a->message, (uint32_t)message_n}}};
    if (agent_send(a, E2AP_INITIATING(RICindication, &m)) == 0)
        a->counters.indications++;
}

static uint64_t now_ms(void)
{
    return (uint64_t)(time_ns(CLOCK_REALTIME) / NS_PER_MS);
}

/* ---- KPM ---- */

static followed_t *follow(action_t *x, const e2agent_ue_t *ue)
{
    for (uint32_t i = 0; i < x->n_followed; i++)
        if (x->followed[i].before.ue == ue->ue && x->followed[i].before.ue_generation == ue->ue_generation)
            return &x->followed[i];
    if (x->n_followed == x->cap_followed) {
        uint32_t cap = x->cap_followed ? 2 * x->cap_followed : 16;
        followed_t *p = realloc(x->followed, cap * sizeof *p);
        if (!p)
            return NULL;
        x->followed = p;
        x->cap_followed = cap;
    }
    followed_t *f = &x->followed[x->n_followed];
    memset(f, 0, sizeof *f);
    if (x->kpm.style == KPM_STYLE_UES && !(f->values = calloc((size_t)x->rows * x->kpm.n, sizeof *f->values)))
        return NULL;
    f->before = *ue;
    x->n_followed++;
    return f;
}

static bool holds(const kpm_condition_t *c, const e2agent_t *a, const e2agent_ue_t *ue)
{
    int64_t cqi_x10 = ue->cqi_x10;
    if (c->test == KPM_TEST_SLICE) {
        if (ue->slice >= a->config->n_slices)
            return false;
        return c->expression == KPM_PRESENT || a->config->slices[ue->slice] == (uint32_t)c->value;
    }
    switch (c->expression) {
    case KPM_PRESENT:
        return cqi_x10 != 0;
    case KPM_EQUAL:
        return cqi_x10 == c->value * 10;
    case KPM_GREATER:
        return cqi_x10 > c->value * 10;
    default:
        return cqi_x10 < c->value * 10;
    }
}

/* Conditions from left to right: groups joined by AND, the groups by OR. */
static bool matches(const action_t *x, const e2agent_ue_t *ue)
{
    bool any = false, group = true;
    for (uint32_t i = 0; i < x->kpm.n_conditions; i++) {
        const kpm_condition_t *c = &x->kpm.conditions[i];
        group &= holds(c, x->of->agent, ue);
        if (c->or_next || i + 1 == x->kpm.n_conditions) {
            any |= group;
            group = true;
        }
    }
    return any;
}

static void add_ue(measure_input_t *in, const e2agent_ue_t *difference)
{
    measure_ue_add(&in->ue, difference);
    in->n_ues++;
    if (difference->cqi_x10) {
        in->cqi_sum += difference->cqi_x10 / 10.0;
        in->n_cqi++;
    }
}

/* The cell's own counters stand for all UEs: they know of those that left within the period. */
static void use_cell_totals(measure_input_t *in)
{
    in->ue.dl_prbs = in->cell.dl_prbs;
    in->ue.ul_prbs = in->cell.ul_prbs;
    in->ue.dl_bytes = in->cell.dl_bytes;
    in->ue.ul_bytes = in->cell.ul_bytes;
}

static void sample(action_t *x)
{
    e2agent_t *a = x->of->agent;
    int64_t now = loop_now_ns(a->loop);
    measure_input_t all = {.period_us = (now - x->sampled_ns) / 1000};
    measure_input_t slices[E2AGENT_MAX_SLICES];
    e2agent_cell_t cell;
    uint32_t n = agent_ues(a);
    a->provider->cell(a->ctx, &cell);
    all.cell = (e2agent_cell_t){
        .slot = cell.slot,
        .dl_slots_prbs = cell.dl_slots_prbs - x->before.dl_slots_prbs,
        .ul_slots_prbs = cell.ul_slots_prbs - x->before.ul_slots_prbs,
        .dl_prbs = cell.dl_prbs - x->before.dl_prbs,
        .ul_prbs = cell.ul_prbs - x->before.ul_prbs,
        .dl_bytes = cell.dl_bytes - x->before.dl_bytes,
        .ul_bytes = cell.ul_bytes - x->before.ul_bytes,
        .n_prb_dl = cell.n_prb_dl,
        .n_prb_ul = cell.n_prb_ul,
    };
    for (uint32_t i = 0; i < a->config->n_slices; i++)
        slices[i] = all;
    const measure_input_t empty = all;
    for (uint32_t i = 0; i < x->n_followed; i++)
        x->followed[i].seen = false;
    for (uint32_t i = 0; i < n; i++) {
        const e2agent_ue_t *ue = &a->ues[i];
        followed_t *f = follow(x, ue);
        e2agent_ue_t d;
        if (!f)
            continue;
        measure_ue_difference(ue, &f->before, &d);
        f->before = *ue;
        f->seen = true;
        add_ue(&all, &d);
        if (ue->slice < a->config->n_slices)
            add_ue(&slices[ue->slice], &d);
        if (x->kpm.style != KPM_STYLE_UES)
            continue;
        f->matches |= matches(x, ue);
        measure_input_t one = empty;
        add_ue(&one, &d);
        for (uint32_t j = 0; j < x->kpm.n; j++)
            f->values[(size_t)x->row * x->kpm.n + j] = measure(x->measures[j], &one);
    }
    if (x->kpm.style == KPM_STYLE_NODE) {
        use_cell_totals(&all);
        for (uint32_t j = 0; j < x->kpm.n; j++) {
            int slice = x->columns[j].slice == E2SM_NO_SLICE ? -1 : agent_slice_index(a, x->columns[j].slice);
            kpm_value_t none = {KPM_NONE, 0, 0};
            x->values[(size_t)x->row * x->kpm.n + j] = x->columns[j].slice == E2SM_NO_SLICE
                                                           ? measure(x->measures[j], &all)
                                                       : slice < 0 ? none
                                                                   : measure(x->measures[j], &slices[slice]);
        }
    }
    x->before = cell;
    x->sampled_ns = now;
}

/* One reporting period is complete. */
static void report(action_t *x)
{
    e2agent_t *a = x->of->agent;
    size_t header_n, message_n;
    kpm_rows_t cell = {.n_rows = x->rows, .values = x->values};
    kpm_report_t r = {.style = x->kpm.style,
                      .start_ms = x->start_ms,
                      .granularity_ms = x->kpm.granularity_ms,
                      .n_measurements = x->kpm.n,
                      .measurements = x->columns,
                      .n = 1,
                      .rows = &cell};
    arena_reset(&a->tx);
    if (x->kpm.style == KPM_STYLE_UES) {
        r.n = 0;
        r.rows = ARENA_ARRAY(&a->tx, kpm_rows_t, x->n_followed);
        for (uint32_t i = 0; r.rows && i < x->n_followed; i++)
            if (x->followed[i].matches) {
                agent_ue_name(&x->followed[i].before, &r.rows[r.n].ue);
                r.rows[r.n].n_rows = x->rows;
                r.rows[r.n++].values = x->followed[i].values;
            }
    }
    int e = kpm_report_encode(&r, a->config->vendor ? a->config->vendor : "VitRAN", &a->tx, a->header,
                              E2AP_MAX_MESSAGE / 2, &header_n, a->message, E2AP_MAX_MESSAGE / 2, &message_n);
    if (e == 0) {
        send_indication(x, header_n, message_n);
    } else if (e != -ENOENT) {
        a->counters.tx_encode_failed++;
    } /* no UE matches: KPM has no message to say so */
    x->start_ms = now_ms();
    x->row = 0;
    for (uint32_t i = x->n_followed; i-- > 0;) {
        followed_t *f = &x->followed[i];
        f->matches = false;
        if (f->values)
            memset(f->values, 0, (size_t)x->rows * x->kpm.n * sizeof *f->values);
        if (!f->seen) {
            free(f->values);
            *f = x->followed[--x->n_followed];
        }
    }
}

static void on_sample(void *ctx)
{
    action_t *x = ctx;
    e2agent_t *a = x->of->agent;
    int64_t step = x->kpm.granularity_ms * NS_PER_MS;
    sample(x);
    if (++x->row == x->rows)
        report(x);
    x->due_ns += step;
    int64_t now = loop_now_ns(a->loop);
    if (x->due_ns <= now) { /* the loop was held up: periods are skipped, not caught up with */
        int64_t missed = (now - x->due_ns) / step + 1;
        a->counters.indications_late += (uint64_t)missed;
        x->due_ns += missed * step;
    }
    loop_timer_start(&x->timer, x->due_ns - now);
}

/* 0, or -errno with the cause for the RIC. */
static int start_kpm(subscription_t *s, action_t *x, uint32_t period_ms,
                     const e2ap_RICaction_ToBeSetup_Item_t *item, e2ap_Cause_t *ret_cause)
{
    e2agent_t *a = s->agent;
    e2sm_cell_t cell;
    static const e2sm_cell_t no_cell;
    *ret_cause = E2AP_CAUSE(ricRequest, CauseRICrequest_action_not_supported);
    if (!item->has.ricActionDefinition)
        return -EBADMSG;
    int r =
        kpm_action_decode(item->ricActionDefinition.p, item->ricActionDefinition.n, &a->rx, &x->kpm, &cell);
    if (r < 0 && r != -ENOTSUP)
        *ret_cause = E2AP_CAUSE(protocol, CauseProtocol_transfer_syntax_error);
    if (r < 0)
        return r;
    if (memcmp(&cell, &no_cell, sizeof cell) != 0 && cell.nr_cell_id != a->cell.nr_cell_id)
        return -ENXIO;
    uint32_t g = x->kpm.granularity_ms;
    if (g < KPM_MIN_PERIOD_MS || g > period_ms || period_ms % g || period_ms / g > KPM_MAX_ROWS)
        return -ERANGE;
    x->rows = period_ms / g;
    if ((uint64_t)x->rows * x->kpm.n > AGENT_CELLS_OF_PERIOD) {
        *ret_cause = E2AP_CAUSE(ricRequest, CauseRICrequest_function_resource_limit);
        return -E2BIG;
    }
    /* What is not known is reported as "no value", but an action must know something. */
    size_t bytes = 0;
    bool known = false;
    for (uint32_t i = 0; i < x->kpm.n; i++)
        bytes += x->kpm.measurements[i].name.n;
    x->columns = calloc(x->kpm.n, sizeof *x->columns);
    x->measures = calloc(x->kpm.n, sizeof *x->measures);
    x->names = malloc(bytes + 1);
    if (x->kpm.style == KPM_STYLE_NODE)
        x->values = calloc((size_t)x->rows * x->kpm.n, sizeof *x->values);
    if (!x->columns || !x->measures || !x->names || (x->kpm.style == KPM_STYLE_NODE && !x->values))
        return -ENOMEM;
    char *p = x->names;
    for (uint32_t i = 0; i < x->kpm.n; i++) {
        const kpm_measurement_t *m = &x->kpm.measurements[i];
        memcpy(p, m->name.p, m->name.n);
        x->columns[i] = (kpm_measurement_t){{(const uint8_t *)p, m->name.n}, m->slice};
        x->measures[i] = measure_find(m->name);
        known |= x->measures[i] != MEASURE_UNKNOWN;
        p += m->name.n;
    }
    if (!known)
        return -ENOENT;
    x->sampled_ns = loop_now_ns(a->loop);
    x->start_ms = now_ms();
    a->provider->cell(a->ctx, &x->before);
    uint32_t n = agent_ues(a);
    for (uint32_t i = 0; i < n; i++)
        follow(x, &a->ues[i]); /* counts from here on */
    x->due_ns = x->sampled_ns + g * NS_PER_MS;
    loop_timer_init(a->loop, &x->timer, on_sample, x);
    return loop_timer_start(&x->timer, g * NS_PER_MS);
}

/* ---- PLG ---- */

static void send_event(action_t *x, const plg_Event_t *event, uint64_t slot)
{
    e2agent_t *a = x->of->agent;
    uint8_t bits[5];
    size_t header_n, message_n;
    plg_IndicationHeader_t h = {.cell = {.pLMNIdentity = {a->cell.plmn, 3}, .nRCellIdentity = {bits, 36}},
                                .slot = (int64_t)slot,
                                .time = time_ns(CLOCK_TAI)};
    plg_Event_t copy = *event;
    plg_IndicationMessage_t m = {1, &copy};
    e2sm_cell_bits(a->cell.nr_cell_id, bits);
    if (asn1_encode(&plg_IndicationHeader_type, ASN1_APER, &h, a->header, E2AP_MAX_MESSAGE / 2, &header_n,
                    NULL) < 0 ||
        asn1_encode(&plg_IndicationMessage_type, ASN1_APER, &m, a->message, E2AP_MAX_MESSAGE / 2, &message_n,
                    NULL) < 0) {
        a->counters.tx_encode_failed++;
        return;
    }
    send_indication(x, header_n, message_n);
}

static void send_event_to_all(e2agent_t *a, const plg_Event_t *event, uint64_t slot, bool plugins)
{
    for (uint32_t i = 0; i < AGENT_MAX_SUBSCRIPTIONS; i++) {
        subscription_t *s = a->subscriptions[i];
        if (s && s->function == FUNCTION_PLG && (plugins ? s->want_plugins : s->want_values))
            for (uint32_t j = 0; j < s->n_actions; j++)
                send_event(s->actions[j], event, slot);
    }
}

void subscription_plugins_changed(e2agent_t *a, const char *why)
{
    const tunables_plugin_t *p;
    uint32_t n = tunables_plugins(a->tunables, &p);
    for (uint32_t i = 0; i < n; i++) {
        plg_PluginEvent_t e = {.id = {(const uint8_t *)p[i].id, (uint32_t)strlen(p[i].id)},
                               .state = (plg_PluginState_t)p[i].state,
                               .text = {(const uint8_t *)why, (uint32_t)strlen(why)}};
        send_event_to_all(a, &(plg_Event_t){.choice = plg_Event_choice_plugin, .u = {.plugin = &e}},
                          tunables_slot_now(a->tunables), true);
    }
}

void subscription_value_changed(e2agent_t *a, const vtn_set_t *now, tunables_cause_t cause, uint64_t slot)
{
    const vtn_param_t *p = tunables_param(a->tunables, now->param_id);
    uint8_t octets[4];
    plg_S_NSSAI_t slice;
    e2sm_ue_t name;
    plg_UEID_t ue = {0};
    plg_ValueEvent_t e = {.setting = {.parameter = now->param_id}, .cause = (plg_ValueEvent_cause_t)cause};
    if (!p)
        return;
    e.setting.value = plg_value_from(p, now->v);
    if (p->scope == VTN_SCOPE_SLICE) {
        if (now->scope_key >= a->config->n_slices)
            return;
        E2SM_SLICE_TO(&slice, a->config->slices[now->scope_key], octets);
        e.setting.scope.choice = plg_Scope_choice_slice;
        e.setting.scope.u.slice = &slice;
    } else if (p->scope == VTN_SCOPE_UE) {
        uint32_t n = agent_ues(a), i = 0;
        while (i < n && VTN_UE_KEY(a->ues[i].ue, a->ues[i].ue_generation) != now->scope_key)
            i++;
        if (i == n)
            return;
        agent_ue_name(&a->ues[i], &name);
        ue.gNB_CU_UE_F1AP_ID = name.cu_ue_f1ap_id;
        ue.has.ran_UEID = name.has_ran_ue_id;
        ue.ran_UEID = (asn1_bytes_t){name.ran_ue_id, 8};
        e.setting.scope.choice = plg_Scope_choice_ue;
        e.setting.scope.u.ue = &ue;
    } else {
        e.setting.scope.choice = plg_Scope_choice_cell;
    }
    send_event_to_all(a, &(plg_Event_t){.choice = plg_Event_choice_value, .u = {.value = &e}}, slot, false);
}

/* ---- procedures ---- */

static void refuse(e2agent_t *a, const e2ap_RICsubscriptionRequest_t *q, e2ap_Cause_t cause)
{
    char text[96];
    e2ap_RICsubscriptionFailure_t m = {.protocolIEs = {.RICrequestID = q->protocolIEs.RICrequestID,
                                                       .RANfunctionID = q->protocolIEs.RANfunctionID,
                                                       .Cause = cause}};
    a->counters.subscriptions_refused++;
    log_info(&a->log, "subscription refused: %s", e2ap_cause_text(&cause, text, sizeof text));
    agent_send(a, E2AP_UNSUCCESSFUL(RICsubscriptionFailure, &m));
}

static int start_action(subscription_t *s, uint32_t period_ms, const e2ap_RICaction_ToBeSetup_Item_t *item,
                        e2ap_Cause_t *ret_cause)
{
    *ret_cause = E2AP_CAUSE(ricRequest, CauseRICrequest_action_not_supported);
    if (item->ricActionType != e2ap_RICactionType_report)
        return -ENOTSUP;
    for (uint32_t i = 0; i < s->n_actions; i++)
        if (s->actions[i]->id == item->ricActionID) {
            *ret_cause = E2AP_CAUSE(ricRequest, CauseRICrequest_duplicate_action);
            return -EEXIST;
        }
    action_t *x = calloc(1, sizeof *x);
    if (!x)
        return -ENOMEM;
    x->of = s;
    x->id = item->ricActionID;
    int r = s->function == FUNCTION_KPM ? start_kpm(s, x, period_ms, item, ret_cause) : 0;
    if (r < 0) {
        action_destroy(x);
        return r;
    }
    s->actions[s->n_actions++] = x;
    return 0;
}

/* The event trigger: KPM's period, or what of PLG is wanted. */
static int read_trigger(subscription_t *s, asn1_bytes_t t, uint32_t *ret_period_ms)
{
    plg_EventTriggerDefinition_t d;
    if (s->function == FUNCTION_KPM) {
        int r = kpm_trigger_decode(t.p, t.n, &s->agent->rx, ret_period_ms);
        return r < 0                                                                      ? r
               : *ret_period_ms < KPM_MIN_PERIOD_MS || *ret_period_ms > KPM_MAX_PERIOD_MS ? -ERANGE
                                                                                          : 0;
    }
    int r = asn1_decode(&plg_EventTriggerDefinition_type, ASN1_APER, t.p, t.n, &s->agent->rx, &d, NULL);
    if (r == 0) {
        s->want_plugins = d.plugins;
        s->want_values = d.values;
    }
    return r;
}

void subscription_handle_request(e2agent_t *a, const e2ap_RICsubscriptionRequest_t *m)
{
    const e2ap_RICsubscriptionRequest_IEs_t *ies = &m->protocolIEs;
    const e2ap_RICactions_ToBeSetup_List_t *list = &ies->RICsubscriptionDetails.ricAction_ToBeSetup_List;
    e2ap_RICaction_Admitted_Item_t admitted[AGENT_MAX_ACTIONS];
    e2ap_RICaction_Admitted_ItemIEs_t admitted_ies[AGENT_MAX_ACTIONS];
    e2ap_RICaction_NotAdmitted_Item_t not_admitted[AGENT_MAX_ACTIONS];
    e2ap_RICaction_NotAdmitted_ItemIEs_t not_admitted_ies[AGENT_MAX_ACTIONS];
    e2ap_RICaction_NotAdmitted_List_t refused = {0, not_admitted_ies};
    uint32_t period_ms = 0, free_at = 0;
    if (ies->RANfunctionID != FUNCTION_KPM && !(ies->RANfunctionID == FUNCTION_PLG && a->tunables)) {
        refuse(a, m, E2AP_CAUSE(ricRequest, CauseRICrequest_ran_function_id_invalid));
        return;
    }
    if (find(a, &ies->RICrequestID)) {
        refuse(a, m, E2AP_CAUSE(ricRequest, CauseRICrequest_duplicate_ric_request_id));
        return;
    }
    while (free_at < AGENT_MAX_SUBSCRIPTIONS && a->subscriptions[free_at])
        free_at++;
    subscription_t *s = free_at < AGENT_MAX_SUBSCRIPTIONS ? calloc(1, sizeof *s) : NULL;
    if (!s) {
        refuse(a, m, E2AP_CAUSE(ricRequest, CauseRICrequest_function_resource_limit));
        return;
    }
    s->agent = a;
    s->request = ies->RICrequestID;
    s->function = ies->RANfunctionID;
    if (read_trigger(s, ies->RICsubscriptionDetails.ricEventTriggerDefinition, &period_ms) < 0) {
        free(s);
        refuse(a, m, E2AP_CAUSE(ricRequest, CauseRICrequest_eventTriggerNotSupported));
        return;
    }
    for (uint32_t i = 0; i < list->n && i < AGENT_MAX_ACTIONS; i++) {
        const e2ap_RICaction_ToBeSetup_Item_t *item =
            list->p[i].choice ? list->p[i].u.RICaction_ToBeSetup_Item : NULL;
        e2ap_Cause_t cause;
        if (!item)
            continue;
        if (start_action(s, period_ms, item, &cause) == 0) {
            uint32_t n = s->n_actions - 1;
            admitted[n].ricActionID = item->ricActionID;
            admitted_ies[n].choice = e2ap_RICaction_Admitted_ItemIEs_choice_RICaction_Admitted_Item;
            admitted_ies[n].u.RICaction_Admitted_Item = &admitted[n];
        } else {
            not_admitted[refused.n] = (e2ap_RICaction_NotAdmitted_Item_t){item->ricActionID, cause};
            not_admitted_ies[refused.n].choice =
                e2ap_RICaction_NotAdmitted_ItemIEs_choice_RICaction_NotAdmitted_Item;
            not_admitted_ies[refused.n].u.RICaction_NotAdmitted_Item = &not_admitted[refused.n];
            refused.n++;
        }
    }
    if (!s->n_actions) {
        subscription_destroy(s);
        refuse(a, m,
               refused.n ? not_admitted[0].cause
                         : E2AP_CAUSE(ricRequest, CauseRICrequest_action_not_supported));
        return;
    }
    e2ap_RICsubscriptionResponse_t answer = {
        .protocolIEs = {.RICrequestID = s->request,
                        .RANfunctionID = s->function,
                        .RICactions_Admitted = {s->n_actions, admitted_ies},
                        .RICactions_NotAdmitted = refused.n ? &refused : NULL}};
    a->subscriptions[free_at] = s;
    a->counters.subscriptions++;
    agent_send(a, E2AP_SUCCESSFUL(RICsubscriptionResponse, &answer));
}

void subscription_handle_delete(e2agent_t *a, const e2ap_RICsubscriptionDeleteRequest_t *m)
{
    const e2ap_RICsubscriptionDeleteRequest_IEs_t *ies = &m->protocolIEs;
    subscription_t **at = find(a, &ies->RICrequestID);
    if (!at || (*at)->function != ies->RANfunctionID) {
        e2ap_RICsubscriptionDeleteFailure_t failure = {
            .protocolIEs = {.RICrequestID = ies->RICrequestID,
                            .RANfunctionID = ies->RANfunctionID,
                            .Cause = E2AP_CAUSE(ricRequest, CauseRICrequest_request_id_unknown)}};
        agent_send(a, E2AP_UNSUCCESSFUL(RICsubscriptionDeleteFailure, &failure));
        return;
    }
    subscription_destroy(*at);
    *at = NULL;
    a->counters.subscriptions_deleted++;
    e2ap_RICsubscriptionDeleteResponse_t answer = {
        .protocolIEs = {.RICrequestID = ies->RICrequestID, .RANfunctionID = ies->RANfunctionID}};
    agent_send(a, E2AP_SUCCESSFUL(RICsubscriptionDeleteResponse, &answer));
}
