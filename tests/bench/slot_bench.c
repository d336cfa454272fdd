/* SPDX-License-Identifier: Apache-2.0 */
/* What a scheduled slot costs: du/sched with a plugin, the grant check included, at 100 MHz (273 PRB, 30
 * kHz), downlink and uplink offered, buffers always full, every grant answered. Virtual time: slots follow
 * each other at once, so caches are warmer than between two slots of a live cell. Run: slot_bench
 * [plugin.so]; the build's pf by default. */
#include "du/sched/control.h"
#include "lib/mac/mcs.h"
#include "tests/bench/bench.h"

#define SLOTS 200000u

static double samples[SLOTS];

static void run(const char *name, const char *plugin, uint32_t n_ues, uint32_t n_active, bool uplink)
{
    char err[SCHED_ERR] = "";
    sched_t *s;
    sched_config_t c = {.max_ues = 128,
                        .max_lcs_per_ue = 4,
                        .n_slices = 2,
                        .slice_sst_sd = {0x01ffffff, 0x01000002},
                        .n_prb_dl = 273,
                        .n_prb_ul = 273,
                        .rbg_size_dl = 16,
                        .rbg_size_ul = 16,
                        .mu = 1,
                        .n_ports_dl = 4,
                        .n_ports_ul = 1,
                        .tdd_period_slots = 5,
                        .tdd_slot_kind = {'D', 'D', 'D', 'S', 'U'},
                        .coreset = {.id = 1, .n_symbols = 2, .n_prb = 270, .reg_bundle = 6},
                        .search_space = {1, {0, 4, 4, 2, 1}},
                        .plugin_path = plugin};
    if (sched_create(&c, &s, err, sizeof err) < 0 || err[0]) {
        fprintf(stderr, "%s\n", err[0] ? err : "sched_create failed");
        exit(1);
    }
    static uint16_t active[128];
    for (uint16_t ue = 0; ue < n_ues; ue++) {
        sched_ue_add(s, ue, (uint16_t)(0x4601 + ue));
        for (uint8_t dir = 0; dir < 2; dir++) {
            sched_ues_t *u = sched_ues(s, dir);
            sched_set_link(s, dir, ue, MCS_TABLE_QAM256, (uint8_t)(10 + ue * 7 % 17), dir ? 1 : 2);
            u->queued_bytes[ue] = 100000000;
            u->harq_new[ue] = 0;
            u->slice[ue] = (uint8_t)(ue & 1);
            u->cce_level[ue] = 1 + ue % 3;
        }
    }
    /* spread over the table: 4 active of 64 are not neighbours */
    for (uint16_t i = 0; i < n_active; i++)
        active[i] = (uint16_t)(i * (n_ues / n_active));

    sched_slot_t in = {0};
    for (uint32_t i = 0; i < 90; i++)
        in.cce_free[i >> 6] |= UINT64_C(1) << (i & 63);
    for (int dir = 0; dir < (uplink ? 2 : 1); dir++) {
        sched_direction_t *d = &in.dir[dir];
        d->n_options = 1;
        d->max_grants = 16;
        d->k[0] = dir ? 2 : 0;
        d->symbol_start[0] = 2;
        d->n_symbols[0] = 12;
        d->re_per_prb[0] = 132;
        prb_set_range(d->free_prbs[0].bits, 0, 273);
        d->active = active;
        d->n_active = n_active;
    }
    uint64_t grants = 0;
    for (uint32_t slot = 0; slot < SLOTS + 2000; slot++) {
        const sched_grant_t *g;
        in.abs_slot = slot;
        double t0 = bench_now_ns();
        uint32_t n = sched_run(s, &in, &g);
        for (uint32_t i = 0; i < n; i++)
            sched_feedback(s, g[i].dir, g[i].ue, g[i].harq_id, VTN_OUT_ACK, g[i].tbs_bytes, slot);
        if (slot >= 2000)
            samples[slot - 2000] = bench_now_ns() - t0;
        grants += n;
    }
    sched_ctl_info_t info;
    char params[256];
    sched_ctl_info(s, &info);
    snprintf(
        params, sizeof params,
        "\"plugin\":\"%s\",\"ues\":%u,\"active\":%u,\"prb\":273,\"directions\":%d,\"grants_per_slot\":%.2f",
        info.id, n_ues, n_active, uplink ? 2 : 1, (double)grants / (SLOTS + 2000));
    bench_print(name, params, "ns", samples, SLOTS);
    sched_destroy(s);
}

int main(int argc, char **argv)
{
    const char *plugin = argc > 1 ? argv[1] : PLUGIN_PF;
    run("slot_sched", plugin, 1, 1, false);
    run("slot_sched", plugin, 16, 16, false);
    run("slot_sched", plugin, 32, 32, false);
    run("slot_sched", plugin, 64, 64, false);
    run("slot_sched", plugin, 128, 128, false);
    run("slot_sched", plugin, 64, 4, false);
    run("slot_sched", plugin, 64, 64, true);
    if (argc < 2)
        run("slot_sched", PLUGIN_NULL, 64, 64, false);
    return 0;
}
