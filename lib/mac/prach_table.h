/* SPDX-License-Identifier: Apache-2.0 */
/* Random access configurations, whole tables: TS 38.211 6.3.3.2. Constants, [any] thread. access.h has the
 * rows that this MAC schedules by. */
#ifndef VITRAN_MAC_PRACH_TABLE_H
#define VITRAN_MAC_PRACH_TABLE_H

#include "lib/mac/access.h"

typedef enum { PRACH_FR1_PAIRED, PRACH_FR1_UNPAIRED, PRACH_FR2 } prach_table_t;

typedef struct {
    uint8_t format; /* as prach_config_t */
    uint8_t x;      /* SFN mod x is one of y */
    uint8_t n_y, y[2];
    uint64_t slots;       /* bit i: subframe i of the frame (FR1), slot i of 60 kHz (FR2) */
    uint8_t start_symbol; /* of the first occasion */
    uint8_t n_slots;      /* PRACH slots in a subframe, or in a slot of 60 kHz; 0 for long preambles */
    uint8_t n_occasions;  /* time-domain occasions in a PRACH slot; 1 for long preambles */
    uint8_t n_symbols;    /* duration of one occasion; 0 for long preambles */
} prach_row_t;

/* false: the row is reserved. */
bool prach_row(prach_table_t table, uint8_t index, prach_row_t *ret);

#endif
