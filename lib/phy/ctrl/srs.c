/* SPDX-License-Identifier: Apache-2.0 */
/* SRS: where it lies and its sequence; the UE's transmitter. TS 38.211 6.4.1.4. */
#include "lib/phy/ctrl/srs.h"

#include "lib/phy/signal/low_papr.h"

#include <errno.h>
#include <math.h>

void srs_bandwidth(uint8_t c_srs, uint8_t b, uint16_t *ret_m_srs, uint8_t *ret_n)
{
    /* Table 6.4.1.4.3-1: m_SRS,b and N_b for b = 0..3. */
    /* clang-format off */
    static const uint16_t rows[64][8] = {
        {4, 1, 4, 1, 4, 1, 4, 1}, {8, 1, 4, 2, 4, 1, 4, 1}, {12, 1, 4, 3, 4, 1, 4, 1},
        {16, 1, 4, 4, 4, 1, 4, 1}, {16, 1, 8, 2, 4, 2, 4, 1}, {20, 1, 4, 5, 4, 1, 4, 1},
        {24, 1, 4, 6, 4, 1, 4, 1}, {24, 1, 12, 2, 4, 3, 4, 1}, {28, 1, 4, 7, 4, 1, 4, 1},
        {32, 1, 16, 2, 8, 2, 4, 2}, {36, 1, 12, 3, 4, 3, 4, 1}, {40, 1, 20, 2, 4, 5, 4, 1},
        {48, 1, 16, 3, 8, 2, 4, 2}, {48, 1, 24, 2, 12, 2, 4, 3}, {52, 1, 4, 13, 4, 1, 4, 1},
        {56, 1, 28, 2, 4, 7, 4, 1}, {60, 1, 20, 3, 4, 5, 4, 1}, {64, 1, 32, 2, 16, 2, 4, 4},
        {72, 1, 24, 3, 12, 2, 4, 3}, {72, 1, 36, 2, 12, 3, 4, 3}, {76, 1, 4, 19, 4, 1, 4, 1},
        {80, 1, 40, 2, 20, 2, 4, 5}, {88, 1, 44, 2, 4, 11, 4, 1}, {96, 1, 32, 3, 16, 2, 4, 4},
        {96, 1, 48, 2, 24, 2, 4, 6}, {104, 1, 52, 2, 4, 13, 4, 1}, {112, 1, 56, 2, 28, 2, 4, 7},
        {120, 1, 60, 2, 20, 3, 4, 5}, {120, 1, 40, 3, 8, 5, 4, 2}, {120, 1, 24, 5, 12, 2, 4, 3},
        {128, 1, 64, 2, 32, 2, 4, 8}, {128, 1, 64, 2, 16, 4, 4, 4}, {128, 1, 16, 8, 8, 2, 4, 2},
        {132, 1, 44, 3, 4, 11, 4, 1}, {136, 1, 68, 2, 4, 17, 4, 1}, {144, 1, 72, 2, 36, 2, 4, 9},
        {144, 1, 48, 3, 24, 2, 12, 2}, {144, 1, 48, 3, 16, 3, 4, 4}, {144, 1, 16, 9, 8, 2, 4, 2},
        {152, 1, 76, 2, 4, 19, 4, 1}, {160, 1, 80, 2, 40, 2, 4, 10}, {160, 1, 80, 2, 20, 4, 4, 5},
        {160, 1, 32, 5, 16, 2, 4, 4}, {168, 1, 84, 2, 28, 3, 4, 7}, {176, 1, 88, 2, 44, 2, 4, 11},
        {184, 1, 92, 2, 4, 23, 4, 1}, {192, 1, 96, 2, 48, 2, 4, 12}, {192, 1, 96, 2, 24, 4, 4, 6},
        {192, 1, 64, 3, 16, 4, 4, 4}, {192, 1, 24, 8, 8, 3, 4, 2}, {208, 1, 104, 2, 52, 2, 4, 13},
        {216, 1, 108, 2, 36, 3, 4, 9}, {224, 1, 112, 2, 56, 2, 4, 14}, {240, 1, 120, 2, 60, 2, 4, 15},
        {240, 1, 80, 3, 20, 4, 4, 5}, {240, 1, 48, 5, 16, 3, 8, 2}, {240, 1, 24, 10, 12, 2, 4, 3},
        {256, 1, 128, 2, 64, 2, 4, 16}, {256, 1, 128, 2, 32, 4, 4, 8}, {256, 1, 16, 16, 8, 2, 4, 2},
        {264, 1, 132, 2, 44, 3, 4, 11}, {272, 1, 136, 2, 68, 2, 4, 17}, {272, 1, 68, 4, 4, 17, 4, 1},
        {272, 1, 16, 17, 8, 2, 4, 2},
    };
    /* clang-format on */
    *ret_m_srs = rows[c_srs][2 * b];
    *ret_n = (uint8_t)rows[c_srs][2 * b + 1];
}

static uint8_t cs_max(uint8_t comb)
{
    return comb == 2 ? 8 : comb == 4 ? 12 : 6;
}

static int check(const srs_cfg_t *c, phy_refusal_t *why)
{
    if (c->mu > 3)
        return phy_refuse(why, "mu", c->mu, "0..3");
    if (c->slot >= 10u << c->mu)
        return phy_refuse(why, "slot", c->slot, "below 10 x 2^mu");
    if (c->sfn > 1023)
        return phy_refuse(why, "sfn", c->sfn, "0..1023");
    if (c->n_grid_prb < 4 || c->n_grid_prb > PHY_MAX_PRB)
        return phy_refuse(why, "n_grid_prb", c->n_grid_prb, "4..275");
    if (c->bwp_start >= c->n_grid_prb)
        return phy_refuse(why, "bwp_start", c->bwp_start, "a PRB of the grid");
    if (c->grid_crb > 2199)
        return phy_refuse(why, "grid_crb", c->grid_crb, "0..2199");
    if (c->n_ports != 1 && c->n_ports != 2 && c->n_ports != 4)
        return phy_refuse(why, "n_ports", c->n_ports, "1, 2, 4");
    if (c->n_symbols != 1 && (c->n_symbols % 2 || c->n_symbols == 6 || c->n_symbols > 14 || !c->n_symbols))
        return phy_refuse(why, "n_symbols", c->n_symbols, "1, 2, 4, 8, 10, 12, 14");
    if (c->start_symbol + c->n_symbols > PHY_SYMBOLS)
        return phy_refuse(why, "start_symbol", c->start_symbol, "so that the last symbol is in the slot");
    if (c->repetition < 1 || c->repetition > c->n_symbols || c->n_symbols % c->repetition)
        return phy_refuse(why, "repetition", c->repetition, "a divisor of n_symbols");
    if (c->c_srs > 63)
        return phy_refuse(why, "c_srs", c->c_srs, "0..63");
    if (c->b_srs > 3)
        return phy_refuse(why, "b_srs", c->b_srs, "0..3");
    if (c->b_hop > 3)
        return phy_refuse(why, "b_hop", c->b_hop, "0..3");
    if (c->n_rrc > 67)
        return phy_refuse(why, "n_rrc", c->n_rrc, "0..67");
    if (c->n_shift > 268)
        return phy_refuse(why, "n_shift", c->n_shift, "0..268");
    if (c->comb != 2 && c->comb != 4 && c->comb != 8)
        return phy_refuse(why, "comb", c->comb, "2, 4, 8");
    if (c->comb_offset >= c->comb)
        return phy_refuse(why, "comb_offset", c->comb_offset, "below comb");
    if (c->cyclic_shift >= cs_max(c->comb))
        return phy_refuse(why, "cyclic_shift", c->cyclic_shift, "0..7, 0..11, 0..5 for comb 2, 4, 8");
    if (c->group_hopping > SRS_HOP_SEQUENCE)
        return phy_refuse(why, "group_hopping", c->group_hopping, "0..2");
    if (c->sequence_id > 1023)
        return phy_refuse(why, "sequence_id", c->sequence_id, "0..1023");
    if (c->resource_type > SRS_PERIODIC)
        return phy_refuse(why, "resource_type", c->resource_type, "0..2");
    if (c->resource_type != SRS_APERIODIC) {
        if (c->t_srs < 1 || c->t_srs > 2560)
            return phy_refuse(why, "t_srs", c->t_srs, "1..2560");
        if (c->t_offset >= c->t_srs)
            return phy_refuse(why, "t_offset", c->t_offset, "below t_srs");
    }
    if (c->n_rx > SRS_MAX_RX)
        return phy_refuse(why, "n_rx", c->n_rx, "0..8");
    if (c->n_rx && c->prg_size != 1 && c->prg_size != 2 && c->prg_size != 4 && c->prg_size != 8 &&
        c->prg_size != 16)
        return phy_refuse(why, "prg_size", c->prg_size, "1, 2, 4, 8, 16");
    return 0;
}

/* F_b(n_SRS) of 6.4.1.4.3. */
static unsigned hop(const srs_cfg_t *c, unsigned b, unsigned n_srs)
{
    unsigned before = 1, n_b = 1; /* product of N_b' from b_hop to b - 1, where N_b_hop counts as 1; N_b */
    for (unsigned i = c->b_hop + 1u; i <= b; i++) {
        uint16_t m;
        uint8_t n;
        srs_bandwidth(c->c_srs, (uint8_t)i, &m, &n);
        if (i < b)
            before *= n;
        n_b = n;
    }
    if (n_b % 2)
        return n_b / 2 * (n_srs / before);
    unsigned in = n_srs % (before * n_b);
    return n_b / 2 * (in / before) + in / (2 * before);
}

/* First subcarrier, counted from the reference point, of a symbol with hop counter n_srs. */
static unsigned first_subcarrier(const srs_cfg_t *c, unsigned n_srs, unsigned k_tc)
{
    unsigned k = 12u * c->n_shift + k_tc;
    for (unsigned b = 0; b <= c->b_srs; b++) {
        uint16_t m;
        uint8_t n;
        srs_bandwidth(c->c_srs, (uint8_t)b, &m, &n);
        unsigned n_b = 4u * c->n_rrc / m;
        if (c->b_hop < c->b_srs && b > c->b_hop)
            n_b += hop(c, b, n_srs);
        k += 12u * m * (n_b % n);
    }
    return k;
}

int srs_plan(const phy_t *phy, const srs_cfg_t *cfg, srs_plan_t *ret, phy_refusal_t *why)
{
    int err = check(cfg, why);
    if (err)
        return err;
    srs_plan_t p = {.cfg = *cfg, .cs_max = cs_max(cfg->comb)};
    uint8_t n;
    srs_bandwidth(cfg->c_srs, cfg->b_srs, &p.m_srs, &n);
    p.m_sc = (uint16_t)(12u * p.m_srs / cfg->comb);
    if (cfg->n_rx)
        p.n_prg = (uint16_t)((cfg->n_grid_prb + cfg->prg_size - 1u) / cfg->prg_size);
    /* Reference point: subcarrier 0 of CRB 0 when the BWP begins at or below n_shift, else the BWP's first.
     */
    int reference = (unsigned)cfg->grid_crb + cfg->bwp_start <= cfg->n_shift ? -12 * (int)cfg->grid_crb
                                                                             : 12 * (int)cfg->bwp_start;
    uint32_t slots = 0;
    if (cfg->resource_type != SRS_APERIODIC) {
        uint32_t now = (10u << cfg->mu) * cfg->sfn + cfg->slot, all = 10240u << cfg->mu;
        now = (now + all - cfg->t_offset) % all;
        if (now % cfg->t_srs)
            return phy_refuse(why, "slot", cfg->slot, "one of t_srs and t_offset");
        slots = now / cfg->t_srs;
    }
    for (unsigned port = 0; port < cfg->n_ports; port++) {
        /* Four ports on few cyclic shifts: the odd ones go to another comb. */
        bool pairs = cfg->n_ports == 4 && p.cs_max == 6;
        unsigned step = pairs ? p.cs_max / 2u * (port / 2) : p.cs_max * port / cfg->n_ports;
        p.cs[port] = (uint8_t)((cfg->cyclic_shift + step) % p.cs_max);
    }
    for (unsigned l = 0; l < cfg->n_symbols; l++) {
        unsigned u, v, n_srs = slots * (cfg->n_symbols / cfg->repetition) + l / cfg->repetition;
        low_papr_hop_srs(phy, (low_papr_hop_t)cfg->group_hopping, cfg->sequence_id, cfg->slot,
                         cfg->start_symbol + l, p.m_sc, &u, &v);
        p.u[l] = (uint16_t)u;
        p.v[l] = (uint16_t)v;
        for (unsigned port = 0; port < cfg->n_ports; port++) {
            bool other =
                cfg->n_ports == 4 && port % 2 && (p.cs_max == 6 || cfg->cyclic_shift >= p.cs_max / 2);
            unsigned k_tc = (cfg->comb_offset + (other ? cfg->comb / 2u : 0)) % cfg->comb;
            int k = reference + (int)first_subcarrier(cfg, n_srs, k_tc);
            int last = k + (int)((p.m_sc - 1u) * cfg->comb);
            if (k < 0 || last >= 12 * (int)cfg->n_grid_prb)
                return phy_refuse(why, "n_shift", cfg->n_shift, "a place inside the grid");
            p.k0[l][port] = (uint16_t)k;
        }
    }
    *ret = p;
    return 0;
}

void srs_sequence(const phy_t *phy, const srs_plan_t *plan, unsigned port, unsigned symbol, cf_t *ret)
{
    (void)phy;
    low_papr_sequence(plan->u[symbol], plan->v[symbol], plan->m_sc, plan->cs[port], plan->cs_max, ret);
}

void srs_transmit(const phy_t *phy, const srs_plan_t *plan, float gain, const phy_grid_t *grid,
                  unsigned first_ant)
{
    cf_t r[PHY_MAX_SC / 2];
    float amplitude = PHY_UNIT * gain;
    for (unsigned l = 0; l < plan->cfg.n_symbols; l++)
        for (unsigned port = 0; port < plan->cfg.n_ports; port++) {
            srs_sequence(phy, plan, port, l, r);
            ci16_t *out =
                phy_grid_symbol(grid, first_ant + port, plan->cfg.start_symbol + l) + plan->k0[l][port];
            for (unsigned n = 0; n < plan->m_sc; n++)
                out[n * plan->cfg.comb] =
                    (ci16_t){(int16_t)lrintf(r[n].re * amplitude), (int16_t)lrintf(r[n].im * amplitude)};
        }
}

int srs_switch_port(uint8_t n_tx, uint8_t n_rx, uint8_t resource)
{
    if ((n_tx != 1 && n_tx != 2 && n_tx != 4) ||
        (n_rx != 1 && n_rx != 2 && n_rx != 4 && n_rx != 6 && n_rx != 8) || n_tx > n_rx || n_rx % n_tx ||
        resource >= n_rx / n_tx)
        return -EINVAL;
    return resource * n_tx;
}
