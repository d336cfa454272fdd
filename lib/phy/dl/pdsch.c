/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/dl/pdsch.h"

#include <math.h>
#include <string.h>

#include "lib/phy/dl/dmrs.h"
#include "lib/phy/dl/pdsch_signals.h"
#include "lib/phy/signal/gold.h"

uint32_t pdsch_tb_crc(const phy_t *phy, const pdsch_plan_t *plan, const uint8_t *tb)
{
    return sch_tb_crc(phy, &plan->sch, tb);
}

static const precoding_t *matrix(const pdsch_plan_t *p, unsigned prg)
{
    return p->cfg.n_prgs ? p->cfg.prg[prg] : &p->identity;
}

/* Where mapping stands: run `run` of symbol `symbol`, `re` REs into it. */
typedef struct {
    unsigned symbol, run;
    uint32_t re;
} cursor_t;

static cursor_t cursor_at(const pdsch_plan_t *p, uint32_t re)
{
    cursor_t c = {0};
    while (re >= p->symbol[c.symbol].first_re + p->symbol[c.symbol].n_re)
        c.symbol++;
    const pdsch_symbol_t *s = &p->symbol[c.symbol];
    re -= s->first_re;
    unsigned low = s->first_run, high = low + s->n_runs; /* the last run that begins at or before re */
    while (high - low > 1) {
        unsigned middle = (low + high) / 2;
        if (p->runs[middle].first_re <= re)
            low = middle;
        else
            high = middle;
    }
    c.run = low;
    c.re = re - p->runs[low].first_re;
    return c;
}

/* n values onto the REs of a run with holes, from its skip-th RE on. */
static void expand_part(const dl_ops_t *ops, const pdsch_run_t *run, uint32_t skip, const ci16_t *in,
                        uint32_t n, ci16_t *symbol, bool add)
{
    unsigned per_prb = (unsigned)__builtin_popcount(run->re);
    unsigned prb = run->prb + skip / per_prb, head = skip % per_prb;
    while (n) {
        uint16_t mask = run->re;
        for (unsigned i = 0; i < head; i++)
            mask &= (uint16_t)(mask - 1);
        unsigned here = per_prb - head, whole = 1;
        if (head == 0 && n >= per_prb)
            whole = n / per_prb;
        for (; here > n; here--) /* drop the highest */
            mask &= (uint16_t) ~(1u << (31 - __builtin_clz(mask)));
        ops->expand(mask, in, whole, symbol + 12 * prb, add);
        in += whole * here;
        n -= whole * here;
        prb += whole;
        head = 0;
    }
}

/* n REs of all layers to where the cursor stands; moves it. */
static void place(const dl_ops_t *ops, const pdsch_plan_t *p, pdsch_work_t *work, cursor_t *c, uint32_t n,
                  const phy_grid_t *grid)
{
    const ci16_t *in[PHY_MAX_LAYERS];
    ci16_t *out[PHY_MAX_PORTS];
    for (unsigned l = 0; l < p->n_layers; l++)
        in[l] = work->layer[l];
    while (n) {
        const pdsch_symbol_t *s = &p->symbol[c->symbol];
        if (s->n_runs == 0 || c->run == (unsigned)s->first_run + s->n_runs) {
            c->symbol++;
            c->run = p->symbol[c->symbol].first_run;
            c->re = 0;
            continue;
        }
        const pdsch_run_t *run = &p->runs[c->run];
        uint32_t left = run->n_prb * (uint32_t)__builtin_popcount(run->re) - c->re;
        uint32_t here = left < n ? left : n;
        const precoding_t *w = matrix(p, run->prg);
        bool whole = run->re == 0xfff;
        for (unsigned a = 0; a < w->n_ports; a++)
            out[a] = whole ? phy_grid_symbol(grid, a, c->symbol) + 12 * run->prb + c->re : work->port[a];
        ops->precode(w, in, out, here, whole && p->cfg.add);
        for (unsigned a = 0; !whole && a < w->n_ports; a++)
            expand_part(ops, run, c->re, work->port[a], here, phy_grid_symbol(grid, a, c->symbol),
                        p->cfg.add);
        for (unsigned l = 0; l < p->n_layers; l++)
            in[l] += here;
        n -= here;
        c->re += here;
        if (here == left) {
            c->run++;
            c->re = 0;
        }
    }
}

void pdsch_code_block(const phy_t *phy, const pdsch_plan_t *p, const uint8_t *tb, uint32_t tb_crc, unsigned r,
                      pdsch_work_t *work, const phy_grid_t *grid)
{
    const dl_ops_t *ops = phy->dl;
    sch_encode_cb(phy, &p->sch, tb, tb_crc, r, work->bits);
    gold_t g;
    gold_init(phy, &g, p->c_init, sch_e_start(&p->sch, r));
    gold_xor(&g, work->bits, sch_e(&p->sch, r));

    ci16_t *layers[PHY_MAX_LAYERS];
    for (unsigned l = 0; l < p->n_layers; l++)
        layers[l] = work->layer[l];
    uint32_t n_re = p->cb_first_re[r + 1] - p->cb_first_re[r];
    cursor_t c = cursor_at(p, p->cb_first_re[r]);
    const uint8_t *bits = work->bits;
    for (uint32_t n; n_re; n_re -= n) {
        n = n_re < PDSCH_CHUNK_RE ? n_re : PDSCH_CHUNK_RE;
        ops->map(&p->map, bits, n, layers);
        bits += (size_t)n * p->qm * p->n_layers / 8; /* a chunk is whole bytes */
        place(ops, p, work, &c, n, grid);
    }
}

/* The columns of `layers` (bits) of a matrix, and the rest left out. */
static unsigned some_layers(const precoding_t *w, unsigned layers, precoding_t *ret)
{
    *ret = (precoding_t){.n_ports = w->n_ports};
    for (; layers; layers &= layers - 1) {
        for (unsigned a = 0; a < w->n_ports; a++)
            ret->w[a][ret->n_layers] = w->w[a][__builtin_ctz(layers)];
        ret->n_layers++;
    }
    return ret->n_layers;
}

unsigned pdsch_dmrs_prb(const pdsch_cfg_t *c, unsigned prb)
{
    unsigned crb = c->carrier_start + prb;
    return c->dmrs_coreset0 ? crb - (c->bwp_start + c->coreset_start) : crb;
}

uint32_t pdsch_dmrs_c_init(const pdsch_cfg_t *c, unsigned symbol, unsigned group)
{
    return c->dmrs_r16 ? dmrs_c_init_r16(c->slot, symbol, c->dmrs_n_id, c->dmrs_n_scid, group)
                       : dmrs_c_init(c->slot, symbol, c->dmrs_n_id, c->dmrs_n_scid);
}

/* One CDM group in one symbol: its layers share REs, told apart by cover codes. */
static void dmrs_group(const phy_t *phy, const pdsch_plan_t *p, unsigned group, unsigned layers,
                       unsigned symbol, unsigned l_prime, pdsch_work_t *work, const phy_grid_t *grid)
{
    const pdsch_cfg_t *c = &p->cfg;
    unsigned per_prb = dmrs_per_prb(c->dmrs_type);
    uint16_t re = dmrs_group_re_mask(c->dmrs_type, group);
    uint32_t c_init = pdsch_dmrs_c_init(c, symbol, group);
    float amplitude = p->amplitude * dmrs_beta(c->n_cdm_groups_without_data);
    ci16_t *out[PHY_MAX_PORTS];
    const ci16_t *in[PHY_MAX_LAYERS];
    for (unsigned a = 0; a < PHY_MAX_PORTS; a++)
        out[a] = work->port[a];
    for (unsigned i = 0; i < p->n_dmrs_runs; i++) {
        const pdsch_run_t *run = &p->dmrs_runs[i];
        size_t n = (size_t)run->n_prb * per_prb;
        precoding_t w;
        unsigned k = 0;
        some_layers(matrix(p, run->prg), layers, &w);
        dmrs_sequence_ci16(phy, c_init, c->dmrs_type, pdsch_dmrs_prb(c, run->prb), run->n_prb, amplitude,
                           work->layer[0]);
        for (unsigned rest = layers; rest; rest &= rest - 1, k++) {
            dmrs_port_t port = {0};
            dmrs_port(c->dmrs_type, c->dmrs_length, p->dmrs_port[__builtin_ctz(rest)], &port, NULL);
            /* the cover code goes into the matrix where it is the same for all REs, else into the values */
            for (unsigned a = 0; port.w_t[l_prime] < 0 && a < w.n_ports; a++)
                w.w[a][k] = (ci16_t){(int16_t)-w.w[a][k].re, (int16_t)-w.w[a][k].im};
            in[k] = work->layer[0];
            if (port.w_f[1] < 0) {
                in[k] = work->layer[1];
                for (size_t j = 0; j < n; j += 2) {
                    work->layer[1][j] = work->layer[0][j];
                    ci16_t x = work->layer[0][j + 1];
                    work->layer[1][j + 1] = (ci16_t){(int16_t)-x.re, (int16_t)-x.im};
                }
            }
        }
        phy->dl->precode(&w, in, out, n, false);
        for (unsigned a = 0; a < w.n_ports; a++)
            phy->dl->expand(re, work->port[a], run->n_prb, phy_grid_symbol(grid, a, symbol) + 12 * run->prb,
                            c->add);
    }
}

/* Amplitude of PTRS relative to data: table 4.1-2 of 38.214, epre-Ratio 0 and 1 (one PTRS port). */
static float ptrs_beta(const pdsch_cfg_t *c)
{
    static const float db[PHY_MAX_LAYERS] = {0, 3, 4.77f, 6};
    return c->ptrs_epre_ratio == 0 ? powf(10.0f, db[c->n_layers - 1] / 20.0f) : 1.0f;
}

static dmrs_port_t ptrs_port(const pdsch_plan_t *p)
{
    dmrs_port_t port = {0};
    dmrs_port(p->cfg.dmrs_type, p->cfg.dmrs_length, p->dmrs_port[p->cfg.ptrs_layer], &port, NULL);
    return port;
}

/* r(m) of the first DMRS symbol at the PTRS's subcarrier, in every symbol (7.4.1.2.1). */
uint32_t pdsch_ptrs_c_init(const pdsch_plan_t *p)
{
    unsigned l0 = (unsigned)__builtin_ctz(p->cfg.dmrs_symbols);
    return pdsch_dmrs_c_init(&p->cfg, l0, ptrs_port(p).cdm_group);
}

unsigned pdsch_ptrs_place(const pdsch_plan_t *p)
{
    unsigned delta = ptrs_port(p).delta;
    return p->cfg.dmrs_type == 1 ? (p->ptrs_re - delta) / 2u
                                 : p->ptrs_re / 6u * 2 + (p->ptrs_re % 6u - delta);
}

static void ptrs(const phy_t *phy, const pdsch_plan_t *p, pdsch_work_t *work, const phy_grid_t *grid)
{
    const pdsch_cfg_t *c = &p->cfg;
    unsigned per_prb = dmrs_per_prb(c->dmrs_type), m = pdsch_ptrs_place(p);
    unsigned first = p->ptrs_prb[0], n_prb = p->ptrs_prb[p->n_ptrs - 1] - first + 1u;
    dmrs_sequence_ci16(phy, pdsch_ptrs_c_init(p), c->dmrs_type, pdsch_dmrs_prb(c, first), n_prb,
                       p->amplitude * ptrs_beta(c), work->layer[0]);
    for (unsigned l = 0; l < PHY_SYMBOLS; l++)
        for (unsigned i = 0; (p->ptrs_symbols >> l & 1) && i < p->n_ptrs; i++) {
            if (p->ptrs_reserved[l][i / 64] >> (i % 64) & 1)
                continue;
            unsigned prb = p->ptrs_prb[i], prg = 0;
            if (c->n_prgs && c->prg_size)
                prg = (c->carrier_start + prb) / c->prg_size - c->bwp_start / c->prg_size;
            precoding_t w;
            some_layers(matrix(p, prg), 1u << c->ptrs_layer, &w);
            const ci16_t *in = &work->layer[0][(prb - first) * per_prb + m];
            ci16_t *out[PHY_MAX_PORTS];
            for (unsigned a = 0; a < w.n_ports; a++)
                out[a] = phy_grid_symbol(grid, a, l) + 12 * prb + p->ptrs_re;
            phy->dl->precode(&w, &in, out, 1, c->add);
        }
}

void pdsch_signals(const phy_t *phy, const pdsch_plan_t *p, pdsch_work_t *work, const phy_grid_t *grid)
{
    const pdsch_cfg_t *c = &p->cfg;
    unsigned layers[3] = {0};
    for (unsigned l = 0; l < p->n_layers; l++) {
        dmrs_port_t port = {0};
        dmrs_port(c->dmrs_type, c->dmrs_length, p->dmrs_port[l], &port, NULL);
        layers[port.cdm_group] |= 1u << l;
    }
    unsigned l_prime = 0;
    for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
        if (!(c->dmrs_symbols >> l & 1))
            continue;
        for (unsigned group = 0; group < 3; group++)
            if (layers[group])
                dmrs_group(phy, p, group, layers[group], l, l_prime, work, grid);
        l_prime = c->dmrs_length == 2 ? !l_prime : 0;
    }
    if (p->n_ptrs)
        ptrs(phy, p, work, grid);
}

void pdsch_run(const phy_t *phy, const pdsch_plan_t *plan, const uint8_t *tb, pdsch_work_t *work,
               const phy_grid_t *grid)
{
    uint32_t crc = pdsch_tb_crc(phy, plan, tb);
    for (unsigned r = 0; r < plan->n_code_blocks; r++)
        pdsch_code_block(phy, plan, tb, crc, r, work, grid);
    pdsch_signals(phy, plan, work, grid);
}

void pdsch_stages(const phy_t *phy, const pdsch_plan_t *p, const uint8_t *tb, pdsch_work_t *work,
                  uint8_t *ret_bits, ci16_t *ret_layers)
{
    dl_map_t map;
    dl_map_init(&map, p->qm, p->n_layers, PHY_UNIT);
    uint32_t crc = pdsch_tb_crc(phy, p, tb);
    if (ret_bits)
        memset(ret_bits, 0, (p->g_bits + 7) / 8);
    for (unsigned r = 0; r < p->n_code_blocks; r++) {
        uint32_t e = sch_e(&p->sch, r), start = sch_e_start(&p->sch, r), first = p->cb_first_re[r];
        sch_encode_cb(phy, &p->sch, tb, crc, r, work->bits);
        for (uint32_t i = 0; ret_bits && i < e; i++)
            ret_bits[(start + i) / 8] |=
                (uint8_t)((work->bits[i / 8] >> (7 - i % 8) & 1) << (7 - (start + i) % 8));
        if (!ret_layers)
            continue;
        gold_t g;
        gold_init(phy, &g, p->c_init, start);
        gold_xor(&g, work->bits, e);
        ci16_t *layers[PHY_MAX_LAYERS];
        for (unsigned l = 0; l < p->n_layers; l++)
            layers[l] = work->layer[l];
        uint32_t n_re = p->cb_first_re[r + 1] - first;
        for (uint32_t done = 0, n; done < n_re; done += n) {
            n = n_re - done < PDSCH_CHUNK_RE ? n_re - done : PDSCH_CHUNK_RE;
            phy->dl->map(&map, work->bits + (size_t)done * p->qm * p->n_layers / 8, n, layers);
            for (unsigned l = 0; l < p->n_layers; l++)
                memcpy(ret_layers + (size_t)l * p->n_re + first + done, layers[l], n * sizeof(ci16_t));
        }
    }
}
