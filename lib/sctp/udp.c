/* SPDX-License-Identifier: Apache-2.0 */
/* The udp carrier: associations and listeners over usrsctp sockets. */
#include "lib/sctp/udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* Notifications are whole in one read; of messages a read gives a piece. */
static uint8_t read_buf[65536]; /* usrsctp is bound to one thread, so is this */

/* ---- an association's socket ---- */

/* False: a is down or closed. */
static bool on_assoc_change(assoc_t *a, const struct sctp_assoc_change *c)
{
    switch (c->sac_state) {
    case SCTP_COMM_UP:
        assoc_in_up(a, c->sac_outbound_streams);
        return true;
    case SCTP_RESTART:
        assoc_in_event(a, ASSOC_EVENT_RESTART, 0, a->remote_text);
        return true;
    case SCTP_SHUTDOWN_COMP:
        assoc_in_down(a, ASSOC_DOWN_SHUTDOWN);
        return false;
    default: /* COMM_LOST, CANT_STR_ASSOC */
        assoc_in_down(a, ASSOC_DOWN_LOST);
        return false;
    }
}

static bool on_notification(assoc_t *a, const union sctp_notification *n, size_t len)
{
    if (len < sizeof n->sn_header || n->sn_header.sn_length > len)
        return true;
    switch (n->sn_header.sn_type) {
    case SCTP_ASSOC_CHANGE:
        return on_assoc_change(a, &n->sn_assoc_change);
    case SCTP_SHUTDOWN_EVENT:
        assoc_in_down(a, ASSOC_DOWN_SHUTDOWN);
        return false;
    case SCTP_PEER_ADDR_CHANGE:
        if (n->sn_paddr_change.spc_state == SCTP_ADDR_UNREACHABLE)
            assoc_in_event(a, ASSOC_EVENT_PATH_DOWN, n->sn_paddr_change.spc_error, a->remote_text);
        else if (n->sn_paddr_change.spc_state == SCTP_ADDR_AVAILABLE)
            assoc_in_event(a, ASSOC_EVENT_PATH_UP, 0, a->remote_text);
        return true;
    case SCTP_REMOTE_ERROR:
        assoc_in_event(a, ASSOC_EVENT_REMOTE_ERROR, ntohs(n->sn_remote_error.sre_error), NULL);
        return true;
    case SCTP_SEND_FAILED_EVENT:
        if (a->up)
            assoc_in_event(a, ASSOC_EVENT_SEND_FAILED, n->sn_send_failed_event.ssfe_error, NULL);
        return true;
    default:
        return true;
    }
}

/* Reads one piece. False: nothing more to read, or the socket is gone. */
static bool read_one(udp_conn_t *c)
{
    assoc_t *a = c->a;
    struct sctp_rcvinfo info = {0};
    struct sockaddr_conn from;
    socklen_t from_n = sizeof from, info_n = sizeof info;
    unsigned info_type = 0;
    int flags = 0;
    ssize_t n = usrsctp_recvv(c->sock->so, read_buf, sizeof read_buf, (struct sockaddr *)&from, &from_n,
                              &info, &info_n, &info_type, &flags);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINPROGRESS || errno == EINTR))
        return false;
    if (n <= 0) {
        assoc_in_down(a, n == 0 ? ASSOC_DOWN_SHUTDOWN : ASSOC_DOWN_LOST);
        return false;
    }
    if (flags & MSG_NOTIFICATION) {
        if (!on_notification(a, (const union sctp_notification *)(const void *)read_buf, (size_t)n))
            return false;
    } else {
        assoc_in_data(a, info.rcv_sid, ntohl(info.rcv_ppid), read_buf, (size_t)n, flags & MSG_EOR);
    }
    return !a->closed && a->udp == c && c->sock;
}

static void serve_conn(usock_t *s, int events)
{
    udp_conn_t *c = s->owner;
    assoc_t *a = c->a;
    assoc_pin(a);
    while (read_one(c))
        ;
    if (!a->closed && a->udp == c && c->sock && a->up && a->queue && (events & SCTP_EVENT_WRITE))
        assoc_in_writable(a);
    assoc_unpin(a);
}

static void conn_drop(assoc_t *a, bool in_order)
{
    udp_conn_t *c = a->udp;
    if (!c)
        return;
    a->udp = NULL;
    if (in_order && c->sock)
        usrsctp_shutdown(c->sock->so, SHUT_WR);
    usock_close(c->sock, !in_order);
    endpoint_t *e = c->tunnel->endpoint;
    tunnel_put(c->tunnel);
    free(c);
    endpoint_put(e);
}

static int conn_connect(assoc_t *a)
{
    struct sockaddr_storage local = a->set.local.a[0], remote = a->set.remote.a[0];
    uint16_t local_port = addr_port(&local), remote_port = addr_port(&remote);
    endpoint_t *e;
    if (local.ss_family != remote.ss_family) {
        if (a->set.local.n != 1 || ((struct sockaddr_in *)&local)->sin_addr.s_addr != INADDR_ANY)
            return -EINVAL;
        local = (struct sockaddr_storage){.ss_family = remote.ss_family}; /* any, of the peer's family */
    }
    addr_set_port(&local, a->set.local_udp_port);
    addr_set_port(&remote, a->set.remote_udp_port);
    udp_conn_t *c = calloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    c->a = a;
    int r = endpoint_get(a->loop, &local, &e);
    if (r < 0) {
        free(c);
        return r;
    }
    r = tunnel_get(e, &remote, &c->tunnel);
    if (r < 0) {
        free(c);
        endpoint_put(e);
        return r;
    }
    a->udp = c;
    r = usock_open(c->tunnel, local_port, &a->set, serve_conn, c, &c->sock);
    if (r == 0) {
        struct sockaddr_conn to = tunnel_sockaddr(c->tunnel, remote_port);
        if (usrsctp_connect(c->sock->so, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS)
            r = -errno;
    }
    if (r < 0)
        conn_drop(a, false);
    return r;
}

static int conn_send(assoc_t *a, uint16_t stream, uint32_t ppid, const void *bytes, size_t n)
{
    struct sctp_sndinfo info = {.snd_sid = stream, .snd_ppid = htonl(ppid)};
    ssize_t r = usrsctp_sendv(a->udp->sock->so, bytes, n, NULL, 0, &info, sizeof info, SCTP_SENDV_SNDINFO, 0);
    if (r >= 0)
        return 0;
    return errno == EWOULDBLOCK || errno == ENOBUFS ? -EAGAIN : -errno;
}

/* ---- listening ---- */

static void serve_listen(usock_t *s, int events)
{
    lsock_t *ls = s->owner;
    assoc_listener_t *l = ls->listen->l;
    tunnel_t *t = ls->tunnel;
    (void)events;
    for (struct socket *so; (so = usrsctp_accept(s->so, NULL, NULL));) {
        usock_t *conn_sock = NULL;
        udp_conn_t *c = calloc(1, sizeof *c);
        if (!c || usock_adopt(so, serve_conn, c, &conn_sock) < 0) {
            free(c);
            usrsctp_close(so);
            continue;
        }
        struct sockaddr_storage remote = t->remote;
        struct sctp_status status = {0};
        socklen_t n = sizeof status;
        usrsctp_getsockopt(so, IPPROTO_SCTP, SCTP_STATUS, &status, &n);
        assoc_t *a = assoc_in_accept(l, &remote, addr_port(&remote));
        if (!a) {
            usock_close(conn_sock, true);
            free(c);
            continue;
        }
        *c = (udp_conn_t){.a = a, .tunnel = t, .sock = conn_sock};
        a->udp = c;
        t->users++;
        endpoint_share(t->endpoint);
        usock_kick(conn_sock); /* what came before the upcall was set */
        assoc_pin(a);
        assoc_in_up(a, status.sstat_outstrms ? status.sstat_outstrms : l->set.streams);
        bool gone = l->closed;
        assoc_unpin(a);
        if (gone)
            return;
    }
}

int lsock_ensure(tunnel_t *t, udp_listen_t *l)
{
    for (lsock_t *ls = t->lsocks; ls; ls = ls->next)
        if (ls->listen == l)
            return 0;
    lsock_t *ls = calloc(1, sizeof *ls);
    if (!ls)
        return -ENOMEM;
    *ls = (lsock_t){.next = t->lsocks, .listen = l, .tunnel = t};
    int r = usock_open(t, l->port, &l->l->set, serve_listen, ls, &ls->sock);
    if (r == 0 && usrsctp_listen(ls->sock->so, 8) < 0) {
        r = -errno;
        usock_close(ls->sock, true);
    }
    if (r < 0) {
        free(ls);
        return r;
    }
    t->lsocks = ls;
    return 0;
}

void lsock_close(lsock_t *ls)
{
    lsock_t **p = &ls->tunnel->lsocks;
    while (*p != ls)
        p = &(*p)->next;
    *p = ls->next;
    usock_close(ls->sock, true);
    free(ls);
}

static int udp_listen_open(assoc_listener_t *l)
{
    struct sockaddr_storage local = l->set.local.a[0];
    uint16_t port = addr_port(&local);
    addr_set_port(&local, l->set.local_udp_port);
    udp_listen_t *u = calloc(1, sizeof *u);
    if (!u)
        return -ENOMEM;
    int r = endpoint_get(l->loop, &local, &u->endpoint);
    if (r < 0) {
        free(u);
        return r;
    }
    for (udp_listen_t *o = u->endpoint->listens; o; o = o->next)
        if (o->port == port)
            r = -EADDRINUSE;
    if (r < 0) {
        endpoint_put(u->endpoint);
        free(u);
        return r;
    }
    u->l = l;
    u->port = port;
    u->next = u->endpoint->listens;
    u->endpoint->listens = u;
    l->udp = u;
    return 0;
}

static void udp_listen_close(assoc_listener_t *l)
{
    udp_listen_t *u = l->udp;
    for (tunnel_t *t = u->endpoint->tunnels; t; t = t->next_in_endpoint)
        for (lsock_t *ls = t->lsocks, *next; ls; ls = next) {
            next = ls->next;
            if (ls->listen == u)
                lsock_close(ls);
        }
    udp_listen_t **p = &u->endpoint->listens;
    while (*p != u)
        p = &(*p)->next;
    *p = u->next;
    endpoint_put(u->endpoint);
    free(u);
    l->udp = NULL;
}

static void udp_read_counters(const assoc_t *a, const assoc_listener_t *l, assoc_counters_t *to)
{
    const endpoint_t *e = l ? l->udp ? l->udp->endpoint : NULL : a->udp ? a->udp->tunnel->endpoint : NULL;
    if (!e)
        return;
    to->udp_rx = e->counters.udp_rx;
    to->udp_tx = e->counters.udp_tx;
    to->udp_rx_short = e->counters.udp_rx_short;
    to->udp_rx_checksum = e->counters.udp_rx_checksum;
    to->udp_rx_stranger = e->counters.udp_rx_stranger;
    to->udp_rx_crowded = e->counters.udp_rx_crowded;
    to->udp_tx_dropped = e->counters.udp_tx_dropped;
}

const carrier_t carrier_udp = {
    .id = ASSOC_CARRIER_UDP,
    .listen = udp_listen_open,
    .listen_close = udp_listen_close,
    .connect = conn_connect,
    .send = conn_send,
    .drop = conn_drop,
    .read_counters = udp_read_counters,
};
