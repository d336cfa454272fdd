/* SPDX-License-Identifier: Apache-2.0 */
/* Internal to low_papr.c: tables of TS 38.211 5.2.2.2. */
#ifndef VITRAN_PHY_SIGNAL_LOW_PAPR_TABLES_H
#define VITRAN_PHY_SIGNAL_LOW_PAPR_TABLES_H

#include <stdint.h>

extern const int8_t low_papr_phi_6[30][6];
extern const int8_t low_papr_phi_12[30][12];
extern const int8_t low_papr_phi_18[30][18];
extern const int8_t low_papr_phi_24[30][24];

#endif
