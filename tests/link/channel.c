/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/link/channel.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TAPS CHANNEL_MAX_TAPS
#define WAVES 24 /* sinusoids of a tap */

/* TS 38.104 tables G.2.1.1-2, -3, -4: delay in ns, power in dB. */
static const struct {
    const char *name;
    unsigned n;
    double delay_ns[MAX_TAPS], power_db[MAX_TAPS];
} profiles[N_CHANNELS] = {
    [CHANNEL_AWGN] = {"AWGN", 1, {0}, {0}},
    [CHANNEL_TDLA30] = {"TDLA30",
                        12,
                        {0, 10, 15, 20, 25, 50, 65, 75, 105, 135, 150, 290},
                        {-15.5, 0, -5.1, -5.1, -9.6, -8.2, -13.1, -11.5, -11.0, -16.2, -16.6, -26.2}},
    [CHANNEL_TDLB100] = {"TDLB100",
                         12,
                         {0, 10, 20, 30, 35, 45, 55, 120, 170, 245, 330, 480},
                         {0, -2.2, -0.6, -0.6, -0.3, -1.2, -5.9, -2.2, -0.8, -6.3, -7.5, -7.1}},
    [CHANNEL_TDLC300] = {"TDLC300",
                         12,
                         {0, 65, 70, 190, 195, 200, 240, 325, 520, 1045, 1510, 2595},
                         {-6.9, 0, -7.7, -2.5, -2.4, -9.9, -8.0, -6.6, -7.1, -13.0, -14.2, -16.0}},
};

const char *channel_name(channel_profile_t profile)
{
    return profiles[profile].name;
}

bool channel_parse(const char *name, channel_profile_t *ret)
{
    for (int i = 0; i < N_CHANNELS; i++)
        if (strcmp(name, profiles[i].name) == 0) {
            *ret = (channel_profile_t)i;
            return true;
        }
    return false;
}

/* xoshiro256++ (D. Blackman, S. Vigna), seeded by splitmix64 as its authors say. */
void link_random_seed(link_random_t *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        uint64_t z = seed += 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        r->s[i] = z ^ z >> 31;
    }
}

static uint64_t rotl(uint64_t x, int k)
{
    return x << k | x >> (64 - k);
}

uint64_t link_random_u64(link_random_t *r)
{
    uint64_t *s = r->s, result = rotl(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0], s[3] ^= s[1], s[1] ^= s[2], s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

double link_random_uniform(link_random_t *r)
{
    return ((double)(link_random_u64(r) >> 12) + 0.5) * 0x1p-52;
}

cf_t link_random_gauss(link_random_t *r)
{
    uint64_t u = link_random_u64(r);
    float a = ((float)(u >> 40) + 0.5f) * 0x1p-24f, b = (float)(u & 0xffffff) * 0x1p-24f;
    float m = sqrtf(-logf(a)), s, c;
    sincosf(2 * (float)M_PI * b, &s, &c);
    return (cf_t){m * c, m * s};
}

typedef struct {
    float angle[WAVES]; /* cosine of the angle of arrival: Doppler of the wave over the maximum */
    float phase[WAVES];
} tap_t;

struct channel {
    channel_cfg_t cfg;
    link_random_t random;
    unsigned n_taps;
    double amplitude[MAX_TAPS], delay_s[MAX_TAPS];
    tap_t tap[PHY_MAX_PORTS][PHY_MAX_PORTS][MAX_TAPS]; /* [rx][tx] */
    double time_s;                                     /* of the slot */
    double symbol_s[PHY_SYMBOLS];
    float *h_re, *h_im;       /* [symbol][rx][tx][n_sc] of the present slot */
    float *step_re, *step_im; /* [tap][n_sc] phases of a delay */
};

static float *plane(float *h, const channel_t *c, unsigned symbol, unsigned rx, unsigned tx)
{
    return h + (((size_t)symbol * c->cfg.n_rx + rx) * c->cfg.n_tx + tx) * c->cfg.n_sc;
}

static void draw_taps(channel_t *c)
{
    for (unsigned r = 0; r < c->cfg.n_rx; r++)
        for (unsigned t = 0; t < c->cfg.n_tx; t++)
            for (unsigned i = 0; i < c->n_taps; i++)
                for (unsigned w = 0; w < WAVES; w++) {
                    tap_t *tap = &c->tap[r][t][i];
                    tap->angle[w] = (float)cos(2 * M_PI * (w + link_random_uniform(&c->random)) / WAVES);
                    tap->phase[w] = (float)(2 * M_PI * link_random_uniform(&c->random));
                }
}

int channel_create(const channel_cfg_t *cfg, channel_t **ret)
{
    if (cfg->profile >= N_CHANNELS || cfg->n_tx == 0 || cfg->n_tx > PHY_MAX_PORTS || cfg->n_rx == 0 ||
        cfg->n_rx > PHY_MAX_PORTS || cfg->mu > 3 || cfg->n_sc == 0 || cfg->n_sc > PHY_MAX_SC)
        return -EINVAL;
    channel_t *c = calloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    c->cfg = *cfg;
    link_random_seed(&c->random, cfg->seed);
    size_t n = (size_t)PHY_SYMBOLS * cfg->n_rx * cfg->n_tx * cfg->n_sc;
    c->h_re = malloc(n * sizeof(float));
    c->h_im = malloc(n * sizeof(float));
    c->step_re = malloc((size_t)MAX_TAPS * cfg->n_sc * sizeof(float));
    c->step_im = malloc((size_t)MAX_TAPS * cfg->n_sc * sizeof(float));
    if (!c->h_re || !c->h_im || !c->step_re || !c->step_im) {
        channel_destroy(c);
        return -ENOMEM;
    }
    c->n_taps = profiles[cfg->profile].n;
    double sum = 0, scs = 15e3 * (1 << cfg->mu), at = 0;
    for (unsigned i = 0; i < c->n_taps; i++)
        sum += pow(10, profiles[cfg->profile].power_db[i] / 10);
    for (unsigned i = 0; i < c->n_taps; i++) {
        c->amplitude[i] = sqrt(pow(10, profiles[cfg->profile].power_db[i] / 10) / sum);
        c->delay_s[i] = (profiles[cfg->profile].delay_ns[i] + cfg->delay_ns) * 1e-9;
        for (unsigned k = 0; k < cfg->n_sc; k++) {
            unsigned at_sc = k + (cfg->gap_sc && k >= cfg->split_sc ? cfg->gap_sc : 0);
            double phase = -2 * M_PI * at_sc * scs * c->delay_s[i];
            c->step_re[i * cfg->n_sc + k] = (float)cos(phase);
            c->step_im[i * cfg->n_sc + k] = (float)sin(phase);
        }
    }
    for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
        /* TS 38.211 5.3.1: normal prefix, the first of a half subframe is longer (taken in every slot here)
         */
        at += (l == 0 ? 160.0 : 144.0) / 2048 / scs;
        c->symbol_s[l] = at;
        at += 1 / scs;
    }
    draw_taps(c);
    channel_slot(c, 0);
    *ret = c;
    return 0;
}

void channel_destroy(channel_t *c)
{
    if (!c)
        return;
    free(c->h_re), free(c->h_im), free(c->step_re), free(c->step_im);
    free(c);
}

/* Complex gain of a tap at a time. */
static void tap_gain(const channel_t *c, unsigned rx, unsigned tx, unsigned i, double time_s, double *re,
                     double *im)
{
    if (c->cfg.profile == CHANNEL_AWGN) {
        double phase = 2 * M_PI * rx * tx / (c->cfg.n_rx > c->cfg.n_tx ? c->cfg.n_rx : c->cfg.n_tx);
        *re = cos(phase), *im = sin(phase);
        return;
    }
    const tap_t *tap = &c->tap[rx][tx][i];
    double a = 0, b = 0, w = 2 * M_PI * c->cfg.doppler_hz * time_s;
    for (unsigned n = 0; n < WAVES; n++) {
        double phase = w * tap->angle[n] + tap->phase[n];
        a += cos(phase), b += sin(phase);
    }
    *re = a * c->amplitude[i] / sqrt(WAVES);
    *im = b * c->amplitude[i] / sqrt(WAVES);
}

static void response(channel_t *c, unsigned l, unsigned rx, unsigned tx)
{
    unsigned n = c->cfg.n_sc;
    float *re = plane(c->h_re, c, l, rx, tx), *im = plane(c->h_im, c, l, rx, tx);
    memset(re, 0, n * sizeof *re);
    memset(im, 0, n * sizeof *im);
    double t = c->time_s + c->symbol_s[l], cfo = 2 * M_PI * c->cfg.cfo_hz * t;
    for (unsigned i = 0; i < c->n_taps; i++) {
        double a, b;
        tap_gain(c, rx, tx, i, t, &a, &b);
        float gr = (float)(a * cos(cfo) - b * sin(cfo)), gi = (float)(a * sin(cfo) + b * cos(cfo));
        const float *sr = c->step_re + (size_t)i * n, *si = c->step_im + (size_t)i * n;
        for (unsigned k = 0; k < n; k++) {
            re[k] += gr * sr[k] - gi * si[k];
            im[k] += gr * si[k] + gi * sr[k];
        }
    }
}

void channel_slot(channel_t *c, uint64_t n)
{
    c->time_s = (double)n * 1e-3 / (1 << c->cfg.mu);
    bool still = c->cfg.profile == CHANNEL_AWGN || c->cfg.doppler_hz == 0;
    if (still && c->cfg.profile != CHANNEL_AWGN)
        draw_taps(c);
    for (unsigned r = 0; r < c->cfg.n_rx; r++)
        for (unsigned t = 0; t < c->cfg.n_tx; t++)
            for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
                if (l == 0 || !still || c->cfg.cfo_hz != 0) {
                    response(c, l, r, t);
                    continue;
                }
                memcpy(plane(c->h_re, c, l, r, t), plane(c->h_re, c, 0, r, t), c->cfg.n_sc * sizeof(float));
                memcpy(plane(c->h_im, c, l, r, t), plane(c->h_im, c, 0, r, t), c->cfg.n_sc * sizeof(float));
            }
}

void channel_redraw(channel_t *c)
{
    draw_taps(c);
}

unsigned channel_taps(const channel_t *c, double time_s, unsigned tx, unsigned rx, cf_t *ret,
                      double *ret_delay_s)
{
    for (unsigned i = 0; i < c->n_taps; i++) {
        double a, b;
        tap_gain(c, rx, tx, i, c->time_s + time_s, &a, &b);
        ret[i] = (cf_t){(float)a, (float)b};
        ret_delay_s[i] = c->delay_s[i];
    }
    return c->n_taps;
}

static int16_t saturate(float x)
{
    return (int16_t)lrintf(x > 32767 ? 32767 : x < -32767 ? -32767 : x);
}

void channel_apply(channel_t *c, const phy_grid_t *tx, float noise, bool add, const phy_grid_t *rx)
{
    unsigned n = c->cfg.n_sc;
    float sum_re[PHY_MAX_SC], sum_im[PHY_MAX_SC], sigma = sqrtf(noise) * PHY_UNIT;
    for (unsigned r = 0; r < c->cfg.n_rx; r++)
        for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
            memset(sum_re, 0, n * sizeof *sum_re);
            memset(sum_im, 0, n * sizeof *sum_im);
            for (unsigned t = 0; t < c->cfg.n_tx; t++) {
                const ci16_t *x = phy_grid_symbol(tx, t, l);
                const float *re = plane(c->h_re, c, l, r, t), *im = plane(c->h_im, c, l, r, t);
                for (unsigned k = 0; k < n; k++) {
                    sum_re[k] += re[k] * x[k].re - im[k] * x[k].im;
                    sum_im[k] += re[k] * x[k].im + im[k] * x[k].re;
                }
            }
            ci16_t *y = phy_grid_symbol(rx, r, l);
            for (unsigned k = 0; k < n; k++) {
                cf_t w = {0, 0};
                if (sigma > 0)
                    w = link_random_gauss(&c->random);
                float a = (sum_re[k] + w.re * sigma) * c->cfg.gain,
                      b = (sum_im[k] + w.im * sigma) * c->cfg.gain;
                if (add)
                    a += y[k].re, b += y[k].im;
                y[k] = (ci16_t){saturate(a), saturate(b)};
            }
        }
}

void channel_response(const channel_t *c, unsigned symbol, unsigned tx, unsigned rx, cf_t *ret)
{
    const float *re = plane(c->h_re, c, symbol, rx, tx), *im = plane(c->h_im, c, symbol, rx, tx);
    for (unsigned k = 0; k < c->cfg.n_sc; k++)
        ret[k] = (cf_t){re[k], im[k]};
}
