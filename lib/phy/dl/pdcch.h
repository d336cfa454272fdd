/* SPDX-License-Identifier: Apache-2.0 */
/* PDCCH, transmit side: DCI bits in, resource elements out. TS 38.211 7.3.2, 7.4.1.3; coding by
 * polar/dci_code.h (TS 38.212 7.3). Which candidate a DCI is sent on is lib/mac's to say. One call, no state;
 * any thread. */
#ifndef VITRAN_PHY_DL_PDCCH_H
#define VITRAN_PHY_DL_PDCCH_H

#include "lib/phy/dl/precoding.h"
#include "lib/phy/phy.h"
#include "lib/phy/polar/dci_code.h"

#define PDCCH_TX_MAX_BITS (16 * 108) /* coded bits at aggregation level 16 */

typedef struct {
    uint16_t slot;                        /* n_s,f */
    uint16_t carrier_start, carrier_size; /* CRB of the grid's subcarrier 0, PRBs */

    /* CORESET */
    uint16_t coreset_start;  /* CRB of the PRB that bit 0 of the frequency resources begins at; of CORESET 0
                                its  lowest PRB. (For frequencyDomainResources: the BWP's first CRB that is a
                                multiple  of 6, + 6 rb-Offset rules of 38.213 10.1) */
    uint64_t freq_resources; /* groups of 6 PRBs: bit 44 is the first (leftmost) of the 45 bits of
                                frequencyDomainResources; CORESET 0: N_RB / 6 ones from bit 44 down */
    uint8_t start_symbol, duration; /* 0..13, 1..3 */
    bool interleaved;
    uint8_t reg_bundle;   /* L: 2 (duration 1, 2), 3 (duration 3), 6; interleaved only */
    uint8_t interleaver;  /* R: 2, 3, 6; interleaved only */
    uint16_t shift_index; /* n_shift: 0..274, or N_ID^cell 0..1007 for CORESET 0 */
    bool
        dmrs_coreset0; /* DMRS counts from CORESET 0's lowest PRB (CORESET of MIB or SIB1), else from CRB 0 */
    bool all_contiguous_rbs; /* precoderGranularity: DMRS on all PRBs of the contiguous parts that the DCI
                                touches */

    /* DCI */
    uint8_t aggregation_level; /* 1, 2, 4, 8, 16 */
    uint16_t first_cce;
    uint16_t rnti;                 /* masks the CRC */
    uint16_t scrambling_rnti;      /* n_RNTI: C-RNTI where pdcch-DMRS-ScramblingID is configured, else 0 */
    uint16_t scrambling_id;        /* n_ID */
    uint16_t dmrs_id;              /* N_ID of DMRS */
    float power_db, dmrs_power_db; /* amplitude 10^(x / 20) x PHY_UNIT, each -30..+15 */
    uint16_t payload_bits;         /* 12..140: DCI without its CRC */

    /* One precoding vector (1 layer), or NULL: antenna 0 of the grid. REs are written, never added: DCIs of
     * one CORESET share DMRS with all_contiguous_rbs. */
    const precoding_t *precoding;
} pdcch_tx_cfg_t;

/* Where the candidate lies: the same PRBs in every symbol of the CORESET, since a REG bundle is as long as
 * it. */
typedef struct {
    uint16_t n_prb;       /* that carry the DCI: 6 x aggregation level / duration */
    uint64_t prb[5];      /* PRBs of the carrier */
    uint64_t dmrs_prb[5]; /* ... with DMRS */
    uint8_t duration;     /* symbols of the CORESET */
    dci_code_plan_t code;
    pdcch_tx_cfg_t cfg;
} pdcch_tx_plan_t;

/* 0, or -EINVAL with the field's name. */
int pdcch_tx_plan(const pdcch_tx_cfg_t *cfg, unsigned grid_antennas, pdcch_tx_plan_t *ret,
                  phy_refusal_t *why);
/* dci: payload_bits bits, packed. */
void pdcch_tx_run(const phy_t *phy, const pdcch_tx_plan_t *plan, const uint8_t *dci, const phy_grid_t *grid);
/* Stages, for tests: coded bits before scrambling (packed, 108 x AL) and after. */
void pdcch_tx_bits(const phy_t *phy, const pdcch_tx_plan_t *plan, const uint8_t *dci, uint8_t *ret_coded,
                   uint8_t *ret_scrambled);

/* PRBs (carrier) of a whole CORESET. Arguments as in pdcch_tx_cfg_t. */
void pdcch_coreset_prbs(uint16_t carrier_start, uint16_t coreset_start, uint64_t freq_resources,
                        uint64_t ret[5]);

#endif
