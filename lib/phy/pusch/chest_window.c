/* SPDX-License-Identifier: Apache-2.0 */
/* Smoothing filters of the channel estimator: linear MMSE interpolation from the despread pilots of 1 to 5
 * PRBs to each subcarrier, for a channel whose delay profile is flat over +-d around the removed mean, and a
 * little beyond. Rows are scaled to sum 1, so that a flat channel comes out without bias. Designed once at
 * start; read-only afterwards. */
#include "lib/phy/pusch/chest.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Half widths of the delay profile, in units of 1 / subcarrier spacing, and noise over signal power of a
 * pair. */
static const float widths[] = {0.003f, 0.010f, 0.026f, 0.060f};
static const float ratios[] = {1.0f, 0.16f, 0.025f, 0.004f, 0.0006f};
/* Late echoes: this part of the power lies in a flat profile that many times as wide, but no wider than pairs
 * of pilots can tell apart. Without it their loss is a floor that 64QAM and two layers run into. */
#define TAIL_SHORT 0.015 /* in windows too short to tell much of it */
#define TAIL 0.035
#define TAIL_TIMES 4
#define TAIL_MOST 0.1
#define N_WIDTHS (sizeof widths / sizeof *widths)
#define N_RATIOS (sizeof ratios / sizeof *ratios)
/* DMRS patterns: type 1 delta 0, 1; type 2 delta 0, 2, 4. */
#define N_PATTERNS 5
#define MAX_TAPS (CHEST_WINDOW_PRB * 3)
#define WINDOW_FLOATS ((size_t)16 * MAX_TAPS * CHEST_WINDOW_PRB)

struct chest_windows {
    chest_window_t window[N_PATTERNS][N_WIDTHS][N_RATIOS][CHEST_WINDOW_PRB];
    float weight[N_PATTERNS][N_WIDTHS][N_RATIOS][CHEST_WINDOW_PRB][WINDOW_FLOATS]
        __attribute__((aligned(PHY_ALIGN)));
};

static double sinc(double x)
{
    return fabs(x) < 1e-9 ? 1 : sin(M_PI * x) / (M_PI * x);
}

/* Solves a x = b for the symmetric positive definite a, by its Cholesky factor in the lower triangle. */
static void factorize(unsigned n, double a[MAX_TAPS][MAX_TAPS])
{
    for (unsigned j = 0; j < n; j++) {
        for (unsigned k = 0; k < j; k++)
            a[j][j] -= a[j][k] * a[j][k];
        a[j][j] = sqrt(a[j][j]);
        for (unsigned i = j + 1; i < n; i++) {
            for (unsigned k = 0; k < j; k++)
                a[i][j] -= a[i][k] * a[j][k];
            a[i][j] /= a[j][j];
        }
    }
}

static void solve(unsigned n, double a[MAX_TAPS][MAX_TAPS], double *x)
{
    for (unsigned i = 0; i < n; i++) {
        for (unsigned k = 0; k < i; k++)
            x[i] -= a[i][k] * x[k];
        x[i] /= a[i][i];
    }
    for (unsigned i = n; i-- > 0;) {
        for (unsigned k = i + 1; k < n; k++)
            x[i] -= a[k][i] * x[k];
        x[i] /= a[i][i];
    }
}

/* Pilots -1 .. 2 taps of a window, by their subcarrier from the window's first. */
static int pilot_sc(unsigned type, unsigned delta, int m)
{
    int pair = m >= 0 ? m / 2 : -1, odd = m >= 0 ? m % 2 : 1;
    return (int)delta + (type == 1 ? 4 * pair + 2 * odd : 6 * pair + odd);
}

/* How despreading makes pair i from pilots 2i-1 .. 2i+2: chest_ops_t.despread. */
static void pair_weights(unsigned type, bool edge, double c[4])
{
    const double outer = edge ? 0 : (double)chest_outer(type);
    c[0] = c[3] = outer;
    c[1] = c[2] = 0.5 - outer;
}

static void design(unsigned type, unsigned delta, const double *correlation, double ratio, unsigned n_prb,
                   float *weight, chest_window_t *ret)
{
    const unsigned per_prb = dmrs_per_prb(type) / 2, taps = per_prb * n_prb, centre = n_prb / 2;
    const bool whole = n_prb < CHEST_WINDOW_PRB; /* such a window is a run of its own, with two edges */
    double a[MAX_TAPS][MAX_TAPS], c[MAX_TAPS][4], middle[4], unit = 0;
    pair_weights(type, false, middle);
    for (unsigned e = 0; e < 4; e++)
        unit += middle[e] * middle[e]; /* noise of a pair over that of a pilot */
    *ret = (chest_window_t){.n_prb = (uint8_t)n_prb, .taps = (uint8_t)taps, .weight = weight};
    for (unsigned pos = 0; pos < n_prb; pos++) {
        /* The filter changes where a pair at the run's end comes from two pilots only. */
        for (unsigned i = 0; i < taps; i++)
            pair_weights(type,
                         (i == 0 && (whole || pos < centre)) || (i + 1 == taps && (whole || pos > centre)),
                         c[i]);
        for (unsigned i = 0; i < taps; i++)
            for (unsigned j = 0; j < taps; j++) {
                a[i][j] = 0;
                for (int e = 0; e < 4; e++)
                    for (int f = 0; f < 4; f++) {
                        int m = 2 * (int)i - 1 + e, n = 2 * (int)j - 1 + f;
                        int d = abs(pilot_sc(type, delta, m) - pilot_sc(type, delta, n));
                        a[i][j] += c[i][e] * c[j][f] * (correlation[d] + (m == n ? ratio / unit : 0));
                    }
            }
        factorize(taps, a);
        for (unsigned k = 12 * pos; k < 12 * pos + 12; k++) {
            double x[MAX_TAPS], pilot[2 * MAX_TAPS + 2] = {0}, sum = 0, energy = 0;
            for (unsigned i = 0; i < taps; i++) {
                x[i] = 0;
                for (int e = 0; e < 4; e++)
                    x[i] += c[i][e] * correlation[abs((int)k - pilot_sc(type, delta, 2 * (int)i - 1 + e))];
            }
            solve(taps, a, x);
            for (unsigned i = 0; i < taps; i++)
                sum += x[i];
            for (unsigned i = 0; i < taps; i++) {
                x[i] /= sum;
                weight[((size_t)pos * taps + i) * 16 + k % 12] = (float)x[i];
                for (unsigned e = 0; e < 4; e++)
                    pilot[2 * i + e] += x[i] * c[i][e];
            }
            for (unsigned m = 0; m < 2 * taps + 2; m++) {
                energy += pilot[m] * pilot[m];
                if (pilot_sc(type, delta, (int)m - 1) == (int)k)
                    ret->own[pos] += (float)(pilot[m] / (2 * per_prb));
            }
            ret->energy[pos] += (float)(energy / 12);
        }
    }
}

int chest_windows_create(struct chest_windows **ret)
{
    struct chest_windows *w = aligned_alloc(PHY_ALIGN, sizeof *w);
    if (!w)
        return -ENOMEM;
    memset(w, 0, sizeof *w);
    double correlation[2][N_WIDTHS][96]; /* of whole windows, of short ones */
    for (unsigned i = 0; i < N_WIDTHS; i++)
        for (unsigned d = 0; d < 96; d++) {
            double wide =
                TAIL_TIMES * (double)widths[i] < TAIL_MOST ? TAIL_TIMES * (double)widths[i] : TAIL_MOST;
            for (unsigned k = 0; k < 2; k++) {
                const double tail = k ? TAIL_SHORT : TAIL;
                correlation[k][i][d] =
                    (1 - tail) * sinc(2 * (double)widths[i] * d) + tail * sinc(2 * wide * d);
            }
        }
    for (unsigned p = 0; p < N_PATTERNS; p++)
        for (unsigned i = 0; i < N_WIDTHS; i++)
            for (unsigned j = 0; j < N_RATIOS; j++)
                for (unsigned n = 0; n < CHEST_WINDOW_PRB; n++)
                    design(p < 2 ? 1 : 2, p < 2 ? p : 2 * (p - 2), correlation[n + 1 < CHEST_WINDOW_PRB][i],
                           (double)ratios[j], n + 1, w->weight[p][i][j][n], &w->window[p][i][j][n]);
    *ret = w;
    return 0;
}

void chest_windows_destroy(struct chest_windows *w)
{
    free(w);
}

const chest_window_t *chest_window(const struct chest_windows *w, unsigned dmrs_type, unsigned delta,
                                   unsigned n_prb, float spread, float nsr)
{
    /* An exponential profile of rms s is covered by a flat one of about +-2 s. */
    unsigned i = 0, j = 0;
    while (i + 1 < N_WIDTHS && 2.0f * spread > widths[i])
        i++;
    while (j + 1 < N_RATIOS && nsr < sqrtf(ratios[j] * ratios[j + 1]))
        j++;
    unsigned size = n_prb < CHEST_WINDOW_PRB ? n_prb : CHEST_WINDOW_PRB;
    return &w->window[dmrs_type == 1 ? delta : 2 + delta / 2][i][j][size - 1];
}
