/* SPDX-License-Identifier: Apache-2.0 */
/* Model of a PRACH receiver: every preamble at every delay is correlated with what arrived, subcarrier by
 * subcarrier. TS 38.211 6.3.3.1. Pure functions. */
#ifndef VITRAN_TESTS_MODELS_PRACH_RX_H
#define VITRAN_TESTS_MODELS_PRACH_RX_H

#include "tests/models/sequences.h"

typedef struct {
    unsigned preamble;
    double delay; /* in samples of the sequence: 1 / (l_ra x subcarrier spacing) */
    double share; /* of the received energy that it explains */
} model_prach_found_t;

/* received [n_rx][n_reps][l_ra], reference [n_preambles][l_ra]: y_u,v(n) of any magnitude. Delays from 0 to
 * `last` samples in steps of `step`. Repetitions are summed as they are, antennas by power. */
model_prach_found_t model_prach_receive(const cplx_t *received, unsigned n_rx, unsigned n_reps, unsigned l_ra,
                                        const cplx_t *reference, unsigned n_preambles, double last,
                                        double step);

#endif
