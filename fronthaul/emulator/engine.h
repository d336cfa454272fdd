/* SPDX-License-Identifier: Apache-2.0 */
/* The emulator's engine: the lockstep thread that owns air and UEs and gives the DU its slots. It connects to
 * the DU's abstract L1, indicates slot after slot, keeps pace with the wall clock or runs free, and starts
 * over when the DU goes away: its UEs then search for a cell again.
 *
 * Faces: above, configuration and status (control thread); below, lib/fapi's link; aside, a TUN device a UE.
 *
 * Threads: create, start, stop, destroy and the status calls on one control thread; everything else is the
 * engine's own thread, which may call the system between slots. */
#ifndef VITRAN_EMULATOR_ENGINE_H
#define VITRAN_EMULATOR_ENGINE_H

#include "fronthaul/emulator/config.h"
#include "fronthaul/emulator/ue/ue.h"
#include "lib/core/log.h"

typedef struct engine engine_t;

#define ENGINE_COUNTERS(X)                                                                                   \
    X(slots, COUNTER_INFO, "slots", "indicated to the DU")                                                   \
    X(behind, COUNTER_WARNING, "slots", "ended after their time by the wall clock")                          \
    X(connects, COUNTER_INFO, "links", "to a DU made")                                                       \
    X(link_lost, COUNTER_WARNING, "links", "to a DU lost")                                                   \
    X(tun_rx, COUNTER_INFO, "packets", "read from TUN devices")                                              \
    X(tun_tx, COUNTER_INFO, "packets", "written to TUN devices")                                             \
    X(tun_tx_failed, COUNTER_WARNING, "packets", "that a TUN device did not take")                           \
    X(tun_failed, COUNTER_ERROR, "devices", "that could not be made")                                        \
    X(no_buffer, COUNTER_ERROR, "times", "the packet pool was empty")
COUNTERS_DECLARE(engine, ENGINE_COUNTERS)

/* `config` must outlive the engine. 0, -EINVAL, -ENOMEM, -errno. */
int engine_create(const emu_config_t *config, const log_t *log, engine_t **ret);
/* Starts the thread. 0 or -errno. */
int engine_start(engine_t *e);
/* Ends the thread within 300 ms; UEs that are registered tell the network nothing. */
void engine_stop(engine_t *e);
void engine_destroy(engine_t *e); /* NULL is fine */

typedef struct {
    bool linked;
    uint64_t slot;
    double speed; /* slots a second run, of those that real time would have: 1 is real time */
} engine_status_t;
engine_status_t engine_status(engine_t *e);
/* Status of UE i < config->n_ues, at most 100 ms old. */
ue_status_t engine_ue(engine_t *e, uint32_t i);
const engine_counters_t *engine_counters(const engine_t *e);
const air_counters_t *engine_air_counters(const engine_t *e);
const ue_counters_t *engine_ue_counters(const engine_t *e, uint32_t i);

#endif
