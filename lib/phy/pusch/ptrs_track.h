/* SPDX-License-Identifier: Apache-2.0 */
/* The phase of a DFT-s-OFDM symbol from its PTRS samples: one of all groups, and how it moves from group to
 * group where that stands out from noise. Internal of the receiver. */
#ifndef VITRAN_PHY_PUSCH_PTRS_TRACK_H
#define VITRAN_PHY_PUSCH_PTRS_TRACK_H

#include "lib/phy/pusch/pusch.h"

typedef struct {
    cf_t common;    /* undoes the mean phase; 1 where nothing could be seen */
    float angle[8]; /* of each group behind that, radians */
    bool moves;     /* some angle is not 0 */
} ptrs_track_t;

/* sym [n_sc]: the symbol's samples behind the inverse DFT; sinr of each. */
void ptrs_track(const phy_t *phy, const pusch_plan_t *plan, const cf_t *sym, float sinr, ptrs_track_t *ret);
/* Takes it off every sample: angles on straight lines between the groups' middles, level outside of them. */
void ptrs_untrack(const pusch_plan_t *plan, const ptrs_track_t *track, cf_t *sym);

#endif
