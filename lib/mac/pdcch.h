/* SPDX-License-Identifier: Apache-2.0 */
/* PDCCH: control resource sets, which CCEs a search space may use in a slot (TS 38.213 10.1, 38.211 7.3.2.2),
 * and which PRBs a CCE lies on. Stateless, [any] thread; what a caller needs every slot it can compute once a
 * UE, since candidates repeat every frame. */
#ifndef VITRAN_MAC_PDCCH_H
#define VITRAN_MAC_PDCCH_H

#include <stdbool.h>
#include <stdint.h>

#define PDCCH_LEVELS 5u         /* aggregation levels 1, 2, 4, 8, 16 = 1 << level index */
#define PDCCH_MAX_CANDIDATES 8u /* of one level in one search space */
#define PDCCH_MAX_CCES 135u     /* 270 PRB x 3 symbols / 6 */
#define PDCCH_CCE_WORDS 3u      /* 64-bit words of a CCE mask */
#define PDCCH_NO_CCE 0xffu

typedef struct {
    uint8_t id;          /* p; 0 is CORESET 0 */
    uint8_t n_symbols;   /* 1..3 */
    uint16_t prb_start;  /* first PRB, in the carrier; the PRBs that follow are contiguous groups of six */
    uint16_t n_prb;      /* multiple of 6 */
    uint8_t interleaved; /* 0 or 1 */
    uint8_t reg_bundle;  /* L: 2, 3, 6 (6 when not interleaved) */
    uint8_t interleaver_rows; /* R: 2, 3, 6 */
    uint8_t pad;
    uint16_t shift; /* n_shift: PCI for CORESET 0 */
} coreset_t;

typedef struct {
    uint8_t ue_specific;                /* 0: common, Y = 0 */
    uint8_t n_candidates[PDCCH_LEVELS]; /* M of each level, 0..8 */
} search_space_t;

/* CCEs of the set: n_prb x n_symbols / 6. */
static inline uint16_t coreset_n_cce(const coreset_t *c)
{
    return (uint16_t)(c->n_prb * c->n_symbols / 6);
}

/* Y_{p,n} for an RNTI in slot n of the frame; 38.213 10.1. Of a common search space it is 0. */
uint32_t pdcch_y(uint8_t coreset_id, uint16_t rnti, uint32_t slot_in_frame);

/* First CCEs of the candidates of one level, in candidate order (carrier n_CI = 0). y: from pdcch_y or 0.
 * Returns how many (0 where the level does not fit). ret [size: PDCCH_MAX_CANDIDATES]. */
uint32_t pdcch_candidates(uint32_t n_cce, uint32_t level, uint32_t n_candidates, uint32_t y,
                          uint16_t ret_first_cce[PDCCH_MAX_CANDIDATES]);

/* All of a search space: ret[level][candidate] is a first CCE, unused places are PDCCH_NO_CCE. */
void pdcch_search_space(const coreset_t *c, const search_space_t *ss, uint16_t rnti, uint32_t slot_in_frame,
                        uint8_t ret[PDCCH_LEVELS][PDCCH_MAX_CANDIDATES]);

/* Marks the PRBs (carrier numbering, whole symbols of the set) of CCEs [first, first + n) in a mask of
 * 5 x 64 bits. 38.211 7.3.2.2. */
void coreset_cce_prbs(const coreset_t *c, uint16_t first_cce, uint16_t n, uint64_t prbs[5]);
/* CCEs of `c` that touch any PRB in `prbs`: for two sets that share symbols. mask [size: PDCCH_CCE_WORDS],
 * bits are set, none cleared. */
void coreset_cces_on_prbs(const coreset_t *c, const uint64_t prbs[5], uint64_t mask[PDCCH_CCE_WORDS]);

/* CCE masks */
static inline bool cce_test(const uint64_t m[PDCCH_CCE_WORDS], uint32_t first, uint32_t n)
{
    for (uint32_t i = first; i < first + n; i++)
        if (i >= 64 * PDCCH_CCE_WORDS || !(m[i >> 6] >> (i & 63) & 1))
            return false;
    return true;
}
static inline void cce_clear(uint64_t m[PDCCH_CCE_WORDS], uint32_t first, uint32_t n)
{
    for (uint32_t i = first; i < first + n; i++)
        m[i >> 6] &= ~(UINT64_C(1) << (i & 63));
}

#endif
