/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/ldpc/decode_variants.h"
#include "lib/phy/ldpc/dematch_frame.h"

static void add_streams(unsigned qm, const int8_t *llr, int8_t *const *streams, bool fresh)
{
    for (unsigned i = 0; i < qm; i++)
        for (unsigned j = 0; j < BLOCK; j++)
            streams[i][j] = add_one(fresh ? 0 : streams[i][j], llr[j * qm + i]);
}

const ldpc_dematch_ops_t ldpc_dematch_ops_generic = {.dematch = dematch_frame};
