/* SPDX-License-Identifier: Apache-2.0 */
/* Whole slots through the L1: slot messages to grid, grid through a channel to indications. What would break:
 * a cell that says nothing, an uplink that is lost, a wrong field that takes its neighbours with it. */
#include "tests/unit/cu.h"
#include "tests/unit/du/phy/rig.h"

#include <errno.h>
#include <stdlib.h>

static bool block_is(const rig_t *r, const fapi_ul_slot_t *out, unsigned i)
{
    const fapi_pusch_ind_t *ind = &out->pusch[i];
    return ind->crc_ok && ind->tb_bytes == r->slab->pusch[i].tb_bytes &&
           memcmp(out->rx + ind->tb_offset, r->payload[i], ind->tb_bytes) == 0;
}

/* An uplink slot as a busy cell has it: two UEs' data, control channels of many, all at once. */
static void uplink(unsigned n_workers, phy_isa_t isa)
{
    fapi_cell_config_t cell = rig_cell(273, 4, 4);
    rig_t *r = rig_create(&cell, n_workers, isa);
    channel_cfg_t cc = {.profile = CHANNEL_TDLA30,
                        .n_tx = 4,
                        .n_rx = 4,
                        .mu = 1,
                        .n_sc = 273 * 12,
                        .gain = 0.5f,
                        .delay_ns = 200,
                        .seed = 7};
    channel_t *channel = NULL;
    CU_ASSERT_EQUAL_FATAL(channel_create(&cc, &channel), 0);
    for (uint64_t n = 4; n < 14; n += 5) {
        rig_begin(r, n);
        channel_slot(channel, n);
        rig_pusch(r, 0x4601, 4, 130, 0, 14, 10, 2);
        rig_pusch(r, 0x4602, 140, 120, 0, 14, 15, 1);
        rig_send_pusch(r, 0);
        rig_send_pusch(r, 1);
        for (unsigned u = 0; u < 3; u++) {
            fapi_pucch_pdu_t *p = rig_pucch(r, (uint16_t)(0x4610 + u), 1, 0, 1, 0, 14, 1);
            p->initial_cyclic_shift = (uint16_t)(u * 4);
            rig_send_pucch(r, u, u != 1, false, NULL);
        }
        for (unsigned u = 0; u < 2; u++) {
            fapi_pucch_pdu_t *p = rig_pucch(r, (uint16_t)(0x4620 + u), 0, u ? 264 : 1, 1, 12, 2, 2);
            p->initial_cyclic_shift = (uint16_t)(u ? 1 : 0);
            if (u == 0)
                rig_send_pucch(r, 3, 2, false, NULL);
        }
        uint8_t uci[2] = {0xa5, 0x40};
        rig_pucch(r, 0x4630, 2, 262, 2, 12, 2, 10);
        rig_send_pucch(r, 5, 0, false, uci);
        const fapi_ul_slot_t *out = rig_receive(r, n, channel, 0.003f);
        CU_ASSERT_EQUAL(out->n_pusch, 2);
        CU_ASSERT_TRUE(block_is(r, out, 0));
        CU_ASSERT_TRUE(block_is(r, out, 1));
        CU_ASSERT(out->pusch[0].sinr_db_x10 > 100);
        /* 200 ns and the channel's own mean delay are below half a step of 16 x 64 / 2 Tc = 260 ns, or one
         * step */
        CU_ASSERT(out->pusch[0].timing_advance == 31 || out->pusch[0].timing_advance == 32);
        CU_ASSERT_EQUAL(out->n_uci, 6);
        for (unsigned u = 0; u < 3; u++) {
            CU_ASSERT_FALSE(out->uci[u].dtx);
            CU_ASSERT_EQUAL(out->uci[u].harq[0] >> 7, u != 1);
        }
        CU_ASSERT_FALSE(out->uci[3].dtx);
        CU_ASSERT_EQUAL(out->uci[3].harq[0], 0x40);
        CU_ASSERT_TRUE(out->uci[4].dtx); /* it never sent */
        CU_ASSERT_FALSE(out->uci[5].dtx);
        CU_ASSERT_EQUAL(out->uci[5].harq[0], 0xa5);
        CU_ASSERT_EQUAL(out->uci[5].harq[1], 0x40);
        du_phy_ul_release(r->l1, n);
    }
    du_phy_budget_t dl, ul;
    du_phy_budget(r->l1, &dl, &ul);
    CU_ASSERT_EQUAL(ul.slots, 2);
    CU_ASSERT_EQUAL(ul.late, 0);
    channel_destroy(channel);
    rig_destroy(r);
}

static void test_uplink_on_one_core(void)
{
    uplink(0, PHY_ISA_BEST);
    uplink(0, PHY_ISA_GENERIC);
}

static void test_uplink_with_workers(void)
{
    uplink(2, PHY_ISA_BEST);
}

/* The same messages make the same grid, whoever runs the tasks and with whatever kernels. */
static void test_downlink_is_the_same_with_workers(void)
{
    fapi_cell_config_t cell = rig_cell(273, 4, 4);
    rig_t *one = rig_create(&cell, 0, PHY_ISA_BEST), *many = rig_create(&cell, 2, PHY_ISA_BEST),
          *plain = rig_create(&cell, 0, PHY_ISA_GENERIC);
    rig_t *rigs[3] = {one, many, plain};
    const phy_grid_t *grid[3];
    for (unsigned i = 0; i < 3; i++) {
        rig_t *r = rigs[i];
        rig_begin(r, 20);
        rig_pdcch(r, 0x4601, 4, 8, 40);
        rig_pdcch(r, 0x4602, 2, 0, 44);
        rig_pdsch(r, 0x4601, 0, 200, 2, 12, 20, 4);
        rig_pdsch(r, 0x4602, 200, 73, 2, 12, 5, 1);
        grid[i] = rig_transmit(r, 20);
        CU_ASSERT_EQUAL(du_phy_counters(r->l1)->dl_refused, 0);
    }
    unsigned differ = 0;
    uint64_t energy = 0;
    for (unsigned a = 0; a < 4; a++)
        for (unsigned l = 0; l < PHY_SYMBOLS; l++)
            for (unsigned i = 1; i < 3; i++) {
                const ci16_t *x = phy_grid_symbol(grid[0], a, l), *y = phy_grid_symbol(grid[i], a, l);
                for (unsigned k = 0; k < 273 * 12; k++) {
                    /* workers: bit for bit; other kernels: one count of rounding */
                    int d = abs(x[k].re - y[k].re) + abs(x[k].im - y[k].im);
                    differ += d > (i == 1 ? 0 : 2);
                    energy += (uint64_t)(x[k].re * x[k].re + x[k].im * x[k].im);
                }
            }
    CU_ASSERT_EQUAL(differ, 0);
    CU_ASSERT(energy > 0);
    for (unsigned i = 0; i < 3; i++) {
        du_phy_dl_release(rigs[i]->l1, 20);
        rig_destroy(rigs[i]);
    }
}

static void test_a_refused_pdu_leaves_its_neighbours(void)
{
    fapi_cell_config_t cell = rig_cell(51, 2, 2);
    rig_t *r = rig_create(&cell, 0, PHY_ISA_BEST);
    du_phy_refusal_t why;
    rig_begin(r, 20);
    rig_pdsch(r, 1, 0, 20, 2, 12, 5, 1);
    fapi_pdsch_pdu_t *bad = rig_pdsch(r, 2, 20, 20, 2, 12, 5, 1);
    bad->qam_mod_order = 3;
    bad = rig_pdsch(r, 3, 40, 5, 2, 12, 5, 1);
    bad->tb_offset = FAPI_TX_BYTES;
    bad = rig_pdsch(r, 4, 40, 5, 2, 12, 5, 1);
    bad->precoding.n_prgs = 1;
    bad->precoding.pm_idx[0] = 9;
    const phy_grid_t *grid = rig_transmit(r, 20);
    const ci16_t *x = phy_grid_symbol(grid, 0, 5);
    CU_ASSERT(x[0].re != 0 && x[20 * 12].re == 0 && x[40 * 12].re == 0);
    CU_ASSERT_EQUAL(du_phy_counters(r->l1)->dl_refused, 3);
    CU_ASSERT_TRUE(du_phy_poll_refusal(r->l1, &why));
    CU_ASSERT_STRING_EQUAL(why.pdu, "PDSCH");
    CU_ASSERT_EQUAL(why.rnti, 2);
    CU_ASSERT_EQUAL(why.why.value, 3);
    CU_ASSERT_TRUE(du_phy_poll_refusal(r->l1, &why));
    CU_ASSERT_STRING_EQUAL(why.why.field, "tb_offset");
    CU_ASSERT_TRUE(du_phy_poll_refusal(r->l1, &why));
    CU_ASSERT_STRING_EQUAL(why.why.field, "pm_idx");
    CU_ASSERT_FALSE(du_phy_poll_refusal(r->l1, &why));
    du_phy_dl_release(r->l1, 20);

    rig_begin(r, 24);
    rig_pusch(r, 1, 0, 20, 0, 14, 5, 1);
    rig_send_pusch(r, 0);
    rig_pusch(r, 2, 40, 20, 0, 14, 5, 1); /* beyond the BWP's 51 */
    const fapi_ul_slot_t *out = rig_receive(r, 24, NULL, 0);
    CU_ASSERT_TRUE(block_is(r, out, 0));
    CU_ASSERT_EQUAL(out->n_pusch, 2);
    CU_ASSERT_FALSE(out->pusch[1].crc_ok);
    CU_ASSERT_EQUAL(du_phy_counters(r->l1)->ul_refused, 1);
    du_phy_ul_release(r->l1, 24);
    rig_destroy(r);
}

static void test_retransmissions_combine(void)
{
    fapi_cell_config_t cell = rig_cell(51, 2, 2);
    rig_t *r = rig_create(&cell, 0, PHY_ISA_BEST);
    channel_cfg_t cc = {
        .profile = CHANNEL_AWGN, .n_tx = 1, .n_rx = 2, .mu = 1, .n_sc = 51 * 12, .gain = 0.3f, .seed = 3};
    channel_t *channel = NULL;
    CU_ASSERT_EQUAL_FATAL(channel_create(&cc, &channel), 0);
    static uint8_t block[sizeof r->payload[0]];
    static const uint8_t rvs[4] = {0, 2, 3, 1};
    unsigned n_ok = 0, used = 0;
    for (unsigned k = 0; k < 4 && !n_ok; k++) {
        uint64_t n = 4 + k * 5;
        rig_begin(r, n);
        fapi_pusch_pdu_t *p = rig_pusch(r, 0x4601, 0, 51, 0, 14, 18, 1);
        p->harq_id = 5;
        p->new_data = k == 0;
        p->rv_index = rvs[k];
        if (k == 0)
            memcpy(block, r->payload[0], p->tb_bytes);
        else
            memcpy(r->payload[0], block, p->tb_bytes);
        rig_send_pusch(r, 0);
        const fapi_ul_slot_t *out =
            rig_receive(r, n, channel, 0.25f); /* 6 dB an antenna: too little for one */
        n_ok += block_is(r, out, 0);
        used = k;
        du_phy_ul_release(r->l1, n);
    }
    CU_ASSERT_EQUAL(n_ok, 1);
    CU_ASSERT(used >= 1);
    CU_ASSERT(du_phy_harq_counters(r->l1)->resumed >= 1);
    channel_destroy(channel);
    rig_destroy(r);
}

static void test_symbols_late_lost_and_twice(void)
{
    fapi_cell_config_t cell = rig_cell(51, 2, 2);
    rig_t *r = rig_create(&cell, 0, PHY_ISA_BEST);
    rig_begin(r, 4);
    rig_pusch(r, 1, 0, 20, 0, 14, 2, 1);
    rig_send_pusch(r, 0);
    CU_ASSERT_EQUAL(du_phy_ul(r->l1, r->slab, 0), 0);
    CU_ASSERT_EQUAL(du_phy_ul(r->l1, r->slab, 0), -EBUSY);
    CU_ASSERT_EQUAL(du_phy_counters(r->l1)->ul_overrun, 1);
    const phy_grid_t *rx = du_phy_ul_grid(r->l1, 4);
    CU_ASSERT_PTR_NOT_NULL_FATAL(rx);
    CU_ASSERT_PTR_NULL(du_phy_ul_grid(r->l1, 5));
    for (unsigned a = 0; a < 2; a++)
        for (unsigned l = 0; l < PHY_SYMBOLS; l++)
            memcpy(phy_grid_symbol(rx, a, l), phy_grid_symbol(&r->tx, 0, l), rx->n_sc * sizeof(ci16_t));
    /* backwards, one of them twice, the last data symbol never */
    for (unsigned l = 13; l-- > 0;)
        du_phy_ul_symbol(r->l1, 4, l);
    du_phy_ul_symbol(r->l1, 4, 3);
    du_phy_ul_symbol(r->l1, 9, 3);
    du_phy_ul_symbol(r->l1, 4, 14);
    CU_ASSERT_EQUAL(du_phy_counters(r->l1)->ul_stray, 3);
    CU_ASSERT_PTR_NULL(du_phy_ul_take(r->l1, 4));
    du_phy_ul_close(r->l1, 4);
    CU_ASSERT_EQUAL(du_phy_counters(r->l1)->ul_missing, 1);
    const fapi_ul_slot_t *out = du_phy_ul_take(r->l1, 4);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    CU_ASSERT_TRUE(block_is(r, out, 0));
    du_phy_ul_release(r->l1, 4);
    CU_ASSERT_EQUAL(du_phy_ul(r->l1, r->slab, 0), 0);
    du_phy_ul_close(r->l1, 4);
    out = du_phy_ul_take(r->l1, 4);
    CU_ASSERT_TRUE(out && !out->pusch[0].crc_ok && out->pusch[0].dtx); /* nothing came at all */
    rig_destroy(r);
}

static void test_a_cell_that_cannot_be_is_refused(void)
{
    phy_refusal_t why;
    du_phy_t *l1 = NULL;
    du_phy_cfg_t cfg = {.cell = rig_cell(51, 2, 2)};
    cfg.cell.n_rx_ant = 9;
    CU_ASSERT_EQUAL(du_phy_create(&cfg, NULL, &l1, &why), -EINVAL);
    CU_ASSERT_STRING_EQUAL(why.field, "n_rx_ant");
    cfg.cell = rig_cell(51, 2, 2);
    cfg.cell.n_prb_ul = 300;
    CU_ASSERT_EQUAL(du_phy_create(&cfg, NULL, &l1, &why), -EINVAL);
    CU_ASSERT_STRING_EQUAL(why.field, "n_prb_ul");
    CU_ASSERT_PTR_NULL(l1);
    du_phy_destroy(NULL);
}

CU_MAIN("du/phy slots", {"uplink on one core", test_uplink_on_one_core},
        {"uplink with workers", test_uplink_with_workers},
        {"the downlink is the same with workers", test_downlink_is_the_same_with_workers},
        {"a refused PDU leaves its neighbours", test_a_refused_pdu_leaves_its_neighbours},
        {"retransmissions combine", test_retransmissions_combine},
        {"symbols late, lost and twice", test_symbols_late_lost_and_twice},
        {"a cell that cannot be is refused", test_a_cell_that_cannot_be_is_refused})
