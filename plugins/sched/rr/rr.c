/* SPDX-License-Identifier: Apache-2.0 */
/* Round robin: retransmissions first, then the UEs with data in turn, the PRBs of the slot shared equally
 * among those that have a turn. Whoever needs less leaves the rest to those after it. The smallest scheduler
 * that is fair; the DU also links it in as the one that fills a slot when another plugin fails. */
#include <errno.h>
#include <stdlib.h>

#include "vitran/sched_util.h"

enum { P_MAX_UES = 1 };

static const vtn_param_t p_max_ues = {
    .struct_size = sizeof(vtn_param_t),
    .id = P_MAX_UES,
    .type = VTN_I64,
    .scope = VTN_SCOPE_CELL,
    .name = "rr.max_ues",
    .unit = "UE",
    .help = "Most UEs that get new data in one slot and direction",
    .min.i = 1,
    .max.i = 32,
    .step.i = 1,
    .def.i = 8,
};
static const vtn_param_t *const params[] = {&p_max_ues};

struct vtn_plugin {
    uint32_t max_ues;
    uint32_t next[2]; /* by direction: the UE index whose turn is first */
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
        if (sets[i].param_id != P_MAX_UES)
            return -ENOENT;
    for (uint32_t i = 0; i < n; i++)
        p->max_ues = (uint32_t)sets[i].v.i;
    return 0;
}

static int32_t rr_activate(vtn_plugin_t *p, const vtn_cell_t *cell)
{
    p->max_ues = (uint32_t)p_max_ues.def.i;
    return apply(p, cell->initial_sets, cell->n_initial_sets);
}

static void share(vtn_plugin_t *p, const vtn_direction_t *d, uint8_t dir, uint64_t free_cces[3],
                  vtn_slot_out_t *out)
{
    const vtn_ues_t *ues = d->ues;
    uint32_t room = out->cap - out->n_grants < d->max_grants ? out->cap - out->n_grants : d->max_grants;
    vtn_prb_mask_t free_prbs = d->free_prbs[0]; /* the first data slot on offer */
    uint32_t left = vtn_prb_count(&free_prbs), waiting = 0, first = 0;

    for (uint32_t i = 0; i < d->n_active; i++) {
        uint16_t ue = d->active[i];
        if (ues->harq_retx[ue] != VTN_NONE && room > 0) {
            vtn_grant_t *g = &out->grants[out->n_grants];
            vtn_grant_init(g, ues, ue, dir, 0, 1);
            if (vtn_retx_take(d, ue, 0, &free_prbs, free_cces, g)) {
                left -= vtn_prb_count(&g->prbs);
                out->n_grants++;
                room--;
            }
            continue;
        }
        waiting += ues->harq_new[ue] != VTN_NONE && (ues->queued_bytes[ue] || ues->flags[ue] & VTN_UE_SR);
        if (ue < p->next[dir])
            first = i + 1;
    }
    if (waiting > p->max_ues)
        waiting = p->max_ues;
    if (waiting > room)
        waiting = room;

    for (uint32_t k = 0; k < d->n_active && waiting > 0 && left > 0; k++) {
        uint16_t ue = d->active[(first + k) % d->n_active];
        if (ues->harq_retx[ue] != VTN_NONE || ues->harq_new[ue] == VTN_NONE ||
            !(ues->queued_bytes[ue] || ues->flags[ue] & VTN_UE_SR))
            continue;
        vtn_grant_t *g = &out->grants[out->n_grants];
        vtn_grant_init(g, ues, ue, dir, 0, 0);
        if (!vtn_cce_take(ues, ue, free_cces, g))
            continue; /* its candidates are taken: whoever comes next may have the share */
        uint32_t bytes = ues->queued_bytes[ue] > 64 ? ues->queued_bytes[ue] : 64;
        uint32_t want = vtn_prbs_for(ues, ue, d->re_per_prb[0], bytes),
                 equal = (left + waiting - 1) / waiting;
        uint32_t got = vtn_prb_take(&free_prbs, want < equal ? want : equal, ues->max_prb[ue],
                                    ues->alloc_type[ue], d, &g->prbs);
        if (got == 0) {
            vtn_cce_give_back(free_cces, g);
            continue;
        }
        left -= got;
        waiting--;
        out->n_grants++;
        p->next[dir] = ue + 1u;
    }
}

static int32_t rr_slot(vtn_plugin_t *p, const vtn_slot_in_t *in, vtn_slot_out_t *out)
{
    if (in->sets_seq) {
        out->applied_status = apply(p, in->sets, in->n_sets);
        out->applied_seq = in->sets_seq;
    }
    uint64_t free_cces[3] = {in->free_cces[0], in->free_cces[1], in->free_cces[2]};
    out->n_grants = 0;
    if (in->ul) /* first: its data slots are rarer */
        share(p, in->ul, VTN_UL, free_cces, out);
    if (in->dl)
        share(p, in->dl, VTN_DL, free_cces, out);
    return 0;
}

static void rr_deactivate(vtn_plugin_t *p)
{
    (void)p;
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
