/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from K and E before any bit is known: N, the sets of information, frozen and parity-check
 * bits, and the steps of the decoder. */
#include "lib/phy/polar/plan.h"
#include "lib/phy/polar/polar.h"
#include "lib/phy/polar/tables.h"

#include <string.h>

static bool set_has(const uint64_t *set, unsigned i)
{
    return set[i / 64] >> (i % 64) & 1;
}

static void set_add(uint64_t *set, unsigned i)
{
    set[i / 64] |= (uint64_t)1 << (i % 64);
}

static unsigned log2_ceil(unsigned x)
{
    unsigned n = 0;
    while (1u << n < x)
        n++;
    return n;
}

/* 5.3.1 */
static unsigned mother_log2(unsigned k, unsigned e, unsigned n_max)
{
    unsigned up = log2_ceil(e);
    /* E <= 9/8 2^(up - 1) and K / E < 9/16 */
    unsigned n1 = up > 0 && 16 * e <= 9u << up && 16 * k < 9 * e ? up - 1 : up;
    unsigned n2 = log2_ceil(8 * k); /* R_min = 1/8 */
    unsigned n = n1 < n2 ? n1 : n2;
    if (n > n_max)
        n = n_max;
    return n < 5 ? 5 : n;
}

/* 5.4.1.1: J(n), where place n of the sub-block interleaver's output comes from. */
static unsigned sub_block(unsigned n, unsigned log2_n)
{
    unsigned size = 1u << (log2_n - 5);
    return polar_sub_blocks[n / size] * size + n % size;
}

/* Q_F,tmp of 5.4.1.1: bits frozen because of rate matching. */
static void freeze_unmatched(const polar_plan_t *plan, uint64_t *frozen)
{
    unsigned n = plan->n, e = plan->e;
    if (plan->matching == POLAR_PUNCTURE) {
        for (unsigned i = 0; i < n - e; i++)
            set_add(frozen, sub_block(i, plan->log2_n));
        unsigned below = 4 * e >= 3 * n ? (3 * n - 2 * e + 3) / 4 : (9 * n - 4 * e + 15) / 16;
        for (unsigned i = 0; i < below; i++)
            set_add(frozen, i);
    } else if (plan->matching == POLAR_SHORTEN) {
        for (unsigned i = e; i < n; i++)
            set_add(frozen, sub_block(i, plan->log2_n));
    }
}

/* The most reliable K + n_PC bits that are left: to `chosen`, most reliable first. False: there are fewer. */
static bool choose(const polar_plan_t *plan, const uint64_t *frozen, uint16_t *chosen)
{
    unsigned want = plan->k + plan->n_pc, have = 0;
    for (unsigned i = POLAR_MAX_N; i-- > 0 && have < want;) {
        unsigned bit = polar_sequence[i];
        if (bit < plan->n && !set_has(frozen, bit))
            chosen[have++] = (uint16_t)bit;
    }
    return have == want;
}

/* 5.3.1.2: of the chosen bits, n_PC - n_PC^wm by least reliability, n_PC^wm by least row weight among the K
 * most reliable (the most reliable of them). */
static void choose_parity(polar_plan_t *plan, const uint16_t *chosen)
{
    unsigned total = plan->k + plan->n_pc;
    for (unsigned i = 0; i < (unsigned)(plan->n_pc - plan->n_pc_wm); i++)
        set_add(plan->parity, chosen[total - 1 - i]);
    if (plan->n_pc_wm) {
        unsigned best = 0;
        for (unsigned i = 1; i < plan->k; i++)
            if (__builtin_popcount(chosen[i]) < __builtin_popcount(chosen[best]))
                best = i;
        set_add(plan->parity, chosen[best]);
    }
    for (unsigned i = 0; i < POLAR_MAX_N / 64; i++)
        plan->info[i] &= ~plan->parity[i];
}

static unsigned count(const uint64_t *set, unsigned at, unsigned n)
{
    if (n < 64)
        return (unsigned)__builtin_popcountll(set[at / 64] >> (at % 64) & (((uint64_t)1 << n) - 1));
    unsigned sum = 0;
    for (unsigned i = at / 64; i < (at + n) / 64; i++)
        sum += (unsigned)__builtin_popcountll(set[i]);
    return sum;
}

static void step(polar_plan_t *plan, unsigned kind, unsigned stage)
{
    plan->program[plan->n_program++] = (uint16_t)(kind | stage << 8);
}

/* The subtree of 2^stage bits from `at`. `split`: whether a step before it made paths differ. */
static void program(polar_plan_t *plan, unsigned stage, unsigned at, bool *split)
{
    unsigned n = 1u << stage;
    unsigned info = count(plan->info, at, n);
    unsigned parity = plan->n_pc ? count(plan->parity, at, n) : 0;
    if (info + parity == 0) {
        /* While there is one path, frozen bits cost all the same. */
        step(plan, *split ? POLAR_STEP_FROZEN : POLAR_STEP_FROZEN_FREE, stage);
        return;
    }
    if (parity == 1 && n == 1) {
        step(plan, POLAR_STEP_PARITY, stage);
        return;
    }
    if (parity == 0 && info == 1 && set_has(plan->info, at + n - 1)) {
        step(plan, POLAR_STEP_REPEAT, stage);
        *split = true;
        return;
    }
    if (plan->n_pc == 0 && info == n) {
        step(plan, POLAR_STEP_FREE, stage);
        *split = true;
        return;
    }
    if (plan->n_pc == 0 && info == n - 1 && n >= 4 && !set_has(plan->info, at)) {
        step(plan, POLAR_STEP_CHECK, stage);
        *split = true;
        return;
    }
    unsigned left = count(plan->info, at, n / 2) + (plan->n_pc ? count(plan->parity, at, n / 2) : 0);
    if (left == 0 && !*split) {
        /* Nothing to decide on the left and nothing to charge for it. */
        step(plan, POLAR_STEP_G_ZERO, stage);
        program(plan, stage - 1, at + n / 2, split);
        step(plan, POLAR_STEP_COMBINE_ZERO, stage);
        return;
    }
    step(plan, POLAR_STEP_F, stage);
    program(plan, stage - 1, at, split);
    step(plan, left == 0 ? POLAR_STEP_G_ZERO : POLAR_STEP_G, stage);
    program(plan, stage - 1, at + n / 2, split);
    step(plan, left == 0 ? POLAR_STEP_COMBINE_ZERO : POLAR_STEP_COMBINE, stage);
}

void polar_input_interleaver(unsigned k, uint16_t *ret_input)
{
    unsigned n = 0;
    for (unsigned i = 0; i < POLAR_MAX_K_IL; i++)
        if (polar_interleaving[i] >= POLAR_MAX_K_IL - k)
            ret_input[n++] = (uint16_t)(polar_interleaving[i] - (POLAR_MAX_K_IL - k));
}

int polar_plan(const polar_cfg_t *cfg, polar_plan_t *ret, phy_refusal_t *why)
{
    if (cfg->n_max != 9 && cfg->n_max != 10)
        return phy_refuse(why, "n_max", cfg->n_max, "9 or 10");
    if (cfg->k < 12 || cfg->k > (cfg->i_il ? POLAR_MAX_K_IL : POLAR_MAX_K))
        return phy_refuse(why, "k", cfg->k, cfg->i_il ? "12..164" : "12..1024");
    bool parity = cfg->n_max == 10 && cfg->k >= 18 && cfg->k <= 25; /* 6.3.1.3.1 */
    if (cfg->e > POLAR_MAX_REPEATED_E || cfg->e < cfg->k + (parity ? 3u : 0u))
        return phy_refuse(why, "e", cfg->e, "k (and 3 parity bits) up to 2^21");

    unsigned log2_n = mother_log2(cfg->k, cfg->e, cfg->n_max);
    if (cfg->k > 1u << log2_n)
        return phy_refuse(why, "k", cfg->k, "at most N");
    memset(ret, 0, sizeof *ret);
    ret->k = cfg->k;
    ret->e = cfg->e;
    ret->log2_n = (uint8_t)log2_n;
    ret->n = (uint16_t)(1u << log2_n);
    ret->n_pc = parity ? 3 : 0;
    ret->n_pc_wm = parity && cfg->e - cfg->k + 3 > 192;
    ret->i_il = cfg->i_il;
    ret->i_bil = cfg->i_bil;
    ret->matching = cfg->e >= ret->n            ? POLAR_REPEAT
                    : 16 * cfg->k <= 7 * cfg->e ? POLAR_PUNCTURE
                                                : POLAR_SHORTEN;
    uint64_t frozen[POLAR_MAX_N / 64] = {0};
    uint16_t chosen[POLAR_MAX_K + 3] = {0};
    freeze_unmatched(ret, frozen);
    if (!choose(ret, frozen, chosen))
        return phy_refuse(why, "k", cfg->k, "no more than the bits that rate matching leaves");
    for (unsigned i = 0; i < (unsigned)(ret->k + ret->n_pc); i++)
        set_add(ret->info, chosen[i]);
    if (ret->n_pc)
        choose_parity(ret, chosen);
    if (cfg->i_il) {
        polar_input_interleaver(cfg->k, ret->input);
    } else {
        for (unsigned i = 0; i < cfg->k; i++)
            ret->input[i] = (uint16_t)i;
    }
    bool split = false;
    program(ret, log2_n, 0, &split);
    return 0;
}
