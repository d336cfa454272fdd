/* SPDX-License-Identifier: Apache-2.0 */
/* polar_chain, polar_interleaver, small_block, dci_encode, pbch_encoder: the codes of lib/phy/polar. */
#include "lib/phy/polar/dci_code.h"
#include "lib/phy/polar/pbch_code.h"
#include "lib/phy/polar/uci_code.h"
#include "tests/vectors/channels.h"

#include <string.h>

static void refused(vec_t *v, const phy_refusal_t *why)
{
    vec_fail(v, "plan", "refused %s = %lld", why->field, (long long)why->value);
}

static uint8_t packed_bit(const uint8_t *bits, size_t i)
{
    return (bits[i / 8] >> (7 - i % 8)) & 1;
}

/* Code blocks are not handed out by uci_encode: that the expected ones, encoded, are its result shows that it
 * had the same. */
static void uci_segmentation(vec_t *v)
{
    uci_cfg_t cfg = {.a_bits = (uint16_t)vec_int(v, "nof_uci_bits_a"),
                     .e_bits = (uint32_t)vec_int(v, "nof_rate_matched_bits_e_uci"),
                     .qm = 2};
    uci_plan_t *plan = vec_alloc(v, sizeof *plan);
    phy_refusal_t why;
    if (uci_plan(&cfg, plan, &why)) {
        refused(v, &why);
        return;
    }
    vec_same_int(v, "nof_code_blocks", plan->n_blocks);
    vec_same_int(v, "rate_matched_length_per_code_block_er", plan->e_block);
    vec_file_t bits = vec_file(v, "bits"), want = vec_file(v, "code_blocks");
    if (want.shape[0] != plan->n_blocks || want.shape[1] != plan->polar.k) {
        vec_fail(v, "code_blocks", "got %u of %u bits, want %zu of %zu", plan->n_blocks, plan->polar.k,
                 want.shape[0], want.shape[1]);
        return;
    }
    uint8_t *got = vec_alloc(v, cfg.e_bits / 8 + 1), *expected = vec_alloc(v, cfg.e_bits);
    uci_encode(v->phy, plan, vec_pack(v, bits.u8, bits.n), got);
    uint8_t *block = vec_alloc(v, plan->e_block / 8u + 1);
    for (unsigned r = 0; r < plan->n_blocks; r++) {
        polar_encode(v->phy, &plan->polar, vec_pack(v, want.u8 + r * want.shape[1], want.shape[1]), block);
        for (unsigned i = 0; i < plan->e_block; i++)
            expected[r * plan->e_block + i] = packed_bit(block, i);
    }
    vec_same_bits(v, "code_blocks, encoded", got, expected, cfg.e_bits);
}

void vec_polar_chain(vec_t *v)
{
    const char *stage = vec_str(v, "stage");
    if (!strcmp(stage, "uci_segmentation")) {
        uci_segmentation(v);
        return;
    }
    bool encode = !strcmp(stage, "encode");
    bool i_bil = !encode && vec_int(v, "coded_bit_interleaving_i_bil");
    unsigned k = (unsigned)vec_int(v, "nof_bits_k"), n = (unsigned)vec_int(v, "mother_code_length_n");
    polar_cfg_t cfg = {.k = (uint16_t)k,
                       .e = (uint16_t)vec_int(v, "rate_matched_length_e"),
                       .n_max = encode             ? (uint8_t)vec_int(v, "n_max")
                                : i_bil || n > 512 ? 10
                                                   : 9,
                       .i_il = encode && vec_int(v, "input_interleaving_i_il"),
                       .i_bil = i_bil};
    polar_plan_t *plan = vec_alloc(v, sizeof *plan);
    phy_refusal_t why;
    int err = polar_plan(&cfg, plan, &why);
    /* What is matched says little of the code: N may be that of the other direction. */
    if (!encode && !err && plan->n != n) {
        cfg.n_max ^= 9 ^ 10;
        err = polar_plan(&cfg, plan, &why);
    }
    if (err) {
        refused(v, &why);
        return;
    }
    if (plan->n != n)
        vec_fail(v, "N", "got %u, want %u", plan->n, n);
    vec_file_t bits = vec_file(v, "bits"), want = vec_file(v, encode ? "coded" : "bits_out");
    size_t n_in = encode ? k : !strcmp(stage, "rate_match") ? n : cfg.e;
    if (bits.n != n_in || want.n != (strcmp(stage, "rate_match") != 0 ? n : cfg.e))
        vec_die(v, "%zu bits in, %zu out", bits.n, want.n);
    uint8_t *got = vec_alloc(v, POLAR_MAX_E);
    if (encode) {
        polar_place(plan, vec_pack(v, bits.u8, bits.n), got);
        polar_transform(got, plan->n);
    } else if (!strcmp(stage, "rate_match")) {
        polar_rate_match(plan, vec_pack(v, bits.u8, bits.n), got);
    } else {
        int8_t *llr = vec_alloc(v, bits.n);
        int16_t *recovered = vec_alloc(v, plan->n * sizeof *recovered);
        for (size_t i = 0; i < bits.n; i++)
            llr[i] = bits.u8[i] ? -1 : 1;
        polar_rate_recover(plan, llr, recovered);
        for (size_t i = 0; i < plan->n; i++)
            got[i / 8] |= (uint8_t)((recovered[i] < 0) << (7 - i % 8));
    }
    vec_same_bits(v, stage, got, want.u8, want.n);
}

void vec_polar_interleaver(vec_t *v)
{
    uint16_t got[POLAR_MAX_K_IL];
    unsigned k = (unsigned)vec_int(v, "nof_input_bits_k");
    json_t *want = vec_expected(v, "input_index_for_each_output_position");
    if (json_array_size(want) != k)
        vec_die(v, "%zu positions for K = %u", json_array_size(want), k);
    polar_input_interleaver(k, got);
    for (unsigned i = 0; i < k; i++)
        if (got[i] != json_integer_value(json_array_get(want, i))) {
            vec_fail(v, "interleaver", "position %u: got %u, want %lld", i, got[i],
                     (long long)json_integer_value(json_array_get(want, i)));
            return;
        }
}

void vec_small_block(vec_t *v)
{
    unsigned k = (unsigned)vec_int(v, "nof_bits_k");
    unsigned qm = vec_has(v, "modulation_order_qm") ? (unsigned)vec_int(v, "modulation_order_qm") : 2;
    vec_file_t bits = vec_file(v, "bits"), want = vec_file(v, "coded");
    if (small_block_length(k, qm) != want.n) {
        vec_fail(v, "coded", "got %u bits, want %zu", small_block_length(k, qm), want.n);
        return;
    }
    uint8_t *coded = vec_alloc(v, want.n), *got = vec_alloc(v, want.n);
    small_block_encode(k, qm, vec_pack(v, bits.u8, bits.n), (uint32_t)want.n, coded);
    for (unsigned i = 0; i < want.n; i++) {
        small_block_place_t place = small_block_place(k, qm, i);
        got[i] = place == SMALL_BLOCK_X   ? (uint8_t)-1
                 : place == SMALL_BLOCK_Y ? (uint8_t)-2
                                          : packed_bit(coded, i);
    }
    vec_same_bytes(v, "coded", got, want.u8, want.n);
}

void vec_dci_encode(vec_t *v)
{
    dci_code_cfg_t cfg = {.a_bits = (uint16_t)vec_int(v, "dci_payload_size_bits"),
                          .e_bits = (uint16_t)vec_int(v, "rate_matched_length_e")};
    dci_code_plan_t *plan = vec_alloc(v, sizeof *plan);
    phy_refusal_t why;
    if (dci_code_plan(&cfg, plan, &why)) {
        refused(v, &why);
        return;
    }
    vec_file_t bits = vec_file(v, "dci_bits"), want = vec_file(v, "rate_matched");
    uint8_t *got = vec_alloc(v, cfg.e_bits);
    dci_code_encode(v->phy, plan, vec_pack(v, bits.u8, bits.n), (uint16_t)vec_int(v, "rnti"), got);
    vec_same_bits(v, "rate_matched", got, want.u8, want.n);

    /* The payload and the expected CRC, encoded, must be the same again. */
    json_int_t crc = json_integer_value(vec_expected(v, "crc24c_after_rnti_mask"));
    uint8_t *with_crc = vec_alloc(v, bits.n + 24), *expected = vec_alloc(v, cfg.e_bits),
            *again = vec_alloc(v, cfg.e_bits);
    memcpy(with_crc, bits.u8, bits.n);
    for (unsigned i = 0; i < 24; i++)
        with_crc[bits.n + i] = (crc >> (23 - i)) & 1;
    polar_encode(v->phy, &plan->polar, vec_pack(v, with_crc, bits.n + 24), again);
    for (size_t i = 0; i < cfg.e_bits; i++)
        expected[i] = packed_bit(again, i);
    vec_same_bits(v, "crc24c_after_rnti_mask, encoded", got, expected, cfg.e_bits);
}

void vec_pbch_encoder(vec_t *v)
{
    pbch_payload_t p = {.cell_id = (uint16_t)vec_int(v, "physical_cell_id"),
                        .l_max = (uint8_t)vec_int(v, "l_max"),
                        .ssb_index = (uint8_t)vec_int(v, "ssb_index"),
                        .sfn = (uint16_t)vec_int(v, "system_frame_number"),
                        .half_frame = vec_int(v, "half_frame_bit") != 0,
                        .k_ssb = (uint8_t)vec_int(v, "ssb_subcarrier_offset_k_ssb")};
    int64_t mib[PBCH_MIB_BITS];
    if (vec_ints(v, "bch_payload_bits", mib, PBCH_MIB_BITS) != PBCH_MIB_BITS)
        vec_die(v, "no 24 bits of MIB");
    for (unsigned i = 0; i < PBCH_MIB_BITS; i++)
        p.mib[i / 8] |= (uint8_t)(mib[i] << (7 - i % 8));
    phy_refusal_t why;
    if (pbch_check(&p, &why)) {
        refused(v, &why);
        return;
    }
    vec_file_t want = vec_file(v, "expected_encoded");
    uint8_t *got = vec_alloc(v, PBCH_E_BYTES);
    pbch_encode(v->phy, &p, got);
    vec_same_bits(v, "encoded", got, want.u8, want.n);
}
