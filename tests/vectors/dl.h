/* SPDX-License-Identifier: Apache-2.0 */
/* What the drivers of downlink channels share. */
#ifndef VITRAN_TESTS_VECTORS_DL_H
#define VITRAN_TESTS_VECTORS_DL_H

#include "lib/phy/dl/pdsch.h"
#include "tests/vectors/channels.h"

/* The case's PDSCH, but for slot and redundancy version. False: refused, and said so. */
bool vec_pdsch_config(vec_t *v, uint32_t tb_bits, pdsch_cfg_t *ret);

/* Brings the DM-RS of an expected slot (grid [antenna][symbol][subcarrier]) from the vectors' amplitude,
 * "dmrs_amplitude_in_grid", to the standard's, which the kernels have. */
void vec_scale_dmrs(const vec_t *v, const pdsch_cfg_t *cfg, cf_t *grid, unsigned n_ant);

#endif
