/* SPDX-License-Identifier: Apache-2.0 */
/* The queue in front of one bearer: flows of the same UE share it fairly by deficit round robin, and a flow
 * that has just started goes first for one quantum, so that a ping or a handshake does not wait behind a
 * download's backlog. When the queue is over its limit, the longest flow loses its oldest packet, which is
 * also what tells its TCP soonest. After RFC 8290, without CoDel: the DU's queue behind it is kept short by
 * flow control. One thread; no allocation. */
#ifndef VITRAN_CU_UP_FQ_H
#define VITRAN_CU_UP_FQ_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/core/pool.h"

#define FQ_FLOWS 32      /* hash buckets */
#define FQ_QUANTUM 1514u /* bytes that a flow may send a turn */

typedef struct {
    bufq_t q;
    int32_t deficit; /* bytes it may still send this turn */
    uint8_t next;    /* in its list; FQ_FLOWS: the last */
    bool listed;
} fq_flow_t;

typedef struct {
    uint8_t head, tail; /* FQ_FLOWS: empty */
} fq_list_t;

typedef struct {
    fq_flow_t flows[FQ_FLOWS];
    fq_list_t fresh, old; /* flows that have started, and those that have had a turn */
    uint32_t n;           /* packets */
    uint64_t bytes;
} fq_t;

void fq_init(fq_t *f);
/* Frees what is in it. */
void fq_clear(fq_t *f);
/* Which flow an IPv4 packet belongs to: addresses, protocol, ports. */
uint32_t fq_hash(const uint8_t *ip, uint32_t n);
/* Takes the buffer. */
void fq_push(fq_t *f, buf_t *b, uint32_t hash);
/* The next packet; NULL when empty. */
buf_t *fq_pop(fq_t *f);
/* The oldest packet of the longest flow, to be dropped; NULL when empty. */
buf_t *fq_drop(fq_t *f);
/* The oldest packet of any flow if it came at or before `before_ns` (buf time_ns), to be dropped; NULL. */
buf_t *fq_expired(fq_t *f, int64_t before_ns);

#endif
