/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/pusch/ptrs_track.h"

#include <math.h>

static cf_t multiply(cf_t a, cf_t b)
{
    return (cf_t){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

void ptrs_track(const phy_t *phy, const pusch_plan_t *plan, const cf_t *sym, float sinr, ptrs_track_t *ret)
{
    const unsigned n_groups = plan->cfg.ptrs_n_groups, n_samples = plan->cfg.ptrs_n_samples;
    cf_t ref[PUSCH_MAX_PTRS_SAMPLES], group[8] = {{0, 0}}, all = {0, 0};
    float energy = 0;
    *ret = (ptrs_track_t){.common = {1, 0}};
    pusch_ptrs_samples(phy, plan, ref);
    for (unsigned i = 0; i < plan->n_ptrs; i++) {
        const cf_t z = multiply(sym[plan->ptrs_sample[i]], (cf_t){ref[i].re, -ref[i].im});
        cf_t *g = &group[i / n_samples];
        *g = (cf_t){g->re + z.re, g->im + z.im};
        all = (cf_t){all.re + z.re, all.im + z.im};
        energy += ref[i].re * ref[i].re + ref[i].im * ref[i].im;
    }
    const float size = hypotf(all.re, all.im);
    if (!(size > 0 && size < 1e30f))
        return;
    ret->common = (cf_t){all.re / size, -all.im / size};
    /* What of the angles' variance is not noise stays: with 2 groups little is sure, with 8 a lot. */
    float variance = 0;
    for (unsigned g = 0; g < n_groups; g++) {
        const cf_t z = multiply(group[g], ret->common);
        const float a = atan2f(z.im, z.re);
        ret->angle[g] = a > -4 && a < 4 ? a : 0;
        variance += ret->angle[g] * ret->angle[g] / (float)n_groups;
    }
    const float noise = (float)(n_groups - 1) / (2 * sinr * energy);
    const float keep = variance > noise ? 1 - noise / variance : 0;
    ret->moves = keep > 0;
    for (unsigned g = 0; g < n_groups; g++)
        ret->angle[g] *= keep;
}

static float middle(const pusch_plan_t *plan, unsigned group)
{
    const unsigned n = plan->cfg.ptrs_n_samples;
    return (float)(plan->ptrs_sample[group * n] + plan->ptrs_sample[group * n + n - 1]) / 2;
}

void ptrs_untrack(const pusch_plan_t *plan, const ptrs_track_t *track, cf_t *sym)
{
    if (!track->moves) {
        for (unsigned m = 0; m < plan->n_sc; m++)
            sym[m] = multiply(sym[m], track->common);
        return;
    }
    const unsigned last = plan->cfg.ptrs_n_groups - 1;
    unsigned m = 0;
    for (unsigned g = 0; g <= last + 1; g++) { /* the piece before the middle of group g */
        const float end = g <= last ? middle(plan, g) : (float)plan->n_sc;
        const float from = g ? middle(plan, g - 1) : 0;
        const float slope = g && g <= last ? (track->angle[g] - track->angle[g - 1]) / (end - from) : 0;
        const float start = track->angle[g ? g - 1 : 0] + slope * ((float)m - from);
        const cf_t step = {cosf(slope), -sinf(slope)};
        cf_t now = multiply(track->common, (cf_t){cosf(start), -sinf(start)});
        for (; m < plan->n_sc && (float)m < end; m++, now = multiply(now, step))
            sym[m] = multiply(sym[m], now);
    }
}
