/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/pusch/rx_steps.h"

#include <math.h>

void rx_filter(const phy_t *phy, const eq_shape_t *shape, const chest_t *chest, unsigned symbol,
               unsigned irc_prbs, rx_filter_work_t *work, float *g, float *inv_noise)
{
    const unsigned n_rx = shape->n_rx, n_prb = shape->n_sc / 12u;
    float *sinr = shape->n_layers == 1 ? inv_noise : work->sinr;
    chest_at_symbol(phy, chest, symbol, work->h);
    if (shape->kind == EQ_IRC) {
        const unsigned step = irc_prbs ? irc_prbs : 4;
        for (unsigned q = 0, i = 0; q < n_prb; q += step, i++)
            chest_covariance(phy, chest, q, n_prb - q < step ? n_prb - q : step,
                             work->covariance + (size_t)i * n_rx * n_rx);
        eq_filter_irc(phy, shape, work->h, work->covariance, step, g, sinr);
    } else {
        float noise[PHY_MAX_PORTS];
        /* What the estimates are off counts as noise too, once a layer. */
        const float layers = (float)shape->n_layers, drift = chest->drift[symbol] * chest->result.rsrp;
        for (unsigned r = 0; r < n_rx; r++)
            noise[r] = chest->result.noise_ant[r] * (1 + chest->error * layers) + drift * layers;
        eq_filter(phy, shape, work->h, noise, g, sinr);
    }
    if (shape->n_layers > 1)
        eq_order_noise(phy, shape, sinr, 0, shape->n_sc, inv_noise);
}

cf_t rx_pilot_phase(const chest_t *chest, const phy_grid_t *grid, unsigned symbol, unsigned layer,
                    const rx_pilot_t *pilots, unsigned n_pilots)
{
    const chest_plan_t *e = chest->plan;
    const size_t planes = (size_t)e->cfg.n_layers * e->cfg.n_rx;
    float re = 0, im = 0;
    for (unsigned rx_ant = 0; rx_ant < e->cfg.n_rx; rx_ant++) {
        const ci16_t *row = phy_grid_symbol(grid, rx_ant, symbol);
        const float w = 1.0f / chest->result.noise_ant[rx_ant];
        for (unsigned i = 0; i < n_pilots; i++) {
            const rx_pilot_t *p = &pilots[i];
            const ci16_t y = row[p->grid_sc];
            float hr = 0, hi = 0;
            for (unsigned o = 0; o < e->cfg.n_occasions; o++) {
                const float *h =
                    chest->h + ((o * planes + layer * e->cfg.n_rx + rx_ant) * 2) * e->stride + p->compact_sc;
                hr += chest->weight[symbol][o] * h[0];
                hi += chest->weight[symbol][o] * h[e->stride];
            }
            float xr = hr * p->ref.re - hi * p->ref.im, xi = hr * p->ref.im + hi * p->ref.re;
            re += w * (xr * (float)y.re + xi * (float)y.im);
            im += w * (xr * (float)y.im - xi * (float)y.re);
        }
    }
    /* rotation[] has the CFO out already; the symbol's own part of it comes out here. */
    const cf_t rot = chest->rotation[symbol];
    float cr = re * rot.re - im * rot.im, ci = re * rot.im + im * rot.re, size = hypotf(cr, ci);
    return size > 0 && size < 1e30f ? (cf_t){cr / size, -ci / size} : (cf_t){1, 0};
}
