/* SPDX-License-Identifier: Apache-2.0 */
/* What du_phy.c, dl.c and ul.c share: the L1 of a cell and its slots in flight. Internal to du/phy. */
#ifndef VITRAN_DU_PHY_SLOTS_H
#define VITRAN_DU_PHY_SLOTS_H

#include "du/phy/bbdev.h"
#include "du/phy/du_phy.h"
#include "du/phy/pdu.h"
#include "lib/core/ring.h"
#include "lib/phy/ldpc/sch_rx.h"

#include <stdatomic.h>

#define SELF_SLOT 0
#define SELF_FRONTHAUL 1

/* Where a slot is in its life; written by the thread that moves it on. */
enum {
    SLOT_FREE,    /* no slot: whoever begins one takes it */
    SLOT_RUNNING, /* tasks are under way */
    SLOT_DONE     /* all ended: the result may be read */
};

/* ---- downlink ---- */

typedef struct {
    pdsch_plan_t plan;
    const uint8_t *tb;
    uint32_t tb_crc;
    const precoding_t *prg[FAPI_MAX_PRG];
    precoding_t streams; /* category B's mapping, or identity beside other PRGs' matrices */
} dl_pdsch_t;

typedef struct dl_slot {
    struct du_phy *p;
    atomic_uint state;
    atomic_uint pending; /* tasks that have not ended, and 1 while they are being submitted */
    uint64_t abs_slot;
    int64_t begin_ns, deadline_ns;
    phy_grid_t grid;
    bool dirty; /* something was written since it was cleared */
    uint16_t n_pdsch, n_pdcch, n_ssb, n_csi_rs;
    bool has_adding;
    dl_pdsch_t pdsch[FAPI_MAX_PDSCH];
    pdcch_tx_plan_t pdcch[2 * FAPI_MAX_DCI];
    uint8_t dci[2 * FAPI_MAX_DCI][16];
    ssb_cfg_t ssb[FAPI_MAX_SSB];
    csi_rs_plan_t csi_rs[FAPI_MAX_CSI_RS];
    pdsch_reserved_t reserved[PDU_MAX_RESERVED];
    /* Precoders of this slot's weights: [first weight][layers - 1], made when first asked for. */
    precoding_t weights[FAPI_MAX_WEIGHTS][PHY_MAX_LAYERS];
    uint8_t weights_made[FAPI_MAX_WEIGHTS]; /* bit layers - 1 */
} dl_slot_t;

/* ---- uplink ---- */

typedef struct {
    struct ul_slot *slot;
    pusch_plan_t plan;
    pusch_rx_t rx;
    harq_process_t *process; /* NULL: no soft buffers of earlier transmissions */
    sch_rx_cb_t *cb;         /* [n_cb] the process's, or of this slot only */
    fapi_csi2_map_t csi2;
    uint8_t *tb; /* into the indication's payload */
    /* Bits 0..13: symbols that came; 14, 15: hops whose estimate is done; 16..29: symbols that a task has
     * taken. */
    atomic_uint progress;
    atomic_uint symbols_left, blocks_left;
} ul_pusch_t;

typedef struct {
    struct ul_slot *slot;
    uint16_t last_symbol;
    uint16_t n;                     /* UEs of the resource, formats 0 and 1; else 1 */
    uint16_t index[FAPI_MAX_PUCCH]; /* of the slot's PUCCHs */
    atomic_bool submitted;
} ul_pucch_group_t;

typedef struct {
    const ci16_t *samples;
    size_t ant_stride, rep_stride;
    prach_result_t result;
    bool came, given_up; /* [fronthaul] */
} ul_occasion_t;

typedef struct ul_slot {
    struct du_phy *p;
    atomic_uint state;
    atomic_uint pending; /* PUSCHs, PUCCH groups, SRSs, PRACH occasions that have not ended */
    atomic_uint arrived; /* symbols */
    uint64_t abs_slot;
    int64_t last_symbol_ns, deadline_ns;
    phy_grid_t grid;
    uint8_t *memory; /* of PUSCHs in flight */
    size_t memory_used;
    uint16_t n_pusch, n_pucch, n_groups, n_srs, n_prach;
    ul_pusch_t pusch[FAPI_MAX_PUSCH];
    bool pusch_ok[FAPI_MAX_PUSCH];
    fapi_pusch_pdu_t pusch_pdu[FAPI_MAX_PUSCH];
    pucch_plan_t pucch[FAPI_MAX_PUCCH];
    bool pucch_ok[FAPI_MAX_PUCCH];
    fapi_pucch_pdu_t pucch_pdu[FAPI_MAX_PUCCH];
    pucch_result_t pucch_result[FAPI_MAX_PUCCH];
    ul_pucch_group_t group[FAPI_MAX_PUCCH];
    srs_plan_t srs[FAPI_MAX_SRS];
    bool srs_ok[FAPI_MAX_SRS];
    fapi_srs_pdu_t srs_pdu[FAPI_MAX_SRS];
    fapi_prach_pdu_t prach_pdu[FAPI_MAX_PRACH];
    bool prach_ok[FAPI_MAX_PRACH];
    ul_occasion_t occasion[FAPI_MAX_PRACH][7];
    fapi_ul_slot_t out;
} ul_slot_t;

/* ---- the L1 ---- */

/* One a thread. */
typedef struct {
    pdsch_work_t *pdsch;
    pusch_work_t *pusch;
    pucch_work_t *pucch;
    prach_work_t *prach;
    srs_work_t *srs;
    cf_t *srs_h;        /* [PHY_MAX_PRB x PHY_MAX_PORTS x SRS_MAX_PORTS] */
    ldpc_dec_op_t *ops; /* [HARQ_MAX_BLOCKS] of a batch for an accelerator */
    ldpc_dec_work_t *ldpc;
} thread_work_t;

struct du_phy {
    phy_t *phy;
    du_phy_cfg_t cfg;
    const log_t *log;
    workers_t *workers;
    harq_pool_t *harq;
    thread_work_t work[DU_PHY_CALLERS + WORKERS_MAX];
    uint32_t n_threads;
    prach_detector_t *prach[2]; /* of the formats that the configuration has; NULL: none */
    uint8_t prach_format[2];
    bbdev_t *bbdev; /* decodes in batches, a queue a thread; NULL: code blocks are tasks of the workers */
    precoding_t precoding[DU_PHY_MAX_PRECODING];
    bool precoding_set[DU_PHY_MAX_PRECODING];
    ring_t refusals;
    du_phy_counters_t counters; /* each field has one writer: [slot] but for those of symbols, [fronthaul] */
    atomic_ullong budget[2][5]; /* slots, late, sum, max, worst late; DL, UL */
    dl_slot_t *dl;              /* [DU_PHY_SLOTS] */
    ul_slot_t *ul;              /* [DU_PHY_SLOTS] */
};

static inline pdu_slot_t du_phy_pdu_slot(const du_phy_t *p, uint64_t abs_slot)
{
    return pdu_slot(&p->cfg.cell, p->cfg.carrier_start, p->cfg.ldpc_iterations, abs_slot);
}
/* [slot] Keeps a refusal for the log. */
void du_phy_refused(du_phy_t *p, uint64_t abs_slot, const char *pdu, uint16_t rnti, const phy_refusal_t *why);
/* [any] Accounts a slot that ended now. direction 0 DL, 1 UL. True: in time. */
bool du_phy_account(du_phy_t *p, unsigned direction, int64_t begin_ns, int64_t deadline_ns);

/* ul_tasks.c. [fronthaul] Symbol of a running slot came (or counts as silence): submits what it made ready.
 */
void ul_symbol_came(ul_slot_t *s, unsigned symbol);
/* A task: occasion index % 7 of PRACH PDU index / 7. */
void ul_task_prach(void *ctx, uint32_t index, uint32_t self);
/* [any] One of what the slot waits for has ended. */
void ul_end_unit(ul_slot_t *s);
/* The cell's detector of a format; NULL: it has none. */
const prach_detector_t *ul_detector(const du_phy_t *p, uint8_t format);
/* dB to tenths, kept inside of int16. NaN becomes the lowest. */
int16_t ul_tenths(float db);

#endif
