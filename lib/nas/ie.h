/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of lib/nas: how an IE's contents become a C value (ie.c) and how tables of IEs make messages
 * (codec.c runs the tables of messages.c). */
#ifndef VITRAN_NAS_IE_H
#define VITRAN_NAS_IE_H

#include "lib/nas/nas.h"

typedef struct {
    uint8_t *p;
    size_t n, cap;
    bool full;
} nas_writer_t;

static inline void put8(nas_writer_t *w, uint8_t v)
{
    if (w->n < w->cap)
        w->p[w->n++] = v;
    else
        w->full = true;
}

static inline void put16(nas_writer_t *w, uint16_t v)
{
    put8(w, (uint8_t)(v >> 8));
    put8(w, (uint8_t)v);
}

static inline void put_bytes(nas_writer_t *w, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put8(w, p[i]);
}

static inline uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t get24(const uint8_t *p)
{
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static inline uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | get24(p + 1);
}

/* How contents (without tag and length) are read and written. parse: 0 or -EBADMSG; it may leave *ret half
 * filled then. build: 0 or -EINVAL; room is the writer's matter. */
typedef struct {
    int (*parse)(const uint8_t *p, size_t n, void *ret);
    int (*build)(nas_writer_t *w, const void *v);
} ie_type_t;

extern const ie_type_t ie_u8, ie_bytes, ie_octets14, ie_octets16, ie_u16, ie_mobile_id,
    ie_security_capability, ie_snssai, ie_nssai, ie_rejected_nssai, ie_tai, ie_tai_list, ie_session_status,
    ie_timer2, ie_timer3, ie_ambr, ie_qos_rules, ie_qos_flows, ie_pdu_address, ie_pco, ie_dnn;

/* Formats of TS 24.007 11.2.1.1. */
typedef enum {
    IE_HALF, /* type 1 without tag: half an octet, the first of a pair in bits 1 to 4 */
    IE_V,    /* type 3 without tag */
    IE_LV,
    IE_LVE, /* two octets of length */
    IE_TV1, /* type 1 with tag: tag in bits 5 to 8 */
    IE_TV,  /* type 3 with tag */
    IE_TLV,
    IE_TLVE
} ie_format_t;

typedef struct {
    const char *name;
    const ie_type_t *type;
    uint16_t offset, has; /* in the message's struct; has: of the bool, optional IEs only */
    uint16_t min, max;    /* octets of contents; V, TV: min is the length */
    uint8_t format, iei;
} ie_desc_t;

typedef struct {
    uint8_t type, n;
    const char *name;
    const ie_desc_t *ies; /* [size: n]: mandatory ones first, in the order of clause 8 */
} message_desc_t;

extern const message_desc_t nas_mm_messages[], nas_sm_messages[];
extern const size_t nas_mm_messages_n, nas_sm_messages_n;

#endif
