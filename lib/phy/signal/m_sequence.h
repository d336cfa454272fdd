/* SPDX-License-Identifier: Apache-2.0 */
/* The synchronisation signals' m-sequences: d_PSS of TS 38.211 7.4.2.2 and d_SSS of 7.4.2.3, as +1 and -1. */
#ifndef VITRAN_PHY_SIGNAL_M_SEQUENCE_H
#define VITRAN_PHY_SIGNAL_M_SEQUENCE_H

#include <stdint.h>

#define SS_LENGTH 127

/* n_id_2: 0..2; the cell's identity is 3 * n_id_1 + n_id_2. */
void pss_sequence(unsigned n_id_2, int8_t out[SS_LENGTH]);
/* n_id_1: 0..335. */
void sss_sequence(unsigned n_id_1, unsigned n_id_2, int8_t out[SS_LENGTH]);

#endif
