/* SPDX-License-Identifier: Apache-2.0 */
/* The air as one UE sees it: what its receiver hears in a slot, and how it transmits. The emulator's air
 * implements it (fronthaul/emulator/air); a test may script it. Nothing crosses here that a radio would not
 * carry: a UE says what it tunes to and gets bits or nothing.
 *
 * Thread: the lockstep thread. */
#ifndef VITRAN_EMULATOR_UE_PHY_H
#define VITRAN_EMULATOR_UE_PHY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/fapi/fapi.h"

#define UE_UNKNOWN_PRB UINT16_MAX

/* Resources of a PDSCH or PUSCH as the UE understood its DCI. PRBs are the carrier's; before SIB1 the UE does
 * not know where CORESET 0 lies in the carrier: UE_UNKNOWN_PRB. */
typedef struct {
    uint16_t rnti;
    uint16_t prb_start, n_prb;
    uint8_t start_symbol, n_symbols;
    uint8_t qm;          /* bits per symbol */
    uint16_t rate_x10;   /* of the block's first transmission */
    uint16_t re_per_prb; /* for data */
    uint8_t harq_id, rv;
    bool new_data;
    uint32_t tb_bytes;
} ue_sch_t;

typedef struct {
    ue_sch_t sch;
    const uint8_t *tb;     /* [size: sch.tb_bytes] */
    uint8_t n_harq, n_csi; /* UCI on this PUSCH, bits */
    uint32_t harq, csi;    /* first bit is bit n - 1 */
    double power_short_db; /* by how much the UE lacks power for this allocation; 0: it does not */
} ue_pusch_tx_t;

typedef struct {
    uint16_t rnti;
    uint8_t format; /* 0, 1, 2 */
    uint16_t prb;
    uint8_t n_prb, start_symbol, n_symbols, cyclic_shift, occ;
    bool sr;
    uint8_t n_harq, n_csi;
    uint32_t harq, csi;
} ue_pucch_tx_t;

typedef struct {
    uint8_t preamble; /* 0..63 */
    uint8_t start_symbol, slot_in_frame;
    uint8_t ramp_db; /* above the first attempt */
} ue_prach_tx_t;

/* What is heard in one slot: SSBs and PDCCHs that noise left readable. */
typedef struct {
    uint64_t abs_slot; /* the emulator's count: a UE uses it only as a clock */
    uint32_t n_ssb, n_pdcch;
    const fapi_ssb_pdu_t *ssb[FAPI_MAX_SSB];
    const fapi_pdcch_pdu_t *pdcch[2 * FAPI_MAX_DCI]; /* for any RNTI: the UE finds its own */
    double sinr_db;                                  /* measured on the reference signals */
} ue_rx_t;

typedef struct {
    void *ctx;
    /* Receives a PDSCH of the slot at hand: the block (good until the next call), or NULL: its CRC failed. */
    const uint8_t *(*pdsch)(void *ctx, const ue_sch_t *tuned);
    void (*pusch)(void *ctx, const ue_pusch_tx_t *tx);
    void (*pucch)(void *ctx, const ue_pucch_tx_t *tx);
    void (*prach)(void *ctx, const ue_prach_tx_t *tx);
    /* Wideband CQI 0..15 of a table (1..3) for the SINR at hand. */
    uint8_t (*cqi)(void *ctx, uint8_t cqi_table);
} ue_air_t;

#endif
