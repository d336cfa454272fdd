/* SPDX-License-Identifier: Apache-2.0 */
/* Interleaving as a transposition (5.4.2.2): bit j of row i, of qm rows with e / qm bits each, becomes bit
 * j * qm + i. Row i is what the circle holds from its own start on, so that bit selection only says where
 * rows begin. */
#ifndef VITRAN_PHY_LDPC_RATE_MATCH_INNER_H
#define VITRAN_PHY_LDPC_RATE_MATCH_INNER_H

#include "lib/phy/ldpc/bits.h"
#include "lib/phy/ldpc/rate_match.h"

#define RATE_MATCH_MAX_QM 10

typedef struct rate_match_ops {
    /* Interleaves n_cols columns. circ is continued by RATE_MATCH_ROOM bytes; at[i] < n_circ is where row i
     * begins. Writes (n_cols * qm + 7) / 8 bytes, zero bits behind the last. */
    void (*interleave)(const uint8_t *circ, uint32_t n_circ, unsigned qm, const uint32_t *at, uint32_t n_cols,
                       uint8_t *ret_f);
} rate_match_ops_t;

extern const rate_match_ops_t rate_match_ops_generic, rate_match_ops_avx2, rate_match_ops_avx512;

#endif
