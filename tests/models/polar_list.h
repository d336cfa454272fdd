/* SPDX-License-Identifier: Apache-2.0 */
/* A second model of NR's polar code, slow and obvious, from TS 38.212 5.3.1 and 5.4.1: bits one a byte, sets
 * as arrays, the generator as a matrix, and a list decoder in float with exact (not min-sum) updates, one bit
 * at a time. It shares the tables of the standard with the code under test, and nothing else. */
#ifndef VITRAN_TESTS_MODELS_POLAR_LIST_H
#define VITRAN_TESTS_MODELS_POLAR_LIST_H

#include <stdbool.h>
#include <stdint.h>

enum { POLAR_MODEL_FROZEN, POLAR_MODEL_INFO, POLAR_MODEL_PARITY };

typedef struct {
    int k, e, n_max;
    bool i_il, i_bil;
    int n, log2_n; /* found by polar_model_make */
    uint8_t kind[1024];
    int input[1024];  /* c'_i = c_input[i] */
    int select[8192]; /* rate-matched bit i is coded bit select[i] */
    bool shortened;   /* the bits that are not sent are 0, else unknown */
} polar_model_t;

/* k, e, n_max, i_il, i_bil are given. */
void polar_model_make(polar_model_t *m);

/* bits: k; out: e. */
void polar_model_encode(const polar_model_t *m, const uint8_t *bits, uint8_t *out);

/* llr: e natural-log ratios, positive is 0. The paths' k bits, best first; returns how many (at most 8). */
int polar_model_decode(const polar_model_t *m, const float *llr, uint8_t paths[8][1024]);

#endif
