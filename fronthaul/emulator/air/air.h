/* SPDX-License-Identifier: Apache-2.0 */
/* The abstract air of one cell: carries blocks between the DU's slot slabs and the UEs, and loses them as an
 * SINR per UE says. Nothing but that chance is made up: a UE gets what it tunes to, the DU what it listens
 * to, and where the two do not agree nothing comes across.
 *
 * Faces
 *   one side: fapi_dl_slot_t in, fapi_ul_slot_t out
 *   other side: ue_rx_t and ue_air_t (fronthaul/emulator/ue/phy.h), one a UE
 *
 *     air_begin(a, n, dl)                slot n; dl NULL: the DU was silent
 *     for each UE: air_rx(a, i, &rx); ue_rx(ue, &rx); ue_tx(ue)
 *     air_end(a, ul)                     fills what the DU received in slot n
 *
 * SINR: each UE has a mean for each direction, and a slow fading about it: a first-order autoregressive
 * Gaussian process in dB with a standard deviation and a coherence time, the same for the same seed.
 * Retransmissions are combined by adding linear SINRs (chase combining); a block that failed before is
 * decoded with the probability that the sum promises, given that it failed (BLER of this over BLER of the
 * last transmission).
 *
 * Thread: the lockstep thread; no system call, no allocation after air_create. */
#ifndef VITRAN_EMULATOR_AIR_H
#define VITRAN_EMULATOR_AIR_H

#include "fronthaul/emulator/air/bler.h"
#include "fronthaul/emulator/ue/phy.h"
#include "lib/core/counters.h"

#define AIR_MAX_UES 128

typedef struct air air_t;

typedef struct {
    double sinr_dl_db, sinr_ul_db; /* means */
    double fading_db;              /* standard deviation; 0: none */
    uint32_t coherence_ms;         /* where the autocorrelation is 1/e */
    uint16_t timing_advance;       /* what the preamble shows, steps of 16 x 64 Tc / 2^mu */
} air_ue_config_t;

#define AIR_COUNTERS(X)                                                                                      \
    X(slots, COUNTER_INFO, "slots", "run")                                                                   \
    X(slots_silent, COUNTER_INFO, "slots", "the DU had nothing for")                                         \
    X(slab_bad, COUNTER_ERROR, "PDUs", "of the DU's slab dropped: a count or offset out of range")           \
    X(pdsch_ok, COUNTER_INFO, "blocks", "decoded by a UE")                                                   \
    X(pdsch_lost, COUNTER_INFO, "blocks", "lost to noise")                                                   \
    X(pdsch_mismatch, COUNTER_WARNING, "blocks", "a UE tuned to what the DU did not send like that")         \
    X(pusch_ok, COUNTER_INFO, "blocks", "decoded by the DU")                                                 \
    X(pusch_lost, COUNTER_INFO, "blocks", "lost to noise")                                                   \
    X(pusch_dtx, COUNTER_INFO, "blocks", "that the DU waited for and no UE sent")                            \
    X(pusch_mismatch, COUNTER_WARNING, "blocks", "sent other than the DU expected: lost")                    \
    X(pusch_unheard, COUNTER_WARNING, "blocks", "sent where the DU did not listen")                          \
    X(pusch_collision, COUNTER_WARNING, "blocks", "of two UEs on the same resources: lost")                  \
    X(pucch_ok, COUNTER_INFO, "transmissions", "")                                                           \
    X(pucch_lost, COUNTER_INFO, "transmissions", "lost to noise")                                            \
    X(pucch_dtx, COUNTER_INFO, "occasions", "that the DU listened to and nobody used")                       \
    X(pucch_mismatch, COUNTER_WARNING, "transmissions", "with another number of bits than the DU expected")  \
    X(pucch_unheard, COUNTER_WARNING, "transmissions", "sent where the DU did not listen")                   \
    X(prach_heard, COUNTER_INFO, "preambles", "")                                                            \
    X(prach_lost, COUNTER_INFO, "preambles", "too weak")                                                     \
    X(prach_collision, COUNTER_INFO, "preambles", "the same one of several UEs in one occasion")             \
    X(prach_unheard, COUNTER_WARNING, "preambles", "sent where the DU did not listen")
COUNTERS_DECLARE(air, AIR_COUNTERS)

/* n_prb: of the carrier, for wideband CQI. 0, -EINVAL, -ENOMEM. */
int air_create(const air_ue_config_t *ues, uint32_t n_ues, uint16_t n_prb, uint64_t seed, air_t **ret);
void air_destroy(air_t *a); /* NULL is fine */
/* Another carrier width from now on. */
void air_set_carrier(air_t *a, uint16_t n_prb);

/* The air as UE i has it; good while the air lives. */
ue_air_t air_face(air_t *a, uint32_t i);
/* Changes the means of UE i from the next slot on. */
void air_set_sinr(air_t *a, uint32_t i, double dl_db, double ul_db);
double air_sinr_dl(const air_t *a, uint32_t i);

/* What UE i sends and receives from here on is taken for another UE's: a UE that is off is not heard. */
void air_begin(air_t *a, uint64_t abs_slot, const fapi_dl_slot_t *dl);
void air_rx(air_t *a, uint32_t i, ue_rx_t *ret);
/* Fills *ul for the slot at hand. */
void air_end(air_t *a, fapi_ul_slot_t *ul);

const air_counters_t *air_counters(const air_t *a);

#endif
