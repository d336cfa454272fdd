/* SPDX-License-Identifier: Apache-2.0 */
/* The broadcast of one cell as a plain struct: MIB and SIB1 are built from it by the DU, and parsed into it
 * by a UE. All that initial access stands on is in here; what SIB1 may carry beyond that is skipped on parse.
 * Values are in natural units (ms, slots, PRBs), never in the wire's enumerations; a value that the wire
 * cannot express is refused by build with -ERANGE and named in `ret_why`.
 *
 * Thread: any; no state, no allocation but from the caller's scratch arena. */
#ifndef VITRAN_RRC_CELL_H
#define VITRAN_RRC_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/core/arena.h"

#define RRC_MAX_TDRA 16    /* entries of a time-domain allocation list; TS 38.331 maxNrofDL-Allocations */
#define RRC_SIB1_BYTES 372 /* a SIB1 is at most 2976 bits; TS 38.331 5.2.1 */
#define RRC_MAX_SEARCH_SPACES 8
#define RRC_INFINITY UINT32_MAX /* "infinity" of a timer or limit */

/* One row of a PDSCH or PUSCH time-domain allocation list; TS 38.214 5.1.2.1, 6.1.2.1. */
typedef struct {
    uint8_t k;             /* k0 or k2, slots */
    uint8_t mapping_b;     /* 0: mapping type A, 1: B */
    uint8_t start, length; /* symbols; SLIV on the wire */
} rrc_tdra_t;

typedef struct {
    uint8_t n;
    rrc_tdra_t row[RRC_MAX_TDRA];
} rrc_tdra_list_t;

/* A CORESET other than 0; TS 38.331 ControlResourceSet. */
typedef struct {
    uint8_t id;           /* 1..11 */
    uint8_t duration;     /* symbols, 1..3 */
    uint64_t freq_blocks; /* frequencyDomainResources: bit 44 is the leftmost, the first group of 6 PRBs */
    bool interleaved;     /* bundle and interleaver sizes below hold only then */
    uint8_t reg_bundle, interleaver;
    uint16_t shift_index;
    uint16_t dmrs_scrambling_id; /* pdcch-DMRS-ScramblingID; 0xffff: absent, the cell's PCI */
} rrc_coreset_t;

/* A search space; TS 38.331 SearchSpace. */
typedef struct {
    uint8_t id;                                          /* 1..39 */
    uint8_t coreset_id;                                  /* 0: CORESET 0 */
    uint16_t period_slots, offset_slots, duration_slots; /* duration at least 1 */
    uint16_t symbols;                                    /* monitoringSymbolsWithinSlot: bit 13 is symbol 0 */
    uint8_t n_candidates[5]; /* of aggregation level 1, 2, 4, 8, 16; each 0..6 or 8 */
    uint8_t kind;            /* rrc_ss_kind_t */
} rrc_search_space_t;

typedef enum {
    RRC_SS_COMMON,   /* DCI 0_0 and 1_0, size by CORESET 0 */
    RRC_SS_UE_00_10, /* UE-specific, formats 0_0 and 1_0 */
    RRC_SS_UE_01_11, /* UE-specific, formats 0_1 and 1_1 */
} rrc_ss_kind_t;

typedef struct {
    /* identity */
    uint16_t pci;                       /* 0..1007; from the SSB, not on the wire of SIB1 */
    uint8_t mcc[3], mnc[3], mnc_digits; /* one decimal digit each; 2 or 3 digits */
    uint32_t tac;                       /* 24 bits */
    uint64_t nr_cell_id;                /* 36 bits */
    uint16_t band;                      /* freqBandIndicatorNR, 1..1024 */

    /* MIB */
    uint8_t mu;                   /* numerology of the carrier and of SIB1: FR1 0 or 1 */
    uint8_t k_ssb;                /* ssb-SubcarrierOffset, 0..15 here (FR1 puts the fifth bit in the PBCH) */
    uint8_t dmrs_type_a_position; /* 2 or 3 */
    uint8_t coreset0, search_space0; /* pdcch-ConfigSIB1: controlResourceSetZero, searchSpaceZero, 0..15 */
    bool barred, intra_freq_reselection_allowed;

    /* carrier */
    uint16_t offset_to_point_a; /* PRBs of 15 kHz in FR1 */
    uint16_t n_prb;             /* carrier bandwidth in PRBs of numerology mu; the initial BWPs are as wide */
    uint32_t ul_point_a_arfcn;  /* absoluteFrequencyPointA; 0: absent (TDD) */
    uint8_t ssb_mask;           /* inOneGroup: bit 7 is block 0 */
    uint8_t ssb_period_ms;      /* 5, 10, 20, 40, 80, 160 */
    int8_t ss_pbch_power_dbm;   /* -60..50 */

    /* TDD; period 0: FDD. TS 38.213 11.1 */
    uint8_t tdd_period_slots; /* of numerology mu; 0.5 to 10 ms */
    uint8_t tdd_dl_slots, tdd_dl_symbols, tdd_ul_slots, tdd_ul_symbols;

    /* common search spaces: at most 4 beside number 0; ids for what they serve, 0: search space 0 */
    uint8_t n_search_spaces;
    rrc_search_space_t search_space[4];
    uint8_t ss_sib1, ss_other_si, ss_paging, ss_ra;

    rrc_tdra_list_t pdsch; /* pdsch-ConfigCommon */
    rrc_tdra_list_t pusch; /* pusch-ConfigCommon */

    /* RACH; one SSB per occasion, 64 contention-based preambles at most */
    uint8_t prach_config_index;
    uint8_t prach_fdm;         /* 1, 2, 4, 8 */
    uint16_t prach_freq_start; /* PRB */
    uint8_t prach_zero_corr;   /* 0..15 */
    bool prach_short;          /* L_RA 139, root 0..137; else 839, root 0..837 */
    uint16_t prach_root;
    uint8_t prach_mu;           /* msg1-SubcarrierSpacing of short preambles: 0 or 1 in FR1 */
    int16_t prach_target_dbm;   /* -202..-60 */
    uint8_t prach_max_tries;    /* preambleTransMax: 3..8, 10, 20, 50, 100, 200 */
    uint8_t prach_ramp_db;      /* 0, 2, 4, 6 */
    uint8_t prach_n_preambles;  /* CB preambles per SSB: 4, 8, ... 64 */
    uint8_t ra_window_slots;    /* 1, 2, 4, 8, 10, 20, 40, 80 */
    uint8_t ra_contention_ms;   /* 8, 16, ... 64 */
    int8_t msg3_delta_preamble; /* -1..6; steps of 2 dB */

    /* PUCCH before a dedicated configuration */
    uint8_t pucch_common;               /* row of TS 38.213 table 9.2.1-1 */
    uint16_t hopping_id;                /* 0xffff: absent, the PCI */
    int16_t p0_pucch_dbm, p0_pusch_dbm; /* -202..24, even */
    uint32_t time_alignment_ms;         /* timeAlignmentTimerCommon: 500..10240 or RRC_INFINITY */

    /* paging: cycle in frames (32, 64, 128, 256), one occasion in each frame */
    uint16_t paging_cycle;

    /* TS 38.331 7.1.1, ms and counts */
    uint32_t t300_ms, t301_ms, t310_ms, t311_ms, t319_ms;
    uint8_t n310, n311;
} rrc_cell_t;

/* BCCH-BCH-Message for an SFN (its 6 MSBs go in): 24 bits, first bit is bit 23 of *ret. 0 or -ERANGE. */
int rrc_mib_build(const rrc_cell_t *cell, uint16_t sfn, uint32_t *ret);
/* Fills the MIB members of *cell from 24 bits; *ret_sfn_msb is the SFN with its 4 LSBs zero. 0, -EBADMSG
 * (not a MIB: messageClassExtension or wrong size). */
int rrc_mib_parse(uint32_t bits, rrc_cell_t *cell, uint16_t *ret_sfn_msb);

/* BCCH-DL-SCH-Message with SIB1. 0, -ERANGE with *ret_why naming the component, -ENOBUFS, -ENOMEM. */
int rrc_sib1_build(const rrc_cell_t *cell, arena_t *scratch, uint8_t *buf, size_t cap, size_t *ret_n,
                   char ret_why[128]);
/* Fills all but the MIB members and the PCI of *cell. Bytes are a peer's: 0, -EBADMSG (does not decode),
 * -ENOTSUP (decodes, but asks for what a UE of ours cannot do; *ret_why says what), -ENOMEM. *cell is
 * untouched on failure. */
int rrc_sib1_parse(const uint8_t *bytes, size_t n, arena_t *scratch, rrc_cell_t *cell, char ret_why[128]);

/* CORESET 0 of pdcch-ConfigSIB1, TS 38.213 tables 13-1 (SSB and PDCCH 15 kHz) and 13-4 (30 kHz), multiplexing
 * pattern 1. */
typedef struct {
    uint16_t n_prb;     /* 24, 48, 96 */
    uint16_t start_prb; /* in the carrier, PRBs of mu */
    uint8_t n_symbols;
} rrc_coreset0_t;
/* 0 or -EINVAL (a reserved row, or it does not lie in the carrier). */
int rrc_coreset0(const rrc_cell_t *cell, rrc_coreset0_t *ret);
/* Type0-PDCCH monitoring of SSB block 0, TS 38.213 table 13-11: true if this slot of this frame is one of the
 * two that a UE monitors for SIB1. *ret_symbol is the CORESET's first symbol. */
bool rrc_search_space0_at(const rrc_cell_t *cell, uint16_t sfn, uint16_t slot, uint8_t *ret_symbol);

/* The PUCCH resource of index r_pucch 0..15 before dedicated configuration, TS 38.213 9.2.1. */
typedef struct {
    uint8_t format; /* 0 or 1 */
    uint8_t start_symbol, n_symbols;
    uint16_t prb[2]; /* first and second hop */
    uint8_t cyclic_shift;
    uint8_t occ; /* format 1 */
} rrc_pucch_common_t;
int rrc_pucch_common(uint8_t row, uint8_t r_pucch, uint16_t bwp_prbs, rrc_pucch_common_t *ret);

/* PRACH occasions of TS 38.211 tables 6.3.3.2-2 and -3 for the rows that the project uses (see cell.c).
 * True if slot `slot` (of numerology mu) of frame `sfn` holds an occasion; the first in time of it is
 * described. A row that is not known: false, always; rrc_prach_known tells. */
typedef struct {
    uint8_t format; /* as fapi_prach_pdu_t: 0..3; 4..12: A1, A2, A3, B1, B2?..; see prach.c */
    uint8_t start_symbol;
    uint8_t n_td;     /* occasions in the slot */
    uint8_t duration; /* symbols of one */
} rrc_prach_t;
bool rrc_prach_known(const rrc_cell_t *cell);
bool rrc_prach_at(const rrc_cell_t *cell, uint16_t sfn, uint16_t slot, rrc_prach_t *ret);

/* 'D', 'S' or 'U' of an absolute slot; FDD: 'F'. */
char rrc_slot_kind(const rrc_cell_t *cell, uint64_t abs_slot);

/* RIV of locationAndBandwidth with a BWP size of 275, TS 38.214 5.1.2.2.2. */
uint16_t rrc_location_and_bandwidth(uint16_t start, uint16_t size);
bool rrc_location_parse(uint16_t riv, uint16_t *ret_start, uint16_t *ret_size);
uint8_t rrc_sliv(uint8_t start, uint8_t length);
bool rrc_sliv_parse(uint8_t sliv, uint8_t *ret_start, uint8_t *ret_length);

#endif
