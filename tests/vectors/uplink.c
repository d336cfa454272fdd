/* SPDX-License-Identifier: Apache-2.0 */
/* pucch_format0, 2, 3, 4 and prach: the UE's transmitters of lib/phy/ctrl. */
#include "lib/mac/prach_table.h"
#include "lib/phy/ctrl/prach.h"
#include "lib/phy/ctrl/pucch_tx.h"
#include "lib/phy/signal/dft.h"
#include "tests/vectors/channels.h"

#include <math.h>
#include <string.h>

#define MAX_SLOTS 8

static unsigned mu_of(int64_t scs_khz)
{
    return scs_khz == 15 ? 0 : scs_khz == 30 ? 1 : scs_khz == 60 ? 2 : 3;
}

static uint8_t group_hopping(const vec_t *v)
{
    return vec_str_is(v, "pucch_group_hopping", "neither")  ? PUCCH_HOP_NEITHER
           : vec_str_is(v, "pucch_group_hopping", "enable") ? PUCCH_HOP_ENABLE
                                                            : PUCCH_HOP_DISABLE;
}

/* What all formats have. */
static pucch_cfg_t pucch_config(vec_t *v, unsigned format)
{
    return (pucch_cfg_t){
        .format = (uint8_t)format,
        .mu = (uint8_t)mu_of(vec_int(v, "subcarrier_spacing_khz")),
        .n_grid_prb = (uint16_t)vec_int(v, "nof_grid_prb"),
        .prb_start = (uint16_t)vec_int(v, "start_prb"),
        .second_hop_prb = (uint16_t)vec_int(v, "second_hop_start_prb"),
        .n_prb = vec_has(v, "nof_prb") ? (uint8_t)vec_int(v, "nof_prb") : 1,
        .intra_slot_hopping = vec_bool(v, "intra_slot_frequency_hopping"),
        .start_symbol = (uint8_t)vec_int(v, "start_symbol"),
        .n_symbols = (uint8_t)vec_int(v, "nof_symbols"),
        .group_hopping = vec_has(v, "pucch_group_hopping") ? group_hopping(v) : 0,
        .hopping_id = vec_has(v, "hopping_id") ? (uint16_t)vec_int(v, "hopping_id") : 0,
    };
}

static const pucch_plan_t *make_plan(vec_t *v, const pucch_cfg_t *cfg)
{
    pucch_plan_t *plan = vec_alloc(v, sizeof *plan);
    phy_refusal_t why;
    if (pucch_plan(cfg, plan, &why)) {
        vec_fail(v, "plan", "refused %s = %lld", why.field, (long long)why.value);
        return NULL;
    }
    return plan;
}

/* Elements of the plan's PRBs in those symbols of a mask, symbol by symbol. */
static size_t gather(const pucch_plan_t *plan, const phy_grid_t *grid, unsigned mask, ci16_t *ret)
{
    size_t n = 0, n_sc = plan->cfg.n_prb * 12u;
    for (unsigned i = 0; i < plan->cfg.n_symbols; i++) {
        unsigned l = plan->cfg.start_symbol + i, hop = plan->n_hops > 1 && i >= plan->hop_symbols[0];
        if (!(mask >> l & 1))
            continue;
        memcpy(ret + n, phy_grid_symbol(grid, 0, l) + plan->hop_prb[hop] * 12u, n_sc * sizeof *ret);
        n += n_sc;
    }
    return n;
}

static void same_symbols(vec_t *v, const pucch_plan_t *plan, const phy_grid_t *grid, unsigned mask,
                         const cf_t *want, size_t n)
{
    ci16_t *got = vec_alloc(v, (size_t)PHY_SYMBOLS * PUCCH_MAX_PRB * 12 * sizeof *got);
    size_t n_got = gather(plan, grid, mask, got);
    if (n_got != n)
        vec_fail(v, "symbols", "got %zu, want %zu", n_got, n);
    else
        vec_same_ci(v, vec_stage(v, "symbols, slot %u", plan->cfg.slot), got, PHY_UNIT, want, n, VEC_LSB);
}

static void same_grid(vec_t *v, const pucch_plan_t *plan, const phy_grid_t *grid)
{
    unsigned ports[] = {0};
    vec_same_sparse(v, vec_stage(v, "grid, slot %u", plan->cfg.slot), grid, vec_file(v, "expected_re_index"),
                    vec_file(v, "expected_re_value"), plan->cfg.slot, ports, VEC_LSB);
}

void vec_pucch_format0(vec_t *v)
{
    int64_t slots[MAX_SLOTS], harq[2];
    size_t n_slots = vec_ints(v, "slot_indices", slots, MAX_SLOTS);
    pucch_cfg_t cfg = pucch_config(v, 0);
    pucch_uci_t uci = {.sr = vec_bool(v, "sr_positive")};
    cfg.n_harq = (uint16_t)vec_ints(v, "harq_ack_bits", harq, 2);
    cfg.sr_bits = uci.sr || !cfg.n_harq;
    cfg.initial_cyclic_shift = (uint8_t)vec_int(v, "initial_cyclic_shift");
    for (unsigned i = 0; i < cfg.n_harq; i++)
        uci.harq |= (uint8_t)(harq[i] << i);
    for (size_t i = 0; i < n_slots; i++) {
        cfg.slot = (uint16_t)slots[i];
        const pucch_plan_t *plan = make_plan(v, &cfg);
        if (!plan)
            return;
        phy_grid_t grid = vec_grid(v, 1, cfg.n_grid_prb);
        bool sent = pucch_transmit(v->phy, plan, &uci, 1, &grid, 0);
        vec_same_bool(v, "transmitted", sent);
        if (!sent)
            continue;
        vec_file_t symbols = vec_file(v, "symbols");
        size_t n = symbols.shape[1] * symbols.shape[2];
        same_symbols(v, plan, &grid, 0x3fff, symbols.cf + i * n, n);
        same_grid(v, plan, &grid);
    }
}

void vec_pucch_format234(vec_t *v)
{
    unsigned format = (unsigned)(v->channel[strlen(v->channel) - 1] - '0');
    int64_t slots[MAX_SLOTS];
    size_t n_slots = vec_ints(v, "slot_indices", slots, MAX_SLOTS);
    pucch_cfg_t cfg = pucch_config(v, format);
    cfg.rnti = (uint16_t)vec_int(v, "rnti");
    cfg.n_id = (uint16_t)vec_int(v, "data_scrambling_id_n_id");
    cfg.n_harq = (uint16_t)vec_int(v, "nof_uci_bits");
    if (format == 2) {
        cfg.n_id0 = (uint16_t)vec_int(v, "dmrs_scrambling_id_n_id0");
    } else {
        cfg.additional_dmrs = vec_bool(v, "additional_dmrs");
        cfg.pi2_bpsk = vec_qm(v, vec_str(v, "modulation")) == 1;
    }
    if (format == 4) {
        cfg.occ_length = (uint8_t)vec_int(v, "spreading_factor");
        cfg.occ_index = (uint8_t)vec_int(v, "occ_index");
    }
    vec_file_t bits = vec_file(v, "uci_bits"), coded = vec_file(v, "coded"), symbols = vec_file(v, "symbols");
    for (size_t i = 0; i < n_slots; i++) {
        cfg.slot = (uint16_t)slots[i];
        const pucch_plan_t *plan = make_plan(v, &cfg);
        if (!plan)
            return;
        pucch_uci_t uci = {.uci = vec_pack(v, bits.u8 + i * bits.shape[1], bits.shape[1])};
        if (plan->e_bits != coded.shape[1]) {
            vec_fail(v, "coded", "got %u bits, want %zu", plan->e_bits, coded.shape[1]);
            return;
        }
        uint8_t *got = vec_alloc(v, plan->e_bits / 8 + 1);
        cf_t *d = vec_alloc(v, (plan->n_re + 16u) * sizeof *d);
        pucch_f234_symbols(v->phy, plan, &uci, d, got);
        vec_same_bits(v, vec_stage(v, "coded, slot %u", cfg.slot), got, coded.u8 + i * coded.shape[1],
                      coded.shape[1]);

        phy_grid_t grid = vec_grid(v, 1, cfg.n_grid_prb);
        pucch_transmit(v->phy, plan, &uci, 1, &grid, 0);
        const cf_t *want = symbols.cf + i * symbols.shape[1];
        if (format != 2)
            same_symbols(v, plan, &grid, plan->data_mask, want, symbols.shape[1]);
        else if (plan->n_re != symbols.shape[1])
            vec_fail(v, "symbols", "got %u, want %zu", plan->n_re, symbols.shape[1]);
        else
            vec_same_cf(v, vec_stage(v, "symbols, slot %u", cfg.slot), d, want, symbols.shape[1],
                        VEC_FLOAT_TOL);
        same_grid(v, plan, &grid);
    }
}

/* ---- PRACH ---- */

/* Format of the case's occasion: with "A1/B1" and the like the last one of a slot is of format B. */
static uint8_t preamble_format(vec_t *v, const prach_row_t *row)
{
    static const uint8_t of[] = {[PRACH_0] = PREAMBLE_0,   [PRACH_1] = PREAMBLE_1,   [PRACH_2] = PREAMBLE_2,
                                 [PRACH_3] = PREAMBLE_3,   [PRACH_A1] = PREAMBLE_A1, [PRACH_A2] = PREAMBLE_A2,
                                 [PRACH_A3] = PREAMBLE_A3, [PRACH_B1] = PREAMBLE_B1, [PRACH_B4] = PREAMBLE_B4,
                                 [PRACH_C0] = PREAMBLE_C0, [PRACH_C2] = PREAMBLE_C2};
    bool last = vec_int(v, "time_index_n_ra_t") == row->n_occasions - 1;
    switch (row->format) {
    case PRACH_A1_B1:
        return last ? PREAMBLE_B1 : PREAMBLE_A1;
    case PRACH_A2_B2:
        return last ? PREAMBLE_B2 : PREAMBLE_A2;
    case PRACH_A3_B3:
        return last ? PREAMBLE_B3 : PREAMBLE_A3;
    default:
        return of[row->format];
    }
}

/* Grid rows to samples: inverse DFT, prefixes and guards as the case counts them. */
static void same_prach_waveform(vec_t *v, const cf_t *grid, vec_file_t shape_of, size_t l_ra)
{
    vec_file_t want = vec_file(v, "waveform");
    int64_t cp[PHY_SYMBOLS], total[PHY_SYMBOLS];
    size_t n_rows = vec_ints(v, "cyclic_prefix_samples_per_symbol", cp, PHY_SYMBOLS),
           n_sc = shape_of.shape[1];
    vec_ints(v, "symbol_samples", total, PHY_SYMBOLS);
    unsigned n_fft = (unsigned)vec_int(v, "fft_size");
    double carrier_fft =
        (double)vec_int(v, "sample_rate_hz") / (double)(vec_int(v, "carrier_subcarrier_spacing_khz") * 1000);
    float gain = (float)(sqrt(n_fft / carrier_fft / (double)l_ra) / n_fft);
    cf_t *got = vec_alloc(v, (want.n + 8192) * sizeof *got), *bins = vec_alloc(v, n_fft * sizeof *bins);
    cf_t *samples = vec_alloc(v, n_fft * sizeof *samples);
    dft_work_t *work = vec_alloc(v, sizeof *work);
    const dft_plan_t *plan = dft_plan(v->phy, n_fft);
    size_t at = (size_t)vec_int(v, "offset_samples");
    for (size_t l = 0; l < n_rows && at + (size_t)total[l] <= want.n; at += (size_t)total[l++]) {
        memset(bins, 0, n_fft * sizeof *bins);
        for (size_t k = 0; k < n_sc; k++)
            bins[(k + n_fft - n_sc / 2) % n_fft] = grid[l * n_sc + k];
        dft(plan, DFT_INVERSE, bins, samples, work);
        cf_scale(samples, n_fft, gain);
        for (size_t i = 0; i < (size_t)cp[l] + n_fft; i++)
            got[at + i] = samples[(i + n_fft - (size_t)cp[l] % n_fft) % n_fft];
    }
    vec_same_cf(v, "waveform", got, want.cf, want.n, 2e-6);
}

void vec_prach(vec_t *v)
{
    prach_row_t row;
    prach_table_t table = vec_str_is(v, "duplex_mode", "FDD") ? PRACH_FR1_PAIRED : PRACH_FR1_UNPAIRED;
    if (!prach_row(table, (uint8_t)vec_int(v, "prach_config_index"), &row)) {
        vec_fail(v, "configuration", "reserved");
        return;
    }
    unsigned scs_hz = (unsigned)vec_int(v, "prach_subcarrier_spacing_khz") * 1000,
             ul_mu = mu_of(vec_int(v, "carrier_subcarrier_spacing_khz"));
    prach_cfg_t cfg = {.format = preamble_format(v, &row),
                       .mu = (uint8_t)mu_of(scs_hz / 1000),
                       .root_sequence = (uint16_t)vec_int(v, "root_sequence_index"),
                       .zero_correlation_zone = (uint8_t)vec_int(v, "zero_correlation_zone_config"),
                       .restricted_set = vec_str_is(v, "restricted_set", "unrestricted") ? PRACH_UNRESTRICTED
                                                                                         : PRACH_RESTRICTED_A,
                       .ul_mu = (uint8_t)ul_mu,
                       .n_rx = 1};
    prach_plan_t *plan = vec_alloc(v, sizeof *plan);
    phy_refusal_t why;
    if (prach_plan(&cfg, plan, &why)) {
        vec_fail(v, "plan", "refused %s = %lld", why.field, (long long)why.value);
        return;
    }
    int64_t subframes[10];
    size_t n_subframes = vec_ints(v, "prach_subframes", subframes, 10);
    uint64_t mask = 0;
    for (size_t i = 0; i < n_subframes; i++)
        mask |= 1ull << subframes[i];
    if (mask != row.slots)
        vec_fail(v, "prach_subframes", "got mask %llx", (unsigned long long)row.slots);

    /* One repetition, unnormalised as the standard's y. */
    vec_file_t symbols = vec_file(v, "symbols"), grid = vec_file(v, "grid");
    size_t l_ra = plan->l_ra, n_rows = grid.shape[0], n_sc = grid.shape[1];
    cf_t *y = vec_alloc(v, l_ra * sizeof *y), *repeated = vec_alloc(v, symbols.n * sizeof *repeated);
    prach_sequence(plan, (unsigned)vec_int(v, "preamble_index"), y);
    cf_scale(y, l_ra, sqrtf((float)l_ra));
    if (symbols.n != plan->n_repetitions * l_ra) {
        vec_fail(v, "symbols", "got %u x %zu, want %zu", plan->n_repetitions, l_ra, symbols.n);
        return;
    }
    for (size_t r = 0; r < plan->n_repetitions; r++)
        memcpy(repeated + r * l_ra, y, l_ra * sizeof *y);
    vec_same_cf(v, "symbols", repeated, symbols.cf, symbols.n, 1e-4); /* of magnitude sqrt(l_ra) */

    uint8_t n_prb;
    int k_bar = prach_first_subcarrier(scs_hz, (uint8_t)ul_mu, &n_prb);
    int64_t prb = vec_int(v, "msg1_frequency_start_prb") + vec_int(v, "frequency_index_n_ra") * n_prb;
    size_t k = (size_t)(prb * 12 * 15000) * (1u << ul_mu) / scs_hz + (size_t)k_bar;
    size_t first =
        (size_t)(row.start_symbol + vec_int(v, "time_index_n_ra_t") * row.n_symbols) * n_rows / PHY_SYMBOLS;
    if (k_bar < 0 || k + l_ra > n_sc || first + plan->n_repetitions > n_rows) {
        vec_fail(v, "grid", "outside: subcarrier %zu, row %zu", k, first);
        return;
    }
    cf_t *placed = vec_alloc(v, grid.n * sizeof *placed);
    for (size_t r = 0; r < plan->n_repetitions; r++)
        memcpy(placed + (first + r) * n_sc + k, y, l_ra * sizeof *y);
    vec_same_cf(v, "grid", placed, grid.cf, grid.n, 1e-4);
    same_prach_waveform(v, placed, grid, l_ra);
}
