/* SPDX-License-Identifier: Apache-2.0 */
/* The UE's PDSCH receiver against the transmitter, with radio channels between: what a configuration may
 * hold, what channels do, what hostile samples must not. */
#include "lib/phy/dl/pdsch_rx.h"
#include "tests/unit/cu.h"
#include "tests/unit/lib/phy/dl/pdsch_link.h"

#include <errno.h>
#include <math.h>

static phy_t *best;
static link_random_t rnd;

static void setup(void)
{
    link_random_seed(&rnd, 4711);
    CU_ASSERT_FATAL(phy_create(PHY_ISA_BEST, &best) == 0);
}

static void teardown(void)
{
    phy_destroy(best);
}

static unsigned pick(unsigned n)
{
    return (unsigned)(link_random_u64(&rnd) >> 33) % n;
}

static channel_t *channel_of(const pdsch_link_t *g, channel_cfg_t cc)
{
    channel_t *c = NULL;
    cc.n_tx = g->tx.n_ant;
    cc.n_rx = g->rx.n_ant;
    cc.mu = g->rx_plan.cfg.mu;
    cc.n_sc = g->tx.n_sc;
    cc.gain = cc.gain > 0 ? cc.gain : 0.5f;
    cc.seed = cc.seed ? cc.seed : 1;
    CU_ASSERT_EQUAL_FATAL(channel_create(&cc, &c), 0);
    return c;
}

/* Columns of length one, orthogonal to each other: layers stay apart. */
static void random_precoder(unsigned n_ports, unsigned n_layers, precoding_t *ret)
{
    cf_t w[PHY_MAX_PORTS * PHY_MAX_LAYERS];
    for (unsigned l = 0; l < n_layers; l++) {
        for (unsigned p = 0; p < n_ports; p++)
            w[p * n_layers + l] = link_random_gauss(&rnd);
        for (unsigned m = 0; m <= l; m++) { /* take the earlier ones out, then the length */
            float re = 0, im = 0;
            for (unsigned p = 0; p < n_ports; p++) {
                cf_t a = w[p * n_layers + m], b = w[p * n_layers + l];
                re += a.re * b.re + a.im * b.im;
                im += a.re * b.im - a.im * b.re;
            }
            for (unsigned p = 0; p < n_ports; p++) {
                cf_t a = w[p * n_layers + m], *b = &w[p * n_layers + l];
                if (m < l)
                    *b = (cf_t){b->re - (a.re * re - a.im * im), b->im - (a.re * im + a.im * re)};
                else
                    *b = (cf_t){b->re / sqrtf(re), b->im / sqrtf(re)};
            }
        }
    }
    CU_ASSERT_EQUAL_FATAL(precoding_set(n_ports, n_layers, w, ret, NULL), 0);
}

/* ---- configurations ---- */

static void random_ports(pdsch_cfg_t *c)
{
    unsigned n = (c->dmrs_type == 1 ? 4u : 6u) * c->dmrs_length;
    for (c->dmrs_ports = 0; __builtin_popcount(c->dmrs_ports) < c->n_layers;)
        c->dmrs_ports |= (uint16_t)(1u << pick(n));
}

static precoding_t matrix[PHY_MAX_PRB];
static const precoding_t *matrices[PHY_MAX_PRB];
static pdsch_reserved_t reserved[2];

/* What the plan does not refuse, small; true: this one is fine. */
static bool random_cfg(const phy_t *phy, pdsch_rx_cfg_t *ret, unsigned *ret_ports)
{
    const unsigned n_layers = 1 + pick(4), n_ports = 4;
    pdsch_rx_cfg_t c = link_cfg(40 + pick(20), n_layers, n_layers == 1 ? 1 + pick(4) : 4, 2 + 2 * pick(4));
    pdsch_cfg_t *p = &c.pdsch;
    c.mu = (uint8_t)pick(4);
    p->slot = (uint16_t)pick(10u << c.mu);
    p->carrier_start = (uint16_t)pick(200);
    p->bwp_start = (uint16_t)(p->carrier_start + pick(5));
    p->bwp_size = (uint16_t)(p->carrier_size - 5);
    p->vrb_mapping = (pdsch_vrb_t)pick(5);
    p->vrb_bundle = (uint8_t)(2 + 2 * pick(2));
    p->coreset_start = (uint16_t)pick(4);
    p->n_initial_bwp = (uint16_t)(24 + pick(8));
    p->resource_alloc = (uint8_t)pick(2);
    p->rb_start = (uint16_t)pick(10);
    p->rb_size = (uint16_t)(1 + pick(14));
    for (unsigned v = 0; v < 24; v++)
        p->rb_bitmap[0] |= (uint64_t)pick(2) << v;
    p->start_symbol = (uint8_t)pick(4);
    p->n_symbols = (uint8_t)(14 - p->start_symbol - pick(3));
    p->dmrs_type = (uint8_t)(1 + pick(2));
    p->dmrs_length = (uint8_t)(1 + pick(2));
    p->dmrs_symbols =
        (uint16_t)((p->dmrs_length == 2 ? 3u : 1u) << (p->start_symbol < 2 ? 2 : p->start_symbol));
    if (pick(2))
        p->dmrs_symbols |= (uint16_t)((p->dmrs_length == 2 ? 3u : 1u) << (9 + pick(2)));
    p->n_cdm_groups_without_data = (uint8_t)(1 + pick(p->dmrs_type == 1 ? 2 : 3));
    random_ports(p);
    p->dmrs_n_scid = (uint8_t)pick(2);
    p->dmrs_r16 = pick(2);
    p->dmrs_coreset0 = pick(4) == 0;
    p->ptrs = pick(3) == 0;
    while (p->ptrs_layer < n_layers - 1 && pick(2))
        p->ptrs_layer++;
    p->ptrs_l = (uint8_t)(1 << pick(3));
    p->ptrs_k = (uint8_t)(2 + 2 * pick(2));
    p->ptrs_re_offset = (uint8_t)pick(4);
    p->ptrs_epre_ratio = (uint8_t)pick(2);
    p->power_db = (float)pick(7) - 3;
    p->rv = (uint8_t)(pick(3) ? 0 : 3);
    p->prg_size = (uint16_t)(pick(3) ? 2u << pick(2) : 0);
    if (pick(3) == 0) { /* a block of PRBs in two symbols, and single REs elsewhere */
        reserved[0] = (pdsch_reserved_t){.symbols = 3u << 5, .re = 0xfff};
        pdsch_reserve_sc(60, 70, 3u << 5, &reserved[0]);
        reserved[1] = (pdsch_reserved_t){.symbols = 1u << 12, .re = 0x421, .prb = {~0ull, ~0ull}};
        p->reserved = reserved;
        p->n_reserved = 2;
    }
    if (pick(2)) {
        p->n_prgs = (uint16_t)(p->prg_size ? PHY_MAX_PRB / p->prg_size : 1);
        p->prg = matrices;
        for (unsigned g = 0; g < p->n_prgs; g++)
            random_precoder(n_ports, n_layers, &matrix[g]);
    }
    c.equalizer = (eq_kind_t)pick(2);
    *ret = c;
    *ret_ports = n_ports;
    return link_rate(phy, &ret->pdsch, n_ports, 0.3 + 0.1 * pick(4));
}

static void test_any_configuration(void)
{
    unsigned seen[8] = {0}, n = 0, bad = 0;
    phy_t *phy[PHY_N_ISA];
    for (phy_isa_t i = 0; i <= phy_isa_detect(); i++)
        CU_ASSERT_FATAL(phy_create(i, &phy[i]) == 0);
    for (unsigned g = 0; g < PHY_MAX_PRB; g++)
        matrices[g] = &matrix[g];
    while (n < 240) {
        pdsch_rx_cfg_t cfg;
        unsigned n_ports;
        phy_refusal_t why = {0};
        const phy_t *isa = phy[n % (phy_isa_detect() + 1u)];
        if (!random_cfg(isa, &cfg, &n_ports))
            continue;
        pdsch_link_t *g = link_create(isa, &cfg, n_ports, &rnd, &why);
        if (!g) {
            CU_ASSERT_STRING_EQUAL(why.field, "n_rx"); /* ZF of more layers than antennas */
            continue;
        }
        const channel_cfg_t cc = {.profile = CHANNEL_AWGN, .delay_ns = 80.0f / (1 << cfg.mu), .gain = 0.4f};
        channel_t *c = channel_of(g, cc);
        link_send(g);
        /* 26 dB a layer and antenna */
        channel_apply(c, &g->tx, 0.0025f * powf(10, cfg.pdsch.power_db / 10), false, &g->rx);
        link_receive(g);
        if (!link_ok(g)) {
            const pdsch_cfg_t *p = &cfg.pdsch;
            fprintf(
                stderr,
                "  lost: layers %u qm %u type %u length %u ports %x cdm %u symbols %x r16 %d vrb %d alloc "
                "%u ptrs %d l %u k %u prg %u of %u reserved %u prbs %u sinr %.1f post %.1f ok %u/%u ta %g\n",
                p->n_layers, p->qm, p->dmrs_type, p->dmrs_length, p->dmrs_ports, p->n_cdm_groups_without_data,
                p->dmrs_symbols, p->dmrs_r16, p->vrb_mapping, p->resource_alloc, p->ptrs, p->ptrs_l,
                p->ptrs_k, p->prg_size, p->n_prgs, p->n_reserved, g->tx_plan.n_prb,
                (double)g->state.result.sinr_db, (double)g->state.result.post_sinr_db,
                g->state.result.n_cb_ok, g->tx_plan.n_code_blocks, (double)g->state.result.ta_s);
            bad++;
        }
        n++;
        seen[0] += cfg.pdsch.ptrs && g->tx_plan.n_ptrs;
        seen[1] += cfg.pdsch.n_reserved > 0;
        seen[2] += cfg.pdsch.n_prgs > 1;
        seen[3] += cfg.pdsch.dmrs_type == 2;
        seen[4] += cfg.pdsch.dmrs_length == 2;
        seen[5] += cfg.pdsch.vrb_mapping >= PDSCH_VRB_INTERLEAVED;
        seen[6] += cfg.pdsch.n_layers == 4;
        seen[7] += cfg.pdsch.dmrs_r16;
        channel_destroy(c);
        link_destroy(g);
    }
    CU_ASSERT_EQUAL(bad, 0);
    for (unsigned i = 0; i < 8; i++)
        CU_ASSERT(seen[i] >= 8);
    for (phy_isa_t i = 0; i <= phy_isa_detect(); i++)
        phy_destroy(phy[i]);
}

/* ---- channels ---- */

/* Blocks of n that come over in a row of slots. */
static unsigned blocks(const pdsch_rx_cfg_t *cfg, channel_cfg_t cc, float noise, unsigned n)
{
    pdsch_link_t *g = link_create(best, cfg, cfg->pdsch.n_layers, &rnd, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    channel_t *c = channel_of(g, cc);
    unsigned ok = 0;
    link_send(g);
    for (unsigned i = 0; i < n; i++) {
        channel_slot(c, 20 * i);
        channel_apply(c, &g->tx, noise, false, &g->rx);
        link_new_data(g);
        link_receive(g);
        ok += link_ok(g);
    }
    channel_destroy(c);
    link_destroy(g);
    return ok;
}

static void test_channels(void)
{
    static const struct {
        channel_profile_t profile;
        float doppler, cfo;
        unsigned layers, qm;
        double rate;
        float noise;
    } runs[] = {
        {CHANNEL_TDLA30, 0, 0, 1, 8, 0.8, 0.0003f},   {CHANNEL_TDLA30, 10, 0, 2, 6, 0.6, 0.0008f},
        {CHANNEL_TDLA30, 0, 0, 4, 6, 0.5, 0.0003f},   {CHANNEL_TDLA30, 10, 200, 4, 4, 0.4, 0.001f},
        {CHANNEL_TDLC300, 100, 0, 1, 4, 0.6, 0.003f}, {CHANNEL_TDLC300, 100, 0, 2, 4, 0.5, 0.002f},
        {CHANNEL_TDLC300, 400, 0, 1, 2, 0.5, 0.01f},  {CHANNEL_TDLB100, 50, 100, 3, 4, 0.4, 0.001f},
    };
    for (unsigned i = 0; i < sizeof runs / sizeof *runs; i++) {
        pdsch_rx_cfg_t cfg = link_cfg(52, runs[i].layers, 4, runs[i].qm);
        cfg.mu = runs[i].profile == CHANNEL_TDLC300 ? 0 : 1;
        if (runs[i].doppler > 50)
            cfg.pdsch.dmrs_symbols = 1u << 2 | 1u << 5 | 1u << 8 | 1u << 11;
        CU_ASSERT_FATAL(link_rate(best, &cfg.pdsch, 4, runs[i].rate));
        const channel_cfg_t cc = {.profile = runs[i].profile,
                                  .doppler_hz = runs[i].doppler,
                                  .cfo_hz = runs[i].cfo,
                                  .delay_ns = 150,
                                  .seed = 40 + i};
        const unsigned ok = blocks(&cfg, cc, runs[i].noise, 12);
        if (ok < 11)
            fprintf(stderr, "  %s, %u layers: %u of 12\n", channel_name(runs[i].profile), runs[i].layers, ok);
        CU_ASSERT(ok >= 11);
        CU_ASSERT(blocks(&cfg, cc, 3000 * runs[i].noise, 2) == 0); /* 35 dB less */
    }
}

/* Each PRG has a precoder of its own: one who knows the borders reads it, one who was told of wideband
 * precoding cannot. */
static void test_precoding_groups(void)
{
    for (unsigned size = 2; size <= 4; size += 2) {
        pdsch_rx_cfg_t cfg = link_cfg(48, 2, 4, 6);
        for (unsigned i = 0; i < PHY_MAX_PRB; i++) {
            random_precoder(4, 2, &matrix[i]);
            matrices[i] = &matrix[i];
        }
        cfg.pdsch.prg_size = (uint16_t)size;
        cfg.pdsch.n_prgs = 30;
        cfg.pdsch.prg = matrices;
        CU_ASSERT_FATAL(link_rate(best, &cfg.pdsch, 4, 0.75));
        pdsch_link_t *g = link_create(best, &cfg, 4, &rnd, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(g);
        channel_t *c = channel_of(g, (channel_cfg_t){.profile = CHANNEL_TDLA30, .seed = 5});
        link_send(g);
        channel_apply(c, &g->tx, 0.001f, false, &g->rx);
        link_receive(g);
        CU_ASSERT_TRUE(link_ok(g));
        cfg.pdsch.prg_size = 0;
        CU_ASSERT_EQUAL(pdsch_rx_plan(best, &cfg, &g->rx_plan, NULL), 0);
        link_new_data(g);
        link_receive(g);
        CU_ASSERT_FALSE(link_ok(g));
        channel_destroy(c);
        link_destroy(g);
    }
}

/* Turns every symbol of a grid by a phase of its own. */
static void turn_symbols(const phy_grid_t *grid, float step)
{
    for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
        const float c = cosf(step * (float)l * (float)l), s = sinf(step * (float)l * (float)l);
        for (unsigned a = 0; a < grid->n_ant; a++)
            for (unsigned k = 0; k < grid->n_sc; k++) {
                ci16_t *x = &phy_grid_symbol(grid, a, l)[k];
                const float re = x->re, im = x->im;
                *x = (ci16_t){(int16_t)lrintf(re * c - im * s), (int16_t)lrintf(re * s + im * c)};
            }
    }
}

static void test_ptrs_follows_phases(void)
{
    for (unsigned layer = 0; layer < 2; layer++)
        for (int ptrs = 0; ptrs < 2; ptrs++) {
            pdsch_rx_cfg_t cfg = link_cfg(52, 2, 4, 6);
            cfg.mu = 3;
            cfg.pdsch.dmrs_symbols = 1u << 2;
            cfg.pdsch.ptrs = ptrs;
            cfg.pdsch.ptrs_layer = (uint8_t)layer;
            cfg.pdsch.ptrs_l = 1;
            cfg.pdsch.ptrs_k = 2;
            if (ptrs) { /* some PTRS are not sent */
                reserved[0] = (pdsch_reserved_t){.symbols = 1u << 7, .re = 0xfff, .prb = {0xfff00}};
                cfg.pdsch.reserved = reserved;
                cfg.pdsch.n_reserved = 1;
            }
            CU_ASSERT_FATAL(link_rate(best, &cfg.pdsch, 2, 0.6));
            pdsch_link_t *g = link_create(best, &cfg, 2, &rnd, NULL);
            CU_ASSERT_PTR_NOT_NULL_FATAL(g);
            channel_t *c = channel_of(g, (channel_cfg_t){.profile = CHANNEL_AWGN, .seed = 5});
            link_send(g);
            channel_apply(c, &g->tx, 0.003f, false, &g->rx);
            turn_symbols(&g->rx, 0.02f); /* 2.4 rad in the last symbol */
            link_receive(g);
            CU_ASSERT_EQUAL(link_ok(g), ptrs);
            channel_destroy(c);
            link_destroy(g);
        }
}

static void test_retransmission(void)
{
    static const uint8_t rvs[4] = {0, 2, 3, 1};
    pdsch_rx_cfg_t cfg = link_cfg(52, 2, 2, 6);
    CU_ASSERT_FATAL(link_rate(best, &cfg.pdsch, 2, 0.85));
    pdsch_link_t *g = link_create(best, &cfg, 2, &rnd, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    CU_ASSERT(g->tx_plan.n_code_blocks > 2);
    channel_t *c = channel_of(g, (channel_cfg_t){.profile = CHANNEL_AWGN, .seed = 9});
    unsigned used = 0;
    bool ok = false;
    for (; used < 4 && !ok; used++) {
        pdsch_rx_cfg_t now = cfg;
        now.pdsch.rv = rvs[used];
        now.pdsch.slot = (uint16_t)(7 + used);
        CU_ASSERT_EQUAL(pdsch_plan(best, &now.pdsch, 2, &g->tx_plan, NULL), 0);
        CU_ASSERT_EQUAL(pdsch_rx_plan(best, &now, &g->rx_plan, NULL), 0);
        link_send(g);
        channel_apply(c, &g->tx, 0.1f, false, &g->rx); /* 13 dB: too little for one */
        ok = link_receive(g)->crc_ok;
        CU_ASSERT_EQUAL(ok, link_ok(g));
    }
    CU_ASSERT_TRUE(ok);
    CU_ASSERT(used == 2 || used == 3);
    channel_destroy(c);
    link_destroy(g);
}

/* A neighbour cell on one direction: IRC nulls it. */
static void test_interference(void)
{
    bool ok[2];
    for (unsigned irc = 0; irc < 2; irc++) {
        link_random_seed(&rnd, 99);
        pdsch_rx_cfg_t cfg = link_cfg(52, 1, 4, 4);
        cfg.equalizer = irc ? EQ_IRC : EQ_MMSE;
        CU_ASSERT_FATAL(link_rate(best, &cfg.pdsch, 1, 0.6));
        pdsch_link_t *g = link_create(best, &cfg, 1, &rnd, NULL), *other;
        cfg.pdsch.n_id = 5;
        cfg.pdsch.dmrs_n_id[0] = 33;
        cfg.pdsch.rnti = 9;
        other = link_create(best, &cfg, 1, &rnd, NULL);
        CU_ASSERT_FATAL(g && other);
        channel_t *c = channel_of(g, (channel_cfg_t){.profile = CHANNEL_TDLA30, .seed = 2}),
                  *d = channel_of(g, (channel_cfg_t){.profile = CHANNEL_TDLA30, .seed = 3, .gain = 1});
        link_send(g);
        link_send(other);
        channel_apply(c, &g->tx, 0.003f, false, &g->rx);
        channel_apply(d, &other->tx, 0, true, &g->rx);
        link_receive(g);
        ok[irc] = link_ok(g);
        channel_destroy(c);
        channel_destroy(d);
        link_destroy(g);
        link_destroy(other);
    }
    CU_ASSERT_FALSE(ok[0]);
    CU_ASSERT_TRUE(ok[1]);
}

/* What is reported: power, noise, delay, frequency. */
static void test_report(void)
{
    pdsch_rx_cfg_t cfg = link_cfg(52, 1, 2, 2);
    CU_ASSERT_FATAL(link_rate(best, &cfg.pdsch, 1, 0.3));
    pdsch_link_t *g = link_create(best, &cfg, 1, &rnd, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    const channel_cfg_t cc = {.profile = CHANNEL_AWGN, .delay_ns = 300, .cfo_hz = 150, .gain = 0.5f};
    channel_t *c = channel_of(g, cc);
    link_send(g);
    channel_apply(c, &g->tx, 0.01f, false, &g->rx);
    const pdsch_rx_result_t *r = link_receive(g);
    CU_ASSERT_TRUE(r->crc_ok);
    CU_ASSERT_DOUBLE_EQUAL(r->rsrp_db, -6.02, 0.3);
    CU_ASSERT_DOUBLE_EQUAL(r->noise_db, -26.02, 0.5);
    CU_ASSERT_DOUBLE_EQUAL(r->sinr_db, 23, 0.7);
    CU_ASSERT_DOUBLE_EQUAL(r->post_sinr_db, 23, 0.8);
    CU_ASSERT_DOUBLE_EQUAL(r->ta_s, 300e-9, 10e-9);
    CU_ASSERT_DOUBLE_EQUAL(r->cfo_hz, 150, 5);
    CU_ASSERT_EQUAL(r->n_cb_ok, g->tx_plan.n_code_blocks);
    channel_destroy(c);
    link_destroy(g);
}

static void test_steps_in_any_order(void)
{
    pdsch_rx_cfg_t cfg = link_cfg(106, 2, 4, 6);
    cfg.pdsch.ptrs = true;
    cfg.pdsch.ptrs_l = 2;
    cfg.pdsch.ptrs_k = 4;
    CU_ASSERT_FATAL(link_rate(best, &cfg.pdsch, 2, 0.6));
    pdsch_link_t *g = link_create(best, &cfg, 2, &rnd, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g);
    channel_t *c = channel_of(g, (channel_cfg_t){.profile = CHANNEL_TDLA30, .doppler_hz = 300, .seed = 8});
    link_send(g);
    channel_apply(c, &g->tx, 0.001f, false, &g->rx);
    link_receive(g);
    int8_t *llr = malloc(g->tx_plan.g_bits);
    memcpy(llr, g->state.llr, g->tx_plan.g_bits);
    link_new_data(g);
    memset(g->got, 0, cfg.pdsch.tb_bytes);
    memset(g->memory, 0x5a, pdsch_rx_bytes(&g->rx_plan));
    pdsch_rx_begin(&g->state, &g->rx_plan, &g->rx, g->cb, g->memory);
    pdsch_rx_dmrs(best, &g->state, g->work);
    for (unsigned l = PHY_SYMBOLS; l-- > 0;) {
        memset(g->work, 0xff, pdsch_rx_work_bytes()); /* nothing lives there */
        pdsch_rx_symbol(best, &g->state, g->work, l);
    }
    CU_ASSERT_EQUAL(memcmp(llr, g->state.llr, g->tx_plan.g_bits), 0);
    for (unsigned r = g->tx_plan.n_code_blocks; r-- > 0;)
        pdsch_rx_cb(best, &g->state, g->work, r);
    pdsch_rx_finish(best, &g->state, g->got);
    CU_ASSERT_TRUE(link_ok(g));
    free(llr);
    channel_destroy(c);
    link_destroy(g);
}

/* ---- what must not be ---- */

static bool finite_result(const pdsch_rx_result_t *r)
{
    return isfinite(r->rsrp_db) && isfinite(r->noise_db) && isfinite(r->sinr_db) &&
           isfinite(r->post_sinr_db) && isfinite(r->ta_s) && isfinite(r->cfo_hz);
}

static void test_hostile_samples(void)
{
    for (unsigned kind = 0; kind < 6; kind++)
        for (eq_kind_t eq = EQ_MMSE; eq <= EQ_IRC; eq++) {
            pdsch_rx_cfg_t cfg = link_cfg(24, 2, 4, 8);
            cfg.equalizer = eq;
            cfg.pdsch.ptrs = kind & 1;
            cfg.pdsch.ptrs_l = 1;
            cfg.pdsch.ptrs_k = 2;
            CU_ASSERT_FATAL(link_rate(best, &cfg.pdsch, 2, 0.5));
            pdsch_link_t *g = link_create(best, &cfg, 2, &rnd, NULL);
            CU_ASSERT_PTR_NOT_NULL_FATAL(g);
            const size_t n = (size_t)4 * PHY_SYMBOLS * g->rx.stride;
            for (size_t i = 0; i < n && kind; i++) {
                const uint64_t x = link_random_u64(&rnd);
                g->rx.re[i] = kind < 3   ? (ci16_t){INT16_MIN, INT16_MIN}
                              : kind < 5 ? (ci16_t){(int16_t)(x >> 20), (int16_t)(x >> 40)}
                              : i % 7    ? (ci16_t){0, 0}
                                         : (ci16_t){INT16_MAX, INT16_MIN};
            }
            const pdsch_rx_result_t *r = link_receive(g);
            CU_ASSERT_FALSE(r->crc_ok);
            CU_ASSERT_TRUE(finite_result(r));
            if (kind == 0)
                CU_ASSERT(r->rsrp_db < -80);
            link_destroy(g);
        }
}

static void refused(const pdsch_rx_cfg_t *cfg, const char *field)
{
    static _Alignas(PHY_ALIGN) pdsch_rx_plan_t plan;
    phy_refusal_t why = {0};
    CU_ASSERT_EQUAL(pdsch_rx_plan(best, cfg, &plan, &why), -EINVAL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(why.field);
    CU_ASSERT_STRING_EQUAL(why.field, field);
    CU_ASSERT_PTR_NOT_NULL(why.expected);
}

static void test_refusals(void)
{
    pdsch_rx_cfg_t good = link_cfg(60, 2, 2, 4), c;
    CU_ASSERT_FATAL(link_rate(best, &good.pdsch, 2, 0.5));
    static _Alignas(PHY_ALIGN) pdsch_rx_plan_t plan;
    good.pdsch.power_db = NAN; /* a UE does not know it */
    good.pdsch.n_prgs = 7;
    CU_ASSERT_EQUAL(pdsch_rx_plan(best, &good, &plan, NULL), 0);
#define REFUSED(field, value, name) (c = good, c.field = value, refused(&c, name))
    REFUSED(mu, 4, "mu");
    REFUSED(n_rx, 0, "n_rx");
    REFUSED(n_rx, 9, "n_rx");
    REFUSED(equalizer, (eq_kind_t)3, "equalizer");
    REFUSED(max_iterations, 65, "max_iterations");
    REFUSED(pdsch.n_layers, 5, "n_layers");
    REFUSED(pdsch.qm, 10, "qm");
    REFUSED(pdsch.tb_bytes, 0, "tb_bytes");
    c = good;
    c.equalizer = EQ_ZF;
    c.n_rx = 1;
    refused(&c, "n_rx");
    c = good; /* every symbol but the last has DMRS */
    c.pdsch.dmrs_symbols = 1u << 2 | 1u << 4 | 1u << 6 | 1u << 8 | 1u << 10;
    refused(&c, "dmrs_symbols");
    c = good; /* 139 pieces and more: a precoder a PRB */
    c.pdsch.carrier_size = c.pdsch.bwp_size = c.pdsch.rb_size = 200;
    c.pdsch.prg_size = 1;
    refused(&c, "prg_size");
#undef REFUSED
}

CU_MAIN("lib/phy/dl PDSCH receiver", {"setup", setup}, {"any configuration", test_any_configuration},
        {"channels", test_channels}, {"precoding groups", test_precoding_groups},
        {"PTRS follows phases", test_ptrs_follows_phases}, {"retransmission", test_retransmission},
        {"interference", test_interference}, {"report", test_report},
        {"steps in any order", test_steps_in_any_order}, {"hostile samples", test_hostile_samples},
        {"refusals", test_refusals}, {"teardown", teardown})
