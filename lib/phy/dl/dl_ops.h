/* SPDX-License-Identifier: Apache-2.0 */
/* The three loops that every downlink channel ends in: bits to layers, layers to antennas, antennas' values
 * to the REs of a PRB pattern. Internal to lib/phy/dl. Every variant gives the same result, bit for bit. */
#ifndef VITRAN_PHY_DL_DL_OPS_H
#define VITRAN_PHY_DL_DL_OPS_H

#include "lib/phy/dl/precoding.h"

/* Modulation and layer mapping of one (Qm, number of layers, amplitude). Made by dl_map_init. */
typedef struct {
    uint8_t qm, n_layers;
    /* I and Q by their bits: the even ones of a symbol for I, the odd ones for Q, first bit highest. Twice as
     * long as 16 levels: a 32-entry table for permutes. */
    _Alignas(64) int16_t level[32];
    /* For permutes over groups of 16 REs: layer l's word 2i (I) and 2i+1 (Q) of RE i finds its bits in a
     * window of qm - 1 that starts at the shift in the two bytes that perm names (low byte first). */
    _Alignas(64) uint8_t perm[PHY_MAX_LAYERS][64];
    _Alignas(64) uint16_t shift[PHY_MAX_LAYERS][32];
    /* The window's value to its level, Qm up to 6. */
    _Alignas(64) int16_t window[32];
} dl_map_t;

/* amplitude: of a unit-power symbol, in LSBs. qm 2, 4, 6, 8. */
void dl_map_init(dl_map_t *map, unsigned qm, unsigned n_layers, float amplitude);

#define DL_PAD_RE 16 /* values that `map` may write behind the n-th, and bytes x4 that it may read */

typedef struct dl_ops {
    /* bits [n_re * n_layers * qm, packed; DL_PAD_RE * 4 readable bytes behind] to out[layer][n_re +
     * DL_PAD_RE]. */
    void (*map)(const dl_map_t *map, const uint8_t *bits, size_t n_re, ci16_t *const out[]);
    /* out[port][i] = round(sum over layers w[port][layer] * in[layer][i]), saturated; or saturated sum with
     * what is there. Reads and writes n values. */
    void (*precode)(const precoding_t *w, const ci16_t *const in[], ci16_t *const out[], size_t n, bool add);
    /* PRB by PRB: the next popcount(re) values of `in` to the subcarriers of `re`; the others stay. out:
     * first subcarrier of the first PRB. May read DL_PAD_RE values behind the last of `in`. */
    void (*expand)(uint16_t re, const ci16_t *in, size_t n_prb, ci16_t *out, bool add);
} dl_ops_t;

extern const dl_ops_t dl_ops_generic, dl_ops_avx2, dl_ops_avx512;
const dl_ops_t *dl_ops(phy_isa_t isa);

static inline int16_t dl_saturate(int32_t x)
{
    return x > INT16_MAX ? INT16_MAX : x < INT16_MIN ? INT16_MIN : (int16_t)x;
}

#endif
