/* SPDX-License-Identifier: Apache-2.0 */
#include "ric/submgr/submgr.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/clock.h"

COUNTERS_DEFINE(submgr, SUBMGR_COUNTERS)

typedef enum { PENDING, ACTIVE, DELETING } state_t;

typedef struct entry {
    submgr_t *mgr;
    node_t *node;
    int64_t function;
    int64_t instance; /* ricInstanceID */
    state_t state;
    uint8_t *trigger, *action;
    uint32_t trigger_n, action_n, n_subscribers;
    subscriber_t *subscribers;
    loop_timer_t timer;
    bool delivering, dead; /* dead: to be freed when the delivery in progress is over */
} entry_t;

struct subscriber {
    entry_t *entry;
    subscriber_t *next;
    const subscriber_cbs_t *cbs;
    void *ctx;
    bool left; /* while a delivery is in progress */
};

struct submgr {
    loop_t *loop;
    e2term_t *term;
    log_t log;
    entry_t *entries[SUBMGR_MAX];
    uint16_t next_instance;
    submgr_counters_t counters;
};

static void entry_free(entry_t *e)
{
    loop_timer_stop(&e->timer);
    for (uint32_t i = 0; i < SUBMGR_MAX; i++)
        if (e->mgr->entries[i] == e)
            e->mgr->entries[i] = NULL;
    if (e->delivering) {
        e->dead = true;
        return;
    }
    for (subscriber_t *x; (x = e->subscribers);) {
        e->subscribers = x->next;
        free(x);
    }
    free(e->trigger);
    free(e->action);
    free(e);
}

static entry_t *find(submgr_t *s, const node_t *n, const e2ap_RICrequestID_t *id)
{
    for (uint32_t i = 0; i < SUBMGR_MAX && id->ricRequestorID == SUBMGR_REQUESTOR; i++)
        if (s->entries[i] && s->entries[i]->node == n && s->entries[i]->instance == id->ricInstanceID)
            return s->entries[i];
    return NULL;
}

static entry_t *find_equal(submgr_t *s, const node_t *n, int64_t function, asn1_bytes_t trigger,
                           asn1_bytes_t action)
{
    for (uint32_t i = 0; i < SUBMGR_MAX; i++) {
        entry_t *e = s->entries[i];
        if (e && e->node == n && e->function == function && e->state != DELETING &&
            e->trigger_n == trigger.n && e->action_n == action.n &&
            memcmp(e->trigger, trigger.p, trigger.n) == 0 &&
            (!action.n || memcmp(e->action, action.p, action.n) == 0))
            return e;
    }
    return NULL;
}

/* Tells all subscribers that it is over, and forgets it. */
static void end(entry_t *e, bool lost, const char *why)
{
    loop_timer_stop(&e->timer);
    for (uint32_t i = 0; i < SUBMGR_MAX; i++)
        if (e->mgr->entries[i] == e)
            e->mgr->entries[i] = NULL;
    for (subscriber_t *x; (x = e->subscribers);) {
        e->subscribers = x->next;
        if (!x->left)
            x->cbs->ended(x->ctx, lost, why);
        free(x);
    }
    entry_free(e);
}

static void send_delete(entry_t *e)
{
    e2ap_RICsubscriptionDeleteRequest_t m = {
        .protocolIEs = {.RICrequestID = {SUBMGR_REQUESTOR, e->instance}, .RANfunctionID = e->function}};
    e->state = DELETING;
    if (e2term_send(e->mgr->term, e->node, E2AP_INITIATING(RICsubscriptionDeleteRequest, &m)) < 0) {
        entry_free(e);
        return;
    }
    loop_timer_start(&e->timer, SUBMGR_ANSWER_MS * NS_PER_MS);
}

static void on_timer(void *ctx)
{
    entry_t *e = ctx;
    e->mgr->counters.timeouts++;
    if (e->state == PENDING)
        end(e, false, "the node did not answer");
    else
        entry_free(e);
}

static int send_request(entry_t *e)
{
    e2ap_RICaction_ToBeSetup_Item_t action = {.has = {.ricActionDefinition = e->action_n > 0},
                                              .ricActionID = 1,
                                              .ricActionType = e2ap_RICactionType_report,
                                              .ricActionDefinition = {e->action, e->action_n}};
    e2ap_RICaction_ToBeSetup_ItemIEs_t ie = {
        .choice = e2ap_RICaction_ToBeSetup_ItemIEs_choice_RICaction_ToBeSetup_Item,
        .u = {.RICaction_ToBeSetup_Item = &action}};
    e2ap_RICsubscriptionRequest_t m = {
        .protocolIEs = {.RICrequestID = {SUBMGR_REQUESTOR, e->instance},
                        .RANfunctionID = e->function,
                        .RICsubscriptionDetails = {.ricEventTriggerDefinition = {e->trigger, e->trigger_n},
                                                   .ricAction_ToBeSetup_List = {1, &ie}}}};
    e->mgr->counters.requested++;
    return e2term_send(e->mgr->term, e->node, E2AP_INITIATING(RICsubscriptionRequest, &m));
}

/* One that no entry uses. */
static uint16_t new_instance(submgr_t *s)
{
    for (;;) {
        bool used = false;
        s->next_instance++;
        for (uint32_t i = 0; i < SUBMGR_MAX; i++)
            used |= s->entries[i] && s->entries[i]->instance == s->next_instance;
        if (!used)
            return s->next_instance;
    }
}

static entry_t *entry_new(submgr_t *s, node_t *n, int64_t function, asn1_bytes_t trigger, asn1_bytes_t action)
{
    uint32_t at = 0;
    while (at < SUBMGR_MAX && s->entries[at])
        at++;
    entry_t *e = at < SUBMGR_MAX ? calloc(1, sizeof *e) : NULL;
    if (!e)
        return NULL;
    e->mgr = s;
    e->node = n;
    e->function = function;
    e->instance = new_instance(s);
    e->trigger = malloc(trigger.n + 1);
    e->action = malloc(action.n + 1);
    if (!e->trigger || !e->action) {
        free(e->trigger);
        free(e->action);
        free(e);
        return NULL;
    }
    memcpy(e->trigger, trigger.p, trigger.n);
    if (action.n)
        memcpy(e->action, action.p, action.n);
    e->trigger_n = trigger.n;
    e->action_n = action.n;
    loop_timer_init(s->loop, &e->timer, on_timer, e);
    s->entries[at] = e;
    return e;
}

int submgr_join(submgr_t *s, node_t *n, int64_t function, asn1_bytes_t trigger, asn1_bytes_t action,
                const subscriber_cbs_t *cbs, void *ctx, subscriber_t **ret)
{
    if (!n->connected)
        return -ENOTCONN;
    if (trigger.n > SUBMGR_MAX_DEFINITION || action.n > SUBMGR_MAX_DEFINITION)
        return -EMSGSIZE;
    entry_t *e = find_equal(s, n, function, trigger, action);
    bool is_new = !e;
    if (e && e->n_subscribers >= SUBMGR_MAX_SUBSCRIBERS)
        return -ENOSPC;
    subscriber_t *x = calloc(1, sizeof *x);
    if (x && is_new)
        e = entry_new(s, n, function, trigger, action);
    if (!x || !e) {
        free(x);
        return -ENOSPC;
    }
    x->entry = e;
    x->cbs = cbs;
    x->ctx = ctx;
    x->next = e->subscribers;
    e->subscribers = x;
    e->n_subscribers++;
    if (!is_new) {
        s->counters.merged++;
        *ret = x;
        return 0;
    }
    int r = send_request(e);
    if (r < 0) {
        entry_free(e);
        return r;
    }
    loop_timer_start(&e->timer, SUBMGR_ANSWER_MS * NS_PER_MS);
    *ret = x;
    return 0;
}

static void remove_subscriber(subscriber_t *x)
{
    entry_t *e = x->entry;
    for (subscriber_t **at = &e->subscribers; *at; at = &(*at)->next)
        if (*at == x) {
            *at = x->next;
            break;
        }
    free(x);
}

void submgr_leave(subscriber_t *x)
{
    entry_t *e = x->entry;
    if (x->left)
        return;
    e->n_subscribers--;
    if (e->delivering) {
        x->left = true;
        return;
    }
    remove_subscriber(x);
    if (!e->n_subscribers && e->state == ACTIVE)
        send_delete(e); /* one that is not answered yet is deleted with the answer */
}

/* ---- from e2term ---- */

void submgr_indication(submgr_t *s, node_t *n, const e2ap_RICindication_t *m)
{
    entry_t *e = find(s, n, &m->protocolIEs.RICrequestID);
    if (!e || e->state == DELETING) {
        s->counters.strays += !e;
        return;
    }
    e->delivering = true;
    for (subscriber_t *x = e->subscribers; x; x = x->next)
        if (!x->left)
            x->cbs->indication(x->ctx, m);
    e->delivering = false;
    if (e->dead) {
        entry_free(e);
        return;
    }
    for (subscriber_t *x = e->subscribers, *next; x; x = next) {
        next = x->next;
        if (x->left)
            remove_subscriber(x);
    }
    if (!e->n_subscribers && e->state == ACTIVE)
        send_delete(e);
}

void submgr_subscribed(submgr_t *s, node_t *n, const e2ap_RICsubscriptionResponse_t *m)
{
    entry_t *e = find(s, n, &m->protocolIEs.RICrequestID);
    if (!e || e->state != PENDING)
        return;
    loop_timer_stop(&e->timer);
    e->state = ACTIVE;
    if (!e->n_subscribers)
        send_delete(e);
}

void submgr_not_subscribed(submgr_t *s, node_t *n, const e2ap_RICsubscriptionFailure_t *m)
{
    char text[96];
    entry_t *e = find(s, n, &m->protocolIEs.RICrequestID);
    if (!e || e->state != PENDING)
        return;
    s->counters.refused++;
    end(e, false, e2ap_cause_text(&m->protocolIEs.Cause, text, sizeof text));
}

void submgr_deleted(submgr_t *s, node_t *n, const e2ap_RICrequestID_t *id)
{
    entry_t *e = find(s, n, id);
    if (!e || e->state != DELETING)
        return;
    s->counters.deleted++;
    entry_free(e);
}

/* The node asks us to delete; its subscription stays until we do. */
void submgr_delete_required(submgr_t *s, node_t *n, const e2ap_RICrequestID_t *id, const e2ap_Cause_t *cause)
{
    char text[96];
    entry_t *e = find(s, n, id);
    if (!e || e->state == DELETING)
        return;
    e2ap_cause_text(cause, text, sizeof text);
    for (subscriber_t *x; (x = e->subscribers);) {
        e->subscribers = x->next;
        if (!x->left)
            x->cbs->ended(x->ctx, false, text);
        free(x);
    }
    e->n_subscribers = 0;
    loop_timer_stop(&e->timer);
    send_delete(e);
}

void submgr_node_down(submgr_t *s, node_t *n)
{
    for (uint32_t i = 0; i < SUBMGR_MAX; i++)
        if (s->entries[i] && s->entries[i]->node == n)
            end(s->entries[i], true, "the E2 node is gone");
}

int submgr_create(loop_t *loop, e2term_t *term, const log_t *log, submgr_t **ret)
{
    submgr_t *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->loop = loop;
    s->term = term;
    s->log = log_sub(log, "submgr");
    *ret = s;
    return 0;
}

void submgr_set_term(submgr_t *s, e2term_t *term)
{
    s->term = term;
}

void submgr_destroy(submgr_t *s)
{
    if (!s)
        return;
    for (uint32_t i = 0; i < SUBMGR_MAX; i++)
        if (s->entries[i])
            entry_free(s->entries[i]);
    free(s);
}

uint32_t submgr_count(const submgr_t *s)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < SUBMGR_MAX; i++)
        n += s->entries[i] != NULL;
    return n;
}

const submgr_counters_t *submgr_counters(const submgr_t *s)
{
    return &s->counters;
}
