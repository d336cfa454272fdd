/* SPDX-License-Identifier: Apache-2.0 */
/* What the PUCCH's transmitter and receivers share inside this folder. */
#ifndef VITRAN_PHY_CTRL_PUCCH_INTERNAL_H
#define VITRAN_PHY_CTRL_PUCCH_INTERNAL_H

#include "lib/phy/ctrl/pucch_tx.h"
#include "lib/phy/polar/uci_code.h"

/* Which hop a symbol of the slot lies in: 0 or 1. */
static inline unsigned pucch_hop_of(const pucch_plan_t *p, unsigned l)
{
    return p->n_hops == 2 && l >= (unsigned)p->cfg.start_symbol + p->hop_symbols[0];
}

/* phi of 38.211 table 6.3.2.4.1-2: w_i(m) = exp(j 2 pi phi / n_sf). */
static inline unsigned pucch_occ_phi(unsigned n_sf, unsigned i, unsigned m)
{
    static const uint8_t four[4][4] = {{0, 0, 0, 0}, {0, 2, 0, 2}, {0, 0, 2, 2}, {0, 2, 2, 0}};
    return n_sf == 4 ? four[i][m] : i * m % n_sf;
}
/* w of format 1 at symbol l of the slot (DMRS and data count apart, within the hop). */
cf_t pucch_f1_w(const pucch_plan_t *p, unsigned occ, unsigned l);
/* d(0) of format 1. */
cf_t pucch_f1_symbol(uint8_t n_harq, uint8_t harq);

/* m0 of format 4's DMRS, table 6.4.1.3.3.1-1; 0 for format 3. */
unsigned pucch_f34_m0(const pucch_cfg_t *cfg);
/* w_n of format 4, tables 6.3.2.6.3-1 and -2: exp(j pi / 2 x this), at k of 12. */
static inline unsigned pucch_f4_phi(unsigned n_sf, unsigned n, unsigned k)
{
    if (n_sf == 2)
        return n && k >= 6 ? 2 : 0;
    static const uint8_t step[4] = {0, 3, 2, 1};
    return step[n] * (k / 3) & 3;
}
/* r(m) of the DMRS symbol l of formats 3, 4 [size: 12 n_prb]; of format 2 [size: 4 n_prb]. */
void pucch_f34_dmrs(const pucch_plan_t *p, unsigned l, cf_t *ret);
void pucch_f2_dmrs(const phy_t *phy, const pucch_plan_t *p, unsigned l, cf_t *ret);
/* How many modulation symbols of each data symbol (in order of time) belong to the first
 * part; 38.212 6.3.1.6. [size: 14] */
void pucch_part1_symbols(const pucch_plan_t *p, uint16_t *ret);

#endif
