/* SPDX-License-Identifier: Apache-2.0 */
/* TS 38.212 6.3.2.4.1: coded modulation symbols (REs of a layer) of HARQ-ACK, CSI part 1 and CSI part 2. All
 * in whole numbers. */
#include "lib/phy/polar/ulsch_size.h"

uint32_t ulsch_beta_ack(unsigned index)
{
    static const uint32_t beta[] = {1000,  2000,  2500,  3125,  4000,  5000,  6250,  8000,
                                    10000, 12625, 15875, 20000, 31000, 50000, 80000, 126000};
    return index < sizeof beta / sizeof *beta ? beta[index] : 0;
}

uint32_t ulsch_beta_csi(unsigned index)
{
    static const uint32_t beta[] = {1125, 1250, 1375, 1625, 1750, 2000,  2250,  2500,  2875, 3125,
                                    3500, 4000, 5000, 6250, 8000, 10000, 12625, 15875, 20000};
    return index < sizeof beta / sizeof *beta ? beta[index] : 0;
}

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

bool ulsch_has_dmrs(const ulsch_cfg_t *cfg, unsigned symbol)
{
    return cfg->dmrs_symbols >> symbol & 1;
}

unsigned ulsch_after_dmrs(const ulsch_cfg_t *cfg, unsigned from)
{
    unsigned end = cfg->start_symbol + cfg->n_symbols;
    while (from < end && !ulsch_has_dmrs(cfg, from))
        from++;
    while (from < end && ulsch_has_dmrs(cfg, from))
        from++;
    return from;
}

/* Sum of M_sc^UCI(l) from symbol `from` to before `end`. */
uint32_t ulsch_uci_res(const ulsch_cfg_t *cfg, unsigned from, unsigned end)
{
    uint32_t sum = 0;
    for (unsigned l = from; l < end; l++)
        sum += ulsch_has_dmrs(cfg, l) ? 0 : cfg->n_re[l];
    return sum;
}

/* What the information bits ask for, not limited by what there is. */
static uint64_t wanted(const ulsch_cfg_t *cfg, unsigned o_bits, uint32_t beta_x1000, uint32_t all)
{
    unsigned crc = o_bits >= 360 ? 11 : uci_crc_bits(o_bits);
    uint64_t weighted = (uint64_t)(o_bits + crc) * beta_x1000;
    if (cfg->sum_k_bits)
        return divide_up(weighted * all, (uint64_t)cfg->sum_k_bits * 1000);
    return divide_up(weighted * 10240, (uint64_t)cfg->rate_x10240 * cfg->qm * 1000);
}

static uint32_t least(uint64_t a, uint32_t b)
{
    return a < b ? (uint32_t)a : b;
}

uint32_t ulsch_ack_size(const ulsch_cfg_t *cfg, unsigned o_ack)
{
    unsigned end = cfg->start_symbol + cfg->n_symbols;
    uint32_t all = ulsch_uci_res(cfg, cfg->start_symbol, end);
    uint32_t late = ulsch_uci_res(cfg, ulsch_after_dmrs(cfg, cfg->start_symbol), end);
    if (o_ack == 0)
        return 0;
    return least(wanted(cfg, o_ack, cfg->beta_ack_x1000, all),
                 (uint32_t)divide_up((uint64_t)cfg->alpha_x100 * late, 100));
}

uint32_t ulsch_csi1_size(const ulsch_cfg_t *cfg, uint32_t ack)
{
    uint32_t all = ulsch_uci_res(cfg, cfg->start_symbol, cfg->start_symbol + cfg->n_symbols);
    uint32_t most = cfg->sum_k_bits ? (uint32_t)divide_up((uint64_t)cfg->alpha_x100 * all, 100) : all;
    if (cfg->o_csi1 == 0)
        return 0;
    uint32_t left = most > ack ? most - ack : 0;
    if (!cfg->sum_k_bits && cfg->o_csi2 == 0)
        return left;
    return least(wanted(cfg, cfg->o_csi1, cfg->beta_csi1_x1000, all), left);
}

uint32_t ulsch_csi2_size(const ulsch_cfg_t *cfg, uint32_t ack, uint32_t csi1)
{
    uint32_t all = ulsch_uci_res(cfg, cfg->start_symbol, cfg->start_symbol + cfg->n_symbols);
    uint32_t most = cfg->sum_k_bits ? (uint32_t)divide_up((uint64_t)cfg->alpha_x100 * all, 100) : all;
    if (cfg->o_csi2 == 0)
        return 0;
    uint32_t left = most > ack + csi1 ? most - ack - csi1 : 0;
    return cfg->sum_k_bits ? least(wanted(cfg, cfg->o_csi2, cfg->beta_csi2_x1000, all), left) : left;
}
