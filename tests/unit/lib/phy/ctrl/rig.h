/* SPDX-License-Identifier: Apache-2.0 */
/* A small uplink of our own: UEs' grids through a channel per antenna (flat or two paths, delay, frequency
 * offset) plus noise into a received grid. Slow and plain; seeded. */
#ifndef VITRAN_TESTS_PHY_CTRL_RIG_H
#define VITRAN_TESTS_PHY_CTRL_RIG_H

#include "lib/phy/phy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RIG_PI 3.14159265358979323846
#define RIG_STRIDE 640 /* 52 PRBs */
#define RIG_ANT 8

static uint64_t rig_state = 88172645463325252ull;

static inline void rig_seed(uint64_t seed)
{
    rig_state = seed * 0x9e3779b97f4a7c15ull | 1;
}

static inline uint64_t rig_next(void)
{
    rig_state ^= rig_state << 13;
    rig_state ^= rig_state >> 7;
    rig_state ^= rig_state << 17;
    return rig_state;
}

static inline unsigned rig_below(unsigned n)
{
    return (unsigned)((rig_next() >> 33) % n);
}

static inline double rig_uniform(void)
{
    return (double)(rig_next() >> 11) / 9007199254740992.0;
}

/* Both of a pair of normal deviates. */
static inline void rig_gauss(double *a, double *b)
{
    double r = sqrt(-2 * log(rig_uniform() + 1e-300)), t = 2 * RIG_PI * rig_uniform();
    *a = r * cos(t);
    *b = r * sin(t);
}

typedef struct {
    _Alignas(64) ci16_t re[RIG_ANT * PHY_SYMBOLS * RIG_STRIDE];
} rig_memory_t;

static inline phy_grid_t rig_grid(rig_memory_t *m, unsigned n_prb, unsigned n_ant)
{
    memset(m, 0, sizeof *m);
    return (phy_grid_t){m->re, (uint16_t)(12 * n_prb), (uint8_t)n_ant, PHY_SYMBOLS, RIG_STRIDE};
}

typedef struct {
    double gain; /* amplitude, mean */
    double delay_ns;
    double offset_hz;
    double echo, echo_ns; /* a second path, relative amplitude */
    bool fading;          /* Rayleigh per antenna and path; else unit modulus, random phase */
} rig_path_t;

static double rig_rx[RIG_ANT][PHY_SYMBOLS][RIG_STRIDE][2];

static inline void rig_clear(void)
{
    memset(rig_rx, 0, sizeof rig_rx);
}

static inline void rig_coefficient(const rig_path_t *p, double *re, double *im)
{
    if (p->fading) {
        rig_gauss(re, im);
        *re *= sqrt(0.5);
        *im *= sqrt(0.5);
    } else {
        double t = 2 * RIG_PI * rig_uniform();
        *re = cos(t);
        *im = sin(t);
    }
}

/* Adds antenna `ant` of a UE's grid to what each of n_rx antennas receives. When h is not NULL it gets the
 * channel [size: n_rx x n_sc], h[rx * n_sc + k], of the first symbol. */
static inline void rig_add(const phy_grid_t *ue, unsigned ant, unsigned n_rx, unsigned mu,
                           const rig_path_t *p, cf_t *h)
{
    double scs = 15000.0 * (1u << mu), symbol_s = 1e-3 / 14 / (1u << mu);
    for (unsigned a = 0; a < n_rx; a++) {
        double c[2][2];
        rig_coefficient(p, &c[0][0], &c[0][1]);
        rig_coefficient(p, &c[1][0], &c[1][1]);
        for (unsigned k = 0; k < ue->n_sc; k++) {
            double t0 = -2 * RIG_PI * scs * k * p->delay_ns * 1e-9,
                   t1 = -2 * RIG_PI * scs * k * (p->delay_ns + p->echo_ns) * 1e-9;
            double re = c[0][0] * cos(t0) - c[0][1] * sin(t0), im = c[0][0] * sin(t0) + c[0][1] * cos(t0);
            re += p->echo * (c[1][0] * cos(t1) - c[1][1] * sin(t1));
            im += p->echo * (c[1][0] * sin(t1) + c[1][1] * cos(t1));
            re *= p->gain;
            im *= p->gain;
            if (h)
                h[a * ue->n_sc + k] = (cf_t){(float)re, (float)im};
            for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
                ci16_t x = phy_grid_symbol(ue, ant, l)[k];
                if (!x.re && !x.im)
                    continue;
                double f = 2 * RIG_PI * p->offset_hz * symbol_s * l, cf = cos(f), sf = sin(f);
                double hr = re * cf - im * sf, hi = re * sf + im * cf;
                rig_rx[a][l][k][0] += hr * x.re - hi * x.im;
                rig_rx[a][l][k][1] += hr * x.im + hi * x.re;
            }
        }
    }
}

static inline int16_t rig_round(double x)
{
    return (int16_t)(x > 32767 ? 32767 : x < -32767 ? -32767 : lrint(x));
}

/* What was added plus noise of `sigma` (a complex sample's standard deviation, grid units), symbols in the
 * mask. */
static inline void rig_receive(const phy_grid_t *rx, double sigma, unsigned symbol_mask)
{
    for (unsigned a = 0; a < rx->n_ant; a++)
        for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
            if (!(symbol_mask >> l & 1))
                continue;
            ci16_t *out = phy_grid_symbol(rx, a, l);
            for (unsigned k = 0; k < rx->n_sc; k++) {
                double x, y;
                rig_gauss(&x, &y);
                out[k] = (ci16_t){rig_round(rig_rx[a][l][k][0] + x * sigma * sqrt(0.5)),
                                  rig_round(rig_rx[a][l][k][1] + y * sigma * sqrt(0.5))};
            }
        }
}

/* Upper end of the 99.9% interval of a rate, k of n seen (Wilson). */
static inline double rig_rate_above(unsigned k, unsigned n, double z)
{
    double p = (double)k / n, d = 1 + z * z / n;
    return (p + z * z / (2.0 * n) + z * sqrt(p * (1 - p) / n + z * z / (4.0 * n * n))) / d;
}

static inline double rig_rate_below(unsigned k, unsigned n, double z)
{
    double p = (double)k / n, d = 1 + z * z / n;
    return (p + z * z / (2.0 * n) - z * sqrt(p * (1 - p) / n + z * z / (4.0 * n * n))) / d;
}

#endif
