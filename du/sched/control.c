/* SPDX-License-Identifier: Apache-2.0 */
/* The control thread's side: makes and destroys instances, checks what is asked, commits what the plugin has
 * answered. */
#include "du/sched/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "du/sched/internal.h"
#include "lib/core/clock.h"

uint64_t monotonic_ns(void)
{
    return (uint64_t)time_ns(CLOCK_MONOTONIC);
}

int instance_create(sched_t *s, plugin_t *plugin, const instance_t *carry_from, instance_t **ret,
                    char err[SCHED_ERR])
{
    const vtn_scheduler_t *api = plugin_scheduler(plugin);
    vtn_set_t *initial = NULL;
    instance_t *i = calloc(1, sizeof *i);
    int r = -ENOMEM;
    if (!i) {
        plugin_unload(plugin);
        goto no_memory;
    }
    i->plugin = plugin;
    i->api = api;
    if (params_create(api, s->cfg.n_slices, s->cfg.max_ues, &i->params) < 0)
        goto no_memory;
    if (carry_from) {
        params_carry(i->params, carry_from->params);
    } else if (s->cfg.n_initial_sets && plugin_path(plugin)[0]) {
        r = params_check(i->params, api->id, s->cfg.initial_sets, s->cfg.n_initial_sets, err);
        if (r < 0)
            goto fail;
        params_commit(i->params, s->cfg.initial_sets, s->cfg.n_initial_sets);
    }
    uint32_t n = params_count_initial(i->params);
    initial = calloc(n ? n : 1, sizeof *initial);
    if (!initial)
        goto no_memory;
    params_initial(i->params, initial);

    r = api->create(&s->services.host, &i->self);
    if (r < 0) {
        snprintf(err, SCHED_ERR, "%s: create failed: %s", api->id, strerror(-r));
        goto fail;
    }
    vtn_cell_t cell = {.struct_size = sizeof cell,
                       .max_ues = s->cfg.max_ues,
                       .max_lcs_per_ue = s->cfg.max_lcs_per_ue,
                       .n_slices = s->cfg.n_slices,
                       .seed = s->cfg.seed,
                       .n_prb_dl = s->cfg.n_prb_dl,
                       .n_prb_ul = s->cfg.n_prb_ul,
                       .mu = s->cfg.mu,
                       .n_ports_dl = s->cfg.n_ports_dl,
                       .n_ports_ul = s->cfg.n_ports_ul,
                       .tdd_period_slots = s->cfg.tdd_period_slots,
                       .tdd_slot_kind = s->cfg.tdd_slot_kind,
                       .slice_sst_sd = s->cfg.slice_sst_sd,
                       .initial_sets = initial,
                       .n_initial_sets = n};
    r = api->activate(i->self, &cell);
    if (r < 0) {
        snprintf(err, SCHED_ERR, "%s: activate failed: %s", api->id, strerror(-r));
        goto fail;
    }
    i->activated = true;
    free(initial);
    *ret = i;
    return 0;
no_memory:
    r = -ENOMEM;
    snprintf(err, SCHED_ERR, "%s: no memory", api->id);
fail:
    free(initial);
    instance_destroy(i);
    return r;
}

void instance_destroy(instance_t *i)
{
    if (!i)
        return;
    if (i->activated)
        i->api->deactivate(i->self);
    if (i->self)
        i->api->destroy(i->self);
    params_destroy(i->params);
    plugin_unload(i->plugin);
    free(i);
}

static uint32_t batch_take(sched_t *s)
{
    for (uint32_t i = 0; i < BATCHES; i++)
        if (!s->batches[i].used) {
            s->batches[i].used = true;
            s->batches_under_way++;
            return i;
        }
    return BATCHES;
}

static void batch_free(sched_t *s, uint32_t i)
{
    if (i < BATCHES && s->batches[i].used) {
        s->batches[i].used = false;
        s->batches_under_way--;
    }
}

int sched_ctl_swap(sched_t *s, const char *path, uint64_t *ret_ticket, char err[SCHED_ERR])
{
    uint64_t call_ns = monotonic_ns();
    plugin_t *plugin;
    instance_t *to;
    if (s->swap_under_way || s->batches_under_way) {
        snprintf(err, SCHED_ERR, "%s: another change is under way; ask again when it has been answered",
                 path ? path : "built-in");
        return -EBUSY;
    }
    int r = path ? plugin_load(path, &plugin, err)
                 : plugin_from_entry("built-in", &sched_builtin_entry, &plugin, err);
    if (r < 0)
        return r;
    r = instance_create(s, plugin, s->shown, &to, err);
    if (r < 0)
        return r;
    command_t c = {
        .kind = SCHED_SWAPPED, .batch = BATCHES, .ticket = s->next_ticket, .call_ns = call_ns, .to = to};
    uint32_t b = batch_take(s);
    if (b < BATCHES && (s->batches[b].n = params_ue_sets(to->params, s->batches[b].sets, SCHED_MAX_SETS)) > 0)
        c.batch = b;
    else
        batch_free(s, b);
    if (!ring_push(&s->commands, &c)) {
        batch_free(s, c.batch);
        instance_destroy(to);
        snprintf(err, SCHED_ERR, "%s: the slot thread takes no commands; is the cell running?",
                 path ? path : "built-in");
        return -EBUSY;
    }
    s->swap_under_way = true;
    *ret_ticket = s->next_ticket++;
    return 0;
}

int sched_ctl_set(sched_t *s, const vtn_set_t *sets, uint32_t n, uint64_t *ret_ticket, char err[SCHED_ERR])
{
    uint64_t call_ns = monotonic_ns();
    const char *id = s->shown->api->id;
    if (n == 0 || n > SCHED_MAX_SETS) {
        snprintf(err, SCHED_ERR, "%s: a batch has 1 to %u values, not %u", id, SCHED_MAX_SETS, n);
        return n ? -E2BIG : -EINVAL;
    }
    if (s->swap_under_way) {
        snprintf(err, SCHED_ERR, "%s: a swap is under way; ask again when it has been answered", id);
        return -EBUSY;
    }
    int r = params_check(s->shown->params, id, sets, n, err);
    if (r < 0)
        return r;
    for (uint32_t i = 0; i < n; i++) {
        uint16_t ue = VTN_KEY_UE(sets[i].scope_key), generation = (uint16_t)(sets[i].scope_key >> 16);
        if (params_find(s->shown->params, sets[i].param_id)->scope == VTN_SCOPE_UE &&
            (!generation || __atomic_load_n(&s->generation[ue], __ATOMIC_ACQUIRE) != generation)) {
            snprintf(err, SCHED_ERR, "%s: UE index %u is not there any more, or was given to another", id,
                     ue);
            return -ESTALE;
        }
    }
    uint32_t b = batch_take(s);
    if (b == BATCHES) {
        snprintf(err, SCHED_ERR, "%s: %u batches are under way; ask again when one has been answered", id,
                 BATCHES);
        return -EBUSY;
    }
    s->batches[b].n = n;
    memcpy(s->batches[b].sets, sets, n * sizeof *sets);
    command_t c = {.kind = SCHED_SET, .batch = b, .ticket = s->next_ticket, .call_ns = call_ns};
    if (!ring_push(&s->commands, &c)) {
        batch_free(s, b);
        snprintf(err, SCHED_ERR, "%s: the slot thread takes no commands; is the cell running?", id);
        return -EBUSY;
    }
    *ret_ticket = s->next_ticket++;
    return 0;
}

int sched_ctl_get(const sched_t *s, uint32_t param_id, uint32_t scope_key, vtn_value_t *ret)
{
    return params_get(s->shown->params, param_id, scope_key, ret);
}

uint32_t sched_ctl_params(const sched_t *s, const vtn_param_t *const **ret)
{
    *ret = s->shown->api->params;
    return s->shown->api->n_params;
}

const vtn_param_t *sched_ctl_param_by_name(const sched_t *s, const char *name)
{
    return params_find_name(s->shown->params, name);
}

void sched_ctl_info(const sched_t *s, sched_ctl_info_t *ret)
{
    const instance_t *i = s->shown;
    *ret = (sched_ctl_info_t){.id = i->api->id,
                              .version = i->api->version,
                              .vendor = i->api->vendor,
                              .licence = i->api->licence,
                              .path = plugin_path(i->plugin),
                              .since_slot = __atomic_load_n(&i->since_slot, __ATOMIC_RELAXED),
                              .built_in = plugin_path(i->plugin)[0] == 0,
                              .revision = s->revision};
}

bool sched_ctl_poll(sched_t *s, sched_result_t *ret)
{
    event_t e;
    while (ring_pop(&s->events_out, &e)) {
        if (e.running) {
            s->shown = e.running;
            s->revision++;
        }
        if (!e.only_retire && e.r.kind == SCHED_SWAPPED)
            s->swap_under_way = false;
        if (!e.only_retire && e.r.kind == SCHED_SET) {
            if (e.r.status == 0)
                params_commit(s->shown->params, s->batches[e.batch].sets, s->batches[e.batch].n);
            snprintf(e.r.now_running, sizeof e.r.now_running, "%s", s->shown->api->id);
        }
        batch_free(s, e.batch);
        if (e.retired && e.retired != s->built_in)
            instance_destroy(e.retired);
        if (e.only_retire)
            continue;
        *ret = e.r;
        return true;
    }
    return false;
}

const vtn_scheduler_t *sched_ctl_builtin(const sched_t *s)
{
    return s->built_in->api;
}
