/* SPDX-License-Identifier: Apache-2.0 */
/* F1AP at the gNB-DU (TS 38.473): one F1 interface to one gNB-CU for one cell, and a context for each UE of
 * it. What the CU asks for becomes radio configuration and tunnels; what the radio says becomes F1AP.
 *
 * Upper face: f1ap_du_transport_t and f1ap_du_link_*: whole messages over an association; f1ap_du_path.c
 * carries them over SCTP, tests by hand.
 * Lower face: f1ap_du_radio_t, whose calls are those of du/slot/slot.h and du/f1u/f1u.h, and
 * f1ap_du_event, which takes du/slot's events.
 *
 * One loop_t thread, the DU's control thread. */
#ifndef VITRAN_DU_F1AP_H
#define VITRAN_DU_F1AP_H

#include "du/f1u/f1u.h"
#include "du/slot/slot.h"
#include "lib/core/counters.h"
#include "lib/core/fsm.h"
#include "lib/core/log.h"
#include "lib/core/loop.h"
#include "lib/core/pcap.h"
#include "lib/f1ap/f1ap.h"
#include "lib/mac/radio.h"
#include "lib/sctp/assoc.h"

typedef struct f1ap_du f1ap_du_t;

#define F1AP_DU_COUNTERS(X)                                                                                  \
    X(rx_messages, COUNTER_INFO, "messages", "received and understood")                                      \
    X(tx_messages, COUNTER_INFO, "messages", "sent")                                                         \
    X(tx_failed, COUNTER_ERROR, "messages", "not sent: the association refused, or our own build failed")    \
    X(rx_wrong_ppid, COUNTER_WARNING, "messages", "dropped: not F1AP by its payload protocol identifier")    \
    X(rx_transfer_syntax, COUNTER_ERROR, "messages", "no PDU; TS 38.473 10.2")                               \
    X(rx_unknown_procedure, COUNTER_WARNING, "messages", "10.3.4.1")                                         \
    X(rx_unknown_ie, COUNTER_WARNING, "messages", "with an IE that had to be understood; 10.3.4.2")          \
    X(rx_missing_ie, COUNTER_WARNING, "messages", "10.3.5")                                                  \
    X(rx_falsely_built, COUNTER_ERROR, "messages", "10.3.6")                                                 \
    X(rx_too_large, COUNTER_WARNING, "messages", "more than this node holds")                                \
    X(rx_wrong_state, COUNTER_WARNING, "messages", "not compatible with the state; 10.4")                    \
    X(rx_unknown_ue, COUNTER_WARNING, "messages", "UE ids unknown or not a pair; 10.6")                      \
    X(rx_error_indication, COUNTER_WARNING, "messages", "the CU reported an error")                          \
    X(setups, COUNTER_INFO, "procedures", "F1 setups accepted by the CU")                                    \
    X(setup_failures, COUNTER_WARNING, "procedures", "F1 setups refused or not answered")                    \
    X(links_lost, COUNTER_WARNING, "associations", "to a CU that was set up")                                \
    X(ues, COUNTER_INFO, "UEs", "whose first message went to the CU")                                        \
    X(ues_refused, COUNTER_WARNING, "UEs", "turned away: no F1, or no radio configuration for them")         \
    X(ues_lost, COUNTER_WARNING, "UEs", "radio links that failed")                                           \
    X(radio_refused, COUNTER_ERROR, "commands", "the slot engine or F1-U did not take")                      \
    X(no_buffer, COUNTER_ERROR, "messages", "dropped: no packet buffer")
COUNTERS_DECLARE(f1ap_du, F1AP_DU_COUNTERS)

typedef struct {
    uint64_t du_id; /* 36 bits */
    char name[151];
    radio_cell_t cell;
    uint8_t n_slices;
    f1ap_snssai_t slices[F1AP_MAX_SLICES]; /* the place in the list is radio_lc_t.slice */
    uint32_t f1u_address;                  /* our end of F1-U, host byte order: goes to the CU */
    uint32_t setup_retry_ms;               /* before F1 setup is asked for again; 0: 2000 */
    uint32_t release_drain_ms;             /* for an RRC message that ends a UE; 0: 200 */
    pool_t *pool;                          /* of SDUs towards the radio */
    const log_t *log;
    /* F1 is set up: both messages as they were on the wire, good until this returns. May be NULL. */
    void (*on_setup)(void *ctx, const uint8_t *request, size_t request_n, const uint8_t *response,
                     size_t response_n);
    void *on_setup_ctx;
} f1ap_du_config_t;

/* The radio and F1-U, as du/slot/slot.h and du/f1u/f1u.h describe the calls. */
typedef struct {
    void *ctx;
    int (*ue_config)(void *ctx, du_ue_ref_t ue, const radio_ue_t *cfg);
    int (*ue_remove)(void *ctx, du_ue_ref_t ue, uint32_t drain_ms);
    int (*srb_send)(void *ctx, du_ue_ref_t ue, uint8_t srb_id, buf_t *sdu, bool notify, uint32_t tag);
    int (*page)(void *ctx, uint16_t ue_id, uint16_t cycle_frames, uint8_t n_cycles, buf_t *pcch);
    int (*cell_active)(void *ctx, bool active);
    int (*remove_all)(void *ctx);
    int (*tunnel_add)(void *ctx, const f1u_tunnel_config_t *config, uint32_t *ret_local_teid);
    int (*tunnel_remove)(void *ctx, uint32_t local_teid);
} f1ap_du_radio_t;
typedef struct {
    void *ctx;
    int (*send)(void *ctx, uint16_t stream, const uint8_t *bytes, size_t n); /* 0 or -errno */
} f1ap_du_transport_t;

/* 0; -EINVAL: the cell has no valid MIB or SIB1; -ENOMEM. All is copied. */
int f1ap_du_create(loop_t *loop, const f1ap_du_config_t *config, const f1ap_du_radio_t *radio,
                   const f1ap_du_transport_t *transport, f1ap_du_t **ret);
void f1ap_du_destroy(f1ap_du_t *d); /* NULL is fine; tells nobody */

/* What the slot engine is to send: the 24 bits of BCCH-BCH-Message with SFN zero, and BCCH-DL-SCH-Message
 * with SIB1, good while the object lives. F1 SETUP REQUEST carries the same without those wrappers. */
uint32_t f1ap_du_mib(const f1ap_du_t *d);
asn1_bytes_t f1ap_du_sib1(const f1ap_du_t *d);

/* ---- upper face ---- */

void f1ap_du_link_up(f1ap_du_t *d, uint16_t n_streams);
void f1ap_du_link_down(f1ap_du_t *d);
void f1ap_du_link_message(f1ap_du_t *d, const uint8_t *bytes, size_t n);

/* SCTP: connects and goes on reconnecting. */
typedef struct f1ap_du_path f1ap_du_path_t;
int f1ap_du_path_create(f1ap_du_path_t **ret);
f1ap_du_transport_t f1ap_du_path_transport(f1ap_du_path_t *p);
/* Errors as assoc_connect. */
int f1ap_du_path_connect(f1ap_du_path_t *p, f1ap_du_t *d, loop_t *loop, const assoc_config_t *config,
                         const log_t *log);
/* Closes in order. NULL is fine. */
void f1ap_du_path_destroy(f1ap_du_path_t *p);
const assoc_counters_t *f1ap_du_path_counters(const f1ap_du_path_t *p); /* NULL before connect */

/* ---- lower face ---- */

/* Takes one event of the slot engine with its SDU. L1 events are not F1AP's: they are ignored. */
void f1ap_du_event(f1ap_du_t *d, const du_event_t *e);

/* ---- to look at and to steer ---- */

/* The cell changed (du/e2, configuration): a gNB-DU CONFIGURATION UPDATE with it. 0, -ENOTCONN, -EBUSY. */
int f1ap_du_update_cell(f1ap_du_t *d, const radio_cell_t *cell);
/* RESET of the whole interface from our side: all UEs end. 0, -ENOTCONN. */
int f1ap_du_reset(f1ap_du_t *d, f1ap_cause_t cause);

typedef struct {
    du_ue_ref_t ref;
    uint16_t rnti;
    uint32_t du_ue_id, cu_ue_id;
    bool has_cu_ue_id;
    const char *state;
    const radio_ue_t *radio;
} f1ap_du_ue_status_t;
/* Fills up to cap; returns how many there are. */
uint32_t f1ap_du_ues(const f1ap_du_t *d, f1ap_du_ue_status_t *ret, uint32_t cap);
const char *f1ap_du_state(const f1ap_du_t *d);
/* The CU's name after setup; "" before. */
const char *f1ap_du_cu_name(const f1ap_du_t *d);
const f1ap_du_counters_t *f1ap_du_counters(const f1ap_du_t *d);

extern const fsm_t f1ap_du_fsm, f1ap_du_ue_fsm; /* for drawing */

#endif
