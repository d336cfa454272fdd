/* SPDX-License-Identifier: Apache-2.0 */
/* What the decoder and the encoder share: how an error is recorded and how the pieces of a value are reached
 * through its descriptor. Internal to lib/asn1. */
#ifndef VITRAN_ASN1_PER_H
#define VITRAN_ASN1_PER_H

#include "lib/asn1/type.h"

#include <string.h>

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Sizes and numbers of 64K and more are not constrained as far as PER can see. X.691 11.9.4.1 */
#define PER_64K 65536
#define PER_16K 16384

/* Presence is kept in a few words on the stack; the compiler refuses schemas with more. */
#define PER_MAX_MEMBERS 512

/* Records why; the first failure stands. Inside, functions return 0 or -1; asn1_cause_errno gives what goes
 * out. */
void asn1_fail(asn1_error_t *err, asn1_cause_t cause, const char *what, size_t bit);

int asn1_cause_errno(asn1_cause_t cause);

/* Puts a component's name before the path. Called on the way out of a failure, so success pays nothing. */
void asn1_path_name(asn1_error_t *err, const char *name);
void asn1_path_index(asn1_error_t *err, size_t index);

/* Simple kinds end here; the others hold members. */
static inline bool per_is_simple(const asn1_type_t *t)
{
    return t->kind <= ASN1_K_OPEN;
}

static inline void *per_at(void *base, uint32_t offset)
{
    return (uint8_t *)base + offset;
}

static inline const void *per_const_at(const void *base, uint32_t offset)
{
    return (const uint8_t *)base + offset;
}

static inline uint32_t per_get32(const void *base, uint32_t offset)
{
    uint32_t v;
    memcpy(&v, (const uint8_t *)base + offset, sizeof v);
    return v;
}

static inline void per_set32(void *base, uint32_t offset, uint32_t v)
{
    memcpy((uint8_t *)base + offset, &v, sizeof v);
}

/* Bit `m->has` of the parent's `has`. Bit-fields fill from the low bit on every ABI that we build for. */
static inline bool per_has(const asn1_type_t *t, const asn1_member_t *m, const void *v)
{
    return ((const uint8_t *)v)[t->has_off + m->has / 8] >> (m->has % 8) & 1;
}

static inline void per_set_has(const asn1_type_t *t, const asn1_member_t *m, void *v)
{
    ((uint8_t *)v)[t->has_off + m->has / 8] |= (uint8_t)(1u << (m->has % 8));
}

/* The member's value in its parent, through the pointer if there is one. */
static inline const void *per_value(const asn1_member_t *m, const void *v)
{
    const void *at = per_const_at(v, m->offset);
    if (!(m->flags & ASN1_M_PTR))
        return at;
    const void *p;
    memcpy(&p, at, sizeof p);
    return p;
}

/* Is the size within the root of the size constraint? */
static inline bool per_size_in_root(const asn1_type_t *t, size_t n)
{
    return n >= (uint64_t)t->lb && (!t->has_ub || n <= (uint64_t)t->ub);
}

/* Are all characters in the alphabet? */
static inline bool per_chars_permitted(const asn1_type_t *t, const uint8_t *p, size_t n)
{
    uint64_t good = 1;
    for (size_t i = 0; i < n; i++)
        good &= t->chars[p[i] >> 6 & 1] >> (p[i] & 63) & (p[i] >> 7 ^ 1u);
    return good;
}

/* Compares two simple values: X.691 19.5, a value that equals its DEFAULT is not sent. */
bool asn1_simple_equal(const asn1_type_t *t, const void *a, const void *b);

/* REAL contents octets, X.690 8.5. Decode returns false on bytes that are no REAL; encode returns the length,
 * at most ASN1_REAL_MAX. */
#define ASN1_REAL_MAX 16
bool asn1_real_decode(const uint8_t *p, size_t n, double *ret_value);
size_t asn1_real_encode(double value, uint8_t out[ASN1_REAL_MAX]);

#endif
