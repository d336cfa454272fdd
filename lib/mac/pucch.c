/* SPDX-License-Identifier: Apache-2.0 */
/* TS 38.213 9.2.1. */
#include "lib/mac/pucch.h"

bool pucch_common_get(uint8_t index, uint8_t r, uint16_t bwp_n_prb, pucch_common_t *ret)
{
    /* Table 9.2.1-1: format, first symbol, symbols, PRB offset, number of initial cyclic shifts (multiples of
     * 12 / n, except row 0: 0 and 3). The offset of row 15 is a quarter of the BWP. */
    static const uint8_t t[16][5] = {{0, 12, 2, 0, 2}, {0, 12, 2, 0, 3}, {0, 12, 2, 3, 3}, {1, 10, 4, 0, 2},
                                     {1, 10, 4, 0, 4}, {1, 10, 4, 2, 4}, {1, 10, 4, 4, 4}, {1, 4, 10, 0, 2},
                                     {1, 4, 10, 0, 4}, {1, 4, 10, 2, 4}, {1, 4, 10, 4, 4}, {1, 0, 14, 0, 2},
                                     {1, 0, 14, 0, 4}, {1, 0, 14, 2, 4}, {1, 0, 14, 4, 4}, {1, 0, 14, 0, 4}};
    if (index > 15 || r > 15)
        return false;
    const uint8_t *row = t[index];
    uint16_t offset = index == 15 ? bwp_n_prb / 4 : row[3];
    uint8_t n_cs = row[4], in_half = r & 7;
    uint16_t edge = (uint16_t)(offset + in_half / n_cs);
    if (edge >= bwp_n_prb)
        return false;
    uint16_t mirror = (uint16_t)(bwp_n_prb - 1 - edge);
    uint8_t cs = (uint8_t)(in_half % n_cs * (index == 0 ? 3 : 12 / n_cs));
    *ret = (pucch_common_t){row[0], row[1], row[2], cs, r < 8 ? edge : mirror, r < 8 ? mirror : edge};
    return true;
}
