/* SPDX-License-Identifier: Apache-2.0 */
/* Initial access: SSB positions, CORESET 0 and search space 0 from the MIB (TS 38.213 4.1, 13), PRACH
 * occasions (38.211 6.3.3.2), RA-RNTI (38.321 5.1.3). FR1, normal CP. Stateless, [any] thread. */
#ifndef VITRAN_MAC_ACCESS_H
#define VITRAN_MAC_ACCESS_H

#include "lib/mac/pdcch.h"

#define RNTI_SI 0xffffu
#define RNTI_P 0xfffeu

/* First symbol, in the half frame, of SSB i. `c` is the case letter 'A', 'B' or 'C' (38.213 4.1); i 0..7. */
uint16_t ssb_first_symbol(char c, uint8_t i);

typedef struct {
    uint8_t n_symbols; /* 1..3 */
    uint8_t n_prb;     /* 24, 48, 96 */
    uint8_t rb_offset; /* PRBs from the first of CORESET 0 to the CRB of the SSB's first PRB */
} coreset0_t;

/* controlResourceSetZero -> CORESET 0, multiplexing pattern 1. SCS of SSB and PDCCH are equal: 15 kHz (table
 * 13-1), 30 kHz (13-4; 13-6 where the band's minimum channel bandwidth is 40 MHz). false: reserved. */
bool coreset0_get(uint8_t mu, bool min_bw_40mhz, uint8_t index, coreset0_t *ret);
/* The same as a coreset_t (interleaved, L 6, R 2, shift = PCI; 38.211 7.3.2.2). prb_start: of CORESET 0 in
 * the carrier. */
coreset_t coreset0_make(const coreset0_t *c0, uint16_t prb_start, uint16_t pci);

/* searchSpaceZero (table 13-11) for SSB i: is Type0-PDCCH monitored in this slot, and from which symbol? 0
 * no, 1 yes. coreset0_n_symbols: of CORESET 0. */
bool search_space0_monitored(uint8_t index, uint8_t mu, uint8_t ssb_index, uint8_t coreset0_n_symbols,
                             uint16_t sfn, uint16_t slot_in_frame, uint8_t *ret_first_symbol);
/* First slot n0 of SSB i in a monitored frame. *ret_odd_sfn: the frame is one with odd SFN. false: reserved
 * index. */
bool search_space0_slot(uint8_t index, uint8_t mu, uint8_t ssb_index, uint16_t *ret_slot, bool *ret_odd_sfn);

typedef struct {
    uint8_t format;     /* 0..3: long formats 0-3; 4 + n: A1 A2 A3 B1 B4 C0 C2 and the mixed A1/B1 A2/B2 A3/B3
                           below */
    uint8_t x, y;       /* SFN mod x = y */
    uint16_t subframes; /* bit i: subframe i of the frame */
    uint8_t start_symbol;
    uint8_t n_slots;     /* PRACH slots in a subframe (short formats) */
    uint8_t n_occasions; /* time-domain occasions in a PRACH slot (short formats; 1 for long ones) */
    uint8_t n_symbols;   /* duration of one occasion (short formats; 0 for long ones) */
} prach_config_t;

enum {
    PRACH_0,
    PRACH_1,
    PRACH_2,
    PRACH_3,
    PRACH_A1,
    PRACH_A2,
    PRACH_A3,
    PRACH_B1,
    PRACH_B4,
    PRACH_C0,
    PRACH_C2,
    PRACH_A1_B1,
    PRACH_A2_B2,
    PRACH_A3_B3
};

/* Row of table 6.3.3.2-3 (FR1, unpaired spectrum). false: index not supported here. */
bool prach_config_tdd(uint8_t index, prach_config_t *ret);
/* Does a PRACH slot lie in this slot (mu 0 or 1: the PUSCH's numerology)? If so: occasions begin at
 * *ret_start_symbol of it, n_occasions of n_symbols each. */
bool prach_slot(const prach_config_t *c, uint8_t mu, uint16_t sfn, uint16_t slot_in_frame);

/* RA-RNTI = 1 + s_id + 14 t_id + 14 80 f_id + 14 80 8 ul_carrier_id. 38.321 5.1.3. s_id: first symbol of the
 * occasion (0..13), t_id: its first slot in the frame (0..79), f_id: 0..7. */
static inline uint16_t ra_rnti(uint8_t s_id, uint8_t t_id, uint8_t f_id, uint8_t ul_carrier_id)
{
    return (uint16_t)(1 + s_id + 14 * t_id + 14 * 80 * f_id + 14 * 80 * 8 * ul_carrier_id);
}

#endif
