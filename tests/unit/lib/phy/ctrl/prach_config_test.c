/* SPDX-License-Identifier: Apache-2.0 */
/* The random access configuration tables: what holds in every row, and some rows to the letter (TS 38.211
 * tables 6.3.3.2-2 to -4). All given cases of another party run with the shared vectors. */
#include "lib/phy/ctrl/prach_config.h"
#include "lib/phy/ctrl/prach_tables.h"
#include "tests/unit/cu.h"

static void test_every_row(void)
{
    for (unsigned t = 0; t < 3; t++)
        for (unsigned i = 0; i < 256; i++) {
            prach_config_row_t r;
            CU_ASSERT_TRUE_FATAL(prach_config_row((prach_config_table_t)t, (uint8_t)i, &r));
            unsigned slots = t == PRACH_FR2_UNPAIRED ? 40 : 10;
            CU_ASSERT(r.format < PRACH_N_FORMATS && r.x && (r.x & (r.x - 1)) == 0 && r.x <= 16);
            CU_ASSERT(r.y[0] < r.x && r.y[1] < r.x);
            CU_ASSERT(r.slots && r.slots >> slots == 0);
            if (r.format <= PREAMBLE_3) {
                CU_ASSERT(t != PRACH_FR2_UNPAIRED && r.n_occasions == 0);
                continue;
            }
            CU_ASSERT(r.n_slots >= 1 && r.n_slots <= 2);
            /* The last occasion ends in its slot, and an occasion holds its preamble's repetitions. */
            CU_ASSERT(r.start_symbol + r.n_occasions * r.n_symbols <= 14);
            CU_ASSERT(prach_format(r.format)->n_repetitions <= r.n_symbols);
            if (r.last_format != r.format) /* A1/B1, A2/B2, A3/B3 */
                CU_ASSERT_EQUAL(r.last_format - r.format, PREAMBLE_B1 - PREAMBLE_A1);
        }
}

static void test_some_rows(void)
{
    prach_config_row_t r;
    prach_config_row(PRACH_FR1_PAIRED, 27, &r);
    CU_ASSERT(r.format == PREAMBLE_0 && r.x == 1 && r.slots == 0x3ff);
    prach_config_row(PRACH_FR1_UNPAIRED, 159, &r);
    CU_ASSERT(r.format == PREAMBLE_B4 && r.x == 1 && r.slots == 1 << 9 && r.n_symbols == 12 &&
              r.n_occasions == 1);
    prach_config_row(PRACH_FR1_UNPAIRED, 219, &r);
    CU_ASSERT(r.format == PREAMBLE_A1 && r.last_format == PREAMBLE_B1 && r.start_symbol == 2 &&
              r.n_occasions == 6);
    prach_config_row(PRACH_FR2_UNPAIRED, 2, &r);
    CU_ASSERT(r.x == 8 && r.y[0] == 1 && r.y[1] == 2 &&
              r.slots == (1ull << 9 | 1ull << 19 | 1ull << 29 | 1ull << 39));
}

CU_MAIN("prach_config", {"what every row has to be", test_every_row}, {"some rows", test_some_rows})
