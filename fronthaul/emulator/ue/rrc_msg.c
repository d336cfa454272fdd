/* SPDX-License-Identifier: Apache-2.0 */
/* See rrc_msg.h. */
#include "fronthaul/emulator/ue/rrc_msg.h"

#include "lib/asn1/asn1.h"
#include "lib/asn1/schema/rrc.asn.h"

static size_t finish(rrc_buf_t b, const asn1_type_t *type, const void *m)
{
    size_t n;
    return asn1_encode(type, ASN1_UPER, m, b.p, b.cap, &n, NULL) ? 0 : n;
}

/* `value` as n_bits from the top of p. */
static asn1_bits_t bits(uint8_t *p, uint64_t value, uint32_t n_bits)
{
    uint64_t top = value << (64 - n_bits);
    for (uint32_t i = 0; i < (n_bits + 7) / 8; i++)
        p[i] = (uint8_t)(top >> (56 - 8 * i));
    return (asn1_bits_t){p, n_bits};
}

/* ---- CCCH ---- */

size_t rrc_msg_setup_request(rrc_buf_t b, bool s_tmsi, uint64_t identity, int cause)
{
    uint8_t id[8], spare[8];
    rrc_RRCSetupRequest_t r = {0};
    rrc_UL_CCCH_MessageType_c1_t c1 = {.choice = rrc_UL_CCCH_MessageType_c1_choice_rrcSetupRequest,
                                       .u.rrcSetupRequest = &r};
    rrc_UL_CCCH_Message_t m = {.message = {.choice = rrc_UL_CCCH_MessageType_choice_c1, .u.c1 = &c1}};
    rrc_RRCSetupRequest_IEs_t *ies = &r.rrcSetupRequest;
    if (s_tmsi) {
        ies->ue_Identity.choice = rrc_InitialUE_Identity_choice_ng_5G_S_TMSI_Part1;
        ies->ue_Identity.u.ng_5G_S_TMSI_Part1 = bits(id, identity, 39);
    } else {
        ies->ue_Identity.choice = rrc_InitialUE_Identity_choice_randomValue;
        ies->ue_Identity.u.randomValue = bits(id, identity, 39);
    }
    ies->establishmentCause = (rrc_EstablishmentCause_t)cause;
    ies->spare = bits(spare, 0, 1);
    return finish(b, &rrc_UL_CCCH_Message_type, &m);
}

size_t rrc_msg_reestablishment_request(rrc_buf_t b, uint16_t c_rnti, uint16_t pci,
                                       const uint8_t short_mac_i[2], int cause)
{
    uint8_t spare[8];
    rrc_RRCReestablishmentRequest_t r = {0};
    rrc_UL_CCCH_MessageType_c1_t c1 = {.choice = rrc_UL_CCCH_MessageType_c1_choice_rrcReestablishmentRequest,
                                       .u.rrcReestablishmentRequest = &r};
    rrc_UL_CCCH_Message_t m = {.message = {.choice = rrc_UL_CCCH_MessageType_choice_c1, .u.c1 = &c1}};
    rrc_RRCReestablishmentRequest_IEs_t *ies = &r.rrcReestablishmentRequest;
    ies->ue_Identity.c_RNTI = c_rnti;
    ies->ue_Identity.physCellId = pci;
    ies->ue_Identity.shortMAC_I = (asn1_bits_t){short_mac_i, 16};
    ies->reestablishmentCause = (rrc_ReestablishmentCause_t)cause;
    ies->spare = bits(spare, 0, 1);
    return finish(b, &rrc_UL_CCCH_Message_type, &m);
}

/* ---- DCCH ---- */

/* Declares the message `m`, its c1 and the component `x` of type rrc_<Type>_t in alternative `alt`. */
#define DCCH(Type, alt)                                                                                      \
    rrc_##Type##_t x = {0};                                                                                  \
    rrc_UL_DCCH_MessageType_c1_t c1 = {.choice = rrc_UL_DCCH_MessageType_c1_choice_##alt, .u.alt = &x};      \
    rrc_UL_DCCH_Message_t m = {.message = {.choice = rrc_UL_DCCH_MessageType_choice_c1, .u.c1 = &c1}}
/* The component's IEs, of criticalExtensions' first alternative. */
#define IES(Type, alt)                                                                                       \
    rrc_##Type##_IEs_t ies = {0};                                                                            \
    x.criticalExtensions.choice = rrc_##Type##_criticalExtensions_choice_##alt;                              \
    x.criticalExtensions.u.alt = &ies

size_t rrc_msg_setup_complete(rrc_buf_t b, uint8_t tid, const uint8_t *nas, size_t nas_n, uint64_t s_tmsi)
{
    uint8_t id[8];
    rrc_RRCSetupComplete_IEs_ng_5G_S_TMSI_Value_t v = {
        .choice = rrc_RRCSetupComplete_IEs_ng_5G_S_TMSI_Value_choice_ng_5G_S_TMSI};
    DCCH(RRCSetupComplete, rrcSetupComplete);
    IES(RRCSetupComplete, rrcSetupComplete);
    x.rrc_TransactionIdentifier = tid;
    ies.selectedPLMN_Identity = 1;
    ies.dedicatedNAS_Message = (asn1_bytes_t){nas, (uint32_t)nas_n};
    if (s_tmsi != UINT64_MAX) {
        v.u.ng_5G_S_TMSI = bits(id, s_tmsi, 48);
        ies.ng_5G_S_TMSI_Value = &v;
    }
    return finish(b, &rrc_UL_DCCH_Message_type, &m);
}

size_t rrc_msg_security_mode_complete(rrc_buf_t b, uint8_t tid)
{
    DCCH(SecurityModeComplete, securityModeComplete);
    IES(SecurityModeComplete, securityModeComplete);
    x.rrc_TransactionIdentifier = tid;
    return finish(b, &rrc_UL_DCCH_Message_type, &m);
}

size_t rrc_msg_security_mode_failure(rrc_buf_t b, uint8_t tid)
{
    DCCH(SecurityModeFailure, securityModeFailure);
    IES(SecurityModeFailure, securityModeFailure);
    x.rrc_TransactionIdentifier = tid;
    return finish(b, &rrc_UL_DCCH_Message_type, &m);
}

size_t rrc_msg_reconfiguration_complete(rrc_buf_t b, uint8_t tid)
{
    DCCH(RRCReconfigurationComplete, rrcReconfigurationComplete);
    IES(RRCReconfigurationComplete, rrcReconfigurationComplete);
    x.rrc_TransactionIdentifier = tid;
    return finish(b, &rrc_UL_DCCH_Message_type, &m);
}

size_t rrc_msg_reestablishment_complete(rrc_buf_t b, uint8_t tid)
{
    DCCH(RRCReestablishmentComplete, rrcReestablishmentComplete);
    IES(RRCReestablishmentComplete, rrcReestablishmentComplete);
    x.rrc_TransactionIdentifier = tid;
    return finish(b, &rrc_UL_DCCH_Message_type, &m);
}

size_t rrc_msg_ul_information(rrc_buf_t b, const uint8_t *nas, size_t nas_n)
{
    rrc_ULInformationTransfer_t x = {0};
    rrc_UL_DCCH_MessageType_c1_t c1 = {.choice = rrc_UL_DCCH_MessageType_c1_choice_ulInformationTransfer,
                                       .u.ulInformationTransfer = &x};
    rrc_UL_DCCH_Message_t m = {.message = {.choice = rrc_UL_DCCH_MessageType_choice_c1, .u.c1 = &c1}};
    IES(ULInformationTransfer, ulInformationTransfer);
    ies.has.dedicatedNAS_Message = 1;
    ies.dedicatedNAS_Message = (asn1_bytes_t){nas, (uint32_t)nas_n};
    return finish(b, &rrc_UL_DCCH_Message_type, &m);
}

/* UE-NR-Capability (TS 38.331 6.3.3), which the schema keeps opaque, packed by hand: release 17, no header
 * compression, out-of-order delivery and short SN in PDCP, band n78 with 256QAM in the uplink and power
 * class 3. */
static size_t nr_capability(uint8_t out[16])
{
    static const struct {
        uint8_t n_bits;
        uint16_t value;
    } fields[] = {
        {11, 0},      /* none of the eleven optional components */
        {4, 2},       /* accessStratumRelease: not extended, rel17 */
        {1, 0},       /* PDCP-Parameters: not extended */
        {6, 0x0c},    /* outOfOrderDelivery, shortSN */
        {10, 0},      /* supportedROHC-Profiles */
        {4, 0},       /* maxNumberROHC-ContextSessions cs2 */
        {5, 0},       /* Phy-Parameters: none */
        {3, 0},       /* RF-Parameters: not extended, no combinations, no filter */
        {10, 0},      /* one band */
        {1, 0},       /* BandNR: not extended */
        {14, 0x0018}, /* pusch-256QAM and ue-PowerClass of its fourteen optional components */
        {10, 78 - 1}, /* bandNR */
        {2, 2},       /* ue-PowerClass pc3 */
    };
    size_t at = 0;
    for (size_t i = 0; i < 16; i++)
        out[i] = 0;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        for (uint8_t k = fields[i].n_bits; k-- > 0; at++)
            if (fields[i].value >> k & 1)
                out[at / 8] |= (uint8_t)(0x80 >> at % 8);
    return (at + 7) / 8;
}

size_t rrc_msg_capability(rrc_buf_t b, uint8_t tid, bool nr)
{
    uint8_t caps[16];
    rrc_UE_CapabilityRAT_Container_t one = {
        .rat_Type = rrc_RAT_Type_nr, .ue_CapabilityRAT_Container = {caps, (uint32_t)nr_capability(caps)}};
    rrc_UE_CapabilityRAT_ContainerList_t list = {nr ? 1 : 0, &one};
    DCCH(UECapabilityInformation, ueCapabilityInformation);
    IES(UECapabilityInformation, ueCapabilityInformation);
    x.rrc_TransactionIdentifier = tid;
    ies.ue_CapabilityRAT_ContainerList = &list;
    return finish(b, &rrc_UL_DCCH_Message_type, &m);
}
