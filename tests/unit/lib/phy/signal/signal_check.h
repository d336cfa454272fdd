/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of lib/phy/signal share: a phy_t a SIMD level, random numbers, and the bit-serial Gold
 * sequence straight from TS 38.211 5.2.1. */
#ifndef VITRAN_TESTS_SIGNAL_CHECK_H
#define VITRAN_TESTS_SIGNAL_CHECK_H

#include "lib/phy/phy.h"
#include "tests/unit/cu.h"

#include <stdlib.h>

static phy_t *phys[PHY_N_ISA]; /* levels that this CPU does not have stay NULL */

static void phys_create(void)
{
    for (int isa = 0; isa <= (int)phy_isa_detect(); isa++)
        CU_ASSERT_EQUAL_FATAL(phy_create((phy_isa_t)isa, &phys[isa]), 0);
}

static void phys_destroy(void)
{
    for (int isa = 0; isa < PHY_N_ISA; isa++) {
        phy_destroy(phys[isa]);
        phys[isa] = NULL;
    }
}

#define EACH_PHY(phy)                                                                                        \
    for (int isa_ = 0; isa_ < PHY_N_ISA; isa_++)                                                             \
        for (const phy_t *phy = phys[isa_]; phy; phy = NULL)

static inline uint64_t random64(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* -1 .. 1 */
static inline float random_float(uint64_t *state)
{
    return (float)(random64(state) >> 40) / (1 << 23) - 1;
}

/* c(0 .. n - 1), a byte each; the caller frees. */
static inline uint8_t *slow_gold(uint32_t c_init, size_t n)
{
    size_t total = n + 1600 + 31;
    uint8_t *x1 = calloc(total, 1), *x2 = calloc(total, 1);
    x1[0] = 1;
    for (unsigned i = 0; i < 31; i++)
        x2[i] = c_init >> i & 1;
    for (size_t i = 0; i + 31 < total; i++) {
        x1[i + 31] = (x1[i + 3] + x1[i]) % 2;
        x2[i + 31] = (x2[i + 3] + x2[i + 2] + x2[i + 1] + x2[i]) % 2;
    }
    for (size_t i = 0; i < n; i++)
        x1[i] = (x1[i + 1600] + x2[i + 1600]) % 2;
    free(x2);
    return x1;
}

#endif
