/* SPDX-License-Identifier: Apache-2.0 */
/* The polar code against a second model of it (matrix, sets, float list decoder), its variants against each
 * other, and through noise. */
#include <errno.h>

#include "lib/phy/polar/list.h"
#include "lib/phy/polar/polar.h"
#include "tests/models/polar_list.h"
#include "tests/unit/cu.h"
#include "tests/unit/lib/phy/polar/common.h"

static phy_t *phy;
static polar_work_t work;

static void start(void)
{
    if (!phy)
        CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
}

static const polar_cfg_t shapes[] = {
    {.k = 36, .e = 108, .n_max = 9, .i_il = true},     {.k = 64, .e = 108, .n_max = 9, .i_il = true},
    {.k = 64, .e = 216, .n_max = 9, .i_il = true},     {.k = 164, .e = 432, .n_max = 9, .i_il = true},
    {.k = 64, .e = 864, .n_max = 9, .i_il = true},     {.k = 164, .e = 1728, .n_max = 9, .i_il = true},
    {.k = 164, .e = 216, .n_max = 9, .i_il = true},    {.k = 18, .e = 21, .n_max = 10, .i_bil = true},
    {.k = 18, .e = 32, .n_max = 10, .i_bil = true},    {.k = 22, .e = 100, .n_max = 10, .i_bil = true},
    {.k = 25, .e = 214, .n_max = 10, .i_bil = true},   {.k = 25, .e = 215, .n_max = 10, .i_bil = true},
    {.k = 20, .e = 500, .n_max = 10, .i_bil = true},   {.k = 31, .e = 60, .n_max = 10, .i_bil = true},
    {.k = 61, .e = 97, .n_max = 10, .i_bil = true},    {.k = 111, .e = 300, .n_max = 10, .i_bil = true},
    {.k = 411, .e = 800, .n_max = 10, .i_bil = true},  {.k = 411, .e = 1087, .n_max = 10, .i_bil = true},
    {.k = 864, .e = 1000, .n_max = 10, .i_bil = true}, {.k = 1023, .e = 1024, .n_max = 10, .i_bil = true},
    {.k = 64, .e = 8192, .n_max = 10, .i_bil = true},  {.k = 411, .e = 544, .n_max = 10, .i_bil = true},
    {.k = 25, .e = 200, .n_max = 10, .i_bil = true},   {.k = 1013, .e = 1030, .n_max = 10, .i_bil = true},
};
#define N_SHAPES (sizeof shapes / sizeof *shapes)

static void model_of(const polar_cfg_t *c, polar_model_t *m)
{
    *m = (polar_model_t){.k = c->k, .e = c->e, .n_max = c->n_max, .i_il = c->i_il, .i_bil = c->i_bil};
    polar_model_make(m);
}

/* A wrong set, parity bit, interleaver or matching: no other equipment decodes us. */
static void test_encoder(void)
{
    uint64_t seed = 1;
    start();
    for (size_t s = 0; s < N_SHAPES; s++) {
        static polar_plan_t plan;
        static polar_model_t model;
        CU_ASSERT_EQUAL_FATAL(polar_plan(&shapes[s], &plan, NULL), 0);
        model_of(&shapes[s], &model);
        CU_ASSERT_EQUAL(plan.n, model.n);
        for (int round = 0; round < 3; round++) {
            uint8_t bits[128], unpacked[1024], out[1024], want[8192];
            random_bytes(&seed, bits, sizeof bits);
            unpack(bits, plan.k, unpacked);
            memset(out, 0xff, sizeof out);
            polar_encode(phy, &plan, bits, out);
            polar_model_encode(&model, unpacked, want);
            int wrong = 0;
            for (unsigned i = 0; i < plan.e; i++)
                wrong += bit_at(out, i) != want[i];
            CU_ASSERT_EQUAL(wrong, 0);
            for (unsigned i = plan.e; i % 8; i++)
                CU_ASSERT_EQUAL(bit_at(out, i), 0);
        }
    }
}

/* Every K and many E: the sets of both implementations are the same, so is the number of steps sane. */
static void test_sets(void)
{
    static polar_plan_t plan;
    static polar_model_t model;
    uint64_t seed = 2;
    int wrong = 0, plans = 0;
    for (unsigned k = 12; k <= 1024; k += k < 40 ? 1 : 37)
        for (int i = 0; i < 6; i++) {
            polar_cfg_t c = {.k = (uint16_t)k, .n_max = 10, .i_bil = true};
            c.e = (uint16_t)(k + 3 + next_random(&seed) % (i < 3 ? k : 4 * k));
            if (polar_plan(&c, &plan, NULL) < 0)
                continue;
            plans++;
            model_of(&c, &model);
            for (int b = 0; b < plan.n; b++) {
                int kind = plan.info[b / 64] >> (b % 64) & 1     ? POLAR_MODEL_INFO
                           : plan.parity[b / 64] >> (b % 64) & 1 ? POLAR_MODEL_PARITY
                                                                 : POLAR_MODEL_FROZEN;
                wrong += kind != model.kind[b];
            }
            CU_ASSERT(plan.n_program <= 2 * POLAR_MAX_N);
        }
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(plans > 250);
}

static void test_noiseless(void)
{
    uint64_t seed = 3;
    start();
    for (size_t s = 0; s < N_SHAPES; s++) {
        static polar_plan_t plan;
        CU_ASSERT_EQUAL_FATAL(polar_plan(&shapes[s], &plan, NULL), 0);
        uint8_t bits[128], out[1024], back[129];
        int8_t llr[8192];
        random_bytes(&seed, bits, sizeof bits);
        if (plan.k % 8)
            bits[plan.k / 8] &= (uint8_t)(0xff00 >> plan.k % 8);
        polar_encode(phy, &plan, bits, out);
        clean_llrs(out, plan.e, llr);
        CU_ASSERT(polar_decode(phy, &plan, llr, &work) >= 1);
        polar_path(phy, &plan, &work, 0, back);
        CU_ASSERT_BYTES(back, (plan.k + 7u) / 8, bits, (plan.k + 7u) / 8);
    }
}

/* Each variant takes the very same decisions, on code words in noise, on noise and on extremes. */
static void test_variants(void)
{
    uint64_t seed = 4;
    start();
    static polar_work_t other;
    for (size_t s = 0; s < N_SHAPES; s++)
        for (int round = 0; round < 6; round++) {
            static polar_plan_t plan;
            uint8_t bits[128], out[1024];
            int8_t llr[8192];
            CU_ASSERT_EQUAL_FATAL(polar_plan(&shapes[s], &plan, NULL), 0);
            random_bytes(&seed, bits, sizeof bits);
            polar_encode(phy, &plan, bits, out);
            noisy_llrs(&seed, out, plan.e, round < 3 ? 0.8 : 1.5, llr);
            for (unsigned i = 0; i < plan.e && round >= 4; i++)
                llr[i] = round == 4 ? (next_random(&seed) & 1 ? 127 : -127) : 0;
            polar_rate_recover(&plan, llr, work.root);
            memcpy(other.root, work.root, sizeof other.root);
            polar_ops_generic.run(&plan, &work);
            for (phy_isa_t isa = PHY_ISA_AVX2; isa <= phy->isa; isa++) {
                const polar_ops_t *ops = polar_ops(isa);
                ops->run(&plan, &other);
                CU_ASSERT_BYTES(other.metric, sizeof other.metric, work.metric, sizeof work.metric);
                CU_ASSERT_BYTES(other.sums + plan.n, plan.n, work.sums + plan.n, plan.n);
                for (unsigned p = 0; p < POLAR_LIST; p++) {
                    uint64_t a[16], b[16];
                    polar_ops_generic.code_word(work.sums + plan.n, plan.n, p, a);
                    ops->code_word(other.sums + plan.n, plan.n, p, b);
                    CU_ASSERT_BYTES(a, (plan.n + 63u) / 64 * 8, b, (plan.n + 63u) / 64 * 8);
                }
            }
        }
}

/* A path's metric is what its code word costs against the channel: the sum of |LLR| where the signs differ.
 */
static void test_metric(void)
{
    uint64_t seed = 5;
    start();
    for (size_t s = 0; s < N_SHAPES; s++) {
        static polar_plan_t plan;
        CU_ASSERT_EQUAL_FATAL(polar_plan(&shapes[s], &plan, NULL), 0);
        uint8_t bits[128], out[1024], path[129];
        int8_t llr[8192];
        random_bytes(&seed, bits, sizeof bits);
        polar_encode(phy, &plan, bits, out);
        noisy_llrs(&seed, out, plan.e, 0.9, llr);
        unsigned n = polar_decode(phy, &plan, llr, &work);
        int last = 0;
        for (unsigned rank = 0; rank < n; rank++) {
            int32_t metric = work.metric[work.order[rank]];
            CU_ASSERT(rank == 0 || metric >= last);
            last = metric;
            polar_path(phy, &plan, &work, rank, path);
            polar_encode(phy, &plan, path, out);
            int32_t cost = 0;
            for (unsigned i = 0; i < plan.e; i++)
                cost += (llr[i] < 0) != bit_at(out, i) ? llr[i] < 0 ? -llr[i] : llr[i] : 0;
            /* Frozen bits before the first decision cost all paths the same and are left out, and min-sum
             * adds up exactly but where repeated bits cancel or saturate. Differences between paths are what
             * counts. */
            static int32_t first_cost, first_metric;
            if (rank == 0) {
                first_cost = cost;
                first_metric = metric;
            } else if (plan.e <= plan.n) {
                CU_ASSERT_EQUAL(cost - first_cost, metric - first_metric);
            }
        }
    }
}

static int failures(const polar_cfg_t *c, double sigma, int blocks, uint64_t seed)
{
    static polar_plan_t plan;
    int bad = 0;
    CU_ASSERT_EQUAL_FATAL(polar_plan(c, &plan, NULL), 0);
    for (int b = 0; b < blocks; b++) {
        uint8_t bits[128] = {0}, out[1024], path[129];
        int8_t llr[8192];
        random_bytes(&seed, bits, plan.k / 8);
        polar_encode(phy, &plan, bits, out);
        noisy_llrs(&seed, out, plan.e, sigma, llr);
        bool found = false;
        unsigned n = polar_decode(phy, &plan, llr, &work);
        for (unsigned rank = 0; rank < n && !found; rank++) {
            polar_path(phy, &plan, &work, rank, path);
            found = memcmp(path, bits, plan.k / 8) == 0;
        }
        bad += !found;
    }
    return bad;
}

/* Noise that the code has to stand, and noise that it cannot stand. */
static void test_noise(void)
{
    start();
    const polar_cfg_t dci = {.k = 64, .e = 216, .n_max = 9, .i_il = true};
    const polar_cfg_t uci = {.k = 22, .e = 100, .n_max = 10, .i_bil = true};
    CU_ASSERT(failures(&dci, 0.8, 200, 7) <= 2);
    CU_ASSERT(failures(&dci, 3.0, 50, 8) >= 45);
    CU_ASSERT(failures(&uci, 1.0, 200, 9) <= 2);
}

/* On the same noise our list holds the sent word as often as the float model's, but for a few. */
static void test_against_model(void)
{
    uint64_t seed = 10;
    start();
    const polar_cfg_t c = {.k = 64, .e = 128, .n_max = 10, .i_bil = true};
    static polar_plan_t plan;
    static polar_model_t model;
    CU_ASSERT_EQUAL_FATAL(polar_plan(&c, &plan, NULL), 0);
    model_of(&c, &model);
    int ours = 0, theirs = 0;
    for (int round = 0; round < 150; round++) {
        uint8_t bits[8], unpacked[64], out[16], path[8];
        static uint8_t paths[8][1024];
        int8_t llr[128];
        float exact[128];
        const double sigma = 0.85;
        random_bytes(&seed, bits, sizeof bits);
        unpack(bits, 64, unpacked);
        polar_encode(phy, &plan, bits, out);
        for (int i = 0; i < 128; i++) {
            exact[i] =
                (float)(2 / (sigma * sigma) * ((bit_at(out, (size_t)i) ? -1.0 : 1.0) + sigma * gauss(&seed)));
            llr[i] = quantize(exact[i], 8);
        }
        unsigned n = polar_decode(phy, &plan, llr, &work);
        bool found = false;
        for (unsigned rank = 0; rank < n && !found; rank++) {
            polar_path(phy, &plan, &work, rank, path);
            found = memcmp(path, bits, sizeof bits) == 0;
        }
        ours += found;
        int m = polar_model_decode(&model, exact, paths);
        found = false;
        for (int p = 0; p < m && !found; p++)
            found = memcmp(paths[p], unpacked, sizeof unpacked) == 0;
        theirs += found;
    }
    CU_ASSERT(theirs > 75 && theirs < 150); /* a point where it matters */
    CU_ASSERT(ours >= theirs - 6);
}

static void refused(polar_cfg_t c, const char *field)
{
    static polar_plan_t plan;
    phy_refusal_t why = {0};
    CU_ASSERT_EQUAL(polar_plan(&c, &plan, &why), -EINVAL);
    CU_ASSERT(why.field && strcmp(why.field, field) == 0);
}

static void test_refusals(void)
{
    refused((polar_cfg_t){.k = 11, .e = 100, .n_max = 10}, "k");
    refused((polar_cfg_t){.k = 165, .e = 400, .n_max = 9, .i_il = true}, "k");
    refused((polar_cfg_t){.k = 1025, .e = 2000, .n_max = 10}, "k");
    refused((polar_cfg_t){.k = 600, .e = 2000, .n_max = 9}, "k");
    refused((polar_cfg_t){.k = 64, .e = 63, .n_max = 10}, "e");
    refused((polar_cfg_t){.k = 20, .e = 22, .n_max = 10}, "e");
    refused((polar_cfg_t){.k = 64, .e = 2097153, .n_max = 10}, "e");
    refused((polar_cfg_t){.k = 64, .e = 100, .n_max = 8}, "n_max");
}

static void test_transform(void)
{
    uint64_t seed = 11;
    for (unsigned n = 8; n <= 1024; n *= 2) {
        uint8_t bits[128], twice[128];
        random_bytes(&seed, bits, sizeof bits);
        memcpy(twice, bits, sizeof bits);
        polar_transform(twice, n);
        for (unsigned j = 0; j < n; j++) {
            unsigned sum = 0;
            for (unsigned i = 0; i < n; i++)
                sum ^= bit_at(bits, i) & ((i & j) == j);
            CU_ASSERT_EQUAL(sum, bit_at(twice, j));
        }
        polar_transform(twice, n);
        CU_ASSERT_BYTES(twice, sizeof twice, bits, sizeof bits);
    }
}

CU_MAIN("polar", {"encoder equals a matrix", test_encoder}, {"sets equal the model's", test_sets},
        {"noiseless", test_noiseless}, {"variants are equal", test_variants},
        {"metrics are costs", test_metric}, {"noise", test_noise},
        {"against the float model", test_against_model}, {"refusals", test_refusals},
        {"transform", test_transform})
