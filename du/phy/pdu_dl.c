/* SPDX-License-Identifier: Apache-2.0 */
#include "du/phy/pdu.h"

#include "lib/core/clock.h"

#include <errno.h>
#include <string.h>

pdu_slot_t pdu_slot(const fapi_cell_config_t *cell, uint16_t carrier_start, uint8_t ldpc_iterations,
                    uint64_t abs_slot)
{
    return (pdu_slot_t){.cell = cell,
                        .carrier_start = carrier_start,
                        .ldpc_iterations = ldpc_iterations,
                        .abs_slot = abs_slot,
                        .sfn = slot_sfn(abs_slot, cell->mu),
                        .slot = slot_in_frame(abs_slot, cell->mu)};
}

int pdu_check_common(const pdu_slot_t *s, uint8_t scs, uint8_t cyclic_prefix, phy_refusal_t *why)
{
    if (scs != s->cell->mu)
        return phy_refuse(why, "scs", scs, "the carrier's numerology");
    if (cyclic_prefix != 0)
        return phy_refuse(why, "cyclic_prefix", cyclic_prefix, "0: normal");
    return 0;
}

/* Candidate blocks of a half-frame, TS 38.213 4.1: by case, carrier frequency and, at case C, duplex. */
static unsigned ssb_l_max(const fapi_cell_config_t *c)
{
    if (c->ssb_case >= SSB_CASE_D)
        return 64;
    /* TS 38.104 5.4.2.1: 5 kHz steps to 3 GHz, 15 kHz steps above; in kHz */
    uint64_t arfcn = c->dl_point_a_arfcn;
    uint64_t khz = arfcn < 600000 ? arfcn * 5 : 3000000 + (arfcn - 600000) * 15;
    bool low = c->ssb_case == SSB_CASE_C && c->tdd_period_slots ? khz < 1880000 : khz <= 3000000;
    return low ? 4 : 8;
}

int pdu_ssb(const pdu_slot_t *s, const fapi_ssb_pdu_t *pdu, ssb_cfg_t *ret, phy_refusal_t *why)
{
    const fapi_cell_config_t *c = s->cell;
    bool fr2 = c->mu >= 3;
    unsigned l_max = ssb_l_max(c);
    unsigned symbol, first_sc;
    if (c->ssb_case > SSB_CASE_E)
        return phy_refuse(why, "ssb_case", c->ssb_case, "0..4");
    if (ssb_candidate_symbol((ssb_case_t)c->ssb_case, l_max, pdu->ssb_block_index, &symbol))
        return phy_refuse(why, "ssb_block_index", pdu->ssb_block_index,
                          "a candidate block of the cell's case");
    unsigned half_slots = slots_per_frame(c->mu) / 2;
    if (symbol / PHY_SYMBOLS != s->slot % half_slots)
        return phy_refuse(why, "ssb_block_index", pdu->ssb_block_index, "a block that lies in this slot");
    int err = ssb_first_subcarrier(fr2, c->mu, c->mu, s->carrier_start, c->n_prb_dl, pdu->ssb_offset_point_a,
                                   pdu->k_ssb, &first_sc, why);
    if (err)
        return err;
    if (pdu->beta_pss > 1)
        return phy_refuse(why, "beta_pss", pdu->beta_pss, "0, 1");
    *ret = (ssb_cfg_t){.phys_cell_id = pdu->phys_cell_id,
                       .index = pdu->ssb_block_index,
                       .l_max = (uint8_t)l_max,
                       .half_frame = s->slot >= half_slots,
                       .sfn = s->sfn,
                       .k_ssb = pdu->k_ssb,
                       .mib = pdu->bch_payload,
                       .first_sc = (uint16_t)first_sc,
                       .first_symbol = (uint8_t)(symbol % PHY_SYMBOLS),
                       .beta_pss_db = pdu->beta_pss ? 3 : 0};
    return 0;
}

unsigned pdu_pdsch_reserved(const pdu_slot_t *s, const fapi_dl_slot_t *slab, const fapi_pdsch_pdu_t *pdu,
                            const csi_rs_plan_t *const *csi_rs, pdsch_reserved_t *reserved)
{
    unsigned n = 0;
    for (unsigned i = 0; i < slab->n_ssb && i < FAPI_MAX_SSB; i++) {
        ssb_cfg_t ssb;
        if (pdu_ssb(s, &slab->ssb[i], &ssb, NULL) == 0)
            pdsch_reserve_sc(ssb.first_sc, SSB_SC, (uint16_t)(0xf << ssb.first_symbol), &reserved[n++]);
    }
    for (unsigned i = 0; i < FAPI_MAX_RATE_MATCH; i++)
        if (pdu->rate_match_mask >> i & 1) {
            reserved[n] = (pdsch_reserved_t){.symbols = slab->rate_match[i].symbol_mask, .re = 0xfff};
            memcpy(reserved[n++].prb, slab->rate_match[i].rb_bitmap, sizeof reserved->prb);
        }
    for (unsigned i = 0; i < slab->n_csi_rs && i < FAPI_MAX_CSI_RS; i++)
        if ((pdu->csi_rs_mask >> i & 1) && csi_rs[i])
            n += csi_rs_reserve(csi_rs[i], &reserved[n]);
    return n;
}

/* Layer whose DMRS port carries PTRS; the boundary names ports. */
static int ptrs_layer(const fapi_ptrs_t *ptrs, uint16_t dmrs_ports, uint8_t *ret, phy_refusal_t *why)
{
    uint8_t layer = 0;
    for (unsigned p = 0; p < 16; p++) {
        if (p < 8 && (ptrs->ports >> p & 1)) {
            if (!(dmrs_ports >> p & 1))
                break;
            *ret = layer;
            return 0;
        }
        layer += dmrs_ports >> p & 1;
    }
    return phy_refuse(why, "ptrs.ports", ptrs->ports, "DMRS ports of this PDU");
}

int pdu_pdsch(const pdu_slot_t *s, const fapi_dl_slot_t *slab, const fapi_pdsch_pdu_t *pdu, pdsch_cfg_t *ret,
              phy_refusal_t *why)
{
    int err = pdu_check_common(s, pdu->scs, pdu->cyclic_prefix, why);
    if (err)
        return err;
    if (pdu->tb_offset > slab->tx_bytes || slab->tx_bytes > sizeof slab->tx ||
        pdu->tb_bytes > slab->tx_bytes - pdu->tb_offset)
        return phy_refuse(why, "tb_offset", pdu->tb_offset, "a block inside of tx_bytes");
    if (pdu->vrb_to_prb > 2)
        return phy_refuse(why, "vrb_to_prb", pdu->vrb_to_prb, "0..2");
    if (pdu->dmrs_config_type > 1)
        return phy_refuse(why, "dmrs_config_type", pdu->dmrs_config_type, "0, 1");
    if (pdu->ref_point > 1)
        return phy_refuse(why, "ref_point", pdu->ref_point, "0, 1");
    if (pdu->tbs_lbrm_bytes > (1u << 24))
        return phy_refuse(why, "tbs_lbrm_bytes", pdu->tbs_lbrm_bytes, "a transport block size");
    uint8_t layer = 0;
    if (pdu->ptrs.ports && (err = ptrs_layer(&pdu->ptrs, pdu->dmrs_ports, &layer, why)))
        return err;
    *ret = (pdsch_cfg_t){
        .slot = s->slot,
        .carrier_start = s->carrier_start,
        .carrier_size = s->cell->n_prb_dl,
        .bwp_start = pdu->bwp_start,
        .bwp_size = pdu->bwp_size,
        .resource_alloc = pdu->resource_alloc,
        /* ref_point: the BWP of the PDU is CORESET 0, VRBs count from its lowest PRB */
        .vrb_mapping = pdu->vrb_to_prb == 0 ? PDSCH_VRB_DIRECT
                       : pdu->ref_point     ? PDSCH_VRB_INTERLEAVED_CORESET0
                                            : PDSCH_VRB_INTERLEAVED,
        .vrb_bundle = pdu->vrb_to_prb == 1 ? 2 : 4,
        .n_initial_bwp = pdu->bwp_size,
        .rb_start = pdu->rb_start,
        .rb_size = pdu->rb_size,
        .start_symbol = pdu->start_symbol,
        .n_symbols = pdu->n_symbols,
        .tb_bytes = pdu->tb_bytes,
        .qm = pdu->qam_mod_order,
        .target_code_rate = pdu->target_code_rate,
        .rv = pdu->rv_index,
        .tbs_lbrm = pdu->tbs_lbrm_bytes * 8,
        .rnti = pdu->rnti,
        .n_id = pdu->n_id_pdsch,
        .n_layers = pdu->n_layers,
        .dmrs_symbols = pdu->dmrs_symbol_mask,
        .dmrs_type = pdu->dmrs_config_type + 1,
        .dmrs_length = (pdu->dmrs_symbol_mask & pdu->dmrs_symbol_mask << 1) ? 2 : 1,
        .dmrs_ports = pdu->dmrs_ports,
        .n_cdm_groups_without_data = pdu->n_cdm_groups_no_data,
        .dmrs_n_id = {pdu->dmrs_scrambling_id, pdu->dmrs_scrambling_id},
        .dmrs_n_scid = pdu->dmrs_scid,
        .dmrs_coreset0 = pdu->ref_point,
        .ptrs = pdu->ptrs.ports != 0,
        .ptrs_layer = layer,
        .ptrs_l = pdu->ptrs.time_density,
        .ptrs_k = pdu->ptrs.freq_density,
        .ptrs_re_offset = pdu->ptrs.re_offset,
        .ptrs_epre_ratio = pdu->ptrs.epre_ratio,
        .power_db = pdu->power_offset_db,
    };
    memcpy(ret->rb_bitmap, pdu->rb_bitmap, sizeof ret->rb_bitmap);
    return 0;
}

int pdu_pdcch(const pdu_slot_t *s, const fapi_pdcch_pdu_t *pdu, pdcch_tx_cfg_t *ret, phy_refusal_t *why)
{
    int err = pdu_check_common(s, pdu->scs, pdu->cyclic_prefix, why);
    if (err)
        return err;
    if (pdu->payload_bits > 8 * sizeof pdu->payload)
        return phy_refuse(why, "payload_bits", pdu->payload_bits, "12..128");
    if (pdu->coreset_type > 1)
        return phy_refuse(why, "coreset_type", pdu->coreset_type, "0, 1");
    if (pdu->precoder_granularity > 1)
        return phy_refuse(why, "precoder_granularity", pdu->precoder_granularity, "0, 1");
    /* 45 bits, the first in bit 7 of byte 0 */
    uint64_t freq = 0;
    for (unsigned i = 0; i < 6; i++)
        freq = freq << 8 | pdu->freq_domain_resource[i];
    freq >>= 3;
    /* TS 38.213 10.1: groups of 6 count from the first CRB of the BWP that is a multiple of 6; CORESET 0 is
     * where its BWP begins */
    uint16_t start = pdu->coreset_type == 0 ? pdu->bwp_start : (uint16_t)((pdu->bwp_start + 5) / 6 * 6);
    *ret = (pdcch_tx_cfg_t){
        .slot = s->slot,
        .carrier_start = s->carrier_start,
        .carrier_size = s->cell->n_prb_dl,
        .coreset_start = start,
        .freq_resources = freq,
        .start_symbol = pdu->start_symbol,
        .duration = pdu->duration,
        .interleaved = pdu->cce_reg_interleaved != 0,
        .reg_bundle = pdu->reg_bundle_size,
        .interleaver = pdu->interleaver_size,
        .shift_index = pdu->shift_index,
        .dmrs_coreset0 = pdu->coreset_type == 0,
        .all_contiguous_rbs = pdu->precoder_granularity == 1,
        .aggregation_level = pdu->aggregation_level,
        .first_cce = pdu->cce_index,
        .rnti = pdu->rnti,
        .scrambling_rnti = pdu->scrambling_rnti,
        .scrambling_id = pdu->scrambling_id,
        .dmrs_id = pdu->dmrs_id,
        .power_db = pdu->power_offset_db,
        .dmrs_power_db = pdu->power_offset_db,
        .payload_bits = pdu->payload_bits,
    };
    return 0;
}

int pdu_csi_rs(const pdu_slot_t *s, const fapi_csi_rs_pdu_t *pdu, csi_rs_cfg_t *ret, phy_refusal_t *why)
{
    int err = pdu_check_common(s, pdu->scs, pdu->cyclic_prefix, why);
    if (err)
        return err;
    if (pdu->csi_type > 2)
        return phy_refuse(why, "csi_type", pdu->csi_type, "0..2");
    if (pdu->cdm_type > 3)
        return phy_refuse(why, "cdm_type", pdu->cdm_type, "0..3");
    if (pdu->freq_density > 3)
        return phy_refuse(why, "freq_density", pdu->freq_density, "0..3");
    *ret = (csi_rs_cfg_t){
        .slot = s->slot,
        .carrier_start = s->carrier_start,
        .carrier_size = s->cell->n_prb_dl,
        .start_rb = (uint16_t)(pdu->bwp_start + pdu->start_rb),
        .n_rbs = pdu->n_rbs,
        .row = pdu->row,
        .freq_domain = pdu->freq_domain,
        .symbol_l0 = pdu->symb_l0,
        .symbol_l1 = pdu->symb_l1,
        .cdm = (csi_rs_cdm_t)pdu->cdm_type,
        .density = (csi_rs_density_t)pdu->freq_density,
        .n_id = pdu->scramb_id,
        .power_db = pdu->power_offset_ss_db,
        .zero_power = pdu->csi_type == 2,
    };
    return 0;
}
