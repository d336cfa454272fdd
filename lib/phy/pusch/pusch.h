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
#include "lib/phy/signal/dft.h"

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
    uint16_t n_rs_id;                  /* n_ID^RS, 0..1007 (transform precoding; nPUSCH-Identity of PTRS) */
    bool low_papr_type2; /* dmrs-UplinkTransformPrecoding: DMRS by 38.211 5.2.3 from n_id_dmrs (then
                            pi2BPSK-ScramblingID of n_scid). Transform precoding, qm 1, n_prb 5 at least */
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
    uint16_t rate_x10; /* target code rate R x 10240, as sch_cfg_t; UCI only: still used by Q' */
    uint8_t rv;
    uint32_t tbs_lbrm; /* TBS_LBRM, bits; 0: no limited buffer */

    /* UCI, bits before coding, 0..1706. TS 38.212 6.3.2 */
    uint16_t n_harq_ack, n_csi1, n_csi2;
    bool csi2_follows; /* receiver: a CSI part 2 is there, its size comes after part 1 (n_csi2 is ignored) */
    uint32_t beta_harq_ack_x1000, beta_csi1_x1000, beta_csi2_x1000; /* ulsch_beta_ack(), ulsch_beta_csi() */
    uint8_t alpha_x100;                                             /* 50, 65, 80, 100 */

    /* PTRS. TS 38.211 6.4.1.2 */
    bool ptrs;
    uint8_t ptrs_time_density; /* L_PTRS: 1, 2, 4; 1, 2 with transform precoding */
    /* CP-OFDM: one port or two */
    uint8_t ptrs_freq_density;  /* K_PTRS: 2, 4 */
    uint8_t ptrs_re_offset;     /* resourceElementOffset, 0..3 */
    uint8_t ptrs_layer;         /* the layer (DMRS port) that it goes with */
    float ptrs_amplitude;       /* of a PTRS RE over a data RE of one layer. 38.214 table 6.2.3.1.3-1; 0: 1 */
    bool ptrs_second_port;      /* PTRS port 1 is there too. 38.214 6.2.3.1 */
    uint8_t ptrs_second_layer;  /* the layer that it goes with */
    uint8_t ptrs_second_layers; /* bit l: layer l has the phase of port 1 (its antenna ports share with it) */
    /* transform precoding: samples before the DFT. 38.211 table 6.4.1.2.2.2-1, 38.214 6.2.3.2 */
    uint8_t ptrs_n_groups;  /* 2, 4, 8 */
    uint8_t ptrs_n_samples; /* of a group: 2, 4; 4 with 8 groups */

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

#define PUSCH_MAX_PTRS_SAMPLES 32 /* of a symbol with transform precoding: 8 groups of 4 */

/* PTRS REs of one port of CP-OFDM in a symbol. */
typedef struct {
    uint8_t layer;
    uint16_t first; /* subcarrier, compact, then every 12 * ptrs_freq_density */
    uint16_t n;
} pusch_ptrs_t;

typedef struct {
    pusch_cfg_t cfg;
    uint16_t n_prb, n_sc; /* of the allocation */
    uint8_t n_hops;
    pusch_hop_t hop[2];
    uint8_t n_ptrs_ports; /* CP-OFDM */
    pusch_ptrs_t ptrs[2];
    uint16_t n_ptrs; /* PTRS REs of a symbol, of all ports; samples with transform precoding */
    uint16_t ptrs_sample[PUSCH_MAX_PTRS_SAMPLES]; /* transform precoding: m of each, ascending */
    struct {
        uint8_t hop;
        bool dmrs;        /* holds DMRS (data as well where the CDM groups leave room) */
        bool ptrs;        /* holds PTRS */
        uint16_t re_mask; /* subcarriers of a PRB that carry data, before PTRS; 0: none */
        uint16_t n_re;    /* data REs (modulation symbols of a layer) */
        uint32_t bit;     /* where its bits begin in the codeword */
    } symbol[PHY_SYMBOLS];
    uint32_t n_re;   /* data REs of a layer */
    uint32_t n_sent; /* REs of a layer behind transform precoding: with the PTRS that were put before it */
    uint32_t g_bits; /* of the codeword: n_re * n_layers * qm */
    uint32_t c_init; /* of the scrambling. 38.211 6.3.1.1 */
    sch_plan_t
        sch; /* UL-SCH, tb_bytes > 0; with csi2_follows its sizes are those of a part 2 of 0 bits: see rx */
    ulsch_plan_t ulsch;                     /* UCI multiplexing; its has_uci says whether there is any */
    cf_t w[PHY_MAX_LAYERS][PHY_MAX_LAYERS]; /* precoder [port][layer]. 38.211 6.3.1.5 */
} pusch_plan_t;

/* [any thread] 0, or -EINVAL: the field, its value and what it may be. `ret` is untouched then. */
int pusch_plan(const phy_t *phy, const pusch_cfg_t *cfg, pusch_plan_t *ret, phy_refusal_t *why);

typedef struct {
    bool present; /* some bits were expected */
    bool valid;   /* CRC holds; up to 11 bits have none: a confidence test of the block code instead. HARQ-ACK
                     of 1 and 2 bits where none was sent (38.104: DTX to ACK) passes it in at most 1 of 100
                     cases   when it has 22 bits of capacity, 25 for two, or more */
    uint16_t n_bits;
    uint8_t bits[UCI_MAX_BYTES]; /* packed */
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
    int8_t *llr;         /* [g_bits] descrambled, in codeword order */
    int8_t *sch_llr;     /* UL-SCH's own: llr, or gathered */
    uint8_t *scrambling; /* c of the codeword, packed, where placeholders need it */
    float *g[2];         /* each hop's filter, where one does for all its symbols (chest.steady) */
    float *inv_noise[2]; /* and its SINRs, in the demapper's order */
    sch_plan_t sch;
    ulsch_plan_t ulsch;
    float noise_sum[PHY_SYMBOLS], noise_n[PHY_SYMBOLS]; /* 1 / SINR after equalisation, sampled */
    sch_rx_cb_t *cb;
    uint8_t iterations[SCH_MAX_CB];
    pusch_result_t result;
} pusch_rx_t;

typedef struct pusch_work pusch_work_t;
/* Bytes of a worker's scratch (64-byte aligned, any PUSCH), about 4 MB of which a small PUSCH touches little.
 */
size_t pusch_work_bytes(void);
/* Bytes of a PUSCH in flight beside pusch_rx_t. */
size_t pusch_rx_bytes(const pusch_plan_t *plan);

/* The grid's samples may still be arriving. cb [plan->sch.n_cb]: the HARQ process's blocks (sch_rx.h says
 * what to prepare); NULL without UL-SCH. memory [pusch_rx_bytes, 64-byte aligned]. */
void pusch_rx_begin(pusch_rx_t *rx, const pusch_plan_t *plan, const phy_grid_t *grid, sch_rx_cb_t *cb,
                    void *memory);
void pusch_rx_dmrs(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, unsigned hop);
/* A symbol without data returns at once. */
void pusch_rx_symbol(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, unsigned symbol);
/* True: nothing stands before the code blocks. False: CSI part 1 is in rx->result.csi1, pusch_rx_csi2 next.
 */
bool pusch_rx_uci(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work);
/* 0, or -EINVAL: that many bits do not fit (the UL-SCH is lost then: no code blocks, go on to
 * pusch_rx_finish). */
int pusch_rx_csi2(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, unsigned n_csi2, phy_refusal_t *why);
/* Code block r < rx->sch.n_cb. */
void pusch_rx_cb(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, unsigned r);
/* The same in two halves, for a backend (an accelerator): its operation, and what came of it. */
void pusch_rx_cb_op(pusch_rx_t *rx, unsigned r, ldpc_dec_op_t *ret);
void pusch_rx_cb_done(pusch_rx_t *rx, unsigned r, const ldpc_dec_op_t *op);
/* tb [tb_bytes] gets the transport block (whatever was decoded, when the CRC fails). NULL without UL-SCH. */
const pusch_result_t *pusch_rx_finish(const phy_t *phy, pusch_rx_t *rx, uint8_t *tb);

/* Size of CSI part 2 from part 1's bits (packed). */
typedef unsigned (*pusch_csi2_size_fn)(const void *ctx, const uint8_t *csi1, unsigned n_csi1);
/* All of it on this core. csi2_size may be NULL unless csi2_follows. */
const pusch_result_t *pusch_rx(const phy_t *phy, pusch_rx_t *rx, pusch_work_t *work, const pusch_plan_t *plan,
                               const phy_grid_t *grid, sch_rx_cb_t *cb, void *memory,
                               pusch_csi2_size_fn csi2_size, const void *ctx, uint8_t *tb);

/* Shared with the transmitter. DMRS sequence r(m) of symbol l, compact [chest.n_re]. Of unit magnitude; with
 * low_papr_type2 that is its mean only. */
void pusch_dmrs(const phy_t *phy, const pusch_plan_t *plan, unsigned symbol, dft_work_t *dft, cf_t *ret);
/* PTRS of a hop on one port of CP-OFDM: [plan->ptrs[port].n], unit magnitude. */
void pusch_ptrs(const phy_t *phy, const pusch_plan_t *plan, unsigned port, unsigned hop, cf_t *ret);
/* PTRS of transform precoding, of every symbol that has any: [n_ptrs], with beta' of 38.214 6.2.3.2. */
void pusch_ptrs_samples(const phy_t *phy, const pusch_plan_t *plan, cf_t *ret);

#endif
