/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/pusch/chest.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define NOISE_LEAST 1e-8f /* about what 16-bit samples' rounding leaves */

const chest_ops_t *chest_ops(phy_isa_t isa)
{
#if defined(__x86_64__)
    if (isa >= PHY_ISA_AVX512)
        return &chest_ops_avx512;
    if (isa >= PHY_ISA_AVX2)
        return &chest_ops_avx2;
#endif
    (void)isa;
    return &chest_ops_generic;
}

/* ---- plan ---- */

static unsigned round16(unsigned n)
{
    return (n + 15) & ~15u;
}

/* Start of a symbol's useful part in a slot of normal cyclic prefix, in 1 / (2048 x 15 kHz x 2^mu). TS 38.211
 * 5.3.1; slots that begin half a subframe carry the longer prefix at symbol 0, which a phase relative to the
 * slot's own start does not see but for mu 0's symbol 7. */
static double useful_start(unsigned mu, unsigned symbol)
{
    double samples = 0;
    for (unsigned l = 0; l <= symbol; l++)
        samples += (l ? 2048 : 0) + 144 + (mu == 0 && l == 7 ? 16 : 0);
    return samples / (2048 * 15000.0 * (1 << mu));
}

int chest_plan(const chest_cfg_t *cfg, unsigned n_grid_prb, chest_plan_t *ret, phy_refusal_t *why)
{
    if (cfg->mu > 3)
        return phy_refuse(why, "mu", cfg->mu, "0..3");
    if (cfg->n_layers < 1 || cfg->n_layers > PHY_MAX_LAYERS)
        return phy_refuse(why, "n_layers", cfg->n_layers, "1..4");
    if (cfg->n_rx < 1 || cfg->n_rx > PHY_MAX_PORTS)
        return phy_refuse(why, "n_rx", cfg->n_rx, "1..8");
    if (cfg->n_occasions < 1 || cfg->n_occasions > CHEST_MAX_OCCASIONS)
        return phy_refuse(why, "n_occasions", cfg->n_occasions, "1..4");
    if (!(cfg->amplitude > 0.01f && cfg->amplitude < 100))
        return phy_refuse(why, "amplitude", 0, "above 0.01, below 100");
    if (cfg->n_runs < 1 || cfg->n_runs > CHEST_MAX_RUNS)
        return phy_refuse(why, "n_runs", cfg->n_runs, "1..138");
    if (n_grid_prb > PHY_MAX_PRB)
        return phy_refuse(why, "n_grid_prb", n_grid_prb, "1..275");
    if (cfg->dmrs_length < 1 || cfg->dmrs_length > 2)
        return phy_refuse(why, "dmrs_length", cfg->dmrs_length, "1, 2");
    dmrs_port_t port[PHY_MAX_LAYERS];
    for (unsigned l = 0; l < cfg->n_layers; l++) {
        if (dmrs_port(cfg->dmrs_type, cfg->dmrs_length, cfg->port[l], &port[l], why) < 0)
            return -EINVAL;
        for (unsigned m = 0; m < l; m++)
            if (cfg->port[m] == cfg->port[l])
                return phy_refuse(why, "port", cfg->port[l], "a different one for each layer");
    }
    for (unsigned i = 0; i < cfg->n_occasions; i++) {
        unsigned end = cfg->symbol[i] + cfg->dmrs_length;
        if (end > PHY_SYMBOLS || (i && cfg->symbol[i] < cfg->symbol[i - 1] + cfg->dmrs_length))
            return phy_refuse(why, "symbol", cfg->symbol[i], "ascending, in the slot");
    }
    unsigned n_prb = 0, free_from = 0;
    for (unsigned i = 0; i < cfg->n_runs; i++) {
        const chest_run_t *run = &cfg->run[i];
        if (run->n_prb == 0 || run->prb_start < free_from || run->prb_start + run->n_prb > n_grid_prb)
            return phy_refuse(why, "run", run->prb_start, "ascending, in the grid");
        free_from = run->prb_start + run->n_prb;
        n_prb += run->n_prb;
    }

    *ret = (chest_plan_t){.cfg = *cfg, .n_prb = (uint16_t)n_prb, .n_sc = (uint16_t)(12 * n_prb)};
    ret->n_re = (uint16_t)(n_prb * dmrs_per_prb(cfg->dmrs_type));
    ret->n_pairs = ret->n_re / 2;
    /* Kernels write up to 15 floats behind the end; despreading reads two vectors. */
    ret->stride = round16(ret->n_sc) + 16;
    ret->re_stride = round16(ret->n_re) + 32;
    ret->pair_stride = round16(ret->n_pairs) + 16;
    for (unsigned l = 0; l < cfg->n_layers; l++) {
        unsigned j = 0;
        while (j < ret->n_groups && ret->group[j] != port[l].cdm_group)
            j++;
        if (j == ret->n_groups) {
            ret->group[j] = port[l].cdm_group;
            ret->delta[j] = port[l].delta;
            ret->n_groups++;
        }
        ret->layer_group[l] = (uint8_t)j;
        ret->port[l] = port[l];
    }
    ret->scs_hz = 15000.0 * (1 << cfg->mu);
    for (unsigned l = 0; l < PHY_SYMBOLS; l++)
        ret->symbol_time[l] = (float)useful_start(cfg->mu, l);
    return 0;
}

/* ---- where things lie ---- */

static size_t ls_floats(const chest_plan_t *p)
{
    return (size_t)p->cfg.n_occasions * p->cfg.dmrs_length * p->n_groups * p->cfg.n_rx * 2 * p->re_stride;
}

static size_t pair_floats(const chest_plan_t *p)
{
    return (size_t)p->cfg.n_occasions * p->cfg.n_layers * p->cfg.n_rx * 2 * p->pair_stride;
}

static size_t h_floats(const chest_plan_t *p)
{
    return (size_t)p->cfg.n_occasions * p->cfg.n_layers * p->cfg.n_rx * 2 * p->stride;
}

static float *ls_plane(const chest_t *c, unsigned occasion, unsigned s, unsigned group, unsigned rx)
{
    const chest_plan_t *p = c->plan;
    size_t i = ((occasion * p->cfg.dmrs_length + s) * p->n_groups + group) * p->cfg.n_rx + rx;
    return c->ls + i * 2 * p->re_stride;
}

static float *pair_plane(const chest_t *c, unsigned occasion, unsigned layer, unsigned rx)
{
    const chest_plan_t *p = c->plan;
    size_t i = (occasion * p->cfg.n_layers + layer) * p->cfg.n_rx + rx;
    return c->pairs + i * 2 * p->pair_stride;
}

static float *h_plane(const chest_t *c, unsigned occasion, unsigned layer, unsigned rx)
{
    const chest_plan_t *p = c->plan;
    size_t i = (occasion * p->cfg.n_layers + layer) * p->cfg.n_rx + rx;
    return c->h + i * 2 * p->stride;
}

size_t chest_bytes(const chest_plan_t *plan)
{
    /* 32 floats behind the last plane of each part for what kernels write and read beyond. */
    size_t n = ls_floats(plan) + pair_floats(plan) + h_floats(plan) + 96;
    return (n * sizeof(float) + PHY_ALIGN - 1) / PHY_ALIGN * PHY_ALIGN;
}

void chest_begin(chest_t *chest, const chest_plan_t *plan, void *memory)
{
    float *f = memory;
    *chest = (chest_t){.plan = plan, .ls = f};
    chest->pairs = f + ls_floats(plan) + 32;
    chest->h = chest->pairs + pair_floats(plan) + 32;
    chest->noise_gain = 1;
}

/* ---- one DMRS symbol ---- */

void chest_symbol(const phy_t *phy, chest_t *chest, const phy_grid_t *grid, unsigned i, unsigned s,
                  const cf_t *const ref[3])
{
    const chest_plan_t *p = chest->plan;
    const unsigned per_prb = dmrs_per_prb(p->cfg.dmrs_type), symbol = p->cfg.symbol[i] + s;
    const float scale = 1.0f / (PHY_UNIT * p->cfg.amplitude);
    for (unsigned rx = 0; rx < p->cfg.n_rx; rx++) {
        const ci16_t *row = phy_grid_symbol(grid, rx, symbol);
        for (unsigned j = 0; j < p->n_groups; j++) {
            float *re = ls_plane(chest, i, s, j, rx), *im = re + p->re_stride;
            unsigned at = 0;
            for (unsigned r = 0; r < p->cfg.n_runs; r++) {
                const chest_run_t *run = &p->cfg.run[r];
                chest->re_power[rx] +=
                    phy->chest->ls(row + 12 * run->prb_start, p->cfg.dmrs_type, p->delta[j], ref[j] + at,
                                   run->n_prb, scale, re + at, im + at);
                at += run->n_prb * per_prb;
            }
            memset(re + at, 0, (p->re_stride - at) * sizeof *re);
            memset(im + at, 0, (p->re_stride - at) * sizeof *im);
        }
    }
}

/* ---- finish ---- */

static void despread_all(const phy_t *phy, chest_t *c)
{
    const chest_plan_t *p = c->plan;
    for (unsigned o = 0; o < p->cfg.n_occasions; o++)
        for (unsigned l = 0; l < p->cfg.n_layers; l++)
            for (unsigned rx = 0; rx < p->cfg.n_rx; rx++) {
                const dmrs_port_t *port = &p->port[l];
                const float *x = ls_plane(c, o, 0, p->layer_group[l], rx), *y = NULL;
                float *out = pair_plane(c, o, l, rx);
                if (p->cfg.dmrs_length == 2)
                    y = ls_plane(c, o, 1, p->layer_group[l], rx);
                for (unsigned r = 0, at = 0; r < p->cfg.n_runs; r++) {
                    const unsigned n = p->cfg.run[r].n_prb * dmrs_per_prb(p->cfg.dmrs_type) / 2;
                    const float *const a[2] = {x + 2 * at, x + p->re_stride + 2 * at};
                    const float *const b[2] = {y ? y + 2 * at : NULL, y ? y + p->re_stride + 2 * at : NULL};
                    phy->chest->despread(a, y ? b : NULL, n, chest_outer(p->cfg.dmrs_type),
                                         (float)port->w_f[1], (float)port->w_t[1], out + at,
                                         out + p->pair_stride + at);
                    at += n;
                }
            }
}

/* Sums of lags over everything, runs apart. count: pairs, neighbours, triples that went in. */
static void lag_sums(const phy_t *phy, const chest_t *c, float sums[6], unsigned count[3])
{
    const chest_plan_t *p = c->plan;
    const unsigned per_prb = dmrs_per_prb(p->cfg.dmrs_type) / 2;
    const unsigned planes = p->cfg.n_occasions * p->cfg.n_layers * p->cfg.n_rx;
    memset(sums, 0, 6 * sizeof *sums);
    memset(count, 0, 3 * sizeof *count);
    for (unsigned i = 0; i < planes; i++) {
        const float *re = c->pairs + (size_t)i * 2 * p->pair_stride;
        for (unsigned r = 0, at = 0; r < p->cfg.n_runs; r++) {
            unsigned n = p->cfg.run[r].n_prb * per_prb;
            phy->chest->lags(re + at, re + p->pair_stride + at, n, sums);
            count[0] += n;
            count[1] += n - 1;
            count[2] += n > 2 ? n - 2 : 0;
            at += n;
        }
    }
}

/* work->phase: exp(-j 2 pi k turns) at subcarrier k of the grid, compact. */
static void make_phase(const chest_plan_t *p, double turns, chest_work_t *work)
{
    float inner[2][12];
    for (unsigned k = 0; k < 12; k++) {
        inner[0][k] = (float)cos(2 * M_PI * turns * k);
        inner[1][k] = (float)-sin(2 * M_PI * turns * k);
    }
    const double sr = cos(24 * M_PI * turns), si = -sin(24 * M_PI * turns);
    unsigned at = 0;
    for (unsigned r = 0; r < p->cfg.n_runs; r++) {
        double start = 24 * M_PI * turns * p->cfg.run[r].prb_start;
        double br = cos(start), bi = -sin(start);
        for (unsigned q = 0; q < p->cfg.run[r].n_prb; q++, at += 12) {
            const float fr = (float)br, fi = (float)bi;
            for (unsigned k = 0; k < 12; k++) {
                work->phase[0][at + k] = fr * inner[0][k] - fi * inner[1][k];
                work->phase[1][at + k] = fr * inner[1][k] + fi * inner[0][k];
            }
            double t = br * sr - bi * si;
            bi = br * si + bi * sr;
            br = t;
        }
    }
    memset(&work->phase[0][at], 0, 16 * sizeof(float));
    memset(&work->phase[1][at], 0, 16 * sizeof(float));
}

/* Takes the arrival time's slope out of the pilots. */
static void align(const phy_t *phy, chest_t *c, chest_work_t *work)
{
    const chest_plan_t *p = c->plan;
    const float *const phase[2] = {work->pilot_phase[0], work->pilot_phase[1]};
    for (unsigned j = 0; j < p->n_groups; j++) {
        const unsigned delta = p->delta[j];
        for (unsigned i = 0; i < p->n_re; i++) {
            unsigned k = delta + (p->cfg.dmrs_type == 1 ? 2 * i : 6 * (i / 2) + i % 2);
            work->pilot_phase[0][i] = work->phase[0][k];
            work->pilot_phase[1][i] = -work->phase[1][k];
        }
        for (unsigned o = 0; o < p->cfg.n_occasions; o++)
            for (unsigned s = 0; s < p->cfg.dmrs_length; s++)
                for (unsigned rx = 0; rx < p->cfg.n_rx; rx++) {
                    float *re = ls_plane(c, o, s, j, rx);
                    phy->chest->rotate(re, re + p->re_stride, phase, (cf_t){1, 0}, p->n_re);
                }
    }
}

/* Of occasion i, the middle of its symbols. */
static double occasion_time(const chest_plan_t *p, unsigned i)
{
    unsigned first = p->cfg.symbol[i];
    return 0.5 * ((double)p->symbol_time[first] + (double)p->symbol_time[first + p->cfg.dmrs_length - 1]);
}

/* CFO from neighbouring occasions (as far as the channel keeps its phase), and how fast the channel forgets:
 * R(t) = exp(-forget t^2). power: of the pairs without noise. */
static double time_correlation(const phy_t *phy, chest_t *c, double power, double *ret_forget)
{
    const chest_plan_t *p = c->plan;
    double slope = 0, weight = 0, sum_abs = 0, num = 0, den = 0, cfo = 0;
    double times[CHEST_MAX_OCCASIONS], turns[CHEST_MAX_OCCASIONS], rhos[CHEST_MAX_OCCASIONS], held = 0;
    const unsigned planes = p->cfg.n_layers * p->cfg.n_rx;
    for (unsigned o = 0; o + 1 < p->cfg.n_occasions; o++) {
        float sum[2] = {0, 0};
        for (unsigned i = 0; i < planes; i++) {
            const float *a = pair_plane(c, o, 0, 0) + (size_t)i * 2 * p->pair_stride;
            const float *b = pair_plane(c, o + 1, 0, 0) + (size_t)i * 2 * p->pair_stride;
            phy->chest->correlate((const float *const[]){a, a + p->pair_stride},
                                  (const float *const[]){b, b + p->pair_stride}, p->n_pairs, sum);
        }
        double dt = occasion_time(p, o + 1) - occasion_time(p, o);
        double size = hypot((double)sum[0], (double)sum[1]);
        times[o] = dt;
        turns[o] = atan2((double)sum[1], (double)sum[0]);
        rhos[o] = power > 0 ? size / (power * planes * p->n_pairs) : 1;
        rhos[o] = rhos[o] > 0.05 ? rhos[o] < 1 ? rhos[o] : 1 : 0.05;
        slope += size * dt * turns[o];
        weight += size * dt * dt;
        sum_abs += size;
        held += size * rhos[o] * rhos[o];
    }
    if (weight > 0 && sum_abs > 0) {
        /* What a channel that forgets turns from one occasion to the next is chance, not CFO. */
        double trust = (held / sum_abs - 0.3) / 0.5;
        cfo = slope / weight / (2 * M_PI) * (trust > 0 ? trust < 1 ? trust : 1 : 0);
    }
    for (unsigned o = 0; o + 1 < p->cfg.n_occasions; o++) {
        double left = rhos[o] * cos(turns[o] - 2 * M_PI * cfo * times[o]), dt2 = times[o] * times[o];
        num += -log(left > 0.05 ? left : 0.05) * dt2;
        den += dt2 * dt2;
    }
    *ret_forget = den > 0 ? num / den : 0;
    return cfo;
}

/* Smooths every plane over frequency; energy: mean sum of squared weights, explained: what noise the residual
 * misses, E|residual|^2 = (1 - explained) noise, by group. */
static void smooth_all(const phy_t *phy, chest_t *c, float spread, float nsr, float *ret_energy,
                       float explained[3])
{
    const chest_plan_t *p = c->plan;
    const unsigned per_prb = dmrs_per_prb(p->cfg.dmrs_type) / 2;
    const float k = p->cfg.dmrs_length; /* symbols of a pair average */
    double energy = 0;
    memset(explained, 0, 3 * sizeof *explained);
    for (unsigned l = 0; l < p->cfg.n_layers; l++) {
        const unsigned j = p->layer_group[l];
        double own = 0, squares = 0;
        for (unsigned r = 0, at = 0; r < p->cfg.n_runs; r++) {
            const unsigned n = p->cfg.run[r].n_prb;
            const chest_window_t *w =
                chest_window(phy->chest_windows, p->cfg.dmrs_type, p->delta[j], n, spread, nsr);
            for (unsigned o = 0; o < p->cfg.n_occasions; o++)
                for (unsigned rx = 0; rx < p->cfg.n_rx; rx++) {
                    const float *in = pair_plane(c, o, l, rx) + (size_t)at * per_prb;
                    float *out = h_plane(c, o, l, rx) + (size_t)at * 12;
                    phy->chest->smooth(w, (const float *const[]){in, in + p->pair_stride}, n,
                                       (float *const[]){out, out + p->stride});
                }
            for (unsigned q = 0; q < w->n_prb; q++) {
                double times = q == w->n_prb / 2u && n > w->n_prb ? n - w->n_prb + 1 : 1;
                own += times * (double)w->own[q];
                squares += times * (double)w->energy[q];
            }
            at += n;
        }
        explained[j] += (float)((2 * own - squares) / (double)k / p->n_prb);
        energy += squares / p->n_prb / (double)k;
    }
    for (unsigned j = 0; j < p->n_groups; j++)
        explained[j] = explained[j] < 0.9f ? explained[j] : 0.9f;
    *ret_energy = (float)(energy / p->cfg.n_layers);
    const unsigned planes = p->cfg.n_occasions * p->cfg.n_layers * p->cfg.n_rx * 2;
    for (unsigned i = 0; i < planes; i++)
        memset(c->h + (size_t)i * p->stride + p->n_sc, 0, (p->stride - p->n_sc) * sizeof(float));
}

/* Takes the estimate off the pilots; what is left is scaled up to the noise's variance. */
static void residuals(const phy_t *phy, chest_t *c, const float explained[3])
{
    const chest_plan_t *p = c->plan;
    const unsigned per_prb = dmrs_per_prb(p->cfg.dmrs_type);
    double sum[PHY_MAX_PORTS] = {0};
    for (unsigned o = 0; o < p->cfg.n_occasions; o++)
        for (unsigned s = 0; s < p->cfg.dmrs_length; s++)
            for (unsigned j = 0; j < p->n_groups; j++)
                for (unsigned rx = 0; rx < p->cfg.n_rx; rx++) {
                    float *re = ls_plane(c, o, s, j, rx), *im = re + p->re_stride;
                    for (unsigned l = 0; l < p->cfg.n_layers; l++) {
                        if (p->layer_group[l] != j)
                            continue;
                        const dmrs_port_t *port = &p->port[l];
                        const float w[2] = {(float)(port->w_f[0] * port->w_t[s]),
                                            (float)(port->w_f[1] * port->w_t[s])};
                        const float *h = h_plane(c, o, l, rx);
                        for (unsigned r = 0, q = 0; r < p->cfg.n_runs; q += p->cfg.run[r].n_prb, r++) {
                            const float *const at[2] = {h + 12 * q, h + p->stride + 12 * q};
                            phy->chest->explain(re + q * per_prb, im + q * per_prb, p->cfg.dmrs_type,
                                                p->delta[j], at, w, p->cfg.run[r].n_prb);
                        }
                    }
                    float lag[2] = {0};
                    const float *const x[2] = {re, im};
                    phy->chest->correlate(x, x, p->n_re, lag);
                    sum[rx] += (double)lag[0] / (double)(1 - explained[j]);
                }
    const double n = (double)p->cfg.n_occasions * p->cfg.dmrs_length * p->n_groups * p->n_re;
    const float beta2 = p->cfg.amplitude * p->cfg.amplitude;
    double mean = 0;
    for (unsigned rx = 0; rx < p->cfg.n_rx; rx++) {
        float v = (float)(sum[rx] / n) * beta2 / c->noise_gain;
        c->result.noise_ant[rx] = v > NOISE_LEAST ? v : NOISE_LEAST;
        mean += (double)c->result.noise_ant[rx];
    }
    c->result.noise = (float)(mean / p->cfg.n_rx);
}

static void powers(const phy_t *phy, chest_t *c, float energy)
{
    const chest_plan_t *p = c->plan;
    chest_result_t *r = &c->result;
    const float beta2 = p->cfg.amplitude * p->cfg.amplitude;
    double all = 0, sinr = 0, epre = 0;
    for (unsigned l = 0; l < p->cfg.n_layers; l++) {
        double layer = 0;
        for (unsigned rx = 0; rx < p->cfg.n_rx; rx++) {
            float sum[2] = {0, 0};
            for (unsigned o = 0; o < p->cfg.n_occasions; o++) {
                const float *h = h_plane(c, o, l, rx);
                const float *const x[2] = {h, h + p->stride};
                phy->chest->correlate(x, x, p->n_sc, sum);
            }
            double mean = (double)sum[0] / ((double)p->n_sc * p->cfg.n_occasions);
            mean -= (double)(r->noise_ant[rx] / beta2 * energy); /* the estimate's own noise */
            mean = mean > 0 ? mean : 0;
            layer += mean;
            sinr += mean / (double)r->noise_ant[rx];
        }
        r->rsrp_layer[l] = (float)(layer / p->cfg.n_rx);
        all += layer;
    }
    r->rsrp = (float)(all / (p->cfg.n_rx * p->cfg.n_layers));
    r->sinr = (float)(sinr / p->cfg.n_layers);
    const double n = (double)p->cfg.n_occasions * p->cfg.dmrs_length * p->n_groups * p->n_re * p->cfg.n_rx;
    for (unsigned rx = 0; rx < p->cfg.n_rx; rx++)
        epre += (double)c->re_power[rx];
    r->epre = (float)(epre / n / (PHY_UNIT * (double)PHY_UNIT) / (double)beta2);
}

/* Solves the n x n system in place by elimination; a is positive definite. */
static void solve(unsigned n, double a[CHEST_MAX_OCCASIONS][CHEST_MAX_OCCASIONS], double *x)
{
    for (unsigned j = 0; j < n; j++)
        for (unsigned i = j + 1; i < n; i++) {
            double f = a[i][j] / a[j][j];
            for (unsigned k = j; k < n; k++)
                a[i][k] -= f * a[j][k];
            x[i] -= f * x[j];
        }
    for (unsigned i = n; i-- > 0;) {
        for (unsigned k = i + 1; k < n; k++)
            x[i] -= a[i][k] * x[k];
        x[i] /= a[i][i];
    }
}

/* Linear MMSE interpolation over time, by symbol; one set for all where that costs less than a tenth of the
 * noise. nsr: of the smoothed estimates. */
static void weigh(chest_t *c, double forget, double nsr, double noise_over_signal)
{
    const chest_plan_t *p = c->plan;
    const unsigned n = p->cfg.n_occasions;
    double t[CHEST_MAX_OCCASIONS], mean[CHEST_MAX_OCCASIONS] = {0}, worst = 0;
    for (unsigned i = 0; i < n; i++)
        t[i] = occasion_time(p, i);
    nsr = nsr > 1e-6 ? nsr : 1e-6;
    for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
        double a[CHEST_MAX_OCCASIONS][CHEST_MAX_OCCASIONS], x[CHEST_MAX_OCCASIONS], sum = 0;
        const double now = (double)p->symbol_time[l];
        for (unsigned i = 0; i < n; i++) {
            for (unsigned j = 0; j < n; j++)
                a[i][j] = exp(-forget * (t[i] - t[j]) * (t[i] - t[j])) + (i == j ? nsr : 0);
            x[i] = exp(-forget * (now - t[i]) * (now - t[i]));
        }
        solve(n, a, x);
        for (unsigned i = 0; i < n; i++)
            sum += x[i];
        for (unsigned i = 0; i < n; i++) {
            x[i] = fabs(sum) > 1e-3 ? x[i] / sum : 1.0 / n;
            c->weight[l][i] = (float)x[i];
            mean[i] += x[i] / PHY_SYMBOLS;
        }
    }
    for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
        const double now = (double)p->symbol_time[l];
        double error = 1;
        for (unsigned i = 0; i < n; i++) {
            error -= 2 * mean[i] * exp(-forget * (now - t[i]) * (now - t[i]));
            for (unsigned j = 0; j < n; j++)
                error += mean[i] * mean[j] * exp(-forget * (t[i] - t[j]) * (t[i] - t[j]));
        }
        worst = error > worst ? error : worst;
    }
    c->steady = n == 1 || worst < 0.1 * noise_over_signal;
    double squares = 0;
    for (unsigned i = 0; i < n; i++)
        squares += mean[i] * mean[i];
    c->error = (float)squares;
    if (c->steady)
        for (unsigned l = 0; l < PHY_SYMBOLS; l++)
            for (unsigned i = 0; i < n; i++)
                c->weight[l][i] = (float)mean[i];
    double sum = 0;
    for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
        double error = 1;
        for (unsigned i = 0; i < n; i++) {
            double w = (double)c->weight[l][i], dt = (double)p->symbol_time[l] - t[i];
            error -= 2 * w * exp(-forget * dt * dt);
            for (unsigned j = 0; j < n; j++)
                error += w * (double)c->weight[l][j] * exp(-forget * (t[i] - t[j]) * (t[i] - t[j]));
        }
        c->drift[l] = error > 0 ? (float)error : 0;
        sum += (double)c->drift[l];
    }
    for (unsigned l = 0; c->steady && l < PHY_SYMBOLS; l++)
        c->drift[l] = (float)(sum / PHY_SYMBOLS);
}

void chest_finish(const phy_t *phy, chest_t *chest, chest_work_t *work)
{
    const chest_plan_t *p = chest->plan;
    chest_result_t *r = &chest->result;
    const double lag_hz = p->scs_hz * (p->cfg.dmrs_type == 1 ? 4 : 6);
    const double beta2 = (double)(p->cfg.amplitude * p->cfg.amplitude);
    float sums[6];
    unsigned count[3];

    despread_all(phy, chest);
    lag_sums(phy, chest, sums, count);
    /* A delay of t turns pairs that lie lag_hz apart by -2 pi lag_hz t. Neighbours share pilots, and with
     * them noise, which would pull the angle towards 0; those two apart share none. */
    const double outer = (double)chest_outer(p->cfg.dmrs_type), inner = 0.5 - outer;
    const double mix = 2 * outer * inner / (2 * (outer * outer + inner * inner));
    double shared =
        count[2] ? (double)sums[0] / count[0] - hypot((double)sums[3], (double)sums[4]) / count[2] : 0;
    shared = shared > 0 ? shared * mix * count[1] : 0;
    r->ta_s = count[1] ? (float)(-atan2((double)sums[2], (double)sums[1] - shared) / (2 * M_PI * lag_hz)) : 0;
    make_phase(p, (double)r->ta_s * p->scs_hz, work);
    align(phy, chest, work);

    despread_all(phy, chest);
    lag_sums(phy, chest, sums, count);
    /* Noise of a pair, first guess: second differences, which see little of the channel and the pilots' noise
     * as despreading's weights mix it; where runs have two pairs only, their difference. */
    double total = count[0] ? (double)sums[0] / count[0] : 0;
    double one = count[1] ? (double)sums[1] / count[1] : 0;
    double two = count[2] ? hypot((double)sums[3], (double)sums[4]) / count[2] : 0;
    const double second = 2 * count[2] > count[0] ? 6 - 8 * mix : 5.6; /* 5.6: runs of three pairs */
    double noise = count[2] ? (double)sums[5] / count[2] / second : total - one;
    noise = noise > 1e-12 ? noise : 1e-12;
    double power = total - noise;
    power = power > 0.01 * total ? power : 0.01 * total;
    power = power > 1e-12 ? power : 1e-12;
    /* |R(f)| = 1 - (2 pi f s)^2 / 2 at one and two pairs' distance. */
    if (count[2])
        one -= mix * noise;
    double fall = count[2] && one > 0 ? 1 - two / one : 0.01;
    fall = fall > 0 ? fall < 1 ? fall : 1 : 0;
    r->spread_s = (float)(sqrt(fall * 2 / 3) / (2 * M_PI * lag_hz));

    double forget;
    r->cfo_hz = (float)time_correlation(phy, chest, power, &forget);
    float energy, explained[3];
    smooth_all(phy, chest, (float)((double)r->spread_s * p->scs_hz), (float)(noise / power), &energy,
               explained);
    residuals(phy, chest, explained);
    powers(phy, chest, energy);
    double nsr = (double)r->noise / (double)(r->rsrp > 1e-9f ? r->rsrp : 1e-9f);
    weigh(chest, forget, nsr / beta2 * (double)energy, nsr);
    chest->error *= energy / (float)beta2 * chest->noise_gain;

    /* Back in goes the arrival time, out the CFO's phase. */
    const float *const phase[2] = {work->phase[0], work->phase[1]};
    for (unsigned o = 0; o < p->cfg.n_occasions; o++) {
        double turn = -2 * M_PI * (double)r->cfo_hz * occasion_time(p, o);
        const cf_t back = {(float)cos(turn), (float)sin(turn)};
        for (unsigned i = 0; i < p->cfg.n_layers * p->cfg.n_rx; i++) {
            float *h = h_plane(chest, o, 0, 0) + (size_t)i * 2 * p->stride;
            phy->chest->rotate(h, h + p->stride, phase, back, p->n_sc);
        }
    }
    for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
        double turn = -2 * M_PI * (double)r->cfo_hz * (double)p->symbol_time[l];
        chest->rotation[l] = (cf_t){(float)cos(turn), (float)sin(turn)};
    }
}

void chest_at_symbol(const phy_t *phy, const chest_t *chest, unsigned symbol, float *ret)
{
    const chest_plan_t *p = chest->plan;
    const size_t n = (size_t)p->cfg.n_layers * p->cfg.n_rx * 2 * p->stride;
    const float *in[CHEST_MAX_OCCASIONS];
    for (unsigned o = 0; o < p->cfg.n_occasions; o++)
        in[o] = chest->h + o * n;
    phy->chest->combine(in, chest->weight[symbol], p->cfg.n_occasions, n, ret);
}

void chest_covariance(const phy_t *phy, const chest_t *chest, unsigned first_prb, unsigned n_prb, cf_t *ret)
{
    const chest_plan_t *p = chest->plan;
    const unsigned per_prb = dmrs_per_prb(p->cfg.dmrs_type), n = p->cfg.n_rx;
    const unsigned at = first_prb * per_prb, n_re = n_prb * per_prb;
    const float count = (float)(p->cfg.n_occasions * p->cfg.dmrs_length * p->n_groups) * (float)n_re;
    const float scale = p->cfg.amplitude * p->cfg.amplitude / count / chest->noise_gain;
    memset(ret, 0, n * n * sizeof *ret);
    for (unsigned i = 0; i < n; i++)
        for (unsigned j = 0; j <= i; j++) {
            float sum[2] = {0, 0}; /* E[x_i conj(x_j)] */
            for (unsigned o = 0; o < p->cfg.n_occasions; o++)
                for (unsigned s = 0; s < p->cfg.dmrs_length; s++)
                    for (unsigned g = 0; g < p->n_groups; g++) {
                        const float *a = ls_plane(chest, o, s, g, j) + at,
                                    *b = ls_plane(chest, o, s, g, i) + at;
                        phy->chest->correlate((const float *const[]){a, a + p->re_stride},
                                              (const float *const[]){b, b + p->re_stride}, n_re, sum);
                    }
            ret[i * n + j] = (cf_t){sum[0] * scale, sum[1] * scale};
            ret[j * n + i] = (cf_t){sum[0] * scale, -sum[1] * scale};
        }
    for (unsigned i = 0; i < n; i++)
        ret[i * n + i].re += 0.01f * chest->result.noise;
}

unsigned chest_ta_command(float ta_s, unsigned mu)
{
    double units = (double)ta_s * CHEST_TC_HZ * (1 << mu) / (16 * 64);
    double t = floor(units + 31.5);
    return t > 0 ? t < 63 ? (unsigned)t : 63 : 0;
}

int32_t chest_ta_tc(float ta_s)
{
    double t = floor((double)ta_s * CHEST_TC_HZ + 0.5);
    return t > -1e9 ? t < 1e9 ? (int32_t)t : 1000000000 : -1000000000;
}
