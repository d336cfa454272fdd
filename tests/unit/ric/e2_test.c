/* SPDX-License-Identifier: Apache-2.0 */
/* A RIC and an E2 node over SCTP on loopback, in one process on one loop, driven by gRPC calls as an xApp
 * makes them. The node's plugin host and counters are doubles. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <unistd.h>

#include "e2sm/rc/rc.h"
#include "lib/core/clock.h"
#include "lib/e2agent/e2agent.h"
#include "ric/ric.h"
#include "tests/doubles/plugin_host.h"
#include "tests/unit/cu.h"
#include "vitran_ric.pb-c.h"

static const uint32_t slices[] = {E2AGENT_SLICE(1, E2AGENT_NO_SD), E2AGENT_SLICE(1, 2)};

static loop_t *loop;
static ric_t ric;
static e2agent_t *agent;
static tunables_t *tunables;
static plugin_host_t host;
static rpc_client_t *client;
static uint32_t n_ues;
static e2agent_ue_t ues[80];
static e2agent_cell_t cell;
static loop_timer_t clock_timer;
static bool clock_on;
static char address[128];
static uint16_t next_port = 41000;
static uint16_t e2_udp_port;

/* ---- the node's counters ---- */

static uint32_t give_ues(void *ctx, e2agent_ue_t *out, uint32_t cap)
{
    (void)ctx;
    for (uint32_t i = 0; i < n_ues && i < cap; i++)
        out[i] = ues[i];
    return n_ues;
}

static void give_cell(void *ctx, e2agent_cell_t *out)
{
    (void)ctx;
    *out = cell;
}

static const e2agent_provider_t provider = {give_ues, give_cell, NULL};

/* A slot of 0.5 ms: half of the cell's 51 PRBs go to UE 0, a quarter to UE 1. */
static void on_clock(void *ctx)
{
    (void)ctx;
    cell.slot++;
    cell.dl_slots_prbs += 51;
    cell.dl_prbs += 36;
    cell.dl_bytes += 900;
    ues[0].dl_prbs += 24;
    ues[0].dl_bytes += 600;
    ues[1].dl_prbs += 12;
    ues[1].dl_bytes += 300;
    host_tick(&host);
    if (clock_on)
        loop_timer_start(&clock_timer, NS_PER_MS / 2);
}

/* ---- set-up ---- */

static e2agent_config_t agent_config;
static bool await_f1;

static bool wait_for(bool (*what)(void))
{
    int64_t end = time_ns(CLOCK_MONOTONIC) + 10 * NS_PER_S;
    while (!what() && time_ns(CLOCK_MONOTONIC) < end)
        loop_run_once(loop, 20);
    return what();
}

static bool is_up(void)
{
    return e2agent_is_up(agent) && ric.term && e2term_nodes(ric.term) && e2term_node(ric.term, 0)->connected;
}

static void start_ric(void)
{
    ric_config_t c = {.e2 = {.sctp = {.carrier = ASSOC_CARRIER_UDP,
                                      .local = "127.0.0.1",
                                      .local_port = 36421,
                                      .local_udp_port = e2_udp_port},
                             .plmn = {0x00, 0xf1, 0x10},
                             .ric_id = 1},
                      .xapp_listen = address};
    const char *what = "";
    CU_ASSERT_EQUAL_FATAL(ric_start(&ric, loop, &c, NULL, &what), 0);
}

static void set_up(void)
{
    e2_udp_port = (uint16_t)(next_port + getpid() % 1000 * 4);
    next_port += 2;
    snprintf(address, sizeof address, "unix:/tmp/vitran-e2-test-%d.sock", (int)getpid());
    CU_ASSERT_EQUAL_FATAL(loop_create(&loop), 0);
    host_init(&host, 2, 2);
    n_ues = 2;
    memset(ues, 0, sizeof ues);
    memset(&cell, 0, sizeof cell);
    cell.n_prb_dl = cell.n_prb_ul = 51;
    for (uint32_t i = 0; i < 2; i++)
        ues[i] = (e2agent_ue_t){.cu_ue_f1ap_id = 100 + i,
                                .has_cu_id = true,
                                .rnti = (uint16_t)(0x4601 + i),
                                .ue = (uint16_t)i,
                                .ue_generation = 1,
                                .slice = (uint8_t)i,
                                .cqi_x10 = 120};
    CU_ASSERT_EQUAL_FATAL(tunables_create(loop, &host_provider, &host, NULL, &tunables), 0);
    host.tunables = tunables;
    start_ric();
    agent_config = (e2agent_config_t){.node = E2AGENT_GNB_DU,
                                      .plmn = {0x00, 0xf1, 0x10},
                                      .gnb_id = 411,
                                      .gnb_id_bits = 22,
                                      .du_id = 1,
                                      .nr_cell_id = 411u << 14 | 1,
                                      .slices = slices,
                                      .n_slices = 2,
                                      .sctp = {.carrier = ASSOC_CARRIER_UDP,
                                               .remote = "127.0.0.1",
                                               .remote_port = 36421,
                                               .local_udp_port = (uint16_t)(e2_udp_port + 1),
                                               .remote_udp_port = e2_udp_port,
                                               .backoff_min_ms = 50,
                                               .backoff_max_ms = 200},
                                      .await_f1 = await_f1,
                                      .setup_retry_ms = 100};
    CU_ASSERT_EQUAL_FATAL(e2agent_create(loop, &agent_config, &provider, NULL, tunables, NULL, &agent), 0);
    CU_ASSERT_EQUAL_FATAL(rpc_client_create(loop, address, &client), 0);
    clock_on = true;
    loop_timer_init(loop, &clock_timer, on_clock, NULL);
    loop_timer_start(&clock_timer, NS_PER_MS / 2);
    if (!await_f1)
        CU_ASSERT_TRUE_FATAL(wait_for(is_up));
}

static void tear_down(void)
{
    clock_on = false;
    loop_timer_stop(&clock_timer);
    rpc_client_destroy(client);
    e2agent_destroy(agent);
    tunables_destroy(tunables);
    if (ric.term)
        ric_stop(&ric);
    loop_destroy(loop);
    unlink(address + 5);
}

/* ---- calls ---- */

typedef struct {
    bool done;
    grpc_status_code code;
    char text[200];
    uint8_t bytes[65536];
    size_t n;
    uint32_t messages;
} answer_t;

static void on_message(void *ctx, const uint8_t *bytes, size_t n)
{
    answer_t *a = ctx;
    a->messages++;
    a->n = n < sizeof a->bytes ? n : 0;
    memcpy(a->bytes, bytes, a->n);
}

static void on_done(void *ctx, grpc_status_code code, const char *text)
{
    answer_t *a = ctx;
    a->done = true;
    a->code = code;
    snprintf(a->text, sizeof a->text, "%s", text);
}

static void call(const char *method, const ProtobufCMessage *m, answer_t *a)
{
    char path[64];
    int64_t end = time_ns(CLOCK_MONOTONIC) + 10 * NS_PER_S;
    memset(a, 0, sizeof *a);
    snprintf(path, sizeof path, "/vitran.ric.v1.Ric/%s", method);
    CU_ASSERT_EQUAL(rpc_client_call(client, path, m, 8000, on_message, on_done, a, NULL), 0);
    while (!a->done && time_ns(CLOCK_MONOTONIC) < end)
        loop_run_once(loop, 20);
    CU_ASSERT(a->done);
}

static answer_t answer;

static grpc_status_code swap_to(const char *to)
{
    Vitran__Ric__V1__SwapPluginRequest q = VITRAN__RIC__V1__SWAP_PLUGIN_REQUEST__INIT;
    q.to = (char *)to;
    call("SwapPlugin", &q.base, &answer);
    return answer.code;
}

static grpc_status_code set_as(const char *xapp, uint32_t priority, const char *name, double v, int ue,
                               uint32_t lease_ms)
{
    Vitran__Ric__V1__SetParametersRequest q = VITRAN__RIC__V1__SET_PARAMETERS_REQUEST__INIT;
    Vitran__Ric__V1__Requester who = VITRAN__RIC__V1__REQUESTER__INIT;
    Vitran__Ric__V1__Setting s = VITRAN__RIC__V1__SETTING__INIT, *list = &s;
    Vitran__Ric__V1__Value value = VITRAN__RIC__V1__VALUE__INIT;
    Vitran__Ric__V1__UeId id = VITRAN__RIC__V1__UE_ID__INIT;
    who.xapp = (char *)xapp;
    who.priority = priority;
    q.requester = &who;
    value.value_case = VITRAN__RIC__V1__VALUE__VALUE_REAL;
    value.real = v;
    s.parameter_case = VITRAN__RIC__V1__SETTING__PARAMETER_NAME;
    s.name = (char *)name;
    s.value = &value;
    if (ue >= 0) {
        id.gnb_cu_ue_f1ap_id = (uint32_t)ue;
        s.scope_case = VITRAN__RIC__V1__SETTING__SCOPE_UE;
        s.ue = &id;
    }
    q.settings = &list;
    q.n_settings = 1;
    q.lease_ms = lease_ms;
    call("SetParameters", &q.base, &answer);
    return answer.code;
}

/* ---- tests ---- */

static void test_setup_and_nodes(void)
{
    Vitran__Ric__V1__ListNodesRequest q = VITRAN__RIC__V1__LIST_NODES_REQUEST__INIT;
    set_up();
    call("ListNodes", &q.base, &answer);
    Vitran__Ric__V1__ListNodesReply *m =
        vitran__ric__v1__list_nodes_reply__unpack(NULL, answer.n, answer.bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    CU_ASSERT_EQUAL_FATAL(m->n_nodes, 1);
    CU_ASSERT_STRING_EQUAL(m->nodes[0]->id, "gnb-du/001-01/411/1");
    CU_ASSERT_EQUAL_FATAL(m->nodes[0]->n_functions, 3);
    const Vitran__Ric__V1__RanFunction *kpm = m->nodes[0]->functions[0], *plg = m->nodes[0]->functions[2];
    CU_ASSERT_EQUAL(kpm->kpm->n_report_styles, 2);
    CU_ASSERT_STRING_EQUAL(kpm->kpm->report_styles[1]->measurements[0], "DRB.UEThpDl");
    CU_ASSERT_EQUAL(plg->plg->n_slices, 2);
    CU_ASSERT_EQUAL(plg->plg->n_plugins, 2);
    CU_ASSERT_EQUAL(plg->plg->plugins[0]->state, VITRAN__RIC__V1__PLUGIN__STATE__RUNNING);
    CU_ASSERT_EQUAL(plg->plg->plugins[1]->n_parameters, 7);
    CU_ASSERT_EQUAL(plg->plg->plugins[1]->parameters[0]->max->real, 2.0);
    vitran__ric__v1__list_nodes_reply__free_unpacked(m, NULL);
    tear_down();
}

static bool config_update_came(void)
{
    return e2term_counters(ric.term)->config_updates >= 1;
}

/* A DU has nothing to tell before F1 is set up, and tells again when it is set up anew. */
static void test_f1_comes_first(void)
{
    await_f1 = true;
    set_up();
    await_f1 = false;
    for (int i = 0; i < 20; i++)
        loop_run_once(loop, 20);
    CU_ASSERT_FALSE(e2agent_is_up(agent));
    CU_ASSERT_EQUAL(e2agent_counters(agent)->tx, 0);
    CU_ASSERT_EQUAL(e2agent_set_f1(agent, (const uint8_t *)"request", 7, (const uint8_t *)"response", 8), 0);
    CU_ASSERT(wait_for(is_up));
    CU_ASSERT_EQUAL(e2agent_set_f1(agent, (const uint8_t *)"again", 5, (const uint8_t *)"and again", 9), 0);
    CU_ASSERT(wait_for(config_update_came));
    CU_ASSERT(is_up());
    tear_down();
}

static bool update_done(void)
{
    return e2agent_counters(agent)->service_updates >= 1;
}

static void test_swap_set_read_back(void)
{
    set_up();
    CU_ASSERT_EQUAL(set_as("a", 0, "pf.alpha", 0.5, -1, 0), GRPC_STATUS_NOT_FOUND); /* rr has none */
    CU_ASSERT_EQUAL(swap_to("pf"), GRPC_STATUS_OK);
    Vitran__Ric__V1__SwapPluginReply *s =
        vitran__ric__v1__swap_plugin_reply__unpack(NULL, answer.n, answer.bytes);
    CU_ASSERT_STRING_EQUAL(s->from, "org.vitran.sched-rr");
    CU_ASSERT_STRING_EQUAL(s->to, "org.vitran.sched-pf");
    CU_ASSERT(s->slot > 1000);
    vitran__ric__v1__swap_plugin_reply__free_unpacked(s, NULL);
    CU_ASSERT(wait_for(update_done));
    CU_ASSERT_EQUAL(set_as("a", 0, "pf.alpha", 0.5, -1, 0), GRPC_STATUS_OK);
    Vitran__Ric__V1__SetParametersReply *m =
        vitran__ric__v1__set_parameters_reply__unpack(NULL, answer.n, answer.bytes);
    CU_ASSERT_EQUAL_FATAL(m->n_readback, 1);
    CU_ASSERT_EQUAL(m->readback[0]->value->real, 0.5);
    CU_ASSERT_STRING_EQUAL(m->readback[0]->name, "pf.alpha");
    CU_ASSERT_EQUAL(m->slot, host.applied_slot);
    vitran__ric__v1__set_parameters_reply__free_unpacked(m, NULL);
    CU_ASSERT_EQUAL(host.values[HOST_ALPHA][0].f, 0.5);
    /* A UE by its identity on F1 */
    CU_ASSERT_EQUAL(set_as("a", 0, "pf.ue_weight", 7.0, 101, 0), GRPC_STATUS_OK);
    CU_ASSERT_EQUAL(host.values[HOST_UE_WEIGHT][1].f, 7.0);
    CU_ASSERT_EQUAL(host.values[HOST_UE_WEIGHT][0].f, 1.0);
    CU_ASSERT_EQUAL(set_as("a", 0, "pf.ue_weight", 7.0, 555, 0), GRPC_STATUS_NOT_FOUND);
    CU_ASSERT_EQUAL(set_as("a", 0, "pf.alpha", 2.5, -1, 0), GRPC_STATUS_OUT_OF_RANGE);
    CU_ASSERT_EQUAL(host.values[HOST_ALPHA][0].f, 0.5);
    Vitran__Ric__V1__GetParametersRequest g = VITRAN__RIC__V1__GET_PARAMETERS_REQUEST__INIT;
    call("GetParameters", &g.base, &answer);
    Vitran__Ric__V1__GetParametersReply *v =
        vitran__ric__v1__get_parameters_reply__unpack(NULL, answer.n, answer.bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(v);
    CU_ASSERT_EQUAL(v->n_values, 12); /* 2 of the cell, 4 of each slice, 1 of each UE */
    CU_ASSERT_STRING_EQUAL(v->plugin, "org.vitran.sched-pf");
    vitran__ric__v1__get_parameters_reply__free_unpacked(v, NULL);
    CU_ASSERT_EQUAL(swap_to("nobody"), GRPC_STATUS_NOT_FOUND);
    tear_down();
}

static bool alpha_is_back(void)
{
    return host.values[HOST_ALPHA][0].f == 1.0;
}

static void test_leases_and_conflicts(void)
{
    set_up();
    CU_ASSERT_EQUAL(swap_to("pf"), GRPC_STATUS_OK);
    CU_ASSERT(wait_for(update_done));
    CU_ASSERT_EQUAL(set_as("a", 5, "pf.alpha", 0.25, -1, 60000), GRPC_STATUS_OK);
    CU_ASSERT_EQUAL(set_as("b", 5, "pf.alpha", 0.75, -1, 60000), GRPC_STATUS_ABORTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(answer.text, "'a'"));
    CU_ASSERT_EQUAL(set_as("b", 5, "pf.alpha", 0.25, -1, 0),
                    GRPC_STATUS_OK); /* the same value: no conflict */
    CU_ASSERT_EQUAL(set_as("a", 5, "pf.alpha", 0.25, -1, 60000), GRPC_STATUS_OK);
    CU_ASSERT_EQUAL(host.values[HOST_ALPHA][0].f, 0.25);
    CU_ASSERT_EQUAL(set_as("b", 6, "pf.alpha", 0.75, -1, 60000), GRPC_STATUS_OK); /* higher priority */
    CU_ASSERT_EQUAL(host.values[HOST_ALPHA][0].f, 0.75);
    tear_down();
}

static void test_lease_ends(void)
{
    set_up();
    CU_ASSERT_EQUAL(swap_to("pf"), GRPC_STATUS_OK);
    CU_ASSERT(wait_for(update_done));
    CU_ASSERT_EQUAL(set_as("a", 5, "pf.alpha", 0.25, -1, 200), GRPC_STATUS_OK);
    CU_ASSERT_EQUAL(host.values[HOST_ALPHA][0].f, 0.25);
    CU_ASSERT(wait_for(alpha_is_back));
    CU_ASSERT_EQUAL(tunables_counters(tunables)->leases_expired, 1);
    tear_down();
}

static bool is_down(void)
{
    return !e2agent_is_up(agent);
}

static void test_ric_lost_and_back(void)
{
    set_up();
    CU_ASSERT_EQUAL(swap_to("pf"), GRPC_STATUS_OK);
    CU_ASSERT(wait_for(update_done));
    CU_ASSERT_EQUAL(set_as("a", 5, "pf.alpha", 0.25, -1, 60000), GRPC_STATUS_OK);
    rpc_client_destroy(client);
    ric_stop(&ric);
    CU_ASSERT(wait_for(is_down));
    CU_ASSERT(wait_for(alpha_is_back)); /* a lease does not outlive its RIC */
    CU_ASSERT_EQUAL(tunables_counters(tunables)->leases_ric_lost, 1);
    start_ric();
    CU_ASSERT_EQUAL_FATAL(rpc_client_create(loop, address, &client), 0);
    CU_ASSERT(wait_for(is_up));
    CU_ASSERT_EQUAL(set_as("a", 5, "pf.alpha", 0.5, -1, 0), GRPC_STATUS_OK);
    tear_down();
}

static void test_rc_quota_sets_the_same_parameters(void)
{
    Vitran__Ric__V1__SetSlicePrbQuotaRequest q = VITRAN__RIC__V1__SET_SLICE_PRB_QUOTA_REQUEST__INIT;
    Vitran__Ric__V1__Slice slice = VITRAN__RIC__V1__SLICE__INIT;
    set_up();
    slice.sst = 1;
    slice.differentiator_case = VITRAN__RIC__V1__SLICE__DIFFERENTIATOR_SD;
    slice.sd = 2;
    q.slice = &slice;
    q.min_percent = 20;
    q.max_percent = 30;
    q.dedicated_percent = 10;
    call("SetSlicePrbQuota", &q.base, &answer);
    CU_ASSERT_EQUAL(answer.code, GRPC_STATUS_OK);
    Vitran__Ric__V1__SetSlicePrbQuotaReply *m =
        vitran__ric__v1__set_slice_prb_quota_reply__unpack(NULL, answer.n, answer.bytes);
    CU_ASSERT_EQUAL(m->max_percent, 30);
    CU_ASSERT_EQUAL(m->dedicated_percent, 10);
    CU_ASSERT(m->slot > 1000);
    vitran__ric__v1__set_slice_prb_quota_reply__free_unpacked(m, NULL);
    CU_ASSERT_EQUAL(host.values[HOST_MAX][1].i, 30);
    CU_ASSERT_EQUAL(host.values[HOST_MIN][1].i, 20);
    CU_ASSERT_EQUAL(host.values[HOST_MAX][0].i, 100);
    q.dedicated_percent = 7; /* not on the plugin's step of 5: nothing changes */
    q.max_percent = 50;
    call("SetSlicePrbQuota", &q.base, &answer);
    CU_ASSERT_EQUAL(answer.code, GRPC_STATUS_INVALID_ARGUMENT);
    CU_ASSERT_EQUAL(host.values[HOST_MAX][1].i, 30);
    slice.sd = 3;
    call("SetSlicePrbQuota", &q.base, &answer);
    CU_ASSERT_NOT_EQUAL(answer.code, GRPC_STATUS_OK);
    tear_down();
}

/* ---- subscriptions ---- */

typedef struct {
    uint32_t n;
    bool done;
    grpc_status_code code;
    double ue0, ue1;
    uint32_t n_ues, prb_tot, slice0;
    uint64_t last_start, gap;
} reports_t;

static void on_report(void *ctx, const uint8_t *bytes, size_t n)
{
    reports_t *r = ctx;
    Vitran__Ric__V1__Indication *m = vitran__ric__v1__indication__unpack(NULL, n, bytes);
    if (!m)
        return;
    if (m->what_case == VITRAN__RIC__V1__INDICATION__WHAT_KPM) {
        const Vitran__Ric__V1__KpmReport *k = m->kpm;
        r->gap = r->last_start ? k->collection_start_ms - r->last_start : 0;
        r->last_start = k->collection_start_ms;
        r->n_ues = (uint32_t)k->n_ues;
        if (k->n_ues == 2 && k->ues[0]->n_rows && k->ues[1]->n_rows) {
            r->ue0 = (double)k->ues[0]->rows[0]->measurements[0]->integer;
            r->ue1 = (double)k->ues[1]->rows[0]->measurements[0]->integer;
        }
        if (k->n_cell) {
            r->prb_tot = (uint32_t)k->cell[0]->measurements[0]->integer;
            r->slice0 = (uint32_t)k->cell[0]->measurements[1]->integer;
        }
    }
    r->n++;
    vitran__ric__v1__indication__free_unpacked(m, NULL);
}

static void on_report_done(void *ctx, grpc_status_code code, const char *text)
{
    reports_t *r = ctx;
    (void)text;
    r->done = true;
    r->code = code;
}

static rpc_request_t *subscribe_kpm(uint32_t style, uint32_t period_ms, const char *name, reports_t *r)
{
    Vitran__Ric__V1__SubscribeRequest q = VITRAN__RIC__V1__SUBSCRIBE_REQUEST__INIT;
    Vitran__Ric__V1__KpmSubscription k = VITRAN__RIC__V1__KPM_SUBSCRIPTION__INIT;
    Vitran__Ric__V1__Slice slice = VITRAN__RIC__V1__SLICE__INIT, *list = &slice;
    char *names[1] = {(char *)name};
    rpc_request_t *request = NULL;
    q.what_case = VITRAN__RIC__V1__SUBSCRIBE_REQUEST__WHAT_KPM;
    q.kpm = &k;
    k.style = style;
    k.period_ms = period_ms;
    k.measurements = names;
    k.n_measurements = 1;
    slice.sst = 1;
    if (style == 1) {
        k.slices = &list;
        k.n_slices = 1;
    }
    memset(r, 0, sizeof *r);
    rpc_client_call(client, "/vitran.ric.v1.Ric/Subscribe", &q.base, 0, on_report, on_report_done, r,
                    &request);
    return request;
}

static reports_t reports_a, reports_b;

static bool both_have_three(void)
{
    return reports_a.n >= 3 && reports_b.n >= 3;
}

static bool none_left(void)
{
    return e2agent_subscriptions(agent) == 0;
}

static bool a_is_done(void)
{
    return reports_a.done;
}

static bool both_are_done(void)
{
    return reports_a.done && reports_b.done;
}

static void test_kpm_styles_and_merging(void)
{
    set_up();
    rpc_request_t *a = subscribe_kpm(4, 50, "DRB.UEThpDl", &reports_a);
    rpc_request_t *b = subscribe_kpm(4, 50, "DRB.UEThpDl", &reports_b);
    CU_ASSERT(wait_for(both_have_three));
    CU_ASSERT_EQUAL(e2agent_subscriptions(agent), 1); /* equal ones are one on E2 */
    CU_ASSERT_EQUAL(reports_a.n_ues, 2);
    CU_ASSERT(reports_a.ue0 > 1.8 * reports_a.ue1 && reports_a.ue0 < 2.2 * reports_a.ue1);
    rpc_request_cancel(a);
    rpc_request_cancel(b);
    CU_ASSERT(wait_for(both_are_done)); /* the reports are used again */
    CU_ASSERT(wait_for(none_left));
    a = subscribe_kpm(1, 50, "RRU.PrbTotDl", &reports_a);
    b = subscribe_kpm(1, 100, "RRU.PrbTotDl", &reports_b);
    CU_ASSERT(wait_for(both_have_three));
    CU_ASSERT_EQUAL(e2agent_subscriptions(agent), 2);
    CU_ASSERT_EQUAL(reports_a.prb_tot, 71); /* 36 of 51 */
    CU_ASSERT_EQUAL(reports_a.slice0, 47);  /* 24 of 51 */
    rpc_request_cancel(a);
    rpc_request_cancel(b);
    CU_ASSERT(wait_for(both_are_done)); /* the reports are used again */
    CU_ASSERT(wait_for(none_left));
    /* refused: unknown measurement; a period that is too short */
    a = subscribe_kpm(1, 50, "No.Such", &reports_a);
    CU_ASSERT(wait_for(a_is_done));
    CU_ASSERT_EQUAL(reports_a.code, GRPC_STATUS_ABORTED);
    a = subscribe_kpm(1, 5, "CQI", &reports_a);
    CU_ASSERT(wait_for(a_is_done));
    CU_ASSERT_EQUAL(reports_a.code, GRPC_STATUS_INVALID_ARGUMENT);
    tear_down();
}

static uint32_t wanted_ues;
static bool a_has_wanted(void)
{
    return reports_a.n && reports_a.n_ues == wanted_ues;
}

/* One mapping from E2's UE to the plugin's, with 64 of them and with none; a UE without a CU identity has no
 * name on E2, and an index that is given to another UE is another UE. */
static void test_many_ues_and_none(void)
{
    set_up();
    CU_ASSERT_EQUAL(swap_to("pf"), GRPC_STATUS_OK);
    CU_ASSERT(wait_for(update_done));
    for (uint32_t i = 0; i < 65; i++)
        ues[i] = (e2agent_ue_t){.cu_ue_f1ap_id = 5000 + 3 * i,
                                .has_cu_id = i != 64,
                                .ue = (uint16_t)(64 - i),
                                .ue_generation = (uint16_t)(i + 1),
                                .slice = 0};
    host.n_ues = 80;
    n_ues = 65;
    rpc_request_t *a = subscribe_kpm(4, 50, "RRU.PrbUsedDl", &reports_a);
    wanted_ues = 64;
    CU_ASSERT(wait_for(a_has_wanted));
    for (int i = 0; i < 64; i += 7) {
        CU_ASSERT_EQUAL(set_as("a", 0, "pf.ue_weight", 2.0 + i, 5000 + 3 * i, 0), GRPC_STATUS_OK);
        CU_ASSERT_EQUAL(host.values[HOST_UE_WEIGHT][64 - i].f, 2.0 + i);
    }
    CU_ASSERT_EQUAL(set_as("a", 0, "pf.ue_weight", 2, 5001, 0), GRPC_STATUS_NOT_FOUND);
    CU_ASSERT_EQUAL(set_as("a", 0, "pf.ue_weight", 2, 5000 + 3 * 64, 0), GRPC_STATUS_NOT_FOUND);
    ues[3].cu_ue_f1ap_id = 9999; /* the index now belongs to another */
    ues[3].ue_generation = 1000;
    CU_ASSERT_EQUAL(set_as("a", 0, "pf.ue_weight", 2, 5009, 0), GRPC_STATUS_NOT_FOUND);
    CU_ASSERT_EQUAL(set_as("a", 0, "pf.ue_weight", 3, 9999, 0), GRPC_STATUS_OK);
    CU_ASSERT_EQUAL(host.values[HOST_UE_WEIGHT][61].f, 3.0);
    n_ues = 0;
    CU_ASSERT_EQUAL(set_as("a", 0, "pf.ue_weight", 2, 5000, 0), GRPC_STATUS_NOT_FOUND);
    Vitran__Ric__V1__GetParametersRequest g = VITRAN__RIC__V1__GET_PARAMETERS_REQUEST__INIT;
    call("GetParameters", &g.base, &answer);
    CU_ASSERT_EQUAL(answer.code, GRPC_STATUS_OK);
    rpc_request_cancel(a);
    CU_ASSERT(wait_for(a_is_done));
    n_ues = 1;
    ues[0].ue_generation = 77;
    a = subscribe_kpm(4, 100, "RRU.PrbUsedDl", &reports_a);
    wanted_ues = 1;
    CU_ASSERT(wait_for(a_has_wanted));
    rpc_request_cancel(a);
    tear_down();
}

static bool a_has_one(void)
{
    return reports_a.n >= 1;
}

static void test_reset_ends_subscriptions(void)
{
    set_up();
    subscribe_kpm(1, 50, "RRU.PrbTotDl", &reports_a);
    CU_ASSERT(wait_for(a_has_one));
    CU_ASSERT_EQUAL(e2term_reset(ric.term, e2term_node(ric.term, 0)), 0);
    CU_ASSERT(wait_for(none_left));
    CU_ASSERT(wait_for(a_is_done));
    CU_ASSERT_EQUAL(reports_a.code, GRPC_STATUS_UNAVAILABLE);
    CU_ASSERT_EQUAL(e2agent_counters(agent)->resets, 1);
    subscribe_kpm(1, 50, "RRU.PrbTotDl", &reports_a);
    CU_ASSERT(wait_for(a_has_one));
    tear_down();
}

static void test_service_query(void)
{
    set_up();
    CU_ASSERT_EQUAL(e2term_query(ric.term, e2term_node(ric.term, 0)), 0);
    CU_ASSERT(wait_for(update_done));
    CU_ASSERT_EQUAL(e2term_node(ric.term, 0)->n_functions, 3);
    tear_down();
}

/* ---- hostile input: a raw association to each end ---- */

static assoc_t *raw;
static uint32_t raw_errors, raw_messages;

static void raw_up(void *ctx, assoc_t *a)
{
    (void)ctx;
    raw = a;
}

static void raw_down(void *ctx, assoc_t *a, assoc_down_t why)
{
    (void)ctx;
    (void)a;
    (void)why;
}

static void raw_message(void *ctx, assoc_t *a, uint16_t stream, uint32_t ppid, const uint8_t *bytes, size_t n)
{
    (void)ctx;
    (void)a;
    (void)stream;
    (void)ppid;
    raw_messages++;
    raw_errors += n > 2 && bytes[0] == 0 && bytes[1] == 2; /* initiating message, error indication */
}

static bool raw_is_up(void)
{
    return raw != NULL;
}

static uint32_t wanted_errors;
static bool errors_came(void)
{
    return raw_errors >= wanted_errors;
}

static void test_malformed_is_counted_and_answered(void)
{
    static const assoc_cbs_t cbs = {raw_up, raw_down, raw_message, NULL};
    static const uint8_t broken[] = {0x00, 0x01, 0x00, 0xff, 0xff, 0xff},
                         empty_setup[] = {0x00, 0x01, 0x00, 0x03, 0x00, 0x00, 0x00},
                         unknown_procedure[] = {0x00, 0xc8, 0x00, 0x03, 0x00, 0x00, 0x00},
                         ignored_procedure[] = {0x00, 0xc8, 0x40, 0x03, 0x00, 0x00, 0x00};
    assoc_t *a = NULL;
    set_up();
    raw = NULL;
    raw_errors = raw_messages = 0;
    assoc_config_t c = agent_config.sctp;
    c.local_udp_port = (uint16_t)(e2_udp_port + 2);
    CU_ASSERT_EQUAL_FATAL(assoc_connect(loop, &c, &cbs, NULL, &a), 0);
    CU_ASSERT(wait_for(raw_is_up));
    CU_ASSERT_EQUAL(assoc_send(raw, 0, ASSOC_PPID_E2_DU, broken, sizeof broken), 0);
    CU_ASSERT_EQUAL(assoc_send(raw, 0, ASSOC_PPID_E2_DU, empty_setup, sizeof empty_setup), 0);
    CU_ASSERT_EQUAL(assoc_send(raw, 0, ASSOC_PPID_E2_DU, ignored_procedure, sizeof ignored_procedure), 0);
    CU_ASSERT_EQUAL(assoc_send(raw, 0, ASSOC_PPID_E2_DU, unknown_procedure, sizeof unknown_procedure), 0);
    wanted_errors = 3;
    CU_ASSERT(wait_for(errors_came));
    CU_ASSERT_EQUAL(raw_messages, 3);
    CU_ASSERT_EQUAL(e2term_counters(ric.term)->rx_transfer_syntax, 1);
    CU_ASSERT_EQUAL(e2term_counters(ric.term)->rx_abstract_syntax, 2);
    CU_ASSERT(is_up()); /* the others go on */
    assoc_close(a, false);
    CU_ASSERT_EQUAL(set_as("a", 0, "slice.prb_min", 0, -1, 0), GRPC_STATUS_INVALID_ARGUMENT);
    tear_down();
}

/* ---- a node of another make: E2AP v2, an older KPM, a function that nobody knows ---- */

static void raw_send(const e2ap_E2AP_PDU_t *pdu)
{
    uint8_t out[4096];
    size_t n;
    CU_ASSERT_EQUAL(asn1_encode(&e2ap_E2AP_PDU_type, ASN1_APER, pdu, out, sizeof out, &n, NULL), 0);
    CU_ASSERT_EQUAL(assoc_send(raw, 0, ASSOC_PPID_E2_CU_CP, out, n), 0);
}

static uint8_t last_kind, last_procedure;
static uint32_t n_raw;

static void foreign_message(void *ctx, assoc_t *a, uint16_t stream, uint32_t ppid, const uint8_t *bytes,
                            size_t n)
{
    (void)ctx;
    (void)a;
    (void)stream;
    (void)ppid;
    last_kind = n ? bytes[0] >> 5 : 0;
    last_procedure = n > 1 ? bytes[1] : 0;
    n_raw++;
}

static uint32_t wanted_raw;
static bool raw_came(void)
{
    return n_raw >= wanted_raw;
}

static void test_foreign_node(void)
{
    static const assoc_cbs_t cbs = {raw_up, raw_down, foreign_message, NULL};
    static uint8_t plmn[3] = {0x09, 0xf1, 0x07}, id[4] = {0, 0, 0x12, 0x34};
    assoc_t *a = NULL;
    set_up();
    raw = NULL;
    n_raw = 0;
    assoc_config_t c = agent_config.sctp;
    c.local_udp_port = (uint16_t)(e2_udp_port + 2);
    CU_ASSERT_EQUAL_FATAL(assoc_connect(loop, &c, &cbs, NULL, &a), 0);
    CU_ASSERT(wait_for(raw_is_up));

    e2ap_RANfunction_Item_t items[2] = {
        {.ranFunctionID = 147,
         .ranFunctionDefinition = ASN1_STR("\x60not KPM"),
         .ranFunctionOID = ASN1_STR(E2SM_OID_KPM_V2)},
        {.ranFunctionID = 9, .ranFunctionDefinition = ASN1_STR("x"), .ranFunctionOID = ASN1_STR("1.2.3")}};
    e2ap_RANfunction_ItemIEs_t ies[2] = {{e2ap_RANfunction_ItemIEs_choice_RANfunction_Item, {&items[0]}},
                                         {e2ap_RANfunction_ItemIEs_choice_RANfunction_Item, {&items[1]}}};
    e2ap_E2nodeComponentInterfaceNG_t amf = {ASN1_STR("amf")};
    e2ap_E2nodeComponentConfigAddition_Item_t component = {
        .e2nodeComponentInterfaceType = e2ap_E2nodeComponentInterfaceType_ng,
        .e2nodeComponentID = {.choice = e2ap_E2nodeComponentID_choice_e2nodeComponentInterfaceTypeNG,
                              .u = {.e2nodeComponentInterfaceTypeNG = &amf}},
        .e2nodeComponentConfiguration = {ASN1_STR("a"), ASN1_STR("b")}};
    e2ap_E2nodeComponentConfigAddition_ItemIEs_t component_ie = {
        e2ap_E2nodeComponentConfigAddition_ItemIEs_choice_E2nodeComponentConfigAddition_Item, {&component}};
    e2ap_GlobalE2node_gNB_ID_t node = {
        .global_gNB_ID = {{plmn, 3},
                          {.choice = e2ap_GNB_ID_Choice_choice_gnb_ID, .u = {.gnb_ID = {id, 32}}}}};
    e2ap_E2setupRequest_t setup = {
        .protocolIEs = {.TransactionID = 200,
                        .GlobalE2node_ID = {.choice = e2ap_GlobalE2node_ID_choice_gNB, .u = {.gNB = &node}},
                        .RANfunctionsAdded = {2, ies},
                        .E2nodeComponentConfigAddition = {1, &component_ie}}};
    raw_send(E2AP_INITIATING(E2setupRequest, &setup));
    wanted_raw = 1;
    CU_ASSERT(wait_for(raw_came));
    CU_ASSERT_EQUAL(last_kind, 1); /* successful outcome of E2 setup */
    CU_ASSERT_EQUAL(last_procedure, 1);
    Vitran__Ric__V1__ListNodesRequest q = VITRAN__RIC__V1__LIST_NODES_REQUEST__INIT;
    call("ListNodes", &q.base, &answer);
    Vitran__Ric__V1__ListNodesReply *m =
        vitran__ric__v1__list_nodes_reply__unpack(NULL, answer.n, answer.bytes);
    CU_ASSERT_EQUAL_FATAL(m->n_nodes, 2);
    CU_ASSERT_STRING_EQUAL(m->nodes[1]->id, "gnb-cu-cp/901-70/4660");
    CU_ASSERT_EQUAL_FATAL(m->nodes[1]->n_functions, 2);
    CU_ASSERT_EQUAL(m->nodes[1]->functions[0]->definition_case,
                    VITRAN__RIC__V1__RAN_FUNCTION__DEFINITION__NOT_SET);
    CU_ASSERT_STRING_EQUAL(m->nodes[1]->functions[1]->oid, "1.2.3");
    vitran__ric__v1__list_nodes_reply__free_unpacked(m, NULL);
    CU_ASSERT_EQUAL(swap_to("pf"), GRPC_STATUS_UNAVAILABLE); /* two nodes: it must be named */

    e2ap_ResetRequest_t reset = {
        .protocolIEs = {.TransactionID = 5, .Cause = E2AP_CAUSE(misc, CauseMisc_unspecified)}};
    raw_send(E2AP_INITIATING(ResetRequest, &reset));
    wanted_raw = 2;
    CU_ASSERT(wait_for(raw_came));
    CU_ASSERT_EQUAL(last_procedure, 3);
    e2ap_RICserviceUpdate_t update = {
        .protocolIEs = {.TransactionID = 6, .RANfunctionsModified = &setup.protocolIEs.RANfunctionsAdded}};
    items[1].ranFunctionRevision = 7;
    raw_send(E2AP_INITIATING(RICserviceUpdate, &update));
    wanted_raw = 3;
    CU_ASSERT(wait_for(raw_came));
    CU_ASSERT_EQUAL(last_procedure, 7);
    CU_ASSERT_EQUAL(e2term_node(ric.term, 1)->functions[1].revision, 7);
    e2ap_E2RemovalRequest_t removal = {.protocolIEs = {.TransactionID = 7}};
    raw_send(E2AP_INITIATING(E2RemovalRequest, &removal));
    wanted_raw = 4;
    CU_ASSERT(wait_for(raw_came));
    CU_ASSERT_EQUAL(last_procedure, 13);
    CU_ASSERT_FALSE(e2term_node(ric.term, 1)->connected);
    CU_ASSERT_EQUAL(swap_to("pf"), GRPC_STATUS_OK);
    assoc_close(a, false);
    tear_down();
}

CU_MAIN("e2", {"setup and nodes", test_setup_and_nodes}, {"F1 comes first", test_f1_comes_first},
        {"swap, set, read back", test_swap_set_read_back},
        {"leases and conflicts", test_leases_and_conflicts}, {"lease ends", test_lease_ends},
        {"RIC lost and back", test_ric_lost_and_back},
        {"RC quota sets the same parameters", test_rc_quota_sets_the_same_parameters},
        {"KPM styles and merging", test_kpm_styles_and_merging},
        {"many UEs and none", test_many_ues_and_none},
        {"reset ends subscriptions", test_reset_ends_subscriptions}, {"service query", test_service_query},
        {"malformed is counted and answered", test_malformed_is_counted_and_answered},
        {"foreign node", test_foreign_node})
