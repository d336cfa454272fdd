/* SPDX-License-Identifier: Apache-2.0 */
/* gRPC on an event loop: a server and a client over the gRPC C core, messages as protobuf bytes (protobuf-c
 * makes and reads them).
 *
 * All functions and callbacks of this header run on the loop's thread. Behind it one thread waits on the C
 * core's completion queue and hands each event over through an eventfd; nothing else is shared.
 *
 * Server: every call comes in by one generic path and is looked up in the caller's table; what is not in the
 * table is answered UNIMPLEMENTED. A streaming call has a bounded queue: the C core takes one message at a
 * time, the rest waits here, and the oldest goes when there is no room (rpc_call_dropped counts). */
#ifndef VITRAN_RPC_RPC_H
#define VITRAN_RPC_RPC_H

#include <grpc/status.h>
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/core/counters.h"
#include "lib/core/log.h"
#include "lib/core/loop.h"

#define RPC_MAX_MESSAGE (1u << 20) /* bytes; a longer one is refused with RESOURCE_EXHAUSTED */
#define RPC_MAX_CALLS 256u         /* of one server at a time; one more gets RESOURCE_EXHAUSTED */
#define RPC_DEFAULT_QUEUE 256u     /* messages that wait on one stream */

/* ---- server ---- */

typedef struct rpc_server rpc_server_t;
typedef struct rpc_call rpc_call_t; /* one call in progress; gone after rpc_call_reply, _fail or _end */

typedef struct {
    void *ctx;
    const char *path; /* "/vitran.ric.v1.Ric/Subscribe" */
    /* The request, good until this returns. Answers with rpc_call_reply or rpc_call_fail, or streams with
     * rpc_call_send and rpc_call_end; now or later. */
    void (*handle)(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n);
} rpc_method_t;

#define RPC_COUNTERS(X)                                                                                      \
    X(calls, COUNTER_INFO, "calls", "dispatched")                                                            \
    X(unimplemented, COUNTER_WARNING, "calls", "of a method that is not there")                              \
    X(refused, COUNTER_WARNING, "calls", "refused: too many at a time")                                      \
    X(cancelled, COUNTER_INFO, "calls", "cancelled by the client, by its deadline or by its death")          \
    X(bad_request, COUNTER_WARNING, "calls", "without a message, or one that is not protobuf")               \
    X(sent, COUNTER_INFO, "messages", "sent")                                                                \
    X(dropped, COUNTER_WARNING, "messages", "dropped: the client reads a stream too slowly")
COUNTERS_DECLARE(rpc, RPC_COUNTERS)

/* listen: "unix:/run/vitran/ric.sock" (a stale socket file is replaced), "127.0.0.1:36430", "[::1]:36430";
 * not authenticated, so bind it to where only friends are. methods [size: n] outlives the server. 0,
 * -EADDRINUSE (the address cannot be bound, whatever the reason), -ENOMEM, -errno. */
int rpc_server_create(loop_t *loop, const char *listen, const rpc_method_t *methods, uint32_t n,
                      const log_t *log, rpc_server_t **ret);
/* Cancels what is in progress (their `gone` callbacks run) and frees. Not from a callback of the server. NULL
 * is fine. */
void rpc_server_destroy(rpc_server_t *s);
/* The TCP port that it listens on; 0 with a unix socket. */
uint16_t rpc_server_port(const rpc_server_t *s);
const rpc_counters_t *rpc_server_counters(const rpc_server_t *s);

/* Called once, when the client is gone before the answer was: no rpc_call_ function may be used on the call
 * after it returns. */
void rpc_call_set_gone(rpc_call_t *c, void (*gone)(void *ctx, rpc_call_t *call), void *ctx);
/* The one answer of a unary call, or a failure. The call is gone. */
void rpc_call_reply(rpc_call_t *c, const ProtobufCMessage *m);
void rpc_call_fail(rpc_call_t *c, grpc_status_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* One message of a stream. When RPC_DEFAULT_QUEUE (or what rpc_call_set_queue said) wait, the oldest is
 * dropped. 0, -ENOMEM. */
int rpc_call_send(rpc_call_t *c, const ProtobufCMessage *m);
void rpc_call_set_queue(rpc_call_t *c, uint32_t n_messages);
/* Messages of this stream dropped so far. */
uint64_t rpc_call_dropped(const rpc_call_t *c);
/* Ends a stream after what waits. The call is gone. */
void rpc_call_end(rpc_call_t *c, grpc_status_code code, const char *text);
/* "ipv4:127.0.0.1:4711", "unix:" */
const char *rpc_call_peer(const rpc_call_t *c);

/* ---- client ---- */

typedef struct rpc_client rpc_client_t;
typedef struct rpc_request rpc_request_t;

/* A message came; good until this returns. A unary call has at most one. */
typedef void (*rpc_message_t)(void *ctx, const uint8_t *bytes, size_t n);
/* The call is over; comes exactly once, but not after rpc_client_destroy. */
typedef void (*rpc_done_t)(void *ctx, grpc_status_code code, const char *text);

/* Connects when the first call is made. 0, -ENOMEM, -errno. */
int rpc_client_create(loop_t *loop, const char *target, rpc_client_t **ret);
/* Cancels what is in progress, without callbacks. Not from a callback of the client. NULL is fine. */
void rpc_client_destroy(rpc_client_t *c);
/* timeout_ms 0: none. ret may be NULL. 0, -ENOMEM. */
int rpc_client_call(rpc_client_t *c, const char *path, const ProtobufCMessage *m, uint32_t timeout_ms,
                    rpc_message_t message, rpc_done_t done, void *ctx, rpc_request_t **ret);
/* done follows with CANCELLED. */
void rpc_request_cancel(rpc_request_t *r);

/* "NOT_FOUND"; "?" for what is not a status code. */
const char *rpc_status_name(grpc_status_code code);

#endif
