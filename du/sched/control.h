/* SPDX-License-Identifier: Apache-2.0 */
/* The control thread's face of the scheduler: which plugin runs, its parameters, and changing either on a
 * slot edge.
 *
 * A change is checked at once (an error says what is wrong and nothing happens), then travels to the slot
 * thread by a ring; its result comes back by another one. Nothing is reported as applied before the slot
 * thread has applied it. All functions: [control], one thread. */
#ifndef VITRAN_DU_SCHED_CONTROL_H
#define VITRAN_DU_SCHED_CONTROL_H

#include "du/sched/sched.h"

#define SCHED_MAX_SETS 256u /* in one batch */
#define SCHED_ERR 256u      /* bytes of an error line */

typedef enum {
    SCHED_SWAPPED, /* answer to sched_ctl_swap: its first slot went well, or (status) it is out again */
    SCHED_SET,     /* answer to sched_ctl_set */
    SCHED_FAILED,  /* unasked: the plugin failed and was taken out; `status` says why, now_running what took
                      over */
} sched_result_kind_t;

typedef struct {
    sched_result_kind_t kind;
    int32_t status;        /* 0 or -errno: -ESTALE (a UE in the batch is gone), -ETIMEDOUT (the plugin did not
                              answer),        or the plugin's own */
    uint64_t ticket;       /* of the call; SET: also the sequence number that the plugin answered */
    uint64_t applied_slot; /* PDCCH slot from which it holds */
    uint64_t applied_ns;   /* CLOCK_MONOTONIC when the plugin had answered */
    uint64_t since_call_ns; /* applied_ns - time of the call, the wait for the slot edge included */
    uint64_t edge_wait_ns;  /* of which: from the call to the start of the slot that took it */
    char now_running[64];   /* plugin id */
} sched_result_t;

/* Loads, checks, creates and activates the plugin at `path` (NULL: the built-in scheduler), then has the slot
 * thread swap to it. UEs stay. Parameters of the same name, type, scope keep their values where those fit,
 * others start at the default. 0 and a ticket; -EBUSY (a swap is under way); -ENOENT, -ENOEXEC, -EPROTO,
 * -EINVAL, ... with a line in err: then the running plugin goes on. */
int sched_ctl_swap(sched_t *, const char *path, uint64_t *ret_ticket, char err[SCHED_ERR]);

/* One batch, applied whole in one slot or not at all. 0 and a ticket; -ENOENT (no such parameter), -ERANGE,
 * -EINVAL (scope key, duplicate), -E2BIG, -EBUSY (too many under way, or a swap is) with a line in err. */
int sched_ctl_set(sched_t *, const vtn_set_t *sets, uint32_t n, uint64_t *ret_ticket, char err[SCHED_ERR]);

/* Value in force (as answered by the plugin, not as asked for). -ENOENT: no such parameter; -EINVAL: scope
 * key. */
int sched_ctl_get(const sched_t *, uint32_t param_id, uint32_t scope_key, vtn_value_t *ret);

/* The running plugin's declarations; valid until the next SCHED_SWAPPED or SCHED_FAILED is polled. */
uint32_t sched_ctl_params(const sched_t *, const vtn_param_t *const **ret);
/* NULL: none of that name. */
const vtn_param_t *sched_ctl_param_by_name(const sched_t *, const char *name);

typedef struct {
    const char *id, *version, *vendor, *licence, *path; /* path: "" for the built-in one */
    uint64_t since_slot;
    uint32_t built_in;
    uint32_t revision; /* grows with each swap: the parameter table may be another */
} sched_ctl_info_t;
void sched_ctl_info(const sched_t *, sched_ctl_info_t *ret);

/* The scheduler that needs no file and takes over when a plugin fails: what it declares. */
const vtn_scheduler_t *sched_ctl_builtin(const sched_t *);

/* Next result; false: none now. Call it whenever the slot thread has woken the control thread. Frees what a
 * swap left behind. */
bool sched_ctl_poll(sched_t *, sched_result_t *ret);

#endif
