/* SPDX-License-Identifier: Apache-2.0 */
/* The L1 of one cell: slot messages of lib/fapi/fapi.h to frequency-domain grids and back. The kernels are
 * lib/phy's; here is what a slot needs around them: checks, plans, tasks for the worker pool, soft buffers,
 * budgets.
 *
 * Faces
 *   above, the MAC: a downlink slab goes in with du_phy_dl(), its uplink part with du_phy_ul(); the
 * indications of an uplink slot come out of du_phy_ul_take(). below, the fronthaul: takes a downlink grid
 * when it is ready (du_phy_dl_grid), fills an uplink grid symbol by symbol (du_phy_ul_symbol), brings PRACH
 * samples (du_phy_ul_prach).
 *
 * Slots in flight: DU_PHY_SLOTS contexts a direction, slot n in context n mod DU_PHY_SLOTS. A slot whose
 * context is still taken is lost and counted (overrun): nobody waits.
 *
 * Threads: [control] create, destroy, set_precoding. [slot] du_phy_dl, du_phy_ul, du_phy_ul_take,
 * du_phy_forget_ue, du_phy_poll_refusal: self 0. [fronthaul] du_phy_dl_grid, du_phy_dl_release,
 * du_phy_ul_grid, du_phy_ul_symbol, du_phy_ul_prach, du_phy_ul_close: self 1. Both may be one thread. None of
 * [slot] and [fronthaul] allocates, locks or calls the system; without workers (run to completion) the tasks
 * run inside them. */
#ifndef VITRAN_DU_PHY_DU_PHY_H
#define VITRAN_DU_PHY_DU_PHY_H

#include "du/phy/bbdev.h"
#include "du/phy/harq.h"
#include "du/phy/workers.h"
#include "lib/core/counters.h"
#include "lib/fapi/fapi.h"
#include "lib/phy/dl/precoding.h"
#include "lib/phy/phy.h"

#define DU_PHY_SLOTS 4 /* contexts a direction, a power of two */
#define DU_PHY_CALLERS 2
#define DU_PHY_MAX_PRECODING 256
#define DU_PHY_REFUSALS 64 /* kept for the control thread's log */

#define DU_PHY_COUNTERS(X)                                                                                   \
    X(dl_slots, COUNTER_INFO, "slots", "sent to the fronthaul's grid")                                       \
    X(dl_overrun, COUNTER_ERROR, "slots", "lost: the context was still taken")                               \
    X(dl_refused, COUNTER_ERROR, "PDUs", "not sent: a field that the standard or this cell does not allow")  \
    X(ul_slots, COUNTER_INFO, "slots", "received")                                                           \
    X(ul_overrun, COUNTER_ERROR, "slots", "lost: the context was still taken")                               \
    X(ul_refused, COUNTER_ERROR, "PDUs",                                                                     \
      "not received: a field that the standard or this cell does not allow")                                 \
    X(ul_no_memory, COUNTER_ERROR, "PUSCHs", "not received: more in one slot than there is memory for")      \
    X(ul_missing, COUNTER_WARNING, "symbols",                                                                \
      "that had not come when the slot was closed: taken as silence")                                        \
    X(ul_stray, COUNTER_WARNING, "symbols", "of a slot that is not being received, or twice")                \
    X(refusals_lost, COUNTER_INFO, "refusals", "counted but not kept for the log")
COUNTERS_DECLARE(du_phy, DU_PHY_COUNTERS)

typedef struct {
    fapi_cell_config_t cell;
    uint16_t carrier_start; /* CRB of the grids' PRB 0 */
    bool category_b;        /* layers go to the radio unprecoded: the stream of a layer is its DMRS port */
    phy_isa_t max_isa;
    workers_cfg_t workers;   /* n_callers is set here */
    uint32_t harq_blocks;    /* code blocks of soft memory, 26,400 bytes each; 0: 2048 */
    uint32_t harq_processes; /* 0: 1024 */
    uint8_t ldpc_iterations; /* 0: 8 */
    uint32_t ul_bytes;       /* working memory of one uplink slot; 0: 16 MiB */
    const char *bbdev; /* DPDK device that decodes LDPC (bbdev.h; the EAL has been started); NULL: this CPU */
} du_phy_cfg_t;

/* Times of one direction since start, ns; of slots that had anything to do. Written by whichever thread ends
 * a slot. */
typedef struct {
    uint64_t slots, late;
    uint64_t sum_ns,
        max_ns; /* from the call that began the slot (UL: from its last symbol) to the end of its tasks */
    int64_t worst_late_ns;
} du_phy_budget_t;

typedef struct du_phy du_phy_t;

/* 0; -EINVAL with the field that was refused; -ENOMEM; -errno of a worker that could not be started. An
 * accelerator that is absent or cannot serve is said to the log, and the CPU decodes. log may be NULL. */
int du_phy_create(const du_phy_cfg_t *cfg, const log_t *log, du_phy_t **ret, phy_refusal_t *why);
/* NULL is fine. No call is under way. */
void du_phy_destroy(du_phy_t *p);

/* What pm_idx (1..DU_PHY_MAX_PRECODING - 1) of fapi_precoding_t means. Before the first slot. 0, -EINVAL. */
int du_phy_set_precoding(du_phy_t *p, unsigned pm_idx, unsigned n_ports, unsigned n_layers, const cf_t *w,
                         phy_refusal_t *why);

/* ---- downlink ---- */

/* [slot] Begins slot slab->abs_slot. The slab stays as it is until du_phy_dl_grid says ready. deadline_ns:
 * CLOCK_MONOTONIC, 0 none: later than that is counted, not stopped. 0, -EBUSY: overrun. */
int du_phy_dl(du_phy_t *p, const fapi_dl_slot_t *slab, int64_t deadline_ns);
/* [fronthaul] The grid of the slot when all of it is there, else NULL. */
const phy_grid_t *du_phy_dl_grid(du_phy_t *p, uint64_t abs_slot);
/* [fronthaul] Done with the grid: clears what was written. */
void du_phy_dl_release(du_phy_t *p, uint64_t abs_slot);

/* ---- uplink ---- */

/* [slot] What slot slab->abs_slot will bring (its UL_TTI part; copied, the slab is free on return). Before
 * its first symbol. 0, -EBUSY: overrun. */
int du_phy_ul(du_phy_t *p, const fapi_dl_slot_t *slab, int64_t deadline_ns);
/* [fronthaul] Where the samples of that slot go; NULL: nothing is expected of it. */
const phy_grid_t *du_phy_ul_grid(du_phy_t *p, uint64_t abs_slot);
/* [fronthaul] Symbol l of all antennas is in the grid. Order does not matter; each once. */
void du_phy_ul_symbol(du_phy_t *p, uint64_t abs_slot, unsigned symbol);
/* [fronthaul] Samples of PRACH occasion `i` of PDU `pdu` of the slot are there, and stay until the slot is
 * taken: layout as prach_detect() has it. */
void du_phy_ul_prach(du_phy_t *p, uint64_t abs_slot, unsigned pdu, unsigned i, const ci16_t *samples,
                     size_t ant_stride, size_t rep_stride);
/* [fronthaul] No more will come: symbols that are missing count as silence. Harmless when all came. */
void du_phy_ul_close(du_phy_t *p, uint64_t abs_slot);
/* [slot] The indications when all tasks have ended, else NULL; they stay until du_phy_ul_release. */
const fapi_ul_slot_t *du_phy_ul_take(du_phy_t *p, uint64_t abs_slot);
/* [slot] Ends the context; soft buffers are kept or freed by what came out. */
void du_phy_ul_release(du_phy_t *p, uint64_t abs_slot);
/* [slot] The UE is gone: its soft buffers are free. */
void du_phy_forget_ue(du_phy_t *p, uint16_t rnti);

/* ---- what people ask ---- */

typedef struct {
    uint64_t abs_slot;
    const char *pdu; /* "PDSCH" */
    uint16_t rnti;
    phy_refusal_t why;
} du_phy_refusal_t;
/* [control] Next refused PDU, for the log. */
bool du_phy_poll_refusal(du_phy_t *p, du_phy_refusal_t *ret);
const du_phy_counters_t *du_phy_counters(const du_phy_t *p);
const harq_pool_counters_t *du_phy_harq_counters(const du_phy_t *p);
void du_phy_budget(const du_phy_t *p, du_phy_budget_t *ret_dl, du_phy_budget_t *ret_ul);
/* Who decodes LDPC: "avx512", or the accelerator's name. */
const char *du_phy_ldpc_name(const du_phy_t *p);
/* Of the accelerator; all 0 without one. */
bbdev_counters_t du_phy_bbdev_counters(const du_phy_t *p);
/* Runs one queued task on the caller's thread (self 0 or 1), if there is one. */
bool du_phy_help(du_phy_t *p, unsigned self);

#endif
