/* SPDX-License-Identifier: Apache-2.0 */
/* PUSCH receive chain, one thread, from a slot's grid to transport block: the row of docs' performance table
 * (273 PRB, 64QAM, 4 antennas, a block that decodes at 30 dB) with one, two and four layers, each step of it
 * apart, and the UE's transmitter. The signal went through a flat random channel with noise. */
#include "tests/bench/bench.h"
#include "tests/unit/lib/phy/pusch/rig.h"

#define ROUNDS 200

static double sample[8][ROUNDS];

static void bench_one(const phy_t *phy, unsigned n_layers, uint32_t tb_bytes)
{
    static const char *const steps[] = {"pusch_rx",          "pusch_rx_dmrs",   "pusch_rx_symbols",
                                        "pusch_rx_decoding", "pusch_rx_finish", "pusch_plan"};
    rig_random_t r = {77 + n_layers};
    pusch_cfg_t c = rig_cfg(273, n_layers, 4, 6);
    c.dmrs_symbols = 1u << 2; /* 13 symbols of data */
    c.tb_bytes = tb_bytes;
    c.rate_x10 = 8000;
    phy_refusal_t why;
    static pusch_plan_t plan;
    while (pusch_plan(phy, &c, &plan, NULL) < 0 && c.tb_bytes > tb_bytes - 100)
        c.tb_bytes--; /* a size that splits into whole bytes per code block */
    tb_bytes = c.tb_bytes;
    rig_t *g = rig_create(phy, &c, &r, &why);
    if (!g) {
        fprintf(stderr, "pusch_bench: %s\n", why.field);
        exit(1);
    }
    rig_channel_t ch = {.n_paths = 1, .n_tx = n_layers, .n_rx = 4, .mu = 1, .noise = 1e-3};
    ch.delay[0] = 100e-9;
    /* Columns of a DFT matrix with a little noise: layers that are easy to tell apart. */
    for (unsigned i = 0; i < 4; i++)
        for (unsigned j = 0; j < n_layers; j++)
            ch.gain[0][i][j] = cexp(2 * I * M_PI * i * j / 4.0) + 0.1 * rig_gauss(&r);
    rig_send(g);
    rig_run(&ch, &r, &g->tx, &g->rx, 0x3fff);
    unsigned failed = 0;
    for (int i = -5; i < ROUNDS; i++) {
        double t[6];
        for (unsigned k = 0; k < g->plan.sch.n_cb; k++) {
            g->cb[k].n_soft = 0;
            g->cb[k].done = false;
        }
        t[0] = bench_now_ns();
        pusch_rx_begin(g->state, &g->plan, &g->rx, g->cb, g->memory);
        pusch_rx_dmrs(phy, g->state, g->work, 0);
        t[1] = bench_now_ns();
        for (unsigned l = 0; l < PHY_SYMBOLS; l++)
            pusch_rx_symbol(phy, g->state, g->work, l);
        t[2] = bench_now_ns();
        pusch_rx_uci(phy, g->state, g->work);
        for (unsigned k = 0; k < g->plan.sch.n_cb; k++)
            pusch_rx_cb(phy, g->state, g->work, k);
        t[3] = bench_now_ns();
        failed += !pusch_rx_finish(phy, g->state, g->got)->crc_ok;
        t[4] = bench_now_ns();
        pusch_plan(phy, &c, &plan, NULL);
        t[5] = bench_now_ns();
        if (i < 0)
            continue;
        sample[0][i] = (t[4] - t[0]) / 1e3;
        for (unsigned k = 1; k < 6; k++)
            sample[k][i] = (t[k] - t[k - 1]) / 1e3;
    }
    if (failed || memcmp(g->tb, g->got, tb_bytes)) {
        fprintf(stderr, "pusch_bench: %u blocks of %u layers did not decode\n", failed, n_layers);
        exit(1);
    }
    char params[200];
    snprintf(params, sizeof params,
             "\"isa\":\"%s\",\"prb\":273,\"layers\":%u,\"rx\":4,\"qm\":6,\"tb_bits\":%u,\"iterations\":%u",
             phy_isa_name(phy->isa), n_layers, 8 * tb_bytes, g->state->result.iterations_max);
    for (unsigned k = 0; k < 6; k++)
        bench_print(steps[k], params, "us", sample[k], ROUNDS);
    rig_destroy(g);
}

/* The kernels by themselves at 273 PRB, 4 antennas. */
static void bench_kernels(const phy_t *phy, unsigned n_layers)
{
    rig_random_t r = {5};
    pusch_cfg_t c = rig_cfg(273, n_layers, 4, 6);
    c.tb_bytes = 1000;
    c.rate_x10 = 5000;
    rig_t *g = rig_create(phy, &c, &r, NULL);
    for (size_t i = 0; i < (size_t)4 * PHY_SYMBOLS * g->rx.stride; i++)
        g->rx.re[i] = (ci16_t){(int16_t)(rig_next(&r) >> 18), (int16_t)(rig_next(&r) >> 18)};
    pusch_rx_begin(g->state, &g->plan, &g->rx, g->cb, g->memory);
    pusch_rx_dmrs(phy, g->state, g->work, 0);
    const chest_t *e = &g->state->chest[0];
    const eq_shape_t shape = {
        .n_layers = (uint8_t)n_layers, .n_rx = 4, .n_sc = 3276, .stride = e->plan->stride};
    float *inv = rig_memory(4 * 4096 * sizeof *inv);
    cf_t *sym = rig_memory(4 * 4096 * sizeof *sym);
    const ci16_t *rows[4];
    for (unsigned a = 0; a < 4; a++)
        rows[a] = phy_grid_symbol(&g->rx, a, 5);
    for (int i = 0; i < ROUNDS; i++) {
        double t0 = bench_now_ns();
        eq_filter(phy, &shape, e->h, e->result.noise_ant, g->state->g[0], inv);
        double t1 = bench_now_ns();
        for (int k = 0; k < 8; k++)
            eq_apply(phy, &shape, g->state->g[0], 0, 3276, rows, (cf_t){1, 0}, sym);
        double t2 = bench_now_ns();
        sample[0][i] = (t1 - t0) / 1e3;
        sample[1][i] = (t2 - t1) / 8e3;
    }
    char params[100];
    snprintf(params, sizeof params, "\"isa\":\"%s\",\"prb\":273,\"layers\":%u,\"rx\":4",
             phy_isa_name(phy->isa), n_layers);
    bench_print("eq_filter", params, "us", sample[0], ROUNDS);
    bench_print("eq_apply", params, "us", sample[1], ROUNDS);
    free(inv);
    free(sym);
    rig_destroy(g);
}

int main(void)
{
    for (phy_isa_t isa = phy_isa_detect() > PHY_ISA_AVX2 ? PHY_ISA_AVX2 : PHY_ISA_GENERIC;
         isa <= phy_isa_detect(); isa++) {
        phy_t *phy;
        if (phy_create(isa, &phy) < 0)
            return 1;
        bench_one(phy, 1, 25101);
        bench_one(phy, 2, 50210);
        bench_one(phy, 4, 100420);
        for (unsigned n = 1; n <= 4; n *= 2)
            bench_kernels(phy, n);
        phy_destroy(phy);
    }
    return 0;
}
