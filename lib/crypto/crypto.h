/* SPDX-License-Identifier: Apache-2.0 */
/* The 3GPP confidentiality and integrity algorithms NEA0-3 and NIA0-3 (TS 33.501 annex D, which points at TS
 * 33.401 annex B) over the multi-buffer library, one message or many at a time: the library fills its vector
 * lanes across messages, so a batch of 32 runs several times as fast as 32 calls.
 *
 * A crypto_t holds one multi-buffer manager and is used by one thread at a time. Expanded keys are plain
 * memory, immutable once made, and may be shared between threads. No call but crypto_create allocates. */
#ifndef VITRAN_CRYPTO_CRYPTO_H
#define VITRAN_CRYPTO_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Values are those of the algorithm identifiers in TS 33.501 5.11.1 and of the ASN.1 enumerations. */
typedef enum { NEA0, NEA1, NEA2, NEA3 } nea_t; /* null, SNOW 3G, AES-CTR, ZUC */
typedef enum { NIA0, NIA1, NIA2, NIA3 } nia_t; /* null, SNOW 3G, AES-CMAC, ZUC */

/* DIRECTION bit. TS 33.501 D.2.1.1 */
#define CRYPTO_UPLINK 0
#define CRYPTO_DOWNLINK 1

#define CRYPTO_BATCH_MAX 64 /* messages that one internal round takes; larger batches are cut into rounds */

typedef struct crypto crypto_t;

/* An expanded ciphering key: 240 bytes hold an AES-128 or SNOW 3G schedule, or ZUC's raw key. */
typedef struct {
    _Alignas(16) uint8_t schedule[240];
    nea_t alg;
} nea_key_t;

/* An expanded integrity key; NIA2 also needs CMAC's two subkeys. */
typedef struct {
    _Alignas(16) uint8_t schedule[240];
    _Alignas(16) uint8_t skey1[16];
    _Alignas(16) uint8_t skey2[16];
    nia_t alg;
} nia_key_t;

/* One message. BEARER has 5 bits: radio bearer identity - 1 for PDCP (TS 38.323 5.8), 1 for NAS over 3GPP
 * access (TS 33.501 6.4.3.1). */
typedef struct {
    const nea_key_t *key;
    const uint8_t *in;
    uint8_t *out; /* may be `in` */
    uint32_t n_bytes;
    uint32_t count;
    uint8_t bearer;
    uint8_t direction;
} nea_job_t;

typedef struct {
    const nia_key_t *key;
    const uint8_t *in;
    uint32_t n_bytes;
    uint32_t count;
    uint8_t bearer;
    uint8_t direction;
    bool headroom;  /* the 8 bytes in front of `in` are ours during the call (saved and put back): NIA2 needs
                       a prefix there and copies the message where it has no such room */
    uint8_t mac[4]; /* out: MAC-I as it is sent; zero for NIA0 */
} nia_job_t;

/* [control] 0, -ENOMEM, -ENOTSUP (the CPU lacks what the library needs). */
int crypto_create(crypto_t **ret);
/* NULL is fine. */
void crypto_destroy(crypto_t *c);

/* Expands a 128-bit key. 0 or -EINVAL (no such algorithm; the key is untouched). */
int nea_key_init(crypto_t *c, nea_key_t *ret, nea_t alg, const uint8_t key[16]);
int nia_key_init(crypto_t *c, nia_key_t *ret, nia_t alg, const uint8_t key[16]);

/* Ciphers or deciphers (the same operation) n_bytes from in to out, which may be one. */
void nea_apply(crypto_t *c, const nea_key_t *key, uint32_t count, uint8_t bearer, uint8_t direction,
               const uint8_t *in, uint8_t *out, size_t n_bytes);
/* The 32-bit message authentication code over n_bytes. */
void nia_mac(crypto_t *c, const nia_key_t *key, uint32_t count, uint8_t bearer, uint8_t direction,
             const uint8_t *in, size_t n_bytes, uint8_t ret_mac[4]);
/* The same for a message that ends inside an octet: its first n_bits bits. */
void nia_mac_bits(crypto_t *c, const nia_key_t *key, uint32_t count, uint8_t bearer, uint8_t direction,
                  const uint8_t *in, size_t n_bits, uint8_t ret_mac[4]);
/* Compares two codes in constant time. */
bool nia_mac_equal(const uint8_t a[4], const uint8_t b[4]);

/* Many messages; keys and algorithms may differ from job to job. Runs of one algorithm go through the vector
 * lanes together. */
void nea_batch(crypto_t *c, const nea_job_t *jobs, size_t n);
void nia_batch(crypto_t *c, nia_job_t *jobs, size_t n);

#endif
