/* SPDX-License-Identifier: Apache-2.0 */
/* TS 38.213 10.1 and 38.211 7.3.2.2. */
#include "lib/mac/pdcch.h"

#include <assert.h>
#include <string.h>

uint32_t pdcch_y(uint8_t coreset_id, uint16_t rnti, uint32_t slot_in_frame)
{
    static const uint32_t a[3] = {39827, 39829, 39839};
    uint64_t y = rnti;
    for (uint32_t i = 0; i <= slot_in_frame; i++)
        y = a[coreset_id % 3] * y % 65537;
    return (uint32_t)y;
}

uint32_t pdcch_candidates(uint32_t n_cce, uint32_t level, uint32_t n_candidates, uint32_t y,
                          uint16_t ret_first_cce[PDCCH_MAX_CANDIDATES])
{
    uint32_t places = n_cce / level;
    if (places == 0 || n_candidates > PDCCH_MAX_CANDIDATES)
        return 0;
    for (uint32_t m = 0; m < n_candidates; m++)
        ret_first_cce[m] = (uint16_t)(level * ((y + m * n_cce / (level * n_candidates)) % places));
    return n_candidates;
}

void pdcch_search_space(const coreset_t *c, const search_space_t *ss, uint16_t rnti, uint32_t slot_in_frame,
                        uint8_t ret[PDCCH_LEVELS][PDCCH_MAX_CANDIDATES])
{
    uint32_t y = ss->ue_specific ? pdcch_y(c->id, rnti, slot_in_frame) : 0;
    memset(ret, PDCCH_NO_CCE, PDCCH_LEVELS * PDCCH_MAX_CANDIDATES);
    for (uint32_t l = 0; l < PDCCH_LEVELS; l++) {
        uint16_t first[PDCCH_MAX_CANDIDATES];
        uint32_t n = pdcch_candidates(coreset_n_cce(c), 1u << l, ss->n_candidates[l], y, first);
        for (uint32_t m = 0; m < n; m++)
            ret[l][m] = (uint8_t)first[m];
    }
}

/* REG bundle that interleaved bundle x of a CCE is mapped to: f(x) of 38.211 7.3.2.2. */
static uint32_t interleave(const coreset_t *c, uint32_t x)
{
    uint32_t n_reg = (uint32_t)c->n_prb * c->n_symbols;
    uint32_t cols = n_reg / ((uint32_t)c->reg_bundle * c->interleaver_rows);
    uint32_t row = x % c->interleaver_rows, col = x / c->interleaver_rows;
    return (row * cols + col + c->shift) % (n_reg / c->reg_bundle);
}

void coreset_cce_prbs(const coreset_t *c, uint16_t first_cce, uint16_t n, uint64_t prbs[5])
{
    uint32_t bundle = c->interleaved ? c->reg_bundle : 6; /* L, REGs */
    uint32_t prb_per_bundle = bundle / c->n_symbols;      /* REGs count time first */
    assert(prb_per_bundle > 0);
    for (uint32_t cce = first_cce; cce < (uint32_t)first_cce + n && cce < coreset_n_cce(c); cce++)
        for (uint32_t i = 0; i < 6 / bundle; i++) {
            uint32_t x = 6 * cce / bundle + i;
            uint32_t b = c->interleaved ? interleave(c, x) : x;
            for (uint32_t p = 0; p < prb_per_bundle; p++) {
                uint32_t prb = c->prb_start + b * prb_per_bundle + p;
                if (prb < 5 * 64)
                    prbs[prb >> 6] |= UINT64_C(1) << (prb & 63);
            }
        }
}

void coreset_cces_on_prbs(const coreset_t *c, const uint64_t prbs[5], uint64_t mask[PDCCH_CCE_WORDS])
{
    for (uint16_t cce = 0; cce < coreset_n_cce(c); cce++) {
        uint64_t mine[5] = {0};
        coreset_cce_prbs(c, cce, 1, mine);
        for (int w = 0; w < 5; w++)
            if (mine[w] & prbs[w])
                mask[cce >> 6] |= UINT64_C(1) << (cce & 63);
    }
}
