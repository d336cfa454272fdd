/* SPDX-License-Identifier: Apache-2.0 */
/* PUCCH receivers, one resource, four antennas: microseconds a call by SIMD level. Format 0 (1 symbol pair, 2
 * bits) and format 1 (14 symbols, 2 bits) decode one UE and a full set of UEs on the PRB; format 2 10 bits on
 * 4 PRBs and 2 symbols; formats 3 and 4 over 14 symbols. What is measured does decode (checked). */
#include "lib/phy/ctrl/pucch_tx.h"
#include "tests/bench/bench.h"

#include <math.h>

#define N 2000
#define STRIDE 320

static _Alignas(64) ci16_t ue_re[PHY_SYMBOLS * STRIDE], rx_re[4 * PHY_SYMBOLS * STRIDE];
static double samples[N];

static void bench(const phy_t *phy, pucch_work_t *work, const char *name, pucch_cfg_t c, unsigned n_ues)
{
    pucch_plan_t plans[12];
    const pucch_plan_t *list[12];
    pucch_result_t r[12];
    phy_grid_t ue = {ue_re, 288, 1, PHY_SYMBOLS, STRIDE}, rx = {rx_re, 288, 4, PHY_SYMBOLS, STRIDE};
    uint8_t bits[32] = {0xa5, 0x5a, 0xc3};
    memset(rx_re, 0, sizeof rx_re);
    uint32_t seed = 1;
    for (size_t i = 0; i < sizeof rx_re / sizeof *rx_re; i++) {
        seed = seed * 1664525 + 1013904223;
        rx_re[i] = (ci16_t){(int16_t)((int)(seed >> 24) - 128), (int16_t)((int)(seed >> 16 & 255) - 128)};
    }
    for (unsigned i = 0; i < n_ues; i++) {
        c.initial_cyclic_shift = (uint8_t)(c.format ? 3 * (i % 4) : 0);
        c.time_domain_occ = (uint8_t)(i / 4);
        phy_refusal_t why = {0};
        if (pucch_plan(phy, &c, &plans[i], &why)) {
            fprintf(stderr, "%s: %s refused\n", name, why.field);
            exit(1);
        }
        list[i] = &plans[i];
        memset(ue_re, 0, sizeof ue_re);
        pucch_transmit(phy, &plans[i], &(pucch_uci_t){.harq = 2, .uci = bits}, 0.5f, &ue, 0);
        for (unsigned a = 0; a < 4; a++)
            for (size_t k = 0; k < PHY_SYMBOLS * STRIDE; k++) {
                rx_re[a * PHY_SYMBOLS * STRIDE + k].re =
                    (int16_t)(rx_re[a * PHY_SYMBOLS * STRIDE + k].re + ue_re[k].re);
                rx_re[a * PHY_SYMBOLS * STRIDE + k].im =
                    (int16_t)(rx_re[a * PHY_SYMBOLS * STRIDE + k].im + ue_re[k].im);
            }
    }
    for (unsigned i = 0; i < N + 100; i++) {
        double t = bench_now_ns();
        if (c.format == 0)
            pucch_f0_detect(phy, list, n_ues, &rx, r);
        else if (c.format == 1)
            pucch_f1_detect(phy, list, n_ues, &rx, r);
        else
            pucch_decode(phy, &plans[0], &rx, work, &r[0]);
        if (i >= 100)
            samples[i - 100] = (bench_now_ns() - t) / 1000;
    }
    for (unsigned i = 0; i < n_ues; i++)
        if (!r[i].detected || (c.format < 2 ? r[i].harq != 2 : r[i].uci[0] != bits[0])) {
            fprintf(stderr, "%s: UE %u was not decoded\n", name, i);
            exit(1);
        }
    char params[128];
    snprintf(params, sizeof params,
             "\"isa\":\"%s\",\"rx\":4,\"ues\":%u,\"symbols\":%u,\"prb\":%u,\"bits\":%u",
             phy_isa_name(phy->isa), n_ues, c.n_symbols, c.n_prb, c.n_harq);
    bench_print(name, params, "us", samples, N);
}

int main(void)
{
    pucch_work_t *work = aligned_alloc(64, (pucch_work_size() + 63) / 64 * 64);
    if (!work)
        return 1;
    phy_isa_t best = phy_isa_detect();
    for (int isa = PHY_ISA_GENERIC; isa <= (int)best; isa++) {
        phy_t *phy;
        if (phy_create((phy_isa_t)isa, &phy))
            return 1;
        pucch_cfg_t c = {.mu = 1,
                         .slot = 3,
                         .n_grid_prb = 24,
                         .prb_start = 4,
                         .second_hop_prb = 12,
                         .n_prb = 1,
                         .hopping_id = 5,
                         .n_symbols = 2,
                         .start_symbol = 12,
                         .n_harq = 2,
                         .n_rx = 4,
                         .rnti = 17,
                         .n_id = 9,
                         .n_id0 = 9,
                         .occ_length = 2};
        bench(phy, work, "pucch_f0", c, 1);
        c.format = 1;
        c.n_symbols = 14;
        c.start_symbol = 0;
        bench(phy, work, "pucch_f1", c, 1);
        bench(phy, work, "pucch_f1", c, 12);
        c.format = 2;
        c.n_symbols = 2;
        c.start_symbol = 12;
        c.n_prb = 4;
        c.n_harq = 10;
        bench(phy, work, "pucch_f2", c, 1);
        c.format = 3;
        c.n_symbols = 14;
        c.start_symbol = 0;
        c.n_harq = 22;
        bench(phy, work, "pucch_f3", c, 1);
        c.format = 4;
        c.n_prb = 1;
        bench(phy, work, "pucch_f4", c, 1);
        phy_destroy(phy);
    }
    free(work);
    return 0;
}
