/* SPDX-License-Identifier: Apache-2.0 */
/* The 64 preambles of a cell and their sequences. TS 38.211 6.3.3.1. */
#include "lib/phy/ctrl/prach_tables.h"

#include <complex.h>
#include <errno.h>
#include <math.h>

#define PI 3.14159265358979323846

/* q with q u = 1 mod l_ra (a prime): extended Euclid. */
static unsigned inverse_mod(unsigned u, unsigned l_ra)
{
    int a = (int)u, b = (int)l_ra, x = 1, y = 0;
    while (b) {
        int q = a / b, t = a - q * b;
        a = b;
        b = t;
        t = x - q * y;
        x = y;
        y = t;
    }
    return (unsigned)((x % (int)l_ra + (int)l_ra) % (int)l_ra);
}

uint16_t prach_d_u(uint16_t l_ra, uint16_t u)
{
    unsigned q = inverse_mod(u, l_ra);
    return (uint16_t)(2 * q < l_ra ? q : l_ra - q);
}

/* The parameters that 6.3.3.1 derives from d_u for the restricted sets: shifts in groups, and for type B two
 * further runs behind them. n_shift 0: the root has no preamble. */
typedef struct {
    int n_shift, d_start, n_group, n_shift1, d_start2, n_shift2, d_start3, n_shift3;
} restricted_t;

static int max0(int x)
{
    return x > 0 ? x : 0;
}

static int min(int a, int b)
{
    return a < b ? a : b;
}

static restricted_t restricted_a(int l, int d, int n_cs)
{
    restricted_t r = {0};
    if (d >= n_cs && 3 * d < l) {
        r.n_shift = d / n_cs;
        r.d_start = 2 * d + r.n_shift * n_cs;
        r.n_group = l / r.d_start;
        r.n_shift1 = max0((l - 2 * d - r.n_group * r.d_start) / n_cs);
    } else if (3 * d >= l && 2 * d <= l - n_cs) {
        r.n_shift = (l - 2 * d) / n_cs;
        r.d_start = l - 2 * d + r.n_shift * n_cs;
        r.n_group = d / r.d_start;
        r.n_shift1 = min(max0((d - r.n_group * r.d_start) / n_cs), r.n_shift);
    }
    return r;
}

static restricted_t restricted_b(int l, int d, int n_cs)
{
    restricted_t r = {0};
    if (d >= n_cs && 5 * d < l) {
        r.n_shift = d / n_cs;
        r.d_start = 4 * d + r.n_shift * n_cs;
        r.n_group = l / r.d_start;
        r.n_shift1 = max0((l - 4 * d - r.n_group * r.d_start) / n_cs);
    } else if (5 * d >= l && 4 * d <= l - n_cs) {
        r.n_shift = (l - 4 * d) / n_cs;
        r.d_start = l - 4 * d + r.n_shift * n_cs;
        r.n_group = d / r.d_start;
        r.n_shift1 = min(max0((d - r.n_group * r.d_start) / n_cs), r.n_shift);
    } else if (4 * d >= l + n_cs && 7 * d < 2 * l) {
        r.n_shift = (4 * d - l) / n_cs;
        r.d_start = 4 * d - l + r.n_shift * n_cs;
        r.n_group = d / r.d_start;
        r.n_shift1 = max0((l - 3 * d - r.n_group * r.d_start) / n_cs);
        int left = d - r.n_group * r.d_start, right = 4 * d - l - r.n_shift1 * n_cs;
        r.n_shift2 = min(left, right) / n_cs;
        r.n_shift3 = (r.n_shift1 ? right : left) / n_cs - r.n_shift2;
        r.d_start2 = l - 3 * d + r.n_group * r.d_start + r.n_shift1 * n_cs;
        r.d_start3 = l - 2 * d + r.n_group * r.d_start + r.n_shift2 * n_cs;
    } else if (7 * d >= 2 * l && 3 * d <= l - n_cs) {
        r.n_shift = (l - 3 * d) / n_cs;
        r.d_start = l - 3 * d + r.n_shift * n_cs;
        r.n_group = d / r.d_start;
        r.n_shift1 = max0((4 * d - l - r.n_group * r.d_start) / n_cs);
        r.n_shift2 = min(d - r.n_group * r.d_start, l - 3 * d - r.n_shift1 * n_cs) / n_cs;
        r.d_start2 = d + r.n_group * r.d_start + r.n_shift1 * n_cs;
    } else if (3 * d >= l + n_cs && 5 * d < 2 * l) {
        r.n_shift = (3 * d - l) / n_cs;
        r.d_start = 3 * d - l + r.n_shift * n_cs;
        r.n_group = d / r.d_start;
        r.n_shift1 = max0((l - 2 * d - r.n_group * r.d_start) / n_cs);
    } else if (5 * d >= 2 * l && 2 * d <= l - n_cs) {
        r.n_shift = (l - 2 * d) / n_cs;
        r.d_start = 2 * (l - 2 * d) + r.n_shift * n_cs;
        r.n_group = (l - d) / r.d_start;
        r.n_shift1 = max0((3 * d - l - r.n_group * r.d_start) / n_cs);
    }
    return r;
}

static restricted_t restricted(unsigned set, unsigned l, unsigned d, unsigned n_cs)
{
    return set == PRACH_RESTRICTED_A ? restricted_a((int)l, (int)d, (int)n_cs)
                                     : restricted_b((int)l, (int)d, (int)n_cs);
}

unsigned prach_n_shifts(unsigned set, unsigned l, unsigned d, unsigned n_cs)
{
    if (set == PRACH_UNRESTRICTED)
        return n_cs ? l / n_cs : 1;
    restricted_t r = restricted(set, l, d, n_cs);
    return (unsigned)(r.n_shift * r.n_group + r.n_shift1 + r.n_shift2 + r.n_shift3);
}

unsigned prach_shift(unsigned set, unsigned l, unsigned d, unsigned n_cs, unsigned v)
{
    if (set == PRACH_UNRESTRICTED)
        return v * n_cs;
    restricted_t r = restricted(set, l, d, n_cs);
    int w = r.n_shift * r.n_group + r.n_shift1, i = (int)v, n = (int)n_cs;
    if (i < w)
        return (unsigned)(r.d_start * (i / r.n_shift) + i % r.n_shift * n);
    if (i < w + r.n_shift2)
        return (unsigned)(r.d_start2 + (i - w) * n);
    return (unsigned)(r.d_start3 + (i - w - r.n_shift2) * n);
}

int prach_plan(const prach_cfg_t *cfg, prach_plan_t *ret, phy_refusal_t *why)
{
    const prach_format_t *f = prach_format(cfg->format);
    if (!f)
        return phy_refuse(why, "format", cfg->format, "0..3, A1-A3, B1-B4, C0, C2");
    bool is_short = f->l_ra == 139;
    if (is_short && cfg->mu > 3)
        return phy_refuse(why, "mu", cfg->mu, "0..3");
    if (cfg->ul_mu > 3)
        return phy_refuse(why, "ul_mu", cfg->ul_mu, "0..3");
    if (cfg->root_sequence > f->l_ra - 2)
        return phy_refuse(why, "root_sequence", cfg->root_sequence, is_short ? "0..137" : "0..837");
    if (cfg->zero_correlation_zone > 15)
        return phy_refuse(why, "zero_correlation_zone", cfg->zero_correlation_zone, "0..15");
    if (cfg->restricted_set > (is_short ? 0 : PRACH_RESTRICTED_B))
        return phy_refuse(why, "restricted_set", cfg->restricted_set, is_short ? "0 (unrestricted)" : "0..2");
    if (cfg->n_rx > PRACH_MAX_RX)
        return phy_refuse(why, "n_rx", cfg->n_rx, "0..8");
    if (!(cfg->p_false_alarm >= 0 && cfg->p_false_alarm < 0.5f))
        return phy_refuse(why, "p_false_alarm", 0, "0..0.5");
    if (!(cfg->max_offset_hz >= 0 && cfg->max_offset_hz < 1e6f))
        return phy_refuse(why, "max_offset_hz", 0, "0..1e6");
    uint32_t scs = is_short ? 15000u << cfg->mu : cfg->format == PREAMBLE_3 ? 5000 : 1250;
    uint16_t n_cs = prach_n_cs(scs, cfg->restricted_set, cfg->zero_correlation_zone);
    if (n_cs == PRACH_NO_N_CS)
        return phy_refuse(why, "zero_correlation_zone", cfg->zero_correlation_zone,
                          "one that the restricted set has");
    prach_plan_t p = {.cfg = *cfg,
                      .l_ra = f->l_ra,
                      .n_cs = n_cs,
                      .n_repetitions = f->n_repetitions,
                      .scs_hz = scs,
                      .cp_kappa = is_short ? f->cp_kappa >> cfg->mu : f->cp_kappa};
    /* Increasing cyclic shift, then the next logical root, around the end: once over all roots at most. */
    for (unsigned i = 0; i < f->l_ra - 1u && p.n_preambles < PRACH_MAX_PREAMBLES; i++) {
        uint16_t logical = (uint16_t)((cfg->root_sequence + i) % (f->l_ra - 1u));
        uint16_t u = prach_physical_root(f->l_ra, logical), d_u = prach_d_u(f->l_ra, u);
        unsigned n = prach_n_shifts(cfg->restricted_set, f->l_ra, d_u, n_cs);
        if (!n)
            continue;
        p.u[p.n_roots] = u;
        p.d_u[p.n_roots] = d_u;
        for (unsigned v = 0; v < n && p.n_preambles < PRACH_MAX_PREAMBLES; v++)
            p.preamble[p.n_preambles++] = (prach_preamble_t){
                .root = p.n_roots, .c_v = (uint16_t)prach_shift(cfg->restricted_set, f->l_ra, d_u, n_cs, v)};
        p.n_roots++;
    }
    if (p.cfg.preamble_mask == 0)
        p.cfg.preamble_mask = ~0ull;
    if (p.cfg.p_false_alarm == 0)
        p.cfg.p_false_alarm = 0.0006f;
    if (p.cfg.max_offset_hz == 0)
        p.cfg.max_offset_hz = 400;
    *ret = p;
    return 0;
}

/* With k = u m mod L the transform of x_u is that of a Zadoff-Chu sequence again:
 *   sum_n exp(-j pi u n (n+1) / L) exp(-j 2 pi k n / L) = exp(+j pi u m (m+1) / L) x sum_n x_u(n),
 * and a cyclic shift is a phase ramp. All phases are whole multiples of 2 pi / L. */
void prach_sequence(const prach_plan_t *plan, unsigned preamble, cf_t *ret)
{
    unsigned l = plan->l_ra, u = plan->u[plan->preamble[preamble].root], c_v = plan->preamble[preamble].c_v;
    unsigned inverse = inverse_mod(u, l);
    double complex sum = 0;
    for (unsigned n = 0; n < l; n++)
        sum += cexp(-2 * PI * I * (double)((uint64_t)u * (n * (n + 1) / 2) % l) / l);
    sum /= sqrt(l);
    for (unsigned k = 0; k < l; k++) {
        uint64_t m = (uint64_t)inverse * k % l;
        uint64_t phase = (u * (m * (m + 1) / 2) + (uint64_t)k * c_v) % l;
        double complex y = sum * cexp(2 * PI * I * (double)phase / l);
        ret[k] = (cf_t){(float)creal(y), (float)cimag(y)};
    }
}
