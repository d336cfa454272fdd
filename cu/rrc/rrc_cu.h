/* SPDX-License-Identifier: Apache-2.0 */
/* RRC at the gNB-CU (TS 38.331) with what belongs to a UE's control plane: PDCP of its SRBs, AS keys, its F1
 * context, its bearers, and its way to the core.
 *
 * Faces: below, F1AP (cu/f1ap): rrc_cu_f1_user() is what F1AP tells. Above, a core behind cu/ngap/ngap.h:
 * rrc_cu_ran() is what the core may ask. Beside, the user plane: rrc_up_t, whose calls are those of
 * cu/up/up.h.
 *
 * One loop_t thread. A UE has one procedure at a time; what the core asks for meanwhile waits its turn. */
#ifndef VITRAN_CU_RRC_H
#define VITRAN_CU_RRC_H

#include "cu/f1ap/f1ap_cu.h"
#include "cu/ngap/ngap.h"
#include "cu/up/up.h"
#include "lib/core/counters.h"
#include "lib/core/fsm.h"
#include "lib/core/log.h"
#include "lib/core/loop.h"
#include "lib/core/pcap.h"
#include "lib/core/pool.h"
#include "lib/crypto/crypto.h"

typedef struct rrc_cu rrc_cu_t;

#define RRC_CU_COUNTERS(X)                                                                                   \
    X(rx_messages, COUNTER_INFO, "messages", "RRC messages understood")                                      \
    X(tx_messages, COUNTER_INFO, "messages", "RRC messages sent")                                            \
    X(tx_failed, COUNTER_ERROR, "messages", "not sent: could not be built, or F1 refused")                   \
    X(rx_malformed, COUNTER_ERROR, "messages", "dropped: RRC could not be decoded")                          \
    X(rx_unexpected, COUNTER_WARNING, "messages", "dropped: not of this state, or of another transaction")   \
    X(rx_unsupported, COUNTER_WARNING, "messages", "dropped: understood, but nothing is done with it")       \
    X(rx_unprotected, COUNTER_ERROR, "messages", "dropped: on a bearer that is not there")                   \
    X(rx_integrity, COUNTER_ERROR, "messages", "dropped: wrong MAC-I")                                       \
    X(setups, COUNTER_INFO, "procedures", "RRC connections set up")                                          \
    X(rejects, COUNTER_WARNING, "procedures", "RRC setups rejected")                                         \
    X(security_failures, COUNTER_WARNING, "procedures", "security mode commands refused by the UE")          \
    X(contexts, COUNTER_INFO, "procedures", "initial contexts set up")                                       \
    X(contexts_failed, COUNTER_WARNING, "procedures", "initial contexts not set up")                         \
    X(sessions, COUNTER_INFO, "PDU sessions", "set up")                                                      \
    X(sessions_failed, COUNTER_WARNING, "PDU sessions", "not set up")                                        \
    X(reestablishments, COUNTER_INFO, "procedures", "re-establishments done")                                \
    X(reestablishments_fallen_back, COUNTER_WARNING, "procedures", "re-establishments answered by a setup")  \
    X(releases, COUNTER_INFO, "UEs", "released in order")                                                    \
    X(timeouts, COUNTER_WARNING, "procedures", "that a UE or a DU did not answer in time")                   \
    X(ues_lost, COUNTER_WARNING, "UEs", "whose DU or radio link was lost")                                   \
    X(core_unknown_ue, COUNTER_WARNING, "procedures", "of the core for a UE that is not here")
COUNTERS_DECLARE(rrc_cu, RRC_CU_COUNTERS)

typedef struct {
    uint32_t max_ues;     /* 1..F1AP_CU_MAX_UES; further ones are rejected */
    uint8_t n_nea, n_nia; /* algorithms in order of preference */
    nea_t nea[4];
    nia_t nia[4];
    bool up_integrity;           /* DRBs get integrity protection too */
    bool reestablishment;        /* else every re-establishment falls back to a setup */
    uint32_t reestablishment_ms; /* how long a UE whose DU has lost it may come back so; 0: 3000 */
    bool inactivity_release;     /* a UE that its DU reports inactive is released */
    uint32_t procedure_ms;       /* how long a UE or a DU may take for an answer; 0: 10000 */
    uint8_t reject_wait_s;       /* waitTime of RRCReject, 1..16; 0: 4 */
    uint32_t f1u_address;        /* CU's end of F1-U, host byte order: goes to the DUs */
    pool_t *pool;                /* of SRB messages: buffers of RRC_MAX_BYTES and more */
    crypto_t *crypto;            /* this thread's */
    pcap_t *nas_pcap;            /* NAS messages as they pass; NULL: none */
    const log_t *log;
} rrc_cu_config_t;

/* The user plane's calls, as cu/up/up.h describes them. */
typedef struct {
    void *ctx;
    int (*ue_add)(void *ctx, const up_ue_config_t *config, uint32_t *ret_ue);
    int (*ue_remove)(void *ctx, uint32_t ue);
    int (*ue_rekey)(void *ctx, uint32_t ue, const pdcp_security_t *security);
    int (*session_add)(void *ctx, uint32_t ue, const up_session_config_t *config);
    int (*session_remove)(void *ctx, uint32_t ue, uint8_t session_id);
    int (*drb_add)(void *ctx, uint32_t ue, const up_drb_config_t *config, uint32_t *ret_local_teid);
    int (*drb_set_remote)(void *ctx, uint32_t ue, uint8_t drb_id, uint32_t ipv4_be, uint16_t port,
                          uint32_t teid);
    int (*drb_remove)(void *ctx, uint32_t ue, uint8_t drb_id);
} rrc_up_t;

/* All is copied; what it points to must outlive the object. 0, -EINVAL, -ENOMEM. */
int rrc_cu_create(loop_t *loop, const rrc_cu_config_t *config, const rrc_up_t *up, rrc_cu_t **ret);
void rrc_cu_destroy(rrc_cu_t *rrc); /* NULL is fine; tells nobody */

/* Below: give this to f1ap_cu_create, and its object back here. */
f1ap_cu_user_t rrc_cu_f1_user(rrc_cu_t *rrc);
void rrc_cu_set_f1(rrc_cu_t *rrc, f1ap_cu_t *f1);
/* Above: give this to the core, and the core's half of the seam back here. */
ngap_ran_t rrc_cu_ran(rrc_cu_t *rrc);
void rrc_cu_set_core(rrc_cu_t *rrc, const ngap_core_t *core);
/* Beside: what the user plane reports. */
up_events_t rrc_cu_up_events(rrc_cu_t *rrc);

typedef struct {
    uint32_t ran_ue_ngap_id, cu_ue_id, du_ue_id;
    uint64_t amf_ue_ngap_id; /* UINT64_MAX: not known */
    const char *state;
    uint16_t crnti, pci;
    uint64_t nr_cell_id;
    nea_t nea;
    nia_t nia;
    bool secure;
    uint8_t n_sessions;
    uint32_t up_ue;                      /* handle at the user plane; UINT32_MAX: none */
    uint8_t k_rrc_enc[16], k_up_enc[16]; /* for captures */
} rrc_cu_ue_status_t;
/* Fills up to cap; returns how many there are. */
uint32_t rrc_cu_ues(const rrc_cu_t *rrc, rrc_cu_ue_status_t *ret, uint32_t cap);
const rrc_cu_counters_t *rrc_cu_counters(const rrc_cu_t *rrc);

extern const fsm_t rrc_cu_fsm; /* for drawing */

#endif
