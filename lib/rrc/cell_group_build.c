/* SPDX-License-Identifier: Apache-2.0 */
/* CellGroupConfig out: see cell_group.h. Functions stand in the order of the schema, leaves first. */
#include "lib/rrc/cell_group.h"

#include "lib/rrc/cell_group_tables.h"
#include "lib/rrc/parts.h"

static uint32_t or_infinity(uint32_t value)
{
    return value ? value : WIRE_INFINITY;
}

/* ---- RLC bearers ---- */

static void build_rlc(rrc_wire_t *w, const radio_rlc_t *r, rrc_RLC_Config_t *to)
{
    if (r->mode == RADIO_RLC_AM) {
        if (r->sn_bits != 12 && r->sn_bits != 18)
            wire_fail(w, -ERANGE, "SN-FieldLengthAM");
        to->choice = rrc_RLC_Config_choice_am;
        rrc_RLC_Config_am_t *am = WIRE_NEW(w, to->u.am);
        am->ul_AM_RLC.has.sn_FieldLength = 1;
        am->ul_AM_RLC.sn_FieldLength = r->sn_bits == 18;
        am->ul_AM_RLC.t_PollRetransmit =
            WIRE_INDEX(w, poll_retransmit_ms, r->t_poll_retx_ms, "t-PollRetransmit");
        am->ul_AM_RLC.pollPDU = WIRE_INDEX(w, poll_pdu, or_infinity(r->poll_pdu), "pollPDU");
        am->ul_AM_RLC.pollByte = WIRE_INDEX(w, poll_bytes, or_infinity(r->poll_bytes), "pollByte");
        am->ul_AM_RLC.maxRetxThreshold = WIRE_INDEX(w, max_retx, r->max_retx, "maxRetxThreshold");
        am->dl_AM_RLC.has.sn_FieldLength = 1;
        am->dl_AM_RLC.sn_FieldLength = r->sn_bits == 18;
        am->dl_AM_RLC.t_Reassembly = WIRE_INDEX(w, reassembly_ms, r->t_reassembly_ms, "t-Reassembly");
        am->dl_AM_RLC.t_StatusProhibit =
            WIRE_INDEX(w, status_prohibit_ms, r->t_status_prohibit_ms, "t-StatusProhibit");
    } else {
        if (r->sn_bits != 6 && r->sn_bits != 12)
            wire_fail(w, -ERANGE, "SN-FieldLengthUM");
        to->choice = rrc_RLC_Config_choice_um_Bi_Directional;
        rrc_RLC_Config_um_Bi_Directional_t *um = WIRE_NEW(w, to->u.um_Bi_Directional);
        um->ul_UM_RLC.has.sn_FieldLength = 1;
        um->ul_UM_RLC.sn_FieldLength = r->sn_bits == 12;
        um->dl_UM_RLC.has.sn_FieldLength = 1;
        um->dl_UM_RLC.sn_FieldLength = r->sn_bits == 12;
        um->dl_UM_RLC.t_Reassembly = WIRE_INDEX(w, reassembly_ms, r->t_reassembly_ms, "t-Reassembly");
    }
}

static void build_bearer(rrc_wire_t *w, const rrc_cell_group_t *cg, const radio_lc_t *lc,
                         rrc_RLC_BearerConfig_t *to)
{
    to->logicalChannelIdentity = lc->lcid;
    if (!(cg->modify >> lc->lcid & 1)) {
        WIRE_NEW(w, to->servedRadioBearer);
        to->servedRadioBearer->choice = lc->is_drb
                                            ? rrc_RLC_BearerConfig_servedRadioBearer_choice_drb_Identity
                                            : rrc_RLC_BearerConfig_servedRadioBearer_choice_srb_Identity;
        if (lc->is_drb)
            to->servedRadioBearer->u.drb_Identity = lc->rb_id;
        else
            to->servedRadioBearer->u.srb_Identity = lc->rb_id;
    }
    to->has.reestablishRLC = cg->reestablish >> lc->lcid & 1;
    WIRE_NEW(w, to->rlc_Config);
    build_rlc(w, &lc->rlc, to->rlc_Config);

    WIRE_NEW(w, to->mac_LogicalChannelConfig);
    rrc_LogicalChannelConfig_ul_SpecificParameters_t *ul =
        WIRE_NEW(w, to->mac_LogicalChannelConfig->ul_SpecificParameters);
    ul->priority = lc->priority;
    ul->prioritisedBitRate = WIRE_INDEX(w, pbr_kbytes_s, lc->pbr_kbytes_s, "prioritisedBitRate");
    ul->bucketSizeDuration = WIRE_INDEX(w, bucket_ms, lc->bsd_ms, "bucketSizeDuration");
    ul->has.logicalChannelGroup = 1;
    ul->logicalChannelGroup = lc->lcg;
    ul->has.schedulingRequestID = 1;
    ul->schedulingRequestID = 0;
}

/* ---- MAC ---- */

static void build_drx(rrc_wire_t *w, const radio_ue_t *u, rrc_DRX_Config_t *to)
{
    to->drx_onDurationTimer.choice = rrc_DRX_Config_drx_onDurationTimer_choice_milliSeconds;
    to->drx_onDurationTimer.u.milliSeconds = WIRE_INDEX(w, drx_on_ms, u->drx_on_ms, "drx-onDurationTimer");
    to->drx_InactivityTimer = WIRE_INDEX(w, drx_inactivity_ms, u->drx_inactivity_ms, "drx-InactivityTimer");
    to->drx_HARQ_RTT_TimerDL = 56;
    to->drx_HARQ_RTT_TimerUL = 56;
    to->drx_RetransmissionTimerDL = rrc_DRX_Config_drx_RetransmissionTimerDL_sl8;
    to->drx_RetransmissionTimerUL = rrc_DRX_Config_drx_RetransmissionTimerUL_sl8;
    to->drx_LongCycleStartOffset.choice =
        (uint32_t)WIRE_INDEX(w, drx_cycle_ms, u->drx_cycle_ms, "drx-LongCycleStartOffset") + WIRE_FIRST;
}

static void build_mac(rrc_wire_t *w, const radio_ue_t *u, rrc_MAC_CellGroupConfig_t *to)
{
    if (u->drx_on_ms) {
        WIRE_NEW(w, to->drx_Config);
        to->drx_Config->choice = WIRE_SETUP;
        build_drx(w, u, WIRE_NEW(w, to->drx_Config->u.setup));
    }
    WIRE_NEW(w, to->schedulingRequestConfig);
    WIRE_NEW(w, to->schedulingRequestConfig->schedulingRequestToAddModList);
    WIRE_LIST(w, *to->schedulingRequestConfig->schedulingRequestToAddModList, 1);
    rrc_SchedulingRequestToAddMod_t *sr = to->schedulingRequestConfig->schedulingRequestToAddModList->p;
    sr->schedulingRequestId = 0;
    if (u->sr_prohibit_ms) {
        sr->has.sr_ProhibitTimer = 1;
        sr->sr_ProhibitTimer = WIRE_INDEX(w, sr_prohibit_ms, u->sr_prohibit_ms, "sr-ProhibitTimer");
    }
    sr->sr_TransMax = WIRE_INDEX(w, sr_trans_max, u->sr_trans_max, "sr-TransMax");

    WIRE_NEW(w, to->bsr_Config);
    to->bsr_Config->periodicBSR_Timer =
        WIRE_INDEX(w, bsr_periodic_ms, or_infinity(u->periodic_bsr_slots_ms), "periodicBSR-Timer");
    to->bsr_Config->retxBSR_Timer = WIRE_INDEX(w, bsr_retx_ms, u->retx_bsr_ms, "retxBSR-Timer");

    WIRE_NEW(w, to->tag_Config);
    WIRE_NEW(w, to->tag_Config->tag_ToAddModList);
    WIRE_LIST(w, *to->tag_Config->tag_ToAddModList, 1);
    to->tag_Config->tag_ToAddModList->p[0].timeAlignmentTimer = u->ta_timer;

    WIRE_NEW(w, to->phr_Config);
    to->phr_Config->choice = WIRE_SETUP;
    rrc_PHR_Config_t *phr = WIRE_NEW(w, to->phr_Config->u.setup);
    phr->phr_PeriodicTimer =
        WIRE_INDEX(w, phr_periodic_ms, or_infinity(u->phr_periodic_ms), "phr-PeriodicTimer");
    phr->phr_ProhibitTimer = WIRE_INDEX(w, phr_prohibit_ms, u->phr_prohibit_ms, "phr-ProhibitTimer");
    phr->phr_Tx_PowerFactorChange = rrc_PHR_Config_phr_Tx_PowerFactorChange_dB3;
}

/* ---- downlink of the serving cell ---- */

static void build_coreset(rrc_wire_t *w, const radio_coreset_t *c, rrc_ControlResourceSet_t *to)
{
    uint64_t blocks = 0; /* bit 44 is the first group of six PRBs */
    if (c->prb_start % 6 || c->n_prb % 6 || (c->prb_start + c->n_prb) / 6 > 45)
        wire_fail(w, -ERANGE, "frequencyDomainResources: not groups of six PRBs");
    for (uint32_t g = c->prb_start / 6; g < (uint32_t)(c->prb_start + c->n_prb) / 6 && g < 45; g++)
        blocks |= UINT64_C(1) << (44 - g);
    to->controlResourceSetId = c->id;
    to->frequencyDomainResources = part_to_bits(w, blocks, 45);
    to->duration = c->n_symbols;
    if (c->interleaved) {
        static const uint32_t sizes[] = {2, 3, 6};
        to->cce_REG_MappingType.choice = rrc_ControlResourceSet_cce_REG_MappingType_choice_interleaved;
        rrc_ControlResourceSet_cce_REG_MappingType_interleaved_t *i =
            WIRE_NEW(w, to->cce_REG_MappingType.u.interleaved);
        i->reg_BundleSize = WIRE_INDEX(w, sizes, c->reg_bundle, "reg-BundleSize");
        i->interleaverSize = WIRE_INDEX(w, sizes, c->interleaver_rows, "interleaverSize");
        i->has.shiftIndex = 1;
        i->shiftIndex = c->shift_index;
    } else {
        to->cce_REG_MappingType.choice = rrc_ControlResourceSet_cce_REG_MappingType_choice_nonInterleaved;
    }
    to->precoderGranularity = rrc_ControlResourceSet_precoderGranularity_sameAsREG_bundle;
}

static void build_pdcch(rrc_wire_t *w, const radio_ue_t *u, rrc_PDCCH_Config_t *to)
{
    if (u->coreset.id) {
        WIRE_NEW(w, to->controlResourceSetToAddModList);
        WIRE_LIST(w, *to->controlResourceSetToAddModList, 1);
        build_coreset(w, &u->coreset, to->controlResourceSetToAddModList->p);
    }
    WIRE_NEW(w, to->searchSpacesToAddModList);
    WIRE_LIST(w, *to->searchSpacesToAddModList, 1);
    part_search_space(w, &u->uss, to->searchSpacesToAddModList->p);
}

/* dmrs-AdditionalPosition: pos0, pos1, pos3; absent is pos2. */
static int32_t dmrs_position(rrc_wire_t *w, uint8_t add_pos)
{
    static const uint32_t positions[] = {0, 1, 3};
    return WIRE_INDEX(w, positions, add_pos, "dmrs-AdditionalPosition");
}

static void build_pdsch(rrc_wire_t *w, const radio_ue_t *u, rrc_PDSCH_Config_t *to)
{
    if (u->data_scrambling_id < 1024) {
        to->has.dataScramblingIdentityPDSCH = 1;
        to->dataScramblingIdentityPDSCH = u->data_scrambling_id;
    }
    WIRE_NEW(w, to->dmrs_DownlinkForPDSCH_MappingTypeA);
    to->dmrs_DownlinkForPDSCH_MappingTypeA->choice = WIRE_SETUP;
    rrc_DMRS_DownlinkConfig_t *dmrs = WIRE_NEW(w, to->dmrs_DownlinkForPDSCH_MappingTypeA->u.setup);
    if (u->dmrs_add_pos != 2) {
        dmrs->has.dmrs_AdditionalPosition = 1;
        dmrs->dmrs_AdditionalPosition = dmrs_position(w, u->dmrs_add_pos);
    }
    to->resourceAllocation = rrc_PDSCH_Config_resourceAllocation_resourceAllocationType1;
    to->rbg_Size = rrc_PDSCH_Config_rbg_Size_config1;
    if (u->mcs_table_dl) {
        to->has.mcs_Table = 1;
        to->mcs_Table = u->mcs_table_dl - 1;
    }
    to->has.maxNrofCodeWordsScheduledByDCI = 1;
    to->maxNrofCodeWordsScheduledByDCI = rrc_PDSCH_Config_maxNrofCodeWordsScheduledByDCI_n1;
    to->prb_BundlingType.choice = rrc_PDSCH_Config_prb_BundlingType_choice_staticBundling;
    WIRE_NEW(w, to->prb_BundlingType.u.staticBundling);
    to->prb_BundlingType.u.staticBundling->has.bundleSize = 1;
    to->prb_BundlingType.u.staticBundling->bundleSize =
        rrc_PDSCH_Config_prb_BundlingType_staticBundling_bundleSize_wideband;
}

/* ---- uplink ---- */

static void build_pucch_resource(rrc_wire_t *w, const radio_pucch_res_t *r, rrc_PUCCH_Resource_t *to)
{
    to->pucch_ResourceId = r->id;
    to->startingPRB = r->prb_start;
    switch (r->format) {
    case 0:
        to->format.choice = rrc_PUCCH_Resource_format_choice_format0;
        WIRE_NEW(w, to->format.u.format0);
        to->format.u.format0->initialCyclicShift = r->initial_cyclic_shift;
        to->format.u.format0->nrofSymbols = r->n_symbols;
        to->format.u.format0->startingSymbolIndex = r->start_symbol;
        return;
    case 1:
        to->format.choice = rrc_PUCCH_Resource_format_choice_format1;
        WIRE_NEW(w, to->format.u.format1);
        to->format.u.format1->initialCyclicShift = r->initial_cyclic_shift;
        to->format.u.format1->nrofSymbols = r->n_symbols;
        to->format.u.format1->startingSymbolIndex = r->start_symbol;
        to->format.u.format1->timeDomainOCC = r->time_domain_occ;
        return;
    case 2:
        to->format.choice = rrc_PUCCH_Resource_format_choice_format2;
        WIRE_NEW(w, to->format.u.format2);
        to->format.u.format2->nrofPRBs = r->n_prb;
        to->format.u.format2->nrofSymbols = r->n_symbols;
        to->format.u.format2->startingSymbolIndex = r->start_symbol;
        return;
    default:
        wire_fail(w, -ERANGE, "PUCCH-Resource.format");
    }
}

static void build_resource_set(rrc_wire_t *w, uint8_t id, const radio_pucch_res_t *res, uint8_t n,
                               rrc_PUCCH_ResourceSet_t *to)
{
    to->pucch_ResourceSetId = id;
    WIRE_LIST(w, to->resourceList, n);
    for (uint8_t i = 0; i < n; i++)
        to->resourceList.p[i] = res[i].id;
}

static void build_pucch(rrc_wire_t *w, const radio_ue_t *u, rrc_PUCCH_Config_t *to)
{
    uint8_t n_sets = u->n_set1 ? 2 : 1;
    if (u->n_res > RADIO_MAX_PUCCH_RES || u->n_set0 + u->n_set1 > u->n_res || u->sr_res >= u->n_res ||
        u->csi_res >= u->n_res || !u->n_set0 || u->n_set1 > 8 || u->n_k1 > RADIO_MAX_K1 || !u->n_k1) {
        wire_fail(w, -ERANGE, "PUCCH-Config: resources that are not there");
        return;
    }
    WIRE_NEW(w, to->resourceSetToAddModList);
    WIRE_LIST(w, *to->resourceSetToAddModList, n_sets);
    build_resource_set(w, 0, u->res, u->n_set0, &to->resourceSetToAddModList->p[0]);
    if (u->n_set1)
        build_resource_set(w, 1, u->res + u->n_set0, u->n_set1, &to->resourceSetToAddModList->p[1]);

    WIRE_NEW(w, to->resourceToAddModList);
    WIRE_LIST(w, *to->resourceToAddModList, u->n_res);
    for (uint8_t i = 0; i < u->n_res; i++)
        build_pucch_resource(w, &u->res[i], &to->resourceToAddModList->p[i]);

    WIRE_NEW(w, to->format2);
    to->format2->choice = WIRE_SETUP;
    rrc_PUCCH_FormatConfig_t *f2 = WIRE_NEW(w, to->format2->u.setup);
    f2->has.maxCodeRate = 1;
    f2->maxCodeRate = u->f2_max_code_rate;
    f2->has.simultaneousHARQ_ACK_CSI = 1;

    WIRE_NEW(w, to->schedulingRequestResourceToAddModList);
    WIRE_LIST(w, *to->schedulingRequestResourceToAddModList, 1);
    rrc_SchedulingRequestResourceConfig_t *sr = to->schedulingRequestResourceToAddModList->p;
    sr->schedulingRequestResourceId = 1;
    sr->schedulingRequestID = 0;
    WIRE_NEW(w, sr->periodicityAndOffset);
    sr->periodicityAndOffset->choice =
        (uint32_t)WIRE_INDEX(w, sr_period, u->sr_period_slots, "SR period") + SR_PERIOD_FIRST;
    if (u->sr_period_slots > 1)
        sr->periodicityAndOffset->u.sl2 = u->sr_offset_slots; /* each alternative is one INTEGER */
    sr->has.resource = 1;
    sr->resource = u->res[u->sr_res].id;

    WIRE_NEW(w, to->dl_DataToUL_ACK);
    WIRE_LIST(w, *to->dl_DataToUL_ACK, u->n_k1);
    for (uint8_t i = 0; i < u->n_k1; i++)
        to->dl_DataToUL_ACK->p[i] = u->k1[i];
}

static void build_pusch(rrc_wire_t *w, const radio_ue_t *u, rrc_PUSCH_Config_t *to)
{
    if (u->data_scrambling_id < 1024) {
        to->has.dataScramblingIdentityPUSCH = 1;
        to->dataScramblingIdentityPUSCH = u->data_scrambling_id;
    }
    WIRE_NEW(w, to->dmrs_UplinkForPUSCH_MappingTypeA);
    to->dmrs_UplinkForPUSCH_MappingTypeA->choice = WIRE_SETUP;
    rrc_DMRS_UplinkConfig_t *dmrs = WIRE_NEW(w, to->dmrs_UplinkForPUSCH_MappingTypeA->u.setup);
    if (u->dmrs_add_pos != 2) {
        dmrs->has.dmrs_AdditionalPosition = 1;
        dmrs->dmrs_AdditionalPosition = dmrs_position(w, u->dmrs_add_pos);
    }
    WIRE_NEW(w, dmrs->transformPrecodingDisabled);
    WIRE_NEW(w, to->pusch_PowerControl);
    WIRE_NEW(w, to->pusch_PowerControl->p0_AlphaSets);
    WIRE_LIST(w, *to->pusch_PowerControl->p0_AlphaSets, 1);
    rrc_P0_PUSCH_AlphaSet_t *p0 = to->pusch_PowerControl->p0_AlphaSets->p;
    p0->has.p0 = 1;
    p0->has.alpha = 1;
    p0->alpha = rrc_Alpha_alpha1;
    to->resourceAllocation = rrc_PUSCH_Config_resourceAllocation_resourceAllocationType1;
    if (u->mcs_table_ul) {
        to->has.mcs_Table = 1;
        to->mcs_Table = u->mcs_table_ul - 1;
    }
    to->has.transformPrecoder = 1;
    to->transformPrecoder = rrc_PUSCH_Config_transformPrecoder_disabled;
    WIRE_NEW(w, to->uci_OnPUSCH);
    to->uci_OnPUSCH->choice = WIRE_SETUP;
    rrc_UCI_OnPUSCH_t *uci = WIRE_NEW(w, to->uci_OnPUSCH->u.setup);
    WIRE_NEW(w, uci->betaOffsets);
    uci->betaOffsets->choice = rrc_UCI_OnPUSCH_betaOffsets_choice_semiStatic;
    rrc_BetaOffsets_t *b = WIRE_NEW(w, uci->betaOffsets->u.semiStatic);
    b->has.betaOffsetACK_Index1 = b->has.betaOffsetACK_Index2 = b->has.betaOffsetACK_Index3 = 1;
    b->betaOffsetACK_Index1 = b->betaOffsetACK_Index2 = b->betaOffsetACK_Index3 = u->beta_harq;
    b->has.betaOffsetCSI_Part1_Index1 = b->has.betaOffsetCSI_Part1_Index2 = 1;
    b->betaOffsetCSI_Part1_Index1 = b->betaOffsetCSI_Part1_Index2 = u->beta_csi;
    b->has.betaOffsetCSI_Part2_Index1 = b->has.betaOffsetCSI_Part2_Index2 = 1;
    b->betaOffsetCSI_Part2_Index1 = b->betaOffsetCSI_Part2_Index2 = u->beta_csi;
    uci->scaling = rrc_UCI_OnPUSCH_scaling_f1;
}

/* ---- CSI: one NZP-CSI-RS of one port, one periodic wideband report ---- */

static void build_csi_rs(rrc_wire_t *w, const radio_cell_t *c, rrc_NZP_CSI_RS_Resource_t *to)
{
    rrc_CSI_RS_ResourceMapping_t *m = &to->resourceMapping;
    m->frequencyDomainAllocation.choice = rrc_CSI_RS_ResourceMapping_frequencyDomainAllocation_choice_row2;
    m->frequencyDomainAllocation.u.row2 = part_to_bits(w, 1, 12);
    m->nrofPorts = rrc_CSI_RS_ResourceMapping_nrofPorts_p1;
    m->firstOFDMSymbolInTimeDomain = c->csi_rs_symbol;
    m->cdm_Type = rrc_CSI_RS_ResourceMapping_cdm_Type_noCDM;
    m->density.choice = rrc_CSI_RS_ResourceMapping_density_choice_one;
    m->freqBand.startingRB = 0;
    m->freqBand.nrofRBs = c->csi_rs_n_prb;
    to->powerControlOffset = 0;
    to->has.powerControlOffsetSS = 1;
    to->powerControlOffsetSS = rrc_NZP_CSI_RS_Resource_powerControlOffsetSS_db0;
    to->scramblingID = c->pci;
    WIRE_NEW(w, to->periodicityAndOffset);
    to->periodicityAndOffset->choice =
        (uint32_t)WIRE_INDEX(w, rs_period, c->csi_rs_period_slots, "CSI-RS period") + WIRE_FIRST;
    to->periodicityAndOffset->u.slots4 = c->csi_rs_offset_slots;
}

static void build_report(rrc_wire_t *w, const radio_ue_t *u, rrc_CSI_ReportConfig_t *to)
{
    to->reportConfigType.choice = rrc_CSI_ReportConfig_reportConfigType_choice_periodic;
    rrc_CSI_ReportConfig_reportConfigType_periodic_t *p = WIRE_NEW(w, to->reportConfigType.u.periodic);
    p->reportSlotConfig.choice =
        (uint32_t)WIRE_INDEX(w, report_period, u->csi_period_slots, "CSI period") + WIRE_FIRST;
    p->reportSlotConfig.u.slots4 = u->csi_offset_slots;
    WIRE_LIST(w, p->pucch_CSI_ResourceList, 1);
    p->pucch_CSI_ResourceList.p[0].pucch_Resource = u->res[u->csi_res].id;
    to->reportQuantity.choice = rrc_CSI_ReportConfig_reportQuantity_choice_cri_RI_PMI_CQI;
    WIRE_NEW(w, to->reportFreqConfiguration);
    to->reportFreqConfiguration->has.cqi_FormatIndicator = 1;
    to->reportFreqConfiguration->cqi_FormatIndicator =
        rrc_CSI_ReportConfig_reportFreqConfiguration_cqi_FormatIndicator_widebandCQI;
    to->timeRestrictionForChannelMeasurements =
        rrc_CSI_ReportConfig_timeRestrictionForChannelMeasurements_notConfigured;
    to->timeRestrictionForInterferenceMeasurements =
        rrc_CSI_ReportConfig_timeRestrictionForInterferenceMeasurements_notConfigured;
    to->groupBasedBeamReporting.choice = rrc_CSI_ReportConfig_groupBasedBeamReporting_choice_disabled;
    WIRE_NEW(w, to->groupBasedBeamReporting.u.disabled);
    to->has.cqi_Table = 1;
    to->cqi_Table = u->cqi_table;
    to->subbandSize = rrc_CSI_ReportConfig_subbandSize_value1;
}

static void build_csi(rrc_wire_t *w, const radio_ue_t *u, const radio_cell_t *c, rrc_CSI_MeasConfig_t *to)
{
    WIRE_NEW(w, to->nzp_CSI_RS_ResourceToAddModList);
    WIRE_LIST(w, *to->nzp_CSI_RS_ResourceToAddModList, 1);
    build_csi_rs(w, c, to->nzp_CSI_RS_ResourceToAddModList->p);

    WIRE_NEW(w, to->nzp_CSI_RS_ResourceSetToAddModList);
    WIRE_LIST(w, *to->nzp_CSI_RS_ResourceSetToAddModList, 1);
    WIRE_LIST(w, to->nzp_CSI_RS_ResourceSetToAddModList->p->nzp_CSI_RS_Resources, 1);

    WIRE_NEW(w, to->csi_ResourceConfigToAddModList);
    WIRE_LIST(w, *to->csi_ResourceConfigToAddModList, 1);
    rrc_CSI_ResourceConfig_t *rc = to->csi_ResourceConfigToAddModList->p;
    rc->csi_RS_ResourceSetList.choice = rrc_CSI_ResourceConfig_csi_RS_ResourceSetList_choice_nzp_CSI_RS_SSB;
    WIRE_NEW(w, rc->csi_RS_ResourceSetList.u.nzp_CSI_RS_SSB);
    WIRE_NEW(w, rc->csi_RS_ResourceSetList.u.nzp_CSI_RS_SSB->nzp_CSI_RS_ResourceSetList);
    WIRE_LIST(w, *rc->csi_RS_ResourceSetList.u.nzp_CSI_RS_SSB->nzp_CSI_RS_ResourceSetList, 1);
    rc->resourceType = rrc_CSI_ResourceConfig_resourceType_periodic;

    WIRE_NEW(w, to->csi_ReportConfigToAddModList);
    WIRE_LIST(w, *to->csi_ReportConfigToAddModList, 1);
    build_report(w, u, to->csi_ReportConfigToAddModList->p);
}

/* ---- the special cell ---- */

static void build_serving_cell(rrc_wire_t *w, const radio_ue_t *u, const radio_cell_t *c,
                               rrc_ServingCellConfig_t *to)
{
    rrc_BWP_DownlinkDedicated_t *dl = WIRE_NEW(w, to->initialDownlinkBWP);
    WIRE_NEW(w, dl->pdcch_Config);
    dl->pdcch_Config->choice = WIRE_SETUP;
    build_pdcch(w, u, WIRE_NEW(w, dl->pdcch_Config->u.setup));
    WIRE_NEW(w, dl->pdsch_Config);
    dl->pdsch_Config->choice = WIRE_SETUP;
    build_pdsch(w, u, WIRE_NEW(w, dl->pdsch_Config->u.setup));
    to->has.firstActiveDownlinkBWP_Id = 1;

    rrc_UplinkConfig_t *ul = WIRE_NEW(w, to->uplinkConfig);
    WIRE_NEW(w, ul->initialUplinkBWP);
    WIRE_NEW(w, ul->initialUplinkBWP->pucch_Config);
    ul->initialUplinkBWP->pucch_Config->choice = WIRE_SETUP;
    build_pucch(w, u, WIRE_NEW(w, ul->initialUplinkBWP->pucch_Config->u.setup));
    WIRE_NEW(w, ul->initialUplinkBWP->pusch_Config);
    ul->initialUplinkBWP->pusch_Config->choice = WIRE_SETUP;
    build_pusch(w, u, WIRE_NEW(w, ul->initialUplinkBWP->pusch_Config->u.setup));
    ul->has.firstActiveUplinkBWP_Id = 1;

    WIRE_NEW(w, to->pdsch_ServingCellConfig);
    to->pdsch_ServingCellConfig->choice = WIRE_SETUP;
    rrc_PDSCH_ServingCellConfig_t *p = WIRE_NEW(w, to->pdsch_ServingCellConfig->u.setup);
    if (u->n_harq_dl != 8) { /* absent: 8 */
        p->has.nrofHARQ_ProcessesForPDSCH = 1;
        p->nrofHARQ_ProcessesForPDSCH = WIRE_INDEX(w, n_harq, u->n_harq_dl, "nrofHARQ-ProcessesForPDSCH");
    }
    if (u->max_layers) {
        p->has.maxMIMO_Layers = 1;
        p->maxMIMO_Layers = u->max_layers;
    }
    if (w->error) /* build_pucch may have refused the resources that the report names */
        return;
    WIRE_NEW(w, to->csi_MeasConfig);
    to->csi_MeasConfig->choice = WIRE_SETUP;
    build_csi(w, u, c, WIRE_NEW(w, to->csi_MeasConfig->u.setup));
}

int rrc_cell_group_build(const rrc_cell_group_t *cg, const radio_cell_t *cell, arena_t *scratch, uint8_t *buf,
                         size_t cap, size_t *ret_n, rrc_why_t *ret_why)
{
    rrc_wire_t w = {scratch, ret_why, 0};
    rrc_CellGroupConfig_t m = {0};
    const radio_ue_t *u = &cg->ue;

    wire_begin(&w);
    if (u->n_lc > RADIO_MAX_LC || cg->n_release > RADIO_MAX_LC)
        wire_fail(&w, -ERANGE, "more bearers than there can be");
    if (w.error)
        return w.error;
    if (cg->present & RRC_CG_BEARERS && u->n_lc) {
        WIRE_NEW(&w, m.rlc_BearerToAddModList);
        WIRE_LIST(&w, *m.rlc_BearerToAddModList, u->n_lc);
        for (uint8_t i = 0; i < u->n_lc && !w.error; i++)
            build_bearer(&w, cg, &u->lc[i], &m.rlc_BearerToAddModList->p[i]);
    }
    if (cg->n_release) {
        WIRE_NEW(&w, m.rlc_BearerToReleaseList);
        WIRE_LIST(&w, *m.rlc_BearerToReleaseList, cg->n_release);
        for (uint8_t i = 0; i < cg->n_release; i++)
            m.rlc_BearerToReleaseList->p[i] = cg->release_lcid[i];
    }
    if (cg->present & RRC_CG_MAC)
        build_mac(&w, u, WIRE_NEW(&w, m.mac_CellGroupConfig));
    if (cg->present & RRC_CG_PHY) {
        WIRE_NEW(&w, m.physicalCellGroupConfig);
        m.physicalCellGroupConfig->pdsch_HARQ_ACK_Codebook =
            rrc_PhysicalCellGroupConfig_pdsch_HARQ_ACK_Codebook_dynamic;
    }
    if (cg->present & RRC_CG_SP_CELL) {
        WIRE_NEW(&w, m.spCellConfig);
        build_serving_cell(&w, u, cell, WIRE_NEW(&w, m.spCellConfig->spCellConfigDedicated));
    }
    return wire_encode(&w, &rrc_CellGroupConfig_type, &m, buf, cap, ret_n);
}
