/* SPDX-License-Identifier: Apache-2.0 */
/* Each illegal grant is refused for its own reason, counted, and told to the plugin; a legal one beside it
 * holds. The plugin here is a function of the test: it returns whatever the case wants. */
#include "tests/unit/du/sched/sim.h"

/* du/sched is linked with the built-in scheduler's entry; the test takes its place, so that it is the plugin.
 */
static vtn_grant_t wanted[200];
static uint32_t n_wanted;
static vtn_feedback_t told[200];
static uint32_t n_told;

static int32_t t_create(const vtn_host_t *h, vtn_plugin_t **ret)
{
    static int dummy;
    (void)h;
    *ret = (vtn_plugin_t *)&dummy;
    return 0;
}
static int32_t t_activate(vtn_plugin_t *p, const vtn_cell_t *c)
{
    (void)p;
    (void)c;
    return 0;
}
static int32_t t_slot(vtn_plugin_t *p, const vtn_slot_in_t *in, vtn_slot_out_t *out)
{
    (void)p;
    for (n_told = 0; n_told < in->n_feedback && n_told < 200; n_told++)
        told[n_told] = in->feedback[n_told];
    for (uint32_t i = 0; i < n_wanted && i < out->cap; i++)
        out->grants[i] = wanted[i];
    out->n_grants = n_wanted;
    return 0;
}
static void t_end(vtn_plugin_t *p)
{
    (void)p;
}
static const void *t_ext(vtn_plugin_t *p, const char *id)
{
    (void)p;
    (void)id;
    return NULL;
}
static const vtn_scheduler_t t_scheduler = {
    sizeof t_scheduler, 0,          "test", "0",   "VitRAN", "Apache-2.0", NULL,
    t_create,           t_activate, t_slot, t_end, t_end,    t_ext};
static const void *t_factory(const char *id, uint32_t i)
{
    return i == 0 && strcmp(id, VTN_FACTORY_SCHEDULER) == 0 ? &t_scheduler : NULL;
}
extern const vtn_plugin_entry_t sched_builtin_entry;
const vtn_plugin_entry_t sched_builtin_entry = {
    sizeof sched_builtin_entry, VTN_ABI_MAJOR, VTN_ABI_MINOR, 0, NULL, NULL, t_factory};

static sim_t m;

static vtn_grant_t legal(uint16_t ue, uint16_t prb, uint16_t n)
{
    vtn_grant_t g = {.ue = ue,
                     .ue_generation = sched_ue_generation(m.s, ue),
                     .dir = VTN_DL,
                     .mcs = 20,
                     .layers = 1,
                     .harq_id = 3,
                     .aggregation_level = 2,
                     .first_cce = VTN_CCE_ANY,
                     .k1 = VTN_K1_ANY,
                     .lc_first = VTN_LC_ANY};
    prb_set_range(g.prbs.bits, prb, n);
    return g;
}

/* One grant alone: refused for `reason` (0: it holds), and the plugin hears of it in the next slot. */
static void expect(const char *counter, vtn_grant_t g, uint8_t reason)
{
    sched_slot_t in;
    const sched_grant_t *held;
    uint64_t before = counter ? sim_counter(m.s, counter) : 0;
    wanted[0] = g;
    n_wanted = 1;
    sim_fill(&m, &in);
    uint32_t n = sched_run(m.s, &in, &held);
    m.slot++;
    if (!reason) {
        CU_ASSERT_EQUAL(n, 1);
        return;
    }
    CU_ASSERT_EQUAL(n, 0);
    CU_ASSERT_EQUAL(sim_counter(m.s, counter), before + 1);
    n_wanted = 0;
    sim_fill(&m, &in);
    sched_run(m.s, &in, &held);
    m.slot++;
    CU_ASSERT(n_told == 1 && told[0].outcome == VTN_OUT_REFUSED && told[0].reason == reason &&
              told[0].ue == g.ue);
}

static void test_reasons(void)
{
    sim_start(&m, 51, 8, NULL);
    sched_ues_t *u = sched_ues(m.s, VTN_DL);
    vtn_grant_t g = legal(1, 0, 10);
    expect(NULL, g, 0);

    g.ue = 100;
    expect("refused_ue", g, VTN_REFUSED_UE);
    g.ue = 60000;
    expect("refused_ue", g, VTN_REFUSED_UE);
    g = legal(1, 0, 10);
    g.ue_generation++;
    expect("refused_generation", g, VTN_REFUSED_GENERATION);
    g = legal(1, 0, 10);
    g.dir = VTN_UL; /* not offered */
    expect("refused_direction", g, VTN_REFUSED_DIRECTION);
    g.dir = 7;
    expect("refused_direction", g, VTN_REFUSED_DIRECTION);
    g = legal(1, 0, 10);
    g.slot_index = 1;
    expect("refused_slot", g, VTN_REFUSED_SLOT);
    expect("refused_prb_empty", legal(1, 0, 0), VTN_REFUSED_PRB_EMPTY);
    expect("refused_prb_busy", legal(1, 50, 2), VTN_REFUSED_PRB_BUSY); /* PRB 51 is not in the BWP */
    prb_clear_range(m.free_prbs.bits, 20, 5);
    expect("refused_prb_busy", legal(1, 15, 10), VTN_REFUSED_PRB_BUSY);
    g = legal(1, 15, 5);
    prb_set_range(g.prbs.bits, 30, 2); /* contiguous was configured */
    expect("refused_prb_shape", g, VTN_REFUSED_PRB_SHAPE);
    u->alloc_type[1] = VTN_ALLOC_RBG;
    expect("refused_prb_shape", g, VTN_REFUSED_PRB_SHAPE); /* not whole RBGs of 4 */
    g = legal(1, 8, 4);
    prb_set_range(g.prbs.bits, 28, 8);
    expect(NULL, g, 0);
    g = legal(1, 48, 3); /* the last RBG is short */
    expect(NULL, g, 0);
    u->alloc_type[1] = VTN_ALLOC_CONTIGUOUS;
    u->max_prb[1] = 8;
    expect("refused_prb_shape", legal(1, 0, 9), VTN_REFUSED_PRB_SHAPE);
    expect(NULL, legal(1, 0, 8), 0);
    u->max_prb[1] = 51;

    g = legal(1, 0, 10);
    g.mcs = 21;
    expect("refused_mcs", g, VTN_REFUSED_MCS);
    g = legal(1, 0, 10);
    g.layers = 2;
    expect("refused_layers", g, VTN_REFUSED_LAYERS);
    g.layers = 0;
    expect("refused_layers", g, VTN_REFUSED_LAYERS);
    g = legal(1, 0, 10);
    g.harq_id = 4;
    expect("refused_harq", g, VTN_REFUSED_HARQ);
    u->harq_new[1] = VTN_NONE;
    g.harq_id = VTN_NONE;
    expect("refused_harq", g, VTN_REFUSED_HARQ);
    u->harq_new[1] = 3;
    g = legal(1, 0, 10);
    g.is_retx = 1;
    expect("refused_harq", g, VTN_REFUSED_HARQ); /* there is nothing to send again */

    /* A retransmission: the size of the first transmission or nothing. */
    u->harq_retx[1] = 5;
    u->retx_mcs[1] = 10;
    u->retx_mcs_any[1] = mcs_retx_index(1, 4);
    u->retx_layers[1] = 1;
    u->retx_n_prb[1] = 12;
    u->retx_re_per_prb[1] = 132;
    u->retx_tbs_bytes[1] = tbs_bytes(1, 10, 132, 12, 1);
    g = legal(1, 0, 12);
    g.is_retx = 1;
    g.harq_id = 5;
    g.mcs = 10;
    expect(NULL, g, 0);
    prb_clear_range(g.prbs.bits, 11, 1);
    expect("refused_tbs", g, VTN_REFUSED_TBS);
    g.mcs = u->retx_mcs_any[1]; /* any number of PRBs with the row that has no rate */
    expect(NULL, g, 0);
    g.mcs = mcs_retx_index(1, 6); /* another modulation */
    expect("refused_tbs", g, VTN_REFUSED_TBS);
    g.mcs = 40;
    expect("refused_mcs", g, VTN_REFUSED_MCS);
    u->harq_retx[1] = VTN_NONE;

    g = legal(1, 0, 10);
    g.aggregation_level = 3;
    expect("refused_cce", g, VTN_REFUSED_CCE);
    g.aggregation_level = 1; /* below cce_level */
    expect("refused_cce", g, VTN_REFUSED_CCE);
    g.aggregation_level = 0;
    expect("refused_cce", g, VTN_REFUSED_CCE);
    g.aggregation_level = 4;
    g.first_cce = 3; /* no candidate of level 4 begins there */
    expect("refused_cce", g, VTN_REFUSED_CCE);
    uint64_t all[PDCCH_CCE_WORDS];
    memcpy(all, m.cce_free, sizeof all);
    memset(m.cce_free, 0, sizeof m.cce_free);
    expect("refused_cce_busy", legal(1, 0, 10), VTN_REFUSED_CCE_BUSY);
    memcpy(m.cce_free, all, sizeof all);

    g = legal(1, 0, 10);
    g.k1 = 4;
    expect("refused_k1", g, VTN_REFUSED_K1);
    u->k1_mask[1] = 1u << 4;
    expect(NULL, g, 0);
    g = legal(1, 0, 10);
    g.reserved[2] = 1;
    expect("refused_reserved", g, VTN_REFUSED_RESERVED);
    g = legal(1, 0, 10);
    g.mu_group = 1;
    expect("refused_reserved", g, VTN_REFUSED_RESERVED);
    sim_stop(&m);
}

static void test_between_grants(void)
{
    sched_slot_t in;
    const sched_grant_t *held;
    sim_start(&m, 51, 8, NULL);
    wanted[0] = legal(0, 0, 10);
    wanted[1] = legal(1, 5, 10);  /* collides: the first one holds */
    wanted[2] = legal(0, 20, 10); /* the same UE again */
    wanted[3] = legal(2, 30, 10);
    n_wanted = 4;
    sim_fill(&m, &in);
    CU_ASSERT_EQUAL(sched_run(m.s, &in, &held), 2);
    CU_ASSERT(held[0].ue == 0 && held[0].prb_start == 0 && held[0].n_prb == 10 && held[1].ue == 2);
    CU_ASSERT_EQUAL(held[0].tbs_bytes, tbs_bytes(1, 20, 132, 10, 1));
    CU_ASSERT_EQUAL(sim_counter(m.s, "refused_prb_busy"), 1);
    CU_ASSERT_EQUAL(sim_counter(m.s, "refused_twice"), 1);

    in.dir[0].max_grants = 1;
    m.slot++;
    n_wanted = 4;
    wanted[0] = legal(0, 0, 10);
    CU_ASSERT_EQUAL(sched_run(m.s, &in, &held), 1);
    CU_ASSERT_EQUAL(sim_counter(m.s, "refused_cap"), 3);

    /* What the MAC gives back counts as refused, too. */
    sched_refuse(m.s, &held[0]);
    n_wanted = 0;
    sched_run(m.s, &in, &held);
    CU_ASSERT(told[n_told - 1].reason == VTN_REFUSED_MAC);

    /* An index that changes hands: the old generation is refused. */
    vtn_grant_t stale = legal(3, 0, 10);
    sched_ue_remove(m.s, 3);
    expect("refused_ue", stale, VTN_REFUSED_UE);
    CU_ASSERT(sched_ue_add(m.s, 3, 0x5000) != stale.ue_generation);
    sched_ues(m.s, VTN_DL)->harq_new[3] = 3;
    sched_set_link(m.s, VTN_DL, 3, 1, 20, 1);
    expect("refused_generation", stale, VTN_REFUSED_GENERATION);
    expect(NULL, legal(3, 0, 10), 0);
    sim_stop(&m);
}

CU_MAIN("du-sched-check", {"every reason", test_reasons}, {"grants among each other", test_between_grants})
