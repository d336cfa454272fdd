/* SPDX-License-Identifier: Apache-2.0 */
/* The GTP-U header and its path management messages. TS 29.281 5, 7 */
#include "lib/gtpu/gtpu_internal.h"

#include <errno.h>
#include <string.h>

/* First octet: version 1, protocol type GTP, E, S, PN. 5.1 */
#define VERSION_1 0x20
#define VERSION_MASK 0xe0
#define PT_GTP 0x10
#define FLAG_E 0x04
#define FLAG_S 0x02
#define FLAG_PN 0x01
#define FIXED_BYTES 8u
#define OPTIONAL_BYTES 4u

#define IE_RECOVERY 14
#define IE_TEID_DATA 16
#define IE_PEER_ADDRESS 133

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static void put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

/* TS 38.415 5.5.2.1, 5.5.2.2 */
static int decode_pdu_session(const uint8_t *p, size_t n, pdu_session_container_t *ret)
{
    if (n < 2 || p[0] >> 4 > 1)
        return -EBADMSG;
    pdu_session_container_t c = {.uplink = p[0] >> 4 == 1, .qfi = p[1] & 0x3f};
    if (!c.uplink) {
        c.rqi = p[1] & 0x40;
        c.has_ppi = p[1] & 0x80;
        if (c.has_ppi && n < 3)
            return -EBADMSG;
        c.ppi = c.has_ppi ? p[2] >> 5 : 0;
    }
    *ret = c;
    return 0;
}

static size_t encode_pdu_session(const pdu_session_container_t *c, uint8_t to[3])
{
    to[0] = c->uplink ? 0x10 : 0x00;
    to[1] = c->qfi & 0x3f;
    if (c->uplink)
        return 2;
    to[1] |= (uint8_t)((c->has_ppi ? 0x80 : 0) | (c->rqi ? 0x40 : 0));
    to[2] = (uint8_t)(c->ppi << 5);
    return c->has_ppi ? 3 : 2;
}

int gtpu_decode(const uint8_t *p, size_t n, gtpu_header_t *ret)
{
    if (n < FIXED_BYTES || (p[0] & VERSION_MASK) != VERSION_1 || !(p[0] & PT_GTP))
        return -EBADMSG;
    gtpu_header_t h = {.type = p[1], .teid = get32(p + 4)};
    size_t end = FIXED_BYTES + ((size_t)p[2] << 8 | p[3]), at = FIXED_BYTES;
    if (end > n)
        return -EBADMSG;
    if (p[0] & (FLAG_E | FLAG_S | FLAG_PN)) {
        if (end - at < OPTIONAL_BYTES)
            return -EBADMSG;
        h.has_sn = p[0] & FLAG_S;
        h.sn = h.has_sn ? (uint16_t)(p[at] << 8 | p[at + 1]) : 0;
        uint8_t next = p[0] & FLAG_E ? p[at + 3] : 0;
        at += OPTIONAL_BYTES;
        while (next) {
            size_t size = end - at < 1 ? 0 : (size_t)p[at] * 4;
            int r = 0;
            if (size == 0 || size > end - at)
                return -EBADMSG;
            const uint8_t *content = p + at + 1;
            if (next == GTPU_EXT_NR_RAN) {
                r = nru_decode(content, size - 2, &h.nru);
                h.has_nru = true;
            } else if (next == GTPU_EXT_PDU_SESSION) {
                r = decode_pdu_session(content, size - 2, &h.pdu_session);
                h.has_pdu_session = true;
            } else if (next & 0x80) {
                r = -EOPNOTSUPP; /* figure 5.2.1-2: we, the end point, would have to understand it */
            }
            if (r != 0)
                return r;
            at += size;
            next = p[at - 1];
        }
    }
    h.header_bytes = (uint16_t)at;
    h.payload_bytes = (uint16_t)(end - at);
    *ret = h;
    return 0;
}

/* Pads an extension header's content of n bytes at to[1..] to 4-octet steps and sets its length. Where the
 * next type goes is the returned size - 1. */
static size_t close_extension(uint8_t *to, size_t n)
{
    size_t size = (n + 2 + 3) & ~(size_t)3;
    memset(to + 1 + n, 0, size - 1 - n);
    to[0] = (uint8_t)(size / 4);
    return size;
}

int gtpu_encode(const gtpu_header_t *h, size_t payload_n, uint8_t *to, size_t cap)
{
    uint8_t flags = VERSION_1 | PT_GTP;
    size_t at = FIXED_BYTES;
    bool ext = h->has_nru || h->has_pdu_session;
    if (cap < FIXED_BYTES + OPTIONAL_BYTES)
        return -ENOBUFS;
    if (ext || h->has_sn) {
        flags |= (uint8_t)((ext ? FLAG_E : 0) | (h->has_sn ? FLAG_S : 0));
        to[at] = (uint8_t)(h->sn >> 8);
        to[at + 1] = (uint8_t)h->sn;
        to[at + 2] = to[at + 3] = 0;
        at += OPTIONAL_BYTES;
    }
    uint8_t *next = to + at - 1;
    if (h->has_pdu_session) { /* first of all extension headers. 5.2.2.7 */
        uint8_t c[3];
        size_t n = encode_pdu_session(&h->pdu_session, c);
        if (cap - at < n + 5)
            return -ENOBUFS;
        *next = GTPU_EXT_PDU_SESSION;
        memcpy(to + at + 1, c, n);
        at += close_extension(to + at, n);
        next = to + at - 1;
    }
    if (h->has_nru) {
        if (cap - at < 5)
            return -ENOBUFS;
        int n = nru_encode(&h->nru, to + at + 1, cap - at - 5); /* what padding and next type can take */
        if (n < 0)
            return n;
        *next = GTPU_EXT_NR_RAN;
        at += close_extension(to + at, (size_t)n);
    }
    size_t length = at - FIXED_BYTES + payload_n;
    if (length > UINT16_MAX)
        return -EINVAL;
    to[0] = flags;
    to[1] = h->type;
    to[2] = (uint8_t)(length >> 8);
    to[3] = (uint8_t)length;
    put32(to + 4, h->teid);
    return (int)at;
}

int gtpu_push_header(const gtpu_header_t *h, buf_t *b)
{
    uint8_t bytes[GTPU_HEADER_MAX];
    int n = gtpu_encode(h, b->len, bytes, sizeof bytes);
    if (n < 0)
        return n;
    uint8_t *to = buf_push(b, (uint32_t)n);
    if (!to)
        return -ENOBUFS;
    memcpy(to, bytes, (size_t)n);
    return 0;
}

int gtpu_echo_request(uint16_t sn, uint8_t *to, size_t cap)
{
    return gtpu_encode(&(gtpu_header_t){.type = GTPU_ECHO_REQUEST, .has_sn = true, .sn = sn}, 0, to, cap);
}

int gtpu_echo_response(uint16_t sn, uint8_t *to, size_t cap)
{
    int n = gtpu_encode(&(gtpu_header_t){.type = GTPU_ECHO_RESPONSE, .has_sn = true, .sn = sn}, 2, to, cap);
    if (n < 0 || (size_t)n + 2 > cap)
        return -ENOBUFS;
    to[n] = IE_RECOVERY; /* mandatory, its counter always 0. 7.2.2 */
    to[n + 1] = 0;
    return n + 2;
}

int gtpu_error_indication(uint32_t teid, uint32_t our_ipv4_be, uint8_t *to, size_t cap)
{
    const gtpu_header_t h = {.type = GTPU_ERROR_INDICATION, .has_sn = true};
    int n = gtpu_encode(&h, 12, to, cap);
    if (n < 0 || (size_t)n + 12 > cap)
        return -ENOBUFS;
    uint8_t *p = to + n;
    p[0] = IE_TEID_DATA;
    put32(p + 1, teid);
    p[5] = IE_PEER_ADDRESS;
    p[6] = 0;
    p[7] = 4;
    memcpy(p + 8, &our_ipv4_be, 4);
    return n + 12;
}

int gtpu_error_indication_decode(const uint8_t *ies, size_t n, uint32_t *ret_teid, uint32_t *ret_ipv4_be)
{
    uint32_t teid = 0, addr = 0;
    bool has_teid = false, has_addr = false;
    while (n > 0) {
        size_t size;
        if (ies[0] == IE_TEID_DATA) {
            size = 5;
        } else if (ies[0] & 0x80) { /* TLV */
            size = n < 3 ? 3 : 3 + ((size_t)ies[1] << 8 | ies[2]);
        } else if (ies[0] == IE_RECOVERY) {
            size = 2;
        } else {
            break; /* a fixed-size element that is unknown has no known end */
        }
        if (size > n)
            return -EBADMSG;
        if (ies[0] == IE_TEID_DATA) {
            teid = get32(ies + 1);
            has_teid = true;
        } else if (ies[0] == IE_PEER_ADDRESS && size == 7) {
            memcpy(&addr, ies + 3, 4);
            has_addr = true;
        }
        ies += size;
        n -= size;
    }
    if (!has_teid || !has_addr)
        return -EBADMSG;
    *ret_teid = teid;
    *ret_ipv4_be = addr;
    return 0;
}
