/* SPDX-License-Identifier: Apache-2.0 */
/* Internal to modulation*.c. */
#ifndef VITRAN_PHY_SIGNAL_MODULATION_OPS_H
#define VITRAN_PHY_SIGNAL_MODULATION_OPS_H

#include "lib/phy/signal/modulation.h"

/* The levels of I and Q of one call, by the bits of I (b0, b2, b4 ..) or Q (b1, b3, b5 ..) read as a number,
 * the first bit the highest; repeated to 32 entries, so that bits above the lowest qm / 2 do not matter. */
typedef struct {
    _Alignas(64) int16_t level16[32];
    _Alignas(64) float level[32];
} modulation_levels_t;

typedef struct {
    /* Symbols of qm 2, 4, 6, 8 or 10, as many of the n as suit the kernel: returns how many, a multiple of 8.
     * Reads whole bytes of those symbols only. */
    size_t (*map_ci16)(unsigned qm, const uint8_t *bits, size_t n, const modulation_levels_t *l, ci16_t *out);
    size_t (*map_cf)(unsigned qm, const uint8_t *bits, size_t n, const modulation_levels_t *l, cf_t *out);
} modulation_ops_t;

struct modulation_tables {
    const modulation_ops_t *ops; /* NULL: none */
    int8_t points[MODULATION_MAX_QM / 2 + 1][1 << MODULATION_MAX_QM]
                 [2]; /* v of I and Q by qm / 2 and symbol */
};

/* v of a PAM of `width` bits: level 2 v + 1 of TS 38.211 5.1.3 to 5.1.7. */
int modulation_pam(unsigned width, unsigned bits);

extern const modulation_ops_t modulation_ops_avx2;
extern const modulation_ops_t modulation_ops_avx512;

#endif
