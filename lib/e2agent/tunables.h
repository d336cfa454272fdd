/* SPDX-License-Identifier: Apache-2.0 */
/* Turning a node's plugins: swap, set and get with leases, for whoever asks (the E2 agent, the admin
 * service).
 *
 * A request is answered only after it is in force on a slot edge and was read back; until then nothing is
 * promised, and what cannot be applied changes nothing. A set may carry a lease: when it ends, or
 * tunables_ric_lost is called, the values that were in force before come back by the same way. Leases live
 * here, in the node, so that they hold whatever becomes of the RIC.
 *
 * Requests run one after another in the order in which they came. A set without a lease ends the leases of
 * what it names; a set with a lease on what is leased already renews it and keeps the value to return to.
 *
 * Upper face: tunables_swap, tunables_set, tunables_get. Lower face: tunables_provider_t, which the node
 * implements over its plugin host. All on one loop's thread. */
#ifndef VITRAN_E2AGENT_TUNABLES_H
#define VITRAN_E2AGENT_TUNABLES_H

#include <stdbool.h>
#include <stdint.h>
#include <vitran/plugin.h>

#include "lib/core/counters.h"
#include "lib/core/log.h"
#include "lib/core/loop.h"

#define TUNABLES_MAX_ITEMS 256u         /* of one set */
#define TUNABLES_MAX_LEASES 1024u       /* values under lease at a time */
#define TUNABLES_MAX_QUEUE 64u          /* requests that wait */
#define TUNABLES_MAX_LEASE_MS 3600000u  /* one hour */
#define TUNABLES_MAX_AHEAD_SLOTS 20480u /* how far at_slot may lie ahead */
#define TUNABLES_TIMEOUT_MS 1000u       /* beyond the wait for at_slot */
#define TUNABLES_NOW UINT64_MAX         /* at_slot: the next slot edge */

typedef struct tunables tunables_t;

typedef enum { TUNABLES_AVAILABLE, TUNABLES_RUNNING, TUNABLES_QUARANTINED } tunables_state_t;

/* One plugin that could run or runs. The strings and tables live as long as the provider says so by not
 * calling tunables_plugins_changed. */
typedef struct {
    const char *id, *version, *vendor, *licence; /* "org.vitran.sched-pf", "0.1.0", ... */
    const char *factory;                         /* VTN_FACTORY_SCHEDULER */
    tunables_state_t state;
    uint32_t n_params;
    const vtn_param_t *const *params; /* [size: n_params] */
} tunables_plugin_t;

/* ---- lower face: the node's plugin host ---- */

typedef struct {
    /* All plugins; one of a factory is RUNNING. Never blocks. */
    uint32_t (*plugins)(void *ctx, const tunables_plugin_t **ret);
    /* Slot that the cell is in now. */
    uint64_t (*slot_now)(void *ctx);
    /* The value in force in the running plugin. 0; -ENOENT (no such parameter), -ENXIO (no such slice or UE).
     */
    int (*get)(void *ctx, uint32_t param_id, uint32_t scope_key, vtn_value_t *ret);
    /* Starts to apply all of sets [size: n] in one slot, the first from at_slot on (TUNABLES_NOW: the next).
     * The array is good until this returns. tunables_applied answers, maybe before this returns. 0, or what
     * is refused at once: -ENOENT, -ENXIO, -ERANGE, -EINVAL, -EBUSY, -ESTALE (at_slot is past). */
    int (*set)(void *ctx, uint64_t token, const vtn_set_t *sets, uint32_t n, uint64_t at_slot);
    /* Starts to put another plugin in the running one's place; answered likewise. -ENOENT: not known;
     * -EALREADY: it runs; -ENOEXEC: it cannot be loaded here. */
    int (*swap)(void *ctx, uint64_t token, const char *to_id, uint64_t at_slot);
} tunables_provider_t;

/* From the provider: the request of this token is in force since `slot` (status 0), or was not applied at all
 * (-errno). `text` may be NULL: one clause on why. */
void tunables_applied(tunables_t *t, uint64_t token, int status, uint64_t slot, const char *text);
/* From the provider: the list of plugins or a state in it is another one (loaded, quarantined, fell back). */
void tunables_plugins_changed(tunables_t *t, const char *why);
/* From the provider: this UE, VTN_UE_KEY(index, generation), is gone; leases on it end without a trace. */
void tunables_ue_removed(tunables_t *t, uint32_t ue_key);

/* ---- upper face ---- */

#define TUNABLES_NO_ITEM UINT32_MAX

typedef struct {
    int status;    /* 0; -ENOENT, -ENXIO, -ERANGE, -EINVAL, -EBUSY, -ESTALE, -EALREADY, -ENOEXEC, -ETIMEDOUT,
                      -EPERM */
    uint32_t item; /* which one failed; TUNABLES_NO_ITEM: not one of them */
    const char *text;          /* "" or one clause on why; good during the callback */
    uint64_t slot;             /* in force since */
    uint32_t elapsed_us;       /* from the request until it was reported applied */
    const char *from, *to;     /* swap: plugin ids */
    const vtn_set_t *readback; /* set: [size: n]; what is in force now */
    uint32_t n;
} tunables_result_t;

/* Comes exactly once for each request that returned 0; maybe before that returns. */
typedef void (*tunables_done_t)(void *ctx, const tunables_result_t *r);

/* What others want to hear of; all may be NULL. */
typedef enum {
    TUNABLES_BY_CONTROL,
    TUNABLES_BY_LOCAL,
    TUNABLES_BY_LEASE_END,
    TUNABLES_BY_RIC_LOST,
    TUNABLES_BY_SWAP
} tunables_cause_t;
typedef struct {
    void (*plugins)(void *ctx, const char *why); /* list, state or tables changed */
    void (*value)(void *ctx, const vtn_set_t *now, tunables_cause_t cause, uint64_t slot);
} tunables_listener_t;

#define TUNABLES_COUNTERS(X)                                                                                 \
    X(swaps, COUNTER_INFO, "requests", "plugin swaps applied")                                               \
    X(sets, COUNTER_INFO, "requests", "batches of parameters applied")                                       \
    X(refused, COUNTER_WARNING, "requests", "not applied: unknown, out of range, or refused by the plugin")  \
    X(timeouts, COUNTER_ERROR, "requests", "not answered by the slot thread in time")                        \
    X(leases, COUNTER_INFO, "values", "put under lease")                                                     \
    X(leases_expired, COUNTER_INFO, "values", "returned because the lease ended")                            \
    X(leases_ric_lost, COUNTER_WARNING, "values", "returned because the RIC was lost")                       \
    X(restore_failed, COUNTER_ERROR, "values", "could not be returned; tried again until they are")
COUNTERS_DECLARE(tunables, TUNABLES_COUNTERS)

/* 0, -ENOMEM. provider and ctx outlive it; log may be NULL. */
int tunables_create(loop_t *loop, const tunables_provider_t *provider, void *ctx, const log_t *log,
                    tunables_t **ret);
/* Requests under way are forgotten without callback. NULL is fine. */
void tunables_destroy(tunables_t *t);
/* One listener. */
void tunables_listen(tunables_t *t, const tunables_listener_t *l, void *ctx);

uint32_t tunables_plugins(tunables_t *t, const tunables_plugin_t **ret);
/* The running plugin; NULL when there is none. */
const tunables_plugin_t *tunables_running(tunables_t *t);
/* A parameter of the running plugin, by id or by name; NULL. */
const vtn_param_t *tunables_param(tunables_t *t, uint32_t id);
const vtn_param_t *tunables_param_by_name(tunables_t *t, const char *name);
uint64_t tunables_slot_now(tunables_t *t);

/* 0 and done later; or, with nothing done: -ENOENT, -EALREADY, -EAGAIN (TUNABLES_MAX_QUEUE wait). */
int tunables_swap(tunables_t *t, const char *to_id, uint64_t at_slot, tunables_done_t done, void *ctx);
/* lease_ms 0: for good. 0 and done later; or, with nothing done and *ret_item (may be NULL) naming the item:
 * -ENOENT (parameter), -ENXIO (slice or UE), -EEXIST (named twice), -ERANGE (outside min..max), -EDOM (not on
 * a step, not finite), -E2BIG, -EAGAIN, -ENOSPC (no room for leases). */
int tunables_set(tunables_t *t, const vtn_set_t *sets, uint32_t n, uint32_t lease_ms, uint64_t at_slot,
                 tunables_cause_t cause, tunables_done_t done, void *ctx, uint32_t *ret_item);
/* The value in force. 0, -ENOENT, -ENXIO. */
int tunables_get(tunables_t *t, uint32_t param_id, uint32_t scope_key, vtn_value_t *ret);
/* Milliseconds until the lease on this value ends; 0: there is none. */
uint32_t tunables_lease_left_ms(tunables_t *t, uint32_t param_id, uint32_t scope_key);
/* Ends all leases: their values return. */
void tunables_ric_lost(tunables_t *t);

const tunables_counters_t *tunables_counters(const tunables_t *t);

#endif
