/* SPDX-License-Identifier: Apache-2.0 */
/* F1-C over SCTP at the gNB-DU: connects, and goes on connecting. */
#include <errno.h>
#include <stdlib.h>

#include "du/f1ap/f1ap_du_inner.h"

struct f1ap_du_path {
    f1ap_du_t *d;
    assoc_t *assoc;
    const log_t *log;
};

static void on_up(void *ctx, assoc_t *a)
{
    f1ap_du_path_t *p = ctx;
    p->assoc = a;
    log_notice(p->log, "association with CU %s", assoc_remote_text(a));
    f1ap_du_link_up(p->d, assoc_streams(a));
}

static void on_down(void *ctx, assoc_t *a, assoc_down_t why)
{
    f1ap_du_path_t *p = ctx;
    if (why == ASSOC_DOWN_CONNECT_FAILED)
        log_warning(p->log, "no CU at %s yet: trying on", assoc_remote_text(a));
    else
        log_warning(p->log, "association with CU %s is down", assoc_remote_text(a));
    f1ap_du_link_down(p->d);
}

static void on_message(void *ctx, assoc_t *a, uint16_t stream, uint32_t ppid, const uint8_t *bytes, size_t n)
{
    (void)a;
    (void)stream;
    f1ap_du_path_t *p = ctx;
    if (ppid != ASSOC_PPID_F1AP)
        p->d->counters.rx_wrong_ppid++;
    else
        f1ap_du_link_message(p->d, bytes, n);
}

/* A CU that restarted inside the association knows nothing of us. */
static void on_event(void *ctx, assoc_t *a, const assoc_event_t *e)
{
    f1ap_du_path_t *p = ctx;
    if (e->type != ASSOC_EVENT_RESTART)
        return;
    f1ap_du_link_down(p->d);
    f1ap_du_link_up(p->d, assoc_streams(a));
}

static int send_message(void *ctx, uint16_t stream, const uint8_t *bytes, size_t n)
{
    f1ap_du_path_t *p = ctx;
    return p->assoc ? assoc_send(p->assoc, stream, ASSOC_PPID_F1AP, bytes, n) : -ENOTCONN;
}

int f1ap_du_path_create(f1ap_du_path_t **ret)
{
    f1ap_du_path_t *p = calloc(1, sizeof *p);
    if (!p)
        return -ENOMEM;
    *ret = p;
    return 0;
}

f1ap_du_transport_t f1ap_du_path_transport(f1ap_du_path_t *p)
{
    return (f1ap_du_transport_t){p, send_message};
}

int f1ap_du_path_connect(f1ap_du_path_t *p, f1ap_du_t *d, loop_t *loop, const assoc_config_t *config,
                         const log_t *log)
{
    static const assoc_cbs_t cbs = {on_up, on_down, on_message, on_event};
    p->d = d;
    p->log = log;
    return assoc_connect(loop, config, &cbs, p, &p->assoc);
}

void f1ap_du_path_destroy(f1ap_du_path_t *p)
{
    if (!p)
        return;
    assoc_close(p->assoc, true);
    free(p);
}

const assoc_counters_t *f1ap_du_path_counters(const f1ap_du_path_t *p)
{
    return p->assoc ? assoc_counters(p->assoc) : NULL;
}
