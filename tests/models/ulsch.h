/* SPDX-License-Identifier: Apache-2.0 */
/* The walk of TS 38.212 6.2.7 step by step: which bits of which stream an RE of a PUSCH carries. Sets of REs
 * as lists. Pure functions. */
#ifndef VITRAN_TESTS_MODELS_ULSCH_H
#define VITRAN_TESTS_MODELS_ULSCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_ULSCH_SYMBOLS 14
#define MODEL_ULSCH_MAX_SC 3276

enum { MODEL_ULSCH_ACK, MODEL_ULSCH_CSI1, MODEL_ULSCH_CSI2, MODEL_ULSCH_SCH };

/* Symbols count from the PUSCH's first; everything in REs (a RE has N_L Q_m bits). */
typedef struct {
    unsigned n_symbols;
    bool dmrs[MODEL_ULSCH_SYMBOLS];
    unsigned n_re[MODEL_ULSCH_SYMBOLS]; /* for data */
    bool hopping;
    bool ulsch;                         /* there is UL-SCH */
    unsigned o_ack, o_csi1, o_csi2;     /* bits */
    unsigned ack, reserved, csi1, csi2; /* REs of each: 6.3.2.4.1 */
} model_ulsch_t;

/* For RE i, in the order of mapping: stream[i], and its place index[i] among that stream's REs. Returns the
 * number of REs. UL-SCH counts the REs that HARQ-ACK of 1 or 2 bits punctures. */
size_t model_ulsch_map(const model_ulsch_t *m, uint8_t *ret_stream, uint32_t *ret_index);

#endif
