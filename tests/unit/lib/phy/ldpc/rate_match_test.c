/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/cu.h"
#include "tests/unit/lib/phy/ldpc/model.h"
#include "lib/phy/ldpc/rate_match.h"

static const uint8_t qms[] = {1, 2, 4, 6, 8, 10};

/* k0 by table 5.4.2.1-2, written out */
static uint32_t model_k0(unsigned bg, unsigned zc, uint32_t n_cb, unsigned rv)
{
    static const unsigned a[2][4] = {{0, 17, 33, 56}, {0, 13, 25, 43}};
    return (uint32_t)((uint64_t)a[bg - 1][rv] * n_cb / ((bg == 1 ? 66 : 50) * zc)) * zc;
}

/* One code block through circ_init and rate_match of a variant; 1 when it differs from the model. */
static unsigned differs(const phy_t *phy, const graph_t *g, uint32_t k_prime, uint32_t n_ref, unsigned rv,
                        unsigned qm, uint32_t e, uint64_t *seed)
{
    static uint8_t d[GRAPH_MAX_N], circ[RATE_MATCH_CIRC_BYTES];
    uint32_t n = (g->n_cols - 2u) * g->zc, k = (uint32_t)g->n_sys * g->zc;
    uint32_t n_cb = n_ref && n_ref < n ? n_ref : n;
    model_fill(d, n, 3, seed);
    for (uint32_t i = k_prime - 2 * g->zc; i < k - 2 * g->zc; i++)
        d[i] = FILLER;

    circ_t c;
    circ_init(&c, g, k_prime, n_ref, rv);
    uint32_t kept = 0;
    memset(circ, 0x5a, sizeof circ);
    for (uint32_t i = 0; i < n_cb; i++)
        if (d[i] != FILLER) {
            circ[kept / 8] =
                (uint8_t)((circ[kept / 8] & ~(0x80 >> kept % 8)) | (d[i] ? 0x80 >> kept % 8 : 0));
            kept++;
        }
    uint8_t *want = malloc(e), *packed = malloc(e / 8 + 1), *got = malloc((e + 7) / 8);
    model_rate_match(d, n_cb, model_k0(g->bg, g->zc, n_cb, rv), qm, e, want);
    model_pack(packed, want, e);
    rate_match(phy, circ, c.n_circ, c.start, qm, e, got);
    unsigned wrong = c.n_cb != n_cb || c.n_circ != kept || memcmp(got, packed, (e + 7) / 8) != 0;
    free(want);
    free(packed);
    free(got);
    return wrong;
}

static void test_against_model(void)
{
    for (int isa = 0; isa < PHY_N_ISA; isa++) {
        uint64_t seed = 77;
        phy_t *phy;
        CU_ASSERT_EQUAL_FATAL(phy_create((phy_isa_t)isa, &phy), 0);
        static const uint16_t zcs[] = {2, 3, 7, 14, 36, 64, 104, 384};
        for (unsigned bg = 1; bg <= 2; bg++)
            for (unsigned z = 0; z < sizeof zcs / sizeof *zcs; z++)
                for (unsigned rv = 0; rv < 4; rv++)
                    for (unsigned q = 0; q < sizeof qms; q++) {
                        const graph_t *g = graph_get(phy, bg, zcs[z]);
                        uint32_t k = (uint32_t)g->n_sys * g->zc, n = (g->n_cols - 2u) * g->zc;
                        /* with and without fillers and limit; shorter than the buffer, and round it twice */
                        uint32_t fillers = rv % 2 ? 0 : (uint32_t)(model_random(&seed) % (k / 3));
                        uint32_t n_ref = (q + rv) % 2 ? 0 : k + (uint32_t)(model_random(&seed) % n);
                        uint32_t e = 1 + (uint32_t)(model_random(&seed) % (2 * n));
                        if (z == 7)
                            e = e % n + 1;
                        e = (e + qms[q] - 1) / qms[q] * qms[q];
                        CU_ASSERT_EQUAL(differs(phy, g, k - fillers, n_ref, rv, qms[q], e, &seed), 0);
                    }
        phy_destroy(phy);
    }
}

/* Every end of a block of columns: lengths around multiples of 64 and 512, starts at every bit of a byte. */
static void test_edges(void)
{
    for (int isa = 0; isa < PHY_N_ISA; isa++) {
        uint64_t seed = 78;
        phy_t *phy;
        CU_ASSERT_EQUAL_FATAL(phy_create((phy_isa_t)isa, &phy), 0);
        static uint8_t bits[6000], circ[6000 / 8 + RATE_MATCH_ROOM], want[16000], packed[2000], got[2000];
        for (unsigned q = 0; q < sizeof qms; q++)
            for (unsigned cols = 1; cols<1300; cols += cols % 256> 35 && cols % 256 < 240 ? 13 : 1) {
                unsigned qm = qms[q], n = 1000 + (unsigned)(model_random(&seed) % 5000), e = cols * qm;
                unsigned start = (unsigned)(model_random(&seed) % n);
                model_fill(bits, n, 3, &seed);
                model_pack(circ, bits, n);
                model_rate_match(bits, n, start, qm, e, want);
                model_pack(packed, want, e);
                got[(e + 7) / 8] = 0xa5;
                rate_match(phy, circ, n, start, qm, e, got);
                CU_ASSERT_EQUAL(memcmp(got, packed, (e + 7) / 8), 0);
                CU_ASSERT_EQUAL(got[(e + 7) / 8], 0xa5);
            }
        phy_destroy(phy);
    }
}

CU_MAIN("rate_match", {"against the model", test_against_model}, {"edges", test_edges})
