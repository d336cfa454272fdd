/* SPDX-License-Identifier: Apache-2.0 */
/* Timers in order on both clocks, posts from another thread, descriptors deleted in their own callbacks. */
#include "lib/core/loop.h"
#include "tests/unit/cu.h"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

static int log_n, log_at[32];
static void note(void *ctx)
{
    log_at[log_n++] = (int)(intptr_t)ctx;
}

static void test_virtual_order(void)
{
    loop_t *l;
    loop_timer_t t[8];
    CU_ASSERT_EQUAL_FATAL(loop_create(&l), 0);
    loop_set_virtual(l);
    static const int delay[8] = {5, 3, 9, 3, 1, 7, 2, 9};
    static const int want[7] = {4, 6, 1, 3, 5, 2, 7}; /* 0 is stopped */
    log_n = 0;
    for (int i = 0; i < 8; i++) {
        loop_timer_init(l, &t[i], note, (void *)(intptr_t)i);
        CU_ASSERT_EQUAL(loop_timer_start(&t[i], delay[i]), 0);
    }
    loop_timer_stop(&t[0]);
    loop_timer_stop(&t[0]);
    loop_advance(l, 8);
    CU_ASSERT_EQUAL(log_n, 5);
    CU_ASSERT_EQUAL(loop_now_ns(l), 8);
    loop_advance(l, 1);
    CU_ASSERT_EQUAL(log_n, 7);
    for (int i = 0; i < 7; i++)
        CU_ASSERT_EQUAL(log_at[i], want[i]);
    loop_destroy(l);
}

static loop_timer_t periodic;
static int ticks;
static void on_tick(void *ctx)
{
    (void)ctx;
    if (++ticks < 10)
        loop_timer_start(&periodic, 100);
}

static void test_restart_from_callback(void)
{
    loop_t *l;
    CU_ASSERT_EQUAL_FATAL(loop_create(&l), 0);
    loop_set_virtual(l);
    ticks = 0;
    loop_timer_init(l, &periodic, on_tick, NULL);
    loop_timer_start(&periodic, 100);
    loop_advance(l, 550);
    CU_ASSERT_EQUAL(ticks, 5);
    loop_advance(l, 10000);
    CU_ASSERT_EQUAL(ticks, 10);
    loop_destroy(l);
}

static void *poster(void *ctx)
{
    for (intptr_t i = 0; i < 20; i++)
        loop_post(ctx, note, (void *)i);
    loop_stop(ctx);
    return NULL;
}

static void test_post_from_thread(void)
{
    loop_t *l;
    pthread_t th;
    CU_ASSERT_EQUAL_FATAL(loop_create(&l), 0);
    log_n = 0;
    pthread_create(&th, NULL, poster, l);
    CU_ASSERT_EQUAL(loop_run(l), 0);
    pthread_join(th, NULL);
    loop_run_once(l, 0);
    CU_ASSERT_EQUAL(log_n, 20);
    for (int i = 0; i < log_n; i++)
        CU_ASSERT_EQUAL(log_at[i], i);
    loop_destroy(l);
}

static loop_fd_t *mine;
static int reads;
static void on_read(void *ctx, uint32_t events)
{
    CU_ASSERT(events & EPOLLIN);
    reads++;
    loop_fd_del(mine);
    loop_stop(ctx);
}

static void test_fd_deletes_itself(void)
{
    loop_t *l;
    int p[2];
    CU_ASSERT_EQUAL_FATAL(loop_create(&l), 0);
    CU_ASSERT_EQUAL_FATAL(pipe(p), 0);
    reads = 0;
    CU_ASSERT_EQUAL(loop_fd_add(l, p[0], EPOLLIN, on_read, l, &mine), 0);
    CU_ASSERT_EQUAL(write(p[1], "x", 1), 1);
    CU_ASSERT_EQUAL(loop_run(l), 0);
    CU_ASSERT_EQUAL(loop_run_once(l, 0), 0); /* the byte is still there, nobody listens */
    CU_ASSERT_EQUAL(reads, 1);
    close(p[0]);
    close(p[1]);
    loop_destroy(l);
}

static void on_sig(void *ctx, int signo)
{
    CU_ASSERT_EQUAL(signo, SIGUSR1);
    loop_stop(ctx);
}

static void test_signal(void)
{
    loop_t *l;
    CU_ASSERT_EQUAL_FATAL(loop_create(&l), 0);
    CU_ASSERT_EQUAL(loop_signal(l, SIGUSR1, on_sig, l), 0);
    kill(getpid(), SIGUSR1);
    CU_ASSERT_EQUAL(loop_run(l), 0);
    loop_destroy(l);
}

CU_MAIN("loop", {"virtual clock, order", test_virtual_order},
        {"restart from callback", test_restart_from_callback}, {"post from a thread", test_post_from_thread},
        {"descriptor deletes itself", test_fd_deletes_itself}, {"signal", test_signal})
