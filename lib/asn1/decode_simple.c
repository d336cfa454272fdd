/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes the kinds that hold no members: numbers, strings, names. X.691 clauses 12 to 18, 24, 30. */
#include "lib/asn1/reader.h"

/* Octets of a number whose range does not say how many. */
static int number_length(reader_t *r, size_t *ret)
{
    bool more;
    READ_TRY(reader_length(r, ret, &more));
    if (*ret < 1)
        return READ_FAIL(r, ASN1_SYNTAX, "number of no octets");
    /* Leading octets that only repeat the sign are allowed by BASIC-PER readers of long numbers; we stop at
     * 9, which an unsigned 64-bit number may take. */
    return more || *ret > 9 ? READ_FAIL(r, ASN1_UNSUPPORTED, "integer beyond 64 bits") : 0;
}

/* X.691 13.2.6: two's complement, no lower bound known. */
static int unconstrained(reader_t *r, const asn1_type_t *t, void *out)
{
    size_t n;
    uint64_t v, lead = 0;
    READ_TRY(number_length(r, &n));
    if (n == 9) {
        READ_TRY(reader_octets_number(r, 1, &lead));
        n = 8;
    }
    READ_TRY(reader_octets_number(r, (unsigned)n, &v));
    if (lead || (t->is_unsigned && n < 8 && v >> (8 * n - 1)))
        return READ_FAIL(r, ASN1_UNSUPPORTED, "integer beyond 64 bits");
    if (!t->is_unsigned && n < 8)
        v = (uint64_t)((int64_t)(v << (64 - 8 * n)) >> (64 - 8 * n));
    memcpy(out, &v, sizeof v);
    return 0;
}

static int semi_constrained(reader_t *r, const asn1_type_t *t, void *out)
{
    size_t n;
    uint64_t v, lead = 0;
    READ_TRY(number_length(r, &n));
    if (n == 9) {
        READ_TRY(reader_octets_number(r, 1, &lead));
        n = 8;
    }
    READ_TRY(reader_octets_number(r, (unsigned)n, &v));
    uint64_t room = (uint64_t)INT64_MAX - (uint64_t)t->lb;
    if (lead || v > room)
        return READ_FAIL(r, ASN1_UNSUPPORTED, "integer beyond 64 bits");
    v += (uint64_t)t->lb;
    memcpy(out, &v, sizeof v);
    return 0;
}

static int decode_int(reader_t *r, const asn1_type_t *t, void *out)
{
    bool outside = false;
    if (t->ext)
        READ_TRY(reader_bit(r, &outside));
    if (outside || !t->has_lb) {
        READ_TRY(unconstrained(r, t, out));
        int64_t v;
        memcpy(&v, out, sizeof v);
        if (!outside && t->has_ub && v > t->ub)
            return READ_FAIL(r, ASN1_CONSTRAINT, "value beyond its upper bound");
        return 0;
    }
    return t->has_ub ? reader_int(r, t, out) : semi_constrained(r, t, out);
}

static int decode_enum(reader_t *r, const asn1_type_t *t, void *out)
{
    bool outside = false;
    uint64_t v;
    if (t->ext)
        READ_TRY(reader_bit(r, &outside));
    if (outside) {
        READ_TRY(reader_small(r, &v));
        v += (uint64_t)t->ub + 1;
        if (v > INT32_MAX)
            return READ_FAIL(r, ASN1_UNSUPPORTED, "enumeration beyond 31 bits");
    } else {
        READ_TRY(reader_constrained(r, (uint64_t)t->ub, t->width, &v));
    }
    per_set32(out, 0, (uint32_t)v);
    return 0;
}

static int decode_real(reader_t *r, void *out)
{
    size_t n;
    bool more;
    asn1_bytes_t octets;
    READ_TRY(reader_length(r, &n, &more));
    READ_TRY(reader_octet_run(r, n, more, &octets));
    double v;
    if (!asn1_real_decode(octets.p, octets.n, &v))
        return READ_FAIL(r, ASN1_SYNTAX, "octets that are no REAL");
    memcpy(out, &v, sizeof v);
    return 0;
}

static int decode_oid(reader_t *r, void *out)
{
    size_t n;
    bool more;
    asn1_bytes_t octets;
    READ_TRY(reader_length(r, &n, &more));
    READ_TRY(reader_octet_run(r, n, more, &octets));
    if (!octets.n || octets.p[octets.n - 1] & 0x80)
        return READ_FAIL(r, ASN1_SYNTAX, "octets that are no OBJECT IDENTIFIER");
    *(asn1_oid_t *)out = (asn1_oid_t){octets.p, octets.n};
    return 0;
}

static int decode_octets(reader_t *r, const asn1_type_t *t, void *out)
{
    size_t n;
    bool more, in_root;
    asn1_bytes_t *ret = out;
    READ_TRY(reader_size(r, t, &n, &more, &in_root));
    /* A fixed size of up to two octets is not aligned, X.691 17.6. */
    if (!(in_root && t->has_ub && t->lb == t->ub && t->ub <= 2))
        READ_TRY(reader_align(r));
    READ_TRY(reader_octet_run(r, n, more, ret));
    if (UNLIKELY(in_root && more && !per_size_in_root(t, ret->n)))
        return READ_FAIL(r, ASN1_CONSTRAINT, "size outside its constraint");
    return 0;
}

/* `n` bits as a view where they lie on a byte boundary and the rest of the last octet is 0, else copied. */
static int take_bits(reader_t *r, size_t n, asn1_bits_t *ret)
{
    if (n > reader_left(r))
        return READ_FAIL(r, ASN1_TRUNCATED, "length beyond the end");
    size_t octets = (n + 7) / 8;
    const uint8_t *last = r->buf + (r->pos + n) / 8;
    ret->n_bits = (uint32_t)n;
    if (r->pos % 8 == 0 && (n % 8 == 0 || !(*last & (0xff >> (n % 8))))) {
        ret->p = r->buf + r->pos / 8;
    } else {
        uint8_t *copy = arena_alloc(r->arena, octets, 1);
        if (!copy)
            return READ_FAIL(r, ASN1_NO_MEMORY, "arena full");
        for (size_t i = 0; i < octets; i++) {
            unsigned take = n - 8 * i < 8 ? (unsigned)(n - 8 * i) : 8;
            copy[i] = (uint8_t)(reader_peek(r, r->pos + 8 * i, take) << (8 - take));
        }
        ret->p = copy;
    }
    r->pos += n;
    return 0;
}

/* Fragments of 16K to 64K bits, all but the last of whole octets, joined in the arena. X.691 11.9.3.8 */
static int take_bit_fragments(reader_t *r, size_t n, asn1_bits_t *ret)
{
    uint8_t *joined = NULL;
    size_t have = 0; /* octets */
    for (bool more = true;;) {
        asn1_bits_t piece;
        READ_TRY(take_bits(r, n, &piece));
        size_t octets = (n + 7) / 8;
        uint8_t *grown = arena_alloc(r->arena, have + octets, 1);
        if (!grown)
            return READ_FAIL(r, ASN1_NO_MEMORY, "arena full");
        if (joined)
            memcpy(grown, joined, have);
        if (octets)
            memcpy(grown + have, piece.p, octets);
        joined = grown;
        if (!more) {
            *ret = (asn1_bits_t){joined, (uint32_t)(have * 8 + n)};
            return 0;
        }
        have += octets;
        READ_TRY(reader_length(r, &n, &more));
        if (have > UINT32_MAX / 16)
            return READ_FAIL(r, ASN1_UNSUPPORTED, "bit string of 256 Mbit or more");
    }
}

static int decode_bits(reader_t *r, const asn1_type_t *t, void *out)
{
    size_t n;
    bool more, in_root;
    READ_TRY(reader_size(r, t, &n, &more, &in_root));
    if (UNLIKELY(more)) {
        READ_TRY(take_bit_fragments(r, n, out));
        if (in_root && !per_size_in_root(t, ((asn1_bits_t *)out)->n_bits))
            return READ_FAIL(r, ASN1_CONSTRAINT, "size outside its constraint");
        return 0;
    }
    /* A fixed size of up to 16 bits is not aligned, X.691 16.9. */
    if (!(in_root && t->has_ub && t->lb == t->ub && t->ub <= 16))
        READ_TRY(reader_align(r));
    return take_bits(r, n, out);
}

static int check_chars(reader_t *r, const asn1_type_t *t, const asn1_bytes_t *v)
{
    if (!per_chars_permitted(t, v->p, v->n))
        return READ_FAIL(r, ASN1_CONSTRAINT, "character outside the permitted alphabet");
    return 0;
}

static int decode_chars(reader_t *r, const asn1_type_t *t, void *out)
{
    size_t n;
    bool more, in_root;
    asn1_bytes_t *ret = out;
    unsigned width = t->char_width[r->aligned ? 0 : 1];
    READ_TRY(reader_size(r, t, &n, &more, &in_root));
    bool direct = t->n_alphabet && (uint8_t)t->alphabet[t->n_alphabet - 1] >> width == 0;
    if (more && !(width == 8 && direct))
        return READ_FAIL(r, ASN1_UNSUPPORTED, "character string of 16K characters or more");
    /* Short strings are not aligned, X.691 30.5.6, 30.5.7; the others are even when empty, 11.1.3. */
    bool bounded = in_root && t->has_ub && t->ub < PER_64K;
    uint64_t most_bits = bounded ? (uint64_t)t->ub * width : UINT64_MAX;
    if (most_bits > 16 || (most_bits == 16 && t->lb != t->ub))
        READ_TRY(reader_align(r));
    if (n * width > reader_left(r))
        return READ_FAIL(r, ASN1_TRUNCATED, "length beyond the end");
    ret->n = (uint32_t)n;
    if (width == 8 && direct) {
        READ_TRY(reader_octet_run(r, n, more, ret));
        if (more && in_root && !per_size_in_root(t, ret->n))
            return READ_FAIL(r, ASN1_CONSTRAINT, "size outside its constraint");
        return check_chars(r, t, ret);
    }
    uint8_t *text = arena_alloc(r->arena, n, 1);
    if (!text)
        return READ_FAIL(r, ASN1_NO_MEMORY, "arena full");
    ret->p = text;
    for (size_t i = 0; i < n; i++) {
        uint64_t v;
        READ_TRY(reader_bits(r, width, &v));
        if (!direct && v >= t->n_alphabet)
            return READ_FAIL(r, ASN1_CONSTRAINT, "character outside the permitted alphabet");
        text[i] = direct ? (uint8_t)v : (uint8_t)t->alphabet[v];
    }
    return check_chars(r, t, ret);
}

int asn1_decode_simple(reader_t *r, const asn1_type_t *t, void *out)
{
    switch (t->kind) {
    case ASN1_K_BOOL:
        return reader_bit(r, out);
    case ASN1_K_NULL:
        return 0;
    case ASN1_K_INT:
        return decode_int(r, t, out);
    case ASN1_K_ENUM:
        return decode_enum(r, t, out);
    case ASN1_K_REAL:
        return decode_real(r, out);
    case ASN1_K_BITS:
        return decode_bits(r, t, out);
    case ASN1_K_OCTETS:
        return decode_octets(r, t, out);
    case ASN1_K_CHARS:
        return decode_chars(r, t, out);
    case ASN1_K_OID:
        return decode_oid(r, out);
    default: { /* ASN1_K_OPEN */
        size_t n;
        bool more;
        READ_TRY(reader_length(r, &n, &more));
        return reader_octet_run(r, n, more, out);
    }
    }
}
