/* SPDX-License-Identifier: Apache-2.0 */
/* The schedulers as an operator meets them (fair, weighted, within quota), and the core when plugins are
 * swapped, tuned and broken. PLUGIN_* are paths of what the build made. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "tests/unit/du/sched/sim.h"
#include "plugins/host/host.h"

#define BAD_PLUGIN(n) BAD_DIR "/bad-" #n ".so"

static sim_t m;

static double share(const uint64_t *of, uint32_t ue)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < m.n_ues; i++)
        sum += of[i];
    return sum ? (double)of[ue] / (double)sum : 0;
}

/* ---- rr ---- */

static void test_rr_fair(void)
{
    static const uint32_t counts[] = {1, 4, 20, 64};
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        sim_start(&m, 51, counts[k], PLUGIN_RR);
        CU_ASSERT_STRING_EQUAL(m.err, "");
        m.uplink = true;
        sim_run(&m, 2000);
        for (uint32_t ue = 0; ue < counts[k]; ue++) {
            CU_ASSERT(fabs(share(m.prbs[0], ue) * counts[k] - 1) < 0.15);
            CU_ASSERT(fabs(share(m.prbs[1], ue) * counts[k] - 1) < 0.15);
        }
        uint64_t all = 0;
        for (uint32_t ue = 0; ue < counts[k]; ue++)
            all += m.prbs[0][ue];
        /* Work conserving, but for slots in which UL has taken all places of the PDCCH that DL's few UEs
         * could use; without UL there are none. */
        CU_ASSERT(all > 2000u * 51u * 80 / 100);
        m.uplink = false;
        sim_reset_counts(&m);
        sim_run(&m, 400);
        for (uint32_t ue = all = 0; ue < counts[k]; ue++)
            all += m.prbs[0][ue];
        CU_ASSERT(all == 400 * 51);
        sim_stop(&m);
    }
}

static void test_rr_small_buffers(void)
{
    sim_start(&m, 51, 4, PLUGIN_RR);
    sched_ues(m.s, VTN_DL)->queued_bytes[0] = 40; /* one PRB or two; the rest goes to the others */
    sim_run(&m, 400);
    CU_ASSERT(m.prbs[0][0] <= 400 * 2);
    CU_ASSERT(m.prbs[0][0] + m.prbs[0][1] + m.prbs[0][2] + m.prbs[0][3] > 400u * 50u);
    sim_stop(&m);
}

/* Blocks of full size, one UE a slot; every fourth slot is a short one, which must not always hit the same
 * of the four. */
static void test_rr_big_blocks(void)
{
    uint64_t re[4] = {0}, all = 0;
    sim_start(&m, 51, 4, PLUGIN_RR);
    for (uint32_t i = 0; i < 800; i++) {
        sched_slot_t in;
        const sched_grant_t *g;
        sim_fill(&m, &in);
        if (i % 4 == 3)
            in.dir[0].re_per_prb[0] = 84;
        CU_ASSERT_FATAL(sched_run(m.s, &in, &g) == 1);
        CU_ASSERT_EQUAL(g[0].n_prb, 51);
        re[g[0].ue] += (uint64_t)g[0].n_prb * in.dir[0].re_per_prb[0];
        all += (uint64_t)g[0].n_prb * in.dir[0].re_per_prb[0];
        m.slot++;
    }
    for (uint32_t ue = 0; ue < 4; ue++)
        CU_ASSERT(fabs((double)re[ue] * 4 / (double)all - 1) < 0.02);
    /* One that had nothing to send for long does not get back what it did not ask for. */
    sched_ues(m.s, VTN_DL)->queued_bytes[1] = 0;
    sim_run(&m, 400);
    sched_ues(m.s, VTN_DL)->queued_bytes[1] = 10000000;
    sim_reset_counts(&m);
    sim_run(&m, 40);
    CU_ASSERT(m.prbs[0][1] >= 9u * 51 && m.prbs[0][1] <= 11u * 51);
    sim_stop(&m);
}

static void test_retransmissions_first(void)
{
    static const char *const both[] = {PLUGIN_RR, PLUGIN_PF};
    for (int k = 0; k < 2; k++) {
        sim_start(&m, 51, 4, both[k]);
        sched_ues_t *u = sched_ues(m.s, VTN_DL);
        u->harq_retx[2] = 9;
        u->retx_mcs[2] = 12;
        u->retx_mcs_any[2] = mcs_retx_index(1, 4);
        u->retx_layers[2] = 1;
        u->retx_n_prb[2] = 30;
        u->retx_re_per_prb[2] = 132;
        u->retx_tbs_bytes[2] = tbs_bytes(1, 12, 132, 30, 1);
        sched_slot_t in;
        const sched_grant_t *g;
        sim_fill(&m, &in);
        uint32_t n = sched_run(m.s, &in, &g);
        CU_ASSERT(n >= 2 && g[0].ue == 2 && g[0].is_retx && g[0].harq_id == 9 && g[0].n_prb == 30 &&
                  g[0].mcs == 12 && g[0].tbs_bytes == u->retx_tbs_bytes[2]);
        /* Fewer REs in this slot: more PRBs, the row without a rate, the same bytes. */
        in.abs_slot = ++m.slot;
        in.dir[0].re_per_prb[0] = 84;
        n = sched_run(m.s, &in, &g);
        CU_ASSERT(n >= 1 && g[0].ue == 2 && g[0].is_retx && g[0].n_prb == 48 &&
                  g[0].mcs == u->retx_mcs_any[2] && g[0].tbs_bytes == u->retx_tbs_bytes[2]);
        sim_stop(&m);
    }
}

/* ---- pf ---- */

static void test_pf_weights(void)
{
    sim_start(&m, 51, 4, PLUGIN_PF);
    CU_ASSERT_STRING_EQUAL(m.err, "");
    sim_run(&m, 2000);
    sim_reset_counts(&m);
    sim_run(&m, 4000);
    for (uint32_t ue = 0; ue < 4; ue++)
        CU_ASSERT(fabs(share(m.bytes[0], ue) - 0.25) < 0.02);

    sim_set(&m, "ue.weight", VTN_UE_KEY(1, sched_ue_generation(m.s, 1)), (vtn_value_t){.f = 5});
    sim_run(&m, 2000);
    sim_reset_counts(&m);
    sim_run(&m, 4000);
    CU_ASSERT(fabs(share(m.bytes[0], 1) - 5.0 / 8) < 0.04); /* 5 : 1 : 1 : 1 */
    CU_ASSERT(fabs(share(m.bytes[0], 0) - 1.0 / 8) < 0.02);

    sim_set(&m, "slice.weight", 0, (vtn_value_t){.f = 5}); /* UEs 0, 2: 5 : 5 : 5 : 1 */
    sim_run(&m, 2000);
    sim_reset_counts(&m);
    sim_run(&m, 4000);
    CU_ASSERT(fabs(share(m.bytes[0], 0) - 5.0 / 16) < 0.03);
    CU_ASSERT(fabs(share(m.bytes[0], 3) - 1.0 / 16) < 0.02);
    sim_stop(&m);
}

static void test_pf_alpha(void)
{
    /* UE 0 is three times as fast. Alpha 1: equal time; 0: it takes all; 2: rates come closer. */
    sim_start(&m, 51, 4, PLUGIN_PF);
    sched_set_link(m.s, VTN_DL, 0, MCS_TABLE_QAM64, 25, 1);
    for (uint16_t ue = 1; ue < 4; ue++)
        sched_set_link(m.s, VTN_DL, ue, MCS_TABLE_QAM64, 9, 1);
    sim_run(&m, 4000);
    sim_reset_counts(&m);
    sim_run(&m, 4000);
    double one = (double)m.bytes[0][0] / (double)m.bytes[0][1];
    CU_ASSERT(fabs(share(m.prbs[0], 0) - 0.25) < 0.03);
    CU_ASSERT(one > 3);
    sim_set(&m, "pf.alpha", 0, (vtn_value_t){.f = 2});
    sim_run(&m, 4000);
    sim_reset_counts(&m);
    sim_run(&m, 4000);
    double two = (double)m.bytes[0][0] / (double)m.bytes[0][1];
    CU_ASSERT(two > 1.2 && two < 0.7 * one); /* square root of the ratio */
    sim_set(&m, "pf.alpha", 0, (vtn_value_t){.f = 0});
    sim_run(&m, 200);
    sim_reset_counts(&m);
    sim_run(&m, 400);
    CU_ASSERT(share(m.bytes[0], 0) > 0.99);
    sim_stop(&m);
}

static double slice_share(uint32_t slice)
{
    uint64_t of = 0, all = 0;
    for (uint32_t ue = 0; ue < m.n_ues; ue++) {
        all += m.prbs[0][ue];
        of += (ue & 1) == slice ? m.prbs[0][ue] : 0;
    }
    return (double)of / (double)all;
}

static void test_pf_quota(void)
{
    sim_start(&m, 51, 4, PLUGIN_PF);
    sim_run(&m, 1000);
    /* max: slice 1 never has more than 20 % of the PRBs, and the rest is not wasted */
    sim_set(&m, "slice.prb_max", 1, (vtn_value_t){.i = 20});
    sim_reset_counts(&m);
    sim_run(&m, 2000);
    CU_ASSERT(slice_share(1) < 0.205 && slice_share(1) > 0.17);
    uint64_t all = m.prbs[0][0] + m.prbs[0][1] + m.prbs[0][2] + m.prbs[0][3];
    CU_ASSERT(all > 2000u * 51u * 97 / 100);
    /* min: slice 1 has 80 % while it has data, whatever the weights say */
    sim_set(&m, "slice.prb_max", 1, (vtn_value_t){.i = 100});
    sim_set(&m, "slice.prb_min", 1, (vtn_value_t){.i = 80});
    sim_set(&m, "slice.weight", 0, (vtn_value_t){.f = 50});
    sim_run(&m, 500);
    sim_reset_counts(&m);
    sim_run(&m, 2000);
    CU_ASSERT(slice_share(1) > 0.78 && slice_share(1) < 0.85);
    /* ... and nothing when it has none: min is lent out */
    sched_ues_t *u = sched_ues(m.s, VTN_DL);
    u->queued_bytes[1] = u->queued_bytes[3] = 0;
    sim_reset_counts(&m);
    sim_run(&m, 500);
    all = m.prbs[0][0] + m.prbs[0][2];
    CU_ASSERT(slice_share(1) == 0 && all > 500u * 51u * 97 / 100);
    /* dedicated is not lent out */
    sim_set(&m, "slice.prb_dedicated", 1, (vtn_value_t){.i = 40});
    sim_reset_counts(&m);
    sim_run(&m, 500);
    all = m.prbs[0][0] + m.prbs[0][2];
    CU_ASSERT(all <= 500u * 31u && all > 500u * 29u);
    sim_stop(&m);
}

static void test_pf_rbg_and_holes(void)
{
    /* Type 0 with an SSB in the middle: all PRBs outside of it are used, whole RBGs only (sim_run checks
     * legality). */
    sim_start(&m, 51, 6, PLUGIN_PF);
    prb_clear_range(m.free_prbs.bits, 16, 20);
    for (uint16_t ue = 0; ue < 6; ue++)
        sched_ues(m.s, VTN_DL)->alloc_type[ue] = VTN_ALLOC_RBG;
    sim_run(&m, 1000);
    uint64_t all = 0;
    for (uint16_t ue = 0; ue < 6; ue++)
        all += m.prbs[0][ue];
    CU_ASSERT(all > 1000u * 31u * 90 / 100);
    CU_ASSERT_EQUAL(sim_counter(m.s, "refused_prb_shape"), 0);
    sim_stop(&m);
    sim_start(&m, 51, 6, PLUGIN_PF);
    prb_clear_range(m.free_prbs.bits, 16, 20);
    sim_run(&m, 1000);
    for (all = 0, m.n_ues = 6; m.n_ues > 0; m.n_ues--)
        all += m.prbs[0][m.n_ues - 1];
    CU_ASSERT(all > 1000u * 31u * 85 / 100);
    sim_stop(&m);
}

static void test_pf_newcomer(void)
{
    /* One that comes late neither starves nor takes the cell; an index that changes hands inherits nothing.
     */
    sim_start(&m, 51, 4, PLUGIN_PF);
    m.n_active = 3;
    sim_run(&m, 3000);
    m.n_active = 4;
    sim_reset_counts(&m);
    sim_run(&m, 400);
    CU_ASSERT(share(m.prbs[0], 3) > 0.1 && share(m.prbs[0], 3) < 0.6);
    sim_set(&m, "ue.weight", VTN_UE_KEY(0, sched_ue_generation(m.s, 0)), (vtn_value_t){.f = 10});
    uint16_t old = sched_ue_generation(m.s, 0);
    sched_ue_remove(m.s, 0);
    sched_ue_add(m.s, 0, 0x7000);
    sched_set_link(m.s, VTN_DL, 0, MCS_TABLE_QAM64, 20, 1);
    sched_ues(m.s, VTN_DL)->queued_bytes[0] = 1000000;
    sched_ues(m.s, VTN_DL)->harq_new[0] = 3;
    sched_ues(m.s, VTN_DL)->cce_level[0] = 1;
    sim_run(&m, 3000);
    sim_reset_counts(&m);
    sim_run(&m, 2000);
    CU_ASSERT(fabs(share(m.bytes[0], 0) - 0.25) < 0.03);
    vtn_value_t v;
    const vtn_param_t *p = sched_ctl_param_by_name(m.s, "ue.weight");
    CU_ASSERT(sched_ctl_get(m.s, p->id, VTN_UE_KEY(0, sched_ue_generation(m.s, 0)), &v) == 0 && v.f == 1);
    uint64_t ticket;
    CU_ASSERT_EQUAL(sched_ctl_set(m.s, &(vtn_set_t){p->id, VTN_UE_KEY(0, old), {.f = 3}}, 1, &ticket, m.err),
                    -ESTALE);
    sim_stop(&m);
}

static void test_signalling_first(void)
{
    sim_start(&m, 51, 64, PLUGIN_PF);
    sim_run(&m, 200);
    sched_ues_t *u = sched_ues(m.s, VTN_DL);
    u->flags[50] = VTN_UE_SIGNALLING;
    u->queued_bytes[50] = 100;
    sim_reset_counts(&m);
    sim_run(&m, 4);
    CU_ASSERT(m.grants[0][50] >= 3); /* a PDCCH candidate may be taken once */
    sim_stop(&m);
}

static void test_null(void)
{
    sim_start(&m, 51, 4, PLUGIN_NULL);
    CU_ASSERT_STRING_EQUAL(m.err, "");
    sim_run(&m, 100);
    CU_ASSERT_EQUAL(sim_counter(m.s, "grants_dl"), 0);
    CU_ASSERT_EQUAL(sim_counter(m.s, "plugin_error"), 0);
    sim_stop(&m);
}

/* ---- swap and parameters ---- */

static void test_swap(void)
{
    sched_result_t r;
    sched_ctl_info_t info;
    uint64_t ticket;
    sim_start(&m, 51, 8, PLUGIN_RR);
    sim_run(&m, 100);
    uint32_t before = sim_run(&m, 1);
    CU_ASSERT_EQUAL(sched_ctl_swap(m.s, PLUGIN_PF, &ticket, m.err), 0);
    CU_ASSERT_EQUAL(sched_ctl_swap(m.s, PLUGIN_RR, &(uint64_t){0}, m.err), -EBUSY);
    CU_ASSERT(strstr(m.err, PLUGIN_RR) && strstr(m.err, "under way"));
    CU_ASSERT_FALSE(sched_ctl_poll(m.s, &r)); /* nothing is said before the slot thread has done it */
    uint64_t at = m.slot;
    CU_ASSERT(sim_run(&m, 1) > 0 && before > 0); /* the first slot of the new one serves UEs already */
    CU_ASSERT(sched_ctl_poll(m.s, &r) && r.kind == SCHED_SWAPPED && r.status == 0 && r.ticket == ticket &&
              r.applied_slot == at && r.since_call_ns >= r.edge_wait_ns);
    CU_ASSERT_STRING_EQUAL(r.now_running, "org.vitran.sched-pf");
    sched_ctl_info(m.s, &info);
    CU_ASSERT(strcmp(info.id, "org.vitran.sched-pf") == 0 && !info.built_in && info.revision == 1);

    /* Values with the same name are carried, and UE values too. */
    vtn_value_t v = {0};
    sim_set(&m, "slice.weight", 1, (vtn_value_t){.f = 3});
    sim_set(&m, "ue.weight", VTN_UE_KEY(2, sched_ue_generation(m.s, 2)), (vtn_value_t){.f = 7});
    CU_ASSERT_EQUAL(sched_ctl_swap(m.s, PLUGIN_PF, &ticket, m.err), 0);
    CU_ASSERT(sim_result(&m, &r) && r.kind == SCHED_SWAPPED);
    sim_run(&m, 2);
    CU_ASSERT_FALSE(sched_ctl_poll(m.s, &r));
    const vtn_param_t *p = sched_ctl_param_by_name(m.s, "ue.weight");
    CU_ASSERT(sched_ctl_get(m.s, p->id, VTN_UE_KEY(2, sched_ue_generation(m.s, 2)), &v) == 0 && v.f == 7);
    CU_ASSERT(sched_ctl_get(m.s, sched_ctl_param_by_name(m.s, "slice.weight")->id, 1, &v) == 0 && v.f == 3);
    sim_run(&m, 2000);
    sim_reset_counts(&m);
    sim_run(&m, 2000);
    CU_ASSERT(share(m.bytes[0], 2) > 2.5 * share(m.bytes[0], 4)); /* the successor was told of the weight */

    for (int i = 0; i < 20; i++) { /* to and fro, every UE served by each */
        sim_reset_counts(&m);
        CU_ASSERT_EQUAL(sched_ctl_swap(m.s, i & 1 ? PLUGIN_PF : i & 2 ? NULL : PLUGIN_RR, &ticket, m.err), 0);
        CU_ASSERT(sim_result(&m, &r) && r.kind == SCHED_SWAPPED && r.status == 0);
        sim_run(&m, 100);
        for (uint32_t ue = 0; ue < 8; ue++)
            CU_ASSERT(m.grants[0][ue] > 0);
    }
    CU_ASSERT_EQUAL(sim_counter(m.s, "events_lost"), 0);
    sim_stop(&m);
}

static void test_set_errors(void)
{
    uint64_t ticket;
    sim_start(&m, 51, 4, PLUGIN_PF);
    const vtn_param_t *alpha = sched_ctl_param_by_name(m.s, "pf.alpha"),
                      *min = sched_ctl_param_by_name(m.s, "slice.prb_min");
    vtn_set_t s = {alpha->id, 0, {.f = 2.5}};
    CU_ASSERT_EQUAL(sched_ctl_set(m.s, &s, 1, &ticket, m.err), -ERANGE);
    CU_ASSERT_STRING_EQUAL(m.err, "org.vitran.sched-pf: pf.alpha: 2.5 is not in 0..2 1, step 0");
    s.v.f = (double)NAN;
    CU_ASSERT_EQUAL(sched_ctl_set(m.s, &s, 1, &ticket, m.err), -ERANGE);
    s = (vtn_set_t){99, 0, {.i = 1}};
    CU_ASSERT_EQUAL(sched_ctl_set(m.s, &s, 1, &ticket, m.err), -ENOENT);
    s = (vtn_set_t){min->id, 2, {.i = 1}};
    CU_ASSERT_EQUAL(sched_ctl_set(m.s, &s, 1, &ticket, m.err), -EINVAL);
    vtn_set_t twice[2] = {{min->id, 1, {.i = 1}}, {min->id, 1, {.i = 2}}};
    CU_ASSERT_EQUAL(sched_ctl_set(m.s, twice, 2, &ticket, m.err), -EEXIST);
    CU_ASSERT_EQUAL(sched_ctl_set(m.s, twice, 0, &ticket, m.err), -EINVAL);
    /* One bad value: none of the batch. */
    vtn_set_t mixed[2] = {{min->id, 1, {.i = 55}}, {alpha->id, 0, {.f = 9}}};
    CU_ASSERT_EQUAL(sched_ctl_set(m.s, mixed, 2, &ticket, m.err), -ERANGE);
    sim_run(&m, 3);
    vtn_value_t v = {0};
    CU_ASSERT(sched_ctl_get(m.s, min->id, 1, &v) == 0 && v.i == 0);
    /* Nothing is in force before the plugin has answered. */
    s = (vtn_set_t){min->id, 1, {.i = 30}};
    CU_ASSERT_EQUAL(sched_ctl_set(m.s, &s, 1, &ticket, m.err), 0);
    CU_ASSERT(sched_ctl_get(m.s, min->id, 1, &v) == 0 && v.i == 0);
    sched_result_t r;
    CU_ASSERT(sim_result(&m, &r) && r.ticket == ticket && r.status == 0);
    CU_ASSERT(sched_ctl_get(m.s, min->id, 1, &v) == 0 && v.i == 30);
    /* More than can be under way: refused, not lost. */
    int busy = 0, sent = 0;
    for (int i = 0; i < 40; i++) {
        s.v.i = i;
        if (sched_ctl_set(m.s, &s, 1, &ticket, m.err) == 0)
            sent++;
        else
            busy++;
    }
    CU_ASSERT(sent == 16 && busy == 24);
    while (sent > 0 && sim_result(&m, &r))
        sent--;
    CU_ASSERT_EQUAL(sent, 0);
    CU_ASSERT(sched_ctl_get(m.s, min->id, 1, &v) == 0 && v.i == 15);
    sim_stop(&m);
}

/* ---- plugins that fail ---- */

static void still_serves(const char *id)
{
    sched_ctl_info_t info;
    sched_ctl_info(m.s, &info);
    CU_ASSERT_STRING_EQUAL(info.id, id);
    sim_reset_counts(&m);
    sim_run(&m, 20);
    for (uint32_t ue = 0; ue < m.n_ues; ue++)
        CU_ASSERT(m.grants[0][ue] > 0);
}

static void test_refused_plugins(void)
{
    static const struct {
        const char *path;
        int error;
        const char *says;
    } cases[] = {{"/nonexistent/plugin.so", -ENOENT, "cannot be opened"},
                 {SOURCE, -ENOEXEC, "not a shared object"},
                 {"/", -ENOEXEC, "not a file"},
                 {LIBRARY, -EPROTO, "does not export vitran_plugin_entry"},
                 {BAD_PLUGIN(1), -EPROTO, "built for ABI 1."},
                 {BAD_PLUGIN(2), -EPERM, "exports helper_that_leaks"},
                 {BAD_PLUGIN(3), -EINVAL, "bad.knob"},
                 {BAD_PLUGIN(4), -EACCES, "init failed"},
                 {BAD_PLUGIN(5), -EDOM, "activate failed"},
                 {BAD_PLUGIN(12), -EPROTO, "cut short"}};
    uint64_t ticket = 77;
    sim_start(&m, 51, 4, PLUGIN_PF);
    sim_run(&m, 50);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = cases[i].path;
        memset(m.err, 0, sizeof m.err);
        CU_ASSERT_EQUAL(sched_ctl_swap(m.s, path, &ticket, m.err), cases[i].error);
        CU_ASSERT_PTR_NOT_NULL(strstr(m.err, cases[i].says));
        CU_ASSERT(strchr(m.err, '\n') == NULL && ticket == 77);
        still_serves("org.vitran.sched-pf");
    }
    sim_stop(&m);
    /* At start: the cell comes up with the built-in one and says why. */
    sim_start(&m, 51, 4, BAD_PLUGIN(1));
    CU_ASSERT_PTR_NOT_NULL(strstr(m.err, "built for ABI"));
    still_serves("org.vitran.sched-rr");
    sim_stop(&m);
}

static void test_failing_plugin(void)
{
    sched_result_t r;
    uint64_t ticket;
    /* Fails in its first slot: that slot is filled, the one before comes back, parameters and all. */
    sim_start(&m, 51, 4, PLUGIN_PF);
    sim_run(&m, 50);
    sim_set(&m, "ue.weight", VTN_UE_KEY(1, sched_ue_generation(m.s, 1)), (vtn_value_t){.f = 5});
    CU_ASSERT_EQUAL(sched_ctl_swap(m.s, BAD_PLUGIN(7), &ticket, m.err), 0);
    CU_ASSERT(sim_run(&m, 1) > 0);
    CU_ASSERT(sched_ctl_poll(m.s, &r) && r.kind == SCHED_SWAPPED && r.status == -EIO && r.ticket == ticket);
    CU_ASSERT_STRING_EQUAL(r.now_running, "org.vitran.sched-pf");
    sim_run(&m, 1000);
    sim_reset_counts(&m);
    sim_run(&m, 2000);
    CU_ASSERT(fabs(share(m.bytes[0], 1) - 5.0 / 8) < 0.05);
    CU_ASSERT_EQUAL(sim_counter(m.s, "plugin_removed"), 1);

    /* Too many grants: out at once. */
    CU_ASSERT_EQUAL(sched_ctl_swap(m.s, BAD_PLUGIN(8), &ticket, m.err), 0);
    CU_ASSERT(sim_result(&m, &r) && r.kind == SCHED_SWAPPED && r.status == -EOVERFLOW);
    still_serves("org.vitran.sched-pf");

    /* Ten slots after the swap, in probation: taken out unasked. */
    CU_ASSERT_EQUAL(sched_ctl_swap(m.s, BAD_PLUGIN(6), &ticket, m.err), 0);
    CU_ASSERT(sim_result(&m, &r) && r.kind == SCHED_SWAPPED && r.status == 0);
    CU_ASSERT(sim_result(&m, &r) && r.kind == SCHED_FAILED && r.status == -EIO);
    CU_ASSERT_STRING_EQUAL(r.now_running, "org.vitran.sched-pf");
    still_serves("org.vitran.sched-pf");
    sim_stop(&m);

    /* Fails long after the swap, with nothing warm to go back to: the built-in one takes over, no slot is
     * lost. */
    sim_start(&m, 51, 4, BAD_PLUGIN(6));
    CU_ASSERT_STRING_EQUAL(m.err, "");
    for (int i = 0; i < 40; i++) {
        uint32_t n = sim_run(&m, 1);
        CU_ASSERT(i < 9 ? n == 0 : n > 0);
    }
    CU_ASSERT(sched_ctl_poll(m.s, &r) && r.kind == SCHED_FAILED);
    CU_ASSERT_EQUAL(sim_counter(m.s, "plugin_error"), 8);
    still_serves("org.vitran.sched-rr");
    sim_stop(&m);
}

static void test_random_grants(void)
{
    /* Whatever comes back, only legal grants leave (sim_run checks), and the refusals are counted. */
    sim_start(&m, 51, 8, BAD_PLUGIN(9));
    CU_ASSERT_STRING_EQUAL(m.err, "");
    m.uplink = true;
    sim_run(&m, 500);
    counter_set_t c = sched_counters(m.s);
    uint64_t refused = 0;
    for (uint32_t i = 0; i < c.n; i++)
        if (strncmp(c.desc[i].name, "refused_", 8) == 0)
            refused += c.values[i];
    CU_ASSERT(refused > 500 * 100);
    sim_stop(&m);
}

static void test_answers(void)
{
    sched_result_t r;
    uint64_t ticket;
    vtn_value_t v = {0};
    sim_start(&m, 51, 4, BAD_PLUGIN(10));
    vtn_set_t s = {7, 0, {.i = 4}};
    CU_ASSERT_EQUAL(sched_ctl_set(m.s, &s, 1, &ticket, m.err), 0);
    sim_run(&m, 10);
    CU_ASSERT_FALSE(sched_ctl_poll(m.s, &r));
    CU_ASSERT(sim_result(&m, &r) && r.kind == SCHED_SET && r.status == -ETIMEDOUT && r.ticket == ticket);
    CU_ASSERT(sched_ctl_get(m.s, 7, 0, &v) == 0 && v.i == 0);
    sim_stop(&m);
    sim_start(&m, 51, 4, BAD_PLUGIN(11));
    CU_ASSERT_EQUAL(sched_ctl_set(m.s, &s, 1, &ticket, m.err), 0);
    CU_ASSERT(sim_result(&m, &r) && r.status == -EINVAL);
    CU_ASSERT(sched_ctl_get(m.s, 7, 0, &v) == 0 && v.i == 0);
    sim_stop(&m);
}

/* The slot thread runs, the control thread swaps and sets as fast as it is let: each request is answered
 * once, UEs are served throughout, and the sanitizers see no race (what the threads share goes by rings). */
static atomic_bool stop;

static void *slots(void *unused)
{
    (void)unused;
    while (!atomic_load(&stop)) {
        sim_run(&m, 1);
        sched_yield();
    }
    return NULL;
}

static void test_threads(void)
{
    pthread_t t;
    sched_result_t r;
    uint64_t ticket;
    vtn_value_t v;
    sim_start(&m, 51, 8, PLUGIN_RR);
    atomic_store(&stop, false);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&t, NULL, slots, NULL), 0);
    for (int i = 0; i < 60; i++) {
        const char *path = i % 3 == 2 ? BAD_PLUGIN(7) : i & 1 ? PLUGIN_RR : PLUGIN_PF;
        while (sched_ctl_swap(m.s, path, &ticket, m.err) == -EBUSY)
            (void)sched_ctl_poll(m.s, &r);
        while (!sched_ctl_poll(m.s, &r))
            sched_yield();
        CU_ASSERT(r.kind == SCHED_SWAPPED && r.ticket == ticket && r.status == (i % 3 == 2 ? -EIO : 0));
        const vtn_param_t *p = sched_ctl_param_by_name(m.s, "pf.alpha");
        for (int k = 0; p && k < 5; k++) {
            CU_ASSERT_EQUAL(sched_ctl_set(m.s, &(vtn_set_t){p->id, 0, {.f = k * 0.25}}, 1, &ticket, m.err),
                            0);
            while (!sched_ctl_poll(m.s, &r))
                sched_yield();
            CU_ASSERT(r.kind == SCHED_SET && r.ticket == ticket && r.status == 0);
            CU_ASSERT(sched_ctl_get(m.s, p->id, 0, &v) == 0 && v.f == k * 0.25);
        }
    }
    atomic_store(&stop, true);
    pthread_join(t, NULL);
    for (uint32_t ue = 0; ue < 8; ue++)
        CU_ASSERT(m.grants[0][ue] > 0);
    CU_ASSERT_EQUAL(sim_counter(m.s, "events_lost"), 0);
    sim_stop(&m);
}

static void test_scan(void)
{
    static plugin_info_t found[16];
    int n = plugin_scan(PLUGIN_DIR, found, 16);
    CU_ASSERT_EQUAL_FATAL(n, 3);
    CU_ASSERT_STRING_EQUAL(found[0].id, "org.vitran.sched-null");
    CU_ASSERT(strcmp(found[1].id, "org.vitran.sched-pf") == 0 && found[1].n_params == 8 &&
              found[1].err[0] == 0);
    CU_ASSERT_EQUAL(plugin_scan("/nonexistent", found, 16), -ENOENT);
}

CU_MAIN("du-sched", {"rr is fair", test_rr_fair}, {"rr shares what is left", test_rr_small_buffers},
        {"rr big blocks", test_rr_big_blocks}, {"retransmissions first", test_retransmissions_first},
        {"pf weights", test_pf_weights}, {"pf alpha", test_pf_alpha}, {"pf slice quota", test_pf_quota},
        {"pf with RBGs and holes", test_pf_rbg_and_holes}, {"pf and newcomers", test_pf_newcomer},
        {"signalling first", test_signalling_first}, {"null", test_null}, {"swap keeps UEs", test_swap},
        {"bad batches", test_set_errors}, {"refused plugins", test_refused_plugins},
        {"failing plugins", test_failing_plugin}, {"random grants", test_random_grants},
        {"answers", test_answers}, {"two threads", test_threads}, {"scan", test_scan})
