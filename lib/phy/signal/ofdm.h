/* SPDX-License-Identifier: Apache-2.0 */
/* CP-OFDM of TS 38.211 5.3.1 with the phase of 5.4, normal cyclic prefix, all numerologies: for tests,
 * vectors and the emulated far end (a 7.2x radio unit does this for the DU). Stateless; [any thread]. */
#ifndef VITRAN_PHY_SIGNAL_OFDM_H
#define VITRAN_PHY_SIGNAL_OFDM_H

#include "lib/phy/signal/dft.h"

typedef struct {
    unsigned mu;    /* subcarrier spacing 15 * 2^mu kHz, 0..4 */
    unsigned n_fft; /* sample rate / subcarrier spacing: a size of dft_plan, a multiple of 128 */
    unsigned n_sc;  /* subcarriers, <= n_fft, even; subcarrier n_sc / 2 lies at 0 Hz plus k0 */
    int k0;         /* k_0^mu of 5.3.1, subcarriers */
    double f0_hz;   /* carrier frequency of 5.4; 0 leaves the phases alone */
} ofdm_cfg_t;

typedef struct {
    ofdm_cfg_t cfg;
    const dft_plan_t *dft;
    unsigned n_symbols;            /* of a subframe: 14 * 2^mu */
    uint32_t cp[14 << 4];          /* samples of the prefix, by symbol in the subframe */
    uint32_t start[(14 << 4) + 1]; /* first sample of each symbol (of its prefix) in the subframe */
    cf_t phase[14 << 4];           /* exp(-j 2 pi f0 (t_start + N_CP T_c)) */
} ofdm_plan_t;

/* 0, or -EINVAL with `why`. */
int ofdm_plan(const phy_t *phy, const ofdm_cfg_t *cfg, ofdm_plan_t *ret, phy_refusal_t *why);

/* Symbol l of the subframe (0 .. n_symbols - 1): re[size: n_sc] to cp[l] + n_fft samples, which it returns.
 * Factor 1 / n_fft (as the inverse DFT is commonly defined). */
unsigned ofdm_modulate(const ofdm_plan_t *p, unsigned l, const cf_t *re, cf_t *out, dft_work_t *work);
/* The inverse: samples of symbol l with its prefix to re[size: n_sc]. The window begins `early` samples
 * before the end of the prefix (0 .. cp[l]), and the phase ramp that this makes is taken out again. */
void ofdm_demodulate(const ofdm_plan_t *p, unsigned l, unsigned early, const cf_t *in, cf_t *re,
                     dft_work_t *work);

#endif
