/* SPDX-License-Identifier: Apache-2.0 */
/* SRS: the sequence and where it lies in a slot, the UE's transmitter, and the receiver, which gives a
 * channel matrix per PRG. TS 38.211 6.4.1.4; 38.214 6.2.1. Normal cyclic prefix.
 *
 *   srs_plan()      configuration and slot -> plan, or a refusal by field name
 *   srs_transmit()  the UE's ports into a grid
 *   srs_receive()   grid -> srs_channel_t
 *
 * A plan is of one slot: hopping in frequency and of sequences depend on it. Stateless: what hopping sounded
 * in other slots stays in the channel that the caller keeps and gives again. */
#ifndef VITRAN_PHY_CTRL_SRS_H
#define VITRAN_PHY_CTRL_SRS_H

#include "lib/phy/phy.h"

#define SRS_MAX_PORTS 4
#define SRS_MAX_SYMBOLS 14
#define SRS_MAX_RX 8
#define SRS_MAX_PRG 275

typedef enum { SRS_HOP_NEITHER, SRS_HOP_GROUP, SRS_HOP_SEQUENCE } srs_group_hopping_t;
typedef enum { SRS_APERIODIC, SRS_SEMI_PERSISTENT, SRS_PERIODIC } srs_resource_type_t;

typedef struct {
    uint8_t mu;            /* 0..3 */
    uint16_t slot;         /* n_s,f: slot in frame */
    uint16_t sfn;          /* n_f, 0..1023 */
    uint16_t n_grid_prb;   /* of the grid, 4..275 */
    uint16_t bwp_start;    /* PRB of the grid that the BWP begins with: freq_shift counts from CRB 0 or it */
    uint16_t grid_crb;     /* common resource block that the grid's PRB 0 is */
    uint8_t n_ports;       /* N_ap 1, 2, 4 */
    uint8_t n_symbols;     /* N_symb 1, 2, 4; 8, 10, 12, 14 (Release 17) */
    uint8_t repetition;    /* R: 1 .. n_symbols, divides it */
    uint8_t start_symbol;  /* l0 in the slot, 0..13 */
    uint8_t c_srs;         /* 0..63 */
    uint8_t b_srs;         /* 0..3 */
    uint8_t b_hop;         /* 0..3 */
    uint8_t n_rrc;         /* freqDomainPosition 0..67 */
    uint16_t n_shift;      /* freqDomainShift 0..268 */
    uint8_t comb;          /* K_TC 2, 4, 8 */
    uint8_t comb_offset;   /* 0..K_TC-1 */
    uint8_t cyclic_shift;  /* 0..7, 0..11 or 0..5 for comb 2, 4, 8 */
    uint8_t group_hopping; /* srs_group_hopping_t, groupOrSequenceHopping */
    uint16_t sequence_id;  /* n_ID^SRS 0..1023 (0..65535 from Release 16) */
    uint8_t resource_type; /* srs_resource_type_t */
    uint16_t t_srs, t_offset; /* slots; periodic and semi-persistent with hopping */
    /* receiver */
    uint8_t n_rx;     /* 1..8; 0 for a transmitter */
    uint8_t prg_size; /* PRBs of a group: 1, 2, 4, 8, 16; groups count from the grid's PRB 0 */
} srs_cfg_t;

typedef struct {
    srs_cfg_t cfg;
    uint16_t m_srs;                              /* PRBs sounded by one symbol, m_SRS,B */
    uint16_t m_sc;                               /* M_sc^RS: subcarriers of one symbol and port */
    uint16_t k0[SRS_MAX_SYMBOLS][SRS_MAX_PORTS]; /* first subcarrier in the grid of each symbol and port */
    uint16_t u[SRS_MAX_SYMBOLS], v[SRS_MAX_SYMBOLS]; /* group and number */
    uint8_t cs[SRS_MAX_PORTS];                       /* n_SRS^cs,i of each port */
    uint8_t cs_max;                                  /* 8, 12, 6 */
    uint16_t n_prg;                                  /* of the whole grid: groups of prg_size */
} srs_plan_t;

/* 0 or -EINVAL with the field. Any thread. */
int srs_plan(const phy_t *phy, const srs_cfg_t *cfg, srs_plan_t *ret, phy_refusal_t *why);

/* Table 6.4.1.4.3-1: m_SRS,b and N_b. c_srs 0..63, b 0..3. */
void srs_bandwidth(uint8_t c_srs, uint8_t b, uint16_t *ret_m_srs, uint8_t *ret_n);

/* r^(p)(n, l'): one symbol (0..n_symbols-1) of a port, unit amplitude [size: m_sc]. */
void srs_sequence(const phy_t *phy, const srs_plan_t *plan, unsigned port, unsigned symbol, cf_t *ret);
/* Writes all ports into antennas first_ant.. of the grid, amplitude PHY_UNIT x gain. Any thread. */
void srs_transmit(const phy_t *phy, const srs_plan_t *plan, float gain, const phy_grid_t *grid,
                  unsigned first_ant);

/* The channel of one UE as beamforming reads it: h[(prg * n_rx + rx) * n_ports + port], 1.0 where a
 * unit-power symbol of the grid (PHY_UNIT) arrives with that amplitude. The memory is the caller's and is
 * kept from slot to slot: hopping and antenna switching fill other parts of it each time. */
typedef struct {
    cf_t *h;
    uint16_t n_prg;
    uint8_t n_rx,
        n_ports; /* n_ports: all antennas of the UE, more than one resource's with antenna switching */
    uint8_t prg_size;
} srs_channel_t;

typedef struct {
    bool detected;               /* above noise with false alarm 1% */
    uint16_t first_prg, end_prg; /* range that this slot touched (hops: see prg_mask) */
    uint64_t prg_mask[5];        /* bit g of word g / 64: PRG g was written */
    float snr_db;                /* wideband, per RE, port and antenna mean */
    float noise_dbfs;            /* variance per RE and antenna */
    float rsrp_dbfs[SRS_MAX_PORTS];
    float ta_ns; /* mean delay, later is positive */
} srs_result_t;

typedef struct srs_work srs_work_t;
size_t srs_work_size(void); /* of one worker's memory, 64-byte aligned */

/* first_port: column of `channel` that the resource's port 0 is (srs_switch_port()). channel's n_rx, n_prg
 * and prg_size are the plan's. Any thread. */
void srs_receive(const phy_t *phy, const srs_plan_t *plan, const phy_grid_t *grid, srs_work_t *work,
                 const srs_channel_t *channel, unsigned first_port, srs_result_t *ret);

/* Antenna switching, 38.214 6.2.1.2: UE antenna of port 0 of resource `resource` of an xTyR set (n_tx: ports
 * of each resource; n_rx: UE antennas), or -EINVAL. 1T2R, 1T4R, 2T4R, 1T1R, 2T2R, 4T4R (Release 17: up to
 * 8R). */
int srs_switch_port(uint8_t n_tx, uint8_t n_rx, uint8_t resource);

/* A PRG range as the plugin ABI carries it: int16 I/Q with one scale, value = iq x scale.
 * out [size: (end - first) * n_rx * n_ports] in the order of h. */
void srs_channel_ci16(const srs_channel_t *channel, unsigned first_prg, unsigned end_prg, ci16_t *out,
                      float *ret_scale);

#endif
