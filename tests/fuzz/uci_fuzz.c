/* SPDX-License-Identifier: Apache-2.0 */
/* UCI decoding and demultiplexing from a PUSCH on any configuration that the plans let pass and any LLRs; CSI
 * part 2 in a second step. What a plan lets pass must multiplex and gather every coded bit once. */
#include <stdlib.h>
#include <string.h>

#include "lib/phy/polar/ulsch.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#define MAX_G (1 << 17)

static int8_t llr[MAX_G], stream[MAX_G];
static uint8_t scrambling[MAX_G / 8], code_word[MAX_G / 8 + 1];

static void fill(int8_t *to, const uint8_t *p, size_t n, size_t want)
{
    for (size_t i = 0; i < want; i++) {
        to[i] = n ? (int8_t)p[i % n] : 0;
        if (to[i] == -128)
            to[i] = -127;
    }
}

static void decode(const phy_t *phy, unsigned a, uint32_t e, unsigned qm, const int8_t *from)
{
    static uci_plan_t plan;
    static polar_work_t work;
    uint8_t bits[UCI_MAX_BYTES];
    uci_result_t result;
    const uci_cfg_t cfg = {.a_bits = (uint16_t)a, .e_bits = e, .qm = (uint8_t)qm};
    if (uci_plan(&cfg, &plan, NULL) < 0)
        return;
    memset(bits, 0xa5, sizeof bits);
    uci_decode(phy, &plan, from, &work, bits, &result);
    if (a % 8 && bits[a / 8] & 0xff >> a % 8)
        abort();
}

static void demultiplex(const phy_t *phy, const uint8_t *p, size_t n)
{
    static ulsch_plan_t plan;
    ulsch_cfg_t c = {.qm = p[0],
                     .n_layers = p[1] & 7,
                     .start_symbol = p[1] >> 4,
                     .n_symbols = p[2] & 15,
                     .hopping = p[2] >> 4 & 1,
                     .dmrs_symbols = (uint16_t)(p[3] | p[4] << 8),
                     .sum_k_bits = (uint32_t)(p[5] * 64),
                     .rate_x10240 = (uint16_t)(p[6] * 40),
                     .alpha_x100 = p[7],
                     .o_ack = p[8],
                     .o_csi1 = p[9],
                     .o_csi2 = p[10] & 1 ? ULSCH_CSI2_UNKNOWN : p[10],
                     .beta_ack_x1000 = ulsch_beta_ack(p[11] & 31),
                     .beta_csi1_x1000 = ulsch_beta_csi(p[12] & 31),
                     .beta_csi2_x1000 = ulsch_beta_csi(p[13] & 31)};
    for (unsigned l = 0; l < PHY_SYMBOLS; l++)
        c.n_re[l] = (uint16_t)(p[14] * (p[15] >> (l % 8) & 1 ? 1 : 2));
    if (ulsch_plan(&c, &plan, NULL) < 0 || plan.g_bits > MAX_G)
        return;
    fill(llr, p + 16, n - 16, plan.g_bits);
    for (unsigned s = 0; s < ULSCH_N_STREAMS; s++) {
        if (s == ULSCH_CSI2 && plan.csi2_pending && ulsch_plan_csi2(&plan, p[10] * 3, NULL) < 0)
            return;
        if (plan.g_stream[s] > plan.g_bits)
            abort();
        ulsch_gather(&plan, (ulsch_stream_t)s, llr, p[9] & 1 ? scrambling : NULL, stream);
        const unsigned o[] = {c.o_ack, c.o_csi1, plan.cfg.o_csi2, 0};
        if (plan.has_uci && plan.g_stream[s])
            decode(phy, o[s], plan.g_stream[s], c.qm, stream);
    }
    const uint8_t *const streams[ULSCH_N_STREAMS] = {scrambling, scrambling, scrambling, scrambling};
    ulsch_multiplex(&plan, streams, code_word);
    ulsch_fix_placeholders(&plan, code_word);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    static phy_t *phy;
    if (n < 17)
        return 0;
    if (!phy && phy_create(PHY_ISA_BEST, &phy) < 0)
        return 0;
    if (p[0] & 1) {
        demultiplex(phy, p + 1, n - 1);
    } else {
        uint32_t e = (uint32_t)(p[3] | p[4] << 8);
        fill(llr, p + 6, n - 6, e);
        decode(phy, (unsigned)(p[1] | p[2] << 8), e, p[5], llr);
    }
    return 0;
}
