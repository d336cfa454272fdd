/* SPDX-License-Identifier: Apache-2.0 */
/* PDCP: PDUs as TS 38.323 6.2.2 draws them, security as 5.8 and 5.9 have it, reordering and its timer, COUNT
 * at its edges. */
#include "lib/core/clock.h"
#include "lib/pdcp/pdcp.h"
#include "tests/unit/cu.h"

#include <errno.h>
#include <stdlib.h>

typedef struct {
    uint32_t got[512], n_got; /* COUNTs in order of delivery */
    uint32_t harmed, integrity_failures;
    uint32_t discarded[64], n_discarded;
} sink_t;

static pool_t *pool;
static crypto_t *crypto;

static void setup(void)
{
    CU_ASSERT_FATAL(pool_create(&pool, 512, 9600) == 0);
    CU_ASSERT_FATAL(crypto_create(&crypto) == 0);
}
static void teardown(void)
{
    CU_ASSERT_EQUAL(pool_free_count(pool), 512);
    pool_destroy(pool);
    crypto_destroy(crypto);
}

static void on_deliver(void *ctx, buf_t *b)
{
    sink_t *s = ctx;
    s->got[s->n_got++ % 512] = b->user;
    for (uint32_t i = 0; i < b->len; i++)
        s->harmed += b->data[i] != (uint8_t)(b->user * 7 + i);
    buf_free(b);
}
static void on_integrity_failure(void *ctx)
{
    ((sink_t *)ctx)->integrity_failures++;
}
static void on_discard(void *ctx, uint32_t sn)
{
    sink_t *s = ctx;
    s->discarded[s->n_discarded++ % 64] = sn;
}

static bufq_t resent;
static void on_retransmit(void *ctx, buf_t *b)
{
    (void)ctx;
    bufq_push(&resent, b);
}

static pdcp_t *make(const pdcp_config_t *c, sink_t *s)
{
    pdcp_t *p = NULL;
    const pdcp_ops_t ops = {s, on_deliver, on_integrity_failure, on_discard, on_retransmit};
    memset(s, 0, sizeof *s);
    CU_ASSERT_FATAL(pdcp_create(&p, c, &ops) == 0);
    return p;
}

static const pdcp_config_t srb1 = {
    .srb = true, .rb_id = 1, .sn_bits = 12, .t_reordering_ns = PDCP_INFINITY_NS};
static const pdcp_config_t drb12 = {
    .rb_id = 3, .sn_bits = 12, .rlc_am = true, .t_reordering_ns = 50 * NS_PER_MS};
static const pdcp_config_t drb18 = {
    .rb_id = 4, .sn_bits = 18, .rlc_am = true, .t_reordering_ns = 50 * NS_PER_MS};

static pdcp_config_t network(pdcp_config_t c)
{
    c.network = true;
    return c;
}

static buf_t *sdu(uint32_t count, uint32_t n)
{
    buf_t *b = buf_alloc(pool);
    CU_ASSERT_FATAL(b != NULL);
    uint8_t *p = buf_put(b, n);
    for (uint32_t i = 0; i < n; i++)
        p[i] = (uint8_t)(count * 7 + i);
    return b;
}

/* The next PDU of a sender whose TX_NEXT is known. */
static buf_t *pdu(pdcp_t *tx, uint32_t n)
{
    buf_t *b = sdu(pdcp_state(tx).tx_next, n);
    CU_ASSERT_EQUAL(pdcp_tx(tx, crypto, b, 0), 0);
    return b;
}

static void secure(pdcp_t *p, nea_t nea, nia_t nia)
{
    pdcp_security_t s = {.nea = nea, .nia = nia};
    for (int i = 0; i < 16; i++) {
        s.enc_key[i] = (uint8_t)i;
        s.int_key[i] = (uint8_t)(0x40 + i);
    }
    CU_ASSERT_EQUAL(pdcp_set_security(p, crypto, &s), 0);
    pdcp_activate_tx(p, true, true);
    pdcp_activate_rx(p, true, true);
}

static void test_pdus(void)
{
    sink_t s;
    setup();
    pdcp_t *p = make(&srb1, &s);
    pdcp_set_counts(p, 0x1abc, 0);
    buf_t *b = pdu(p, 1);
    static const uint8_t srb[] = {0x0a, 0xbc, (uint8_t)(0x1abc * 7), 0, 0,
                                  0,    0}; /* SN, data, MAC-I of zeroes */
    CU_ASSERT_BYTES(b->data, b->len, srb, sizeof srb);
    CU_ASSERT_EQUAL(b->user, 0xabc);
    buf_free(b);
    pdcp_destroy(p);
    p = make(&drb12, &s);
    pdcp_set_counts(p, 0x1abc, 0);
    b = pdu(p, 1);
    static const uint8_t d12[] = {0x8a, 0xbc, (uint8_t)(0x1abc * 7)};
    CU_ASSERT_BYTES(b->data, b->len, d12, sizeof d12);
    buf_free(b);
    pdcp_destroy(p);
    p = make(&drb18, &s);
    pdcp_set_counts(p, 0x5abcd, 0);
    b = pdu(p, 1);
    static const uint8_t d18[] = {0x81, 0xab, 0xcd, (uint8_t)(0x5abcd * 7)};
    CU_ASSERT_BYTES(b->data, b->len, d18, sizeof d18);
    buf_free(b);
    pdcp_destroy(p);
    teardown();
}

/* The algorithms are tested on their own; here: BEARER, DIRECTION, COUNT, and what is covered by what. */
static void test_security_inputs(void)
{
    sink_t s;
    setup();
    pdcp_config_t c = network(drb18);
    c.integrity = true;
    c.sdap_header_tx = true;
    pdcp_t *p = make(&c, &s);
    secure(p, NEA2, NIA2);
    pdcp_set_counts(p, 0x40005, 0);
    buf_t *b = pdu(p, 10);
    uint8_t want[17] = {0x80, 0x00, 0x05}, enc[16], inte[16];
    for (int i = 0; i < 10; i++)
        want[3 + i] = (uint8_t)(0x40005 * 7 + i);
    for (int i = 0; i < 16; i++) {
        enc[i] = (uint8_t)i;
        inte[i] = (uint8_t)(0x40 + i);
    }
    nea_key_t ek;
    nia_key_t ik;
    nea_key_init(crypto, &ek, NEA2, enc);
    nia_key_init(crypto, &ik, NIA2, inte);
    /* MAC-I over header, SDAP header and data; ciphered are data and MAC-I but not the SDAP header */
    nia_mac(crypto, &ik, 0x40005, 3, CRYPTO_DOWNLINK, want, 13, want + 13);
    nea_apply(crypto, &ek, 0x40005, 3, CRYPTO_DOWNLINK, want + 4, want + 4, 13);
    CU_ASSERT_BYTES(b->data, b->len, want, sizeof want);
    buf_free(b);
    pdcp_destroy(p);
    teardown();
}

static void test_all_algorithms_round_trip(void)
{
    setup();
    for (int nea = 0; nea < 4; nea++)
        for (int nia = 0; nia < 4; nia++) {
            sink_t st, sr;
            pdcp_config_t c = drb18;
            c.integrity = true;
            pdcp_config_t cn = network(c);
            pdcp_t *tx = make(&c, &st), *rx = make(&cn, &sr);
            secure(tx, (nea_t)nea, (nia_t)nia);
            secure(rx, (nea_t)nea, (nia_t)nia);
            pdcp_item_t items[100];
            for (uint32_t i = 0; i < 100; i++)
                items[i] = (pdcp_item_t){tx, sdu(i, 1 + i * 15), 0};
            pdcp_tx_batch(crypto, items, 100, 0);
            for (int i = 0; i < 100; i++) {
                CU_ASSERT_EQUAL(items[i].result, 0);
                items[i].pdcp = rx;
            }
            pdcp_rx_batch(crypto, items, 100, 0);
            CU_ASSERT_EQUAL(sr.n_got, 100);
            CU_ASSERT_EQUAL(sr.harmed, 0);
            pdcp_destroy(tx);
            pdcp_destroy(rx);
        }
    teardown();
}

static void test_integrity_failure(void)
{
    sink_t st, sr;
    setup();
    pdcp_config_t cn = network(srb1);
    pdcp_t *tx = make(&srb1, &st), *rx = make(&cn, &sr);
    secure(tx, NEA2, NIA2);
    secure(rx, NEA2, NIA2);
    buf_t *b = pdu(tx, 40);
    b->data[20] ^= 1;
    CU_ASSERT_EQUAL(pdcp_rx(rx, crypto, b, 0), -EBADMSG);
    CU_ASSERT_EQUAL(sr.integrity_failures, 1);
    CU_ASSERT_EQUAL(pdcp_state(rx).rx_next, 0); /* no state moves for it */
    /* The right PDU with the same SN still gets through. */
    pdcp_set_counts(tx, 0, 0);
    CU_ASSERT_EQUAL(pdcp_rx(rx, crypto, pdu(tx, 40), 0), 0);
    CU_ASSERT_EQUAL(sr.n_got, 1);
    pdcp_destroy(tx);
    pdcp_destroy(rx);
    teardown();
}

/* SecurityModeCommand, TS 38.331 5.3.4: integrity from the command on, ciphering after it. */
static void test_security_switch(void)
{
    sink_t sn, su;
    setup();
    pdcp_config_t cn = network(srb1);
    pdcp_t *net = make(&cn, &sn), *ue = make(&srb1, &su);
    CU_ASSERT_EQUAL(pdcp_rx(ue, crypto, pdu(net, 20), 0), 0); /* in the clear */
    pdcp_security_t s = {.nea = NEA2, .nia = NIA2, .int_key = {3}};
    pdcp_set_security(net, crypto, &s);
    pdcp_activate_tx(net, true, false);
    buf_t *command = pdu(net, 20);
    /* The UE reads the algorithms from the message, then verifies it with what they give. */
    nia_key_t right, wrong;
    nia_key_init(crypto, &right, NIA2, s.int_key);
    nia_key_init(crypto, &wrong, NIA2, s.enc_key);
    CU_ASSERT(pdcp_verify(ue, crypto, &right, command));
    CU_ASSERT_FALSE(pdcp_verify(ue, crypto, &wrong, command));
    pdcp_set_security(ue, crypto, &s);
    CU_ASSERT_EQUAL(pdcp_rx(ue, crypto, command, 0), 0);
    pdcp_activate_rx(ue, true, true);
    pdcp_activate_tx(ue, true, false);
    pdcp_activate_rx(net, true, false);
    CU_ASSERT_EQUAL(pdcp_rx(net, crypto, pdu(ue, 9), 0), 0); /* SecurityModeComplete is not ciphered */
    pdcp_activate_tx(ue, true, true);
    pdcp_activate_rx(net, true, true);
    pdcp_activate_tx(net, true, true);
    CU_ASSERT_EQUAL(pdcp_rx(net, crypto, pdu(ue, 9), 0), 0);
    CU_ASSERT_EQUAL(pdcp_rx(ue, crypto, pdu(net, 9), 0), 0);
    CU_ASSERT_EQUAL(su.n_got, 3);
    CU_ASSERT_EQUAL(sn.n_got, 2);
    CU_ASSERT_EQUAL(su.harmed + sn.harmed, 0);
    pdcp_destroy(net);
    pdcp_destroy(ue);
    teardown();
}

static void test_reordering(void)
{
    sink_t st, sr;
    buf_t *b[8];
    setup();
    pdcp_t *tx = make(&drb12, &st), *rx = make(&drb12, &sr);
    for (int i = 0; i < 8; i++)
        b[i] = pdu(tx, 30);
    buf_t *again = buf_from(pool, b[2]->data, b[2]->len);
    pdcp_rx(rx, crypto, b[0], 0);
    pdcp_rx(rx, crypto, b[2], 0);
    pdcp_rx(rx, crypto, b[3], 0);
    CU_ASSERT_EQUAL(pdcp_rx(rx, crypto, again, 0), -EEXIST);
    CU_ASSERT_EQUAL(sr.n_got, 1);
    CU_ASSERT(pdcp_state(rx).t_reordering_running);
    CU_ASSERT_EQUAL(pdcp_state(rx).rx_reord, 3); /* as RX_NEXT was when the gap showed */
    CU_ASSERT_EQUAL(pdcp_next_ns(rx), 50 * NS_PER_MS);
    pdcp_rx(rx, crypto, b[1], 10 * NS_PER_MS);
    CU_ASSERT_EQUAL(sr.n_got, 4);
    CU_ASSERT_FALSE(pdcp_state(rx).t_reordering_running);
    /* SN 4 never comes; 6 is missing as well when the timer runs out. */
    pdcp_rx(rx, crypto, b[5], 20 * NS_PER_MS);
    pdcp_rx(rx, crypto, b[7], 60 * NS_PER_MS);
    pdcp_tick(rx, 69 * NS_PER_MS);
    CU_ASSERT_EQUAL(sr.n_got, 4);
    pdcp_tick(rx, 70 * NS_PER_MS);
    CU_ASSERT_EQUAL(sr.n_got, 5);
    CU_ASSERT_EQUAL(sr.got[4], 5);
    CU_ASSERT(pdcp_state(rx).t_reordering_running);                      /* for 6 */
    CU_ASSERT_EQUAL(pdcp_rx(rx, crypto, b[4], 80 * NS_PER_MS), -EEXIST); /* too late */
    pdcp_rx(rx, crypto, b[6], 80 * NS_PER_MS);
    CU_ASSERT_EQUAL(sr.n_got, 7);
    CU_ASSERT_EQUAL(sr.got[5], 6);
    CU_ASSERT_EQUAL(sr.harmed, 0);
    pdcp_destroy(tx);
    pdcp_destroy(rx);
    teardown();
}

static void test_out_of_order_delivery(void)
{
    sink_t st, sr;
    setup();
    pdcp_config_t c = drb12;
    c.out_of_order = true;
    pdcp_t *tx = make(&c, &st), *rx = make(&c, &sr);
    buf_t *b[3] = {pdu(tx, 30), pdu(tx, 30), pdu(tx, 30)};
    buf_t *again = buf_from(pool, b[2]->data, b[2]->len);
    pdcp_rx(rx, crypto, b[2], 0);
    CU_ASSERT_EQUAL(sr.n_got, 1);
    CU_ASSERT_EQUAL(pdcp_rx(rx, crypto, again, 0), -EEXIST);
    pdcp_rx(rx, crypto, b[0], 0);
    pdcp_rx(rx, crypto, b[1], 0);
    CU_ASSERT_EQUAL(sr.n_got, 3);
    CU_ASSERT_EQUAL(pdcp_state(rx).rx_deliv, 3);
    pdcp_destroy(tx);
    pdcp_destroy(rx);
    teardown();
}

/* Everything is shuffled within a window, at the wrap of the SN: each SDU comes out once, in order. */
static void test_shuffle_over_wrap(void)
{
    sink_t st, sr;
    setup();
    srand(3);
    pdcp_t *tx = make(&drb12, &st), *rx = make(&drb12, &sr);
    secure(tx, NEA2, NIA0);
    pdcp_config_t cn = network(drb12);
    pdcp_destroy(rx);
    rx = make(&cn, &sr);
    secure(rx, NEA2, NIA0);
    pdcp_set_counts(tx, 3 * 4096 - 150, 0);
    pdcp_set_counts(rx, 0, 3 * 4096 - 150);
    for (int round = 0; round < 3; round++) {
        pdcp_item_t items[100];
        for (int i = 0; i < 100; i++)
            items[i] = (pdcp_item_t){rx, pdu(tx, 50), 0};
        for (int i = 99; i > 0; i--) {
            int k = rand() % (i + 1);
            pdcp_item_t t = items[i];
            items[i] = items[k];
            items[k] = t;
        }
        pdcp_rx_batch(crypto, items, 100, 0);
    }
    CU_ASSERT_EQUAL(sr.n_got, 300);
    for (uint32_t i = 0; i < 300; i++)
        CU_ASSERT_EQUAL(sr.got[i], 3 * 4096 - 150 + i);
    CU_ASSERT_EQUAL(sr.harmed, 0);
    pdcp_destroy(tx);
    pdcp_destroy(rx);
    teardown();
}

static void test_gap_beyond_memory(void)
{
    sink_t st, sr;
    setup();
    pdcp_config_t c = drb18;
    c.rx_window = 64;
    pdcp_t *tx = make(&c, &st), *rx = make(&c, &sr);
    buf_free(pdu(tx, 10)); /* 0 is lost */
    pdcp_rx(rx, crypto, pdu(tx, 10), 0);
    for (int i = 0; i < 198; i++)
        buf_free(pdu(tx, 10));
    pdcp_rx(rx, crypto, pdu(tx, 10), 0); /* 200 */
    CU_ASSERT_EQUAL(pdcp_counters(rx)->rx_window_overrun, 1);
    CU_ASSERT_EQUAL(sr.n_got, 1);
    CU_ASSERT_EQUAL(sr.got[0], 1);
    pdcp_tick(rx, 50 * NS_PER_MS);
    CU_ASSERT_EQUAL(sr.n_got, 2);
    CU_ASSERT_EQUAL(pdcp_state(rx).rx_deliv, 201);
    pdcp_destroy(tx);
    pdcp_destroy(rx);
    teardown();
}

static void test_count_limits(void)
{
    sink_t s;
    setup();
    pdcp_t *p = make(&drb12, &s);
    pdcp_set_counts(p, UINT32_MAX - 1, 0);
    buf_free(pdu(p, 5));
    buf_t *b = sdu(0, 5);
    CU_ASSERT_EQUAL(pdcp_tx(p, crypto, b, 0), -EOVERFLOW);
    CU_ASSERT_EQUAL(b->len, 5);
    buf_free(b);
    b = buf_alloc(pool);
    b->len = PDCP_MAX_SDU + 1;
    pdcp_set_counts(p, 0, 0);
    CU_ASSERT_EQUAL(pdcp_tx(p, crypto, b, 0), -EMSGSIZE);
    buf_free(b);
    /* SN 4000 at RX_DELIV 0 would be COUNT -96 */
    static const uint8_t below[] = {0x8f, 0xa0, 1}, little[] = {0x80}, control[] = {0x70, 0, 0};
    CU_ASSERT_EQUAL(pdcp_rx(p, crypto, buf_from(pool, below, sizeof below), 0), -EBADMSG);
    CU_ASSERT_EQUAL(pdcp_rx(p, crypto, buf_from(pool, little, sizeof little), 0), -EBADMSG);
    CU_ASSERT_EQUAL(pdcp_rx(p, crypto, buf_from(pool, little, 0), 0), -EBADMSG);
    CU_ASSERT_EQUAL(pdcp_rx(p, crypto, buf_from(pool, control, sizeof control), 0), 0); /* reserved type */
    CU_ASSERT_EQUAL(pdcp_counters(p)->rx_malformed, 3);
    CU_ASSERT_EQUAL(pdcp_counters(p)->rx_control, 1);
    pdcp_destroy(p);
    teardown();
}

static void test_discard_timer(void)
{
    sink_t s;
    setup();
    pdcp_config_t c = drb12;
    c.discard_ns = 100 * NS_PER_MS;
    pdcp_t *p = make(&c, &s);
    for (uint32_t i = 0; i < 4; i++) {
        buf_t *b = sdu(i, 5);
        CU_ASSERT_EQUAL(pdcp_tx(p, crypto, b, (int64_t)i * 10 * NS_PER_MS), 0);
        buf_free(b);
    }
    pdcp_on_delivered(p, 1);
    CU_ASSERT_EQUAL(pdcp_next_ns(p), 120 * NS_PER_MS);
    pdcp_tick(p, 125 * NS_PER_MS);
    CU_ASSERT_EQUAL(s.n_discarded, 1);
    CU_ASSERT_EQUAL(s.discarded[0], 2);
    pdcp_tick(p, 500 * NS_PER_MS);
    CU_ASSERT_EQUAL(s.n_discarded, 2);
    pdcp_destroy(p);
    teardown();
}

static void test_status_report(void)
{
    sink_t st, sr;
    setup();
    pdcp_config_t c = drb12;
    c.discard_ns = 100 * NS_PER_MS;
    pdcp_t *tx = make(&c, &st), *rx = make(&drb12, &sr);
    for (uint32_t i = 0; i < 12; i++) {
        buf_t *b = pdu(tx, 5);
        if (i == 3 || i == 5 || i == 10)
            buf_free(b);
        else
            pdcp_rx(rx, crypto, b, 0);
    }
    buf_t *r = buf_alloc(pool);
    CU_ASSERT_EQUAL(pdcp_build_status_report(rx, r), 0);
    /* FMC 3; then COUNTs 4..11: 1 0 1 1 1 1 0 1 */
    static const uint8_t want[] = {0x00, 0, 0, 0, 3, 0xbd};
    CU_ASSERT_BYTES(r->data, r->len, want, sizeof want);
    CU_ASSERT_EQUAL(pdcp_rx(tx, crypto, r, 0), 0); /* what is below FMC needs no discard timer any more */
    pdcp_tick(tx, 100 * NS_PER_MS);
    CU_ASSERT_EQUAL(st.n_discarded, 9);
    CU_ASSERT_EQUAL(st.discarded[0], 3);
    pdcp_destroy(tx);
    pdcp_destroy(rx);
    teardown();
}

static void test_reestablish(void)
{
    sink_t sa, su;
    setup();
    pdcp_config_t um = drb12;
    um.rlc_am = false;
    pdcp_t *am = make(&drb12, &sa), *u = make(&um, &su);
    pdcp_security_t s = {.nea = NEA1, .nia = NIA1};
    buf_free(pdu(am, 5));
    buf_free(pdu(u, 5));
    buf_t *ahead = pdu(u, 5);
    pdcp_rx(u, crypto, ahead, 0); /* COUNT 1, held for 0 */
    CU_ASSERT_EQUAL(pdcp_reestablish(am, crypto, &s), 0);
    CU_ASSERT_EQUAL(pdcp_reestablish(u, crypto, &s), 0);
    CU_ASSERT_EQUAL(pdcp_state(am).tx_next, 1);
    CU_ASSERT_EQUAL(pdcp_state(u).tx_next, 0);
    CU_ASSERT_EQUAL(su.n_got, 1);
    s.nea = (nea_t)7;
    CU_ASSERT_EQUAL(pdcp_reestablish(u, crypto, &s), -EINVAL);
    pdcp_destroy(am);
    pdcp_destroy(u);
    teardown();
}

/* RLC is re-established with SDUs under way: all that was not confirmed comes again under the new keys, and
 * the receiver, which kept COUNT, has every SDU once. */
static void test_recovery(void)
{
    sink_t st, sr;
    setup();
    pdcp_config_t c = drb18;
    c.recovery = pool;
    c.integrity = true;
    pdcp_config_t cn = network(c);
    pdcp_t *tx = make(&c, &st), *rx = make(&cn, &sr);
    secure(tx, NEA2, NIA2);
    secure(rx, NEA2, NIA2);
    for (uint32_t i = 0; i < 10; i++) {
        buf_t *b = pdu(tx, 100);
        if (i == 2 || i >= 6)
            buf_free(b); /* lost with RLC's buffers */
        else
            pdcp_rx(rx, crypto, b, 0);
    }
    pdcp_on_delivered(tx, 1);
    const pdcp_security_t fresh = {.nea = NEA3, .nia = NIA1, .enc_key = {9}, .int_key = {8}};
    CU_ASSERT_EQUAL(pdcp_reestablish(tx, crypto, &fresh), 0);
    CU_ASSERT_EQUAL(pdcp_reestablish(rx, crypto, &fresh), 0);
    buf_t *r = buf_alloc(pool);
    CU_ASSERT_EQUAL(pdcp_build_status_report(rx, r), 0);
    CU_ASSERT_EQUAL(pdcp_rx(tx, crypto, r, 0), 0); /* 3, 4 and 5 have arrived */
    CU_ASSERT_EQUAL(pdcp_recover(tx, crypto), 5);
    for (buf_t *b; (b = bufq_pop(&resent));)
        CU_ASSERT_EQUAL(pdcp_rx(rx, crypto, b, 0), 0);
    CU_ASSERT_EQUAL(sr.n_got, 10);
    for (uint32_t i = 0; i < 10; i++)
        CU_ASSERT_EQUAL(sr.got[i], i);
    CU_ASSERT_EQUAL(sr.harmed, 0);
    pdcp_on_delivered(tx, 9);
    CU_ASSERT_EQUAL(pdcp_recover(tx, crypto), 0);
    pdcp_destroy(tx);
    pdcp_destroy(rx);
    teardown();
}

CU_MAIN("pdcp", {"PDUs", test_pdus}, {"security inputs", test_security_inputs},
        {"all algorithms", test_all_algorithms_round_trip}, {"integrity failure", test_integrity_failure},
        {"security mode switch", test_security_switch}, {"reordering", test_reordering},
        {"out-of-order delivery", test_out_of_order_delivery},
        {"shuffle over the wrap", test_shuffle_over_wrap}, {"gap beyond memory", test_gap_beyond_memory},
        {"COUNT limits and malformed", test_count_limits}, {"discard timer", test_discard_timer},
        {"status report", test_status_report}, {"re-establishment", test_reestablish},
        {"recovery", test_recovery})
