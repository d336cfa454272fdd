/* SPDX-License-Identifier: Apache-2.0 */
/* A cell's L1, its UEs' transmitters and a channel between them, for tests and benches of whole slots. What
 * UEs send is made from the very PDUs that the L1 is told to expect, by lib/phy's transmitters.
 * Single-threaded; asserts where it is used wrongly. */
#ifndef VITRAN_TESTS_DU_PHY_RIG_H
#define VITRAN_TESTS_DU_PHY_RIG_H

#include "du/phy/du_phy.h"
#include "du/phy/pdu.h"
#include "lib/phy/ctrl/pucch_tx.h"
#include "lib/phy/pusch/pusch_tx.h"
#include "tests/link/channel.h"

#define RIG_MAX_TX 8

typedef struct {
    fapi_cell_config_t cell;
    phy_t *phy; /* of the UEs */
    du_phy_t *l1;
    fapi_dl_slot_t *slab;
    phy_grid_t tx; /* what all UEs send, antenna by antenna of theirs */
    pusch_tx_work_t *pusch_tx;
    link_random_t random;
    uint8_t payload[FAPI_MAX_PUSCH][FAPI_RX_BYTES / 2]; /* transport blocks sent on PUSCH */
} rig_t;

/* 30 kHz, DDDSU, case C SSB, PRACH format B4. */
fapi_cell_config_t rig_cell(unsigned n_prb, unsigned n_tx_ant, unsigned n_rx_ant);
/* n_workers 0: run to completion. */
rig_t *rig_create(const fapi_cell_config_t *cell, unsigned n_workers, phy_isa_t isa);
void rig_destroy(rig_t *r);

/* Empties the slab and what UEs send, for slot n. */
void rig_begin(rig_t *r, uint64_t n);
/* Adds PDUs to the slab; PRBs of the carrier. They return the PDU for more to be set. MCS of table 2
 * (256QAM). */
fapi_pdsch_pdu_t *rig_pdsch(rig_t *r, uint16_t rnti, unsigned prb, unsigned n_prb, unsigned start,
                            unsigned n_symbols, unsigned mcs, unsigned n_layers);
fapi_pusch_pdu_t *rig_pusch(rig_t *r, uint16_t rnti, unsigned prb, unsigned n_prb, unsigned start,
                            unsigned n_symbols, unsigned mcs, unsigned n_layers);
fapi_pucch_pdu_t *rig_pucch(rig_t *r, uint16_t rnti, unsigned format, unsigned prb, unsigned n_prb,
                            unsigned start, unsigned n_symbols, unsigned harq_bits);
fapi_pdcch_pdu_t *rig_pdcch(rig_t *r, uint16_t rnti, unsigned level, unsigned cce, unsigned payload_bits);

/* UEs' side of PUSCH pdu i: its block into the grid, antennas 0..n_layers-1. */
void rig_send_pusch(rig_t *r, unsigned i);
/* ... of PUCCH pdu i: bits packed. */
void rig_send_pucch(rig_t *r, unsigned i, uint8_t harq, bool sr, const uint8_t *uci);
/* All antennas of the UE transmit r->tx through the channel into the L1's grid of the slot, symbol by symbol;
 * takes the result when the tasks have ended. channel NULL: antenna i to antenna i, no noise. */
const fapi_ul_slot_t *rig_receive(rig_t *r, uint64_t n, channel_t *channel, float noise);
/* Runs the downlink of slot n to its end; the grid until du_phy_dl_release. */
const phy_grid_t *rig_transmit(rig_t *r, uint64_t n);

#endif
