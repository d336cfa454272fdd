/* SPDX-License-Identifier: Apache-2.0 */
/* Round robin: retransmissions first, then the UEs that have had least, the PRBs of the slot shared equally
 * among those whose DCI finds a place. Whoever needs less leaves the rest to the others. Shares do not get so
 * small that short code blocks and DCIs eat up the slot: the others have their turn in the next one. What a
 * UE has had is counted in resource elements from where the others stood when it began to wait (start-time
 * fair queueing), as the slots that fall to it may be short ones. The smallest scheduler that is fair; the DU
 * also links it in as the one that fills a slot when another plugin fails. */
#include <errno.h>
#include <stdlib.h>

#include "vitran/sched_util.h"

#define MAX_SERVED 32u

enum { P_MAX_UES = 1, P_MIN_PRBS };

static const vtn_param_t p_max_ues = {
    .struct_size = sizeof(vtn_param_t),
    .id = P_MAX_UES,
    .type = VTN_I64,
    .scope = VTN_SCOPE_CELL,
    .name = "rr.max_ues",
    .unit = "UE",
    .help = "Most UEs that get new data in one slot and direction",
    .min.i = 1,
    .max.i = MAX_SERVED,
    .step.i = 1,
    .def.i = 8,
};
static const vtn_param_t p_min_prbs = {
    .struct_size = sizeof(vtn_param_t),
    .id = P_MIN_PRBS,
    .type = VTN_I64,
    .scope = VTN_SCOPE_CELL,
    .name = "rr.min_prbs",
    .unit = "PRB",
    .help = "Share of a slot below which a UE with more to send waits for another slot",
    .min.i = 1,
    .max.i = VTN_MAX_PRB,
    .step.i = 1,
    .def.i = 48,
};
static const vtn_param_t *const params[] = {&p_max_ues, &p_min_prbs};

struct vtn_plugin {
    uint32_t max_served, min_prbs;
    uint32_t max_ues;
    uint32_t calls[2];   /* by direction */
    uint64_t now[2];     /* REs that a UE has had which has waited all the time */
    uint64_t *served[2]; /* [max_ues] and this one */
};

static int32_t rr_create(const vtn_host_t *host, vtn_plugin_t **ret)
{
    (void)host;
    *ret = calloc(1, sizeof **ret);
    return *ret ? 0 : -ENOMEM;
}

static int32_t apply(vtn_plugin_t *p, const vtn_set_t *sets, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (sets[i].param_id != P_MAX_UES && sets[i].param_id != P_MIN_PRBS)
            return -ENOENT;
    for (uint32_t i = 0; i < n; i++)
        *(sets[i].param_id == P_MAX_UES ? &p->max_served : &p->min_prbs) = (uint32_t)sets[i].v.i;
    return 0;
}

static void rr_deactivate(vtn_plugin_t *p)
{
    for (int dir = 0; dir < 2; dir++) {
        free(p->served[dir]);
        p->served[dir] = NULL;
    }
}

static int32_t rr_activate(vtn_plugin_t *p, const vtn_cell_t *cell)
{
    p->max_served = (uint32_t)p_max_ues.def.i;
    p->min_prbs = (uint32_t)p_min_prbs.def.i;
    p->max_ues = cell->max_ues;
    for (int dir = 0; dir < 2; dir++)
        if (!(p->served[dir] = calloc(p->max_ues, sizeof *p->served[dir]))) {
            rr_deactivate(p);
            return -ENOMEM;
        }
    return apply(p, cell->initial_sets, cell->n_initial_sets);
}

typedef struct {
    uint64_t had;  /* REs */
    uint32_t want; /* PRBs */
    uint16_t ue;
} turn_t;

/* The UEs with new data, those that have had least first; at most `most` of them. Among equals the order
 * turns. */
static uint32_t line_up(vtn_plugin_t *p, const vtn_direction_t *d, uint8_t dir, turn_t *ret, uint32_t most)
{
    const vtn_ues_t *ues = d->ues;
    uint32_t n = 0, from = d->n_active ? p->calls[dir] % d->n_active : 0;
    for (uint32_t k = 0; k < d->n_active; k++) {
        uint16_t ue = d->active[from + k < d->n_active ? from + k : from + k - d->n_active];
        uint32_t bytes = ues->queued_bytes[ue], at;
        uint64_t had = p->served[dir][ue] > p->now[dir] ? p->served[dir][ue] : p->now[dir];
        if (ues->harq_retx[ue] != VTN_NONE || ues->harq_new[ue] == VTN_NONE ||
            (bytes == 0 && !(ues->flags[ue] & VTN_UE_SR)))
            continue;
        if (n == most && ret[n - 1].had <= had)
            continue;
        for (at = n < most ? n++ : n - 1; at > 0 && ret[at - 1].had > had; at--)
            ret[at] = ret[at - 1];
        ret[at] = (turn_t){had, vtn_prbs_for(ues, ue, d->re_per_prb[0], bytes > 64 ? bytes : 64), ue};
    }
    return n;
}

/* Blocks of full size that the free PRBs hold, in PRBs; a shorter run holds one unless it is a mere rest. */
static uint32_t block_room(const vtn_plugin_t *p, const vtn_prb_mask_t *m)
{
    uint32_t blocks = 0;
    for (uint32_t s = vtn_prb_next(m, 0, 1); s < 320;) {
        uint32_t e = vtn_prb_next(m, s, 0), whole = (e - s) / p->min_prbs;
        blocks += whole ? whole : e - s >= p->min_prbs / 4;
        s = e < 320 ? vtn_prb_next(m, e, 1) : 320;
    }
    return (blocks ? blocks : 1) * p->min_prbs;
}

/* `keep_cces`: leave at least so many CCEs to the other direction. */
static void share(vtn_plugin_t *p, const vtn_direction_t *d, uint8_t dir, uint64_t free_cces[3],
                  uint32_t keep_cces, vtn_slot_out_t *out)
{
    const vtn_ues_t *ues = d->ues;
    uint32_t room = out->cap - out->n_grants < d->max_grants ? out->cap - out->n_grants : d->max_grants;
    vtn_prb_mask_t free_prbs = d->free_prbs[0]; /* the first data slot on offer */

    p->calls[dir]++;
    for (uint32_t i = 0; i < d->n_active && room > 0; i++) {
        uint16_t ue = d->active[i];
        vtn_grant_t *g = &out->grants[out->n_grants];
        if (ues->harq_retx[ue] == VTN_NONE)
            continue;
        vtn_grant_init(g, ues, ue, dir, 0, 1);
        if (vtn_retx_take(d, ue, 0, &free_prbs, free_cces, g)) {
            out->n_grants++;
            room--;
        }
    }

    /* Twice as many in line as can be served: a DCI may find its places taken. */
    turn_t line[2 * MAX_SERVED], *go[MAX_SERVED];
    uint32_t most = p->max_served < room ? p->max_served : room, n = 0, first_grant = out->n_grants;
    uint32_t waiting = line_up(p, d, dir, line, 2 * p->max_served), left = vtn_prb_count(&free_prbs);
    uint32_t room_prbs = block_room(p, &free_prbs);
    for (uint32_t i = 0; i < waiting && n < most && n < left; i++) {
        uint32_t cces = (uint32_t)(__builtin_popcountll(free_cces[0]) + __builtin_popcountll(free_cces[1]) +
                                   __builtin_popcountll(free_cces[2]));
        vtn_grant_t *g = &out->grants[first_grant + n];
        if (cces <= keep_cces)
            break;
        uint32_t block = line[i].want < p->min_prbs ? line[i].want : p->min_prbs;
        if (block <= p->min_prbs / 4) /* a little is never put off */
            block = 0;
        vtn_grant_init(g, ues, line[i].ue, dir, 0, 0);
        if (block > room_prbs || !vtn_cce_take(ues, line[i].ue, free_cces, g))
            continue;
        room_prbs -= block;
        go[n++] = &line[i];
    }

    /* Who wants least first: what it leaves is shared by the others. */
    vtn_grant_t grant[MAX_SERVED];
    uint64_t first = UINT64_MAX; /* where the one stood that had had least */
    for (uint32_t i = 0; i < n; i++) {
        turn_t *t = go[i];
        vtn_grant_t g = out->grants[first_grant + i];
        uint32_t at = i;
        for (; at > 0 && go[at - 1]->want > t->want; at--) {
            go[at] = go[at - 1];
            grant[at] = grant[at - 1];
        }
        go[at] = t;
        grant[at] = g;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint16_t ue = go[i]->ue;
        uint32_t equal = (left + n - i - 1) / (n - i), want = go[i]->want < equal ? go[i]->want : equal;
        uint32_t got =
            vtn_prb_take(&free_prbs, want, ues->max_prb[ue], ues->alloc_type[ue], d, &grant[i].prbs);
        left -= got;
        if (got == 0)
            continue;
        out->grants[out->n_grants++] = grant[i];
        p->served[dir][ue] = go[i]->had + (uint64_t)got * d->re_per_prb[0];
        if (go[i]->had < first)
            first = go[i]->had;
    }
    if (first != UINT64_MAX)
        p->now[dir] = first;
}

static int32_t rr_slot(vtn_plugin_t *p, const vtn_slot_in_t *in, vtn_slot_out_t *out)
{
    for (uint32_t i = 0; i < in->n_events; i++)
        if (in->events[i].event == VTN_UE_ADDED)
            for (int dir = 0; dir < 2; dir++)
                p->served[dir][in->events[i].ue] = 0; /* from now on */
    if (in->sets_seq) {
        out->applied_status = apply(p, in->sets, in->n_sets);
        out->applied_seq = in->sets_seq;
    }
    uint64_t free_cces[3] = {in->free_cces[0], in->free_cces[1], in->free_cces[2]};
    out->n_grants = 0;
    if (in->ul) /* first, as its data slots are rarer, but never with more than half of the PDCCH */
        share(p, in->ul, VTN_UL, free_cces, in->dl && in->dl->n_active ? in->n_cces / 2 : 0, out);
    if (in->dl)
        share(p, in->dl, VTN_DL, free_cces, 0, out);
    return 0;
}

static void rr_destroy(vtn_plugin_t *p)
{
    free(p);
}

static const void *rr_get_ext(vtn_plugin_t *p, const char *id)
{
    (void)p;
    (void)id;
    return NULL;
}

static const vtn_scheduler_t rr = {
    .struct_size = sizeof rr,
    .n_params = sizeof params / sizeof *params,
    .id = "org.vitran.sched-rr",
    .version = "0.1.0",
    .vendor = "VitRAN",
    .licence = "Apache-2.0",
    .params = params,
    .create = rr_create,
    .activate = rr_activate,
    .slot = rr_slot,
    .deactivate = rr_deactivate,
    .destroy = rr_destroy,
    .get_ext = rr_get_ext,
};

static const void *get_factory(const char *factory_id, uint32_t i)
{
    return i == 0 && strcmp(factory_id, VTN_FACTORY_SCHEDULER) == 0 ? &rr : NULL;
}

const vtn_plugin_entry_t vitran_plugin_entry = {
    .struct_size = sizeof vitran_plugin_entry,
    .abi_major = VTN_ABI_MAJOR,
    .abi_minor = VTN_ABI_MINOR,
    .get_factory = get_factory,
};
