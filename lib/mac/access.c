/* SPDX-License-Identifier: Apache-2.0 */
/* TS 38.213 4.1 and 13, 38.211 6.3.3.2. */
#include "lib/mac/access.h"

#include "lib/mac/prach_table.h"

#include <stddef.h>
#include <string.h>

uint16_t ssb_first_symbol(char c, uint8_t i)
{
    static const uint8_t b[4] = {4, 8, 16, 20};
    if (c == 'B')
        return (uint16_t)(b[i & 3] + 28 * (i / 4));
    return (uint16_t)((i & 1 ? 8 : 2) + 14 * (i / 2)); /* A and C */
}

bool coreset0_get(uint8_t mu, bool min_bw_40mhz, uint8_t index, coreset0_t *ret)
{
    /* symbols, PRBs, offset */
    static const coreset0_t t13_1[15] = {{2, 24, 0},  {2, 24, 2},  {2, 24, 4},  {3, 24, 0},  {3, 24, 2},
                                         {3, 24, 4},  {1, 48, 12}, {1, 48, 16}, {2, 48, 12}, {2, 48, 16},
                                         {3, 48, 12}, {3, 48, 16}, {1, 96, 38}, {2, 96, 38}, {3, 96, 38}};
    static const coreset0_t t13_4[16] = {
        {2, 24, 0}, {2, 24, 1}, {2, 24, 2},  {2, 24, 3},  {2, 24, 4},  {3, 24, 0},  {3, 24, 1},  {3, 24, 2},
        {3, 24, 3}, {3, 24, 4}, {1, 48, 12}, {1, 48, 14}, {1, 48, 16}, {2, 48, 12}, {2, 48, 14}, {2, 48, 16}};
    static const coreset0_t t13_6[10] = {{2, 24, 0},  {2, 24, 4}, {3, 24, 0},  {3, 24, 4}, {1, 48, 0},
                                         {1, 48, 28}, {2, 48, 0}, {2, 48, 28}, {3, 48, 0}, {3, 48, 28}};
    const coreset0_t *t = t13_1;
    size_t n = sizeof t13_1 / sizeof *t13_1;
    if (mu == 1 && !min_bw_40mhz) {
        t = t13_4;
        n = sizeof t13_4 / sizeof *t13_4;
    } else if (mu == 1) {
        t = t13_6;
        n = sizeof t13_6 / sizeof *t13_6;
    } else if (mu != 0 || min_bw_40mhz) {
        return false;
    }
    if (index >= n)
        return false;
    *ret = t[index];
    return true;
}

coreset_t coreset0_make(const coreset0_t *c0, uint16_t prb_start, uint16_t pci)
{
    return (coreset_t){.id = 0,
                       .n_symbols = c0->n_symbols,
                       .prb_start = prb_start,
                       .n_prb = c0->n_prb,
                       .interleaved = 1,
                       .reg_bundle = 6,
                       .interleaver_rows = 2,
                       .shift = pci};
}

/* Table 13-11: O x 1, sets per slot, M x 2, first symbol (of the only set). */
static const uint8_t ss0[16][4] = {{0, 1, 2, 0}, {0, 2, 1, 0}, {2, 1, 2, 0}, {2, 2, 1, 0},
                                   {5, 1, 2, 0}, {5, 2, 1, 0}, {7, 1, 2, 0}, {7, 2, 1, 0},
                                   {0, 1, 4, 0}, {5, 1, 4, 0}, {0, 1, 2, 1}, {0, 1, 2, 2},
                                   {2, 1, 2, 1}, {2, 1, 2, 2}, {5, 1, 2, 1}, {5, 1, 2, 2}};

bool search_space0_slot(uint8_t index, uint8_t mu, uint8_t ssb_index, uint16_t *ret_slot, bool *ret_odd_sfn)
{
    if (index > 15 || mu > 1)
        return false;
    uint32_t frame = 10u << mu;
    uint32_t n = ((uint32_t)ss0[index][0] << mu) + (uint32_t)ssb_index * ss0[index][2] / 2;
    *ret_slot = (uint16_t)(n % frame);
    *ret_odd_sfn = n / frame & 1;
    return true;
}

bool search_space0_monitored(uint8_t index, uint8_t mu, uint8_t ssb_index, uint8_t coreset0_n_symbols,
                             uint16_t sfn, uint16_t slot_in_frame, uint8_t *ret_first_symbol)
{
    uint16_t n0;
    bool odd;
    if (!search_space0_slot(index, mu, ssb_index, &n0, &odd))
        return false;
    /* Two slots in a row from n0 on (38.213 13); the second one may lie in the next frame. */
    uint32_t frame = 10u << mu;
    uint32_t first = (odd ? frame : 0) + n0, now = (sfn & 1 ? frame : 0) + slot_in_frame;
    uint32_t since = (now + 2 * frame - first) % (2 * frame);
    if (since > 1)
        return false;
    *ret_first_symbol =
        ss0[index][1] == 1 ? ss0[index][3] : (uint8_t)(ssb_index & 1 ? coreset0_n_symbols : 0);
    return true;
}

/* Rows of table 6.3.3.2-3 that were thought through here, most of them with subframes that a DDDSU pattern
 * can hold. */
static const uint8_t prach_tdd[] = {11,  17,  19,  20,  67,  68,  75,  78,  81,  93,  98,
                                    99,  112, 123, 124, 126, 134, 147, 152, 157, 159, 172,
                                    181, 202, 203, 218, 219, 233, 235, 249, 251};

bool prach_config_tdd(uint8_t index, prach_config_t *ret)
{
    prach_row_t row;
    if (!memchr(prach_tdd, index, sizeof prach_tdd) || !prach_row(PRACH_FR1_UNPAIRED, index, &row))
        return false;
    *ret = (prach_config_t){.format = row.format,
                            .x = row.x,
                            .y = row.y[0],
                            .subframes = (uint16_t)row.slots,
                            .start_symbol = row.start_symbol,
                            .n_slots = row.n_slots,
                            .n_occasions = row.n_occasions,
                            .n_symbols = row.n_symbols};
    return true;
}

bool prach_slot(const prach_config_t *c, uint8_t mu, uint16_t sfn, uint16_t slot_in_frame)
{
    uint16_t subframe = (uint16_t)(slot_in_frame >> mu);
    if (sfn % c->x != c->y || !(c->subframes >> subframe & 1))
        return false;
    if (c->format <= PRACH_3 || mu == 0) /* a long preamble begins with the subframe */
        return (slot_in_frame & ((1u << mu) - 1)) == 0;
    /* 38.211 5.3.2: at 30 kHz, with one PRACH slot in a subframe, it is the second one */
    return c->n_slots == 2 || (slot_in_frame & 1) == 1;
}
