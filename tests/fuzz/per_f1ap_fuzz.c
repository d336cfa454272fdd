/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/asn1/schema/f1ap.asn.h"
#include "tests/fuzz/per_fuzz.h"

PER_FUZZ(ASN1_APER, &f1ap_F1AP_PDU_type)
