/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/nas/security.h"

#include "lib/crypto/kdf.h"

#include <errno.h>
#include <string.h>

#define BEARER 1 /* NAS connection identifier of 3GPP access, TS 33.501 6.4.3.1 */

int nas_header_parse(const uint8_t *p, size_t n, nas_header_t *ret)
{
    if (n < 3 || p[0] != NAS_EPD_5GMM)
        return -EBADMSG;
    nas_header_t h = {.sht = (nas_sht_t)(p[1] & 15), .inner = p, .inner_n = n};
    if (h.sht != NAS_PLAIN) {
        if (h.sht > NAS_INTEGRITY_CIPHERED_NEW || n < NAS_SECURITY_OVERHEAD + 3)
            return -EBADMSG;
        memcpy(h.mac, p + 2, 4);
        h.sn = p[6];
        h.inner = p + NAS_SECURITY_OVERHEAD;
        h.inner_n = n - NAS_SECURITY_OVERHEAD;
    }
    *ret = h;
    return 0;
}

int nas_security_init(nas_security_t *s, crypto_t *c, const uint8_t k_amf[32], uint8_t ngksi, nea_t nea,
                      nia_t nia, uint8_t tx_direction)
{
    nas_security_t n = {.valid = true, .ngksi = ngksi, .nea = nea, .nia = nia, .tx_direction = tx_direction};
    memcpy(n.k_amf, k_amf, 32);
    int r = kdf_alg_key(k_amf, KDF_NAS_ENC, nea, n.k_nas_enc);
    if (r == 0)
        r = kdf_alg_key(k_amf, KDF_NAS_INT, nia, n.k_nas_int);
    if (r == 0)
        r = nea_key_init(c, &n.enc, nea, n.k_nas_enc);
    if (r == 0)
        r = nia_key_init(c, &n.integrity, nia, n.k_nas_int);
    if (r == 0)
        *s = n;
    return r;
}

static bool is_ciphered(nas_sht_t sht)
{
    return sht == NAS_INTEGRITY_CIPHERED || sht == NAS_INTEGRITY_CIPHERED_NEW;
}

int nas_protect(nas_security_t *s, crypto_t *c, nas_sht_t sht, const uint8_t *plain, size_t n, uint8_t *buf,
                size_t cap, size_t *ret_n)
{
    if (n + NAS_SECURITY_OVERHEAD > cap)
        return -ENOBUFS;
    if (s->tx_count > 0xffffff)
        return -EOVERFLOW;
    buf[0] = NAS_EPD_5GMM;
    buf[1] = (uint8_t)sht;
    buf[6] = (uint8_t)s->tx_count;
    if (is_ciphered(sht))
        nea_apply(c, &s->enc, s->tx_count, BEARER, s->tx_direction, plain, buf + NAS_SECURITY_OVERHEAD, n);
    else
        memcpy(buf + NAS_SECURITY_OVERHEAD, plain, n);
    /* The MAC covers the sequence number and the message as it is sent. TS 24.501 4.4.3.3 */
    nia_mac(c, &s->integrity, s->tx_count, BEARER, s->tx_direction, buf + 6, n + 1, buf + 2);
    s->tx_count++;
    *ret_n = n + NAS_SECURITY_OVERHEAD;
    return 0;
}

int nas_unprotect(nas_security_t *s, crypto_t *c, const uint8_t *p, size_t n, uint8_t *buf, size_t cap,
                  size_t *ret_n)
{
    nas_header_t h;
    uint8_t mac[4], direction = s->tx_direction == CRYPTO_UPLINK ? CRYPTO_DOWNLINK : CRYPTO_UPLINK;
    if (nas_header_parse(p, n, &h) < 0 || h.sht == NAS_PLAIN)
        return -EBADMSG;
    if (h.inner_n > cap)
        return -ENOBUFS;
    /* The count at or above the next expected one that ends in this sequence number: a repeated message is
     * taken for one 256 later and its MAC does not fit. TS 24.501 4.4.3.1 */
    uint32_t count = (s->rx_next & ~0xffu) | h.sn;
    if (count < s->rx_next)
        count += 256;
    if (count > 0xffffff)
        return -EPERM;
    nia_mac(c, &s->integrity, count, BEARER, direction, p + 6, h.inner_n + 1, mac);
    if (!nia_mac_equal(mac, h.mac))
        return -EPERM;
    if (is_ciphered(h.sht))
        nea_apply(c, &s->enc, count, BEARER, direction, h.inner, buf, h.inner_n);
    else
        memmove(buf, h.inner, h.inner_n);
    s->rx_count = count;
    s->rx_next = count + 1;
    *ret_n = h.inner_n;
    return 0;
}
