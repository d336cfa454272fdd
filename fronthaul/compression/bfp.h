/* SPDX-License-Identifier: Apache-2.0 */
/* Block floating point, the U-plane compression of O-RAN.WG4.CUS annex A.1: each PRB's 12 I and 12 Q are
 * mantissas of iqWidth bits under one exponent of 4 bits. On the wire a PRB is udCompParam (reserved 4 bits,
 * exponent 4 bits) and 24 mantissas I0 Q0 .. I11 Q11, most significant bit first, no gaps: 1 + 3 iqWidth
 * bytes. Stateless; [any thread].
 *
 *   exponent = max(0, floor(log2(maxValue)) + 1 - (iqWidth - 1)), maxValue = max(max x, |min x| - 1)
 *   mantissa = Quantize(x / 2^exponent)
 *
 * that is the smallest exponent under which every sample fits. The annex leaves Quantize to the
 * implementation; here it rounds to nearest, halves up, and clips what rounding would carry out of the field
 * to the largest mantissa: 6 dB less error than a shift alone, and next to no DC. Every width runs the same
 * instructions with other tables. All variants give the same bytes. */
#ifndef VITRAN_FRONTHAUL_COMPRESSION_BFP_H
#define VITRAN_FRONTHAUL_COMPRESSION_BFP_H

#include "lib/phy/phy.h"

#define BFP_PRB_RE 12
#define BFP_MAX_WIDTH 16

/* Bytes of a PRB on the wire, udCompParam included; iq_width 1..16 (udIqWidth 0 says 16). */
static inline size_t bfp_prb_bytes(unsigned iq_width)
{
    return 1 + 3 * (size_t)iq_width;
}

/* The kernels: iq_width 1..16, buffers of exactly 12 n_prb samples and n_prb x bfp_prb_bytes bytes, which do
 * not overlap; any alignment. Nothing outside of them is read or written. */
typedef struct bfp_ops {
    void (*compress)(unsigned iq_width, const ci16_t *in, size_t n_prb, uint8_t *out);
    void (*expand)(unsigned iq_width, const uint8_t *in, size_t n_prb, ci16_t *out);
} bfp_ops_t;

/* [any thread] isa: one that the CPU has (phy_t.isa). */
const bfp_ops_t *bfp_ops(phy_isa_t isa);

/* Compresses 12 n_prb samples to n_prb x bfp_prb_bytes(iq_width) bytes. out_bytes: room at out.
 * Returns the bytes written, or, with nothing written, -EINVAL (iq_width not in 1..16), -EMSGSIZE (no room).
 */
int64_t bfp_compress(const bfp_ops_t *ops, unsigned iq_width, const ci16_t *in, size_t n_prb, uint8_t *out,
                     size_t out_bytes);
/* The way back: x = mantissa x 2^exponent, clipped to int16 (a peer's exponent may say more than 16 bits; all
 * of 0..15 are taken, the reserved bits are ignored). in_bytes: what there is at in; more than needed is
 * fine, the next section. Returns the bytes consumed, or, with nothing written, -EINVAL (iq_width),
 * -EMSGSIZE (n_prb PRBs need more than in_bytes). */
int64_t bfp_expand(const bfp_ops_t *ops, unsigned iq_width, const uint8_t *in, size_t in_bytes, size_t n_prb,
                   ci16_t *out);

extern const bfp_ops_t bfp_ops_generic;
#if defined(__x86_64__)
extern const bfp_ops_t bfp_ops_avx2, bfp_ops_avx512;
#endif

#endif
