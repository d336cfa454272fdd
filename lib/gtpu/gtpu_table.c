/* SPDX-License-Identifier: Apache-2.0 */
/* TEID = generation x table size + index; a generation is never 0, so neither is a TEID. */
#include "lib/gtpu/gtpu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int gtpu_table_create(gtpu_table_t *t, uint32_t n_max)
{
    uint32_t n = 1;
    if (n_max == 0 || n_max > (1u << 20))
        return -EINVAL;
    while (n < n_max)
        n <<= 1;
    memset(t, 0, sizeof *t);
    t->at = calloc(n, sizeof *t->at);
    if (!t->at)
        return -ENOMEM;
    t->n_max = n;
    return 0;
}

void gtpu_table_destroy(gtpu_table_t *t)
{
    free(t->at);
    memset(t, 0, sizeof *t);
}

int gtpu_table_add(gtpu_table_t *t, uint64_t value, uint32_t *ret_teid)
{
    if (t->n_used == t->n_max)
        return -ENOSPC;
    while (t->at[t->hint & (t->n_max - 1)].teid)
        t->hint++;
    uint32_t i = t->hint++ & (t->n_max - 1);
    struct gtpu_tunnel *e = &t->at[i];
    uint32_t generations = (uint32_t)(((uint64_t)1 << 32) / t->n_max);
    e->generation = e->generation + 1 < generations ? e->generation + 1 : 1;
    e->teid = e->generation * t->n_max + i;
    e->value = value;
    t->n_used++;
    *ret_teid = e->teid;
    return 0;
}

int gtpu_table_set(gtpu_table_t *t, uint32_t teid, uint64_t value)
{
    if (teid == 0)
        return -EINVAL;
    struct gtpu_tunnel *e = &t->at[teid & (t->n_max - 1)];
    if (e->teid && e->teid != teid)
        return -EEXIST;
    t->n_used += !e->teid;
    e->teid = teid;
    e->value = value;
    return 0;
}

void gtpu_table_remove(gtpu_table_t *t, uint32_t teid)
{
    struct gtpu_tunnel *e = &t->at[teid & (t->n_max - 1)];
    if (teid == 0 || e->teid != teid)
        return;
    e->teid = 0;
    t->n_used--;
}

bool gtpu_table_find(const gtpu_table_t *t, uint32_t teid, uint64_t *ret_value)
{
    const struct gtpu_tunnel *e = &t->at[teid & (t->n_max - 1)];
    if (teid == 0 || e->teid != teid)
        return false;
    *ret_value = e->value;
    return true;
}
