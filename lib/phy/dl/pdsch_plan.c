/* SPDX-License-Identifier: Apache-2.0 */
/* Everything about a PDSCH that does not depend on its bits: checks, then which PRBs, then which REs. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "lib/phy/dl/dmrs.h"
#include "lib/phy/dl/pdsch.h"
#include "lib/phy/dl/vrb.h"

#define POWER_MIN_DB -40.0f
#define POWER_MAX_DB 13.0f /* 256QAM's corners, and DMRS with sqrt 3, still below full scale */

static bool prb_has(const uint64_t *set, unsigned prb)
{
    return set[prb / 64] >> (prb % 64) & 1;
}

static int check_frequency(const pdsch_cfg_t *c, phy_refusal_t *why)
{
    if (c->slot > 159)
        return phy_refuse(why, "slot", c->slot, "0..159");
    if (c->carrier_size < 1 || c->carrier_size > PHY_MAX_PRB)
        return phy_refuse(why, "carrier_size", c->carrier_size, "1..275");
    if (c->carrier_start > 2199)
        return phy_refuse(why, "carrier_start", c->carrier_start, "0..2199");
    if (c->bwp_start < c->carrier_start || c->bwp_start >= c->carrier_start + c->carrier_size)
        return phy_refuse(why, "bwp_start", c->bwp_start, "a CRB of the carrier");
    if (c->bwp_size < 1 || c->bwp_start + c->bwp_size > c->carrier_start + c->carrier_size)
        return phy_refuse(why, "bwp_size", c->bwp_size, "1 up to the carrier's end");
    if ((unsigned)c->vrb_mapping > PDSCH_VRB_INTERLEAVED_CORESET0)
        return phy_refuse(why, "vrb_mapping", c->vrb_mapping, "0..4");
    if (c->vrb_mapping == PDSCH_VRB_INTERLEAVED && c->vrb_bundle != 2 && c->vrb_bundle != 4)
        return phy_refuse(why, "vrb_bundle", c->vrb_bundle, "2 or 4");
    bool common =
        c->vrb_mapping == PDSCH_VRB_INTERLEAVED_COMMON || c->vrb_mapping == PDSCH_VRB_INTERLEAVED_CORESET0;
    if ((common || c->vrb_mapping == PDSCH_VRB_DIRECT_COMMON || c->dmrs_coreset0) &&
        c->coreset_start >= c->bwp_size)
        return phy_refuse(why, "coreset_start", c->coreset_start, "a PRB of the BWP");
    if (common && (c->n_initial_bwp < 1 || c->coreset_start + c->n_initial_bwp > c->bwp_size))
        return phy_refuse(why, "n_initial_bwp", c->n_initial_bwp, "1 up to the BWP's end");
    if (c->resource_alloc > 1)
        return phy_refuse(why, "resource_alloc", c->resource_alloc, "0 or 1");
    return 0;
}

static int check_dmrs(const pdsch_cfg_t *c, phy_refusal_t *why)
{
    if (c->start_symbol >= PHY_SYMBOLS)
        return phy_refuse(why, "start_symbol", c->start_symbol, "0..13");
    if (c->n_symbols < 1 || c->start_symbol + c->n_symbols > PHY_SYMBOLS)
        return phy_refuse(why, "n_symbols", c->n_symbols, "1..14 within the slot");
    if (c->n_layers < 1 || c->n_layers > PHY_MAX_LAYERS)
        return phy_refuse(why, "n_layers", c->n_layers, "1..4");
    if (c->dmrs_type != 1 && c->dmrs_type != 2)
        return phy_refuse(why, "dmrs_type", c->dmrs_type, "1 or 2");
    if (c->dmrs_length != 1 && c->dmrs_length != 2)
        return phy_refuse(why, "dmrs_length", c->dmrs_length, "1 or 2");
    unsigned symbols = ((1u << c->n_symbols) - 1) << c->start_symbol;
    if (!c->dmrs_symbols || (c->dmrs_symbols & ~symbols))
        return phy_refuse(why, "dmrs_symbols", c->dmrs_symbols, "some of the PDSCH's symbols");
    unsigned rest = c->dmrs_symbols;
    for (; c->dmrs_length == 2 && rest; rest &= rest - 1) {
        unsigned first = rest & -rest;
        if (!(rest & first << 1))
            return phy_refuse(why, "dmrs_symbols", c->dmrs_symbols, "pairs of symbols");
        rest &= ~first; /* the loop takes the second */
    }
    if (c->n_cdm_groups_without_data < 1 || c->n_cdm_groups_without_data > (c->dmrs_type == 1 ? 2 : 3))
        return phy_refuse(why, "n_cdm_groups_without_data", c->n_cdm_groups_without_data,
                          "1..2 (type 1), 1..3 (type 2)");
    if (__builtin_popcount(c->dmrs_ports) != c->n_layers)
        return phy_refuse(why, "dmrs_ports", c->dmrs_ports, "as many ports as layers");
    for (unsigned p = 0; p < 16; p++) {
        dmrs_port_t port;
        if (!(c->dmrs_ports >> p & 1))
            continue;
        if (dmrs_port(c->dmrs_type, c->dmrs_length, p, &port, NULL) < 0 ||
            port.cdm_group >= c->n_cdm_groups_without_data)
            return phy_refuse(why, "dmrs_ports", c->dmrs_ports,
                              "ports of the DMRS type, in the CDM groups without data");
    }
    if (c->dmrs_n_scid > 1)
        return phy_refuse(why, "dmrs_n_scid", c->dmrs_n_scid, "0 or 1");
    return 0;
}

/* k_ref^RE: table 7.4.1.2.2-1. [type - 1][port][offset] */
static const uint8_t ptrs_k_ref[2][6][4] = {
    {{0, 2, 6, 8}, {2, 4, 8, 10}, {1, 3, 7, 9}, {3, 5, 9, 11}},
    {{0, 1, 6, 7}, {1, 6, 7, 0}, {2, 3, 8, 9}, {3, 8, 9, 2}, {4, 5, 10, 11}, {5, 10, 11, 4}}};

/* DMRS port of a layer: the i-th bit set. */
static unsigned port_of_layer(uint16_t ports, unsigned layer)
{
    for (; layer; layer--)
        ports &= (uint16_t)(ports - 1);
    return (unsigned)__builtin_ctz(ports);
}

static int check_ptrs(const pdsch_cfg_t *c, phy_refusal_t *why)
{
    if (c->ptrs_layer >= c->n_layers ||
        port_of_layer(c->dmrs_ports, c->ptrs_layer) >= (c->dmrs_type == 1 ? 4 : 6))
        return phy_refuse(why, "ptrs_layer", c->ptrs_layer, "a layer on ports 0..3 (type 1), 0..5 (type 2)");
    if (c->ptrs_l != 1 && c->ptrs_l != 2 && c->ptrs_l != 4)
        return phy_refuse(why, "ptrs_l", c->ptrs_l, "1, 2 or 4");
    if (c->ptrs_k != 2 && c->ptrs_k != 4)
        return phy_refuse(why, "ptrs_k", c->ptrs_k, "2 or 4");
    if (c->ptrs_re_offset > 3)
        return phy_refuse(why, "ptrs_re_offset", c->ptrs_re_offset, "0..3");
    if (c->ptrs_epre_ratio > 1)
        return phy_refuse(why, "ptrs_epre_ratio", c->ptrs_epre_ratio, "0 or 1");
    return 0;
}

static int check_rest(const pdsch_cfg_t *c, unsigned grid_antennas, phy_refusal_t *why)
{
    if (c->qm != 2 && c->qm != 4 && c->qm != 6 && c->qm != 8)
        return phy_refuse(why, "qm", c->qm, "2, 4, 6 or 8");
    if (c->rv > 3)
        return phy_refuse(why, "rv", c->rv, "0..3");
    if (c->n_id > 1023)
        return phy_refuse(why, "n_id", c->n_id, "0..1023");
    if (!(c->power_db >= POWER_MIN_DB && c->power_db <= POWER_MAX_DB))
        return phy_refuse(why, "power_db", 0, "-40..13");
    if (c->n_reserved > PDSCH_MAX_RESERVED)
        return phy_refuse(why, "n_reserved", c->n_reserved, "0..64");
    if (c->n_reserved && !c->reserved)
        return phy_refuse(why, "reserved", 0, "n_reserved entries");
    if (c->n_prgs == 0 && c->n_layers > grid_antennas)
        return phy_refuse(why, "n_layers", c->n_layers, "at most the grid's antennas without precoding");
    if (c->n_prgs > PDSCH_MAX_PRGS)
        return phy_refuse(why, "n_prgs", c->n_prgs, "0..275");
    if (c->n_prgs && !c->prg)
        return phy_refuse(why, "prg", 0, "n_prgs matrices");
    for (unsigned g = 0; g < c->n_prgs; g++)
        if (!c->prg[g] || c->prg[g]->n_layers != c->n_layers || c->prg[g]->n_ports < 1 ||
            c->prg[g]->n_ports > grid_antennas || c->prg[g]->n_ports > PHY_MAX_PORTS)
            return phy_refuse(why, "prg", g, "a matrix of n_layers and of ports that the grid has");
    return 0;
}

/* PRBs of the carrier in VRB order. */
static int place_prbs(const pdsch_cfg_t *c, pdsch_plan_t *p, phy_refusal_t *why)
{
    uint16_t map[PHY_MAX_PRB];
    unsigned n_vrb = vrb_to_prb(c, map), n = 0;
    unsigned offset = (unsigned)c->bwp_start - c->carrier_start;
    if (c->resource_alloc == 1) {
        if (c->rb_start >= n_vrb)
            return phy_refuse(why, "rb_start", c->rb_start, "a VRB");
        if (c->rb_size < 1 || c->rb_start + c->rb_size > n_vrb)
            return phy_refuse(why, "rb_size", c->rb_size, "1 up to the last VRB");
        for (unsigned v = c->rb_start; v < (unsigned)c->rb_start + c->rb_size; v++)
            p->prb_list[n++] = (uint16_t)(offset + map[v]);
    } else {
        for (unsigned v = 0; v < 64 * PDSCH_PRB_WORDS; v++) {
            if (!prb_has(c->rb_bitmap, v))
                continue;
            if (v >= n_vrb)
                return phy_refuse(why, "rb_bitmap", v, "VRBs of the BWP");
            p->prb_list[n++] = (uint16_t)(offset + map[v]);
        }
        if (n == 0)
            return phy_refuse(why, "rb_bitmap", 0, "at least one VRB");
    }
    for (unsigned i = 0; c->dmrs_coreset0 && i < n; i++)
        if (p->prb_list[i] < offset + c->coreset_start)
            return phy_refuse(why, "dmrs_coreset0", 1, "PRBs from CORESET 0's lowest on");
    p->n_prb = (uint16_t)n;
    memset(p->prb, 0, sizeof p->prb);
    for (unsigned i = 0; i < n; i++)
        p->prb[p->prb_list[i] / 64] |= UINT64_C(1) << (p->prb_list[i] % 64);
    return 0;
}

static unsigned prg_of(const pdsch_cfg_t *c, unsigned prb)
{
    if (c->n_prgs == 0 || c->prg_size == 0)
        return 0;
    return (c->carrier_start + prb) / c->prg_size - c->bwp_start / c->prg_size;
}

static int check_prgs(const pdsch_cfg_t *c, const pdsch_plan_t *p, phy_refusal_t *why)
{
    for (unsigned i = 0; c->n_prgs && i < p->n_prb; i++)
        if (prg_of(c, p->prb_list[i]) >= c->n_prgs)
            return phy_refuse(why, "n_prgs", c->n_prgs, "a PRG for every PRB");
    return 0;
}

static void place_dmrs(const pdsch_cfg_t *c, pdsch_plan_t *p)
{
    p->n_dmrs_runs = 0;
    for (unsigned prb = 0; prb < c->carrier_size; prb++) {
        if (!prb_has(p->prb, prb))
            continue;
        unsigned prg = prg_of(c, prb);
        pdsch_run_t *last = p->n_dmrs_runs ? &p->dmrs_runs[p->n_dmrs_runs - 1] : NULL;
        if (last && last->prb + last->n_prb == (int)prb && last->prg == prg)
            last->n_prb++;
        else
            p->dmrs_runs[p->n_dmrs_runs++] =
                (pdsch_run_t){.prb = (uint16_t)prb, .n_prb = 1, .prg = (uint16_t)prg};
    }
}

/* 7.4.1.2.2 */
static void place_ptrs(const pdsch_cfg_t *c, pdsch_plan_t *p)
{
    p->ptrs_symbols = 0;
    p->n_ptrs = 0;
    p->ptrs_re = 0;
    memset(p->ptrs_reserved, 0, sizeof p->ptrs_reserved);
    if (!c->ptrs)
        return;
    unsigned port = p->dmrs_port[c->ptrs_layer];
    p->ptrs_re = ptrs_k_ref[c->dmrs_type - 1][port][c->ptrs_re_offset];
    unsigned dmrs = (unsigned)c->dmrs_symbols >> c->start_symbol, step = c->ptrs_l, l_ref = 0, i = 0;
    while (l_ref + i * step < c->n_symbols) {
        unsigned from = i ? l_ref + (i - 1) * step + 1 : l_ref, to = l_ref + i * step, hit = PHY_SYMBOLS;
        for (unsigned l = from; l <= to; l++)
            if (dmrs >> l & 1)
                hit = l;
        if (hit == PHY_SYMBOLS) {
            p->ptrs_symbols |= (uint16_t)(1u << (c->start_symbol + to));
            i++;
            continue;
        }
        /* the second symbol of a pair is the reference */
        while (c->dmrs_length == 2 && hit + 1 < c->n_symbols && (dmrs >> (hit + 1) & 1))
            hit++;
        l_ref = hit;
        i = 1;
    }
    unsigned k = c->ptrs_k, rest = p->n_prb % k, ref = c->rnti % (rest ? rest : k), n = 0;
    for (unsigned prb = 0; prb < c->carrier_size; prb++)
        if (prb_has(p->prb, prb) && (n++ + k - ref) % k == 0 && n > ref)
            p->ptrs_prb[p->n_ptrs++] = (uint16_t)prb;
}

/* What makes two symbols' REs differ. */
typedef struct {
    bool dmrs, ptrs;
    uint64_t reserved; /* entries that are in the symbol */
} symbol_key_t;

/* Data subcarriers of each PRB of the carrier. */
static void data_masks(const pdsch_cfg_t *c, const pdsch_plan_t *p, const symbol_key_t *key,
                       uint16_t mask[PHY_MAX_PRB])
{
    uint16_t base =
        key->dmrs ? (uint16_t)(0xfff & ~dmrs_re_mask(c->dmrs_type, c->n_cdm_groups_without_data)) : 0xfff;
    for (unsigned i = 0; i < PHY_MAX_PRB; i++)
        mask[i] = base;
    for (unsigned i = 0; key->ptrs && i < p->n_ptrs; i++)
        mask[p->ptrs_prb[i]] &= (uint16_t) ~(1u << p->ptrs_re);
    for (uint64_t r = key->reserved; r; r &= r - 1) {
        const pdsch_reserved_t *e = &c->reserved[__builtin_ctzll(r)];
        for (unsigned prb = 0; prb < c->carrier_size; prb++)
            if (prb_has(e->prb, prb))
                mask[prb] &= (uint16_t)~e->re;
    }
}

static void place_data(const pdsch_cfg_t *c, pdsch_plan_t *p)
{
    symbol_key_t keys[PHY_SYMBOLS];
    uint16_t mask[PHY_MAX_PRB];
    p->n_runs = 0;
    p->n_re = 0;
    for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
        pdsch_symbol_t *s = &p->symbol[l];
        *s = (pdsch_symbol_t){.first_re = p->n_re};
        if (l < c->start_symbol || l >= (unsigned)c->start_symbol + c->n_symbols)
            continue;
        keys[l] = (symbol_key_t){.dmrs = c->dmrs_symbols >> l & 1, .ptrs = p->ptrs_symbols >> l & 1};
        for (unsigned e = 0; e < c->n_reserved; e++)
            keys[l].reserved |= (uint64_t)(c->reserved[e].symbols >> l & 1) << e;
        unsigned same = c->start_symbol;
        while (same < l && (keys[same].dmrs != keys[l].dmrs || keys[same].ptrs != keys[l].ptrs ||
                            keys[same].reserved != keys[l].reserved))
            same++;
        if (same < l) {
            s->n_re = p->symbol[same].n_re;
            s->first_run = p->symbol[same].first_run;
            s->n_runs = p->symbol[same].n_runs;
            p->n_re += s->n_re;
            continue;
        }
        data_masks(c, p, &keys[l], mask);
        s->first_run = p->n_runs;
        for (unsigned i = 0; i < p->n_prb; i++) {
            unsigned prb = p->prb_list[i], prg = prg_of(c, prb);
            if (!mask[prb])
                continue;
            pdsch_run_t *last = p->n_runs > s->first_run ? &p->runs[p->n_runs - 1] : NULL;
            if (last && last->prb + last->n_prb == (int)prb && last->re == mask[prb] && last->prg == prg)
                last->n_prb++;
            else
                p->runs[p->n_runs++] = (pdsch_run_t){.prb = (uint16_t)prb,
                                                     .n_prb = 1,
                                                     .re = mask[prb],
                                                     .prg = (uint16_t)prg,
                                                     .first_re = s->n_re};
            s->n_re += (uint32_t)__builtin_popcount(mask[prb]);
        }
        s->n_runs = (uint16_t)(p->n_runs - s->first_run);
        p->n_re += s->n_re;
    }
}

/* DMRS must not meet a reserved RE; a PTRS that does is not sent (7.4.1.2.2). */
static int meet_reserved(const pdsch_cfg_t *c, pdsch_plan_t *p, phy_refusal_t *why)
{
    uint16_t own = 0;
    for (unsigned l = 0; l < c->n_layers; l++) {
        dmrs_port_t port = {0};
        dmrs_port(c->dmrs_type, c->dmrs_length, p->dmrs_port[l], &port, NULL);
        own |= dmrs_group_re_mask(c->dmrs_type, port.cdm_group);
    }
    for (unsigned e = 0; e < c->n_reserved; e++) {
        const pdsch_reserved_t *r = &c->reserved[e];
        for (unsigned w = 0; (r->symbols & c->dmrs_symbols) && (r->re & own) && w < PDSCH_PRB_WORDS; w++)
            if (r->prb[w] & p->prb[w])
                return phy_refuse(why, "reserved", e, "no RE of this PDSCH's DMRS");
        for (unsigned i = 0; (r->re >> p->ptrs_re & 1) && i < p->n_ptrs; i++)
            for (unsigned l = 0; prb_has(r->prb, p->ptrs_prb[i]) && l < PHY_SYMBOLS; l++)
                p->ptrs_reserved[l][i / 64] |= (uint64_t)(r->symbols >> l & 1) << (i % 64);
    }
    return 0;
}

static int plan_coding(const phy_t *phy, const pdsch_cfg_t *c, pdsch_plan_t *p, phy_refusal_t *why)
{
    if (p->n_re == 0)
        return phy_refuse(why, "n_symbols", c->n_symbols, "REs for data beside DMRS and what is reserved");
    p->g_bits = p->n_re * c->qm * c->n_layers;
    sch_cfg_t sch = {.tb_bytes = c->tb_bytes,
                     .g_bits = p->g_bits,
                     .tbs_lbrm = c->tbs_lbrm,
                     .rate_x10 = c->target_code_rate,
                     .rv = c->rv,
                     .qm = c->qm,
                     .n_layers = c->n_layers};
    phy_refusal_t inner = {0};
    int r = sch_plan(phy, &sch, &p->sch, &inner);
    if (r < 0) {
        const char *field = strcmp(inner.field, "rate_x10") == 0 ? "target_code_rate"
                            : strcmp(inner.field, "g_bits") == 0 ? "tb_bytes"
                                                                 : inner.field;
        return phy_refuse(why, field, inner.value, inner.expected);
    }
    p->n_code_blocks = p->sch.n_cb;
    unsigned per_re = (unsigned)c->qm * c->n_layers;
    for (unsigned b = 0; b < p->n_code_blocks; b++)
        p->cb_first_re[b] = sch_e_start(&p->sch, b) / per_re;
    p->cb_first_re[p->n_code_blocks] = p->n_re;
    return 0;
}

int pdsch_plan(const phy_t *phy, const pdsch_cfg_t *c, unsigned grid_antennas, pdsch_plan_t *p,
               phy_refusal_t *why)
{
    int r;
    if ((r = check_frequency(c, why)) || (r = check_dmrs(c, why)) || (c->ptrs && (r = check_ptrs(c, why))) ||
        (r = check_rest(c, grid_antennas, why)) || (r = place_prbs(c, p, why)) || (r = check_prgs(c, p, why)))
        return r;
    p->qm = c->qm;
    p->n_layers = c->n_layers;
    p->n_ports = c->n_layers;
    for (unsigned g = 0; g < c->n_prgs; g++)
        p->n_ports = g == 0 || c->prg[g]->n_ports > p->n_ports ? c->prg[g]->n_ports : p->n_ports;
    for (unsigned l = 0; l < c->n_layers; l++)
        p->dmrs_port[l] = (uint8_t)port_of_layer(c->dmrs_ports, l);
    p->c_init = (uint32_t)c->rnti << 15 | c->n_id; /* q = 0; 7.3.1.1 */
    p->amplitude = powf(10.0f, c->power_db / 20.0f);
    precoding_identity(c->n_layers, c->n_layers, &p->identity);
    dl_map_init(&p->map, c->qm, c->n_layers, p->amplitude * PHY_UNIT);
    place_dmrs(c, p);
    place_ptrs(c, p);
    place_data(c, p);
    if ((r = meet_reserved(c, p, why)) || (r = plan_coding(phy, c, p, why)))
        return r;
    p->cfg = *c;
    return 0;
}

void pdsch_reserve_sc(unsigned first_sc, unsigned n_sc, uint16_t symbols, pdsch_reserved_t *ret)
{
    *ret = (pdsch_reserved_t){.symbols = symbols, .re = 0xfff};
    for (unsigned prb = first_sc / 12;
         n_sc && prb <= (first_sc + n_sc - 1) / 12 && prb < 64 * PDSCH_PRB_WORDS; prb++)
        ret->prb[prb / 64] |= UINT64_C(1) << (prb % 64);
}
