/* SPDX-License-Identifier: Apache-2.0 */
#include "du/phy/pdu.h"
#include "lib/phy/dl/precoding.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* PRB of the grid that a BWP begins with; it has been checked. */
static int check_bwp(const pdu_slot_t *s, uint16_t bwp_start, uint16_t bwp_size, phy_refusal_t *why)
{
    if (bwp_start < s->carrier_start || bwp_start - s->carrier_start >= s->cell->n_prb_ul)
        return phy_refuse(why, "bwp_start", bwp_start, "a CRB of the carrier");
    if (bwp_start - s->carrier_start + bwp_size > s->cell->n_prb_ul)
        return phy_refuse(why, "bwp_size", bwp_size, "a BWP inside of the carrier");
    return 0;
}

static int check_inside_bwp(uint32_t first, uint32_t n, uint16_t bwp_size, const char *field,
                            phy_refusal_t *why)
{
    return first + n > bwp_size ? phy_refuse(why, field, first, "PRBs inside of the BWP") : 0;
}

static const uint8_t alpha_x100[4] = {50, 65, 80, 100}; /* UCI-OnPUSCH scaling, TS 38.331 */

static int pusch_uci(const fapi_pusch_pdu_t *pdu, pusch_cfg_t *ret, phy_refusal_t *why)
{
    if (pdu->alpha > 3)
        return phy_refuse(why, "alpha", pdu->alpha, "0..3");
    if (pdu->beta_harq > 15)
        return phy_refuse(why, "beta_harq", pdu->beta_harq, "0..15");
    if (pdu->beta_csi1 > 18)
        return phy_refuse(why, "beta_csi1", pdu->beta_csi1, "0..18");
    if (pdu->beta_csi2 > 18)
        return phy_refuse(why, "beta_csi2", pdu->beta_csi2, "0..18");
    const unsigned max_bits = 8 * FAPI_MAX_UCI_BYTES;
    if (pdu->harq_ack_bits >= max_bits)
        return phy_refuse(why, "harq_ack_bits", pdu->harq_ack_bits, "0..255, what an indication holds");
    if (pdu->csi1_bits >= max_bits)
        return phy_refuse(why, "csi1_bits", pdu->csi1_bits, "0..255, what an indication holds");
    if (pdu->csi2_bits >= max_bits)
        return phy_refuse(why, "csi2_bits", pdu->csi2_bits, "0..255, what an indication holds");
    const fapi_csi2_map_t *map = &pdu->csi2;
    if (map->param_bits > 4)
        return phy_refuse(why, "csi2.param_bits", map->param_bits, "0..4");
    if (map->param_bits && map->param_offset + map->param_bits > pdu->csi1_bits)
        return phy_refuse(why, "csi2.param_offset", map->param_offset, "bits of CSI part 1");
    for (unsigned i = 0; map->param_bits && i < 1u << map->param_bits; i++)
        if (map->bits[i] >= max_bits)
            return phy_refuse(why, "csi2.bits", map->bits[i], "0..255, what an indication holds");
    ret->n_harq_ack = pdu->harq_ack_bits;
    ret->n_csi1 = pdu->csi1_bits;
    ret->n_csi2 = pdu->csi2_bits;
    ret->csi2_follows = map->param_bits != 0;
    ret->beta_harq_ack_x1000 = ulsch_beta_ack(pdu->beta_harq);
    ret->beta_csi1_x1000 = ulsch_beta_csi(pdu->beta_csi1);
    ret->beta_csi2_x1000 = ulsch_beta_csi(pdu->beta_csi2);
    ret->alpha_x100 = alpha_x100[pdu->alpha];
    return 0;
}

/* TS 38.214 6.2.3.1: UE antenna ports 0 and 2 share one PTRS port, 1 and 3 the other, so the precoder says
 * whose phase a layer has. */
static int second_ptrs_port(const fapi_pusch_pdu_t *pdu, unsigned dmrs_port, pusch_cfg_t *ret,
                            phy_refusal_t *why)
{
    ret->ptrs_second_port = true;
    ret->ptrs_second_layer = (uint8_t)__builtin_popcount(pdu->dmrs_ports & ((1u << dmrs_port) - 1));
    ret->ptrs_second_layers = (uint8_t)(1u << ret->ptrs_second_layer);
    if (pdu->n_layers < 3)
        return 0;
    cf_t w[PHY_MAX_LAYERS * PHY_MAX_LAYERS];
    const uint8_t tpmi = pdu->tpmi > UINT8_MAX ? UINT8_MAX : (uint8_t)pdu->tpmi;
    if (precoding_pusch(4, pdu->n_layers, tpmi, false, w, why) < 0)
        return -EINVAL;
    unsigned pairs[PHY_MAX_LAYERS] = {0}; /* bit 0: antenna ports 0, 2; bit 1: 1, 3 */
    for (unsigned p = 0; p < 4; p++)
        for (unsigned l = 0; l < pdu->n_layers; l++)
            if (w[p * pdu->n_layers + l].re != 0 || w[p * pdu->n_layers + l].im != 0)
                pairs[l] |= 1u << p % 2;
    for (unsigned l = 0; l < pdu->n_layers; l++) {
        if (pairs[l] == 3)
            return phy_refuse(why, "ptrs.ports", pdu->ptrs.ports, "one port with this TPMI");
        if (pairs[l] == pairs[ret->ptrs_second_layer])
            ret->ptrs_second_layers |= (uint8_t)(1u << l);
    }
    return 0;
}

static int ptrs(const fapi_pusch_pdu_t *pdu, pusch_cfg_t *ret, phy_refusal_t *why)
{
    const fapi_ptrs_t *t = &pdu->ptrs;
    if (!t->ports && !t->dfts_groups)
        return 0;
    ret->ptrs = true;
    ret->ptrs_time_density = t->time_density;
    if (pdu->transform_precoding) {
        ret->ptrs_n_groups = t->dfts_groups;
        ret->ptrs_n_samples = t->freq_density;
        return 0;
    }
    if (!t->ports)
        return phy_refuse(why, "ptrs.dfts_groups", t->dfts_groups, "0 without transform precoding");
    if (t->ports & ~pdu->dmrs_ports)
        return phy_refuse(why, "ptrs.ports", t->ports, "DMRS ports of this PDU");
    const unsigned first = (unsigned)__builtin_ctz(t->ports), rest = t->ports & (t->ports - 1u);
    ret->ptrs_freq_density = t->freq_density;
    ret->ptrs_re_offset = t->re_offset;
    ret->ptrs_layer = (uint8_t)__builtin_popcount(pdu->dmrs_ports & ((1u << first) - 1));
    /* TS 38.214 table 6.2.3.1.3-1, ptrs-Power 00, full coherence: 0, 3, 4.77, 6 dB over a layer's data RE */
    ret->ptrs_amplitude = sqrtf(pdu->n_layers);
    if (rest & (rest - 1u))
        return phy_refuse(why, "ptrs.ports", t->ports, "two ports at most");
    return rest ? second_ptrs_port(pdu, (unsigned)__builtin_ctz(rest), ret, why) : 0;
}

int pdu_pusch(const pdu_slot_t *s, const fapi_pusch_pdu_t *pdu, pusch_cfg_t *ret, phy_refusal_t *why)
{
    pusch_cfg_t c = {0};
    int err = pdu_check_common(s, pdu->scs, pdu->cyclic_prefix, why);
    if (err)
        return err;
    if (pdu->transform_precoding > 1)
        return phy_refuse(why, "transform_precoding", pdu->transform_precoding, "0, 1");
    if (pdu->resource_alloc > 1)
        return phy_refuse(why, "resource_alloc", pdu->resource_alloc, "0, 1");
    if (pdu->dmrs_config_type > 1)
        return phy_refuse(why, "dmrs_config_type", pdu->dmrs_config_type, "0, 1");
    if (pdu->group_or_sequence_hopping > 2)
        return phy_refuse(why, "group_or_sequence_hopping", pdu->group_or_sequence_hopping, "0..2");
    if (pdu->frequency_hopping > 1)
        return phy_refuse(why, "frequency_hopping", pdu->frequency_hopping, "0, 1");
    if (pdu->tbs_lbrm_bytes > (1u << 24))
        return phy_refuse(why, "tbs_lbrm_bytes", pdu->tbs_lbrm_bytes, "a transport block size");
    if (pdu->n_layers == 0 || pdu->n_layers > PHY_MAX_LAYERS)
        return phy_refuse(why, "n_layers", pdu->n_layers, "1..4");
    unsigned n_ports = 0;
    for (unsigned p = 0; p < 16; p++)
        if (pdu->dmrs_ports >> p & 1) {
            if (n_ports < PHY_MAX_LAYERS)
                c.dmrs_port[n_ports] = (uint8_t)p;
            n_ports++;
        }
    if (n_ports != pdu->n_layers)
        return phy_refuse(why, "dmrs_ports", pdu->dmrs_ports, "as many ports as layers");
    if ((err = check_bwp(s, pdu->bwp_start, pdu->bwp_size, why)))
        return err;
    uint16_t shift = (uint16_t)(pdu->bwp_start - s->carrier_start);
    if (pdu->resource_alloc == 0) {
        c.resource_alloc_type0 = true;
        for (unsigned i = 0; i < 5 * 64; i++)
            if (pdu->rb_bitmap[i / 64] >> (i % 64) & 1) {
                if (i >= pdu->bwp_size)
                    return phy_refuse(why, "rb_bitmap", i, "PRBs inside of the BWP");
                c.rb_set[(i + shift) / 64 % 5] |= UINT64_C(1) << ((i + shift) % 64);
            }
    } else {
        if ((err = check_inside_bwp(pdu->rb_start, pdu->rb_size, pdu->bwp_size, "rb_start", why)) ||
            (pdu->frequency_hopping &&
             (err = check_inside_bwp(pdu->second_hop_rb, pdu->rb_size, pdu->bwp_size, "second_hop_rb", why))))
            return err;
        c.prb_start = (uint16_t)(shift + pdu->rb_start);
        c.n_prb = pdu->rb_size;
        c.freq_hopping = pdu->frequency_hopping;
        c.second_hop_prb = (uint16_t)(shift + pdu->second_hop_rb);
    }
    c.mu = s->cell->mu;
    c.slot = (uint8_t)s->slot;
    c.n_grid_prb = s->cell->n_prb_ul;
    c.grid_start = s->carrier_start;
    c.rnti = pdu->rnti;
    c.start_symbol = pdu->start_symbol;
    c.n_symbols = pdu->n_symbols;
    c.dmrs_type = pdu->dmrs_config_type + 1;
    c.dmrs_length = (pdu->dmrs_symbol_mask & pdu->dmrs_symbol_mask << 1) ? 2 : 1;
    c.dmrs_symbols = pdu->dmrs_symbol_mask;
    c.n_cdm_groups_no_data = pdu->n_cdm_groups_no_data;
    c.n_id_dmrs = pdu->dmrs_scrambling_id;
    c.n_scid = pdu->dmrs_scid;
    c.n_rs_id = pdu->dmrs_identity;
    c.group_hopping = pdu->group_or_sequence_hopping == 1;
    c.sequence_hopping = pdu->group_or_sequence_hopping == 2;
    c.transform_precoding = pdu->transform_precoding;
    c.qm = pdu->qam_mod_order;
    c.n_layers = pdu->n_layers;
    /* The precoder is part of the channel that is estimated: the receiver sees layers. */
    c.n_tx_ports = pdu->n_layers == 3 ? 4 : pdu->n_layers;
    c.codebook = pdu->n_layers == 3;
    c.n_id = pdu->n_id_pusch;
    c.tb_bytes = pdu->tb_bytes;
    c.rate_x10 = pdu->target_code_rate;
    c.rv = pdu->rv_index;
    c.tbs_lbrm = pdu->tbs_lbrm_bytes * 8;
    c.n_rx = s->cell->n_rx_ant;
    c.equalizer = EQ_MMSE;
    c.max_iterations = s->ldpc_iterations;
    if ((err = pusch_uci(pdu, &c, why)) || (err = ptrs(pdu, &c, why)))
        return err;
    *ret = c;
    return 0;
}

int pdu_pucch(const pdu_slot_t *s, const fapi_pucch_pdu_t *pdu, pucch_cfg_t *ret, phy_refusal_t *why)
{
    int err = pdu_check_common(s, pdu->scs, pdu->cyclic_prefix, why);
    if (err || (err = check_bwp(s, pdu->bwp_start, pdu->bwp_size, why)))
        return err;
    uint16_t shift = (uint16_t)(pdu->bwp_start - s->carrier_start);
    if (pdu->group_hop > PUCCH_HOP_DISABLE)
        return phy_refuse(why, "group_hop", pdu->group_hop, "0..2");
    if (pdu->multi_slot)
        return phy_refuse(why, "multi_slot", pdu->multi_slot, "0: repetitions are PDUs of their slots");
    if (pdu->sr_flag > 1)
        return phy_refuse(why, "sr_flag", pdu->sr_flag, "0, 1");
    if (pdu->harq_bits >= 8 * FAPI_MAX_UCI_BYTES)
        return phy_refuse(why, "harq_bits", pdu->harq_bits, "0..255, what an indication holds");
    if (pdu->csi1_bits >= 8 * FAPI_MAX_UCI_BYTES)
        return phy_refuse(why, "csi1_bits", pdu->csi1_bits, "0..255, what an indication holds");
    if (pdu->csi2_bits)
        return phy_refuse(why, "csi2_bits", pdu->csi2_bits, "0: part 2 comes on PUSCH");
    if ((err = check_inside_bwp(pdu->prb_start, pdu->prb_size, pdu->bwp_size, "prb_start", why)) ||
        (pdu->freq_hop &&
         (err = check_inside_bwp(pdu->second_hop_prb, pdu->prb_size, pdu->bwp_size, "second_hop_prb", why))))
        return err;
    *ret = (pucch_cfg_t){
        .format = pdu->format,
        .mu = s->cell->mu,
        .slot = s->slot,
        .n_grid_prb = s->cell->n_prb_ul,
        .grid_crb = s->carrier_start,
        .prb_start = (uint16_t)(shift + pdu->prb_start),
        .second_hop_prb = (uint16_t)(shift + pdu->second_hop_prb),
        .n_prb = pdu->prb_size > UINT8_MAX ? UINT8_MAX : (uint8_t)pdu->prb_size,
        .intra_slot_hopping = pdu->freq_hop != 0,
        .start_symbol = pdu->start_symbol,
        .n_symbols = pdu->n_symbols,
        .group_hopping = pdu->group_hop,
        .hopping_id = pdu->hopping_id,
        .initial_cyclic_shift = pdu->initial_cyclic_shift > 255 ? 255 : (uint8_t)pdu->initial_cyclic_shift,
        .time_domain_occ = pdu->time_domain_occ,
        .occ_length = pdu->pre_dft_occ_len,
        .occ_index = pdu->pre_dft_occ,
        .additional_dmrs = pdu->add_dmrs != 0,
        .pi2_bpsk = pdu->pi2_bpsk != 0,
        .rnti = pdu->rnti,
        .n_id = pdu->n_id_scrambling,
        .n_id0 = pdu->dmrs_scrambling_id,
        .sr_bits = pdu->sr_flag,
        .n_harq = pdu->harq_bits,
        .n_csi1 = pdu->csi1_bits,
        .n_rx = s->cell->n_rx_ant,
    };
    return 0;
}

int pdu_prach(const pdu_slot_t *s, const fapi_prach_pdu_t *pdu, prach_cfg_t *ret, phy_refusal_t *why)
{
    const fapi_cell_config_t *c = s->cell;
    if (pdu->format >= PRACH_N_FORMATS)
        return phy_refuse(why, "format", pdu->format, "0..12");
    if ((pdu->format >= PREAMBLE_A1) != (c->prach_short != 0))
        return phy_refuse(why, "format", pdu->format, "a format of the cell's sequence length");
    if (pdu->n_occasions == 0 || pdu->n_occasions > 7)
        return phy_refuse(why, "n_occasions", pdu->n_occasions, "1..7");
    *ret = (prach_cfg_t){.format = pdu->format,
                         .mu = c->prach_short ? c->prach_scs : 0,
                         .root_sequence = c->prach_root_sequence,
                         .zero_correlation_zone = c->prach_zero_corr,
                         .restricted_set = c->prach_restricted_set,
                         .ul_mu = c->mu,
                         .n_rx = c->n_rx_ant};
    return 0;
}

int pdu_srs(const pdu_slot_t *s, const fapi_srs_pdu_t *pdu, srs_cfg_t *ret, phy_refusal_t *why)
{
    int err = pdu_check_common(s, pdu->scs, pdu->cyclic_prefix, why);
    if (err || (err = check_bwp(s, pdu->bwp_start, pdu->bwp_size, why)))
        return err;
    uint16_t shift = (uint16_t)(pdu->bwp_start - s->carrier_start);
    if (pdu->bandwidth_index > 3)
        return phy_refuse(why, "bandwidth_index", pdu->bandwidth_index, "0..3");
    *ret = (srs_cfg_t){
        .mu = s->cell->mu,
        .slot = s->slot,
        .sfn = s->sfn,
        .n_grid_prb = s->cell->n_prb_ul,
        .bwp_start = shift,
        .grid_crb = s->carrier_start,
        .n_ports = pdu->n_ports,
        .n_symbols = pdu->n_symbols,
        .repetition = pdu->n_repetitions,
        .start_symbol = pdu->start_symbol,
        .c_srs = pdu->config_index,
        .b_srs = (uint8_t)pdu->bandwidth_index,
        .b_hop = pdu->freq_hopping,
        .n_rrc = pdu->freq_position,
        .n_shift = pdu->freq_shift,
        .comb = pdu->comb_size,
        .comb_offset = pdu->comb_offset,
        .cyclic_shift = pdu->cyclic_shift,
        .group_hopping = pdu->group_hopping,
        .sequence_id = pdu->sequence_id,
        .resource_type = pdu->resource_type,
        .t_srs = pdu->t_srs,
        .t_offset = pdu->t_offset,
        .n_rx = s->cell->n_rx_ant,
        .prg_size = 4,
    };
    return 0;
}
