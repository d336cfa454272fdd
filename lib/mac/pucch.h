/* SPDX-License-Identifier: Apache-2.0 */
/* PUCCH resources before dedicated configuration: TS 38.213 9.2.1. Stateless, [any] thread. */
#ifndef VITRAN_MAC_PUCCH_H
#define VITRAN_MAC_PUCCH_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint8_t format; /* 0 or 1 */
    uint8_t start_symbol;
    uint8_t n_symbols;
    uint8_t cyclic_shift;   /* initial cyclic shift index, 0..11 */
    uint16_t prb_first_hop; /* in the initial UL BWP */
    uint16_t prb_second_hop;
} pucch_common_t;

/* r_PUCCH 0..15 = floor(2 first_cce / n_cce) + 2 pri; 9.2.1. pri: PUCCH resource indicator, 0..7. */
static inline uint8_t pucch_common_r(uint16_t first_cce, uint16_t n_cce, uint8_t pri)
{
    return (uint8_t)(2 * first_cce / n_cce + 2 * pri);
}

/* Resource r (0..15) of pucch-ResourceCommon `index` (0..15): table 9.2.1-1. bwp_n_prb: initial UL BWP. */
bool pucch_common_get(uint8_t index, uint8_t r, uint16_t bwp_n_prb, pucch_common_t *ret);

#endif
