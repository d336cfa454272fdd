/* SPDX-License-Identifier: Apache-2.0 */
/* VRB-to-PRB mapping of a PDSCH, TS 38.211 7.3.1.6. Internal. */
#ifndef VITRAN_PHY_DL_VRB_H
#define VITRAN_PHY_DL_VRB_H

#include "lib/phy/dl/pdsch.h"

/* ret_prb[n]: PRB, in the BWP, of VRB n, for n below the value returned. cfg's fields are in range: the set
 * lies in the BWP. */
unsigned vrb_to_prb(const pdsch_cfg_t *cfg, uint16_t ret_prb[PHY_MAX_PRB]);

#endif
