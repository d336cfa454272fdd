/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/models/pucch_detect.h"

#include <math.h>

unsigned model_pucch0_m_cs(unsigned n_bits, const uint8_t *bits, bool sr)
{
    if (n_bits == 0)
        return 0; /* a scheduling request, 9.2.4 */
    if (n_bits == 1)
        return (bits[0] ? 6 : 0) + (sr ? 3 : 0);                     /* tables 9.2.3-3, 9.2.5-1 */
    unsigned m_cs = bits[0] ? (bits[1] ? 6 : 9) : (bits[1] ? 3 : 0); /* 9.2.3-4, 9.2.5-2 */
    return m_cs + (sr ? 1 : 0);
}

void model_pucch0(const model_pucch0_t *c, unsigned m_cs, cplx_t *grid)
{
    for (unsigned i = 0; i < c->n_symbols; i++) {
        unsigned l = c->start_symbol + i, hop = c->hopping && i == 1, u = c->n_id % 30, v = 0;
        if (c->group_hopping == 1)
            u = (model_gold_byte(c->n_id / 30, 2 * c->slot + hop) % 30 + c->n_id % 30) % 30;
        else if (c->group_hopping == 2)
            v = model_gold_bit(32 * (c->n_id / 30) + c->n_id % 30, 2 * c->slot + hop);
        unsigned n_cs = model_gold_byte(c->n_id, 14 * c->slot + l);
        cplx_t r[12];
        model_low_papr(u, v, 12, 2 * M_PI / 12 * ((c->m0 + m_cs + n_cs) % 12), r);
        for (unsigned k = 0; k < 12; k++)
            grid[l * c->n_grid_prb * 12 + (hop ? c->second_prb : c->prb) * 12 + k] += r[k];
    }
}

/* What a candidate explains of an antenna's samples, PRB by PRB; all energy where it sends. */
static double explained(const cplx_t *y, const cplx_t *s, unsigned n_grid_prb, double *ret_all,
                        unsigned *ret_res, unsigned *ret_prbs)
{
    double sum = 0;
    for (unsigned prb = 0; prb < n_grid_prb; prb++) {
        cplx_t product = 0;
        double energy = 0;
        for (unsigned l = 0; l < MODEL_SYMBOLS; l++)
            for (unsigned k = 0; k < 12; k++) {
                unsigned at = (l * n_grid_prb + prb) * 12 + k;
                if (s[at] == 0)
                    continue;
                product += y[at] * conj(s[at]);
                energy += creal(s[at] * conj(s[at]));
                *ret_all += creal(y[at] * conj(y[at]));
                ++*ret_res;
            }
        if (energy > 0) {
            sum += creal(product * conj(product)) / energy;
            ++*ret_prbs;
        }
    }
    return sum;
}

model_detection_t model_detect(const cplx_t *received, unsigned n_rx, unsigned n_grid_prb,
                               const cplx_t *const *candidates, unsigned n)
{
    model_detection_t best = {.ratio = -1};
    for (unsigned i = 0; i < n; i++) {
        double sum = 0, all = 0;
        unsigned res = 0, prbs = 0;
        for (unsigned a = 0; a < n_rx; a++)
            sum += explained(received + (size_t)a * MODEL_SYMBOLS * n_grid_prb * 12, candidates[i],
                             n_grid_prb, &all, &res, &prbs);
        double left = all - sum;
        if (sum / left > best.ratio)
            best = (model_detection_t){i, sum / left, sum / res, left / (res - prbs)};
    }
    return best;
}
