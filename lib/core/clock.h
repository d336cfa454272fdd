/* SPDX-License-Identifier: Apache-2.0 */
/* Slot arithmetic and clocks. A slot is an absolute 64-bit counter that never wraps, plus the numerology; SFN
 * and slot in frame are derived from it (TS 38.211 4.3.2). Times are ns of CLOCK_TAI. [any] thread. */
#ifndef VITRAN_CORE_CLOCK_H
#define VITRAN_CORE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)

/* SFN 0 counts from the GPS epoch, 1980-01-06 00:00:00 UTC; TAI was then UTC + 19 s. In ns of CLOCK_TAI. */
#define GPS_EPOCH_TAI_NS (INT64_C(315964819) * NS_PER_S)

/* Slots in a 10 ms frame for numerology mu. TS 38.211 table 4.3.2-1. */
static inline uint32_t slots_per_frame(uint8_t mu)
{
    return 10u << mu;
}

/* SFN, 0..1023. */
static inline uint16_t slot_sfn(uint64_t abs_slot, uint8_t mu)
{
    return (uint16_t)(abs_slot / slots_per_frame(mu) & 1023);
}

/* Slot in its frame. */
static inline uint16_t slot_in_frame(uint64_t abs_slot, uint8_t mu)
{
    return (uint16_t)(abs_slot % slots_per_frame(mu));
}

static inline int64_t slot_duration_ns(uint8_t mu)
{
    return NS_PER_MS >> mu;
}

/* The absolute slot nearest to `near` that has this SFN and slot in frame. Undoes the wrap of what comes off
 * a wire. */
static inline uint64_t slot_from_sfn(uint64_t near_slot, uint8_t mu, uint16_t sfn, uint16_t slot)
{
    uint64_t cycle = (uint64_t)1024 * slots_per_frame(mu);
    uint64_t s = near_slot - near_slot % cycle + (uint64_t)sfn * slots_per_frame(mu) + slot;
    if (s > near_slot + cycle / 2 && s >= cycle)
        s -= cycle;
    else if (s + cycle / 2 < near_slot)
        s += cycle;
    return s;
}

static inline int64_t time_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

#endif
