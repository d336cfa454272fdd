/* SPDX-License-Identifier: Apache-2.0 */
/* Channel estimation from pilots on every fourth subcarrier of one layer: PDCCH's and PBCH's DMRS in the UE.
 * PRBs are compact (what is estimated, without gaps), cut into blocks whose precoder and channel are
 * continuous. Pure functions on the caller's memory. Internal to lib/phy/dl. */
#ifndef VITRAN_PHY_DL_COMB4_H
#define VITRAN_PHY_DL_COMB4_H

#include "lib/phy/phy.h"

#define COMB4_MAX_PRB 270   /* a CORESET of 45 groups whose DMRS a DCI shares */
#define COMB4_MAX_SYMBOLS 3 /* that see the same channel */
#define COMB4_MAX_BLOCKS COMB4_MAX_PRB

typedef struct {
    /* in */
    uint8_t n_rx, n_symbols;
    uint8_t delta; /* pilots are subcarriers delta, delta + 4, delta + 8 of each PRB: 0..3 */
    uint16_t n_prb;
    uint16_t n_blocks;
    uint16_t block[COMB4_MAX_BLOCKS];                             /* PRBs of each block */
    cf_t ls[PHY_MAX_PORTS][COMB4_MAX_SYMBOLS][3 * COMB4_MAX_PRB]; /* received over sent */
    /* out */
    cf_t h[PHY_MAX_PORTS][12 * COMB4_MAX_PRB]; /* of all subcarriers */
    float noise[PHY_MAX_PORTS];                /* variance on one RE; above 0 */
    float rsrp;                                /* mean |h|^2 of an antenna */
    float error;                               /* variance of an estimate over the noise's */
    float slope; /* phase from one subcarrier to the next, rad: -2 pi x delay x spacing */
} comb4_t;

void comb4_run(comb4_t *c);

#endif
