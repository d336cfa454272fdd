/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/crypto/milenage.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

/* One block through AES-128. */
static int aes(const uint8_t k[16], const uint8_t in[16], uint8_t out[16])
{
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    int n = 0;
    int ok = c && EVP_EncryptInit_ex(c, EVP_aes_128_ecb(), NULL, k, NULL) == 1 &&
             EVP_CIPHER_CTX_set_padding(c, 0) == 1 && EVP_EncryptUpdate(c, out, &n, in, 16) == 1 && n == 16;
    EVP_CIPHER_CTX_free(c);
    return ok ? 0 : -EIO;
}

static void xor16(uint8_t to[16], const uint8_t a[16], const uint8_t b[16])
{
    for (int i = 0; i < 16; i++)
        to[i] = a[i] ^ b[i];
}

int milenage_opc(const uint8_t k[16], const uint8_t op[16], uint8_t ret_opc[16])
{
    uint8_t e[16];
    int r = aes(k, op, e);
    if (r == 0)
        xor16(ret_opc, e, op);
    return r;
}

/* OUT = E_K(x rotated towards byte 0 by `rot` bytes, xor c) xor OPc, where x is already TEMP xor OPc and
 * c is a constant whose only set bit is in the last byte. TS 35.206 4.1 */
static int block(const uint8_t k[16], const uint8_t opc[16], const uint8_t x[16], int rot, uint8_t c,
                 uint8_t out[16])
{
    uint8_t in[16];
    for (int i = 0; i < 16; i++)
        in[(i + 16 - rot) & 15] = x[i];
    in[15] ^= c;
    int r = aes(k, in, out);
    if (r == 0)
        xor16(out, out, opc);
    return r;
}

/* TEMP = E_K(RAND xor OPc) */
static int temp_of(const uint8_t k[16], const uint8_t opc[16], const uint8_t rand[16], uint8_t out[16])
{
    uint8_t in[16];
    xor16(in, rand, opc);
    return aes(k, in, out);
}

int milenage_f1(const uint8_t k[16], const uint8_t opc[16], const uint8_t rand[16], const uint8_t sqn[6],
                const uint8_t amf[2], uint8_t ret_mac_a[8], uint8_t ret_mac_s[8])
{
    uint8_t temp[16], in1[16], x[16], out[16];
    int r = temp_of(k, opc, rand, temp);
    if (r != 0)
        return r;
    memcpy(in1, sqn, 6);
    memcpy(in1 + 6, amf, 2);
    memcpy(in1 + 8, in1, 8);
    /* OUT1 = E_K(TEMP xor rot(IN1 xor OPc, r1 = 64 bits) xor c1 = 0) xor OPc */
    xor16(in1, in1, opc);
    for (int i = 0; i < 16; i++)
        x[(i + 8) & 15] = in1[i];
    xor16(x, x, temp);
    r = aes(k, x, out);
    if (r != 0)
        return r;
    xor16(out, out, opc);
    if (ret_mac_a)
        memcpy(ret_mac_a, out, 8);
    if (ret_mac_s)
        memcpy(ret_mac_s, out + 8, 8);
    return 0;
}

int milenage_f2345(const uint8_t k[16], const uint8_t opc[16], const uint8_t rand[16], uint8_t ret_res[8],
                   uint8_t ret_ck[16], uint8_t ret_ik[16], uint8_t ret_ak[6], uint8_t ret_ak_star[6])
{
    uint8_t x[16], out2[16], out3[16], out4[16], out5[16];
    int r = temp_of(k, opc, rand, x);
    if (r != 0)
        return r;
    xor16(x, x, opc);
    /* r2..r5 = 0, 32, 64, 96 bits; c2..c5 = 1, 2, 4, 8 */
    if ((r = block(k, opc, x, 0, 1, out2)) != 0 || (r = block(k, opc, x, 4, 2, out3)) != 0 ||
        (r = block(k, opc, x, 8, 4, out4)) != 0 || (r = block(k, opc, x, 12, 8, out5)) != 0)
        return r;
    if (ret_res)
        memcpy(ret_res, out2 + 8, 8);
    if (ret_ck)
        memcpy(ret_ck, out3, 16);
    if (ret_ik)
        memcpy(ret_ik, out4, 16);
    if (ret_ak)
        memcpy(ret_ak, out2, 6);
    if (ret_ak_star)
        memcpy(ret_ak_star, out5, 6);
    return 0;
}
