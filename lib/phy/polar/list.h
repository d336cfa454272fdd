/* SPDX-License-Identifier: Apache-2.0 */
/* The list decoder's variants: all compute the same, bit for bit. Used by polar.c and by tests. */
#ifndef VITRAN_PHY_POLAR_LIST_H
#define VITRAN_PHY_POLAR_LIST_H

#include "lib/phy/polar/polar.h"

typedef struct polar_ops {
    /* work->root to work->sums, work->metric. */
    void (*run)(const polar_plan_t *plan, polar_work_t *work);
    /* The code word of a path, n bits, from sums: bit i % 64 of word i / 64. */
    void (*code_word)(const uint8_t *sums, unsigned n, unsigned path, uint64_t *ret);
} polar_ops_t;

extern const polar_ops_t polar_ops_generic, polar_ops_avx2, polar_ops_avx512;

const polar_ops_t *polar_ops(phy_isa_t isa);

#endif
