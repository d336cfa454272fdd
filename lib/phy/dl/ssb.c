/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/dl/ssb.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "lib/phy/dl/dl_ops.h"
#include "lib/phy/polar/pbch_code.h"
#include "lib/phy/signal/gold.h"
#include "lib/phy/signal/m_sequence.h"
#include "lib/phy/signal/modulation.h"

#define SYNC_FIRST_SC 56 /* PSS and SSS: subcarriers 56..182 */

int ssb_candidate_symbol(ssb_case_t ssb_case, unsigned l_max, unsigned index, unsigned *ret_symbol)
{
    static const uint8_t case_d[4] = {4, 8, 16, 20}, case_e[8] = {8, 12, 16, 20, 32, 36, 40, 44};
    static const uint8_t skipped[16] = {0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13, 15, 16, 17, 18};
    bool fr2 = ssb_case == SSB_CASE_D || ssb_case == SSB_CASE_E;
    if ((unsigned)ssb_case > SSB_CASE_E || (fr2 ? l_max != 64 : l_max != 4 && l_max != 8) || index >= l_max)
        return -EINVAL;
    switch (ssb_case) {
    case SSB_CASE_A:
    case SSB_CASE_C: /* {2, 8} + 14 n */
        *ret_symbol = (index % 2 ? 8 : 2) + 14 * (index / 2);
        break;
    case SSB_CASE_B: /* {4, 8, 16, 20} + 28 n */
        *ret_symbol = case_d[index % 4] + 28 * (index / 4);
        break;
    case SSB_CASE_D: /* the same, n leaves out 4, 9, 14 */
        *ret_symbol = case_d[index % 4] + 28u * skipped[index / 4];
        break;
    case SSB_CASE_E: /* {8, 12, ..., 44} + 56 n, n leaves out 4 */
        *ret_symbol = case_e[index % 8] + 56u * skipped[index / 8];
        break;
    }
    return 0;
}

int ssb_first_subcarrier(bool fr2, unsigned mu, unsigned mu_common, unsigned carrier_start,
                         unsigned carrier_size, unsigned offset_to_point_a, unsigned k_ssb, unsigned *ret_sc,
                         phy_refusal_t *why)
{
    if (mu > 4)
        return phy_refuse(why, "mu", mu, "0..4");
    if (fr2 && mu_common > 3)
        return phy_refuse(why, "mu_common", mu_common, "2 or 3");
    if (offset_to_point_a > 2199)
        return phy_refuse(why, "offset_to_point_a", offset_to_point_a, "0..2199");
    if (k_ssb > (fr2 ? 11 : 23))
        return phy_refuse(why, "k_ssb", k_ssb, fr2 ? "0..11" : "0..23");
    /* All in subcarriers of 15 kHz above point A; TS 38.211 7.4.3.1. */
    unsigned first = offset_to_point_a * 12 * (fr2 ? 4 : 1) + (fr2 ? k_ssb << mu_common : k_ssb);
    unsigned carrier = carrier_start * 12 << mu;
    if (first < carrier)
        return phy_refuse(why, "offset_to_point_a", offset_to_point_a, "inside the carrier");
    if ((first - carrier) % (1u << mu))
        return phy_refuse(why, "k_ssb", k_ssb, "on the carrier's subcarriers");
    unsigned sc = (first - carrier) >> mu;
    if (sc + SSB_SC > carrier_size * 12)
        return phy_refuse(why, "offset_to_point_a", offset_to_point_a, "inside the carrier");
    *ret_sc = sc;
    return 0;
}

static pbch_payload_t payload_of(const ssb_cfg_t *c)
{
    return (pbch_payload_t){.cell_id = c->phys_cell_id,
                            .l_max = c->l_max,
                            .ssb_index = c->index,
                            .sfn = c->sfn,
                            .half_frame = c->half_frame,
                            .k_ssb = c->k_ssb,
                            .mib = {(uint8_t)(c->mib >> 16), (uint8_t)(c->mib >> 8), (uint8_t)c->mib}};
}

int ssb_check(const ssb_cfg_t *c, unsigned n_sc, unsigned n_antennas, phy_refusal_t *why)
{
    if (c->phys_cell_id > 1007)
        return phy_refuse(why, "phys_cell_id", c->phys_cell_id, "0..1007");
    if (c->l_max != 4 && c->l_max != 8 && c->l_max != 64)
        return phy_refuse(why, "l_max", c->l_max, "4, 8 or 64");
    if (c->index >= c->l_max)
        return phy_refuse(why, "index", c->index, "below l_max");
    if (c->half_frame > 1)
        return phy_refuse(why, "half_frame", c->half_frame, "0 or 1");
    if (c->sfn > 1023)
        return phy_refuse(why, "sfn", c->sfn, "0..1023");
    if (c->k_ssb > 31)
        return phy_refuse(why, "k_ssb", c->k_ssb, "0..31");
    if (c->mib >> 24)
        return phy_refuse(why, "mib", c->mib, "24 bits");
    if ((unsigned)c->first_sc + SSB_SC > n_sc)
        return phy_refuse(why, "first_sc", c->first_sc, "240 subcarriers of the grid");
    if (c->first_symbol + SSB_SYMBOLS > PHY_SYMBOLS)
        return phy_refuse(why, "first_symbol", c->first_symbol, "0..10");
    if (!(c->power_db >= -30 && c->power_db <= 15))
        return phy_refuse(why, "power_db", 0, "-30..15");
    if (!(c->beta_pss_db >= 0 && c->beta_pss_db <= 3))
        return phy_refuse(why, "beta_pss_db", 0, "0..3");
    if (n_antennas < 1 || (c->precoding && (c->precoding->n_layers != 1 || c->precoding->n_ports < 1 ||
                                            c->precoding->n_ports > n_antennas)))
        return phy_refuse(why, "precoding", n_antennas, "one layer, ports that the grid has");
    return 0;
}

/* The block index's bits that DMRS and scrambling carry: 2 of l_max 4, otherwise 3. */
static unsigned low_index(unsigned index, unsigned l_max)
{
    return index & (l_max == 4 ? 3 : 7);
}

void ssb_pbch_symbols(const phy_t *phy, const uint8_t bits[108], unsigned phys_cell_id, unsigned index,
                      unsigned l_max, float amplitude, ci16_t ret[432])
{
    uint8_t scrambled[SSB_PBCH_BITS / 8];
    gold_t g;
    memcpy(scrambled, bits, sizeof scrambled);
    gold_init(phy, &g, phys_cell_id, low_index(index, l_max) * SSB_PBCH_BITS);
    gold_xor(&g, scrambled, SSB_PBCH_BITS);
    modulate(phy, 2, scrambled, SSB_PBCH_BITS / 2, amplitude, ret);
}

void ssb_pbch_dmrs(const phy_t *phy, unsigned phys_cell_id, unsigned index, unsigned l_max,
                   unsigned half_frame, float amplitude, ci16_t ret[144])
{
    unsigned i = low_index(index, l_max) + (l_max == 4 ? 4 * half_frame : 0);
    gold_t g;
    gold_init(phy, &g, ((i + 1) * (phys_cell_id / 4 + 1) << 11) + ((i + 1) << 6) + phys_cell_id % 4, 0);
    gold_qpsk_ci16(&g, amplitude, 144, ret);
}

void ssb_dmrs_re(unsigned phys_cell_id, unsigned i, unsigned *ret_symbol, unsigned *ret_sc)
{
    unsigned v = phys_cell_id % 4;
    *ret_symbol = i < 60 ? 1 : i < 84 ? 2 : 3;
    *ret_sc = v + 4 * (i < 60 ? i : i < 72 ? i - 60 : i < 84 ? i - 72 + 48 : i - 84);
}

void ssb_pbch_re(unsigned phys_cell_id, unsigned i, unsigned *ret_symbol, unsigned *ret_sc)
{
    /* three of four subcarriers; the DMRS's is left out */
    unsigned v = phys_cell_id % 4, j = i < 180 ? i : i < 252 ? i - 180 : i - 252;
    unsigned sc = j / 3 * 4 + j % 3 + (j % 3 >= v ? 1u : 0u);
    *ret_symbol = i < 180 ? 1 : i < 252 ? 2 : 3;
    *ret_sc = *ret_symbol == 2 && sc >= 48 ? sc + 144 : sc;
}

void ssb_run(const phy_t *phy, const ssb_cfg_t *c, const phy_grid_t *grid)
{
    ci16_t block[SSB_SYMBOLS][SSB_SC + PHY_PAD_SC] = {{{0}}};
    float amplitude = PHY_UNIT * powf(10.0f, c->power_db / 20.0f);
    int16_t sss = (int16_t)lrintf(amplitude);
    int16_t pss = (int16_t)lrintf(amplitude * powf(10.0f, c->beta_pss_db / 20.0f));
    int8_t d_pss[SS_LENGTH], d_sss[SS_LENGTH];
    pss_sequence(c->phys_cell_id % 3, d_pss);
    sss_sequence(c->phys_cell_id / 3, c->phys_cell_id % 3, d_sss);
    for (unsigned i = 0; i < SS_LENGTH; i++) {
        block[0][SYNC_FIRST_SC + i].re = (int16_t)(d_pss[i] * pss);
        block[2][SYNC_FIRST_SC + i].re = (int16_t)(d_sss[i] * sss);
    }
    uint8_t bits[PBCH_E_BYTES];
    ci16_t pbch[SSB_PBCH_BITS / 2], dmrs[144];
    pbch_payload_t payload = payload_of(c);
    pbch_encode(phy, &payload, bits);
    ssb_pbch_symbols(phy, bits, c->phys_cell_id, c->index, c->l_max, amplitude, pbch);
    ssb_pbch_dmrs(phy, c->phys_cell_id, c->index, c->l_max, c->half_frame, amplitude, dmrs);
    unsigned symbol, sc;
    for (unsigned i = 0; i < SSB_PBCH_BITS / 2; i++) {
        ssb_pbch_re(c->phys_cell_id, i, &symbol, &sc);
        block[symbol][sc] = pbch[i];
    }
    for (unsigned i = 0; i < 144; i++) {
        ssb_dmrs_re(c->phys_cell_id, i, &symbol, &sc);
        block[symbol][sc] = dmrs[i];
    }
    precoding_t one;
    precoding_identity(1, 1, &one);
    const precoding_t *w = c->precoding ? c->precoding : &one;
    for (unsigned l = 0; l < SSB_SYMBOLS; l++) {
        const ci16_t *in = block[l];
        ci16_t *out[PHY_MAX_PORTS];
        for (unsigned a = 0; a < w->n_ports; a++)
            out[a] = phy_grid_symbol(grid, a, c->first_symbol + l) + c->first_sc;
        phy->dl->precode(w, &in, out, SSB_SC, false);
    }
}
