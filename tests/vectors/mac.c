/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that lib/mac computes: transport block sizes and PDCCH candidates. */
#include "lib/mac/mcs.h"
#include "lib/mac/pdcch.h"
#include "tests/vectors/channels.h"

#include <math.h>

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
