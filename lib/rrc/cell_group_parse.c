/* SPDX-License-Identifier: Apache-2.0 */
/* CellGroupConfig in: see cell_group.h. A component that our UE would have to obey and cannot is refused by
 * name; one that it may ignore (measurement bandwidths, power control it does not model) is skipped. */
#include "lib/rrc/cell_group.h"

#include <string.h>

#include "lib/rrc/cell_group_tables.h"
#include "lib/rrc/parts.h"

#define IS_SETUP(x) ((x) && (x)->choice == WIRE_SETUP)

static uint32_t zero_if_infinite(uint32_t v)
{
    return v == WIRE_INFINITY ? 0 : v;
}

/* ---- RLC bearers ---- */

static void parse_rlc(rrc_wire_t *w, const rrc_RLC_Config_t *from, radio_rlc_t *r)
{
    if (from->choice == rrc_RLC_Config_choice_am) {
        const rrc_UL_AM_RLC_t *ul = &from->u.am->ul_AM_RLC;
        const rrc_DL_AM_RLC_t *dl = &from->u.am->dl_AM_RLC;
        r->mode = RADIO_RLC_AM;
        if (ul->has.sn_FieldLength)
            r->sn_bits = ul->sn_FieldLength ? 18 : 12;
        else
            wire_fail(w, -ENOTSUP, "RLC-Config: a change without the SN length");
        if (dl->has.sn_FieldLength != ul->has.sn_FieldLength || dl->sn_FieldLength != ul->sn_FieldLength)
            wire_fail(w, -ENOTSUP, "RLC-Config: SN lengths that differ by direction");
        r->t_poll_retx_ms =
            (uint16_t)WIRE_NUMBER(w, poll_retransmit_ms, ul->t_PollRetransmit, "t-PollRetransmit");
        uint32_t pdus = zero_if_infinite(WIRE_NUMBER(w, poll_pdu, ul->pollPDU, "pollPDU"));
        r->poll_pdu =
            (uint16_t)(pdus > UINT16_MAX ? UINT16_MAX : pdus); /* p65536: once in 65535 does it too */
        r->poll_bytes = zero_if_infinite(WIRE_NUMBER(w, poll_bytes, ul->pollByte, "pollByte"));
        r->max_retx = (uint8_t)WIRE_NUMBER(w, max_retx, ul->maxRetxThreshold, "maxRetxThreshold");
        r->t_reassembly_ms = (uint16_t)WIRE_NUMBER(w, reassembly_ms, dl->t_Reassembly, "t-Reassembly");
        r->t_status_prohibit_ms =
            (uint16_t)WIRE_NUMBER(w, status_prohibit_ms, dl->t_StatusProhibit, "t-StatusProhibit");
    } else if (from->choice == rrc_RLC_Config_choice_um_Bi_Directional) {
        const rrc_UL_UM_RLC_t *ul = &from->u.um_Bi_Directional->ul_UM_RLC;
        const rrc_DL_UM_RLC_t *dl = &from->u.um_Bi_Directional->dl_UM_RLC;
        r->mode = RADIO_RLC_UM;
        if (!ul->has.sn_FieldLength || !dl->has.sn_FieldLength || ul->sn_FieldLength != dl->sn_FieldLength)
            wire_fail(w, -ENOTSUP, "RLC-Config: SN lengths that are missing or differ by direction");
        r->sn_bits = ul->sn_FieldLength ? 12 : 6;
        r->t_reassembly_ms = (uint16_t)WIRE_NUMBER(w, reassembly_ms, dl->t_Reassembly, "t-Reassembly");
    } else {
        wire_fail(w, -ENOTSUP, "RLC-Config: UM in one direction only");
    }
}

static void parse_bearer(rrc_wire_t *w, const rrc_RLC_BearerConfig_t *from, rrc_cell_group_t *cg,
                         radio_lc_t *lc)
{
    lc->lcid = (uint8_t)from->logicalChannelIdentity;
    if (!from->servedRadioBearer) {
        cg->modify |= UINT64_C(1) << lc->lcid;
    } else if (from->servedRadioBearer->choice ==
               rrc_RLC_BearerConfig_servedRadioBearer_choice_drb_Identity) {
        lc->is_drb = 1;
        lc->rb_id = (uint8_t)from->servedRadioBearer->u.drb_Identity;
    } else {
        lc->rb_id = (uint8_t)from->servedRadioBearer->u.srb_Identity;
    }
    if (from->has.reestablishRLC)
        cg->reestablish |= UINT64_C(1) << lc->lcid;
    if (from->rlc_Config)
        parse_rlc(w, from->rlc_Config, &lc->rlc);
    else if (from->servedRadioBearer && !lc->is_drb)
        radio_srb_defaults(lc, lc->rb_id);
    else if (from->servedRadioBearer)
        wire_fail(w, -ENOTSUP, "RLC-BearerConfig: a new DRB without RLC-Config");
    if (!from->mac_LogicalChannelConfig || !from->mac_LogicalChannelConfig->ul_SpecificParameters)
        return;
    const rrc_LogicalChannelConfig_ul_SpecificParameters_t *ul =
        from->mac_LogicalChannelConfig->ul_SpecificParameters;
    lc->priority = (uint8_t)ul->priority;
    lc->pbr_kbytes_s = WIRE_NUMBER(w, pbr_kbytes_s, ul->prioritisedBitRate, "prioritisedBitRate");
    lc->bsd_ms = (uint16_t)WIRE_NUMBER(w, bucket_ms, ul->bucketSizeDuration, "bucketSizeDuration");
    lc->lcg = ul->has.logicalChannelGroup ? (uint8_t)ul->logicalChannelGroup : 0;
}

static void parse_bearers(rrc_wire_t *w, const rrc_CellGroupConfig_t *m, rrc_cell_group_t *cg)
{
    if (m->rlc_BearerToAddModList) {
        cg->present |= RRC_CG_BEARERS;
        if (m->rlc_BearerToAddModList->n > RADIO_MAX_LC) {
            wire_fail(w, -ENOTSUP, "rlc-BearerToAddModList: more bearers than our UE has");
            return;
        }
        for (uint32_t i = 0; i < m->rlc_BearerToAddModList->n; i++)
            parse_bearer(w, &m->rlc_BearerToAddModList->p[i], cg, &cg->ue.lc[i]);
        cg->ue.n_lc = (uint8_t)m->rlc_BearerToAddModList->n;
    }
    if (m->rlc_BearerToReleaseList)
        for (uint32_t i = 0; i < m->rlc_BearerToReleaseList->n && cg->n_release < RADIO_MAX_LC; i++)
            cg->release_lcid[cg->n_release++] = (uint8_t)m->rlc_BearerToReleaseList->p[i];
}

/* ---- MAC ---- */

static void parse_drx(rrc_wire_t *w, const rrc_DRX_Config_t *from, radio_ue_t *u)
{
    u->drx_on_ms = 1;
    if (from->drx_onDurationTimer.choice == rrc_DRX_Config_drx_onDurationTimer_choice_milliSeconds)
        u->drx_on_ms = (uint16_t)WIRE_NUMBER(w, drx_on_ms, from->drx_onDurationTimer.u.milliSeconds,
                                             "drx-onDurationTimer");
    u->drx_inactivity_ms =
        (uint16_t)WIRE_NUMBER(w, drx_inactivity_ms, from->drx_InactivityTimer, "drx-InactivityTimer");
    u->drx_cycle_ms = (uint16_t)WIRE_NUMBER(
        w, drx_cycle_ms, from->drx_LongCycleStartOffset.choice - WIRE_FIRST, "drx-LongCycleStartOffset");
}

static void parse_mac(rrc_wire_t *w, const rrc_MAC_CellGroupConfig_t *from, radio_ue_t *u)
{
    if (IS_SETUP(from->drx_Config))
        parse_drx(w, from->drx_Config->u.setup, u);
    if (from->schedulingRequestConfig && from->schedulingRequestConfig->schedulingRequestToAddModList) {
        const rrc_SchedulingRequestToAddMod_t *sr =
            from->schedulingRequestConfig->schedulingRequestToAddModList->p;
        if (sr->has.sr_ProhibitTimer)
            u->sr_prohibit_ms =
                (uint8_t)WIRE_NUMBER(w, sr_prohibit_ms, sr->sr_ProhibitTimer, "sr-ProhibitTimer");
        u->sr_trans_max = (uint8_t)WIRE_NUMBER(w, sr_trans_max, sr->sr_TransMax, "sr-TransMax");
    }
    if (from->bsr_Config) {
        u->periodic_bsr_slots_ms = (uint16_t)zero_if_infinite(
            WIRE_NUMBER(w, bsr_periodic_ms, from->bsr_Config->periodicBSR_Timer, "periodicBSR-Timer"));
        u->retx_bsr_ms =
            (uint16_t)WIRE_NUMBER(w, bsr_retx_ms, from->bsr_Config->retxBSR_Timer, "retxBSR-Timer");
    }
    if (from->tag_Config && from->tag_Config->tag_ToAddModList)
        u->ta_timer = (uint8_t)from->tag_Config->tag_ToAddModList->p[0].timeAlignmentTimer;
    if (IS_SETUP(from->phr_Config)) {
        const rrc_PHR_Config_t *p = from->phr_Config->u.setup;
        u->phr_periodic_ms = (uint16_t)zero_if_infinite(
            WIRE_NUMBER(w, phr_periodic_ms, p->phr_PeriodicTimer, "phr-PeriodicTimer"));
        u->phr_prohibit_ms =
            (uint16_t)WIRE_NUMBER(w, phr_prohibit_ms, p->phr_ProhibitTimer, "phr-ProhibitTimer");
    }
}

/* ---- downlink ---- */

static void parse_coreset(rrc_wire_t *w, const rrc_ControlResourceSet_t *from, const radio_cell_t *cell,
                          radio_coreset_t *c)
{
    uint64_t blocks = part_bits(from->frequencyDomainResources);
    uint32_t first = 0, n = 0;
    while (first < 45 && !(blocks >> (44 - first) & 1))
        first++;
    while (first + n < 45 && blocks >> (44 - first - n) & 1)
        n++;
    if (!n || (first + n < 45 && blocks & ((UINT64_C(1) << (45 - first - n)) - 1)) ||
        (first + n) * 6 > cell->n_prb) {
        wire_fail(w, -ENOTSUP, "frequencyDomainResources: not one run of PRBs in the carrier");
        return;
    }
    *c = (radio_coreset_t){.id = (uint8_t)from->controlResourceSetId,
                           .prb_start = (uint16_t)(first * 6),
                           .n_prb = (uint16_t)(n * 6),
                           .n_symbols = (uint8_t)from->duration};
    if (from->cce_REG_MappingType.choice == rrc_ControlResourceSet_cce_REG_MappingType_choice_interleaved) {
        static const uint8_t sizes[] = {2, 3, 6};
        const rrc_ControlResourceSet_cce_REG_MappingType_interleaved_t *i =
            from->cce_REG_MappingType.u.interleaved;
        c->interleaved = true;
        c->reg_bundle = sizes[i->reg_BundleSize];
        c->interleaver_rows = sizes[i->interleaverSize];
        c->shift_index = i->has.shiftIndex ? (uint16_t)i->shiftIndex : cell->pci;
    } else {
        c->reg_bundle = 6;
    }
}

static void parse_pdcch(rrc_wire_t *w, const rrc_PDCCH_Config_t *from, const radio_cell_t *cell,
                        radio_ue_t *u)
{
    if (from->searchSpacesToAddModList) {
        if (from->searchSpacesToAddModList->n != 1)
            wire_fail(w, -ENOTSUP, "searchSpacesToAddModList: more than one");
        part_parse_search_space(w, from->searchSpacesToAddModList->p, &u->uss);
        if (!u->uss.ue_specific)
            wire_fail(w, -ENOTSUP, "searchSpacesToAddModList: a common one");
    }
    if (from->controlResourceSetToAddModList) {
        if (from->controlResourceSetToAddModList->n != 1)
            wire_fail(w, -ENOTSUP, "controlResourceSetToAddModList: more than one");
        parse_coreset(w, from->controlResourceSetToAddModList->p, cell, &u->coreset);
    } else {
        u->coreset = cell->coreset0;
    }
    if (u->uss.coreset_id != u->coreset.id)
        wire_fail(w, -ENOTSUP, "SearchSpace: names a CORESET that is not there");
}

static uint8_t dmrs_position(bool present, int32_t index)
{
    static const uint8_t positions[] = {0, 1, 3};
    return present && index >= 0 && index < 3 ? positions[index] : 2;
}

static void parse_pdsch(rrc_wire_t *w, const rrc_PDSCH_Config_t *from, radio_ue_t *u)
{
    u->data_scrambling_id =
        from->has.dataScramblingIdentityPDSCH ? (uint16_t)from->dataScramblingIdentityPDSCH : 1024;
    u->dmrs_add_pos = 2;
    if (IS_SETUP(from->dmrs_DownlinkForPDSCH_MappingTypeA)) {
        const rrc_DMRS_DownlinkConfig_t *d = from->dmrs_DownlinkForPDSCH_MappingTypeA->u.setup;
        u->dmrs_add_pos = dmrs_position(d->has.dmrs_AdditionalPosition, d->dmrs_AdditionalPosition);
        if (d->has.dmrs_Type || d->has.maxLength)
            wire_fail(w, -ENOTSUP, "DMRS-DownlinkConfig: type 2 or two symbols");
    }
    if (from->resourceAllocation != rrc_PDSCH_Config_resourceAllocation_resourceAllocationType1)
        wire_fail(w, -ENOTSUP, "PDSCH-Config.resourceAllocation: not type 1");
    if (from->has.vrb_ToPRB_Interleaver || from->pdsch_TimeDomainAllocationList ||
        from->has.pdsch_AggregationFactor)
        wire_fail(w, -ENOTSUP, "PDSCH-Config: interleaving, own time-domain list or aggregation");
    if (from->prb_BundlingType.choice != rrc_PDSCH_Config_prb_BundlingType_choice_staticBundling)
        wire_fail(w, -ENOTSUP, "PDSCH-Config.prb-BundlingType: dynamic");
    u->mcs_table_dl = from->has.mcs_Table ? (uint8_t)(from->mcs_Table + 1) : 0;
}

/* ---- uplink ---- */

static void parse_pucch_resource(rrc_wire_t *w, const rrc_PUCCH_Resource_t *from, const radio_cell_t *cell,
                                 radio_pucch_res_t *r)
{
    *r = (radio_pucch_res_t){
        .id = (uint8_t)from->pucch_ResourceId, .prb_start = (uint16_t)from->startingPRB, .n_prb = 1};
    if (from->has.intraSlotFrequencyHopping)
        wire_fail(w, -ENOTSUP, "PUCCH-Resource: frequency hopping");
    switch (from->format.choice) {
    case rrc_PUCCH_Resource_format_choice_format0:
        r->format = 0;
        r->initial_cyclic_shift = (uint8_t)from->format.u.format0->initialCyclicShift;
        r->n_symbols = (uint8_t)from->format.u.format0->nrofSymbols;
        r->start_symbol = (uint8_t)from->format.u.format0->startingSymbolIndex;
        break;
    case rrc_PUCCH_Resource_format_choice_format1:
        r->format = 1;
        r->initial_cyclic_shift = (uint8_t)from->format.u.format1->initialCyclicShift;
        r->n_symbols = (uint8_t)from->format.u.format1->nrofSymbols;
        r->start_symbol = (uint8_t)from->format.u.format1->startingSymbolIndex;
        r->time_domain_occ = (uint8_t)from->format.u.format1->timeDomainOCC;
        break;
    case rrc_PUCCH_Resource_format_choice_format2:
        r->format = 2;
        r->n_prb = (uint8_t)from->format.u.format2->nrofPRBs;
        r->n_symbols = (uint8_t)from->format.u.format2->nrofSymbols;
        r->start_symbol = (uint8_t)from->format.u.format2->startingSymbolIndex;
        break;
    default:
        wire_fail(w, -ENOTSUP, "PUCCH-Resource: format 3 or 4");
    }
    if (r->prb_start + r->n_prb > cell->n_prb || r->start_symbol + r->n_symbols > 14)
        wire_fail(w, -EBADMSG, "PUCCH-Resource: outside of the BWP or slot");
}

/* Index of a resource in ue.res, or -1. */
static int find_resource(const radio_ue_t *u, int64_t id)
{
    for (int i = 0; i < u->n_res; i++)
        if (u->res[i].id == id)
            return i;
    return -1;
}

/* Puts the resources of the sets first, as radio_ue_t has them. */
static void order_resources(rrc_wire_t *w, const rrc_PUCCH_Config_t *from, radio_ue_t *u)
{
    radio_pucch_res_t sorted[RADIO_MAX_PUCCH_RES];
    bool used[RADIO_MAX_PUCCH_RES] = {false};
    uint8_t n = 0, n_set[2] = {0, 0};

    for (uint32_t id = 0; id < 2; id++)
        for (uint32_t s = 0; s < from->resourceSetToAddModList->n; s++) {
            const rrc_PUCCH_ResourceSet_t *set = &from->resourceSetToAddModList->p[s];
            if (set->pucch_ResourceSetId > 1)
                wire_fail(w, -ENOTSUP, "PUCCH-ResourceSet: more than two");
            if (set->pucch_ResourceSetId != id || n_set[id])
                continue;
            for (uint32_t i = 0; i < set->resourceList.n; i++) {
                int at = find_resource(u, set->resourceList.p[i]);
                if (at < 0 || used[at]) {
                    wire_fail(w, -ENOTSUP, "PUCCH-ResourceSet: a resource that is not there, or twice");
                    return;
                }
                used[at] = true;
                sorted[n++] = u->res[at];
                n_set[id]++;
            }
        }
    for (int i = 0; i < u->n_res; i++)
        if (!used[i])
            sorted[n++] = u->res[i];
    memcpy(u->res, sorted, n * sizeof *sorted);
    u->n_set0 = n_set[0];
    u->n_set1 = n_set[1];
    if (!u->n_set0)
        wire_fail(w, -ENOTSUP, "PUCCH-ResourceSet 0 is missing");
}

static void parse_sr(rrc_wire_t *w, const rrc_SchedulingRequestResourceConfig_t *sr, radio_ue_t *u)
{
    int at = sr->has.resource ? find_resource(u, sr->resource) : -1;
    if (at < 0 || !sr->periodicityAndOffset || sr->periodicityAndOffset->choice < SR_PERIOD_FIRST) {
        wire_fail(w, -ENOTSUP, "SchedulingRequestResourceConfig: no resource, or a period below a slot");
        return;
    }
    u->sr_res = (uint8_t)at;
    u->sr_period_slots = (uint16_t)WIRE_NUMBER(
        w, sr_period, sr->periodicityAndOffset->choice - SR_PERIOD_FIRST, "SR periodicityAndOffset");
    u->sr_offset_slots = u->sr_period_slots > 1 ? (uint16_t)sr->periodicityAndOffset->u.sl2 : 0;
}

static void parse_pucch(rrc_wire_t *w, const rrc_PUCCH_Config_t *from, const radio_cell_t *cell,
                        radio_ue_t *u)
{
    if (!from->resourceToAddModList || !from->resourceSetToAddModList || !from->dl_DataToUL_ACK) {
        wire_fail(w, -ENOTSUP, "PUCCH-Config: a change of one that is there");
        return;
    }
    if (from->resourceToAddModList->n > RADIO_MAX_PUCCH_RES) {
        wire_fail(w, -ENOTSUP, "PUCCH-Config: more resources than our UE has");
        return;
    }
    u->n_res = (uint8_t)from->resourceToAddModList->n;
    for (uint8_t i = 0; i < u->n_res; i++)
        parse_pucch_resource(w, &from->resourceToAddModList->p[i], cell, &u->res[i]);
    order_resources(w, from, u);
    if (w->error)
        return;
    if (IS_SETUP(from->format2) && from->format2->u.setup->has.maxCodeRate)
        u->f2_max_code_rate = (uint8_t)from->format2->u.setup->maxCodeRate;
    if (from->schedulingRequestResourceToAddModList)
        parse_sr(w, from->schedulingRequestResourceToAddModList->p, u);
    u->n_k1 = (uint8_t)from->dl_DataToUL_ACK->n;
    for (uint8_t i = 0; i < u->n_k1; i++)
        u->k1[i] = (uint8_t)from->dl_DataToUL_ACK->p[i];
}

static void parse_pusch(rrc_wire_t *w, const rrc_PUSCH_Config_t *from, radio_ue_t *u)
{
    if (from->resourceAllocation != rrc_PUSCH_Config_resourceAllocation_resourceAllocationType1)
        wire_fail(w, -ENOTSUP, "PUSCH-Config.resourceAllocation: not type 1");
    if (from->has.transformPrecoder && from->transformPrecoder == rrc_PUSCH_Config_transformPrecoder_enabled)
        wire_fail(w, -ENOTSUP, "PUSCH-Config.transformPrecoder");
    if (from->has.frequencyHopping || from->pusch_TimeDomainAllocationList ||
        from->has.pusch_AggregationFactor || from->has.txConfig)
        wire_fail(w, -ENOTSUP, "PUSCH-Config: hopping, own time-domain list, aggregation or codebook");
    if (IS_SETUP(from->dmrs_UplinkForPUSCH_MappingTypeA)) {
        const rrc_DMRS_UplinkConfig_t *d = from->dmrs_UplinkForPUSCH_MappingTypeA->u.setup;
        if (d->has.dmrs_Type || d->has.maxLength ||
            dmrs_position(d->has.dmrs_AdditionalPosition, d->dmrs_AdditionalPosition) != u->dmrs_add_pos)
            wire_fail(w, -ENOTSUP, "DMRS-UplinkConfig: other than the downlink's");
    }
    u->mcs_table_ul = from->has.mcs_Table ? (uint8_t)(from->mcs_Table + 1) : 0;
    if (IS_SETUP(from->uci_OnPUSCH) && from->uci_OnPUSCH->u.setup->betaOffsets) {
        const rrc_UCI_OnPUSCH_betaOffsets_t *b = from->uci_OnPUSCH->u.setup->betaOffsets;
        if (b->choice != rrc_UCI_OnPUSCH_betaOffsets_choice_semiStatic)
            wire_fail(w, -ENOTSUP, "UCI-OnPUSCH.betaOffsets: dynamic");
        else {
            u->beta_harq = (uint8_t)b->u.semiStatic->betaOffsetACK_Index1;
            u->beta_csi = (uint8_t)b->u.semiStatic->betaOffsetCSI_Part1_Index1;
        }
    }
}

/* ---- CSI ---- */

static void parse_csi(rrc_wire_t *w, const rrc_CSI_MeasConfig_t *from, radio_ue_t *u)
{
    if (from->has.reportTriggerSize && from->reportTriggerSize)
        wire_fail(w, -ENOTSUP, "CSI-MeasConfig.reportTriggerSize: aperiodic reports");
    if (!from->csi_ReportConfigToAddModList)
        return;
    const rrc_CSI_ReportConfig_t *r = from->csi_ReportConfigToAddModList->p;
    if (from->csi_ReportConfigToAddModList->n != 1 ||
        r->reportConfigType.choice != rrc_CSI_ReportConfig_reportConfigType_choice_periodic ||
        r->reportQuantity.choice != rrc_CSI_ReportConfig_reportQuantity_choice_cri_RI_PMI_CQI ||
        r->codebookConfig) {
        wire_fail(w, -ENOTSUP, "CSI-ReportConfig: other than one periodic wideband CQI of one port");
        return;
    }
    const rrc_CSI_ReportConfig_reportConfigType_periodic_t *p = r->reportConfigType.u.periodic;
    int at = find_resource(u, p->pucch_CSI_ResourceList.p[0].pucch_Resource);
    if (at < 0 || u->res[at].format != 2) {
        wire_fail(w, -ENOTSUP, "CSI-ReportConfig: PUCCH resource that is not there or not of format 2");
        return;
    }
    u->csi_res = (uint8_t)at;
    u->csi_period_slots = (uint16_t)WIRE_NUMBER(w, report_period, p->reportSlotConfig.choice - WIRE_FIRST,
                                                "CSI-ReportPeriodicityAndOffset");
    u->csi_offset_slots = (uint16_t)p->reportSlotConfig.u.slots4; /* each alternative is one INTEGER */
    u->cqi_table = r->has.cqi_Table ? (uint8_t)r->cqi_Table : 0;
}

/* ---- the special cell ---- */

static void parse_sp_cell(rrc_wire_t *w, const rrc_SpCellConfig_t *from, const radio_cell_t *cell,
                          radio_ue_t *u)
{
    const rrc_ServingCellConfig_t *s = from->spCellConfigDedicated;
    if (from->reconfigurationWithSync)
        wire_fail(w, -ENOTSUP, "reconfigurationWithSync");
    if (!s)
        return;
    if (s->downlinkBWP_ToAddModList || (s->has.firstActiveDownlinkBWP_Id && s->firstActiveDownlinkBWP_Id))
        wire_fail(w, -ENOTSUP, "a downlink BWP other than the initial one");
    if (!s->initialDownlinkBWP || !IS_SETUP(s->initialDownlinkBWP->pdcch_Config) ||
        !IS_SETUP(s->initialDownlinkBWP->pdsch_Config) || !s->uplinkConfig ||
        !s->uplinkConfig->initialUplinkBWP || !IS_SETUP(s->uplinkConfig->initialUplinkBWP->pucch_Config) ||
        !IS_SETUP(s->uplinkConfig->initialUplinkBWP->pusch_Config)) {
        wire_fail(w, -ENOTSUP, "spCellConfigDedicated: not all of PDCCH, PDSCH, PUCCH and PUSCH");
        return;
    }
    parse_pdcch(w, s->initialDownlinkBWP->pdcch_Config->u.setup, cell, u);
    parse_pdsch(w, s->initialDownlinkBWP->pdsch_Config->u.setup, u);
    parse_pucch(w, s->uplinkConfig->initialUplinkBWP->pucch_Config->u.setup, cell, u);
    parse_pusch(w, s->uplinkConfig->initialUplinkBWP->pusch_Config->u.setup, u);
    u->n_harq_dl = 8;
    u->max_layers = 1;
    if (IS_SETUP(s->pdsch_ServingCellConfig)) {
        const rrc_PDSCH_ServingCellConfig_t *p = s->pdsch_ServingCellConfig->u.setup;
        if (p->codeBlockGroupTransmission || p->has.xOverhead)
            wire_fail(w, -ENOTSUP, "PDSCH-ServingCellConfig: code block groups or overhead");
        if (p->has.nrofHARQ_ProcessesForPDSCH)
            u->n_harq_dl =
                (uint8_t)WIRE_NUMBER(w, n_harq, p->nrofHARQ_ProcessesForPDSCH, "nrofHARQ-ProcessesForPDSCH");
        if (p->has.maxMIMO_Layers && p->maxMIMO_Layers != 1)
            wire_fail(w, -ENOTSUP, "maxMIMO-Layers above 1");
    }
    if (!w->error && IS_SETUP(s->csi_MeasConfig))
        parse_csi(w, s->csi_MeasConfig->u.setup, u);
}

int rrc_cell_group_parse(const uint8_t *bytes, size_t n, const radio_cell_t *cell, arena_t *scratch,
                         rrc_cell_group_t *ret, rrc_why_t *ret_why)
{
    rrc_wire_t w = {scratch, ret_why, 0};
    rrc_CellGroupConfig_t m;
    rrc_cell_group_t cg = {0};

    wire_decode(&w, &rrc_CellGroupConfig_type, bytes, n, &m);
    if (w.error)
        return w.error;
    if (m.cellGroupId != 0)
        wire_fail(&w, -ENOTSUP, "a secondary cell group");
    if (m.sCellToAddModList)
        wire_fail(&w, -ENOTSUP, "sCellToAddModList");
    parse_bearers(&w, &m, &cg);
    if (m.mac_CellGroupConfig) {
        cg.present |= RRC_CG_MAC;
        parse_mac(&w, m.mac_CellGroupConfig, &cg.ue);
    }
    if (m.physicalCellGroupConfig) {
        cg.present |= RRC_CG_PHY;
        if (m.physicalCellGroupConfig->pdsch_HARQ_ACK_Codebook !=
            rrc_PhysicalCellGroupConfig_pdsch_HARQ_ACK_Codebook_dynamic)
            wire_fail(&w, -ENOTSUP, "pdsch-HARQ-ACK-Codebook: semi-static");
    }
    if (m.spCellConfig) {
        cg.present |= RRC_CG_SP_CELL;
        parse_sp_cell(&w, m.spCellConfig, cell, &cg.ue);
    }
    if (w.error)
        return w.error;
    *ret = cg;
    return 0;
}
