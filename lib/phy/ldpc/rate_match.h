/* SPDX-License-Identifier: Apache-2.0 */
/* Rate matching of LDPC code blocks, TS 38.212 5.4.2: bit selection from the circular buffer and bit
 * interleaving, in one pass. Any thread, no work memory beyond the stack. */
#ifndef VITRAN_PHY_LDPC_RATE_MATCH_H
#define VITRAN_PHY_LDPC_RATE_MATCH_H

#include "lib/phy/ldpc/graph.h"

/* Where the bits of one code block are. The standard's circular buffer d[0 .. Ncb-1] holds filler bits that
 * are skipped; `circ` is d without them. */
typedef struct {
    uint32_t n_cb;         /* Ncb, 5.4.2.1 */
    uint32_t k0;           /* start in d by redundancy version, table 5.4.2.1-2 */
    uint32_t filler_start; /* first filler bit in d: K' - 2 Zc */
    uint32_t n_filler;     /* filler bits in d[0 .. Ncb-1] */
    uint32_t n_circ;       /* Ncb - n_filler: bits of circ */
    uint32_t start;        /* k0 as a place in circ, 0 .. n_circ - 1 */
} circ_t;

/* n_ref: limit of the buffer (I_LBRM = 1), 0 none. k_prime: K', bits of the code block with CRCs, at least
 * 2 * zc and at most n_sys * zc. rv 0..3. Sizes are checked by the caller (sch_plan); here asserted. */
void circ_init(circ_t *c, const graph_t *g, uint32_t k_prime, uint32_t n_ref, unsigned rv);

/* circ [size: circ_bits], then room for its continuation: rate_match writes up to RATE_MATCH_ROOM bytes
 * behind it (it unrolls the circle for a while). ret_f [size: e bits]: interleaved bits, zero bits behind the
 * last up to a full byte. e is a multiple of qm (1, 2, 4, 6, 8, 10). */
#define RATE_MATCH_ROOM 160
#define RATE_MATCH_CIRC_BYTES (GRAPH_MAX_N / 8 + RATE_MATCH_ROOM)
void rate_match(const phy_t *phy, uint8_t *circ, uint32_t n_circ, uint32_t start, unsigned qm, uint32_t e,
                uint8_t *ret_f);

/* [thread: control] The variant of a level; phy_create keeps the choice in phy_t. */
struct rate_match_ops;
const struct rate_match_ops *rate_match_ops(phy_isa_t isa);

#endif
