/* SPDX-License-Identifier: Apache-2.0 */
/* CRC, LDPC encoder, rate matching, and a transport block's coding, per variant of the kernels; one thread.
 * "Info bits" of a code block are its K bits. Different blocks follow each other, as in a transport block. */
#include "tests/bench/bench.h"
#include "lib/phy/ldpc/encode.h"
#include "lib/phy/ldpc/sch.h"

#define N_SAMPLES 301
#define N_BLOCKS 16

static double samples[N_SAMPLES];
static uint8_t message[N_BLOCKS][SCH_MAX_K_BYTES];
static uint8_t parity[N_BLOCKS][GRAPH_MAX_ROWS * GRAPH_MAX_ZC / 8];
static uint8_t circ[N_BLOCKS][RATE_MATCH_CIRC_BYTES];
static uint8_t out[1 << 18];
static uint8_t tb[1 << 18];

static void fill(uint8_t *p, size_t n)
{
    static uint64_t x = 88172645463325252u;
    for (size_t i = 0; i < n; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        p[i] = (uint8_t)(x >> 32);
    }
}

static void bench_encode(const phy_t *phy, unsigned bg, unsigned zc, unsigned rows)
{
    const graph_t *g = graph_get(phy, bg, zc);
    rows = rows ? rows : g->n_rows;
    for (unsigned s = 0; s < N_SAMPLES; s++) {
        double t = bench_now_ns();
        for (unsigned n = 0; n < 4; n++)
            for (unsigned i = 0; i < N_BLOCKS; i++)
                ldpc_encode(phy, g, rows, message[i], parity[i]);
        samples[s] = g->n_sys * zc * 4.0 * N_BLOCKS / (bench_now_ns() - t);
    }
    char params[128];
    snprintf(params, sizeof params, "\"isa\":\"%s\",\"bg\":%u,\"zc\":%u,\"rows\":%u", phy_isa_name(phy->isa),
             bg, zc, rows);
    bench_print("ldpc_encode", params, "Gb/s", samples, N_SAMPLES);
}

static void bench_rate_match(const phy_t *phy, unsigned qm, uint32_t e, unsigned rv)
{
    circ_t c;
    circ_init(&c, graph_get(phy, 1, 384), 8448, 0, rv);
    for (unsigned s = 0; s < N_SAMPLES; s++) {
        double t = bench_now_ns();
        for (unsigned n = 0; n < 4; n++)
            for (unsigned i = 0; i < N_BLOCKS; i++)
                rate_match(phy, circ[i], c.n_circ, c.start, qm, e, out);
        samples[s] = e * 4.0 * N_BLOCKS / (bench_now_ns() - t);
    }
    char params[128];
    snprintf(params, sizeof params, "\"isa\":\"%s\",\"qm\":%u,\"e\":%u,\"rv\":%u", phy_isa_name(phy->isa), qm,
             e, rv);
    bench_print("ldpc_rate_match", params, "Gb/s", samples, N_SAMPLES);
}

static void bench_crc(const phy_t *phy, crc_kind_t kind, const char *name, size_t bytes)
{
    volatile uint32_t sink;
    for (unsigned s = 0; s < N_SAMPLES; s++) {
        double t = bench_now_ns();
        for (unsigned n = 0; n < 16; n++)
            sink = crc_bits(phy, kind, tb, bytes * 8);
        samples[s] = (bench_now_ns() - t) / 16;
    }
    (void)sink;
    char params[128];
    snprintf(params, sizeof params, "\"isa\":\"%s\",\"kind\":\"%s\",\"bytes\":%zu", phy_isa_name(phy->isa),
             name, bytes);
    bench_print("crc", params, "ns", samples, N_SAMPLES);
}

/* From bytes to rate-matched bits of all code blocks. */
static void bench_sch(const phy_t *phy, const sch_cfg_t *cfg)
{
    sch_plan_t plan;
    phy_refusal_t why;
    if (sch_plan(phy, cfg, &plan, &why) < 0) {
        fprintf(stderr, "%s\n", why.field);
        exit(1);
    }
    for (unsigned s = 0; s < N_SAMPLES; s++) {
        double t = bench_now_ns();
        uint32_t crc = sch_tb_crc(phy, &plan, tb), at = 0;
        for (unsigned r = 0; r < plan.n_cb; r++) {
            sch_encode_cb(phy, &plan, tb, crc, r, out + at);
            at += (sch_e(&plan, r) + 7) / 8;
        }
        samples[s] = (bench_now_ns() - t) / 1000;
    }
    char params[160];
    snprintf(params, sizeof params,
             "\"isa\":\"%s\",\"tb_bits\":%u,\"g\":%u,\"qm\":%u,\"layers\":%u,\"blocks\":%u",
             phy_isa_name(phy->isa), cfg->tb_bytes * 8, cfg->g_bits, cfg->qm, cfg->n_layers, plan.n_cb);
    bench_print("sch_encode", params, "us", samples, N_SAMPLES);
}

int main(void)
{
    fill(tb, sizeof tb);
    fill(message[0], sizeof message);
    fill(circ[0], sizeof circ);
    for (int isa = 0; isa < PHY_N_ISA; isa++) {
        phy_t *phy;
        if ((int)phy_isa_detect() < isa || phy_create((phy_isa_t)isa, &phy) < 0)
            continue;
        bench_encode(phy, 1, 384, 0);
        bench_encode(phy, 1, 384, 4);
        bench_encode(phy, 1, 208, 0);
        bench_encode(phy, 1, 36, 0);
        bench_encode(phy, 2, 384, 0);
        bench_encode(phy, 2, 64, 0);
        for (unsigned qm = 2; qm <= 8; qm += 2)
            bench_rate_match(phy, qm, 9216, 0);
        bench_rate_match(phy, 6, 25344, 2);
        bench_crc(phy, CRC24A, "24A", 108576);
        bench_crc(phy, CRC24B, "24B", 1053);
        bench_crc(phy, CRC24C, "24C", 8);
        /* The PDSCH rows of 273 PRB: 4 layers 256QAM, and one layer 64QAM */
        bench_sch(phy, &(sch_cfg_t){.tb_bytes = 868584 / 8,
                                    .g_bits = 273 * 12 * 12 * 8 * 3,
                                    .qm = 8,
                                    .n_layers = 3,
                                    .rate_x10 = 9480});
        bench_sch(phy, &(sch_cfg_t){.tb_bytes = 151608 / 8,
                                    .g_bits = 273 * 12 * 12 * 6,
                                    .qm = 6,
                                    .n_layers = 1,
                                    .rate_x10 = 6660});
        phy_destroy(phy);
    }
    return 0;
}
