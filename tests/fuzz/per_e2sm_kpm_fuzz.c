/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/asn1/schema/e2sm_kpm.asn.h"
#include "tests/fuzz/per_fuzz.h"

PER_FUZZ(ASN1_APER, &e2sm_kpm_E2SM_KPM_IndicationMessage_type, &e2sm_kpm_E2SM_KPM_IndicationHeader_type,
         &e2sm_kpm_E2SM_KPM_ActionDefinition_type, &e2sm_kpm_E2SM_KPM_EventTriggerDefinition_type,
         &e2sm_kpm_E2SM_KPM_RANfunction_Description_type)
