/* SPDX-License-Identifier: Apache-2.0 */
/* A cell's L1 (run to completion) from any slot message and any samples: what a broken MAC may write into the
 * slab, downlink and uplink, and what a broken or hostile air may bring.
 *
 * Input: the cell and its kernels, the slot, how symbols come, samples; then PDUs: a kind, a few parameters
 * of one that the standard allows, and patches of any bytes of it. So most PDUs are near what is allowed and
 * some are nonsense.
 *
 * Beyond "no fault": every slot ends, what the indications point to lies in the payload, and one honest UE in
 * PRBs of its own is received whatever the others are said to do and to send. */
#include "tests/unit/du/phy/rig.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HONEST_PRBS 6
#define MAX_PDUS 24
#define N_CELLS 4

static struct {
    const uint8_t *p;
    size_t n;
} input;

static unsigned take8(void)
{
    return input.n ? (input.n--, *input.p++) : 0;
}

static unsigned take16(void)
{
    unsigned high = take8();
    return high << 8 | take8();
}

static void check(bool holds)
{
    if (!holds)
        abort();
}

/* Unlike cells: TDD at 30 kHz; FDD at 15 kHz with a long PRACH; a category B radio of 8 streams; FR2. */
static fapi_cell_config_t cell_of(unsigned i)
{
    fapi_cell_config_t c = rig_cell(i == 2 ? 106 : 51, i == 2 ? 8 : 2, i == 2 ? 8 : 2);
    if (i == 1) {
        c.mu = 0;
        c.n_prb_dl = c.n_prb_ul = 25;
        c.dl_point_a_arfcn = c.ul_point_a_arfcn = 360000;
        c.ssb_case = 0;
        c.tdd_period_slots = 0;
        c.prach_config_index = 16;
        c.prach_scs = 4;
        c.prach_short = 0;
    } else if (i == 3) {
        c.mu = 3;
        c.dl_point_a_arfcn = c.ul_point_a_arfcn = 2070833;
        c.ssb_case = 3;
        c.prach_config_index = 0;
        c.prach_scs = 3;
    }
    return c;
}

static rig_t *rig_of(unsigned i, phy_isa_t isa)
{
    static rig_t *rigs[N_CELLS][PHY_N_ISA];
    rig_t **r = &rigs[i][isa];
    if (*r)
        return *r;
    fapi_cell_config_t cell = cell_of(i);
    du_phy_cfg_t cfg = {.cell = cell,
                        .max_isa = isa,
                        .category_b = i == 2,
                        .harq_blocks = 64,
                        .harq_processes = 16,
                        .ldpc_iterations = 2,
                        .ul_bytes = 4u << 20};
    for (unsigned w = 0; w < WORKERS_MAX; w++)
        cfg.workers.cpu[w] = -1;
    phy_refusal_t why;
    *r = rig_create(&cell, 0, isa);
    du_phy_destroy((*r)->l1); /* small memory, so that a slab can ask for more than there is */
    check(du_phy_create(&cfg, NULL, &(*r)->l1, &why) == 0);
    static const cf_t half[4] = {{0.5f, 0}, {0, 0.5f}, {0.5f, 0}, {0, -0.5f}};
    check(du_phy_set_precoding((*r)->l1, 1, 2, 1, half, &why) == 0);
    check(du_phy_set_precoding((*r)->l1, 2, 2, 2, half, &why) == 0);
    return *r;
}

static void patch(void *pdu, size_t bytes)
{
    for (unsigned n = take8() % 8; n; n--) {
        size_t at = take16() % bytes;
        ((uint8_t *)pdu)[at] = (uint8_t)take8();
    }
}

static void add_pdsch(rig_t *r)
{
    fapi_dl_slot_t *s = r->slab;
    unsigned mcs = take8() % 28, layers = 1 + take8() % (r->cell.n_tx_ant < 4 ? r->cell.n_tx_ant : 4);
    unsigned prb = take8() % r->cell.n_prb_dl, n = 1 + take8() % 16, start = take8() % 8;
    if (s->n_pdsch >= FAPI_MAX_PDSCH || s->tx_bytes + 32768 > FAPI_TX_BYTES)
        return;
    fapi_pdsch_pdu_t *p = rig_pdsch(r, (uint16_t)take16(), prb, n, start, 14 - start, mcs, layers);
    unsigned flags = take8();
    p->csi_rs_mask = flags & 1 ? 0xff : 0;
    p->rate_match_mask = flags & 2 ? 3 : 0;
    p->precoding.n_prgs = flags & 4 ? (uint16_t)(1 + take8() % 30) : 0;
    p->precoding.prg_size = flags & 4 ? 4 : 0;
    for (unsigned g = 0; g < p->precoding.n_prgs; g++) {
        p->precoding.pm_idx[g] = flags & 8 ? take8() % 4 : 0;
        p->precoding.beam_idx[g] = flags & 16 ? (uint16_t)(FAPI_DYNAMIC_BEAM + take8() % 8) : 0;
    }
    p->vrb_to_prb = flags >> 5 & 3;
    patch(p, sizeof *p);
}

static void add_pdcch(rig_t *r)
{
    if (r->slab->n_pdcch >= FAPI_MAX_DCI)
        return;
    unsigned level = 1u << take8() % 5;
    fapi_pdcch_pdu_t *p = rig_pdcch(r, (uint16_t)take16(), level, take8() % 16, 12 + take8() % 80);
    patch(p, sizeof *p);
    if (take8() & 1 && r->slab->n_ul_dci < FAPI_MAX_DCI)
        r->slab->ul_dci[r->slab->n_ul_dci++] = *p;
}

static void add_ssb(rig_t *r)
{
    fapi_dl_slot_t *s = r->slab;
    if (s->n_ssb >= FAPI_MAX_SSB)
        return;
    s->ssb[s->n_ssb] = (fapi_ssb_pdu_t){.phys_cell_id = r->cell.phys_cell_id,
                                        .ssb_block_index = (uint8_t)take8() % 8,
                                        .ssb_offset_point_a = (uint16_t)(take8() & 0x3e),
                                        .k_ssb = (uint8_t)(take8() & 6),
                                        .bch_payload = take16() << 8,
                                        .sfn = (uint16_t)take16() % 1024};
    patch(&s->ssb[s->n_ssb++], sizeof *s->ssb);
}

static void add_csi_rs(rig_t *r)
{
    fapi_dl_slot_t *s = r->slab;
    if (s->n_csi_rs >= FAPI_MAX_CSI_RS)
        return;
    /* row, CDM (none, FD2, 4, 8), density (even half, odd half, one, three) */
    static const uint8_t rows[6][3] = {{1, 0, 3}, {2, 0, 2}, {3, 1, 2}, {4, 1, 2}, {5, 1, 2}, {6, 1, 2}};
    const uint8_t *row = rows[take8() % 6];
    s->csi_rs[s->n_csi_rs] = (fapi_csi_rs_pdu_t){.bwp_size = r->cell.n_prb_dl,
                                                 .n_rbs = (uint16_t)(4 * (1 + take8() % 6)),
                                                 .scs = r->cell.mu,
                                                 .csi_type = (uint8_t)take8() % 3,
                                                 .row = row[0],
                                                 .freq_domain = (uint16_t)(1u << take8() % 4),
                                                 .symb_l0 = (uint8_t)take8() % 14,
                                                 .cdm_type = row[1],
                                                 .freq_density = row[2],
                                                 .scramb_id = (uint16_t)take16() % 1024};
    patch(&s->csi_rs[s->n_csi_rs++], sizeof *s->csi_rs);
}

static void add_pusch(rig_t *r)
{
    if (r->slab->n_pusch >= FAPI_MAX_PUSCH)
        return;
    unsigned mcs = take8() % 28, layers = 1 + take8() % 4, prb = HONEST_PRBS + take8() % 64;
    unsigned n = 1 + take8() % 12, start = take8() % 8;
    fapi_pusch_pdu_t *p = rig_pusch(r, (uint16_t)take16(), prb, n, start, 14 - start, mcs, layers);
    unsigned flags = take8();
    p->transform_precoding = flags & 1;
    p->frequency_hopping = flags >> 1 & 1;
    p->second_hop_rb = (uint16_t)(p->rb_start + 3);
    p->new_data = flags >> 2 & 1;
    p->harq_id = flags >> 3 & 3;
    p->rv_index = flags >> 5 & 3;
    if (flags & 0x80) {
        p->harq_ack_bits = (uint16_t)take8();
        p->csi1_bits = (uint16_t)take8();
        p->csi2_bits = (uint16_t)take8();
        p->csi2.param_bits = take8() % 4;
        p->csi2.param_offset = (uint8_t)take8() % 4;
        for (unsigned i = 0; i < 16; i++)
            p->csi2.bits[i] = (uint16_t)(take8() & take8());
    }
    patch(p, sizeof *p);
}

static void add_pucch(rig_t *r)
{
    if (r->slab->n_pucch >= FAPI_MAX_PUCCH)
        return;
    unsigned format = take8() % 5, start = take8() % 10, n = 1 + take8() % (14 - start);
    unsigned prb = take8() % r->cell.n_prb_ul, n_prb = 1 + take8() % 4, bits = take8() % 40;
    fapi_pucch_pdu_t *p =
        rig_pucch(r, (uint16_t)take16(), format, prb, format == 2 || format == 3 ? n_prb : 1, start, n,
                  format < 2 ? bits % 3 : bits);
    unsigned flags = take8();
    p->freq_hop = flags & 1;
    p->second_hop_prb = flags >> 4;
    p->group_hop = flags >> 1 & 3;
    p->sr_flag = flags >> 3 & 1;
    p->add_dmrs = flags >> 4 & 1;
    p->initial_cyclic_shift = (uint16_t)take8() % 12;
    p->pre_dft_occ_len = flags & 32 ? 2 : 4;
    p->csi1_bits = format < 2 ? 0 : (uint16_t)take8() % 64;
    patch(p, sizeof *p);
}

static void add_srs(rig_t *r)
{
    fapi_dl_slot_t *s = r->slab;
    if (s->n_srs >= FAPI_MAX_SRS)
        return;
    s->srs[s->n_srs] = (fapi_srs_pdu_t){.rnti = (uint16_t)take16(),
                                        .bwp_size = r->cell.n_prb_ul,
                                        .scs = r->cell.mu,
                                        .n_ports = (uint8_t)(1u << take8() % 3),
                                        .n_symbols = (uint8_t)(1u << take8() % 3),
                                        .n_repetitions = 1,
                                        .start_symbol = (uint8_t)(8 + take8() % 6),
                                        .config_index = (uint8_t)take8() % 16,
                                        .comb_size = (uint8_t)(2u << take8() % 2),
                                        .comb_offset = (uint8_t)take8() % 2,
                                        .cyclic_shift = (uint8_t)take8() % 8,
                                        .sequence_id = (uint16_t)take16() % 1024,
                                        .bandwidth_index = (uint16_t)take8() % 4,
                                        .freq_position = (uint8_t)take8() % 68,
                                        .freq_hopping = (uint8_t)take8() % 4,
                                        .group_hopping = (uint8_t)take8() % 3,
                                        .resource_type = (uint8_t)take8() % 3,
                                        .t_srs = 10};
    patch(&s->srs[s->n_srs++], sizeof *s->srs);
}

static void add_prach(rig_t *r)
{
    fapi_dl_slot_t *s = r->slab;
    if (s->n_prach >= FAPI_MAX_PRACH)
        return;
    unsigned v = take8();
    s->prach[s->n_prach] = (fapi_prach_pdu_t){.phys_cell_id = r->cell.phys_cell_id,
                                              .n_occasions = (uint8_t)(1 + v % 7),
                                              .format = r->cell.prach_short ? (uint8_t)(4 + v / 7 % 9) : 0};
    patch(&s->prach[s->n_prach++], sizeof *s->prach);
}

/* Parts of the slab that no PDU is: counts, weights, patterns to leave out. */
static void patch_slab(rig_t *r)
{
    fapi_dl_slot_t *s = r->slab;
    s->weights.n_trx = r->cell.n_tx_ant;
    s->weights.n_weights = (uint16_t)take8() % 16;
    for (unsigned n = take8() % 16; n; n--)
        s->weights.iq[take8() % 16][take8() % 8][n & 1] = (int16_t)take16();
    s->rate_match[0].symbol_mask = (uint16_t)take16();
    s->rate_match[0].rb_bitmap[0] = take16();
    uint8_t *counts = &s->n_pdcch;
    for (unsigned n = take8() % 4; n; n--) {
        unsigned at = take8() % 9;
        if (&counts[at] != &s->n_pusch || take8() & 1) /* more PUSCHs than were written: zeroes */
            counts[at] = (uint8_t)(counts[at] + take8());
    }
    if (take8() % 4 == 0)
        s->tx_bytes = take16() << 16 | take16();
}

static void run_dl(rig_t *r, uint64_t n)
{
    check(du_phy_dl(r->l1, r->slab, 0) == 0);
    check(du_phy_dl_grid(r->l1, n) != NULL);
    du_phy_dl_release(r->l1, n);
}

/* Samples: the honest UE's in its PRBs, the input's elsewhere. */
static void fill(const rig_t *r, const phy_grid_t *rx, const ci16_t *pattern, unsigned n_pattern, bool whole)
{
    for (unsigned a = 0; a < rx->n_ant; a++)
        for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
            ci16_t *to = phy_grid_symbol(rx, a, l);
            memcpy(to, phy_grid_symbol(&r->tx, 0, l), HONEST_PRBS * 12 * sizeof *to);
            for (unsigned k = whole ? 0 : HONEST_PRBS * 12; k < rx->n_sc; k++)
                to[k] = pattern[(k + l * 7 + a * 3) % n_pattern];
        }
}

static void check_indications(const rig_t *r, const fapi_ul_slot_t *out)
{
    check(out->rx_bytes <= FAPI_RX_BYTES);
    check(out->n_pusch <= FAPI_MAX_PUSCH && out->n_uci <= FAPI_MAX_PUCCH && out->n_srs <= FAPI_MAX_SRS &&
          out->n_rach <= FAPI_MAX_PREAMBLES);
    for (unsigned i = 0; i < out->n_pusch; i++) {
        const fapi_pusch_ind_t *p = &out->pusch[i];
        check(p->tb_bytes == 0 ||
              (p->crc_ok && p->tb_bytes <= FAPI_RX_BYTES && p->tb_offset <= FAPI_RX_BYTES - p->tb_bytes));
        check(p->timing_advance <= 63 || p->timing_advance == 0xffff);
    }
    for (unsigned i = 0; i < out->n_srs; i++) {
        const fapi_srs_ind_t *s = &out->srs[i];
        check((uint64_t)s->matrix_offset + (uint64_t)s->n_prgs * s->n_ports * s->n_rx * 4 <= FAPI_RX_BYTES);
    }
    for (unsigned i = 0; i < out->n_rach; i++)
        check(out->rach[i].preamble_index < 64 && out->rach[i].timing_advance <= 3846);
    (void)r;
}

static void run_ul(rig_t *r, uint64_t n, unsigned mode, bool honest)
{
    static ci16_t prach[8 * 12 * 1024]; /* [antenna][repetition][sample], at the strides below */
    ci16_t pattern[64];
    unsigned n_pattern = 1 + take8() % 64;
    for (unsigned i = 0; i < n_pattern; i++)
        pattern[i] = (ci16_t){(int16_t)take16(), (int16_t)take16()};
    check(du_phy_ul(r->l1, r->slab, 0) == 0);
    const phy_grid_t *rx = du_phy_ul_grid(r->l1, n);
    if (!rx) { /* nothing was asked for */
        check(r->slab->n_pusch + r->slab->n_pucch + r->slab->n_srs + r->slab->n_prach == 0);
        return;
    }
    fill(r, rx, pattern, n_pattern, !honest);
    for (size_t i = 0; r->slab->n_prach && i < sizeof prach / sizeof *prach; i++)
        prach[i] = pattern[i % n_pattern];
    for (unsigned k = 0; k < 3 && (mode & 1); k++)
        du_phy_ul_prach(r->l1, n, k % 2, k, prach, 12 * 1024, 1024);
    for (unsigned l = 0; l < PHY_SYMBOLS + 1u; l++)
        if (honest || l != (mode >> 4))
            du_phy_ul_symbol(r->l1, n, mode & 2 ? (l * 9 + 5) % 16 : l);
    if (mode & 4)
        du_phy_ul_symbol(r->l1, n + 1, 3);
    if (honest)
        for (unsigned l = 0; l < PHY_SYMBOLS; l++)
            du_phy_ul_symbol(r->l1, n, l);
    du_phy_ul_close(r->l1, n);
    const fapi_ul_slot_t *out = du_phy_ul_take(r->l1, n);
    check(out != NULL);
    check_indications(r, out);
    if (honest)
        check(out->pusch[0].crc_ok && out->pusch[0].tb_bytes == r->slab->pusch[0].tb_bytes &&
              memcmp(out->rx + out->pusch[0].tb_offset, r->payload[0], out->pusch[0].tb_bytes) == 0);
    du_phy_ul_release(r->l1, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const add[])(rig_t *) = {add_pdsch, add_pdcch, add_ssb, add_csi_rs,
                                           add_pusch, add_pucch, add_srs, add_prach};
    if (size < 8)
        return 0;
    input.p = data;
    input.n = size;
    unsigned first = take8();
    /* Generic kernels and the best: the steps between are held to be equal by unit tests. */
    rig_t *r = rig_of(first % N_CELLS, first & 4 ? PHY_ISA_GENERIC : phy_isa_detect());
    unsigned slots = 10u << r->cell.mu, mode = take8();
    uint64_t n = take8() % slots + (uint64_t)take8() * 1024 * slots / 256;
    bool honest = first & 8;
    rig_begin(r, n);
    r->slab->tx_bytes = 0;
    if (honest) {
        /* QPSK at low rate, so that neither quantization nor two LDPC iterations can lose it */
        rig_pusch(r, 0xfff0, 0, HONEST_PRBS, 0, 14, 0, 1);
        rig_send_pusch(r, 0);
    }
    for (unsigned k = 0; k < MAX_PDUS && input.n > 300; k++)
        add[take8() % 8](r);
    patch_slab(r);
    honest = honest && r->slab->n_pusch > 0;
    run_dl(r, n);
    run_ul(r, n, mode, honest);
    if (mode & 8)
        du_phy_forget_ue(r->l1, (uint16_t)take16());
    du_phy_refusal_t why;
    while (du_phy_poll_refusal(r->l1, &why))
        check(why.why.field != NULL);
    return 0;
}
