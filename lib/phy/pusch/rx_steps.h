/* SPDX-License-Identifier: Apache-2.0 */
/* Steps between channel estimate and demapper that the receivers of PUSCH and PDSCH share. Pure functions on
 * the caller's memory. Internal to lib/phy. */
#ifndef VITRAN_PHY_PUSCH_RX_STEPS_H
#define VITRAN_PHY_PUSCH_RX_STEPS_H

#include "lib/phy/pusch/chest.h"
#include "lib/phy/pusch/equalize.h"

#define RX_PLANES ((size_t)PHY_MAX_LAYERS * PHY_MAX_PORTS * 2)

/* Scratch of making a filter; its content does not live from call to call. */
typedef struct {
    _Alignas(PHY_ALIGN) float sinr[PHY_MAX_LAYERS * (PHY_GRID_STRIDE + 32)];
    _Alignas(PHY_ALIGN) float h[RX_PLANES * (PHY_GRID_STRIDE + 16)];
    _Alignas(PHY_ALIGN) cf_t covariance[PHY_MAX_PRB * PHY_MAX_PORTS * PHY_MAX_PORTS];
} rx_filter_work_t;

/* Filter g (as eq_filter has it) for one symbol of a finished estimate and its SINRs in the demapper's order
 * [size: (shape->n_sc + 16) * n_layers]. irc_prbs: PRBs of one covariance, of EQ_IRC; 0: 4. */
void rx_filter(const phy_t *phy, const eq_shape_t *shape, const chest_t *chest, unsigned symbol,
               unsigned irc_prbs, rx_filter_work_t *work, float *g, float *inv_noise);

/* A pilot on which one layer alone is sent. */
typedef struct {
    uint16_t grid_sc, compact_sc; /* subcarrier in the grid, and on the estimate's axis */
    cf_t ref;                     /* what was sent */
} rx_pilot_t;

/* The phase that pilots of a symbol show against the estimate of their layer, as a factor that undoes it; 1
 * when they show none (nothing received, no pilots). chest->rotation of the symbol comes on top. */
cf_t rx_pilot_phase(const chest_t *chest, const phy_grid_t *grid, unsigned symbol, unsigned layer,
                    const rx_pilot_t *pilots, unsigned n_pilots);

#endif
