/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/signal/gold.h"
#include "tests/unit/lib/phy/signal/signal_check.h"

#include <math.h>

#define LONGEST 130000
static const size_t lengths[] = {0,     1,     2,     7,     8,     31,    32,    33,    62,
                                 64,    65,    500,   961,   962,   992,   993,   1023,  1024,
                                 3276,  14335, 14336, 14337, 32767, 32768, 32769, 32800, 65537,
                                 14367, 14368, 14400, 28672, 28673, 50000, 100001};
#define N_LENGTHS (sizeof lengths / sizeof *lengths)
static const uint32_t offsets[] = {0, 1, 31, 255, 256, 8448, 25344};
#define N_OFFSETS (sizeof offsets / sizeof *offsets)

static unsigned bit_of(const uint8_t *bits, size_t i)
{
    return bits[i / 8] >> (7 - i % 8) & 1;
}

static void test_bits(void)
{
    static const uint32_t c_inits[] = {0, 1, 0x7fffffff, 0x12345678 & 0x7fffffff, 1u << 30};
    static uint8_t out[LONGEST / 8 + 8];
    for (unsigned c = 0; c < sizeof c_inits / sizeof *c_inits; c++) {
        uint8_t *want = slow_gold(c_inits[c], LONGEST);
        EACH_PHY(phy)
        for (unsigned o = 0; o < N_OFFSETS; o++)
            for (unsigned k = 0; k < N_LENGTHS; k++) {
                size_t n = lengths[k], wrong = 0;
                gold_t g;
                gold_init(phy, &g, c_inits[c], offsets[o]);
                memset(out, 0xa5, sizeof out);
                gold_bits(&g, n, out);
                for (size_t i = 0; i < n; i++)
                    wrong += bit_of(out, i) != want[offsets[o] + i];
                for (size_t i = n; i % 8; i++)
                    wrong += bit_of(out, i);
                wrong += out[(n + 7) / 8] != 0xa5;
                /* and the sequence goes on behind it */
                uint32_t next = gold_next(&g, 29);
                for (unsigned i = 0; i < 29; i++)
                    wrong += (next >> (28 - i) & 1) != want[offsets[o] + n + i];
                CU_ASSERT_EQUAL(wrong, 0);
            }
        free(want);
    }
}

static void test_jump(void)
{
    const size_t far = 3000000;
    uint8_t *want = slow_gold(0x2badcafe, far + 100);
    EACH_PHY(phy)
    {
        for (size_t at = 1; at < far; at = at * 3 + 1) {
            gold_t g, h;
            gold_init(phy, &g, 0x2badcafe, (uint32_t)at);
            uint32_t v = gold_next(&g, 32), w = 0;
            for (unsigned i = 0; i < 32; i++)
                w = w << 1 | want[at + i];
            CU_ASSERT_EQUAL(v, w);
            gold_init(phy, &h, 0x2badcafe, 5);
            gold_skip(&h, (uint32_t)at - 1);
            gold_skip(&h, 0);
            (void)gold_next(&h, 28);
            CU_ASSERT_EQUAL(h.x1, g.x1);
            CU_ASSERT_EQUAL(h.x2, g.x2);
        }
        /* Both m-sequences have period 2^31 - 1. */
        gold_t g, h;
        gold_init(phy, &g, 77, 123);
        gold_init(phy, &h, 77, 123u + 0x7fffffffu);
        CU_ASSERT_EQUAL(gold_next(&g, 32), gold_next(&h, 32));
    }
    free(want);
}

static void test_xor(void)
{
    uint64_t seed = 1;
    uint8_t *want = slow_gold(4711, LONGEST);
    static uint8_t before[LONGEST / 8 + 8], after[LONGEST / 8 + 8];
    EACH_PHY(phy)
    for (unsigned k = 0; k < N_LENGTHS; k++) {
        size_t n = lengths[k], wrong = 0;
        for (size_t i = 0; i < sizeof before; i++)
            after[i] = before[i] = (uint8_t)random64(&seed);
        gold_t g;
        gold_init(phy, &g, 4711, 100);
        gold_xor(&g, after, n);
        for (size_t i = 0; i < 8 * ((n + 7) / 8 + 1); i++)
            wrong += bit_of(after, i) != (bit_of(before, i) ^ (i < n ? want[100 + i] : 0));
        CU_ASSERT_EQUAL(wrong, 0);
    }
    free(want);
}

static void test_flip(void)
{
    uint64_t seed = 2;
    uint8_t *want = slow_gold(815, LONGEST);
    static int8_t before[LONGEST], after[LONGEST];
    EACH_PHY(phy)
    for (unsigned k = 0; k < N_LENGTHS; k++)
        for (unsigned shift = 0; shift < 3; shift++) { /* any alignment */
            size_t n = lengths[k], wrong = 0;
            for (size_t i = 0; i < n + 64; i++)
                after[i] = before[i] = (int8_t)((int)(random64(&seed) % 255) - 127);
            gold_t g;
            gold_init(phy, &g, 815, 0);
            gold_flip_llr(&g, after + shift, n);
            for (size_t i = 0; i < n + 64; i++) {
                bool flipped = i >= shift && i < n + shift && want[i - shift];
                wrong += after[i] != (flipped ? -before[i] : before[i]);
            }
            CU_ASSERT_EQUAL(wrong, 0);
        }
    free(want);
}

static void test_qpsk(void)
{
    uint8_t *want = slow_gold(99, LONGEST);
    static ci16_t out[LONGEST / 2];
    static cf_t cf[LONGEST / 2];
    EACH_PHY(phy)
    for (unsigned k = 0; k < N_LENGTHS; k++) {
        size_t n = lengths[k] / 2, m0 = 17, wrong = 0;
        memset(out, 0x55, sizeof out);
        memset(cf, 0, sizeof cf);
        gold_t g;
        gold_init(phy, &g, 99, 2 * (uint32_t)m0);
        gold_qpsk_ci16(&g, PHY_UNIT, n, out);
        gold_init(phy, &g, 99, 2 * (uint32_t)m0);
        gold_qpsk_cf(&g, 2.0f, n, cf);
        for (size_t m = 0; m < n; m++) {
            int re = 1 - 2 * want[2 * (m0 + m)], im = 1 - 2 * want[2 * (m0 + m) + 1];
            wrong += out[m].re != re * 2896 || out[m].im != im * 2896; /* 4096 / sqrt(2) = 2896.3 */
            wrong += fabs(cf[m].re - re * M_SQRT2) > 1e-6 || fabs(cf[m].im - im * M_SQRT2) > 1e-6;
        }
        wrong += out[n].re != 0x5555 || cf[n].re != 0;
        CU_ASSERT_EQUAL(wrong, 0);
    }
    free(want);
}

CU_MAIN("gold", {"start", phys_create}, {"every length and offset", test_bits}, {"jump ahead", test_jump},
        {"scrambles packed bits", test_xor}, {"descrambles LLRs", test_flip}, {"QPSK", test_qpsk},
        {"end", phys_destroy})
