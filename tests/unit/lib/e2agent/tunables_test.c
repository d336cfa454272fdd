/* SPDX-License-Identifier: Apache-2.0 */
/* Requests, leases and their ends, on virtual time with a plugin host that applies when the test says so. */
#include "lib/e2agent/tunables.h"

#include "lib/core/clock.h"
#include "tests/doubles/plugin_host.h"
#include "tests/unit/cu.h"

typedef struct {
    uint32_t n, item;
    int status;
    uint64_t slot;
    vtn_value_t first;
} seen_t;

static loop_t *loop;
static tunables_t *t;
static plugin_host_t host;
static uint32_t n_events;
static tunables_cause_t last_cause;

static void on_done(void *ctx, const tunables_result_t *r)
{
    seen_t *s = ctx;
    s->n++;
    s->status = r->status;
    s->item = r->item;
    s->slot = r->slot;
    if (r->n)
        s->first = r->readback[0].v;
}

static void on_value(void *ctx, const vtn_set_t *now, tunables_cause_t cause, uint64_t slot)
{
    (void)ctx;
    (void)now;
    (void)slot;
    n_events++;
    last_cause = cause;
}

static const tunables_listener_t listener = {NULL, on_value};

static void set_up(void)
{
    CU_ASSERT_EQUAL_FATAL(loop_create(&loop), 0);
    loop_set_virtual(loop);
    host_init(&host, 2, 4);
    host.plugins[0].state = TUNABLES_AVAILABLE;
    host.plugins[1].state = TUNABLES_RUNNING;
    CU_ASSERT_EQUAL_FATAL(tunables_create(loop, &host_provider, &host, NULL, &t), 0);
    host.tunables = t;
    tunables_listen(t, &listener, NULL);
    n_events = 0;
}

static void tear_down(void)
{
    tunables_destroy(t);
    loop_destroy(loop);
}

static int set_f(uint32_t id, uint32_t key, double v, uint32_t lease_ms, seen_t *s)
{
    vtn_set_t set = {id, key, {.f = v}};
    return tunables_set(t, &set, 1, lease_ms, TUNABLES_NOW, TUNABLES_BY_CONTROL, on_done, s, NULL);
}

static void test_answer_comes_after_it_is_applied(void)
{
    seen_t s = {0};
    set_up();
    CU_ASSERT_EQUAL(set_f(HOST_ALPHA, 0, 0.5, 0, &s), 0);
    CU_ASSERT_EQUAL(s.n, 0);
    CU_ASSERT_EQUAL(host.values[HOST_ALPHA][0].f, 1.0);
    host_tick(&host);
    CU_ASSERT_EQUAL(s.n, 1);
    CU_ASSERT_EQUAL(s.status, 0);
    CU_ASSERT_EQUAL(s.slot, 1001);
    CU_ASSERT_EQUAL(s.first.f, 0.5);
    tear_down();
}

static void test_what_does_not_fit_is_refused_at_once(void)
{
    seen_t s = {0};
    uint32_t item = 0;
    set_up();
    CU_ASSERT_EQUAL(set_f(99, 0, 0.5, 0, &s), -ENOENT);
    CU_ASSERT_EQUAL(set_f(HOST_ALPHA, 0, 2.01, 0, &s), -ERANGE);
    CU_ASSERT_EQUAL(set_f(HOST_ALPHA, 0, 0.0 / 0.0, 0, &s), -EDOM);
    CU_ASSERT_EQUAL(set_f(HOST_WEIGHT, 2, 1.0, 0, &s), -ENXIO);
    CU_ASSERT_EQUAL(set_f(HOST_WEIGHT, 1, 0.15, 0, &s), -EDOM);
    CU_ASSERT_EQUAL(set_f(HOST_WEIGHT, 1, 0.7, 0, &s), 0);
    vtn_set_t two[2] = {{HOST_MIN, 0, {.i = 10}}, {HOST_DEDICATED, 0, {.i = 7}}};
    CU_ASSERT_EQUAL(tunables_set(t, two, 2, 0, TUNABLES_NOW, TUNABLES_BY_CONTROL, on_done, &s, &item), -EDOM);
    CU_ASSERT_EQUAL(item, 1);
    two[1] = two[0];
    CU_ASSERT_EQUAL(tunables_set(t, two, 2, 0, TUNABLES_NOW, TUNABLES_BY_CONTROL, on_done, &s, &item),
                    -EEXIST);
    CU_ASSERT_EQUAL(tunables_set(t, two, 1, 0, 1000, TUNABLES_BY_CONTROL, on_done, &s, &item), -ESTALE);
    CU_ASSERT_EQUAL(host.values[HOST_MIN][0].i, 0);
    tear_down();
}

static void test_lease_returns_the_earlier_value(void)
{
    seen_t s = {0};
    set_up();
    host.at_once = true;
    set_f(HOST_ALPHA, 0, 0.8, 0, &s);
    set_f(HOST_ALPHA, 0, 0.2, 1000, &s);
    CU_ASSERT_EQUAL(tunables_lease_left_ms(t, HOST_ALPHA, 0), 1001);
    loop_advance(loop, 999 * NS_PER_MS);
    CU_ASSERT_EQUAL(host.values[HOST_ALPHA][0].f, 0.2);
    loop_advance(loop, 1 * NS_PER_MS);
    CU_ASSERT_EQUAL(host.values[HOST_ALPHA][0].f, 0.8);
    CU_ASSERT_EQUAL(last_cause, TUNABLES_BY_LEASE_END);
    CU_ASSERT_EQUAL(tunables_lease_left_ms(t, HOST_ALPHA, 0), 0);
    CU_ASSERT_EQUAL(tunables_counters(t)->leases_expired, 1);
    tear_down();
}

/* Renewing keeps the first value to return to; a set without a lease ends it. */
static void test_lease_renewed_and_ended(void)
{
    seen_t s = {0};
    set_up();
    host.at_once = true;
    set_f(HOST_ALPHA, 0, 0.2, 1000, &s);
    loop_advance(loop, 600 * NS_PER_MS);
    set_f(HOST_ALPHA, 0, 0.3, 1000, &s);
    loop_advance(loop, 600 * NS_PER_MS);
    CU_ASSERT_EQUAL(host.values[HOST_ALPHA][0].f, 0.3);
    loop_advance(loop, 500 * NS_PER_MS);
    CU_ASSERT_EQUAL(host.values[HOST_ALPHA][0].f, 1.0);
    set_f(HOST_ALPHA, 0, 0.2, 1000, &s);
    set_f(HOST_ALPHA, 0, 0.4, 0, &s);
    loop_advance(loop, 2000 * NS_PER_MS);
    CU_ASSERT_EQUAL(host.values[HOST_ALPHA][0].f, 0.4);
    tear_down();
}

static void test_ric_lost_returns_all_leases(void)
{
    seen_t s = {0};
    set_up();
    host.at_once = true;
    set_f(HOST_ALPHA, 0, 0.2, 60000, &s);
    set_f(HOST_WEIGHT, 1, 5.0, 60000, &s);
    set_f(HOST_WEIGHT, 0, 3.0, 0, &s);
    tunables_ric_lost(t);
    loop_advance(loop, 1);
    CU_ASSERT_EQUAL(host.values[HOST_ALPHA][0].f, 1.0);
    CU_ASSERT_EQUAL(host.values[HOST_WEIGHT][1].f, 1.0);
    CU_ASSERT_EQUAL(host.values[HOST_WEIGHT][0].f, 3.0);
    CU_ASSERT_EQUAL(last_cause, TUNABLES_BY_RIC_LOST);
    tear_down();
}

/* A return that fails is tried again until it is in force. */
static void test_return_is_tried_again(void)
{
    seen_t s = {0};
    set_up();
    host.at_once = true;
    set_f(HOST_ALPHA, 0, 0.2, 1000, &s);
    host.refuse = -EBUSY;
    loop_advance(loop, 1050 * NS_PER_MS);
    CU_ASSERT_EQUAL(host.values[HOST_ALPHA][0].f, 0.2);
    CU_ASSERT_EQUAL(tunables_counters(t)->restore_failed, 1);
    loop_advance(loop, 100 * NS_PER_MS);
    CU_ASSERT_EQUAL(host.values[HOST_ALPHA][0].f, 1.0);
    tear_down();
}

static void test_requests_keep_their_order(void)
{
    seen_t a = {0}, b = {0}, c = {0};
    set_up();
    set_f(HOST_ALPHA, 0, 0.1, 0, &a);
    set_f(HOST_ALPHA, 0, 0.2, 0, &b);
    CU_ASSERT_EQUAL(tunables_swap(t, "org.vitran.sched-rr", TUNABLES_NOW, on_done, &c), 0);
    host_tick(&host);
    CU_ASSERT_EQUAL(a.n, 1);
    CU_ASSERT_EQUAL(b.n, 0);
    host_tick(&host);
    CU_ASSERT_EQUAL(b.n, 1);
    host_tick(&host);
    CU_ASSERT_EQUAL(c.n, 1);
    CU_ASSERT_EQUAL(c.slot, 1003);
    CU_ASSERT_STRING_EQUAL(tunables_running(t)->id, "org.vitran.sched-rr");
    tear_down();
}

/* What is queued behind a swap is checked again against the plugin that runs by then. */
static void test_set_behind_a_swap(void)
{
    seen_t a = {0}, b = {0};
    set_up();
    set_f(HOST_ALPHA, 0, 0.2, 60000, &a);
    host_tick(&host);
    tunables_swap(t, "org.vitran.sched-rr", TUNABLES_NOW, on_done, &a);
    CU_ASSERT_EQUAL(set_f(HOST_ALPHA, 0, 0.2, 0, &b), 0);
    host_tick(&host);
    CU_ASSERT_EQUAL(b.n, 1);
    CU_ASSERT_EQUAL(b.status, -ENOENT);
    CU_ASSERT_EQUAL(b.item, 0);
    CU_ASSERT_EQUAL(tunables_lease_left_ms(t, HOST_ALPHA, 0), 0);
    CU_ASSERT_EQUAL(tunables_swap(t, "org.vitran.sched-rr", TUNABLES_NOW, on_done, &a), -EALREADY);
    CU_ASSERT_EQUAL(tunables_swap(t, "nobody", TUNABLES_NOW, on_done, &a), -ENOENT);
    tear_down();
}

static void test_slot_thread_that_does_not_answer(void)
{
    seen_t s = {0}, later = {0};
    set_up();
    set_f(HOST_ALPHA, 0, 0.2, 1000, &s);
    loop_advance(loop, (TUNABLES_TIMEOUT_MS + 1) * NS_PER_MS);
    CU_ASSERT_EQUAL(s.n, 1);
    CU_ASSERT_EQUAL(s.status, -ETIMEDOUT);
    uint64_t late = host.job.token;
    host.job.on = false;
    CU_ASSERT_EQUAL(set_f(HOST_ALPHA, 0, 0.3, 0, &later), 0);
    tunables_applied(t, late, 0, 1, NULL);
    CU_ASSERT_EQUAL(later.n, 0);
    host_tick(&host);
    CU_ASSERT_EQUAL(later.n, 1);
    CU_ASSERT_EQUAL(s.n, 1);
    tear_down();
}

static void test_at_slot(void)
{
    seen_t s = {0};
    vtn_set_t set = {HOST_ALPHA, 0, {.f = 0.25}};
    set_up();
    CU_ASSERT_EQUAL(tunables_set(t, &set, 1, 0, 1003, TUNABLES_BY_CONTROL, on_done, &s, NULL), 0);
    host_tick(&host);
    host_tick(&host);
    CU_ASSERT_EQUAL(s.n, 0);
    host_tick(&host);
    CU_ASSERT_EQUAL(s.n, 1);
    CU_ASSERT_EQUAL(s.slot, 1003);
    tear_down();
}

static void test_ue_removed(void)
{
    seen_t s = {0};
    set_up();
    host.at_once = true;
    set_f(HOST_UE_WEIGHT, 3, 9.0, 1000, &s);
    set_f(HOST_ALPHA, 0, 0.5, 1000, &s);
    set_f(HOST_UE_WEIGHT, 2, 9.0, 1000, &s);
    tunables_ue_removed(t, 3);
    host.n_ues = 2; /* the other one's removal was not told: it must not keep alpha from returning */
    loop_advance(loop, 1001 * NS_PER_MS);
    CU_ASSERT_EQUAL(host.values[HOST_ALPHA][0].f, 1.0);
    CU_ASSERT_EQUAL(tunables_counters(t)->restore_failed, 0);
    tear_down();
}

CU_MAIN("tunables", {"answer comes after it is applied", test_answer_comes_after_it_is_applied},
        {"what does not fit is refused at once", test_what_does_not_fit_is_refused_at_once},
        {"lease returns the earlier value", test_lease_returns_the_earlier_value},
        {"lease renewed and ended", test_lease_renewed_and_ended},
        {"RIC lost returns all leases", test_ric_lost_returns_all_leases},
        {"return is tried again", test_return_is_tried_again},
        {"requests keep their order", test_requests_keep_their_order},
        {"set behind a swap", test_set_behind_a_swap},
        {"slot thread that does not answer", test_slot_thread_that_does_not_answer},
        {"at slot", test_at_slot}, {"UE removed", test_ue_removed})
