/* SPDX-License-Identifier: Apache-2.0 */
/* tbs, pdcch_candidates, prach_configuration: numbers of lib/mac. */
#include "lib/mac/mcs.h"
#include "lib/mac/pdcch.h"
#include "lib/mac/prach_table.h"
#include "tests/vectors/channels.h"

#include <math.h>
#include <string.h>

void vec_tbs(vec_t *v)
{
    uint16_t re =
        tbs_re_per_prb((uint8_t)vec_int(v, "nof_symbols"), (uint16_t)vec_int(v, "nof_dmrs_re_per_prb"),
                       (uint16_t)vec_int(v, "nof_overhead_re_per_prb"));
    uint16_t rate_x10 = (uint16_t)lround(vec_num(v, "target_code_rate_x1024") * 10);
    vec_same_int(v, "transport_block_size_bits",
                 tbs_bits(re, (uint16_t)vec_int(v, "nof_prb"), (uint8_t)vec_qm(v, vec_str(v, "modulation")),
                          rate_x10, (uint8_t)vec_int(v, "nof_layers"),
                          (uint8_t)vec_int(v, "tb_scaling_field")));
}

void vec_pdcch_candidates(vec_t *v)
{
    uint32_t y = 0;
    if (vec_str_is(v, "search_space", "ue_specific"))
        y = pdcch_y((uint8_t)vec_int(v, "coreset_id"), (uint16_t)vec_int(v, "rnti"),
                    (uint32_t)vec_int(v, "slot_index_in_frame"));
    uint16_t got[PDCCH_MAX_CANDIDATES];
    uint32_t n = pdcch_candidates((uint32_t)vec_int(v, "nof_cce_in_coreset"),
                                  (uint32_t)vec_int(v, "aggregation_level"),
                                  (uint32_t)vec_int(v, "nof_candidates"), y, got);
    json_t *want = vec_expected(v, "first_cce_per_candidate");
    if (n != json_array_size(want))
        vec_fail(v, "first_cce_per_candidate", "got %u candidates, want %zu", n, json_array_size(want));
    for (uint32_t i = 0; i < n && i < json_array_size(want); i++)
        if (got[i] != json_integer_value(json_array_get(want, i)))
            vec_fail(v, "first_cce_per_candidate", "candidate %u: got %u, want %lld", i, got[i],
                     (long long)json_integer_value(json_array_get(want, i)));
}

void vec_prach_configuration(vec_t *v)
{
    static const struct {
        const char *range, *duplex;
        prach_table_t table;
    } tables[] = {
        {"FR1", "FDD", PRACH_FR1_PAIRED}, {"FR1", "TDD", PRACH_FR1_UNPAIRED}, {"FR2", "TDD", PRACH_FR2}};
    static const char *const formats[] = {
        [PRACH_0] = "0",         [PRACH_1] = "1",         [PRACH_2] = "2",   [PRACH_3] = "3",
        [PRACH_A1] = "A1",       [PRACH_A2] = "A2",       [PRACH_A3] = "A3", [PRACH_B1] = "B1",
        [PRACH_B4] = "B4",       [PRACH_C0] = "C0",       [PRACH_C2] = "C2", [PRACH_A1_B1] = "A1/B1",
        [PRACH_A2_B2] = "A2/B2", [PRACH_A3_B3] = "A3/B3",
    };
    size_t t = 0;
    while (t < 3 && !(vec_str_is(v, "frequency_range", tables[t].range) &&
                      vec_str_is(v, "duplex_mode", tables[t].duplex)))
        t++;
    if (t == 3)
        vec_die(v, "no such table");
    prach_row_t row;
    bool is = prach_row(tables[t].table, (uint8_t)vec_int(v, "prach_config_index"), &row);
    vec_same_bool(v, "reserved", !is);
    if (!is)
        return;
    if (strcmp(json_string_value(vec_expected(v, "preamble_format")), formats[row.format]) != 0)
        vec_fail(v, "preamble_format", "got %s", formats[row.format]);
    vec_same_int(v, "sfn_period_x", row.x);
    json_t *y = vec_expected(v, "sfn_offset_y"), *slots = vec_expected(v, "slots");
    if (json_array_size(y) != row.n_y)
        vec_fail(v, "sfn_offset_y", "got %u, want %zu of them", row.n_y, json_array_size(y));
    for (size_t i = 0; i < row.n_y; i++)
        if (row.y[i] != json_integer_value(json_array_get(y, i)))
            vec_fail(v, "sfn_offset_y", "got %u", row.y[i]);
    uint64_t mask = 0;
    for (size_t i = 0; i < json_array_size(slots); i++)
        mask |= 1ull << json_integer_value(json_array_get(slots, i));
    if (mask != row.slots)
        vec_fail(v, "slots", "got mask %llx, want %llx", (unsigned long long)row.slots,
                 (unsigned long long)mask);
    vec_same_int(v, "starting_symbol", row.start_symbol);
    /* Where a field does not apply to a long preamble the vectors say 0; our table counts its one occasion.
     */
    vec_same_int(v, "nof_prach_slots_in_reference_slot", row.n_slots);
    vec_same_int(v, "nof_time_occasions_in_prach_slot", row.format <= PRACH_3 ? 0 : row.n_occasions);
    vec_same_int(v, "duration_symbols", row.n_symbols);
}
