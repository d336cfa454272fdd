/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/ldpc/encode_inner.h"

#include <assert.h>

const ldpc_encode_ops_t *ldpc_encode_ops(phy_isa_t isa)
{
#if defined(__x86_64__)
    if (isa == PHY_ISA_AVX512)
        return &ldpc_encode_ops_avx512;
    if (isa == PHY_ISA_AVX2)
        return &ldpc_encode_ops_avx2;
#endif
    (void)isa;
    return &ldpc_encode_ops_generic;
}

void ldpc_encode(const phy_t *phy, const graph_t *g, unsigned n_rows, const uint8_t *message,
                 uint8_t *ret_parity)
{
    assert(n_rows >= 4 && n_rows <= g->n_rows);
    phy->encode->encode(g, n_rows, message, ret_parity);
}
