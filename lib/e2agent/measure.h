/* SPDX-License-Identifier: Apache-2.0 */
/* Measurements of TS 28.552 out of counters that only grow: what the agent can report, and how each is made
 * from the differences over one granularity period. */
#ifndef VITRAN_E2AGENT_MEASURE_H
#define VITRAN_E2AGENT_MEASURE_H

#include "e2sm/kpm/kpm.h"
#include "lib/e2agent/e2agent.h"

#define MEASURE_UNKNOWN UINT32_MAX
#define MEASURE_MAX 32u

/* Names that can be asked for, of the cell and of a UE; returns how many. */
uint32_t measure_cell_names(const char *ret[MEASURE_MAX]);
uint32_t measure_ue_names(const char *ret[MEASURE_MAX]);
/* Number of a measurement; MEASURE_UNKNOWN. */
uint32_t measure_find(asn1_bytes_t name);

/* now - before, for the counters; identities and momentary values are now's. */
void measure_ue_difference(const e2agent_ue_t *now, const e2agent_ue_t *before, e2agent_ue_t *ret);
/* Adds the counters of d to *sum (queue and CQI are left alone). */
void measure_ue_add(e2agent_ue_t *sum, const e2agent_ue_t *d);

typedef struct {
    e2agent_ue_t ue;     /* differences of one UE, or the sum over the UEs of a slice or cell */
    e2agent_cell_t cell; /* differences; n_prb as they are */
    uint32_t n_ues;      /* summed into ue */
    double cqi_sum;      /* of those that reported one */
    uint32_t n_cqi;
    int64_t period_us;
} measure_input_t;

/* KPM_NONE when there is no value: nothing to divide by, or not of this scope. */
kpm_value_t measure(uint32_t id, const measure_input_t *in);

#endif
