/* SPDX-License-Identifier: Apache-2.0 */
/* LDPC decoding of one code block, TS 38.212 5.3.2: a layered min-sum decoder on int8 LLRs. All variants
 * (generic, AVX2, AVX-512) compute the same saturating integer arithmetic and give the same bits.
 *
 * LLRs: positive means 0; PHY_LLR_SCALE units are one natural-log unit of ln(P(0) / P(1)), rounded and
 * saturated to -127..127 (21 natural units). Demappers scale with PHY_LLR_SCALE; a receiver that misjudges
 * its noise loses little within a factor 2 either way.
 *
 * Any thread; no allocation, no locks. Work memory belongs to the caller, one for each worker thread. */
#ifndef VITRAN_PHY_LDPC_DECODE_H
#define VITRAN_PHY_LDPC_DECODE_H

#include "lib/phy/ldpc/graph.h"

#define LDPC_LLR_MAX 127

/* Bytes of a soft buffer that holds any code block: N of the largest code, 66 x 384, a multiple of 64. */
#define LDPC_MAX_SOFT 25344
/* Bytes of a decoded block: K of the largest code, 22 x 384 bits. */
#define LDPC_MAX_K_BYTES 1056

/* What ends decoding before the budget, beside the parity checks. */
typedef enum {
    LDPC_CRC_NONE, /* the parity checks alone */
    LDPC_CRC_24B,  /* of a code block among several. TS 38.212 5.2.2 */
    LDPC_CRC_24A,  /* of a transport block of more than 3824 bits that is one code block. 6.2.1 */
    LDPC_CRC_16    /* of a smaller one */
} ldpc_crc_t;

/* What is the same for all code blocks of one size. */
typedef struct {
    uint8_t bg;        /* base graph, 1 or 2 */
    uint16_t zc;       /* Zc, lifting size. Table 5.3.2-1 */
    uint16_t n_filler; /* F = K - K', bits; they end the information bits. 5.2.2 */
    ldpc_crc_t crc;    /* the CRC at the end of the K' bits */
} ldpc_dec_cfg_t;

typedef struct {
    ldpc_dec_cfg_t cfg;
    const graph_t *graph;
    uint16_t k;       /* information bits with fillers, 22 or 10 times Zc */
    uint16_t k_prime; /* bits that come out, CRC included */
} ldpc_dec_plan_t;

/* -EINVAL: bg not 1..2, zc no lifting size, n_filler that leaves fewer than 2 Zc bits, crc unknown or longer
 * than the bits. Any thread. */
int ldpc_dec_plan(const phy_t *phy, const ldpc_dec_cfg_t *cfg, ldpc_dec_plan_t *ret, phy_refusal_t *why);

/* Scratch of one decoder, 182 kB; what it held before does not matter. */
typedef struct {
    _Alignas(PHY_ALIGN) int8_t app[2][GRAPH_MAX_COLS][GRAPH_MAX_ZC + PHY_ALIGN];
    _Alignas(PHY_ALIGN) int8_t msg[GRAPH_MAX_EDGES * GRAPH_MAX_ZC];
} ldpc_dec_work_t;

typedef struct {
    uint8_t iterations; /* that were run; 0: a block that was skipped */
    uint8_t rows;       /* of the base graph that took part */
    bool crc_ok;        /* the CRC holds; without a CRC: the parity checks do */
} ldpc_dec_stats_t;

/* Decodes soft[size: n_soft], the first n_soft LLRs of the circular buffer (5.4.2.1: the code word from bit 2
 * Zc on, fillers included; what stands at fillers does not matter); all behind n_soft counts as not known.
 * n_soft is at most N, 66 or 50 times Zc. Writes the K' bits to ret_bits [size: (K' + 7) / 8],
 * packed. Runs 1 .. max_iterations (0 counts as 1) and stops when the CRC holds; with CRC16 or none, when the
 * parity checks hold as well. A block with a bit of which nothing is known (its LLR stays 0) is never ok. */
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
