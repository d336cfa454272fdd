/* SPDX-License-Identifier: Apache-2.0 */
/* MIB and SIB1: see sysinfo.h. The builder and the parser stand in the same order as the schema. */
#include "lib/rrc/sysinfo.h"

#include <string.h>

#include "lib/asn1/asn1.h"
#include "lib/asn1/schema/rrc.asn.h"
#include "lib/mac/access.h"
#include "lib/mac/alloc.h"
#include "lib/rrc/parts.h"

/* ---- MIB ---- */

int rrc_mib_build(const radio_cell_t *cell, uint16_t sfn, uint32_t *ret)
{
    const uint8_t sfn_bits = (uint8_t)(sfn >> 4 << 2);
    const uint8_t spare = 0;
    rrc_BCCH_BCH_Message_t m = {0};
    rrc_MIB_t mib = {0};
    uint8_t buf[4];
    size_t n;

    if (cell->mu > 1 || cell->k_ssb > 15 || cell->coreset0_index > 15 || cell->search_space0_index > 15 ||
        (cell->dmrs_type_a_pos != 2 && cell->dmrs_type_a_pos != 3))
        return -ERANGE;
    m.message.choice = rrc_BCCH_BCH_MessageType_choice_mib;
    m.message.u.mib = &mib;
    mib.systemFrameNumber = (asn1_bits_t){&sfn_bits, 6};
    mib.subCarrierSpacingCommon = cell->mu; /* FR1: scs15or60 is 15, scs30or120 is 30 kHz */
    mib.ssb_SubcarrierOffset = cell->k_ssb;
    mib.dmrs_TypeA_Position = cell->dmrs_type_a_pos - 2;
    mib.pdcch_ConfigSIB1.controlResourceSetZero = cell->coreset0_index;
    mib.pdcch_ConfigSIB1.searchSpaceZero = cell->search_space0_index;
    mib.cellBarred = rrc_MIB_cellBarred_notBarred;
    mib.intraFreqReselection = rrc_MIB_intraFreqReselection_allowed;
    mib.spare = (asn1_bits_t){&spare, 1};
    if (asn1_encode(&rrc_BCCH_BCH_Message_type, ASN1_UPER, &m, buf, sizeof buf, &n, NULL) || n != 3)
        return -ERANGE;
    *ret = (uint32_t)buf[0] << 16 | (uint32_t)buf[1] << 8 | buf[2];
    return 0;
}

int rrc_mib_parse(uint32_t bits, rrc_mib_t *ret)
{
    const uint8_t buf[3] = {(uint8_t)(bits >> 16), (uint8_t)(bits >> 8), (uint8_t)bits};
    uint8_t mem[512];
    arena_t arena;
    rrc_BCCH_BCH_Message_t m;

    arena_init(&arena, mem, sizeof mem);
    if (asn1_decode(&rrc_BCCH_BCH_Message_type, ASN1_UPER, buf, sizeof buf, &arena, &m, NULL) ||
        m.message.choice != rrc_BCCH_BCH_MessageType_choice_mib)
        return -EBADMSG;
    const rrc_MIB_t *mib = m.message.u.mib;
    *ret = (rrc_mib_t){
        .sfn = (uint16_t)(mib->systemFrameNumber.p[0] >> 2 << 4),
        .mu = (uint8_t)mib->subCarrierSpacingCommon,
        .k_ssb = (uint8_t)mib->ssb_SubcarrierOffset,
        .dmrs_type_a_pos = (uint8_t)(mib->dmrs_TypeA_Position + 2),
        .coreset0_index = (uint8_t)mib->pdcch_ConfigSIB1.controlResourceSetZero,
        .search_space0_index = (uint8_t)mib->pdcch_ConfigSIB1.searchSpaceZero,
        .barred = mib->cellBarred == rrc_MIB_cellBarred_barred,
        .intra_freq_reselection = mib->intraFreqReselection == rrc_MIB_intraFreqReselection_allowed,
    };
    return 0;
}

/* ---- numbers behind SIB1's enumerations, TS 38.331 6.3.2 ---- */

static const uint32_t ssb_period[] = {5, 10, 20, 40, 80, 160};
static const uint32_t preamble_max[] = {3, 4, 5, 6, 7, 8, 10, 20, 50, 100, 200};
static const uint32_t ramp_db[] = {0, 2, 4, 6};
static const uint32_t ra_window[] = {1, 2, 4, 8, 10, 20, 40, 80};
static const uint32_t contention_ms[] = {8, 16, 24, 32, 40, 48, 56, 64};
static const uint32_t paging_cycle[] = {32, 64, 128, 256};
static const uint32_t paging_ns[] = {4, 2, 1};
static const uint32_t paging_n[] = {1, 2, 4, 8, 16};
static const uint32_t tdd_period_us[] = {500, 625, 1000, 1250, 2000, 2500, 5000, 10000};

/* ---- SIB1 out ---- */

static void build_plmn(rrc_wire_t *w, const radio_cell_t *c, rrc_CellAccessRelatedInfo_t *to)
{
    uint8_t *tac = wire_new(w, 3, 1), *id = wire_new(w, 5, 1);
    WIRE_LIST(w, to->plmn_IdentityInfoList, 1);
    rrc_PLMN_IdentityInfo_t *info = to->plmn_IdentityInfoList.p;
    WIRE_LIST(w, info->plmn_IdentityList, 1);
    rrc_PLMN_Identity_t *plmn = info->plmn_IdentityList.p;
    const uint8_t *b = c->plmn; /* TS 24.008 10.5.1.13: MCC2 MCC1, MNC3 MCC3, MNC2 MNC1 */
    uint32_t mnc_digits = b[1] >> 4 == 15 ? 2 : 3;

    WIRE_NEW(w, plmn->mcc);
    WIRE_LIST(w, *plmn->mcc, 3);
    plmn->mcc->p[0] = b[0] & 15;
    plmn->mcc->p[1] = b[0] >> 4;
    plmn->mcc->p[2] = b[1] & 15;
    WIRE_LIST(w, plmn->mnc, mnc_digits);
    plmn->mnc.p[0] = b[2] & 15;
    plmn->mnc.p[1] = b[2] >> 4;
    if (mnc_digits == 3)
        plmn->mnc.p[2] = b[1] >> 4;

    for (int i = 0; i < 3; i++)
        tac[i] = (uint8_t)(c->tac >> (16 - 8 * i));
    info->has.trackingAreaCode = 1;
    info->trackingAreaCode = (asn1_bits_t){tac, 24};
    uint64_t cell_id = c->nr_cell_id << 4; /* 36 bits from the top of 5 bytes */
    for (int i = 0; i < 5; i++)
        id[i] = (uint8_t)(cell_id >> (32 - 8 * i));
    info->cellIdentity = (asn1_bits_t){id, 36};
    info->cellReservedForOperatorUse = rrc_PLMN_IdentityInfo_cellReservedForOperatorUse_notReserved;
}

static void build_bands(rrc_wire_t *w, const radio_cell_t *c, rrc_MultiFrequencyBandListNR_SIB_t *to)
{
    WIRE_LIST(w, *to, 1);
    to->p[0].has.freqBandIndicatorNR = 1;
    to->p[0].freqBandIndicatorNR = c->band;
}

static void build_downlink(rrc_wire_t *w, const radio_cell_t *c, rrc_DownlinkConfigCommonSIB_t *to)
{
    build_bands(w, c, &to->frequencyInfoDL.frequencyBandList);
    to->frequencyInfoDL.offsetToPointA = c->offset_to_point_a;
    WIRE_LIST(w, to->frequencyInfoDL.scs_SpecificCarrierList, 1);
    part_carrier(c, to->frequencyInfoDL.scs_SpecificCarrierList.p);

    rrc_BWP_DownlinkCommon_t *bwp = &to->initialDownlinkBWP;
    bwp->genericParameters.locationAndBandwidth = riv_encode(WIRE_BWP_PRBS, 0, c->n_prb);
    bwp->genericParameters.subcarrierSpacing = c->mu;

    WIRE_NEW(w, bwp->pdcch_ConfigCommon);
    bwp->pdcch_ConfigCommon->choice = WIRE_SETUP;
    WIRE_NEW(w, bwp->pdcch_ConfigCommon->u.setup);
    rrc_PDCCH_ConfigCommon_t *pdcch = bwp->pdcch_ConfigCommon->u.setup;
    pdcch->has.controlResourceSetZero = 1;
    pdcch->controlResourceSetZero = c->coreset0_index;
    pdcch->has.searchSpaceZero = 1;
    pdcch->searchSpaceZero = c->search_space0_index;
    WIRE_NEW(w, pdcch->commonSearchSpaceList);
    WIRE_LIST(w, *pdcch->commonSearchSpaceList, 1);
    part_search_space(w, &c->css, pdcch->commonSearchSpaceList->p);
    pdcch->has.searchSpaceSIB1 = 1;
    pdcch->searchSpaceSIB1 = 0;
    pdcch->has.pagingSearchSpace = 1;
    pdcch->pagingSearchSpace = c->css.id;
    pdcch->has.ra_SearchSpace = 1;
    pdcch->ra_SearchSpace = c->css.id;

    WIRE_NEW(w, bwp->pdsch_ConfigCommon);
    bwp->pdsch_ConfigCommon->choice = WIRE_SETUP;
    WIRE_NEW(w, bwp->pdsch_ConfigCommon->u.setup);
    WIRE_NEW(w, bwp->pdsch_ConfigCommon->u.setup->pdsch_TimeDomainAllocationList);
    part_pdsch_tdra(w, c->dl_tdra, c->n_dl_tdra,
                    bwp->pdsch_ConfigCommon->u.setup->pdsch_TimeDomainAllocationList);

    to->bcch_Config.modificationPeriodCoeff = rrc_BCCH_Config_modificationPeriodCoeff_n2;
    to->pcch_Config.defaultPagingCycle =
        WIRE_INDEX(w, paging_cycle, c->paging_cycle_frames, "PCCH-Config.defaultPagingCycle");
    to->pcch_Config.nAndPagingFrameOffset.choice =
        (uint32_t)WIRE_INDEX(w, paging_n, c->paging_n, "PCCH-Config.nAndPagingFrameOffset") + WIRE_FIRST;
    to->pcch_Config.ns = WIRE_INDEX(w, paging_ns, c->paging_ns, "PCCH-Config.ns");
}

static void build_rach(rrc_wire_t *w, const radio_cell_t *c, rrc_RACH_ConfigCommon_t *to)
{
    rrc_RACH_ConfigGeneric_t *g = &to->rach_ConfigGeneric;
    g->prach_ConfigurationIndex = c->prach_config_index;
    g->msg1_FDM = rrc_RACH_ConfigGeneric_msg1_FDM_one;
    g->msg1_FrequencyStart = c->prach_freq_start;
    g->zeroCorrelationZoneConfig = c->prach_zero_corr;
    g->preambleReceivedTargetPower = c->preamble_target_dbm;
    g->preambleTransMax = WIRE_INDEX(w, preamble_max, c->preamble_trans_max, "preambleTransMax");
    g->powerRampingStep = WIRE_INDEX(w, ramp_db, c->power_ramp_db, "powerRampingStep");
    g->ra_ResponseWindow = WIRE_INDEX(w, ra_window, c->ra_window_slots, "ra-ResponseWindow");
    WIRE_NEW(w, to->ssb_perRACH_OccasionAndCB_PreamblesPerSSB);
    to->ssb_perRACH_OccasionAndCB_PreamblesPerSSB->choice =
        rrc_RACH_ConfigCommon_ssb_perRACH_OccasionAndCB_PreamblesPerSSB_choice_one;
    to->ssb_perRACH_OccasionAndCB_PreamblesPerSSB->u.one =
        rrc_RACH_ConfigCommon_ssb_perRACH_OccasionAndCB_PreamblesPerSSB_one_n64;
    to->ra_ContentionResolutionTimer =
        WIRE_INDEX(w, contention_ms, c->contention_ms, "ra-ContentionResolutionTimer");
    to->prach_RootSequenceIndex.choice = rrc_RACH_ConfigCommon_prach_RootSequenceIndex_choice_l139;
    to->prach_RootSequenceIndex.u.l139 = c->prach_root;
    to->has.msg1_SubcarrierSpacing = 1;
    to->msg1_SubcarrierSpacing = c->mu;
    to->restrictedSetConfig = rrc_RACH_ConfigCommon_restrictedSetConfig_unrestrictedSet;
}

static void build_uplink(rrc_wire_t *w, const radio_cell_t *c, rrc_UplinkConfigCommonSIB_t *to)
{
    WIRE_LIST(w, to->frequencyInfoUL.scs_SpecificCarrierList, 1);
    part_carrier(c, to->frequencyInfoUL.scs_SpecificCarrierList.p);

    rrc_BWP_UplinkCommon_t *bwp = &to->initialUplinkBWP;
    bwp->genericParameters.locationAndBandwidth = riv_encode(WIRE_BWP_PRBS, 0, c->n_prb);
    bwp->genericParameters.subcarrierSpacing = c->mu;
    WIRE_NEW(w, bwp->rach_ConfigCommon);
    bwp->rach_ConfigCommon->choice = WIRE_SETUP;
    WIRE_NEW(w, bwp->rach_ConfigCommon->u.setup);
    build_rach(w, c, bwp->rach_ConfigCommon->u.setup);

    WIRE_NEW(w, bwp->pusch_ConfigCommon);
    bwp->pusch_ConfigCommon->choice = WIRE_SETUP;
    WIRE_NEW(w, bwp->pusch_ConfigCommon->u.setup);
    rrc_PUSCH_ConfigCommon_t *pusch = bwp->pusch_ConfigCommon->u.setup;
    WIRE_NEW(w, pusch->pusch_TimeDomainAllocationList);
    part_pusch_tdra(w, c->ul_tdra, c->n_ul_tdra, pusch->pusch_TimeDomainAllocationList);
    pusch->has.msg3_DeltaPreamble = 1;
    pusch->msg3_DeltaPreamble = c->msg3_delta_preamble;
    pusch->has.p0_NominalWithGrant = 1;
    pusch->p0_NominalWithGrant = c->p0_nominal_dbm;

    WIRE_NEW(w, bwp->pucch_ConfigCommon);
    bwp->pucch_ConfigCommon->choice = WIRE_SETUP;
    WIRE_NEW(w, bwp->pucch_ConfigCommon->u.setup);
    rrc_PUCCH_ConfigCommon_t *pucch = bwp->pucch_ConfigCommon->u.setup;
    pucch->has.pucch_ResourceCommon = 1;
    pucch->pucch_ResourceCommon = c->pucch_common_index;
    pucch->pucch_GroupHopping = rrc_PUCCH_ConfigCommon_pucch_GroupHopping_neither;
    pucch->has.hoppingId = 1;
    pucch->hoppingId = c->pucch_hopping_id;
    pucch->has.p0_nominal = 1;
    pucch->p0_nominal = c->p0_nominal_dbm;

    to->timeAlignmentTimerCommon = c->ta_timer_common;
}

static void build_tdd(rrc_wire_t *w, const radio_cell_t *c, rrc_TDD_UL_DL_ConfigCommon_t *to)
{
    to->referenceSubcarrierSpacing = c->mu;
    to->pattern1.dl_UL_TransmissionPeriodicity =
        WIRE_INDEX(w, tdd_period_us, c->tdd_period_slots * 1000u >> c->mu, "dl-UL-TransmissionPeriodicity");
    to->pattern1.nrofDownlinkSlots = c->tdd_dl_slots;
    to->pattern1.nrofDownlinkSymbols = c->tdd_dl_symbols;
    to->pattern1.nrofUplinkSlots = c->tdd_ul_slots;
    to->pattern1.nrofUplinkSymbols = c->tdd_ul_symbols;
}

static void build_serving_cell(rrc_wire_t *w, const radio_cell_t *c, rrc_ServingCellConfigCommonSIB_t *to)
{
    uint8_t *mask = wire_new(w, 1, 1);
    build_downlink(w, c, &to->downlinkConfigCommon);
    WIRE_NEW(w, to->uplinkConfigCommon);
    build_uplink(w, c, to->uplinkConfigCommon);
    to->has.n_TimingAdvanceOffset = 1;
    to->n_TimingAdvanceOffset = rrc_ServingCellConfigCommonSIB_n_TimingAdvanceOffset_n25600;
    *mask = c->ssb_mask_byte;
    to->ssb_PositionsInBurst.inOneGroup = (asn1_bits_t){mask, 8};
    to->ssb_PeriodicityServingCell =
        WIRE_INDEX(w, ssb_period, c->ssb_period_ms, "ssb-PeriodicityServingCell");
    if (c->tdd_period_slots) {
        WIRE_NEW(w, to->tdd_UL_DL_ConfigurationCommon);
        build_tdd(w, c, to->tdd_UL_DL_ConfigurationCommon);
    }
    to->ss_PBCH_BlockPower = c->ss_pbch_power_dbm;
}

int rrc_sib1_build(const radio_cell_t *c, arena_t *scratch, uint8_t *buf, size_t cap, size_t *ret_n,
                   rrc_why_t *ret_why)
{
    rrc_wire_t w = {scratch, ret_why, 0};
    rrc_BCCH_DL_SCH_Message_t m = {0};

    wire_begin(&w);
    if (w.error)
        return w.error;
    rrc_BCCH_DL_SCH_MessageType_c1_t *c1 = WIRE_NEW(&w, m.message.u.c1);
    rrc_SIB1_t *s = WIRE_NEW(&w, c1->u.systemInformationBlockType1);

    m.message.choice = rrc_BCCH_DL_SCH_MessageType_choice_c1;
    c1->choice = rrc_BCCH_DL_SCH_MessageType_c1_choice_systemInformationBlockType1;
    WIRE_NEW(&w, s->cellSelectionInfo);
    s->cellSelectionInfo->q_RxLevMin = c->q_rx_lev_min;
    build_plmn(&w, c, &s->cellAccessRelatedInfo);
    WIRE_NEW(&w, s->servingCellConfigCommon);
    build_serving_cell(&w, c, s->servingCellConfigCommon);
    WIRE_NEW(&w, s->ue_TimersAndConstants);
    rrc_UE_TimersAndConstants_t *t = s->ue_TimersAndConstants;
    t->t300 = WIRE_INDEX(&w, wire_t300_ms, c->t300_ms, "t300");
    t->t301 = WIRE_INDEX(&w, wire_t300_ms, c->t301_ms, "t301");
    t->t310 = wire_index(&w, wire_t310_ms, 7, c->t310_ms, "t310");
    t->n310 = WIRE_INDEX(&w, wire_n310, c->n310, "n310");
    t->t311 = WIRE_INDEX(&w, wire_t311_ms, c->t311_ms, "t311");
    t->n311 = WIRE_INDEX(&w, wire_n311, c->n311, "n311");
    t->t319 = 5; /* ms1000: of resume, which this cell does not offer */
    return wire_encode(&w, &rrc_BCCH_DL_SCH_Message_type, &m, buf, cap, ret_n);
}

/* ---- SIB1 in ---- */

static void parse_plmn(rrc_wire_t *w, const rrc_CellAccessRelatedInfo_t *from, radio_cell_t *c)
{
    const rrc_PLMN_IdentityInfo_t *info = from->plmn_IdentityInfoList.p;
    const rrc_PLMN_Identity_t *plmn = info->plmn_IdentityList.p;
    /* the first PLMN of a SIB1 has its MCC (TS 38.331 6.3.2 PLMN-Identity, field mcc) */
    if (!plmn->mcc) {
        wire_fail(w, -EBADMSG, "PLMN-Identity: the first has no MCC");
        return;
    }
    if (!info->has.trackingAreaCode) {
        wire_fail(w, -ENOTSUP, "no trackingAreaCode: the cell only supports PSCell functions");
        return;
    }
    c->plmn[0] = (uint8_t)(plmn->mcc->p[0] | plmn->mcc->p[1] << 4);
    c->plmn[1] = (uint8_t)(plmn->mcc->p[2] | (plmn->mnc.n == 3 ? plmn->mnc.p[2] : 15) << 4);
    c->plmn[2] = (uint8_t)(plmn->mnc.p[0] | plmn->mnc.p[1] << 4);
    c->tac = (uint32_t)part_bits(info->trackingAreaCode);
    c->nr_cell_id = part_bits(info->cellIdentity);
}

static void parse_downlink(rrc_wire_t *w, const rrc_DownlinkConfigCommonSIB_t *from, radio_cell_t *c)
{
    const rrc_BWP_DownlinkCommon_t *bwp = &from->initialDownlinkBWP;
    uint16_t start;

    if (from->frequencyInfoDL.frequencyBandList.p->has.freqBandIndicatorNR)
        c->band = (uint16_t)from->frequencyInfoDL.frequencyBandList.p->freqBandIndicatorNR;
    c->offset_to_point_a = (uint16_t)from->frequencyInfoDL.offsetToPointA;
    c->ssb_prb = (uint16_t)(c->offset_to_point_a >> c->mu);
    if (!riv_decode(WIRE_BWP_PRBS, (uint32_t)bwp->genericParameters.locationAndBandwidth, &start,
                    &c->n_prb) ||
        start != 0 || from->frequencyInfoDL.scs_SpecificCarrierList.p->carrierBandwidth != c->n_prb)
        wire_fail(w, -ENOTSUP, "initialDownlinkBWP: not as wide as the carrier");
    if (bwp->genericParameters.subcarrierSpacing != c->mu || bwp->genericParameters.has.cyclicPrefix)
        wire_fail(w, -ENOTSUP, "initialDownlinkBWP: numerology other than the MIB's");

    if (!bwp->pdcch_ConfigCommon || bwp->pdcch_ConfigCommon->choice != WIRE_SETUP) {
        wire_fail(w, -ENOTSUP, "no pdcch-ConfigCommon");
        return;
    }
    const rrc_PDCCH_ConfigCommon_t *pdcch = bwp->pdcch_ConfigCommon->u.setup;
    if (!pdcch->has.ra_SearchSpace || !pdcch->commonSearchSpaceList) {
        wire_fail(w, -ENOTSUP, "no ra-SearchSpace");
        return;
    }
    const rrc_SearchSpace_t *ra = NULL;
    for (uint32_t i = 0; i < pdcch->commonSearchSpaceList->n; i++)
        if (pdcch->commonSearchSpaceList->p[i].searchSpaceId == pdcch->ra_SearchSpace)
            ra = &pdcch->commonSearchSpaceList->p[i];
    if (!ra)
        wire_fail(w, -ENOTSUP, "ra-SearchSpace is not in commonSearchSpaceList");
    else
        part_parse_search_space(w, ra, &c->css);
    if (c->css.coreset_id != 0 || c->css.ue_specific)
        wire_fail(w, -ENOTSUP, "ra-SearchSpace is not a common one in CORESET 0");

    if (bwp->pdsch_ConfigCommon && bwp->pdsch_ConfigCommon->choice == WIRE_SETUP &&
        bwp->pdsch_ConfigCommon->u.setup->pdsch_TimeDomainAllocationList)
        c->n_dl_tdra = part_parse_pdsch_tdra(
            w, bwp->pdsch_ConfigCommon->u.setup->pdsch_TimeDomainAllocationList, c->dl_tdra);

    c->paging_cycle_frames =
        (uint16_t)WIRE_NUMBER(w, paging_cycle, from->pcch_Config.defaultPagingCycle, "defaultPagingCycle");
    c->paging_n = (uint16_t)WIRE_NUMBER(
        w, paging_n, from->pcch_Config.nAndPagingFrameOffset.choice - WIRE_FIRST, "nAndPagingFrameOffset");
    c->paging_ns = (uint8_t)WIRE_NUMBER(w, paging_ns, from->pcch_Config.ns, "ns");
}

static void parse_rach(rrc_wire_t *w, const rrc_RACH_ConfigCommon_t *from, radio_cell_t *c)
{
    const rrc_RACH_ConfigGeneric_t *g = &from->rach_ConfigGeneric;
    c->prach_config_index = (uint8_t)g->prach_ConfigurationIndex;
    if (g->has.prach_ConfigurationIndex_v1610)
        wire_fail(w, -ENOTSUP, "prach-ConfigurationIndex-v1610");
    if (g->msg1_FDM != rrc_RACH_ConfigGeneric_msg1_FDM_one)
        wire_fail(w, -ENOTSUP, "msg1-FDM above one");
    c->prach_freq_start = (uint16_t)g->msg1_FrequencyStart;
    c->prach_zero_corr = (uint8_t)g->zeroCorrelationZoneConfig;
    c->preamble_target_dbm = (int16_t)g->preambleReceivedTargetPower;
    c->preamble_trans_max = (uint8_t)WIRE_NUMBER(w, preamble_max, g->preambleTransMax, "preambleTransMax");
    c->power_ramp_db = (uint8_t)WIRE_NUMBER(w, ramp_db, g->powerRampingStep, "powerRampingStep");
    c->ra_window_slots = (uint8_t)WIRE_NUMBER(w, ra_window, g->ra_ResponseWindow, "ra-ResponseWindow");
    c->contention_ms =
        (uint8_t)WIRE_NUMBER(w, contention_ms, from->ra_ContentionResolutionTimer, "contention timer");
    if (from->prach_RootSequenceIndex.choice != rrc_RACH_ConfigCommon_prach_RootSequenceIndex_choice_l139)
        wire_fail(w, -ENOTSUP, "prach-RootSequenceIndex of long preambles");
    else
        c->prach_root = (uint16_t)from->prach_RootSequenceIndex.u.l139;
    if (from->restrictedSetConfig != rrc_RACH_ConfigCommon_restrictedSetConfig_unrestrictedSet)
        wire_fail(w, -ENOTSUP, "restrictedSetConfig");
    if (from->has.msg3_transformPrecoder)
        wire_fail(w, -ENOTSUP, "msg3-transformPrecoder");
    if (from->has.totalNumberOfRA_Preambles || !from->ssb_perRACH_OccasionAndCB_PreamblesPerSSB ||
        from->ssb_perRACH_OccasionAndCB_PreamblesPerSSB->choice !=
            rrc_RACH_ConfigCommon_ssb_perRACH_OccasionAndCB_PreamblesPerSSB_choice_one ||
        from->ssb_perRACH_OccasionAndCB_PreamblesPerSSB->u.one !=
            rrc_RACH_ConfigCommon_ssb_perRACH_OccasionAndCB_PreamblesPerSSB_one_n64)
        wire_fail(w, -ENOTSUP, "other than 64 contention-based preambles, one SSB an occasion");
}

static void parse_uplink(rrc_wire_t *w, const rrc_UplinkConfigCommonSIB_t *from, radio_cell_t *c)
{
    const rrc_BWP_UplinkCommon_t *bwp = &from->initialUplinkBWP;
    uint16_t start, n_prb;

    if (!riv_decode(WIRE_BWP_PRBS, (uint32_t)bwp->genericParameters.locationAndBandwidth, &start, &n_prb) ||
        start != 0 || n_prb != c->n_prb || bwp->genericParameters.subcarrierSpacing != c->mu)
        wire_fail(w, -ENOTSUP, "initialUplinkBWP: not as wide as the carrier");
    if (!bwp->rach_ConfigCommon || bwp->rach_ConfigCommon->choice != WIRE_SETUP)
        wire_fail(w, -ENOTSUP, "no rach-ConfigCommon");
    else
        parse_rach(w, bwp->rach_ConfigCommon->u.setup, c);

    if (!bwp->pusch_ConfigCommon || bwp->pusch_ConfigCommon->choice != WIRE_SETUP) {
        wire_fail(w, -ENOTSUP, "no pusch-ConfigCommon");
        return;
    }
    const rrc_PUSCH_ConfigCommon_t *pusch = bwp->pusch_ConfigCommon->u.setup;
    if (pusch->pusch_TimeDomainAllocationList)
        c->n_ul_tdra = part_parse_pusch_tdra(w, pusch->pusch_TimeDomainAllocationList, c->ul_tdra, c->mu);
    c->msg3_delta_preamble = (int8_t)(pusch->has.msg3_DeltaPreamble ? pusch->msg3_DeltaPreamble : 0);
    c->p0_nominal_dbm = (int16_t)(pusch->has.p0_NominalWithGrant ? pusch->p0_NominalWithGrant : 0);

    if (!bwp->pucch_ConfigCommon || bwp->pucch_ConfigCommon->choice != WIRE_SETUP ||
        !bwp->pucch_ConfigCommon->u.setup->has.pucch_ResourceCommon) {
        wire_fail(w, -ENOTSUP, "no pucch-ConfigCommon");
        return;
    }
    const rrc_PUCCH_ConfigCommon_t *pucch = bwp->pucch_ConfigCommon->u.setup;
    c->pucch_common_index = (uint8_t)pucch->pucch_ResourceCommon;
    c->pucch_hopping_id = (uint16_t)(pucch->has.hoppingId ? pucch->hoppingId : c->pci);
    c->ta_timer_common = (uint8_t)from->timeAlignmentTimerCommon;
}

static void parse_tdd(rrc_wire_t *w, const rrc_TDD_UL_DL_ConfigCommon_t *from, radio_cell_t *c)
{
    const rrc_TDD_UL_DL_Pattern_t *p = &from->pattern1;
    uint32_t us = WIRE_NUMBER(w, tdd_period_us, p->dl_UL_TransmissionPeriodicity, "TDD periodicity");
    if (from->pattern2 || from->referenceSubcarrierSpacing != c->mu ||
        p->has.dl_UL_TransmissionPeriodicity_v1530)
        wire_fail(w, -ENOTSUP, "TDD pattern: two of them, or of another numerology");
    if ((us << c->mu) % 1000 || p->nrofDownlinkSlots + p->nrofUplinkSlots > (us << c->mu) / 1000)
        wire_fail(w, -ENOTSUP, "TDD pattern: not of whole slots");
    c->tdd_period_slots = (uint8_t)((us << c->mu) / 1000);
    c->tdd_dl_slots = (uint8_t)p->nrofDownlinkSlots;
    c->tdd_dl_symbols = (uint8_t)p->nrofDownlinkSymbols;
    c->tdd_ul_slots = (uint8_t)p->nrofUplinkSlots;
    c->tdd_ul_symbols = (uint8_t)p->nrofUplinkSymbols;
}

static void parse_serving_cell(rrc_wire_t *w, const rrc_ServingCellConfigCommonSIB_t *from, radio_cell_t *c)
{
    if (!from->uplinkConfigCommon || !from->tdd_UL_DL_ConfigurationCommon) {
        wire_fail(w, -ENOTSUP, "no uplink, or not TDD");
        return;
    }
    c->ssb_mask_byte = from->ssb_PositionsInBurst.inOneGroup.p[0];
    c->ssb_period_ms =
        (uint8_t)WIRE_NUMBER(w, ssb_period, from->ssb_PeriodicityServingCell, "ssb-PeriodicityServingCell");
    c->ss_pbch_power_dbm = (int8_t)from->ss_PBCH_BlockPower;
    parse_downlink(w, &from->downlinkConfigCommon, c);
    parse_uplink(w, from->uplinkConfigCommon, c);
    parse_tdd(w, from->tdd_UL_DL_ConfigurationCommon, c);
}

int rrc_sib1_parse(const uint8_t *bytes, size_t n, uint16_t pci, const rrc_mib_t *mib, arena_t *scratch,
                   radio_cell_t *cell, rrc_why_t *ret_why)
{
    rrc_wire_t w = {scratch, ret_why, 0};
    rrc_BCCH_DL_SCH_Message_t m;
    radio_cell_t c = {
        .pci = pci,
        .mu = mib->mu,
        .k_ssb = mib->k_ssb,
        .dmrs_type_a_pos = mib->dmrs_type_a_pos,
        .coreset0_index = mib->coreset0_index,
        .search_space0_index = mib->search_space0_index,
    };
    const char *why;

    wire_decode(&w, &rrc_BCCH_DL_SCH_Message_type, bytes, n, &m);
    if (w.error)
        return w.error;
    if (m.message.choice != rrc_BCCH_DL_SCH_MessageType_choice_c1 ||
        m.message.u.c1->choice != rrc_BCCH_DL_SCH_MessageType_c1_choice_systemInformationBlockType1) {
        wire_fail(&w, -EBADMSG, "not SIB1");
        return w.error;
    }
    const rrc_SIB1_t *s = m.message.u.c1->u.systemInformationBlockType1;
    if (!s->servingCellConfigCommon || !s->ue_TimersAndConstants) {
        wire_fail(&w, -ENOTSUP, "no servingCellConfigCommon or ue-TimersAndConstants");
        return w.error;
    }
    parse_plmn(&w, &s->cellAccessRelatedInfo, &c);
    parse_serving_cell(&w, s->servingCellConfigCommon, &c);
    c.q_rx_lev_min = (int8_t)(s->cellSelectionInfo ? s->cellSelectionInfo->q_RxLevMin : -70);
    const rrc_UE_TimersAndConstants_t *t = s->ue_TimersAndConstants;
    c.t300_ms = (uint16_t)WIRE_NUMBER(&w, wire_t300_ms, t->t300, "t300");
    c.t301_ms = (uint16_t)WIRE_NUMBER(&w, wire_t300_ms, t->t301, "t301");
    c.t310_ms = (uint16_t)WIRE_NUMBER(&w, wire_t310_ms, t->t310, "t310");
    c.t311_ms = (uint16_t)WIRE_NUMBER(&w, wire_t311_ms, t->t311, "t311");
    c.n310 = (uint8_t)WIRE_NUMBER(&w, wire_n310, t->n310, "n310");
    c.n311 = (uint8_t)WIRE_NUMBER(&w, wire_n311, t->n311, "n311");
    if (!w.error && radio_cell_derive(&c, &why))
        wire_fail(&w, -ENOTSUP, why);
    if (w.error)
        return w.error;
    *cell = c;
    return 0;
}
