/* SPDX-License-Identifier: Apache-2.0 */
/* Packet buffers of one fixed size, allocated at start and handed out from a lock-free free list: any thread
 * may allocate or free, none ever waits or calls the system. A buffer has one owner at a time; passing the
 * pointer through a ring passes the ownership. `data` starts after the headroom so that each layer can put
 * its header in front of what it got from above without copying. */
#ifndef VITRAN_CORE_POOL_H
#define VITRAN_CORE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUF_HEADROOM                                                                                         \
    128u /* bytes in front of data in a fresh buffer: GTP-U + NR-U, SDAP, PDCP, RLC, MAC fit */

typedef struct pool pool_t;

typedef struct buf {
    struct buf *next; /* the owner's, to make queues; NULL in a fresh buffer */
    pool_t *pool;
    uint8_t *data;   /* first byte in use */
    uint32_t len;    /* bytes in use */
    uint32_t cap;    /* bytes of the whole store, headroom included */
    uint32_t index;  /* in the pool */
    uint32_t user;   /* free for the owner: a PDCP SN, a QFI, ... */
    int64_t time_ns; /* free for the owner: arrival time, CLOCK_TAI or virtual */
    uint64_t reserved;
    uint8_t *store; /* [size: cap] */
} buf_t;

/* [control] n buffers with room for data_bytes each behind the headroom. 0, -EINVAL, -ENOMEM. */
int pool_create(pool_t **ret, uint32_t n, uint32_t data_bytes);
/* [control] All buffers must have come back or be forgotten. NULL is fine. */
void pool_destroy(pool_t *p);
/* [any] Buffers on the free list now. */
uint32_t pool_free_count(const pool_t *p);

/* [any] A buffer with len 0; NULL when the pool is empty. */
buf_t *buf_alloc(pool_t *p);
/* [any] Gives one buffer back. NULL is fine. */
void buf_free(buf_t *b);
/* [any] A fresh buffer holding n bytes; NULL when the pool is empty or n does not fit. */
buf_t *buf_from(pool_t *p, const void *bytes, uint32_t n);

/* Bytes that can still be put behind the data. */
static inline uint32_t buf_tailroom(const buf_t *b)
{
    return (uint32_t)(b->store + b->cap - (b->data + b->len));
}

static inline uint32_t buf_headroom(const buf_t *b)
{
    return (uint32_t)(b->data - b->store);
}

/* Makes room for n bytes in front and returns them; NULL when the headroom is used up. */
static inline uint8_t *buf_push(buf_t *b, uint32_t n)
{
    if (n > buf_headroom(b))
        return NULL;
    b->data -= n;
    b->len += n;
    return b->data;
}

/* Takes n bytes off the front; NULL when there are fewer. Returns the new front. */
static inline uint8_t *buf_pull(buf_t *b, uint32_t n)
{
    if (n > b->len)
        return NULL;
    b->data += n;
    b->len -= n;
    return b->data;
}

/* Makes room for n bytes at the end and returns them; NULL when they do not fit. */
static inline uint8_t *buf_put(buf_t *b, uint32_t n)
{
    uint8_t *end = b->data + b->len;
    if (n > buf_tailroom(b))
        return NULL;
    b->len += n;
    return end;
}

/* First-in first-out queue of buffers through `next`; one owner. */
typedef struct {
    buf_t *head, *tail;
    uint32_t n;     /* buffers */
    uint64_t bytes; /* sum of len at the time of push */
} bufq_t;

static inline void bufq_push(bufq_t *q, buf_t *b)
{
    b->next = NULL;
    if (q->tail)
        q->tail->next = b;
    else
        q->head = b;
    q->tail = b;
    q->n++;
    q->bytes += b->len;
}

/* NULL when empty. */
static inline buf_t *bufq_pop(bufq_t *q)
{
    buf_t *b = q->head;
    if (!b)
        return NULL;
    q->head = b->next;
    if (!q->head)
        q->tail = NULL;
    q->n--;
    q->bytes -= b->len;
    b->next = NULL;
    return b;
}

static inline void bufq_clear(bufq_t *q)
{
    for (buf_t *b; (b = bufq_pop(q));)
        buf_free(b);
    q->bytes = 0;
}

#endif
