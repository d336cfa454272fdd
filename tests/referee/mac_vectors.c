/* SPDX-License-Identifier: Apache-2.0 */
/* Command line over the tables and formulas of lib/mac, for mac_vectors.py and for a person with numbers in
 * hand. Reads questions, one a line, and writes an answer line to each:
 *
 *     tbs SYMBOLS DMRS_RE OVERHEAD_RE QM RATE_X10 LAYERS SCALING PRBS     bits
 *     common LEVEL CANDIDATES CCES                                        first CCEs
 *     ue LEVEL CANDIDATES CCES CORESET RNTI SLOT                          first CCEs
 *     prach INDEX      FORMAT X Y SUBFRAME_MASK START SLOTS OCCASIONS SYMBOLS of the TDD table, or "none"
 *
 * A line that is none of these gives "error"; exit 1 then. Single-threaded. */
#include "lib/mac/access.h"
#include "lib/mac/mcs.h"
#include "lib/mac/pdcch.h"

#include <stdio.h>
#include <string.h>

#define MAX_ARGS 8

static const char *const formats[] = {
    [PRACH_0] = "0",         [PRACH_1] = "1",         [PRACH_2] = "2",   [PRACH_3] = "3",
    [PRACH_A1] = "A1",       [PRACH_A2] = "A2",       [PRACH_A3] = "A3", [PRACH_B1] = "B1",
    [PRACH_B4] = "B4",       [PRACH_C0] = "C0",       [PRACH_C2] = "C2", [PRACH_A1_B1] = "A1/B1",
    [PRACH_A2_B2] = "A2/B2", [PRACH_A3_B3] = "A3/B3",
};

/* Numbers after the word; their count, or -1 where something else stands there. */
static int read_args(const char *text, unsigned v[MAX_ARGS])
{
    for (int n = 0;; n++) {
        int used = 0;
        text += strspn(text, " \n");
        if (*text == 0)
            return n;
        if (n == MAX_ARGS || sscanf(text, "%u%n", &v[n], &used) != 1)
            return -1;
        text += used;
    }
}

static void print_candidates(const unsigned *v, uint32_t y)
{
    uint16_t first[PDCCH_MAX_CANDIDATES];
    uint32_t n = pdcch_candidates(v[2], v[0], v[1], y, first);
    for (uint32_t i = 0; i < n; i++)
        printf("%s%u", i ? " " : "", first[i]);
    printf("\n");
}

static void print_prach(uint8_t index)
{
    prach_config_t c;
    if (!prach_config_tdd(index, &c))
        printf("none\n");
    else
        printf("%s %u %u %u %u %u %u %u\n", formats[c.format], c.x, c.y, c.subframes, c.start_symbol,
               c.n_slots, c.n_occasions, c.n_symbols);
}

static bool answer(const char *line)
{
    char word[16];
    unsigned v[MAX_ARGS];
    int used = 0;
    if (sscanf(line, "%15s%n", word, &used) != 1)
        return false;
    int n = read_args(line + used, v);

    if (!strcmp(word, "tbs") && n == 8)
        printf("%u\n", tbs_bits(tbs_re_per_prb((uint8_t)v[0], (uint16_t)v[1], (uint16_t)v[2]), (uint16_t)v[7],
                                (uint8_t)v[3], (uint16_t)v[4], (uint8_t)v[5], (uint8_t)v[6]));
    else if (!strcmp(word, "common") && n == 3 && v[0])
        print_candidates(v, 0);
    else if (!strcmp(word, "ue") && n == 6 && v[0])
        print_candidates(v, pdcch_y((uint8_t)v[3], (uint16_t)v[4], v[5]));
    else if (!strcmp(word, "prach") && n == 1 && v[0] < 256)
        print_prach((uint8_t)v[0]);
    else
        return false;
    return true;
}

int main(void)
{
    char line[256];
    int failed = 0;
    while (fgets(line, sizeof line, stdin))
        if (!answer(line)) {
            printf("error\n");
            failed = 1;
        }
    return failed;
}
