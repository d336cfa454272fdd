/* SPDX-License-Identifier: Apache-2.0 */
/* A call's life: `slot` waits for it (request_call), its message is read, the handler runs, answers go out
 * one batch at a time, the status ends it. It is freed when nothing of it is pending in the C core any more
 * and both ends are done with it. All on the loop's thread. */
#include <errno.h>
#include <grpc/byte_buffer.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/alloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/rpc/engine.h"
#include "lib/rpc/rpc.h"

COUNTERS_DEFINE(rpc, RPC_COUNTERS)

typedef struct queued {
    struct queued *next;
    grpc_byte_buffer *bytes;
} queued_t;

struct rpc_call {
    rpc_server_t *server;
    rpc_call_t *next, **prev; /* the server's list */
    grpc_call *call;
    grpc_call_details details;
    grpc_metadata_array metadata;
    grpc_byte_buffer *request;
    char *peer;
    rpc_op_t requested, received, closed, sent;
    int cancelled;    /* written by the C core with `closed` */
    uint32_t pending; /* of the four operations above */
    queued_t *head, **tail;
    uint32_t n_queued, max_queued;
    uint64_t dropped;
    void (*gone)(void *ctx, rpc_call_t *call);
    void *gone_ctx;
    bool initial_sent, sending, finishing, status_given, dispatched, over;
    grpc_status_code status;
    char status_text[160];
};

struct rpc_server {
    rpc_engine_t engine;
    grpc_server *server;
    const rpc_method_t *methods;
    const log_t *log;
    rpc_call_t *calls;
    uint32_t n_methods, n_calls;
    rpc_op_t shut_down;
    uint16_t port;
    bool stopping;
    rpc_counters_t counters;
};

static void await_call(rpc_server_t *s);

static void call_free(rpc_call_t *c)
{
    *c->prev = c->next;
    if (c->next)
        c->next->prev = c->prev;
    for (queued_t *q; (q = c->head);) {
        c->head = q->next;
        grpc_byte_buffer_destroy(q->bytes);
        free(q);
    }
    if (c->request)
        grpc_byte_buffer_destroy(c->request);
    if (c->call) {
        c->server->n_calls--;
        grpc_call_unref(c->call);
    }
    gpr_free(c->peer);
    grpc_call_details_destroy(&c->details);
    grpc_metadata_array_destroy(&c->metadata);
    free(c);
}

/* A handler that never asked to hear of a gone client still has its pointer: the call stays until it is
 * answered. */
static void call_free_if_done(rpc_call_t *c)
{
    if (!c->pending && c->over && (!c->dispatched || c->finishing || c->gone))
        call_free(c);
}

static int start(rpc_call_t *c, const grpc_op *ops, size_t n, rpc_op_t *op)
{
    c->pending++;
    if (grpc_call_start_batch(c->call, ops, n, rpc_engine_begin(&c->server->engine, op), NULL) ==
        GRPC_CALL_OK)
        return 0;
    rpc_engine_abandon(&c->server->engine);
    c->pending--;
    return -EIO;
}

/* Sends what is next: the head of the queue, or the status when the queue is empty and the call is to end. */
static void send_next(rpc_call_t *c)
{
    grpc_op ops[3];
    size_t n = 0;
    grpc_slice text = grpc_empty_slice();
    if (c->sending || c->status_given || c->over)
        return;
    memset(ops, 0, sizeof ops);
    queued_t *q = c->head;
    bool last = c->finishing && c->n_queued <= 1;
    if (!q && !last)
        return;
    if (!c->initial_sent)
        ops[n++].op = GRPC_OP_SEND_INITIAL_METADATA;
    if (q) {
        ops[n].op = GRPC_OP_SEND_MESSAGE;
        ops[n++].data.send_message.send_message = q->bytes;
    }
    if (last) {
        text = grpc_slice_from_copied_string(c->status_text);
        ops[n].op = GRPC_OP_SEND_STATUS_FROM_SERVER;
        ops[n].data.send_status_from_server.status = c->status;
        ops[n++].data.send_status_from_server.status_details = &text;
    }
    c->initial_sent = c->sending = true;
    c->status_given = last;
    if (start(c, ops, n, &c->sent) < 0)
        c->sending = false; /* the call is dead: `closed` ends it */
    else if (q)
        c->server->counters.sent++;
    if (q) {
        if (!(c->head = q->next))
            c->tail = &c->head;
        c->n_queued--;
        grpc_byte_buffer_destroy(q->bytes);
        free(q);
    }
    grpc_slice_unref(text);
}

static void on_sent(void *ctx, bool ok)
{
    rpc_call_t *c = ctx;
    (void)ok;
    c->pending--;
    c->sending = false;
    if (!c->over)
        send_next(c);
    call_free_if_done(c);
}

/* The C core says that the call is over: the status went out, or the client is gone. */
static void on_closed(void *ctx, bool ok)
{
    rpc_call_t *c = ctx;
    (void)ok;
    c->pending--;
    c->over = true;
    if (c->cancelled)
        c->server->counters.cancelled++;
    if (c->dispatched && !c->finishing && c->gone)
        c->gone(c->gone_ctx, c);
    call_free_if_done(c);
}

static void finish(rpc_call_t *c, grpc_status_code code, const char *text)
{
    if (c->finishing)
        return;
    c->finishing = true;
    c->status = code;
    snprintf(c->status_text, sizeof c->status_text, "%s", text ? text : "");
    if (c->over)
        call_free_if_done(c);
    else
        send_next(c);
}

static void on_received(void *ctx, bool ok)
{
    rpc_call_t *c = ctx;
    rpc_server_t *s = c->server;
    size_t n = 0;
    c->pending--;
    if (c->over) {
        call_free_if_done(c);
        return;
    }
    uint8_t *bytes = ok && c->request ? rpc_flatten(c->request, &n) : NULL;
    if (!bytes) {
        s->counters.bad_request++;
        finish(c, GRPC_STATUS_INVALID_ARGUMENT, "the call carries no message");
        return;
    }
    for (uint32_t i = 0; i < s->n_methods; i++)
        if (grpc_slice_str_cmp(c->details.method, s->methods[i].path) == 0) {
            c->dispatched = true;
            s->counters.calls++;
            s->methods[i].handle(s->methods[i].ctx, c, bytes, n);
            break;
        }
    free(bytes);
}

static void on_requested(void *ctx, bool ok)
{
    rpc_call_t *c = ctx;
    rpc_server_t *s = c->server;
    c->pending--;
    if (!ok || s->stopping) {
        c->over = true;
        call_free_if_done(c);
        return;
    }
    await_call(s);
    s->n_calls++;
    c->peer = grpc_call_get_peer(c->call);
    grpc_op op = {.op = GRPC_OP_RECV_CLOSE_ON_SERVER};
    op.data.recv_close_on_server.cancelled = &c->cancelled;
    if (start(c, &op, 1, &c->closed) < 0) {
        c->over = true;
        call_free_if_done(c);
        return;
    }
    bool known = false;
    for (uint32_t i = 0; i < s->n_methods && !known; i++)
        known = grpc_slice_str_cmp(c->details.method, s->methods[i].path) == 0;
    if (!known) {
        s->counters.unimplemented++;
        finish(c, GRPC_STATUS_UNIMPLEMENTED, "no such method");
        return;
    }
    if (s->n_calls > RPC_MAX_CALLS) {
        s->counters.refused++;
        finish(c, GRPC_STATUS_RESOURCE_EXHAUSTED, "too many calls at a time");
        return;
    }
    grpc_op receive = {.op = GRPC_OP_RECV_MESSAGE};
    receive.data.recv_message.recv_message = &c->request;
    if (start(c, &receive, 1, &c->received) < 0)
        finish(c, GRPC_STATUS_INTERNAL, "cannot read the message");
}

static void await_call(rpc_server_t *s)
{
    rpc_call_t *c = calloc(1, sizeof *c);
    if (!c) {
        log_error(s->log, "out of memory: no more calls are taken");
        return;
    }
    c->server = s;
    c->tail = &c->head;
    c->max_queued = RPC_DEFAULT_QUEUE;
    c->requested = (rpc_op_t){.done = on_requested, .ctx = c};
    c->received = (rpc_op_t){.done = on_received, .ctx = c};
    c->closed = (rpc_op_t){.done = on_closed, .ctx = c};
    c->sent = (rpc_op_t){.done = on_sent, .ctx = c};
    grpc_call_details_init(&c->details);
    grpc_metadata_array_init(&c->metadata);
    c->next = s->calls;
    if (c->next)
        c->next->prev = &c->next;
    c->prev = &s->calls;
    s->calls = c;
    c->pending++;
    if (grpc_server_request_call(s->server, &c->call, &c->details, &c->metadata, s->engine.cq, s->engine.cq,
                                 rpc_engine_begin(&s->engine, &c->requested)) != GRPC_CALL_OK) {
        rpc_engine_abandon(&s->engine);
        c->pending--;
        c->over = true;
        call_free_if_done(c);
    }
}

static void on_shut_down(void *ctx, bool ok)
{
    (void)ctx;
    (void)ok;
}

int rpc_server_create(loop_t *loop, const char *listen, const rpc_method_t *methods, uint32_t n,
                      const log_t *log, rpc_server_t **ret)
{
    rpc_server_t *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    int r = rpc_engine_init(&s->engine, loop);
    if (r < 0) {
        free(s);
        return r;
    }
    s->methods = methods;
    s->n_methods = n;
    s->log = log;
    grpc_arg args[] = {
        {.type = GRPC_ARG_INTEGER,
         .key = (char *)GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH,
         .value.integer = RPC_MAX_MESSAGE},
        {.type = GRPC_ARG_INTEGER, .key = (char *)GRPC_ARG_ALLOW_REUSEPORT, .value.integer = 0},
    };
    grpc_channel_args all = {sizeof args / sizeof *args, args};
    s->server = grpc_server_create(&all, NULL);
    grpc_server_register_completion_queue(s->server, s->engine.cq, NULL);
    grpc_server_credentials *plain = grpc_insecure_server_credentials_create();
    int port = grpc_server_add_http2_port(s->server, listen, plain);
    grpc_server_credentials_release(plain);
    if (!port) {
        rpc_server_destroy(s);
        return -EADDRINUSE;
    }
    s->port = strncmp(listen, "unix", 4) == 0 ? 0 : (uint16_t)port;
    grpc_server_start(s->server);
    await_call(s);
    *ret = s;
    return 0;
}

void rpc_server_destroy(rpc_server_t *s)
{
    if (!s)
        return;
    s->stopping = true;
    s->shut_down = (rpc_op_t){.done = on_shut_down, .ctx = s};
    grpc_server_shutdown_and_notify(s->server, s->engine.cq, rpc_engine_begin(&s->engine, &s->shut_down));
    grpc_server_cancel_all_calls(s->server);
    rpc_engine_finish(&s->engine);
    while (s->calls)
        call_free(s->calls);
    grpc_server_destroy(s->server);
    free(s);
}

uint16_t rpc_server_port(const rpc_server_t *s)
{
    return s->port;
}

const rpc_counters_t *rpc_server_counters(const rpc_server_t *s)
{
    return &s->counters;
}

void rpc_call_set_gone(rpc_call_t *c, void (*gone)(void *ctx, rpc_call_t *call), void *ctx)
{
    c->gone = gone;
    c->gone_ctx = ctx;
}

static int enqueue(rpc_call_t *c, const ProtobufCMessage *m)
{
    queued_t *q = malloc(sizeof *q);
    if (!q)
        return -ENOMEM;
    q->next = NULL;
    q->bytes = rpc_pack(m);
    if (c->n_queued >= c->max_queued) {
        queued_t *oldest = c->head;
        if (!(c->head = oldest->next))
            c->tail = &c->head;
        grpc_byte_buffer_destroy(oldest->bytes);
        free(oldest);
        c->n_queued--;
        c->dropped++;
        c->server->counters.dropped++;
    }
    *c->tail = q;
    c->tail = &q->next;
    c->n_queued++;
    return 0;
}

void rpc_call_reply(rpc_call_t *c, const ProtobufCMessage *m)
{
    if (enqueue(c, m) < 0)
        finish(c, GRPC_STATUS_RESOURCE_EXHAUSTED, "out of memory");
    else
        finish(c, GRPC_STATUS_OK, "");
}

void rpc_call_fail(rpc_call_t *c, grpc_status_code code, const char *format, ...)
{
    char text[sizeof c->status_text];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    finish(c, code, text);
}

int rpc_call_send(rpc_call_t *c, const ProtobufCMessage *m)
{
    if (c->over || c->finishing)
        return 0;
    int r = enqueue(c, m);
    if (r == 0)
        send_next(c);
    return r;
}

void rpc_call_set_queue(rpc_call_t *c, uint32_t n_messages)
{
    c->max_queued = n_messages ? n_messages : 1;
}

uint64_t rpc_call_dropped(const rpc_call_t *c)
{
    return c->dropped;
}

void rpc_call_end(rpc_call_t *c, grpc_status_code code, const char *text)
{
    finish(c, code, text);
}

const char *rpc_call_peer(const rpc_call_t *c)
{
    return c->peer ? c->peer : "";
}
