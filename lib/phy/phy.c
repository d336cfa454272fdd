/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/phy.h"
#include "lib/phy/ldpc/crc.h"
#include "lib/phy/ldpc/decode.h"
#include "lib/phy/ldpc/dematch.h"
#include "lib/phy/ldpc/encode.h"
#include "lib/phy/dl/dl_ops.h"
#include "lib/phy/ldpc/graph.h"
#include "lib/phy/ldpc/rate_match.h"
#include "lib/phy/pusch/chest.h"
#include "lib/phy/pusch/equalize.h"
#include "lib/phy/signal/demap.h"
#include "lib/phy/signal/dft.h"
#include "lib/phy/signal/gold.h"
#include "lib/phy/signal/modulation.h"
#include "lib/phy/polar/list.h"

#include <errno.h>
#include <stdlib.h>

int phy_refuse(phy_refusal_t *ret, const char *field, int64_t value, const char *expected)
{
    if (ret)
        *ret = (phy_refusal_t){.field = field, .expected = expected, .value = value};
    return -EINVAL;
}

phy_isa_t phy_isa_detect(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    /* __builtin_cpu_supports looks at XCR0 as well: a kernel that does not save the registers counts as
     * absent. */
    bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("pclmul");
    bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512vbmi") &&
                  __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512vnni") &&
                  __builtin_cpu_supports("avx512bitalg") && __builtin_cpu_supports("avx512vpopcntdq") &&
                  __builtin_cpu_supports("gfni") && __builtin_cpu_supports("vpclmulqdq");
    return avx512 ? PHY_ISA_AVX512 : avx2 ? PHY_ISA_AVX2 : PHY_ISA_GENERIC;
#else
    return PHY_ISA_GENERIC;
#endif
}

const char *phy_isa_name(phy_isa_t isa)
{
    static const char *const names[PHY_N_ISA] = {"generic", "avx2", "avx512"};
    return names[isa];
}

int phy_create(phy_isa_t max_isa, phy_t **ret)
{
    phy_t *phy = calloc(1, sizeof *phy);
    if (!phy)
        return -ENOMEM;
    phy_isa_t best = phy_isa_detect();
    phy->isa = max_isa < best ? max_isa : best;
    phy->ldpc_dec = ldpc_dec_ops(phy->isa);
    phy->ldpc_dematch = ldpc_dematch_ops(phy->isa);
    phy->dl = dl_ops(phy->isa);
    phy->rate_match = rate_match_ops(phy->isa);
    phy->chest = chest_ops(phy->isa);
    phy->equalize = eq_ops(phy->isa);
    phy->demap = demap_ops(phy->isa);
    phy->polar = polar_ops(phy->isa);
    int err = graph_create(&phy->graphs);
    if (err == 0)
        err = crc_create(phy->isa, &phy->crc);
    if (err == 0)
        err = ldpc_encoder_create(phy->isa, &phy->encoder);
    if (err == 0)
        err = chest_windows_create(&phy->chest_windows);
    if (err == 0)
        err = gold_tables_create(phy->isa, &phy->gold);
    if (err == 0)
        err = modulation_tables_create(phy->isa, &phy->modulation);
    if (err == 0)
        err = dft_tables_create(phy->isa, &phy->dft);
    if (err < 0) {
        phy_destroy(phy);
        return err;
    }
    *ret = phy;
    return 0;
}

void phy_destroy(phy_t *phy)
{
    if (!phy)
        return;
    dft_tables_destroy(phy->dft);
    modulation_tables_destroy(phy->modulation);
    gold_tables_destroy(phy->gold);
    chest_windows_destroy(phy->chest_windows);
    ldpc_encoder_destroy(phy->encoder);
    crc_destroy(phy->crc);
    graph_destroy(phy->graphs);
    free(phy);
}
