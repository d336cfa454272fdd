/* SPDX-License-Identifier: Apache-2.0 */
/* Traffic straight at a UE's data radio bearer, below PDCP: what a throughput bench fills buffers with. */
#ifndef VITRAN_TESTS_UE_LOAD_H
#define VITRAN_TESTS_UE_LOAD_H

#include "fronthaul/emulator/ue/ue.h"

/* Keeps at least `bytes` in the RLC queue of the channel, in SDUs of 1400 bytes. */
void ue_load_fill(ue_t *u, uint8_t lcid, uint32_t bytes);
/* SDU bytes that the channel's RLC has delivered so far. */
uint64_t ue_load_received(ue_t *u, uint8_t lcid);

#endif
