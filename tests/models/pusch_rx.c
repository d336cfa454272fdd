/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/models/pusch_rx.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_RX 8

static void *zeros(size_t n, size_t size)
{
    void *p = calloc(n + 1, size);
    if (!p)
        abort();
    return p;
}

/* Gauss with pivots. */
void model_solve(cplx_t *a, cplx_t *b, unsigned n, unsigned n_b)
{
    for (unsigned c = 0; c < n; c++) {
        unsigned best = c;
        for (unsigned r = c; r < n; r++)
            if (cabs(a[r * n + c]) > cabs(a[best * n + c]))
                best = r;
        for (unsigned i = 0; i < n; i++) {
            cplx_t t = a[c * n + i];
            a[c * n + i] = a[best * n + i];
            a[best * n + i] = t;
        }
        for (unsigned i = 0; i < n_b; i++) {
            cplx_t t = b[c * n_b + i];
            b[c * n_b + i] = b[best * n_b + i];
            b[best * n_b + i] = t;
        }
        for (unsigned r = 0; r < n; r++) {
            if (r == c)
                continue;
            cplx_t f = a[r * n + c] / a[c * n + c];
            for (unsigned i = c; i < n; i++)
                a[r * n + i] -= f * a[c * n + i];
            for (unsigned i = 0; i < n_b; i++)
                b[r * n_b + i] -= f * b[c * n_b + i];
        }
    }
    for (unsigned r = 0; r < n; r++)
        for (unsigned i = 0; i < n_b; i++)
            b[r * n_b + i] /= a[r * n + r];
}

void model_max_log(unsigned qm, size_t i, cplx_t x, double noise, double *llr)
{
    double nearest[2][10];
    for (unsigned b = 0; b < qm; b++)
        nearest[0][b] = nearest[1][b] = 1e300;
    for (unsigned v = 0; v < 1u << qm; v++) {
        uint8_t bits[10] = {0};
        for (unsigned b = 0; b < qm; b++)
            bits[b] = v >> b & 1;
        double d = cabs(x - model_symbol(qm, i, bits));
        for (unsigned b = 0; b < qm; b++)
            if (d * d < nearest[bits[b]][b])
                nearest[bits[b]][b] = d * d;
    }
    for (unsigned b = 0; b < qm; b++)
        llr[b] = (nearest[1][b] - nearest[0][b]) / noise;
}

/* h [rx][layer][12 n_grid_prb] of a hop: equally strong, independent paths on a grid of delays fine enough
 * for the bandwidth; sum over paths g_p exp(-j 2 pi f tau_p), g by linear MMSE from all DM-RS REs. */
static void estimate(const model_shared_t *m, const model_air_t *air, unsigned hop, const cplx_t *y,
                     cplx_t *h)
{
    unsigned n_sc = m->n_grid_prb * 12, half = m->start_symbol + m->n_symbols / 2;
    double width = m->n_prb[hop] * 12 * air->scs_hz, span = air->to_s - air->from_s;
    unsigned n_paths = (unsigned)(span * width * 1.5) + 3, n = n_paths * m->n_layers;
    cplx_t *pilots = zeros((size_t)m->n_layers * MODEL_SYMBOLS * n_sc, sizeof *pilots);
    cplx_t *a = zeros((size_t)n * n, sizeof *a), *b = zeros((size_t)n * air->n_rx, sizeof *b);
    cplx_t *row = zeros(n, sizeof *row), *wave = zeros((size_t)n_paths * n_sc, sizeof *wave);
    for (unsigned p = 0; p < n_paths; p++)
        for (unsigned k = 0; k < n_sc; k++)
            wave[p * n_sc + k] =
                cexp(-2 * I * M_PI * air->scs_hz * k * (air->from_s + span * p / (n_paths - 1)));
    for (unsigned layer = 0; layer < m->n_layers; layer++)
        model_shared_dmrs(m, layer, pilots + (size_t)layer * MODEL_SYMBOLS * n_sc);
    for (unsigned l = 0; l < MODEL_SYMBOLS; l++) {
        if (!m->dmrs_symbol[l] || (m->hopping && (l >= half) != (hop == 1)))
            continue;
        for (unsigned k = 0; k < n_sc; k++) {
            bool any = false;
            for (unsigned layer = 0; layer < m->n_layers; layer++) {
                cplx_t s = pilots[((size_t)layer * MODEL_SYMBOLS + l) * n_sc + k];
                any |= s != 0;
                for (unsigned p = 0; p < n_paths; p++)
                    row[layer * n_paths + p] = s * wave[p * n_sc + k];
            }
            if (!any)
                continue;
            for (unsigned i = 0; i < n; i++) {
                if (row[i] == 0)
                    continue;
                for (unsigned j = 0; j < n; j++)
                    a[i * n + j] += conj(row[i]) * row[j];
                for (unsigned r = 0; r < air->n_rx; r++)
                    b[i * air->n_rx + r] += conj(row[i]) * y[((size_t)r * MODEL_SYMBOLS + l) * n_sc + k];
            }
        }
    }
    for (unsigned i = 0; i < n; i++)
        a[i * n + i] += air->noise / (air->gain / n_paths);
    model_solve(a, b, n, air->n_rx);
    for (unsigned r = 0; r < air->n_rx; r++)
        for (unsigned layer = 0; layer < m->n_layers; layer++)
            for (unsigned k = 0; k < n_sc; k++) {
                cplx_t sum = 0;
                for (unsigned p = 0; p < n_paths; p++)
                    sum += b[(layer * n_paths + p) * air->n_rx + r] * wave[p * n_sc + k];
                h[((size_t)r * m->n_layers + layer) * n_sc + k] = sum;
            }
    free(pilots);
    free(a);
    free(b);
    free(row);
    free(wave);
}

/* W = (H^H H + noise I)^-1 H^H applied to y: x, and for each layer (W H)_ll. h [rx][layers]. */
static void equalise(const cplx_t h[MAX_RX][4], const cplx_t *y, unsigned n_rx, unsigned n_layers,
                     double noise, cplx_t *x, double *mu)
{
    cplx_t a[16], b[4 * (MAX_RX)];
    for (unsigned i = 0; i < n_layers; i++) {
        for (unsigned j = 0; j < n_layers; j++) {
            a[i * n_layers + j] = i == j ? noise : 0;
            for (unsigned r = 0; r < n_rx; r++)
                a[i * n_layers + j] += conj(h[r][i]) * h[r][j];
        }
        for (unsigned r = 0; r < n_rx; r++)
            b[i * n_rx + r] = conj(h[r][i]);
    }
    model_solve(a, b, n_layers, n_rx);
    for (unsigned i = 0; i < n_layers; i++) {
        cplx_t self = 0;
        x[i] = 0;
        for (unsigned r = 0; r < n_rx; r++) {
            x[i] += b[i * n_rx + r] * y[r];
            self += b[i * n_rx + r] * h[r][i];
        }
        mu[i] = creal(self);
    }
}

/* Data of a symbol on one DFT-s-OFDM layer: back to the time domain; all its symbols have the mean of mu. */
static void deprecode(cplx_t *x, double *mu, size_t n)
{
    cplx_t *out = zeros(n, sizeof *out);
    double mean = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++)
            out[i] += x[k] * cexp(2 * I * M_PI * (double)(i * k % n) / (double)n);
        out[i] /= sqrt((double)n);
        mean += mu[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        x[i] = out[i];
        mu[i] = mean;
    }
    free(out);
}

void model_shared_receive(const model_shared_t *m, const model_air_t *air, const cplx_t *received,
                          double *llr)
{
    unsigned n_sc = m->n_grid_prb * 12, *where = zeros(n_sc, sizeof *where), now = 2;
    cplx_t *h = zeros((size_t)air->n_rx * m->n_layers * n_sc, sizeof *h);
    cplx_t *x = zeros((size_t)n_sc * m->n_layers, sizeof *x);
    double *mu = zeros((size_t)n_sc * m->n_layers, sizeof *mu);
    size_t at = 0, n_bits = model_shared_bits(m);
    uint8_t *c = zeros(n_bits, 1);
    model_gold(m->c_init, n_bits, c);
    for (unsigned l = m->start_symbol; l < m->start_symbol + m->n_symbols; l++) {
        unsigned hop = m->hopping && l >= m->start_symbol + m->n_symbols / 2;
        if (hop != now)
            estimate(m, air, hop, received, h);
        now = hop;
        size_t n = model_shared_data(m, l, where);
        for (size_t i = 0; i < n; i++) {
            cplx_t here[MAX_RX][4], y[MAX_RX];
            for (unsigned r = 0; r < air->n_rx; r++) {
                y[r] = received[((size_t)r * MODEL_SYMBOLS + l) * n_sc + where[i]];
                for (unsigned layer = 0; layer < m->n_layers; layer++)
                    here[r][layer] = h[((size_t)r * m->n_layers + layer) * n_sc + where[i]];
            }
            equalise(here, y, air->n_rx, m->n_layers, air->noise, x + i * m->n_layers, mu + i * m->n_layers);
        }
        if (m->transform_precoding)
            deprecode(x, mu, n);
        for (size_t i = 0; i < n * m->n_layers; i++, at++) {
            double *out = llr + at * m->qm, noise = (1 - mu[i]) / mu[i];
            model_max_log(m->qm, at, x[i] / mu[i], noise, out);
            for (unsigned b = 0; b < m->qm; b++)
                out[b] = c[at * m->qm + b] ? -out[b] : out[b];
        }
    }
    free(where);
    free(h);
    free(x);
    free(mu);
    free(c);
}
