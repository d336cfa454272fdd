/* SPDX-License-Identifier: Apache-2.0 */
/* NAS security (TS 24.501 4.4, 9.1.1; TS 33.501 6.4): the security protected message, NAS COUNT, integrity
 * and ciphering. One context is used by one thread. The algorithms are lib/crypto's. */
#ifndef VITRAN_NAS_SECURITY_H
#define VITRAN_NAS_SECURITY_H

#include "lib/crypto/crypto.h"
#include "lib/nas/nas.h"

#define NAS_SECURITY_OVERHEAD 7u /* octets in front of the plain message */

/* Security header type, 9.3.1. */
typedef enum {
    NAS_PLAIN = 0,
    NAS_INTEGRITY = 1,
    NAS_INTEGRITY_CIPHERED = 2,
    NAS_INTEGRITY_NEW = 3,         /* with a new context: SECURITY MODE COMMAND */
    NAS_INTEGRITY_CIPHERED_NEW = 4 /* SECURITY MODE COMPLETE */
} nas_sht_t;

typedef struct {
    nas_sht_t sht;
    uint8_t mac[4], sn;
    const uint8_t *inner; /* of a protected message: what follows the sequence number, perhaps ciphered */
    size_t inner_n;
} nas_header_t;

/* Reads the outer header of any 5GMM message; a plain one has itself as inner. 0 or -EBADMSG (not 5GMM, too
 * short, reserved header type). */
int nas_header_parse(const uint8_t *p, size_t n, nas_header_t *ret);

typedef struct {
    bool valid;
    uint8_t ngksi;
    nea_t nea;
    nia_t nia;
    uint8_t k_amf[32], k_nas_enc[16], k_nas_int[16];
    nea_key_t enc;
    nia_key_t integrity;
    uint8_t tx_direction; /* CRYPTO_UPLINK in the UE, CRYPTO_DOWNLINK in the network */
    uint32_t tx_count;    /* NAS COUNT of the next message sent, 24 bits */
    uint32_t rx_next;     /* lowest NAS COUNT that is accepted */
    uint32_t rx_count;    /* of the last message accepted */
} nas_security_t;

/* Makes a context from K_AMF; both counts start at 0. 0, -EINVAL (algorithm), -EIO. */
int nas_security_init(nas_security_t *s, crypto_t *c, const uint8_t k_amf[32], uint8_t ngksi, nea_t nea,
                      nia_t nia, uint8_t tx_direction);

/* Wraps a plain message; `buf` must not overlap it. 0, -ENOBUFS, -EOVERFLOW (NAS COUNT is used up: a new
 * authentication is due). */
int nas_protect(nas_security_t *s, crypto_t *c, nas_sht_t sht, const uint8_t *plain, size_t n, uint8_t *buf,
                size_t cap, size_t *ret_n);
/* Checks and deciphers a protected message into buf. 0; -EBADMSG (header), -EPERM (MAC wrong or COUNT not
 * fresh: nothing changed), -ENOBUFS. */
int nas_unprotect(nas_security_t *s, crypto_t *c, const uint8_t *p, size_t n, uint8_t *buf, size_t cap,
                  size_t *ret_n);

#endif
