/* SPDX-License-Identifier: Apache-2.0 */
/* Milenage, the example authentication and key agreement functions f1, f1*, f2-f5, f5* of TS 35.206, over
 * AES-128. Network and UE side alike. Stateless; [any] thread but the slot thread. Functions return 0, or
 * -EIO when the cipher library fails. */
#ifndef VITRAN_CRYPTO_MILENAGE_H
#define VITRAN_CRYPTO_MILENAGE_H

#include <stdint.h>

/* OPc = OP xor E_K(OP). TS 35.206 4.1 */
int milenage_opc(const uint8_t k[16], const uint8_t op[16], uint8_t ret_opc[16]);
/* MAC-A (f1) and MAC-S (f1*); either output may be NULL. */
int milenage_f1(const uint8_t k[16], const uint8_t opc[16], const uint8_t rand[16], const uint8_t sqn[6],
                const uint8_t amf[2], uint8_t ret_mac_a[8], uint8_t ret_mac_s[8]);
/* RES (f2), CK (f3), IK (f4), AK (f5), AK for resynchronisation (f5*); any output may be NULL. */
int milenage_f2345(const uint8_t k[16], const uint8_t opc[16], const uint8_t rand[16], uint8_t ret_res[8],
                   uint8_t ret_ck[16], uint8_t ret_ik[16], uint8_t ret_ak[6], uint8_t ret_ak_star[6]);

#endif
