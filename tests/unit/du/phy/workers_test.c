/* SPDX-License-Identifier: Apache-2.0 */
/* What would break: a task that is lost or run twice is a code block missing from the air or written twice.
 */
#include "du/phy/workers.h"
#include "lib/core/mpmc.h"
#include "tests/unit/cu.h"

#define N_TASKS 20000

typedef struct {
    workers_t *w;
    atomic_uint ran[N_TASKS];
    atomic_uint pending;
    atomic_uint bad_self;
    uint32_t n_threads;
} job_t;

static void mark(void *ctx, uint32_t index, uint32_t self)
{
    job_t *j = ctx;
    atomic_fetch_add(&j->ran[index], 1);
    if (self >= j->n_threads)
        atomic_fetch_add(&j->bad_self, 1);
    atomic_fetch_sub(&j->pending, 1);
}

/* A task that brings forth others, as a PUSCH does with its code blocks. */
static void spawn(void *ctx, uint32_t index, uint32_t self)
{
    job_t *j = ctx;
    for (uint32_t i = 0; i < 4; i++)
        workers_submit(j->w, WORK_UL, mark, j, index + i, self);
}

static void run_all(uint32_t n_workers, uint32_t nap_ns)
{
    static job_t j;
    memset(&j, 0, sizeof j);
    workers_cfg_t cfg = {.n_workers = n_workers, .n_callers = 1, .spin_ns = 1000, .nap_ns = nap_ns};
    for (uint32_t i = 0; i < WORKERS_MAX; i++)
        cfg.cpu[i] = -1;
    CU_ASSERT_EQUAL_FATAL(workers_create(&cfg, &j.w), 0);
    j.n_threads = workers_n_threads(j.w);
    CU_ASSERT_EQUAL(j.n_threads, 1 + n_workers);
    atomic_store(&j.pending, N_TASKS);
    for (uint32_t i = 0; i < N_TASKS / 2; i++)
        workers_submit(j.w, WORK_DL, mark, &j, i, 0);
    for (uint32_t i = N_TASKS / 2; i < N_TASKS; i += 4)
        workers_submit(j.w, WORK_UL, spawn, &j, i, 0);
    while (atomic_load(&j.pending))
        workers_help(j.w, 0);
    for (uint32_t i = 0; i < N_TASKS; i++)
        CU_ASSERT_EQUAL(atomic_load(&j.ran[i]), 1);
    CU_ASSERT_EQUAL(atomic_load(&j.bad_self), 0);
    workers_destroy(j.w);
}

static void test_each_task_runs_once(void)
{
    run_all(0, 0);
    run_all(1, 0);
    run_all(3, 20000);
}

static void test_destroy_runs_what_is_queued(void)
{
    static job_t j;
    memset(&j, 0, sizeof j);
    workers_cfg_t cfg = {.n_workers = 1, .n_callers = 1, .cpu = {-1}, .nap_ns = 1000000};
    CU_ASSERT_EQUAL_FATAL(workers_create(&cfg, &j.w), 0);
    j.n_threads = 2;
    atomic_store(&j.pending, 1000);
    for (uint32_t i = 0; i < 1000; i++)
        workers_submit(j.w, WORK_DL, mark, &j, i, 0);
    workers_destroy(j.w);
    CU_ASSERT_EQUAL(atomic_load(&j.pending), 0);
}

static void test_refuses_what_it_cannot_hold(void)
{
    workers_t *w = NULL;
    CU_ASSERT_EQUAL(workers_create(&(workers_cfg_t){.n_workers = WORKERS_MAX + 1, .n_callers = 1}, &w),
                    -EINVAL);
    CU_ASSERT_EQUAL(workers_create(&(workers_cfg_t){.n_workers = 1, .n_callers = 0}, &w), -EINVAL);
    CU_ASSERT_PTR_NULL(w);
    workers_destroy(NULL);
}

static void test_queue_says_full_and_empty(void)
{
    mpmc_t q;
    uint64_t in[3] = {1, 2, 3}, out[3];
    CU_ASSERT_EQUAL_FATAL(mpmc_create(&q, 4), 0);
    CU_ASSERT_FALSE(mpmc_pop(&q, out));
    for (int round = 0; round < 3; round++) {
        for (uint64_t i = 0; i < 4; i++) {
            in[0] = i;
            CU_ASSERT_TRUE(mpmc_push(&q, in));
        }
        CU_ASSERT_FALSE(mpmc_push(&q, in));
        for (uint64_t i = 0; i < 4; i++) {
            CU_ASSERT_TRUE(mpmc_pop(&q, out));
            CU_ASSERT_EQUAL(out[0], i);
            CU_ASSERT_EQUAL(out[2], 3);
        }
        CU_ASSERT_FALSE(mpmc_pop(&q, out));
    }
    mpmc_destroy(&q);
}

CU_MAIN("du/phy workers", {"each task runs once", test_each_task_runs_once},
        {"destroy runs what is queued", test_destroy_runs_what_is_queued},
        {"refuses what it cannot hold", test_refuses_what_it_cannot_hold},
        {"queue says full and empty", test_queue_says_full_and_empty})
