/* SPDX-License-Identifier: Apache-2.0 */
/* Coding of uplink control information: TS 38.212 6.3.1 (on PUCCH) and 6.3.2.1 to 6.3.2.4 without the numbers
 * of REs (on PUSCH, those are ulsch.h's): segmentation, CRC6 or CRC11, polar or small block code, rate
 * matching, concatenation.
 *
 * [any thread] Functions touch their arguments only. */
#ifndef VITRAN_PHY_POLAR_UCI_CODE_H
#define VITRAN_PHY_POLAR_UCI_CODE_H

#include "lib/phy/polar/polar.h"
#include "lib/phy/polar/small_block.h"

#define UCI_MAX_BITS 1706
#define UCI_MAX_BYTES ((UCI_MAX_BITS + 7) / 8)

typedef struct {
    uint16_t a_bits; /* 1..1706 */
    uint32_t e_bits; /* E_UCI: rate-matched bits of all code blocks */
    uint8_t qm;      /* bits a modulation symbol, 1 2 4 6 8: places the placeholders of 1 and 2 bits */
} uci_cfg_t;

typedef struct {
    uint16_t a_bits;
    uint32_t e_bits;
    uint8_t qm;
    uint8_t n_blocks;   /* C: 1 or 2 */
    uint8_t crc_bits;   /* 0: small block code, no CRC; 6; 11 */
    uint32_t e_block;   /* E_r of each block; E_UCI - C E_r (0 or 1) bits behind the last are 0 */
    polar_plan_t polar; /* both blocks'; not filled when crc_bits is 0 */
} uci_plan_t;

/* CRC bits that follow from A: 0 (below 12), 6 (below 20), 11. A block of A >= 360 may be split: uci_plan
 * says. */
unsigned uci_crc_bits(unsigned a_bits);

/* 0, or -EINVAL with the refused field: a_bits, e_bits (too few for the code), qm. Above 8192 bits a block,
 * where 5.4.1.3 ends, the code repeats on as it does below. */
int uci_plan(const uci_cfg_t *cfg, uci_plan_t *ret, phy_refusal_t *why);

/* bits: A, packed. out: E_UCI bits, packed; placeholders as in small_block.h. */
void uci_encode(const phy_t *phy, const uci_plan_t *plan, const uint8_t *bits, uint8_t *out);

typedef struct {
    bool ok;         /* the CRC of every block holds; always true for A < 12 */
    bool has_metric; /* A < 12: `small` is filled, and the caller judges DTX by it */
    small_block_decision_t small;
} uci_result_t;

/* llr: E_UCI. ret_bits: A bits, packed (UCI_MAX_BYTES at most), the best guess also when !ok. */
void uci_decode(const phy_t *phy, const uci_plan_t *plan, const int8_t *llr, polar_work_t *work,
                uint8_t *ret_bits, uci_result_t *ret);

#endif
