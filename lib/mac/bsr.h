/* SPDX-License-Identifier: Apache-2.0 */
/* Buffer status report levels: TS 38.321 tables 6.1.3.1-1 (5 bits) and -2 (8 bits). Stateless, [any] thread.
 */
#ifndef VITRAN_MAC_BSR_H
#define VITRAN_MAC_BSR_H

#include <stdint.h>

/* Smallest index whose level is at least `bytes`: what a UE reports. */
uint8_t bsr_short_index(uint32_t bytes); /* 0..31 */
uint8_t bsr_long_index(uint32_t bytes);  /* 0..254 */
/* Upper end of the level, bytes; the last one ("more than") gives its lower end times 1.5, as a network has
 * to guess something. Index 255 of the long table is reserved: 0. */
uint32_t bsr_short_bytes(uint8_t index);
uint32_t bsr_long_bytes(uint8_t index);

#endif
