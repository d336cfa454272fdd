/* SPDX-License-Identifier: Apache-2.0 */
/* SRS: places and sequences against the standard's formulas, the estimate against the true channel. */
#include "lib/phy/ctrl/srs.h"
#include "lib/phy/signal/low_papr.h"
#include "tests/unit/cu.h"
#include "tests/unit/lib/phy/ctrl/rig.h"

#include <errno.h>

static phy_t *phy;
static srs_work_t *work;
static rig_memory_t ue_memory, rx_memory;
static cf_t h[52 * 8 * 4], truth[4][8 * RIG_STRIDE];

static void setup(void)
{
    if (phy)
        return;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
    work = aligned_alloc(PHY_ALIGN, (srs_work_size() + PHY_ALIGN - 1) / PHY_ALIGN * PHY_ALIGN);
    CU_ASSERT_PTR_NOT_NULL_FATAL(work);
}

static srs_cfg_t base_cfg(void)
{
    return (srs_cfg_t){.mu = 1,
                       .slot = 9,
                       .sfn = 100,
                       .n_grid_prb = 52,
                       .n_ports = 1,
                       .n_symbols = 1,
                       .repetition = 1,
                       .start_symbol = 13,
                       .c_srs = 13,
                       .comb = 2,
                       .sequence_id = 500,
                       .n_rx = 4,
                       .prg_size = 4};
}

static srs_plan_t plan_of(const srs_cfg_t *c)
{
    srs_plan_t p;
    phy_refusal_t why = {0};
    int err = srs_plan(phy, c, &p, &why);
    if (err)
        printf("refused %s\n", why.field);
    CU_ASSERT_EQUAL_FATAL(err, 0);
    return p;
}

/* Sums of the table: N_b x m_b = m_b-1 in every row; some rows to the letter. */
static void test_bandwidths(void)
{
    for (uint8_t c = 0; c < 64; c++) {
        uint16_t last = 0;
        for (uint8_t b = 0; b < 4; b++) {
            uint16_t m;
            uint8_t n;
            srs_bandwidth(c, b, &m, &n);
            CU_ASSERT(m >= 4 && m % 4 == 0 && m <= 272);
            CU_ASSERT(b == 0 ? n == 1 : m * n == last);
            last = m;
        }
    }
    static const uint16_t rows[3][9] = {
        {13, 48, 1, 24, 2, 12, 2, 4, 3}, {36, 144, 1, 48, 3, 24, 2, 12, 2}, {63, 272, 1, 16, 17, 8, 2, 4, 2}};
    for (unsigned i = 0; i < 3; i++)
        for (uint8_t b = 0; b < 4; b++) {
            uint16_t m;
            uint8_t n;
            srs_bandwidth((uint8_t)rows[i][0], b, &m, &n);
            CU_ASSERT_EQUAL(m, rows[i][1 + 2 * b]);
            CU_ASSERT_EQUAL(n, rows[i][2 + 2 * b]);
        }
}

/* Hopping: N_b values of every level are each sounded once in a period, as F_b is made for. */
static void test_hopping_covers(void)
{
    setup();
    static const uint8_t cs[][3] = {{13, 1, 0}, {13, 2, 0}, {13, 3, 0}, {9, 3, 1}, {7, 2, 0}, {12, 3, 2}};
    for (unsigned i = 0; i < sizeof cs / sizeof *cs; i++)
        for (unsigned n_symbols = 1; n_symbols <= 4; n_symbols *= 2) {
            srs_cfg_t c = base_cfg();
            c.c_srs = cs[i][0];
            c.b_srs = cs[i][1];
            c.b_hop = cs[i][2];
            c.n_rrc = 3;
            c.n_symbols = (uint8_t)n_symbols;
            c.start_symbol = (uint8_t)(14 - n_symbols);
            c.resource_type = SRS_PERIODIC;
            c.t_srs = 10;
            c.t_offset = 9;
            unsigned places = 1, seen = 0;
            uint64_t mask = 0;
            for (uint8_t b = (uint8_t)(c.b_hop + 1); b <= c.b_srs; b++) {
                uint16_t m;
                uint8_t n;
                srs_bandwidth(c.c_srs, b, &m, &n);
                places *= n;
            }
            for (unsigned t = 0; t * n_symbols < places; t++) {
                c.sfn = (uint16_t)(t / 2);
                c.slot = (uint16_t)(9 + 10 * (t % 2));
                srs_plan_t p = plan_of(&c);
                for (unsigned l = 0; l < n_symbols && t * n_symbols + l < places; l++) {
                    unsigned at = p.k0[l][0] / 48; /* units of four PRBs */
                    CU_ASSERT_FALSE(mask >> at & 1);
                    mask |= 1ull << at;
                    seen++;
                }
            }
            CU_ASSERT_EQUAL(seen, places);
            /* not one of its slots */
            c.slot = 8;
            srs_plan_t p;
            phy_refusal_t why = {0};
            CU_ASSERT_EQUAL(srs_plan(phy, &c, &p, &why), -EINVAL);
            CU_ASSERT(why.field && strcmp(why.field, "slot") == 0);
        }
}

/* Cyclic shifts and combs of ports, 6.4.1.4.2 and .3, and the REs of the grid. */
static void test_ports(void)
{
    setup();
    static const struct {
        uint8_t comb, ports, cs, offset, want_cs[4], want_comb[4];
    } cases[] = {{2, 2, 1, 1, {1, 5}, {1, 1}},
                 {2, 4, 1, 0, {1, 3, 5, 7}, {0, 0, 0, 0}},
                 {2, 4, 5, 0, {5, 7, 1, 3}, {0, 1, 0, 1}},
                 {4, 4, 2, 3, {2, 5, 8, 11}, {3, 3, 3, 3}},
                 {4, 4, 7, 3, {7, 10, 1, 4}, {3, 1, 3, 1}},
                 {8, 2, 2, 6, {2, 5}, {6, 6}},
                 {8, 4, 1, 6, {1, 1, 4, 4}, {6, 2, 6, 2}}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        srs_cfg_t c = base_cfg();
        c.comb = cases[i].comb;
        c.n_ports = cases[i].ports;
        c.cyclic_shift = cases[i].cs;
        c.comb_offset = cases[i].offset;
        srs_plan_t p = plan_of(&c);
        phy_grid_t g = rig_grid(&ue_memory, 52, 4);
        srs_transmit(phy, &p, 1, &g, 0);
        for (unsigned port = 0; port < c.n_ports; port++) {
            CU_ASSERT_EQUAL(p.cs[port], cases[i].want_cs[port]);
            cf_t base[300];
            CU_ASSERT_EQUAL(low_papr_base(500 % 30, 0, p.m_sc, base), 0);
            double worst = 0;
            unsigned sent = 0;
            for (unsigned k = 0; k < 624; k++) {
                ci16_t x = phy_grid_symbol(&g, port, 13)[k];
                if (k % c.comb != cases[i].want_comb[port] || k >= 576) {
                    CU_ASSERT(x.re == 0 && x.im == 0);
                    continue;
                }
                unsigned n = k / c.comb;
                double a = 2 * RIG_PI * cases[i].want_cs[port] * n / p.cs_max;
                double re = base[n].re * cos(a) - base[n].im * sin(a),
                       im = base[n].re * sin(a) + base[n].im * cos(a);
                worst = fmax(worst, hypot(x.re - re * PHY_UNIT, x.im - im * PHY_UNIT));
                sent++;
            }
            CU_ASSERT(worst < 1.5);
            CU_ASSERT_EQUAL(sent, p.m_sc);
        }
    }
}

/* The matrix that beamforming reads, against the true channel at each group's sounded subcarriers. */
static void estimate(srs_cfg_t c, double delay_ns, double snr_db, double worst_error_db)
{
    srs_plan_t p = plan_of(&c);
    phy_grid_t ue = rig_grid(&ue_memory, 52, 4), rx = rig_grid(&rx_memory, 52, c.n_rx);
    srs_transmit(phy, &p, 1, &ue, 0);
    rig_clear();
    for (unsigned port = 0; port < c.n_ports; port++)
        rig_add(&ue, port, c.n_rx, c.mu,
                &(rig_path_t){.gain = 0.3, .delay_ns = delay_ns, .echo = 0.3, .echo_ns = 60}, truth[port]);
    double sigma = 0.3 * PHY_UNIT * pow(10, -snr_db / 20);
    rig_receive(&rx, sigma, 0x3fff);
    memset(h, 0, sizeof h);
    srs_channel_t channel = {h, p.n_prg, c.n_rx, c.n_ports, c.prg_size};
    srs_result_t r;
    srs_receive(phy, &p, &rx, work, &channel, 0, &r);
    CU_ASSERT_TRUE(r.detected);
    double error = 0, power = 0;
    unsigned prgs = 0;
    for (unsigned g = 0; g < p.n_prg; g++) {
        if (!(r.prg_mask[g / 64] >> g % 64 & 1))
            continue;
        prgs++;
        for (unsigned a = 0; a < c.n_rx; a++)
            for (unsigned port = 0; port < c.n_ports; port++) {
                double re = 0, im = 0;
                unsigned n = 0;
                for (unsigned k = 12 * c.prg_size * g; k < 12u * c.prg_size * (g + 1) && k < 624; k++) {
                    re += truth[port][a * 624 + k].re;
                    im += truth[port][a * 624 + k].im;
                    n++;
                }
                cf_t x = h[(g * c.n_rx + a) * c.n_ports + port];
                error += (x.re - re / n) * (x.re - re / n) + (x.im - im / n) * (x.im - im / n);
                power += (re * re + im * im) / n / n;
            }
    }
    double error_db = 10 * log10(error / power);
    CU_ASSERT(error_db < worst_error_db);
    CU_ASSERT_DOUBLE_EQUAL(r.snr_db, snr_db, 2.5);
    CU_ASSERT_DOUBLE_EQUAL(r.noise_dbfs, 20 * log10(sigma / 32767), 2.5);
    if (c.n_symbols == 1)
        CU_ASSERT_DOUBLE_EQUAL(r.ta_ns, delay_ns, 60);
    CU_ASSERT(prgs > 0 && r.first_prg < r.end_prg && r.end_prg <= p.n_prg);
    if (error_db >= worst_error_db || fabs(r.snr_db - snr_db) > 2.5)
        printf("comb %u ports %u symbols %u: error %.1f dB, snr %.1f of %.1f, ta %.0f of %.0f\n", c.comb,
               c.n_ports, c.n_symbols, error_db, r.snr_db, snr_db, r.ta_ns, delay_ns);
}

static void test_channel(void)
{
    setup();
    rig_seed(31);
    for (unsigned t = 0; t < 36; t++) {
        srs_cfg_t c = base_cfg();
        c.comb = (uint8_t)(2 << t % 3);
        c.n_ports = (uint8_t)(1 << t / 3 % 3);
        c.n_symbols = (uint8_t)(1 << rig_below(3));
        c.repetition = (uint8_t)(c.n_symbols / (t % 2 ? 1 : c.n_symbols));
        c.start_symbol = (uint8_t)(14 - c.n_symbols);
        c.cyclic_shift = (uint8_t)rig_below(6);
        c.group_hopping = (uint8_t)rig_below(3);
        c.b_srs = (uint8_t)(c.n_symbols > 1 && c.repetition < c.n_symbols);
        c.n_rx = (uint8_t)(1 + rig_below(8));
        estimate(c, 60, 10, -10);
    }
}

/* What antenna switching and quantization hand on. */
static void test_columns(void)
{
    setup();
    rig_seed(32);
    CU_ASSERT_EQUAL(srs_switch_port(1, 4, 3), 3);
    CU_ASSERT_EQUAL(srs_switch_port(2, 4, 1), 2);
    CU_ASSERT_EQUAL(srs_switch_port(4, 4, 0), 0);
    CU_ASSERT_EQUAL(srs_switch_port(2, 4, 2), -EINVAL);
    CU_ASSERT_EQUAL(srs_switch_port(4, 2, 0), -EINVAL);
    CU_ASSERT_EQUAL(srs_switch_port(3, 6, 0), -EINVAL);
    /* 1T4R: four resources fill four columns */
    memset(h, 0, sizeof h);
    for (unsigned i = 0; i < 4; i++) {
        srs_cfg_t c = base_cfg();
        srs_plan_t p = plan_of(&c);
        phy_grid_t ue = rig_grid(&ue_memory, 52, 1), rx = rig_grid(&rx_memory, 52, 4);
        srs_transmit(phy, &p, 1, &ue, 0);
        rig_clear();
        rig_add(&ue, 0, 4, 1, &(rig_path_t){.gain = 0.1 * (i + 1)}, NULL);
        rig_receive(&rx, 4, 0x3fff);
        srs_result_t r;
        srs_channel_t channel = {h, p.n_prg, 4, 4, 4};
        srs_receive(phy, &p, &rx, work, &channel, (unsigned)srs_switch_port(1, 4, (uint8_t)i), &r);
    }
    for (unsigned g = 0; g < 12; g++)
        for (unsigned a = 0; a < 4; a++)
            for (unsigned i = 0; i < 4; i++)
                CU_ASSERT_DOUBLE_EQUAL(hypot(h[(g * 4 + a) * 4 + i].re, h[(g * 4 + a) * 4 + i].im),
                                       0.1 * (i + 1), 0.01);
    ci16_t q[12 * 16];
    float scale;
    srs_channel_t channel = {h, 13, 4, 4, 4};
    srs_channel_ci16(&channel, 0, 12, q, &scale);
    for (unsigned i = 0; i < 12 * 16; i++)
        CU_ASSERT(fabsf(q[i].re * scale - h[i].re) <= scale && fabsf(q[i].im * scale - h[i].im) <= scale);
    h[5] = (cf_t){NAN, INFINITY};
    srs_channel_ci16(&channel, 0, 12, q, &scale);
    CU_ASSERT(q[5].re == 0 && isfinite(scale) && scale < 1);
}

/* Noise is not a UE; nor is another UE's cyclic shift. */
static void test_false_alarm(void)
{
    setup();
    rig_seed(33);
    unsigned heard = 0, n = 600;
    srs_cfg_t c = base_cfg();
    c.n_grid_prb = 16;
    c.c_srs = 3;
    c.n_rx = 2;
    c.n_ports = 2;
    srs_plan_t p = plan_of(&c);
    srs_result_t r;
    srs_channel_t channel = {h, p.n_prg, 2, 2, 4};
    rig_clear();
    for (unsigned t = 0; t < n; t++) {
        phy_grid_t rx = rig_grid(&rx_memory, 16, 2);
        rig_receive(&rx, 300, 1u << 13);
        srs_receive(phy, &p, &rx, work, &channel, 0, &r);
        heard += r.detected;
    }
    CU_ASSERT(rig_rate_below(heard, n, 3.1) <= 0.01);
    CU_ASSERT(rig_rate_above(heard, n, 3.1) >= 0.002);
    memset(&rx_memory, 0, sizeof rx_memory);
    phy_grid_t rx = rig_grid(&rx_memory, 16, 2);
    srs_receive(phy, &p, &rx, work, &channel, 0, &r);
    CU_ASSERT_FALSE(r.detected);
    CU_ASSERT(isfinite(r.snr_db) && isfinite(r.noise_dbfs));
}

static void test_refusals(void)
{
    setup();
#define REFUSED(member, value)                                                                               \
    do {                                                                                                     \
        srs_cfg_t c_ = base_cfg();                                                                           \
        srs_plan_t p_;                                                                                       \
        phy_refusal_t why_ = {0};                                                                            \
        c_.member = value;                                                                                   \
        CU_ASSERT_EQUAL(srs_plan(phy, &c_, &p_, &why_), -EINVAL);                                            \
        CU_ASSERT(why_.field &&strcmp(why_.field, #member) == 0);                                            \
    } while (0)
    REFUSED(mu, 4);
    REFUSED(slot, 20);
    REFUSED(sfn, 1024);
    REFUSED(n_grid_prb, 3);
    REFUSED(bwp_start, 52);
    REFUSED(n_ports, 3);
    REFUSED(n_symbols, 3);
    REFUSED(n_symbols, 6);
    REFUSED(repetition, 2);
    REFUSED(start_symbol, 14);
    REFUSED(c_srs, 64);
    REFUSED(b_srs, 4);
    REFUSED(b_hop, 4);
    REFUSED(n_rrc, 68);
    REFUSED(n_shift, 269);
    REFUSED(n_shift, 40); /* behind the end of the grid */
    REFUSED(comb, 3);
    REFUSED(comb_offset, 2);
    REFUSED(cyclic_shift, 8);
    REFUSED(group_hopping, 3);
    REFUSED(sequence_id, 1024);
    REFUSED(resource_type, 3);
    REFUSED(n_rx, 9);
    REFUSED(prg_size, 3);
}

CU_MAIN("srs", {"the bandwidth table", test_bandwidths},
        {"hopping sounds everything once", test_hopping_covers}, {"ports", test_ports},
        {"the estimate is the channel", test_channel}, {"antenna switching", test_columns},
        {"noise is no UE", test_false_alarm},
        {"what the standard does not allow is refused by name", test_refusals})
