/* SPDX-License-Identifier: Apache-2.0 */
/* An E2 node without a radio: the real agent, tunables and admin service over a plugin host and counters that
 * are doubles. A cell of 51 PRBs hands its slots to 4 UEs in 2 slices, by weight and quota, so that what an
 * xApp turns can be seen in KPM. Slots run on real time.
 *
 *   e2_node RIC-ADDRESS RIC-UDP-PORT OWN-UDP-PORT ADMIN-ADDRESS */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/clock.h"
#include "lib/e2agent/e2agent.h"
#include "lib/e2agent/tunables_admin.h"
#include "lib/rpc/admin.h"
#include "tests/doubles/plugin_host.h"

#define N_UES 4u
#define N_PRB 51.0

static loop_t *loop;
static plugin_host_t host;
static e2agent_ue_t ues[N_UES];
static e2agent_cell_t cell;
static double used[N_UES]; /* PRBs x slots */
static loop_timer_t timer;
static int64_t due_ns;
static e2agent_t *agent;
static const uint32_t slices[] = {E2AGENT_SLICE(1, E2AGENT_NO_SD), E2AGENT_SLICE(1, 2)};

static uint32_t give_ues(void *ctx, e2agent_ue_t *out, uint32_t cap)
{
    (void)ctx;
    for (uint32_t i = 0; i < N_UES && i < cap; i++)
        out[i] = ues[i];
    return N_UES;
}

static void give_cell(void *ctx, e2agent_cell_t *out)
{
    (void)ctx;
    *out = cell;
}

static const e2agent_provider_t provider = {give_ues, give_cell, NULL};

/* Shares of one slot: by weight, then slices held within their quotas. */
static void run_slot(void)
{
    bool pf = host.plugins[1].state == TUNABLES_RUNNING;
    double weight[N_UES], sum = 0, slice[2] = {0, 0};
    for (uint32_t i = 0; i < N_UES; i++) {
        weight[i] = pf ? host.values[HOST_UE_WEIGHT][i].f * host.values[HOST_WEIGHT][i / 2].f : 1;
        sum += weight[i];
    }
    for (uint32_t i = 0; i < N_UES; i++)
        slice[i / 2] += weight[i] / sum;
    double share = slice[1], low = host.values[HOST_MIN][1].i / 100.0,
           high = host.values[HOST_MAX][1].i / 100.0;
    share = share < low ? low : share > high ? high : share;
    for (uint32_t i = 0; i < N_UES; i++) {
        double of_slice = weight[i] / sum / slice[i / 2];
        used[i] += N_PRB * of_slice * (i / 2 ? share : 1 - share);
        ues[i].dl_prbs = (uint64_t)used[i];
        ues[i].dl_bytes = (uint64_t)(used[i] * 60);
        ues[i].dl_tbs++;
    }
    cell.slot++;
    cell.dl_slots_prbs += 51;
    cell.ul_slots_prbs += 51;
    cell.dl_prbs += 51;
    cell.dl_bytes += 51 * 60;
}

static void on_slot(void *ctx)
{
    (void)ctx;
    run_slot();
    host_tick(&host);
    due_ns += NS_PER_MS / 2;
    int64_t wait = due_ns - loop_now_ns(loop);
    loop_timer_start(&timer, wait > 0 ? wait : 0);
}

static uint32_t keys_of(void *ctx, uint32_t scope, uint32_t *out, uint32_t cap)
{
    uint32_t n = scope == VTN_SCOPE_SLICE ? 2 : N_UES;
    (void)ctx;
    for (uint32_t i = 0; i < n && i < cap; i++)
        out[i] = scope == VTN_SCOPE_SLICE ? i : VTN_UE_KEY(ues[i].ue, ues[i].ue_generation);
    return n;
}

static void show_status(void *ctx, admin_row_t *row)
{
    (void)ctx;
    admin_boolean(row, "e2", e2agent_is_up(agent));
    admin_integer(row, "subscriptions", e2agent_subscriptions(agent));
}

static void on_signal(void *ctx, int signo)
{
    (void)ctx;
    (void)signo;
    loop_stop(loop);
}

int main(int argc, char **argv)
{
    static const admin_provider_t admin_provider = {.status = show_status};
    log_sink_t sink = {.level = LOG_NOTICE, .node = "node"};
    log_t log = {&sink, "main"};
    tunables_t *tunables;
    tunables_admin_t *plugins_admin;
    admin_t *admin;
    rpc_method_t methods[TUNABLES_ADMIN_METHODS];
    if (argc != 5)
        return 2;
    e2agent_config_t config = {.node = E2AGENT_GNB_DU,
                               .plmn = {0x00, 0xf1, 0x10},
                               .gnb_id = 411,
                               .gnb_id_bits = 22,
                               .du_id = 1,
                               .nr_cell_id = 411u << 14 | 1,
                               .slices = slices,
                               .n_slices = 2,
                               .sctp = {.carrier = ASSOC_CARRIER_UDP,
                                        .remote = argv[1],
                                        .remote_port = 36421,
                                        .remote_udp_port = (uint16_t)atoi(argv[2]),
                                        .local_udp_port = (uint16_t)atoi(argv[3])}};
    host_init(&host, 2, N_UES);
    cell.n_prb_dl = cell.n_prb_ul = 51;
    for (uint32_t i = 0; i < N_UES; i++)
        ues[i] = (e2agent_ue_t){.cu_ue_f1ap_id = 1000 + i,
                                .has_cu_id = true,
                                .rnti = (uint16_t)(0x4601 + i),
                                .ue = (uint16_t)i,
                                .ue_generation = 1,
                                .slice = (uint8_t)(i / 2),
                                .cqi_x10 = (uint16_t)(150 - 10 * i)};
    if (loop_create(&loop) < 0 || loop_signal(loop, SIGTERM, on_signal, NULL) < 0 ||
        tunables_create(loop, &host_provider, &host, &log, &tunables) < 0)
        return 1;
    host.tunables = tunables;
    if (tunables_admin_create(tunables, keys_of, NULL, methods, &plugins_admin) < 0 ||
        e2agent_create(loop, &config, &provider, NULL, tunables, &log, &agent) < 0 ||
        admin_create(loop, argv[4], "e2-node", &admin_provider, NULL, methods, TUNABLES_ADMIN_METHODS, &log,
                     &admin) < 0)
        return 1;
    admin_add_counters(admin, NULL, e2agent_counter_set(e2agent_counters(agent)));
    admin_add_counters(admin, NULL, tunables_counter_set(tunables_counters(tunables)));
    loop_timer_init(loop, &timer, on_slot, NULL);
    due_ns = loop_now_ns(loop);
    on_slot(NULL);
    loop_run(loop);
    admin_destroy(admin);
    tunables_admin_destroy(plugins_admin);
    e2agent_destroy(agent);
    tunables_destroy(tunables);
    loop_destroy(loop);
    return 0;
}
