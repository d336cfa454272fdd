/* SPDX-License-Identifier: Apache-2.0 */
#include "fronthaul/compression/bfp.h"

#include <errno.h>

const bfp_ops_t *bfp_ops(phy_isa_t isa)
{
#if defined(__x86_64__)
    if (isa == PHY_ISA_AVX512)
        return &bfp_ops_avx512;
    if (isa == PHY_ISA_AVX2)
        return &bfp_ops_avx2;
#endif
    (void)isa;
    return &bfp_ops_generic;
}

/* 0 or why not; n_prb cannot be so large that the product wraps. */
static int check(unsigned iq_width, size_t n_prb, size_t bytes)
{
    if (iq_width < 1 || iq_width > BFP_MAX_WIDTH)
        return -EINVAL;
    return n_prb > bytes / bfp_prb_bytes(iq_width) ? -EMSGSIZE : 0;
}

int64_t bfp_compress(const bfp_ops_t *ops, unsigned iq_width, const ci16_t *in, size_t n_prb, uint8_t *out,
                     size_t out_bytes)
{
    int r = check(iq_width, n_prb, out_bytes);
    if (r < 0)
        return r;
    ops->compress(iq_width, in, n_prb, out);
    return (int64_t)(n_prb * bfp_prb_bytes(iq_width));
}

int64_t bfp_expand(const bfp_ops_t *ops, unsigned iq_width, const uint8_t *in, size_t in_bytes, size_t n_prb,
                   ci16_t *out)
{
    int r = check(iq_width, n_prb, in_bytes);
    if (r < 0)
        return r;
    ops->expand(iq_width, in, n_prb, out);
    return (int64_t)(n_prb * bfp_prb_bytes(iq_width));
}
