/* SPDX-License-Identifier: Apache-2.0 */
/* Models of PUCCH formats 2, 3 and 4, both ways: TS 38.211 6.3.2.5, 6.3.2.6, 6.4.1.3.2, 6.4.1.3.3 and 38.212
 * 6.3.1 (one part, one block). The receiver estimates the channel by linear MMSE, knows noise and how long
 * the channel is, and decodes up to 11 bits by trying all words, more with polar_list.h. Pure functions. */
#ifndef VITRAN_TESTS_MODELS_PUCCH_CODED_H
#define VITRAN_TESTS_MODELS_PUCCH_CODED_H

#include "tests/models/signals.h"

typedef struct {
    unsigned format; /* 2, 3, 4 */
    unsigned slot, n_grid_prb, grid_crb, prb, second_prb, n_prb, start_symbol, n_symbols;
    bool hopping;
    unsigned group_hopping; /* 0 neither, 1 enable, 2 disable */
    unsigned hopping_id, n_id, n_id0, rnti;
    bool additional_dmrs, pi2_bpsk;
    unsigned n_sf, occ; /* format 4 */
    unsigned n_bits;    /* of UCI, 3 to 300 */
} model_pucch_t;

/* Coded bits. */
unsigned model_pucch_e(const model_pucch_t *c);
/* Adds it to antenna 0 of the grid. bits: one a byte. */
void model_pucch_transmit(const model_pucch_t *c, const uint8_t *bits, cplx_t *grid);
/* Bits, one a byte; whether the CRC holds (true without one). received [n_rx][14][12 n_grid_prb]; noise:
 * variance per RE; gain: mean |h|^2. */
bool model_pucch_receive(const model_pucch_t *c, const cplx_t *received, unsigned n_rx, double scs_hz,
                         double from_s, double to_s, double noise, double gain, uint8_t *bits);

#endif
