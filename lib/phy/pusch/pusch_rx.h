/* SPDX-License-Identifier: Apache-2.0 */
/* What the PUSCH receiver's files share: a worker's scratch. Internal. */
#ifndef VITRAN_PHY_PUSCH_PUSCH_RX_H
#define VITRAN_PHY_PUSCH_PUSCH_RX_H

#include "lib/phy/pusch/pusch.h"
#include "lib/phy/pusch/rx_steps.h"
#include "lib/phy/signal/dft.h"

struct pusch_work {
    _Alignas(PHY_ALIGN) cf_t sym[PHY_MAX_LAYERS * (PHY_GRID_STRIDE + 32)];
    _Alignas(PHY_ALIGN) float inv[PHY_MAX_LAYERS * (PHY_GRID_STRIDE + 32)];
    _Alignas(PHY_ALIGN) float ordered[PHY_MAX_LAYERS * (PHY_GRID_STRIDE + 32)];
    _Alignas(PHY_ALIGN) cf_t dmrs[PHY_GRID_STRIDE];
    chest_work_t chest;
    union {
        struct { /* of symbols */
            rx_filter_work_t filter;
            _Alignas(PHY_ALIGN) float g[RX_PLANES * (PHY_GRID_STRIDE + 16)];
            dft_work_t dft;
        };
        ldpc_dec_work_t ldpc;
        polar_work_t polar;
    };
};

#endif
