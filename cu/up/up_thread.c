/* SPDX-License-Identifier: Apache-2.0 */
/* The up thread: commands, N6, F1-U, timers. */
#include "cu/up/up_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/core/clock.h"

#define TICK_NS INT64_C(5000000) /* how exactly reordering and discard timers run out */

typedef struct {
    up_t *up;
    up_event_kind_t kind;
    uint32_t ue;
    uint8_t drb_id;
} event_t;

static void on_event(void *ctx)
{
    event_t e = *(event_t *)ctx;
    free(ctx);
    const up_events_t *v = &e.up->events;
    void (*call)(void *, uint32_t, uint8_t) = e.kind == UP_EVENT_LOST    ? v->bearer_lost
                                              : e.kind == UP_EVENT_COUNT ? v->count_exhausted
                                                                         : v->integrity_failure;
    if (call)
        call(v->ctx, e.ue, e.drb_id);
}

void up_tell(up_t *u, up_event_kind_t kind, const drb_t *d)
{
    event_t *e = u->loop ? malloc(sizeof *e) : NULL;
    if (!e)
        return;
    *e = (event_t){u, kind, d->ue->handle, d->cfg.drb_id};
    if (loop_post(u->loop, on_event, e) != 0)
        free(e);
}

static void free_drb(up_t *u, drb_t *d)
{
    up_unready(u, d);
    gtpu_table_remove(&u->teids, d->local_teid);
    session_t *s = d->ue->sessions[d->cfg.session_id];
    if (s)
        sdap_remove_drb(&s->sdap, d->cfg.drb_id);
    d->ue->drbs[d->cfg.drb_id] = NULL;
    d->ue->stats->dl_queue_bytes -= (uint32_t)d->queue.bytes;
    fq_clear(&d->queue);
    pdcp_destroy(d->pdcp);
    free(d);
}

static void free_session(up_t *u, session_t *s)
{
    for (int i = 0; i < UP_MAX_DRBS; i++)
        if (s->ue->drbs[i] && s->ue->drbs[i]->cfg.session_id == s->cfg.session_id)
            free_drb(u, s->ue->drbs[i]);
    for (session_t **at = up_bucket(u, s->cfg.ue_ipv4_be); *at; at = &(*at)->next)
        if (*at == s) {
            *at = s->next;
            break;
        }
    s->ue->sessions[s->cfg.session_id] = NULL;
    free(s);
}

void up_free_ue(up_t *u, ue_t *ue)
{
    for (int i = 0; i < UP_MAX_SESSIONS; i++)
        if (ue->sessions[i])
            free_session(u, ue->sessions[i]);
    u->ues[ue->handle & (u->n_ues - 1)] = NULL;
    free(ue);
}

static void add_session(up_t *u, ue_t *ue, session_t *s)
{
    s->ue = ue;
    ue->sessions[s->cfg.session_id] = s;
    session_t **head = up_bucket(u, s->cfg.ue_ipv4_be);
    s->next = *head;
    *head = s;
}

static void add_drb(up_t *u, ue_t *ue, session_t *s, drb_t *d)
{
    d->ue = ue;
    ue->drbs[d->cfg.drb_id] = d;
    sdap_add_drb(&s->sdap, d->cfg.drb_id, d->cfg.sdap_header_dl, d->cfg.sdap_header_ul, d->cfg.default_drb);
    for (int i = 0; i < d->cfg.n_qfis; i++)
        sdap_map(&s->sdap, d->cfg.qfis[i], d->cfg.drb_id);
    gtpu_table_set(&u->teids, d->local_teid, (uint64_t)(uintptr_t)d);
}

/* The control thread checked what it could see, so that a command fails only if the two disagree. */
static bool run_command(up_t *u, up_cmd_t *c)
{
    ue_t *ue = u->ues[c->index];
    if (c->kind == UP_CMD_UE_ADD) {
        if (ue)
            return false;
        u->ues[c->index] = c->u.ue;
        *c->u.ue->stats = (up_ue_stats_t){0};
        return true;
    }
    if (!ue)
        return false;
    drb_t *d = c->id < UP_MAX_DRBS ? ue->drbs[c->id] : NULL;
    switch (c->kind) {
    case UP_CMD_UE_REMOVE:
        up_free_ue(u, ue);
        return true;
    case UP_CMD_UE_REKEY:
        ue->security = c->u.security;
        for (int i = 0; i < UP_MAX_DRBS; i++)
            if (ue->drbs[i]) {
                pdcp_reestablish(ue->drbs[i]->pdcp, u->crypto, &ue->security);
            }
        return true;
    case UP_CMD_SESSION_ADD:
        if (ue->sessions[c->id])
            return false;
        add_session(u, ue, c->u.session);
        return true;
    case UP_CMD_SESSION_REMOVE:
        if (!ue->sessions[c->id])
            return false;
        free_session(u, ue->sessions[c->id]);
        return true;
    case UP_CMD_DRB_ADD:
        if (d || !ue->sessions[c->u.drb->cfg.session_id])
            return false;
        add_drb(u, ue, ue->sessions[c->u.drb->cfg.session_id], c->u.drb);
        return true;
    case UP_CMD_DRB_REMOTE:
        if (!d)
            return false;
        d->remote = (struct sockaddr_in){.sin_family = AF_INET,
                                         .sin_port = htons(c->u.remote.port),
                                         .sin_addr.s_addr = c->u.remote.ipv4_be};
        d->remote_teid = c->u.remote.teid;
        d->window_bytes = INITIAL_WINDOW_BYTES;
        d->confirmed_total = d->sent_total;
        d->probe_wait_ns = PROBE_NS;
        d->probe_at_ns = u->now_ns + PROBE_NS;
        if (d->queue.n)
            up_mark_ready(u, d);
        return true;
    case UP_CMD_DRB_RECOVER:
        if (!d)
            return false;
        pdcp_recover(d->pdcp, u->crypto);
        return true;
    case UP_CMD_DRB_REMOVE:
        if (!d)
            return false;
        free_drb(u, d);
        return true;
    default:
        return false;
    }
}

static void run_commands(up_t *u)
{
    up_cmd_t c;
    uint64_t count;
    ssize_t n = read(u->wake_fd, &count, sizeof count);
    (void)n;
    while (ring_pop(&u->commands, &c)) {
        if (run_command(u, &c))
            continue;
        u->n.command_failed++;
        log_error(u->cfg.log, "user plane: command %d names an unknown UE, session or DRB", c.kind);
        if (c.kind == UP_CMD_UE_ADD) {
            free(c.u.ue);
        } else if (c.kind == UP_CMD_SESSION_ADD) {
            free(c.u.session);
        } else if (c.kind == UP_CMD_DRB_ADD) {
            pdcp_destroy(c.u.drb->pdcp);
            free(c.u.drb);
        }
    }
}

/* Returns whether N6 may hold more. */
static bool receive_n6(up_t *u)
{
    for (int i = 0; i < UP_BATCH; i++) {
        buf_t *b = buf_alloc(u->pool);
        n6_key_t key;
        if (!b) {
            u->n.no_buffer++;
            usleep(500);
            return false;
        }
        int r = n6_receive(&u->n6, b, &key);
        if (r == 0) {
            up_dl_packet(u, &key, b);
            continue;
        }
        buf_free(b);
        if (r != -EPROTONOSUPPORT)
            return false;
        u->n.n6_rx_not_ipv4++;
    }
    return true;
}

void *up_thread(void *arg)
{
    up_t *u = arg;
    bool more_n6 = false, more_f1u = false;
    while (!atomic_load(&u->stop)) {
        struct pollfd p[3] = {{.fd = u->wake_fd, .events = POLLIN},
                              {.fd = u->fd, .events = POLLIN},
                              {.fd = u->n6.fd, .events = POLLIN}};
        int wait_ms = -1;
        u->now_ns = time_ns(CLOCK_MONOTONIC);
        if (more_n6 || more_f1u)
            wait_ms = 0;
        else if (u->next_tick_ns != INT64_MAX)
            wait_ms = u->next_tick_ns <= u->now_ns ? 0 : (int)((u->next_tick_ns - u->now_ns) / NS_PER_MS + 1);
        if (poll(p, 3, wait_ms) < 0 && errno != EINTR)
            break;
        u->now_ns = time_ns(CLOCK_MONOTONIC);
        if (p[0].revents & POLLIN)
            run_commands(u);
        more_f1u = (p[1].revents & POLLIN) && up_f1u_receive(u);
        more_n6 = (p[2].revents & POLLIN) && receive_n6(u);
        up_pump(u);
        if (u->now_ns >= u->next_tick_ns) {
            up_tick(u);
            up_pump(u);
        }
        /* Timers run while there is something that they could be about. */
        bool any = false;
        for (uint32_t i = 0; i < u->n_ues && !any; i++)
            any = u->ues[i] != NULL;
        if (!any)
            u->next_tick_ns = INT64_MAX;
        else if (u->next_tick_ns == INT64_MAX || u->next_tick_ns <= u->now_ns)
            u->next_tick_ns = u->now_ns + TICK_NS;
    }
    return NULL;
}
