/* SPDX-License-Identifier: Apache-2.0 */
/* Declared counters: each layer lists what it counts in one X-macro table (name, severity, unit, sentence);
 * the struct, the metrics and the docs are made from that table. A counter is written by one thread with
 * plain adds and read by others with relaxed loads: values are for people and for KPM, never for control
 * flow.
 *
 *   #define F1AP_COUNTERS(X) \
 *       X(rx_decode_error, COUNTER_ERROR, "messages", "dropped: PER could not be decoded") \
 *       X(rx, COUNTER_INFO, "messages", "received")
 *   COUNTERS_DECLARE(f1ap, F1AP_COUNTERS)     in the header: f1ap_counters_t, f1ap_counter_desc[]
 *   COUNTERS_DEFINE(f1ap, F1AP_COUNTERS)      in one .c
 */
#ifndef VITRAN_CORE_COUNTERS_H
#define VITRAN_CORE_COUNTERS_H

#include <stdint.h>

#include "lib/core/log.h"

typedef enum { COUNTER_INFO, COUNTER_WARNING, COUNTER_ERROR } counter_severity_t;

typedef struct {
    const char *name;
    counter_severity_t severity;
    const char *unit;
    const char *help;
} counter_desc_t;

/* A table as it is given to whoever prints or exports it. */
typedef struct {
    const char *layer;          /* "f1ap" */
    const counter_desc_t *desc; /* [size: n] */
    const uint64_t *values;     /* [size: n] */
    uint32_t n;
} counter_set_t;

#define COUNTERS_FIELD_(name, severity, unit, help) uint64_t name;
#define COUNTERS_DESC_(name, severity, unit, help) {#name, severity, unit, help},
#define COUNTERS_ONE_(name, severity, unit, help) +1

#define COUNTERS_DECLARE(layer, TABLE)                                                                       \
    typedef struct {                                                                                         \
        TABLE(COUNTERS_FIELD_)                                                                               \
    } layer##_counters_t;                                                                                    \
    extern const counter_desc_t layer##_counter_desc[0 TABLE(COUNTERS_ONE_)];                                \
    static inline counter_set_t layer##_counter_set(const layer##_counters_t *c)                             \
    {                                                                                                        \
        return (counter_set_t){#layer, layer##_counter_desc, (const uint64_t *)c, 0 TABLE(COUNTERS_ONE_)};   \
    }

#define COUNTERS_DEFINE(layer, TABLE)                                                                        \
    const counter_desc_t layer##_counter_desc[0 TABLE(COUNTERS_ONE_)] = {TABLE(COUNTERS_DESC_)};

/* Reads a counter that another thread may be adding to. The adds are plain, so that they cost the slot thread
 * nothing; a 64-bit load cannot tear on the machines that we build for, and the value is for people. TSan is
 * told so here and nowhere else. */
#if defined(__clang__)
__attribute__((no_sanitize("thread"), noinline))
#else
__attribute__((no_sanitize_thread, noinline))
#endif
static uint64_t __attribute__((unused)) counter_read(const uint64_t *c)
{
    return *(const volatile uint64_t *)c;
}

/* Writes each counter that is not zero to the log, level info: what a process leaves when it ends. */
void counters_log(const log_t *log, counter_set_t set);

#endif
