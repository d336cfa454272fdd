/* SPDX-License-Identifier: Apache-2.0 */
/* PUSCH from any configuration and any samples: what pusch_plan accepts must go through the transmitter and
 * the receiver without a fault. The first bytes are the configuration's fields, the rest samples, repeated
 * over the grid. */
#include "tests/unit/lib/phy/pusch/rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
    const uint8_t *p;
    size_t n;
} input;

static unsigned take(unsigned below)
{
    unsigned v = 0;
    for (int i = 0; i < 2 && input.n; i++, input.n--)
        v = v << 8 | *input.p++;
    return v % below;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static phy_t *phy[PHY_N_ISA];
    static pusch_work_t *work;
    static pusch_tx_work_t *tx_work;
    if (!work) {
        for (phy_isa_t i = 0; i <= phy_isa_detect(); i++)
            if (phy_create(i, &phy[i]) < 0)
                abort();
        work = rig_memory(pusch_work_bytes());
        tx_work = rig_memory(pusch_tx_work_bytes());
    }
    input.p = data;
    input.n = size;
    const phy_t *isa = phy[take((unsigned)phy_isa_detect() + 1)];
    /* Mostly near what is allowed: a field's range and a little more. Few PRBs, so that a run takes no
     * second. */
    pusch_cfg_t c = {.mu = (uint8_t)take(5),
                     .slot = (uint8_t)take(90),
                     .n_grid_prb = (uint16_t)(1 + take(40)),
                     .grid_start = (uint16_t)take(2300),
                     .rnti = (uint16_t)take(65536),
                     .resource_alloc_type0 = take(4) == 0,
                     .prb_start = (uint16_t)take(20),
                     .n_prb = (uint16_t)take(26),
                     .freq_hopping = take(3) == 0,
                     .second_hop_prb = (uint16_t)take(20),
                     .start_symbol = (uint8_t)take(4),
                     .n_symbols = (uint8_t)take(16),
                     .dmrs_type = (uint8_t)(1 + take(2)),
                     .dmrs_length = (uint8_t)(1 + take(2)),
                     .dmrs_symbols = (uint16_t)take(1 << 14),
                     .n_cdm_groups_no_data = (uint8_t)(1 + take(3)),
                     .n_id_dmrs = (uint16_t)take(65536),
                     .n_scid = (uint8_t)take(2),
                     .n_rs_id = (uint16_t)take(1010),
                     .group_hopping = take(2),
                     .sequence_hopping = take(4) == 0,
                     .transform_precoding = take(3) == 0,
                     .qm = (uint8_t)take(9),
                     .n_layers = (uint8_t)(1 + take(4)),
                     .n_tx_ports = (uint8_t)(1 + take(4)),
                     .codebook = take(2),
                     .tpmi = (uint8_t)take(30),
                     .n_id = (uint16_t)take(1030),
                     .tb_bytes = take(3000),
                     .rate_x10 = (uint16_t)take(10000),
                     .rv = (uint8_t)take(4),
                     .tbs_lbrm = take(4) ? 0 : take(65536),
                     .n_harq_ack = (uint16_t)take(take(3) ? 14 : 1800),
                     .n_csi1 = (uint16_t)take(take(3) ? 14 : 1800),
                     .n_csi2 = (uint16_t)take(take(3) ? 14 : 1800),
                     .csi2_follows = take(3) == 0,
                     .beta_harq_ack_x1000 = take(65536),
                     .beta_csi1_x1000 = take(65536),
                     .beta_csi2_x1000 = take(65536),
                     .alpha_x100 = (uint8_t)(take(4) ? 50 + 15 * take(3) : take(256)),
                     .ptrs = take(3) == 0,
                     .ptrs_time_density = (uint8_t)(1 << take(3)),
                     .ptrs_freq_density = (uint8_t)(2 << take(2)),
                     .ptrs_re_offset = (uint8_t)take(5),
                     .ptrs_layer = (uint8_t)take(4),
                     .ptrs_second_port = take(2),
                     .ptrs_second_layer = (uint8_t)take(4),
                     .ptrs_second_layers = (uint8_t)take(16),
                     .ptrs_n_groups = (uint8_t)(2 << take(3)),
                     .ptrs_n_samples = (uint8_t)(2 << take(2)),
                     .low_papr_type2 = take(4) == 0,
                     .n_rx = (uint8_t)(1 + take(8)),
                     .equalizer = (eq_kind_t)take(3),
                     .irc_prbs = (uint8_t)take(10),
                     .max_iterations = (uint8_t)take(5)};
    c.rb_set[0] = (uint64_t)take(65536) << 16 | take(65536);
    for (unsigned l = 0; l < PHY_MAX_LAYERS; l++)
        c.dmrs_port[l] = (uint8_t)take(13);
    const unsigned n_csi2 = take(1800);
    static pusch_plan_t plan;
    phy_refusal_t why = {0};
    if (pusch_plan(isa, &c, &plan, &why) < 0) {
        if (!why.field)
            abort();
        return 0;
    }
    /* Buffers of just the sizes that the headers ask for: the sanitizer guards their ends. */
    phy_grid_t tx = rig_grid(c.n_grid_prb, c.n_tx_ports), rx = rig_grid(c.n_grid_prb, c.n_rx);
    uint8_t *tb = calloc(c.tb_bytes + 1, 1), bits[UCI_MAX_BYTES] = {0xa5, 0x3c};
    if (!c.csi2_follows) {
        pusch_payload_t payload = {tb, bits, bits, bits};
        pusch_tx(isa, &plan, &payload, 1, tx_work, &tx);
    }
    for (size_t i = 0; i < (size_t)c.n_rx * PHY_SYMBOLS * rx.stride; i++) {
        rx.re[i] = tx.re[i % ((size_t)c.n_tx_ports * PHY_SYMBOLS * tx.stride)];
        if (input.n >= 4)
            memcpy(&rx.re[i], input.p + i * 4 % (input.n - 3), 4);
    }
    static pusch_rx_t state;
    static sch_rx_cb_t cb[SCH_MAX_CB];
    const unsigned n_cb = c.tb_bytes ? plan.sch.n_cb : 0;
    for (unsigned r = 0; r < n_cb; r++)
        cb[r] = (sch_rx_cb_t){.soft = rig_memory(LDPC_MAX_SOFT), .bits = rig_memory(LDPC_MAX_K_BYTES)};
    void *memory = rig_memory(pusch_rx_bytes(&plan));
    const pusch_result_t *r = pusch_rx(isa, &state, work, &plan, &rx, cb, memory, rig_csi2_size, &n_csi2, tb);
    if (!isfinite(r->rsrp_db) || !isfinite(r->epre_db) || !isfinite(r->noise_db) || !isfinite(r->sinr_db) ||
        !isfinite(r->post_sinr_db) || !isfinite(r->ta_s) || !isfinite(r->cfo_hz))
        abort();
    for (unsigned i = 0; i < n_cb; i++) {
        free(cb[i].soft);
        free(cb[i].bits);
    }
    free(memory);
    free(tb);
    free(tx.re);
    free(rx.re);
    return 0;
}
