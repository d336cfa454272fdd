/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/ldpc/sch_rx.h"

#include <string.h>

void sch_rx_op(const sch_plan_t *plan, unsigned r, const int8_t *llr, sch_rx_cb_t *harq,
               unsigned max_iterations, ldpc_dec_op_t *ret)
{
    const graph_t *g = plan->graph;
    *ret = (ldpc_dec_op_t){
        .match = {.cfg = {.bg = g->bg,
                          .zc = g->zc,
                          .n_filler = (uint16_t)plan->n_filler,
                          .n_cb = plan->circ.n_cb,
                          .rv = plan->rv,
                          .qm = plan->qm,
                          .e = sch_e(plan, r)},
                  .circ = plan->circ},
        .code = {.cfg = {.bg = g->bg,
                         .zc = g->zc,
                         .n_filler = (uint16_t)plan->n_filler,
                         .crc = plan->n_cb > 1           ? LDPC_CRC_24B
                                : plan->tb_crc == CRC24A ? LDPC_CRC_24A
                                                         : LDPC_CRC_16},
                 .graph = g,
                 .k = (uint16_t)plan->k,
                 .k_prime = (uint16_t)plan->k_prime},
        .max_iterations = (uint8_t)max_iterations,
        .llr = llr,
        .harq = harq,
    };
}

void ldpc_dec_op_run(const phy_t *phy, ldpc_dec_op_t *op, ldpc_dec_work_t *work)
{
    if (op->harq->done) {
        op->stats = (ldpc_dec_stats_t){.crc_ok = true};
        return;
    }
    sch_rx_cb_t *cb = op->harq;
    ldpc_dematch(phy, &op->match, op->llr, cb->soft, &cb->n_soft);
    ldpc_decode(phy, &op->code, cb->soft, cb->n_soft, op->max_iterations, work, cb->bits, &op->stats);
    cb->done = op->stats.crc_ok;
}

static int run_here(ldpc_dec_backend_t *self, ldpc_dec_op_t *ops, unsigned n, ldpc_dec_work_t *work)
{
    for (unsigned i = 0; i < n; i++)
        ldpc_dec_op_run(self->phy, &ops[i], work);
    return 0;
}

ldpc_dec_backend_t ldpc_dec_software(const phy_t *phy)
{
    return (ldpc_dec_backend_t){.run = run_here, .phy = phy};
}

bool sch_decode_cb(const phy_t *phy, const sch_plan_t *plan, unsigned r, const int8_t *llr, sch_rx_cb_t *harq,
                   unsigned max_iterations, ldpc_dec_work_t *work, ldpc_dec_stats_t *ret_stats)
{
    ldpc_dec_op_t op;
    sch_rx_op(plan, r, llr, harq, max_iterations, &op);
    ldpc_dec_op_run(phy, &op, work);
    *ret_stats = op.stats;
    return harq->done;
}

bool sch_assemble(const phy_t *phy, const sch_plan_t *plan, const sch_rx_cb_t *harq, uint8_t *tb)
{
    for (unsigned r = 0; r < plan->n_cb; r++)
        if (!harq[r].done)
            return false;
    uint32_t at = 0, sent = 0;
    for (unsigned r = 0; r < plan->n_cb; r++, at += plan->cb_bytes) {
        uint32_t left = plan->tb_bytes - at, n = left < plan->cb_bytes ? left : plan->cb_bytes;
        memcpy(tb + at, harq[r].bits, n);
        /* Only the last block is shorter: the transport block's CRC ends it. */
        for (uint32_t i = n; i < plan->cb_bytes; i++)
            sent = sent << 8 | harq[r].bits[i];
    }
    return sch_tb_crc(phy, plan, tb) == sent;
}
