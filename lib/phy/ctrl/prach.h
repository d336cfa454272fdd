/* SPDX-License-Identifier: Apache-2.0 */
/* PRACH: preambles of a cell, their generator (UE) and the detector, which finds all 64 in one pass.
 * TS 38.211 6.3.3, 5.3.2; 38.213 8.1; 38.104 8.4. Both sides work in the frequency domain, as the open
 * fronthaul carries it: L_RA subcarriers for each repetition of the preamble.
 *
 *   prach_plan()               configuration -> the 64 preambles (u, C_v), or a refusal by field name
 *   prach_sequence()           one preamble's y_u,v(n)
 *   prach_detector_create()    tables of a cell for a number of antennas; control thread
 *   prach_detect()             one occasion; any thread, one work memory each
 *
 * The detector: for each root sequence the received subcarriers times the conjugate root, inverse DFT (1024
 * or 256 points), power summed over antennas; a preamble is a delay window of that. Threshold: the
 * probability that noise of any level makes at least one of the preambles appear in an occasion is
 * cfg.p_false_alarm. See prach_rx.c. */
#ifndef VITRAN_PHY_CTRL_PRACH_H
#define VITRAN_PHY_CTRL_PRACH_H

#include "lib/phy/phy.h"

#define PRACH_MAX_PREAMBLES 64
#define PRACH_MAX_RX 8
#define PRACH_MAX_L_RA 839

/* Preamble formats, tables 6.3.3.1-1 and -2. */
typedef enum {
    PREAMBLE_0,
    PREAMBLE_1,
    PREAMBLE_2,
    PREAMBLE_3,
    PREAMBLE_A1,
    PREAMBLE_A2,
    PREAMBLE_A3,
    PREAMBLE_B1,
    PREAMBLE_B2,
    PREAMBLE_B3,
    PREAMBLE_B4,
    PREAMBLE_C0,
    PREAMBLE_C2,
    PRACH_N_FORMATS
} preamble_format_t;

typedef enum { PRACH_UNRESTRICTED, PRACH_RESTRICTED_A, PRACH_RESTRICTED_B } prach_restricted_set_t;

typedef struct {
    uint8_t format;         /* preamble_format_t */
    uint8_t mu;             /* short formats: numerology 0..3 of the preamble; long ones: not looked at */
    uint16_t root_sequence; /* prach-RootSequenceIndex: logical, 0..837 or 0..137 */
    uint8_t zero_correlation_zone; /* zeroCorrelationZoneConfig 0..15 */
    uint8_t restricted_set;        /* prach_restricted_set_t; long formats only */
    uint8_t ul_mu;                 /* numerology of the uplink that the timing advance is for, 0..3 */
    /* detector */
    uint8_t n_rx;           /* 1..8 */
    uint64_t preamble_mask; /* bit i: preamble i is looked for; 0: all */
    float p_false_alarm;    /* of an occasion; 0: the default, 0.0006: measured rates then stay below the 0.1%
                               of 38.104 8.4 */
    float max_offset_hz; /* carrier offset and Doppler that repetitions are summed coherently for; 0: 400 */
} prach_cfg_t;

typedef struct {
    uint16_t root; /* index into roots */
    uint16_t c_v;  /* cyclic shift */
} prach_preamble_t;

typedef struct {
    prach_cfg_t cfg;
    uint16_t l_ra;                     /* 839 or 139 */
    uint16_t n_cs;                     /* N_CS of tables 6.3.3.1-5 to -7 */
    uint8_t n_repetitions;             /* of the sequence in one preamble, 1..12 */
    uint32_t scs_hz;                   /* 1250, 5000, 15000 x 2^mu */
    uint32_t cp_kappa;                 /* cyclic prefix, in units of kappa Tc = 1/30.72 MHz */
    uint16_t n_roots;                  /* root sequences that the 64 preambles need */
    uint16_t n_preambles;              /* 64, or fewer where restricted sets run out of roots */
    uint16_t u[PRACH_MAX_PREAMBLES];   /* physical root of each */
    uint16_t d_u[PRACH_MAX_PREAMBLES]; /* shift by one subcarrier of frequency offset, 6.3.3.1 */
    prach_preamble_t preamble[PRACH_MAX_PREAMBLES];
} prach_plan_t;

/* 0 or -EINVAL with the field. Any thread. */
int prach_plan(const prach_cfg_t *cfg, prach_plan_t *ret, phy_refusal_t *why);

/* y_u,v(n) of one preamble, n 0..l_ra-1, of mean power 1 (the standard's y over sqrt(l_ra)). [size: l_ra] */
void prach_sequence(const prach_plan_t *plan, unsigned preamble, cf_t *ret);

typedef struct {
    uint8_t preamble;
    uint16_t timing_advance; /* N_TA / (16 x 64 / 2^ul_mu) steps, 38.213 4.2; 0..3846 */
    float delay_ns;          /* of the path found, against the window's start */
    float power_dbfs;        /* per subcarrier and antenna */
    float snr_db;            /* per subcarrier and antenna */
    float metric;            /* statistic over threshold */
} prach_found_t;

typedef struct {
    uint8_t n_found;
    prach_found_t found[PRACH_MAX_PREAMBLES]; /* in the order of preamble indices */
    float rssi_dbfs;                          /* mean power per subcarrier and antenna */
    float noise_dbfs;
} prach_result_t;

typedef struct prach_detector prach_detector_t;
typedef struct prach_work prach_work_t;

/* 0, -EINVAL (n_rx) or -ENOMEM. phy must outlive it. Control thread. */
int prach_detector_create(const phy_t *phy, const prach_plan_t *plan, prach_detector_t **ret,
                          phy_refusal_t *why);
void prach_detector_destroy(prach_detector_t *d); /* NULL is fine */
size_t prach_work_size(void);                     /* of one worker's memory, 64-byte aligned */

/* samples: subcarrier k (0..l_ra-1) of repetition r on antenna a is samples[a * ant_stride + r * rep_stride +
 * k]; plan.n_repetitions of them. Any thread. */
void prach_detect(const prach_detector_t *d, const ci16_t *samples, size_t ant_stride, size_t rep_stride,
                  prach_work_t *work, prach_result_t *ret);

/* Facts of the standard that MAC and radio need too. Physical root of a logical index: tables 6.3.3.1-3/-4.
 */
uint16_t prach_physical_root(uint16_t l_ra, uint16_t logical);
/* k-bar: first preamble subcarrier within the PRBs that it occupies, tables 6.3.3.2-1; -1: combination not
 * allowed. ret_n_prb: those PRBs, of the uplink's numerology. scs_hz: the preamble's. */
int prach_first_subcarrier(uint32_t scs_hz, uint8_t ul_mu, uint8_t *ret_n_prb);

#endif
