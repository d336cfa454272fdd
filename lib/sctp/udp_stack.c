/* SPDX-License-Identifier: Apache-2.0 */
/* usrsctp without its threads, and the UDP sockets under it: datagrams in, datagrams out, timers from the
 * loop, and who may speak to us at all. See udp.h for the parts. */
#include "lib/sctp/udp.h"

#include "lib/core/clock.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define TICK_NS (10 * NS_PER_MS)
#define UNUSED_NS                                                                                            \
    (3 * NS_PER_S)       /* a tunnel or endpoint outlives its last user by this: SHUTDOWN and handshakes */
#define MAX_TUNNELS 256u /* per endpoint */
#define BATCH 64         /* datagrams read in one go, so that one socket does not starve the loop */
#define HASH 256u
#define SOCKET_BYTES (1 << 20)

/* Chunk types, RFC 9260 3.2 */
enum {
    CHUNK_INIT = 1,
    CHUNK_ABORT = 6,
    CHUNK_SHUTDOWN_ACK = 8,
    CHUNK_ERROR = 9,
    CHUNK_COOKIE_ACK = 11,
    CHUNK_SHUTDOWN_COMPLETE = 14
};
#define COMMON_HEADER 12u

/* usrsctp keeps its state in the process, so ours about it is there too. */
static struct {
    bool initialized;
    loop_t *loop; /* NULL: nobody uses it */
    uint32_t users;
    loop_timer_t tick;
    int64_t last_tick_ns, last_sweep_ns;
    endpoint_t *endpoints;
    tunnel_t *hash[HASH];
    uintptr_t last_id;
    usock_t *pending, **pending_tail;
    bool inside, posted; /* inside: the pending list is served when usrsctp returns */
    uint8_t packet[65536];
} stack;

/* ---- pending sockets ---- */

static void serve_pending(void)
{
    for (usock_t *s; (s = stack.pending);) {
        stack.pending = s->next_pending;
        if (!stack.pending)
            stack.pending_tail = &stack.pending;
        s->pending = false;
        s->serve(s, usrsctp_get_events(s->so));
    }
}

static void on_posted(void *ctx)
{
    (void)ctx;
    stack.posted = false;
    if (stack.loop)
        serve_pending();
}

void usock_kick(usock_t *s)
{
    if (!s->pending) {
        s->pending = true;
        s->next_pending = NULL;
        *stack.pending_tail = s;
        stack.pending_tail = &s->next_pending;
    }
    if (!stack.inside && !stack.posted)
        stack.posted = loop_post(stack.loop, on_posted, NULL) == 0;
}

static void on_upcall(struct socket *so, void *arg, int flags)
{
    (void)so, (void)flags;
    usock_kick(arg);
}

static void unpend(usock_t *s)
{
    for (usock_t **p = &stack.pending; *p; p = &(*p)->next_pending)
        if (*p == s) {
            *p = s->next_pending;
            if (!*p)
                stack.pending_tail = p;
            return;
        }
}

/* ---- datagrams ---- */

static uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static tunnel_t *tunnel_by_id(uintptr_t id)
{
    tunnel_t *t = stack.hash[id % HASH];
    while (t && t->id != id)
        t = t->next_in_hash;
    return t;
}

static void packet_send(endpoint_t *e, const struct sockaddr_storage *to, uint8_t *packet, size_t n)
{
    memset(packet + 8, 0, 4);
    uint32_t crc = usrsctp_crc32c(packet, n);
    memcpy(packet + 8, &crc, 4);
    if (sendto(e->fd, packet, n, MSG_DONTWAIT, (const struct sockaddr *)to, addr_len(to)) < 0)
        e->counters.udp_tx_dropped++; /* SCTP sends it again */
    else
        e->counters.udp_tx++;
}

/* usrsctp's output: addr is the number of the tunnel. */
static int conn_output(void *addr, void *packet, size_t n, uint8_t tos, uint8_t set_df)
{
    tunnel_t *t = tunnel_by_id((uintptr_t)addr);
    (void)tos, (void)set_df;
    if (t && n >= COMMON_HEADER)
        packet_send(t->endpoint, &t->remote, packet, n);
    return 0;
}

static bool checksum_ok(uint8_t *packet, size_t n)
{
    uint32_t got, want;
    memcpy(&got, packet + 8, 4);
    memset(packet + 8, 0, 4);
    want = usrsctp_crc32c(packet, n);
    memcpy(packet + 8, &got, 4);
    return got == want;
}

/* Tells a peer whose association we do not have that there is none: RFC 9260 8.4, 5.1. Never longer than what
 * it answers. */
static void out_of_the_blue(endpoint_t *e, const struct sockaddr_storage *from, const uint8_t *packet,
                            size_t n)
{
    uint8_t type = packet[COMMON_HEADER];
    uint8_t reply[16];
    bool init = type == CHUNK_INIT;
    if (type == CHUNK_ABORT || type == CHUNK_SHUTDOWN_COMPLETE || type == CHUNK_COOKIE_ACK ||
        type == CHUNK_ERROR || (init && n < 20))
        return;
    memcpy(reply, packet + 2, 2);
    memcpy(reply + 2, packet, 2);
    memcpy(reply + 4, init ? packet + 16 : packet + 4,
           4); /* the INIT's own tag, else the packet's with T set */
    memset(reply + 8, 0, 4);
    reply[12] = type == CHUNK_SHUTDOWN_ACK ? CHUNK_SHUTDOWN_COMPLETE : CHUNK_ABORT;
    reply[13] = init ? 0 : 1;
    reply[14] = 0;
    reply[15] = 4;
    packet_send(e, from, reply, sizeof reply);
}

static tunnel_t *tunnel_find(const endpoint_t *e, const struct sockaddr_storage *remote)
{
    tunnel_t *t = e->tunnels;
    while (t && !addr_equal(&t->remote, remote))
        t = t->next_in_endpoint;
    return t;
}

static udp_listen_t *listen_find(const endpoint_t *e, uint16_t port)
{
    udp_listen_t *l = e->listens;
    while (l && l->port != port)
        l = l->next;
    return l;
}

static void datagram_in(endpoint_t *e, const struct sockaddr_storage *from, uint8_t *packet, size_t n)
{
    e->counters.udp_rx++;
    if (n < COMMON_HEADER + 4) {
        e->counters.udp_rx_short++;
        return;
    }
    if (!checksum_ok(packet, n)) {
        e->counters.udp_rx_checksum++;
        return;
    }
    tunnel_t *t = tunnel_find(e, from);
    udp_listen_t *l = packet[COMMON_HEADER] == CHUNK_INIT ? listen_find(e, get16(packet + 2)) : NULL;
    if (!t && !l) {
        e->counters.udp_rx_stranger++;
        out_of_the_blue(e, from, packet, n);
        return;
    }
    if (!t) {
        if (tunnel_get(e, from, &t) < 0) {
            e->counters.udp_rx_crowded++;
            return;
        }
        tunnel_put(t); /* it lives on as unused, for the handshake */
    }
    if (l && lsock_ensure(t, l) < 0) {
        e->counters.udp_rx_crowded++;
        return;
    }
    usrsctp_conninput((void *)t->id, packet, n, 0);
}

static void on_datagrams(void *ctx, uint32_t events)
{
    endpoint_t *e = ctx;
    (void)events;
    stack.inside = true;
    for (int i = 0; i < BATCH; i++) {
        struct sockaddr_storage from;
        socklen_t from_n = sizeof from;
        ssize_t n = recvfrom(e->fd, stack.packet, sizeof stack.packet, MSG_DONTWAIT, (struct sockaddr *)&from,
                             &from_n);
        if (n < 0) {
            if (errno == EINTR || errno == ECONNREFUSED) /* ICMP for an earlier datagram of ours */
                continue;
            break;
        }
        datagram_in(e, &from, stack.packet, (size_t)n);
    }
    stack.inside = false;
    for (udp_listen_t *l = e->listens; l;
         l = l->next) /* who holds a pointer to an end's counters sees these too */
        (void)assoc_listener_counters(l->l);
    serve_pending(); /* may close e */
}

/* ---- tunnels ---- */

struct sockaddr_conn tunnel_sockaddr(const tunnel_t *t, uint16_t port)
{
    return (struct sockaddr_conn){
        .sconn_family = AF_CONN, .sconn_port = htons(port), .sconn_addr = (void *)t->id};
}

int tunnel_get(endpoint_t *e, const struct sockaddr_storage *remote, tunnel_t **ret)
{
    tunnel_t *t = tunnel_find(e, remote);
    if (!t) {
        if (e->n_tunnels == MAX_TUNNELS)
            return -ENOBUFS;
        t = calloc(1, sizeof *t);
        if (!t)
            return -ENOMEM;
        t->id = ++stack.last_id;
        t->endpoint = e;
        t->remote = *remote;
        t->next_in_endpoint = e->tunnels;
        e->tunnels = t;
        e->n_tunnels++;
        t->next_in_hash = stack.hash[t->id % HASH];
        stack.hash[t->id % HASH] = t;
        usrsctp_register_address((void *)t->id);
    }
    t->users++;
    *ret = t;
    return 0;
}

void tunnel_put(tunnel_t *t)
{
    if (--t->users == 0)
        t->unused_ns = loop_now_ns(stack.loop);
}

static void tunnel_destroy(tunnel_t *t)
{
    endpoint_t *e = t->endpoint;
    while (t->lsocks)
        lsock_close(t->lsocks);
    tunnel_t **p = &e->tunnels;
    while (*p != t)
        p = &(*p)->next_in_endpoint;
    *p = t->next_in_endpoint;
    e->n_tunnels--;
    p = &stack.hash[t->id % HASH];
    while (*p != t)
        p = &(*p)->next_in_hash;
    *p = t->next_in_hash;
    usrsctp_deregister_address((void *)t->id);
    free(t);
}

/* ---- usrsctp's life ---- */

static void endpoint_destroy(endpoint_t *e)
{
    while (e->tunnels)
        tunnel_destroy(e->tunnels);
    endpoint_t **p = &stack.endpoints;
    while (*p != e)
        p = &(*p)->next;
    *p = e->next;
    loop_fd_del(e->handle);
    close(e->fd);
    free(e);
}

static void sweep(int64_t now)
{
    for (endpoint_t *e = stack.endpoints, *next; e; e = next) {
        next = e->next;
        for (tunnel_t *t = e->tunnels, *nt; t; t = nt) {
            nt = t->next_in_endpoint;
            if (t->users == 0 && now - t->unused_ns > UNUSED_NS)
                tunnel_destroy(t);
        }
        if (e->users == 0 && now - e->unused_ns > UNUSED_NS)
            endpoint_destroy(e);
    }
}

static void on_tick(void *ctx)
{
    (void)ctx;
    int64_t now = loop_now_ns(stack.loop);
    int64_t passed_ms = (now - stack.last_tick_ns) / NS_PER_MS;
    stack.last_tick_ns += passed_ms * NS_PER_MS;
    loop_timer_start(&stack.tick, TICK_NS);
    stack.inside = true;
    usrsctp_handle_timers((uint32_t)(passed_ms < 1000 ? passed_ms : 1000));
    if (now - stack.last_sweep_ns > NS_PER_S / 2) {
        stack.last_sweep_ns = now;
        sweep(now);
    }
    stack.inside = false;
    serve_pending();
}

static int stack_start(loop_t *loop)
{
    if (stack.loop && stack.loop != loop)
        return -EBUSY;
    if (!stack.initialized) {
        usrsctp_init_nothreads(0, conn_output, NULL);
        usrsctp_enable_crc32c_offload();       /* checked and made here, once */
        usrsctp_sysctl_set_sctp_ecn_enable(0); /* we see no ECN bits of the UDP datagrams */
        /* No address changes: they are the work of the one thread that usrsctp starts all the same, and that
         * has to sleep. */
        usrsctp_sysctl_set_sctp_asconf_enable(0);
        usrsctp_sysctl_set_sctp_auto_asconf(0);
        stack.initialized = true;
    }
    if (!stack.loop) {
        stack.loop = loop;
        stack.pending_tail = &stack.pending;
        stack.last_tick_ns = stack.last_sweep_ns = loop_now_ns(loop);
        loop_timer_init(loop, &stack.tick, on_tick, NULL);
        loop_timer_start(&stack.tick, TICK_NS);
    }
    return 0;
}

/* With the last user all is closed, endpoints that only waited for late packets included. usrsctp may still
 * keep an association that is being shut down: then its memory stays for the next start. */
static void stack_stop(void)
{
    while (stack.endpoints)
        endpoint_destroy(stack.endpoints);
    loop_timer_stop(&stack.tick);
    stack.loop = NULL;
    if (usrsctp_finish() == 0)
        stack.initialized = false;
}

/* A socket bound to any address has the port on each of them. */
static bool covers(const struct sockaddr_storage *bound, const struct sockaddr_storage *wanted)
{
    struct sockaddr_storage any = {.ss_family = wanted->ss_family};
    addr_set_port(&any, addr_port(wanted));
    return addr_equal(bound, &any);
}

static int endpoint_create(const struct sockaddr_storage *local, endpoint_t **ret)
{
    int bytes = 4 * SOCKET_BYTES;
    endpoint_t *e = calloc(1, sizeof *e);
    if (!e)
        return -ENOMEM;
    e->local = *local;
    e->fd = socket(local->ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
    int r = e->fd < 0 || bind(e->fd, (const struct sockaddr *)local, addr_len(local)) < 0 ? -errno : 0;
    if (r == 0) {
        setsockopt(e->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
        setsockopt(e->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
        r = loop_fd_add(stack.loop, e->fd, EPOLLIN, on_datagrams, e, &e->handle);
    }
    if (r < 0) {
        if (e->fd >= 0)
            close(e->fd);
        free(e);
        return r;
    }
    e->next = stack.endpoints;
    stack.endpoints = e;
    *ret = e;
    return 0;
}

void endpoint_share(endpoint_t *e)
{
    e->users++;
    stack.users++;
}

int endpoint_get(loop_t *loop, const struct sockaddr_storage *local, endpoint_t **ret)
{
    int r = stack_start(loop);
    if (r < 0)
        return r;
    endpoint_t *e = stack.endpoints;
    while (e && !addr_equal(&e->local, local) && !covers(&e->local, local))
        e = e->next;
    if (!e)
        r = endpoint_create(local, &e);
    if (r < 0) {
        if (stack.users == 0)
            stack_stop();
        return r;
    }
    endpoint_share(e);
    *ret = e;
    return 0;
}

void endpoint_put(endpoint_t *e)
{
    if (--e->users == 0)
        e->unused_ns = loop_now_ns(stack.loop);
    if (--stack.users == 0)
        stack_stop();
}

/* ---- usrsctp sockets ---- */

static int usock_options(struct socket *so, const assoc_settings_t *set)
{
    int one = 1, bytes = SOCKET_BYTES;
    struct sctp_initmsg init = {.sinit_num_ostreams = set->streams,
                                .sinit_max_instreams = set->streams,
                                .sinit_max_attempts = 3,
                                .sinit_max_init_timeo =
                                    (uint16_t)(set->rto_max_ms > 65535 ? 65535 : set->rto_max_ms)};
    uint32_t initial = set->rto_max_ms < 500   ? set->rto_max_ms
                       : set->rto_min_ms > 500 ? set->rto_min_ms
                                               : 500;
    struct sctp_rtoinfo rto = {
        .srto_initial = initial, .srto_min = set->rto_min_ms, .srto_max = set->rto_max_ms};
    struct sctp_assocparams params = {.sasoc_asocmaxrxt = (uint16_t)set->max_retrans};
    struct sctp_paddrparams path = {.spp_hbinterval = set->heartbeat_ms,
                                    .spp_pathmaxrxt = (uint16_t)((set->max_retrans + 1) / 2),
                                    .spp_flags = SPP_HB_ENABLE};
    static const uint16_t events[] = {SCTP_ASSOC_CHANGE, SCTP_PEER_ADDR_CHANGE, SCTP_REMOTE_ERROR,
                                      SCTP_SHUTDOWN_EVENT, SCTP_SEND_FAILED_EVENT};
#define SET(level, option, value)                                                                            \
    if (usrsctp_setsockopt(so, level, option, &(value), sizeof(value)) < 0)                                  \
    return -errno
    SET(SOL_SOCKET, SO_SNDBUF, bytes);
    SET(SOL_SOCKET, SO_RCVBUF, bytes);
    SET(IPPROTO_SCTP, SCTP_NODELAY, one);
    SET(IPPROTO_SCTP, SCTP_RECVRCVINFO, one);
    SET(IPPROTO_SCTP, SCTP_INITMSG, init);
    SET(IPPROTO_SCTP, SCTP_RTOINFO, rto);
    SET(IPPROTO_SCTP, SCTP_ASSOCINFO, params);
    SET(IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, path);
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        struct sctp_event ev = {.se_assoc_id = SCTP_FUTURE_ASSOC, .se_type = events[i], .se_on = 1};
        SET(IPPROTO_SCTP, SCTP_EVENT, ev);
    }
#undef SET
    return 0;
}

int usock_adopt(struct socket *so, void (*serve)(usock_t *, int), void *owner, usock_t **ret)
{
    usock_t *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    *s = (usock_t){.so = so, .serve = serve, .owner = owner};
    usrsctp_set_non_blocking(so, 1);
    usrsctp_set_upcall(so, on_upcall, s);
    *ret = s;
    return 0;
}

int usock_open(tunnel_t *t, uint16_t port, const assoc_settings_t *set, void (*serve)(usock_t *, int),
               void *owner, usock_t **ret)
{
    struct sockaddr_conn local = tunnel_sockaddr(t, port);
    struct socket *so = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, NULL, NULL, 0, NULL);
    if (!so)
        return -errno;
    int r = usock_options(so, set);
    if (r == 0 && usrsctp_bind(so, (struct sockaddr *)&local, sizeof local) < 0)
        r = -errno;
    if (r == 0)
        r = usock_adopt(so, serve, owner, ret);
    if (r < 0)
        usrsctp_close(so);
    return r;
}

void usock_close(usock_t *s, bool abort)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0}; /* RFC 6458 8.1.4: close sends ABORT */
    if (!s)
        return;
    if (s->pending)
        unpend(s);
    usrsctp_set_upcall(s->so, NULL, NULL);
    if (abort)
        usrsctp_setsockopt(s->so, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    usrsctp_close(s->so);
    free(s);
}
