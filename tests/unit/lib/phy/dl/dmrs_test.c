/* SPDX-License-Identifier: Apache-2.0 */
/* DMRS: a wrong position or cover code and no UE, and no PUSCH, can be demodulated. */
#include "lib/phy/dl/dmrs.h"
#include "tests/unit/lib/phy/dl/model.h"

static uint16_t pdsch(dmrs_mapping_t m, unsigned pos, unsigned add, unsigned length, unsigned s, unsigned l)
{
    dmrs_time_cfg_t c = {m, (uint8_t)pos, (uint8_t)add, (uint8_t)length, (uint8_t)s, (uint8_t)l};
    uint16_t mask = 0;
    return dmrs_symbols_pdsch(&c, &mask, NULL) == 0 ? mask : 0xffff;
}

static uint16_t pusch(dmrs_mapping_t m, unsigned pos, unsigned add, unsigned length, unsigned s, unsigned l)
{
    dmrs_time_cfg_t c = {m, (uint8_t)pos, (uint8_t)add, (uint8_t)length, (uint8_t)s, (uint8_t)l};
    uint16_t mask = 0;
    return dmrs_symbols_pusch(&c, &mask, NULL) == 0 ? mask : 0xffff;
}

#define B(x) (1u << (x))

/* Rows of tables 7.4.1.1.2-3 and -4, read off the standard. */
static void test_pdsch_positions(void)
{
    CU_ASSERT_EQUAL(pdsch(DMRS_MAPPING_A, 2, 0, 1, 0, 14), B(2));
    CU_ASSERT_EQUAL(pdsch(DMRS_MAPPING_A, 2, 1, 1, 2, 12), B(2) | B(11));
    CU_ASSERT_EQUAL(pdsch(DMRS_MAPPING_A, 3, 2, 1, 1, 13), B(3) | B(7) | B(11));
    CU_ASSERT_EQUAL(pdsch(DMRS_MAPPING_A, 2, 3, 1, 0, 12), B(2) | B(5) | B(8) | B(11));
    CU_ASSERT_EQUAL(pdsch(DMRS_MAPPING_A, 2, 3, 1, 0, 11), B(2) | B(6) | B(9));
    CU_ASSERT_EQUAL(pdsch(DMRS_MAPPING_A, 2, 1, 1, 0, 8), B(2) | B(7));
    CU_ASSERT_EQUAL(pdsch(DMRS_MAPPING_A, 2, 3, 1, 0, 7), B(2));
    CU_ASSERT_EQUAL(pdsch(DMRS_MAPPING_A, 2, 1, 2, 0, 14), B(2) | B(3) | B(10) | B(11));
    CU_ASSERT_EQUAL(pdsch(DMRS_MAPPING_A, 3, 1, 2, 0, 10), B(3) | B(4) | B(8) | B(9));
    CU_ASSERT_EQUAL(pdsch(DMRS_MAPPING_B, 2, 3, 1, 5, 2), B(5));
    CU_ASSERT_EQUAL(pdsch(DMRS_MAPPING_B, 2, 1, 1, 5, 7), B(5) | B(9));
    CU_ASSERT_EQUAL(pdsch(DMRS_MAPPING_B, 2, 3, 1, 1, 13), B(1) | B(4) | B(7) | B(10));
    CU_ASSERT_EQUAL(pdsch(DMRS_MAPPING_B, 2, 2, 1, 0, 12), B(0) | B(5) | B(9));
    CU_ASSERT_EQUAL(pdsch(DMRS_MAPPING_B, 2, 1, 2, 2, 8), B(2) | B(3) | B(7) | B(8));
}

static void test_pusch_positions(void)
{
    CU_ASSERT_EQUAL(pusch(DMRS_MAPPING_A, 2, 2, 1, 0, 14), B(2) | B(7) | B(11));
    CU_ASSERT_EQUAL(pusch(DMRS_MAPPING_B, 2, 2, 1, 0, 14), B(0) | B(5) | B(10));
    CU_ASSERT_EQUAL(pusch(DMRS_MAPPING_B, 2, 3, 1, 4, 10), B(4) | B(7) | B(10) | B(13));
    CU_ASSERT_EQUAL(pusch(DMRS_MAPPING_B, 2, 1, 1, 2, 9), B(2) | B(8));
    CU_ASSERT_EQUAL(pusch(DMRS_MAPPING_B, 2, 3, 1, 13, 1), B(13));
    CU_ASSERT_EQUAL(pusch(DMRS_MAPPING_B, 2, 1, 2, 0, 14), B(0) | B(1) | B(9) | B(10));
    CU_ASSERT_EQUAL(pusch(DMRS_MAPPING_A, 3, 1, 2, 0, 14), B(3) | B(4) | B(10) | B(11));
}

static void test_hopping(void)
{
    uint16_t m[2];
    dmrs_time_cfg_t c = {DMRS_MAPPING_A, 2, 1, 1, 0, 14};
    CU_ASSERT_EQUAL(dmrs_symbols_pusch_hopping(&c, m, NULL), 0);
    CU_ASSERT(m[0] == (B(2) | B(6)) && m[1] == (B(7) | B(11)));
    c.type_a_position = 3;
    CU_ASSERT_EQUAL(dmrs_symbols_pusch_hopping(&c, m, NULL), 0);
    CU_ASSERT(m[0] == B(3) && m[1] == (B(7) | B(11)));
    c = (dmrs_time_cfg_t){DMRS_MAPPING_B, 2, 1, 1, 3, 9}; /* hops of 4 and 5 */
    CU_ASSERT_EQUAL(dmrs_symbols_pusch_hopping(&c, m, NULL), 0);
    CU_ASSERT(m[0] == B(3) && m[1] == (B(7) | B(11)));
    c.n_symbols = 1;
    CU_ASSERT(dmrs_symbols_pusch_hopping(&c, m, NULL) < 0);
}

static void refused(dmrs_time_cfg_t c, const char *field)
{
    phy_refusal_t why = {0};
    uint16_t mask = 0x1234;
    CU_ASSERT(dmrs_symbols_pdsch(&c, &mask, &why) < 0);
    CU_ASSERT_STRING_EQUAL(why.field, field);
    CU_ASSERT_EQUAL(mask, 0x1234);
}

static void test_refusals(void)
{
    refused((dmrs_time_cfg_t){(dmrs_mapping_t)2, 2, 0, 1, 0, 14}, "mapping");
    refused((dmrs_time_cfg_t){DMRS_MAPPING_A, 4, 0, 1, 0, 14}, "type_a_position");
    refused((dmrs_time_cfg_t){DMRS_MAPPING_A, 2, 4, 1, 0, 14}, "additional_position");
    refused((dmrs_time_cfg_t){DMRS_MAPPING_A, 2, 2, 2, 0, 14}, "additional_position");
    refused((dmrs_time_cfg_t){DMRS_MAPPING_A, 3, 3, 1, 0, 14}, "additional_position");
    refused((dmrs_time_cfg_t){DMRS_MAPPING_A, 2, 0, 3, 0, 14}, "length");
    refused((dmrs_time_cfg_t){DMRS_MAPPING_A, 2, 0, 1, 14, 1}, "start_symbol");
    refused((dmrs_time_cfg_t){DMRS_MAPPING_A, 2, 0, 1, 3, 8}, "start_symbol");
    refused((dmrs_time_cfg_t){DMRS_MAPPING_A, 2, 0, 1, 2, 13}, "n_symbols");
    refused((dmrs_time_cfg_t){DMRS_MAPPING_A, 2, 0, 1, 0, 2}, "n_symbols");
    refused((dmrs_time_cfg_t){DMRS_MAPPING_A, 3, 0, 1, 0, 4}, "n_symbols");
    refused((dmrs_time_cfg_t){DMRS_MAPPING_A, 2, 0, 2, 0, 3}, "n_symbols");
    refused((dmrs_time_cfg_t){DMRS_MAPPING_B, 2, 0, 1, 0, 14}, "n_symbols");
    refused((dmrs_time_cfg_t){DMRS_MAPPING_B, 2, 0, 1, 0, 1}, "n_symbols");
    refused((dmrs_time_cfg_t){DMRS_MAPPING_B, 2, 0, 2, 0, 4}, "n_symbols");
    /* Whatever a duration gives, positions stay in it. */
    for (unsigned i = 0; i < 2 * 2 * 4 * 2 * 14 * 15; i++) {
        dmrs_time_cfg_t c = {i % 2 ? DMRS_MAPPING_B : DMRS_MAPPING_A,
                             (uint8_t)(2 + i / 2 % 2),
                             (uint8_t)(i / 4 % 4),
                             (uint8_t)(1 + i / 16 % 2),
                             (uint8_t)(i / 32 % 14),
                             (uint8_t)(i / 448)};
        uint16_t m[3];
        unsigned all = c.n_symbols <= 14 ? ((1u << c.n_symbols) - 1) << c.start_symbol : 0;
        if (dmrs_symbols_pdsch(&c, m, NULL) == 0)
            CU_ASSERT(m[0] && !(m[0] & ~all));
        if (dmrs_symbols_pusch(&c, m, NULL) == 0)
            CU_ASSERT(m[0] && !(m[0] & ~all));
        if (dmrs_symbols_pusch_hopping(&c, m, NULL) == 0)
            CU_ASSERT(m[0] && m[1] && !((m[0] | m[1]) & ~all) &&
                      m[0] < 1u << (c.start_symbol + c.n_symbols / 2) &&
                      m[1] >= 1u << (c.start_symbol + c.n_symbols / 2));
    }
}

/* Tables 7.4.1.1.2-1 and -2, row by row: group, delta, w_f(1), w_t(1). */
static void test_ports(void)
{
    static const int8_t type1[8][4] = {{0, 0, 1, 1},  {0, 0, -1, 1},  {1, 1, 1, 1},  {1, 1, -1, 1},
                                       {0, 0, 1, -1}, {0, 0, -1, -1}, {1, 1, 1, -1}, {1, 1, -1, -1}};
    static const int8_t type2[12][4] = {{0, 0, 1, 1},  {0, 0, -1, 1},  {1, 2, 1, 1},  {1, 2, -1, 1},
                                        {2, 4, 1, 1},  {2, 4, -1, 1},  {0, 0, 1, -1}, {0, 0, -1, -1},
                                        {1, 2, 1, -1}, {1, 2, -1, -1}, {2, 4, 1, -1}, {2, 4, -1, -1}};
    dmrs_port_t p;
    for (unsigned type = 1; type <= 2; type++)
        for (unsigned i = 0; i < (type == 1 ? 8 : 12); i++) {
            const int8_t *w = type == 1 ? type1[i] : type2[i];
            CU_ASSERT_EQUAL(dmrs_port(type, 2, i, &p, NULL), 0);
            CU_ASSERT(p.cdm_group == w[0] && p.delta == w[1] && p.w_f[0] == 1 && p.w_f[1] == w[2] &&
                      p.w_t[0] == 1 && p.w_t[1] == w[3]);
        }
    CU_ASSERT(dmrs_port(1, 1, 4, &p, NULL) < 0 && dmrs_port(1, 2, 8, &p, NULL) < 0);
    CU_ASSERT(dmrs_port(2, 1, 6, &p, NULL) < 0 && dmrs_port(2, 2, 12, &p, NULL) < 0);
    CU_ASSERT(dmrs_port(3, 1, 0, &p, NULL) < 0 && dmrs_port(1, 3, 0, &p, NULL) < 0);
    CU_ASSERT(dmrs_re_mask(1, 1) == 0x555 && dmrs_re_mask(1, 2) == 0xfff);
    CU_ASSERT(dmrs_re_mask(2, 1) == 0x0c3 && dmrs_re_mask(2, 2) == 0x3cf && dmrs_re_mask(2, 3) == 0xfff);
    CU_ASSERT_DOUBLE_EQUAL(20 * log10(dmrs_beta(2)), 3.01, 0.01);
    CU_ASSERT_DOUBLE_EQUAL(20 * log10(dmrs_beta(3)), 4.77, 0.01);
}

/* r(m) from any PRB on is the sequence's part that begins there, in all three forms. */
static void test_sequence(void)
{
    phy_t *phy;
    CU_ASSERT_FATAL(phy_create(PHY_ISA_BEST, &phy) == 0);
    static uint8_t c[2 * 6 * 600];
    static const uint16_t id[2] = {65535, 77};
    for (unsigned type = 1; type <= 2; type++) {
        uint32_t c_init = dmrs_c_init(159, 13, id, type - 1);
        uint64_t n = id[type - 1];
        CU_ASSERT_EQUAL(c_init, ((((uint64_t)(14 * 159 + 14) * (2 * n + 1)) << 17) + 2 * n + type - 1) %
                                    (1ull << 31));
        CU_ASSERT_EQUAL(c_init, dmrs_c_init_r16(159, 13, id, type - 1, 0));
        model_gold(c_init, sizeof c, c);
        unsigned per_prb = type == 1 ? 6 : 4, first = 250, n_prb = 273;
        static cf_t f[273 * 6];
        static ci16_t i16[273 * 6];
        static uint8_t bits[273 * 12 / 8 + 1];
        dmrs_sequence_cf(phy, c_init, type, first, n_prb, 1.5f, f);
        dmrs_sequence_ci16(phy, c_init, type, first, n_prb, 1.5f, i16);
        dmrs_sequence_bits(phy, c_init, type, first, n_prb, bits);
        double worst = 0;
        for (unsigned m = 0; m < n_prb * per_prb; m++) {
            const uint8_t *b = c + 2 * (first * per_prb + m);
            cd want = 1.5 * model_qpsk(b[0], b[1]);
            worst = fmax(worst, cabs(want - (f[m].re + I * f[m].im)));
            CU_ASSERT(fabs(creal(want) * PHY_UNIT - i16[m].re) <= 0.51 &&
                      fabs(cimag(want) * PHY_UNIT - i16[m].im) <= 0.51);
            CU_ASSERT((bits[m / 4] >> (7 - 2 * (m % 4)) & 1) == b[0] &&
                      (bits[m / 4] >> (6 - 2 * (m % 4)) & 1) == b[1]);
        }
        CU_ASSERT(worst < 1e-6);
    }
    /* r16: group 1 takes the other n_SCID and its identity, group 2 the first again but 2^17 further */
    uint64_t symbol = 14 * 7 + 3;
    CU_ASSERT_EQUAL(dmrs_c_init_r16(7, 2, id, 0, 1),
                    ((symbol * (2 * 77 + 1) << 17) + 2 * 77 + 1) % (1ull << 31));
    CU_ASSERT_EQUAL(dmrs_c_init_r16(7, 2, id, 1, 2),
                    ((symbol * (2 * 77 + 1) << 17) + (1 << 17) + 2 * 77 + 1) % (1ull << 31));
    phy_destroy(phy);
}

CU_MAIN("dmrs", {"PDSCH positions", test_pdsch_positions}, {"PUSCH positions", test_pusch_positions},
        {"hopping", test_hopping}, {"refusals", test_refusals}, {"ports", test_ports},
        {"sequence", test_sequence})
