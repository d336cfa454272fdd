/* SPDX-License-Identifier: Apache-2.0 */
/* A RIV, RBG or SLIV that the other end reads differently moves a transmission onto somebody else's. */
#include "lib/mac/alloc.h"
#include "tests/unit/cu.h"

static void test_riv(void)
{
    static const uint16_t sizes[] = {1, 2, 24, 48, 51, 106, 273, 275};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        uint16_t n = sizes[k];
        uint32_t count = 0;
        for (uint16_t s = 0; s < n; s++)
            for (uint16_t l = 1; s + l <= n; l++, count++) {
                uint16_t s2, l2;
                uint32_t riv = riv_encode(n, s, l);
                CU_ASSERT_FATAL(riv < 1u << riv_bits(n) && riv_decode(n, riv, &s2, &l2) && s2 == s &&
                                l2 == l);
            }
        uint16_t s, l;
        CU_ASSERT_EQUAL(count, n * (n + 1u) / 2);
        CU_ASSERT_FALSE(riv_decode(n, count, &s, &l));
    }
    CU_ASSERT_EQUAL(riv_bits(51), 11);
    CU_ASSERT_EQUAL(riv_bits(273), 16);
    CU_ASSERT_EQUAL(riv_encode(24, 2, 3), 50);           /* 24 (3 - 1) + 2 */
    CU_ASSERT_EQUAL(riv_encode(24, 1, 20), 24 * 5 + 22); /* 24 (24 - 20 + 1) + 24 - 1 - 1 */
    uint16_t s, l;
    CU_ASSERT(riv_scaled_decode(24, 106, riv_encode(24, 2, 3), &s, &l) && s == 8 && l == 12);
    CU_ASSERT_FALSE(riv_decode(0, 0, &s, &l));
}

static void test_rbg(void)
{
    CU_ASSERT_EQUAL(rbg_size(36, 1), 2);
    CU_ASSERT_EQUAL(rbg_size(51, 1), 4);
    CU_ASSERT_EQUAL(rbg_size(51, 2), 8);
    CU_ASSERT_EQUAL(rbg_size(273, 1), 16);
    CU_ASSERT_EQUAL(rbg_count(0, 51, 4), 13);
    CU_ASSERT_EQUAL(rbg_count(3, 51, 4), 14);
    uint16_t first;
    CU_ASSERT_EQUAL(rbg_prbs(3, 51, 4, 0, &first), 1); /* the first one is cut: PRB 3 of a grid of fours */
    CU_ASSERT_EQUAL(rbg_prbs(3, 51, 4, 13, &first), 2);
    CU_ASSERT_EQUAL(first, 49);
    for (uint32_t f = 0; f < 1u << 14; f += 7) {
        uint64_t m[PRB_WORDS];
        uint32_t back = 1;
        CU_ASSERT_FATAL(rbg_to_prbs(3, 51, 4, f, m) && rbg_from_prbs(3, 51, 4, m, &back) && back == f);
    }
    uint64_t m[PRB_WORDS] = {0};
    uint32_t field;
    prb_set_range(m, 1, 3); /* not a whole RBG */
    CU_ASSERT_FALSE(rbg_from_prbs(0, 51, 4, m, &field));
    CU_ASSERT_FALSE(rbg_to_prbs(0, 51, 4, 1u << 13, m));
    memset(m, 0, sizeof m);
    prb_set_range(m, 0, 4);
    CU_ASSERT(rbg_from_prbs(0, 51, 4, m, &field) && field == 1u << 12); /* RBG 0 is the top bit */
}

static void test_masks(void)
{
    uint64_t m[PRB_WORDS] = {0};
    prb_set_range(m, 60, 140);
    CU_ASSERT_EQUAL(prb_count(m), 140);
    prb_clear_range(m, 64, 64);
    CU_ASSERT_EQUAL(prb_count(m), 76);
    uint16_t start = 0;
    CU_ASSERT_EQUAL(prb_next_run(m, 0, &start), 4);
    CU_ASSERT_EQUAL(start, 60);
    CU_ASSERT_EQUAL(prb_next_run(m, 64, &start), 72);
    CU_ASSERT_EQUAL(start, 128);
    CU_ASSERT_EQUAL(prb_next_run(m, 200, &start), 0);
}

static void test_time(void)
{
    uint32_t legal = 0;
    for (uint32_t v = 0; v < 256; v++) {
        uint8_t s, l;
        if (sliv_decode((uint8_t)v, &s, &l)) {
            legal++;
            CU_ASSERT_EQUAL(sliv_encode(s, l), v);
        }
    }
    CU_ASSERT_EQUAL(legal, 14 * 15 / 2);
    CU_ASSERT_EQUAL(sliv_encode(2, 12), 53); /* known from many a SIB1: symbols 2 to 13 */
    CU_ASSERT_EQUAL(sliv_encode(0, 14), 27);
    tdra_t t;
    CU_ASSERT(tdra_pdsch_default_a(0, 2, &t) && t.start == 2 && t.len == 12 && t.mapping == 0);
    CU_ASSERT(tdra_pdsch_default_a(11, 3, &t) && t.start == 1 && t.len == 13);
    CU_ASSERT(tdra_pusch_default_a(7, 1, &t) && t.k == 2 && t.len == 14);
    CU_ASSERT(tdra_pusch_default_a(14, 2, &t) && t.k == 5);
    CU_ASSERT_FALSE(tdra_pusch_default_a(16, 1, &t));
    CU_ASSERT_EQUAL(tdra_msg3_delta(1), 3);
    CU_ASSERT_EQUAL(tdra_bits(1), 0);
    CU_ASSERT_EQUAL(tdra_bits(5), 3);
}

static void test_dmrs(void)
{
    tdra_t a = {0, 0, 2, 12}, full = {0, 0, 0, 14}, b = {0, 1, 4, 10}, early = {0, 0, 2, 4};
    CU_ASSERT_EQUAL(dmrs_symbol_mask(&a, 2, 0), 1u << 2);
    CU_ASSERT_EQUAL(dmrs_symbol_mask(&a, 2, 1), 1u << 2 | 1u << 11);
    CU_ASSERT_EQUAL(dmrs_symbol_mask(&a, 2, 2), 1u << 2 | 1u << 7 | 1u << 11);
    CU_ASSERT_EQUAL(dmrs_symbol_mask(&full, 3, 3), 1u << 3 | 1u << 5 | 1u << 8 | 1u << 11);
    CU_ASSERT_EQUAL(dmrs_symbol_mask(&early, 2, 2), 1u << 2);
    CU_ASSERT_EQUAL(dmrs_symbol_mask(&b, 2, 1), 1u << 4 | 1u << 12);
    tdra_t late = {0, 0, 4, 6};
    CU_ASSERT_EQUAL(dmrs_symbol_mask(&late, 2, 0), 0); /* type A has its DM-RS in symbol 2 or 3 */
}

CU_MAIN("mac-alloc", {"RIV", test_riv}, {"RBG", test_rbg}, {"PRB masks", test_masks},
        {"SLIV and tables", test_time}, {"DM-RS symbols", test_dmrs})
