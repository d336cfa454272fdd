/* SPDX-License-Identifier: Apache-2.0 */
/* One end of an association, for trying the carriers between processes.
 *
 *   peer listen  CARRIER LOCAL PORT                    echoes every message; ends on SIGTERM
 *   peer connect CARRIER LOCAL REMOTE PORT [WHAT]      sends messages of 1 B to 60 KB and checks the echoes
 *
 * CARRIER is kernel, udp or auto. WHAT: "failover" sends again after a path went down; "reconnect" sends
 * again after the association was lost and came back; "shutdown" ends in order. Says what happened line by
 * line; exit status 0 when all came back as it was sent within 60 s. */
#include "lib/core/clock.h"
#include "lib/sctp/assoc.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUND 24 /* messages in a round */

typedef struct {
    loop_t *loop;
    const char *what;
    bool echo, second, done;
    unsigned sent, back;
    int status;
    loop_timer_t deadline;
} peer_t;

static size_t size_of(unsigned i)
{
    static const size_t sizes[] = {1, 3, 100, 1199, 1452, 1500, 9000, 60000};
    return sizes[i % 8];
}

static uint8_t byte_of(unsigned i, size_t k)
{
    return (uint8_t)(i * 31 + k * 7);
}

static void round_send(peer_t *p, assoc_t *a)
{
    static uint8_t bytes[60000];
    for (unsigned i = 0; i < ROUND; i++) {
        for (size_t k = 0; k < size_of(i); k++)
            bytes[k] = byte_of(i, k);
        if (assoc_send(a, (uint16_t)(i % assoc_streams(a)), ASSOC_PPID_F1AP + i, bytes, size_of(i)) < 0) {
            printf("cannot send message %u\n", i);
            loop_stop(p->loop);
            return;
        }
    }
    p->sent = ROUND;
    p->back = 0;
}

static void on_up(void *ctx, assoc_t *a)
{
    peer_t *p = ctx;
    printf("up %s %s\n", assoc_carrier_labels[assoc_carrier(a)], assoc_remote_text(a));
    fflush(stdout);
    if (!p->echo)
        round_send(p, a);
}

static void on_down(void *ctx, assoc_t *a, assoc_down_t why)
{
    peer_t *p = ctx;
    printf("down %s: %s\n", assoc_remote_text(a),
           why == ASSOC_DOWN_SHUTDOWN ? "shutdown"
           : why == ASSOC_DOWN_LOST   ? "lost"
                                      : "not reached");
    fflush(stdout);
    if (why != ASSOC_DOWN_CONNECT_FAILED && strcmp(p->what, "reconnect") == 0)
        p->second = true;
}

static void finish(peer_t *p, assoc_t *a)
{
    p->status = 0;
    p->done = true;
    printf("all came back\n");
    if (strcmp(p->what, "shutdown") == 0)
        assoc_close(a, true);
    /* what SHUTDOWN needs may still come and go */
    loop_timer_start(&p->deadline, 300 * NS_PER_MS);
}

static void on_message(void *ctx, assoc_t *a, uint16_t stream, uint32_t ppid, const uint8_t *bytes, size_t n)
{
    peer_t *p = ctx;
    if (p->echo) {
        assoc_send(a, stream, ppid, bytes, n);
        return;
    }
    unsigned i = ppid - ASSOC_PPID_F1AP;
    bool ok = i < ROUND && n == size_of(i) && stream == i % assoc_streams(a);
    for (size_t k = 0; ok && k < n; k++)
        ok = bytes[k] == byte_of(i, k);
    if (!ok) {
        printf("message %u came back wrong: %zu bytes, stream %u\n", i, n, stream);
        loop_stop(p->loop);
        return;
    }
    if (++p->back < p->sent)
        return;
    printf("round of %u\n", p->back);
    fflush(stdout);
    if ((strcmp(p->what, "failover") == 0 || strcmp(p->what, "reconnect") == 0) && !p->second)
        return; /* on_event or on_down starts the next */
    finish(p, a);
}

static void on_event(void *ctx, assoc_t *a, const assoc_event_t *e)
{
    static const char *const names[] = {"path up", "path down", "restart", "send failed", "remote error"};
    peer_t *p = ctx;
    printf("%s %s\n", names[e->type], e->text);
    fflush(stdout);
    if (e->type == ASSOC_EVENT_PATH_DOWN && strcmp(p->what, "failover") == 0 && !p->second) {
        p->second = true;
        round_send(p, a);
    }
}

static void on_deadline(void *ctx)
{
    peer_t *p = ctx;
    if (!p->done)
        printf("no end: %u of %u came back\n", p->back, p->sent);
    loop_stop(p->loop);
}

static void on_term(void *ctx, int signo)
{
    (void)signo;
    loop_stop(((peer_t *)ctx)->loop);
}

int main(int argc, char **argv)
{
    static const assoc_cbs_t cbs = {on_up, on_down, on_message, on_event};
    static const log_sink_t sink = {.level = LOG_WARNING, .node = "peer"};
    log_t log = {&sink, "peer"};
    bool listening = argc == 5 && strcmp(argv[1], "listen") == 0;
    if (!listening && !((argc == 6 || argc == 7) && strcmp(argv[1], "connect") == 0)) {
        fprintf(stderr,
                "usage: peer listen CARRIER LOCAL PORT | peer connect CARRIER LOCAL REMOTE PORT [WHAT]\n");
        return 2;
    }
    peer_t p = {.echo = listening, .status = listening ? 0 : 1, .what = argc == 7 ? argv[6] : ""};
    assoc_config_t c = {
        .local = argv[3], .log = &log, .heartbeat_ms = 500, .max_retrans = 4, .rto_max_ms = 500};
    for (int i = 0; assoc_carrier_labels[i]; i++)
        if (strcmp(argv[2], assoc_carrier_labels[i]) == 0)
            c.carrier = (assoc_carrier_t)i;
    assoc_listener_t *l = NULL;
    assoc_t *a = NULL;
    int r = loop_create(&p.loop);
    if (r == 0)
        r = loop_signal(p.loop, SIGTERM, on_term, &p);
    loop_timer_init(p.loop, &p.deadline, on_deadline, &p);
    if (r == 0 && listening) {
        c.local_port = (uint16_t)atoi(argv[4]);
        r = assoc_listen(p.loop, &c, &cbs, &p, &l);
    } else if (r == 0) {
        c.remote = argv[4];
        c.remote_port = (uint16_t)atoi(argv[5]);
        loop_timer_start(&p.deadline, 60 * NS_PER_S);
        r = assoc_connect(p.loop, &c, &cbs, &p, &a);
    }
    if (r < 0) {
        fprintf(stderr, "peer: %s\n", strerror(-r));
        return 1;
    }
    loop_run(p.loop);
    if (!p.done || strcmp(p.what, "shutdown") != 0)
        assoc_close(a, false);
    assoc_listen_close(l);
    loop_destroy(p.loop);
    return p.status;
}
