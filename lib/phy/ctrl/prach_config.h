/* SPDX-License-Identifier: Apache-2.0 */
/* Random access configurations: TS 38.211 tables 6.3.3.2-2, -3 and -4, all 3 x 256 rows. Facts only;
 * stateless, any thread. */
#ifndef VITRAN_PHY_CTRL_PRACH_CONFIG_H
#define VITRAN_PHY_CTRL_PRACH_CONFIG_H

#include "lib/phy/ctrl/prach.h"

typedef enum { PRACH_FR1_PAIRED, PRACH_FR1_UNPAIRED, PRACH_FR2_UNPAIRED } prach_config_table_t;

typedef struct {
    uint8_t format;       /* preamble_format_t */
    uint8_t last_format;  /* of the last occasion in a slot: differs from format in mixed rows (A1/B1) only */
    uint8_t x, y[2];      /* n_f mod x = y[0] or y[1]; one value: twice the same */
    uint64_t slots;       /* bit i: subframe i of the frame (FR1), or 60 kHz slot i (FR2) */
    uint8_t start_symbol; /* first symbol of the first occasion */
    uint8_t n_slots;      /* PRACH slots in a subframe (FR1) or 60 kHz slot (FR2); long formats: 0 */
    uint8_t n_occasions;  /* in time, in one PRACH slot; long formats: 0 */
    uint8_t n_symbols;    /* duration of one; long formats: 0 */
} prach_config_row_t;

/* false: the row is reserved. */
bool prach_config_row(prach_config_table_t table, uint8_t index, prach_config_row_t *ret);

#endif
