/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/models/srs_rx.h"

#include "tests/models/pusch_rx.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void model_srs_receive(const model_srs_t *c, unsigned l_prime, const cplx_t *received, unsigned n_rx,
                       double scs_hz, double to_s, double noise, double gain, cplx_t *h)
{
    unsigned n_sc = c->n_grid_prb * 12, l = c->start_symbol + l_prime, first = n_sc, end = 0;
    size_t plane = (size_t)MODEL_SYMBOLS * n_sc;
    cplx_t *sent = calloc(c->n_ports * plane, sizeof *sent);
    if (!sent)
        abort();
    model_srs(c, sent);
    for (unsigned k = 0; k < n_sc; k++)
        if (sent[l * n_sc + k] != 0) {
            first = k < first ? k : first;
            end = k + 1;
        }
    unsigned n_paths = (unsigned)(to_s * scs_hz * (end - first) * 1.5) + 2, n = n_paths * c->n_ports;
    cplx_t *a = calloc((size_t)n * n, sizeof *a), *b = calloc((size_t)n * n_rx, sizeof *b);
    cplx_t *row = calloc(n, sizeof *row), *wave = calloc((size_t)n_paths * n_sc, sizeof *wave);
    if (!a || !b || !row || !wave)
        abort();
    for (unsigned p = 0; p < n_paths; p++)
        for (unsigned k = 0; k < n_sc; k++)
            wave[p * n_sc + k] = cexp(-2 * I * M_PI * scs_hz * k * to_s * p / (n_paths - 1));
    for (unsigned k = 0; k < n_sc; k++) {
        for (unsigned i = 0; i < n; i++)
            row[i] = sent[i / n_paths * plane + l * n_sc + k] * wave[i % n_paths * n_sc + k];
        for (unsigned i = 0; i < n; i++) {
            if (row[i] == 0)
                continue;
            for (unsigned j = 0; j < n; j++)
                a[i * n + j] += conj(row[i]) * row[j];
            for (unsigned r = 0; r < n_rx; r++)
                b[i * n_rx + r] += conj(row[i]) * received[r * plane + l * n_sc + k];
        }
    }
    for (unsigned i = 0; i < n; i++)
        a[i * n + i] += noise * n_paths / gain;
    model_solve(a, b, n, n_rx);
    memset(h, 0, (size_t)n_rx * c->n_ports * n_sc * sizeof *h);
    for (unsigned r = 0; r < n_rx; r++)
        for (unsigned i = 0; i < n; i++)
            for (unsigned k = first; k < end; k++)
                h[((size_t)r * c->n_ports + i / n_paths) * n_sc + k] +=
                    b[i * n_rx + r] * wave[i % n_paths * n_sc + k];
    free(sent);
    free(a);
    free(b);
    free(row);
    free(wave);
}
