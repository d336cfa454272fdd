/* SPDX-License-Identifier: Apache-2.0 */
/* The worker pool of the L1: threads that take code blocks and symbols as tasks, downlink before uplink
 * because its deadline is nearer. With no workers every task runs where it is submitted (run to completion on
 * one core).
 *
 * Who submits never waits and never calls the system, so that the slot thread may: a task that finds the
 * queue full runs at once, on the spot. Workers poll; after spin_ns without work they nap nap_ns at a time
 * (0: never), which bounds what an idle cell burns and adds at most one nap to a slot's first task.
 *
 * A task is told which thread it runs on (`self`): 0..n_callers-1 are the threads that submit (each knows its
 * own number), n_callers.. are the workers. It is the index of the work memory that the task may use. */
#ifndef VITRAN_DU_PHY_WORKERS_H
#define VITRAN_DU_PHY_WORKERS_H

#include <stdbool.h>
#include <stdint.h>

#define WORKERS_MAX 64
#define WORKERS_QUEUE 8192 /* tasks of one priority; two full slots of 100 MHz have about 1500 */

typedef struct workers workers_t;
typedef void (*work_fn_t)(void *ctx, uint32_t index, uint32_t self);
typedef enum { WORK_DL, WORK_UL, WORK_PRIORITIES } work_priority_t;

typedef struct {
    uint32_t n_workers;    /* 0: run to completion */
    uint32_t n_callers;    /* threads that submit, at least 1 */
    int cpu[WORKERS_MAX];  /* core of each worker; -1: not pinned */
    int realtime_priority; /* SCHED_FIFO priority; 0: the default policy */
    uint32_t spin_ns, nap_ns;
} workers_cfg_t;

/* [control] 0; -EINVAL, -ENOMEM, -errno of a thread that could not be made as asked. */
int workers_create(const workers_cfg_t *cfg, workers_t **ret);
/* [control] What is queued still runs. NULL is fine. */
void workers_destroy(workers_t *w);
/* [callers, tasks] */
void workers_submit(workers_t *w, work_priority_t priority, work_fn_t run, void *ctx, uint32_t index,
                    uint32_t self);
/* [callers] Runs one queued task, if there is one: for a thread that would otherwise only wait. */
bool workers_help(workers_t *w, uint32_t self);
uint32_t
workers_n_threads(const workers_t *w); /* callers and workers: how many work memories there must be */
/* [any] ns that a worker spent in tasks since start, for load figures. */
uint64_t workers_busy_ns(const workers_t *w, uint32_t worker);

#endif
