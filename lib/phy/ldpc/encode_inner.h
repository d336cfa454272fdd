/* SPDX-License-Identifier: Apache-2.0 */
/* What the variants of the encoder share. A column of Zc bits is a row of 64-bit words, top bit first, bits
 * behind Zc undefined in a sum and zero in a message. */
#ifndef VITRAN_PHY_LDPC_ENCODE_INNER_H
#define VITRAN_PHY_LDPC_ENCODE_INNER_H

#include "lib/phy/ldpc/bits.h"
#include "lib/phy/ldpc/encode.h"

typedef struct ldpc_encode_ops {
    void (*encode)(const graph_t *g, unsigned n_rows, const uint8_t *message, uint8_t *ret_parity);
} ldpc_encode_ops_t;

extern const ldpc_encode_ops_t ldpc_encode_ops_generic, ldpc_encode_ops_avx2, ldpc_encode_ops_avx512;

/* The core's first parity column is in three of the first four rows, twice with one shift, once with another:
 * added up, the rows say that p0 rotated by that other shift is the sum of their message parts. Returns how
 * far that sum is to be rotated to be p0. */
static inline unsigned ldpc_core_rotation(const graph_t *g)
{
    unsigned shift = 0;
    for (unsigned e = 0; e < g->row_start[4]; e++)
        if (g->col[e] == g->n_sys)
            shift ^= g->shift[e];
    return shift ? g->zc - shift : 0;
}

#endif
