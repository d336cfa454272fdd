/* SPDX-License-Identifier: Apache-2.0 */
/* ASN.1 PER (X.691), aligned and unaligned, for the types that lib/asn1/tools/asn1c.py makes from
 * lib/asn1/schema.
 *
 * One interpreter walks const descriptor tables: decode bytes into a C value in the caller's arena, encode a
 * C value into the caller's buffer, print a C value as text. README.md shows how each ASN.1 type looks in C.
 *
 * Everything here is reentrant and keeps no state between calls; it never allocates but from the arena, never
 * blocks, and trusts no byte of its input. Descriptors are const and may be shared by all threads. */
#ifndef VITRAN_ASN1_H
#define VITRAN_ASN1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/core/arena.h"

/* A generated type's descriptor; the generated header declares one for each type of the schema. */
typedef struct asn1_type asn1_type_t;

typedef enum {
    ASN1_APER, /* BASIC-PER aligned: F1AP, E2AP, E2SM */
    ASN1_UPER, /* BASIC-PER unaligned: NR RRC */
} asn1_rule_t;

/* OCTET STRING, character string (no NUL behind it), open type. After decode a view into the input where the
 * octets lie on a byte boundary there (always so in APER beyond two octets), else a copy in the arena: the
 * input must live as long as the value. */
typedef struct {
    const uint8_t *p;
    uint32_t n; /* bytes */
} asn1_bytes_t;

/* BIT STRING; the first bit is the most significant bit of p[0], unused bits of the last byte are 0. */
typedef struct {
    const uint8_t *p;
    uint32_t n_bits;
} asn1_bits_t;

/* OBJECT IDENTIFIER: its contents octets as X.690 8.19 packs the arcs; asn1_oid_parse and asn1_oid_format
 * convert. */
typedef struct {
    const uint8_t *p;
    uint32_t n; /* bytes */
} asn1_oid_t;

/* An IE or extension that the schema does not know. */
typedef struct {
    uint32_t id;
    uint32_t criticality; /* 0 reject, 1 ignore, 2 notify */
    asn1_bytes_t bytes;   /* the open type's contents */
} asn1_unknown_t;

/* Those of one container, in the order in which they came. */
typedef struct {
    uint32_t n;
    asn1_unknown_t *p;
} asn1_unknown_list_t;

/* Why a call failed: what a counter is kept by. */
typedef enum {
    ASN1_OK,
    ASN1_TRUNCATED,   /* -EBADMSG: the input ends inside a value, or a count asks for more than is left */
    ASN1_SYNTAX,      /* -EBADMSG: bits that no value encodes to */
    ASN1_CONSTRAINT,  /* -ERANGE: a value, size or alternative outside what the schema allows */
    ASN1_UNSUPPORTED, /* -ENOTSUP: a component that the schema declares unsupported, or a value beyond 64 bits
                       */
    ASN1_MISSING_IE,  /* -ENOMSG: a mandatory IE is not there; ie_id and ie_criticality name it */
    ASN1_DUPLICATE_IE, /* -EEXIST: an IE comes twice */
    ASN1_DEPTH,        /* -ELOOP: nested deeper than ASN1_MAX_DEPTH */
    ASN1_NO_MEMORY,    /* -ENOMEM: the arena is full */
    ASN1_NO_SPACE,     /* -ENOBUFS: the caller's output buffer is full */
} asn1_cause_t;

typedef struct {
    asn1_cause_t cause;
    const char *what; /* one clause of English, static */
    uint32_t bit;     /* bits read or written when it stopped; on success: all that the value took */
    uint32_t ie_id;   /* the innermost IE that was being read, or that is missing; ASN1_NO_IE if none */
    uint32_t ie_criticality; /* criticality of it, as in asn1_unknown_t */
    char path[256]; /* from the type, e.g. "F1AP-PDU.initiatingMessage.value.F1SetupRequest.protocolIEs" */
} asn1_error_t;

#define ASN1_NO_IE UINT32_MAX
#define ASN1_MAX_DEPTH 64 /* nested constructed types and open types */

/* Reads one value of `type` from buf [size: n bytes] into *ret (a <prefix>_<Type>_t), building the rest in
 * the arena. Bytes behind the value are left alone (RRC pads; err->bit tells where the value ended). Returns
 * 0 or what asn1_cause_t lists; on failure *ret is zeroed and the arena may have grown. err may be NULL. */
int asn1_decode(const asn1_type_t *type, asn1_rule_t rule, const uint8_t *buf, size_t n, arena_t *arena,
                void *ret, asn1_error_t *err);

/* Writes *v, a value of `type`, to buf [size: cap bytes]; *ret_n is the bytes written (at least 1:
 * X.691 11.1). A value that breaks its constraint is refused: err->path names it. Returns 0 or what
 * asn1_cause_t lists; on failure *ret_n is untouched and buf undefined. err may be NULL. */
int asn1_encode(const asn1_type_t *type, asn1_rule_t rule, const void *v, uint8_t *buf, size_t cap,
                size_t *ret_n, asn1_error_t *err);

/* Writes *v as readable text, one component a line, two spaces a level, enumerations and alternatives by
 * name, contents of CONTAINING strings decoded. The text is made for goldens and logs and is stable. Returns
 * 0 or -EIO. */
int asn1_print(const asn1_type_t *type, const void *v, FILE *out);

/* The type's name in the schema, e.g. "F1AP-PDU". */
const char *asn1_type_name(const asn1_type_t *type);

/* The schema's name of a value of an ENUMERATED type, or of a CHOICE's `choice`; NULL when it has none. */
const char *asn1_value_name(const asn1_type_t *type, uint32_t value);

/* Size in bytes of the C value. */
size_t asn1_type_size(const asn1_type_t *type);

/* "1.3.6.1" to contents octets at out [size: cap]; returns 0, -EINVAL or -ENOBUFS. */
int asn1_oid_parse(const char *text, uint8_t *out, size_t cap, asn1_oid_t *ret_oid);

/* Contents octets to "1.3.6.1"; returns 0, -EINVAL or -ENOBUFS. */
int asn1_oid_format(asn1_oid_t oid, char *out, size_t cap);

/* String literal or array as a view. */
#define ASN1_STR(s) ((asn1_bytes_t){(const uint8_t *)(s), (uint32_t)(sizeof(s) - 1)})
#define ASN1_BYTES(a) ((asn1_bytes_t){(const uint8_t *)(a), (uint32_t)sizeof(a)})

#endif
