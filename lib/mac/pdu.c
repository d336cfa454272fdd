/* SPDX-License-Identifier: Apache-2.0 */
/* TS 38.321 6.1.2, 6.1.3, 6.1.5, 6.2. */
#include "lib/mac/pdu.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "lib/mac/alloc.h"

enum { SIZE_L = -1, SIZE_UNKNOWN = -2 };

/* Bytes of what follows a subheader without L; SIZE_L: it has one. Tables 6.2.1-1, 6.2.1-2 with the sizes
 * of 6.1.3. */
static int fixed_size(mac_dir_t dir, uint8_t lcid)
{
    if (lcid >= 1 && lcid <= MAC_LCID_MAX)
        return SIZE_L;
    if (dir == MAC_DL)
        switch (lcid) {
        case 0:  /* CCCH */
        case 50: /* SP SRS activation, 53 TCI states, 54 aperiodic CSI trigger, 55 SP CSI-RS: variable */
        case 53:
        case 54:
        case 55:
            return SIZE_L;
        case 47: /* recommended bit rate */
        case 48: /* SP ZP CSI-RS set */
        case 51: /* SP CSI reporting on PUCCH */
        case 52: /* TCI state of a UE-specific PDCCH */
            return 2;
        case 49: /* PUCCH spatial relation */
            return 3;
        case 56: /* duplication */
        case 58: /* SCells, one octet */
        case MAC_LCID_DL_TA:
            return 1;
        case 57: /* SCells, four octets */
            return 4;
        case MAC_LCID_DL_LONG_DRX:
        case MAC_LCID_DL_DRX:
            return 0;
        case MAC_LCID_DL_CONTENTION:
            return 6;
        default:
            return SIZE_UNKNOWN;
        }
    switch (lcid) {
    case MAC_LCID_CCCH_64:
        return 8;
    case MAC_LCID_UL_CCCH_48:
        return 6;
    case 53: /* recommended bit rate query */
    case MAC_LCID_UL_PHR:
    case MAC_LCID_UL_C_RNTI:
        return 2;
    case MAC_LCID_UL_CG_CONFIRM:
        return 0;
    case MAC_LCID_UL_SHORT_TRUNC_BSR:
    case MAC_LCID_UL_SHORT_BSR:
        return 1;
    case 48: /* LBT failure, four octets */
        return 4;
    case 49: /* LBT failure, one octet */
        return 1;
    case 50: /* BFR; 51 truncated; 54, 56 multiple entry PHR */
    case 51:
    case 54:
    case 56:
    case MAC_LCID_UL_LONG_TRUNC_BSR:
    case MAC_LCID_UL_LONG_BSR:
        return SIZE_L;
    default:
        return SIZE_UNKNOWN;
    }
}

int mac_next(mac_iter_t *it, mac_subpdu_t *ret)
{
    if (it->at >= it->n)
        return 0;
    const uint8_t *h = it->p + it->at;
    uint32_t left = it->n - it->at;
    uint8_t lcid = h[0] & 0x3f;
    if (lcid == MAC_LCID_PADDING) {
        *ret = (mac_subpdu_t){h + 1, left - 1, lcid, 0};
        it->at = it->n;
        return 1;
    }
    int size = fixed_size(it->dir, lcid);
    uint32_t header = 1, n;
    if (size == SIZE_UNKNOWN) {
        it->at = it->n;
        return -EPROTONOSUPPORT;
    }
    if (size == SIZE_L) {
        header = h[0] & 0x40 ? 3 : 2;
        if (left < header) {
            it->at = it->n;
            return -EBADMSG;
        }
        n = header == 3 ? (uint32_t)h[1] << 8 | h[2] : h[1];
    } else {
        n = (uint32_t)size;
    }
    if (n > left - header) {
        it->at = it->n;
        return -EBADMSG;
    }
    bool sdu = lcid <= MAC_LCID_MAX || (it->dir == MAC_UL && lcid == MAC_LCID_UL_CCCH_48);
    *ret = (mac_subpdu_t){h + header, n, lcid, sdu};
    it->at += header + n;
    return 1;
}

int mac_parse_bsr(uint8_t lcid, const uint8_t *p, uint32_t n, mac_bsr_t *ret)
{
    mac_bsr_t b = {.lcid = lcid};
    if (lcid == MAC_LCID_UL_SHORT_BSR || lcid == MAC_LCID_UL_SHORT_TRUNC_BSR) {
        if (n != 1)
            return -EBADMSG;
        b.n = 1;
        b.lcg[0] = p[0] >> 5;
        b.index[0] = p[0] & 0x1f;
        b.lcg_mask = (uint8_t)(1u << b.lcg[0]);
        *ret = b;
        return 0;
    }
    if ((lcid != MAC_LCID_UL_LONG_BSR && lcid != MAC_LCID_UL_LONG_TRUNC_BSR) || n < 1)
        return -EBADMSG;
    b.lcg_mask = p[0];
    uint32_t flagged = (uint32_t)__builtin_popcount(p[0]);
    bool whole = n - 1 == flagged;
    if (lcid == MAC_LCID_UL_LONG_BSR ? !whole : n - 1 > flagged)
        return -EBADMSG;
    b.n = (uint8_t)(n - 1);
    for (uint32_t i = 0, lcg = 0; i < b.n; i++, lcg++) {
        while (!(b.lcg_mask >> lcg & 1))
            lcg++;
        /* A truncated report lists sizes by the priority of the logical channels, which only the UE's
         * configuration tells */
        b.lcg[i] = lcid == MAC_LCID_UL_LONG_BSR ? (uint8_t)lcg : 0xff;
        b.index[i] = p[1 + i];
    }
    *ret = b;
    return 0;
}

int mac_parse_phr(const uint8_t *p, uint32_t n, uint8_t *ret_ph, uint8_t *ret_pcmax)
{
    if (n != 2)
        return -EBADMSG;
    *ret_ph = p[0] & 0x3f;
    *ret_pcmax = p[1] & 0x3f;
    return 0;
}

int mac_parse_c_rnti(const uint8_t *p, uint32_t n, uint16_t *ret)
{
    if (n != 2)
        return -EBADMSG;
    *ret = (uint16_t)(p[0] << 8 | p[1]);
    return 0;
}

int mac_parse_ta(const uint8_t *p, uint32_t n, uint8_t *ret_tag, uint8_t *ret_ta)
{
    if (n != 1)
        return -EBADMSG;
    *ret_tag = p[0] >> 6;
    *ret_ta = p[0] & 0x3f;
    return 0;
}

/* ---- build ---- */

static uint32_t left(const mac_build_t *b)
{
    return b->cap - b->n;
}

uint32_t mac_build_room(const mac_build_t *b)
{
    uint32_t l = left(b), most;
    if (l < 3)
        return 0;
    most = l - 2 <= 255 ? l - 2 : l - 3;
    return most > 65535 ? 65535 : most;
}

uint8_t *mac_build_sdu_reserve(mac_build_t *b, uint8_t lcid, uint32_t max)
{
    assert(lcid <= MAC_LCID_MAX && !b->sdu);
    if (max == 0 || max > mac_build_room(b))
        return NULL;
    b->sdu_header = max > 255 ? 3 : 2;
    b->p[b->n] = lcid;
    b->sdu = b->p + b->n + b->sdu_header;
    return b->sdu;
}

void mac_build_sdu_commit(mac_build_t *b, uint32_t n)
{
    assert(b->sdu);
    uint8_t *h = b->p + b->n;
    if (n > 0 &&
        b->sdu_header == 3) { /* F = 1 also for a short SDU: moving it would cost more than the byte */
        h[0] |= 0x40;
        h[1] = (uint8_t)(n >> 8);
        h[2] = (uint8_t)n;
    } else if (n > 0) {
        h[1] = (uint8_t)n;
    }
    if (n > 0)
        b->n += b->sdu_header + n;
    assert(b->n <= b->cap);
    b->sdu = NULL;
}

bool mac_build_sdu(mac_build_t *b, uint8_t lcid, const uint8_t *sdu, uint32_t n)
{
    uint8_t *to = mac_build_sdu_reserve(b, lcid, n);
    if (!to)
        return false;
    memcpy(to, sdu, n);
    mac_build_sdu_commit(b, n);
    return true;
}

/* A subPDU without L. */
static bool put_fixed(mac_build_t *b, uint8_t lcid, const uint8_t *p, uint32_t n)
{
    if (left(b) < 1 + n)
        return false;
    b->p[b->n] = lcid;
    if (n)
        memcpy(b->p + b->n + 1, p, n);
    b->n += 1 + n;
    return true;
}

bool mac_build_ul_ccch(mac_build_t *b, const uint8_t *sdu, uint32_t n)
{
    assert(n == 6 || n == 8);
    return put_fixed(b, n == 6 ? MAC_LCID_UL_CCCH_48 : MAC_LCID_CCCH_64, sdu, n);
}

bool mac_build_contention(mac_build_t *b, const uint8_t id[6])
{
    return put_fixed(b, MAC_LCID_DL_CONTENTION, id, 6);
}

bool mac_build_ta(mac_build_t *b, uint8_t tag, uint8_t ta)
{
    uint8_t v = (uint8_t)(tag << 6 | (ta & 0x3f));
    return put_fixed(b, MAC_LCID_DL_TA, &v, 1);
}

bool mac_build_drx(mac_build_t *b, bool long_drx)
{
    return put_fixed(b, long_drx ? MAC_LCID_DL_LONG_DRX : MAC_LCID_DL_DRX, NULL, 0);
}

bool mac_build_c_rnti(mac_build_t *b, uint16_t rnti)
{
    uint8_t v[2] = {(uint8_t)(rnti >> 8), (uint8_t)rnti};
    return put_fixed(b, MAC_LCID_UL_C_RNTI, v, 2);
}

bool mac_build_phr(mac_build_t *b, uint8_t ph, uint8_t pcmax)
{
    uint8_t v[2] = {ph & 0x3f, pcmax & 0x3f};
    return put_fixed(b, MAC_LCID_UL_PHR, v, 2);
}

uint32_t mac_bsr_bytes(const mac_bsr_t *bsr)
{
    if (bsr->lcid == MAC_LCID_UL_SHORT_BSR || bsr->lcid == MAC_LCID_UL_SHORT_TRUNC_BSR)
        return 2;
    return 3u + bsr->n;
}

bool mac_build_bsr(mac_build_t *b, const mac_bsr_t *bsr)
{
    if (left(b) < mac_bsr_bytes(bsr) || bsr->n > 8)
        return false;
    if (bsr->lcid == MAC_LCID_UL_SHORT_BSR || bsr->lcid == MAC_LCID_UL_SHORT_TRUNC_BSR) {
        uint8_t v = (uint8_t)(bsr->lcg[0] << 5 | (bsr->index[0] & 0x1f));
        return put_fixed(b, bsr->lcid, &v, 1);
    }
    uint8_t *h = b->p + b->n;
    h[0] = bsr->lcid; /* F = 0 */
    h[1] = (uint8_t)(1 + bsr->n);
    h[2] = bsr->lcg_mask;
    memcpy(h + 3, bsr->index, bsr->n);
    b->n += 3u + bsr->n;
    return true;
}

void mac_build_end(mac_build_t *b)
{
    assert(!b->sdu);
    if (left(b) == 0)
        return;
    b->p[b->n] = MAC_LCID_PADDING;
    memset(b->p + b->n + 1, 0, left(b) - 1);
    b->n = b->cap;
}

/* ---- random access response ---- */

int mac_rar_next(const uint8_t *pdu, uint32_t n, uint32_t *at, mac_rar_t *ret)
{
    if (*at >= n)
        return 0;
    const uint8_t *p = pdu + *at;
    uint32_t rest = n - *at, used = 1;
    mac_rar_t r = {0};
    if (!(p[0] & 0x40)) {
        r.kind = MAC_RAR_BACKOFF;
        r.backoff = p[0] & 0x0f;
        if (*at != 0) { /* only as the first subPDU: 6.1.5 */
            *at = n;
            return -EBADMSG;
        }
    } else {
        r.rapid = p[0] & 0x3f;
        r.kind = MAC_RAR_RESPONSE;
        if (rest < MAC_RAR_BYTES) {
            /* RAPID only is told apart by the SI request preambles, which the caller knows; too short for a
             * MAC RAR it can only be one */
            r.kind = MAC_RAR_RAPID;
        } else {
            r.ta = (uint16_t)((p[1] & 0x7f) << 5 | p[2] >> 3);
            uint32_t g = (uint32_t)(p[2] & 7) << 24 | (uint32_t)p[3] << 16 | (uint32_t)p[4] << 8 | p[5];
            r.grant = (mac_rar_grant_t){(uint8_t)(g >> 26 & 1), (uint16_t)(g >> 12 & 0x3fff),
                                        (uint8_t)(g >> 8 & 15), (uint8_t)(g >> 4 & 15),
                                        (uint8_t)(g >> 1 & 7),  (uint8_t)(g & 1)};
            r.tc_rnti = (uint16_t)(p[6] << 8 | p[7]);
            used = MAC_RAR_BYTES;
        }
    }
    *at = p[0] & 0x80 ? *at + used : n;
    *ret = r;
    return 1;
}

int mac_rar_build(const mac_rar_t *subpdus, uint32_t n, uint8_t *buf, uint32_t cap)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        const mac_rar_t *r = &subpdus[i];
        uint32_t size = r->kind == MAC_RAR_RESPONSE ? MAC_RAR_BYTES : 1;
        if (cap - at < size)
            return -ENOSPC;
        uint8_t *p = buf + at;
        p[0] = (uint8_t)((i + 1 < n ? 0x80 : 0) |
                         (r->kind == MAC_RAR_BACKOFF ? (r->backoff & 15) : 0x40 | (r->rapid & 63)));
        if (r->kind == MAC_RAR_RESPONSE) {
            const mac_rar_grant_t *u = &r->grant;
            uint32_t g = (uint32_t)(u->freq_hopping & 1) << 26 | (uint32_t)(u->fdra & 0x3fff) << 12 |
                         (uint32_t)(u->tdra & 15) << 8 | (uint32_t)(u->mcs & 15) << 4 |
                         (uint32_t)(u->tpc & 7) << 1 | (u->csi_request & 1u);
            p[1] = (uint8_t)(r->ta >> 5 & 0x7f);
            p[2] = (uint8_t)((r->ta & 31) << 3 | g >> 24);
            p[3] = (uint8_t)(g >> 16);
            p[4] = (uint8_t)(g >> 8);
            p[5] = (uint8_t)g;
            p[6] = (uint8_t)(r->tc_rnti >> 8);
            p[7] = (uint8_t)r->tc_rnti;
        }
        at += size;
    }
    memset(buf + at, 0, cap - at);
    return 0;
}

uint16_t mac_rar_fdra(uint16_t bwp_n_prb, uint32_t riv)
{
    (void)bwp_n_prb; /* below 14 bits the upper ones are 0, above 14 bits the RIV has to fit */
    assert(riv < 1u << 14);
    return (uint16_t)riv;
}

uint32_t mac_rar_riv(uint16_t bwp_n_prb, uint16_t fdra)
{
    uint8_t bits = riv_bits(bwp_n_prb);
    return bits < 14 ? fdra & ((1u << bits) - 1) : fdra & 0x3fffu;
}
