/* SPDX-License-Identifier: Apache-2.0 */
/* lib/rrc: what the DU broadcasts and configures must come out at the UE as it went in, and a UE must refuse,
 * by name, what it cannot follow. Bit-exactness against a second ASN.1 implementation is tests/referee's. */
#include <errno.h>
#include <stdlib.h>

#include "lib/asn1/asn1.h"
#include "lib/asn1/schema/rrc.asn.h"
#include "lib/rrc/cell_group.h"
#include "tests/unit/cu.h"

static uint8_t mem[RRC_SCRATCH_BYTES];
static arena_t arena;

static arena_t *scratch(void)
{
    arena_init(&arena, mem, sizeof mem);
    return &arena;
}

static radio_cell_t demo_cell(void)
{
    radio_cell_t c;
    CU_ASSERT_EQUAL_FATAL(radio_cell_defaults(&c, 51), 0);
    return c;
}

static rrc_mib_t mib_of(const radio_cell_t *c, uint16_t sfn)
{
    uint32_t bits = 0;
    rrc_mib_t m = {0};
    CU_ASSERT_EQUAL_FATAL(rrc_mib_build(c, sfn, &bits), 0);
    CU_ASSERT_EQUAL_FATAL(rrc_mib_parse(bits, &m), 0);
    return m;
}

static void test_mib(void)
{
    radio_cell_t c = demo_cell();
    uint32_t bits;
    rrc_mib_t m = mib_of(&c, 0x3a7);
    CU_ASSERT_EQUAL(m.sfn, 0x3a0);
    CU_ASSERT_EQUAL(m.mu, c.mu);
    CU_ASSERT_EQUAL(m.k_ssb, c.k_ssb);
    CU_ASSERT_EQUAL(m.coreset0_index, c.coreset0_index);
    CU_ASSERT_EQUAL(m.search_space0_index, c.search_space0_index);
    CU_ASSERT_EQUAL(m.dmrs_type_a_pos, c.dmrs_type_a_pos);
    CU_ASSERT_FALSE(m.barred);
    /* By hand from TS 38.331 6.2.2: choice 0 | SFN 111010 | scs 1 | k_ssb 0000 | pos2 0 | 1101 0000 |
     * notBarred 1 | allowed 0 | spare 0 */
    CU_ASSERT_EQUAL_FATAL(rrc_mib_build(&c, 0x3a7, &bits), 0);
    CU_ASSERT_EQUAL(bits, 0x7506 << 8 | 0x84);
    /* messageClassExtension is of another release */
    CU_ASSERT_EQUAL(rrc_mib_parse(0x800000, &m), -EBADMSG);
    c.dmrs_type_a_pos = 4;
    CU_ASSERT_EQUAL(rrc_mib_build(&c, 0, &bits), -ERANGE);
}

static void test_sib1_round_trip(void)
{
    radio_cell_t c = demo_cell(), got;
    uint8_t buf[RRC_SIB1_BYTES];
    size_t n = 0;
    rrc_why_t why = {""};
    c.plmn[0] = 0x62, c.plmn[1] = 0x32, c.plmn[2] = 0x54; /* 262/453: three digits of MNC */
    c.tac = 0xabcdef;
    c.nr_cell_id = UINT64_C(0xfedcba987);
    c.pci = 1007;
    const char *sentence;
    CU_ASSERT_EQUAL_FATAL(radio_cell_derive(&c, &sentence), 0);
    CU_ASSERT_EQUAL_FATAL(rrc_sib1_build(&c, scratch(), buf, sizeof buf, &n, &why), 0);
    rrc_mib_t mib = mib_of(&c, 0);
    CU_ASSERT_EQUAL_FATAL(rrc_sib1_parse(buf, n, 1007, &mib, scratch(), &got, &why), 0);
    /* what the UE does not learn from SIB1 */
    got.point_a_arfcn = c.point_a_arfcn, got.carrier_arfcn = c.carrier_arfcn, got.ssb_arfcn = c.ssb_arfcn;
    got.sib1_period_slots = c.sib1_period_slots;
    got.csi_rs_period_slots = c.csi_rs_period_slots, got.csi_rs_offset_slots = c.csi_rs_offset_slots;
    got.csi_rs_symbol = c.csi_rs_symbol;
    CU_ASSERT_EQUAL(memcmp(&got, &c, offsetof(radio_cell_t, css)), 0);
    CU_ASSERT_EQUAL(memcmp(got.dl_tdra, c.dl_tdra, sizeof c.dl_tdra), 0);
    CU_ASSERT_EQUAL(memcmp(got.ul_tdra, c.ul_tdra, sizeof c.ul_tdra), 0);
    CU_ASSERT_EQUAL(memcmp(&got, &c, sizeof c), 0);
}

static void test_sib1_refusals(void)
{
    radio_cell_t c = demo_cell(), got = {0}, zero = {0};
    uint8_t buf[RRC_SIB1_BYTES];
    size_t n = 0;
    rrc_why_t why = {""};
    rrc_mib_t mib = mib_of(&c, 0);
    CU_ASSERT_EQUAL_FATAL(rrc_sib1_build(&c, scratch(), buf, sizeof buf, &n, &why), 0);
    for (size_t cut = 0; cut < n - 1; cut++) { /* a truncated one never parses and never touches the cell */
        CU_ASSERT(rrc_sib1_parse(buf, cut, 1, &mib, scratch(), &got, &why) < 0);
        CU_ASSERT_EQUAL(memcmp(&got, &zero, sizeof got), 0);
    }
    CU_ASSERT_EQUAL(rrc_sib1_build(&c, scratch(), buf, 20, &n, &why), -ENOBUFS);
    arena_init(&arena, mem, 100);
    CU_ASSERT_EQUAL(rrc_sib1_build(&c, &arena, buf, sizeof buf, &n, &why), -ENOMEM);
    c.t311_ms = 1234;
    CU_ASSERT_EQUAL(rrc_sib1_build(&c, scratch(), buf, sizeof buf, &n, &why), -ERANGE);
    CU_ASSERT_STRING_EQUAL(why.text, "t311");
}

/* Bits flipped at random must parse or fail, and never leave the arena or the struct inconsistent. */
static void test_sib1_noise(void)
{
    radio_cell_t c = demo_cell(), got;
    uint8_t buf[RRC_SIB1_BYTES], bad[RRC_SIB1_BYTES];
    size_t n = 0;
    rrc_why_t why;
    rrc_mib_t mib = mib_of(&c, 0);
    uint32_t refused = 0;
    CU_ASSERT_EQUAL_FATAL(rrc_sib1_build(&c, scratch(), buf, sizeof buf, &n, &why), 0);
    srand(7);
    for (int i = 0; i < 20000; i++) {
        memcpy(bad, buf, n);
        for (int k = rand() % 4; k >= 0; k--)
            bad[(size_t)rand() % n] ^= (uint8_t)(1 << rand() % 8);
        refused += rrc_sib1_parse(bad, n, 1, &mib, scratch(), &got, &why) != 0;
    }
    CU_ASSERT(refused > 1000);
}

static void round_trip(const rrc_cell_group_t *cg, const radio_cell_t *c, rrc_cell_group_t *ret)
{
    uint8_t buf[2048];
    size_t n = 0;
    rrc_why_t why = {""};
    int r = rrc_cell_group_build(cg, c, scratch(), buf, sizeof buf, &n, &why);
    if (r)
        printf("build: %d %s\n", r, why.text);
    CU_ASSERT_EQUAL_FATAL(r, 0);
    r = rrc_cell_group_parse(buf, n, c, scratch(), ret, &why);
    if (r)
        printf("parse: %d %s\n", r, why.text);
    CU_ASSERT_EQUAL_FATAL(r, 0);
}

static void test_cell_group_round_trip(void)
{
    radio_cell_t c = demo_cell();
    for (uint16_t i = 0; i < 64; i++) {
        rrc_cell_group_t cg = {.present = RRC_CG_ALL}, got;
        CU_ASSERT_EQUAL_FATAL(radio_ue_defaults(&cg.ue, &c, i), 0);
        cg.ue.n_lc = 3;
        radio_srb_defaults(&cg.ue.lc[1], 2);
        radio_drb_defaults(&cg.ue.lc[2], 1, 9);
        cg.ue.lc[2].five_qi = 0; /* not on this wire */
        round_trip(&cg, &c, &got);
        CU_ASSERT_EQUAL(got.present, RRC_CG_ALL);
        got.ue.ta_offset_tc = cg.ue.ta_offset_tc; /* SIB1's */
        CU_ASSERT_EQUAL(got.ue.n_lc, 3);
        for (int k = 0; k < 3; k++)
            CU_ASSERT_EQUAL(memcmp(&got.ue.lc[k], &cg.ue.lc[k], sizeof got.ue.lc[k]), 0);
        CU_ASSERT_EQUAL(memcmp(&got.ue.coreset, &cg.ue.coreset, sizeof got.ue.coreset), 0);
        CU_ASSERT_EQUAL(memcmp(&got.ue.uss, &cg.ue.uss, sizeof got.ue.uss), 0);
        CU_ASSERT_EQUAL(memcmp(got.ue.res, cg.ue.res, sizeof got.ue.res), 0);
        CU_ASSERT_EQUAL(memcmp(&got.ue, &cg.ue, sizeof got.ue), 0);
    }
}

static void test_cell_group_delta(void)
{
    radio_cell_t c = demo_cell();
    rrc_cell_group_t cg = {.present = RRC_CG_BEARERS, .n_release = 1, .release_lcid = {5}}, got;
    cg.ue.n_lc = 1;
    radio_drb_defaults(&cg.ue.lc[0], 1, 9);
    cg.reestablish = 1u << RADIO_DRB_LCID(1);
    cg.modify = 1u << RADIO_DRB_LCID(1);
    round_trip(&cg, &c, &got);
    CU_ASSERT_EQUAL(got.present, RRC_CG_BEARERS);
    CU_ASSERT_EQUAL(got.n_release, 1);
    CU_ASSERT_EQUAL(got.release_lcid[0], 5);
    CU_ASSERT_EQUAL(got.reestablish, 1u << RADIO_DRB_LCID(1));
    CU_ASSERT_EQUAL(got.modify, 1u << RADIO_DRB_LCID(1));
    CU_ASSERT_EQUAL(got.ue.n_res, 0);
}

static void test_cell_group_refusals(void)
{
    radio_cell_t c = demo_cell();
    rrc_cell_group_t cg = {.present = RRC_CG_ALL}, got;
    uint8_t buf[2048];
    size_t n = 0;
    rrc_why_t why = {""};
    CU_ASSERT_EQUAL_FATAL(radio_ue_defaults(&cg.ue, &c, 0), 0);
    cg.ue.lc[0].rlc.t_poll_retx_ms = 46;
    CU_ASSERT_EQUAL(rrc_cell_group_build(&cg, &c, scratch(), buf, sizeof buf, &n, &why), -ERANGE);
    CU_ASSERT_STRING_EQUAL(why.text, "t-PollRetransmit");
    cg.ue.lc[0].rlc.t_poll_retx_ms = 45;
    CU_ASSERT_EQUAL_FATAL(rrc_cell_group_build(&cg, &c, scratch(), buf, sizeof buf, &n, &why), 0);
    for (size_t cut = 0; cut < n - 1; cut++)
        CU_ASSERT(rrc_cell_group_parse(buf, cut, &c, scratch(), &got, &why) < 0);
    srand(11);
    for (int i = 0; i < 20000; i++) {
        uint8_t bad[2048];
        memcpy(bad, buf, n);
        for (int k = rand() % 4; k >= 0; k--)
            bad[(size_t)rand() % n] ^= (uint8_t)(1 << rand() % 8);
        rrc_cell_group_parse(bad, n, &c, scratch(), &got, &why);
    }
}

CU_MAIN("rrc", {"MIB", test_mib}, {"SIB1 round trip", test_sib1_round_trip},
        {"SIB1 refusals", test_sib1_refusals}, {"SIB1 noise", test_sib1_noise},
        {"cell group of 64 UEs", test_cell_group_round_trip}, {"cell group delta", test_cell_group_delta},
        {"cell group refusals", test_cell_group_refusals})
