/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/ofdm.h"

#include <math.h>
#include <string.h>

static cf_t polar(double turns)
{
    double a = 2 * M_PI * (turns - floor(turns));
    return (cf_t){(float)cos(a), (float)sin(a)};
}

static cf_t multiply(cf_t a, cf_t b)
{
    return (cf_t){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

int ofdm_plan(const phy_t *phy, const ofdm_cfg_t *cfg, ofdm_plan_t *ret, phy_refusal_t *why)
{
    if (cfg->mu > 4)
        return phy_refuse(why, "mu", cfg->mu, "0..4");
    /* 144 and 16 * 2^mu more for 2048 points must be whole samples. */
    const dft_plan_t *plan = cfg->n_fft % 128 ? NULL : dft_plan(phy, cfg->n_fft);
    if (!plan)
        return phy_refuse(why, "n_fft", cfg->n_fft, "a size of dft_plan, a multiple of 128");
    int64_t reach = (int64_t)cfg->n_sc / 2 + (cfg->k0 < 0 ? -(int64_t)cfg->k0 : cfg->k0);
    if (!cfg->n_sc || cfg->n_sc % 2 || cfg->n_sc > cfg->n_fft)
        return phy_refuse(why, "n_sc", cfg->n_sc, "even, at most n_fft");
    if (reach > cfg->n_fft / 2)
        return phy_refuse(why, "k0", cfg->k0, "subcarriers inside the sample rate");
    if (!(cfg->f0_hz >= 0 && cfg->f0_hz < 1e12))
        return phy_refuse(why, "f0_hz", (int64_t)(cfg->f0_hz < 0 ? -1 : 0), "0 or more");
    *ret = (ofdm_plan_t){.cfg = *cfg, .dft = plan, .n_symbols = 14u << cfg->mu};
    double rate = (double)cfg->n_fft * (15e3 * (1 << cfg->mu));
    uint32_t at = 0;
    for (unsigned l = 0; l < ret->n_symbols; l++) {
        uint32_t cp = cfg->n_fft / 128 * 9;
        if (l % (7u << cfg->mu) == 0)
            cp += cfg->n_fft * (1u << cfg->mu) / 128; /* 16 kappa, whatever the spacing */
        ret->cp[l] = cp;
        ret->start[l] = at;
        ret->phase[l] = polar(-cfg->f0_hz * ((at + cp) / rate));
        at += cp + cfg->n_fft;
    }
    ret->start[ret->n_symbols] = at;
    return 0;
}

unsigned ofdm_modulate(const ofdm_plan_t *p, unsigned l, const cf_t *re, cf_t *out, dft_work_t *work)
{
    unsigned n = p->cfg.n_fft, cp = p->cp[l];
    cf_t *x = out + cp;
    memset(x, 0, sizeof *x * n);
    cf_t factor = {p->phase[l].re / (float)n, p->phase[l].im / (float)n};
    for (unsigned k = 0; k < p->cfg.n_sc; k++) {
        unsigned bin = (unsigned)((int)k - (int)(p->cfg.n_sc / 2) + p->cfg.k0 + (int)n) % n;
        x[bin] = multiply(re[k], factor);
    }
    dft(p->dft, DFT_INVERSE, x, x, work);
    memcpy(out, x + n - cp, sizeof *x * cp);
    return cp + n;
}

void ofdm_demodulate(const ofdm_plan_t *p, unsigned l, unsigned early, const cf_t *in, cf_t *re,
                     dft_work_t *work)
{
    unsigned n = p->cfg.n_fft;
    cf_t x[DFT_MAX];
    dft(p->dft, DFT_FORWARD, in + p->cp[l] - early, x, work);
    cf_t phase = {p->phase[l].re, -p->phase[l].im};
    for (unsigned k = 0; k < p->cfg.n_sc; k++) {
        unsigned bin = (unsigned)((int)k - (int)(p->cfg.n_sc / 2) + p->cfg.k0 + (int)n) % n;
        cf_t v = multiply(x[bin], phase);
        if (early)
            v = multiply(v, polar((double)((uint64_t)bin * early % n) / n));
        re[k] = v;
    }
}
