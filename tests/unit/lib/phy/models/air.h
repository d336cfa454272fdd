/* SPDX-License-Identifier: Apache-2.0 */
/* From a model's grid through tests/link's channel to both receivers' grids. */
#ifndef VITRAN_TESTS_MODELS_AIR_H
#define VITRAN_TESTS_MODELS_AIR_H

#include "tests/link/channel.h"
#include "tests/unit/lib/phy/models/compare.h"

#include <math.h>

/* sent [n_ant][14][n_sc] to int16, times gain. */
static inline void air_send(const cplx_t *sent, double gain, const phy_grid_t *ret)
{
    for (unsigned a = 0; a < ret->n_ant; a++)
        for (unsigned l = 0; l < PHY_SYMBOLS; l++)
            for (unsigned k = 0; k < ret->n_sc; k++) {
                cplx_t x = sent[((size_t)a * PHY_SYMBOLS + l) * ret->n_sc + k] * gain * PHY_UNIT;
                phy_grid_symbol(ret, a, l)[k] = (ci16_t){(int16_t)lrint(creal(x)), (int16_t)lrint(cimag(x))};
            }
}

/* What a model receives: [n_ant][14][n_sc], unit-power symbols. */
static inline void air_receive(const phy_grid_t *grid, cplx_t *ret)
{
    for (unsigned a = 0; a < grid->n_ant; a++)
        for (unsigned l = 0; l < PHY_SYMBOLS; l++)
            for (unsigned k = 0; k < grid->n_sc; k++) {
                ci16_t x = phy_grid_symbol(grid, a, l)[k];
                ret[((size_t)a * PHY_SYMBOLS + l) * grid->n_sc + k] = (x.re + I * x.im) / (double)PHY_UNIT;
            }
}

static inline channel_t *air_channel(channel_profile_t profile, unsigned n_tx, unsigned n_rx, unsigned mu,
                                     unsigned n_prb, double delay_ns, double cfo_hz, uint64_t seed)
{
    channel_cfg_t c = {.profile = profile,
                       .n_tx = (uint8_t)n_tx,
                       .n_rx = (uint8_t)n_rx,
                       .mu = (uint8_t)mu,
                       .n_sc = (uint16_t)(12 * n_prb),
                       .delay_ns = (float)delay_ns,
                       .cfo_hz = (float)cfo_hz,
                       .gain = 0.25f,
                       .seed = seed};
    channel_t *ret;
    if (channel_create(&c, &ret))
        abort();
    return ret;
}

/* Is k of n what probability p gives, or less? Four standard deviations. */
static inline bool at_most(unsigned k, unsigned n, double p)
{
    return k <= p * n + 4 * sqrt(p * n) + 1;
}

static inline double db(double x)
{
    return pow(10, x / 10);
}

#endif
