/* SPDX-License-Identifier: Apache-2.0 */
/* Model of an SRS receiver: all ports' channels at once, by least squares over every RE that was sounded in a
 * symbol. Pure functions. */
#ifndef VITRAN_TESTS_MODELS_SRS_RX_H
#define VITRAN_TESTS_MODELS_SRS_RX_H

#include "tests/models/signals.h"

/* received [n_rx][14][12 n_grid_prb]; channels may last from 0 to to_s. h [n_rx][n_ports][12 n_grid_prb] of
 * symbol l' (of the resource), 0 where it does not sound. noise: variance per RE, gain: mean |h|^2. */
void model_srs_receive(const model_srs_t *c, unsigned l_prime, const cplx_t *received, unsigned n_rx,
                       double scs_hz, double to_s, double noise, double gain, cplx_t *h);

#endif
