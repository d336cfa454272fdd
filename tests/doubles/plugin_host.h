/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin host for tests: two schedulers with small parameter tables and values in an array. It applies when
 * the test says that a slot begins, or at once. */
#ifndef VITRAN_TESTS_PLUGIN_HOST_H
#define VITRAN_TESTS_PLUGIN_HOST_H

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "lib/e2agent/tunables.h"

enum {
    HOST_ALPHA = 1,
    HOST_WEIGHT = 2,
    HOST_UE_WEIGHT = 3,
    HOST_ON = 4,
    HOST_MIN = 10,
    HOST_MAX = 11,
    HOST_DEDICATED = 12
};
#define HOST_KEYS 80u

typedef struct {
    tunables_t *tunables;
    tunables_plugin_t plugins[2]; /* rr, pf */
    vtn_value_t values[16][HOST_KEYS];
    uint32_t n_slices, n_ues;
    uint64_t slot, applied_slot; /* now; of the last application */
    bool at_once;
    int refuse; /* status of the next application */
    struct {
        bool on, swap;
        uint64_t token, at_slot;
        uint32_t n;
        vtn_set_t sets[TUNABLES_MAX_ITEMS];
        char to[64];
    } job;
    uint32_t applied;
} plugin_host_t;

#define HOST_PARAM(id_, type_, scope_, name_, min_, max_, step_, def_)                                       \
    {                                                                                                        \
        .struct_size = sizeof(vtn_param_t), .id = id_, .type = type_, .scope = scope_, .name = name_,        \
        .unit = "1", .help = "for tests", .min = min_, .max = max_, .step = step_, .def = def_               \
    }
#define HOST_I(x)                                                                                            \
    {                                                                                                        \
        .i = (x)                                                                                             \
    }
#define HOST_F(x)                                                                                            \
    {                                                                                                        \
        .f = (x)                                                                                             \
    }

static const vtn_param_t host_alpha = HOST_PARAM(HOST_ALPHA, VTN_F64, VTN_SCOPE_CELL, "pf.alpha", HOST_F(0.0),
                                                 HOST_F(2.0), HOST_F(0.0), HOST_F(1.0));
static const vtn_param_t host_weight = HOST_PARAM(HOST_WEIGHT, VTN_F64, VTN_SCOPE_SLICE, "pf.slice_weight",
                                                  HOST_F(0.1), HOST_F(10.0), HOST_F(0.1), HOST_F(1.0));
static const vtn_param_t host_ue_weight = HOST_PARAM(HOST_UE_WEIGHT, VTN_F64, VTN_SCOPE_UE, "pf.ue_weight",
                                                     HOST_F(0.0), HOST_F(100.0), HOST_F(0.0), HOST_F(1.0));
static const vtn_param_t host_on =
    HOST_PARAM(HOST_ON, VTN_BOOL, VTN_SCOPE_CELL, "pf.on", HOST_I(0), HOST_I(1), HOST_I(1), HOST_I(1));
static const vtn_param_t host_min = HOST_PARAM(HOST_MIN, VTN_I64, VTN_SCOPE_SLICE, "slice.prb_min", HOST_I(0),
                                               HOST_I(100), HOST_I(1), HOST_I(0));
static const vtn_param_t host_max = HOST_PARAM(HOST_MAX, VTN_I64, VTN_SCOPE_SLICE, "slice.prb_max", HOST_I(0),
                                               HOST_I(100), HOST_I(1), HOST_I(100));
static const vtn_param_t host_dedicated =
    HOST_PARAM(HOST_DEDICATED, VTN_I64, VTN_SCOPE_SLICE, "slice.prb_dedicated", HOST_I(0), HOST_I(100),
               HOST_I(5), HOST_I(0));
static const vtn_param_t *const host_rr_params[] = {&host_min, &host_max, &host_dedicated};
static const vtn_param_t *const host_pf_params[] = {&host_alpha, &host_weight, &host_ue_weight, &host_on,
                                                    &host_min,   &host_max,    &host_dedicated};

static inline uint32_t host_plugins(void *ctx, const tunables_plugin_t **ret)
{
    plugin_host_t *h = (plugin_host_t *)ctx;
    *ret = h->plugins;
    return 2;
}

static inline uint64_t host_slot_now(void *ctx)
{
    return ((plugin_host_t *)ctx)->slot;
}

static inline const vtn_param_t *host_param(plugin_host_t *h, uint32_t id)
{
    const tunables_plugin_t *p = h->plugins[0].state == TUNABLES_RUNNING ? &h->plugins[0] : &h->plugins[1];
    for (uint32_t i = 0; i < p->n_params; i++)
        if (p->params[i]->id == id)
            return p->params[i];
    return NULL;
}

static inline int host_get(void *ctx, uint32_t id, uint32_t key, vtn_value_t *ret)
{
    plugin_host_t *h = (plugin_host_t *)ctx;
    const vtn_param_t *p = host_param(h, id);
    if (!p)
        return -ENOENT;
    if ((p->scope == VTN_SCOPE_SLICE && key >= h->n_slices) ||
        (p->scope == VTN_SCOPE_UE && VTN_KEY_UE(key) >= h->n_ues))
        return -ENXIO;
    *ret = h->values[id][key & 0xffff];
    return 0;
}

static inline void host_do(plugin_host_t *h)
{
    int status = h->refuse;
    h->refuse = 0;
    h->job.on = false;
    if (status == 0 && h->job.swap) {
        for (int i = 0; i < 2; i++)
            h->plugins[i].state =
                strcmp(h->plugins[i].id, h->job.to) == 0 ? TUNABLES_RUNNING : TUNABLES_AVAILABLE;
    } else if (status == 0) {
        for (uint32_t i = 0; i < h->job.n; i++)
            h->values[h->job.sets[i].param_id][h->job.sets[i].scope_key & 0xffff] = h->job.sets[i].v;
    }
    h->applied++;
    h->applied_slot = h->slot;
    tunables_applied(h->tunables, h->job.token, status, h->slot, status ? "the test says so" : NULL);
}

/* A slot begins: what waits for it is applied. */
static inline void host_tick(plugin_host_t *h)
{
    h->slot++;
    if (h->job.on && (h->job.at_slot == TUNABLES_NOW || h->job.at_slot <= h->slot))
        host_do(h);
}

static inline int host_set(void *ctx, uint64_t token, const vtn_set_t *sets, uint32_t n, uint64_t at_slot)
{
    plugin_host_t *h = (plugin_host_t *)ctx;
    if (h->job.on)
        return -EBUSY;
    h->job.on = true;
    h->job.swap = false;
    h->job.token = token;
    h->job.at_slot = at_slot;
    h->job.n = n;
    memcpy(h->job.sets, sets, n * sizeof *sets);
    if (h->at_once)
        host_tick(h);
    return 0;
}

static inline int host_swap(void *ctx, uint64_t token, const char *to, uint64_t at_slot)
{
    plugin_host_t *h = (plugin_host_t *)ctx;
    if (h->job.on)
        return -EBUSY;
    h->job.on = h->job.swap = true;
    h->job.token = token;
    h->job.at_slot = at_slot;
    snprintf(h->job.to, sizeof h->job.to, "%s", to);
    if (h->at_once)
        host_tick(h);
    return 0;
}

static const tunables_provider_t host_provider = {host_plugins, host_slot_now, host_get, host_set, host_swap};

/* rr runs first. */
static inline void host_init(plugin_host_t *h, uint32_t n_slices, uint32_t n_ues)
{
    memset(h, 0, sizeof *h);
    h->n_slices = n_slices;
    h->n_ues = n_ues;
    h->slot = 1000;
    h->plugins[0] = (tunables_plugin_t){"org.vitran.sched-rr", "0.1.0",          "VitRAN", "Apache-2.0",
                                        VTN_FACTORY_SCHEDULER, TUNABLES_RUNNING, 3,        host_rr_params};
    h->plugins[1] = (tunables_plugin_t){
        "org.vitran.sched-pf", "0.1.0", "VitRAN",      "Apache-2.0", VTN_FACTORY_SCHEDULER,
        TUNABLES_AVAILABLE,    7,       host_pf_params};
    for (uint32_t i = 0; i < 7; i++)
        for (uint32_t k = 0; k < HOST_KEYS; k++)
            h->values[host_pf_params[i]->id][k] = host_pf_params[i]->def;
}

#endif
