/* SPDX-License-Identifier: Apache-2.0 */
/* RLC byte by byte: PDUs as TS 38.322 6.2.2 draws them, one rule of the procedures a test, and PDUs that no
 * honest peer sends. The expected bytes were worked out by hand from the figures of that clause. */
#include "lib/core/clock.h"
#include "lib/rlc/rlc.h"
#include "tests/unit/cu.h"

#include <errno.h>
#include <stdlib.h>

typedef struct {
    pool_t *pool;
    rlc_t *rlc;
    bufq_t got;
    uint32_t transmitted[64], n_transmitted;
    uint32_t delivered[64], n_delivered;
    int n_max_retx;
} side_t;

static void on_deliver(void *ctx, buf_t *b)
{
    bufq_push(&((side_t *)ctx)->got, b);
}
static void on_transmitted(void *ctx, uint32_t user)
{
    side_t *s = ctx;
    s->transmitted[s->n_transmitted++ % 64] = user;
}
static void on_delivered(void *ctx, uint32_t user)
{
    side_t *s = ctx;
    s->delivered[s->n_delivered++ % 64] = user;
}
static void on_max_retx(void *ctx)
{
    ((side_t *)ctx)->n_max_retx++;
}

static const rlc_config_t am12 = {.mode = RLC_AM,
                                  .sn_bits = 12,
                                  .max_retx = 4,
                                  .t_poll_retransmit_ns = 40 * NS_PER_MS,
                                  .t_reassembly_ns = 30 * NS_PER_MS,
                                  .t_status_prohibit_ns = 0,
                                  .rx_window = 64,
                                  .tx_window = 64,
                                  .queue_sdus = 64};

static rlc_config_t am18(void)
{
    rlc_config_t c = am12;
    c.sn_bits = 18;
    return c;
}

static rlc_config_t um(uint8_t sn_bits)
{
    return (rlc_config_t){.mode = RLC_UM, .sn_bits = sn_bits, .t_reassembly_ns = 30 * NS_PER_MS};
}

static void begin(side_t *s, rlc_config_t c)
{
    rlc_ops_t ops = {s, on_deliver, on_transmitted, on_delivered, on_max_retx};
    memset(s, 0, sizeof *s);
    CU_ASSERT_FATAL(pool_create(&s->pool, 256, 2048) == 0);
    CU_ASSERT_FATAL(rlc_create(&s->rlc, &c, &ops, s->pool) == 0);
}

/* Every test ends by showing that no buffer was lost. */
static void end(side_t *s)
{
    rlc_destroy(s->rlc);
    bufq_clear(&s->got);
    CU_ASSERT_EQUAL(pool_free_count(s->pool), 256);
    pool_destroy(s->pool);
}

static void push(side_t *s, const char *bytes, uint32_t n, uint32_t user)
{
    buf_t *b = buf_from(s->pool, bytes, n);
    CU_ASSERT_FATAL(b != NULL);
    b->user = user;
    CU_ASSERT_EQUAL(rlc_push_sdu(s->rlc, b), 0);
}

#define PULLS(s, room, now, ...)                                                                             \
    do {                                                                                                     \
        static const uint8_t want__[] = {__VA_ARGS__};                                                       \
        uint8_t got__[256];                                                                                  \
        uint32_t n__ = rlc_pull((s)->rlc, got__, (room), (now));                                             \
        CU_ASSERT_BYTES(got__, n__, want__, sizeof want__);                                                  \
    } while (0)
#define FEED(s, now, ...)                                                                                    \
    do {                                                                                                     \
        static const uint8_t pdu__[] = {__VA_ARGS__};                                                        \
        rlc_on_pdu((s)->rlc, pdu__, sizeof pdu__, (now));                                                    \
    } while (0)
#define GOT(s, text)                                                                                         \
    do {                                                                                                     \
        buf_t *b__ = bufq_pop(&(s)->got);                                                                    \
        CU_ASSERT_FATAL(b__ != NULL);                                                                        \
        CU_ASSERT_BYTES(b__->data, b__->len, text, sizeof text - 1);                                         \
        buf_free(b__);                                                                                       \
    } while (0)

static void test_tm(void)
{
    side_t s;
    begin(&s, (rlc_config_t){.mode = RLC_TM});
    push(&s, "abc", 3, 7);
    uint8_t to[8];
    CU_ASSERT_EQUAL(rlc_pull(s.rlc, to, 2, 0), 0); /* never segmented */
    PULLS(&s, 3, 0, 'a', 'b', 'c');
    CU_ASSERT_EQUAL(s.transmitted[0], 7);
    FEED(&s, 0, 'x', 'y');
    GOT(&s, "xy");
    end(&s);
}

static void test_um_pdus(void)
{
    side_t s;
    begin(&s, um(6));
    push(&s, "abcdef", 6, 1);
    push(&s, "gh", 2, 2);
    PULLS(&s, 3, 0, 0x40, 'a', 'b');             /* SI=01 SN=0 */
    PULLS(&s, 5, 0, 0xc0, 0x00, 0x02, 'c', 'd'); /* SI=11 SO=2 */
    PULLS(&s, 9, 0, 0x80, 0x00, 0x04, 'e', 'f'); /* SI=10 SO=4 */
    PULLS(&s, 9, 0, 0x00, 'g', 'h');             /* SI=00, no SN */
    CU_ASSERT_EQUAL(s.n_transmitted, 2);
    end(&s);
    begin(&s, um(12));
    push(&s, "abcdef", 6, 1);
    push(&s, "ghijkl", 6, 1);
    PULLS(&s, 4, 0, 0x40, 0x00, 'a', 'b');
    PULLS(&s, 99, 0, 0x80, 0x00, 0x00, 0x02, 'c', 'd', 'e', 'f');
    PULLS(&s, 4, 0, 0x40, 0x01, 'g', 'h'); /* the next SN */
    end(&s);
}

static void test_um_reassembly(void)
{
    side_t s;
    begin(&s, um(6));
    FEED(&s, 0, 0x80, 0x00, 0x04, 'e', 'f');
    FEED(&s, 0, 0x40, 'a', 'b');
    CU_ASSERT_PTR_NULL(s.got.head);
    FEED(&s, 0, 0xc0, 0x00, 0x02, 'c', 'd');
    GOT(&s, "abcdef");
    FEED(&s, 0, 0xc0, 0x00, 0x02, 'c', 'd'); /* again: below RX_Next_Reassembly */
    CU_ASSERT_EQUAL(rlc_counters(s.rlc)->rx_out_of_window, 1);
    FEED(&s, 0, 0x00, 'q');
    GOT(&s, "q");
    end(&s);
}

static void test_um_timer_gives_up(void)
{
    side_t s;
    begin(&s, um(6));
    FEED(&s, 0, 0x40, 'a', 'b'); /* SN 0, its end is lost */
    FEED(&s, 0, 0x41, 'c');      /* SN 1 starts: t-Reassembly for what is below 2 */
    FEED(&s, 10 * NS_PER_MS, 0x42, 'd');
    rlc_tick(s.rlc, 30 * NS_PER_MS);
    CU_ASSERT_EQUAL(rlc_counters(s.rlc)->rx_reassembly_dropped, 2);
    FEED(&s, 31 * NS_PER_MS, 0x80, 0x00, 0x02, 'x'); /* comes too late */
    CU_ASSERT_PTR_NULL(s.got.head);
    CU_ASSERT_EQUAL(rlc_counters(s.rlc)->rx_out_of_window, 1);
    FEED(&s, 31 * NS_PER_MS, 0x82, 0x00, 0x01, 'e');
    GOT(&s, "de");
    end(&s);
}

static void test_um_window_moves(void)
{
    side_t s;
    begin(&s, um(6));
    FEED(&s, 0, 0x40, 'a');             /* SN 0 */
    FEED(&s, 0, 0x40 | 32, 'b');        /* SN 32: the window is 1..32 */
    FEED(&s, 0, 0x80, 0x00, 0x01, 'x'); /* SN 0 is now outside: taken as SN 64, not as the old one's end */
    CU_ASSERT_PTR_NULL(s.got.head);
    FEED(&s, 0, 0x40, 'w');
    GOT(&s, "wx");
    end(&s);
}

static void test_am_pdus_12(void)
{
    side_t s;
    begin(&s, am12);
    push(&s, "abcdef", 6, 100);
    push(&s, "gh", 2, 101);
    PULLS(&s, 4, 0, 0x90, 0x00, 'a', 'b');              /* first */
    PULLS(&s, 6, 0, 0xb0, 0x00, 0x00, 0x02, 'c', 'd');  /* middle */
    PULLS(&s, 99, 0, 0xa0, 0x00, 0x00, 0x04, 'e', 'f'); /* last */
    CU_ASSERT_EQUAL(s.transmitted[0], 100);
    PULLS(&s, 99, 0, 0xc0, 0x01, 'g', 'h'); /* buffers empty: P */
    uint8_t to[8];
    CU_ASSERT_EQUAL(rlc_pull(s.rlc, to, sizeof to, 0), 0);
    FEED(&s, 0, 0x00, 0x02, 0x00); /* ACK_SN 2 */
    CU_ASSERT_EQUAL(s.n_delivered, 2);
    CU_ASSERT_EQUAL(s.delivered[1], 101);
    CU_ASSERT_EQUAL(pool_free_count(s.pool), 256);
    end(&s);
}

static void test_am_pdus_18(void)
{
    side_t s;
    begin(&s, am18());
    push(&s, "abcd", 4, 1);
    PULLS(&s, 5, 0, 0x90, 0x00, 0x00, 'a', 'b');
    PULLS(&s, 9, 0, 0xe0, 0x00, 0x00, 0x00, 0x02, 'c', 'd');
    FEED(&s, 0, 0x00, 0x00, 0x06, 0x00, 0x00, 0x10, 0x00, 0x02, 0x00, 0x03); /* ACK 1, NACK 0 bytes 2..3 */
    PULLS(&s, 99, 0, 0xe0, 0x00, 0x00, 0x00, 0x02, 'c', 'd');
    FEED(&s, 0, 0x00, 0x00, 0x04);
    CU_ASSERT_EQUAL(s.n_delivered, 1);
    end(&s);
}

static void test_am_nack_and_resegment(void)
{
    side_t s;
    begin(&s, am12);
    for (int i = 0; i < 4; i++)
        push(&s, "0123456789", 10, (uint32_t)i);
    uint8_t to[64];
    for (int i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(rlc_pull(s.rlc, to, 12, 0), 12);
    /* ACK_SN 4; NACK 1 and 2 as a range of two */
    FEED(&s, 0, 0x00, 0x04, 0x80, 0x00, 0x12, 0x02);
    rlc_buffer_status_t bs;
    rlc_buffer_status(s.rlc, 0, &bs);
    CU_ASSERT_EQUAL(bs.retx_bytes, 20);
    CU_ASSERT_EQUAL(s.n_delivered, 1); /* SN 0; SN 3 waits for its turn */
    PULLS(&s, 7, 0, 0x90, 0x01, '0', '1', '2', '3', '4');
    PULLS(&s, 7, 0, 0xb0, 0x01, 0x00, 0x05, '5', '6', '7');
    PULLS(&s, 7, 0, 0xa0, 0x01, 0x00, 0x08, '8', '9');
    PULLS(&s, 12, 0, 0xc0, 0x02, '0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
    FEED(&s, 0, 0x00, 0x04, 0x00);
    CU_ASSERT_EQUAL(s.n_delivered, 4);
    CU_ASSERT_EQUAL(s.delivered[3], 3);
    end(&s);
}

static void test_am_status_contents(void)
{
    side_t s;
    uint8_t to[64];
    begin(&s, am12);
    FEED(&s, 0, 0x80, 0x00, 'a');             /* SN 0 */
    FEED(&s, 0, 0x90, 0x02, 'b', 'c');        /* SN 2, bytes 0..1 */
    FEED(&s, 0, 0xa0, 0x02, 0x00, 0x05, 'f'); /* SN 2, byte 5, the last */
    FEED(&s, 0, 0x80, 0x05, 'g');             /* SN 5; 1, 3 and 4 are missing */
    FEED(&s, 0, 0xc0, 0x06, 'h');             /* SN 6 polls: waits for t-Reassembly */
    CU_ASSERT_EQUAL(rlc_pull(s.rlc, to, sizeof to, 0), 0);
    rlc_tick(s.rlc, 30 * NS_PER_MS); /* started by SN 2: RX_Next_Status_Trigger is 3 */
    rlc_buffer_status_t bs;
    rlc_buffer_status(s.rlc, 30 * NS_PER_MS, &bs);
    CU_ASSERT_EQUAL(bs.status_bytes, 3 + 2 + 6);
    CU_ASSERT_EQUAL(bs.total_bytes, 11);
    /* ACK_SN 3: NACK 1; NACK 2 bytes 2..4 */
    PULLS(&s, 64, 30 * NS_PER_MS, 0x00, 0x03, 0x80, 0x00, 0x18, 0x00, 0x24, 0x00, 0x02, 0x00, 0x04);
    rlc_tick(s.rlc, 60 * NS_PER_MS);
    /* ACK_SN 7: NACK 1; NACK 2 bytes 2..4; NACK 3, range 2 */
    PULLS(&s, 64, 60 * NS_PER_MS, 0x00, 0x07, 0x80, 0x00, 0x18, 0x00, 0x2c, 0x00, 0x02, 0x00, 0x04, 0x00,
          0x32, 0x02);
    end(&s);
}

static void test_am_status_is_cut(void)
{
    side_t s;
    begin(&s, am12);
    FEED(&s, 0, 0x80, 0x01, 'a');
    FEED(&s, 0, 0x80, 0x03, 'b');
    FEED(&s, 0, 0xc0, 0x05, 'c');
    rlc_tick(s.rlc, 30 * NS_PER_MS);
    rlc_tick(s.rlc, 60 * NS_PER_MS);
    /* Room for one NACK: ACK_SN is the first missing SN that is not named. */
    PULLS(&s, 6, 60 * NS_PER_MS, 0x00, 0x02, 0x80, 0x00, 0x00);
    end(&s);
}

static void test_am_status_prohibit(void)
{
    side_t s;
    uint8_t to[16];
    rlc_config_t c = am12;
    c.t_status_prohibit_ns = 10 * NS_PER_MS;
    begin(&s, c);
    FEED(&s, 0, 0xc0, 0x00, 'a');
    PULLS(&s, 16, 0, 0x00, 0x01, 0x00);
    FEED(&s, 0, 0xc0, 0x01, 'a');
    CU_ASSERT_EQUAL(rlc_pull(s.rlc, to, 16, 9 * NS_PER_MS), 0);
    PULLS(&s, 16, 10 * NS_PER_MS, 0x00, 0x02, 0x00);
    end(&s);
}

static void test_am_polling(void)
{
    side_t s;
    uint8_t to[16];
    rlc_config_t c = am12;
    c.poll_pdu = 2;
    c.poll_byte = 8;
    begin(&s, c);
    for (int i = 0; i < 4; i++)
        push(&s, "ab", 2, 0);
    push(&s, "abcdefgh", 8, 0);
    push(&s, "z", 1, 0);
    const uint8_t want[] = {0x80, 0xc0, 0x80, 0xc0, 0xc0, 0xc0}; /* pollPDU, pollPDU, pollByte, empty */
    for (size_t i = 0; i < sizeof want; i++) {
        CU_ASSERT(rlc_pull(s.rlc, to, 16, 0) > 0);
        CU_ASSERT_EQUAL(to[0], want[i]);
    }
    end(&s);
}

static void test_am_poll_retransmit(void)
{
    side_t s;
    begin(&s, am12);
    push(&s, "ab", 2, 0);
    PULLS(&s, 16, 0, 0xc0, 0x00, 'a', 'b');
    rlc_tick(s.rlc, 39 * NS_PER_MS);
    uint8_t to[16];
    CU_ASSERT_EQUAL(rlc_pull(s.rlc, to, 16, 39 * NS_PER_MS), 0);
    rlc_tick(s.rlc, 40 * NS_PER_MS);
    PULLS(&s, 16, 40 * NS_PER_MS, 0xc0, 0x00, 'a', 'b');
    FEED(&s, 41 * NS_PER_MS, 0x00, 0x01, 0x00);
    rlc_tick(s.rlc, 200 * NS_PER_MS); /* the answer stopped the timer */
    CU_ASSERT_EQUAL(rlc_pull(s.rlc, to, 16, 200 * NS_PER_MS), 0);
    end(&s);
}

static void test_am_max_retx(void)
{
    side_t s;
    uint8_t to[16];
    begin(&s, am12); /* maxRetxThreshold 4 */
    push(&s, "ab", 2, 0);
    CU_ASSERT_EQUAL(rlc_pull(s.rlc, to, 16, 0), 4);
    for (int i = 0; i < 4; i++) {
        FEED(&s, 0, 0x00, 0x01, 0x80, 0x00, 0x00);
        FEED(&s, 0, 0x00, 0x01, 0x80, 0x00, 0x00); /* pending already: does not count */
        CU_ASSERT_EQUAL(s.n_max_retx, 0);
        CU_ASSERT_EQUAL(rlc_pull(s.rlc, to, 16, 0), 4);
    }
    FEED(&s, 0, 0x00, 0x01, 0x80, 0x00, 0x00); /* RETX_COUNT 0 was the first */
    CU_ASSERT_EQUAL(s.n_max_retx, 1);
    end(&s);
}

static void test_am_window_stalls(void)
{
    side_t s;
    uint8_t to[16];
    begin(&s, am12); /* 64 SDUs in flight */
    for (uint32_t i = 0; i < 64; i++)
        push(&s, "ab", 2, i);
    for (uint32_t i = 0; i < 64; i++)
        CU_ASSERT_EQUAL(rlc_pull(s.rlc, to, 4, 0), 4);
    push(&s, "cd", 2, 64);
    CU_ASSERT_EQUAL(rlc_pull(s.rlc, to, 16, 0), 0);
    FEED(&s, 0, 0x00, 0x01, 0x00);
    PULLS(&s, 16, 0, 0xc0, 0x40, 'c', 'd');
    end(&s);
}

static void test_discard(void)
{
    side_t s;
    begin(&s, am12);
    push(&s, "ab", 2, 5);
    push(&s, "cd", 2, 6);
    push(&s, "ef", 2, 7);
    uint8_t to[16];
    CU_ASSERT_EQUAL(rlc_pull(s.rlc, to, 3, 0), 3); /* a byte of the first is out */
    CU_ASSERT_EQUAL(rlc_discard_sdu(s.rlc, 5), -ENOENT);
    CU_ASSERT_EQUAL(rlc_discard_sdu(s.rlc, 6), 0);
    CU_ASSERT_EQUAL(rlc_pull(s.rlc, to, 16, 0), 5);
    PULLS(&s, 16, 0, 0xc0, 0x01, 'e', 'f'); /* no SN was lost by it */
    end(&s);
}

static void test_hostile(void)
{
    side_t s;
    uint8_t to[16];
    begin(&s, am12);
    FEED(&s, 0, 0x80, 0x00);                  /* no data */
    FEED(&s, 0, 0x80);                        /* no header */
    FEED(&s, 0, 0xa0, 0x00, 0x00, 0x00, 'x'); /* SO 0 in a segment that is not the first */
    FEED(&s, 0, 0xb0, 0x00, 0xff, 0xff, 'x'); /* ends beyond 65535 */
    FEED(&s, 0, 0x10, 0x00, 0x00);            /* reserved control PDU type */
    FEED(&s, 0, 0x00, 0x00, 0x80, 0x00);      /* NACK cut short */
    FEED(&s, 0, 0x00, 0x00);
    CU_ASSERT_EQUAL(rlc_counters(s.rlc)->rx_malformed, 7);
    rlc_on_pdu(s.rlc, NULL, 0, 0);
    CU_ASSERT_EQUAL(rlc_counters(s.rlc)->rx_malformed, 8);
    FEED(&s, 0, 0x00, 0x05, 0x00); /* acknowledges what was never sent */
    CU_ASSERT_EQUAL(rlc_counters(s.rlc)->rx_bad_status, 1);
    push(&s, "abcdef", 6, 9);
    CU_ASSERT_EQUAL(rlc_pull(s.rlc, to, 4, 0), 4);
    FEED(&s, 0, 0x00, 0x01, 0x00); /* acknowledges an SDU that is half sent */
    CU_ASSERT_EQUAL(rlc_counters(s.rlc)->rx_bad_status, 2);
    CU_ASSERT_EQUAL(s.n_delivered, 0);
    PULLS(&s, 16, 0, 0xe0, 0x00, 0x00, 0x02, 'c', 'd', 'e', 'f');
    FEED(&s, 0, 0x00, 0x01, 0x80, 0x00, 0x02, 0x05); /* NACK range beyond ACK_SN */
    CU_ASSERT_EQUAL(rlc_counters(s.rlc)->rx_bad_status, 3);
    FEED(&s, 0, 0x80, 0x40, 'x'); /* SN 64: beyond our window */
    CU_ASSERT_EQUAL(rlc_counters(s.rlc)->rx_out_of_window, 1);
    FEED(&s, 0, 0xa0, 0x00, 0x00, 0x05, 'x'); /* six bytes long ... */
    FEED(&s, 0, 0xb0, 0x00, 0x00, 0x07, 'y'); /* ... and then more */
    CU_ASSERT_EQUAL(rlc_counters(s.rlc)->rx_malformed, 9);
    uint8_t big[4000] = {0x80, 0x01};
    rlc_on_pdu(s.rlc, big, sizeof big, 0); /* larger than a buffer */
    CU_ASSERT_EQUAL(rlc_counters(s.rlc)->rx_no_buffer, 1);
    end(&s);
}

static void test_config(void)
{
    side_t s;
    rlc_t *r = NULL;
    rlc_ops_t ops = {0};
    begin(&s, am12);
    rlc_config_t c = am12;
    c.sn_bits = 6;
    CU_ASSERT_EQUAL(rlc_create(&r, &c, &ops, s.pool), -EINVAL);
    c = am12;
    c.max_retx = 0;
    CU_ASSERT_EQUAL(rlc_create(&r, &c, &ops, s.pool), -EINVAL);
    c = um(18);
    CU_ASSERT_EQUAL(rlc_create(&r, &c, &ops, s.pool), -EINVAL);
    CU_ASSERT_PTR_NULL(r);
    rlc_destroy(NULL);
    end(&s);
}

static void test_reestablish(void)
{
    side_t s;
    uint8_t to[16];
    begin(&s, am12);
    push(&s, "abcdef", 6, 9);
    push(&s, "gh", 2, 9);
    CU_ASSERT_EQUAL(rlc_pull(s.rlc, to, 4, 0), 4);
    FEED(&s, 0, 0x90, 0x00, 'x');
    rlc_reestablish(s.rlc);
    CU_ASSERT_EQUAL(pool_free_count(s.pool), 256);
    push(&s, "ij", 2, 1);
    PULLS(&s, 16, 0, 0xc0, 0x00, 'i', 'j');
    end(&s);
}

CU_MAIN("rlc_pdu", {"TM", test_tm}, {"UM PDUs", test_um_pdus}, {"UM reassembly", test_um_reassembly},
        {"UM t-Reassembly", test_um_timer_gives_up}, {"UM window moves", test_um_window_moves},
        {"AM PDUs, 12 bit", test_am_pdus_12}, {"AM PDUs, 18 bit", test_am_pdus_18},
        {"AM NACK and resegmentation", test_am_nack_and_resegment},
        {"AM STATUS contents", test_am_status_contents},
        {"AM STATUS cut to the grant", test_am_status_is_cut},
        {"AM t-StatusProhibit", test_am_status_prohibit}, {"AM polling", test_am_polling},
        {"AM t-PollRetransmit", test_am_poll_retransmit}, {"AM maxRetxThreshold", test_am_max_retx},
        {"AM window stalls", test_am_window_stalls}, {"discard", test_discard},
        {"hostile PDUs", test_hostile}, {"configuration", test_config},
        {"re-establishment", test_reestablish})
