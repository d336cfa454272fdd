/* SPDX-License-Identifier: Apache-2.0 */
/* CSI-RS, transmit side (NZP, and as a TRS row 1), and the REs that NZP or ZP take from a PDSCH.
 * TS 38.211 7.4.1.5. Any thread. */
#ifndef VITRAN_PHY_DL_CSI_RS_H
#define VITRAN_PHY_DL_CSI_RS_H

#include "lib/phy/dl/pdsch.h"
#include "lib/phy/phy.h"

#define CSI_RS_MAX_PORTS 32

typedef enum { CSI_RS_NO_CDM, CSI_RS_FD_CDM2, CSI_RS_CDM4, CSI_RS_CDM8 } csi_rs_cdm_t;
typedef enum {
    CSI_RS_DENSITY_HALF_EVEN, /* 0.5, even PRBs */
    CSI_RS_DENSITY_HALF_ODD,
    CSI_RS_DENSITY_1,
    CSI_RS_DENSITY_3
} csi_rs_density_t;

typedef struct {
    uint16_t slot;                        /* n_s,f */
    uint16_t carrier_start, carrier_size; /* CRB, PRBs */
    uint16_t start_rb, n_rbs;             /* CRB; inside the carrier, multiples of 4 or the BWP's ends */
    uint8_t row;                          /* 1..18 of table 7.4.1.5.3-1 */
    uint16_t freq_domain; /* frequencyDomainAllocation: bit 0 is the rightmost (least significant) bit. Row 1:
                             4 bits, row 2: 12, row 4: 3, others: 6 */
    uint8_t symbol_l0, symbol_l1; /* l1 of rows 13, 14, 16, 17 */
    csi_rs_cdm_t cdm;
    csi_rs_density_t density;
    uint16_t n_id;         /* scramblingID, 0..1023 */
    float power_db;        /* amplitude of a port 10^(x / 20) x PHY_UNIT; -30..+15 */
    bool zero_power;       /* nothing is sent */
    uint8_t first_antenna; /* port i is on antenna first_antenna + i of the grid */
} csi_rs_cfg_t;

typedef struct {
    uint8_t n_ports, n_groups; /* CDM groups */
    uint8_t group_size;        /* L: ports of one, 1, 2, 4, 8 */
    uint8_t n_k, n_l;          /* k', l' of one group */
    struct {
        uint8_t k, l; /* k-bar, l-bar */
    } group[16];
    csi_rs_cfg_t cfg;
} csi_rs_plan_t;

/* 0, or -EINVAL with the field's name. grid_antennas is not looked at for zero_power. */
int csi_rs_plan(const csi_rs_cfg_t *cfg, unsigned grid_antennas, csi_rs_plan_t *ret, phy_refusal_t *why);
/* Writes the REs of every port on its antenna; adds nothing. Nothing for zero power. */
void csi_rs_run(const phy_t *phy, const csi_rs_plan_t *plan, const phy_grid_t *grid);
/* What a PDSCH rate matches around: at most 16 entries. Returns how many. */
unsigned csi_rs_reserve(const csi_rs_plan_t *plan, pdsch_reserved_t ret[16]);

#endif
