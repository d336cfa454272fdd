/* SPDX-License-Identifier: Apache-2.0 */
/* The SRS receiver, 272 PRBs on four antennas: microseconds a symbol. */
#include "lib/phy/ctrl/srs.h"
#include "tests/bench/bench.h"

#define N 500

static _Alignas(64) ci16_t ue_re[4 * PHY_SYMBOLS * PHY_GRID_STRIDE], rx_re[4 * PHY_SYMBOLS * PHY_GRID_STRIDE];
static cf_t h[69 * 4 * 4];
static double times[N];

int main(void)
{
    srs_work_t *work = aligned_alloc(64, (srs_work_size() + 63) / 64 * 64);
    if (!work)
        return 1;
    phy_isa_t best = phy_isa_detect();
    for (int isa = PHY_ISA_GENERIC; isa <= (int)best; isa++) {
        phy_t *phy;
        if (phy_create((phy_isa_t)isa, &phy))
            return 1;
        for (uint8_t ports = 1; ports <= 4; ports *= 2) {
            srs_cfg_t c = {.mu = 1,
                           .slot = 9,
                           .n_grid_prb = 273,
                           .n_ports = ports,
                           .n_symbols = 1,
                           .repetition = 1,
                           .start_symbol = 13,
                           .c_srs = 61,
                           .comb = 2,
                           .sequence_id = 5,
                           .n_rx = 4,
                           .prg_size = 4};
            srs_plan_t p;
            phy_refusal_t why = {0};
            if (srs_plan(phy, &c, &p, &why))
                return 1;
            phy_grid_t ue = {ue_re, 3276, 4, PHY_SYMBOLS, PHY_GRID_STRIDE},
                       rx = {rx_re, 3276, 4, PHY_SYMBOLS, PHY_GRID_STRIDE};
            memset(ue_re, 0, sizeof ue_re);
            srs_transmit(phy, &p, 0.25f, &ue, 0);
            uint32_t seed = 1;
            for (size_t i = 0; i < sizeof rx_re / sizeof *rx_re; i++) {
                seed = seed * 1664525 + 1013904223;
                size_t k = i % (PHY_SYMBOLS * PHY_GRID_STRIDE);
                int re = (int)(seed >> 24) - 128, im = (int)(seed >> 16 & 255) - 128;
                for (unsigned q = 0; q < ports; q++) {
                    re += ue_re[q * PHY_SYMBOLS * PHY_GRID_STRIDE + k].re;
                    im += ue_re[q * PHY_SYMBOLS * PHY_GRID_STRIDE + k].im;
                }
                rx_re[i] = (ci16_t){(int16_t)re, (int16_t)im};
            }
            srs_channel_t channel = {h, p.n_prg, 4, ports, 4};
            srs_result_t r;
            for (unsigned i = 0; i < N; i++) {
                double t = bench_now_ns();
                srs_receive(phy, &p, &rx, work, &channel, 0, &r);
                times[i] = (bench_now_ns() - t) / 1000;
            }
            if (!r.detected)
                return 1;
            char params[128];
            snprintf(params, sizeof params, "\"isa\":\"%s\",\"rx\":4,\"ports\":%u,\"prb\":272,\"comb\":2",
                     phy_isa_name(phy->isa), ports);
            bench_print("srs", params, "us", times, N);
        }
        phy_destroy(phy);
    }
    free(work);
    return 0;
}
