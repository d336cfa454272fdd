/* SPDX-License-Identifier: Apache-2.0 */
/* The control thread's side: creation, the directory, and commands into the ring. */
#include "cu/up/up_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define RECOVERY_BUFS 8192u
#define DRBS_PER_UE 4u /* tunnels set aside a UE */

COUNTERS_DEFINE(up, UP_COUNTERS)

static int open_f1u(const up_config_t *c)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), size = 4 << 20;
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons(c->f1u_port ? c->f1u_port : GTPU_PORT),
                            .sin_addr.s_addr = c->f1u_ipv4_be};
    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0) {
        int e = errno;
        close(fd);
        return -e;
    }
    return fd;
}

static int open_all(up_t *u)
{
    const up_config_t *c = &u->cfg;
    u->dir = calloc(u->n_ues, sizeof *u->dir);
    u->stats = calloc(u->n_ues, sizeof *u->stats);
    u->ues = calloc(u->n_ues, sizeof *u->ues);
    u->by_addr = calloc(u->n_ues, sizeof *u->by_addr);
    if (!u->dir || !u->stats || !u->ues || !u->by_addr)
        return -ENOMEM;
    int r;
    if ((r = gtpu_table_create(&u->teids_given, u->n_ues * DRBS_PER_UE)) != 0 ||
        (r = gtpu_table_create(&u->teids, u->n_ues * DRBS_PER_UE)) != 0 ||
        (r = ring_create(&u->commands, 1024, sizeof(up_cmd_t))) != 0 ||
        (r = pool_create(&u->pool, c->n_bufs ? c->n_bufs : 16384, c->buf_bytes ? c->buf_bytes : 2048)) != 0 ||
        (r = crypto_create(&u->crypto)) != 0 || (r = crypto_create(&u->control_crypto)) != 0)
        return r;
    if ((r = pool_create(&u->recovery, RECOVERY_BUFS, c->buf_bytes ? c->buf_bytes : 2048)) != 0)
        return r;
    if ((u->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) < 0)
        return -errno;
    if ((u->fd = open_f1u(c)) < 0)
        return u->fd;
    if (c->tun)
        return n6_open_tun(&u->n6, c->tun, c->n6_ipv4_be, c->n6_prefix, c->n6_mtu ? c->n6_mtu : 1400);
    u->n6 = (n6_t){c->n6_fd, false};
    return 0;
}

int up_create(up_t **ret, const up_config_t *config, loop_t *loop, const up_events_t *events)
{
    up_t *u = aligned_alloc(64, (sizeof *u + 63) & ~(size_t)63);
    if (!u)
        return -ENOMEM;
    memset(u, 0, sizeof *u);
    u->cfg = *config;
    u->loop = loop;
    if (events)
        u->events = *events;
    u->fd = u->wake_fd = u->n6.fd = -1;
    u->n_ues = 1;
    while (u->n_ues < (config->max_ues ? config->max_ues : 256))
        u->n_ues <<= 1;
    int r = u->n_ues > 65536 ? -EINVAL : open_all(u);
    if (r < 0) {
        up_destroy(u);
        return r;
    }
    *ret = u;
    return 0;
}

int up_start(up_t *u)
{
    int r = pthread_create(&u->thread, NULL, up_thread, u);
    u->thread_runs = r == 0;
    return -r;
}

static void wake(up_t *u)
{
    uint64_t one = 1;
    ssize_t n = write(u->wake_fd, &one, sizeof one);
    (void)n;
}

static void free_drb(drb_t *d)
{
    fq_clear(&d->queue);
    pdcp_destroy(d->pdcp);
    free(d);
}

/* Objects that a command carries and nobody took. */
static void free_command(up_cmd_t *c)
{
    if (c->kind == UP_CMD_UE_ADD)
        free(c->u.ue);
    else if (c->kind == UP_CMD_SESSION_ADD)
        free(c->u.session);
    else if (c->kind == UP_CMD_DRB_ADD)
        free_drb(c->u.drb);
}

void up_destroy(up_t *u)
{
    if (!u)
        return;
    if (u->thread_runs) {
        atomic_store(&u->stop, true);
        wake(u);
        pthread_join(u->thread, NULL);
    }
    up_cmd_t c;
    while (u->commands.mem && ring_pop(&u->commands, &c))
        free_command(&c);
    for (uint32_t i = 0; u->ues && i < u->n_ues; i++)
        if (u->ues[i])
            up_free_ue(u, u->ues[i]);
    for (int i = 0; i < UP_BATCH; i++)
        buf_free(u->rx[i]);
    n6_close(&u->n6);
    if (u->fd >= 0)
        close(u->fd);
    if (u->wake_fd >= 0)
        close(u->wake_fd);
    ring_destroy(&u->commands);
    gtpu_table_destroy(&u->teids_given);
    gtpu_table_destroy(&u->teids);
    crypto_destroy(u->crypto);
    crypto_destroy(u->control_crypto);
    pool_destroy(u->pool);
    pool_destroy(u->recovery);
    free(u->dir);
    free(u->stats);
    free(u->ues);
    free(u->by_addr);
    free(u);
}

/* The directory entry of a handle; NULL. */
static up_dir_t *entry_of(up_t *u, uint32_t handle)
{
    up_dir_t *e = &u->dir[handle & (u->n_ues - 1)];
    return handle && e->handle == handle ? e : NULL;
}

static int submit(up_t *u, const up_cmd_t *c)
{
    if (!ring_push(&u->commands, c))
        return -ENOSPC;
    wake(u);
    return 0;
}

static bool security_valid(const pdcp_security_t *s)
{
    return (unsigned)s->nea <= NEA3 && (unsigned)s->nia <= NIA3;
}

int up_ue_add(up_t *u, const up_ue_config_t *config, uint32_t *ret_ue)
{
    if (!security_valid(&config->security))
        return -EINVAL;
    uint32_t i = 0;
    while (i < u->n_ues && u->dir[i].handle)
        i++;
    if (i == u->n_ues)
        return -ENOSPC;
    ue_t *ue = calloc(1, sizeof *ue);
    if (!ue)
        return -ENOSPC;
    up_dir_t *e = &u->dir[i];
    uint16_t generation = (uint16_t)(e->generation + 1);
    generation = generation ? generation : 1;
    ue->handle = (uint32_t)generation * u->n_ues + i;
    ue->security = config->security;
    ue->stats = &u->stats[i];
    int r = submit(u, &(up_cmd_t){.kind = UP_CMD_UE_ADD, .index = i, .u.ue = ue});
    if (r != 0) {
        free(ue);
        return r;
    }
    *e = (up_dir_t){.handle = ue->handle, .generation = generation, .security = config->security};
    *ret_ue = e->handle;
    return 0;
}

int up_ue_remove(up_t *u, uint32_t handle)
{
    up_dir_t *e = entry_of(u, handle);
    if (!e)
        return -ENOENT;
    int r = submit(u, &(up_cmd_t){.kind = UP_CMD_UE_REMOVE, .index = (uint32_t)(e - u->dir)});
    if (r != 0)
        return r;
    for (int d = 1; d < UP_MAX_DRBS; d++)
        gtpu_table_remove(&u->teids_given, e->teids[d]);
    e->handle = 0;
    return 0;
}

int up_ue_rekey(up_t *u, uint32_t handle, const pdcp_security_t *security)
{
    up_dir_t *e = entry_of(u, handle);
    if (!e)
        return -ENOENT;
    if (!security_valid(security))
        return -EINVAL;
    e->security = *security;
    return submit(
        u, &(up_cmd_t){.kind = UP_CMD_UE_REKEY, .index = (uint32_t)(e - u->dir), .u.security = *security});
}

int up_session_add(up_t *u, uint32_t handle, const up_session_config_t *config)
{
    up_dir_t *e = entry_of(u, handle);
    if (!e)
        return -ENOENT;
    if (config->session_id < 1 || config->session_id >= UP_MAX_SESSIONS ||
        config->default_qfi > SDAP_QFI_MAX || (e->sessions >> config->session_id & 1))
        return -EINVAL;
    session_t *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOSPC;
    s->cfg = *config;
    sdap_init(&s->sdap, true);
    int r = submit(u, &(up_cmd_t){.kind = UP_CMD_SESSION_ADD,
                                  .index = (uint32_t)(e - u->dir),
                                  .id = config->session_id,
                                  .u.session = s});
    if (r != 0) {
        free(s);
        return r;
    }
    e->sessions |= (uint16_t)(1u << config->session_id);
    return 0;
}

int up_session_remove(up_t *u, uint32_t handle, uint8_t session_id)
{
    up_dir_t *e = entry_of(u, handle);
    if (!e || session_id >= UP_MAX_SESSIONS || !(e->sessions >> session_id & 1))
        return -ENOENT;
    int r = submit(
        u, &(up_cmd_t){.kind = UP_CMD_SESSION_REMOVE, .index = (uint32_t)(e - u->dir), .id = session_id});
    if (r == 0)
        e->sessions &= (uint16_t) ~(1u << session_id);
    return r;
}

int up_drb_add(up_t *u, uint32_t handle, const up_drb_config_t *config, uint32_t *ret_local_teid)
{
    up_dir_t *e = entry_of(u, handle);
    if (!e)
        return -ENOENT;
    if (config->drb_id < 1 || config->drb_id >= UP_MAX_DRBS || e->teids[config->drb_id] ||
        config->n_qfis > UP_MAX_QFIS || config->session_id >= UP_MAX_SESSIONS ||
        !(e->sessions >> config->session_id & 1))
        return -EINVAL;
    for (int i = 0; i < config->n_qfis; i++)
        if (config->qfis[i] > SDAP_QFI_MAX)
            return -EINVAL;
    drb_t *d = calloc(1, sizeof *d);
    if (!d)
        return -ENOSPC;
    d->up = u;
    d->cfg = *config;
    d->window_bytes = INITIAL_WINDOW_BYTES;
    fq_init(&d->queue);
    pdcp_config_t *p = &d->cfg.pdcp;
    p->srb = false;
    p->rb_id = config->drb_id;
    p->network = true;
    p->sdap_header_tx = config->sdap_header_dl;
    p->sdap_header_rx = config->sdap_header_ul;
    const pdcp_ops_t ops = {.ctx = d,
                            .deliver = up_pdcp_deliver,
                            .integrity_failure = up_pdcp_integrity_failure,
                            .retransmit = up_pdcp_retransmit};
    /* The discard timer runs in our own queue, before PDCP: nothing is numbered that is not sent. */
    pdcp_config_t numbered = *p;
    numbered.discard_ns = 0;
    numbered.recovery = u->recovery;
    int r = pdcp_create(&d->pdcp, &numbered, &ops);
    if (r == 0)
        r = gtpu_table_add(&u->teids_given, handle, &d->local_teid);
    if (r != 0) {
        free_drb(d);
        return r == -ENOMEM ? -ENOSPC : r;
    }
    pdcp_set_security(d->pdcp, u->control_crypto, &e->security);
    pdcp_activate_tx(d->pdcp, true, true);
    pdcp_activate_rx(d->pdcp, true, true);
    uint32_t teid = d->local_teid;
    r = submit(
        u, &(up_cmd_t){
               .kind = UP_CMD_DRB_ADD, .index = (uint32_t)(e - u->dir), .id = config->drb_id, .u.drb = d});
    if (r != 0) {
        gtpu_table_remove(&u->teids_given, teid);
        free_drb(d);
        return r;
    }
    e->teids[config->drb_id] = teid;
    *ret_local_teid = teid;
    return 0;
}

int up_drb_set_remote(up_t *u, uint32_t handle, uint8_t drb_id, uint32_t ipv4_be, uint16_t port,
                      uint32_t teid)
{
    up_dir_t *e = entry_of(u, handle);
    if (!e || drb_id >= UP_MAX_DRBS || !e->teids[drb_id])
        return -ENOENT;
    return submit(u, &(up_cmd_t){.kind = UP_CMD_DRB_REMOTE,
                                 .index = (uint32_t)(e - u->dir),
                                 .id = drb_id,
                                 .u.remote = {ipv4_be, teid, port ? port : GTPU_PORT}});
}

int up_drb_recover(up_t *u, uint32_t handle, uint8_t drb_id)
{
    up_dir_t *e = entry_of(u, handle);
    if (!e || drb_id >= UP_MAX_DRBS || !e->teids[drb_id])
        return -ENOENT;
    return submit(u, &(up_cmd_t){.kind = UP_CMD_DRB_RECOVER, .index = (uint32_t)(e - u->dir), .id = drb_id});
}

int up_drb_remove(up_t *u, uint32_t handle, uint8_t drb_id)
{
    up_dir_t *e = entry_of(u, handle);
    if (!e || drb_id >= UP_MAX_DRBS || !e->teids[drb_id])
        return -ENOENT;
    int r = submit(u, &(up_cmd_t){.kind = UP_CMD_DRB_REMOVE, .index = (uint32_t)(e - u->dir), .id = drb_id});
    if (r == 0) {
        gtpu_table_remove(&u->teids_given, e->teids[drb_id]);
        e->teids[drb_id] = 0;
    }
    return r;
}

const up_counters_t *up_counters(const up_t *u)
{
    return &u->n;
}

int up_ue_stats(const up_t *u, uint32_t handle, up_ue_stats_t *ret)
{
    const up_dir_t *e = &u->dir[handle & (u->n_ues - 1)];
    if (!handle || e->handle != handle)
        return -ENOENT;
    const up_ue_stats_t *from = &u->stats[e - u->dir];
    *ret = (up_ue_stats_t){.dl_packets = counter_read(&from->dl_packets),
                           .dl_bytes = counter_read(&from->dl_bytes),
                           .ul_packets = counter_read(&from->ul_packets),
                           .ul_bytes = counter_read(&from->ul_bytes),
                           .dl_dropped = counter_read(&from->dl_dropped),
                           .dl_queue_bytes = counter_read(&from->dl_queue_bytes)};
    return 0;
}
