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
#include "lib/core/pool.h"
#include "lib/fapi/fapi.h"
#include "lib/mac/radio.h"

#include <stdbool.h>
#include <stdint.h>

#define MAC_MAX_UES 128
#define MAC_FIRST_RNTI 0x4601 /* C-RNTIs are given from here on, TS 38.321 table 7.1-1 */

typedef struct mac mac_t;

/* A UE: its cell-local index and the generation of that index. */
typedef struct {
    uint16_t index, generation;
} du_ue_ref_t;

/* Why a radio link is held to be lost. */
typedef enum {
    MAC_LOSS_DTX,      /* too many transmissions in a row without any HARQ feedback */
    MAC_LOSS_UL_DTX,   /* too many uplink grants in a row without any energy */
    MAC_LOSS_RLC_RETX, /* an AM entity reached maxRetxThreshold, TS 38.322 5.3.2 */
    MAC_LOSS_L1,       /* the L1 is gone */
    MAC_LOSS_MSG4,     /* contention resolution was never acknowledged */
    MAC_LOSS_MOVED, /* the UE came back by random access on another index (C-RNTI CE of Msg3 keeps its own) */
} mac_loss_t;

typedef struct {
    radio_cell_t cell;
    uint16_t max_ues;       /* 1..MAC_MAX_UES */
    uint8_t k;              /* scheduling advance, slots, 1..FAPI_LINK_MAX_K */
    uint8_t max_harq_tx;    /* transmissions of a block, first included; default 4 */
    uint8_t dtx_limit;      /* consecutive DTX that are a lost link; default 20 */
    uint32_t inactivity_ms; /* 0: never reported */
    double bler_target;     /* of the first transmission, for the outer loop; default 0.1 */
    uint64_t seed;          /* for whoever needs chance; runs repeat themselves */
    pool_t *pool;           /* for SDUs that go up */
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

#endif
