/* SPDX-License-Identifier: Apache-2.0 */
#include "ric/guard/guard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/clock.h"

COUNTERS_DEFINE(guard, GUARD_COUNTERS)

typedef struct {
    guard_item_t item;
    char xapp[GUARD_XAPP_TEXT];
    uint32_t priority;
    int64_t until_ns;
} hold_t;

struct guard {
    loop_t *loop;
    uint32_t n;
    hold_t holds[GUARD_MAX_HOLDS];
    char holder[GUARD_XAPP_TEXT];
    guard_counters_t counters;
};

static void drop(guard_t *g, hold_t *h)
{
    *h = g->holds[--g->n];
}

static void expire(guard_t *g)
{
    int64_t now = loop_now_ns(g->loop);
    for (uint32_t i = g->n; i-- > 0;)
        if (g->holds[i].until_ns <= now)
            drop(g, &g->holds[i]);
}

static hold_t *find(guard_t *g, const guard_item_t *x)
{
    for (uint32_t i = 0; i < g->n; i++) {
        const guard_item_t *y = &g->holds[i].item;
        if (y->node == x->node && y->parameter == x->parameter && y->scope == x->scope && y->whom == x->whom)
            return &g->holds[i];
    }
    return NULL;
}

static int refuse(guard_t *g, const hold_t *h, const char **ret_holder)
{
    snprintf(g->holder, sizeof g->holder, "%s", h->xapp);
    *ret_holder = g->holder;
    g->counters.conflicts++;
    return -EBUSY;
}

int guard_claim(guard_t *g, const char *xapp, uint32_t priority, const guard_item_t *items, uint32_t n,
                uint32_t lease_ms, uint32_t *ret_item, const char **ret_holder)
{
    uint32_t new_holds = 0;
    expire(g);
    for (uint32_t i = 0; i < n; i++) {
        const hold_t *h = find(g, &items[i]);
        new_holds += !h;
        if (!h || strcmp(h->xapp, xapp) == 0 || h->item.value == items[i].value || priority > h->priority)
            continue;
        *ret_item = i;
        return refuse(g, h, ret_holder);
    }
    if (lease_ms && g->n + new_holds > GUARD_MAX_HOLDS)
        return -ENOSPC;
    for (uint32_t i = 0; i < n; i++) {
        hold_t *h = find(g, &items[i]);
        bool others = h && strcmp(h->xapp, xapp) != 0;
        if (others && h->item.value == items[i].value && priority <= h->priority)
            continue; /* wants the same: the holder keeps it */
        g->counters.taken_over += others;
        if (!lease_ms) {
            if (h)
                drop(g, h);
            continue;
        }
        if (!h)
            h = &g->holds[g->n++];
        h->item = items[i];
        snprintf(h->xapp, sizeof h->xapp, "%s", xapp);
        h->priority = priority;
        h->until_ns = loop_now_ns(g->loop) + lease_ms * NS_PER_MS;
        g->counters.claims++;
    }
    return 0;
}

void guard_release(guard_t *g, const char *xapp, const guard_item_t *items, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        hold_t *h = find(g, &items[i]);
        if (h && strcmp(h->xapp, xapp) == 0)
            drop(g, h);
    }
}

int guard_check_swap(guard_t *g, const char *xapp, uint32_t priority, const void *node,
                     const char **ret_holder)
{
    expire(g);
    for (uint32_t i = 0; i < g->n; i++) {
        const hold_t *h = &g->holds[i];
        if (h->item.node == node && strcmp(h->xapp, xapp) != 0 && priority <= h->priority)
            return refuse(g, h, ret_holder);
    }
    return 0;
}

void guard_forget(guard_t *g, const void *node)
{
    for (uint32_t i = g->n; i-- > 0;)
        if (g->holds[i].item.node == node)
            drop(g, &g->holds[i]);
}

uint32_t guard_holds(guard_t *g)
{
    expire(g);
    return g->n;
}

int guard_create(loop_t *loop, guard_t **ret)
{
    guard_t *g = calloc(1, sizeof *g);
    if (!g)
        return -ENOMEM;
    g->loop = loop;
    *ret = g;
    return 0;
}

void guard_destroy(guard_t *g)
{
    free(g);
}

const guard_counters_t *guard_counters(const guard_t *g)
{
    return &g->counters;
}
