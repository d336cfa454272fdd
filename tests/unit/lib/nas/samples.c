/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/lib/nas/samples.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    nas_sample_t *to;
    int n, error;
} list_t;

static void add(list_t *l, const char *name, const nas_mm_t *m)
{
    nas_sample_t *s = &l->to[l->n];
    int r = l->n < NAS_SAMPLES_MAX ? nas_mm_build(m, s->pdu, sizeof s->pdu, &s->n) : -ENOBUFS;
    if (r < 0) {
        if (!l->error)
            fprintf(stderr, "%s: cannot be built: %s\n", name, strerror(-r));
        l->error = r;
        return;
    }
    snprintf(s->name, sizeof s->name, "%s", name);
    l->n++;
}

static nas_bytes_t view(const void *p, size_t n)
{
    return (nas_bytes_t){p, (uint32_t)n};
}

static const uint8_t plmn[3] = {0x00, 0xf1, 0x10}; /* 001 01 */

static nas_mobile_id_t suci(void)
{
    nas_mobile_id_t id = {.type = NAS_ID_SUCI, .routing_indicator = "0", .msin = "0000000001"};
    memcpy(id.plmn, plmn, 3);
    return id;
}

static nas_mobile_id_t guti(void)
{
    nas_mobile_id_t id = {
        .type = NAS_ID_GUTI,
        .guti = {.amf_region = 2, .amf_set = 0x155, .amf_pointer = 0x2a, .tmsi = 0xdeadbeef}};
    memcpy(id.guti.plmn, plmn, 3);
    return id;
}

static void registration(list_t *l)
{
    nas_mm_t m = {.type = NAS_REGISTRATION_REQUEST};
    nas_registration_request_t *r = &m.u.registration_request;
    r->registration_type = 9;
    r->ngksi = NAS_KSI_NONE;
    r->id = suci();
    r->has_security_capability = true;
    r->security_capability = (nas_security_capability_t){.ea = 0xf0, .ia = 0x70};
    add(l, "registration request, SUCI", &m);
    r->id = guti();
    r->ngksi = 3;
    r->has_mm_capability = r->has_requested_nssai = r->has_last_tai = r->has_uplink_data_status =
        r->has_pdu_session_status = r->has_update_type = true;
    r->mm_capability = view("\x00", 1);
    r->security_capability.has_eps = true;
    r->security_capability.eea = 0xe0;
    r->security_capability.eia = 0x60;
    r->requested_nssai = (nas_nssai_t){2, {{.sst = 1, .sd = NAS_SD_NONE}, {.sst = 1, .sd = 2}}};
    memcpy(r->last_tai.plmn, plmn, 3);
    r->last_tai.tac = 7;
    r->uplink_data_status = r->pdu_session_status = 1 << 1 | 1 << 9;
    r->update_type = 0;
    add(l, "registration request, GUTI", &m);

    m = (nas_mm_t){.type = NAS_REGISTRATION_ACCEPT};
    nas_registration_accept_t *a = &m.u.registration_accept;
    a->result = 1;
    a->has_guti = a->has_tai_list = a->has_allowed_nssai = a->has_rejected_nssai = a->has_configured_nssai =
        a->has_network_features = a->has_pdu_session_status = a->has_t3512 = a->has_t3502 = true;
    a->guti = guti();
    a->tai_list.n = 2;
    memcpy(a->tai_list.t[0].plmn, plmn, 3);
    memcpy(a->tai_list.t[1].plmn, plmn, 3);
    a->tai_list.t[0].tac = 7;
    a->tai_list.t[1].tac = 0x010203;
    a->allowed_nssai = r->requested_nssai;
    a->allowed_nssai = (nas_nssai_t){
        2,
        {{.sst = 1, .sd = NAS_SD_NONE, .has_mapped = true, .mapped_sst = 1, .mapped_sd = NAS_SD_NONE},
         {.sst = 1, .sd = 2}}};
    a->configured_nssai = (nas_nssai_t){1, {{.sst = 3, .sd = 0xabcdef}}};
    a->rejected_nssai =
        (nas_rejected_nssai_t){2, {{.sst = 4, .sd = 5}, {.sst = 6, .cause = 1, .sd = NAS_SD_NONE}}};
    a->network_features = view("\x00\x00", 2);
    a->t3512 = 54 * 60;
    a->t3502 = 12 * 60;
    add(l, "registration accept", &m);
    m = (nas_mm_t){.type = NAS_REGISTRATION_COMPLETE};
    add(l, "registration complete", &m);
    m = (nas_mm_t){.type = NAS_REGISTRATION_REJECT};
    m.u.registration_reject =
        (nas_registration_reject_t){.cause = NAS_MM_CONGESTION, .has_t3346 = true, .t3346 = 60};
    add(l, "registration reject", &m);
}

static void security(list_t *l)
{
    nas_mm_t m = {.type = NAS_AUTHENTICATION_REQUEST};
    nas_authentication_request_t *r = &m.u.authentication_request;
    r->ngksi = 1;
    r->abba = view("\x00\x00", 2);
    r->has_rand = r->has_autn = true;
    for (int i = 0; i < 16; i++) {
        r->rand[i] = (uint8_t)i;
        r->autn[i] = (uint8_t)(0xa0 + i);
    }
    add(l, "authentication request", &m);
    m = (nas_mm_t){.type = NAS_AUTHENTICATION_RESPONSE};
    m.u.authentication_response.has_res = true;
    memset(m.u.authentication_response.res, 0x5a, 16);
    add(l, "authentication response", &m);
    m = (nas_mm_t){.type = NAS_AUTHENTICATION_REJECT};
    add(l, "authentication reject", &m);
    m = (nas_mm_t){.type = NAS_AUTHENTICATION_FAILURE};
    m.u.authentication_failure.cause = NAS_MM_SYNCH_FAILURE;
    m.u.authentication_failure.has_auts = true;
    memset(m.u.authentication_failure.auts, 0x77, 14);
    add(l, "authentication failure, synch", &m);
    m.u.authentication_failure = (nas_authentication_failure_t){.cause = NAS_MM_MAC_FAILURE};
    add(l, "authentication failure, MAC", &m);
    m = (nas_mm_t){.type = NAS_IDENTITY_REQUEST, .u.identity_request.identity_type = NAS_ID_SUCI};
    add(l, "identity request", &m);
    m = (nas_mm_t){.type = NAS_IDENTITY_RESPONSE, .u.identity_response.id = suci()};
    add(l, "identity response, SUCI", &m);
    m.u.identity_response.id = (nas_mobile_id_t){.type = NAS_ID_IMEI, .imei = "490154203237518"};
    add(l, "identity response, IMEI", &m);

    m = (nas_mm_t){.type = NAS_SECURITY_MODE_COMMAND};
    nas_security_mode_command_t *c = &m.u.security_mode_command;
    c->algorithms = 0x21;
    c->ngksi = 1;
    c->replayed = (nas_security_capability_t){.ea = 0xf0, .ia = 0x70};
    c->has_imeisv_request = c->has_additional = c->has_abba = true;
    c->imeisv_request = 1;
    c->additional = 2;
    c->abba = view("\x00\x00", 2);
    add(l, "security mode command", &m);
    m = (nas_mm_t){.type = NAS_SECURITY_MODE_COMPLETE};
    m.u.security_mode_complete.has_imeisv = m.u.security_mode_complete.has_container = true;
    m.u.security_mode_complete.imeisv = (nas_mobile_id_t){.type = NAS_ID_IMEISV, .imei = "4901542032375101"};
    m.u.security_mode_complete.container = view(l->to[0].pdu, l->to[0].n);
    add(l, "security mode complete", &m);
    m = (nas_mm_t){.type = NAS_SECURITY_MODE_REJECT, .u.cause.cause = NAS_MM_SECURITY_CAPABILITIES_MISMATCH};
    add(l, "security mode reject", &m);
}

static void others(list_t *l)
{
    nas_mm_t m = {.type = NAS_DEREGISTRATION_REQUEST_UE};
    m.u.deregistration_request_ue =
        (nas_deregistration_request_ue_t){.deregistration_type = 9, .ngksi = 1, .id = guti()};
    add(l, "deregistration request, UE", &m);
    m = (nas_mm_t){.type = NAS_DEREGISTRATION_ACCEPT_UE};
    add(l, "deregistration accept, UE", &m);
    m = (nas_mm_t){.type = NAS_DEREGISTRATION_REQUEST_NW};
    m.u.deregistration_request_nw = (nas_deregistration_request_nw_t){
        .deregistration_type = 5, .has_cause = true, .cause = NAS_MM_5GS_NOT_ALLOWED};
    add(l, "deregistration request, network", &m);
    m = (nas_mm_t){.type = NAS_DEREGISTRATION_ACCEPT_NW};
    add(l, "deregistration accept, network", &m);

    m = (nas_mm_t){.type = NAS_SERVICE_REQUEST};
    nas_service_request_t *s = &m.u.service_request;
    s->ngksi = 1;
    s->service_type = 2;
    s->s_tmsi = guti();
    s->s_tmsi.type = NAS_ID_S_TMSI;
    s->has_uplink_data_status = s->has_pdu_session_status = s->has_allowed_session_status = true;
    s->uplink_data_status = 2;
    s->pdu_session_status = s->allowed_session_status = 6;
    add(l, "service request", &m);
    m = (nas_mm_t){.type = NAS_SERVICE_ACCEPT};
    m.u.service_accept = (nas_service_accept_t){true, true, 6, 4};
    add(l, "service accept", &m);
    m = (nas_mm_t){.type = NAS_SERVICE_REJECT};
    m.u.service_reject =
        (nas_service_reject_t){.cause = NAS_MM_UE_IDENTITY_UNKNOWN, .has_pdu_session_status = true};
    add(l, "service reject", &m);

    m = (nas_mm_t){.type = NAS_CONFIGURATION_UPDATE_COMMAND};
    nas_configuration_update_command_t *c = &m.u.configuration_update_command;
    c->has_indication = c->has_guti = c->has_allowed_nssai = c->has_full_name = true;
    c->indication = 1;
    c->guti = guti();
    c->allowed_nssai = (nas_nssai_t){1, {{.sst = 1, .sd = NAS_SD_NONE}}};
    c->full_name = view("\x90\x00V\x00i\x00t", 7); /* UCS2 */
    add(l, "configuration update command", &m);
    m = (nas_mm_t){.type = NAS_CONFIGURATION_UPDATE_COMPLETE};
    add(l, "configuration update complete", &m);
    m = (nas_mm_t){.type = NAS_5GMM_STATUS, .u.cause.cause = NAS_MM_TYPE_NOT_COMPATIBLE};
    add(l, "5GMM status", &m);
}

static void add_sm(list_t *l, const char *name, const nas_sm_t *sm, bool uplink)
{
    uint8_t buf[256];
    size_t n;
    nas_mm_t m = {.type = uplink ? NAS_UL_NAS_TRANSPORT : NAS_DL_NAS_TRANSPORT};
    int r = nas_sm_build(sm, buf, sizeof buf, &n);
    if (r < 0) {
        fprintf(stderr, "%s: cannot be built: %s\n", name, strerror(-r));
        l->error = r;
        return;
    }
    if (uplink) {
        nas_ul_nas_transport_t *t = &m.u.ul_nas_transport;
        t->container_type = 1;
        t->container = view(buf, n);
        t->has_pdu_session_id = true;
        t->pdu_session_id = sm->pdu_session_id;
        if (sm->type == NAS_PDU_SESSION_ESTABLISHMENT_REQUEST) {
            t->has_request_type = t->has_snssai = t->has_dnn = true;
            t->request_type = 1;
            t->snssai = (nas_snssai_t){.sst = 1, .sd = 2};
            strcpy(t->dnn.text, "internet.vitran");
        }
    } else {
        nas_dl_nas_transport_t *t = &m.u.dl_nas_transport;
        t->container_type = 1;
        t->container = view(buf, n);
        t->has_pdu_session_id = true;
        t->pdu_session_id = sm->pdu_session_id;
    }
    add(l, name, &m);
}

static void sessions(list_t *l)
{
    nas_sm_t sm = {.pdu_session_id = 1, .pti = 1, .type = NAS_PDU_SESSION_ESTABLISHMENT_REQUEST};
    nas_establishment_request_t *r = &sm.u.establishment_request;
    r->max_rate_ul = r->max_rate_dl = 0xff;
    r->has_type = r->has_ssc_mode = r->has_sm_capability = r->has_max_filters = r->has_pco = true;
    r->pdu_session_type = r->ssc_mode = 1;
    r->sm_capability = view("\x00", 1);
    r->max_filters = 16 << 5;
    r->pco.wants_dns = r->pco.wants_mtu = true;
    add_sm(l, "PDU session establishment request", &sm, true);

    sm = (nas_sm_t){.pdu_session_id = 1, .pti = 1, .type = NAS_PDU_SESSION_ESTABLISHMENT_ACCEPT};
    nas_establishment_accept_t *a = &sm.u.establishment_accept;
    a->pdu_session_type = a->ssc_mode = 1;
    a->rules =
        (nas_qos_rules_t){1, {{.id = 1, .operation = 1, .is_default = true, .precedence = 255, .qfi = 1}}};
    a->ambr = (nas_ambr_t){200000000, 100000000};
    a->has_cause = a->has_address = a->has_snssai = a->has_flows = a->has_pco = a->has_dnn = true;
    a->cause = NAS_SM_IPV4_ONLY;
    a->address = (nas_pdu_address_t){.type = 1, .ipv4 = 0x0a2d0002};
    a->snssai = (nas_snssai_t){.sst = 1, .sd = 2};
    a->flows = (nas_qos_flows_t){1, {{.qfi = 1, .operation = 1, .five_qi = 9}}};
    a->pco.dns = 0x08080808;
    a->pco.mtu = 1400;
    strcpy(a->dnn.text, "internet");
    add_sm(l, "PDU session establishment accept", &sm, false);

    sm = (nas_sm_t){.pdu_session_id = 1, .pti = 1, .type = NAS_PDU_SESSION_ESTABLISHMENT_REJECT};
    sm.u.cause = (nas_sm_cause_t){NAS_SM_INSUFFICIENT_RESOURCES, true, 8};
    add_sm(l, "PDU session establishment reject", &sm, false);
    sm = (nas_sm_t){.pdu_session_id = 1, .pti = 2, .type = NAS_PDU_SESSION_RELEASE_REQUEST};
    sm.u.optional_cause = (nas_sm_optional_cause_t){true, NAS_SM_REGULAR_DEACTIVATION};
    add_sm(l, "PDU session release request", &sm, true);
    sm = (nas_sm_t){.pdu_session_id = 1, .pti = 2, .type = NAS_PDU_SESSION_RELEASE_REJECT};
    sm.u.cause.cause = NAS_SM_INVALID_PDU_SESSION;
    add_sm(l, "PDU session release reject", &sm, false);
    sm = (nas_sm_t){.pdu_session_id = 1, .pti = 2, .type = NAS_PDU_SESSION_RELEASE_COMMAND};
    sm.u.cause.cause = NAS_SM_REGULAR_DEACTIVATION;
    add_sm(l, "PDU session release command", &sm, false);
    sm = (nas_sm_t){.pdu_session_id = 1, .pti = 2, .type = NAS_PDU_SESSION_RELEASE_COMPLETE};
    add_sm(l, "PDU session release complete", &sm, true);
    sm = (nas_sm_t){.pdu_session_id = 1, .pti = 3, .type = NAS_PDU_SESSION_MODIFICATION_REJECT};
    sm.u.cause.cause = NAS_SM_SERVICE_OPTION_NOT_SUPPORTED;
    add_sm(l, "PDU session modification reject", &sm, false);
    sm = (nas_sm_t){.pdu_session_id = 1, .pti = 0, .type = NAS_5GSM_STATUS};
    sm.u.cause.cause = NAS_SM_INVALID_PTI;
    add_sm(l, "5GSM status", &sm, true);
}

int nas_samples(nas_sample_t ret[NAS_SAMPLES_MAX])
{
    list_t l = {.to = ret};
    registration(&l);
    security(&l);
    others(&l);
    sessions(&l);
    return l.error ? l.error : l.n;
}
