/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/dl/ssb_rx.h"

#include "lib/phy/signal/demap.h"
#include "lib/phy/signal/gold.h"
#include "lib/phy/signal/m_sequence.h"

#include <math.h>
#include <string.h>

#define SYNC_FIRST_SC 56 /* PSS and SSS: subcarriers 56..182 */
#define SSB_PRB (SSB_SC / 12)
#define N_ID_1 336
#define HALF_WIDTH 4 /* subcarriers each side that PSS is averaged over */

int ssb_rx_check(const ssb_rx_cfg_t *c, unsigned n_sc, unsigned n_antennas, phy_refusal_t *why)
{
    if (c->l_max != 4 && c->l_max != 8 && c->l_max != 64)
        return phy_refuse(why, "l_max", c->l_max, "4, 8 or 64");
    if ((unsigned)c->first_sc + SSB_SC > n_sc)
        return phy_refuse(why, "first_sc", c->first_sc, "240 subcarriers of the grid");
    if (c->first_symbol + SSB_SYMBOLS > PHY_SYMBOLS)
        return phy_refuse(why, "first_symbol", c->first_symbol, "0..10");
    if (c->n_rx < 1 || c->n_rx > PHY_MAX_PORTS || c->n_rx > n_antennas)
        return phy_refuse(why, "n_rx", c->n_rx, "1..8, antennas that the grid has");
    return 0;
}

/* dB, -200 for nothing. */
static float db(double x)
{
    return x > 1e-20 ? (float)(10 * log10(x)) : -200;
}

static float square(cf_t x)
{
    return x.re * x.re + x.im * x.im;
}

static const ci16_t *sync_row(const ssb_rx_cfg_t *c, const phy_grid_t *grid, unsigned ant, unsigned symbol)
{
    return phy_grid_symbol(grid, ant, c->first_symbol + symbol) + c->first_sc + SYNC_FIRST_SC;
}

/* ---- cell ---- */

typedef struct {
    cf_t h[PHY_MAX_PORTS][SS_LENGTH]; /* channel by PSS, smoothed */
    double energy, h_energy;          /* of what PSS brought, of h */
    float slope, metric;
} pss_t;

/* What the PSS of one N_ID2 says. */
static void look_for_pss(const ssb_rx_cfg_t *c, const phy_grid_t *grid, unsigned n_id_2, pss_t *ret)
{
    int8_t d[SS_LENGTH];
    cf_t z[PHY_MAX_PORTS][SS_LENGTH];
    double re = 0, im = 0;
    memset(ret, 0, sizeof *ret);
    pss_sequence(n_id_2, d);
    for (unsigned a = 0; a < c->n_rx; a++) {
        const ci16_t *y = sync_row(c, grid, a, 0);
        for (unsigned k = 0; k < SS_LENGTH; k++) {
            z[a][k] = (cf_t){(float)(d[k] * y[k].re) / PHY_UNIT, (float)(d[k] * y[k].im) / PHY_UNIT};
            ret->energy += (double)square(z[a][k]);
            if (k) {
                const cf_t p = z[a][k - 1];
                re += (double)(z[a][k].re * p.re + z[a][k].im * p.im);
                im += (double)(z[a][k].im * p.re - z[a][k].re * p.im);
            }
        }
    }
    ret->metric = ret->energy > 0 ? (float)(hypot(re, im) / ret->energy) : 0;
    ret->slope = re != 0 || im != 0 ? (float)atan2(im, re) : 0;
    for (unsigned a = 0; a < c->n_rx; a++) {
        for (unsigned k = 0; k < SS_LENGTH; k++) { /* the delay's phase out */
            const float turn = ret->slope * (float)k, cr = cosf(turn), ci = -sinf(turn);
            z[a][k] = (cf_t){z[a][k].re * cr - z[a][k].im * ci, z[a][k].re * ci + z[a][k].im * cr};
        }
        for (unsigned k = 0; k < SS_LENGTH; k++) {
            const unsigned from = k > HALF_WIDTH ? k - HALF_WIDTH : 0;
            const unsigned to = k + HALF_WIDTH < SS_LENGTH ? k + HALF_WIDTH + 1 : SS_LENGTH;
            cf_t sum = {0, 0};
            for (unsigned i = from; i < to; i++) {
                sum.re += z[a][i].re;
                sum.im += z[a][i].im;
            }
            const float n = (float)(to - from), turn = ret->slope * (float)k, cr = cosf(turn),
                        ci = sinf(turn);
            ret->h[a][k] = (cf_t){(sum.re * cr - sum.im * ci) / n, (sum.re * ci + sum.im * cr) / n};
            ret->h_energy += (double)square(ret->h[a][k]);
        }
    }
}

bool ssb_rx_cell(const phy_t *phy, const ssb_rx_cfg_t *c, const phy_grid_t *grid, ssb_rx_cell_t *ret)
{
    pss_t pss;
    *ret = (ssb_rx_cell_t){.rsrp_db = -200};
    (void)phy;
    for (unsigned n_id_2 = 0; n_id_2 < 3; n_id_2++) {
        look_for_pss(c, grid, n_id_2, &pss);
        /* SSS against the channel that PSS shows, the antennas together. */
        float match[SS_LENGTH] = {0};
        double energy = 0;
        for (unsigned a = 0; a < c->n_rx; a++) {
            const ci16_t *row = sync_row(c, grid, a, 2);
            for (unsigned k = 0; k < SS_LENGTH; k++) {
                const cf_t y = {(float)row[k].re / PHY_UNIT, (float)row[k].im / PHY_UNIT};
                match[k] += pss.h[a][k].re * y.re + pss.h[a][k].im * y.im;
                energy += (double)square(y);
            }
        }
        const double scale = sqrt(energy * pss.h_energy);
        for (unsigned n_id_1 = 0; scale > 0 && n_id_1 < N_ID_1; n_id_1++) {
            int8_t d[SS_LENGTH];
            float sum = 0;
            sss_sequence(n_id_1, n_id_2, d);
            for (unsigned k = 0; k < SS_LENGTH; k++)
                sum += match[k] * (float)d[k];
            const float sss = (float)((double)sum / scale);
            if (sss > ret->sss)
                *ret = (ssb_rx_cell_t){.phys_cell_id = (uint16_t)(3 * n_id_1 + n_id_2),
                                       .pss = pss.metric,
                                       .sss = sss,
                                       /* what of the received power the sequence explains */
                                       .rsrp_db = db((double)(sss * sss) * energy / (SS_LENGTH * c->n_rx)),
                                       .slope = pss.slope};
        }
    }
    /* Noise alone makes of each of the 1008 a Gaussian of variance 1 / (2 x 127 x n_rx). */
    return ret->sss * sqrtf(2.0f * SS_LENGTH * c->n_rx) > 4.9f;
}

/* ---- PBCH ---- */

/* Received over sent DMRS of one hypothesis in symbols 1 and 3. Returns how alike neighbours are. */
static double try_dmrs(const phy_t *phy, const ssb_rx_cfg_t *c, unsigned cell, unsigned index,
                       const phy_grid_t *grid, comb4_t *e)
{
    ci16_t dmrs[144];
    double re = 0, im = 0;
    if (c->l_max == 4)
        ssb_pbch_dmrs(phy, cell, index % 4, 4, index / 4, PHY_UNIT, dmrs);
    else
        ssb_pbch_dmrs(phy, cell, index, c->l_max, 0, PHY_UNIT, dmrs);
    for (unsigned a = 0; a < c->n_rx; a++)
        for (unsigned s = 0; s < 2; s++) {
            const ci16_t *row = phy_grid_symbol(grid, a, c->first_symbol + 1 + 2 * s) + c->first_sc;
            for (unsigned i = 0; i < 60; i++) {
                const ci16_t y = row[cell % 4 + 4 * i], d = dmrs[84 * s + i];
                cf_t *x = &e->ls[a][s][i];
                *x = (cf_t){((float)y.re * d.re + (float)y.im * d.im) / ((float)PHY_UNIT * PHY_UNIT),
                            ((float)y.im * d.re - (float)y.re * d.im) / ((float)PHY_UNIT * PHY_UNIT)};
                if (i) {
                    re += (double)(x->re * x[-1].re + x->im * x[-1].im);
                    im += (double)(x->im * x[-1].re - x->re * x[-1].im);
                }
            }
        }
    return hypot(re, im);
}

static void estimate(const phy_t *phy, const ssb_rx_cfg_t *c, unsigned cell, unsigned index,
                     const phy_grid_t *grid, comb4_t *e)
{
    e->n_rx = c->n_rx;
    e->n_symbols = 2;
    e->delta = (uint8_t)(cell % 4);
    e->n_prb = e->block[0] = SSB_PRB;
    e->n_blocks = 1;
    try_dmrs(phy, c, cell, index, grid, e);
    comb4_run(e);
}

/* LLRs of the PBCH, descrambled for a block's low index. */
static void soft_bits(const phy_t *phy, const ssb_rx_cfg_t *c, unsigned cell, unsigned low_index,
                      const phy_grid_t *grid, const comb4_t *e, int8_t llr[SSB_PBCH_BITS])
{
    cf_t sym[SSB_PBCH_BITS / 2];
    float inv_noise[SSB_PBCH_BITS / 2];
    for (unsigned i = 0; i < SSB_PBCH_BITS / 2; i++) {
        unsigned symbol, sc;
        float xr = 0, xi = 0, gain = 0;
        ssb_pbch_re(cell, i, &symbol, &sc);
        for (unsigned a = 0; a < c->n_rx; a++) {
            const ci16_t y = phy_grid_symbol(grid, a, c->first_symbol + symbol)[c->first_sc + sc];
            const cf_t h = e->h[a][sc];
            const float w = 1 / e->noise[a];
            xr += w * (h.re * (float)y.re + h.im * (float)y.im);
            xi += w * (h.re * (float)y.im - h.im * (float)y.re);
            gain += w * square(h);
        }
        gain = gain > 1e-20f ? gain : 1e-20f;
        sym[i] = (cf_t){xr / gain / PHY_UNIT, xi / gain / PHY_UNIT};
        inv_noise[i] = gain / (1 + e->error);
    }
    gold_t g;
    demap(phy, 2, sym, inv_noise, SSB_PBCH_BITS / 2, llr);
    gold_init(phy, &g, cell, low_index * SSB_PBCH_BITS);
    gold_flip_llr(&g, llr, SSB_PBCH_BITS);
}

bool ssb_rx_pbch(const phy_t *phy, const ssb_rx_cfg_t *c, unsigned cell, const phy_grid_t *grid,
                 ssb_rx_work_t *work, ssb_rx_pbch_t *ret)
{
    comb4_t *e = &work->estimate;
    double alike[8];
    int8_t llr[SSB_PBCH_BITS];
    bool tried[8] = {false};
    for (unsigned i = 0; i < 8; i++)
        alike[i] = try_dmrs(phy, c, cell, i, grid, e);
    *ret = (ssb_rx_pbch_t){.crc_ok = false};
    for (unsigned n = 0; n < 8; n++) { /* likeliest first */
        unsigned best = 8;
        for (unsigned i = 0; i < 8; i++)
            if (!tried[i] && (best == 8 || alike[i] > alike[best]))
                best = i;
        tried[best] = true;
        estimate(phy, c, cell, best, grid, e);
        if (n == 0) {
            double noise = 0, sinr = 0;
            for (unsigned a = 0; a < c->n_rx; a++) {
                noise += (double)e->noise[a] / c->n_rx;
                sinr += (double)(e->rsrp / e->noise[a]);
            }
            ret->dmrs_index = (uint8_t)best;
            ret->noise_db = db(noise);
            ret->sinr_db = db(sinr);
        }
        if (e->rsrp <= 0)
            continue; /* nothing of DMRS: LLRs of zero would be a valid code word */
        const unsigned low = c->l_max == 4 ? best % 4 : best;
        pbch_payload_t payload = {.cell_id = (uint16_t)cell, .l_max = c->l_max, .ssb_index = (uint8_t)low};
        soft_bits(phy, c, cell, low, grid, e, llr);
        if (!pbch_decode(phy, llr, &work->polar, &payload))
            continue;
        ret->crc_ok = true;
        ret->dmrs_index = (uint8_t)best;
        ret->ssb_index = payload.ssb_index;
        ret->half_frame = payload.half_frame;
        ret->sfn = payload.sfn;
        ret->k_ssb = payload.k_ssb;
        ret->mib = (uint32_t)payload.mib[0] << 16 | (uint32_t)payload.mib[1] << 8 | payload.mib[2];
        return true;
    }
    return false;
}
