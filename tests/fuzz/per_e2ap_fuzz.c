/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/asn1/schema/e2ap.asn.h"
#include "tests/fuzz/per_fuzz.h"

PER_FUZZ(ASN1_APER, &e2ap_E2AP_PDU_type)
