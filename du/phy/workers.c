/* SPDX-License-Identifier: Apache-2.0 */
#include "du/phy/workers.h"

#include "lib/core/clock.h"
#include "lib/core/mpmc.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>

typedef struct {
    work_fn_t run;
    void *ctx;
    uint32_t index, reserved;
} task_t;
_Static_assert(sizeof(task_t) == MPMC_ELEM_BYTES, "a task is a queue element");

typedef struct {
    _Alignas(64) workers_t *pool;
    pthread_t thread;
    uint32_t self;
    atomic_ullong busy_ns;
} worker_t;

struct workers {
    mpmc_t queue[WORK_PRIORITIES];
    workers_cfg_t cfg;
    atomic_bool stop;
    uint32_t n_started;
    worker_t worker[WORKERS_MAX];
};

static bool run_one(workers_t *w, uint32_t self)
{
    task_t t;
    for (int p = 0; p < WORK_PRIORITIES; p++)
        if (mpmc_pop(&w->queue[p], &t)) {
            t.run(t.ctx, t.index, self);
            return true;
        }
    return false;
}

static void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void *worker_main(void *arg)
{
    worker_t *me = arg;
    workers_t *w = me->pool;
    int64_t idle_since = time_ns(CLOCK_MONOTONIC);
    for (;;) {
        int64_t start = time_ns(CLOCK_MONOTONIC);
        if (run_one(w, me->self)) {
            idle_since = time_ns(CLOCK_MONOTONIC);
            atomic_fetch_add_explicit(&me->busy_ns, (unsigned long long)(idle_since - start),
                                      memory_order_relaxed);
            continue;
        }
        if (atomic_load_explicit(&w->stop, memory_order_acquire))
            return NULL;
        if (w->cfg.nap_ns && start - idle_since > (int64_t)w->cfg.spin_ns) {
            struct timespec nap = {.tv_nsec = w->cfg.nap_ns};
            clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
        } else {
            relax();
        }
    }
}

static int start_worker(workers_t *w, uint32_t i)
{
    worker_t *me = &w->worker[i];
    me->pool = w;
    me->self = w->cfg.n_callers + i;
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    if (w->cfg.cpu[i] >= 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET((size_t)w->cfg.cpu[i], &set);
        pthread_attr_setaffinity_np(&attr, sizeof set, &set);
    }
    if (w->cfg.realtime_priority) {
        struct sched_param sp = {.sched_priority = w->cfg.realtime_priority};
        pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
        pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
        pthread_attr_setschedparam(&attr, &sp);
    }
    int err = pthread_create(&me->thread, &attr, worker_main, me);
    pthread_attr_destroy(&attr);
    if (err)
        return -err;
    char name[16];
    snprintf(name, sizeof name, "phy-%u", i);
    pthread_setname_np(me->thread, name);
    return 0;
}

int workers_create(const workers_cfg_t *cfg, workers_t **ret)
{
    if (cfg->n_workers > WORKERS_MAX || cfg->n_callers == 0)
        return -EINVAL;
    workers_t *w = aligned_alloc(64, sizeof *w);
    if (!w)
        return -ENOMEM;
    memset(w, 0, sizeof *w);
    w->cfg = *cfg;
    int err = 0;
    for (int p = 0; p < WORK_PRIORITIES && !err; p++)
        err = mpmc_create(&w->queue[p], WORKERS_QUEUE);
    for (; !err && w->n_started < cfg->n_workers; w->n_started += !err)
        err = start_worker(w, w->n_started);
    if (err) {
        workers_destroy(w);
        return err;
    }
    *ret = w;
    return 0;
}

void workers_destroy(workers_t *w)
{
    if (!w)
        return;
    atomic_store_explicit(&w->stop, true, memory_order_release);
    for (uint32_t i = 0; i < w->n_started; i++)
        pthread_join(w->worker[i].thread, NULL);
    while (w->queue[0].cells && w->queue[1].cells && run_one(w, 0))
        ;
    for (int p = 0; p < WORK_PRIORITIES; p++)
        mpmc_destroy(&w->queue[p]);
    free(w);
}

void workers_submit(workers_t *w, work_priority_t priority, work_fn_t run, void *ctx, uint32_t index,
                    uint32_t self)
{
    task_t t = {run, ctx, index, 0};
    if (w->cfg.n_workers == 0 || !mpmc_push(&w->queue[priority], &t))
        run(ctx, index, self);
}

bool workers_help(workers_t *w, uint32_t self)
{
    return run_one(w, self);
}

uint32_t workers_n_threads(const workers_t *w)
{
    return w->cfg.n_callers + w->cfg.n_workers;
}

uint64_t workers_busy_ns(const workers_t *w, uint32_t worker)
{
    return atomic_load_explicit(&w->worker[worker].busy_ns, memory_order_relaxed);
}
