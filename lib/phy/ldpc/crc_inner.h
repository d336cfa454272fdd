/* SPDX-License-Identifier: Apache-2.0 */
/* A CRC of L bits is computed as one of 32: the remainder by P(x) * x^(32 - L) is the wanted one,
 * left-aligned. Bytes go through tables, eight at a time; long runs are first folded by carry-less products.
 */
#ifndef VITRAN_PHY_LDPC_CRC_INNER_H
#define VITRAN_PHY_LDPC_CRC_INNER_H

#include "lib/phy/ldpc/crc.h"

/* x^d and x^(d + 64) modulo the 32-bit polynomial: what moves 128 bits by d bits. */
typedef struct {
    uint64_t low, high;
} crc_shift_t;

typedef struct {
    crc_shift_t by_128, by_512, by_2048;
} crc_fold_t;

/* Reduces a multiple of 16 bytes from the beginning of p [size: n] to 16 bytes with the same remainder;
 * `state` is the left-aligned remainder of what came before. Returns how many bytes those were, 0 when n is
 * too short. */
typedef size_t (*crc_fold_fn)(const crc_fold_t *fold, uint32_t state, const uint8_t *p, size_t n,
                              uint8_t ret[16]);

size_t crc_fold_avx2(const crc_fold_t *fold, uint32_t state, const uint8_t *p, size_t n, uint8_t ret[16]);
size_t crc_fold_avx512(const crc_fold_t *fold, uint32_t state, const uint8_t *p, size_t n, uint8_t ret[16]);

struct crc_tables {
    uint32_t byte[CRC_N_KINDS][8][256]; /* remainder of byte * x^(32 + 8 i) */
    crc_fold_t fold[CRC_N_KINDS];
    crc_fold_fn run; /* NULL: tables only */
};

#endif
