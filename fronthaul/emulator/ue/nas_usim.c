/* SPDX-License-Identifier: Apache-2.0 */
/* The USIM: checks AUTN and makes RES*, AUTS and the keys. TS 33.102 6.3.3 and 6.3.5, TS 33.501 6.1.3.2,
 * annex A. */
#include "fronthaul/emulator/ue/nas_internal.h"

#include "lib/crypto/kdf.h"
#include "lib/crypto/milenage.h"

#include <string.h>

/* How far SQN may run ahead, TS 33.102 C.2.1: beyond it the network's counter is taken for broken. */
#define SQN_DELTA (UINT64_C(1) << 28)

static uint64_t sqn_value(const uint8_t sqn[6])
{
    uint64_t v = 0;
    for (int i = 0; i < 6; i++)
        v = v << 8 | sqn[i];
    return v;
}

static bool equal(const uint8_t *a, const uint8_t *b, size_t n)
{
    uint8_t diff = 0;
    for (size_t i = 0; i < n; i++)
        diff |= a[i] ^ b[i];
    return diff == 0;
}

static usim_result_t make_auts(const ue_nas_t *n, const uint8_t rand[16], const uint8_t ak_star[6],
                               uint8_t ret[14])
{
    static const uint8_t amf_star[2] = {0, 0}; /* 6.3.3: AMF of zeros in AUTS */
    if (milenage_f1(n->config.k, n->config.opc, rand, n->config.sqn_ms, amf_star, NULL, ret + 6) < 0)
        return USIM_ERROR;
    for (int i = 0; i < 6; i++)
        ret[i] = n->config.sqn_ms[i] ^ ak_star[i];
    return USIM_SYNC_FAILURE;
}

usim_result_t ue_nas_usim_authenticate(ue_nas_t *n, const uint8_t rand[16], const uint8_t autn[16],
                                       const uint8_t *abba, size_t abba_n, usim_answer_t *ret)
{
    uint8_t res[8], ck[16], ik[16], ak[6], ak_star[6], sqn[6], mac[8], k_ausf[32], k_seaf[32];
    const uint8_t *amf = autn + 6;
    if (milenage_f2345(n->config.k, n->config.opc, rand, res, ck, ik, ak, ak_star) < 0)
        return USIM_ERROR;
    for (int i = 0; i < 6; i++)
        sqn[i] = autn[i] ^ ak[i];
    if (milenage_f1(n->config.k, n->config.opc, rand, sqn, amf, mac, NULL) < 0)
        return USIM_ERROR;
    if (!equal(mac, autn + 8, 8))
        return USIM_MAC_FAILURE;
    if (!(amf[0] & 0x80)) /* separation bit, TS 33.501 6.1.3.2 */
        return USIM_NOT_5G;
    uint64_t got = sqn_value(sqn), have = sqn_value(n->config.sqn_ms);
    if (got <= have || got - have > SQN_DELTA)
        return make_auts(n, rand, ak_star, ret->auts);
    memcpy(n->config.sqn_ms, sqn, 6);
    if (kdf_res_star(ck, ik, n->sn_name, rand, res, sizeof res, ret->res_star) < 0 ||
        kdf_kausf(ck, ik, n->sn_name, autn /* SQN xor AK */, k_ausf) < 0 ||
        kdf_kseaf(k_ausf, n->sn_name, k_seaf) < 0 ||
        kdf_kamf(k_seaf, n->config.imsi, abba, abba_n, ret->k_amf) < 0)
        return USIM_ERROR;
    return USIM_OK;
}
