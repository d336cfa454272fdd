/* SPDX-License-Identifier: Apache-2.0 */
/* Receives an UL-SCH or DL-SCH transport block: its code blocks one by one, in any order and on any thread
 * (dematch, combine, decode, check), then the whole (join, check the transport block's CRC).
 * TS 38.212 6.2, 7.2 backwards.
 *
 * The one-block operation is also what stands between us and an accelerator: ldpc_dec_op_t says all of a
 * block, ldpc_dec_backend_t runs a batch of them. The software backend runs them on the calling thread. */
#ifndef VITRAN_PHY_LDPC_SCH_RX_H
#define VITRAN_PHY_LDPC_SCH_RX_H

#include "lib/phy/ldpc/decode.h"
#include "lib/phy/ldpc/dematch.h"
#include "lib/phy/ldpc/sch.h"

/* What a HARQ process keeps of a code block between transmissions. The buffers may lie anywhere (a pool gives
 * them one by one); for new data n_soft and done are zeroed, buffers need no preparation. */
typedef struct {
    int8_t *soft;    /* [size: n_cb rounded up to 64] combined in place, 64-byte aligned */
    uint8_t *bits;   /* [size: LDPC_MAX_K_BYTES] K' bits, CRC included; written in every run */
    uint32_t n_soft; /* LLRs in soft; 0: none yet */
    bool done;       /* decoded, its bits are kept: later transmissions skip it */
} sch_rx_cb_t;

/* One code block of one transmission. */
typedef struct {
    ldpc_dematch_plan_t match; /* bg, zc, n_filler, n_cb, k0, rv, qm, e */
    ldpc_dec_plan_t code;
    uint8_t max_iterations;
    const int8_t *llr; /* [size: e] of this transmission */
    sch_rx_cb_t *harq;
    ldpc_dec_stats_t stats; /* out */
} ldpc_dec_op_t;

/* Who decodes. `run` does n operations; it returns when all are done. 0, or -EIO: the device failed and no
 * result is valid (the caller counts it and treats the blocks as not decoded). */
typedef struct ldpc_dec_backend {
    int (*run)(struct ldpc_dec_backend *self, ldpc_dec_op_t *ops, unsigned n, ldpc_dec_work_t *work);
    const phy_t *phy;
} ldpc_dec_backend_t;

/* The backend of this CPU. */
ldpc_dec_backend_t ldpc_dec_software(const phy_t *phy);

/* Fills an operation for code block r of a planned transport block; buffers are the caller's.
 * llr points to this block's E_r LLRs. */
void sch_rx_op(const sch_plan_t *plan, unsigned r, const int8_t *llr, sch_rx_cb_t *harq,
               unsigned max_iterations, ldpc_dec_op_t *ret);

/* Runs one operation on this thread: dematch, combine, decode; sets harq->done when the block's CRC holds. A
 * block that is done is skipped: bits and stats.crc_ok stand, iterations is 0. */
void ldpc_dec_op_run(const phy_t *phy, ldpc_dec_op_t *op, ldpc_dec_work_t *work);

/* sch_rx_op and ldpc_dec_op_run in one. True: decoded (now or before). */
bool sch_decode_cb(const phy_t *phy, const sch_plan_t *plan, unsigned r, const int8_t *llr, sch_rx_cb_t *harq,
                   unsigned max_iterations, ldpc_dec_work_t *work, ldpc_dec_stats_t *ret_stats);

/* Joins the blocks harq[size: C] into tb[size: plan's bytes] and checks the transport block's CRC. True: it
 * holds (and all blocks are done). */
bool sch_assemble(const phy_t *phy, const sch_plan_t *plan, const sch_rx_cb_t *harq, uint8_t *tb);

#endif
