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

static float rssi_dbfs(const pucch_plan_t *p, float energy)
{
    return to_db(energy / (float)(12u * p->cfg.n_symbols * p->cfg.n_rx) / FULL_SCALE);
}

/* What both formats report. s: energy along the decision, noise_energy in `free` directions. re: REs that one
 * block sums. */
static void report(const pucch_plan_t *p, double s, double noise_energy, unsigned free, unsigned blocks,
                   unsigned re, double p_noise, pucch_result_t *r)
{
    float noise = free ? (float)noise_energy / (float)free : 0;
    float power = ((float)s / (float)blocks - noise) / (float)re; /* |h|^2, mean over blocks */
    power = power > 0 ? power : 0;
    float floor = power * 1e-5f > 1e-3f ? power * 1e-5f : 1e-3f;
    r->noise_dbfs = to_db(noise / FULL_SCALE);
    r->rsrp_dbfs = to_db(power / FULL_SCALE);
    r->sinr_db = to_db(power * (float)p->cfg.n_rx / (noise > floor ? noise : floor));
    double p_limit = (double)p->cfg.p_false_alarm;
    r->detected = p_noise < p_limit;
    r->metric = (float)(log(p_noise > 1e-300 ? p_noise : 1e-300) / log(p_limit));
}

static const float cos12[12] = {1,  0.8660254f,  0.5f,  0, -0.5f, -0.8660254f,
                                -1, -0.8660254f, -0.5f, 0, 0.5f,  0.8660254f};

/* One UE's channel over the PRB, h(n) x (symbols that carry it), in one antenna and hop: its shift and what
 * each symbol carries (weights [size: n_symbols], conjugated) taken off. */
static void channel_of(const pucch_plan_t *p, const lanes_t *x, unsigned shift, const cf_t *weights,
                       unsigned a, unsigned h, cf_t ret[12])
{
    memset(ret, 0, 12 * sizeof *ret);
    unsigned first = h ? p->hop_symbols[0] : 0;
    for (unsigned s = first; s < first + p->hop_symbols[h]; s++) {
        unsigned lane = s * x->n_rx + a;
        cf_t w = weights[s];
        for (unsigned n = 0; n < 12; n++) {
            unsigned t = n * shift % 12;
            float c = cos12[t], q = -cos12[(t + 9) % 12];
            float wr = w.re * c - w.im * q, wi = w.re * q + w.im * c;
            ret[n].re += x->re[n][lane] * wr - x->im[n][lane] * wi;
            ret[n].im += x->re[n][lane] * wi + x->im[n][lane] * wr;
        }
    }
}

/* Phase from a half of the PRB to the other, of all antennas and hops. */
static float turn(const pucch_plan_t *p, const lanes_t *x, unsigned shift, const cf_t *weights)
{
    float turn_re = 0, turn_im = 0;
    for (unsigned a = 0; a < x->n_rx; a++)
        for (unsigned h = 0; h < p->n_hops; h++) {
            cf_t c[12], half[2] = {{0, 0}, {0, 0}};
            channel_of(p, x, shift, weights, a, h, c);
            for (unsigned n = 0; n < 12; n++) {
                half[n / 6].re += c[n].re;
                half[n / 6].im += c[n].im;
            }
            turn_re += half[1].re * half[0].re + half[1].im * half[0].im;
            turn_im += half[1].im * half[0].re - half[1].re * half[0].im;
        }
    return fabsf(turn_re) + fabsf(turn_im) > 0 ? atan2f(turn_im, turn_re) : 0;
}

static float delay_ns(const pucch_plan_t *p, const lanes_t *x, unsigned shift, const cf_t *weights)
{
    return -turn(p, x, shift, weights) / (2 * PI * 6) * 1e9f / (15000.0f * (float)(1u << p->cfg.mu));
}

/* What was found of a UE, before others are told apart from what it leaks. */
typedef struct {
    double s;       /* energy of a block along the decision */
    unsigned shift; /* cyclic shift */
    cf_t weights[PHY_SYMBOLS];
    bool cancelled;
} heard_t;

/* A delay or echoes turn the channel within the PRB, so that a UE leaks into other shifts: -22 dB for 200 ns
 * at 30 kHz. That is far above the noise when the UE is strong, and looks like another UE, weaker by this or
 * more (9 dB: 700 ns at 30 kHz). */
#define LEAK 8
/* What is left of a UE that was cancelled, in any other direction. */
#define LEFT_OVER 2.5e-4

/* Takes a UE off the lanes: a delay and, antenna by antenna and hop by hop, a straight line over the PRB. */
static void cancel(const pucch_plan_t *p, lanes_t *x, const heard_t *u)
{
    float step = turn(p, x, u->shift, u->weights) / 6;
    cf_t phase[12];
    for (unsigned n = 0; n < 12; n++)
        phase[n] = (cf_t){cosf(step * ((float)n - 5.5f)), sinf(step * ((float)n - 5.5f))};
    for (unsigned a = 0; a < x->n_rx; a++)
        for (unsigned h = 0; h < p->n_hops; h++) {
            cf_t c[12], mean = {0, 0}, slope = {0, 0};
            channel_of(p, x, u->shift, u->weights, a, h, c);
            for (unsigned n = 0; n < 12; n++) {
                float re = c[n].re * phase[n].re + c[n].im * phase[n].im,
                      im = c[n].im * phase[n].re - c[n].re * phase[n].im, at = (float)n - 5.5f;
                mean.re += re / 12;
                mean.im += im / 12;
                slope.re += re * at / 143; /* 143: sum of squares of n - 5.5 */
                slope.im += im * at / 143;
            }
            unsigned first = h ? p->hop_symbols[0] : 0;
            float each = 1 / (float)p->hop_symbols[h];
            for (unsigned n = 0; n < 12; n++) {
                float at = (float)n - 5.5f, re = (mean.re + slope.re * at) * each,
                      im = (mean.im + slope.im * at) * each;
                unsigned t = n * u->shift % 12;
                float pr = phase[n].re * cos12[t] - phase[n].im * cos12[(t + 9) % 12],
                      pi = phase[n].re * cos12[(t + 9) % 12] + phase[n].im * cos12[t];
                cf_t g = {re * pr - im * pi, re * pi + im * pr};
                for (unsigned s = first; s < first + p->hop_symbols[h]; s++) {
                    cf_t w = u->weights[s]; /* conjugated */
                    x->re[n][s * x->n_rx + a] -= g.re * w.re + g.im * w.im;
                    x->im[n][s * x->n_rx + a] -= g.im * w.re - g.re * w.im;
                }
            }
        }
    x->energy = 0;
    for (unsigned n = 0; n < 12; n++)
        for (unsigned i = 0; i < x->n_lanes; i++)
            x->energy += x->re[n][i] * x->re[n][i] + x->im[n][i] * x->im[n][i];
    dft12(x);
}

/* The strongest UE beside which another one, found as well, may be a leak; or n. */
static size_t next_to_cancel(const pucch_result_t *results, const heard_t *heard, size_t n)
{
    size_t strongest = n;
    double weakest = 1e30;
    for (size_t i = 0; i < n; i++) {
        if (!results[i].detected || heard[i].cancelled)
            continue;
        weakest = heard[i].s < weakest ? heard[i].s : weakest;
        if (strongest == n || heard[i].s > heard[strongest].s)
            strongest = i;
    }
    return strongest < n && heard[strongest].s > LEAK * weakest ? strongest : n;
}

/* Energy of the left-overs of cancelled UEs, in one direction; how many they are. */
static double left_over(const heard_t *heard, size_t n, unsigned *ret_n)
{
    double sum = 0;
    *ret_n = 0;
    for (size_t i = 0; i < n; i++)
        if (heard[i].cancelled) {
            sum += LEFT_OVER * heard[i].s;
            ++*ret_n;
        }
    return sum;
}

/* Energy in each cyclic shift, and in what differs between two symbols without a hop: those see one channel,
 * their sum is the block. */
static float f0_powers(const pucch_plan_t *p, const lanes_t *x, bool coherent, float power[12])
{
    unsigned n_rx = x->n_rx;
    float difference = 0;
    for (unsigned k = 0; k < 12; k++) {
        float s = 0;
        for (unsigned a = 0; a < n_rx; a++) {
            float re = x->bin_re[k][a], im = x->bin_im[k][a];
            if (p->cfg.n_symbols == 2) {
                float re1 = x->bin_re[k][n_rx + a], im1 = x->bin_im[k][n_rx + a];
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
    return difference;
}

typedef struct {
    lanes_t x;
    bool coherent;
    unsigned blocks, claims[12];
    bool candidate[PUCCH_MAX_UES][12];
    float power[12], difference;
    heard_t heard[PUCCH_MAX_UES];
    size_t n;
} f0_t;

static void f0_claim(f0_t *f, const pucch_plan_t *const *plans)
{
    memset(f->candidate, 0, sizeof f->candidate);
    memset(f->claims, 0, sizeof f->claims);
    for (size_t i = 0; i < f->n; i++) {
        const pucch_cfg_t *c = &plans[i]->cfg;
        for (unsigned harq = 0; harq < 1u << c->n_harq; harq++)
            for (unsigned sr = 0; sr <= c->sr_bits; sr++) {
                int mcs = pucch_f0_mcs((uint8_t)c->n_harq, (uint8_t)harq, sr);
                if (mcs >= 0)
                    f->candidate[i][(c->initial_cyclic_shift + (unsigned)mcs) % 12] = true;
            }
        for (unsigned k = 0; k < 12; k++)
            f->claims[k] += f->candidate[i][k];
    }
}

static void f0_decide(f0_t *f, const pucch_plan_t *plan, size_t i, pucch_result_t *r)
{
    const pucch_cfg_t *c = &plan->cfg;
    const bool *candidate = f->candidate[i];
    unsigned best = 0, m = 0, free = f->coherent ? 12 * f->blocks : 0, n_left;
    double noise = (double)f->difference, s = -1, left = left_over(f->heard, f->n, &n_left);
    *r = (pucch_result_t){0};
    for (unsigned k = 0; k < 12; k++)
        if (candidate[k]) {
            m++;
            if (f->power[k] > s) {
                s = (double)f->power[k];
                best = k;
            }
        }
    for (unsigned k = 0; k < 12; k++)
        if (k != best && f->claims[k] == (candidate[k] ? 1u : 0u)) {
            noise += (double)f->power[k];
            free += f->blocks;
        }
    unsigned lost = n_left * f->blocks; /* the slopes of cancelled UEs */
    free = free > lost + f->blocks ? free - lost : free > f->blocks ? f->blocks : free;
    double p_noise = free ? m * noise_does_as_well(s, noise + free * left, f->blocks, free) : 1;
    report(plan, s, noise, free, f->blocks, f->coherent ? 24 : 12, p_noise, r);
    heard_t *u = &f->heard[i];
    *u = (heard_t){.s = s / f->blocks, .shift = best, .weights = {{1, 0}, {1, 0}}};
    if (!r->detected)
        return;
    for (unsigned harq = 0; harq < 1u << c->n_harq; harq++)
        for (unsigned sr = 0; sr <= c->sr_bits; sr++) {
            int mcs = pucch_f0_mcs((uint8_t)c->n_harq, (uint8_t)harq, sr);
            if (mcs >= 0 && (c->initial_cyclic_shift + (unsigned)mcs) % 12 == best) {
                r->harq = (uint8_t)harq;
                r->sr = sr;
            }
        }
    r->ta_ns = delay_ns(plan, &f->x, best, u->weights);
}

void pucch_f0_detect(const phy_t *phy, const pucch_plan_t *const *plans, size_t n, const phy_grid_t *grid,
                     pucch_result_t *results)
{
    (void)phy;
    const pucch_plan_t *p = plans[0];
    f0_t f;
    f.n = n;
    f.coherent = p->cfg.n_symbols == 2 && p->n_hops == 1;
    f.blocks = f.coherent ? p->cfg.n_rx : p->cfg.n_rx * p->cfg.n_symbols;
    for (size_t i = 0; i < n; i++)
        f.heard[i].cancelled = false;
    read_lanes(p, grid, &f.x);
    dft12(&f.x);
    f0_claim(&f, plans);
    float rssi = f.x.energy;
    for (size_t next = n;;) {
        f.difference = f0_powers(p, &f.x, f.coherent, f.power);
        for (size_t i = 0; i < n; i++)
            if (!f.heard[i].cancelled)
                f0_decide(&f, plans[i], i, &results[i]);
        next = next_to_cancel(results, f.heard, n);
        if (next == n)
            break;
        cancel(p, &f.x, &f.heard[next]);
        f.heard[next].cancelled = true;
    }
    for (size_t i = 0; i < n; i++)
        results[i].rssi_dbfs = rssi_dbfs(p, rssi);
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

typedef struct {
    lanes_t x;
    cf_t w[7][PHY_SYMBOLS];
    bool w_known[7];
    unsigned n_blocks;
    float counts[4];
    block_t blocks[PUCCH_MAX_UES][2 * PUCCH_MAX_RX];
    heard_t heard[PUCCH_MAX_UES];
    size_t n;
    double unclaimed; /* energy that no UE declares, in `free` directions */
    unsigned free;
} f1_t;

static void f1_despread(f1_t *f, const pucch_plan_t *const *plans)
{
    const pucch_plan_t *p = plans[0];
    double declared = 0;
    unsigned n_left;
    for (size_t i = 0; i < f->n; i++) {
        unsigned occ = plans[i]->cfg.time_domain_occ;
        if (!f->w_known[occ])
            for (unsigned s = 0; s < p->cfg.n_symbols; s++)
                f->w[occ][s] = pucch_f1_w(p, occ, p->cfg.start_symbol + s);
        f->w_known[occ] = true;
        despread(p, &f->x, f->w[occ], plans[i]->cfg.initial_cyclic_shift, f->blocks[i], f->counts);
        for (unsigned b = 0; b < f->n_blocks; b++) {
            block_t z = f->blocks[i][b];
            declared += (double)(z.dmrs.re * z.dmrs.re + z.dmrs.im * z.dmrs.im + z.data.re * z.data.re +
                                 z.data.im * z.data.im);
        }
    }
    f->unclaimed = (double)f->x.energy - declared;
    f->unclaimed = f->unclaimed > 0 ? f->unclaimed : 0;
    left_over(f->heard, f->n, &n_left); /* cancelled UEs take the directions of their slopes too */
    int all =
        12 * (int)p->cfg.n_symbols * (int)p->cfg.n_rx - (int)f->n_blocks * (2 * (int)f->n + (int)n_left);
    f->free = all > 0 ? (unsigned)all : 0;
}

static void f1_decide(f1_t *f, const pucch_plan_t *plan, size_t i, pucch_result_t *r)
{
    const pucch_cfg_t *c = &plan->cfg;
    unsigned n_rx = c->n_rx, n_blocks = f->n_blocks, n_left;
    *r = (pucch_result_t){0};
    double own = 0;
    float corr_re = 0, corr_im = 0, fixed = 0;
    /* Along d: |sqrt(n0) dmrs + conj(d) sqrt(n1) data|^2 / (n0 + n1), so that only the cross term depends on
     * d. */
    for (unsigned b = 0; b < n_blocks; b++) {
        block_t z = f->blocks[i][b];
        unsigned h = b / n_rx;
        float n0 = f->counts[2 * h], n1 = f->counts[2 * h + 1], g = 1 / (n0 + n1),
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
    double rest = own - s, left = left_over(f->heard, f->n, &n_left);
    double noise = f->unclaimed + (rest > 0 ? rest : 0);
    unsigned dims = f->free + n_blocks;
    double p_noise = m * noise_does_as_well(s, noise + dims * left, n_blocks, dims);
    /* REs of a block: mean over hops */
    unsigned re = 12u * c->n_symbols / plan->n_hops;
    report(plan, s, noise, dims, n_blocks, re, p_noise, r);
    heard_t *u = &f->heard[i];
    *u = (heard_t){.s = s / n_blocks, .shift = c->initial_cyclic_shift};
    if (!r->detected)
        return;
    r->harq = (uint8_t)best;
    r->sr = c->n_harq == 0;
    cf_t d = pucch_f1_symbol((uint8_t)c->n_harq, (uint8_t)best);
    for (unsigned q = 0; q < c->n_symbols; q++) {
        cf_t v = f->w[c->time_domain_occ][q];
        if (plan->data_mask >> (c->start_symbol + q) & 1)
            v = (cf_t){v.re * d.re - v.im * d.im, v.re * d.im + v.im * d.re};
        u->weights[q] = (cf_t){v.re, -v.im};
    }
    r->ta_ns = delay_ns(plan, &f->x, c->initial_cyclic_shift, u->weights);
}

void pucch_f1_detect(const phy_t *phy, const pucch_plan_t *const *plans, size_t n, const phy_grid_t *grid,
                     pucch_result_t *results)
{
    (void)phy;
    const pucch_plan_t *p = plans[0];
    f1_t f;
    f.n = n;
    f.n_blocks = p->cfg.n_rx * p->n_hops;
    for (unsigned i = 0; i < 4; i++)
        f.counts[i] = 1;
    memset(f.w_known, 0, sizeof f.w_known);
    for (size_t i = 0; i < n; i++)
        f.heard[i].cancelled = false;
    read_lanes(p, grid, &f.x);
    dft12(&f.x);
    float rssi = f.x.energy;
    for (size_t next = n;;) {
        f1_despread(&f, plans);
        for (size_t i = 0; i < n; i++)
            if (!f.heard[i].cancelled)
                f1_decide(&f, plans[i], i, &results[i]);
        next = next_to_cancel(results, f.heard, n);
        if (next == n)
            break;
        cancel(p, &f.x, &f.heard[next]);
        f.heard[next].cancelled = true;
    }
    for (size_t i = 0; i < n; i++)
        results[i].rssi_dbfs = rssi_dbfs(p, rssi);
}
