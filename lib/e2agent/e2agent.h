/* SPDX-License-Identifier: Apache-2.0 */
/* The E2 node's side of E2 (O-RAN.WG3.E2AP v03): connects to the near-RT RIC and keeps connecting, sets E2 up
 * with three RAN functions (KPM, RC, PLG), serves subscriptions with periodic indications, controls, resets,
 * service and configuration updates, and answers what it does not understand with an error indication. A DU
 * or a CU embeds it.
 *
 * Upper face: E2. Lower face: e2agent_provider_t, which the node implements, and tunables.h for what can be
 * turned (a node without plugins passes no tunables and offers KPM only).
 *
 * The provider gives counters that only grow and the agent makes the measurements of TS 28.552 out of them,
 * so that each subscription has its own period and none disturbs another.
 *
 * Thread: all functions and callbacks on the loop's thread. The slot thread is never touched: providers read
 * what it has published. */
#ifndef VITRAN_E2AGENT_E2AGENT_H
#define VITRAN_E2AGENT_E2AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/core/counters.h"
#include "lib/core/log.h"
#include "lib/core/loop.h"
#include "lib/e2agent/tunables.h"
#include "lib/sctp/assoc.h"

typedef struct e2agent e2agent_t;

#define E2AGENT_MAX_UES 1024u
#define E2AGENT_MAX_SLICES 64u
#define E2AGENT_SLICE(sst, sd) (((uint32_t)(sst) << 24) | ((uint32_t)(sd)&0xffffffu))
#define E2AGENT_NO_SD 0xffffffu /* TS 23.003 28.4.2 */

typedef enum { E2AGENT_GNB_DU, E2AGENT_GNB_CU_CP, E2AGENT_GNB_CU_UP } e2agent_node_t;

typedef struct {
    e2agent_node_t node;
    uint8_t plmn[3]; /* as on the wire, TS 38.413 9.3.3.5 */
    uint32_t gnb_id;
    uint8_t gnb_id_bits; /* 22..32 */
    uint64_t du_id;      /* gNB-DU ID, or gNB-CU-UP ID */
    uint64_t nr_cell_id; /* 36 bits; the cell that KPM, RC and PLG speak of */
    const uint32_t
        *slices; /* [size: n_slices] E2AGENT_SLICE(sst, sd); position = slice index of the plugins */
    uint32_t n_slices;
    assoc_config_t sctp;     /* remote address and port 36421; PPID follows from `node` */
    uint32_t setup_retry_ms; /* wait after an E2 setup failure without time to wait, or no answer; 0: 2000 */
    const char *vendor;      /* KPM's vendorName; NULL: "VitRAN" */
    /* The F1 setup messages are the node's component configuration (E2AP 9.2.27): with this, E2 setup waits
     * until e2agent_set_f1 has brought them; without, it goes out with empty ones. */
    bool await_f1;
} e2agent_config_t;

/* One UE: identities, and counters since it came. What the node cannot measure stays 0. */
typedef struct {
    uint32_t cu_ue_f1ap_id, du_ue_f1ap_id;
    bool has_cu_id; /* a UE without one is not reported: E2 has no name for it */
    bool has_ran_ue_id;
    uint8_t ran_ue_id[8]; /* TS 38.473 9.3.1.223 */
    uint16_t rnti;
    uint16_t ue, ue_generation; /* index for the plugins */
    uint8_t slice;              /* index; 255: none yet */
    uint8_t reserved;
    uint16_t cqi_x10;            /* last wideband CQI x 10; 0: none reported */
    uint64_t dl_bytes, ul_bytes; /* RLC SDU bytes delivered to, received from the UE */
    uint64_t dl_active_us,
        ul_active_us;          /* time with data waiting (TS 28.552 5.1.1.3.1); 0: the period is used */
    uint64_t dl_prbs, ul_prbs; /* PRBs x slots used, retransmissions included */
    uint64_t dl_tbs, dl_tbs_nack, ul_tbs, ul_tbs_crc_error;
    uint64_t dl_sdus, dl_sdu_delay_us_sum; /* RLC SDUs sent and the sum of their times in RLC */
    uint64_t dl_queued_bytes;              /* now */
} e2agent_ue_t;

typedef struct {
    uint64_t slot;                         /* now, absolute */
    uint64_t dl_slots_prbs, ul_slots_prbs; /* PRBs x slots that there were to use (downlink, uplink slots) */
    uint64_t dl_prbs, ul_prbs;             /* used, all UEs, past ones included */
    uint64_t dl_bytes, ul_bytes;           /* all UEs, past ones included */
    uint32_t n_prb_dl, n_prb_ul;
} e2agent_cell_t;

typedef struct {
    /* Fills out [size: up to cap] and returns how many UEs there are now. */
    uint32_t (*ues)(void *ctx, e2agent_ue_t *out, uint32_t cap);
    void (*cell)(void *ctx, e2agent_cell_t *out);
    /* The E2 interface came up or went away; may be NULL. */
    void (*link)(void *ctx, bool up);
} e2agent_provider_t;

#define E2AGENT_COUNTERS(X)                                                                                  \
    X(rx, COUNTER_INFO, "messages", "received")                                                              \
    X(tx, COUNTER_INFO, "messages", "sent")                                                                  \
    X(tx_failed, COUNTER_ERROR, "messages", "not sent: association down or queue full")                      \
    X(tx_encode_failed, COUNTER_ERROR, "messages", "not sent: could not be encoded")                         \
    X(rx_transfer_syntax, COUNTER_ERROR, "messages", "answered by error indication: PER broken")             \
    X(rx_abstract_syntax, COUNTER_ERROR, "messages", "answered by error indication: IE missing or unknown")  \
    X(rx_unexpected, COUNTER_WARNING, "messages", "no answer to what we asked, or not for this state")       \
    X(rx_error_indication, COUNTER_WARNING, "messages", "error indications received")                        \
    X(setups, COUNTER_INFO, "procedures", "E2 setups that succeeded")                                        \
    X(setup_failures, COUNTER_WARNING, "procedures", "E2 setups refused by the RIC or not answered")         \
    X(subscriptions, COUNTER_INFO, "procedures", "subscriptions accepted")                                   \
    X(subscriptions_refused, COUNTER_WARNING, "procedures", "subscriptions refused")                         \
    X(subscriptions_deleted, COUNTER_INFO, "procedures", "subscriptions deleted")                            \
    X(indications, COUNTER_INFO, "messages", "indications sent")                                             \
    X(indications_late, COUNTER_WARNING, "periods", "skipped: the timer came more than a period late")       \
    X(controls, COUNTER_INFO, "procedures", "controls applied and acknowledged")                             \
    X(controls_failed, COUNTER_WARNING, "procedures", "controls answered by a failure")                      \
    X(resets, COUNTER_WARNING, "procedures", "resets received")                                              \
    X(service_updates, COUNTER_INFO, "procedures", "RIC service updates acknowledged")                       \
    X(ue_unknown, COUNTER_WARNING, "controls", "named a UE that is not here")
COUNTERS_DECLARE(e2agent, E2AGENT_COUNTERS)

/* Starts to connect. config (its arrays too), provider, tunables (may be NULL) and log (may be NULL) outlive
 * the agent. 0, -EINVAL, -ENOMEM, or what assoc_connect returns. */
int e2agent_create(loop_t *loop, const e2agent_config_t *config, const e2agent_provider_t *provider,
                   void *ctx, tunables_t *tunables, const log_t *log, e2agent_t **ret);
/* Closes the association in order. NULL is fine. */
void e2agent_destroy(e2agent_t *a);

/* E2SM-RC's slice-level PRB quota sets these parameters of the running plugin: slice scope, I64 or F64,
 * percent of the cell's PRBs, a name that ends with a dot and one of these ("slice.prb_min"). A plugin
 * without them answers such a control with a failure. RRMPolicyRatio of TS 28.541 4.3.36. */
#define E2AGENT_PARAM_PRB_MIN "prb_min"
#define E2AGENT_PARAM_PRB_MAX "prb_max"
#define E2AGENT_PARAM_PRB_DEDICATED "prb_dedicated"
const vtn_param_t *e2agent_quota_param(tunables_t *t, const char *suffix);

/* E2 is set up. */
bool e2agent_is_up(const e2agent_t *a);
/* "127.0.0.1:36421", for status pages. */
const char *e2agent_remote(const e2agent_t *a);
/* Subscriptions that run now. */
uint32_t e2agent_subscriptions(const e2agent_t *a);
/* F1 is set up (anew); the messages are copied. Sent as E2 node configuration update, or with the next E2
 * setup. 0, -ENOMEM. */
int e2agent_set_f1(e2agent_t *a, const uint8_t *request, uint32_t request_n, const uint8_t *response,
                   uint32_t response_n);
const e2agent_counters_t *e2agent_counters(const e2agent_t *a);

#endif
