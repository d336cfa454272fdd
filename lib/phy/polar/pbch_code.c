/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/polar/pbch_code.h"
#include "lib/phy/ldpc/crc.h"
#include "lib/phy/polar/words.h"
#include "lib/phy/signal/gold.h"

#include <assert.h>

#define CRC_BITS 24
#define K_BITS (PBCH_A_BITS + CRC_BITS)

/* Table 7.1.1-1: G(j). The SFN's bits go to the places from G(0), the half frame bit to G(10), three bits of
 * SSB index or k_SSB to the places from G(11), all else to those from G(14). */
static const uint8_t places[PBCH_A_BITS] = {16, 23, 18, 17, 8,  30, 10, 6,  24, 7,  0,  5,  3,  2,  1,  4,
                                            9,  11, 12, 13, 14, 15, 19, 20, 21, 22, 25, 26, 27, 28, 29, 31};
enum {
    J_SFN = 0,
    J_SFN_LSB4 = 6,
    J_SFN_LSB3 = 7,
    J_SFN_LSB2 = 8,
    J_SFN_LSB1 = 9,
    J_HALF = 10,
    J_SSB = 11,
    J_OTHER = 14
};

#define SFN_IN_MIB(i)                                                                                        \
    ((i) >= 1 && (i) <= 6) /* bits of the MIB: 6 of the SFN behind the message type's choice */

int pbch_check(const pbch_payload_t *payload, phy_refusal_t *why)
{
    if (payload->cell_id > 1007)
        return phy_refuse(why, "cell_id", payload->cell_id, "0..1007");
    if (payload->l_max != 4 && payload->l_max != 8 && payload->l_max != 64)
        return phy_refuse(why, "l_max", payload->l_max, "4, 8 or 64");
    if (payload->ssb_index >= payload->l_max)
        return phy_refuse(why, "ssb_index", payload->ssb_index, "below l_max");
    if (payload->k_ssb > 31)
        return phy_refuse(why, "k_ssb", payload->k_ssb, "0..31");
    return 0;
}

static unsigned get(uint32_t word, unsigned place)
{
    return word >> (31 - place) & 1;
}

static uint32_t at(unsigned place, unsigned bit)
{
    return (uint32_t)(bit & 1) << (31 - place);
}

/* 7.1.1: interleaved payload, not scrambled. */
static uint32_t assemble(const pbch_payload_t *p)
{
    uint32_t a = 0;
    unsigned sfn = J_SFN, other = J_OTHER;
    for (unsigned i = 0; i < PBCH_MIB_BITS; i++)
        a |= at(places[SFN_IN_MIB(i) ? sfn++ : other++], get_bit(p->mib, i));
    for (unsigned i = 0; i < 4; i++)
        a |= at(places[J_SFN_LSB4 + i], p->sfn >> (3 - i));
    a |= at(places[J_HALF], p->half_frame);
    if (p->l_max == 64) {
        for (unsigned i = 0; i < 3; i++)
            a |= at(places[J_SSB + i], p->ssb_index >> (5 - i));
    } else {
        a |= at(places[J_SSB], p->k_ssb >> 4);
    }
    return a;
}

/* 7.1.2: what the scrambling adds, which depends on bits that it leaves alone: the SFN's third and second
 * lowest. */
static uint32_t scrambling(const phy_t *phy, unsigned cell_id, unsigned l_max, uint32_t a)
{
    unsigned v = 2 * get(a, places[J_SFN_LSB3]) + get(a, places[J_SFN_LSB2]);
    uint32_t alone = at(places[J_SFN_LSB3], 1) | at(places[J_SFN_LSB2], 1) | at(places[J_HALF], 1);
    unsigned m = PBCH_A_BITS - 3;
    if (l_max == 64) {
        for (unsigned i = 0; i < 3; i++)
            alone |= at(places[J_SSB + i], 1);
        m -= 3;
    }
    gold_t gold;
    gold_init(phy, &gold, cell_id, v * m);
    uint32_t s = 0;
    for (unsigned i = 0; i < PBCH_A_BITS; i++)
        if (!get(alone, i))
            s |= at(i, gold_next(&gold, 1));
    return s;
}

uint32_t pbch_scrambled_payload(const phy_t *phy, const pbch_payload_t *payload)
{
    uint32_t a = assemble(payload);
    return a ^ scrambling(phy, payload->cell_id, payload->l_max, a);
}

static void polar_of_pbch(polar_plan_t *ret)
{
    static const polar_cfg_t cfg = {.k = K_BITS, .e = PBCH_E_BITS, .n_max = 9, .i_il = true};
    int err = polar_plan(&cfg, ret, NULL);
    assert(err == 0);
    (void)err;
}

void pbch_encode(const phy_t *phy, const pbch_payload_t *payload, uint8_t out[PBCH_E_BYTES])
{
    uint32_t a = pbch_scrambled_payload(phy, payload);
    uint8_t block[K_BITS / 8] = {(uint8_t)(a >> 24), (uint8_t)(a >> 16), (uint8_t)(a >> 8), (uint8_t)a};
    uint32_t crc = crc_bits(phy, CRC24C, block, PBCH_A_BITS);
    block[4] = (uint8_t)(crc >> 16);
    block[5] = (uint8_t)(crc >> 8);
    block[6] = (uint8_t)crc;
    polar_plan_t plan;
    polar_of_pbch(&plan);
    polar_encode(phy, &plan, block, out);
}

static void disassemble(uint32_t a, pbch_payload_t *ret)
{
    unsigned sfn = J_SFN, other = J_OTHER, low = 0, high = 0;
    memset(ret->mib, 0, sizeof ret->mib);
    for (unsigned i = 0; i < PBCH_MIB_BITS; i++) {
        unsigned bit = get(a, places[SFN_IN_MIB(i) ? sfn++ : other++]);
        put_bit(ret->mib, i, bit);
        if (SFN_IN_MIB(i))
            high = high << 1 | bit;
    }
    for (unsigned i = 0; i < 4; i++)
        low = low << 1 | get(a, places[J_SFN_LSB4 + i]);
    ret->sfn = (uint16_t)(high << 4 | low);
    ret->half_frame = get(a, places[J_HALF]);
    /* ssb-SubcarrierOffset follows the SFN and subCarrierSpacingCommon in the MIB. */
    unsigned k_ssb = 0;
    for (unsigned i = 8; i < 12; i++)
        k_ssb = k_ssb << 1 | get_bit(ret->mib, i);
    if (ret->l_max == 64) {
        unsigned ssb = 0;
        for (unsigned i = 0; i < 3; i++)
            ssb = ssb << 1 | get(a, places[J_SSB + i]);
        ret->ssb_index = (uint8_t)(ssb << 3 | (ret->ssb_index & 7));
    } else {
        k_ssb |= get(a, places[J_SSB]) << 4;
    }
    ret->k_ssb = (uint8_t)k_ssb;
}

bool pbch_decode(const phy_t *phy, const int8_t llr[PBCH_E_BITS], polar_work_t *work, pbch_payload_t *ret)
{
    polar_plan_t plan;
    polar_of_pbch(&plan);
    unsigned n = polar_decode(phy, &plan, llr, work);
    for (unsigned rank = 0; rank < n; rank++) {
        uint8_t block[K_BITS / 8];
        polar_path(phy, &plan, work, rank, block);
        uint32_t crc = (uint32_t)block[4] << 16 | (uint32_t)block[5] << 8 | block[6];
        if (crc_bits(phy, CRC24C, block, PBCH_A_BITS) != crc)
            continue;
        uint32_t a = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 | (uint32_t)block[2] << 8 | block[3];
        disassemble(a ^ scrambling(phy, ret->cell_id, ret->l_max, a), ret);
        return true;
    }
    return false;
}
