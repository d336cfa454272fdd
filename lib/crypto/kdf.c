/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/crypto/kdf.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#define KDF_MAX_PARAMS 8
#define KDF_MAX_INPUT 256

int kdf(const uint8_t *key, size_t key_n, uint8_t fc, const kdf_param_t *params, size_t n, uint8_t ret[32])
{
    uint8_t s[KDF_MAX_INPUT], out[EVP_MAX_MD_SIZE];
    size_t at = 0;
    unsigned out_n = sizeof out;
    if (n > KDF_MAX_PARAMS)
        return -EINVAL;
    s[at++] = fc;
    for (size_t i = 0; i < n; i++) {
        if (params[i].n > sizeof s - at - 2)
            return -EINVAL;
        memcpy(s + at, params[i].p, params[i].n);
        at += params[i].n;
        s[at++] = (uint8_t)(params[i].n >> 8);
        s[at++] = (uint8_t)params[i].n;
    }
    if (!HMAC(EVP_sha256(), key, (int)key_n, s, at, out, &out_n) || out_n != 32)
        return -EIO;
    memcpy(ret, out, 32);
    return 0;
}

static kdf_param_t text(const char *s)
{
    return (kdf_param_t){(const uint8_t *)s, (uint16_t)strnlen(s, UINT16_MAX)};
}

/* CK || IK is the key of the first derivations. */
static int kdf_ck_ik(const uint8_t ck[16], const uint8_t ik[16], uint8_t fc, const kdf_param_t *params,
                     size_t n, uint8_t ret[32])
{
    uint8_t key[32];
    memcpy(key, ck, 16);
    memcpy(key + 16, ik, 16);
    return kdf(key, sizeof key, fc, params, n, ret);
}

int kdf_kausf(const uint8_t ck[16], const uint8_t ik[16], const char *sn_name, const uint8_t sqn_xor_ak[6],
              uint8_t ret[32])
{
    return kdf_ck_ik(ck, ik, 0x6a, (kdf_param_t[]){text(sn_name), {sqn_xor_ak, 6}}, 2, ret);
}

int kdf_res_star(const uint8_t ck[16], const uint8_t ik[16], const char *sn_name, const uint8_t rand[16],
                 const uint8_t *res, size_t res_n, uint8_t ret[16])
{
    uint8_t out[32];
    int r =
        kdf_ck_ik(ck, ik, 0x6b, (kdf_param_t[]){text(sn_name), {rand, 16}, {res, (uint16_t)res_n}}, 3, out);
    if (r == 0)
        memcpy(ret, out + 16, 16);
    return r;
}

int kdf_hres_star(const uint8_t rand[16], const uint8_t res_star[16], uint8_t ret[16])
{
    uint8_t in[32], out[EVP_MAX_MD_SIZE];
    unsigned n = sizeof out;
    memcpy(in, rand, 16);
    memcpy(in + 16, res_star, 16);
    if (!EVP_Digest(in, sizeof in, out, &n, EVP_sha256(), NULL) || n != 32)
        return -EIO;
    memcpy(ret, out + 16, 16);
    return 0;
}

int kdf_kseaf(const uint8_t kausf[32], const char *sn_name, uint8_t ret[32])
{
    return kdf(kausf, 32, 0x6c, (kdf_param_t[]){text(sn_name)}, 1, ret);
}

int kdf_kamf(const uint8_t kseaf[32], const char *supi, const uint8_t *abba, size_t abba_n, uint8_t ret[32])
{
    return kdf(kseaf, 32, 0x6d, (kdf_param_t[]){text(supi), {abba, (uint16_t)abba_n}}, 2, ret);
}

int kdf_alg_key(const uint8_t key[32], kdf_alg_type_t type, uint8_t alg_id, uint8_t ret[16])
{
    uint8_t p0 = (uint8_t)type, out[32];
    int r = kdf(key, 32, 0x69, (kdf_param_t[]){{&p0, 1}, {&alg_id, 1}}, 2, out);
    if (r == 0)
        memcpy(ret, out + 16, 16);
    return r;
}

int kdf_kgnb(const uint8_t kamf[32], uint32_t ul_nas_count, uint8_t ret[32])
{
    uint8_t count[4] = {(uint8_t)(ul_nas_count >> 24), (uint8_t)(ul_nas_count >> 16),
                        (uint8_t)(ul_nas_count >> 8), (uint8_t)ul_nas_count};
    uint8_t access = 0x01; /* 3GPP access. A.9 */
    return kdf(kamf, 32, 0x6e, (kdf_param_t[]){{count, 4}, {&access, 1}}, 2, ret);
}

int kdf_nh(const uint8_t kamf[32], const uint8_t sync[32], uint8_t ret[32])
{
    return kdf(kamf, 32, 0x6f, (kdf_param_t[]){{sync, 32}}, 1, ret);
}

int kdf_kgnb_star(const uint8_t key[32], uint16_t pci, uint32_t arfcn_dl, uint8_t ret[32])
{
    uint8_t p0[2] = {(uint8_t)(pci >> 8), (uint8_t)pci};
    uint8_t p1[3] = {(uint8_t)(arfcn_dl >> 16), (uint8_t)(arfcn_dl >> 8), (uint8_t)arfcn_dl};
    return kdf(key, 32, 0x70, (kdf_param_t[]){{p0, 2}, {p1, 3}}, 2, ret);
}
