/* SPDX-License-Identifier: Apache-2.0 */
/* UE contexts: setup, modification, modification required, release, inactivity, notify. TS 38.473 9.2.2 */
#include <string.h>

#include "lib/f1ap/codec.h"

/* ---- QoS and DRBs ---- */

static void qos_read(const f1ap_QoSFlowLevelQoSParameters_t *q, f1ap_flow_t *ret)
{
    const f1ap_NGRANAllocationAndRetentionPriority_t *arp = &q->nGRANallocationRetentionPriority;
    if (q->qoS_Characteristics.choice == f1ap_QoS_Characteristics_choice_non_Dynamic_5QI)
        ret->five_qi = (uint8_t)q->qoS_Characteristics.u.non_Dynamic_5QI->fiveQI;
    ret->arp_priority = (uint8_t)arp->priorityLevel;
    ret->preempt = arp->pre_emptionCapability == f1ap_Pre_emptionCapability_may_trigger_pre_emption;
    ret->preemptable = arp->pre_emptionVulnerability == f1ap_Pre_emptionVulnerability_pre_emptable;
    if (q->gBR_QoS_Flow_Information) {
        ret->gbr = true;
        ret->mfbr_dl_bps = (uint64_t)q->gBR_QoS_Flow_Information->maxFlowBitRateDownlink;
        ret->mfbr_ul_bps = (uint64_t)q->gBR_QoS_Flow_Information->maxFlowBitRateUplink;
        ret->gfbr_dl_bps = (uint64_t)q->gBR_QoS_Flow_Information->guaranteedFlowBitRateDownlink;
        ret->gfbr_ul_bps = (uint64_t)q->gBR_QoS_Flow_Information->guaranteedFlowBitRateUplink;
    }
}

static int qos_write(const f1ap_flow_t *v, arena_t *a, f1ap_QoSFlowLevelQoSParameters_t *ret)
{
    f1ap_NonDynamic5QIDescriptor_t *d;
    f1ap_NGRANAllocationAndRetentionPriority_t *arp = &ret->nGRANallocationRetentionPriority;
    F1AP_NEW(d);
    d->fiveQI = v->five_qi;
    ret->qoS_Characteristics.choice = f1ap_QoS_Characteristics_choice_non_Dynamic_5QI;
    ret->qoS_Characteristics.u.non_Dynamic_5QI = d;
    arp->priorityLevel = v->arp_priority;
    arp->pre_emptionCapability = v->preempt ? f1ap_Pre_emptionCapability_may_trigger_pre_emption
                                            : f1ap_Pre_emptionCapability_shall_not_trigger_pre_emption;
    arp->pre_emptionVulnerability = v->preemptable ? f1ap_Pre_emptionVulnerability_pre_emptable
                                                   : f1ap_Pre_emptionVulnerability_not_pre_emptable;
    if (v->gbr) {
        F1AP_NEW(ret->gBR_QoS_Flow_Information);
        ret->gBR_QoS_Flow_Information->maxFlowBitRateDownlink = (int64_t)v->mfbr_dl_bps;
        ret->gBR_QoS_Flow_Information->maxFlowBitRateUplink = (int64_t)v->mfbr_ul_bps;
        ret->gBR_QoS_Flow_Information->guaranteedFlowBitRateDownlink = (int64_t)v->gfbr_dl_bps;
        ret->gBR_QoS_Flow_Information->guaranteedFlowBitRateUplink = (int64_t)v->gfbr_ul_bps;
    }
    return 0;
}

static int drb_information_read(const f1ap_QoSInformation_t *q, f1ap_drb_t *ret)
{
    if (q->choice != f1ap_QoSInformation_choice_choice_extension ||
        q->u.choice_extension->choice != f1ap_QoSInformation_ExtIEs_choice_DRB_Information)
        return -E2BIG; /* E-UTRAN QoS: of EN-DC, which is not run here */
    const f1ap_DRB_Information_t *d = q->u.choice_extension->u.DRB_Information;
    if (d->flows_Mapped_To_DRB_List.n > F1AP_MAX_FLOWS)
        return -E2BIG;
    qos_read(&d->dRB_QoS, &ret->qos);
    ret->snssai = f1ap_snssai_read(&d->sNSSAI);
    for (uint32_t i = 0; i < d->flows_Mapped_To_DRB_List.n; i++) {
        const f1ap_Flows_Mapped_To_DRB_Item_t *f = &d->flows_Mapped_To_DRB_List.p[i];
        ret->flows[ret->n_flows].qfi = (uint8_t)f->qoSFlowIdentifier;
        qos_read(&f->qoSFlowLevelQoSParameters, &ret->flows[ret->n_flows++]);
    }
    return 0;
}

static int drb_information_write(const f1ap_drb_t *v, arena_t *a, f1ap_QoSInformation_t *ret)
{
    f1ap_DRB_Information_t *d;
    F1AP_NEW(d);
    F1AP_TRY(qos_write(&v->qos, a, &d->dRB_QoS));
    F1AP_TRY(f1ap_snssai_write(&v->snssai, a, &d->sNSSAI));
    F1AP_LIST(&d->flows_Mapped_To_DRB_List, v->n_flows);
    for (uint32_t i = 0; i < v->n_flows; i++) {
        d->flows_Mapped_To_DRB_List.p[i].qoSFlowIdentifier = v->flows[i].qfi;
        F1AP_TRY(qos_write(&v->flows[i], a, &d->flows_Mapped_To_DRB_List.p[i].qoSFlowLevelQoSParameters));
    }
    ret->choice = f1ap_QoSInformation_choice_choice_extension;
    F1AP_NEW(ret->u.choice_extension);
    ret->u.choice_extension->choice = f1ap_QoSInformation_ExtIEs_choice_DRB_Information;
    ret->u.choice_extension->u.DRB_Information = d;
    return 0;
}

static uint8_t sn_bits(bool has, f1ap_PDCPSNLength_t v)
{
    return !has ? 0 : v == f1ap_PDCPSNLength_twelve_bits ? 12 : 18;
}

static f1ap_PDCPSNLength_t sn_length(uint8_t bits)
{
    return bits == 12 ? f1ap_PDCPSNLength_twelve_bits : f1ap_PDCPSNLength_eighteen_bits;
}

/* The setup and the modification message have twin types for the same item: the bodies are shared. Only the
 * DL PDCP SN length is mandatory in the one and optional in the other. */
#define DRB_ITEM(Item, HAS_DL, SET_DL)                                                                       \
    static int drb_read_##Item(const f1ap_##Item##_t *d, f1ap_drb_t *ret)                                    \
    {                                                                                                        \
        memset(ret, 0, sizeof *ret);                                                                         \
        ret->drb_id = (uint8_t)d->dRBID;                                                                     \
        ret->rlc_mode = (uint8_t)d->rLCMode;                                                                 \
        F1AP_TRY(drb_information_read(&d->qoSInformation, ret));                                             \
        F1AP_TRY(f1ap_tunnel_read(&d->uLUPTNLInformation_ToBeSetup_List.p[0].uLUPTNLInformation, &ret->ul)); \
        if (d->iE_Extensions) {                                                                              \
            ret->dl_sn_bits = sn_bits(HAS_DL, d->iE_Extensions->DLPDCPSNLength);                             \
            ret->ul_sn_bits =                                                                                \
                sn_bits(d->iE_Extensions->has.ULPDCPSNLength, d->iE_Extensions->ULPDCPSNLength);             \
        }                                                                                                    \
        return 0;                                                                                            \
    }                                                                                                        \
    static int drb_write_##Item(const f1ap_drb_t *v, arena_t *a, f1ap_##Item##_t **ret)                      \
    {                                                                                                        \
        F1AP_NEW(*ret);                                                                                      \
        (*ret)->dRBID = v->drb_id;                                                                           \
        (*ret)->rLCMode = (f1ap_RLCMode_t)v->rlc_mode;                                                       \
        F1AP_TRY(drb_information_write(v, a, &(*ret)->qoSInformation));                                      \
        F1AP_LIST(&(*ret)->uLUPTNLInformation_ToBeSetup_List, 1);                                            \
        F1AP_TRY(f1ap_tunnel_write(&v->ul, a,                                                                \
                                   &(*ret)->uLUPTNLInformation_ToBeSetup_List.p[0].uLUPTNLInformation));     \
        if (!v->dl_sn_bits)                                                                                  \
            return 0;                                                                                        \
        F1AP_NEW((*ret)->iE_Extensions);                                                                     \
        SET_DL;                                                                                              \
        (*ret)->iE_Extensions->DLPDCPSNLength = sn_length(v->dl_sn_bits);                                    \
        (*ret)->iE_Extensions->has.ULPDCPSNLength = v->ul_sn_bits != 0;                                      \
        (*ret)->iE_Extensions->ULPDCPSNLength = sn_length(v->ul_sn_bits);                                    \
        return 0;                                                                                            \
    }
DRB_ITEM(DRBs_ToBeSetup_Item, true, (void)0)
DRB_ITEM(DRBs_ToBeSetupMod_Item, d->iE_Extensions->has.DLPDCPSNLength,
         (*ret)->iE_Extensions->has.DLPDCPSNLength = 1)

#define DRB_RESULT(Item)                                                                                     \
    static int result_read_##Item(const f1ap_##Item##_t *d, f1ap_drb_result_t *ret)                          \
    {                                                                                                        \
        *ret = (f1ap_drb_result_t){.drb_id = (uint8_t)d->dRBID, .ok = true};                                 \
        ret->lcid = d->has.lCID ? (uint8_t)d->lCID : 0;                                                      \
        return f1ap_tunnel_read(&d->dLUPTNLInformation_ToBeSetup_List.p[0].dLUPTNLInformation, &ret->dl);    \
    }                                                                                                        \
    static int result_write_##Item(const f1ap_drb_result_t *v, arena_t *a, f1ap_##Item##_t **ret)            \
    {                                                                                                        \
        F1AP_NEW(*ret);                                                                                      \
        (*ret)->dRBID = v->drb_id;                                                                           \
        (*ret)->has.lCID = v->lcid != 0;                                                                     \
        (*ret)->lCID = v->lcid;                                                                              \
        F1AP_LIST(&(*ret)->dLUPTNLInformation_ToBeSetup_List, 1);                                            \
        return f1ap_tunnel_write(&v->dl, a,                                                                  \
                                 &(*ret)->dLUPTNLInformation_ToBeSetup_List.p[0].dLUPTNLInformation);        \
    }
DRB_RESULT(DRBs_Setup_Item)
DRB_RESULT(DRBs_SetupMod_Item)

/* Reads `list`, whose elements hold one kind of item, with `body` for each item `it`. */
#define EACH(list, ItemIEs, Item, ...)                                                                       \
    for (uint32_t i = 0; (list) && i < (list)->n; i++)                                                       \
        if ((list)->p[i].choice == f1ap_##ItemIEs##_choice_##Item) {                                         \
            const f1ap_##Item##_t *it = (list)->p[i].u.Item;                                                 \
            __VA_ARGS__                                                                                      \
        }
/* Puts item `from` at place `at` of the list. */
#define PUT(list, at, ItemIEs, Item, from)                                                                   \
    do {                                                                                                     \
        uint32_t at_ = (at);                                                                                 \
        (list)->p[at_].choice = f1ap_##ItemIEs##_choice_##Item;                                              \
        (list)->p[at_].u.Item = (from);                                                                      \
    } while (0)

static uint32_t bits_set(uint8_t mask)
{
    return (uint32_t)__builtin_popcount(mask);
}

/* ---- setup and modification requests ---- */

int f1ap_read_UEContextSetupRequest(const f1ap_UEContextSetupRequest_t *m, f1ap_context_request_t *ret)
{
    const __typeof__(m->protocolIEs) *p = &m->protocolIEs;
    ret->cu_ue_id = (uint32_t)p->gNB_CU_UE_F1AP_ID;
    ret->has_du_ue_id = p->has.gNB_DU_UE_F1AP_ID;
    ret->du_ue_id = (uint32_t)p->gNB_DU_UE_F1AP_ID;
    ret->has_cell = true;
    ret->cell = f1ap_cgi_read(&p->SpCell_ID);
    ret->serv_cell_index = (uint8_t)p->ServCellIndex;
    if (p->CUtoDURRCInformation.has.uE_CapabilityRAT_ContainerList)
        ret->capability = p->CUtoDURRCInformation.uE_CapabilityRAT_ContainerList;
    if (p->has.RRCContainer)
        ret->rrc_container = p->RRCContainer;
    ret->monitor_inactivity = p->has.InactivityMonitoringRequest;
    ret->has_ambr_ul = p->has.GNB_DU_UE_AMBR_UL;
    ret->ambr_ul_bps = (uint64_t)p->GNB_DU_UE_AMBR_UL;
    EACH(p->SRBs_ToBeSetup_List, SRBs_ToBeSetup_ItemIEs, SRBs_ToBeSetup_Item, {
        if (it->sRBID > 3)
            return -E2BIG;
        ret->srb_mask |= (uint8_t)(1u << it->sRBID);
    })
    EACH(p->DRBs_ToBeSetup_List, DRBs_ToBeSetup_ItemIEs, DRBs_ToBeSetup_Item, {
        if (ret->n_drbs == F1AP_MAX_DRBS)
            return -E2BIG;
        F1AP_TRY(drb_read_DRBs_ToBeSetup_Item(it, &ret->drbs[ret->n_drbs++]));
    })
    return 0;
}

int f1ap_write_UEContextSetupRequest(const f1ap_context_request_t *v, arena_t *a,
                                     f1ap_UEContextSetupRequest_t *ret)
{
    __typeof__(ret->protocolIEs) *p = &ret->protocolIEs;
    p->gNB_CU_UE_F1AP_ID = v->cu_ue_id;
    p->has.gNB_DU_UE_F1AP_ID = v->has_du_ue_id;
    p->gNB_DU_UE_F1AP_ID = v->du_ue_id;
    F1AP_TRY(f1ap_cgi_write(&v->cell, a, &p->SpCell_ID));
    p->ServCellIndex = v->serv_cell_index;
    p->CUtoDURRCInformation.has.uE_CapabilityRAT_ContainerList = v->capability.n != 0;
    p->CUtoDURRCInformation.uE_CapabilityRAT_ContainerList = v->capability;
    p->has.RRCContainer = v->rrc_container.n != 0;
    p->RRCContainer = v->rrc_container;
    p->has.InactivityMonitoringRequest = v->monitor_inactivity;
    p->InactivityMonitoringRequest = f1ap_InactivityMonitoringRequest_true;
    p->has.GNB_DU_UE_AMBR_UL = v->has_ambr_ul;
    p->GNB_DU_UE_AMBR_UL = (int64_t)v->ambr_ul_bps;
    if (v->srb_mask) {
        F1AP_NEW(p->SRBs_ToBeSetup_List);
        F1AP_LIST(p->SRBs_ToBeSetup_List, bits_set(v->srb_mask));
        for (uint32_t srb = 0, k = 0; srb < 4; srb++) {
            f1ap_SRBs_ToBeSetup_Item_t *s;
            if (!(v->srb_mask & 1u << srb))
                continue;
            F1AP_NEW(s);
            s->sRBID = srb;
            PUT(p->SRBs_ToBeSetup_List, k++, SRBs_ToBeSetup_ItemIEs, SRBs_ToBeSetup_Item, s);
        }
    }
    if (v->n_drbs) {
        F1AP_NEW(p->DRBs_ToBeSetup_List);
        F1AP_LIST(p->DRBs_ToBeSetup_List, v->n_drbs);
    }
    for (uint32_t i = 0; i < v->n_drbs; i++) {
        f1ap_DRBs_ToBeSetup_Item_t *d;
        F1AP_TRY(drb_write_DRBs_ToBeSetup_Item(&v->drbs[i], a, &d));
        PUT(p->DRBs_ToBeSetup_List, i, DRBs_ToBeSetup_ItemIEs, DRBs_ToBeSetup_Item, d);
    }
    return 0;
}

int f1ap_read_UEContextModificationRequest(const f1ap_UEContextModificationRequest_t *m,
                                           f1ap_context_request_t *ret)
{
    const __typeof__(m->protocolIEs) *p = &m->protocolIEs;
    ret->cu_ue_id = (uint32_t)p->gNB_CU_UE_F1AP_ID;
    ret->has_du_ue_id = true;
    ret->du_ue_id = (uint32_t)p->gNB_DU_UE_F1AP_ID;
    ret->has_cell = p->SpCell_ID != NULL;
    if (ret->has_cell)
        ret->cell = f1ap_cgi_read(p->SpCell_ID);
    if (p->CUtoDURRCInformation && p->CUtoDURRCInformation->has.uE_CapabilityRAT_ContainerList)
        ret->capability = p->CUtoDURRCInformation->uE_CapabilityRAT_ContainerList;
    if (p->has.RRCContainer)
        ret->rrc_container = p->RRCContainer;
    ret->monitor_inactivity = p->has.InactivityMonitoringRequest;
    ret->has_ambr_ul = p->has.GNB_DU_UE_AMBR_UL;
    ret->ambr_ul_bps = (uint64_t)p->GNB_DU_UE_AMBR_UL;
    if (p->has.RRCReconfigurationCompleteIndicator) {
        ret->reconfiguration_complete =
            p->RRCReconfigurationCompleteIndicator == f1ap_RRCReconfigurationCompleteIndicator_true;
        ret->reconfiguration_failure = !ret->reconfiguration_complete;
    }
    if (p->has.TransmissionActionIndicator) {
        ret->stop_transmission = p->TransmissionActionIndicator == f1ap_TransmissionActionIndicator_stop;
        ret->restart_transmission = !ret->stop_transmission;
    }
    EACH(p->SRBs_ToBeSetupMod_List, SRBs_ToBeSetupMod_ItemIEs, SRBs_ToBeSetupMod_Item, {
        if (it->sRBID > 3)
            return -E2BIG;
        ret->srb_mask |= (uint8_t)(1u << it->sRBID);
    })
    EACH(p->DRBs_ToBeSetupMod_List, DRBs_ToBeSetupMod_ItemIEs, DRBs_ToBeSetupMod_Item, {
        if (ret->n_drbs == F1AP_MAX_DRBS)
            return -E2BIG;
        F1AP_TRY(drb_read_DRBs_ToBeSetupMod_Item(it, &ret->drbs[ret->n_drbs++]));
    })
    EACH(p->DRBs_ToBeReleased_List, DRBs_ToBeReleased_ItemIEs, DRBs_ToBeReleased_Item, {
        if (ret->n_release == F1AP_MAX_DRBS)
            return -E2BIG;
        ret->release[ret->n_release++] = (uint8_t)it->dRBID;
    })
    return 0;
}

int f1ap_write_UEContextModificationRequest(const f1ap_context_request_t *v, arena_t *a,
                                            f1ap_UEContextModificationRequest_t *ret)
{
    __typeof__(ret->protocolIEs) *p = &ret->protocolIEs;
    p->gNB_CU_UE_F1AP_ID = v->cu_ue_id;
    p->gNB_DU_UE_F1AP_ID = v->du_ue_id;
    if (v->has_cell) {
        F1AP_NEW(p->SpCell_ID);
        F1AP_TRY(f1ap_cgi_write(&v->cell, a, p->SpCell_ID));
        p->has.ServCellIndex = 1;
        p->ServCellIndex = v->serv_cell_index;
    }
    if (v->capability.n) {
        F1AP_NEW(p->CUtoDURRCInformation);
        p->CUtoDURRCInformation->has.uE_CapabilityRAT_ContainerList = 1;
        p->CUtoDURRCInformation->uE_CapabilityRAT_ContainerList = v->capability;
    }
    p->has.RRCContainer = v->rrc_container.n != 0;
    p->RRCContainer = v->rrc_container;
    p->has.InactivityMonitoringRequest = v->monitor_inactivity;
    p->InactivityMonitoringRequest = f1ap_InactivityMonitoringRequest_true;
    p->has.GNB_DU_UE_AMBR_UL = v->has_ambr_ul;
    p->GNB_DU_UE_AMBR_UL = (int64_t)v->ambr_ul_bps;
    p->has.RRCReconfigurationCompleteIndicator = v->reconfiguration_complete || v->reconfiguration_failure;
    p->RRCReconfigurationCompleteIndicator = v->reconfiguration_complete
                                                 ? f1ap_RRCReconfigurationCompleteIndicator_true
                                                 : f1ap_RRCReconfigurationCompleteIndicator_failure;
    p->has.TransmissionActionIndicator = v->stop_transmission || v->restart_transmission;
    p->TransmissionActionIndicator = v->stop_transmission ? f1ap_TransmissionActionIndicator_stop
                                                          : f1ap_TransmissionActionIndicator_restart;
    if (v->srb_mask) {
        F1AP_NEW(p->SRBs_ToBeSetupMod_List);
        F1AP_LIST(p->SRBs_ToBeSetupMod_List, bits_set(v->srb_mask));
        for (uint32_t srb = 0, k = 0; srb < 4; srb++) {
            f1ap_SRBs_ToBeSetupMod_Item_t *s;
            if (!(v->srb_mask & 1u << srb))
                continue;
            F1AP_NEW(s);
            s->sRBID = srb;
            PUT(p->SRBs_ToBeSetupMod_List, k++, SRBs_ToBeSetupMod_ItemIEs, SRBs_ToBeSetupMod_Item, s);
        }
    }
    if (v->n_drbs) {
        F1AP_NEW(p->DRBs_ToBeSetupMod_List);
        F1AP_LIST(p->DRBs_ToBeSetupMod_List, v->n_drbs);
    }
    for (uint32_t i = 0; i < v->n_drbs; i++) {
        f1ap_DRBs_ToBeSetupMod_Item_t *d;
        F1AP_TRY(drb_write_DRBs_ToBeSetupMod_Item(&v->drbs[i], a, &d));
        PUT(p->DRBs_ToBeSetupMod_List, i, DRBs_ToBeSetupMod_ItemIEs, DRBs_ToBeSetupMod_Item, d);
    }
    if (v->n_release) {
        F1AP_NEW(p->DRBs_ToBeReleased_List);
        F1AP_LIST(p->DRBs_ToBeReleased_List, v->n_release);
    }
    for (uint32_t i = 0; i < v->n_release; i++) {
        f1ap_DRBs_ToBeReleased_Item_t *d;
        F1AP_NEW(d);
        d->dRBID = v->release[i];
        PUT(p->DRBs_ToBeReleased_List, i, DRBs_ToBeReleased_ItemIEs, DRBs_ToBeReleased_Item, d);
    }
    return 0;
}

/* ---- their responses ---- */

static uint32_t results_ok(const f1ap_context_response_t *v)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < v->n_drbs; i++)
        n += v->drbs[i].ok;
    return n;
}

int f1ap_read_UEContextSetupResponse(const f1ap_UEContextSetupResponse_t *m, f1ap_context_response_t *ret)
{
    const __typeof__(m->protocolIEs) *p = &m->protocolIEs;
    ret->cu_ue_id = (uint32_t)p->gNB_CU_UE_F1AP_ID;
    ret->du_ue_id = (uint32_t)p->gNB_DU_UE_F1AP_ID;
    ret->cell_group = p->DUtoCURRCInformation.cellGroupConfig;
    ret->has_crnti = p->has.C_RNTI;
    ret->crnti = (uint16_t)p->C_RNTI;
    ret->full_configuration = p->has.FullConfiguration;
    EACH(p->DRBs_Setup_List, DRBs_Setup_ItemIEs, DRBs_Setup_Item, {
        if (ret->n_drbs == F1AP_MAX_DRBS)
            return -E2BIG;
        F1AP_TRY(result_read_DRBs_Setup_Item(it, &ret->drbs[ret->n_drbs++]));
    })
    EACH(p->DRBs_FailedToBeSetup_List, DRBs_FailedToBeSetup_ItemIEs, DRBs_FailedToBeSetup_Item, {
        if (ret->n_drbs == F1AP_MAX_DRBS)
            return -E2BIG;
        ret->drbs[ret->n_drbs++] =
            (f1ap_drb_result_t){.drb_id = (uint8_t)it->dRBID,
                                .cause = it->cause ? f1ap_cause_read(it->cause) : F1AP_RADIO(unspecified)};
    })
    EACH(p->SRBs_FailedToBeSetup_List, SRBs_FailedToBeSetup_ItemIEs, SRBs_FailedToBeSetup_Item,
         { ret->srb_failed_mask |= (uint8_t)(1u << (it->sRBID & 7)); })
    return 0;
}

int f1ap_write_UEContextSetupResponse(const f1ap_context_response_t *v, arena_t *a,
                                      f1ap_UEContextSetupResponse_t *ret)
{
    __typeof__(ret->protocolIEs) *p = &ret->protocolIEs;
    uint32_t n_ok = results_ok(v), ok = 0, failed = 0;
    p->gNB_CU_UE_F1AP_ID = v->cu_ue_id;
    p->gNB_DU_UE_F1AP_ID = v->du_ue_id;
    p->DUtoCURRCInformation.cellGroupConfig = v->cell_group;
    p->has.C_RNTI = v->has_crnti;
    p->C_RNTI = v->crnti;
    p->has.FullConfiguration = v->full_configuration;
    p->FullConfiguration = f1ap_FullConfiguration_full;
    if (n_ok) {
        F1AP_NEW(p->DRBs_Setup_List);
        F1AP_LIST(p->DRBs_Setup_List, n_ok);
    }
    if (v->n_drbs > n_ok) {
        F1AP_NEW(p->DRBs_FailedToBeSetup_List);
        F1AP_LIST(p->DRBs_FailedToBeSetup_List, v->n_drbs - n_ok);
    }
    for (uint32_t i = 0; i < v->n_drbs; i++)
        if (v->drbs[i].ok) {
            f1ap_DRBs_Setup_Item_t *d;
            F1AP_TRY(result_write_DRBs_Setup_Item(&v->drbs[i], a, &d));
            PUT(p->DRBs_Setup_List, ok++, DRBs_Setup_ItemIEs, DRBs_Setup_Item, d);
        } else {
            f1ap_DRBs_FailedToBeSetup_Item_t *d;
            F1AP_NEW(d);
            d->dRBID = v->drbs[i].drb_id;
            F1AP_NEW(d->cause);
            *d->cause = f1ap_cause_write(v->drbs[i].cause);
            PUT(p->DRBs_FailedToBeSetup_List, failed++, DRBs_FailedToBeSetup_ItemIEs,
                DRBs_FailedToBeSetup_Item, d);
        }
    if (v->srb_failed_mask) {
        F1AP_NEW(p->SRBs_FailedToBeSetup_List);
        F1AP_LIST(p->SRBs_FailedToBeSetup_List, bits_set(v->srb_failed_mask));
        for (uint32_t srb = 0, k = 0; srb < 8; srb++) {
            f1ap_SRBs_FailedToBeSetup_Item_t *s;
            if (!(v->srb_failed_mask & 1u << srb))
                continue;
            F1AP_NEW(s);
            s->sRBID = srb;
            PUT(p->SRBs_FailedToBeSetup_List, k++, SRBs_FailedToBeSetup_ItemIEs, SRBs_FailedToBeSetup_Item,
                s);
        }
    }
    return 0;
}

int f1ap_read_UEContextModificationResponse(const f1ap_UEContextModificationResponse_t *m,
                                            f1ap_context_response_t *ret)
{
    const __typeof__(m->protocolIEs) *p = &m->protocolIEs;
    ret->cu_ue_id = (uint32_t)p->gNB_CU_UE_F1AP_ID;
    ret->du_ue_id = (uint32_t)p->gNB_DU_UE_F1AP_ID;
    if (p->DUtoCURRCInformation)
        ret->cell_group = p->DUtoCURRCInformation->cellGroupConfig;
    ret->has_crnti = p->has.C_RNTI;
    ret->crnti = (uint16_t)p->C_RNTI;
    ret->full_configuration = p->has.FullConfiguration;
    EACH(p->DRBs_SetupMod_List, DRBs_SetupMod_ItemIEs, DRBs_SetupMod_Item, {
        if (ret->n_drbs == F1AP_MAX_DRBS)
            return -E2BIG;
        F1AP_TRY(result_read_DRBs_SetupMod_Item(it, &ret->drbs[ret->n_drbs++]));
    })
    EACH(p->DRBs_FailedToBeSetupMod_List, DRBs_FailedToBeSetupMod_ItemIEs, DRBs_FailedToBeSetupMod_Item, {
        if (ret->n_drbs == F1AP_MAX_DRBS)
            return -E2BIG;
        ret->drbs[ret->n_drbs++] =
            (f1ap_drb_result_t){.drb_id = (uint8_t)it->dRBID,
                                .cause = it->cause ? f1ap_cause_read(it->cause) : F1AP_RADIO(unspecified)};
    })
    EACH(p->SRBs_FailedToBeSetupMod_List, SRBs_FailedToBeSetupMod_ItemIEs, SRBs_FailedToBeSetupMod_Item,
         { ret->srb_failed_mask |= (uint8_t)(1u << (it->sRBID & 7)); })
    return 0;
}

int f1ap_write_UEContextModificationResponse(const f1ap_context_response_t *v, arena_t *a,
                                             f1ap_UEContextModificationResponse_t *ret)
{
    __typeof__(ret->protocolIEs) *p = &ret->protocolIEs;
    uint32_t n_ok = results_ok(v), ok = 0, failed = 0;
    p->gNB_CU_UE_F1AP_ID = v->cu_ue_id;
    p->gNB_DU_UE_F1AP_ID = v->du_ue_id;
    if (v->cell_group.n) {
        F1AP_NEW(p->DUtoCURRCInformation);
        p->DUtoCURRCInformation->cellGroupConfig = v->cell_group;
    }
    p->has.C_RNTI = v->has_crnti;
    p->C_RNTI = v->crnti;
    p->has.FullConfiguration = v->full_configuration;
    p->FullConfiguration = f1ap_FullConfiguration_full;
    if (n_ok) {
        F1AP_NEW(p->DRBs_SetupMod_List);
        F1AP_LIST(p->DRBs_SetupMod_List, n_ok);
    }
    if (v->n_drbs > n_ok) {
        F1AP_NEW(p->DRBs_FailedToBeSetupMod_List);
        F1AP_LIST(p->DRBs_FailedToBeSetupMod_List, v->n_drbs - n_ok);
    }
    for (uint32_t i = 0; i < v->n_drbs; i++)
        if (v->drbs[i].ok) {
            f1ap_DRBs_SetupMod_Item_t *d;
            F1AP_TRY(result_write_DRBs_SetupMod_Item(&v->drbs[i], a, &d));
            PUT(p->DRBs_SetupMod_List, ok++, DRBs_SetupMod_ItemIEs, DRBs_SetupMod_Item, d);
        } else {
            f1ap_DRBs_FailedToBeSetupMod_Item_t *d;
            F1AP_NEW(d);
            d->dRBID = v->drbs[i].drb_id;
            F1AP_NEW(d->cause);
            *d->cause = f1ap_cause_write(v->drbs[i].cause);
            PUT(p->DRBs_FailedToBeSetupMod_List, failed++, DRBs_FailedToBeSetupMod_ItemIEs,
                DRBs_FailedToBeSetupMod_Item, d);
        }
    if (v->srb_failed_mask) {
        F1AP_NEW(p->SRBs_FailedToBeSetupMod_List);
        F1AP_LIST(p->SRBs_FailedToBeSetupMod_List, bits_set(v->srb_failed_mask));
        for (uint32_t srb = 0, k = 0; srb < 8; srb++) {
            f1ap_SRBs_FailedToBeSetupMod_Item_t *s;
            if (!(v->srb_failed_mask & 1u << srb))
                continue;
            F1AP_NEW(s);
            s->sRBID = srb;
            PUT(p->SRBs_FailedToBeSetupMod_List, k++, SRBs_FailedToBeSetupMod_ItemIEs,
                SRBs_FailedToBeSetupMod_Item, s);
        }
    }
    return 0;
}

/* ---- failures, release ---- */

#define UE_CAUSE(message, READ_DU, WRITE_DU)                                                                 \
    int f1ap_read_##message(const f1ap_##message##_t *m, f1ap_ue_cause_t *ret)                               \
    {                                                                                                        \
        ret->cu_ue_id = (uint32_t)m->protocolIEs.gNB_CU_UE_F1AP_ID;                                          \
        ret->has_du_ue_id = READ_DU;                                                                         \
        ret->du_ue_id = (uint32_t)m->protocolIEs.gNB_DU_UE_F1AP_ID;                                          \
        ret->cause = f1ap_cause_read(&m->protocolIEs.Cause);                                                 \
        DIAGNOSTICS_READ_##message return 0;                                                                 \
    }                                                                                                        \
    int f1ap_write_##message(const f1ap_ue_cause_t *v, arena_t *a, f1ap_##message##_t *ret)                  \
    {                                                                                                        \
        ret->protocolIEs.gNB_CU_UE_F1AP_ID = v->cu_ue_id;                                                    \
        WRITE_DU ret->protocolIEs.gNB_DU_UE_F1AP_ID = v->du_ue_id;                                           \
        ret->protocolIEs.Cause = f1ap_cause_write(v->cause);                                                 \
        DIAGNOSTICS_WRITE_##message                                                                          \
    }
#define DIAGNOSTICS_READ f1ap_diagnostics_read(m->protocolIEs.CriticalityDiagnostics, &ret->diagnostics);
#define DIAGNOSTICS_WRITE                                                                                    \
    return f1ap_diagnostics_write(&v->diagnostics, a, &ret->protocolIEs.CriticalityDiagnostics);
#define DIAGNOSTICS_READ_UEContextSetupFailure DIAGNOSTICS_READ
#define DIAGNOSTICS_WRITE_UEContextSetupFailure DIAGNOSTICS_WRITE
#define DIAGNOSTICS_READ_UEContextModificationFailure DIAGNOSTICS_READ
#define DIAGNOSTICS_WRITE_UEContextModificationFailure DIAGNOSTICS_WRITE
#define DIAGNOSTICS_READ_UEContextModificationRefuse DIAGNOSTICS_READ
#define DIAGNOSTICS_WRITE_UEContextModificationRefuse DIAGNOSTICS_WRITE
#define DIAGNOSTICS_READ_UEContextReleaseRequest
#define DIAGNOSTICS_WRITE_UEContextReleaseRequest                                                            \
    (void)a;                                                                                                 \
    return 0;
UE_CAUSE(UEContextSetupFailure, m->protocolIEs.has.gNB_DU_UE_F1AP_ID,
         ret->protocolIEs.has.gNB_DU_UE_F1AP_ID = v->has_du_ue_id;)
UE_CAUSE(UEContextModificationFailure, true, )
UE_CAUSE(UEContextModificationRefuse, true, )
UE_CAUSE(UEContextReleaseRequest, true, )

int f1ap_read_UEContextReleaseComplete(const f1ap_UEContextReleaseComplete_t *m, f1ap_ue_cause_t *ret)
{
    ret->cu_ue_id = (uint32_t)m->protocolIEs.gNB_CU_UE_F1AP_ID;
    ret->has_du_ue_id = true;
    ret->du_ue_id = (uint32_t)m->protocolIEs.gNB_DU_UE_F1AP_ID;
    f1ap_diagnostics_read(m->protocolIEs.CriticalityDiagnostics, &ret->diagnostics);
    return 0;
}

int f1ap_write_UEContextReleaseComplete(const f1ap_ue_cause_t *v, arena_t *a,
                                        f1ap_UEContextReleaseComplete_t *ret)
{
    ret->protocolIEs.gNB_CU_UE_F1AP_ID = v->cu_ue_id;
    ret->protocolIEs.gNB_DU_UE_F1AP_ID = v->du_ue_id;
    return f1ap_diagnostics_write(&v->diagnostics, a, &ret->protocolIEs.CriticalityDiagnostics);
}

int f1ap_read_UEContextReleaseCommand(const f1ap_UEContextReleaseCommand_t *m, f1ap_release_command_t *ret)
{
    ret->cu_ue_id = (uint32_t)m->protocolIEs.gNB_CU_UE_F1AP_ID;
    ret->du_ue_id = (uint32_t)m->protocolIEs.gNB_DU_UE_F1AP_ID;
    ret->cause = f1ap_cause_read(&m->protocolIEs.Cause);
    if (m->protocolIEs.has.RRCContainer)
        ret->rrc_container = m->protocolIEs.RRCContainer;
    /* Conditional on the container, 9.2.2.5; without it a container goes nowhere. */
    ret->srb_id = m->protocolIEs.has.SRBID ? (uint8_t)m->protocolIEs.SRBID : 1;
    ret->has_old_du_ue_id = m->protocolIEs.has.oldgNB_DU_UE_F1AP_ID;
    ret->old_du_ue_id = (uint32_t)m->protocolIEs.oldgNB_DU_UE_F1AP_ID;
    return 0;
}

int f1ap_write_UEContextReleaseCommand(const f1ap_release_command_t *v, arena_t *a,
                                       f1ap_UEContextReleaseCommand_t *ret)
{
    (void)a;
    ret->protocolIEs.gNB_CU_UE_F1AP_ID = v->cu_ue_id;
    ret->protocolIEs.gNB_DU_UE_F1AP_ID = v->du_ue_id;
    ret->protocolIEs.Cause = f1ap_cause_write(v->cause);
    ret->protocolIEs.has.RRCContainer = ret->protocolIEs.has.SRBID = v->rrc_container.n != 0;
    ret->protocolIEs.RRCContainer = v->rrc_container;
    ret->protocolIEs.SRBID = v->srb_id;
    ret->protocolIEs.has.oldgNB_DU_UE_F1AP_ID = v->has_old_du_ue_id;
    ret->protocolIEs.oldgNB_DU_UE_F1AP_ID = v->old_du_ue_id;
    return 0;
}

/* ---- modification required ---- */

int f1ap_read_UEContextModificationRequired(const f1ap_UEContextModificationRequired_t *m,
                                            f1ap_context_required_t *ret)
{
    const __typeof__(m->protocolIEs) *p = &m->protocolIEs;
    ret->cu_ue_id = (uint32_t)p->gNB_CU_UE_F1AP_ID;
    ret->du_ue_id = (uint32_t)p->gNB_DU_UE_F1AP_ID;
    ret->cause = f1ap_cause_read(&p->Cause);
    if (p->DUtoCURRCInformation)
        ret->cell_group = p->DUtoCURRCInformation->cellGroupConfig;
    EACH(p->DRBs_Required_ToBeReleased_List, DRBs_Required_ToBeReleased_ItemIEs,
         DRBs_Required_ToBeReleased_Item, {
             if (ret->n_release == F1AP_MAX_DRBS)
                 return -E2BIG;
             ret->release[ret->n_release++] = (uint8_t)it->dRBID;
         })
    return 0;
}

int f1ap_write_UEContextModificationRequired(const f1ap_context_required_t *v, arena_t *a,
                                             f1ap_UEContextModificationRequired_t *ret)
{
    __typeof__(ret->protocolIEs) *p = &ret->protocolIEs;
    p->gNB_CU_UE_F1AP_ID = v->cu_ue_id;
    p->gNB_DU_UE_F1AP_ID = v->du_ue_id;
    p->Cause = f1ap_cause_write(v->cause);
    if (v->cell_group.n) {
        F1AP_NEW(p->DUtoCURRCInformation);
        p->DUtoCURRCInformation->cellGroupConfig = v->cell_group;
    }
    if (v->n_release) {
        F1AP_NEW(p->DRBs_Required_ToBeReleased_List);
        F1AP_LIST(p->DRBs_Required_ToBeReleased_List, v->n_release);
    }
    for (uint32_t i = 0; i < v->n_release; i++) {
        f1ap_DRBs_Required_ToBeReleased_Item_t *d;
        F1AP_NEW(d);
        d->dRBID = v->release[i];
        PUT(p->DRBs_Required_ToBeReleased_List, i, DRBs_Required_ToBeReleased_ItemIEs,
            DRBs_Required_ToBeReleased_Item, d);
    }
    return 0;
}

int f1ap_read_UEContextModificationConfirm(const f1ap_UEContextModificationConfirm_t *m,
                                           f1ap_context_confirm_t *ret)
{
    ret->cu_ue_id = (uint32_t)m->protocolIEs.gNB_CU_UE_F1AP_ID;
    ret->du_ue_id = (uint32_t)m->protocolIEs.gNB_DU_UE_F1AP_ID;
    if (m->protocolIEs.has.RRCContainer)
        ret->rrc_container = m->protocolIEs.RRCContainer;
    return 0;
}

int f1ap_write_UEContextModificationConfirm(const f1ap_context_confirm_t *v, arena_t *a,
                                            f1ap_UEContextModificationConfirm_t *ret)
{
    (void)a;
    ret->protocolIEs.gNB_CU_UE_F1AP_ID = v->cu_ue_id;
    ret->protocolIEs.gNB_DU_UE_F1AP_ID = v->du_ue_id;
    ret->protocolIEs.has.RRCContainer = v->rrc_container.n != 0;
    ret->protocolIEs.RRCContainer = v->rrc_container;
    return 0;
}

/* ---- states of DRBs ---- */

int f1ap_read_UEInactivityNotification(const f1ap_UEInactivityNotification_t *m, f1ap_drb_states_t *ret)
{
    ret->cu_ue_id = (uint32_t)m->protocolIEs.gNB_CU_UE_F1AP_ID;
    ret->du_ue_id = (uint32_t)m->protocolIEs.gNB_DU_UE_F1AP_ID;
    EACH(&m->protocolIEs.DRB_Activity_List, DRB_Activity_ItemIEs, DRB_Activity_Item, {
        if (ret->n_drbs == F1AP_MAX_DRBS)
            return -E2BIG;
        ret->drbs[ret->n_drbs].drb_id = (uint8_t)it->dRBID;
        ret->drbs[ret->n_drbs++].on = it->has.dRB_Activity && it->dRB_Activity == f1ap_DRB_Activity_active;
    })
    return 0;
}

int f1ap_write_UEInactivityNotification(const f1ap_drb_states_t *v, arena_t *a,
                                        f1ap_UEInactivityNotification_t *ret)
{
    f1ap_DRB_Activity_List_t *l = &ret->protocolIEs.DRB_Activity_List;
    ret->protocolIEs.gNB_CU_UE_F1AP_ID = v->cu_ue_id;
    ret->protocolIEs.gNB_DU_UE_F1AP_ID = v->du_ue_id;
    F1AP_LIST(l, v->n_drbs);
    for (uint32_t i = 0; i < v->n_drbs; i++) {
        f1ap_DRB_Activity_Item_t *d;
        F1AP_NEW(d);
        d->dRBID = v->drbs[i].drb_id;
        d->has.dRB_Activity = 1;
        d->dRB_Activity = v->drbs[i].on ? f1ap_DRB_Activity_active : f1ap_DRB_Activity_not_active;
        PUT(l, i, DRB_Activity_ItemIEs, DRB_Activity_Item, d);
    }
    return 0;
}

int f1ap_read_Notify(const f1ap_Notify_t *m, f1ap_drb_states_t *ret)
{
    ret->cu_ue_id = (uint32_t)m->protocolIEs.gNB_CU_UE_F1AP_ID;
    ret->du_ue_id = (uint32_t)m->protocolIEs.gNB_DU_UE_F1AP_ID;
    EACH(&m->protocolIEs.DRB_Notify_List, DRB_Notify_ItemIEs, DRB_Notify_Item, {
        if (ret->n_drbs == F1AP_MAX_DRBS)
            return -E2BIG;
        ret->drbs[ret->n_drbs].drb_id = (uint8_t)it->dRBID;
        ret->drbs[ret->n_drbs++].on = it->notification_Cause == f1ap_Notification_Cause_fulfilled;
    })
    return 0;
}

int f1ap_write_Notify(const f1ap_drb_states_t *v, arena_t *a, f1ap_Notify_t *ret)
{
    f1ap_DRB_Notify_List_t *l = &ret->protocolIEs.DRB_Notify_List;
    ret->protocolIEs.gNB_CU_UE_F1AP_ID = v->cu_ue_id;
    ret->protocolIEs.gNB_DU_UE_F1AP_ID = v->du_ue_id;
    F1AP_LIST(l, v->n_drbs);
    for (uint32_t i = 0; i < v->n_drbs; i++) {
        f1ap_DRB_Notify_Item_t *d;
        F1AP_NEW(d);
        d->dRBID = v->drbs[i].drb_id;
        d->notification_Cause =
            v->drbs[i].on ? f1ap_Notification_Cause_fulfilled : f1ap_Notification_Cause_not_fulfilled;
        PUT(l, i, DRB_Notify_ItemIEs, DRB_Notify_Item, d);
    }
    return 0;
}
