/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/e2ap/e2ap.h"

#include <stdio.h>
#include <string.h>

/* The first three octets of a PDU in aligned PER: alternative (2 bits behind the extension bit), procedure
 * code, criticality (2 bits). They say what a message was about even when the rest cannot be read. */
static bool peek(const uint8_t *bytes, size_t n, uint32_t *ret_kind, uint32_t *ret_code,
                 uint32_t *ret_criticality)
{
    if (n < 3 || bytes[0] & 0x80)
        return false;
    *ret_kind = bytes[0] >> 5 & 3;
    *ret_code = bytes[1];
    *ret_criticality = bytes[2] >> 6;
    return *ret_kind <= 2 && *ret_criticality <= 2;
}

void e2ap_error_fill(e2ap_error_t *e, e2ap_Cause_t cause, uint32_t procedure,
                     e2ap_TriggeringMessage_t triggering)
{
    memset(e, 0, sizeof *e);
    e->cause = cause;
    e->message.protocolIEs.Cause = &e->cause;
    e->message.protocolIEs.CriticalityDiagnostics = &e->diagnostics;
    e->diagnostics.has.procedureCode = 1;
    e->diagnostics.procedureCode = procedure;
    e->diagnostics.has.triggeringMessage = 1;
    e->diagnostics.triggeringMessage = triggering;
}

static void name_ie(e2ap_error_t *e, uint32_t id, uint32_t criticality, e2ap_TypeOfError_t type)
{
    e->ie = (e2ap_CriticalityDiagnostics_IE_Item_t){
        .iECriticality = (e2ap_Criticality_t)criticality, .iE_ID = id, .typeOfError = type};
    e->ies.n = 1;
    e->ies.p = &e->ie;
    e->diagnostics.iEsCriticalityDiagnostics = &e->ies;
}

/* The unknown IEs of the message in an outcome or request. */
static const asn1_unknown_list_t *unknown_ies(const e2ap_E2AP_PDU_t *pdu)
{
#define UNKNOWN(message)                                                                                     \
    case e2ap_InitiatingMessage_value_choice_##message:                                                      \
        return &i->value.u.message->protocolIEs.unknown
    if (pdu->choice != e2ap_E2AP_PDU_choice_initiatingMessage)
        return NULL; /* an outcome that says more than we know is taken all the same: the procedure is over */
    const e2ap_InitiatingMessage_t *i = pdu->u.initiatingMessage;
    switch (i->value.choice) {
        UNKNOWN(RICsubscriptionRequest);
        UNKNOWN(RICsubscriptionDeleteRequest);
        UNKNOWN(RICserviceUpdate);
        UNKNOWN(RICcontrolRequest);
        UNKNOWN(E2setupRequest);
        UNKNOWN(E2nodeConfigurationUpdate);
        UNKNOWN(E2connectionUpdate);
        UNKNOWN(ResetRequest);
        UNKNOWN(E2RemovalRequest);
        UNKNOWN(RICindication);
        UNKNOWN(RICserviceQuery);
        UNKNOWN(RICsubscriptionDeleteRequired);
    default:
        return NULL;
    }
#undef UNKNOWN
}

static bool is_unknown_procedure(const e2ap_E2AP_PDU_t *pdu)
{
    switch (pdu->choice) {
    case e2ap_E2AP_PDU_choice_initiatingMessage:
        return !pdu->u.initiatingMessage->value.choice;
    case e2ap_E2AP_PDU_choice_successfulOutcome:
        return !pdu->u.successfulOutcome->value.choice;
    case e2ap_E2AP_PDU_choice_unsuccessfulOutcome:
        return !pdu->u.unsuccessfulOutcome->value.choice;
    default:
        return true;
    }
}

e2ap_read_t e2ap_read(const uint8_t *bytes, size_t n, arena_t *arena, e2ap_E2AP_PDU_t *ret,
                      e2ap_error_t *ret_error)
{
    uint32_t kind = 0, code = 0, criticality = 0;
    asn1_error_t why;
    bool known = peek(bytes, n, &kind, &code, &criticality);
    e2ap_Cause_t cause = E2AP_CAUSE(protocol, CauseProtocol_transfer_syntax_error);
    int r = asn1_decode(&e2ap_E2AP_PDU_type, ASN1_APER, bytes, n, arena, ret, &why);
    if (r == 0 && is_unknown_procedure(ret)) {
        if (criticality == e2ap_Criticality_ignore)
            return E2AP_READ_IGNORE;
        e2ap_error_fill(ret_error,
                        criticality == e2ap_Criticality_reject
                            ? E2AP_CAUSE(protocol, CauseProtocol_abstract_syntax_error_reject)
                            : E2AP_CAUSE(protocol, CauseProtocol_abstract_syntax_error_ignore_and_notify),
                        code, (e2ap_TriggeringMessage_t)kind);
        ret_error->diagnostics.has.procedureCriticality = 1;
        ret_error->diagnostics.procedureCriticality = (e2ap_Criticality_t)criticality;
        ret_error->why = why;
        return E2AP_READ_ABSTRACT_SYNTAX;
    }
    if (r == 0) {
        const asn1_unknown_list_t *u = unknown_ies(ret);
        for (uint32_t i = 0; u && i < u->n; i++) {
            if (u->p[i].criticality != e2ap_Criticality_reject)
                continue;
            e2ap_error_fill(ret_error, E2AP_CAUSE(protocol, CauseProtocol_abstract_syntax_error_reject), code,
                            (e2ap_TriggeringMessage_t)kind);
            name_ie(ret_error, u->p[i].id, u->p[i].criticality, e2ap_TypeOfError_not_understood);
            return E2AP_READ_ABSTRACT_SYNTAX;
        }
        return E2AP_READ_OK;
    }
    bool abstract =
        why.cause == ASN1_MISSING_IE || why.cause == ASN1_DUPLICATE_IE || why.cause == ASN1_UNSUPPORTED;
    if (why.cause == ASN1_DUPLICATE_IE)
        cause = E2AP_CAUSE(protocol, CauseProtocol_abstract_syntax_error_falsely_constructed_message);
    else if (abstract)
        cause = E2AP_CAUSE(protocol, CauseProtocol_abstract_syntax_error_reject);
    e2ap_error_fill(ret_error, cause, code, (e2ap_TriggeringMessage_t)kind);
    if (!known)
        ret_error->message.protocolIEs.CriticalityDiagnostics = NULL;
    else if (abstract && why.ie_id != ASN1_NO_IE)
        name_ie(ret_error, why.ie_id, why.ie_criticality <= 2 ? why.ie_criticality : 0,
                why.cause == ASN1_MISSING_IE ? e2ap_TypeOfError_missing : e2ap_TypeOfError_not_understood);
    ret_error->why = why;
    return abstract ? E2AP_READ_ABSTRACT_SYNTAX : E2AP_READ_TRANSFER_SYNTAX;
}

const char *e2ap_cause_text(const e2ap_Cause_t *cause, char *text, size_t n)
{
    const asn1_type_t *type = NULL;
    uint32_t value = 0;
    switch (cause->choice) {
    case e2ap_Cause_choice_ricRequest:
        type = &e2ap_CauseRICrequest_type;
        value = cause->u.ricRequest;
        break;
    case e2ap_Cause_choice_ricService:
        type = &e2ap_CauseRICservice_type;
        value = cause->u.ricService;
        break;
    case e2ap_Cause_choice_e2Node:
        type = &e2ap_CauseE2node_type;
        value = cause->u.e2Node;
        break;
    case e2ap_Cause_choice_transport:
        type = &e2ap_CauseTransport_type;
        value = cause->u.transport;
        break;
    case e2ap_Cause_choice_protocol:
        type = &e2ap_CauseProtocol_type;
        value = cause->u.protocol;
        break;
    case e2ap_Cause_choice_misc:
        type = &e2ap_CauseMisc_type;
        value = cause->u.misc;
        break;
    default:
        snprintf(text, n, "unknown cause");
        return text;
    }
    const char *kind = asn1_value_name(&e2ap_Cause_type, cause->choice), *name = asn1_value_name(type, value);
    snprintf(text, n, "%s: %s", kind ? kind : "?", name ? name : "?");
    return text;
}

const char *e2ap_procedure_name(uint32_t code)
{
    static const char *const names[] = {"?",
                                        "E2setup",
                                        "ErrorIndication",
                                        "Reset",
                                        "RICcontrol",
                                        "RICindication",
                                        "RICserviceQuery",
                                        "RICserviceUpdate",
                                        "RICsubscription",
                                        "RICsubscriptionDelete",
                                        "E2nodeConfigurationUpdate",
                                        "E2connectionUpdate",
                                        "RICsubscriptionDeleteRequired",
                                        "E2removal",
                                        "RICsubscriptionModification",
                                        "RICsubscriptionModificationRequired",
                                        "RICquery"};
    return code < sizeof names / sizeof *names ? names[code] : "?";
}

uint32_t e2ap_time_to_wait_ms(e2ap_TimeToWait_t t)
{
    static const uint32_t ms[] = {1000, 2000, 5000, 10000, 20000, 60000};
    return (uint32_t)t < sizeof ms / sizeof *ms ? ms[t] : 5000;
}
