/* SPDX-License-Identifier: Apache-2.0 */
/* The association, E2 setup and the procedures of the interface itself. */
#include "lib/e2agent/e2agent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "e2sm/plg/plg.h"
#include "e2sm/rc/rc.h"
#include "lib/core/clock.h"
#include "lib/e2agent/agent.h"
#include "lib/e2agent/measure.h"

COUNTERS_DEFINE(e2agent, E2AGENT_COUNTERS)

#define RX_ARENA_BYTES (1u << 20)
#define TX_ARENA_BYTES (4u << 20)
#define SETUP_ANSWER_MS 3000
#define REMOVED_MS 60000 /* after an E2 removal: when to ask again */

static void on_timer(void *ctx);

int agent_send(e2agent_t *a, const e2ap_E2AP_PDU_t *pdu)
{
    asn1_error_t why;
    size_t n;
    int r = asn1_encode(&e2ap_E2AP_PDU_type, ASN1_APER, pdu, a->out, E2AP_MAX_MESSAGE, &n, &why);
    if (r < 0) {
        a->counters.tx_encode_failed++;
        log_error(&a->log, "cannot encode: %s: %s", why.path, why.what);
        return r;
    }
    r = assoc_send(a->assoc, 0, a->ppid, a->out, n);
    if (r < 0)
        a->counters.tx_failed++;
    else
        a->counters.tx++;
    return r;
}

void agent_send_error(e2agent_t *a, const e2ap_error_t *e)
{
    e2ap_ErrorIndication_t m = e->message; /* its pointers lead into *e, which outlives the call */
    agent_send(a, E2AP_INITIATING(ErrorIndication, &m));
}

uint32_t agent_ues(e2agent_t *a)
{
    uint32_t n = a->provider->ues(a->ctx, a->ues, E2AGENT_MAX_UES), kept = 0;
    if (n > E2AGENT_MAX_UES)
        n = E2AGENT_MAX_UES;
    for (uint32_t i = 0; i < n; i++)
        if (a->ues[i].has_cu_id)
            a->ues[kept++] = a->ues[i];
    return kept;
}

void agent_ue_name(const e2agent_ue_t *ue, e2sm_ue_t *ret)
{
    ret->cu_ue_f1ap_id = ue->cu_ue_f1ap_id;
    ret->has_ran_ue_id = ue->has_ran_ue_id;
    memcpy(ret->ran_ue_id, ue->ran_ue_id, sizeof ret->ran_ue_id);
}

int agent_slice_index(const e2agent_t *a, uint32_t slice)
{
    for (uint32_t i = 0; i < a->config->n_slices; i++)
        if (a->config->slices[i] == slice)
            return (int)i;
    return -1;
}

/* ---- RAN functions ---- */

/* Makes the definition anew; true when it is another one than before. */
static bool keep_definition(definition_t *d, const uint8_t *bytes, size_t n)
{
    if (d->bytes && d->n == n && memcmp(d->bytes, bytes, n) == 0)
        return false;
    uint8_t *copy = malloc(n);
    if (!copy)
        return false;
    memcpy(copy, bytes, n);
    free(d->bytes);
    d->bytes = copy;
    d->n = n;
    d->revision = d->revision >= 4095 ? 0 : d->revision + 1; /* RANfunctionRevision */
    return true;
}

static int define_kpm(e2agent_t *a)
{
    const char *cell[MEASURE_MAX], *ue[MEASURE_MAX];
    uint32_t n_cell = measure_cell_names(cell), n_ue = measure_ue_names(ue);
    size_t n;
    arena_reset(&a->tx);
    int r = kpm_function_encode(cell, n_cell, ue, n_ue, &a->tx, a->message, AGENT_DEFINITION_BYTES, &n);
    if (r == 0)
        keep_definition(&a->kpm, a->message, n);
    return r;
}

/* True when the RIC has to be told. */
static bool define_plg(e2agent_t *a)
{
    const tunables_plugin_t *plugins;
    uint32_t n_plugins = tunables_plugins(a->tunables, &plugins);
    size_t n;
    arena_reset(&a->tx);
    int r = plg_function_encode(&a->cell, a->config->slices, a->config->n_slices, plugins, n_plugins, &a->tx,
                                a->message, AGENT_DEFINITION_BYTES, &n);
    if (r < 0) {
        log_error(&a->log, "the plugins' declarations do not fit into a RAN function definition: %s",
                  strerror(-r));
        return false;
    }
    return keep_definition(&a->plg, a->message, n);
}

static int define_rc(e2agent_t *a)
{
    size_t n;
    int r = rc_function_encode(&a->tx, a->message, AGENT_DEFINITION_BYTES, &n);
    if (r == 0)
        keep_definition(&a->rc, a->message, n);
    return r;
}

typedef struct {
    e2ap_RANfunction_Item_t items[3];
    e2ap_RANfunction_ItemIEs_t ies[3];
    e2ap_RANfunctions_List_t list;
} functions_t;

static void add_function(functions_t *f, int64_t id, const definition_t *d, const char *oid)
{
    uint32_t i = f->list.n++;
    f->items[i] = (e2ap_RANfunction_Item_t){
        .ranFunctionID = id,
        .ranFunctionDefinition = {d->bytes, (uint32_t)d->n},
        .ranFunctionRevision = d->revision,
        .ranFunctionOID = {(const uint8_t *)oid, (uint32_t)strlen(oid)},
    };
    f->ies[i].choice = e2ap_RANfunction_ItemIEs_choice_RANfunction_Item;
    f->ies[i].u.RANfunction_Item = &f->items[i];
    f->list.p = f->ies;
}

static void add_all_functions(const e2agent_t *a, functions_t *f)
{
    add_function(f, FUNCTION_KPM, &a->kpm, E2SM_OID_KPM);
    if (a->tunables) {
        add_function(f, FUNCTION_RC, &a->rc, E2SM_OID_RC);
        add_function(f, FUNCTION_PLG, &a->plg, E2SM_OID_PLG);
    }
}

/* ---- E2 setup ---- */

static void component_of(const e2agent_t *a, e2ap_E2nodeComponentInterfaceF1_t *f1,
                         e2ap_E2nodeComponentInterfaceE1_t *e1, e2ap_E2nodeComponentInterfaceType_t *ret_type,
                         e2ap_E2nodeComponentID_t *ret_id)
{
    if (a->config->node == E2AGENT_GNB_CU_UP) {
        e1->gNB_CU_UP_ID = (int64_t)a->config->du_id;
        *ret_type = e2ap_E2nodeComponentInterfaceType_e1;
        ret_id->choice = e2ap_E2nodeComponentID_choice_e2nodeComponentInterfaceTypeE1;
        ret_id->u.e2nodeComponentInterfaceTypeE1 = e1;
    } else {
        f1->gNB_DU_ID = (int64_t)a->config->du_id;
        *ret_type = e2ap_E2nodeComponentInterfaceType_f1;
        ret_id->choice = e2ap_E2nodeComponentID_choice_e2nodeComponentInterfaceTypeF1;
        ret_id->u.e2nodeComponentInterfaceTypeF1 = f1;
    }
}

static void send_setup(e2agent_t *a)
{
    const e2agent_config_t *c = a->config;
    uint8_t gnb_id[4];
    uint32_t left = c->gnb_id << (32 - c->gnb_id_bits);
    functions_t f = {0};
    e2ap_E2nodeComponentInterfaceF1_t f1;
    e2ap_E2nodeComponentInterfaceE1_t e1;
    e2ap_E2nodeComponentConfigAddition_Item_t component = {
        .e2nodeComponentConfiguration = {{a->f1_request, a->f1_request_n},
                                         {a->f1_response, a->f1_response_n}}};
    e2ap_E2nodeComponentConfigAddition_ItemIEs_t component_ie = {
        .choice = e2ap_E2nodeComponentConfigAddition_ItemIEs_choice_E2nodeComponentConfigAddition_Item,
        .u = {.E2nodeComponentConfigAddition_Item = &component}};
    e2ap_GlobalE2node_gNB_ID_t node = {
        .global_gNB_ID = {.plmn_id = {c->plmn, 3},
                          .gnb_id = {.choice = e2ap_GNB_ID_Choice_choice_gnb_ID,
                                     .u = {.gnb_ID = {gnb_id, c->gnb_id_bits}}}}};
    for (int i = 0; i < 4; i++)
        gnb_id[i] = (uint8_t)(left >> (24 - 8 * i));
    if (c->node == E2AGENT_GNB_DU) {
        node.has.gNB_DU_ID = 1;
        node.gNB_DU_ID = (int64_t)c->du_id;
    } else if (c->node == E2AGENT_GNB_CU_UP) {
        node.has.gNB_CU_UP_ID = 1;
        node.gNB_CU_UP_ID = (int64_t)c->du_id;
    }
    component_of(a, &f1, &e1, &component.e2nodeComponentInterfaceType, &component.e2nodeComponentID);
    add_all_functions(a, &f);
    e2ap_E2setupRequest_t m = {
        .protocolIEs = {.TransactionID = ++a->transaction,
                        .GlobalE2node_ID = {.choice = e2ap_GlobalE2node_ID_choice_gNB, .u = {.gNB = &node}},
                        .RANfunctionsAdded = f.list,
                        .E2nodeComponentConfigAddition = {1, &component_ie}}};
    a->state = AGENT_SETUP_SENT;
    agent_send(a, E2AP_INITIATING(E2setupRequest, &m));
    loop_timer_start(&a->timer, SETUP_ANSWER_MS * NS_PER_MS);
}

static void retry_setup(e2agent_t *a, uint32_t wait_ms)
{
    if (!wait_ms)
        wait_ms = a->config->setup_retry_ms ? a->config->setup_retry_ms : 2000;
    a->counters.setup_failures++;
    a->state = AGENT_SETUP_WAIT;
    loop_timer_start(&a->timer, (int64_t)wait_ms * NS_PER_MS);
}

static void handle_setup_response(e2agent_t *a, const e2ap_E2setupResponse_t *m)
{
    const e2ap_E2setupResponseIEs_t *ies = &m->protocolIEs;
    if (a->state != AGENT_SETUP_SENT || ies->TransactionID != a->transaction) {
        a->counters.rx_unexpected++;
        return;
    }
    loop_timer_stop(&a->timer);
    a->state = AGENT_UP;
    a->counters.setups++;
    for (uint32_t i = 0; ies->RANfunctionsRejected && i < ies->RANfunctionsRejected->n; i++) {
        const e2ap_RANfunctionIDcause_ItemIEs_t *e = &ies->RANfunctionsRejected->p[i];
        char text[96];
        if (e->choice)
            log_warning(&a->log, "the RIC does not want RAN function %d: %s",
                        (int)e->u.RANfunctionIEcause_Item->ranFunctionID,
                        e2ap_cause_text(&e->u.RANfunctionIEcause_Item->cause, text, sizeof text));
    }
    log_notice(&a->log, "E2 is set up with %s", assoc_remote_text(a->assoc));
    if (a->provider->link)
        a->provider->link(a->ctx, true);
}

static void handle_setup_failure(e2agent_t *a, const e2ap_E2setupFailure_t *m)
{
    char text[96];
    if (a->state != AGENT_SETUP_SENT || m->protocolIEs.TransactionID != a->transaction) {
        a->counters.rx_unexpected++;
        return;
    }
    log_warning(&a->log, "the RIC refuses E2 setup: %s",
                e2ap_cause_text(&m->protocolIEs.Cause, text, sizeof text));
    retry_setup(a, m->protocolIEs.has.TimeToWait ? e2ap_time_to_wait_ms(m->protocolIEs.TimeToWait) : 0);
}

/* ---- service and configuration updates ---- */

static void send_service_update(e2agent_t *a, functions_t *added, functions_t *modified)
{
    e2ap_RICserviceUpdate_t m = {.protocolIEs = {.TransactionID = ++a->transaction}};
    if (added && added->list.n)
        m.protocolIEs.RANfunctionsAdded = &added->list;
    if (modified && modified->list.n)
        m.protocolIEs.RANfunctionsModified = &modified->list;
    a->update_pending = true;
    a->update_transaction = a->transaction;
    agent_send(a, E2AP_INITIATING(RICserviceUpdate, &m));
}

static void on_plugins_changed(void *ctx, const char *why)
{
    e2agent_t *a = ctx;
    bool changed = define_plg(a);
    if (a->state != AGENT_UP)
        return;
    subscription_plugins_changed(a, why);
    if (a->update_pending) {
        a->update_again |= changed;
    } else if (changed) {
        functions_t f = {0};
        add_function(&f, FUNCTION_PLG, &a->plg, E2SM_OID_PLG);
        send_service_update(a, NULL, &f);
    }
}

static void on_value_changed(void *ctx, const vtn_set_t *now, tunables_cause_t cause, uint64_t slot)
{
    e2agent_t *a = ctx;
    if (a->state == AGENT_UP)
        subscription_value_changed(a, now, cause, slot);
}

static const tunables_listener_t tunables_listener = {on_plugins_changed, on_value_changed};

static void handle_update_outcome(e2agent_t *a, int64_t transaction, const e2ap_Cause_t *failure)
{
    char text[96];
    if (!a->update_pending || transaction != a->update_transaction) {
        a->counters.rx_unexpected++;
        return;
    }
    a->update_pending = false;
    if (failure)
        log_warning(&a->log, "the RIC refuses a service update: %s",
                    e2ap_cause_text(failure, text, sizeof text));
    else
        a->counters.service_updates++;
    if (a->update_again) {
        functions_t f = {0};
        a->update_again = false;
        add_function(&f, FUNCTION_PLG, &a->plg, E2SM_OID_PLG);
        send_service_update(a, NULL, &f);
    }
}

/* The RIC lists what it knows: what it lacks is added, what it has in another revision is modified. */
static void handle_service_query(e2agent_t *a, const e2ap_RICserviceQuery_t *m)
{
    functions_t all = {0}, added = {0}, modified = {0};
    const e2ap_RANfunctionsID_List_t *known = m->protocolIEs.RANfunctionsAccepted;
    static const char *const oids[] = {
        [FUNCTION_KPM] = E2SM_OID_KPM, [FUNCTION_RC] = E2SM_OID_RC, [FUNCTION_PLG] = E2SM_OID_PLG};
    add_all_functions(a, &all);
    for (uint32_t i = 0; i < all.list.n; i++) {
        const e2ap_RANfunctionID_Item_t *found = NULL;
        for (uint32_t j = 0; known && j < known->n && !found; j++)
            if (known->p[j].choice &&
                known->p[j].u.RANfunctionID_Item->ranFunctionID == all.items[i].ranFunctionID)
                found = known->p[j].u.RANfunctionID_Item;
        if (found && found->ranFunctionRevision == all.items[i].ranFunctionRevision)
            continue;
        int64_t id = all.items[i].ranFunctionID;
        const definition_t *d = id == FUNCTION_KPM ? &a->kpm : id == FUNCTION_RC ? &a->rc : &a->plg;
        add_function(found ? &modified : &added, id, d, oids[id]);
    }
    if (!a->update_pending)
        send_service_update(a, &added, &modified);
}

static void send_f1(e2agent_t *a)
{
    e2ap_E2nodeComponentInterfaceF1_t f1;
    e2ap_E2nodeComponentInterfaceE1_t e1;
    e2ap_E2nodeComponentConfigUpdate_Item_t item = {
        .e2nodeComponentConfiguration = {{a->f1_request, a->f1_request_n},
                                         {a->f1_response, a->f1_response_n}}};
    e2ap_E2nodeComponentConfigUpdate_ItemIEs_t ie = {
        .choice = e2ap_E2nodeComponentConfigUpdate_ItemIEs_choice_E2nodeComponentConfigUpdate_Item,
        .u = {.E2nodeComponentConfigUpdate_Item = &item}};
    e2ap_E2nodeComponentConfigUpdate_List_t list = {1, &ie};
    e2ap_E2nodeConfigurationUpdate_t m = {
        .protocolIEs = {.TransactionID = ++a->transaction, .E2nodeComponentConfigUpdate = &list}};
    component_of(a, &f1, &e1, &item.e2nodeComponentInterfaceType, &item.e2nodeComponentID);
    a->f1_pending = true;
    a->f1_transaction = a->transaction;
    agent_send(a, E2AP_INITIATING(E2nodeConfigurationUpdate, &m));
}

int e2agent_set_f1(e2agent_t *a, const uint8_t *request, uint32_t request_n, const uint8_t *response,
                   uint32_t response_n)
{
    uint8_t *q = malloc(request_n + 1), *r = malloc(response_n + 1);
    if (!q || !r) {
        free(q);
        free(r);
        return -ENOMEM;
    }
    memcpy(q, request, request_n);
    memcpy(r, response, response_n);
    free(a->f1_request);
    free(a->f1_response);
    a->f1_request = q;
    a->f1_request_n = request_n;
    a->f1_response = r;
    a->f1_response_n = response_n;
    if (a->state == AGENT_UP)
        send_f1(a);
    else if (a->state == AGENT_SETUP_WAIT && assoc_is_up(a->assoc) && !loop_timer_running(&a->timer))
        send_setup(a);
    return 0;
}

static void handle_f1_outcome(e2agent_t *a, int64_t transaction, const e2ap_Cause_t *failure)
{
    char text[96];
    if (!a->f1_pending || transaction != a->f1_transaction) {
        a->counters.rx_unexpected++;
        return;
    }
    a->f1_pending = false;
    if (failure)
        log_warning(&a->log, "the RIC refuses a configuration update: %s",
                    e2ap_cause_text(failure, text, sizeof text));
}

/* One association is all we have: what the RIC would add fails, and that is said. */
static void handle_connection_update(e2agent_t *a, const e2ap_E2connectionUpdate_t *m)
{
    const e2ap_E2connectionUpdate_List_t *add = m->protocolIEs.E2connectionUpdateAdd;
    e2ap_E2connectionUpdateAcknowledge_t ack = {
        .protocolIEs = {.TransactionID = m->protocolIEs.TransactionID}};
    e2ap_E2connectionSetupFailed_List_t failed = {0, NULL};
    arena_reset(&a->tx);
    if (add) {
        failed.p = ARENA_ARRAY(&a->tx, e2ap_E2connectionSetupFailed_ItemIEs_t, add->n);
        for (uint32_t i = 0; failed.p && i < add->n; i++) {
            e2ap_E2connectionSetupFailed_Item_t *item =
                ARENA_NEW(&a->tx, e2ap_E2connectionSetupFailed_Item_t);
            if (!item || !add->p[i].choice)
                continue;
            item->tnlInformation = add->p[i].u.E2connectionUpdate_Item->tnlInformation;
            item->cause = E2AP_CAUSE(transport, CauseTransport_transport_resource_unavailable);
            failed.p[failed.n].choice =
                e2ap_E2connectionSetupFailed_ItemIEs_choice_E2connectionSetupFailed_Item;
            failed.p[failed.n++].u.E2connectionSetupFailed_Item = item;
        }
        if (failed.n)
            ack.protocolIEs.E2connectionSetupFailed = &failed;
    }
    agent_send(a, E2AP_SUCCESSFUL(E2connectionUpdateAcknowledge, &ack));
}

/* ---- coming and going ---- */

/* E2 with all that hangs on it is gone; the association may still be there. */
static void go_down(e2agent_t *a, agent_state_t state)
{
    bool was_up = a->state == AGENT_UP;
    a->state = state;
    loop_timer_stop(&a->timer);
    a->update_pending = a->update_again = a->f1_pending = false;
    subscription_delete_all(a);
    control_orphan_all(a);
    if (!was_up)
        return;
    if (a->tunables)
        tunables_ric_lost(a->tunables);
    if (a->provider->link)
        a->provider->link(a->ctx, false);
}

static void handle_reset(e2agent_t *a, const e2ap_ResetRequest_t *m)
{
    char text[96];
    e2ap_ResetResponse_t answer = {.protocolIEs = {.TransactionID = m->protocolIEs.TransactionID}};
    a->counters.resets++;
    log_warning(&a->log, "the RIC resets E2: %s", e2ap_cause_text(&m->protocolIEs.Cause, text, sizeof text));
    subscription_delete_all(a);
    control_orphan_all(a);
    if (a->tunables)
        tunables_ric_lost(a->tunables); /* whoever held a lease is forgotten at the other end */
    agent_send(a, E2AP_SUCCESSFUL(ResetResponse, &answer));
}

static void handle_removal(e2agent_t *a, const e2ap_E2RemovalRequest_t *m)
{
    e2ap_E2RemovalResponse_t answer = {.protocolIEs = {.TransactionID = m->protocolIEs.TransactionID}};
    log_warning(&a->log, "the RIC removes this node");
    agent_send(a, E2AP_SUCCESSFUL(E2RemovalResponse, &answer));
    go_down(a, AGENT_REMOVED);
    loop_timer_start(&a->timer, REMOVED_MS * NS_PER_MS);
}

static void on_timer(void *ctx)
{
    e2agent_t *a = ctx;
    if (a->state == AGENT_SETUP_SENT) {
        log_warning(&a->log, "no answer to E2 setup");
        retry_setup(a, 0);
    } else if (assoc_is_up(a->assoc)) {
        send_setup(a);
    }
}

static void begin_setup(e2agent_t *a)
{
    if (!a->config->await_f1 || a->f1_request) {
        send_setup(a);
        return;
    }
    a->state = AGENT_SETUP_WAIT;
    log_info(&a->log, "E2 setup waits for F1 setup");
}

static void on_up(void *ctx, assoc_t *assoc)
{
    e2agent_t *a = ctx;
    a->assoc = assoc;
    begin_setup(a);
}

static void on_down(void *ctx, assoc_t *assoc, assoc_down_t why)
{
    e2agent_t *a = ctx;
    (void)assoc;
    if (why != ASSOC_DOWN_CONNECT_FAILED)
        log_warning(&a->log, "lost the RIC: %s",
                    why == ASSOC_DOWN_SHUTDOWN ? "it shut down" : "it does not answer");
    go_down(a, AGENT_DOWN);
}

static void on_event(void *ctx, assoc_t *assoc, const assoc_event_t *e)
{
    e2agent_t *a = ctx;
    if (e->type != ASSOC_EVENT_RESTART)
        return;
    a->assoc = assoc;
    go_down(a, AGENT_DOWN);
    begin_setup(a);
}

/* ---- dispatch ---- */

static void handle_initiating(e2agent_t *a, const e2ap_InitiatingMessage_t *i)
{
#define CASE(name) case e2ap_InitiatingMessage_value_choice_##name
    char text[96];
    if (i->value.choice == e2ap_InitiatingMessage_value_choice_ErrorIndication) {
        const e2ap_Cause_t *cause = i->value.u.ErrorIndication->protocolIEs.Cause;
        a->counters.rx_error_indication++;
        log_warning(&a->log, "error indication from the RIC: %s",
                    cause ? e2ap_cause_text(cause, text, sizeof text) : "without cause");
        return;
    }
    if (a->state == AGENT_UP) {
        switch (i->value.choice) {
            CASE(RICsubscriptionRequest) : subscription_handle_request(a, i->value.u.RICsubscriptionRequest);
            return;
            CASE(RICsubscriptionDeleteRequest)
                : subscription_handle_delete(a, i->value.u.RICsubscriptionDeleteRequest);
            return;
            CASE(RICcontrolRequest) : control_handle(a, i->value.u.RICcontrolRequest);
            return;
            CASE(RICserviceQuery) : handle_service_query(a, i->value.u.RICserviceQuery);
            return;
            CASE(E2connectionUpdate) : handle_connection_update(a, i->value.u.E2connectionUpdate);
            return;
            CASE(ResetRequest) : handle_reset(a, i->value.u.ResetRequest);
            return;
            CASE(E2RemovalRequest) : handle_removal(a, i->value.u.E2RemovalRequest);
            return;
        default:
            break;
        }
    }
    e2ap_error_t e;
    a->counters.rx_unexpected++;
    e2ap_error_fill(&e, E2AP_CAUSE(protocol, CauseProtocol_message_not_compatible_with_receiver_state),
                    (uint32_t)i->procedureCode, e2ap_TriggeringMessage_initiating_message);
    agent_send_error(a, &e);
#undef CASE
}

static void handle_outcome(e2agent_t *a, const e2ap_E2AP_PDU_t *pdu)
{
    if (pdu->choice == e2ap_E2AP_PDU_choice_successfulOutcome) {
        const e2ap_SuccessfulOutcome_t *o = pdu->u.successfulOutcome;
        switch (o->value.choice) {
        case e2ap_SuccessfulOutcome_value_choice_E2setupResponse:
            handle_setup_response(a, o->value.u.E2setupResponse);
            return;
        case e2ap_SuccessfulOutcome_value_choice_RICserviceUpdateAcknowledge:
            handle_update_outcome(a, o->value.u.RICserviceUpdateAcknowledge->protocolIEs.TransactionID, NULL);
            return;
        case e2ap_SuccessfulOutcome_value_choice_E2nodeConfigurationUpdateAcknowledge:
            handle_f1_outcome(a, o->value.u.E2nodeConfigurationUpdateAcknowledge->protocolIEs.TransactionID,
                              NULL);
            return;
        default:
            break;
        }
    } else {
        const e2ap_UnsuccessfulOutcome_t *o = pdu->u.unsuccessfulOutcome;
        switch (o->value.choice) {
        case e2ap_UnsuccessfulOutcome_value_choice_E2setupFailure:
            handle_setup_failure(a, o->value.u.E2setupFailure);
            return;
        case e2ap_UnsuccessfulOutcome_value_choice_RICserviceUpdateFailure:
            handle_update_outcome(a, o->value.u.RICserviceUpdateFailure->protocolIEs.TransactionID,
                                  &o->value.u.RICserviceUpdateFailure->protocolIEs.Cause);
            return;
        case e2ap_UnsuccessfulOutcome_value_choice_E2nodeConfigurationUpdateFailure:
            handle_f1_outcome(a, o->value.u.E2nodeConfigurationUpdateFailure->protocolIEs.TransactionID,
                              &o->value.u.E2nodeConfigurationUpdateFailure->protocolIEs.Cause);
            return;
        default:
            break;
        }
    }
    a->counters.rx_unexpected++;
}

static void on_message(void *ctx, assoc_t *assoc, uint16_t stream, uint32_t ppid, const uint8_t *bytes,
                       size_t n)
{
    e2agent_t *a = ctx;
    e2ap_E2AP_PDU_t pdu;
    e2ap_error_t error;
    (void)assoc;
    (void)stream;
    (void)ppid;
    a->counters.rx++;
    arena_reset(&a->rx);
    switch (e2ap_read(bytes, n, &a->rx, &pdu, &error)) {
    case E2AP_READ_OK:
        if (pdu.choice == e2ap_E2AP_PDU_choice_initiatingMessage)
            handle_initiating(a, pdu.u.initiatingMessage);
        else
            handle_outcome(a, &pdu);
        return;
    case E2AP_READ_IGNORE:
        a->counters.rx_unexpected++;
        return;
    case E2AP_READ_TRANSFER_SYNTAX:
        a->counters.rx_transfer_syntax++;
        break;
    case E2AP_READ_ABSTRACT_SYNTAX:
        a->counters.rx_abstract_syntax++;
        break;
    }
    log_warning(&a->log, "cannot read a message of %zu bytes: %s: %s", n, error.why.path,
                error.why.what ? error.why.what : "IE not understood");
    agent_send_error(a, &error);
}

/* ---- life ---- */

int e2agent_create(loop_t *loop, const e2agent_config_t *config, const e2agent_provider_t *provider,
                   void *ctx, tunables_t *tunables, const log_t *log, e2agent_t **ret)
{
    static const assoc_cbs_t cbs = {on_up, on_down, on_message, on_event};
    static const uint32_t ppids[] = {ASSOC_PPID_E2_DU, ASSOC_PPID_E2_CU_CP, ASSOC_PPID_E2_CU_UP};
    if (config->gnb_id_bits < 22 || config->gnb_id_bits > 32 || config->n_slices > E2AGENT_MAX_SLICES)
        return -EINVAL;
    e2agent_t *a = calloc(1, sizeof *a);
    if (!a)
        return -ENOMEM;
    a->loop = loop;
    a->config = config;
    a->provider = provider;
    a->ctx = ctx;
    a->tunables = tunables;
    a->log = log_sub(log, "e2");
    a->ppid = ppids[config->node];
    a->sctp = config->sctp;
    a->sctp.log = a->sctp.log ? a->sctp.log : log;
    if (!a->sctp.remote_port)
        a->sctp.remote_port = E2AP_SCTP_PORT;
    memcpy(a->cell.plmn, config->plmn, 3);
    a->cell.nr_cell_id = config->nr_cell_id;
    loop_timer_init(loop, &a->timer, on_timer, a);
    a->ues = calloc(E2AGENT_MAX_UES, sizeof *a->ues);
    a->out = malloc(E2AP_MAX_MESSAGE);
    a->header = malloc(E2AP_MAX_MESSAGE / 2);
    a->message = malloc(E2AP_MAX_MESSAGE / 2);
    void *rx = malloc(RX_ARENA_BYTES), *tx = malloc(TX_ARENA_BYTES);
    arena_init(&a->rx, rx, RX_ARENA_BYTES);
    arena_init(&a->tx, tx, TX_ARENA_BYTES);
    int r = a->ues && a->out && a->header && a->message && rx && tx ? define_kpm(a) : -ENOMEM;
    if (r == 0 && tunables) {
        r = define_rc(a);
        define_plg(a);
        tunables_listen(tunables, &tunables_listener, a);
        if (r == 0 && !a->plg.bytes)
            r = -EINVAL;
    }
    if (r == 0)
        r = assoc_connect(loop, &a->sctp, &cbs, a, &a->assoc);
    if (r < 0) {
        e2agent_destroy(a);
        return r;
    }
    *ret = a;
    return 0;
}

void e2agent_destroy(e2agent_t *a)
{
    if (!a)
        return;
    if (a->tunables)
        tunables_listen(a->tunables, NULL, NULL);
    loop_timer_stop(&a->timer);
    subscription_delete_all(a);
    control_orphan_all(a);
    assoc_close(a->assoc, true);
    free(a->f1_request);
    free(a->f1_response);
    free(a->kpm.bytes);
    free(a->rc.bytes);
    free(a->plg.bytes);
    free(a->ues);
    free(a->out);
    free(a->header);
    free(a->message);
    free(a->rx.base);
    free(a->tx.base);
    free(a);
}

bool e2agent_is_up(const e2agent_t *a)
{
    return a->state == AGENT_UP;
}

const char *e2agent_remote(const e2agent_t *a)
{
    return assoc_remote_text(a->assoc);
}

uint32_t e2agent_subscriptions(const e2agent_t *a)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < AGENT_MAX_SUBSCRIPTIONS; i++)
        n += a->subscriptions[i] != NULL;
    return n;
}

const e2agent_counters_t *e2agent_counters(const e2agent_t *a)
{
    return &a->counters;
}
