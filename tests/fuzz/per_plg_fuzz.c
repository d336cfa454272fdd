/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/asn1/schema/plg.asn.h"
#include "tests/fuzz/per_fuzz.h"

PER_FUZZ(ASN1_APER, &plg_RANfunctionDefinition_type, &plg_ControlHeader_type, &plg_ControlMessage_type,
         &plg_ControlOutcome_type, &plg_EventTriggerDefinition_type, &plg_IndicationHeader_type,
         &plg_IndicationMessage_type)
