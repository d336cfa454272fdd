/* SPDX-License-Identifier: Apache-2.0 */
/* The list decoder: successive cancellation of 8 paths at once, on trees of nodes (plan.h). A place of the
 * code holds the 8 paths' values side by side, so that one vector operation serves all of them: int16 LLRs,
 * and a byte of bits. When paths are dropped and doubled nothing moves in memory: each stage remembers which
 * lane a path's values lie in (llr_path, left_path) and the next step that reads the stage puts the lanes in
 * order.
 *
 * A path's metric is the sum of |LLR| of all decisions against the LLR's sign: exact min-sum. Within a node
 * of information bits a list of 8 needs to try no more than the 7 (with a parity bit 8) least certain places.
 *
 * Included by list_generic.c, list_avx2.c and list_avx512.c behind their definitions of
 *   node_f, node_g, node_g_zero: LLRs; node_combine: code words; order_bits, order_rows, order_metrics: lanes
 * to a new order; penalties: sums of |LLR| against zeros and against ones; hard: signs; least_certain: places
 * of small |LLR|; select_paths. */
#include "lib/phy/polar/list.h"
#include "lib/phy/polar/plan.h"

#include <string.h>

#define UNUSED_PATH (1 << 26) /* metric of a lane without a path; real ones stay below 2^25 */
#define PLACE_BITS 10         /* least_certain's keys: |LLR| above, place below */
#define PLACE_MASK ((1 << PLACE_BITS) - 1)

static inline void keep_order(uint8_t path[POLAR_LIST])
{
    for (unsigned i = 0; i < POLAR_LIST; i++)
        path[i] = (uint8_t)i;
}

/* The rows of work->llr_path and work->left_path lie one behind the other. */
static inline void reorder_paths(const polar_plan_t *plan, polar_work_t *work, const uint8_t from[POLAR_LIST])
{
    order_rows(work->llr_path, plan->log2_n + 1u, from);
    order_rows(work->left_path, plan->log2_n + 1u, from);
    if (plan->n_pc)
        order_bits(work->parity, 5, from);
}

/* Every path once as it is at `work->metric` and once changed at `cost`: keeps the best 8. Returns the set of
 * changed paths (in their new lanes); `from` tells the lanes they come from. False: all stay as they are. */
static inline bool split(const polar_plan_t *plan, polar_work_t *work, const int32_t cost[POLAR_LIST],
                         uint8_t from[POLAR_LIST], unsigned *ret_changed)
{
    if (!select_paths(work->metric, cost, from, ret_changed))
        return false;
    reorder_paths(plan, work, from);
    return true;
}

static void node_frozen(const polar_plan_t *plan, polar_work_t *work, unsigned stage, bool charge)
{
    unsigned n = 1u << stage;
    memset(work->sums + n, 0, n);
    if (charge) {
        int32_t zeros[POLAR_LIST], ones[POLAR_LIST];
        penalties(work->llr + n, n, zeros, ones);
        for (unsigned p = 0; p < POLAR_LIST; p++)
            work->metric[p] += zeros[p];
    }
    if (plan->n_pc) {
        uint8_t turned[5];
        for (unsigned i = 0; i < 5; i++)
            turned[i] = work->parity[(i + n) % 5];
        memcpy(work->parity, turned, sizeof turned);
    }
}

/* The register turns by the node's n places; `bits` is its last bit, an information bit. */
static inline void parity_take(polar_work_t *work, unsigned n, unsigned bits)
{
    uint8_t turned[5];
    for (unsigned i = 0; i < 5; i++)
        turned[i] = work->parity[(i + n) % 5];
    turned[0] ^= (uint8_t)bits;
    memcpy(work->parity, turned, sizeof turned);
}

static void node_repeat(const polar_plan_t *plan, polar_work_t *work, unsigned stage)
{
    unsigned n = 1u << stage, changed = 0;
    int32_t zeros[POLAR_LIST], ones[POLAR_LIST];
    uint8_t from[POLAR_LIST];
    penalties(work->llr + n, n, zeros, ones);
    for (unsigned p = 0; p < POLAR_LIST; p++) {
        ones[p] += work->metric[p];
        work->metric[p] += zeros[p];
    }
    /* Which of the two is the better one is no matter here: both stay in the race. */
    if (!split(plan, work, ones, from, &changed))
        changed = 0;
    memset(work->sums + n, (int)changed, n);
    if (plan->n_pc)
        parity_take(work, n, changed);
}

static void node_parity(polar_work_t *work)
{
    uint8_t bits = work->parity[1 % 5];
    for (unsigned p = 0; p < POLAR_LIST; p++) {
        int llr = work->llr[1][p];
        if ((llr < 0) != (bits >> p & 1))
            work->metric[p] += llr < 0 ? -llr : llr;
    }
    work->sums[1] = bits;
    parity_take(work, 1, 0);
}

/* Flips, in the code word of the node, the places that `places` names for each path; -1: none. */
static inline void flip_places(uint8_t *sums, const int32_t places[POLAR_LIST])
{
    for (unsigned p = 0; p < POLAR_LIST; p++)
        if (places[p] >= 0)
            sums[places[p]] ^= (uint8_t)(1u << p);
}

/* Turns row `t` from keys into places to flip: those of the changed paths. */
static inline void note_flips(int32_t row[POLAR_LIST], unsigned changed)
{
    for (unsigned p = 0; p < POLAR_LIST; p++)
        row[p] = changed >> p & 1 ? row[p] & PLACE_MASK : -1;
}

/* Information bits (check: but for an even-parity condition). */
static void node_free(const polar_plan_t *plan, polar_work_t *work, unsigned stage, bool check)
{
    unsigned n = 1u << stage;
    unsigned most = check ? POLAR_LIST : POLAR_LIST - 1;
    if (most > n)
        most = n;
    int32_t(*rows)[POLAR_LIST] = (int32_t(*)[POLAR_LIST])work->scratch;
    uint8_t total[POLAR_LIST], from[POLAR_LIST];
    keep_order(total);
    bool moved = false;
    unsigned odd = hard(work->llr + n, n, work->sums + n), done = 0;
    least_certain(work->llr + n, n, most, rows);
    if (check)
        for (unsigned p = 0; p < POLAR_LIST; p++)
            work->metric[p] += odd >> p & 1 ? rows[0][p] >> PLACE_BITS : 0;
    for (unsigned t = check; t < most; t++) {
        int32_t cost[POLAR_LIST];
        unsigned changed = 0;
        for (unsigned p = 0; p < POLAR_LIST; p++) {
            cost[p] = work->metric[p] + (rows[t][p] >> PLACE_BITS);
            if (check)
                cost[p] += odd >> p & 1 ? -(rows[0][p] >> PLACE_BITS) : rows[0][p] >> PLACE_BITS;
        }
        /* The next places cost more still: if nobody changed here, nobody will. */
        if (!split(plan, work, cost, from, &changed))
            break;
        order_metrics(rows, most, from);
        order_rows(&total, 1, from);
        if (check) {
            uint8_t bits = (uint8_t)odd;
            order_bits(&bits, 1, from);
            odd = bits ^ changed;
        }
        note_flips(rows[t], changed);
        moved = true;
        done = t + 1;
    }
    if (moved)
        order_bits(work->sums + n, n, total);
    for (unsigned t = check; t < done; t++)
        flip_places(work->sums + n, rows[t]);
    if (check && odd) {
        note_flips(rows[0], odd);
        flip_places(work->sums + n, rows[0]);
    }
}

static void run_list(const polar_plan_t *plan, polar_work_t *work)
{
    work->metric[0] = 0;
    for (unsigned p = 1; p < POLAR_LIST; p++)
        work->metric[p] = UNUSED_PATH;
    memset(work->parity, 0, sizeof work->parity);
    for (unsigned s = 0; s <= plan->log2_n; s++) {
        keep_order(work->llr_path[s]);
        keep_order(work->left_path[s]);
    }
    spread(work->root, work->llr + plan->n, plan->n);

    for (unsigned i = 0; i < plan->n_program; i++) {
        unsigned kind = plan->program[i] & 0xff, stage = plan->program[i] >> 8;
        unsigned n = 1u << stage, half = n / 2;
        switch (kind) {
        case POLAR_STEP_F:
            node_f(work->llr + n, work->llr + half, half);
            keep_order(work->llr_path[stage - 1]);
            break;
        case POLAR_STEP_G:
            memcpy(work->left + half, work->sums + half, half);
            keep_order(work->left_path[stage - 1]);
            node_g(work->llr + n, work->llr + half, half, work->left + half, work->llr_path[stage]);
            keep_order(work->llr_path[stage - 1]);
            break;
        case POLAR_STEP_G_ZERO:
            node_g_zero(work->llr + n, work->llr + half, half, work->llr_path[stage]);
            keep_order(work->llr_path[stage - 1]);
            break;
        case POLAR_STEP_COMBINE:
            node_combine(work->left + half, work->sums + half, work->sums + n, half,
                         work->left_path[stage - 1]);
            break;
        case POLAR_STEP_COMBINE_ZERO:
            memcpy(work->sums + n, work->sums + half, half);
            memcpy(work->sums + n + half, work->sums + half, half);
            break;
        case POLAR_STEP_FROZEN:
        case POLAR_STEP_FROZEN_FREE:
            node_frozen(plan, work, stage, kind == POLAR_STEP_FROZEN);
            break;
        case POLAR_STEP_REPEAT:
            node_repeat(plan, work, stage);
            break;
        case POLAR_STEP_FREE:
        case POLAR_STEP_CHECK:
            node_free(plan, work, stage, kind == POLAR_STEP_CHECK);
            break;
        case POLAR_STEP_PARITY:
            node_parity(work);
            break;
        }
    }
}
