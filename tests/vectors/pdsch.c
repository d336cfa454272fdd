/* SPDX-License-Identifier: Apache-2.0 */
/* dmrs_pdsch, pdsch: coding, layers and the grid with DM-RS. */
#include "lib/phy/dl/dmrs.h"
#include "lib/phy/dl/pdsch.h"
#include "lib/phy/signal/ofdm.h"
#include "tests/vectors/dl.h"
#include "tests/vectors/receive.h"

#include <math.h>

#define MAX_PORTS 12
#define MAX_SLOTS 8

static void refused(vec_t *v, const phy_refusal_t *why)
{
    vec_fail(v, "plan", "refused %s = %lld", why->field, (long long)why->value);
}

/* ---- dmrs_pdsch ---- */

/* DMRS of a port as a PDSCH on those PRBs has it, on the grid's antenna. The transport block is of no matter:
 * only the signals are run. Some cases have single symbols on ports that only double ones have: in the first
 * symbol of a pair those are ports of the lower half. */
static bool put_dmrs(vec_t *v, unsigned port, const phy_grid_t *grid)
{
    int64_t symbols[PHY_SYMBOLS], prbs[PHY_MAX_PRB];
    size_t n_symbols = vec_ints(v, "dmrs_symbol_indices", symbols, PHY_SYMBOLS);
    size_t n_prbs = vec_ints(v, "allocated_prb_indices", prbs, PHY_MAX_PRB);
    unsigned type = (unsigned)vec_int(v, "dmrs_type");
    uint16_t n_id = (uint16_t)vec_int(v, "dmrs_scrambling_id");
    pdsch_cfg_t cfg = {
        .slot = (uint16_t)((vec_int(v, "subframe_index") << vec_int(v, "numerology_mu")) +
                           vec_int(v, "slot_index_in_subframe")),
        .carrier_size = PHY_MAX_PRB,
        .bwp_size = PHY_MAX_PRB,
        .n_symbols = PHY_SYMBOLS,
        .tb_bytes = 11,
        .qm = 2,
        .target_code_rate = 1200,
        .n_layers = 1,
        .dmrs_type = (uint8_t)type,
        .dmrs_length = n_symbols > 1 && symbols[1] == symbols[0] + 1 ? 2 : 1,
        .n_cdm_groups_without_data = (uint8_t)(type == 1 ? 2 : 3),
        .dmrs_n_id = {n_id, n_id},
        .dmrs_n_scid = (uint8_t)vec_int(v, "dmrs_n_scid"),
    };
    /* The vectors have no boost for groups without data. */
    cfg.power_db = -20 * log10f(dmrs_beta(cfg.n_cdm_groups_without_data));
    for (size_t i = 0; i < n_symbols; i++)
        cfg.dmrs_symbols |= (uint16_t)(1u << symbols[i]);
    for (size_t i = 0; i < n_prbs; i++)
        cfg.rb_bitmap[prbs[i] / 64] |= 1ull << prbs[i] % 64;
    if (cfg.dmrs_length == 1)
        port %= type == 1 ? 4 : 6;
    cfg.dmrs_ports = (uint16_t)(1u << port);

    pdsch_plan_t *plan = vec_alloc(v, sizeof *plan);
    phy_refusal_t why;
    if (pdsch_plan(v->phy, &cfg, grid->n_ant, plan, &why)) {
        refused(v, &why);
        return false;
    }
    pdsch_signals(v->phy, plan, vec_alloc(v, sizeof(pdsch_work_t)), grid);
    return true;
}

void vec_dmrs_pdsch(vec_t *v)
{
    int64_t ports[MAX_PORTS];
    unsigned port_of[MAX_PORTS];
    size_t n_ports = vec_ints(v, "dmrs_ports", ports, MAX_PORTS);
    if (vec_int(v, "reference_point_k_prb") != 0)
        vec_die(v, "a reference point other than CRB 0");
    phy_grid_t grid = vec_grid(v, (unsigned)n_ports, PHY_MAX_PRB);
    for (size_t p = 0; p < n_ports; p++) {
        phy_grid_t antenna = grid;
        antenna.re = phy_grid_symbol(&grid, (unsigned)p, 0);
        antenna.n_ant = 1;
        port_of[p] = (unsigned)ports[p];
        if (!put_dmrs(v, port_of[p], &antenna))
            return;
    }
    unsigned slot = (unsigned)((vec_int(v, "subframe_index") << vec_int(v, "numerology_mu")) +
                               vec_int(v, "slot_index_in_subframe"));
    vec_same_sparse(v, "grid", &grid, vec_file(v, "expected_re_index"), vec_file(v, "expected_re_value"),
                    slot, port_of, VEC_LSB);
}

/* ---- pdsch ---- */

bool vec_pdsch_config(vec_t *v, uint32_t tb_bits, pdsch_cfg_t *ret)
{
    unsigned n_layers = (unsigned)vec_int(v, "nof_layers"), n_prb = (unsigned)vec_int(v, "nof_grid_prb");
    uint16_t dmrs_id = (uint16_t)vec_int(v, "dmrs_scrambling_id");
    dmrs_time_cfg_t time = {.mapping = vec_str_is(v, "mapping_type", "A") ? DMRS_MAPPING_A : DMRS_MAPPING_B,
                            .type_a_position = (uint8_t)vec_int(v, "dmrs_type_a_position"),
                            .additional_position = (uint8_t)vec_int(v, "dmrs_additional_position"),
                            .length = (uint8_t)vec_int(v, "dmrs_length"),
                            .start_symbol = (uint8_t)vec_int(v, "start_symbol"),
                            .n_symbols = (uint8_t)vec_int(v, "nof_symbols")};
    if (time.mapping == DMRS_MAPPING_A && time.n_symbols < 3) {
        /* Shorter than TS 38.214 has them: the positions of one that ends in the same symbol. */
        time.n_symbols = (uint8_t)(time.start_symbol + time.n_symbols);
        time.start_symbol = 0;
    }
    *ret = (pdsch_cfg_t){
        .carrier_size = (uint16_t)n_prb,
        .bwp_size = (uint16_t)n_prb,
        .resource_alloc = 1,
        .rb_start = (uint16_t)vec_int(v, "start_prb"),
        .rb_size = (uint16_t)vec_int(v, "nof_prb"),
        .start_symbol = (uint8_t)vec_int(v, "start_symbol"),
        .n_symbols = (uint8_t)vec_int(v, "nof_symbols"),
        .tb_bytes = tb_bits / 8,
        .qm = (uint8_t)vec_qm(v, vec_str(v, "modulation")),
        .target_code_rate = (uint16_t)lround(vec_num(v, "target_code_rate_x1024") * 10),
        .rnti = (uint16_t)vec_int(v, "rnti"),
        .n_id = (uint16_t)vec_int(v, "data_scrambling_id_n_id"),
        .n_layers = (uint8_t)n_layers,
        .dmrs_type = (uint8_t)vec_int(v, "dmrs_type"),
        .dmrs_length = time.length,
        .dmrs_ports = (uint16_t)((1u << n_layers) - 1),
        .n_cdm_groups_without_data = (uint8_t)vec_int(v, "nof_cdm_groups_without_data"),
        .dmrs_n_id = {dmrs_id, dmrs_id},
        .dmrs_n_scid = (uint8_t)vec_int(v, "dmrs_n_scid"),
    };
    phy_refusal_t why;
    if (dmrs_symbols_pdsch(&time, &ret->dmrs_symbols, &why)) {
        refused(v, &why);
        return false;
    }
    return true;
}

void vec_scale_dmrs(const vec_t *v, const pdsch_cfg_t *cfg, cf_t *grid, unsigned n_ant)
{
    float scale = dmrs_beta(cfg->n_cdm_groups_without_data) / (float)vec_num(v, "dmrs_amplitude_in_grid");
    unsigned n_sc = cfg->carrier_size * 12u,
             re = dmrs_re_mask(cfg->dmrs_type, cfg->n_cdm_groups_without_data);
    for (unsigned a = 0; a < n_ant; a++)
        for (unsigned l = 0; l < PHY_SYMBOLS; l++)
            for (unsigned k = cfg->rb_start * 12u; k < (cfg->rb_start + cfg->rb_size) * 12u; k++)
                if (cfg->dmrs_symbols >> l & 1 && re >> k % 12 & 1) {
                    cf_t *x = &grid[((size_t)a * PHY_SYMBOLS + l) * n_sc + k];
                    *x = (cf_t){x->re * scale, x->im * scale};
                }
}

/* The expected grid (compared before) as samples: [port][sample], the slots back to back, or by slot as well.
 * No carrier frequency is given: no phases. */
static void same_waveform(vec_t *v, vec_file_t grid, const int64_t *slots)
{
    vec_file_t want = vec_file(v, "waveform");
    size_t n_slots = grid.shape[0], n_sc = grid.shape[3], per_slot = want.shape[want.n_dims - 1], n_ports = 1;
    if (want.n_dims == 3)
        n_ports = want.shape[1];
    else if (want.n_dims == 2 && want.shape[0] == grid.shape[1])
        n_ports = want.shape[0];
    if (want.n_dims == 3 || (want.n_dims == 2 && n_ports == 1 && want.shape[0] == n_slots))
        n_slots = 1; /* a file row a slot */
    per_slot /= n_slots;
    n_slots = grid.shape[0];
    unsigned scs_khz = (unsigned)vec_int(v, "subcarrier_spacing_khz"), mu = scs_khz / 30;
    ofdm_cfg_t cfg = {.mu = mu,
                      .n_fft = (unsigned)((per_slot << mu) / scs_khz),
                      .n_sc = (unsigned)n_sc,
                      .f0_hz = vec_has(v, "carrier_frequency_hz") ? vec_num(v, "carrier_frequency_hz") : 0};
    ofdm_plan_t *plan = vec_alloc(v, sizeof *plan);
    dft_work_t *work = vec_alloc(v, sizeof *work);
    phy_refusal_t why;
    if (ofdm_plan(v->phy, &cfg, plan, &why)) {
        refused(v, &why);
        return;
    }
    if (want.n != n_slots * n_ports * per_slot || n_ports > grid.shape[1])
        vec_die(v, "%zu samples of %zu slots, %zu ports", want.n, n_slots, n_ports);
    bool by_port = want.n_dims < 3 && n_ports == want.shape[0];
    cf_t *got = vec_alloc(v, (per_slot + cfg.n_fft) * sizeof *got);
    for (size_t p = 0; p < n_ports; p++)
        for (size_t i = 0; i < n_slots && !v->n_failures; i++) {
            cf_t *at = got;
            for (unsigned l = 0; l < PHY_SYMBOLS; l++)
                at += ofdm_modulate(plan, ((unsigned)slots[i] * PHY_SYMBOLS + l) % plan->n_symbols,
                                    grid.cf + ((i * grid.shape[1] + p) * PHY_SYMBOLS + l) * n_sc, at, work);
            if ((size_t)(at - got) != per_slot)
                vec_fail(v, "waveform", "got %td samples in slot %zu, want %zu", at - got, i, per_slot);
            else
                vec_same_cf(v, vec_stage(v, "waveform, port %zu, slot %zu", p, i), got,
                            want.cf + (by_port ? p * n_slots + i : i * n_ports + p) * per_slot, per_slot,
                            2e-6);
        }
}

void vec_pdsch(vec_t *v)
{
    vec_file_t tb = vec_file(v, "transport_block"), coded = vec_file(v, "rate_matched"),
               layers = vec_file(v, "layers"), want = vec_file(v, "grid");
    int64_t slots[MAX_SLOTS], rvs[MAX_SLOTS];
    size_t n_slots = vec_ints(v, "slot_indices", slots, MAX_SLOTS);
    vec_ints(v, "redundancy_version_per_slot", rvs, MAX_SLOTS);
    pdsch_cfg_t cfg;
    if (!vec_pdsch_config(v, (uint32_t)tb.n, &cfg))
        return;
    const uint8_t *bits = vec_pack(v, tb.u8, tb.n);
    pdsch_plan_t *plan = vec_alloc(v, sizeof *plan);
    pdsch_work_t *work = vec_alloc(v, sizeof *work);
    vec_harq_t *harq = vec_alloc(v, sizeof *harq);
    cf_t *scaled = vec_alloc(v, want.n * sizeof *scaled);
    for (size_t i = 0; i < want.n; i++)
        scaled[i] = want.cf[i];
    for (size_t i = 0; i < n_slots; i++) {
        cfg.slot = (uint16_t)slots[i];
        cfg.rv = (uint8_t)rvs[i];
        phy_refusal_t why;
        if (pdsch_plan(v->phy, &cfg, cfg.n_layers, plan, &why)) {
            refused(v, &why);
            return;
        }
        if (plan->g_bits != coded.shape[1] || plan->n_re != layers.shape[2]) {
            vec_fail(v, "sizes", "got %u bits on %u REs, want %zu on %zu", plan->g_bits, plan->n_re,
                     coded.shape[1], layers.shape[2]);
            return;
        }
        uint8_t *got_bits = vec_alloc(v, plan->g_bits / 8 + 1);
        size_t n_symbols = (size_t)cfg.n_layers * plan->n_re;
        ci16_t *got_layers = vec_alloc(v, n_symbols * sizeof *got_layers);
        pdsch_stages(v->phy, plan, bits, work, got_bits, got_layers);
        vec_same_bits(v, vec_stage(v, "rate_matched, slot %u", cfg.slot), got_bits,
                      coded.u8 + i * coded.shape[1], coded.shape[1]);
        vec_same_ci(v, vec_stage(v, "layers, slot %u", cfg.slot), got_layers, PHY_UNIT,
                    layers.cf + i * n_symbols, n_symbols, VEC_LSB);

        phy_grid_t grid = vec_grid(v, cfg.n_layers, cfg.carrier_size);
        cf_t *want_slot = scaled + i * want.shape[1] * want.shape[2] * want.shape[3];
        vec_scale_dmrs(v, &cfg, want_slot, cfg.n_layers);
        pdsch_run(v->phy, plan, bits, work, &grid);
        vec_same_grid(v, vec_stage(v, "grid, slot %u", cfg.slot), &grid, want_slot, VEC_LSB);
        const phy_grid_t air = vec_air_dense(v, want_slot, cfg.n_layers, cfg.carrier_size);
        vec_receive_pdsch(v, &cfg, vec_int(v, "subcarrier_spacing_khz") == 30, &air, harq, bits);
        if (v->n_failures)
            return;
    }
    if (vec_has_file(v, "waveform"))
        same_waveform(v, want, slots);
}
