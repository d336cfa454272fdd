/* SPDX-License-Identifier: Apache-2.0 */
/* dmrs_pbch, pbch_modulator, ssb, ssb_waveform: the SSB of lib/phy/dl. */
#include "lib/phy/dl/ssb.h"
#include "lib/phy/signal/ofdm.h"
#include "tests/vectors/channels.h"
#include "tests/vectors/receive.h"

#include <math.h>
#include <string.h>

#define MAX_SSB 8

static void refused(vec_t *v, const phy_refusal_t *why)
{
    vec_fail(v, "plan", "refused %s = %lld", why->field, (long long)why->value);
}

/* REs of one SSB by position functions, on each of the case's ports. */
static void put_ssb_part(vec_t *v, const ci16_t *values, unsigned n,
                         void (*where)(unsigned cell, unsigned i, unsigned *symbol, unsigned *sc))
{
    unsigned ports[8], first_sc = (unsigned)vec_int(v, "ssb_first_subcarrier_in_grid"),
                       first_symbol = (unsigned)vec_int(v, "ssb_first_symbol_in_slot");
    int64_t given[8];
    size_t n_ports = vec_ints(v, "ports", given, 8);
    phy_grid_t grid = vec_grid(v, (unsigned)n_ports, 20 + (first_sc + 11) / 12);
    for (size_t p = 0; p < n_ports; p++) {
        ports[p] = (unsigned)given[p];
        for (unsigned i = 0; i < n; i++) {
            unsigned symbol, sc;
            where((unsigned)vec_int(v, "physical_cell_id"), i, &symbol, &sc);
            phy_grid_symbol(&grid, (unsigned)p, first_symbol + symbol)[first_sc + sc] = values[i];
        }
    }
    vec_same_sparse(v, "grid", &grid, vec_file(v, "expected_re_index"), vec_file(v, "expected_re_value"), 0,
                    ports, VEC_LSB);
}

void vec_dmrs_pbch(vec_t *v)
{
    ci16_t r[144];
    ssb_pbch_dmrs(v->phy, (unsigned)vec_int(v, "physical_cell_id"), (unsigned)vec_int(v, "ssb_index"),
                  (unsigned)vec_int(v, "l_max"), (unsigned)vec_int(v, "half_frame_index"),
                  (float)vec_num(v, "amplitude_linear") * PHY_UNIT, r);
    put_ssb_part(v, r, 144, ssb_dmrs_re);
}

void vec_pbch_modulator(vec_t *v)
{
    ci16_t d[432];
    vec_file_t bits = vec_file(v, "input_bits");
    /* The offset is ssb_index mod 8: L_max 64 takes the three lowest bits. */
    ssb_pbch_symbols(v->phy, vec_pack(v, bits.u8, bits.n), (unsigned)vec_int(v, "physical_cell_id"),
                     (unsigned)vec_int(v, "ssb_index"), 64, (float)vec_num(v, "amplitude_linear") * PHY_UNIT,
                     d);
    put_ssb_part(v, d, 432, ssb_pbch_re);
}

/* A field of the MIB, given as a number, as true or false, or as TS 38.331 spells it. */
static uint32_t mib_field(const json_t *j)
{
    static const struct {
        const char *name;
        uint32_t value;
    } names[] = {{"scs15or60", 15}, {"scs30or120", 30}, {"pos2", 2},    {"pos3", 3},
                 {"barred", 0},     {"notBarred", 1},   {"allowed", 0}, {"notAllowed", 1}};
    for (size_t i = 0; json_is_string(j) && i < sizeof names / sizeof *names; i++)
        if (!strcmp(json_string_value(j), names[i].name))
            return names[i].value;
    return json_is_boolean(j) ? json_is_true(j) : (uint32_t)json_number_value(j);
}

static uint32_t mib_input(vec_t *v, const char *part)
{
    json_t *j = vec_like(v, part);
    if (!j)
        vec_die(v, "no input %s", part);
    return mib_field(j);
}

/* 24 bits of BCCH-BCH-Message (TS 38.331): choice, SFN, SCS, k_SSB, DMRS position, SIB1, barred, reselection,
 * spare. */
static uint32_t mib_bits(vec_t *v, unsigned sfn)
{
    /* subCarrierSpacingCommon is 15 or 60 kHz for 0, 30 or 120 kHz for 1; the k_SSB's fifth bit is not here
     */
    json_t *common = vec_like(v, "common");
    uint32_t scs = common ? mib_field(common) : mib_input(v, "subcarrier_spacing");
    uint32_t spare = vec_like(v, "spare") ? mib_input(v, "spare") & 1 : 0;
    return (sfn >> 4 & 63) << 17 | (uint32_t)(scs == 1 || scs == 30 || scs == 120) << 16 |
           (mib_input(v, vec_like(v, "k_ssb") ? "k_ssb" : "subcarrier_offset") & 15) << 12 |
           (uint32_t)(mib_input(v, "type_a") == 3) << 11 | (mib_input(v, "sib1") & 255) << 3 |
           (mib_input(v, "barred") & 1) << 2 | (mib_input(v, "resel") & 1) << 1 | spare;
}

/* Fields to 24 bits, in a file or inline. */
static void ssb_mib(vec_t *v)
{
    const json_t *frame = vec_like(v, "frame") ? vec_like(v, "frame") : vec_like(v, "sfn");
    uint32_t mib = mib_bits(v, frame ? (unsigned)json_integer_value(frame) : 0);
    const uint8_t packed[] = {(uint8_t)(mib >> 16), (uint8_t)(mib >> 8), (uint8_t)mib};
    const char *part = vec_file_of_role(v, "expected"), *key;
    json_t *expected = json_object_get(v->root, "expected"), *value;
    unsigned n_compared = 0;
    if (part) {
        vec_file_t want = vec_file(v, part);
        if (want.n != 24)
            vec_die(v, "not 24 bits of MIB");
        vec_same_bits(v, part, packed, want.u8, 24);
        n_compared++;
    }
    json_object_foreach(expected, key, value)
    {
        if (json_array_size(value) != 24)
            continue;
        vec_expected(v, key);
        for (unsigned i = 0; i < 24; i++)
            if ((mib >> (23 - i) & 1) != json_integer_value(json_array_get(value, i)))
                vec_fail(v, key, "bit %u: got %u", i, mib >> (23 - i) & 1);
        n_compared++;
    }
    if (json_array_size(expected) == 24) {
        vec_expected(v, "");
        for (unsigned i = 0; i < 24; i++)
            if ((mib >> (23 - i) & 1) != json_integer_value(json_array_get(expected, i)))
                vec_fail(v, "MIB", "bit %u: got %u", i, mib >> (23 - i) & 1);
        n_compared++;
    }
    if (!n_compared)
        vec_die(v, "no 24 bits to compare with");
}

/* Where the case's blocks lie: cfg of each, slot by slot. first_sc as the kernels say; with an odd k_SSB of
 * 15 kHz steps on 30 kHz it is that of k_SSB - 1, half a subcarrier too low. */
typedef struct {
    ssb_cfg_t cfg;
    unsigned slot;
} placed_t;

static size_t place(vec_t *v, unsigned n_prb, placed_t ret[2 * MAX_SSB])
{
    static const struct {
        const char *name;
        ssb_case_t ssb_case;
    } cases[] = {{"case_A", SSB_CASE_A}, {"case_B", SSB_CASE_B}, {"case_C", SSB_CASE_C}};
    size_t c = 0;
    while (c < 3 && !vec_str_is(v, "ssb_pattern", cases[c].name))
        c++;
    if (c == 3)
        vec_die(v, "a pattern that the driver does not know");

    unsigned mu = vec_int(v, "subcarrier_spacing_khz") == 30;
    int64_t positions[MAX_SSB];
    size_t l_max = vec_ints(v, "ssb_positions_in_burst", positions, MAX_SSB), n = 0;
    unsigned k_ssb = (unsigned)vec_int(v, "ssb_subcarrier_offset_k_ssb"), first_sc;
    phy_refusal_t why;
    if (ssb_first_subcarrier(false, mu, mu, 0, n_prb, (unsigned)vec_int(v, "ssb_offset_to_point_a_prb_15khz"),
                             k_ssb - (mu && k_ssb % 2), &first_sc, &why)) {
        refused(v, &why);
        return 0;
    }
    /* Longer periods have the first half of an even frame. */
    unsigned sfn =
        vec_has(v, "first_system_frame_number") ? (unsigned)vec_int(v, "first_system_frame_number") : 0;
    for (unsigned half = 0; half < (vec_int(v, "ssb_period_ms") == 5 ? 2 : 1); half++)
        for (unsigned i = 0; i < l_max; i++) {
            unsigned symbol;
            if (!positions[i])
                continue;
            if (ssb_candidate_symbol(cases[c].ssb_case, (unsigned)l_max, i, &symbol)) {
                vec_fail(v, "first symbol", "none of block %u", i);
                return 0;
            }
            ret[n++] = (placed_t){.slot = symbol / 14 + half * (5u << mu),
                                  .cfg = {.phys_cell_id = (uint16_t)vec_int(v, "physical_cell_id"),
                                          .index = (uint8_t)i,
                                          .l_max = (uint8_t)l_max,
                                          .half_frame = (uint8_t)half,
                                          .sfn = (uint16_t)sfn,
                                          .k_ssb = (uint8_t)k_ssb,
                                          .mib = mib_bits(v, sfn),
                                          .first_sc = (uint16_t)first_sc,
                                          .first_symbol = (uint8_t)(symbol % 14)}};
        }
    return n;
}

/* The blocks of one slot into a grid. */
static bool run_slot(vec_t *v, const placed_t *blocks, size_t n, unsigned slot, const phy_grid_t *grid)
{
    phy_refusal_t why;
    for (size_t i = 0; i < n; i++) {
        if (blocks[i].slot != slot)
            continue;
        if (ssb_check(&blocks[i].cfg, grid->n_sc, grid->n_ant, &why)) {
            refused(v, &why);
            return false;
        }
        ssb_run(v->phy, &blocks[i].cfg, grid);
    }
    return true;
}

static void ssb_grid(vec_t *v)
{
    placed_t blocks[2 * MAX_SSB];
    unsigned n_prb = (unsigned)vec_int(v, "nof_grid_prb"), ports[] = {0};
    size_t n = place(v, n_prb, blocks);
    int64_t slots[80];
    size_t n_slots = vec_ints(v, "slot_indices", slots, 80);
    for (size_t s = 0; n && s < n_slots; s++) {
        phy_grid_t grid = vec_grid(v, 1, n_prb);
        if (!run_slot(v, blocks, n, (unsigned)slots[s], &grid))
            return;
        vec_same_sparse(v, vec_stage(v, "grid of slot %lld", (long long)slots[s]), &grid,
                        vec_file(v, "expected_re_index"), vec_file(v, "expected_re_value"),
                        (unsigned)slots[s], ports, VEC_LSB);
        const phy_grid_t air = vec_air_sparse(v, vec_file(v, "expected_re_index"),
                                              vec_file(v, "expected_re_value"), (unsigned)slots[s], n_prb);
        for (size_t i = 0; i < n; i++)
            if (blocks[i].slot == (unsigned)slots[s])
                vec_receive_ssb(v, &blocks[i].cfg, &air);
    }
}

void vec_ssb(vec_t *v)
{
    const char *stage = vec_str(v, "stage");
    if (!strcmp(stage, "grid")) {
        ssb_grid(v);
    } else if (!strcmp(stage, "pbch_modulation")) {
        vec_file_t bits = vec_file(v, "bits"), want = vec_file(v, "symbols");
        ci16_t d[432];
        if (want.n != 432)
            vec_die(v, "not 432 symbols");
        ssb_pbch_symbols(v->phy, vec_pack(v, bits.u8, bits.n), (unsigned)vec_int(v, "physical_cell_id"),
                         (unsigned)vec_int(v, "ssb_index"), 64, PHY_UNIT, d); /* as above */
        vec_same_ci(v, "symbols", d, PHY_UNIT, want.cf, want.n, VEC_LSB);
    } else if (!strncmp(stage, "mib", 3) || !strncmp(v->name, "mib", 3)) {
        ssb_mib(v);
    } else {
        vec_die(v, "stage %s", stage);
    }
}

/* PRBs of a carrier, TS 38.101-1 table 5.3.2-1. */
static unsigned carrier_prbs(vec_t *v)
{
    static const struct {
        unsigned mhz, prb15, prb30;
    } table[] = {{5, 25, 11},   {10, 52, 24},  {15, 79, 38},   {20, 106, 51},  {25, 133, 65},
                 {30, 160, 78}, {35, 188, 92}, {40, 216, 106}, {45, 242, 119}, {50, 270, 133},
                 {60, 0, 162},  {70, 0, 189},  {80, 0, 217},   {90, 0, 245},   {100, 0, 273}};
    if (vec_has(v, "nof_grid_prb"))
        return (unsigned)vec_int(v, "nof_grid_prb");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (vec_int(v, "channel_bandwidth_mhz") == table[i].mhz)
            return vec_int(v, "subcarrier_spacing_khz") == 30 ? table[i].prb30 : table[i].prb15;
    vec_die(v, "bandwidth without PRBs");
}

void vec_ssb_waveform(vec_t *v)
{
    placed_t blocks[2 * MAX_SSB];
    unsigned n_prb = carrier_prbs(v), scs_khz = (unsigned)vec_int(v, "subcarrier_spacing_khz"),
             mu = scs_khz == 30;
    size_t n = place(v, n_prb, blocks);
    vec_file_t want = vec_file(v, "waveform");
    ofdm_cfg_t cfg = {.mu = mu,
                      .n_fft = (unsigned)(want.n * 100 / (scs_khz * 1000)),
                      .n_sc = n_prb * 12,
                      .f0_hz = vec_num(v, "carrier_frequency_mhz") * 1e6};
    ofdm_plan_t *plan = vec_alloc(v, sizeof *plan);
    dft_work_t *work = vec_alloc(v, sizeof *work);
    phy_refusal_t why;
    if (!n || ofdm_plan(v->phy, &cfg, plan, &why)) {
        vec_fail(v, "plan", "refused");
        return;
    }
    cf_t *got = vec_alloc(v, (want.n + 2u * cfg.n_fft) * sizeof *got), *at = got;
    cf_t *re = vec_alloc(v, cfg.n_sc * sizeof *re);
    bool half_subcarrier = mu && vec_int(v, "ssb_subcarrier_offset_k_ssb") % 2;
    for (unsigned slot = 0; slot < 10u << mu; slot++) {
        phy_grid_t grid = vec_grid(v, 1, n_prb);
        if (!run_slot(v, blocks, n, slot, &grid))
            return;
        for (unsigned l = 0; l < 14; l++) {
            for (unsigned k = 0; k < cfg.n_sc; k++)
                re[k] = (cf_t){(float)phy_grid_symbol(&grid, 0, l)[k].re / PHY_UNIT,
                               (float)phy_grid_symbol(&grid, 0, l)[k].im / PHY_UNIT};
            unsigned in_subframe = (slot & ((1u << mu) - 1)) * 14 + l;
            unsigned samples = ofdm_modulate(plan, in_subframe, re, at, work);
            /* The block's own subcarriers lie half a one higher: its mixer, not the carrier's modulator, does
             * that. */
            for (unsigned i = 0; half_subcarrier && i < samples; i++) {
                double a = M_PI * ((double)i - plan->cp[in_subframe]) / cfg.n_fft;
                float c = (float)cos(a), s = (float)sin(a);
                at[i] = (cf_t){at[i].re * c - at[i].im * s, at[i].re * s + at[i].im * c};
            }
            at += samples;
        }
    }
    if ((size_t)(at - got) != want.n)
        vec_fail(v, "waveform", "got %td samples, want %zu", at - got, want.n);
    /* int16 REs: 240 of them, each off by up to half an LSB. */
    vec_same_cf(v, "waveform", got, want.cf, want.n, 2e-6 + VEC_LSB / cfg.n_fft * 16);
}
