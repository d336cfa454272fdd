/* SPDX-License-Identifier: Apache-2.0 */
/* ulsch_info, ulsch_pusch: UL-SCH and UCI on PUSCH, from payloads to precoded symbols. */
#include "lib/phy/dl/dmrs.h"
#include "lib/phy/polar/ulsch.h"
#include "lib/phy/pusch/pusch_tx.h"
#include "tests/vectors/channels.h"

#include <math.h>
#include <string.h>

#define MAX_SLOTS 8
#define PLACEHOLDER_X ((uint8_t)-1) /* as the files spell them */
#define PLACEHOLDER_Y ((uint8_t)-2)

static void refused(vec_t *v, const phy_refusal_t *why)
{
    vec_fail(v, "plan", "refused %s = %lld", why->field, (long long)why->value);
}

/* ---- ulsch_info ---- */

static ulsch_cfg_t ulsch_config(vec_t *v, unsigned qm)
{
    unsigned n_prb = (unsigned)vec_int(v, "nof_prb"), start = (unsigned)vec_int(v, "start_symbol");
    unsigned in_dmrs =
        12 - (unsigned)__builtin_popcount(dmrs_re_mask((unsigned)vec_int(v, "dmrs_type"),
                                                       (unsigned)vec_int(v, "nof_cdm_groups_without_data")));
    int64_t dmrs[PHY_SYMBOLS];
    vec_ints(v, "dmrs_symbol_mask_per_slot", dmrs, PHY_SYMBOLS);
    ulsch_cfg_t cfg = {
        .qm = (uint8_t)qm,
        .n_layers = (uint8_t)vec_int(v, "nof_layers"),
        .start_symbol = (uint8_t)start,
        .n_symbols = (uint8_t)vec_int(v, "nof_symbols"),
        .rate_x10240 = (uint16_t)lround(vec_num(v, "target_code_rate_x1024") * 10),
        .alpha_x100 = (uint8_t)lround(vec_num(v, "alpha_scaling") * 100),
        .o_ack = (uint16_t)vec_int(v, "nof_harq_ack_bits"),
        .o_csi1 = (uint16_t)vec_int(v, "nof_csi_part1_bits"),
        .o_csi2 = (uint16_t)vec_int(v, "nof_csi_part2_bits"),
        .beta_ack_x1000 = (uint32_t)lround(vec_num(v, "beta_offset_harq_ack") * 1000),
        .beta_csi1_x1000 = (uint32_t)lround(vec_num(v, "beta_offset_csi_part1") * 1000),
        .beta_csi2_x1000 = (uint32_t)lround(vec_num(v, "beta_offset_csi_part2") * 1000),
    };
    for (unsigned l = start; l < start + cfg.n_symbols; l++) {
        cfg.dmrs_symbols |= (uint16_t)(dmrs[l] << l);
        cfg.n_re[l] = (uint16_t)(n_prb * (dmrs[l] ? in_dmrs : 12));
    }
    return cfg;
}

static void same_segmentation(vec_t *v, const sch_plan_t *sch)
{
    static const char *const keys[] = {"tb_crc_size_bits",  "ldpc_base_graph",
                                       "nof_code_blocks",   "nof_filler_bits_per_code_block",
                                       "ldpc_lifting_size", "nof_bits_per_code_block"};
    if (!sch) { /* nothing to segment: null */
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            if (!json_is_null(vec_expected(v, keys[i])))
                vec_fail(v, keys[i], "there is no UL-SCH");
        return;
    }
    vec_same_int(v, "tb_crc_size_bits", sch->tb_crc_bits);
    vec_same_int(v, "ldpc_base_graph", sch->graph->bg);
    vec_same_int(v, "nof_code_blocks", sch->n_cb);
    vec_same_int(v, "nof_filler_bits_per_code_block", sch->n_filler);
    vec_same_int(v, "ldpc_lifting_size", sch->graph->zc);
    vec_same_int(v, "nof_bits_per_code_block", sch->k);
}

void vec_ulsch_info(vec_t *v)
{
    unsigned qm = vec_qm(v, vec_str(v, "modulation"));
    ulsch_cfg_t cfg = ulsch_config(v, qm);
    uint32_t tb_bits = (uint32_t)vec_int(v, "transport_block_size_bits"), n_re = 0;
    for (unsigned l = 0; l < PHY_SYMBOLS; l++)
        n_re += cfg.n_re[l];
    sch_plan_t *sch = NULL;
    phy_refusal_t why;
    vec_same_bool(v, "ulsch_present", tb_bits > 0);
    if (tb_bits) {
        sch_cfg_t sch_cfg = {.tb_bytes = tb_bits / 8,
                             .g_bits = n_re * qm * cfg.n_layers,
                             .rate_x10 = cfg.rate_x10240,
                             .qm = (uint8_t)qm,
                             .n_layers = cfg.n_layers};
        sch = vec_alloc(v, sizeof *sch);
        if (sch_plan(v->phy, &sch_cfg, sch, &why)) {
            refused(v, &why);
            return;
        }
        cfg.sum_k_bits = sch->n_cb * sch->k;
    }
    same_segmentation(v, sch);
    ulsch_plan_t *plan = vec_alloc(v, sizeof *plan);
    if (ulsch_plan(&cfg, plan, &why)) {
        refused(v, &why);
        return;
    }
    vec_same_int(v, "nof_ulsch_coded_bits", plan->g_stream[ULSCH_SCH]);
    vec_same_int(v, "nof_harq_ack_coded_bits", plan->g_stream[ULSCH_ACK]);
    vec_same_int(v, "nof_harq_ack_reserved_bits", (int64_t)plan->n_re_ack_reserved * plan->bits_per_re);
    vec_same_int(v, "nof_csi_part1_coded_bits", plan->g_stream[ULSCH_CSI1]);
    vec_same_int(v, "nof_csi_part2_coded_bits", plan->g_stream[ULSCH_CSI2]);
    vec_same_int(v, "nof_harq_ack_re_per_layer", plan->n_re_stream[ULSCH_ACK]);
    vec_same_int(v, "nof_csi_part1_re_per_layer", plan->n_re_stream[ULSCH_CSI1]);
    vec_same_int(v, "nof_csi_part2_re_per_layer", plan->n_re_stream[ULSCH_CSI2]);
}

/* ---- ulsch_pusch ---- */

static bool pusch_config(vec_t *v, bool uci, uint32_t tb_bytes, pusch_cfg_t *ret)
{
    unsigned n_layers = (unsigned)vec_int(v, "nof_layers");
    /* Without UCI the chain ends at the codeword: the precoder's inputs say nothing. */
    bool codebook = uci && vec_str_is(v, "transmission_scheme", "codebook");
    dmrs_time_cfg_t time = {.mapping = vec_str_is(v, "mapping_type", "A") ? DMRS_MAPPING_A : DMRS_MAPPING_B,
                            .type_a_position = (uint8_t)vec_int(v, "dmrs_type_a_position"),
                            .additional_position = (uint8_t)vec_int(v, "dmrs_additional_position"),
                            .length = (uint8_t)vec_int(v, "dmrs_length"),
                            .start_symbol = (uint8_t)vec_int(v, "start_symbol"),
                            .n_symbols = (uint8_t)vec_int(v, "nof_symbols")};
    *ret = (pusch_cfg_t){
        .mu = vec_int(v, "subcarrier_spacing_khz") == 30,
        .n_grid_prb = PHY_MAX_PRB,
        .prb_start = (uint16_t)vec_int(v, "start_prb"),
        .n_prb = (uint16_t)vec_int(v, "nof_prb"),
        .start_symbol = time.start_symbol,
        .n_symbols = time.n_symbols,
        .dmrs_type = (uint8_t)vec_int(v, "dmrs_type"),
        .dmrs_length = time.length,
        .n_cdm_groups_no_data = (uint8_t)vec_int(v, "nof_cdm_groups_without_data"),
        .transform_precoding = vec_bool(v, "transform_precoding"),
        .qm = (uint8_t)vec_int(v, "modulation_order_qm"),
        .n_layers = (uint8_t)n_layers,
        .n_tx_ports = codebook ? (uint8_t)vec_int(v, "nof_antenna_ports") : (uint8_t)n_layers,
        .codebook = codebook,
        .tpmi = codebook ? (uint8_t)vec_int(v, "tpmi") : 0,
        .tb_bytes = tb_bytes,
        .rate_x10 = (uint16_t)lround(vec_num(v, "target_code_rate_x1024") * 10),
        .n_rx = 1,
    };
    for (unsigned i = 0; i < n_layers; i++)
        ret->dmrs_port[i] = (uint8_t)i;
    if (uci) {
        ret->rnti = (uint16_t)vec_int(v, "rnti");
        ret->n_id = (uint16_t)vec_int(v, "data_scrambling_id_n_id");
        ret->n_harq_ack = (uint16_t)vec_int(v, "nof_harq_ack_bits");
        ret->n_csi1 = (uint16_t)vec_int(v, "nof_csi_part1_bits");
        ret->n_csi2 = (uint16_t)vec_int(v, "nof_csi_part2_bits");
        ret->beta_harq_ack_x1000 = (uint32_t)lround(vec_num(v, "beta_offset_harq_ack") * 1000);
        ret->beta_csi1_x1000 = (uint32_t)lround(vec_num(v, "beta_offset_csi_part1") * 1000);
        ret->beta_csi2_x1000 = (uint32_t)lround(vec_num(v, "beta_offset_csi_part2") * 1000);
        ret->alpha_x100 = (uint8_t)lround(vec_num(v, "alpha_scaling") * 100);
    }
    phy_refusal_t why;
    if (dmrs_symbols_pusch(&time, &ret->dmrs_symbols, &why)) {
        refused(v, &why);
        return false;
    }
    return true;
}

/* Row `i` of a file of bits, packed; NULL where there is none. */
static const uint8_t *row_of(vec_t *v, const char *part, size_t i)
{
    if (!vec_has_file(v, part))
        return NULL;
    vec_file_t f = vec_file(v, part);
    return vec_pack(v, f.u8 + i * f.shape[1], f.shape[1]);
}

/* The coded bits of one kind of UCI with their placeholders. */
static void same_uci(vec_t *v, const pusch_plan_t *plan, unsigned a_bits, ulsch_stream_t stream,
                     const uint8_t *bits, const char *part, size_t row)
{
    if (!vec_has_file(v, part))
        return;
    vec_file_t want = vec_file(v, part);
    uci_cfg_t cfg = {.a_bits = (uint16_t)a_bits, .e_bits = plan->ulsch.g_stream[stream], .qm = plan->cfg.qm};
    uci_plan_t *uci = vec_alloc(v, sizeof *uci);
    phy_refusal_t why;
    if (cfg.e_bits != want.shape[1] || uci_plan(&cfg, uci, &why)) {
        vec_fail(v, part, "got %u bits, want %zu, or refused", cfg.e_bits, want.shape[1]);
        return;
    }
    uint8_t *coded = vec_alloc(v, cfg.e_bits / 8 + 1), *got = vec_alloc(v, cfg.e_bits);
    uci_encode(v->phy, uci, bits, coded);
    for (unsigned i = 0; i < cfg.e_bits; i++) {
        small_block_place_t place = a_bits <= 2 ? small_block_place(a_bits, cfg.qm, i) : SMALL_BLOCK_BIT;
        got[i] = place == SMALL_BLOCK_X   ? PLACEHOLDER_X
                 : place == SMALL_BLOCK_Y ? PLACEHOLDER_Y
                                          : (coded[i / 8] >> (7 - i % 8)) & 1;
    }
    vec_same_bytes(v, vec_stage(v, "%s, row %zu", part, row), got, want.u8 + row * want.shape[1],
                   want.shape[1]);
}

static void same_ulsch(vec_t *v, const pusch_plan_t *plan, const uint8_t *tb, size_t row)
{
    if (!vec_has_file(v, "coded_ulsch"))
        return;
    vec_file_t want = vec_file(v, "coded_ulsch");
    if (plan->sch.g_bits != want.shape[1]) {
        vec_fail(v, "coded_ulsch", "got %u bits, want %zu", plan->sch.g_bits, want.shape[1]);
        return;
    }
    uint32_t crc = sch_tb_crc(v->phy, &plan->sch, tb);
    uint8_t *block = vec_alloc(v, plan->sch.g_bits / 8 + 1);
    for (unsigned r = 0; r < plan->sch.n_cb; r++) {
        sch_encode_cb(v->phy, &plan->sch, tb, crc, r, block);
        vec_same_bits(v, vec_stage(v, "coded_ulsch, row %zu, block %u", row, r), block,
                      want.u8 + row * want.shape[1] + sch_e_start(&plan->sch, r), sch_e(&plan->sch, r));
    }
}

/* Placeholders are written as they are before scrambling: x as 1, y as the bit before it. That they are set
 * again after it shows in the symbols. */
static void same_codeword(vec_t *v, const pusch_plan_t *plan, const pusch_payload_t *payload,
                          pusch_tx_work_t *work, size_t row)
{
    vec_file_t want = vec_file(v, "codeword");
    if (plan->g_bits != want.shape[1]) {
        vec_fail(v, "codeword", "got %u bits, want %zu", plan->g_bits, want.shape[1]);
        return;
    }
    uint8_t *got = vec_alloc(v, plan->g_bits / 8 + 1), *expected = vec_alloc(v, plan->g_bits);
    const uint8_t *given = want.u8 + row * want.shape[1];
    for (uint32_t i = 0; i < plan->g_bits; i++)
        expected[i] = given[i] == PLACEHOLDER_X ? 1 : given[i] == PLACEHOLDER_Y ? expected[i - 1] : given[i];
    pusch_tx_codeword(v->phy, plan, payload, work, got);
    vec_same_bits(v, vec_stage(v, "codeword, row %zu", row), got, expected, plan->g_bits);
}

void vec_ulsch_pusch(vec_t *v)
{
    bool uci = vec_has(v, "ulsch_present"), has_tb = vec_has_file(v, "transport_block");
    vec_file_t tb = {0};
    if (has_tb)
        tb = vec_file(v, "transport_block");
    pusch_cfg_t cfg;
    if (!pusch_config(v, uci, (uint32_t)(tb.n / 8), &cfg))
        return;
    int64_t slots[MAX_SLOTS], rvs[MAX_SLOTS];
    size_t n_slots = vec_ints(v, "slot_indices", slots, MAX_SLOTS);
    vec_ints(v, "redundancy_version_per_slot", rvs, MAX_SLOTS);
    pusch_plan_t *plan = vec_alloc(v, sizeof *plan);
    pusch_tx_work_t *work = vec_alloc(v, pusch_tx_work_bytes());
    for (size_t i = 0; i < n_slots; i++) {
        cfg.slot = (uint8_t)slots[i];
        cfg.rv = (uint8_t)rvs[i];
        phy_refusal_t why;
        if (pusch_plan(v->phy, &cfg, plan, &why)) {
            refused(v, &why);
            return;
        }
        vec_same_int(v, "nof_ulsch_coded_bits", has_tb ? plan->sch.g_bits : 0);
        pusch_payload_t payload = {.tb = has_tb ? vec_pack(v, tb.u8, tb.n) : NULL,
                                   .harq_ack = row_of(v, "harq_ack_bits", i),
                                   .csi1 = row_of(v, "csi_part1_bits", i),
                                   .csi2 = row_of(v, "csi_part2_bits", i)};
        if (has_tb)
            same_ulsch(v, plan, payload.tb, i);
        if (uci) {
            vec_same_int(v, "nof_harq_ack_coded_bits", plan->ulsch.g_stream[ULSCH_ACK]);
            vec_same_int(v, "nof_csi_part1_coded_bits", plan->ulsch.g_stream[ULSCH_CSI1]);
            vec_same_int(v, "nof_csi_part2_coded_bits", plan->ulsch.g_stream[ULSCH_CSI2]);
            same_uci(v, plan, cfg.n_harq_ack, ULSCH_ACK, payload.harq_ack, "coded_harq_ack", i);
            same_uci(v, plan, cfg.n_csi1, ULSCH_CSI1, payload.csi1, "coded_csi_part1", i);
            same_uci(v, plan, cfg.n_csi2, ULSCH_CSI2, payload.csi2, "coded_csi_part2", i);
        }
        same_codeword(v, plan, &payload, work, i);
        if (vec_has_file(v, "symbols")) {
            vec_file_t want = vec_file(v, "symbols");
            size_t n = want.shape[1] * want.shape[2];
            if (want.shape[1] != cfg.n_tx_ports || want.shape[2] != plan->n_re) {
                vec_fail(v, "symbols", "got %u x %u, want %zu x %zu", cfg.n_tx_ports, plan->n_re,
                         want.shape[1], want.shape[2]);
                return;
            }
            cf_t *got = vec_alloc(v, n * sizeof *got);
            pusch_tx_symbols(v->phy, plan, &payload, work, got);
            vec_same_cf(v, vec_stage(v, "symbols, row %zu", i), got, want.cf + i * n, n, 5e-5);
        }
        if (v->n_failures)
            return;
    }
}
