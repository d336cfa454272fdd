/* SPDX-License-Identifier: Apache-2.0 */
/* The user plane from N6 to the UE and back, on real sockets: the CU's thread with a socket pair in place of
 * the TUN, F1-U over UDP on the loopback, the DU's f1u thread, RLC AM on both sides of an ideal air, and the
 * UE's PDCP and SDAP. What is asserted is what a user would miss: packets whole and in order, nothing for the
 * wrong UE, nothing after a release, a queue that flow control holds back. */
#include "cu/up/up.h"
#include "du/f1u/f1u.h"
#include "lib/core/clock.h"
#include "lib/rlc/rlc.h"
#include "lib/sdap/sdap.h"
#include "tests/unit/cu.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#define CU_PORT 12152
#define DU_PORT 12153
#define BEARER 0x105u
#define UE_IP htonl(0x0a2d0002)     /* 10.45.0.2 */
#define SERVER_IP htonl(0x0a2d0001) /* 10.45.0.1 */
#define QFI 9

typedef struct {
    int n6; /* our end of the pair */
    loop_t *loop;
    up_t *up;
    pool_t *pool;
    f1u_t *f1u;
    f1u_flow_t flow;
    crypto_t *crypto;
    uint32_t ue, cu_teid, du_teid;
    rlc_t *rlc_du, *rlc_ue;
    pdcp_t *pdcp_ue;
    sdap_t sdap_ue;
    int64_t now;
    bool air_off;
    uint32_t n_down, down_bad, expect_down;
    uint32_t bearer_lost;
} world_t;

static world_t w;

static void du_deliver(void *ctx, buf_t *b)
{
    (void)ctx;
    if (!f1u_ul_push(w.f1u, BEARER, b))
        buf_free(b);
}
static void du_transmitted(void *ctx, uint32_t sn)
{
    (void)ctx;
    f1u_flow_transmitted(&w.flow, sn);
}
static void du_delivered(void *ctx, uint32_t sn)
{
    (void)ctx;
    f1u_flow_delivered(&w.flow, sn);
}
static void ue_rlc_deliver(void *ctx, buf_t *b)
{
    (void)ctx;
    pdcp_rx(w.pdcp_ue, w.crypto, b, w.now);
}

/* An IPv4 header and a number, as far as the user plane looks. */
static uint32_t make_packet(uint8_t *p, uint32_t src_be, uint32_t dst_be, uint32_t number, uint32_t n)
{
    memset(p, 0, n);
    p[0] = 0x45;
    memcpy(p + 12, &src_be, 4);
    memcpy(p + 16, &dst_be, 4);
    memcpy(p + 20, &number, 4);
    for (uint32_t i = 24; i < n; i++)
        p[i] = (uint8_t)(number + i);
    return n;
}

static bool packet_is(const uint8_t *p, uint32_t n, uint32_t number)
{
    uint32_t got;
    memcpy(&got, p + 20, 4);
    if (got != number)
        return false;
    for (uint32_t i = 24; i < n; i++)
        if (p[i] != (uint8_t)(number + i))
            return false;
    return true;
}

static void ue_pdcp_deliver(void *ctx, buf_t *b)
{
    sdap_info_t info;
    (void)ctx;
    w.down_bad += sdap_rx(&w.sdap_ue, 1, b, &info) != 0 || info.qfi != QFI ||
                  !packet_is(b->data, b->len, w.expect_down);
    w.expect_down++;
    w.n_down++;
    buf_free(b);
}

static void on_lost(void *ctx, uint32_t ue, uint8_t drb)
{
    (void)ctx;
    w.bearer_lost += ue == w.ue && drb == 1;
}

static const pdcp_security_t security = {.nea = NEA2,
                                         .nia = NIA2,
                                         .enc_key = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
                                         .int_key = {7, 7, 7}};

static const pdcp_config_t pdcp_cfg = {.rb_id = 1,
                                       .sn_bits = 18,
                                       .rlc_am = true,
                                       .integrity = true,
                                       .t_reordering_ns = 20 * NS_PER_MS,
                                       .discard_ns = 300 * NS_PER_MS};

static void begin(void)
{
    int pair[2];
    memset(&w, 0, sizeof w);
    CU_ASSERT_FATAL(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
    for (int i = 0; i < 2; i++)
        fcntl(pair[i], F_SETFL, O_NONBLOCK);
    w.n6 = pair[0];
    w.now = 1;
    CU_ASSERT_FATAL(loop_create(&w.loop) == 0);
    const up_events_t events = {.bearer_lost = on_lost};
    const up_config_t uc = {.f1u_ipv4_be = htonl(INADDR_LOOPBACK), .f1u_port = CU_PORT, .n6_fd = pair[1]};
    CU_ASSERT_FATAL(up_create(&w.up, &uc, w.loop, &events) == 0);
    CU_ASSERT_FATAL(up_start(w.up) == 0);
    CU_ASSERT_FATAL(pool_create(&w.pool, 8192, 2048) == 0);
    const f1u_config_t fc = {.local_ipv4_be = htonl(INADDR_LOOPBACK), .port = DU_PORT, .pool = w.pool};
    CU_ASSERT_FATAL(f1u_create(&w.f1u, &fc) == 0);
    CU_ASSERT_FATAL(f1u_start(w.f1u) == 0);
    CU_ASSERT_FATAL(crypto_create(&w.crypto) == 0);

    CU_ASSERT_FATAL(up_ue_add(w.up, &(up_ue_config_t){security}, &w.ue) == 0);
    CU_ASSERT_FATAL(up_session_add(w.up, w.ue, &(up_session_config_t){1, UE_IP, QFI}) == 0);
    const up_drb_config_t drb = {.drb_id = 1,
                                 .session_id = 1,
                                 .sdap_header_dl = true,
                                 .sdap_header_ul = true,
                                 .default_drb = true,
                                 .n_qfis = 1,
                                 .qfis = {QFI},
                                 .pdcp = pdcp_cfg};
    CU_ASSERT_FATAL(up_drb_add(w.up, w.ue, &drb, &w.cu_teid) == 0);
    const f1u_tunnel_config_t tunnel = {.bearer = BEARER,
                                        .remote_ipv4_be = htonl(INADDR_LOOPBACK),
                                        .remote_teid = w.cu_teid,
                                        .remote_port = CU_PORT,
                                        .sn_bits = 18};
    CU_ASSERT_FATAL(f1u_tunnel_add(w.f1u, &tunnel, &w.du_teid) == 0);
    CU_ASSERT_FATAL(up_drb_set_remote(w.up, w.ue, 1, htonl(INADDR_LOOPBACK), DU_PORT, w.du_teid) == 0);

    const rlc_config_t rlc = {.mode = RLC_AM,
                              .sn_bits = 18,
                              .max_retx = 8,
                              .poll_pdu = 32,
                              .t_poll_retransmit_ns = 40 * NS_PER_MS,
                              .t_reassembly_ns = 20 * NS_PER_MS};
    const rlc_ops_t du_ops = {
        .deliver = du_deliver, .transmitted = du_transmitted, .delivered = du_delivered};
    const rlc_ops_t ue_ops = {.deliver = ue_rlc_deliver};
    CU_ASSERT_FATAL(rlc_create(&w.rlc_du, &rlc, &du_ops, w.pool) == 0);
    CU_ASSERT_FATAL(rlc_create(&w.rlc_ue, &rlc, &ue_ops, w.pool) == 0);
    f1u_flow_init(&w.flow, BEARER, true);
    pdcp_config_t pc = pdcp_cfg;
    pc.sdap_header_tx = pc.sdap_header_rx = true;
    const pdcp_ops_t pdcp_ops = {.deliver = ue_pdcp_deliver};
    CU_ASSERT_FATAL(pdcp_create(&w.pdcp_ue, &pc, &pdcp_ops) == 0);
    pdcp_set_security(w.pdcp_ue, w.crypto, &security);
    pdcp_activate_tx(w.pdcp_ue, true, true);
    pdcp_activate_rx(w.pdcp_ue, true, true);
    sdap_init(&w.sdap_ue, false);
    sdap_add_drb(&w.sdap_ue, 1, true, true, true);
}

static void end(void)
{
    up_destroy(w.up);
    f1u_destroy(w.f1u);
    rlc_destroy(w.rlc_du);
    rlc_destroy(w.rlc_ue);
    pdcp_destroy(w.pdcp_ue);
    crypto_destroy(w.crypto);
    CU_ASSERT_EQUAL(pool_free_count(w.pool), 8192);
    pool_destroy(w.pool);
    loop_destroy(w.loop);
    close(w.n6);
}

/* A slot of the DU, of the air and of the UE. */
static void slot(void)
{
    uint8_t tb[8192];
    f1u_dl_t e;
    w.now += NS_PER_MS / 2;
    while (f1u_dl_pop(w.f1u, &e)) {
        if (e.kind == F1U_DL_POLL)
            f1u_flow_poll(&w.flow);
        else if (e.kind == F1U_DL_SDU && rlc_push_sdu(w.rlc_du, e.buf) != 0)
            buf_free(e.buf);
    }
    rlc_tick(w.rlc_du, w.now);
    rlc_tick(w.rlc_ue, w.now);
    pdcp_tick(w.pdcp_ue, w.now);
    for (uint32_t left = 6000, n; !w.air_off && left > 8 && (n = rlc_pull(w.rlc_du, tb, left, w.now));
         left -= n)
        rlc_on_pdu(w.rlc_ue, tb, n, w.now);
    for (uint32_t left = 6000, n; !w.air_off && left > 8 && (n = rlc_pull(w.rlc_ue, tb, left, w.now));
         left -= n)
        rlc_on_pdu(w.rlc_du, tb, n, w.now);
    f1u_flow_tick(&w.flow, w.f1u, w.rlc_du, w.now);
    f1u_wake(w.f1u);
}

/* Runs slots in step with the threads until cond holds; gives up after 10 s of wall clock. */
#define RUN_UNTIL(cond)                                                                                      \
    do {                                                                                                     \
        int tries__ = 0;                                                                                     \
        for (; tries__ < 50000 && !(cond); tries__++) {                                                      \
            slot();                                                                                          \
            usleep(200);                                                                                     \
        }                                                                                                    \
        CU_ASSERT_FATAL(cond);                                                                               \
    } while (0)

static void send_n6(uint32_t dst_be, uint32_t number, uint32_t n)
{
    uint8_t p[1500];
    make_packet(p, SERVER_IP, dst_be, number, n);
    for (int i = 0; i < 1000 && send(w.n6, p, n, 0) < 0; i++)
        usleep(1000);
}

static void test_downlink(void)
{
    begin();
    for (uint32_t i = 0; i < 500; i++) {
        send_n6(UE_IP, i, 60 + i * 2);
        if (i % 8 == 0)
            slot();
    }
    send_n6(htonl(0x0a2d0063), 0, 100); /* nobody's address */
    RUN_UNTIL(w.n_down == 500 && counter_read(&up_counters(w.up)->n6_rx_no_ue) == 1);
    CU_ASSERT_EQUAL(w.down_bad, 0);
    up_ue_stats_t s;
    CU_ASSERT_EQUAL(up_ue_stats(w.up, w.ue, &s), 0);
    CU_ASSERT_EQUAL(s.dl_packets, 500);
    CU_ASSERT_EQUAL(s.dl_queue_bytes, 0);
    CU_ASSERT_EQUAL(counter_read(&f1u_counters(w.f1u)->rx_lost), 0);
    end();
}

static void send_ul(uint32_t src_be, uint32_t number)
{
    uint8_t p[1400];
    buf_t *b = buf_from(w.pool, p, make_packet(p, src_be, SERVER_IP, number, 1400));
    CU_ASSERT_FATAL(b != NULL);
    sdap_tx(&w.sdap_ue, 1, &(sdap_info_t){.qfi = QFI}, b);
    CU_ASSERT_EQUAL(pdcp_tx(w.pdcp_ue, w.crypto, b, w.now), 0);
    CU_ASSERT_EQUAL(rlc_push_sdu(w.rlc_ue, b), 0);
}

static void test_uplink(void)
{
    begin();
    uint32_t got = 0, bad = 0;
    send_ul(SERVER_IP, 77); /* a source that is not the UE's */
    for (uint32_t i = 0; i < 200; i++)
        send_ul(UE_IP, i);
    for (int tries = 0; tries < 50000 && got < 200; tries++) {
        uint8_t p[2000];
        ssize_t n;
        slot();
        while ((n = recv(w.n6, p, sizeof p, 0)) > 0)
            bad += n != 1400 || !packet_is(p, (uint32_t)n, got++);
        usleep(200);
    }
    CU_ASSERT_EQUAL(got, 200);
    CU_ASSERT_EQUAL(bad, 0);
    CU_ASSERT_EQUAL(counter_read(&up_counters(w.up)->n6_tx_spoofed), 1);
    end();
}

static void test_flow_control(void)
{
    begin();
    w.air_off = true;
    for (uint32_t i = 0; i < 400; i++) {
        send_n6(UE_IP, i, 1400);
        if (i % 16 == 0)
            slot();
    }
    RUN_UNTIL(counter_read(&up_counters(w.up)->n6_rx_packets) == 400);
    for (int i = 0; i < 100; i++)
        slot();
    rlc_buffer_status_t bs;
    rlc_buffer_status(w.rlc_du, w.now, &bs);
    /* No more than the first window went to the DU; the rest waits where it can still be dropped unnumbered.
     */
    CU_ASSERT(bs.data_bytes > 0 && bs.data_bytes <= 140 * 1024);
    w.air_off = false;
    up_ue_stats_t s;
    RUN_UNTIL(up_ue_stats(w.up, w.ue, &s) == 0 && s.dl_queue_bytes == 0 && w.n_down == s.dl_packets);
    CU_ASSERT(s.dl_packets > 93);                      /* the first window at least */
    CU_ASSERT_EQUAL(s.dl_packets + s.dl_dropped, 400); /* sent, or older than the discard timer */
    CU_ASSERT_EQUAL(counter_read(&up_counters(w.up)->dl_discarded), s.dl_dropped);
    CU_ASSERT_EQUAL(pdcp_counters(w.pdcp_ue)->rx_reordering_expired, 0);
    CU_ASSERT(counter_read(&up_counters(w.up)->f1u_rx_status) > 0);
    end();
}

/* Everything sent so far is lost on the way, statuses and all: the bearer must come back by itself. */
static void test_loss_does_not_stop(void)
{
    begin();
    for (uint32_t i = 0; i < 200; i++)
        send_n6(UE_IP, i, 1400);
    f1u_dl_t e;
    uint32_t lost = 0;
    for (int i = 0; i < 200; i++) { /* well within the first probe's time */
        while (f1u_dl_pop(w.f1u, &e)) {
            buf_free(e.buf);
            lost++;
        }
        usleep(500);
    }
    CU_ASSERT(lost > 80 && lost < 100); /* a window's worth */
    w.expect_down = lost;
    RUN_UNTIL(w.n_down == 200 - lost);
    CU_ASSERT_EQUAL(w.down_bad, 0);
    end();
}

/* RLC is re-established with packets in it: nothing is lost for good, nothing comes twice. */
static void test_recovery(void)
{
    begin();
    w.air_off = true;
    for (uint32_t i = 0; i < 20; i++)
        send_n6(UE_IP, i, 500);
    RUN_UNTIL(counter_read(&up_counters(w.up)->f1u_tx_packets) == 20 &&
              rlc_counters(w.rlc_du)->tx_sdus == 20);
    rlc_reestablish(w.rlc_du);
    rlc_reestablish(w.rlc_ue);
    w.air_off = false;
    CU_ASSERT_EQUAL(up_drb_recover(w.up, w.ue, 1), 0);
    CU_ASSERT_EQUAL(up_drb_recover(w.up, w.ue, 2), -ENOENT);
    RUN_UNTIL(w.n_down == 20);
    CU_ASSERT_EQUAL(w.down_bad, 0);
    CU_ASSERT_EQUAL(pdcp_counters(w.pdcp_ue)->rx_duplicate, 0);
    end();
}

static void test_release_and_unknown_tunnel(void)
{
    begin();
    send_n6(UE_IP, 0, 100);
    RUN_UNTIL(w.n_down == 1);
    /* The DU forgets the tunnel: our next packet is answered by an error indication, which RRC hears of. */
    CU_ASSERT_EQUAL(f1u_tunnel_remove(w.f1u, w.du_teid), 0);
    send_n6(UE_IP, 1, 100);
    for (int i = 0; i < 500 && !w.bearer_lost; i++)
        loop_run_once(w.loop, 10);
    CU_ASSERT_EQUAL(w.bearer_lost, 1);
    CU_ASSERT_EQUAL(counter_read(&f1u_counters(w.f1u)->rx_unknown_teid), 1);
    CU_ASSERT_EQUAL(up_ue_remove(w.up, w.ue), 0);
    CU_ASSERT_EQUAL(up_ue_remove(w.up, w.ue), -ENOENT);
    CU_ASSERT_EQUAL(up_drb_set_remote(w.up, w.ue, 1, 0, 0, 0), -ENOENT);
    send_n6(UE_IP, 2, 100);
    RUN_UNTIL(counter_read(&up_counters(w.up)->n6_rx_no_ue) == 1);
    /* Somebody else's next UE may get the place, never the handle or the TEID. */
    uint32_t ue, teid;
    CU_ASSERT_EQUAL(up_ue_add(w.up, &(up_ue_config_t){security}, &ue), 0);
    CU_ASSERT_NOT_EQUAL(ue, w.ue);
    CU_ASSERT_EQUAL(up_session_add(w.up, ue, &(up_session_config_t){1, UE_IP, QFI}), 0);
    CU_ASSERT_EQUAL(up_session_add(w.up, ue, &(up_session_config_t){1, UE_IP, QFI}), -EINVAL);
    const up_drb_config_t drb = {.drb_id = 1, .session_id = 1, .pdcp = pdcp_cfg};
    CU_ASSERT_EQUAL(up_drb_add(w.up, ue, &drb, &teid), 0);
    CU_ASSERT_NOT_EQUAL(teid, w.cu_teid);
    CU_ASSERT_EQUAL(up_drb_add(w.up, ue, &drb, &teid), -EINVAL);
    end();
}

static void test_hostile_datagrams(void)
{
    begin();
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in to[2] = {
        {.sin_family = AF_INET, .sin_port = htons(CU_PORT), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
        {.sin_family = AF_INET, .sin_port = htons(DU_PORT), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
    static const uint8_t junk[] = {0x34, 0xff, 0xff, 0xff, 1, 2, 3, 4},
                         nobody[] = {0x30, 0xff, 0, 1, 9, 9, 9, 9, 0},
                         echo[] = {0x32, 1, 0, 4, 0, 0, 0, 0, 0x12, 0x34, 0, 0};
    for (int i = 0; i < 2; i++) {
        sendto(s, junk, sizeof junk, 0, (struct sockaddr *)&to[i], sizeof to[i]);
        sendto(s, nobody, sizeof nobody, 0, (struct sockaddr *)&to[i], sizeof to[i]);
        sendto(s, echo, sizeof echo, 0, (struct sockaddr *)&to[i], sizeof to[i]);
    }
    RUN_UNTIL(counter_read(&up_counters(w.up)->f1u_rx_echo) == 1 &&
              counter_read(&f1u_counters(w.f1u)->rx_echo) == 1);
    CU_ASSERT_EQUAL(counter_read(&up_counters(w.up)->f1u_rx_malformed), 1);
    CU_ASSERT_EQUAL(counter_read(&f1u_counters(w.f1u)->rx_malformed), 1);
    CU_ASSERT_EQUAL(counter_read(&up_counters(w.up)->f1u_rx_unknown_teid), 1);
    CU_ASSERT_EQUAL(counter_read(&f1u_counters(w.f1u)->rx_unknown_teid), 1);
    int n_echo = 0, n_error = 0;
    for (int i = 0; i < 4; i++) {
        uint8_t p[64];
        ssize_t n = recv(s, p, sizeof p, 0);
        n_echo += n == 14 && p[1] == 2 && p[8] == 0x12 && p[9] == 0x34;
        n_error += n == 24 && p[1] == 26;
    }
    CU_ASSERT_EQUAL(n_echo, 2);
    CU_ASSERT_EQUAL(n_error, 2);
    close(s);
    end();
}

CU_MAIN("up", {"downlink", test_downlink}, {"uplink", test_uplink}, {"flow control", test_flow_control},
        {"loss does not stop a bearer", test_loss_does_not_stop}, {"recovery", test_recovery},
        {"release and unknown tunnel", test_release_and_unknown_tunnel},
        {"hostile datagrams", test_hostile_datagrams})
