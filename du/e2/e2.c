/* SPDX-License-Identifier: Apache-2.0 */
#include "du/e2/e2_inner.h"

#include <errno.h>
#include <stdlib.h>

int du_e2_create(const du_e2_config_t *config, du_e2_t **ret)
{
    du_e2_t *d = calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    d->config = *config;
    d->sched = du_slot_sched(config->slot);
    loop_timer_init(config->loop, &d->timer, du_e2_plugins_on_timer, d);
    int r = du_e2_plugins_load(d);
    if (r == 0)
        r = tunables_create(config->loop, &du_e2_tunables_provider, d, config->log, &d->tunables);
    if (r == 0 && config->has_ric)
        r = e2agent_create(config->loop, &d->config.e2, &du_e2_agent_provider, d, d->tunables, config->log,
                           &d->agent);
    if (r < 0) {
        du_e2_destroy(d);
        return r;
    }
    *ret = d;
    return 0;
}

void du_e2_destroy(du_e2_t *d)
{
    if (!d)
        return;
    loop_timer_stop(&d->timer);
    e2agent_destroy(d->agent);
    tunables_destroy(d->tunables);
    du_e2_plugins_free(d);
    free(d);
}

void du_e2_poll(du_e2_t *d)
{
    sched_result_t r;
    while (sched_ctl_poll(d->sched, &r))
        du_e2_plugins_on_result(d, &r);
}

void du_e2_ue_removed(du_e2_t *d, du_ue_ref_t ue)
{
    if (ue.index < MAC_MAX_UES && d->seen[ue.index]) {
        d->past.dl_bytes += d->last[ue.index].dl_bytes;
        d->past.ul_bytes += d->last[ue.index].ul_bytes;
        d->seen[ue.index] = false;
    }
    tunables_ue_removed(d->tunables, VTN_UE_KEY(ue.index, ue.generation));
}

tunables_t *du_e2_tunables(du_e2_t *d)
{
    return d->tunables;
}

e2agent_t *du_e2_agent(du_e2_t *d)
{
    return d->agent;
}
