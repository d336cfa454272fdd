/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of lib/phy/dl have in common: random numbers, the Gold sequence bit by bit, modulation by
 * the formulas of TS 38.211 5.1 in double, and grids of doubles. Written for reading, not for speed. */
#ifndef VITRAN_TESTS_DL_MODEL_H
#define VITRAN_TESTS_DL_MODEL_H

#include <complex.h>
#include <math.h>
#include <stdlib.h>

#include "lib/phy/phy.h"
#include "tests/unit/cu.h"

typedef double complex cd;

typedef struct {
    uint32_t x;
} rnd_t;

static inline uint32_t rnd(rnd_t *r)
{
    r->x ^= r->x << 13;
    r->x ^= r->x >> 17;
    r->x ^= r->x << 5;
    return r->x;
}
static inline unsigned pick(rnd_t *r, unsigned n)
{
    return (rnd(r) >> 8) % n;
}

/* c(0..n-1), 5.2.1. */
static inline void model_gold(uint32_t c_init, size_t n, uint8_t *c)
{
    size_t all = n + 1600 + 31;
    uint8_t *x1 = calloc(1, all), *x2 = calloc(1, all);
    x1[0] = 1;
    for (unsigned i = 0; i < 31; i++)
        x2[i] = c_init >> i & 1;
    for (size_t i = 0; i + 31 < all; i++) {
        x1[i + 31] = x1[i + 3] ^ x1[i];
        x2[i + 31] = x2[i + 3] ^ x2[i + 2] ^ x2[i + 1] ^ x2[i];
    }
    for (size_t i = 0; i < n; i++)
        c[i] = x1[i + 1600] ^ x2[i + 1600];
    free(x1);
    free(x2);
}

static inline cd model_qpsk(unsigned b0, unsigned b1)
{
    return ((1.0 - 2.0 * b0) + I * (1.0 - 2.0 * b1)) / sqrt(2);
}

/* 5.1.3 to 5.1.6, b [qm] one bit a byte. */
static inline cd model_modulate(unsigned qm, const uint8_t *b)
{
#define S(i) (1.0 - 2.0 * b[i])
    switch (qm) {
    case 2:
        return (S(0) + I * S(1)) / sqrt(2);
    case 4:
        return (S(0) * (2 - S(2)) + I * S(1) * (2 - S(3))) / sqrt(10);
    case 6:
        return (S(0) * (4 - S(2) * (2 - S(4))) + I * S(1) * (4 - S(3) * (2 - S(5)))) / sqrt(42);
    default:
        return (S(0) * (8 - S(2) * (4 - S(4) * (2 - S(6)))) +
                I * S(1) * (8 - S(3) * (4 - S(5) * (2 - S(7))))) /
               sqrt(170);
    }
#undef S
}

/* A grid of ci16 with its memory, and one of doubles beside it. */
typedef struct {
    phy_grid_t grid;
    cd *want; /* [antenna][symbol][subcarrier], unit power 1 */
} pair_t;

static inline pair_t pair_create(unsigned n_ant, unsigned n_prb)
{
    pair_t p = {.grid = {.n_sc = (uint16_t)(n_prb * 12),
                         .n_ant = (uint8_t)n_ant,
                         .n_symbols = 14,
                         .stride = PHY_GRID_STRIDE}};
    size_t n = (size_t)n_ant * 14 * PHY_GRID_STRIDE;
    p.grid.re = aligned_alloc(64, n * sizeof(ci16_t));
    memset(p.grid.re, 0, n * sizeof(ci16_t));
    p.want = calloc((size_t)n_ant * 14 * p.grid.n_sc, sizeof(cd));
    return p;
}
static inline void pair_clear(pair_t *p)
{
    memset(p->grid.re, 0, (size_t)p->grid.n_ant * 14 * PHY_GRID_STRIDE * sizeof(ci16_t));
}
static inline void pair_destroy(pair_t *p)
{
    free(p->grid.re);
    free(p->want);
}
static inline cd *want_at(const pair_t *p, unsigned ant, unsigned symbol, unsigned sc)
{
    return &p->want[((size_t)ant * 14 + symbol) * p->grid.n_sc + sc];
}
/* The largest difference, LSBs, and every RE outside n_sc is still zero. */
static inline double pair_worst(const pair_t *p)
{
    double worst = 0;
    for (unsigned a = 0; a < p->grid.n_ant; a++)
        for (unsigned l = 0; l < 14; l++) {
            const ci16_t *x = phy_grid_symbol(&p->grid, a, l);
            for (unsigned k = 0; k < PHY_GRID_STRIDE; k++) {
                cd w = k < p->grid.n_sc ? *want_at(p, a, l, k) * PHY_UNIT : 0;
                double d = fmax(fabs(creal(w) - x[k].re), fabs(cimag(w) - x[k].im));
                worst = d > worst ? d : worst;
            }
        }
    return worst;
}

#endif
