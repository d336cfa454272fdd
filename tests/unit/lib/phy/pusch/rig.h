/* SPDX-License-Identifier: Apache-2.0 */
/* A small radio channel on resource grids for PUSCH tests: paths with delay and a random gain per antenna
 * pair, frequency offset, Doppler as a phase per path, noise, an interferer. Everything in double and one
 * subcarrier at a time; it shares no code with what it tests. */
#ifndef VITRAN_TESTS_PUSCH_RIG_H
#define VITRAN_TESTS_PUSCH_RIG_H

#include "lib/phy/pusch/pusch_tx.h"

#include <complex.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef double complex zd_t;

typedef struct {
    uint64_t state;
} rig_random_t;

static inline uint32_t rig_next(rig_random_t *r)
{
    r->state ^= r->state << 13;
    r->state ^= r->state >> 7;
    r->state ^= r->state << 17;
    return (uint32_t)(r->state >> 24);
}

static inline double rig_uniform(rig_random_t *r)
{
    return (rig_next(r) + 0.5) / 4294967296.0;
}

/* Complex Gaussian of variance 1. */
static inline zd_t rig_gauss(rig_random_t *r)
{
    double a = sqrt(-log(rig_uniform(r))), t = 2 * M_PI * rig_uniform(r);
    return a * cos(t) + I * a * sin(t);
}

#define RIG_MAX_PATHS 8

typedef struct {
    unsigned n_paths, n_tx, n_rx, mu;
    double delay[RIG_MAX_PATHS];                            /* s */
    double doppler[RIG_MAX_PATHS];                          /* Hz */
    double cfo;                                             /* Hz */
    double noise;                                           /* variance per RE, of a unit symbol */
    zd_t gain[RIG_MAX_PATHS][PHY_MAX_PORTS][PHY_MAX_PORTS]; /* [path][rx][tx] */
    zd_t interferer[PHY_MAX_PORTS];                         /* [rx], of a white signal on all REs */
} rig_channel_t;

/* Start of a symbol's useful part in the slot: cyclic prefixes counted one by one, at 30.72 MHz and 15 kHz.
 */
static inline double rig_time(unsigned mu, unsigned symbol)
{
    double n = 0;
    for (unsigned l = 0; l <= symbol; l++)
        n += (l ? 2048 : 0) + 144 + (mu == 0 && l == 7 ? 16 : 0);
    return n / 30.72e6 / (1 << mu);
}

/* Gain between rx and tx at a subcarrier of the grid, without the CFO. */
static inline zd_t rig_gain(const rig_channel_t *c, unsigned rx, unsigned tx, unsigned symbol, unsigned sc)
{
    zd_t h = 0;
    double f = 15000.0 * (1 << c->mu) * sc, t = rig_time(c->mu, symbol);
    for (unsigned p = 0; p < c->n_paths; p++)
        h += c->gain[p][rx][tx] * cexp(-2 * I * M_PI * (f * c->delay[p] - t * c->doppler[p]));
    return h;
}

/* Independent Rayleigh paths of equal mean, or with `flat` unit-magnitude gains of random phase on one path.
 */
static inline void rig_draw(rig_channel_t *c, rig_random_t *r, bool flat)
{
    for (unsigned p = 0; p < c->n_paths; p++)
        for (unsigned i = 0; i < c->n_rx; i++)
            for (unsigned j = 0; j < c->n_tx; j++) {
                zd_t g = rig_gauss(r);
                c->gain[p][i][j] = flat ? g / cabs(g) / sqrt(c->n_paths) : g / sqrt(c->n_paths);
            }
}

static inline phy_grid_t rig_grid(unsigned n_prb, unsigned n_ant)
{
    phy_grid_t g = {.n_sc = (uint16_t)(12 * n_prb), .n_ant = (uint8_t)n_ant, .n_symbols = PHY_SYMBOLS};
    g.stride = (12 * n_prb + PHY_PAD_SC + 15) & ~15u;
    size_t bytes = (size_t)n_ant * PHY_SYMBOLS * g.stride * sizeof(ci16_t);
    g.re = aligned_alloc(PHY_ALIGN, (bytes + 63) & ~(size_t)63);
    memset(g.re, 0, (bytes + 63) & ~(size_t)63);
    return g;
}

static inline int16_t rig_sample(double x)
{
    x = rint(x);
    return (int16_t)(x > 32767 ? 32767 : x < -32768 ? -32768 : x);
}

/* rx = channel(tx) + noise, symbols of mask only. */
static inline void rig_run(const rig_channel_t *c, rig_random_t *r, const phy_grid_t *tx,
                           const phy_grid_t *rx, unsigned mask)
{
    /* Path phases move on from subcarrier to subcarrier by one rotation each. */
    for (unsigned l = 0; l < PHY_SYMBOLS; l++) {
        if (!(mask >> l & 1))
            continue;
        double t = rig_time(c->mu, l);
        zd_t step[RIG_MAX_PATHS], now[RIG_MAX_PATHS];
        for (unsigned p = 0; p < c->n_paths; p++) {
            step[p] = cexp(-2 * I * M_PI * 15000.0 * (1 << c->mu) * c->delay[p]);
            now[p] = cexp(2 * I * M_PI * t * c->doppler[p]);
        }
        zd_t turn = cexp(2 * I * M_PI * t * c->cfo);
        for (unsigned k = 0; k < tx->n_sc; k++) {
            zd_t other = rig_gauss(r);
            for (unsigned i = 0; i < c->n_rx; i++) {
                zd_t y = c->interferer[i] * other + sqrt(c->noise) * rig_gauss(r);
                for (unsigned j = 0; j < c->n_tx; j++) {
                    ci16_t s = phy_grid_symbol(tx, j, l)[k];
                    if (s.re == 0 && s.im == 0)
                        continue;
                    zd_t h = 0;
                    for (unsigned p = 0; p < c->n_paths; p++)
                        h += c->gain[p][i][j] * now[p];
                    y += turn * h * (s.re + I * s.im) / PHY_UNIT;
                }
                phy_grid_symbol(rx, i, l)[k] =
                    (ci16_t){rig_sample(creal(y) * PHY_UNIT), rig_sample(cimag(y) * PHY_UNIT)};
            }
            for (unsigned p = 0; p < c->n_paths; p++)
                now[p] *= step[p];
        }
    }
}

/* A plain 30 kHz PUSCH that tests change: n_prb PRBs, whole slot, one DMRS of type 1 at symbol 2. */
static inline pusch_cfg_t rig_cfg(unsigned n_prb, unsigned n_layers, unsigned n_rx, unsigned qm)
{
    pusch_cfg_t c = {.mu = 1,
                     .slot = 4,
                     .n_grid_prb = (uint16_t)(n_prb + 4 > 273 ? 273 : n_prb + 4),
                     .grid_start = 11,
                     .rnti = 0x4601,
                     .prb_start = n_prb + 4 > 273 ? 0 : 2,
                     .n_prb = (uint16_t)n_prb,
                     .n_symbols = 14,
                     .dmrs_type = 1,
                     .dmrs_length = 1,
                     .dmrs_symbols = 1u << 2 | 1u << 11,
                     .n_cdm_groups_no_data = 2,
                     .dmrs_port = {0, 1, 2, 3},
                     .n_id_dmrs = 517,
                     .n_rs_id = 321,
                     .qm = (uint8_t)qm,
                     .n_layers = (uint8_t)n_layers,
                     .n_tx_ports = (uint8_t)n_layers,
                     .n_id = 17,
                     .alpha_x100 = 100,
                     .n_rx = (uint8_t)n_rx};
    return c;
}

/* tb_bytes for about this code rate of what PUSCH has without UCI: whole bytes that segmentation takes, found
 * by trying. */
static inline void rig_rate(const phy_t *phy, pusch_cfg_t *c, double rate)
{
    pusch_cfg_t t = *c;
    pusch_plan_t *plan = malloc(sizeof *plan);
    t.tb_bytes = 3;
    t.n_harq_ack = t.n_csi1 = t.n_csi2 = 0;
    t.csi2_follows = false;
    t.rate_x10 = (uint16_t)(rate * 10240);
    if (pusch_plan(phy, &t, plan, NULL) == 0) {
        for (t.tb_bytes = (uint32_t)(plan->g_bits * rate / 8); t.tb_bytes > 3; t.tb_bytes--)
            if (pusch_plan(phy, &t, plan, NULL) == 0)
                break;
        c->tb_bytes = t.tb_bytes;
        c->rate_x10 = t.rate_x10;
    }
    free(plan);
}

/* One PUSCH there and back. */
typedef struct {
    const phy_t *phy;
    pusch_plan_t plan;
    phy_grid_t tx, rx;
    pusch_tx_work_t *tx_work;
    pusch_work_t *work;
    pusch_rx_t *state;
    void *memory;
    sch_rx_cb_t cb[SCH_MAX_CB];
    uint8_t *soft;
    uint8_t *tb, *got;
    uint8_t uci[3][UCI_MAX_BYTES];
} rig_t;

static inline void *rig_memory(size_t n)
{
    n = (n + 63) & ~(size_t)63;
    void *p = aligned_alloc(PHY_ALIGN, n);
    memset(p, 0xa5, n);
    return p;
}

/* NULL: refused, why says. */
static inline rig_t *rig_create(const phy_t *phy, const pusch_cfg_t *cfg, rig_random_t *r, phy_refusal_t *why)
{
    rig_t *g = calloc(1, sizeof *g);
    if (pusch_plan(phy, cfg, &g->plan, why) < 0) {
        free(g);
        return NULL;
    }
    g->phy = phy;
    g->tx = rig_grid(cfg->n_grid_prb, cfg->n_tx_ports);
    g->rx = rig_grid(cfg->n_grid_prb, cfg->n_rx);
    g->tx_work = rig_memory(pusch_tx_work_bytes());
    g->work = rig_memory(pusch_work_bytes());
    g->memory = rig_memory(pusch_rx_bytes(&g->plan));
    g->state = malloc(sizeof *g->state);
    unsigned n_cb = cfg->tb_bytes ? g->plan.sch.n_cb : 0;
    size_t each = LDPC_MAX_SOFT + LDPC_MAX_K_BYTES + 128;
    each = (each + 63) & ~(size_t)63;
    g->soft = rig_memory(each * (n_cb + 1));
    for (unsigned i = 0; i < n_cb; i++) {
        g->cb[i].soft = (int8_t *)g->soft + i * each;
        g->cb[i].bits = g->soft + i * each + LDPC_MAX_SOFT;
    }
    g->tb = malloc(cfg->tb_bytes + 1);
    g->got = malloc(cfg->tb_bytes + 1);
    for (unsigned i = 0; i < cfg->tb_bytes; i++)
        g->tb[i] = (uint8_t)rig_next(r);
    const unsigned n[3] = {cfg->n_harq_ack, cfg->n_csi1, cfg->n_csi2};
    for (unsigned k = 0; k < 3; k++)
        for (unsigned i = 0; i < n[k]; i++)
            if (rig_next(r) & 1)
                g->uci[k][i / 8] |= (uint8_t)(0x80 >> i % 8);
    return g;
}

static inline void rig_destroy(rig_t *g)
{
    free(g->tx.re);
    free(g->rx.re);
    free(g->tx_work);
    free(g->work);
    free(g->memory);
    free(g->state);
    free(g->soft);
    free(g->tb);
    free(g->got);
    free(g);
}

static inline void rig_send(rig_t *g)
{
    pusch_payload_t p = {g->tb, g->uci[0], g->uci[1], g->uci[2]};
    pusch_tx(g->phy, &g->plan, &p, 1, g->tx_work, &g->tx);
}

/* Always n_csi2 of the transmitter's plan. */
static inline unsigned rig_csi2_size(const void *ctx, const uint8_t *csi1, unsigned n_csi1)
{
    (void)csi1;
    (void)n_csi1;
    return *(const unsigned *)ctx;
}

/* New data: soft buffers forgotten. */
static inline const pusch_result_t *rig_receive(rig_t *g, const pusch_plan_t *plan, unsigned n_csi2)
{
    for (unsigned i = 0; i < SCH_MAX_CB; i++) {
        g->cb[i].n_soft = 0;
        g->cb[i].done = false;
    }
    return pusch_rx(g->phy, g->state, g->work, plan, &g->rx, g->cb, g->memory, rig_csi2_size, &n_csi2,
                    g->got);
}

#endif
