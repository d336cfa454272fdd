/* SPDX-License-Identifier: Apache-2.0 */
/* Models of PUCCH formats 0 and 1 at the receiver: every message that could have been sent is correlated with
 * what arrived, and the best one is compared with what it leaves unexplained. TS 38.211 6.3.2.3, 6.3.2.4,
 * 38.213 9.2.3 to 9.2.5. Pure functions. */
#ifndef VITRAN_TESTS_MODELS_PUCCH_DETECT_H
#define VITRAN_TESTS_MODELS_PUCCH_DETECT_H

#include "tests/models/signals.h"

/* Format 0, 6.3.2.3. */
typedef struct {
    unsigned slot, n_grid_prb, prb, second_prb, start_symbol, n_symbols, n_id, m0;
    bool hopping;           /* the second symbol on second_prb */
    unsigned group_hopping; /* 0 neither, 1 enable, 2 disable */
} model_pucch0_t;
/* m_cs of n_bits HARQ-ACK bits (0: scheduling request alone). */
unsigned model_pucch0_m_cs(unsigned n_bits, const uint8_t *bits, bool sr);
/* Adds it to antenna 0 of the grid. */
void model_pucch0(const model_pucch0_t *c, unsigned m_cs, cplx_t *grid);

typedef struct {
    unsigned best; /* the candidate that explains most */
    double ratio;  /* energy that it explains over the energy that it leaves */
    double power;  /* of the candidate's REs, mean over antennas; what was sent had 1 */
    double noise;  /* variance of what is left, per RE and antenna */
} model_detection_t;

/* received [n_rx][14][12 n_grid_prb]; candidates [n][14][12 n_grid_prb], zero where nothing is sent. A
 * channel is one unknown number for each antenna and each PRB that a candidate uses. */
model_detection_t model_detect(const cplx_t *received, unsigned n_rx, unsigned n_grid_prb,
                               const cplx_t *const *candidates, unsigned n);

#endif
