/* SPDX-License-Identifier: Apache-2.0 */
#include "du/phy/harq.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

COUNTERS_DEFINE(harq_pool, HARQ_POOL_COUNTERS)

/* The memory of one code block. */
typedef struct {
    _Alignas(64) int8_t soft[LDPC_MAX_SOFT];
    _Alignas(32) uint8_t bits[LDPC_MAX_K_BYTES];
} harq_block_t;

/* Processes that hold buffers are found by hash (open addressing into `slot`), and stand in a list by last
 * use. */
struct harq_pool {
    harq_block_t *blocks;
    uint32_t *free_blocks; /* stack */
    uint32_t n_free, n_blocks;
    harq_process_t *procs;
    uint32_t *free_procs;
    uint32_t n_free_procs, n_procs;
    uint32_t *table; /* [size: table_mask + 1] index of a process, or NONE */
    uint32_t table_mask;
    uint32_t oldest, newest;
    harq_pool_counters_t counters;
};

static uint32_t hash(const harq_pool_t *p, uint16_t rnti, uint8_t harq_id)
{
    uint32_t key = (uint32_t)rnti << 8 | harq_id;
    return (key * 2654435761u >> 7) & p->table_mask;
}

int harq_pool_create(uint32_t n_blocks, uint32_t n_processes, harq_pool_t **ret)
{
    if (n_blocks == 0 || n_processes == 0 || n_blocks > (1u << 20) || n_processes > (1u << 20))
        return -EINVAL;
    harq_pool_t *p = calloc(1, sizeof *p);
    if (!p)
        return -ENOMEM;
    uint32_t size = 4;
    while (size < n_processes * 4)
        size <<= 1;
    p->blocks = aligned_alloc(64, (size_t)n_blocks * sizeof *p->blocks);
    p->free_blocks = malloc(n_blocks * sizeof *p->free_blocks);
    p->procs = calloc(n_processes, sizeof *p->procs);
    p->free_procs = malloc(n_processes * sizeof *p->free_procs);
    p->table = malloc(size * sizeof *p->table);
    if (!p->blocks || !p->free_blocks || !p->procs || !p->free_procs || !p->table) {
        harq_pool_destroy(p);
        return -ENOMEM;
    }
    /* Touched here, so that the first use in a slot does not fault the pages in. */
    memset(p->blocks, 0, (size_t)n_blocks * sizeof *p->blocks);
    memset(p->table, 0xff, size * sizeof *p->table);
    p->table_mask = size - 1;
    p->n_blocks = p->n_free = n_blocks;
    p->n_procs = p->n_free_procs = n_processes;
    for (uint32_t i = 0; i < n_blocks; i++)
        p->free_blocks[i] = n_blocks - 1 - i;
    for (uint32_t i = 0; i < n_processes; i++)
        p->free_procs[i] = n_processes - 1 - i;
    p->oldest = p->newest = NONE;
    *ret = p;
    return 0;
}

void harq_pool_destroy(harq_pool_t *p)
{
    if (!p)
        return;
    free(p->blocks);
    free(p->free_blocks);
    free(p->procs);
    free(p->free_procs);
    free(p->table);
    free(p);
}

static void unlink_use(harq_pool_t *p, uint32_t i)
{
    harq_process_t *h = &p->procs[i];
    *(h->older == NONE ? &p->oldest : &p->procs[h->older].newer) = h->newer;
    *(h->newer == NONE ? &p->newest : &p->procs[h->newer].older) = h->older;
}

static void link_newest(harq_pool_t *p, uint32_t i)
{
    harq_process_t *h = &p->procs[i];
    h->older = p->newest;
    h->newer = NONE;
    *(p->newest == NONE ? &p->oldest : &p->procs[p->newest].newer) = i;
    p->newest = i;
}

/* Where the process stands in the table, or the free place where it would. */
static uint32_t find(const harq_pool_t *p, uint16_t rnti, uint8_t harq_id)
{
    uint32_t at = hash(p, rnti, harq_id);
    while (p->table[at] != NONE) {
        const harq_process_t *h = &p->procs[p->table[at]];
        if (h->rnti == rnti && h->harq_id == harq_id)
            break;
        at = (at + 1) & p->table_mask;
    }
    return at;
}

/* Closes the gap that a removed entry leaves: entries behind it move up unless that would put them before
 * their hash. */
static void table_remove(harq_pool_t *p, uint32_t gap)
{
    uint32_t at = gap;
    p->table[gap] = NONE;
    for (;;) {
        at = (at + 1) & p->table_mask;
        if (p->table[at] == NONE)
            return;
        const harq_process_t *h = &p->procs[p->table[at]];
        uint32_t home = hash(p, h->rnti, h->harq_id);
        if (((at - home) & p->table_mask) >= ((at - gap) & p->table_mask)) {
            p->table[gap] = p->table[at];
            p->table[at] = NONE;
            gap = at;
        }
    }
}

static void give_back_blocks(harq_pool_t *p, harq_process_t *h)
{
    for (uint16_t r = 0; r < h->n_blocks; r++)
        p->free_blocks[p->n_free++] = (uint32_t)((harq_block_t *)(void *)h->cb[r].soft - p->blocks);
    h->n_blocks = 0;
}

static void drop(harq_pool_t *p, uint32_t i)
{
    harq_process_t *h = &p->procs[i];
    give_back_blocks(p, h);
    unlink_use(p, i);
    table_remove(p, find(p, h->rnti, h->harq_id));
    p->free_procs[p->n_free_procs++] = i;
}

/* Makes room by dropping processes, oldest first, that are not in use and not `keep`. */
static bool make_room(harq_pool_t *p, uint32_t n_blocks, bool need_process, uint32_t keep)
{
    uint32_t i = p->oldest;
    while ((p->n_free < n_blocks || (need_process && p->n_free_procs == 0)) && i != NONE) {
        uint32_t next = p->procs[i].newer;
        if (!p->procs[i].in_use && i != keep) {
            drop(p, i);
            p->counters.evicted++;
        }
        i = next;
    }
    return p->n_free >= n_blocks && (!need_process || p->n_free_procs > 0);
}

harq_process_t *harq_acquire(harq_pool_t *p, uint16_t rnti, uint8_t harq_id, bool new_data, uint32_t tb_bytes,
                             uint16_t n_blocks)
{
    if (n_blocks == 0 || n_blocks > HARQ_MAX_BLOCKS) {
        p->counters.refused++;
        return NULL;
    }
    uint32_t i = p->table[find(p, rnti, harq_id)];
    if (i != NONE && p->procs[i].in_use) {
        p->counters.refused++;
        return NULL;
    }
    if (i != NONE && !new_data && p->procs[i].tb_bytes == tb_bytes && p->procs[i].n_blocks == n_blocks) {
        harq_process_t *h = &p->procs[i];
        unlink_use(p, i);
        link_newest(p, i);
        h->in_use = true;
        h->fresh = false;
        p->counters.resumed++;
        return h;
    }
    if (!new_data)
        p->counters.lost++;
    if (i != NONE)
        give_back_blocks(p, &p->procs[i]);
    if (!make_room(p, n_blocks, i == NONE, i)) {
        if (i != NONE)
            drop(p, i);
        p->counters.refused++;
        return NULL;
    }
    if (i == NONE) {
        i = p->free_procs[--p->n_free_procs];
        p->procs[i] = (harq_process_t){.rnti = rnti, .harq_id = harq_id};
        p->table[find(p, rnti, harq_id)] = i;
    } else {
        unlink_use(p, i);
    }
    link_newest(p, i);
    harq_process_t *h = &p->procs[i];
    h->in_use = h->fresh = true;
    h->tb_bytes = tb_bytes;
    h->n_blocks = n_blocks;
    for (uint16_t r = 0; r < n_blocks; r++) {
        harq_block_t *b = &p->blocks[p->free_blocks[--p->n_free]];
        h->cb[r] = (sch_rx_cb_t){.soft = b->soft, .bits = b->bits};
    }
    p->counters.acquired++;
    return h;
}

void harq_commit(harq_pool_t *p, harq_process_t *h, bool decoded)
{
    assert(h->in_use);
    h->in_use = false;
    if (decoded)
        drop(p, (uint32_t)(h - p->procs));
}

void harq_forget(harq_pool_t *p, uint16_t rnti)
{
    for (uint32_t i = p->oldest, next; i != NONE; i = next) {
        next = p->procs[i].newer;
        if (p->procs[i].rnti == rnti && !p->procs[i].in_use)
            drop(p, i);
    }
}

uint32_t harq_pool_free_blocks(const harq_pool_t *p)
{
    return p->n_free;
}

const harq_pool_counters_t *harq_pool_counters(const harq_pool_t *p)
{
    return &p->counters;
}
