/* SPDX-License-Identifier: Apache-2.0 */
/* A wrong CRC loses every block of every UE. */
#include "tests/unit/cu.h"
#include "tests/unit/lib/phy/ldpc/model.h"
#include "lib/phy/ldpc/crc.h"

/* The generators of TS 38.212 5.1, by their powers of D. */
static const char *const powers[CRC_N_KINDS] = {
    [CRC24A] = "24 23 18 17 14 11 10 7 6 5 4 3 1 0",
    [CRC24B] = "24 23 6 5 1 0",
    [CRC24C] = "24 23 21 20 17 15 13 12 8 4 2 1 0",
    [CRC16] = "16 12 5 0",
    [CRC11] = "11 10 9 5 0",
    [CRC6] = "6 5 0",
};

#define MAX_BITS 6000

static void test_lengths(void)
{
    uint64_t seed = 7;
    static uint8_t bits[MAX_BITS], p[MAX_BITS / 8 + 1];
    for (int isa = 0; isa < PHY_N_ISA; isa++) {
        phy_t *phy;
        CU_ASSERT_EQUAL_FATAL(phy_create((phy_isa_t)isa, &phy), 0);
        for (unsigned kind = 0; kind < CRC_N_KINDS; kind++) {
            unsigned wrong = 0;
            for (unsigned n = 0; n < MAX_BITS; n += n < 40 ? 1 : 1 + model_random(&seed) % 157) {
                model_fill(bits, n, n % 7, &seed);
                model_pack(p, bits, n);
                uint32_t want = model_crc(powers[kind], bits, n);
                wrong += crc_bits(phy, (crc_kind_t)kind, p, n) != want;
                if (n % 8) { /* what is behind the last bit does not matter */
                    p[n / 8] |= (uint8_t)(0xff >> n % 8);
                    wrong += crc_bits(phy, (crc_kind_t)kind, p, n) != want;
                }
            }
            CU_ASSERT_EQUAL(wrong, 0);
        }
        phy_destroy(phy);
    }
}

/* Each place that folding begins or ends at: whole blocks of 16, 64 and 256 bytes, one less, one more, at any
 * alignment. */
static void test_fold_edges(void)
{
    uint64_t seed = 3;
    static uint8_t p[1200];
    for (unsigned i = 0; i < sizeof p; i++)
        p[i] = (uint8_t)(model_random(&seed) >> 30);
    phy_t *generic;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_GENERIC, &generic), 0);
    for (int isa = 1; isa < PHY_N_ISA; isa++) {
        phy_t *phy;
        CU_ASSERT_EQUAL_FATAL(phy_create((phy_isa_t)isa, &phy), 0);
        unsigned wrong = 0;
        for (unsigned n = 0; n < 1100; n++)
            for (unsigned kind = 0; kind < CRC_N_KINDS; kind++) {
                const uint8_t *at = p + n % 64;
                uint32_t state = (uint32_t)model_random(&seed) & ((1u << crc_length((crc_kind_t)kind)) - 1);
                wrong += crc_bits_from(phy, (crc_kind_t)kind, state, at, (size_t)n * 8) !=
                         crc_bits_from(generic, (crc_kind_t)kind, state, at, (size_t)n * 8);
            }
        CU_ASSERT_EQUAL(wrong, 0);
        phy_destroy(phy);
    }
    phy_destroy(generic);
}

static void test_from_state(void)
{
    uint64_t seed = 11;
    uint8_t bits[24 + 140], p[32], ones[3] = {0xff, 0xff, 0xff};
    memset(bits, 1, 24);
    phy_t *phy;
    CU_ASSERT_EQUAL_FATAL(phy_create(PHY_ISA_BEST, &phy), 0);
    CU_ASSERT_EQUAL(crc_bits(phy, CRC24C, ones, 24), CRC24C_ONES);
    for (unsigned n = 1; n <= 140; n++) {
        model_fill(bits + 24, n, 3, &seed);
        model_pack(p, bits + 24, n);
        CU_ASSERT_EQUAL(crc_bits_from(phy, CRC24C, CRC24C_ONES, p, n),
                        model_crc(powers[CRC24C], bits, 24 + n));
    }
    phy_destroy(phy);
}

CU_MAIN("crc", {"all lengths", test_lengths}, {"folding", test_fold_edges}, {"from a state", test_from_state})
