/* SPDX-License-Identifier: Apache-2.0 */
/* The 5G key hierarchy: the key derivation functions of TS 33.501 annex A over the generic KDF of TS 33.220
 * B.2 (HMAC-SHA-256), and what 5G-AKA makes of Milenage's outputs. Stateless; [any] thread but the slot
 * thread. Serving network names are text as in TS 24.501 9.12.1, e.g. "5G:mnc001.mcc001.3gppnetwork.org".
 * Every function returns 0, or -EIO when the hash library fails. */
#ifndef VITRAN_CRYPTO_KDF_H
#define VITRAN_CRYPTO_KDF_H

#include <stddef.h>
#include <stdint.h>

/* Algorithm type distinguishers. TS 33.501 table A.8-1 */
typedef enum {
    KDF_NAS_ENC = 1,
    KDF_NAS_INT = 2,
    KDF_RRC_ENC = 3,
    KDF_RRC_INT = 4,
    KDF_UP_ENC = 5,
    KDF_UP_INT = 6
} kdf_alg_type_t;

typedef struct {
    const uint8_t *p;
    uint16_t n;
} kdf_param_t;

/* HMAC-SHA-256(key, FC || P0 || L0 || P1 || L1 ...). TS 33.220 B.2. -EINVAL: more than 8 parameters or 256
 * bytes. */
int kdf(const uint8_t *key, size_t key_n, uint8_t fc, const kdf_param_t *params, size_t n, uint8_t ret[32]);

/* K_AUSF from CK, IK. A.2 */
int kdf_kausf(const uint8_t ck[16], const uint8_t ik[16], const char *sn_name, const uint8_t sqn_xor_ak[6],
              uint8_t ret[32]);
/* RES* or XRES*. A.4 */
int kdf_res_star(const uint8_t ck[16], const uint8_t ik[16], const char *sn_name, const uint8_t rand[16],
                 const uint8_t *res, size_t res_n, uint8_t ret[16]);
/* HRES* or HXRES*. A.5 */
int kdf_hres_star(const uint8_t rand[16], const uint8_t res_star[16], uint8_t ret[16]);
/* K_SEAF. A.6 */
int kdf_kseaf(const uint8_t kausf[32], const char *sn_name, uint8_t ret[32]);
/* K_AMF; supi is the IMSI's digits as text ("001010000000001"), abba usually 0x0000. A.7 */
int kdf_kamf(const uint8_t kseaf[32], const char *supi, const uint8_t *abba, size_t abba_n, uint8_t ret[32]);
/* An algorithm key: the 128 low bits of the KDF's output. From K_AMF for NAS, from K_gNB for RRC and UP. A.8
 */
int kdf_alg_key(const uint8_t key[32], kdf_alg_type_t type, uint8_t alg_id, uint8_t ret[16]);
/* K_gNB; the access type distinguisher is 3GPP access. A.9 */
int kdf_kgnb(const uint8_t kamf[32], uint32_t ul_nas_count, uint8_t ret[32]);
/* NH from K_AMF; sync is K_gNB at first, then the previous NH. A.10 */
int kdf_nh(const uint8_t kamf[32], const uint8_t sync[32], uint8_t ret[32]);
/* K_NG-RAN* from K_gNB or NH; target PCI and ARFCN-DL. A.11 */
int kdf_kgnb_star(const uint8_t key[32], uint16_t pci, uint32_t arfcn_dl, uint8_t ret[32]);

#endif
