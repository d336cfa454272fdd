/* SPDX-License-Identifier: Apache-2.0 */
/* AS security of the UE: keys from K_gNB (TS 33.501 A.8), the security mode command and the reestablishment
 * message, both of which are checked with keys that they themselves decide on (TS 38.331 5.3.4, 5.3.7.5),
 * shortMAC-I. */
#include "fronthaul/emulator/ue/rrc_msg.h"
#include "fronthaul/emulator/ue/ue_int.h"
#include "lib/asn1/asn1.h"
#include "lib/asn1/schema/rrc.asn.h"
#include "lib/crypto/kdf.h"

#define PDCP_SRB_HEADER 2
#define PDCP_MAC_I 4

int ue_rrc_derive(ue_t *u, uint8_t nea, uint8_t nia)
{
    pdcp_security_t srb = {.nea = (nea_t)nea, .nia = (nia_t)nia}, drb = srb;
    const uint8_t *k = u->rrc.k_gnb;
    if (nea > 3 || nia > 3)
        return -EINVAL;
    if (kdf_alg_key(k, KDF_RRC_ENC, nea, srb.enc_key) || kdf_alg_key(k, KDF_RRC_INT, nia, srb.int_key) ||
        kdf_alg_key(k, KDF_UP_ENC, nea, drb.enc_key) || kdf_alg_key(k, KDF_UP_INT, nia, drb.int_key))
        return -EIO;
    u->rrc.nea = nea;
    u->rrc.nia = nia;
    u->rrc.srb_keys = srb;
    u->rrc.drb_keys = drb;
    return 0;
}

void ue_rrc_short_mac_i(ue_t *u, uint64_t target_cell, uint16_t c_rnti, uint16_t pci, uint8_t ret[2])
{
    /* VarShortMAC-Input in unaligned PER: sourcePhysCellId (10 bits), targetCellIdentity (36), source-c-RNTI
     * (16); 62 bits, filled up to octets. TS 38.331 5.3.7.4, 7.4 */
    uint64_t v = ((uint64_t)pci << 52 | (target_cell & UINT64_C(0xfffffffff)) << 16 | c_rnti) << 2;
    uint8_t bytes[8], mac[4];
    nia_key_t key;
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(v >> (56 - 8 * i));
    memset(ret, 0, 2);
    if (nia_key_init(u->crypto, &key, u->rrc.srb_keys.nia, u->rrc.srb_keys.int_key))
        return;
    /* all input bits for COUNT, BEARER and DIRECTION are ones */
    nia_mac(u->crypto, &key, UINT32_MAX, 31, 1, bytes, sizeof bytes, mac);
    ret[0] = mac[2];
    ret[1] = mac[3];
}

static bool verify(ue_t *u, ue_bearer_t *b, const buf_t *pdu)
{
    nia_key_t key;
    if (u->rrc.srb_keys.nia == NIA0)
        return true;
    return !nia_key_init(u->crypto, &key, u->rrc.srb_keys.nia, u->rrc.srb_keys.int_key) &&
           pdcp_verify(b->pdcp, u->crypto, &key, pdu);
}

/* Puts the new keys to work for reception and hands the message up the ordinary way. */
static void accept(ue_t *u, ue_bearer_t *b, buf_t *pdu)
{
    pdcp_set_security(b->pdcp, u->crypto, &u->rrc.srb_keys);
    pdcp_activate_rx(b->pdcp, true, false);
    pdcp_activate_tx(b->pdcp, true, false);
    pdcp_rx(b->pdcp, u->crypto, pdu, u->now_ns);
}

static bool on_smc(ue_t *u, ue_bearer_t *b, buf_t *pdu, const rrc_SecurityModeCommand_t *c)
{
    if (c->criticalExtensions.choice != rrc_SecurityModeCommand_criticalExtensions_choice_securityModeCommand)
        return false;
    const rrc_SecurityAlgorithmConfig_t *a =
        &c->criticalExtensions.u.securityModeCommand->securityConfigSMC.securityAlgorithmConfig;
    uint8_t nea = (uint8_t)a->cipheringAlgorithm,
            nia = a->has.integrityProtAlgorithm ? (uint8_t)a->integrityProtAlgorithm : 0;
    if (!ue_nas_k_gnb(u->nas, u->rrc.k_gnb) || ue_rrc_derive(u, nea, nia) || nia == NIA0 ||
        !verify(u, b, pdu)) {
        uint8_t buf[16];
        size_t n = rrc_msg_security_mode_failure((rrc_buf_t){buf, sizeof buf},
                                                 (uint8_t)c->rrc_TransactionIdentifier);
        u->counters.smc_failed++;
        pdcp_rx(b->pdcp, u->crypto, pdu, u->now_ns); /* keeps COUNT in step; RRC ignores what it says */
        ue_bearer_send_srb(u, 1, buf, n);
        return true;
    }
    u->rrc.security = true;
    accept(u, b, pdu);
    return true;
}

static bool on_reestablishment(ue_t *u, ue_bearer_t *b, buf_t *pdu, const rrc_RRCReestablishment_t *c)
{
    uint8_t k[32];
    if (u->rrc.state != UE_RRC_REESTABLISHING ||
        c->criticalExtensions.choice != rrc_RRCReestablishment_criticalExtensions_choice_rrcReestablishment)
        return false;
    uint8_t ncc = (uint8_t)c->criticalExtensions.u.rrcReestablishment->nextHopChainingCount;
    /* the same NCC: horizontal derivation from K_gNB. TS 33.501 6.9.2.3.4 */
    if (ncc != u->rrc.ncc || kdf_kgnb_star(u->rrc.k_gnb, u->cell.pci, u->ssb_arfcn, k)) {
        u->counters.rrc_bad++;
        return false;
    }
    uint8_t old[32];
    memcpy(old, u->rrc.k_gnb, 32);
    memcpy(u->rrc.k_gnb, k, 32);
    if (ue_rrc_derive(u, u->rrc.nea, u->rrc.nia) || !verify(u, b, pdu)) {
        memcpy(u->rrc.k_gnb, old, 32);
        ue_rrc_derive(u, u->rrc.nea, u->rrc.nia);
        u->counters.smc_failed++;
        return false;
    }
    accept(u, b, pdu);
    return true;
}

bool ue_rrc_peek_smc(ue_t *u, ue_bearer_t *b, buf_t *pdu)
{
    bool wants = b->id == 1 && (!u->rrc.security || u->rrc.state == UE_RRC_REESTABLISHING);
    rrc_DL_DCCH_Message_t m;
    if (!wants || pdu->len <= PDCP_SRB_HEADER + PDCP_MAC_I)
        return false;
    arena_t a = ue_scratch(u);
    if (asn1_decode(&rrc_DL_DCCH_Message_type, ASN1_UPER, pdu->data + PDCP_SRB_HEADER,
                    pdu->len - PDCP_SRB_HEADER - PDCP_MAC_I, &a, &m, NULL) ||
        m.message.choice != rrc_DL_DCCH_MessageType_choice_c1)
        return false;
    if (m.message.u.c1->choice == rrc_DL_DCCH_MessageType_c1_choice_securityModeCommand && !u->rrc.security)
        return on_smc(u, b, pdu, m.message.u.c1->u.securityModeCommand);
    if (m.message.u.c1->choice == rrc_DL_DCCH_MessageType_c1_choice_rrcReestablishment)
        return on_reestablishment(u, b, pdu, m.message.u.c1->u.rrcReestablishment);
    return false;
}
