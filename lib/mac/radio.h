/* SPDX-License-Identifier: Apache-2.0 */
/* The radio configuration of a cell and of a UE as plain C: one set of values that the DU's MAC runs on, that
 * lib/rrc encodes (MIB, SIB1, CellGroupConfig) and that the tests compare with what a UE decoded. Nothing
 * here is derived from anything else here unless the comment says so; radio_cell_defaults() and
 * radio_ue_defaults() make consistent sets.
 *
 * Thread: plain values, copied between threads. Units are in the names: slots at the cell's numerology, PRBs
 * of its subcarrier spacing, symbols 0..13. Clauses are of TS 38.331 6.3.2 unless said. */
#ifndef VITRAN_MAC_RADIO_H
#define VITRAN_MAC_RADIO_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/mac/alloc.h"
#include "lib/mac/dci.h"
#include "lib/mac/pdcch.h"

#define RADIO_MAX_TDRA 16 /* maxNrofDL-Allocations, maxNrofUL-Allocations */
#define RADIO_MAX_K1 8    /* dl-DataToUL-ACK */
#define RADIO_MAX_LC 11   /* SRB1..3 and 8 DRBs */
#define RADIO_MAX_PUCCH_RES 18
#define RADIO_MAX_PLMN 1

/* PUCCH formats 0 to 2 as PUCCH-Resource has them. */
typedef struct {
    uint8_t id;     /* pucch-ResourceId */
    uint8_t format; /* 0, 1, 2 */
    uint16_t prb_start;
    uint8_t n_prb; /* format 2; else 1 */
    uint8_t start_symbol, n_symbols;
    uint8_t initial_cyclic_shift; /* formats 0, 1 */
    uint8_t time_domain_occ;      /* format 1 */
} radio_pucch_res_t;

/* A row of pdsch-TimeDomainAllocationList (k = k0) or pusch-TimeDomainAllocationList (k = k2). */
typedef struct {
    uint8_t k;
    uint8_t mapping_type; /* 0: type A, 1: type B */
    uint8_t start_symbol, n_symbols;
} radio_tdra_t;

typedef struct {
    uint8_t id; /* controlResourceSetId; 0: CORESET 0 of the MIB */
    uint16_t prb_start,
        n_prb; /* absolute in the carrier, multiples of 6 PRBs from the BWP start for id > 0 */
    uint8_t start_symbol, n_symbols;
    bool interleaved; /* CORESET 0: always, L = 6, R = 2, n_shift = PCI (TS 38.211 7.3.2.2) */
    uint8_t reg_bundle, interleaver_rows;
    uint16_t shift_index;
} radio_coreset_t;

typedef struct {
    uint8_t id;
    uint8_t coreset_id;
    bool ue_specific;
    uint8_t
        n_candidates[5]; /* of aggregation levels 1, 2, 4, 8, 16; monitored in every slot, first symbol 0 */
} radio_search_space_t;

typedef struct {
    uint64_t nr_cell_id; /* 36 bits */
    uint8_t plmn[3];     /* TS 24.008 10.5.1.13 coding: MCC2 MCC1, MNC3 MCC3, MNC2 MNC1 */
    uint32_t tac;        /* 24 bits */
    uint16_t pci;        /* 0..1007 */
    uint16_t band;       /* 78 */
    uint8_t mu;          /* subcarrierSpacingCommon = carrier = 15 kHz << mu */
    uint16_t n_prb;      /* carrierBandwidth; the initial BWPs of SIB1 span it, BWP 0 is the only one */
    uint32_t point_a_arfcn, carrier_arfcn, ssb_arfcn; /* NR-ARFCN, TS 38.104 5.4.2.1 */

    /* TDD-UL-DL-Pattern, one pattern; period_slots 0: FDD (not built yet: refused by the MAC) */
    uint8_t tdd_period_slots; /* 5: 2.5 ms at 30 kHz */
    uint8_t tdd_dl_slots, tdd_dl_symbols, tdd_ul_symbols, tdd_ul_slots;

    /* SSB and MIB */
    uint8_t ssb_period_ms;
    uint8_t k_ssb;              /* ssb-SubcarrierOffset */
    uint16_t ssb_prb;           /* first PRB of the SSB's 20 in the carrier */
    uint16_t offset_to_point_a; /* in PRBs of 15 kHz: ssb_prb << mu in FR1 */
    uint8_t ssb_mask_byte;      /* inOneGroup of ssb-PositionsInBurst, first block is bit 7 */
    int8_t ss_pbch_power_dbm;   /* ss-PBCH-BlockPower */
    uint8_t dmrs_type_a_pos;    /* 2 or 3 */
    uint8_t coreset0_index, search_space0_index; /* pdcch-ConfigSIB1, TS 38.213 tables 13-4 and 13-11 */
    radio_coreset_t coreset0;                    /* derived from coreset0_index and ssb_prb */
    uint16_t sib1_period_slots; /* repetition, 20 ms; in the second slot that search space 0 monitors */
    int8_t q_rx_lev_min;        /* x 2 dBm */

    /* common search space of RAR, Msg4 and paging: commonSearchSpaceList, in CORESET 0, every slot */
    radio_search_space_t css;

    radio_tdra_t dl_tdra[RADIO_MAX_TDRA]; /* pdsch-ConfigCommon; row 0 equals row 1 of default table A, so
                                             that SIB1 uses it */
    radio_tdra_t ul_tdra[RADIO_MAX_TDRA];
    uint8_t n_dl_tdra, n_ul_tdra;

    /* RACH-ConfigCommon */
    uint8_t prach_config_index;
    uint16_t prach_root; /* prach-RootSequenceIndex, l139 */
    uint8_t prach_zero_corr;
    uint16_t prach_freq_start; /* msg1-FrequencyStart */
    int16_t preamble_target_dbm;
    uint8_t preamble_trans_max; /* 3..200: the number itself */
    uint8_t power_ramp_db;      /* 0, 2, 4, 6 */
    uint8_t ra_window_slots;    /* ra-ResponseWindow: 1, 2, 4, 8, 10, 20, 40, 80 */
    uint8_t contention_ms;      /* ra-ContentionResolutionTimer: 8, 16, 24, 32, 40, 48, 56, 64 */
    /* derived from prach_config_index: one occasion in each frame */
    uint8_t prach_format, prach_slot, prach_start_symbol, prach_n_symbols, prach_n_prb;

    /* the cell's one NZP-CSI-RS (one port, row 2, density 1) for CQI; no PDSCH uses its symbol in its slots
     */
    uint16_t csi_rs_period_slots, csi_rs_offset_slots; /* 4, 5, 8, 10, 16, 20, 32, 40, 64, 80, ... 640 */
    uint8_t csi_rs_symbol;
    uint16_t csi_rs_n_prb; /* from PRB 0: the carrier rounded up to a multiple of 4 */

    uint8_t pucch_common_index; /* pucch-ResourceCommon, TS 38.213 table 9.2.1-1 */
    uint16_t pucch_hopping_id;
    int16_t p0_nominal_dbm;     /* PUCCH, and PUSCH with grant */
    int8_t msg3_delta_preamble; /* x 2 dB */

    /* PCCH-Config and idle timers */
    uint16_t paging_cycle_frames; /* 32, 64, 128, 256 */
    uint16_t paging_n; /* nAndPagingFrameOffset: paging frames per cycle T/paging_n: 1, 2, 4, 8, 16 (the
                          divisor) */
    uint8_t paging_ns; /* 1, 2, 4 */
    uint16_t t300_ms, t301_ms, t310_ms, t311_ms;
    uint8_t n310, n311;
    uint8_t ta_timer_common; /* TimeAlignmentTimer enumeration, 7: infinity */
} radio_cell_t;

/* RLC-Config. Timers in ms, byte and PDU counts as numbers; 0 for pollPDU/pollByte: infinity. TS 38.322. */
typedef enum { RADIO_RLC_AM = 0, RADIO_RLC_UM = 1 } radio_rlc_mode_t;
typedef struct {
    uint8_t mode;             /* radio_rlc_mode_t */
    uint8_t sn_bits;          /* AM: 12, 18; UM: 6, 12 */
    uint16_t t_poll_retx_ms;  /* 5..4000 */
    uint16_t t_reassembly_ms; /* 0..200 */
    uint16_t t_status_prohibit_ms;
    uint16_t poll_pdu;   /* 4..65536, 0: infinity */
    uint32_t poll_bytes; /* 1 kB..40 MB in bytes, 0: infinity */
    uint8_t max_retx;    /* 1, 2, 3, 4, 6, 8, 16, 32 */
} radio_rlc_t;

/* LCID of a DRB by default: SRBs have their own number, 4 is that of SRB4 (TS 38.331 9.2.1 of Release 17).
 * drb_id 1..28. */
#define RADIO_DRB_LCID(drb_id) (4 + (drb_id))

/* RLC-BearerConfig: a logical channel with its RLC entity. */
typedef struct {
    uint8_t lcid;   /* 1, 2: SRB1, SRB2; 5..32: DRB */
    uint8_t is_drb; /* servedRadioBearer */
    uint8_t rb_id;  /* srb-Identity or drb-Identity */
    radio_rlc_t rlc;
    /* LogicalChannelConfig */
    uint8_t priority;      /* 1 (highest)..16 */
    uint8_t lcg;           /* logicalChannelGroup 0..7 */
    uint32_t pbr_kbytes_s; /* prioritisedBitRate: 0, 8, 16, ... 65536; UINT32_MAX: infinity */
    uint16_t bsd_ms;       /* bucketSizeDuration: 5, 10, 20, 50, 100, 150, 300, 500, 1000 */
    /* the network side's, not sent to the UE: what the scheduler plugin sees */
    uint8_t five_qi; /* 0: SRB */
    uint8_t slice;   /* index in the cell's slice list */
    uint32_t gbr_dl_kbps, gbr_ul_kbps;
} radio_lc_t;

/* What CellGroupConfig tells one UE. */
typedef struct {
    uint16_t c_rnti; /* reconfigurationWithSync only; the UE knows it from Msg2/Msg4 */
    uint8_t n_lc;
    radio_lc_t lc[RADIO_MAX_LC];

    /* MAC-CellGroupConfig */
    uint16_t periodic_bsr_slots_ms; /* periodicBSR-Timer, subframes: 1, 5, 10, ... 2560; 0: infinity */
    uint16_t retx_bsr_ms;           /* retxBSR-Timer: 10, 20, 40, ... 10240 */
    uint16_t phr_periodic_ms;       /* phr-PeriodicTimer: 10, 20, 50, 100, 200, 500, 1000; 0: infinity */
    uint16_t phr_prohibit_ms;       /* 0, 10, 20, 50, 100, 200, 500, 1000 */
    uint8_t sr_prohibit_ms;         /* 0: absent */
    uint8_t sr_trans_max;           /* 4, 8, 16, 32, 64 */
    uint8_t ta_timer;               /* TimeAlignmentTimer enumeration, 7: infinity */
    uint16_t ta_offset_tc;          /* n-TimingAdvanceOffset, 25600 */

    /* PDCCH-Config of BWP 0 */
    radio_coreset_t coreset;  /* id 0: the search space lives in CORESET 0 */
    radio_search_space_t uss; /* formats 0_1 and 1_1 */

    /* PDSCH and PUSCH config; the time-domain lists are the cell's */
    uint8_t mcs_table_dl, mcs_table_ul; /* 0: qam64, 1: qam256 */
    uint8_t dmrs_add_pos;               /* dmrs-AdditionalPosition 0..3 of DL and UL, type 1, single symbol */
    uint8_t max_layers;                 /* 1 */
    uint8_t n_harq_dl;                  /* nrofHARQ-ProcessesForPDSCH: 2, 4, 6, 10, 12, 16 */
    uint16_t data_scrambling_id;        /* = PCI when absent: 1024 */

    /* PUCCH-Config */
    uint8_t n_k1, k1[RADIO_MAX_K1]; /* dl-DataToUL-ACK */
    uint8_t n_res, n_set0, n_set1;
    radio_pucch_res_t res[RADIO_MAX_PUCCH_RES]; /* set 0: the first n_set0 (up to 2 bits), set 1: the next
                                                   n_set1, then SR and CSI */
    uint8_t sr_res, csi_res;                    /* indices in res */
    uint16_t sr_period_slots, sr_offset_slots;
    uint8_t f2_max_code_rate; /* PUCCH-MaxCodeRate enumeration: 0: 0.08, 1: 0.15, 2: 0.25, 3: 0.35, 4: 0.45,
                                 5: 0.60, 6: 0.80 */

    uint8_t beta_harq,
        beta_csi; /* betaOffsetACK-Index1..3, betaOffsetCSI-Part1-Index1..2, all alike: 0..31 */

    /* CSI-ReportConfig: periodic wideband CQI on PUCCH, cri-RI-PMI-CQI with one port = 4 bits */
    uint16_t csi_period_slots, csi_offset_slots;
    uint8_t cqi_table; /* 0: table 1, 1: table 2 (256QAM) */

    /* DRX-Config; on_ms 0: absent */
    uint16_t drx_on_ms, drx_inactivity_ms, drx_cycle_ms;
} radio_ue_t;

/* The demo cell: TDD DDDSU, 30 kHz, n_prb 51 (20 MHz) or 273 (100 MHz), n78. The caller then sets identity
 * (nr_cell_id, plmn, tac, pci) and calls radio_cell_derive() again. 0, -EINVAL: no such width. */
int radio_cell_defaults(radio_cell_t *ret, uint16_t n_prb);
/* Fills what is derived and checks the rest. 0; -EINVAL with *ret_why (a constant sentence). */
int radio_cell_derive(radio_cell_t *c, const char **ret_why);
/* What the UE at cell-local index `ue_index` is told: SRB1 only; PUCCH, SR and CSI places are a function of
 * the index, so that no two indices below 112 share one. 0, -ERANGE: no place for that index. */
int radio_ue_defaults(radio_ue_t *ret, const radio_cell_t *c, uint16_t ue_index);
/* PRBs at the lower band edge that the PUCCH of UE indices below n_ues takes, common PUCCH included; the
 * uppermost PRB of the carrier is the common PUCCH's second hop. */
uint16_t radio_pucch_prbs(uint16_t n_ues);
/* Default RLC and channel values: SRB1 and SRB2 (TS 38.331 9.2.1), a DRB of that 5QI. */
void radio_srb_defaults(radio_lc_t *ret, uint8_t srb_id);
void radio_drb_defaults(radio_lc_t *ret, uint8_t drb_id, uint8_t five_qi);

/* ---- what both ends derive from the configuration in the same way ---- */

/* The field widths of a UE's DCIs; u NULL: of the cell's common search space. Allocation type 1, dynamic
 * HARQ-ACK codebook. */
void radio_dci_cfg(const radio_cell_t *c, const radio_ue_t *u, dci_cfg_t *ret);
coreset_t radio_coreset(const radio_coreset_t *c);
search_space_t radio_search_space(const radio_search_space_t *s);

/* DM-RS of a PDSCH or PUSCH and what it leaves for data. type 1, one symbol each. */
typedef struct {
    uint16_t symbol_mask; /* bit l: symbol l of the slot */
    uint8_t n_cdm_groups; /* without data */
    uint16_t re_per_prb;  /* tbs_re_per_prb() */
} radio_dmrs_t;
/* add_pos: radio_ue_t.dmrs_add_pos for formats 0_1 and 1_1; before and beside a dedicated configuration (SI,
 * RAR, Msg3, Msg4, paging: formats 0_0 and 1_0) use radio_dmrs_common: additional position 2, two CDM groups.
 * TS 38.214 5.1.6.2, 6.2.2. */
radio_dmrs_t radio_dmrs(const radio_cell_t *c, const radio_tdra_t *row, uint8_t add_pos,
                        uint8_t n_cdm_groups);
static inline radio_dmrs_t radio_dmrs_common(const radio_cell_t *c, const radio_tdra_t *row)
{
    return radio_dmrs(c, row, 2, 2);
}
/* Antenna ports field of formats 0_1 and 1_1 that MAC uses: 0, that is port 0 and one CDM group (TS 38.212
 * tables 7.3.1.1.2-8, 7.3.1.2.2-1). */
#define RADIO_PORTS_FIELD 0
#define RADIO_PORTS_CDM_GROUPS 1

/* Kind of a slot in the TDD pattern and the symbols that are downlink (from 0) and uplink (to 13). */
static inline uint8_t radio_dl_symbols(const radio_cell_t *c, uint64_t abs_slot)
{
    uint32_t s = (uint32_t)(abs_slot % c->tdd_period_slots);
    return s < c->tdd_dl_slots ? 14 : s == c->tdd_dl_slots ? c->tdd_dl_symbols : 0;
}
static inline uint8_t radio_ul_symbols(const radio_cell_t *c, uint64_t abs_slot)
{
    uint32_t s = (uint32_t)(abs_slot % c->tdd_period_slots), ul0 = c->tdd_period_slots - c->tdd_ul_slots;
    return s >= ul0 ? 14 : s + 1 == ul0 ? c->tdd_ul_symbols : 0;
}

#endif
