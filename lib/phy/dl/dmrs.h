/* SPDX-License-Identifier: Apache-2.0 */
/* Demodulation reference signals of PDSCH and PUSCH: in which symbols, on which subcarriers with which cover
 * codes for a port, and the sequence itself. Shared by the downlink transmitter, the PUSCH receiver and the
 * emulated UE's transmitter. Pure functions of their arguments; any thread. TS 38.211 7.4.1.1 and 6.4.1.1,
 * powers of TS 38.214 table 4.1-1. (PUSCH with transform precoding takes its sequence from
 * signal/low_papr.h; positions, ports and powers are those of here, type 1.) */
#ifndef VITRAN_PHY_DL_DMRS_H
#define VITRAN_PHY_DL_DMRS_H

#include "lib/phy/phy.h"

typedef enum { DMRS_MAPPING_A, DMRS_MAPPING_B } dmrs_mapping_t;

/* What the time domain depends on. Symbols are bits of a mask, bit l = symbol l of the slot. */
typedef struct {
    dmrs_mapping_t mapping;
    uint8_t type_a_position;     /* dmrs-TypeA-Position: 2 or 3 */
    uint8_t additional_position; /* dmrs-AdditionalPosition: 0..3 (single), 0..1 (double) */
    uint8_t length;              /* front-loaded symbols: 1 single, 2 double */
    uint8_t start_symbol;        /* S */
    uint8_t n_symbols;           /* L */
} dmrs_time_cfg_t;

/* Mask of DMRS symbols of a PDSCH. -EINVAL names a field (tables 7.4.1.1.2-3, -4; PDSCH durations of
 * 38.214 table 5.1.2.1-1). */
int dmrs_symbols_pdsch(const dmrs_time_cfg_t *cfg, uint16_t *ret_mask, phy_refusal_t *why);

/* Mask of DMRS symbols of a PUSCH without intra-slot frequency hopping (tables 6.4.1.1.3-3, -4). */
int dmrs_symbols_pusch(const dmrs_time_cfg_t *cfg, uint16_t *ret_mask, phy_refusal_t *why);

/* Same with intra-slot hopping (table 6.4.1.1.3-6): hop 1 has floor(L/2) symbols from S, hop 2 the rest.
 * Single symbol DMRS only, additional_position 0..1. */
int dmrs_symbols_pusch_hopping(const dmrs_time_cfg_t *cfg, uint16_t ret_mask[2], phy_refusal_t *why);

/* Table 7.4.1.1.2-1, -2 (6.4.1.1.3-1, -2 are the same): r(2n + k') is sent with w_f[k'] * w_t[l'] on
 *   type 1: subcarrier 4n + 2k' + delta     type 2: subcarrier 6n + k' + delta
 * n counts from the reference point. */
typedef struct {
    uint8_t cdm_group, delta;
    int8_t w_f[2], w_t[2];
} dmrs_port_t;

/* Ports 0..3 (type 1, single), 0..7 (type 1, double), 0..5 (type 2, single), 0..11 (type 2, double). -EINVAL
 * names "type", "length" or "port". */
int dmrs_port(unsigned type, unsigned length, unsigned port, dmrs_port_t *ret, phy_refusal_t *why);

/* Mask of the subcarriers 0..11 of a PRB that the CDM groups 0..n_groups-1 occupy ("without data"). */
uint16_t dmrs_re_mask(unsigned type, unsigned n_groups);
/* ... that one CDM group occupies. */
uint16_t dmrs_group_re_mask(unsigned type, unsigned group);

/* Values of r(m) in a PRB: 6 for type 1, 4 for type 2. */
static inline unsigned dmrs_per_prb(unsigned type)
{
    return type == 1 ? 6 : 4;
}

/* c_init of 7.4.1.1.1. slot: n_s,f in the frame; symbol: l in the slot (each symbol of a double one its own);
 * n_id[n_scid] is N_ID^nSCID: 0..65535. */
uint32_t dmrs_c_init(unsigned slot, unsigned symbol, const uint16_t n_id[2], unsigned n_scid);
/* With dmrs-Downlink-r16 / dmrs-Uplink-r16: n_scid and N_ID depend on the CDM group too. Group 0 is as
 * above. */
uint32_t dmrs_c_init_r16(unsigned slot, unsigned symbol, const uint16_t n_id[2], unsigned n_scid,
                         unsigned cdm_group);

/* r(m) of n_prb PRBs; first_prb counts from the reference point: a CRB number, or for PDSCH scheduled by
 * CORESET 0's system information PRBs from CORESET 0's lowest (7.4.1.1.2). Amplitude 1 is a unit-power
 * symbol: |r(m)| = amplitude (cf) or amplitude * PHY_UNIT (ci16). [size: n_prb * dmrs_per_prb(type)] */
void dmrs_sequence_cf(const phy_t *phy, uint32_t c_init, unsigned type, unsigned first_prb, unsigned n_prb,
                      float amplitude, cf_t *ret);
void dmrs_sequence_ci16(const phy_t *phy, uint32_t c_init, unsigned type, unsigned first_prb, unsigned n_prb,
                        float amplitude, ci16_t *ret);
/* The same as sign bits, packed: bits 2m (real) and 2m+1 (imaginary), 1 is negative. [bits: 12 or 8 a PRB] */
void dmrs_sequence_bits(const phy_t *phy, uint32_t c_init, unsigned type, unsigned first_prb, unsigned n_prb,
                        uint8_t *ret);

/* beta_DMRS: DMRS amplitude relative to data, by number of CDM groups without data 1..3: 0, 3,
 * 4.77 dB. TS 38.214 tables 4.1-1, 6.2.2-1. */
float dmrs_beta(unsigned n_cdm_groups_without_data);

#endif
