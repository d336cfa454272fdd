/* SPDX-License-Identifier: Apache-2.0 */
/* E2AP (O-RAN.WG3.E2AP v03) where the generated types alone would make users repeat themselves: wrapping a
 * message into its PDU, reading one with its error handling (clause 10 as TS 38.413's), causes as text.
 * Everything else of a message is the generated struct. No sockets, no state. */
#ifndef VITRAN_E2AP_E2AP_H
#define VITRAN_E2AP_E2AP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/asn1/asn1.h"
#include "lib/asn1/schema/e2ap.asn.h"

#define E2AP_SCTP_PORT 36421u
#define E2AP_MAX_MESSAGE (256u * 1024) /* bytes of an encoded PDU */

/* A PDU around a message that lives as long as the enclosing block:
 *   e2ap_ResetResponse_t m = {...};
 *   asn1_encode(&e2ap_E2AP_PDU_type, ASN1_APER, E2AP_SUCCESSFUL(ResetResponse, &m), ...) */
#define E2AP_INITIATING(message, m)                                                                          \
    (&(e2ap_E2AP_PDU_t){                                                                                     \
        .choice = e2ap_E2AP_PDU_choice_initiatingMessage,                                                    \
        .u.initiatingMessage = &(e2ap_InitiatingMessage_t){                                                  \
            .value = {.choice = e2ap_InitiatingMessage_value_choice_##message, .u = {.message = (m)}}}})
#define E2AP_SUCCESSFUL(message, m)                                                                          \
    (&(e2ap_E2AP_PDU_t){                                                                                     \
        .choice = e2ap_E2AP_PDU_choice_successfulOutcome,                                                    \
        .u.successfulOutcome = &(e2ap_SuccessfulOutcome_t){                                                  \
            .value = {.choice = e2ap_SuccessfulOutcome_value_choice_##message, .u = {.message = (m)}}}})
#define E2AP_UNSUCCESSFUL(message, m)                                                                        \
    (&(e2ap_E2AP_PDU_t){                                                                                     \
        .choice = e2ap_E2AP_PDU_choice_unsuccessfulOutcome,                                                  \
        .u.unsuccessfulOutcome = &(e2ap_UnsuccessfulOutcome_t){                                              \
            .value = {.choice = e2ap_UnsuccessfulOutcome_value_choice_##message, .u = {.message = (m)}}}})

/* e2ap_Cause_t of one kind: E2AP_CAUSE(protocol, CauseProtocol_semantic_error) */
#define E2AP_CAUSE(kind, value)                                                                              \
    ((e2ap_Cause_t){.choice = e2ap_Cause_choice_##kind, .u = {.kind = e2ap_##value}})

typedef enum {
    E2AP_READ_OK,              /* *ret is the PDU */
    E2AP_READ_IGNORE,          /* not understood, and its sender said to ignore that */
    E2AP_READ_TRANSFER_SYNTAX, /* broken: answer with the error indication that was filled in */
    E2AP_READ_ABSTRACT_SYNTAX, /* an IE or procedure missing or not understood: likewise */
} e2ap_read_t;

/* An error indication with all that it points to; see e2ap_read. */
typedef struct {
    e2ap_ErrorIndication_t message;
    e2ap_Cause_t cause;
    e2ap_CriticalityDiagnostics_t diagnostics;
    e2ap_CriticalityDiagnostics_IE_List_t ies;
    e2ap_CriticalityDiagnostics_IE_Item_t ie;
    asn1_error_t why; /* for the log */
} e2ap_error_t;

/* Decodes bytes [size: n] into the arena. A message whose root holds an unknown IE of criticality reject is
 * not accepted. */
e2ap_read_t e2ap_read(const uint8_t *bytes, size_t n, arena_t *arena, e2ap_E2AP_PDU_t *ret,
                      e2ap_error_t *ret_error);

/* An error indication about a message that could be read. procedure: its code; request may be NULL. */
void e2ap_error_fill(e2ap_error_t *e, e2ap_Cause_t cause, uint32_t procedure,
                     e2ap_TriggeringMessage_t triggering);

/* "ricRequest: control-timer-expired", into text [size: n]; returns text. */
const char *e2ap_cause_text(const e2ap_Cause_t *cause, char *text, size_t n);

/* Procedure's name by code, "E2setup"; "?" for an unknown one. */
const char *e2ap_procedure_name(uint32_t code);

/* Milliseconds of a time to wait. */
uint32_t e2ap_time_to_wait_ms(e2ap_TimeToWait_t t);

#endif
