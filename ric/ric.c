/* SPDX-License-Identifier: Apache-2.0 */
#include "ric/ric.h"

#include <string.h>

static void on_down(void *ctx, node_t *n)
{
    ric_t *r = ctx;
    submgr_node_down(r->submgr, n);
    xapp_node_down(r->xapp, n);
}

static void on_indication(void *ctx, node_t *n, const e2ap_RICindication_t *m)
{
    submgr_indication(((ric_t *)ctx)->submgr, n, m);
}

static void on_subscribed(void *ctx, node_t *n, const e2ap_RICsubscriptionResponse_t *m)
{
    submgr_subscribed(((ric_t *)ctx)->submgr, n, m);
}

static void on_not_subscribed(void *ctx, node_t *n, const e2ap_RICsubscriptionFailure_t *m)
{
    submgr_not_subscribed(((ric_t *)ctx)->submgr, n, m);
}

static void on_deleted(void *ctx, node_t *n, const e2ap_RICrequestID_t *id)
{
    submgr_deleted(((ric_t *)ctx)->submgr, n, id);
}

static void on_delete_required(void *ctx, node_t *n, const e2ap_RICrequestID_t *id, const e2ap_Cause_t *cause)
{
    submgr_delete_required(((ric_t *)ctx)->submgr, n, id, cause);
}

static void on_controlled(void *ctx, node_t *n, const e2ap_RICcontrolAcknowledge_t *m)
{
    xapp_controlled(((ric_t *)ctx)->xapp, n, m);
}

static void on_not_controlled(void *ctx, node_t *n, const e2ap_RICcontrolFailure_t *m)
{
    xapp_not_controlled(((ric_t *)ctx)->xapp, n, m);
}

static const e2term_cbs_t cbs = {
    .down = on_down,
    .indication = on_indication,
    .subscribed = on_subscribed,
    .not_subscribed = on_not_subscribed,
    .deleted = on_deleted,
    .delete_required = on_delete_required,
    .controlled = on_controlled,
    .not_controlled = on_not_controlled,
};

int ric_start(ric_t *r, loop_t *loop, const ric_config_t *config, const log_t *log, const char **ret_what)
{
    memset(r, 0, sizeof *r);
    *ret_what = "memory";
    int e = guard_create(loop, &r->guard);
    if (e == 0)
        e = submgr_create(loop, NULL, log, &r->submgr);
    if (e == 0) {
        *ret_what = config->xapp_listen;
        e = xapp_create(loop, config->xapp_listen, r->submgr, r->guard, log, &r->xapp);
    }
    if (e == 0) {
        *ret_what = "E2";
        e = e2term_create(loop, &config->e2, &cbs, r, log, &r->term);
    }
    if (e < 0) {
        ric_stop(r);
        return e;
    }
    submgr_set_term(r->submgr, r->term);
    xapp_set_term(r->xapp, r->term);
    return 0;
}

void ric_stop(ric_t *r)
{
    xapp_destroy(r->xapp); /* its streams leave their subscriptions */
    submgr_destroy(r->submgr);
    e2term_destroy(r->term);
    guard_destroy(r->guard);
    memset(r, 0, sizeof *r);
}
