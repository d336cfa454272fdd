/* SPDX-License-Identifier: Apache-2.0 */
/* LDPC decoding and rate dematching, per variant of the kernels; one thread. "Info bits" of a code block are
 * its K bits. "noise": LLRs that no code word fits, so that every iteration of the budget is run; "clean":
 * code words with LLRs of full strength, decoded in one iteration, CRC check included. Different blocks
 * follow each other. */
#include "lib/phy/ldpc/decode.h"
#include "lib/phy/ldpc/dematch.h"
#include "lib/phy/ldpc/encode.h"
#include "lib/phy/ldpc/sch.h"
#include "tests/bench/bench.h"

#define N_SAMPLES 201
#define N_BLOCKS 8

static double samples[N_SAMPLES];
static _Alignas(64) int8_t soft[N_BLOCKS][LDPC_MAX_SOFT], llr[N_BLOCKS][LDPC_MAX_SOFT];
static uint8_t bits[N_BLOCKS][LDPC_MAX_K_BYTES];
static ldpc_dec_work_t work;

static uint64_t random_word(void)
{
    static uint64_t x = 88172645463325252u;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return x * UINT64_C(0x2545f4914f6cdd1d);
}

static void fill_clean(const phy_t *phy, const ldpc_dec_plan_t *plan)
{
    const graph_t *g = plan->graph;
    for (unsigned b = 0; b < N_BLOCKS; b++) {
        uint8_t parity[GRAPH_MAX_ROWS * GRAPH_MAX_ZC / 8];
        for (unsigned i = 0; i < plan->k / 8u; i++)
            bits[b][i] = (uint8_t)random_word();
        uint32_t crc = crc_bits(phy, CRC24B, bits[b], plan->k - 24u);
        for (unsigned i = 0; i < 3; i++)
            bits[b][plan->k / 8 - 3 + i] = (uint8_t)(crc >> (16 - 8 * i));
        ldpc_encode(phy, g, g->n_rows, bits[b], parity);
        for (unsigned i = 0, n = (g->n_cols - 2u) * g->zc, sys = plan->k - 2u * g->zc; i < n; i++) {
            unsigned at = i < sys ? i + 2u * g->zc : i - sys;
            soft[b][i] = (i < sys ? bits[b] : parity)[at / 8] >> (7 - at % 8) & 1 ? -60 : 60;
        }
    }
}

static void bench_decode(const phy_t *phy, unsigned bg, unsigned zc, double rate, unsigned iterations,
                         bool clean)
{
    ldpc_dec_plan_t plan;
    ldpc_dec_cfg_t cfg = {.bg = (uint8_t)bg, .zc = (uint16_t)zc, .crc = LDPC_CRC_24B};
    ldpc_dec_stats_t stats = {0};
    if (ldpc_dec_plan(phy, &cfg, &plan, NULL) < 0)
        exit(1);
    uint32_t n = (plan.graph->n_cols - 2u) * zc, e = (uint32_t)(plan.k / rate);
    e = e > n ? n : e;
    if (clean)
        fill_clean(phy, &plan);
    else
        for (unsigned b = 0; b < N_BLOCKS; b++)
            for (unsigned i = 0; i < n; i++)
                soft[b][i] = (int8_t)((int)(random_word() >> 40 & 63) - 31);
    unsigned rounds = 1 + 384 / zc;
    for (unsigned s = 0; s < N_SAMPLES; s++) {
        double t = bench_now_ns();
        for (unsigned r = 0; r < rounds; r++)
            for (unsigned b = 0; b < N_BLOCKS; b++)
                ldpc_decode(phy, &plan, soft[b], e, iterations, &work, bits[b], &stats);
        samples[s] = 1000.0 * rounds * N_BLOCKS * plan.k / (bench_now_ns() - t);
    }
    char params[160];
    snprintf(params, sizeof params,
             "\"isa\":\"%s\",\"bg\":%u,\"zc\":%u,\"rate\":%.3f,\"llr\":\"%s\",\"iterations\":%u,\"rows\":%u",
             phy_isa_name(phy->isa), bg, zc, rate, clean ? "clean" : "noise", stats.iterations, stats.rows);
    bench_print("ldpc_decode", params, "Mb/s", samples, N_SAMPLES);
}

static void bench_dematch(const phy_t *phy, unsigned qm, uint32_t e, bool combine)
{
    ldpc_dematch_plan_t plan;
    ldpc_dematch_cfg_t cfg = {.bg = 1, .zc = 384, .n_cb = 25344, .qm = (uint8_t)qm, .e = e};
    if (ldpc_dematch_plan(phy, &cfg, &plan, NULL) < 0)
        exit(1);
    for (unsigned b = 0; b < N_BLOCKS; b++)
        for (unsigned i = 0; i < LDPC_MAX_SOFT; i++)
            llr[b][i] = (int8_t)((int)(random_word() >> 40 & 63) - 31);
    for (unsigned s = 0; s < N_SAMPLES; s++) {
        double t = bench_now_ns();
        for (unsigned b = 0; b < N_BLOCKS; b++) {
            uint32_t n_soft = combine ? e : 0;
            ldpc_dematch(phy, &plan, llr[b], soft[b], &n_soft);
        }
        samples[s] = 1000.0 * N_BLOCKS * e / (bench_now_ns() - t);
    }
    char params[128];
    snprintf(params, sizeof params, "\"isa\":\"%s\",\"qm\":%u,\"e\":%u,\"combine\":%s",
             phy_isa_name(phy->isa), qm, e, combine ? "true" : "false");
    bench_print("ldpc_dematch", params, "Mb/s", samples, N_SAMPLES);
}

int main(void)
{
    for (int isa = 0; isa < PHY_N_ISA; isa++) {
        phy_t *phy;
        if ((int)phy_isa_detect() < isa || phy_create((phy_isa_t)isa, &phy) < 0)
            continue;
        bench_decode(phy, 1, 384, 0.917, 6, false);
        bench_decode(phy, 1, 384, 1 / 3.0, 6, false);
        bench_decode(phy, 1, 384, 0.917, 8, true);
        bench_decode(phy, 1, 384, 1 / 3.0, 8, true);
        bench_decode(phy, 1, 208, 2 / 3.0, 6, false);
        bench_decode(phy, 1, 64, 1 / 3.0, 6, false);
        bench_decode(phy, 2, 384, 0.2, 6, false);
        bench_decode(phy, 2, 64, 1 / 3.0, 6, false);
        bench_decode(phy, 2, 8, 1 / 3.0, 6, false);
        for (unsigned qm = 2; qm <= 8; qm += 2)
            bench_dematch(phy, qm, 9216, false);
        bench_dematch(phy, 8, 9216, true);
        phy_destroy(phy);
    }
    return 0;
}
