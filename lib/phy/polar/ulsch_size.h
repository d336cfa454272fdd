/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of REs of UCI on a PUSCH, between ulsch_size.c and ulsch.c. */
#ifndef VITRAN_PHY_POLAR_ULSCH_SIZE_H
#define VITRAN_PHY_POLAR_ULSCH_SIZE_H

#include "lib/phy/polar/ulsch.h"

bool ulsch_has_dmrs(const ulsch_cfg_t *cfg, unsigned symbol);
/* The first symbol behind the first DM-RS symbols at or behind `from`. */
unsigned ulsch_after_dmrs(const ulsch_cfg_t *cfg, unsigned from);
/* Sum of M_sc^UCI(l), l from `from` to before `end`. */
uint32_t ulsch_uci_res(const ulsch_cfg_t *cfg, unsigned from, unsigned end);

/* Q'_ACK for that many bits. */
uint32_t ulsch_ack_size(const ulsch_cfg_t *cfg, unsigned o_ack);
/* Q'_CSI-1; ack: Q'_ACK, or for up to 2 bits what is reserved. */
uint32_t ulsch_csi1_size(const ulsch_cfg_t *cfg, uint32_t ack);
/* Q'_CSI-2; ack: Q'_ACK, 0 for up to 2 bits. */
uint32_t ulsch_csi2_size(const ulsch_cfg_t *cfg, uint32_t ack, uint32_t csi1);

#endif
