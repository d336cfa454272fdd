/* SPDX-License-Identifier: Apache-2.0 */
/* CellGroupConfig of TS 38.331 as a plain struct: what the DU decides for one UE and the UE obeys. The DU
 * builds it (masterCellGroup of RRCSetup and RRCReconfiguration, over F1AP as an octet string), the UE parses
 * it. Presence follows the wire: what is absent in a parsed struct leaves the UE as it was ("need M").
 * Natural units; a value without a place on the wire is -ERANGE at build.
 *
 * Thread: any; no state. */
#ifndef VITRAN_RRC_CELL_GROUP_H
#define VITRAN_RRC_CELL_GROUP_H

#include "lib/rrc/cell.h"

#define RRC_MAX_LCID 32 /* LogicalChannelIdentity 1..32 */
#define RRC_MAX_PUCCH_RESOURCES 32
#define RRC_MAX_K1 8
#define RRC_MAX_CORESETS 3

typedef enum { RRC_RLC_AM, RRC_RLC_UM, RRC_RLC_UM_UL, RRC_RLC_UM_DL } rrc_rlc_mode_t;

typedef struct {         /* RLC-BearerConfig */
    uint8_t lcid;        /* 1..32 */
    bool is_srb, is_drb; /* servedRadioBearer; neither: a change of a known bearer */
    uint8_t rb_id;       /* 1..4 or 1..32 */
    bool reestablish;
    bool has_rlc;
    struct {
        rrc_rlc_mode_t mode;
        uint8_t ul_sn_bits, dl_sn_bits; /* AM 12 or 18, UM 6 or 12 */
        uint32_t t_poll_retransmit_ms;
        uint32_t poll_pdu;   /* PDUs, or RRC_INFINITY */
        uint32_t poll_bytes; /* bytes (k is 1024), or RRC_INFINITY */
        uint8_t max_retx_threshold;
        uint32_t t_reassembly_ms, t_status_prohibit_ms;
    } rlc;
    bool has_mac;
    struct {
        uint8_t priority;         /* 1 (highest) .. 16 */
        uint32_t pbr_bytes_per_s; /* prioritisedBitRate: 0, 8000 ... 65536000 (k is 1000), or RRC_INFINITY */
        uint32_t bucket_ms;
        int8_t lcg;   /* 0..7, -1: none */
        int8_t sr_id; /* 0..7, -1: none */
    } mac;
} rrc_bearer_t;

typedef struct {    /* PUCCH-Resource */
    uint8_t id;     /* 0..127 */
    uint8_t format; /* 0, 1, 2 */
    uint16_t prb;
    bool intra_slot_hopping;
    uint16_t second_hop_prb;
    uint8_t n_symbols, start_symbol;
    uint8_t cyclic_shift; /* formats 0, 1 */
    uint8_t occ;          /* format 1 */
    uint8_t n_prbs;       /* format 2 */
} rrc_pucch_resource_t;

typedef struct {
    /* bearers */
    uint8_t n_bearers, n_release;
    rrc_bearer_t bearer[RRC_MAX_LCID];
    uint8_t release_lcid[RRC_MAX_LCID];

    bool has_mac; /* MAC-CellGroupConfig */
    struct {
        uint8_t n_sr;
        struct {
            uint8_t id;          /* 0..7 */
            uint8_t prohibit_ms; /* 0: absent; 1, 2, 4 .. 128 */
            uint8_t trans_max;   /* 4, 8, 16, 32, 64 */
        } sr[8];
        uint32_t bsr_periodic_ms, bsr_retx_ms; /* subframes; periodic may be RRC_INFINITY. 0: absent */
        bool has_phr;
        uint32_t phr_periodic_ms, phr_prohibit_ms; /* periodic may be RRC_INFINITY */
        uint8_t phr_tx_power_change_db;            /* 1, 3, 6; 255: infinity */
        uint32_t time_alignment_ms;                /* of TAG 0; 0: absent */
    } mac;

    bool has_phy; /* PhysicalCellGroupConfig */
    struct {
        int8_t p_max_dbm;      /* p-NR-FR1; 127: absent */
        bool dynamic_codebook; /* pdsch-HARQ-ACK-Codebook */
    } phy;

    bool has_sp_cell; /* SpCellConfig without reconfigurationWithSync; all below */
    bool has_rlf;     /* rlf-TimersAndConstants */
    struct {
        uint32_t t310_ms, t311_ms;
        uint8_t n310, n311;
    } rlf;

    bool has_dl; /* initialDownlinkBWP and what goes with it, BWP 0 as wide as SIB1 says */
    struct {
        uint8_t n_coresets;
        rrc_coreset_t coreset[RRC_MAX_CORESETS];
        uint8_t n_search_spaces;
        rrc_search_space_t search_space[RRC_MAX_SEARCH_SPACES];
        rrc_tdra_list_t pdsch; /* n 0: as in SIB1 */
        uint8_t mcs_table;     /* 0: 64QAM, 1: 256QAM, 2: low SE */
        uint8_t dmrs_add_pos;  /* dmrs-AdditionalPosition of mapping type A: 0, 1, 2, 3 */
        uint8_t max_layers;    /* maxMIMO-Layers; 0: absent */
        uint8_t n_harq;        /* nrofHARQ-ProcessesForPDSCH: 2, 4, 6, 8, 10, 12, 16 */
    } dl;

    bool has_ul;
    struct {
        rrc_tdra_list_t pusch;
        uint8_t mcs_table;
        uint8_t dmrs_add_pos;
        bool transform_precoding;
        uint8_t max_rank;            /* 1..4 */
        uint8_t beta_harq, beta_csi; /* betaOffsetACK-Index1..3 and CSI-Part1-Index1..2, all alike; 0..31 */
        int8_t p0_offset_db;         /* of P0-PUSCH-AlphaSet 0: -16..15 */
        uint8_t alpha_x10;           /* 0, 4, 5, 6, 7, 8, 9, 10 */

        /* PUCCH-Config */
        uint8_t n_resources;
        rrc_pucch_resource_t resource[RRC_MAX_PUCCH_RESOURCES];
        uint8_t n_set[2];   /* resource set 0 (1..2 bits, 1..32 resources), set 1 (more, 1..8) */
        uint8_t set[2][32]; /* ids */
        uint8_t n_k1;
        uint8_t k1[RRC_MAX_K1];     /* dl-DataToUL-ACK, slots, 0..15 */
        bool simultaneous_harq_csi; /* of format 2 */
        uint8_t max_code_rate_x100; /* format 2: 8, 15, 25, 35, 45, 60, 80 */
        bool has_sr;                /* one SR resource, id 1 */
        uint8_t sr_id, sr_resource;
        uint16_t sr_period_slots, sr_offset_slots; /* 1, 2, 4, 5, 8, 10, 16, 20, 40, 80, 160, 320, 640 */
    } ul;

    bool has_csi; /* CSI-MeasConfig: one periodic wideband report (cri-RI-PMI-CQI, 1 port: 4 bits of CQI) */
    struct {
        uint16_t period_slots, offset_slots; /* of the report: 4, 5, 8, 10, 16, 20, 40, 80, 160, 320 */
        uint8_t pucch_resource;
        uint8_t cqi_table;                         /* 0: table 1 (64QAM), 1: table 2 (256QAM), 2: table 3 */
        uint16_t rs_period_slots, rs_offset_slots; /* of the NZP-CSI-RS that it measures */
        uint16_t rs_start_rb, rs_n_rb;             /* multiples of 4 */
        uint8_t rs_symbol;
        uint16_t rs_scrambling_id;
    } csi;
} rrc_cell_group_t;

/* CellGroupConfig in unaligned PER. `ret_why` names the first component that does not fit. 0, -ERANGE,
 * -ENOBUFS, -ENOMEM. */
int rrc_cell_group_build(const rrc_cell_group_t *cg, arena_t *scratch, uint8_t *buf, size_t cap,
                         size_t *ret_n, char ret_why[128]);
/* A peer's bytes. 0, -EBADMSG, -ENOTSUP (asks for what a UE of ours cannot do), -ENOMEM; *ret is untouched on
 * failure. */
int rrc_cell_group_parse(const uint8_t *bytes, size_t n, arena_t *scratch, rrc_cell_group_t *ret,
                         char ret_why[128]);

#endif
