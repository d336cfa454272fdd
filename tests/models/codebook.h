/* SPDX-License-Identifier: Apache-2.0 */
/* The type I single-panel codebook of TS 38.214 5.2.2.2.1 with codebookMode, for 2, 4 and 8 ports. Pure
 * functions. */
#ifndef VITRAN_TESTS_MODELS_CODEBOOK_H
#define VITRAN_TESTS_MODELS_CODEBOOK_H

#include "tests/models/sequences.h"

/* W [port][layer] of 1..4 layers; false: an index is out of range. */
bool model_type1(unsigned n1, unsigned n2, unsigned mode, unsigned n_layers, unsigned i1_1, unsigned i1_2,
                 unsigned i1_3, unsigned i2, cplx_t *ret_w);

#endif
