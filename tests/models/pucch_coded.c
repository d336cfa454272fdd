/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/models/pucch_coded.h"

#include "tests/models/polar_list.h"
#include "tests/models/pusch_rx.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_E 4096
#define MAX_SC (16 * 12)

/* Table 5.3.3.3-1: M_i,0 .. M_i,10, one digit each. */
static const char *const basis[32] = {
    "11000000001", "11100000011", "10010010111", "10110000101", "11110001001", "11001011101", "10101010111",
    "10011001101", "11011001011", "10111010011", "10100111011", "11100110101", "10010101111", "11010101011",
    "10001101001", "11001111011", "11101110010", "10011100100", "11011111000", "10000110000", "10100010001",
    "11010000011", "10001001101", "11101000111", "11111011110", "11000111001", "10110100110", "11110101110",
    "10101110100", "10111111100", "11111111111", "10000000000"};

/* ---- what is where ---- */

/* Table 6.4.1.3.3.2-1. */
static bool is_dmrs(const model_pucch_t *c, unsigned i)
{
    static const char *const front[15] = {
        [4] = "1",   [5] = "03",  [6] = "14",  [7] = "14",  [8] = "15", [9] = "16",
        [10] = "27", [11] = "27", [12] = "28", [13] = "29", [14] = "3a"};
    static const char *const more[15] = {
        [10] = "1368", [11] = "1369", [12] = "147a", [13] = "147b", [14] = "158c"};
    if (c->format == 2)
        return false; /* not all of it */
    const char *which = c->n_symbols == 4 && c->hopping            ? "02"
                        : c->additional_dmrs && more[c->n_symbols] ? more[c->n_symbols]
                                                                   : front[c->n_symbols];
    return strchr(which, i < 10 ? (int)('0' + i) : (int)('a' + i - 10)) != NULL;
}

static unsigned hop_of(const model_pucch_t *c, unsigned i)
{
    return c->hopping && i >= c->n_symbols / 2;
}

static unsigned width(const model_pucch_t *c)
{
    return 12 * (c->format == 4 ? 1 : c->n_prb);
}

static unsigned first_sc(const model_pucch_t *c, unsigned i)
{
    return 12 * (hop_of(c, i) ? c->second_prb : c->prb);
}

/* Symbols of modulation in a symbol with data. */
static unsigned per_symbol(const model_pucch_t *c)
{
    return c->format == 2 ? 8 * c->n_prb : c->format == 3 ? width(c) : 12 / c->n_sf;
}

static unsigned qm_of(const model_pucch_t *c)
{
    return c->format != 2 && c->pi2_bpsk ? 1 : 2;
}

unsigned model_pucch_e(const model_pucch_t *c)
{
    unsigned n = 0;
    for (unsigned i = 0; i < c->n_symbols; i++)
        n += is_dmrs(c, i) ? 0 : per_symbol(c);
    return n * qm_of(c);
}

/* The reference signal of symbol i at subcarrier k of the allocation; 0 where there is none. */
static cplx_t reference(const model_pucch_t *c, unsigned i, unsigned k)
{
    unsigned l = c->start_symbol + i, hop = hop_of(c, i);
    if (c->format == 2) {
        if (k % 3 != 1)
            return 0;
        uint64_t id = c->n_id0;
        uint32_t c_init =
            (uint32_t)(((((uint64_t)(14 * c->slot + l + 1) * (2 * id + 1)) << 17) + 2 * id) & 0x7fffffff);
        cplx_t r;
        model_qpsk_sequence(c_init, 4 * (c->grid_crb + first_sc(c, i) / 12) + k / 3, 1, &r);
        return r;
    }
    if (!is_dmrs(c, i))
        return 0;
    static const uint8_t m0[2][4] = {{0, 6, 0, 0}, {0, 6, 3, 9}};
    unsigned id = c->hopping_id, u = id % 30, v = 0;
    if (c->group_hopping == 1)
        u = (model_gold_byte(id / 30, 2 * c->slot + hop) % 30 + id % 30) % 30;
    else if (c->group_hopping == 2)
        v = model_gold_bit(32 * (id / 30) + id % 30, 2 * c->slot + hop);
    unsigned cs = model_gold_byte(id, 14 * c->slot + l) + (c->format == 4 ? m0[c->n_sf == 4][c->occ] : 0);
    cplx_t r[MAX_SC];
    model_low_papr(u, v, width(c), 2 * M_PI * (cs % 12) / 12, r);
    return r[k];
}

/* w_n(k) of tables 6.3.2.6.3-1 and -2. */
static cplx_t spreading(const model_pucch_t *c, unsigned k)
{
    if (c->format == 3)
        return 1;
    return c->n_sf == 2 ? (c->occ && k >= 6 ? -1 : 1) : cexp(-I * M_PI / 2 * (double)(c->occ * (k / 3) % 4));
}

/* ---- coding ---- */

static unsigned crc_length(unsigned a)
{
    return a < 12 ? 0 : a < 20 ? 6 : 11;
}

/* Division by D^6 + D^5 + 1 or D^11 + D^10 + D^9 + D^5 + 1. */
static unsigned crc(const uint8_t *bits, unsigned n, unsigned length)
{
    unsigned r = 0, generator = length == 6 ? 0x21 : 0x621;
    for (unsigned i = 0; i < n; i++) {
        unsigned out = (r >> (length - 1) & 1) ^ bits[i];
        r = r << 1 & ((1u << length) - 1);
        r ^= out ? generator : 0;
    }
    return r;
}

static void make_polar(unsigned a, unsigned e, polar_model_t *m)
{
    *m = (polar_model_t){.k = (int)(a + crc_length(a)), .e = (int)e, .n_max = 10, .i_bil = true};
    polar_model_make(m);
}

static void encode(unsigned a, unsigned e, const uint8_t *bits, uint8_t *out)
{
    if (a < 12) {
        for (unsigned i = 0; i < e; i++) {
            out[i] = 0;
            for (unsigned k = 0; k < a; k++)
                out[i] ^= bits[k] & (basis[i % 32][k] == '1');
        }
        return;
    }
    static polar_model_t m;
    uint8_t with[1024];
    unsigned l = crc_length(a), r = crc(bits, a, l);
    memcpy(with, bits, a);
    for (unsigned i = 0; i < l; i++)
        with[a + i] = r >> (l - 1 - i) & 1;
    make_polar(a, e, &m);
    polar_model_encode(&m, with, out);
}

static bool decode(unsigned a, unsigned e, const double *llr, uint8_t *bits)
{
    if (a < 12) {
        double best = -1e300;
        for (unsigned word = 0; word < 1u << a; word++) {
            uint8_t b[11], coded[MAX_E];
            double sum = 0;
            for (unsigned k = 0; k < a; k++)
                b[k] = word >> k & 1;
            encode(a, e < 32 ? e : 32, b, coded);
            for (unsigned i = 0; i < e; i++)
                sum += coded[i % 32] ? -llr[i] : llr[i];
            if (sum > best) {
                best = sum;
                memcpy(bits, b, a);
            }
        }
        return true;
    }
    static polar_model_t m;
    static uint8_t paths[8][1024];
    float in[MAX_E];
    unsigned l = crc_length(a);
    for (unsigned i = 0; i < e; i++)
        in[i] = (float)llr[i];
    make_polar(a, e, &m);
    int n = polar_model_decode(&m, in, paths);
    for (int p = 0; p < n; p++) {
        unsigned sent = 0;
        for (unsigned i = 0; i < l; i++)
            sent = sent << 1 | paths[p][a + i];
        if (sent == crc(paths[p], a, l)) {
            memcpy(bits, paths[p], a);
            return true;
        }
    }
    memcpy(bits, paths[0], a);
    return false;
}

/* ---- there and back ---- */

static void dft_of(cplx_t *x, unsigned n, double sign)
{
    cplx_t y[MAX_SC];
    for (unsigned k = 0; k < n; k++) {
        y[k] = 0;
        for (unsigned i = 0; i < n; i++)
            y[k] += x[i] * cexp(sign * 2 * I * M_PI * (i * k % n) / n) / sqrt(n);
    }
    memcpy(x, y, n * sizeof *x);
}

void model_pucch_transmit(const model_pucch_t *c, const uint8_t *bits, cplx_t *grid)
{
    unsigned e = model_pucch_e(c), qm = qm_of(c), n = width(c), at = 0;
    uint8_t coded[MAX_E], scrambling[MAX_E];
    encode(c->n_bits, e, bits, coded);
    model_gold((c->rnti << 15) + c->n_id, e, scrambling);
    for (unsigned i = 0; i < e; i++)
        coded[i] ^= scrambling[i];
    for (unsigned i = 0; i < c->n_symbols; i++) {
        cplx_t x[MAX_SC] = {0};
        if (c->format == 2) {
            for (unsigned k = 0; k < n; k++)
                if (k % 3 != 1) {
                    x[k] = model_symbol(2, at, coded + 2 * at);
                    at++;
                }
        } else if (!is_dmrs(c, i)) {
            unsigned m = per_symbol(c);
            for (unsigned k = 0; k < n; k++)
                x[k] = spreading(c, k) * model_symbol(qm, at + k % m, coded + (at + k % m) * qm);
            at += m;
            dft_of(x, n, -1);
        }
        for (unsigned k = 0; k < n; k++)
            grid[(c->start_symbol + i) * c->n_grid_prb * 12 + first_sc(c, i) + k] +=
                x[k] + reference(c, i, k);
    }
}

/* h [n_rx][width] of a hop. */
static void estimate(const model_pucch_t *c, unsigned hop, const cplx_t *y, unsigned n_rx, double scs_hz,
                     double from_s, double to_s, double noise, double gain, cplx_t *h)
{
    unsigned n = width(c), n_paths = (unsigned)((to_s - from_s) * scs_hz * n * 1.5) + 2;
    cplx_t *a = calloc((size_t)n_paths * n_paths, sizeof *a), *b = calloc((size_t)n_paths * n_rx, sizeof *b),
           *wave = calloc((size_t)n_paths * n, sizeof *wave);
    if (!a || !b || !wave)
        abort();
    for (unsigned p = 0; p < n_paths; p++)
        for (unsigned k = 0; k < n; k++)
            wave[p * n + k] =
                cexp(-2 * I * M_PI * scs_hz * k * (from_s + (to_s - from_s) * p / (n_paths - 1)));
    for (unsigned i = 0; i < c->n_symbols; i++)
        for (unsigned k = 0; k < n && hop_of(c, i) == hop; k++) {
            cplx_t s = reference(c, i, k);
            for (unsigned p = 0; p < n_paths && s != 0; p++) {
                for (unsigned q = 0; q < n_paths; q++)
                    a[p * n_paths + q] += conj(s * wave[p * n + k]) * s * wave[q * n + k];
                for (unsigned r = 0; r < n_rx; r++)
                    b[p * n_rx + r] +=
                        conj(s * wave[p * n + k]) *
                        y[((size_t)r * 14 + c->start_symbol + i) * c->n_grid_prb * 12 + first_sc(c, i) + k];
            }
        }
    for (unsigned p = 0; p < n_paths; p++)
        a[p * n_paths + p] += noise * n_paths / gain;
    model_solve(a, b, n_paths, n_rx);
    for (unsigned r = 0; r < n_rx; r++)
        for (unsigned k = 0; k < n; k++) {
            h[r * n + k] = 0;
            for (unsigned p = 0; p < n_paths; p++)
                h[r * n + k] += b[p * n_rx + r] * wave[p * n + k];
        }
    free(a);
    free(b);
    free(wave);
}

bool model_pucch_receive(const model_pucch_t *c, const cplx_t *received, unsigned n_rx, double scs_hz,
                         double from_s, double to_s, double noise, double gain, uint8_t *bits)
{
    unsigned e = model_pucch_e(c), qm = qm_of(c), n = width(c), at = 0, m = per_symbol(c);
    cplx_t h[8 * MAX_SC];
    uint8_t scrambling[MAX_E];
    double llr[MAX_E];
    for (unsigned i = 0; i < c->n_symbols; i++) {
        if (i == 0 || hop_of(c, i) != hop_of(c, i - 1))
            estimate(c, hop_of(c, i), received, n_rx, scs_hz, from_s, to_s, noise, gain, h);
        if (is_dmrs(c, i))
            continue;
        cplx_t x[MAX_SC], sum[MAX_SC] = {0};
        double mu[MAX_SC], mean = 0;
        for (unsigned k = 0; k < n; k++) {
            double power = 0;
            x[k] = 0;
            for (unsigned r = 0; r < n_rx; r++) {
                cplx_t y = received[((size_t)r * 14 + c->start_symbol + i) * c->n_grid_prb * 12 +
                                    first_sc(c, i) + k];
                x[k] += conj(h[r * n + k]) * y;
                power += pow(cabs(h[r * n + k]), 2);
            }
            x[k] /= power + noise; /* linear MMSE */
            mu[k] = power / (power + noise);
            mean += mu[k] / n;
        }
        if (c->format == 2) {
            for (unsigned k = 0; k < n; k++)
                if (k % 3 != 1) {
                    model_max_log(2, at, x[k] / mu[k], (1 - mu[k]) / mu[k], llr + 2 * at);
                    at++;
                }
            continue;
        }
        dft_of(x, n, 1);
        for (unsigned k = 0; k < n; k++)
            sum[k % m] += x[k] * conj(spreading(c, k)) / (n / m) / mean;
        for (unsigned k = 0; k < m; k++, at++)
            model_max_log(qm, at, sum[k], (1 - mean) / mean / (n / m), llr + at * qm);
    }
    model_gold((c->rnti << 15) + c->n_id, e, scrambling);
    for (unsigned i = 0; i < e; i++)
        llr[i] = scrambling[i] ? -llr[i] : llr[i];
    return decode(c->n_bits, e, llr, bits);
}
