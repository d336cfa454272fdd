/* SPDX-License-Identifier: Apache-2.0 */
/* The core around the scheduler plugin: hands it the MAC's state as a slot input, checks each grant that
 * comes back against the standard and that state, and gives the MAC only what holds. When the plugin fails,
 * the built-in scheduler fills that same slot.
 *
 * From above (MAC, slot thread): sched_ue_*, columns, sched_run, sched_feedback, sched_refuse. To the side
 * (control thread): du/sched/control.h. Below: plugins/host and the plugin.
 *
 * Memory: all is allocated by sched_create. The columns of sched_ues() are the scheduler's memory that the
 * MAC writes in place, whenever something changes; the plugin reads the very same arrays. Cost per slot grows
 * with the active UEs that the MAC lists, not with max_ues. */
#ifndef VITRAN_DU_SCHED_H
#define VITRAN_DU_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/core/counters.h"
#include "lib/core/log.h"
#include "lib/mac/alloc.h"
#include "lib/mac/pdcch.h"
#include "plugins/include/vitran/plugin.h"

#define SCHED_MAX_OPTIONS 4u /* data slots that one PDCCH slot may choose from, a direction */
#define SCHED_MAX_GRANTS 64u /* both directions together */
#define SCHED_MAX_SLICES 16u
#define SCHED_MAX_UES 1024u

typedef struct sched sched_t;

typedef struct {
    uint16_t max_ues;                        /* 1..SCHED_MAX_UES */
    uint8_t max_lcs_per_ue;                  /* 1..32 */
    uint8_t n_slices;                        /* 1..SCHED_MAX_SLICES */
    uint32_t slice_sst_sd[SCHED_MAX_SLICES]; /* SST << 24 | SD, SD 0xffffff: none */
    uint16_t n_prb_dl, n_prb_ul;             /* active BWPs */
    uint16_t bwp_start_dl, bwp_start_ul;     /* common PRB where they start; only mod RBG size counts */
    uint8_t rbg_size_dl, rbg_size_ul;        /* P, PRBs: rbg_size() of lib/mac/alloc.h */
    uint8_t mu;
    uint8_t n_ports_dl, n_ports_ul;
    uint8_t tdd_period_slots;
    uint8_t tdd_slot_kind[80]; /* 'D', 'S', 'U' */
    coreset_t coreset;         /* of UE-specific PDCCH, for all UEs */
    search_space_t search_space;
    uint32_t rate_window_slots; /* of avg_rate_kbps; 0: 100 ms worth */
    uint64_t seed;
    const char *plugin_path;       /* to begin with; NULL: the built-in scheduler */
    const vtn_set_t *initial_sets; /* over the plugin's defaults */
    uint32_t n_initial_sets;
    const log_t *log; /* of the control thread; NULL: silent */
} sched_config_t;

/* ---- what the MAC keeps: columns [size: max_ues], see vtn_ues_t for each. Written on the slot thread only
 * ---- */

typedef struct {
    uint8_t *slice, *flags;
    uint32_t *queued_bytes; /* DL: RLC's buffer state; UL: BSR less what is granted already */
    uint8_t *mcs_table, *mcs_max,
        *max_layers; /* write through sched_set_link, which keeps bits_per_re_x256 */
    uint16_t *max_prb;
    uint8_t *alloc_type;
    uint8_t *cqi, *ri;
    uint16_t *pmi;
    int16_t *sinr_db_x10;
    int8_t *phr_db;
    uint16_t *beam;
    uint8_t *mu_group;
    uint8_t *harq_new, *harq_retx; /* VTN_NONE */
    uint8_t *retx_round, *retx_mcs, *retx_mcs_any, *retx_layers;
    uint16_t *retx_n_prb, *retx_re_per_prb;
    uint32_t *retx_tbs_bytes;
    uint8_t *cce_level;
    uint16_t *k1_mask; /* DL; 0: any k1 that MAC chooses itself */
    uint16_t *reachable_slots;
    uint8_t *n_lcs;
    uint8_t *lc_id, *lc_5qi, *lc_priority, *lc_slice, *lc_per_exp; /* [max_ues x max_lcs_per_ue] */
    uint32_t *lc_queued_bytes, *lc_hol_delay_us, *lc_pdb_us, *lc_gbr_kbps, *lc_mbr_kbps;
} sched_ues_t;

/* ---- one slot ---- */

typedef struct {        /* one direction */
    uint32_t n_options; /* data slots on offer; 0: nothing to grant in this direction */
    uint32_t max_grants;
    uint8_t k[SCHED_MAX_OPTIONS]; /* k0 or k2 */
    uint8_t tda_row[SCHED_MAX_OPTIONS];
    uint8_t symbol_start[SCHED_MAX_OPTIONS];
    uint8_t n_symbols[SCHED_MAX_OPTIONS];
    uint16_t re_per_prb[SCHED_MAX_OPTIONS]; /* tbs_re_per_prb() */
    vtn_prb_mask_t free_prbs[SCHED_MAX_OPTIONS];
    const uint16_t
        *active; /* [n_active] UE indices, ascending: with data, a request or a retransmission, and able to
                    listen now. A UE may stand here only if it can be granted in every option's slot */
    uint32_t n_active;
    uint32_t reserved;
} sched_direction_t;

typedef struct {
    uint64_t abs_slot; /* of the PDCCH */
    uint64_t deadline_ns;
    uint64_t cce_free[PDCCH_CCE_WORDS]; /* of the UE-specific CORESET */
    sched_direction_t dir[2];           /* VTN_DL, VTN_UL */
} sched_slot_t;

typedef struct { /* a grant that holds */
    uint64_t prbs[PRB_WORDS];
    uint16_t prb_start, n_prb; /* n_prb: set bits; prb_start: the first one */
    uint16_t ue;
    uint16_t first_cce;
    uint32_t tbs_bytes; /* a retransmission: that of the first transmission */
    uint8_t dir;
    uint8_t option; /* index into sched_direction_t */
    uint8_t k, tda_row;
    uint8_t mcs, mcs_table, layers;
    uint8_t harq_id, is_retx;
    uint8_t aggregation_level;
    uint8_t k1;       /* or VTN_K1_ANY */
    uint8_t lc_first; /* or VTN_LC_ANY */
    uint16_t beam;
    uint16_t reserved;
} sched_grant_t;

/* [control] 0; -EINVAL (configuration), -ENOMEM. A plugin that cannot be loaded is not an error here: the
 * cell starts with the built-in scheduler and `err` (>= 256 bytes, may be NULL) says why; it is "" otherwise.
 */
int sched_create(const sched_config_t *, sched_t **ret, char *err, size_t err_n);
/* [control] The slot thread has stopped. NULL is fine. */
void sched_destroy(sched_t *);

/* [slot] Columns of a direction (VTN_DL, VTN_UL). */
sched_ues_t *sched_ues(sched_t *, uint8_t dir);

/* [slot] A UE takes index `ue`: rows are reset (harq_new and harq_retx to VTN_NONE, cce_level 0, max_prb to
 * the BWP, one layer, MCS table 1, contiguous allocation, reachable 0xffff), candidates computed, rates
 * cleared. Returns its generation. */
uint16_t sched_ue_add(sched_t *, uint16_t ue, uint16_t rnti);
/* [slot] Its configuration changed (bearers, slice, capability). */
void sched_ue_changed(sched_t *, uint16_t ue);
/* [slot] Another RNTI or the like: computes the PDCCH candidates again. */
void sched_ue_set_rnti(sched_t *, uint16_t ue, uint16_t rnti);
void sched_ue_remove(sched_t *, uint16_t ue);
uint16_t sched_ue_generation(const sched_t *, uint16_t ue);

/* [slot] Link adaptation's result for new data. mcs_table 1..3. */
void sched_set_link(sched_t *, uint8_t dir, uint16_t ue, uint8_t mcs_table, uint8_t mcs_max,
                    uint8_t max_layers);

/* [slot] Runs the plugin, checks, returns how many grants hold; *ret is valid until the next call. PRBs of
 * grants in one direction and option are disjoint, so are CCEs over both directions. Call it once a PDCCH
 * slot, also with nothing to grant: events, feedback and parameters travel with it. */
uint32_t sched_run(sched_t *, const sched_slot_t *, const sched_grant_t **ret);

/* [slot] What became of a grant: VTN_OUT_ACK, NACK, DTX, FAILED. bytes: of the block. pdcch_slot: of the
 * grant. */
void sched_feedback(sched_t *, uint8_t dir, uint16_t ue, uint8_t harq_id, uint8_t outcome, uint32_t bytes,
                    uint64_t pdcch_slot);
/* [slot] The MAC could not carry out a grant of the last sched_run (no PUCCH resource, L1 full): it is as if
 * it had been refused. */
void sched_refuse(sched_t *, const sched_grant_t *);

/* [any] Answers wait for sched_ctl_poll(): the slot thread's owner asks after each slot whether to wake the
 * control thread. */
bool sched_has_results(const sched_t *);

/* [slot] Exponential averages: new bytes granted, kbit/s. [any] for display. */
uint32_t sched_avg_rate_kbps(const sched_t *, uint8_t dir, uint16_t ue);

#define SCHED_COUNTERS(X)                                                                                    \
    X(slots, COUNTER_INFO, "slots", "scheduled")                                                             \
    X(grants_dl, COUNTER_INFO, "grants", "downlink, held")                                                   \
    X(grants_ul, COUNTER_INFO, "grants", "uplink, held")                                                     \
    X(prbs_dl, COUNTER_INFO, "PRB", "granted, downlink")                                                     \
    X(prbs_ul, COUNTER_INFO, "PRB", "granted, uplink")                                                       \
    X(retx_dl, COUNTER_INFO, "grants", "downlink retransmissions")                                           \
    X(retx_ul, COUNTER_INFO, "grants", "uplink retransmissions")                                             \
    X(refused_ue, COUNTER_WARNING, "grants", "refused: no such UE, or not active")                           \
    X(refused_generation, COUNTER_WARNING, "grants", "refused: the UE index has another owner by now")       \
    X(refused_direction, COUNTER_WARNING, "grants", "refused: direction not offered")                        \
    X(refused_slot, COUNTER_WARNING, "grants", "refused: no such data slot")                                 \
    X(refused_prb_empty, COUNTER_WARNING, "grants", "refused: no PRBs")                                      \
    X(refused_prb_busy, COUNTER_WARNING, "grants", "refused: PRBs not free")                                 \
    X(refused_prb_shape, COUNTER_WARNING, "grants", "refused: PRBs not of the allocation type, or too many") \
    X(refused_mcs, COUNTER_WARNING, "grants", "refused: MCS above the limit or unknown")                     \
    X(refused_layers, COUNTER_WARNING, "grants", "refused: layers")                                          \
    X(refused_harq, COUNTER_WARNING, "grants", "refused: HARQ process not the one offered")                  \
    X(refused_tbs, COUNTER_WARNING, "grants", "refused: retransmission of another size, or empty block")     \
    X(refused_cce, COUNTER_WARNING, "grants", "refused: not a PDCCH candidate of the UE")                    \
    X(refused_cce_busy, COUNTER_WARNING, "grants", "refused: PDCCH candidates taken")                        \
    X(refused_twice, COUNTER_WARNING, "grants", "refused: second grant of a UE in one data slot")            \
    X(refused_k1, COUNTER_WARNING, "grants", "refused: k1 not usable")                                       \
    X(refused_cap, COUNTER_WARNING, "grants", "refused: more than max_grants")                               \
    X(refused_reserved, COUNTER_WARNING, "grants", "refused: reserved member set")                           \
    X(refused_mac, COUNTER_INFO, "grants", "given back by the MAC")                                          \
    X(plugin_error, COUNTER_ERROR, "slots",                                                                  \
      "filled by the built-in scheduler: the plugin returned an error")                                      \
    X(plugin_overrun, COUNTER_ERROR, "slots",                                                                \
      "filled by the built-in scheduler: the plugin wrote past its cap")                                     \
    X(plugin_removed, COUNTER_ERROR, "plugins", "taken out of service after failing in a row")               \
    X(events_lost, COUNTER_ERROR, "events", "control results dropped: nobody reads them")                    \
    X(feedback_lost, COUNTER_WARNING, "outcomes", "dropped: more than a slot can hand over")
COUNTERS_DECLARE(sched, SCHED_COUNTERS)

/* [any] */
counter_set_t sched_counters(const sched_t *);

#endif
