/* SPDX-License-Identifier: Apache-2.0 */
/* The UE's receivers on what another party transmitted: the vectors' own grids with noise, 27 dB below. */
#ifndef VITRAN_TESTS_VECTORS_RECEIVE_H
#define VITRAN_TESTS_VECTORS_RECEIVE_H

#include "lib/phy/dl/pdcch_rx.h"
#include "lib/phy/dl/pdsch_rx.h"
#include "lib/phy/dl/ssb_rx.h"
#include "tests/vectors/vec.h"

/* A slot on the air, from a dense grid [antenna][symbol][subcarrier] or from rows of a sparse one (port 0).
 */
phy_grid_t vec_air_dense(vec_t *v, const cf_t *grid, unsigned n_ant, unsigned n_prb);
phy_grid_t vec_air_sparse(vec_t *v, vec_file_t index, vec_file_t value, unsigned slot, unsigned n_prb);

/* Memory of a UE's HARQ process. */
typedef struct {
    sch_rx_cb_t cb[SCH_MAX_CB];
    unsigned n_cb; /* with memory */
} vec_harq_t;

/* The transport block (packed) must come out of this slot alone, whatever its redundancy version. */
void vec_receive_pdsch(vec_t *v, const pdsch_cfg_t *cfg, unsigned mu, const phy_grid_t *air, vec_harq_t *harq,
                       const uint8_t *tb);
/* The DCI must be found, for this RNTI and for no other. */
void vec_receive_pdcch(vec_t *v, const pdcch_tx_cfg_t *cfg, const phy_grid_t *air, const uint8_t *dci);
/* The cell, and the block with all that its PBCH says. */
void vec_receive_ssb(vec_t *v, const ssb_cfg_t *block, const phy_grid_t *air);

#endif
