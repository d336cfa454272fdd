/* SPDX-License-Identifier: Apache-2.0 */
/* RRC messages of the UE as bytes: one function a message, each writes a whole UL-CCCH or UL-DCCH message
 * into `buf` and returns its length, 0 when it does not fit. Stateless. Internal to fronthaul/emulator/ue. */
#ifndef VITRAN_EMULATOR_RRC_MSG_H
#define VITRAN_EMULATOR_RRC_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t *p;
    size_t cap;
} rrc_buf_t;

/* ue_identity: 39 bits: ng-5G-S-TMSI-Part1 or a random value; cause: EstablishmentCause. */
size_t rrc_msg_setup_request(rrc_buf_t b, bool s_tmsi, uint64_t identity, int cause);
size_t rrc_msg_reestablishment_request(rrc_buf_t b, uint16_t c_rnti, uint16_t pci,
                                       const uint8_t short_mac_i[2], int cause);
/* s_tmsi: 48 bits, or UINT64_MAX: none. */
size_t rrc_msg_setup_complete(rrc_buf_t b, uint8_t tid, const uint8_t *nas, size_t nas_n, uint64_t s_tmsi);
size_t rrc_msg_security_mode_complete(rrc_buf_t b, uint8_t tid);
size_t rrc_msg_security_mode_failure(rrc_buf_t b, uint8_t tid);
size_t rrc_msg_reconfiguration_complete(rrc_buf_t b, uint8_t tid);
size_t rrc_msg_reestablishment_complete(rrc_buf_t b, uint8_t tid);
size_t rrc_msg_capability(rrc_buf_t b, uint8_t tid, bool nr);
size_t rrc_msg_ul_information(rrc_buf_t b, const uint8_t *nas, size_t nas_n);

#endif
