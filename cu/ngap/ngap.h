/* SPDX-License-Identifier: Apache-2.0 */
/* The seam between the CU's RRC (below) and a core network (above): NGAP's elementary procedures (TS 38.413
 * clause 8) as C structs, without a socket. The embedded core implements it by function calls; a real AMF
 * gets the same calls made into NGAP messages. Byte views live until the call returns. Calls are made on the
 * CU's control thread, may be made from within each other (a core may answer inside the call) and never fail
 * silently: what cannot be done is answered by the procedure's own failure or by an error indication.
 *
 * Two vtables: ngap_core_t is what the core offers to the RAN, ngap_ran_t what the RAN offers to the core. A
 * UE is named by both its ids, as on the wire. */
#ifndef VITRAN_CU_NGAP_NGAP_H
#define VITRAN_CU_NGAP_NGAP_H

#include <stdbool.h>
#include <stdint.h>

#define NGAP_MAX_PDU_SESSIONS 15
#define NGAP_MAX_QOS_FLOWS 8
#define NGAP_MAX_SLICES 8

typedef struct {
    const uint8_t *p;
    uint32_t n;
} ngap_bytes_t;

typedef struct {
    uint64_t amf_ue_ngap_id; /* 0..2^40-1; UINT64_MAX while not known */
    uint32_t ran_ue_ngap_id;
} ngap_ue_ids_t;

typedef struct {
    uint8_t sst;
    uint32_t sd; /* 24 bits; 0xffffff: absent */
} ngap_snssai_t;

/* Cause: group and value as numbered in TS 38.413 9.3.1.2. */
typedef enum {
    NGAP_CAUSE_RADIO_NETWORK,
    NGAP_CAUSE_TRANSPORT,
    NGAP_CAUSE_NAS,
    NGAP_CAUSE_PROTOCOL,
    NGAP_CAUSE_MISC
} ngap_cause_group_t;
typedef struct {
    ngap_cause_group_t group;
    uint16_t value;
} ngap_cause_t;
/* Values that this code itself gives. */
enum {
    NGAP_RADIO_UNSPECIFIED = 0,
    NGAP_RADIO_RELEASE_NG_RAN = 3, /* release-due-to-ngran-generated-reason */
    NGAP_RADIO_USER_INACTIVITY = 20,
    NGAP_RADIO_CONNECTION_LOST = 21, /* radio-connection-with-ue-lost */
    NGAP_RADIO_UNKNOWN_PDU_SESSION = 26,
    NGAP_RADIO_MULTIPLE_PDU_SESSION = 28,
    NGAP_RADIO_NOT_SUPPORTED_5QI = 43, /* not-supported-5QI-value */
    NGAP_NAS_NORMAL_RELEASE = 0,
    NGAP_NAS_AUTHENTICATION_FAILURE = 1,
    NGAP_NAS_DEREGISTER = 2,
    NGAP_NAS_UNSPECIFIED = 3,
    NGAP_PROTOCOL_SEMANTIC_ERROR = 4,
    NGAP_PROTOCOL_MSG_NOT_COMPATIBLE = 3,
};

typedef struct {         /* user location, NR */
    uint8_t plmn[3];     /* TS 24.008 10.5.1.13 digits */
    uint64_t nr_cell_id; /* 36 bits */
    uint32_t tac;        /* 24 bits */
} ngap_location_t;

typedef struct { /* INITIAL UE MESSAGE, 9.2.5.1 */
    uint32_t ran_ue_ngap_id;
    ngap_bytes_t nas_pdu;
    ngap_location_t location;
    uint8_t rrc_establishment_cause; /* as RRC's EstablishmentCause */
    bool has_s_tmsi;
    uint16_t amf_set_id; /* 10 bits */
    uint8_t amf_pointer; /* 6 bits */
    uint32_t tmsi_5g;
} ngap_initial_ue_message_t;

typedef struct { /* DOWNLINK NAS TRANSPORT 9.2.5.2, UPLINK NAS TRANSPORT 9.2.5.3 */
    ngap_ue_ids_t ue;
    ngap_bytes_t nas_pdu;
} ngap_nas_transport_t;

typedef struct {
    uint8_t qfi; /* 0..63 */
    uint8_t five_qi;
    uint8_t arp_priority; /* 1..15 */
    bool preempt, preemptable;
    uint64_t gfbr_dl_bps, gfbr_ul_bps, mfbr_dl_bps, mfbr_ul_bps; /* 0: non-GBR */
} ngap_qos_flow_t;

typedef struct {            /* PDU Session Resource Setup Request Transfer, 9.3.4.1 */
    uint8_t pdu_session_id; /* 1..15 as NAS gives it */
    ngap_snssai_t snssai;
    uint8_t pdu_session_type; /* 0: IPv4 ... as on the wire */
    uint64_t ambr_dl_bps, ambr_ul_bps;
    uint32_t
        ul_address; /* UPF's N3 address, host byte order; 0: the user plane ends in the CU (N6 is there) */
    uint32_t ul_teid;
    uint32_t ue_ipv4;     /* embedded core only: host byte order; with ul_address 0 routes N6 packets */
    ngap_bytes_t nas_pdu; /* for this session; empty: none */
    uint8_t n_qos_flows;
    ngap_qos_flow_t qos_flows[NGAP_MAX_QOS_FLOWS];
} ngap_pdu_session_setup_t;

typedef struct { /* INITIAL CONTEXT SETUP REQUEST, 9.2.2.1 */
    ngap_ue_ids_t ue;
    uint8_t k_gnb[32];
    uint16_t nea_mask, nia_mask; /* UE security capabilities, bit 15: algorithm 1, as on the wire */
    uint64_t ambr_dl_bps, ambr_ul_bps;
    uint8_t n_allowed;
    ngap_snssai_t allowed[NGAP_MAX_SLICES];
    ngap_bytes_t ue_radio_capability; /* empty: ask the UE */
    ngap_bytes_t nas_pdu;
    uint8_t n_sessions;
    ngap_pdu_session_setup_t sessions[NGAP_MAX_PDU_SESSIONS];
} ngap_initial_context_setup_t;

typedef struct { /* PDU SESSION RESOURCE SETUP REQUEST, 9.2.1.1 */
    ngap_ue_ids_t ue;
    ngap_bytes_t nas_pdu;
    uint8_t n_sessions;
    ngap_pdu_session_setup_t sessions[NGAP_MAX_PDU_SESSIONS];
} ngap_pdu_session_setup_request_t;

typedef struct { /* per session: set up or failed */
    uint8_t pdu_session_id;
    bool ok;
    ngap_cause_t cause;           /* !ok */
    uint32_t dl_address, dl_teid; /* N3 end of the RAN; 0 where the user plane ends in the CU */
} ngap_pdu_session_result_t;

typedef struct { /* INITIAL CONTEXT SETUP RESPONSE 9.2.2.2, PDU SESSION RESOURCE SETUP RESPONSE 9.2.1.2 */
    ngap_ue_ids_t ue;
    uint8_t n_sessions;
    ngap_pdu_session_result_t sessions[NGAP_MAX_PDU_SESSIONS];
} ngap_setup_response_t;

typedef struct { /* PDU SESSION RESOURCE RELEASE COMMAND 9.2.1.3 and RESPONSE 9.2.1.4 */
    ngap_ue_ids_t ue;
    ngap_bytes_t nas_pdu; /* command only */
    uint8_t n_sessions;
    uint8_t pdu_session_id[NGAP_MAX_PDU_SESSIONS];
    ngap_cause_t cause;
} ngap_pdu_session_release_t;

typedef struct { /* UE CONTEXT RELEASE REQUEST / COMMAND / COMPLETE 9.2.2.4..6, INITIAL CONTEXT SETUP FAILURE,
                    ERROR INDICATION */
    ngap_ue_ids_t ue;
    ngap_cause_t cause;
} ngap_ue_cause_t;

typedef struct { /* UE RADIO CAPABILITY INFO INDICATION, 9.2.13.1 */
    ngap_ue_ids_t ue;
    ngap_bytes_t capability; /* UERadioAccessCapabilityInformation, opaque */
} ngap_capability_t;

typedef struct { /* PAGING, 9.2.4.1 */
    uint16_t amf_set_id;
    uint8_t amf_pointer;
    uint32_t tmsi_5g;
    uint16_t ue_id_mod_1024; /* UE identity index value */
    uint32_t tac;
} ngap_paging_t;

/* What a core offers to the RAN. */
typedef struct {
    void *ctx;
    void (*initial_ue_message)(void *ctx, const ngap_initial_ue_message_t *);
    void (*uplink_nas_transport)(void *ctx, const ngap_nas_transport_t *);
    void (*initial_context_setup_response)(void *ctx, const ngap_setup_response_t *);
    void (*initial_context_setup_failure)(void *ctx, const ngap_ue_cause_t *);
    void (*pdu_session_setup_response)(void *ctx, const ngap_setup_response_t *);
    void (*pdu_session_release_response)(void *ctx, const ngap_pdu_session_release_t *);
    void (*ue_radio_capability_info)(void *ctx, const ngap_capability_t *);
    void (*ue_context_release_request)(void *ctx, const ngap_ue_cause_t *);
    void (*ue_context_release_complete)(void *ctx, const ngap_ue_cause_t *);
    void (*error_indication)(void *ctx, const ngap_ue_cause_t *);
    void (*ng_reset)(void *ctx, ngap_cause_t cause); /* all UEs of this RAN node are gone */
} ngap_core_t;

/* What the RAN offers to a core. */
typedef struct {
    void *ctx;
    void (*downlink_nas_transport)(void *ctx, const ngap_nas_transport_t *);
    void (*initial_context_setup_request)(void *ctx, const ngap_initial_context_setup_t *);
    void (*pdu_session_setup_request)(void *ctx, const ngap_pdu_session_setup_request_t *);
    void (*pdu_session_release_command)(void *ctx, const ngap_pdu_session_release_t *);
    void (*ue_context_release_command)(void *ctx, const ngap_ue_cause_t *);
    void (*paging)(void *ctx, const ngap_paging_t *);
    void (*error_indication)(void *ctx, const ngap_ue_cause_t *);
    void (*ng_reset)(void *ctx, ngap_cause_t cause);
} ngap_ran_t;

#endif
