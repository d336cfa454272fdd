/* SPDX-License-Identifier: Apache-2.0 */
/* Model of a PUSCH (or PDSCH) receiver up to LLRs, in double precision: the channel by linear MMSE from all
 * DM-RS of a hop, equalisation by MMSE with an explicit inverse, max-log LLRs by looking at every point of
 * the constellation. It is told the noise's variance and how long the channel is, and takes the channel as
 * constant in time. Pure functions. */
#ifndef VITRAN_TESTS_MODELS_PUSCH_RX_H
#define VITRAN_TESTS_MODELS_PUSCH_RX_H

#include "tests/models/shared.h"

typedef struct {
    unsigned n_rx;
    double scs_hz;
    double noise;        /* variance per RE and antenna */
    double gain;         /* mean |h|^2 that is expected */
    double from_s, to_s; /* delays that the channel may have */
} model_air_t;

/* received [n_rx][14][12 n_grid_prb]. llr [size: model_shared_bits()]: descrambled, natural, positive is 0.
 */
void model_shared_receive(const model_shared_t *m, const model_air_t *air, const cplx_t *received,
                          double *llr);

/* Max-log LLRs of one symbol (its i matters to pi/2-BPSK): llr [qm]. */
void model_max_log(unsigned qm, size_t i, cplx_t x, double noise, double *llr);
/* Solves a x = b for n right-hand sides, in place of b; a [n][n] is destroyed. */
void model_solve(cplx_t *a, cplx_t *b, unsigned n, unsigned n_b);

#endif
