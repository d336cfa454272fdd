/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of TS 38.211 that the models share. Constants. */
#ifndef VITRAN_TESTS_MODELS_TABLES_H
#define VITRAN_TESTS_MODELS_TABLES_H

#include <stdint.h>

/* phi(n) of tables 5.2.2.2-1 to -4, [u][n]. */
extern const int8_t model_phi_6[30][6], model_phi_12[30][12], model_phi_18[30][18], model_phi_24[30][24];
/* Sequence number u by logical index, tables 6.3.3.1-3 and -4. */
extern const uint16_t model_roots_839[838], model_roots_139[138];
/* m_SRS,b and N_b, table 6.4.1.4.3-1: [C_SRS][b][0 m_SRS, 1 N]. */
extern const uint16_t model_srs_bandwidth[64][4][2];

#endif
