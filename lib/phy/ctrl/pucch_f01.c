/* SPDX-License-Identifier: Apache-2.0 */
/* Receiver of PUCCH formats 0 and 1: all UEs of a resource in one pass.
 *
 * Every symbol and antenna is multiplied with the conjugate base sequence and its cyclic shift hop, and goes
 * through a DFT of 12 points over the subcarriers: bin k holds the UEs of cyclic shift k, scaled so that
 * noise keeps its variance. Format 1 then sums with each UE's orthogonal sequence.
 *
 * Decision. A hypothesis (a cyclic shift of format 0, a symbol d of format 1) is a direction in each of A
 * blocks (antenna x hop); S is the received energy along it, N the energy in all directions that no declared
 * UE can occupy and that the hypothesis excludes, of which there are F. In white noise of any level b = S /
 * (S + N) is Beta(A, F), so that P(b) = sum_{i<A} C(A+F-1, i) b^i (1-b)^(A+F-1-i) is the probability of noise
 * to do as well. Of m hypotheses the best is detected when m P(b) is below the false alarm probability of the
 * UE: no threshold is tuned, and no noise level has to be known. */
#include "lib/phy/ctrl/pucch_internal.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846f
#define MAX_LANES (PUCCH_MAX_RX * PHY_SYMBOLS)
#define FULL_SCALE (32767.0f * 32767.0f)

/* One lane is one symbol of one antenna: lane = symbol x n_rx + antenna, so that a symbol's lanes are
 * together. */
typedef struct {
    _Alignas(64) float re[12][MAX_LANES], im[12][MAX_LANES]; /* by subcarrier, base sequence taken off */
    _Alignas(64) float bin_re[12][MAX_LANES], bin_im[12][MAX_LANES]; /* by cyclic shift, hop taken off */
    unsigned n_lanes, n_symbols, n_rx;
    float energy; /* of all lanes and subcarriers */
} lanes_t;

/* Reads the PRB and takes the base sequence and n_cs off. */
static void read_lanes(const pucch_plan_t *p, const phy_grid_t *grid, lanes_t *x)
{
    x->n_symbols = p->cfg.n_symbols;
    x->n_rx = p->cfg.n_rx;
    x->n_lanes = x->n_symbols * x->n_rx;
    cf_t base[2][12];
    for (unsigned h = 0; h < p->n_hops; h++) {
        unsigned l = p->cfg.start_symbol + (h ? p->hop_symbols[0] : 0u);
        pucch_sequence12(p->group[l], p->number[l], 0, base[h]);
    }
    static const float c12[12] = {1,  0.8660254f,  0.5f,  0, -0.5f, -0.8660254f,
                                  -1, -0.8660254f, -0.5f, 0, 0.5f,  0.8660254f};
    float energy[12] = {0};
    for (unsigned s = 0; s < x->n_symbols; s++) {
        unsigned l = p->cfg.start_symbol + s, h = pucch_hop_of(p, l);
        cf_t r[12];
        for (unsigned n = 0, a = 0; n < 12; n++, a = (a + p->cs[l]) % 12) {
            float c = c12[a], q = c12[(a + 9) % 12];
            r[n] = (cf_t){base[h][n].re * c - base[h][n].im * q, base[h][n].re * q + base[h][n].im * c};
        }
        for (unsigned a = 0; a < x->n_rx; a++) {
            const ci16_t *y = phy_grid_symbol(grid, a, l) + 12u * p->hop_prb[h];
            unsigned lane = s * x->n_rx + a;
            for (unsigned n = 0; n < 12; n++) {
                float re = (float)y[n].re, im = (float)y[n].im;
                energy[n] += re * re + im * im;
                x->re[n][lane] = re * r[n].re + im * r[n].im;
                x->im[n][lane] = im * r[n].re - re * r[n].im;
            }
        }
    }
    x->energy = 0;
    for (unsigned n = 0; n < 12; n++)
        x->energy += energy[n];
    for (; x->n_lanes % 8; x->n_lanes++) /* whole vectors */
        for (unsigned n = 0; n < 12; n++)
            x->re[n][x->n_lanes] = x->im[n][x->n_lanes] = 0;
}

/* X(k) = sum_n x(n) exp(-j 2 pi k n / 12) / sqrt(12), lane by lane: 4 transforms of 3 points, then 3 of 4 by
 * the prime factor map n = (4 a + 3 b) mod 12, k = (4 c + 9 d) mod 12, which needs no factors between. */
static void dft12(lanes_t *x)
{
    const float half = 0.5f, q = 0.8660254f, scale = 0.28867513f;
    for (unsigned i = 0; i < x->n_lanes; i++) {
        float tr[3][4], ti[3][4];
        for (unsigned b = 0; b < 4; b++) {
            unsigned n0 = 3 * b, n1 = (4 + 3 * b) % 12, n2 = (8 + 3 * b) % 12;
            float sr = x->re[n1][i] + x->re[n2][i], si = x->im[n1][i] + x->im[n2][i];
            float dr = (x->re[n1][i] - x->re[n2][i]) * q, di = (x->im[n1][i] - x->im[n2][i]) * q;
            float mr = x->re[n0][i] - half * sr, mi = x->im[n0][i] - half * si;
            tr[0][b] = x->re[n0][i] + sr;
            ti[0][b] = x->im[n0][i] + si;
            tr[1][b] = mr + di;
            ti[1][b] = mi - dr;
            tr[2][b] = mr - di;
            ti[2][b] = mi + dr;
        }
        for (unsigned c = 0; c < 3; c++) {
            float ar = tr[c][0] + tr[c][2], ai = ti[c][0] + ti[c][2];
            float br = tr[c][0] - tr[c][2], bi = ti[c][0] - ti[c][2];
            float cr = tr[c][1] + tr[c][3], ci = ti[c][1] + ti[c][3];
            float dr = tr[c][1] - tr[c][3], di = ti[c][1] - ti[c][3];
            x->bin_re[(4 * c) % 12][i] = (ar + cr) * scale;
            x->bin_im[(4 * c) % 12][i] = (ai + ci) * scale;
            x->bin_re[(4 * c + 6) % 12][i] = (ar - cr) * scale;
            x->bin_im[(4 * c + 6) % 12][i] = (ai - ci) * scale;
            x->bin_re[(4 * c + 9) % 12][i] = (br + di) * scale;
            x->bin_im[(4 * c + 9) % 12][i] = (bi - dr) * scale;
            x->bin_re[(4 * c + 3) % 12][i] = (br - di) * scale;
            x->bin_im[(4 * c + 3) % 12][i] = (bi + dr) * scale;
        }
    }
}

/* P(Beta(a, f) > s / (s + n)). NaN gives 1. */
static double noise_does_as_well(double s, double n, unsigned a, unsigned f)
{
    if (!(s > 0) || !(s < 1e30) || !(n < 1e30))
        return 1;
    n = n > s * 1e-7 ? n : s * 1e-7;
    double odds = s / n, d = (double)(a + f) - 1, term = exp(-d * log1p(odds)), sum = 0;
    for (unsigned i = 0; i < a; i++) {
        sum += term;
        term *= (d - i) / (i + 1.0) * odds;
    }
    return sum < 1 ? sum : 1;
}

static float to_db(float x)
{
    return 10 * log10f(x > 1e-12f ? x : 1e-12f);
}

/* What both formats report. s: energy along the decision, noise_energy in `free` directions. re: REs that one
 * block sums. */
static void report(const pucch_plan_t *p, double s, double noise_energy, unsigned free, unsigned blocks,
                   unsigned re, double p_noise, float energy, pucch_result_t *r)
{
    float noise = free ? (float)noise_energy / (float)free : 0;
    float power = ((float)s / (float)blocks - noise) / (float)re; /* |h|^2, mean over blocks */
    power = power > 0 ? power : 0;
    float floor = power * 1e-5f > 1e-3f ? power * 1e-5f : 1e-3f;
    r->rssi_dbfs = to_db(energy / (float)(12u * p->cfg.n_symbols * p->cfg.n_rx) / FULL_SCALE);
    r->noise_dbfs = to_db(noise / FULL_SCALE);
    r->rsrp_dbfs = to_db(power / FULL_SCALE);
    r->sinr_db = to_db(power * (float)p->cfg.n_rx / (noise > floor ? noise : floor));
    double p_limit = (double)p->cfg.p_false_alarm;
    r->detected = p_noise < p_limit;
    r->metric = (float)(log(p_noise > 1e-300 ? p_noise : 1e-300) / log(p_limit));
}

/* Delay from the turn between the two halves of the PRB, summed over all lanes; weights [size: n_lanes] are
 * what each lane's symbol carries, conjugated. shift: cyclic shift of the UE. */
static float delay_ns(const pucch_plan_t *p, const lanes_t *x, unsigned shift, const cf_t *weights)
{
    static const float c12[12] = {1,  0.8660254f,  0.5f,  0, -0.5f, -0.8660254f,
                                  -1, -0.8660254f, -0.5f, 0, 0.5f,  0.8660254f};
    unsigned n_rx = x->n_rx;
    float turn_re = 0, turn_im = 0;
    for (unsigned a = 0; a < n_rx; a++)
        for (unsigned h = 0; h < p->n_hops; h++) {
            cf_t half[2] = {{0, 0}, {0, 0}};
            for (unsigned s = 0; s < x->n_symbols; s++) {
                if (pucch_hop_of(p, p->cfg.start_symbol + s) != h)
                    continue;
                unsigned lane = s * n_rx + a;
                cf_t w = weights[s];
                for (unsigned n = 0; n < 12; n++) {
                    unsigned t = n * shift % 12;
                    float c = c12[t], q = -c12[(t + 9) % 12];
                    float wr = w.re * c - w.im * q, wi = w.re * q + w.im * c;
                    half[n / 6].re += x->re[n][lane] * wr - x->im[n][lane] * wi;
                    half[n / 6].im += x->re[n][lane] * wi + x->im[n][lane] * wr;
                }
            }
            turn_re += half[1].re * half[0].re + half[1].im * half[0].im;
            turn_im += half[1].im * half[0].re - half[1].re * half[0].im;
        }
    if (!(fabsf(turn_re) + fabsf(turn_im) > 0))
        return 0;
    return -atan2f(turn_im, turn_re) / (2 * PI * 6) * 1e9f / (15000.0f * (float)(1u << p->cfg.mu));
}

void pucch_f0_detect(const phy_t *phy, const pucch_plan_t *const *plans, size_t n, const phy_grid_t *grid,
                     pucch_result_t *results)
{
    (void)phy;
    const pucch_plan_t *p = plans[0];
    unsigned n_rx = p->cfg.n_rx, n_symbols = p->cfg.n_symbols;
    lanes_t x;
    read_lanes(p, grid, &x);
    dft12(&x);
    /* Two symbols without a hop see one channel: their sum is the block, their difference is noise. */
    bool coherent = n_symbols == 2 && p->n_hops == 1;
    float power[12], difference = 0;
    for (unsigned k = 0; k < 12; k++) {
        float s = 0;
        for (unsigned a = 0; a < n_rx; a++) {
            float re = x.bin_re[k][a], im = x.bin_im[k][a];
            if (n_symbols == 2) {
                float re1 = x.bin_re[k][n_rx + a], im1 = x.bin_im[k][n_rx + a];
                if (coherent) {
                    float dr = re - re1, di = im - im1;
                    difference += 0.5f * (dr * dr + di * di);
                    re = 0.70710678f * (re + re1);
                    im = 0.70710678f * (im + im1);
                } else {
                    s += re1 * re1 + im1 * im1;
                }
            }
            s += re * re + im * im;
        }
        power[k] = s;
    }
    unsigned blocks = coherent ? n_rx : n_rx * n_symbols, claims[12] = {0};
    bool candidate[PUCCH_MAX_UES][12];
    for (size_t i = 0; i < n; i++) {
        const pucch_cfg_t *c = &plans[i]->cfg;
        memset(candidate[i], 0, sizeof candidate[i]);
        for (unsigned harq = 0; harq < 1u << c->n_harq; harq++)
            for (unsigned sr = 0; sr <= c->sr_bits; sr++) {
                int mcs = pucch_f0_mcs((uint8_t)c->n_harq, (uint8_t)harq, sr);
                if (mcs >= 0)
                    candidate[i][(c->initial_cyclic_shift + (unsigned)mcs) % 12] = true;
            }
        for (unsigned k = 0; k < 12; k++)
            claims[k] += candidate[i][k];
    }
    for (size_t i = 0; i < n; i++) {
        const pucch_cfg_t *c = &plans[i]->cfg;
        pucch_result_t *r = &results[i];
        *r = (pucch_result_t){0};
        unsigned best = 0, m = 0, free = coherent ? 12 * blocks : 0;
        double noise = (double)difference, s = -1;
        for (unsigned k = 0; k < 12; k++)
            if (candidate[i][k]) {
                m++;
                if (power[k] > s) {
                    s = (double)power[k];
                    best = k;
                }
            }
        for (unsigned k = 0; k < 12; k++)
            if (k != best && claims[k] == (candidate[i][k] ? 1u : 0u)) {
                noise += (double)power[k];
                free += blocks;
            }
        double p_noise = free ? m * noise_does_as_well(s, noise, blocks, free) : 1;
        report(plans[i], s, noise, free, blocks, coherent ? 24 : 12, p_noise, x.energy, r);
        if (!r->detected)
            continue;
        for (unsigned harq = 0; harq < 1u << c->n_harq; harq++)
            for (unsigned sr = 0; sr <= c->sr_bits; sr++) {
                int mcs = pucch_f0_mcs((uint8_t)c->n_harq, (uint8_t)harq, sr);
                if (mcs >= 0 && (c->initial_cyclic_shift + (unsigned)mcs) % 12 == best) {
                    r->harq = (uint8_t)harq;
                    r->sr = sr;
                }
            }
        const cf_t ones[2] = {{1, 0}, {1, 0}};
        r->ta_ns = delay_ns(p, &x, best, ones);
    }
}

/* DMRS and data of one UE in one block (antenna, hop), despread to unit noise gain. */
typedef struct {
    cf_t dmrs, data;
} block_t;

static void despread(const pucch_plan_t *p, const lanes_t *x, const cf_t *w, unsigned shift, block_t *blocks,
                     float *counts)
{
    unsigned n_rx = x->n_rx;
    for (unsigned h = 0; h < p->n_hops; h++) {
        float re[2][PUCCH_MAX_RX] = {{0}}, im[2][PUCCH_MAX_RX] = {{0}};
        unsigned n[2] = {0, 0};
        unsigned first = h ? p->hop_symbols[0] : 0;
        for (unsigned s = first; s < first + p->hop_symbols[h]; s++) {
            unsigned kind = p->data_mask >> (p->cfg.start_symbol + s) & 1;
            n[kind]++;
            const float *xr = &x->bin_re[shift][s * n_rx], *xi = &x->bin_im[shift][s * n_rx];
            for (unsigned a = 0; a < n_rx; a++) {
                re[kind][a] += xr[a] * w[s].re + xi[a] * w[s].im;
                im[kind][a] += xi[a] * w[s].re - xr[a] * w[s].im;
            }
        }
        float g0 = 1 / sqrtf((float)n[0]), g1 = 1 / sqrtf((float)n[1]);
        for (unsigned a = 0; a < n_rx; a++)
            blocks[h * n_rx + a] = (block_t){{re[0][a] * g0, im[0][a] * g0}, {re[1][a] * g1, im[1][a] * g1}};
        counts[2 * h] = (float)n[0];
        counts[2 * h + 1] = (float)n[1];
    }
}

void pucch_f1_detect(const phy_t *phy, const pucch_plan_t *const *plans, size_t n, const phy_grid_t *grid,
                     pucch_result_t *results)
{
    (void)phy;
    const pucch_plan_t *p = plans[0];
    unsigned n_rx = p->cfg.n_rx, n_blocks = n_rx * p->n_hops, first = p->cfg.start_symbol;
    lanes_t x;
    read_lanes(p, grid, &x);
    dft12(&x);
    cf_t w[7][PHY_SYMBOLS];
    bool w_known[7] = {false};
    block_t blocks[PUCCH_MAX_UES][2 * PUCCH_MAX_RX];
    float counts[4] = {1, 1, 1, 1};
    double declared = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned occ = plans[i]->cfg.time_domain_occ;
        if (!w_known[occ])
            for (unsigned s = 0; s < p->cfg.n_symbols; s++)
                w[occ][s] = pucch_f1_w(p, occ, first + s);
        w_known[occ] = true;
        despread(p, &x, w[occ], plans[i]->cfg.initial_cyclic_shift, blocks[i], counts);
        for (unsigned b = 0; b < n_blocks; b++) {
            block_t z = blocks[i][b];
            declared += (double)(z.dmrs.re * z.dmrs.re + z.dmrs.im * z.dmrs.im + z.data.re * z.data.re +
                                 z.data.im * z.data.im);
        }
    }
    double unclaimed = (double)x.energy - declared;
    unclaimed = unclaimed > 0 ? unclaimed : 0;
    int all = 12 * (int)p->cfg.n_symbols * (int)n_rx - 2 * (int)n_blocks * (int)n;
    unsigned free = all > 0 ? (unsigned)all : 0;
    for (size_t i = 0; i < n; i++) {
        const pucch_cfg_t *c = &plans[i]->cfg;
        pucch_result_t *r = &results[i];
        *r = (pucch_result_t){0};
        double own = 0;
        float corr_re = 0, corr_im = 0, fixed = 0;
        /* Along d: |sqrt(n0) dmrs + conj(d) sqrt(n1) data|^2 / (n0 + n1), so that only the cross term depends
         * on d. */
        for (unsigned b = 0; b < n_blocks; b++) {
            block_t z = blocks[i][b];
            unsigned h = b / n_rx;
            float n0 = counts[2 * h], n1 = counts[2 * h + 1], g = 1 / (n0 + n1),
                  cross = 2 * g * sqrtf(n0 * n1);
            float e0 = z.dmrs.re * z.dmrs.re + z.dmrs.im * z.dmrs.im,
                  e1 = z.data.re * z.data.re + z.data.im * z.data.im;
            own += (double)(e0 + e1);
            fixed += g * (n0 * e0 + n1 * e1);
            corr_re += cross * (z.data.re * z.dmrs.re + z.data.im * z.dmrs.im);
            corr_im += cross * (z.data.im * z.dmrs.re - z.data.re * z.dmrs.im);
        }
        unsigned m = 1u << c->n_harq, best = 0;
        double s = -1;
        for (unsigned harq = 0; harq < m; harq++) {
            cf_t d = pucch_f1_symbol((uint8_t)c->n_harq, (uint8_t)harq);
            double e = (double)(fixed + corr_re * d.re + corr_im * d.im);
            if (e > s) {
                s = e;
                best = harq;
            }
        }
        double rest = own - s;
        double noise = unclaimed + (rest > 0 ? rest : 0);
        unsigned dims = free + n_blocks;
        double p_noise = m * noise_does_as_well(s, noise, n_blocks, dims);
        /* REs of a block: mean over hops */
        unsigned re = 12u * p->cfg.n_symbols / p->n_hops;
        report(plans[i], s, noise, dims, n_blocks, re, p_noise, x.energy, r);
        if (!r->detected)
            continue;
        r->harq = (uint8_t)best;
        r->sr = c->n_harq == 0;
        cf_t d = pucch_f1_symbol((uint8_t)c->n_harq, (uint8_t)best), weights[PHY_SYMBOLS];
        for (unsigned q = 0; q < p->cfg.n_symbols; q++) {
            cf_t v = w[c->time_domain_occ][q];
            if (p->data_mask >> (first + q) & 1)
                v = (cf_t){v.re * d.re - v.im * d.im, v.re * d.im + v.im * d.re};
            weights[q] = (cf_t){v.re, -v.im};
        }
        r->ta_ns = delay_ns(p, &x, c->initial_cyclic_shift, weights);
    }
}
