/* SPDX-License-Identifier: Apache-2.0 */
/* LDPC decoding of one code block, TS 38.212 5.3.2: a layered min-sum decoder on int8 LLRs. All variants
 * (generic, AVX2, AVX-512) compute the same saturating integer arithmetic and give the same bits, LLR by LLR.
 *
 * LLRs: positive means 0, LDPC_LLR_SCALE units are one natural-log unit, LLR = ln(P(0)/P(1)), rounded and
 * saturated to -127..127 (15.9 natural units). Demappers scale with LDPC_LLR_SCALE; a receiver that cannot
 * know its noise loses little within a factor 2 either way.
 *
 * Any thread; no allocation, no locks. Work memory belongs to the caller, one for each worker thread. */
#ifndef VITRAN_PHY_LDPC_DECODE_H
#define VITRAN_PHY_LDPC_DECODE_H

#include "lib/phy/phy.h"

#define LDPC_LLR_SCALE 8.0f
#define LDPC_LLR_MAX 127

/* Bytes of a soft buffer: N of the largest code, 66 x 384. */
#define LDPC_MAX_SOFT 25344
/* Bytes of a decoded block: K of the largest code, 22 x 384 bits. */
#define LDPC_MAX_K_BYTES 1056

/* What ends decoding before the budget, beside the syndrome. */
typedef enum {
    LDPC_CRC_NONE, /* the syndrome alone */
    LDPC_CRC_24B,  /* of a code block among several. TS 38.212 5.2.2 */
    LDPC_CRC_24A,  /* of a transport block that is one code block of more than 3824 bits */
    LDPC_CRC_16    /* of a smaller one */
} ldpc_crc_t;

/* What is the same for all code blocks of one size; the standard's names. */
typedef struct {
    uint8_t bg;        /* base graph, 1 or 2 */
    uint16_t zc;       /* Zc, lifting size. Table 5.3.2-1 */
    uint16_t n_filler; /* F = K - K', bits, a multiple of nothing; they end the information bits. 5.2.2 */
    ldpc_crc_t crc;    /* CRC at the end of the K' bits */
    uint32_t n_cb;     /* Ncb, length of the circular buffer, bits, fillers included. 5.4.2.1 */
} ldpc_dec_cfg_t;

typedef struct {
    ldpc_dec_cfg_t cfg;
    uint16_t k;       /* information bits with fillers, 22 or 10 times Zc */
    uint16_t k_prime; /* bits that come out, CRC included */
    uint8_t kb;       /* columns of information, 22 or 10 */
    uint8_t set;      /* i_LS, the set of shifts. Table 5.3.2-1 */
} ldpc_dec_plan_t;

/* -EINVAL: bg not 1..2, zc not a lifting size, n_filler leaves no bits, n_cb below K or above N (66 or 50
 * times Zc), crc longer than the bits. */
int ldpc_dec_plan(const ldpc_dec_cfg_t *cfg, ldpc_dec_plan_t *ret, phy_refusal_t *why);

/* Scratch of one decoder. About 200 kB. */
typedef struct {
    _Alignas(PHY_ALIGN) int8_t app[2][68][384 + 2 * PHY_ALIGN]; /* a posteriori LLRs by column */
    _Alignas(PHY_ALIGN) int8_t msg[316 * 384];      /* check-to-bit messages, in a variant's form */
    _Alignas(PHY_ALIGN) int8_t row[20 * 384 + 256]; /* of the row being worked on */
} ldpc_dec_work_t;

typedef struct {
    uint8_t iterations; /* that were run, 1..max_iterations */
    uint8_t rows;       /* of the base graph that took part */
    bool crc_ok;        /* false as well without a CRC */
    bool parity_ok;     /* every parity check of the rows in use holds; only computed where it decides */
} ldpc_dec_stats_t;

/* Decodes soft[size: n_soft], the first n_soft LLRs of the circular buffer (5.4.2.1: bit 2 Zc of the codeword
 * comes first; filler positions are ignored), n_soft <= n_cb; all behind n_soft counts as 0. Writes the K'
 * bits, packed, unused bits of the last byte 0. Stops early when the CRC holds (with CRC16 or none: when the
 * parity checks hold as well). */
void ldpc_decode(const phy_t *phy, const ldpc_dec_plan_t *plan, const int8_t *soft, uint32_t n_soft,
                 unsigned max_iterations, ldpc_dec_work_t *work, uint8_t *ret_bits,
                 ldpc_dec_stats_t *ret_stats);

/* A kernel variant: as ldpc_decode. */
typedef struct ldpc_dec_ops {
    void (*decode)(const phy_t *phy, const ldpc_dec_plan_t *plan, const int8_t *soft, uint32_t n_soft,
                   unsigned max_iterations, ldpc_dec_work_t *work, uint8_t *ret_bits,
                   ldpc_dec_stats_t *ret_stats);
} ldpc_dec_ops_t;

/* The variant of a level, or the next lower one. */
const ldpc_dec_ops_t *ldpc_dec_ops(phy_isa_t isa);

#endif
