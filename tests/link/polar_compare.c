/* SPDX-License-Identifier: Apache-2.0 */
/* How far the list decoder is from a float one: block error rate of both on the same code words and noise,
 * BPSK over AWGN, as CSV; then for each code the Es/N0 at which each reaches a block error rate of 1e-2, and
 * the gap between them.
 *
 *   polar_compare [BLOCKS [CODE]]     blocks at each point (1000), number of the only code to run
 *
 * Ours gets what a receiver gives it: int8 LLRs, 8 to a natural-log unit (signal/demap.h). Both get the
 * payload's CRC and take the first of their 8 paths that passes. */
#include <stdio.h>
#include <stdlib.h>

#include "lib/phy/ldpc/crc.h"
#include "lib/phy/polar/polar.h"
#include "tests/models/polar_list.h"
#include "tests/unit/lib/phy/polar/common.h"

typedef struct {
    const char *name;
    polar_cfg_t cfg;
    crc_kind_t crc;
    double first_db, step_db;
} code_t;

#define MAX_POINTS 10 /* from about 1e-1 until both are below 5e-3 */
static const code_t codes[] = {
    {"DCI 40, AL1", {.k = 64, .e = 108, .n_max = 9, .i_il = true}, CRC24C, 1.5, 0.5},
    {"DCI 40, AL2", {.k = 64, .e = 216, .n_max = 9, .i_il = true}, CRC24C, -2.0, 0.5},
    {"DCI 40, AL8", {.k = 64, .e = 864, .n_max = 9, .i_il = true}, CRC24C, -8.3, 0.5},
    {"PBCH", {.k = 56, .e = 864, .n_max = 9, .i_il = true}, CRC24C, -8.9, 0.5},
    {"UCI 16", {.k = 22, .e = 64, .n_max = 10, .i_bil = true}, CRC6, -1.2, 0.5},
    {"UCI 50", {.k = 61, .e = 200, .n_max = 10, .i_bil = true}, CRC11, -1.6, 0.5},
    {"UCI 400", {.k = 411, .e = 1000, .n_max = 10, .i_bil = true}, CRC11, 0.1, 0.3},
};
#define N_CODES (sizeof codes / sizeof *codes)

static uint32_t crc_behind(const phy_t *phy, const code_t *c, const uint8_t *bits)
{
    return crc_bits(phy, c->crc, bits, c->cfg.k - crc_length(c->crc));
}

static bool crc_holds(const phy_t *phy, const code_t *c, const uint8_t *bits)
{
    unsigned n = crc_length(c->crc), a = c->cfg.k - n;
    uint32_t got = 0;
    for (unsigned i = 0; i < n; i++)
        got = got << 1 | bit_at(bits, a + i);
    return got == crc_behind(phy, c, bits);
}

static void make_block(const phy_t *phy, const code_t *c, uint64_t *seed, uint8_t *bits)
{
    unsigned n = crc_length(c->crc), a = c->cfg.k - n;
    memset(bits, 0, 129);
    for (unsigned i = 0; i < a; i++)
        bits[i / 8] |= (uint8_t)((next_random(seed) & 1) << (7 - i % 8));
    uint32_t crc = crc_behind(phy, c, bits);
    for (unsigned i = 0; i < n; i++)
        bits[(a + i) / 8] |= (uint8_t)((crc >> (n - 1 - i) & 1) << (7 - (a + i) % 8));
}

typedef struct {
    unsigned ours, model;
} errors_t;

static bool ours_fails(const phy_t *phy, const code_t *c, const polar_plan_t *plan, const int8_t *llr,
                       const uint8_t *bits)
{
    static polar_work_t work;
    uint8_t path[129];
    unsigned n = polar_decode(phy, plan, llr, &work);
    for (unsigned rank = 0; rank < n; rank++) {
        polar_path(phy, plan, &work, rank, path);
        if (crc_holds(phy, c, path))
            return memcmp(path, bits, (c->cfg.k + 7u) / 8) != 0;
    }
    return true;
}

static bool model_fails(const phy_t *phy, const code_t *c, const polar_model_t *model, const float *llr,
                        const uint8_t *bits)
{
    static uint8_t paths[8][1024];
    int n = polar_model_decode(model, llr, paths);
    for (int p = 0; p < n; p++) {
        uint8_t path[129] = {0};
        for (int i = 0; i < model->k; i++)
            path[i / 8] |= (uint8_t)(paths[p][i] << (7 - i % 8));
        if (crc_holds(phy, c, path))
            return memcmp(path, bits, (c->cfg.k + 7u) / 8) != 0;
    }
    return true;
}

static errors_t run_point(const phy_t *phy, const code_t *c, double es_n0_db, unsigned blocks, uint64_t seed)
{
    static polar_plan_t plan;
    static polar_model_t model;
    errors_t errors = {0};
    if (polar_plan(&c->cfg, &plan, NULL) < 0)
        abort();
    model = (polar_model_t){
        .k = c->cfg.k, .e = c->cfg.e, .n_max = c->cfg.n_max, .i_il = c->cfg.i_il, .i_bil = c->cfg.i_bil};
    polar_model_make(&model);
    /* A bit of a QPSK symbol has half of its energy and half of its noise. */
    double sigma = sqrt(pow(10, -es_n0_db / 10));
    for (unsigned b = 0; b < blocks; b++) {
        uint8_t bits[129], coded[1024];
        static int8_t llr[8192];
        static float exact[8192];
        make_block(phy, c, &seed, bits);
        polar_encode(phy, &plan, bits, coded);
        for (unsigned i = 0; i < c->cfg.e; i++) {
            double y = (bit_at(coded, i) ? -1.0 : 1.0) + sigma * gauss(&seed);
            exact[i] = (float)(2 * y / (sigma * sigma));
            llr[i] = quantize(exact[i], 8);
        }
        errors.ours += ours_fails(phy, c, &plan, llr, bits);
        errors.model += model_fails(phy, c, &model, exact, bits);
    }
    return errors;
}

/* Es/N0 where the curve crosses 1e-2, straight between points on a log scale; NAN when it does not. */
static double crossing(const code_t *c, const double *rate, int points)
{
    for (int i = 0; i + 1 < points; i++)
        if (rate[i] >= 0.01 && rate[i + 1] < 0.01) {
            double a = log10(rate[i]), b = log10(rate[i + 1] > 0 ? rate[i + 1] : 1e-5);
            return c->first_db + c->step_db * (i + (a + 2) / (a - b));
        }
    return NAN;
}

int main(int argc, char **argv)
{
    unsigned blocks = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000;
    phy_t *phy;
    double gap[N_CODES][2];
    if (blocks == 0 || phy_create(PHY_ISA_BEST, &phy) < 0) {
        fprintf(stderr, "usage: polar_compare [BLOCKS [CODE]]\n");
        return 2;
    }
    unsigned only = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : N_CODES;
    printf("code,k,e,es_n0_db,blocks,bler,bler_float\n");
    for (unsigned i = 0; i < N_CODES; i++) {
        double ours[MAX_POINTS], model[MAX_POINTS];
        int points = 0;
        bool above = true;
        if (only != N_CODES && only != i)
            continue;
        for (int p = 0; p < MAX_POINTS && above; p++) {
            double db = codes[i].first_db + p * codes[i].step_db;
            errors_t e = run_point(phy, &codes[i], db, blocks, 1000 * i + (unsigned)p + 1);
            ours[p] = (double)e.ours / blocks;
            model[p] = (double)e.model / blocks;
            printf("\"%s\",%u,%u,%.2f,%u,%.5f,%.5f\n", codes[i].name, codes[i].cfg.k, codes[i].cfg.e, db,
                   blocks, ours[p], model[p]);
            fflush(stdout);
            above = ours[p] >= 0.005 || model[p] >= 0.005;
            points = p + 1;
        }
        gap[i][0] = crossing(&codes[i], ours, points);
        gap[i][1] = crossing(&codes[i], model, points);
    }
    printf("\ncode,es_n0_db_at_1e-2,es_n0_db_float,gap_db\n");
    for (unsigned i = 0; i < N_CODES; i++)
        if (only == N_CODES || only == i)
            printf("\"%s\",%.3f,%.3f,%.3f\n", codes[i].name, gap[i][0], gap[i][1], gap[i][0] - gap[i][1]);
    phy_destroy(phy);
    return 0;
}
