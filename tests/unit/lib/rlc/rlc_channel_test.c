/* SPDX-License-Identifier: Apache-2.0 */
/* Two RLC entities over a channel that loses, reorders and repeats PDUs, with grants of random size, from
 * fixed seeds. What must hold whatever the channel does: AM delivers every SDU once and unharmed, and reports
 * it delivered in order; UM never delivers a harmed SDU or one twice; no buffer is lost. */
#include "lib/core/clock.h"
#include "lib/rlc/rlc.h"
#include "tests/unit/cu.h"

#include <stdlib.h>

#define N_SDUS 3000u
#define SLOT_NS (NS_PER_MS / 2)
#define MAX_AIR 64

static uint64_t rng_state;
static uint32_t rng(void)
{
    rng_state ^= rng_state << 13;
    rng_state ^= rng_state >> 7;
    rng_state ^= rng_state << 17;
    return (uint32_t)(rng_state >> 32);
}

typedef struct {
    uint8_t bytes[3000];
    uint32_t n, due_slot;
    bool used;
} air_t;

typedef struct {
    rlc_t *a, *b;
    uint8_t seen[N_SDUS];
    uint32_t n_seen, harmed, n_delivered, order_broken, max_retx;
    air_t to_b[MAX_AIR], to_a[MAX_AIR];
} link_t;

/* Byte i of SDU k. */
static uint8_t content(uint32_t k, uint32_t i)
{
    return (uint8_t)(k * 31 + i * 7 + (i >> 8));
}
static uint32_t size_of(uint32_t k)
{
    return 4 + (k * 2654435761u >> 16) % 1600;
}

static void on_deliver(void *ctx, buf_t *b)
{
    link_t *l = ctx;
    uint32_t k = b->len >= 4 ? (uint32_t)b->data[0] << 8 | b->data[1] : N_SDUS;
    bool ok = k < N_SDUS && b->len == size_of(k);
    for (uint32_t i = 2; ok && i < b->len; i++)
        ok = b->data[i] == content(k, i);
    if (ok) {
        l->seen[k]++;
        l->n_seen++;
    } else {
        l->harmed++;
    }
    buf_free(b);
}
static void on_delivered(void *ctx, uint32_t user)
{
    link_t *l = ctx;
    l->order_broken += user != l->n_delivered;
    l->n_delivered++;
}
static void on_max_retx(void *ctx)
{
    ((link_t *)ctx)->max_retx++;
}

typedef struct {
    uint32_t loss, repeat, late; /* in 1000 */
} channel_t;

static void transmit(rlc_t *from, air_t *air, uint32_t slot, const channel_t *c)
{
    uint32_t grant = rng() % 4 == 0 ? 0 : 20 + rng() % 2900;
    while (grant > 5) {
        uint8_t pdu[3000];
        uint32_t n = rlc_pull(from, pdu, grant, (int64_t)slot * SLOT_NS);
        if (n == 0)
            return;
        CU_ASSERT(n <= grant);
        grant -= n;
        int copies = rng() % 1000 < c->repeat ? 2 : 1;
        if (rng() % 1000 < c->loss)
            continue;
        for (int i = 0; i < MAX_AIR && copies; i++)
            if (!air[i].used) {
                memcpy(air[i].bytes, pdu, n);
                air[i].n = n;
                air[i].due_slot = slot + 1 + (rng() % 1000 < c->late ? rng() % 16 : 0);
                air[i].used = true;
                copies--;
            }
    }
}

static void receive(rlc_t *to, air_t *air, uint32_t slot)
{
    for (int i = 0; i < MAX_AIR; i++)
        if (air[i].used && air[i].due_slot <= slot) {
            air[i].used = false;
            rlc_on_pdu(to, air[i].bytes, air[i].n, (int64_t)slot * SLOT_NS);
        }
}

static void run(const rlc_config_t *cfg, const channel_t *c, uint64_t seed)
{
    static link_t l;
    pool_t *pool = NULL;
    memset(&l, 0, sizeof l);
    rng_state = seed;
    CU_ASSERT_FATAL(pool_create(&pool, 512, 2048) == 0);
    rlc_ops_t ops_a = {.ctx = &l, .delivered = on_delivered, .max_retx = on_max_retx};
    rlc_ops_t ops_b = {.ctx = &l, .deliver = on_deliver};
    CU_ASSERT_FATAL(rlc_create(&l.a, cfg, &ops_a, pool) == 0);
    CU_ASSERT_FATAL(rlc_create(&l.b, cfg, &ops_b, pool) == 0);
    uint32_t pushed = 0, slot;
    for (slot = 0; slot < 400000; slot++) {
        for (uint32_t burst = rng() % 4; burst && pushed < N_SDUS; burst--) {
            buf_t *b = pool_free_count(pool) > 128 ? buf_alloc(pool) : NULL;
            if (!b)
                break;
            b->len = size_of(pushed);
            b->data[0] = (uint8_t)(pushed >> 8);
            b->data[1] = (uint8_t)pushed;
            for (uint32_t i = 2; i < b->len; i++)
                b->data[i] = content(pushed, i);
            b->user = pushed;
            if (rlc_push_sdu(l.a, b) != 0) {
                buf_free(b);
                break;
            }
            pushed++;
        }
        rlc_tick(l.a, (int64_t)slot * SLOT_NS);
        rlc_tick(l.b, (int64_t)slot * SLOT_NS);
        transmit(l.a, l.to_b, slot, c);
        transmit(l.b, l.to_a, slot, c);
        receive(l.b, l.to_b, slot);
        receive(l.a, l.to_a, slot);
        rlc_buffer_status_t bs;
        rlc_buffer_status(l.a, (int64_t)slot * SLOT_NS, &bs);
        if (pushed == N_SDUS && bs.total_bytes == 0 && (cfg->mode != RLC_AM || l.n_delivered == N_SDUS)) {
            if (cfg->mode == RLC_AM)
                break;
            static uint32_t idle;
            if (++idle > 400) { /* what is in the air lands */
                idle = 0;
                break;
            }
        }
    }
    CU_ASSERT_EQUAL(l.harmed, 0);
    uint32_t twice = 0;
    for (uint32_t k = 0; k < N_SDUS; k++)
        twice += l.seen[k] > 1;
    CU_ASSERT_EQUAL(rlc_counters(l.b)->rx_malformed + rlc_counters(l.a)->rx_malformed, 0);
    CU_ASSERT_EQUAL(rlc_counters(l.a)->rx_bad_status, 0);
    if (cfg->mode == RLC_AM) {
        CU_ASSERT_EQUAL(l.n_seen, N_SDUS);
        CU_ASSERT_EQUAL(l.n_delivered, N_SDUS);
        CU_ASSERT_EQUAL(l.order_broken, 0);
        CU_ASSERT_EQUAL(twice, 0);
        CU_ASSERT_EQUAL(l.max_retx, 0);
        rlc_buffer_status_t bs;
        rlc_buffer_status(l.a, INT64_MAX, &bs);
        CU_ASSERT_EQUAL(bs.retx_bytes, 0);
    } else {
        CU_ASSERT(c->loss ? l.n_seen > N_SDUS / 2 && l.n_seen < N_SDUS : l.n_seen >= N_SDUS);
        CU_ASSERT(c->repeat || twice == 0);
    }
    rlc_destroy(l.a);
    rlc_destroy(l.b);
    CU_ASSERT_EQUAL(pool_free_count(pool), 512);
    pool_destroy(pool);
}

static const channel_t clean = {0, 0, 0}, lossy = {100, 20, 300}, awful = {400, 50, 500};

static rlc_config_t am(uint8_t sn_bits, uint32_t window)
{
    return (rlc_config_t){.mode = RLC_AM,
                          .sn_bits = sn_bits,
                          .max_retx = 32,
                          .poll_pdu = 16,
                          .poll_byte = 20000,
                          .t_poll_retransmit_ns = 20 * NS_PER_MS,
                          .t_reassembly_ns = 10 * NS_PER_MS,
                          .t_status_prohibit_ns = 5 * NS_PER_MS,
                          .tx_window = window,
                          .rx_window = window};
}

static void test_am_clean(void)
{
    rlc_config_t c = am(12, 0);
    run(&c, &clean, 1);
    c = am(18, 0);
    run(&c, &clean, 2);
}
static void test_am_lossy(void)
{
    for (uint64_t seed = 1; seed <= 4; seed++) {
        rlc_config_t c = am(seed & 1 ? 12 : 18, seed & 2 ? 64 : 0);
        run(&c, &lossy, seed * 0x9e3779b97f4a7c15u);
    }
}
static void test_am_awful(void)
{
    for (uint64_t seed = 1; seed <= 4; seed++) {
        rlc_config_t c = am(seed & 1 ? 18 : 12, seed & 2 ? 64 : 256);
        run(&c, &awful, seed * 0xd1342543de82ef95u);
    }
}
static void test_um(void)
{
    rlc_config_t c = {.mode = RLC_UM, .sn_bits = 12, .t_reassembly_ns = 20 * NS_PER_MS};
    run(&c, &clean, 3);
    run(&c, &(channel_t){100, 0, 300}, 4);
    c.sn_bits = 6;
    run(&c, &clean, 5);
    run(&c, &(channel_t){100, 0, 100}, 6);
}

CU_MAIN("rlc_channel", {"AM, clean", test_am_clean}, {"AM, 10% loss, repeats, reordering", test_am_lossy},
        {"AM, 40% loss", test_am_awful}, {"UM", test_um})
