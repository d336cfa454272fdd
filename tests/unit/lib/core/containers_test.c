/* SPDX-License-Identifier: Apache-2.0 */
/* Arena, ring, pool, slot arithmetic and state tables: what every layer trusts blindly. */
#include "lib/core/arena.h"
#include "lib/core/clock.h"
#include "lib/core/counters.h"
#include "lib/core/fsm.h"
#include "lib/core/pool.h"
#include "lib/core/ring.h"
#include "tests/unit/cu.h"

#include <pthread.h>

static void test_arena(void)
{
    uint8_t mem[256];
    arena_t a;
    arena_init(&a, mem + 1, 200);
    uint64_t *x = ARENA_NEW(&a, uint64_t);
    CU_ASSERT_EQUAL((uintptr_t)x % 8, 0);
    CU_ASSERT_EQUAL(*x, 0);
    CU_ASSERT_PTR_NULL(ARENA_ARRAY(&a, uint64_t, SIZE_MAX / 4));
    CU_ASSERT_PTR_NULL(ARENA_ARRAY(&a, uint64_t, 25));
    CU_ASSERT_PTR_NOT_NULL(ARENA_ARRAY(&a, uint64_t, 20));
    arena_reset(&a);
    CU_ASSERT_PTR_EQUAL(ARENA_NEW(&a, uint64_t), x);
}

static void test_pool(void)
{
    pool_t *p;
    buf_t *b[4];
    CU_ASSERT_EQUAL(pool_create(&p, 0, 10), -EINVAL);
    CU_ASSERT_EQUAL_FATAL(pool_create(&p, 3, 100), 0);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_PTR_NOT_NULL_FATAL(b[i] = buf_alloc(p));
    CU_ASSERT_PTR_NULL(buf_alloc(p));
    CU_ASSERT_EQUAL(pool_free_count(p), 0);
    CU_ASSERT_PTR_NULL(buf_put(b[0], 101));
    CU_ASSERT_PTR_NOT_NULL(buf_put(b[0], 100));
    CU_ASSERT_PTR_NOT_NULL(buf_push(b[0], BUF_HEADROOM));
    CU_ASSERT_PTR_NULL(buf_push(b[0], 1));
    CU_ASSERT_EQUAL(b[0]->len, 228);
    CU_ASSERT_PTR_NULL(buf_pull(b[0], 229));
    bufq_t q = {0};
    for (int i = 0; i < 3; i++)
        bufq_push(&q, b[i]);
    CU_ASSERT_EQUAL(q.bytes, 228);
    CU_ASSERT_PTR_EQUAL(bufq_pop(&q), b[0]);
    buf_free(b[0]);
    bufq_clear(&q);
    CU_ASSERT_EQUAL(pool_free_count(p), 3);
    pool_destroy(p);
}

/* Two threads allocate, mark, check and free at once: a buffer handed out twice shows as a foreign mark. */
static void *hammer(void *ctx)
{
    pool_t *p = ctx;
    uint32_t mark = (uint32_t)(uintptr_t)pthread_self();
    intptr_t bad = 0;
    for (int i = 0; i < 100000; i++) {
        buf_t *a = buf_alloc(p), *b = buf_alloc(p);
        if (a)
            a->user = mark;
        if (b)
            b->user = mark + 1;
        bad += (a && a->user != mark) + (b && b->user != mark + 1);
        buf_free(a);
        buf_free(b);
    }
    return (void *)bad;
}

static void test_pool_threads(void)
{
    pool_t *p;
    pthread_t t[2];
    void *bad[2];
    CU_ASSERT_EQUAL_FATAL(pool_create(&p, 4, 64), 0);
    for (int i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, hammer, p);
    for (int i = 0; i < 2; i++) {
        pthread_join(t[i], &bad[i]);
        CU_ASSERT_PTR_NULL(bad[i]);
    }
    CU_ASSERT_EQUAL(pool_free_count(p), 4);
    pool_destroy(p);
}

static void *produce(void *ctx)
{
    for (uint32_t i = 0; i < 200000;)
        i += ring_push(ctx, &i);
    return NULL;
}

static void test_ring_threads(void)
{
    ring_t r;
    pthread_t t;
    uint32_t got, want = 0, wrong = 0;
    CU_ASSERT_EQUAL(ring_create(&r, 0, 4), -EINVAL);
    CU_ASSERT_EQUAL_FATAL(ring_create(&r, 60, 4), 0);
    pthread_create(&t, NULL, produce, &r);
    while (want < 200000)
        if (ring_pop(&r, &got))
            wrong += got != want++;
    pthread_join(t, NULL);
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_FALSE(ring_pop(&r, &got));
    for (uint32_t i = 0; i < 64; i++)
        CU_ASSERT_TRUE(ring_push(&r, &i));
    CU_ASSERT_FALSE(ring_push(&r, &got));
    CU_ASSERT_EQUAL(ring_count(&r), 64);
    ring_destroy(&r);
}

static void test_slots(void)
{
    uint64_t s = UINT64_C(1024) * 20 * 7 + 20 * 3 + 19; /* 7 cycles, SFN 3, slot 19 */
    CU_ASSERT_EQUAL(slot_sfn(s, 1), 3);
    CU_ASSERT_EQUAL(slot_in_frame(s, 1), 19);
    CU_ASSERT_EQUAL(slot_from_sfn(s, 1, 3, 19), s);
    CU_ASSERT_EQUAL(slot_from_sfn(s, 1, 1023, 0), s - 79 - 20); /* the frame before SFN 0 */
    CU_ASSERT_EQUAL(slot_from_sfn(UINT64_C(20480) * 8 - 1, 1, 0, 1), UINT64_C(20480) * 8 + 1);
    CU_ASSERT_EQUAL(slot_duration_ns(3), 125000);
}

static int acted;
static int act(void *ctx, void *arg)
{
    (void)ctx;
    acted++;
    return arg ? *(int *)arg : 0;
}

static void test_fsm(void)
{
    enum { IDLE, UP };
    enum { START, STOP };
    static const char *const states[] = {"idle", "up"}, *const events[] = {"start", "stop"};
    static const fsm_row_t rows[] = {FSM_ROW(IDLE, START, act, UP), FSM_ROW(FSM_ANY, STOP, NULL, IDLE)};
    static const fsm_t fsm = {"test", states, events, rows, 2, 2, 2};
    uint16_t state = IDLE;
    int refuse = -EIO;
    acted = 0;
    CU_ASSERT_EQUAL(fsm_step(&fsm, &state, START, NULL, &refuse), -EIO);
    CU_ASSERT_EQUAL(state, IDLE);
    CU_ASSERT_EQUAL(fsm_step(&fsm, &state, START, NULL, NULL), 0);
    CU_ASSERT_EQUAL(state, UP);
    CU_ASSERT_EQUAL(fsm_step(&fsm, &state, START, NULL, NULL), -EPROTO);
    CU_ASSERT_EQUAL(fsm_step(&fsm, &state, STOP, NULL, NULL), 0);
    CU_ASSERT_EQUAL(state, IDLE);
    CU_ASSERT_EQUAL(acted, 2);
    char text[256] = "";
    FILE *f = fmemopen(text, sizeof text, "w");
    fsm_print_dot(&fsm, f);
    fclose(f);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"idle\" -> \"up\" [label=\"start / act\"];"));
}

#define DEMO_COUNTERS(X)                                                                                     \
    X(rx, COUNTER_INFO, "messages", "received")                                                              \
    X(lost, COUNTER_ERROR, "messages", "lost")
COUNTERS_DECLARE(demo, DEMO_COUNTERS)
COUNTERS_DEFINE(demo, DEMO_COUNTERS)

static void test_counters(void)
{
    demo_counters_t c = {.rx = 4, .lost = 1};
    counter_set_t s = demo_counter_set(&c);
    CU_ASSERT_EQUAL(s.n, 2);
    CU_ASSERT_STRING_EQUAL(s.desc[1].name, "lost");
    CU_ASSERT_EQUAL(s.values[1], 1);
    CU_ASSERT_EQUAL(s.desc[1].severity, COUNTER_ERROR);
}

CU_MAIN("core", {"arena", test_arena}, {"pool", test_pool}, {"pool, two threads", test_pool_threads},
        {"ring, two threads", test_ring_threads}, {"slot arithmetic", test_slots}, {"state table", test_fsm},
        {"counters", test_counters})
