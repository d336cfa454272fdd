/* SPDX-License-Identifier: Apache-2.0 */
/* NR user plane frames. TS 38.425 5.5.2, 5.5.3 */
#include "lib/gtpu/gtpu_internal.h"

#include <errno.h>
#include <string.h>

/* A reader that turns sour at the first read beyond the end and then gives zeroes. */
typedef struct {
    const uint8_t *p;
    size_t left;
    bool bad;
} reader_t;

static uint32_t get(reader_t *r, unsigned bytes)
{
    uint32_t v = 0;
    if (r->bad || r->left < bytes) {
        r->bad = true;
        return 0;
    }
    for (unsigned i = 0; i < bytes; i++)
        v = v << 8 | *r->p++;
    r->left -= bytes;
    return v;
}

typedef struct {
    uint8_t *p;
    size_t left, n;
    bool full;
} writer_t;

static void put(writer_t *w, uint32_t v, unsigned bytes)
{
    if (w->full || w->left < bytes) {
        w->full = true;
        return;
    }
    for (unsigned i = 0; i < bytes; i++)
        w->p[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
    w->p += bytes;
    w->left -= bytes;
    w->n += bytes;
}

static void decode_user_data(reader_t *r, uint32_t flags, nru_t *f)
{
    bool discard_blocks = flags & 0x0400;
    f->discard_all_before = flags & 0x0200;
    f->report_polling = flags & 0x0100;
    f->report_delivered = flags & 0x0008;
    f->assistance_flag = flags & 0x0002;
    f->retransmission = flags & 0x0001;
    f->nru_sn = get(r, 3);
    if (f->discard_all_before)
        f->discard_before_sn = get(r, 3);
    if (discard_blocks) {
        uint32_t n = get(r, 1);
        for (uint32_t i = 0; i < n && !r->bad; i++) {
            nru_range_t b = {.start = get(r, 3)};
            b.n = (uint8_t)get(r, 1);
            if (f->n_discard < NRU_MAX_DISCARD_BLOCKS)
                f->discard[f->n_discard++] = b; /* the rest is sent in vain, which does no harm */
        }
    }
    if (f->report_delivered)
        f->report_sn = get(r, 3);
}

static void decode_status(reader_t *r, uint32_t flags, nru_t *f)
{
    f->has_highest_transmitted = flags & 0x0800;
    f->has_highest_delivered = flags & 0x0400;
    f->final_frame = flags & 0x0200;
    f->has_data_rate = flags & 0x0008;
    f->has_retx_transmitted = flags & 0x0004;
    f->has_retx_delivered = flags & 0x0002;
    f->has_cause = flags & 0x0001;
    f->desired_buffer_bytes = get(r, 4);
    if (f->has_data_rate)
        f->desired_data_rate = get(r, 4);
    if (flags & 0x0100) {
        uint32_t n = get(r, 1);
        for (uint32_t i = 0; i < n && !r->bad; i++) {
            nru_range_t l = {.start = get(r, 3)};
            l.end = get(r, 3);
            if (f->n_lost < NRU_MAX_LOST_RANGES)
                f->lost[f->n_lost++] = l;
        }
    }
    if (f->has_highest_delivered)
        f->highest_delivered_sn = get(r, 3);
    if (f->has_highest_transmitted)
        f->highest_transmitted_sn = get(r, 3);
    if (f->has_cause)
        f->cause = (uint8_t)get(r, 1);
    if (f->has_retx_delivered)
        f->retx_delivered_sn = get(r, 3);
    if (f->has_retx_transmitted)
        f->retx_transmitted_sn = get(r, 3);
}

int nru_decode(const uint8_t *p, size_t n, nru_t *ret)
{
    reader_t r = {p, n, false};
    nru_t f;
    memset(&f, 0, sizeof f);
    uint32_t flags = get(&r, 2);
    f.type = (nru_type_t)(flags >> 12);
    switch (f.type) {
    case NRU_DL_USER_DATA:
        decode_user_data(&r, flags, &f);
        break;
    case NRU_DL_DELIVERY_STATUS:
        decode_status(&r, flags, &f);
        break;
    case NRU_ASSISTANCE: /* nothing that is used here */
        break;
    default:
        return -EBADMSG;
    }
    if (r.bad)
        return -EBADMSG;
    *ret = f;
    return 0;
}

int nru_encode(const nru_t *f, uint8_t *to, size_t cap)
{
    writer_t w = {.p = to, .left = cap};
    if (f->type == NRU_DL_USER_DATA) {
        if (f->n_discard > NRU_MAX_DISCARD_BLOCKS)
            return -EINVAL;
        put(&w,
            (f->n_discard ? 0x0400u : 0) | (f->discard_all_before ? 0x0200u : 0) |
                (f->report_polling ? 0x0100u : 0) | (f->report_delivered ? 0x0008u : 0) |
                (f->assistance_flag ? 0x0002u : 0) | (f->retransmission ? 0x0001u : 0),
            2);
        put(&w, f->nru_sn, 3);
        if (f->discard_all_before)
            put(&w, f->discard_before_sn, 3);
        if (f->n_discard) {
            put(&w, f->n_discard, 1);
            for (unsigned i = 0; i < f->n_discard; i++) {
                put(&w, f->discard[i].start, 3);
                put(&w, f->discard[i].n, 1);
            }
        }
        if (f->report_delivered)
            put(&w, f->report_sn, 3);
    } else if (f->type == NRU_DL_DELIVERY_STATUS) {
        if (f->n_lost > NRU_MAX_LOST_RANGES)
            return -EINVAL;
        put(&w,
            0x1000u | (f->has_highest_transmitted ? 0x0800u : 0) | (f->has_highest_delivered ? 0x0400u : 0) |
                (f->final_frame ? 0x0200u : 0) | (f->n_lost ? 0x0100u : 0) |
                (f->has_data_rate ? 0x0008u : 0) | (f->has_retx_transmitted ? 0x0004u : 0) |
                (f->has_retx_delivered ? 0x0002u : 0) | (f->has_cause ? 0x0001u : 0),
            2);
        put(&w, f->desired_buffer_bytes, 4);
        if (f->has_data_rate)
            put(&w, f->desired_data_rate, 4);
        if (f->n_lost) {
            put(&w, f->n_lost, 1);
            for (unsigned i = 0; i < f->n_lost; i++) {
                put(&w, f->lost[i].start, 3);
                put(&w, f->lost[i].end, 3);
            }
        }
        if (f->has_highest_delivered)
            put(&w, f->highest_delivered_sn, 3);
        if (f->has_highest_transmitted)
            put(&w, f->highest_transmitted_sn, 3);
        if (f->has_cause)
            put(&w, f->cause, 1);
        if (f->has_retx_delivered)
            put(&w, f->retx_delivered_sn, 3);
        if (f->has_retx_transmitted)
            put(&w, f->retx_transmitted_sn, 3);
    } else {
        return -EINVAL;
    }
    return w.full ? -ENOBUFS : (int)w.n;
}
