/* SPDX-License-Identifier: Apache-2.0 */
/* Life of an association whatever carries it: settings, callbacks, reassembly, send queue, backoff. */
#include "lib/sctp/internal.h"

#include "lib/core/clock.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

COUNTERS_DEFINE(assoc, ASSOC_COUNTERS)
const char *const assoc_carrier_labels[] = {"auto", "kernel", "udp", NULL};

bool assoc_kernel_has_sctp(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP);
    if (fd < 0)
        return false;
    close(fd);
    return true;
}

static uint32_t or_default(uint32_t v, uint32_t def)
{
    return v ? v : def;
}

static int settings_make(const assoc_config_t *c, bool connecting, assoc_settings_t *ret)
{
    assoc_settings_t s = {
        .local_udp_port = (uint16_t)or_default(c->local_udp_port, ASSOC_UDP_PORT),
        .remote_udp_port = (uint16_t)or_default(c->remote_udp_port, ASSOC_UDP_PORT),
        .streams = (uint16_t)or_default(c->streams, 8),
        .max_assocs = or_default(c->max_assocs, 64),
        .heartbeat_ms = or_default(c->heartbeat_ms, 2000),
        .rto_min_ms = or_default(c->rto_min_ms, 100),
        .rto_max_ms = or_default(c->rto_max_ms, 1000),
        .max_retrans = or_default(c->max_retrans, 6),
        .backoff_min_ms = or_default(c->backoff_min_ms, 200),
        .backoff_max_ms = or_default(c->backoff_max_ms, 5000),
        .queue_bytes = or_default(c->queue_bytes, 4u << 20),
    };
    if (addr_parse(c->local, c->local_port, &s.local) < 0)
        return -EINVAL;
    if (connecting ? c->remote_port == 0 || !c->remote || !*c->remote ||
                         addr_parse(c->remote, c->remote_port, &s.remote) < 0
                   : c->local_port == 0)
        return -EINVAL;
    if (s.rto_min_ms > s.rto_max_ms || s.backoff_min_ms > s.backoff_max_ms)
        return -EINVAL;
    *ret = s;
    return 0;
}

static int carrier_pick(assoc_carrier_t wanted, const carrier_t **ret)
{
    bool kernel = wanted != ASSOC_CARRIER_UDP && assoc_kernel_has_sctp();
    if (wanted == ASSOC_CARRIER_KERNEL && !kernel)
        return -EPROTONOSUPPORT;
    *ret = kernel ? &carrier_kernel : &carrier_udp;
    return 0;
}

/* ---- life ---- */

static void queue_clear(assoc_t *a)
{
    for (queued_t *q = a->queue, *next; q; q = next) {
        next = q->next;
        free(q);
    }
    a->queue = NULL;
    a->queue_tail = &a->queue;
    a->queue_bytes = 0;
}

static void assoc_free(assoc_t *a)
{
    queue_clear(a);
    free(a->rx);
    free(a);
}

void assoc_listener_unpinned(assoc_listener_t *l)
{
    if (l->closed && l->pins == 0)
        free(l);
}

void assoc_pin(assoc_t *a)
{
    a->pins++;
    if (a->listener)
        a->listener->pins++;
}

void assoc_unpin(assoc_t *a)
{
    assoc_listener_t *l = a->listener;
    if (--a->pins == 0 && a->closed)
        assoc_free(a);
    if (l) {
        l->pins--;
        assoc_listener_unpinned(l);
    }
}

/* Takes the association out of everything and frees it, at once or when the last pin goes. */
static void forget(assoc_t *a, bool in_order)
{
    a->closed = true;
    a->up = false;
    loop_timer_stop(&a->retry);
    a->carrier->drop(a, in_order);
    if (a->listener) {
        assoc_t **p = &a->listener->assocs;
        while (*p != a)
            p = &(*p)->next;
        *p = a->next;
        a->listener->n_assocs--;
    }
    if (a->pins == 0)
        assoc_free(a);
}

static void remote_text_set(assoc_t *a, const struct sockaddr_storage *remote, uint16_t udp_port)
{
    addr_print(remote, a->remote_text);
    size_t n = strlen(a->remote_text);
    if (a->carrier == &carrier_udp)
        snprintf(a->remote_text + n, sizeof a->remote_text - n, " over UDP %u", udp_port);
}

static void retry_later(assoc_t *a)
{
    loop_timer_start(&a->retry, (int64_t)a->backoff_ms * NS_PER_MS);
    a->backoff_ms = a->backoff_ms * 2 < a->set.backoff_max_ms ? a->backoff_ms * 2 : a->set.backoff_max_ms;
}

static void connect_now(void *ctx)
{
    assoc_t *a = ctx;
    int r = a->carrier->connect(a);
    if (r == 0)
        return;
    log_warning(&a->log, "%s: cannot connect: %s", a->remote_text, strerror(-r));
    assoc_in_down(a, ASSOC_DOWN_CONNECT_FAILED);
}

int assoc_connect(loop_t *loop, const assoc_config_t *config, const assoc_cbs_t *cbs, void *ctx,
                  assoc_t **ret)
{
    assoc_settings_t set;
    const carrier_t *carrier = NULL;
    int r = settings_make(config, true, &set);
    if (r == 0)
        r = carrier_pick(config->carrier, &carrier);
    if (r < 0)
        return r;
    assoc_t *a = calloc(1, sizeof *a);
    if (!a)
        return -ENOMEM;
    a->carrier = carrier;
    a->loop = loop;
    a->set = set;
    a->cbs = *cbs;
    a->ctx = ctx;
    a->log = log_sub(config->log, "sctp");
    a->queue_tail = &a->queue;
    a->counters = &a->own;
    a->backoff_ms = set.backoff_min_ms;
    remote_text_set(a, &set.remote.a[0], set.remote_udp_port);
    loop_timer_init(loop, &a->retry, connect_now, a);
    r = carrier->connect(a);
    /* What the network may mend is tried again; what the caller got wrong is not. */
    if (r == -EINVAL || r == -EBUSY || r == -ENOMEM || r == -EADDRINUSE || r == -EADDRNOTAVAIL ||
        r == -EACCES) {
        carrier->drop(a, false);
        assoc_free(a);
        return r;
    }
    if (r < 0) {
        a->own.connect_failed++;
        carrier->drop(a, false);
        retry_later(a);
    }
    *ret = a;
    return 0;
}

void assoc_close(assoc_t *a, bool in_order)
{
    if (!a || a->closed)
        return;
    if (a->up)
        assoc_in_writable(a);
    forget(a, in_order && a->up);
}

int assoc_listen(loop_t *loop, const assoc_config_t *config, const assoc_cbs_t *cbs, void *ctx,
                 assoc_listener_t **ret)
{
    assoc_settings_t set;
    const carrier_t *carrier = NULL;
    int r = settings_make(config, false, &set);
    if (r == 0)
        r = carrier_pick(config->carrier, &carrier);
    if (r < 0)
        return r;
    assoc_listener_t *l = calloc(1, sizeof *l);
    if (!l)
        return -ENOMEM;
    l->carrier = carrier;
    l->loop = loop;
    l->set = set;
    l->cbs = *cbs;
    l->ctx = ctx;
    l->log = log_sub(config->log, "sctp");
    r = carrier->listen(l);
    if (r < 0) {
        free(l);
        return r;
    }
    *ret = l;
    return 0;
}

void assoc_listen_close(assoc_listener_t *l)
{
    if (!l || l->closed)
        return;
    while (l->assocs)
        forget(l->assocs, false);
    l->carrier->listen_close(l);
    l->closed = true;
    assoc_listener_unpinned(l);
}

/* ---- from the carrier ---- */

assoc_t *assoc_in_accept(assoc_listener_t *l, const struct sockaddr_storage *remote, uint16_t udp_port)
{
    assoc_t *a = l->n_assocs < l->set.max_assocs ? calloc(1, sizeof *a) : NULL;
    if (!a) {
        l->counters.accept_refused++;
        return NULL;
    }
    a->carrier = l->carrier;
    a->loop = l->loop;
    a->set = l->set;
    a->cbs = l->cbs;
    a->ctx = l->ctx;
    a->log = l->log;
    a->listener = l;
    a->next = l->assocs;
    l->assocs = a;
    l->n_assocs++;
    a->queue_tail = &a->queue;
    a->counters = &l->counters;
    remote_text_set(a, remote, udp_port);
    return a;
}

void assoc_in_up(assoc_t *a, uint16_t streams)
{
    if (a->up)
        return;
    a->up = true;
    a->said_failed = false;
    a->streams = streams;
    a->backoff_ms = a->set.backoff_min_ms;
    a->counters->ups++;
    log_notice(&a->log, "%s: up, %u streams", a->remote_text, streams);
    a->cbs.up(a->ctx, a);
}

void assoc_in_down(assoc_t *a, assoc_down_t why)
{
    bool was_up = a->up;
    bool tell = was_up || (!a->listener && !a->said_failed);
    a->up = false;
    a->rx_n = 0;
    a->rx_skip = false;
    queue_clear(a);
    a->carrier->drop(a, why == ASSOC_DOWN_SHUTDOWN);
    if (was_up) {
        a->counters->downs++;
        log_warning(&a->log, "%s: %s", a->remote_text,
                    why == ASSOC_DOWN_SHUTDOWN ? "shut down by the peer" : "lost");
    } else {
        a->counters->connect_failed++;
        why = ASSOC_DOWN_CONNECT_FAILED;
        if (tell)
            log_notice(&a->log, "%s: does not answer, trying again", a->remote_text);
        a->said_failed = true;
    }
    if (!a->listener)
        retry_later(a);
    assoc_pin(a);
    if (tell)
        a->cbs.down(a->ctx, a, why);
    if (a->listener && !a->closed)
        forget(a, false);
    assoc_unpin(a);
}

static int rx_append(assoc_t *a, const uint8_t *bytes, size_t n)
{
    if (n > ASSOC_MAX_MESSAGE - a->rx_n)
        return -EMSGSIZE;
    if (a->rx_n + n > a->rx_cap) {
        size_t cap = a->rx_cap ? a->rx_cap : 4096;
        while (cap < a->rx_n + n)
            cap *= 2;
        uint8_t *rx = realloc(a->rx, cap);
        if (!rx)
            return -ENOMEM;
        a->rx = rx;
        a->rx_cap = cap;
    }
    memcpy(a->rx + a->rx_n, bytes, n);
    a->rx_n += n;
    return 0;
}

void assoc_in_data(assoc_t *a, uint16_t stream, uint32_t ppid, const uint8_t *bytes, size_t n, bool last)
{
    if (a->rx_n || !last || a->rx_skip) { /* in pieces */
        if (!a->rx_skip && rx_append(a, bytes, n) < 0)
            a->rx_skip = true;
        bytes = a->rx;
        n = a->rx_n;
    }
    if (!last)
        return;
    bool skip = a->rx_skip || n > ASSOC_MAX_MESSAGE;
    a->rx_n = 0;
    a->rx_skip = false;
    if (skip) {
        a->counters->rx_too_long++;
        return;
    }
    a->counters->rx_messages++;
    a->cbs.message(a->ctx, a, stream, ppid, bytes, n);
}

void assoc_in_event(assoc_t *a, assoc_event_type_t type, uint32_t code, const char *text)
{
    if (type == ASSOC_EVENT_SEND_FAILED)
        a->counters->tx_failed++;
    assoc_event_t e = {type, code, text ? text : ""};
    if (a->cbs.event)
        a->cbs.event(a->ctx, a, &e);
}

void assoc_in_writable(assoc_t *a)
{
    while (a->queue) {
        queued_t *q = a->queue;
        int r = a->carrier->send(a, q->stream, q->ppid, q->bytes, q->n);
        if (r == -EAGAIN)
            return;
        if (r < 0)
            a->counters->tx_failed++;
        else
            a->counters->tx_messages++;
        a->queue = q->next;
        if (!a->queue)
            a->queue_tail = &a->queue;
        a->queue_bytes -= q->n;
        free(q);
    }
}

/* ---- from above ---- */

int assoc_send(assoc_t *a, uint16_t stream, uint32_t ppid, const void *bytes, size_t n)
{
    if (!a->up)
        return -ENOTCONN;
    if (n == 0 || stream >= a->streams)
        return -EINVAL;
    if (n > ASSOC_MAX_MESSAGE)
        return -EMSGSIZE;
    if (!a->queue) {
        int r = a->carrier->send(a, stream, ppid, bytes, n);
        if (r == 0)
            a->counters->tx_messages++;
        if (r != -EAGAIN)
            return r;
    }
    queued_t *q = a->queue_bytes + n > a->set.queue_bytes ? NULL : malloc(sizeof *q + n);
    if (!q) {
        a->counters->tx_queue_full++;
        return -ENOBUFS;
    }
    *q = (queued_t){.ppid = ppid, .n = (uint32_t)n, .stream = stream};
    memcpy(q->bytes, bytes, n);
    *a->queue_tail = q;
    a->queue_tail = &q->next;
    a->queue_bytes += n;
    return 0;
}

bool assoc_is_up(const assoc_t *a)
{
    return a->up;
}

uint16_t assoc_streams(const assoc_t *a)
{
    return a->up ? a->streams : 0;
}

assoc_carrier_t assoc_carrier(const assoc_t *a)
{
    return a->carrier->id;
}

const char *assoc_remote_text(const assoc_t *a)
{
    return a->remote_text;
}

size_t assoc_queued_bytes(const assoc_t *a)
{
    return a->queue_bytes;
}

void assoc_set_user(assoc_t *a, void *user)
{
    a->user = user;
}

void *assoc_user(const assoc_t *a)
{
    return a->user;
}

const assoc_counters_t *assoc_counters(const assoc_t *a)
{
    if (a->listener)
        return assoc_listener_counters(a->listener);
    if (a->carrier->read_counters)
        a->carrier->read_counters(a, NULL, a->counters);
    return a->counters;
}

const assoc_counters_t *assoc_listener_counters(const assoc_listener_t *l)
{
    if (l->carrier->read_counters)
        l->carrier->read_counters(NULL, l, (assoc_counters_t *)&l->counters);
    return &l->counters;
}
