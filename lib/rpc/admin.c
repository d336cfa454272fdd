/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rpc/admin.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "admin.pb-c.h"
#include "lib/core/arena.h"
#include "lib/core/clock.h"
#include "lib/rpc/message.h"

#define REPLY_BYTES (1u << 20)
#define MAX_CELLS 64u /* of a row */
#define MAX_ROWS 4096u

struct admin_row {
    arena_t *arena;
    Vitran__Admin__V1__Row *row;
};

struct admin_rows {
    arena_t *arena;
    size_t n;
    Vitran__Admin__V1__Row **p; /* [size: MAX_ROWS] */
    admin_row_t last;
};

struct admin {
    rpc_server_t *server;
    const char *process;
    admin_provider_t provider;
    void *ctx;
    int64_t started_ns;
    arena_t arena;
    rpc_method_t methods[3 + ADMIN_MAX_METHODS];
    uint32_t n_sets;
    struct {
        const char *instance;
        counter_set_t set;
    } sets[ADMIN_MAX_COUNTER_SETS];
};

static Vitran__Admin__V1__Cell *add_cell(admin_row_t *row, const char *name)
{
    if (!row || !row->row || row->row->n_cells >= MAX_CELLS)
        return NULL;
    Vitran__Admin__V1__Cell *c = MESSAGE_NEW(row->arena, vitran__admin__v1__cell);
    if (!c)
        return NULL;
    c->name = (char *)name;
    row->row->cells[row->row->n_cells++] = c;
    return c;
}

void admin_text(admin_row_t *row, const char *name, const char *format, ...)
{
    char text[512];
    Vitran__Admin__V1__Cell *c = add_cell(row, name);
    if (!c)
        return;
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    c->value_case = VITRAN__ADMIN__V1__CELL__VALUE_TEXT;
    c->text = message_text(row->arena, text);
}

void admin_integer(admin_row_t *row, const char *name, int64_t v)
{
    Vitran__Admin__V1__Cell *c = add_cell(row, name);
    if (!c)
        return;
    c->value_case = VITRAN__ADMIN__V1__CELL__VALUE_INTEGER;
    c->integer = v;
}

void admin_real(admin_row_t *row, const char *name, double v)
{
    Vitran__Admin__V1__Cell *c = add_cell(row, name);
    if (!c)
        return;
    c->value_case = VITRAN__ADMIN__V1__CELL__VALUE_REAL;
    c->real = v;
}

void admin_boolean(admin_row_t *row, const char *name, bool v)
{
    Vitran__Admin__V1__Cell *c = add_cell(row, name);
    if (!c)
        return;
    c->value_case = VITRAN__ADMIN__V1__CELL__VALUE_BOOLEAN;
    c->boolean = v;
}

static admin_row_t new_row(arena_t *a)
{
    admin_row_t r = {a, MESSAGE_NEW(a, vitran__admin__v1__row)};
    if (r.row && !(r.row->cells = message_list(a, MAX_CELLS)))
        r.row = NULL;
    return r;
}

admin_row_t *admin_row_add(admin_rows_t *rows)
{
    if (!rows->p || rows->n >= MAX_ROWS)
        return NULL;
    rows->last = new_row(rows->arena);
    if (!rows->last.row)
        return NULL;
    rows->p[rows->n++] = rows->last.row;
    return &rows->last;
}

static void handle_status(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n)
{
    admin_t *a = ctx;
    (void)bytes;
    (void)n;
    arena_reset(&a->arena);
    Vitran__Admin__V1__StatusReply reply = VITRAN__ADMIN__V1__STATUS_REPLY__INIT;
    admin_row_t row = new_row(&a->arena);
    if (a->provider.status)
        a->provider.status(a->ctx, &row);
    reply.process = (char *)a->process;
    reply.version = (char *)VITRAN_VERSION;
    reply.uptime_s = (double)(time_ns(CLOCK_MONOTONIC) - a->started_ns) / NS_PER_S;
    reply.state = row.row;
    rpc_call_reply(call, &reply.base);
}

static void handle_ues(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n)
{
    admin_t *a = ctx;
    (void)bytes;
    (void)n;
    if (!a->provider.ues) {
        rpc_call_fail(call, GRPC_STATUS_UNIMPLEMENTED, "%s has no UE table", a->process);
        return;
    }
    arena_reset(&a->arena);
    Vitran__Admin__V1__ListUesReply reply = VITRAN__ADMIN__V1__LIST_UES_REPLY__INIT;
    admin_rows_t rows = {&a->arena, 0, message_list(&a->arena, MAX_ROWS), {NULL, NULL}};
    a->provider.ues(a->ctx, &rows);
    reply.n_ues = rows.n;
    reply.ues = rows.p;
    rpc_call_reply(call, &reply.base);
}

static Vitran__Admin__V1__CounterSet *counter_set(arena_t *a, const char *instance, const counter_set_t *set,
                                                  bool all)
{
    static const char *const severities[] = {"info", "warning", "error"};
    Vitran__Admin__V1__CounterSet *m = MESSAGE_NEW(a, vitran__admin__v1__counter_set);
    if (!m || !(m->counters = message_list(a, set->n)))
        return NULL;
    m->layer = (char *)set->layer;
    m->instance = (char *)(instance ? instance : "");
    for (uint32_t i = 0; i < set->n; i++) {
        uint64_t v = counter_read(&set->values[i]);
        if (!v && !all)
            continue;
        Vitran__Admin__V1__Counter *c = MESSAGE_NEW(a, vitran__admin__v1__counter);
        if (!c)
            break;
        c->name = (char *)set->desc[i].name;
        c->value = v;
        c->severity = (char *)severities[set->desc[i].severity];
        c->unit = (char *)set->desc[i].unit;
        c->help = (char *)set->desc[i].help;
        m->counters[m->n_counters++] = c;
    }
    return m;
}

static void handle_counters(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n)
{
    admin_t *a = ctx;
    Vitran__Admin__V1__CountersRequest *q = vitran__admin__v1__counters_request__unpack(NULL, n, bytes);
    if (!q) {
        rpc_call_fail(call, GRPC_STATUS_INVALID_ARGUMENT, "not a CountersRequest");
        return;
    }
    arena_reset(&a->arena);
    Vitran__Admin__V1__CountersReply reply = VITRAN__ADMIN__V1__COUNTERS_REPLY__INIT;
    reply.sets = message_list(&a->arena, a->n_sets);
    for (uint32_t i = 0; i < a->n_sets && reply.sets; i++) {
        Vitran__Admin__V1__CounterSet *m =
            counter_set(&a->arena, a->sets[i].instance, &a->sets[i].set, q->all);
        if (m)
            reply.sets[reply.n_sets++] = m;
    }
    vitran__admin__v1__counters_request__free_unpacked(q, NULL);
    rpc_call_reply(call, &reply.base);
}

int admin_create(loop_t *loop, const char *listen, const char *process, const admin_provider_t *provider,
                 void *ctx, const rpc_method_t *more, uint32_t n_more, const log_t *log, admin_t **ret)
{
    if (n_more > ADMIN_MAX_METHODS)
        return -EINVAL;
    admin_t *a = calloc(1, sizeof *a);
    void *mem = malloc(REPLY_BYTES);
    if (!a || !mem) {
        free(a);
        free(mem);
        return -ENOMEM;
    }
    arena_init(&a->arena, mem, REPLY_BYTES);
    a->process = process;
    a->provider = *provider;
    a->ctx = ctx;
    a->started_ns = time_ns(CLOCK_MONOTONIC);
    a->methods[0] = (rpc_method_t){a, "/vitran.admin.v1.Admin/Status", handle_status};
    a->methods[1] = (rpc_method_t){a, "/vitran.admin.v1.Admin/ListUes", handle_ues};
    a->methods[2] = (rpc_method_t){a, "/vitran.admin.v1.Admin/Counters", handle_counters};
    for (uint32_t i = 0; i < n_more; i++)
        a->methods[3 + i] = more[i];
    int r = rpc_server_create(loop, listen, a->methods, 3 + n_more, log, &a->server);
    if (r < 0) {
        free(mem);
        free(a);
        return r;
    }
    admin_add_counters(a, "admin", rpc_counter_set(rpc_server_counters(a->server)));
    *ret = a;
    return 0;
}

void admin_destroy(admin_t *a)
{
    if (!a)
        return;
    rpc_server_destroy(a->server);
    free(a->arena.base);
    free(a);
}

int admin_add_counters(admin_t *a, const char *instance, counter_set_t set)
{
    if (a->n_sets >= ADMIN_MAX_COUNTER_SETS)
        return -ENOSPC;
    a->sets[a->n_sets].instance = instance;
    a->sets[a->n_sets++].set = set;
    return 0;
}
