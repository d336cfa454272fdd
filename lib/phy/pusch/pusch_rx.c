/* SPDX-License-Identifier: Apache-2.0 */
/* The PUSCH receiver's steps up to LLRs, and the way through all of them; UCI and UL-SCH are in
 * pusch_rx_bits.c. */
#include "lib/phy/pusch/ptrs_track.h"
#include "lib/phy/pusch/pusch_rx.h"
#include "lib/phy/signal/demap.h"
#include "lib/phy/signal/gold.h"
#include "lib/phy/signal/transform_precoding.h"

#include <math.h>
#include <string.h>

size_t pusch_work_bytes(void)
{
    return (sizeof(pusch_work_t) + PHY_ALIGN - 1) / PHY_ALIGN * PHY_ALIGN;
}

/* ---- memory ---- */

static size_t aligned(size_t n)
{
    return (n + PHY_ALIGN - 1) / PHY_ALIGN * PHY_ALIGN;
}

static size_t filter_floats(const pusch_plan_t *plan)
{
    return (size_t)plan->cfg.n_layers * plan->cfg.n_rx * 2 * plan->hop[0].chest.stride;
}

/* In the demapper's order, with room for what kernels write behind. */
static size_t noise_floats(const pusch_plan_t *plan)
{
    return (size_t)plan->cfg.n_layers * (plan->hop[0].chest.stride + 16);
}

size_t pusch_rx_bytes(const pusch_plan_t *plan)
{
    size_t n = aligned(plan->g_bits + PHY_ALIGN);
    for (unsigned h = 0; h < plan->n_hops; h++)
        n += chest_bytes(&plan->hop[h].chest) + aligned(filter_floats(plan) * sizeof(float)) +
             aligned(noise_floats(plan) * sizeof(float));
    if (plan->ulsch.has_uci)
        n += aligned(plan->g_bits + PHY_ALIGN) + aligned(plan->g_bits / 8 + PHY_ALIGN);
    return n;
}

void pusch_rx_begin(pusch_rx_t *rx, const pusch_plan_t *plan, const phy_grid_t *grid, sch_rx_cb_t *cb,
                    void *memory)
{
    uint8_t *m = memory;
    memset(rx, 0, sizeof *rx);
    rx->plan = plan;
    rx->grid = *grid;
    rx->cb = cb;
    rx->sch = plan->sch;
    rx->llr = rx->sch_llr = (int8_t *)m;
    m += aligned(plan->g_bits + PHY_ALIGN);
    for (unsigned h = 0; h < plan->n_hops; h++) {
        chest_begin(&rx->chest[h], &plan->hop[h].chest, m);
        m += chest_bytes(&plan->hop[h].chest);
        rx->g[h] = (float *)(void *)m;
        m += aligned(filter_floats(plan) * sizeof(float));
        rx->inv_noise[h] = (float *)(void *)m;
        m += aligned(noise_floats(plan) * sizeof(float));
    }
    if (plan->ulsch.has_uci) {
        rx->ulsch = plan->ulsch;
        rx->sch_llr = (int8_t *)m;
        rx->scrambling = m + aligned(plan->g_bits + PHY_ALIGN);
    }
}

/* ---- channel ---- */

static eq_shape_t shape_of(const pusch_plan_t *plan)
{
    return (eq_shape_t){.kind = plan->cfg.equalizer,
                        .biased = plan->cfg.transform_precoding,
                        .n_layers = plan->cfg.n_layers,
                        .n_rx = plan->cfg.n_rx,
                        .n_sc = plan->n_sc,
                        .stride = plan->hop[0].chest.stride};
}

static void make_filter(const phy_t *phy, const pusch_plan_t *plan, const chest_t *chest, unsigned symbol,
                        pusch_work_t *work, float *g, float *inv_noise)
{
    const eq_shape_t shape = shape_of(plan);
    rx_filter(phy, &shape, chest, symbol, plan->cfg.irc_prbs, &work->filter, g, inv_noise);
}

/* A DMRS whose magnitude differs from subcarrier to subcarrier: r -> r / |r|^2, so that pilots times its
 * conjugate are the channel, but no more than r / 0.15 where the sequence is faint: those pilots would be
 * noise. Returns the mean |r|^2 of it, what it does to noise. */
static double invert_reference(cf_t *r, unsigned n)
{
    double sum = 0;
    for (unsigned i = 0; i < n; i++) {
        const float power = r[i].re * r[i].re + r[i].im * r[i].im, d = power > 0.15f ? power : 0.15f;
        r[i] = (cf_t){r[i].re / d, r[i].im / d};
        sum += (double)(power / (d * d));
    }
    return sum / n;
}

void pusch_rx_dmrs(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, unsigned hop)
{
    const pusch_plan_t *plan = rx->plan;
    const chest_plan_t *e = &plan->hop[hop].chest;
    chest_t *chest = &rx->chest[hop];
    double gain = 0;
    for (unsigned i = 0; i < e->cfg.n_occasions; i++)
        for (unsigned s = 0; s < e->cfg.dmrs_length; s++) {
            pusch_dmrs(phy, plan, e->cfg.symbol[i] + s, &work->dft, work->dmrs);
            if (plan->cfg.low_papr_type2)
                gain += invert_reference(work->dmrs, e->n_re);
            chest_symbol(phy, chest, &rx->grid, i, s,
                         (const cf_t *const[]){work->dmrs, work->dmrs, work->dmrs});
        }
    if (plan->cfg.low_papr_type2)
        chest->noise_gain = (float)(gain / (e->cfg.n_occasions * e->cfg.dmrs_length));
    chest_finish(phy, chest, &work->chest);
    if (chest->steady)
        make_filter(phy, plan, chest, e->cfg.symbol[0], work, rx->g[hop], rx->inv_noise[hop]);
}

/* ---- symbols ---- */

/* The last symbol up to this one, of its hop, that holds PTRS; PHY_SYMBOLS: none. The hop's only DMRS between
 * them is nearer: its phase is the channel's. */
static unsigned last_ptrs(const pusch_plan_t *plan, unsigned symbol)
{
    const unsigned hop = plan->symbol[symbol].hop;
    const bool one = plan->hop[hop].chest.cfg.n_occasions == 1;
    for (unsigned at = symbol + 1; at-- > 0 && plan->symbol[at].hop == hop;) {
        if (plan->symbol[at].ptrs)
            return at;
        if (one && plan->symbol[at].dmrs)
            break;
    }
    return PHY_SYMBOLS;
}

/* The phase that PTRS of a port show at symbol `at` against the channel estimate, as a factor that undoes it.
 * Nothing but the PTRS of one layer is sent on its REs. */
static cf_t ptrs_phase(const phy_t *phy, const pusch_rx_t *rx, unsigned port, unsigned at, cf_t *ref)
{
    const pusch_plan_t *plan = rx->plan;
    const unsigned hop = plan->symbol[at].hop, step = 12u * plan->cfg.ptrs_freq_density;
    const chest_plan_t *e = &plan->hop[hop].chest;
    const pusch_ptrs_t *ptrs = &plan->ptrs[port];
    pusch_ptrs(phy, plan, port, hop, ref);
    rx_pilot_t pilot[PHY_MAX_PRB / 2 + 1];
    unsigned q0 = 0, r = 0;
    for (unsigned i = 0, k = ptrs->first; i < ptrs->n; i++, k += step) {
        while (k / 12 >= q0 + e->cfg.run[r].n_prb)
            q0 += e->cfg.run[r++].n_prb;
        pilot[i] = (rx_pilot_t){(uint16_t)(12u * e->cfg.run[r].prb_start + k - 12 * q0), (uint16_t)k, ref[i]};
    }
    return rx_pilot_phase(&rx->chest[hop], &rx->grid, at, ptrs->layer, pilot, ptrs->n);
}

/* Keeps the data REs of a symbol with other ones. Symbols and noise of a RE's layers stay together. */
static void keep_data(const pusch_plan_t *plan, unsigned symbol, cf_t *sym, const float *inv, float *out_inv)
{
    const unsigned n = plan->cfg.n_layers, step = 12u * plan->cfg.ptrs_freq_density;
    const unsigned mask = plan->symbol[symbol].re_mask;
    unsigned next[2] = {plan->n_sc, plan->n_sc};
    for (unsigned i = 0; plan->symbol[symbol].ptrs && i < plan->n_ptrs_ports; i++)
        next[i] = plan->ptrs[i].first;
    size_t to = 0;
    for (unsigned k = 0; k < plan->n_sc; k++) {
        if (k == next[0] || k == next[1]) {
            next[k == next[1]] += step;
            continue;
        }
        if (!(mask >> k % 12 & 1))
            continue;
        for (unsigned l = 0; l < n; l++, to++) {
            sym[to] = sym[(size_t)k * n + l];
            out_inv[to] = inv[(size_t)k * n + l];
        }
    }
}

/* Undoes transform precoding of biased MMSE symbols: their gain becomes one, that of the mean. Returns the
 * SINR of every symbol. */
static float despread_symbols(const phy_t *phy, const pusch_plan_t *plan, pusch_work_t *work,
                              const float *inv)
{
    const unsigned n = plan->n_sc;
    float sum = 0;
    for (unsigned k = 0; k < n; k++)
        sum += inv[k] / (1 + inv[k]);
    float gain = sum / (float)n;
    gain = gain > 1e-4f ? gain < 1 - 1e-7f ? gain : 1 - 1e-7f : 1e-4f;
    transform_deprecode(phy, n, 1, work->sym, work->sym, &work->dft);
    cf_scale(work->sym, n, 1 / gain);
    return gain / (1 - gain);
}

/* A symbol through its hop's filter into work->sym, all subcarriers. Returns the SINRs of its symbols. */
static const float *filter_symbol(const phy_t *phy, const pusch_rx_t *rx, pusch_work_t *work, unsigned symbol,
                                  cf_t turn)
{
    const pusch_plan_t *plan = rx->plan;
    const unsigned hop = plan->symbol[symbol].hop;
    const chest_plan_t *e = &plan->hop[hop].chest;
    const chest_t *chest = &rx->chest[hop];
    const eq_shape_t shape = shape_of(plan);
    const float *g = rx->g[hop], *inv = rx->inv_noise[hop];
    if (!chest->steady) {
        make_filter(phy, plan, chest, symbol, work, work->g, work->ordered);
        g = work->g;
        inv = work->ordered;
    }
    const cf_t c = chest->rotation[symbol];
    const cf_t rotation = {c.re * turn.re - c.im * turn.im, c.re * turn.im + c.im * turn.re};
    unsigned at = 0;
    for (unsigned r = 0; r < e->cfg.n_runs; r++) {
        const ci16_t *rows[PHY_MAX_PORTS];
        for (unsigned a = 0; a < shape.n_rx; a++)
            rows[a] = phy_grid_symbol(&rx->grid, a, symbol) + 12 * e->cfg.run[r].prb_start;
        eq_apply(phy, &shape, g, at, 12u * e->cfg.run[r].n_prb, rows, rotation,
                 work->sym + (size_t)at * plan->cfg.n_layers);
        at += 12u * e->cfg.run[r].n_prb;
    }
    return inv;
}

/* CP-OFDM: equalised, without PTRS and DMRS REs. Returns the SINRs. */
static const float *receive_ofdm(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, unsigned symbol)
{
    const pusch_plan_t *plan = rx->plan;
    const unsigned n_layers = plan->cfg.n_layers, at = plan->n_ptrs ? last_ptrs(plan, symbol) : PHY_SYMBOLS;
    cf_t phase[2] = {{1, 0}, {1, 0}};
    for (unsigned i = 0; at < PHY_SYMBOLS && i < plan->n_ptrs_ports; i++)
        phase[i] = ptrs_phase(phy, rx, i, at, work->dmrs);
    const float *inv = filter_symbol(phy, rx, work, symbol, phase[0]);
    if (plan->n_ptrs_ports == 2) {
        /* Layers with the other port's phase. */
        const cf_t q = {phase[1].re * phase[0].re + phase[1].im * phase[0].im,
                        phase[1].im * phase[0].re - phase[1].re * phase[0].im};
        for (unsigned l = 0; l < n_layers; l++)
            for (size_t k = l; plan->cfg.ptrs_second_layers >> l & 1 && k < (size_t)plan->n_sc * n_layers;
                 k += n_layers) {
                const cf_t x = work->sym[k];
                work->sym[k] = (cf_t){x.re * q.re - x.im * q.im, x.re * q.im + x.im * q.re};
            }
    }
    if (plan->symbol[symbol].n_re == plan->n_sc)
        return inv;
    keep_data(plan, symbol, work->sym, inv, work->inv);
    return work->inv;
}

/* DFT-s-OFDM: despread, without PTRS. Returns the SINRs. */
static const float *receive_spread(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, unsigned symbol)
{
    const pusch_plan_t *plan = rx->plan;
    const unsigned at = plan->n_ptrs ? last_ptrs(plan, symbol) : PHY_SYMBOLS;
    ptrs_track_t track;
    cf_t turn = {1, 0};
    float sinr;
    if (at < symbol) { /* the common phase of a symbol before */
        sinr = despread_symbols(phy, plan, work, filter_symbol(phy, rx, work, at, turn));
        ptrs_track(phy, plan, work->sym, sinr, &track);
        turn = track.common;
    }
    sinr = despread_symbols(phy, plan, work, filter_symbol(phy, rx, work, symbol, turn));
    if (at == symbol) {
        ptrs_track(phy, plan, work->sym, sinr, &track);
        ptrs_untrack(plan, &track, work->sym);
        unsigned to = 0;
        for (unsigned m = 0, i = 0; m < plan->n_sc; m++)
            if (i < plan->n_ptrs && plan->ptrs_sample[i] == m)
                i++;
            else
                work->sym[to++] = work->sym[m];
    }
    for (unsigned k = 0; k < plan->symbol[symbol].n_re; k++)
        work->inv[k] = sinr;
    return work->inv;
}

void pusch_rx_symbol(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, unsigned symbol)
{
    const pusch_plan_t *plan = rx->plan;
    const unsigned n_re = plan->symbol[symbol].n_re;
    if (n_re == 0)
        return;
    const float *inv = plan->cfg.transform_precoding ? receive_spread(phy, rx, work, symbol)
                                                     : receive_ofdm(phy, rx, work, symbol);
    const size_t n = (size_t)n_re * plan->cfg.n_layers;
    int8_t *llr = rx->llr + plan->symbol[symbol].bit;
    demap(phy, plan->cfg.qm, work->sym, inv, n, llr);
    gold_t c;
    gold_init(phy, &c, plan->c_init, plan->symbol[symbol].bit);
    gold_flip_llr(&c, llr, n * plan->cfg.qm);
    float sum = 0, count = 0;
    for (size_t i = 0; i < n; i += 13, count += 1)
        sum += 1 / (inv[i] > 1e-4f ? inv[i] : 1e-4f);
    rx->noise_sum[symbol] = sum;
    rx->noise_n[symbol] = count;
}

const pusch_result_t *pusch_rx(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, const pusch_plan_t *plan,
                               const phy_grid_t *grid, sch_rx_cb_t *cb, void *memory,
                               pusch_csi2_size_fn csi2_size, const void *ctx, uint8_t *tb)
{
    pusch_rx_begin(rx, plan, grid, cb, memory);
    for (unsigned h = 0; h < plan->n_hops; h++)
        pusch_rx_dmrs(phy, rx, work, h);
    for (unsigned l = 0; l < PHY_SYMBOLS; l++)
        pusch_rx_symbol(phy, rx, work, l);
    bool sch = plan->cfg.tb_bytes > 0;
    if (!pusch_rx_uci(phy, rx, work)) {
        const pusch_uci_t *u = &rx->result.csi1;
        /* A part 1 that is not valid tells no size. */
        unsigned n = u->valid ? csi2_size(ctx, u->bits, u->n_bits) : 0;
        sch = pusch_rx_csi2(phy, rx, work, n, NULL) == 0 && sch;
    }
    if (sch)
        for (unsigned r = 0; r < rx->sch.n_cb; r++)
            pusch_rx_cb(phy, rx, work, r);
    return pusch_rx_finish(phy, rx, tb);
}
