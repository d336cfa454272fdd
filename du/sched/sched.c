/* SPDX-License-Identifier: Apache-2.0 */
/* Tables and the slot: commands of the control thread, the plugin's call, the check, the built-in scheduler
 * when the plugin fails, feedback, averages. */
#include "du/sched/sched.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "du/sched/internal.h"
#include "lib/core/clock.h"
#include "lib/mac/mcs.h"

COUNTERS_DEFINE(sched, SCHED_COUNTERS)

/* ---- tables ---- */

/* Lays out columns one behind the other, each on its own cache lines: once to measure (base NULL), once for
 * real. */
typedef struct {
    uint8_t *base;
    size_t used;
} layout_t;

static void *column(layout_t *l, size_t bytes)
{
    void *p = l->base ? l->base + l->used : NULL;
    l->used += (bytes + 63) & ~(size_t)63;
    return p;
}

static void lay_out(sched_t *s, layout_t *l)
{
    size_t n = s->cfg.max_ues, lcs = n * s->cfg.max_lcs_per_ue;
#define COL(member, count) ((member) = column(l, (count) * sizeof *(member)))
    COL(s->generation, n);
    COL(s->last_generation, n);
    COL(s->rnti, n);
    COL(s->cce, n * s->slots_per_frame * PDCCH_LEVELS * PDCCH_MAX_CANDIDATES);
    COL(s->events, 2 * n + 16);
    for (int dir = 0; dir < 2; dir++) {
        side_t *side = &s->side[dir];
        sched_ues_t *c = &side->cols;
        COL(c->slice, n), COL(c->flags, n), COL(c->queued_bytes, n);
        COL(c->mcs_table, n), COL(c->mcs_max, n), COL(c->max_layers, n), COL(c->max_prb, n),
            COL(c->alloc_type, n);
        COL(c->cqi, n), COL(c->ri, n), COL(c->pmi, n), COL(c->sinr_db_x10, n), COL(c->phr_db, n),
            COL(c->beam, n);
        COL(c->mu_group, n), COL(c->harq_new, n), COL(c->harq_retx, n);
        COL(c->retx_round, n), COL(c->retx_mcs, n), COL(c->retx_mcs_any, n), COL(c->retx_layers, n);
        COL(c->retx_n_prb, n), COL(c->retx_re_per_prb, n), COL(c->retx_tbs_bytes, n);
        COL(c->cce_level, n), COL(c->k1_mask, n), COL(c->reachable_slots, n), COL(c->n_lcs, n);
        COL(c->lc_id, lcs), COL(c->lc_5qi, lcs), COL(c->lc_priority, lcs), COL(c->lc_slice, lcs);
        COL(c->lc_per_exp, lcs), COL(c->lc_queued_bytes, lcs), COL(c->lc_hol_delay_us, lcs),
            COL(c->lc_pdb_us, lcs);
        COL(c->lc_gbr_kbps, lcs), COL(c->lc_mbr_kbps, lcs);
        COL(side->bits_per_re_x256, n), COL(side->avg_rate_kbps, n), COL(side->rate, n),
            COL(side->rate_slot, n);
        COL(side->active_in, n);
        for (uint32_t o = 0; o < SCHED_MAX_OPTIONS; o++)
            COL(side->granted_in[o], n);
    }
#undef COL
}

/* The plugin's pointers to the same columns. */
static void make_view(sched_t *s, side_t *side)
{
    const sched_ues_t *c = &side->cols;
    side->view = (vtn_ues_t){.struct_size = sizeof(vtn_ues_t),
                             .max_ues = s->cfg.max_ues,
                             .lc_stride = s->cfg.max_lcs_per_ue,
                             .generation = s->generation,
                             .slice = c->slice,
                             .flags = c->flags,
                             .queued_bytes = c->queued_bytes,
                             .mcs_table = c->mcs_table,
                             .mcs_max = c->mcs_max,
                             .max_layers = c->max_layers,
                             .bits_per_re_x256 = side->bits_per_re_x256,
                             .max_prb = c->max_prb,
                             .alloc_type = c->alloc_type,
                             .cqi = c->cqi,
                             .ri = c->ri,
                             .pmi = c->pmi,
                             .sinr_db_x10 = c->sinr_db_x10,
                             .phr_db = side == &s->side[VTN_UL] ? c->phr_db : NULL,
                             .beam = c->beam,
                             .mu_group = c->mu_group,
                             .avg_rate_kbps = side->avg_rate_kbps,
                             .harq_new = c->harq_new,
                             .harq_retx = c->harq_retx,
                             .retx_round = c->retx_round,
                             .retx_mcs = c->retx_mcs,
                             .retx_mcs_any = c->retx_mcs_any,
                             .retx_layers = c->retx_layers,
                             .retx_n_prb = c->retx_n_prb,
                             .retx_re_per_prb = c->retx_re_per_prb,
                             .retx_tbs_bytes = c->retx_tbs_bytes,
                             .cce = s->cce,
                             .cce_level = c->cce_level,
                             .k1_mask = side == &s->side[VTN_DL] ? c->k1_mask : NULL,
                             .reachable_slots = c->reachable_slots,
                             .n_lcs = c->n_lcs,
                             .lc_id = c->lc_id,
                             .lc_5qi = c->lc_5qi,
                             .lc_priority = c->lc_priority,
                             .lc_slice = c->lc_slice,
                             .lc_per_exp = c->lc_per_exp,
                             .lc_queued_bytes = c->lc_queued_bytes,
                             .lc_hol_delay_us = c->lc_hol_delay_us,
                             .lc_pdb_us = c->lc_pdb_us,
                             .lc_gbr_kbps = c->lc_gbr_kbps,
                             .lc_mbr_kbps = c->lc_mbr_kbps};
}

static void side_init(side_t *side, uint16_t n_prb, uint16_t bwp_start, uint8_t rbg)
{
    side->n_prb = n_prb;
    side->rbg_size = rbg;
    side->rbg_offset = (uint8_t)(bwp_start % rbg);
    memset(side->rbg_starts, 0, sizeof side->rbg_starts);
    prb_set_range(side->rbg_starts, 0, 1);
    for (uint32_t at = rbg - side->rbg_offset; at < n_prb; at += rbg)
        prb_set_range(side->rbg_starts, (uint16_t)at, 1);
    prb_set_range(side->rbg_starts, n_prb, 1);
}

static bool config_ok(const sched_config_t *c)
{
    return c->max_ues >= 1 && c->max_ues <= SCHED_MAX_UES && c->max_lcs_per_ue >= 1 &&
           c->max_lcs_per_ue <= 32 && c->n_slices >= 1 && c->n_slices <= SCHED_MAX_SLICES &&
           c->n_prb_dl >= 1 && c->n_prb_dl <= PRB_MAX && c->n_prb_ul >= 1 && c->n_prb_ul <= PRB_MAX &&
           c->rbg_size_dl >= 1 && c->rbg_size_dl <= 16 && c->rbg_size_ul >= 1 && c->rbg_size_ul <= 16 &&
           c->mu <= 3 && c->tdd_period_slots <= sizeof c->tdd_slot_kind && c->coreset.n_symbols >= 1 &&
           c->coreset.n_symbols <= 3 && coreset_n_cce(&c->coreset) >= 1 &&
           coreset_n_cce(&c->coreset) <= PDCCH_MAX_CCES;
}

int sched_create(const sched_config_t *cfg, sched_t **ret, char *err, size_t err_n)
{
    char line[SCHED_ERR] = "";
    if (!config_ok(cfg))
        return -EINVAL;
    sched_t *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->cfg = *cfg;
    s->slots_per_frame = slots_per_frame(cfg->mu);
    s->n_cce = coreset_n_cce(&cfg->coreset);
    plugin_services_init(&s->services, cfg->log);

    layout_t l = {0};
    lay_out(s, &l);
    s->memory = aligned_alloc(64, l.used);
    int r = -ENOMEM;
    if (!s->memory || ring_create(&s->commands, 2 * BATCHES, sizeof(command_t)) < 0 ||
        ring_create(&s->events_out, 4 * BATCHES, sizeof(event_t)) < 0)
        goto fail;
    memset(s->memory, 0, l.used);
    l = (layout_t){s->memory, 0};
    lay_out(s, &l);
    side_init(&s->side[VTN_DL], cfg->n_prb_dl, cfg->bwp_start_dl, cfg->rbg_size_dl);
    side_init(&s->side[VTN_UL], cfg->n_prb_ul, cfg->bwp_start_ul, cfg->rbg_size_ul);
    make_view(s, &s->side[0]);
    make_view(s, &s->side[1]);

    uint32_t window = cfg->rate_window_slots ? cfg->rate_window_slots : 100u << cfg->mu;
    s->alpha = 1.0 / window;
    for (int i = 0; i < 64; i++)
        s->decay[i] = pow(1 - s->alpha, i);
    s->next_ticket = 1;

    plugin_t *rr, *wanted;
    if ((r = plugin_from_entry("built-in", &sched_builtin_entry, &rr, line)) < 0)
        goto fail;
    if ((r = instance_create(s, rr, NULL, &s->built_in, line)) < 0)
        goto fail;
    s->running = s->built_in;
    if (cfg->plugin_path) {
        instance_t *i;
        line[0] = 0;
        if (plugin_load(cfg->plugin_path, &wanted, line) == 0 &&
            instance_create(s, wanted, NULL, &i, line) == 0)
            s->running = i;
    }
    s->shown = s->running;
    s->resync = true;
    if (err && err_n)
        snprintf(err, err_n, "%s", line);
    s->cfg.plugin_path = NULL; /* the caller's strings and arrays are not kept */
    s->cfg.initial_sets = NULL;
    s->cfg.n_initial_sets = 0;
    *ret = s;
    return 0;
fail:
    if (err && err_n)
        snprintf(err, err_n, "%s", line);
    sched_destroy(s);
    return r;
}

void sched_destroy(sched_t *s)
{
    if (!s)
        return;
    /* What is still in the rings holds instances, too. */
    event_t e;
    command_t c;
    while (s->events_out.mem && ring_pop(&s->events_out, &e))
        if (e.retired && e.retired != s->built_in)
            instance_destroy(e.retired);
    while (s->commands.mem && ring_pop(&s->commands, &c))
        if (c.to && c.to != s->built_in)
            instance_destroy(c.to);
    if (s->previous && s->previous != s->built_in)
        instance_destroy(s->previous);
    if (s->running && s->running != s->built_in)
        instance_destroy(s->running);
    instance_destroy(s->built_in);
    ring_destroy(&s->commands);
    ring_destroy(&s->events_out);
    free(s->memory);
    free(s);
}

sched_ues_t *sched_ues(sched_t *s, uint8_t dir)
{
    return &s->side[dir].cols;
}

/* ---- UEs ---- */

static void tell(sched_t *s, uint32_t event, uint16_t ue, uint16_t generation)
{
    if (s->n_events >= 2u * s->cfg.max_ues) {
        s->resync = true;
        return;
    }
    s->events[s->n_events++] = (vtn_ue_event_t){event, ue, generation};
}

void sched_ue_set_rnti(sched_t *s, uint16_t ue, uint16_t rnti)
{
    assert(ue < s->cfg.max_ues);
    s->rnti[ue] = rnti;
    for (uint32_t slot = 0; slot < s->slots_per_frame; slot++) {
        uint8_t(*to)[PDCCH_MAX_CANDIDATES] = (uint8_t(*)[PDCCH_MAX_CANDIDATES])(
            s->cce + ((size_t)slot * s->cfg.max_ues + ue) * PDCCH_LEVELS * PDCCH_MAX_CANDIDATES);
        pdcch_search_space(&s->cfg.coreset, &s->cfg.search_space, rnti, slot, to);
    }
}

uint16_t sched_ue_add(sched_t *s, uint16_t ue, uint16_t rnti)
{
    assert(ue < s->cfg.max_ues && s->generation[ue] == 0);
    for (int dir = 0; dir < 2; dir++) {
        side_t *side = &s->side[dir];
        sched_ues_t *c = &side->cols;
        c->slice[ue] = c->flags[ue] = 0;
        c->queued_bytes[ue] = 0;
        c->max_prb[ue] = side->n_prb;
        c->alloc_type[ue] = VTN_ALLOC_CONTIGUOUS;
        c->cqi[ue] = 0;
        c->ri[ue] = 1;
        c->pmi[ue] = 0;
        c->sinr_db_x10[ue] = 0;
        c->phr_db[ue] = 0;
        c->beam[ue] = 0;
        c->mu_group[ue] = VTN_NONE;
        c->harq_new[ue] = c->harq_retx[ue] = VTN_NONE;
        c->retx_tbs_bytes[ue] = 0;
        c->cce_level[ue] = 0;
        c->k1_mask[ue] = 0;
        c->reachable_slots[ue] = 0xffff;
        c->n_lcs[ue] = 0;
        side->avg_rate_kbps[ue] = 0;
        side->rate[ue] = 0;
        side->rate_slot[ue] = s->now_slot;
        sched_set_link(s, (uint8_t)dir, ue, MCS_TABLE_QAM64, 0, 1);
    }
    sched_ue_set_rnti(s, ue, rnti);
    uint16_t generation = (uint16_t)(s->last_generation[ue] + 1);
    generation = generation ? generation : 1;
    s->last_generation[ue] = generation;
    __atomic_store_n(&s->generation[ue], generation, __ATOMIC_RELEASE);
    tell(s, VTN_UE_ADDED, ue, generation);
    return generation;
}

void sched_ue_changed(sched_t *s, uint16_t ue)
{
    assert(ue < s->cfg.max_ues);
    if (s->generation[ue])
        tell(s, VTN_UE_CHANGED, ue, s->generation[ue]);
}

void sched_ue_remove(sched_t *s, uint16_t ue)
{
    assert(ue < s->cfg.max_ues);
    if (!s->generation[ue])
        return;
    tell(s, VTN_UE_REMOVED, ue, s->generation[ue]);
    __atomic_store_n(&s->generation[ue], 0, __ATOMIC_RELEASE);
}

uint16_t sched_ue_generation(const sched_t *s, uint16_t ue)
{
    return ue < s->cfg.max_ues ? s->generation[ue] : 0;
}

void sched_set_link(sched_t *s, uint8_t dir, uint16_t ue, uint8_t mcs_table, uint8_t mcs_max,
                    uint8_t max_layers)
{
    side_t *side = &s->side[dir];
    uint8_t top = mcs_max_index(mcs_table);
    if (mcs_max > top)
        mcs_max = top;
    side->cols.mcs_table[ue] = mcs_table;
    side->cols.mcs_max[ue] = mcs_max;
    side->cols.max_layers[ue] = max_layers;
    side->bits_per_re_x256[ue] = (uint16_t)(mcs_efficiency_x256(mcs_table, mcs_max) * max_layers);
}

/* ---- averages ---- */

/* Brings a UE's average up to `now`: what was not served decays. Only UEs that are looked at cost anything.
 */
static void rate_update(sched_t *s, side_t *side, uint16_t ue, uint64_t now)
{
    uint64_t slots = now - side->rate_slot[ue];
    if (slots == 0)
        return;
    side->rate[ue] *= slots < 64 ? s->decay[slots] : pow(1 - s->alpha, (double)slots);
    side->rate_slot[ue] = now;
    side->avg_rate_kbps[ue] =
        (uint32_t)(side->rate[ue] * 8 * (1u << s->cfg.mu)); /* bits a slot -> bits a ms */
}

static void rate_add(sched_t *s, side_t *side, uint16_t ue, double bytes)
{
    side->rate[ue] += s->alpha * bytes;
    if (side->rate[ue] < 0)
        side->rate[ue] = 0;
}

uint32_t sched_avg_rate_kbps(const sched_t *s, uint8_t dir, uint16_t ue)
{
    return ue < s->cfg.max_ues && dir < 2 ? __atomic_load_n(&s->side[dir].avg_rate_kbps[ue], __ATOMIC_RELAXED)
                                          : 0;
}

/* ---- feedback ---- */

static void feed(sched_t *s, const vtn_feedback_t *f)
{
    if (s->n_feedback < MAX_FEEDBACK)
        s->feedback[s->n_feedback++] = *f;
    else
        s->counters.feedback_lost++;
}

void sched_feedback(sched_t *s, uint8_t dir, uint16_t ue, uint8_t harq_id, uint8_t outcome, uint32_t bytes,
                    uint64_t pdcch_slot)
{
    if (ue < s->cfg.max_ues && s->generation[ue])
        feed(s, &(vtn_feedback_t){.abs_slot = pdcch_slot,
                                  .bytes = bytes,
                                  .ue = ue,
                                  .ue_generation = s->generation[ue],
                                  .harq_id = harq_id,
                                  .dir = dir,
                                  .outcome = outcome});
}

/* Counters of refusals stand in the order of the reasons. */
static uint64_t *refusal_counter(sched_t *s, uint32_t reason)
{
    _Static_assert(VTN_REFUSED_UE == 1 && VTN_REFUSED_MAC == 18, "SCHED_COUNTERS follows the reasons");
    _Static_assert(offsetof(sched_counters_t, refused_mac) - offsetof(sched_counters_t, refused_ue) ==
                       sizeof(uint64_t) * (VTN_REFUSED_MAC - VTN_REFUSED_UE),
                   "one counter a reason");
    static const uint8_t place[VTN_REFUSED_MAC + 1] = {
        [VTN_REFUSED_UE] = 0,        [VTN_REFUSED_GENERATION] = 1, [VTN_REFUSED_DIRECTION] = 2,
        [VTN_REFUSED_SLOT] = 3,      [VTN_REFUSED_PRB_EMPTY] = 4,  [VTN_REFUSED_PRB_BUSY] = 5,
        [VTN_REFUSED_PRB_SHAPE] = 6, [VTN_REFUSED_MCS] = 7,        [VTN_REFUSED_LAYERS] = 8,
        [VTN_REFUSED_HARQ] = 9,      [VTN_REFUSED_TBS] = 10,       [VTN_REFUSED_CCE] = 11,
        [VTN_REFUSED_CCE_BUSY] = 12, [VTN_REFUSED_TWICE] = 13,     [VTN_REFUSED_K1] = 14,
        [VTN_REFUSED_CAP] = 15,      [VTN_REFUSED_RESERVED] = 16,  [VTN_REFUSED_MAC] = 17};
    return &s->counters.refused_ue + place[reason];
}

static void refuse(sched_t *s, uint8_t dir, uint16_t ue, uint16_t generation, uint8_t harq_id,
                   uint32_t reason)
{
    ++*refusal_counter(s, reason);
    feed(s, &(vtn_feedback_t){.abs_slot = s->now_slot,
                              .ue = ue,
                              .ue_generation = generation,
                              .harq_id = harq_id,
                              .dir = dir,
                              .outcome = VTN_OUT_REFUSED,
                              .reason = (uint8_t)reason});
}

void sched_refuse(sched_t *s, const sched_grant_t *g)
{
    side_t *side = &s->side[g->dir];
    if (!g->is_retx)
        rate_add(s, side, g->ue, -(double)g->tbs_bytes);
    refuse(s, g->dir, g->ue, s->generation[g->ue], g->harq_id, VTN_REFUSED_MAC);
}

/* ---- control thread's commands ---- */

static void report(sched_t *s, const event_t *e)
{
    if (!ring_push(&s->events_out, e))
        s->counters.events_lost++;
}

static void report_retired(sched_t *s, instance_t *i)
{
    if (i && i != s->built_in)
        report(s, &(event_t){.retired = i, .only_retire = true, .batch = BATCHES});
}

static void result_times(sched_result_t *r, const command_t *c, uint64_t edge_ns)
{
    r->applied_ns = monotonic_ns();
    r->since_call_ns = r->applied_ns - c->call_ns;
    r->edge_wait_ns = edge_ns - c->call_ns;
}

/* A plugin of another name takes over: from here on it is told by comparison what it does not know. */
static void switch_to(sched_t *s, instance_t *to)
{
    s->running = to;
    to->failures = 0;
    __atomic_store_n(&to->since_slot, s->now_slot, __ATOMIC_RELAXED);
    s->resync = true;
    s->n_feedback = 0; /* outcomes of grants that the new one did not make */
}

static void end_set(sched_t *s, int32_t status)
{
    const command_t *c = &s->pending_set;
    event_t e = {.r = {.kind = SCHED_SET, .status = status, .ticket = c->ticket, .applied_slot = s->now_slot},
                 .batch = c->batch};
    result_times(&e.r, c, s->pending_start_ns);
    s->pending = s->deliver = false;
    if (c->ticket) /* 0: values that a swap brought along */
        report(s, &e);
    else
        report(s, &(event_t){.batch = c->batch, .only_retire = true});
}

static bool batch_is_fresh(const sched_t *s, const batch_t *b)
{
    for (uint32_t i = 0; i < b->n; i++) {
        uint16_t generation = (uint16_t)(b->sets[i].scope_key >> 16), ue = VTN_KEY_UE(b->sets[i].scope_key);
        if (generation && (ue >= s->cfg.max_ues || s->generation[ue] != generation))
            return false;
    }
    return true;
}

static void start_set(sched_t *s, const command_t *c)
{
    s->pending_set = *c;
    s->pending_since = s->run;
    s->pending_start_ns = s->edge_ns;
    s->pending = s->deliver = true;
    batch_t *b = &s->batches[c->batch];
    if (c->ticket == 0) { /* a successor's UE values: those whose UE has gone are left out */
        uint32_t n = 0;
        for (uint32_t i = 0; i < b->n; i++) {
            uint16_t ue = VTN_KEY_UE(b->sets[i].scope_key);
            if (ue < s->cfg.max_ues && s->generation[ue] == (uint16_t)(b->sets[i].scope_key >> 16))
                b->sets[n++] = b->sets[i];
        }
        b->n = n;
    } else if (!batch_is_fresh(s, b)) {
        end_set(s, -ESTALE);
    }
}

static void take_commands(sched_t *s)
{
    command_t c;
    while (!s->pending && ring_pop(&s->commands, &c)) {
        s->edge_ns = monotonic_ns();
        if (c.kind == SCHED_SET) {
            start_set(s, &c);
            continue;
        }
        report_retired(s, s->previous);
        instance_t *old = s->running;
        switch_to(s, c.to);
        s->previous = old;
        s->swap = c; /* reported after its first slot: one that fails at once was no swap */
        s->swap_edge_ns = s->edge_ns;
        if (c.batch < BATCHES)
            start_set(s, &(command_t){.kind = SCHED_SET, .batch = c.batch, .call_ns = c.call_ns});
    }
}

/* The running plugin is taken out: back to the one before if that is still warm, else the built-in one. */
static void remove_running(sched_t *s, int32_t status)
{
    instance_t *failed = s->running, *next = s->previous ? s->previous : s->built_in;
    s->previous = NULL;
    s->counters.plugin_removed++;
    if (s->pending)
        end_set(s, -EIO);
    switch_to(s, next);
    event_t e = {.r = {.kind = s->swap.to ? SCHED_SWAPPED : SCHED_FAILED,
                       .status = status,
                       .ticket = s->swap.ticket,
                       .applied_slot = s->now_slot,
                       .applied_ns = monotonic_ns()},
                 .running = next,
                 .retired = failed,
                 .batch = BATCHES};
    s->swap = (command_t){0};
    snprintf(e.r.now_running, sizeof e.r.now_running, "%s", next->api->id);
    report(s, &e);
}

static void end_swap(sched_t *s)
{
    event_t e = {.r = {.kind = SCHED_SWAPPED, .ticket = s->swap.ticket, .applied_slot = s->now_slot},
                 .running = s->running,
                 .batch = BATCHES};
    result_times(&e.r, &s->swap, s->swap_edge_ns);
    s->swap = (command_t){0};
    snprintf(e.r.now_running, sizeof e.r.now_running, "%s", s->running->api->id);
    report(s, &e);
}

/* ---- the slot ---- */

/* What the running instance does not know of the UEs yet. */
static void compare_ues(sched_t *s)
{
    instance_t *i = s->running;
    s->n_events = 0;
    for (uint16_t ue = 0; ue < s->cfg.max_ues; ue++) {
        if (i->told[ue] == s->generation[ue])
            continue;
        if (i->told[ue])
            s->events[s->n_events++] = (vtn_ue_event_t){VTN_UE_REMOVED, ue, i->told[ue]};
        if (s->generation[ue])
            s->events[s->n_events++] = (vtn_ue_event_t){VTN_UE_ADDED, ue, s->generation[ue]};
    }
    s->resync = false;
}

static void note_told(sched_t *s)
{
    for (uint32_t i = 0; i < s->n_events; i++)
        s->running->told[s->events[i].ue] =
            s->events[i].event == VTN_UE_REMOVED ? 0 : s->events[i].ue_generation;
    s->n_events = 0;
}

static const vtn_direction_t *offer(sched_t *s, uint8_t dir, const sched_slot_t *in)
{
    const sched_direction_t *d = &in->dir[dir];
    side_t *side = &s->side[dir];
    if (d->n_options == 0)
        return NULL;
    assert(d->n_options <= SCHED_MAX_OPTIONS);
    side->view.cce = s->cce + (size_t)(in->abs_slot % s->slots_per_frame) * s->cfg.max_ues * PDCCH_LEVELS *
                                  PDCCH_MAX_CANDIDATES;
    for (uint32_t i = 0; i < d->n_active; i++) {
        side->active_in[d->active[i]] = s->run;
        rate_update(s, side, d->active[i], in->abs_slot);
    }
    s->dir[dir] = (vtn_direction_t){.struct_size = sizeof(vtn_direction_t),
                                    .n_slots = d->n_options,
                                    .k = d->k,
                                    .tda_row = d->tda_row,
                                    .symbol_start = d->symbol_start,
                                    .n_symbols = d->n_symbols,
                                    .re_per_prb = d->re_per_prb,
                                    .free_prbs = d->free_prbs,
                                    .active = d->active,
                                    .ues = &side->view,
                                    .n_active = d->n_active,
                                    .max_grants = d->max_grants,
                                    .n_prb = side->n_prb,
                                    .rbg_size = side->rbg_size,
                                    .rbg_offset = side->rbg_offset};
    return &s->dir[dir];
}

/* Runs one instance over the input. Returns 0, the plugin's error, or -EOVERFLOW when it wrote past its end.
 */
static int32_t call(sched_t *s, instance_t *i, const vtn_slot_in_t *in, vtn_slot_out_t *out)
{
    /* A word behind the last grant that nobody may touch; the check costs nothing and a plugin that fails it
     * has written over memory that is not its own. */
    const uint32_t guard = 0x5ca1ab1e;
    *out = (vtn_slot_out_t){.struct_size = sizeof *out, .cap = 2 * SCHED_MAX_GRANTS, .grants = s->raw};
    memcpy(&s->raw[2 * SCHED_MAX_GRANTS], &guard, sizeof guard);
    int32_t r = i->api->slot(i->self, in, out);
    if (r < 0)
        return r;
    if (out->n_grants > 2 * SCHED_MAX_GRANTS ||
        memcmp(&s->raw[2 * SCHED_MAX_GRANTS], &guard, sizeof guard) != 0)
        return -EOVERFLOW;
    return 0;
}

static void check_all(sched_t *s, const sched_slot_t *in, uint32_t n_raw)
{
    uint64_t free_prbs[2][SCHED_MAX_OPTIONS][PRB_WORDS], free_cces[PDCCH_CCE_WORDS];
    uint32_t granted[2] = {0, 0};
    for (int dir = 0; dir < 2; dir++)
        memcpy(free_prbs[dir], in->dir[dir].free_prbs,
               in->dir[dir].n_options * sizeof in->dir[dir].free_prbs[0]);
    memcpy(free_cces, in->cce_free, sizeof free_cces);
    for (uint32_t i = 0; i < n_raw; i++) {
        const vtn_grant_t *g = &s->raw[i];
        uint32_t reason = 0;
        if (g->dir <= VTN_UL && in->dir[g->dir].n_options &&
            (granted[g->dir] >= in->dir[g->dir].max_grants || s->n_held >= SCHED_MAX_GRANTS))
            reason = VTN_REFUSED_CAP;
        if (!reason)
            reason = grant_check(s, in, g, free_prbs, free_cces, &s->held[s->n_held]);
        if (reason) {
            refuse(s, g->dir, g->ue, g->ue_generation, g->harq_id, reason);
            continue;
        }
        const sched_grant_t *h = &s->held[s->n_held++];
        granted[h->dir]++;
        if (h->dir == VTN_DL) {
            s->counters.grants_dl++;
            s->counters.prbs_dl += h->n_prb;
            s->counters.retx_dl += h->is_retx;
        } else {
            s->counters.grants_ul++;
            s->counters.prbs_ul += h->n_prb;
            s->counters.retx_ul += h->is_retx;
        }
        if (!h->is_retx)
            rate_add(s, &s->side[h->dir], h->ue, h->tbs_bytes);
    }
}

uint32_t sched_run(sched_t *s, const sched_slot_t *in, const sched_grant_t **ret)
{
    s->now_slot = in->abs_slot;
    if (++s->run == 0)
        s->run = 1;
    s->counters.slots++;
    s->n_held = 0;
    take_commands(s);
    if (s->previous && s->now_slot - s->running->since_slot > PROBATION_SLOTS) {
        report_retired(s, s->previous);
        s->previous = NULL;
    }
    if (s->resync)
        compare_ues(s);

    const batch_t *b = s->deliver ? &s->batches[s->pending_set.batch] : NULL;
    uint64_t seq = s->pending_set.ticket ? s->pending_set.ticket : UINT64_MAX;
    vtn_slot_in_t slot = {.struct_size = sizeof slot,
                          .abs_slot = in->abs_slot,
                          .deadline_ns = in->deadline_ns,
                          .sfn = slot_sfn(in->abs_slot, s->cfg.mu),
                          .slot = slot_in_frame(in->abs_slot, s->cfg.mu),
                          .n_events = s->n_events,
                          .n_sets = b ? b->n : 0,
                          .n_feedback = s->n_feedback,
                          .events = s->events,
                          .sets = b ? b->sets : NULL,
                          .feedback = s->feedback,
                          .sets_seq = b ? seq : 0,
                          .dl = offer(s, VTN_DL, in),
                          .ul = offer(s, VTN_UL, in),
                          .free_cces = in->cce_free,
                          .n_cces = s->n_cce};
    vtn_slot_out_t out;
    int32_t r = call(s, s->running, &slot, &out);
    if (r == 0) {
        s->running->failures = 0;
        if (s->swap.to)
            end_swap(s);
        note_told(s);
        s->n_feedback = 0;
        s->deliver = false;
        check_all(s, in, out.n_grants);
        if (s->pending && out.applied_seq == seq)
            end_set(s, out.applied_status);
        else if (s->pending && s->run - s->pending_since > ANSWER_SLOTS)
            end_set(s, -ETIMEDOUT);
    } else {
        if (r == -EOVERFLOW)
            s->counters.plugin_overrun++;
        else
            s->counters.plugin_error++;
        /* The same slot, filled by the built-in scheduler, which knows nothing of the other's parameters.
         * Events stay: the plugin gets them again, with the batch, unless it is taken out. */
        s->running->failures++;
        slot.n_sets = 0;
        slot.sets_seq = 0;
        if (call(s, s->built_in, &slot, &out) == 0)
            check_all(s, in, out.n_grants);
        if (s->running != s->built_in &&
            (r == -EOVERFLOW || s->previous || s->running->failures >= MAX_FAILURES))
            remove_running(s, r);
        if (s->n_feedback > MAX_FEEDBACK / 2)
            s->n_feedback = 0;
    }
    *ret = s->held;
    return s->n_held;
}

counter_set_t sched_counters(const sched_t *s)
{
    return sched_counter_set(&s->counters);
}

bool sched_has_results(const sched_t *s)
{
    return ring_count(&s->events_out) > 0;
}
