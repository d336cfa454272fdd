/* SPDX-License-Identifier: Apache-2.0 */
/* Rate dematching against the steps of TS 38.212 5.4.2 taken literally, and its variants against each other.
 */
#include "lib/phy/ldpc/dematch.h"

#include "tests/unit/cu.h"
#include "tests/unit/lib/phy/ldpc/noise.h"

#include <stdlib.h>

#define MAX_E 60000

static _Alignas(64) int8_t llr[MAX_E], soft[2][LDPC_MAX_SOFT];
static int sum[LDPC_MAX_SOFT], loudest[LDPC_MAX_SOFT]; /* what the sum may have reached on its way */
static bool heard[LDPC_MAX_SOFT];

/* A random code block of lifting size number z; sometimes a short buffer, many fillers, repetition. */
static ldpc_dematch_cfg_t random_cfg(noise_t *s, unsigned bg, unsigned zc)
{
    static const uint8_t orders[] = {1, 2, 4, 6, 8, 10};
    ldpc_dematch_cfg_t c = {.bg = (uint8_t)bg, .zc = (uint16_t)zc};
    unsigned k = (bg == 1 ? 22 : 10) * zc, n = (bg == 1 ? 66 : 50) * zc;
    c.n_filler = (uint16_t)noise_below(s, noise_below(s, 3) ? zc : k - 2 * zc);
    c.n_cb = noise_below(s, 2) ? n : k - 2 * zc + 1 + noise_below(s, n - k + 2 * zc);
    c.rv = (uint8_t)noise_below(s, 4);
    c.qm = orders[noise_below(s, 6)];
    unsigned most = noise_below(s, 3) ? n : 3 * n;
    most = most > MAX_E ? MAX_E : most;
    c.e = c.qm * (1 + noise_below(s, most / c.qm));
    return c;
}

/* 5.4.2.1 and 5.4.2.2 as they are written, the other way round: LLR `i` of the block goes to which bit of d?
 */
static void model(const ldpc_dematch_cfg_t *c)
{
    static const unsigned bg1[] = {0, 17, 33, 56}, bg2[] = {0, 13, 25, 43};
    static int e_of[MAX_E];
    unsigned k = (c->bg == 1 ? 22 : 10) * c->zc, n = (c->bg == 1 ? 66u : 50u) * c->zc;
    unsigned k0 = (c->bg == 1 ? bg1 : bg2)[c->rv] * c->n_cb / n * c->zc;
    for (unsigned i = 0; i < c->qm; i++)
        for (unsigned j = 0; j < c->e / c->qm; j++)
            e_of[i * (c->e / c->qm) + j] = llr[i + j * c->qm];
    for (unsigned taken = 0, j = 0; taken < c->e; j++) {
        unsigned at = (k0 + j) % c->n_cb;
        if (at >= k - c->n_filler - 2u * c->zc && at < k - 2u * c->zc)
            continue;
        loudest[at] += abs(e_of[taken]);
        sum[at] += e_of[taken++];
        heard[at] = true;
    }
}

/* Two transmissions of small LLRs, so that little saturates: every place of the buffer, and how far it is
 * known. */
static void test_model(void)
{
    phy_t *phy;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
    noise_t s = {UINT64_C(0x2545f4914f6cdd1d)};
    for (unsigned bg = 1; bg <= 2; bg++)
        for (unsigned z = 0; z < GRAPH_N_ZC; z++) {
            ldpc_dematch_cfg_t c = random_cfg(&s, bg, graph_zc[z]);
            memset(sum, 0, sizeof sum);
            memset(heard, 0, sizeof heard);
            memset(loudest, 0, sizeof loudest);
            memset(soft, 0x55, sizeof soft);
            uint32_t n_soft = 0, last = 0;
            for (unsigned transmission = 0; transmission < 2; transmission++) {
                ldpc_dematch_plan_t plan;
                CU_ASSERT_EQUAL_FATAL(ldpc_dematch_plan(phy, &c, &plan, NULL), 0);
                for (unsigned i = 0; i < c.e; i++)
                    llr[i] = (int8_t)((int)noise_below(&s, 7) - 3);
                model(&c);
                ldpc_dematch(phy, &plan, llr, soft[0], &n_soft);
                c.rv = (uint8_t)noise_below(&s, 4);
                c.e = c.qm * (1 + noise_below(&s, MAX_E / 4 / c.qm));
            }
            bool same = true;
            for (uint32_t i = 0; i < c.n_cb; i++) {
                last = heard[i] ? i + 1 : last;
                same = same && (i >= n_soft || loudest[i] > 127 || soft[0][i] == sum[i]);
            }
            CU_ASSERT(same);
            CU_ASSERT(n_soft >= last && n_soft <= c.n_cb);
            bool behind = true;
            for (uint32_t i = n_soft; i < LDPC_MAX_SOFT; i++)
                behind = behind && soft[0][i] == 0x55;
            CU_ASSERT(behind);
        }
    phy_destroy(phy);
}

static void test_variants(void)
{
    phy_t *phy;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
    noise_t s = {UINT64_C(0xdeadbeefcafe)};
    for (unsigned bg = 1; bg <= 2; bg++)
        for (unsigned z = 0; z < 4 * GRAPH_N_ZC; z++) {
            ldpc_dematch_cfg_t c = random_cfg(&s, bg, graph_zc[z % GRAPH_N_ZC]);
            ldpc_dematch_plan_t plan;
            CU_ASSERT_EQUAL_FATAL(ldpc_dematch_plan(phy, &c, &plan, NULL), 0);
            for (unsigned i = 0; i < c.e; i++)
                llr[i] = (int8_t)noise_next(&s);
            for (int isa = PHY_ISA_AVX2; isa <= (int)phy->isa; isa++) {
                uint32_t n[2];
                for (unsigned v = 0; v < 2; v++) {
                    const ldpc_dematch_ops_t *ops = ldpc_dematch_ops(v ? (phy_isa_t)isa : PHY_ISA_GENERIC);
                    memset(soft[v], 0x55, sizeof soft[v]);
                    n[v] = 0;
                    ops->dematch(&plan, llr, soft[v], &n[v]);
                    ops->dematch(&plan, llr, soft[v], &n[v]);
                }
                CU_ASSERT_EQUAL(n[0], n[1]);
                CU_ASSERT(memcmp(soft[0], soft[1], sizeof soft[0]) == 0);
            }
        }
    phy_destroy(phy);
}

static void refused(const phy_t *phy, ldpc_dematch_cfg_t cfg, const char *field)
{
    ldpc_dematch_plan_t plan;
    phy_refusal_t why = {.field = ""};
    CU_ASSERT(ldpc_dematch_plan(phy, &cfg, &plan, &why) < 0);
    CU_ASSERT_STRING_EQUAL(why.field, field);
}

static void test_refusals(void)
{
    phy_t *phy;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_GENERIC, &phy), 0);
    const ldpc_dematch_cfg_t good = {.bg = 2, .zc = 8, .n_cb = 400, .qm = 2, .e = 400};
    ldpc_dematch_plan_t plan;
    CU_ASSERT_EQUAL(ldpc_dematch_plan(phy, &good, &plan, NULL), 0);
    ldpc_dematch_cfg_t c;
#define REFUSED(member, value)                                                                               \
    c = good;                                                                                                \
    c.member = value;                                                                                        \
    refused(phy, c, #member)
    REFUSED(bg, 3);
    REFUSED(zc, 1);
    REFUSED(n_filler, 65);
    REFUSED(n_cb, 0);
    REFUSED(n_cb, 401);
    REFUSED(rv, 4);
    REFUSED(qm, 0);
    REFUSED(qm, 3);
    REFUSED(qm, 12);
    REFUSED(e, 0);
    REFUSED(e, 401);
    REFUSED(e, LDPC_MAX_E + 2);
    c = (ldpc_dematch_cfg_t){.bg = 2, .zc = 8, .n_cb = 64, .n_filler = 64, .qm = 2, .e = 400};
    refused(phy, c, "n_cb");
    phy_destroy(phy);
}

CU_MAIN("ldpc dematching", {"against the clause", test_model}, {"variants are equal", test_variants},
        {"refusals", test_refusals})
