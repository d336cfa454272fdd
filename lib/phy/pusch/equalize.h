/* SPDX-License-Identifier: Apache-2.0 */
/* Linear equalisation of 1-4 layers from 1-8 antennas, subcarrier by subcarrier: MRC (one layer), ZF, MMSE,
 * and MMSE-IRC by whitening with the covariance of noise and interference. In two steps, because the filter
 * is the dear one and holds for all symbols that share a channel: eq_filter makes a filter per subcarrier,
 * eq_apply runs a symbol through it. Symbols come out without bias, with the inverse of their noise variance
 * for the demapper. Stateless.
 *
 * Planes are float [..][re, im][stride], stride a multiple of 16 and at least n rounded up to 16; kernels
 * write up to there. */
#ifndef VITRAN_PHY_PUSCH_EQUALIZE_H
#define VITRAN_PHY_PUSCH_EQUALIZE_H

#include "lib/phy/phy.h"

typedef enum { EQ_MMSE, EQ_ZF, EQ_IRC } eq_kind_t;

typedef struct {
    eq_kind_t kind;   /* IRC: MMSE over whitened antennas */
    uint8_t n_layers; /* 1..4 */
    uint8_t n_rx;     /* n_layers..8 for ZF; MMSE takes any */
    uint16_t n_sc;
    uint32_t stride; /* of h, g and inv_noise */
} eq_shape_t;

/* h [layer][rx][re, im][stride] (changed when IRC whitens), noise [rx] variance per antenna relative to a
 * unit symbol (MMSE, ZF). Fills g [layer][rx][re, im][stride] and inv_noise [layer][stride]: 1 / variance of
 * the layer's symbol after the filter. NaN and zero noise give inv_noise 0, never a trap. */
void eq_filter(const phy_t *phy, const eq_shape_t *shape, const float *h, const float *noise, float *g,
               float *inv_noise);
/* IRC: covariance [group][rx][rx] of each group of prg_prb PRBs (the last may be shorter); h is overwritten
 * by its whitened form. */
void eq_filter_irc(const phy_t *phy, const eq_shape_t *shape, float *h, const cf_t *covariance,
                   unsigned prg_prb, float *g, float *inv_noise);
/* One symbol: rows[rx] -> the first of n_sc contiguous samples of each antenna; out[sc * n_layers + layer],
 * each multiplied with rotation. scale turns samples into unit symbols (1 / PHY_UNIT). first: where in g's
 * subcarriers this piece begins. */
void eq_apply(const phy_t *phy, const eq_shape_t *shape, const float *g, unsigned first, unsigned n_sc,
              const ci16_t *const *rows, float scale, cf_t rotation, cf_t *out);
/* inv_noise [layer][stride] -> [sc * n_layers + layer], as eq_apply orders symbols. */
void eq_order_noise(const phy_t *phy, const eq_shape_t *shape, const float *inv_noise, unsigned first,
                    unsigned n_sc, float *out);

typedef struct eq_ops {
    void (*filter)(const eq_shape_t *shape, const float *h, const float *inv_var, float *g, float *inv_noise);
    void (*apply)(const eq_shape_t *shape, const float *g, unsigned first, unsigned n_sc,
                  const ci16_t *const *rows, float scale, cf_t rotation, cf_t *out);
    void (*order_noise)(unsigned n_layers, const float *const *in, unsigned n_sc, float *out);
    /* v[rx][re, im][stride] at subcarriers first..first+n-1 = L v, L lower triangular [rx][rx] (or its
     * transposed use for filters: v^T L) */
    void (*whiten)(const cf_t *l, unsigned n_rx, float *v, uint32_t stride, unsigned first, unsigned n);
    void (*unwhiten)(const cf_t *l, unsigned n_rx, float *v, uint32_t stride, unsigned first, unsigned n);
} eq_ops_t;
const eq_ops_t *eq_ops(phy_isa_t isa);

#endif
