/* SPDX-License-Identifier: Apache-2.0 */
/* The control loop: an xApp's call -> RIC -> E2 over SCTP -> node -> applied and read back -> ack -> the
 * xApp's answer, each end a process of its own on loopback. The node's plugin host applies at once, so that
 * the wait for the slot edge is left out; the call is made by our C client. Figures: the whole loop, and of
 * it a plain gRPC round trip to the RIC that asks no node. */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/core/clock.h"
#include "lib/e2agent/e2agent.h"
#include "ric/ric.h"
#include "tests/bench/bench.h"
#include "tests/doubles/plugin_host.h"
#include "vitran_ric.pb-c.h"

#define N 3000
#define WARM_UP 200

static char address[96];
static uint16_t port;

static void run_ric(void)
{
    loop_t *loop;
    ric_t ric;
    const char *what;
    ric_config_t c = {.e2 = {.sctp = {.carrier = ASSOC_CARRIER_UDP,
                                      .local = "127.0.0.1",
                                      .local_port = 36421,
                                      .local_udp_port = port},
                             .plmn = {0x00, 0xf1, 0x10},
                             .ric_id = 1},
                      .xapp_listen = address};
    if (loop_create(&loop) == 0 && ric_start(&ric, loop, &c, NULL, &what) == 0)
        loop_run(loop);
    _exit(1);
}

static uint32_t no_ues(void *ctx, e2agent_ue_t *out, uint32_t cap)
{
    (void)ctx;
    (void)out;
    (void)cap;
    return 0;
}

static void empty_cell(void *ctx, e2agent_cell_t *out)
{
    (void)ctx;
    memset(out, 0, sizeof *out);
}

static void run_node(void)
{
    static const e2agent_provider_t provider = {no_ues, empty_cell, NULL};
    static const uint32_t slices[] = {E2AGENT_SLICE(1, E2AGENT_NO_SD)};
    static plugin_host_t host;
    loop_t *loop;
    tunables_t *tunables;
    e2agent_t *agent;
    e2agent_config_t c = {.node = E2AGENT_GNB_DU,
                          .plmn = {0x00, 0xf1, 0x10},
                          .gnb_id = 411,
                          .gnb_id_bits = 22,
                          .du_id = 1,
                          .nr_cell_id = 411u << 14 | 1,
                          .slices = slices,
                          .n_slices = 1,
                          .sctp = {.carrier = ASSOC_CARRIER_UDP,
                                   .remote = "127.0.0.1",
                                   .remote_port = 36421,
                                   .remote_udp_port = port,
                                   .local_udp_port = (uint16_t)(port + 1),
                                   .backoff_min_ms = 50}};
    host_init(&host, 1, 0);
    host.plugins[0].state = TUNABLES_AVAILABLE;
    host.plugins[1].state = TUNABLES_RUNNING;
    host.at_once = true;
    if (loop_create(&loop) == 0 && tunables_create(loop, &host_provider, &host, NULL, &tunables) == 0) {
        host.tunables = tunables;
        if (e2agent_create(loop, &c, &provider, NULL, tunables, NULL, &agent) == 0)
            loop_run(loop);
    }
    _exit(1);
}

static pid_t start(void (*run)(void))
{
    pid_t p = fork();
    if (p == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        run();
    }
    return p;
}

static loop_t *loop;
static rpc_client_t *client;
static grpc_status_code status;
static bool done;

static void on_message(void *ctx, const uint8_t *bytes, size_t n)
{
    (void)ctx;
    (void)bytes;
    (void)n;
}

static void on_done(void *ctx, grpc_status_code code, const char *text)
{
    (void)ctx;
    (void)text;
    status = code;
    done = true;
}

static grpc_status_code call(const char *path, const ProtobufCMessage *m)
{
    done = false;
    if (rpc_client_call(client, path, m, 2000, on_message, on_done, NULL, NULL) < 0)
        return GRPC_STATUS_INTERNAL;
    while (!done)
        loop_run_once(loop, -1);
    return status;
}

static grpc_status_code set(double v)
{
    Vitran__Ric__V1__SetParametersRequest q = VITRAN__RIC__V1__SET_PARAMETERS_REQUEST__INIT;
    Vitran__Ric__V1__Setting s = VITRAN__RIC__V1__SETTING__INIT, *list = &s;
    Vitran__Ric__V1__Value value = VITRAN__RIC__V1__VALUE__INIT;
    value.value_case = VITRAN__RIC__V1__VALUE__VALUE_REAL;
    value.real = v;
    s.parameter_case = VITRAN__RIC__V1__SETTING__PARAMETER_NAME;
    s.name = (char *)"pf.alpha";
    s.value = &value;
    q.settings = &list;
    q.n_settings = 1;
    return call("/vitran.ric.v1.Ric/SetParameters", &q.base);
}

/* Answered by the RIC alone: there is no such parameter. */
static grpc_status_code refused(void)
{
    Vitran__Ric__V1__SetParametersRequest q = VITRAN__RIC__V1__SET_PARAMETERS_REQUEST__INIT;
    Vitran__Ric__V1__Setting s = VITRAN__RIC__V1__SETTING__INIT, *list = &s;
    s.parameter_case = VITRAN__RIC__V1__SETTING__PARAMETER_ID;
    s.id = 9999;
    q.settings = &list;
    q.n_settings = 1;
    return call("/vitran.ric.v1.Ric/SetParameters", &q.base);
}

int main(void)
{
    static double loop_us[N], rpc_us[N];
    int failed = 0;
    port = (uint16_t)(45000 + getpid() % 2000 * 2);
    snprintf(address, sizeof address, "unix:/tmp/vitran-control-bench-%d.sock", (int)getpid());
    pid_t ric = start(run_ric), node = start(run_node);
    if (loop_create(&loop) < 0 || rpc_client_create(loop, address, &client) < 0)
        return 1;
    double give_up = bench_now_ns() + 10e9;
    while (set(1.0) != GRPC_STATUS_OK && bench_now_ns() < give_up)
        usleep(50000);
    for (int i = -WARM_UP; i < N; i++) {
        double t = bench_now_ns();
        failed += set(i & 1 ? 0.5 : 1.5) != GRPC_STATUS_OK;
        if (i >= 0)
            loop_us[i] = (bench_now_ns() - t) / 1e3;
    }
    for (int i = -WARM_UP; i < N; i++) {
        double t = bench_now_ns();
        failed += refused() != GRPC_STATUS_NOT_FOUND;
        if (i >= 0)
            rpc_us[i] = (bench_now_ns() - t) / 1e3;
    }
    rpc_client_destroy(client);
    loop_destroy(loop);
    kill(ric, SIGKILL);
    kill(node, SIGKILL);
    waitpid(ric, NULL, 0);
    waitpid(node, NULL, 0);
    unlink(address + 5);
    if (failed) {
        fprintf(stderr, "control_bench: %d calls failed\n", failed);
        return 1;
    }
    bench_print("control.loop", "\"client\":\"c\",\"slot_edge\":false", "us", loop_us, N);
    bench_print("control.rpc_only", "\"client\":\"c\"", "us", rpc_us, N);
    return 0;
}
