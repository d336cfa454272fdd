/* SPDX-License-Identifier: Apache-2.0 */
/* PDSCH from transport block to grid, the two rows of the performance goals, and where the time goes: one
 * thread, every code block in turn. VITRAN_ISA (generic, avx2, avx512) chooses a variant; the CPU's best by
 * default. */
#include <assert.h>

#include "lib/phy/dl/dmrs.h"
#include "lib/phy/dl/pdsch.h"
#include "lib/phy/signal/gold.h"
#include "tests/bench/bench.h"

#define RUNS 2001

static const phy_t *phy;
static pdsch_plan_t plan;
static pdsch_work_t work;
static _Alignas(PHY_ALIGN) ci16_t memory[4 * PHY_SYMBOLS * PHY_GRID_STRIDE];
static _Alignas(PHY_ALIGN) uint8_t tb[SCH_MAX_TB_BYTES];
static double samples[RUNS];
static const phy_grid_t grid = {
    .re = memory, .n_sc = 273 * 12, .n_ant = 4, .n_symbols = PHY_SYMBOLS, .stride = PHY_GRID_STRIDE};

static void figure(const char *name, const char *row, const char *extra)
{
    char params[256];
    snprintf(params, sizeof params, "\"row\":\"%s\",\"isa\":\"%s\",\"tb_bits\":%u,\"code_blocks\":%u%s", row,
             phy_isa_name(phy->isa), plan.cfg.tb_bytes * 8, plan.n_code_blocks, extra);
    bench_print(name, params, "us", samples, RUNS);
}

#define MEASURE(name, row, body)                                                                             \
    do {                                                                                                     \
        for (int i_ = -200; i_ < RUNS; i_++) {                                                               \
            double start_ = bench_now_ns();                                                                  \
            body;                                                                                            \
            if (i_ >= 0)                                                                                     \
                samples[i_] = (bench_now_ns() - start_) / 1000;                                              \
        }                                                                                                    \
        figure(name, row, "");                                                                               \
    } while (0)

static void measure(const char *row, const pdsch_cfg_t *cfg)
{
    phy_refusal_t why;
    if (pdsch_plan(phy, cfg, 4, &plan, &why) < 0) {
        fprintf(stderr, "refused: %s %lld\n", why.field, (long long)why.value);
        exit(1);
    }
    uint32_t crc = 0;
    MEASURE("pdsch_chain", row, pdsch_run(phy, &plan, tb, &work, &grid));
    MEASURE("pdsch_plan", row, pdsch_plan(phy, cfg, 4, &plan, &why));
    MEASURE("pdsch_tb_crc", row, crc += pdsch_tb_crc(phy, &plan, tb));
    MEASURE("pdsch_encode_and_match", row,
            for (unsigned r = 0; r < plan.n_code_blocks; r++)
                sch_encode_cb(phy, &plan.sch, tb, crc, r, work.bits));
    MEASURE(
        "pdsch_scramble", row, for (unsigned r = 0; r < plan.n_code_blocks; r++) {
            gold_t g;
            gold_init(phy, &g, plan.c_init, sch_e_start(&plan.sch, r));
            gold_xor(&g, work.bits, sch_e(&plan.sch, r));
        });
    ci16_t *layers[PHY_MAX_LAYERS];
    const ci16_t *in[PHY_MAX_LAYERS];
    for (unsigned l = 0; l < PHY_MAX_LAYERS; l++)
        in[l] = layers[l] = work.layer[l];
    MEASURE("pdsch_modulate_and_map", row,
            for (uint32_t done = 0; done < plan.n_re; done += PDSCH_CHUNK_RE)
                phy->dl->map(&plan.map, work.bits, PDSCH_CHUNK_RE, layers));
    MEASURE(
        "pdsch_precode", row, for (unsigned s = 0; s < PHY_SYMBOLS; s++) {
            for (uint32_t k = 0; k + PDSCH_CHUNK_RE <= plan.symbol[s].n_re; k += PDSCH_CHUNK_RE) {
                ci16_t *out[PHY_MAX_PORTS];
                const precoding_t *w = cfg->n_prgs ? cfg->prg[0] : &plan.identity;
                for (unsigned a = 0; a < w->n_ports; a++)
                    out[a] = phy_grid_symbol(&grid, a, s) + k;
                phy->dl->precode(w, in, out, PDSCH_CHUNK_RE, false);
            }
        });
    MEASURE("pdsch_signals", row, pdsch_signals(phy, &plan, &work, &grid));
}

int main(void)
{
    phy_t *made;
    const char *isa = getenv("VITRAN_ISA");
    phy_isa_t max = isa && !strcmp(isa, "generic") ? PHY_ISA_GENERIC
                    : isa && !strcmp(isa, "avx2")  ? PHY_ISA_AVX2
                                                   : PHY_ISA_BEST;
    if (phy_create(max, &made) < 0)
        return 1;
    phy = made;
    uint32_t x = 1;
    for (size_t i = 0; i < sizeof tb; i++) {
        x ^= x << 13, x ^= x >> 17, x ^= x << 5;
        tb[i] = (uint8_t)x;
    }
    /* 4 ports, a DFT matrix: nothing in it is 0 or the identity's */
    cf_t w[16];
    for (unsigned a = 0; a < 4; a++)
        for (unsigned l = 0; l < 4; l++)
            w[a * 4 + l] = (cf_t){a * l % 4 == 0   ? 0.5f
                                  : a * l % 4 == 2 ? -0.5f
                                                   : 0.1f,
                                  a * l % 4 == 1   ? 0.4f
                                  : a * l % 4 == 3 ? -0.4f
                                                   : 0.05f};
    precoding_t matrix;
    precoding_set(4, 4, w, &matrix, NULL);
    const precoding_t *prg[] = {&matrix};
    pdsch_cfg_t cfg = {.slot = 3,
                       .carrier_size = 273,
                       .bwp_size = 273,
                       .resource_alloc = 1,
                       .rb_size = 273,
                       .start_symbol = 2,
                       .n_symbols = 12,
                       .tb_bytes = 868584 / 8,
                       .qm = 8,
                       .target_code_rate = 9480,
                       .rnti = 0x4601,
                       .n_id = 1,
                       .n_layers = 4,
                       .dmrs_symbols = 1 << 2 | 1 << 7 | 1 << 11,
                       .dmrs_type = 1,
                       .dmrs_length = 1,
                       .dmrs_ports = 0xf,
                       .n_cdm_groups_without_data = 2,
                       .dmrs_n_id = {1, 1},
                       .prg = prg,
                       .n_prgs = 1};
    /* symbols 2..13 with DMRS in 2, 7 and 11: 108 REs a PRB */
    measure("4 layers 256QAM precoded", &cfg);
    cfg.n_prgs = 0;
    measure("4 layers 256QAM unprecoded", &cfg);
    cfg.n_layers = 1;
    cfg.dmrs_ports = 1;
    cfg.qm = 6;
    cfg.tb_bytes = 151608 / 8;
    cfg.target_code_rate = 8730;
    measure("1 layer 64QAM", &cfg);
    phy_destroy(made);
    return 0;
}
