/* SPDX-License-Identifier: Apache-2.0 */
/* The broadcast of a cell between bytes and radio_cell_t: MIB and SIB1 are built from it by the DU and parsed
 * into it by a UE. What SIB1 carries beyond radio_cell_t is skipped on parse where a UE may, and refused by
 * name where it may not.
 *
 * Above: du (build), fronthaul/emulator/ue (parse). Below: lib/asn1.
 * Thread: any; no state. Nothing is allocated but from the caller's scratch arena (32 KiB are plenty). */
#ifndef VITRAN_RRC_SYSINFO_H
#define VITRAN_RRC_SYSINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/core/arena.h"
#include "lib/mac/radio.h"

#define RRC_SIB1_BYTES 372            /* SIB1 is at most 2976 bits. TS 38.331 5.2.1 */
#define RRC_SCRATCH_BYTES (64 * 1024) /* enough for any call in lib/rrc */

/* Why a call failed: one clause, names the component. */
typedef struct {
    char text[160];
} rrc_why_t;

/* BCCH-BCH-Message of the frame `sfn`, whose 6 most significant bits go in: 24 bits, the first is bit 23 of
 * *ret. The cell is neither barred nor reserved. 0; -ERANGE: a member has no place on the wire. */
int rrc_mib_build(const radio_cell_t *cell, uint16_t sfn, uint32_t *ret);

typedef struct {
    uint16_t sfn;            /* with its 4 least significant bits zero: those are in the PBCH payload */
    uint8_t mu;              /* subCarrierSpacingCommon, FR1: 0 or 1 */
    uint8_t k_ssb;           /* 0..15 */
    uint8_t dmrs_type_a_pos; /* 2 or 3 */
    uint8_t coreset0_index, search_space0_index;
    bool barred;
    bool intra_freq_reselection;
} rrc_mib_t;
/* A peer's 24 bits. 0; -EBADMSG: messageClassExtension, which is of a later release. */
int rrc_mib_parse(uint32_t bits, rrc_mib_t *ret);

/* BCCH-DL-SCH-Message with SIB1. 0; -ERANGE: a member has no place on the wire; -ENOBUFS; -ENOMEM. */
int rrc_sib1_build(const radio_cell_t *cell, arena_t *scratch, uint8_t *buf, size_t cap, size_t *ret_n,
                   rrc_why_t *ret_why);
/* A peer's bytes: fills *cell from them and from the MIB, then derives what follows (radio_cell_derive); pci
 * is the SSB's. 0; -EBADMSG: does not decode, or is not SIB1; -ENOTSUP: asks for what our UE cannot do;
 * -ENOMEM. *cell is untouched on failure. */
int rrc_sib1_parse(const uint8_t *bytes, size_t n, uint16_t pci, const rrc_mib_t *mib, arena_t *scratch,
                   radio_cell_t *cell, rrc_why_t *ret_why);

#endif
