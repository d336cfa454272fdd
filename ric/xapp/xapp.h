/* SPDX-License-Identifier: Apache-2.0 */
/* The xApp service (vitran_ric.proto) over gRPC: what a node offers, subscriptions as streams, controls under
 * the conflict rule. One loop's thread. */
#ifndef VITRAN_RIC_XAPP_H
#define VITRAN_RIC_XAPP_H

#include "lib/rpc/rpc.h"
#include "ric/e2term/e2term.h"
#include "ric/guard/guard.h"
#include "ric/submgr/submgr.h"

#define XAPP_REQUESTOR 2       /* ricRequestorID of all controls */
#define XAPP_CONTROL_MS 5000   /* how long a node may take for a control, beyond the wait for its slot */
#define XAPP_MAX_CONTROLS 256u /* at a time */

typedef struct xapp xapp_t;

#define XAPP_COUNTERS(X)                                                                                     \
    X(streams, COUNTER_INFO, "streams", "subscriptions by xApps")                                            \
    X(indications, COUNTER_INFO, "messages", "indications handed to a stream")                               \
    X(undecodable, COUNTER_ERROR, "messages", "indications that could not be read")                          \
    X(controls, COUNTER_INFO, "controls", "acknowledged")                                                    \
    X(controls_refused, COUNTER_WARNING, "controls", "refused before they were sent")                        \
    X(controls_failed, COUNTER_WARNING, "controls", "answered by a failure")                                 \
    X(controls_timed_out, COUNTER_WARNING, "controls", "not answered by the node")                           \
    X(strays, COUNTER_WARNING, "messages", "control answers that nobody waits for")
COUNTERS_DECLARE(xapp, XAPP_COUNTERS)

/* 0 or what rpc_server_create returns. */
int xapp_create(loop_t *loop, const char *listen, submgr_t *submgr, guard_t *guard, const log_t *log,
                xapp_t **ret);
void xapp_set_term(xapp_t *x, e2term_t *term);
/* NULL is fine. */
void xapp_destroy(xapp_t *x);
uint16_t xapp_port(const xapp_t *x);
const xapp_counters_t *xapp_counters(const xapp_t *x);
const rpc_counters_t *xapp_rpc_counters(const xapp_t *x);

/* From e2term. */
void xapp_controlled(xapp_t *x, node_t *n, const e2ap_RICcontrolAcknowledge_t *m);
void xapp_not_controlled(xapp_t *x, node_t *n, const e2ap_RICcontrolFailure_t *m);
void xapp_node_down(xapp_t *x, node_t *n);

#endif
