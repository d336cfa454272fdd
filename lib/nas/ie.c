/* SPDX-License-Identifier: Apache-2.0 */
/* Contents of information elements, TS 24.501 clause 9.11 and what it takes from TS 24.008. Lengths outside
 * the IE's limits are the caller's matter (the tables of messages.c have them); what is inside is checked
 * here. */
#include "lib/nas/ie.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- plain values ---- */

static int u8_parse(const uint8_t *p, size_t n, void *ret)
{
    (void)n;
    *(uint8_t *)ret = p[0];
    return 0;
}

static int u8_build(nas_writer_t *w, const void *v)
{
    put8(w, *(const uint8_t *)v);
    return 0;
}
const ie_type_t ie_u8 = {u8_parse, u8_build};

static int u16_parse(const uint8_t *p, size_t n, void *ret)
{
    if (n < 2)
        return -EBADMSG;
    *(uint16_t *)ret = get16(p);
    return 0;
}

static int u16_build(nas_writer_t *w, const void *v)
{
    put16(w, *(const uint16_t *)v);
    return 0;
}
const ie_type_t ie_u16 = {u16_parse, u16_build};

static int bytes_parse(const uint8_t *p, size_t n, void *ret)
{
    *(nas_bytes_t *)ret = (nas_bytes_t){p, (uint32_t)n};
    return 0;
}

static int bytes_build(nas_writer_t *w, const void *v)
{
    const nas_bytes_t *b = v;
    put_bytes(w, b->p, b->n);
    return 0;
}
const ie_type_t ie_bytes = {bytes_parse, bytes_build};

static int octets14_parse(const uint8_t *p, size_t n, void *ret)
{
    if (n != 14)
        return -EBADMSG;
    memcpy(ret, p, 14);
    return 0;
}

static int octets14_build(nas_writer_t *w, const void *v)
{
    put_bytes(w, v, 14);
    return 0;
}
const ie_type_t ie_octets14 = {octets14_parse, octets14_build};

static int octets16_parse(const uint8_t *p, size_t n, void *ret)
{
    if (n != 16)
        return -EBADMSG;
    memcpy(ret, p, 16);
    return 0;
}

static int octets16_build(nas_writer_t *w, const void *v)
{
    put_bytes(w, v, 16);
    return 0;
}
const ie_type_t ie_octets16 = {octets16_parse, octets16_build};

/* PDU session status and its kin, 9.11.3.44: octet 1 has sessions 0 to 7, bit 1 first. */
static int session_status_parse(const uint8_t *p, size_t n, void *ret)
{
    if (n < 2)
        return -EBADMSG;
    *(uint16_t *)ret = (uint16_t)(p[0] | p[1] << 8);
    return 0;
}

static int session_status_build(nas_writer_t *w, const void *v)
{
    uint16_t s = *(const uint16_t *)v;
    put8(w, (uint8_t)s);
    put8(w, (uint8_t)(s >> 8));
    return 0;
}
const ie_type_t ie_session_status = {session_status_parse, session_status_build};

/* ---- digits and identities ---- */

int nas_plmn_build(const char *digits, uint8_t ret[3])
{
    size_t n = strlen(digits);
    if ((n != 5 && n != 6) || strspn(digits, "0123456789") != n)
        return -EINVAL;
    uint8_t d[6] = {0};
    for (size_t i = 0; i < n; i++)
        d[i] = (uint8_t)(digits[i] - '0');
    ret[0] = (uint8_t)(d[1] << 4 | d[0]);
    ret[1] = (uint8_t)((n == 6 ? d[5] : 0xf) << 4 | d[2]);
    ret[2] = (uint8_t)(d[4] << 4 | d[3]);
    return 0;
}

/* A digit that is none is printed as '?', so that the text always has 5 or 6 characters. */
static char digit_char(uint8_t d)
{
    return d < 10 ? (char)('0' + d) : '?';
}

void nas_plmn_print(const uint8_t plmn[3], char ret[7])
{
    ret[0] = digit_char(plmn[0] & 15);
    ret[1] = digit_char(plmn[0] >> 4);
    ret[2] = digit_char(plmn[1] & 15);
    ret[3] = digit_char(plmn[2] & 15);
    ret[4] = digit_char(plmn[2] >> 4);
    ret[5] = plmn[1] >> 4 == 0xf ? 0 : digit_char(plmn[1] >> 4);
    ret[6] = 0;
}

static bool plmn_ok(const uint8_t p[3])
{
    char text[7];
    nas_plmn_print(p, text);
    return strchr(text, '?') == NULL;
}

/* BCD digits, low nibble first, ended by 0xf or the end. 0 or -EBADMSG (other than digits, too many). */
static int bcd_parse(const uint8_t *p, size_t n, char *ret, size_t cap)
{
    size_t k = 0;
    for (size_t i = 0; i < 2 * n; i++) {
        uint8_t d = i & 1 ? p[i / 2] >> 4 : p[i / 2] & 15;
        if (d == 0xf) { /* filler: nothing but filler may follow */
            for (; i < 2 * n; i++)
                if ((i & 1 ? p[i / 2] >> 4 : p[i / 2] & 15) != 0xf)
                    return -EBADMSG;
            break;
        }
        if (d > 9 || k + 1 >= cap)
            return -EBADMSG;
        ret[k++] = (char)('0' + d);
    }
    ret[k] = 0;
    return 0;
}

static int bcd_build(nas_writer_t *w, const char *digits, size_t octets)
{
    size_t n = strlen(digits);
    if (strspn(digits, "0123456789") != n || n > 2 * octets)
        return -EINVAL;
    for (size_t i = 0; i < octets; i++) {
        uint8_t lo = 2 * i < n ? (uint8_t)(digits[2 * i] - '0') : 0xf;
        uint8_t hi = 2 * i + 1 < n ? (uint8_t)(digits[2 * i + 1] - '0') : 0xf;
        put8(w, (uint8_t)(hi << 4 | lo));
    }
    return 0;
}

static int suci_parse(const uint8_t *p, size_t n, nas_mobile_id_t *id)
{
    id->supi_format = p[0] >> 4 & 7;
    if (id->supi_format != 0) {
        id->other = (nas_bytes_t){p, (uint32_t)n};
        return 0;
    }
    if (n < 9 || !plmn_ok(p + 1))
        return -EBADMSG;
    memcpy(id->plmn, p + 1, 3);
    if (bcd_parse(p + 4, 2, id->routing_indicator, sizeof id->routing_indicator) < 0 ||
        !id->routing_indicator[0])
        return -EBADMSG;
    id->scheme = p[6] & 15;
    id->key_id = p[7];
    id->scheme_output = (nas_bytes_t){p + 8, (uint32_t)(n - 8)};
    if (id->scheme == 0 && (bcd_parse(p + 8, n - 8, id->msin, 11) < 0 || !id->msin[0]))
        return -EBADMSG;
    return 0;
}

/* An IMEI or IMEISV: first digit beside the type, odd/even in bit 4. */
static int imei_parse(const uint8_t *p, size_t n, nas_mobile_id_t *id)
{
    if (n != (id->type == NAS_ID_IMEI ? 8u : 9u) || p[0] >> 4 > 9)
        return -EBADMSG;
    id->imei[0] = (char)('0' + (p[0] >> 4));
    return bcd_parse(p + 1, n - 1, id->imei + 1, sizeof id->imei - 1);
}

static void guti_tail_parse(const uint8_t *p, nas_guti_t *g)
{
    g->amf_set = (uint16_t)(get16(p) >> 6);
    g->amf_pointer = p[1] & 63;
    g->tmsi = get32(p + 2);
}

static int mobile_id_parse(const uint8_t *p, size_t n, void *ret)
{
    nas_mobile_id_t id = {0};
    int r = 0;
    if (n < 1)
        return -EBADMSG;
    id.type = (nas_id_type_t)(p[0] & 7);
    switch (id.type) {
    case NAS_ID_SUCI:
        r = suci_parse(p, n, &id);
        break;
    case NAS_ID_GUTI:
        if (n != 11 || !plmn_ok(p + 1))
            return -EBADMSG;
        memcpy(id.guti.plmn, p + 1, 3);
        id.guti.amf_region = p[4];
        guti_tail_parse(p + 5, &id.guti);
        break;
    case NAS_ID_S_TMSI:
        if (n != 7)
            return -EBADMSG;
        guti_tail_parse(p + 1, &id.guti);
        break;
    case NAS_ID_IMEI:
    case NAS_ID_IMEISV:
        r = imei_parse(p, n, &id);
        break;
    default:
        id.other = (nas_bytes_t){p, (uint32_t)n};
        break;
    }
    if (r == 0)
        *(nas_mobile_id_t *)ret = id;
    return r;
}

static void guti_tail_build(nas_writer_t *w, const nas_guti_t *g)
{
    put16(w, (uint16_t)(g->amf_set << 6 | (g->amf_pointer & 63)));
    put16(w, (uint16_t)(g->tmsi >> 16));
    put16(w, (uint16_t)g->tmsi);
}

static int suci_build(nas_writer_t *w, const nas_mobile_id_t *id)
{
    if (id->supi_format != 0) {
        put_bytes(w, id->other.p, id->other.n);
        return 0;
    }
    put8(w, NAS_ID_SUCI);
    put_bytes(w, id->plmn, 3);
    if (!id->routing_indicator[0] || bcd_build(w, id->routing_indicator, 2) < 0)
        return -EINVAL;
    put8(w, id->scheme);
    put8(w, id->key_id);
    if (id->scheme == 0)
        return id->msin[0] ? bcd_build(w, id->msin, (strlen(id->msin) + 1) / 2) : -EINVAL;
    put_bytes(w, id->scheme_output.p, id->scheme_output.n);
    return 0;
}

static int mobile_id_build(nas_writer_t *w, const void *v)
{
    const nas_mobile_id_t *id = v;
    size_t n = strnlen(id->imei, sizeof id->imei);
    switch (id->type) {
    case NAS_ID_SUCI:
        return suci_build(w, id);
    case NAS_ID_GUTI:
        put8(w, 0xf0 | NAS_ID_GUTI);
        put_bytes(w, id->guti.plmn, 3);
        put8(w, id->guti.amf_region);
        guti_tail_build(w, &id->guti);
        return 0;
    case NAS_ID_S_TMSI:
        put8(w, 0xf0 | NAS_ID_S_TMSI);
        guti_tail_build(w, &id->guti);
        return 0;
    case NAS_ID_IMEI:
    case NAS_ID_IMEISV:
        if (n != (id->type == NAS_ID_IMEI ? 15u : 16u) || id->imei[0] < '0' || id->imei[0] > '9')
            return -EINVAL;
        put8(w, (uint8_t)((id->imei[0] - '0') << 4 | (n & 1) << 3 | id->type));
        return bcd_build(w, id->imei + 1, n / 2);
    case NAS_ID_NONE: /* one octet, 9.11.3.4 */
        put8(w, 0);
        return 0;
    default:
        put_bytes(w, id->other.p, id->other.n);
        return 0;
    }
}
const ie_type_t ie_mobile_id = {mobile_id_parse, mobile_id_build};

bool nas_id_imsi(const nas_mobile_id_t *id, char ret[16])
{
    char plmn[7];
    if (id->type != NAS_ID_SUCI || id->supi_format != 0 || id->scheme != 0)
        return false;
    nas_plmn_print(id->plmn, plmn);
    return snprintf(ret, 16, "%s%s", plmn, id->msin) < 16;
}

/* ---- capabilities and slices ---- */

static int security_capability_parse(const uint8_t *p, size_t n, void *ret)
{
    nas_security_capability_t c = {.ea = p[0], .ia = p[1], .raw = {p, (uint32_t)n}};
    if (n >= 4) {
        c.has_eps = true;
        c.eea = p[2];
        c.eia = p[3];
    }
    *(nas_security_capability_t *)ret = c;
    return 0;
}

static int security_capability_build(nas_writer_t *w, const void *v)
{
    const nas_security_capability_t *c = v;
    if (c->raw.n)
        return bytes_build(w, &c->raw);
    put8(w, c->ea);
    put8(w, c->ia);
    if (c->has_eps) {
        put8(w, c->eea);
        put8(w, c->eia);
    }
    return 0;
}
const ie_type_t ie_security_capability = {security_capability_parse, security_capability_build};

/* 9.11.2.8: the length says which parts are there. */
static int snssai_parse(const uint8_t *p, size_t n, void *ret)
{
    nas_snssai_t s = {.sst = p[0], .sd = NAS_SD_NONE, .mapped_sd = NAS_SD_NONE};
    if (n != 1 && n != 2 && n != 4 && n != 5 && n != 8)
        return -EBADMSG;
    if (n >= 4)
        s.sd = get24(p + 1);
    if (n == 2 || n >= 5) {
        s.has_mapped = true;
        s.mapped_sst = p[n == 2 ? 1 : 4];
    }
    if (n == 8)
        s.mapped_sd = get24(p + 5);
    *(nas_snssai_t *)ret = s;
    return 0;
}

static void put24(nas_writer_t *w, uint32_t v)
{
    put8(w, (uint8_t)(v >> 16));
    put16(w, (uint16_t)v);
}

static int snssai_build(nas_writer_t *w, const void *v)
{
    const nas_snssai_t *s = v;
    bool mapped_sd = s->has_mapped && s->mapped_sd != NAS_SD_NONE;
    if (s->sd > NAS_SD_NONE || (mapped_sd && s->mapped_sd > NAS_SD_NONE))
        return -EINVAL;
    put8(w, s->sst);
    if (s->sd != NAS_SD_NONE || mapped_sd) /* a mapped SD needs the SD's place: "no SD" is written into it */
        put24(w, s->sd);
    if (s->has_mapped)
        put8(w, s->mapped_sst);
    if (mapped_sd)
        put24(w, s->mapped_sd);
    return 0;
}
const ie_type_t ie_snssai = {snssai_parse, snssai_build};

static int nssai_parse(const uint8_t *p, size_t n, void *ret)
{
    nas_nssai_t list = {0};
    for (size_t at = 0; at < n; at += 1u + p[at]) {
        if (p[at] == 0 || p[at] > n - at - 1)
            return -EBADMSG;
        if (list.n ==
            NAS_MAX_SNSSAI) /* requested and allowed NSSAI have at most 8; of a longer one the first 8 */
            break;
        if (snssai_parse(p + at + 1, p[at], &list.s[list.n]) < 0)
            return -EBADMSG;
        list.n++;
    }
    *(nas_nssai_t *)ret = list;
    return 0;
}

static int nssai_build(nas_writer_t *w, const void *v)
{
    const nas_nssai_t *list = v;
    if (list->n > NAS_MAX_SNSSAI)
        return -EINVAL;
    for (uint8_t i = 0; i < list->n; i++) {
        size_t length_at = w->n;
        put8(w, 0);
        if (snssai_build(w, &list->s[i]) < 0)
            return -EINVAL;
        if (!w->full)
            w->p[length_at] = (uint8_t)(w->n - length_at - 1);
    }
    return 0;
}
const ie_type_t ie_nssai = {nssai_parse, nssai_build};

static int rejected_nssai_parse(const uint8_t *p, size_t n, void *ret)
{
    nas_rejected_nssai_t list = {0};
    for (size_t at = 0; at < n; at += 1u + (p[at] >> 4)) {
        size_t len = p[at] >> 4;
        if ((len != 1 && len != 4) || len > n - at - 1)
            return -EBADMSG;
        if (list.n == NAS_MAX_SNSSAI)
            break;
        list.s[list.n].cause = p[at] & 15;
        list.s[list.n].sst = p[at + 1];
        list.s[list.n].sd = len == 4 ? get24(p + at + 2) : NAS_SD_NONE;
        list.n++;
    }
    *(nas_rejected_nssai_t *)ret = list;
    return 0;
}

static int rejected_nssai_build(nas_writer_t *w, const void *v)
{
    const nas_rejected_nssai_t *list = v;
    if (list->n > NAS_MAX_SNSSAI)
        return -EINVAL;
    for (uint8_t i = 0; i < list->n; i++) {
        bool sd = list->s[i].sd != NAS_SD_NONE;
        put8(w, (uint8_t)((sd ? 4 : 1) << 4 | (list->s[i].cause & 15)));
        put8(w, list->s[i].sst);
        if (sd)
            put24(w, list->s[i].sd);
    }
    return 0;
}
const ie_type_t ie_rejected_nssai = {rejected_nssai_parse, rejected_nssai_build};

/* ---- tracking areas ---- */

static int tai_parse(const uint8_t *p, size_t n, void *ret)
{
    nas_tai_t t;
    if (n != 6 || !plmn_ok(p))
        return -EBADMSG;
    memcpy(t.plmn, p, 3);
    t.tac = get24(p + 3);
    *(nas_tai_t *)ret = t;
    return 0;
}

static int tai_build(nas_writer_t *w, const void *v)
{
    const nas_tai_t *t = v;
    put_bytes(w, t->plmn, 3);
    put24(w, t->tac);
    return 0;
}
const ie_type_t ie_tai = {tai_parse, tai_build};

static void tai_add(nas_tai_list_t *list, const uint8_t plmn[3], uint32_t tac)
{
    if (list->n == NAS_MAX_TAI)
        return;
    memcpy(list->t[list->n].plmn, plmn, 3);
    list->t[list->n++].tac = tac;
}

/* Partial lists one behind the other: type 00 one PLMN and its TACs, 01 one PLMN and consecutive TACs, 10
 * whole TAIs. */
static int tai_list_parse(const uint8_t *p, size_t n, void *ret)
{
    nas_tai_list_t list = {0};
    while (n) {
        uint8_t type = p[0] >> 5 & 3, count = (uint8_t)((p[0] & 31) + 1);
        size_t len = 1 + (type == 0 ? 3 + 3u * count : type == 1 ? 6u : 6u * count);
        if (type == 3 || count > NAS_MAX_TAI || len > n)
            return -EBADMSG;
        for (uint8_t i = 0; i < count; i++)
            if (type == 0)
                tai_add(&list, p + 1, get24(p + 4 + 3 * i));
            else if (type == 1)
                tai_add(&list, p + 1, (get24(p + 4) + i) & 0xffffff);
            else
                tai_add(&list, p + 1 + 6 * i, get24(p + 4 + 6 * i));
        p += len;
        n -= len;
    }
    *(nas_tai_list_t *)ret = list;
    return 0;
}

static int tai_list_build(nas_writer_t *w, const void *v)
{
    const nas_tai_list_t *list = v;
    if (list->n == 0 || list->n > NAS_MAX_TAI)
        return -EINVAL;
    put8(w, (uint8_t)(list->n - 1));
    put_bytes(w, list->t[0].plmn, 3);
    for (uint8_t i = 0; i < list->n; i++) {
        if (memcmp(list->t[i].plmn, list->t[0].plmn, 3) != 0)
            return -EINVAL;
        put24(w, list->t[i].tac);
    }
    return 0;
}
const ie_type_t ie_tai_list = {tai_list_parse, tai_list_build};

/* ---- timers: 5 bits of value, 3 bits of unit ---- */

static const uint32_t timer2_units[8] = {2, 60, 360, 60, 60, 60, 60, 0};
static const uint32_t timer3_units[8] = {600, 3600, 36000, 2, 30, 60, 320 * 3600, 0};

static int timer_parse(uint8_t octet, const uint32_t units[8], uint32_t *ret)
{
    uint32_t unit = units[octet >> 5];
    *ret = unit ? unit * (octet & 31) : UINT32_MAX;
    return 0;
}

/* The smallest unit that can hold the value, rounded up. */
static int timer_build(nas_writer_t *w, uint32_t s, const uint32_t units[8], unsigned n_units)
{
    unsigned best = 7;
    if (s == UINT32_MAX) {
        put8(w, 0xe0);
        return 0;
    }
    for (unsigned u = 0; u < n_units; u++)
        if ((s + units[u] - 1) / units[u] <= 31 && (best == 7 || units[u] < units[best]))
            best = u;
    if (best == 7)
        return -EINVAL;
    put8(w, (uint8_t)(best << 5 | (s + units[best] - 1) / units[best]));
    return 0;
}

static int timer2_parse(const uint8_t *p, size_t n, void *ret)
{
    (void)n;
    return timer_parse(p[0], timer2_units, ret);
}

static int timer2_build(nas_writer_t *w, const void *v)
{
    return timer_build(w, *(const uint32_t *)v, timer2_units, 3);
}
const ie_type_t ie_timer2 = {timer2_parse, timer2_build};

static int timer3_parse(const uint8_t *p, size_t n, void *ret)
{
    (void)n;
    return timer_parse(p[0], timer3_units, ret);
}

static int timer3_build(nas_writer_t *w, const void *v)
{
    return timer_build(w, *(const uint32_t *)v, timer3_units, 7);
}
const ie_type_t ie_timer3 = {timer3_parse, timer3_build};

/* ---- session: rates, rules, flows, addresses ---- */

/* Unit u of 9.11.4.14 is 1 kbit/s times 4^(u - 1), but from Mbit/s on the thousands start anew every five. */
static uint64_t ambr_unit(uint8_t u)
{
    static const uint64_t thousands[] = {1000ull, 1000000ull, 1000000000ull, 1000000000000ull,
                                         1000000000000000ull};
    if (u < 1 || u > 25)
        return 0;
    return thousands[(u - 1) / 5] << 2 * ((u - 1) % 5);
}

static int ambr_parse(const uint8_t *p, size_t n, void *ret)
{
    nas_ambr_t a;
    if (n < 6)
        return -EBADMSG;
    /* A unit beyond the table is read as the largest: 256 Pbit/s. 0: not used, no limit is meant. */
    a.dl_bps = ambr_unit(p[0] > 25 ? 25 : p[0]) * get16(p + 1);
    a.ul_bps = ambr_unit(p[3] > 25 ? 25 : p[3]) * get16(p + 4);
    *(nas_ambr_t *)ret = a;
    return 0;
}

static void put_rate(nas_writer_t *w, uint64_t bps)
{
    uint8_t u = 1;
    while (u < 25 && bps / ambr_unit(u) > 65535)
        u++;
    uint64_t value = bps / ambr_unit(u);
    put8(w, u);
    put16(w, (uint16_t)(value > 65535 ? 65535 : value));
}

static int ambr_build(nas_writer_t *w, const void *v)
{
    const nas_ambr_t *a = v;
    put_rate(w, a->dl_bps);
    put_rate(w, a->ul_bps);
    return 0;
}
const ie_type_t ie_ambr = {ambr_parse, ambr_build};

static int qos_rule_parse(const uint8_t *p, size_t n, nas_qos_rule_t *r)
{
    uint8_t op = p[0] >> 5;
    bool delete_filters = op == 5;
    size_t at = 1;
    r->operation = op;
    r->is_default = p[0] >> 4 & 1;
    r->n_filters = p[0] & 15;
    for (uint8_t i = 0; i < r->n_filters; i++) {
        size_t len = delete_filters ? 1 : n - at < 2 ? n : 2u + p[at + 1];
        if (at > n || len > n - at)
            return -EBADMSG;
        at += len;
    }
    r->filters = (nas_bytes_t){p + 1, (uint32_t)(at - 1)};
    if (n - at >= 2) { /* precedence and QFI; absent when a rule is deleted or only its filters change */
        r->precedence = p[at];
        r->qfi = p[at + 1] & 63;
        at += 2;
    } else if (op == 1)
        return -EBADMSG;
    return at == n ? 0 : -EBADMSG;
}

static int qos_rules_parse(const uint8_t *p, size_t n, void *ret)
{
    nas_qos_rules_t list = {0};
    while (n) {
        if (n < 4 || get16(p + 1) < 1 || get16(p + 1) > n - 3)
            return -EBADMSG;
        size_t len = get16(p + 1);
        if (list.n < NAS_MAX_QOS_RULES) {
            nas_qos_rule_t *r = &list.r[list.n++];
            r->id = p[0];
            if (qos_rule_parse(p + 3, len, r) < 0)
                return -EBADMSG;
        }
        p += 3 + len;
        n -= 3 + len;
    }
    *(nas_qos_rules_t *)ret = list;
    return 0;
}

static int qos_rules_build(nas_writer_t *w, const void *v)
{
    const nas_qos_rules_t *list = v;
    if (list->n == 0 || list->n > NAS_MAX_QOS_RULES)
        return -EINVAL;
    for (uint8_t i = 0; i < list->n; i++) {
        /* direction: both ways (3), identifier 1, one octet: component type 1, match-all. 9.11.4.13 */
        static const uint8_t match_all[] = {0x31, 0x01, 0x01};
        const nas_qos_rule_t *r = &list->r[i];
        nas_bytes_t filters = r->filters.n ? r->filters : (nas_bytes_t){match_all, sizeof match_all};
        uint8_t n_filters = r->filters.n ? r->n_filters : 1;
        put8(w, r->id);
        put16(w, (uint16_t)(filters.n + 3));
        put8(w, (uint8_t)(r->operation << 5 | r->is_default << 4 | (n_filters & 15)));
        put_bytes(w, filters.p, filters.n);
        put8(w, r->precedence);
        put8(w, r->qfi & 63);
    }
    return 0;
}
const ie_type_t ie_qos_rules = {qos_rules_parse, qos_rules_build};

static int qos_flows_parse(const uint8_t *p, size_t n, void *ret)
{
    nas_qos_flows_t list = {0};
    while (n) {
        if (n < 3)
            return -EBADMSG;
        nas_qos_flow_t f = {.qfi = p[0] & 63, .operation = p[1] >> 5};
        uint8_t params = p[2] & 63;
        p += 3;
        n -= 3;
        for (; params; params--) {
            if (n < 2 || p[1] > n - 2)
                return -EBADMSG;
            if (p[0] == 1 && p[1] == 1) /* parameter 5QI */
                f.five_qi = p[2];
            n -= 2u + p[1];
            p += 2u + p[1];
        }
        if (list.n < NAS_MAX_QOS_FLOWS)
            list.f[list.n++] = f;
    }
    *(nas_qos_flows_t *)ret = list;
    return 0;
}

static int qos_flows_build(nas_writer_t *w, const void *v)
{
    const nas_qos_flows_t *list = v;
    if (list->n == 0 || list->n > NAS_MAX_QOS_FLOWS)
        return -EINVAL;
    for (uint8_t i = 0; i < list->n; i++) {
        const nas_qos_flow_t *f = &list->f[i];
        put8(w, f->qfi & 63);
        put8(w, (uint8_t)(f->operation << 5));
        put8(w, f->five_qi ? 0x41 : 0); /* E bit: a parameter list is there; one parameter */
        if (f->five_qi) {
            put8(w, 1);
            put8(w, 1);
            put8(w, f->five_qi);
        }
    }
    return 0;
}
const ie_type_t ie_qos_flows = {qos_flows_parse, qos_flows_build};

static int pdu_address_parse(const uint8_t *p, size_t n, void *ret)
{
    nas_pdu_address_t a = {.type = p[0] & 7};
    if (a.type == 1 && n >= 5)
        a.ipv4 = get32(p + 1);
    else if (a.type == 2 && n >= 9)
        memcpy(a.interface_id, p + 1, 8);
    else if (a.type == 3 && n >= 13) {
        memcpy(a.interface_id, p + 1, 8);
        a.ipv4 = get32(p + 9);
    } else
        return -EBADMSG;
    *(nas_pdu_address_t *)ret = a;
    return 0;
}

static int pdu_address_build(nas_writer_t *w, const void *v)
{
    const nas_pdu_address_t *a = v;
    if (a->type < 1 || a->type > 3)
        return -EINVAL;
    put8(w, a->type);
    if (a->type & 2)
        put_bytes(w, a->interface_id, 8);
    if (a->type & 1) {
        put16(w, (uint16_t)(a->ipv4 >> 16));
        put16(w, (uint16_t)a->ipv4);
    }
    return 0;
}
const ie_type_t ie_pdu_address = {pdu_address_parse, pdu_address_build};

/* Containers of TS 24.008 table 10.5.154. */
enum { PCO_DNS_IPV4 = 0x000d, PCO_MTU_IPV4 = 0x0010 };

static int pco_parse(const uint8_t *p, size_t n, void *ret)
{
    nas_pco_t c = {0};
    if (n < 1)
        return -EBADMSG;
    for (size_t at = 1; at < n;) {
        if (n - at < 3 || p[at + 2] > n - at - 3)
            return -EBADMSG;
        uint16_t id = get16(p + at);
        uint8_t len = p[at + 2];
        const uint8_t *v = p + at + 3;
        if (id == PCO_DNS_IPV4 && len == 0)
            c.wants_dns = true;
        else if (id == PCO_DNS_IPV4 && len == 4 && !c.dns)
            c.dns = get32(v);
        else if (id == PCO_MTU_IPV4 && len == 0)
            c.wants_mtu = true;
        else if (id == PCO_MTU_IPV4 && len == 2)
            c.mtu = get16(v);
        at += 3u + len;
    }
    *(nas_pco_t *)ret = c;
    return 0;
}

static int pco_build(nas_writer_t *w, const void *v)
{
    const nas_pco_t *c = v;
    put8(w, 0x80); /* extension; configuration protocol: PPP for use with IP PDP type */
    if (c->wants_dns || c->dns) {
        put16(w, PCO_DNS_IPV4);
        put8(w, c->dns ? 4 : 0);
        if (c->dns) {
            put16(w, (uint16_t)(c->dns >> 16));
            put16(w, (uint16_t)c->dns);
        }
    }
    if (c->wants_mtu || c->mtu) {
        put16(w, PCO_MTU_IPV4);
        put8(w, c->mtu ? 2 : 0);
        if (c->mtu)
            put16(w, c->mtu);
    }
    return 0;
}
const ie_type_t ie_pco = {pco_parse, pco_build};

/* Labels as in TS 23.003 9.1. */
static int dnn_parse(const uint8_t *p, size_t n, void *ret)
{
    nas_dnn_t d = {0};
    size_t k = 0;
    for (size_t at = 0; at < n; at += 1u + p[at]) {
        size_t len = p[at];
        if (len == 0 || len > n - at - 1 || k + len + 1 >= sizeof d.text)
            return -EBADMSG;
        if (k)
            d.text[k++] = '.';
        for (size_t i = 0; i < len; i++) {
            uint8_t ch = p[at + 1 + i];
            if (ch <= ' ' || ch > '~' || ch == '.')
                return -EBADMSG;
            d.text[k++] = (char)ch;
        }
    }
    *(nas_dnn_t *)ret = d;
    return 0;
}

static int dnn_build(nas_writer_t *w, const void *v)
{
    const char *s = ((const nas_dnn_t *)v)->text;
    do {
        size_t len = strcspn(s, ".");
        if (len == 0 || len > 63)
            return -EINVAL;
        put8(w, (uint8_t)len);
        put_bytes(w, (const uint8_t *)s, len);
        s += len;
    } while (*s++ == '.');
    return 0;
}
const ie_type_t ie_dnn = {dnn_parse, dnn_build};
