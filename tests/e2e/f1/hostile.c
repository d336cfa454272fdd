/* SPDX-License-Identifier: Apache-2.0 */
/* A gNB-DU that does not behave: connects to a CU over SCTP in UDP and sends what no DU should, then asks for
 * F1 setup like any other. Prints what came back and exits 0 if the CU answered as TS 38.473 clause 10 wants
 * and still accepts the setup.
 *
 *   f1_hostile CU-ADDRESS CU-UDP-PORT OWN-UDP-PORT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/f1ap/f1ap.h"
#include "lib/sctp/assoc.h"

static struct {
    loop_t *loop;
    assoc_t *assoc;
    loop_timer_t timer;
    int errors, failures, setups, sent;
    bool done;
} me;

static uint8_t mem[F1AP_ARENA_BYTES], buf[F1AP_MAX_PDU];

static void send_bytes(const void *p, size_t n, uint32_t ppid)
{
    me.sent += assoc_send(me.assoc, (uint16_t)(me.sent % assoc_streams(me.assoc)), ppid, p, n) == 0;
}

static size_t build(const f1ap_msg_t *m)
{
    arena_t a;
    size_t n = 0;
    arena_init(&a, mem, sizeof mem);
    if (f1ap_build(m, &a, buf, sizeof buf, &n, NULL) < 0)
        abort();
    return n;
}

static size_t setup_request(uint8_t plmn0)
{
    static const uint8_t timing[] = {0};
    f1ap_msg_t m = {.type = F1AP_SETUP_REQUEST};
    m.u.setup_request.du_id = 4242;
    m.u.setup_request.n_cells = 1;
    m.u.setup_request.cells[0] = (f1ap_cell_t){.cgi = {{plmn0, 0xf1, 0x10}, 0x66c0ff},
                                               .tdd = true,
                                               .arfcn = 632004,
                                               .band = 78,
                                               .scs = 1,
                                               .n_prb = 51,
                                               .measurement_timing = {timing, 1}};
    return build(&m);
}

static void attack(void)
{
    uint64_t seed = 42;
    uint8_t noise[512];
    /* Everything that begins like F1 setup and ends early; every octet of it changed; noise of any length. */
    size_t n = setup_request(0);
    for (size_t cut = 1; cut < n; cut += 3)
        send_bytes(buf, cut, ASSOC_PPID_F1AP);
    for (size_t at = 2; at < n; at++) { /* not into another procedure's success */
        uint8_t before = buf[at];
        buf[at] ^= 0xff;
        send_bytes(buf, n, ASSOC_PPID_F1AP);
        buf[at] = before;
    }
    for (int k = 0; k < 200; k++) {
        for (size_t i = 0; i < sizeof noise; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            noise[i] = (uint8_t)(seed >> 56);
        }
        send_bytes(noise, 1 + (size_t)(seed >> 55), ASSOC_PPID_F1AP);
    }
    send_bytes(noise, 100, ASSOC_PPID_NGAP); /* not F1AP at all */
    static uint8_t huge[100000];
    send_bytes(huge, sizeof huge, ASSOC_PPID_F1AP);
    /* UE-associated messages before any setup */
    f1ap_msg_t ul = {.type = F1AP_UL_RRC};
    ul.u.ul_rrc = (f1ap_ul_rrc_t){.cu_ue_id = 1, .du_ue_id = 1, .srb_id = 1, .rrc_container = {noise, 20}};
    send_bytes(buf, build(&ul), ASSOC_PPID_F1AP);
    /* the wrong PLMN, then the right one */
    send_bytes(buf, setup_request(0x62), ASSOC_PPID_F1AP);
    send_bytes(buf, setup_request(0), ASSOC_PPID_F1AP);
    send_bytes(buf, build(&ul), ASSOC_PPID_F1AP);
}

static void on_up(void *ctx, assoc_t *a)
{
    (void)ctx;
    me.assoc = a;
    attack();
}

static void on_down(void *ctx, assoc_t *a, assoc_down_t why)
{
    (void)ctx;
    (void)a;
    if (why != ASSOC_DOWN_CONNECT_FAILED) {
        printf("the association broke\n");
        loop_stop(me.loop);
    }
}

static void on_message(void *ctx, assoc_t *a, uint16_t stream, uint32_t ppid, const uint8_t *bytes, size_t n)
{
    arena_t arena;
    f1ap_msg_t m;
    f1ap_fault_t fault;
    (void)ctx;
    (void)a;
    (void)stream;
    (void)ppid;
    arena_init(&arena, mem, sizeof mem);
    if (f1ap_parse(bytes, n, &arena, &m, &fault) < 0)
        return;
    me.errors += m.type == F1AP_ERROR_INDICATION;
    me.failures += m.type == F1AP_SETUP_FAILURE;
    me.setups += m.type == F1AP_SETUP_RESPONSE;
    if (me.setups && m.type == F1AP_ERROR_INDICATION && m.u.error.ue.has_cu && m.u.error.ue.cu_ue_id == 1 &&
        m.u.error.cause.group == F1AP_CAUSE_RADIO) { /* the last of what was sent */
        me.done = true;
        loop_stop(me.loop);
    }
}

static void on_timer(void *ctx)
{
    (void)ctx;
    printf("no answer to the last message\n");
    loop_stop(me.loop);
}

int main(int argc, char **argv)
{
    static const assoc_cbs_t cbs = {on_up, on_down, on_message, NULL};
    if (argc != 4)
        return 2;
    assoc_config_t c = {.carrier = ASSOC_CARRIER_UDP,
                        .remote = argv[1],
                        .remote_port = F1AP_PORT,
                        .remote_udp_port = (uint16_t)atoi(argv[2]),
                        .local_udp_port = (uint16_t)atoi(argv[3])};
    assoc_t *a;
    if (loop_create(&me.loop) < 0 || assoc_connect(me.loop, &c, &cbs, NULL, &a) < 0)
        return 2;
    loop_timer_init(me.loop, &me.timer, on_timer, NULL);
    loop_timer_start(&me.timer, INT64_C(20000000000));
    loop_run(me.loop);
    printf("sent %d, error indications %d, setup failures %d, setup responses %d\n", me.sent, me.errors,
           me.failures, me.setups);
    assoc_close(a, true);
    loop_destroy(me.loop);
    return me.done && me.errors > 100 && me.failures > 0 ? 0 : 1;
}
