/* SPDX-License-Identifier: Apache-2.0 */
/* PUSCH's codebook (TS 38.211 6.3.1.5) and the choice of a TPMI. A matrix is a string, port after port, layer
 * after layer: '0', '1', '-' for -1, 'j', 'k' for -j. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/phy/dl/precoding.h"

/* Table 6.3.1.5-1 */
static const char w12[6][3] = {"10", "01", "11", "1-", "1j", "1k"};
/* Tables 6.3.1.5-3 and, with transform precoding, -2 */
static const char w14[28][5] = {"1000", "0100", "0010", "0001", "1010", "10-0", "10j0",
                                "10k0", "0101", "010-", "010j", "010k", "1111", "11jj",
                                "11--", "11kk", "1j1j", "1jj-", "1j-k", "1jk1", "1-1-",
                                "1-jk", "1--1", "1-kj", "1k1k", "1kj1", "1k-j", "1kk-"};
static const char w14_transform[28][5] = {"1000", "0100", "0010", "0001", "1010", "10-0", "10j0",
                                          "10k0", "0101", "010-", "010j", "010k", "111-", "11jj",
                                          "11-1", "11kk", "1j1j", "1jj1", "1j-k", "1jk-", "1-11",
                                          "1-jk", "1---", "1-kj", "1k1k", "1kj-", "1k-j", "1kk1"};
/* Table 6.3.1.5-4 */
static const char w22[3][5] = {"1001", "111-", "11jk"};
/* Table 6.3.1.5-5 */
static const char w24[22][9] = {"10010000", "10000100", "10000001", "00100100", "00100001", "00001001",
                                "1001100k", "1001100j", "1001k001", "1001k00-", "1001-00k", "1001-00j",
                                "1001j001", "1001j00-", "11111-1-", "1111jkjk", "11jj1-jk", "11jjjk-1",
                                "11--1--1", "11--jkkj", "11kk1-kj", "11kkjk1-"};
/* Table 6.3.1.5-6 */
static const char w34[7][13] = {"100010001000", "100010100001", "100010-00001", "1111-111-1--",
                                "1111-1jjkjkk", "111-1-11--11", "111-1-jjkkjj"};
/* Table 6.3.1.5-7 */
static const char w44[5][17] = {"1000010000100001", "110000111-00001-", "11000011jk0000jk",
                                "11111-1-11--1--1", "11111-1-jjkkjkkj"};

/* The string of a TPMI, NULL outside the table; scale: what the table multiplies with. */
static const char *row(unsigned n_ports, unsigned n_layers, unsigned tpmi, bool transform, float *ret_scale)
{
    float unused;
    float *scale = ret_scale ? ret_scale : &unused;
    if (n_ports == 1 && n_layers == 1 && tpmi == 0) {
        *scale = 1;
        return "1";
    }
    if (n_ports == 2 && n_layers == 1 && tpmi < 6) {
        *scale = sqrtf(0.5f);
        return w12[tpmi];
    }
    if (n_ports == 2 && n_layers == 2 && tpmi < (transform ? 0 : 3)) {
        *scale = tpmi == 0 ? sqrtf(0.5f) : 0.5f;
        return w22[tpmi];
    }
    if (n_ports != 4 || (transform && n_layers != 1))
        return NULL;
    *scale = 0.5f;
    switch (n_layers) {
    case 1:
        return tpmi < 28 ? (transform ? w14_transform : w14)[tpmi] : NULL;
    case 2:
        *scale = tpmi < 14 ? 0.5f : 0.5f * sqrtf(0.5f);
        return tpmi < 22 ? w24[tpmi] : NULL;
    case 3:
        *scale = tpmi < 3 ? 0.5f : 0.5f / sqrtf(3.0f);
        return tpmi < 7 ? w34[tpmi] : NULL;
    case 4:
        *scale = tpmi == 0 ? 0.5f : tpmi < 3 ? 0.5f * sqrtf(0.5f) : 0.25f;
        return tpmi < 5 ? w44[tpmi] : NULL;
    default:
        return NULL;
    }
}

unsigned precoding_pusch_n_tpmi(unsigned n_ports, unsigned n_layers, bool transform_precoding)
{
    unsigned n = 0;
    while (row(n_ports, n_layers, n, transform_precoding, NULL))
        n++;
    return n;
}

int precoding_pusch(unsigned n_ports, unsigned n_layers, unsigned tpmi, bool transform_precoding, cf_t *ret_w,
                    phy_refusal_t *why)
{
    if (n_ports != 1 && n_ports != 2 && n_ports != 4)
        return phy_refuse(why, "n_ports", n_ports, "1, 2 or 4");
    if (n_layers < 1 || n_layers > n_ports || (transform_precoding && n_layers > 1))
        return phy_refuse(why, "n_layers", n_layers, "1..n_ports, 1 with transform precoding");
    float s;
    const char *text = row(n_ports, n_layers, tpmi, transform_precoding, &s);
    if (!text)
        return phy_refuse(why, "tpmi", tpmi, "a row of tables 6.3.1.5-1 to -7");
    for (; *text; text++, ret_w++)
        switch (*text) {
        case '0':
            *ret_w = (cf_t){0, 0};
            break;
        case '1':
            *ret_w = (cf_t){s, 0};
            break;
        case '-':
            *ret_w = (cf_t){-s, 0};
            break;
        case 'j':
            *ret_w = (cf_t){0, s};
            break;
        default:
            *ret_w = (cf_t){0, -s};
            break;
        }
    return 0;
}

/* First TPMIs that a UE of a coherence may be told. A table's rows are sorted: one port each, then pairs,
 * then all ports. [n_layers - 1] */
static unsigned allowed(unsigned n_ports, unsigned n_layers, precoding_subset_t subset)
{
    static const uint8_t non_coherent[2][4] = {{2, 1, 0, 0}, {4, 6, 1, 1}};
    static const uint8_t partial[4] = {12, 14, 3, 3};
    if (subset == PRECODING_NON_COHERENT)
        return non_coherent[n_ports == 4][n_layers - 1];
    /* Two ports are one pair: partial coherence is coherence there. */
    if (subset == PRECODING_PARTIAL_AND_NON_COHERENT && n_ports == 4)
        return partial[n_layers - 1];
    return precoding_pusch_n_tpmi(n_ports, n_layers, false);
}

typedef struct {
    double re, im;
} cd_t;

/* diag((I + A)^-1) of a Hermitian positive semidefinite A, by Gauss-Jordan: n <= 4. */
static void inverse_diagonal(cd_t a[4][4], unsigned n, double ret[4])
{
    cd_t b[4][8] = {{{0}}};
    for (unsigned i = 0; i < n; i++)
        for (unsigned j = 0; j < n; j++) {
            b[i][j] = a[i][j];
            b[i][j].re += i == j;
            b[i][n + j].re = i == j;
        }
    for (unsigned i = 0; i < n; i++) {
        double d = 1.0 / b[i][i].re; /* real and >= 1: the matrix is I plus positive semidefinite */
        for (unsigned j = 0; j < 2 * n; j++)
            b[i][j] = (cd_t){b[i][j].re * d, b[i][j].im * d};
        for (unsigned k = 0; k < n; k++) {
            if (k == i)
                continue;
            cd_t f = b[k][i];
            for (unsigned j = 0; j < 2 * n; j++) {
                b[k][j].re -= f.re * b[i][j].re - f.im * b[i][j].im;
                b[k][j].im -= f.re * b[i][j].im + f.im * b[i][j].re;
            }
        }
    }
    for (unsigned i = 0; i < n; i++)
        ret[i] = b[i][n + i].re;
}

/* Mean over layers of the SINR after MMSE: 1 / [(I + W^H H^H H W / noise)^-1]_ll - 1. */
static double mean_sinr(const cf_t *h, unsigned n_rx, unsigned n_tx, double noise, const cf_t *w,
                        unsigned n_layers)
{
    cd_t hw[PHY_MAX_PORTS][4];
    for (unsigned r = 0; r < n_rx; r++)
        for (unsigned l = 0; l < n_layers; l++) {
            cd_t s = {0, 0};
            for (unsigned t = 0; t < n_tx; t++) {
                cf_t a = h[r * n_tx + t], b = w[t * n_layers + l];
                s.re += (double)a.re * b.re - (double)a.im * b.im;
                s.im += (double)a.re * b.im + (double)a.im * b.re;
            }
            hw[r][l] = s;
        }
    cd_t a[4][4] = {{{0}}};
    for (unsigned i = 0; i < n_layers; i++)
        for (unsigned j = 0; j < n_layers; j++) {
            for (unsigned r = 0; r < n_rx; r++) {
                cd_t x = hw[r][i], y = hw[r][j];
                a[i][j].re += x.re * y.re + x.im * y.im;
                a[i][j].im += x.re * y.im - x.im * y.re;
            }
            a[i][j] = (cd_t){a[i][j].re / noise, a[i][j].im / noise};
        }
    double inverse[4], sum = 0;
    inverse_diagonal(a, n_layers, inverse);
    for (unsigned l = 0; l < n_layers; l++)
        sum += 1.0 / inverse[l] - 1.0;
    return sum / n_layers;
}

unsigned precoding_pusch_select(const cf_t *h, unsigned n_rx, unsigned n_tx, float noise,
                                precoding_subset_t subset, precoding_choice_t ret[PHY_MAX_LAYERS])
{
    if ((n_tx != 2 && n_tx != 4) || n_rx < 1 || n_rx > PHY_MAX_PORTS || !(noise > 0) || !isfinite(noise))
        return 0;
    unsigned n = n_rx < n_tx ? n_rx : n_tx;
    for (unsigned layers = 1; layers <= n; layers++) {
        double best = -1;
        unsigned tpmi = 0;
        for (unsigned i = 0; i < allowed(n_tx, layers, subset); i++) {
            cf_t w[4 * 4];
            precoding_pusch(n_tx, layers, i, false, w, NULL);
            double s = mean_sinr(h, n_rx, n_tx, noise, w, layers);
            if (s > best) { /* false for NaN: the first TPMI stands */
                best = s;
                tpmi = i;
            }
        }
        ret[layers - 1] = (precoding_choice_t){.n_layers = (uint8_t)layers,
                                               .tpmi = (uint8_t)tpmi,
                                               .sinr_db = best > 0 ? (float)(10 * log10(best)) : -100};
    }
    return n;
}
