/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/ldpc/sch.h"
#include "lib/phy/ldpc/bits.h"
#include "lib/phy/ldpc/encode.h"

#include <assert.h>
#include <errno.h>

/* 7.2.2 and 6.2.2 */
static unsigned base_graph(const sch_cfg_t *cfg)
{
    uint32_t a = cfg->tb_bytes * 8;
    bool low = a <= 292 || (a <= 3824 && cfg->rate_x10 * 100u <= 67u * 10240) || cfg->rate_x10 * 4u <= 10240;
    return low ? 2 : 1;
}

static int check(const sch_cfg_t *cfg, phy_refusal_t *why)
{
    unsigned qm = cfg->qm;
    if (cfg->tb_bytes < 1 || cfg->tb_bytes > SCH_MAX_TB_BYTES)
        return phy_refuse(why, "tb_bytes", cfg->tb_bytes, "1..262144");
    if (cfg->rate_x10 < 1 || cfg->rate_x10 > 10240)
        return phy_refuse(why, "rate_x10", cfg->rate_x10, "1..10240");
    if (cfg->rv > 3)
        return phy_refuse(why, "rv", cfg->rv, "0..3");
    if (qm != 1 && qm != 2 && qm != 4 && qm != 6 && qm != 8 && qm != 10)
        return phy_refuse(why, "qm", qm, "1, 2, 4, 6, 8 or 10");
    if (cfg->n_layers < 1 || cfg->n_layers > PHY_MAX_LAYERS)
        return phy_refuse(why, "n_layers", cfg->n_layers, "1..4");
    if (cfg->g_bits < 1 || cfg->g_bits > SCH_MAX_G || cfg->g_bits % (qm * cfg->n_layers))
        return phy_refuse(why, "g_bits", cfg->g_bits, "a multiple of n_layers * qm, up to 2^24");
    return 0;
}

int sch_plan_segmentation(const phy_t *phy, unsigned bg, uint32_t b, sch_plan_t *ret)
{
    uint32_t k_cb = bg == 1 ? 8448 : 3840, n_cb = 1, crc = 0;
    if (b > k_cb) {
        crc = 24;
        n_cb = (b + k_cb - crc - 1) / (k_cb - crc);
    }
    if (b < 24 || n_cb > SCH_MAX_CB || b % (8 * n_cb))
        return -EINVAL;
    ret->cb_crc_bits = (uint8_t)crc;
    ret->n_cb = (uint16_t)n_cb;
    ret->cb_bytes = b / 8 / n_cb;
    ret->k_prime = ret->cb_bytes * 8 + crc;
    ret->graph = graph_get(phy, bg, graph_min_zc(graph_kb(bg, b), ret->k_prime));
    ret->k = (uint32_t)ret->graph->n_sys * ret->graph->zc;
    ret->n_filler = ret->k - ret->k_prime;
    return 0;
}

int sch_plan(const phy_t *phy, const sch_cfg_t *cfg, sch_plan_t *ret, phy_refusal_t *why)
{
    int err = check(cfg, why);
    if (err < 0)
        return err;
    sch_plan_t p = {
        .tb_bytes = cfg->tb_bytes,
        .g_bits = cfg->g_bits,
        .rv = cfg->rv,
        .qm = cfg->qm,
        .n_layers = cfg->n_layers,
        .tb_crc = cfg->tb_bytes * 8 > 3824 ? CRC24A : CRC16,
    };
    p.tb_crc_bits = (uint8_t)crc_length(p.tb_crc);

    if (sch_plan_segmentation(phy, base_graph(cfg), cfg->tb_bytes * 8 + p.tb_crc_bits, &p) < 0)
        return phy_refuse(why, "tb_bytes", cfg->tb_bytes,
                          "a size of TS 38.214 5.1.3.2, of whole bytes per code block");
    uint32_t n_cb = p.n_cb;

    /* Rate matching, 5.4.2.1 */
    if (cfg->tbs_lbrm) {
        uint64_t n_ref = (uint64_t)cfg->tbs_lbrm * 3 / (2 * n_cb);
        p.n_ref = n_ref > GRAPH_MAX_N ? GRAPH_MAX_N : (uint32_t)n_ref;
        if (p.n_ref < p.k_prime)
            return phy_refuse(why, "tbs_lbrm", cfg->tbs_lbrm, "0, or room for the transport block");
    }
    circ_init(&p.circ, p.graph, p.k_prime, p.n_ref, p.rv);
    uint32_t unit = (uint32_t)p.qm * p.n_layers, units = cfg->g_bits / unit;
    if (units < n_cb)
        return phy_refuse(why, "g_bits", cfg->g_bits, "a symbol per layer for each code block");
    p.n_small = (uint16_t)(n_cb - units % n_cb);
    p.e_small = units / n_cb * unit;
    p.e_large = p.e_small + (units % n_cb ? unit : 0);
    *ret = p;
    return 0;
}

uint32_t sch_tb_crc(const phy_t *phy, const sch_plan_t *plan, const uint8_t *tb)
{
    return crc_bits(phy, plan->tb_crc, tb, (size_t)plan->tb_bytes * 8);
}

/* The last bits of a code block: a CRC at the end of n bytes. */
static void put_crc(uint8_t *p, uint32_t crc, unsigned length)
{
    for (; length > 0; length -= 8)
        *p++ = (uint8_t)(crc >> (length - 8));
}

void sch_segment_cb(const phy_t *phy, const sch_plan_t *plan, const uint8_t *tb, uint32_t tb_crc, unsigned r,
                    uint8_t *ret_bits)
{
    assert(r < plan->n_cb);
    uint32_t n = plan->cb_bytes, tail = r == plan->n_cb - 1u ? plan->tb_crc_bits / 8u : 0;
    memcpy(ret_bits, tb + (size_t)r * n, n - tail);
    if (tail)
        put_crc(ret_bits + n - tail, tb_crc, plan->tb_crc_bits);
    if (plan->cb_crc_bits)
        put_crc(ret_bits + n, crc_bits(phy, CRC24B, ret_bits, (size_t)n * 8), 24);
    memset(ret_bits + plan->k_prime / 8, 0, (plan->k + 7) / 8 - plan->k_prime / 8);
}

void sch_encode_cb(const phy_t *phy, const sch_plan_t *plan, const uint8_t *tb, uint32_t tb_crc, unsigned r,
                   uint8_t *ret_f)
{
    const graph_t *g = plan->graph;
    const circ_t *c = &plan->circ;
    uint32_t zc = g->zc, e = sch_e(plan, r);
    uint8_t message[SCH_MAX_K_BYTES], circ[RATE_MATCH_CIRC_BYTES];
    sch_segment_cb(phy, plan, tb, tb_crc, r, message);

    /* Only the rows that are sent: a high rate takes few. When nothing wraps, the circle may end behind them.
     */
    uint32_t sys = c->filler_start, rows = g->n_rows, n_circ = c->n_circ;
    if (c->start + e <= n_circ) {
        rows = c->start + e > sys ? (c->start + e - sys + zc - 1) / zc : 0;
        rows = rows < 4 ? 4 : rows;
        if (n_circ > sys + rows * zc)
            n_circ = sys + rows * zc;
    }
    if (zc % 8 == 0) {
        memcpy(circ, message + zc / 4, sys / 8);
        ldpc_encode(phy, g, rows, message, circ + sys / 8);
    } else {
        uint8_t parity[GRAPH_MAX_ROWS * 64 / 8];
        ldpc_encode(phy, g, rows, message, parity);
        bits_copy(circ, 0, message, 2 * zc, sys);
        bits_copy(circ, sys, parity, 0, (size_t)rows * zc);
    }
    rate_match(phy, circ, n_circ, c->start, plan->qm, e, ret_f);
}

uint32_t sch_tbs_lbrm(unsigned max_layers, unsigned max_qm, unsigned n_prb)
{
    /* Table 5.4.2.1-1 */
    static const uint16_t steps[] = {32, 66, 107, 135, 162, 217, 273};
    unsigned i = 0;
    while (i < 6 && n_prb > steps[i])
        i++;
    /* 38.214 5.1.3.2 for 156 REs of a PRB at the rate 948/1024; in 1/1024 bits */
    uint64_t n_info = 156ull * steps[i] * 948 * max_qm * max_layers - 24 * 1024;
    unsigned n = 63 - (unsigned)__builtin_clzll(n_info / 1024) - 5;
    uint64_t step = 1024ull << n, rounded = (n_info + step / 2) / step << n;
    if (rounded < 3840)
        rounded = 3840;
    uint64_t c = rounded > 8424 ? (rounded + 24 + 8424 - 1) / 8424 : 1;
    return (uint32_t)(8 * c * ((rounded + 24 + 8 * c - 1) / (8 * c)) - 24);
}
