/* SPDX-License-Identifier: Apache-2.0 */
/* Grids of int16 against grids of bf16: what storing costs a symbol, and what it leaves of it. */
#ifndef VITRAN_TESTS_BENCH_PHY_SLOT_GRID_H
#define VITRAN_TESTS_BENCH_PHY_SLOT_GRID_H

#include "lib/phy/phy.h"

void phy_slot_grid_formats(const phy_t *phy);

#endif
