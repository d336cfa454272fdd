/* SPDX-License-Identifier: Apache-2.0 */
/* The UE's PDSCH receiver from any configuration and any samples: what pdsch_rx_plan accepts must go through
 * without a fault. The first bytes are the configuration's fields, the rest samples, repeated over the grid.
 */
#include "tests/unit/lib/phy/dl/pdsch_link.h"

#include <math.h>

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

static pdsch_rx_cfg_t any_cfg(pdsch_reserved_t reserved[3])
{
    /* Mostly near what is allowed: a field's range and a little more. Few PRBs, so that a run takes no
     * second. */
    pdsch_rx_cfg_t c = {.mu = (uint8_t)take(5),
                        .n_rx = (uint8_t)take(10),
                        .equalizer = (eq_kind_t)take(4),
                        .irc_prbs = (uint8_t)take(10),
                        .max_iterations = (uint8_t)take(5)};
    c.pdsch = (pdsch_cfg_t){.slot = (uint16_t)take(170),
                            .carrier_start = (uint16_t)take(2300),
                            .carrier_size = (uint16_t)(1 + take(40)),
                            .resource_alloc = (uint8_t)take(3),
                            .vrb_mapping = (pdsch_vrb_t)take(6),
                            .vrb_bundle = (uint8_t)(2 + 2 * take(3)),
                            .coreset_start = (uint16_t)take(10),
                            .n_initial_bwp = (uint16_t)take(40),
                            .rb_start = (uint16_t)take(20),
                            .rb_size = (uint16_t)take(30),
                            .rb_bitmap = {(uint64_t)take(65536) << 16 | take(65536)},
                            .start_symbol = (uint8_t)take(4),
                            .n_symbols = (uint8_t)take(16),
                            .tb_bytes = take(3000),
                            .qm = (uint8_t)(2 * take(6)),
                            .target_code_rate = (uint16_t)take(10000),
                            .rv = (uint8_t)take(5),
                            .tbs_lbrm = take(4) ? 0 : take(65536),
                            .rnti = (uint16_t)take(65536),
                            .n_id = (uint16_t)take(1030),
                            .n_layers = (uint8_t)take(6),
                            .dmrs_symbols = (uint16_t)take(1 << 14),
                            .dmrs_type = (uint8_t)(1 + take(3)),
                            .dmrs_length = (uint8_t)(1 + take(2)),
                            .dmrs_ports = (uint16_t)take(1 << 12),
                            .n_cdm_groups_without_data = (uint8_t)(1 + take(3)),
                            .dmrs_n_id = {(uint16_t)take(65536), (uint16_t)take(65536)},
                            .dmrs_n_scid = (uint8_t)take(3),
                            .dmrs_r16 = take(2),
                            .dmrs_coreset0 = take(3) == 0,
                            .ptrs = take(2),
                            .ptrs_layer = (uint8_t)take(5),
                            .ptrs_l = (uint8_t)(1 << take(3)),
                            .ptrs_k = (uint8_t)(2 << take(2)),
                            .ptrs_re_offset = (uint8_t)take(5),
                            .ptrs_epre_ratio = (uint8_t)take(3),
                            .prg_size = (uint16_t)take(6),
                            .reserved = reserved,
                            .n_reserved = (uint16_t)take(4)};
    c.pdsch.bwp_start = (uint16_t)(c.pdsch.carrier_start + take(6));
    c.pdsch.bwp_size = (uint16_t)(c.pdsch.carrier_size - take(6));
    for (unsigned i = 0; i < 3; i++)
        reserved[i] = (pdsch_reserved_t){
            .symbols = (uint16_t)take(65536), .re = (uint16_t)take(4096), .prb = {take(65536)}};
    return c;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static phy_t *phy[PHY_N_ISA];
    static pdsch_rx_work_t *work;
    static pdsch_rx_plan_t *plan;
    if (!work) {
        for (phy_isa_t i = 0; i <= phy_isa_detect(); i++)
            if (phy_create(i, &phy[i]) < 0)
                abort();
        work = link_memory(pdsch_rx_work_bytes());
        plan = link_memory(sizeof *plan);
    }
    input.p = data;
    input.n = size;
    const phy_t *isa = phy[take((unsigned)phy_isa_detect() + 1)];
    pdsch_reserved_t reserved[3];
    const pdsch_rx_cfg_t c = any_cfg(reserved);
    phy_refusal_t why = {0};
    if (pdsch_rx_plan(isa, &c, plan, &why) < 0) {
        if (!why.field)
            abort();
        return 0;
    }
    /* Buffers of just the sizes that the headers ask for: the sanitizer guards their ends. */
    const phy_grid_t grid = link_grid(c.pdsch.carrier_size, c.n_rx);
    for (size_t i = 0; input.n >= 4 && i < (size_t)c.n_rx * PHY_SYMBOLS * grid.stride; i++)
        memcpy(&grid.re[i], input.p + i * 4 % (input.n - 3), 4);
    static pdsch_rx_t state;
    static sch_rx_cb_t cb[SCH_MAX_CB];
    for (unsigned r = 0; r < plan->pdsch.sch.n_cb; r++)
        cb[r] = (sch_rx_cb_t){.soft = link_memory(LDPC_MAX_SOFT), .bits = link_memory(LDPC_MAX_K_BYTES)};
    void *memory = link_memory(pdsch_rx_bytes(plan));
    uint8_t *tb = malloc(c.pdsch.tb_bytes);
    const pdsch_rx_result_t *r = pdsch_rx(isa, &state, work, plan, &grid, cb, memory, tb);
    if (!isfinite(r->rsrp_db) || !isfinite(r->noise_db) || !isfinite(r->sinr_db) ||
        !isfinite(r->post_sinr_db) || !isfinite(r->ta_s) || !isfinite(r->cfo_hz))
        abort();
    for (unsigned i = 0; i < plan->pdsch.sch.n_cb; i++) {
        free(cb[i].soft);
        free(cb[i].bits);
    }
    free(memory);
    free(tb);
    free(grid.re);
    return 0;
}
