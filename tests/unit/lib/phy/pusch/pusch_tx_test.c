/* SPDX-License-Identifier: Apache-2.0 */
/* The transmitter's reference signals against a slow model written from TS 38.211 6.4.1.1 (the sequence
 * generator bit by bit, the port tables typed in here), REs that must stay silent, and refusals by name. Data
 * symbols have their own vectors (ulsch_pusch). */
#include "tests/unit/cu.h"
#include "tests/unit/lib/phy/pusch/rig.h"

static const struct {
    int group, delta, wf[2], wt[2];
} type1[8] = {{0, 0, {1, 1}, {1, 1}},  {0, 0, {1, -1}, {1, 1}}, {1, 1, {1, 1}, {1, 1}},
              {1, 1, {1, -1}, {1, 1}}, {0, 0, {1, 1}, {1, -1}}, {0, 0, {1, -1}, {1, -1}},
              {1, 1, {1, 1}, {1, -1}}, {1, 1, {1, -1}, {1, -1}}},
  type2[12] = {{0, 0, {1, 1}, {1, 1}},   {0, 0, {1, -1}, {1, 1}},  {1, 2, {1, 1}, {1, 1}},
               {1, 2, {1, -1}, {1, 1}},  {2, 4, {1, 1}, {1, 1}},   {2, 4, {1, -1}, {1, 1}},
               {0, 0, {1, 1}, {1, -1}},  {0, 0, {1, -1}, {1, -1}}, {1, 2, {1, 1}, {1, -1}},
               {1, 2, {1, -1}, {1, -1}}, {2, 4, {1, 1}, {1, -1}},  {2, 4, {1, -1}, {1, -1}}};

/* c(0..n-1), 5.2.1 word by word of the text. */
static void gold_model(uint32_t c_init, unsigned n, uint8_t *c)
{
    const unsigned nc = 1600;
    uint8_t *x1 = calloc(nc + n + 31, 1), *x2 = calloc(nc + n + 31, 1);
    x1[0] = 1;
    for (unsigned i = 0; i < 31; i++)
        x2[i] = c_init >> i & 1;
    for (unsigned i = 0; i < nc + n; i++) {
        x1[i + 31] = x1[i + 3] ^ x1[i];
        x2[i + 31] = x2[i + 3] ^ x2[i + 2] ^ x2[i + 1] ^ x2[i];
    }
    for (unsigned i = 0; i < n; i++)
        c[i] = x1[i + nc] ^ x2[i + nc];
    free(x1);
    free(x2);
}

/* Checks every RE of the DMRS symbols of a grid with one layer a port. */
static void check_grid(const rig_t *g)
{
    const pusch_cfg_t *c = &g->plan.cfg;
    static uint8_t bits[1 << 14];
    const double beta = pow(10, (c->n_cdm_groups_no_data == 1   ? 0
                                 : c->n_cdm_groups_no_data == 2 ? 3
                                                                : 4.77) /
                                    20);
    unsigned bad = 0, seen = 0;
    for (unsigned l = 0; l < 14; l++) {
        if (!(c->dmrs_symbols >> l & 1))
            continue;
        const bool second_hop = c->freq_hopping && l >= c->start_symbol + c->n_symbols / 2u;
        const unsigned start = second_hop ? c->second_hop_prb : c->prb_start;
        uint64_t init = ((uint64_t)1 << 17) * (14u * c->slot + l + 1) * (2u * c->n_id_dmrs + 1) +
                        2u * c->n_id_dmrs + c->n_scid;
        gold_model((uint32_t)(init & 0x7fffffff), 1 << 14, bits);
        const int lp = c->dmrs_length == 2 && l > 0 && c->dmrs_symbols >> (l - 1) & 1;
        for (unsigned p = 0; p < c->n_tx_ports; p++)
            for (unsigned q = 0; q < c->n_prb; q++)
                for (int k = 0; k < 12; k++) {
                    unsigned port = c->dmrs_port[p];
                    int period = c->dmrs_type == 1 ? 4 : 6, spacing = c->dmrs_type == 1 ? 2 : 1;
                    int delta = c->dmrs_type == 1 ? type1[port].delta : type2[port].delta;
                    const int *wf = c->dmrs_type == 1 ? type1[port].wf : type2[port].wf;
                    const int *wt = c->dmrs_type == 1 ? type1[port].wt : type2[port].wt;
                    double re = 0, im = 0;
                    bool silent = false;
                    /* groups without data: type 1 even and odd subcarriers, type 2 pairs 0-1, 2-3, 4-5 of six
                     */
                    int group = c->dmrs_type == 1 ? k % 2 : k % 6 / 2;
                    if (group < c->n_cdm_groups_no_data)
                        silent = true;
                    for (int kp = 0; kp < 2; kp++) {
                        int rest = k % period - spacing * kp - delta;
                        if (rest != 0)
                            continue;
                        unsigned n =
                            (c->grid_start + start + q) * (12u / (unsigned)period) + (unsigned)(k / period);
                        unsigned m = 2 * n + (unsigned)kp;
                        double a = 4096 * beta * wf[kp] * wt[lp] / sqrt(2);
                        re = a * (1 - 2 * bits[2 * m]);
                        im = a * (1 - 2 * bits[2 * m + 1]);
                        silent = false;
                        seen++;
                    }
                    ci16_t got = phy_grid_symbol(&g->tx, p, l)[12 * (start + q) + (unsigned)k];
                    if (re != 0 || silent)
                        bad += fabs(got.re - re) > 1 || fabs(got.im - im) > 1;
                    else
                        bad += got.re == 0 && got.im == 0; /* data */
                }
    }
    CU_ASSERT_EQUAL(bad, 0);
    CU_ASSERT(seen > 0);
}

static void test_dmrs(void)
{
    phy_t *phy;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
    rig_random_t r = {4};
    for (unsigned type = 1; type <= 2; type++)
        for (unsigned length = 1; length <= 2; length++)
            for (unsigned port = 0; port < (type == 1 ? 4 : 6) * length; port++)
                for (unsigned hop = 0; hop < 2; hop++) {
                    pusch_cfg_t c = rig_cfg(7, 1, 1, 2);
                    c.dmrs_type = (uint8_t)type;
                    c.dmrs_length = (uint8_t)length;
                    c.dmrs_symbols = length == 1 ? 1u << 3 | 1u << 11 : 3u << 2 | 3u << 10;
                    c.dmrs_port[0] = (uint8_t)port;
                    int group = type == 1 ? type1[port].group : type2[port].group;
                    c.n_cdm_groups_no_data = (uint8_t)(group + 1);
                    c.n_scid = port & 1;
                    c.freq_hopping = hop;
                    c.second_hop_prb = 0;
                    rig_rate(phy, &c, 0.3);
                    rig_t *g = rig_create(phy, &c, &r, NULL);
                    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
                    rig_send(g);
                    check_grid(g);
                    rig_destroy(g);
                }
    /* four layers at once */
    pusch_cfg_t c = rig_cfg(5, 4, 4, 2);
    rig_rate(phy, &c, 0.3);
    rig_t *g = rig_create(phy, &c, &r, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    rig_send(g);
    check_grid(g);
    rig_destroy(g);
    phy_destroy(phy);
}

/* With transform precoding: the Zadoff-Chu sequence of 5.2.2.1 from m_zc = 36 on, group u = n_ID mod 30, v =
 * 0. */
static void test_low_papr_dmrs(void)
{
    phy_t *phy;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
    rig_random_t r = {4};
    pusch_cfg_t c = rig_cfg(10, 1, 1, 2);
    c.transform_precoding = true;
    rig_rate(phy, &c, 0.3);
    rig_t *g = rig_create(phy, &c, &r, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    rig_send(g);
    const unsigned m_zc = 60, n_zc = 59; /* the largest prime below 60 */
    const unsigned u = c.n_rs_id % 30;
    double q_bar = n_zc * (u + 1) / 31.0;
    double q = floor(q_bar + 0.5); /* v = 0 */
    unsigned bad = 0;
    for (unsigned n = 0; n < m_zc; n++) {
        double m = n % n_zc;
        zd_t x = 4096 * pow(10, 3 / 20.0) * cexp(-I * M_PI * q * m * (m + 1) / n_zc);
        ci16_t got = phy_grid_symbol(&g->tx, 0, 2)[12 * c.prb_start + 2 * n];
        bad += fabs(got.re - creal(x)) > 1.5 || fabs(got.im - cimag(x)) > 1.5;
        ci16_t none = phy_grid_symbol(&g->tx, 0, 2)[12 * c.prb_start + 2 * n + 1];
        bad += none.re || none.im;
    }
    CU_ASSERT_EQUAL(bad, 0);
    rig_destroy(g);
    phy_destroy(phy);
}

/* Every PTRS RE of 6.4.1.2.2: counted by hand for one case: DMRS at 2 and 11, L = 2, K = 2. */
static void test_ptrs_places(void)
{
    phy_t *phy;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
    pusch_cfg_t c = rig_cfg(8, 1, 1, 2);
    c.ptrs = true;
    c.ptrs_time_density = 2;
    c.ptrs_freq_density = 2;
    c.ptrs_re_offset = 1;
    c.rnti = 0x1235;
    rig_rate(phy, &c, 0.3);
    static pusch_plan_t p;
    CU_ASSERT_EQUAL_FATAL(pusch_plan(phy, &c, &p, NULL), 0);
    /* from symbol 0; DMRS at 2 restarts: 4, 6, 8, 10; the step to 12 passes 11: 13 */
    const unsigned want = 1u << 0 | 1u << 4 | 1u << 6 | 1u << 8 | 1u << 10 | 1u << 13;
    unsigned got = 0;
    for (unsigned l = 0; l < 14; l++)
        got |= (unsigned)p.symbol[l].ptrs << l;
    CU_ASSERT_EQUAL(got, want);
    CU_ASSERT_EQUAL(p.ptrs[0].first, 12 * (0x1235 % 2) + 2); /* port 0, offset 01: RE 2 */
    CU_ASSERT_EQUAL(p.n_ptrs, 4);
    CU_ASSERT_EQUAL(p.symbol[4].n_re, 96 - 4);
    phy_destroy(phy);
}

/* A symbol of the grid before transform precoding: inverse DFT over the allocation, 1 / sqrt(M). */
static void despread_model(const rig_t *g, unsigned l, unsigned start, zd_t *x)
{
    const unsigned m_sc = 12u * g->plan.cfg.n_prb;
    for (unsigned m = 0; m < m_sc; m++) {
        x[m] = 0;
        for (unsigned k = 0; k < m_sc; k++) {
            ci16_t s = phy_grid_symbol(&g->tx, 0, l)[12 * start + k];
            x[m] += (s.re + I * s.im) / PHY_UNIT * cexp(2 * I * M_PI * ((double)(m * k % m_sc) / m_sc)) /
                    sqrt(m_sc);
        }
    }
}

/* PTRS before the DFT: table 6.4.1.2.2.2-1 for 6 PRBs (M = 72), typed in; the values by 6.4.1.2.1.2; the rest
 * holds QPSK data and nothing else. */
static void test_ptrs_samples(void)
{
    static const struct {
        uint8_t groups, samples, density;
        unsigned symbols; /* with DMRS at 2 and 11 */
        uint8_t at[32];
    } row[] = {{2, 2, 1, 0x37fb, {17, 18, 53, 54}},
               {2, 4, 2, 0x2551, {0, 1, 2, 3, 68, 69, 70, 71}},
               {4, 2, 1, 0x37fb, {8, 9, 26, 27, 44, 45, 62, 63}},
               {4, 4, 2, 0x2551, {0, 1, 2, 3, 25, 26, 27, 28, 43, 44, 45, 46, 68, 69, 70, 71}},
               {8, 4, 1, 0x37fb, {0,  1,  2,  3,  11, 12, 13, 14, 20, 21, 22, 23, 29, 30, 31, 32,
                                  38, 39, 40, 41, 47, 48, 49, 50, 56, 57, 58, 59, 68, 69, 70, 71}}};
    static const int w2[2][2] = {{1, 1}, {1, -1}},
                     w4[4][4] = {{1, 1, 1, 1}, {1, -1, 1, -1}, {1, 1, -1, -1}, {1, -1, -1, 1}};
    phy_t *phy;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
    rig_random_t r = {99};
    for (unsigned i = 0; i < sizeof row / sizeof *row; i++)
        for (unsigned hop = 0; hop < 2; hop++) {
            pusch_cfg_t c = rig_cfg(6, 1, 1, 2);
            c.transform_precoding = c.ptrs = true;
            c.rnti = (uint16_t)(0x4600 + i + hop);
            c.freq_hopping = hop;
            c.second_hop_prb = 4;
            c.ptrs_time_density = row[i].density;
            c.ptrs_n_groups = row[i].groups;
            c.ptrs_n_samples = row[i].samples;
            rig_rate(phy, &c, 0.3);
            rig_t *g = rig_create(phy, &c, &r, NULL);
            CU_ASSERT_PTR_NOT_NULL_FATAL(g);
            rig_send(g);
            const unsigned n = row[i].groups * row[i].samples, n_id = c.n_rs_id;
            uint8_t bits[32];
            unsigned bad = 0, re = 0;
            /* its first symbol with PTRS is 0 */
            gold_model((uint32_t)(((uint64_t)(14 * c.slot + 0 + 1) * (2 * n_id + 1) * 131072 + 2 * n_id) &
                                  0x7fffffff),
                       n, bits);
            for (unsigned l = 0; l < 14; l++) {
                if (l == 2 || l == 11)
                    continue;
                zd_t x[72];
                despread_model(g, l, hop && l >= 7 ? 4 : c.prb_start, x);
                const unsigned here = row[i].symbols >> l & 1 ? n : 0;
                for (unsigned m = 0, j = 0; m < 72; m++) {
                    zd_t want =
                        (creal(x[m]) > 0 ? 1 : -1) * M_SQRT1_2 + I * (cimag(x[m]) > 0 ? 1 : -1) * M_SQRT1_2;
                    if (j < here && row[i].at[j] == m) {
                        const unsigned k = j % row[i].samples;
                        int w = row[i].samples == 2 ? w2[c.rnti % 2][k] : w4[c.rnti % 4][k];
                        want = w * (m % 2 ? I : 1) * (1 + I) * M_SQRT1_2 * (1 - 2 * bits[j++]);
                    }
                    bad += cabs(x[m] - want) > 2e-3;
                }
                CU_ASSERT_EQUAL(g->plan.symbol[l].n_re, 72 - here);
                re += 72 - here;
            }
            CU_ASSERT_EQUAL(bad, 0);
            CU_ASSERT_EQUAL(g->plan.g_bits, 2 * re);
            rig_destroy(g);
        }
    phy_destroy(phy);
}

/* Type 2 DMRS (5.2.3): pi/2-BPSK of the Gold sequence, a DFT, every second subcarrier. */
static void test_low_papr_type2_dmrs(void)
{
    phy_t *phy;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
    rig_random_t r = {4};
    for (unsigned length = 1; length <= 2; length++) {
        pusch_cfg_t c = rig_cfg(5, 1, 1, 1);
        c.transform_precoding = c.low_papr_type2 = true;
        c.n_scid = (uint8_t)(length - 1);
        c.dmrs_length = (uint8_t)length;
        c.dmrs_symbols = length == 1 ? 1u << 3 : 3u << 3;
        rig_rate(phy, &c, 0.2);
        rig_t *g = rig_create(phy, &c, &r, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(g);
        rig_send(g);
        uint8_t bits[30];
        gold_model((uint32_t)(((uint64_t)(14 * c.slot + 3 + 1) * (2 * c.n_id_dmrs + 1) * 131072 +
                               2 * c.n_id_dmrs + c.n_scid) &
                              0x7fffffff),
                   30, bits);
        unsigned bad = 0;
        for (unsigned l = 3; l < 3 + length; l++)
            for (unsigned n = 0; n < 30; n++) {
                zd_t x = 0;
                for (unsigned i = 0; i < 30; i++)
                    x += (i % 2 ? I : 1) * (1 - 2 * bits[i]) * (1 + I) * M_SQRT1_2 *
                         cexp(-2 * I * M_PI * (double)(i * n % 30) / 30) / sqrt(30);
                x *= 4096 * pow(10, 3 / 20.0);
                ci16_t got = phy_grid_symbol(&g->tx, 0, l)[12 * c.prb_start + 2 * n];
                bad += cabs(got.re + I * got.im - x) > 3;
            }
        CU_ASSERT_EQUAL(bad, 0);
        rig_destroy(g);
    }
    phy_destroy(phy);
}

/* Two PTRS ports of CP-OFDM: each on its own REs, silent on the other's, no data on either. */
static void test_two_ptrs_ports(void)
{
    phy_t *phy;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
    rig_random_t r = {4};
    pusch_cfg_t c = rig_cfg(8, 2, 2, 2);
    c.dmrs_port[0] = 1;
    c.dmrs_port[1] = 2;
    c.rnti = 0x4601;
    c.ptrs = c.ptrs_second_port = true;
    c.ptrs_layer = 1;
    c.ptrs_second_layer = 0;
    c.ptrs_second_layers = 1;
    c.ptrs_time_density = c.ptrs_re_offset = 1;
    c.ptrs_freq_density = 4;
    rig_rate(phy, &c, 0.3);
    rig_t *g = rig_create(phy, &c, &r, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    rig_send(g);
    unsigned bad = 0;
    for (unsigned l = 0; l < 14; l++) {
        if (l == 2 || l == 11)
            continue;
        CU_ASSERT_EQUAL(g->plan.symbol[l].n_re, 96 - 4);
        for (unsigned k = 0; k < 96; k++)
            for (unsigned p = 0; p < 2; p++) {
                ci16_t x = phy_grid_symbol(&g->tx, p, l)[12 * c.prb_start + k];
                /* RNTI mod 4 = 1: PRBs 1 and 5; offset 01: port 1 on RE 4, port 2 on RE 3 */
                bool first = k == 12 + 3 || k == 60 + 3, second = k == 12 + 4 || k == 60 + 4;
                bool sent = !(first && p == 0) && !(second && p == 1);
                bad += (x.re || x.im) != sent;
            }
    }
    CU_ASSERT_EQUAL(bad, 0);
    rig_destroy(g);
    phy_destroy(phy);
}

static void test_refusals(void)
{
    phy_t *phy;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
    static pusch_plan_t plan, before;
    pusch_cfg_t good = rig_cfg(20, 2, 4, 4);
    rig_rate(phy, &good, 0.4);
    CU_ASSERT_EQUAL(pusch_plan(phy, &good, &plan, NULL), 0);
    memcpy(&before, &plan, sizeof plan);
#define REFUSED(name, change)                                                                                \
    do {                                                                                                     \
        pusch_cfg_t c = good;                                                                                \
        phy_refusal_t why = {0};                                                                             \
        change;                                                                                              \
        CU_ASSERT_EQUAL(pusch_plan(phy, &c, &plan, &why), -EINVAL);                                          \
        CU_ASSERT(why.field != NULL && strcmp(why.field, name) == 0);                                        \
        CU_ASSERT(memcmp(&before, &plan, sizeof plan) == 0);                                                 \
    } while (0)
    REFUSED("mu", c.mu = 4);
    REFUSED("slot", c.slot = 20);
    REFUSED("n_grid_prb", c.n_grid_prb = 276);
    REFUSED("n_prb", c.n_prb = 0);
    REFUSED("prb_start", c.prb_start = 6);
    REFUSED("second_hop_prb", (c.freq_hopping = true, c.second_hop_prb = 500));
    REFUSED("rb_set", c.resource_alloc_type0 = true);
    REFUSED("rb_set", (c.resource_alloc_type0 = true, c.rb_set[1] = 1));
    REFUSED("n_symbols", c.n_symbols = 15);
    REFUSED("dmrs_type", c.dmrs_type = 3);
    REFUSED("dmrs_length", c.dmrs_length = 0);
    REFUSED("dmrs_symbols", c.dmrs_symbols = 0);
    REFUSED("dmrs_symbols", c.dmrs_length = 2);
    REFUSED("dmrs_symbols", (c.start_symbol = 3, c.n_symbols = 11));
    REFUSED("dmrs_symbols", (c.freq_hopping = true, c.second_hop_prb = 1, c.dmrs_symbols = 4));
    REFUSED("n_cdm_groups_no_data", c.n_cdm_groups_no_data = 3);
    REFUSED("dmrs_port", (c.dmrs_port[1] = 2, c.n_cdm_groups_no_data = 1));
    REFUSED("port", c.dmrs_port[1] = 0);
    REFUSED("port", c.dmrs_port[1] = 4);
    REFUSED("qm", c.qm = 1);
    REFUSED("qm", c.qm = 10);
    REFUSED("n_layers", c.n_layers = 5);
    REFUSED("n_layers", (c.transform_precoding = true));
    REFUSED("n_tx_ports", c.n_tx_ports = 4);
    REFUSED("tpmi", (c.codebook = true, c.tpmi = 30));
    REFUSED("n_id", c.n_id = 1024);
    REFUSED("tb_bytes", c.tb_bytes = 0);
    REFUSED("tb_bytes", c.tb_bytes = 1u << 30);
    REFUSED("rv", c.rv = 4);
    REFUSED("csi2_follows", c.csi2_follows = true);
    REFUSED("n_rx", c.n_rx = 9);
    REFUSED("n_rx", (c.n_rx = 1, c.equalizer = EQ_ZF));
    REFUSED("max_iterations", c.max_iterations = 65);
    REFUSED("ptrs_time_density", c.ptrs = true);
    REFUSED("n_prb", (c.n_layers = c.n_tx_ports = 1, c.transform_precoding = true, c.n_prb = 14));
    good = rig_cfg(4, 1, 2, 1);
    good.transform_precoding = good.ptrs = true;
    good.ptrs_time_density = good.ptrs_n_groups = good.ptrs_n_samples = 2;
    rig_rate(phy, &good, 0.2);
    CU_ASSERT_EQUAL(pusch_plan(phy, &good, &plan, NULL), 0);
    memcpy(&before, &plan, sizeof plan);
    REFUSED("ptrs_time_density", c.ptrs_time_density = 4);
    REFUSED("ptrs_n_groups", c.ptrs_n_groups = 3);
    REFUSED("ptrs_n_groups", (c.n_prb = 2, c.ptrs_n_groups = 8, c.ptrs_n_samples = 4));
    REFUSED("ptrs_n_groups", (c.n_prb = 1, c.ptrs_n_groups = 4, c.ptrs_n_samples = 4));
    REFUSED("ptrs_n_samples", c.ptrs_n_groups = 8);
    REFUSED("ptrs_n_samples", c.ptrs_n_samples = 3);
    REFUSED("ptrs_second_port", c.ptrs_second_port = true);
    REFUSED("n_prb", c.low_papr_type2 = true);
    REFUSED("low_papr_type2", (c.low_papr_type2 = true, c.qm = 2));
    good = rig_cfg(8, 2, 2, 2);
    good.ptrs = good.ptrs_second_port = true;
    good.ptrs_time_density = 1;
    good.ptrs_freq_density = 2;
    good.ptrs_second_layer = 1;
    good.ptrs_second_layers = 2;
    rig_rate(phy, &good, 0.2);
    CU_ASSERT_EQUAL(pusch_plan(phy, &good, &plan, NULL), 0);
    memcpy(&before, &plan, sizeof plan);
    REFUSED("ptrs_second_layer", c.ptrs_second_layer = 0);
    REFUSED("ptrs_second_layer", c.ptrs_second_layer = 2);
    REFUSED("ptrs_second_layers", c.ptrs_second_layers = 3);
    REFUSED("ptrs_second_layers", c.ptrs_second_layers = 6);
    REFUSED("ptrs_freq_density", c.ptrs_freq_density = 3);
    phy_destroy(phy);
}

CU_MAIN("pusch transmitter", {"DMRS of every port is the model's", test_dmrs},
        {"low-PAPR DMRS is the model's", test_low_papr_dmrs}, {"PTRS places", test_ptrs_places},
        {"PTRS before the DFT", test_ptrs_samples}, {"two PTRS ports", test_two_ptrs_ports},
        {"type 2 DMRS of pi/2-BPSK", test_low_papr_type2_dmrs}, {"refusals name the field", test_refusals})
