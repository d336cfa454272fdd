/* SPDX-License-Identifier: Apache-2.0 */
/* The LDPC encoder of TS 38.212 5.3.2, one code block at a time. No work memory beyond the stack; any thread.
 */
#ifndef VITRAN_PHY_LDPC_ENCODE_H
#define VITRAN_PHY_LDPC_ENCODE_H

#include "lib/phy/ldpc/graph.h"

/* Computes the parity bits of the first n_rows rows of g (4 .. g->n_rows; a high rate needs few).
 * message [size: g->n_sys * g->zc bits]: filler bits are 0. Bits behind the last in its last byte do not
 * matter. ret_parity [size: n_rows * g->zc bits]: bits behind the last in its last byte become 0. The code
 * word of the standard is message from bit 2 * zc on, then the parity. */
void ldpc_encode(const phy_t *phy, const graph_t *g, unsigned n_rows, const uint8_t *message,
                 uint8_t *ret_parity);

/* Called by phy_create and phy_destroy. 0 or -ENOMEM; NULL is fine. */
struct ldpc_encoder;
int ldpc_encoder_create(phy_isa_t isa, struct ldpc_encoder **ret);
void ldpc_encoder_destroy(struct ldpc_encoder *encoder);

#endif
