/* SPDX-License-Identifier: Apache-2.0 */
/* A column of up to 384 bits is one register: rotating it by s bits is a permutation of bytes by s / 8, and a
 * shift of words by s % 8 that takes the next word's top bits in. */
#include "lib/phy/ldpc/encode_inner.h"

#include <immintrin.h>

typedef struct {
    const uint8_t (*rotation)[64];
    __m512i next_word, to_bytes;
} rotator_t;

/* column: as in memory; the result has words with the top bit first. Bits behind Zc are garbage. */
static inline __m512i rotate(const rotator_t *t, __m512i column, unsigned s)
{
    static const uint64_t shifts[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    __m512i a = _mm512_permutexvar_epi8(_mm512_load_si512(t->rotation[s / 8]), column);
    __m512i b = _mm512_permutexvar_epi8(t->next_word, a);
    return _mm512_shldv_epi64(a, b, _mm512_set1_epi64((long long)shifts[s % 8]));
}

/* Sum of the edges `first` to `end` - 1 */
static inline __m512i sum_of(const rotator_t *t, const graph_t *g, const __m512i *column, unsigned first,
                             unsigned end)
{
    __m512i sum = _mm512_setzero_si512();
    for (unsigned e = first; e < end; e++)
        sum = _mm512_xor_si512(sum, rotate(t, column[g->col[e]], g->shift[e]));
    return sum;
}

static inline __m512i to_bytes(const rotator_t *t, __m512i x)
{
    return _mm512_shuffle_epi8(x, t->to_bytes);
}

void ldpc_encode_avx512(const struct ldpc_encoder *encoder, const graph_t *g, unsigned n_rows,
                        const uint8_t *message, uint8_t *ret_parity)
{
    if (g->zc <= 64) {
        ldpc_encode_small(g, n_rows, message, ret_parity);
        return;
    }
    unsigned n_sys = g->n_sys, bytes = g->zc / 8u;
    const rotator_t t = {
        .rotation = encoder->rotation + encoder->first[g->zc_index],
        .next_word = _mm512_load_si512(encoder->next_word[g->zc_index]),
        .to_bytes =
            _mm512_broadcast_i32x4(_mm_set_epi8(8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)),
    };
    const __mmask64 mask = ~(uint64_t)0 >> (64 - bytes);
    __m512i column[GRAPH_MAX_SYS + 4], row[4];
    for (unsigned c = 0; c < n_sys; c++)
        column[c] = _mm512_maskz_loadu_epi8(mask, message + c * bytes);

    __m512i *p = column + n_sys;
    unsigned core[4]; /* where a row's parity begins */
    for (unsigned i = 0; i < 4; i++) {
        core[i] = g->row_start[i + 1];
        while (g->col[core[i] - 1] >= n_sys)
            core[i]--;
        row[i] = sum_of(&t, g, column, g->row_start[i], core[i]);
    }
    __m512i all = _mm512_ternarylogic_epi64(row[0], row[1], _mm512_xor_si512(row[2], row[3]), 0x96);
    p[0] = to_bytes(&t, rotate(&t, to_bytes(&t, all), ldpc_core_rotation(g)));
    /* Row i (0..2) holds the core column i + 1 for the first time, with shift 0: it is the sum of the rest.
     */
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned e = core[i]; g->col[e] <= n_sys + i; e++)
            row[i] = _mm512_xor_si512(row[i], rotate(&t, column[g->col[e]], g->shift[e]));
        p[i + 1] = to_bytes(&t, row[i]);
    }

    /* A store may run into the next rows, which follow, but not behind the last. */
    unsigned whole = n_rows * bytes < 64 ? 0 : (n_rows * bytes - 64) / bytes + 1;
    for (unsigned i = 0; i < n_rows; i++) {
        __m512i x =
            i < 4 ? p[i] : to_bytes(&t, sum_of(&t, g, column, g->row_start[i], g->row_start[i + 1] - 1u));
        if (i < whole)
            _mm512_storeu_si512(ret_parity + i * bytes, x);
        else
            _mm512_mask_storeu_epi8(ret_parity + i * bytes, mask, x);
    }
}
