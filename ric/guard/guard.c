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
    bool claim; /* its control is not answered yet */
    int64_t until_ns;
} hold_t;

#define CLAIM_NS (120 * NS_PER_S) /* a control is answered or given up long before */

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

static bool same(const guard_item_t *a, const guard_item_t *b)
{
    return a->node == b->node && a->parameter == b->parameter && a->scope == b->scope && a->whom == b->whom;
}

/* The hold on a value, or this xApp's claim of it. */
static hold_t *find(guard_t *g, const guard_item_t *x, const char *claimed_by)
{
    for (uint32_t i = 0; i < g->n; i++)
        if (same(&g->holds[i].item, x) && g->holds[i].claim == (claimed_by != NULL) &&
            (!claimed_by || strcmp(g->holds[i].xapp, claimed_by) == 0))
            return &g->holds[i];
    return NULL;
}

static void put(guard_t *g, const guard_item_t *x, const char *xapp, uint32_t priority, bool is_claim,
                int64_t until_ns)
{
    hold_t *h = &g->holds[g->n++];
    *h = (hold_t){.item = *x, .priority = priority, .claim = is_claim, .until_ns = until_ns};
    snprintf(h->xapp, sizeof h->xapp, "%s", xapp);
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
    expire(g);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < g->n; k++) {
            const hold_t *h = &g->holds[k];
            if (!same(&h->item, &items[i]) || strcmp(h->xapp, xapp) == 0 || h->item.value == items[i].value ||
                priority > h->priority)
                continue;
            *ret_item = i;
            return refuse(g, h, ret_holder);
        }
    if (!lease_ms)
        return 0;
    if (n > GUARD_MAX_HOLDS / 2 || g->n > GUARD_MAX_HOLDS / 2 - n) /* half is left for what commits */
        return -ENOSPC;
    for (uint32_t i = 0; i < n; i++)
        put(g, &items[i], xapp, priority, true, loop_now_ns(g->loop) + CLAIM_NS);
    return 0;
}

void guard_release(guard_t *g, const char *xapp, const guard_item_t *items, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        hold_t *h = find(g, &items[i], xapp);
        if (h)
            drop(g, h);
    }
}

void guard_commit(guard_t *g, const char *xapp, uint32_t priority, const guard_item_t *items, uint32_t n,
                  uint32_t lease_ms)
{
    expire(g);
    guard_release(g, xapp, items, n);
    for (uint32_t i = 0; i < n; i++) {
        hold_t *h = find(g, &items[i], NULL);
        bool others = h && strcmp(h->xapp, xapp) != 0;
        if (others && h->item.value == items[i].value && priority <= h->priority)
            continue; /* wanted the same: the holder keeps it */
        g->counters.taken_over += others;
        if (h)
            drop(g, h);
        if (!lease_ms || g->n >= GUARD_MAX_HOLDS)
            continue;
        put(g, &items[i], xapp, priority, false, loop_now_ns(g->loop) + lease_ms * NS_PER_MS);
        g->counters.held++;
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
