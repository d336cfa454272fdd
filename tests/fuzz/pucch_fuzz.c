/* SPDX-License-Identifier: Apache-2.0 */
/* PUCCH of any configuration and any samples: the plan refuses or the receiver comes back with finite
 * figures. */
#include "lib/phy/ctrl/pucch_tx.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#define STRIDE 288
static _Alignas(64) ci16_t re[8 * PHY_SYMBOLS * STRIDE], tx[PHY_SYMBOLS * STRIDE];

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static phy_t *phy;
    static pucch_work_t *work;
    if (!phy) {
        if (phy_create(PHY_ISA_BEST, &phy))
            abort();
        work = aligned_alloc(64, (pucch_work_size() + 63) / 64 * 64);
    }
    uint8_t b[32] = {0};
    memcpy(b, p, n < sizeof b ? n : sizeof b);
    pucch_cfg_t c = {.format = b[0],
                     .mu = b[1],
                     .slot = b[2],
                     .n_grid_prb = b[3] % 25,
                     .grid_crb = b[4],
                     .prb_start = b[5],
                     .second_hop_prb = b[6],
                     .n_prb = b[7],
                     .intra_slot_hopping = b[8] & 1,
                     .additional_dmrs = b[8] >> 1 & 1,
                     .pi2_bpsk = b[8] >> 2 & 1,
                     .csi2 = b[8] >> 3 & 1,
                     .start_symbol = b[9],
                     .n_symbols = b[10],
                     .group_hopping = b[11],
                     .hopping_id = (uint16_t)(b[12] << 8 | b[13]),
                     .initial_cyclic_shift = b[14],
                     .time_domain_occ = b[15],
                     .occ_length = b[16],
                     .occ_index = b[17],
                     .rnti = (uint16_t)(b[18] << 8 | b[19]),
                     .n_id = b[20],
                     .n_id0 = (uint16_t)(b[21] << 8),
                     .sr_bits = b[22],
                     .n_harq = (uint16_t)(b[23] << 8 | b[24]),
                     .n_csi1 = (uint16_t)(b[25] << 8 | b[26]),
                     .n_csi2 = b[27],
                     .max_code_rate_x100 = b[28],
                     .n_rx = b[29]};
    pucch_plan_t plan;
    if (pucch_plan(phy, &c, &plan, NULL) || c.n_rx == 0)
        return 0;
    memset(re, 0, sizeof re);
    for (size_t i = sizeof b; i < n; i++)
        ((uint8_t *)re)[(i * 977) % sizeof re] = p[i];
    uint8_t bits[PUCCH_MAX_UCI_BYTES] = {0}, csi2[PUCCH_MAX_UCI_BYTES] = {0};
    phy_grid_t grid = {re, (uint16_t)(12 * c.n_grid_prb), c.n_rx, PHY_SYMBOLS, STRIDE},
               ue = {tx, (uint16_t)(12 * c.n_grid_prb), 1, PHY_SYMBOLS, STRIDE};
    pucch_transmit(phy, &plan, &(pucch_uci_t){.uci = bits, .csi2 = csi2, .sr = true}, 1, &ue, 0);
    pucch_result_t r;
    const pucch_plan_t *list = &plan;
    if (c.format == 0)
        pucch_f0_detect(phy, &list, 1, &grid, &r);
    else if (c.format == 1)
        pucch_f1_detect(phy, &list, 1, &grid, &r);
    else
        pucch_decode(phy, &plan, &grid, work, &r);
    if (c.csi2)
        pucch_decode_csi2(phy, &plan, b[30], work, &r, NULL);
    if (!isfinite(r.sinr_db) || !isfinite(r.noise_dbfs) || !isfinite(r.ta_ns) || !isfinite(r.rssi_dbfs))
        abort();
    return 0;
}
