/* SPDX-License-Identifier: Apache-2.0 */
/* PDSCH, the UE's side: a slot's grid of 1-8 antennas in, a transport block out. Which REs, which bits and
 * which DMRS there are comes from the transmitter's own plan (pdsch.h); channel estimation, equalisation and
 * decoding are those of PUSCH (pusch/chest.h, pusch/equalize.h, ldpc/sch_rx.h). TS 38.211 7.3.1, 7.4.1.1,
 * 7.4.1.2; 38.212 7.2; 38.214 5.1.
 *
 *   pdsch_rx_begin    memory of this PDSCH                              (one thread at a time per rx)
 *   pdsch_rx_dmrs     when all its DMRS symbols are in the grid
 *   pdsch_rx_symbol   after that: a symbol of data -> LLRs; symbols in any order, on any thread
 *   pdsch_rx_cb       after all symbols: code block r; blocks in any order, on any thread
 *   pdsch_rx_finish   TB CRC, result
 * or pdsch_rx for all of it. Nothing below pdsch_rx_plan fails on sizes, nothing allocates. */
#ifndef VITRAN_PHY_DL_PDSCH_RX_H
#define VITRAN_PHY_DL_PDSCH_RX_H

#include "lib/phy/dl/pdsch.h"
#include "lib/phy/ldpc/sch_rx.h"
#include "lib/phy/pusch/chest.h"
#include "lib/phy/pusch/equalize.h"

typedef struct {
    /* As the transmitter's, but for what a UE does not know: prg, n_prgs, power_db and add are not looked at.
     * prg_size is what the UE was told of bundling (0: wideband): precoding may change at its borders. */
    pdsch_cfg_t pdsch;
    uint8_t mu;   /* subcarrier spacing 15 kHz << mu, 0..3 */
    uint8_t n_rx; /* antennas of the grid, from its first: 1..8 */
    eq_kind_t equalizer;
    uint8_t irc_prbs;       /* EQ_IRC: PRBs of one covariance; 0: 4 */
    uint8_t max_iterations; /* of the LDPC decoder, 1..64; 0: 8 */
} pdsch_rx_cfg_t;

/* Adjacent PRBs of the allocation, whatever their PRGs: what equalisation runs over. */
typedef struct {
    uint16_t prb, n_prb; /* carrier */
    uint16_t compact;    /* PRBs of the allocation below */
} pdsch_rx_stretch_t;

/* Large: belongs to the caller, reused from slot to slot. */
typedef struct {
    pdsch_plan_t pdsch; /* its sch says how many code blocks there are */
    pdsch_rx_cfg_t cfg;
    chest_plan_t chest;

    uint16_t n_stretches;
    pdsch_rx_stretch_t stretch[PHY_MAX_PRB / 2 + 1];
    uint16_t compact[PHY_MAX_PRB]; /* PRB of the carrier -> place among the allocated ones */
} pdsch_rx_plan_t;

/* 0, or -EINVAL: the field, its value and what it may be. Any thread. */
int pdsch_rx_plan(const phy_t *phy, const pdsch_rx_cfg_t *cfg, pdsch_rx_plan_t *ret, phy_refusal_t *why);

typedef struct {
    bool crc_ok;
    uint16_t n_cb_ok;
    uint8_t iterations_max;
    /* Powers relative to a unit-power symbol, dB, of the antennas' and layers' mean; -200: nothing. */
    float rsrp_db, noise_db;
    float sinr_db;      /* before equalisation, summed over antennas */
    float post_sinr_db; /* after it: harmonic mean over REs and layers */
    float ta_s;         /* arrival behind the receiver's window */
    float cfo_hz;
} pdsch_rx_result_t;

/* A PDSCH in flight. */
typedef struct {
    const pdsch_rx_plan_t *plan;
    phy_grid_t grid;
    chest_t chest;
    int8_t *llr;      /* [g_bits] descrambled, in codeword order */
    float *g;         /* filter, where one does for all symbols (chest.steady) */
    float *inv_noise; /* and its SINRs, in the demapper's order */
    float noise_sum[PHY_SYMBOLS], noise_n[PHY_SYMBOLS]; /* 1 / SINR after equalisation, sampled */
    sch_rx_cb_t *cb;
    uint8_t iterations[SCH_MAX_CB];
    pdsch_rx_result_t result;
} pdsch_rx_t;

/* Scratch of a worker: 64-byte aligned, pdsch_rx_work_bytes (about 5 MB, of which a small PDSCH touches
 * little). Its content does not live from call to call. */
typedef struct pdsch_rx_work pdsch_rx_work_t;
size_t pdsch_rx_work_bytes(void);

/* Bytes of a PDSCH in flight beside pdsch_rx_t. */
size_t pdsch_rx_bytes(const pdsch_rx_plan_t *plan);

/* cb [plan->pdsch.sch.n_cb]: the HARQ process's blocks (sch_rx.h says what to prepare). memory
 * [pdsch_rx_bytes, 64-byte aligned]. grid: antennas 0..n_rx-1; it may still be filling. */
void pdsch_rx_begin(pdsch_rx_t *rx, const pdsch_rx_plan_t *plan, const phy_grid_t *grid, sch_rx_cb_t *cb,
                    void *memory);
void pdsch_rx_dmrs(const phy_t *phy, pdsch_rx_t *rx, pdsch_rx_work_t *work);
/* A symbol without data returns at once. With PTRS the phases of earlier symbols are read from the grid. */
void pdsch_rx_symbol(const phy_t *phy, pdsch_rx_t *rx, pdsch_rx_work_t *work, unsigned symbol);
void pdsch_rx_cb(const phy_t *phy, pdsch_rx_t *rx, pdsch_rx_work_t *work, unsigned r);
/* tb [tb_bytes] gets the transport block (whatever was decoded, when the CRC fails). */
const pdsch_rx_result_t *pdsch_rx_finish(const phy_t *phy, pdsch_rx_t *rx, uint8_t *tb);

/* All of it on this core. */
const pdsch_rx_result_t *pdsch_rx(const phy_t *phy, pdsch_rx_t *rx, pdsch_rx_work_t *work,
                                  const pdsch_rx_plan_t *plan, const phy_grid_t *grid, sch_rx_cb_t *cb,
                                  void *memory, uint8_t *tb);

#endif
