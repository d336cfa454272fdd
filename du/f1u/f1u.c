/* SPDX-License-Identifier: Apache-2.0 */
/* Creation, tunnels, and the slot thread's ends of the rings. */
#include "du/f1u/f1u_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

COUNTERS_DEFINE(f1u, F1U_COUNTERS)

static int open_socket(const f1u_config_t *c)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons(c->port ? c->port : GTPU_PORT),
                            .sin_addr.s_addr = c->local_ipv4_be};
    int size = 4 << 20; /* bursts wait here while the thread is scheduled */
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0) {
        int e = errno;
        close(fd);
        return -e;
    }
    return fd;
}

int f1u_create(f1u_t **ret, const f1u_config_t *config)
{
    if (!config->pool)
        return -EINVAL;
    f1u_t *f = aligned_alloc(64, (sizeof *f + 63) & ~(size_t)63);
    if (!f)
        return -ENOMEM;
    memset(f, 0, sizeof *f);
    f->cfg = *config;
    f->fd = f->wake_fd = -1;
    pthread_mutex_init(&f->lock, NULL);
    uint32_t ring_n = config->ring_elems ? config->ring_elems : 8192;
    int r = gtpu_table_create(&f->teids, config->n_tunnels ? config->n_tunnels : 1024);
    if (r == 0) {
        f->tunnels = calloc(f->teids.n_max, sizeof *f->tunnels);
        f->by_bearer = calloc(f->teids.n_max, sizeof *f->by_bearer);
        r = f->tunnels && f->by_bearer ? 0 : -ENOMEM;
    }
    if (r == 0)
        r = ring_create(&f->dl, ring_n, sizeof(f1u_dl_t));
    if (r == 0)
        r = ring_create(&f->ul, ring_n, sizeof(f1u_ul_t));
    if (r == 0 && (f->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) < 0)
        r = -errno;
    if (r == 0 && (r = f->fd = open_socket(config)) > 0)
        r = 0;
    if (r != 0) {
        f1u_destroy(f);
        return r;
    }
    *ret = f;
    return 0;
}

int f1u_start(f1u_t *f)
{
    int r = pthread_create(&f->thread, NULL, f1u_thread, f);
    f->thread_runs = r == 0;
    return -r;
}

void f1u_destroy(f1u_t *f)
{
    if (!f)
        return;
    if (f->thread_runs) {
        atomic_store(&f->stop, true);
        f->slot_pushed = true;
        f1u_wake(f);
        pthread_join(f->thread, NULL);
    }
    f1u_dl_t dl;
    f1u_ul_t ul;
    while (f->dl.mem && ring_pop(&f->dl, &dl))
        buf_free(dl.buf);
    while (f->ul.mem && ring_pop(&f->ul, &ul))
        buf_free(ul.buf);
    for (int i = 0; i < F1U_BATCH; i++)
        buf_free(f->rx[i]);
    ring_destroy(&f->dl);
    ring_destroy(&f->ul);
    gtpu_table_destroy(&f->teids);
    free(f->tunnels);
    free(f->by_bearer);
    if (f->fd >= 0)
        close(f->fd);
    if (f->wake_fd >= 0)
        close(f->wake_fd);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

static uint32_t *chain_of(f1u_t *f, uint32_t bearer)
{
    return &f->by_bearer[(bearer * 2654435761u >> 12) & (f->teids.n_max - 1)];
}

tunnel_t *f1u_tunnel_of(f1u_t *f, uint32_t bearer)
{
    for (uint32_t i = *chain_of(f, bearer); i; i = f->tunnels[i - 1].by_bearer_next)
        if (f->tunnels[i - 1].cfg.bearer == bearer)
            return &f->tunnels[i - 1];
    return NULL;
}

static void chain_remove(f1u_t *f, tunnel_t *t)
{
    uint32_t self = (uint32_t)(t - f->tunnels) + 1;
    for (uint32_t *at = chain_of(f, t->cfg.bearer); *at; at = &f->tunnels[*at - 1].by_bearer_next)
        if (*at == self) {
            *at = t->by_bearer_next;
            return;
        }
}

static void chain_add(f1u_t *f, tunnel_t *t)
{
    uint32_t *head = chain_of(f, t->cfg.bearer);
    t->by_bearer_next = *head;
    *head = (uint32_t)(t - f->tunnels) + 1;
}

int f1u_tunnel_add(f1u_t *f, const f1u_tunnel_config_t *config, uint32_t *ret_local_teid)
{
    if (config->sn_bits != 12 && config->sn_bits != 18)
        return -EINVAL;
    uint32_t teid;
    pthread_mutex_lock(&f->lock);
    int r = gtpu_table_add(&f->teids, 0, &teid);
    if (r == 0) {
        tunnel_t *t = &f->tunnels[teid & (f->teids.n_max - 1)];
        *t = (tunnel_t){.cfg = *config, .local_teid = teid};
        chain_add(f, t);
        *ret_local_teid = teid;
    }
    pthread_mutex_unlock(&f->lock);
    return r;
}

int f1u_tunnel_modify(f1u_t *f, uint32_t local_teid, const f1u_tunnel_config_t *config)
{
    uint64_t unused;
    int r = -ENOENT;
    pthread_mutex_lock(&f->lock);
    if (gtpu_table_find(&f->teids, local_teid, &unused)) {
        tunnel_t *t = &f->tunnels[local_teid & (f->teids.n_max - 1)];
        chain_remove(f, t);
        t->cfg = *config;
        chain_add(f, t);
        r = 0;
    }
    pthread_mutex_unlock(&f->lock);
    return r;
}

int f1u_tunnel_remove(f1u_t *f, uint32_t local_teid)
{
    uint64_t unused;
    int r = -ENOENT;
    pthread_mutex_lock(&f->lock);
    if (gtpu_table_find(&f->teids, local_teid, &unused)) {
        tunnel_t *t = &f->tunnels[local_teid & (f->teids.n_max - 1)];
        chain_remove(f, t);
        t->local_teid = 0;
        gtpu_table_remove(&f->teids, local_teid);
        r = 0;
    }
    pthread_mutex_unlock(&f->lock);
    return r;
}

bool f1u_dl_pop(f1u_t *f, f1u_dl_t *ret)
{
    return ring_pop(&f->dl, ret);
}

bool f1u_ul_push(f1u_t *f, uint32_t bearer, buf_t *pdu)
{
    if (!ring_push(&f->ul, &(f1u_ul_t){.bearer = bearer, .buf = pdu}))
        return false;
    f->slot_pushed = true;
    return true;
}

void f1u_wake(f1u_t *f)
{
    if (!f->slot_pushed)
        return;
    f->slot_pushed = false;
    uint64_t one = 1;
    ssize_t n = write(f->wake_fd, &one, sizeof one); /* a full counter has woken it already */
    (void)n;
}

const f1u_counters_t *f1u_counters(const f1u_t *f)
{
    return &f->n;
}
