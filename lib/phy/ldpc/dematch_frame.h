/* SPDX-License-Identifier: Apache-2.0 */
/* The walk through the circular buffer, the same for every variant: a variant's .c file defines add_64() and
 * includes this. Private to lib/phy/ldpc.
 *
 * LLR j * qm + i of a block belongs to bit i * (E / qm) + j behind k0 (5.4.2.2): qm streams, each of which
 * walks on through the buffer. 64 LLRs of each stream are taken at a time; where they lie in one piece they
 * are added as vectors, at the fillers and at the end of the buffer one by one. The order of additions to one
 * place (which matters where they saturate) is therefore the same in all variants. */
#ifndef VITRAN_PHY_LDPC_DEMATCH_FRAME_H
#define VITRAN_PHY_LDPC_DEMATCH_FRAME_H

#include "lib/phy/ldpc/dematch.h"

#include <string.h>

#define BLOCK 64
#define MAX_QM 10

/* soft[n] += llr[n * qm], for n of 0 .. BLOCK - 1 and each of qm streams: streams[i] is where stream i goes.
 */
static void add_streams(unsigned qm, const int8_t *llr, int8_t *const *streams);

static int8_t add_one(int8_t a, int8_t b)
{
    int sum = a + b;
    return (int8_t)(sum < -127 ? -127 : sum > 127 ? 127 : sum);
}

static inline uint32_t place(const circ_t *c, uint32_t at)
{
    return at < c->filler_start ? at : at + c->n_filler;
}

/* LLRs of the buffer from `at` (without fillers) on that lie in one piece. */
static inline uint32_t piece(const circ_t *c, uint32_t at)
{
    return (at < c->filler_start && c->filler_start < c->n_circ ? c->filler_start : c->n_circ) - at;
}

static void dematch_frame(const ldpc_dematch_plan_t *plan, const int8_t *llr, int8_t *soft, uint32_t *n_soft)
{
    const circ_t *c = &plan->circ;
    unsigned qm = plan->cfg.qm;
    uint32_t e = plan->cfg.e, rows = e / qm, at[MAX_QM];
    uint32_t known = e >= c->n_circ - c->start ? c->n_cb : place(c, c->start + e - 1) + 1;
    if (known > *n_soft) {
        memset(soft + *n_soft, 0, known - *n_soft);
        *n_soft = known;
    }
    for (unsigned i = 0; i < qm; i++)
        at[i] = (uint32_t)((c->start + (uint64_t)i * rows) % c->n_circ);
    for (uint32_t row = 0; row < rows; row += BLOCK, llr += BLOCK * qm) {
        unsigned n = rows - row < BLOCK ? rows - row : BLOCK;
        int8_t *streams[MAX_QM];
        bool whole = n == BLOCK;
        for (unsigned i = 0; i < qm && whole; i++) {
            streams[i] = soft + place(c, at[i]);
            whole = piece(c, at[i]) >= BLOCK;
        }
        if (whole)
            add_streams(qm, llr, streams);
        for (unsigned i = 0; i < qm; i++) {
            for (unsigned j = 0; j < n && !whole; j++) {
                int8_t *to = soft + place(c, (at[i] + j) % c->n_circ);
                *to = add_one(*to, llr[j * qm + i]);
            }
            at[i] = (at[i] + n) % c->n_circ;
        }
    }
}

#endif
