/* SPDX-License-Identifier: Apache-2.0 */
/* Resource allocation in time and frequency: RIV and RBG bitmaps (TS 38.214 5.1.2.2, 6.1.2.2), SLIV and
 * time-domain tables (5.1.2.1, 6.1.2.1). Stateless, [any] thread. PRBs count from the start of the BWP. */
#ifndef VITRAN_MAC_ALLOC_H
#define VITRAN_MAC_ALLOC_H

#include <stdbool.h>
#include <stdint.h>

#define PRB_MAX 275u
#define PRB_WORDS 5u /* 64-bit words for PRB_MAX bits; bit i of word w is PRB 64 w + i */

/* ---- frequency ---- */

/* Contiguous PRBs -> RIV. Type 1. The range must lie in the BWP, n >= 1 (assert). */
uint32_t riv_encode(uint16_t bwp_n_prb, uint16_t prb_start, uint16_t n_prb);
/* RIV -> range. false: not a value of this BWP. */
bool riv_decode(uint16_t bwp_n_prb, uint32_t riv, uint16_t *ret_prb_start, uint16_t *ret_n_prb);
/* ceil(log2(N (N + 1) / 2)): bits of the type 1 field. */
uint8_t riv_bits(uint16_t bwp_n_prb);
/* DCI format 1_0 in a UE-specific space whose size was taken from the initial BWP or CORESET 0 while another
 * BWP is active: the RIV is of n_initial PRBs and scales by K (5.1.2.2.2). Both directions as above. */
bool riv_scaled_decode(uint16_t initial_n_prb, uint16_t active_n_prb, uint32_t riv, uint16_t *ret_prb_start,
                       uint16_t *ret_n_prb);

/* Nominal RBG size P: table 5.1.2.2.1-1; config 1 or 2 (rbg-Size). */
uint8_t rbg_size(uint16_t bwp_n_prb, uint8_t config);
/* Number of RBGs of a BWP that starts at common PRB bwp_start: ceil((N + (start mod P)) / P). */
uint8_t rbg_count(uint16_t bwp_start, uint16_t bwp_n_prb, uint8_t rbg);
/* PRBs [ret_first, ret_first + return) of RBG i, in BWP numbering. 0: no such RBG. */
uint16_t rbg_prbs(uint16_t bwp_start, uint16_t bwp_n_prb, uint8_t rbg, uint8_t i, uint16_t *ret_first);
/* Type 0 field (RBG 0 is the most significant of rbg_count bits) <-> PRB mask. false: the mask is not made of
 * whole RBGs, or the field has bits too many. */
bool rbg_from_prbs(uint16_t bwp_start, uint16_t bwp_n_prb, uint8_t rbg, const uint64_t prbs[PRB_WORDS],
                   uint32_t *ret_field);
bool rbg_to_prbs(uint16_t bwp_start, uint16_t bwp_n_prb, uint8_t rbg, uint32_t field,
                 uint64_t ret_prbs[PRB_WORDS]);

/* PRB masks */
static inline bool prb_test(const uint64_t m[PRB_WORDS], uint16_t prb)
{
    return m[prb >> 6] >> (prb & 63) & 1;
}
void prb_set_range(uint64_t m[PRB_WORDS], uint16_t start, uint16_t n);
void prb_clear_range(uint64_t m[PRB_WORDS], uint16_t start, uint16_t n);
uint16_t prb_count(const uint64_t m[PRB_WORDS]);
/* First run of set bits at or after `from`; its length, 0: none. */
uint16_t prb_next_run(const uint64_t m[PRB_WORDS], uint16_t from, uint16_t *ret_start);

/* ---- time ---- */

typedef struct {
    uint8_t k;       /* k0 (PDSCH) or k2 (PUSCH), slots */
    uint8_t mapping; /* 0: type A, 1: type B */
    uint8_t start;   /* S, symbol in slot */
    uint8_t len;     /* L, symbols */
} tdra_t;

/* SLIV of S and L: 5.1.2.1. */
uint8_t sliv_encode(uint8_t start, uint8_t len);
/* false: not a SLIV within one slot of 14 symbols. */
bool sliv_decode(uint8_t sliv, uint8_t *ret_start, uint8_t *ret_len);

/* Default PDSCH table A, normal CP (5.1.2.1.1-2): row 0..15 as the DCI field has it (row index of the
 * standard minus 1); dmrs_typea_pos 2 or 3. */
bool tdra_pdsch_default_a(uint8_t row, uint8_t dmrs_typea_pos, tdra_t *ret);
/* Default PUSCH table A, normal CP (6.1.2.1.1-2); k includes j of the numerology (6.1.2.1.1-4). Not Delta of
 * Msg3. */
bool tdra_pusch_default_a(uint8_t row, uint8_t mu, tdra_t *ret);
/* Delta: the additional slots of a PUSCH granted by a RAR (6.1.2.1.1-5). */
uint8_t tdra_msg3_delta(uint8_t mu);
/* Bits of the time-domain field for a configured list of n rows (1..16): ceil(log2 n). */
uint8_t tdra_bits(uint8_t n_rows);

/* DM-RS symbols of a PDSCH or PUSCH, single symbol, without hopping: bit l set for symbol l of the slot
 * (38.211 tables 7.4.1.1.2-3, 6.4.1.1.3-3). additional_pos 0..3. 0: not a legal combination. */
uint16_t dmrs_symbol_mask(const tdra_t *t, uint8_t typea_pos, uint8_t additional_pos);

#endif
