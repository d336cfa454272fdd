/* SPDX-License-Identifier: Apache-2.0 */
/* PUCCH: what a configuration means for each symbol, and what is refused. TS 38.211 6.3.2, 6.4.1.3. */
#include "lib/phy/ctrl/pucch_internal.h"

#include "lib/phy/signal/gold.h"
#include "lib/phy/signal/low_papr.h"
#include "lib/phy/signal/transform_precoding.h"

#include <errno.h>
#include <math.h>

#define PI 3.14159265358979323846f

/* DMRS symbols of formats 3 and 4, table 6.4.1.3.3.2-1, as masks from the first symbol on. */
static uint16_t f34_dmrs_mask(unsigned n_symbols, bool hopping, bool additional)
{
#define M2(a, b) (1u << (a) | 1u << (b))
#define M4(a, b, c, d) (M2(a, b) | M2(c, d))
    static const uint16_t plain[15] = {
        [4] = 1u << 1,   [5] = M2(0, 3),  [6] = M2(1, 4),  [7] = M2(1, 4),  [8] = M2(1, 5),  [9] = M2(1, 6),
        [10] = M2(2, 7), [11] = M2(2, 7), [12] = M2(2, 8), [13] = M2(2, 9), [14] = M2(3, 10)};
    static const uint16_t more[15] = {[10] = M4(1, 3, 6, 8),
                                      [11] = M4(1, 3, 6, 9),
                                      [12] = M4(1, 4, 7, 10),
                                      [13] = M4(1, 4, 7, 11),
                                      [14] = M4(1, 5, 8, 12)};
    if (n_symbols == 4 && hopping)
        return M2(0, 2);
    return additional && more[n_symbols] ? more[n_symbols] : plain[n_symbols];
}

static int check_place(const pucch_cfg_t *c, phy_refusal_t *why)
{
    bool is_short = c->format == 0 || c->format == 2;
    if (c->mu > 3)
        return phy_refuse(why, "mu", c->mu, "0..3");
    if (c->slot >= 10u << c->mu)
        return phy_refuse(why, "slot", c->slot, "below 10 x 2^mu");
    if (c->n_grid_prb < 1 || c->n_grid_prb > PHY_MAX_PRB)
        return phy_refuse(why, "n_grid_prb", c->n_grid_prb, "1..275");
    if (c->grid_crb > 2199)
        return phy_refuse(why, "grid_crb", c->grid_crb, "0..2199");
    if (c->n_symbols < (is_short ? 1 : 4) || c->n_symbols > (is_short ? 2 : 14))
        return phy_refuse(why, "n_symbols", c->n_symbols, is_short ? "1..2" : "4..14");
    if (c->start_symbol + c->n_symbols > PHY_SYMBOLS)
        return phy_refuse(why, "start_symbol", c->start_symbol, "so that the last symbol is in the slot");
    bool wide = c->format == 2 || c->format == 3;
    if (c->n_prb < 1 || c->n_prb > (wide ? PUCCH_MAX_PRB : 1))
        return phy_refuse(why, "n_prb", c->n_prb, wide ? "1..16" : "1");
    if (c->format == 3 && !transform_precoding_valid(12u * c->n_prb))
        return phy_refuse(why, "n_prb", c->n_prb, "2^a 3^b 5^c");
    if (c->prb_start + c->n_prb > c->n_grid_prb)
        return phy_refuse(why, "prb_start", c->prb_start, "so that the last PRB is in the grid");
    if (c->intra_slot_hopping && c->n_symbols > 1 && c->second_hop_prb + c->n_prb > c->n_grid_prb)
        return phy_refuse(why, "second_hop_prb", c->second_hop_prb, "so that the last PRB is in the grid");
    if (c->n_rx > PUCCH_MAX_RX)
        return phy_refuse(why, "n_rx", c->n_rx, "0..8");
    if (!(c->p_false_alarm >= 0 && c->p_false_alarm < 0.5f))
        return phy_refuse(why, "p_false_alarm", 0, "0..0.5");
    return 0;
}

static int check_sequence(const pucch_cfg_t *c, phy_refusal_t *why)
{
    if (c->format != 2) {
        if (c->group_hopping > PUCCH_HOP_DISABLE)
            return phy_refuse(why, "group_hopping", c->group_hopping, "0..2");
        if (c->hopping_id > 1023)
            return phy_refuse(why, "hopping_id", c->hopping_id, "0..1023");
    }
    if (c->format < 2 && c->initial_cyclic_shift > 11)
        return phy_refuse(why, "initial_cyclic_shift", c->initial_cyclic_shift, "0..11");
    if (c->format >= 2 && c->n_id > 1023)
        return phy_refuse(why, "n_id", c->n_id, "0..1023");
    if (c->format == 4 && c->occ_length != 2 && c->occ_length != 4)
        return phy_refuse(why, "occ_length", c->occ_length, "2 or 4");
    if (c->format == 4 && c->occ_index >= c->occ_length)
        return phy_refuse(why, "occ_index", c->occ_index, "below occ_length");
    return 0;
}

static int check_payload(const pucch_cfg_t *c, phy_refusal_t *why)
{
    if (c->format < 2) {
        if (c->sr_bits > 1)
            return phy_refuse(why, "sr_bits", c->sr_bits, "0..1");
        if (c->n_harq > 2 || c->n_harq + c->sr_bits == 0)
            return phy_refuse(why, "n_harq", c->n_harq, "0..2, 0 only with SR");
        return 0;
    }
    if (c->sr_bits > 4)
        return phy_refuse(why, "sr_bits", c->sr_bits, "0..4");
    if (c->n_harq > PUCCH_MAX_UCI_BITS)
        return phy_refuse(why, "n_harq", c->n_harq, "0..1706");
    unsigned n = (unsigned)c->n_harq + c->sr_bits + c->n_csi1;
    if (c->n_csi1 > PUCCH_MAX_UCI_BITS || n > PUCCH_MAX_UCI_BITS || n < 3)
        return phy_refuse(why, "n_csi1", c->n_csi1, "3..1706 bits with HARQ-ACK and SR");
    if (c->csi2) {
        if (c->format == 2)
            return phy_refuse(why, "csi2", 1, "format 3 or 4");
        static const uint8_t rates[] = {8, 15, 25, 35, 45, 60, 80};
        bool known = false;
        for (unsigned i = 0; i < sizeof rates; i++)
            known |= c->max_code_rate_x100 == rates[i];
        if (!known)
            return phy_refuse(why, "max_code_rate_x100", c->max_code_rate_x100, "8, 15, 25, 35, 45, 60, 80");
        if (c->n_csi2 > PUCCH_MAX_UCI_BITS)
            return phy_refuse(why, "n_csi2", c->n_csi2, "0..1706");
    }
    return 0;
}

/* N_SF of data and DMRS of a format 1 hop: they alternate from DMRS on, counted over the whole PUCCH. */
static int check_f1_occ(const pucch_plan_t *p, phy_refusal_t *why)
{
    unsigned first = p->cfg.start_symbol;
    for (unsigned h = 0; h < p->n_hops; h++) {
        unsigned mask = ((1u << p->hop_symbols[h]) - 1) << first;
        unsigned data = (unsigned)__builtin_popcount(mask & p->data_mask),
                 dmrs = (unsigned)__builtin_popcount(mask & p->dmrs_mask);
        if (p->cfg.time_domain_occ >= (data < dmrs ? data : dmrs))
            return phy_refuse(why, "time_domain_occ", p->cfg.time_domain_occ,
                              "below the symbols of DMRS and of data in each hop");
        first += p->hop_symbols[h];
    }
    return 0;
}

static int plan_bits(pucch_plan_t *p, phy_refusal_t *why)
{
    const pucch_cfg_t *c = &p->cfg;
    unsigned n_data = (unsigned)__builtin_popcount(p->data_mask);
    p->qm = c->format != 2 && c->pi2_bpsk ? 1 : 2;
    p->n_re = (uint16_t)(c->format == 2   ? 8 * c->n_prb * c->n_symbols
                         : c->format == 3 ? 12 * c->n_prb * n_data
                                          : 12 / c->occ_length * n_data);
    p->e_bits = p->e_part1 = (uint32_t)p->n_re * p->qm;
    p->n_uci = (uint16_t)(c->n_harq + c->sr_bits + c->n_csi1);
    if (c->csi2) {
        unsigned bits = (p->n_uci + uci_crc_bits(p->n_uci)) * 100u, per = c->max_code_rate_x100 * p->qm;
        uint32_t e = (bits + per - 1) / per * p->qm;
        p->e_part1 = e < p->e_bits ? e : p->e_bits;
    }
    uci_plan_t uci;
    phy_refusal_t r = {0};
    if (uci_plan(&(uci_cfg_t){.a_bits = p->n_uci, .e_bits = p->e_part1, .qm = p->qm}, &uci, &r))
        return phy_refuse(why, c->n_csi1 ? "n_csi1" : "n_harq", c->n_csi1 ? c->n_csi1 : c->n_harq,
                          "a code rate that the resource can carry");
    if (c->csi2 && p->e_part1 >= p->e_bits)
        return phy_refuse(why, "csi2", 1, "room for a second part");
    return 0;
}

static void hopping(const phy_t *phy, pucch_plan_t *p)
{
    const pucch_cfg_t *c = &p->cfg;
    unsigned u[2], v[2];
    for (unsigned h = 0; h < p->n_hops; h++)
        low_papr_hop_pucch(phy, (low_papr_hop_t)c->group_hopping, c->hopping_id, c->slot, h, &u[h], &v[h]);
    for (unsigned l = c->start_symbol; l < (unsigned)c->start_symbol + c->n_symbols; l++) {
        unsigned h = pucch_hop_of(p, l);
        p->group[l] = (uint8_t)u[h];
        p->number[l] = (uint8_t)v[h];
        p->cs[l] = (uint8_t)(low_papr_pucch_n_cs(phy, c->hopping_id, c->slot, l) % 12);
    }
}

int pucch_plan(const phy_t *phy, const pucch_cfg_t *cfg, pucch_plan_t *ret, phy_refusal_t *why)
{
    if (cfg->format > 4)
        return phy_refuse(why, "format", cfg->format, "0..4");
    int err = check_place(cfg, why);
    if (!err)
        err = check_sequence(cfg, why);
    if (!err)
        err = check_payload(cfg, why);
    if (err)
        return err;
    pucch_plan_t p = {.cfg = *cfg, .n_hops = cfg->intra_slot_hopping && cfg->n_symbols > 1 ? 2 : 1};
    p.hop_symbols[0] = p.n_hops == 2 ? cfg->n_symbols / 2 : cfg->n_symbols;
    p.hop_symbols[1] = (uint8_t)(cfg->n_symbols - p.hop_symbols[0]);
    p.hop_prb[0] = cfg->prb_start;
    p.hop_prb[1] = p.n_hops == 2 ? cfg->second_hop_prb : cfg->prb_start;
    if (p.cfg.p_false_alarm == 0)
        p.cfg.p_false_alarm = 0.01f;
    unsigned all = (1u << cfg->n_symbols) - 1, dmrs = 0;
    if (cfg->format == 1)
        dmrs = 0x5555 & all;
    else if (cfg->format >= 3)
        dmrs = f34_dmrs_mask(cfg->n_symbols, cfg->intra_slot_hopping, cfg->additional_dmrs);
    p.dmrs_mask = (uint16_t)((cfg->format == 2 ? all : dmrs) << cfg->start_symbol);
    p.data_mask = (uint16_t)((all & ~dmrs) << cfg->start_symbol);
    if (cfg->format == 1 && (err = check_f1_occ(&p, why)))
        return err;
    if (cfg->format >= 2 && (err = plan_bits(&p, why)))
        return err;
    if (cfg->format != 2)
        hopping(phy, &p);
    *ret = p;
    return 0;
}

bool pucch_shared(const pucch_plan_t *a, const pucch_plan_t *b)
{
    const pucch_cfg_t *x = &a->cfg, *y = &b->cfg;
    return x->format == y->format && x->format < 2 && x->mu == y->mu && x->slot == y->slot &&
           x->prb_start == y->prb_start && x->start_symbol == y->start_symbol &&
           x->n_symbols == y->n_symbols && x->intra_slot_hopping == y->intra_slot_hopping &&
           (!x->intra_slot_hopping || x->second_hop_prb == y->second_hop_prb) &&
           x->group_hopping == y->group_hopping && x->hopping_id == y->hopping_id && x->n_rx == y->n_rx;
}

cf_t pucch_f1_w(const pucch_plan_t *p, unsigned occ, unsigned l)
{
    unsigned h = pucch_hop_of(p, l), first = p->cfg.start_symbol + (h ? p->hop_symbols[0] : 0u);
    unsigned hop = ((1u << p->hop_symbols[h]) - 1) << first;
    unsigned same = hop & (p->dmrs_mask >> l & 1 ? p->dmrs_mask : p->data_mask);
    unsigned n_sf = (unsigned)__builtin_popcount(same),
             m = (unsigned)__builtin_popcount(same & ((1u << l) - 1));
    float a = 2 * PI * (float)pucch_occ_phi(n_sf, occ, m) / (float)n_sf;
    return (cf_t){cosf(a), sinf(a)};
}

cf_t pucch_f1_symbol(uint8_t n_harq, uint8_t harq)
{
    const float a = 0.70710678f;
    float re = harq & 1 ? -a : a, im = (n_harq == 2 ? harq & 2 : harq & 1) ? -a : a;
    return n_harq ? (cf_t){re, im} : (cf_t){a, a};
}

unsigned pucch_f34_m0(const pucch_cfg_t *cfg)
{
    static const uint8_t four[4] = {0, 6, 3, 9};
    return cfg->format == 4 ? four[cfg->occ_index & 3] : 0;
}

void pucch_f34_dmrs(const pucch_plan_t *p, unsigned l, cf_t *ret)
{
    unsigned m_sc = 12u * p->cfg.n_prb;
    /* Below 36 subcarriers there is one base sequence a group. */
    unsigned v = m_sc < 36 ? 0 : p->number[l];
    int err = low_papr_sequence(p->group[l], v, m_sc, (p->cs[l] + pucch_f34_m0(&p->cfg)) % 12u, 12, ret);
    if (err) /* v 1 where the table of the standard has v 0 only */
        low_papr_sequence(p->group[l], 0, m_sc, (p->cs[l] + pucch_f34_m0(&p->cfg)) % 12u, 12, ret);
}

void pucch_f2_dmrs(const phy_t *phy, const pucch_plan_t *p, unsigned l, cf_t *ret)
{
    const pucch_cfg_t *c = &p->cfg;
    uint64_t init = ((uint64_t)(14u * c->slot + l + 1) * (2u * c->n_id0 + 1u) << 17) + 2u * c->n_id0;
    gold_t g;
    /* r(m) counts from common resource block 0, four a block. */
    gold_init(phy, &g, (uint32_t)(init & 0x7fffffff), 8u * (c->grid_crb + p->hop_prb[pucch_hop_of(p, l)]));
    gold_qpsk_cf(&g, 1.0f, 4u * c->n_prb, ret);
}

void pucch_part1_symbols(const pucch_plan_t *p, uint16_t *ret)
{
    unsigned first = p->cfg.start_symbol, n = p->cfg.n_symbols, symbol[14], distance[14], n_data = 0;
    for (unsigned l = first; l < first + n; l++) {
        if (!(p->data_mask >> l & 1))
            continue;
        unsigned best = 14;
        for (unsigned d = first; d < first + n; d++)
            if (p->dmrs_mask >> d & 1) {
                unsigned x = d > l ? d - l : l - d;
                best = x < best ? x : best;
            }
        distance[n_data] = best;
        symbol[n_data++] = l;
    }
    (void)symbol;
    unsigned per = p->n_re / n_data, left = p->e_part1 / p->qm;
    /* Sets of 38.212 table 6.3.1.6-1 are the symbols at distance 1, 2, 3 of the nearest DMRS. */
    for (unsigned i = 0; i < n_data; i++)
        ret[i] = 0;
    for (unsigned d = 1; d < 14 && left; d++) {
        unsigned count = 0;
        for (unsigned i = 0; i < n_data; i++)
            count += distance[i] == d;
        if (!count)
            continue;
        unsigned each = left >= count * per ? per : left / count,
                 extra = left >= count * per ? 0 : left % count;
        for (unsigned i = 0; i < n_data; i++) {
            if (distance[i] != d)
                continue;
            ret[i] = (uint16_t)(each + (extra ? 1 : 0));
            extra -= extra ? 1 : 0;
            left -= ret[i];
        }
    }
}
