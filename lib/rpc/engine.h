/* SPDX-License-Identifier: Apache-2.0 */
/* What server and client share: one completion queue of the gRPC C core, the thread that waits on it, and the
 * hand-over of its events to the loop. A batch of operations is given an rpc_op_t as its tag; when the C core
 * has done it, `done` runs on the loop's thread. */
#ifndef VITRAN_RPC_ENGINE_H
#define VITRAN_RPC_ENGINE_H

#include <grpc/grpc.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/core/loop.h"

typedef struct rpc_op {
    void (*done)(void *ctx, bool ok); /* [loop] */
    void *ctx;
    struct rpc_op *next; /* the engine's, while it is handed over */
    bool ok;
} rpc_op_t;

typedef struct {
    loop_t *loop;
    grpc_completion_queue *cq;
    pthread_t thread;
    loop_fd_t *watch;
    int event_fd;
    uint32_t pending; /* [loop] operations given to the C core and not done yet */
    pthread_mutex_t mutex;
    pthread_cond_t some;
    rpc_op_t *head, **tail; /* [mutex] done, not yet handed over */
} rpc_engine_t;

/* 0, -ENOMEM, -errno. */
int rpc_engine_init(rpc_engine_t *e, loop_t *loop);
/* Waits until every pending operation is done (the owner has cancelled them), runs them, ends the thread. */
void rpc_engine_finish(rpc_engine_t *e);
/* Counts the operation; call it just before the C core gets the tag. */
static inline rpc_op_t *rpc_engine_begin(rpc_engine_t *e, rpc_op_t *op)
{
    e->pending++;
    return op;
}
/* Undoes it when the C core did not take it. */
static inline void rpc_engine_abandon(rpc_engine_t *e)
{
    e->pending--;
}

/* protobuf message as a byte buffer; NULL without memory. */
struct ProtobufCMessage;
grpc_byte_buffer *rpc_pack(const struct ProtobufCMessage *m);
/* All bytes of a byte buffer in one malloc'ed piece; NULL without memory or when it is broken. */
uint8_t *rpc_flatten(grpc_byte_buffer *b, size_t *ret_n);

#endif
