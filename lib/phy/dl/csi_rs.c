/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/dl/csi_rs.h"

#include <math.h>
#include <string.h>

#include "lib/phy/signal/gold.h"

/* Table 7.4.1.5.3-1, by row. A CDM group j sits at (k_i, l): for each time in order, each of n_k places in
 * frequency in order. */
static const struct {
    uint8_t ports;
    csi_rs_cdm_t cdm;
    uint8_t n_k;      /* k_0.. from the bitmap */
    uint8_t n_repeat; /* row 1: k0, k0 + 4, k0 + 8 for the same port; row 4: k0, k0 + 2 for two groups */
    uint8_t n_t;      /* times: l0, l0 + 1, then l1, l1 + 1 where `step` is 1; else l0, l1 */
    uint8_t step;
    bool half; /* density 0.5 is allowed beside 1 */
} rows[19] = {[1] = {1, CSI_RS_NO_CDM, 1, 3, 1, 0, false},   [2] = {1, CSI_RS_NO_CDM, 1, 1, 1, 0, true},
              [3] = {2, CSI_RS_FD_CDM2, 1, 1, 1, 0, true},   [4] = {4, CSI_RS_FD_CDM2, 1, 2, 1, 0, false},
              [5] = {4, CSI_RS_FD_CDM2, 1, 1, 2, 1, false},  [6] = {8, CSI_RS_FD_CDM2, 4, 1, 1, 0, false},
              [7] = {8, CSI_RS_FD_CDM2, 2, 1, 2, 1, false},  [8] = {8, CSI_RS_CDM4, 2, 1, 1, 0, false},
              [9] = {12, CSI_RS_FD_CDM2, 6, 1, 1, 0, false}, [10] = {12, CSI_RS_CDM4, 3, 1, 1, 0, false},
              [11] = {16, CSI_RS_FD_CDM2, 4, 1, 2, 1, true}, [12] = {16, CSI_RS_CDM4, 4, 1, 1, 0, true},
              [13] = {24, CSI_RS_FD_CDM2, 3, 1, 4, 1, true}, [14] = {24, CSI_RS_CDM4, 3, 1, 2, 0, true},
              [15] = {24, CSI_RS_CDM8, 3, 1, 1, 0, true},    [16] = {32, CSI_RS_FD_CDM2, 4, 1, 4, 1, true},
              [17] = {32, CSI_RS_CDM4, 4, 1, 2, 0, true},    [18] = {32, CSI_RS_CDM8, 4, 1, 1, 0, true}};

/* Tables 7.4.1.5.3-2 to -5: w_t of sequence s, bit l' set where it is -1; w_f(1) is -1 for odd s. */
static const uint8_t cdm4_w_t[4] = {0, 0, 2, 2};
static const uint8_t cdm8_w_t[8] = {0, 0, 10, 10, 12, 12, 6, 6};

static int check(const csi_rs_cfg_t *c, unsigned grid_antennas, phy_refusal_t *why)
{
    if (c->slot > 159)
        return phy_refuse(why, "slot", c->slot, "0..159");
    if (c->carrier_size < 1 || c->carrier_size > PHY_MAX_PRB)
        return phy_refuse(why, "carrier_size", c->carrier_size, "1..275");
    if (c->start_rb < c->carrier_start || c->start_rb >= c->carrier_start + c->carrier_size)
        return phy_refuse(why, "start_rb", c->start_rb, "a CRB of the carrier");
    if (c->n_rbs < 1 || c->start_rb + c->n_rbs > c->carrier_start + c->carrier_size)
        return phy_refuse(why, "n_rbs", c->n_rbs, "1 up to the carrier's end");
    if (c->row < 1 || c->row > 18)
        return phy_refuse(why, "row", c->row, "1..18");
    if (c->cdm != rows[c->row].cdm)
        return phy_refuse(why, "cdm", c->cdm, "what the row has");
    bool half = c->density == CSI_RS_DENSITY_HALF_EVEN || c->density == CSI_RS_DENSITY_HALF_ODD;
    if (c->row == 1 ? c->density != CSI_RS_DENSITY_3
                    : c->density != CSI_RS_DENSITY_1 && !(half && rows[c->row].half))
        return phy_refuse(why, "density", c->density, "what the row has");
    unsigned bits = c->row == 1 ? 4 : c->row == 2 ? 12 : c->row == 4 ? 3 : 6;
    if (c->freq_domain >> bits || __builtin_popcount(c->freq_domain) != rows[c->row].n_k)
        return phy_refuse(why, "freq_domain", c->freq_domain, "as many bits as the row has k_i");
    unsigned length = c->cdm == CSI_RS_CDM8 ? 4 : c->cdm == CSI_RS_CDM4 ? 2 : 1 + rows[c->row].step;
    if (c->symbol_l0 + length > PHY_SYMBOLS)
        return phy_refuse(why, "symbol_l0", c->symbol_l0, "symbols of the slot");
    bool second = rows[c->row].n_t == 4 || (rows[c->row].n_t == 2 && !rows[c->row].step);
    if (second && (c->symbol_l1 < 2 || c->symbol_l1 > 12 || c->symbol_l1 + length > PHY_SYMBOLS ||
                   c->symbol_l1 < c->symbol_l0 + length))
        return phy_refuse(why, "symbol_l1", c->symbol_l1, "2..12, behind the first symbols");
    if (c->n_id > 1023)
        return phy_refuse(why, "n_id", c->n_id, "0..1023");
    if (!(c->power_db >= -30 && c->power_db <= 15))
        return phy_refuse(why, "power_db", 0, "-30..15");
    if (!c->zero_power && c->first_antenna + rows[c->row].ports > grid_antennas)
        return phy_refuse(why, "first_antenna", c->first_antenna, "antennas for all ports");
    return 0;
}

int csi_rs_plan(const csi_rs_cfg_t *c, unsigned grid_antennas, csi_rs_plan_t *p, phy_refusal_t *why)
{
    int r = check(c, grid_antennas, why);
    if (r)
        return r;
    /* k_{i-1} of the i-th bit set, lowest first */
    unsigned scale = c->row <= 2 ? 1 : c->row == 4 ? 4 : 2, k[6] = {0}, n = 0;
    for (unsigned bits = c->freq_domain; bits; bits &= bits - 1)
        k[n++] = scale * (unsigned)__builtin_ctz(bits);
    *p = (csi_rs_plan_t){.n_ports = rows[c->row].ports, .cfg = *c};
    p->n_k = c->cdm == CSI_RS_NO_CDM ? 1 : 2;
    p->n_l = c->cdm == CSI_RS_CDM8 ? 4 : c->cdm == CSI_RS_CDM4 ? 2 : 1;
    p->group_size = (uint8_t)(p->n_k * p->n_l);
    for (unsigned t = 0; t < rows[c->row].n_t; t++) {
        unsigned l = rows[c->row].step ? (t < 2 ? c->symbol_l0 : c->symbol_l1) + t % 2
                                       : (t == 0 ? c->symbol_l0 : c->symbol_l1);
        for (unsigned i = 0; i < n; i++)
            for (unsigned j = 0; j < rows[c->row].n_repeat; j++) {
                p->group[p->n_groups].k = (uint8_t)(k[i] + (c->row == 1 ? 4 : 2) * j);
                p->group[p->n_groups++].l = (uint8_t)l;
            }
    }
    return 0;
}

/* Whether CSI-RS has REs in this CRB: every one, or the even or odd ones. */
static bool in_rb(const csi_rs_cfg_t *c, unsigned crb)
{
    return c->density == CSI_RS_DENSITY_HALF_EVEN  ? crb % 2 == 0
           : c->density == CSI_RS_DENSITY_HALF_ODD ? crb % 2
                                                   : true;
}

void csi_rs_run(const phy_t *phy, const csi_rs_plan_t *p, const phy_grid_t *grid)
{
    const csi_rs_cfg_t *c = &p->cfg;
    if (c->zero_power)
        return;
    /* alpha of 7.4.1.5.3, doubled: values of r(m) for two RBs */
    bool half = c->density == CSI_RS_DENSITY_HALF_EVEN || c->density == CSI_RS_DENSITY_HALF_ODD;
    unsigned alpha2 = c->density == CSI_RS_DENSITY_3 ? 6 : (p->n_ports == 1 ? 1 : 2) * (half ? 1 : 2);
    float amplitude = PHY_UNIT * powf(10.0f, c->power_db / 20.0f);
    unsigned first = c->start_rb * alpha2 / 2, end = (c->start_rb + c->n_rbs - 1u) * alpha2 / 2 + 3;
    ci16_t r[PHY_MAX_PRB * 3 + 3];
    uint64_t id = c->n_id;
    for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
        bool made = false;
        for (unsigned g = 0; g < p->n_groups; g++) {
            if (l < p->group[g].l || l >= (unsigned)p->group[g].l + p->n_l)
                continue;
            if (!made) {
                gold_t gold;
                gold_init(
                    phy, &gold,
                    (uint32_t)((((PHY_SYMBOLS * c->slot + l + 1) * (2 * id + 1) << 10) + id) & 0x7fffffff),
                    2 * first);
                gold_qpsk_ci16(&gold, amplitude, end - first, r);
                made = true;
            }
            unsigned l_prime = l - p->group[g].l, j = c->row == 1 ? 0 : g;
            for (unsigned s = 0; s < p->group_size; s++) {
                unsigned w_t = p->n_l == 4 ? cdm8_w_t[s] : p->n_l == 2 ? cdm4_w_t[s] : 0;
                ci16_t *symbol = phy_grid_symbol(grid, c->first_antenna + j * p->group_size + s, l);
                for (unsigned crb = c->start_rb; crb < (unsigned)c->start_rb + c->n_rbs; crb++)
                    for (unsigned k_prime = 0; in_rb(c, crb) && k_prime < p->n_k; k_prime++) {
                        unsigned m = crb * alpha2 / 2 + k_prime + (c->row == 1 ? p->group[g].k / 4u : 0);
                        bool minus = (w_t >> l_prime & 1) != (k_prime & s & 1);
                        ci16_t x = r[m - first];
                        if (minus)
                            x = (ci16_t){(int16_t)-x.re, (int16_t)-x.im};
                        symbol[12 * (crb - c->carrier_start) + p->group[g].k + k_prime] = x;
                    }
            }
        }
    }
}

unsigned csi_rs_reserve(const csi_rs_plan_t *p, pdsch_reserved_t ret[16])
{
    const csi_rs_cfg_t *c = &p->cfg;
    uint64_t prb[PDSCH_PRB_WORDS] = {0};
    for (unsigned crb = c->start_rb; crb < (unsigned)c->start_rb + c->n_rbs; crb++)
        if (in_rb(c, crb)) {
            unsigned i = crb - c->carrier_start;
            prb[i / 64] |= UINT64_C(1) << (i % 64);
        }
    unsigned n = 0;
    for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
        uint16_t re = 0;
        for (unsigned g = 0; g < p->n_groups; g++)
            if (l >= p->group[g].l && l < (unsigned)p->group[g].l + p->n_l)
                re |= (uint16_t)(((1u << p->n_k) - 1) << p->group[g].k);
        unsigned same = 0;
        while (same < n && ret[same].re != re)
            same++;
        if (!re)
            continue;
        if (same == n) {
            ret[n] = (pdsch_reserved_t){.re = re};
            memcpy(ret[n++].prb, prb, sizeof prb);
        }
        ret[same].symbols |= (uint16_t)(1u << l);
    }
    return n;
}
