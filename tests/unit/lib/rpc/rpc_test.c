/* SPDX-License-Identifier: Apache-2.0 */
/* Our client against our server on one loop, over a unix socket; the messages are those of the admin service.
 */
#include "lib/rpc/rpc.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin.pb-c.h"
#include "lib/core/clock.h"
#include "lib/rpc/admin.h"
#include "tests/unit/cu.h"

typedef struct {
    uint32_t messages, done;
    size_t bytes;
    grpc_status_code code;
    char text[200];
    uint64_t first, last;
} seen_t;

static char address[128];
static loop_t *loop;
static rpc_call_t *held; /* a call that the server has not answered */
static uint32_t gone;

static void on_message(void *ctx, const uint8_t *bytes, size_t n)
{
    seen_t *s = ctx;
    s->bytes += n;
    Vitran__Admin__V1__SwapPluginReply *m = vitran__admin__v1__swap_plugin_reply__unpack(NULL, n, bytes);
    if (m) {
        if (!s->messages)
            s->first = m->slot;
        s->last = m->slot;
        vitran__admin__v1__swap_plugin_reply__free_unpacked(m, NULL);
    }
    s->messages++;
}

static void on_done(void *ctx, grpc_status_code code, const char *text)
{
    seen_t *s = ctx;
    s->done++;
    s->code = code;
    snprintf(s->text, sizeof s->text, "%s", text);
}

/* Runs the loop until *flag is at least `want`; false after 10 s. */
static bool run_until(const uint32_t *flag, uint32_t want)
{
    int64_t end = time_ns(CLOCK_MONOTONIC) + 10 * NS_PER_S;
    while (*flag < want && time_ns(CLOCK_MONOTONIC) < end)
        loop_run_once(loop, 50);
    return *flag >= want;
}

static void handle_echo(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n)
{
    (void)ctx;
    Vitran__Admin__V1__SwapPluginRequest *q = vitran__admin__v1__swap_plugin_request__unpack(NULL, n, bytes);
    if (!q) {
        rpc_call_fail(call, GRPC_STATUS_INVALID_ARGUMENT, "not a SwapPluginRequest");
        return;
    }
    Vitran__Admin__V1__SwapPluginReply reply = VITRAN__ADMIN__V1__SWAP_PLUGIN_REPLY__INIT;
    reply.to = q->to;
    reply.slot = 7;
    rpc_call_reply(call, &reply.base);
    vitran__admin__v1__swap_plugin_request__free_unpacked(q, NULL);
}

static void on_gone(void *ctx, rpc_call_t *call)
{
    (void)ctx;
    if (call == held)
        held = NULL;
    gone++;
}

static void handle_hold(void *ctx, rpc_call_t *call, const uint8_t *bytes, size_t n)
{
    (void)ctx;
    (void)bytes;
    (void)n;
    held = call;
    rpc_call_set_gone(call, on_gone, NULL);
}

static const rpc_method_t methods[] = {{NULL, "/test/Echo", handle_echo}, {NULL, "/test/Hold", handle_hold}};

static rpc_server_t *server;
static rpc_client_t *client;

static void set_up(void)
{
    snprintf(address, sizeof address, "unix:/tmp/vitran-rpc-test-%d.sock", (int)getpid());
    CU_ASSERT_EQUAL_FATAL(loop_create(&loop), 0);
    CU_ASSERT_EQUAL_FATAL(rpc_server_create(loop, address, methods, 2, NULL, &server), 0);
    CU_ASSERT_EQUAL_FATAL(rpc_client_create(loop, address, &client), 0);
    held = NULL;
    gone = 0;
}

static void tear_down(void)
{
    rpc_client_destroy(client);
    rpc_server_destroy(server);
    loop_destroy(loop);
    unlink(address + 5);
}

static int call(const char *path, const char *to, uint32_t timeout_ms, seen_t *seen, rpc_request_t **ret)
{
    Vitran__Admin__V1__SwapPluginRequest q = VITRAN__ADMIN__V1__SWAP_PLUGIN_REQUEST__INIT;
    q.to = (char *)to;
    return rpc_client_call(client, path, &q.base, timeout_ms, on_message, on_done, seen, ret);
}

static void test_unary(void)
{
    seen_t s = {0};
    set_up();
    CU_ASSERT_EQUAL(call("/test/Echo", "pf", 5000, &s, NULL), 0);
    CU_ASSERT(run_until(&s.done, 1));
    CU_ASSERT_EQUAL(s.code, GRPC_STATUS_OK);
    CU_ASSERT_EQUAL(s.messages, 1);
    CU_ASSERT_EQUAL(s.first, 7);
    tear_down();
}

static void test_unknown_method_is_answered(void)
{
    seen_t s = {0};
    set_up();
    call("/test/Nothing", "", 5000, &s, NULL);
    CU_ASSERT(run_until(&s.done, 1));
    CU_ASSERT_EQUAL(s.code, GRPC_STATUS_UNIMPLEMENTED);
    CU_ASSERT_EQUAL(rpc_server_counters(server)->unimplemented, 1);
    tear_down();
}

static void test_deadline_reaches_the_server(void)
{
    seen_t s = {0};
    set_up();
    call("/test/Hold", "", 100, &s, NULL);
    CU_ASSERT(run_until(&s.done, 1));
    CU_ASSERT_EQUAL(s.code, GRPC_STATUS_DEADLINE_EXCEEDED);
    CU_ASSERT(run_until(&gone, 1));
    CU_ASSERT_PTR_NULL(held);
    tear_down();
}

static void test_cancel_reaches_the_server(void)
{
    seen_t s = {0};
    rpc_request_t *r = NULL;
    set_up();
    call("/test/Hold", "", 0, &s, &r);
    for (int i = 0; i < 200 && !held; i++)
        loop_run_once(loop, 50);
    CU_ASSERT_PTR_NOT_NULL(held);
    rpc_request_cancel(r);
    CU_ASSERT(run_until(&s.done, 1));
    CU_ASSERT_EQUAL(s.code, GRPC_STATUS_CANCELLED);
    CU_ASSERT(run_until(&gone, 1));
    tear_down();
}

/* A stream whose queue is shorter than what is sent at once: the oldest go, the newest arrive, in order. */
static void test_stream_drops_the_oldest(void)
{
    seen_t s = {0};
    set_up();
    call("/test/Hold", "", 0, &s, NULL);
    for (int i = 0; i < 200 && !held; i++)
        loop_run_once(loop, 50);
    CU_ASSERT_PTR_NOT_NULL_FATAL(held);
    rpc_call_set_queue(held, 10);
    for (uint32_t i = 1; i <= 100; i++) {
        Vitran__Admin__V1__SwapPluginReply m = VITRAN__ADMIN__V1__SWAP_PLUGIN_REPLY__INIT;
        m.slot = i;
        CU_ASSERT_EQUAL(rpc_call_send(held, &m.base), 0);
    }
    /* The first was on its way already. */
    CU_ASSERT_EQUAL(rpc_call_dropped(held), 89);
    rpc_call_end(held, GRPC_STATUS_OK, "");
    held = NULL;
    CU_ASSERT(run_until(&s.done, 1));
    CU_ASSERT_EQUAL(s.code, GRPC_STATUS_OK);
    CU_ASSERT_EQUAL(s.messages, 11);
    CU_ASSERT_EQUAL(s.first, 1);
    CU_ASSERT_EQUAL(s.last, 100);
    CU_ASSERT_EQUAL(gone, 0);
    tear_down();
}

static void test_server_goes_with_calls_open(void)
{
    seen_t s = {0};
    set_up();
    call("/test/Hold", "", 0, &s, NULL);
    for (int i = 0; i < 200 && !held; i++)
        loop_run_once(loop, 50);
    rpc_server_destroy(server);
    server = NULL;
    CU_ASSERT_EQUAL(gone, 1);
    CU_ASSERT(run_until(&s.done, 1));
    CU_ASSERT_NOT_EQUAL(s.code, GRPC_STATUS_OK);
    /* The next call of the same client fails, and works again once a server is back. */
    seen_t again = {0};
    call("/test/Echo", "x", 2000, &again, NULL);
    CU_ASSERT(run_until(&again.done, 1));
    CU_ASSERT_EQUAL(again.code, GRPC_STATUS_UNAVAILABLE);
    tear_down();
}

static void test_bad_address(void)
{
    rpc_server_t *s = NULL;
    CU_ASSERT_EQUAL_FATAL(loop_create(&loop), 0);
    CU_ASSERT_EQUAL(rpc_server_create(loop, "unix:/nonexistent/x.sock", methods, 2, NULL, &s), -EADDRINUSE);
    CU_ASSERT_PTR_NULL(s);
    loop_destroy(loop);
}

static void fill_status(void *ctx, admin_row_t *row)
{
    (void)ctx;
    admin_text(row, "cell", "%s", "up");
    admin_integer(row, "ues", 4);
}

static void fill_ues(void *ctx, admin_rows_t *rows)
{
    (void)ctx;
    for (int i = 0; i < 3; i++) {
        admin_row_t *r = admin_row_add(rows);
        admin_integer(r, "rnti", 0x4601 + i);
        admin_real(r, "cqi", 15.0);
    }
}

static Vitran__Admin__V1__ListUesReply *ues;
static void on_ues(void *ctx, const uint8_t *bytes, size_t n)
{
    (void)ctx;
    ues = vitran__admin__v1__list_ues_reply__unpack(NULL, n, bytes);
}

static Vitran__Admin__V1__CountersReply *counters;
static void on_counters(void *ctx, const uint8_t *bytes, size_t n)
{
    (void)ctx;
    counters = vitran__admin__v1__counters_reply__unpack(NULL, n, bytes);
}

static void test_admin(void)
{
    seen_t s = {0};
    admin_t *admin = NULL;
    static const admin_provider_t provider = {fill_status, fill_ues};
    snprintf(address, sizeof address, "unix:/tmp/vitran-admin-test-%d.sock", (int)getpid());
    CU_ASSERT_EQUAL_FATAL(loop_create(&loop), 0);
    CU_ASSERT_EQUAL_FATAL(admin_create(loop, address, "vitran-test", &provider, NULL, NULL, 0, NULL, &admin),
                          0);
    CU_ASSERT_EQUAL_FATAL(rpc_client_create(loop, address, &client), 0);
    Vitran__Admin__V1__ListUesRequest q = VITRAN__ADMIN__V1__LIST_UES_REQUEST__INIT;
    rpc_client_call(client, "/vitran.admin.v1.Admin/ListUes", &q.base, 5000, on_ues, on_done, &s, NULL);
    CU_ASSERT(run_until(&s.done, 1));
    CU_ASSERT_PTR_NOT_NULL_FATAL(ues);
    CU_ASSERT_EQUAL(ues->n_ues, 3);
    CU_ASSERT_EQUAL(ues->ues[2]->cells[0]->integer, 0x4603);
    CU_ASSERT_STRING_EQUAL(ues->ues[2]->cells[1]->name, "cqi");
    vitran__admin__v1__list_ues_reply__free_unpacked(ues, NULL);
    Vitran__Admin__V1__CountersRequest cq = VITRAN__ADMIN__V1__COUNTERS_REQUEST__INIT;
    rpc_client_call(client, "/vitran.admin.v1.Admin/Counters", &cq.base, 5000, on_counters, on_done, &s,
                    NULL);
    CU_ASSERT(run_until(&s.done, 2));
    CU_ASSERT_PTR_NOT_NULL_FATAL(counters);
    CU_ASSERT_EQUAL(counters->n_sets, 1);
    CU_ASSERT_STRING_EQUAL(counters->sets[0]->layer, "rpc");
    CU_ASSERT_STRING_EQUAL(counters->sets[0]->counters[0]->name, "calls");
    CU_ASSERT_EQUAL(counters->sets[0]->counters[0]->value, 2);
    vitran__admin__v1__counters_reply__free_unpacked(counters, NULL);
    rpc_client_destroy(client);
    admin_destroy(admin);
    loop_destroy(loop);
    unlink(address + 5);
}

CU_MAIN("rpc", {"unary", test_unary}, {"unknown method is answered", test_unknown_method_is_answered},
        {"deadline reaches the server", test_deadline_reaches_the_server},
        {"cancel reaches the server", test_cancel_reaches_the_server},
        {"stream drops the oldest", test_stream_drops_the_oldest},
        {"server goes with calls open", test_server_goes_with_calls_open}, {"bad address", test_bad_address},
        {"admin", test_admin})
