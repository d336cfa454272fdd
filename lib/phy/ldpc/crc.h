/* SPDX-License-Identifier: Apache-2.0 */
/* The CRCs of TS 38.212 5.1 over packed bits of any length, first bit first. Tables are made by phy_create;
 * any thread. */
#ifndef VITRAN_PHY_LDPC_CRC_H
#define VITRAN_PHY_LDPC_CRC_H

#include "lib/phy/phy.h"

typedef enum { CRC24A, CRC24B, CRC24C, CRC16, CRC11, CRC6 } crc_kind_t;
#define CRC_N_KINDS 6

/* L, bits of the CRC: 24, 24, 24, 16, 11, 6. */
unsigned crc_length(crc_kind_t kind);

/* The CRC of bits [size: n_bits], right-aligned: its first bit to send is bit L - 1. 0 when n_bits is 0.
 * Reads (n_bits + 7) / 8 bytes; bits behind n_bits in the last one do not matter. */
uint32_t crc_bits(const phy_t *phy, crc_kind_t kind, const uint8_t *bits, size_t n_bits);

/* The same for bits that follow others whose crc_bits is `state`: for CRC24C of a DCI behind 24 ones (7.3.2)
 * start with CRC24C_ONES. */
uint32_t crc_bits_from(const phy_t *phy, crc_kind_t kind, uint32_t state, const uint8_t *bits, size_t n_bits);

/* crc_bits of 24 ones with CRC24C. */
extern const uint32_t CRC24C_ONES;

/* Called by phy_create and phy_destroy. 0 or -ENOMEM; NULL is fine. */
struct crc_tables;
int crc_create(phy_isa_t isa, struct crc_tables **ret);
void crc_destroy(struct crc_tables *tables);

#endif
