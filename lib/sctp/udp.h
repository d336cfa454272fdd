/* SPDX-License-Identifier: Apache-2.0 */
/* The udp carrier inside: usrsctp in its AF_CONN mode over UDP sockets of ours.
 *
 *   endpoint  a UDP socket, shared by all ends of this process with that local address and port
 *   tunnel    one remote UDP address seen from an endpoint. usrsctp knows it as an "address" of both sides:
 * an opaque number, never a pointer, so that a packet that usrsctp sends late finds its tunnel or nothing
 *   usock     one usrsctp socket: a listening one for each (tunnel, listener), one for each association
 *
 * A listening socket for each tunnel, and not one for all, is what keeps listeners on different UDP sockets
 * apart. usrsctp's upcalls only put a usock on the pending list; it is served when usrsctp has returned. */
#ifndef VITRAN_SCTP_UDP_H
#define VITRAN_SCTP_UDP_H

#include "lib/sctp/internal.h"

#include <usrsctp.h>

typedef struct endpoint endpoint_t;
typedef struct tunnel tunnel_t;
typedef struct usock usock_t;

struct usock {
    struct socket *so;
    void (*serve)(usock_t *s, int events); /* may free s */
    void *owner;                           /* what serve works for */
    bool pending;
    usock_t *next_pending;
};

struct udp_listen {
    assoc_listener_t *l;
    endpoint_t *endpoint;
    udp_listen_t *next; /* of the endpoint */
    uint16_t port;
};

struct udp_conn {
    assoc_t *a;
    tunnel_t *tunnel;
    usock_t *sock;
};

typedef struct lsock { /* a listener's socket on one tunnel */
    struct lsock *next;
    udp_listen_t *listen;
    tunnel_t *tunnel;
    usock_t *sock;
} lsock_t;

struct tunnel {
    uintptr_t id;
    endpoint_t *endpoint;
    struct sockaddr_storage remote;
    uint32_t users;    /* associations, in or being set up */
    int64_t unused_ns; /* since when users is 0 */
    lsock_t *lsocks;
    tunnel_t *next_in_endpoint, *next_in_hash;
};

struct endpoint {
    int fd;
    loop_fd_t *handle;
    struct sockaddr_storage local;
    uint32_t users; /* associations and listeners */
    int64_t unused_ns;
    udp_listen_t *listens;
    tunnel_t *tunnels;
    uint32_t n_tunnels;
    assoc_counters_t counters; /* udp_* only */
    endpoint_t *next;
};

/* udp_stack.c: usrsctp's process-wide state and our UDP sockets */
int endpoint_get(loop_t *loop, const struct sockaddr_storage *local, endpoint_t **ret);
void endpoint_share(endpoint_t *e); /* one user more */
void endpoint_put(endpoint_t *e);
int tunnel_get(endpoint_t *e, const struct sockaddr_storage *remote, tunnel_t **ret);
void tunnel_put(tunnel_t *t);
/* Opens a usrsctp socket bound to (tunnel, port), options set. */
int usock_open(tunnel_t *t, uint16_t port, const assoc_settings_t *set, void (*serve)(usock_t *, int),
               void *owner, usock_t **ret);
int usock_adopt(struct socket *so, void (*serve)(usock_t *, int), void *owner, usock_t **ret);
/* abort: by ABORT; else in order, which usrsctp finishes by itself. NULL is fine. */
void usock_close(usock_t *s, bool abort);
/* Serves it soon, event or not. */
void usock_kick(usock_t *s);
/* Its address and port for usrsctp. */
struct sockaddr_conn tunnel_sockaddr(const tunnel_t *t, uint16_t port);

/* udp.c: opens the listening socket of (tunnel, listener) unless it is there. */
int lsock_ensure(tunnel_t *t, udp_listen_t *l);
void lsock_close(lsock_t *ls);

#endif
