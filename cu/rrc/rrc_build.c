/* SPDX-License-Identifier: Apache-2.0 */
#include "cu/rrc/rrc_build.h"

#include <errno.h>

#include "lib/asn1/schema/rrc.asn.h"

static int encode(const asn1_type_t *type, const void *v, rrc_out_t *o)
{
    size_t n;
    int r = asn1_encode(type, ASN1_UPER, v, o->bytes, sizeof o->bytes, &n, NULL);
    if (r < 0)
        return r == -ENOBUFS ? -EMSGSIZE : -EINVAL;
    o->n = (uint32_t)n;
    return 0;
}

static int ccch(rrc_DL_CCCH_MessageType_c1_t *c1, rrc_out_t *o)
{
    rrc_DL_CCCH_Message_t m = {.message = {.choice = rrc_DL_CCCH_MessageType_choice_c1, .u.c1 = c1}};
    return encode(&rrc_DL_CCCH_Message_type, &m, o);
}

static int dcch(rrc_DL_DCCH_MessageType_c1_t *c1, rrc_out_t *o)
{
    rrc_DL_DCCH_Message_t m = {.message = {.choice = rrc_DL_DCCH_MessageType_choice_c1, .u.c1 = c1}};
    return encode(&rrc_DL_DCCH_Message_type, &m, o);
}

int rrc_build_setup(uint8_t transaction, asn1_bytes_t cell_group, rrc_out_t *o)
{
    rrc_SRB_ToAddMod_t srb1 = {.srb_Identity = 1};
    rrc_SRB_ToAddModList_t srbs = {1, &srb1};
    rrc_RRCSetup_IEs_t ies = {.radioBearerConfig = {.srb_ToAddModList = &srbs},
                              .masterCellGroup = cell_group};
    rrc_RRCSetup_t m = {.rrc_TransactionIdentifier = transaction,
                        .criticalExtensions = {.choice = rrc_RRCSetup_criticalExtensions_choice_rrcSetup,
                                               .u.rrcSetup = &ies}};
    rrc_DL_CCCH_MessageType_c1_t c1 = {.choice = rrc_DL_CCCH_MessageType_c1_choice_rrcSetup,
                                       .u.rrcSetup = &m};
    return ccch(&c1, o);
}

int rrc_build_reject(uint8_t wait_s, rrc_out_t *o)
{
    rrc_RRCReject_IEs_t ies = {.has.waitTime = wait_s != 0, .waitTime = wait_s};
    rrc_RRCReject_t m = {.criticalExtensions = {.choice = rrc_RRCReject_criticalExtensions_choice_rrcReject,
                                                .u.rrcReject = &ies}};
    rrc_DL_CCCH_MessageType_c1_t c1 = {.choice = rrc_DL_CCCH_MessageType_c1_choice_rrcReject,
                                       .u.rrcReject = &m};
    return ccch(&c1, o);
}

int rrc_build_security_mode_command(uint8_t transaction, nea_t nea, nia_t nia, rrc_out_t *o)
{
    rrc_SecurityModeCommand_IEs_t ies = {.securityConfigSMC.securityAlgorithmConfig = {
                                             .cipheringAlgorithm = (rrc_CipheringAlgorithm_t)nea,
                                             .has.integrityProtAlgorithm = 1,
                                             .integrityProtAlgorithm = (rrc_IntegrityProtAlgorithm_t)nia}};
    rrc_SecurityModeCommand_t m = {
        .rrc_TransactionIdentifier = transaction,
        .criticalExtensions = {.choice =
                                   rrc_SecurityModeCommand_criticalExtensions_choice_securityModeCommand,
                               .u.securityModeCommand = &ies}};
    rrc_DL_DCCH_MessageType_c1_t c1 = {.choice = rrc_DL_DCCH_MessageType_c1_choice_securityModeCommand,
                                       .u.securityModeCommand = &m};
    return dcch(&c1, o);
}

int rrc_build_capability_enquiry(uint8_t transaction, rrc_out_t *o)
{
    rrc_UE_CapabilityRAT_Request_t nr = {.rat_Type = rrc_RAT_Type_nr};
    rrc_UECapabilityEnquiry_IEs_t ies = {.ue_CapabilityRAT_RequestList = {1, &nr}};
    rrc_UECapabilityEnquiry_t m = {
        .rrc_TransactionIdentifier = transaction,
        .criticalExtensions = {.choice =
                                   rrc_UECapabilityEnquiry_criticalExtensions_choice_ueCapabilityEnquiry,
                               .u.ueCapabilityEnquiry = &ies}};
    rrc_DL_DCCH_MessageType_c1_t c1 = {.choice = rrc_DL_DCCH_MessageType_c1_choice_ueCapabilityEnquiry,
                                       .u.ueCapabilityEnquiry = &m};
    return dcch(&c1, o);
}

/* What one DRB-ToAddMod needs beside itself. */
typedef struct {
    rrc_DRB_ToAddMod_cnAssociation_t association;
    rrc_SDAP_Config_t sdap;
    rrc_SDAP_Config_mappedQoS_FlowsToAdd_t flows;
    int64_t qfis[RRC_MAX_QFIS];
    rrc_PDCP_Config_t pdcp;
    rrc_PDCP_Config_drb_t drb;
    rrc_PDCP_Config_drb_headerCompression_t compression;
} drb_parts_t;

static void fill_drb(const rrc_drb_t *v, drb_parts_t *p, rrc_DRB_ToAddMod_t *ret)
{
    ret->drb_Identity = v->drb_id;
    if (v->reestablish) {
        ret->has.reestablishPDCP = 1;
        return;
    }
    for (uint32_t i = 0; i < v->n_qfis; i++)
        p->qfis[i] = v->qfis[i];
    p->flows.n = v->n_qfis;
    p->flows.p = p->qfis;
    p->sdap = (rrc_SDAP_Config_t){.pdu_Session = v->session_id,
                                  .sdap_HeaderDL = rrc_SDAP_Config_sdap_HeaderDL_present,
                                  .sdap_HeaderUL = rrc_SDAP_Config_sdap_HeaderUL_present,
                                  .defaultDRB = true,
                                  .mappedQoS_FlowsToAdd = v->n_qfis ? &p->flows : NULL};
    p->association.choice = rrc_DRB_ToAddMod_cnAssociation_choice_sdap_Config;
    p->association.u.sdap_Config = &p->sdap;
    ret->cnAssociation = &p->association;
    p->compression.choice = rrc_PDCP_Config_drb_headerCompression_choice_notUsed;
    p->drb = (rrc_PDCP_Config_drb_t){.has.discardTimer = 1,
                                     .discardTimer = rrc_PDCP_Config_drb_discardTimer_infinity,
                                     .has.pdcp_SN_SizeUL = 1,
                                     .pdcp_SN_SizeUL = rrc_PDCP_Config_drb_pdcp_SN_SizeUL_len18bits,
                                     .has.pdcp_SN_SizeDL = 1,
                                     .pdcp_SN_SizeDL = rrc_PDCP_Config_drb_pdcp_SN_SizeDL_len18bits,
                                     .headerCompression = p->compression};
    p->drb.has.integrityProtection = v->integrity;
    p->pdcp = (rrc_PDCP_Config_t){
        .drb = &p->drb, .has.t_Reordering = 1, .t_Reordering = rrc_PDCP_Config_t_Reordering_ms500};
    ret->pdcp_Config = &p->pdcp;
}

int rrc_build_reconfiguration(uint8_t transaction, const rrc_reconfiguration_t *v, rrc_out_t *o)
{
    rrc_SRB_ToAddMod_t srbs[2] = {{.srb_Identity = 0}};
    rrc_SRB_ToAddModList_t srb_list = {0, srbs};
    rrc_DRB_ToAddMod_t drbs[RRC_MAX_DRBS] = {{.drb_Identity = 0}};
    drb_parts_t parts[RRC_MAX_DRBS] = {{.sdap.pdu_Session = 0}};
    rrc_DRB_ToAddModList_t drb_list = {v->n_drbs, drbs};
    int64_t release[RRC_MAX_DRBS];
    rrc_DRB_ToReleaseList_t release_list = {v->n_release, release};
    if (v->srb1_reestablish) {
        srbs[srb_list.n].has.reestablishPDCP = 1;
        srbs[srb_list.n++].srb_Identity = 1;
    }
    if (v->srb2 || v->srb2_reestablish) {
        srbs[srb_list.n].has.reestablishPDCP = v->srb2_reestablish;
        srbs[srb_list.n++].srb_Identity = 2;
    }
    for (uint32_t i = 0; i < v->n_drbs; i++)
        fill_drb(&v->drbs[i], &parts[i], &drbs[i]);
    for (uint32_t i = 0; i < v->n_release; i++)
        release[i] = v->release[i];
    rrc_RadioBearerConfig_t bearers = {.srb_ToAddModList = srb_list.n ? &srb_list : NULL,
                                       .drb_ToAddModList = v->n_drbs ? &drb_list : NULL,
                                       .drb_ToReleaseList = v->n_release ? &release_list : NULL};
    rrc_RRCReconfiguration_v1530_IEs_dedicatedNAS_MessageList_t nas = {v->n_nas, (asn1_bytes_t *)v->nas};
    rrc_RRCReconfiguration_v1530_IEs_t v1530 = {.has.masterCellGroup = v->cell_group.n != 0,
                                                .masterCellGroup = v->cell_group,
                                                .dedicatedNAS_MessageList = v->n_nas ? &nas : NULL};
    rrc_RRCReconfiguration_IEs_t ies = {.radioBearerConfig =
                                            srb_list.n || v->n_drbs || v->n_release ? &bearers : NULL,
                                        .nonCriticalExtension = v->cell_group.n || v->n_nas ? &v1530 : NULL};
    rrc_RRCReconfiguration_t m = {
        .rrc_TransactionIdentifier = transaction,
        .criticalExtensions = {.choice = rrc_RRCReconfiguration_criticalExtensions_choice_rrcReconfiguration,
                               .u.rrcReconfiguration = &ies}};
    rrc_DL_DCCH_MessageType_c1_t c1 = {.choice = rrc_DL_DCCH_MessageType_c1_choice_rrcReconfiguration,
                                       .u.rrcReconfiguration = &m};
    return dcch(&c1, o);
}

int rrc_build_reestablishment(uint8_t transaction, uint8_t ncc, rrc_out_t *o)
{
    rrc_RRCReestablishment_IEs_t ies = {.nextHopChainingCount = ncc};
    rrc_RRCReestablishment_t m = {
        .rrc_TransactionIdentifier = transaction,
        .criticalExtensions = {.choice = rrc_RRCReestablishment_criticalExtensions_choice_rrcReestablishment,
                               .u.rrcReestablishment = &ies}};
    rrc_DL_DCCH_MessageType_c1_t c1 = {.choice = rrc_DL_DCCH_MessageType_c1_choice_rrcReestablishment,
                                       .u.rrcReestablishment = &m};
    return dcch(&c1, o);
}

int rrc_build_release(uint8_t transaction, rrc_out_t *o)
{
    rrc_RRCRelease_IEs_t ies = {.redirectedCarrierInfo = NULL};
    rrc_RRCRelease_t m = {
        .rrc_TransactionIdentifier = transaction,
        .criticalExtensions = {.choice = rrc_RRCRelease_criticalExtensions_choice_rrcRelease,
                               .u.rrcRelease = &ies}};
    rrc_DL_DCCH_MessageType_c1_t c1 = {.choice = rrc_DL_DCCH_MessageType_c1_choice_rrcRelease,
                                       .u.rrcRelease = &m};
    return dcch(&c1, o);
}

int rrc_build_dl_information(uint8_t transaction, asn1_bytes_t nas, rrc_out_t *o)
{
    rrc_DLInformationTransfer_IEs_t ies = {.has.dedicatedNAS_Message = 1, .dedicatedNAS_Message = nas};
    rrc_DLInformationTransfer_t m = {
        .rrc_TransactionIdentifier = transaction,
        .criticalExtensions = {.choice =
                                   rrc_DLInformationTransfer_criticalExtensions_choice_dlInformationTransfer,
                               .u.dlInformationTransfer = &ies}};
    rrc_DL_DCCH_MessageType_c1_t c1 = {.choice = rrc_DL_DCCH_MessageType_c1_choice_dlInformationTransfer,
                                       .u.dlInformationTransfer = &m};
    return dcch(&c1, o);
}

void rrc_build_short_mac_input(uint16_t pci, uint64_t target_cell, uint16_t crnti, uint8_t ret[8])
{
    /* PhysCellId (0..1007) 10 bits, CellIdentity 36 bits, RNTI-Value 16 bits, padded to whole octets. */
    uint64_t bits = (uint64_t)(pci & 0x3ff) << 54 | (target_cell & 0xfffffffff) << 18 | (uint64_t)crnti << 2;
    for (int i = 0; i < 8; i++)
        ret[i] = (uint8_t)(bits >> (56 - 8 * i));
}

/* Five bits (criticalExtensions c1 and its first alternative, no nonCriticalExtension) stand before the octet
 * string, so that all of it is shifted by as many. */
enum { CAPABILITY_PREFIX_BITS = 5 };

int rrc_build_radio_capability(asn1_bytes_t list, rrc_out_t *o)
{
    uint8_t head[2] = {(uint8_t)list.n, 0};
    uint32_t n_head = list.n < 128 ? 1 : 2;
    if (list.n >= 16384 || list.n + 3 > sizeof o->bytes)
        return -EMSGSIZE;
    if (n_head == 2) {
        head[0] = (uint8_t)(0x80 | list.n >> 8);
        head[1] = (uint8_t)list.n;
    }
    uint8_t carry = 0;
    o->n = 0;
    for (uint32_t i = 0; i < n_head + list.n; i++) {
        uint8_t octet = i < n_head ? head[i] : list.p[i - n_head];
        o->bytes[o->n++] = (uint8_t)(carry | octet >> CAPABILITY_PREFIX_BITS);
        carry = (uint8_t)(octet << (8 - CAPABILITY_PREFIX_BITS));
    }
    o->bytes[o->n++] = carry;
    return 0;
}

int rrc_parse_radio_capability(const uint8_t *p, uint32_t n, uint8_t *ret_mem, asn1_bytes_t *ret_list)
{
    if (n < 2 || p[0] >> (8 - CAPABILITY_PREFIX_BITS))
        return -EBADMSG;
    for (uint32_t i = 0; i + 1 < n; i++)
        ret_mem[i] = (uint8_t)(p[i] << CAPABILITY_PREFIX_BITS | p[i + 1] >> (8 - CAPABILITY_PREFIX_BITS));
    uint32_t have = n - 1, head = 1, len = ret_mem[0];
    if (len & 0x80) {
        if ((len & 0x40) || have < 2)
            return -EBADMSG;
        len = (len & 0x3f) << 8 | ret_mem[1];
        head = 2;
    }
    if (len > have - head)
        return -EBADMSG;
    *ret_list = (asn1_bytes_t){ret_mem + head, len};
    return 0;
}
