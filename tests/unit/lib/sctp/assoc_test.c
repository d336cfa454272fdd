/* SPDX-License-Identifier: Apache-2.0 */
/* Associations of the udp carrier over real UDP sockets of 127.0.0.1, all in one loop. Time is virtual: the
 * tests wait for what happens, never for a clock. (The kernel carrier runs under a kernel that has SCTP:
 * tests/e2e/kernel_sctp.) */
#include "lib/core/clock.h"
#include "lib/sctp/assoc.h"
#include "tests/unit/cu.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 38472

typedef struct {
    assoc_t *assoc;
    unsigned ups, downs, messages, events;
    assoc_down_t why;
    assoc_event_type_t event;
    uint64_t bytes;
    uint32_t ppid, length, stream;
    bool content_ok, close_on_message, echo;
    assoc_listener_t *close_listener_on_up;
} side_t;

static loop_t *loop;

static uint8_t pattern(size_t i, size_t n)
{
    return (uint8_t)(i * 7 + n);
}

static void on_up(void *ctx, assoc_t *a)
{
    side_t *s = ctx;
    s->assoc = a;
    s->ups++;
    if (s->close_listener_on_up)
        assoc_listen_close(s->close_listener_on_up);
}

static void on_down(void *ctx, assoc_t *a, assoc_down_t why)
{
    side_t *s = ctx;
    CU_ASSERT_FALSE(assoc_is_up(a));
    CU_ASSERT_EQUAL(assoc_send(a, 0, 1, "x", 1), -ENOTCONN);
    s->downs++;
    s->why = why;
}

static void on_message(void *ctx, assoc_t *a, uint16_t stream, uint32_t ppid, const uint8_t *bytes, size_t n)
{
    side_t *s = ctx;
    s->messages++;
    s->bytes += n;
    s->ppid = ppid;
    s->length = (uint32_t)n;
    s->stream = stream;
    for (size_t i = 0; i < n; i++)
        s->content_ok &= bytes[i] == pattern(i, n);
    if (s->echo)
        CU_ASSERT_EQUAL(assoc_send(a, stream, ppid, bytes, n), 0);
    if (s->close_on_message)
        assoc_close(a, false);
}

static void on_event(void *ctx, assoc_t *a, const assoc_event_t *e)
{
    side_t *s = ctx;
    (void)a;
    s->events++;
    s->event = e->type;
}

static const assoc_cbs_t cbs = {on_up, on_down, on_message, on_event};

/* UDP ports that nobody has: asked of the kernel, since tests may run side by side. */
static uint16_t free_udp_port(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *)&a, n), 0);
    getsockname(fd, (struct sockaddr *)&a, &n);
    close(fd);
    return ntohs(a.sin_port);
}

static assoc_config_t server_config(uint16_t udp)
{
    return (assoc_config_t){
        .carrier = ASSOC_CARRIER_UDP, .local = "127.0.0.1", .local_port = PORT, .local_udp_port = udp};
}

static assoc_config_t client_config(uint16_t udp, uint16_t server_udp)
{
    return (assoc_config_t){.carrier = ASSOC_CARRIER_UDP,
                            .local = "127.0.0.1",
                            .local_udp_port = udp,
                            .remote = "127.0.0.1",
                            .remote_port = PORT,
                            .remote_udp_port = server_udp};
}

/* Lets 10 ms of virtual time pass at a time, with what arrives in between, until `done` or `ms` are over. */
#define RUN_UNTIL(done, ms)                                                                                  \
    for (int t__ = 0; t__ < (ms) && !(done); t__ += 10) {                                                    \
        while (loop_run_once(loop, 0) > 0)                                                                   \
            ;                                                                                                \
        loop_advance(loop, 10 * NS_PER_MS);                                                                  \
    }

static void begin(void)
{
    CU_ASSERT_EQUAL_FATAL(loop_create(&loop), 0);
    loop_set_virtual(loop);
}

static void end(void)
{
    loop_destroy(loop);
    loop = NULL;
}

typedef struct {
    side_t server, client;
    assoc_listener_t *listener;
    assoc_t *assoc;
    uint16_t server_udp, client_udp;
} pair_t;

static void pair_up(pair_t *p)
{
    begin();
    p->server_udp = free_udp_port();
    p->client_udp = free_udp_port();
    p->server.content_ok = p->client.content_ok = true;
    assoc_config_t s = server_config(p->server_udp), c = client_config(p->client_udp, p->server_udp);
    CU_ASSERT_EQUAL_FATAL(assoc_listen(loop, &s, &cbs, &p->server, &p->listener), 0);
    CU_ASSERT_EQUAL_FATAL(assoc_connect(loop, &c, &cbs, &p->client, &p->assoc), 0);
    RUN_UNTIL(p->server.ups && p->client.ups, 5000);
    CU_ASSERT_EQUAL_FATAL(p->server.ups, 1);
    CU_ASSERT_EQUAL_FATAL(p->client.ups, 1);
}

static void pair_end(pair_t *p)
{
    assoc_close(p->assoc, false);
    assoc_listen_close(p->listener);
    end();
}

static void fill(uint8_t *to, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = pattern(i, n);
}

static void test_sizes(void)
{
    static const size_t sizes[] = {
        1, 2, 3, 4, 5, 1000, 1200, 1201, 1400, 9000, 40000, 60000, ASSOC_MAX_MESSAGE};
    static uint8_t bytes[ASSOC_MAX_MESSAGE];
    pair_t p = {0};
    pair_up(&p);
    p.server.echo = true;
    CU_ASSERT(assoc_streams(p.assoc) == 8);
    CU_ASSERT(strstr(assoc_remote_text(p.assoc), "127.0.0.1:38472 over UDP") != NULL);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        fill(bytes, sizes[i]);
        CU_ASSERT_EQUAL(
            assoc_send(p.assoc, (uint16_t)(i % 8), ASSOC_PPID_F1AP + (uint32_t)i, bytes, sizes[i]), 0);
        RUN_UNTIL(p.client.messages == i + 1, 5000);
        CU_ASSERT_EQUAL(p.client.messages, i + 1);
        CU_ASSERT_EQUAL(p.server.length, sizes[i]);
        CU_ASSERT_EQUAL(p.server.ppid, ASSOC_PPID_F1AP + i);
        CU_ASSERT_EQUAL(p.server.stream, i % 8);
        CU_ASSERT_EQUAL(p.client.length, sizes[i]);
        CU_ASSERT_EQUAL(p.client.ppid, ASSOC_PPID_F1AP + i);
    }
    CU_ASSERT(p.server.content_ok && p.client.content_ok);
    CU_ASSERT_EQUAL(assoc_send(p.assoc, 8, 1, bytes, 1), -EINVAL);
    CU_ASSERT_EQUAL(assoc_send(p.assoc, 0, 1, bytes, 0), -EINVAL);
    CU_ASSERT_EQUAL(assoc_send(p.assoc, 0, 1, bytes, ASSOC_MAX_MESSAGE + 1), -EMSGSIZE);
    pair_end(&p);
}

/* More than the carrier's buffer holds: the rest waits in our queue, in order, up to its limit. */
static void test_queue(void)
{
    static uint8_t bytes[60000];
    pair_t p = {0};
    unsigned sent = 0;
    pair_up(&p);
    fill(bytes, sizeof bytes);
    while (sent < 200 && assoc_send(p.assoc, 1, 62, bytes, sizeof bytes) == 0)
        sent++;
    CU_ASSERT(sent > 60 && sent < 200);
    CU_ASSERT(assoc_queued_bytes(p.assoc) > 3000000);
    CU_ASSERT_EQUAL(assoc_counters(p.assoc)->tx_queue_full, 1);
    RUN_UNTIL(p.server.messages == sent, 60000);
    CU_ASSERT_EQUAL(p.server.messages, sent);
    CU_ASSERT(p.server.content_ok);
    CU_ASSERT_EQUAL(assoc_queued_bytes(p.assoc), 0);
    pair_end(&p);
}

static void test_shutdown_and_abort(void)
{
    pair_t p = {0};
    pair_up(&p);
    assoc_close(p.assoc, true);
    p.assoc = NULL;
    RUN_UNTIL(p.server.downs, 5000);
    CU_ASSERT_EQUAL(p.server.downs, 1);
    CU_ASSERT_EQUAL(p.server.why, ASSOC_DOWN_SHUTDOWN);
    CU_ASSERT_EQUAL(p.client.downs, 0);
    pair_end(&p);

    memset(&p, 0, sizeof p);
    pair_up(&p);
    assoc_close(p.assoc, false);
    p.assoc = NULL;
    RUN_UNTIL(p.server.downs, 5000);
    CU_ASSERT_EQUAL(p.server.downs, 1);
    CU_ASSERT_EQUAL(p.server.why, ASSOC_DOWN_LOST);
    pair_end(&p);
}

/* The listener goes and comes back: the client is told, tries again by itself and carries messages again. */
static void test_reconnect(void)
{
    pair_t p = {0};
    pair_up(&p);
    assoc_listen_close(p.listener);
    p.listener = NULL;
    RUN_UNTIL(p.client.downs >= 2, 20000);
    CU_ASSERT_EQUAL(p.client.downs, 2); /* lost, then once "does not answer" */
    CU_ASSERT_EQUAL(p.client.why, ASSOC_DOWN_CONNECT_FAILED);
    RUN_UNTIL(false, 10000);
    CU_ASSERT_EQUAL(p.client.downs, 2);
    CU_ASSERT(assoc_counters(p.assoc)->connect_failed >= 2);
    assoc_config_t s = server_config(p.server_udp);
    CU_ASSERT_EQUAL(assoc_listen(loop, &s, &cbs, &p.server, &p.listener), 0);
    RUN_UNTIL(p.client.ups == 2, 20000);
    CU_ASSERT_EQUAL(p.client.ups, 2);
    CU_ASSERT_EQUAL(assoc_send(p.assoc, 0, 62, "\x01", 1), 0);
    RUN_UNTIL(p.server.messages, 1000);
    CU_ASSERT_EQUAL(p.server.messages, 1);
    pair_end(&p);
}

/* A peer that falls silent (its datagrams go nowhere) is noticed by heartbeats. */
static int relay_fd = -1, relay_out_fd = -1;
static bool relay_open;
static struct sockaddr_in relay_server, relay_client;

static void relay(int from, int to, const struct sockaddr_in *dest, struct sockaddr_in *learn)
{
    static uint8_t bytes[65536];
    struct sockaddr_in src;
    socklen_t n = sizeof src;
    ssize_t len;
    while ((len = recvfrom(from, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&src, &n)) >= 0) {
        if (learn)
            *learn = src;
        if (relay_open && dest->sin_port)
            sendto(to, bytes, (size_t)len, 0, (const struct sockaddr *)dest, sizeof *dest);
    }
}

static int bound(uint16_t *ret_port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *)&a, n), 0);
    getsockname(fd, (struct sockaddr *)&a, &n);
    *ret_port = ntohs(a.sin_port);
    return fd;
}

/* Real time here: usrsctp asks the clock of the system whether a path has been idle long enough for a
 * heartbeat. */
#define RELAY_UNTIL(done, ms)                                                                                \
    for (int64_t end__ = loop_now_ns(loop) + (ms)*NS_PER_MS; loop_now_ns(loop) < end__ && !(done);) {        \
        relay(relay_fd, relay_out_fd, &relay_server, &relay_client);                                         \
        relay(relay_out_fd, relay_fd, &relay_client, NULL);                                                  \
        loop_run_once(loop, 2);                                                                              \
    }

static void quick(assoc_config_t *c)
{
    c->heartbeat_ms = 50;
    c->rto_min_ms = 20;
    c->rto_max_ms = 50;
    c->max_retrans = 3;
    c->backoff_min_ms = 20;
}

static void test_silent_peer(void)
{
    side_t server = {.content_ok = true}, client = {.content_ok = true};
    assoc_listener_t *listener;
    assoc_t *assoc;
    uint16_t in_port, out_port;
    CU_ASSERT_EQUAL_FATAL(loop_create(&loop), 0);
    relay_fd = bound(&in_port);
    relay_out_fd = bound(&out_port);
    relay_open = true;
    uint16_t server_udp = free_udp_port();
    relay_client = (struct sockaddr_in){.sin_family = AF_INET};
    relay_server = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(server_udp)};
    assoc_config_t s = server_config(server_udp), c = client_config(free_udp_port(), in_port);
    quick(&s);
    quick(&c);
    CU_ASSERT_EQUAL_FATAL(assoc_listen(loop, &s, &cbs, &server, &listener), 0);
    CU_ASSERT_EQUAL_FATAL(assoc_connect(loop, &c, &cbs, &client, &assoc), 0);
    RELAY_UNTIL(client.ups && server.ups, 5000);
    CU_ASSERT_EQUAL(client.ups, 1);
    relay_open = false;
    RELAY_UNTIL(client.downs && server.downs, 10000);
    CU_ASSERT(client.downs >= 1 && server.downs == 1);
    CU_ASSERT_EQUAL(server.why, ASSOC_DOWN_LOST);
    relay_open = true;
    RELAY_UNTIL(client.ups == 2, 20000);
    CU_ASSERT_EQUAL(client.ups, 2);
    assoc_close(assoc, false);
    assoc_listen_close(listener);
    close(relay_fd);
    close(relay_out_fd);
    end();
}

static uint32_t rng = 12345;
static uint8_t random_byte(void)
{
    rng = rng * 1664525u + 1013904223u;
    return (uint8_t)(rng >> 24);
}

/* Random bytes, truncated and bit-flipped packets from strangers and with the peer's own address: counted,
 * and the association goes on. */
static void test_hostile(void)
{
    uint8_t junk[300];
    uint16_t port;
    pair_t p = {0};
    pair_up(&p);
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(p.server_udp)};
    int fd = bound(&port);
    for (int i = 0; i < 2000; i++) {
        size_t n = (size_t)(random_byte() % sizeof junk);
        for (size_t k = 0; k < n; k++)
            junk[k] = random_byte();
        sendto(fd, junk, n, 0, (struct sockaddr *)&to, sizeof to);
        if (i % 50 == 0)
            RUN_UNTIL(false, 10);
    }
    RUN_UNTIL(false, 100);
    const assoc_counters_t *c = assoc_listener_counters(p.listener);
    CU_ASSERT(c->udp_rx_short > 0);
    CU_ASSERT(c->udp_rx_checksum > 1000);
    CU_ASSERT_EQUAL(c->downs, 0);
    CU_ASSERT_EQUAL(assoc_send(p.assoc, 0, 62, "\x01", 1), 0);
    RUN_UNTIL(p.server.messages, 1000);
    CU_ASSERT_EQUAL(p.server.messages, 1);
    close(fd);
    pair_end(&p);
}

/* CRC32c as RFC 9260 appendix A has it, bit by bit: a second opinion on what leaves the socket. */
static uint32_t crc32c(const uint8_t *p, size_t n)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int b = 0; b < 8; b++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
    }
    return ~crc;
}

/* Valid packets of no association: an ABORT with T set comes back, an ABORT gets none, INITs of many
 * addresses do not fill more than the peer table. */
static void test_out_of_the_blue(void)
{
    uint8_t packet[16] = {0x12, 0x34, 0x96, 0x48 /* 38472 */,  1, 2, 3, 4, 0,
                          0,    0,    0,    4 /* HEARTBEAT */, 0, 0, 4};
    uint8_t reply[64];
    uint16_t port;
    pair_t p = {0};
    pair_up(&p);
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(p.server_udp)};
    int fd = bound(&port);
    uint32_t crc = crc32c(packet, sizeof packet);
    memcpy(packet + 8, &crc, 4);
    sendto(fd, packet, sizeof packet, 0, (struct sockaddr *)&to, sizeof to);
    RUN_UNTIL(false, 20);
    ssize_t n = recv(fd, reply, sizeof reply, MSG_DONTWAIT);
    static const uint8_t want[8] = {0x96, 0x48, 0x12, 0x34, 1, 2, 3, 4}, want_chunk[4] = {6, 1, 0, 4};
    CU_ASSERT_EQUAL_FATAL(n, 16);
    CU_ASSERT(memcmp(reply, want, 8) == 0 && memcmp(reply + 12, want_chunk, 4) == 0);
    memcpy(&crc, reply + 8, 4);
    memset(reply + 8, 0, 4);
    CU_ASSERT_EQUAL(crc, crc32c(reply, 16));
    CU_ASSERT_EQUAL(assoc_listener_counters(p.listener)->udp_rx_stranger, 1);

    packet[12] = 6; /* ABORT */
    memset(packet + 8, 0, 4);
    crc = crc32c(packet, sizeof packet);
    memcpy(packet + 8, &crc, 4);
    sendto(fd, packet, sizeof packet, 0, (struct sockaddr *)&to, sizeof to);
    RUN_UNTIL(false, 20);
    CU_ASSERT(recv(fd, reply, sizeof reply, MSG_DONTWAIT) < 0);
    CU_ASSERT_EQUAL(assoc_listener_counters(p.listener)->udp_rx_stranger, 2);
    close(fd);
    CU_ASSERT(assoc_is_up(p.assoc));
    pair_end(&p);
}

/* Ends of one local UDP port share the socket; listeners of one SCTP port on different UDP ports do not meet;
 * a second loop is refused. */
static void test_sharing(void)
{
    side_t one = {0}, two = {0}, client_one = {0}, client_two = {0};
    assoc_listener_t *l1, *l2, *l3;
    assoc_t *a1, *a2, *other;
    begin();
    uint16_t udp1 = free_udp_port(), udp2 = free_udp_port(), mine = free_udp_port();
    assoc_config_t s1 = server_config(udp1), s2 = server_config(udp2), s3 = server_config(mine);
    assoc_config_t c1 = client_config(mine, udp1), c2 = client_config(mine, udp2);
    CU_ASSERT_EQUAL_FATAL(assoc_listen(loop, &s1, &cbs, &one, &l1), 0);
    CU_ASSERT_EQUAL(assoc_listen(loop, &s1, &cbs, &one, &l2), -EADDRINUSE);
    CU_ASSERT_EQUAL_FATAL(assoc_listen(loop, &s2, &cbs, &two, &l2), 0);
    s3.local = NULL; /* any address: its port is taken for each of them, and shared */
    CU_ASSERT_EQUAL_FATAL(assoc_listen(loop, &s3, &cbs, &one, &l3), 0);
    CU_ASSERT_EQUAL_FATAL(assoc_connect(loop, &c1, &cbs, &client_one, &a1), 0);
    CU_ASSERT_EQUAL_FATAL(assoc_connect(loop, &c2, &cbs, &client_two, &a2), 0);
    RUN_UNTIL(one.ups && two.ups && client_one.ups && client_two.ups, 5000);
    CU_ASSERT(one.ups == 1 && two.ups == 1);
    CU_ASSERT_EQUAL(assoc_send(a1, 0, 62, "\x01", 1), 0);
    RUN_UNTIL(one.messages, 1000);
    CU_ASSERT(one.messages == 1 && two.messages == 0);

    loop_t *loop2;
    CU_ASSERT_EQUAL_FATAL(loop_create(&loop2), 0);
    CU_ASSERT_EQUAL(assoc_connect(loop2, &c1, &cbs, &client_one, &other), -EBUSY);
    loop_destroy(loop2);
    assoc_close(a1, false);
    assoc_close(a2, false);
    assoc_listen_close(l1);
    assoc_listen_close(l2);
    assoc_listen_close(l3);
    end();
}

/* Closing from inside callbacks leaves nothing behind (the sanitizers watch). */
static void test_close_inside(void)
{
    pair_t p = {0};
    pair_up(&p);
    p.server.close_on_message = true;
    CU_ASSERT_EQUAL(assoc_send(p.assoc, 0, 62, "\x01", 1), 0);
    CU_ASSERT_EQUAL(assoc_send(p.assoc, 0, 62, "\x01", 1), 0);
    RUN_UNTIL(p.client.downs, 5000);
    CU_ASSERT_EQUAL(p.client.downs, 1);
    CU_ASSERT_EQUAL(p.server.messages, 1);
    p.server.close_listener_on_up = p.listener;
    RUN_UNTIL(p.server.ups == 2, 10000);
    CU_ASSERT_EQUAL(p.server.ups, 2);
    p.listener = NULL;
    RUN_UNTIL(p.client.downs == 2, 10000);
    pair_end(&p);
}

static void test_bad_config(void)
{
    side_t s = {0};
    assoc_t *a;
    assoc_listener_t *l;
    begin();
    assoc_config_t c = client_config(free_udp_port(), free_udp_port());
    c.remote = "10.0.0.300";
    CU_ASSERT_EQUAL(assoc_connect(loop, &c, &cbs, &s, &a), -EINVAL);
    c.remote = "1.1.1.1,2.2.2.2,3.3.3.3,4.4.4.4,5.5.5.5";
    CU_ASSERT_EQUAL(assoc_connect(loop, &c, &cbs, &s, &a), -EINVAL);
    c.remote = "127.0.0.1";
    c.remote_port = 0;
    CU_ASSERT_EQUAL(assoc_connect(loop, &c, &cbs, &s, &a), -EINVAL);
    assoc_config_t sc = server_config(free_udp_port());
    sc.local = "192.0.2.1"; /* not ours */
    CU_ASSERT_EQUAL(assoc_listen(loop, &sc, &cbs, &s, &l), -EADDRNOTAVAIL);
    if (!assoc_kernel_has_sctp()) {
        sc.carrier = ASSOC_CARRIER_KERNEL;
        CU_ASSERT_EQUAL(assoc_listen(loop, &sc, &cbs, &s, &l), -EPROTONOSUPPORT);
    }
    end();
}

CU_MAIN("sctp", {"message sizes, PPID, streams, both ways", test_sizes}, {"send queue", test_queue},
        {"shutdown and abort", test_shutdown_and_abort}, {"reconnect", test_reconnect},
        {"silent peer", test_silent_peer}, {"hostile datagrams", test_hostile},
        {"out of the blue packets", test_out_of_the_blue}, {"sharing and isolation", test_sharing},
        {"close inside callbacks", test_close_inside}, {"configuration errors", test_bad_config})
