/* SPDX-License-Identifier: Apache-2.0 */
/* PUCCH transmitter. TS 38.211 6.3.2, 6.4.1.3; 38.212 6.3.1; 38.213 9.2. */
#include "lib/phy/ctrl/pucch_internal.h"

#include "lib/phy/signal/gold.h"
#include "lib/phy/signal/low_papr.h"
#include "lib/phy/signal/modulation.h"
#include "lib/phy/signal/transform_precoding.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define MAX_E (16 * 12 * 14 * 2)
#define MAX_RE (16 * 12 * 14)

int pucch_f0_mcs(uint8_t n_harq, uint8_t harq, bool sr)
{
    if (n_harq == 0)
        return sr ? 0 : -1;
    if (n_harq == 1)
        return (harq & 1 ? 6 : 0) + (sr ? 3 : 0);
    /* (b0, b1): 00, 01, 11, 10 */
    static const uint8_t two[4] = {[0] = 0, [2] = 3, [3] = 6, [1] = 9};
    return two[harq & 3] + (sr ? 1 : 0);
}

void pucch_sequence12(uint8_t u, uint8_t v, uint8_t cyclic_shift, cf_t ret[12])
{
    (void)v; /* one base sequence a group at this length */
    low_papr_sequence(u, 0, 12, cyclic_shift % 12u, 12, ret);
}

static ci16_t to_ci16(cf_t x, float amplitude)
{
    return (ci16_t){(int16_t)lrintf(x.re * amplitude), (int16_t)lrintf(x.im * amplitude)};
}

static void write_f0(const pucch_plan_t *p, unsigned mcs, float amplitude, const phy_grid_t *grid,
                     unsigned ant)
{
    for (unsigned l = p->cfg.start_symbol; l < (unsigned)p->cfg.start_symbol + p->cfg.n_symbols; l++) {
        cf_t r[12];
        pucch_sequence12(p->group[l], p->number[l],
                         (uint8_t)((p->cs[l] + p->cfg.initial_cyclic_shift + mcs) % 12), r);
        ci16_t *out = phy_grid_symbol(grid, ant, l) + 12u * p->hop_prb[pucch_hop_of(p, l)];
        for (unsigned n = 0; n < 12; n++)
            out[n] = to_ci16(r[n], amplitude);
    }
}

static cf_t times(cf_t a, cf_t b)
{
    return (cf_t){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

static void write_f1(const pucch_plan_t *p, cf_t d, float amplitude, const phy_grid_t *grid, unsigned ant)
{
    for (unsigned l = p->cfg.start_symbol; l < (unsigned)p->cfg.start_symbol + p->cfg.n_symbols; l++) {
        cf_t r[12], w = pucch_f1_w(p, p->cfg.time_domain_occ, l);
        pucch_sequence12(p->group[l], p->number[l], (uint8_t)((p->cs[l] + p->cfg.initial_cyclic_shift) % 12),
                         r);
        if (p->data_mask >> l & 1)
            w = times(w, d);
        ci16_t *out = phy_grid_symbol(grid, ant, l) + 12u * p->hop_prb[pucch_hop_of(p, l)];
        for (unsigned n = 0; n < 12; n++)
            out[n] = to_ci16(times(r[n], w), amplitude);
    }
}

static unsigned get_bit(const uint8_t *bits, unsigned i)
{
    return bits[i / 8] >> (7 - i % 8) & 1u;
}

/* The coded bits of both parts in the order of 38.212 6.3.1.6, not scrambled. coded [size: MAX_E / 8] */
static void encode(const phy_t *phy, const pucch_plan_t *p, const pucch_uci_t *uci, uint8_t *coded)
{
    uci_plan_t code;
    int err = uci_plan(&(uci_cfg_t){.a_bits = p->n_uci, .e_bits = p->e_part1, .qm = p->qm}, &code, NULL);
    assert(!err); /* pucch_plan asked the same */
    (void)err;
    if (!p->cfg.csi2) {
        uci_encode(phy, &code, uci->uci, coded);
        return;
    }
    uint8_t part1[MAX_E / 8 + 1], part2[MAX_E / 8 + 1] = {0}, padded[UCI_MAX_BYTES + 1] = {0};
    uci_encode(phy, &code, uci->uci, part1);
    /* A second part of one or two bits is filled up to three (38.212 6.3.1.1.3). */
    unsigned a2 = p->cfg.n_csi2;
    for (unsigned i = 0; i < a2; i++)
        padded[i / 8] |= (uint8_t)(get_bit(uci->csi2, i) << (7 - i % 8));
    if (a2) {
        uci_plan_t second;
        if (!uci_plan(&(uci_cfg_t){.a_bits = (uint16_t)(a2 < 3 ? 3 : a2),
                                   .e_bits = p->e_bits - p->e_part1,
                                   .qm = p->qm},
                      &second, NULL))
            uci_encode(phy, &second, padded, part2);
    }
    uint16_t of_part1[14];
    pucch_part1_symbols(p, of_part1);
    unsigned n_data = (unsigned)__builtin_popcount(p->data_mask), per = p->n_re / n_data, n1 = 0, n2 = 0,
             at = 0;
    memset(coded, 0, (p->e_bits + 7) / 8);
    for (unsigned i = 0; i < n_data; i++)
        for (unsigned k = 0; k < per * p->qm; k++, at++) {
            unsigned bit = k < (unsigned)of_part1[i] * p->qm ? get_bit(part1, n1++) : get_bit(part2, n2++);
            coded[at / 8] |= (uint8_t)(bit << (7 - at % 8));
        }
}

void pucch_f234_symbols(const phy_t *phy, const pucch_plan_t *plan, const pucch_uci_t *uci, cf_t *ret,
                        uint8_t *ret_coded)
{
    uint8_t coded[MAX_E / 8 + 8];
    encode(phy, plan, uci, coded);
    if (ret_coded)
        memcpy(ret_coded, coded, (plan->e_bits + 7) / 8);
    gold_t g;
    gold_init(phy, &g, (((uint32_t)plan->cfg.rnti << 15) + plan->cfg.n_id) & 0x7fffffff, 0);
    gold_xor(&g, coded, plan->e_bits);
    modulate_cf(phy, plan->qm, coded, plan->n_re, 1.0f, ret);
}

static void write_f2(const phy_t *phy, const pucch_plan_t *p, const cf_t *d, float amplitude,
                     const phy_grid_t *grid, unsigned ant)
{
    for (unsigned l = p->cfg.start_symbol; l < (unsigned)p->cfg.start_symbol + p->cfg.n_symbols; l++) {
        cf_t r[4 * PUCCH_MAX_PRB], *dmrs = r;
        pucch_f2_dmrs(phy, p, l, r);
        ci16_t *out = phy_grid_symbol(grid, ant, l) + 12u * p->hop_prb[pucch_hop_of(p, l)];
        for (unsigned k = 0; k < 12u * p->cfg.n_prb; k++)
            out[k] = to_ci16(k % 3 == 1 ? *dmrs++ : *d++, amplitude);
    }
}

/* d [size: symbols of this OFDM symbol] -> out [size: 12 n_prb], spread (format 4) and precoded. */
static void spread(const phy_t *phy, const pucch_plan_t *p, const cf_t *d, cf_t *out, dft_work_t *work)
{
    static const cf_t turn[4] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    unsigned m_sc = 12u * p->cfg.n_prb;
    if (p->cfg.format == 4) {
        unsigned per = 12u / p->cfg.occ_length;
        for (unsigned k = 0; k < 12; k++)
            out[k] = times(turn[pucch_f4_phi(p->cfg.occ_length, p->cfg.occ_index, k)], d[k % per]);
    } else {
        memcpy(out, d, m_sc * sizeof *d);
    }
    transform_precode(phy, m_sc, 1, out, out, work);
}

static void write_f34(const phy_t *phy, const pucch_plan_t *p, const cf_t *d, float amplitude,
                      const phy_grid_t *grid, unsigned ant)
{
    unsigned m_sc = 12u * p->cfg.n_prb, per = p->n_re / (unsigned)__builtin_popcount(p->data_mask);
    dft_work_t work;
    for (unsigned l = p->cfg.start_symbol; l < (unsigned)p->cfg.start_symbol + p->cfg.n_symbols; l++) {
        cf_t x[12 * PUCCH_MAX_PRB];
        if (p->dmrs_mask >> l & 1) {
            pucch_f34_dmrs(p, l, x);
        } else {
            spread(phy, p, d, x, &work);
            d += per;
        }
        ci16_t *out = phy_grid_symbol(grid, ant, l) + 12u * p->hop_prb[pucch_hop_of(p, l)];
        for (unsigned k = 0; k < m_sc; k++)
            out[k] = to_ci16(x[k], amplitude);
    }
}

bool pucch_transmit(const phy_t *phy, const pucch_plan_t *plan, const pucch_uci_t *uci, float gain,
                    const phy_grid_t *grid, unsigned ant)
{
    float amplitude = PHY_UNIT * gain;
    if (plan->cfg.format == 0) {
        int mcs = pucch_f0_mcs((uint8_t)plan->cfg.n_harq, uci->harq, uci->sr);
        if (mcs < 0)
            return false;
        write_f0(plan, (unsigned)mcs, amplitude, grid, ant);
        return true;
    }
    if (plan->cfg.format == 1) {
        if (plan->cfg.n_harq == 0 && !uci->sr)
            return false;
        write_f1(plan, pucch_f1_symbol((uint8_t)plan->cfg.n_harq, uci->harq), amplitude, grid, ant);
        return true;
    }
    cf_t d[MAX_RE];
    pucch_f234_symbols(phy, plan, uci, d, NULL);
    if (plan->cfg.format == 2)
        write_f2(phy, plan, d, amplitude, grid, ant);
    else
        write_f34(phy, plan, d, amplitude, grid, ant);
    return true;
}
