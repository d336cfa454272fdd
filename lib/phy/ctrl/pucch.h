/* SPDX-License-Identifier: Apache-2.0 */
/* PUCCH formats 0 to 4: what transmitter (pucch_tx.h) and receiver agree on, and the receiver.
 * TS 38.211 6.3.2 and 6.4.1.3, 38.212 6.3.1, 38.213 9.2. Normal cyclic prefix, one slot (repetitions are the
 * caller's).
 *
 *   pucch_plan()             configuration -> plan, or a refusal by field name; any thread
 *   pucch_f0_detect(), pucch_f1_detect()   all UEs of one resource (pucch_shared()) in one pass
 *   pucch_decode()           one UE of format 2, 3 or 4; pucch_decode_csi2() for a second part
 *
 * A plan is plain memory: it may be copied and used by any number of threads. Run functions only read phy and
 * the plan, write `work` (one per worker thread) and results; they never fail.
 *
 * Detection. Every decision "something was sent" is a test against the hypothesis that there is only white
 * noise, of any level, with a false alarm probability `p_false_alarm` (default 0.01, the DTX-to-ACK limit of
 * TS 38.104 8.3) for each UE and occasion; thresholds follow from the distribution of the test, see
 * pucch_f01.c and pucch_f234.c. */
#ifndef VITRAN_PHY_CTRL_PUCCH_H
#define VITRAN_PHY_CTRL_PUCCH_H

#include "lib/phy/phy.h"

#define PUCCH_MAX_UES 84        /* on one resource: format 1, 12 cyclic shifts x 7 orthogonal sequences */
#define PUCCH_MAX_UCI_BITS 1706 /* 38.212 5.3.1 with segmentation */
#define PUCCH_MAX_UCI_BYTES 214
#define PUCCH_MAX_RX 8

typedef enum { PUCCH_HOP_NEITHER, PUCCH_HOP_ENABLE, PUCCH_HOP_DISABLE } pucch_group_hopping_t;

typedef struct {
    uint8_t format;               /* 0..4 */
    uint8_t mu;                   /* numerology 0..3 */
    uint16_t slot;                /* n_s,f^mu: slot in frame, 0..10*2^mu-1 */
    uint16_t n_grid_prb;          /* of the grid, 1..275 */
    uint16_t grid_crb;            /* common resource block that the grid's PRB 0 is */
    uint16_t prb_start;           /* first PRB (of first hop), in the grid */
    uint16_t second_hop_prb;      /* with intra_slot_hopping */
    uint8_t n_prb;                /* 1; formats 2, 3: 1..16 */
    bool intra_slot_hopping;      /* intraSlotFrequencyHopping */
    uint8_t start_symbol;         /* 0..13 */
    uint8_t n_symbols;            /* formats 0, 2: 1..2; 1, 3, 4: 4..14 */
    uint8_t group_hopping;        /* pucch_group_hopping_t, pucch-GroupHopping; formats 0, 1, 3, 4 */
    uint16_t hopping_id;          /* n_ID of 6.3.2.2: hoppingId 0..1023 */
    uint8_t initial_cyclic_shift; /* m0, formats 0, 1: 0..11 */
    uint8_t time_domain_occ;      /* format 1: 0..6 */
    uint8_t occ_length;           /* format 4: N_SF 2 or 4 */
    uint8_t occ_index;            /* format 4: n 0..N_SF-1 */
    bool additional_dmrs;         /* formats 3, 4 */
    bool pi2_bpsk;                /* formats 3, 4 */
    uint16_t rnti;                /* formats 2, 3, 4 */
    uint16_t n_id;                /* dataScramblingIdentityPUSCH or cell id, 0..1023; formats 2, 3, 4 */
    uint16_t n_id0;               /* DMRS scrambling of format 2, 0..65535 */
    /* payload */
    uint8_t sr_bits;         /* formats 0, 1: 1 when the resource is an SR opportunity too; 2-4: 0..4 bits */
    uint16_t n_harq;         /* formats 0, 1: 0..2 (0 with sr_bits 1: SR only) */
    uint16_t n_csi1, n_csi2; /* formats 2, 3, 4; n_csi2 is known after csi1: see pucch_decode_csi2() */
    uint16_t max_code_rate_x100; /* maxCodeRate 8, 15, 25, 35, 45, 60, 80: splits E between CSI parts
                                  * (38.212 6.3.1.4.1); needed only when csi2 is set */
    bool csi2;                   /* the report has a second part */
    /* receiver */
    uint8_t n_rx;        /* 1..8; 0 for a transmitter */
    float p_false_alarm; /* 0: the default, 0.01 */
} pucch_cfg_t;

#define PUCCH_MAX_PRB 16
/* Everything that does not depend on samples. */
typedef struct {
    pucch_cfg_t cfg;
    uint8_t n_hops;         /* 1 or 2 */
    uint8_t hop_symbols[2]; /* symbols in each hop */
    uint16_t hop_prb[2];
    uint16_t dmrs_mask;            /* bit l: symbol l of the slot holds DMRS (format 2: every symbol does) */
    uint16_t data_mask;            /* likewise data */
    uint8_t group[14], number[14]; /* u, v of each symbol of the slot, 6.3.2.2.1 */
    uint8_t cs[14];                /* n_cs(n_s, l) mod 12 of each symbol, without m0 and mcs, 6.3.2.2.2 */
    uint16_t n_uci;                /* bits of the first part incl. SR: harq | sr | csi1 */
    uint16_t n_re;                 /* data symbols of modulation, after despreading */
    uint8_t qm;                    /* 1 (pi/2-BPSK) or 2 */
    uint32_t e_bits;               /* E_tot of 38.212 table 6.3.1.4-1 */
    uint32_t e_part1;              /* E_UCI of the first part (== e_bits without csi2) */
} pucch_plan_t;

/* Formats 2 to 4: pucch_plan checks that the code rate is below 1 and 38.212's size limits hold. Control or
 * slot thread; 0 or -EINVAL with the field. */
int pucch_plan(const phy_t *phy, const pucch_cfg_t *cfg, pucch_plan_t *ret, phy_refusal_t *why);

/* Do two format 0 (or two format 1) plans lie on the same resource elements with the same sequences, so that
 * one pass serves both? They then differ in initial_cyclic_shift, time_domain_occ and payload only. */
bool pucch_shared(const pucch_plan_t *a, const pucch_plan_t *b);

typedef struct {
    bool detected; /* false: DTX, no bits are valid */
    bool crc_ok;   /* formats 2-4: decoded and, where the size has a CRC (12 bits and more), checked */
    bool has_crc;
    bool sr;        /* formats 0, 1: positive SR */
    uint8_t harq;   /* formats 0, 1: bit 0 is the first HARQ-ACK bit, bit 1 the second; 1 is ACK */
    uint16_t n_uci; /* formats 2-4: bits in uci */
    uint8_t uci[PUCCH_MAX_UCI_BYTES]; /* packed: harq | sr | csi part 1 */
    uint16_t n_csi2;
    uint8_t csi2[PUCCH_MAX_UCI_BYTES];
    float metric;     /* ln of the chance of noise over ln of what is allowed: above 1 is detected */
    float sinr_db;    /* per RE and antenna combined, after despreading gain is taken out */
    float rssi_dbfs;  /* mean power per RE over antennas and the PRBs used, full scale = 32767 squared */
    float rsrp_dbfs;  /* of this UE per RE, mean over antennas */
    float noise_dbfs; /* variance per RE and antenna */
    float ta_ns;      /* arrival later (positive) than the receiver's window; of detected UEs, else 0 */
} pucch_result_t;

/* Scratch of one worker thread, 64-byte aligned; contents are nobody's between calls, except between
 * pucch_decode() and pucch_decode_csi2() of the same plan. */
typedef struct pucch_work pucch_work_t;
size_t pucch_work_size(void);

/* grid: the slot, cfg.n_rx antennas. plans [size: n], n <= PUCCH_MAX_UES, all pucch_shared() with the first
 * one; results [size: n]. Any thread. */
void pucch_f0_detect(const phy_t *phy, const pucch_plan_t *const *plans, size_t n, const phy_grid_t *grid,
                     pucch_result_t *results);
void pucch_f1_detect(const phy_t *phy, const pucch_plan_t *const *plans, size_t n, const phy_grid_t *grid,
                     pucch_result_t *results);

/* One UE of format 2, 3 or 4. Of a plan with cfg.csi2 the first part only. */
void pucch_decode(const phy_t *phy, const pucch_plan_t *plan, const phy_grid_t *grid, pucch_work_t *work,
                  pucch_result_t *ret);
/* After pucch_decode() of a plan with cfg.csi2, its size known from the first part: fills csi2, n_csi2 and
 * lets crc_ok fall. n_csi2 1..1706 bits; 0 or -EINVAL (size that the remaining bits cannot hold). */
int pucch_decode_csi2(const phy_t *phy, const pucch_plan_t *plan, uint16_t n_csi2, pucch_work_t *work,
                      pucch_result_t *ret, phy_refusal_t *why);

#endif
