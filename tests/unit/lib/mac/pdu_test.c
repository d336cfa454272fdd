/* SPDX-License-Identifier: Apache-2.0 */
/* MAC PDUs byte by byte, and hostile ones: a peer's length field must never lead out of the block. */
#include <errno.h>

#include "lib/mac/pdu.h"
#include "tests/unit/cu.h"

static void test_downlink(void)
{
    uint8_t tb[32];
    mac_build_t b = mac_build(tb, sizeof tb);
    const uint8_t id[6] = {1, 2, 3, 4, 5, 6}, sdu[3] = {0xaa, 0xbb, 0xcc};
    CU_ASSERT(mac_build_contention(&b, id));
    CU_ASSERT(mac_build_ta(&b, 1, 33));
    CU_ASSERT(mac_build_drx(&b, false));
    CU_ASSERT(mac_build_sdu(&b, 0, sdu, 3));
    mac_build_end(&b);
    static const uint8_t want[] = {62, 1, 2, 3, 4, 5, 6, 61, 0x61, 60, 0x00, 3, 0xaa, 0xbb, 0xcc, 63, 0};
    CU_ASSERT(memcmp(tb, want, sizeof want) == 0);
    CU_ASSERT_EQUAL(b.n, 32);

    mac_iter_t it = mac_iter(MAC_DL, tb, b.n);
    mac_subpdu_t s;
    uint8_t tag, ta;
    CU_ASSERT(mac_next(&it, &s) == 1 && s.lcid == 62 && s.n == 6 && !s.is_sdu && memcmp(s.p, id, 6) == 0);
    CU_ASSERT(mac_next(&it, &s) == 1 && s.lcid == 61 && mac_parse_ta(s.p, s.n, &tag, &ta) == 0 && tag == 1 &&
              ta == 33);
    CU_ASSERT(mac_next(&it, &s) == 1 && s.lcid == 60 && s.n == 0);
    CU_ASSERT(mac_next(&it, &s) == 1 && s.lcid == 0 && s.is_sdu && s.n == 3);
    CU_ASSERT(mac_next(&it, &s) == 1 && s.lcid == 63 && s.n == 16);
    CU_ASSERT_EQUAL(mac_next(&it, &s), 0);
}

static void test_uplink(void)
{
    uint8_t tb[40];
    mac_build_t b = mac_build(tb, sizeof tb);
    const uint8_t ccch[6] = {9, 8, 7, 6, 5, 4};
    mac_bsr_t longb = {.lcid = MAC_LCID_UL_LONG_BSR, .lcg_mask = 0x85, .n = 3, .index = {10, 20, 30}}, got;
    mac_bsr_t shortb = {.lcid = MAC_LCID_UL_SHORT_BSR, .n = 1, .lcg = {5}, .index = {17}};
    CU_ASSERT(mac_build_ul_ccch(&b, ccch, 6));
    CU_ASSERT(mac_build_c_rnti(&b, 0x4601));
    CU_ASSERT(mac_build_bsr(&b, &longb));
    CU_ASSERT(mac_build_bsr(&b, &shortb));
    CU_ASSERT(mac_build_phr(&b, 40, 22));
    mac_build_end(&b);
    static const uint8_t want[] = {52, 9,    8,  7,  6,  5,  4,    58, 0x46, 0x01, 62,
                                   4,  0x85, 10, 20, 30, 61, 0xb1, 57, 40,   22,   63};
    CU_ASSERT(memcmp(tb, want, sizeof want) == 0);

    mac_iter_t it = mac_iter(MAC_UL, tb, b.n);
    mac_subpdu_t s;
    uint16_t rnti;
    uint8_t ph, pcmax;
    CU_ASSERT(mac_next(&it, &s) == 1 && s.lcid == 52 && s.is_sdu && s.n == 6);
    CU_ASSERT(mac_next(&it, &s) == 1 && mac_parse_c_rnti(s.p, s.n, &rnti) == 0 && rnti == 0x4601);
    CU_ASSERT(mac_next(&it, &s) == 1 && mac_parse_bsr(s.lcid, s.p, s.n, &got) == 0);
    CU_ASSERT(got.n == 3 && got.lcg[0] == 0 && got.lcg[1] == 2 && got.lcg[2] == 7 && got.index[2] == 30);
    CU_ASSERT(mac_next(&it, &s) == 1 && mac_parse_bsr(s.lcid, s.p, s.n, &got) == 0 && got.lcg[0] == 5 &&
              got.index[0] == 17);
    CU_ASSERT(mac_next(&it, &s) == 1 && mac_parse_phr(s.p, s.n, &ph, &pcmax) == 0 && ph == 40 && pcmax == 22);
    CU_ASSERT_EQUAL(mac_phr_db(0), -32);
    CU_ASSERT_EQUAL(mac_phr_db(40), 7);
    CU_ASSERT_EQUAL(mac_phr_db(55), 22);
    CU_ASSERT_EQUAL(mac_phr_db(63), 38);

    uint8_t truncated[3] = {0x07, 1, 2}; /* three LCGs, room for two sizes */
    CU_ASSERT(mac_parse_bsr(MAC_LCID_UL_LONG_TRUNC_BSR, truncated, 3, &got) == 0 && got.n == 2 &&
              got.lcg[0] == 0xff);
    CU_ASSERT_EQUAL(mac_parse_bsr(MAC_LCID_UL_LONG_BSR, truncated, 3, &got), -EBADMSG);
    CU_ASSERT_EQUAL(mac_parse_bsr(MAC_LCID_UL_SHORT_BSR, truncated, 2, &got), -EBADMSG);
}

static void test_in_place(void)
{
    /* Whatever room there is, an SDU of mac_build_room() bytes fits and the block comes out exactly full. */
    static uint8_t tb[70000];
    for (uint32_t size = 1; size < 1200; size++) {
        mac_build_t b = mac_build(tb, size);
        uint32_t room = mac_build_room(&b);
        if (room == 0) {
            CU_ASSERT(size < 3);
            continue;
        }
        uint8_t *p = mac_build_sdu_reserve(&b, 4, room);
        CU_ASSERT_FATAL(p != NULL);
        memset(p, 0x5a, room);
        mac_build_sdu_commit(&b, room);
        CU_ASSERT(size - b.n <= 1);
        mac_build_end(&b);
        mac_iter_t it = mac_iter(MAC_DL, tb, size);
        mac_subpdu_t s;
        CU_ASSERT(mac_next(&it, &s) == 1 && s.lcid == 4 && s.n == room && s.p == p);
    }
    mac_build_t b = mac_build(tb, 300);
    CU_ASSERT(mac_build_sdu_reserve(&b, 4, 298) == NULL);
    uint8_t *p = mac_build_sdu_reserve(&b, 4, 290); /* reserved long, used short: 16-bit L of a small SDU */
    p[0] = 1;
    mac_build_sdu_commit(&b, 1);
    CU_ASSERT_EQUAL(b.n, 4);
    CU_ASSERT(mac_build_sdu_reserve(&b, 4, 10) != NULL);
    mac_build_sdu_commit(&b, 0); /* taken back */
    CU_ASSERT_EQUAL(b.n, 4);
    mac_build_end(&b);
    mac_iter_t it = mac_iter(MAC_DL, tb, 300);
    mac_subpdu_t s;
    CU_ASSERT(mac_next(&it, &s) == 1 && s.n == 1);
    CU_ASSERT(mac_next(&it, &s) == 1 && s.lcid == 63);
}

static void test_hostile(void)
{
    mac_subpdu_t s;
    uint8_t beyond[] = {0x04, 5, 1, 2}, cut[] = {0x44, 1}, reserved[] = {40, 0}, ccch[] = {52, 1, 2};
    mac_iter_t it = mac_iter(MAC_UL, beyond, sizeof beyond);
    CU_ASSERT_EQUAL(mac_next(&it, &s), -EBADMSG);
    CU_ASSERT_EQUAL(mac_next(&it, &s), 0);
    it = mac_iter(MAC_UL, cut, sizeof cut);
    CU_ASSERT_EQUAL(mac_next(&it, &s), -EBADMSG);
    it = mac_iter(MAC_DL, reserved, sizeof reserved);
    CU_ASSERT_EQUAL(mac_next(&it, &s), -EPROTONOSUPPORT);
    it = mac_iter(MAC_UL, ccch, sizeof ccch);
    CU_ASSERT_EQUAL(mac_next(&it, &s), -EBADMSG);
    /* Any bytes: the walk ends, and each part lies inside. */
    uint32_t x = 99;
    for (int round = 0; round < 20000; round++) {
        uint8_t pdu[64];
        uint32_t n = 1 + round % 64;
        for (uint32_t i = 0; i < n; i++)
            pdu[i] = (uint8_t)((x = x * 1664525u + 1013904223u) >> 24);
        for (int dir = 0; dir < 2; dir++) {
            it = mac_iter((mac_dir_t)dir, pdu, n);
            int steps = 0;
            while (mac_next(&it, &s) == 1 && ++steps <= 64)
                CU_ASSERT_FATAL(s.p >= pdu && s.p + s.n <= pdu + n);
            CU_ASSERT_FATAL(steps <= 64);
        }
        uint32_t at = 0;
        mac_rar_t r;
        int steps = 0;
        while (mac_rar_next(pdu, n, &at, &r) == 1 && ++steps <= 64)
            ;
        CU_ASSERT_FATAL(steps <= 64);
    }
}

static void test_rar(void)
{
    mac_rar_t in[2] = {{.kind = MAC_RAR_BACKOFF, .backoff = 5},
                       {.kind = MAC_RAR_RESPONSE,
                        .rapid = 37,
                        .ta = 0xabc & 0xfff,
                        .tc_rnti = 0x4601,
                        .grant = {0, 0x1234, 9, 6, 3, 1}}},
              out;
    uint8_t pdu[12];
    CU_ASSERT_EQUAL(mac_rar_build(in, 2, pdu, sizeof pdu), 0);
    /* E T R R BI | E T RAPID | R TA(11..5) | TA(4..0) grant(26..24) | grant | grant | grant | TC-RNTI */
    static const uint8_t want[12] = {0x85, 0x65, 0x55, 0xe1, 0x23, 0x49, 0x67, 0x46, 0x01, 0, 0, 0};
    CU_ASSERT(memcmp(pdu, want, 12) == 0);
    uint32_t at = 0;
    CU_ASSERT(mac_rar_next(pdu, 12, &at, &out) == 1 && out.kind == MAC_RAR_BACKOFF && out.backoff == 5);
    CU_ASSERT(mac_rar_next(pdu, 12, &at, &out) == 1 && out.kind == MAC_RAR_RESPONSE && out.rapid == 37 &&
              out.ta == 0xabc);
    CU_ASSERT(out.tc_rnti == 0x4601 && out.grant.fdra == 0x1234 && out.grant.tdra == 9 &&
              out.grant.mcs == 6 && out.grant.tpc == 3 && out.grant.csi_request == 1 &&
              out.grant.freq_hopping == 0);
    CU_ASSERT_EQUAL(mac_rar_next(pdu, 12, &at, &out), 0);
    CU_ASSERT_EQUAL(mac_rar_build(in, 2, pdu, 8), -ENOSPC);
    CU_ASSERT_EQUAL(mac_rar_riv(51, mac_rar_fdra(51, 1300)), 1300);
    CU_ASSERT_EQUAL(mac_rar_riv(51, 0x3fff), 2047); /* only the low bits count */
    CU_ASSERT_EQUAL(mac_rar_riv(273, 0x3fff), 0x3fff);
}

CU_MAIN("mac-pdu", {"downlink", test_downlink}, {"uplink", test_uplink}, {"in place", test_in_place},
        {"hostile", test_hostile}, {"random access response", test_rar})
