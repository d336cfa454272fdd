/* SPDX-License-Identifier: Apache-2.0 */
/* The conflict rule. A value set under a lease belongs to the xApp that set it until the lease ends: another
 * xApp that wants another value is refused unless its priority is higher, and then takes it over. The same
 * value is no conflict. A value set without a lease belongs to nobody. A swap touches every value of its
 * node.
 *
 * A control claims what it sets before it is sent, so that two of them cannot pass each other; what it
 * claimed becomes its hold when the node has acknowledged it (commit), and is as it was before when it failed
 * (release). The node enforces the leases; here is only who holds what. One loop's thread. */
#ifndef VITRAN_RIC_GUARD_H
#define VITRAN_RIC_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/core/counters.h"
#include "lib/core/loop.h"

#define GUARD_MAX_HOLDS 1024u
#define GUARD_XAPP_TEXT 64u

typedef struct guard guard_t;

/* One value of one node. */
typedef struct {
    const void *node; /* identity only */
    uint32_t parameter;
    uint32_t scope; /* plg_Scope_choice_cell, _slice, _ue */
    uint64_t whom;  /* slice, or CU UE F1AP ID */
    uint64_t value; /* its bits: equal or not is all that counts */
} guard_item_t;

#define GUARD_COUNTERS(X)                                                                                    \
    X(held, COUNTER_INFO, "values", "put under a lease by an xApp, renewals included")                       \
    X(conflicts, COUNTER_WARNING, "controls", "refused: another xApp holds a value")                         \
    X(taken_over, COUNTER_WARNING, "values", "taken over by a higher priority")
COUNTERS_DECLARE(guard, GUARD_COUNTERS)

int guard_create(loop_t *loop, guard_t **ret);
void guard_destroy(guard_t *g);
/* 0; -EBUSY: *ret_holder (good until the next call) has item *ret_item; -ENOSPC. */
int guard_claim(guard_t *g, const char *xapp, uint32_t priority, const guard_item_t *items, uint32_t n,
                uint32_t lease_ms, uint32_t *ret_item, const char **ret_holder);
/* It is in force. With lease_ms 0 nothing is held, and what was held of these ends. The same arguments as
 * claimed. */
void guard_commit(guard_t *g, const char *xapp, uint32_t priority, const guard_item_t *items, uint32_t n,
                  uint32_t lease_ms);
/* It failed. */
void guard_release(guard_t *g, const char *xapp, const guard_item_t *items, uint32_t n);
/* May this xApp swap the node's plugin? 0 or -EBUSY. */
int guard_check_swap(guard_t *g, const char *xapp, uint32_t priority, const void *node,
                     const char **ret_holder);
/* The node's leases are gone (it was lost, reset or swapped). */
void guard_forget(guard_t *g, const void *node);
/* Values held or claimed. */
uint32_t guard_holds(guard_t *g);
const guard_counters_t *guard_counters(const guard_t *g);

#endif
