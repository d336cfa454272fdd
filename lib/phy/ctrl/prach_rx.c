/* SPDX-License-Identifier: Apache-2.0 */
/* The PRACH detector.
 *
 * Statistic. For root u and delay t, S(t) = sum over blocks of |sum_k Y(k) conj(X_u(k)) exp(j 2 pi k t /
 * N)|^2 / L_RA, where a block is one antenna and one run of repetitions that were averaged coherently;
 * restricted sets add S at the shifts by +-d_u (and +-2 d_u) that Doppler moves energy to. |X_u(k)| = 1, so
 * S(t) is the energy of the received vector along some A = blocks x shifts orthogonal directions out of D =
 * blocks x L_RA, and in white noise of any level b = S / E (E: energy of all) is Beta(A, D - A).
 *
 * Threshold. A window of W delay samples (of 1 / (L_RA subcarriers)) is a stretch of a smooth process, not W
 * independent cells. The expected number of upcrossings of level b per sample follows from Rice's formula:
 * for a flat spectrum of L_RA subcarriers the derivative of the correlation has variance pi^2 / 3 per
 * sample^2 of delay, which gives sqrt(pi / 3) s^(A - 1/2) exp(-s) / Gamma(A) for the sum of A squared moduli,
 * and, divided by an independent Gamma(D) energy, nu(b) = sqrt(pi / 3) Gamma(D) / (Gamma(A) Gamma(D - A +
 * 1/2)) b^(A - 1/2) (1 - b)^(D - A - 1/2). P(false alarm) <= sum over windows of P(b at its start) + W nu(b);
 * the threshold makes that p_false_alarm for all preambles together: that of the whole process,
 * which points lie below. A path between two points shows them down to 2.5 dB (long) or 1.1 dB (short) less
 * than it has: where the vertex of the parabola through a preamble's best points comes near the threshold, S
 * is computed there and half-way, so that no delay costs more than another.
 *
 * Several preambles. The strongest comes first; its energy leaves the E of its own root. What it may itself
 * show elsewhere is no other preamble: sinc side lobes of a delay between samples (amplitudes below 2 / (pi
 * d) at distance d samples, added up), in unrestricted sets the images at +-d_u and +-2 d_u that a frequency
 * offset makes, and under other roots a cross-correlation whose mean power is 1 / L_RA and whose peaks,
 * between samples, stay below CROSS_PEAK times that. */
#include "lib/phy/ctrl/prach_rx.h"
#include "lib/phy/ctrl/prach_tables.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846
#define MAX_BLOCKS (PRACH_MAX_RX * 12)
#define MAX_N 1024
#define NEAR 0.8f       /* of the threshold: peaks between points are computed from there on */
#define CROSS_PEAK 5.1f /* largest of all pairs of roots at 256 and 1024 points: 4.44 and 5.05 */

struct prach_detector {
    prach_plan_t plan;
    const prach_ops_t *ops;
    unsigned r, n, log2_r; /* N = r^2 points */
    unsigned n_coherent;   /* repetitions averaged into a block */
    unsigned n_blocks;     /* antennas x runs */
    unsigned lanes_roots;  /* roots side by side; lanes / lanes_roots blocks side by side */
    unsigned n_groups;     /* of roots */
    unsigned n_shifts;     /* 1, 3 or 5 */
    float window;          /* delays looked at, samples of 1 / (L_RA scs) */
    float threshold;       /* b */
    float *roots;          /* [group][l_ra][2][lanes] */
    cf_t twiddles[MAX_N];
};

struct prach_work {
    _Alignas(64) float buf[MAX_N * 2 * PRACH_MAX_LANES];
    _Alignas(64) float power[MAX_N * PRACH_MAX_LANES];
    _Alignas(64) float packed[PRACH_MAX_L_RA * 2 * PRACH_MAX_LANES];
    _Alignas(64) cf_t rx[MAX_BLOCKS][PRACH_MAX_L_RA + 1];
};

size_t prach_work_size(void)
{
    return sizeof(struct prach_work);
}

/* ln of the bound on P(false alarm) at level b. */
static double log_false_alarm(double b, double a, double d, double n_windows, double samples)
{
    double nu = 0.5 * log(PI / 3) + lgamma(d) - lgamma(a) - lgamma(d - a + 0.5) + (a - 0.5) * log(b) +
                (d - a - 0.5) * log1p(-b);
    /* P(Beta(a, d - a) > b) = sum_{i < a} C(d - 1, i) b^i (1 - b)^(d - 1 - i): a is whole */
    double tail = 0;
    for (double i = 0; i < a; i++)
        tail += exp(lgamma(d) - lgamma(i + 1) - lgamma(d - i) + i * log(b) + (d - 1 - i) * log1p(-b));
    return log(samples * exp(nu) + n_windows * tail);
}

static float threshold(double a, double d, double n_windows, double samples, double p)
{
    double low = a / d, high = 1 - 1e-9;
    for (unsigned i = 0; i < 60; i++) {
        double mid = 0.5 * (low + high);
        if (log_false_alarm(mid, a, d, n_windows, samples) > log(p))
            low = mid;
        else
            high = mid;
    }
    return (float)high;
}

static void root_sequences(struct prach_detector *d)
{
    unsigned l = d->plan.l_ra, lanes = d->ops->lanes;
    cf_t x[PRACH_MAX_L_RA];
    for (unsigned g = 0; g < d->n_groups; g++)
        for (unsigned lane = 0; lane < lanes; lane++) {
            unsigned root = g * lanes + lane % d->lanes_roots;
            if (root >= d->plan.n_roots)
                continue;
            prach_plan_t one = d->plan; /* the root itself, without a shift */
            one.preamble[0] = (prach_preamble_t){.root = (uint16_t)root, .c_v = 0};
            prach_sequence(&one, 0, x);
            for (unsigned k = 0; k < l; k++) {
                d->roots[((g * l + k) * 2 + 0) * lanes + lane] = x[k].re;
                d->roots[((g * l + k) * 2 + 1) * lanes + lane] = x[k].im;
            }
        }
}

int prach_detector_create(const phy_t *phy, const prach_plan_t *plan, prach_detector_t **ret,
                          phy_refusal_t *why)
{
    if (plan->cfg.n_rx < 1 || plan->cfg.n_rx > PRACH_MAX_RX)
        return phy_refuse(why, "n_rx", plan->cfg.n_rx, "1..8");
    struct prach_detector *d = calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    d->plan = *plan;
    d->ops = prach_ops(phy->isa);
    d->r = plan->l_ra == 839 ? 32 : 16;
    d->n = d->r * d->r;
    d->log2_r = d->r == 32 ? 5 : 4;
    /* A quarter of a turn from the first to the last repetition costs 0.9 dB, more is worse than adding
     * powers.
     */
    d->n_coherent = plan->n_repetitions;
    while (d->n_coherent > 1 &&
           (float)d->n_coherent * plan->cfg.max_offset_hz > 0.25f * (float)plan->scs_hz) {
        do
            d->n_coherent--;
        while (plan->n_repetitions % d->n_coherent);
    }
    d->n_blocks = plan->cfg.n_rx * (plan->n_repetitions / d->n_coherent);
    unsigned lanes = d->ops->lanes;
    d->lanes_roots = 1;
    while (d->lanes_roots < lanes && d->lanes_roots < plan->n_roots)
        d->lanes_roots *= 2;
    d->n_groups = (plan->n_roots + lanes - 1u) / lanes;
    if (d->n_groups == 0)
        d->n_groups = 1;
    d->n_shifts = plan->cfg.restricted_set == PRACH_UNRESTRICTED   ? 1
                  : plan->cfg.restricted_set == PRACH_RESTRICTED_A ? 3
                                                                   : 5;
    /* A delay beyond the cyclic prefix cannot be told from another one. */
    float cp = (float)plan->cp_kappa * (float)plan->scs_hz * (float)plan->l_ra / 30.72e6f;
    float n_cs = plan->n_cs ? (float)plan->n_cs : (float)plan->l_ra;
    d->window = cp < n_cs ? cp : n_cs;
    unsigned n_windows = 0;
    for (unsigned i = 0; i < plan->n_preambles; i++)
        n_windows += plan->cfg.preamble_mask >> i & 1;
    d->threshold = threshold((double)d->n_blocks * d->n_shifts, (double)d->n_blocks * plan->l_ra, n_windows,
                             (double)n_windows * (double)d->window, plan->cfg.p_false_alarm);
    size_t bytes = sizeof(float) * d->n_groups * plan->l_ra * 2 * lanes;
    d->roots = aligned_alloc(PHY_ALIGN, (bytes + PHY_ALIGN - 1) / PHY_ALIGN * PHY_ALIGN);
    if (!d->roots) {
        free(d);
        return -ENOMEM;
    }
    memset(d->roots, 0, bytes);
    root_sequences(d);
    for (unsigned b = 0; b < d->r; b++)
        for (unsigned t = 0; t < d->r; t++)
            d->twiddles[b * d->r + t] =
                (cf_t){(float)cos(2 * PI * b * t / d->n), (float)sin(2 * PI * b * t / d->n)};
    *ret = d;
    return 0;
}

void prach_detector_destroy(prach_detector_t *d)
{
    if (d)
        free(d->roots);
    free(d);
}

/* Averages repetitions into blocks. Returns the energy of all blocks; *ret_rssi: mean power of a sample. */
static double make_blocks(const struct prach_detector *d, const ci16_t *samples, size_t ant_stride,
                          size_t rep_stride, struct prach_work *work, double *ret_rssi)
{
    unsigned l = d->plan.l_ra, n_rx = d->plan.cfg.n_rx, runs = d->plan.n_repetitions / d->n_coherent;
    double energy = 0, all = 0;
    float scale = 1.0f / (float)d->n_coherent;
    for (unsigned a = 0; a < n_rx; a++)
        for (unsigned run = 0; run < runs; run++) {
            cf_t *y = work->rx[a * runs + run];
            int32_t sum[PRACH_MAX_L_RA * 2] = {0};
            for (unsigned i = 0; i < d->n_coherent; i++) {
                const int16_t *x =
                    (const int16_t *)&samples[a * ant_stride + (run * d->n_coherent + i) * rep_stride];
                float e[16] = {0};
                for (unsigned k = 0; k < 2 * l; k++)
                    sum[k] += x[k];
                unsigned k = 0;
                for (; k + 16 <= 2 * l; k += 16)
                    for (unsigned j = 0; j < 16; j++)
                        e[j] += (float)x[k + j] * (float)x[k + j];
                for (; k < 2 * l; k++)
                    e[0] += (float)x[k] * (float)x[k];
                for (unsigned j = 0; j < 16; j++)
                    all += (double)e[j];
            }
            float *f = &y->re, e[16] = {0};
            for (unsigned k = 0; k < 2 * l; k++)
                f[k] = (float)sum[k] * scale;
            unsigned k = 0;
            for (; k + 16 <= 2 * l; k += 16)
                for (unsigned j = 0; j < 16; j++)
                    e[j] += f[k + j] * f[k + j];
            for (; k < 2 * l; k++)
                e[0] += f[k] * f[k];
            for (unsigned j = 0; j < 16; j++)
                energy += (double)e[j];
        }
    *ret_rssi = all / ((double)l * n_rx * d->plan.n_repetitions);
    return energy;
}

typedef struct {
    bool exact;  /* s is that of the peak, not of a point */
    float s;     /* statistic, energy */
    float whole; /* what it would be at the peak between points */
    float away;  /* the statistic's mean far from the peak */
    float delay; /* samples of 1 / (L_RA scs) from the window's start */
    float t;     /* place in the correlation, samples */
} peak_t;

/* Power at delay index t (mod N) of a lane, blocks that lie in other lanes added. */
static float plain(const struct prach_detector *d, const float *power, unsigned lane, int t)
{
    unsigned lanes = d->ops->lanes, u = (unsigned)t & (d->n - 1), low = u & (d->r - 1);
    const float *p = power + (size_t)((low << d->log2_r) + (u >> d->log2_r)) * lanes;
    if (d->lanes_roots == lanes)
        return p[lane];
    float s = 0;
    for (unsigned l = lane; l < lanes; l += d->lanes_roots)
        s += p[l];
    return s;
}

/* S at delay index t (mod N) of a lane: blocks that lie in other lanes and Doppler's shifts added. */
static float statistic(const struct prach_detector *d, const float *power, unsigned lane, unsigned root,
                       int t)
{
    float s = plain(d, power, lane, t);
    int half = (int)d->n_shifts / 2;
    for (int i = 1; i <= half; i++) {
        int by = (int)lrintf((float)i * (float)d->plan.d_u[root] * (float)d->n / (float)d->plan.l_ra);
        s += plain(d, power, lane, t + by) + plain(d, power, lane, t - by);
    }
    return s;
}

static peak_t find_peak(const struct prach_detector *d, const float *power, unsigned lane, unsigned preamble)
{
    unsigned root = d->plan.preamble[preamble].root, l = d->plan.l_ra, c_v = d->plan.preamble[preamble].c_v;
    float per = (float)d->n / (float)l; /* points a sample */
    float start = c_v ? (float)(l - c_v) * per : 0;
    /* From half a sample early (timing error) on. */
    int first = (int)ceilf(start - 0.5f * per), end = (int)ceilf(start + (d->window - 0.5f) * per);
    int best = first;
    float s = -1;
    for (int t = first; t < end; t++) {
        float x = statistic(d, power, lane, root, t);
        if (x > s) {
            s = x;
            best = t;
        }
    }
    float before = statistic(d, power, lane, root, best - 1),
          after = statistic(d, power, lane, root, best + 1);
    /* Vertex of a parabola through the logarithms. */
    // cppcheck-suppress invalidFunctionArg ; a statistic is a sum of powers, never negative
    float a = logf(before + 1e-20f), b = logf(s + 1e-20f), c = logf(after + 1e-20f), curve = a - 2 * b + c;
    float frac = curve < -1e-6f ? 0.5f * (a - c) / curve : 0;
    frac = frac > -0.5f ? (frac < 0.5f ? frac : 0.5f) : -0.5f;
    float scale = 1.0f / (float)l, x = (float)PI * frac / per, lobe = fabsf(x) > 1e-3f ? sinf(x) / x : 1;
    return (peak_t){.s = s * scale,
                    .away = 0,
                    .whole = s * scale / (lobe * lobe),
                    .t = ((float)best + frac) / per,
                    .delay = ((float)best + frac - start) / per};
}

/* Mean of the statistic far from a peak (at `peak` samples): the median of four stretches of an eighth of the
 * circle, since another preamble may lie in one. */
static float far_from(const struct prach_detector *d, const float *power, unsigned lane, float peak)
{
    unsigned best = (unsigned)(peak * (float)d->n / (float)d->plan.l_ra + (float)d->n);
    float part[4];
    for (unsigned q = 0; q < 4; q++) {
        float sum = 0;
        for (unsigned k = 0; k < d->n / 8; k++)
            sum += plain(d, power, lane, (int)(best + d->n * (4 + 2 * q) / 16 + k));
        unsigned k = q;
        for (; k && part[k - 1] > sum; k--)
            part[k] = part[k - 1];
        part[k] = sum;
    }
    return 0.5f * (part[1] + part[2]) / ((float)(d->n / 8) * (float)d->plan.l_ra);
}

/* S at any delay t, in points, from the blocks. */
static float statistic_at(const struct prach_detector *d, const struct prach_work *work, unsigned root,
                          double t)
{
    const unsigned l = d->plan.l_ra, lanes = d->ops->lanes;
    const float *x = d->roots + (size_t)(root / lanes) * l * 2 * lanes + root % lanes;
    const double step_re = cos(2 * PI * t / d->n), step_im = sin(2 * PI * t / d->n);
    double re = 1, im = 0;
    cf_t ramp[PRACH_MAX_L_RA];
    for (unsigned k = 0; k < l; k++) { /* conj(X(k)) exp(j 2 pi k t / N) */
        const double xr = (double)x[(size_t)2 * k * lanes], xi = (double)x[(size_t)(2 * k + 1) * lanes];
        ramp[k] = (cf_t){(float)(re * xr + im * xi), (float)(im * xr - re * xi)};
        const double next = re * step_re - im * step_im;
        im = re * step_im + im * step_re;
        re = next;
    }
    float s = 0;
    for (unsigned b = 0; b < d->n_blocks; b++) {
        float sum[2] = {0, 0};
        for (unsigned k = 0; k < l; k++) {
            const cf_t y = work->rx[b][k];
            sum[0] += y.re * ramp[k].re - y.im * ramp[k].im;
            sum[1] += y.re * ramp[k].im + y.im * ramp[k].re;
        }
        s += sum[0] * sum[0] + sum[1] * sum[1];
    }
    return s / (float)l;
}

/* Takes a peak from its best point to where it is highest: the vertex, or half a point to that side. */
static void refine(const struct prach_detector *d, const struct prach_work *work, unsigned preamble,
                   peak_t *peak)
{
    const unsigned root = d->plan.preamble[preamble].root;
    const double per = (double)d->n / d->plan.l_ra, vertex = (double)peak->t * per,
                 point = floor(vertex + 0.5);
    const double at[2] = {vertex, vertex < point ? point - 0.5 : point + 0.5};
    const int half = (int)d->n_shifts / 2;
    peak->exact = true;
    for (unsigned i = 0; i < 2; i++) {
        float s = 0;
        for (int shift = -half; shift <= half; shift++)
            s += statistic_at(d, work, root, at[i] + shift * (double)d->plan.d_u[root] * per);
        if (s > peak->s) {
            const float moved = (float)(at[i] / per) - peak->t;
            *peak = (peak_t){.exact = true,
                             .s = s,
                             .whole = s,
                             .away = peak->away,
                             .t = peak->t + moved,
                             .delay = peak->delay + moved};
        }
    }
}

static float circular(float x, float period)
{
    x = fmodf(fabsf(x), period);
    return x < period - x ? x : period - x;
}

/* What the preambles accepted so far may show at the place of `p`, energy. See the top. */
static float images(const struct prach_detector *d, unsigned preamble, const peak_t *peaks,
                    const uint8_t *accepted, unsigned n)
{
    float l = (float)d->plan.l_ra, lobes = 0, others = 0, doppler = 0;
    unsigned root = d->plan.preamble[preamble].root;
    float d_u = (float)d->plan.d_u[root];
    const peak_t *p = &peaks[preamble];
    for (unsigned i = 0; i < n; i++) {
        const peak_t *strong = &peaks[accepted[i]];
        if (d->plan.preamble[accepted[i]].root != root) {
            others += strong->s;
            continue;
        }
        float dist = circular(p->t - strong->t, l);
        lobes += sqrtf(strong->s) * (dist > 2 ? 2 / ((float)PI * dist) : 1);
        if (d->n_shifts > 1)
            continue;
        if (circular(p->t - strong->t - d_u, l) < 2 || circular(p->t - strong->t + d_u, l) < 2)
            doppler += 0.5f * strong->s;
        if (circular(p->t - strong->t - 2 * d_u, l) < 2 || circular(p->t - strong->t + 2 * d_u, l) < 2)
            doppler += 0.1f * strong->s;
    }
    return lobes * lobes * (float)d->n_shifts + doppler + CROSS_PEAK * others * (float)d->n_shifts / l;
}

static float to_db(double x)
{
    return (float)(10 * log10(x > 1e-12 ? x : 1e-12));
}

#define FULL_SCALE (32767.0 * 32767.0)

static void report(const struct prach_detector *d, unsigned preamble, const peak_t *p, double noise,
                   double metric, prach_result_t *ret)
{
    double l = d->plan.l_ra;
    /* noise: of a subcarrier of a block. The statistic holds the signal's L_RA x power and A times the noise.
     */
    double power = (p->whole - noise * d->n_blocks * d->n_shifts) / (l * d->n_blocks);
    float delay_s = p->delay / (float)(l * d->plan.scs_hz);
    float ta = delay_s * 1.92e6f * (float)(1u << d->plan.cfg.ul_mu); /* 16 x 64 Tc = 1 / 1.92 MHz */
    prach_found_t *f = &ret->found[ret->n_found++];
    *f = (prach_found_t){.preamble = (uint8_t)preamble,
                         .timing_advance = ta > 0 ? (uint16_t)(ta < 3846 ? lrintf(ta) : 3846) : 0,
                         .delay_ns = delay_s * 1e9f,
                         .power_dbfs = to_db(power / FULL_SCALE),
                         .snr_db = to_db(power / (noise * d->n_coherent)),
                         .metric = (float)metric};
}

/* Noise of a subcarrier of a block. With preambles in it, not what is left of the energy (a small difference
 * of large numbers), but what the root of the strongest shows away from them. */
static double noise_level(const struct prach_detector *d, const peak_t *peaks, double energy,
                          const uint8_t *accepted, unsigned n)
{
    double l = d->plan.l_ra;
    if (n == 0)
        return energy / (l * d->n_blocks);
    unsigned root = d->plan.preamble[accepted[0]].root;
    double others = 0;
    for (unsigned i = 0; i < n; i++)
        if (d->plan.preamble[accepted[i]].root != root)
            others += peaks[accepted[i]].whole;
    double level = (peaks[accepted[0]].away - others / l) / d->n_blocks,
           least = 1e-6 * energy / (l * d->n_blocks);
    return level > least ? level : least;
}

/* Decides among all preambles, the strongest first. Returns how many; accepted in that order. */
static unsigned decide(const struct prach_detector *d, const struct prach_work *work, peak_t *peaks,
                       double energy, float *metrics, uint8_t accepted[PRACH_MAX_PREAMBLES])
{
    unsigned n = 0;
    uint64_t left = 0;
    bool near = false;
    for (unsigned i = 0; i < d->plan.n_preambles; i++)
        if ((d->plan.cfg.preamble_mask >> i & 1) && peaks[i].s > 0) {
            left |= 1ull << i;
            near |= peaks[i].whole > NEAR * d->threshold * (float)energy;
        }
    while (left && near) {
        unsigned best = (unsigned)__builtin_ctzll(left);
        for (uint64_t m = left; m; m &= m - 1) {
            unsigned i = (unsigned)__builtin_ctzll(m);
            if (peaks[i].s > peaks[best].s)
                best = i;
        }
        left &= ~(1ull << best);
        double rest = energy, noise = energy;
        for (unsigned i = 0; i < n; i++) {
            noise -= peaks[accepted[i]].whole;
            if (d->plan.preamble[accepted[i]].root == d->plan.preamble[best].root)
                rest -= peaks[accepted[i]].whole;
        }
        /* Peaks between points are estimates: taken off, the strongest ones may leave less than noise is. */
        double least = n ? noise_level(d, peaks, energy, accepted, n) * d->plan.l_ra * d->n_blocks : 0;
        rest = rest > least ? rest : least;
        noise = noise > least ? noise : least;
        double metric = peaks[best].s / ((double)d->threshold * rest + 1e-30);
        if (!(metric > 1) && !peaks[best].exact && peaks[best].whole > NEAR * d->threshold * (float)rest) {
            refine(d, work, best, &peaks[best]);
            left |= 1ull << best; /* its turn may come later now, or sooner */
            continue;
        }
        if (!(metric > 1))
            continue;
        /* Amplitudes of what is certain to be there and of what noise may add. */
        double image =
            n ? sqrt((double)images(d, best, peaks, accepted, n)) + sqrt((double)d->threshold * noise) : 0;
        if (peaks[best].s < image * image)
            continue;
        metrics[best] = (float)metric;
        accepted[n++] = (uint8_t)best;
    }
    return n;
}

void prach_detect(const prach_detector_t *d, const ci16_t *samples, size_t ant_stride, size_t rep_stride,
                  prach_work_t *work, prach_result_t *ret)
{
    unsigned lanes = d->ops->lanes, l = d->plan.l_ra;
    prach_correlate_t *correlate = d->r == 32 ? d->ops->correlate_1024 : d->ops->correlate_256;
    double rssi, energy = make_blocks(d, samples, ant_stride, rep_stride, work, &rssi);
    peak_t peaks[PRACH_MAX_PREAMBLES];
    float metrics[PRACH_MAX_PREAMBLES] = {0};
    ret->n_found = 0;
    ret->rssi_dbfs = to_db(rssi / FULL_SCALE);
    unsigned preamble = 0, per_pass = lanes / d->lanes_roots;
    for (unsigned g = 0; g < d->n_groups; g++) {
        const float *roots = d->roots + (size_t)g * l * 2 * lanes;
        memset(work->power, 0, sizeof(float) * d->n * lanes);
        for (unsigned b = 0; b < d->n_blocks; b += per_pass) {
            if (per_pass == 1) {
                correlate(l, roots, work->rx[b], NULL, d->twiddles, work->buf, work->power);
                continue;
            }
            for (unsigned k = 0; k < l; k++)
                for (unsigned lane = 0; lane < lanes; lane++) {
                    unsigned block = b + lane / d->lanes_roots;
                    cf_t y = block < d->n_blocks ? work->rx[block][k] : (cf_t){0, 0};
                    work->packed[(k * 2 + 0) * lanes + lane] = y.re;
                    work->packed[(k * 2 + 1) * lanes + lane] = y.im;
                }
            correlate(l, roots, NULL, work->packed, d->twiddles, work->buf, work->power);
        }
        unsigned end_root = (g + 1) * lanes;
        for (; preamble < d->plan.n_preambles && d->plan.preamble[preamble].root < end_root; preamble++) {
            unsigned root = d->plan.preamble[preamble].root;
            peaks[preamble] = find_peak(d, work->power, root - g * lanes, preamble);
            if (peaks[preamble].whole > NEAR * d->threshold * (float)energy)
                peaks[preamble].away = far_from(d, work->power, root - g * lanes, peaks[preamble].t);
        }
    }
    uint8_t accepted[PRACH_MAX_PREAMBLES];
    unsigned n = decide(d, work, peaks, energy, metrics, accepted);
    double noise = noise_level(d, peaks, energy, accepted, n);
    ret->noise_dbfs = to_db(noise * d->n_coherent / FULL_SCALE);
    for (unsigned i = 0; i < d->plan.n_preambles; i++)
        if (metrics[i] > 0)
            report(d, i, &peaks[i], noise, metrics[i], ret);
}
