/* SPDX-License-Identifier: Apache-2.0 */
/* Random values of any generated type, within its constraints, for the referees and the fuzz corpora. The
 * same seed gives the same value on every machine. */
#ifndef VITRAN_TESTS_REFEREE_RANDOM_H
#define VITRAN_TESTS_REFEREE_RANDOM_H

#include "lib/asn1/asn1.h"

/* A value of `type` in the arena; NULL when the arena is full. Edges (bounds, empty, absent) come often. */
void *random_value(const asn1_type_t *type, uint64_t seed, arena_t *arena);

#endif
