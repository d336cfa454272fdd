/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/pusch/pusch_tx.h"
#include "lib/phy/signal/gold.h"
#include "lib/phy/signal/modulation.h"
#include "lib/phy/signal/transform_precoding.h"

#include <math.h>
#include <string.h>

#define MAX_RE (PHY_MAX_SC * PHY_SYMBOLS)
#define MAX_BYTES (MAX_RE * PHY_MAX_LAYERS) /* of a codeword: 8 bits a layer and RE */

struct pusch_tx_work {
    uint8_t bits[MAX_BYTES + 64];
    uint8_t stream[ULSCH_N_STREAMS][MAX_BYTES + 64];
    uint8_t block[1 << 17]; /* LDPC_MAX_E bits */
    cf_t symbols[MAX_RE * PHY_MAX_LAYERS];
    cf_t ports[MAX_RE * PHY_MAX_LAYERS];
    cf_t dmrs[PHY_MAX_SC];
    cf_t ptrs[PHY_MAX_SC];
    dft_work_t dft;
};

size_t pusch_tx_work_bytes(void)
{
    return (sizeof(pusch_tx_work_t) + PHY_ALIGN - 1) / PHY_ALIGN * PHY_ALIGN;
}

/* Appends n bits to out at bit `at`; what is behind them in the last byte is 0. */
static void append(uint8_t *out, size_t at, const uint8_t *bits, size_t n)
{
    uint8_t *o = out + at / 8;
    const unsigned shift = at % 8;
    const size_t bytes = (n + 7) / 8;
    if (shift == 0) {
        memcpy(o, bits, bytes);
    } else {
        for (size_t i = 0; i < bytes; i++) {
            o[i] = (uint8_t)(o[i] | bits[i] >> shift);
            o[i + 1] = (uint8_t)(bits[i] << (8 - shift));
        }
    }
}

void pusch_tx_codeword(const phy_t *phy, const pusch_plan_t *plan, const pusch_payload_t *payload,
                       pusch_tx_work_t *work, uint8_t *ret)
{
    const pusch_cfg_t *c = &plan->cfg;
    const bool uci = plan->ulsch.has_uci;
    uint8_t *sch = uci ? work->stream[ULSCH_SCH] : ret;
    if (c->tb_bytes) {
        uint32_t crc = sch_tb_crc(phy, &plan->sch, payload->tb);
        for (unsigned r = 0; r < plan->sch.n_cb; r++) {
            sch_encode_cb(phy, &plan->sch, payload->tb, crc, r, work->block);
            append(sch, sch_e_start(&plan->sch, r), work->block, sch_e(&plan->sch, r));
        }
    }
    if (!uci)
        return;
    const uint8_t *const in[] = {payload->harq_ack, payload->csi1, payload->csi2};
    const uint16_t n[] = {c->n_harq_ack, c->n_csi1, c->n_csi2};
    const uint8_t *streams[ULSCH_N_STREAMS] = {NULL};
    for (unsigned i = 0; i < 3; i++) {
        if (!n[i])
            continue;
        uci_cfg_t cfg = {n[i], plan->ulsch.g_stream[i], c->qm};
        uci_plan_t code;
        if (uci_plan(&cfg, &code, NULL) < 0)
            continue; /* pusch_plan has checked it */
        uci_encode(phy, &code, in[i], work->stream[i]);
        streams[i] = work->stream[i];
    }
    streams[ULSCH_SCH] = c->tb_bytes ? sch : NULL;
    ulsch_multiplex(&plan->ulsch, streams, ret);
}

/* Data symbols of all of the slot -> with PTRS between them. TS 38.211 6.3.1.4. From the end, in place. */
static void insert_ptrs(const phy_t *phy, const pusch_plan_t *plan, pusch_tx_work_t *work)
{
    pusch_ptrs_samples(phy, plan, work->ptrs);
    uint32_t from = plan->n_re, to = plan->n_sent;
    for (unsigned l = PHY_SYMBOLS; l-- > 0;) {
        if (plan->symbol[l].n_re == 0)
            continue;
        unsigned left = plan->symbol[l].ptrs ? plan->n_ptrs : 0;
        for (unsigned m = plan->n_sc; m-- > 0;)
            work->symbols[--to] =
                left && plan->ptrs_sample[left - 1] == m ? work->ptrs[--left] : work->symbols[--from];
    }
}

void pusch_tx_symbols(const phy_t *phy, const pusch_plan_t *plan, const pusch_payload_t *payload,
                      pusch_tx_work_t *work, cf_t *ret)
{
    const pusch_cfg_t *c = &plan->cfg;
    const unsigned n_layers = c->n_layers;
    pusch_tx_codeword(phy, plan, payload, work, work->bits);
    gold_t g;
    gold_init(phy, &g, plan->c_init, 0);
    gold_xor(&g, work->bits, plan->g_bits);
    if (plan->ulsch.has_uci && plan->ulsch.has_placeholders)
        ulsch_fix_placeholders(&plan->ulsch, work->bits);
    modulate_cf(phy, c->qm, work->bits, (size_t)plan->n_re * n_layers, 1, work->symbols);
    if (c->transform_precoding) {
        if (plan->n_ptrs)
            insert_ptrs(phy, plan, work);
        transform_precode(phy, plan->n_sc, plan->n_sent / plan->n_sc, work->symbols, work->symbols,
                          &work->dft);
    }
    for (unsigned p = 0; p < c->n_tx_ports; p++)
        for (uint32_t i = 0; i < plan->n_sent; i++) {
            cf_t y = {0, 0};
            for (unsigned l = 0; l < n_layers; l++) {
                const cf_t w = plan->w[p][l], x = work->symbols[(size_t)i * n_layers + l];
                y.re += w.re * x.re - w.im * x.im;
                y.im += w.re * x.im + w.im * x.re;
            }
            ret[(size_t)p * plan->n_sent + i] = y;
        }
}

static int16_t to_sample(float x)
{
    x = x > -32768 ? x < 32767 ? x : 32767 : -32768;
    return (int16_t)lrintf(x);
}

/* Adds w * x on the ports at one RE, rounded. */
static void put(const pusch_plan_t *plan, const phy_grid_t *grid, unsigned symbol, unsigned sc,
                unsigned layer, cf_t x)
{
    for (unsigned p = 0; p < plan->cfg.n_tx_ports; p++) {
        const cf_t w = plan->w[p][layer];
        ci16_t *re = phy_grid_symbol(grid, p, symbol) + sc;
        re->re = to_sample((float)re->re + w.re * x.re - w.im * x.im);
        re->im = to_sample((float)re->im + w.re * x.im + w.im * x.re);
    }
}

/* Grid subcarrier of a compact one. */
static unsigned grid_sc(const chest_plan_t *e, unsigned k)
{
    unsigned r = 0;
    while (k >= 12u * e->cfg.run[r].n_prb)
        k -= 12u * e->cfg.run[r++].n_prb;
    return 12u * e->cfg.run[r].prb_start + k;
}

static void map_dmrs(const phy_t *phy, const pusch_plan_t *plan, unsigned symbol, float unit,
                     pusch_tx_work_t *work, const phy_grid_t *grid)
{
    const chest_plan_t *e = &plan->hop[plan->symbol[symbol].hop].chest;
    unsigned second = 0;
    for (unsigned i = 0; i < e->cfg.n_occasions; i++)
        if (plan->cfg.dmrs_length == 2 && symbol == e->cfg.symbol[i] + 1u)
            second = 1;
    pusch_dmrs(phy, plan, symbol, &work->dft, work->dmrs);
    for (unsigned l = 0; l < plan->cfg.n_layers; l++) {
        const dmrs_port_t *port = &e->port[l];
        for (unsigned i = 0; i < e->n_re; i++) {
            unsigned k = port->delta + (plan->cfg.dmrs_type == 1 ? 2 * i : 6 * (i / 2) + i % 2);
            float a = unit * e->cfg.amplitude * (float)(port->w_f[i % 2] * port->w_t[second]);
            put(plan, grid, symbol, grid_sc(e, k), l, (cf_t){a * work->dmrs[i].re, a * work->dmrs[i].im});
        }
    }
}

void pusch_tx(const phy_t *phy, const pusch_plan_t *plan, const pusch_payload_t *payload, float amplitude,
              pusch_tx_work_t *work, const phy_grid_t *grid)
{
    const pusch_cfg_t *c = &plan->cfg;
    const float unit = amplitude * PHY_UNIT;
    const unsigned step = 12u * c->ptrs_freq_density;
    uint32_t at = 0;
    pusch_tx_symbols(phy, plan, payload, work, work->ports);
    for (unsigned s = c->start_symbol; s < c->start_symbol + c->n_symbols; s++) {
        const chest_plan_t *e = &plan->hop[plan->symbol[s].hop].chest;
        const bool ptrs = plan->symbol[s].ptrs;
        unsigned k = 0;
        for (unsigned r = 0; r < e->cfg.n_runs; r++)
            for (unsigned sc = 12u * e->cfg.run[r].prb_start, n = 12u * e->cfg.run[r].n_prb; n--; sc++, k++) {
                bool data = plan->symbol[s].re_mask >> (k % 12) & 1;
                for (unsigned i = 0; ptrs && i < plan->n_ptrs_ports; i++)
                    data = data && (k < plan->ptrs[i].first || (k - plan->ptrs[i].first) % step);
                for (unsigned p = 0; p < c->n_tx_ports; p++) {
                    const cf_t x = work->ports[(size_t)p * plan->n_sent + at];
                    phy_grid_symbol(grid, p, s)[sc] =
                        data ? (ci16_t){to_sample(unit * x.re), to_sample(unit * x.im)} : (ci16_t){0, 0};
                }
                at += data;
            }
        if (plan->symbol[s].dmrs)
            map_dmrs(phy, plan, s, unit, work, grid);
        for (unsigned j = 0; ptrs && j < plan->n_ptrs_ports; j++) {
            const float a = unit * (c->ptrs_amplitude > 0 ? c->ptrs_amplitude : 1);
            pusch_ptrs(phy, plan, j, plan->symbol[s].hop, work->ptrs);
            for (unsigned i = 0; i < plan->ptrs[j].n; i++)
                put(plan, grid, s, grid_sc(e, plan->ptrs[j].first + i * step), plan->ptrs[j].layer,
                    (cf_t){a * work->ptrs[i].re, a * work->ptrs[i].im});
        }
    }
}
