/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/vectors/receive.h"

#include <math.h>
#include <string.h>

#define GAIN (PHY_UNIT * 0.5)
/* Variance, of a unit symbol: 256QAM of the highest rates is to be decoded, whatever the order of cases. */
#define NOISE 0.0002

static uint64_t state = 88172645463325252u;

static double uniform(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return ((double)(state >> 11) + 0.5) / 9007199254740992.0;
}

static int16_t sample(double x)
{
    return (int16_t)lrint(x > 32767 ? 32767 : x < -32768 ? -32768 : x);
}

static void noise(const phy_grid_t *g)
{
    for (unsigned a = 0; a < g->n_ant; a++)
        for (unsigned l = 0; l < g->n_symbols; l++)
            for (unsigned k = 0; k < g->n_sc; k++) {
                ci16_t *x = &phy_grid_symbol(g, a, l)[k];
                const double size = GAIN * sqrt(-NOISE * log(uniform())), turn = 2 * M_PI * uniform();
                *x = (ci16_t){sample(x->re + size * cos(turn)), sample(x->im + size * sin(turn))};
            }
}

phy_grid_t vec_air_dense(vec_t *v, const cf_t *grid, unsigned n_ant, unsigned n_prb)
{
    phy_grid_t g = vec_grid(v, n_ant, n_prb);
    for (unsigned a = 0; a < n_ant; a++)
        for (unsigned l = 0; l < g.n_symbols; l++)
            for (unsigned k = 0; k < g.n_sc; k++) {
                const cf_t x = grid[((size_t)a * g.n_symbols + l) * g.n_sc + k];
                phy_grid_symbol(&g, a, l)[k] =
                    (ci16_t){sample(GAIN * (double)x.re), sample(GAIN * (double)x.im)};
            }
    noise(&g);
    return g;
}

phy_grid_t vec_air_sparse(vec_t *v, vec_file_t index, vec_file_t value, unsigned slot, unsigned n_prb)
{
    phy_grid_t g = vec_grid(v, 1, n_prb);
    const size_t columns = index.shape[1], skip = columns - 3;
    for (size_t i = 0; i < value.n; i++) {
        const uint16_t *row = index.u16 + i * columns;
        if ((skip && row[0] != slot) || row[skip] != 0 || row[skip + 1] >= g.n_symbols ||
            row[skip + 2] >= g.n_sc)
            continue;
        phy_grid_symbol(&g, 0, row[skip + 1])[row[skip + 2]] =
            (ci16_t){sample(GAIN * (double)value.cf[i].re), sample(GAIN * (double)value.cf[i].im)};
    }
    noise(&g);
    return g;
}

void vec_receive_pdsch(vec_t *v, const pdsch_cfg_t *cfg, unsigned mu, const phy_grid_t *air, vec_harq_t *harq,
                       const uint8_t *tb)
{
    const pdsch_rx_cfg_t c = {.pdsch = *cfg, .mu = (uint8_t)mu, .n_rx = air->n_ant};
    pdsch_rx_plan_t *plan = vec_alloc(v, sizeof *plan);
    phy_refusal_t why;
    if (pdsch_rx_plan(v->phy, &c, plan, &why)) {
        vec_fail(v, "reception", "refused %s = %lld", why.field, (long long)why.value);
        return;
    }
    for (; harq->n_cb < plan->pdsch.sch.n_cb; harq->n_cb++) {
        harq->cb[harq->n_cb].soft = vec_alloc(v, LDPC_MAX_SOFT);
        harq->cb[harq->n_cb].bits = vec_alloc(v, LDPC_MAX_K_BYTES);
    }
    for (unsigned r = 0; r < harq->n_cb; r++) {
        harq->cb[r].n_soft = 0;
        harq->cb[r].done = false;
    }
    pdsch_rx_t *rx = vec_alloc(v, sizeof *rx);
    uint8_t *got = vec_alloc(v, cfg->tb_bytes + 1);
    const pdsch_rx_result_t *r = pdsch_rx(v->phy, rx, vec_alloc(v, pdsch_rx_work_bytes()), plan, air,
                                          harq->cb, vec_alloc(v, pdsch_rx_bytes(plan)), got);
    if (!r->crc_ok || memcmp(got, tb, cfg->tb_bytes) != 0)
        vec_fail(v, "reception", "slot %u, rv %u: %u of %u code blocks, SINR %.1f dB", cfg->slot, cfg->rv,
                 r->n_cb_ok, plan->pdsch.sch.n_cb, (double)r->post_sinr_db);
}

void vec_receive_pdcch(vec_t *v, const pdcch_tx_cfg_t *cfg, const phy_grid_t *air, const uint8_t *dci)
{
    const pdcch_rx_cfg_t c = {*cfg, air->n_ant};
    pdcch_rx_plan_t *plan = vec_alloc(v, sizeof *plan);
    pdcch_rx_work_t *work = vec_alloc(v, sizeof *work);
    pdcch_rx_result_t r;
    phy_refusal_t why;
    uint8_t got[(DCI_CODE_MAX_BITS + 7) / 8];
    const uint16_t rntis[3] = {(uint16_t)(cfg->rnti + 1), cfg->rnti, 0xffff};
    if (pdcch_rx_plan(&c, plan, &why)) {
        vec_fail(v, "reception", "refused %s = %lld", why.field, (long long)why.value);
        return;
    }
    if (!pdcch_rx(v->phy, plan, air, rntis, 3, work, got, &r) || r.rnti != 1)
        vec_fail(v, "reception", "slot %u: no DCI, SINR %.1f dB", cfg->slot, (double)r.sinr_db);
    else
        for (unsigned i = 0; i < cfg->payload_bits; i++)
            if (((got[i / 8] ^ dci[i / 8]) >> (7 - i % 8)) & 1) {
                vec_fail(v, "reception", "slot %u: bit %u of the DCI", cfg->slot, i);
                return;
            }
}

void vec_receive_ssb(vec_t *v, const ssb_cfg_t *b, const phy_grid_t *air)
{
    const ssb_rx_cfg_t c = {b->first_sc, b->first_symbol, air->n_ant, b->l_max};
    ssb_rx_work_t *work = vec_alloc(v, sizeof *work);
    ssb_rx_cell_t cell;
    ssb_rx_pbch_t p;
    phy_refusal_t why;
    if (ssb_rx_check(&c, air->n_sc, air->n_ant, &why)) {
        vec_fail(v, "reception", "refused %s = %lld", why.field, (long long)why.value);
        return;
    }
    if (!ssb_rx_cell(v->phy, &c, air, &cell) || cell.phys_cell_id != b->phys_cell_id)
        vec_fail(v, "reception", "cell %u at %.2f, want %u", cell.phys_cell_id, (double)cell.sss,
                 b->phys_cell_id);
    else if (!ssb_rx_pbch(v->phy, &c, cell.phys_cell_id, air, work, &p))
        vec_fail(v, "reception", "block %u: no PBCH, SINR %.1f dB", b->index, (double)p.sinr_db);
    else if (p.ssb_index != b->index || p.half_frame != b->half_frame || p.sfn != b->sfn || p.mib != b->mib ||
             p.k_ssb != b->k_ssb)
        vec_fail(v, "reception", "block %u, half %u, SFN %u, k_SSB %u, MIB %06x: want %u, %u, %u, %u, %06x",
                 p.ssb_index, p.half_frame, p.sfn, p.k_ssb, (unsigned)p.mib, b->index, b->half_frame, b->sfn,
                 b->k_ssb, (unsigned)b->mib);
}
