/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel carrier: one-to-one style sockets (RFC 6458 4) through libsctp, multi-homed where more than one
 * address is configured. */
#include "lib/sctp/internal.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/sctp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define SOCKET_BYTES (1 << 20)
#define BATCH 64 /* reads in one go, so that one socket does not starve the loop */

struct kernel_end {
    int fd;
    loop_fd_t *handle;
    uint32_t events;
};

static uint8_t *read_buf(void)
{
    /* One a thread: two loops may run kernel sockets side by side. */
    static _Thread_local uint8_t buf[65536];
    return buf;
}

/* ---- sockets ---- */

static int options_set(int fd, const assoc_settings_t *set)
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
    struct sctp_event_subscribe events = {.sctp_association_event = 1,
                                          .sctp_address_event = 1,
                                          .sctp_send_failure_event_event = 1,
                                          .sctp_peer_error_event = 1,
                                          .sctp_shutdown_event = 1};
    /* Beyond net.core.*mem_max where we may; else the kernel's limit has to do. */
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) < 0)
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
#define SET(level, option, value)                                                                            \
    if (setsockopt(fd, level, option, &(value), sizeof(value)) < 0)                                          \
    return -errno
    SET(IPPROTO_SCTP, SCTP_NODELAY, one);
    SET(IPPROTO_SCTP, SCTP_RECVRCVINFO, one);
    SET(IPPROTO_SCTP, SCTP_EVENTS, events);
    SET(IPPROTO_SCTP, SCTP_INITMSG, init);
    SET(IPPROTO_SCTP, SCTP_RTOINFO, rto);
    SET(IPPROTO_SCTP, SCTP_ASSOCINFO, params);
    SET(IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, path);
#undef SET
    return 0;
}

/* libsctp wants addresses one behind the other. */
static int pack(const addr_list_t *list, uint8_t ret[sizeof(struct sockaddr_storage) * ASSOC_MAX_ADDRS])
{
    size_t n = 0;
    for (uint32_t i = 0; i < list->n; i++) {
        memcpy(ret + n, &list->a[i], addr_len(&list->a[i]));
        n += addr_len(&list->a[i]);
    }
    return (int)list->n;
}

static bool has_v6(const addr_list_t *list)
{
    for (uint32_t i = 0; i < list->n; i++)
        if (list->a[i].ss_family == AF_INET6)
            return true;
    return false;
}

static bool is_any_v4(const addr_list_t *list)
{
    return list->n == 1 && list->a[0].ss_family == AF_INET &&
           ((const struct sockaddr_in *)&list->a[0])->sin_addr.s_addr == INADDR_ANY;
}

static int socket_open(const assoc_settings_t *set, bool v6, int *ret)
{
    union {
        struct sockaddr sa;
        uint8_t bytes[sizeof(struct sockaddr_storage) * ASSOC_MAX_ADDRS];
    } local;
    int one = 1;
    int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_SCTP);
    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    int r = options_set(fd, set);
    bool bind_any = is_any_v4(&set->local) && v6;
    if (r == 0 && bind_any) {
        struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(addr_port(&set->local.a[0]))};
        r = bind(fd, (struct sockaddr *)&any, sizeof any) < 0 ? -errno : 0;
    } else if (r == 0) {
        int n = pack(&set->local, local.bytes);
        r = sctp_bindx(fd, &local.sa, n, SCTP_BINDX_ADD_ADDR) < 0 ? -errno : 0;
    }
    if (r < 0) {
        close(fd);
        return r;
    }
    *ret = fd;
    return 0;
}

static int end_create(loop_t *loop, int fd, uint32_t events, loop_fd_cb_t cb, void *ctx, kernel_end_t **ret)
{
    kernel_end_t *k = calloc(1, sizeof *k);
    if (!k)
        return -ENOMEM;
    k->fd = fd;
    k->events = events;
    int r = loop_fd_add(loop, fd, events, cb, ctx, &k->handle);
    if (r < 0) {
        free(k);
        return r;
    }
    *ret = k;
    return 0;
}

static void end_destroy(kernel_end_t *k, bool in_order)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0}; /* RFC 6458 8.1.4: close sends ABORT */
    if (!k)
        return;
    loop_fd_del(k->handle);
    if (!in_order)
        setsockopt(k->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(k->fd);
    free(k);
}

/* ---- an association ---- */

static void addr_event(assoc_t *a, const struct sctp_paddr_change *c)
{
    struct sockaddr_storage addr;
    char text[ASSOC_ADDR_TEXT];
    memcpy(&addr, &c->spc_aaddr, sizeof addr); /* the kernel's struct is packed */
    addr_print(&addr, text);
    if (c->spc_state == SCTP_ADDR_UNREACHABLE)
        assoc_in_event(a, ASSOC_EVENT_PATH_DOWN, (uint32_t)c->spc_error, text);
    else if (c->spc_state == SCTP_ADDR_AVAILABLE || c->spc_state == SCTP_ADDR_CONFIRMED)
        assoc_in_event(a, ASSOC_EVENT_PATH_UP, 0, text);
}

/* False: a is down or closed. */
static bool on_notification(assoc_t *a, const union sctp_notification *n, size_t len)
{
    if (len < sizeof n->sn_header || n->sn_header.sn_length > len)
        return true;
    switch (n->sn_header.sn_type) {
    case SCTP_ASSOC_CHANGE:
        if (n->sn_assoc_change.sac_state == SCTP_COMM_UP)
            assoc_in_up(a, n->sn_assoc_change.sac_outbound_streams);
        else if (n->sn_assoc_change.sac_state == SCTP_RESTART)
            assoc_in_event(a, ASSOC_EVENT_RESTART, 0, a->remote_text);
        else {
            assoc_in_down(a, n->sn_assoc_change.sac_state == SCTP_SHUTDOWN_COMP ? ASSOC_DOWN_SHUTDOWN
                                                                                : ASSOC_DOWN_LOST);
            return false;
        }
        return true;
    case SCTP_SHUTDOWN_EVENT:
        assoc_in_down(a, ASSOC_DOWN_SHUTDOWN);
        return false;
    case SCTP_PEER_ADDR_CHANGE:
        addr_event(a, &n->sn_paddr_change);
        return true;
    case SCTP_REMOTE_ERROR:
        assoc_in_event(a, ASSOC_EVENT_REMOTE_ERROR, ntohs(n->sn_remote_error.sre_error), NULL);
        return true;
    case SCTP_SEND_FAILED_EVENT:
        if (a->up)
            assoc_in_event(a, ASSOC_EVENT_SEND_FAILED, n->sn_send_failed_event.ssf_error, NULL);
        return true;
    default:
        return true;
    }
}

/* Reads one piece. False: nothing more to read, or the socket is gone. */
static bool read_one(assoc_t *a, kernel_end_t *k)
{
    struct sctp_rcvinfo info = {0};
    struct sockaddr_storage from;
    socklen_t from_n = sizeof from, info_n = sizeof info;
    unsigned info_type = 0;
    int flags = 0;
    struct iovec iov = {read_buf(), 65536};
    ssize_t n =
        sctp_recvv(k->fd, &iov, 1, (struct sockaddr *)&from, &from_n, &info, &info_n, &info_type, &flags);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n <= 0) {
        assoc_in_down(a, n == 0 ? ASSOC_DOWN_SHUTDOWN : ASSOC_DOWN_LOST);
        return false;
    }
    if (flags & MSG_NOTIFICATION) {
        if (!on_notification(a, iov.iov_base, (size_t)n))
            return false;
    } else
        assoc_in_data(a, info.rcv_sid, ntohl(info.rcv_ppid), iov.iov_base, (size_t)n, flags & MSG_EOR);
    return !a->closed && a->kernel == k;
}

static void set_events(assoc_t *a, uint32_t events)
{
    if (a->kernel->events != events && loop_fd_set_events(a->kernel->handle, events) == 0)
        a->kernel->events = events;
}

static void on_assoc_fd(void *ctx, uint32_t events)
{
    assoc_t *a = ctx;
    kernel_end_t *k = a->kernel;
    assoc_pin(a);
    for (int i = 0; i < BATCH && read_one(a, k); i++)
        ;
    bool ours = !a->closed && a->kernel == k;
    if (ours && !a->up && (events & (EPOLLERR | EPOLLHUP))) /* refused, and no notification says so */
        assoc_in_down(a, ASSOC_DOWN_CONNECT_FAILED);
    else if (ours && (events & EPOLLOUT)) {
        assoc_in_writable(a);
        if (!a->queue)
            set_events(a, EPOLLIN);
    }
    assoc_unpin(a);
}

static int kernel_connect(assoc_t *a)
{
    union {
        struct sockaddr sa;
        uint8_t bytes[sizeof(struct sockaddr_storage) * ASSOC_MAX_ADDRS];
    } remote;
    int fd;
    bool v6 = has_v6(&a->set.local) || has_v6(&a->set.remote);
    int r = socket_open(&a->set, v6, &fd);
    if (r < 0)
        return r;
    int n = pack(&a->set.remote, remote.bytes);
    if (sctp_connectx(fd, &remote.sa, n, NULL) < 0 && errno != EINPROGRESS)
        r = -errno;
    if (r == 0)
        r = end_create(a->loop, fd, EPOLLIN, on_assoc_fd, a, &a->kernel);
    if (r < 0)
        close(fd);
    return r;
}

static int kernel_send(assoc_t *a, uint16_t stream, uint32_t ppid, const void *bytes, size_t n)
{
    struct sctp_sndinfo info = {.snd_sid = stream, .snd_ppid = htonl(ppid)};
    struct iovec iov = {(void *)bytes, n};
    ssize_t r =
        sctp_sendv(a->kernel->fd, &iov, 1, NULL, 0, &info, sizeof info, SCTP_SENDV_SNDINFO, MSG_NOSIGNAL);
    if (r >= 0)
        return 0;
    if (errno != EAGAIN)
        return -errno;
    set_events(a, EPOLLIN | EPOLLOUT);
    return -EAGAIN;
}

static void kernel_drop(assoc_t *a, bool in_order)
{
    end_destroy(a->kernel, in_order);
    a->kernel = NULL;
}

/* ---- listening ---- */

static void accept_one(assoc_listener_t *l, int fd, const struct sockaddr_storage *from)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    struct sctp_status status = {0};
    socklen_t n = sizeof status;
    assoc_t *a = assoc_in_accept(l, from, 0);
    if (!a || end_create(l->loop, fd, EPOLLIN, on_assoc_fd, a, &a->kernel) < 0) {
        if (a)
            assoc_close(a, false);
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
        close(fd);
        return;
    }
    bool known = getsockopt(fd, IPPROTO_SCTP, SCTP_STATUS, &status, &n) == 0;
    assoc_in_up(a, known && status.sstat_outstrms ? status.sstat_outstrms : l->set.streams);
}

static void on_listen_fd(void *ctx, uint32_t events)
{
    assoc_listener_t *l = ctx;
    (void)events;
    l->pins++;
    for (int i = 0; i < BATCH && !l->closed; i++) {
        struct sockaddr_storage from;
        socklen_t n = sizeof from;
        int fd = accept4(l->kernel->fd, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            break;
        accept_one(l, fd, &from);
    }
    l->pins--;
    assoc_listener_unpinned(l);
}

static int kernel_listen(assoc_listener_t *l)
{
    int fd;
    int r = socket_open(&l->set, has_v6(&l->set.local), &fd);
    if (r < 0)
        return r;
    if (listen(fd, 64) < 0)
        r = -errno;
    if (r == 0)
        r = end_create(l->loop, fd, EPOLLIN, on_listen_fd, l, &l->kernel);
    if (r < 0)
        close(fd);
    return r;
}

static void kernel_listen_close(assoc_listener_t *l)
{
    end_destroy(l->kernel, false);
    l->kernel = NULL;
}

const carrier_t carrier_kernel = {
    .id = ASSOC_CARRIER_KERNEL,
    .listen = kernel_listen,
    .listen_close = kernel_listen_close,
    .connect = kernel_connect,
    .send = kernel_send,
    .drop = kernel_drop,
};
