/* SPDX-License-Identifier: Apache-2.0 */
/* SS/PBCH block, the UE's side, at a known place of a grid: which cell (PSS, SSS), which block of the burst
 * (DMRS), the MIB and frame number (PBCH). TS 38.211 7.3.3, 7.4.1.4, 7.4.2, 7.4.3; decoding by
 * polar/pbch_code.h. Pure functions on the caller's memory, any thread. */
#ifndef VITRAN_PHY_DL_SSB_RX_H
#define VITRAN_PHY_DL_SSB_RX_H

#include "lib/phy/dl/comb4.h"
#include "lib/phy/dl/ssb.h"
#include "lib/phy/polar/pbch_code.h"

/* Where the block lies. */
typedef struct {
    uint16_t first_sc;    /* in the grid */
    uint8_t first_symbol; /* 0..10 */
    uint8_t n_rx;         /* antennas of the grid, 1..8 */
    uint8_t l_max;        /* 4, 8, 64 */
} ssb_rx_cfg_t;

/* 0, or -EINVAL with the field's name. */
int ssb_rx_check(const ssb_rx_cfg_t *cfg, unsigned n_sc, unsigned n_antennas, phy_refusal_t *why);

typedef struct {
    uint16_t phys_cell_id;
    float pss, sss; /* how sure: the part of the received energy that the sequence explains, 0..1 (noise
                       alone: below 0.3, see ssb_rx_cell) */
    float rsrp_db;  /* of an SSS RE, mean of the antennas, relative to a unit-power symbol; -200: nothing */
    float slope;    /* phase from one subcarrier to the next, rad: -2 pi x delay x spacing */
} ssb_rx_cell_t;

/* Scratch of a worker, content does not live from call to call. */
typedef struct {
    comb4_t estimate;
    polar_work_t polar;
} ssb_rx_work_t;

/* The cell that PSS and SSS fit best. False: nothing is there that would rise above noise (1 block of noise
 * in about 1000 passes); *ret is filled all the same. cfg has passed ssb_rx_check. */
bool ssb_rx_cell(const phy_t *phy, const ssb_rx_cfg_t *cfg, const phy_grid_t *grid, ssb_rx_cell_t *ret);

typedef struct {
    bool crc_ok;
    uint8_t
        dmrs_index; /* the one that fits best: block index (low 2 or 3 bits), half frame x 4 for l_max 4 */
    float noise_db, sinr_db; /* from DMRS; relative to a unit-power symbol, sum of the antennas */
    /* Valid when crc_ok: */
    uint8_t ssb_index; /* whole */
    uint8_t half_frame;
    uint16_t sfn; /* whole */
    uint8_t k_ssb;
    uint32_t mib; /* 24 bits, the first is bit 23 */
} ssb_rx_pbch_t;

/* The PBCH of the block of a known cell (0..1007). True: its CRC holds. */
bool ssb_rx_pbch(const phy_t *phy, const ssb_rx_cfg_t *cfg, unsigned phys_cell_id, const phy_grid_t *grid,
                 ssb_rx_work_t *work, ssb_rx_pbch_t *ret);

#endif
