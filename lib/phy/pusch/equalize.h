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
    eq_kind_t kind;
    bool biased;      /* MMSE without the correction of its bias: what a DFT-s-OFDM receiver averages over */
    uint8_t n_layers; /* 1..4 */
    uint8_t n_rx;     /* 1..8; ZF wants n_layers at least */
    uint16_t n_sc;
    uint32_t stride; /* of h, g and inv_noise, floats */
} eq_shape_t;

/* h [layer][rx][re, im][stride]; noise [rx]: variance per antenna, relative to a unit symbol. Fills g
 * [layer][rx] [re, im][stride] and inv_noise [layer][stride]: the SINR of the layer's symbol behind the
 * filter, at most 1e8. An antenna without a positive finite noise variance is left out. g may be h. */
void eq_filter(const phy_t *phy, const eq_shape_t *shape, const float *h, const float *noise, float *g,
               float *inv_noise);
/* IRC: covariance [group][rx][rx] (hermitian) of each group of group_prb PRBs (12 subcarriers each; the last
 * may be shorter). h is overwritten by its whitened form; g must not be h. */
void eq_filter_irc(const phy_t *phy, const eq_shape_t *shape, float *h, const cf_t *covariance,
                   unsigned group_prb, float *g, float *inv_noise);
/* One symbol: rows[rx] points to subcarrier 0 of the piece at an antenna, n_sc contiguous samples (up to 15
 * more are read). first: the subcarrier of g where the piece begins. out[sc * n_layers + layer] = rotation x
 * filter x samples; 15 more subcarriers may be written. Samples are divided by PHY_UNIT. */
void eq_apply(const phy_t *phy, const eq_shape_t *shape, const float *g, unsigned first, unsigned n_sc,
              const ci16_t *const *rows, cf_t rotation, cf_t *out);
/* inv_noise [layer][stride] from subcarrier `first` -> out[sc * n_layers + layer], as eq_apply orders
 * symbols; 15 more subcarriers may be written. */
void eq_order_noise(const phy_t *phy, const eq_shape_t *shape, const float *inv_noise, unsigned first,
                    unsigned n_sc, float *out);

/* The kernels of one level; see equalize_kernel.h. Internal. */
typedef struct eq_ops {
    void (*filter)(const eq_shape_t *shape, const float *h, const float *inv_var, float *g, float *inv_noise);
    void (*apply)(const eq_shape_t *shape, const float *g, unsigned first, unsigned n_sc,
                  const ci16_t *const *rows, cf_t rotation, cf_t *out);
    void (*order_noise)(unsigned n_layers, const float *in, size_t stride, unsigned n_sc, float *out);
    void (*triangle)(const cf_t *m, unsigned n, bool filter, float *v, size_t stride, unsigned n_sc);
} eq_ops_t;
const eq_ops_t *eq_ops(phy_isa_t isa);
extern const eq_ops_t eq_ops_generic, eq_ops_avx2, eq_ops_avx512;

#endif
