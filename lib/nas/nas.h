/* SPDX-License-Identifier: Apache-2.0 */
/* 5GS NAS messages (TS 24.501 clauses 8 and 9, Release 17) as C structs: 5GMM and 5GSM, build and parse. No
 * sockets, no state, no allocation; [any] thread. The network's and the UE's side use the same structs.
 *
 * A parsed message holds views (nas_bytes_t) into the input, which must outlive it. What a peer may send
 * beyond what is declared here is handled as clause 7 says: unknown and repeated optional IEs are skipped,
 * IEs out of sequence too, an optional IE with wrong contents counts as absent, and a wrong mandatory one is
 * an error with the 5GMM or 5GSM cause to answer with. Security (the outer header, NAS COUNT, ciphering) is
 * lib/nas/security.h. */
#ifndef VITRAN_NAS_NAS_H
#define VITRAN_NAS_NAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAS_EPD_5GMM 0x7e /* extended protocol discriminator, TS 24.007 11.2.3.1.1A */
#define NAS_EPD_5GSM 0x2e
#define NAS_MAX_SNSSAI 8
#define NAS_MAX_TAI 16
#define NAS_MAX_QOS_RULES 8
#define NAS_MAX_QOS_FLOWS 8
#define NAS_DNN_TEXT 101 /* characters and the final zero */
#define NAS_SD_NONE 0xffffffu
#define NAS_KSI_NONE 7 /* "no key is available", 9.11.3.32 */

typedef struct {
    const uint8_t *p;
    uint32_t n;
} nas_bytes_t;

/* Message types, 9.7. */
typedef enum {
    NAS_REGISTRATION_REQUEST = 0x41,
    NAS_REGISTRATION_ACCEPT = 0x42,
    NAS_REGISTRATION_COMPLETE = 0x43,
    NAS_REGISTRATION_REJECT = 0x44,
    NAS_DEREGISTRATION_REQUEST_UE = 0x45, /* UE originating */
    NAS_DEREGISTRATION_ACCEPT_UE = 0x46,
    NAS_DEREGISTRATION_REQUEST_NW = 0x47, /* UE terminated */
    NAS_DEREGISTRATION_ACCEPT_NW = 0x48,
    NAS_SERVICE_REQUEST = 0x4c,
    NAS_SERVICE_REJECT = 0x4d,
    NAS_SERVICE_ACCEPT = 0x4e,
    NAS_CONFIGURATION_UPDATE_COMMAND = 0x54,
    NAS_CONFIGURATION_UPDATE_COMPLETE = 0x55,
    NAS_AUTHENTICATION_REQUEST = 0x56,
    NAS_AUTHENTICATION_RESPONSE = 0x57,
    NAS_AUTHENTICATION_REJECT = 0x58,
    NAS_AUTHENTICATION_FAILURE = 0x59,
    NAS_IDENTITY_REQUEST = 0x5b,
    NAS_IDENTITY_RESPONSE = 0x5c,
    NAS_SECURITY_MODE_COMMAND = 0x5d,
    NAS_SECURITY_MODE_COMPLETE = 0x5e,
    NAS_SECURITY_MODE_REJECT = 0x5f,
    NAS_5GMM_STATUS = 0x64,
    NAS_UL_NAS_TRANSPORT = 0x67,
    NAS_DL_NAS_TRANSPORT = 0x68,
} nas_mm_type_t;

typedef enum {
    NAS_PDU_SESSION_ESTABLISHMENT_REQUEST = 0xc1,
    NAS_PDU_SESSION_ESTABLISHMENT_ACCEPT = 0xc2,
    NAS_PDU_SESSION_ESTABLISHMENT_REJECT = 0xc3,
    NAS_PDU_SESSION_MODIFICATION_REQUEST = 0xc9,
    NAS_PDU_SESSION_MODIFICATION_REJECT = 0xca,
    NAS_PDU_SESSION_RELEASE_REQUEST = 0xd1,
    NAS_PDU_SESSION_RELEASE_REJECT = 0xd2,
    NAS_PDU_SESSION_RELEASE_COMMAND = 0xd3,
    NAS_PDU_SESSION_RELEASE_COMPLETE = 0xd4,
    NAS_5GSM_STATUS = 0xd6,
} nas_sm_type_t;

/* 5GMM causes, 9.11.3.2, and 5GSM causes, 9.11.4.2, that this code gives or looks for. */
enum {
    NAS_MM_ILLEGAL_UE = 3,
    NAS_MM_PEI_NOT_ACCEPTED = 5,
    NAS_MM_ILLEGAL_ME = 6,
    NAS_MM_5GS_NOT_ALLOWED = 7,
    NAS_MM_UE_IDENTITY_UNKNOWN = 9, /* cannot be derived by the network */
    NAS_MM_IMPLICITLY_DEREGISTERED = 10,
    NAS_MM_PLMN_NOT_ALLOWED = 11,
    NAS_MM_MAC_FAILURE = 20,
    NAS_MM_SYNCH_FAILURE = 21,
    NAS_MM_CONGESTION = 22,
    NAS_MM_SECURITY_CAPABILITIES_MISMATCH = 23,
    NAS_MM_SECURITY_MODE_REJECTED = 24,
    NAS_MM_NON_5G_AUTHENTICATION = 26,
    NAS_MM_NO_NETWORK_SLICES = 62,
    NAS_MM_NGKSI_IN_USE = 71,
    NAS_MM_PAYLOAD_NOT_FORWARDED = 90,
    NAS_MM_DNN_NOT_SUPPORTED = 91, /* or not subscribed in the slice */
    NAS_MM_SEMANTICALLY_INCORRECT = 95,
    NAS_MM_INVALID_MANDATORY = 96,
    NAS_MM_TYPE_NON_EXISTENT = 97,
    NAS_MM_TYPE_NOT_COMPATIBLE = 98, /* with the protocol state */
    NAS_MM_CONDITIONAL_IE = 100,
    NAS_MM_NOT_COMPATIBLE = 101, /* message */
    NAS_MM_PROTOCOL_ERROR = 111,

    NAS_SM_INSUFFICIENT_RESOURCES = 26,
    NAS_SM_UNKNOWN_DNN = 27,
    NAS_SM_UNKNOWN_PDU_SESSION_TYPE = 28,
    NAS_SM_REQUEST_REJECTED = 31,
    NAS_SM_SERVICE_OPTION_NOT_SUPPORTED = 32,
    NAS_SM_REGULAR_DEACTIVATION = 36,
    NAS_SM_REACTIVATION_REQUESTED = 39,
    NAS_SM_INVALID_PDU_SESSION = 43, /* identity */
    NAS_SM_IPV4_ONLY = 50,
    NAS_SM_PDU_SESSION_DOES_NOT_EXIST = 54,
    NAS_SM_INVALID_PTI = 81,
    NAS_SM_INVALID_MANDATORY = 96,
    NAS_SM_TYPE_NON_EXISTENT = 97,
    NAS_SM_TYPE_NOT_COMPATIBLE = 98,
    NAS_SM_PROTOCOL_ERROR = 111,
};

/* ---- information elements ---- */

/* Three octets as in TS 24.008 10.5.1.3 from and to digits: "00101" or "001001". */
int nas_plmn_build(const char *digits, uint8_t ret[3]);
void nas_plmn_print(const uint8_t plmn[3], char ret[7]);

/* 5GS mobile identity, 9.11.3.4. */
typedef enum {
    NAS_ID_NONE,
    NAS_ID_SUCI,
    NAS_ID_GUTI,
    NAS_ID_IMEI,
    NAS_ID_S_TMSI,
    NAS_ID_IMEISV,
    NAS_ID_MAC,
    NAS_ID_EUI64
} nas_id_type_t;

typedef struct {
    uint8_t plmn[3], amf_region;
    uint16_t amf_set;    /* 10 bits */
    uint8_t amf_pointer; /* 6 bits */
    uint32_t tmsi;
} nas_guti_t;

typedef struct {
    nas_id_type_t type;
    /* SUCI of an IMSI */
    uint8_t supi_format; /* 0: IMSI; others: `other` */
    uint8_t plmn[3];
    char routing_indicator[5]; /* 1 to 4 digits */
    uint8_t scheme, key_id;    /* scheme 0: null-scheme */
    char msin[16];             /* null-scheme: digits */
    nas_bytes_t scheme_output; /* other schemes */
    nas_guti_t guti;           /* GUTI; S_TMSI (without plmn and region) */
    char imei[17];             /* IMEI, IMEISV: digits */
    nas_bytes_t other;         /* everything else: the contents as they came */
} nas_mobile_id_t;

/* MCC, MNC and MSIN of a null-scheme SUCI as text. False for any other identity. */
bool nas_id_imsi(const nas_mobile_id_t *id, char ret[16]);

/* UE security capability, 9.11.3.54, in its octets: bit 7 is algorithm 0, bit 6 algorithm 1, ... */
typedef struct {
    uint8_t ea, ia;
    bool has_eps;
    uint8_t eea, eia;
    nas_bytes_t raw; /* parsed: contents to be replayed as they came; build: used when n > 0 */
} nas_security_capability_t;

typedef struct {
    uint8_t sst;
    uint32_t sd; /* NAS_SD_NONE: absent */
    bool has_mapped;
    uint8_t mapped_sst;
    uint32_t mapped_sd; /* NAS_SD_NONE: absent */
} nas_snssai_t;

typedef struct {
    uint8_t n;
    nas_snssai_t s[NAS_MAX_SNSSAI];
} nas_nssai_t;

typedef struct { /* rejected NSSAI, 9.11.3.46: cause 0 not available in the PLMN, 1 in the registration area
                  */
    uint8_t n;
    struct {
        uint8_t sst, cause;
        uint32_t sd;
    } s[NAS_MAX_SNSSAI];
} nas_rejected_nssai_t;

typedef struct {
    uint8_t plmn[3];
    uint32_t tac;
} nas_tai_t;

typedef struct { /* 9.11.3.9; built as a type 00 list: one PLMN, TACs in any order */
    uint8_t n;
    nas_tai_t t[NAS_MAX_TAI];
} nas_tai_list_t;

typedef struct { /* 9.11.4.14, bit/s; the wire rounds down to its units */
    uint64_t dl_bps, ul_bps;
} nas_ambr_t;

typedef struct {           /* QoS rule, 9.11.4.13 */
    uint8_t id, operation; /* operation 1: create new */
    bool is_default;
    uint8_t precedence, qfi;
    nas_bytes_t
        filters;       /* packet filter list as it stands; build: empty is one match-all filter, both ways */
    uint8_t n_filters; /* parsed */
} nas_qos_rule_t;

typedef struct {
    uint8_t n;
    nas_qos_rule_t r[NAS_MAX_QOS_RULES];
} nas_qos_rules_t;

typedef struct {            /* QoS flow description, 9.11.4.12 */
    uint8_t qfi, operation; /* operation 1: create new */
    uint8_t five_qi;        /* 0: not given */
} nas_qos_flow_t;

typedef struct {
    uint8_t n;
    nas_qos_flow_t f[NAS_MAX_QOS_FLOWS];
} nas_qos_flows_t;

typedef struct {   /* PDU address, 9.11.4.10 */
    uint8_t type;  /* 1 IPv4, 2 IPv6, 3 IPv4v6 */
    uint32_t ipv4; /* host byte order */
    uint8_t interface_id[8];
} nas_pdu_address_t;

typedef struct {               /* extended protocol configuration options, 9.11.4.6: what this code uses of
                                  TS 24.008 10.5.6.3 */
    bool wants_dns, wants_mtu; /* UE to network: containers 000D, 0010 without contents */
    uint32_t dns;              /* network to UE: 000D; 0: absent */
    uint16_t mtu;              /* 0010; 0: absent */
} nas_pco_t;

typedef struct {
    char text[NAS_DNN_TEXT]; /* "internet", labels joined by dots */
} nas_dnn_t;

/* GPRS timer 2 (TS 24.008 10.5.7.4) and GPRS timer 3 (10.5.7.4a) as seconds; UINT32_MAX: deactivated. */
typedef uint32_t nas_timer_s_t;

/* ---- 5GMM messages, 8.2. has_x: the optional IE x is there ---- */

typedef struct {
    uint8_t
        registration_type; /* low 3 bits: 1 initial, 2 mobility, 3 periodic, 4 emergency; bit 3: follow-on */
    uint8_t ngksi;
    nas_mobile_id_t id;
    bool has_mm_capability, has_security_capability, has_requested_nssai, has_last_tai,
        has_uplink_data_status, has_pdu_session_status, has_update_type, has_container;
    nas_bytes_t mm_capability;
    nas_security_capability_t security_capability;
    nas_nssai_t requested_nssai;
    nas_tai_t last_tai;
    uint16_t uplink_data_status, pdu_session_status; /* bit n: PDU session ID n */
    uint8_t update_type;
    nas_bytes_t container; /* the whole message again, when this one carries cleartext IEs only */
} nas_registration_request_t;

typedef struct {
    uint8_t result; /* low 3 bits: 1 3GPP access; bit 3: SMS allowed */
    bool has_guti, has_tai_list, has_allowed_nssai, has_rejected_nssai, has_configured_nssai,
        has_network_features, has_pdu_session_status, has_t3512, has_t3502;
    nas_mobile_id_t guti;
    nas_tai_list_t tai_list;
    nas_nssai_t allowed_nssai, configured_nssai;
    nas_rejected_nssai_t rejected_nssai;
    nas_bytes_t network_features;
    uint16_t pdu_session_status;
    nas_timer_s_t t3512, t3502;
} nas_registration_accept_t;

typedef struct {
    bool has_sor;
    nas_bytes_t sor;
} nas_registration_complete_t;

typedef struct {
    uint8_t cause;
    bool has_t3346, has_t3502, has_rejected_nssai;
    nas_timer_s_t t3346, t3502;
    nas_bytes_t rejected_nssai;
} nas_registration_reject_t;

typedef struct {
    uint8_t deregistration_type; /* low 2 bits: access 1 3GPP; bit 2: re-registration required; bit 3: switch
                                    off */
    uint8_t ngksi;
    nas_mobile_id_t id;
} nas_deregistration_request_ue_t;

typedef struct {
    uint8_t deregistration_type;
    bool has_cause, has_t3346;
    uint8_t cause;
    nas_timer_s_t t3346;
} nas_deregistration_request_nw_t;

typedef struct {
    uint8_t ngksi, service_type; /* 0 signalling, 1 data, 2 mobile terminated services, ... 9.11.3.50 */
    nas_mobile_id_t s_tmsi;
    bool has_uplink_data_status, has_pdu_session_status, has_allowed_session_status, has_container;
    uint16_t uplink_data_status, pdu_session_status, allowed_session_status;
    nas_bytes_t container;
} nas_service_request_t;

typedef struct {
    uint8_t cause;
    bool has_pdu_session_status, has_t3346;
    uint16_t pdu_session_status;
    nas_timer_s_t t3346;
} nas_service_reject_t;

typedef struct {
    bool has_pdu_session_status, has_reactivation_result;
    uint16_t pdu_session_status, reactivation_result; /* result: bit n set: session n was not reactivated */
} nas_service_accept_t;

typedef struct {
    bool has_indication, has_guti, has_tai_list, has_allowed_nssai, has_full_name, has_short_name,
        has_configured_nssai;
    uint8_t indication; /* bit 0: acknowledgement requested; bit 1: registration requested */
    nas_mobile_id_t guti;
    nas_tai_list_t tai_list;
    nas_nssai_t allowed_nssai, configured_nssai;
    nas_bytes_t full_name, short_name; /* network name, TS 24.008 10.5.3.5a */
} nas_configuration_update_command_t;

typedef struct {
    uint8_t ngksi;
    nas_bytes_t abba; /* 2 octets of zero in this release */
    bool has_rand, has_autn, has_eap;
    uint8_t rand[16], autn[16];
    nas_bytes_t eap;
} nas_authentication_request_t;

typedef struct {
    bool has_res, has_eap;
    uint8_t res[16]; /* RES* */
    nas_bytes_t eap;
} nas_authentication_response_t;

typedef struct {
    bool has_eap;
    nas_bytes_t eap;
} nas_authentication_reject_t;

typedef struct {
    uint8_t cause;
    bool has_auts;
    uint8_t auts[14];
} nas_authentication_failure_t;

typedef struct {
    uint8_t identity_type; /* nas_id_type_t */
} nas_identity_request_t;

typedef struct {
    nas_mobile_id_t id;
} nas_identity_response_t;

typedef struct {
    uint8_t algorithms; /* high nibble: ciphering; low: integrity */
    uint8_t ngksi;
    nas_security_capability_t replayed;
    bool has_imeisv_request, has_additional, has_eap, has_abba;
    uint8_t imeisv_request; /* 1: requested */
    uint8_t additional;     /* bit 1: retransmission of the initial NAS message requested; bit 0: horizontal
                               derivation */
    nas_bytes_t eap, abba;
} nas_security_mode_command_t;

typedef struct {
    bool has_imeisv, has_container;
    nas_mobile_id_t imeisv;
    nas_bytes_t container; /* the initial NAS message */
} nas_security_mode_complete_t;

typedef struct { /* SECURITY MODE REJECT, 5GMM STATUS */
    uint8_t cause;
} nas_mm_cause_t;

typedef struct {
    uint8_t container_type; /* 1: N1 SM information */
    nas_bytes_t container;
    bool has_pdu_session_id, has_old_pdu_session_id, has_request_type, has_snssai, has_dnn, has_additional;
    uint8_t pdu_session_id, old_pdu_session_id;
    uint8_t request_type; /* 1 initial request, 2 existing PDU session, ... 9.11.3.47 */
    nas_snssai_t snssai;
    nas_dnn_t dnn;
    nas_bytes_t additional;
} nas_ul_nas_transport_t;

typedef struct {
    uint8_t container_type;
    nas_bytes_t container;
    bool has_pdu_session_id, has_additional, has_cause, has_backoff;
    uint8_t pdu_session_id, cause;
    nas_bytes_t additional;
    nas_timer_s_t backoff;
} nas_dl_nas_transport_t;

typedef struct {
    nas_mm_type_t type;
    union {
        nas_registration_request_t registration_request;
        nas_registration_accept_t registration_accept;
        nas_registration_complete_t registration_complete;
        nas_registration_reject_t registration_reject;
        nas_deregistration_request_ue_t deregistration_request_ue;
        nas_deregistration_request_nw_t deregistration_request_nw;
        nas_service_request_t service_request;
        nas_service_reject_t service_reject;
        nas_service_accept_t service_accept;
        nas_configuration_update_command_t configuration_update_command;
        nas_authentication_request_t authentication_request;
        nas_authentication_response_t authentication_response;
        nas_authentication_reject_t authentication_reject;
        nas_authentication_failure_t authentication_failure;
        nas_identity_request_t identity_request;
        nas_identity_response_t identity_response;
        nas_security_mode_command_t security_mode_command;
        nas_security_mode_complete_t security_mode_complete;
        nas_mm_cause_t cause; /* SECURITY MODE REJECT, 5GMM STATUS */
        nas_ul_nas_transport_t ul_nas_transport;
        nas_dl_nas_transport_t dl_nas_transport;
    } u; /* the accepts of deregistration and the configuration update complete have nothing */
} nas_mm_t;

/* ---- 5GSM messages, 8.3 ---- */

typedef struct {
    uint8_t max_rate_ul, max_rate_dl; /* integrity protection maximum data rate: 0xff full */
    bool has_type, has_ssc_mode, has_sm_capability, has_max_filters, has_always_on, has_pco;
    uint8_t pdu_session_type; /* 1 IPv4, 2 IPv6, 3 IPv4v6, 4 unstructured, 5 Ethernet */
    uint8_t ssc_mode, always_on;
    nas_bytes_t sm_capability;
    uint16_t max_filters; /* as on the wire: number in the upper 11 bits */
    nas_pco_t pco;
} nas_establishment_request_t;

typedef struct {
    uint8_t pdu_session_type, ssc_mode;
    nas_qos_rules_t rules;
    nas_ambr_t ambr;
    bool has_cause, has_address, has_rq_timer, has_snssai, has_always_on, has_flows, has_pco, has_dnn;
    uint8_t cause, rq_timer, always_on;
    nas_pdu_address_t address;
    nas_snssai_t snssai;
    nas_qos_flows_t flows;
    nas_pco_t pco;
    nas_dnn_t dnn;
} nas_establishment_accept_t;

typedef struct { /* ESTABLISHMENT REJECT, MODIFICATION REJECT, RELEASE REJECT, RELEASE COMMAND, 5GSM STATUS */
    uint8_t cause;
    bool has_backoff;
    nas_timer_s_t backoff;
} nas_sm_cause_t;

typedef struct { /* RELEASE REQUEST, RELEASE COMPLETE */
    bool has_cause;
    uint8_t cause;
} nas_sm_optional_cause_t;

typedef struct {
    uint8_t pdu_session_id; /* 1..15; 0: none */
    uint8_t pti;            /* procedure transaction identity; 0: none */
    nas_sm_type_t type;
    union {
        nas_establishment_request_t establishment_request;
        nas_establishment_accept_t establishment_accept;
        nas_sm_cause_t cause;
        nas_sm_optional_cause_t optional_cause;
    } u; /* of a modification request nothing is read */
} nas_sm_t;

/* ---- build and parse ---- */

typedef struct {
    uint8_t cause; /* 5GMM or 5GSM cause to answer with; 0: the message is to be dropped (7.2.1: too short) */
    const char *what; /* "registration request: 5GS mobile identity: too short" has its last two parts here:
                         IE and reason */
    const char *ie;   /* NULL: the header */
} nas_error_t;

/* A plain message (security header type 0). 0; -EBADMSG (err filled, *ret untouched but for what was parsed
 * of a message of known type: ret->type is set then); err may be NULL. */
int nas_mm_parse(const uint8_t *p, size_t n, nas_mm_t *ret, nas_error_t *err);
int nas_sm_parse(const uint8_t *p, size_t n, nas_sm_t *ret, nas_error_t *err);

/* 0; -ENOBUFS (cap is too small), -EINVAL (a value that the wire cannot carry, an unknown type). */
int nas_mm_build(const nas_mm_t *m, uint8_t *buf, size_t cap, size_t *ret_n);
int nas_sm_build(const nas_sm_t *m, uint8_t *buf, size_t cap, size_t *ret_n);

/* "REGISTRATION REQUEST"; "?" for what is unknown. */
const char *nas_mm_name(uint8_t type);
const char *nas_sm_name(uint8_t type);

#endif
