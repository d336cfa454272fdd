/* SPDX-License-Identifier: Apache-2.0 */
/* SRS receiver.
 *
 * Least squares on the comb holds every port and UE on it, each with its own cyclic shift: a turn of cs /
 * cs_max cycles a sample. Over cs_max samples in a row all other shifts vanish (on a flat channel), so that
 * is the averaging window once the mean delay has been taken off. A block of cs_max samples, seen as cs_max
 * shifts, also gives the noise: shifts that are not this UE's, without those that stand 10 dB above their
 * median (other UEs).
 *
 * Detection at 1% false alarm: the ratio of power in the UE's own shifts and in the others is F distributed
 * with (2 A, 2 F) degrees of freedom in noise alone; Wilson and Hilferty's cube root makes it normal. */
#include "lib/phy/ctrl/srs.h"

#include "lib/phy/signal/low_papr.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846f
#define FULL_SCALE (32767.0f * 32767.0f)
#define MAX_M (PHY_MAX_SC / 2)
#define MAX_CS 12
#define LANES 12 /* of all shifts, whole vectors of four */
#define Z_1_PERCENT 2.3263f

struct srs_work {
    _Alignas(64) cf_t base[MAX_M];
    _Alignas(64) cf_t ls[2][SRS_MAX_RX][MAX_M]; /* [comb offset][antenna], mean over repetitions */
    _Alignas(64) cf_t port[MAX_M + 1];          /* prefix sums of one port */
    float shift_power[2][MAX_CS];               /* by comb offset and cyclic shift */
};

size_t srs_work_size(void)
{
    return sizeof(struct srs_work);
}

static float to_db(float x)
{
    return 10 * log10f(x > 1e-12f ? x : 1e-12f);
}

static cf_t times(cf_t a, cf_t b)
{
    return (cf_t){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

static cf_t times_conj(cf_t a, cf_t b)
{
    return (cf_t){a.re * b.re + a.im * b.im, a.im * b.re - a.re * b.im};
}

static float norm(cf_t a)
{
    return a.re * a.re + a.im * a.im;
}

static cf_t turn(float angle)
{
    return (cf_t){cosf(angle), sinf(angle)};
}

/* Which of two comb offsets a port lies on. */
static unsigned comb_of(const srs_plan_t *p, unsigned l, unsigned port)
{
    return p->k0[l][port] != p->k0[l][0];
}

/* Mean over `n` symbols from l on, whose place is the same. */
static void least_squares(const srs_plan_t *p, const phy_grid_t *grid, struct srs_work *w, unsigned l,
                          unsigned n)
{
    bool two = p->cfg.n_ports == 4 && p->k0[l][1] != p->k0[l][0];
    float scale = 1.0f / (float)n;
    for (unsigned i = l; i < l + n; i++) {
        low_papr_base(p->u[i], p->v[i], p->m_sc, w->base);
        for (unsigned c = 0; c < 1u + two; c++)
            for (unsigned a = 0; a < p->cfg.n_rx; a++) {
                const ci16_t *y = phy_grid_symbol(grid, a, p->cfg.start_symbol + i) + p->k0[i][c];
                cf_t *out = w->ls[c][a];
                for (unsigned k = 0; k < p->m_sc; k++) {
                    cf_t x = times_conj((cf_t){(float)y[k * p->cfg.comb].re, (float)y[k * p->cfg.comb].im},
                                        w->base[k]);
                    cf_t old = i == l ? (cf_t){0, 0} : out[k];
                    out[k] = (cf_t){old.re + x.re * scale, old.im + x.im * scale};
                }
            }
    }
}

/* sum x(n) exp(-j 2 pi cs n / cs_max) over n samples from `first` on. */
static cf_t shift_sum(const cf_t *x, unsigned first, unsigned n, const cf_t *roots, unsigned cs,
                      unsigned cs_max)
{
    cf_t s = {0, 0};
    unsigned at = first * cs % cs_max;
    for (unsigned i = first; i < first + n; i++) {
        cf_t t = times_conj(x[i], roots[at]);
        s.re += t.re;
        s.im += t.im;
        at += cs;
        at -= at >= cs_max ? cs_max : 0;
    }
    return s;
}

/* Turn a sample of the mean delay, from the UE's own shifts. */
static float sample_turn(const srs_plan_t *p, const struct srs_work *w, unsigned l, const cf_t *roots)
{
    unsigned cs_max = p->cs_max, lag = p->m_sc >= 2 * cs_max ? cs_max : cs_max / 2;
    cf_t s = {0, 0};
    for (unsigned a = 0; a < p->cfg.n_rx; a++)
        for (unsigned port = 0; port < p->cfg.n_ports; port++) {
            cf_t last = {0, 0};
            for (unsigned k = 0; k + lag <= p->m_sc; k += lag) {
                cf_t z = shift_sum(w->ls[comb_of(p, l, port)][a], k, lag, roots, p->cs[port], cs_max);
                cf_t t = times_conj(z, last);
                s.re += t.re;
                s.im += t.im;
                last = z;
            }
        }
    return norm(s) > 0 ? atan2f(s.im, s.re) / (float)lag : 0;
}

static void take_off(const srs_plan_t *p, struct srs_work *w, float step, bool two)
{
    cf_t q = turn(-step), r = {1, 0};
    for (unsigned k = 0; k < p->m_sc; k++) {
        for (unsigned c = 0; c < 1u + two; c++)
            for (unsigned a = 0; a < p->cfg.n_rx; a++)
                w->ls[c][a][k] = times(w->ls[c][a][k], r);
        r = times(r, q);
    }
}

/* Power of each cyclic shift, blocks of cs_max samples summed coherently, noise keeps its variance. All
 * shifts of a block side by side. */
static void shift_powers(const srs_plan_t *p, struct srs_work *w, const cf_t *roots, bool two)
{
    _Alignas(64) float re[MAX_CS][LANES] = {{0}}, im[MAX_CS][LANES] = {{0}}; /* [sample][shift] */
    const unsigned n = p->cs_max;
    for (unsigned i = 0; i < n; i++)
        for (unsigned cs = 0; cs < n; cs++) {
            re[i][cs] = roots[i * cs % n].re;
            im[i][cs] = roots[i * cs % n].im;
        }
    for (unsigned c = 0; c < 1u + two; c++) {
        float power[LANES] = {0};
        for (unsigned a = 0; a < p->cfg.n_rx; a++)
            for (unsigned k = 0; k + n <= p->m_sc; k += n) {
                float sr[LANES] = {0}, si[LANES] = {0};
                for (unsigned i = 0; i < n; i++) {
                    const cf_t x = w->ls[c][a][k + i];
                    for (unsigned cs = 0; cs < LANES; cs++) {
                        sr[cs] += x.re * re[i][cs] + x.im * im[i][cs];
                        si[cs] += x.im * re[i][cs] - x.re * im[i][cs];
                    }
                }
                for (unsigned cs = 0; cs < LANES; cs++)
                    power[cs] += (sr[cs] * sr[cs] + si[cs] * si[cs]) / (float)n;
            }
        for (unsigned cs = 0; cs < n; cs++)
            w->shift_power[c][cs] += power[cs];
    }
}

/* One port's smoothed channel into the PRGs. step: the delay's turn, put back at each group's middle. */
static void to_channel(const srs_plan_t *p, struct srs_work *w, unsigned l, unsigned port, float step,
                       const cf_t *roots, const srs_channel_t *channel, unsigned column, srs_result_t *ret)
{
    unsigned m = p->m_sc, window = p->cs_max, comb = p->cfg.comb, prg_sc = 12u * p->cfg.prg_size;
    unsigned k0 = p->k0[l][port];
    for (unsigned a = 0; a < p->cfg.n_rx; a++) {
        const cf_t *x = w->ls[comb_of(p, l, port)][a];
        w->port[0] = (cf_t){0, 0};
        for (unsigned k = 0, at = 0; k < m; k++) {
            cf_t t = times_conj(x[k], roots[at]);
            w->port[k + 1] = (cf_t){w->port[k].re + t.re, w->port[k].im + t.im};
            at += p->cs[port];
            at -= at >= p->cs_max ? p->cs_max : 0;
        }
        unsigned k = 0;
        while (k < m) {
            unsigned g = (k0 + k * comb) / prg_sc, first = k;
            const unsigned left =
                ((g + 1) * prg_sc - k0 - k * comb + comb - 1) / comb; /* samples in the group */
            const unsigned end = k + left < m ? k + left : m;
            cf_t sum = {0, 0};
            for (; k < end; k++) {
                unsigned from = k > window / 2 ? k - window / 2 : 0;
                if (from + window > m)
                    from = m - window;
                sum.re += w->port[from + window].re - w->port[from].re;
                sum.im += w->port[from + window].im - w->port[from].im;
            }
            float scale = 1.0f / ((float)(k - first) * (float)window * (float)PHY_UNIT);
            cf_t r = turn(step * 0.5f * (float)(first + k - 1));
            channel->h[((size_t)g * channel->n_rx + a) * channel->n_ports + column] =
                times((cf_t){sum.re * scale, sum.im * scale}, r);
            ret->prg_mask[g / 64] |= 1ull << g % 64;
            ret->first_prg = g < ret->first_prg ? (uint16_t)g : ret->first_prg;
            ret->end_prg = g + 1 > ret->end_prg ? (uint16_t)(g + 1) : ret->end_prg;
        }
    }
}

/* Noise a sample, from shifts that are nobody's. */
static float noise_of(const srs_plan_t *p, const struct srs_work *w, bool two, float dims_a_shift,
                      unsigned *ret_shifts)
{
    float free_power[2 * MAX_CS];
    unsigned n = 0;
    for (unsigned c = 0; c < 1u + two; c++)
        for (unsigned cs = 0; cs < p->cs_max; cs++) {
            bool own = false;
            for (unsigned port = 0; port < p->cfg.n_ports; port++)
                own |= comb_of(p, 0, port) == c && p->cs[port] == cs;
            if (own)
                continue;
            float x = w->shift_power[c][cs];
            unsigned i = n++;
            for (; i && free_power[i - 1] > x; i--) /* in order */
                free_power[i] = free_power[i - 1];
            free_power[i] = x;
        }
    float limit = 10 * free_power[n / 2], sum = 0;
    unsigned used = 0;
    for (; used < n && free_power[used] <= limit; used++)
        sum += free_power[used];
    *ret_shifts = used ? used : 1;
    return sum / ((float)*ret_shifts * dims_a_shift);
}

void srs_receive(const phy_t *phy, const srs_plan_t *plan, const phy_grid_t *grid, srs_work_t *w,
                 const srs_channel_t *channel, unsigned first_port, srs_result_t *ret)
{
    (void)phy;
    const srs_cfg_t *c = &plan->cfg;
    cf_t roots[MAX_CS];
    for (unsigned i = 0; i < plan->cs_max; i++)
        roots[i] = turn(2 * PI * (float)i / (float)plan->cs_max);
    memset(w->shift_power, 0, sizeof w->shift_power);
    *ret = (srs_result_t){.first_prg = 0xffff};
    bool two = c->n_ports == 4 && plan->k0[0][1] != plan->k0[0][0];
    float delay = 0, weight = 0;
    unsigned n_hops = c->n_symbols / c->repetition;
    for (unsigned l = 0; l < c->n_symbols; l += c->repetition) {
        least_squares(plan, grid, w, l, c->repetition);
        float step = sample_turn(plan, w, l, roots);
        take_off(plan, w, step, two);
        shift_powers(plan, w, roots, two);
        for (unsigned port = 0; port < c->n_ports; port++)
            to_channel(plan, w, l, port, step, roots, channel, first_port + port, ret);
        delay += step;
        weight += 1;
    }
    /* A shift's power sums this many directions of noise. */
    float dims = (float)(n_hops * c->n_rx * (plan->m_sc / plan->cs_max));
    unsigned free_shifts;
    float noise = noise_of(plan, w, two, dims, &free_shifts), own = 0;
    for (unsigned port = 0; port < c->n_ports; port++) {
        float s = w->shift_power[comb_of(plan, 0, port)][plan->cs[port]];
        own += s;
        float power = (s / dims - noise) / (float)plan->cs_max;
        ret->rsrp_dbfs[port] = to_db(power / FULL_SCALE);
    }
    float floor = own * 1e-6f / dims + 1e-3f;
    noise = noise > floor ? noise : floor;
    float a = dims * c->n_ports, f = dims * (float)free_shifts;
    float ratio = cbrtf(own / (a * noise)), va = 1 / (9 * a), vf = 1 / (9 * f);
    ret->detected = (ratio * (1 - vf) - (1 - va)) / sqrtf(vf * ratio * ratio + va) > Z_1_PERCENT;
    /* Repetitions have been averaged: a RE's noise is that many times larger. */
    float signal = (own / a - noise) / (float)plan->cs_max;
    ret->snr_db = to_db(signal / (noise * (float)c->repetition));
    ret->noise_dbfs = to_db(noise * (float)c->repetition / FULL_SCALE);
    if (ret->detected)
        ret->ta_ns = -delay / weight / ((float)c->comb * 2 * PI * 15000.0f * (float)(1u << c->mu)) * 1e9f;
}

void srs_channel_ci16(const srs_channel_t *channel, unsigned first_prg, unsigned end_prg, ci16_t *out,
                      float *ret_scale)
{
    size_t per = (size_t)channel->n_rx * channel->n_ports, n = (end_prg - first_prg) * per;
    const cf_t *h = channel->h + first_prg * per;
    float peak = 0;
    for (size_t i = 0; i < n; i++) { /* comparisons send NaN to 0 */
        float re = fabsf(h[i].re), im = fabsf(h[i].im);
        peak = re > peak && re < 1e30f ? re : peak;
        peak = im > peak && im < 1e30f ? im : peak;
    }
    float scale = peak > 1e-30f ? 32767 / peak : 0;
    for (size_t i = 0; i < n; i++) {
        float re = h[i].re * scale, im = h[i].im * scale;
        out[i].re = (int16_t)(re > -32767 ? (re < 32767 ? lrintf(re) : 32767) : re <= -32767 ? -32767 : 0);
        out[i].im = (int16_t)(im > -32767 ? (im < 32767 ? lrintf(im) : 32767) : im <= -32767 ? -32767 : 0);
    }
    *ret_scale = peak > 1e-30f ? peak / 32767 : 0;
}
