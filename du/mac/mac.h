/* SPDX-License-Identifier: Apache-2.0 */
/* MAC of one cell, network side (TS 38.321): random access, UE contexts, HARQ both ways, SR/BSR/PHR/CQI, link
 * adaptation, PUCCH and PDCCH resources, PDU multiplexing, paging and system information. It is driven once a
 * slot:
 *
 *     mac_indication(ul)     what the L1 received (already bounds-checked, du/phy/abstract)
 *     mac_slot(n, dl)        decides everything that goes out in slot n + k
 *
 * Faces: above, RLC entities (lib/rlc) that it pulls from and pushes to, and mac_up_t for what the control
 * thread must know; below, fapi.h's slabs; aside, du/sched, which asks the plugin for grants and checks them.
 *
 * Thread: mac_create and mac_destroy [control]; everything else [slot], without system call, lock or
 * allocation. */
#ifndef VITRAN_DU_MAC_H
#define VITRAN_DU_MAC_H

#include "lib/core/counters.h"
#include "lib/core/log.h"
#include "lib/core/pool.h"
#include "lib/fapi/fapi.h"
#include "lib/mac/radio.h"
#include "lib/rlc/rlc.h"
#include "plugins/include/vitran/plugin.h"

#include <stdbool.h>
#include <stdint.h>

#define MAC_MAX_UES 112       /* places of radio_ue_defaults() */
#define MAC_FIRST_RNTI 0x4601 /* C-RNTIs are given from here on, TS 38.321 table 7.1-1 */

typedef struct mac mac_t;

/* A UE: its cell-local index and the generation of that index. */
typedef struct {
    uint16_t index, generation;
} du_ue_ref_t;

/* The handle of a DRB on du/f1u's rings. It holds the generation, so that what is left of a former UE finds
 * nobody. drb_id 1..32. */
static inline uint32_t du_bearer_handle(du_ue_ref_t ue, uint8_t drb_id)
{
    return (uint32_t)ue.generation << 16 | (uint32_t)(ue.index & 0x7ff) << 5 | ((drb_id - 1u) & 31);
}

/* Why a radio link is held to be lost. */
typedef enum {
    MAC_LOSS_DTX,      /* too many transmissions in a row without any HARQ feedback */
    MAC_LOSS_UL_DTX,   /* too many uplink grants in a row without any energy */
    MAC_LOSS_RLC_RETX, /* an AM entity reached maxRetxThreshold, TS 38.322 5.3.2 */
    MAC_LOSS_L1,       /* the L1 is gone */
    MAC_LOSS_MSG4,     /* contention resolution was never acknowledged */
    MAC_LOSS_MOVED, /* the UE came back by random access on another index (C-RNTI CE of Msg3 keeps its own) */
} mac_loss_t;

/* A radio bearer: its configuration and its RLC entity, made and freed on the control thread (du/slot), MAC's
 * in between. */
typedef struct {
    radio_lc_t lc;
    rlc_t *rlc;
    du_ue_ref_t ue;
    void *user; /* du/slot's */
} mac_bearer_t;

/* The face upwards: called from within mac_* on the slot thread. */
typedef struct {
    void *ctx;
    /* Msg3 brought a CCCH SDU: a new UE. The buffer changes owner. */
    void (*ccch)(void *ctx, du_ue_ref_t ue, uint16_t rnti, buf_t *sdu);
    /* HARQ acknowledged the SRB0 SDU. */
    void (*srb0_delivered)(void *ctx, du_ue_ref_t ue);
    void (*lost)(void *ctx, du_ue_ref_t ue, uint16_t rnti, mac_loss_t cause);
    void (*inactive)(void *ctx, du_ue_ref_t ue);
    /* The context is gone and the index free. `known`: its CCCH had been handed up. */
    void (*removed)(void *ctx, du_ue_ref_t ue, bool known);
    /* MAC no longer uses it. */
    void (*bearer_gone)(void *ctx, mac_bearer_t *b);
    /* A MAC PDU that was sent (dir MAC_TAP_DL) or received; NULL: nobody listens. rnti_type as Wireshark's
     * mac-nr has it. */
    void (*tap)(void *ctx, uint8_t dir, uint16_t rnti, uint8_t rnti_type, uint16_t ue_id, uint64_t abs_slot,
                uint8_t harq_id, const uint8_t *pdu, uint32_t n);
    /* An RLC PDU on its way down (MAC_TAP_DL) or up; NULL: nobody listens. */
    void (*tap_rlc)(void *ctx, uint8_t dir, uint16_t ue_id, uint64_t abs_slot, const radio_lc_t *lc,
                    const uint8_t *pdu, uint32_t n);
} mac_up_t;

enum { MAC_TAP_UL = 0, MAC_TAP_DL = 1 };
enum { MAC_RNTI_NONE = 0, MAC_RNTI_P, MAC_RNTI_RA, MAC_RNTI_C, MAC_RNTI_SI };

typedef struct {
    radio_cell_t cell;
    uint16_t max_ues;       /* 1..MAC_MAX_UES */
    uint8_t k;              /* scheduling advance, slots, 1..4 */
    uint8_t ul_grace_slots; /* how long an uplink slot's indications may be late: 0 in lockstep */
    uint8_t max_harq_tx;    /* transmissions of a block, first included; 0: 4 */
    uint8_t dtx_limit;      /* consecutive DTX that are a lost link; 0: 20 */
    uint32_t inactivity_ms; /* 0: never reported */
    double bler_target;     /* most of first transmissions, for the outer loop; 0: 0.1 */
    uint64_t seed;
    pool_t *pool; /* for SDUs that go up */
    /* the scheduler plugin, see du/sched/sched.h */
    uint8_t n_slices;          /* 1.. */
    uint32_t slice_sst_sd[16]; /* SST << 24 | SD, SD 0xffffff: none */
    const char *plugin_path;   /* NULL: the built-in scheduler */
    const vtn_set_t *initial_sets;
    uint32_t n_initial_sets;
    const log_t *log; /* control thread's */
} mac_config_t;

/* Figures of one UE. Sums since the UE came. */
typedef struct {
    du_ue_ref_t ue;
    uint16_t rnti;
    uint8_t cqi, mcs_dl, mcs_ul, slice;
    int16_t ul_sinr_db_x10, phr_db;
    uint64_t dl_bytes, ul_bytes;     /* MAC SDU bytes acknowledged; received */
    uint64_t dl_tb, dl_nack, dl_dtx; /* transmissions, by feedback */
    uint64_t ul_tb, ul_crc_failed, ul_dtx;
    uint64_t dl_prbs, ul_prbs; /* PRB x slots given */
    uint32_t dl_queued_bytes, ul_queued_bytes;
    uint32_t dl_dropped_tb; /* given up after max_harq_tx */
    uint64_t abs_slot;      /* of these figures */
} mac_ue_stats_t;

#define MAC_COUNTERS(X)                                                                                      \
    X(rach_preambles, COUNTER_INFO, "preambles", "received")                                                 \
    X(rach_no_rnti, COUNTER_WARNING, "preambles", "not answered: the UE table is full")                      \
    X(rach_late, COUNTER_WARNING, "preambles", "not answered: no room within ra-ResponseWindow")             \
    X(rach_rar, COUNTER_INFO, "responses", "random access responses sent, one per preamble")                 \
    X(msg3_failed, COUNTER_WARNING, "blocks", "Msg3 given up after its HARQ transmissions")                  \
    X(msg3_ccch, COUNTER_INFO, "messages", "Msg3 with a CCCH SDU")                                           \
    X(msg3_crnti, COUNTER_INFO, "messages", "Msg3 with a C-RNTI of a UE that is known")                      \
    X(msg3_bad, COUNTER_WARNING, "messages", "Msg3 with neither CCCH nor a known C-RNTI")                    \
    X(msg4_sent, COUNTER_INFO, "blocks", "first transmissions of Msg4")                                      \
    X(msg4_failed, COUNTER_WARNING, "blocks", "Msg4 never acknowledged")                                     \
    X(sib1_sent, COUNTER_INFO, "blocks", "")                                                                 \
    X(paging_sent, COUNTER_INFO, "messages", "")                                                             \
    X(paging_dropped, COUNTER_WARNING, "messages", "queue full, or no room in the occasion")                 \
    X(no_cce, COUNTER_WARNING, "DCIs", "not sent: no PDCCH candidate free")                                  \
    X(no_pucch, COUNTER_WARNING, "blocks", "not sent: no PUCCH resource or k1 for the feedback")             \
    X(slab_full, COUNTER_WARNING, "PDUs", "not sent: the L1 slab has no room")                               \
    X(dl_new, COUNTER_INFO, "blocks", "first transmissions")                                                 \
    X(dl_retx, COUNTER_INFO, "blocks", "retransmissions")                                                    \
    X(dl_ack, COUNTER_INFO, "blocks", "")                                                                    \
    X(dl_nack, COUNTER_INFO, "blocks", "")                                                                   \
    X(dl_dtx, COUNTER_INFO, "blocks", "no feedback where feedback was due")                                  \
    X(dl_given_up, COUNTER_WARNING, "blocks", "not acknowledged after max_harq_tx transmissions")            \
    X(ul_new, COUNTER_INFO, "grants", "")                                                                    \
    X(ul_retx, COUNTER_INFO, "grants", "")                                                                   \
    X(ul_crc_ok, COUNTER_INFO, "blocks", "")                                                                 \
    X(ul_crc_failed, COUNTER_INFO, "blocks", "")                                                             \
    X(ul_dtx, COUNTER_INFO, "grants", "no energy")                                                           \
    X(ul_given_up, COUNTER_WARNING, "blocks", "not received after max_harq_tx transmissions")                \
    X(ul_silent, COUNTER_WARNING, "grants", "the L1 said nothing of them")                                   \
    X(sr, COUNTER_INFO, "requests", "scheduling requests received")                                          \
    X(bsr, COUNTER_INFO, "reports", "")                                                                      \
    X(phr, COUNTER_INFO, "reports", "")                                                                      \
    X(cqi, COUNTER_INFO, "reports", "")                                                                      \
    X(ta_commands, COUNTER_INFO, "commands", "timing advance commands sent")                                 \
    X(ul_pdu_bad, COUNTER_WARNING, "PDUs", "MAC PDU that does not parse, TS 38.321 6.1.2: rest dropped")     \
    X(ul_lcid_unknown, COUNTER_WARNING, "SDUs", "for a logical channel that the UE does not have")           \
    X(ul_no_buffer, COUNTER_ERROR, "SDUs", "dropped: the packet pool is empty")                              \
    X(ind_unknown_rnti, COUNTER_WARNING, "indications", "dropped: no such grant or UE")                      \
    X(ind_bad_handle, COUNTER_WARNING, "indications", "dropped: the handle is not one that was given")       \
    X(ind_bad_length, COUNTER_WARNING, "indications",                                                        \
      "dropped: block or UCI length is not what was asked for")                                              \
    X(ind_bad_value, COUNTER_WARNING, "indications", "a field outside its range: dropped")                   \
    X(ue_lost, COUNTER_WARNING, "UEs", "radio link failures")
COUNTERS_DECLARE(mac, MAC_COUNTERS)

/* ---- life, [control] ---- */

/* 0; -EINVAL: the cell or a limit, with a sentence in err [256]; -ENOMEM. */
int mac_create(const mac_config_t *cfg, const mac_up_t *up, mac_t **ret, char err[256]);
/* Bearers that UEs still have are handed to up->bearer_gone. NULL is fine. */
void mac_destroy(mac_t *m);
/* CONFIG.request of the cell. */
void mac_fapi_cell(const radio_cell_t *c, fapi_cell_config_t *ret);

/* ---- a slot ---- */

/* What the L1 received in slot ul->abs_slot. Counts, lengths and offsets hold (l1_take of du/phy/abstract has
 * checked them); handles, RNTIs and values are checked here. */
void mac_indication(mac_t *m, const fapi_ul_slot_t *ul);
/* Runs slot n: fills `out`, the slab of slot n + k. Slots come in ascending order; one that is left out is
 * nothing sent. */
void mac_slot(mac_t *m, uint64_t n, uint64_t deadline_ns, fapi_dl_slot_t *out);

/* The L1 is gone: every UE that the control thread knows is lost (MAC_LOSS_L1), the others are dropped, and
 * the next mac_slot may begin at any slot. */
void mac_l1_lost(mac_t *m);

/* ---- commands, between slots. Each: 0, -ESTALE: no UE of that generation ---- */

/* MIB with a zero SFN, SIB1; buf is copied. -EMSGSIZE: SIB1 larger than 372 bytes. */
int mac_set_si(mac_t *m, uint32_t mib, const uint8_t *sib1, uint32_t n);
void mac_set_active(mac_t *m, bool active);
/* New configuration with its bearers [cfg->n_lc], in the order of cfg->lc: one that is NULL keeps the bearer
 * of that LCID; bearers not in cfg are given back. On failure all of `bearers` stay the caller's. */
int mac_ue_configure(mac_t *m, du_ue_ref_t ue, const radio_ue_t *cfg, mac_bearer_t *const *bearers);
/* drain_slots 0: now. */
int mac_ue_remove(mac_t *m, du_ue_ref_t ue, uint32_t drain_slots);
void mac_remove_all(mac_t *m);
/* SRB0 SDU: Msg4, or a later CCCH message. The buffer is MAC's, on failure as well. */
int mac_ccch_send(mac_t *m, du_ue_ref_t ue, buf_t *sdu);
/* SDU for a logical channel, by LCID. The buffer is MAC's, on failure as well. -ENOENT: no such channel;
 * -ENOBUFS. */
int mac_sdu_send(mac_t *m, du_ue_ref_t ue, uint8_t lcid, buf_t *sdu);
/* The bearer's state changed outside of MAC (discard): its buffer status is taken again. */
void mac_touch(mac_t *m, du_ue_ref_t ue);
/* What a bearer_t's RLC entity says has to reach MAC: maxRetxThreshold. */
void mac_rlc_failed(mac_t *m, du_ue_ref_t ue);
/* NULL: none. */
mac_bearer_t *mac_bearer(mac_t *m, du_ue_ref_t ue, uint8_t lcid);
/* -ENOBUFS: queue full. The buffer is MAC's, on failure as well. */
int mac_page(mac_t *m, uint16_t ue_id, uint16_t cycle_frames, uint8_t n_cycles, buf_t *pcch);

/* ---- to look at, [any] ---- */

const mac_counters_t *mac_counters(const mac_t *m);
uint32_t mac_ue_stats(const mac_t *m, mac_ue_stats_t *ret, uint32_t cap);
struct sched *mac_sched(mac_t *m);
/* [slot] Has the scheduler's control face an answer that waits (sched_ctl_poll)? */
bool mac_has_results(const mac_t *m);
const radio_cell_t *mac_cell(const mac_t *m);
/* ns of a slot edge on the clock that RLC entities see: slot number times slot length. */
static inline int64_t mac_slot_ns(uint64_t abs_slot, uint8_t mu)
{
    return (int64_t)(abs_slot * (1000000u >> mu));
}

#endif
