/* SPDX-License-Identifier: Apache-2.0 */
/* Parameter values by scope. A UE's value is kept with the UE's generation: the next owner of the index does
 * not inherit. */
#include "plugins/host/host.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct params {
    const vtn_scheduler_t *api;
    uint32_t n_slices, max_ues;
    struct {
        vtn_value_t *v;       /* [keys] */
        uint16_t *generation; /* [keys], UE scope only; 0: never set */
        uint32_t keys;
    } of[PLUGIN_MAX_PARAMS];
};

int params_create(const vtn_scheduler_t *api, uint32_t n_slices, uint32_t max_ues, params_t **ret)
{
    params_t *p = calloc(1, sizeof *p);
    if (!p)
        return -ENOMEM;
    p->api = api;
    p->n_slices = n_slices;
    p->max_ues = max_ues;
    for (uint32_t i = 0; i < api->n_params; i++) {
        const vtn_param_t *d = api->params[i];
        uint32_t keys = d->scope == VTN_SCOPE_CELL ? 1 : d->scope == VTN_SCOPE_SLICE ? n_slices : max_ues;
        p->of[i].keys = keys;
        p->of[i].v = calloc(keys, sizeof *p->of[i].v);
        p->of[i].generation = calloc(keys, sizeof *p->of[i].generation);
        if (!p->of[i].v || !p->of[i].generation) {
            params_destroy(p);
            return -ENOMEM;
        }
        for (uint32_t k = 0; k < keys; k++)
            p->of[i].v[k] = d->def;
    }
    *ret = p;
    return 0;
}

void params_destroy(params_t *p)
{
    if (!p)
        return;
    for (uint32_t i = 0; i < PLUGIN_MAX_PARAMS; i++) {
        free(p->of[i].v);
        free(p->of[i].generation);
    }
    free(p);
}

static int index_of(const params_t *p, uint32_t id)
{
    for (uint32_t i = 0; i < p->api->n_params; i++)
        if (p->api->params[i]->id == id)
            return (int)i;
    return -1;
}

const vtn_param_t *params_find(const params_t *p, uint32_t id)
{
    int i = index_of(p, id);
    return i < 0 ? NULL : p->api->params[i];
}

const vtn_param_t *params_find_name(const params_t *p, const char *name)
{
    for (uint32_t i = 0; i < p->api->n_params; i++)
        if (strcmp(p->api->params[i]->name, name) == 0)
            return p->api->params[i];
    return NULL;
}

static uint32_t key_index(const vtn_param_t *d, uint32_t scope_key)
{
    return d->scope == VTN_SCOPE_UE ? VTN_KEY_UE(scope_key) : scope_key;
}

/* Is v a value that the declaration allows? Nothing is rounded: a value beside a step is refused. */
static bool fits(const vtn_param_t *d, vtn_value_t v)
{
    if (d->type == VTN_F64) {
        if (!(v.f >= d->min.f && v.f <= d->max.f)) /* NaN fails too */
            return false;
        if (d->step.f == 0)
            return true;
        double n = (v.f - d->min.f) / d->step.f;
        return fabs(n - nearbyint(n)) < 1e-6;
    }
    if (v.i < d->min.i || v.i > d->max.i)
        return false;
    return d->step.i == 0 || ((uint64_t)v.i - (uint64_t)d->min.i) % (uint64_t)d->step.i == 0;
}

static void range_text(const vtn_param_t *d, char *out, size_t n)
{
    if (d->type == VTN_F64)
        snprintf(out, n, "%g..%g %s, step %g", d->min.f, d->max.f, d->unit, d->step.f);
    else
        snprintf(out, n, "%" PRId64 "..%" PRId64 " %s, step %" PRId64, d->min.i, d->max.i, d->unit,
                 d->step.i);
}

int params_check(const params_t *p, const char *plugin_name, const vtn_set_t *sets, uint32_t n,
                 char err[PLUGIN_ERR])
{
    for (uint32_t i = 0; i < n; i++) {
        const vtn_param_t *d = params_find(p, sets[i].param_id);
        if (!d) {
            snprintf(err, PLUGIN_ERR,
                     "%s: no parameter %" PRIu32 "; list the parameters of the running plugin", plugin_name,
                     sets[i].param_id);
            return -ENOENT;
        }
        uint32_t key = key_index(d, sets[i].scope_key);
        uint32_t keys = p->of[index_of(p, d->id)].keys;
        if (key >= keys) {
            static const char *const what[] = {"the cell has key 0 only", "no such slice",
                                               "no such UE index"};
            snprintf(err, PLUGIN_ERR, "%s: %s: key %" PRIu32 " of 0..%" PRIu32 ": %s", plugin_name, d->name,
                     key, keys - 1, what[d->scope]);
            return -EINVAL;
        }
        if (!fits(d, sets[i].v)) {
            char range[96], value[32];
            range_text(d, range, sizeof range);
            if (d->type == VTN_F64)
                snprintf(value, sizeof value, "%g", sets[i].v.f);
            else
                snprintf(value, sizeof value, "%" PRId64, sets[i].v.i);
            snprintf(err, PLUGIN_ERR, "%s: %s: %s is not in %s", plugin_name, d->name, value, range);
            return -ERANGE;
        }
        for (uint32_t j = 0; j < i; j++)
            if (sets[j].param_id == sets[i].param_id && sets[j].scope_key == sets[i].scope_key) {
                snprintf(err, PLUGIN_ERR, "%s: %s: set twice in one batch for key %" PRIu32, plugin_name,
                         d->name, key);
                return -EEXIST;
            }
    }
    return 0;
}

void params_commit(params_t *p, const vtn_set_t *sets, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        int at = index_of(p, sets[i].param_id);
        if (at < 0)
            continue;
        const vtn_param_t *d = p->api->params[at];
        uint32_t key = key_index(d, sets[i].scope_key);
        if (key >= p->of[at].keys)
            continue;
        p->of[at].v[key] = sets[i].v;
        p->of[at].generation[key] = (uint16_t)(sets[i].scope_key >> 16);
    }
}

int params_get(const params_t *p, uint32_t id, uint32_t scope_key, vtn_value_t *ret)
{
    int at = index_of(p, id);
    if (at < 0)
        return -ENOENT;
    const vtn_param_t *d = p->api->params[at];
    uint32_t key = key_index(d, scope_key);
    if (key >= p->of[at].keys)
        return -EINVAL;
    bool other_ue = d->scope == VTN_SCOPE_UE && p->of[at].generation[key] != (uint16_t)(scope_key >> 16);
    *ret = other_ue ? d->def : p->of[at].v[key];
    return 0;
}

uint32_t params_count_initial(const params_t *p)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->api->n_params; i++)
        n += p->api->params[i]->scope == VTN_SCOPE_UE ? 0 : p->of[i].keys;
    return n;
}

void params_initial(const params_t *p, vtn_set_t *out)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->api->n_params; i++)
        if (p->api->params[i]->scope != VTN_SCOPE_UE)
            for (uint32_t k = 0; k < p->of[i].keys; k++)
                out[n++] = (vtn_set_t){p->api->params[i]->id, k, p->of[i].v[k]};
}

uint32_t params_ue_sets(const params_t *p, vtn_set_t *out, uint32_t cap)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->api->n_params; i++) {
        const vtn_param_t *d = p->api->params[i];
        if (d->scope != VTN_SCOPE_UE)
            continue;
        for (uint32_t k = 0; k < p->of[i].keys && n < cap; k++)
            if (p->of[i].generation[k] && p->of[i].v[k].i != d->def.i)
                out[n++] = (vtn_set_t){d->id, VTN_UE_KEY(k, p->of[i].generation[k]), p->of[i].v[k]};
    }
    return n;
}

void params_carry(params_t *to, const params_t *from)
{
    for (uint32_t i = 0; i < to->api->n_params; i++) {
        const vtn_param_t *d = to->api->params[i];
        const vtn_param_t *old = params_find_name(from, d->name);
        if (!old || old->type != d->type || old->scope != d->scope)
            continue;
        int at = index_of(from, old->id);
        for (uint32_t k = 0; k < to->of[i].keys && k < from->of[at].keys; k++)
            if (fits(d, from->of[at].v[k])) {
                to->of[i].v[k] = from->of[at].v[k];
                to->of[i].generation[k] = from->of[at].generation[k];
            }
    }
}
