/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/du/phy/rig.h"

#include "lib/mac/prach_table.h"
#include "lib/mac/mcs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The first configuration of the unpaired table with format B4. */
static uint8_t b4_index(void)
{
    prach_row_t row;
    for (unsigned i = 0; i < 256; i++)
        if (prach_row(PRACH_FR1_UNPAIRED, (uint8_t)i, &row) && row.format == PRACH_B4)
            return (uint8_t)i;
    abort();
}

fapi_cell_config_t rig_cell(unsigned n_prb, unsigned n_tx_ant, unsigned n_rx_ant)
{
    fapi_cell_config_t c = {.dl_point_a_arfcn = 630000,
                            .ul_point_a_arfcn = 630000,
                            .phys_cell_id = 77,
                            .n_prb_dl = (uint16_t)n_prb,
                            .n_prb_ul = (uint16_t)n_prb,
                            .mu = 1,
                            .n_tx_ant = (uint8_t)n_tx_ant,
                            .n_rx_ant = (uint8_t)n_rx_ant,
                            .ssb_period_ms = 20,
                            .ssb_case = 2,
                            .ssb_mask = UINT64_C(1) << 63,
                            .dmrs_type_a_position = 2,
                            .prach_config_index = b4_index(),
                            .prach_scs = 1,
                            .prach_zero_corr = 8,
                            .prach_root_sequence = 5,
                            .prach_short = 1,
                            .prach_n_fdm = 1,
                            .tdd_period_slots = 5,
                            .tdd_special_dl_symbols = 10,
                            .tdd_special_ul_symbols = 2};
    memcpy(c.tdd_kind, "DDDSU", 5);
    return c;
}

rig_t *rig_create(const fapi_cell_config_t *cell, unsigned n_workers, phy_isa_t isa)
{
    rig_t *r = calloc(1, sizeof *r);
    du_phy_cfg_t cfg = {.cell = *cell,
                        .max_isa = isa,
                        .harq_blocks = 512,
                        .harq_processes = 64,
                        .workers = {.n_workers = n_workers, .spin_ns = 20000, .nap_ns = 50000}};
    for (unsigned i = 0; i < WORKERS_MAX; i++)
        cfg.workers.cpu[i] = -1;
    assert(r);
    r->cell = *cell;
    phy_refusal_t why = {0};
    if (phy_create(PHY_ISA_BEST, &r->phy) || du_phy_create(&cfg, NULL, &r->l1, &why)) {
        fprintf(stderr, "L1 refused %s = %lld: %s\n", why.field ? why.field : "?", (long long)why.value,
                why.expected ? why.expected : "?");
        abort();
    }
    r->slab = calloc(1, sizeof *r->slab);
    r->tx = (phy_grid_t){.n_sc = (uint16_t)(cell->n_prb_ul * 12),
                         .n_ant = RIG_MAX_TX,
                         .n_symbols = PHY_SYMBOLS,
                         .stride = PHY_GRID_STRIDE};
    size_t grid_bytes = (size_t)RIG_MAX_TX * PHY_SYMBOLS * PHY_GRID_STRIDE * sizeof(ci16_t);
    r->tx.re = aligned_alloc(PHY_ALIGN, grid_bytes);
    r->pusch_tx = aligned_alloc(PHY_ALIGN, (pusch_tx_work_bytes() + 63) / 64 * 64);
    assert(r->slab && r->tx.re && r->pusch_tx);
    link_random_seed(&r->random, 1);
    return r;
}

void rig_destroy(rig_t *r)
{
    du_phy_destroy(r->l1);
    phy_destroy(r->phy);
    free(r->slab);
    free(r->tx.re);
    free(r->pusch_tx);
    free(r);
}

void rig_begin(rig_t *r, uint64_t n)
{
    memset(r->slab, 0, offsetof(fapi_dl_slot_t, tx));
    r->slab->abs_slot = n;
    memset(r->tx.re, 0, (size_t)RIG_MAX_TX * PHY_SYMBOLS * PHY_GRID_STRIDE * sizeof(ci16_t));
}

static void random_bytes(rig_t *r, uint8_t *to, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (uint8_t)(link_random_u64(&r->random) >> 32);
}

/* DMRS of mapping type A: symbols 2 and 11 of a slot-long allocation, else the third symbol of it. */
static uint16_t dmrs_mask(unsigned start, unsigned n_symbols)
{
    unsigned first = start <= 2 ? 2 : start;
    return (uint16_t)(1u << first | (start + n_symbols > 11 && first < 8 ? 1u << 11 : 0));
}

static uint32_t block_bytes(uint16_t dmrs, unsigned n_symbols, unsigned n_prb, unsigned mcs,
                            unsigned n_layers)
{
    unsigned n_dmrs = (unsigned)__builtin_popcount(dmrs);
    return tbs_bytes(MCS_TABLE_QAM256, (uint8_t)mcs,
                     tbs_re_per_prb((uint8_t)n_symbols, dmrs_re_per_prb(1, (uint8_t)n_dmrs, 2), 0),
                     (uint16_t)n_prb, (uint8_t)n_layers);
}

fapi_pdsch_pdu_t *rig_pdsch(rig_t *r, uint16_t rnti, unsigned prb, unsigned n_prb, unsigned start,
                            unsigned n_symbols, unsigned mcs, unsigned n_layers)
{
    fapi_pdsch_pdu_t *p = &r->slab->pdsch[r->slab->n_pdsch++];
    mcs_t m;
    assert(mcs_get(MCS_TABLE_QAM256, (uint8_t)mcs, &m));
    *p = (fapi_pdsch_pdu_t){.rnti = rnti,
                            .bwp_size = r->cell.n_prb_dl,
                            .scs = r->cell.mu,
                            .qam_mod_order = m.qm,
                            .mcs_index = (uint8_t)mcs,
                            .mcs_table = 1,
                            .target_code_rate = m.rate_x10,
                            .n_id_pdsch = r->cell.phys_cell_id,
                            .n_layers = (uint8_t)n_layers,
                            .new_data = 1,
                            .dmrs_symbol_mask = dmrs_mask(start, n_symbols),
                            .dmrs_scrambling_id = r->cell.phys_cell_id,
                            .n_cdm_groups_no_data = 2,
                            .resource_alloc = 1,
                            .dmrs_ports = (uint16_t)((1u << n_layers) - 1),
                            .rb_start = (uint16_t)prb,
                            .rb_size = (uint16_t)n_prb,
                            .start_symbol = (uint8_t)start,
                            .n_symbols = (uint8_t)n_symbols};
    p->tb_bytes = block_bytes(p->dmrs_symbol_mask, n_symbols, n_prb, mcs, n_layers);
    p->tb_offset = r->slab->tx_bytes;
    random_bytes(r, r->slab->tx + p->tb_offset, p->tb_bytes);
    r->slab->tx_bytes += (p->tb_bytes + 63) / 64 * 64;
    assert(r->slab->tx_bytes <= FAPI_TX_BYTES);
    return p;
}

fapi_pusch_pdu_t *rig_pusch(rig_t *r, uint16_t rnti, unsigned prb, unsigned n_prb, unsigned start,
                            unsigned n_symbols, unsigned mcs, unsigned n_layers)
{
    unsigned i = r->slab->n_pusch++;
    fapi_pusch_pdu_t *p = &r->slab->pusch[i];
    mcs_t m;
    assert(mcs_get(MCS_TABLE_QAM256, (uint8_t)mcs, &m));
    *p = (fapi_pusch_pdu_t){.rnti = rnti,
                            .bwp_size = r->cell.n_prb_ul,
                            .scs = r->cell.mu,
                            .qam_mod_order = m.qm,
                            .mcs_index = (uint8_t)mcs,
                            .mcs_table = 1,
                            .target_code_rate = m.rate_x10,
                            .n_id_pusch = r->cell.phys_cell_id,
                            .n_layers = (uint8_t)n_layers,
                            .new_data = 1,
                            .handle = (uint8_t)i,
                            .dmrs_symbol_mask = dmrs_mask(start, n_symbols),
                            .dmrs_scrambling_id = r->cell.phys_cell_id,
                            .n_cdm_groups_no_data = 2,
                            .resource_alloc = 1,
                            .dmrs_ports = (uint16_t)((1u << n_layers) - 1),
                            .rb_start = (uint16_t)prb,
                            .rb_size = (uint16_t)n_prb,
                            .start_symbol = (uint8_t)start,
                            .n_symbols = (uint8_t)n_symbols,
                            .alpha = 3,
                            .beta_harq = 9,
                            .beta_csi1 = 9,
                            .beta_csi2 = 9};
    p->tb_bytes = block_bytes(p->dmrs_symbol_mask, n_symbols, n_prb, mcs, n_layers);
    assert(p->tb_bytes <= sizeof r->payload[i]);
    random_bytes(r, r->payload[i], p->tb_bytes);
    return p;
}

fapi_pucch_pdu_t *rig_pucch(rig_t *r, uint16_t rnti, unsigned format, unsigned prb, unsigned n_prb,
                            unsigned start, unsigned n_symbols, unsigned harq_bits)
{
    unsigned i = r->slab->n_pucch++;
    fapi_pucch_pdu_t *p = &r->slab->pucch[i];
    *p = (fapi_pucch_pdu_t){.rnti = rnti,
                            .bwp_size = r->cell.n_prb_ul,
                            .scs = r->cell.mu,
                            .format = (uint8_t)format,
                            .handle = (uint8_t)i,
                            .prb_start = (uint16_t)prb,
                            .prb_size = (uint16_t)n_prb,
                            .start_symbol = (uint8_t)start,
                            .n_symbols = (uint8_t)n_symbols,
                            .hopping_id = r->cell.phys_cell_id,
                            .n_id_scrambling = r->cell.phys_cell_id,
                            .dmrs_scrambling_id = r->cell.phys_cell_id,
                            .harq_bits = (uint16_t)harq_bits};
    return p;
}

/* A CORESET over the whole carrier, two symbols, not interleaved. */
fapi_pdcch_pdu_t *rig_pdcch(rig_t *r, uint16_t rnti, unsigned level, unsigned cce, unsigned payload_bits)
{
    fapi_pdcch_pdu_t *p = &r->slab->pdcch[r->slab->n_pdcch++];
    *p = (fapi_pdcch_pdu_t){.rnti = rnti,
                            .bwp_size = r->cell.n_prb_dl,
                            .scs = r->cell.mu,
                            .duration = 2,
                            .reg_bundle_size = 6,
                            .coreset_type = 1,
                            .aggregation_level = (uint8_t)level,
                            .scrambling_id = r->cell.phys_cell_id,
                            .dmrs_id = r->cell.phys_cell_id,
                            .cce_index = (uint16_t)cce,
                            .payload_bits = (uint16_t)payload_bits};
    for (unsigned i = 0; i < r->cell.n_prb_dl / 6u && i < 45; i++)
        p->freq_domain_resource[i / 8] |= (uint8_t)(0x80 >> i % 8);
    random_bytes(r, p->payload, (payload_bits + 7) / 8);
    return p;
}

static pdu_slot_t here(const rig_t *r)
{
    return pdu_slot(&r->cell, 0, 8, r->slab->abs_slot);
}

void rig_send_pusch(rig_t *r, unsigned i)
{
    static pusch_plan_t plan;
    pusch_cfg_t cfg;
    phy_refusal_t why;
    pdu_slot_t at = here(r);
    if (pdu_pusch(&at, &r->slab->pusch[i], &cfg, &why) || pusch_plan(r->phy, &cfg, &plan, &why)) {
        fprintf(stderr, "PUSCH refused: %s = %lld, %s\n", why.field, (long long)why.value, why.expected);
        abort();
    }
    pusch_payload_t payload = {.tb = r->payload[i]};
    pusch_tx(r->phy, &plan, &payload, 1, r->pusch_tx, &r->tx);
}

void rig_send_pucch(rig_t *r, unsigned i, uint8_t harq, bool sr, const uint8_t *uci)
{
    pucch_plan_t plan;
    pucch_cfg_t cfg;
    phy_refusal_t why;
    pdu_slot_t at = here(r);
    if (pdu_pucch(&at, &r->slab->pucch[i], &cfg, &why) || pucch_plan(r->phy, &cfg, &plan, &why)) {
        fprintf(stderr, "PUCCH refused: %s = %lld, %s\n", why.field, (long long)why.value, why.expected);
        abort();
    }
    pucch_uci_t bits = {.harq = harq, .sr = sr, .uci = uci};
    /* Several UEs may share the REs: each sends into a grid of its own, which is added. */
    static ci16_t own[PHY_SYMBOLS * PHY_GRID_STRIDE] __attribute__((aligned(PHY_ALIGN)));
    phy_grid_t one = r->tx;
    one.re = own;
    one.n_ant = 1;
    memset(own, 0, sizeof own);
    pucch_transmit(r->phy, &plan, &bits, 1, &one, 0);
    for (size_t k = 0; k < sizeof own / sizeof *own; k++) {
        r->tx.re[k].re = (int16_t)(r->tx.re[k].re + own[k].re);
        r->tx.re[k].im = (int16_t)(r->tx.re[k].im + own[k].im);
    }
}

const fapi_ul_slot_t *rig_receive(rig_t *r, uint64_t n, channel_t *channel, float noise)
{
    int err = du_phy_ul(r->l1, r->slab, 0);
    const phy_grid_t *rx = du_phy_ul_grid(r->l1, n);
    assert(!err && rx);
    (void)err;
    if (channel)
        channel_apply(channel, &r->tx, noise, false, rx);
    else
        for (unsigned a = 0; a < rx->n_ant; a++)
            for (unsigned l = 0; l < PHY_SYMBOLS; l++)
                memcpy(phy_grid_symbol(rx, a, l), phy_grid_symbol(&r->tx, a, l), rx->n_sc * sizeof(ci16_t));
    for (unsigned l = 0; l < PHY_SYMBOLS; l++)
        du_phy_ul_symbol(r->l1, n, l);
    const fapi_ul_slot_t *out;
    while (!(out = du_phy_ul_take(r->l1, n)))
        du_phy_help(r->l1, 0);
    return out;
}

const phy_grid_t *rig_transmit(rig_t *r, uint64_t n)
{
    int err = du_phy_dl(r->l1, r->slab, 0);
    assert(!err);
    (void)err;
    const phy_grid_t *grid;
    while (!(grid = du_phy_dl_grid(r->l1, n)))
        du_phy_help(r->l1, 0);
    return grid;
}
