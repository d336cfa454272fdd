/* SPDX-License-Identifier: Apache-2.0 */
/* How much signal the int8 decoder needs more than exact layered belief propagation
 * (tests/models/ldpc_sum_product.h) with as many iterations, for the same block error rate over AWGN, QPSK,
 * LLRs quantised as the demapper does.
 *
 *     ldpc_compare [--words N] [--iterations N] [--zc N] [--target BLER] [--rate K] [--csv FILE]
 *
 * prints a table: Es/N0 (of a QPSK symbol's bit, that is, of the symbol less 3 dB) at the target for both,
 * and the gap; the CSV has every point. --rate takes one line of the table only. */
#include "lib/phy/ldpc/encode.h"
#include "tests/models/ldpc_sum_product.h"
#include "tests/unit/lib/phy/ldpc/noise.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_DB 0.1

typedef struct {
    unsigned words, iterations, zc;
    double target;
    FILE *csv;
} options_t;

typedef struct {
    unsigned bg;
    double rate, from_db; /* where nothing decodes yet */
} case_t;

static const case_t cases[] = {{1, 0.917, 3.2}, {1, 0.8333, 2.0},   {1, 0.6667, 0.0},
                               {1, 0.5, -2.2},  {1, 1 / 3.0, -4.5}, {2, 0.6667, 0.0},
                               {2, 0.5, -2.2},  {2, 1 / 3.0, -4.5}, {2, 0.2, -7.0}};

static uint8_t word[GRAPH_MAX_COLS * GRAPH_MAX_ZC], bits[LDPC_MAX_K_BYTES], got[LDPC_MAX_K_BYTES];
static double llr[GRAPH_MAX_COLS * GRAPH_MAX_ZC];
static _Alignas(64) int8_t soft[LDPC_MAX_SOFT];
static ldpc_dec_work_t work;

static void random_word(const phy_t *phy, noise_t *s, const graph_t *g)
{
    static uint8_t parity[GRAPH_MAX_ROWS * GRAPH_MAX_ZC / 8];
    unsigned k = g->n_sys * g->zc;
    for (unsigned i = 0; i < k / 8; i++)
        bits[i] = (uint8_t)(noise_next(s) >> 32);
    ldpc_encode(phy, g, g->n_rows, bits, parity);
    for (unsigned i = 0; i < k; i++)
        word[i] = bits[i / 8] >> (7 - i % 8) & 1;
    for (unsigned i = 0; i < (unsigned)g->n_rows * g->zc; i++)
        word[k + i] = parity[i / 8] >> (7 - i % 8) & 1;
}

/* Block error rates at one Es/N0; the same words and noise for both. */
static void point(const phy_t *phy, const options_t *o, const ldpc_dec_plan_t *plan, unsigned sent,
                  double esn0_db, double *exact, double *ours)
{
    const graph_t *g = plan->graph;
    noise_t s = {UINT64_C(0x6a09e667f3bcc909)};
    unsigned wrong[2] = {0, 0}, n = 0, zc = g->zc, rows = (sent + zc - 1) / zc + 2 - g->n_sys;
    rows = rows < 4 ? 4 : rows;
    for (; n < o->words && (wrong[0] < 60 || wrong[1] < 60); n++) {
        random_word(phy, &s, g);
        memset(llr, 0, sizeof llr);
        for (unsigned i = 0; i < sent; i++) {
            llr[2 * zc + i] = noise_llr(&s, word[2 * zc + i], pow(10, esn0_db / 10));
            soft[i] = noise_quantise(llr[2 * zc + i]);
        }
        ldpc_dec_stats_t stats;
        ldpc_decode(phy, plan, soft, sent, o->iterations, &work, got, &stats);
        wrong[1] += memcmp(got, bits, plan->k / 8) != 0;
        ldpc_sum_product(g, rows, o->iterations, llr);
        bool same = true;
        for (unsigned i = 0; i < plan->k; i++)
            same = same && (llr[i] < 0) == word[i];
        wrong[0] += !same;
    }
    *exact = wrong[0] / (double)n;
    *ours = wrong[1] / (double)n;
}

/* Es/N0 where a falling curve crosses the target, between two points, linear in log10 of the rate. */
static double crossing(double db, double before, double after, double target)
{
    double floor_rate = target / 20;
    double a = log10(before), b = log10(after > floor_rate ? after : floor_rate);
    return db - STEP_DB * (log10(target) - b) / (a - b);
}

static void compare(const phy_t *phy, const options_t *o, const case_t *c)
{
    ldpc_dec_cfg_t cfg = {.bg = (uint8_t)c->bg, .zc = (uint16_t)o->zc};
    ldpc_dec_plan_t plan;
    if (ldpc_dec_plan(phy, &cfg, &plan, NULL) < 0) {
        fprintf(stderr, "ldpc_compare: no such lifting size: %u\n", o->zc);
        exit(2);
    }
    unsigned most = (plan.graph->n_cols - 2u) * o->zc, sent = (unsigned)(plan.k / c->rate + 0.5);
    sent = sent > most ? most : sent;
    double last[2] = {1, 1}, at[2] = {NAN, NAN};
    for (double db = c->from_db; isnan(at[0]) || isnan(at[1]); db += STEP_DB) {
        double now[2];
        point(phy, o, &plan, sent, db, &now[0], &now[1]);
        for (unsigned i = 0; i < 2; i++) {
            if (isnan(at[i]) && now[i] < o->target)
                at[i] = crossing(db, last[i], now[i], o->target);
            last[i] = now[i];
        }
        if (o->csv)
            fprintf(o->csv, "%u,%u,%.4f,%u,%.2f,%.5f,%.5f\n", c->bg, o->zc, c->rate, o->iterations, db,
                    now[0], now[1]);
    }
    printf("%2u  %4u  %.3f  %12.2f  %12.2f  %6.2f\n", c->bg, o->zc, c->rate, at[0], at[1], at[1] - at[0]);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static const struct option names[] = {{"words", required_argument, NULL, 'w'},
                                          {"iterations", required_argument, NULL, 'i'},
                                          {"zc", required_argument, NULL, 'z'},
                                          {"target", required_argument, NULL, 't'},
                                          {"rate", required_argument, NULL, 'r'},
                                          {"csv", required_argument, NULL, 'c'},
                                          {NULL, 0, NULL, 0}};
    options_t o = {.words = 1000, .iterations = 8, .zc = 128, .target = 1e-2};
    const unsigned n_cases = sizeof cases / sizeof *cases;
    unsigned only = n_cases;
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;)
        switch (c) {
        case 'w':
            o.words = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'i':
            o.iterations = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'z':
            o.zc = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 't':
            o.target = strtod(optarg, NULL);
            break;
        case 'r':
            only = (unsigned)strtoul(optarg, NULL, 10);
            break;
        case 'c':
            o.csv = fopen(optarg, "w");
            if (!o.csv) {
                perror(optarg);
                return 1;
            }
            break;
        default:
            return 2;
        }
    phy_t *phy;
    if (phy_create(PHY_ISA_BEST, &phy) < 0)
        return 1;
    if (o.csv)
        fprintf(o.csv, "bg,zc,rate,iterations,esn0_db,bler_exact,bler_int8\n");
    printf("bg    zc   rate  exact, dB      int8, dB      gap\n");
    for (unsigned i = 0; i < n_cases; i++)
        if (only == n_cases || only == i)
            compare(phy, &o, &cases[i]);
    if (o.csv)
        fclose(o.csv);
    phy_destroy(phy);
    return 0;
}
