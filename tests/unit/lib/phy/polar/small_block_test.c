/* SPDX-License-Identifier: Apache-2.0 */
/* Small blocks: the decision is the likeliest of all code words, and its metric tells a signal from noise. */
#include "lib/phy/polar/small_block.h"
#include "tests/unit/cu.h"
#include "tests/unit/lib/phy/polar/common.h"

static unsigned value_of(unsigned k, const uint8_t *bits)
{
    unsigned v = 0;
    for (unsigned i = 0; i < k; i++)
        v = v << 1 | bit_at(bits, i);
    return v;
}

static void put_value(unsigned k, unsigned v, uint8_t *bits)
{
    bits[0] = bits[1] = 0;
    for (unsigned i = 0; i < k; i++)
        bits[i / 8] |= (uint8_t)((v >> (k - 1 - i) & 1) << (7 - i % 8));
}

static void test_there_and_back(void)
{
    const unsigned qms[] = {1, 2, 4, 6, 8};
    for (unsigned k = 1; k <= SMALL_BLOCK_MAX_K; k++)
        for (unsigned q = 0; q < (k <= 2 ? 5 : 1); q++)
            for (unsigned v = 0; v < 1u << k; v++) {
                uint8_t bits[2], coded[30];
                int8_t llr[240];
                unsigned e = small_block_length(k, qms[q]) + (v & 1 ? 7 : 0);
                put_value(k, v, bits);
                small_block_encode(k, qms[q], bits, e, coded);
                clean_llrs(coded, e, llr);
                small_block_decision_t d = {0};
                small_block_decode(k, qms[q], llr, e, &d);
                CU_ASSERT_EQUAL(d.bits, v);
                CU_ASSERT(d.metric > d.second);
                CU_ASSERT(fabsf(d.metric - d.energy) < 0.01f * d.energy); /* all LLRs agree */
            }
}

/* All code words tried one by one, on noise: the transform must find the same best and second best. */
static void test_likeliest(void)
{
    uint64_t seed = 1;
    for (int round = 0; round < 60; round++) {
        unsigned k = 1 + (unsigned)round % SMALL_BLOCK_MAX_K, qm = k <= 2 ? 4 : 2;
        unsigned e = small_block_length(k, qm) + (unsigned)(next_random(&seed) % 70);
        int8_t llr[128];
        for (unsigned i = 0; i < e; i++)
            llr[i] = quantize(gauss(&seed), 30);
        double best = -1e9, second = -1e9;
        unsigned at = 0;
        for (unsigned v = 0; v < 1u << k; v++) {
            uint8_t bits[2], coded[16];
            double sum = 0;
            put_value(k, v, bits);
            small_block_encode(k, qm, bits, e, coded);
            for (unsigned i = 0; i < e; i++)
                if (small_block_place(k, qm, i) != SMALL_BLOCK_X)
                    sum += bit_at(coded, i) ? -llr[i] : llr[i];
            if (sum > best) {
                second = best;
                best = sum;
                at = v;
            } else if (sum > second) {
                second = sum;
            }
        }
        small_block_decision_t d;
        small_block_decode(k, qm, llr, e, &d);
        CU_ASSERT_EQUAL((double)d.metric, best);
        CU_ASSERT_EQUAL((double)d.second, second);
        if (best > second)
            CU_ASSERT_EQUAL(d.bits, at);
    }
}

static void test_detection(void)
{
    uint64_t seed = 2;
    double signal = 0, noise = 0;
    for (int round = 0; round < 100; round++) {
        uint8_t bits[2], coded[8];
        int8_t llr[64];
        small_block_decision_t d;
        put_value(6, next_random(&seed) & 63, bits);
        small_block_encode(6, 2, bits, 64, coded);
        noisy_llrs(&seed, coded, 64, 0.8, llr);
        small_block_decode(6, 2, llr, 64, &d);
        CU_ASSERT_EQUAL(d.bits, value_of(6, bits));
        signal += d.metric / d.energy / 100;
        for (int i = 0; i < 64; i++)
            llr[i] = quantize(gauss(&seed), 16);
        small_block_decode(6, 2, llr, 64, &d);
        noise += d.metric / d.energy / 100;
    }
    CU_ASSERT(signal > 0.65);
    CU_ASSERT(noise < 0.45);
    small_block_decision_t d;
    const int8_t nothing[32] = {0};
    small_block_decode(5, 2, nothing, 32, &d);
    CU_ASSERT_EQUAL(d.metric, 0);
    CU_ASSERT_EQUAL(d.energy, 0);
}

/* Tables 5.3.3.1-1 and 5.3.3.2-1. */
static void test_placeholders(void)
{
    static const char *const want[2][5] = {
        {"0", "0y", "0yxx", "0yxxxx", "0yxxxxxx"},
        {"012", "012012", "01xx20xx12xx", "01xxxx20xxxx12xxxx", "01xxxxxx20xxxxxx12xxxxxx"}};
    const unsigned qms[] = {1, 2, 4, 6, 8};
    for (unsigned k = 1; k <= 2; k++)
        for (unsigned q = 0; q < 5; q++) {
            const char *w = want[k - 1][q];
            CU_ASSERT_EQUAL(strlen(w), small_block_length(k, qms[q]));
            for (unsigned v = 0; v < 1u << k; v++) {
                uint8_t bits[2], coded[4];
                put_value(k, v, bits);
                small_block_encode(k, qms[q], bits, (uint32_t)strlen(w), coded);
                unsigned c[3] = {v >> (k - 1) & 1, v & 1, (v >> 1 ^ v) & 1};
                for (unsigned i = 0; w[i]; i++) {
                    small_block_place_t p = small_block_place(k, qms[q], i);
                    CU_ASSERT_EQUAL(p, w[i] == 'x'   ? SMALL_BLOCK_X
                                       : w[i] == 'y' ? SMALL_BLOCK_Y
                                                     : SMALL_BLOCK_BIT);
                    CU_ASSERT_EQUAL(bit_at(coded, i), w[i] == 'x' ? 1 : w[i] == 'y' ? c[0] : c[w[i] - '0']);
                }
            }
        }
}

CU_MAIN("small blocks", {"there and back", test_there_and_back}, {"the likeliest word", test_likeliest},
        {"detection", test_detection}, {"placeholders", test_placeholders})
