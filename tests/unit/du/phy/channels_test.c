/* SPDX-License-Identifier: Apache-2.0 */
/* Every other channel through the L1's boundary: what its PDU says must come out as indications or on the
 * grid. */
#include "tests/doubles/bbdev_ldpc.h"
#include "tests/unit/cu.h"
#include "tests/unit/du/phy/rig.h"

#include <math.h>
#include <stdlib.h>

#include <rte_bbdev.h>

static void test_prach(void)
{
    fapi_cell_config_t cell = rig_cell(51, 1, 2);
    rig_t *r = rig_create(&cell, 0, PHY_ISA_BEST);
    rig_begin(r, 4);
    fapi_prach_pdu_t *p = &r->slab->prach[r->slab->n_prach++];
    *p = (fapi_prach_pdu_t){.phys_cell_id = cell.phys_cell_id,
                            .n_occasions = 1,
                            .format = PREAMBLE_B4,
                            .index = 0,
                            .start_symbol = 2};
    prach_cfg_t cfg = {.format = PREAMBLE_B4,
                       .mu = 1,
                       .root_sequence = cell.prach_root_sequence,
                       .zero_correlation_zone = cell.prach_zero_corr,
                       .ul_mu = 1,
                       .n_rx = 2};
    static prach_plan_t plan;
    CU_ASSERT_EQUAL_FATAL(prach_plan(&cfg, &plan, NULL), 0);
    cf_t y[PRACH_MAX_L_RA];
    static ci16_t samples[2][12][160];
    memset(samples, 0, sizeof samples);
    const double delay_s = 1e-6;
    const unsigned sent[2] = {5, 37};
    for (unsigned u = 0; u < 2; u++) {
        prach_sequence(&plan, sent[u], y);
        for (unsigned a = 0; a < 2; a++)
            for (unsigned rep = 0; rep < plan.n_repetitions; rep++)
                for (unsigned k = 0; k < 139; k++) {
                    double phase = -2 * M_PI * k * plan.scs_hz * delay_s * (u + 1) + a + 2 * u;
                    samples[a][rep][k].re =
                        (int16_t)(samples[a][rep][k].re +
                                  lrint(300 * (y[k].re * cos(phase) - y[k].im * sin(phase))));
                    samples[a][rep][k].im =
                        (int16_t)(samples[a][rep][k].im +
                                  lrint(300 * (y[k].re * sin(phase) + y[k].im * cos(phase))));
                }
    }
    for (unsigned a = 0; a < 2; a++)
        for (unsigned rep = 0; rep < plan.n_repetitions; rep++)
            for (unsigned k = 0; k < 139; k++) {
                cf_t w = link_random_gauss(&r->random);
                samples[a][rep][k].re = (int16_t)(samples[a][rep][k].re + lrintf(200 * w.re));
                samples[a][rep][k].im = (int16_t)(samples[a][rep][k].im + lrintf(200 * w.im));
            }
    CU_ASSERT_EQUAL(du_phy_ul(r->l1, r->slab, 0), 0);
    du_phy_ul_prach(r->l1, 4, 0, 0, &samples[0][0][0], 12 * 160, 160);
    du_phy_ul_prach(r->l1, 4, 0, 1, &samples[0][0][0], 12 * 160, 160); /* there is one occasion only */
    CU_ASSERT_EQUAL(du_phy_counters(r->l1)->ul_stray, 1);
    du_phy_ul_close(r->l1, 4);
    const fapi_ul_slot_t *out = du_phy_ul_take(r->l1, 4);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    CU_ASSERT_EQUAL_FATAL(out->n_rach, 2);
    for (unsigned u = 0; u < 2; u++) {
        CU_ASSERT_EQUAL(out->rach[u].preamble_index, sent[u]);
        CU_ASSERT_EQUAL(out->rach[u].symbol_index, 2);
        /* steps of 16 x 64 / 2 Tc = 260.4 ns */
        CU_ASSERT(fabs(out->rach[u].timing_advance - (u + 1) * 1e-6 / 260.4e-9) <= 1.5);
    }
    du_phy_ul_release(r->l1, 4);

    /* Samples that never come: the slot ends without preambles. */
    rig_begin(r, 9);
    r->slab->prach[r->slab->n_prach++] = *p;
    r->slab->prach[0] = (fapi_prach_pdu_t){.n_occasions = 1, .format = PREAMBLE_B4};
    CU_ASSERT_EQUAL(du_phy_ul(r->l1, r->slab, 0), 0);
    du_phy_ul_close(r->l1, 9);
    out = du_phy_ul_take(r->l1, 9);
    CU_ASSERT(out && out->n_rach == 0);
    rig_destroy(r);
}

static void test_srs(void)
{
    fapi_cell_config_t cell = rig_cell(51, 2, 4);
    rig_t *r = rig_create(&cell, 0, PHY_ISA_BEST);
    channel_cfg_t cc = {
        .profile = CHANNEL_TDLA30, .n_tx = 2, .n_rx = 4, .mu = 1, .n_sc = 51 * 12, .gain = 0.5f, .seed = 9};
    channel_t *channel = NULL;
    CU_ASSERT_EQUAL_FATAL(channel_create(&cc, &channel), 0);
    rig_begin(r, 8);
    fapi_srs_pdu_t *p = &r->slab->srs[r->slab->n_srs++];
    *p = (fapi_srs_pdu_t){.rnti = 0x4601,
                          .bwp_size = 51,
                          .scs = 1,
                          .n_ports = 2,
                          .n_symbols = 1,
                          .n_repetitions = 1,
                          .start_symbol = 13,
                          .config_index = 13,
                          .comb_size = 2,
                          .sequence_id = 40,
                          .t_srs = 10};
    srs_cfg_t cfg;
    static srs_plan_t plan;
    pdu_slot_t at = pdu_slot(&cell, 0, 8, 8);
    CU_ASSERT_EQUAL_FATAL(pdu_srs(&at, p, &cfg, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(srs_plan(r->phy, &cfg, &plan, NULL), 0);
    srs_transmit(r->phy, &plan, 1, &r->tx, 0);
    const fapi_ul_slot_t *out = rig_receive(r, 8, channel, 0.001f);
    CU_ASSERT_EQUAL_FATAL(out->n_srs, 1);
    const fapi_srs_ind_t *ind = &out->srs[0];
    CU_ASSERT(ind->n_ports == 2 && ind->n_rx == 4 && ind->prg_size == 4 && ind->n_prgs >= 12);
    CU_ASSERT(ind->wideband_snr_db_x10 > 200);
    /* The matrix against the channel itself at the middle of each PRG, up to one scale. */
    const ci16_t *h = (const ci16_t *)(const void *)(out->rx + ind->matrix_offset);
    static cf_t truth[51 * 12];
    double cross_re = 0, cross_im = 0, power = 0, reference = 0;
    for (unsigned port = 0; port < 2; port++)
        for (unsigned a = 0; a < 4; a++) {
            channel_response(channel, 13, port, a, truth);
            for (unsigned g = 0; g + 1 < ind->n_prgs; g++) {
                cf_t t = truth[(ind->prb_start + g * 4 + 2) * 12];
                ci16_t x = h[(g * 4 + a) * 2 + port];
                cross_re += x.re * t.re + x.im * t.im;
                cross_im += x.im * t.re - x.re * t.im;
                power += (double)x.re * x.re + (double)x.im * x.im;
                reference += t.re * t.re + t.im * t.im;
            }
        }
    double correlation = hypot(cross_re, cross_im) / sqrt(power * reference);
    CU_ASSERT(correlation > 0.98);
    du_phy_ul_release(r->l1, 8);
    channel_destroy(channel);
    rig_destroy(r);
}

/* HARQ-ACK, CSI part 1 and a part 2 whose size part 1 tells, beside a transport block. */
static void test_uci_on_pusch(void)
{
    fapi_cell_config_t cell = rig_cell(51, 1, 2);
    rig_t *r = rig_create(&cell, 0, PHY_ISA_BEST);
    rig_begin(r, 4);
    fapi_pusch_pdu_t *p = rig_pusch(r, 0x4601, 0, 40, 0, 14, 10, 1);
    p->harq_ack_bits = 4;
    p->csi1_bits = 6;
    p->csi2 = (fapi_csi2_map_t){.param_bits = 2, .param_offset = 1, .bits = {4, 8, 12, 20}};
    const uint8_t harq = 0xb0, csi1 = 0x4c /* bits 1..2 are 10: 12 bits follow */, csi2[2] = {0x5a, 0xf0};
    pusch_cfg_t cfg;
    static pusch_plan_t plan;
    pdu_slot_t at = pdu_slot(&cell, 0, 8, 4);
    CU_ASSERT_EQUAL_FATAL(pdu_pusch(&at, p, &cfg, NULL), 0);
    cfg.csi2_follows = false;
    cfg.n_csi2 = 12;
    CU_ASSERT_EQUAL_FATAL(pusch_plan(r->phy, &cfg, &plan, NULL), 0);
    pusch_payload_t payload = {.tb = r->payload[0], .harq_ack = &harq, .csi1 = &csi1, .csi2 = csi2};
    pusch_tx(r->phy, &plan, &payload, 1, r->pusch_tx, &r->tx);
    channel_cfg_t cc = {.n_tx = 1, .n_rx = 2, .mu = 1, .n_sc = 51 * 12, .gain = 0.5f, .seed = 2};
    channel_t *channel = NULL;
    CU_ASSERT_EQUAL_FATAL(channel_create(&cc, &channel), 0);
    const fapi_ul_slot_t *out = rig_receive(r, 4, channel, 0.01f);
    const fapi_pusch_ind_t *ind = &out->pusch[0];
    CU_ASSERT_TRUE(ind->crc_ok);
    CU_ASSERT_EQUAL(memcmp(out->rx + ind->tb_offset, r->payload[0], ind->tb_bytes), 0);
    CU_ASSERT(ind->harq_ack_bits == 4 && ind->harq_crc == 0 && ind->harq[0] == harq);
    CU_ASSERT(ind->csi1_bits == 6 && ind->csi1_crc == 0 && ind->csi1[0] == csi1);
    CU_ASSERT(ind->csi2_bits == 12 && ind->csi2_crc == 0 && ind->csi2[0] == csi2[0] &&
              ind->csi2[1] == csi2[1]);
    du_phy_ul_release(r->l1, 4);
    channel_destroy(channel);
    rig_destroy(r);
}

/* PTRS as the PDU names them: both ends plan from the same PDU, so that a field that is lost shows as a
 * refusal or as a block whose REs do not fit. */
static void test_ptrs_on_pusch(void)
{
    fapi_cell_config_t cell = rig_cell(51, 1, 2);
    rig_t *r = rig_create(&cell, 0, PHY_ISA_BEST);
    channel_cfg_t cc = {
        .n_tx = 2, .n_rx = 2, .mu = 1, .n_sc = 51 * 12, .gain = 0.5f, .cfo_hz = 400, .seed = 2};
    channel_t *channel = NULL;
    CU_ASSERT_EQUAL_FATAL(channel_create(&cc, &channel), 0);
    for (unsigned run = 0; run < 3; run++) {
        uint64_t n = 4 + run * 5;
        rig_begin(r, n);
        fapi_pusch_pdu_t *p = rig_pusch(r, 0x4601, 0, 40, 0, 14, 10, run == 1 ? 2 : 1);
        p->dmrs_symbol_mask = 1 << 2; /* one occasion: the phase behind it is for PTRS to find */
        p->ptrs =
            (fapi_ptrs_t){.ports = run == 1 ? 2 : 1, .time_density = 1, .freq_density = 2, .re_offset = 1};
        if (run == 2) {
            p->transform_precoding = 1;
            p->ptrs = (fapi_ptrs_t){.time_density = 1, .freq_density = 4, .dfts_groups = 4};
        }
        rig_send_pusch(r, 0);
        const fapi_ul_slot_t *out = rig_receive(r, n, channel, 0.01f);
        CU_ASSERT_EQUAL(du_phy_counters(r->l1)->ul_refused, 0);
        CU_ASSERT_TRUE(out->pusch[0].crc_ok);
        du_phy_ul_release(r->l1, n);
    }
    rig_begin(r, 24);
    fapi_pusch_pdu_t *p = rig_pusch(r, 0x4601, 0, 40, 0, 14, 10, 1);
    p->ptrs = (fapi_ptrs_t){.ports = 4, .time_density = 1, .freq_density = 2};
    CU_ASSERT_EQUAL(du_phy_ul(r->l1, r->slab, 0), 0);
    du_phy_refusal_t why;
    CU_ASSERT_TRUE(du_phy_poll_refusal(r->l1, &why));
    CU_ASSERT_STRING_EQUAL(why.why.field, "ptrs.ports");
    channel_destroy(channel);
    rig_destroy(r);
}

static uint64_t energy(const phy_grid_t *g, unsigned ant)
{
    uint64_t e = 0;
    for (unsigned l = 0; l < PHY_SYMBOLS; l++)
        for (unsigned k = 0; k < g->n_sc; k++) {
            ci16_t x = phy_grid_symbol(g, ant, l)[k];
            e += (uint64_t)(x.re * x.re + x.im * x.im);
        }
    return e;
}

static rig_t *category_b(const fapi_cell_config_t *cell)
{
    rig_t *r = rig_create(cell, 0, PHY_ISA_BEST);
    du_phy_destroy(r->l1);
    du_phy_cfg_t cfg = {.cell = *cell, .category_b = true, .max_isa = PHY_ISA_BEST};
    if (du_phy_create(&cfg, NULL, &r->l1, NULL))
        abort();
    return r;
}

static void test_streams_of_a_category_b_radio(void)
{
    fapi_cell_config_t cell = rig_cell(51, 4, 4);
    rig_t *r = category_b(&cell);
    rig_begin(r, 20);
    fapi_pdsch_pdu_t *p = rig_pdsch(r, 1, 0, 20, 2, 12, 5, 2);
    p->dmrs_ports = 0xc;                     /* ports 1002, 1003: streams 2, 3 */
    p = rig_pdsch(r, 2, 0, 20, 2, 12, 5, 2); /* another user on the same PRBs, streams 0, 1 */
    const phy_grid_t *grid = rig_transmit(r, 20);
    CU_ASSERT_EQUAL(du_phy_counters(r->l1)->dl_refused, 0);
    for (unsigned a = 0; a < 4; a++)
        CU_ASSERT(energy(grid, a) > 0);
    CU_ASSERT(energy(grid, 0) < energy(grid, 2) * 11 / 10 && energy(grid, 2) < energy(grid, 0) * 11 / 10);
    du_phy_dl_release(r->l1, 20);
    rig_destroy(r);
}

/* Weights of the slot and a configured matrix of the same values make the same grid; two users on the same
 * PRBs make the sum of what each makes alone. */
static void test_precoding(void)
{
    fapi_cell_config_t cell = rig_cell(51, 4, 4);
    static ci16_t kept[3][4 * PHY_SYMBOLS * PHY_GRID_STRIDE];
    rig_t *r = rig_create(&cell, 0, PHY_ISA_BEST);
    static const int16_t w[2][4][2] = {{{16384, 0}, {0, 16384}, {-16384, 0}, {8192, 8192}},
                                       {{8192, 0}, {16384, 0}, {0, 16384}, {-8192, 8192}}};
    cf_t matrix[4 * 2];
    for (unsigned a = 0; a < 4; a++)
        for (unsigned v = 0; v < 2; v++)
            matrix[a * 2 + v] = (cf_t){w[v][a][0] / 32768.0f, w[v][a][1] / 32768.0f};
    CU_ASSERT_EQUAL(du_phy_set_precoding(r->l1, 3, 4, 2, matrix, NULL), 0);
    for (unsigned run = 0; run < 2; run++) {
        rig_begin(r, 20);
        link_random_seed(&r->random, 5);
        fapi_pdsch_pdu_t *p = rig_pdsch(r, 1, 0, 20, 2, 12, 10, 2);
        p->precoding.n_prgs = 1;
        if (run == 0) {
            p->precoding.pm_idx[0] = 3;
        } else {
            r->slab->weights.n_weights = 3;
            r->slab->weights.n_trx = 4;
            memcpy(r->slab->weights.iq[1], w[0], sizeof w[0]);
            memcpy(r->slab->weights.iq[2], w[1], sizeof w[1]);
            p->precoding.beam_idx[0] = FAPI_DYNAMIC_BEAM + 1;
        }
        const phy_grid_t *grid = rig_transmit(r, 20);
        CU_ASSERT_EQUAL(du_phy_counters(r->l1)->dl_refused, 0);
        memcpy(kept[run], grid->re, sizeof kept[run]);
        du_phy_dl_release(r->l1, 20);
    }
    CU_ASSERT_EQUAL(memcmp(kept[0], kept[1], sizeof kept[0]), 0);

    /* users A (ports 0) and B (port 2), each alone, then together */
    for (unsigned run = 0; run < 3; run++) {
        rig_begin(r, 20);
        for (unsigned u = 0; u < 2; u++) {
            if (run != 2 && run != u)
                continue;
            link_random_seed(&r->random, 50 + u);
            fapi_pdsch_pdu_t *p = rig_pdsch(r, (uint16_t)(1 + u), 0, 20, 2, 12, 10, 1);
            p->dmrs_ports = u ? 4 : 1;
            p->precoding.n_prgs = 1;
            p->precoding.beam_idx[0] = (uint16_t)(FAPI_DYNAMIC_BEAM + u);
            memcpy(r->slab->weights.iq[u], w[u], sizeof w[u]);
        }
        r->slab->weights.n_weights = 2;
        r->slab->weights.n_trx = 4;
        const phy_grid_t *grid = rig_transmit(r, 20);
        memcpy(kept[run], grid->re, sizeof kept[run]);
        du_phy_dl_release(r->l1, 20);
    }
    CU_ASSERT_EQUAL(du_phy_counters(r->l1)->dl_refused, 0);
    unsigned differ = 0, both = 0;
    for (size_t k = 0; k < sizeof kept[0] / sizeof **kept; k++) {
        differ +=
            kept[0][k].re + kept[1][k].re != kept[2][k].re || kept[0][k].im + kept[1][k].im != kept[2][k].im;
        both += (kept[0][k].re || kept[0][k].im) && (kept[1][k].re || kept[1][k].im);
    }
    CU_ASSERT_EQUAL(differ, 0);
    CU_ASSERT(both > 1000);

    /* weights that are not there, or for another number of antennas */
    rig_begin(r, 20);
    fapi_pdsch_pdu_t *p = rig_pdsch(r, 1, 0, 20, 2, 12, 10, 1);
    p->precoding.n_prgs = 1;
    p->precoding.beam_idx[0] = FAPI_DYNAMIC_BEAM + 7;
    r->slab->weights.n_weights = 2;
    r->slab->weights.n_trx = 4;
    rig_transmit(r, 20);
    du_phy_refusal_t why;
    CU_ASSERT_TRUE(du_phy_poll_refusal(r->l1, &why));
    CU_ASSERT_STRING_EQUAL(why.why.field, "beam_idx");
    du_phy_dl_release(r->l1, 20);
    rig_destroy(r);
}

/* A PDSCH leaves out the SSB, the CSI-RS and the pattern that its masks name, and only those. */
static void test_rate_matching(void)
{
    fapi_cell_config_t cell = rig_cell(51, 1, 1);
    rig_t *r = rig_create(&cell, 0, PHY_ISA_BEST);
    rig_begin(r, 0);
    fapi_ssb_pdu_t *ssb = &r->slab->ssb[r->slab->n_ssb++];
    *ssb = (fapi_ssb_pdu_t){
        .phys_cell_id = cell.phys_cell_id, .ssb_offset_point_a = 20, .bch_payload = 0x123456};
    fapi_csi_rs_pdu_t *csi = &r->slab->csi_rs[r->slab->n_csi_rs++];
    *csi = (fapi_csi_rs_pdu_t){.bwp_size = 51,
                               .n_rbs = 51,
                               .scs = 1,
                               .csi_type = 2,
                               .row = 2,
                               .freq_domain = 1,
                               .symb_l0 = 8,
                               .freq_density = 2};
    r->slab->rate_match[1] = (fapi_rate_match_t){.rb_bitmap = {UINT64_C(0x3f) << 40}, .symbol_mask = 1 << 9};
    fapi_pdsch_pdu_t *p = rig_pdsch(r, 1, 0, 51, 2, 12, 5, 1);
    p->dmrs_symbol_mask = 1 << 11;
    p->csi_rs_mask = 1;
    p->rate_match_mask = 2;
    const phy_grid_t *grid = rig_transmit(r, 0);
    CU_ASSERT_EQUAL(du_phy_counters(r->l1)->dl_refused, 0);
    /* SSB of case C block 0: symbols 2..5, PRBs 10..29 of 30 kHz: empty beside the PSS */
    const ci16_t *x = phy_grid_symbol(grid, 0, 2);
    CU_ASSERT(x[10 * 12].re == 0 && x[10 * 12].im == 0 && x[10 * 12 + 120].re != 0);
    CU_ASSERT(x[9 * 12].re != 0 && x[30 * 12].re != 0);
    x = phy_grid_symbol(grid, 0, 8); /* zero-power CSI-RS: subcarrier 0 of each PRB */
    for (unsigned prb = 0; prb < 51; prb++)
        CU_ASSERT(x[prb * 12].re == 0 && x[prb * 12].im == 0 && x[prb * 12 + 1].re != 0);
    x = phy_grid_symbol(grid, 0, 9);
    CU_ASSERT(x[40 * 12].re == 0 && x[45 * 12 + 11].im == 0 && x[39 * 12].re != 0 && x[46 * 12].re != 0);
    du_phy_dl_release(r->l1, 0);
    rig_destroy(r);
}

static void with_device(const char *device, const char *want_name)
{
    fapi_cell_config_t cell = rig_cell(51, 1, 2);
    rig_t *r = rig_create(&cell, 0, PHY_ISA_BEST);
    du_phy_destroy(r->l1);
    du_phy_cfg_t cfg = {.cell = cell, .max_isa = PHY_ISA_BEST, .bbdev = device};
    CU_ASSERT_EQUAL_FATAL(du_phy_create(&cfg, NULL, &r->l1, NULL), 0);
    CU_ASSERT_STRING_EQUAL(du_phy_ldpc_name(r->l1), want_name);
    rig_begin(r, 4);
    rig_pusch(r, 0x4601, 0, 51, 0, 14, 15, 1);
    rig_send_pusch(r, 0);
    channel_cfg_t cc = {.n_tx = 1, .n_rx = 2, .mu = 1, .n_sc = 51 * 12, .gain = 0.5f, .seed = 2};
    channel_t *channel = NULL;
    CU_ASSERT_EQUAL_FATAL(channel_create(&cc, &channel), 0);
    const fapi_ul_slot_t *out = rig_receive(r, 4, channel, 0.01f);
    CU_ASSERT_TRUE(out->pusch[0].crc_ok);
    CU_ASSERT_EQUAL(memcmp(out->rx + out->pusch[0].tb_offset, r->payload[0], out->pusch[0].tb_bytes), 0);
    du_phy_ul_release(r->l1, 4);
    channel_destroy(channel);
    rig_destroy(r);
}

static void test_accelerator_or_none(void)
{
    bbdev_double_t d = {.capability_flags =
                            RTE_BBDEV_LDPC_DEINTERLEAVER_BYPASS | RTE_BBDEV_LDPC_ITERATION_STOP_ENABLE,
                        .llr_size = 8,
                        .n_queues = 8};
    CU_ASSERT_EQUAL_FATAL(bbdev_double_add("ldpc_double0", &d), 0);
    with_device("ldpc_double0", "ldpc_double0");
    CU_ASSERT(d.seen > 0);
    bbdev_double_remove("ldpc_double0");
    with_device("not_there", phy_isa_name(phy_isa_detect()));
    with_device("baseband_null", phy_isa_name(phy_isa_detect()));
}

int main(void)
{
    static const CU_TestInfo tests[] = {{"PRACH", test_prach},
                                        {"SRS", test_srs},
                                        {"UCI on PUSCH, CSI in two parts", test_uci_on_pusch},
                                        {"PTRS on PUSCH", test_ptrs_on_pusch},
                                        {"streams of a category B radio", test_streams_of_a_category_b_radio},
                                        {"precoding by weights, by matrix, of two users", test_precoding},
                                        {"rate matching", test_rate_matching},
                                        {"an accelerator, or none", test_accelerator_or_none},
                                        CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{.pName = "du/phy channels", .pTests = (CU_TestInfo *)tests},
                             CU_SUITE_INFO_NULL};
    char *argv[] = {"test",
                    "--no-huge",
                    "--no-pci",
                    "--no-telemetry",
                    "--no-shconf",
                    "-m",
                    "128",
                    "--vdev=baseband_null",
                    "--log-level=error",
                    NULL};
    if (bbdev_eal_start((int)(sizeof argv / sizeof *argv) - 1, argv) || CU_initialize_registry() ||
        CU_register_suites(suites))
        return 2;
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    unsigned failed = CU_get_number_of_failures(), ran = CU_get_number_of_asserts();
    CU_cleanup_registry();
    return failed || !ran;
}
