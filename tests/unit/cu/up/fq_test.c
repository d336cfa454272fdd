/* SPDX-License-Identifier: Apache-2.0 */
/* The bearer queue: what a ping meets behind a download, and who pays when it overflows. */
#include "cu/up/fq.h"
#include "tests/unit/cu.h"

static pool_t *pool;

/* A packet of a TCP flow, or an ICMP echo for port 0. */
static buf_t *packet(uint8_t port, uint32_t n, int64_t came)
{
    buf_t *b = buf_alloc(pool);
    CU_ASSERT_FATAL(b != NULL);
    uint8_t *p = buf_put(b, n);
    memset(p, 0, n);
    p[0] = 0x45;
    p[9] = port ? 6 : 1;
    p[12] = 10;
    p[16] = 10;
    p[21] = port;
    b->user = port;
    b->time_ns = came;
    return b;
}

static void push(fq_t *f, buf_t *b)
{
    fq_push(f, b, fq_hash(b->data, b->len));
}

static uint32_t pop(fq_t *f)
{
    buf_t *b = fq_pop(f);
    uint32_t port = b ? b->user : 999;
    buf_free(b);
    return port;
}

static void test_ping_passes_a_backlog(void)
{
    fq_t f;
    fq_init(&f);
    for (int i = 0; i < 100; i++)
        push(&f, packet(1, 1400, i));
    for (int i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(pop(&f), 1);
    push(&f, packet(0, 84, 200));
    uint32_t waited = 0;
    while (pop(&f) != 0)
        waited++;
    CU_ASSERT(waited <= 1);
    fq_clear(&f);
    CU_ASSERT_EQUAL(pool_free_count(pool), 512);
}

static void test_flows_share(void)
{
    fq_t f;
    fq_init(&f);
    for (int i = 0; i < 100; i++) {
        push(&f, packet(1, 1400, 0));
        push(&f, packet(2, 700, 0));
        push(&f, packet(2, 700, 0));
    }
    uint32_t bytes[3] = {0};
    for (int i = 0; i < 100; i++) {
        uint32_t k = pop(&f);
        CU_ASSERT_FATAL(k == 1 || k == 2);
        bytes[k] += k == 1 ? 1400 : 700;
    }
    CU_ASSERT(bytes[1] > bytes[2] * 9 / 10 && bytes[2] > bytes[1] * 9 / 10);
    fq_clear(&f);
}

static void test_order_and_drop(void)
{
    fq_t f;
    fq_init(&f);
    for (int i = 0; i < 10; i++)
        push(&f, packet(1, 1400, i));
    push(&f, packet(2, 100, 100));
    buf_t *b = fq_drop(&f); /* of the longest flow, its oldest */
    CU_ASSERT(b && b->user == 1 && b->time_ns == 0);
    buf_free(b);
    b = fq_expired(&f, 1);
    CU_ASSERT(b && b->time_ns == 1);
    buf_free(b);
    CU_ASSERT_PTR_NULL(fq_expired(&f, 1));
    int64_t last = 1;
    uint32_t n = 0;
    while ((b = fq_pop(&f))) {
        CU_ASSERT(b->user == 2 || b->time_ns == last + 1);
        last = b->user == 1 ? b->time_ns : last;
        n++;
        buf_free(b);
    }
    CU_ASSERT_EQUAL(n, 9);
    CU_ASSERT(f.n == 0 && f.bytes == 0);
    CU_ASSERT_PTR_NULL(fq_drop(&f));
    push(&f, packet(1, 50, 0)); /* and it starts again */
    CU_ASSERT_EQUAL(pop(&f), 1);
    CU_ASSERT_EQUAL(pool_free_count(pool), 512);
}

static void test_hash(void)
{
    buf_t *a = packet(1, 60, 0), *b = packet(2, 60, 0);
    CU_ASSERT_NOT_EQUAL(fq_hash(a->data, a->len), fq_hash(b->data, b->len));
    CU_ASSERT_EQUAL(fq_hash(a->data, 4), 0);
    a->data[0] = 0x4f; /* a header that claims more than there is */
    fq_hash(a->data, 24);
    buf_free(a);
    buf_free(b);
}

static void with_pool(void (*test)(void))
{
    CU_ASSERT_FATAL(pool_create(&pool, 512, 2048) == 0);
    test();
    pool_destroy(pool);
}
static void t1(void)
{
    with_pool(test_ping_passes_a_backlog);
}
static void t2(void)
{
    with_pool(test_flows_share);
}
static void t3(void)
{
    with_pool(test_order_and_drop);
}
static void t4(void)
{
    with_pool(test_hash);
}

CU_MAIN("fq", {"a ping passes a backlog", t1}, {"flows share", t2}, {"order and drops", t3}, {"hash", t4})
