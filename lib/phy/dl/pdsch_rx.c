/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/dl/pdsch_rx.h"

#include "lib/phy/dl/pdsch_signals.h"
#include "lib/phy/pusch/rx_steps.h"
#include "lib/phy/signal/demap.h"
#include "lib/phy/signal/gold.h"

#include <errno.h>
#include <math.h>
#include <string.h>

struct pdsch_rx_work {
    _Alignas(PHY_ALIGN) cf_t sym[PHY_MAX_LAYERS * (PHY_GRID_STRIDE + 32)];
    _Alignas(PHY_ALIGN) cf_t data[PHY_MAX_LAYERS * (PHY_GRID_STRIDE + 32)];
    _Alignas(PHY_ALIGN) float inv[PHY_MAX_LAYERS * (PHY_GRID_STRIDE + 32)];
    _Alignas(PHY_ALIGN) float ordered[PHY_MAX_LAYERS * (PHY_GRID_STRIDE + 32)];
    _Alignas(PHY_ALIGN) cf_t dmrs[3][PHY_GRID_STRIDE];
    chest_work_t chest;
    union {
        struct {
            rx_filter_work_t filter;
            _Alignas(PHY_ALIGN) float g[RX_PLANES * (PHY_GRID_STRIDE + 16)];
        };
        ldpc_dec_work_t ldpc;
    };
};

static size_t aligned(size_t n)
{
    return (n + PHY_ALIGN - 1) / PHY_ALIGN * PHY_ALIGN;
}

size_t pdsch_rx_work_bytes(void)
{
    return aligned(sizeof(pdsch_rx_work_t));
}

/* ---- plan ---- */

static int check(const pdsch_rx_cfg_t *c, phy_refusal_t *why)
{
    if (c->mu > 3)
        return phy_refuse(why, "mu", c->mu, "0..3");
    if (c->n_rx < 1 || c->n_rx > PHY_MAX_PORTS)
        return phy_refuse(why, "n_rx", c->n_rx, "1..8");
    if ((unsigned)c->equalizer > EQ_IRC)
        return phy_refuse(why, "equalizer", c->equalizer, "MMSE, ZF, IRC");
    if (c->equalizer == EQ_ZF && c->pdsch.n_layers > c->n_rx)
        return phy_refuse(why, "n_rx", c->n_rx, "as many antennas as layers for ZF");
    if (c->max_iterations > 64)
        return phy_refuse(why, "max_iterations", c->max_iterations, "0..64");
    return 0;
}

/* Runs of one precoder for the estimation, stretches for the equaliser, and where a PRB is on their axis. */
static int place(const pdsch_rx_cfg_t *c, pdsch_rx_plan_t *p, chest_cfg_t *e, phy_refusal_t *why)
{
    const pdsch_plan_t *tx = &p->pdsch;
    unsigned compact = 0;
    p->n_stretches = 0;
    memset(p->compact, 0, sizeof p->compact);
    for (unsigned i = 0; i < tx->n_dmrs_runs; i++) {
        const pdsch_run_t *run = &tx->dmrs_runs[i]; /* without matrices it is a stretch */
        p->stretch[p->n_stretches++] = (pdsch_rx_stretch_t){run->prb, run->n_prb, (uint16_t)compact};
        for (unsigned prb = run->prb; prb < (unsigned)run->prb + run->n_prb; prb++) {
            const unsigned crb = c->pdsch.carrier_start + prb;
            if (prb == run->prb || (c->pdsch.prg_size && crb % c->pdsch.prg_size == 0)) {
                if (e->n_runs == CHEST_MAX_RUNS)
                    return phy_refuse(why, "prg_size", c->pdsch.prg_size,
                                      "0 or at least 2: not above 138 pieces");
                e->run[e->n_runs++] = (chest_run_t){(uint16_t)prb, 0};
            }
            e->run[e->n_runs - 1].n_prb++;
            p->compact[prb] = (uint16_t)compact++;
        }
    }
    return 0;
}

int pdsch_rx_plan(const phy_t *phy, const pdsch_rx_cfg_t *cfg, pdsch_rx_plan_t *p, phy_refusal_t *why)
{
    int r;
    pdsch_cfg_t tx = cfg->pdsch;
    tx.prg = NULL;
    tx.n_prgs = 0;
    tx.power_db = 0;
    tx.add = false;
    if ((r = check(cfg, why)) || (r = pdsch_plan(phy, &tx, PHY_MAX_PORTS, &p->pdsch, why)))
        return r;
    p->cfg = *cfg;
    p->cfg.pdsch = tx;
    chest_cfg_t e = {.mu = cfg->mu,
                     .dmrs_type = tx.dmrs_type,
                     .dmrs_length = tx.dmrs_length,
                     .n_layers = tx.n_layers,
                     .n_rx = cfg->n_rx,
                     .amplitude = dmrs_beta(tx.n_cdm_groups_without_data)};
    memcpy(e.port, p->pdsch.dmrs_port, sizeof e.port);
    for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
        if (!(tx.dmrs_symbols >> l & 1))
            continue;
        if (e.n_occasions == CHEST_MAX_OCCASIONS)
            return phy_refuse(why, "dmrs_symbols", tx.dmrs_symbols, "at most 4 occasions");
        e.symbol[e.n_occasions++] = (uint8_t)l;
        l += tx.dmrs_length - 1u;
    }
    if ((r = place(cfg, p, &e, why)))
        return r;
    return chest_plan(&e, tx.carrier_size, &p->chest, why);
}

/* ---- memory ---- */

static size_t filter_bytes(const pdsch_rx_plan_t *p)
{
    return aligned((size_t)p->chest.cfg.n_layers * p->chest.cfg.n_rx * 2 * p->chest.stride * sizeof(float));
}

/* In the demapper's order, with room for what kernels write behind. */
static size_t noise_bytes(const pdsch_rx_plan_t *p)
{
    return aligned((size_t)p->chest.cfg.n_layers * (p->chest.stride + 16) * sizeof(float));
}

size_t pdsch_rx_bytes(const pdsch_rx_plan_t *p)
{
    return aligned(p->pdsch.g_bits + PHY_ALIGN) + chest_bytes(&p->chest) + filter_bytes(p) + noise_bytes(p);
}

void pdsch_rx_begin(pdsch_rx_t *rx, const pdsch_rx_plan_t *plan, const phy_grid_t *grid, sch_rx_cb_t *cb,
                    void *memory)
{
    uint8_t *m = memory;
    memset(rx, 0, sizeof *rx);
    rx->plan = plan;
    rx->grid = *grid;
    rx->cb = cb;
    rx->llr = (int8_t *)m;
    m += aligned(plan->pdsch.g_bits + PHY_ALIGN);
    chest_begin(&rx->chest, &plan->chest, m);
    m += chest_bytes(&plan->chest);
    rx->g = (float *)(void *)m;
    m += filter_bytes(plan);
    rx->inv_noise = (float *)(void *)m;
}

/* ---- channel ---- */

static eq_shape_t shape_of(const pdsch_rx_plan_t *p)
{
    return (eq_shape_t){.kind = p->cfg.equalizer,
                        .n_layers = p->chest.cfg.n_layers,
                        .n_rx = p->chest.cfg.n_rx,
                        .n_sc = p->chest.n_sc,
                        .stride = p->chest.stride};
}

static void make_filter(const phy_t *phy, const pdsch_rx_t *rx, unsigned symbol, pdsch_rx_work_t *work,
                        float *g, float *inv_noise)
{
    const eq_shape_t shape = shape_of(rx->plan);
    rx_filter(phy, &shape, &rx->chest, symbol, rx->plan->cfg.irc_prbs, &work->filter, g, inv_noise);
}

void pdsch_rx_dmrs(const phy_t *phy, pdsch_rx_t *rx, pdsch_rx_work_t *work)
{
    const pdsch_rx_plan_t *p = rx->plan;
    const pdsch_cfg_t *c = &p->cfg.pdsch;
    const chest_plan_t *e = &p->chest;
    const unsigned per_prb = dmrs_per_prb(c->dmrs_type);
    const unsigned n_sequences = c->dmrs_r16 ? e->n_groups : 1; /* without it all groups have the same */
    for (unsigned i = 0; i < e->cfg.n_occasions; i++)
        for (unsigned s = 0; s < c->dmrs_length; s++) {
            const unsigned symbol = e->cfg.symbol[i] + s;
            for (unsigned j = 0; j < n_sequences; j++)
                for (unsigned r = 0; r < p->n_stretches; r++)
                    dmrs_sequence_cf(phy, pdsch_dmrs_c_init(c, symbol, e->group[j]), c->dmrs_type,
                                     pdsch_dmrs_prb(c, p->stretch[r].prb), p->stretch[r].n_prb, 1,
                                     work->dmrs[j] + p->stretch[r].compact * per_prb);
            const cf_t *ref[3];
            for (unsigned j = 0; j < 3; j++)
                ref[j] = work->dmrs[j < n_sequences ? j : 0];
            chest_symbol(phy, &rx->chest, &rx->grid, i, s, ref);
        }
    chest_finish(phy, &rx->chest, &work->chest);
    if (rx->chest.steady)
        make_filter(phy, rx, e->cfg.symbol[0], work, rx->g, rx->inv_noise);
}

/* ---- symbols ---- */

/* PTRS of a symbol: those that are sent. */
static unsigned ptrs_pilots(const phy_t *phy, const pdsch_rx_plan_t *p, unsigned symbol, cf_t *sequence,
                            rx_pilot_t *ret)
{
    const pdsch_plan_t *tx = &p->pdsch;
    const unsigned per_prb = dmrs_per_prb(tx->cfg.dmrs_type), first = tx->ptrs_prb[0];
    const unsigned m = pdsch_ptrs_place(tx), n_prb = tx->ptrs_prb[tx->n_ptrs - 1] - first + 1u;
    unsigned n = 0;
    dmrs_sequence_cf(phy, pdsch_ptrs_c_init(tx), tx->cfg.dmrs_type, pdsch_dmrs_prb(&tx->cfg, first), n_prb, 1,
                     sequence);
    for (unsigned i = 0; i < tx->n_ptrs; i++) {
        const unsigned prb = tx->ptrs_prb[i];
        if (!(tx->ptrs_reserved[symbol][i / 64] >> (i % 64) & 1))
            ret[n++] = (rx_pilot_t){(uint16_t)(12 * prb + tx->ptrs_re),
                                    (uint16_t)(12 * p->compact[prb] + tx->ptrs_re),
                                    sequence[(prb - first) * per_prb + m]};
    }
    return n;
}

/* What undoes the phase that the last PTRS up to this symbol shows. */
static cf_t ptrs_phase(const phy_t *phy, const pdsch_rx_t *rx, unsigned symbol, cf_t *sequence)
{
    const pdsch_plan_t *tx = &rx->plan->pdsch;
    rx_pilot_t pilot[PHY_MAX_PRB / 2 + 1];
    for (unsigned l = symbol + 1; tx->n_ptrs && l-- > 0;) {
        if (!(tx->ptrs_symbols >> l & 1))
            continue;
        unsigned n = ptrs_pilots(phy, rx->plan, l, sequence, pilot);
        if (n)
            return rx_pilot_phase(&rx->chest, &rx->grid, l, tx->cfg.ptrs_layer, pilot, n);
    }
    return (cf_t){1, 0};
}

/* True: the symbol's data REs are all REs, in the order of subcarriers. */
static bool plain(const pdsch_rx_plan_t *p, unsigned symbol)
{
    const pdsch_symbol_t *s = &p->pdsch.symbol[symbol];
    if (s->n_re != p->chest.n_sc)
        return false;
    for (unsigned i = s->first_run + 1u; i < (unsigned)s->first_run + s->n_runs; i++)
        if (p->pdsch.runs[i].prb < p->pdsch.runs[i - 1].prb)
            return false;
    return true;
}

/* Data REs in the order of mapping. Symbols and noise of a RE's layers stay together. */
static void pick_data(const pdsch_rx_plan_t *p, unsigned symbol, const cf_t *sym, const float *inv, cf_t *out,
                      float *out_inv)
{
    const pdsch_symbol_t *s = &p->pdsch.symbol[symbol];
    const unsigned n = p->chest.cfg.n_layers;
    for (unsigned i = s->first_run; i < (unsigned)s->first_run + s->n_runs; i++) {
        const pdsch_run_t *run = &p->pdsch.runs[i];
        for (unsigned q = 0; q < run->n_prb; q++) {
            const size_t base = 12 * (size_t)p->compact[run->prb + q];
            for (unsigned re = run->re; re; re &= re - 1) {
                const size_t from = (base + (unsigned)__builtin_ctz(re)) * n;
                for (unsigned l = 0; l < n; l++) {
                    *out++ = sym[from + l];
                    *out_inv++ = inv[from + l];
                }
            }
        }
    }
}

void pdsch_rx_symbol(const phy_t *phy, pdsch_rx_t *rx, pdsch_rx_work_t *work, unsigned symbol)
{
    const pdsch_rx_plan_t *p = rx->plan;
    const pdsch_symbol_t *s = &p->pdsch.symbol[symbol];
    if (s->n_re == 0)
        return;
    const eq_shape_t shape = shape_of(p);
    const unsigned n_layers = shape.n_layers;
    const float *g = rx->g, *inv = rx->inv_noise;
    if (!rx->chest.steady) {
        make_filter(phy, rx, symbol, work, work->g, work->ordered);
        g = work->g;
        inv = work->ordered;
    }
    const cf_t a = rx->chest.rotation[symbol], b = ptrs_phase(phy, rx, symbol, work->dmrs[0]);
    const cf_t rotation = {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
    for (unsigned i = 0; i < p->n_stretches; i++) {
        const pdsch_rx_stretch_t *st = &p->stretch[i];
        const ci16_t *rows[PHY_MAX_PORTS];
        for (unsigned ant = 0; ant < shape.n_rx; ant++)
            rows[ant] = phy_grid_symbol(&rx->grid, ant, symbol) + 12 * st->prb;
        eq_apply(phy, &shape, g, 12u * st->compact, 12u * st->n_prb, rows, rotation,
                 work->sym + (size_t)12 * st->compact * n_layers);
    }
    const cf_t *sym = work->sym;
    if (!plain(p, symbol)) {
        pick_data(p, symbol, sym, inv, work->data, work->inv);
        sym = work->data;
        inv = work->inv;
    }
    const size_t n = (size_t)s->n_re * n_layers;
    const uint32_t bit = s->first_re * n_layers * p->pdsch.qm;
    gold_t c;
    demap(phy, p->pdsch.qm, sym, inv, n, rx->llr + bit);
    gold_init(phy, &c, p->pdsch.c_init, bit);
    gold_flip_llr(&c, rx->llr + bit, n * p->pdsch.qm);
    float sum = 0, count = 0;
    for (size_t i = 0; i < n; i += 13, count += 1)
        sum += 1 / (inv[i] > 1e-4f ? inv[i] : 1e-4f);
    rx->noise_sum[symbol] = sum;
    rx->noise_n[symbol] = count;
}

/* ---- bits ---- */

void pdsch_rx_cb(const phy_t *phy, pdsch_rx_t *rx, pdsch_rx_work_t *work, unsigned r)
{
    const sch_plan_t *sch = &rx->plan->pdsch.sch;
    const unsigned iterations = rx->plan->cfg.max_iterations ? rx->plan->cfg.max_iterations : 8;
    ldpc_dec_stats_t stats;
    sch_decode_cb(phy, sch, r, rx->llr + sch_e_start(sch, r), &rx->cb[r], iterations, &work->ldpc, &stats);
    rx->iterations[r] = stats.iterations;
}

/* dB, -200 for nothing. */
static float db(double x)
{
    return x > 1e-20 ? (float)(10 * log10(x)) : -200;
}

const pdsch_rx_result_t *pdsch_rx_finish(const phy_t *phy, pdsch_rx_t *rx, uint8_t *tb)
{
    const sch_plan_t *sch = &rx->plan->pdsch.sch;
    const chest_result_t *e = &rx->chest.result;
    pdsch_rx_result_t *r = &rx->result;
    double sum = 0, n = 0;
    for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
        sum += (double)rx->noise_sum[l];
        n += (double)rx->noise_n[l];
    }
    r->rsrp_db = db((double)e->rsrp);
    r->noise_db = db((double)e->noise);
    r->sinr_db = db((double)e->sinr);
    r->post_sinr_db = sum > 0 ? db(n / sum) : -200;
    r->ta_s = e->ta_s;
    r->cfo_hz = e->cfo_hz;
    for (unsigned i = 0; i < sch->n_cb; i++) {
        r->n_cb_ok = (uint16_t)(r->n_cb_ok + rx->cb[i].done);
        r->iterations_max = rx->iterations[i] > r->iterations_max ? rx->iterations[i] : r->iterations_max;
    }
    r->crc_ok = sch_assemble(phy, sch, rx->cb, tb);
    return r;
}

const pdsch_rx_result_t *pdsch_rx(const phy_t *phy, pdsch_rx_t *rx, pdsch_rx_work_t *work,
                                  const pdsch_rx_plan_t *plan, const phy_grid_t *grid, sch_rx_cb_t *cb,
                                  void *memory, uint8_t *tb)
{
    pdsch_rx_begin(rx, plan, grid, cb, memory);
    pdsch_rx_dmrs(phy, rx, work);
    for (unsigned l = 0; l < PHY_SYMBOLS; l++)
        pdsch_rx_symbol(phy, rx, work, l);
    for (unsigned r = 0; r < plan->pdsch.sch.n_cb; r++)
        pdsch_rx_cb(phy, rx, work, r);
    return pdsch_rx_finish(phy, rx, tb);
}
