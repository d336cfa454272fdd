/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/e2agent/tunables_admin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "admin.pb-c.h"
#include "lib/rpc/message.h"

#define ARENA_BYTES (4u << 20)
#define MAX_KEYS 1024u

struct tunables_admin {
    tunables_t *tunables;
    tunables_keys_t keys;
    void *ctx;
    arena_t arena;
    uint32_t key[MAX_KEYS];
};

/* A call that waits for the slot thread; the client may go while it does. */
typedef struct {
    tunables_admin_t *admin;
    rpc_call_t *call;
    uint32_t param_id;
} pending_t;

static void on_gone(void *ctx, rpc_call_t *call)
{
    (void)call;
    ((pending_t *)ctx)->call = NULL;
}

static Vitran__Admin__V1__Value *value_message(arena_t *a, const vtn_param_t *p, vtn_value_t v)
{
    Vitran__Admin__V1__Value *m = MESSAGE_NEW(a, vitran__admin__v1__value);
    if (!m)
        return NULL;
    if (p->type == VTN_F64) {
        m->value_case = VITRAN__ADMIN__V1__VALUE__VALUE_REAL;
        m->real = v.f;
    } else if (p->type == VTN_BOOL) {
        m->value_case = VITRAN__ADMIN__V1__VALUE__VALUE_BOOLEAN;
        m->boolean = v.i != 0;
    } else if (p->type == VTN_ENUM && v.i >= 0 && v.i < (int64_t)p->n_labels) {
        m->value_case = VITRAN__ADMIN__V1__VALUE__VALUE_LABEL;
        m->label = (char *)p->labels[v.i];
    } else {
        m->value_case = VITRAN__ADMIN__V1__VALUE__VALUE_INTEGER;
        m->integer = v.i;
    }
    return m;
}

static bool value_from(const vtn_param_t *p, const Vitran__Admin__V1__Value *m, vtn_value_t *ret)
{
    bool is_integer = m && m->value_case == VITRAN__ADMIN__V1__VALUE__VALUE_INTEGER;
    if (!m)
        return false;
    if (p->type == VTN_F64) {
        ret->f = is_integer ? (double)m->integer : m->real;
        return is_integer || m->value_case == VITRAN__ADMIN__V1__VALUE__VALUE_REAL;
    }
    if (p->type == VTN_BOOL) {
        ret->i = m->boolean;
        return m->value_case == VITRAN__ADMIN__V1__VALUE__VALUE_BOOLEAN;
    }
    if (p->type == VTN_ENUM && m->value_case == VITRAN__ADMIN__V1__VALUE__VALUE_LABEL) {
        for (uint32_t i = 0; i < p->n_labels; i++)
            if (strcmp(p->labels[i], m->label) == 0) {
                ret->i = i;
                return true;
            }
        return false;
    }
    ret->i = m->integer;
    return is_integer;
}

/* ---- list ---- */

static void add_value(tunables_admin_t *x, const vtn_param_t *p, uint32_t key,
                      Vitran__Admin__V1__Parameter *m)
{
    vtn_value_t v;
    if (tunables_get(x->tunables, p->id, key, &v) < 0)
        return;
    Vitran__Admin__V1__ParameterValue *e = MESSAGE_NEW(&x->arena, vitran__admin__v1__parameter_value);
    if (!e)
        return;
    e->key = key;
    e->value = value_message(&x->arena, p, v);
    e->lease_left_ms = tunables_lease_left_ms(x->tunables, p->id, key);
    m->values[m->n_values++] = e;
}

static Vitran__Admin__V1__Parameter *parameter_message(tunables_admin_t *x, const vtn_param_t *p,
                                                       bool running)
{
    static const char *const types[] = {"i64", "f64", "bool", "enum"};
    arena_t *a = &x->arena;
    Vitran__Admin__V1__Parameter *m = MESSAGE_NEW(a, vitran__admin__v1__parameter);
    if (!m)
        return NULL;
    m->id = p->id;
    m->name = (char *)p->name;
    m->scope = (Vitran__Admin__V1__Scope)p->scope;
    m->type = (char *)(p->type < 4 ? types[p->type] : "?");
    m->unit = (char *)(p->unit ? p->unit : "");
    m->help = (char *)(p->help ? p->help : "");
    if (p->type == VTN_I64 || p->type == VTN_F64) {
        m->min = value_message(a, p, p->min);
        m->max = value_message(a, p, p->max);
        m->step = value_message(a, p, p->step);
    }
    m->initial = value_message(a, p, p->def);
    m->n_labels = p->type == VTN_ENUM ? p->n_labels : 0;
    m->labels = (char **)p->labels;
    if (!running)
        return m;
    uint32_t n = p->scope == VTN_SCOPE_CELL ? 1 : x->keys(x->ctx, p->scope, x->key, MAX_KEYS);
    if (n > MAX_KEYS)
        n = MAX_KEYS;
    m->values = message_list(a, n);
    for (uint32_t i = 0; m->values && i < n; i++)
        add_value(x, p, p->scope == VTN_SCOPE_CELL ? 0 : x->key[i], m);
    return m;
}

static void handle_list(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n)
{
    static const char *const states[] = {"available", "running", "quarantined"};
    tunables_admin_t *x = ctx;
    arena_t *a = &x->arena;
    const tunables_plugin_t *list;
    uint32_t n_plugins = tunables_plugins(x->tunables, &list);
    Vitran__Admin__V1__ListPluginsReply reply = VITRAN__ADMIN__V1__LIST_PLUGINS_REPLY__INIT;
    (void)bytes;
    (void)n;
    arena_reset(a);
    reply.plugins = message_list(a, n_plugins);
    for (uint32_t i = 0; reply.plugins && i < n_plugins; i++) {
        const tunables_plugin_t *p = &list[i];
        Vitran__Admin__V1__Plugin *m = MESSAGE_NEW(a, vitran__admin__v1__plugin);
        if (!m)
            break;
        m->id = (char *)p->id;
        m->version = (char *)(p->version ? p->version : "");
        m->vendor = (char *)(p->vendor ? p->vendor : "");
        m->licence = (char *)(p->licence ? p->licence : "");
        m->factory = (char *)(p->factory ? p->factory : "");
        m->state = (char *)states[p->state];
        m->parameters = message_list(a, p->n_params);
        for (uint32_t j = 0; m->parameters && j < p->n_params; j++)
            if ((m->parameters[m->n_parameters] =
                     parameter_message(x, p->params[j], p->state == TUNABLES_RUNNING)))
                m->n_parameters++;
        reply.plugins[reply.n_plugins++] = m;
    }
    rpc_call_reply(call, &reply.base);
}

/* ---- changes ---- */

static grpc_status_code status_of(int status)
{
    switch (status) {
    case -ENOENT:
    case -ENXIO:
    case -ESTALE:
        return GRPC_STATUS_NOT_FOUND;
    case -ERANGE:
    case -EDOM:
        return GRPC_STATUS_OUT_OF_RANGE;
    case -ETIMEDOUT:
        return GRPC_STATUS_DEADLINE_EXCEEDED;
    case -EAGAIN:
    case -EBUSY:
        return GRPC_STATUS_RESOURCE_EXHAUSTED;
    default:
        return GRPC_STATUS_FAILED_PRECONDITION;
    }
}

static pending_t *pending_new(tunables_admin_t *x, rpc_call_t *call)
{
    pending_t *p = calloc(1, sizeof *p);
    if (!p) {
        rpc_call_fail(call, GRPC_STATUS_RESOURCE_EXHAUSTED, "out of memory");
        return NULL;
    }
    p->admin = x;
    p->call = call;
    return p;
}

/* The call was refused at once. */
static void refuse(pending_t *p, int status, const char *what)
{
    if (p->call)
        rpc_call_fail(p->call, status_of(status), "%s: %s", what,
                      status == -EALREADY ? "it runs already"
                      : status == -ENXIO  ? "no such slice or UE"
                      : status == -ERANGE ? "outside its bounds"
                      : status == -EDOM   ? "not on a step"
                      : status == -ENOENT ? "not known here"
                                          : strerror(-status));
    free(p);
}

static void on_swapped(void *ctx, const tunables_result_t *r)
{
    pending_t *p = ctx;
    if (p->call && r->status == 0) {
        Vitran__Admin__V1__SwapPluginReply reply = VITRAN__ADMIN__V1__SWAP_PLUGIN_REPLY__INIT;
        reply.from = (char *)r->from;
        reply.to = (char *)r->to;
        reply.slot = r->slot;
        reply.elapsed_us = r->elapsed_us;
        rpc_call_reply(p->call, &reply.base);
    } else if (p->call) {
        rpc_call_fail(p->call, status_of(r->status), "%s", *r->text ? r->text : strerror(-r->status));
    }
    free(p);
}

static void handle_swap(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n)
{
    tunables_admin_t *x = ctx;
    Vitran__Admin__V1__SwapPluginRequest *q = vitran__admin__v1__swap_plugin_request__unpack(NULL, n, bytes);
    pending_t *p = q ? pending_new(x, call) : NULL;
    if (!q)
        rpc_call_fail(call, GRPC_STATUS_INVALID_ARGUMENT, "not a SwapPluginRequest");
    if (p) {
        rpc_call_set_gone(call, on_gone, p);
        int r = tunables_swap(x->tunables, q->to, TUNABLES_NOW, on_swapped, p);
        if (r < 0)
            refuse(p, r, q->to);
    }
    if (q)
        vitran__admin__v1__swap_plugin_request__free_unpacked(q, NULL);
}

static void on_set(void *ctx, const tunables_result_t *r)
{
    pending_t *p = ctx;
    const vtn_param_t *param = tunables_param(p->admin->tunables, p->param_id);
    if (p->call && r->status == 0 && param) {
        Vitran__Admin__V1__SetParameterReply reply = VITRAN__ADMIN__V1__SET_PARAMETER_REPLY__INIT;
        arena_reset(&p->admin->arena);
        reply.readback = value_message(&p->admin->arena, param, r->readback[0].v);
        reply.slot = r->slot;
        reply.elapsed_us = r->elapsed_us;
        rpc_call_reply(p->call, &reply.base);
    } else if (p->call) {
        rpc_call_fail(p->call, status_of(r->status), "%s", *r->text ? r->text : strerror(-r->status));
    }
    free(p);
}

static void handle_set(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n)
{
    tunables_admin_t *x = ctx;
    Vitran__Admin__V1__SetParameterRequest *q =
        vitran__admin__v1__set_parameter_request__unpack(NULL, n, bytes);
    if (!q) {
        rpc_call_fail(call, GRPC_STATUS_INVALID_ARGUMENT, "not a SetParameterRequest");
        return;
    }
    const vtn_param_t *param = tunables_param_by_name(x->tunables, q->name);
    vtn_set_t set = {.scope_key = q->key};
    pending_t *p = NULL;
    if (!param)
        rpc_call_fail(call, GRPC_STATUS_NOT_FOUND, "the running plugin has no parameter '%s'", q->name);
    else if (!value_from(param, q->value, &set.v))
        rpc_call_fail(call, GRPC_STATUS_INVALID_ARGUMENT, "%s is of another type", q->name);
    else
        p = pending_new(x, call);
    if (p) {
        rpc_call_set_gone(call, on_gone, p);
        set.param_id = p->param_id = param->id;
        int r =
            tunables_set(x->tunables, &set, 1, q->lease_ms, TUNABLES_NOW, TUNABLES_BY_LOCAL, on_set, p, NULL);
        if (r < 0)
            refuse(p, r, q->name);
    }
    vitran__admin__v1__set_parameter_request__free_unpacked(q, NULL);
}

int tunables_admin_create(tunables_t *t, tunables_keys_t keys, void *ctx, rpc_method_t *methods,
                          tunables_admin_t **ret)
{
    tunables_admin_t *x = calloc(1, sizeof *x);
    void *mem = malloc(ARENA_BYTES);
    if (!x || !mem) {
        free(x);
        free(mem);
        return -ENOMEM;
    }
    x->tunables = t;
    x->keys = keys;
    x->ctx = ctx;
    arena_init(&x->arena, mem, ARENA_BYTES);
    methods[0] = (rpc_method_t){x, "/vitran.admin.v1.Admin/ListPlugins", handle_list};
    methods[1] = (rpc_method_t){x, "/vitran.admin.v1.Admin/SwapPlugin", handle_swap};
    methods[2] = (rpc_method_t){x, "/vitran.admin.v1.Admin/SetParameter", handle_set};
    *ret = x;
    return 0;
}

void tunables_admin_destroy(tunables_admin_t *a)
{
    if (!a)
        return;
    free(a->arena.base);
    free(a);
}
