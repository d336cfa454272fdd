/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/mac/radio.h"

#include <errno.h>
#include <string.h>

#include "lib/mac/access.h"
#include "lib/mac/mcs.h"

/* Uplink band edges of the default layout, in PRBs from the lower edge (the upper edge PRB is the second hop
 * of the common PUCCH): 0 common PUCCH | 1 SR | 2 CSI | 3, 4 format 2 for HARQ-ACK | 5 .. format 1 for
 * HARQ-ACK, 28 UEs a PRB */
#define PRB_SR 1
#define PRB_CSI 2
#define PRB_F2 3
#define PRB_F1 5
#define UES_PER_F1_PRB 28 /* 4 cyclic shifts (delta 3) x 7 orthogonal covers (14 symbols, no hopping) */
#define F2_POOL 14        /* two PRBs, 7 pairs of symbols each */
#define SR_PERIOD_SLOTS 20
#define CSI_PERIOD_SLOTS 80

static radio_tdra_t row(uint8_t k, uint8_t start, uint8_t n)
{
    return (radio_tdra_t){.k = k, .mapping_type = 0, .start_symbol = start, .n_symbols = n};
}

int radio_cell_defaults(radio_cell_t *ret, uint16_t n_prb)
{
    const char *why;
    radio_cell_t c = {
        .nr_cell_id = UINT64_C(411) << 14 | 1,
        .plmn = {0x00, 0xf1, 0x10}, /* 001/01 */
        .tac = 7,
        .pci = 1,
        .band = 78,
        .mu = 1,
        .n_prb = n_prb,
        .tdd_period_slots = 5,
        .tdd_dl_slots = 3,
        .tdd_dl_symbols = 10,
        .tdd_ul_symbols = 2,
        .tdd_ul_slots = 1,
        .ssb_period_ms = 20,
        .k_ssb = 0,
        .offset_to_point_a = 12 << 1,
        .ssb_mask_byte = 0x80,
        .ss_pbch_power_dbm = -16,
        .dmrs_type_a_pos = 2,
        .coreset0_index = 13, /* 48 PRBs, 2 symbols, 12 PRBs below the SSB */
        .search_space0_index = 0,
        .sib1_period_slots = 40,
        .q_rx_lev_min = -70,
        .css = {.id = 1, .coreset_id = 0, .ue_specific = false, .n_candidates = {0, 0, 4, 2, 0}},
        /* no CSI-RS slot but special ones: their last symbol is free with row 2 */
        .dl_tdra = {row(0, 2, 12), row(0, 2, 8), row(0, 2, 7)},
        .n_dl_tdra = 3,
        .ul_tdra = {row(2, 0, 14), row(3, 0, 14), row(4, 0, 14), row(1, 0, 14), row(5, 0, 14), row(6, 0, 14)},
        .n_ul_tdra = 6,
        .prach_config_index = 159,
        .prach_root = 1,
        .prach_zero_corr = 0,
        .prach_freq_start = 10,
        .preamble_target_dbm = -100,
        .preamble_trans_max = 10,
        .power_ramp_db = 4,
        .ra_window_slots = 20,
        .contention_ms = 64,
        .csi_rs_period_slots = 40,
        .csi_rs_offset_slots = 3,
        .csi_rs_symbol = 9,
        .pucch_common_index = 12,
        .pucch_hopping_id = 1,
        .p0_nominal_dbm = -90,
        .msg3_delta_preamble = 3,
        .paging_cycle_frames = 32,
        .paging_n = 1,
        .paging_ns = 1,
        .t300_ms = 1000,
        .t301_ms = 1000,
        .t310_ms = 1000,
        .t311_ms = 3000,
        .n310 = 10,
        .n311 = 1,
        .ta_timer_common = 7,
    };
    if (n_prb == 51)
        c.carrier_arfcn = 632820; /* 3492.30 MHz */
    else if (n_prb == 273)
        c.carrier_arfcn = 635484; /* 3532.26 MHz */
    else
        return -EINVAL;
    c.point_a_arfcn = 632208; /* 3483.12 MHz */
    c.ssb_arfcn = 632736;     /* 3491.04 MHz, GSCN 7840 */
    if (radio_cell_derive(&c, &why) < 0)
        return -EINVAL;
    *ret = c;
    return 0;
}

/* The one PRACH occasion of a frame, where the index has exactly that. TS 38.211 6.3.3.2. */
static const char *derive_prach(radio_cell_t *c)
{
    prach_config_t p;
    uint32_t n = 0;
    if (!prach_config_tdd(c->prach_config_index, &p))
        return "prach_config_index: not supported";
    if (p.format < PRACH_A1 || p.n_occasions < 1 || p.x != 1)
        return "prach_config_index: not a short format in every frame";
    for (uint16_t slot = 0; slot < 10u << c->mu; slot++)
        if (prach_slot(&p, c->mu, p.y, slot)) {
            if (n++ == 0)
                c->prach_slot = (uint8_t)slot;
        }
    if (n != 1)
        return "prach_config_index: not one slot a frame";
    c->prach_format = p.format;
    c->prach_start_symbol = p.start_symbol;
    c->prach_n_symbols = p.n_symbols;
    c->prach_n_prb = 12; /* L_RA 139 at the PUSCH's spacing, table 6.3.3.2-1 */
    if (radio_ul_symbols(c, c->prach_slot) < 14)
        return "prach_config_index: its slot is not an uplink slot of the TDD pattern";
    if (c->prach_freq_start + 12u > c->n_prb)
        return "prach_freq_start: past the carrier";
    return NULL;
}

static const char *derive(radio_cell_t *c)
{
    coreset0_t c0;
    if (c->mu != 1)
        return "mu: only 30 kHz";
    if (c->n_prb < 24 || c->n_prb > 273)
        return "n_prb: 24 to 273";
    if (c->pci > 1007)
        return "pci: 0 to 1007";
    if (!c->tdd_period_slots || c->tdd_dl_slots + c->tdd_ul_slots > c->tdd_period_slots || !c->tdd_ul_slots ||
        !c->tdd_dl_slots || 20 % c->tdd_period_slots)
        return "tdd: a pattern whose period divides a frame, with downlink and uplink";
    if (c->tdd_dl_symbols + c->tdd_ul_symbols > 14)
        return "tdd: symbols of the special slot";
    if (c->dmrs_type_a_pos != 2 && c->dmrs_type_a_pos != 3)
        return "dmrs_type_a_pos: 2 or 3";
    c->ssb_prb = (uint16_t)(c->offset_to_point_a >> c->mu);
    if (c->ssb_prb + 20u + (c->k_ssb ? 1u : 0u) > c->n_prb)
        return "offset_to_point_a: the SSB lies past the carrier";
    if (!coreset0_get(c->mu, c->band == 79, c->coreset0_index, &c0))
        return "coreset0_index: reserved";
    if (c0.rb_offset > c->ssb_prb || c->ssb_prb - c0.rb_offset + c0.n_prb > c->n_prb)
        return "coreset0_index: CORESET 0 lies past the carrier";
    c->coreset0 = (radio_coreset_t){.id = 0,
                                    .prb_start = (uint16_t)(c->ssb_prb - c0.rb_offset),
                                    .n_prb = c0.n_prb,
                                    .start_symbol = 0,
                                    .n_symbols = c0.n_symbols,
                                    .interleaved = true,
                                    .reg_bundle = 6,
                                    .interleaver_rows = 2,
                                    .shift_index = c->pci};
    if (!c->n_dl_tdra || c->n_dl_tdra > RADIO_MAX_TDRA || !c->n_ul_tdra || c->n_ul_tdra > RADIO_MAX_TDRA)
        return "dl_tdra, ul_tdra: 1 to 16 rows";
    for (uint32_t i = 0; i < c->n_dl_tdra; i++)
        if (!c->dl_tdra[i].n_symbols || c->dl_tdra[i].start_symbol + c->dl_tdra[i].n_symbols > 14)
            return "dl_tdra: symbols past the slot";
    for (uint32_t i = 0; i < c->n_ul_tdra; i++)
        if (!c->ul_tdra[i].n_symbols || c->ul_tdra[i].start_symbol + c->ul_tdra[i].n_symbols > 14)
            return "ul_tdra: symbols past the slot";
    c->csi_rs_n_prb = (uint16_t)((c->n_prb + 3u) & ~3u);
    return derive_prach(c);
}

int radio_cell_derive(radio_cell_t *c, const char **ret_why)
{
    const char *why = derive(c);
    if (why && ret_why)
        *ret_why = why;
    return why ? -EINVAL : 0;
}

/* Format 1 in 14 symbols: place `i` of 28 in a PRB. */
static radio_pucch_res_t f1(uint16_t prb, uint32_t i)
{
    return (radio_pucch_res_t){.format = 1,
                               .prb_start = prb,
                               .n_prb = 1,
                               .start_symbol = 0,
                               .n_symbols = 14,
                               .initial_cyclic_shift = (uint8_t)(3 * (i % 4)),
                               .time_domain_occ = (uint8_t)(i / 4)};
}

/* Format 2 in one PRB and two symbols: pair `i` of 7. */
static radio_pucch_res_t f2(uint16_t prb, uint32_t i)
{
    return (radio_pucch_res_t){
        .format = 2, .prb_start = prb, .n_prb = 1, .start_symbol = (uint8_t)(2 * i), .n_symbols = 2};
}

int radio_ue_defaults(radio_ue_t *ret, const radio_cell_t *c, uint16_t ue_index)
{
    radio_ue_t u = {
        .n_lc = 1,
        .periodic_bsr_slots_ms = 10,
        .retx_bsr_ms = 80,
        .phr_periodic_ms = 100,
        .phr_prohibit_ms = 20,
        .sr_prohibit_ms = 0,
        .sr_trans_max = 64,
        .ta_timer = 7,
        .ta_offset_tc = 25600,
        .uss = {.id = 2, .ue_specific = true, .n_candidates = {2, 4, 3, 1, 0}},
        .mcs_table_dl = 1,
        .mcs_table_ul = 0,
        .dmrs_add_pos = 1,
        .max_layers = 1,
        .n_harq_dl = 16,
        .data_scrambling_id = 1024,
        .n_k1 = 4,
        .k1 = {4, 3, 2, 6}, /* DDDSU: slots 0, 1, 2, and the special slot to the next period */
        .f2_max_code_rate = 5,
        .beta_harq = 9,
        .beta_csi = 9,
        .csi_period_slots = CSI_PERIOD_SLOTS,
        .cqi_table = 1,
        .sr_period_slots = SR_PERIOD_SLOTS,
    };
    /* Uplink slots of an SR and of a CSI period: the layout wants exactly one uplink slot in a TDD period. */
    uint32_t ul_slot = c->tdd_period_slots - 1u;
    uint32_t per_sr = SR_PERIOD_SLOTS / c->tdd_period_slots, per_csi = CSI_PERIOD_SLOTS / c->tdd_period_slots;
    uint32_t sr_slot = ue_index % per_sr, sr_place = ue_index / per_sr;
    uint32_t csi_slot = (ue_index + per_sr / 2) % per_csi, csi_place = ue_index / per_csi;
    if (c->tdd_ul_slots != 1 || sr_place >= UES_PER_F1_PRB || csi_place >= 7)
        return -ERANGE;
    radio_srb_defaults(&u.lc[0], 1);
    u.coreset = c->coreset0;
    if (c->n_prb >= 48 + 96) { /* a wide carrier has a CORESET beside CORESET 0, in PRBs of its own */
        uint16_t start = (uint16_t)((c->coreset0.prb_start + c->coreset0.n_prb + 5) / 6 * 6);
        u.coreset = (radio_coreset_t){.id = 1,
                                      .prb_start = start,
                                      .n_prb = (uint16_t)((c->n_prb - start) / 6 * 6),
                                      .start_symbol = 0,
                                      .n_symbols = 2,
                                      .interleaved = false,
                                      .reg_bundle = 6,
                                      .interleaver_rows = 2};
    }
    u.uss.coreset_id = u.coreset.id;

    for (uint32_t i = 0; i < 8; i++) { /* set 0: one place under each resource indicator */
        u.res[i] = f1((uint16_t)(PRB_F1 + ue_index / UES_PER_F1_PRB), ue_index % UES_PER_F1_PRB);
        u.res[i].id = (uint8_t)i;
    }
    for (uint32_t i = 0; i < 8; i++) { /* set 1: eight of the pool, each UE from another place on */
        uint32_t at = (ue_index + i) % F2_POOL;
        u.res[8 + i] = f2((uint16_t)(PRB_F2 + at / 7), at % 7);
        u.res[8 + i].id = (uint8_t)(8 + i);
    }
    u.n_set0 = u.n_set1 = 8;
    u.sr_res = 16;
    u.csi_res = 17;
    u.res[16] = f1(PRB_SR, sr_place);
    u.res[16].id = 16;
    u.res[17] = f2(PRB_CSI, csi_place);
    u.res[17].id = 17;
    u.n_res = 18;
    u.sr_offset_slots = (uint16_t)(sr_slot * c->tdd_period_slots + ul_slot);
    u.csi_offset_slots = (uint16_t)(csi_slot * c->tdd_period_slots + ul_slot);
    *ret = u;
    return 0;
}

uint16_t radio_pucch_prbs(uint16_t n_ues)
{
    return (uint16_t)(PRB_F1 + (n_ues + UES_PER_F1_PRB - 1) / UES_PER_F1_PRB);
}

void radio_srb_defaults(radio_lc_t *ret, uint8_t srb_id)
{
    *ret = (radio_lc_t){.lcid = srb_id,
                        .rb_id = srb_id,
                        .rlc = {.mode = RADIO_RLC_AM,
                                .sn_bits = 12,
                                .t_poll_retx_ms = 45,
                                .t_reassembly_ms = 35,
                                .t_status_prohibit_ms = 0,
                                .max_retx = 8},
                        .priority = srb_id == 2 ? 3 : 1,
                        .lcg = 0,
                        .pbr_kbytes_s = UINT32_MAX,
                        .bsd_ms = 50};
}

void radio_drb_defaults(radio_lc_t *ret, uint8_t drb_id, uint8_t five_qi)
{
    *ret = (radio_lc_t){.lcid = (uint8_t)RADIO_DRB_LCID(drb_id),
                        .is_drb = 1,
                        .rb_id = drb_id,
                        .rlc = {.mode = RADIO_RLC_AM,
                                .sn_bits = 18,
                                .t_poll_retx_ms = 40,
                                .t_reassembly_ms = 40,
                                .t_status_prohibit_ms = 10,
                                .poll_pdu = 32,
                                .max_retx = 32},
                        .priority = 12,
                        .lcg = (uint8_t)(1 + (drb_id - 1) % 7),
                        .pbr_kbytes_s = 8,
                        .bsd_ms = 100,
                        .five_qi = five_qi};
}

void radio_dci_cfg(const radio_cell_t *c, const radio_ue_t *u, dci_cfg_t *ret)
{
    *ret = (dci_cfg_t){.n_prb_coreset0 = c->coreset0.n_prb,
                       .n_prb_initial_dl = c->n_prb,
                       .n_prb_initial_ul = c->n_prb,
                       .n_tdra_dl = c->n_dl_tdra,
                       .n_tdra_ul = c->n_ul_tdra,
                       .dmrs_type_dl = 1,
                       .dmrs_type_ul = 1,
                       .dmrs_maxlen_dl = 1,
                       .dmrs_maxlen_ul = 1};
    if (!u)
        return;
    ret->n_prb_dl = ret->n_prb_ul = c->n_prb;
    ret->ra_type_dl = ret->ra_type_ul = 1;
    ret->n_k1 = u->n_k1;
    ret->max_codewords = 1;
    ret->dai_dynamic = 1;
}

coreset_t radio_coreset(const radio_coreset_t *c)
{
    return (coreset_t){.id = c->id,
                       .n_symbols = c->n_symbols,
                       .prb_start = c->prb_start,
                       .n_prb = c->n_prb,
                       .interleaved = c->interleaved,
                       .reg_bundle = c->interleaved ? c->reg_bundle : 6,
                       .interleaver_rows = c->interleaver_rows,
                       .shift = c->shift_index};
}

search_space_t radio_search_space(const radio_search_space_t *s)
{
    search_space_t r = {.ue_specific = s->ue_specific};
    memcpy(r.n_candidates, s->n_candidates, sizeof r.n_candidates);
    return r;
}

radio_dmrs_t radio_dmrs(const radio_cell_t *c, const radio_tdra_t *t, uint8_t add_pos, uint8_t n_cdm_groups)
{
    tdra_t row = {.k = t->k, .mapping = t->mapping_type, .start = t->start_symbol, .len = t->n_symbols};
    radio_dmrs_t r = {.symbol_mask = dmrs_symbol_mask(&row, c->dmrs_type_a_pos, add_pos),
                      .n_cdm_groups = n_cdm_groups};
    r.re_per_prb = tbs_re_per_prb(
        t->n_symbols, dmrs_re_per_prb(1, (uint8_t)__builtin_popcount(r.symbol_mask), n_cdm_groups), 0);
    return r;
}
