/* SPDX-License-Identifier: Apache-2.0 */
/* SS/PBCH block: what foreign vectors do not show. A block in the wrong place is a cell that nobody finds. */
#include "lib/phy/dl/ssb.h"
#include "lib/phy/signal/m_sequence.h"
#include "tests/unit/lib/phy/dl/model.h"

/* First symbols as TS 38.213 4.1 says them. */
static void test_positions(void)
{
    unsigned s, last = 0;
    static const unsigned a[8] = {2, 8, 16, 22, 30, 36, 44, 50}, b[8] = {4, 8, 16, 20, 32, 36, 44, 48};
    for (unsigned i = 0; i < 8; i++) {
        CU_ASSERT(ssb_candidate_symbol(SSB_CASE_A, 8, i, &s) == 0 && s == a[i]);
        CU_ASSERT(ssb_candidate_symbol(SSB_CASE_C, 8, i, &s) == 0 && s == a[i]);
        CU_ASSERT(ssb_candidate_symbol(SSB_CASE_B, 8, i, &s) == 0 && s == b[i]);
    }
    /* n of case D: 0..3, 5..8, 10..13, 15..18; of case E: 0..3, 5..8 */
    static const unsigned n[16] = {0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13, 15, 16, 17, 18};
    static const unsigned d[4] = {4, 8, 16, 20}, e[8] = {8, 12, 16, 20, 32, 36, 40, 44};
    for (unsigned i = 0; i < 64; i++) {
        CU_ASSERT(ssb_candidate_symbol(SSB_CASE_D, 64, i, &s) == 0 && s == d[i % 4] + 28 * n[i / 4]);
        CU_ASSERT(s < 5 * 8 * 14); /* of the half frame at 120 kHz */
        CU_ASSERT(ssb_candidate_symbol(SSB_CASE_E, 64, i, &s) == 0 && s == e[i % 8] + 56 * n[i / 8]);
        CU_ASSERT(s < 5 * 16 * 14 && (i == 0 || s > last));
        last = s;
    }
    CU_ASSERT(ssb_candidate_symbol(SSB_CASE_A, 4, 4, &s) < 0 &&
              ssb_candidate_symbol(SSB_CASE_D, 8, 0, &s) < 0);
    CU_ASSERT(ssb_candidate_symbol(SSB_CASE_B, 64, 0, &s) < 0 &&
              ssb_candidate_symbol((ssb_case_t)5, 4, 0, &s) < 0);
}

/* In kHz above point A, whatever the numerologies. */
static void test_frequency(void)
{
    unsigned sc;
    phy_refusal_t why;
    for (unsigned mu = 0; mu < 2; mu++)
        for (unsigned offset = 0; offset < 60; offset++)
            for (unsigned k = 0; k < 24; k++) {
                unsigned khz = offset * 12 * 15 + k * 15, carrier_khz = 7 * 12 * (15u << mu);
                int r = ssb_first_subcarrier(false, mu, mu, 7, 106, offset, k, &sc, &why);
                if (khz < carrier_khz) {
                    CU_ASSERT(r < 0 && !strcmp(why.field, "offset_to_point_a"));
                } else if (khz % (15u << mu)) {
                    CU_ASSERT(r < 0 && !strcmp(why.field, "k_ssb"));
                } else {
                    CU_ASSERT(r == 0 && sc * (15u << mu) == khz - carrier_khz);
                }
            }
    /* FR2: offset in PRBs of 60 kHz, k_SSB in subcarriers of subCarrierSpacingCommon; block and carrier of
     * 120 kHz */
    CU_ASSERT(ssb_first_subcarrier(true, 3, 2, 2, 66, 20, 2, &sc, NULL) == 0);
    CU_ASSERT_EQUAL(sc * 120, 20 * 12 * 60 + 2 * 60 - 2 * 12 * 120);
    CU_ASSERT(ssb_first_subcarrier(true, 3, 2, 2, 66, 20, 1, &sc, &why) < 0 && !strcmp(why.field, "k_ssb"));
    CU_ASSERT(ssb_first_subcarrier(true, 3, 3, 0, 66, 8, 5, &sc, NULL) == 0);
    CU_ASSERT_EQUAL(sc * 120, 8 * 12 * 60 + 5 * 120);
    CU_ASSERT(ssb_first_subcarrier(true, 3, 3, 0, 66, 8, 12, &sc, &why) < 0 && !strcmp(why.field, "k_ssb"));
    CU_ASSERT(ssb_first_subcarrier(false, 0, 0, 0, 106, 0, 24, &sc, &why) < 0 && !strcmp(why.field, "k_ssb"));
    CU_ASSERT(ssb_first_subcarrier(false, 0, 0, 0, 20, 1, 0, &sc, &why) < 0 &&
              !strcmp(why.field, "offset_to_point_a"));
    CU_ASSERT(ssb_first_subcarrier(false, 5, 0, 0, 20, 1, 0, &sc, &why) < 0 && !strcmp(why.field, "mu"));
    CU_ASSERT(ssb_first_subcarrier(true, 3, 4, 0, 66, 1, 0, &sc, &why) < 0 &&
              !strcmp(why.field, "mu_common"));
}

/* A whole block, 240 by 4: every kind of RE has its power, on each antenna the precoder's share, and what is
 * around PSS and SSS is cleared. */
static void test_block(void)
{
    rnd_t r = {8};
    for (unsigned isa = 0; isa <= phy_isa_detect(); isa++) {
        phy_t *phy;
        CU_ASSERT_FATAL(phy_create((phy_isa_t)isa, &phy) == 0);
        precoding_t w;
        cf_t beam[2] = {{0.5f, 0}, {0, -0.5f}};
        precoding_set(2, 1, beam, &w, NULL);
        ssb_cfg_t c = {.phys_cell_id = (uint16_t)pick(&r, 1008),
                       .index = 37,
                       .l_max = 64,
                       .sfn = 519,
                       .mib = 0xabcdef,
                       .first_sc = 31,
                       .first_symbol = 5,
                       .power_db = -2,
                       .beta_pss_db = 3,
                       .precoding = &w};
        CU_ASSERT_EQUAL(ssb_check(&c, 300, 2, NULL), 0);
        pair_t p = pair_create(2, 25);
        for (unsigned i = 0; i < 14 * PHY_GRID_STRIDE; i++) /* rubbish where the block will be */
            p.grid.re[i] = (ci16_t){77, 77};
        ssb_run(phy, &c, &p.grid);
        double a = pow(10, -2 / 20.0) * PHY_UNIT / 2, pss = a * pow(10, 3 / 20.0);
        int8_t d_pss[SS_LENGTH], d_sss[SS_LENGTH];
        pss_sequence(c.phys_cell_id % 3, d_pss);
        sss_sequence(c.phys_cell_id / 3, c.phys_cell_id % 3, d_sss);
        for (unsigned l = 0; l < 14; l++)
            for (unsigned k = 0; k < 300; k++) {
                ci16_t x = phy_grid_symbol(&p.grid, 0, l)[k], y = phy_grid_symbol(&p.grid, 1, l)[k];
                if (l < 5 || l > 8 || k < 31 || k >= 271) {
                    CU_ASSERT(x.re == 77 && x.im == 77 && y.re == 0 && y.im == 0);
                    continue;
                }
                unsigned s = l - 5, b = k - 31;
                bool sync = b >= 56 && b <= 182 && (s == 0 || s == 2);
                bool empty = (s == 0 && !sync) || (s == 2 && !sync && b >= 48 && b < 192);
                double want_re = empty ? 0 : a / sqrt(2), want_im = want_re;
                if (sync) {
                    want_re = s == 0 ? pss * d_pss[b - 56] : a * d_sss[b - 56];
                    want_im = 0;
                    CU_ASSERT(fabs(x.re - want_re) < 1.1 && x.im == 0);
                } else {
                    CU_ASSERT(fabs(abs(x.re) - want_re) < 1.1 && fabs(abs(x.im) - want_im) < 1.1);
                }
                CU_ASSERT(abs(y.im + x.re) <= 1 && abs(y.re - x.im) <= 1); /* -j times antenna 0 */
            }
        pair_destroy(&p);
        phy_destroy(phy);
    }
}

static ssb_cfg_t good;

#define BAD(member, bad_value)                                                                               \
    do {                                                                                                     \
        ssb_cfg_t c_ = good;                                                                                 \
        phy_refusal_t why_ = {0};                                                                            \
        c_.member = bad_value;                                                                               \
        CU_ASSERT(ssb_check(&c_, 300, 2, &why_) < 0);                                                        \
        CU_ASSERT_STRING_EQUAL(why_.field ? why_.field : "", #member);                                       \
    } while (0)

static void test_refusals(void)
{
    good = (ssb_cfg_t){.l_max = 8, .first_sc = 60, .first_symbol = 10};
    CU_ASSERT_EQUAL(ssb_check(&good, 300, 1, NULL), 0);
    CU_ASSERT(ssb_check(&good, 300, 0, NULL) < 0);
    BAD(phys_cell_id, 1008);
    BAD(l_max, 16);
    BAD(index, 8);
    BAD(half_frame, 2);
    BAD(sfn, 1024);
    BAD(k_ssb, 32);
    BAD(mib, 1u << 24);
    BAD(first_sc, 61);
    BAD(first_sc, 65535);
    BAD(first_symbol, 11);
    BAD(power_db, 15.5f);
    BAD(power_db, NAN);
    BAD(beta_pss_db, -1);
    precoding_t w;
    precoding_identity(3, 1, &w);
    BAD(precoding, &w);
    precoding_identity(2, 2, &w);
    BAD(precoding, &w);
}

CU_MAIN("ssb", {"positions in time", test_positions}, {"positions in frequency", test_frequency},
        {"block", test_block}, {"refusals", test_refusals})
