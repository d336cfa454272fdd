/* SPDX-License-Identifier: Apache-2.0 */
/* The random access configuration tables: what holds in every row, and some rows to the letter (TS 38.211
 * tables 6.3.3.2-2 to -4). All given cases of another party run with the shared vectors. */
#include "lib/mac/prach_table.h"
#include "tests/unit/cu.h"

static void test_every_row(void)
{
    for (unsigned t = 0; t < 3; t++)
        for (unsigned i = 0; i < 256; i++) {
            prach_row_t r;
            CU_ASSERT_TRUE_FATAL(prach_row((prach_table_t)t, (uint8_t)i, &r));
            unsigned slots = t == PRACH_FR2 ? 40 : 10;
            CU_ASSERT(r.format <= PRACH_A3_B3 && r.x && (r.x & (r.x - 1)) == 0 && r.x <= 16);
            CU_ASSERT(r.y[0] < r.x && (r.n_y == 1 || r.y[1] < r.x));
            CU_ASSERT(r.slots && r.slots >> slots == 0);
            if (r.format <= PRACH_3) {
                CU_ASSERT(t != PRACH_FR2 && r.n_occasions == 1 && r.n_symbols == 0);
                continue;
            }
            CU_ASSERT(r.n_slots >= 1 && r.n_slots <= 2);
            /* The last occasion ends in its slot. */
            CU_ASSERT(r.start_symbol + r.n_occasions * r.n_symbols <= 14);
        }
}

static void test_some_rows(void)
{
    prach_row_t r;
    prach_row(PRACH_FR1_PAIRED, 27, &r);
    CU_ASSERT(r.format == PRACH_0 && r.x == 1 && r.slots == 0x3ff);
    prach_row(PRACH_FR1_UNPAIRED, 95, &r);
    CU_ASSERT(r.format == PRACH_A2 && r.x == 2 && r.slots == 0x39c);
    prach_row(PRACH_FR1_UNPAIRED, 159, &r);
    CU_ASSERT(r.format == PRACH_B4 && r.x == 1 && r.slots == 1 << 9 && r.n_symbols == 12 &&
              r.n_occasions == 1);
    prach_row(PRACH_FR1_UNPAIRED, 219, &r);
    CU_ASSERT(r.format == PRACH_A1_B1 && r.start_symbol == 2 && r.n_occasions == 6);
    prach_row(PRACH_FR2, 2, &r);
    CU_ASSERT(r.x == 8 && r.n_y == 2 && r.y[0] == 1 && r.y[1] == 2 &&
              r.slots == (1ull << 9 | 1ull << 19 | 1ull << 29 | 1ull << 39));
}

CU_MAIN("prach_table", {"what every row has to be", test_every_row}, {"some rows", test_some_rows})
