/* SPDX-License-Identifier: Apache-2.0 */
/* The data channels' transmitters beside the slow models: PUSCH with CP-OFDM and DFT-s-OFDM, both DM-RS
 * types, hopping, PT-RS and codebooks; PDSCH with PT-RS and interleaved VRBs. A UE or gNB of another make
 * would not decode what differs here. */
#include "lib/mac/mcs.h"
#include "lib/phy/dl/dmrs.h"
#include "lib/phy/dl/pdsch.h"
#include "lib/phy/dl/precoding.h"
#include "lib/phy/pusch/pusch_tx.h"
#include "tests/unit/lib/phy/models/pusch_case.h"

#include <math.h>

#define MAX_TB 65536

static uint8_t tb[MAX_TB];

static void fill_tb(void)
{
    for (size_t i = 0; i < sizeof tb; i++)
        tb[i] = (uint8_t)random_below(256);
}

static int8_t *unpack(const uint8_t *packed, size_t n)
{
    int8_t *bits = malloc(n + 1);
    for (size_t i = 0; i < n; i++)
        bits[i] = (packed[i / 8] >> (7 - i % 8)) & 1;
    return bits;
}

/* ---- PUSCH ---- */

static void test_pusch(void)
{
    pusch_plan_t *plan = aligned_alloc(64, (sizeof *plan + 63) / 64 * 64);
    size_t bytes = (pusch_tx_work_bytes() + 63) / 64 * 64;
    pusch_tx_work_t *work = aligned_alloc(64, bytes);
    unsigned compared = 0, refused = 0;
    make_phys();
    fill_tb();
    while (compared < 60 && refused < 200) {
        pusch_cfg_t c = random_pusch();
        if (!place_pusch(&c)) {
            refused++;
            continue;
        }
        model_shared_t m = pusch_model(&c);
        size_t n_bits = model_shared_bits(&m);
        c.rate_x10 = 3000;
        c.tb_bytes = tbs_bits(100, c.n_prb, c.qm, c.rate_x10, c.n_layers, 0) / 8;
        phy_refusal_t why;
        if (pusch_plan(phys[0], &c, plan, &why)) {
            refused++;
            continue;
        }
        compared++;
        CU_ASSERT_EQUAL_FATAL(plan->g_bits, n_bits);
        cplx_t *want = make_model_grid(c.n_tx_ports, GRID_PRB);
        uint8_t *codeword = calloc(n_bits / 8 + 64, 1);
        pusch_payload_t payload = {.tb = tb};
        pusch_tx_codeword(phys[0], plan, &payload, work, codeword);
        int8_t *bits = unpack(codeword, n_bits);
        model_shared_transmit(&m, bits, want);
        for (int isa = 0; isa < PHY_N_ISA && phys[isa]; isa++) {
            phy_grid_t grid = make_grid(c.n_tx_ports, GRID_PRB);
            CU_ASSERT_EQUAL(pusch_plan(phys[isa], &c, plan, &why), 0);
            pusch_tx(phys[isa], plan, &payload, 1, work, &grid);
            bool same = same_grid("PUSCH", &grid, want, PRECODED);
            if (!same)
                print_pusch(&c);
            CU_ASSERT(same);
            free(grid.re);
        }
        free(bits);
        free(codeword);
        free(want);
    }
    CU_ASSERT(compared == 60);
    free(work);
    free(plan);
    destroy_phys();
}

/* ---- PDSCH ---- */

static pdsch_cfg_t random_pdsch(void)
{
    static const uint8_t qms[] = {2, 4, 6, 8};
    uint16_t bwp_start = (uint16_t)random_below(5), crb = (uint16_t)random_below(20);
    pdsch_cfg_t c = {.slot = (uint16_t)random_below(20),
                     .carrier_start = crb,
                     .carrier_size = GRID_PRB,
                     .bwp_start = crb + bwp_start,
                     .bwp_size = (uint16_t)(GRID_PRB - bwp_start - random_below(4)),
                     .resource_alloc = 1,
                     .vrb_mapping = random_below(2) ? PDSCH_VRB_INTERLEAVED : PDSCH_VRB_DIRECT,
                     .vrb_bundle = (uint8_t)(2u << random_below(2)),
                     .qm = qms[random_below(4)],
                     .rnti = (uint16_t)between(1, 65519),
                     .n_id = (uint16_t)random_below(1024),
                     .n_layers = (uint8_t)between(1, 4),
                     .dmrs_type = (uint8_t)between(1, 2),
                     .dmrs_length = (uint8_t)between(1, 2),
                     .dmrs_n_id = {(uint16_t)random_below(65536), (uint16_t)random_below(65536)},
                     .dmrs_n_scid = (uint8_t)random_below(2),
                     .ptrs_l = (uint8_t)(1u << random_below(3)),
                     .ptrs_k = (uint8_t)(2u << random_below(2)),
                     .ptrs_re_offset = (uint8_t)random_below(4),
                     .ptrs_epre_ratio = (uint8_t)random_below(2),
                     .target_code_rate = 3000};
    unsigned ports[4], groups;
    c.start_symbol = (uint8_t)random_below(3);
    c.n_symbols = (uint8_t)between(5, 14 - c.start_symbol);
    c.rb_size = (uint16_t)between(1, 12);
    c.rb_start = (uint16_t)random_below(c.bwp_size - c.rb_size + 1u);
    choose_ports(c.dmrs_type, c.dmrs_length, c.n_layers, ports, &groups);
    c.n_cdm_groups_without_data = (uint8_t)groups;
    for (unsigned i = 0; i < c.n_layers; i++)
        c.dmrs_ports |= (uint16_t)(1u << ports[i]);
    c.ptrs = random_below(3) && ports[0] < (c.dmrs_type == 1 ? 4u : 6u);
    c.tb_bytes = tbs_bits(100, c.rb_size, c.qm, c.target_code_rate, c.n_layers, 0) / 8;
    return c;
}

static model_shared_t pdsch_model(const pdsch_cfg_t *c)
{
    static const double epre_db[] = {0, 0, 3, 4.77, 6};
    model_shared_t m = {.slot = c->slot,
                        .n_grid_prb = c->carrier_size,
                        .grid_crb = c->carrier_start,
                        .c_init = ((uint32_t)c->rnti << 15) + c->n_id,
                        .qm = c->qm,
                        .n_layers = c->n_layers,
                        .n_ports = c->n_layers,
                        .start_symbol = c->start_symbol,
                        .n_symbols = c->n_symbols,
                        .n_prb = {c->rb_size},
                        .dmrs_type = c->dmrs_type,
                        .dmrs_length = c->dmrs_length,
                        .n_cdm_groups_without_data = c->n_cdm_groups_without_data,
                        .dmrs_id = c->dmrs_n_id[c->dmrs_n_scid],
                        .n_scid = c->dmrs_n_scid,
                        .ptrs = c->ptrs,
                        .ptrs_l = c->ptrs_l,
                        .ptrs_k = c->ptrs_k,
                        .ptrs_offset = c->ptrs_re_offset,
                        .ptrs_rnti = c->rnti,
                        .ptrs_amplitude = c->ptrs_epre_ratio ? 1 : pow(10, epre_db[c->n_layers] / 20)};
    unsigned prb_of_vrb[MODEL_MAX_PRB], layer = 0;
    for (unsigned i = 0; i < c->bwp_size; i++)
        prb_of_vrb[i] = i;
    if (c->vrb_mapping == PDSCH_VRB_INTERLEAVED)
        model_interleave_vrb(c->bwp_size, c->bwp_start, c->vrb_bundle, prb_of_vrb);
    for (unsigned i = 0; i < c->rb_size; i++)
        m.prb[0][i] = c->bwp_start - c->carrier_start + prb_of_vrb[c->rb_start + i];
    for (unsigned l = 0; l < 14; l++)
        m.dmrs_symbol[l] = c->dmrs_symbols >> l & 1;
    for (unsigned p = 0; p < 12; p++)
        if (c->dmrs_ports >> p & 1)
            m.dmrs_port[layer++] = p;
    for (unsigned l = 0; l < m.n_layers; l++)
        m.w[l][l] = 1;
    return m;
}

static void test_pdsch(void)
{
    pdsch_plan_t *plan = aligned_alloc(64, (sizeof *plan + 63) / 64 * 64);
    pdsch_work_t *work = aligned_alloc(64, (sizeof *work + 63) / 64 * 64);
    unsigned compared = 0, refused = 0;
    make_phys();
    fill_tb();
    while (compared < 60 && refused < 300) {
        pdsch_cfg_t c = random_pdsch();
        dmrs_time_cfg_t time = {.mapping = DMRS_MAPPING_A,
                                .type_a_position = (uint8_t)between(2, 3),
                                .additional_position = (uint8_t)random_below(c.dmrs_length == 2 ? 2 : 4),
                                .length = c.dmrs_length,
                                .start_symbol = c.start_symbol,
                                .n_symbols = c.n_symbols};
        phy_refusal_t why;
        if (dmrs_symbols_pdsch(&time, &c.dmrs_symbols, &why) ||
            pdsch_plan(phys[0], &c, c.n_layers, plan, &why)) {
            refused++;
            continue;
        }
        compared++;
        model_shared_t m = pdsch_model(&c);
        size_t n_bits = model_shared_bits(&m);
        CU_ASSERT_EQUAL_FATAL(plan->g_bits, n_bits);
        cplx_t *want = make_model_grid(c.n_layers, GRID_PRB);
        uint8_t *codeword = calloc(n_bits / 8 + 64, 1);
        pdsch_stages(phys[0], plan, tb, work, codeword, NULL);
        int8_t *bits = unpack(codeword, n_bits);
        model_shared_transmit(&m, bits, want);
        for (int isa = 0; isa < PHY_N_ISA && phys[isa]; isa++) {
            phy_grid_t grid = make_grid(c.n_layers, GRID_PRB);
            CU_ASSERT_EQUAL(pdsch_plan(phys[isa], &c, c.n_layers, plan, &why), 0);
            pdsch_run(phys[isa], plan, tb, work, &grid);
            bool same = same_grid("PDSCH", &grid, want, ONE_LSB);
            if (!same)
                printf("PDSCH: mapping %d bundle %u bwp %u+%u vrb %u+%u symbols %u+%u dmrs %x type %u length "
                       "%u layers %u "
                       "ptrs %d l %u k %u offset %u\n",
                       c.vrb_mapping, c.vrb_bundle, c.bwp_start, c.bwp_size, c.rb_start, c.rb_size,
                       c.start_symbol, c.n_symbols, c.dmrs_symbols, c.dmrs_type, c.dmrs_length, c.n_layers,
                       c.ptrs, c.ptrs_l, c.ptrs_k, c.ptrs_re_offset);
            CU_ASSERT(same);
            free(grid.re);
        }
        free(bits);
        free(codeword);
        free(want);
    }
    CU_ASSERT(compared == 60);
    free(work);
    free(plan);
    destroy_phys();
}

CU_MAIN("data channels beside the models", {"PUSCH", test_pusch}, {"PDSCH", test_pdsch})
