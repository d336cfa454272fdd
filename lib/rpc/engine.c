/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rpc/engine.h"

#include <errno.h>
#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <protobuf-c/protobuf-c.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void *wait_on_queue(void *arg)
{
    rpc_engine_t *e = arg;
    for (;;) {
        grpc_event ev = grpc_completion_queue_next(e->cq, gpr_inf_future(GPR_CLOCK_REALTIME), NULL);
        if (ev.type == GRPC_QUEUE_SHUTDOWN)
            return NULL;
        if (ev.type != GRPC_OP_COMPLETE)
            continue;
        rpc_op_t *op = ev.tag;
        op->ok = ev.success;
        op->next = NULL;
        pthread_mutex_lock(&e->mutex);
        bool was_empty = !e->head;
        *e->tail = op;
        e->tail = &op->next;
        pthread_cond_signal(&e->some);
        pthread_mutex_unlock(&e->mutex);
        if (was_empty)
            eventfd_write(e->event_fd, 1);
    }
}

static rpc_op_t *take(rpc_engine_t *e, bool wait)
{
    pthread_mutex_lock(&e->mutex);
    while (wait && !e->head)
        pthread_cond_wait(&e->some, &e->mutex);
    rpc_op_t *op = e->head;
    if (op && !(e->head = op->next))
        e->tail = &e->head;
    pthread_mutex_unlock(&e->mutex);
    return op;
}

static void run(rpc_engine_t *e, rpc_op_t *op)
{
    e->pending--;
    op->done(op->ctx, op->ok);
}

static void on_event(void *ctx, uint32_t events)
{
    rpc_engine_t *e = ctx;
    eventfd_t n;
    (void)events;
    eventfd_read(e->event_fd, &n);
    for (rpc_op_t *op; e->watch && (op = take(e, false));)
        run(e, op);
}

int rpc_engine_init(rpc_engine_t *e, loop_t *loop)
{
    memset(e, 0, sizeof *e);
    e->loop = loop;
    e->tail = &e->head;
    e->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (e->event_fd < 0)
        return -errno;
    int r = loop_fd_add(loop, e->event_fd, EPOLLIN, on_event, e, &e->watch);
    if (r < 0) {
        close(e->event_fd);
        return r;
    }
    grpc_init();
    e->cq = grpc_completion_queue_create_for_next(NULL);
    pthread_mutex_init(&e->mutex, NULL);
    pthread_cond_init(&e->some, NULL);
    sigset_t all, before; /* signals are the loop's: no thread of ours takes one */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&e->thread, NULL, wait_on_queue, e);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (r) {
        grpc_completion_queue_shutdown(e->cq);
        grpc_completion_queue_destroy(e->cq);
        grpc_shutdown_blocking();
        loop_fd_del(e->watch);
        close(e->event_fd);
        return -r;
    }
    return 0;
}

void rpc_engine_finish(rpc_engine_t *e)
{
    loop_fd_del(e->watch);
    e->watch = NULL;
    while (e->pending)
        run(e, take(e, true));
    grpc_completion_queue_shutdown(e->cq);
    pthread_join(e->thread, NULL);
    grpc_completion_queue_destroy(e->cq);
    pthread_mutex_destroy(&e->mutex);
    pthread_cond_destroy(&e->some);
    close(e->event_fd);
    grpc_shutdown_blocking();
}

grpc_byte_buffer *rpc_pack(const ProtobufCMessage *m)
{
    grpc_slice s = grpc_slice_malloc(protobuf_c_message_get_packed_size(m));
    protobuf_c_message_pack(m, GRPC_SLICE_START_PTR(s));
    grpc_byte_buffer *b = grpc_raw_byte_buffer_create(&s, 1);
    grpc_slice_unref(s);
    return b;
}

uint8_t *rpc_flatten(grpc_byte_buffer *b, size_t *ret_n)
{
    grpc_byte_buffer_reader reader;
    if (!grpc_byte_buffer_reader_init(&reader, b))
        return NULL;
    grpc_slice s = grpc_byte_buffer_reader_readall(&reader);
    size_t n = GRPC_SLICE_LENGTH(s);
    uint8_t *p = malloc(n + 1);
    if (p) {
        memcpy(p, GRPC_SLICE_START_PTR(s), n);
        *ret_n = n;
    }
    grpc_slice_unref(s);
    grpc_byte_buffer_reader_destroy(&reader);
    return p;
}
