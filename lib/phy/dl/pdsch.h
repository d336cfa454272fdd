/* SPDX-License-Identifier: Apache-2.0 */
/* PDSCH, transmit side: a transport block and a configuration in, resource elements of a slot's grid out.
 * From above comes pdsch_cfg_t (the terms of an SCF-222 PDSCH PDU); below lies the grid. TS 38.211 7.3.1,
 * 7.4.1.1, 7.4.1.2; 38.212 7.2; 38.214 5.1.
 *
 *   pdsch_plan        checks, places resource blocks, counts REs, cuts the block into code blocks
 *   pdsch_tb_crc      the block's CRC, which code blocks need
 *   pdsch_code_block  one code block from bits to grid: encode, rate match, scramble, modulate, map, precode.
 *                     Blocks are independent and write different REs: workers may take them in any order.
 *   pdsch_signals     DMRS and PTRS; independent of the blocks as well
 *   pdsch_run         all of it, on one core
 *
 * Write or add: a PDSCH writes its own REs and no others, or (cfg.add) adds to what is there with saturation:
 * for users that share PRBs on the same antennas, where the grid was cleared first. Adding PDSCHs of one grid
 * are run one after the other. Work memory belongs to one worker thread. */
#ifndef VITRAN_PHY_DL_PDSCH_H
#define VITRAN_PHY_DL_PDSCH_H

#include "lib/phy/dl/dl_ops.h"
#include "lib/phy/dl/precoding.h"
#include "lib/phy/ldpc/sch.h"
#include "lib/phy/phy.h"

#define PDSCH_PRB_WORDS 5 /* a set of PRBs: bit i of word i / 64 */
#define PDSCH_MAX_PRGS PHY_MAX_PRB
#define PDSCH_MAX_RESERVED 64
#define PDSCH_MAX_G (PHY_MAX_SC * PHY_SYMBOLS * PHY_MAX_LAYERS * 8) /* bits of a codeword */

/* REs that this PDSCH may not use: SSB, CSI-RS, CORESETs, rate matching patterns (38.214 5.1.4). An RE is
 * reserved when its symbol, its PRB and its subcarrier are in the three sets. PRBs count in the carrier. */
typedef struct {
    uint16_t symbols;              /* bit l: symbol l */
    uint16_t re;                   /* bit k: subcarrier k of the PRB; 0xfff: all */
    uint64_t prb[PDSCH_PRB_WORDS]; /* PRBs of the carrier */
} pdsch_reserved_t;

/* How VRBs become PRBs (38.211 7.3.1.6). */
typedef enum {
    PDSCH_VRB_DIRECT,              /* VRB n is PRB n of the BWP */
    PDSCH_VRB_DIRECT_COMMON,       /* DCI 1_0 in a common search space: PRB n + coreset_start */
    PDSCH_VRB_INTERLEAVED,         /* any other: bundles of vrb_bundle over the BWP */
    PDSCH_VRB_INTERLEAVED_COMMON,  /* DCI 1_0 in a common search space: bundles of 2 over n_initial_bwp PRBs
                                      from  coreset_start */
    PDSCH_VRB_INTERLEAVED_CORESET0 /* ... in the type 0 common search space of CORESET 0 */
} pdsch_vrb_t;

typedef struct {
    uint16_t slot;                /* n_s,f: slot in the frame, 0..159 */
    uint16_t carrier_start;       /* CRB of the grid's subcarrier 0 (N_grid^start) */
    uint16_t carrier_size;        /* PRBs */
    uint16_t bwp_start, bwp_size; /* CRB, PRBs; inside the carrier */

    /* Frequency: PRB numbers of rb_* are VRBs of the BWP */
    uint8_t resource_alloc; /* 0: rb_bitmap (expanded from RBGs), 1: rb_start and rb_size */
    pdsch_vrb_t vrb_mapping;
    uint8_t vrb_bundle; /* 2, 4; of PDSCH_VRB_INTERLEAVED */
    uint16_t
        coreset_start; /* N_start^CORESET: lowest PRB, in the BWP, of the CORESET; ..._COMMON, CORESET0 */
    uint16_t n_initial_bwp; /* N_BWP,init^size, PRBs: size of CORESET 0, or of the initial BWP; ..._COMMON,
                               CORESET0 */
    uint16_t rb_start, rb_size;
    uint64_t rb_bitmap[PDSCH_PRB_WORDS];

    /* Time */
    uint8_t start_symbol, n_symbols; /* S, L */

    /* Coding, TS 38.212 7.2 */
    uint32_t tb_bytes;
    uint8_t qm;                /* 2, 4, 6, 8 */
    uint16_t target_code_rate; /* R x 1024 x 10 */
    uint8_t rv;                /* 0..3 */
    uint32_t tbs_lbrm;         /* TBS_LBRM of limited buffer rate matching, bits (sch_tbs_lbrm); 0: none */
    uint16_t rnti;
    uint16_t n_id; /* 0..1023 */

    /* Layers and DMRS */
    uint8_t n_layers;                  /* 1..4 */
    uint16_t dmrs_symbols;             /* bit l; dmrs_symbols_pdsch() makes it */
    uint8_t dmrs_type;                 /* 1, 2 */
    uint8_t dmrs_length;               /* 1: single symbols; 2: the mask's bits are pairs */
    uint16_t dmrs_ports;               /* bit p: port 1000 + p; layer i is the i-th bit set */
    uint8_t n_cdm_groups_without_data; /* 1..3 */
    uint16_t dmrs_n_id[2];
    uint8_t dmrs_n_scid; /* 0, 1 */
    bool dmrs_r16;       /* dmrs-Downlink-r16: the sequence depends on the CDM group */
    bool dmrs_coreset0;  /* sequence counts from CORESET 0's lowest PRB (coreset_start), not from CRB 0 */

    /* PTRS */
    bool ptrs;
    uint8_t ptrs_layer;      /* layer of the associated DMRS port; 38.214 5.1.6.2: the lowest port's */
    uint8_t ptrs_l;          /* L_PT-RS 1, 2, 4 */
    uint8_t ptrs_k;          /* K_PT-RS 2, 4 */
    uint8_t ptrs_re_offset;  /* resourceElementOffset 0..3 */
    uint8_t ptrs_epre_ratio; /* epre-Ratio 0, 1: table 4.1-2 of 38.214 */

    /* Power: amplitude of a data RE is 10^(power_db / 20) x PHY_UNIT before precoding; -40..+13. DMRS has
     * beta_DMRS on top */
    float power_db;

    /* Precoding: matrices by PRG. PRG g holds the CRBs of [ (floor(bwp_start / prg_size) + g) x prg_size,
     * ...). n_prgs 0: identity, layer i on antenna i of the grid. prg_size 0: one PRG (wideband). */
    uint16_t prg_size, n_prgs;
    const precoding_t *const *prg; /* [n_prgs] */
    bool add;

    const pdsch_reserved_t *reserved; /* [n_reserved, at most 64]; plan reads, run does not. None touches this
                                         PDSCH's DMRS (38.214 5.1.4) */
    uint16_t n_reserved;
} pdsch_cfg_t;

/* A stretch of PRBs with the same REs. Stretches do not cross PRGs' borders. */
typedef struct {
    uint16_t prb, n_prb; /* carrier */
    uint16_t re;         /* subcarriers for data */
    uint16_t prg;
    uint32_t first_re; /* among the symbol's data REs */
} pdsch_run_t;

/* Data REs of one symbol: runs [first_run, first_run + n_runs). Symbols with the same REs share runs. */
typedef struct {
    uint32_t first_re, n_re; /* of the codeword's REs, in mapping order */
    uint16_t first_run, n_runs;
} pdsch_symbol_t;

#define PDSCH_MAX_RUNS (PHY_MAX_PRB * PHY_SYMBOLS)

/* What does not depend on the transport block. Large: belongs to the caller, reused from slot to slot. */
typedef struct {
    sch_plan_t sch;
    uint32_t n_re;   /* data REs */
    uint32_t g_bits; /* G = n_re x qm x n_layers */
    uint16_t n_code_blocks;
    uint32_t c_init;                /* of scrambling */
    float amplitude;                /* of data, 1 is PHY_UNIT */
    uint16_t n_prb;                 /* allocated */
    uint64_t prb[PDSCH_PRB_WORDS];  /* allocated, carrier */
    uint16_t prb_list[PHY_MAX_PRB]; /* the same in the order of their VRBs: the order of mapping */
    uint8_t qm, n_layers, n_ports;
    uint8_t dmrs_port[PHY_MAX_LAYERS]; /* DMRS port of each layer, 0: port 1000 */
    uint16_t n_dmrs_runs;              /* stretches of allocated PRBs inside one PRG, ascending */
    pdsch_run_t dmrs_runs[PHY_MAX_PRB];
    uint16_t ptrs_symbols; /* bit l: symbol l has PTRS */
    uint8_t ptrs_re;       /* k_ref^RE */
    uint16_t n_ptrs;
    uint16_t ptrs_prb[PHY_MAX_PRB / 2 + 1]; /* carrier */
    uint64_t ptrs_reserved[PHY_SYMBOLS][3]; /* bit i: PTRS i of that symbol is on a reserved RE, not sent */
    pdsch_symbol_t symbol[PHY_SYMBOLS];
    uint32_t cb_first_re[SCH_MAX_CB + 1]; /* first RE of each code block, and behind the last */
    uint16_t n_runs;
    pdsch_run_t runs[PDSCH_MAX_RUNS];
    pdsch_cfg_t cfg;
    precoding_t identity;
    dl_map_t map;
} pdsch_plan_t;

/* Scratch of one worker thread. */
#define PDSCH_CHUNK_RE 512 /* REs that go from bits to grid together: they stay in the first level cache */
typedef struct {
    _Alignas(PHY_ALIGN) uint8_t bits[PDSCH_MAX_G / 8 + 256];
    _Alignas(PHY_ALIGN)
        ci16_t layer[PHY_MAX_LAYERS][PHY_MAX_SC / 2 + 2 * PHY_PAD_SC]; /* a chunk, or a symbol's DMRS */
    _Alignas(PHY_ALIGN) ci16_t port[PHY_MAX_PORTS][PHY_MAX_SC / 2 + 2 * PHY_PAD_SC];
} pdsch_work_t;

/* grid_antennas: antennas that the grid will have. Matrices behind cfg->prg are read now for their sizes and
 * must stay as they are until the last run. 0, or -EINVAL with the field's name: *ret is then of no use. */
int pdsch_plan(const phy_t *phy, const pdsch_cfg_t *cfg, unsigned grid_antennas, pdsch_plan_t *ret,
               phy_refusal_t *why);

/* The CRC that pdsch_code_block wants (24A or 16, as the plan says). tb [tb_bytes] */
uint32_t pdsch_tb_crc(const phy_t *phy, const pdsch_plan_t *plan, const uint8_t *tb);

/* Code block r of 0..plan->n_code_blocks-1. [any thread, own work] */
void pdsch_code_block(const phy_t *phy, const pdsch_plan_t *plan, const uint8_t *tb, uint32_t tb_crc,
                      unsigned r, pdsch_work_t *work, const phy_grid_t *grid);
/* DMRS, PTRS. [any thread, own work] */
void pdsch_signals(const phy_t *phy, const pdsch_plan_t *plan, pdsch_work_t *work, const phy_grid_t *grid);
/* Everything, in order. */
void pdsch_run(const phy_t *phy, const pdsch_plan_t *plan, const uint8_t *tb, pdsch_work_t *work,
               const phy_grid_t *grid);

/* For tests and tools: the codeword before scrambling, E_r bits of all blocks in order, packed, and the
 * modulated layers [layer][RE] without precoding and without amplitude. bits [(g_bits + 7) / 8]; layers
 * [n_layers * n_re]. NULL leaves one out. */
void pdsch_stages(const phy_t *phy, const pdsch_plan_t *plan, const uint8_t *tb, pdsch_work_t *work,
                  uint8_t *ret_bits, ci16_t *ret_layers);

/* Reservation of an SSB for PDSCH: PRBs of the carrier that subcarriers [first_sc, first_sc + n_sc) of the
 * carrier touch. */
void pdsch_reserve_sc(unsigned first_sc, unsigned n_sc, uint16_t symbols, pdsch_reserved_t *ret);

#endif
