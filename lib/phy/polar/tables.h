/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of the polar code in TS 38.212. */
#ifndef VITRAN_PHY_POLAR_TABLES_H
#define VITRAN_PHY_POLAR_TABLES_H

#include <stdint.h>

extern const uint16_t polar_sequence[1024];   /* table 5.3.1.2-1: bit indices, least reliable first */
extern const uint8_t polar_interleaving[164]; /* table 5.3.1.1-1 */
extern const uint8_t polar_sub_blocks[32];    /* table 5.4.1.1-1: P(i) */

#endif
