/* SPDX-License-Identifier: Apache-2.0 */
/* Milenage against TS 35.208 4.3, and the key hierarchy of TS 33.501 annex A from SIM to K_AMF against an
 * authentication worked through by another implementation with published inputs (IMSI 001010123456789,
 * serving network 001/01). What hangs below K_AMF is checked against the same HMAC spelled out octet by
 * octet. */
#include "lib/crypto/kdf.h"
#include "lib/crypto/milenage.h"
#include "tests/unit/cu.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

static void unhex(const char *s, uint8_t *to)
{
    for (size_t i = 0; i < strlen(s) / 2; i++) {
        unsigned v;
        CU_ASSERT_EQUAL_FATAL(sscanf(s + 2 * i, "%2x", &v), 1);
        to[i] = (uint8_t)v;
    }
}

#define IS_HEX(got, n, text)                                                                                 \
    do {                                                                                                     \
        uint8_t want__[64];                                                                                  \
        unhex(text, want__);                                                                                 \
        CU_ASSERT_BYTES(got, n, want__, strlen(text) / 2);                                                   \
    } while (0)

/* TS 35.208 4.3, test set 1 */
static void test_milenage(void)
{
    uint8_t k[16], op[16], rand[16], sqn[6], amf[2], opc[16], mac_a[8], mac_s[8], res[8], ck[16], ik[16],
        ak[6], ak_star[6];
    unhex("465b5ce8b199b49faa5f0a2ee238a6bc", k);
    unhex("cdc202d5123e20f62b6d676ac72cb318", op);
    unhex("23553cbe9637a89d218ae64dae47bf35", rand);
    unhex("ff9bb4d0b607", sqn);
    unhex("b9b9", amf);
    CU_ASSERT_EQUAL(milenage_opc(k, op, opc), 0);
    IS_HEX(opc, 16, "cd63cb71954a9f4e48a5994e37a02baf");
    CU_ASSERT_EQUAL(milenage_f1(k, opc, rand, sqn, amf, mac_a, mac_s), 0);
    IS_HEX(mac_a, 8, "4a9ffac354dfafb3");
    IS_HEX(mac_s, 8, "01cfaf9ec4e871e9");
    CU_ASSERT_EQUAL(milenage_f2345(k, opc, rand, res, ck, ik, ak, ak_star), 0);
    IS_HEX(res, 8, "a54211d5e3ba50bf");
    IS_HEX(ck, 16, "b40ba9a3c58b2a05bbf0d987b21bf8cb");
    IS_HEX(ik, 16, "f769bcd751044604127672711c6d3441");
    IS_HEX(ak, 6, "aa689c648370");
    IS_HEX(ak_star, 6, "451e8beca43b");
    CU_ASSERT_EQUAL(milenage_f2345(k, opc, rand, NULL, NULL, NULL, NULL, NULL), 0);
}

static void test_5g_aka(void)
{
    const char *sn = "5G:mnc001.mcc001.3gppnetwork.org";
    uint8_t k[16], opc[16], rand[16], sqn[6] = {0, 0, 0, 0, 0, 1}, amf[2] = {0x80, 0x00}, mac_a[8], res[8];
    uint8_t ck[16], ik[16], ak[6], sqn_ak[6], res_star[16], hres[16];
    unhex("00112233445566778899aabbccddeeff", k);
    unhex("62e75b8d6fa5bf46ec87a9276f9df54d", opc);
    unhex("00112233445566778899aabbccddeeff", rand);
    CU_ASSERT_EQUAL(milenage_f1(k, opc, rand, sqn, amf, mac_a, NULL), 0);
    IS_HEX(mac_a, 8, "4af30b82a8531115");
    CU_ASSERT_EQUAL(milenage_f2345(k, opc, rand, res, ck, ik, ak, NULL), 0);
    for (int i = 0; i < 6; i++)
        sqn_ak[i] = sqn[i] ^ ak[i];
    IS_HEX(sqn_ak, 6, "de656c8b0bcf");
    CU_ASSERT_EQUAL(kdf_res_star(ck, ik, sn, rand, res, 8, res_star), 0);
    IS_HEX(res_star, 16, "31b6d938a5290ccc65bc829f9820a8d9");
    CU_ASSERT_EQUAL(kdf_hres_star(rand, res_star, hres), 0);
    IS_HEX(hres, 16, "3308fb7cf06a35f1cd086b904ce82ecf");
}

static void hmac(const uint8_t key[32], const void *s, size_t n, uint8_t out[32])
{
    unsigned len = 32;
    HMAC(EVP_sha256(), key, 32, s, n, out, &len);
}

static void test_key_hierarchy(void)
{
    uint8_t kamf[32], want[32], got[32];
    for (int i = 0; i < 32; i++)
        kamf[i] = (uint8_t)(i * 5 + 1);
    /* A.2: FC 0x6A, serving network name, SQN xor AK; the key is CK || IK */
    hmac(kamf,
         "\x6a"
         "5G:mnc001.mcc001.3gppnetwork.org"
         "\x00\x20\x01\x02\x03\x04\x05\x06\x00\x06",
         43, want);
    CU_ASSERT_EQUAL(kdf_kausf(kamf, kamf + 16, "5G:mnc001.mcc001.3gppnetwork.org",
                              (const uint8_t *)"\x01\x02\x03\x04\x05\x06", got),
                    0);
    CU_ASSERT_EQUAL(memcmp(got, want, 32), 0);
    /* A.6: FC 0x6C, serving network name */
    hmac(kamf,
         "\x6c"
         "5G:mnc001.mcc001.3gppnetwork.org"
         "\x00\x20",
         35, want);
    CU_ASSERT_EQUAL(kdf_kseaf(kamf, "5G:mnc001.mcc001.3gppnetwork.org", got), 0);
    CU_ASSERT_EQUAL(memcmp(got, want, 32), 0);
    /* A.7: FC 0x6D, IMSI, ABBA */
    hmac(kamf,
         "\x6d"
         "001010000000001"
         "\x00\x0f\x00\x00\x00\x02",
         22, want);
    CU_ASSERT_EQUAL(kdf_kamf(kamf, "001010000000001", (const uint8_t *)"\0", 2, got), 0);
    CU_ASSERT_EQUAL(memcmp(got, want, 32), 0);
    /* A.9: FC 0x6E, uplink NAS COUNT, access type 1 */
    hmac(kamf, "\x6e\x01\x02\x03\x04\x00\x04\x01\x00\x01", 10, want);
    CU_ASSERT_EQUAL(kdf_kgnb(kamf, 0x01020304, got), 0);
    CU_ASSERT_EQUAL(memcmp(got, want, 32), 0);
    /* A.8: FC 0x69, type, identity; the last 128 bits */
    hmac(kamf, "\x69\x04\x00\x01\x02\x00\x01", 7, want);
    CU_ASSERT_EQUAL(kdf_alg_key(kamf, KDF_RRC_INT, 2, got), 0);
    CU_ASSERT_EQUAL(memcmp(got, want + 16, 16), 0);
    /* A.11: FC 0x70, PCI, ARFCN-DL in three octets */
    hmac(kamf, "\x70\x00\x01\x00\x02\x09\xa9\x1a\x00\x03", 10, want);
    CU_ASSERT_EQUAL(kdf_kgnb_star(kamf, 1, 0x09a91a, got), 0);
    CU_ASSERT_EQUAL(memcmp(got, want, 32), 0);
    /* A.10: FC 0x6F, sync input */
    uint8_t s[35] = {0x6f};
    memcpy(s + 1, kamf, 32);
    s[34] = 32;
    hmac(kamf, s, sizeof s, want);
    CU_ASSERT_EQUAL(kdf_nh(kamf, kamf, got), 0);
    CU_ASSERT_EQUAL(memcmp(got, want, 32), 0);
}

static void test_limits(void)
{
    uint8_t key[32] = {0}, out[32], big[256] = {0};
    kdf_param_t too_long = {big, sizeof big}, many[9];
    for (int i = 0; i < 9; i++)
        many[i] = (kdf_param_t){big, 1};
    CU_ASSERT_EQUAL(kdf(key, 32, 1, &too_long, 1, out), -EINVAL);
    CU_ASSERT_EQUAL(kdf(key, 32, 1, many, 9, out), -EINVAL);
    CU_ASSERT_EQUAL(kdf(key, 32, 1, many, 8, out), 0);
}

CU_MAIN("crypto_keys", {"Milenage", test_milenage}, {"5G-AKA", test_5g_aka},
        {"key hierarchy", test_key_hierarchy}, {"limits", test_limits})
