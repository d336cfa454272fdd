/* SPDX-License-Identifier: Apache-2.0 */
/* From bytes to f1ap_msg_t and back: which class and procedure a message belongs to, and the way to its own
 * reader or writer. */
#include <string.h>

#include "lib/f1ap/codec.h"
#include "lib/f1ap/fault.h"

/* Class, procedure code and procedure criticality of every message, TS 38.473 9.4.3. */
#define F1AP_CLASSES(X)                                                                                      \
    X(RESET, Reset, Initiating, initiatingMessage, 0, reject)                                                \
    X(RESET_ACK, ResetAcknowledge, Successful, successfulOutcome, 0, reject)                                 \
    X(SETUP_REQUEST, F1SetupRequest, Initiating, initiatingMessage, 1, reject)                               \
    X(SETUP_RESPONSE, F1SetupResponse, Successful, successfulOutcome, 1, reject)                             \
    X(SETUP_FAILURE, F1SetupFailure, Unsuccessful, unsuccessfulOutcome, 1, reject)                           \
    X(ERROR_INDICATION, ErrorIndication, Initiating, initiatingMessage, 2, ignore)                           \
    X(DU_UPDATE, GNBDUConfigurationUpdate, Initiating, initiatingMessage, 3, reject)                         \
    X(DU_UPDATE_ACK, GNBDUConfigurationUpdateAcknowledge, Successful, successfulOutcome, 3, reject)          \
    X(DU_UPDATE_FAILURE, GNBDUConfigurationUpdateFailure, Unsuccessful, unsuccessfulOutcome, 3, reject)      \
    X(CU_UPDATE, GNBCUConfigurationUpdate, Initiating, initiatingMessage, 4, reject)                         \
    X(CU_UPDATE_ACK, GNBCUConfigurationUpdateAcknowledge, Successful, successfulOutcome, 4, reject)          \
    X(CU_UPDATE_FAILURE, GNBCUConfigurationUpdateFailure, Unsuccessful, unsuccessfulOutcome, 4, reject)      \
    X(CONTEXT_SETUP_REQUEST, UEContextSetupRequest, Initiating, initiatingMessage, 5, reject)                \
    X(CONTEXT_SETUP_RESPONSE, UEContextSetupResponse, Successful, successfulOutcome, 5, reject)              \
    X(CONTEXT_SETUP_FAILURE, UEContextSetupFailure, Unsuccessful, unsuccessfulOutcome, 5, reject)            \
    X(RELEASE_COMMAND, UEContextReleaseCommand, Initiating, initiatingMessage, 6, reject)                    \
    X(RELEASE_COMPLETE, UEContextReleaseComplete, Successful, successfulOutcome, 6, reject)                  \
    X(CONTEXT_MODIFY_REQUEST, UEContextModificationRequest, Initiating, initiatingMessage, 7, reject)        \
    X(CONTEXT_MODIFY_RESPONSE, UEContextModificationResponse, Successful, successfulOutcome, 7, reject)      \
    X(CONTEXT_MODIFY_FAILURE, UEContextModificationFailure, Unsuccessful, unsuccessfulOutcome, 7, reject)    \
    X(CONTEXT_REQUIRED, UEContextModificationRequired, Initiating, initiatingMessage, 8, reject)             \
    X(CONTEXT_CONFIRM, UEContextModificationConfirm, Successful, successfulOutcome, 8, reject)               \
    X(CONTEXT_REFUSE, UEContextModificationRefuse, Unsuccessful, unsuccessfulOutcome, 8, reject)             \
    X(RELEASE_REQUEST, UEContextReleaseRequest, Initiating, initiatingMessage, 10, ignore)                   \
    X(INITIAL_UL_RRC, InitialULRRCMessageTransfer, Initiating, initiatingMessage, 11, ignore)                \
    X(DL_RRC, DLRRCMessageTransfer, Initiating, initiatingMessage, 12, ignore)                               \
    X(UL_RRC, ULRRCMessageTransfer, Initiating, initiatingMessage, 13, ignore)                               \
    X(INACTIVITY, UEInactivityNotification, Initiating, initiatingMessage, 15, ignore)                       \
    X(SI_DELIVERY, SystemInformationDeliveryCommand, Initiating, initiatingMessage, 17, ignore)              \
    X(PAGING, Paging, Initiating, initiatingMessage, 18, ignore)                                             \
    X(NOTIFY, Notify, Initiating, initiatingMessage, 19, ignore)                                             \
    X(DU_STATUS, GNBDUStatusIndication, Initiating, initiatingMessage, 24, ignore)                           \
    X(DELIVERY_REPORT, RRCDeliveryReport, Initiating, initiatingMessage, 25, ignore)                         \
    X(REMOVAL_REQUEST, F1RemovalRequest, Initiating, initiatingMessage, 26, reject)                          \
    X(REMOVAL_RESPONSE, F1RemovalResponse, Successful, successfulOutcome, 26, reject)                        \
    X(REMOVAL_FAILURE, F1RemovalFailure, Unsuccessful, unsuccessfulOutcome, 26, reject)

const char *f1ap_msg_name(f1ap_msg_type_t type)
{
#define NAME(name, message, ...) [F1AP_##name] = #message,
    static const char *const names[F1AP_N_TYPES] = {F1AP_MESSAGES(NAME)};
    return type < F1AP_N_TYPES ? names[type] : "?";
}

/* One function a message: names it, shows the IEs that the schema does not know, and reads. */
#define READ(name, message, plain, member)                                                                   \
    static int take_##name(const f1ap_##message##_t *m, f1ap_msg_t *ret,                                     \
                           const asn1_unknown_list_t **unknown)                                              \
    {                                                                                                        \
        ret->type = F1AP_##name;                                                                             \
        *unknown = &m->protocolIEs.unknown;                                                                  \
        return f1ap_read_##message(m, &ret->u.member);                                                       \
    }
F1AP_MESSAGES(READ)

static int take(const f1ap_F1AP_PDU_t *pdu, f1ap_msg_t *ret, const asn1_unknown_list_t **ret_unknown)
{
    switch (pdu->choice) {
#define CASE_Initiating(name, message)                                                                       \
    case f1ap_InitiatingMessage_value_choice_##message:                                                      \
        return take_##name(pdu->u.initiatingMessage->value.u.message, ret, ret_unknown);
#define CASE_Successful(name, message)
#define CASE_Unsuccessful(name, message)
#define CASE(name, message, Class, alternative, code, crit) CASE_##Class(name, message)
    case f1ap_F1AP_PDU_choice_initiatingMessage:
        switch (pdu->u.initiatingMessage->value.choice) {
            F1AP_CLASSES(CASE)
        default:
            return -ENOSYS;
        }
#undef CASE_Initiating
#undef CASE_Successful
#define CASE_Initiating(name, message)
#define CASE_Successful(name, message)                                                                       \
    case f1ap_SuccessfulOutcome_value_choice_##message:                                                      \
        return take_##name(pdu->u.successfulOutcome->value.u.message, ret, ret_unknown);
    case f1ap_F1AP_PDU_choice_successfulOutcome:
        switch (pdu->u.successfulOutcome->value.choice) {
            F1AP_CLASSES(CASE)
        default:
            return -ENOSYS;
        }
#undef CASE_Successful
#undef CASE_Unsuccessful
#define CASE_Successful(name, message)
#define CASE_Unsuccessful(name, message)                                                                     \
    case f1ap_UnsuccessfulOutcome_value_choice_##message:                                                    \
        return take_##name(pdu->u.unsuccessfulOutcome->value.u.message, ret, ret_unknown);
    case f1ap_F1AP_PDU_choice_unsuccessfulOutcome:
        switch (pdu->u.unsuccessfulOutcome->value.choice) {
            F1AP_CLASSES(CASE)
        default:
            return -ENOSYS;
        }
    default:
        return -ENOSYS;
    }
}

int f1ap_parse(const uint8_t *bytes, size_t n, arena_t *arena, f1ap_msg_t *ret, f1ap_fault_t *ret_fault)
{
    f1ap_F1AP_PDU_t pdu;
    const asn1_unknown_list_t *unknown = NULL;
    memset(ret_fault, 0, sizeof *ret_fault);
    int r = asn1_decode(&f1ap_F1AP_PDU_type, ASN1_APER, bytes, n, arena, &pdu, &ret_fault->detail);
    if (r < 0) {
        f1ap_fault_from_decoder(bytes, n, ret_fault);
        return -EBADMSG;
    }
    memset(ret, 0, sizeof *ret);
    r = take(&pdu, ret, &unknown);
    if (r == -ENOSYS) {
        f1ap_fault_unknown_procedure(bytes, n, ret_fault);
        return -EBADMSG;
    }
    if (f1ap_fault_from_unknown(bytes, n, unknown, ret_fault))
        return -EBADMSG;
    if (r < 0) {
        f1ap_fault_too_large(bytes, n, ret_fault);
        return -EBADMSG;
    }
    return 0;
}

/* One function a message: allocates it, has it written, and hangs it into its class. */
#define WRITE(name, message, Class, alternative, code, crit)                                                 \
    static int put_##name(const void *v, arena_t *a, f1ap_F1AP_PDU_t *pdu)                                   \
    {                                                                                                        \
        f1ap_##message##_t *m;                                                                               \
        CLASS_##Class *c;                                                                                    \
        F1AP_NEW(m);                                                                                         \
        F1AP_NEW(c);                                                                                         \
        F1AP_TRY(f1ap_write_##message(v, a, m));                                                             \
        c->procedureCode = (code);                                                                           \
        c->criticality = f1ap_Criticality_##crit;                                                            \
        c->value.choice = VALUE_##Class(message);                                                            \
        c->value.u.message = m;                                                                              \
        pdu->choice = f1ap_F1AP_PDU_choice_##alternative;                                                    \
        pdu->u.alternative = c;                                                                              \
        return 0;                                                                                            \
    }
#define CLASS_Initiating f1ap_InitiatingMessage_t
#define CLASS_Successful f1ap_SuccessfulOutcome_t
#define CLASS_Unsuccessful f1ap_UnsuccessfulOutcome_t
#define VALUE_Initiating(message) f1ap_InitiatingMessage_value_choice_##message
#define VALUE_Successful(message) f1ap_SuccessfulOutcome_value_choice_##message
#define VALUE_Unsuccessful(message) f1ap_UnsuccessfulOutcome_value_choice_##message
F1AP_CLASSES(WRITE)

int f1ap_build(const f1ap_msg_t *msg, arena_t *arena, uint8_t *buf, size_t cap, size_t *ret_n,
               asn1_error_t *err)
{
#define PUT(name, ...) [F1AP_##name] = put_##name,
    static int (*const puts_by_type[F1AP_N_TYPES])(const void *, arena_t *,
                                                   f1ap_F1AP_PDU_t *) = {F1AP_CLASSES(PUT)};
    f1ap_F1AP_PDU_t pdu = {.choice = 0};
    if (msg->type >= F1AP_N_TYPES)
        return -EINVAL;
    F1AP_TRY(puts_by_type[msg->type](&msg->u, arena, &pdu));
    return asn1_encode(&f1ap_F1AP_PDU_type, ASN1_APER, &pdu, buf, cap, ret_n, err);
}
