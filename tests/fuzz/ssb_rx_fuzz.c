/* SPDX-License-Identifier: Apache-2.0 */
/* The UE's SSB receiver from any samples at any place that ssb_rx_check accepts. */
#include "lib/phy/dl/ssb_rx.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static phy_t *phy[PHY_N_ISA];
    static ssb_rx_work_t *work;
    if (!work) {
        for (phy_isa_t i = 0; i <= phy_isa_detect(); i++)
            if (phy_create(i, &phy[i]) < 0)
                abort();
        work = aligned_alloc(PHY_ALIGN, (sizeof *work + PHY_ALIGN - 1) / PHY_ALIGN * PHY_ALIGN);
    }
    if (size < 12)
        return 0;
    const ssb_rx_cfg_t c = {.first_sc = (uint16_t)(data[0] % 64),
                            .first_symbol = data[1] % 12,
                            .n_rx = data[2] % 6,
                            .l_max = (uint8_t)(1u << data[3] % 8)};
    const unsigned cell_id = (data[4] << 8 | data[5]) % 1008u, n_ant = 4, n_sc = 288;
    const phy_t *isa = phy[data[6] % (phy_isa_detect() + 1u)];
    phy_refusal_t why = {0};
    if (ssb_rx_check(&c, n_sc, n_ant, &why) < 0) {
        if (!why.field)
            abort();
        return 0;
    }
    phy_grid_t grid = {
        .n_sc = (uint16_t)n_sc, .n_ant = (uint8_t)n_ant, .n_symbols = PHY_SYMBOLS, .stride = 304};
    const size_t n = (size_t)n_ant * PHY_SYMBOLS * grid.stride;
    grid.re = aligned_alloc(PHY_ALIGN, n * sizeof(ci16_t));
    for (size_t i = 0; i < n; i++)
        memcpy(&grid.re[i], data + 8 + i * 4 % (size - 11), 4);
    ssb_rx_cell_t cell;
    ssb_rx_pbch_t p;
    ssb_rx_cell(isa, &c, &grid, &cell);
    ssb_rx_pbch(isa, &c, cell_id, &grid, work, &p);
    if (cell.phys_cell_id > 1007 || !isfinite(cell.pss) || !isfinite(cell.sss) || !isfinite(cell.rsrp_db) ||
        !isfinite(cell.slope) || !isfinite(p.noise_db) || !isfinite(p.sinr_db) ||
        (p.crc_ok && (p.ssb_index >= c.l_max || p.sfn > 1023 || p.half_frame > 1 || p.k_ssb > 31)))
        abort();
    free(grid.re);
    return 0;
}
