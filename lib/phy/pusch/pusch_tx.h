/* SPDX-License-Identifier: Apache-2.0 */
/* The UE's PUSCH transmitter: UL-SCH and UCI bits to the antenna ports' resource grids. TS 38.211 6.3.1,
 * 6.4.1.1, 6.4.1.2, 38.212 6.2, 6.3.2. For emulated UEs and tests. Stateless; [any thread] with a work memory
 * each. */
#ifndef VITRAN_PHY_PUSCH_PUSCH_TX_H
#define VITRAN_PHY_PUSCH_PUSCH_TX_H

#include "lib/phy/pusch/pusch.h"

/* Bits of one transmission, packed; those that the plan does not have may be NULL. */
typedef struct {
    const uint8_t *tb; /* [tb_bytes] */
    const uint8_t *harq_ack, *csi1, *csi2;
} pusch_payload_t;

typedef struct pusch_tx_work pusch_tx_work_t;
/* A few MB, 64-byte aligned. */
size_t pusch_tx_work_bytes(void);

/* The codeword behind UCI multiplexing, before scrambling, packed [g_bits]; placeholders as ulsch.h says. */
void pusch_tx_codeword(const phy_t *phy, const pusch_plan_t *plan, const pusch_payload_t *payload,
                       pusch_tx_work_t *work, uint8_t *ret);
/* Unit-power symbols of the antenna ports behind precoding, before mapping: ret[n_tx_ports][n_sent]. */
void pusch_tx_symbols(const phy_t *phy, const pusch_plan_t *plan, const pusch_payload_t *payload,
                      pusch_tx_work_t *work, cf_t *ret);
/* Adds nothing: writes the data, DMRS and PTRS REs of the allocation (and zeroes its DMRS REs of CDM groups
 * without data) on the grid's antennas 0..n_tx_ports-1. Amplitude 1 puts a layer's unit-power symbol at
 * PHY_UNIT; a precoder's columns have the standard's norm. Other REs stay. */
void pusch_tx(const phy_t *phy, const pusch_plan_t *plan, const pusch_payload_t *payload, float amplitude,
              pusch_tx_work_t *work, const phy_grid_t *grid);

#endif
