/* SPDX-License-Identifier: Apache-2.0 */
/* Model of a transport block's way back: TS 38.212 6.2 (7.2) read backwards, bit by bit, around the exact
 * LDPC decoder of ldpc_sum_product.h. One transmission, no limited buffer. */
#ifndef VITRAN_TESTS_MODELS_SCH_RX_H
#define VITRAN_TESTS_MODELS_SCH_RX_H

#include "lib/phy/ldpc/graph.h"

typedef struct {
    unsigned tb_bytes, g_bits, rv, qm, n_layers;
    double rate; /* of the MCS */
} model_sch_t;

/* llr [g_bits]: natural, positive is 0. tb [tb_bytes]. Do all CRCs hold? phy: for graph_get() only. */
bool model_sch_receive(const phy_t *phy, const model_sch_t *m, unsigned n_iterations, const double *llr,
                       uint8_t *tb);

#endif
