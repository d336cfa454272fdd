/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/dl/pdcch_rx.h"

#include "lib/phy/signal/demap.h"
#include "lib/phy/signal/gold.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define DATA_RE 0xdddu /* of a REG: all but 1, 5, 9 */
#define FIRST_DMRS 1u

static bool has(const uint64_t set[5], unsigned prb)
{
    return set[prb / 64] >> (prb % 64) & 1;
}

int pdcch_rx_plan(const pdcch_rx_cfg_t *cfg, pdcch_rx_plan_t *p, phy_refusal_t *why)
{
    if (cfg->n_rx < 1 || cfg->n_rx > PHY_MAX_PORTS)
        return phy_refuse(why, "n_rx", cfg->n_rx, "1..8");
    pdcch_tx_cfg_t tx = cfg->pdcch;
    tx.precoding = NULL;
    tx.power_db = tx.dmrs_power_db = 0;
    int r = pdcch_tx_plan(&tx, 1, &p->pdcch, why);
    if (r < 0)
        return r;
    p->n_rx = cfg->n_rx;
    p->n_prb = p->n_blocks = 0;
    /* A bundle lies inside of a group of six PRBs and starts anew at each multiple of its size. */
    const unsigned bundle = (tx.interleaved ? tx.reg_bundle : 6u) / tx.duration;
    unsigned last = 0;
    for (unsigned prb = 0; prb < tx.carrier_size; prb++) {
        if (!has(p->pdcch.dmrs_prb, prb))
            continue;
        const bool adjacent = p->n_blocks && last + 1 == prb;
        last = prb;
        p->prb[p->n_prb++] = (uint16_t)prb;
        if (adjacent && (tx.all_contiguous_rbs || p->block[p->n_blocks - 1] < bundle))
            p->block[p->n_blocks - 1]++;
        else
            p->block[p->n_blocks++] = 1;
    }
    return 0;
}

/* Received over sent on the DMRS of the CORESET's symbols. */
static void least_squares(const phy_t *phy, const pdcch_rx_plan_t *p, const phy_grid_t *grid,
                          pdcch_rx_work_t *work)
{
    const pdcch_tx_cfg_t *c = &p->pdcch.cfg;
    comb4_t *e = &work->estimate;
    const uint64_t id = c->dmrs_id;
    for (unsigned s = 0; s < c->duration; s++) {
        const unsigned symbol = c->start_symbol + s;
        const uint32_t c_init =
            (uint32_t)((((PHY_SYMBOLS * c->slot + symbol + 1) * (2 * id + 1) << 17) + 2 * id) & 0x7fffffff);
        for (unsigned i = 0, n; i < p->n_prb; i += n) {
            for (n = 1; i + n < p->n_prb && p->prb[i + n] == p->prb[i] + n; n++)
                ;
            const unsigned reference =
                c->carrier_start + p->prb[i] - (c->dmrs_coreset0 ? c->coreset_start : 0u);
            gold_t g;
            gold_init(phy, &g, c_init, 6 * reference);
            gold_qpsk_cf(&g, 1.0f / PHY_UNIT, 3 * (size_t)n, work->dmrs + 3 * (size_t)i);
        }
        for (unsigned a = 0; a < p->n_rx; a++) {
            const ci16_t *row = phy_grid_symbol(grid, a, symbol);
            for (unsigned i = 0; i < 3u * p->n_prb; i++) {
                const ci16_t y = row[12 * p->prb[i / 3] + FIRST_DMRS + 4 * (i % 3)];
                const cf_t d = work->dmrs[i];
                e->ls[a][s][i] =
                    (cf_t){(float)y.re * d.re + (float)y.im * d.im, (float)y.im * d.re - (float)y.re * d.im};
            }
        }
    }
}

/* dB, -200 for nothing. */
static float db(double x)
{
    return x > 1e-20 ? (float)(10 * log10(x)) : -200;
}

void pdcch_rx_llr(const phy_t *phy, const pdcch_rx_plan_t *p, const phy_grid_t *grid, pdcch_rx_work_t *work,
                  int8_t *ret_llr, pdcch_rx_result_t *ret)
{
    const pdcch_tx_cfg_t *c = &p->pdcch.cfg;
    comb4_t *e = &work->estimate;
    e->n_rx = p->n_rx;
    e->n_symbols = c->duration;
    e->delta = FIRST_DMRS;
    e->n_prb = p->n_prb;
    e->n_blocks = p->n_blocks;
    memcpy(e->block, p->block, p->n_blocks * sizeof *p->block);
    least_squares(phy, p, grid, work);
    comb4_run(e);

    size_t n = 0;
    for (unsigned s = 0; s < c->duration; s++)
        for (unsigned i = 0; i < p->n_prb; i++) {
            if (!has(p->pdcch.prb, p->prb[i]))
                continue;
            for (unsigned re = DATA_RE; re; re &= re - 1, n++) {
                const unsigned k = (unsigned)__builtin_ctz(re);
                float xr = 0, xi = 0, gain = 0;
                for (unsigned a = 0; a < p->n_rx; a++) {
                    const ci16_t y = phy_grid_symbol(grid, a, c->start_symbol + s)[12 * p->prb[i] + k];
                    const cf_t h = e->h[a][12 * i + k];
                    const float w = 1 / e->noise[a];
                    xr += w * (h.re * (float)y.re + h.im * (float)y.im);
                    xi += w * (h.re * (float)y.im - h.im * (float)y.re);
                    gain += w * (h.re * h.re + h.im * h.im);
                }
                gain = gain > 1e-20f ? gain : 1e-20f;
                work->sym[n] = (cf_t){xr / gain / PHY_UNIT, xi / gain / PHY_UNIT};
                work->inv_noise[n] = gain / (1 + e->error);
            }
        }
    gold_t g;
    demap(phy, 2, work->sym, work->inv_noise, n, ret_llr);
    gold_init(phy, &g, (((uint32_t)c->scrambling_rnti << 16) + c->scrambling_id) & 0x7fffffff, 0);
    gold_flip_llr(&g, ret_llr, 2 * n);

    double noise = 0, sinr = 0;
    for (unsigned a = 0; a < p->n_rx; a++) {
        noise += (double)e->noise[a] / p->n_rx;
        sinr += (double)(e->rsrp / e->noise[a]);
    }
    *ret = (pdcch_rx_result_t){.rnti = -1,
                               .rsrp_db = db((double)e->rsrp),
                               .noise_db = db(noise),
                               .sinr_db = db(sinr),
                               .slope = e->slope};
}

bool pdcch_rx_decode(const phy_t *phy, const pdcch_rx_plan_t *p, const int8_t *llr, const uint16_t *rntis,
                     unsigned n_rntis, pdcch_rx_work_t *work, uint8_t *ret_dci, pdcch_rx_result_t *ret)
{
    ret->rnti = dci_code_decode(phy, &p->pdcch.code, llr, rntis, n_rntis, &work->polar, ret_dci);
    return ret->rnti >= 0;
}

bool pdcch_rx(const phy_t *phy, const pdcch_rx_plan_t *p, const phy_grid_t *grid, const uint16_t *rntis,
              unsigned n_rntis, pdcch_rx_work_t *work, uint8_t *ret_dci, pdcch_rx_result_t *ret)
{
    int8_t llr[PDCCH_TX_MAX_BITS + PHY_ALIGN];
    pdcch_rx_llr(phy, p, grid, work, llr, ret);
    return pdcch_rx_decode(phy, p, llr, rntis, n_rntis, work, ret_dci, ret);
}
