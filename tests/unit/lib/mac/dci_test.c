/* SPDX-License-Identifier: Apache-2.0 */
/* A DCI of another size is never found by the UE; one of another layout is a wrong grant. */
#include <errno.h>

#include "lib/mac/alloc.h"
#include "lib/mac/dci.h"
#include "tests/unit/cu.h"

static const dci_cfg_t demo = {.n_prb_coreset0 = 48,
                               .n_prb_initial_dl = 51,
                               .n_prb_initial_ul = 51,
                               .n_prb_dl = 51,
                               .n_prb_ul = 51,
                               .uss_fallback = 1,
                               .ra_type_dl = 1,
                               .ra_type_ul = 1,
                               .n_tdra_dl = 2,
                               .n_tdra_ul = 2,
                               .n_k1 = 8,
                               .dai_dynamic = 1,
                               .csi_request_bits = 1};

static void test_sizes(void)
{
    dci_plan_t p;
    CU_ASSERT_EQUAL_FATAL(dci_plan(&demo, &p), 0);
    CU_ASSERT_EQUAL(p.fdra_css_dl, 11); /* 48 x 49 / 2 = 1176 */
    CU_ASSERT_EQUAL(p.size_css, 39);
    CU_ASSERT_EQUAL(p.size_uss, 39);
    /* 1_1: 1 + 11 + 1 + 5 + 1 + 2 + 4 + 2 + 2 + 3 + 3 + 4 + 2 + 1 = 42 */
    CU_ASSERT_EQUAL(p.size_1_1, 42);
    /* 0_1: 1 + 11 + 1 + 5 + 1 + 2 + 4 + 2 + 2 + 3 + 2 + 1 + 1 + 1 = 37 */
    CU_ASSERT_EQUAL(p.size_0_1, 37);

    dci_cfg_t c = demo;
    c.n_prb_coreset0 = 24; /* 0_0 of 51 PRBs is shorter than 1_0 of 24 still: padding, no cut */
    CU_ASSERT_EQUAL(dci_plan(&c, &p), 0);
    CU_ASSERT_EQUAL(p.fdra_css_dl, 9);
    CU_ASSERT_EQUAL(p.size_css, 37);
    CU_ASSERT_EQUAL(p.fdra_css_ul, 11);
    c.n_prb_initial_ul = c.n_prb_initial_dl = c.n_prb_dl = c.n_prb_ul = 273; /* 16 bits: 36; 1_0: 37 */
    CU_ASSERT_EQUAL(dci_plan(&c, &p), 0);
    CU_ASSERT_EQUAL(p.size_css, 37);
    /* css 37, uss 44, 1_1 47, 0_1 42: four sizes with C-RNTI are one too many, so uss takes the common size
     */
    CU_ASSERT_EQUAL(p.size_uss, 37);
    CU_ASSERT_EQUAL(p.n_prb_uss_dl, 24);

    c.uss_fallback = 0; /* not monitored there: three sizes, and nothing to make equal */
    CU_ASSERT_EQUAL(dci_plan(&c, &p), 0);
    CU_ASSERT(p.size_css == 37 && p.size_uss == 0 && p.size_1_1 == 47 && p.size_0_1 == 42);
    dci_bits_t none = {0};
    dci_1_0_t any;
    CU_ASSERT_EQUAL(dci_unpack_1_0(&p, DCI_USS, &none, &any), -EMSGSIZE);

    c = demo; /* 0_1 gets as long as the fallback formats: one more bit */
    c.csi_request_bits = 3;
    CU_ASSERT_EQUAL(dci_plan(&c, &p), 0);
    CU_ASSERT_EQUAL(p.size_0_1, 40);

    c.n_prb_ul = 0;
    CU_ASSERT_EQUAL(dci_plan(&c, &p), -EINVAL);
    c = demo;
    c.n_k1 = 9;
    CU_ASSERT_EQUAL(dci_plan(&c, &p), -EINVAL);
}

static void test_layout_1_0(void)
{
    /* 39 bits by hand: 1 | riv 00000000101 | tdra 0010 | 0 | mcs 00111 | ndi 1 | rv 00 | harq 0101 | dai 01 |
     * tpc 01 | pri 010 | k1 011 */
    dci_plan_t p;
    CU_ASSERT_EQUAL_FATAL(dci_plan(&demo, &p), 0);
    dci_1_0_t d = {5, 2, 0, 7, 1, 0, 5, 1, 1, 2, 3}, back;
    dci_bits_t bits;
    dci_pack_1_0(&p, DCI_CSS, &d, &bits);
    static const uint8_t want[5] = {0x80, 0x52, 0x1e, 0x2a, 0xa6};
    CU_ASSERT_EQUAL(bits.n_bits, 39);
    CU_ASSERT(memcmp(bits.bytes, want, 5) == 0);
    CU_ASSERT_EQUAL(dci_unpack_1_0(&p, DCI_CSS, &bits, &back), 0);
    CU_ASSERT(back.riv == 5 && back.tdra == 2 && back.mcs == 7 && back.ndi == 1 && back.harq_id == 5 &&
              back.dai == 1 && back.tpc == 1 && back.pucch_resource == 2 && back.k1 == 3 && back.rv == 0);
    dci_0_0_t ul;
    CU_ASSERT_EQUAL(dci_unpack_0_0(&p, DCI_CSS, &bits, &ul), -EBADMSG);
    bits.n_bits = 38;
    CU_ASSERT_EQUAL(dci_unpack_1_0(&p, DCI_CSS, &bits, &back), -EMSGSIZE);
}

/* Every field survives, whatever the configuration: random configurations, all fields at random within their
 * widths. */
static uint32_t rnd_state = 12345;
static uint32_t rnd(uint32_t n)
{
    rnd_state = rnd_state * 1664525u + 1013904223u;
    return (rnd_state >> 8) % n;
}

static void test_round_trips(void)
{
    uint32_t plans = 0;
    for (int i = 0; i < 5000; i++) {
        dci_cfg_t c = {.n_prb_coreset0 = (uint16_t)(24 << rnd(3)),
                       .n_prb_initial_dl = (uint16_t)(24 + rnd(250)),
                       .n_prb_initial_ul = (uint16_t)(24 + rnd(250)),
                       .n_prb_dl = (uint16_t)(24 + rnd(250)),
                       .n_prb_ul = (uint16_t)(24 + rnd(250)),
                       .bwp_start_dl = (uint16_t)rnd(20),
                       .uss_fallback = (uint8_t)rnd(2),
                       .n_bwps_dl = (uint8_t)rnd(5),
                       .n_bwps_ul = (uint8_t)rnd(5),
                       .ra_type_dl = (uint8_t)rnd(3),
                       .ra_type_ul = (uint8_t)rnd(3),
                       .rbg_config_dl = (uint8_t)(1 + rnd(2)),
                       .n_tdra_dl = (uint8_t)rnd(17),
                       .n_tdra_ul = (uint8_t)rnd(17),
                       .n_k1 = (uint8_t)rnd(9),
                       .vrb_to_prb = (uint8_t)rnd(2),
                       .max_codewords = (uint8_t)(1 + rnd(2)),
                       .dai_dynamic = (uint8_t)rnd(2),
                       .dmrs_type_dl = (uint8_t)(1 + rnd(2)),
                       .dmrs_maxlen_ul = (uint8_t)(1 + rnd(2)),
                       .tci_in_dci = (uint8_t)rnd(2),
                       .freq_hopping_ul = (uint8_t)rnd(2),
                       .csi_request_bits = (uint8_t)rnd(7)};
        dci_plan_t p;
        if (dci_plan(&c, &p) < 0)
            continue;
        plans++;
        dci_bits_t bits;
        /* bytes are compared member by member: assigning the unpacked struct keeps no padding bytes */
        dci_1_1_t d = {0}, e;
        d.fdra = rnd(1u << (p.fdra_1_1 > 20 ? 20 : p.fdra_1_1));
        d.tdra = (uint8_t)rnd(1u << p.tdra_1_1);
        d.mcs = (uint8_t)rnd(32);
        d.ndi = (uint8_t)rnd(2);
        d.rv = (uint8_t)rnd(4);
        d.harq_id = (uint8_t)rnd(16);
        d.dai = c.dai_dynamic ? (uint8_t)rnd(4) : 0;
        d.tpc = (uint8_t)rnd(4);
        d.pucch_resource = (uint8_t)rnd(8);
        d.k1 = (uint8_t)rnd(1u << p.k1_1_1);
        d.ports = (uint8_t)rnd(1u << p.ports_1_1);
        d.srs_request = (uint8_t)rnd(4);
        d.dmrs_seq = (uint8_t)rnd(2);
        dci_pack_1_1(&p, &d, &bits);
        CU_ASSERT_EQUAL(dci_unpack_1_1(&p, &bits, &e), 0);
        CU_ASSERT(e.fdra == d.fdra && e.tdra == d.tdra && e.mcs == d.mcs && e.ndi == d.ndi && e.rv == d.rv &&
                  e.harq_id == d.harq_id && e.dai == d.dai && e.tpc == d.tpc &&
                  e.pucch_resource == d.pucch_resource && e.k1 == d.k1 && e.ports == d.ports &&
                  e.srs_request == d.srs_request && e.dmrs_seq == d.dmrs_seq);
        dci_0_1_t u = {0}, v;
        u.fdra = rnd(1u << (p.fdra_0_1 > 20 ? 20 : p.fdra_0_1));
        u.tdra = (uint8_t)rnd(1u << p.tdra_0_1);
        u.mcs = (uint8_t)rnd(32);
        u.harq_id = (uint8_t)rnd(16);
        u.ports = (uint8_t)rnd(1u << p.ports_0_1);
        u.csi_request = (uint8_t)rnd(1u << c.csi_request_bits);
        u.dmrs_seq = (uint8_t)rnd(2);
        u.ulsch = 1;
        dci_pack_0_1(&p, &u, &bits);
        CU_ASSERT_EQUAL(dci_unpack_0_1(&p, &bits, &v), 0);
        CU_ASSERT(v.fdra == u.fdra && v.tdra == u.tdra && v.mcs == u.mcs && v.harq_id == u.harq_id &&
                  v.ports == u.ports && v.csi_request == u.csi_request && v.dmrs_seq == u.dmrs_seq &&
                  v.ulsch == 1);
        /* what tells the formats apart in one search space is their size */
        CU_ASSERT(p.size_uss != p.size_1_1 && p.size_uss != p.size_0_1);
    }
    CU_ASSERT(plans > 4000);

    dci_plan_t p;
    CU_ASSERT_EQUAL_FATAL(dci_plan(&demo, &p), 0);
    dci_bits_t bits;
    dci_1_0_common_t c = {.riv = riv_encode(48, 3, 7), .tdra = 1, .mcs = 5, .rv = 2}, back;
    dci_pack_1_0_si(&p, &c, &bits);
    CU_ASSERT(dci_unpack_1_0_si(&p, &bits, &back) == 0 && back.riv == c.riv && back.mcs == 5 && back.rv == 2);
    c.tb_scaling = 1;
    dci_pack_1_0_ra(&p, &c, &bits);
    CU_ASSERT(dci_unpack_1_0_ra(&p, &bits, &back) == 0 && back.riv == c.riv && back.tb_scaling == 1);
    c.short_indicator = 3;
    c.short_msg = 0x80;
    dci_pack_1_0_p(&p, &c, &bits);
    CU_ASSERT(bits.bytes[0] == 0xe0 && dci_unpack_1_0_p(&p, &bits, &back) == 0 && back.short_msg == 0x80);
    dci_0_0_t
        u = {.riv = riv_encode(51, 10, 20), .tdra = 3, .mcs = 9, .ndi = 1, .rv = 1, .harq_id = 3, .tpc = 1},
        v;
    dci_pack_0_0(&p, DCI_USS, &u, &bits);
    CU_ASSERT(bits.n_bits == p.size_uss && dci_unpack_0_0(&p, DCI_USS, &bits, &v) == 0 && v.riv == u.riv &&
              v.mcs == 9 && v.harq_id == 3 && v.rv == 1);
}

CU_MAIN("mac-dci", {"sizes", test_sizes}, {"1_0 bit by bit", test_layout_1_0},
        {"round trips", test_round_trips})
