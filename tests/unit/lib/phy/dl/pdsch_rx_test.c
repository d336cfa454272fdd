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

CU_MAIN("lib/phy/dl PDSCH receiver", {"setup", setup}, {"any configuration", test_any_configuration},
        {"teardown", teardown})
