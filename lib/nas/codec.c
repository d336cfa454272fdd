/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the message tables: TS 24.007 11.2 for the formats, TS 24.501 clause 7 for what a receiver does with
 * what it did not expect. */
#include "lib/nas/ie.h"

#include <errno.h>
#include <string.h>

enum { CAUSE_INVALID_MANDATORY = 96, CAUSE_TYPE_NON_EXISTENT = 97 }; /* the same in 5GMM and 5GSM */

static const message_desc_t *message_find(const message_desc_t *table, size_t n, uint8_t type)
{
    for (size_t i = 0; i < n; i++)
        if (table[i].type == type)
            return &table[i];
    return NULL;
}

const char *nas_mm_name(uint8_t type)
{
    const message_desc_t *d = message_find(nas_mm_messages, nas_mm_messages_n, type);
    return d ? d->name : "?";
}

const char *nas_sm_name(uint8_t type)
{
    const message_desc_t *d = message_find(nas_sm_messages, nas_sm_messages_n, type);
    return d ? d->name : "?";
}

static int fail(nas_error_t *err, uint8_t cause, const char *ie, const char *what)
{
    if (err)
        *err = (nas_error_t){cause, what, ie};
    return -EBADMSG;
}

/* ---- parse ---- */

typedef struct {
    const uint8_t *p;
    size_t n, at;
} reader_t;

/* Where an IE's contents are, after its tag. False: it does not fit. Moves behind the IE. */
static bool contents(reader_t *r, ie_format_t format, size_t fixed, const uint8_t **ret_p, size_t *ret_n)
{
    size_t left = r->n - r->at, head = format == IE_LV || format == IE_TLV     ? 1
                                       : format == IE_TLVE || format == IE_LVE ? 2
                                                                               : 0;
    if (left < head)
        return false;
    const uint8_t *p = r->p + r->at;
    size_t n = head == 1 ? p[0] : head == 2 ? get16(p) : fixed;
    if (n > left - head)
        return false;
    *ret_p = p + head;
    *ret_n = n;
    r->at += head + n;
    return true;
}

static int mandatory_parse(const message_desc_t *d, reader_t *r, uint8_t *to, size_t *ret_done,
                           nas_error_t *err)
{
    bool high = false; /* the next half octet is the upper one */
    size_t i;
    for (i = 0; i < d->n && d->ies[i].format <= IE_LVE; i++) {
        const ie_desc_t *ie = &d->ies[i];
        const uint8_t *p;
        size_t n;
        if (ie->format == IE_HALF) {
            if (r->at == r->n)
                return fail(err, CAUSE_INVALID_MANDATORY, ie->name, "missing");
            if (ie->type)
                to[ie->offset] = high ? r->p[r->at] >> 4 : r->p[r->at] & 15;
            r->at += high;
            high = !high;
            continue;
        }
        if (!contents(r, (ie_format_t)ie->format, ie->min, &p, &n))
            return fail(err, CAUSE_INVALID_MANDATORY, ie->name, "missing");
        if (n < ie->min || n > ie->max)
            return fail(err, CAUSE_INVALID_MANDATORY, ie->name, "wrong length");
        if (ie->type->parse(p, n, to + ie->offset) < 0)
            return fail(err, CAUSE_INVALID_MANDATORY, ie->name, "wrong contents");
    }
    *ret_done = i;
    return 0;
}

/* Skips an IE that this message does not have, by its tag: TS 24.007 11.2.4. */
static bool skip(reader_t *r, uint8_t tag)
{
    const uint8_t *p;
    size_t n;
    if (tag & 0x80) /* type 1 or 2: the one octet */
        return true;
    return contents(r, (tag & 0xf0) == 0x70 ? IE_TLVE : IE_TLV, 0, &p, &n);
}

static int optional_parse(const message_desc_t *d, size_t first, reader_t *r, uint8_t *to, nas_error_t *err)
{
    size_t next = first; /* IEs before this are repeated or out of sequence */
    while (r->at < r->n) {
        uint8_t octet = r->p[r->at++], tag = octet & 0x80 ? octet & 0xf0 : octet;
        const ie_desc_t *ie = NULL;
        const uint8_t *p = &octet;
        size_t n = 1, i;
        for (i = first; i < d->n; i++)
            if (d->ies[i].iei == tag) {
                ie = &d->ies[i];
                break;
            }
        if (!ie) {
            if ((octet & 0xf0) == 0) /* "comprehension required", 7.6.1 */
                return fail(err, CAUSE_INVALID_MANDATORY, "unknown IE", "comprehension required");
            if (!skip(r, octet))
                return 0; /* it runs over the end: nothing of what is left can be read, 7.7.1 */
            continue;
        }
        if (ie->format == IE_TV1)
            octet &= 15;
        else if (!contents(r, (ie_format_t)ie->format, ie->min, &p, &n))
            return 0;
        if (i < next)
            continue;
        next = i + 1;
        /* 7.7.1: an optional IE that is wrong inside is treated as absent */
        if (n >= ie->min && n <= ie->max && ie->type->parse(p, n, to + ie->offset) == 0)
            *(bool *)(to + ie->has) = true;
    }
    return 0;
}

static int body_parse(const message_desc_t *d, reader_t *r, void *to, nas_error_t *err)
{
    size_t done = 0;
    int ret = mandatory_parse(d, r, to, &done, err);
    return ret < 0 || d->n == 0 ? ret : optional_parse(d, done, r, to, err);
}

int nas_mm_parse(const uint8_t *p, size_t n, nas_mm_t *ret, nas_error_t *err)
{
    if (n < 3)
        return fail(err, 0, NULL, "too short"); /* 7.2.1 */
    if (p[0] != NAS_EPD_5GMM || (p[1] & 15) != 0)
        return fail(err, 0, NULL, "not a plain 5GMM message");
    const message_desc_t *d = message_find(nas_mm_messages, nas_mm_messages_n, p[2]);
    if (!d)
        return fail(err, CAUSE_TYPE_NON_EXISTENT, NULL, "unknown message type");
    reader_t r = {p, n, 3};
    memset(ret, 0, sizeof *ret);
    ret->type = (nas_mm_type_t)p[2];
    return body_parse(d, &r, &ret->u, err);
}

int nas_sm_parse(const uint8_t *p, size_t n, nas_sm_t *ret, nas_error_t *err)
{
    if (n < 4)
        return fail(err, 0, NULL, "too short");
    if (p[0] != NAS_EPD_5GSM)
        return fail(err, 0, NULL, "not a 5GSM message");
    const message_desc_t *d = message_find(nas_sm_messages, nas_sm_messages_n, p[3]);
    memset(ret, 0, sizeof *ret);
    ret->pdu_session_id = p[1];
    ret->pti = p[2];
    ret->type = (nas_sm_type_t)p[3];
    if (!d)
        return fail(err, CAUSE_TYPE_NON_EXISTENT, NULL, "unknown message type");
    reader_t r = {p, n, 4};
    return body_parse(d, &r, &ret->u, err);
}

/* ---- build ---- */

static int ie_build(nas_writer_t *w, const ie_desc_t *ie, const uint8_t *from)
{
    size_t head = ie->format == IE_LV || ie->format == IE_TLV     ? 1
                  : ie->format == IE_LVE || ie->format == IE_TLVE ? 2
                                                                  : 0;
    if (ie->format >= IE_TV)
        put8(w, ie->iei);
    size_t length_at = w->n;
    for (size_t i = 0; i < head; i++)
        put8(w, 0);
    size_t start = w->n;
    if (ie->type->build(w, from + ie->offset) < 0)
        return -EINVAL;
    if (w->full)
        return -ENOBUFS;
    size_t n = w->n - start;
    if (n < ie->min || n > ie->max)
        return -EINVAL;
    if (head == 2)
        w->p[length_at++] = (uint8_t)(n >> 8);
    if (head)
        w->p[length_at] = (uint8_t)n;
    return 0;
}

static int body_build(const message_desc_t *d, nas_writer_t *w, const uint8_t *from)
{
    uint8_t half = 0;
    bool high = false;
    for (size_t i = 0; i < d->n; i++) {
        const ie_desc_t *ie = &d->ies[i];
        if (ie->format == IE_HALF) {
            uint8_t v = ie->type ? from[ie->offset] : 0;
            if (v > 15)
                return -EINVAL;
            if (high)
                put8(w, (uint8_t)(v << 4 | half));
            half = v;
            high = !high;
            continue;
        }
        if (ie->format >= IE_TV1 && !*(const bool *)(from + ie->has))
            continue;
        if (ie->format == IE_TV1) {
            if (from[ie->offset] > 15)
                return -EINVAL;
            put8(w, ie->iei | from[ie->offset]);
            continue;
        }
        int r = ie_build(w, ie, from);
        if (r < 0)
            return r;
    }
    return w->full ? -ENOBUFS : 0;
}

int nas_mm_build(const nas_mm_t *m, uint8_t *buf, size_t cap, size_t *ret_n)
{
    const message_desc_t *d = message_find(nas_mm_messages, nas_mm_messages_n, (uint8_t)m->type);
    nas_writer_t w = {.p = buf, .cap = cap};
    if (!d)
        return -EINVAL;
    put8(&w, NAS_EPD_5GMM);
    put8(&w, 0);
    put8(&w, (uint8_t)m->type);
    int r = body_build(d, &w, (const uint8_t *)&m->u);
    if (r == 0)
        *ret_n = w.n;
    return r;
}

int nas_sm_build(const nas_sm_t *m, uint8_t *buf, size_t cap, size_t *ret_n)
{
    const message_desc_t *d = message_find(nas_sm_messages, nas_sm_messages_n, (uint8_t)m->type);
    nas_writer_t w = {.p = buf, .cap = cap};
    if (!d)
        return -EINVAL;
    put8(&w, NAS_EPD_5GSM);
    put8(&w, m->pdu_session_id);
    put8(&w, m->pti);
    put8(&w, (uint8_t)m->type);
    int r = body_build(d, &w, (const uint8_t *)&m->u);
    if (r == 0)
        *ret_n = w.n;
    return r;
}
