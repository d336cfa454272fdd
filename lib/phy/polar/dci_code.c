/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/phy/polar/dci_code.h"
#include "lib/phy/ldpc/crc.h"
#include "lib/phy/polar/words.h"

#define CRC_BITS 24

int dci_code_plan(const dci_code_cfg_t *cfg, dci_code_plan_t *ret, phy_refusal_t *why)
{
    if (cfg->a_bits < DCI_CODE_MIN_BITS || cfg->a_bits > DCI_CODE_MAX_BITS)
        return phy_refuse(why, "a_bits", cfg->a_bits, "12..140");
    polar_cfg_t polar = {.k = cfg->a_bits + CRC_BITS, .e = cfg->e_bits, .n_max = 9, .i_il = true};
    if (cfg->e_bits > POLAR_MAX_E || polar_plan(&polar, &ret->polar, NULL) < 0)
        return phy_refuse(why, "e_bits", cfg->e_bits, "a_bits + 24 up to 8192");
    ret->a_bits = cfg->a_bits;
    ret->e_bits = cfg->e_bits;
    return 0;
}

void dci_code_encode(const phy_t *phy, const dci_code_plan_t *plan, const uint8_t *payload, uint16_t rnti,
                     uint8_t *out)
{
    uint8_t block[POLAR_MAX_K_IL / 8 + 1] = {0};
    copy_bits(block, 0, payload, 0, plan->a_bits);
    uint32_t crc = crc_bits_from(phy, CRC24C, CRC24C_ONES, block, plan->a_bits) ^ rnti;
    for (unsigned i = 0; i < CRC_BITS; i++)
        put_bit(block, plan->a_bits + i, crc >> (CRC_BITS - 1 - i) & 1);
    polar_encode(phy, &plan->polar, block, out);
}

/* What the path's CRC bits differ by from the CRC of its payload: the RNTI, if it is right. */
static uint32_t path_mask(const phy_t *phy, const dci_code_plan_t *plan, const polar_work_t *work,
                          unsigned rank, uint8_t block[POLAR_MAX_K_IL / 8 + 1])
{
    polar_path(phy, &plan->polar, work, rank, block);
    uint32_t crc = 0;
    for (unsigned i = 0; i < CRC_BITS; i++)
        crc = crc << 1 | get_bit(block, plan->a_bits + i);
    return crc ^ crc_bits_from(phy, CRC24C, CRC24C_ONES, block, plan->a_bits);
}

static void give_payload(const dci_code_plan_t *plan, const uint8_t *block, uint8_t *ret_payload)
{
    unsigned bytes = (plan->a_bits + 7u) / 8, rest = plan->a_bits & 7;
    memcpy(ret_payload, block, bytes);
    if (rest)
        ret_payload[bytes - 1] &= (uint8_t)(0xff00 >> rest);
}

int dci_code_decode(const phy_t *phy, const dci_code_plan_t *plan, const int8_t *llr, const uint16_t *rntis,
                    unsigned n_rntis, polar_work_t *work, uint8_t *ret_payload)
{
    unsigned n = polar_decode(phy, &plan->polar, llr, work);
    for (unsigned rank = 0; rank < n; rank++) {
        uint8_t block[POLAR_MAX_K_IL / 8 + 1];
        uint32_t mask = path_mask(phy, plan, work, rank, block);
        for (unsigned i = 0; i < n_rntis; i++)
            if (mask == rntis[i]) {
                give_payload(plan, block, ret_payload);
                return (int)i;
            }
    }
    return -1;
}

bool dci_code_decode_any(const phy_t *phy, const dci_code_plan_t *plan, const int8_t *llr, polar_work_t *work,
                         uint8_t *ret_payload, uint16_t *ret_rnti)
{
    unsigned n = polar_decode(phy, &plan->polar, llr, work);
    for (unsigned rank = 0; rank < n; rank++) {
        uint8_t block[POLAR_MAX_K_IL / 8 + 1];
        uint32_t mask = path_mask(phy, plan, work, rank, block);
        if (mask >> 16)
            continue;
        give_payload(plan, block, ret_payload);
        *ret_rnti = (uint16_t)mask;
        return true;
    }
    return false;
}
