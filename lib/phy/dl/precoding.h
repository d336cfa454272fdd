/* SPDX-License-Identifier: Apache-2.0 */
/* Precoding: matrices as the transmit kernels want them, the codebooks that matrices come from (PUSCH TPMI
 * tables of TS 38.211 6.3.1.5, type I single-panel codebook of TS 38.214 5.2.2.2.1) and choosing a TPMI for a
 * channel. Pure functions; any thread. Matrices are [port][layer]: w[port * n_layers + layer]. */
#ifndef VITRAN_PHY_DL_PRECODING_H
#define VITRAN_PHY_DL_PRECODING_H

#include "lib/phy/phy.h"

#define PRECODING_ONE 16384 /* 1.0 in a matrix's Q14 */

/* A matrix in Q14: y[port] = sum over layers of w[port][layer] * x[layer]. */
typedef struct {
    uint8_t n_ports, n_layers;
    bool identity; /* port p carries layer p as it is; ports from n_layers on carry nothing */
    _Alignas(16) ci16_t w[PHY_MAX_PORTS][PHY_MAX_LAYERS]; /* unused layers are 0 */
} precoding_t;

/* w [size: n_ports x n_layers], |re| and |im| below 2. -EINVAL names "n_ports", "n_layers" or "w" (NaN
 * included). A matrix that is the identity (to half an LSB) is marked so. */
int precoding_set(unsigned n_ports, unsigned n_layers, const cf_t *w, precoding_t *ret, phy_refusal_t *why);
/* Layers onto the ports of the same number: for a category B radio's unprecoded layers, and for tests. */
void precoding_identity(unsigned n_ports, unsigned n_layers, precoding_t *ret);

/* ---- PUSCH codebook ---- */

/* TPMIs of tables 6.3.1.5-1 to -7 for 1, 2 or 4 antenna ports; 0 where there is no table. */
unsigned precoding_pusch_n_tpmi(unsigned n_ports, unsigned n_layers, bool transform_precoding);
/* W of one TPMI, [port][layer]. -EINVAL names "n_ports", "n_layers" or "tpmi". */
int precoding_pusch(unsigned n_ports, unsigned n_layers, unsigned tpmi, bool transform_precoding, cf_t *ret_w,
                    phy_refusal_t *why);

/* codebookSubset of TS 38.331: which TPMIs a UE may be told (tables 7.3.1.1.2-2 to -5 of 38.212). */
typedef enum {
    PRECODING_NON_COHERENT,
    PRECODING_PARTIAL_AND_NON_COHERENT,
    PRECODING_FULLY_PARTIAL_AND_NON_COHERENT,
} precoding_subset_t;

typedef struct {
    uint8_t n_layers; /* 0: not possible */
    uint8_t tpmi;
    float sinr_db; /* average over layers (dB of the linear mean) after MMSE equalisation */
} precoding_choice_t;

/* The TPMI with the best average SINR after MMSE for each number of layers 1..min(n_rx, n_tx, 4).
 * h [rx][tx]; noise variance > 0. CP-OFDM. Fills ret[n_layers - 1], returns how many. 0 for other than 2 or 4
 * ports, for n_rx outside 1..8, for noise that is not a positive number. */
unsigned precoding_pusch_select(const cf_t *h, unsigned n_rx, unsigned n_tx, float noise,
                                precoding_subset_t subset, precoding_choice_t ret[PHY_MAX_LAYERS]);

/* ---- type I single-panel codebook, up to 8 CSI-RS ports ---- */

typedef struct {
    uint8_t n1, n2; /* N1, N2: 2 ports: 1, 1; 4: 2, 1; 8: 4, 1 or 2, 2 */
    uint8_t mode;   /* codebookMode 1, 2 */
} type1_codebook_t;

/* i1_1, i1_2, i1_3, i2 as reported (2 ports: i2 only, the codebook index of table 5.2.2.2.1-1). W is
 * [port][layer] with the codebook's power: sum of |w|^2 is 1. -EINVAL names what is out of range. */
int precoding_type1(const type1_codebook_t *codebook, unsigned n_layers, unsigned i1_1, unsigned i1_2,
                    unsigned i1_3, unsigned i2, cf_t *ret_w, phy_refusal_t *why);

#endif
