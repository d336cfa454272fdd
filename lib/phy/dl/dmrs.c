/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/dl/dmrs.h"

#include <math.h>

#include "lib/phy/signal/gold.h"

/* Positions behind the front-loaded symbol(s): bit l is l-bar = l, bit 0 is l0 itself. 0: not allowed.
 * [duration l_d - 1][additional position 0..3] */
#define L(a, b, c) (1u | (a ? 1u << a : 0) | (b ? 1u << b : 0) | (c ? 1u << c : 0))
#define ONE L(0, 0, 0)
#define X4(a)                                                                                                \
    {                                                                                                        \
        a, a, a, a                                                                                           \
    }
static const uint16_t pdsch_a[14][4] = {
    /* table 7.4.1.1.2-3, mapping type A */
    [2] = X4(ONE),
    [3] = X4(ONE),
    [4] = X4(ONE),
    [5] = X4(ONE),
    [6] = X4(ONE),
    [7] = {ONE, L(7, 0, 0), L(7, 0, 0), L(7, 0, 0)},
    [8] = {ONE, L(7, 0, 0), L(7, 0, 0), L(7, 0, 0)},
    [9] = {ONE, L(9, 0, 0), L(6, 9, 0), L(6, 9, 0)},
    [10] = {ONE, L(9, 0, 0), L(6, 9, 0), L(6, 9, 0)},
    [11] = {ONE, L(9, 0, 0), L(6, 9, 0), L(5, 8, 11)},
    [12] = {ONE, L(11, 0, 0), L(7, 11, 0), L(5, 8, 11)},
    [13] = {ONE, L(11, 0, 0), L(7, 11, 0), L(5, 8, 11)}};
static const uint16_t pdsch_b[14][4] = {
    /* mapping type B */
    [1] = X4(ONE),
    [2] = X4(ONE),
    [3] = X4(ONE),
    [4] = {ONE, L(4, 0, 0), L(4, 0, 0), L(4, 0, 0)},
    [5] = {ONE, L(4, 0, 0), L(4, 0, 0), L(4, 0, 0)},
    [6] = {ONE, L(4, 0, 0), L(4, 0, 0), L(4, 0, 0)},
    [7] = {ONE, L(6, 0, 0), L(3, 6, 0), L(3, 6, 0)},
    [8] = {ONE, L(7, 0, 0), L(4, 7, 0), L(4, 7, 0)},
    [9] = {ONE, L(7, 0, 0), L(4, 7, 0), L(4, 7, 0)},
    [10] = {ONE, L(8, 0, 0), L(4, 8, 0), L(3, 6, 9)},
    [11] = {ONE, L(9, 0, 0), L(5, 9, 0), L(3, 6, 9)},
    [12] = {ONE, L(9, 0, 0), L(5, 9, 0), L(3, 6, 9)}};
static const uint16_t pdsch_a_double[14][2] = {
    /* table 7.4.1.1.2-4 */
    [3] = {ONE, ONE},         [4] = {ONE, ONE},          [5] = {ONE, ONE},         [6] = {ONE, ONE},
    [7] = {ONE, ONE},         [8] = {ONE, ONE},          [9] = {ONE, L(8, 0, 0)},  [10] = {ONE, L(8, 0, 0)},
    [11] = {ONE, L(8, 0, 0)}, [12] = {ONE, L(10, 0, 0)}, [13] = {ONE, L(10, 0, 0)}};
static const uint16_t pdsch_b_double[14][2] = {
    [4] = {ONE, ONE},         [5] = {ONE, ONE},         [6] = {ONE, ONE},
    [7] = {ONE, L(5, 0, 0)},  [8] = {ONE, L(5, 0, 0)},  [9] = {ONE, L(7, 0, 0)},
    [10] = {ONE, L(7, 0, 0)}, [11] = {ONE, L(8, 0, 0)}, [12] = {ONE, L(8, 0, 0)}};
static const uint16_t pusch_a[14][4] = {
    /* table 6.4.1.1.3-3 */
    [3] = X4(ONE),
    [4] = X4(ONE),
    [5] = X4(ONE),
    [6] = X4(ONE),
    [7] = {ONE, L(7, 0, 0), L(7, 0, 0), L(7, 0, 0)},
    [8] = {ONE, L(7, 0, 0), L(7, 0, 0), L(7, 0, 0)},
    [9] = {ONE, L(9, 0, 0), L(6, 9, 0), L(6, 9, 0)},
    [10] = {ONE, L(9, 0, 0), L(6, 9, 0), L(6, 9, 0)},
    [11] = {ONE, L(9, 0, 0), L(6, 9, 0), L(5, 8, 11)},
    [12] = {ONE, L(11, 0, 0), L(7, 11, 0), L(5, 8, 11)},
    [13] = {ONE, L(11, 0, 0), L(7, 11, 0), L(5, 8, 11)}};
static const uint16_t pusch_b[14][4] = {[0] = X4(ONE),
                                        [1] = X4(ONE),
                                        [2] = X4(ONE),
                                        [3] = X4(ONE),
                                        [4] = {ONE, L(4, 0, 0), L(4, 0, 0), L(4, 0, 0)},
                                        [5] = {ONE, L(4, 0, 0), L(4, 0, 0), L(4, 0, 0)},
                                        [6] = {ONE, L(4, 0, 0), L(4, 0, 0), L(4, 0, 0)},
                                        [7] = {ONE, L(6, 0, 0), L(3, 6, 0), L(3, 6, 0)},
                                        [8] = {ONE, L(6, 0, 0), L(3, 6, 0), L(3, 6, 0)},
                                        [9] = {ONE, L(8, 0, 0), L(4, 8, 0), L(3, 6, 9)},
                                        [10] = {ONE, L(8, 0, 0), L(4, 8, 0), L(3, 6, 9)},
                                        [11] = {ONE, L(10, 0, 0), L(5, 10, 0), L(3, 6, 9)},
                                        [12] = {ONE, L(10, 0, 0), L(5, 10, 0), L(3, 6, 9)},
                                        [13] = {ONE, L(10, 0, 0), L(5, 10, 0), L(3, 6, 9)}};
static const uint16_t pusch_b_double[14][2] = {
    /* table 6.4.1.1.3-4; its mapping type A is that of PDSCH */
    [4] = {ONE, ONE},         [5] = {ONE, ONE},        [6] = {ONE, ONE},         [7] = {ONE, L(5, 0, 0)},
    [8] = {ONE, L(5, 0, 0)},  [9] = {ONE, L(7, 0, 0)}, [10] = {ONE, L(7, 0, 0)}, [11] = {ONE, L(9, 0, 0)},
    [12] = {ONE, L(9, 0, 0)}, [13] = {ONE, L(9, 0, 0)}};
#undef X4
#undef ONE
#undef L

static int check_time(const dmrs_time_cfg_t *c, phy_refusal_t *why)
{
    if (c->mapping != DMRS_MAPPING_A && c->mapping != DMRS_MAPPING_B)
        return phy_refuse(why, "mapping", c->mapping, "A or B");
    if (c->type_a_position != 2 && c->type_a_position != 3)
        return phy_refuse(why, "type_a_position", c->type_a_position, "2 or 3");
    if (c->length != 1 && c->length != 2)
        return phy_refuse(why, "length", c->length, "1 or 2");
    if (c->additional_position > (c->length == 1 ? 3 : 1))
        return phy_refuse(why, "additional_position", c->additional_position,
                          c->length == 1 ? "0..3" : "0..1");
    if (c->start_symbol > 13)
        return phy_refuse(why, "start_symbol", c->start_symbol, "0..13");
    if (c->n_symbols < 1 || c->start_symbol + c->n_symbols > PHY_SYMBOLS)
        return phy_refuse(why, "n_symbols", c->n_symbols, "1..14 within the slot");
    return 0;
}

/* Mask in the slot from a table's row: bit 0 stands for l0, the others count from `origin`. */
static uint16_t place(uint16_t row, unsigned origin, unsigned l0, unsigned length)
{
    uint32_t mask = (uint32_t)(row & ~1u) << origin | 1u << (origin + l0);
    if (length == 2)
        mask |= mask << 1;
    return (uint16_t)mask;
}

/* Rules of mapping type A for both directions: the first DMRS symbol lies in the transmission, pos3 only with
 * pos2, and short durations only with pos2 (7.4.1.1.2, 6.4.1.1.3). */
static int check_type_a(const dmrs_time_cfg_t *c, unsigned l_d, phy_refusal_t *why)
{
    if (c->additional_position == 3 && c->type_a_position == 3)
        return phy_refuse(why, "additional_position", 3, "0..2 with dmrs-TypeA-Position pos3");
    if (l_d < c->type_a_position + (unsigned)c->length)
        return phy_refuse(why, "n_symbols", c->n_symbols, "long enough to reach the first DMRS symbol");
    if (l_d <= 4 && c->type_a_position == 3)
        return phy_refuse(why, "n_symbols", c->n_symbols, "5 or more with dmrs-TypeA-Position pos3");
    return 0;
}

int dmrs_symbols_pdsch(const dmrs_time_cfg_t *c, uint16_t *ret_mask, phy_refusal_t *why)
{
    int r = check_time(c, why);
    if (r)
        return r;
    bool a = c->mapping == DMRS_MAPPING_A;
    /* l_d: from the slot's start (type A) or the duration (type B) */
    unsigned l_d = a ? c->start_symbol + (unsigned)c->n_symbols : c->n_symbols;
    if (a && c->start_symbol > c->type_a_position)
        return phy_refuse(why, "start_symbol", c->start_symbol, "at most dmrs-TypeA-Position");
    if (a && c->n_symbols < 3)
        return phy_refuse(why, "n_symbols", c->n_symbols, "3..14 (mapping type A)");
    if (a && (r = check_type_a(c, l_d, why)))
        return r;
    unsigned i = l_d - 1, p = c->additional_position;
    uint16_t row = c->length == 1 ? (a ? pdsch_a[i][p] : pdsch_b[i][p])
                                  : (a ? pdsch_a_double[i][p] : pdsch_b_double[i][p]);
    if (!row)
        return phy_refuse(why, "n_symbols", c->n_symbols, "a duration of tables 7.4.1.1.2-3, -4");
    *ret_mask = a ? place(row, 0, c->type_a_position, c->length) : place(row, c->start_symbol, 0, c->length);
    return 0;
}

int dmrs_symbols_pusch(const dmrs_time_cfg_t *c, uint16_t *ret_mask, phy_refusal_t *why)
{
    int r = check_time(c, why);
    if (r)
        return r;
    bool a = c->mapping == DMRS_MAPPING_A;
    if (a && c->start_symbol != 0)
        return phy_refuse(why, "start_symbol", c->start_symbol, "0 (mapping type A)");
    unsigned l_d = c->n_symbols;
    if (a && (r = check_type_a(c, l_d, why)))
        return r;
    unsigned i = l_d - 1, p = c->additional_position;
    uint16_t row = c->length == 1 ? (a ? pusch_a[i][p] : pusch_b[i][p])
                                  : (a ? pdsch_a_double[i][p] : pusch_b_double[i][p]);
    if (!row)
        return phy_refuse(why, "n_symbols", c->n_symbols, "a duration of tables 6.4.1.1.3-3, -4");
    *ret_mask = a ? place(row, 0, c->type_a_position, c->length) : place(row, c->start_symbol, 0, c->length);
    return 0;
}

int dmrs_symbols_pusch_hopping(const dmrs_time_cfg_t *c, uint16_t ret_mask[2], phy_refusal_t *why)
{
    int r = check_time(c, why);
    if (r)
        return r;
    if (c->length != 1)
        return phy_refuse(why, "length", c->length, "1 with intra-slot frequency hopping");
    if (c->additional_position > 1)
        return phy_refuse(why, "additional_position", c->additional_position,
                          "0..1 with intra-slot frequency hopping");
    bool a = c->mapping == DMRS_MAPPING_A;
    if (a && c->start_symbol != 0)
        return phy_refuse(why, "start_symbol", c->start_symbol, "0 (mapping type A)");
    unsigned duration[2] = {c->n_symbols / 2u, c->n_symbols - c->n_symbols / 2u};
    if (duration[0] < (a ? 4u : 1u))
        return phy_refuse(why, "n_symbols", c->n_symbols, "two hops with a row of table 6.4.1.1.3-6");
    /* Second symbol of a hop with pos1: type A's first hop has room for it only where l0 = 2 and 7 symbols.
     */
    unsigned l0 = a ? c->type_a_position : 0;
    unsigned second[2] = {a ? (duration[0] >= 7 && l0 == 2 ? 6u : 0u) : (duration[0] >= 5 ? 4u : 0u),
                          duration[1] >= 5 ? 4u : 0u};
    unsigned start = c->start_symbol;
    for (unsigned hop = 0; hop < 2; hop++) {
        uint32_t mask = 1u << (start + (hop ? 0 : l0));
        if (c->additional_position == 1 && second[hop])
            mask |= 1u << (start + second[hop]);
        ret_mask[hop] = (uint16_t)mask;
        start += duration[hop];
    }
    return 0;
}

int dmrs_port(unsigned type, unsigned length, unsigned port, dmrs_port_t *ret, phy_refusal_t *why)
{
    if (type != 1 && type != 2)
        return phy_refuse(why, "type", type, "1 or 2");
    if (length != 1 && length != 2)
        return phy_refuse(why, "length", length, "1 or 2");
    unsigned single = type == 1 ? 4 : 6; /* ports of one symbol; as many again with the other w_t */
    if (port >= single * length)
        return phy_refuse(why, "port", port, type == 1 ? "0..3, 0..7 (double)" : "0..5, 0..11 (double)");
    unsigned p = port % single;
    int8_t f = p & 1 ? -1 : 1, t = port >= single ? -1 : 1;
    *ret = (dmrs_port_t){.cdm_group = (uint8_t)(p / 2),
                         .delta = (uint8_t)(type == 1 ? p / 2 : p / 2 * 2),
                         .w_f = {1, f},
                         .w_t = {1, t}};
    return 0;
}

uint16_t dmrs_group_re_mask(unsigned type, unsigned group)
{
    return type == 1 ? (uint16_t)(0x555u << group) : (uint16_t)(0x0c3u << (2 * group));
}

uint16_t dmrs_re_mask(unsigned type, unsigned n_groups)
{
    uint16_t mask = 0;
    for (unsigned g = 0; g < n_groups; g++)
        mask |= dmrs_group_re_mask(type, g);
    return mask;
}

uint32_t dmrs_c_init(unsigned slot, unsigned symbol, const uint16_t n_id[2], unsigned n_scid)
{
    uint64_t n = n_id[n_scid];
    return (uint32_t)((((uint64_t)(PHY_SYMBOLS * slot + symbol + 1) * (2 * n + 1) << 17) + 2 * n + n_scid) &
                      0x7fffffff);
}

uint32_t dmrs_c_init_r16(unsigned slot, unsigned symbol, const uint16_t n_id[2], unsigned n_scid,
                         unsigned cdm_group)
{
    unsigned bar = cdm_group == 1 ? 1 - n_scid : n_scid;
    uint64_t n = n_id[bar];
    return (uint32_t)((((uint64_t)(PHY_SYMBOLS * slot + symbol + 1) * (2 * n + 1) << 17) +
                       ((uint64_t)(cdm_group / 2) << 17) + 2 * n + bar) &
                      0x7fffffff);
}

void dmrs_sequence_cf(const phy_t *phy, uint32_t c_init, unsigned type, unsigned first_prb, unsigned n_prb,
                      float amplitude, cf_t *ret)
{
    gold_t g;
    gold_init(phy, &g, c_init, 2 * dmrs_per_prb(type) * first_prb);
    gold_qpsk_cf(&g, amplitude, (size_t)n_prb * dmrs_per_prb(type), ret);
}

void dmrs_sequence_ci16(const phy_t *phy, uint32_t c_init, unsigned type, unsigned first_prb, unsigned n_prb,
                        float amplitude, ci16_t *ret)
{
    gold_t g;
    gold_init(phy, &g, c_init, 2 * dmrs_per_prb(type) * first_prb);
    gold_qpsk_ci16(&g, amplitude * PHY_UNIT, (size_t)n_prb * dmrs_per_prb(type), ret);
}

void dmrs_sequence_bits(const phy_t *phy, uint32_t c_init, unsigned type, unsigned first_prb, unsigned n_prb,
                        uint8_t *ret)
{
    gold_t g;
    gold_init(phy, &g, c_init, 2 * dmrs_per_prb(type) * first_prb);
    gold_bits(&g, (size_t)n_prb * 2 * dmrs_per_prb(type), ret);
}

float dmrs_beta(unsigned n_cdm_groups_without_data)
{
    static const float beta[3] = {1, 1.412538f, 1.731804f}; /* 10^(0, 3, 4.77 dB / 20) */
    return beta[n_cdm_groups_without_data - 1];
}
