/* SPDX-License-Identifier: Apache-2.0 */
/* The encoder of every lifting size against the parity checks themselves: a code word is right when each
 * check of the standard's matrix holds, and there is only one for a message. */
#include "tests/unit/cu.h"
#include "tests/unit/lib/phy/ldpc/model.h"
#include "lib/phy/ldpc/encode.h"

static phy_t *phys[PHY_N_ISA];

static void create(void)
{
    for (int isa = 0; isa < PHY_N_ISA; isa++)
        CU_ASSERT_EQUAL_FATAL(phy_create((phy_isa_t)isa, &phys[isa]), 0);
}

static void destroy(void)
{
    for (int isa = 0; isa < PHY_N_ISA; isa++)
        phy_destroy(phys[isa]);
}

/* Leaves other garbage on the stack than the last call did. */
static __attribute__((noinline)) uint64_t dirty_stack(uint64_t *seed)
{
    volatile uint64_t garbage[2048];
    for (unsigned i = 0; i < 2048; i++)
        garbage[i] = model_random(seed);
    return garbage[*seed % 2048];
}

/* c [size: n_cols * zc]: bits, one a byte. Checks of the first n_rows rows that fail. */
static unsigned failing(const graph_t *g, unsigned n_rows, const uint8_t *c)
{
    unsigned wrong = 0;
    for (unsigned i = 0; i < n_rows; i++)
        for (unsigned n = 0; n < g->zc; n++) {
            unsigned sum = 0;
            for (unsigned e = g->row_start[i]; e < g->row_start[i + 1]; e++)
                sum ^= c[g->col[e] * g->zc + (n + g->shift[e]) % g->zc];
            wrong += sum;
        }
    return wrong;
}

static void test_parity_checks(void)
{
    create();
    uint64_t seed = 5;
    static uint8_t c[GRAPH_MAX_COLS * GRAPH_MAX_ZC], message[1056], parity[46 * 48 + 1];
    for (unsigned bg = 1; bg <= 2; bg++)
        for (unsigned z = 0; z < GRAPH_N_ZC; z++)
            for (unsigned kind = 1; kind < 4; kind++) {
                const graph_t *g = graph_get(phys[0], bg, graph_zc[z]);
                unsigned k = g->n_sys * g->zc, n_parity = g->n_rows * g->zc;
                model_fill(c, k, kind, &seed);
                model_pack(message, c, k);
                parity[(n_parity + 7) / 8] = 0xa5;
                ldpc_encode(phys[0], g, g->n_rows, message, parity);
                for (unsigned i = 0; i < n_parity; i++)
                    c[k + i] = (uint8_t)model_bit(parity, i);
                CU_ASSERT_EQUAL(failing(g, g->n_rows, c), 0);
                CU_ASSERT_EQUAL(parity[(n_parity + 7) / 8], 0xa5);
            }
    destroy();
}

/* Fewer rows are the beginning of all rows; nothing is written behind; garbage behind the message is ignored.
 * All variants say the same. */
static void test_variants(void)
{
    create();
    uint64_t seed = 9;
    for (unsigned bg = 1; bg <= 2; bg++)
        for (unsigned z = 0; z < GRAPH_N_ZC; z++)
            for (unsigned kind = 0; kind < 6; kind++) {
                const graph_t *g = graph_get(phys[0], bg, graph_zc[z]);
                unsigned k = g->n_sys * g->zc, bytes = (k + 7) / 8;
                static uint8_t bits[8448], want[46 * 48];
                /* exactly as large as promised, for the address sanitizer */
                uint8_t *message = malloc(bytes);
                model_fill(bits, k, kind, &seed);
                model_pack(message, bits, k);
                ldpc_encode(phys[0], g, g->n_rows, message, want);
                if (k % 8)
                    message[bytes - 1] |= (uint8_t)(0xff >> k % 8);
                for (int isa = 0; isa < PHY_N_ISA; isa++) {
                    unsigned rows = kind == 0   ? g->n_rows
                                    : kind == 1 ? 4
                                                : 4 + (unsigned)(model_random(&seed) % (g->n_rows - 3u));
                    unsigned n = rows * g->zc, i = 0;
                    uint8_t *parity = malloc((n + 7) / 8);
                    dirty_stack(&seed);
                    ldpc_encode(phys[isa], g, rows, message, parity);
                    while (i < (n + 7) / 8 * 8 && model_bit(parity, i) == (i < n ? model_bit(want, i) : 0))
                        i++;
                    CU_ASSERT_EQUAL(i, (n + 7) / 8 * 8);
                    free(parity);
                }
                free(message);
            }
    destroy();
}

/* What the standard says of the tables as a whole. */
static void test_graph(void)
{
    create();
    for (unsigned bg = 1; bg <= 2; bg++)
        for (unsigned z = 0; z < GRAPH_N_ZC; z++) {
            const graph_t *g = graph_get(phys[0], bg, graph_zc[z]);
            CU_ASSERT_PTR_NOT_NULL_FATAL(g);
            CU_ASSERT_EQUAL(g->bg, bg);
            CU_ASSERT_EQUAL(g->zc, graph_zc[z]);
            CU_ASSERT_EQUAL(g->n_cols, g->n_sys + g->n_rows);
            CU_ASSERT_EQUAL(g->row_start[g->n_rows], g->n_edges);
            for (unsigned i = 0; i < g->n_rows; i++) {
                unsigned first = g->row_start[i], last = g->row_start[i + 1] - 1u;
                CU_ASSERT(last - first < GRAPH_MAX_DEGREE);
                for (unsigned e = first; e < last; e++)
                    CU_ASSERT(g->col[e] < g->col[e + 1] && g->shift[e] < g->zc);
                if (i >= 4) {
                    CU_ASSERT_EQUAL(g->col[last], g->n_sys + i);
                    CU_ASSERT_EQUAL(g->shift[last], 0);
                }
            }
        }
    CU_ASSERT_PTR_NULL(graph_get(phys[0], 1, 17));
    CU_ASSERT_PTR_NULL(graph_get(phys[0], 0, 384));
    CU_ASSERT_PTR_NULL(graph_get(phys[0], 3, 384));
    /* 5.2.2 */
    CU_ASSERT_EQUAL(graph_kb(1, 100), 22);
    CU_ASSERT_EQUAL(graph_kb(2, 641), 10);
    CU_ASSERT_EQUAL(graph_kb(2, 640), 9);
    CU_ASSERT_EQUAL(graph_kb(2, 561), 9);
    CU_ASSERT_EQUAL(graph_kb(2, 560), 8);
    CU_ASSERT_EQUAL(graph_kb(2, 193), 8);
    CU_ASSERT_EQUAL(graph_kb(2, 192), 6);
    CU_ASSERT_EQUAL(graph_min_zc(22, 8448), 384);
    CU_ASSERT_EQUAL(graph_min_zc(22, 22 * 352 + 1), 384);
    CU_ASSERT_EQUAL(graph_min_zc(6, 24), 4);
    CU_ASSERT_EQUAL(graph_min_zc(22, 8449), 0);
    destroy();
}

CU_MAIN("encode", {"graph", test_graph}, {"parity checks", test_parity_checks}, {"variants", test_variants})
