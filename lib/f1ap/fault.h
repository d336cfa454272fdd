/* SPDX-License-Identifier: Apache-2.0 */
/* Inside lib/f1ap: what a message that was not understood amounts to. Each fills *ret from the bytes, whose
 * header and ids are read again by hand: the decoder has given up on them. */
#ifndef VITRAN_F1AP_FAULT_H
#define VITRAN_F1AP_FAULT_H

#include "lib/f1ap/f1ap.h"

/* ret->detail is what asn1_decode said. */
void f1ap_fault_from_decoder(const uint8_t *bytes, size_t n, f1ap_fault_t *ret);
void f1ap_fault_unknown_procedure(const uint8_t *bytes, size_t n, f1ap_fault_t *ret);
void f1ap_fault_too_large(const uint8_t *bytes, size_t n, f1ap_fault_t *ret);
/* true: one of the unknown IEs has criticality reject. */
bool f1ap_fault_from_unknown(const uint8_t *bytes, size_t n, const asn1_unknown_list_t *unknown,
                             f1ap_fault_t *ret);

#endif
