/* SPDX-License-Identifier: Apache-2.0 */
/* Receiver of PUCCH formats 2, 3 and 4.
 *
 * Estimation. Least squares at the DMRS; the delay that gathers most of their power is taken off, pilots are
 * averaged over a window and over the DMRS symbols of a hop, whose common phase turn (frequency offset) is
 * taken off first. The noise is what averaging removed; of format 4, where other UEs' DMRS lie on other
 * cyclic shifts of the same PRB, the power in the shifts that no UE can have.
 *
 * DTX. With noise alone the LLRs, seen as a vector of E values, point in a direction that knows nothing of
 * the code (the channel estimate comes from other REs). rho, the cosine between them and the decided code
 * word, is at least r by chance with probability at most (1 - r^2)^((E - 1) / 2) / max(2, r sqrt(2 pi (E -
 * 1))) for one code word, and 2^A times that for the best of all 2^A: detected when that is below
 * p_false_alarm. From 20 bits on the CRC11 alone is stricter (8 / 2048 for a list of 8) and decides. */
#include "lib/phy/ctrl/pucch_internal.h"

#include "lib/phy/signal/demap.h"
#include "lib/phy/signal/gold.h"
#include "lib/phy/signal/transform_precoding.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846f
#define FULL_SCALE (32767.0f * 32767.0f)
#define MAX_OFFSET_HZ 1000.0f
#define MAX_SC (12 * PUCCH_MAX_PRB)
#define MAX_RE (MAX_SC * PHY_SYMBOLS)

struct pucch_work {
    _Alignas(64) cf_t ls[PUCCH_MAX_RX][4][MAX_SC]; /* of one hop: [antenna][DMRS symbol][pilot] */
    _Alignas(64) cf_t h[2][PUCCH_MAX_RX][MAX_SC];  /* [hop][antenna][subcarrier] */
    _Alignas(64) cf_t smooth[MAX_SC];
    _Alignas(64) cf_t symbols[MAX_RE]; /* of modulation, equalised */
    _Alignas(64) float inv_noise[MAX_RE];
    _Alignas(64) int8_t llr[MAX_RE * 2], part[MAX_RE * 2];
    uint8_t coded[MAX_RE * 2 / 8 + 8];
    float turn[2];      /* phase turn a symbol, in each hop */
    float turn_from[2]; /* symbol that h is of */
    float noise[2], delay[2], gain[2], energy;
    dft_work_t dft;
    polar_work_t polar;
    uint8_t bits[UCI_MAX_BYTES + 8];
};

size_t pucch_work_size(void)
{
    return sizeof(struct pucch_work);
}

static float to_db(float x)
{
    return 10 * log10f(x > 1e-12f ? x : 1e-12f);
}

static cf_t times_conj(cf_t a, cf_t b)
{
    return (cf_t){a.re * b.re + a.im * b.im, a.im * b.re - a.re * b.im};
}

static float norm(cf_t a)
{
    return a.re * a.re + a.im * a.im;
}

/* x[i] *= exp(j step (i + first)) */
static void ramp(cf_t *x, unsigned n, float step, float first)
{
    cf_t r = {cosf(step * first), sinf(step * first)}, q = {cosf(step), sinf(step)};
    for (unsigned i = 0; i < n; i++) {
        cf_t y = x[i];
        x[i] = (cf_t){y.re * r.re - y.im * r.im, y.re * r.im + y.im * r.re};
        r = (cf_t){r.re * q.re - r.im * q.im, r.re * q.im + r.im * q.re};
    }
}

/* What neighbouring pilots say of the delay: sums of x[i + m] conj(x[i]), m 1..n. */
#define MAX_LAG 23
typedef struct {
    cf_t lag[MAX_LAG + 1];
    unsigned n;
} lags_t;

static void add_lags(lags_t *s, const cf_t *x, unsigned n)
{
    const unsigned most = n > 48 ? MAX_LAG / 2 : MAX_LAG; /* many pilots need fewer, and cost more */
    s->n = n - 1 < most ? n - 1 : most;
    for (unsigned m = 1; m <= s->n; m++)
        for (unsigned i = 0; i + m < n; i++) {
            cf_t t = times_conj(x[i + m], x[i]);
            s->lag[m].re += t.re;
            s->lag[m].im += t.im;
        }
}

/* All antennas and DMRS symbols of a hop. Format 4's pilots are summed by four first, over which the cyclic
 * shifts of other UEs vanish. */
static void add_hop(const pucch_plan_t *p, const struct pucch_work *w, unsigned n_dmrs, unsigned n, lags_t *s)
{
    for (unsigned a = 0; a < p->cfg.n_rx; a++)
        for (unsigned d = 0; d < n_dmrs; d++) {
            cf_t four[3] = {{0, 0}, {0, 0}, {0, 0}};
            if (p->cfg.format != 4) {
                add_lags(s, w->ls[a][d], n);
                continue;
            }
            for (unsigned k = 0; k < 12; k++) {
                four[k / 4].re += w->ls[a][d][k].re;
                four[k / 4].im += w->ls[a][d][k].im;
            }
            add_lags(s, four, 3);
        }
}

/* Power that a turn of `step` from one to the next gathers, less what does not depend on it. */
static float gathered(const lags_t *s, float step)
{
    cf_t r = {1, 0}, q = {cosf(step), -sinf(step)};
    float sum = 0;
    for (unsigned m = 1; m <= s->n; m++) {
        r = (cf_t){r.re * q.re - r.im * q.im, r.re * q.im + r.im * q.re};
        sum += s->lag[m].re * r.re - s->lag[m].im * r.im;
    }
    return sum;
}

/* The turn from pilot to pilot that gathers most, for a delay within a cyclic prefix, early or late: noise
 * that is stronger than a pilot cannot lead it astray as it does the angle of the first lag alone. `per`:
 * subcarriers from one pilot to the next. */
static float pilot_turn(const lags_t *s, unsigned per)
{
    enum { HALF = 16 };
    const float grid = 2 * PI * 144 / 2048 * (float)per / HALF;
    float at[2 * HALF + 1];
    int best = -HALF;
    for (int i = -HALF; i <= HALF; i++) {
        at[i + HALF] = gathered(s, grid * (float)i);
        if (at[i + HALF] > at[best + HALF])
            best = i;
    }
    if (best == -HALF || best == HALF)
        return grid * (float)best;
    float left = at[best + HALF - 1], top = at[best + HALF], right = at[best + HALF + 1];
    float bend = left - 2 * top + right, shift = bend < 0 ? 0.5f * (left - right) / bend : 0;
    shift = shift > -1 ? shift < 1 ? shift : 1 : -1;
    return grid * ((float)best + shift);
}

/* Phase turn a symbol between the DMRS symbols at[] of a hop. */
static float symbol_turn(const pucch_plan_t *p, const struct pucch_work *w, unsigned n_dmrs,
                         const unsigned *at, unsigned n)
{
    cf_t s = {0, 0};
    for (unsigned a = 0; a < p->cfg.n_rx && n_dmrs > 1; a++)
        for (unsigned d = 0; d + 1 < n_dmrs; d++)
            for (unsigned k = 0; k < n; k += p->cfg.format == 4 ? 12 : 1) {
                cf_t x = w->ls[a][d][k], y = w->ls[a][d + 1][k];
                if (p->cfg.format == 4) {
                    x = y = (cf_t){0, 0};
                    for (unsigned i = 0; i < 12; i++) {
                        x.re += w->ls[a][d][i].re;
                        x.im += w->ls[a][d][i].im;
                        y.re += w->ls[a][d + 1][i].re;
                        y.im += w->ls[a][d + 1][i].im;
                    }
                }
                cf_t t = times_conj(y, x);
                s.re += t.re;
                s.im += t.im;
            }
    float turn = n_dmrs > 1 && norm(s) > 0 ? atan2f(s.im, s.re) / (float)(at[1] - at[0]) : 0;
    /* A symbol takes 1 / (14 x 2^mu) ms; more offset than this no UE in step has. */
    const float most = 2 * PI * MAX_OFFSET_HZ * 1e-3f / 14 / (float)(1u << p->cfg.mu);
    return turn > most ? most : turn < -most ? -most : turn;
}

/* Noise of format 4: cyclic shifts that none of the N_SF UEs has. x: pilots, this UE's shift taken off. */
static float unused_shifts(const cf_t *x, unsigned n_sf)
{
    float e = 0;
    unsigned n = 0;
    for (unsigned c = 1; c < 12; c++) {
        if (c % (12 / n_sf) == 0)
            continue;
        cf_t s = {0, 0};
        for (unsigned k = 0; k < 12; k++) {
            float a = -2 * PI * (float)(c * k % 12) / 12, co = cosf(a), si = sinf(a);
            s.re += x[k].re * co - x[k].im * si;
            s.im += x[k].re * si + x[k].im * co;
        }
        e += norm(s) / 12;
        n++;
    }
    return e / (float)n;
}

/* From w->ls to w->h, noise, delay of a hop. n pilots, `per` subcarriers apart, the first at `offset`. */
static void estimate(const pucch_plan_t *p, struct pucch_work *w, unsigned hop, unsigned n_dmrs,
                     const unsigned *at, unsigned n, unsigned per, unsigned offset, float step)
{
    unsigned n_rx = p->cfg.n_rx, m_sc = 12u * p->cfg.n_prb, half;
    float turn = symbol_turn(p, w, n_dmrs, at, n);
    half = p->cfg.format == 4 ? 12 : p->cfg.format == 2 ? 4 : 11;
    float noise = 0, gain = 0, weight = 0;
    for (unsigned a = 0; a < n_rx; a++) {
        for (unsigned d = 0; d < n_dmrs; d++) {
            float back = -turn * (float)(at[d] - at[0]);
            cf_t r = {cosf(back), sinf(back)};
            for (unsigned k = 0; k < n; k++) {
                cf_t x = w->ls[a][d][k];
                w->ls[a][d][k] = (cf_t){x.re * r.re - x.im * r.im, x.re * r.im + x.im * r.re};
            }
            ramp(w->ls[a][d], n, -step, 0);
            if (p->cfg.format == 4) {
                noise += unused_shifts(w->ls[a][d], p->cfg.occ_length);
                weight += 1;
            }
        }
        /* prefix sums of the mean over DMRS symbols */
        cf_t sum[MAX_SC + 1];
        sum[0] = (cf_t){0, 0};
        for (unsigned k = 0; k < n; k++) {
            cf_t m = {0, 0};
            for (unsigned d = 0; d < n_dmrs; d++) {
                m.re += w->ls[a][d][k].re;
                m.im += w->ls[a][d][k].im;
            }
            sum[k + 1] = (cf_t){sum[k].re + m.re / (float)n_dmrs, sum[k].im + m.im / (float)n_dmrs};
        }
        for (unsigned k = 0; k < n; k++) {
            unsigned first = k > half ? k - half : 0, end = k + half + 1 < n ? k + half + 1 : n;
            float g = 1 / (float)(end - first);
            w->smooth[k] = (cf_t){(sum[end].re - sum[first].re) * g, (sum[end].im - sum[first].im) * g};
            gain += norm(w->smooth[k]);
            if (p->cfg.format != 4) {
                for (unsigned d = 0; d < n_dmrs; d++) {
                    cf_t e = {w->ls[a][d][k].re - w->smooth[k].re, w->ls[a][d][k].im - w->smooth[k].im};
                    noise += norm(e);
                }
                weight += (float)n_dmrs - g;
            }
        }
        /* Between pilots the nearest two, the turn put back on. */
        for (unsigned sc = 0; sc < m_sc; sc++) {
            float x = ((float)sc - (float)offset) / (float)per;
            x = x > 0 ? x : 0;
            unsigned i = (unsigned)x;
            if (i + 1 >= n)
                i = n - 2;
            float f = x - (float)i;
            f = f < 1 ? f : 1;
            cf_t y = w->smooth[i], z = w->smooth[i + 1];
            w->h[hop][a][sc] = (cf_t){y.re + (z.re - y.re) * f, y.im + (z.im - y.im) * f};
        }
        ramp(w->h[hop][a], m_sc, step / (float)per, -(float)offset);
    }
    w->noise[hop] = noise / weight;
    w->gain[hop] = gain / (float)(n * n_rx);
    w->delay[hop] = -step / (float)per / (2 * PI * 15000.0f * (float)(1u << p->cfg.mu)) * 1e9f;
    w->turn[hop] = turn;
    w->turn_from[hop] = (float)at[0];
}

/* Least squares of one DMRS symbol: y conj(r). */
static void pilots(const pucch_plan_t *p, const phy_grid_t *grid, struct pucch_work *w, unsigned l,
                   unsigned d, const cf_t *r, unsigned n, unsigned per, unsigned offset)
{
    for (unsigned a = 0; a < p->cfg.n_rx; a++) {
        const ci16_t *y = phy_grid_symbol(grid, a, l) + 12u * p->hop_prb[pucch_hop_of(p, l)] + offset;
        for (unsigned k = 0; k < n; k++)
            w->ls[a][d][k] = times_conj((cf_t){(float)y[per * k].re, (float)y[per * k].im}, r[k]);
    }
}

/* Least squares of all DMRS symbols of a hop; at[]: which they are. Returns how many. */
static unsigned hop_pilots(const phy_t *phy, const pucch_plan_t *p, const phy_grid_t *grid,
                           struct pucch_work *w, unsigned hop, unsigned at[4])
{
    bool f2 = p->cfg.format == 2;
    unsigned n_dmrs = 0, l = p->cfg.start_symbol + (hop ? p->hop_symbols[0] : 0u);
    for (unsigned end = l + p->hop_symbols[hop]; l < end; l++) {
        if (!(p->dmrs_mask >> l & 1))
            continue;
        cf_t r[MAX_SC];
        if (f2)
            pucch_f2_dmrs(phy, p, l, r);
        else
            pucch_f34_dmrs(p, l, r);
        at[n_dmrs] = l;
        pilots(p, grid, w, l, n_dmrs++, r, f2 ? 4u * p->cfg.n_prb : 12u * p->cfg.n_prb, f2 ? 3 : 1, f2);
    }
    return n_dmrs;
}

static void estimate_hops(const phy_t *phy, const pucch_plan_t *p, const phy_grid_t *grid,
                          struct pucch_work *w)
{
    bool f2 = p->cfg.format == 2, f4 = p->cfg.format == 4;
    unsigned n = (f2 ? 4u : 12u) * p->cfg.n_prb, per = f2 ? 3 : 1;
    lags_t lags = {.n = 0};
    /* One UE, one delay: both hops tell it. */
    for (unsigned h = 0; h < p->n_hops; h++) {
        unsigned at[4] = {0};
        add_hop(p, w, hop_pilots(phy, p, grid, w, h, at), n, &lags);
    }
    float step = pilot_turn(&lags, f4 ? 4 : per) / (f4 ? 4 : 1);
    for (unsigned h = 0; h < p->n_hops; h++) {
        unsigned at[4] = {0}, n_dmrs = hop_pilots(phy, p, grid, w, h, at);
        estimate(p, w, h, n_dmrs, at, n, per, f2, step);
    }
}

/* MRC over antennas: sum conj(h) y and sum |h|^2 of subcarrier k. */
static void combine(const pucch_plan_t *p, const phy_grid_t *grid, struct pucch_work *w, unsigned l, cf_t *z,
                    float *g)
{
    unsigned hop = pucch_hop_of(p, l), m_sc = 12u * p->cfg.n_prb;
    float turn = w->turn[hop] * ((float)l - w->turn_from[hop]);
    cf_t r = {cosf(turn), sinf(turn)};
    memset(z, 0, m_sc * sizeof *z);
    memset(g, 0, m_sc * sizeof *g);
    for (unsigned a = 0; a < p->cfg.n_rx; a++) {
        const ci16_t *y = phy_grid_symbol(grid, a, l) + 12u * p->hop_prb[hop];
        const cf_t *h = w->h[hop][a];
        float energy = 0;
        for (unsigned k = 0; k < m_sc; k++) {
            float re = (float)y[k].re, im = (float)y[k].im;
            energy += re * re + im * im;
            z[k].re += re * h[k].re + im * h[k].im;
            z[k].im += im * h[k].re - re * h[k].im;
            g[k] += h[k].re * h[k].re + h[k].im * h[k].im;
        }
        w->energy += energy;
    }
    for (unsigned k = 0; k < m_sc; k++)
        z[k] = times_conj(z[k], r);
}

static void equalize_f2(const pucch_plan_t *p, const phy_grid_t *grid, struct pucch_work *w)
{
    cf_t z[MAX_SC];
    float g[MAX_SC];
    unsigned at = 0;
    for (unsigned l = p->cfg.start_symbol; l < (unsigned)p->cfg.start_symbol + p->cfg.n_symbols; l++) {
        combine(p, grid, w, l, z, g);
        float inv = 1 / (w->noise[pucch_hop_of(p, l)] + 1e-3f);
        for (unsigned k = 0; k < 12u * p->cfg.n_prb; k++) {
            if (k % 3 == 1)
                continue;
            float s = 1 / (g[k] + 1e-9f);
            w->symbols[at] = (cf_t){z[k].re * s, z[k].im * s};
            w->inv_noise[at++] = g[k] * inv;
        }
    }
}

/* MMSE per subcarrier, inverse DFT, then format 4's despreading. With beta the mean of g / (g + noise), a
 * symbol comes out as beta d + noise of variance beta (1 - beta). */
static void equalize_f34(const phy_t *phy, const pucch_plan_t *p, const phy_grid_t *grid,
                         struct pucch_work *w)
{
    static const cf_t turn[4] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    cf_t z[MAX_SC];
    float g[MAX_SC];
    unsigned m_sc = 12u * p->cfg.n_prb, at = 0;
    for (unsigned l = p->cfg.start_symbol; l < (unsigned)p->cfg.start_symbol + p->cfg.n_symbols; l++) {
        if (!(p->data_mask >> l & 1))
            continue;
        combine(p, grid, w, l, z, g);
        float noise = w->noise[pucch_hop_of(p, l)] + 1e-3f, beta = 0;
        for (unsigned k = 0; k < m_sc; k++) {
            float s = 1 / (g[k] + noise);
            beta += g[k] * s;
            z[k] = (cf_t){z[k].re * s, z[k].im * s};
        }
        beta /= (float)m_sc;
        beta = beta > 1e-6f ? (beta < 1 - 1e-6f ? beta : 1 - 1e-6f) : 1e-6f;
        transform_deprecode(phy, m_sc, 1, z, z, &w->dft);
        float scale = 1 / beta, inv = beta / (1 - beta);
        unsigned n = m_sc;
        if (p->cfg.format == 4) {
            unsigned n_sf = p->cfg.occ_length;
            n = 12 / n_sf;
            for (unsigned k = 0; k < 12; k++) {
                cf_t t = times_conj(z[k], turn[pucch_f4_phi(n_sf, p->cfg.occ_index, k)]);
                z[k % n].re = k < n ? t.re : z[k % n].re + t.re;
                z[k % n].im = k < n ? t.im : z[k % n].im + t.im;
            }
            scale /= (float)n_sf;
            inv *= (float)n_sf;
        }
        for (unsigned k = 0; k < n; k++) {
            w->symbols[at] = (cf_t){z[k].re * scale, z[k].im * scale};
            w->inv_noise[at++] = inv;
        }
    }
}

/* The cosine between LLRs and code word, and whether noise would do as well: see the top. */
static bool stands_out(const pucch_plan_t *p, unsigned a_bits, const int8_t *llr, const uint8_t *coded,
                       uint32_t e, float *ret_metric)
{
    int32_t corr = 0, energy = 0;
    for (uint32_t i = 0; i < e; i++) {
        int x = llr[i];
        corr += coded[i / 8] >> (7 - i % 8) & 1 ? -x : x;
        energy += x * x;
    }
    float rho2 = corr > 0 && energy ? (float)corr * (float)corr / ((float)energy * (float)e) : 0;
    rho2 = rho2 < 1 - 1e-6f ? rho2 : 1 - 1e-6f;
    float limit = logf(p->cfg.p_false_alarm);
    float tail = sqrtf(rho2 * 2 * PI * ((float)e - 1));
    float chance =
        0.69314718f * (float)a_bits + 0.5f * ((float)e - 1) * log1pf(-rho2) - logf(tail > 2 ? tail : 2);
    *ret_metric = chance / limit;
    return a_bits >= 20 ? corr > 0 : chance < limit;
}

static void decode_part(const phy_t *phy, const pucch_plan_t *p, unsigned a_bits, const int8_t *llr,
                        uint32_t e, struct pucch_work *w, uint8_t *bits, pucch_result_t *r,
                        bool *ret_detected)
{
    uci_plan_t code;
    uci_result_t result = {0};
    if (uci_plan(&(uci_cfg_t){.a_bits = (uint16_t)a_bits, .e_bits = e, .qm = p->qm}, &code, NULL)) {
        r->crc_ok = *ret_detected = false;
        return;
    }
    memset(w->bits, 0, sizeof w->bits);
    uci_decode(phy, &code, llr, &w->polar, w->bits, &result);
    r->crc_ok = result.ok;
    r->has_crc = code.crc_bits > 0;
    uci_encode(phy, &code, w->bits, w->coded);
    bool out = stands_out(p, a_bits, llr, w->coded, e, &r->metric);
    *ret_detected = result.ok && out;
    memcpy(bits, w->bits, (a_bits + 7) / 8);
}

/* LLRs of the first (part 0) or second part, gathered from w->llr into w->part: 38.212 6.3.1.6. */
static void gather(const pucch_plan_t *p, struct pucch_work *w, unsigned part)
{
    uint16_t of_part1[14];
    pucch_part1_symbols(p, of_part1);
    unsigned n_data = (unsigned)__builtin_popcount(p->data_mask), per = p->n_re / n_data * p->qm, n = 0;
    for (unsigned i = 0; i < n_data; i++) {
        unsigned split = (unsigned)of_part1[i] * p->qm;
        for (unsigned k = part ? split : 0; k < (part ? per : split); k++)
            w->part[n++] = w->llr[i * per + k];
    }
}

void pucch_decode(const phy_t *phy, const pucch_plan_t *plan, const phy_grid_t *grid, pucch_work_t *w,
                  pucch_result_t *ret)
{
    const pucch_cfg_t *c = &plan->cfg;
    *ret = (pucch_result_t){.n_uci = plan->n_uci};
    w->energy = 0;
    estimate_hops(phy, plan, grid, w);
    if (c->format == 2)
        equalize_f2(plan, grid, w);
    else
        equalize_f34(phy, plan, grid, w);
    demap(phy, plan->qm, w->symbols, w->inv_noise, plan->n_re, w->llr);
    gold_t g;
    gold_init(phy, &g, (((uint32_t)c->rnti << 15) + c->n_id) & 0x7fffffff, 0);
    gold_flip_llr(&g, w->llr, plan->e_bits);
    const int8_t *llr = w->llr;
    if (c->csi2) {
        gather(plan, w, 0);
        llr = w->part;
    }
    decode_part(phy, plan, plan->n_uci, llr, plan->e_part1, w, ret->uci, ret, &ret->detected);
    float noise = 0, gain = 0, delay = 0, weight = 0;
    for (unsigned h = 0; h < plan->n_hops; h++) {
        noise += w->noise[h] / (float)plan->n_hops;
        gain += w->gain[h] / (float)plan->n_hops;
        delay += w->delay[h] * w->gain[h];
        weight += w->gain[h];
    }
    unsigned n_symbols = c->format == 2 ? c->n_symbols : (unsigned)__builtin_popcount(plan->data_mask);
    ret->noise_dbfs = to_db(noise / FULL_SCALE);
    ret->rsrp_dbfs = to_db(gain / FULL_SCALE);
    ret->sinr_db = to_db(gain * (float)c->n_rx / (noise > gain * 1e-5f ? noise : gain * 1e-5f + 1e-3f));
    ret->rssi_dbfs = to_db(w->energy / (float)(12u * c->n_prb * n_symbols * c->n_rx) / FULL_SCALE);
    ret->ta_ns = ret->detected && weight > 0 ? delay / weight : 0;
}

int pucch_decode_csi2(const phy_t *phy, const pucch_plan_t *plan, uint16_t n_csi2, pucch_work_t *w,
                      pucch_result_t *ret, phy_refusal_t *why)
{
    if (!plan->cfg.csi2)
        return phy_refuse(why, "csi2", 0, "a plan with a second part");
    if (n_csi2 < 1 || n_csi2 > PUCCH_MAX_UCI_BITS)
        return phy_refuse(why, "n_csi2", n_csi2, "1..1706");
    uint16_t coded_bits = n_csi2 < 3 ? 3 : n_csi2; /* filled up with zeros */
    uci_plan_t code;
    if (uci_plan(&(uci_cfg_t){.a_bits = coded_bits, .e_bits = plan->e_bits - plan->e_part1, .qm = plan->qm},
                 &code, NULL))
        return phy_refuse(why, "n_csi2", n_csi2, "a code rate that the rest of the resource can carry");
    gather(plan, w, 1);
    pucch_result_t second = {0};
    bool detected;
    decode_part(phy, plan, coded_bits, w->part, plan->e_bits - plan->e_part1, w, second.uci, &second,
                &detected);
    memcpy(ret->csi2, second.uci, (n_csi2 + 7u) / 8u);
    ret->n_csi2 = n_csi2;
    ret->crc_ok = ret->crc_ok && second.crc_ok;
    return 0;
}
