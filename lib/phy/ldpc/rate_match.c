/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/ldpc/rate_match_inner.h"

#include <assert.h>

const rate_match_ops_t *rate_match_ops(phy_isa_t isa)
{
#if defined(__x86_64__)
    if (isa == PHY_ISA_AVX512)
        return &rate_match_ops_avx512;
    if (isa == PHY_ISA_AVX2)
        return &rate_match_ops_avx2;
#endif
    (void)isa;
    return &rate_match_ops_generic;
}

void circ_init(circ_t *c, const graph_t *g, uint32_t k_prime, uint32_t n_ref, unsigned rv)
{
    /* Table 5.4.2.1-2: k0 = floor(numerator * Ncb / (columns * Zc)) * Zc */
    static const uint8_t numerator[2][4] = {{0, 17, 33, 56}, {0, 13, 25, 43}};
    uint32_t columns = g->n_cols - 2u, n = columns * g->zc, k = (uint32_t)g->n_sys * g->zc;
    assert(k_prime >= 2u * g->zc && k_prime <= k && rv < 4);
    c->n_cb = n_ref && n_ref < n ? n_ref : n;
    c->k0 = numerator[g->bg - 1][rv] * c->n_cb / n * g->zc;
    c->filler_start = k_prime - 2u * g->zc;
    uint32_t filler_end = k - 2u * g->zc;
    if (filler_end > c->n_cb)
        filler_end = c->n_cb;
    c->n_filler = filler_end > c->filler_start ? filler_end - c->filler_start : 0;
    c->n_circ = c->n_cb - c->n_filler;
    c->start = c->k0 <= c->filler_start                ? c->k0
               : c->k0 < c->filler_start + c->n_filler ? c->filler_start
                                                       : c->k0 - c->n_filler;
    c->start %= c->n_circ;
}

void rate_match(const phy_t *phy, uint8_t *circ, uint32_t n_circ, uint32_t start, unsigned qm, uint32_t e,
                uint8_t *ret_f)
{
    assert(qm >= 1 && qm <= RATE_MATCH_MAX_QM && e % qm == 0 && start < n_circ);
    /* What a block of columns reads behind the circle: its beginning, as often as it takes. */
    size_t have = n_circ, want = n_circ + RATE_MATCH_ROOM * 8 - 8;
    while (have < want) {
        size_t n = have < want - have ? have : want - have;
        bits_copy(circ, have, circ, 0, n);
        have += n;
    }
    uint32_t at[RATE_MATCH_MAX_QM], n_cols = e / qm;
    for (unsigned i = 0; i < qm; i++)
        at[i] = (uint32_t)((start + (uint64_t)i * n_cols) % n_circ);
    phy->rate_match->interleave(circ, n_circ, qm, at, n_cols, ret_f);
}
