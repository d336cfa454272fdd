/* SPDX-License-Identifier: Apache-2.0 */
/* What the models of PDSCH and PUSCH share: DM-RS, PT-RS, data on what is left of the PRBs, precoding.
 * TS 38.211 6.3.1, 6.4.1.1, 6.4.1.2, 7.3.1, 7.4.1.1, 7.4.1.2. A grid is [antenna][14 symbols][subcarrier] of
 * unit-power symbols, zeros where nothing is. Pure functions. */
#ifndef VITRAN_TESTS_MODELS_SHARED_H
#define VITRAN_TESTS_MODELS_SHARED_H

#include "tests/models/sequences.h"

#define MODEL_SYMBOLS 14
#define MODEL_MAX_PRB 275
#define MODEL_MAX_LAYERS 4
#define MODEL_MAX_PORTS 8

typedef struct {
    unsigned slot, n_grid_prb, grid_crb; /* n_s,f; PRBs of the grid; CRB of its PRB 0 */
    uint32_t c_init;                     /* of the codeword's scrambling */
    unsigned qm, n_layers, n_ports;
    cplx_t w[MODEL_MAX_PORTS][MODEL_MAX_LAYERS]; /* precoder */
    bool hopping;                                /* a second half of the symbols on PRBs of their own */
    unsigned start_symbol, n_symbols;
    unsigned n_prb[2], prb[2][MODEL_MAX_PRB]; /* PRBs of the grid in the order of mapping, by hop */
    /* DM-RS */
    bool dmrs_symbol[MODEL_SYMBOLS];
    unsigned dmrs_type, dmrs_length, n_cdm_groups_without_data, dmrs_port[MODEL_MAX_LAYERS], dmrs_id, n_scid;
    /* PUSCH with transform precoding: its DM-RS is low-PAPR */
    bool transform_precoding, group_hopping, sequence_hopping;
    unsigned n_rs_id;
    /* PT-RS of one layer */
    bool ptrs;
    unsigned ptrs_layer, ptrs_l, ptrs_k, ptrs_offset, ptrs_rnti;
    double ptrs_amplitude;
} model_shared_t;

/* Bits of the codeword: 0, 1, or the placeholders -1 (x: 1 after scrambling) and -2 (y: the scrambled bit
 * before it). Their number is model_shared_bits. grid [size: n_ports * 14 * 12 n_grid_prb] is overwritten. */
size_t model_shared_bits(const model_shared_t *m);
void model_shared_transmit(const model_shared_t *m, const int8_t *codeword, cplx_t *grid);

/* For receivers. Data subcarriers of symbol l, in the order of mapping [size: 12 n_grid_prb]; their number.
 */
size_t model_shared_data(const model_shared_t *m, unsigned l, unsigned *ret);
/* DM-RS of a layer alone, as sent without a precoder: grid [14][12 n_grid_prb] is overwritten. */
void model_shared_dmrs(const model_shared_t *m, unsigned layer, cplx_t *grid);

/* PRB of VRB n with interleaving: 7.3.1.6, bundles of `bundle`, the set of `size` PRBs beginning at CRB
 * `start`. Fills ret[size]. */
void model_interleave_vrb(unsigned size, unsigned start, unsigned bundle, unsigned *ret);

#endif
