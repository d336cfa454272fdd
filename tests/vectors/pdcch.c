/* SPDX-License-Identifier: Apache-2.0 */
/* pdcch: candidate, coding, symbols, DM-RS and grid. */
#include "lib/mac/pdcch.h"
#include "lib/phy/dl/pdcch.h"
#include "lib/phy/signal/modulation.h"
#include "tests/vectors/channels.h"
#include "tests/vectors/receive.h"

#define MAX_SLOTS 8

static unsigned log2_of(int64_t x)
{
    unsigned n = 0;
    while (x >> (n + 1))
        n++;
    return n;
}

static pdcch_tx_cfg_t config(vec_t *v)
{
    int64_t groups[45];
    size_t n_groups = vec_ints(v, "frequency_domain_resources_bitmap", groups, 45);
    uint16_t id = (uint16_t)vec_int(v, "pdcch_dmrs_scrambling_id"), rnti = (uint16_t)vec_int(v, "rnti");
    pdcch_tx_cfg_t cfg = {
        .carrier_size = (uint16_t)vec_int(v, "nof_grid_prb"),
        .coreset_start = (uint16_t)vec_int(v, "coreset_start_prb"),
        .start_symbol = (uint8_t)vec_int(v, "start_symbol"),
        .duration = (uint8_t)vec_int(v, "coreset_duration_symbols"),
        .interleaved = vec_str_is(v, "cce_reg_mapping", "interleaved"),
        .reg_bundle = (uint8_t)vec_int(v, "reg_bundle_size"),
        .interleaver = (uint8_t)vec_int(v, "interleaver_size"),
        .shift_index = (uint16_t)vec_int(v, "shift_index"),
        .all_contiguous_rbs = vec_str_is(v, "precoder_granularity", "allContiguousRBs"),
        .aggregation_level = (uint8_t)vec_int(v, "aggregation_level"),
        .rnti = rnti,
        .scrambling_rnti = rnti,
        .scrambling_id = id,
        .dmrs_id = id,
        .payload_bits = (uint16_t)vec_int(v, "dci_payload_size_bits"),
    };
    for (size_t i = 0; i < n_groups; i++)
        cfg.freq_resources |= (uint64_t)groups[i] << (44 - i);
    return cfg;
}

/* The first CCE of the case's candidate in a slot, by lib/mac. */
static uint16_t first_cce(vec_t *v, const pdcch_tx_cfg_t *cfg, unsigned slot)
{
    int64_t candidates[PDCCH_LEVELS];
    uint16_t first[PDCCH_MAX_CANDIDATES];
    vec_ints(v, "nof_candidates_per_aggregation_level_1_2_4_8_16", candidates, PDCCH_LEVELS);
    uint32_t n_cce = (uint32_t)__builtin_popcountll(cfg->freq_resources) * cfg->duration;
    uint32_t y = vec_str_is(v, "search_space", "ue_specific")
                     ? pdcch_y((uint8_t)vec_int(v, "coreset_id"), cfg->rnti, slot)
                     : 0;
    uint32_t n = pdcch_candidates(n_cce, cfg->aggregation_level,
                                  (uint32_t)candidates[log2_of(cfg->aggregation_level)], y, first);
    uint32_t i = (uint32_t)vec_int(v, "candidate_index");
    return i < n ? first[i] : PDCCH_NO_CCE;
}

/* DM-RS out of the grid: subcarriers 1, 5, 9 of the plan's PRBs, symbol by symbol. */
static size_t gather_dmrs(const pdcch_tx_plan_t *plan, const phy_grid_t *grid, ci16_t *ret)
{
    size_t n = 0;
    for (unsigned s = 0; s < plan->duration; s++)
        for (unsigned k = 1; k < grid->n_sc; k += 4)
            if (plan->dmrs_prb[k / 12 / 64] >> (k / 12 % 64) & 1)
                ret[n++] = phy_grid_symbol(grid, 0, plan->cfg.start_symbol + s)[k];
    return n;
}

static void run_slot(vec_t *v, const pdcch_tx_cfg_t *cfg, size_t row)
{
    pdcch_tx_plan_t *plan = vec_alloc(v, sizeof *plan);
    phy_refusal_t why;
    if (pdcch_tx_plan(cfg, 1, plan, &why)) {
        vec_fail(v, "plan", "refused %s = %lld", why.field, (long long)why.value);
        return;
    }
    vec_file_t dci = vec_file(v, "dci_bits"), coded = vec_file(v, "rate_matched"),
               symbols = vec_file(v, "symbols"), dmrs = vec_file(v, "dmrs_symbols");
    const uint8_t *payload = vec_pack(v, dci.u8 + row * dci.shape[1], dci.shape[1]);
    uint8_t *got = vec_alloc(v, PDCCH_TX_MAX_BITS), *scrambled = vec_alloc(v, PDCCH_TX_MAX_BITS);
    pdcch_tx_bits(v->phy, plan, payload, got, scrambled);
    vec_same_bits(v, vec_stage(v, "rate_matched, slot %u", cfg->slot), got, coded.u8 + row * coded.shape[1],
                  coded.shape[1]);
    cf_t *modulated = vec_alloc(v, symbols.shape[1] * sizeof *modulated);
    modulate_cf(v->phy, 2, scrambled, symbols.shape[1], 1, modulated);
    vec_same_cf(v, vec_stage(v, "symbols, slot %u", cfg->slot), modulated,
                symbols.cf + row * symbols.shape[1], symbols.shape[1], VEC_FLOAT_TOL);

    phy_grid_t grid = vec_grid(v, 1, cfg->carrier_size);
    unsigned ports[] = {0};
    pdcch_tx_run(v->phy, plan, payload, &grid);
    ci16_t *pilots = vec_alloc(v, (size_t)3 * PHY_MAX_SC * sizeof *pilots);
    size_t n = gather_dmrs(plan, &grid, pilots);
    if (n != dmrs.shape[1])
        vec_fail(v, "dmrs_symbols", "got %zu, want %zu", n, dmrs.shape[1]);
    else
        vec_same_ci(v, vec_stage(v, "dmrs_symbols, slot %u", cfg->slot), pilots, PHY_UNIT,
                    dmrs.cf + row * dmrs.shape[1], n, VEC_LSB);
    vec_same_sparse(v, vec_stage(v, "grid, slot %u", cfg->slot), &grid, vec_file(v, "expected_re_index"),
                    vec_file(v, "expected_re_value"), cfg->slot, ports, VEC_LSB);
    const phy_grid_t air = vec_air_sparse(v, vec_file(v, "expected_re_index"),
                                          vec_file(v, "expected_re_value"), cfg->slot, cfg->carrier_size);
    vec_receive_pdcch(v, cfg, &air, payload);
}

void vec_pdcch(vec_t *v)
{
    int64_t slots[MAX_SLOTS];
    size_t n_slots = vec_ints(v, "slot_indices", slots, MAX_SLOTS);
    pdcch_tx_cfg_t cfg = config(v);
    for (size_t i = 0; i < n_slots; i++) {
        cfg.slot = (uint16_t)slots[i];
        cfg.first_cce = first_cce(v, &cfg, cfg.slot);
        json_int_t want = json_integer_value(json_array_get(vec_expected(v, "first_cce_per_slot"), i));
        if (cfg.first_cce != want)
            vec_fail(v, "first_cce_per_slot", "slot %u: got %u, want %lld", cfg.slot, cfg.first_cce,
                     (long long)want);
        else
            run_slot(v, &cfg, i);
    }
}
