/* SPDX-License-Identifier: Apache-2.0 */
/* One UE against a scripted downlink, in virtual time: what it makes of hostile bytes, and that it transmits
 * when and what the standard says. A UE that crashes takes the whole emulator with it. */
#include <stdlib.h>

#include "fronthaul/emulator/ue/ue_int.h"
#include "lib/rrc/sysinfo.h"
#include "tests/unit/cu.h"

typedef struct {
    radio_cell_t cell;
    dci_plan_t plan;
    pool_t *pool;
    crypto_t *crypto;
    ue_t *ue;
    uint64_t n;
    uint8_t sib1[RRC_SIB1_BYTES];
    size_t sib1_n;
    fapi_ssb_pdu_t ssb;
    fapi_pdcch_pdu_t pdcch;
    ue_rx_t rx;
    const uint8_t *tb; /* what a PDSCH brings; NULL: CRC failure */
    uint32_t n_pdsch;
    uint32_t n_prach, n_pusch, n_pucch;
    ue_sch_t tuned;
    ue_prach_tx_t prach;
    ue_pusch_tx_t pusch;
    uint8_t pusch_tb[4096];
} bed_t;

static const uint8_t *on_pdsch(void *ctx, const ue_sch_t *s)
{
    bed_t *b = ctx;
    b->n_pdsch++;
    b->tuned = *s;
    return b->tb;
}

static void on_pusch(void *ctx, const ue_pusch_tx_t *tx)
{
    bed_t *b = ctx;
    b->n_pusch++;
    b->pusch = *tx;
    memcpy(b->pusch_tb, tx->tb,
           tx->sch.tb_bytes < sizeof b->pusch_tb ? tx->sch.tb_bytes : sizeof b->pusch_tb);
}

static void on_pucch(void *ctx, const ue_pucch_tx_t *tx)
{
    bed_t *b = ctx;
    (void)tx;
    b->n_pucch++;
}

static void on_prach(void *ctx, const ue_prach_tx_t *tx)
{
    bed_t *b = ctx;
    b->n_prach++;
    b->prach = *tx;
}

static uint8_t on_cqi(void *ctx, uint8_t table)
{
    (void)ctx, (void)table;
    return 9;
}

static void drop_ip(void *ctx, buf_t *p)
{
    (void)ctx;
    buf_free(p);
}

static void bed_open(bed_t *b)
{
    static uint8_t mem[RRC_SCRATCH_BYTES];
    arena_t a;
    rrc_why_t why;
    dci_cfg_t cfg;
    memset(b, 0, sizeof *b);
    CU_ASSERT_EQUAL_FATAL(radio_cell_defaults(&b->cell, 51), 0);
    arena_init(&a, mem, sizeof mem);
    CU_ASSERT_EQUAL_FATAL(rrc_sib1_build(&b->cell, &a, b->sib1, sizeof b->sib1, &b->sib1_n, &why), 0);
    radio_dci_cfg(&b->cell, NULL, &cfg);
    CU_ASSERT_EQUAL_FATAL(dci_plan(&cfg, &b->plan), 0);
    CU_ASSERT_EQUAL_FATAL(pool_create(&b->pool, 256, 2048), 0);
    CU_ASSERT_EQUAL_FATAL(crypto_create(&b->crypto), 0);
    ue_config_t c = {.p_max_dbm = 23, .path_loss_db = 80, .seed = 5};
    strcpy(c.nas.imsi, "001010000000001");
    c.nas.n_slices = 1;
    c.nas.slices[0] = (ue_nas_snssai_t){1, 0xffffff};
    ue_ops_t ops = {.deliver_ip = drop_ip};
    ue_air_t air = {
        .ctx = b, .pdsch = on_pdsch, .pusch = on_pusch, .pucch = on_pucch, .prach = on_prach, .cqi = on_cqi};
    CU_ASSERT_EQUAL_FATAL(ue_create(&c, &ops, &air, b->pool, b->crypto, NULL, &b->ue), 0);
    b->rx.sinr_db = 20;
}

static void bed_close(bed_t *b)
{
    ue_destroy(b->ue);
    crypto_destroy(b->crypto);
    CU_ASSERT_EQUAL(pool_free_count(b->pool), 256); /* nothing leaks */
    pool_destroy(b->pool);
}

static void slot(bed_t *b)
{
    b->rx.abs_slot = b->n++;
    ue_rx(b->ue, &b->rx);
    ue_tx(b->ue);
    b->rx.n_ssb = b->rx.n_pdcch = 0;
}

static void send_ssb(bed_t *b)
{
    uint32_t mib = 0;
    uint16_t sfn = slot_sfn(b->n, 1);
    CU_ASSERT_EQUAL(rrc_mib_build(&b->cell, sfn, &mib), 0);
    b->ssb = (fapi_ssb_pdu_t){.phys_cell_id = b->cell.pci, .bch_payload = mib, .sfn = sfn};
    b->rx.ssb[0] = &b->ssb;
    b->rx.n_ssb = 1;
}

/* Puts a DCI on the first candidate of the common search space, aggregation level 4. */
static void send_dci(bed_t *b, uint16_t rnti, const dci_bits_t *bits, const uint8_t *tb)
{
    b->pdcch = (fapi_pdcch_pdu_t){.rnti = rnti,
                                  .duration = b->cell.coreset0.n_symbols,
                                  .aggregation_level = 4,
                                  .payload_bits = bits->n_bits};
    memcpy(b->pdcch.payload, bits->bytes, DCI_MAX_BYTES);
    b->rx.pdcch[0] = &b->pdcch;
    b->rx.n_pdcch = 1;
    b->tb = tb;
}

static void send_sib1_dci(bed_t *b, const uint8_t *tb)
{
    dci_bits_t bits;
    dci_1_0_common_t d = {.riv = riv_encode(b->cell.coreset0.n_prb, 0, 48), .mcs = 3};
    dci_pack_1_0_si(&b->plan, &d, &bits);
    send_dci(b, RNTI_SI, &bits, tb);
}

/* Runs to the first slot in which SIB1 is listened for; the SSB stands in slot 0. */
static void camp(bed_t *b, const uint8_t *sib1)
{
    send_ssb(b);
    while (!b->ue->cell.have_sib1 && b->n < 200) {
        send_sib1_dci(b, sib1);
        slot(b);
    }
}

static void test_camps_and_sends_a_preamble(void)
{
    static bed_t b;
    uint8_t tb[4096] = {0};
    bed_open(&b);
    memcpy(tb, b.sib1, b.sib1_n);
    camp(&b, tb);
    CU_ASSERT_FATAL(b.ue->cell.have_sib1);
    CU_ASSERT_EQUAL(b.ue->cell.radio.nr_cell_id, b.cell.nr_cell_id);
    for (int i = 0; i < 60 && !b.n_prach; i++)
        slot(&b);
    CU_ASSERT_EQUAL(b.n_prach, 1);
    CU_ASSERT_EQUAL(b.prach.start_symbol, b.cell.prach_start_symbol);
    CU_ASSERT_EQUAL((b.n - 1) % 20, b.cell.prach_slot);
    /* no answer: again with more power, at last back off. TS 38.321 5.1.4 */
    uint8_t ramp = b.prach.ramp_db;
    for (int i = 0; i < 100 && b.n_prach < 2; i++)
        slot(&b);
    CU_ASSERT_EQUAL(b.prach.ramp_db, ramp + b.cell.power_ramp_db);
    for (int i = 0; i < 2000; i++)
        slot(&b);
    CU_ASSERT(b.ue->counters.preambles <= 100);
    bed_close(&b);
}

static void test_barred_cell(void)
{
    static bed_t b;
    bed_open(&b);
    send_ssb(&b);
    b.ssb.bch_payload &= ~4u; /* cellBarred is the third bit from the end */
    slot(&b);
    CU_ASSERT_FALSE(b.ue->cell.have_mib);
    send_ssb(&b);
    slot(&b);
    CU_ASSERT_FALSE(b.ue->cell.have_mib); /* 300 s */
    bed_close(&b);
}

/* A response for our preamble, then Msg3 in the slot that TS 38.214 6.1.2.1 says, with the CCCH message. */
static void test_msg3(void)
{
    static bed_t b;
    uint8_t tb[4096] = {0}, rar[64] = {0};
    bed_open(&b);
    memcpy(tb, b.sib1, b.sib1_n);
    camp(&b, tb);
    while (!b.n_prach && b.n < 300)
        slot(&b);
    mac_rar_t r = {.kind = MAC_RAR_RESPONSE,
                   .rapid = b.prach.preamble,
                   .ta = 5,
                   .tc_rnti = 0x4601,
                   .grant = {.fdra = mac_rar_fdra(51, riv_encode(51, 10, 4)), .tdra = 0, .mcs = 2}};
    CU_ASSERT_EQUAL_FATAL(mac_rar_build(&r, 1, rar, sizeof rar), 0);
    dci_bits_t bits;
    dci_1_0_common_t d = {.riv = riv_encode(48, 0, 4), .mcs = 0};
    dci_pack_1_0_ra(&b.plan, &d, &bits);
    send_dci(&b, ra_rnti(b.cell.prach_start_symbol, b.cell.prach_slot, 0, 0), &bits, rar);
    uint64_t at = b.n;
    slot(&b);
    CU_ASSERT_EQUAL(b.ue->counters.rar, 1);
    while (!b.n_pusch && b.n < at + 20)
        slot(&b);
    CU_ASSERT_EQUAL(b.n - 1, at + b.cell.ul_tdra[0].k + tdra_msg3_delta(1));
    CU_ASSERT_EQUAL(b.pusch.sch.rnti, 0x4601);
    CU_ASSERT_EQUAL(b.pusch.sch.prb_start, 10);
    CU_ASSERT_EQUAL(b.pusch.sch.n_prb, 4);
    CU_ASSERT_EQUAL(b.pusch_tb[0], MAC_LCID_UL_CCCH_48);
    bed_close(&b);
}

static uint32_t x = 1;
static uint32_t rnd(void)
{
    x = x * 1664525 + 1013904223;
    return x >> 8;
}

/* SIB1, RAR, Msg4 and all else with bits flipped or at random, for every RNTI that the UE listens to. */
static void test_hostile_bytes(void)
{
    static bed_t b;
    uint8_t good[4096] = {0};
    static uint8_t tb[UE_MAX_TB];
    bed_open(&b);
    memcpy(good, b.sib1, b.sib1_n);
    for (int i = 0; i < 300; i++) { /* broken SIB1s: refused or taken, never worse */
        memcpy(tb, good, sizeof good);
        for (uint32_t k = rnd() % 6; k-- > 0;)
            tb[rnd() % b.sib1_n] ^= (uint8_t)(1 << rnd() % 8);
        ue_lose_cell(b.ue);
        b.n = (b.n / 20480 + 1) * 20480;
        send_ssb(&b);
        for (int s = 0; s < 60; s++) {
            send_sib1_dci(&b, tb);
            slot(&b);
        }
    }
    ue_lose_cell(b.ue);
    b.n = (b.n / 20480 + 1) * 20480;
    send_ssb(&b);
    for (int s = 0; s < 60; s++) {
        send_sib1_dci(&b, good);
        slot(&b);
    }
    CU_ASSERT(b.ue->cell.have_sib1);
    for (int i = 0; i < 60000; i++) {
        const ue_ra_t *ra = &b.ue->mac.ra;
        const uint16_t rntis[] = {ra->ra_rnti, ra->tc_rnti, b.ue->mac.c_rnti, RNTI_P, RNTI_SI};
        dci_bits_t bits = {.n_bits = b.plan.size_css};
        for (int k = 0; k < (bits.n_bits + 7) / 8; k++)
            bits.bytes[k] = (uint8_t)rnd();
        if (i % 4 == 0) /* small RIVs, so that many DCIs are good */
            bits.bytes[0] &= 0x80;
        for (size_t k = 0; k < 512; k++)
            tb[k] = (uint8_t)rnd();
        if (ra->state == UE_RA_WINDOW && i % 3 == 0) { /* now and then a response that it takes */
            mac_rar_t r = {.kind = MAC_RAR_RESPONSE,
                           .rapid = ra->preamble,
                           .tc_rnti = (uint16_t)rnd(),
                           .grant = {.fdra = (uint16_t)(rnd() & 0x3fff), .mcs = (uint8_t)(rnd() & 15)}};
            mac_rar_build(&r, 1, tb, 64);
        }
        send_dci(&b, rntis[rnd() % 5], &bits, i % 5 ? tb : NULL);
        slot(&b);
    }
    CU_ASSERT(b.ue->counters.dci > 1000);
    CU_ASSERT(b.ue->counters.dci_bad > 100);
    bed_close(&b);
}

/* RRC straight at the UE, in every state it can be brought to without a network. */
static void test_hostile_rrc(void)
{
    static bed_t b;
    uint8_t good[4096] = {0}, m[200];
    bed_open(&b);
    memcpy(good, b.sib1, b.sib1_n);
    camp(&b, good);
    for (int i = 0; i < 60000; i++) {
        size_t n = 1 + rnd() % sizeof m;
        for (size_t k = 0; k < n; k++)
            m[k] = (uint8_t)rnd();
        switch (i % 3) {
        case 0:
            m[0] &= 0x3f; /* rrcReject, rrcSetup */
            ue_rrc_on_ccch(b.ue, m, n);
            break;
        case 1:
            if (!b.ue->bearer[UE_PDCP_SRB1].pdcp) {
                radio_lc_t lc;
                pdcp_config_t pdcp = {.srb = true, .rb_id = 1, .sn_bits = 12, .rlc_am = true};
                radio_srb_defaults(&lc, 1);
                CU_ASSERT_EQUAL(ue_bearer_add_lc(b.ue, &lc, false), 0);
                CU_ASSERT_EQUAL(ue_bearer_add_srb(b.ue, 1, &pdcp), 0);
            }
            b.ue->rrc.state = UE_RRC_CONNECTED;
            b.ue->rrc.security = i & 8;
            m[0] &= 0x7f;
            ue_rrc_on_dcch(b.ue, 1, m, n);
            b.ue->rrc.security = false;
            break;
        default:
            ue_rrc_on_paging(b.ue, m, n);
        }
        if (i % 50 == 0)
            slot(&b);
    }
    CU_ASSERT(b.ue->counters.rrc_bad > 1000);
    bed_close(&b);
}

/* A security mode command that does not verify (this UE has no K_gNB at all) is refused and nothing is
 * switched on. */
static void test_false_security_mode_command(void)
{
    static bed_t b;
    uint8_t good[4096] = {0};
    radio_lc_t lc;
    pdcp_config_t pdcp = {.srb = true, .rb_id = 1, .sn_bits = 12, .rlc_am = true};
    /* PDCP SN 0 | DL-DCCH securityModeCommand, transaction 0, NEA2, NIA2 | MAC-I. TS 38.331 6.2.2, by hand:
     * c1 0, alternative 4 of 16 0100, transaction 00, first alternative 0, no late and no further extension
     * 00, not extended 0 and integrity present 1, nea2 0 010, nia2 0 010 */
    const uint8_t pdu[] = {0, 0, 0x20, 0x05, 0x22, 1, 2, 3, 4};
    bed_open(&b);
    memcpy(good, b.sib1, b.sib1_n);
    camp(&b, good);
    radio_srb_defaults(&lc, 1);
    CU_ASSERT_EQUAL_FATAL(ue_bearer_add_lc(b.ue, &lc, false), 0);
    CU_ASSERT_EQUAL_FATAL(ue_bearer_add_srb(b.ue, 1, &pdcp), 0);
    b.ue->rrc.state = UE_RRC_CONNECTED;
    CU_ASSERT_TRUE(ue_rrc_peek_smc(b.ue, &b.ue->bearer[UE_PDCP_SRB1], buf_from(b.pool, pdu, sizeof pdu)));
    CU_ASSERT_EQUAL(b.ue->counters.smc_failed, 1);
    CU_ASSERT_FALSE(b.ue->rrc.security);
    CU_ASSERT(ue_lc_bytes(b.ue, ue_mac_lc(b.ue, 1)) > 0); /* SecurityModeFailure waits to be sent */
    bed_close(&b);
}

CU_MAIN("ue", {"camps and sends a preamble", test_camps_and_sends_a_preamble},
        {"barred cell", test_barred_cell}, {"Msg3", test_msg3},
        {"false security mode command", test_false_security_mode_command},
        {"hostile bytes", test_hostile_bytes}, {"hostile RRC", test_hostile_rrc})
