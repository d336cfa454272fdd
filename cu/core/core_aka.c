/* SPDX-License-Identifier: Apache-2.0 */
/* AUSF and UDM: authentication vectors of 5G-AKA. TS 33.501 6.1.3.2, annex A; TS 33.102 6.3.2, 6.3.5. */
#include "cu/core/core_internal.h"

#include "lib/crypto/kdf.h"
#include "lib/crypto/milenage.h"

#include <errno.h>
#include <string.h>

#define SQN_STEP 32u /* SEQ grows by one; IND, its 5 low bits, stays 0. TS 33.102 C.3.2 */
#define SQN_MASK ((UINT64_C(1) << 48) - 1)

static void sqn_bytes(uint64_t sqn, uint8_t ret[6])
{
    for (int i = 0; i < 6; i++)
        ret[i] = (uint8_t)(sqn >> (40 - 8 * i));
}

static bool equal(const uint8_t *a, const uint8_t *b, size_t n)
{
    uint8_t diff = 0;
    for (size_t i = 0; i < n; i++)
        diff |= a[i] ^ b[i];
    return diff == 0;
}

int core_aka_vector(core_t *c, const core_subscriber_t *sub, vector_t *ret)
{
    static const uint8_t abba[2] = {0, 0};
    vector_t v;
    uint8_t res[8], ck[16], ik[16], ak[6], mac[8], sqn[6], k_ausf[32], k_seaf[32];
    uint64_t *counter = &c->sqn[sub - c->config->subscribers];
    int r = core_random_bytes(v.rand, sizeof v.rand);
    *counter = (*counter / SQN_STEP + 1) * SQN_STEP & SQN_MASK;
    sqn_bytes(*counter, sqn);
    if (r == 0)
        r = milenage_f2345(sub->k, sub->opc, v.rand, res, ck, ik, ak, NULL);
    if (r == 0)
        r = milenage_f1(sub->k, sub->opc, v.rand, sqn, sub->amf, mac, NULL);
    if (r < 0)
        return r;
    for (int i = 0; i < 6; i++)
        v.autn[i] = sqn[i] ^ ak[i];
    memcpy(v.autn + 6, sub->amf, 2);
    memcpy(v.autn + 8, mac, 8);
    if ((r = kdf_res_star(ck, ik, c->sn_name, v.rand, res, sizeof res, v.xres_star)) < 0 ||
        (r = kdf_hres_star(v.rand, v.xres_star, v.hxres_star)) < 0 ||
        (r = kdf_kausf(ck, ik, c->sn_name, v.autn, k_ausf)) < 0 ||
        (r = kdf_kseaf(k_ausf, c->sn_name, k_seaf)) < 0 ||
        (r = kdf_kamf(k_seaf, sub->imsi, abba, sizeof abba, v.k_amf)) < 0)
        return r;
    *ret = v;
    return 0;
}

int core_aka_resync(core_t *c, const core_subscriber_t *sub, const uint8_t rand[16], const uint8_t auts[14])
{
    static const uint8_t amf_star[2] = {0, 0};
    uint8_t ak_star[6], sqn_ms[6], mac[8];
    uint64_t value = 0;
    if (milenage_f2345(sub->k, sub->opc, rand, NULL, NULL, NULL, NULL, ak_star) < 0)
        return -EPERM;
    for (int i = 0; i < 6; i++) {
        sqn_ms[i] = auts[i] ^ ak_star[i];
        value = value << 8 | sqn_ms[i];
    }
    if (milenage_f1(sub->k, sub->opc, rand, sqn_ms, amf_star, NULL, mac) < 0 || !equal(mac, auts + 6, 8))
        return -EPERM;
    c->sqn[sub - c->config->subscribers] = value;
    return 0;
}

/* The SEAF compares HRES*, the AUSF RES* itself; both are here. */
bool core_aka_check(const vector_t *v, const uint8_t res_star[16])
{
    uint8_t hres_star[16];
    return kdf_hres_star(v->rand, res_star, hres_star) == 0 && equal(hres_star, v->hxres_star, 16) &&
           equal(res_star, v->xres_star, 16);
}
