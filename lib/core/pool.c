/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/core/pool.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

/* The free list is a stack of indices. Its top carries a tag that changes with each push and pop, so that a
 * top that went away and came back in between (ABA) is noticed. */
struct pool {
    _Alignas(64) _Atomic uint64_t top; /* tag << 32 | index */
    _Alignas(64) atomic_uint n_free;
    _Alignas(64) uint32_t n;
    uint32_t data_bytes;
    _Atomic uint32_t *next; /* [size: n] index below each index on the stack */
    buf_t *bufs;            /* [size: n] */
    uint8_t *store;         /* [size: n x (BUF_HEADROOM + data_bytes), 64-byte steps] */
};

int pool_create(pool_t **ret, uint32_t n, uint32_t data_bytes)
{
    if (n == 0 || n == NONE || data_bytes == 0 || data_bytes > (1u << 24))
        return -EINVAL;
    size_t step = ((size_t)BUF_HEADROOM + data_bytes + 63) & ~(size_t)63;
    pool_t *p = aligned_alloc(64, sizeof *p);
    if (!p)
        return -ENOMEM;
    memset(p, 0, sizeof *p);
    p->n = n;
    p->data_bytes = data_bytes;
    p->next = calloc(n, sizeof *p->next);
    p->bufs = calloc(n, sizeof *p->bufs);
    p->store = aligned_alloc(64, step * n);
    if (!p->next || !p->bufs || !p->store) {
        pool_destroy(p);
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < n; i++) {
        p->bufs[i].pool = p;
        p->bufs[i].index = i;
        p->bufs[i].cap = BUF_HEADROOM + data_bytes;
        p->bufs[i].store = p->store + step * i;
        atomic_store(&p->next[i], i + 1 < n ? i + 1 : NONE);
    }
    atomic_store(&p->top, 0);
    atomic_store(&p->n_free, n);
    *ret = p;
    return 0;
}

void pool_destroy(pool_t *p)
{
    if (!p)
        return;
    free(p->next);
    free(p->bufs);
    free(p->store);
    free(p);
}

uint32_t pool_free_count(const pool_t *p)
{
    return atomic_load_explicit(&p->n_free, memory_order_relaxed);
}

buf_t *buf_alloc(pool_t *p)
{
    uint64_t top = atomic_load_explicit(&p->top, memory_order_acquire), want;
    uint32_t i;
    do {
        i = (uint32_t)top;
        if (i == NONE)
            return NULL;
        want = ((top >> 32) + 1) << 32 | atomic_load_explicit(&p->next[i], memory_order_relaxed);
    } while (!atomic_compare_exchange_weak_explicit(&p->top, &top, want, memory_order_acq_rel,
                                                    memory_order_acquire));
    atomic_fetch_sub_explicit(&p->n_free, 1, memory_order_relaxed);
    buf_t *b = &p->bufs[i];
    b->next = NULL;
    b->data = b->store + BUF_HEADROOM;
    b->len = 0;
    b->user = 0;
    b->time_ns = 0;
    return b;
}

void buf_free(buf_t *b)
{
    if (!b)
        return;
    pool_t *p = b->pool;
    uint64_t top = atomic_load_explicit(&p->top, memory_order_relaxed), want;
    do {
        atomic_store_explicit(&p->next[b->index], (uint32_t)top, memory_order_relaxed);
        want = ((top >> 32) + 1) << 32 | b->index;
    } while (!atomic_compare_exchange_weak_explicit(&p->top, &top, want, memory_order_acq_rel,
                                                    memory_order_relaxed));
    atomic_fetch_add_explicit(&p->n_free, 1, memory_order_relaxed);
}

buf_t *buf_from(pool_t *p, const void *bytes, uint32_t n)
{
    buf_t *b = buf_alloc(p);
    if (!b)
        return NULL;
    uint8_t *to = buf_put(b, n);
    if (!to) {
        buf_free(b);
        return NULL;
    }
    if (n)
        memcpy(to, bytes, n);
    return b;
}
