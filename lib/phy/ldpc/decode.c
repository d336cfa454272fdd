/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/ldpc/decode.h"

#include "lib/phy/ldpc/decode_variants.h"

int ldpc_dec_plan(const phy_t *phy, const ldpc_dec_cfg_t *cfg, ldpc_dec_plan_t *ret, phy_refusal_t *why)
{
    static const uint8_t crc_bits_of[] = {
        [LDPC_CRC_NONE] = 0, [LDPC_CRC_24B] = 24, [LDPC_CRC_24A] = 24, [LDPC_CRC_16] = 16};
    if (cfg->bg != 1 && cfg->bg != 2)
        return phy_refuse(why, "bg", cfg->bg, "1 or 2");
    const graph_t *g = graph_get(phy, cfg->bg, cfg->zc);
    if (!g)
        return phy_refuse(why, "zc", cfg->zc, "a lifting size of TS 38.212 table 5.3.2-1");
    unsigned k = (unsigned)g->n_sys * g->zc;
    if (cfg->n_filler > k - 2u * g->zc)
        return phy_refuse(why, "n_filler", cfg->n_filler, "K - 2 Zc at most");
    if ((unsigned)cfg->crc >= sizeof crc_bits_of)
        return phy_refuse(why, "crc", cfg->crc, "an ldpc_crc_t");
    if (crc_bits_of[cfg->crc] >= k - cfg->n_filler)
        return phy_refuse(why, "crc", cfg->crc, "a CRC shorter than the K' bits");
    *ret = (ldpc_dec_plan_t){
        .cfg = *cfg, .graph = g, .k = (uint16_t)k, .k_prime = (uint16_t)(k - cfg->n_filler)};
    return 0;
}

void ldpc_decode(const phy_t *phy, const ldpc_dec_plan_t *plan, const int8_t *soft, uint32_t n_soft,
                 unsigned max_iterations, ldpc_dec_work_t *work, uint8_t *ret_bits,
                 ldpc_dec_stats_t *ret_stats)
{
    phy->ldpc_dec->decode(phy, plan, soft, n_soft, max_iterations, work, ret_bits, ret_stats);
}

const ldpc_dec_ops_t *ldpc_dec_ops(phy_isa_t isa)
{
#if defined(__x86_64__)
    if (isa >= PHY_ISA_AVX512)
        return &ldpc_dec_ops_avx512;
    if (isa >= PHY_ISA_AVX2)
        return &ldpc_dec_ops_avx2;
#endif
    (void)isa;
    return &ldpc_dec_ops_generic;
}
