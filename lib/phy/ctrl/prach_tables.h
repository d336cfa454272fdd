/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers behind prach.h; internal to this folder and its tests. */
#ifndef VITRAN_PHY_CTRL_PRACH_TABLES_H
#define VITRAN_PHY_CTRL_PRACH_TABLES_H

#include "lib/phy/ctrl/prach.h"

#define PRACH_NO_N_CS 0xffff

typedef struct {
    uint16_t l_ra;
    uint8_t n_repetitions;
    uint16_t cp_kappa; /* N_CP^RA / kappa, of mu 0 for the short formats */
} prach_format_t;

/* NULL behind the last one. */
const prach_format_t *prach_format(unsigned format);
/* N_CS, or PRACH_NO_N_CS where the table has none. restricted_set 0..2, zone 0..15. */
uint16_t prach_n_cs(uint32_t scs_hz, unsigned restricted_set, unsigned zone);
/* d_u of 6.3.3.1. */
uint16_t prach_d_u(uint16_t l_ra, uint16_t u);
/* How many cyclic shifts a root has, and the v-th of them. n_cs > 0. */
unsigned prach_n_shifts(unsigned restricted_set, unsigned l_ra, unsigned d_u, unsigned n_cs);
unsigned prach_shift(unsigned restricted_set, unsigned l_ra, unsigned d_u, unsigned n_cs, unsigned v);

#endif
