/* SPDX-License-Identifier: Apache-2.0 */
/* A UE that looks for SIB1, PRACH or its PDCCH elsewhere than the cell never gets in. */
#include "lib/mac/access.h"
#include "lib/mac/pucch.h"
#include "tests/unit/cu.h"

static void test_candidates(void)
{
    /* Values worked by hand from 38.213 10.1 */
    uint16_t c[PDCCH_MAX_CANDIDATES];
    CU_ASSERT_EQUAL(pdcch_y(1, 1, 0), 39829);
    CU_ASSERT_EQUAL(pdcch_y(1, 1, 1), (uint32_t)(UINT64_C(39829) * 39829 % 65537));
    CU_ASSERT_EQUAL(pdcch_candidates(8, 4, 2, 0, c), 2);
    CU_ASSERT(c[0] == 0 && c[1] == 4);
    CU_ASSERT_EQUAL(pdcch_candidates(16, 8, 2, 3, c), 2);
    CU_ASSERT(c[0] == 8 && c[1] == 0);
    CU_ASSERT_EQUAL(pdcch_candidates(8, 16, 2, 0, c), 0); /* does not fit */

    coreset_t set = {.id = 1, .n_symbols = 2, .n_prb = 48, .reg_bundle = 6, .interleaver_rows = 2};
    search_space_t ss = {1, {0, 4, 2, 1, 0}};
    uint8_t all[PDCCH_LEVELS][PDCCH_MAX_CANDIDATES];
    for (uint16_t rnti = 0x4601; rnti < 0x4641; rnti++)
        for (uint32_t slot = 0; slot < 20; slot++) {
            pdcch_search_space(&set, &ss, rnti, slot, all);
            CU_ASSERT_EQUAL(all[0][0], PDCCH_NO_CCE);
            for (int l = 1; l < 4; l++)
                for (int i = 0; i < ss.n_candidates[l]; i++) {
                    CU_ASSERT(all[l][i] % (1 << l) == 0 && all[l][i] + (1 << l) <= 16);
                }
        }
}

static void test_coreset_prbs(void)
{
    /* All CCEs together cover the set exactly once, interleaved or not. */
    coreset_t c0 = {0, 2, 3, 48, 1, 6, 2, 0, 500}, c1 = {1, 1, 0, 48, 0, 6, 2, 0, 0},
              c3 = {2, 3, 6, 24, 1, 3, 2, 0, 7};
    const coreset_t *sets[3] = {&c0, &c1, &c3};
    for (int k = 0; k < 3; k++) {
        const coreset_t *c = sets[k];
        uint64_t all[5] = {0};
        uint32_t sum = 0;
        for (uint16_t i = 0; i < coreset_n_cce(c); i++) {
            uint64_t one[5] = {0};
            coreset_cce_prbs(c, i, 1, one);
            for (int w = 0; w < 5; w++) {
                CU_ASSERT_EQUAL(one[w] & all[w], 0);
                sum += (uint32_t)__builtin_popcountll(one[w]);
                all[w] |= one[w];
            }
        }
        CU_ASSERT_EQUAL(sum, c->n_prb);
        CU_ASSERT_EQUAL(all[0] & ((UINT64_C(1) << c->prb_start) - 1), 0);
    }
    uint64_t prbs[5] = {0}, cces[PDCCH_CCE_WORDS] = {0};
    coreset_cce_prbs(&c1, 2, 1, prbs); /* one symbol, not interleaved: PRBs 12..17 */
    CU_ASSERT_EQUAL(prbs[0], UINT64_C(0x3f) << 12);
    coreset_cces_on_prbs(&c1, prbs, cces);
    CU_ASSERT_EQUAL(cces[0], 4);
}

static void test_coreset0(void)
{
    coreset0_t c;
    CU_ASSERT(coreset0_get(1, false, 0, &c) && c.n_prb == 24 && c.n_symbols == 2 && c.rb_offset == 0);
    CU_ASSERT(coreset0_get(1, false, 10, &c) && c.n_prb == 48 && c.n_symbols == 1 && c.rb_offset == 12);
    CU_ASSERT(coreset0_get(0, false, 12, &c) && c.n_prb == 96 && c.n_symbols == 1 && c.rb_offset == 38);
    CU_ASSERT(coreset0_get(1, true, 5, &c) && c.rb_offset == 28);
    CU_ASSERT_FALSE(coreset0_get(0, false, 15, &c));
    CU_ASSERT_FALSE(coreset0_get(1, true, 10, &c));

    uint32_t seen = 0;
    uint8_t symbol = 9;
    for (uint16_t sfn = 0; sfn < 4; sfn++)
        for (uint16_t slot = 0; slot < 20; slot++)
            if (search_space0_monitored(0, 1, 0, 2, sfn, slot, &symbol)) {
                seen++;
                CU_ASSERT(sfn % 2 == 0 && slot < 2 && symbol == 0);
            }
    CU_ASSERT_EQUAL(seen, 4);
    uint16_t n0;
    bool odd;
    CU_ASSERT(search_space0_slot(4, 1, 0, &n0, &odd) && n0 == 10 && !odd); /* O = 5 ms */
    CU_ASSERT(search_space0_slot(8, 1, 5, &n0, &odd) && n0 == 10 && !odd); /* M = 2 */
    CU_ASSERT(search_space0_slot(6, 1, 7, &n0, &odd) && n0 == 1 &&
              odd); /* 7 ms and SSB 7: into the odd frame */
    CU_ASSERT_EQUAL(ssb_first_symbol('C', 0), 2);
    CU_ASSERT_EQUAL(ssb_first_symbol('C', 3), 22);
    CU_ASSERT_EQUAL(ssb_first_symbol('B', 5), 36);
}

static void test_prach(void)
{
    prach_config_t c;
    CU_ASSERT_FALSE(prach_config_tdd(255, &c));
    CU_ASSERT(prach_config_tdd(124, &c) && c.format == PRACH_A3 && c.n_occasions == 2 && c.n_symbols == 6);
    uint32_t slots = 0;
    for (uint16_t s = 0; s < 20; s++)
        slots |= prach_slot(&c, 1, 5, s) ? 1u << s : 0;
    CU_ASSERT_EQUAL(slots, 1u << 19); /* the second slot of subframe 9 */
    CU_ASSERT(prach_config_tdd(134, &c) && !prach_slot(&c, 1, 4, 19) && prach_slot(&c, 1, 5, 19));
    CU_ASSERT(prach_config_tdd(19, &c) && prach_slot(&c, 1, 0, 4) && !prach_slot(&c, 1, 0, 5));
    CU_ASSERT_EQUAL(ra_rnti(0, 19, 0, 0), 1 + 14 * 19);
    CU_ASSERT_EQUAL(ra_rnti(7, 3, 1, 0), 1 + 7 + 42 + 1120);
}

static void test_pucch(void)
{
    pucch_common_t p;
    CU_ASSERT(pucch_common_get(11, 0, 51, &p) && p.format == 1 && p.start_symbol == 0 && p.n_symbols == 14);
    CU_ASSERT(p.prb_first_hop == 0 && p.prb_second_hop == 50 && p.cyclic_shift == 0);
    CU_ASSERT(pucch_common_get(11, 3, 51, &p) && p.prb_first_hop == 1 && p.cyclic_shift == 6);
    CU_ASSERT(pucch_common_get(11, 8, 51, &p) && p.prb_first_hop == 50 && p.prb_second_hop == 0);
    CU_ASSERT(pucch_common_get(0, 1, 51, &p) && p.format == 0 && p.cyclic_shift == 3);
    CU_ASSERT(pucch_common_get(15, 5, 51, &p) && p.prb_first_hop == 13 && p.cyclic_shift == 3);
    CU_ASSERT_FALSE(pucch_common_get(16, 0, 51, &p));
    CU_ASSERT_EQUAL(pucch_common_r(4, 8, 3), 7);
}

CU_MAIN("mac-access", {"PDCCH candidates", test_candidates}, {"CCEs on PRBs", test_coreset_prbs},
        {"CORESET 0 and search space 0", test_coreset0}, {"PRACH", test_prach}, {"common PUCCH", test_pucch})
