/* SPDX-License-Identifier: Apache-2.0 */
/* Proportional fair: PRBs go, piece by piece, to the UE with the highest
 *
 *     weight(UE) x weight(slice) x rate now / (average rate) ^ alpha
 *
 * where the average counts what the UE was granted, these pieces included, over an exponential window. alpha
 * 0 serves who is fastest, 1 is proportional fair (throughput shares follow the weights), 2 leans towards
 * equal rates.
 *
 * Slices have a quota as 3GPP TS 28.541 rRMPolicy has it, in per cent of the PRBs of each data slot:
 * `dedicated` is kept for the slice even when it has nothing to send, `min` is its own whenever it has, `max`
 * is never exceeded. Retransmissions go first and count for the slice.
 *
 * Cost. Averages are kept in time that grows: instead of letting every UE's average decay each slot, what is
 * added weighs more and more, so that a UE that is not served costs nothing. What depends on the average (the
 * power of alpha) is computed only when a UE is granted something. A slot costs one multiplication a waiting
 * UE, and a search among every eighth of them a piece. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "vitran/sched_util.h"

#define MAX_PIECES 16u   /* of the PRBs of a slot */
#define MAX_SERVED 32u   /* UEs with new data, a slot and direction */
#define BLOCK 8u         /* candidates whose highest metric is kept */
#define REBASE 1048576.0 /* scale at which averages are brought back to 1 */
#define URGENT 1e12f     /* signalling goes before data */
#define SIGNALLING_PRIORITY                                                                                  \
    3 /* logical channels up to it carry signalling: TS 38.331 9.2.1 has SRBs there                          \
       */

enum { P_ALPHA = 1, P_WINDOW, P_MAX_UES, P_UE_WEIGHT, P_SLICE_WEIGHT, P_PRB_MIN, P_PRB_MAX, P_PRB_DEDICATED };

#define HEAD(id_, type_, scope_, name_, unit_, help_)                                                        \
    .struct_size = sizeof(vtn_param_t), .id = id_, .type = type_, .scope = scope_, .name = name_,            \
    .unit = unit_, .help = help_
#define F(lo, hi, d) .min.f = lo, .max.f = hi, .def.f = d
#define I(lo, hi, d) .min.i = lo, .max.i = hi, .step.i = 1, .def.i = d

static const vtn_param_t p_alpha = {
    HEAD(P_ALPHA, VTN_F64, VTN_SCOPE_CELL, "pf.alpha", "1",
         "Fairness exponent: 0 serves the fastest, 1 is proportional fair, 2 leans to equal rates"),
    F(0, 2, 1)};
static const vtn_param_t p_window = {
    HEAD(P_WINDOW, VTN_I64, VTN_SCOPE_CELL, "pf.window_slots", "slots", "Memory of the average rate"),
    I(10, 10000, 200)};
static const vtn_param_t p_max_ues = {HEAD(P_MAX_UES, VTN_I64, VTN_SCOPE_CELL, "pf.max_ues", "UE",
                                           "Most UEs that get new data in one slot and direction"),
                                      I(1, MAX_SERVED, 8)};
static const vtn_param_t p_ue_weight = {
    HEAD(P_UE_WEIGHT, VTN_F64, VTN_SCOPE_UE, "ue.weight", "1", "Share of this UE against others at alpha 1"),
    F(0.01, 100, 1)};
static const vtn_param_t p_slice_weight = {HEAD(P_SLICE_WEIGHT, VTN_F64, VTN_SCOPE_SLICE, "slice.weight", "1",
                                                "Factor on the weight of each UE of the slice"),
                                           F(0.01, 100, 1)};
static const vtn_param_t p_prb_min = {
    HEAD(P_PRB_MIN, VTN_I64, VTN_SCOPE_SLICE, "slice.prb_min", "%",
         "PRBs that the slice gets whenever it has data, of each data slot"),
    I(0, 100, 0)};
static const vtn_param_t p_prb_max = {HEAD(P_PRB_MAX, VTN_I64, VTN_SCOPE_SLICE, "slice.prb_max", "%",
                                           "PRBs that the slice never exceeds, of each data slot"),
                                      I(0, 100, 100)};
static const vtn_param_t p_prb_dedicated = {HEAD(P_PRB_DEDICATED, VTN_I64, VTN_SCOPE_SLICE,
                                                 "slice.prb_dedicated", "%",
                                                 "PRBs kept for the slice even when it has no data"),
                                            I(0, 100, 0)};
static const vtn_param_t *const params[] = {&p_alpha,        &p_window,  &p_max_ues, &p_ue_weight,
                                            &p_slice_weight, &p_prb_min, &p_prb_max, &p_prb_dedicated};

typedef struct {     /* one direction's memory of the UEs */
    float *average;  /* [max_ues] bits a slot x scale of when it was brought up to date; 0: never served */
    float *priority; /* [max_ues] weight / average ^ alpha */
    float *added;    /* [max_ues] by the last grant: taken back when that is refused */
    uint32_t *base;  /* [max_ues] rebasing that `average` stands on */
    double scale;    /* weight of a bit now; grows by 1 / (1 - 1 / window) a slot */
    uint32_t rebase; /* how often it went back to 1 */
} memory_t;

typedef struct {                                  /* one slice in one slot and direction */
    int32_t used, floor, dedicated, cap, waiting; /* PRBs; waiting: UEs with data */
} quota_t;

typedef struct { /* a UE that waits */
    uint16_t ue;
    uint8_t slice;
    int32_t got;    /* PRBs so far */
    int32_t most;   /* it has use for */
    int32_t urgent; /* of these: for signalling, or to hear what it wants */
    float first;    /* before this slot's PRBs */
    float per_prb;  /* relative growth of the average by one PRB */
    uint32_t grant; /* place in out->grants, ~0: none yet */
} candidate_t;

struct vtn_plugin {
    vtn_host_t const *host;
    uint32_t max_ues, n_slices;
    double alpha, decay; /* decay: 1 / (1 - 1 / window) */
    double gain;         /* 1 / window */
    uint32_t max_served;
    struct {
        float weight;
        int32_t min, max, dedicated; /* % */
    } * slice;
    float *ue_weight;
    memory_t memory[2];
    candidate_t *candidates; /* [max_ues] */
    float *metric;           /* [max_ues] */
    float *top;              /* [max_ues / BLOCK + 1] */
    quota_t *quota;          /* [n_slices] */
};

static void pf_deactivate(vtn_plugin_t *p)
{
    for (int dir = 0; dir < 2; dir++) {
        free(p->memory[dir].average);
        free(p->memory[dir].priority);
        free(p->memory[dir].added);
        free(p->memory[dir].base);
        memset(&p->memory[dir], 0, sizeof p->memory[dir]);
    }
    free(p->slice);
    free(p->ue_weight);
    free(p->candidates);
    free(p->metric);
    free(p->top);
    free(p->quota);
    p->slice = NULL;
    p->ue_weight = NULL;
    p->candidates = NULL;
    p->metric = p->top = NULL;
    p->quota = NULL;
}

static int32_t pf_create(const vtn_host_t *host, vtn_plugin_t **ret)
{
    vtn_plugin_t *p = calloc(1, sizeof *p);
    if (!p)
        return -ENOMEM;
    p->host = host;
    *ret = p;
    return 0;
}

static void pf_destroy(vtn_plugin_t *p)
{
    free(p);
}

/* ---- parameters ---- */

static void refresh(vtn_plugin_t *p, memory_t *m, uint16_t ue, uint8_t slice);

static int32_t apply(vtn_plugin_t *p, const vtn_set_t *sets, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) { /* all or nothing */
        const vtn_set_t *s = &sets[i];
        if (s->param_id < P_ALPHA || s->param_id > P_PRB_DEDICATED)
            return -ENOENT;
        if (s->param_id == P_UE_WEIGHT ? VTN_KEY_UE(s->scope_key) >= p->max_ues
                                       : s->param_id >= P_SLICE_WEIGHT && s->scope_key >= p->n_slices)
            return -EINVAL;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t key = sets[i].scope_key;
        vtn_value_t v = sets[i].v;
        switch (sets[i].param_id) {
        case P_ALPHA:
            p->alpha = v.f;
            break;
        case P_WINDOW:
            p->gain = 1.0 / (double)v.i;
            p->decay = 1.0 / (1.0 - p->gain);
            break;
        case P_MAX_UES:
            p->max_served = (uint32_t)v.i;
            break;
        case P_UE_WEIGHT:
            p->ue_weight[VTN_KEY_UE(key)] = (float)v.f;
            break;
        case P_SLICE_WEIGHT:
            p->slice[key].weight = (float)v.f;
            break;
        case P_PRB_MIN:
            p->slice[key].min = (int32_t)v.i;
            break;
        case P_PRB_MAX:
            p->slice[key].max = (int32_t)v.i;
            break;
        default:
            p->slice[key].dedicated = (int32_t)v.i;
            break;
        }
    }
    /* What was computed with the old values is stale: a base that no UE has makes each one new when it is
     * next met. */
    for (int dir = 0; dir < 2; dir++)
        for (uint32_t ue = 0; ue < p->max_ues; ue++)
            p->memory[dir].priority[ue] = -1;
    return 0;
}

static int32_t pf_activate(vtn_plugin_t *p, const vtn_cell_t *cell)
{
    p->max_ues = cell->max_ues;
    p->n_slices = cell->n_slices;
    p->slice = calloc(p->n_slices, sizeof *p->slice);
    p->quota = calloc(p->n_slices, sizeof *p->quota);
    p->ue_weight = calloc(p->max_ues, sizeof *p->ue_weight);
    p->candidates = calloc(p->max_ues, sizeof *p->candidates);
    p->metric = calloc(p->max_ues, sizeof *p->metric);
    p->top = calloc(p->max_ues / BLOCK + 1, sizeof *p->top);
    int complete = p->slice && p->quota && p->ue_weight && p->candidates && p->metric && p->top;
    for (int dir = 0; dir < 2; dir++) {
        memory_t *m = &p->memory[dir];
        m->scale = 1;
        m->average = calloc(p->max_ues, sizeof *m->average);
        m->priority = calloc(p->max_ues, sizeof *m->priority);
        m->added = calloc(p->max_ues, sizeof *m->added);
        m->base = calloc(p->max_ues, sizeof *m->base);
        complete = complete && m->average && m->priority && m->added && m->base;
    }
    if (!complete) {
        pf_deactivate(p);
        return -ENOMEM;
    }
    for (uint32_t ue = 0; ue < p->max_ues; ue++)
        p->ue_weight[ue] = (float)p_ue_weight.def.f;
    return apply(p, cell->initial_sets, cell->n_initial_sets);
}

/* ---- averages ---- */

static void memory_tick(vtn_plugin_t *p, memory_t *m)
{
    m->scale *= p->decay;
    if (m->scale > REBASE) {
        m->scale /= REBASE;
        m->rebase++;
    }
}

/* Brings a UE's average to the scale of now, and its priority up to date. */
static void refresh(vtn_plugin_t *p, memory_t *m, uint16_t ue, uint8_t slice)
{
    uint32_t behind = m->rebase - m->base[ue];
    if (behind > 0) {
        m->average[ue] = behind > 3 ? 0 : m->average[ue] * (float)pow(1 / REBASE, behind);
        m->added[ue] = 0;
        m->base[ue] = m->rebase;
    }
    /* In units of now, so that the power sees bits a slot; what all share (the scale) does not change who
     * wins within a slot, but it would between alphas. */
    float w = p->ue_weight[ue] * p->slice[slice].weight, a = m->average[ue];
    if (a < 1e-6f)
        a = 1e-6f;
    if (p->alpha == 1)
        m->priority[ue] = w / a;
    else
        m->priority[ue] = w * (float)pow(a, -p->alpha);
}

static void forget(vtn_plugin_t *p, uint16_t ue)
{
    for (int dir = 0; dir < 2; dir++) {
        memory_t *m = &p->memory[dir];
        m->average[ue] = m->added[ue] = 0;
        m->priority[ue] = -1;
        m->base[ue] = m->rebase;
    }
    p->ue_weight[ue] = (float)p_ue_weight.def.f;
}

/* ---- one direction ---- */

typedef struct { /* one direction of one slot */
    const vtn_direction_t *d;
    memory_t *m;
    vtn_slot_out_t *out;
    uint64_t *free_cces;
    candidate_t *c;
    float *metric; /* [n] of each candidate now; below 0: gets no more */
    float *top; /* [n / BLOCK, rounded up] highest metric of each block: a change costs a block, a search the
                   tops */
    uint32_t n; /* candidates */
    uint32_t served; /* of them with a grant */
    uint32_t room;   /* grants that may still be added */
    int32_t left;    /* PRBs */
    int32_t piece;
    uint32_t keep_cces; /* left to the other direction */
    uint8_t dir;
} round_t;

static uint32_t cce_count(const uint64_t m[3])
{
    return (uint32_t)(__builtin_popcountll(m[0]) + __builtin_popcountll(m[1]) + __builtin_popcountll(m[2]));
}

static void set_metric(round_t *r, uint32_t i, float v)
{
    uint32_t from = i / BLOCK * BLOCK, to = from + BLOCK < r->n ? from + BLOCK : r->n;
    float top = -1;
    r->metric[i] = v;
    for (i = from; i < to; i++)
        top = r->metric[i] > top ? r->metric[i] : top;
    r->top[from / BLOCK] = top;
}

/* The candidate with the highest metric; n: none is open. Among equals the first one. */
static uint32_t best(const round_t *r)
{
    uint32_t blocks = (r->n + BLOCK - 1) / BLOCK, at = 0;
    for (uint32_t b = 1; b < blocks; b++)
        at = r->top[b] > r->top[at] ? b : at;
    if (r->n == 0 || r->top[at] < 0)
        return r->n;
    uint32_t i = at * BLOCK;
    while (r->metric[i] != r->top[at])
        i++;
    return i;
}

/* What counts for candidate c now. (1 + x) ^ -alpha by its first order is exact at alpha 0 and 1 and close
 * between. */
static float metric_now(const vtn_plugin_t *p, const candidate_t *c)
{
    float m = c->first / (1 + (float)p->alpha * c->per_prb * (float)c->got);
    return c->got < c->urgent ? m * URGENT : m;
}

/* Opens those of one slice (-1: of all) that have use for more; when no further UE may be added, only those
 * that have PRBs already. */
static void open_for(const vtn_plugin_t *p, round_t *r, int32_t slice, int full)
{
    for (uint32_t i = 0; i < r->n; i += BLOCK) {
        float top = -1;
        for (uint32_t k = i; k < i + BLOCK && k < r->n; k++) {
            const candidate_t *c = &r->c[k];
            int open =
                c->got < c->most && (slice < 0 || c->slice == slice) && !(full && c->grant == UINT32_MAX);
            r->metric[k] = open ? metric_now(p, c) : -1;
            top = r->metric[k] > top ? r->metric[k] : top;
        }
        r->top[i / BLOCK] = top;
    }
}

static int is_full(const vtn_plugin_t *p, const round_t *r)
{
    return r->served >= p->max_served || r->room == 0 || cce_count(r->free_cces) <= r->keep_cces;
}

/* A grant for a candidate that has none yet: its DCI has to find a place. */
static int begin_grant(round_t *r, candidate_t *c)
{
    vtn_grant_t *g = &r->out->grants[r->out->n_grants];
    vtn_grant_init(g, r->d->ues, c->ue, r->dir, 0, 0);
    if (!vtn_cce_take(r->d->ues, c->ue, r->free_cces, g))
        return 0;
    c->grant = r->out->n_grants++;
    r->served++;
    r->room--;
    return 1;
}

/* Gives up to `limit` PRBs to the best candidates of a slice (-1: of any whose slice is below its cap). */
static void hand_out(vtn_plugin_t *p, round_t *r, int32_t limit, int32_t slice)
{
    int full = is_full(p, r);
    open_for(p, r, slice, full);
    while (limit > 0 && r->left > 0) {
        uint32_t i = best(r);
        if (i == r->n)
            return;
        candidate_t *c = &r->c[i];
        quota_t *q = &p->quota[c->slice];
        int32_t take = r->piece < limit ? r->piece : limit;
        if (take > r->left)
            take = r->left;
        if (take > c->most - c->got)
            take = c->most - c->got;
        if (take > q->cap - q->used)
            take = q->cap - q->used;
        if (take <= 0 || (c->grant == UINT32_MAX && (full || !begin_grant(r, c)))) {
            set_metric(r, i, -1);
            continue;
        }
        c->got += take;
        q->used += take;
        r->left -= take;
        limit -= take;
        set_metric(r, i, c->got < c->most ? metric_now(p, c) : -1);
        if (!full && is_full(p, r)) {
            full = 1;
            open_for(p, r, slice, 1);
        }
    }
}

static int32_t percent(int32_t of, int32_t value)
{
    return (of * value + 50) / 100;
}

static int32_t urgent_prbs(const vtn_ues_t *ues, uint16_t ue, uint32_t re)
{
    uint32_t bytes = 64;
    for (uint32_t i = 0, row = ue * ues->lc_stride; i < ues->n_lcs[ue]; i++)
        if (ues->lc_priority[row + i] <= SIGNALLING_PRIORITY)
            bytes += ues->lc_queued_bytes[row + i];
    return (int32_t)vtn_prbs_for(ues, ue, re, bytes);
}

/* Who waits, with metrics. */
static void collect(vtn_plugin_t *p, round_t *r)
{
    const vtn_direction_t *d = r->d;
    const vtn_ues_t *ues = d->ues;
    memory_t *m = r->m;
    uint32_t re = d->re_per_prb[0];
    float gain = (float)(p->gain * m->scale);
    for (uint32_t i = 0; i < d->n_active; i++) {
        uint16_t ue = d->active[i];
        uint32_t bytes = ues->queued_bytes[ue], flags = ues->flags[ue];
        if (ues->harq_new[ue] == VTN_NONE || ues->harq_retx[ue] != VTN_NONE ||
            (bytes == 0 && !(flags & VTN_UE_SR)))
            continue;
        uint8_t slice = ues->slice[ue] < p->n_slices ? ues->slice[ue] : 0;
        float now = (float)(ues->bits_per_re_x256[ue] * re) * (1.0f / 256); /* bits a PRB */
        if (now <= 0)
            continue;
        if (m->average[ue] <=
            0) { /* new: as if it had had an equal share so far, so that it neither waits nor floods */
            m->average[ue] = (float)m->scale * now * (float)d->n_prb / (float)(d->n_active + 1);
            m->base[ue] = m->rebase;
            m->priority[ue] = -1;
        }
        if (m->priority[ue] < 0 || m->base[ue] != m->rebase)
            refresh(p, m, ue, slice);
        candidate_t *c = &r->c[r->n++];
        float average = m->average[ue] > 1e-6f ? m->average[ue] : 1e-6f;
        uint32_t want = vtn_prbs_for(ues, ue, re, bytes > 64 ? bytes : 64);
        c->ue = ue;
        c->slice = slice;
        c->got = 0;
        c->most = (int32_t)(want < ues->max_prb[ue] ? want : ues->max_prb[ue]);
        c->first = m->priority[ue] * now;
        c->urgent = flags & (VTN_UE_SIGNALLING | VTN_UE_SR) ? urgent_prbs(ues, ue, re) : 0;
        c->per_prb = now * gain / average;
        c->grant = UINT32_MAX;
        p->quota[slice].waiting++;
    }
}

static void retransmit(vtn_plugin_t *p, round_t *r, vtn_prb_mask_t *free_prbs)
{
    const vtn_ues_t *ues = r->d->ues;
    for (uint32_t i = 0; i < r->d->n_active && r->room > 0; i++) {
        uint16_t ue = r->d->active[i];
        if (ues->harq_retx[ue] == VTN_NONE)
            continue;
        vtn_grant_t *g = &r->out->grants[r->out->n_grants];
        vtn_grant_init(g, ues, ue, r->dir, 0, 1);
        if (!vtn_retx_take(r->d, ue, 0, free_prbs, r->free_cces, g))
            continue;
        int32_t n = (int32_t)vtn_prb_count(&g->prbs);
        r->left -= n;
        p->quota[ues->slice[ue] < p->n_slices ? ues->slice[ue] : 0].used += n;
        r->out->n_grants++;
        r->room--;
    }
}

/* Turns PRB counts into PRBs, the largest first (it is the hardest to place), and books what each one got. */
static void place(vtn_plugin_t *p, round_t *r, uint32_t first_grant, vtn_prb_mask_t *free_prbs)
{
    const vtn_ues_t *ues = r->d->ues;
    candidate_t *order[MAX_SERVED];
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n && n < MAX_SERVED; i++) {
        candidate_t *c = &r->c[i];
        if (c->grant == UINT32_MAX)
            continue;
        uint32_t at = n++;
        for (; at > 0 && order[at - 1]->got < c->got; at--)
            order[at] = order[at - 1];
        order[at] = c;
    }
    float gain = (float)(p->gain * r->m->scale);
    for (uint32_t i = 0; i < n; i++) {
        candidate_t *c = order[i];
        vtn_grant_t *g = &r->out->grants[c->grant];
        uint32_t got = vtn_prb_take(free_prbs, (uint32_t)c->got, ues->max_prb[c->ue], ues->alloc_type[c->ue],
                                    r->d, &g->prbs);
        if (got == 0)
            continue; /* dropped below */
        float now = (float)(ues->bits_per_re_x256[c->ue] * r->d->re_per_prb[0]) * (1.0f / 256);
        r->m->added[c->ue] = gain * now * (float)got;
        r->m->average[c->ue] += r->m->added[c->ue];
        refresh(p, r->m, c->ue, c->slice);
    }
    uint32_t keep = first_grant; /* grants that found no PRBs left fall out */
    for (uint32_t i = first_grant; i < r->out->n_grants; i++)
        if (vtn_prb_count(&r->out->grants[i].prbs) > 0) {
            if (keep != i)
                r->out->grants[keep] = r->out->grants[i];
            keep++;
        }
    r->out->n_grants = keep;
}

static void schedule(vtn_plugin_t *p, const vtn_direction_t *d, uint8_t dir, uint64_t free_cces[3],
                     uint32_t keep_cces, vtn_slot_out_t *out)
{
    memory_t *m = &p->memory[dir];
    vtn_prb_mask_t free_prbs = d->free_prbs[0]; /* the first data slot on offer */
    int32_t all = (int32_t)vtn_prb_count(&free_prbs);
    uint32_t cap = out->cap - out->n_grants;
    round_t r = {.d = d,
                 .m = m,
                 .out = out,
                 .free_cces = free_cces,
                 .c = p->candidates,
                 .metric = p->metric,
                 .top = p->top,
                 .room = d->max_grants < cap ? d->max_grants : cap,
                 .left = all,
                 .keep_cces = keep_cces,
                 .dir = dir};
    int32_t rbg = (int32_t)d->rbg_size, piece = (int32_t)((d->n_prb + MAX_PIECES - 1) / MAX_PIECES);
    memory_tick(p, m);
    for (uint32_t s = 0; s < p->n_slices; s++)
        p->quota[s] = (quota_t){.floor = percent(all, p->slice[s].min),
                                .dedicated = percent(all, p->slice[s].dedicated),
                                .cap = percent(all, p->slice[s].max)};
    retransmit(p, &r, &free_prbs);
    collect(p, &r);
    if (r.n == 0 || r.left <= 0)
        return;
    /* With RBGs a piece is a whole one, or it would be rounded up behind the quota's back. */
    r.piece = d->ues->alloc_type[r.c[0].ue] == VTN_ALLOC_RBG ? rbg * ((piece + rbg - 1) / rbg) : piece;
    uint32_t first_grant = out->n_grants;

    /* What each slice is owed while it has data; then the rest, but for what is dedicated to those without.
     */
    int32_t kept = 0;
    for (uint32_t s = 0; s < p->n_slices; s++) {
        quota_t *q = &p->quota[s];
        int32_t owed = (q->floor > q->dedicated ? q->floor : q->dedicated) - q->used;
        if (q->waiting && owed > 0)
            hand_out(p, &r, owed, (int32_t)s);
        if (q->dedicated > q->used)
            kept += q->dedicated - q->used;
    }
    hand_out(p, &r, r.left - kept, -1);
    place(p, &r, first_grant, &free_prbs);
}

static int32_t pf_slot(vtn_plugin_t *p, const vtn_slot_in_t *in, vtn_slot_out_t *out)
{
    for (uint32_t i = 0; i < in->n_events; i++)
        if (in->events[i].event == VTN_UE_CHANGED) { /* perhaps to another slice */
            p->memory[0].priority[in->events[i].ue] = -1;
            p->memory[1].priority[in->events[i].ue] = -1;
        } else {
            forget(p, in->events[i].ue);
        }
    if (in->sets_seq) {
        out->applied_status = apply(p, in->sets, in->n_sets);
        out->applied_seq = in->sets_seq;
    }
    for (uint32_t i = 0; i < in->n_feedback; i++) { /* what was never sent was never served */
        const vtn_feedback_t *f = &in->feedback[i];
        if (f->outcome != VTN_OUT_REFUSED || f->dir > VTN_UL || f->ue >= p->max_ues)
            continue;
        memory_t *m = &p->memory[f->dir];
        m->average[f->ue] -= m->added[f->ue];
        if (m->average[f->ue] < 0)
            m->average[f->ue] = 0;
        m->added[f->ue] = 0;
        m->priority[f->ue] = -1;
    }
    uint64_t free_cces[3] = {in->free_cces[0], in->free_cces[1], in->free_cces[2]};
    out->n_grants = 0;
    if (in->ul) /* first, as its data slots are rarer, but never with more than half of the PDCCH */
        schedule(p, in->ul, VTN_UL, free_cces, in->dl && in->dl->n_active ? in->n_cces / 2 : 0, out);
    if (in->dl)
        schedule(p, in->dl, VTN_DL, free_cces, 0, out);
    return 0;
}

static const void *pf_get_ext(vtn_plugin_t *p, const char *id)
{
    (void)p;
    (void)id;
    return NULL;
}

static const vtn_scheduler_t pf = {
    .struct_size = sizeof pf,
    .n_params = sizeof params / sizeof *params,
    .id = "org.vitran.sched-pf",
    .version = "0.1.0",
    .vendor = "VitRAN",
    .licence = "Apache-2.0",
    .params = params,
    .create = pf_create,
    .activate = pf_activate,
    .slot = pf_slot,
    .deactivate = pf_deactivate,
    .destroy = pf_destroy,
    .get_ext = pf_get_ext,
};

static const void *get_factory(const char *factory_id, uint32_t i)
{
    return i == 0 && strcmp(factory_id, VTN_FACTORY_SCHEDULER) == 0 ? &pf : NULL;
}

const vtn_plugin_entry_t vitran_plugin_entry = {
    .struct_size = sizeof vitran_plugin_entry,
    .abi_major = VTN_ABI_MAJOR,
    .abi_minor = VTN_ABI_MINOR,
    .get_factory = get_factory,
};
