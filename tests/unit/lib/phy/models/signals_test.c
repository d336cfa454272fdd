/* SPDX-License-Identifier: Apache-2.0 */
/* Signals without coded data beside the slow models: CSI-RS of every row, PUCCH format 1, PRACH preambles of
 * every format and set, SRS with combs, hopping and antenna ports. */
#include "lib/phy/ctrl/prach.h"
#include "lib/phy/ctrl/pucch_tx.h"
#include "lib/phy/ctrl/srs.h"
#include "lib/phy/dl/csi_rs.h"
#include "tests/models/signals.h"
#include "tests/models/tables.h"
#include "tests/unit/lib/phy/models/compare.h"

#include <math.h>

/* ---- CSI-RS ---- */

#define CSI_PRB 24

/* As many set bits as the row has places in frequency. */
static unsigned freq_domain(unsigned row)
{
    static const uint8_t n_bits[19] = {0, 1, 1, 1, 1, 1, 4, 2, 2, 6, 3, 4, 4, 3, 3, 3, 4, 4, 4};
    unsigned width = row == 1 ? 4 : row == 2 ? 12 : row == 4 ? 3 : 6, mask;
    do
        mask = between(1, (1u << width) - 1);
    while (__builtin_popcount(mask) != n_bits[row]);
    return mask;
}

static void test_csi_rs(void)
{
    make_phys();
    for (unsigned i = 0; i < 18 * 4; i++) {
        unsigned row = i % 18 + 1;
        bool half = row == 2 || row == 3 || row == 11 || row == 12 || row == 13 || row >= 14;
        unsigned density_x2 = row == 1 ? 6 : half && random_below(2) ? 1 : 2;
        csi_rs_cdm_t cdm = row <= 2                                                       ? CSI_RS_NO_CDM
                           : row == 8 || row == 10 || row == 12 || row == 14 || row == 17 ? CSI_RS_CDM4
                           : row == 15 || row == 18                                       ? CSI_RS_CDM8
                                                                                          : CSI_RS_FD_CDM2;
        csi_rs_cfg_t c = {.slot = (uint16_t)random_below(40),
                          .carrier_start = (uint16_t)(4 * random_below(6)),
                          .carrier_size = CSI_PRB,
                          .row = (uint8_t)row,
                          .freq_domain = (uint16_t)freq_domain(row),
                          .symbol_l0 = (uint8_t)between(2, 4),
                          .symbol_l1 = (uint8_t)between(9, 11),
                          .cdm = cdm,
                          .density = density_x2 == 6   ? CSI_RS_DENSITY_3
                                     : density_x2 == 2 ? CSI_RS_DENSITY_1
                                                       : CSI_RS_DENSITY_HALF_EVEN,
                          .n_id = (uint16_t)random_below(1024)};
        if (density_x2 == 1 && random_below(2))
            c.density = CSI_RS_DENSITY_HALF_ODD;
        c.start_rb = (uint16_t)(c.carrier_start + 4 * random_below(3));
        c.n_rbs = (uint16_t)(4 * between(1, 3));
        model_csi_rs_t m = {.slot = c.slot,
                            .n_grid_prb = CSI_PRB,
                            .grid_crb = c.carrier_start,
                            .row = row,
                            .freq_domain = c.freq_domain,
                            .l0 = c.symbol_l0,
                            .l1 = c.symbol_l1,
                            .start_crb = c.start_rb,
                            .n_rbs = c.n_rbs,
                            .density_x2 = density_x2,
                            .odd_prbs = c.density == CSI_RS_DENSITY_HALF_ODD,
                            .n_id = c.n_id};
        unsigned n_ports = model_csi_rs_ports(row);
        csi_rs_plan_t plan;
        phy_refusal_t why;
        if (csi_rs_plan(&c, n_ports, &plan, &why)) {
            printf("\nrow %u refused: %s = %lld (%s)\n", row, why.field, (long long)why.value, why.expected);
            CU_FAIL("refused");
            continue;
        }
        CU_ASSERT_EQUAL(plan.n_ports, n_ports);
        cplx_t *want = make_model_grid(n_ports, CSI_PRB);
        model_csi_rs(&m, want);
        for (int isa = 0; isa < PHY_N_ISA && phys[isa]; isa++) {
            phy_grid_t grid = make_grid(n_ports, CSI_PRB);
            csi_rs_run(phys[isa], &plan, &grid);
            bool same = same_grid("CSI-RS", &grid, want, ONE_LSB);
            if (!same)
                printf("row %u, bits %x, density x2 %u\n", row, c.freq_domain, density_x2);
            CU_ASSERT(same);
            free(grid.re);
        }
        free(want);
    }
    destroy_phys();
}

/* ---- PUCCH format 1 ---- */

#define PUCCH_PRB 20

static void test_pucch1(void)
{
    make_phys();
    for (unsigned i = 0; i < 150; i++) {
        pucch_cfg_t c = {.format = 1,
                         .mu = (uint8_t)random_below(2),
                         .slot = (uint16_t)random_below(10),
                         .n_grid_prb = PUCCH_PRB,
                         .prb_start = (uint16_t)random_below(PUCCH_PRB),
                         .second_hop_prb = (uint16_t)random_below(PUCCH_PRB),
                         .n_prb = 1,
                         .intra_slot_hopping = random_below(2),
                         .n_symbols = (uint8_t)between(4, 14),
                         .group_hopping = (uint8_t)random_below(3),
                         .hopping_id = (uint16_t)random_below(1024),
                         .initial_cyclic_shift = (uint8_t)random_below(12),
                         .n_harq = (uint16_t)random_below(3)};
        c.start_symbol = (uint8_t)random_below(15u - c.n_symbols);
        c.sr_bits = c.n_harq == 0;
        unsigned n_occ = c.intra_slot_hopping ? c.n_symbols / 4u : c.n_symbols / 2u;
        c.time_domain_occ = (uint8_t)random_below(n_occ);
        model_pucch1_t m = {.slot = c.slot,
                            .n_grid_prb = PUCCH_PRB,
                            .prb = c.prb_start,
                            .second_prb = c.second_hop_prb,
                            .start_symbol = c.start_symbol,
                            .n_symbols = c.n_symbols,
                            .n_id = c.hopping_id,
                            .m0 = c.initial_cyclic_shift,
                            .occ = c.time_domain_occ,
                            .hopping = c.intra_slot_hopping,
                            .group_hopping = c.group_hopping,
                            .n_bits = c.n_harq,
                            .bits = {(uint8_t)random_below(2), (uint8_t)random_below(2)}};
        pucch_uci_t uci = {.harq = (uint8_t)(m.bits[0] | m.bits[1] << 1), .sr = c.n_harq == 0};
        if (c.n_harq == 1)
            uci.harq &= 1;
        cplx_t *want = make_model_grid(1, PUCCH_PRB);
        model_pucch1(&m, want);
        for (int isa = 0; isa < PHY_N_ISA && phys[isa]; isa++) {
            pucch_plan_t plan;
            phy_refusal_t why = {0};
            phy_grid_t grid = make_grid(1, PUCCH_PRB);
            CU_ASSERT_EQUAL_FATAL(pucch_plan(phys[isa], &c, &plan, &why), 0);
            CU_ASSERT(pucch_transmit(phys[isa], &plan, &uci, 1, &grid, 0));
            bool same = same_grid("PUCCH 1", &grid, want, ONE_LSB);
            if (!same)
                printf("symbols %u+%u hopping %d group %u occ %u bits %u\n", c.start_symbol, c.n_symbols,
                       c.intra_slot_hopping, c.group_hopping, c.time_domain_occ, c.n_harq);
            CU_ASSERT(same);
            free(grid.re);
        }
        free(want);
    }
    destroy_phys();
}

/* ---- PRACH ---- */

static bool plan_prach(unsigned format, unsigned root, unsigned zone, unsigned set, prach_plan_t *plan)
{
    prach_cfg_t c = {.format = (uint8_t)format,
                     .root_sequence = (uint16_t)root,
                     .zero_correlation_zone = (uint8_t)zone,
                     .restricted_set = (uint8_t)set,
                     .n_rx = 1};
    return prach_plan(&c, plan, NULL) == 0;
}

static void test_prach_preambles(void)
{
    prach_plan_t *plan = malloc(sizeof *plan);
    for (unsigned format = 0; format < PRACH_N_FORMATS; format++)
        for (unsigned set = 0; set < (format <= PREAMBLE_3 ? 2u : 1u); set++)
            for (unsigned zone = 0; zone < 16; zone++) {
                unsigned l_ra = format <= PREAMBLE_3 ? 839 : 139, root = random_below(l_ra - 1), u[64],
                         c_v[64];
                unsigned scs = format == PREAMBLE_3 ? 5000 : format < PREAMBLE_3 ? 1250 : 15000;
                bool ok;
                unsigned n_cs = model_prach_n_cs(scs, set, zone, &ok);
                bool planned = plan_prach(format, root, zone, set, plan);
                if (!ok) {
                    CU_ASSERT(!planned);
                    continue;
                }
                unsigned n = model_prach_preambles(l_ra, root, n_cs, set, u, c_v);
                CU_ASSERT_FATAL(planned);
                CU_ASSERT_EQUAL(plan->l_ra, l_ra);
                CU_ASSERT_EQUAL(plan->n_cs, n_cs);
                CU_ASSERT_EQUAL_FATAL(plan->n_preambles, n);
                bool same = true;
                for (unsigned i = 0; i < n; i++)
                    same &= plan->u[plan->preamble[i].root] == u[i] && plan->preamble[i].c_v == c_v[i];
                if (!same)
                    printf("\nformat %u set %u zone %u root %u\n", format, set, zone, root);
                CU_ASSERT(same);
            }
    free(plan);
}

/* What restricted sets are for: a preamble that arrives shifted by up to one (type A) or two (type B)
 * subcarriers of frequency offset looks like another cyclic shift of its root, off by multiples of d_u. No
 * such window may meet another one. */
static void test_prach_restricted(void)
{
    prach_plan_t *plan = malloc(sizeof *plan);
    unsigned checked = 0;
    for (unsigned trial = 0; trial < 400; trial++) {
        unsigned set = between(1, 2), format = random_below(4), zone = random_below(16);
        if (!plan_prach(format, random_below(838), zone, set, plan))
            continue;
        for (unsigned r = 0; r < plan->n_roots; r++) {
            uint8_t owner[839] = {0};
            unsigned d = model_prach_d_u(839, plan->u[r]);
            bool clash = false;
            for (unsigned i = 0; i < plan->n_preambles; i++) {
                if (plan->preamble[i].root != r)
                    continue;
                for (int k = -(int)set; k <= (int)set; k++)
                    for (unsigned n = 0; n < plan->n_cs; n++) {
                        unsigned at =
                            (unsigned)(((int)plan->preamble[i].c_v + k * (int)d + 2 * 839 + (int)n) % 839);
                        clash |= owner[at] != 0;
                        owner[at] = 1;
                    }
                checked++;
            }
            if (clash)
                printf("\nset %u format %u zone %u (N_CS %u), root %u, d_u %u: windows meet\n", set, format,
                       zone, plan->n_cs, plan->u[r], d);
            CU_ASSERT(!clash);
        }
    }
    CU_ASSERT(checked > 1000);
    free(plan);
}

static void test_prach_sequence(void)
{
    prach_plan_t *plan = malloc(sizeof *plan);
    for (unsigned i = 0; i < 24; i++) {
        unsigned format = i % PRACH_N_FORMATS, l_ra = format <= PREAMBLE_3 ? 839 : 139;
        CU_ASSERT_FATAL(plan_prach(format, random_below(l_ra - 1), between(1, 12), 0, plan));
        unsigned which = random_below(plan->n_preambles);
        cf_t got[839];
        cplx_t want[839];
        prach_sequence(plan, which, got);
        model_prach_y(l_ra, plan->u[plan->preamble[which].root], plan->preamble[which].c_v, want);
        double worst = 0;
        for (unsigned n = 0; n < l_ra; n++)
            worst = fmax(worst, cabs((double)got[n].re + I * (double)got[n].im - want[n] / sqrt(l_ra)));
        CU_ASSERT(worst < 1e-4);
    }
    free(plan);
}

/* ---- SRS ---- */

#define SRS_PRB 64

static void test_srs(void)
{
    static const uint8_t counts[] = {1, 2, 4}, combs[] = {2, 4, 8}, cs_max[] = {8, 12, 6};
    unsigned compared = 0, refused = 0;
    make_phys();
    while (compared < 150 && refused < 2000) {
        unsigned comb = random_below(3);
        srs_cfg_t c = {.mu = (uint8_t)random_below(2),
                       .slot = (uint16_t)random_below(10),
                       .sfn = (uint16_t)random_below(64),
                       .n_grid_prb = SRS_PRB,
                       .grid_crb = (uint16_t)random_below(3),
                       .bwp_start = (uint16_t)random_below(4),
                       .n_ports = counts[random_below(3)],
                       .n_symbols = counts[random_below(3)],
                       .c_srs = (uint8_t)random_below(18),
                       .b_srs = (uint8_t)random_below(4),
                       .b_hop = (uint8_t)random_below(4),
                       .n_rrc = (uint8_t)random_below(20),
                       .n_shift = (uint16_t)random_below(8),
                       .comb = combs[comb],
                       .comb_offset = (uint8_t)random_below(combs[comb]),
                       .cyclic_shift = (uint8_t)random_below(cs_max[comb]),
                       .group_hopping = (uint8_t)random_below(3),
                       .sequence_id = (uint16_t)random_below(1024),
                       .resource_type = random_below(2) ? SRS_PERIODIC : SRS_APERIODIC,
                       .prg_size = 4};
        c.repetition = (uint8_t)(1u << random_below(3));
        if (c.n_symbols % c.repetition)
            c.repetition = 1;
        c.start_symbol = (uint8_t)(14 - c.n_symbols);
        c.t_srs = 10;
        c.t_offset = c.slot % 10;
        srs_plan_t plan;
        phy_refusal_t why;
        /* The model does not check that the sounded band lies in the grid. */
        if (c.n_shift + c.grid_crb + c.bwp_start + 2u * model_srs_bandwidth[c.c_srs][0][0] > SRS_PRB ||
            c.grid_crb > c.n_shift || srs_plan(phys[0], &c, &plan, &why)) {
            refused++;
            continue;
        }
        compared++;
        model_srs_t m = {.mu = c.mu,
                         .sfn = c.sfn,
                         .slot = c.slot,
                         .n_grid_prb = SRS_PRB,
                         .bwp_start = c.bwp_start,
                         .grid_crb = c.grid_crb,
                         .n_ports = c.n_ports,
                         .n_symbols = c.n_symbols,
                         .repetition = c.repetition,
                         .start_symbol = c.start_symbol,
                         .c_srs = c.c_srs,
                         .b_srs = c.b_srs,
                         .b_hop = c.b_hop,
                         .n_rrc = c.n_rrc,
                         .n_shift = c.n_shift,
                         .comb = c.comb,
                         .comb_offset = c.comb_offset,
                         .cyclic_shift = c.cyclic_shift,
                         .group_hopping = c.group_hopping,
                         .sequence_id = c.sequence_id,
                         .aperiodic = c.resource_type == SRS_APERIODIC,
                         .t_srs = c.t_srs,
                         .t_offset = c.t_offset};
        cplx_t *want = make_model_grid(c.n_ports, SRS_PRB);
        model_srs(&m, want);
        for (int isa = 0; isa < PHY_N_ISA && phys[isa]; isa++) {
            phy_grid_t grid = make_grid(c.n_ports, SRS_PRB);
            srs_transmit(phys[isa], &plan, 1, &grid, 0);
            bool same = same_grid("SRS", &grid, want, ONE_LSB);
            if (!same)
                printf("comb %u+%u ports %u cs %u C %u B %u hop %u n_rrc %u shift %u grid %u bwp %u group %u "
                       "symbols %u "
                       "R %u type %u\n",
                       c.comb, c.comb_offset, c.n_ports, c.cyclic_shift, c.c_srs, c.b_srs, c.b_hop, c.n_rrc,
                       c.n_shift, c.grid_crb, c.bwp_start, c.group_hopping, c.n_symbols, c.repetition,
                       c.resource_type);
            CU_ASSERT(same);
            free(grid.re);
        }
        free(want);
    }
    CU_ASSERT(compared == 150);
    for (unsigned c = 0; c < 64; c++)
        for (unsigned b = 0; b < 4; b++) {
            uint16_t m_srs;
            uint8_t n;
            srs_bandwidth((uint8_t)c, (uint8_t)b, &m_srs, &n);
            CU_ASSERT(m_srs == model_srs_bandwidth[c][b][0] && n == model_srs_bandwidth[c][b][1]);
        }
    destroy_phys();
}

CU_MAIN("signals beside the models", {"CSI-RS", test_csi_rs}, {"PUCCH format 1", test_pucch1},
        {"PRACH preambles", test_prach_preambles}, {"PRACH restricted sets", test_prach_restricted},
        {"PRACH sequence", test_prach_sequence}, {"SRS", test_srs})
