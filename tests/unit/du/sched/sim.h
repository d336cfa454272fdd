/* SPDX-License-Identifier: Apache-2.0 */
/* A cell without radio around du/sched: UEs with buffers that never end, an answer to every grant, bytes
 * counted. The invariants that must hold whatever the plugin does are checked in every slot. Virtual time,
 * nothing random. */
#ifndef VITRAN_TESTS_SCHED_SIM_H
#define VITRAN_TESTS_SCHED_SIM_H

#include "du/sched/control.h"
#include "lib/mac/mcs.h"
#include "tests/unit/cu.h"

#define SIM_UES 128

typedef struct {
    sched_t *s;
    uint32_t n_ues;
    uint16_t n_prb;
    uint64_t slot;
    uint64_t bytes[2][SIM_UES]; /* carried */
    uint64_t prbs[2][SIM_UES];
    uint32_t grants[2][SIM_UES];
    uint16_t active[SIM_UES];
    uint32_t n_active;
    bool uplink; /* offer UL, too */
    vtn_prb_mask_t free_prbs;
    uint64_t cce_free[PDCCH_CCE_WORDS];
    char err[SCHED_ERR];
} sim_t;

static inline sched_config_t sim_config(uint16_t n_prb, const char *plugin)
{
    return (sched_config_t){
        .max_ues = SIM_UES,
        .max_lcs_per_ue = 4,
        .n_slices = 2,
        .slice_sst_sd = {0x01ffffff, 0x01000002},
        .n_prb_dl = n_prb,
        .n_prb_ul = n_prb,
        .rbg_size_dl = rbg_size(n_prb, 1),
        .rbg_size_ul = rbg_size(n_prb, 1),
        .mu = 1,
        .n_ports_dl = 1,
        .n_ports_ul = 1,
        .tdd_period_slots = 5,
        .tdd_slot_kind = {'D', 'D', 'D', 'S', 'U'},
        .coreset = {.id = 1, .n_symbols = 2, .n_prb = (uint16_t)(n_prb / 6 * 6), .reg_bundle = 6},
        .search_space = {1, {0, 4, 4, 2, 0}},
        .plugin_path = plugin};
}

static inline void sim_start(sim_t *m, uint16_t n_prb, uint32_t n_ues, const char *plugin)
{
    memset(m, 0, sizeof *m);
    sched_config_t c = sim_config(n_prb, plugin);
    CU_ASSERT_EQUAL_FATAL(sched_create(&c, &m->s, m->err, sizeof m->err), 0);
    m->n_prb = n_prb;
    m->n_ues = n_ues;
    prb_set_range(m->free_prbs.bits, 0, n_prb);
    uint32_t n_cce = coreset_n_cce(&c.coreset);
    for (uint32_t i = 0; i < n_cce; i++)
        m->cce_free[i >> 6] |= UINT64_C(1) << (i & 63);
    for (uint16_t ue = 0; ue < n_ues; ue++) {
        sched_ue_add(m->s, ue, (uint16_t)(0x4601 + ue));
        for (uint8_t dir = 0; dir < 2; dir++) {
            sched_ues_t *u = sched_ues(m->s, dir);
            sched_set_link(m->s, dir, ue, MCS_TABLE_QAM64, 20, 1);
            u->queued_bytes[ue] = 10000000;
            u->harq_new[ue] = 3;
            u->slice[ue] = (uint8_t)(ue & 1);
            u->cce_level[ue] = 1;
        }
        m->active[m->n_active++] = ue;
    }
}

static inline void sim_stop(sim_t *m)
{
    sched_destroy(m->s);
    m->s = NULL;
}

static inline void sim_fill(const sim_t *m, sched_slot_t *in)
{
    *in = (sched_slot_t){.abs_slot = m->slot};
    memcpy(in->cce_free, m->cce_free, sizeof in->cce_free);
    for (int dir = 0; dir < (m->uplink ? 2 : 1); dir++) {
        sched_direction_t *d = &in->dir[dir];
        d->n_options = 1;
        d->max_grants = 16;
        d->k[0] = dir ? 2 : 0;
        d->symbol_start[0] = 2;
        d->n_symbols[0] = 12;
        d->re_per_prb[0] = 132;
        d->free_prbs[0] = m->free_prbs;
        d->active = m->active;
        d->n_active = m->n_active;
    }
}

/* Runs n slots; every grant that comes out is legal or the test fails. Returns the last slot's number of
 * grants. */
static inline uint32_t sim_run(sim_t *m, uint32_t n)
{
    uint32_t got = 0;
    for (; n > 0; n--, m->slot++) {
        sched_slot_t in;
        const sched_grant_t *g;
        sim_fill(m, &in);
        got = sched_run(m->s, &in, &g);
        uint64_t used[2][PRB_WORDS] = {{0}}, cces[PDCCH_CCE_WORDS] = {0};
        for (uint32_t i = 0; i < got; i++) {
            uint64_t *of = used[g[i].dir], overlap = 0, outside = 0;
            for (uint32_t w = 0; w < PRB_WORDS; w++) {
                overlap |= of[w] & g[i].prbs[w];
                outside |= g[i].prbs[w] & ~m->free_prbs.bits[w];
                of[w] |= g[i].prbs[w];
            }
            CU_ASSERT_FATAL(overlap == 0 && outside == 0);
            CU_ASSERT_FATAL(prb_count(g[i].prbs) == g[i].n_prb && g[i].n_prb > 0);
            for (uint32_t c = g[i].first_cce; c < (uint32_t)g[i].first_cce + g[i].aggregation_level; c++) {
                CU_ASSERT_FATAL(!(cces[c >> 6] >> (c & 63) & 1) && m->cce_free[c >> 6] >> (c & 63) & 1);
                cces[c >> 6] |= UINT64_C(1) << (c & 63);
            }
            CU_ASSERT_FATAL(g[i].ue < m->n_ues);
            m->bytes[g[i].dir][g[i].ue] += g[i].tbs_bytes;
            m->prbs[g[i].dir][g[i].ue] += g[i].n_prb;
            m->grants[g[i].dir][g[i].ue]++;
            sched_feedback(m->s, g[i].dir, g[i].ue, g[i].harq_id, VTN_OUT_ACK, g[i].tbs_bytes, m->slot);
        }
    }
    return got;
}

static inline void sim_reset_counts(sim_t *m)
{
    memset(m->bytes, 0, sizeof m->bytes);
    memset(m->prbs, 0, sizeof m->prbs);
    memset(m->grants, 0, sizeof m->grants);
}

/* Runs slots until there is a result, at most 64. */
static inline bool sim_result(sim_t *m, sched_result_t *r)
{
    for (int i = 0; i < 64; i++) {
        if (sched_ctl_poll(m->s, r))
            return true;
        sim_run(m, 1);
    }
    return false;
}

/* Sets one parameter by name and sees it applied. */
static inline void sim_set(sim_t *m, const char *name, uint32_t key, vtn_value_t v)
{
    sched_result_t r;
    uint64_t ticket = 0;
    const vtn_param_t *p = sched_ctl_param_by_name(m->s, name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    CU_ASSERT_EQUAL_FATAL(sched_ctl_set(m->s, &(vtn_set_t){p->id, key, v}, 1, &ticket, m->err), 0);
    CU_ASSERT_FATAL(sim_result(m, &r));
    CU_ASSERT(r.kind == SCHED_SET && r.status == 0 && r.ticket == ticket);
    vtn_value_t back = {0};
    CU_ASSERT(sched_ctl_get(m->s, p->id, key, &back) == 0 && back.i == v.i);
}

static inline uint64_t sim_counter(const sched_t *s, const char *name)
{
    counter_set_t set = sched_counters(s);
    for (uint32_t i = 0; i < set.n; i++)
        if (strcmp(set.desc[i].name, name) == 0)
            return set.values[i];
    CU_FAIL_FATAL("no such counter");
    return 0;
}

#endif
