/* SPDX-License-Identifier: Apache-2.0 */
/* F1AP (TS 38.473) for both ends: bytes to a plain struct and back. f1ap_parse reads a PDU into f1ap_msg_t,
 * f1ap_build writes one; the procedures in cu/f1ap and du/f1ap see these structs only. What cannot be read
 * comes back as f1ap_fault_t, which says what clause 10 wants answered. No sockets, no state; [any] thread
 * with its own arena.
 *
 * Views (asn1_bytes_t) of a parsed message point into the bytes it was read from or into the arena. */
#ifndef VITRAN_F1AP_H
#define VITRAN_F1AP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/asn1/asn1.h"
#include "lib/asn1/schema/f1ap.asn.h"
#include "lib/core/arena.h"

#define F1AP_PORT 38472u          /* SCTP, TS 38.472 7 */
#define F1AP_MAX_PDU (64u * 1024) /* bytes */
#define F1AP_ARENA_BYTES (256u * 1024)
/* Capacities of this implementation, all below the standard's. A message that names more is read up to here
 * and fails with F1AP_FAULT_TOO_LARGE. */
#define F1AP_MAX_CELLS 8u
#define F1AP_MAX_DRBS 8u
#define F1AP_MAX_FLOWS 8u
#define F1AP_MAX_SLICES 8u
#define F1AP_MAX_RESET 256u /* maxnoofIndividualF1ConnectionsToReset */
#define F1AP_MAX_IE_DIAGNOSTICS 8u
#define F1AP_NO_SD 0xffffffu /* slice differentiator absent */

typedef struct {
    uint8_t plmn[3];     /* as in TS 24.008 10.5.1.13 */
    uint64_t nr_cell_id; /* 36 bits */
} f1ap_cgi_t;

typedef struct {
    uint8_t sst;
    uint32_t sd; /* 24 bits or F1AP_NO_SD */
} f1ap_snssai_t;

typedef enum {
    F1AP_CAUSE_RADIO,
    F1AP_CAUSE_TRANSPORT,
    F1AP_CAUSE_PROTOCOL,
    F1AP_CAUSE_MISC
} f1ap_cause_group_t;
typedef struct {
    f1ap_cause_group_t group;
    uint32_t value; /* as numbered in the schema, 9.3.1.2 */
} f1ap_cause_t;
#define F1AP_RADIO(name) ((f1ap_cause_t){F1AP_CAUSE_RADIO, f1ap_CauseRadioNetwork_##name})
#define F1AP_TRANSPORT(name) ((f1ap_cause_t){F1AP_CAUSE_TRANSPORT, f1ap_CauseTransport_##name})
#define F1AP_PROTOCOL(name) ((f1ap_cause_t){F1AP_CAUSE_PROTOCOL, f1ap_CauseProtocol_##name})
#define F1AP_MISC(name) ((f1ap_cause_t){F1AP_CAUSE_MISC, f1ap_CauseMisc_##name})
/* The value's name in the schema, e.g. "normal-release". */
const char *f1ap_cause_name(f1ap_cause_t cause);

/* Criticality Diagnostics, 9.3.1.3. */
typedef struct {
    bool has_procedure;
    uint8_t procedure_code;
    uint8_t triggering; /* f1ap_TriggeringMessage */
    uint8_t criticality;
    bool has_transaction;
    uint8_t transaction_id;
    uint8_t n_ies;
    struct {
        uint16_t id;
        uint8_t criticality;
        bool missing; /* else not understood */
    } ies[F1AP_MAX_IE_DIAGNOSTICS];
} f1ap_diagnostics_t;

/* ---- interface management ---- */

typedef struct { /* Served Cell Information 9.3.1.10 with gNB-DU System Information 9.3.1.18 */
    f1ap_cgi_t cgi;
    uint16_t pci;
    bool has_tac;
    uint32_t tac; /* 24 bits */
    uint8_t n_slices;
    f1ap_snssai_t slices[F1AP_MAX_SLICES]; /* of the one PLMN that is served, TAI slice support */
    bool tdd;
    uint32_t arfcn, ul_arfcn; /* point A; ul: FDD only */
    uint16_t band;            /* 1..1024; the first of the list */
    uint8_t scs;              /* f1ap_NRSCS */
    uint16_t n_prb;           /* as in NRNRB; 0: a value that the schema knows and this code does not */
    asn1_bytes_t measurement_timing; /* MeasurementTimingConfiguration of TS 38.331 */
    uint32_t ssb_arfcn;              /* parsed only: its first carrierFreq; 0: it has none */
    asn1_bytes_t mib, sib1;          /* encoded MIB and SIB1; n 0: system information absent */
} f1ap_cell_t;

typedef struct {
    f1ap_cgi_t cgi;
    bool has_pci;
    uint16_t pci;
    f1ap_cause_t cause; /* of a failed one */
} f1ap_cell_ref_t;

typedef struct { /* F1 SETUP REQUEST 9.2.1.4 */
    uint8_t transaction_id;
    uint64_t du_id; /* 36 bits */
    char du_name[151];
    uint8_t n_cells;
    f1ap_cell_t cells[F1AP_MAX_CELLS];
} f1ap_setup_request_t;

typedef struct { /* F1 SETUP RESPONSE 9.2.1.5; gNB-DU CONFIGURATION UPDATE ACKNOWLEDGE 9.2.1.8 (no name) */
    uint8_t transaction_id;
    char cu_name[151];
    uint8_t n_activate;
    f1ap_cell_ref_t activate[F1AP_MAX_CELLS];
    uint8_t n_deactivate; /* acknowledge only */
    f1ap_cell_ref_t deactivate[F1AP_MAX_CELLS];
} f1ap_setup_response_t;

typedef struct { /* every interface procedure's failure */
    uint8_t transaction_id;
    f1ap_cause_t cause;
    uint8_t wait_s;                 /* Time to wait: 1, 2, 5, 10, 20, 60; 0: absent */
    f1ap_diagnostics_t diagnostics; /* nothing set: absent */
} f1ap_failure_t;

typedef struct { /* gNB-DU CONFIGURATION UPDATE 9.2.1.7 */
    uint8_t transaction_id;
    bool has_du_id;
    uint64_t du_id;
    uint8_t n_add, n_modify, n_delete;
    f1ap_cell_t add[F1AP_MAX_CELLS];
    struct {
        f1ap_cgi_t old;
        f1ap_cell_t cell;
    } modify[F1AP_MAX_CELLS];
    f1ap_cgi_t delete[F1AP_MAX_CELLS];
} f1ap_du_update_t;

typedef struct { /* gNB-CU CONFIGURATION UPDATE 9.2.1.10 */
    uint8_t transaction_id;
    uint8_t n_activate, n_deactivate;
    f1ap_cell_ref_t activate[F1AP_MAX_CELLS], deactivate[F1AP_MAX_CELLS];
} f1ap_cu_update_t;

typedef struct { /* gNB-CU CONFIGURATION UPDATE ACKNOWLEDGE 9.2.1.11 */
    uint8_t transaction_id;
    uint8_t n_failed;
    f1ap_cell_ref_t failed[F1AP_MAX_CELLS];
} f1ap_cu_update_ack_t;

typedef struct {
    bool has_cu, has_du;
    uint32_t cu_ue_id, du_ue_id;
} f1ap_ue_ref_t;

typedef struct { /* RESET 9.2.1.1 and RESET ACKNOWLEDGE 9.2.1.2 */
    uint8_t transaction_id;
    f1ap_cause_t cause; /* RESET */
    bool all;           /* RESET of the whole interface; else ues */
    uint16_t n_ues;
    f1ap_ue_ref_t ues[F1AP_MAX_RESET];
} f1ap_reset_t;

typedef struct { /* ERROR INDICATION 9.2.1.3 */
    uint8_t transaction_id;
    f1ap_ue_ref_t ue;
    bool has_cause;
    f1ap_cause_t cause;
    f1ap_diagnostics_t diagnostics;
} f1ap_error_t;

typedef struct { /* F1 REMOVAL REQUEST and RESPONSE 9.2.1.17, 18 */
    uint8_t transaction_id;
} f1ap_transaction_t;

typedef struct { /* GNB-DU STATUS INDICATION 9.2.1.15 */
    uint8_t transaction_id;
    bool overloaded;
} f1ap_du_status_t;

/* ---- UE contexts ---- */

typedef struct { /* QoS Flow Level QoS Parameters 9.3.1.45 with a standardized 5QI */
    uint8_t qfi;
    uint8_t five_qi;
    uint8_t arp_priority; /* 1..15 */
    bool preempt, preemptable;
    bool gbr;
    uint64_t gfbr_dl_bps, gfbr_ul_bps, mfbr_dl_bps, mfbr_ul_bps;
} f1ap_flow_t;

typedef struct {      /* GTP Tunnel 9.3.2.1 with an IPv4 address */
    uint32_t address; /* host byte order */
    uint32_t teid;
} f1ap_tunnel_t;

typedef struct {     /* DRB to Be Setup Item */
    uint8_t drb_id;  /* 1..32 */
    f1ap_flow_t qos; /* of the DRB; qfi unused */
    f1ap_snssai_t snssai;
    uint8_t n_flows;
    f1ap_flow_t flows[F1AP_MAX_FLOWS];
    f1ap_tunnel_t ul;               /* CU's end of F1-U */
    uint8_t rlc_mode;               /* f1ap_RLCMode */
    uint8_t dl_sn_bits, ul_sn_bits; /* PDCP SN length 12 or 18; 0: absent */
} f1ap_drb_t;

typedef struct { /* DRB Setup Item, or Failed To Setup */
    uint8_t drb_id;
    bool ok;
    f1ap_tunnel_t dl;   /* ok: DU's end of F1-U */
    uint8_t lcid;       /* ok; 0: absent */
    f1ap_cause_t cause; /* !ok */
} f1ap_drb_result_t;

typedef struct { /* UE CONTEXT SETUP REQUEST 9.2.2.1, UE CONTEXT MODIFICATION REQUEST 9.2.2.7 */
    uint32_t cu_ue_id;
    bool has_du_ue_id; /* always in a modification */
    uint32_t du_ue_id;
    bool has_cell; /* always in a setup */
    f1ap_cgi_t cell;
    uint8_t serv_cell_index;
    asn1_bytes_t capability;    /* UE-CapabilityRAT-ContainerList; n 0: absent */
    asn1_bytes_t rrc_container; /* a PDCP PDU for SRB1; n 0: absent */
    uint8_t srb_mask;           /* to set up: bit i is SRB i */
    uint8_t n_drbs;
    f1ap_drb_t drbs[F1AP_MAX_DRBS]; /* to set up */
    uint8_t n_release;              /* modification: DRBs to release */
    uint8_t release[F1AP_MAX_DRBS];
    bool monitor_inactivity; /* Inactivity Monitoring Request */
    bool has_ambr_ul;
    uint64_t ambr_ul_bps;
    bool reconfiguration_complete; /* modification: RRC Reconfiguration Complete Indicator is "true" */
    bool reconfiguration_failure;  /* the same is "failure" */
    bool stop_transmission, restart_transmission; /* modification: Transmission Action Indicator */
} f1ap_context_request_t;

typedef struct { /* UE CONTEXT SETUP RESPONSE 9.2.2.2, UE CONTEXT MODIFICATION RESPONSE 9.2.2.8 */
    uint32_t cu_ue_id, du_ue_id;
    asn1_bytes_t cell_group; /* CellGroupConfig of DU to CU RRC Information; n 0: absent (modification) */
    bool has_crnti;
    uint16_t crnti;
    bool full_configuration;
    uint8_t srb_failed_mask;
    uint8_t n_drbs;
    f1ap_drb_result_t drbs[F1AP_MAX_DRBS];
} f1ap_context_response_t;

typedef struct { /* UE CONTEXT SETUP FAILURE 9.2.2.3, MODIFICATION FAILURE 9.2.2.9, MODIFICATION REFUSE
                    9.2.2.10b, RELEASE REQUEST 9.2.2.4, RELEASE COMPLETE 9.2.2.6 (no cause) */
    uint32_t cu_ue_id;
    bool has_du_ue_id; /* always but in a setup failure */
    uint32_t du_ue_id;
    f1ap_cause_t cause;
    f1ap_diagnostics_t diagnostics;
} f1ap_ue_cause_t;

typedef struct { /* UE CONTEXT RELEASE COMMAND 9.2.2.5 */
    uint32_t cu_ue_id, du_ue_id;
    f1ap_cause_t cause;
    asn1_bytes_t rrc_container; /* n 0: absent */
    uint8_t srb_id;             /* with rrc_container */
    bool has_old_du_ue_id;
    uint32_t old_du_ue_id;
} f1ap_release_command_t;

typedef struct { /* UE CONTEXT MODIFICATION REQUIRED 9.2.2.10 */
    uint32_t cu_ue_id, du_ue_id;
    f1ap_cause_t cause;
    asn1_bytes_t cell_group; /* n 0: absent */
    uint8_t n_release;
    uint8_t release[F1AP_MAX_DRBS]; /* DRBs that the DU wants released */
} f1ap_context_required_t;

typedef struct { /* UE CONTEXT MODIFICATION CONFIRM 9.2.2.10a */
    uint32_t cu_ue_id, du_ue_id;
    asn1_bytes_t rrc_container; /* n 0: absent */
} f1ap_context_confirm_t;

typedef struct { /* UE INACTIVITY NOTIFICATION 9.2.2.12, NOTIFY 9.2.2.13 */
    uint32_t cu_ue_id, du_ue_id;
    uint8_t n_drbs;
    struct {
        uint8_t drb_id;
        bool on; /* inactivity: active; notify: fulfilled */
    } drbs[F1AP_MAX_DRBS];
} f1ap_drb_states_t;

/* ---- RRC message transfer ---- */

typedef struct { /* INITIAL UL RRC MESSAGE TRANSFER 9.2.3.1 */
    uint32_t du_ue_id;
    f1ap_cgi_t cell;
    uint16_t crnti;
    asn1_bytes_t rrc_container; /* UL-CCCH-Message */
    asn1_bytes_t
        cell_group; /* DU to CU RRC Container: CellGroupConfig; n 0: absent, the UE cannot be served */
    uint8_t transaction_id;
} f1ap_initial_ul_t;

typedef struct { /* DL RRC MESSAGE TRANSFER 9.2.3.2 */
    uint32_t cu_ue_id, du_ue_id;
    bool has_old_du_ue_id;
    uint32_t old_du_ue_id;
    uint8_t srb_id;
    asn1_bytes_t rrc_container;
    bool want_delivery_report;
} f1ap_dl_rrc_t;

typedef struct { /* UL RRC MESSAGE TRANSFER 9.2.3.3 */
    uint32_t cu_ue_id, du_ue_id;
    uint8_t srb_id;
    asn1_bytes_t rrc_container;
    bool has_new_du_ue_id;
    uint32_t new_du_ue_id;
} f1ap_ul_rrc_t;

typedef struct { /* RRC DELIVERY REPORT 9.2.3.4 */
    uint32_t cu_ue_id, du_ue_id;
    uint8_t srb_id;
    uint16_t delivered_sn;  /* PDCP, 12 bits */
    uint16_t triggering_sn; /* of the DL RRC message that asked */
} f1ap_delivery_report_t;

typedef struct {          /* PAGING 9.2.6.1 */
    uint16_t ue_index;    /* 10 bits */
    uint64_t five_s_tmsi; /* 48 bits */
    uint8_t n_cells;
    f1ap_cgi_t cells[F1AP_MAX_CELLS];
} f1ap_paging_t;

typedef struct { /* SYSTEM INFORMATION DELIVERY COMMAND 9.2.4.1 */
    uint8_t transaction_id;
    f1ap_cgi_t cell;
    uint32_t confirmed_ue;
    uint32_t si_mask; /* bit i: SI type i, 1..32 -> bits 0..31 */
} f1ap_si_delivery_t;

/* Every message, its procedure and class: X(C name, message, plain type, member). */
#define F1AP_MESSAGES(X)                                                                                     \
    X(RESET, Reset, f1ap_reset_t, reset)                                                                     \
    X(RESET_ACK, ResetAcknowledge, f1ap_reset_t, reset)                                                      \
    X(SETUP_REQUEST, F1SetupRequest, f1ap_setup_request_t, setup_request)                                    \
    X(SETUP_RESPONSE, F1SetupResponse, f1ap_setup_response_t, setup_response)                                \
    X(SETUP_FAILURE, F1SetupFailure, f1ap_failure_t, failure)                                                \
    X(DU_UPDATE, GNBDUConfigurationUpdate, f1ap_du_update_t, du_update)                                      \
    X(DU_UPDATE_ACK, GNBDUConfigurationUpdateAcknowledge, f1ap_setup_response_t, setup_response)             \
    X(DU_UPDATE_FAILURE, GNBDUConfigurationUpdateFailure, f1ap_failure_t, failure)                           \
    X(CU_UPDATE, GNBCUConfigurationUpdate, f1ap_cu_update_t, cu_update)                                      \
    X(CU_UPDATE_ACK, GNBCUConfigurationUpdateAcknowledge, f1ap_cu_update_ack_t, cu_update_ack)               \
    X(CU_UPDATE_FAILURE, GNBCUConfigurationUpdateFailure, f1ap_failure_t, failure)                           \
    X(ERROR_INDICATION, ErrorIndication, f1ap_error_t, error)                                                \
    X(REMOVAL_REQUEST, F1RemovalRequest, f1ap_transaction_t, transaction)                                    \
    X(REMOVAL_RESPONSE, F1RemovalResponse, f1ap_transaction_t, transaction)                                  \
    X(REMOVAL_FAILURE, F1RemovalFailure, f1ap_failure_t, failure)                                            \
    X(DU_STATUS, GNBDUStatusIndication, f1ap_du_status_t, du_status)                                         \
    X(CONTEXT_SETUP_REQUEST, UEContextSetupRequest, f1ap_context_request_t, context_request)                 \
    X(CONTEXT_SETUP_RESPONSE, UEContextSetupResponse, f1ap_context_response_t, context_response)             \
    X(CONTEXT_SETUP_FAILURE, UEContextSetupFailure, f1ap_ue_cause_t, ue_cause)                               \
    X(CONTEXT_MODIFY_REQUEST, UEContextModificationRequest, f1ap_context_request_t, context_request)         \
    X(CONTEXT_MODIFY_RESPONSE, UEContextModificationResponse, f1ap_context_response_t, context_response)     \
    X(CONTEXT_MODIFY_FAILURE, UEContextModificationFailure, f1ap_ue_cause_t, ue_cause)                       \
    X(CONTEXT_REQUIRED, UEContextModificationRequired, f1ap_context_required_t, context_required)            \
    X(CONTEXT_CONFIRM, UEContextModificationConfirm, f1ap_context_confirm_t, context_confirm)                \
    X(CONTEXT_REFUSE, UEContextModificationRefuse, f1ap_ue_cause_t, ue_cause)                                \
    X(RELEASE_REQUEST, UEContextReleaseRequest, f1ap_ue_cause_t, ue_cause)                                   \
    X(RELEASE_COMMAND, UEContextReleaseCommand, f1ap_release_command_t, release_command)                     \
    X(RELEASE_COMPLETE, UEContextReleaseComplete, f1ap_ue_cause_t, ue_cause)                                 \
    X(INACTIVITY, UEInactivityNotification, f1ap_drb_states_t, drb_states)                                   \
    X(NOTIFY, Notify, f1ap_drb_states_t, drb_states)                                                         \
    X(INITIAL_UL_RRC, InitialULRRCMessageTransfer, f1ap_initial_ul_t, initial_ul)                            \
    X(DL_RRC, DLRRCMessageTransfer, f1ap_dl_rrc_t, dl_rrc)                                                   \
    X(UL_RRC, ULRRCMessageTransfer, f1ap_ul_rrc_t, ul_rrc)                                                   \
    X(DELIVERY_REPORT, RRCDeliveryReport, f1ap_delivery_report_t, delivery_report)                           \
    X(PAGING, Paging, f1ap_paging_t, paging)                                                                 \
    X(SI_DELIVERY, SystemInformationDeliveryCommand, f1ap_si_delivery_t, si_delivery)

#define F1AP_TYPE_(name, message, type, member) F1AP_##name,
typedef enum { F1AP_MESSAGES(F1AP_TYPE_) F1AP_N_TYPES } f1ap_msg_type_t;

typedef struct {
    f1ap_msg_type_t type;
    union {
        f1ap_reset_t reset;
        f1ap_setup_request_t setup_request;
        f1ap_setup_response_t setup_response;
        f1ap_failure_t failure;
        f1ap_du_update_t du_update;
        f1ap_cu_update_t cu_update;
        f1ap_cu_update_ack_t cu_update_ack;
        f1ap_error_t error;
        f1ap_transaction_t transaction;
        f1ap_du_status_t du_status;
        f1ap_context_request_t context_request;
        f1ap_context_response_t context_response;
        f1ap_ue_cause_t ue_cause;
        f1ap_release_command_t release_command;
        f1ap_context_required_t context_required;
        f1ap_context_confirm_t context_confirm;
        f1ap_drb_states_t drb_states;
        f1ap_initial_ul_t initial_ul;
        f1ap_dl_rrc_t dl_rrc;
        f1ap_ul_rrc_t ul_rrc;
        f1ap_delivery_report_t delivery_report;
        f1ap_paging_t paging;
        f1ap_si_delivery_t si_delivery;
    } u;
} f1ap_msg_t;

/* "F1SetupRequest" */
const char *f1ap_msg_name(f1ap_msg_type_t type);

/* ---- what was not understood, clause 10 ---- */

typedef enum {
    F1AP_FAULT_NONE,
    F1AP_FAULT_TRANSFER_SYNTAX,   /* 10.2: the bits are no PDU */
    F1AP_FAULT_UNKNOWN_PROCEDURE, /* 10.3.4.1 */
    F1AP_FAULT_UNKNOWN_IE,        /* 10.3.4.2: not comprehended, criticality reject */
    F1AP_FAULT_MISSING_IE,        /* 10.3.5 */
    F1AP_FAULT_FALSELY_BUILT,     /* 10.3.6: IEs repeated, values outside their range */
    F1AP_FAULT_TOO_LARGE,         /* more than this implementation holds */
    F1AP_N_FAULTS
} f1ap_fault_type_t;

typedef struct {
    f1ap_fault_type_t type;
    bool answer;        /* an answer is due; false: drop it and count */
    f1ap_cause_t cause; /* for the answer */
    f1ap_ue_ref_t ue;   /* ids that could still be read */
    f1ap_diagnostics_t diagnostics;
    asn1_error_t detail;
} f1ap_fault_t;

const char *f1ap_fault_name(f1ap_fault_type_t type);

/* The answer that clause 10 asks for: the failure message of the procedure if it has one that can be built
 * from what is known, else ERROR INDICATION. Call it when fault->answer. */
void f1ap_fault_answer(const f1ap_fault_t *fault, f1ap_msg_t *ret);

/* ---- the two functions ---- */

/* Reads one PDU. 0; -EBADMSG with *ret_fault filled. IEs that the schema does not know are judged by their
 * criticality: reject is a fault, the rest is passed over. */
int f1ap_parse(const uint8_t *bytes, size_t n, arena_t *arena, f1ap_msg_t *ret, f1ap_fault_t *ret_fault);

/* Writes one PDU into buf [size: cap bytes]. The arena holds what is needed on the way. 0; -EINVAL or -ERANGE
 * (a member outside its range: our own bug or a configuration value), -ENOBUFS, -ENOMEM; err may be NULL. */
int f1ap_build(const f1ap_msg_t *msg, arena_t *arena, uint8_t *buf, size_t cap, size_t *ret_n,
               asn1_error_t *err);

#endif
