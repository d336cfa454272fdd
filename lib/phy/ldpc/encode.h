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

/* [thread: control] The variant of a level; phy_create keeps the choice in phy_t. */
struct ldpc_encode_ops;
const struct ldpc_encode_ops *ldpc_encode_ops(phy_isa_t isa);

#endif
