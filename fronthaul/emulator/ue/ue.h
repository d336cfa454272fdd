/* SPDX-License-Identifier: Apache-2.0 */
/* One emulated UE: cell search, MAC, RLC, PDCP, SDAP, RRC and NAS of its own. It learns everything from the
 * bytes that the air brings and survives whatever they are.
 *
 * Faces
 *   above: IP packets (ue_push_ip, ue_ops_t.deliver_ip), status, keys
 *   below: ue_air_t (phy.h)
 *
 * One slot:  ue_rx(ue, rx)   downlink of the slot
 *            ue_tx(ue)       what it transmits in the same slot
 *
 * Thread: one, the lockstep thread; creating and destroying too, between slots. Time is the slot count. */
#ifndef VITRAN_EMULATOR_UE_H
#define VITRAN_EMULATOR_UE_H

#include "fronthaul/emulator/ue/nas.h"
#include "fronthaul/emulator/ue/phy.h"
#include "lib/core/counters.h"
#include "lib/core/log.h"
#include "lib/core/pool.h"
#include "lib/crypto/crypto.h"

typedef struct ue ue_t;

typedef struct {
    uint16_t index; /* for logs and captures */
    ue_nas_config_t nas;
    double p_max_dbm;        /* 23 */
    double path_loss_db;     /* what power control works against */
    uint64_t seed;           /* preambles, random identities, backoff */
    uint32_t ip_queue_bytes; /* ue_push_ip refuses beyond; 0: default */
} ue_config_t;

typedef enum {
    UE_SEARCHING,  /* no cell */
    UE_CAMPED,     /* SIB1 read, RRC_IDLE */
    UE_CONNECTING, /* RRC setup or reestablishment under way */
    UE_CONNECTED,
} ue_state_t;
extern const char *const ue_state_names[];

/* Which bytes a tap sees; see ue_ops_t.tap. */
typedef enum { UE_TAP_RRC_DL_CCCH, UE_TAP_RRC_UL_CCCH, UE_TAP_RRC_DL_DCCH, UE_TAP_RRC_UL_DCCH } ue_tap_t;

typedef struct {
    void *ctx;
    /* An IP packet from the network, with ownership. */
    void (*deliver_ip)(void *ctx, buf_t *packet);
    /* The PDU session came up (address in host byte order) or went (0). */
    void (*session)(void *ctx, const ue_nas_session_t *session);
    /* NULL: not wanted. Plain RRC messages for a capture. */
    void (*tap)(void *ctx, ue_tap_t what, const uint8_t *bytes, size_t n);
} ue_ops_t;

#define UE_COUNTERS(X)                                                                                       \
    X(mib_bad, COUNTER_WARNING, "SSBs", "MIB does not decode, or the cell is barred")                        \
    X(sib1_bad, COUNTER_WARNING, "messages", "SIB1 does not decode or asks for what this UE cannot do")      \
    X(dci, COUNTER_INFO, "DCIs", "found by blind decoding")                                                  \
    X(dci_bad, COUNTER_WARNING, "DCIs", "dropped: a field has a value that its format does not allow here")  \
    X(dl_ok, COUNTER_INFO, "blocks", "decoded")                                                              \
    X(dl_failed, COUNTER_INFO, "blocks", "CRC failed")                                                       \
    X(dl_again, COUNTER_INFO, "blocks", "sent again although they had been decoded")                         \
    X(dl_pdu_bad, COUNTER_WARNING, "PDUs", "MAC PDU does not parse: the rest was dropped")                   \
    X(dl_lcid_unknown, COUNTER_WARNING, "SDUs", "for a logical channel that is not there")                   \
    X(ul_new, COUNTER_INFO, "blocks", "first transmissions")                                                 \
    X(ul_retx, COUNTER_INFO, "blocks", "retransmissions")                                                    \
    X(ul_late, COUNTER_WARNING, "grants", "dropped: two for one slot")                                       \
    X(sr, COUNTER_INFO, "requests", "scheduling requests sent")                                              \
    X(bsr, COUNTER_INFO, "reports", "")                                                                      \
    X(phr, COUNTER_INFO, "reports", "")                                                                      \
    X(preambles, COUNTER_INFO, "preambles", "sent")                                                          \
    X(rar, COUNTER_INFO, "responses", "for our preamble")                                                    \
    X(rar_bad, COUNTER_WARNING, "PDUs", "random access response does not parse")                             \
    X(ra_contention_lost, COUNTER_INFO, "attempts", "another UE won")                                        \
    X(ra_failed, COUNTER_WARNING, "procedures", "random access given up after preambleTransMax")             \
    X(ra_ok, COUNTER_INFO, "procedures", "random access completed")                                          \
    X(rrc_bad, COUNTER_WARNING, "messages", "RRC message does not decode, or is not for this state")         \
    X(rrc_setups, COUNTER_INFO, "connections", "RRC connections set up")                                     \
    X(rrc_rejects, COUNTER_WARNING, "messages", "RRCReject")                                                 \
    X(rrc_releases, COUNTER_INFO, "messages", "RRCRelease")                                                  \
    X(rrc_reestablishments, COUNTER_WARNING, "procedures", "reestablishment requested")                      \
    X(rrc_reconfig_failed, COUNTER_WARNING, "messages", "RRCReconfiguration that this UE cannot follow")     \
    X(smc_failed, COUNTER_ERROR, "messages", "SecurityModeCommand whose integrity does not hold")            \
    X(integrity, COUNTER_ERROR, "PDUs", "SRB PDU whose MAC-I does not match")                                \
    X(rlf, COUNTER_WARNING, "failures", "radio link failures")                                               \
    X(paged, COUNTER_INFO, "messages", "paging records with this UE's identity")                             \
    X(ip_dropped, COUNTER_WARNING, "packets", "from above: no bearer, or the queue is full")
COUNTERS_DECLARE(ue, UE_COUNTERS)

typedef struct {
    ue_state_t state;
    ue_nas_state_t nas;
    uint16_t c_rnti; /* 0: none */
    uint8_t cqi;
    double sinr_db;
    uint32_t ipv4;
    uint64_t dl_bytes, ul_bytes; /* IP */
    uint64_t attached_slot;      /* slot of the first session_up; 0: not yet */
    uint64_t first_slot;         /* slot of the first rx */
} ue_status_t;

/* `ops`, `air` are copied; pool and crypto are shared by all UEs of the thread. 0, -EINVAL, -ENOMEM. */
int ue_create(const ue_config_t *config, const ue_ops_t *ops, const ue_air_t *air, pool_t *pool,
              crypto_t *crypto, const log_t *log, ue_t **ret);
void ue_destroy(ue_t *u); /* NULL is fine */

/* The raster point that the receiver is tuned to: NR-ARFCN of the SSB. Goes into keys (TS 33.501 A.11). */
void ue_tune(ue_t *u, uint32_t ssb_arfcn);
void ue_rx(ue_t *u, const ue_rx_t *rx);
void ue_tx(ue_t *u);

/* Bytes that ue_push_ip takes before it refuses. 0: no session. */
uint32_t ue_ip_room(const ue_t *u);
/* An IP packet to send; takes the buffer always. Without a bearer it waits for one, and an idle UE asks for
 * service. 0; -ENOTCONN: no session; -ENOBUFS. */
int ue_push_ip(ue_t *u, buf_t *packet);

/* The cell is gone (the DU hung up): back to cell search, as if the radio link were lost. */
void ue_lose_cell(ue_t *u);
/* Powers down: deregistration with switch-off is given to NAS if it is connected. */
void ue_switch_off(ue_t *u);

ue_status_t ue_status(const ue_t *u);
const ue_counters_t *ue_counters(const ue_t *u);
ue_nas_t *ue_nas(ue_t *u);

/* AS keys in force, for deciphering captures; false before AS security. */
typedef struct {
    uint8_t rrc_enc[16], rrc_int[16], up_enc[16], up_int[16];
    uint8_t nea, nia;
    uint16_t c_rnti;
} ue_as_keys_t;
bool ue_as_keys(const ue_t *u, ue_as_keys_t *ret);

#endif
