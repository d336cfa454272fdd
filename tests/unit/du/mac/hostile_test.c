/* SPDX-License-Identifier: Apache-2.0 */
/* An L1 that lies: counts, offsets, handles, RNTIs, lengths, values, PDUs of random bytes. The cell goes on,
 * each lie is counted. */
#include "du/phy/abstract/l1.h"
#include "tests/unit/du/mac/fake.h"

static uint64_t rng = 88172645463325252u;
static uint32_t rnd(void)
{
    rng ^= rng << 13;
    rng ^= rng >> 7;
    rng ^= rng << 17;
    return (uint32_t)(rng >> 16);
}

static void test_take(void)
{
    fapi_ul_slot_t *s = calloc(1, sizeof *s), *o = calloc(1, sizeof *o);
    l1_counters_t c = {0};
    s->abs_slot = 5;
    CU_ASSERT_EQUAL(l1_take(s, 6, o, &c), -ENODATA);
    CU_ASSERT_EQUAL(c.stale, 1);
    CU_ASSERT_EQUAL(o->abs_slot, 6);
    s->n_pusch = 255;
    s->n_uci = 255;
    s->n_rach = 65;
    s->n_srs = 17;
    CU_ASSERT_EQUAL(l1_take(s, 5, o, &c), 0);
    CU_ASSERT_EQUAL(c.bad_count, 4);
    CU_ASSERT_EQUAL(o->n_pusch + o->n_uci + o->n_rach + o->n_srs, 0);
    s->n_uci = s->n_rach = s->n_srs = 0;
    s->n_pusch = 4;
    for (uint32_t i = 0; i < 4; i++)
        s->pusch[i].crc_ok = 1;
    s->pusch[0].tb_offset = FAPI_RX_BYTES + 1;
    s->pusch[1].tb_offset = 64;
    s->pusch[1].tb_bytes = FAPI_RX_BYTES - 63;
    s->pusch[2].tb_offset = 0xffffffff;
    s->pusch[2].tb_bytes = 16;
    s->pusch[3].tb_offset = FAPI_RX_BYTES - 16;
    s->pusch[3].tb_bytes = 16;
    memset(s->rx + FAPI_RX_BYTES - 16, 0x77, 16);
    CU_ASSERT_EQUAL(l1_take(s, 5, o, &c), 0);
    CU_ASSERT_EQUAL(c.bad_block, 3);
    CU_ASSERT_EQUAL(o->n_pusch, 1);
    CU_ASSERT_EQUAL(o->pusch[0].tb_bytes, 16);
    CU_ASSERT_EQUAL(o->rx[o->pusch[0].tb_offset + 15], 0x77);
    /* blocks that overlap add up to more than the area */
    for (uint32_t i = 0; i < 4; i++) {
        s->pusch[i].tb_offset = 0;
        s->pusch[i].tb_bytes = FAPI_RX_BYTES / 2;
    }
    CU_ASSERT_EQUAL(l1_take(s, 5, o, &c), 0);
    CU_ASSERT_EQUAL(o->n_pusch, 2);
    free(s);
    free(o);
}

static void spoil_known(fake_t *f, fapi_ul_slot_t *ul)
{
    (void)f;
    if (ul->n_pusch) {
        fapi_pusch_ind_t *p = &ul->pusch[0], good = *p;
        ul->n_pusch = 0;
        ul->pusch[ul->n_pusch] = good;
        ul->pusch[ul->n_pusch++].handle = 200;
        ul->pusch[ul->n_pusch] = good;
        ul->pusch[ul->n_pusch++].rnti ^= 1;
        ul->pusch[ul->n_pusch] = good;
        ul->pusch[ul->n_pusch++].harq_id ^= 1;
        ul->pusch[ul->n_pusch] = good;
        ul->pusch[ul->n_pusch++].tb_bytes -= 1;
        ul->pusch[ul->n_pusch++] = good;
        ul->pusch[ul->n_pusch++] = good; /* said twice */
    }
    if (ul->n_uci) {
        fapi_uci_ind_t good = ul->uci[0];
        ul->n_uci = 0;
        ul->uci[ul->n_uci] = good;
        ul->uci[ul->n_uci++].handle = 95;
        ul->uci[ul->n_uci] = good;
        ul->uci[ul->n_uci++].rnti = 0;
        ul->uci[ul->n_uci++] = good;
    }
    ul->rach[ul->n_rach++] = (fapi_rach_ind_t){.preamble_index = 64, .slot_index = 19};
    ul->rach[ul->n_rach++] = (fapi_rach_ind_t){.preamble_index = 1, .slot_index = 18};
    ul->rach[ul->n_rach++] = (fapi_rach_ind_t){.preamble_index = 1, .slot_index = 19, .timing_advance = 4000};
}

/* Each kind of lie is counted and the truth beside it still taken: the UE attaches. */
static void test_lies(void)
{
    fake_t *f = fake_create(8);
    f->spoil = spoil_known;
    fake_attach(f, 1, true);
    const mac_counters_t *c = du_slot_mac_counters(f->d);
    CU_ASSERT(c->ind_bad_handle >= 3);
    CU_ASSERT(c->ind_unknown_rnti >= 3);
    CU_ASSERT_EQUAL(c->ind_bad_length, 1);
    CU_ASSERT(c->ind_bad_value >= 3);
    CU_ASSERT_EQUAL(f->n_ccch, 1);
    fake_destroy(f);
}

static void fill_random(fake_t *f, const fapi_pusch_pdu_t *p, uint8_t *tb)
{
    if (p->tb_bytes < 40 && rnd() % 4) { /* let most of them in */
        f->n_msg3 = 0;
        fake_fill_default(f, p, tb);
        return;
    }
    for (uint32_t i = 0; i < p->tb_bytes; i++)
        tb[i] = (uint8_t)rnd();
    if (rnd() % 4) /* mostly something that gets past the first subheader */
        tb[0] = (uint8_t[]){MAC_LCID_UL_CCCH_48,
                            1,
                            2,
                            DU_DRB_LCID(1),
                            MAC_LCID_UL_SHORT_BSR,
                            MAC_LCID_UL_LONG_BSR,
                            MAC_LCID_UL_PHR,
                            MAC_LCID_UL_C_RNTI}[rnd() % 8];
}

static void spoil_random(fake_t *f, fapi_ul_slot_t *ul)
{
    (void)f;
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t kind = rnd() % 3;
        if (kind == 0 && ul->n_uci < FAPI_MAX_PUCCH) {
            uint8_t *x = (uint8_t *)&ul->uci[ul->n_uci++];
            for (uint32_t k = 0; k < sizeof *ul->uci; k++)
                x[k] = (uint8_t)rnd();
            ul->uci[ul->n_uci - 1].handle %= 8;
        } else if (kind == 1 && ul->n_pusch < FAPI_MAX_PUSCH) {
            uint8_t *x = (uint8_t *)&ul->pusch[ul->n_pusch++];
            for (uint32_t k = 0; k < sizeof *ul->pusch; k++)
                x[k] = (uint8_t)rnd();
            ul->pusch[ul->n_pusch - 1].tb_bytes = ul->pusch[ul->n_pusch - 1].tb_offset = 0;
            ul->pusch[ul->n_pusch - 1].handle %= 4;
        } else if (ul->n_rach < FAPI_MAX_PREAMBLES) {
            ul->rach[ul->n_rach++] = (fapi_rach_ind_t){.preamble_index = (uint8_t)(rnd() % 70),
                                                       .slot_index = (uint8_t)(rnd() % 2 ? 19 : rnd()),
                                                       .timing_advance = (uint16_t)(rnd() % 5000)};
        }
    }
}

/* Twenty thousand slots of noise with UEs that come and go; sanitizers watch. Then the noise ends and a UE
 * attaches. */
static void test_noise(void)
{
    fake_t *f = fake_create(16);
    f->spoil = spoil_random;
    f->fill = fill_random;
    for (uint32_t i = 0; i < 20000; i++) {
        fake_step(f);
        if (f->n_ccch && rnd() % 4 == 0) {
            du_ue_ref_t ue = f->ccch[rnd() % (f->n_ccch < MAC_MAX_UES ? f->n_ccch : MAC_MAX_UES)].ue;
            radio_ue_t u = fake_config(f, ue, true);
            switch (rnd() % 6) {
            case 0:
                du_slot_ue_remove(f->d, ue, rnd() % 20);
                break;
            case 1:
                if (rnd() % 2)
                    ue.generation++;
                du_slot_ue_config(f->d, ue, &u);
                break;
            case 2:
                du_slot_srb_send(f->d, ue, (uint8_t)(rnd() % 4),
                                 buf_from(f->pool, f->dl[0].tx, 1 + rnd() % 900), rnd() & 1, i);
                break;
            case 3:
                f->harq = rnd() % 8 < 4 ? FAKE_ACK : rnd() % 4;
                break;
            case 4:
                f->pusch = rnd() % 8 < 4 ? FAKE_ACK : rnd() % 4;
                break;
            case 5:
                f->sr_rnti = f->last[DU_EVENT_CCCH].rnti;
                break;
            }
        }
    }
    CU_ASSERT(f->n_ccch > 50 && f->count[DU_EVENT_UE_REMOVED] > 20);
    f->spoil = NULL;
    f->fill = fake_fill_default;
    f->harq = f->pusch = FAKE_ACK;
    f->n_msg3 = 0;
    fake_steps(f, 200);
    du_slot_remove_all(f->d);
    fake_steps(f, 100);
    du_slot_remove_all(f->d);
    fake_steps(f, 4);
    CU_ASSERT_EQUAL(pool_free_count(f->pool), 8192);
    f->n_msg3 = 0;
    f->n_ccch = 0;
    fake_attach(f, 1, true);
    fake_destroy(f);
}

CU_MAIN("du/mac hostile L1", {"slab checks", test_take}, {"lies are counted", test_lies},
        {"noise", test_noise})
