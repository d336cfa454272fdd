/* SPDX-License-Identifier: Apache-2.0 */
/* Soft buffers of uplink HARQ: one bounded pool that all UEs of all cells of a DU share. A process (RNTI,
 * HARQ id) holds as many code-block buffers as its transport block has; a buffer is the circular buffer of
 * TS 38.212 5.4.2.1 as int8 LLRs, at most 66 x 384, and the decoded bits of the block, which a retransmission
 * needs when the block was good already.
 *
 * When the pool or the table of processes runs out, the process that was used longest ago and is not in a
 * slot now loses its soft bits: it costs combining gain, never a decode. When none can be taken the caller is
 * told and decodes without memory of earlier transmissions in buffers of its own.
 *
 * Thread: acquire, commit and forget on one thread (the one that begins and ends uplink slots); the buffers
 * themselves belong to the tasks of that slot in between. Nothing here allocates after create. */
#ifndef VITRAN_DU_PHY_HARQ_H
#define VITRAN_DU_PHY_HARQ_H

#include "lib/core/counters.h"
#include "lib/phy/ldpc/sch_rx.h"

#define HARQ_MAX_BLOCKS 160 /* of one transport block: 275 PRB, 4 layers, 256QAM have 156 */

#define HARQ_POOL_COUNTERS(X)                                                                                \
    X(acquired, COUNTER_INFO, "processes", "began a new transport block")                                    \
    X(resumed, COUNTER_INFO, "processes", "combined with soft bits of an earlier transmission")              \
    X(lost, COUNTER_WARNING, "retransmissions", "found no soft bits: decoded from this transmission alone")  \
    X(evicted, COUNTER_WARNING, "processes", "lost their soft bits to others: the pool was full")            \
    X(refused, COUNTER_WARNING, "processes", "got no buffers: all are in use by this slot")
COUNTERS_DECLARE(harq_pool, HARQ_POOL_COUNTERS)

typedef struct {
    uint16_t rnti;
    uint8_t harq_id;
    bool in_use; /* of a slot that has not been committed */
    bool fresh;  /* the buffers hold nothing: this transmission overwrites them */
    uint16_t n_blocks;
    uint32_t tb_bytes;               /* a retransmission has the size of the first */
    uint32_t older, newer;           /* use order */
    sch_rx_cb_t cb[HARQ_MAX_BLOCKS]; /* [n_blocks] with their buffers; n_soft 0 and not done where fresh */
} harq_process_t;

typedef struct harq_pool harq_pool_t;

/* [control] Memory for n_blocks code blocks (26,400 bytes each) and n_processes processes. 0, -EINVAL,
 * -ENOMEM. */
int harq_pool_create(uint32_t n_blocks, uint32_t n_processes, harq_pool_t **ret);
void harq_pool_destroy(harq_pool_t *p);
/* Buffers of a process for one slot; new_data, another tb_bytes or n_blocks than held: empty ones (fresh).
 * NULL: none to be had, counted. A process that is in use already (twice in one slot) gets NULL as well. */
harq_process_t *harq_acquire(harq_pool_t *p, uint16_t rnti, uint8_t harq_id, bool new_data, uint32_t tb_bytes,
                             uint16_t n_blocks);
/* The slot is done with it; `decoded`: the buffers are free again. */
void harq_commit(harq_pool_t *p, harq_process_t *h, bool decoded);
/* The UE is gone. */
void harq_forget(harq_pool_t *p, uint16_t rnti);
uint32_t harq_pool_free_blocks(const harq_pool_t *p);
const harq_pool_counters_t *harq_pool_counters(const harq_pool_t *p);

#endif
