/* SPDX-License-Identifier: Apache-2.0 */
#include "ric/e2term/e2term.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2sm/e2sm.h"

COUNTERS_DEFINE(e2term, E2TERM_COUNTERS)

#define RX_ARENA_BYTES (4u << 20)

/* One association; it belongs to a node once E2 is set up over it. */
typedef struct e2term_link {
    struct e2term_link *next, **prev; /* e2term's list */
    e2term_t *term;
    assoc_t *assoc;
    node_t *node;
    bool reset_sent;
    uint8_t reset_transaction;
} link_t;

struct e2term {
    loop_t *loop;
    e2term_config_t config;
    e2term_cbs_t cbs;
    void *ctx;
    log_t log;
    assoc_listener_t *listener;
    link_t *links;
    node_t *nodes[E2TERM_MAX_NODES];
    uint32_t n_nodes;
    uint8_t transaction;
    arena_t rx, tx;
    uint8_t *out; /* [E2AP_MAX_MESSAGE] */
    e2term_counters_t counters;
};

/* ---- nodes ---- */

uint32_t e2term_nodes(const e2term_t *t)
{
    return t->n_nodes;
}

node_t *e2term_node(const e2term_t *t, uint32_t i)
{
    return t->nodes[i];
}

node_t *e2term_find(const e2term_t *t, const char *id)
{
    node_t *only = NULL;
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n_nodes; i++) {
        if (strcmp(t->nodes[i]->id, id) == 0)
            return t->nodes[i];
        if (t->nodes[i]->connected) {
            only = t->nodes[i];
            n++;
        }
    }
    return !*id && n == 1 ? only : NULL;
}

ran_function_t *node_function(node_t *n, model_t model)
{
    for (uint32_t i = 0; i < n->n_functions; i++)
        if (n->functions[i].model == model)
            return &n->functions[i];
    return NULL;
}

ran_function_t *node_function_by_id(node_t *n, int64_t id)
{
    for (uint32_t i = 0; i < n->n_functions; i++)
        if (n->functions[i].id == id)
            return &n->functions[i];
    return NULL;
}

static void plmn_text(const uint8_t p[3], char out[8])
{
    char mnc3 = (char)('0' + (p[1] >> 4));
    snprintf(out, 8, "%c%c%c-%c%c%s", '0' + (p[0] & 15), '0' + (p[0] >> 4), '0' + (p[1] & 15),
             '0' + (p[2] & 15), '0' + (p[2] >> 4), "");
    if (p[1] >> 4 != 15) {
        out[6] = mnc3;
        out[7] = 0;
    }
}

static uint64_t bits_value(asn1_bits_t b)
{
    uint64_t v = 0;
    for (uint32_t i = 0; i < b.n_bits; i++)
        v = v << 1 | (b.p[i / 8] >> (7 - i % 8) & 1);
    return v;
}

/* Text id of a global E2 node ID; false for a kind that has none here. */
static bool describe(const e2ap_GlobalE2node_ID_t *g, node_t *n)
{
    char plmn[8];
    if (g->choice == e2ap_GlobalE2node_ID_choice_gNB) {
        const e2ap_GlobalE2node_gNB_ID_t *x = g->u.gNB;
        if (x->global_gNB_ID.gnb_id.choice != e2ap_GNB_ID_Choice_choice_gnb_ID)
            return false;
        memcpy(n->plmn, x->global_gNB_ID.plmn_id.p, 3);
        plmn_text(n->plmn, plmn);
        unsigned long long gnb = bits_value(x->global_gNB_ID.gnb_id.u.gnb_ID);
        const char *kind = x->has.gNB_DU_ID ? "gnb-du" : x->has.gNB_CU_UP_ID ? "gnb-cu-up" : "gnb-cu-cp";
        snprintf(n->kind, sizeof n->kind, "%s", kind);
        n->du_id = (uint64_t)(x->has.gNB_DU_ID ? x->gNB_DU_ID : x->has.gNB_CU_UP_ID ? x->gNB_CU_UP_ID : 0);
        if (x->has.gNB_DU_ID || x->has.gNB_CU_UP_ID)
            snprintf(n->id, sizeof n->id, "%s/%s/%llu/%llu", kind, plmn, gnb, (unsigned long long)n->du_id);
        else
            snprintf(n->id, sizeof n->id, "%s/%s/%llu", kind, plmn, gnb);
        return true;
    }
    if (g->choice == e2ap_GlobalE2node_ID_choice_eNB) {
        const e2ap_ENB_ID_t *e = &g->u.eNB->global_eNB_ID.eNB_ID;
        asn1_bits_t id = e->choice == e2ap_ENB_ID_choice_macro_eNB_ID         ? e->u.macro_eNB_ID
                         : e->choice == e2ap_ENB_ID_choice_home_eNB_ID        ? e->u.home_eNB_ID
                         : e->choice == e2ap_ENB_ID_choice_short_Macro_eNB_ID ? e->u.short_Macro_eNB_ID
                         : e->choice == e2ap_ENB_ID_choice_long_Macro_eNB_ID  ? e->u.long_Macro_eNB_ID
                                                                              : (asn1_bits_t){NULL, 0};
        memcpy(n->plmn, g->u.eNB->global_eNB_ID.pLMN_Identity.p, 3);
        plmn_text(n->plmn, plmn);
        snprintf(n->kind, sizeof n->kind, "enb");
        snprintf(n->id, sizeof n->id, "enb/%s/%llu", plmn, (unsigned long long)bits_value(id));
        return true;
    }
    return false;
}

static void drop_functions(node_t *n)
{
    for (uint32_t i = 0; i < n->n_functions; i++)
        free(n->functions[i].definition);
    n->n_functions = 0;
}

static model_t model_of(const char *oid)
{
    if (strcmp(oid, E2SM_OID_KPM) == 0 || strcmp(oid, E2SM_OID_KPM_V2) == 0)
        return MODEL_KPM;
    if (strcmp(oid, E2SM_OID_RC) == 0)
        return MODEL_RC;
    return strcmp(oid, E2SM_OID_PLG) == 0 ? MODEL_PLG : MODEL_OTHER;
}

/* Adds or replaces. 0, -ENOSPC, -ENOMEM. */
static int put_function(node_t *n, const e2ap_RANfunction_Item_t *item)
{
    ran_function_t *f = node_function_by_id(n, item->ranFunctionID);
    uint8_t *definition = malloc(item->ranFunctionDefinition.n + 1);
    if (!definition)
        return -ENOMEM;
    if (!f && n->n_functions == E2TERM_MAX_FUNCTIONS) {
        free(definition);
        return -ENOSPC;
    }
    if (f)
        free(f->definition);
    else
        f = &n->functions[n->n_functions++];
    memcpy(definition, item->ranFunctionDefinition.p, item->ranFunctionDefinition.n);
    f->id = item->ranFunctionID;
    f->revision = item->ranFunctionRevision;
    f->definition = definition;
    f->definition_n = item->ranFunctionDefinition.n;
    snprintf(f->oid, sizeof f->oid, "%.*s", (int)item->ranFunctionOID.n,
             (const char *)item->ranFunctionOID.p);
    f->model = model_of(f->oid);
    return 0;
}

/* ---- sending ---- */

static int send_pdu(e2term_t *t, assoc_t *assoc, const e2ap_E2AP_PDU_t *pdu)
{
    asn1_error_t why;
    size_t n;
    int r = asn1_encode(&e2ap_E2AP_PDU_type, ASN1_APER, pdu, t->out, E2AP_MAX_MESSAGE, &n, &why);
    if (r < 0) {
        t->counters.tx_encode_failed++;
        log_error(&t->log, "cannot encode: %s: %s", why.path, why.what);
        return r;
    }
    r = assoc_send(assoc, 0, ASSOC_PPID_E2_CU_CP, t->out, n);
    if (r < 0)
        t->counters.tx_failed++;
    else
        t->counters.tx++;
    return r;
}

int e2term_send(e2term_t *t, node_t *n, const e2ap_E2AP_PDU_t *pdu)
{
    return n->connected ? send_pdu(t, n->link->assoc, pdu) : -ENOTCONN;
}

int e2term_reset(e2term_t *t, node_t *n)
{
    e2ap_ResetRequest_t m = {.protocolIEs = {.TransactionID = ++t->transaction,
                                             .Cause = E2AP_CAUSE(misc, CauseMisc_om_intervention)}};
    int r = e2term_send(t, n, E2AP_INITIATING(ResetRequest, &m));
    if (r == 0) {
        n->link->reset_sent = true;
        n->link->reset_transaction = t->transaction;
        t->cbs.down(t->ctx, n);
    }
    return r;
}

int e2term_query(e2term_t *t, node_t *n)
{
    e2ap_RICserviceQuery_t m = {.protocolIEs = {.TransactionID = ++t->transaction}};
    e2ap_RANfunctionsID_List_t list = {0, NULL};
    arena_reset(&t->tx);
    list.p = ARENA_ARRAY(&t->tx, e2ap_RANfunctionID_ItemIEs_t, n->n_functions);
    for (uint32_t i = 0; list.p && i < n->n_functions; i++) {
        e2ap_RANfunctionID_Item_t *item = ARENA_NEW(&t->tx, e2ap_RANfunctionID_Item_t);
        if (!item)
            break;
        item->ranFunctionID = n->functions[i].id;
        item->ranFunctionRevision = n->functions[i].revision;
        list.p[list.n].choice = e2ap_RANfunctionID_ItemIEs_choice_RANfunctionID_Item;
        list.p[list.n++].u.RANfunctionID_Item = item;
    }
    if (list.n)
        m.protocolIEs.RANfunctionsAccepted = &list;
    return e2term_send(t, n, E2AP_INITIATING(RICserviceQuery, &m));
}

/* ---- accepted and rejected functions, in answers ---- */

typedef struct {
    e2ap_RANfunctionsID_List_t accepted;
    e2ap_RANfunctionsIDcause_List_t rejected;
} verdict_t;

static int accept_functions(e2term_t *t, node_t *n, const e2ap_RANfunctions_List_t *list, verdict_t *v)
{
    uint32_t room = E2TERM_MAX_FUNCTIONS * 4;
    if (!v->accepted.p) {
        v->accepted.p = ARENA_ARRAY(&t->tx, e2ap_RANfunctionID_ItemIEs_t, room);
        v->rejected.p = ARENA_ARRAY(&t->tx, e2ap_RANfunctionIDcause_ItemIEs_t, room);
    }
    for (uint32_t i = 0; i < list->n; i++) {
        const e2ap_RANfunction_Item_t *item = list->p[i].choice ? list->p[i].u.RANfunction_Item : NULL;
        e2ap_RANfunctionID_Item_t *yes = ARENA_NEW(&t->tx, e2ap_RANfunctionID_Item_t);
        e2ap_RANfunctionIDcause_Item_t *no = ARENA_NEW(&t->tx, e2ap_RANfunctionIDcause_Item_t);
        if (!item)
            continue;
        if (!yes || !no || !v->rejected.p || v->accepted.n >= room || v->rejected.n >= room)
            return -ENOMEM;
        if (put_function(n, item) == 0) {
            *yes = (e2ap_RANfunctionID_Item_t){item->ranFunctionID, item->ranFunctionRevision};
            v->accepted.p[v->accepted.n].choice = e2ap_RANfunctionID_ItemIEs_choice_RANfunctionID_Item;
            v->accepted.p[v->accepted.n++].u.RANfunctionID_Item = yes;
        } else {
            *no = (e2ap_RANfunctionIDcause_Item_t){
                item->ranFunctionID, E2AP_CAUSE(ricService, CauseRICservice_excessive_functions)};
            v->rejected.p[v->rejected.n].choice =
                e2ap_RANfunctionIDcause_ItemIEs_choice_RANfunctionIEcause_Item;
            v->rejected.p[v->rejected.n++].u.RANfunctionIEcause_Item = no;
        }
    }
    return 0;
}

/* ---- E2 setup ---- */

static void unbind(link_t *l)
{
    e2term_t *t = l->term;
    node_t *n = l->node;
    if (!n)
        return;
    l->node = NULL;
    n->link = NULL;
    if (n->connected) {
        n->connected = false;
        t->counters.nodes_lost++;
        log_warning(&t->log, "lost %s", n->id);
        t->cbs.down(t->ctx, n);
    }
}

static void link_free(link_t *l)
{
    unbind(l);
    assoc_set_user(l->assoc, NULL);
    *l->prev = l->next;
    if (l->next)
        l->next->prev = l->prev;
    free(l);
}

/* Its peer sees it and, if it is alive after all, connects and sets up anew. */
static void link_abort(link_t *l)
{
    assoc_t *assoc = l->assoc;
    link_free(l);
    assoc_close(assoc, false);
}

static void refuse_setup(link_t *l, int64_t transaction, e2ap_Cause_t cause)
{
    char text[96];
    e2ap_E2setupFailure_t m = {.protocolIEs = {.has = {.TimeToWait = 1},
                                               .TransactionID = transaction,
                                               .Cause = cause,
                                               .TimeToWait = e2ap_TimeToWait_v5s}};
    l->term->counters.setups_refused++;
    log_warning(&l->term->log, "E2 setup from %s refused: %s", assoc_remote_text(l->assoc),
                e2ap_cause_text(&cause, text, sizeof text));
    send_pdu(l->term, l->assoc, E2AP_UNSUCCESSFUL(E2setupFailure, &m));
}

static void handle_setup(link_t *l, const e2ap_E2setupRequest_t *m)
{
    e2term_t *t = l->term;
    const e2ap_E2setupRequestIEs_t *ies = &m->protocolIEs;
    node_t who;
    verdict_t v = {0};
    memset(&who, 0, sizeof who);
    arena_reset(&t->tx);
    if (!describe(&ies->GlobalE2node_ID, &who)) {
        refuse_setup(l, ies->TransactionID, E2AP_CAUSE(misc, CauseMisc_unspecified));
        return;
    }
    node_t *n = e2term_find(t, who.id);
    if (!n) {
        n = t->n_nodes < E2TERM_MAX_NODES ? calloc(1, sizeof *n) : NULL;
        if (!n) {
            refuse_setup(l, ies->TransactionID, E2AP_CAUSE(misc, CauseMisc_control_processing_overload));
            return;
        }
        *n = who;
        t->nodes[t->n_nodes++] = n;
    }
    if (n->link && n->link != l)
        link_abort(n->link); /* it came back before we noticed that it was gone */
    if (l->node && l->node != n)
        unbind(l);
    if (n->connected) {
        n->connected = false;
        t->cbs.down(t->ctx, n); /* a second setup starts from nothing */
    }
    l->node = n;
    n->link = l;
    snprintf(n->address, sizeof n->address, "%s", assoc_remote_text(l->assoc));
    drop_functions(n);
    const e2ap_E2nodeComponentConfigAddition_List_t *components = &ies->E2nodeComponentConfigAddition;
    e2ap_E2nodeComponentConfigAdditionAck_List_t acks = {
        0, ARENA_ARRAY(&t->tx, e2ap_E2nodeComponentConfigAdditionAck_ItemIEs_t, components->n)};
    int r = acks.p ? accept_functions(t, n, &ies->RANfunctionsAdded, &v) : -ENOMEM;
    for (uint32_t i = 0; r == 0 && i < components->n; i++) {
        e2ap_E2nodeComponentConfigAdditionAck_Item_t *item =
            ARENA_NEW(&t->tx, e2ap_E2nodeComponentConfigAdditionAck_Item_t);
        const e2ap_E2nodeComponentConfigAddition_Item_t *q =
            components->p[i].choice ? components->p[i].u.E2nodeComponentConfigAddition_Item : NULL;
        if (!item)
            r = -ENOMEM;
        if (!item || !q)
            continue;
        item->e2nodeComponentInterfaceType = q->e2nodeComponentInterfaceType;
        item->e2nodeComponentID = q->e2nodeComponentID;
        item->e2nodeComponentConfigurationAck.updateOutcome =
            e2ap_E2nodeComponentConfigurationAck_updateOutcome_success;
        acks.p[acks.n].choice =
            e2ap_E2nodeComponentConfigAdditionAck_ItemIEs_choice_E2nodeComponentConfigAdditionAck_Item;
        acks.p[acks.n++].u.E2nodeComponentConfigAdditionAck_Item = item;
    }
    if (r < 0) {
        refuse_setup(l, ies->TransactionID, E2AP_CAUSE(misc, CauseMisc_control_processing_overload));
        return;
    }
    uint8_t ric_id[3] = {(uint8_t)(t->config.ric_id >> 12), (uint8_t)(t->config.ric_id >> 4),
                         (uint8_t)(t->config.ric_id << 4)};
    e2ap_E2setupResponse_t answer = {
        .protocolIEs = {.TransactionID = ies->TransactionID,
                        .GlobalRIC_ID = {.pLMN_Identity = {t->config.plmn, 3}, .ric_ID = {ric_id, 20}},
                        .RANfunctionsAccepted = v.accepted.n ? &v.accepted : NULL,
                        .RANfunctionsRejected = v.rejected.n ? &v.rejected : NULL,
                        .E2nodeComponentConfigAdditionAck = acks}};
    if (send_pdu(t, l->assoc, E2AP_SUCCESSFUL(E2setupResponse, &answer)) < 0)
        return;
    n->connected = true;
    n->setups++;
    t->counters.setups++;
    log_notice(&t->log, "E2 is set up with %s at %s, %u RAN functions", n->id, n->address, n->n_functions);
    if (t->cbs.up)
        t->cbs.up(t->ctx, n);
}

/* ---- updates ---- */

static void handle_service_update(link_t *l, const e2ap_RICserviceUpdate_t *m)
{
    e2term_t *t = l->term;
    node_t *n = l->node;
    const e2ap_RICserviceUpdate_IEs_t *ies = &m->protocolIEs;
    verdict_t v = {0};
    arena_reset(&t->tx);
    if ((ies->RANfunctionsAdded && accept_functions(t, n, ies->RANfunctionsAdded, &v) < 0) ||
        (ies->RANfunctionsModified && accept_functions(t, n, ies->RANfunctionsModified, &v) < 0)) {
        e2ap_RICserviceUpdateFailure_t failure = {
            .protocolIEs = {.TransactionID = ies->TransactionID,
                            .Cause = E2AP_CAUSE(misc, CauseMisc_control_processing_overload)}};
        send_pdu(t, l->assoc, E2AP_UNSUCCESSFUL(RICserviceUpdateFailure, &failure));
        return;
    }
    for (uint32_t i = 0; ies->RANfunctionsDeleted && i < ies->RANfunctionsDeleted->n; i++) {
        if (!ies->RANfunctionsDeleted->p[i].choice)
            continue;
        ran_function_t *f =
            node_function_by_id(n, ies->RANfunctionsDeleted->p[i].u.RANfunctionID_Item->ranFunctionID);
        if (f) {
            free(f->definition);
            *f = n->functions[--n->n_functions];
        }
    }
    e2ap_RICserviceUpdateAcknowledge_t answer = {
        .protocolIEs = {.TransactionID = ies->TransactionID,
                        .RANfunctionsAccepted = v.accepted.n ? &v.accepted : NULL,
                        .RANfunctionsRejected = v.rejected.n ? &v.rejected : NULL}};
    t->counters.service_updates++;
    send_pdu(t, l->assoc, E2AP_SUCCESSFUL(RICserviceUpdateAcknowledge, &answer));
    if (t->cbs.functions)
        t->cbs.functions(t->ctx, n);
}

/* We keep no use of the components' configuration: each is acknowledged. */
static void handle_config_update(link_t *l, const e2ap_E2nodeConfigurationUpdate_t *m)
{
    e2term_t *t = l->term;
    const e2ap_E2nodeConfigurationUpdate_IEs_t *ies = &m->protocolIEs;
    e2ap_E2nodeConfigurationUpdateAcknowledge_t answer = {
        .protocolIEs = {.TransactionID = ies->TransactionID}};
    e2ap_E2nodeComponentConfigAdditionAck_List_t added = {0, NULL};
    e2ap_E2nodeComponentConfigUpdateAck_List_t updated = {0, NULL};
    e2ap_E2nodeComponentConfigRemovalAck_List_t removed = {0, NULL};
    arena_reset(&t->tx);
#define ACKNOWLEDGE(list, Kind, into)                                                                        \
    if (list) {                                                                                              \
        into.p = ARENA_ARRAY(&t->tx, e2ap_E2nodeComponentConfig##Kind##Ack_ItemIEs_t, (list)->n);            \
        for (uint32_t i = 0; into.p && i < (list)->n; i++) {                                                 \
            e2ap_E2nodeComponentConfig##Kind##Ack_Item_t *item =                                             \
                ARENA_NEW(&t->tx, e2ap_E2nodeComponentConfig##Kind##Ack_Item_t);                             \
            if (!item || !(list)->p[i].choice)                                                               \
                continue;                                                                                    \
            const e2ap_E2nodeComponentConfig##Kind##_Item_t *q =                                             \
                (list)->p[i].u.E2nodeComponentConfig##Kind##_Item;                                           \
            item->e2nodeComponentInterfaceType = q->e2nodeComponentInterfaceType;                            \
            item->e2nodeComponentID = q->e2nodeComponentID;                                                  \
            item->e2nodeComponentConfigurationAck.updateOutcome =                                            \
                e2ap_E2nodeComponentConfigurationAck_updateOutcome_success;                                  \
            into.p[into.n].choice =                                                                          \
                e2ap_E2nodeComponentConfig##Kind##Ack_ItemIEs_choice_E2nodeComponentConfig##Kind##Ack_Item;  \
            into.p[into.n++].u.E2nodeComponentConfig##Kind##Ack_Item = item;                                 \
        }                                                                                                    \
    }
    ACKNOWLEDGE(ies->E2nodeComponentConfigAddition, Addition, added)
    ACKNOWLEDGE(ies->E2nodeComponentConfigUpdate, Update, updated)
    ACKNOWLEDGE(ies->E2nodeComponentConfigRemoval, Removal, removed)
#undef ACKNOWLEDGE
    answer.protocolIEs.E2nodeComponentConfigAdditionAck = added.n ? &added : NULL;
    answer.protocolIEs.E2nodeComponentConfigUpdateAck = updated.n ? &updated : NULL;
    answer.protocolIEs.E2nodeComponentConfigRemovalAck = removed.n ? &removed : NULL;
    t->counters.config_updates++;
    send_pdu(t, l->assoc, E2AP_SUCCESSFUL(E2nodeConfigurationUpdateAcknowledge, &answer));
}

static void handle_reset(link_t *l, const e2ap_ResetRequest_t *m)
{
    e2term_t *t = l->term;
    e2ap_ResetResponse_t answer = {.protocolIEs = {.TransactionID = m->protocolIEs.TransactionID}};
    t->counters.resets++;
    t->cbs.down(t->ctx, l->node);
    send_pdu(t, l->assoc, E2AP_SUCCESSFUL(ResetResponse, &answer));
    if (t->cbs.up)
        t->cbs.up(t->ctx, l->node);
}

static void handle_removal(link_t *l, const e2ap_E2RemovalRequest_t *m)
{
    e2ap_E2RemovalResponse_t answer = {.protocolIEs = {.TransactionID = m->protocolIEs.TransactionID}};
    send_pdu(l->term, l->assoc, E2AP_SUCCESSFUL(E2RemovalResponse, &answer));
    unbind(l);
}

/* ---- dispatch ---- */

static void unexpected(link_t *l, uint32_t procedure, e2ap_TriggeringMessage_t what, bool tell)
{
    e2ap_error_t e;
    l->term->counters.rx_unexpected++;
    if (!tell)
        return;
    e2ap_error_fill(&e, E2AP_CAUSE(protocol, CauseProtocol_message_not_compatible_with_receiver_state),
                    procedure, what);
    send_pdu(l->term, l->assoc, E2AP_INITIATING(ErrorIndication, &e.message));
}

static void handle_initiating(link_t *l, const e2ap_InitiatingMessage_t *i)
{
    e2term_t *t = l->term;
    char text[96];
    bool up = l->node && l->node->connected;
#define CASE(name) case e2ap_InitiatingMessage_value_choice_##name
    switch (i->value.choice) {
        CASE(E2setupRequest) : handle_setup(l, i->value.u.E2setupRequest);
        return;
        CASE(ErrorIndication) : t->counters.rx_error_indication++;
        log_warning(&t->log, "error indication from %s: %s", assoc_remote_text(l->assoc),
                    i->value.u.ErrorIndication->protocolIEs.Cause
                        ? e2ap_cause_text(i->value.u.ErrorIndication->protocolIEs.Cause, text, sizeof text)
                        : "without cause");
        return;
    default:
        break;
    }
    if (!up) {
        unexpected(l, (uint32_t)i->procedureCode, e2ap_TriggeringMessage_initiating_message, true);
        return;
    }
    switch (i->value.choice) {
        CASE(RICindication) : t->counters.indications++;
        t->cbs.indication(t->ctx, l->node, i->value.u.RICindication);
        return;
        CASE(RICserviceUpdate) : handle_service_update(l, i->value.u.RICserviceUpdate);
        return;
        CASE(E2nodeConfigurationUpdate) : handle_config_update(l, i->value.u.E2nodeConfigurationUpdate);
        return;
        CASE(ResetRequest) : handle_reset(l, i->value.u.ResetRequest);
        return;
        CASE(E2RemovalRequest) : handle_removal(l, i->value.u.E2RemovalRequest);
        return;
        CASE(RICsubscriptionDeleteRequired) :
        {
            const e2ap_RICsubscription_List_withCause_t *list =
                &i->value.u.RICsubscriptionDeleteRequired->protocolIEs.RICsubscriptionToBeRemoved;
            for (uint32_t k = 0; k < list->n; k++)
                if (list->p[k].choice)
                    t->cbs.delete_required(t->ctx, l->node,
                                           &list->p[k].u.RICsubscription_withCause_Item->ricRequestID,
                                           &list->p[k].u.RICsubscription_withCause_Item->cause);
            return;
        }
    default:
        unexpected(l, (uint32_t)i->procedureCode, e2ap_TriggeringMessage_initiating_message, true);
    }
#undef CASE
}

static void handle_outcome(link_t *l, const e2ap_E2AP_PDU_t *pdu)
{
    e2term_t *t = l->term;
    node_t *n = l->node;
    if (!n || !n->connected) {
        unexpected(l, 0, e2ap_TriggeringMessage_successful_outcome, false);
        return;
    }
    if (pdu->choice == e2ap_E2AP_PDU_choice_successfulOutcome) {
        const e2ap_SuccessfulOutcome_t *o = pdu->u.successfulOutcome;
        switch (o->value.choice) {
        case e2ap_SuccessfulOutcome_value_choice_RICsubscriptionResponse:
            t->cbs.subscribed(t->ctx, n, o->value.u.RICsubscriptionResponse);
            return;
        case e2ap_SuccessfulOutcome_value_choice_RICsubscriptionDeleteResponse:
            t->cbs.deleted(t->ctx, n, &o->value.u.RICsubscriptionDeleteResponse->protocolIEs.RICrequestID);
            return;
        case e2ap_SuccessfulOutcome_value_choice_RICcontrolAcknowledge:
            t->cbs.controlled(t->ctx, n, o->value.u.RICcontrolAcknowledge);
            return;
        case e2ap_SuccessfulOutcome_value_choice_ResetResponse:
            if (l->reset_sent &&
                o->value.u.ResetResponse->protocolIEs.TransactionID == l->reset_transaction) {
                l->reset_sent = false;
                if (t->cbs.up)
                    t->cbs.up(t->ctx, n);
                return;
            }
            break;
        default:
            break;
        }
    } else {
        const e2ap_UnsuccessfulOutcome_t *o = pdu->u.unsuccessfulOutcome;
        switch (o->value.choice) {
        case e2ap_UnsuccessfulOutcome_value_choice_RICsubscriptionFailure:
            t->cbs.not_subscribed(t->ctx, n, o->value.u.RICsubscriptionFailure);
            return;
        case e2ap_UnsuccessfulOutcome_value_choice_RICsubscriptionDeleteFailure:
            t->cbs.deleted(t->ctx, n, &o->value.u.RICsubscriptionDeleteFailure->protocolIEs.RICrequestID);
            return;
        case e2ap_UnsuccessfulOutcome_value_choice_RICcontrolFailure:
            t->cbs.not_controlled(t->ctx, n, o->value.u.RICcontrolFailure);
            return;
        default:
            break;
        }
    }
    unexpected(l, 0, e2ap_TriggeringMessage_successful_outcome, false);
}

static void on_message(void *ctx, assoc_t *assoc, uint16_t stream, uint32_t ppid, const uint8_t *bytes,
                       size_t n)
{
    e2term_t *t = ctx;
    link_t *l = assoc_user(assoc);
    e2ap_E2AP_PDU_t pdu;
    e2ap_error_t error;
    (void)stream;
    (void)ppid;
    if (!l)
        return;
    t->counters.rx++;
    arena_reset(&t->rx);
    switch (e2ap_read(bytes, n, &t->rx, &pdu, &error)) {
    case E2AP_READ_OK:
        if (pdu.choice == e2ap_E2AP_PDU_choice_initiatingMessage)
            handle_initiating(l, pdu.u.initiatingMessage);
        else
            handle_outcome(l, &pdu);
        return;
    case E2AP_READ_IGNORE:
        t->counters.rx_unexpected++;
        return;
    case E2AP_READ_TRANSFER_SYNTAX:
        t->counters.rx_transfer_syntax++;
        break;
    case E2AP_READ_ABSTRACT_SYNTAX:
        t->counters.rx_abstract_syntax++;
        break;
    }
    log_warning(&t->log, "cannot read a message of %zu bytes from %s: %s: %s", n, assoc_remote_text(assoc),
                error.why.path, error.why.what ? error.why.what : "IE not understood");
    send_pdu(t, assoc, E2AP_INITIATING(ErrorIndication, &error.message));
}

static void on_up(void *ctx, assoc_t *assoc)
{
    link_t *l = calloc(1, sizeof *l);
    if (!l) {
        assoc_close(assoc, false);
        return;
    }
    l->term = ctx;
    l->assoc = assoc;
    l->next = l->term->links;
    if (l->next)
        l->next->prev = &l->next;
    l->prev = &l->term->links;
    l->term->links = l;
    assoc_set_user(assoc, l);
}

static void on_down(void *ctx, assoc_t *assoc, assoc_down_t why)
{
    link_t *l = assoc_user(assoc);
    (void)ctx;
    (void)why;
    if (!l)
        return;
    link_free(l);
}

static void on_event(void *ctx, assoc_t *assoc, const assoc_event_t *e)
{
    link_t *l = assoc_user(assoc);
    (void)ctx;
    if (l && e->type == ASSOC_EVENT_RESTART)
        unbind(l);
}

int e2term_create(loop_t *loop, const e2term_config_t *config, const e2term_cbs_t *cbs, void *ctx,
                  const log_t *log, e2term_t **ret)
{
    static const assoc_cbs_t assoc_cbs = {on_up, on_down, on_message, on_event};
    e2term_t *t = calloc(1, sizeof *t);
    if (!t)
        return -ENOMEM;
    t->loop = loop;
    t->config = *config;
    t->cbs = *cbs;
    t->ctx = ctx;
    t->log = log_sub(log, "e2term");
    t->out = malloc(E2AP_MAX_MESSAGE);
    void *rx = malloc(RX_ARENA_BYTES), *tx = malloc(RX_ARENA_BYTES);
    arena_init(&t->rx, rx, RX_ARENA_BYTES);
    arena_init(&t->tx, tx, RX_ARENA_BYTES);
    int r = t->out && rx && tx ? assoc_listen(loop, &t->config.sctp, &assoc_cbs, t, &t->listener) : -ENOMEM;
    if (r < 0) {
        e2term_destroy(t);
        return r;
    }
    *ret = t;
    return 0;
}

void e2term_destroy(e2term_t *t)
{
    if (!t)
        return;
    for (link_t *l; (l = t->links);) {
        t->links = l->next;
        free(l);
    }
    for (uint32_t i = 0; i < t->n_nodes; i++) {
        drop_functions(t->nodes[i]);
        free(t->nodes[i]);
    }
    assoc_listen_close(t->listener);
    free(t->out);
    free(t->rx.base);
    free(t->tx.base);
    free(t);
}

const e2term_counters_t *e2term_counters(const e2term_t *t)
{
    return &t->counters;
}

const assoc_counters_t *e2term_assoc_counters(const e2term_t *t)
{
    return assoc_listener_counters(t->listener);
}
