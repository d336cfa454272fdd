/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/dl/comb4.h"

#include <math.h>
#include <string.h>

#define WINDOW_PRB 5 /* a PRB is estimated from the pilots of so many */
#define MAX_TAPS (3 * WINDOW_PRB)
#define LEAST 1e-9f /* about what 16-bit samples' rounding leaves */
/* rms delay spread x subcarrier spacing: about 100 ns at 15 kHz .. 300 ns at 60 kHz. */
#define SPREAD_LEAST 0.0015
#define SPREAD_MOST 0.018

/* What one pilot tells of the next, over all of them. */
static void neighbours(const comb4_t *c, double ret[2])
{
    double re = 0, im = 0;
    for (unsigned a = 0; a < c->n_rx; a++)
        for (unsigned s = 0; s < c->n_symbols; s++)
            for (unsigned b = 0, at = 0; b < c->n_blocks; at += 3u * c->block[b++])
                for (unsigned i = at; i + 1 < at + 3u * c->block[b]; i++) {
                    const cf_t x = c->ls[a][s][i], y = c->ls[a][s][i + 1];
                    re += (double)(y.re * x.re + y.im * x.im);
                    im += (double)(y.im * x.re - y.re * x.im);
                }
    ret[0] = re;
    ret[1] = im;
}

/* Multiplies the values of a block with exp(j phase i), i from 0. */
static void rotate(cf_t *x, unsigned n, double phase)
{
    const double sr = cos(phase), si = sin(phase);
    double r = 1, i = 0;
    for (unsigned k = 0; k < n; k++) {
        const float re = x[k].re, im = x[k].im;
        x[k].re = re * (float)r - im * (float)i;
        x[k].im = re * (float)i + im * (float)r;
        const double t = r * sr - i * si;
        i = r * si + i * sr;
        r = t;
    }
}

static float square(cf_t x)
{
    return x.re * x.re + x.im * x.im;
}

/* Noise of each antenna from what a smooth channel would not do: second differences over frequency,
 * differences over time. Few of them: the antennas help each other. */
static void estimate_noise(comb4_t *c)
{
    double sum[PHY_MAX_PORTS] = {0}, total = 0;
    unsigned n = 0;
    for (unsigned a = 0; a < c->n_rx; a++) {
        n = 0;
        for (unsigned s = 0; s < c->n_symbols; s++) {
            const cf_t *x = c->ls[a][s], *before = s ? c->ls[a][s - 1] : NULL;
            for (unsigned b = 0, at = 0; b < c->n_blocks; at += 3u * c->block[b++])
                for (unsigned i = at + 1; i + 1 < at + 3u * c->block[b]; i++, n++) {
                    const cf_t d = {x[i - 1].re - 2 * x[i].re + x[i + 1].re,
                                    x[i - 1].im - 2 * x[i].im + x[i + 1].im};
                    sum[a] += (double)square(d) / 6;
                }
            for (unsigned i = 0; before && i < 3u * c->n_prb; i++, n++)
                sum[a] += (double)square((cf_t){x[i].re - before[i].re, x[i].im - before[i].im}) / 2;
        }
        total += sum[a];
    }
    const double mean = total / (c->n_rx * (double)n), common = 12;
    for (unsigned a = 0; a < c->n_rx; a++) {
        const float v = (float)((sum[a] + common * mean) / (n + common));
        c->noise[a] = v > LEAST ? v : LEAST;
    }
}

typedef struct {
    unsigned n_prb; /* of the window; 0: not made yet */
    float weight[12 * WINDOW_PRB][MAX_TAPS];
} window_t;

/* The channel's correlation over k subcarriers, a Gaussian delay profile. */
static double correlation(double spread, double k)
{
    const double x = 2 * M_PI * spread * k;
    return exp(-x * x / 2);
}

/* Linear MMSE weights for every subcarrier of n PRBs from their pilots. Returns the mean squared error, of a
 * unit-power channel. */
static double make_window(window_t *w, unsigned n_prb, unsigned delta, double spread, double nsr)
{
    const unsigned n = 3 * n_prb;
    double l[MAX_TAPS][MAX_TAPS], error = 0;
    for (unsigned j = 0; j < n; j++) /* Cholesky */
        for (unsigned i = j; i < n; i++) {
            double x = correlation(spread, 4.0 * (i - j)) + (i == j ? nsr : 0);
            for (unsigned k = 0; k < j; k++)
                x -= l[i][k] * l[j][k];
            l[i][j] = i == j ? sqrt(x) : x / l[j][j];
        }
    for (unsigned sc = 0; sc < 12 * n_prb; sc++) {
        double x[MAX_TAPS];
        for (unsigned i = 0; i < n; i++) {
            x[i] = correlation(spread, (double)sc - (delta + 4.0 * i));
            for (unsigned k = 0; k < i; k++)
                x[i] -= l[i][k] * x[k];
            x[i] /= l[i][i];
        }
        double explained = 0;
        for (unsigned i = 0; i < n; i++)
            explained += x[i] * x[i];
        error += 1 - explained;
        for (unsigned i = n; i-- > 0;) {
            for (unsigned k = i + 1; k < n; k++)
                x[i] -= l[k][i] * x[k];
            x[i] /= l[i][i];
        }
        for (unsigned i = 0; i < n; i++)
            w->weight[sc][i] = (float)x[i];
    }
    w->n_prb = n_prb;
    return error / (12 * n_prb);
}

/* One block of an antenna: pilots [3 n_prb] to h [12 n_prb]. */
static void smooth(const window_t *w, const cf_t *pilots, unsigned n_prb, cf_t *h)
{
    const unsigned taps = 3 * w->n_prb;
    for (unsigned q = 0; q < n_prb; q++) {
        unsigned first = q > w->n_prb / 2 ? q - w->n_prb / 2 : 0;
        first = first + w->n_prb > n_prb ? n_prb - w->n_prb : first;
        for (unsigned k = 0; k < 12; k++) {
            const float *weight = w->weight[12 * (q - first) + k];
            float re = 0, im = 0;
            for (unsigned i = 0; i < taps; i++) {
                re += weight[i] * pilots[3 * first + i].re;
                im += weight[i] * pilots[3 * first + i].im;
            }
            h[12 * q + k] = (cf_t){re, im};
        }
    }
}

void comb4_run(comb4_t *c)
{
    double lag[2], power = 0, noise = 0;
    neighbours(c, lag);
    const double phase = lag[0] != 0 || lag[1] != 0 ? atan2(lag[1], lag[0]) : 0; /* of four subcarriers */
    c->slope = (float)(phase / 4);
    for (unsigned a = 0; a < c->n_rx; a++)
        for (unsigned s = 0; s < c->n_symbols; s++)
            for (unsigned b = 0, at = 0; b < c->n_blocks; at += 3u * c->block[b++])
                rotate(&c->ls[a][s][at], 3u * c->block[b], -phase);
    estimate_noise(c);

    /* The symbols' mean, in the first one's place. */
    neighbours(c, lag);
    const unsigned n = 3u * c->n_prb;
    for (unsigned a = 0; a < c->n_rx; a++) {
        for (unsigned i = 0; i < n; i++) {
            cf_t sum = c->ls[a][0][i];
            power += (double)square(sum);
            for (unsigned s = 1; s < c->n_symbols; s++) {
                power += (double)square(c->ls[a][s][i]);
                sum.re += c->ls[a][s][i].re;
                sum.im += c->ls[a][s][i].im;
            }
            c->ls[a][0][i] = (cf_t){sum.re / c->n_symbols, sum.im / c->n_symbols};
        }
        noise += (double)c->noise[a] / c->n_rx;
    }
    power = power / ((double)n * c->n_symbols * c->n_rx) - noise;
    c->rsrp = power > 0 ? (float)power : 0;
    power = power > 0.01 * noise ? power : 0.01 * noise;
    const unsigned pairs = n - c->n_blocks; /* neighbours in a block */
    double alike = lag[0] / ((double)pairs * c->n_symbols * c->n_rx) / power;
    alike = alike > 0.5 ? alike < 0.9999 ? alike : 0.9999 : 0.5;
    double spread = sqrt(-2 * log(alike)) / (8 * M_PI);
    spread = spread > SPREAD_LEAST ? spread < SPREAD_MOST ? spread : SPREAD_MOST : SPREAD_LEAST;

    const double nsr = noise / c->n_symbols / power;
    window_t window[WINDOW_PRB];
    double error[WINDOW_PRB], sum = 0;
    for (unsigned i = 0; i < WINDOW_PRB; i++)
        window[i].n_prb = 0;
    for (unsigned b = 0, at = 0; b < c->n_blocks; at += c->block[b++]) {
        const unsigned size = c->block[b], w = size < WINDOW_PRB ? size : WINDOW_PRB;
        if (window[w - 1].n_prb == 0)
            error[w - 1] =
                make_window(&window[w - 1], w, c->delta, spread, nsr > 1e-5 ? nsr < 1e3 ? nsr : 1e3 : 1e-5);
        for (unsigned a = 0; a < c->n_rx; a++) {
            smooth(&window[w - 1], &c->ls[a][0][3 * at], size, &c->h[a][12 * at]);
            rotate(&c->h[a][12 * at], 12 * size, phase / 4);
        }
        sum += error[w - 1] * size;
    }
    /* h is rotated from the block's subcarrier 0 on, pilots were from its first pilot on. */
    const float back_re = (float)cos(phase / 4 * c->delta), back_im = (float)-sin(phase / 4 * c->delta);
    for (unsigned a = 0; a < c->n_rx; a++)
        for (unsigned i = 0; i < 12u * c->n_prb; i++) {
            const cf_t x = c->h[a][i];
            c->h[a][i] = (cf_t){x.re * back_re - x.im * back_im, x.re * back_im + x.im * back_re};
        }
    const double e = sum / c->n_prb * power / noise;
    c->error = (float)(e > 0 ? e < 1e3 ? e : 1e3 : 0);
}
