/* SPDX-License-Identifier: Apache-2.0 */
/* One request is with the provider at a time; the others wait in a queue. A lease remembers the value to
 * return to; when leases end, a request like any other returns all that are due at its start, so that
 * whatever was asked for before it has its say first. */
#include "lib/e2agent/tunables.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/clock.h"

COUNTERS_DEFINE(tunables, TUNABLES_COUNTERS)

#define ID_TEXT 128u
#define RETRY_MS 100

typedef enum { OP_SWAP, OP_SET, OP_RETURN } op_t;

typedef struct request {
    struct request *next;
    op_t op;
    tunables_cause_t cause;
    uint64_t token, at_slot;
    int64_t asked_ns;
    uint32_t n, lease_ms;
    tunables_done_t done;
    void *ctx;
    char from[ID_TEXT], to[ID_TEXT];
    vtn_value_t before[TUNABLES_MAX_ITEMS]; /* set: what was in force when it started */
    vtn_set_t sets[TUNABLES_MAX_ITEMS];
} request_t;

typedef struct {
    uint32_t param_id, key;
    uint32_t type, scope;
    char name[64];    /* what the value is across a swap: ids belong to one plugin */
    vtn_value_t base; /* returns when the lease ends */
    int64_t due_ns;
    bool ric_lost;
} lease_t;

struct tunables {
    loop_t *loop;
    const tunables_provider_t *provider;
    void *ctx;
    log_t log;
    const tunables_listener_t *listener;
    void *listener_ctx;
    request_t *head, **tail, *current;
    uint32_t n_waiting, n_leases;
    uint64_t last_token;
    bool pumping, return_queued, return_singly;
    loop_timer_t timeout, lease_timer;
    lease_t leases[TUNABLES_MAX_LEASES];
    tunables_counters_t counters;
};

static void pump(tunables_t *t);

uint32_t tunables_plugins(tunables_t *t, const tunables_plugin_t **ret)
{
    return t->provider->plugins(t->ctx, ret);
}

const tunables_plugin_t *tunables_running(tunables_t *t)
{
    const tunables_plugin_t *p;
    uint32_t n = tunables_plugins(t, &p);
    for (uint32_t i = 0; i < n; i++)
        if (p[i].state == TUNABLES_RUNNING)
            return &p[i];
    return NULL;
}

const vtn_param_t *tunables_param(tunables_t *t, uint32_t id)
{
    const tunables_plugin_t *p = tunables_running(t);
    for (uint32_t i = 0; p && i < p->n_params; i++)
        if (p->params[i]->id == id)
            return p->params[i];
    return NULL;
}

const vtn_param_t *tunables_param_by_name(tunables_t *t, const char *name)
{
    const tunables_plugin_t *p = tunables_running(t);
    for (uint32_t i = 0; p && i < p->n_params; i++)
        if (strcmp(p->params[i]->name, name) == 0)
            return p->params[i];
    return NULL;
}

uint64_t tunables_slot_now(tunables_t *t)
{
    return t->provider->slot_now(t->ctx);
}

int tunables_get(tunables_t *t, uint32_t param_id, uint32_t scope_key, vtn_value_t *ret)
{
    return t->provider->get(t->ctx, param_id, scope_key, ret);
}

/* ---- leases ---- */

static lease_t *find_lease(tunables_t *t, uint32_t param_id, uint32_t key)
{
    for (uint32_t i = 0; i < t->n_leases; i++)
        if (t->leases[i].param_id == param_id && t->leases[i].key == key)
            return &t->leases[i];
    return NULL;
}

static void end_lease(tunables_t *t, lease_t *l)
{
    *l = t->leases[--t->n_leases];
}

uint32_t tunables_lease_left_ms(tunables_t *t, uint32_t param_id, uint32_t scope_key)
{
    const lease_t *l = find_lease(t, param_id, scope_key);
    int64_t left = l ? l->due_ns - loop_now_ns(t->loop) : 0;
    return left <= 0 ? (l ? 1 : 0) : (uint32_t)(left / NS_PER_MS) + 1;
}

static void arm_lease_timer(tunables_t *t)
{
    loop_timer_stop(&t->lease_timer);
    if (!t->n_leases || t->return_queued)
        return;
    int64_t first = t->leases[0].due_ns;
    for (uint32_t i = 1; i < t->n_leases; i++)
        if (t->leases[i].due_ns < first)
            first = t->leases[i].due_ns;
    int64_t wait = first - loop_now_ns(t->loop);
    loop_timer_start(&t->lease_timer, wait > 0 ? wait : 0);
}

static request_t *enqueue(tunables_t *t, op_t op)
{
    request_t *q = calloc(1, sizeof *q);
    if (!q)
        return NULL;
    q->op = op;
    q->token = ++t->last_token;
    q->asked_ns = loop_now_ns(t->loop);
    q->at_slot = TUNABLES_NOW;
    *t->tail = q;
    t->tail = &q->next;
    t->n_waiting++;
    return q;
}

static void on_lease_timer(void *ctx)
{
    tunables_t *t = ctx;
    if (!enqueue(t, OP_RETURN)) {
        loop_timer_start(&t->lease_timer, RETRY_MS * NS_PER_MS);
        return;
    }
    t->return_queued = true;
    pump(t);
}

void tunables_ric_lost(tunables_t *t)
{
    for (uint32_t i = 0; i < t->n_leases; i++) {
        t->leases[i].due_ns = 0;
        t->leases[i].ric_lost = true;
    }
    arm_lease_timer(t);
}

void tunables_ue_removed(tunables_t *t, uint32_t ue_key)
{
    for (uint32_t i = t->n_leases; i-- > 0;) {
        const vtn_param_t *p = tunables_param(t, t->leases[i].param_id);
        if (p && p->scope == VTN_SCOPE_UE && t->leases[i].key == ue_key)
            end_lease(t, &t->leases[i]);
    }
    arm_lease_timer(t);
}

/* Another plugin may run now: a lease follows its parameter by name, as the values do; what that plugin does
 * not declare has nothing to return to. */
static void follow_plugin(tunables_t *t)
{
    for (uint32_t i = t->n_leases; i-- > 0;) {
        lease_t *l = &t->leases[i];
        const vtn_param_t *p = tunables_param_by_name(t, l->name);
        if (p && p->type == l->type && p->scope == l->scope)
            l->param_id = p->id;
        else
            end_lease(t, l);
    }
}

/* ---- checks ---- */

static int check_value(const vtn_param_t *p, vtn_value_t v)
{
    switch (p->type) {
    case VTN_I64:
        if (v.i < p->min.i || v.i > p->max.i)
            return -ERANGE;
        return p->step.i > 0 && ((uint64_t)v.i - (uint64_t)p->min.i) % (uint64_t)p->step.i ? -EDOM : 0;
    case VTN_F64:
        if (!isfinite(v.f))
            return -EDOM;
        if (v.f < p->min.f || v.f > p->max.f)
            return -ERANGE;
        if (p->step.f > 0) {
            double steps = (v.f - p->min.f) / p->step.f;
            if (fabs(steps - nearbyint(steps)) > 1e-6)
                return -EDOM;
        }
        return 0;
    case VTN_BOOL:
        return v.i == 0 || v.i == 1 ? 0 : -ERANGE;
    case VTN_ENUM:
        return v.i >= 0 && v.i < (int64_t)p->n_labels ? 0 : -ERANGE;
    default:
        return -ENOENT;
    }
}

/* 0, or what is wrong with item *ret_item. */
static int check_sets(tunables_t *t, const vtn_set_t *sets, uint32_t n, bool lease, uint32_t *ret_item)
{
    uint32_t new_leases = 0;
    for (uint32_t i = 0; i < n; i++) {
        vtn_value_t v;
        const vtn_param_t *p = tunables_param(t, sets[i].param_id);
        int r = p ? check_value(p, sets[i].v) : -ENOENT;
        if (r == 0 && p->scope == VTN_SCOPE_CELL && sets[i].scope_key)
            r = -ENXIO;
        if (r == 0)
            r = tunables_get(t, sets[i].param_id, sets[i].scope_key, &v);
        for (uint32_t j = 0; j < i && r == 0; j++)
            if (sets[j].param_id == sets[i].param_id && sets[j].scope_key == sets[i].scope_key)
                r = -EEXIST;
        if (r < 0) {
            *ret_item = i;
            return r;
        }
        new_leases += lease && !find_lease(t, sets[i].param_id, sets[i].scope_key);
    }
    *ret_item = TUNABLES_NO_ITEM;
    return t->n_leases + new_leases > TUNABLES_MAX_LEASES ? -ENOSPC : 0;
}

static int check_slot(tunables_t *t, uint64_t at_slot)
{
    if (at_slot == TUNABLES_NOW)
        return 0;
    uint64_t now = tunables_slot_now(t);
    return at_slot <= now ? -ESTALE : at_slot - now > TUNABLES_MAX_AHEAD_SLOTS ? -ERANGE : 0;
}

/* ---- requests ---- */

static bool same_value(const vtn_param_t *p, vtn_value_t a, vtn_value_t b)
{
    return p && p->type == VTN_F64 ? a.f == b.f : a.i == b.i;
}

static void tell_value(tunables_t *t, const vtn_set_t *s, tunables_cause_t cause, uint64_t slot)
{
    if (t->listener && t->listener->value)
        t->listener->value(t->listener_ctx, s, cause, slot);
}

/* The set is in force: what it was before becomes the value to return to, or a lease ends. */
static void keep_leases(tunables_t *t, const request_t *q)
{
    for (uint32_t i = 0; i < q->n; i++) {
        lease_t *l = find_lease(t, q->sets[i].param_id, q->sets[i].scope_key);
        if (!q->lease_ms) {
            if (l)
                end_lease(t, l);
            continue;
        }
        if (!l) {
            assert(t->n_leases < TUNABLES_MAX_LEASES); /* check_sets counted the room */
            l = &t->leases[t->n_leases++];
            *l =
                (lease_t){.param_id = q->sets[i].param_id, .key = q->sets[i].scope_key, .base = q->before[i]};
            t->counters.leases++;
        }
        l->due_ns = loop_now_ns(t->loop) + q->lease_ms * NS_PER_MS;
        l->ric_lost = false;
    }
}

/* A batch that a UE's going spoils (-ESTALE, -ENXIO) is tried again one by one, so that it costs that UE's
 * only. */
static void returned(tunables_t *t, const request_t *q, int status, uint64_t slot)
{
    bool gone = status == -ESTALE || status == -ENXIO;
    t->return_singly = gone ? true : status == 0 && q->n == 1 ? t->return_singly : false;
    for (uint32_t i = 0; i < q->n; i++) {
        lease_t *l = find_lease(t, q->sets[i].param_id, q->sets[i].scope_key);
        if (!l)
            continue;
        if (gone && q->n == 1) {
            end_lease(t, l);
            continue;
        }
        if (status < 0) {
            t->counters.restore_failed++;
            l->due_ns = loop_now_ns(t->loop) + RETRY_MS * NS_PER_MS;
            continue;
        }
        bool lost = l->ric_lost;
        end_lease(t, l);
        lost ? t->counters.leases_ric_lost++ : t->counters.leases_expired++;
        tell_value(t, &q->sets[i], lost ? TUNABLES_BY_RIC_LOST : TUNABLES_BY_LEASE_END, slot);
    }
}

static void finish(tunables_t *t, request_t *q, int status, uint32_t item, uint64_t slot, const char *text)
{
    loop_timer_stop(&t->timeout);
    if (t->current == q)
        t->current = NULL;
    if (q->op == OP_SET && status == 0)
        for (uint32_t i = 0; i < q->n; i++) { /* read back: what is reported is what is in force */
            vtn_value_t wanted = q->sets[i].v;
            int r = tunables_get(t, q->sets[i].param_id, q->sets[i].scope_key, &q->sets[i].v);
            if (r < 0 || !same_value(tunables_param(t, q->sets[i].param_id), wanted, q->sets[i].v)) {
                status = r < 0 ? r : -EIO;
                item = i;
                text = "another value was read back";
                break;
            }
        }
    if (status == -ETIMEDOUT)
        t->counters.timeouts++;
    else if (status < 0)
        t->counters.refused++;
    tunables_result_t result = {
        .status = status,
        .item = item,
        .text = text ? text : "",
        .slot = slot,
        .elapsed_us = (uint32_t)((loop_now_ns(t->loop) - q->asked_ns) / 1000),
        .from = q->from,
        .to = q->to,
        .readback = q->op == OP_SET ? q->sets : NULL,
        .n = q->op == OP_SET ? q->n : 0,
    };
    if (q->op == OP_RETURN) {
        returned(t, q, status, slot);
        t->return_queued = false;
    } else if (status == 0 && q->op == OP_SET) {
        t->counters.sets++;
        keep_leases(t, q);
    } else if (status == 0) {
        t->counters.swaps++;
        follow_plugin(t);
    }
    arm_lease_timer(t);
    if (q->done)
        q->done(q->ctx, &result);
    if (status == 0 && q->op == OP_SET)
        for (uint32_t i = 0; i < q->n; i++)
            tell_value(t, &q->sets[i], q->cause, slot);
    if (status == 0 && q->op == OP_SWAP)
        tunables_plugins_changed(t, "swapped");
    free(q);
}

/* What has no owner any more is forgotten here, so that it cannot keep the others from returning. */
static void collect_due(tunables_t *t, request_t *q)
{
    int64_t now = loop_now_ns(t->loop);
    vtn_value_t v;
    uint32_t cap = t->return_singly ? 1 : TUNABLES_MAX_ITEMS;
    for (uint32_t i = t->n_leases; i-- > 0 && q->n < cap;) {
        lease_t *l = &t->leases[i];
        if (l->due_ns > now)
            continue;
        if (tunables_get(t, l->param_id, l->key, &v) < 0)
            end_lease(t, l);
        else
            q->sets[q->n++] = (vtn_set_t){l->param_id, l->key, l->base};
    }
}

static void start(tunables_t *t, request_t *q)
{
    uint32_t item = TUNABLES_NO_ITEM;
    int64_t wait_ms = TUNABLES_TIMEOUT_MS;
    int r = check_slot(t, q->at_slot);
    if (q->op == OP_RETURN) {
        collect_due(t, q);
        if (!q->n) {
            t->return_singly = false;
            finish(t, q, 0, item, 0, NULL);
            return;
        }
    }
    if (q->op == OP_SET && r == 0)
        r = check_sets(t, q->sets, q->n, q->lease_ms, &item);
    for (uint32_t i = 0; q->op == OP_SET && r == 0 && i < q->n; i++)
        r = tunables_get(t, q->sets[i].param_id, q->sets[i].scope_key, &q->before[i]);
    if (q->op == OP_SWAP) {
        const tunables_plugin_t *p = tunables_running(t);
        snprintf(q->from, sizeof q->from, "%s", p ? p->id : "");
    }
    if (q->at_slot != TUNABLES_NOW && r == 0) /* a slot may take long where the clock is a test's */
        wait_ms += (int64_t)(q->at_slot - tunables_slot_now(t)) * 10;
    t->current = q;
    loop_timer_start(&t->timeout, wait_ms * NS_PER_MS);
    uint64_t token = q->token;
    if (r == 0)
        r = q->op == OP_SWAP ? t->provider->swap(t->ctx, token, q->to, q->at_slot)
                             : t->provider->set(t->ctx, token, q->sets, q->n, q->at_slot);
    /* It may have been answered, and so freed, already. */
    if (r < 0 && t->current && t->current->token == token)
        finish(t, q, r, item, 0, NULL);
}

static void pump(tunables_t *t)
{
    if (t->pumping)
        return;
    t->pumping = true;
    while (!t->current && t->head) {
        request_t *q = t->head;
        if (!(t->head = q->next))
            t->tail = &t->head;
        t->n_waiting--;
        start(t, q);
    }
    t->pumping = false;
}

static void on_timeout(void *ctx)
{
    tunables_t *t = ctx;
    log_warning(&t->log, "no answer from the slot thread: request given up");
    finish(t, t->current, -ETIMEDOUT, TUNABLES_NO_ITEM, 0,
           "the slot thread did not answer; it may still be applied");
    pump(t);
}

void tunables_applied(tunables_t *t, uint64_t token, int status, uint64_t slot, const char *text)
{
    if (!t->current || t->current->token != token)
        return; /* given up already */
    finish(t, t->current, status, TUNABLES_NO_ITEM, slot, text);
    pump(t);
}

void tunables_plugins_changed(tunables_t *t, const char *why)
{
    if (!t->current)
        follow_plugin(t);
    if (t->listener && t->listener->plugins)
        t->listener->plugins(t->listener_ctx, why);
}

int tunables_swap(tunables_t *t, const char *to_id, uint64_t at_slot, tunables_done_t done, void *ctx)
{
    const tunables_plugin_t *p;
    uint32_t n = tunables_plugins(t, &p), i = 0;
    while (i < n && strcmp(p[i].id, to_id) != 0)
        i++;
    int r = i == n ? -ENOENT : p[i].state == TUNABLES_RUNNING ? -EALREADY : check_slot(t, at_slot);
    if (r == 0 && t->n_waiting >= TUNABLES_MAX_QUEUE)
        r = -EAGAIN;
    request_t *q = r < 0 ? NULL : enqueue(t, OP_SWAP);
    if (!q)
        return r < 0 ? r : -ENOMEM;
    snprintf(q->to, sizeof q->to, "%s", to_id);
    q->at_slot = at_slot;
    q->done = done;
    q->ctx = ctx;
    pump(t);
    return 0;
}

int tunables_set(tunables_t *t, const vtn_set_t *sets, uint32_t n, uint32_t lease_ms, uint64_t at_slot,
                 tunables_cause_t cause, tunables_done_t done, void *ctx, uint32_t *ret_item)
{
    uint32_t item = TUNABLES_NO_ITEM;
    int r = n == 0                                                       ? -EINVAL
            : n > TUNABLES_MAX_ITEMS || lease_ms > TUNABLES_MAX_LEASE_MS ? -E2BIG
                                                                         : check_slot(t, at_slot);
    if (r == 0)
        r = check_sets(t, sets, n, lease_ms, &item);
    if (r == 0 && t->n_waiting >= TUNABLES_MAX_QUEUE)
        r = -EAGAIN;
    request_t *q = r < 0 ? NULL : enqueue(t, OP_SET);
    if (!q) {
        if (r < 0)
            t->counters.refused++;
        if (ret_item)
            *ret_item = item;
        return r < 0 ? r : -ENOMEM;
    }
    memcpy(q->sets, sets, n * sizeof *sets);
    q->n = n;
    q->lease_ms = lease_ms;
    q->at_slot = at_slot;
    q->cause = cause;
    q->done = done;
    q->ctx = ctx;
    pump(t);
    return 0;
}

int tunables_create(loop_t *loop, const tunables_provider_t *provider, void *ctx, const log_t *log,
                    tunables_t **ret)
{
    tunables_t *t = calloc(1, sizeof *t);
    if (!t)
        return -ENOMEM;
    t->loop = loop;
    t->provider = provider;
    t->ctx = ctx;
    t->log = log_sub(log, "tunables");
    t->tail = &t->head;
    loop_timer_init(loop, &t->timeout, on_timeout, t);
    loop_timer_init(loop, &t->lease_timer, on_lease_timer, t);
    *ret = t;
    return 0;
}

void tunables_destroy(tunables_t *t)
{
    if (!t)
        return;
    loop_timer_stop(&t->timeout);
    loop_timer_stop(&t->lease_timer);
    free(t->current);
    for (request_t *q; (q = t->head);) {
        t->head = q->next;
        free(q);
    }
    free(t);
}

void tunables_listen(tunables_t *t, const tunables_listener_t *l, void *ctx)
{
    t->listener = l;
    t->listener_ctx = ctx;
}

const tunables_counters_t *tunables_counters(const tunables_t *t)
{
    return &t->counters;
}
