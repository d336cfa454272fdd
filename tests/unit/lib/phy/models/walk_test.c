/* SPDX-License-Identifier: Apache-2.0 */
/* UCI among the REs of PUSCH, with and without hopping and UL-SCH, and the type I codebook, beside the slow
 * models: a base station of another make would not find the UCI where the walk differs. */
#include "lib/phy/dl/precoding.h"
#include "lib/phy/polar/ulsch.h"
#include "tests/models/codebook.h"
#include "tests/models/ulsch.h"
#include "tests/unit/lib/phy/models/compare.h"

#include <math.h>

static ulsch_cfg_t random_ulsch(void)
{
    static const uint8_t qms[] = {1, 2, 4, 6, 8}, alphas[] = {50, 65, 80, 100};
    static const uint16_t acks[] = {0, 0, 1, 2, 3, 5, 11, 12, 30}, csi[] = {0, 1, 2, 5, 11, 12, 25, 60};
    unsigned n_prb = between(1, 30), n_groups = between(1, 2);
    ulsch_cfg_t c = {.qm = qms[random_below(5)],
                     .n_layers = (uint8_t)between(1, 4),
                     .start_symbol = (uint8_t)random_below(4),
                     .hopping = random_below(2),
                     .rate_x10240 = (uint16_t)between(300, 9480),
                     .alpha_x100 = alphas[random_below(4)],
                     .o_ack = acks[random_below(9)],
                     .o_csi1 = csi[random_below(8)],
                     .beta_ack_x1000 = ulsch_beta_ack(random_below(16)),
                     .beta_csi1_x1000 = ulsch_beta_csi(random_below(19)),
                     .beta_csi2_x1000 = ulsch_beta_csi(random_below(19))};
    c.n_symbols = (uint8_t)between(4, 14u - c.start_symbol);
    c.o_csi2 = c.o_csi1 ? csi[random_below(8)] : 0;
    bool ulsch = random_below(3) > 0, pair = random_below(3) == 0;
    unsigned half = c.n_symbols / 2;
    uint16_t at = (uint16_t)(1u << random_below(half < 3 ? half : 3));
    if (pair && half > 3)
        at |= (uint16_t)(at << 1);
    uint16_t dmrs = at;
    if (c.hopping || random_below(2))
        dmrs |= (uint16_t)(1u << (half + random_below(c.n_symbols - half > 2 ? 2 : 1)));
    c.dmrs_symbols = (uint16_t)(dmrs << c.start_symbol);
    for (unsigned i = 0; i < c.n_symbols; i++) {
        bool d = dmrs >> i & 1;
        c.n_re[c.start_symbol + i] = (uint16_t)(n_prb * (!d                       ? random_below(8) ? 12 : 11
                                                         : ulsch && n_groups == 1 ? 6
                                                                                  : 0));
    }
    c.sum_k_bits = ulsch ? between(100, 20000) : 0;
    return c;
}

static void test_walk(void)
{
    static uint8_t stream[MODEL_ULSCH_SYMBOLS * MODEL_ULSCH_MAX_SC];
    static uint32_t index[MODEL_ULSCH_SYMBOLS * MODEL_ULSCH_MAX_SC];
    static ulsch_plan_t plan;
    unsigned compared = 0, hopping = 0, alone = 0, few = 0;
    for (unsigned round = 0; round < 3000; round++) {
        ulsch_cfg_t c = random_ulsch();
        phy_refusal_t why;
        if ((!c.o_ack && !c.o_csi1) || ulsch_plan(&c, &plan, &why) < 0)
            continue;
        model_ulsch_t m = {.n_symbols = c.n_symbols,
                           .hopping = c.hopping,
                           .ulsch = c.sum_k_bits > 0,
                           .o_ack = c.o_ack,
                           .o_csi1 = c.o_csi1,
                           .o_csi2 = c.o_csi2,
                           .ack = plan.n_re_stream[ULSCH_ACK],
                           .reserved = c.o_ack <= 2 ? plan.n_re_ack_reserved : 0,
                           .csi1 = plan.n_re_stream[ULSCH_CSI1],
                           .csi2 = plan.n_re_stream[ULSCH_CSI2]};
        for (unsigned i = 0; i < c.n_symbols; i++) {
            m.dmrs[i] = c.dmrs_symbols >> (c.start_symbol + i) & 1;
            m.n_re[i] = c.n_re[c.start_symbol + i];
        }
        size_t n = model_ulsch_map(&m, stream, index);
        CU_ASSERT_FATAL(n == plan.n_re);
        /* Random streams in, the code word out. */
        uint8_t *bits[ULSCH_N_STREAMS], *out = calloc(plan.g_bits / 8 + 64, 1);
        for (unsigned s = 0; s < ULSCH_N_STREAMS; s++) {
            bits[s] = malloc(plan.g_stream[s] / 8 + 64);
            for (size_t i = 0; i < plan.g_stream[s] / 8 + 64; i++)
                bits[s][i] = (uint8_t)random_below(256);
        }
        ulsch_multiplex(&plan, (const uint8_t *const *)bits, out);
        bool same = true;
        for (size_t i = 0; i < n && same; i++)
            for (unsigned b = 0; b < plan.bits_per_re; b++) {
                size_t from = (size_t)index[i] * plan.bits_per_re + b, to = i * plan.bits_per_re + b;
                const uint8_t *src = bits[stream[i]];
                if (from >= plan.g_stream[stream[i]] && !(stream[i] == ULSCH_SCH && !c.sum_k_bits))
                    same = false;
                else if (stream[i] != ULSCH_SCH || c.sum_k_bits)
                    same &= (src[from / 8] >> (7 - from % 8) & 1) == (out[to / 8] >> (7 - to % 8) & 1);
            }
        if (!same)
            printf(
                "\nround %u: hopping %d, ulsch %u, bits %u %u %u, REs %u (%u) %u %u, symbols %u, dmrs %x\n",
                round, c.hopping, c.sum_k_bits, c.o_ack, c.o_csi1, c.o_csi2, m.ack, m.reserved, m.csi1,
                m.csi2, c.n_symbols, c.dmrs_symbols >> c.start_symbol);
        CU_ASSERT(same);
        compared++;
        hopping += c.hopping;
        alone += !c.sum_k_bits;
        few += c.o_ack == 1 || c.o_ack == 2;
        for (unsigned s = 0; s < ULSCH_N_STREAMS; s++)
            free(bits[s]);
        free(out);
    }
    CU_ASSERT(compared > 1000 && hopping > 300 && alone > 100 && few > 200);
}

static void test_type1(void)
{
    static const type1_codebook_t books[] = {{1, 1, 1}, {2, 1, 1}, {2, 1, 2}, {4, 1, 1},
                                             {4, 1, 2}, {2, 2, 1}, {2, 2, 2}};
    for (size_t b = 0; b < sizeof books / sizeof *books; b++)
        for (unsigned layers = 1; layers <= 4; layers++)
            for (unsigned i = 0; i < 20u * 9 * 5 * 17; i++) {
                if (books[b].n1 == 1 && i % 900) /* two ports have i2 alone */
                    continue;
                unsigned i1_1 = i % 20, i1_2 = i / 20 % 9, i1_3 = i / 180 % 5, i2 = i / 900;
                cf_t w[32];
                cplx_t want[32];
                bool is = precoding_type1(&books[b], layers, i1_1, i1_2, i1_3, i2, w, NULL) == 0;
                bool should =
                    layers <= 2u * books[b].n1 * books[b].n2 &&
                    model_type1(books[b].n1, books[b].n2, books[b].mode, layers, i1_1, i1_2, i1_3, i2, want);
                bool same = is == should;
                for (unsigned k = 0; is && should && k < 2u * books[b].n1 * books[b].n2 * layers; k++)
                    same &= cabs(w[k].re + I * w[k].im - want[k]) < 1e-5;
                if (!same)
                    printf("\nN1 %u N2 %u mode %u, %u layers, %u %u %u %u: is %d, should be %d\n",
                           books[b].n1, books[b].n2, books[b].mode, layers, i1_1, i1_2, i1_3, i2, is, should);
                CU_ASSERT_FATAL(same);
            }
}

CU_MAIN("walks beside the models", {"UCI on PUSCH", test_walk}, {"type I codebook", test_type1})
