/* SPDX-License-Identifier: Apache-2.0 */
/* See bler.h. */
#include "fronthaul/emulator/air/bler.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define MIN_DB (-20.0)
#define STEP_DB 0.25
#define STEPS 260 /* up to 45 dB */
#define N_QM 4
#define MAX_CODE_BLOCK 8424 /* base graph 1 without its CRC, bits. TS 38.212 5.2.2 */

struct bler {
    bler_info_t info[N_QM][STEPS];
};

/* Information density of one axis of a QAM: equally spaced, equiprobable amplitudes in Gaussian noise. A
 * square QAM is two such axes with half of the power and half of the noise each. Integrated over the noise
 * with the trapezoidal rule, which converges fast for a Gaussian. */
static bler_info_t integrate_axis(uint32_t levels, double sinr)
{
    double energy = 0, mean = 0, square = 0, weight = 0;
    double a[16];
    for (uint32_t i = 0; i < levels; i++) {
        a[i] = 2.0 * i - (levels - 1);
        energy += a[i] * a[i] / levels;
    }
    /* per axis: signal energy / noise variance = sinr */
    const double sigma = sqrt(energy / sinr);
    for (uint32_t i = 0; i < levels; i++)
        for (int s = -48; s <= 48; s++) {
            double z = s / 8.0, noise = z * sigma, sum = 0;
            for (uint32_t j = 0; j < levels; j++) {
                double d = (a[i] - a[j] + noise) / sigma;
                sum += exp(-(d * d - z * z) / 2);
            }
            /* cppcheck-suppress invalidFunctionArg ; j = i has added 1 to the sum */
            double density = log2(levels) - log2(sum), p = exp(-z * z / 2);
            mean += p * density;
            square += p * density * density;
            weight += p;
        }
    mean /= weight;
    return (bler_info_t){mean, fmax(square / weight - mean * mean, 0)};
}

bler_t *bler_create(void)
{
    bler_t *b = calloc(1, sizeof *b);
    for (uint32_t q = 0; b && q < N_QM; q++)
        for (uint32_t i = 0; i < STEPS; i++) {
            bler_info_t axis = integrate_axis(2u << q, pow(10, (MIN_DB + i * STEP_DB) / 10));
            b->info[q][i] = (bler_info_t){2 * axis.mean, 2 * axis.variance};
        }
    return b;
}

void bler_destroy(bler_t *b)
{
    free(b);
}

bler_info_t bler_info(const bler_t *b, uint8_t qm, double sinr_db)
{
    const bler_info_t *t = b->info[qm >= 8 ? 3 : qm >= 6 ? 2 : qm >= 4 ? 1 : 0];
    double x = (sinr_db - MIN_DB) / STEP_DB;
    if (!(x > 0))
        return (bler_info_t){0, 1e-9};
    if (x >= STEPS - 1)
        return t[STEPS - 1];
    uint32_t i = (uint32_t)x;
    double f = x - i;
    return (bler_info_t){t[i].mean + f * (t[i + 1].mean - t[i].mean),
                         t[i].variance + f * (t[i + 1].variance - t[i].variance)};
}

static double one_block(const bler_t *b, uint8_t qm, double n, double k, double sinr_db)
{
    bler_info_t i = bler_info(b, qm, sinr_db);
    double spread = sqrt(n * i.variance);
    double margin = n * i.mean + log2(n > 1 ? n : 1) / 2 - k;
    if (spread < 1e-9)
        return margin >= 0 ? 0 : 1;
    return erfc(margin / spread / M_SQRT2) / 2;
}

double bler_ldpc(const bler_t *b, uint8_t qm, uint32_t n_re, uint32_t tb_bits, double sinr_db)
{
    uint32_t blocks = (tb_bits + MAX_CODE_BLOCK - 1) / MAX_CODE_BLOCK;
    if (!n_re || !tb_bits)
        return 1;
    double p = one_block(b, qm, (double)n_re / blocks, (double)(tb_bits + 24 * (blocks + 1)) / blocks,
                         sinr_db - BLER_LOSS_LDPC_DB);
    return blocks == 1 ? p : 1 - pow(1 - p, blocks);
}

double bler_control(const bler_t *b, uint32_t n_re, uint32_t bits, double sinr_db)
{
    return n_re && bits ? one_block(b, 2, n_re, bits, sinr_db - BLER_LOSS_POLAR_DB) : 1;
}
