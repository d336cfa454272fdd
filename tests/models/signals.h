/* SPDX-License-Identifier: Apache-2.0 */
/* Models of signals that carry no coded data: CSI-RS, PUCCH format 1, PRACH preambles, SRS. As sequences.h
 * and shared.h say. Pure functions. */
#ifndef VITRAN_TESTS_MODELS_SIGNALS_H
#define VITRAN_TESTS_MODELS_SIGNALS_H

#include "tests/models/shared.h"

/* NZP CSI-RS, 7.4.1.5. */
typedef struct {
    unsigned slot, n_grid_prb, grid_crb;
    unsigned row; /* 1..18 of table 7.4.1.5.3-1 */
    unsigned freq_domain, l0, l1;
    unsigned start_crb, n_rbs;
    unsigned density_x2; /* 1: 0.5, 2: 1, 6: 3 */
    bool odd_prbs;       /* density 0.5 */
    unsigned n_id;
} model_csi_rs_t;
unsigned model_csi_rs_ports(unsigned row);
/* Adds all ports, port i on antenna i. */
void model_csi_rs(const model_csi_rs_t *c, cplx_t *grid);

/* PUCCH format 1, 6.3.2.4 and 6.4.1.3.1. */
typedef struct {
    unsigned slot, n_grid_prb, prb, second_prb, start_symbol, n_symbols, n_id, m0, occ;
    bool hopping;           /* intra-slot */
    unsigned group_hopping; /* 0 neither, 1 enable, 2 disable */
    unsigned n_bits;        /* 0 (scheduling request: b(0) = 0), 1, 2 */
    uint8_t bits[2];
} model_pucch1_t;
void model_pucch1(const model_pucch1_t *c, cplx_t *grid);

/* PRACH, 6.3.3.1. Set: 0 unrestricted, 1 type A. 64 preambles as root u and cyclic shift; their number (fewer
 * when a restricted set runs out of roots). */
unsigned model_prach_preambles(unsigned l_ra, unsigned logical_root, unsigned n_cs, unsigned set,
                               unsigned ret_u[64], unsigned ret_c_v[64]);
/* N_CS: tables 6.3.3.1-5, -6, -7. scs_hz 1250, 5000, or more for short ones. 0 with *ret_ok false: reserved.
 */
unsigned model_prach_n_cs(unsigned scs_hz, unsigned set, unsigned zone, bool *ret_ok);
/* y_u,v(n) as the standard has it: of magnitude sqrt(l_ra). */
void model_prach_y(unsigned l_ra, unsigned u, unsigned c_v, cplx_t *ret);
/* d_u */
unsigned model_prach_d_u(unsigned l_ra, unsigned u);

/* SRS, 6.4.1.4. */
typedef struct {
    unsigned mu, sfn, slot, n_grid_prb, bwp_start, grid_crb, n_ports, n_symbols, repetition, start_symbol;
    unsigned c_srs, b_srs, b_hop, n_rrc, n_shift, comb, comb_offset, cyclic_shift;
    unsigned group_hopping; /* 0 neither, 1 group, 2 sequence */
    unsigned sequence_id;
    bool aperiodic;
    unsigned t_srs, t_offset;
} model_srs_t;
/* All ports at unit amplitude, port i on antenna i. */
void model_srs(const model_srs_t *c, cplx_t *grid);

#endif
