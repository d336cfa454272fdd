/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/polar/uci_code.h"
#include "lib/phy/ldpc/crc.h"
#include "lib/phy/polar/words.h"

unsigned uci_crc_bits(unsigned a_bits)
{
    return a_bits < 12 ? 0 : a_bits < 20 ? 6 : 11;
}

int uci_plan(const uci_cfg_t *cfg, uci_plan_t *ret, phy_refusal_t *why)
{
    unsigned a = cfg->a_bits;
    if (a < 1 || a > UCI_MAX_BITS)
        return phy_refuse(why, "a_bits", a, "1..1706");
    if (cfg->qm != 1 && cfg->qm != 2 && cfg->qm != 4 && cfg->qm != 6 && cfg->qm != 8)
        return phy_refuse(why, "qm", cfg->qm, "1, 2, 4, 6 or 8");
    if (cfg->e_bits < a || cfg->e_bits > POLAR_MAX_REPEATED_E)
        return phy_refuse(why, "e_bits", cfg->e_bits, "a_bits up to 2^21");
    /* 6.3.1.2.1 */
    unsigned n_blocks = (a >= 360 && cfg->e_bits >= 1088) || a >= 1013 ? 2 : 1;
    unsigned crc = uci_crc_bits(a);
    if (crc) {
        uint32_t e_block = cfg->e_bits / n_blocks;
        polar_cfg_t polar = {
            .k = (uint16_t)((a + n_blocks - 1) / n_blocks + crc), .e = e_block, .n_max = 10, .i_bil = true};
        if (polar_plan(&polar, &ret->polar, NULL) < 0)
            return phy_refuse(why, "e_bits", cfg->e_bits, "per code block a_bits + CRC at least");
        ret->e_block = e_block;
    } else {
        ret->e_block = 0;
    }
    ret->a_bits = cfg->a_bits;
    ret->e_bits = cfg->e_bits;
    ret->qm = cfg->qm;
    ret->n_blocks = (uint8_t)n_blocks;
    ret->crc_bits = (uint8_t)crc;
    return 0;
}

/* Bits of a code block without CRC; the first of two has a zero in front when A is odd (5.2.1). */
static unsigned block_bits(const uci_plan_t *plan)
{
    return plan->polar.k - plan->crc_bits;
}

static crc_kind_t crc_of(const uci_plan_t *plan)
{
    return plan->crc_bits == 6 ? CRC6 : CRC11;
}

void uci_encode(const phy_t *phy, const uci_plan_t *plan, const uint8_t *bits, uint8_t *out)
{
    if (plan->crc_bits == 0) {
        small_block_encode(plan->a_bits, plan->qm, bits, plan->e_bits, out);
        return;
    }
    unsigned n = block_bits(plan), padding = n * plan->n_blocks - plan->a_bits, taken = 0;
    memset(out, 0, (plan->e_bits + 7) / 8);
    for (unsigned r = 0; r < plan->n_blocks; r++) {
        uint8_t block[POLAR_MAX_K / 8 + 1] = {0};
        unsigned zeros = r == 0 ? padding : 0;
        copy_bits(block, zeros, bits, taken, n - zeros);
        taken += n - zeros;
        uint32_t crc = crc_bits(phy, crc_of(plan), block, n);
        for (unsigned i = 0; i < plan->crc_bits; i++)
            put_bit(block, n + i, crc >> (plan->crc_bits - 1 - i) & 1);
        polar_encode_at(phy, &plan->polar, block, out, (size_t)r * plan->e_block);
    }
}

/* The first path whose CRC holds, else the likeliest; the bits to `block`. */
static bool decode_block(const phy_t *phy, const uci_plan_t *plan, const int8_t *llr, unsigned zeros,
                         polar_work_t *work, uint8_t *block)
{
    unsigned n = block_bits(plan), n_paths = polar_decode(phy, &plan->polar, llr, work);
    for (unsigned rank = 0; rank < n_paths; rank++) {
        polar_path(phy, &plan->polar, work, rank, block);
        uint32_t crc = 0;
        for (unsigned i = 0; i < plan->crc_bits; i++)
            crc = crc << 1 | get_bit(block, n + i);
        if (crc_bits(phy, crc_of(plan), block, n) == crc && !(zeros && get_bit(block, 0)))
            return true;
    }
    polar_path(phy, &plan->polar, work, 0, block);
    return false;
}

void uci_decode(const phy_t *phy, const uci_plan_t *plan, const int8_t *llr, polar_work_t *work,
                uint8_t *ret_bits, uci_result_t *ret)
{
    memset(ret, 0, sizeof *ret);
    if (plan->crc_bits == 0) {
        small_block_decode(plan->a_bits, plan->qm, llr, plan->e_bits, &ret->small);
        ret->ok = ret->has_metric = true;
        uint32_t left = (uint32_t)ret->small.bits << (16 - plan->a_bits);
        ret_bits[0] = (uint8_t)(left >> 8);
        if (plan->a_bits > 8)
            ret_bits[1] = (uint8_t)left;
        return;
    }
    unsigned n = block_bits(plan), padding = n * plan->n_blocks - plan->a_bits, given = 0;
    ret->ok = true;
    memset(ret_bits, 0, (plan->a_bits + 7u) / 8);
    for (unsigned r = 0; r < plan->n_blocks; r++) {
        uint8_t block[POLAR_MAX_K / 8 + 1] = {0};
        unsigned zeros = r == 0 ? padding : 0;
        if (!decode_block(phy, plan, llr + (size_t)r * plan->e_block, zeros, work, block))
            ret->ok = false;
        copy_bits(ret_bits, given, block, zeros, n - zeros);
        given += n - zeros;
    }
}
