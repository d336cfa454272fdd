/* SPDX-License-Identifier: Apache-2.0 */
/* PUSCH from the UE's transmitter through a channel to the receiver: layers, antennas, DMRS types,
 * DFT-s-OFDM, hopping, gaps, codebooks, UCI in all mixes, PTRS under phase noise, HARQ, an interferer; steps
 * in any order; hostile samples. */
#include "tests/unit/cu.h"
#include "tests/unit/lib/phy/pusch/rig.h"

static phy_t *phy;
static rig_random_t rnd = {31415926};

/* The paths of a channel that the tests below use: `n` of them over 300 ns, 250 ns late, 120 Hz off. */
static rig_channel_t channel(const pusch_cfg_t *c, unsigned n, double snr_db)
{
    rig_channel_t ch = {.n_paths = n,
                        .n_tx = c->n_tx_ports,
                        .n_rx = c->n_rx,
                        .mu = c->mu,
                        .cfo = 120,
                        .noise = pow(10, -snr_db / 10)};
    for (unsigned p = 0; p < n; p++)
        ch.delay[p] = 250e-9 + (n > 1 ? 300e-9 * p / (n - 1) : 0);
    rig_draw(&ch, &rnd, n == 1);
    return ch;
}

/* A channel whose layers can be told apart: columns of a DFT matrix and a little noise on each path. */
static void make_apart(rig_channel_t *ch)
{
    for (unsigned p = 0; p < ch->n_paths; p++)
        for (unsigned i = 0; i < ch->n_rx; i++)
            for (unsigned j = 0; j < ch->n_tx; j++)
                ch->gain[p][i][j] =
                    (cexp(2 * I * M_PI * i * (j + 0.25 * p) / ch->n_rx) + 0.1 * rig_gauss(&rnd)) /
                    sqrt(ch->n_paths);
}

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if ((a[i / 8] ^ b[i / 8]) >> (7 - i % 8) & 1)
            return false;
    return true;
}

/* One transmission; the transport block and all UCI come back. */
static const pusch_result_t *passes(const pusch_cfg_t *c, rig_channel_t *ch, const char *what, unsigned which)
{
    static pusch_result_t result;
    phy_refusal_t why = {0};
    rig_t *g = rig_create(phy, c, &rnd, &why);
    if (!g)
        printf("%s %u: refused, %s is %ld\n", what, which, why.field, (long)why.value);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    rig_send(g);
    rig_run(ch, &rnd, &g->tx, &g->rx, 0x3fff);
    const pusch_result_t *r = rig_receive(g, &g->plan, 0);
    bool ok = !c->tb_bytes || (r->crc_ok && memcmp(g->tb, g->got, c->tb_bytes) == 0);
    ok &= !c->n_harq_ack || (r->harq_ack.valid && same_bits(r->harq_ack.bits, g->uci[0], c->n_harq_ack));
    ok &= !c->n_csi1 || (r->csi1.valid && same_bits(r->csi1.bits, g->uci[1], c->n_csi1));
    ok &= !c->n_csi2 || (r->csi2.valid && same_bits(r->csi2.bits, g->uci[2], c->n_csi2));
    if (!ok)
        printf("%s %u failed: crc %d, ack %d, csi %d %d, sinr %.1f, post %.1f, ta %.0f ns, cfo %.0f\n", what,
               which, r->crc_ok, r->harq_ack.valid, r->csi1.valid, r->csi2.valid, (double)r->sinr_db,
               (double)r->post_sinr_db, (double)r->ta_s * 1e9, (double)r->cfo_hz);
    CU_ASSERT(ok);
    result = *r;
    rig_destroy(g);
    return &result;
}

static void test_layers_and_antennas(void)
{
    for (unsigned layers = 1; layers <= 4; layers++)
        for (unsigned n_rx = layers; n_rx <= 8; n_rx += n_rx < 4 ? 1 : 4)
            for (unsigned qm = 2; qm <= 8; qm += 2)
                for (eq_kind_t kind = EQ_MMSE; kind <= EQ_ZF; kind++) {
                    pusch_cfg_t c = rig_cfg(11, layers, n_rx, qm);
                    c.equalizer = kind;
                    rig_rate(phy, &c, 0.5);
                    rig_channel_t ch = channel(&c, 1, 8.0 + 4 * qm);
                    make_apart(&ch);
                    passes(&c, &ch, "layers x 100 + rx x 10 + qm", layers * 100 + n_rx * 10 + qm);
                }
}

static void test_fading(void)
{
    for (unsigned i = 0; i < 12; i++) {
        pusch_cfg_t c = rig_cfg(24, 1 + i % 2, 4, 4);
        c.mu = (uint8_t)(i % 3);
        c.dmrs_type = (uint8_t)(1 + i / 6);
        rig_rate(phy, &c, 0.4);
        rig_channel_t ch = channel(&c, 6, 22);
        passes(&c, &ch, "fading", i);
    }
    /* Fast: paths of different Doppler, four DMRS; the estimator must not average over the slot. */
    for (unsigned i = 0; i < 4; i++) {
        pusch_cfg_t c = rig_cfg(24, 1, 2, 4);
        c.dmrs_symbols = 1u << 2 | 1u << 5 | 1u << 8 | 1u << 11;
        rig_rate(phy, &c, 0.4);
        rig_channel_t ch = channel(&c, 4, 25);
        for (unsigned p = 0; p < 4; p++)
            ch.doppler[p] = 600 * cos(1.0 + p);
        passes(&c, &ch, "Doppler", i);
    }
}

static void test_dmrs_kinds(void)
{
    for (unsigned i = 0; i < 8; i++) {
        pusch_cfg_t c = rig_cfg(9, i & 1 ? 2 : 1, 4, 4);
        c.dmrs_type = (uint8_t)(1 + (i >> 1 & 1));
        c.dmrs_length = (uint8_t)(1 + (i >> 2));
        c.dmrs_symbols = c.dmrs_length == 1 ? 1u << 3 : 3u << 3;
        c.start_symbol = 1;
        c.n_symbols = 12;
        c.n_cdm_groups_no_data = 1; /* data beside DMRS */
        c.dmrs_port[0] = 1;
        c.dmrs_port[1] = 0;
        rig_rate(phy, &c, 0.5);
        rig_channel_t ch = channel(&c, 1, 25);
        make_apart(&ch);
        passes(&c, &ch, "dmrs kind", i);
    }
    /* gaps: allocation type 0 */
    pusch_cfg_t c = rig_cfg(40, 2, 4, 6);
    c.resource_alloc_type0 = true;
    c.rb_set[0] = 0xff00f0f3;
    rig_rate(phy, &c, 0.5);
    rig_channel_t ch = channel(&c, 1, 28);
    make_apart(&ch);
    passes(&c, &ch, "type 0", 0);
}

static void test_transform_precoding(void)
{
    static const unsigned prbs[] = {1, 2, 3, 6, 10, 25, 50, 100, 270};
    for (unsigned i = 0; i < sizeof prbs / sizeof *prbs; i++)
        for (unsigned qm = 1; qm <= 6; qm += qm == 1 ? 1 : 2) {
            pusch_cfg_t c = rig_cfg(prbs[i], 1, 2, qm);
            c.transform_precoding = true;
            c.group_hopping = i & 1;
            c.sequence_hopping = prbs[i] > 6 && !(i & 1);
            c.freq_hopping = i % 3 == 2;
            c.second_hop_prb = 1;
            rig_rate(phy, &c, 0.35);
            rig_channel_t ch = channel(&c, prbs[i] > 20 ? 3 : 1, 6 + 4.0 * qm);
            if (prbs[i] > 20) /* one strong path: dips, but no dead subcarriers */
                for (unsigned p = 1; p < 3; p++)
                    for (unsigned a = 0; a < 2; a++)
                        ch.gain[p][a][0] *= 0.3;
            passes(&c, &ch, "DFT-s-OFDM", prbs[i] * 10 + qm);
        }
}

static void test_codebook_and_hopping(void)
{
    for (unsigned tpmi = 0; tpmi < 6; tpmi++) {
        pusch_cfg_t c = rig_cfg(16, 1, 4, 4);
        c.n_tx_ports = 2;
        c.codebook = true;
        c.tpmi = (uint8_t)tpmi;
        c.freq_hopping = true;
        c.prb_start = 0;
        c.second_hop_prb = 4;
        c.dmrs_symbols = 1u << 2 | 1u << 9;
        rig_rate(phy, &c, 0.5);
        rig_channel_t ch = channel(&c, 1, 24);
        make_apart(&ch);
        passes(&c, &ch, "codebook", tpmi);
    }
}

static void test_uci(void)
{
    static const uint16_t ack[] = {0, 1, 2, 3, 11, 12, 40}, csi[] = {0, 1, 2, 7, 12, 60};
    for (unsigned i = 0; i < 84; i++) {
        pusch_cfg_t c = rig_cfg(i % 2 ? 20 : i % 12 == 4 ? 60 : 4, i % 5 == 4 ? 2 : 1, 4, i % 2 ? 4 : 2);
        c.n_harq_ack = ack[i % 7];
        c.n_csi1 = csi[i % 6];
        c.n_csi2 = c.n_csi1 ? csi[(i / 6) % 6] : 0;
        c.beta_harq_ack_x1000 = 20000;
        c.beta_csi1_x1000 = 10000;
        c.beta_csi2_x1000 = 10000;
        c.transform_precoding = c.n_layers == 1 && i % 3 == 0;
        c.freq_hopping = i % 4 == 3;
        c.second_hop_prb = 4;
        c.rate_x10 = 3000;
        if (i % 2 || c.n_harq_ack + c.n_csi1 + c.n_csi2 == 0) {
            rig_rate(phy, &c, 0.25);
        } else {
            c.beta_harq_ack_x1000 = c.beta_csi1_x1000 = 2000; /* leaves part 2 room */
        }
        rig_channel_t ch = channel(&c, 1, 20);
        make_apart(&ch);
        passes(&c, &ch, "uci", i);
    }
}

/* The receiver learns the size of CSI part 2 from part 1. */
static void test_csi2_follows(void)
{
    for (unsigned n_csi2 = 0; n_csi2 < 40; n_csi2 += 13) {
        pusch_cfg_t c = rig_cfg(20, 1, 2, 4);
        c.n_csi1 = 14;
        c.n_csi2 = (uint16_t)n_csi2;
        c.n_harq_ack = 2;
        c.beta_harq_ack_x1000 = c.beta_csi1_x1000 = c.beta_csi2_x1000 = 10000;
        rig_rate(phy, &c, 0.3);
        rig_t *g = rig_create(phy, &c, &rnd, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(g);
        rig_channel_t ch = channel(&c, 1, 20);
        rig_send(g);
        rig_run(&ch, &rnd, &g->tx, &g->rx, 0x3fff);
        static pusch_plan_t unknown;
        c.csi2_follows = true;
        c.n_csi2 = 0;
        CU_ASSERT_EQUAL_FATAL(pusch_plan(phy, &c, &unknown, NULL), 0);
        void *memory = rig_memory(pusch_rx_bytes(&unknown));
        free(g->memory);
        g->memory = memory;
        const pusch_result_t *r = rig_receive(g, &unknown, n_csi2);
        CU_ASSERT(r->crc_ok && memcmp(g->tb, g->got, c.tb_bytes) == 0);
        CU_ASSERT(r->csi1.valid && same_bits(r->csi1.bits, g->uci[1], 14));
        CU_ASSERT_EQUAL(r->csi2.present, n_csi2 > 0);
        CU_ASSERT(n_csi2 == 0 || (r->csi2.valid && same_bits(r->csi2.bits, g->uci[2], n_csi2)));
        CU_ASSERT(same_bits(r->harq_ack.bits, g->uci[0], 2));
        rig_destroy(g);
    }
}

/* A phase that wanders by half a radian from symbol to symbol decodes with PTRS and does not without. */
static void test_ptrs(void)
{
    for (unsigned with = 0; with < 2; with++)
        for (unsigned layers = 1; layers <= 2; layers++) {
            pusch_cfg_t c = rig_cfg(32, layers, 2, 6);
            c.mu = 3;
            c.dmrs_symbols = 1u << 2;
            c.ptrs = with;
            c.ptrs_time_density = 1;
            c.ptrs_freq_density = 2;
            c.ptrs_re_offset = 2;
            c.ptrs_layer = (uint8_t)(layers - 1);
            rig_rate(phy, &c, 0.5);
            rig_t *g = rig_create(phy, &c, &rnd, NULL);
            CU_ASSERT_PTR_NOT_NULL_FATAL(g);
            rig_channel_t ch = channel(&c, 1, 28);
            ch.delay[0] /= 4;
            make_apart(&ch);
            rig_send(g);
            rig_run(&ch, &rnd, &g->tx, &g->rx, 0x3fff);
            for (unsigned l = 0; l < 14; l++) {
                zd_t turn = l == 2 ? 1 : cexp(I * (l % 2 ? 0.5 : -0.4));
                for (unsigned a = 0; a < 2; a++)
                    for (unsigned k = 0; k < g->rx.n_sc; k++) {
                        ci16_t *p = phy_grid_symbol(&g->rx, a, l) + k;
                        zd_t y = turn * (p->re + I * p->im);
                        *p = (ci16_t){rig_sample(creal(y)), rig_sample(cimag(y))};
                    }
            }
            CU_ASSERT_EQUAL(rig_receive(g, &g->plan, 0)->crc_ok, with);
            rig_destroy(g);
        }
}

/* Turns antenna `ant` of a grid symbol's transmitted samples by phases that move within the symbol: phase(m)
 * at sample m of the time domain before the DFT is what a local oscillator does to the whole signal; here on
 * the allocation alone, by inverse and forward DFT. */
static void turn_within(const rig_t *g, unsigned l, double at_start, double at_end)
{
    const unsigned n = 12u * g->plan.cfg.n_prb;
    ci16_t *row = phy_grid_symbol(&g->tx, 0, l) + 12 * g->plan.cfg.prb_start;
    zd_t x[12 * 12];
    for (unsigned m = 0; m < n; m++) {
        x[m] = 0;
        for (unsigned k = 0; k < n; k++)
            x[m] += (row[k].re + I * row[k].im) * cexp(2 * I * M_PI * (double)(m * k % n) / n) / sqrt(n);
        x[m] *= cexp(I * (at_start + (at_end - at_start) * m / n));
    }
    for (unsigned k = 0; k < n; k++) {
        zd_t y = 0;
        for (unsigned m = 0; m < n; m++)
            y += x[m] * cexp(-2 * I * M_PI * (double)(m * k % n) / n) / sqrt(n);
        row[k] = (ci16_t){rig_sample(creal(y)), rig_sample(cimag(y))};
    }
}

/* DFT-s-OFDM: a phase that jumps from symbol to symbol and runs by a radian within each decodes with PTRS of
 * every shape that can follow it, and does not without; with every second symbol, where pairs share it. */
static void test_ptrs_transform_precoding(void)
{
    static const uint8_t shape[][3] = {{0, 0, 1}, {2, 2, 1}, {2, 4, 1}, {4, 2, 1},
                                       {4, 4, 1}, {8, 4, 1}, {4, 4, 2}};
    for (unsigned i = 0; i < sizeof shape / sizeof *shape; i++) {
        pusch_cfg_t c = rig_cfg(12, 1, 2, 4);
        c.mu = 3;
        c.transform_precoding = true;
        c.dmrs_symbols = 1u << 3;
        c.ptrs = i > 0;
        c.ptrs_n_groups = shape[i][0];
        c.ptrs_n_samples = shape[i][1];
        c.ptrs_time_density = shape[i][2];
        c.n_harq_ack = i == 3 ? 4 : 0;
        c.beta_harq_ack_x1000 = 8000;
        rig_rate(phy, &c, 0.4);
        rig_t *g = rig_create(phy, &c, &rnd, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(g);
        rig_channel_t ch = channel(&c, 1, 25);
        ch.delay[0] /= 4;
        rig_send(g);
        for (unsigned l = 0; l < 14; l++) {
            /* density 2: 0, 2, 5, 7, 9, 11, 13; those without follow the PTRS or DMRS before them */
            const bool slow = shape[i][2] == 2;
            const double jump = l == 3  ? 0
                                : slow  ? (l < 3   ? -0.5
                                           : l < 5 ? 0
                                                   : 0.2 * ((l - 5) / 2) + 0.3)
                                : l % 2 ? 0.8
                                        : -0.6;
            turn_within(g, l, jump - (l == 3 || slow ? 0 : 0.5), jump + (l == 3 || slow ? 0 : 0.5));
        }
        rig_run(&ch, &rnd, &g->tx, &g->rx, 0x3fff);
        const pusch_result_t *r = rig_receive(g, &g->plan, 0);
        if (r->crc_ok != (i > 0))
            printf("shape %u: crc %d\n", i, r->crc_ok);
        CU_ASSERT_EQUAL(r->crc_ok, i > 0);
        CU_ASSERT(c.n_harq_ack == 0 || (r->harq_ack.valid && same_bits(r->harq_ack.bits, g->uci[0], 4)));
        /* What is left of the phase costs what noise of some 20 dB would; 2 groups cannot follow it all. */
        if (i > 2)
            CU_ASSERT(r->post_sinr_db > 20);
        rig_destroy(g);
    }
}

/* A UE that missed the assignment sends data in HARQ-ACK's place: that is no HARQ-ACK but in 1 of 100 cases;
 * one that was sent is heard, also at an SNR where data need all their code. */
static void test_ack_dtx(void)
{
    for (unsigned bits = 1; bits <= 2; bits++)
        for (unsigned qm = 2; qm <= 6; qm += 2) {
            pusch_cfg_t with = rig_cfg(12, 1, 2, qm);
            with.n_symbols = 7;
            with.dmrs_symbols = 1u << 2;
            with.beta_harq_ack_x1000 = 31000;
            rig_rate(phy, &with, 0.3);
            pusch_cfg_t without = with;
            with.n_harq_ack = (uint16_t)bits;
            rig_t *heard = rig_create(phy, &with, &rnd, NULL), *sent = rig_create(phy, &without, &rnd, NULL);
            CU_ASSERT_FATAL(heard && sent);
            CU_ASSERT(heard->plan.ulsch.g_stream[ULSCH_ACK] * 2 / qm >= 24);
            unsigned wrong = 0, missed = 0;
            const unsigned n = 200;
            for (unsigned i = 0; i < n; i++)
                for (unsigned dtx = 0; dtx < 2; dtx++) {
                    rig_t *from = dtx ? sent : heard;
                    for (unsigned b = 0; b < with.tb_bytes; b++)
                        from->tb[b] = (uint8_t)rig_next(&rnd);
                    heard->uci[0][0] = (uint8_t)(rig_next(&rnd) << (8 - bits));
                    rig_channel_t ch = channel(&with, 1, dtx && i % 2 ? 30 : 0.0 + 2.0 * qm);
                    rig_send(from);
                    rig_run(&ch, &rnd, &from->tx, &heard->rx, 0x7f);
                    const pusch_uci_t *u = &rig_receive(heard, &heard->plan, 0)->harq_ack;
                    wrong += dtx && u->valid;
                    missed += !dtx && !(u->valid && same_bits(u->bits, heard->uci[0], bits));
                }
            CU_ASSERT(wrong <= 7); /* 1%, with 99.9% confidence */
            CU_ASSERT(missed <= 2);
            if (getenv("VERBOSE"))
                printf("%u bits, qm %u: %u false, %u missed of %u\n", bits, qm, wrong, missed, n);
            rig_destroy(heard);
            rig_destroy(sent);
        }
}

/* Two oscillators: every second layer turns another way; each follows its own PTRS port. */
static void test_two_ptrs_ports(void)
{
    for (unsigned ports = 1; ports <= 2; ports++) {
        pusch_cfg_t c = rig_cfg(32, 4, 4, 4);
        c.mu = 3;
        c.dmrs_symbols = 1u << 2;
        c.ptrs = true;
        c.ptrs_second_port = ports == 2;
        c.ptrs_second_layer = 3;
        c.ptrs_second_layers = 1u << 1 | 1u << 3;
        c.ptrs_time_density = 1;
        c.ptrs_freq_density = 2;
        c.ptrs_amplitude = 2;
        rig_rate(phy, &c, 0.5);
        rig_t *g = rig_create(phy, &c, &rnd, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(g);
        rig_channel_t ch = channel(&c, 1, 28);
        ch.delay[0] /= 4;
        make_apart(&ch);
        rig_send(g);
        for (unsigned l = 3; l < 14; l++)
            for (unsigned a = 0; a < 4; a++) {
                const zd_t turn = cexp(I * (a % 2 ? 0.9 - 0.1 * l : -0.7 + 0.1 * l));
                for (unsigned k = 0; k < g->tx.n_sc; k++) {
                    ci16_t *p = phy_grid_symbol(&g->tx, a, l) + k;
                    const zd_t y = turn * (p->re + I * p->im);
                    *p = (ci16_t){rig_sample(creal(y)), rig_sample(cimag(y))};
                }
            }
        rig_run(&ch, &rnd, &g->tx, &g->rx, 0x3fff);
        CU_ASSERT_EQUAL(rig_receive(g, &g->plan, 0)->crc_ok, ports == 2);
        rig_destroy(g);
    }
}

/* pi/2-BPSK with DMRS of 5.2.3: decodes, and the measurements are those of type 1. */
static void test_low_papr_type2(void)
{
    static const unsigned prbs[] = {5, 10, 50, 100};
    for (unsigned i = 0; i < 4; i++)
        for (unsigned kind = 1; kind <= 2; kind++) {
            pusch_cfg_t c = rig_cfg(prbs[i], 1, 2, 1);
            c.transform_precoding = true;
            c.low_papr_type2 = kind == 2;
            c.equalizer = i % 2 ? EQ_IRC : EQ_MMSE;
            rig_rate(phy, &c, 0.25);
            rig_channel_t ch = channel(&c, 1, 3);
            const pusch_result_t *r = passes(&c, &ch, "type 2 DMRS", prbs[i] * 10 + kind);
            if (prbs[i] < 50)
                continue;
            CU_ASSERT_DOUBLE_EQUAL(r->noise_db, -3, 1);
            CU_ASSERT_DOUBLE_EQUAL(r->rsrp_db, 0, 1);
        }
}

/* A strong interferer on all REs: MMSE-IRC decodes where MMSE does not. */
static void test_irc(void)
{
    unsigned mmse = 0;
    for (unsigned i = 0; i < 6; i++)
        for (unsigned irc = 0; irc < 2; irc++) {
            rnd.state = 777 + i;
            pusch_cfg_t c = rig_cfg(24, 1 + i % 2, 4, 4);
            c.dmrs_symbols = 1u << 2 | 1u << 7 | 1u << 11;
            c.equalizer = irc ? EQ_IRC : EQ_MMSE;
            rig_rate(phy, &c, 0.5);
            rig_t *g = rig_create(phy, &c, &rnd, NULL);
            CU_ASSERT_PTR_NOT_NULL_FATAL(g);
            rig_channel_t ch = channel(&c, 1, 25);
            make_apart(&ch);
            for (unsigned a = 0; a < 4; a++)
                ch.interferer[a] = 1.5 * cexp(2.4 * I * a);
            rig_send(g);
            rig_run(&ch, &rnd, &g->tx, &g->rx, 0x3fff);
            bool ok = rig_receive(g, &g->plan, 0)->crc_ok;
            if (irc)
                CU_ASSERT(ok);
            mmse += !irc && ok;
            rig_destroy(g);
        }
    CU_ASSERT(mmse < 3);
}

/* Two transmissions, none of which decodes alone. */
static void test_harq(void)
{
    pusch_cfg_t c = rig_cfg(20, 1, 1, 4);
    rig_rate(phy, &c, 0.7);
    rig_t *g = rig_create(phy, &c, &rnd, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    for (unsigned rv = 0; rv <= 2; rv += 2) {
        c.rv = (uint8_t)rv;
        CU_ASSERT_EQUAL_FATAL(pusch_plan(phy, &c, &g->plan, NULL), 0);
        rig_channel_t ch = channel(&c, 1, 8.5);
        rig_send(g);
        rig_run(&ch, &rnd, &g->tx, &g->rx, 0x3fff);
        const pusch_result_t *r =
            pusch_rx(phy, g->state, g->work, &g->plan, &g->rx, g->cb, g->memory, NULL, NULL, g->got);
        CU_ASSERT_EQUAL(r->crc_ok, rv == 2);
    }
    CU_ASSERT(memcmp(g->tb, g->got, c.tb_bytes) == 0);
    rig_destroy(g);
}

/* Symbols backwards, blocks backwards, on two scratch memories: as pusch_rx. */
static void test_steps_in_any_order(void)
{
    pusch_cfg_t c = rig_cfg(60, 2, 2, 6);
    rig_rate(phy, &c, 0.6);
    rig_t *g = rig_create(phy, &c, &rnd, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    rig_channel_t ch = channel(&c, 1, 30);
    make_apart(&ch);
    rig_send(g);
    rig_run(&ch, &rnd, &g->tx, &g->rx, 0x3fff);
    CU_ASSERT(rig_receive(g, &g->plan, 0)->crc_ok);
    int8_t *llr = malloc(g->plan.g_bits);
    memcpy(llr, g->state->llr, g->plan.g_bits);
    pusch_work_t *other = rig_memory(pusch_work_bytes());
    for (unsigned i = 0; i < SCH_MAX_CB; i++)
        g->cb[i].n_soft = 0, g->cb[i].done = false;
    pusch_rx_begin(g->state, &g->plan, &g->rx, g->cb, g->memory);
    pusch_rx_dmrs(phy, g->state, g->work, 0);
    for (unsigned l = 14; l-- > 0;)
        pusch_rx_symbol(phy, g->state, l % 2 ? other : g->work, l);
    CU_ASSERT(pusch_rx_uci(phy, g->state, other));
    for (unsigned r = g->state->sch.n_cb; r-- > 0;)
        pusch_rx_cb(phy, g->state, r % 2 ? other : g->work, r);
    CU_ASSERT(pusch_rx_finish(phy, g->state, g->got)->crc_ok);
    CU_ASSERT(memcmp(llr, g->state->llr, g->plan.g_bits) == 0);
    CU_ASSERT(memcmp(g->tb, g->got, c.tb_bytes) == 0);
    free(llr);
    free(other);
    rig_destroy(g);
}

/* Silence, full scale, noise: results are numbers, nothing decodes; a UE beside a broken one is as without
 * it. */
static void test_hostile_samples(void)
{
    for (unsigned kind = 0; kind < 4; kind++)
        for (unsigned tp = 0; tp < 2; tp++) {
            pusch_cfg_t c = rig_cfg(10, tp ? 1 : 3, 4, 4);
            c.transform_precoding = tp;
            c.equalizer = tp ? EQ_IRC : EQ_MMSE;
            rig_rate(phy, &c, 0.5);
            rig_t *g = rig_create(phy, &c, &rnd, NULL);
            CU_ASSERT_PTR_NOT_NULL_FATAL(g);
            for (size_t i = 0; i < (size_t)4 * 14 * g->rx.stride; i++) {
                uint32_t x = rig_next(&rnd);
                g->rx.re[i] = kind == 0   ? (ci16_t){0, 0}
                              : kind == 1 ? (ci16_t){32767, -32768}
                              : kind == 2 ? (ci16_t){x & 1 ? 32767 : -32768, x & 2 ? 32767 : -32768}
                                          : (ci16_t){(int16_t)x, (int16_t)(x >> 16)};
            }
            const pusch_result_t *r = rig_receive(g, &g->plan, 0);
            CU_ASSERT(!r->crc_ok);
            CU_ASSERT(isfinite(r->rsrp_db) && isfinite(r->epre_db) && isfinite(r->noise_db) &&
                      isfinite(r->sinr_db) && isfinite(r->post_sinr_db) && isfinite(r->ta_s) &&
                      isfinite(r->cfo_hz));
            rig_destroy(g);
        }
    /* neighbours: PRBs outside the allocation at full scale */
    pusch_cfg_t c = rig_cfg(10, 2, 2, 6);
    rig_rate(phy, &c, 0.5);
    rig_t *g = rig_create(phy, &c, &rnd, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    rig_channel_t ch = channel(&c, 1, 28);
    make_apart(&ch);
    rig_send(g);
    rig_run(&ch, &rnd, &g->tx, &g->rx, 0x3fff);
    CU_ASSERT(rig_receive(g, &g->plan, 0)->crc_ok);
    int8_t *llr = malloc(g->plan.g_bits);
    memcpy(llr, g->state->llr, g->plan.g_bits);
    for (unsigned a = 0; a < 2; a++)
        for (unsigned l = 0; l < 14; l++)
            for (unsigned k = 0; k < g->rx.stride; k++)
                if (k < 12u * c.prb_start || k >= 12u * (c.prb_start + c.n_prb))
                    phy_grid_symbol(&g->rx, a, l)[k] = (ci16_t){-32768, 32767};
    CU_ASSERT(rig_receive(g, &g->plan, 0)->crc_ok);
    CU_ASSERT(memcmp(llr, g->state->llr, g->plan.g_bits) == 0);
    free(llr);
    rig_destroy(g);
}

/* The report's numbers against what went in. */
static void test_report(void)
{
    pusch_cfg_t c = rig_cfg(50, 1, 4, 2);
    rig_rate(phy, &c, 0.3);
    rig_channel_t ch = channel(&c, 1, 10);
    const pusch_result_t *r = passes(&c, &ch, "report", 0);
    CU_ASSERT(fabs((double)r->rsrp_db) < 0.3);
    CU_ASSERT(fabs((double)r->noise_db + 10) < 0.5);
    CU_ASSERT(fabs((double)r->sinr_db - 16) < 0.7);
    CU_ASSERT(fabs((double)r->post_sinr_db - 16) < 0.9);
    CU_ASSERT(fabs((double)r->epre_db - 10 * log10(1 + 0.1 / 1.995)) < 0.3); /* DMRS are 3 dB above data */
    CU_ASSERT(fabs((double)r->ta_s - 250e-9) < 20e-9);
    CU_ASSERT(fabs((double)r->cfo_hz - 120) < 30);
    CU_ASSERT_EQUAL(r->ta_command, 32); /* 250 ns are 0.96 units of 30 kHz */
}

static void start(void)
{
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
}

static void stop(void)
{
    phy_destroy(phy);
}

CU_MAIN("pusch", {"start", start}, {"layers by antennas", test_layers_and_antennas}, {"fading", test_fading},
        {"DMRS kinds and gaps", test_dmrs_kinds}, {"DFT-s-OFDM", test_transform_precoding},
        {"codebooks and hops", test_codebook_and_hopping}, {"UCI", test_uci},
        {"CSI part 2 follows", test_csi2_follows}, {"PTRS", test_ptrs}, {"no HARQ-ACK", test_ack_dtx},
        {"PTRS with transform precoding", test_ptrs_transform_precoding},
        {"two PTRS ports", test_two_ptrs_ports}, {"type 2 DMRS", test_low_papr_type2},
        {"interferer", test_irc}, {"HARQ", test_harq}, {"steps in any order", test_steps_in_any_order},
        {"hostile samples", test_hostile_samples}, {"report", test_report}, {"stop", stop})
