/* SPDX-License-Identifier: Apache-2.0 */
/* Coding of the PBCH: TS 38.212 7.1.1 (payload and its interleaving), 7.1.2 (scrambling), 7.1.3
 * (CRC24C), 7.1.4 and 7.1.5 (polar code, 864 bits), and the UE's side of it.
 *
 * [any thread] Functions touch their arguments only. */
#ifndef VITRAN_PHY_POLAR_PBCH_CODE_H
#define VITRAN_PHY_POLAR_PBCH_CODE_H

#include "lib/phy/polar/polar.h"

#define PBCH_E_BITS 864
#define PBCH_E_BYTES 108
#define PBCH_A_BITS 32
#define PBCH_MIB_BITS 24

typedef struct {
    uint16_t cell_id;  /* N_ID^cell, 0..1007 */
    uint8_t l_max;     /* candidate blocks of a half frame: 4, 8, 64 */
    uint8_t ssb_index; /* below l_max; bits 6, 5, 4 of it are coded when l_max is 64 */
    uint16_t sfn;    /* its 4 lowest bits are coded here; the 6 others come in the MIB, as the MIB has them */
    bool half_frame; /* a_HRF: in the second half of the frame */
    uint8_t k_ssb;   /* 0..31: bit 4 is coded here when l_max is not 64; the 4 lowest come in the MIB */
    uint8_t mib[3];  /* BCH transport block: 24 bits */
} pbch_payload_t;

/* 0, or -EINVAL with the refused field: cell_id, l_max, ssb_index, k_ssb. sfn counts modulo 1024. */
int pbch_check(const pbch_payload_t *payload, phy_refusal_t *why);

/* The 32 bits a'_0..a'_31 after interleaving and scrambling, before the CRC; the first in the highest bit.
 * For tests too. */
uint32_t pbch_scrambled_payload(const phy_t *phy, const pbch_payload_t *payload);

/* out: 864 bits, packed, before the scrambling of 38.211 7.3.3.1. `payload` has passed pbch_check. */
void pbch_encode(const phy_t *phy, const pbch_payload_t *payload, uint8_t out[PBCH_E_BYTES]);

/* llr: 864 (after the descrambling of 38.211 7.3.3.1). The caller gives cell_id, l_max, and the low bits of
 * ssb_index that he knows from the DM-RS (2 bits of l_max 4, else 3); the rest of *ret is found: mib, sfn
 * (whole, its 6 high bits from the MIB), half_frame, k_ssb (4 low bits from the MIB), ssb_index. False when
 * no CRC holds; *ret is then as it was. */
bool pbch_decode(const phy_t *phy, const int8_t llr[PBCH_E_BITS], polar_work_t *work, pbch_payload_t *ret);

#endif
