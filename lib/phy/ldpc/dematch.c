/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/ldpc/dematch.h"

#include "lib/phy/ldpc/decode_variants.h"

int ldpc_dematch_plan(const phy_t *phy, const ldpc_dematch_cfg_t *cfg, ldpc_dematch_plan_t *ret,
                      phy_refusal_t *why)
{
    if (cfg->bg != 1 && cfg->bg != 2)
        return phy_refuse(why, "bg", cfg->bg, "1 or 2");
    const graph_t *g = graph_get(phy, cfg->bg, cfg->zc);
    if (!g)
        return phy_refuse(why, "zc", cfg->zc, "a lifting size of TS 38.212 table 5.3.2-1");
    unsigned k = (unsigned)g->n_sys * g->zc, n = (g->n_cols - 2u) * g->zc;
    if (cfg->n_filler > k - 2u * g->zc)
        return phy_refuse(why, "n_filler", cfg->n_filler, "K - 2 Zc at most");
    bool all_filler = cfg->n_filler == k - 2u * g->zc && cfg->n_cb <= cfg->n_filler;
    if (cfg->n_cb == 0 || cfg->n_cb > n || all_filler)
        return phy_refuse(why, "n_cb", cfg->n_cb, "1 .. N with bits that are not fillers");
    if (cfg->rv > 3)
        return phy_refuse(why, "rv", cfg->rv, "0..3");
    if (cfg->qm != 1 && (cfg->qm % 2 || cfg->qm > 10 || cfg->qm == 0))
        return phy_refuse(why, "qm", cfg->qm, "1, 2, 4, 6, 8 or 10");
    if (cfg->e == 0 || cfg->e % cfg->qm || cfg->e > LDPC_MAX_E)
        return phy_refuse(why, "e", cfg->e, "a multiple of qm, 1 .. LDPC_MAX_E");
    ret->cfg = *cfg;
    circ_init(&ret->circ, g, k - cfg->n_filler, cfg->n_cb, cfg->rv);
    return 0;
}

void ldpc_dematch(const phy_t *phy, const ldpc_dematch_plan_t *plan, const int8_t *llr, int8_t *soft,
                  uint32_t *n_soft)
{
    phy->ldpc_dematch->dematch(plan, llr, soft, n_soft);
}

const ldpc_dematch_ops_t *ldpc_dematch_ops(phy_isa_t isa)
{
#if defined(__x86_64__)
    if (isa >= PHY_ISA_AVX512)
        return &ldpc_dematch_ops_avx512;
    if (isa >= PHY_ISA_AVX2)
        return &ldpc_dematch_ops_avx2;
#endif
    (void)isa;
    return &ldpc_dematch_ops_generic;
}
