/* SPDX-License-Identifier: Apache-2.0 */
/* The UE's PDCCH receiver from any configuration and any samples: what pdcch_rx_plan accepts must go through
 * without a fault. The first bytes are the configuration's fields, the rest samples, repeated over the grid.
 */
#include "lib/phy/dl/pdcch_rx.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    static pdcch_rx_work_t *work;
    if (!work) {
        for (phy_isa_t i = 0; i <= phy_isa_detect(); i++)
            if (phy_create(i, &phy[i]) < 0)
                abort();
        work = aligned_alloc(PHY_ALIGN, (sizeof *work + PHY_ALIGN - 1) / PHY_ALIGN * PHY_ALIGN);
    }
    input.p = data;
    input.n = size;
    const phy_t *isa = phy[take((unsigned)phy_isa_detect() + 1)];
    pdcch_rx_cfg_t c = {.n_rx = (uint8_t)take(10)};
    c.pdcch = (pdcch_tx_cfg_t){.slot = (uint16_t)take(170),
                               .carrier_start = (uint16_t)take(300),
                               .carrier_size = (uint16_t)take(280),
                               .freq_resources =
                                   (uint64_t)take(65536) << 29 | (uint64_t)take(65536) << 13 | take(65536),
                               .start_symbol = (uint8_t)take(15),
                               .duration = (uint8_t)take(5),
                               .interleaved = take(2),
                               .reg_bundle = (uint8_t)take(8),
                               .interleaver = (uint8_t)take(8),
                               .shift_index = (uint16_t)take(1010),
                               .dmrs_coreset0 = take(2),
                               .all_contiguous_rbs = take(2),
                               .aggregation_level = (uint8_t)(1u << take(6)),
                               .first_cce = (uint16_t)take(140),
                               .rnti = (uint16_t)take(65536),
                               .scrambling_rnti = (uint16_t)take(65536),
                               .scrambling_id = (uint16_t)take(65536),
                               .dmrs_id = (uint16_t)take(65536),
                               .payload_bits = (uint16_t)take(150)};
    c.pdcch.coreset_start = (uint16_t)(c.pdcch.carrier_start + take(40));
    static pdcch_rx_plan_t plan;
    phy_refusal_t why = {0};
    if (pdcch_rx_plan(&c, &plan, &why) < 0) {
        if (!why.field)
            abort();
        return 0;
    }
    phy_grid_t grid = {.n_sc = (uint16_t)(12 * c.pdcch.carrier_size),
                       .n_ant = c.n_rx,
                       .n_symbols = PHY_SYMBOLS,
                       .stride = (12u * c.pdcch.carrier_size + PHY_PAD_SC + 15) & ~15u};
    const size_t n = (size_t)c.n_rx * PHY_SYMBOLS * grid.stride;
    grid.re = aligned_alloc(PHY_ALIGN, n * sizeof(ci16_t));
    memset(grid.re, 0, n * sizeof(ci16_t));
    for (size_t i = 0; input.n >= 4 && i < n; i++)
        memcpy(&grid.re[i], input.p + i * 4 % (input.n - 3), 4);
    const size_t n_dci = (c.pdcch.payload_bits + 7u) / 8;
    uint8_t *dci = malloc(n_dci);
    const uint16_t rntis[2] = {c.pdcch.rnti, 0xffff};
    pdcch_rx_result_t r;
    if (pdcch_rx(isa, &plan, &grid, rntis, 2, work, dci, &r) != (r.rnti >= 0) || r.rnti > 1 ||
        !isfinite(r.rsrp_db) || !isfinite(r.noise_db) || !isfinite(r.sinr_db) || !isfinite(r.slope))
        abort();
    free(dci);
    free(grid.re);
    return 0;
}
