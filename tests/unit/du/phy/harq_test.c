/* SPDX-License-Identifier: Apache-2.0 */
/* What would break: soft bits of one UE in another's block, a pool that leaks until nothing combines any
 * more. */
#include "du/phy/harq.h"
#include "tests/unit/cu.h"

#include <errno.h>

static void test_a_retransmission_finds_its_bits(void)
{
    harq_pool_t *p = NULL;
    CU_ASSERT_EQUAL_FATAL(harq_pool_create(8, 4, &p), 0);
    harq_process_t *h = harq_acquire(p, 0x4601, 3, true, 2000, 3);
    CU_ASSERT_PTR_NOT_NULL_FATAL(h);
    CU_ASSERT_TRUE(h->fresh);
    for (uint16_t r = 0; r < 3; r++)
        memset(h->cb[r].soft, r + 1, LDPC_MAX_SOFT), h->cb[r].n_soft = 7;
    harq_commit(p, h, false);
    harq_process_t *other = harq_acquire(p, 0x4601, 4, true, 2000, 3);
    CU_ASSERT_PTR_NOT_NULL_FATAL(other);
    for (uint16_t r = 0; r < 3; r++)
        memset(other->cb[r].soft, 99, LDPC_MAX_SOFT);
    h = harq_acquire(p, 0x4601, 3, false, 2000, 3);
    CU_ASSERT_PTR_NOT_NULL_FATAL(h);
    CU_ASSERT_FALSE(h->fresh);
    for (uint16_t r = 0; r < 3; r++)
        CU_ASSERT_EQUAL(h->cb[r].soft[LDPC_MAX_SOFT - 1], r + 1);
    harq_commit(p, h, true);
    harq_commit(p, other, true);
    CU_ASSERT_EQUAL(harq_pool_free_blocks(p), 8);
    harq_pool_destroy(p);
}

static void test_other_size_or_forgotten_starts_afresh(void)
{
    harq_pool_t *p = NULL;
    CU_ASSERT_EQUAL_FATAL(harq_pool_create(8, 4, &p), 0);
    harq_commit(p, harq_acquire(p, 1, 0, true, 500, 1), false);
    harq_process_t *h = harq_acquire(p, 1, 0, false, 900, 2); /* the UE missed the first grant */
    CU_ASSERT_PTR_NOT_NULL_FATAL(h);
    CU_ASSERT_TRUE(h->fresh);
    CU_ASSERT_EQUAL(h->n_blocks, 2);
    CU_ASSERT_PTR_NULL(harq_acquire(p, 1, 0, false, 900, 2)); /* twice in one slot */
    harq_commit(p, h, false);
    CU_ASSERT_EQUAL(harq_pool_free_blocks(p), 6);
    harq_forget(p, 1);
    CU_ASSERT_EQUAL(harq_pool_free_blocks(p), 8);
    h = harq_acquire(p, 1, 0, false, 900, 2);
    CU_ASSERT_TRUE(h && h->fresh);
    CU_ASSERT_EQUAL(harq_pool_counters(p)->lost, 2);
    harq_commit(p, h, true);
    harq_pool_destroy(p);
}

static void test_full_pool_takes_from_the_oldest_not_in_use(void)
{
    harq_pool_t *p = NULL;
    CU_ASSERT_EQUAL_FATAL(harq_pool_create(6, 8, &p), 0);
    harq_process_t *held = harq_acquire(p, 10, 0, true, 100, 2); /* oldest, but in use */
    harq_commit(p, harq_acquire(p, 11, 0, true, 100, 2), false);
    harq_commit(p, harq_acquire(p, 12, 0, true, 100, 2), false);
    harq_process_t *h = harq_acquire(p, 13, 0, true, 100, 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL(h);
    CU_ASSERT_EQUAL(harq_pool_counters(p)->evicted, 1);
    harq_commit(p, h, false);
    h = harq_acquire(p, 12, 0, false, 100, 2);
    CU_ASSERT_TRUE(h && !h->fresh);
    harq_commit(p, h, false);
    h = harq_acquire(p, 11, 0, false, 100, 2); /* was the oldest: gone, and 13 goes now */
    CU_ASSERT_TRUE(h && h->fresh);
    CU_ASSERT_PTR_NULL(harq_acquire(p, 14, 0, true, 100, 7)); /* more than there is */
    CU_ASSERT_EQUAL(harq_pool_counters(p)->refused, 1);
    harq_commit(p, h, true);
    harq_commit(p, held, true);
    CU_ASSERT_EQUAL(harq_pool_free_blocks(p), 6);
    harq_pool_destroy(p);
}

/* Random use against a plain table: what is held must come back, nothing leaks. */
static void test_random_use_leaks_nothing(void)
{
    enum { RNTIS = 40, IDS = 16 };
    static uint8_t mark[RNTIS][IDS];
    harq_pool_t *p = NULL;
    uint32_t x = 12345;
    CU_ASSERT_EQUAL_FATAL(harq_pool_create(300, 200, &p), 0);
    memset(mark, 0, sizeof mark);
    for (int i = 0; i < 50000; i++) {
        x ^= x << 13, x ^= x >> 17, x ^= x << 5;
        uint16_t rnti = x % RNTIS;
        uint8_t id = x >> 8 & 15;
        bool new_data = x >> 16 & 1;
        uint16_t n = (uint16_t)(1 + (rnti + id) % 5);
        harq_process_t *h = harq_acquire(p, rnti, id, new_data, 100u * n, n);
        CU_ASSERT_PTR_NOT_NULL_FATAL(h);
        for (uint16_t r = 0; r < n; r++) {
            sch_rx_cb_t *b = &h->cb[r];
            if (!h->fresh &&
                (b->bits[0] != (uint8_t)rnti || b->bits[1] != id || b->bits[2] != mark[rnti][id]))
                CU_FAIL_FATAL("bits of another process");
            b->bits[0] = (uint8_t)rnti, b->bits[1] = id;
            b->bits[2] = (uint8_t)(x >> 24);
        }
        mark[rnti][id] = (uint8_t)(x >> 24);
        harq_commit(p, h, x >> 17 & 1);
        if ((x >> 18 & 255) == 0)
            harq_forget(p, rnti);
    }
    for (uint16_t rnti = 0; rnti < RNTIS; rnti++)
        harq_forget(p, rnti);
    CU_ASSERT_EQUAL(harq_pool_free_blocks(p), 300);
    CU_ASSERT(harq_pool_counters(p)->resumed > 1000);
    CU_ASSERT(harq_pool_counters(p)->evicted > 100);
    harq_pool_destroy(p);
}

CU_MAIN("du/phy harq", {"a retransmission finds its bits", test_a_retransmission_finds_its_bits},
        {"another size or a forgotten UE starts afresh", test_other_size_or_forgotten_starts_afresh},
        {"a full pool takes from the oldest not in use", test_full_pool_takes_from_the_oldest_not_in_use},
        {"random use leaks nothing", test_random_use_leaks_nothing})
