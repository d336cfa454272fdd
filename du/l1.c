/* SPDX-License-Identifier: Apache-2.0 */
#include "du/l1.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct du_l1 {
    loop_t *loop;
    du_slot_t *slot;
    const log_t *log;
    fapi_cell_config_t cell;
    int listen_fd, conn_fd; /* conn_fd: its hello is under way; -1: none */
    loop_fd_t *on_listen, *on_conn, *on_link;
    fapi_link_t *link; /* the slot engine's */
    char path[108];
    du_l1_counters_t counters;
};

COUNTERS_DEFINE(du_l1, DU_L1_COUNTERS)

static void drop_conn(du_l1_t *l)
{
    loop_fd_del(l->on_conn);
    l->on_conn = NULL;
    if (l->conn_fd >= 0)
        close(l->conn_fd);
    l->conn_fd = -1;
}

static void on_link(void *ctx, uint32_t events)
{
    du_l1_t *l = ctx;
    (void)events;
    if (!l->link || !fapi_link_peer_gone(l->link))
        return;
    log_warning(l->log, "the L1 is gone");
    l->counters.gone++;
    loop_fd_del(l->on_link);
    l->on_link = NULL;
    fapi_link_hangup(l->link);
    l->link = NULL; /* comes back as DU_EVENT_L1_DOWN */
}

static void on_conn(void *ctx, uint32_t events)
{
    du_l1_t *l = ctx;
    fapi_link_t *link;
    (void)events;
    on_link(l, EPOLLIN); /* the one before may have died in the same instant */
    if (l->link) {
        l->counters.second++;
        log_warning(l->log, "an L1 was refused: another one is attached");
        drop_conn(l);
        return;
    }
    int r = fapi_link_serve(l->conn_fd, &l->cell, &link);
    if (r == -EAGAIN)
        return;
    loop_fd_del(l->on_conn);
    l->on_conn = NULL;
    if (r < 0) {
        l->counters.refused++;
        log_warning(l->log, "an L1 was refused: %s", strerror(-r));
        drop_conn(l);
        return;
    }
    l->conn_fd = -1; /* the link's */
    r = loop_fd_add(l->loop, fapi_link_fd(link), EPOLLIN, on_link, l, &l->on_link);
    if (r == 0)
        r = du_slot_l1_attach(l->slot, link);
    if (r < 0) {
        log_error(l->log, "the L1 could not be attached: %s", strerror(-r));
        loop_fd_del(l->on_link);
        l->on_link = NULL;
        fapi_link_destroy(link);
        return;
    }
    l->link = link;
    l->counters.attached++;
    log_notice(l->log, "an L1 is attached");
}

static void on_listen(void *ctx, uint32_t events)
{
    du_l1_t *l = ctx;
    (void)events;
    int fd = fapi_link_accept(l->listen_fd);
    if (fd < 0)
        return;
    if (l->conn_fd >= 0)
        l->counters.silent++;
    drop_conn(l);
    l->conn_fd = fd;
    if (loop_fd_add(l->loop, fd, EPOLLIN, on_conn, l, &l->on_conn) < 0)
        drop_conn(l);
}

int du_l1_create(loop_t *loop, const char *path, const radio_cell_t *cell, du_slot_t *slot, const log_t *log,
                 du_l1_t **ret)
{
    du_l1_t *l = calloc(1, sizeof *l);
    if (!l)
        return -ENOMEM;
    l->loop = loop;
    l->slot = slot;
    l->log = log;
    l->conn_fd = -1;
    mac_fapi_cell(cell, &l->cell);
    l->listen_fd = fapi_link_listen(path);
    int r = l->listen_fd < 0 ? l->listen_fd
                             : loop_fd_add(loop, l->listen_fd, EPOLLIN, on_listen, l, &l->on_listen);
    if (r < 0) {
        du_l1_destroy(l);
        return r;
    }
    snprintf(l->path, sizeof l->path, "%s", path);
    *ret = l;
    return 0;
}

void du_l1_destroy(du_l1_t *l)
{
    if (!l)
        return;
    drop_conn(l);
    loop_fd_del(l->on_link);
    loop_fd_del(l->on_listen);
    if (l->listen_fd >= 0)
        close(l->listen_fd);
    if (l->path[0])
        unlink(l->path);
    free(l);
}

bool du_l1_attached(const du_l1_t *l)
{
    return l->link != NULL;
}

const du_l1_counters_t *du_l1_counters(const du_l1_t *l)
{
    return &l->counters;
}

void du_l1_down(du_l1_t *l, fapi_link_t *link)
{
    if (l->link == link) { /* the slot engine dropped it on its own */
        loop_fd_del(l->on_link);
        l->on_link = NULL;
        l->link = NULL;
    }
    fapi_link_destroy(link);
}
