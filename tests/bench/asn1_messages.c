/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/asn1_messages.h"
#include "lib/asn1/schema/e2ap.asn.h"
#include "lib/asn1/schema/e2sm_kpm.asn.h"
#include "lib/asn1/schema/e2sm_rc.asn.h"
#include "lib/asn1/schema/f1ap.asn.h"

#define N_VALUES 8
#define N_UES 10
#define S ASN1_STR
#define PLMN S("\x00\xf1\x10")

#define E2_INITIATING(pdu, message, body)                                                                    \
    static e2ap_##message##_t message;                                                                       \
    static e2ap_InitiatingMessage_t initiating;                                                              \
    static e2ap_E2AP_PDU_t pdu;                                                                              \
    message = (e2ap_##message##_t){.protocolIEs = body};                                                     \
    initiating = (e2ap_InitiatingMessage_t){                                                                 \
        .value = {.choice = e2ap_InitiatingMessage_value_choice_##message, .u.message = &message}};          \
    pdu = (e2ap_E2AP_PDU_t)                                                                                  \
    {                                                                                                        \
        .choice = e2ap_E2AP_PDU_choice_initiatingMessage, .u.initiatingMessage = &initiating                 \
    }

#define F1_INITIATING(pdu, message, body)                                                                    \
    static f1ap_##message##_t message;                                                                       \
    static f1ap_InitiatingMessage_t initiating;                                                              \
    static f1ap_F1AP_PDU_t pdu;                                                                              \
    message = (f1ap_##message##_t){.protocolIEs = body};                                                     \
    initiating = (f1ap_InitiatingMessage_t){                                                                 \
        .value = {.choice = f1ap_InitiatingMessage_value_choice_##message, .u.message = &message}};          \
    pdu = (f1ap_F1AP_PDU_t)                                                                                  \
    {                                                                                                        \
        .choice = f1ap_F1AP_PDU_choice_initiatingMessage, .u.initiatingMessage = &initiating                 \
    }

/* What the E2 node says of its F1 interface: the setup that it had there. */
static const f1ap_F1AP_PDU_t *f1_setup_request(void)
{
    f1ap_F1SetupRequestIEs_t ies = {
        .TransactionID = 1, .gNB_DU_ID = 1, .GNB_DU_RRC_Version = {{(const uint8_t *)"\x40", 3}, NULL}};
    F1_INITIATING(pdu, F1SetupRequest, ies);
    return &pdu;
}

static const f1ap_F1AP_PDU_t *f1_setup_response(void)
{
    static f1ap_F1SetupResponse_t response = {
        .protocolIEs = {.TransactionID = 1, .GNB_CU_RRC_Version = {{(const uint8_t *)"\x40", 3}, NULL}}};
    static f1ap_SuccessfulOutcome_t outcome = {
        .value = {.choice = f1ap_SuccessfulOutcome_value_choice_F1SetupResponse,
                  .u.F1SetupResponse = &response}};
    static f1ap_F1AP_PDU_t pdu = {.choice = f1ap_F1AP_PDU_choice_successfulOutcome,
                                  .u.successfulOutcome = &outcome};
    return &pdu;
}

#define KPM_OID "1.3.6.1.4.1.53148.1.3.2.2"
#define RC_OID "1.3.6.1.4.1.53148.1.1.2.3"

static message_t build_e2_setup(void)
{
    static e2sm_kpm_E2SM_KPM_RANfunction_Description_t kpm = {
        .ranFunction_Name = {.ranFunction_ShortName = S("ORAN-E2SM-KPM"),
                             .ranFunction_E2SM_OID = S(KPM_OID),
                             .ranFunction_Description = S("KPM Monitor")}};
    static e2sm_rc_E2SM_RC_RANFunctionDefinition_t rc = {
        .ranFunction_Name = {.ranFunction_ShortName = S("ORAN-E2SM-RC"),
                             .ranFunction_E2SM_OID = S(RC_OID),
                             .ranFunction_Description = S("RAN Control")}};
    static e2ap_RANfunction_Item_t function[2];
    static e2ap_RANfunction_ItemIEs_t functions[2];
    static e2ap_E2nodeComponentInterfaceF1_t f1 = {.gNB_DU_ID = 1};
    static e2ap_E2nodeComponentConfigAddition_Item_t component;
    static e2ap_E2nodeComponentConfigAddition_ItemIEs_t components = {
        .choice = e2ap_E2nodeComponentConfigAddition_ItemIEs_choice_E2nodeComponentConfigAddition_Item,
        .u.E2nodeComponentConfigAddition_Item = &component};
    static e2ap_GlobalE2node_gNB_ID_t gnb;
    static inner_t inner[4];
    for (unsigned i = 0; i < 2; i++) {
        function[i] = (e2ap_RANfunction_Item_t){
            .ranFunctionID = i + 2, .ranFunctionRevision = 1, .ranFunctionOID = i ? S(RC_OID) : S(KPM_OID)};
        functions[i] = (e2ap_RANfunction_ItemIEs_t){
            .choice = e2ap_RANfunction_ItemIEs_choice_RANfunction_Item, .u.RANfunction_Item = &function[i]};
    }
    component = (e2ap_E2nodeComponentConfigAddition_Item_t){
        .e2nodeComponentInterfaceType = e2ap_E2nodeComponentInterfaceType_f1,
        .e2nodeComponentID = {.choice = e2ap_E2nodeComponentID_choice_e2nodeComponentInterfaceTypeF1,
                              .u.e2nodeComponentInterfaceTypeF1 = &f1}};
    gnb = (e2ap_GlobalE2node_gNB_ID_t){.has.gNB_DU_ID = 1,
                                       .global_gNB_ID = {PLMN,
                                                         {.choice = e2ap_GNB_ID_Choice_choice_gnb_ID,
                                                          .u.gnb_ID = {(const uint8_t *)"\x00\x06\x6c", 22}}},
                                       .gNB_DU_ID = 1};
    e2ap_E2setupRequestIEs_t ies = {
        .TransactionID = 7,
        .GlobalE2node_ID = {.choice = e2ap_GlobalE2node_ID_choice_gNB, .u.gNB = &gnb},
        .RANfunctionsAdded = {2, functions},
        .E2nodeComponentConfigAddition = {1, &components}};
    E2_INITIATING(pdu, E2setupRequest, ies);
    inner[0] = (inner_t){.type = &e2sm_kpm_E2SM_KPM_RANfunction_Description_type,
                         .value = &kpm,
                         .where = &function[0].ranFunctionDefinition};
    inner[1] = (inner_t){.type = &e2sm_rc_E2SM_RC_RANFunctionDefinition_type,
                         .value = &rc,
                         .where = &function[1].ranFunctionDefinition};
    inner[2] = (inner_t){.type = &f1ap_F1AP_PDU_type,
                         .value = f1_setup_request(),
                         .where = &component.e2nodeComponentConfiguration.e2nodeComponentRequestPart};
    inner[3] = (inner_t){.type = &f1ap_F1AP_PDU_type,
                         .value = f1_setup_response(),
                         .where = &component.e2nodeComponentConfiguration.e2nodeComponentResponsePart};
    return (message_t){"e2_setup", &e2ap_E2AP_PDU_type, &pdu, inner, 4};
}

/* Eight measurements, by name and without label, of one period. */
static e2sm_kpm_E2SM_KPM_IndicationMessage_Format1_t
kpm_report(e2sm_kpm_MeasurementRecordItem_t *records, e2sm_kpm_MeasurementDataItem_t *item, unsigned seed)
{
    static const char *const names[N_VALUES] = {
        "DRB.UEThpDl",         "DRB.UEThpUl",         "RRU.PrbTotDl",      "RRU.PrbTotUl",
        "DRB.PdcpSduVolumeDL", "DRB.PdcpSduVolumeUL", "DRB.RlcSduDelayDl", "CARR.PDSCHMCSDist"};
    static e2sm_kpm_LabelInfoItem_t label = {.measLabel = {.has.noLabel = 1}};
    static e2sm_kpm_MeasurementInfoItem_t info[N_VALUES];
    static e2sm_kpm_MeasurementInfoList_t list = {N_VALUES, info};
    for (unsigned i = 0; i < N_VALUES; i++) {
        info[i] = (e2sm_kpm_MeasurementInfoItem_t){
            .measType = {.choice = e2sm_kpm_MeasurementType_choice_measName,
                         .u.measName = {(const uint8_t *)names[i], (uint32_t)strlen(names[i])}},
            .labelInfoList = {1, &label}};
        records[i] = (e2sm_kpm_MeasurementRecordItem_t){
            .choice = e2sm_kpm_MeasurementRecordItem_choice_integer, .u.integer = 1000 * i + seed};
    }
    *item = (e2sm_kpm_MeasurementDataItem_t){.measRecord = {N_VALUES, records}};
    return (e2sm_kpm_E2SM_KPM_IndicationMessage_Format1_t){
        .has.granulPeriod = 1, .measData = {1, item}, .measInfoList = &list, .granulPeriod = 100};
}

static const e2sm_kpm_E2SM_KPM_IndicationHeader_t *kpm_header(void)
{
    static e2sm_kpm_E2SM_KPM_IndicationHeader_Format1_t format1 = {
        .colletStartTime = {(const uint8_t *)"\xe9\x01\x02\x03\x04\x05\x06\x07", 8}};
    static e2sm_kpm_E2SM_KPM_IndicationHeader_t header = {
        .indicationHeader_formats = {
            .choice =
                e2sm_kpm_E2SM_KPM_IndicationHeader_indicationHeader_formats_choice_indicationHeader_Format1,
            .u.indicationHeader_Format1 = &format1}};
    return &header;
}

static e2ap_RICindication_IEs_t indication_ies(void)
{
    return (e2ap_RICindication_IEs_t){.has.RICindicationSN = 1,
                                      .RICrequestID = {1021, 1},
                                      .RANfunctionID = 2,
                                      .RICactionID = 1,
                                      .RICindicationSN = 17,
                                      .RICindicationType = e2ap_RICindicationType_report};
}

static message_t build_kpm1(void)
{
    static e2sm_kpm_MeasurementRecordItem_t records[N_VALUES];
    static e2sm_kpm_MeasurementDataItem_t item;
    static e2sm_kpm_E2SM_KPM_IndicationMessage_Format1_t format1;
    static e2sm_kpm_E2SM_KPM_IndicationMessage_t kpm;
    static inner_t inner[2];
    format1 = kpm_report(records, &item, 5);
    kpm = (e2sm_kpm_E2SM_KPM_IndicationMessage_t){
        .indicationMessage_formats = {
            .choice =
                e2sm_kpm_E2SM_KPM_IndicationMessage_indicationMessage_formats_choice_indicationMessage_Format1,
            .u.indicationMessage_Format1 = &format1}};
    E2_INITIATING(pdu, RICindication, indication_ies());
    inner[0] = (inner_t){.type = &e2sm_kpm_E2SM_KPM_IndicationHeader_type,
                         .value = kpm_header(),
                         .where = &RICindication.protocolIEs.RICindicationHeader};
    inner[1] = (inner_t){.type = &e2sm_kpm_E2SM_KPM_IndicationMessage_type,
                         .value = &kpm,
                         .where = &RICindication.protocolIEs.RICindicationMessage};
    return (message_t){"ric_indication_kpm1_8", &e2ap_E2AP_PDU_type, &pdu, inner, 2};
}

static message_t build_kpm3(void)
{
    static e2sm_kpm_MeasurementRecordItem_t records[N_UES][N_VALUES];
    static e2sm_kpm_MeasurementDataItem_t item[N_UES];
    static e2sm_kpm_UEID_GNB_DU_t ue[N_UES];
    static e2sm_kpm_UEMeasurementReportItem_t report[N_UES];
    static e2sm_kpm_E2SM_KPM_IndicationMessage_Format3_t format3 = {.ueMeasReportList = {N_UES, report}};
    static e2sm_kpm_E2SM_KPM_IndicationMessage_t kpm;
    static inner_t inner[2];
    for (unsigned i = 0; i < N_UES; i++) {
        ue[i] = (e2sm_kpm_UEID_GNB_DU_t){.gNB_CU_UE_F1AP_ID = i + 1};
        report[i] = (e2sm_kpm_UEMeasurementReportItem_t){
            .ueID = {.choice = e2sm_kpm_UEID_choice_gNB_DU_UEID, .u.gNB_DU_UEID = &ue[i]},
            .measReport = kpm_report(records[i], &item[i], i)};
    }
    kpm = (e2sm_kpm_E2SM_KPM_IndicationMessage_t){
        .indicationMessage_formats = {
            .choice =
                e2sm_kpm_E2SM_KPM_IndicationMessage_indicationMessage_formats_choice_indicationMessage_Format3,
            .u.indicationMessage_Format3 = &format3}};
    E2_INITIATING(pdu, RICindication, indication_ies());
    inner[0] = (inner_t){.type = &e2sm_kpm_E2SM_KPM_IndicationHeader_type,
                         .value = kpm_header(),
                         .where = &RICindication.protocolIEs.RICindicationHeader};
    inner[1] = (inner_t){.type = &e2sm_kpm_E2SM_KPM_IndicationMessage_type,
                         .value = &kpm,
                         .where = &RICindication.protocolIEs.RICindicationMessage};
    return (message_t){"ric_indication_kpm3_10x8", &e2ap_E2AP_PDU_type, &pdu, inner, 2};
}

/* E2SM-RC style 2, slice-level PRB quota: three ratios as plain parameters. */
static message_t build_control(void)
{
    static e2sm_rc_UEID_GNB_DU_t ue = {.gNB_CU_UE_F1AP_ID = 1};
    static e2sm_rc_E2SM_RC_ControlHeader_Format1_t header1;
    static e2sm_rc_E2SM_RC_ControlHeader_t header;
    static e2sm_rc_RANParameter_Value_t value[3];
    static e2sm_rc_RANParameter_ValueType_Choice_ElementFalse_t element[3];
    static e2sm_rc_E2SM_RC_ControlMessage_Format1_Item_t item[3];
    static e2sm_rc_E2SM_RC_ControlMessage_Format1_t message1 = {.ranP_List = {3, item}};
    static e2sm_rc_E2SM_RC_ControlMessage_t message;
    static inner_t inner[2];
    for (unsigned i = 0; i < 3; i++) {
        value[i] = (e2sm_rc_RANParameter_Value_t){.choice = e2sm_rc_RANParameter_Value_choice_valueInt,
                                                  .u.valueInt = 20 + i};
        element[i].ranParameter_value = &value[i];
        item[i] = (e2sm_rc_E2SM_RC_ControlMessage_Format1_Item_t){
            .ranParameter_ID = 11 + i,
            .ranParameter_valueType = {.choice =
                                           e2sm_rc_RANParameter_ValueType_choice_ranP_Choice_ElementFalse,
                                       .u.ranP_Choice_ElementFalse = &element[i]}};
    }
    header1 = (e2sm_rc_E2SM_RC_ControlHeader_Format1_t){
        .ueID = {.choice = e2sm_rc_UEID_choice_gNB_DU_UEID, .u.gNB_DU_UEID = &ue},
        .ric_Style_Type = 2,
        .ric_ControlAction_ID = 6};
    header = (e2sm_rc_E2SM_RC_ControlHeader_t){
        .ric_controlHeader_formats = {
            .choice = e2sm_rc_E2SM_RC_ControlHeader_ric_controlHeader_formats_choice_controlHeader_Format1,
            .u.controlHeader_Format1 = &header1}};
    message = (e2sm_rc_E2SM_RC_ControlMessage_t){
        .ric_controlMessage_formats = {
            .choice = e2sm_rc_E2SM_RC_ControlMessage_ric_controlMessage_formats_choice_controlMessage_Format1,
            .u.controlMessage_Format1 = &message1}};
    e2ap_RICcontrolRequest_IEs_t ies = {.has.RICcontrolAckRequest = 1,
                                        .RICrequestID = {1021, 2},
                                        .RANfunctionID = 3,
                                        .RICcontrolAckRequest = e2ap_RICcontrolAckRequest_ack};
    E2_INITIATING(pdu, RICcontrolRequest, ies);
    inner[0] = (inner_t){.type = &e2sm_rc_E2SM_RC_ControlHeader_type,
                         .value = &header,
                         .where = &RICcontrolRequest.protocolIEs.RICcontrolHeader};
    inner[1] = (inner_t){.type = &e2sm_rc_E2SM_RC_ControlMessage_type,
                         .value = &message,
                         .where = &RICcontrolRequest.protocolIEs.RICcontrolMessage};
    return (message_t){"ric_control_rc", &e2ap_E2AP_PDU_type, &pdu, inner, 2};
}

/* RRC Security Mode Command (NEA0, NIA2) in a PDCP PDU of SRB1. */
static const uint8_t rrc[] = {0x00, 0x00, 0x20, 0x08, 0x10, 0x00, 0x00, 0x00, 0x00};

static message_t build_dl_rrc(void)
{
    f1ap_DLRRCMessageTransferIEs_t ies = {
        .gNB_CU_UE_F1AP_ID = 1, .gNB_DU_UE_F1AP_ID = 4097, .SRBID = 1, .RRCContainer = ASN1_BYTES(rrc)};
    F1_INITIATING(pdu, DLRRCMessageTransfer, ies);
    return (message_t){"f1_dl_rrc_transfer", &f1ap_F1AP_PDU_type, &pdu, NULL, 0};
}

static message_t build_context_setup(void)
{
    static f1ap_NonDynamic5QIDescriptor_t five_qi = {.fiveQI = 9};
    static f1ap_GTPTunnel_t tunnel = {.transportLayerAddress = {(const uint8_t *)"\x7f\x00\x00\x01", 32},
                                      .gTP_TEID = {(const uint8_t *)"\x00\x00\x00\x01", 4}};
    static f1ap_ULUPTNLInformation_ToBeSetup_Item_t uplink = {
        .uLUPTNLInformation = {.choice = f1ap_UPTransportLayerInformation_choice_gTPTunnel,
                               .u.gTPTunnel = &tunnel}};
    static f1ap_Flows_Mapped_To_DRB_Item_t flow;
    static f1ap_DRB_Information_t drb_information;
    static f1ap_QoSInformation_ExtIEs_t qos_extension = {
        .choice = f1ap_QoSInformation_ExtIEs_choice_DRB_Information, .u.DRB_Information = &drb_information};
    static f1ap_SRBs_ToBeSetup_Item_t srb = {.sRBID = 2};
    static f1ap_SRBs_ToBeSetup_ItemIEs_t srb_ie = {
        .choice = f1ap_SRBs_ToBeSetup_ItemIEs_choice_SRBs_ToBeSetup_Item, .u.SRBs_ToBeSetup_Item = &srb};
    static f1ap_DRBs_ToBeSetup_Item_t drb;
    static f1ap_DRBs_ToBeSetup_ItemIEs_t drb_ie = {
        .choice = f1ap_DRBs_ToBeSetup_ItemIEs_choice_DRBs_ToBeSetup_Item, .u.DRBs_ToBeSetup_Item = &drb};
    static f1ap_SRBs_ToBeSetup_List_t srbs = {1, &srb_ie};
    static f1ap_DRBs_ToBeSetup_List_t drbs = {1, &drb_ie};
    f1ap_QoSFlowLevelQoSParameters_t qos = {
        .qoS_Characteristics = {.choice = f1ap_QoS_Characteristics_choice_non_Dynamic_5QI,
                                .u.non_Dynamic_5QI = &five_qi},
        .nGRANallocationRetentionPriority = {.priorityLevel = 8}};
    flow = (f1ap_Flows_Mapped_To_DRB_Item_t){.qoSFlowIdentifier = 1, .qoSFlowLevelQoSParameters = qos};
    drb_information = (f1ap_DRB_Information_t){
        .dRB_QoS = qos, .sNSSAI = {.sST = S("\1")}, .flows_Mapped_To_DRB_List = {1, &flow}};
    drb =
        (f1ap_DRBs_ToBeSetup_Item_t){.dRBID = 1,
                                     .qoSInformation = {.choice = f1ap_QoSInformation_choice_choice_extension,
                                                        .u.choice_extension = &qos_extension},
                                     .uLUPTNLInformation_ToBeSetup_List = {1, &uplink},
                                     .rLCMode = f1ap_RLCMode_rlc_am};
    f1ap_UEContextSetupRequestIEs_t ies = {
        .has = {.gNB_DU_UE_F1AP_ID = 1, .RRCContainer = 1, .GNB_DU_UE_AMBR_UL = 1},
        .gNB_CU_UE_F1AP_ID = 1,
        .gNB_DU_UE_F1AP_ID = 4097,
        .SpCell_ID = {PLMN, {(const uint8_t *)"\x00\x06\x6c\x00\x10", 36}, NULL},
        .ServCellIndex = 0,
        .SRBs_ToBeSetup_List = &srbs,
        .DRBs_ToBeSetup_List = &drbs,
        .RRCContainer = ASN1_BYTES(rrc),
        .GNB_DU_UE_AMBR_UL = 1000000000};
    F1_INITIATING(pdu, UEContextSetupRequest, ies);
    return (message_t){"f1_ue_context_setup", &f1ap_F1AP_PDU_type, &pdu, NULL, 0};
}

const message_t *messages_build(void)
{
    static message_t all[N_MESSAGES];
    all[0] = build_e2_setup();
    all[1] = build_kpm1();
    all[2] = build_kpm3();
    all[3] = build_control();
    all[4] = build_dl_rrc();
    all[5] = build_context_setup();
    return all;
}

int message_encode(const message_t *m, uint8_t *out, size_t *ret_n, asn1_error_t *err)
{
    for (unsigned i = 0; i < m->n_inner; i++) {
        inner_t *inner = &m->inner[i];
        size_t n;
        int rc =
            asn1_encode(inner->type, ASN1_APER, inner->value, inner->bytes, sizeof inner->bytes, &n, err);
        if (rc)
            return rc;
        *inner->where = (asn1_bytes_t){inner->bytes, (uint32_t)n};
    }
    return asn1_encode(m->type, ASN1_APER, m->value, out, MESSAGE_MAX_BYTES, ret_n, err);
}

int message_decode(const message_t *m, const uint8_t *p, size_t n, arena_t *arena, asn1_error_t *err)
{
    int rc =
        asn1_decode(m->type, ASN1_APER, p, n, arena, arena_alloc(arena, asn1_type_size(m->type), 16), err);
    for (unsigned i = 0; i < m->n_inner && !rc; i++) {
        const inner_t *inner = &m->inner[i];
        rc = asn1_decode(inner->type, ASN1_APER, inner->where->p, inner->where->n, arena,
                         arena_alloc(arena, asn1_type_size(inner->type), 16), err);
    }
    return rc;
}
