/* SPDX-License-Identifier: Apache-2.0 */
/* The RRC messages (TS 38.331 6.2.2) that a CU sends, as bytes. MIB, SIB1 and CellGroupConfig are the DU's:
 * CellGroupConfig passes through here as an octet string. Stateless; any thread. Every function writes into
 * *o and returns 0, or -EMSGSIZE when the message does not fit, -EINVAL when a value has no place on the
 * wire.
 */
#ifndef VITRAN_CU_RRC_BUILD_H
#define VITRAN_CU_RRC_BUILD_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/asn1/asn1.h"
#include "lib/crypto/crypto.h"

#define RRC_MAX_BYTES 8000u /* of one message: what PDCP and its MAC-I leave of 9000 */
#define RRC_MAX_DRBS 8u
#define RRC_MAX_NAS 4u /* NAS messages in one RRCReconfiguration */
#define RRC_MAX_QFIS 8u

typedef struct {
    uint32_t n;
    uint8_t bytes[RRC_MAX_BYTES];
} rrc_out_t;

typedef struct {
    uint8_t drb_id, session_id;
    bool reestablish; /* reestablishPDCP; no SDAP and PDCP configuration then */
    bool integrity;
    uint8_t n_qfis;
    uint8_t qfis[RRC_MAX_QFIS];
} rrc_drb_t;

/* PDCP and SDAP of every DRB: what goes into DRB-ToAddMod and into cu/up alike. */
enum { RRC_DRB_SN_BITS = 18, RRC_DRB_T_REORDERING_MS = 500 };

typedef struct {
    bool srb1_reestablish, srb2, srb2_reestablish; /* srb2: add it, or re-establish it */
    uint8_t n_drbs, n_release, n_nas;
    rrc_drb_t drbs[RRC_MAX_DRBS];
    uint8_t release[RRC_MAX_DRBS];
    asn1_bytes_t nas[RRC_MAX_NAS];
    asn1_bytes_t cell_group; /* masterCellGroup; n 0: absent */
} rrc_reconfiguration_t;

/* DL-CCCH */
int rrc_build_setup(uint8_t transaction, asn1_bytes_t cell_group, rrc_out_t *o);
int rrc_build_reject(uint8_t wait_s, rrc_out_t *o); /* wait_s 0: absent; else 1..16 */
/* DL-DCCH */
int rrc_build_security_mode_command(uint8_t transaction, nea_t nea, nia_t nia, rrc_out_t *o);
int rrc_build_capability_enquiry(uint8_t transaction, rrc_out_t *o); /* NR only */
int rrc_build_reconfiguration(uint8_t transaction, const rrc_reconfiguration_t *v, rrc_out_t *o);
int rrc_build_reestablishment(uint8_t transaction, uint8_t ncc, rrc_out_t *o);
int rrc_build_release(uint8_t transaction, rrc_out_t *o);
int rrc_build_dl_information(uint8_t transaction, asn1_bytes_t nas, rrc_out_t *o);
/* UERadioAccessCapabilityInformation (11.2.2) around a UE-CapabilityRAT-ContainerList, as a core keeps it,
 * and the list out of it again: a view into *ret_mem [size: n]. -EBADMSG: not one that holds a list. */
int rrc_build_radio_capability(asn1_bytes_t list, rrc_out_t *o);
int rrc_parse_radio_capability(const uint8_t *p, uint32_t n, uint8_t *ret_mem, asn1_bytes_t *ret_list);
/* VarShortMAC-Input, 7.4: 8 bytes. */
void rrc_build_short_mac_input(uint16_t pci, uint64_t target_cell, uint16_t crnti, uint8_t ret[8]);

#endif
