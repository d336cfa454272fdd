/* SPDX-License-Identifier: Apache-2.0 */
/* GTP-U headers byte by byte, after the figures of TS 29.281 5, TS 38.425 5.5.2 and TS 38.415 5.5.2, with
 * what must be refused; and the tunnel table. */
#include "lib/gtpu/gtpu.h"
#include "tests/unit/cu.h"

#include <errno.h>
#include <stdlib.h>

#define ENCODES(h, payload_n, ...)                                                                           \
    do {                                                                                                     \
        static const uint8_t want__[] = {__VA_ARGS__};                                                       \
        uint8_t got__[GTPU_HEADER_MAX];                                                                      \
        int n__ = gtpu_encode(h, payload_n, got__, sizeof got__);                                            \
        CU_ASSERT_BYTES(got__, n__, want__, sizeof want__);                                                  \
    } while (0)

static void test_plain(void)
{
    gtpu_header_t h = {.type = GTPU_G_PDU, .teid = 0x01020304};
    ENCODES(&h, 5, 0x30, 0xff, 0, 5, 1, 2, 3, 4);
    h.has_sn = true;
    h.sn = 0xabcd;
    ENCODES(&h, 5, 0x32, 0xff, 0, 9, 1, 2, 3, 4, 0xab, 0xcd, 0, 0);
    uint8_t p[] = {0x32, 0xff, 0, 9, 1, 2, 3, 4, 0xab, 0xcd, 0, 0, 'h', 'e', 'l', 'l', 'o', 'x'};
    gtpu_header_t d;
    CU_ASSERT_EQUAL(gtpu_decode(p, sizeof p, &d), 0);
    CU_ASSERT(d.type == GTPU_G_PDU && d.teid == 0x01020304 && d.has_sn && d.sn == 0xabcd);
    CU_ASSERT_EQUAL(d.header_bytes, 12);
    CU_ASSERT_EQUAL(d.payload_bytes, 5); /* what follows the length is not ours */
    CU_ASSERT_EQUAL(gtpu_encode(&h, 70000, p, sizeof p), -EINVAL);
    CU_ASSERT_EQUAL(gtpu_encode(&h, 0, p, 8), -ENOBUFS);
}

static void test_user_data(void)
{
    gtpu_header_t h = {.type = GTPU_G_PDU,
                       .teid = 7,
                       .has_nru = true,
                       .nru = {.type = NRU_DL_USER_DATA, .nru_sn = 0x123456, .report_polling = true}};
    ENCODES(&h, 10, 0x34, 0xff, 0, 22, 0, 0, 0, 7, 0, 0, 0, 0x84, 2, 0x01, 0x00, 0x12, 0x34, 0x56, 0, 0);
    h.nru.discard_all_before = true;
    h.nru.discard_before_sn = 0x000010;
    h.nru.n_discard = 1;
    h.nru.discard[0] = (nru_range_t){.start = 0x20, .n = 3};
    h.nru.report_delivered = true;
    h.nru.report_sn = 0x30;
    ENCODES(&h, 0, 0x34, 0xff, 0, 24, 0, 0, 0, 7, 0, 0, 0, 0x84, 5, 0x07, 0x08, 0x12, 0x34, 0x56, 0, 0, 0x10,
            1, 0, 0, 0x20, 3, 0, 0, 0x30, 0, 0, 0);
}

static void test_delivery_status(void)
{
    gtpu_header_t h = {.type = GTPU_G_PDU,
                       .teid = 8,
                       .has_nru = true,
                       .nru = {.type = NRU_DL_DELIVERY_STATUS,
                               .desired_buffer_bytes = 0x00018000,
                               .has_highest_delivered = true,
                               .highest_delivered_sn = 0x010203,
                               .has_highest_transmitted = true,
                               .highest_transmitted_sn = 0x010204}};
    ENCODES(&h, 0, 0x34, 0xff, 0, 20, 0, 0, 0, 8, 0, 0, 0, 0x84, 4, 0x1c, 0x00, 0, 1, 0x80, 0, 1, 2, 3, 1, 2,
            4, 0, 0, 0);
}

/* What is encoded decodes to the same, whatever is in it. */
static void test_round_trips(void)
{
    srand(11);
    for (int i = 0; i < 2000; i++) {
        gtpu_header_t h = {.type = GTPU_G_PDU, .teid = (uint32_t)rand(), .has_nru = true}, d;
        nru_t *f = &h.nru;
        if (i & 1) {
            f->type = NRU_DL_USER_DATA;
            f->nru_sn = (uint32_t)rand() & 0xffffff;
            f->retransmission = rand() & 1;
            f->report_polling = rand() & 1;
            f->assistance_flag = rand() & 1;
            if ((f->discard_all_before = rand() & 1))
                f->discard_before_sn = (uint32_t)rand() & 0xffffff;
            if ((f->report_delivered = rand() & 1))
                f->report_sn = (uint32_t)rand() & 0xffffff;
            f->n_discard = (uint8_t)(rand() % 5);
            for (int k = 0; k < f->n_discard; k++)
                f->discard[k] = (nru_range_t){.start = (uint32_t)rand() & 0xffffff, .n = (uint8_t)rand()};
        } else {
            f->type = NRU_DL_DELIVERY_STATUS;
            f->desired_buffer_bytes = (uint32_t)rand();
            f->final_frame = rand() & 1;
            if ((f->has_highest_delivered = rand() & 1))
                f->highest_delivered_sn = (uint32_t)rand() & 0xffffff;
            if ((f->has_highest_transmitted = rand() & 1))
                f->highest_transmitted_sn = (uint32_t)rand() & 0xffffff;
            if ((f->has_cause = rand() & 1))
                f->cause = (uint8_t)rand();
            if ((f->has_data_rate = rand() & 1))
                f->desired_data_rate = (uint32_t)rand();
            if ((f->has_retx_transmitted = rand() & 1))
                f->retx_transmitted_sn = (uint32_t)rand() & 0xffffff;
            if ((f->has_retx_delivered = rand() & 1))
                f->retx_delivered_sn = (uint32_t)rand() & 0xffffff;
            f->n_lost = (uint8_t)(rand() % 5);
            for (int k = 0; k < f->n_lost; k++)
                f->lost[k] =
                    (nru_range_t){.start = (uint32_t)rand() & 0xffffff, .end = (uint32_t)rand() & 0xffffff};
        }
        if ((h.has_pdu_session = rand() & 1)) {
            h.pdu_session.uplink = rand() & 1;
            h.pdu_session.qfi = (uint8_t)(rand() & 63);
            h.pdu_session.rqi = !h.pdu_session.uplink && (rand() & 1);
            if ((h.pdu_session.has_ppi = !h.pdu_session.uplink && (rand() & 1)))
                h.pdu_session.ppi = (uint8_t)(rand() & 7);
        }
        uint8_t p[GTPU_HEADER_MAX];
        int n = gtpu_encode(&h, 0, p, sizeof p);
        CU_ASSERT_FATAL(n > 0);
        CU_ASSERT_EQUAL(gtpu_decode(p, (size_t)n, &d), 0);
        h.header_bytes = (uint16_t)n;
        CU_ASSERT(d.teid == h.teid && d.header_bytes == n && d.payload_bytes == 0 && d.has_nru);
        CU_ASSERT_EQUAL(memcmp(&d.nru, &h.nru, sizeof d.nru), 0);
        CU_ASSERT_EQUAL(d.has_pdu_session, h.has_pdu_session);
        CU_ASSERT(!d.has_pdu_session || memcmp(&d.pdu_session, &h.pdu_session, sizeof d.pdu_session) == 0);
        for (int cut = 0; cut < n; cut++) /* never beyond what there is */
            CU_ASSERT(gtpu_decode(p, (size_t)cut, &d) == -EBADMSG);
    }
}

static void test_refusals(void)
{
    gtpu_header_t d;
    static const struct {
        const char *what;
        uint8_t p[16];
        size_t n;
        int want;
    } cases[] = {
        {"version 2", {0x50, 0xff, 0, 0, 0, 0, 0, 1}, 8, -EBADMSG},
        {"GTP'", {0x20, 0xff, 0, 0, 0, 0, 0, 1}, 8, -EBADMSG},
        {"length beyond the datagram", {0x30, 0xff, 0, 1, 0, 0, 0, 1}, 8, -EBADMSG},
        {"extension flag, no room", {0x34, 0xff, 0, 2, 0, 0, 0, 1, 0, 0}, 10, -EBADMSG},
        {"extension of length 0", {0x34, 0xff, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0x40, 0, 0, 0, 0}, 16, -EBADMSG},
        {"extension longer than the message",
         {0x34, 0xff, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0x40, 2, 0, 0, 0},
         16,
         -EBADMSG},
        {"unknown extension, may be skipped",
         {0x34, 0xff, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0x40, 1, 0, 0, 0},
         16,
         0},
        {"unknown extension, must be known",
         {0x34, 0xff, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0xc9, 1, 0, 0, 0},
         16,
         -EOPNOTSUPP},
        {"NR-U cut short", {0x34, 0xff, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0x84, 1, 0x10, 0, 0}, 16, -EBADMSG},
        {"NR-U of a reserved type",
         {0x34, 0xff, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0x84, 1, 0x90, 0, 0},
         16,
         -EBADMSG},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int r = gtpu_decode(cases[i].p, cases[i].n, &d);
        if (r != cases[i].want)
            printf("%s: %d\n", cases[i].what, r);
        CU_ASSERT_EQUAL(r, cases[i].want);
    }
}

static void test_path_messages(void)
{
    uint8_t p[64];
    static const uint8_t response[] = {0x32, 2, 0, 6, 0, 0, 0, 0, 0x12, 0x34, 0, 0, 14, 0};
    CU_ASSERT_BYTES(p, gtpu_echo_response(0x1234, p, sizeof p), response, sizeof response);
    static const uint8_t error[] = {0x32, 26,   0,    16, 0, 0,   0, 0, 0,   0, 0, 0,
                                    16,   0xde, 0xad, 0,  1, 133, 0, 4, 127, 0, 0, 1};
    uint32_t ip, teid, from;
    memcpy(&ip, "\x7f\0\0\1", 4);
    CU_ASSERT_BYTES(p, gtpu_error_indication(0xdead0001, ip, p, sizeof p), error, sizeof error);
    CU_ASSERT_EQUAL(gtpu_error_indication_decode(p + 12, 12, &teid, &from), 0);
    CU_ASSERT(teid == 0xdead0001 && from == ip);
    for (size_t n = 0; n < 12; n++)
        CU_ASSERT_EQUAL(gtpu_error_indication_decode(p + 12, n, &teid, &from), -EBADMSG);
    CU_ASSERT_EQUAL(gtpu_echo_response(1, p, 13), -ENOBUFS);
}

static void test_table(void)
{
    gtpu_table_t t, other;
    uint32_t teids[8], again;
    uint64_t v;
    CU_ASSERT_EQUAL(gtpu_table_create(&t, 0), -EINVAL);
    CU_ASSERT_FATAL(gtpu_table_create(&t, 8) == 0 && gtpu_table_create(&other, 8) == 0);
    for (uint64_t i = 0; i < 8; i++)
        CU_ASSERT_EQUAL(gtpu_table_add(&t, i * 100, &teids[i]), 0);
    CU_ASSERT_EQUAL(gtpu_table_add(&t, 0, &again), -ENOSPC);
    for (uint64_t i = 0; i < 8; i++)
        CU_ASSERT(gtpu_table_find(&t, teids[i], &v) && v == i * 100);
    CU_ASSERT_FALSE(gtpu_table_find(&t, 0, &v));
    gtpu_table_remove(&t, teids[3]);
    gtpu_table_remove(&t, teids[3]);
    CU_ASSERT_FALSE(gtpu_table_find(&t, teids[3], &v));
    CU_ASSERT_EQUAL(gtpu_table_add(&t, 5, &again), 0);
    CU_ASSERT_NOT_EQUAL(again, teids[3]); /* same place, another generation */
    CU_ASSERT_FALSE(gtpu_table_find(&t, teids[3], &v));
    CU_ASSERT_EQUAL(gtpu_table_set(&other, again, 9), 0);
    CU_ASSERT(gtpu_table_find(&other, again, &v) && v == 9);
    CU_ASSERT_EQUAL(gtpu_table_set(&other, teids[3], 9), -EEXIST);
    gtpu_table_destroy(&t);
    gtpu_table_destroy(&other);
}

CU_MAIN("gtpu", {"plain headers", test_plain}, {"DL USER DATA", test_user_data},
        {"DL DATA DELIVERY STATUS", test_delivery_status}, {"round trips and cuts", test_round_trips},
        {"refusals", test_refusals}, {"path messages", test_path_messages}, {"tunnel table", test_table})
