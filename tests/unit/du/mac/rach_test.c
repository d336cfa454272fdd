/* SPDX-License-Identifier: Apache-2.0 */
/* Random access from the preamble to Msg4, looked at as a UE would: DCI bits, RAR and Msg4 bytes, slots and
 * PRBs. */
#include "tests/unit/du/mac/fake.h"

static dci_plan_t common_plan(const fake_t *f)
{
    dci_cfg_t c;
    dci_plan_t p;
    radio_dci_cfg(f->cell, NULL, &c);
    CU_ASSERT_EQUAL(dci_plan(&c, &p), 0);
    return p;
}

static dci_bits_t dci_of(const fapi_pdcch_pdu_t *p)
{
    dci_bits_t b = {.n_bits = (uint8_t)p->payload_bits};
    memcpy(b.bytes, p->payload, sizeof b.bytes);
    return b;
}

static const fapi_pdcch_pdu_t *find_dci(const fapi_dl_slot_t *s, uint16_t rnti)
{
    for (uint32_t i = 0; s && i < s->n_pdcch; i++)
        if (s->pdcch[i].rnti == rnti)
            return &s->pdcch[i];
    return NULL;
}

static const fapi_pdsch_pdu_t *find_pdsch(const fapi_dl_slot_t *s, uint16_t rnti)
{
    for (uint32_t i = 0; s && i < s->n_pdsch; i++)
        if (s->pdsch[i].rnti == rnti)
            return &s->pdsch[i];
    return NULL;
}

static void test_flow(void)
{
    fake_t *f = fake_create(8);
    dci_plan_t plan = common_plan(f);
    dci_1_0_common_t ra;
    uint16_t start, n_prb;

    f->preamble = 17;
    FAKE_UNTIL(f, f->preamble < 0, 40);
    uint64_t heard = f->n - 1;
    CU_ASSERT_EQUAL(heard % 20, 19); /* PRACH index 159: subframe 9, second slot */

    const fapi_dl_slot_t *s = NULL;
    uint16_t rnti = ra_rnti(f->cell->prach_start_symbol, 19, 0, 0);
    for (uint32_t i = 0; i < 20 && !find_dci(s, rnti); i++) {
        fake_step(f);
        s = fake_dl(f, f->n - 1 + FAKE_K);
    }
    const fapi_pdcch_pdu_t *d = find_dci(s, rnti);
    const fapi_pdsch_pdu_t *p = find_pdsch(s, rnti);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    CU_ASSERT(s->abs_slot > heard && s->abs_slot <= heard + f->cell->ra_window_slots);
    dci_bits_t bits = dci_of(d);
    CU_ASSERT_EQUAL(dci_unpack_1_0_ra(&plan, &bits, &ra), 0);
    CU_ASSERT_TRUE(riv_decode(f->cell->coreset0.n_prb, ra.riv, &start, &n_prb));
    CU_ASSERT_EQUAL(start + f->cell->coreset0.prb_start, p->rb_start);
    CU_ASSERT_EQUAL(n_prb, p->rb_size);
    CU_ASSERT_EQUAL(f->cell->dl_tdra[ra.tdra].start_symbol, p->start_symbol);
    radio_dmrs_t dm = radio_dmrs_common(f->cell, &f->cell->dl_tdra[ra.tdra]);
    CU_ASSERT_EQUAL(tbs_bytes(1, ra.mcs, dm.re_per_prb, n_prb, 1), p->tb_bytes);

    mac_rar_t rar;
    uint32_t at = 0;
    CU_ASSERT_EQUAL(mac_rar_next(s->tx + p->tb_offset, p->tb_bytes, &at, &rar), 1);
    CU_ASSERT_EQUAL(rar.kind, MAC_RAR_RESPONSE);
    CU_ASSERT_EQUAL(rar.rapid, 17);
    CU_ASSERT_EQUAL(rar.ta, 5);
    CU_ASSERT_EQUAL(rar.tc_rnti, MAC_FIRST_RNTI);

    /* Msg3 where the grant says: slot + k2 + Delta */
    uint64_t msg3 = s->abs_slot + f->cell->ul_tdra[rar.grant.tdra].k + tdra_msg3_delta(1);
    CU_ASSERT_EQUAL(radio_ul_symbols(f->cell, msg3), 14);
    CU_ASSERT_TRUE(riv_decode(51, mac_rar_riv(51, rar.grant.fdra), &start, &n_prb));
    FAKE_UNTIL(f, f->n > msg3 - FAKE_K, 20);
    const fapi_dl_slot_t *u = fake_dl(f, msg3);
    CU_ASSERT_PTR_NOT_NULL_FATAL(u);
    CU_ASSERT_EQUAL(u->n_pusch, 1);
    CU_ASSERT_EQUAL(u->pusch[0].rnti, rar.tc_rnti);
    CU_ASSERT_EQUAL(u->pusch[0].rb_start, start);
    CU_ASSERT_EQUAL(u->pusch[0].rb_size, n_prb);
    dm = radio_dmrs_common(f->cell, &f->cell->ul_tdra[rar.grant.tdra]);
    CU_ASSERT_EQUAL(u->pusch[0].tb_bytes, tbs_bytes(1, rar.grant.mcs, dm.re_per_prb, n_prb, 1));

    FAKE_UNTIL(f, f->n_ccch, 20);
    CU_ASSERT_EQUAL(f->n_ccch, 1);
    CU_ASSERT_EQUAL(f->ccch[0].rnti, rar.tc_rnti);
    uint8_t id[6] = {0xc0, 0xff, 0xee, 0x00, 0x46, 0x01};
    CU_ASSERT_BYTES(f->last_sdu, f->last_sdu_n, id, 6);

    /* Msg4: contention resolution identity, then the CCCH SDU */
    fake_setup(f, f->ccch[0].ue, 150, false);
    s = NULL;
    for (uint32_t i = 0; i < 20 && !find_dci(s, rar.tc_rnti); i++) {
        fake_step(f);
        s = fake_dl(f, f->n - 1 + FAKE_K);
    }
    d = find_dci(s, rar.tc_rnti);
    p = find_pdsch(s, rar.tc_rnti);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    dci_1_0_t m4;
    bits = dci_of(d);
    CU_ASSERT_EQUAL(dci_unpack_1_0(&plan, DCI_CSS, &bits, &m4), 0);
    CU_ASSERT_EQUAL(m4.rv, 0);
    mac_iter_t it = mac_iter(MAC_DL, s->tx + p->tb_offset, p->tb_bytes);
    mac_subpdu_t sub;
    CU_ASSERT_EQUAL(mac_next(&it, &sub), 1);
    CU_ASSERT_EQUAL(sub.lcid, MAC_LCID_DL_CONTENTION);
    CU_ASSERT_BYTES(sub.p, sub.n, id, 6);
    CU_ASSERT_EQUAL(mac_next(&it, &sub), 1);
    CU_ASSERT_EQUAL(sub.lcid, MAC_LCID_CCCH);
    CU_ASSERT_EQUAL(sub.n, 150);
    CU_ASSERT_EQUAL(sub.p[149], 0x5a);

    /* its HARQ-ACK: the common resource that CCE and indicator name */
    uint64_t ack = s->abs_slot + m4.k1 + 1;
    uint16_t cce = d->cce_index;
    CU_ASSERT_EQUAL(radio_ul_symbols(f->cell, ack), 14);
    FAKE_UNTIL(f, f->n > ack - FAKE_K, 20);
    u = fake_dl(f, ack);
    CU_ASSERT_PTR_NOT_NULL_FATAL(u);
    CU_ASSERT_EQUAL_FATAL(u->n_pucch, 1);
    pucch_common_t pc;
    CU_ASSERT_TRUE(pucch_common_get(12, pucch_common_r(cce, 16, m4.pucch_resource), 51, &pc));
    CU_ASSERT_EQUAL(u->pucch[0].format, 1);
    CU_ASSERT_EQUAL(u->pucch[0].prb_start, pc.prb_first_hop);
    CU_ASSERT_EQUAL(u->pucch[0].second_hop_prb, pc.prb_second_hop);
    CU_ASSERT_EQUAL(u->pucch[0].initial_cyclic_shift, pc.cyclic_shift);
    CU_ASSERT_EQUAL(u->pucch[0].harq_bits, 1);
    FAKE_UNTIL(f, f->count[DU_EVENT_SRB_DELIVERED], 20);
    CU_ASSERT_EQUAL(f->count[DU_EVENT_SRB_DELIVERED], 1);
    fake_destroy(f);
}

/* Msg3 that does not decode is asked for again by format 0_0 on the temporary C-RNTI, four times in all, then
 * forgotten. */
static void test_msg3_harq(void)
{
    fake_t *f = fake_create(8);
    uint32_t sent = 0, retx = 0;
    f->pusch = FAKE_NACK;
    f->preamble = 3;
    for (uint32_t i = 0; i < 200; i++) {
        fake_step(f);
        const fapi_dl_slot_t *s = fake_dl(f, f->n - 1 + FAKE_K);
        sent += s->n_pusch;
        retx += s->n_ul_dci;
        if (s->n_pusch)
            CU_ASSERT_EQUAL(s->pusch[0].new_data, sent == 1);
    }
    CU_ASSERT_EQUAL(sent, 4);
    CU_ASSERT_EQUAL(retx, 3);
    CU_ASSERT_EQUAL(du_slot_mac_counters(f->d)->msg3_failed, 1);
    CU_ASSERT_EQUAL(f->count[DU_EVENT_CCCH] + f->count[DU_EVENT_UE_REMOVED], 0);
    f->pusch = FAKE_ACK; /* the index is free again, its next owner has another RNTI and generation */
    fake_attach(f, 4, false);
    CU_ASSERT_EQUAL(f->ccch[0].ue.index, 0);
    CU_ASSERT_EQUAL(f->ccch[0].rnti, MAC_FIRST_RNTI + MAC_MAX_UES);
    fake_destroy(f);
}

/* The CU does not answer: contention is resolved without it before the UE's timer ends, RRCSetup follows. */
static void test_late_cu(void)
{
    fake_t *f = fake_create(8);
    f->preamble = 1;
    FAKE_UNTIL(f, f->n_ccch, 60);
    uint64_t msg3 = f->n;
    FAKE_UNTIL(f, du_slot_mac_counters(f->d)->msg4_sent, 200);
    CU_ASSERT(f->n - msg3 < 64 * 2);
    fake_steps(f, 40);
    CU_ASSERT_EQUAL(f->count[DU_EVENT_SRB_DELIVERED], 0);
    fake_setup(f, f->ccch[0].ue, 100, false);
    FAKE_UNTIL(f, f->count[DU_EVENT_SRB_DELIVERED], 60);
    CU_ASSERT_EQUAL(f->count[DU_EVENT_SRB_DELIVERED], 1);
    CU_ASSERT_EQUAL(du_slot_mac_counters(f->d)->msg4_sent, 2);
    fake_destroy(f);
}

static void test_msg4_dtx(void)
{
    fake_t *f = fake_create(8);
    f->preamble = 1;
    FAKE_UNTIL(f, f->n_ccch, 60);
    f->harq = FAKE_DTX;
    fake_setup(f, f->ccch[0].ue, 100, false);
    fake_steps(f, 200);
    CU_ASSERT_EQUAL(f->count[DU_EVENT_UE_LOST], 1);
    CU_ASSERT_EQUAL(f->last[DU_EVENT_UE_LOST].cause, MAC_LOSS_MSG4);
    CU_ASSERT_EQUAL(du_slot_mac_counters(f->d)->dl_retx, 3);
    du_slot_ue_remove(f->d, f->ccch[0].ue, 0);
    fake_step(f);
    CU_ASSERT_EQUAL(f->count[DU_EVENT_UE_REMOVED], 1);
    fake_destroy(f);
}

static void test_64_ues(void)
{
    fake_t *f = fake_create(64);
    bool seen[64] = {0};
    for (uint32_t i = 0; i < 64; i++) {
        du_ue_ref_t u = fake_attach(f, (uint8_t)i, true);
        CU_ASSERT_FATAL(u.index < 64);
        CU_ASSERT_FALSE(seen[u.index]);
        seen[u.index] = true;
    }
    f->preamble = 5; /* one too many */
    fake_steps(f, 60);
    CU_ASSERT_EQUAL(f->n_ccch, 64);
    CU_ASSERT_EQUAL(du_slot_mac_counters(f->d)->rach_no_rnti, 1);
    mac_ue_stats_t st[80];
    CU_ASSERT_EQUAL(du_slot_ue_stats(f->d, st, 80), 64);
    CU_ASSERT_EQUAL(du_slot_mac_counters(f->d)->ind_bad_handle, 0);
    CU_ASSERT_EQUAL(du_slot_mac_counters(f->d)->ind_unknown_rnti, 0);
    du_slot_remove_all(f->d);
    fake_step(f);
    CU_ASSERT_EQUAL(f->count[DU_EVENT_UE_REMOVED], 64);
    fake_destroy(f);
}

/* A connected UE that comes back by random access names its C-RNTI in Msg3: it keeps its context and gets a
 * grant on its C-RNTI, which ends the contention (TS 38.321 5.1.5); the index taken for the preamble is free
 * again. An unknown C-RNTI gets nothing. */
static uint16_t named_rnti;

static void fill_c_rnti(fake_t *f, const fapi_pusch_pdu_t *p, uint8_t *tb)
{
    mac_build_t b = mac_build(tb, p->tb_bytes);
    if (p->tb_bytes < 40 && p->rnti != f->ccch[0].rnti) {
        CU_ASSERT_TRUE(mac_build_c_rnti(&b, named_rnti));
        named_rnti = 0;
    }
    mac_build_end(&b);
}

static void test_c_rnti(void)
{
    fake_t *f = fake_create(8);
    fake_attach(f, 1, true);
    fake_steps(f, 60);
    uint16_t rnti = f->ccch[0].rnti;
    uint64_t grants = du_slot_mac_counters(f->d)->ul_new;
    f->fill = fill_c_rnti;
    named_rnti = rnti;
    f->preamble = 40;
    FAKE_UNTIL(f, du_slot_mac_counters(f->d)->ul_new > grants, 80);
    CU_ASSERT_EQUAL(du_slot_mac_counters(f->d)->msg3_crnti, 1);
    CU_ASSERT_EQUAL(du_slot_mac_counters(f->d)->ul_new, grants + 1);
    const fapi_dl_slot_t *s = fake_dl(f, f->n - 1 + FAKE_K);
    CU_ASSERT_EQUAL(s->n_ul_dci, 1);
    CU_ASSERT_EQUAL(s->ul_dci[0].rnti, rnti);
    CU_ASSERT_EQUAL(f->n_ccch, 1);
    CU_ASSERT_EQUAL(f->count[DU_EVENT_UE_REMOVED], 0);

    named_rnti = 0x7777;
    f->preamble = 41;
    fake_steps(f, 80);
    CU_ASSERT_EQUAL(du_slot_mac_counters(f->d)->msg3_bad, 1);
    CU_ASSERT_EQUAL(f->n_ccch, 1);
    mac_ue_stats_t st[8];
    CU_ASSERT_EQUAL(du_slot_ue_stats(f->d, st, 8), 1);
    fake_destroy(f);
}

/* No two of 112 UEs share an SR, CSI or HARQ-ACK place: what one sends would be taken for another's. */
static void test_places(void)
{
    radio_cell_t c;
    static radio_ue_t u[MAC_MAX_UES];
    CU_ASSERT_EQUAL(radio_cell_defaults(&c, 51), 0);
    for (uint16_t i = 0; i < MAC_MAX_UES; i++)
        CU_ASSERT_EQUAL(radio_ue_defaults(&u[i], &c, i), 0);
    CU_ASSERT_EQUAL(radio_ue_defaults(&u[0], &c, MAC_MAX_UES), -ERANGE);
    for (uint32_t i = 0; i < MAC_MAX_UES; i++) {
        CU_ASSERT_EQUAL(radio_ul_symbols(&c, u[i].sr_offset_slots), 14);
        CU_ASSERT_EQUAL(radio_ul_symbols(&c, u[i].csi_offset_slots), 14);
        CU_ASSERT_NOT_EQUAL(u[i].csi_offset_slots % u[i].sr_period_slots, u[i].sr_offset_slots);
        for (uint32_t j = 0; j < i; j++) {
            const radio_pucch_res_t *a = &u[i].res[u[i].sr_res], *b = &u[j].res[u[j].sr_res];
            CU_ASSERT_FALSE(u[i].sr_offset_slots == u[j].sr_offset_slots && a->prb_start == b->prb_start &&
                            a->initial_cyclic_shift == b->initial_cyclic_shift &&
                            a->time_domain_occ == b->time_domain_occ);
            a = &u[i].res[0];
            b = &u[j].res[0];
            CU_ASSERT_FALSE(a->prb_start == b->prb_start &&
                            a->initial_cyclic_shift == b->initial_cyclic_shift &&
                            a->time_domain_occ == b->time_domain_occ);
            a = &u[i].res[u[i].csi_res];
            b = &u[j].res[u[j].csi_res];
            CU_ASSERT_FALSE(u[i].csi_offset_slots == u[j].csi_offset_slots && a->prb_start == b->prb_start &&
                            a->start_symbol == b->start_symbol);
        }
    }
}

/* ---- SRB1 before dedicated configuration: RRC re-establishment ---- */

static const fapi_pdcch_pdu_t *find_ul_dci(const fapi_dl_slot_t *s, uint16_t rnti)
{
    for (uint32_t i = 0; s && i < s->n_ul_dci; i++)
        if (s->ul_dci[i].rnti == rnti)
            return &s->ul_dci[i];
    return NULL;
}

/* One SDU on SRB1 as a whole RLC AM PDU with a poll; then the answers are padding again. */
static void fill_srb1(fake_t *f, const fapi_pusch_pdu_t *p, uint8_t *tb)
{
    static const uint8_t amd[] = {0xc0, 0x00, 'h', 'e', 'l', 'l', 'o'};
    mac_build_t b = mac_build(tb, p->tb_bytes);
    mac_build_sdu(&b, 1, amd, sizeof amd);
    mac_build_end(&b);
    f->fill = fake_fill_default;
}

/* Steps until a DCI for the RNTI goes out that is of the common size or, `dedicated`, of another. */
static bool sends(fake_t *f, uint16_t rnti, bool dedicated, uint8_t size_css, uint32_t slots)
{
    while (slots--) {
        fake_step(f);
        const fapi_dl_slot_t *s = fake_dl(f, f->n - 1 + FAKE_K);
        const fapi_pdcch_pdu_t *d = find_dci(s, rnti), *u = find_ul_dci(s, rnti);
        if ((d && (d->payload_bits != size_css) == dedicated) ||
            (u && (u->payload_bits != size_css) == dedicated))
            return true;
    }
    return false;
}

static void test_reestablishment(void)
{
    fake_t *f = fake_create(8);
    uint8_t size = common_plan(f).size_css, msg[600] = {0};
    f->preamble = 3;
    FAKE_UNTIL(f, f->n_ccch, 100);
    CU_ASSERT_EQUAL_FATAL(f->n_ccch, 1);
    du_ue_ref_t ue = f->last[DU_EVENT_CCCH].ue;
    uint16_t rnti = f->last[DU_EVENT_CCCH].rnti;
    radio_ue_t cfg = fake_config(f, ue, false);

    /* RRCReestablishment: Msg4 with the contention resolution and SRB1 in one block */
    CU_ASSERT_EQUAL(du_slot_ue_config(f->d, ue, &cfg), 0);
    CU_ASSERT_EQUAL(du_slot_srb_send(f->d, ue, 1, buf_from(f->pool, msg, 12), false, 0), 0);
    const fapi_pdsch_pdu_t *p = NULL;
    const fapi_dl_slot_t *s = NULL;
    for (uint32_t i = 0; i < 20 && !p; i++) {
        fake_step(f);
        s = fake_dl(f, f->n - 1 + FAKE_K);
        p = find_pdsch(s, rnti);
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    mac_iter_t it = mac_iter(MAC_DL, s->tx + p->tb_offset, p->tb_bytes);
    mac_subpdu_t sub;
    bool identity = false, srb1 = false;
    while (mac_next(&it, &sub) == 1) {
        identity |= !sub.is_sdu && sub.lcid == MAC_LCID_DL_CONTENTION;
        srb1 |= sub.is_sdu && sub.lcid == 1 && sub.n == 12 + 2;
    }
    CU_ASSERT(identity && srb1);

    /* once it is acknowledged, a grant unasked, by format 0_0; what comes goes up */
    f->fill = fill_srb1;
    FAKE_UNTIL(f, f->count[DU_EVENT_DCCH], 60);
    CU_ASSERT_EQUAL(f->count[DU_EVENT_DCCH], 1);
    CU_ASSERT_EQUAL(f->last_sdu_n, 5);
    CU_ASSERT_EQUAL(memcmp(f->last_sdu, "hello", 5), 0);

    /* the new configuration alone changes nothing for the UE, and no RLC status does */
    cfg = fake_config(f, ue, true);
    CU_ASSERT_EQUAL(du_slot_ue_config(f->d, ue, &cfg), 0);
    CU_ASSERT_FALSE(sends(f, rnti, true, size, 100));

    /* RRCReconfiguration, larger than one lean block: on common resources to its end, dedicated ones then */
    CU_ASSERT_EQUAL(du_slot_srb_send(f->d, ue, 1, buf_from(f->pool, msg, sizeof msg), false, 0), 0);
    CU_ASSERT(sends(f, rnti, false, size, 20));
    fake_steps(f, 40);
    CU_ASSERT_EQUAL(du_slot_srb_send(f->d, ue, 1, buf_from(f->pool, msg, 20), false, 0), 0);
    CU_ASSERT(sends(f, rnti, true, size, 40));
    CU_ASSERT_EQUAL(f->count[DU_EVENT_UE_LOST], 0);
    CU_ASSERT_EQUAL(du_slot_mac_counters(f->d)->msg4_sent, 1);
    fake_destroy(f);
}

/* A UE that never gets to its dedicated configuration is given up. */
static void test_reestablishment_stuck(void)
{
    fake_t *f = fake_create(8);
    uint8_t msg[12] = {0};
    f->preamble = 3;
    FAKE_UNTIL(f, f->n_ccch, 100);
    du_ue_ref_t ue = f->last[DU_EVENT_CCCH].ue;
    radio_ue_t cfg = fake_config(f, ue, false);
    CU_ASSERT_EQUAL(du_slot_ue_config(f->d, ue, &cfg), 0);
    CU_ASSERT_EQUAL(du_slot_srb_send(f->d, ue, 1, buf_from(f->pool, msg, sizeof msg), false, 0), 0);
    FAKE_UNTIL(f, f->count[DU_EVENT_UE_LOST], 10200);
    CU_ASSERT_EQUAL(f->count[DU_EVENT_UE_LOST], 1);
    fake_destroy(f);
}

CU_MAIN("du/mac rach", {"preamble to Msg4, bytes", test_flow}, {"Msg3 HARQ", test_msg3_harq},
        {"CU answers late", test_late_cu}, {"Msg4 never acknowledged", test_msg4_dtx},
        {"64 UEs", test_64_ues}, {"C-RNTI in Msg3", test_c_rnti}, {"PUCCH places are disjoint", test_places},
        {"SRB1 before dedicated configuration", test_reestablishment},
        {"never configured", test_reestablishment_stuck})
