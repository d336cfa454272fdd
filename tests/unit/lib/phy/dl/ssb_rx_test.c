/* SPDX-License-Identifier: Apache-2.0 */
/* Finding a cell: the UE's SSB receiver against the transmitter, through channels, in noise, and where there
 * is no cell. */
#include "lib/phy/dl/ssb_rx.h"
#include "tests/link/channel.h"
#include "tests/unit/cu.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define N_PRB 24

static phy_t *phy;
static link_random_t rnd;
static phy_grid_t tx, rx;
static ssb_rx_work_t *work;

static phy_grid_t grid_of(unsigned n_ant)
{
    phy_grid_t g = {.n_sc = 12 * N_PRB, .n_ant = (uint8_t)n_ant, .n_symbols = PHY_SYMBOLS, .stride = 304};
    g.re = aligned_alloc(PHY_ALIGN, (size_t)n_ant * PHY_SYMBOLS * g.stride * sizeof(ci16_t));
    memset(g.re, 0, (size_t)n_ant * PHY_SYMBOLS * g.stride * sizeof(ci16_t));
    return g;
}

static void setup(void)
{
    link_random_seed(&rnd, 23);
    CU_ASSERT_FATAL(phy_create(PHY_ISA_BEST, &phy) == 0);
    tx = grid_of(1);
    rx = grid_of(4);
    work = aligned_alloc(PHY_ALIGN, (sizeof *work + 63) / 64 * 64);
}

static void teardown(void)
{
    phy_destroy(phy);
    free(tx.re);
    free(rx.re);
    free(work);
}

static unsigned pick(unsigned n)
{
    return (unsigned)(link_random_u64(&rnd) >> 33) % n;
}

static channel_t *channel_of(channel_profile_t profile, unsigned n_rx, float doppler, uint64_t seed)
{
    const channel_cfg_t cc = {.profile = profile,
                              .n_tx = 1,
                              .n_rx = (uint8_t)n_rx,
                              .mu = 1,
                              .n_sc = 12 * N_PRB,
                              .delay_ns = 400,
                              .doppler_hz = doppler,
                              .gain = 0.3f,
                              .seed = seed};
    channel_t *c = NULL;
    CU_ASSERT_EQUAL_FATAL(channel_create(&cc, &c), 0);
    return c;
}

static ssb_cfg_t random_block(void)
{
    static const uint8_t l_max[3] = {4, 8, 64};
    ssb_cfg_t s = {.phys_cell_id = (uint16_t)pick(1008),
                   .l_max = l_max[pick(3)],
                   .half_frame = (uint8_t)pick(2),
                   .sfn = (uint16_t)pick(1024),
                   .k_ssb = (uint8_t)pick(24),
                   .mib = pick(1u << 24),
                   .first_sc = (uint16_t)pick(48),
                   .first_symbol = (uint8_t)pick(11),
                   .beta_pss_db = pick(2) ? 3 : 0};
    s.index = (uint8_t)pick(s.l_max);
    if (s.l_max == 64)
        s.k_ssb &= 15;
    /* what the MIB says of frame number and k_SSB: bits 22..17 and 15..12 */
    s.mib =
        (s.mib & ~(63u << 17) & ~(15u << 12)) | (uint32_t)(s.sfn >> 4) << 17 | (uint32_t)(s.k_ssb & 15) << 12;
    s.mib &= (1u << 23) - 1; /* choice: messageClassExtension is not a MIB */
    return s;
}

typedef struct {
    bool cell, pbch, wrong;
} found_t;

static found_t once(const ssb_cfg_t *s, unsigned n_rx, channel_t *channel, float noise)
{
    phy_grid_t view = rx;
    ssb_rx_cell_t cell;
    ssb_rx_pbch_t p;
    found_t f = {false};
    view.n_ant = (uint8_t)n_rx;
    memset(tx.re, 0, (size_t)PHY_SYMBOLS * tx.stride * sizeof(ci16_t));
    CU_ASSERT_EQUAL_FATAL(ssb_check(s, tx.n_sc, 1, NULL), 0);
    ssb_run(phy, s, &tx);
    channel_apply(channel, &tx, noise, false, &view);
    const ssb_rx_cfg_t c = {s->first_sc, s->first_symbol, (uint8_t)n_rx, s->l_max};
    CU_ASSERT_EQUAL_FATAL(ssb_rx_check(&c, view.n_sc, n_rx, NULL), 0);
    f.cell = ssb_rx_cell(phy, &c, &view, &cell) && cell.phys_cell_id == s->phys_cell_id;
    f.pbch = ssb_rx_pbch(phy, &c, s->phys_cell_id, &view, work, &p);
    f.wrong = f.pbch && (p.ssb_index != s->index || p.half_frame != s->half_frame || p.sfn != s->sfn ||
                         p.k_ssb != s->k_ssb || p.mib != s->mib);
    return f;
}

static void test_every_block(void)
{
    channel_t *c[3] = {channel_of(CHANNEL_AWGN, 1, 0, 1), channel_of(CHANNEL_TDLA30, 2, 0, 2),
                       channel_of(CHANNEL_TDLC300, 2, 100, 3)};
    unsigned cells = 0, pbchs = 0;
    for (unsigned i = 0; i < 150; i++) {
        const ssb_cfg_t s = random_block();
        channel_slot(c[i % 3], i);
        found_t f = once(&s, i % 3 ? 2 : 1, c[i % 3], 0.003f);
        cells += f.cell;
        pbchs += f.pbch;
        CU_ASSERT_FALSE(f.wrong);
    }
    CU_ASSERT(cells >= 148);
    CU_ASSERT(pbchs >= 149);
    for (unsigned i = 0; i < 3; i++)
        channel_destroy(c[i]);
}

static void test_noise(void)
{
    channel_t *c = channel_of(CHANNEL_AWGN, 1, 0, 1);
    unsigned cells = 0, pbchs = 0, low_cells = 0, low_pbchs = 0;
    for (unsigned i = 0; i < 40; i++) {
        const ssb_cfg_t s = random_block();
        found_t f = once(&s, 1, c, powf(10, 0.5f)); /* -5 dB */
        cells += f.cell;
        pbchs += f.pbch;
        CU_ASSERT_FALSE(f.wrong);
        f = once(&s, 1, c, powf(10, 1.4f)); /* -14 dB */
        low_cells += f.cell;
        low_pbchs += f.pbch;
        CU_ASSERT_FALSE(f.wrong);
    }
    if (cells < 36 || pbchs < 36 || low_pbchs > 4)
        fprintf(stderr, "  %u cells, %u PBCHs of 40 at -5 dB; %u, %u at -14 dB\n", cells, pbchs, low_cells,
                low_pbchs);
    CU_ASSERT(cells >= 36);
    CU_ASSERT(pbchs >= 36);
    CU_ASSERT(low_pbchs <= 4);
    channel_destroy(c);
}

/* The strongest of two cells on the same REs. */
static void test_two_cells(void)
{
    channel_t *near = channel_of(CHANNEL_AWGN, 2, 0, 1), *far = channel_of(CHANNEL_TDLA30, 2, 0, 9);
    unsigned ok = 0;
    for (unsigned i = 0; i < 20; i++) {
        ssb_cfg_t a = random_block(), b = random_block();
        b.first_sc = a.first_sc;
        b.first_symbol = a.first_symbol;
        phy_grid_t view = rx;
        view.n_ant = 2;
        channel_slot(far, i);
        memset(tx.re, 0, (size_t)PHY_SYMBOLS * tx.stride * sizeof(ci16_t));
        ssb_run(phy, &a, &tx);
        channel_apply(near, &tx, 0.01f, false, &view);
        b.power_db = -8;
        ssb_run(phy, &b, &tx);
        channel_apply(far, &tx, 0, true, &view);
        const ssb_rx_cfg_t c = {a.first_sc, a.first_symbol, 2, a.l_max};
        ssb_rx_cell_t cell;
        ssb_rx_pbch_t p;
        ok += ssb_rx_cell(phy, &c, &view, &cell) && cell.phys_cell_id == a.phys_cell_id &&
              ssb_rx_pbch(phy, &c, cell.phys_cell_id, &view, work, &p) && p.mib == a.mib;
    }
    CU_ASSERT(ok >= 18);
    channel_destroy(near);
    channel_destroy(far);
}

static void test_report(void)
{
    channel_t *c = channel_of(CHANNEL_AWGN, 2, 0, 1);
    const ssb_cfg_t s = random_block();
    CU_ASSERT_TRUE(once(&s, 2, c, 0.02f).pbch);
    const ssb_rx_cfg_t cfg = {s.first_sc, s.first_symbol, 2, s.l_max};
    phy_grid_t view = rx;
    view.n_ant = 2;
    ssb_rx_cell_t cell;
    ssb_rx_pbch_t p;
    CU_ASSERT_TRUE(ssb_rx_cell(phy, &cfg, &view, &cell));
    CU_ASSERT(cell.pss > 0.9f && cell.pss <= 1 && cell.sss > 0.9f && cell.sss <= 1);
    CU_ASSERT_DOUBLE_EQUAL(cell.rsrp_db, -10.46, 0.5);
    CU_ASSERT_DOUBLE_EQUAL(cell.slope, -2 * M_PI * 400e-9 * 30e3, 0.01);
    CU_ASSERT_TRUE(ssb_rx_pbch(phy, &cfg, cell.phys_cell_id, &view, work, &p));
    CU_ASSERT_DOUBLE_EQUAL(p.noise_db, -27.45, 0.8);
    CU_ASSERT_DOUBLE_EQUAL(p.sinr_db, 20, 1);
    channel_destroy(c);
}

static void test_no_cell(void)
{
    unsigned false_cells = 0, false_mibs = 0;
    for (unsigned i = 0; i < 200; i++) {
        ssb_rx_cell_t cell;
        ssb_rx_pbch_t p;
        const unsigned n_rx = 1 + i % 4;
        const ssb_rx_cfg_t cfg = {(uint16_t)pick(48), (uint8_t)pick(11), (uint8_t)n_rx, i % 2 ? 8 : 4};
        for (size_t k = 0; k < (size_t)4 * PHY_SYMBOLS * rx.stride; k++) {
            const cf_t g = link_random_gauss(&rnd);
            rx.re[k] = i < 4    ? (ci16_t){0, 0}
                       : i < 8  ? (ci16_t){INT16_MIN, INT16_MIN}
                       : i < 12 ? (ci16_t){(int16_t)(k % 50 ? 0 : 1), 0}
                                : (ci16_t){(int16_t)(1000 * g.re), (int16_t)(1000 * g.im)};
        }
        false_cells += ssb_rx_cell(phy, &cfg, &rx, &cell) && i >= 12;
        CU_ASSERT(isfinite(cell.pss) && isfinite(cell.sss) && isfinite(cell.rsrp_db) && isfinite(cell.slope));
        CU_ASSERT(i < 12 || cell.pss < 0.4f);
        if (i % 10 == 0 || i < 12)
            false_mibs += ssb_rx_pbch(phy, &cfg, pick(1008), &rx, work, &p);
        CU_ASSERT(i >= 12 || (isfinite(p.noise_db) && isfinite(p.sinr_db)));
    }
    CU_ASSERT(false_cells <= 2);
    CU_ASSERT_EQUAL(false_mibs, 0);
}

static void refused(const ssb_rx_cfg_t *c, const char *field)
{
    phy_refusal_t why = {0};
    CU_ASSERT_EQUAL(ssb_rx_check(c, 12 * N_PRB, 2, &why), -EINVAL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(why.field);
    CU_ASSERT_STRING_EQUAL(why.field, field);
}

static void test_refusals(void)
{
    const ssb_rx_cfg_t good = {48, 10, 2, 8};
    CU_ASSERT_EQUAL(ssb_rx_check(&good, 12 * N_PRB, 2, NULL), 0);
    refused(&(ssb_rx_cfg_t){49, 10, 2, 8}, "first_sc");
    refused(&(ssb_rx_cfg_t){48, 11, 2, 8}, "first_symbol");
    refused(&(ssb_rx_cfg_t){48, 10, 3, 8}, "n_rx");
    refused(&(ssb_rx_cfg_t){48, 10, 0, 8}, "n_rx");
    refused(&(ssb_rx_cfg_t){48, 10, 2, 16}, "l_max");
}

CU_MAIN("lib/phy/dl SSB receiver", {"setup", setup}, {"every block", test_every_block}, {"noise", test_noise},
        {"two cells", test_two_cells}, {"report", test_report}, {"no cell", test_no_cell},
        {"refusals", test_refusals}, {"teardown", teardown})
