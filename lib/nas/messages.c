/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of TS 24.501 clause 8: each message's IEs in the standard's order, with format, tag and length
 * limits of the contents. An optional IE that is not listed is skipped by its tag, as clause 7.6 has it. */
#include "lib/nas/ie.h"

#define AT(m) (uint16_t) offsetof(STRUCT, m)
#define HALF(m)                                                                                              \
    {                                                                                                        \
#m, &ie_u8, AT(m), 0, 1, 1, IE_HALF, 0                                                               \
    }
#define SPARE_HALF                                                                                           \
    {                                                                                                        \
        NULL, NULL, 0, 0, 1, 1, IE_HALF, 0                                                                   \
    }
#define V(m, t, n)                                                                                           \
    {                                                                                                        \
#m, &ie_##t, AT(m), 0, n, n, IE_V, 0                                                                 \
    }
#define LV(m, t, lo, hi)                                                                                     \
    {                                                                                                        \
#m, &ie_##t, AT(m), 0, lo, hi, IE_LV, 0                                                              \
    }
#define LVE(m, t, lo, hi)                                                                                    \
    {                                                                                                        \
#m, &ie_##t, AT(m), 0, lo, hi, IE_LVE, 0                                                             \
    }
#define TV1(tag, m)                                                                                          \
    {                                                                                                        \
#m, &ie_u8, AT(m), AT(has_##m), 1, 1, IE_TV1, tag                                                    \
    }
#define TV(tag, m, t, n)                                                                                     \
    {                                                                                                        \
#m, &ie_##t, AT(m), AT(has_##m), n, n, IE_TV, tag                                                    \
    }
#define TLV(tag, m, t, lo, hi)                                                                               \
    {                                                                                                        \
#m, &ie_##t, AT(m), AT(has_##m), lo, hi, IE_TLV, tag                                                 \
    }
#define TLVE(tag, m, t, lo, hi)                                                                              \
    {                                                                                                        \
#m, &ie_##t, AT(m), AT(has_##m), lo, hi, IE_TLVE, tag                                                \
    }
#define MESSAGE(type, name, table)                                                                           \
    {                                                                                                        \
        type, sizeof table / sizeof *table, name, table                                                      \
    }
#define EMPTY(type, name)                                                                                    \
    {                                                                                                        \
        type, 0, name, NULL                                                                                  \
    }

/* ---- 8.2: 5GMM ---- */

#define STRUCT nas_registration_request_t /* 8.2.6 */
static const ie_desc_t registration_request[] = {
    HALF(registration_type),
    HALF(ngksi),
    LVE(id, mobile_id, 1, 65535),
    TLV(0x10, mm_capability, bytes, 1, 13),
    TLV(0x2e, security_capability, security_capability, 2, 8),
    TLV(0x2f, requested_nssai, nssai, 2, 72),
    TV(0x52, last_tai, tai, 6),
    TLV(0x40, uplink_data_status, session_status, 2, 32),
    TLV(0x50, pdu_session_status, session_status, 2, 32),
    TLV(0x53, update_type, u8, 1, 1),
    TLVE(0x71, container, bytes, 1, 65535),
};
#undef STRUCT
#define STRUCT nas_registration_accept_t /* 8.2.7 */
static const ie_desc_t registration_accept[] = {
    LV(result, u8, 1, 1),
    TLVE(0x77, guti, mobile_id, 11, 11),
    TLV(0x54, tai_list, tai_list, 7, 112),
    TLV(0x15, allowed_nssai, nssai, 2, 72),
    TLV(0x11, rejected_nssai, rejected_nssai, 2, 40),
    TLV(0x31, configured_nssai, nssai, 2, 144),
    TLV(0x21, network_features, bytes, 1, 3),
    TLV(0x50, pdu_session_status, session_status, 2, 32),
    TLV(0x5e, t3512, timer3, 1, 1),
    TLV(0x16, t3502, timer2, 1, 1),
};
#undef STRUCT
#define STRUCT nas_registration_complete_t /* 8.2.8 */
static const ie_desc_t registration_complete[] = {TLVE(0x73, sor, bytes, 17, 65535)};
#undef STRUCT
#define STRUCT nas_registration_reject_t /* 8.2.9 */
static const ie_desc_t registration_reject[] = {
    V(cause, u8, 1),
    TLV(0x5f, t3346, timer2, 1, 1),
    TLV(0x16, t3502, timer2, 1, 1),
    TLV(0x69, rejected_nssai, bytes, 2, 40),
};
#undef STRUCT
#define STRUCT nas_deregistration_request_ue_t /* 8.2.12 */
static const ie_desc_t deregistration_request_ue[] = {
    HALF(deregistration_type),
    HALF(ngksi),
    LVE(id, mobile_id, 1, 65535),
};
#undef STRUCT
#define STRUCT nas_deregistration_request_nw_t /* 8.2.14 */
static const ie_desc_t deregistration_request_nw[] = {
    HALF(deregistration_type),
    SPARE_HALF,
    TV(0x58, cause, u8, 1),
    TLV(0x5f, t3346, timer2, 1, 1),
};
#undef STRUCT
#define STRUCT nas_service_request_t /* 8.2.16 */
static const ie_desc_t service_request[] = {
    HALF(ngksi),
    HALF(service_type),
    LVE(s_tmsi, mobile_id, 7, 7),
    TLV(0x40, uplink_data_status, session_status, 2, 32),
    TLV(0x50, pdu_session_status, session_status, 2, 32),
    TLV(0x25, allowed_session_status, session_status, 2, 32),
    TLVE(0x71, container, bytes, 1, 65535),
};
#undef STRUCT
#define STRUCT nas_service_accept_t /* 8.2.17 */
static const ie_desc_t service_accept[] = {
    TLV(0x50, pdu_session_status, session_status, 2, 32),
    TLV(0x26, reactivation_result, session_status, 2, 32),
};
#undef STRUCT
#define STRUCT nas_service_reject_t /* 8.2.18 */
static const ie_desc_t service_reject[] = {
    V(cause, u8, 1),
    TLV(0x50, pdu_session_status, session_status, 2, 32),
    TLV(0x5f, t3346, timer2, 1, 1),
};
#undef STRUCT
#define STRUCT nas_configuration_update_command_t /* 8.2.19 */
static const ie_desc_t configuration_update_command[] = {
    TV1(0xd0, indication),
    TLVE(0x77, guti, mobile_id, 11, 11),
    TLV(0x54, tai_list, tai_list, 7, 112),
    TLV(0x15, allowed_nssai, nssai, 2, 72),
    TLV(0x43, full_name, bytes, 1, 255),
    TLV(0x45, short_name, bytes, 1, 255),
    TLV(0x31, configured_nssai, nssai, 2, 144),
};
#undef STRUCT
#define STRUCT nas_authentication_request_t /* 8.2.1 */
static const ie_desc_t authentication_request[] = {
    HALF(ngksi),
    SPARE_HALF,
    LV(abba, bytes, 2, 255),
    TV(0x21, rand, octets16, 16),
    TLV(0x20, autn, octets16, 16, 16),
    TLVE(0x78, eap, bytes, 4, 1500),
};
#undef STRUCT
#define STRUCT nas_authentication_response_t /* 8.2.2 */
static const ie_desc_t authentication_response[] = {
    TLV(0x2d, res, octets16, 16, 16),
    TLVE(0x78, eap, bytes, 4, 1500),
};
#undef STRUCT
#define STRUCT nas_authentication_reject_t /* 8.2.5 */
static const ie_desc_t authentication_reject[] = {TLVE(0x78, eap, bytes, 4, 1500)};
#undef STRUCT
#define STRUCT nas_authentication_failure_t /* 8.2.4 */
static const ie_desc_t authentication_failure[] = {
    V(cause, u8, 1),
    TLV(0x30, auts, octets14, 14, 14),
};
#undef STRUCT
#define STRUCT nas_identity_request_t /* 8.2.21 */
static const ie_desc_t identity_request[] = {HALF(identity_type), SPARE_HALF};
#undef STRUCT
#define STRUCT nas_identity_response_t /* 8.2.22 */
static const ie_desc_t identity_response[] = {LVE(id, mobile_id, 1, 65535)};
#undef STRUCT
#define STRUCT nas_security_mode_command_t /* 8.2.25 */
static const ie_desc_t security_mode_command[] = {
    V(algorithms, u8, 1),
    HALF(ngksi),
    SPARE_HALF,
    LV(replayed, security_capability, 2, 8),
    TV1(0xe0, imeisv_request),
    TLV(0x36, additional, u8, 1, 1),
    TLVE(0x78, eap, bytes, 4, 1500),
    TLV(0x38, abba, bytes, 2, 255),
};
#undef STRUCT
#define STRUCT nas_security_mode_complete_t /* 8.2.26 */
static const ie_desc_t security_mode_complete[] = {
    TLVE(0x77, imeisv, mobile_id, 9, 9),
    TLVE(0x71, container, bytes, 0, 65535),
};
#undef STRUCT
#define STRUCT nas_mm_cause_t /* 8.2.27 SECURITY MODE REJECT, 8.2.29 5GMM STATUS */
static const ie_desc_t mm_cause[] = {V(cause, u8, 1)};
#undef STRUCT
#define STRUCT nas_ul_nas_transport_t /* 8.2.10 */
static const ie_desc_t ul_nas_transport[] = {
    HALF(container_type),
    SPARE_HALF,
    LVE(container, bytes, 1, 65535),
    TV(0x12, pdu_session_id, u8, 1),
    TV(0x59, old_pdu_session_id, u8, 1),
    TV1(0x80, request_type),
    TLV(0x22, snssai, snssai, 1, 8),
    TLV(0x25, dnn, dnn, 1, 100),
    TLV(0x24, additional, bytes, 1, 255),
};
#undef STRUCT
#define STRUCT nas_dl_nas_transport_t /* 8.2.11 */
static const ie_desc_t dl_nas_transport[] = {
    HALF(container_type),
    SPARE_HALF,
    LVE(container, bytes, 1, 65535),
    TV(0x12, pdu_session_id, u8, 1),
    TLV(0x24, additional, bytes, 1, 255),
    TV(0x58, cause, u8, 1),
    TLV(0x37, backoff, timer3, 1, 1),
};
#undef STRUCT

const message_desc_t nas_mm_messages[] = {
    MESSAGE(NAS_REGISTRATION_REQUEST, "REGISTRATION REQUEST", registration_request),
    MESSAGE(NAS_REGISTRATION_ACCEPT, "REGISTRATION ACCEPT", registration_accept),
    MESSAGE(NAS_REGISTRATION_COMPLETE, "REGISTRATION COMPLETE", registration_complete),
    MESSAGE(NAS_REGISTRATION_REJECT, "REGISTRATION REJECT", registration_reject),
    MESSAGE(NAS_DEREGISTRATION_REQUEST_UE, "DEREGISTRATION REQUEST (UE)", deregistration_request_ue),
    EMPTY(NAS_DEREGISTRATION_ACCEPT_UE, "DEREGISTRATION ACCEPT (UE)"),
    MESSAGE(NAS_DEREGISTRATION_REQUEST_NW, "DEREGISTRATION REQUEST (NETWORK)", deregistration_request_nw),
    EMPTY(NAS_DEREGISTRATION_ACCEPT_NW, "DEREGISTRATION ACCEPT (NETWORK)"),
    MESSAGE(NAS_SERVICE_REQUEST, "SERVICE REQUEST", service_request),
    MESSAGE(NAS_SERVICE_REJECT, "SERVICE REJECT", service_reject),
    MESSAGE(NAS_SERVICE_ACCEPT, "SERVICE ACCEPT", service_accept),
    MESSAGE(NAS_CONFIGURATION_UPDATE_COMMAND, "CONFIGURATION UPDATE COMMAND", configuration_update_command),
    EMPTY(NAS_CONFIGURATION_UPDATE_COMPLETE, "CONFIGURATION UPDATE COMPLETE"),
    MESSAGE(NAS_AUTHENTICATION_REQUEST, "AUTHENTICATION REQUEST", authentication_request),
    MESSAGE(NAS_AUTHENTICATION_RESPONSE, "AUTHENTICATION RESPONSE", authentication_response),
    MESSAGE(NAS_AUTHENTICATION_REJECT, "AUTHENTICATION REJECT", authentication_reject),
    MESSAGE(NAS_AUTHENTICATION_FAILURE, "AUTHENTICATION FAILURE", authentication_failure),
    MESSAGE(NAS_IDENTITY_REQUEST, "IDENTITY REQUEST", identity_request),
    MESSAGE(NAS_IDENTITY_RESPONSE, "IDENTITY RESPONSE", identity_response),
    MESSAGE(NAS_SECURITY_MODE_COMMAND, "SECURITY MODE COMMAND", security_mode_command),
    MESSAGE(NAS_SECURITY_MODE_COMPLETE, "SECURITY MODE COMPLETE", security_mode_complete),
    MESSAGE(NAS_SECURITY_MODE_REJECT, "SECURITY MODE REJECT", mm_cause),
    MESSAGE(NAS_5GMM_STATUS, "5GMM STATUS", mm_cause),
    MESSAGE(NAS_UL_NAS_TRANSPORT, "UL NAS TRANSPORT", ul_nas_transport),
    MESSAGE(NAS_DL_NAS_TRANSPORT, "DL NAS TRANSPORT", dl_nas_transport),
};
const size_t nas_mm_messages_n = sizeof nas_mm_messages / sizeof *nas_mm_messages;

/* ---- 8.3: 5GSM ---- */

#define STRUCT nas_establishment_request_t /* 8.3.1; the two rates are one IE of two octets, 9.11.4.7 */
static const ie_desc_t establishment_request[] = {
    V(max_rate_ul, u8, 1),
    V(max_rate_dl, u8, 1),
    {"pdu_session_type", &ie_u8, AT(pdu_session_type), AT(has_type), 1, 1, IE_TV1, 0x90},
    TV1(0xa0, ssc_mode),
    TLV(0x28, sm_capability, bytes, 1, 13),
    TV(0x55, max_filters, u16, 2),
    TV1(0xb0, always_on),
    TLVE(0x7b, pco, pco, 1, 65535),
};
#undef STRUCT
#define STRUCT nas_establishment_accept_t /* 8.3.2 */
static const ie_desc_t establishment_accept[] = {
    HALF(pdu_session_type),
    HALF(ssc_mode),
    LVE(rules, qos_rules, 4, 65535),
    LV(ambr, ambr, 6, 6),
    TV(0x59, cause, u8, 1),
    TLV(0x29, address, pdu_address, 5, 29),
    TV(0x56, rq_timer, u8, 1),
    TLV(0x22, snssai, snssai, 1, 8),
    TV1(0x80, always_on),
    TLVE(0x79, flows, qos_flows, 3, 65535),
    TLVE(0x7b, pco, pco, 1, 65535),
    TLV(0x25, dnn, dnn, 1, 100),
};
#undef STRUCT
#define STRUCT nas_sm_cause_t /* 8.3.3, 8.3.8, 8.3.13, 8.3.14, 8.3.16 */
static const ie_desc_t sm_cause[] = {
    V(cause, u8, 1),
    TLV(0x37, backoff, timer3, 1, 1),
};
#undef STRUCT
#define STRUCT nas_sm_optional_cause_t /* 8.3.12, 8.3.15 */
static const ie_desc_t sm_optional_cause[] = {TV(0x59, cause, u8, 1)};
#undef STRUCT

const message_desc_t nas_sm_messages[] = {
    MESSAGE(NAS_PDU_SESSION_ESTABLISHMENT_REQUEST, "PDU SESSION ESTABLISHMENT REQUEST",
            establishment_request),
    MESSAGE(NAS_PDU_SESSION_ESTABLISHMENT_ACCEPT, "PDU SESSION ESTABLISHMENT ACCEPT", establishment_accept),
    MESSAGE(NAS_PDU_SESSION_ESTABLISHMENT_REJECT, "PDU SESSION ESTABLISHMENT REJECT", sm_cause),
    EMPTY(NAS_PDU_SESSION_MODIFICATION_REQUEST, "PDU SESSION MODIFICATION REQUEST"),
    MESSAGE(NAS_PDU_SESSION_MODIFICATION_REJECT, "PDU SESSION MODIFICATION REJECT", sm_cause),
    MESSAGE(NAS_PDU_SESSION_RELEASE_REQUEST, "PDU SESSION RELEASE REQUEST", sm_optional_cause),
    MESSAGE(NAS_PDU_SESSION_RELEASE_REJECT, "PDU SESSION RELEASE REJECT", sm_cause),
    MESSAGE(NAS_PDU_SESSION_RELEASE_COMMAND, "PDU SESSION RELEASE COMMAND", sm_cause),
    MESSAGE(NAS_PDU_SESSION_RELEASE_COMPLETE, "PDU SESSION RELEASE COMPLETE", sm_optional_cause),
    MESSAGE(NAS_5GSM_STATUS, "5GSM STATUS", sm_cause),
};
const size_t nas_sm_messages_n = sizeof nas_sm_messages / sizeof *nas_sm_messages;
