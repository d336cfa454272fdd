/* SPDX-License-Identifier: Apache-2.0 */
/* Single-producer single-consumer ring of fixed-size elements. One thread pushes, one thread pops; neither
 * ever waits or calls the system, so that either end may be the slot thread. Each end keeps a private copy of
 * the other's index, so that the shared cache line moves only when the copy runs out. */
#ifndef VITRAN_CORE_RING_H
#define VITRAN_CORE_RING_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    _Alignas(64) atomic_uint head; /* next to write; the producer's */
    uint32_t tail_seen;
    _Alignas(64) atomic_uint tail; /* next to read; the consumer's */
    uint32_t head_seen;
    _Alignas(64) uint32_t mask; /* elements - 1 */
    uint32_t elem_bytes;
    uint8_t *mem; /* [size: (mask + 1) x elem_bytes] */
} ring_t;

/* [control] Room for at least n elements of elem_bytes each. 0, -EINVAL, -ENOMEM. */
static inline int ring_create(ring_t *r, uint32_t n, uint32_t elem_bytes)
{
    uint32_t size = 1;
    if (n == 0 || n > (1u << 30) || elem_bytes == 0)
        return -EINVAL;
    while (size < n)
        size <<= 1;
    uint8_t *mem = (uint8_t *)calloc(size, elem_bytes);
    if (!mem)
        return -ENOMEM;
    memset(r, 0, sizeof *r);
    r->mask = size - 1;
    r->elem_bytes = elem_bytes;
    r->mem = mem;
    return 0;
}

/* [control] Takes a zeroed ring too. */
static inline void ring_destroy(ring_t *r)
{
    free(r->mem);
    r->mem = NULL;
}

/* [producer] false when full: nothing was copied. */
static inline bool ring_push(ring_t *r, const void *elem)
{
    uint32_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
    if (head - r->tail_seen > r->mask) {
        r->tail_seen = atomic_load_explicit(&r->tail, memory_order_acquire);
        if (head - r->tail_seen > r->mask)
            return false;
    }
    memcpy(r->mem + (size_t)(head & r->mask) * r->elem_bytes, elem, r->elem_bytes);
    atomic_store_explicit(&r->head, head + 1, memory_order_release);
    return true;
}

/* [consumer] false when empty: *ret is untouched. */
static inline bool ring_pop(ring_t *r, void *ret)
{
    uint32_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    if (tail == r->head_seen) {
        r->head_seen = atomic_load_explicit(&r->head, memory_order_acquire);
        if (tail == r->head_seen)
            return false;
    }
    memcpy(ret, r->mem + (size_t)(tail & r->mask) * r->elem_bytes, r->elem_bytes);
    atomic_store_explicit(&r->tail, tail + 1, memory_order_release);
    return true;
}

/* [any] How many elements wait; exact only on the consumer with an idle producer. */
static inline uint32_t ring_count(const ring_t *r)
{
    return atomic_load_explicit(&r->head, memory_order_acquire) -
           atomic_load_explicit(&r->tail, memory_order_acquire);
}

#endif
