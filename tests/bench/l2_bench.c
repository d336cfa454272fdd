/* SPDX-License-Identifier: Apache-2.0 */
/* The L2 user plane of one bearer on one core, 1400-byte SDUs, Gbit/s of SDU: downlink is SDAP, PDCP (NEA2,
 * no integrity), RLC AM and MAC PDU assembly into transport blocks of 100 MHz size; uplink is the way back at
 * the network (the same code in the other direction). Each direction is timed for itself, slot by slot; RLC's
 * STATUS PDUs and buffer release are part of it. */
#include "lib/core/clock.h"
#include "lib/mac/pdu.h"
#include "lib/pdcp/pdcp.h"
#include "lib/rlc/rlc.h"
#include "lib/sdap/sdap.h"
#include "tests/bench/bench.h"

#define SDU_BYTES 1400u
#define TB_BYTES 127080u /* 273 PRB, 4 layers, 256QAM: about a slot's worth at 2 Gbit/s and more */
#define SDUS_PER_TB 90u
#define ROUNDS 4000u
#define LCID 4

static double dl[ROUNDS], ul[ROUNDS];
static uint8_t tb[TB_BYTES], back[4096];

typedef struct {
    pdcp_item_t items[SDUS_PER_TB + 8];
    uint32_t n;
    pdcp_t *pdcp;
    sdap_t sdap;
    uint64_t n_sdus;
} receiver_t;

static void on_rlc(void *ctx, buf_t *b)
{
    receiver_t *r = ctx;
    r->items[r->n++] = (pdcp_item_t){r->pdcp, b, 0};
}

static void on_pdcp(void *ctx, buf_t *b)
{
    receiver_t *r = ctx;
    sdap_info_t info;
    r->n_sdus += sdap_rx(&r->sdap, 1, b, &info) == 0 && b->len == SDU_BYTES;
    buf_free(b);
}

static uint32_t build_tb(rlc_t *r, uint8_t *to, uint32_t size, int64_t now)
{
    mac_build_t m = mac_build(to, size);
    for (;;) {
        uint32_t room = mac_build_room(&m);
        uint8_t *at = room > 8 ? mac_build_sdu_reserve(&m, LCID, room) : NULL;
        uint32_t n = at ? rlc_pull(r, at, room, now) : 0;
        if (at)
            mac_build_sdu_commit(&m, n);
        if (n == 0)
            break;
    }
    mac_build_end(&m);
    return size;
}

static void parse_tb(rlc_t *r, mac_dir_t dir, const uint8_t *p, uint32_t n, int64_t now)
{
    mac_iter_t it = mac_iter(dir, p, n);
    mac_subpdu_t s;
    while (mac_next(&it, &s) > 0)
        if (s.lcid == LCID)
            rlc_on_pdu(r, s.p, s.n, now);
}

int main(void)
{
    pool_t *pool = NULL;
    crypto_t *crypto = NULL;
    rlc_t *tx = NULL, *rx = NULL;
    pdcp_t *ptx = NULL;
    static receiver_t recv;
    const rlc_config_t rc = {.mode = RLC_AM,
                             .sn_bits = 18,
                             .max_retx = 8,
                             .poll_pdu = 64,
                             .t_poll_retransmit_ns = 100 * NS_PER_MS,
                             .t_reassembly_ns = 50 * NS_PER_MS};
    const rlc_ops_t none = {0}, rops = {.ctx = &recv, .deliver = on_rlc};
    pdcp_config_t pc = {.rb_id = 1,
                        .sn_bits = 18,
                        .rlc_am = true,
                        .network = true,
                        .sdap_header_tx = true,
                        .sdap_header_rx = true};
    const pdcp_ops_t pops = {.ctx = &recv, .deliver = on_pdcp};
    const pdcp_security_t sec = {.nea = NEA2};
    sdap_t sdap;
    if (pool_create(&pool, 4096, 2048) != 0 || crypto_create(&crypto) != 0 ||
        rlc_create(&tx, &rc, &none, pool) != 0 || rlc_create(&rx, &rc, &rops, pool) != 0 ||
        pdcp_create(&ptx, &pc, &pops) != 0)
        return 1;
    pc.network = false;
    if (pdcp_create(&recv.pdcp, &pc, &pops) != 0)
        return 1;
    pdcp_set_security(ptx, crypto, &sec);
    pdcp_set_security(recv.pdcp, crypto, &sec);
    pdcp_activate_tx(ptx, true, true);
    pdcp_activate_rx(recv.pdcp, true, true);
    sdap_init(&sdap, true);
    sdap_add_drb(&sdap, 1, true, true, true);
    sdap_init(&recv.sdap, false);
    sdap_add_drb(&recv.sdap, 1, true, true, true);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        pdcp_item_t items[SDUS_PER_TB];
        int64_t now = (int64_t)round * NS_PER_MS / 2;
        for (uint32_t i = 0; i < SDUS_PER_TB; i++) {
            buf_t *b = buf_alloc(pool);
            if (!b)
                return 1;
            memset(buf_put(b, SDU_BYTES), (int)i, SDU_BYTES);
            items[i] = (pdcp_item_t){ptx, b, 0};
        }
        double t0 = bench_now_ns();
        for (uint32_t i = 0; i < SDUS_PER_TB; i++)
            sdap_tx(&sdap, 1, &(sdap_info_t){.qfi = 9}, items[i].buf);
        pdcp_tx_batch(crypto, items, SDUS_PER_TB, now);
        for (uint32_t i = 0; i < SDUS_PER_TB; i++)
            if (items[i].result != 0 || rlc_push_sdu(tx, items[i].buf) != 0)
                return 1;
        build_tb(tx, tb, sizeof tb, now);
        double t1 = bench_now_ns();
        recv.n = 0;
        parse_tb(rx, MAC_DL, tb, sizeof tb, now);
        pdcp_rx_batch(crypto, recv.items, recv.n, now);
        build_tb(rx, back, sizeof back, now);
        double t2 = bench_now_ns();
        parse_tb(tx, MAC_UL, back, sizeof back, now);
        double t3 = bench_now_ns();
        dl[round] = SDUS_PER_TB * SDU_BYTES * 8.0 / (t1 - t0 + t3 - t2);
        ul[round] = SDUS_PER_TB * SDU_BYTES * 8.0 / (t2 - t1);
    }
    if (recv.n_sdus < (uint64_t)(ROUNDS - 1) * SDUS_PER_TB)
        return 1;
    bench_print("l2_dl", "\"sdu_bytes\":1400,\"nea\":2,\"nia\":0", "Gbit/s", dl, ROUNDS);
    bench_print("l2_ul", "\"sdu_bytes\":1400,\"nea\":2,\"nia\":0", "Gbit/s", ul, ROUNDS);
    rlc_destroy(tx);
    rlc_destroy(rx);
    pdcp_destroy(ptx);
    pdcp_destroy(recv.pdcp);
    crypto_destroy(crypto);
    pool_destroy(pool);
    return 0;
}
