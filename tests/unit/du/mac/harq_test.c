/* SPDX-License-Identifier: Apache-2.0 */
/* Connected UEs: HARQ both ways, DTX and link failure, SR and BSR, UCI places, what RLC brings up. */
#include "du/slot/internal.h"
#include "tests/unit/du/mac/fake.h"

static const fapi_pdsch_pdu_t *pdsch_of(const fapi_dl_slot_t *s, uint16_t rnti)
{
    for (uint32_t i = 0; s && i < s->n_pdsch; i++)
        if (s->pdsch[i].rnti == rnti)
            return &s->pdsch[i];
    return NULL;
}

static dci_plan_t ue_plan(const fake_t *f, du_ue_ref_t ue)
{
    dci_cfg_t c;
    dci_plan_t p;
    radio_ue_t u;
    radio_ue_defaults(&u, f->cell, ue.index);
    radio_dci_cfg(f->cell, &u, &c);
    CU_ASSERT_EQUAL(dci_plan(&c, &p), 0);
    return p;
}

static int send(fake_t *f, du_ue_ref_t ue, uint32_t n, uint32_t tag)
{
    static uint8_t sdu[1500];
    for (uint32_t i = 0; i < n; i++)
        sdu[i] = (uint8_t)(i + tag);
    return du_slot_srb_send(f->d, ue, 1, buf_from(f->pool, sdu, n), true, tag);
}

/* One step, and the slot that was scheduled in it. */
static const fapi_dl_slot_t *step(fake_t *f)
{
    fake_step(f);
    return fake_dl(f, f->n - 1 + FAKE_K);
}

/* A block that is NACKed comes again: same bytes, process and NDI, redundancy versions 0 2 3 1, then it is
 * given up; the next block of the process has the other NDI. */
static void test_dl_retransmission(void)
{
    static const uint8_t rv[4] = {0, 2, 3, 1};
    fake_t *f = fake_create(4);
    du_ue_ref_t ue = fake_attach(f, 1, false);
    uint16_t rnti = f->ccch[0].rnti;
    dci_plan_t plan = ue_plan(f, ue);
    uint8_t first[2048];
    dci_1_1_t d0 = {0};
    uint32_t tx = 0, bytes = 0;
    f->harq = FAKE_NACK;
    CU_ASSERT_EQUAL(send(f, ue, 60, 7), 0);
    for (uint32_t i = 0; i < 120 && tx < 4; i++) {
        const fapi_dl_slot_t *s = step(f);
        const fapi_pdsch_pdu_t *p = pdsch_of(s, rnti);
        if (!p)
            continue;
        dci_bits_t bits = {.n_bits = (uint8_t)s->pdcch[0].payload_bits};
        dci_1_1_t d;
        memcpy(bits.bytes, s->pdcch[0].payload, sizeof bits.bytes);
        CU_ASSERT_EQUAL(dci_unpack_1_1(&plan, &bits, &d), 0);
        CU_ASSERT_EQUAL(d.rv, rv[tx]);
        CU_ASSERT_EQUAL(p->rv_index, rv[tx]);
        CU_ASSERT_EQUAL(p->new_data, tx == 0);
        if (tx == 0) {
            d0 = d;
            bytes = p->tb_bytes;
            memcpy(first, s->tx + p->tb_offset, bytes);
        } else {
            CU_ASSERT_EQUAL(d.harq_id, d0.harq_id);
            CU_ASSERT_EQUAL(d.ndi, d0.ndi);
            CU_ASSERT_BYTES(s->tx + p->tb_offset, p->tb_bytes, first, bytes);
        }
        tx++;
    }
    CU_ASSERT_EQUAL(tx, 4);
    fake_steps(f, 8);
    CU_ASSERT_EQUAL(du_slot_mac_counters(f->d)->dl_given_up, 1);
    CU_ASSERT_EQUAL(du_slot_mac_counters(f->d)->dl_nack, 4);
    CU_ASSERT_EQUAL(f->count[DU_EVENT_UE_LOST], 0); /* NACKs are answers */
    fake_destroy(f);
}

/* After a DTX the UE most likely has nothing of the block: redundancy version 0 again. Twenty in a row are a
 * lost link, said once. */
static void test_dtx_and_loss(void)
{
    fake_t *f = fake_create(4);
    du_ue_ref_t ue = fake_attach(f, 1, false);
    uint16_t rnti = f->ccch[0].rnti;
    f->harq = FAKE_SILENT; /* no word of the L1 at all is DTX, too */
    f->cqi = 0;
    send(f, ue, 300, 7);
    uint32_t tx = 0;
    for (uint32_t i = 0; i < 600 && !f->count[DU_EVENT_UE_LOST]; i++) {
        const fapi_pdsch_pdu_t *p = pdsch_of(step(f), rnti);
        if (p) {
            tx++;
            CU_ASSERT_EQUAL(p->rv_index, 0);
        }
    }
    CU_ASSERT_EQUAL(f->count[DU_EVENT_UE_LOST], 1);
    CU_ASSERT_EQUAL(f->last[DU_EVENT_UE_LOST].cause, MAC_LOSS_DTX);
    CU_ASSERT(tx >= 20);
    for (uint32_t i = 0; i < 100; i++)
        CU_ASSERT_PTR_NULL(pdsch_of(step(f), rnti));
    CU_ASSERT_EQUAL(f->count[DU_EVENT_UE_LOST], 1);
    fake_destroy(f);
}

/* ---- uplink ---- */

typedef struct {
    uint32_t left, sent, blocks, bsr;
    rlc_t *rlc;
    int64_t now;
} peer_t;

/* A UE with an AM entity on LCID 1 that reports what is left in a short BSR. */
static void fill_peer(fake_t *f, const fapi_pusch_pdu_t *p, uint8_t *tb)
{
    peer_t *x = f->fill_ctx;
    rlc_buffer_status_t s;
    mac_build_t b = mac_build(tb, p->tb_bytes - 2); /* room for the report */
    x->now += NS_PER_MS;
    for (;;) {
        uint32_t room = mac_build_room(&b);
        uint8_t *at = room ? mac_build_sdu_reserve(&b, 1, room) : NULL;
        uint32_t n = at ? rlc_pull(x->rlc, at, room, x->now) : 0;
        if (at)
            mac_build_sdu_commit(&b, n);
        if (!n)
            break;
        x->sent += n;
    }
    b.cap = p->tb_bytes;
    rlc_buffer_status(x->rlc, x->now, &s);
    mac_bsr_t r = {
        .lcid = MAC_LCID_UL_SHORT_BSR, .lcg_mask = 1, .n = 1, .index = {bsr_short_index(s.data_bytes)}};
    CU_ASSERT_TRUE(mac_build_bsr(&b, &r));
    mac_build_end(&b);
    x->blocks++;
    x->bsr = s.data_bytes;
}

static rlc_t *peer_rlc(fake_t *f)
{
    rlc_config_t c = {.mode = RLC_AM,
                      .sn_bits = 12,
                      .max_retx = 8,
                      .t_poll_retransmit_ns = 45 * NS_PER_MS,
                      .t_reassembly_ns = 35 * NS_PER_MS};
    rlc_ops_t ops = {0};
    rlc_t *r = NULL;
    CU_ASSERT_EQUAL(rlc_create(&r, &c, &ops, f->pool), 0);
    return r;
}

/* SR -> a grant; BSR -> grants for what is left and no more; the SDU comes up whole. */
static void test_sr_bsr(void)
{
    fake_t *f = fake_create(4);
    fake_attach(f, 1, false);
    peer_t x = {.rlc = peer_rlc(f)};
    uint8_t sdu[1400];
    memset(sdu, 0xa5, sizeof sdu);
    fake_steps(f, 100);
    uint64_t before = du_slot_mac_counters(f->d)->ul_new;
    CU_ASSERT_EQUAL(before, 0); /* nobody asked */
    CU_ASSERT_EQUAL(rlc_push_sdu(x.rlc, buf_from(f->pool, sdu, sizeof sdu)), 0);
    f->fill = fill_peer;
    f->fill_ctx = &x;
    f->sr_rnti = f->ccch[0].rnti;
    FAKE_UNTIL(f, f->count[DU_EVENT_DCCH], 120);
    CU_ASSERT_EQUAL(f->count[DU_EVENT_DCCH], 1);
    CU_ASSERT_BYTES(f->last_sdu, f->last_sdu_n, sdu, sizeof sdu);
    CU_ASSERT_EQUAL(du_slot_mac_counters(f->d)->sr, 1);
    CU_ASSERT(du_slot_mac_counters(f->d)->bsr >= 1);
    fake_steps(f, 60); /* the status report's SN is polled and answered; then silence */
    uint64_t blocks = x.blocks;
    fake_steps(f, 100);
    CU_ASSERT_EQUAL(x.blocks, blocks);
    mac_ue_stats_t st;
    CU_ASSERT_EQUAL(du_slot_ue_stats(f->d, &st, 1), 1);
    CU_ASSERT_EQUAL(st.ul_queued_bytes, 0);
    CU_ASSERT_EQUAL(st.ul_bytes, x.sent);
    rlc_destroy(x.rlc);
    fake_destroy(f);
}

/* A PUSCH that fails is granted again with the same process, NDI and size; the fourth failure ends it and the
 * UE is asked anew. */
static void test_ul_retransmission(void)
{
    fake_t *f = fake_create(4);
    du_ue_ref_t ue = fake_attach(f, 1, false);
    dci_plan_t plan = ue_plan(f, ue);
    dci_0_1_t d0 = {0};
    uint32_t tx = 0;
    f->pusch = FAKE_NACK;
    f->sr_rnti = f->ccch[0].rnti;
    for (uint32_t i = 0; i < 200 && tx < 5; i++) {
        const fapi_dl_slot_t *s = step(f);
        if (!s || !s->n_ul_dci)
            continue;
        dci_bits_t bits = {.n_bits = (uint8_t)s->ul_dci[0].payload_bits};
        dci_0_1_t d;
        memcpy(bits.bytes, s->ul_dci[0].payload, sizeof bits.bytes);
        CU_ASSERT_EQUAL(dci_unpack_0_1(&plan, &bits, &d), 0);
        if (tx == 0) {
            d0 = d;
        } else if (tx < 4) {
            CU_ASSERT_EQUAL(d.harq_id, d0.harq_id);
            CU_ASSERT_EQUAL(d.ndi, d0.ndi);
        } else { /* given up: a new block on another process */
            CU_ASSERT_NOT_EQUAL(d.harq_id, d0.harq_id);
        }
        tx++;
    }
    CU_ASSERT_EQUAL(tx, 5);
    CU_ASSERT_EQUAL(du_slot_mac_counters(f->d)->ul_given_up, 1);
    fake_destroy(f);
}

static void test_ul_dtx_loss(void)
{
    fake_t *f = fake_create(4);
    fake_attach(f, 1, false);
    f->pusch = FAKE_SILENT;
    f->sr_rnti = f->ccch[0].rnti;
    FAKE_UNTIL(f, f->count[DU_EVENT_UE_LOST], 1000);
    CU_ASSERT_EQUAL(f->last[DU_EVENT_UE_LOST].cause, MAC_LOSS_UL_DTX);
    CU_ASSERT_EQUAL(du_slot_mac_counters(f->d)->ul_silent, 20);
    fake_destroy(f);
}

/* More than two bits of HARQ-ACK in one uplink slot go on format 2, one bit on format 1, and all go on a
 * PUSCH that is there; the DAI of format 0_1 says how many. */
static void test_uci_places(void)
{
    fake_t *f = fake_create(4);
    du_ue_ref_t ue = fake_attach(f, 1, false);
    dci_plan_t plan = ue_plan(f, ue);
    bool f1 = false, f2 = false, on_pusch = false;
    for (uint32_t i = 0; i < 400; i++) {
        if (i % 50 == 0) {
            send(f, ue, 60, i); /* one small block */
        } else if (i % 50 == 20) {
            for (uint32_t k = 0; k < 20; k++)
                send(f, ue, 1400, i); /* some slots full */
            f->sr_rnti = f->ccch[0].rnti;
        }
        const fapi_dl_slot_t *s = step(f);
        for (uint32_t k = 0; s && k < s->n_pucch; k++) {
            const fapi_pucch_pdu_t *p = &s->pucch[k];
            f1 |= p->format == 1 && p->harq_bits == 1;
            f2 |= p->format == 2 && p->harq_bits > 2;
            CU_ASSERT_FALSE(p->format == 1 && p->harq_bits > 2);
            for (uint32_t j = 0; j < s->n_pusch; j++)
                CU_ASSERT_NOT_EQUAL(s->pusch[j].rnti, p->rnti);
        }
        for (uint32_t k = 0; s && k < s->n_pusch; k++)
            on_pusch |= s->pusch[k].harq_ack_bits > 0;
        for (uint32_t k = 0; s && k < s->n_ul_dci; k++) {
            dci_bits_t bits = {.n_bits = (uint8_t)s->ul_dci[k].payload_bits};
            dci_0_1_t d;
            memcpy(bits.bytes, s->ul_dci[k].payload, sizeof bits.bytes);
            CU_ASSERT_EQUAL(dci_unpack_0_1(&plan, &bits, &d), 0);
            ul_plan_t *p = NULL;
            (void)p;
            CU_ASSERT(d.dai <= 3);
        }
    }
    CU_ASSERT_TRUE(f1);
    CU_ASSERT_TRUE(f2);
    CU_ASSERT_TRUE(on_pusch);
    CU_ASSERT_EQUAL(du_slot_mac_counters(f->d)->dl_dtx, 0);
    CU_ASSERT_EQUAL(du_slot_mac_counters(f->d)->ind_bad_length, 0);
    fake_destroy(f);
}

/* An AM entity that gets no status report reaches maxRetxThreshold: a lost link although HARQ is fine. */
static void test_rlc_loss(void)
{
    fake_t *f = fake_create(4);
    du_ue_ref_t ue = fake_attach(f, 1, false);
    send(f, ue, 100, 1);
    FAKE_UNTIL(f, f->count[DU_EVENT_UE_LOST], 2000);
    CU_ASSERT_EQUAL(f->count[DU_EVENT_UE_LOST], 1);
    CU_ASSERT_EQUAL(f->last[DU_EVENT_UE_LOST].cause, MAC_LOSS_RLC_RETX);
    fake_destroy(f);
}

static void test_inactivity(void)
{
    fake_t *f = fake_create(4);
    fake_attach(f, 1, true);
    fake_steps(f, 1900);
    CU_ASSERT_EQUAL(f->count[DU_EVENT_UE_INACTIVE], 0);
    fake_steps(f, 400);
    CU_ASSERT_EQUAL(f->count[DU_EVENT_UE_INACTIVE], 1);
    fake_steps(f, 3000);
    CU_ASSERT_EQUAL(f->count[DU_EVENT_UE_INACTIVE], 1); /* said once */
    fake_destroy(f);
}

/* The outer loop goes down when the reported CQI is too good. */
static void test_link_adaptation(void)
{
    fake_t *f = fake_create(4);
    du_ue_ref_t ue = fake_attach(f, 1, false);
    mac_ue_stats_t st;
    f->cqi = 15;
    fake_steps(f, 200);
    send(f, ue, 100, 1);
    fake_steps(f, 10);
    CU_ASSERT_EQUAL(du_slot_ue_stats(f->d, &st, 1), 1);
    CU_ASSERT_EQUAL(st.cqi, 15);
    uint8_t top = st.mcs_dl;
    CU_ASSERT(top >= 25);
    f->harq = FAKE_NACK;
    for (uint32_t i = 0; i < 30; i++) {
        send(f, ue, 100, i);
        fake_steps(f, 2);
    }
    fake_steps(f, 40);
    du_slot_ue_stats(f->d, &st, 1);
    CU_ASSERT(st.mcs_dl < top - 3);
    fake_destroy(f);
}

/* A channel that stands still: one row loses a fiftieth, those above everything, with outcomes known eight
 * blocks late. The loop finds that row, stays there, hardly tries the next one, and what fails there does not
 * push it below; a new CQI is a new start. */
static void test_outer_loop_stays(void)
{
    enum { DELAY = 8, BLOCKS = 12000, SETTLE = 4000 };
    fake_t *f = fake_create(4);
    du_ue_ref_t ue = fake_attach(f, 1, false);
    mac_t *m = f->d->mac;
    ue_t *u = &m->ue[ue.index];
    uint8_t sent[DELAY] = {0};
    uint32_t on = 0, above = 0;
    u->cqi = 8;
    u->olla_dl = (outer_loop_t){0};
    link_dl_update(m, u);
    uint8_t best = (uint8_t)(u->stats.mcs_dl + 2), lowest = 31;
    for (uint32_t i = 0; i < BLOCKS; i++) {
        uint8_t row = sent[i % DELAY];
        if (i >= DELAY)
            link_dl_outcome(m, u, row < best || (row == best && i % 50), row);
        sent[i % DELAY] = u->stats.mcs_dl;
        if (i < SETTLE)
            continue;
        on += u->stats.mcs_dl == best;
        above += u->stats.mcs_dl > best;
        lowest = u->stats.mcs_dl < lowest ? u->stats.mcs_dl : lowest;
    }
    CU_ASSERT(on >= (BLOCKS - SETTLE) * 97 / 100);
    CU_ASSERT(above > 0 && above <= (BLOCKS - SETTLE) / 100);
    CU_ASSERT(lowest >= best - 1);
    CU_ASSERT(u->olla_dl.left > 0);
    u->cqi = 11; /* the row that all of this was about is far below now */
    link_dl_update(m, u);
    CU_ASSERT_EQUAL(u->olla_dl.left, 0);
    CU_ASSERT(u->stats.mcs_dl > best);
    fake_destroy(f);
}

/* A UE that drifts is told so: nine steps late is command 31 + 9, once, not again until it is off anew
 * (TS 38.321 6.1.3.4). */
static void test_timing_advance(void)
{
    fake_t *f = fake_create(4);
    fake_attach(f, 1, false);
    uint16_t rnti = f->ccch[0].rnti;
    uint32_t commands = 0;
    f->ta = 40;
    for (uint32_t i = 0; i < 1500; i++) {
        const fapi_dl_slot_t *s = step(f);
        const fapi_pdsch_pdu_t *p = pdsch_of(s, rnti);
        if (!p || !p->new_data)
            continue;
        mac_iter_t it = mac_iter(MAC_DL, s->tx + p->tb_offset, p->tb_bytes);
        mac_subpdu_t sub;
        uint8_t tag, ta;
        while (mac_next(&it, &sub) == 1)
            if (!sub.is_sdu && sub.lcid == MAC_LCID_DL_TA) {
                CU_ASSERT_EQUAL(mac_parse_ta(sub.p, sub.n, &tag, &ta), 0);
                CU_ASSERT_EQUAL(tag, 0);
                CU_ASSERT(ta >= 37 && ta <= 40); /* the mean may hold measurements from before */
                commands++;
                f->ta = 31; /* it obeys */
            }
    }
    CU_ASSERT_EQUAL(commands, 1);
    CU_ASSERT_EQUAL(du_slot_mac_counters(f->d)->ta_commands, 1);
    f->ta = 64; /* not a value */
    fake_steps(f, 200);
    CU_ASSERT(du_slot_mac_counters(f->d)->ind_bad_value > 0);
    fake_destroy(f);
}

/* A refused configuration leaves the bearers as they were: the next one does not make them anew. */
static void test_refused_config(void)
{
    fake_t *f = fake_create(4);
    du_ue_ref_t ue = fake_attach(f, 1, true);
    radio_ue_t u = fake_config(f, ue, true);
    rlc_t *before = mac_bearer(f->d->mac, ue, DU_DRB_LCID(1))->rlc;
    u.n_k1 = 0;
    CU_ASSERT_EQUAL(du_slot_ue_config(f->d, ue, &u), 0);
    fake_steps(f, 2);
    CU_ASSERT_EQUAL(f->last[DU_EVENT_UE_CONFIGURED].status, -EINVAL);
    u = fake_config(f, ue, true);
    CU_ASSERT_EQUAL(du_slot_ue_config(f->d, ue, &u), 0);
    fake_steps(f, 2);
    CU_ASSERT_EQUAL(f->last[DU_EVENT_UE_CONFIGURED].status, 0);
    CU_ASSERT_PTR_EQUAL(mac_bearer(f->d->mac, ue, DU_DRB_LCID(1))->rlc, before);
    u.n_lc = 2; /* without the DRB */
    CU_ASSERT_EQUAL(du_slot_ue_config(f->d, ue, &u), 0);
    fake_steps(f, 2);
    CU_ASSERT_PTR_NULL(mac_bearer(f->d->mac, ue, DU_DRB_LCID(1)));
    fake_destroy(f);
}

static void test_remove_drains(void)
{
    fake_t *f = fake_create(4);
    du_ue_ref_t ue = fake_attach(f, 1, false);
    send(f, ue, 100, 42);
    du_slot_ue_remove(f->d, ue, 30);
    fake_steps(f, 4);
    CU_ASSERT_EQUAL(f->count[DU_EVENT_UE_REMOVED], 0);
    fake_steps(f, 80);
    CU_ASSERT_EQUAL(f->count[DU_EVENT_UE_REMOVED], 1);
    CU_ASSERT_EQUAL(send(f, ue, 100, 43), 0); /* for nobody: dropped and counted */
    fake_step(f);
    CU_ASSERT_EQUAL(du_slot_counters(f->d)->stale_command, 1);
    CU_ASSERT_EQUAL(pool_free_count(f->pool), 8192);
    fake_destroy(f);
}

CU_MAIN("du/mac harq", {"DL retransmission", test_dl_retransmission}, {"DTX and loss", test_dtx_and_loss},
        {"SR, BSR, grants", test_sr_bsr}, {"UL retransmission", test_ul_retransmission},
        {"UL silence is loss", test_ul_dtx_loss}, {"UCI places", test_uci_places},
        {"RLC retransmission limit", test_rlc_loss}, {"inactivity", test_inactivity},
        {"outer loop", test_link_adaptation}, {"outer loop stays", test_outer_loop_stays},
        {"timing advance", test_timing_advance}, {"refused configuration", test_refused_config},
        {"removal drains", test_remove_drains})
