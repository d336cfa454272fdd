/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded queue of small fixed-size elements for many producers and many consumers. Each cell carries the
 * turn in which it may be written or read next (D. Vyukov's bounded queue), so that one compare-and-swap
 * takes a cell and nobody waits for anybody: a full or empty queue says so. No system call, no allocation
 * after create. [any] thread, where not said otherwise. */
#ifndef VITRAN_CORE_MPMC_H
#define VITRAN_CORE_MPMC_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MPMC_ELEM_BYTES 24

typedef struct {
    atomic_uint turn; /* index at which a producer may write; index + 1: a consumer may read */
    uint32_t reserved;
    uint8_t elem[MPMC_ELEM_BYTES];
} mpmc_cell_t;

typedef struct {
    _Alignas(64) atomic_uint head; /* next to write */
    _Alignas(64) atomic_uint tail; /* next to read */
    _Alignas(64) uint32_t mask;
    mpmc_cell_t *cells; /* [size: mask + 1] */
} mpmc_t;

/* [control] Room for at least n elements. 0, -EINVAL, -ENOMEM. */
static inline int mpmc_create(mpmc_t *q, uint32_t n)
{
    uint32_t size = 2;
    if (n == 0 || n > (1u << 24))
        return -EINVAL;
    while (size < n)
        size <<= 1;
    mpmc_cell_t *cells = (mpmc_cell_t *)calloc(size, sizeof *cells);
    if (!cells)
        return -ENOMEM;
    memset(q, 0, sizeof *q);
    q->mask = size - 1;
    q->cells = cells;
    for (uint32_t i = 0; i < size; i++)
        atomic_init(&cells[i].turn, i);
    return 0;
}

/* [control] Takes a zeroed queue too. */
static inline void mpmc_destroy(mpmc_t *q)
{
    free(q->cells);
    q->cells = NULL;
}

/* false when full: nothing was copied. elem [MPMC_ELEM_BYTES]. */
static inline bool mpmc_push(mpmc_t *q, const void *elem)
{
    uint32_t at = atomic_load_explicit(&q->head, memory_order_relaxed);
    for (;;) {
        mpmc_cell_t *c = &q->cells[at & q->mask];
        int32_t ahead = (int32_t)(atomic_load_explicit(&c->turn, memory_order_acquire) - at);
        if (ahead < 0)
            return false;
        if (ahead > 0) {
            at = atomic_load_explicit(&q->head, memory_order_relaxed);
            continue;
        }
        if (atomic_compare_exchange_weak_explicit(&q->head, &at, at + 1, memory_order_relaxed,
                                                  memory_order_relaxed)) {
            memcpy(c->elem, elem, MPMC_ELEM_BYTES);
            atomic_store_explicit(&c->turn, at + 1, memory_order_release);
            return true;
        }
    }
}

/* false when empty. ret [MPMC_ELEM_BYTES]. */
static inline bool mpmc_pop(mpmc_t *q, void *ret)
{
    uint32_t at = atomic_load_explicit(&q->tail, memory_order_relaxed);
    for (;;) {
        mpmc_cell_t *c = &q->cells[at & q->mask];
        int32_t ahead = (int32_t)(atomic_load_explicit(&c->turn, memory_order_acquire) - (at + 1));
        if (ahead < 0)
            return false;
        if (ahead > 0) {
            at = atomic_load_explicit(&q->tail, memory_order_relaxed);
            continue;
        }
        if (atomic_compare_exchange_weak_explicit(&q->tail, &at, at + 1, memory_order_relaxed,
                                                  memory_order_relaxed)) {
            memcpy(ret, c->elem, MPMC_ELEM_BYTES);
            atomic_store_explicit(&c->turn, at + q->mask + 1, memory_order_release);
            return true;
        }
    }
}

#endif
