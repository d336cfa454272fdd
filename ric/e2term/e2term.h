/* SPDX-License-Identifier: Apache-2.0 */
/* The RIC's end of E2: listens, sets E2 up with nodes of E2AP v2 and v3 (the same messages on the wire),
 * keeps what each offers, answers the procedures of the interface, and hands what belongs to subscriptions
 * and controls up.
 *
 * Upper face: e2term_cbs_t and e2term_send. Lower face: lib/sctp. One loop's thread. A node is remembered
 * after its association is lost, so that it is the same node when it comes back. */
#ifndef VITRAN_RIC_E2TERM_H
#define VITRAN_RIC_E2TERM_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/core/counters.h"
#include "lib/core/log.h"
#include "lib/core/loop.h"
#include "lib/e2ap/e2ap.h"
#include "lib/sctp/assoc.h"

#define E2TERM_MAX_NODES 64u
#define E2TERM_MAX_FUNCTIONS 64u /* of a node */
#define E2TERM_ID_TEXT 64u

typedef struct e2term e2term_t;

typedef enum { MODEL_OTHER, MODEL_KPM, MODEL_RC, MODEL_PLG } model_t;

typedef struct {
    int64_t id, revision;
    model_t model;
    char oid[64];
    uint8_t *definition; /* [size: definition_n], as the node sent it */
    uint32_t definition_n;
} ran_function_t;

typedef struct node {
    char id[E2TERM_ID_TEXT]; /* "gnb-du/001-01/411/1": kind, PLMN, gNB ID, DU or CU-UP ID */
    char kind[16];
    bool connected; /* E2 is set up */
    uint64_t du_id;
    uint8_t plmn[3];
    uint32_t n_functions;
    ran_function_t functions[E2TERM_MAX_FUNCTIONS];
    struct e2term_link *link; /* e2term's; NULL while there is no association */
    char address[ASSOC_ADDR_TEXT];
    uint64_t setups;
} node_t;

/* What the layers above do with a message; the message is good until the callback returns. `up` and
 * `functions` may be NULL. */
typedef struct {
    void (*up)(void *ctx, node_t *n);
    void (*down)(void *ctx, node_t *n);      /* lost, removed or reset: all that was agreed on is gone */
    void (*functions)(void *ctx, node_t *n); /* changed by a service update */
    void (*indication)(void *ctx, node_t *n, const e2ap_RICindication_t *m);
    void (*subscribed)(void *ctx, node_t *n, const e2ap_RICsubscriptionResponse_t *m);
    void (*not_subscribed)(void *ctx, node_t *n, const e2ap_RICsubscriptionFailure_t *m);
    void (*deleted)(void *ctx, node_t *n,
                    const e2ap_RICrequestID_t *id); /* response or failure: it is gone */
    void (*delete_required)(void *ctx, node_t *n, const e2ap_RICrequestID_t *id, const e2ap_Cause_t *cause);
    void (*controlled)(void *ctx, node_t *n, const e2ap_RICcontrolAcknowledge_t *m);
    void (*not_controlled)(void *ctx, node_t *n, const e2ap_RICcontrolFailure_t *m);
} e2term_cbs_t;

#define E2TERM_COUNTERS(X)                                                                                   \
    X(rx, COUNTER_INFO, "messages", "received")                                                              \
    X(tx, COUNTER_INFO, "messages", "sent")                                                                  \
    X(tx_failed, COUNTER_ERROR, "messages", "not sent: association down or queue full")                      \
    X(tx_encode_failed, COUNTER_ERROR, "messages", "not sent: could not be encoded")                         \
    X(rx_transfer_syntax, COUNTER_ERROR, "messages", "answered by error indication: PER broken")             \
    X(rx_abstract_syntax, COUNTER_ERROR, "messages", "answered by error indication: IE missing or unknown")  \
    X(rx_unexpected, COUNTER_WARNING, "messages", "not for this state, or an answer to nothing")             \
    X(rx_error_indication, COUNTER_WARNING, "messages", "error indications received")                        \
    X(setups, COUNTER_INFO, "procedures", "E2 setups accepted")                                              \
    X(setups_refused, COUNTER_WARNING, "procedures", "E2 setups refused")                                    \
    X(indications, COUNTER_INFO, "messages", "indications received")                                         \
    X(service_updates, COUNTER_INFO, "procedures", "RIC service updates accepted")                           \
    X(config_updates, COUNTER_INFO, "procedures", "E2 node configuration updates accepted")                  \
    X(resets, COUNTER_WARNING, "procedures", "resets by nodes")                                              \
    X(nodes_lost, COUNTER_WARNING, "nodes", "whose association went away")
COUNTERS_DECLARE(e2term, E2TERM_COUNTERS)

typedef struct {
    assoc_config_t sctp; /* local address and port */
    uint8_t plmn[3];
    uint32_t ric_id; /* 20 bits */
} e2term_config_t;

/* cbs are copied. 0 or what assoc_listen returns. */
int e2term_create(loop_t *loop, const e2term_config_t *config, const e2term_cbs_t *cbs, void *ctx,
                  const log_t *log, e2term_t **ret);
/* Ends all associations. NULL is fine. */
void e2term_destroy(e2term_t *t);

uint32_t e2term_nodes(const e2term_t *t);
node_t *e2term_node(const e2term_t *t, uint32_t i);
/* By id; with "" the only connected one. NULL. */
node_t *e2term_find(const e2term_t *t, const char *id);
ran_function_t *node_function(node_t *n, model_t model);
ran_function_t *node_function_by_id(node_t *n, int64_t id);

/* 0; -ENOTCONN, -ENOBUFS, or a value that does not fit its type. */
int e2term_send(e2term_t *t, node_t *n, const e2ap_E2AP_PDU_t *pdu);
/* RESET of the node: all subscriptions there end; `down` and, with the answer, `up` follow. */
int e2term_reset(e2term_t *t, node_t *n);
/* Asks what functions it has. */
int e2term_query(e2term_t *t, node_t *n);
const e2term_counters_t *e2term_counters(const e2term_t *t);
/* Counters of the listener. */
const assoc_counters_t *e2term_assoc_counters(const e2term_t *t);

#endif
