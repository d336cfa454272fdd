/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/crypto/crypto.h"

#include <errno.h>
#include <intel-ipsec-mb.h>
#include <stdlib.h>
#include <string.h>

#define NIA2_PREFIX 8 /* COUNT, BEARER, DIRECTION, 26 zero bits. TS 33.401 B.2.3 */

struct crypto {
    IMB_MGR *mgr;
    IMB_JOB ctr[CRYPTO_BATCH_MAX]; /* AES-CTR goes through the synchronous burst call, on jobs of our own */
    _Alignas(16) uint8_t iv[CRYPTO_BATCH_MAX][16];
    uint8_t saved[CRYPTO_BATCH_MAX][NIA2_PREFIX]; /* what stood where NIA2's prefix stands */
    uint8_t *scratch;                             /* [size: CRYPTO_SCRATCH] NIA2 without headroom */
};

/* The longest message that NIA2 copies: PDCP's largest SDU with header, or the largest NAS message. */
#define CRYPTO_SCRATCH (65536 + NIA2_PREFIX)

int crypto_create(crypto_t **ret)
{
    crypto_t *c = aligned_alloc(64, (sizeof *c + 63) & ~(size_t)63);
    if (!c)
        return -ENOMEM;
    memset(c, 0, sizeof *c);
    c->scratch = malloc(CRYPTO_SCRATCH);
    c->mgr = alloc_mb_mgr(0);
    if (!c->mgr || !c->scratch) {
        crypto_destroy(c);
        return -ENOMEM;
    }
    IMB_ARCH arch;
    init_mb_mgr_auto(c->mgr, &arch);
    if (imb_get_errno(c->mgr) != 0 || arch == IMB_ARCH_NONE) {
        crypto_destroy(c);
        return -ENOTSUP;
    }
    for (int i = 0; i < CRYPTO_BATCH_MAX; i++) {
        IMB_JOB *j = &c->ctr[i];
        j->cipher_mode = IMB_CIPHER_CNTR;
        j->cipher_direction = IMB_DIR_ENCRYPT;
        j->hash_alg = IMB_AUTH_NULL;
        j->chain_order = IMB_ORDER_CIPHER_HASH;
        j->key_len_in_bytes = 16;
        j->iv = c->iv[i];
        j->iv_len_in_bytes = 16;
    }
    *ret = c;
    return 0;
}

void crypto_destroy(crypto_t *c)
{
    if (!c)
        return;
    if (c->mgr)
        free_mb_mgr(c->mgr);
    free(c->scratch);
    free(c);
}

int nea_key_init(crypto_t *c, nea_key_t *ret, nea_t alg, const uint8_t key[16])
{
    _Alignas(16) uint8_t unused[240];
    if ((unsigned)alg > NEA3)
        return -EINVAL;
    memset(ret, 0, sizeof *ret);
    ret->alg = alg;
    if (alg == NEA1)
        IMB_SNOW3G_INIT_KEY_SCHED(c->mgr, key, (snow3g_key_schedule_t *)ret->schedule);
    else if (alg == NEA2)
        IMB_AES_KEYEXP_128(c->mgr, key, ret->schedule, unused);
    else if (alg == NEA3)
        memcpy(ret->schedule, key, 16);
    return 0;
}

int nia_key_init(crypto_t *c, nia_key_t *ret, nia_t alg, const uint8_t key[16])
{
    _Alignas(16) uint8_t unused[240];
    if ((unsigned)alg > NIA3)
        return -EINVAL;
    memset(ret, 0, sizeof *ret);
    ret->alg = alg;
    if (alg == NIA1) {
        IMB_SNOW3G_INIT_KEY_SCHED(c->mgr, key, (snow3g_key_schedule_t *)ret->schedule);
    } else if (alg == NIA2) {
        IMB_AES_KEYEXP_128(c->mgr, key, ret->schedule, unused);
        IMB_AES_CMAC_SUBKEY_GEN_128(c->mgr, ret->schedule, ret->skey1, ret->skey2);
    } else if (alg == NIA3) {
        memcpy(ret->schedule, key, 16);
    }
    return 0;
}

/* COUNT || BEARER || DIRECTION || 26 zero bits: the start of NEA2's counter block and NIA2's prefix. */
static void put_count_block(uint8_t to[8], uint32_t count, uint8_t bearer, uint8_t direction)
{
    to[0] = (uint8_t)(count >> 24);
    to[1] = (uint8_t)(count >> 16);
    to[2] = (uint8_t)(count >> 8);
    to[3] = (uint8_t)count;
    to[4] = (uint8_t)(bearer << 3 | direction << 2);
    to[5] = to[6] = to[7] = 0;
}

static void nea_round(crypto_t *c, const nea_job_t *jobs, size_t n)
{
    uint32_t n_ctr = 0, n_queued = 0;
    for (size_t i = 0; i < n; i++) {
        const nea_job_t *in = &jobs[i];
        uint8_t *iv = c->iv[i];
        if (in->n_bytes == 0)
            continue;
        if (in->key->alg == NEA0) {
            if (in->out != in->in)
                memmove(in->out, in->in, in->n_bytes);
            continue;
        }
        if (in->key->alg == NEA2) {
            IMB_JOB *j = &c->ctr[n_ctr++];
            put_count_block(iv, in->count, in->bearer, in->direction);
            memset(iv + 8, 0, 8);
            j->iv = iv;
            j->enc_keys = in->key->schedule;
            j->src = in->in;
            j->dst = in->out;
            j->msg_len_to_cipher_in_bytes = in->n_bytes;
            continue;
        }
        IMB_JOB *j = IMB_GET_NEXT_JOB(c->mgr);
        j->cipher_direction = IMB_DIR_ENCRYPT;
        j->hash_alg = IMB_AUTH_NULL;
        j->chain_order = IMB_ORDER_CIPHER_HASH;
        j->enc_keys = j->dec_keys = in->key->schedule;
        j->key_len_in_bytes = 16;
        j->iv = iv;
        j->iv_len_in_bytes = 16;
        j->src = in->in;
        j->dst = in->out;
        if (in->key->alg == NEA1) {
            snow3g_f8_iv_gen(in->count, in->bearer, in->direction, iv);
            j->cipher_mode = IMB_CIPHER_SNOW3G_UEA2_BITLEN;
            j->cipher_start_src_offset_in_bits = 0;
            j->msg_len_to_cipher_in_bits = (uint64_t)in->n_bytes * 8;
        } else {
            zuc_eea3_iv_gen(in->count, in->bearer, in->direction, iv);
            j->cipher_mode = IMB_CIPHER_ZUC_EEA3;
            j->cipher_start_src_offset_in_bytes = 0;
            j->msg_len_to_cipher_in_bytes = in->n_bytes;
        }
        n_queued++;
        for (j = IMB_SUBMIT_JOB_NOCHECK(c->mgr); j; j = IMB_GET_COMPLETED_JOB(c->mgr))
            n_queued--;
    }
    if (n_ctr)
        IMB_SUBMIT_CIPHER_BURST_NOCHECK(c->mgr, c->ctr, n_ctr, IMB_CIPHER_CNTR, IMB_DIR_ENCRYPT,
                                        IMB_KEY_128_BYTES);
    while (n_queued && IMB_FLUSH_JOB(c->mgr))
        n_queued--;
}

void nea_batch(crypto_t *c, const nea_job_t *jobs, size_t n)
{
    for (size_t done = 0; done < n; done += CRYPTO_BATCH_MAX)
        nea_round(c, jobs + done, n - done < CRYPTO_BATCH_MAX ? n - done : CRYPTO_BATCH_MAX);
}

/* Starts one code; `message` is what the library reads, for NIA2 with its prefix. Returns how many jobs are
 * still in the library's lanes. */
static uint32_t nia_submit(crypto_t *c, const nia_job_t *in, const uint8_t *message, uint64_t n_bits,
                           uint8_t *iv, uint8_t *ret_mac, uint32_t n_queued)
{
    IMB_JOB *j = IMB_GET_NEXT_JOB(c->mgr);
    j->cipher_mode = IMB_CIPHER_NULL;
    j->cipher_direction = IMB_DIR_ENCRYPT;
    j->chain_order = IMB_ORDER_HASH_CIPHER;
    j->src = message;
    j->hash_start_src_offset_in_bytes = 0;
    j->msg_len_to_hash_in_bits = n_bits;
    j->auth_tag_output = ret_mac;
    j->auth_tag_output_len_in_bytes = 4;
    switch (in->key->alg) {
    case NIA1:
        /* FRESH is BEARER || 27 zero bits. TS 33.401 B.2.2 */
        snow3g_f9_iv_gen(in->count, (uint32_t)in->bearer << 27, in->direction, iv);
        j->hash_alg = IMB_AUTH_SNOW3G_UIA2_BITLEN;
        j->u.SNOW3G_UIA2._key = in->key->schedule;
        j->u.SNOW3G_UIA2._iv = iv;
        break;
    case NIA2:
        j->hash_alg = IMB_AUTH_AES_CMAC_BITLEN;
        j->u.CMAC._key_expanded = in->key->schedule;
        j->u.CMAC._skey1 = in->key->skey1;
        j->u.CMAC._skey2 = in->key->skey2;
        break;
    default:
        zuc_eia3_iv_gen(in->count, in->bearer, in->direction, iv);
        j->hash_alg = IMB_AUTH_ZUC_EIA3_BITLEN;
        j->u.ZUC_EIA3._key = in->key->schedule;
        j->u.ZUC_EIA3._iv = iv;
        break;
    }
    n_queued++;
    for (j = IMB_SUBMIT_JOB_NOCHECK(c->mgr); j; j = IMB_GET_COMPLETED_JOB(c->mgr))
        n_queued--;
    return n_queued;
}

static void nia_flush(crypto_t *c, uint32_t n_queued)
{
    while (n_queued && IMB_FLUSH_JOB(c->mgr))
        n_queued--;
}

static void nia_round(crypto_t *c, nia_job_t *jobs, size_t n)
{
    uint32_t n_queued = 0;
    for (size_t i = 0; i < n; i++) {
        nia_job_t *in = &jobs[i];
        if (in->key->alg == NIA0) {
            memset(in->mac, 0, 4);
        } else if (in->key->alg == NIA2 && !in->headroom) {
            nia_mac(c, in->key, in->count, in->bearer, in->direction, in->in, in->n_bytes, in->mac);
        }
    }
    for (size_t i = 0; i < n; i++) {
        nia_job_t *in = &jobs[i];
        if (in->key->alg == NIA0 || (in->key->alg == NIA2 && !in->headroom))
            continue;
        const uint8_t *message = in->in;
        uint64_t n_bits = (uint64_t)in->n_bytes * 8;
        if (in->key->alg == NIA2) {
            uint8_t *prefix = (uint8_t *)(uintptr_t)message - NIA2_PREFIX;
            memcpy(c->saved[i], prefix, NIA2_PREFIX);
            put_count_block(prefix, in->count, in->bearer, in->direction);
            message = prefix;
            n_bits += NIA2_PREFIX * 8;
        }
        n_queued = nia_submit(c, in, message, n_bits, c->iv[i], in->mac, n_queued);
    }
    nia_flush(c, n_queued);
    for (size_t i = 0; i < n; i++)
        if (jobs[i].key->alg == NIA2 && jobs[i].headroom)
            memcpy((uint8_t *)(uintptr_t)jobs[i].in - NIA2_PREFIX, c->saved[i], NIA2_PREFIX);
}

void nia_batch(crypto_t *c, nia_job_t *jobs, size_t n)
{
    for (size_t done = 0; done < n; done += CRYPTO_BATCH_MAX)
        nia_round(c, jobs + done, n - done < CRYPTO_BATCH_MAX ? n - done : CRYPTO_BATCH_MAX);
}

void nea_apply(crypto_t *c, const nea_key_t *key, uint32_t count, uint8_t bearer, uint8_t direction,
               const uint8_t *in, uint8_t *out, size_t n_bytes)
{
    nea_job_t j = {key, in, out, (uint32_t)n_bytes, count, bearer, direction};
    nea_round(c, &j, 1);
}

void nia_mac_bits(crypto_t *c, const nia_key_t *key, uint32_t count, uint8_t bearer, uint8_t direction,
                  const uint8_t *in, size_t n_bits, uint8_t ret_mac[4])
{
    nia_job_t j = {.key = key, .in = in, .count = count, .bearer = bearer, .direction = direction};
    size_t n_bytes = (n_bits + 7) / 8;
    if (key->alg == NIA0) {
        memset(ret_mac, 0, 4);
        return;
    }
    if (key->alg == NIA2) {
        /* 3GPP messages are far shorter than the scratch; what is not is no message of ours. */
        if (n_bytes > CRYPTO_SCRATCH - NIA2_PREFIX)
            n_bits = (n_bytes = CRYPTO_SCRATCH - NIA2_PREFIX) * 8;
        put_count_block(c->scratch, count, bearer, direction);
        if (n_bytes)
            memcpy(c->scratch + NIA2_PREFIX, in, n_bytes);
        in = c->scratch;
        n_bits += NIA2_PREFIX * 8;
    }
    nia_flush(c, nia_submit(c, &j, in, n_bits, c->iv[0], ret_mac, 0));
}

void nia_mac(crypto_t *c, const nia_key_t *key, uint32_t count, uint8_t bearer, uint8_t direction,
             const uint8_t *in, size_t n_bytes, uint8_t ret_mac[4])
{
    nia_mac_bits(c, key, count, bearer, direction, in, n_bytes * 8, ret_mac);
}

bool nia_mac_equal(const uint8_t a[4], const uint8_t b[4])
{
    return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3])) == 0;
}
