/* SPDX-License-Identifier: Apache-2.0 */
/* The f1u thread: packets between socket and rings, many at a time. */
#include "du/f1u/f1u_internal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void answer(f1u_t *f, const struct sockaddr_in *to, const uint8_t *bytes, int n)
{
    if (n > 0)
        sendto(f->fd, bytes, (size_t)n, 0, (const struct sockaddr *)to, sizeof *to);
}

static void push_dl(f1u_t *f, const f1u_dl_t *e)
{
    if (ring_push(&f->dl, e))
        return;
    f->n.rx_ring_full++;
    buf_free(e->buf);
}

/* SN of a PDCP data PDU. TS 38.323 6.2.2 */
static uint32_t pdcp_sn_of(const buf_t *b, uint8_t sn_bits)
{
    const uint8_t *p = b->data;
    if (b->len < 3 || !(p[0] & 0x80))
        return F1U_NO_SN;
    return sn_bits == 12 ? (uint32_t)(p[0] & 0x0f) << 8 | p[1]
                         : (uint32_t)(p[0] & 0x03) << 16 | (uint32_t)p[1] << 8 | p[2];
}

static void on_user_data(f1u_t *f, tunnel_t *t, const gtpu_header_t *h, buf_t *b)
{
    if (h->has_nru && h->nru.type == NRU_DL_USER_DATA) {
        const nru_t *u = &h->nru;
        uint32_t gap = (u->nru_sn - t->nru_next) & 0xffffff;
        if (t->nru_started && gap && gap < 0x800000)
            f->n.rx_lost += gap;
        if (!t->nru_started || gap < 0x800000)
            t->nru_next = (u->nru_sn + 1) & 0xffffff;
        t->nru_started = true;
        for (uint32_t i = 0; i < u->n_discard; i++)
            push_dl(f, &(f1u_dl_t){.kind = F1U_DL_DISCARD,
                                   .bearer = t->cfg.bearer,
                                   .sn = u->discard[i].start,
                                   .n = u->discard[i].n});
        if (u->report_polling)
            push_dl(f, &(f1u_dl_t){.kind = F1U_DL_POLL, .bearer = t->cfg.bearer});
    }
    if (b->len == 0) {
        buf_free(b);
        return;
    }
    f->n.rx_packets++;
    f->n.rx_bytes += b->len;
    b->user = pdcp_sn_of(b, t->cfg.sn_bits);
    push_dl(f, &(f1u_dl_t){.kind = F1U_DL_SDU, .bearer = t->cfg.bearer, .buf = b});
}

/* One datagram; takes the buffer. */
static void on_packet(f1u_t *f, buf_t *b, const struct sockaddr_in *from)
{
    gtpu_header_t h;
    uint64_t unused;
    uint8_t out[64];
    if (gtpu_decode(b->data, b->len, &h) != 0) {
        f->n.rx_malformed++;
        buf_free(b);
        return;
    }
    buf_pull(b, h.header_bytes);
    b->len = h.payload_bytes;
    switch (h.type) {
    case GTPU_G_PDU:
        if (!gtpu_table_find(&f->teids, h.teid, &unused)) {
            f->n.rx_unknown_teid++;
            answer(f, from, out, gtpu_error_indication(h.teid, f->cfg.local_ipv4_be, out, sizeof out));
            break;
        }
        on_user_data(f, &f->tunnels[h.teid & (f->teids.n_max - 1)], &h, b);
        return;
    case GTPU_ECHO_REQUEST:
        f->n.rx_echo++;
        answer(f, from, out, gtpu_echo_response(h.sn, out, sizeof out));
        break;
    case GTPU_ERROR_INDICATION:
        f->n.rx_error_indication++;
        break;
    case GTPU_END_MARKER:
        f->n.rx_end_marker++;
        break;
    default:
        f->n.rx_unexpected++;
        break;
    }
    buf_free(b);
}

/* Returns whether the socket may hold more. */
static bool receive(f1u_t *f)
{
    struct mmsghdr m[F1U_BATCH];
    struct iovec v[F1U_BATCH];
    struct sockaddr_in from[F1U_BATCH];
    unsigned n = 0;
    for (; n < F1U_BATCH; n++) {
        if (!f->rx[n] && !(f->rx[n] = buf_alloc(f->cfg.pool)))
            break;
        v[n] = (struct iovec){f->rx[n]->data, buf_tailroom(f->rx[n])};
        m[n] = (struct mmsghdr){
            .msg_hdr = {
                .msg_name = &from[n], .msg_namelen = sizeof from[n], .msg_iov = &v[n], .msg_iovlen = 1}};
    }
    if (n == 0) {
        f->n.rx_no_buffer++;
        usleep(500); /* the socket is readable and stays so: do not spin on it */
        return false;
    }
    int got = recvmmsg(f->fd, m, n, MSG_DONTWAIT, NULL);
    if (got <= 0)
        return false;
    pthread_mutex_lock(&f->lock);
    for (int i = 0; i < got; i++) {
        buf_t *b = f->rx[i];
        f->rx[i] = NULL;
        b->len = m[i].msg_len;
        if (m[i].msg_hdr.msg_flags & MSG_TRUNC) {
            f->n.rx_malformed++;
            buf_free(b);
            continue;
        }
        on_packet(f, b, &from[i]);
    }
    pthread_mutex_unlock(&f->lock);
    /* Keep what is left at the front. */
    for (unsigned i = (unsigned)got, k = 0; i < n; i++, k++) {
        f->rx[k] = f->rx[i];
        if (k != i)
            f->rx[i] = NULL;
    }
    return (unsigned)got == n;
}

static int put_status(const f1u_ul_t *e, uint32_t teid, uint8_t *to, size_t cap)
{
    const gtpu_header_t h = {.type = GTPU_G_PDU,
                             .teid = teid,
                             .has_nru = true,
                             .nru = {.type = NRU_DL_DELIVERY_STATUS,
                                     .desired_buffer_bytes = e->desired_bytes,
                                     .has_highest_delivered = e->has_delivered,
                                     .highest_delivered_sn = e->delivered_sn,
                                     .has_highest_transmitted = e->has_tx,
                                     .highest_transmitted_sn = e->tx_sn}};
    return gtpu_encode(&h, 0, to, cap);
}

/* Empties the slot thread's ring into the socket. */
static void send_all(f1u_t *f)
{
    for (;;) {
        struct mmsghdr m[F1U_BATCH];
        struct iovec v[F1U_BATCH];
        struct sockaddr_in to[F1U_BATCH];
        uint8_t status[F1U_BATCH][64];
        f1u_ul_t e[F1U_BATCH];
        int n = 0;
        pthread_mutex_lock(&f->lock);
        while (n < F1U_BATCH && ring_pop(&f->ul, &e[n])) {
            const tunnel_t *t = f1u_tunnel_of(f, e[n].bearer);
            bool ok = t != NULL;
            if (ok && e[n].buf) {
                f->n.tx_bytes += e[n].buf->len;
                ok = gtpu_push_header(&(gtpu_header_t){.type = GTPU_G_PDU, .teid = t->cfg.remote_teid},
                                      e[n].buf) == 0;
                v[n] = (struct iovec){e[n].buf->data, e[n].buf->len};
                f->n.tx_packets += ok;
            } else if (ok) {
                int size = put_status(&e[n], t->cfg.remote_teid, status[n], sizeof status[n]);
                ok = size > 0;
                v[n] = (struct iovec){status[n], ok ? (size_t)size : 0};
                f->n.tx_status += ok;
            }
            if (!ok) {
                f->n.tx_dropped++;
                buf_free(e[n].buf);
                continue;
            }
            to[n] =
                (struct sockaddr_in){.sin_family = AF_INET,
                                     .sin_port = htons(t->cfg.remote_port ? t->cfg.remote_port : GTPU_PORT),
                                     .sin_addr.s_addr = t->cfg.remote_ipv4_be};
            m[n] = (struct mmsghdr){
                .msg_hdr = {
                    .msg_name = &to[n], .msg_namelen = sizeof to[n], .msg_iov = &v[n], .msg_iovlen = 1}};
            n++;
        }
        pthread_mutex_unlock(&f->lock);
        for (int done = 0; done < n;) {
            int sent = sendmmsg(f->fd, m + done, (unsigned)(n - done), 0);
            if (sent > 0) {
                done += sent;
            } else if (errno == EAGAIN) {
                poll(&(struct pollfd){.fd = f->fd, .events = POLLOUT}, 1, 10);
                if (atomic_load(&f->stop))
                    break;
            } else if (errno != EINTR) { /* ECONNREFUSED of an earlier packet, EMSGSIZE ...: skip this one */
                f->n.tx_dropped++;
                done++;
            }
        }
        for (int i = 0; i < n; i++)
            buf_free(e[i].buf);
        if (n < F1U_BATCH)
            return;
    }
}

void *f1u_thread(void *arg)
{
    f1u_t *f = arg;
    while (!atomic_load(&f->stop)) {
        struct pollfd p[2] = {{.fd = f->fd, .events = POLLIN}, {.fd = f->wake_fd, .events = POLLIN}};
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            break;
        if (p[1].revents & POLLIN) {
            uint64_t count;
            ssize_t n = read(f->wake_fd, &count, sizeof count);
            (void)n;
        }
        send_all(f);
        for (int rounds = 0; rounds < 4 && receive(f); rounds++)
            ;
    }
    return NULL;
}
