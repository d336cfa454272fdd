/* SPDX-License-Identifier: Apache-2.0 */
/* Random configurations of PUSCH, for lib/phy and for the models. */
#ifndef VITRAN_TESTS_MODELS_PUSCH_CASE_H
#define VITRAN_TESTS_MODELS_PUSCH_CASE_H

#include "lib/phy/dl/dmrs.h"
#include "lib/phy/dl/precoding.h"
#include "lib/phy/pusch/pusch_tx.h"
#include "tests/unit/lib/phy/models/compare.h"

#define GRID_PRB 30

/* Ports of one DM-RS type and length for n layers, all in the groups without data. */
static inline void choose_ports(unsigned type, unsigned length, unsigned n_layers, unsigned *ports,
                                unsigned *n_groups)
{
    unsigned max_groups = type == 1 ? 2 : 3, n_ports = max_groups * 2 * length, n = 0;
    *n_groups = between(n_layers > 2 * length ? (n_layers + 2 * length - 1) / (2 * length) : 1, max_groups);
    for (unsigned p = random_below(2); n < n_layers; p = (p + 1) % n_ports)
        if (p % (max_groups * 2) / 2 < *n_groups) {
            bool used = false;
            for (unsigned i = 0; i < n; i++)
                used |= ports[i] == p;
            if (!used)
                ports[n++] = p;
        }
    /* ascending, as layers take them */
    for (unsigned i = 0; i < n; i++)
        for (unsigned j = i + 1; j < n; j++)
            if (ports[j] < ports[i]) {
                unsigned t = ports[i];
                ports[i] = ports[j];
                ports[j] = t;
            }
}

static inline pusch_cfg_t random_pusch(void)
{
    static const uint8_t qms[] = {2, 4, 6, 8}, valid_prb[] = {1, 2, 3, 4, 5, 6, 8, 9, 10, 12};
    pusch_cfg_t c = {.mu = (uint8_t)random_below(2),
                     .slot = (uint8_t)random_below(10),
                     .n_grid_prb = GRID_PRB,
                     .grid_start = (uint16_t)random_below(20),
                     .rnti = (uint16_t)between(1, 65519),
                     .n_id = (uint16_t)random_below(1024),
                     .n_id_dmrs = (uint16_t)random_below(65536),
                     .n_scid = (uint8_t)random_below(2),
                     .n_rs_id = (uint16_t)random_below(1008),
                     .n_rx = 1};
    c.transform_precoding = random_below(3) == 0;
    c.n_prb = c.transform_precoding ? valid_prb[random_below(10)] : (uint16_t)between(1, 12);
    c.prb_start = (uint16_t)random_below(GRID_PRB - c.n_prb);
    c.freq_hopping = random_below(3) == 0;
    c.second_hop_prb = (uint16_t)random_below(GRID_PRB - c.n_prb);
    c.start_symbol = (uint8_t)random_below(3);
    c.n_symbols = (uint8_t)between(c.freq_hopping ? 8 : 5, 14 - c.start_symbol);
    c.dmrs_type = c.transform_precoding ? 1 : (uint8_t)between(1, 2);
    c.dmrs_length = c.freq_hopping ? 1 : (uint8_t)between(1, 2);
    c.n_tx_ports = (uint8_t)(1u << random_below(3));
    c.n_layers = c.transform_precoding ? 1 : (uint8_t)between(1, c.n_tx_ports);
    c.codebook = c.n_tx_ports > 1;
    if (c.codebook)
        c.tpmi =
            (uint8_t)random_below(precoding_pusch_n_tpmi(c.n_tx_ports, c.n_layers, c.transform_precoding));
    unsigned ports[4], groups;
    choose_ports(c.dmrs_type, c.dmrs_length, c.n_layers, ports, &groups);
    c.n_cdm_groups_no_data = c.transform_precoding ? 2 : (uint8_t)groups;
    for (unsigned i = 0; i < c.n_layers; i++)
        c.dmrs_port[i] = (uint8_t)ports[i];
    c.qm = c.transform_precoding && random_below(4) == 0 ? 1 : qms[random_below(4)];
    unsigned hop = random_below(3);
    c.group_hopping = c.transform_precoding && hop == 1;
    c.sequence_hopping = c.transform_precoding && hop == 2;
    c.ptrs = !c.transform_precoding && random_below(2) && c.dmrs_port[0] < (c.dmrs_type == 1 ? 4 : 6);
    c.ptrs_time_density = (uint8_t)(1u << random_below(3));
    c.ptrs_freq_density = (uint8_t)(2u << random_below(2));
    c.ptrs_re_offset = (uint8_t)random_below(4);
    c.ptrs_amplitude = 1;
    return c;
}

static inline bool place_pusch(pusch_cfg_t *c)
{
    dmrs_time_cfg_t time = {.mapping = random_below(2) ? DMRS_MAPPING_B : DMRS_MAPPING_A,
                            .type_a_position = (uint8_t)between(2, 3),
                            .additional_position =
                                (uint8_t)random_below(c->dmrs_length == 2 || c->freq_hopping ? 2 : 4),
                            .length = c->dmrs_length,
                            .start_symbol = c->start_symbol,
                            .n_symbols = c->n_symbols};
    if (time.mapping == DMRS_MAPPING_A)
        c->start_symbol = time.start_symbol = 0;
    uint16_t hops[2];
    if (!c->freq_hopping)
        return dmrs_symbols_pusch(&time, &c->dmrs_symbols, NULL) == 0;
    if (dmrs_symbols_pusch_hopping(&time, hops, NULL))
        return false;
    c->dmrs_symbols = hops[0] | hops[1];
    return true;
}

static inline model_shared_t pusch_model(const pusch_cfg_t *c)
{
    model_shared_t m = {.slot = c->slot,
                        .n_grid_prb = c->n_grid_prb,
                        .grid_crb = c->grid_start,
                        .c_init = ((uint32_t)c->rnti << 15) + c->n_id,
                        .qm = c->qm,
                        .n_layers = c->n_layers,
                        .n_ports = c->n_tx_ports,
                        .hopping = c->freq_hopping,
                        .start_symbol = c->start_symbol,
                        .n_symbols = c->n_symbols,
                        .n_prb = {c->n_prb, c->n_prb},
                        .dmrs_type = c->dmrs_type,
                        .dmrs_length = c->dmrs_length,
                        .n_cdm_groups_without_data = c->n_cdm_groups_no_data,
                        .dmrs_id = c->n_id_dmrs,
                        .n_scid = c->n_scid,
                        .transform_precoding = c->transform_precoding,
                        .group_hopping = c->group_hopping,
                        .sequence_hopping = c->sequence_hopping,
                        .n_rs_id = c->n_rs_id,
                        .ptrs = c->ptrs,
                        .ptrs_l = c->ptrs_time_density,
                        .ptrs_k = c->ptrs_freq_density,
                        .ptrs_offset = c->ptrs_re_offset,
                        .ptrs_rnti = c->rnti,
                        .ptrs_amplitude = 1};
    cf_t w[16] = {{0, 0}};
    for (unsigned i = 0; i < c->n_layers; i++) /* without a codebook layers are ports */
        w[i * c->n_layers + i].re = 1;
    if (c->codebook)
        CU_ASSERT_EQUAL_FATAL(
            precoding_pusch(c->n_tx_ports, c->n_layers, c->tpmi, c->transform_precoding, w, NULL), 0);
    for (unsigned p = 0; p < m.n_ports; p++)
        for (unsigned l = 0; l < m.n_layers; l++)
            m.w[p][l] = (double)w[p * m.n_layers + l].re + I * (double)w[p * m.n_layers + l].im;
    for (unsigned i = 0; i < c->n_prb; i++) {
        m.prb[0][i] = c->prb_start + i;
        m.prb[1][i] = c->second_hop_prb + i;
    }
    for (unsigned l = 0; l < 14; l++)
        m.dmrs_symbol[l] = c->dmrs_symbols >> l & 1;
    for (unsigned l = 0; l < c->n_layers; l++)
        m.dmrs_port[l] = c->dmrs_port[l];
    return m;
}

static inline void print_pusch(const pusch_cfg_t *c)
{
    printf("PUSCH: tp %d qm %u layers %u ports %u tpmi %u prb %u+%u hop %d symbols %u+%u dmrs %x type %u "
           "length %u groups "
           "%u ptrs %d\n",
           c->transform_precoding, c->qm, c->n_layers, c->n_tx_ports, c->tpmi, c->prb_start, c->n_prb,
           c->freq_hopping, c->start_symbol, c->n_symbols, c->dmrs_symbols, c->dmrs_type, c->dmrs_length,
           c->n_cdm_groups_no_data, c->ptrs);
}

#endif
