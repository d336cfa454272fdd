/* SPDX-License-Identifier: Apache-2.0 */
/* Event loop of a control thread: descriptors (epoll), timers, signals, and functions posted from other
 * threads. One thread runs a loop and only that thread calls its functions, `loop_post` and `loop_stop`
 * excepted. Timers run on CLOCK_MONOTONIC, or on a virtual clock that tests and lockstep runs move by hand.
 */
#ifndef VITRAN_CORE_LOOP_H
#define VITRAN_CORE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct loop loop_t;
typedef struct loop_fd loop_fd_t;

typedef void (*loop_fd_cb_t)(void *ctx, uint32_t events); /* events: EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP */
typedef void (*loop_timer_cb_t)(void *ctx);
typedef void (*loop_signal_cb_t)(void *ctx, int signo);
typedef void (*loop_post_cb_t)(void *ctx);

/* A timer lives in its user's struct, zeroed or made by loop_timer_init. */
typedef struct {
    loop_t *loop;
    loop_timer_cb_t cb;
    void *ctx;
    int64_t due_ns;
    uint64_t order;   /* start order, so that equal times run first in, first out */
    uint32_t heap_at; /* 1-based place in the heap; 0: not running */
} loop_timer_t;

/* 0 or -errno. */
int loop_create(loop_t **ret);
/* Closes its own descriptors only; running timers are forgotten. NULL is fine. */
void loop_destroy(loop_t *l);

/* Runs until loop_stop. 0 or -errno of epoll. */
int loop_run(loop_t *l);
/* Waits up to timeout_ms (-1: for ever; 0: polls), runs what is due once. Number of callbacks run, or -errno.
 */
int loop_run_once(loop_t *l, int timeout_ms);
/* [any thread] Makes loop_run return. */
void loop_stop(loop_t *l);

/* ns on the loop's clock. */
int64_t loop_now_ns(const loop_t *l);
/* From now on timers run on a virtual clock that starts at 0 and that only loop_advance moves. */
void loop_set_virtual(loop_t *l);
/* Moves the virtual clock by ns, running each timer that falls due at its own time. */
void loop_advance(loop_t *l, int64_t ns);

/* Calls cb when `events` (EPOLLIN | EPOLLOUT) are there. The descriptor stays the caller's. 0, -ENOMEM,
 * -errno. */
int loop_fd_add(loop_t *l, int fd, uint32_t events, loop_fd_cb_t cb, void *ctx, loop_fd_t **ret);
int loop_fd_set_events(loop_fd_t *f, uint32_t events);
/* May be called from any callback of the loop, its own included. NULL is fine. */
void loop_fd_del(loop_fd_t *f);

void loop_timer_init(loop_t *l, loop_timer_t *t, loop_timer_cb_t cb, void *ctx);
/* (Re)starts the timer; it runs once. 0 or -ENOMEM. */
int loop_timer_start(loop_timer_t *t, int64_t delay_ns);
/* Fine on a stopped or zeroed timer. */
void loop_timer_stop(loop_timer_t *t);
static inline bool loop_timer_running(const loop_timer_t *t)
{
    return t->heap_at != 0;
}

/* Blocks the signal for the calling thread and calls cb for it; start other threads after this. 0 or -errno.
 */
int loop_signal(loop_t *l, int signo, loop_signal_cb_t cb, void *ctx);

/* [any thread but the slot thread: it calls the system] Runs cb(ctx) on the loop's thread, in order. 0 or
 * -ENOMEM. */
int loop_post(loop_t *l, loop_post_cb_t cb, void *ctx);

#endif
