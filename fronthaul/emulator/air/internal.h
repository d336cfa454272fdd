/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the air: what its downlink and uplink halves share. */
#ifndef VITRAN_EMULATOR_AIR_INTERNAL_H
#define VITRAN_EMULATOR_AIR_INTERNAL_H

#include "fronthaul/emulator/air/air.h"

#define N_HARQ 16

/* Soft buffer of one HARQ process. */
typedef struct {
    double sinr; /* linear, summed over the transmissions */
    double bler; /* of the transmissions so far together */
    uint16_t rnti;
} soft_t;

typedef struct {
    struct air *air;
    uint32_t index;
    air_ue_config_t config;
    double fade[2]; /* dB, [0] DL [1] UL */
    soft_t dl[N_HARQ], ul[N_HARQ];

    bool sends_pusch, sends_pucch, sends_prach;
    ue_pusch_tx_t pusch;
    ue_pucch_tx_t pucch;
    ue_prach_tx_t prach;
    bool heard, collided;
} air_ue_t;

struct air {
    bler_t *bler;
    uint32_t n_ues;
    uint64_t rng, abs_slot;
    double cqi_threshold[3][16];                                           /* dB */
    fapi_dl_slot_t const *dl;                                              /* NULL: silent */
    uint32_t n_ssb, n_pdcch, n_ul_dci, n_pdsch, n_pusch, n_pucch, n_prach; /* checked counts of dl */
    air_counters_t counters;
    uint8_t *tb; /* [size: FAPI_TX_BYTES] the block that a UE got last */
    air_ue_t ue[AIR_MAX_UES];
};

/* Uniform in [0, 1). */
double air_uniform(air_t *a);
double air_sinr(const air_ue_t *u, int uplink);
/* Draws whether a block of HARQ process `s` is decoded; keeps the soft buffer. */
bool air_decode(air_t *a, soft_t *s, const ue_sch_t *sch, double sinr_db);

const uint8_t *air_pdsch(void *ctx, const ue_sch_t *tuned);

#endif
