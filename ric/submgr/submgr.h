/* SPDX-License-Identifier: Apache-2.0 */
/* Subscriptions: who listens to what. Equal subscriptions (same node, function, trigger and action) of
 * several xApps are one on E2; it is deleted when the last of them goes. RIC request IDs are given out here.
 * One loop's thread. */
#ifndef VITRAN_RIC_SUBMGR_H
#define VITRAN_RIC_SUBMGR_H

#include "ric/e2term/e2term.h"

#define SUBMGR_REQUESTOR 1          /* ricRequestorID of all subscriptions */
#define SUBMGR_MAX 256u             /* on E2 */
#define SUBMGR_MAX_SUBSCRIBERS 64u  /* of one */
#define SUBMGR_ANSWER_MS 5000       /* how long a node may take */
#define SUBMGR_MAX_DEFINITION 8192u /* bytes of a trigger or action */

typedef struct submgr submgr_t;
typedef struct subscriber subscriber_t;

typedef struct {
    void (*indication)(void *ctx, const e2ap_RICindication_t *m);
    /* It is over and the subscriber is gone: refused, deleted by the node, node lost, no answer. why: a
     * clause; lost: the node is not there (any more). */
    void (*ended)(void *ctx, bool lost, const char *why);
} subscriber_cbs_t;

#define SUBMGR_COUNTERS(X)                                                                                   \
    X(requested, COUNTER_INFO, "subscriptions", "sent to a node")                                            \
    X(merged, COUNTER_INFO, "subscribers", "that joined a subscription that was there")                      \
    X(refused, COUNTER_WARNING, "subscriptions", "refused by a node")                                        \
    X(timeouts, COUNTER_WARNING, "procedures", "not answered by a node")                                     \
    X(deleted, COUNTER_INFO, "subscriptions", "deleted")                                                     \
    X(strays, COUNTER_WARNING, "indications", "of no subscription of ours")
COUNTERS_DECLARE(submgr, SUBMGR_COUNTERS)

int submgr_create(loop_t *loop, e2term_t *term, const log_t *log, submgr_t **ret);
/* Without callbacks. NULL is fine. */
void submgr_destroy(submgr_t *s);
void submgr_set_term(submgr_t *s, e2term_t *term);

/* trigger and action (n 0: none) are the encoded definitions. cbs and ctx live until `ended` or submgr_leave.
 * 0; -ENOTCONN, -EMSGSIZE, -ENOSPC, -ENOMEM, or what sending returns. */
int submgr_join(submgr_t *s, node_t *n, int64_t function, asn1_bytes_t trigger, asn1_bytes_t action,
                const subscriber_cbs_t *cbs, void *ctx, subscriber_t **ret);
/* The subscriber goes of itself; `ended` does not follow. */
void submgr_leave(subscriber_t *x);
uint32_t submgr_count(const submgr_t *s);
const submgr_counters_t *submgr_counters(const submgr_t *s);

/* From e2term. */
void submgr_indication(submgr_t *s, node_t *n, const e2ap_RICindication_t *m);
void submgr_subscribed(submgr_t *s, node_t *n, const e2ap_RICsubscriptionResponse_t *m);
void submgr_not_subscribed(submgr_t *s, node_t *n, const e2ap_RICsubscriptionFailure_t *m);
void submgr_deleted(submgr_t *s, node_t *n, const e2ap_RICrequestID_t *id);
void submgr_delete_required(submgr_t *s, node_t *n, const e2ap_RICrequestID_t *id, const e2ap_Cause_t *cause);
void submgr_node_down(submgr_t *s, node_t *n);

#endif
