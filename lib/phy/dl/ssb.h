/* SPDX-License-Identifier: Apache-2.0 */
/* SS/PBCH block, transmit side: PSS, SSS, PBCH and its DMRS into 4 symbols by 240 subcarriers.
 * TS 38.211 7.3.3, 7.4.1.4, 7.4.2, 7.4.3; coding by polar/pbch_code.h (TS 38.212 7.1); where blocks lie in
 * time TS 38.213 4.1. Pure functions; any thread. */
#ifndef VITRAN_PHY_DL_SSB_H
#define VITRAN_PHY_DL_SSB_H

#include "lib/phy/dl/precoding.h"
#include "lib/phy/phy.h"

#define SSB_SC 240
#define SSB_SYMBOLS 4
#define SSB_PBCH_BITS 864

typedef enum { SSB_CASE_A, SSB_CASE_B, SSB_CASE_C, SSB_CASE_D, SSB_CASE_E } ssb_case_t;

/* First symbol of candidate block `index`, counted from the half-frame's first symbol at the block's own
 * numerology. Cases A to C: l_max 4 or 8, D and E: 64. -EINVAL: no such candidate. TS 38.213 4.1. */
int ssb_candidate_symbol(ssb_case_t ssb_case, unsigned l_max, unsigned index, unsigned *ret_symbol);

/* First subcarrier of the block, in the carrier of numerology mu (that is the block's own as well): point A
 * lies carrier_start PRBs of mu below the carrier's first subcarrier. offset_to_point_a in PRBs of 15 kHz
 * (FR1) or 60 kHz (FR2); k_ssb in subcarriers of 15 kHz (FR1: 0..23) or of the subCarrierSpacingCommon
 * numerology mu_common (FR2: 0..11). -EINVAL names what does not fall onto this carrier's subcarrier raster
 * or is outside. */
int ssb_first_subcarrier(bool fr2, unsigned mu, unsigned mu_common, unsigned carrier_start,
                         unsigned carrier_size, unsigned offset_to_point_a, unsigned k_ssb, unsigned *ret_sc,
                         phy_refusal_t *why);

typedef struct {
    uint16_t phys_cell_id;        /* 0..1007 */
    uint8_t index;                /* candidate block index, 0..l_max-1 */
    uint8_t l_max;                /* 4, 8, 64 */
    uint8_t half_frame;           /* 0, 1 */
    uint16_t sfn;                 /* 0..1023 */
    uint8_t k_ssb;                /* as signalled, 0..31: its MSB goes beside the MIB (l_max 4, 8) */
    uint32_t mib;                 /* 24 bits of BCCH-BCH-Message, first bit is bit 23 */
    uint16_t first_sc;            /* in the grid */
    uint8_t first_symbol;         /* in the grid's slot, 0..10 */
    float power_db;               /* SSS, PBCH, PBCH DMRS: amplitude 10^(x / 20) x PHY_UNIT; -30..+15 */
    float beta_pss_db;            /* PSS to SSS: 0 or 3 dB */
    const precoding_t *precoding; /* 1 layer, or NULL: antenna 0 */
} ssb_cfg_t;

/* 0, or -EINVAL with the field's name. n_sc, n_antennas: of the grid. */
int ssb_check(const ssb_cfg_t *cfg, unsigned n_sc, unsigned n_antennas, phy_refusal_t *why);
/* Writes the block's REs; those it leaves empty (around PSS and SSS) are written as zero. The configuration
 * has passed ssb_check. */
void ssb_run(const phy_t *phy, const ssb_cfg_t *cfg, const phy_grid_t *grid);

/* Steps, for tests and for the UE's search (PSS and SSS are in signal/m_sequence.h). Amplitudes in LSBs,
 * PHY_UNIT for a unit-power symbol. */
/* 432 QPSK symbols of 864 coded bits (packed): scrambled with the block's index as v (7.3.3.1). index: block.
 */
void ssb_pbch_symbols(const phy_t *phy, const uint8_t bits[108], unsigned phys_cell_id, unsigned index,
                      unsigned l_max, float amplitude, ci16_t ret[432]);
/* 144 values (7.4.1.4.1). */
void ssb_pbch_dmrs(const phy_t *phy, unsigned phys_cell_id, unsigned index, unsigned l_max,
                   unsigned half_frame, float amplitude, ci16_t ret[144]);
/* PBCH RE i of the block, in mapping order: subcarrier 0..239, symbol 1..3. And DMRS RE i. */
void ssb_pbch_re(unsigned phys_cell_id, unsigned i, unsigned *ret_symbol, unsigned *ret_sc);
void ssb_dmrs_re(unsigned phys_cell_id, unsigned i, unsigned *ret_symbol, unsigned *ret_sc);

#endif
