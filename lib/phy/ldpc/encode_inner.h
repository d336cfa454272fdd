/* SPDX-License-Identifier: Apache-2.0 */
/* What the variants of the encoder share. A column of Zc bits is a row of 64-bit words, top bit first, bits
 * behind Zc undefined in a sum and zero in a message. */
#ifndef VITRAN_PHY_LDPC_ENCODE_INNER_H
#define VITRAN_PHY_LDPC_ENCODE_INNER_H

#include "lib/phy/ldpc/bits.h"
#include "lib/phy/ldpc/encode.h"

#define ENCODE_ROTATIONS 468 /* sum of Zc / 8 over all sizes above 64 */

struct ldpc_encoder {
    /* Entry b of a size: for byte i of a column that is to be rotated by b bytes (and held as words, top bit
     * first), where it comes from. */
    uint8_t rotation[ENCODE_ROTATIONS][64];
    /* The same for words, by 8 bytes. */
    uint8_t next_word[GRAPH_N_ZC][64];
    uint16_t first[GRAPH_N_ZC]; /* of a size, in rotation */
    void (*encode)(const struct ldpc_encoder *encoder, const graph_t *g, unsigned n_rows,
                   const uint8_t *message, uint8_t *ret_parity);
};

void ldpc_encode_generic(const struct ldpc_encoder *encoder, const graph_t *g, unsigned n_rows,
                         const uint8_t *message, uint8_t *ret_parity);
void ldpc_encode_avx2(const struct ldpc_encoder *encoder, const graph_t *g, unsigned n_rows,
                      const uint8_t *message, uint8_t *ret_parity);
void ldpc_encode_avx512(const struct ldpc_encoder *encoder, const graph_t *g, unsigned n_rows,
                        const uint8_t *message, uint8_t *ret_parity);

/* Sizes up to 64, where a column is one word; for all variants. */
void ldpc_encode_small(const graph_t *g, unsigned n_rows, const uint8_t *message, uint8_t *ret_parity);

/* The core's first parity column is in three of the first four rows, twice with one shift, once with another:
 * added up, the rows say that p0 rotated by that other shift is the sum of their message parts. Returns how
 * far that sum is to be rotated to be p0. */
static inline unsigned ldpc_core_rotation(const graph_t *g)
{
    unsigned shift = 0;
    for (unsigned i = 0; i < 4; i++)
        for (unsigned e = g->row_start[i + 1] - 1u; g->col[e] >= g->n_sys; e--)
            shift ^= g->col[e] == g->n_sys ? g->shift[e] : 0u;
    return shift ? g->zc - shift : 0;
}

#endif
