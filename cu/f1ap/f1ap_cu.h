/* SPDX-License-Identifier: Apache-2.0 */
/* F1AP at the gNB-CU (TS 38.473): the interface to any number of gNB-DUs and the ids of UE-associated
 * signalling. It checks what comes in (clause 10, ids, state) and hands what is left to RRC.
 *
 * Upper face: f1ap_cu_user_t (RRC is told) and f1ap_cu_ue_*, f1ap_cu_* (RRC asks).
 * Lower face: f1ap_cu_transport_t and f1ap_cu_link_*: whole messages over some association; f1ap_cu_path.c
 * carries them over SCTP, tests by hand.
 *
 * One loop_t thread drives it. */
#ifndef VITRAN_CU_F1AP_H
#define VITRAN_CU_F1AP_H

#include "lib/core/counters.h"
#include "lib/core/fsm.h"
#include "lib/core/log.h"
#include "lib/core/loop.h"
#include "lib/f1ap/f1ap.h"
#include "lib/sctp/assoc.h"

#define F1AP_CU_MAX_DUS 16u
#define F1AP_CU_MAX_UES 1024u

typedef struct f1ap_cu f1ap_cu_t;
typedef struct f1ap_du_link f1ap_du_link_t; /* one gNB-DU, from association to association */

#define F1AP_CU_COUNTERS(X)                                                                                  \
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
    X(rx_error_indication, COUNTER_WARNING, "messages", "a DU reported an error")                            \
    X(setups, COUNTER_INFO, "procedures", "F1 setups accepted")                                              \
    X(setups_refused, COUNTER_WARNING, "procedures", "F1 setups refused")                                    \
    X(resets, COUNTER_WARNING, "procedures", "resets by a DU")                                               \
    X(links_lost, COUNTER_WARNING, "associations", "to a DU that had been set up")
COUNTERS_DECLARE(f1ap_cu, F1AP_CU_COUNTERS)

typedef struct {
    char name[151];
    uint8_t plmn[3]; /* the PLMN that is served: a DU with none of its cells in it is refused */
    const log_t *log;
} f1ap_cu_config_t;

/* What RRC is told. `ue` is what it gave to f1ap_cu_ue_add. */
typedef struct {
    void *ctx;
    /* A new UE's first message; its cell is one of the link's. RRC answers with f1ap_cu_ue_add, or not. */
    void (*initial_ul)(void *ctx, f1ap_du_link_t *du, const f1ap_cell_t *cell, const f1ap_initial_ul_t *m);
    /* UE-associated messages, ids checked: UL_RRC, CONTEXT_*, RELEASE_*, INACTIVITY, NOTIFY, DELIVERY_REPORT.
     */
    void (*ue_message)(void *ctx, void *ue, const f1ap_msg_t *m);
    /* The DU has no context of this UE any more (F1 lost, reset): its ids are gone already. */
    void (*ue_lost)(void *ctx, void *ue, f1ap_cause_t cause);
} f1ap_cu_user_t;

/* How messages leave. */
typedef struct {
    void *ctx;
    /* 0 or -errno; `stream` counts from 0, UE-associated messages use those above 0 (TS 38.472 7). */
    int (*send)(void *ctx, void *peer, uint16_t stream, const uint8_t *bytes, size_t n);
} f1ap_cu_transport_t;

/* 0 or -ENOMEM. `user` and `transport` are copied. */
int f1ap_cu_create(loop_t *loop, const f1ap_cu_config_t *config, const f1ap_cu_user_t *user,
                   const f1ap_cu_transport_t *transport, f1ap_cu_t **ret);
void f1ap_cu_destroy(f1ap_cu_t *cu); /* NULL is fine; tells nobody */
const f1ap_cu_counters_t *f1ap_cu_counters(const f1ap_cu_t *cu);

/* ---- lower face ---- */

/* An association came up; `peer` is handed back with each send. NULL: too many DUs. */
f1ap_du_link_t *f1ap_cu_link_up(f1ap_cu_t *cu, void *peer, uint16_t n_streams);
/* It is gone: its UEs are lost. */
void f1ap_cu_link_down(f1ap_du_link_t *du);
void f1ap_cu_link_message(f1ap_du_link_t *du, const uint8_t *bytes, size_t n);

/* SCTP: listens and binds associations to links. Give the path as the transport's ctx. */
typedef struct f1ap_cu_path f1ap_cu_path_t;
int f1ap_cu_path_create(f1ap_cu_path_t **ret);
f1ap_cu_transport_t f1ap_cu_path_transport(f1ap_cu_path_t *p);
/* Errors as assoc_listen. */
int f1ap_cu_path_listen(f1ap_cu_path_t *p, f1ap_cu_t *cu, loop_t *loop, const assoc_config_t *config,
                        const log_t *log);
void f1ap_cu_path_destroy(f1ap_cu_path_t *p);                           /* NULL is fine */
const assoc_counters_t *f1ap_cu_path_counters(const f1ap_cu_path_t *p); /* NULL before listen */

/* ---- upper face ---- */

/* A UE-associated connection; *ret_cu_ue_id is the gNB-CU UE F1AP ID. 0, -ENOSPC. */
int f1ap_cu_ue_add(f1ap_cu_t *cu, f1ap_du_link_t *du, uint32_t du_ue_id, void *ue, uint32_t *ret_cu_ue_id);
/* Forgets it; no message follows. An unknown id is fine. */
void f1ap_cu_ue_remove(f1ap_cu_t *cu, uint32_t cu_ue_id);
/* Sends a UE-associated message; both UE ids are filled in here. 0; -ENOENT: no such UE; else as the
 * transport or f1ap_build. */
int f1ap_cu_ue_send(f1ap_cu_t *cu, uint32_t cu_ue_id, f1ap_msg_t *m);
/* The DU's id of the UE, for DL RRC MESSAGE TRANSFER's old gNB-DU UE F1AP ID. 0 or -ENOENT. */
int f1ap_cu_ue_du_id(const f1ap_cu_t *cu, uint32_t cu_ue_id, uint32_t *ret_du_ue_id);

/* PAGING in every cell of that TAC; number of DUs it went to. */
uint32_t f1ap_cu_page(f1ap_cu_t *cu, uint32_t tac, uint16_t ue_index, uint64_t five_s_tmsi);
/* Switches a cell on or off at its DU (gNB-CU CONFIGURATION UPDATE). 0, -ENOENT, -EBUSY (one is under way).
 */
int f1ap_cu_cell_set_active(f1ap_cu_t *cu, f1ap_cgi_t cell, bool active);
/* RESET of the whole interface to that DU: its UEs are lost at once. 0, -ENOENT, -EBUSY. */
int f1ap_cu_reset(f1ap_cu_t *cu, uint64_t du_id, f1ap_cause_t cause);

typedef struct {
    uint64_t du_id;
    const char *name, *state;
    uint8_t n_cells;
    const f1ap_cell_t *cells;
    const bool *active; /* [size: n_cells] */
    uint32_t n_ues;
} f1ap_cu_du_status_t;
/* Fills up to cap; returns how many there are. */
uint32_t f1ap_cu_dus(const f1ap_cu_t *cu, f1ap_cu_du_status_t *ret, uint32_t cap);

extern const fsm_t f1ap_cu_fsm; /* of a DU's link, for drawing */

#endif
