/* SPDX-License-Identifier: Apache-2.0 */
/* The polar code of NR: TS 38.212 5.3.1 (interleaving, frozen and parity-check bits, encoding), 5.4.1 (rate
 * matching) and the inverse: rate recovery and a list decoder of 8 paths. CRCs belong to the users of the
 * code (dci_code.h, pbch_code.h, uci_code.h): the decoder hands out its paths best first and the user takes
 * the first whose CRC holds.
 *
 * [any thread] Functions touch their arguments only; a polar_work_t belongs to one caller at a time. */
#ifndef VITRAN_PHY_POLAR_POLAR_H
#define VITRAN_PHY_POLAR_POLAR_H

#include "lib/phy/phy.h"

#define POLAR_MAX_N 1024
#define POLAR_MAX_K 1024                /* bits that enter the code, CRC included */
#define POLAR_MAX_K_IL 164              /* with interleaving of the input, table 5.3.1.1-1 */
#define POLAR_MAX_E 8192                /* rate-matched bits with which 5.4.1.3 counts */
#define POLAR_MAX_REPEATED_E (1u << 21) /* what is taken: UCI alone on a whole carrier repeats as often */
#define POLAR_LIST 8                    /* paths */

typedef struct {
    uint16_t k;    /* bits to encode, CRC included: 12..1024, 12..164 with i_il; 18..25 with
                   n_max 10 has parity bits */
    uint32_t e;    /* rate-matched bits, k..2^21 */
    uint8_t n_max; /* 9: downlink, 10: uplink */
    bool i_il;     /* interleave the input bits: downlink */
    bool i_bil;    /* interleave the coded bits: uplink */
} polar_cfg_t;

typedef enum { POLAR_REPEAT, POLAR_PUNCTURE, POLAR_SHORTEN } polar_matching_t;

/* What follows from K and E; read-only once made. Members are the decoder's and encoder's own matter, but for
 * n and n_pc. */
typedef struct {
    uint16_t k;
    uint32_t e;
    uint16_t n;      /* N, the mother code's length: 32..1024 */
    uint8_t log2_n;  /* 5..10 */
    uint8_t n_pc;    /* parity-check bits: 0 or 3 */
    uint8_t n_pc_wm; /* of them by minimum row weight */
    bool i_il, i_bil;
    polar_matching_t matching;
    uint16_t n_program;              /* steps of the decoder */
    uint64_t info[POLAR_MAX_N / 64]; /* set of information bits (without parity): bit i % 64 of word i / 64 */
    uint64_t parity[POLAR_MAX_N / 64]; /* set of parity-check bits */
    uint16_t input[POLAR_MAX_K];       /* place i of the encoder (c'_i) takes input bit input[i] */
    uint16_t program[2 * POLAR_MAX_N]; /* decoder steps: kind in the low byte, stage in the high byte */
} polar_plan_t;

/* 0, or -EINVAL with the refused field in `why`: k, e, n_max. About 2 us: users that meet the same sizes keep
 * their plans. */
int polar_plan(const polar_cfg_t *cfg, polar_plan_t *ret, phy_refusal_t *why);

/* bits: K, packed. out: E, packed; the bits after E in the last byte are 0. */
void polar_encode(const phy_t *phy, const polar_plan_t *plan, const uint8_t *bits, uint8_t *out);
/* The same from bit `at` of out on, i_bil: those E bits of out have been 0, others stay. */
void polar_encode_at(const phy_t *phy, const polar_plan_t *plan, const uint8_t *bits, uint8_t *out,
                     size_t at);

/* The decoder's memory; contents have no meaning between calls except from polar_decode to polar_path. Not
 * small (~70 KB): one a thread. */
typedef struct {
    int16_t llr[2 * POLAR_MAX_N][POLAR_LIST]
        __attribute__((aligned(PHY_ALIGN))); /* stage s from place 2^s, lane = path */
    uint8_t sums[2 * POLAR_MAX_N + 64]
        __attribute__((aligned(PHY_ALIGN))); /* partial sums, bit p = path p, as llr */
    uint8_t left[2 * POLAR_MAX_N + 64] __attribute__((aligned(PHY_ALIGN))); /* those of left halves */
    int16_t root[POLAR_MAX_N + 64] __attribute__((aligned(PHY_ALIGN)));     /* channel, after rate recovery */
    int32_t scratch[16 * POLAR_LIST] __attribute__((aligned(PHY_ALIGN)));
    uint8_t llr_path[16][POLAR_LIST]
        __attribute__((aligned(PHY_ALIGN))); /* of each stage: where path p's values lie */
    uint8_t left_path[16][POLAR_LIST] __attribute__((aligned(PHY_ALIGN)));
    int32_t metric[POLAR_LIST] __attribute__((aligned(PHY_ALIGN))); /* smaller is better */
    uint8_t parity[8];         /* shift register of parity bits, bit p = path p */
    uint8_t order[POLAR_LIST]; /* paths, best first */
    uint8_t n_paths;
} polar_work_t;

/* Runs the list decoder on E LLRs. Returns the number of paths, 1..8, to be asked for with polar_path. */
unsigned polar_decode(const phy_t *phy, const polar_plan_t *plan, const int8_t *llr, polar_work_t *work);

/* The K bits (packed, 0 behind K in the last byte) of the path of that rank, 0 the likeliest, after
 * polar_decode. */
void polar_path(const phy_t *phy, const polar_plan_t *plan, const polar_work_t *work, unsigned rank,
                uint8_t *ret_bits);

/* 5.3.1.1 by itself: input[i] for each output place i; 12 <= K <= 164. */
void polar_input_interleaver(unsigned k, uint16_t *ret_input);
/* 5.3.1.2 by itself: u (N bits, packed) to d = u G_N, in place; N a power of two, 8..1024. */
void polar_transform(uint8_t *bits, unsigned n);
/* 5.4.1 by themselves: N coded bits (packed) to E (packed); E LLRs to N (punctured: 0, shortened: 32767 / 2;
 * with more than 8192 / 32 repetitions all are scaled down by the power of two that fits). */
void polar_rate_match(const polar_plan_t *plan, const uint8_t *coded, uint8_t *out);
void polar_rate_recover(const polar_plan_t *plan, const int8_t *llr, int16_t *ret_llr);
/* 5.3.1.2: places the K bits (and parity) before the transform: u, N bits packed. */
void polar_place(const polar_plan_t *plan, const uint8_t *bits, uint8_t *ret_u);

#endif
