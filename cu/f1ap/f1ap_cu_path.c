/* SPDX-License-Identifier: Apache-2.0 */
/* F1-C over SCTP at the gNB-CU: listens; an association is a DU's link. */
#include <errno.h>
#include <stdlib.h>

#include "cu/f1ap/f1ap_cu_inner.h"

struct f1ap_cu_path {
    f1ap_cu_t *cu;
    assoc_listener_t *listener;
    const log_t *log;
};

static void on_up(void *ctx, assoc_t *a)
{
    f1ap_cu_path_t *p = ctx;
    f1ap_du_link_t *du = f1ap_cu_link_up(p->cu, a, assoc_streams(a));
    assoc_set_user(a, du);
    log_notice(p->log, "association with %s%s", assoc_remote_text(a), du ? "" : ": too many DUs, ignored");
}

static void on_down(void *ctx, assoc_t *a, assoc_down_t why)
{
    (void)why;
    f1ap_cu_path_t *p = ctx;
    log_notice(p->log, "association with %s is down", assoc_remote_text(a));
    if (assoc_user(a))
        f1ap_cu_link_down(assoc_user(a));
    assoc_set_user(a, NULL);
}

static void on_message(void *ctx, assoc_t *a, uint16_t stream, uint32_t ppid, const uint8_t *bytes, size_t n)
{
    (void)stream;
    f1ap_cu_path_t *p = ctx;
    if (ppid != ASSOC_PPID_F1AP)
        p->cu->counters.rx_wrong_ppid++;
    else if (assoc_user(a))
        f1ap_cu_link_message(assoc_user(a), bytes, n);
}

/* A DU that restarted inside the association knows nothing of what was agreed on. */
static void on_event(void *ctx, assoc_t *a, const assoc_event_t *e)
{
    f1ap_cu_path_t *p = ctx;
    if (e->type != ASSOC_EVENT_RESTART || !assoc_user(a))
        return;
    f1ap_cu_link_down(assoc_user(a));
    assoc_set_user(a, f1ap_cu_link_up(p->cu, a, assoc_streams(a)));
}

static int send_message(void *ctx, void *peer, uint16_t stream, const uint8_t *bytes, size_t n)
{
    (void)ctx;
    return peer ? assoc_send(peer, stream, ASSOC_PPID_F1AP, bytes, n) : -ENOTCONN;
}

int f1ap_cu_path_create(f1ap_cu_path_t **ret)
{
    f1ap_cu_path_t *p = calloc(1, sizeof *p);
    if (!p)
        return -ENOMEM;
    *ret = p;
    return 0;
}

f1ap_cu_transport_t f1ap_cu_path_transport(f1ap_cu_path_t *p)
{
    return (f1ap_cu_transport_t){p, send_message};
}

int f1ap_cu_path_listen(f1ap_cu_path_t *p, f1ap_cu_t *cu, loop_t *loop, const assoc_config_t *config,
                        const log_t *log)
{
    static const assoc_cbs_t cbs = {on_up, on_down, on_message, on_event};
    p->cu = cu;
    p->log = log;
    return assoc_listen(loop, config, &cbs, p, &p->listener);
}

void f1ap_cu_path_destroy(f1ap_cu_path_t *p)
{
    if (!p)
        return;
    assoc_listen_close(p->listener);
    free(p);
}

const assoc_counters_t *f1ap_cu_path_counters(const f1ap_cu_path_t *p)
{
    return p->listener ? assoc_listener_counters(p->listener) : NULL;
}
