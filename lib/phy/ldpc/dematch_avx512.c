/* SPDX-License-Identifier: Apache-2.0 */
/* A stream's 64 LLRs lie in qm vectors: each pair of vectors gives those lanes that are in it. */
#include "lib/phy/ldpc/decode_variants.h"
#include "lib/phy/ldpc/dematch_frame.h"

#include <immintrin.h>

__attribute__((always_inline)) static inline void add_qm(const unsigned qm, const int8_t *llr,
                                                         int8_t *const *streams, bool fresh)
{
    uint8_t lane[BLOCK];
    for (unsigned j = 0; j < BLOCK; j++)
        lane[j] = (uint8_t)(j * qm);
    const __m512i first = _mm512_loadu_si512(lane), low = _mm512_set1_epi8(-127);
    __m512i x[MAX_QM];
    for (unsigned v = 0; v < qm; v++)
        x[v] = _mm512_loadu_si512(llr + v * BLOCK);
    for (unsigned i = 0; i < qm; i++) {
        /* LLR j * qm + i: of its number, 7 bits say where in a pair of vectors, the rest which pair. */
        __m512i index = _mm512_add_epi8(first, _mm512_set1_epi8((char)i));
        __m512i y = qm == 1 ? x[0] : _mm512_permutex2var_epi8(x[0], index, x[1]);
        for (unsigned pair = 1; pair < qm / 2; pair++) {
            __mmask64 from = ~UINT64_C(0) << (128 * pair - i + qm - 1) / qm;
            y = _mm512_mask_mov_epi8(y, from, _mm512_permutex2var_epi8(x[2 * pair], index, x[2 * pair + 1]));
        }
        if (!fresh)
            y = _mm512_adds_epi8(_mm512_loadu_si512(streams[i]), y);
        _mm512_storeu_si512(streams[i], _mm512_max_epi8(y, low));
    }
}

static void add_streams(unsigned qm, const int8_t *llr, int8_t *const *streams, bool fresh)
{
    switch (qm) {
    case 1:
        add_qm(1, llr, streams, fresh);
        break;
    case 2:
        add_qm(2, llr, streams, fresh);
        break;
    case 4:
        add_qm(4, llr, streams, fresh);
        break;
    case 6:
        add_qm(6, llr, streams, fresh);
        break;
    case 8:
        add_qm(8, llr, streams, fresh);
        break;
    default:
        add_qm(10, llr, streams, fresh);
        break;
    }
}

const ldpc_dematch_ops_t ldpc_dematch_ops_avx512 = {.dematch = dematch_frame};
