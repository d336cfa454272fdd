/* SPDX-License-Identifier: Apache-2.0 */
/* pucch_format0, 2, 3, 4: the UE's transmitter of lib/phy/ctrl. */
#include "lib/phy/ctrl/pucch_tx.h"
#include "tests/vectors/channels.h"

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
    if (pucch_plan(v->phy, cfg, plan, &why)) {
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
