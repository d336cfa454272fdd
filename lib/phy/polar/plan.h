/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder's steps, between plan.c that writes them and list_kernel.h that runs them. Each belongs to a
 * node of the code's tree with 2^stage bits, whose LLRs lie at work->llr[2^stage] and whose decided code word
 * goes to work->sums[2^stage]. */
#ifndef VITRAN_PHY_POLAR_PLAN_H
#define VITRAN_PHY_POLAR_PLAN_H

enum {
    POLAR_STEP_F,            /* LLRs of the left half */
    POLAR_STEP_G,            /* keeps the left half's code word, LLRs of the right half */
    POLAR_STEP_G_ZERO,       /* LLRs of the right half, the left being all zero */
    POLAR_STEP_COMBINE,      /* the node's code word from both halves' */
    POLAR_STEP_COMBINE_ZERO, /* the same, the left being all zero */
    POLAR_STEP_FROZEN,       /* all bits are 0 */
    POLAR_STEP_FROZEN_FREE,  /* the same, without charging the only path */
    POLAR_STEP_REPEAT,       /* one information bit, the last */
    POLAR_STEP_FREE,         /* information bits only */
    POLAR_STEP_CHECK,        /* information bits but for the first: an even number of ones */
    POLAR_STEP_PARITY,       /* a parity-check bit, stage 0 */
};

#endif
