/* SPDX-License-Identifier: Apache-2.0 */
/* Where the sequences of a PDSCH's DMRS and PTRS begin, for transmitter and receiver. TS 38.211 7.4.1.1.1,
 * 7.4.1.2.1. Internal to lib/phy/dl. */
#ifndef VITRAN_PHY_DL_PDSCH_SIGNALS_H
#define VITRAN_PHY_DL_PDSCH_SIGNALS_H

#include "lib/phy/dl/pdsch.h"

/* c_init of a CDM group's DMRS in a symbol. */
uint32_t pdsch_dmrs_c_init(const pdsch_cfg_t *c, unsigned symbol, unsigned group);
/* What a PRB of the carrier counts as in the sequence. */
unsigned pdsch_dmrs_prb(const pdsch_cfg_t *c, unsigned prb);

/* PTRS repeats r(m) of the first DMRS symbol: c_init, and which of a PRB's values of r it is. The plan has
 * PTRS. */
uint32_t pdsch_ptrs_c_init(const pdsch_plan_t *p);
unsigned pdsch_ptrs_place(const pdsch_plan_t *p);

#endif
