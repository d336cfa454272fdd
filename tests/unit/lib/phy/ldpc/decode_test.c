/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder's variants against each other bit by bit, the decoder against exact belief propagation, and
 * what it refuses or must not take for a code block. */
#include "lib/phy/ldpc/crc.h"
#include "lib/phy/ldpc/encode.h"
#include "tests/models/ldpc_sum_product.h"
#include "tests/unit/cu.h"
#include "tests/unit/lib/phy/ldpc/noise.h"

#include <stdlib.h>

static _Alignas(64) ldpc_dec_work_t work;
static _Alignas(64) int8_t soft[LDPC_MAX_SOFT];

/* Random information bits with fillers and, at the end of K', a CRC24B; the code word from its first bit on.
 */
static void random_word(const phy_t *phy, noise_t *s, const ldpc_dec_plan_t *plan, uint8_t *bits,
                        uint8_t *word)
{
    const graph_t *g = plan->graph;
    uint8_t parity[GRAPH_MAX_ROWS * GRAPH_MAX_ZC / 8];
    memset(bits, 0, LDPC_MAX_K_BYTES);
    unsigned n = plan->cfg.crc == LDPC_CRC_24B ? plan->k_prime - 24u : plan->k_prime;
    for (unsigned i = 0; i < n; i++)
        bits[i / 8] |= (uint8_t)((noise_next(s) >> 40 & 1) << (7 - i % 8));
    if (plan->cfg.crc == LDPC_CRC_24B) {
        uint32_t crc = crc_bits(phy, CRC24B, bits, n);
        for (unsigned i = 0; i < 24; i++)
            bits[(n + i) / 8] |= (uint8_t)((crc >> (23 - i) & 1) << (7 - (n + i) % 8));
    }
    ldpc_encode(phy, g, g->n_rows, bits, parity);
    for (unsigned i = 0; i < plan->k; i++)
        word[i] = bits[i / 8] >> (7 - i % 8) & 1;
    for (unsigned i = 0; i < (unsigned)g->n_rows * g->zc; i++)
        word[plan->k + i] = parity[i / 8] >> (7 - i % 8) & 1;
}

/* Every lifting size, noise, extremes and code words: a variant that differs from plain C in one bit would
 * make links depend on the machine. */
static void test_variants(void)
{
    static uint8_t word[GRAPH_MAX_COLS * GRAPH_MAX_ZC], bits[2][LDPC_MAX_K_BYTES];
    phy_t *phy;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
    noise_t s = {UINT64_C(0x123456789abcdef)};
    for (unsigned bg = 1; bg <= 2; bg++)
        for (unsigned z = 0; z < GRAPH_N_ZC; z++)
            for (unsigned kind = 0; kind < 4; kind++) {
                const graph_t *g = graph_get(phy, bg, graph_zc[z]);
                unsigned k = g->n_sys * g->zc, n = (g->n_cols - 2u) * g->zc;
                ldpc_dec_cfg_t cfg = {.bg = (uint8_t)bg, .zc = g->zc};
                if (z > 40 && kind % 2)
                    continue; /* large ones take their time in plain C */
                cfg.n_filler =
                    (uint16_t)(kind == 1 ? noise_below(&s, k - 2 * g->zc + 1) : noise_below(&s, g->zc));
                cfg.crc = k - cfg.n_filler > 24 ? (ldpc_crc_t)noise_below(&s, 4) : LDPC_CRC_NONE;
                ldpc_dec_plan_t plan;
                CU_ASSERT_EQUAL_FATAL(ldpc_dec_plan(phy, &cfg, &plan, NULL), 0);
                random_word(phy, &s, &plan, bits[0], word);
                unsigned n_soft = kind == 0 ? n : 1 + noise_below(&s, n);
                for (unsigned i = 0; i < n_soft; i++)
                    soft[i] = kind == 0   ? noise_quantise(noise_llr(&s, word[2u * g->zc + i], 1.0))
                              : kind == 1 ? (int8_t)noise_next(&s) /* -128 too */
                              : kind == 2 ? (int8_t)((int)noise_below(&s, 3) * 127 - 127)
                                          : noise_quantise(noise_llr(&s, word[2u * g->zc + i], 0.3));
                unsigned iterations = 1 + noise_below(&s, 4);
                ldpc_dec_stats_t want, got;
                ldpc_dec_ops(PHY_ISA_GENERIC)
                    ->decode(phy, &plan, soft, n_soft, iterations, &work, bits[0], &want);
                for (int isa = PHY_ISA_AVX2; isa <= (int)phy->isa; isa++) {
                    memset(&work, 0xa5, sizeof work);
                    memset(bits[1], 0xff, sizeof bits[1]);
                    ldpc_dec_ops((phy_isa_t)isa)
                        ->decode(phy, &plan, soft, n_soft, iterations, &work, bits[1], &got);
                    CU_ASSERT_BYTES(bits[1], (plan.k_prime + 7u) / 8, bits[0], (plan.k_prime + 7u) / 8);
                    CU_ASSERT(got.iterations == want.iterations && got.rows == want.rows &&
                              got.crc_ok == want.crc_ok);
                }
            }
    phy_destroy(phy);
}

/* Every lifting size of both graphs decodes words of our encoder with 10% of errors in its parity bits. */
static void test_every_size(void)
{
    static uint8_t word[GRAPH_MAX_COLS * GRAPH_MAX_ZC], sent[LDPC_MAX_K_BYTES], got[LDPC_MAX_K_BYTES];
    phy_t *phy;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
    noise_t s = {UINT64_C(0x987654321)};
    for (unsigned bg = 1; bg <= 2; bg++)
        for (unsigned z = 0; z < GRAPH_N_ZC; z++) {
            const graph_t *g = graph_get(phy, bg, graph_zc[z]);
            ldpc_dec_cfg_t cfg = {.bg = (uint8_t)bg,
                                  .zc = g->zc,
                                  .n_filler = (uint16_t)(g->zc / 2),
                                  .crc = g->n_sys * g->zc > 48 ? LDPC_CRC_24B : LDPC_CRC_NONE};
            ldpc_dec_plan_t plan;
            CU_ASSERT_EQUAL_FATAL(ldpc_dec_plan(phy, &cfg, &plan, NULL), 0);
            random_word(phy, &s, &plan, sent, word);
            unsigned n = (g->n_cols - 2u) * g->zc, sys = plan.k - 2u * g->zc;
            for (unsigned i = 0; i < n; i++) {
                bool wrong = i >= sys && noise_below(&s, 10) == 0;
                soft[i] = (word[2u * g->zc + i] ^ wrong) ? -12 : 12;
                if (i >= plan.k_prime - 2u * g->zc && i < sys)
                    soft[i] = (int8_t)noise_next(&s); /* what stands at fillers does not matter */
            }
            ldpc_dec_stats_t stats;
            ldpc_decode(phy, &plan, soft, n, 20, &work, got, &stats);
            CU_ASSERT(stats.crc_ok);
            CU_ASSERT_BYTES(got, (plan.k_prime + 7u) / 8, sent, (plan.k_prime + 7u) / 8);
        }
    phy_destroy(phy);
}

/* At a signal that exact belief propagation just decodes, most words decode here too, and to the same bits.
 */
static void test_against_sum_product(void)
{
    enum { WORDS = 12 };
    static uint8_t word[GRAPH_MAX_COLS * GRAPH_MAX_ZC], sent[LDPC_MAX_K_BYTES], got[LDPC_MAX_K_BYTES];
    static double llr[GRAPH_MAX_COLS * GRAPH_MAX_ZC];
    static const struct {
        unsigned bg, zc, columns; /* of the base graph that are sent */
        double esn0_db;
    } cases[] = {{1, 48, 24, 5.6}, {1, 48, 66, -2.9}, {2, 64, 30, -2.6}};
    phy_t *phy;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
    noise_t s = {UINT64_C(0xfeedbeef)};
    for (unsigned c = 0; c < sizeof cases / sizeof *cases; c++) {
        ldpc_dec_cfg_t cfg = {.bg = (uint8_t)cases[c].bg, .zc = (uint16_t)cases[c].zc};
        ldpc_dec_plan_t plan;
        CU_ASSERT_EQUAL_FATAL(ldpc_dec_plan(phy, &cfg, &plan, NULL), 0);
        unsigned zc = cases[c].zc, n = cases[c].columns * zc, exact = 0, ours = 0;
        for (unsigned w = 0; w < WORDS; w++) {
            random_word(phy, &s, &plan, sent, word);
            memset(llr, 0, sizeof llr);
            for (unsigned i = 0; i < n; i++) {
                double x = noise_llr(&s, word[2 * zc + i], pow(10, cases[c].esn0_db / 10));
                llr[2 * zc + i] = x;
                soft[i] = noise_quantise(x);
            }
            unsigned rows = cases[c].columns + 2 - plan.graph->n_sys;
            if (!ldpc_sum_product(plan.graph, rows < 4 ? 4 : rows, 8, llr))
                continue;
            bool same = true;
            for (unsigned i = 0; i < plan.k; i++)
                same = same && (llr[i] < 0) == word[i];
            exact += same;
            ldpc_dec_stats_t stats;
            ldpc_decode(phy, &plan, soft, n, 8, &work, got, &stats);
            ours += stats.crc_ok && memcmp(got, sent, plan.k / 8) == 0;
        }
        CU_ASSERT(exact >= WORDS - 1);
        CU_ASSERT(ours >= WORDS - 2);
    }
    phy_destroy(phy);
}

/* Rows of the base graph that nothing was received of cost nothing; a gap in the buffer is none either. */
static void test_rows(void)
{
    static uint8_t bits[LDPC_MAX_K_BYTES];
    phy_t *phy;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
    ldpc_dec_cfg_t cfg = {.bg = 1, .zc = 32};
    ldpc_dec_plan_t plan;
    CU_ASSERT_EQUAL_FATAL(ldpc_dec_plan(phy, &cfg, &plan, NULL), 0);
    ldpc_dec_stats_t stats;
    memset(soft, 9, sizeof soft);
    static const unsigned n_soft[] = {1, 24 * 32, 24 * 32 + 1, 30 * 32, 66 * 32}, rows[] = {4, 4, 5, 10, 46};
    for (unsigned i = 0; i < 5; i++) {
        ldpc_decode(phy, &plan, soft, n_soft[i], 1, &work, bits, &stats);
        CU_ASSERT_EQUAL(stats.rows, rows[i]);
    }
    memset(soft + 30 * 32, 0, 20 * 32);
    ldpc_decode(phy, &plan, soft, 66 * 32, 1, &work, bits, &stats);
    CU_ASSERT_EQUAL(stats.rows, 26);
    phy_destroy(phy);
}

/* All zeros fits every check and every CRC: a block of which nothing, or too little, was heard is not that.
 */
static void test_silence(void)
{
    static uint8_t bits[LDPC_MAX_K_BYTES];
    phy_t *phy;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
    memset(soft, 0, sizeof soft);
    for (unsigned crc = LDPC_CRC_NONE; crc <= LDPC_CRC_16; crc++) {
        ldpc_dec_cfg_t cfg = {.bg = 2, .zc = 52, .crc = (ldpc_crc_t)crc};
        ldpc_dec_plan_t plan;
        ldpc_dec_stats_t stats;
        CU_ASSERT_EQUAL_FATAL(ldpc_dec_plan(phy, &cfg, &plan, NULL), 0);
        ldpc_decode(phy, &plan, soft, 50 * 52, 8, &work, bits, &stats);
        CU_ASSERT_FALSE(stats.crc_ok);
        ldpc_decode(phy, &plan, soft, 0, 8, &work, bits, &stats);
        CU_ASSERT_FALSE(stats.crc_ok);
    }
    phy_destroy(phy);
}

static void refused(const phy_t *phy, ldpc_dec_cfg_t cfg, const char *field)
{
    ldpc_dec_plan_t plan = {.k = 77};
    phy_refusal_t why = {.field = ""};
    CU_ASSERT(ldpc_dec_plan(phy, &cfg, &plan, &why) < 0);
    CU_ASSERT_STRING_EQUAL(why.field, field);
    CU_ASSERT_EQUAL(plan.k, 77);
}

static void test_refusals(void)
{
    phy_t *phy;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_GENERIC, &phy), 0);
    refused(phy, (ldpc_dec_cfg_t){.bg = 0, .zc = 8}, "bg");
    refused(phy, (ldpc_dec_cfg_t){.bg = 3, .zc = 8}, "bg");
    refused(phy, (ldpc_dec_cfg_t){.bg = 1, .zc = 0}, "zc");
    refused(phy, (ldpc_dec_cfg_t){.bg = 1, .zc = 17}, "zc");
    refused(phy, (ldpc_dec_cfg_t){.bg = 2, .zc = 385}, "zc");
    refused(phy, (ldpc_dec_cfg_t){.bg = 2, .zc = 8, .n_filler = 65}, "n_filler");
    refused(phy, (ldpc_dec_cfg_t){.bg = 2, .zc = 2, .crc = LDPC_CRC_24A}, "crc");
    refused(phy, (ldpc_dec_cfg_t){.bg = 2, .zc = 8, .crc = (ldpc_crc_t)4}, "crc");
    phy_destroy(phy);
}

CU_MAIN("ldpc decoder", {"variants are equal", test_variants}, {"every size", test_every_size},
        {"against belief propagation", test_against_sum_product}, {"rows in use", test_rows},
        {"silence", test_silence}, {"refusals", test_refusals})
