/* SPDX-License-Identifier: Apache-2.0 */
/* The tunables' lower face over du/sched's control face. */
#include "du/e2/e2_inner.h"

#include "lib/core/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static tunables_plugin_t row_of(const vtn_scheduler_t *s)
{
    return (tunables_plugin_t){.id = s->id,
                               .version = s->version,
                               .vendor = s->vendor,
                               .licence = s->licence,
                               .factory = VTN_FACTORY_SCHEDULER,
                               .state = TUNABLES_AVAILABLE,
                               .n_params = s->n_params,
                               .params = s->params};
}

/* Marks the running plugin; what was quarantined stays so until it is swapped in again. */
static void note_running(du_e2_t *d)
{
    sched_ctl_info_t info;
    sched_ctl_info(d->sched, &info);
    snprintf(d->running, sizeof d->running, "%s", info.id);
    for (uint32_t i = 0; i < d->n_plugins; i++) {
        tunables_plugin_t *row = &d->rows[i];
        if (strcmp(row->id, d->running) == 0)
            row->state = TUNABLES_RUNNING;
        else if (row->state == TUNABLES_RUNNING)
            row->state = TUNABLES_AVAILABLE;
    }
}

int du_e2_plugins_load(du_e2_t *d)
{
    char err[PLUGIN_ERR];
    plugin_info_t *found = calloc(DU_E2_MAX_PLUGINS, sizeof *found);
    if (!found)
        return -ENOMEM;
    d->rows[d->n_plugins++] = row_of(sched_ctl_builtin(d->sched));
    int n = plugin_scan(d->config.plugin_dir, found, DU_E2_MAX_PLUGINS);
    if (n < 0)
        log_warning(d->config.log, "plugins: %s cannot be read: %s; there is nothing to swap to",
                    d->config.plugin_dir, strerror(-n));
    for (int i = 0; i < n; i++) {
        plugin_t *p;
        if (found[i].err[0] || plugin_load(found[i].path, &p, err) < 0) {
            log_warning(d->config.log, "plugins: %s", found[i].err[0] ? found[i].err : err);
            continue;
        }
        uint32_t at = 0; /* an id stands in the list once: the last file that has it counts */
        while (at < d->n_plugins && strcmp(d->rows[at].id, plugin_scheduler(p)->id) != 0)
            at++;
        if (at == d->n_plugins)
            d->n_plugins++;
        else if (d->plugins[at])
            log_warning(d->config.log, "plugins: %s and %s are both %s; the second counts",
                        plugin_path(d->plugins[at]), found[i].path, d->rows[at].id);
        plugin_unload(d->plugins[at]);
        d->plugins[at] = p;
        d->rows[at] = row_of(plugin_scheduler(p));
    }
    free(found);
    note_running(d);
    return 0;
}

void du_e2_plugins_free(du_e2_t *d)
{
    for (uint32_t i = 0; i < d->n_plugins; i++)
        plugin_unload(d->plugins[i]);
}

static void answer(du_e2_t *d, int status, uint64_t slot, const char *text)
{
    uint64_t token = d->token;
    d->waiting = d->under_way = false;
    loop_timer_stop(&d->timer);
    tunables_applied(d->tunables, token, status, slot, text);
}

/* Gives the request to the slot thread. 0 or -errno with a line in err. */
static int start(du_e2_t *d, char err[SCHED_ERR])
{
    int r = d->is_swap ? sched_ctl_swap(d->sched, d->swap_path[0] ? d->swap_path : NULL, &d->ticket, err)
                       : sched_ctl_set(d->sched, d->sets, d->n_sets, &d->ticket, err);
    if (r == 0) {
        d->waiting = false;
        d->under_way = true;
    } else if (err[0]) {
        log_warning(d->config.log, "plugins: %s", err);
    }
    return r;
}

static uint64_t slot_now(void *ctx)
{
    du_e2_t *d = ctx;
    uint64_t n = du_slot_now(d->config.slot);
    return n == UINT64_MAX ? 0 : n;
}

/* The slot thread decides slot n + k at slot n, and takes a request at its next wake-up at the earliest: once
 * n + k has reached at_slot, whatever is given to it holds from a later slot on. */
void du_e2_plugins_on_timer(void *ctx)
{
    du_e2_t *d = ctx;
    char err[SCHED_ERR] = "";
    if (!d->waiting)
        return;
    if (slot_now(d) + d->config.k < d->at_slot) {
        loop_timer_start(&d->timer, NS_PER_MS / 2);
        return;
    }
    int r = start(d, err);
    if (r < 0)
        answer(d, r, 0, err);
}

static int begin(du_e2_t *d, uint64_t token, uint64_t at_slot)
{
    char err[SCHED_ERR] = "";
    if (d->waiting || d->under_way)
        return -EBUSY;
    d->token = token;
    d->at_slot = at_slot;
    if (at_slot == TUNABLES_NOW)
        return start(d, err);
    if (at_slot < slot_now(d))
        return -ESTALE;
    d->waiting = true;
    return loop_timer_start(&d->timer, 0);
}

static uint32_t provide_plugins(void *ctx, const tunables_plugin_t **ret)
{
    du_e2_t *d = ctx;
    *ret = d->rows;
    return d->n_plugins;
}

static int provide_get(void *ctx, uint32_t param_id, uint32_t scope_key, vtn_value_t *ret)
{
    du_e2_t *d = ctx;
    int r = sched_ctl_get(d->sched, param_id, scope_key, ret);
    return r == -EINVAL ? -ENXIO : r;
}

static int provide_set(void *ctx, uint64_t token, const vtn_set_t *sets, uint32_t n, uint64_t at_slot)
{
    du_e2_t *d = ctx;
    if (d->waiting || d->under_way)
        return -EBUSY;
    d->is_swap = false;
    memcpy(d->sets, sets, n * sizeof *sets);
    d->n_sets = n;
    return begin(d, token, at_slot);
}

static int provide_swap(void *ctx, uint64_t token, const char *to_id, uint64_t at_slot)
{
    du_e2_t *d = ctx;
    if (d->waiting || d->under_way)
        return -EBUSY;
    if (strcmp(to_id, d->running) == 0)
        return -EALREADY;
    for (uint32_t i = 0; i < d->n_plugins; i++) {
        if (strcmp(to_id, d->rows[i].id) != 0)
            continue;
        d->is_swap = true;
        snprintf(d->swap_path, sizeof d->swap_path, "%s", d->plugins[i] ? plugin_path(d->plugins[i]) : "");
        return begin(d, token, at_slot);
    }
    return -ENOENT;
}

const tunables_provider_t du_e2_tunables_provider = {.plugins = provide_plugins,
                                                     .slot_now = slot_now,
                                                     .get = provide_get,
                                                     .set = provide_set,
                                                     .swap = provide_swap};

static void on_failed(du_e2_t *d, const sched_result_t *r)
{
    char text[160];
    for (uint32_t i = 0; i < d->n_plugins; i++)
        if (strcmp(d->rows[i].id, d->running) == 0)
            d->rows[i].state = TUNABLES_QUARANTINED;
    snprintf(text, sizeof text, "%s failed (%s); %s took over", d->running, strerror(-r->status),
             r->now_running);
    log_error(d->config.log, "plugins: %s", text);
    note_running(d);
    tunables_plugins_changed(d->tunables, text);
}

void du_e2_plugins_on_result(du_e2_t *d, const sched_result_t *r)
{
    if (r->kind == SCHED_FAILED) {
        on_failed(d, r);
        return;
    }
    if (!d->under_way || r->ticket != d->ticket)
        return;
    if (r->kind == SCHED_SWAPPED)
        note_running(d);
    answer(d, r->status, r->applied_slot, r->status ? strerror(-r->status) : NULL);
    if (r->kind == SCHED_SWAPPED && r->status == 0)
        log_notice(d->config.log, "plugins: %s runs since slot %llu", d->running,
                   (unsigned long long)r->applied_slot);
}
