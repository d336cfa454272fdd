/* SPDX-License-Identifier: Apache-2.0 */
/* PUCCH, the UE's side: UCI bits to resource elements. TS 38.211 6.3.2, 6.4.1.3; 38.213 9.2.3-9.2.5. */
#ifndef VITRAN_PHY_CTRL_PUCCH_TX_H
#define VITRAN_PHY_CTRL_PUCCH_TX_H

#include "lib/phy/ctrl/pucch.h"

typedef struct {
    uint8_t harq; /* formats 0, 1: bit 0 first bit, 1 is ACK */
    bool sr;      /* formats 0, 1: positive SR. A format 1 HARQ resource carries no SR (38.213 9.2.5.1) */
    const uint8_t *uci;  /* formats 2-4: packed, cfg.n_harq + sr_bits + n_csi1 bits */
    const uint8_t *csi2; /* packed, cfg.n_csi2 bits, when cfg.csi2 */
} pucch_uci_t;

/* Writes (not adds) the UE's REs into antenna `ant` of the grid, amplitude PHY_UNIT x gain; all others stay.
 * Nothing is written when there is nothing to send (format 0 or 1 with no HARQ bit and negative SR).
 * Returns whether something was written. Any thread. */
bool pucch_transmit(const phy_t *phy, const pucch_plan_t *plan, const pucch_uci_t *uci, float gain,
                    const phy_grid_t *grid, unsigned ant);

/* Steps of it, for tests. Format 0's m_cs of 38.213 tables 9.2.3-3/-4 and 9.2.5-1/-2; -1: nothing sent. */
int pucch_f0_mcs(uint8_t n_harq, uint8_t harq, bool sr);
/* One symbol's 12 values of formats 0 and 1: r_u,v^alpha(n) for n_cs + m0 + m_cs, unit amplitude. */
void pucch_sequence12(uint8_t u, uint8_t v, uint8_t cyclic_shift, cf_t ret[12]);
/* Formats 2-4: modulated symbols d(0..n_re-1) before spreading and precoding [size: plan n_re], unit power,
 * and the coded bits before scrambling when ret_coded is not NULL [size: (e_bits + 7) / 8]. */
void pucch_f234_symbols(const phy_t *phy, const pucch_plan_t *plan, const pucch_uci_t *uci, cf_t *ret,
                        uint8_t *ret_coded);

#endif
