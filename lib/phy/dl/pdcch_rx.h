/* SPDX-License-Identifier: Apache-2.0 */
/* PDCCH, the UE's side: one candidate of a search space from a slot's grid. The search is the caller's loop;
 * candidates that differ in the payload's size only share LLRs. TS 38.211 7.3.2, 7.4.1.3, 38.212 7.3. Pure
 * functions on the caller's memory, any thread. */
#ifndef VITRAN_PHY_DL_PDCCH_RX_H
#define VITRAN_PHY_DL_PDCCH_RX_H

#include "lib/phy/dl/comb4.h"
#include "lib/phy/dl/pdcch.h"

/* 0, or -EINVAL with the field's name. Of cfg->pdcch rnti, powers and precoding are not looked at. The plan
 * is the transmitter's, and tells where the candidate lies. */
typedef struct {
    pdcch_tx_cfg_t pdcch;
    uint8_t n_rx; /* antennas of the grid, 1..8 */
} pdcch_rx_cfg_t;

typedef struct {
    pdcch_tx_plan_t pdcch;
    uint8_t n_rx;
    /* PRBs that are estimated over, ascending: those of the candidate or, with all_contiguous_rbs, of the
     * stretches that it touches; in blocks of one precoder. */
    uint16_t n_prb, n_blocks;
    uint16_t prb[COMB4_MAX_PRB], block[COMB4_MAX_BLOCKS];
} pdcch_rx_plan_t;

int pdcch_rx_plan(const pdcch_rx_cfg_t *cfg, pdcch_rx_plan_t *ret, phy_refusal_t *why);

typedef struct {
    int rnti;       /* index of the RNTI whose CRC held, -1: none */
    float rsrp_db;  /* relative to a unit-power symbol, mean of the antennas; -200: nothing */
    float noise_db; /* likewise */
    float sinr_db;  /* sum of the antennas', from DMRS */
    float slope;    /* phase from one subcarrier to the next, rad: -2 pi x delay x spacing */
} pdcch_rx_result_t;

/* Scratch of a worker, content does not live from call to call. */
typedef struct {
    comb4_t estimate;
    polar_work_t polar;
    cf_t dmrs[3 * COMB4_MAX_PRB];
    cf_t sym[PDCCH_TX_MAX_BITS / 2];
    float inv_noise[PDCCH_TX_MAX_BITS / 2];
} pdcch_rx_work_t;

/* Estimation, combining of the antennas, LLRs (descrambled) [size: 108 x aggregation level]. */
void pdcch_rx_llr(const phy_t *phy, const pdcch_rx_plan_t *plan, const phy_grid_t *grid,
                  pdcch_rx_work_t *work, int8_t *ret_llr, pdcch_rx_result_t *ret);
/* Decodes payload_bits of the plan for one of the RNTIs; false: nothing for them here. dci: packed [size:
 * (payload_bits + 7) / 8]. */
bool pdcch_rx_decode(const phy_t *phy, const pdcch_rx_plan_t *plan, const int8_t *llr, const uint16_t *rntis,
                     unsigned n_rntis, pdcch_rx_work_t *work, uint8_t *ret_dci, pdcch_rx_result_t *ret);
/* Both. */
bool pdcch_rx(const phy_t *phy, const pdcch_rx_plan_t *plan, const phy_grid_t *grid, const uint16_t *rntis,
              unsigned n_rntis, pdcch_rx_work_t *work, uint8_t *ret_dci, pdcch_rx_result_t *ret);

#endif
