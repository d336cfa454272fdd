/* SPDX-License-Identifier: Apache-2.0 */
/* A call of the client: one batch sends the request, a second waits for the status, and messages are read one
 * after the other, so that a slow reader holds the sender back by HTTP/2's flow control. All on the loop's
 * thread. */
#include <errno.h>
#include <grpc/byte_buffer.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/alloc.h>
#include <stdlib.h>
#include <string.h>

#include "lib/rpc/engine.h"
#include "lib/rpc/rpc.h"

struct rpc_request {
    rpc_client_t *client;
    rpc_request_t *next, **prev;
    grpc_call *call;
    rpc_op_t sent, received, ended;
    uint32_t pending;
    grpc_metadata_array initial, trailing;
    grpc_byte_buffer *answer;
    grpc_status_code status;
    grpc_slice status_text;
    rpc_message_t message;
    rpc_done_t done;
    void *ctx;
};

struct rpc_client {
    rpc_engine_t engine;
    grpc_channel *channel;
    rpc_request_t *requests;
    bool stopping;
};

static int start(rpc_request_t *r, const grpc_op *ops, size_t n, rpc_op_t *op)
{
    r->pending++;
    if (grpc_call_start_batch(r->call, ops, n, rpc_engine_begin(&r->client->engine, op), NULL) ==
        GRPC_CALL_OK)
        return 0;
    rpc_engine_abandon(&r->client->engine);
    r->pending--;
    return -EIO;
}

/* The status comes after the last message was read, so that `done` is the last callback. */
static void end_if_done(rpc_request_t *r)
{
    if (r->pending)
        return;
    *r->prev = r->next;
    if (r->next)
        r->next->prev = r->prev;
    if (r->done && !r->client->stopping) {
        char *text = grpc_slice_to_c_string(r->status_text);
        r->done(r->ctx, r->status, text);
        gpr_free(text);
    }
    grpc_slice_unref(r->status_text);
    grpc_metadata_array_destroy(&r->initial);
    grpc_metadata_array_destroy(&r->trailing);
    grpc_call_unref(r->call);
    free(r);
}

static void on_plain(void *ctx, bool ok)
{
    rpc_request_t *r = ctx;
    (void)ok;
    r->pending--;
    end_if_done(r);
}

static void receive(rpc_request_t *r)
{
    grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};
    op.data.recv_message.recv_message = &r->answer;
    start(r, &op, 1, &r->received);
}

static void on_received(void *ctx, bool ok)
{
    rpc_request_t *r = ctx;
    size_t n = 0;
    (void)ok;
    if (r->answer) {
        uint8_t *bytes = rpc_flatten(r->answer, &n);
        grpc_byte_buffer_destroy(r->answer);
        r->answer = NULL;
        if (bytes && r->message && !r->client->stopping)
            r->message(r->ctx, bytes, n);
        free(bytes);
        receive(r);
    }
    r->pending--;
    end_if_done(r);
}

int rpc_client_create(loop_t *loop, const char *target, rpc_client_t **ret)
{
    rpc_client_t *c = calloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    int r = rpc_engine_init(&c->engine, loop);
    if (r < 0) {
        free(c);
        return r;
    }
    grpc_arg args[] = {
        {.type = GRPC_ARG_INTEGER, .key = (char *)"grpc.enable_http_proxy", .value.integer = 0},
    };
    grpc_channel_args all = {1, args};
    grpc_channel_credentials *plain = grpc_insecure_credentials_create();
    c->channel = grpc_channel_create(target, plain, &all);
    grpc_channel_credentials_release(plain);
    *ret = c;
    return 0;
}

void rpc_client_destroy(rpc_client_t *c)
{
    if (!c)
        return;
    c->stopping = true;
    for (rpc_request_t *r = c->requests; r; r = r->next)
        grpc_call_cancel(r->call, NULL);
    rpc_engine_finish(&c->engine);
    grpc_channel_destroy(c->channel);
    free(c);
}

int rpc_client_call(rpc_client_t *c, const char *path, const ProtobufCMessage *m, uint32_t timeout_ms,
                    rpc_message_t message, rpc_done_t done, void *ctx, rpc_request_t **ret)
{
    rpc_request_t *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    r->client = c;
    r->message = message;
    r->done = done;
    r->ctx = ctx;
    r->sent = (rpc_op_t){.done = on_plain, .ctx = r};
    r->received = (rpc_op_t){.done = on_received, .ctx = r};
    r->ended = (rpc_op_t){.done = on_plain, .ctx = r};
    r->status = GRPC_STATUS_UNKNOWN;
    r->status_text = grpc_empty_slice();
    grpc_metadata_array_init(&r->initial);
    grpc_metadata_array_init(&r->trailing);
    gpr_timespec deadline = timeout_ms ? gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                                      gpr_time_from_millis(timeout_ms, GPR_TIMESPAN))
                                       : gpr_inf_future(GPR_CLOCK_MONOTONIC);
    grpc_slice method = grpc_slice_from_copied_string(path);
    r->call = grpc_channel_create_call(c->channel, NULL, GRPC_PROPAGATE_DEFAULTS, c->engine.cq, method, NULL,
                                       deadline, NULL);
    grpc_slice_unref(method);
    r->next = c->requests;
    if (r->next)
        r->next->prev = &r->next;
    r->prev = &c->requests;
    c->requests = r;

    grpc_op end = {.op = GRPC_OP_RECV_STATUS_ON_CLIENT};
    end.data.recv_status_on_client.trailing_metadata = &r->trailing;
    end.data.recv_status_on_client.status = &r->status;
    end.data.recv_status_on_client.status_details = &r->status_text;
    start(r, &end, 1, &r->ended);
    grpc_byte_buffer *bytes = rpc_pack(m);
    grpc_op ops[4] = {{.op = GRPC_OP_SEND_INITIAL_METADATA},
                      {.op = GRPC_OP_SEND_MESSAGE},
                      {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT},
                      {.op = GRPC_OP_RECV_INITIAL_METADATA}};
    ops[1].data.send_message.send_message = bytes;
    ops[3].data.recv_initial_metadata.recv_initial_metadata = &r->initial;
    start(r, ops, 4, &r->sent);
    grpc_byte_buffer_destroy(bytes);
    receive(r);
    if (ret)
        *ret = r;
    return 0;
}

void rpc_request_cancel(rpc_request_t *r)
{
    grpc_call_cancel(r->call, NULL);
}

const char *rpc_status_name(grpc_status_code code)
{
    static const char *const names[] = {
        "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
        "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
        "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
        "DATA_LOSS", "UNAUTHENTICATED"};
    return (unsigned)code < sizeof names / sizeof *names ? names[code] : "?";
}
