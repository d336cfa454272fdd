/* SPDX-License-Identifier: Apache-2.0 */
/* The drivers, one function a channel of the shared vectors. Files: family.c holds a few that belong
 * together. */
#ifndef VITRAN_TESTS_VECTORS_CHANNELS_H
#define VITRAN_TESTS_VECTORS_CHANNELS_H

#include "tests/vectors/vec.h"

/* Ends with a NULL channel. */
extern const vec_channel_t vec_channels[];

/* mac.c */
void vec_tbs(vec_t *v);
void vec_pdcch_candidates(vec_t *v);

#endif
