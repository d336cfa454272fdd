/* SPDX-License-Identifier: Apache-2.0 */
/* The DU's end of the abstract L1: takes what another process wrote into a shared slab. Everything in it is
 * hostile and may change while it is read: each part is copied once into the DU's own memory, then checked
 * there, and only the copy is used. Thread: [slot]; no system call, no allocation. */
#ifndef VITRAN_DU_PHY_ABSTRACT_L1_H
#define VITRAN_DU_PHY_ABSTRACT_L1_H

#include "lib/core/counters.h"
#include "lib/fapi/fapi.h"

#define L1_COUNTERS(X)                                                                                       \
    X(slots, COUNTER_INFO, "slots", "taken from the L1")                                                     \
    X(stale, COUNTER_WARNING, "slots", "the slab was not that of the slot: taken as empty")                  \
    X(bad_count, COUNTER_ERROR, "lists", "longer than the slab can hold: dropped whole")                     \
    X(bad_block, COUNTER_ERROR, "blocks", "outside of the slab's payload area: dropped")
COUNTERS_DECLARE(l1, L1_COUNTERS)

/* Copies the indications of slot n to *ret, payload compacted. *ret always holds a slot that can be used:
 * empty where the slab was not. 0; -ENODATA: the slab is of another slot. */
int l1_take(const fapi_ul_slot_t *shared, uint64_t n, fapi_ul_slot_t *ret, l1_counters_t *c);

#endif
