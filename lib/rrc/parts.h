/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces that SIB1 and CellGroupConfig share, in both directions, and the first and last step of every
 * message. Internal to lib/rrc. */
#ifndef VITRAN_RRC_PARTS_H
#define VITRAN_RRC_PARTS_H

#include "lib/asn1/asn1.h"
#include "lib/asn1/schema/rrc.asn.h"
#include "lib/rrc/wire.h"

/* Encodes unless the build failed before. Returns the build's outcome; an encoding error is -ERANGE with the
 * component's path, -ENOBUFS as it is. */
int wire_encode(rrc_wire_t *w, const asn1_type_t *type, const void *v, uint8_t *buf, size_t cap,
                size_t *ret_n);
/* Decodes into *ret; sets the error: -EBADMSG with the path, -ENOMEM. */
void wire_decode(rrc_wire_t *w, const asn1_type_t *type, const uint8_t *bytes, size_t n, void *ret);

/* Up to 64 bits as a number, first bit most significant. */
uint64_t part_bits(asn1_bits_t b);
/* The other way round, into the arena. */
asn1_bits_t part_to_bits(rrc_wire_t *w, uint64_t value, uint32_t n_bits);

void part_carrier(const radio_cell_t *c, rrc_SCS_SpecificCarrier_t *to);

void part_search_space(rrc_wire_t *w, const radio_search_space_t *s, rrc_SearchSpace_t *to);
void part_parse_search_space(rrc_wire_t *w, const rrc_SearchSpace_t *from, radio_search_space_t *to);

void part_pdsch_tdra(rrc_wire_t *w, const radio_tdra_t *rows, uint32_t n,
                     rrc_PDSCH_TimeDomainResourceAllocationList_t *to);
void part_pusch_tdra(rrc_wire_t *w, const radio_tdra_t *rows, uint32_t n,
                     rrc_PUSCH_TimeDomainResourceAllocationList_t *to);
/* Each returns the number of rows; to [size: RADIO_MAX_TDRA]. */
uint8_t part_parse_pdsch_tdra(rrc_wire_t *w, const rrc_PDSCH_TimeDomainResourceAllocationList_t *from,
                              radio_tdra_t *to);
uint8_t part_parse_pusch_tdra(rrc_wire_t *w, const rrc_PUSCH_TimeDomainResourceAllocationList_t *from,
                              radio_tdra_t *to, uint8_t mu);

#endif
