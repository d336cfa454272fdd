/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/asn1/schema/rrc.asn.h"
#include "tests/fuzz/per_fuzz.h"

PER_FUZZ(ASN1_UPER, &rrc_DL_DCCH_Message_type, &rrc_UL_DCCH_Message_type, &rrc_DL_CCCH_Message_type,
         &rrc_UL_CCCH_Message_type, &rrc_BCCH_DL_SCH_Message_type, &rrc_BCCH_BCH_Message_type,
         &rrc_PCCH_Message_type, &rrc_CellGroupConfig_type)
