/* SPDX-License-Identifier: Apache-2.0 */
/* Checks a PUSCH configuration and computes what does not depend on data: hops, which REs carry what, code
 * blocks, UCI places; and the reference signals that both sides share. */
#include "lib/phy/dl/precoding.h"
#include "lib/phy/pusch/pusch.h"
#include "lib/phy/signal/gold.h"
#include "lib/phy/signal/low_papr.h"
#include "lib/phy/signal/transform_precoding.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static int check_ptrs_ports(const pusch_cfg_t *c, phy_refusal_t *why)
{
    const unsigned n_dmrs_ports = c->dmrs_type == 1 ? 4 : 6;
    if (c->ptrs_time_density != 1 && c->ptrs_time_density != 2 && c->ptrs_time_density != 4)
        return phy_refuse(why, "ptrs_time_density", c->ptrs_time_density, "1, 2, 4");
    if (c->ptrs_freq_density != 2 && c->ptrs_freq_density != 4)
        return phy_refuse(why, "ptrs_freq_density", c->ptrs_freq_density, "2, 4");
    if (c->ptrs_re_offset > 3)
        return phy_refuse(why, "ptrs_re_offset", c->ptrs_re_offset, "0..3");
    if (c->ptrs_layer >= c->n_layers)
        return phy_refuse(why, "ptrs_layer", c->ptrs_layer, "below n_layers");
    if (c->dmrs_port[c->ptrs_layer] >= n_dmrs_ports)
        return phy_refuse(why, "dmrs_port", c->dmrs_port[c->ptrs_layer], "0..3 (type 2: 0..5) with PTRS");
    if (!(c->ptrs_amplitude >= 0 && c->ptrs_amplitude <= 4))
        return phy_refuse(why, "ptrs_amplitude", 0, "0..4");
    if (!c->ptrs_second_port)
        return 0;
    if (c->ptrs_second_layer >= c->n_layers || c->ptrs_second_layer == c->ptrs_layer)
        return phy_refuse(why, "ptrs_second_layer", c->ptrs_second_layer, "another layer below n_layers");
    if (c->dmrs_port[c->ptrs_second_layer] >= n_dmrs_ports)
        return phy_refuse(why, "dmrs_port", c->dmrs_port[c->ptrs_second_layer],
                          "0..3 (type 2: 0..5) with PTRS");
    if (c->ptrs_second_layers >> c->n_layers || !(c->ptrs_second_layers >> c->ptrs_second_layer & 1) ||
        c->ptrs_second_layers >> c->ptrs_layer & 1)
        return phy_refuse(why, "ptrs_second_layers", c->ptrs_second_layers,
                          "layers, ptrs_second_layer among them, ptrs_layer not");
    return 0;
}

static int check_ptrs_samples(const pusch_cfg_t *c, phy_refusal_t *why)
{
    if (c->ptrs_time_density != 1 && c->ptrs_time_density != 2)
        return phy_refuse(why, "ptrs_time_density", c->ptrs_time_density, "1, 2 with transform precoding");
    if (c->ptrs_n_groups != 2 && c->ptrs_n_groups != 4 && c->ptrs_n_groups != 8)
        return phy_refuse(why, "ptrs_n_groups", c->ptrs_n_groups, "2, 4, 8");
    if (c->ptrs_n_samples != 4 && (c->ptrs_n_samples != 2 || c->ptrs_n_groups == 8))
        return phy_refuse(why, "ptrs_n_samples", c->ptrs_n_samples, "2, 4; 4 with 8 groups");
    if (c->ptrs_second_port)
        return phy_refuse(why, "ptrs_second_port", 1, "off with transform precoding");
    return 0;
}

static int check_fields(const pusch_cfg_t *c, phy_refusal_t *why)
{
    if (c->mu > 3)
        return phy_refuse(why, "mu", c->mu, "0..3");
    if (c->slot >= 10u << c->mu)
        return phy_refuse(why, "slot", c->slot, "below 10 * 2^mu");
    if (c->n_grid_prb < 1 || c->n_grid_prb > PHY_MAX_PRB)
        return phy_refuse(why, "n_grid_prb", c->n_grid_prb, "1..275");
    if (c->grid_start > 2199)
        return phy_refuse(why, "grid_start", c->grid_start, "0..2199");
    if (c->n_symbols < 1 || c->start_symbol + c->n_symbols > PHY_SYMBOLS)
        return phy_refuse(why, "n_symbols", c->n_symbols, "1 .. 14 - start_symbol");
    if (c->freq_hopping && c->n_symbols < 2)
        return phy_refuse(why, "n_symbols", c->n_symbols, "2 at least with hopping");
    if (c->freq_hopping && c->resource_alloc_type0)
        return phy_refuse(why, "freq_hopping", 1, "off with allocation type 0");
    if (c->transform_precoding && c->resource_alloc_type0)
        return phy_refuse(why, "transform_precoding", 1, "off with allocation type 0");
    if (c->dmrs_type < 1 || c->dmrs_type > 2 || (c->transform_precoding && c->dmrs_type != 1))
        return phy_refuse(why, "dmrs_type", c->dmrs_type, "1, 2; 1 with transform precoding");
    if (c->dmrs_length < 1 || c->dmrs_length > 2)
        return phy_refuse(why, "dmrs_length", c->dmrs_length, "1, 2");
    if (c->n_cdm_groups_no_data < 1 || c->n_cdm_groups_no_data > c->dmrs_type + 1)
        return phy_refuse(why, "n_cdm_groups_no_data", c->n_cdm_groups_no_data, "1..2, or 1..3 for type 2");
    if (c->transform_precoding && c->n_cdm_groups_no_data != 2)
        return phy_refuse(why, "n_cdm_groups_no_data", c->n_cdm_groups_no_data, "2 with transform precoding");
    if (c->n_scid > 1)
        return phy_refuse(why, "n_scid", c->n_scid, "0, 1");
    if (c->n_rs_id > 1007)
        return phy_refuse(why, "n_rs_id", c->n_rs_id, "0..1007");
    if (c->group_hopping && c->sequence_hopping)
        return phy_refuse(why, "sequence_hopping", 1, "off with group hopping");
    if (c->qm != 2 && c->qm != 4 && c->qm != 6 && c->qm != 8 && !(c->qm == 1 && c->transform_precoding))
        return phy_refuse(why, "qm", c->qm, "2, 4, 6, 8; 1 with transform precoding");
    if (c->n_layers < 1 || c->n_layers > PHY_MAX_LAYERS || (c->transform_precoding && c->n_layers != 1))
        return phy_refuse(why, "n_layers", c->n_layers, "1..4; 1 with transform precoding");
    if (c->n_tx_ports != 1 && c->n_tx_ports != 2 && c->n_tx_ports != 4 && c->n_tx_ports != c->n_layers)
        return phy_refuse(why, "n_tx_ports", c->n_tx_ports, "1, 2, 4");
    if (!c->codebook && c->n_tx_ports != c->n_layers)
        return phy_refuse(why, "n_tx_ports", c->n_tx_ports, "n_layers without codebook");
    if (c->n_id > 1023)
        return phy_refuse(why, "n_id", c->n_id, "0..1023");
    if (c->tb_bytes > SCH_MAX_TB_BYTES)
        return phy_refuse(why, "tb_bytes", c->tb_bytes, "up to 262144");
    if (c->tb_bytes == 0 && c->n_harq_ack + c->n_csi1 + c->n_csi2 == 0)
        return phy_refuse(why, "tb_bytes", 0, "above 0 without UCI");
    if (c->rv > 3)
        return phy_refuse(why, "rv", c->rv, "0..3");
    if (c->csi2_follows && c->n_csi1 == 0)
        return phy_refuse(why, "csi2_follows", 1, "off without CSI part 1");
    if (c->ptrs) {
        int err = c->transform_precoding ? check_ptrs_samples(c, why) : check_ptrs_ports(c, why);
        if (err)
            return err;
    }
    if (c->low_papr_type2 && (!c->transform_precoding || c->qm != 1))
        return phy_refuse(why, "low_papr_type2", 1, "off without transform precoding of qm 1");
    if (c->low_papr_type2 && c->n_prb < 5)
        return phy_refuse(why, "n_prb", c->n_prb, "5 at least with low_papr_type2");
    if (c->n_rx < 1 || c->n_rx > PHY_MAX_PORTS)
        return phy_refuse(why, "n_rx", c->n_rx, "1..8");
    if (c->equalizer > EQ_IRC)
        return phy_refuse(why, "equalizer", c->equalizer, "EQ_MMSE, EQ_ZF, EQ_IRC");
    if (c->equalizer == EQ_ZF && c->n_rx < c->n_layers)
        return phy_refuse(why, "n_rx", c->n_rx, "n_layers at least for EQ_ZF");
    if (c->max_iterations > 64)
        return phy_refuse(why, "max_iterations", c->max_iterations, "0..64");
    return 0;
}

/* PRB runs of the allocation of a hop. */
static int plan_runs(const pusch_cfg_t *c, unsigned hop, chest_cfg_t *ret, unsigned *ret_n_prb,
                     phy_refusal_t *why)
{
    ret->n_runs = 0;
    if (!c->resource_alloc_type0) {
        unsigned start = hop ? c->second_hop_prb : c->prb_start;
        if (c->n_prb < 1 || c->n_prb > c->n_grid_prb)
            return phy_refuse(why, "n_prb", c->n_prb, "1..n_grid_prb");
        if (start + c->n_prb > c->n_grid_prb)
            return phy_refuse(why, hop ? "second_hop_prb" : "prb_start", start, "n_grid_prb - n_prb at most");
        if (c->transform_precoding && !transform_precoding_valid(12u * c->n_prb))
            return phy_refuse(why, "n_prb", c->n_prb, "2^a 3^b 5^c with transform precoding");
        ret->run[ret->n_runs++] = (chest_run_t){(uint16_t)start, c->n_prb};
        *ret_n_prb = c->n_prb;
        return 0;
    }
    unsigned n = 0;
    bool open = false;
    for (unsigned q = 0; q < 320; q++) {
        bool set = c->rb_set[q / 64] >> (q % 64) & 1;
        if (set && q >= c->n_grid_prb)
            return phy_refuse(why, "rb_set", q, "PRBs below n_grid_prb");
        if (set && !open) {
            if (ret->n_runs == CHEST_MAX_RUNS)
                return phy_refuse(why, "rb_set", q, "138 runs at most");
            ret->run[ret->n_runs++] = (chest_run_t){(uint16_t)q, 0};
        }
        if (set) {
            ret->run[ret->n_runs - 1].n_prb++;
            n++;
        }
        open = set;
    }
    if (n == 0)
        return phy_refuse(why, "rb_set", 0, "a PRB at least");
    *ret_n_prb = n;
    return 0;
}

/* DMRS occasions of a hop's symbols. */
static int plan_occasions(const pusch_cfg_t *c, unsigned symbols, chest_cfg_t *ret, phy_refusal_t *why)
{
    ret->n_occasions = 0;
    for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
        if (!(c->dmrs_symbols & symbols & 1u << l))
            continue;
        if (ret->n_occasions == CHEST_MAX_OCCASIONS)
            return phy_refuse(why, "dmrs_symbols", c->dmrs_symbols, "4 occasions a hop at most");
        ret->symbol[ret->n_occasions++] = (uint8_t)l;
        if (c->dmrs_length == 2 && (l + 1 >= PHY_SYMBOLS || !(c->dmrs_symbols & symbols & 1u << (l + 1))))
            return phy_refuse(why, "dmrs_symbols", c->dmrs_symbols, "pairs of neighbours for dmrs_length 2");
        l += c->dmrs_length - 1u;
    }
    if (ret->n_occasions == 0)
        return phy_refuse(why, "dmrs_symbols", c->dmrs_symbols, "one in each hop at least");
    return 0;
}

/* Symbols with PTRS, bits. TS 38.211 6.4.1.2.2.1: every L_PTRS-th, counted anew from each DMRS. */
static uint16_t ptrs_symbols(const pusch_cfg_t *c)
{
    uint16_t mask = 0;
    const int density = c->ptrs_time_density;
    int i = 0, ref = 0;
    while (ref + i * density < c->n_symbols) {
        int from = ref + (i - 1) * density + 1, last_dmrs = -1;
        from = from > ref ? from : ref;
        for (int l = from; l <= ref + i * density; l++)
            if (c->dmrs_symbols & 1u << (c->start_symbol + l) && !(l == ref && i > 0))
                last_dmrs = l;
        if (last_dmrs >= 0) {
            /* of a pair the second symbol */
            ref = last_dmrs;
            if (c->dmrs_length == 2 && ref + 1 < c->n_symbols &&
                c->dmrs_symbols & 1u << (c->start_symbol + ref + 1))
                ref++;
            i = 1;
            continue;
        }
        mask |= (uint16_t)(1u << (c->start_symbol + ref + i * density));
        i++;
    }
    return mask;
}

/* First PTRS subcarrier. 6.4.1.2.2.1 with table 6.4.1.2.2.1-1 (rows: DMRS port, columns: offset). */
static unsigned ptrs_first(const pusch_cfg_t *c, unsigned layer, unsigned n_prb)
{
    static const uint8_t re1[4][4] = {{0, 2, 6, 8}, {2, 4, 8, 10}, {1, 3, 7, 9}, {3, 5, 9, 11}};
    static const uint8_t re2[6][4] = {{0, 1, 6, 7}, {1, 6, 7, 0},   {2, 3, 8, 9},
                                      {3, 8, 9, 2}, {4, 5, 10, 11}, {5, 10, 11, 4}};
    const unsigned k = c->ptrs_freq_density, left = n_prb % k, port = c->dmrs_port[layer];
    const unsigned rb = c->rnti % (left ? left : k);
    return 12 * rb + (c->dmrs_type == 1 ? re1[port] : re2[port])[c->ptrs_re_offset];
}

/* Where PTRS of transform precoding go. Table 6.4.1.2.2.2-1. */
static unsigned ptrs_sample(unsigned n_groups, unsigned n_samples, unsigned m_sc, unsigned group, unsigned k)
{
    if (n_samples == 2)
        return (n_groups == 2 ? (2 * group + 1) * (m_sc / 4) : (2 * group + 1) * m_sc / 8) + k - 1;
    if (group == 0)
        return k;
    if (group == n_groups - 1)
        return m_sc - 4 + k;
    return (n_groups == 4 ? group * (m_sc / 4) + m_sc / 8 : group * m_sc / 8 + m_sc / 16) + k - 2;
}

static int plan_ptrs_samples(pusch_plan_t *p, phy_refusal_t *why)
{
    const pusch_cfg_t *c = &p->cfg;
    for (unsigned g = 0; g < c->ptrs_n_groups; g++)
        for (unsigned k = 0; k < c->ptrs_n_samples; k++) {
            unsigned m = ptrs_sample(c->ptrs_n_groups, c->ptrs_n_samples, p->n_sc, g, k);
            if (p->n_ptrs && m <= p->ptrs_sample[p->n_ptrs - 1])
                return phy_refuse(why, "ptrs_n_groups", c->ptrs_n_groups, "as many as n_prb has room for");
            p->ptrs_sample[p->n_ptrs++] = (uint16_t)m;
        }
    return p->n_ptrs < p->n_sc
               ? 0
               : phy_refuse(why, "ptrs_n_groups", c->ptrs_n_groups, "as many as n_prb has room for");
}

static void plan_ptrs_ports(pusch_plan_t *p)
{
    const pusch_cfg_t *c = &p->cfg;
    const unsigned step = 12u * c->ptrs_freq_density;
    p->n_ptrs_ports = c->ptrs_second_port ? 2 : 1;
    for (unsigned i = 0; i < p->n_ptrs_ports; i++) {
        const uint8_t layer = i ? c->ptrs_second_layer : c->ptrs_layer;
        const unsigned first = ptrs_first(c, layer, p->n_prb);
        const unsigned n = first < p->n_sc ? (p->n_sc - first + step - 1) / step : 0;
        p->ptrs[i] = (pusch_ptrs_t){layer, (uint16_t)first, (uint16_t)n};
        p->n_ptrs = (uint16_t)(p->n_ptrs + n);
    }
}

static unsigned count_bits(unsigned x)
{
    return (unsigned)__builtin_popcount(x);
}

int pusch_plan(const phy_t *phy, const pusch_cfg_t *cfg, pusch_plan_t *ret, phy_refusal_t *why)
{
    if (check_fields(cfg, why) < 0)
        return -EINVAL;
    pusch_plan_t p;
    memset(&p, 0, sizeof p);
    p.cfg = *cfg;

    /* hops and their estimation. 38.214 6.3: the first hop has floor(L / 2) symbols */
    const unsigned all = ((1u << cfg->n_symbols) - 1) << cfg->start_symbol;
    if (cfg->dmrs_symbols & ~all)
        return phy_refuse(why, "dmrs_symbols", cfg->dmrs_symbols, "in the allocation's symbols");
    const unsigned first = ((1u << cfg->n_symbols / 2) - 1) << cfg->start_symbol;
    p.n_hops = cfg->freq_hopping ? 2 : 1;
    for (unsigned i = 0; i < p.n_hops; i++) {
        unsigned symbols = !cfg->freq_hopping ? all : i ? all & ~first : first, n_prb = 0;
        chest_cfg_t e = {.mu = cfg->mu,
                         .dmrs_type = cfg->dmrs_type,
                         .dmrs_length = cfg->dmrs_length,
                         .n_layers = cfg->n_layers,
                         .n_rx = cfg->n_rx,
                         .amplitude = dmrs_beta(cfg->n_cdm_groups_no_data)};
        memcpy(e.port, cfg->dmrs_port, sizeof e.port);
        if (plan_runs(cfg, i, &e, &n_prb, why) < 0 || plan_occasions(cfg, symbols, &e, why) < 0 ||
            chest_plan(&e, cfg->n_grid_prb, &p.hop[i].chest, why) < 0)
            return -EINVAL;
        p.hop[i].symbols = (uint16_t)symbols;
        p.hop[i].prb_start = e.run[0].prb_start;
        p.n_prb = (uint16_t)n_prb;
    }
    for (unsigned l = 0; l < cfg->n_layers; l++)
        if (p.hop[0].chest.port[l].cdm_group >= cfg->n_cdm_groups_no_data)
            return phy_refuse(why, "dmrs_port", cfg->dmrs_port[l], "of a CDM group without data");
    p.n_sc = (uint16_t)(12 * p.n_prb);

    /* what each RE carries */
    const uint16_t ptrs = cfg->ptrs ? ptrs_symbols(cfg) : 0;
    if (cfg->ptrs && !cfg->transform_precoding)
        plan_ptrs_ports(&p);
    if (cfg->ptrs && cfg->transform_precoding && plan_ptrs_samples(&p, why) < 0)
        return -EINVAL;
    const unsigned re_bits = cfg->qm * cfg->n_layers;
    for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
        if (!(all & 1u << l))
            continue;
        p.symbol[l].hop = cfg->freq_hopping && !(first & 1u << l);
        p.symbol[l].dmrs = cfg->dmrs_symbols >> l & 1;
        p.symbol[l].ptrs = p.n_ptrs && ptrs >> l & 1;
        p.symbol[l].re_mask =
            p.symbol[l].dmrs ? 0xfff & ~dmrs_re_mask(cfg->dmrs_type, cfg->n_cdm_groups_no_data) : 0xfff;
        unsigned n = p.n_prb * count_bits(p.symbol[l].re_mask);
        if (p.symbol[l].ptrs)
            n -= p.n_ptrs;
        p.symbol[l].n_re = (uint16_t)n;
        p.symbol[l].bit = p.n_re * re_bits;
        p.n_re += n;
        p.n_sent += cfg->transform_precoding && n ? p.n_sc : n;
    }
    if (p.n_re == 0)
        return phy_refuse(why, "n_symbols", cfg->n_symbols, "REs for data beside the DMRS");
    p.g_bits = p.n_re * re_bits;
    p.c_init = ((uint32_t)cfg->rnti << 15) + cfg->n_id;

    /* coding: the number of code blocks first, then UCI's share, then what is left to UL-SCH */
    sch_cfg_t s = {.tb_bytes = cfg->tb_bytes,
                   .g_bits = p.g_bits,
                   .tbs_lbrm = cfg->tbs_lbrm,
                   .rate_x10 = cfg->rate_x10,
                   .rv = cfg->rv,
                   .qm = cfg->qm,
                   .n_layers = cfg->n_layers};
    if (cfg->tb_bytes && sch_plan(phy, &s, &p.sch, why) < 0)
        return -EINVAL;
    ulsch_cfg_t u = {.qm = cfg->qm,
                     .n_layers = cfg->n_layers,
                     .start_symbol = cfg->start_symbol,
                     .n_symbols = cfg->n_symbols,
                     .hopping = cfg->freq_hopping,
                     .dmrs_symbols = cfg->dmrs_symbols,
                     .sum_k_bits = cfg->tb_bytes ? p.sch.n_cb * p.sch.k : 0,
                     .rate_x10240 = cfg->rate_x10,
                     .alpha_x100 = cfg->alpha_x100 ? cfg->alpha_x100 : 100,
                     .o_ack = cfg->n_harq_ack,
                     .o_csi1 = cfg->n_csi1,
                     .o_csi2 = cfg->csi2_follows ? ULSCH_CSI2_UNKNOWN : cfg->n_csi2,
                     .beta_ack_x1000 = cfg->beta_harq_ack_x1000,
                     .beta_csi1_x1000 = cfg->beta_csi1_x1000,
                     .beta_csi2_x1000 = cfg->beta_csi2_x1000};
    for (unsigned l = 0; l < PHY_SYMBOLS; l++)
        u.n_re[l] = p.symbol[l].n_re;
    if (cfg->n_harq_ack || cfg->n_csi1 || cfg->n_csi2) {
        if (ulsch_plan(&u, &p.ulsch, why) < 0)
            return -EINVAL;
        if (cfg->tb_bytes && !p.ulsch.csi2_pending) {
            s.g_bits = p.ulsch.g_stream[ULSCH_SCH];
            if (sch_plan(phy, &s, &p.sch, why) < 0)
                return -EINVAL;
        }
        uci_plan_t code;
        static const char *const names[] = {"n_harq_ack", "n_csi1", "n_csi2"};
        const uint16_t bits[] = {cfg->n_harq_ack, cfg->n_csi1, cfg->csi2_follows ? 0 : cfg->n_csi2};
        for (unsigned i = 0; i < 3; i++) {
            uci_cfg_t c = {bits[i], bits[i] ? p.ulsch.g_stream[i] : 0, cfg->qm};
            if (bits[i] && uci_plan(&c, &code, NULL) < 0)
                return phy_refuse(why, names[i], bits[i], "what fits the REs that it gets");
        }
    }

    /* precoder */
    for (unsigned i = 0; i < cfg->n_layers; i++)
        p.w[i][i] = (cf_t){1, 0};
    if (cfg->codebook) {
        cf_t w[PHY_MAX_LAYERS * PHY_MAX_LAYERS];
        if (precoding_pusch(cfg->n_tx_ports, cfg->n_layers, cfg->tpmi, cfg->transform_precoding, w, why) < 0)
            return -EINVAL;
        for (unsigned i = 0; i < cfg->n_tx_ports; i++)
            for (unsigned l = 0; l < cfg->n_layers; l++)
                p.w[i][l] = w[i * cfg->n_layers + l];
    }
    *ret = p;
    return 0;
}

/* ---- reference signals ---- */

void pusch_dmrs(const phy_t *phy, const pusch_plan_t *plan, unsigned symbol, dft_work_t *dft, cf_t *ret)
{
    const pusch_cfg_t *c = &plan->cfg;
    const chest_plan_t *e = &plan->hop[plan->symbol[symbol].hop].chest;
    const uint16_t n_id[2] = {c->n_id_dmrs, c->n_id_dmrs};
    if (c->transform_precoding) { /* 6.4.1.1.1.2: l is the first of a pair */
        unsigned l = symbol, u, v;
        for (unsigned i = 0; i < e->cfg.n_occasions; i++)
            if (e->cfg.symbol[i] <= symbol)
                l = e->cfg.symbol[i];
        if (c->low_papr_type2) {
            low_papr_type2(phy, dmrs_c_init(c->slot, l, n_id, c->n_scid), e->n_re, ret, dft);
            return;
        }
        low_papr_hop_t mode = c->group_hopping      ? LOW_PAPR_HOP_GROUP
                              : c->sequence_hopping ? LOW_PAPR_HOP_SEQUENCE
                                                    : LOW_PAPR_HOP_NEITHER;
        low_papr_hop_pusch(phy, mode, c->n_rs_id, c->slot, l, e->n_re, &u, &v);
        low_papr_sequence(u, v, e->n_re, 0, 1, ret);
        return;
    }
    const uint32_t c_init = dmrs_c_init(c->slot, symbol, n_id, c->n_scid);
    for (unsigned r = 0; r < e->cfg.n_runs; r++) {
        const chest_run_t *run = &e->cfg.run[r];
        dmrs_sequence_cf(phy, c_init, c->dmrs_type, c->grid_start + run->prb_start, run->n_prb, 1, ret);
        ret += run->n_prb * dmrs_per_prb(c->dmrs_type);
    }
}

void pusch_ptrs(const phy_t *phy, const pusch_plan_t *plan, unsigned port, unsigned hop, cf_t *ret)
{
    /* 6.4.1.2.1.1: the DMRS of the hop's first DMRS symbol, where PTRS lies. */
    const pusch_cfg_t *c = &plan->cfg;
    const chest_plan_t *e = &plan->hop[hop].chest;
    const uint16_t n_id[2] = {c->n_id_dmrs, c->n_id_dmrs};
    const uint32_t c_init = dmrs_c_init(c->slot, e->cfg.symbol[0], n_id, c->n_scid);
    const unsigned delta = e->port[plan->ptrs[port].layer].delta, step = 12u * c->ptrs_freq_density;
    unsigned q0 = 0, r = 0;
    for (unsigned i = 0, k = plan->ptrs[port].first; i < plan->ptrs[port].n; i++, k += step) {
        while (k / 12 >= q0 + e->cfg.run[r].n_prb)
            q0 += e->cfg.run[r++].n_prb;
        cf_t prb[6];
        const unsigned in = k % 12;
        dmrs_sequence_cf(phy, c_init, c->dmrs_type, c->grid_start + e->cfg.run[r].prb_start + k / 12 - q0, 1,
                         1, prb);
        ret[i] = prb[c->dmrs_type == 1 ? (in - delta) / 2 : 2 * (in / 6) + (in % 6 - delta)];
    }
}

void pusch_ptrs_samples(const phy_t *phy, const pusch_plan_t *plan, cf_t *ret)
{
    /* 6.4.1.2.1.2: one sequence for the slot, of its first symbol with PTRS; w of table 6.4.1.2.1.2-1 */
    static const int8_t w[4][4] = {{1, 1, 1, 1}, {1, -1, 1, -1}, {1, 1, -1, -1}, {1, -1, -1, 1}};
    const pusch_cfg_t *c = &plan->cfg;
    unsigned l = 0;
    while (l < PHY_SYMBOLS - 1 && !plan->symbol[l].ptrs)
        l++;
    const uint16_t n_id[2] = {c->n_rs_id, c->n_rs_id};
    gold_t g;
    gold_init(phy, &g, dmrs_c_init(c->slot, l, n_id, 0), 0);
    const uint32_t bits = gold_next(&g, plan->n_ptrs);
    /* beta': the outermost point of the constellation over its mean. 38.214 table 6.2.3.2-1 */
    const float beta = c->qm == 4   ? 3 / sqrtf(5)
                       : c->qm == 6 ? 7 / sqrtf(21)
                       : c->qm == 8 ? 15 / sqrtf(85)
                                    : 1;
    for (unsigned i = 0; i < plan->n_ptrs; i++) {
        const unsigned k = i % c->ptrs_n_samples;
        float a = beta * (float)M_SQRT1_2 * (float)w[c->rnti % c->ptrs_n_samples][k];
        a = bits >> (plan->n_ptrs - 1 - i) & 1 ? -a : a;
        ret[i] = plan->ptrs_sample[i] % 2 ? (cf_t){-a, a} : (cf_t){a, a};
    }
}
