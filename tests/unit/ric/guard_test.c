/* SPDX-License-Identifier: Apache-2.0 */
#include "ric/guard/guard.h"

#include <errno.h>

#include "lib/core/clock.h"
#include "tests/unit/cu.h"

static loop_t *loop;
static guard_t *g;
static const int node_a, node_b;
static uint32_t item;
static const char *holder;

static void set_up(void)
{
    CU_ASSERT_EQUAL_FATAL(loop_create(&loop), 0);
    loop_set_virtual(loop);
    CU_ASSERT_EQUAL_FATAL(guard_create(loop, &g), 0);
}

static void tear_down(void)
{
    guard_destroy(g);
    loop_destroy(loop);
}

/* Claims and, when that is granted, commits. */
static int claim(const char *xapp, uint32_t priority, const void *node, uint32_t parameter, uint64_t value,
                 uint32_t lease_ms)
{
    guard_item_t x = {node, parameter, 1, 0, value};
    int r = guard_claim(g, xapp, priority, &x, 1, lease_ms, &item, &holder);
    if (r == 0)
        guard_commit(g, xapp, priority, &x, 1, lease_ms);
    return r;
}

static void test_a_lease_belongs_to_its_xapp(void)
{
    set_up();
    CU_ASSERT_EQUAL(claim("a", 5, &node_a, 1, 10, 1000), 0);
    CU_ASSERT_EQUAL(claim("b", 5, &node_a, 1, 20, 1000), -EBUSY);
    CU_ASSERT_STRING_EQUAL(holder, "a");
    CU_ASSERT_EQUAL(claim("b", 5, &node_a, 1, 20, 0), -EBUSY); /* nor for good */
    CU_ASSERT_EQUAL(claim("b", 5, &node_a, 1, 10, 0), 0);      /* the same value is no conflict, */
    CU_ASSERT_EQUAL(guard_holds(g), 1);                        /* and takes nothing away */
    CU_ASSERT_EQUAL(claim("b", 5, &node_a, 2, 20, 1000), 0);   /* another parameter */
    CU_ASSERT_EQUAL(claim("b", 5, &node_b, 1, 20, 1000), 0);   /* another node */
    CU_ASSERT_EQUAL(claim("a", 5, &node_a, 1, 11, 1000), 0);
    loop_advance(loop, 1001 * NS_PER_MS);
    CU_ASSERT_EQUAL(claim("b", 5, &node_a, 1, 20, 1000), 0);
    tear_down();
}

static void test_priority_takes_over(void)
{
    set_up();
    claim("a", 5, &node_a, 1, 10, 1000);
    CU_ASSERT_EQUAL(claim("b", 6, &node_a, 1, 20, 1000), 0);
    CU_ASSERT_EQUAL(claim("a", 5, &node_a, 1, 10, 1000), -EBUSY);
    CU_ASSERT_STRING_EQUAL(holder, "b");
    CU_ASSERT_EQUAL(guard_counters(g)->taken_over, 1);
    tear_down();
}

static void test_all_or_nothing(void)
{
    guard_item_t two[2] = {{&node_a, 1, 1, 0, 1}, {&node_a, 2, 1, 0, 1}};
    set_up();
    claim("a", 5, &node_a, 2, 10, 1000);
    CU_ASSERT_EQUAL(guard_claim(g, "b", 5, two, 2, 1000, &item, &holder), -EBUSY);
    CU_ASSERT_EQUAL(item, 1);
    CU_ASSERT_EQUAL(guard_holds(g), 1);
    tear_down();
}

static void test_swap_and_ends(void)
{
    set_up();
    claim("a", 5, &node_a, 1, 10, 1000);
    CU_ASSERT_EQUAL(guard_check_swap(g, "a", 0, &node_a, &holder), 0);
    CU_ASSERT_EQUAL(guard_check_swap(g, "b", 5, &node_a, &holder), -EBUSY);
    CU_ASSERT_EQUAL(guard_check_swap(g, "b", 6, &node_a, &holder), 0);
    CU_ASSERT_EQUAL(guard_check_swap(g, "b", 0, &node_b, &holder), 0);
    CU_ASSERT_EQUAL(guard_holds(g), 1);
    claim("a", 5, &node_b, 1, 10, 1000);
    guard_forget(g, &node_a);
    CU_ASSERT_EQUAL(guard_holds(g), 1);
    tear_down();
}

/* A claim holds others off while its control is on its way, and leaves no trace when that fails: an earlier
 * lease of the same xApp stands. */
static void test_claims(void)
{
    guard_item_t x = {&node_a, 1, 1, 0, 10}, y = {&node_a, 1, 1, 0, 20};
    set_up();
    CU_ASSERT_EQUAL(guard_claim(g, "a", 5, &x, 1, 1000, &item, &holder), 0);
    CU_ASSERT_EQUAL(guard_claim(g, "b", 5, &y, 1, 1000, &item, &holder), -EBUSY);
    guard_release(g, "b", &y, 1); /* nothing of b's */
    CU_ASSERT_EQUAL(guard_holds(g), 1);
    guard_release(g, "a", &x, 1);
    CU_ASSERT_EQUAL(guard_holds(g), 0);
    CU_ASSERT_EQUAL(claim("a", 5, &node_a, 1, 10, 1000), 0);
    CU_ASSERT_EQUAL(guard_claim(g, "a", 5, &y, 1, 1000, &item, &holder), 0);
    guard_release(g, "a", &y, 1); /* the node refused the second value */
    CU_ASSERT_EQUAL(guard_claim(g, "b", 5, &y, 1, 0, &item, &holder), -EBUSY);
    CU_ASSERT_EQUAL(claim("a", 5, &node_a, 1, 20, 0), 0); /* for good: held no more */
    CU_ASSERT_EQUAL(guard_holds(g), 0);
    tear_down();
}

CU_MAIN("guard", {"a lease belongs to its xApp", test_a_lease_belongs_to_its_xapp},
        {"priority takes over", test_priority_takes_over}, {"all or nothing", test_all_or_nothing},
        {"swap and ends", test_swap_and_ends}, {"claims", test_claims})
