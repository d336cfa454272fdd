/* SPDX-License-Identifier: Apache-2.0 */
/* The walk through the circular buffer, the same for every variant: a variant's .c file defines add_64() and
 * includes this. Private to lib/phy/ldpc.
 *
 * LLR j * qm + i of a block belongs to bit i * (E / qm) + j behind k0 (5.4.2.2): qm streams, each of which
 * walks on through the buffer. 64 LLRs of each stream are taken at a time; where they lie in one piece they
 * are added as vectors; at the fillers, at the end of the buffer and behind the last whole 64 the streams are
 * first taken apart and then added piece by piece. The order of additions to one
 * place (which matters where they saturate) is therefore the same in all variants. */
#ifndef VITRAN_PHY_LDPC_DEMATCH_FRAME_H
#define VITRAN_PHY_LDPC_DEMATCH_FRAME_H

#include "lib/phy/ldpc/dematch.h"

#include <string.h>

#define BLOCK 64
#define MAX_QM 10

/* soft[n] += llr[n * qm], for n of 0 .. BLOCK - 1 and each of qm streams: streams[i] is where stream i goes.
 * fresh: nothing is there yet, = instead of +=. */
static void add_streams(unsigned qm, const int8_t *llr, int8_t *const *streams, bool fresh);

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

/* soft of stream `at` on += from[size: n], around fillers and the buffer's end. */
static void add_pieces(const circ_t *c, uint32_t at, const int8_t *from, uint32_t n, int8_t *soft, bool fresh)
{
    while (n) {
        uint32_t here = piece(c, at) < n ? piece(c, at) : n;
        int8_t *to = soft + place(c, at);
        for (uint32_t j = 0; j < here && !fresh; j++)
            to[j] = add_one(to[j], from[j]);
        if (fresh)
            memcpy(to, from, here);
        from += here;
        n -= here;
        at += here;
        at = at == c->n_circ ? 0 : at;
    }
}

static void dematch_frame(const ldpc_dematch_plan_t *plan, const int8_t *llr, int8_t *soft, uint32_t *n_soft)
{
    const circ_t *c = &plan->circ;
    unsigned qm = plan->cfg.qm;
    uint32_t e = plan->cfg.e, rows = e / qm, at[MAX_QM];
    uint32_t known = e >= c->n_circ - c->start ? c->n_cb : place(c, c->start + e - 1) + 1;
    /* A first transmission that does not wrap writes each place once, but for fillers and what lies before.
     */
    bool fresh = *n_soft <= place(c, c->start) && c->start + e <= c->n_circ;
    if (fresh) {
        memset(soft + *n_soft, 0, place(c, c->start) - *n_soft);
        if (c->start < c->filler_start && c->start + e > c->filler_start)
            memset(soft + c->filler_start, 0, c->n_filler);
        *n_soft = known;
    } else if (known > *n_soft) {
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
        if (whole) {
            add_streams(qm, llr, streams, fresh);
        } else {
            int8_t apart[MAX_QM][BLOCK], last[MAX_QM * BLOCK];
            const int8_t *from = llr;
            if (n < BLOCK) {
                memcpy(last, llr, n * qm);
                memset(last + n * qm, 0, (BLOCK - n) * qm);
                from = last;
            }
            for (unsigned i = 0; i < qm; i++)
                streams[i] = apart[i];
            add_streams(qm, from, streams, true);
            for (unsigned i = 0; i < qm; i++)
                add_pieces(c, at[i], apart[i], n, soft, fresh);
        }
        for (unsigned i = 0; i < qm; i++)
            for (at[i] += n; at[i] >= c->n_circ;)
                at[i] -= c->n_circ;
    }
}

#endif
