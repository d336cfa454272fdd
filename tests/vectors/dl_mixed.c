/* SPDX-License-Identifier: Apache-2.0 */
/* dl_mixed, test_model_fr1: whole frames of several downlink channels. */
#include "lib/mac/mcs.h"
#include "lib/mac/pdcch.h"
#include "lib/phy/dl/csi_rs.h"
#include "lib/phy/dl/dmrs.h"
#include "lib/phy/dl/pdcch.h"
#include "lib/phy/dl/ssb.h"
#include "lib/phy/signal/ofdm.h"
#include "tests/vectors/dl.h"
#include "tests/vectors/receive.h"

#include <math.h>
#include <string.h>

#define MAX_SLOTS 128
#define MAX_RESERVED 24
#define MAX_RECEIVED 4 /* slots of a test model that are received as well */

static bool refused(vec_t *v, const char *what, const phy_refusal_t *why)
{
    vec_fail(v, what, "refused %s = %lld", why->field, (long long)why->value);
    return false;
}

/* ---- dl_mixed ---- */

/* What is beside the PDSCH in one slot. */
typedef struct {
    bool has_csi_rs, has_pdcch;
    unsigned n_ssb;
    csi_rs_plan_t csi_rs;
    pdcch_tx_plan_t pdcch;
    ssb_cfg_t ssb[2];
    uint8_t dci[8];
} beside_t;

static bool in_period(const vec_t *v, const char *what, unsigned absolute_slot)
{
    char key[64];
    snprintf(key, sizeof key, "%s.period_slots", what);
    unsigned period = (unsigned)vec_int(v, key);
    snprintf(key, sizeof key, "%s.offset_slots", what);
    return absolute_slot % period == (unsigned)vec_int(v, key);
}

static bool plan_csi_rs(vec_t *v, const pdsch_cfg_t *pdsch, beside_t *b)
{
    csi_rs_cfg_t cfg = {.slot = pdsch->slot,
                        .carrier_size = pdsch->carrier_size,
                        .start_rb = (uint16_t)vec_int(v, "csi_rs.start_prb"),
                        .n_rbs = (uint16_t)vec_int(v, "csi_rs.nof_prb"),
                        .row = (uint8_t)vec_int(v, "csi_rs.row"),
                        .freq_domain = (uint16_t)(1u << vec_int(v, "csi_rs.first_subcarrier_k0")),
                        .symbol_l0 = (uint8_t)vec_int(v, "csi_rs.symbol"),
                        .cdm = CSI_RS_NO_CDM,
                        .density = CSI_RS_DENSITY_1,
                        .n_id = (uint16_t)vec_int(v, "csi_rs.scrambling_id")};
    phy_refusal_t why;
    return csi_rs_plan(&cfg, 1, &b->csi_rs, &why) ? refused(v, "CSI-RS", &why) : true;
}

static bool plan_pdcch(vec_t *v, const pdsch_cfg_t *pdsch, beside_t *b)
{
    int64_t groups[45], bits[64];
    size_t n_groups = vec_ints(v, "pdcch.frequency_domain_resources_bitmap", groups, 45);
    size_t n_bits = vec_ints(v, "pdcch.dci_bits", bits, 64);
    uint16_t rnti = (uint16_t)vec_int(v, "pdcch.rnti"),
             id = (uint16_t)vec_int(v, "pdcch.pdcch_dmrs_scrambling_id");
    pdcch_tx_cfg_t cfg = {.slot = pdsch->slot,
                          .carrier_size = pdsch->carrier_size,
                          .coreset_start = (uint16_t)vec_int(v, "pdcch.coreset_start_prb"),
                          .start_symbol = (uint8_t)vec_int(v, "pdcch.start_symbol"),
                          .duration = (uint8_t)vec_int(v, "pdcch.coreset_duration_symbols"),
                          .aggregation_level = (uint8_t)vec_int(v, "pdcch.aggregation_level"),
                          .rnti = rnti,
                          .scrambling_rnti = rnti,
                          .scrambling_id = id,
                          .dmrs_id = id,
                          .payload_bits = (uint16_t)n_bits};
    for (size_t i = 0; i < n_groups; i++)
        cfg.freq_resources |= (uint64_t)groups[i] << (44 - i);
    for (size_t i = 0; i < n_bits; i++)
        b->dci[i / 8] |= (uint8_t)(bits[i] << (7 - i % 8));
    uint16_t first[PDCCH_MAX_CANDIDATES];
    uint32_t y = pdcch_y((uint8_t)vec_int(v, "pdcch.coreset_id"), rnti, pdsch->slot);
    int64_t candidates[PDCCH_LEVELS];
    vec_ints(v, "pdcch.nof_candidates_per_aggregation_level_1_2_4_8_16", candidates, PDCCH_LEVELS);
    uint32_t at = (uint32_t)vec_int(v, "pdcch.candidate_index"),
             n = pdcch_candidates((uint32_t)__builtin_popcountll(cfg.freq_resources) * cfg.duration,
                                  cfg.aggregation_level,
                                  (uint32_t)candidates[__builtin_ctz(cfg.aggregation_level)], y, first);
    if (at >= n)
        vec_die(v, "no candidate");
    cfg.first_cce = first[at];
    phy_refusal_t why;
    return pdcch_tx_plan(&cfg, 1, &b->pdcch, &why) ? refused(v, "PDCCH", &why) : true;
}

/* Blocks of this slot: in the half-frames that begin a period (20 ms: the first of even frames). */
static bool plan_ssb(vec_t *v, const pdsch_cfg_t *pdsch, unsigned sfn, beside_t *b)
{
    unsigned mu = vec_int(v, "subcarrier_spacing_khz") == 30, first_sc;
    int64_t sent[8];
    size_t l_max = vec_ints(v, "ssb.ssb_positions_in_burst", sent, 8);
    ssb_case_t c = vec_str_is(v, "ssb.ssb_pattern", "case_A")   ? SSB_CASE_A
                   : vec_str_is(v, "ssb.ssb_pattern", "case_B") ? SSB_CASE_B
                                                                : SSB_CASE_C;
    unsigned half = pdsch->slot / (5u << mu), period_ms = (unsigned)vec_int(v, "ssb.ssb_period_ms");
    phy_refusal_t why;
    if ((sfn * 10 + half * 5) % period_ms)
        return true;
    if (ssb_first_subcarrier(false, mu, mu, 0, pdsch->carrier_size,
                             (unsigned)vec_int(v, "ssb.ssb_offset_to_point_a_prb_15khz"),
                             (unsigned)vec_int(v, "ssb.ssb_subcarrier_offset_k_ssb"), &first_sc, &why))
        return refused(v, "SSB", &why);
    for (unsigned i = 0; i < l_max; i++) {
        unsigned symbol;
        if (!sent[i] || ssb_candidate_symbol(c, (unsigned)l_max, i, &symbol) ||
            symbol / 14 + half * (5u << mu) != pdsch->slot)
            continue;
        ssb_cfg_t *s = &b->ssb[b->n_ssb++];
        *s = (ssb_cfg_t){.phys_cell_id = (uint16_t)vec_int(v, "ssb.physical_cell_id"),
                         .index = (uint8_t)i,
                         .l_max = (uint8_t)l_max,
                         .half_frame = (uint8_t)half,
                         .sfn = (uint16_t)sfn,
                         .mib = mu << 16, /* subCarrierSpacingCommon as the carrier's, the rest 0 */
                         .first_sc = (uint16_t)first_sc,
                         .first_symbol = (uint8_t)(symbol % 14)};
        if (ssb_check(s, pdsch->carrier_size * 12u, 1, &why))
            return refused(v, "SSB", &why);
    }
    return true;
}

static bool plan_beside(vec_t *v, const pdsch_cfg_t *pdsch, unsigned sfn, beside_t *b)
{
    unsigned absolute = sfn * (10u << (vec_int(v, "subcarrier_spacing_khz") == 30)) + pdsch->slot;
    memset(b, 0, sizeof *b);
    b->has_csi_rs = vec_has(v, "csi_rs") && in_period(v, "csi_rs", absolute);
    b->has_pdcch = vec_has(v, "pdcch") && in_period(v, "pdcch", absolute);
    return (!b->has_csi_rs || plan_csi_rs(v, pdsch, b)) && (!b->has_pdcch || plan_pdcch(v, pdsch, b)) &&
           (!vec_has(v, "ssb") || plan_ssb(v, pdsch, sfn, b));
}

/* One case lets the SSB lie on DM-RS, which TS 38.214 5.1.4 does not allow and our kernel refuses: there the
 * SSB takes only symbols without DM-RS (with both CDM groups kept free there is no data in the others), and
 * clear_ssb blanks the rest. */
static unsigned reserve(const beside_t *b, const pdsch_cfg_t *cfg, pdsch_reserved_t ret[MAX_RESERVED])
{
    unsigned n = b->has_csi_rs ? csi_rs_reserve(&b->csi_rs, ret) : 0;
    for (unsigned i = 0; i < b->n_ssb; i++)
        pdsch_reserve_sc(b->ssb[i].first_sc, SSB_SC,
                         (uint16_t)((0xfu << b->ssb[i].first_symbol) & ~(unsigned)cfg->dmrs_symbols),
                         &ret[n++]);
    return n;
}

static void clear_ssb(const beside_t *b, const pdsch_cfg_t *cfg, const phy_grid_t *grid)
{
    for (unsigned i = 0; i < b->n_ssb; i++)
        for (unsigned l = b->ssb[i].first_symbol; l < b->ssb[i].first_symbol + 4u; l++)
            if (cfg->dmrs_symbols >> l & 1)
                memset(phy_grid_symbol(grid, 0, l) + b->ssb[i].first_sc, 0, SSB_SC * sizeof(ci16_t));
}

/* Where the neighbours are not known: sets n_re REs of the PDSCH aside, anywhere; only their number matters.
 */
static unsigned reserve_any(const pdsch_cfg_t *cfg, unsigned n_re, pdsch_reserved_t ret[MAX_RESERVED])
{
    unsigned n = 0, per_symbol = cfg->rb_size * 12u;
    for (unsigned l = cfg->start_symbol; n_re && l < cfg->start_symbol + cfg->n_symbols; l++) {
        if (cfg->dmrs_symbols >> l & 1)
            continue;
        unsigned here = n_re < per_symbol ? n_re : per_symbol;
        for (unsigned part = 0; part < 2; part++) { /* whole PRBs, then the rest in one more */
            unsigned first = part ? here / 12 : 0, count = part ? here % 12 > 0 : here / 12;
            if (!count)
                continue;
            pdsch_reserved_t *r = &ret[n++];
            *r = (pdsch_reserved_t){.symbols = (uint16_t)(1u << l),
                                    .re = part ? (uint16_t)((1u << here % 12) - 1) : 0xfff};
            for (unsigned p = cfg->rb_start + first; p < cfg->rb_start + first + count; p++)
                r->prb[p / 64] |= 1ull << p % 64;
        }
        n_re -= here;
    }
    return n;
}

/* One slot with DM-RS of the vectors' amplitude, and the SSB, as samples. */
static cf_t *modulate_slot(vec_t *v, const ofdm_plan_t *plan, const pdsch_cfg_t *cfg, const phy_grid_t *grid,
                           dft_work_t *work, cf_t *at)
{
    cf_t *re = vec_alloc(v, (size_t)PHY_SYMBOLS * grid->n_sc * sizeof *re);
    for (unsigned l = 0; l < PHY_SYMBOLS; l++)
        for (unsigned k = 0; k < grid->n_sc; k++)
            re[l * grid->n_sc + k] = (cf_t){(float)phy_grid_symbol(grid, 0, l)[k].re / PHY_UNIT,
                                            (float)phy_grid_symbol(grid, 0, l)[k].im / PHY_UNIT};
    (void)cfg;
    for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
        unsigned in_subframe = (cfg->slot * PHY_SYMBOLS + l) % plan->n_symbols;
        at += ofdm_modulate(plan, in_subframe, re + l * grid->n_sc, at, work);
    }
    return at;
}

typedef struct {
    vec_file_t coded, symbols;
    size_t at_bit;
    cf_t *want_grid; /* DM-RS scaled to ours; NULL: not given */
    cf_t *samples;   /* next of the waveform; NULL: not given */
    const uint8_t *tb;
    pdsch_plan_t *plan;
    pdsch_work_t *work;
    ofdm_plan_t *ofdm;
    dft_work_t *dft;
} mixed_t;

static void same_mixed_slot(vec_t *v, mixed_t *m, const pdsch_cfg_t *cfg, const beside_t *b, const cf_t *want,
                            size_t row)
{
    uint8_t *bits = vec_alloc(v, m->plan->g_bits / 8 + 1);
    ci16_t *symbols = vec_alloc(v, m->plan->n_re * sizeof *symbols);
    pdsch_stages(v->phy, m->plan, m->tb, m->work, bits, symbols);
    vec_same_bits(v, vec_stage(v, "rate_matched, row %zu", row), bits, m->coded.u8 + m->at_bit,
                  m->plan->g_bits);
    vec_same_ci(v, vec_stage(v, "symbols, row %zu", row), symbols, PHY_UNIT, m->symbols.cf + m->at_bit / 2,
                m->plan->n_re, VEC_LSB);
    if (!want)
        return;
    phy_grid_t grid = vec_grid(v, 1, cfg->carrier_size);
    pdsch_run(v->phy, m->plan, m->tb, m->work, &grid);
    clear_ssb(b, cfg, &grid);
    if (b->has_csi_rs)
        csi_rs_run(v->phy, &b->csi_rs, &grid);
    if (b->has_pdcch)
        pdcch_tx_run(v->phy, &b->pdcch, b->dci, &grid);
    vec_same_grid(v, vec_stage(v, "grid, row %zu", row), &grid, want, VEC_LSB);

    /* The waveform has the vectors' DM-RS. */
    unsigned re = dmrs_re_mask(cfg->dmrs_type, cfg->n_cdm_groups_without_data);
    double scale = vec_num(v, "dmrs_amplitude_in_grid") / (double)dmrs_beta(cfg->n_cdm_groups_without_data);
    for (unsigned l = 0; l < PHY_SYMBOLS; l++)
        for (unsigned k = 0; cfg->dmrs_symbols >> l & 1 && k < grid.n_sc; k++) {
            ci16_t *x = &phy_grid_symbol(&grid, 0, l)[k];
            if (re >> k % 12 & 1)
                *x = (ci16_t){(int16_t)lrint(x->re * scale), (int16_t)lrint(x->im * scale)};
        }
    for (unsigned i = 0; i < b->n_ssb; i++)
        ssb_run(v->phy, &b->ssb[i], &grid);
    if (m->samples)
        m->samples = modulate_slot(v, m->ofdm, cfg, &grid, m->dft, m->samples);
}

static bool start_mixed(vec_t *v, mixed_t *m, const pdsch_cfg_t *cfg)
{
    unsigned scs_khz = (unsigned)vec_int(v, "subcarrier_spacing_khz");
    ofdm_cfg_t ofdm = {.mu = scs_khz == 30,
                       .n_fft = (unsigned)(vec_int(v, "sample_rate_hz") / (scs_khz * 1000)),
                       .n_sc = cfg->carrier_size * 12u};
    m->ofdm = vec_alloc(v, sizeof *m->ofdm);
    m->dft = vec_alloc(v, sizeof *m->dft);
    phy_refusal_t why;
    return ofdm_plan(v->phy, &ofdm, m->ofdm, &why) ? refused(v, "OFDM", &why) : true;
}

void vec_dl_mixed(vec_t *v)
{
    mixed_t m = {.coded = vec_file(v, "rate_matched"), .symbols = vec_file(v, "symbols")};
    vec_file_t tb = vec_file(v, "transport_block"), grid = {0}, wave = {0};
    int64_t slots[MAX_SLOTS], sfns[MAX_SLOTS], rvs[MAX_SLOTS], g_bits[MAX_SLOTS];
    size_t n_slots = vec_ints(v, "slot_indices", slots, MAX_SLOTS);
    vec_ints(v, "system_frame_numbers", sfns, MAX_SLOTS);
    vec_ints(v, "redundancy_version_per_slot", rvs, MAX_SLOTS);
    vec_ints(v, "nof_rate_matched_bits_per_slot", g_bits, MAX_SLOTS);
    pdsch_cfg_t cfg;
    if (!vec_pdsch_config(v, (uint32_t)tb.n, &cfg))
        return;
    m.tb = vec_pack(v, tb.u8, tb.n);
    m.plan = vec_alloc(v, sizeof *m.plan);
    m.work = vec_alloc(v, sizeof *m.work);
    cf_t *samples = NULL;
    if (vec_has_file(v, "grid"))
        grid = vec_file(v, "grid");
    if (grid.n && vec_has_file(v, "waveform")) {
        wave = vec_file(v, "waveform");
        m.samples = samples = vec_alloc(v, (wave.n + 8192) * sizeof *samples);
        if (!start_mixed(v, &m, &cfg))
            return;
    }
    beside_t *b = vec_alloc(v, sizeof *b);
    for (size_t i = 0; i < n_slots && !v->n_failures; i++) {
        pdsch_reserved_t reserved[MAX_RESERVED];
        phy_refusal_t why;
        cfg.slot = (uint16_t)slots[i];
        cfg.rv = (uint8_t)rvs[i];
        cfg.reserved = reserved;
        cfg.n_reserved = 0;
        if (!plan_beside(v, &cfg, (unsigned)sfns[i], b))
            return;
        if (grid.n) {
            cfg.n_reserved = (uint16_t)reserve(b, &cfg, reserved);
        } else {
            if (pdsch_plan(v->phy, &cfg, 1, m.plan, &why)) {
                refused(v, "PDSCH", &why);
                return;
            }
            cfg.n_reserved =
                (uint16_t)reserve_any(&cfg, (m.plan->g_bits - (unsigned)g_bits[i]) / 2, reserved);
        }
        if (pdsch_plan(v->phy, &cfg, 1, m.plan, &why)) {
            refused(v, "PDSCH", &why);
            return;
        }
        if (m.plan->g_bits != g_bits[i]) {
            vec_fail(v, "G", "row %zu: got %u bits, want %lld", i, m.plan->g_bits, (long long)g_bits[i]);
            return;
        }
        cf_t *want = NULL;
        if (grid.n) {
            size_t n = grid.shape[2] * grid.shape[3];
            want = vec_alloc(v, n * sizeof *want);
            memcpy(want, grid.cf + i * n, n * sizeof *want);
            vec_scale_dmrs(v, &cfg, want, 1);
        }
        same_mixed_slot(v, &m, &cfg, b, want, i);
        m.at_bit += m.plan->g_bits;
    }
    if (m.at_bit != m.coded.n && !v->n_failures)
        vec_fail(v, "rate_matched", "got %zu bits, want %zu", m.at_bit, m.coded.n);
    if (samples && !v->n_failures) {
        if ((size_t)(m.samples - samples) != wave.n)
            vec_fail(v, "waveform", "got %td samples, want %zu", m.samples - samples, wave.n);
        else /* int16 REs: each off by up to half an LSB, their sum by its root mean square a few times */
            vec_same_cf(v, "waveform", samples, wave.cf, wave.n,
                        2e-6 + 2 * VEC_LSB * sqrt(m.ofdm->cfg.n_sc) / m.ofdm->cfg.n_fft);
    }
}

/* ---- test_model_fr1 ---- */

/* A PDSCH as the test models have it: one layer, type A at 2 with one more, no CDM group kept free; MCS
 * table 2. */
typedef struct {
    unsigned prb, n_prb, rnti, start, n_symbols, mcs;
} model_pdsch_t;

static bool put_model_pdsch(vec_t *v, const model_pdsch_t *p, unsigned slot, const phy_grid_t *grid,
                            const phy_grid_t *air)
{
    uint16_t cell = (uint16_t)vec_int(v, "physical_cell_id");
    dmrs_time_cfg_t time = {.mapping = DMRS_MAPPING_A,
                            .type_a_position = 2,
                            .additional_position = 1,
                            .length = 1,
                            .start_symbol = (uint8_t)p->start,
                            .n_symbols = (uint8_t)p->n_symbols};
    mcs_t mcs;
    if (!mcs_get(MCS_TABLE_QAM256, (uint8_t)p->mcs, &mcs))
        vec_die(v, "no such MCS");
    pdsch_cfg_t cfg = {.slot = (uint16_t)slot,
                       .carrier_size = grid->n_sc / 12,
                       .bwp_size = grid->n_sc / 12,
                       .resource_alloc = 1,
                       .rb_start = (uint16_t)p->prb,
                       .rb_size = (uint16_t)p->n_prb,
                       .start_symbol = time.start_symbol,
                       .n_symbols = time.n_symbols,
                       .qm = mcs.qm,
                       .target_code_rate = mcs.rate_x10,
                       .rnti = (uint16_t)p->rnti,
                       .n_id = cell,
                       .n_layers = 1,
                       .dmrs_type = 1,
                       .dmrs_length = 1,
                       .dmrs_ports = 1,
                       .n_cdm_groups_without_data = 1,
                       .dmrs_n_id = {cell, cell}};
    pdsch_plan_t *plan = vec_alloc(v, sizeof *plan);
    phy_refusal_t why;
    if (dmrs_symbols_pdsch(&time, &cfg.dmrs_symbols, &why))
        return refused(v, "DM-RS", &why);
    uint16_t re = tbs_re_per_prb(cfg.n_symbols,
                                 dmrs_re_per_prb(1, (uint8_t)__builtin_popcount(cfg.dmrs_symbols), 1), 0);
    cfg.tb_bytes = tbs_bits(re, cfg.rb_size, mcs.qm, mcs.rate_x10, 1, 0) / 8;
    if (pdsch_plan(v->phy, &cfg, 1, plan, &why))
        return refused(v, "PDSCH", &why);
    uint8_t *tb = vec_alloc(v, cfg.tb_bytes);
    memset(tb, 0x99, cfg.tb_bytes);
    pdsch_run(v->phy, plan, tb, vec_alloc(v, sizeof(pdsch_work_t)), grid);
    if (air)
        vec_receive_pdsch(v, &cfg, vec_int(v, "subcarrier_spacing_khz") == 30, air,
                          vec_alloc(v, sizeof(vec_harq_t)), tb);
    return true;
}

static bool put_model_pdcch(vec_t *v, unsigned slot, const phy_grid_t *grid, const phy_grid_t *air)
{
    static const uint8_t dci[] = {0xcc, 0xcc, 0xcc};
    uint16_t cell = (uint16_t)vec_int(v, "physical_cell_id");
    pdcch_tx_cfg_t cfg = {.slot = (uint16_t)slot,
                          .carrier_size = grid->n_sc / 12,
                          .freq_resources = 1ull << 44,
                          .duration = 2,
                          .aggregation_level = 1,
                          .scrambling_id = cell,
                          .dmrs_id = cell,
                          .payload_bits = 20};
    pdcch_tx_plan_t *plan = vec_alloc(v, sizeof *plan);
    phy_refusal_t why;
    if (pdcch_tx_plan(&cfg, 1, plan, &why))
        return refused(v, "PDCCH", &why);
    pdcch_tx_run(v->phy, plan, dci, grid);
    if (air)
        vec_receive_pdcch(v, &cfg, air, dci);
    return true;
}

/* Downlink symbols of a slot: TDD has 5 slots of 15 kHz or 10 of 30 kHz in its pattern. */
static unsigned downlink_symbols(vec_t *v, unsigned slot)
{
    bool is_30 = vec_int(v, "subcarrier_spacing_khz") == 30;
    if (vec_str_is(v, "duplex_mode", "FDD"))
        return PHY_SYMBOLS;
    unsigned at = slot % (is_30 ? 10 : 5), special = is_30 ? 7 : 3;
    return at < special ? PHY_SYMBOLS : at > special ? 0 : is_30 ? 6 : 10;
}

void vec_test_model_fr1(vec_t *v)
{
    vec_file_t want = vec_file(v, "grid");
    int64_t slots[MAX_SLOTS], mcs[8];
    size_t n_slots = vec_ints(v, "slot_indices", slots, MAX_SLOTS);
    unsigned n_prb = (unsigned)vec_int(v, "nof_grid_prb");
    vec_ints(v, "mcs_index_per_pdsch", mcs, 8);
    bool one_prb = vec_str_is(v, "test_model", "NR-FR1-TM2") || vec_str_is(v, "test_model", "NR-FR1-TM2a");
    for (size_t i = 0; i < n_slots && !v->n_failures; i++) {
        unsigned slot = (unsigned)slots[i], n_symbols = downlink_symbols(v, slot);
        const unsigned of_three[] = {0, n_prb / 2, n_prb - 1};
        model_pdsch_t small = {.prb = one_prb ? of_three[slot % 3] : 0,
                               .n_prb = one_prb ? 1 : 3,
                               .rnti = 2,
                               .start = 2,
                               .n_symbols = n_symbols - 2,
                               .mcs = (unsigned)mcs[0]};
        model_pdsch_t large = {.prb = 3,
                               .n_prb = n_prb - 3,
                               .rnti = 0,
                               .start = 0,
                               .n_symbols = n_symbols,
                               .mcs = (unsigned)mcs[0]};
        const cf_t *want_slot = want.cf + i * want.shape[2] * want.shape[3];
        phy_grid_t grid = vec_grid(v, 1, n_prb), received, *air = NULL;
        if (i < MAX_RECEIVED) {
            received = vec_air_dense(v, want_slot, 1, n_prb);
            air = &received;
        }
        if (n_symbols &&
            !(put_model_pdcch(v, slot, &grid, air) && put_model_pdsch(v, &small, slot, &grid, air) &&
              (one_prb || put_model_pdsch(v, &large, slot, &grid, air))))
            return;
        vec_same_grid(v, vec_stage(v, "grid, row %zu", i), &grid, want_slot, VEC_LSB);
    }
}
