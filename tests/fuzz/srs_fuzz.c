/* SPDX-License-Identifier: Apache-2.0 */
/* SRS of any configuration and any samples: the plan refuses or the channel is finite. */
#include "lib/phy/ctrl/srs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#define STRIDE 640
static _Alignas(64) ci16_t re[4 * PHY_SYMBOLS * STRIDE], tx[4 * PHY_SYMBOLS * STRIDE];
static cf_t h[52 * 4 * 4];

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static phy_t *phy;
    static srs_work_t *work;
    if (!phy) {
        if (phy_create(PHY_ISA_BEST, &phy))
            abort();
        work = aligned_alloc(64, (srs_work_size() + 63) / 64 * 64);
    }
    uint8_t b[32] = {0};
    memcpy(b, p, n < sizeof b ? n : sizeof b);
    srs_cfg_t c = {.mu = b[0],
                   .slot = b[1],
                   .sfn = b[2],
                   .n_grid_prb = b[3] % 53,
                   .bwp_start = b[4],
                   .grid_crb = b[5],
                   .n_ports = b[6],
                   .n_symbols = b[7],
                   .repetition = b[8],
                   .start_symbol = b[9],
                   .c_srs = b[10],
                   .b_srs = b[11],
                   .b_hop = b[12],
                   .n_rrc = b[13],
                   .n_shift = b[14],
                   .comb = b[15],
                   .comb_offset = b[16],
                   .cyclic_shift = b[17],
                   .group_hopping = b[18],
                   .sequence_id = (uint16_t)(b[19] << 8 | b[20]),
                   .resource_type = b[21],
                   .t_srs = b[22],
                   .t_offset = b[23],
                   .n_rx = b[24],
                   .prg_size = b[25]};
    srs_plan_t plan;
    if (srs_plan(phy, &c, &plan, NULL) || c.n_rx < 1 || c.n_rx > 4)
        return 0;
    memset(re, 0, sizeof re);
    for (size_t i = sizeof b; i < n; i++)
        ((uint8_t *)re)[(i * 977) % sizeof re] = p[i];
    phy_grid_t grid = {re, (uint16_t)(12 * c.n_grid_prb), c.n_rx, PHY_SYMBOLS, STRIDE},
               ue = {tx, (uint16_t)(12 * c.n_grid_prb), 4, PHY_SYMBOLS, STRIDE};
    srs_transmit(phy, &plan, 1, &ue, 0);
    srs_channel_t channel = {h, plan.n_prg, c.n_rx, c.n_ports, c.prg_size};
    srs_result_t r;
    srs_receive(phy, &plan, &grid, work, &channel, 0, &r);
    if (!isfinite(r.snr_db) || !isfinite(r.noise_dbfs) || !isfinite(r.ta_ns) || r.end_prg > plan.n_prg)
        abort();
    for (unsigned i = 0; i < (unsigned)plan.n_prg * c.n_rx * c.n_ports; i++)
        if (!isfinite(h[i].re) || !isfinite(h[i].im))
            abort();
    return 0;
}
