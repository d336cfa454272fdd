/* SPDX-License-Identifier: Apache-2.0 */
/* For tests that set lib/phy beside tests/models: random choices, grids, and their comparison. */
#ifndef VITRAN_TESTS_MODELS_COMPARE_H
#define VITRAN_TESTS_MODELS_COMPARE_H

#include "lib/phy/phy.h"
#include "tests/models/shared.h"
#include "tests/unit/cu.h"

#include <stdlib.h>

#define ONE_LSB (1.02 / PHY_UNIT)
#define PRECODED 1e-3

static uint32_t xorshift_state = 2463534242u;

static inline uint32_t random_below(uint32_t n)
{
    xorshift_state ^= xorshift_state << 13;
    xorshift_state ^= xorshift_state >> 17;
    xorshift_state ^= xorshift_state << 5;
    return xorshift_state % n;
}

static inline unsigned between(unsigned low, unsigned high)
{
    return low + random_below(high - low + 1);
}

static inline phy_grid_t make_grid(unsigned n_ant, unsigned n_prb)
{
    size_t bytes = ((size_t)n_ant * PHY_SYMBOLS + 1) * PHY_GRID_STRIDE * sizeof(ci16_t);
    phy_grid_t g = {.re = aligned_alloc(PHY_ALIGN, (bytes + PHY_ALIGN - 1) / PHY_ALIGN * PHY_ALIGN),
                    .n_sc = (uint16_t)(n_prb * 12),
                    .n_ant = (uint8_t)n_ant,
                    .n_symbols = PHY_SYMBOLS,
                    .stride = PHY_GRID_STRIDE};
    memset(g.re, 0, bytes);
    return g;
}

static inline cplx_t *make_model_grid(unsigned n_ant, unsigned n_prb)
{
    return calloc((size_t)n_ant * MODEL_SYMBOLS * n_prb * 12, sizeof(cplx_t));
}

/* Says the first difference. */
static inline bool same_grid(const char *what, const phy_grid_t *got, const cplx_t *want, double tolerance)
{
    for (unsigned a = 0; a < got->n_ant; a++)
        for (unsigned l = 0; l < PHY_SYMBOLS; l++)
            for (unsigned k = 0; k < got->n_sc; k++) {
                ci16_t x = phy_grid_symbol(got, a, l)[k];
                cplx_t w = want[((size_t)a * PHY_SYMBOLS + l) * got->n_sc + k];
                if (!(cabs(x.re / (double)PHY_UNIT + I * x.im / (double)PHY_UNIT - w) <= tolerance * 1.42)) {
                    printf("\n%s: antenna %u, symbol %u, subcarrier %u: got %.5f%+.5fi, want %.5f%+.5fi\n",
                           what, a, l, k, x.re / (double)PHY_UNIT, x.im / (double)PHY_UNIT, creal(w),
                           cimag(w));
                    return false;
                }
            }
    return true;
}

static phy_t *phys[PHY_N_ISA];

static inline void make_phys(void)
{
    for (int i = 0; i <= (int)phy_isa_detect(); i++)
        if (!phys[i] && phy_create((phy_isa_t)i, &phys[i]))
            abort();
}

static inline void destroy_phys(void)
{
    for (int i = 0; i < PHY_N_ISA; i++) {
        phy_destroy(phys[i]);
        phys[i] = NULL;
    }
}

#endif
