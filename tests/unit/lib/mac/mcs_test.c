/* SPDX-License-Identifier: Apache-2.0 */
/* A wrong transport block size is a block that no other UE or gNB can decode. The referee is 5.1.3.2 once
 * more, in floating point, as slow and as near to the standard's text as can be. */
#include <math.h>

#include "lib/mac/bsr.h"
#include "lib/mac/mcs.h"
#include "tests/unit/cu.h"

static uint32_t referee(double n_re, double rate, int qm, int layers, double scaling)
{
    static const int small[] = {
        24,   32,   40,   48,   56,   64,   72,   80,   88,   96,   104,  112,  120,  128,  136,  144,
        152,  160,  168,  176,  184,  192,  208,  224,  240,  256,  272,  288,  304,  320,  336,  352,
        368,  384,  408,  432,  456,  480,  504,  528,  552,  576,  608,  640,  672,  704,  736,  768,
        808,  848,  888,  928,  984,  1032, 1064, 1128, 1160, 1192, 1224, 1256, 1288, 1320, 1352, 1416,
        1480, 1544, 1608, 1672, 1736, 1800, 1864, 1928, 2024, 2088, 2152, 2216, 2280, 2408, 2472, 2536,
        2600, 2664, 2728, 2792, 2856, 2976, 3104, 3240, 3368, 3496, 3624, 3752, 3824};
    double info = scaling * n_re * rate * qm * layers;
    if (info <= 3824) {
        double n = fmax(3, floor(log2(info)) - 6);
        double q = fmax(24, pow(2, n) * floor(info / pow(2, n)));
        for (size_t i = 0; i < sizeof small / sizeof *small; i++)
            if (small[i] >= q)
                return (uint32_t)small[i];
    }
    double n = floor(log2(info - 24)) - 5;
    double q = fmax(3840, pow(2, n) * round((info - 24) / pow(2, n)));
    double c = 1;
    if (rate <= 0.25)
        c = ceil((q + 24) / 3816);
    else if (q > 8424)
        c = ceil((q + 24) / 8424);
    return (uint32_t)(8 * c * ceil((q + 24) / (8 * c)) - 24);
}

static void test_tbs_against_referee(void)
{
    uint32_t checked = 0, differ = 0;
    for (uint8_t table = 1; table <= 3; table++)
        for (uint8_t i = 0; i <= mcs_max_index(table); i++)
            for (uint16_t prb = 1; prb <= 275; prb += prb < 20 ? 1 : 11)
                for (uint8_t layers = 1; layers <= 4; layers++)
                    for (uint16_t re = 24; re <= 156; re += 12) {
                        mcs_t m;
                        CU_ASSERT_FATAL(mcs_get(table, i, &m));
                        uint32_t want = referee((double)re * prb, m.rate_x10 / 10240.0, m.qm, layers, 1);
                        checked++;
                        differ += tbs_bits(re, prb, m.qm, m.rate_x10, layers, 0) != want;
                    }
    CU_ASSERT(checked > 100000);
    CU_ASSERT_EQUAL(differ, 0);
    CU_ASSERT_EQUAL(tbs_bits(132, 24, 2, 1200, 1, 2), referee(132 * 24, 1200 / 10240.0, 2, 1, 0.25));
}

static void test_tbs_known(void)
{
    /* 273 PRB, 12 symbols after 12 DM-RS REs, 64QAM MCS 28, one layer; the figure of many a data sheet */
    CU_ASSERT_EQUAL(tbs_re_per_prb(14, 12, 0), 156);
    CU_ASSERT_EQUAL(tbs_re_per_prb(12, 12, 0), 132);
    CU_ASSERT_EQUAL(tbs_bits(0, 10, 2, 1200, 1, 0), 0);
    CU_ASSERT_EQUAL(tbs_bytes(1, 29, 132, 10, 1), 0);
    CU_ASSERT_EQUAL(tbs_bytes(9, 1, 132, 10, 1), 0);
    CU_ASSERT_EQUAL(dmrs_re_per_prb(1, 2, 2), 24);
    CU_ASSERT_EQUAL(dmrs_re_per_prb(2, 1, 3), 12);
}

static void test_tables_rise(void)
{
    for (uint8_t table = 1; table <= 3; table++) {
        /* A table's efficiencies rise but for the two overlaps where the modulation changes. */
        for (uint8_t i = 1; i <= mcs_max_index(table); i++)
            CU_ASSERT(mcs_efficiency_x256(table, i) + 3 > mcs_efficiency_x256(table, (uint8_t)(i - 1)));
        for (uint8_t q = 2; q <= (table == 2 ? 8 : 6); q = (uint8_t)(q + 2)) {
            mcs_t m;
            CU_ASSERT(mcs_get(table, mcs_retx_index(table, q), &m) && m.qm == q && m.rate_x10 == 0);
        }
        for (uint8_t cqi = 2; cqi <= 15; cqi++)
            CU_ASSERT(mcs_from_cqi(table, cqi, table) >= mcs_from_cqi(table, (uint8_t)(cqi - 1), table));
    }
    CU_ASSERT_EQUAL(mcs_from_cqi(1, 15, 1), 28);
    CU_ASSERT_EQUAL(mcs_from_cqi(2, 15, 2), 27);
    CU_ASSERT_EQUAL(mcs_from_cqi(1, 7, 1), 11); /* 1.4766 bits: both tables have that row */
    CU_ASSERT_EQUAL(mcs_from_cqi(1, 0, 1), 0);
}

static void test_bsr_levels(void)
{
    CU_ASSERT_EQUAL(bsr_short_index(0), 0);
    CU_ASSERT_EQUAL(bsr_short_index(1), 1);
    CU_ASSERT_EQUAL(bsr_short_index(10), 1);
    CU_ASSERT_EQUAL(bsr_short_index(11), 2);
    CU_ASSERT_EQUAL(bsr_short_index(150000), 30);
    CU_ASSERT_EQUAL(bsr_short_index(150001), 31);
    CU_ASSERT_EQUAL(bsr_long_index(81338368), 253);
    CU_ASSERT_EQUAL(bsr_long_index(81338369), 254);
    CU_ASSERT_EQUAL(bsr_long_bytes(255), 0);
    uint32_t x = 7;
    for (int i = 0; i < 2000; i++) { /* what is reported is never less than what waits */
        x = x * 1103515245u + 12345u;
        uint32_t bytes = x >> 8 & 0xfffff;
        CU_ASSERT(bsr_long_bytes(bsr_long_index(bytes)) >= bytes);
        CU_ASSERT(bsr_long_index(bytes) == 0 || bsr_long_bytes((uint8_t)(bsr_long_index(bytes) - 1)) < bytes);
    }
}

CU_MAIN("mac-mcs", {"TBS against a second model", test_tbs_against_referee}, {"TBS edges", test_tbs_known},
        {"tables rise", test_tables_rise}, {"BSR levels", test_bsr_levels})
