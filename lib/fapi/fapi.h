/* SPDX-License-Identifier: Apache-2.0 */
/* The boundary between MAC (above) and L1 (below), in the terms of SCF-222 (5G FAPI PHY API) as plain C
 * structs in one process. MAC writes one fapi_dl_slot_t per slot (DL_TTI, UL_TTI, UL_DCI and TX_DATA requests
 * together); L1 writes one fapi_ul_slot_t per slot (RX_DATA, CRC, UCI, RACH, SRS indications together) and
 * hands it up with the slot indication. Both are fixed-size slabs that live in memory the L1 chooses: for the
 * `abstract` L1 that is memory shared with the emulator, so that nothing is copied or serialized; for `phy`
 * it is the DU's own.
 *
 * Thread: the slot thread writes and reads slabs; none of it allocates. What comes from a shared slab is
 * hostile: the reader copies each count once and checks it against the capacity here, and each offset against
 * the payload area.
 *
 * Units: PRB and CCE indices count from 0 in their BWP or CORESET; symbols 0..13; powers in dB unless said.
 * Where SCF-222 lets a vendor leave a field out for lack of a feature, it is left out here as well. */
#ifndef VITRAN_FAPI_FAPI_H
#define VITRAN_FAPI_FAPI_H

#include <stdint.h>

#define FAPI_MAX_DCI 32 /* per direction and slot */
#define FAPI_MAX_PDSCH 40
#define FAPI_MAX_PUSCH 32
#define FAPI_MAX_PUCCH 96
#define FAPI_MAX_PRACH 4
#define FAPI_MAX_SSB 4
#define FAPI_MAX_CSI_RS 8
#define FAPI_MAX_SRS 16
#define FAPI_MAX_PREAMBLES 64
#define FAPI_MAX_RATE_MATCH 8
#define FAPI_MAX_PRG 69       /* 275 PRBs in groups of 4 */
#define FAPI_MAX_UCI_BYTES 32 /* 256 bits, more than any UCI of first release UEs */
#define FAPI_TX_BYTES                                                                                        \
    (320 * 1024) /* transport blocks of one slot: 273 PRB, 4 layers, 256QAM is 108.6 kB a UE set */
#define FAPI_RX_BYTES (320 * 1024)
#define FAPI_MAX_CELL_PRBS 275

/* ---- cell configuration: CONFIG.request ---- */

typedef struct {
    uint64_t nr_cell_id; /* for logs and matching only */
    uint32_t dl_point_a_arfcn, ul_point_a_arfcn;
    uint16_t phys_cell_id;       /* 0..1007 */
    uint16_t n_prb_dl, n_prb_ul; /* carrier, PRBs of scs */
    uint8_t mu;                  /* numerology of the carrier, 0..3 */
    uint8_t n_tx_ant, n_rx_ant;
    uint8_t ssb_period_ms;        /* 5, 10, 20, 40, 80, 160 */
    uint8_t ssb_case;             /* 0..4: case A..E, TS 38.213 4.1 */
    uint8_t k_ssb;                /* ssb-SubcarrierOffset, 0..31 */
    uint16_t ssb_offset_point_a;  /* offsetToPointA, PRBs of 15 kHz (FR1) or 60 kHz (FR2) */
    uint64_t ssb_mask;            /* blocks sent: bit 63 is block 0, as ssb-PositionsInBurst */
    uint8_t dmrs_type_a_position; /* 2 or 3 */
    uint8_t prach_config_index;
    uint8_t prach_scs; /* numerology; 4: 1.25 kHz, 5: 5 kHz */
    uint8_t prach_zero_corr;
    uint16_t prach_root_sequence;
    uint8_t prach_short; /* 1: L_RA 139 */
    uint8_t prach_restricted_set;
    uint16_t prach_freq_start; /* msg1-FrequencyStart, PRB */
    uint8_t prach_n_fdm;
    uint8_t tdd_period_slots; /* 0: FDD */
    uint8_t tdd_kind[80];     /* [tdd_period_slots] 'D', 'S', 'U' */
    uint8_t tdd_special_dl_symbols, tdd_special_ul_symbols;
    uint8_t reserved[6];
} fapi_cell_config_t;

/* ---- downlink ---- */

/* Precoding and beamforming of one PDU, SCF-222 table 3-43. Category A and B radios, beam ids and weights
 * alike. */
typedef struct {
    uint16_t n_prgs, prg_size; /* 0 PRGs: identity, beam 0 */
    uint8_t n_dig_bf;          /* beams per PRG; 0: none */
    uint8_t reserved[3];
    uint16_t pm_idx[FAPI_MAX_PRG];   /* precoding matrix of each PRG; 0: identity */
    uint16_t beam_idx[FAPI_MAX_PRG]; /* beam of layer 0 of each PRG, layer v uses the v-th after it; weights
                                        by index, see fapi_weights_t */
} fapi_precoding_t;

/* Weights that a beamforming plugin made for this slot; a beam_idx >= FAPI_DYNAMIC_BEAM refers to entry
 * beam_idx - FAPI_DYNAMIC_BEAM. They become section extensions 1 or 11 on the C-plane. */
#define FAPI_DYNAMIC_BEAM 0x4000u
#define FAPI_MAX_WEIGHTS 64
#define FAPI_MAX_TRX 64
typedef struct {
    uint16_t n_weights, n_trx;
    uint32_t reserved;
    int16_t iq[FAPI_MAX_WEIGHTS][FAPI_MAX_TRX][2]; /* [beam][antenna][re, im], Q15 */
} fapi_weights_t;

typedef struct { /* one DCI with the CORESET that it is sent in; SCF-222 tables 3-36, 3-37 */
    uint16_t bwp_start, bwp_size;
    uint8_t scs, cyclic_prefix;
    uint8_t start_symbol, duration;  /* of the CORESET */
    uint8_t freq_domain_resource[6]; /* frequencyDomainResources, bit 7 of byte 0 first; 45 bits */
    uint8_t cce_reg_interleaved, reg_bundle_size, interleaver_size;
    uint8_t coreset_type;         /* 0: CORESET 0 of MIB or SIB1, 1: other */
    uint16_t shift_index;         /* n_shift */
    uint8_t precoder_granularity; /* 0: REG bundle, 1: all contiguous RBs */
    uint8_t aggregation_level;    /* 1, 2, 4, 8, 16 */
    uint16_t rnti;
    uint16_t scrambling_id;   /* n_ID of TS 38.211 7.3.2.3 */
    uint16_t scrambling_rnti; /* n_RNTI of the same */
    uint16_t cce_index;       /* first CCE */
    uint16_t dmrs_id;         /* n_ID of TS 38.211 7.4.1.3.1 */
    int8_t power_offset_db;   /* to SSS */
    uint8_t reserved;
    uint16_t payload_bits;
    uint8_t payload[16]; /* DCI bits, first bit is bit 7 of byte 0 */
} fapi_pdcch_pdu_t;

typedef struct {          /* phase tracking, TS 38.211 7.4.1.2 and 6.4.1.2 */
    uint8_t ports;        /* mask of DMRS ports that carry PTRS; 0: none */
    uint8_t time_density; /* L_PT-RS: 1, 2, 4 */
    uint8_t freq_density; /* K_PT-RS: 2, 4; of DFT-s-OFDM: samples per group, 2 or 4 */
    uint8_t re_offset;    /* resourceElementOffset 0..3 */
    uint8_t epre_ratio;   /* epre-RatioPTRS 0..3, or ptrs-Power of PUSCH */
    uint8_t dfts_groups;  /* DFT-s-OFDM: groups, 2, 4, 8 */
    uint8_t reserved[2];
} fapi_ptrs_t;

/* Resources that a PDSCH leaves out, TS 38.214 5.1.4.1: PRBs x symbols, of the carrier. A CORESET is one. */
typedef struct {
    uint64_t rb_bitmap[5];
    uint16_t symbol_mask;
    uint16_t reserved[3];
} fapi_rate_match_t;

typedef struct { /* SCF-222 table 3-38 */
    uint16_t rnti;
    uint16_t bwp_start, bwp_size;
    uint8_t scs, cyclic_prefix;
    uint8_t qam_mod_order;        /* 2, 4, 6, 8 */
    uint8_t mcs_index, mcs_table; /* table 0: 64QAM, 1: 256QAM, 2: low SE; TS 38.214 5.1.3.1 */
    uint8_t rv_index;
    uint16_t target_code_rate; /* R x 1024 x 10 */
    uint16_t n_id_pdsch;       /* data scrambling */
    uint8_t n_layers, harq_id;
    uint8_t new_data;          /* 1: first transmission of this block (for soft buffers of an abstract L1) */
    uint8_t ref_point;         /* 1: DMRS counts from the start of CORESET 0 */
    uint16_t dmrs_symbol_mask; /* bit l: symbol l carries DMRS */
    uint8_t dmrs_config_type;  /* 0: type 1, 1: type 2 */
    uint8_t dmrs_scid;
    uint16_t dmrs_scrambling_id;
    uint8_t n_cdm_groups_no_data; /* 1..3 */
    uint8_t resource_alloc;       /* 0: bitmap, 1: start and size */
    uint16_t dmrs_ports;          /* bit p: port 1000 + p */
    uint16_t rb_start, rb_size;
    uint64_t rb_bitmap[5]; /* VRBs, bit i of word i / 64 */
    uint8_t vrb_to_prb;    /* 0: direct, 1: bundles of 2, 2: bundles of 4 */
    uint8_t start_symbol, n_symbols;
    uint8_t rate_match_mask; /* bit i: nothing on the REs of fapi_dl_slot_t.rate_match[i] */
    int8_t power_offset_db;  /* to SSS */
    uint8_t
        csi_rs_mask; /* bit i: nothing on the REs of csi_rs[i] of this slot (NZP or ZP), TS 38.214 5.1.4.2 */
    fapi_ptrs_t ptrs;
    uint32_t tbs_lbrm_bytes; /* TBS_LBRM / 8 of TS 38.212 5.4.2.1; 0: no limited buffer */
    uint32_t tb_bytes;       /* transport block without its CRC */
    uint32_t tb_offset;      /* of the block in fapi_dl_slot_t.tx */
    fapi_precoding_t precoding;
} fapi_pdsch_pdu_t;

typedef struct { /* SCF-222 table 3-40 */
    uint16_t phys_cell_id;
    uint8_t ssb_block_index, k_ssb;
    uint16_t ssb_offset_point_a;
    uint8_t beta_pss; /* 0: 0 dB, 1: 3 dB */
    uint8_t reserved;
    uint32_t bch_payload; /* the 24 bits of BCCH-BCH-Message (MIB), first bit is bit 23 */
    uint16_t beam_idx;
    uint16_t sfn; /* whose 4 LSBs L1 puts behind the MIB, TS 38.212 7.1.1 */
} fapi_ssb_pdu_t;

typedef struct { /* SCF-222 table 3-39 */
    uint16_t bwp_start, bwp_size;
    uint16_t start_rb, n_rbs;
    uint8_t scs, cyclic_prefix;
    uint8_t csi_type;     /* 0: TRS, 1: NZP, 2: ZP */
    uint8_t row;          /* 1..18, TS 38.211 table 7.4.1.5.3-1 */
    uint16_t freq_domain; /* bitmap */
    uint8_t symb_l0, symb_l1, cdm_type, freq_density;
    uint16_t scramb_id;
    int8_t power_offset_db, power_offset_ss_db;
    uint16_t beam_idx;
} fapi_csi_rs_pdu_t;

/* ---- uplink ---- */

typedef struct { /* SCF-222 table 3-45 */
    uint16_t phys_cell_id;
    uint8_t n_occasions;
    uint8_t format; /* 0..3: 0..3; 4..12: A1..C2 */
    uint8_t index;  /* fd_ra */
    uint8_t start_symbol;
    uint16_t num_cs;
    uint16_t beam_idx;
    uint16_t reserved;
} fapi_prach_pdu_t;

/* Bits of CSI part 2 by what part 1 says: the bits param_offset.. of part 1 as a number choose the size. The
 * UCI part 1 to part 2 correspondence of SCF-222 with one parameter. */
typedef struct {
    uint8_t param_bits; /* 0..4; 0: csi2_bits is the size */
    uint8_t param_offset;
    uint16_t bits[16];
} fapi_csi2_map_t;

typedef struct { /* SCF-222 tables 3-46 to 3-49 */
    uint16_t rnti;
    uint16_t bwp_start, bwp_size;
    uint8_t scs, cyclic_prefix;
    uint8_t qam_mod_order, mcs_index, mcs_table;
    uint8_t transform_precoding; /* 1: DFT-s-OFDM */
    uint16_t target_code_rate;   /* R x 1024 x 10 */
    uint16_t n_id_pusch;
    uint8_t n_layers, rv_index, harq_id, new_data;
    uint16_t dmrs_symbol_mask;
    uint8_t dmrs_config_type, dmrs_scid;
    uint16_t dmrs_scrambling_id, dmrs_identity; /* identity: of low-PAPR sequences */
    uint8_t n_cdm_groups_no_data, resource_alloc;
    uint16_t dmrs_ports;
    uint16_t rb_start, rb_size;
    uint64_t rb_bitmap[5];
    uint8_t frequency_hopping;
    uint8_t start_symbol, n_symbols;
    uint8_t handle; /* comes back in the indications */
    uint16_t second_hop_rb;
    uint16_t tpmi;
    uint32_t tb_bytes;
    uint16_t harq_ack_bits, csi1_bits, csi2_bits;   /* UCI on this PUSCH */
    uint8_t alpha, beta_harq, beta_csi1, beta_csi2; /* scaling and beta offset indices, TS 38.213 9.3 */
    uint16_t beam_idx;
    uint8_t group_or_sequence_hopping; /* of low-PAPR DMRS: 0 neither, 1 group, 2 sequence */
    fapi_csi2_map_t csi2;
    fapi_ptrs_t ptrs;
    uint32_t tbs_lbrm_bytes; /* as of PDSCH */
} fapi_pusch_pdu_t;

typedef struct { /* SCF-222 table 3-50 */
    uint16_t rnti;
    uint16_t bwp_start, bwp_size;
    uint8_t scs, cyclic_prefix;
    uint8_t format; /* 0..4 */
    uint8_t handle;
    uint8_t multi_slot, pi2_bpsk;
    uint16_t prb_start, prb_size;
    uint8_t start_symbol, n_symbols;
    uint8_t freq_hop, group_hop;
    uint16_t second_hop_prb;
    uint16_t hopping_id;
    uint16_t initial_cyclic_shift;
    uint16_t n_id_scrambling; /* formats 2 to 4 */
    uint8_t time_domain_occ, pre_dft_occ, pre_dft_occ_len;
    uint8_t add_dmrs;
    uint16_t dmrs_scrambling_id;
    uint8_t sr_flag; /* an SR opportunity is in this resource */
    uint8_t reserved;
    uint16_t harq_bits; /* bit_len_harq */
    uint16_t
        csi1_bits; /* CSI part 1; part 2 has no size of its own on the formats 2 to 4 that this carries */
    uint16_t csi2_bits;
    uint16_t beam_idx;
} fapi_pucch_pdu_t;

typedef struct { /* SCF-222 table 3-53 */
    uint16_t rnti;
    uint16_t bwp_start, bwp_size;
    uint8_t scs, cyclic_prefix;
    uint8_t n_ports, n_symbols, n_repetitions, start_symbol; /* ports 1, 2, 4 */
    uint8_t config_index, comb_size, comb_offset, cyclic_shift;
    uint16_t sequence_id, bandwidth_index;
    uint8_t freq_position, freq_shift, freq_hopping, group_hopping;
    uint8_t resource_type, handle;
    uint16_t t_srs, t_offset;
    uint16_t reserved;
} fapi_srs_pdu_t;

/* ---- what MAC writes for one slot ---- */

typedef struct {
    uint64_t abs_slot;
    uint8_t n_pdcch;  /* DL_TTI: DCIs for downlink assignments */
    uint8_t n_ul_dci; /* UL_DCI: DCIs for uplink grants */
    uint8_t n_pdsch, n_ssb, n_csi_rs;
    uint8_t n_prach, n_pusch, n_pucch; /* UL_TTI */
    uint8_t n_srs, reserved[3];
    uint32_t tx_bytes; /* used of tx */
    fapi_pdcch_pdu_t pdcch[FAPI_MAX_DCI];
    fapi_pdcch_pdu_t ul_dci[FAPI_MAX_DCI];
    fapi_pdsch_pdu_t pdsch[FAPI_MAX_PDSCH];
    fapi_ssb_pdu_t ssb[FAPI_MAX_SSB];
    fapi_csi_rs_pdu_t csi_rs[FAPI_MAX_CSI_RS];
    fapi_prach_pdu_t prach[FAPI_MAX_PRACH];
    fapi_pusch_pdu_t pusch[FAPI_MAX_PUSCH];
    fapi_pucch_pdu_t pucch[FAPI_MAX_PUCCH];
    fapi_srs_pdu_t srs[FAPI_MAX_SRS];
    fapi_rate_match_t rate_match[FAPI_MAX_RATE_MATCH];
    fapi_weights_t weights;
    _Alignas(
        64) uint8_t tx[FAPI_TX_BYTES]; /* transport blocks; PDSCH PDUs point into it, 64-byte aligned each */
} fapi_dl_slot_t;

/* ---- what L1 writes for one slot ---- */

typedef struct { /* CRC.indication and RX_DATA.indication of one PUSCH; SCF-222 tables 3-61, 3-63 */
    uint16_t rnti;
    uint8_t handle, harq_id;
    uint8_t crc_ok;      /* 1: the block is in rx */
    uint8_t dtx;         /* 1: no energy on the resource */
    int16_t sinr_db_x10; /* ul_cqi */
    int16_t rssi_dbm_x10;
    uint16_t timing_advance;      /* TS 38.213 4.2: 31 is no change, 0..63; 0xffff: not known */
    uint32_t tb_bytes, tb_offset; /* in fapi_ul_slot_t.rx; 0 bytes when the CRC failed */
    uint8_t harq_ack_bits,
        harq_crc; /* UCI on PUSCH: bits that follow; harq_crc 0: detected, 1: failed, 2: DTX */
    uint8_t csi1_bits, csi1_crc;
    uint8_t csi2_bits, csi2_crc;
    uint8_t harq[FAPI_MAX_UCI_BYTES]; /* bit 7 of byte 0 first */
    uint8_t csi1[FAPI_MAX_UCI_BYTES];
    uint8_t csi2[FAPI_MAX_UCI_BYTES];
} fapi_pusch_ind_t;

typedef struct { /* UCI.indication of one PUCCH; SCF-222 tables 3-66 to 3-71 */
    uint16_t rnti;
    uint8_t handle, format;
    int16_t sinr_db_x10;
    uint16_t timing_advance;
    uint8_t sr;                 /* 1: positive SR */
    uint8_t dtx;                /* 1: nothing detected; what follows is void */
    uint8_t n_harq, n_csi1;     /* bits */
    uint8_t harq_crc, csi1_crc; /* formats 2 to 4: 0 good, 1 failed */
    uint16_t reserved;
    uint8_t harq[FAPI_MAX_UCI_BYTES];
    uint8_t csi1[FAPI_MAX_UCI_BYTES];
} fapi_uci_ind_t;

typedef struct {             /* RACH.indication, one preamble; SCF-222 table 3-74 */
    uint8_t symbol_index;    /* s_id, first symbol of the occasion */
    uint8_t slot_index;      /* t_id, slot of the frame at the numerology of TS 38.321 5.1.3 */
    uint8_t ra_index;        /* f_id */
    uint8_t preamble_index;  /* 0..63 */
    uint16_t timing_advance; /* 0..3846, TS 38.213 4.2 */
    int16_t power_db_x10;
} fapi_rach_ind_t;

typedef struct { /* SRS.indication, with the normalized channel matrix of SCF-222 table 3-134 */
    uint16_t rnti;
    uint8_t handle;
    uint8_t n_ports, n_rx;
    uint8_t reserved;
    int16_t wideband_snr_db_x10;
    uint16_t timing_advance;
    uint16_t n_prgs, prg_size; /* PRGs of the sounded band from prb_start on; 0 PRGs: no matrix */
    uint16_t prb_start;
    uint32_t matrix_offset; /* in fapi_ul_slot_t.rx: int16 [prg][port][rx][re, im], Q15 of the largest */
} fapi_srs_ind_t;

typedef struct {
    uint64_t abs_slot; /* the uplink slot that all of this was received in */
    uint8_t n_pusch, n_uci, n_rach, n_srs;
    uint32_t rx_bytes;
    fapi_pusch_ind_t pusch[FAPI_MAX_PUSCH];
    fapi_uci_ind_t uci[FAPI_MAX_PUCCH];
    fapi_rach_ind_t rach[FAPI_MAX_PREAMBLES];
    fapi_srs_ind_t srs[FAPI_MAX_SRS];
    _Alignas(64) uint8_t rx[FAPI_RX_BYTES];
} fapi_ul_slot_t;

#endif
