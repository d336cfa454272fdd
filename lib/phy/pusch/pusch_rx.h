/* SPDX-License-Identifier: Apache-2.0 */
/* What the PUSCH receiver's files share: a worker's scratch. Internal. */
#ifndef VITRAN_PHY_PUSCH_PUSCH_RX_H
#define VITRAN_PHY_PUSCH_PUSCH_RX_H

#include "lib/phy/pusch/pusch.h"
#include "lib/phy/signal/dft.h"

#define PUSCH_PLANES ((size_t)PHY_MAX_LAYERS * PHY_MAX_PORTS * 2)

struct pusch_work {
    _Alignas(PHY_ALIGN) cf_t sym[PHY_MAX_LAYERS * (PHY_GRID_STRIDE + 32)];
    _Alignas(PHY_ALIGN) float inv[PHY_MAX_LAYERS * (PHY_GRID_STRIDE + 32)];
    _Alignas(PHY_ALIGN) float ordered[PHY_MAX_LAYERS * (PHY_GRID_STRIDE + 32)];
    _Alignas(PHY_ALIGN) float sinr[PHY_MAX_LAYERS * (PHY_GRID_STRIDE + 32)];
    _Alignas(PHY_ALIGN) cf_t dmrs[PHY_GRID_STRIDE];
    chest_work_t chest;
    union {
        struct { /* of symbols */
            _Alignas(PHY_ALIGN) float h[PUSCH_PLANES * (PHY_GRID_STRIDE + 16)];
            _Alignas(PHY_ALIGN) float g[PUSCH_PLANES * (PHY_GRID_STRIDE + 16)];
            _Alignas(PHY_ALIGN) cf_t covariance[PHY_MAX_PRB * PHY_MAX_PORTS * PHY_MAX_PORTS];
            dft_work_t dft;
        };
        ldpc_dec_work_t ldpc;
        polar_work_t polar;
    };
};

#endif
