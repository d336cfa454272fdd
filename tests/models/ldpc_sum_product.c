/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/models/ldpc_sum_product.h"

#include <math.h>
#include <stdlib.h>

/* Its own inverse: with it a check node's magnitudes add up. */
static double phi(double x)
{
    x = x < 1e-12 ? 1e-12 : x;
    return log1p(2.0 / expm1(x));
}

static bool all_checks_hold(const graph_t *g, unsigned n_rows, const double *llr)
{
    for (unsigned row = 0; row < n_rows; row++)
        for (unsigned n = 0; n < g->zc; n++) {
            unsigned ones = 0;
            for (unsigned e = g->row_start[row]; e < g->row_start[row + 1]; e++)
                ones += llr[g->col[e] * g->zc + (n + g->shift[e]) % g->zc] < 0;
            if (ones % 2)
                return false;
        }
    return true;
}

bool ldpc_sum_product(const graph_t *g, unsigned n_rows, unsigned n_iterations, double *llr)
{
    double *message = calloc((size_t)g->n_edges * g->zc, sizeof *message);
    bool done = false;
    for (unsigned iteration = 0; message && iteration < n_iterations && !done; iteration++) {
        for (unsigned row = 0; row < n_rows; row++)
            for (unsigned n = 0; n < g->zc; n++) {
                double in[GRAPH_MAX_DEGREE], f[GRAPH_MAX_DEGREE], sum = 0;
                unsigned ones = 0, first = g->row_start[row], degree = g->row_start[row + 1] - first;
                for (unsigned i = 0; i < degree; i++) {
                    unsigned e = first + i;
                    in[i] = llr[g->col[e] * g->zc + (n + g->shift[e]) % g->zc] - message[e * g->zc + n];
                    f[i] = phi(fabs(in[i]));
                    sum += f[i];
                    ones += in[i] < 0;
                }
                for (unsigned i = 0; i < degree; i++) {
                    unsigned e = first + i;
                    double out = phi(sum - f[i]);
                    if ((ones - (in[i] < 0)) % 2)
                        out = -out;
                    message[e * g->zc + n] = out;
                    llr[g->col[e] * g->zc + (n + g->shift[e]) % g->zc] = in[i] + out;
                }
            }
        done = all_checks_hold(g, n_rows, llr);
    }
    free(message);
    return done;
}
