/* SPDX-License-Identifier: Apache-2.0 */
/* AS security of a UE: algorithms, keys (TS 33.501 6.2, 6.7.4, annex A), shortMAC-I (TS 38.331 5.3.7.4). */
#include <errno.h>
#include <string.h>

#include "cu/rrc/rrc_inner.h"
#include "lib/crypto/kdf.h"

/* NGAP's mask has algorithm 1 in bit 15; algorithm 0 is always there. TS 38.413 9.3.1.86 */
static bool supports(uint16_t mask, unsigned algorithm)
{
    return algorithm == 0 || mask >> (16 - algorithm) & 1;
}

int rrc_security_choose(rrc_ue_t *ue, uint16_t nea_mask, uint16_t nia_mask)
{
    const rrc_cu_config_t *c = &ue->rrc->config;
    bool has_nea = false, has_nia = false;
    for (uint32_t i = 0; i < c->n_nea && !has_nea; i++)
        if (supports(nea_mask, c->nea[i])) {
            ue->rrc_security.nea = c->nea[i];
            has_nea = true;
        }
    for (uint32_t i = 0; i < c->n_nia && !has_nia; i++)
        if (supports(nia_mask, c->nia[i])) {
            ue->rrc_security.nia = c->nia[i];
            has_nia = true;
        }
    if (!has_nea || !has_nia)
        return -ENOTSUP;
    return rrc_security_derive(ue);
}

int rrc_security_derive(rrc_ue_t *ue)
{
    pdcp_security_t *rrc = &ue->rrc_security, *up = &ue->up_security;
    up->nea = rrc->nea;
    up->nia = rrc->nia;
    if (kdf_alg_key(ue->k_gnb, KDF_RRC_ENC, (uint8_t)rrc->nea, rrc->enc_key) < 0 ||
        kdf_alg_key(ue->k_gnb, KDF_RRC_INT, (uint8_t)rrc->nia, rrc->int_key) < 0 ||
        kdf_alg_key(ue->k_gnb, KDF_UP_ENC, (uint8_t)up->nea, up->enc_key) < 0 ||
        kdf_alg_key(ue->k_gnb, KDF_UP_INT, (uint8_t)up->nia, up->int_key) < 0)
        return -EIO;
    ue->has_keys = true;
    return 0;
}

uint16_t rrc_security_short_mac(const rrc_ue_t *ue, uint16_t pci, uint64_t target_cell, uint16_t crnti)
{
    uint8_t input[8], mac[4] = {0};
    nia_key_t key;
    rrc_build_short_mac_input(pci, target_cell, crnti, input);
    if (nia_key_init(ue->rrc->config.crypto, &key, ue->rrc_security.nia, ue->rrc_security.int_key) < 0)
        return 0;
    /* COUNT, BEARER and DIRECTION: all bits 1. */
    nia_mac(ue->rrc->config.crypto, &key, UINT32_MAX, 31, 1, input, sizeof input, mac);
    return (uint16_t)(mac[2] << 8 | mac[3]);
}

int rrc_security_next_key(rrc_ue_t *ue, uint8_t scratch[32])
{
    int r = kdf_kgnb_star(ue->k_gnb, ue->pci, ue->ssb_arfcn, scratch);
    if (r == 0)
        memcpy(ue->k_gnb, scratch, sizeof ue->k_gnb);
    memset(scratch, 0, 32);
    return r;
}
