/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/asn1/schema/e2sm_rc.asn.h"
#include "tests/fuzz/per_fuzz.h"

PER_FUZZ(ASN1_APER, &e2sm_rc_E2SM_RC_ControlMessage_type, &e2sm_rc_E2SM_RC_ControlHeader_type,
         &e2sm_rc_E2SM_RC_ControlOutcome_type, &e2sm_rc_E2SM_RC_RANFunctionDefinition_type,
         &e2sm_rc_E2SM_RC_IndicationMessage_type)
