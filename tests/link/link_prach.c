/* SPDX-License-Identifier: Apache-2.0 */
/* PRACH, in time: the preamble's sequence through every path with its delay (circular: it stays inside of the
 * cyclic prefix) and gain, which moves within the sequence, and the frequency offset sample by sample; then
 * noise and the receiver's transform to L_RA subcarriers.
 *   missed  the preamble not found, or its time off by more than the tolerance     (TS 38.104 8.4.2)
 *   false   any of the 64 preambles found in noise                                 (8.4.1)
 *   other   a preamble found that was not sent, beside one that was */
#include "lib/phy/ctrl/prach.h"
#include "lib/phy/signal/dft.h"
#include "tests/link/link.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PIECES 8 /* of a sequence: path gains are straight between their ends */

typedef enum { METRIC_MISSED, METRIC_FALSE, METRIC_OTHER } metric_t;

typedef struct {
    const phy_t *phy;
    metric_t metric;
    prach_plan_t plan;
    prach_detector_t *detector;
    prach_work_t *work;
    const dft_plan_t *dft;
    dft_work_t *dft_work;
    unsigned n, preamble, step, steps;
    double first_delay_s, cfo_hz, tolerance_s;
    channel_t *channel;
    float noise, gain;
    link_random_t random;
    cf_t *sequence, *path, *sum, *bins; /* path [CHANNEL_MAX_TAPS][n] */
    ci16_t *samples;
} sim_t;

static metric_t metric_of(const char *name)
{
    if (strcmp(name, "missed") == 0)
        return METRIC_MISSED;
    if (strcmp(name, "false") == 0)
        return METRIC_FALSE;
    if (strcmp(name, "other") == 0)
        return METRIC_OTHER;
    link_die("metric: missed, false or other, not %s", name);
}

static uint8_t format_of(const char *name)
{
    static const char *const names[PRACH_N_FORMATS] = {"0",  "1",  "2",  "3",  "A1", "A2", "A3",
                                                       "B1", "B2", "B3", "B4", "C0", "C2"};
    for (unsigned i = 0; i < PRACH_N_FORMATS; i++)
        if (strcmp(name, names[i]) == 0)
            return (uint8_t)i;
    link_die("format: 0..3, A1..A3, B1..B4, C0, C2, not %s", name);
}

static void *create(const phy_t *phy, link_args_t *a, double snr_db)
{
    sim_t *s = link_memory(sizeof *s);
    s->phy = phy;
    s->metric = metric_of(link_text(a, "metric", "missed"));
    prach_cfg_t c = {.format = format_of(link_text(a, "format", "0")),
                     .mu = (uint8_t)link_int(a, "mu", 0),
                     .root_sequence = (uint16_t)link_int(a, "root", 22),
                     .zero_correlation_zone = (uint8_t)link_int(a, "zone", 1),
                     .restricted_set = (uint8_t)link_int(a, "restricted", 0),
                     .ul_mu = (uint8_t)link_int(a, "mu", 0),
                     .n_rx = (uint8_t)link_int(a, "rx", 2)};
    s->preamble = link_int(a, "preamble", 32);
    phy_refusal_t why;
    if (prach_plan(&c, &s->plan, &why) < 0)
        link_refused(&why);
    if (prach_detector_create(phy, &s->plan, &s->detector, &why) < 0)
        link_refused(&why);
    if (s->preamble >= s->plan.n_preambles)
        link_die("preamble: this cell has %u", s->plan.n_preambles);
    s->n = s->plan.l_ra == 839 ? 1024 : 256;
    s->dft = dft_plan(phy, s->n);
    s->cfo_hz = link_real(a, "offset", 0);
    s->tolerance_s = 1e-6 * link_real(a, "tolerance_us", 1e6);
    /* Delays of the test: from half of N_CS or 0, on by 0.1 us a trial, then from the start (38.141-1 8.4.1).
     */
    s->steps = link_int(a, "delays", 1);
    s->first_delay_s = 1e-6 * link_real(a, "first_delay_us", 0);
    s->channel = link_channel(a, (channel_cfg_t){.n_tx = 1, .n_rx = c.n_rx, .n_sc = 12}, snr_db, &s->noise);
    s->gain = 0.7f / sqrtf(1 + s->noise);
    link_random_seed(&s->random, link_int(a, "seed", 1) + 0x5eedu);
    s->work = link_memory(prach_work_size());
    s->dft_work = link_memory(sizeof *s->dft_work);
    s->sequence = link_memory(s->n * sizeof(cf_t));
    s->path = link_memory(CHANNEL_MAX_TAPS * s->n * sizeof(cf_t));
    s->sum = link_memory(s->n * sizeof(cf_t));
    s->bins = link_memory(s->n * sizeof(cf_t));
    s->samples = link_memory((size_t)c.n_rx * s->plan.n_repetitions * s->n * sizeof(ci16_t));
    prach_sequence(&s->plan, s->preamble, s->sequence);
    return s;
}

static void destroy(void *self)
{
    sim_t *s = self;
    channel_destroy(s->channel);
    prach_detector_destroy(s->detector);
    free(s->work), free(s->dft_work), free(s->sequence), free(s->path);
    free(s->sum), free(s->bins), free(s->samples);
    free(s);
}

/* The sequence in time behind every path's delay. */
static void make_paths(sim_t *s, double delay_s)
{
    cf_t unused[CHANNEL_MAX_TAPS];
    double delays[CHANNEL_MAX_TAPS];
    unsigned n_taps = channel_taps(s->channel, 0, 0, 0, unused, delays);
    for (unsigned i = 0; i < n_taps; i++) {
        memset(s->bins, 0, s->n * sizeof *s->bins);
        double turn = -2 * M_PI * s->plan.scs_hz * (delays[i] + delay_s);
        for (unsigned k = 0; k < s->plan.l_ra; k++) {
            float c = (float)cos(turn * k), d = (float)sin(turn * k);
            cf_t x = s->sequence[k];
            s->bins[k] = (cf_t){x.re * c - x.im * d, x.re * d + x.im * c};
        }
        dft(s->dft, DFT_INVERSE, s->bins, s->path + i * s->n, s->dft_work);
    }
}

/* What an antenna receives of repetition r, without noise, into sum [n]. */
static void receive(sim_t *s, unsigned rx, unsigned r)
{
    double length = 1.0 / s->plan.scs_hz, piece = length / PIECES, start = r * length;
    double unused[CHANNEL_MAX_TAPS];
    cf_t from[CHANNEL_MAX_TAPS], to[CHANNEL_MAX_TAPS];
    unsigned samples = s->n / PIECES, n_taps = channel_taps(s->channel, start, 0, rx, from, unused);
    memset(s->sum, 0, s->n * sizeof *s->sum);
    for (unsigned p = 0; p < PIECES; p++) {
        channel_taps(s->channel, start + (p + 1) * piece, 0, rx, to, unused);
        for (unsigned i = 0; i < n_taps; i++) {
            const cf_t *x = s->path + i * s->n + p * samples;
            cf_t *y = s->sum + p * samples;
            for (unsigned t = 0; t < samples; t++) {
                float w = (float)t / (float)samples;
                float re = from[i].re + w * (to[i].re - from[i].re),
                      im = from[i].im + w * (to[i].im - from[i].im);
                y[t].re += re * x[t].re - im * x[t].im;
                y[t].im += re * x[t].im + im * x[t].re;
            }
        }
        memcpy(from, to, sizeof from);
    }
    if (s->cfo_hz == 0)
        return;
    for (unsigned t = 0; t < s->n; t++) {
        double phase = 2 * M_PI * s->cfo_hz * (start + t * length / s->n);
        float c = (float)cos(phase), d = (float)sin(phase);
        cf_t x = s->sum[t];
        s->sum[t] = (cf_t){x.re * c - x.im * d, x.re * d + x.im * c};
    }
}

static ci16_t sample(cf_t x, float scale)
{
    float a = x.re * scale, b = x.im * scale;
    a = a > 32767 ? 32767 : a < -32767 ? -32767 : a;
    b = b > 32767 ? 32767 : b < -32767 ? -32767 : b;
    return (ci16_t){(int16_t)lrintf(a), (int16_t)lrintf(b)};
}

static void trial(void *self, link_count_t *count)
{
    sim_t *s = self;
    unsigned l_ra = s->plan.l_ra, n_rep = s->plan.n_repetitions;
    double delay_s = s->first_delay_s + 1e-7 * (s->step++ % s->steps);
    float sigma = sqrtf(s->noise), scale = s->gain * PHY_UNIT;
    channel_redraw(s->channel);
    if (s->metric != METRIC_FALSE)
        make_paths(s, delay_s);
    for (unsigned rx = 0; rx < s->plan.cfg.n_rx; rx++)
        for (unsigned r = 0; r < n_rep; r++) {
            memset(s->bins, 0, s->n * sizeof *s->bins);
            if (s->metric != METRIC_FALSE) {
                receive(s, rx, r);
                dft(s->dft, DFT_FORWARD, s->sum, s->bins, s->dft_work);
                cf_scale(s->bins, l_ra, 1.0f / (float)s->n);
            }
            ci16_t *out = s->samples + ((size_t)rx * n_rep + r) * s->n;
            for (unsigned k = 0; k < l_ra; k++) {
                cf_t w = link_random_gauss(&s->random);
                out[k] = sample((cf_t){s->bins[k].re + sigma * w.re, s->bins[k].im + sigma * w.im}, scale);
            }
        }
    prach_result_t result;
    prach_detect(s->detector, s->samples, (size_t)n_rep * s->n, s->n, s->work, &result);
    bool found = false, other = false;
    for (unsigned i = 0; i < result.n_found; i++) {
        const prach_found_t *f = &result.found[i];
        if (f->preamble == s->preamble)
            found = fabs(f->delay_ns * 1e-9 - delay_s) <= s->tolerance_s;
        else
            other = true;
    }
    count->trials++;
    count->errors += s->metric == METRIC_MISSED  ? !found
                     : s->metric == METRIC_OTHER ? other
                                                 : result.n_found > 0;
}

const link_sim_t link_prach = {
    "prach",
    "format= mu= root= zone= preamble= rx= offset=HZ first_delay_us= delays= tolerance_us= "
    "metric=missed|false|other",
    create, trial, destroy};
