/* SPDX-License-Identifier: Apache-2.0 */
/* PUSCH: the configuration that transmitter (pusch_tx.h) and receiver share, its plan, and the receiver from
 * a slot's grid to UL-SCH and UCI. TS 38.211 6.3.1 and 6.4.1, 38.212 6.2 and 6.3.2, 38.214 6.
 *
 * Receiver as steps, so that a worker pool can take each when its samples are there:
 *   pusch_rx_begin    memory of this PUSCH                                   (one thread at a time per rx)
 *   pusch_rx_dmrs     after the last DMRS symbol of hop h arrived; every hop once
 *   pusch_rx_symbol   a data symbol of a hop whose DMRS is done -> LLRs; symbols run in parallel, any order
 *   pusch_rx_uci      after all symbols: HARQ-ACK, CSI part 1 -> UCI bits
 *   pusch_rx_csi2     where csi2_follows: its size is known now
 *   pusch_rx_cb       code block r; blocks run in parallel, any order
 *   pusch_rx_finish   TB CRC, result
 * or pusch_rx for all of it on one core. Nothing allocates; pusch_rx_bytes says what a PUSCH in flight needs,
 * pusch_work_t is one a worker. Nothing below pusch_plan fails on sizes. */
#ifndef VITRAN_PHY_PUSCH_PUSCH_H
#define VITRAN_PHY_PUSCH_PUSCH_H

#include "lib/phy/pusch/chest.h"
#include "lib/phy/ldpc/sch.h"
#include "lib/phy/ldpc/sch_rx.h"
#include "lib/phy/polar/ulsch.h"
#include "lib/phy/pusch/equalize.h"

#define PUSCH_MAX_UCI_BITS 1706
#define PUSCH_MAX_CB 152 /* 1.28 Mbit: 275 PRB, 4 layers, 256QAM */

/* Which values a field may take is checked by pusch_plan and named in its refusal. */
typedef struct {
    /* carrier and slot */
    uint8_t mu;          /* subcarrier spacing 15 kHz << mu, 0..3 */
    uint8_t slot;        /* n_s,f: slot in the frame */
    uint16_t n_grid_prb; /* PRBs of the grid, <= 275 */
    uint16_t grid_start; /* common resource block of the grid's PRB 0: N_grid,start. DMRS count from CRB 0 */
    uint16_t rnti;

    /* resources, PRBs of the grid. TS 38.214 6.1.2 */
    bool resource_alloc_type0; /* rb_set instead of prb_start and n_prb; no transform precoding, no hopping */
    uint64_t rb_set[5];        /* bit (prb % 64) of rb_set[prb / 64] */
    uint16_t prb_start, n_prb;
    bool freq_hopping; /* intra-slot: the second half of the symbols starts at second_hop_prb. 38.214 6.3 */
    uint16_t second_hop_prb;
    uint8_t start_symbol, n_symbols; /* S, L: 1..14 symbols */

    /* DMRS. TS 38.211 6.4.1.1 */
    uint8_t dmrs_type;                 /* 1 or 2 */
    uint8_t dmrs_length;               /* 1 or 2 */
    uint16_t dmrs_symbols;             /* bit l: symbol l of the slot holds DMRS (both symbols of a pair) */
    uint8_t n_cdm_groups_no_data;      /* 1..3 */
    uint8_t dmrs_port[PHY_MAX_LAYERS]; /* of each layer, without 1000 */
    uint16_t n_id_dmrs;                /* N_ID^{n_SCID}, 0..65535 (CP-OFDM) */
    uint8_t n_scid;                    /* 0, 1 */
    uint16_t n_rs_id;                  /* n_ID^RS, 0..1007 (transform precoding) */
    bool group_hopping, sequence_hopping; /* not both (transform precoding) */

    /* modulation and layers */
    bool transform_precoding; /* one layer; n_prb = 2^a 3^b 5^c */
    uint8_t qm;               /* 1 (pi/2-BPSK, transform precoding only), 2, 4, 6, 8 */
    uint8_t n_layers;         /* 1..4 */
    uint8_t n_tx_ports;       /* 1, 2, 4: antenna ports of the UE */
    bool codebook;            /* else layers are ports (n_tx_ports == n_layers). 38.211 6.3.1.5 */
    uint8_t tpmi;
    uint16_t n_id; /* scrambling, 0..1023 */

    /* UL-SCH; tb_bytes 0: UCI only. TS 38.212 6.2 */
    uint32_t tb_bytes;
    uint16_t target_code_rate; /* R x 1024 x 10 (one decimal), as FAPI: 193.0 -> 1930. UCI only: still used by
                                  Q' */
    uint8_t rv;
    uint32_t tbs_lbrm_bits; /* 0: no limited buffer */

    /* UCI, bits before coding (without CRC). TS 38.212 6.3.2 */
    uint16_t n_harq_ack, n_csi1, n_csi2;
    bool csi2_follows; /* receiver: CSI part 2 is there, its size comes after part 1 (n_csi2 is ignored) */
    float beta_harq_ack, beta_csi1, beta_csi2; /* 38.213 tables 9.3-1, 9.3-2 */
    float alpha_scaling;                       /* 0.5, 0.65, 0.8, 1 */

    /* PTRS. TS 38.211 6.4.1.2 */
    bool ptrs;
    uint8_t ptrs_time_density;  /* L_PTRS 1, 2, 4 */
    uint8_t ptrs_freq_density;  /* K_PTRS 2, 4 (CP-OFDM) */
    uint8_t ptrs_re_offset;     /* resourceElementOffset 0..3 (CP-OFDM) */
    uint8_t n_ptrs_ports;       /* 1, 2 (CP-OFDM) */
    uint8_t ptrs_dmrs_layer[2]; /* the layer that PTRS port i goes with */
    float ptrs_amplitude;       /* of a PTRS RE over a data RE of one layer (CP-OFDM) or beta' (DFT-s) */
    uint8_t ptrs_n_groups, ptrs_group_size; /* transform precoding: 2, 4, 8 x 2, 4 */

    /* receiver */
    uint8_t n_rx; /* 1..8 */
    eq_kind_t equalizer;
    uint8_t irc_prbs;       /* PRBs of one covariance, 1..; 0: 4 */
    uint8_t max_iterations; /* of the LDPC decoder, 1..64; 0: 8 */
} pusch_cfg_t;

/* One frequency hop; without hopping there is one. */
typedef struct {
    uint16_t prb_start; /* of the first run */
    uint16_t symbols;   /* mask of the slot's symbols that belong to it */
    chest_plan_t chest;
} pusch_hop_t;

typedef struct {
    pusch_cfg_t cfg;
    uint16_t n_prb, n_sc; /* of the allocation */
    uint8_t n_hops;
    pusch_hop_t hop[2];
    uint8_t n_data_symbols; /* OFDM symbols with data REs */
    struct {
        uint8_t hop;
        bool dmrs;        /* holds DMRS (data as well where the CDM groups leave room) */
        bool ptrs;        /* holds PTRS */
        uint16_t re_mask; /* subcarriers of a PRB that carry data (before PTRS) */
        uint16_t n_re;    /* data REs (modulation symbols of a layer; PTRS taken off) */
        uint32_t bit;     /* where its bits begin in the codeword */
    } symbol[PHY_SYMBOLS];
    uint32_t n_re;   /* data REs of a layer */
    uint32_t g;      /* bits of the codeword: n_re * n_layers * qm */
    uint32_t c_init; /* scrambling */
    sch_plan_t sch;  /* UL-SCH, when tb_bytes > 0 (csi2_follows: valid after pusch_rx_csi2, in pusch_rx_t) */
    ulsch_plan_t ulsch; /* UCI multiplexing */
    bool uci;           /* some UCI is there */
} pusch_plan_t;

/* [any thread] 0, or -EINVAL: the field, its value and what it may be. `ret` is untouched then. */
int pusch_plan(const phy_t *phy, const pusch_cfg_t *cfg, pusch_plan_t *ret, phy_refusal_t *why);

/* Where a HARQ process keeps this transport block: the caller's, cb [sch.n_cb], one entry a code block with
 * its buffers. For new data the caller zeroes n_soft and done. */
typedef struct {
    sch_rx_cb_t *cb;
} pusch_harq_t;

typedef struct {
    bool present; /* some bits were expected */
    bool valid;   /* CRC holds; up to 11 bits have none: a confidence test of the block code instead */
    uint16_t n_bits;
    uint8_t bits[(PUSCH_MAX_UCI_BITS + 7) / 8]; /* packed */
} pusch_uci_t;

typedef struct {
    bool tb_present, crc_ok;
    uint8_t iterations_max; /* of the code blocks */
    uint16_t n_cb_ok;
    /* Powers relative to a unit-power symbol of one layer, dB. Linear means of antennas, layers and hops. */
    float rsrp_db, epre_db, noise_db;
    float sinr_db;      /* before equalisation, summed over antennas (chest_result_t) */
    float post_sinr_db; /* after equalisation: harmonic mean over REs and layers */
    float ta_s;         /* arrival behind the receiver's window */
    float cfo_hz;
    uint8_t ta_command; /* chest_ta_command(ta_s) */
    pusch_uci_t harq_ack, csi1, csi2;
} pusch_result_t;

/* A PUSCH in flight. */
typedef struct {
    const pusch_plan_t *plan;
    phy_grid_t grid; /* antennas 0..n_rx-1 */
    chest_t chest[2];
    sch_plan_t sch;
    int8_t *llr;   /* [plan->g] descrambled, in codeword order */
    int8_t *ulsch; /* [<= plan->g] UL-SCH's own; = llr without UCI */
    float *g[2];   /* filter of each hop, when one holds for all its symbols */
    float *inv_noise[2];
    float inv_sinr_sum[PHY_SYMBOLS];
    uint32_t inv_sinr_n[PHY_SYMBOLS];
    pusch_harq_t harq;
    pusch_result_t result;
    uint8_t cb_iterations[PUSCH_MAX_CB];
} pusch_rx_t;

typedef struct pusch_work pusch_work_t;
/* Bytes of pusch_work_t (a worker's scratch, 64-byte aligned, any PUSCH). */
size_t pusch_work_bytes(void);
/* Bytes of a PUSCH in flight. */
size_t pusch_rx_bytes(const pusch_plan_t *plan);

/* The grid's samples may still be arriving. harq may be NULL without UL-SCH. */
void pusch_rx_begin(pusch_rx_t *rx, const pusch_plan_t *plan, const phy_grid_t *grid,
                    const pusch_harq_t *harq, void *memory);
void pusch_rx_dmrs(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, unsigned hop);
/* A symbol without data REs returns at once. */
void pusch_rx_symbol(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, unsigned symbol);
/* True: nothing stands before the code blocks. False: CSI part 1 is in rx->result.csi1, pusch_rx_csi2 next.
 */
bool pusch_rx_uci(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work);
/* 0, or -EINVAL: that many bits do not fit (the UL-SCH is lost then; go on to pusch_rx_finish). */
int pusch_rx_csi2(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, unsigned n_csi2, phy_refusal_t *why);
/* Code block r < rx->sch.n_cb. */
void pusch_rx_cb(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, unsigned r);
/* The same as an operation for a backend (an accelerator); pusch_rx_cb_done takes its outcome. */
void pusch_rx_cb_op(pusch_rx_t *rx, unsigned r, ldpc_dec_op_t *ret);
void pusch_rx_cb_done(pusch_rx_t *rx, unsigned r, const ldpc_dec_op_t *op);
/* tb [tb_bytes] gets the transport block (whatever was decoded, when the CRC fails). NULL without UL-SCH. */
const pusch_result_t *pusch_rx_finish(const phy_t *phy, pusch_rx_t *rx, uint8_t *tb);

/* Size of CSI part 2 from part 1's bits (packed). */
typedef unsigned (*pusch_csi2_size_fn)(const void *ctx, const uint8_t *csi1, unsigned n_csi1);
/* All of it on this core. csi2_size may be NULL unless csi2_follows. */
const pusch_result_t *pusch_rx(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, const pusch_plan_t *plan,
                               const phy_grid_t *grid, const pusch_harq_t *harq, void *memory,
                               pusch_csi2_size_fn csi2_size, const void *ctx, uint8_t *tb);

#endif
