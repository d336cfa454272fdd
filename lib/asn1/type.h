/* SPDX-License-Identifier: Apache-2.0 */
/* Type descriptors: what asn1c.py writes and the interpreter walks. Users of a codec need only asn1.h; this
 * is for the runtime, generated code, and tools that walk types (the referees' random values). All const, no
 * state. */
#ifndef VITRAN_ASN1_TYPE_H
#define VITRAN_ASN1_TYPE_H

#include "lib/asn1/asn1.h"

typedef enum {
    ASN1_K_BOOL,   /* bool */
    ASN1_K_NULL,   /* uint8_t, always 0 */
    ASN1_K_INT,    /* int64_t, or uint64_t when `is_unsigned` */
    ASN1_K_ENUM,   /* uint32_t-sized enum: the position in encoding order, extensions behind the root */
    ASN1_K_REAL,   /* double */
    ASN1_K_BITS,   /* asn1_bits_t */
    ASN1_K_OCTETS, /* asn1_bytes_t; UTF8String too */
    ASN1_K_CHARS,  /* asn1_bytes_t; known-multiplier character strings, X.691 30 */
    ASN1_K_OID,    /* asn1_oid_t */
    ASN1_K_OPEN,   /* asn1_bytes_t; open type without a table */
    ASN1_K_SEQ,    /* struct */
    ASN1_K_SEQOF,  /* struct { uint32_t n; T *p; } */
    ASN1_K_CHOICE, /* struct { uint32_t choice; union u; }; choice is 1 + the position, 0 for none */
    ASN1_K_IES, /* struct of one member an object and `unknown`: SEQUENCE OF {id, criticality, open type} */
    ASN1_K_ROW, /* one {id, criticality, open type}: choice and u as in CHOICE, u.unknown where choice is 0 */
} asn1_kind_t;

#define ASN1_M_OPTIONAL 1 /* may be absent: presence bit in the preamble, or an IE that is not mandatory */
#define ASN1_M_PTR 2      /* held as a pointer, NULL for absent */
#define ASN1_M_HAS 4      /* held by value with a bit in `has` */
#define ASN1_M_DEFAULT 8  /* `dflt` points to the value */
#define ASN1_M_UNSUPPORTED 16 /* the schema does not describe it */

/* Component of a SEQUENCE, alternative of a CHOICE, object of a set. */
typedef struct {
    const asn1_type_t *type;
    const char *name;
    const void *dflt; /* a value of the member's C type */
    uint32_t offset;  /* in the parent struct, bytes */
    uint32_t key;     /* IES, ROW: the object's id */
    uint16_t has;     /* bit number in `has` */
    uint8_t flags;    /* ASN1_M_ */
    uint8_t crit;     /* IES, ROW: the object's criticality */
} asn1_member_t;

/* One extension addition: a component or a [[ ]] group. */
typedef struct {
    uint16_t first; /* index in members */
    uint16_t count;
    bool group;
    uint8_t n_opt; /* group: how many presence bits it has */
} asn1_addition_t;

struct asn1_type {
    uint8_t kind;  /* asn1_kind_t */
    bool ext;      /* extensible: value, size, enumeration, alternatives or components */
    uint8_t width; /* bits of a constrained value (ub - lb, positions, size); CHARS: see char_width */
    bool is_unsigned;
    bool utf8;         /* OCTETS: a UTF8String, printed as text */
    bool sparse;       /* SEQ: every root component is optional, none has a DEFAULT */
    bool ext_defaults; /* SEQ: an addition has a DEFAULT */
    uint8_t
        n_plain; /* SEQ: if not 0, `sparse`, and none of its members (so many, additions too) has a DEFAULT */
    bool has_lb, has_ub;
    uint8_t char_width[2]; /* CHARS: bits a character in APER and UPER */
    uint32_t size;         /* sizeof the C value */
    uint32_t min_bits;     /* no value takes fewer */
    const char *name;      /* in the schema */
    /* INT: the value's bounds (as uint64_t when is_unsigned). BITS, OCTETS, CHARS, SEQOF, IES: the size's.
     * ENUM, CHOICE: lb 0, ub the last position of the root. */
    int64_t lb, ub;
    union {
        struct { /* SEQ, CHOICE, IES, ROW */
            const asn1_member_t *members;
            uint16_t n_members;
            uint16_t n_root; /* SEQ, CHOICE: those before the extension additions */
            uint16_t n_opt;  /* SEQ: presence bits of the root; IES: mandatory objects */
            uint16_t n_additions;
            union {
                const asn1_addition_t *additions; /* SEQ */
                const asn1_type_t *const *row;    /* IES, ROW: types of key and criticality */
            };
            uint32_t has_off;   /* SEQ, IES: offset of `has`; CHOICE, ROW: of `choice` */
            uint32_t extra_off; /* IES: offset of `unknown`; CHOICE, ROW: of `u` */
            uint32_t
                key_off; /* ROW: offsets of key and criticality in the struct, ASN1_NO_OFF if not stored */
            uint32_t crit_off;
            uint64_t ptrs; /* SEQ, n_plain: bit i: member i is a pointer; the others' bits stand in `has` in
                              order */
        };
        struct { /* SEQOF */
            const asn1_type_t *elem;
        };
        struct { /* ENUM */
            const char *const *names;
            uint32_t n_names; /* root and extensions; the root has ub + 1 */
        };
        struct { /* BITS, OCTETS, CHARS */
            const asn1_type_t *contains;
            const char *alphabet; /* CHARS: ascending; a code is a position where it does not fit otherwise */
            uint32_t n_alphabet;
            uint64_t chars[2]; /* CHARS: bit c: character c is in the alphabet */
        };
    };
};

#define ASN1_NO_OFF UINT32_MAX

#endif
