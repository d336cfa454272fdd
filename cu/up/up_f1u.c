/* SPDX-License-Identifier: Apache-2.0 */
/* The CU's F1-U socket. */
#include "cu/up/up_internal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void answer(up_t *u, const struct sockaddr_in *to, const uint8_t *bytes, int n)
{
    if (n > 0)
        sendto(u->fd, bytes, (size_t)n, 0, (const struct sockaddr *)to, sizeof *to);
}

/* A DU does not know a tunnel: find the DRB that sends there and tell RRC. */
static void on_error_indication(up_t *u, const uint8_t *ies, size_t n)
{
    uint32_t teid, addr;
    u->n.f1u_rx_error_indication++;
    if (gtpu_error_indication_decode(ies, n, &teid, &addr) != 0) {
        u->n.f1u_rx_malformed++;
        return;
    }
    for (uint32_t i = 0; i < u->n_ues; i++)
        for (int k = 1; u->ues[i] && k < UP_MAX_DRBS; k++) {
            drb_t *d = u->ues[i]->drbs[k];
            if (d && d->remote_teid == teid && d->remote.sin_family &&
                (d->remote.sin_addr.s_addr == addr || addr == 0)) {
                d->remote.sin_family = 0; /* once; the queue waits for a new remote end */
                up_tell(u, UP_EVENT_LOST, d);
            }
        }
}

/* One datagram. Returns the DRB if it is user data that PDCP takes next; else the buffer is done with. */
static drb_t *on_packet(up_t *u, buf_t *b, const struct sockaddr_in *from)
{
    gtpu_header_t h;
    uint64_t value;
    uint8_t out[64];
    if (gtpu_decode(b->data, b->len, &h) != 0) {
        u->n.f1u_rx_malformed++;
        buf_free(b);
        return NULL;
    }
    buf_pull(b, h.header_bytes);
    b->len = h.payload_bytes;
    switch (h.type) {
    case GTPU_G_PDU:
        if (!gtpu_table_find(&u->teids, h.teid, &value)) {
            u->n.f1u_rx_unknown_teid++;
            answer(u, from, out, gtpu_error_indication(h.teid, u->cfg.f1u_ipv4_be, out, sizeof out));
            break;
        }
        drb_t *d = (drb_t *)(uintptr_t)value;
        if (h.has_nru && h.nru.type == NRU_DL_DELIVERY_STATUS) {
            u->n.f1u_rx_status++;
            up_on_status(u, d, &h.nru);
        }
        if (b->len == 0)
            break;
        u->n.f1u_rx_packets++;
        return d;
    case GTPU_ECHO_REQUEST:
        u->n.f1u_rx_echo++;
        answer(u, from, out, gtpu_echo_response(h.sn, out, sizeof out));
        break;
    case GTPU_ERROR_INDICATION:
        on_error_indication(u, b->data, b->len);
        break;
    default:
        u->n.f1u_rx_unexpected++;
        break;
    }
    buf_free(b);
    return NULL;
}

bool up_f1u_receive(up_t *u)
{
    struct mmsghdr m[UP_BATCH];
    struct iovec v[UP_BATCH];
    struct sockaddr_in from[UP_BATCH];
    pdcp_item_t items[UP_BATCH];
    unsigned n = 0, n_items = 0;
    for (; n < UP_BATCH; n++) {
        if (!u->rx[n] && !(u->rx[n] = buf_alloc(u->pool)))
            break;
        v[n] = (struct iovec){u->rx[n]->data, buf_tailroom(u->rx[n])};
        m[n] = (struct mmsghdr){
            .msg_hdr = {
                .msg_name = &from[n], .msg_namelen = sizeof from[n], .msg_iov = &v[n], .msg_iovlen = 1}};
    }
    if (n == 0) {
        u->n.no_buffer++;
        usleep(500);
        return false;
    }
    int got = recvmmsg(u->fd, m, n, MSG_DONTWAIT, NULL);
    if (got <= 0)
        return false;
    for (int i = 0; i < got; i++) {
        buf_t *b = u->rx[i];
        u->rx[i] = NULL;
        b->len = m[i].msg_len;
        if (m[i].msg_hdr.msg_flags & MSG_TRUNC) {
            u->n.f1u_rx_malformed++;
            buf_free(b);
            continue;
        }
        drb_t *d = on_packet(u, b, &from[i]);
        if (d)
            items[n_items++] = (pdcp_item_t){d->pdcp, b, 0};
    }
    for (unsigned i = (unsigned)got, k = 0; i < n; i++, k++) {
        u->rx[k] = u->rx[i];
        if (k != i)
            u->rx[i] = NULL;
    }
    pdcp_rx_batch(u->crypto, items, n_items, u->now_ns);
    return (unsigned)got == n;
}

void up_f1u_send(up_t *u, drb_t *const *drbs, buf_t *const *bufs, unsigned n)
{
    struct mmsghdr m[UP_BATCH];
    struct iovec v[UP_BATCH];
    unsigned k = 0;
    for (unsigned i = 0; i < n; i++) {
        drb_t *d = drbs[i];
        const gtpu_header_t h = {.type = GTPU_G_PDU,
                                 .teid = d->remote_teid,
                                 .has_nru = true,
                                 .nru = {.type = NRU_DL_USER_DATA,
                                         .nru_sn = d->nru_sn,
                                         .retransmission = d->retransmitting,
                                         .report_polling = d->poll}};
        d->poll = false;
        d->nru_sn = (d->nru_sn + 1) & 0xffffff;
        uint32_t bytes = bufs[i]->len;
        if (gtpu_push_header(&h, bufs[i]) != 0) {
            u->n.f1u_tx_refused++;
            continue;
        }
        u->n.f1u_tx_packets++;
        u->n.f1u_tx_bytes += bytes;
        v[k] = (struct iovec){bufs[i]->data, bufs[i]->len};
        m[k] = (struct mmsghdr){
            .msg_hdr = {
                .msg_name = &d->remote, .msg_namelen = sizeof d->remote, .msg_iov = &v[k], .msg_iovlen = 1}};
        k++;
    }
    for (unsigned done = 0; done < k;) {
        int sent = sendmmsg(u->fd, m + done, k - done, 0);
        if (sent > 0) {
            done += (unsigned)sent;
        } else if (errno == EAGAIN) {
            poll(&(struct pollfd){.fd = u->fd, .events = POLLOUT}, 1, 10);
            if (atomic_load(&u->stop))
                break;
        } else if (errno != EINTR) {
            u->n.f1u_tx_refused++;
            done++;
        }
    }
    for (unsigned i = 0; i < n; i++)
        buf_free(bufs[i]);
}
