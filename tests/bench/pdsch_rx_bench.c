/* SPDX-License-Identifier: Apache-2.0 */
/* The UE's PDSCH receiver, one thread, from a slot's grid to transport block at 273 PRB and four antennas:
 * one, two and four layers of 64QAM, of 256QAM with four, and four layers with interleaved VRBs, PRGs of two
 * and PTRS; each step apart. And what a UE does before it: a PDCCH candidate with its DCI, a cell's SSB. */
#include "lib/phy/dl/pdcch_rx.h"
#include "lib/phy/dl/ssb_rx.h"
#include "tests/bench/bench.h"
#include "tests/unit/lib/phy/dl/pdsch_link.h"

#define ROUNDS 60

static double sample[5][ROUNDS];

static void bench_one(const phy_t *phy, const char *name, const pdsch_rx_cfg_t *cfg)
{
    static const char *const steps[] = {"pdsch_rx", "pdsch_rx_dmrs", "pdsch_rx_symbols", "pdsch_rx_decoding",
                                        "pdsch_rx_plan"};
    link_random_t rnd;
    link_random_seed(&rnd, 3);
    phy_refusal_t why = {0};
    pdsch_link_t *g = link_create(phy, cfg, 4, &rnd, &why);
    const channel_cfg_t cc = {.profile = CHANNEL_AWGN,
                              .n_tx = 4,
                              .n_rx = 4,
                              .mu = 1,
                              .n_sc = 273 * 12,
                              .delay_ns = 100,
                              .gain = 0.4f,
                              .seed = 1};
    channel_t *channel = NULL;
    if (!g || channel_create(&cc, &channel) < 0) {
        fprintf(stderr, "pdsch_rx_bench: %s\n", why.field ? why.field : "no memory");
        exit(1);
    }
    link_send(g);
    channel_apply(channel, &g->tx, 1e-3f, false, &g->rx);
    static _Alignas(PHY_ALIGN) pdsch_rx_plan_t plan;
    for (int i = -5; i < ROUNDS; i++) {
        double t[5];
        link_new_data(g);
        t[0] = bench_now_ns();
        pdsch_rx_begin(&g->state, &g->rx_plan, &g->rx, g->cb, g->memory);
        pdsch_rx_dmrs(phy, &g->state, g->work);
        t[1] = bench_now_ns();
        for (unsigned l = 0; l < PHY_SYMBOLS; l++)
            pdsch_rx_symbol(phy, &g->state, g->work, l);
        t[2] = bench_now_ns();
        for (unsigned k = 0; k < g->tx_plan.n_code_blocks; k++)
            pdsch_rx_cb(phy, &g->state, g->work, k);
        pdsch_rx_finish(phy, &g->state, g->got);
        t[3] = bench_now_ns();
        pdsch_rx_plan(phy, cfg, &plan, NULL);
        t[4] = bench_now_ns();
        if (!link_ok(g)) {
            fprintf(stderr, "pdsch_rx_bench: %s did not decode\n", name);
            exit(1);
        }
        if (i < 0)
            continue;
        sample[0][i] = (t[3] - t[0]) / 1e3;
        for (unsigned k = 1; k < 5; k++)
            sample[k][i] = (t[k] - t[k - 1]) / 1e3;
    }
    char params[200];
    snprintf(params, sizeof params,
             "\"isa\":\"%s\",\"case\":\"%s\",\"prb\":273,\"layers\":%u,\"rx\":4,\"qm\":%u,\"tb_bits\":%u,"
             "\"iterations\":%u",
             phy_isa_name(phy->isa), name, cfg->pdsch.n_layers, cfg->pdsch.qm, 8 * cfg->pdsch.tb_bytes,
             g->state.result.iterations_max);
    for (unsigned k = 0; k < 5; k++)
        bench_print(steps[k], params, "us", sample[k], ROUNDS);
    channel_destroy(channel);
    link_destroy(g);
}

/* A DCI of 40 bits that is there, and one that is not (the grid's other CCEs are empty but for noise). */
static void bench_pdcch(const phy_t *phy, const phy_grid_t *grid, unsigned level)
{
    const uint16_t rnti = 0x4601;
    pdcch_rx_cfg_t c = {.n_rx = 4};
    c.pdcch = (pdcch_tx_cfg_t){.carrier_size = 106,
                               .freq_resources = UINT64_C(0xffff) << 29,
                               .duration = 2,
                               .aggregation_level = (uint8_t)level,
                               .rnti = rnti,
                               .payload_bits = 40};
    static pdcch_rx_plan_t plan;
    pdcch_rx_work_t *work = link_memory(sizeof *work);
    uint8_t dci[8] = {0x12, 0x34, 0x56, 0x78, 0x9a}, got[8];
    pdcch_rx_result_t r;
    pdcch_rx_plan(&c, &plan, NULL);
    for (unsigned sent = 0; sent < 2; sent++) {
        link_random_t rnd;
        link_random_seed(&rnd, 7);
        for (size_t i = 0; i < (size_t)4 * PHY_SYMBOLS * grid->stride; i++) {
            const cf_t g = link_random_gauss(&rnd);
            grid->re[i] = (ci16_t){(int16_t)(300 * g.re), (int16_t)(300 * g.im)};
        }
        if (sent)
            pdcch_tx_run(phy, &plan.pdcch, dci, grid);
        for (int i = -5; i < ROUNDS; i++) {
            const double t0 = bench_now_ns();
            const bool found = pdcch_rx(phy, &plan, grid, &rnti, 1, work, got, &r);
            if (found != sent)
                exit(1);
            if (i >= 0)
                sample[0][i] = (bench_now_ns() - t0) / 1e3;
        }
        char params[120];
        snprintf(params, sizeof params, "\"isa\":\"%s\",\"level\":%u,\"rx\":4,\"bits\":40,\"sent\":%u",
                 phy_isa_name(phy->isa), level, sent);
        bench_print("pdcch_rx", params, "us", sample[0], ROUNDS);
    }
    free(work);
}

static void bench_ssb(const phy_t *phy, const phy_grid_t *grid)
{
    const ssb_cfg_t s = {.phys_cell_id = 77, .l_max = 8, .index = 3, .first_symbol = 2};
    const ssb_rx_cfg_t c = {.first_symbol = 2, .n_rx = 4, .l_max = 8};
    ssb_rx_work_t *work = link_memory(sizeof *work);
    ssb_rx_cell_t cell;
    ssb_rx_pbch_t p;
    ssb_run(phy, &s, grid);
    for (int i = -5; i < ROUNDS; i++) {
        const double t0 = bench_now_ns();
        const bool found = ssb_rx_cell(phy, &c, grid, &cell);
        const double t1 = bench_now_ns();
        if (!found || !ssb_rx_pbch(phy, &c, cell.phys_cell_id, grid, work, &p))
            exit(1);
        if (i < 0)
            continue;
        sample[0][i] = (t1 - t0) / 1e3;
        sample[1][i] = (bench_now_ns() - t1) / 1e3;
    }
    char params[60];
    snprintf(params, sizeof params, "\"isa\":\"%s\",\"rx\":4", phy_isa_name(phy->isa));
    bench_print("ssb_rx_cell", params, "us", sample[0], ROUNDS);
    bench_print("ssb_rx_pbch", params, "us", sample[1], ROUNDS);
    free(work);
}

int main(void)
{
    for (phy_isa_t isa = phy_isa_detect() > PHY_ISA_AVX2 ? PHY_ISA_AVX2 : PHY_ISA_GENERIC;
         isa <= phy_isa_detect(); isa++) {
        phy_t *phy;
        if (phy_create(isa, &phy) < 0)
            return 1;
        for (unsigned n = 1; n <= 4; n *= 2) {
            pdsch_rx_cfg_t c = link_cfg(273, n, 4, 6);
            c.pdsch.dmrs_symbols = 1u << 2;
            link_rate(phy, &c.pdsch, 4, 0.78);
            bench_one(phy, "plain", &c);
        }
        pdsch_rx_cfg_t c = link_cfg(273, 4, 4, 8);
        c.pdsch.dmrs_symbols = 1u << 2;
        link_rate(phy, &c.pdsch, 4, 0.75);
        bench_one(phy, "256QAM", &c);
        c = link_cfg(273, 4, 4, 6);
        c.pdsch.vrb_mapping = PDSCH_VRB_INTERLEAVED;
        c.pdsch.vrb_bundle = 2;
        c.pdsch.prg_size = 2;
        c.pdsch.ptrs = true;
        c.pdsch.ptrs_l = 1;
        c.pdsch.ptrs_k = 2;
        link_rate(phy, &c.pdsch, 4, 0.7);
        bench_one(phy, "interleaved", &c);
        const phy_grid_t grid = link_grid(106, 4);
        for (unsigned level = 1; level <= 16; level *= 4)
            bench_pdcch(phy, &grid, level);
        bench_ssb(phy, &grid);
        free(grid.re);
        phy_destroy(phy);
    }
    return 0;
}
