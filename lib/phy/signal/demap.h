/* SPDX-License-Identifier: Apache-2.0 */
/* Soft demapping: the exact max-log LLR of every bit of TS 38.211 5.1's constellations,
 *   llr = (min over symbols with bit 1 of |y - s|^2  -  the same with bit 0) / noise variance,
 * times PHY_LLR_SCALE, rounded to the nearest (ties to even), saturated to -127..127. Every SIMD variant
 * gives the same bytes. Stateless; [any thread]. */
#ifndef VITRAN_PHY_SIGNAL_DEMAP_H
#define VITRAN_PHY_SIGNAL_DEMAP_H

#include "lib/phy/phy.h"

/* sym[size: n]: equalised symbols of unit mean power. inv_noise[size: n]: 1 / variance of the complex noise
 * of each one after equalisation. llr[size: n * qm], in the order of the codeword. qm 1 (pi/2-BPSK, first
 * symbol of even index), 2, 4, 6, 8, 10. A symbol or variance that is NaN or infinite, or a variance below 0,
 * gives LLRs of 0. Writes nothing behind llr[n * qm - 1] and reads nothing behind element n - 1. */
void demap(const phy_t *phy, unsigned qm, const cf_t *sym, const float *inv_noise, size_t n, int8_t *llr);

/* The same LLRs as natural-log floats, neither scaled nor clamped: for PUCCH, tests and vectors. Not for hot
 * paths. */
void demap_float(unsigned qm, const cf_t *sym, const float *inv_noise, size_t n, float *llr);

struct demap_ops;
const struct demap_ops *demap_ops(phy_isa_t isa);

#endif
