/* SPDX-License-Identifier: Apache-2.0 */
/* UCI and UL-SCH on one PUSCH: every RE has one owner (but where HARQ-ACK punctures), bits come back, CSI
 * part 2 in a second step gives the plan of one step, and the placement of 6.2.7 against a walk through the
 * standard's own steps. */
#include <errno.h>
#include <stdlib.h>

#include "lib/phy/polar/ulsch.h"
#include "tests/unit/cu.h"
#include "tests/unit/lib/phy/polar/common.h"

#define MAX_G 40000

static ulsch_cfg_t base(void)
{
    ulsch_cfg_t c = {.qm = 4,
                     .n_layers = 2,
                     .start_symbol = 0,
                     .n_symbols = 14,
                     .dmrs_symbols = 1 << 2 | 1 << 11,
                     .sum_k_bits = 8000,
                     .rate_x10240 = 3000,
                     .alpha_x100 = 80,
                     .beta_ack_x1000 = ulsch_beta_ack(9),
                     .beta_csi1_x1000 = ulsch_beta_csi(13),
                     .beta_csi2_x1000 = ulsch_beta_csi(13)};
    for (int l = 0; l < 14; l++)
        c.n_re[l] = 12 * 20;
    c.n_re[2] = c.n_re[11] = 6 * 20;
    return c;
}

/* The second opinion: 6.2.7 step by step, a symbol's REs as arrays of owners. */
enum { FREE = -1 };
typedef struct {
    int owner[14][3300]; /* stream, before puncturing */
    bool reserved[14][3300];
    bool ack[14][3300]; /* HARQ-ACK of up to 2 bits */
} field_t;

static bool dmrs(const ulsch_cfg_t *c, int l)
{
    return c->dmrs_symbols >> l & 1;
}

static void lay(const ulsch_cfg_t *c, field_t *f, int stream, int from, uint32_t g, bool avoid_reserved,
                bool only_reserved)
{
    uint32_t b = c->qm * c->n_layers, m = 0;
    for (int l = from; m < g; l++) {
        CU_ASSERT_FATAL(l < c->start_symbol + c->n_symbols);
        int set[3300], n = 0;
        for (int k = 0; k < c->n_re[l] && !dmrs(c, l); k++)
            if (only_reserved ? f->reserved[l][k]
                              : f->owner[l][k] == FREE && !(avoid_reserved && f->reserved[l][k]))
                set[n++] = k;
        if (n == 0)
            continue;
        uint32_t d = 1, count = (uint32_t)n;
        if (g - m < (uint32_t)n * b) {
            d = (uint32_t)n * b / (g - m);
            count = (g - m + b - 1) / b;
        }
        for (uint32_t j = 0; j < count; j++) {
            int k = set[j * d];
            if (stream == ULSCH_N_STREAMS)
                f->reserved[l][k] = true;
            else if (only_reserved)
                f->ack[l][k] = true;
            else
                f->owner[l][k] = stream;
            m += b;
        }
    }
}

static int after_dmrs(const ulsch_cfg_t *c, int l)
{
    while (!dmrs(c, l))
        l++;
    while (dmrs(c, l))
        l++;
    return l;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* REs of the first hop without UL-SCH, case by case as 6.2.7 lists them (HARQ-ACK with CSI part 1; all three;
 * both parts of CSI). */
static uint32_t first_hop_without_data(const ulsch_plan_t *p, int step)
{
    const ulsch_cfg_t *c = &p->cfg;
    const int middle = c->start_symbol + c->n_symbols / 2;
    uint32_t m1 = 0, m3 = 0;
    for (int l = c->start_symbol; l < middle; l++) {
        m1 += dmrs(c, l) ? 0 : c->n_re[l];
        m3 += dmrs(c, l) || l < after_dmrs(c, c->start_symbol) ? 0 : c->n_re[l];
    }
    const uint32_t reserved = p->n_re_ack_reserved / 2, ack = least(p->n_re_stream[ULSCH_ACK] / 2, m3);
    const uint32_t before = c->o_ack > 2 ? ack : reserved;
    const uint32_t csi1 = c->o_csi2 ? least(p->n_re_stream[ULSCH_CSI1] / 2, m1 - before) : m1 - ack;
    return step == 0 ? reserved : step == 2 ? csi1 : step == 3 ? m1 - csi1 - (c->o_ack > 2 ? ack : 0) : ack;
}

/* With UL-SCH each stream is halved over the hops. */
static void walk(const ulsch_plan_t *p, field_t *f)
{
    const ulsch_cfg_t *c = &p->cfg;
    int first[2] = {c->start_symbol, c->start_symbol + c->n_symbols / 2}, hops = c->hopping ? 2 : 1;
    uint32_t b = p->bits_per_re;
    for (int l = 0; l < 14; l++)
        for (int k = 0; k < 3300; k++) {
            f->owner[l][k] = FREE;
            f->reserved[l][k] = f->ack[l][k] = false;
        }
    for (int step = 0; step < 5; step++)
        for (int h = 0; h < hops; h++) {
            const ulsch_stream_t streams[] = {0, ULSCH_ACK, ULSCH_CSI1, ULSCH_CSI2, ULSCH_ACK};
            uint32_t n = step == 0 ? p->n_re_ack_reserved : p->n_re_stream[streams[step]];
            const uint32_t half = c->sum_k_bits ? n / 2 : least(n, first_hop_without_data(p, step));
            uint32_t g = b * (hops == 1 ? n : h == 0 ? half : n - half);
            if (step == 0 && c->o_ack <= 2)
                lay(c, f, ULSCH_N_STREAMS, after_dmrs(c, first[h]), g, false, false);
            else if (step == 1 && c->o_ack > 2)
                lay(c, f, ULSCH_ACK, after_dmrs(c, first[h]), g, false, false);
            else if (step == 2)
                lay(c, f, ULSCH_CSI1, first[h], g, true, false);
            else if (step == 3)
                lay(c, f, ULSCH_CSI2, first[h], g, false, false);
            else if (step == 4 && c->o_ack && c->o_ack <= 2)
                lay(c, f, ULSCH_ACK, after_dmrs(c, first[h]), g, false, true);
        }
    for (int l = c->start_symbol; l < c->start_symbol + c->n_symbols; l++)
        for (int k = 0; k < c->n_re[l]; k++)
            if (f->owner[l][k] == FREE)
                f->owner[l][k] = ULSCH_SCH;
}

/* Multiplexes random bits, compares with the walk, and gathers them again. */
static void check(const ulsch_cfg_t *c)
{
    static ulsch_plan_t plan;
    static field_t field;
    static uint8_t streams[4][MAX_G / 8 + 8], out[MAX_G / 8 + 8];
    static int8_t llr[MAX_G], got[MAX_G];
    uint64_t seed = 77;
    CU_ASSERT_EQUAL_FATAL(ulsch_plan(c, &plan, NULL), 0);
    CU_ASSERT_FATAL(plan.g_bits <= MAX_G);
    const uint8_t *in[4];
    for (int s = 0; s < 4; s++) {
        random_bytes(&seed, streams[s], sizeof streams[s]);
        in[s] = plan.g_stream[s] ? streams[s] : NULL;
    }
    ulsch_multiplex(&plan, in, out);
    walk(&plan, &field);
    uint32_t at[4] = {0}, j = 0, b = plan.bits_per_re;
    /* HARQ-ACK and CSI part 1 without UL-SCH: nothing lies below HARQ-ACK of 2 bits. */
    const bool alone = c->sum_k_bits == 0 && c->o_csi2 == 0 && c->o_ack == 2;
    int wrong = 0;
    for (int l = c->start_symbol; l < c->start_symbol + c->n_symbols; l++)
        for (int k = 0; k < c->n_re[l]; k++, j += b) {
            int owner = field.owner[l][k];
            bool over = field.ack[l][k];
            for (uint32_t v = 0; v < b; v++) {
                unsigned below = bit_at(streams[owner], at[owner] + v);
                wrong += bit_at(out, j + v) != (over ? bit_at(streams[ULSCH_ACK], at[ULSCH_ACK] + v) : below);
            }
            at[owner] += b;
            if (over)
                at[ULSCH_ACK] += b;
        }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_EQUAL(j, plan.g_bits);
    for (int s = 0; s < 4; s++)
        CU_ASSERT(at[s] == plan.g_stream[s] ||
                  (alone && s == ULSCH_SCH && at[s] == plan.g_stream[ULSCH_ACK]));
    clean_llrs(out, plan.g_bits, llr);
    uint32_t erased = 0;
    for (int s = 0; s < 4; s++) {
        memset(got, 1, plan.g_stream[s]);
        bool one_bit = (s == ULSCH_ACK && c->o_ack == 1) || (s == ULSCH_CSI1 && c->o_csi1 == 1);
        const uint8_t zeros[MAX_G / 8 + 8] = {0};
        ulsch_gather(&plan, (ulsch_stream_t)s, llr, one_bit ? zeros : NULL, got);
        wrong = 0;
        for (uint32_t i = 0; i < plan.g_stream[s]; i++) {
            wrong += got[i] != 0 && got[i] != (bit_at(streams[s], i) ? -20 : 20);
            erased += got[i] == 0;
        }
        CU_ASSERT_EQUAL(wrong, 0);
    }
    CU_ASSERT_EQUAL(erased, c->o_ack && c->o_ack <= 2 && !alone ? plan.g_stream[ULSCH_ACK] : 0);
}

static void test_placement(void)
{
    static const uint16_t acks[] = {0, 1, 2, 3, 12, 60}, csi1s[] = {0, 1, 2, 9, 40}, csi2s[] = {0, 2, 8, 100};
    for (int hop = 0; hop < 2; hop++)
        for (int a = 0; a < 6; a++)
            for (int i = 0; i < 5; i++)
                for (int j = 0; j < 4; j++) {
                    ulsch_cfg_t c = base();
                    c.hopping = hop;
                    if (hop)
                        c.dmrs_symbols = 1 << 2 | 1 << 9;
                    c.o_ack = acks[a];
                    c.o_csi1 = csi1s[i];
                    c.o_csi2 = csi2s[j];
                    if (a + i + j == 0)
                        continue;
                    check(&c);
                }
}

/* Without UL-SCH and with hopping. HARQ-ACK of 1 bit only with a part 2: without it the letter of 6.2.7 lets
 * part 1 spill from hop to hop. */
static void test_hops_without_data(void)
{
    static const uint16_t acks[] = {0, 1, 2, 3, 12, 60}, csi1s[] = {1, 2, 9, 40}, csi2s[] = {0, 2, 8, 100};
    for (int beta = 0; beta < 2; beta++)
        for (int length = 13; length <= 14; length++)
            for (int a = 0; a < 6; a++)
                for (int i = 0; i < 4; i++)
                    for (int j = 0; j < 4; j++) {
                        if (acks[a] < 2 && csi2s[j] == 0)
                            continue;
                        ulsch_cfg_t c = base();
                        c.hopping = true;
                        c.n_symbols = (uint8_t)length;
                        c.dmrs_symbols = 1 << 2 | 1 << 9;
                        c.n_re[9] = c.n_re[2] = 6 * 20;
                        c.n_re[11] = 12 * 20;
                        c.sum_k_bits = 0;
                        c.beta_ack_x1000 = ulsch_beta_ack(beta ? 15 : 5);
                        c.o_ack = acks[a];
                        c.o_csi1 = csi1s[i];
                        c.o_csi2 = csi2s[j];
                        /* data REs beside DMRS stay empty: none here */
                        c.n_re[2] = c.n_re[9] = 0;
                        static ulsch_plan_t plan;
                        if (ulsch_plan(&c, &plan, NULL) == 0)
                            check(&c);
                    }
}

/* Without UL-SCH the UCI fills every RE, with and without hopping, but for what is reserved and not used. */
static void test_without_data(void)
{
    for (int hop = 0; hop < 2; hop++)
        for (uint16_t ack = 0; ack <= 6; ack += 3)
            for (uint16_t csi2 = 0; csi2 <= 30; csi2 += 15) {
                ulsch_cfg_t c = base();
                static ulsch_plan_t plan;
                c.hopping = hop;
                c.dmrs_symbols = 1 << 2 | 1 << 9;
                for (int l = 0; l < 14; l++)
                    c.n_re[l] = c.dmrs_symbols >> l & 1 ? 0 : 120;
                c.sum_k_bits = 0;
                c.o_ack = ack;
                c.o_csi1 = 20;
                c.o_csi2 = csi2;
                CU_ASSERT_EQUAL_FATAL(ulsch_plan(&c, &plan, NULL), 0);
                CU_ASSERT_EQUAL(plan.g_stream[ULSCH_SCH], 0);
                uint32_t used = plan.n_re_stream[ULSCH_CSI1] + plan.n_re_stream[ULSCH_CSI2] +
                                (ack > 2 ? plan.n_re_stream[ULSCH_ACK]
                                 : csi2  ? 0
                                         : plan.n_re_ack_reserved);
                CU_ASSERT_EQUAL(used, plan.n_re);
            }
}

static void test_two_steps(void)
{
    ulsch_cfg_t c = base();
    c.o_ack = 2;
    c.o_csi1 = 7;
    c.o_csi2 = 31;
    static ulsch_plan_t whole, stepped;
    static int8_t llr[MAX_G], a[MAX_G], b[MAX_G];
    uint64_t seed = 5;
    CU_ASSERT_EQUAL_FATAL(ulsch_plan(&c, &whole, NULL), 0);
    c.o_csi2 = ULSCH_CSI2_UNKNOWN;
    CU_ASSERT_EQUAL_FATAL(ulsch_plan(&c, &stepped, NULL), 0);
    CU_ASSERT_TRUE(stepped.csi2_pending);
    for (uint32_t i = 0; i < whole.g_bits; i++)
        llr[i] = (int8_t)(next_random(&seed) % 100 + 1);
    for (int s = 0; s < 4; s++) {
        if (s == ULSCH_CSI2) {
            phy_refusal_t why;
            CU_ASSERT_EQUAL(ulsch_plan_csi2(&stepped, 1707, &why), -EINVAL);
            CU_ASSERT_EQUAL(ulsch_plan_csi2(&stepped, 31, NULL), 0);
        }
        CU_ASSERT_EQUAL(stepped.g_stream[s], whole.g_stream[s]);
        ulsch_gather(&whole, (ulsch_stream_t)s, llr, NULL, a);
        ulsch_gather(&stepped, (ulsch_stream_t)s, llr, NULL, b);
        CU_ASSERT_BYTES(a, whole.g_stream[s], b, whole.g_stream[s]);
    }
}

/* One bit of HARQ-ACK with its y under scrambling: both LLRs of a symbol count for the bit. */
static void test_placeholders(void)
{
    for (uint8_t qm = 1; qm <= 8; qm = qm == 1 ? 2 : (uint8_t)(qm + 2))
        for (uint16_t o = 1; o <= 2; o++)
            for (unsigned v = 0; v < 1u << o; v++) {
                ulsch_cfg_t c = base();
                static ulsch_plan_t plan;
                static uint8_t ack[600], sch[MAX_G / 8 + 8], out[MAX_G / 8 + 8], scrambling[MAX_G / 8 + 8];
                static int8_t llr[MAX_G], got[4096];
                uint64_t seed = 9;
                c.qm = qm;
                c.n_layers = 1;
                c.o_ack = o;
                CU_ASSERT_EQUAL_FATAL(ulsch_plan(&c, &plan, NULL), 0);
                CU_ASSERT_TRUE(plan.has_placeholders);
                random_bytes(&seed, sch, sizeof sch);
                random_bytes(&seed, scrambling, sizeof scrambling);
                uint8_t bits = (uint8_t)(v << (8 - o));
                small_block_encode(o, qm, &bits, plan.g_stream[ULSCH_ACK], ack);
                const uint8_t *streams[4] = {ack, NULL, NULL, sch};
                ulsch_multiplex(&plan, streams, out);
                for (uint32_t i = 0; i < (plan.g_bits + 7) / 8; i++)
                    out[i] ^= scrambling[i];
                ulsch_fix_placeholders(&plan, out);
                for (uint32_t i = 0; i < plan.g_bits; i++)
                    llr[i] = bit_at(out, i) != bit_at(scrambling, i) ? -20 : 20;
                ulsch_gather(&plan, ULSCH_ACK, llr, scrambling, got);
                small_block_decision_t d;
                small_block_decode(o, qm, got, plan.g_stream[ULSCH_ACK], &d);
                CU_ASSERT_EQUAL(d.bits, v);
                CU_ASSERT(fabsf(d.metric - d.energy) < 1e-3f * d.energy); /* nothing contradicts */
            }
}

static void test_no_uci(void)
{
    ulsch_cfg_t c = base();
    static ulsch_plan_t plan;
    CU_ASSERT_EQUAL_FATAL(ulsch_plan(&c, &plan, NULL), 0);
    CU_ASSERT_FALSE(plan.has_uci);
    CU_ASSERT_EQUAL(plan.g_stream[ULSCH_SCH], plan.g_bits);
    CU_ASSERT_EQUAL(plan.g_bits, (12 * 240 + 2 * 120) * 8);
}

static void test_betas(void)
{
    CU_ASSERT_EQUAL(ulsch_beta_ack(0), 1000);
    CU_ASSERT_EQUAL(ulsch_beta_ack(15), 126000);
    CU_ASSERT_EQUAL(ulsch_beta_ack(16), 0);
    CU_ASSERT_EQUAL(ulsch_beta_csi(0), 1125);
    CU_ASSERT_EQUAL(ulsch_beta_csi(18), 20000);
    CU_ASSERT_EQUAL(ulsch_beta_csi(19), 0);
}

#define REFUSED(member, bad_value)                                                                           \
    do {                                                                                                     \
        ulsch_cfg_t c = base();                                                                              \
        static ulsch_plan_t plan;                                                                            \
        phy_refusal_t why = {0};                                                                             \
        c.o_ack = 5;                                                                                         \
        c.o_csi1 = 5;                                                                                        \
        c.o_csi2 = 5;                                                                                        \
        c.member = bad_value;                                                                                \
        CU_ASSERT_EQUAL(ulsch_plan(&c, &plan, &why), -EINVAL);                                               \
        CU_ASSERT(why.field &&strcmp(why.field, #member) == 0);                                              \
    } while (0)

static void test_refusals(void)
{
    REFUSED(qm, 3);
    REFUSED(n_layers, 5);
    REFUSED(start_symbol, 14);
    REFUSED(n_symbols, 0);
    REFUSED(n_symbols, 15);
    REFUSED(o_ack, 1707);
    REFUSED(o_csi1, 1707);
    REFUSED(o_csi2, 1707);
    REFUSED(alpha_x100, 70);
    REFUSED(beta_ack_x1000, 0);
    REFUSED(beta_csi1_x1000, 500);
    REFUSED(beta_csi2_x1000, 200000);
    REFUSED(dmrs_symbols, 0);
    REFUSED(dmrs_symbols, 1 << 13);
    ulsch_cfg_t c = base();
    static ulsch_plan_t plan;
    phy_refusal_t why;
    c.n_re[3] = 3301;
    CU_ASSERT_EQUAL(ulsch_plan(&c, &plan, &why), -EINVAL);
    CU_ASSERT_STRING_EQUAL(why.field, "n_re");
    c = base();
    c.sum_k_bits = 0;
    c.rate_x10240 = 0;
    c.o_csi1 = 4;
    CU_ASSERT_EQUAL(ulsch_plan(&c, &plan, &why), -EINVAL);
    CU_ASSERT_STRING_EQUAL(why.field, "rate_x10240");
}

CU_MAIN("ulsch", {"placement", test_placement}, {"without data", test_without_data},
        {"hops without data", test_hops_without_data}, {"CSI part 2 later", test_two_steps},
        {"placeholders", test_placeholders}, {"no UCI", test_no_uci}, {"betas", test_betas},
        {"refusals", test_refusals})
