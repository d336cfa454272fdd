/* SPDX-License-Identifier: Apache-2.0 */
/* Encodes the kinds that hold no members. X.691 clauses 12 to 18, 24, 30. */
#include "lib/asn1/writer.h"

static int encode_int(writer_t *w, const asn1_type_t *t, const void *value)
{
    uint64_t v;
    memcpy(&v, value, sizeof v);
    int64_t s = (int64_t)v;
    bool inside = t->is_unsigned ? v >= (uint64_t)t->lb && v <= (uint64_t)t->ub
                                 : (!t->has_lb || s >= t->lb) && (!t->has_ub || s <= t->ub);
    if (!inside && !t->ext)
        return WRITE_FAIL(w, ASN1_CONSTRAINT, "value outside its bounds");
    if (t->ext)
        WRITE_TRY(writer_bits(w, !inside, 1));
    if (inside && t->has_lb && t->has_ub)
        return writer_int(w, t, value);
    unsigned n;
    if (inside && t->has_lb) { /* X.691 13.2.5 */
        v -= (uint64_t)t->lb;
        n = v ? (71 - (unsigned)__builtin_clzll(v)) / 8 : 1;
    } else if (t->is_unsigned && v >> 63) {
        WRITE_TRY(writer_length(w, 9));
        WRITE_TRY(writer_bits(w, 0, 8));
        return writer_octets_number(w, v, 8);
    } else { /* X.691 13.2.6 */
        uint64_t magnitude = s < 0 ? ~v : v;
        n = magnitude ? (72 - (unsigned)__builtin_clzll(magnitude)) / 8 : 1;
    }
    WRITE_TRY(writer_length(w, n));
    return writer_octets_number(w, n == 8 ? v : v & ((UINT64_C(1) << (8 * n)) - 1), n);
}

static int encode_enum(writer_t *w, const asn1_type_t *t, uint32_t v)
{
    bool outside = v > (uint64_t)t->ub;
    if (outside && !t->ext)
        return WRITE_FAIL(w, ASN1_CONSTRAINT, "no such enumeration");
    if (t->ext)
        WRITE_TRY(writer_bits(w, outside, 1));
    if (outside)
        return writer_small(w, v - (uint64_t)t->ub - 1);
    return writer_constrained(w, v, (uint64_t)t->ub, t->width);
}

static int encode_octets(writer_t *w, const asn1_type_t *t, const asn1_bytes_t *v)
{
    bool general, in_root;
    WRITE_TRY(writer_size(w, t, v->n, &general, &in_root));
    if (general)
        return writer_octet_run(w, v->p, v->n);
    if (!(t->lb == t->ub && t->ub <= 2))
        WRITE_TRY(writer_align(w));
    return writer_octets(w, v->p, v->n);
}

static int encode_bits(writer_t *w, const asn1_type_t *t, const asn1_bits_t *v)
{
    bool general, in_root;
    const uint8_t *p = v->p;
    uint32_t n = v->n_bits;
    WRITE_TRY(writer_size(w, t, n, &general, &in_root));
    if (general) {
        while (UNLIKELY(n >= PER_16K)) {
            uint32_t k = n / PER_16K < 4 ? n / PER_16K : 4;
            WRITE_TRY(writer_align(w));
            WRITE_TRY(writer_bits(w, 0xc0 | k, 8));
            WRITE_TRY(writer_octets(w, p, k * (PER_16K / 8)));
            p += k * (PER_16K / 8);
            n -= k * PER_16K;
        }
        WRITE_TRY(writer_length(w, n));
    } else if (!(t->lb == t->ub && t->ub <= 16)) {
        WRITE_TRY(writer_align(w));
    }
    WRITE_TRY(writer_octets(w, p, n / 8));
    unsigned rest = n % 8;
    return rest ? writer_bits(w, p[n / 8] >> (8 - rest), rest) : 0;
}

static int encode_chars(writer_t *w, const asn1_type_t *t, const asn1_bytes_t *v)
{
    bool general, in_root;
    unsigned width = t->char_width[w->aligned ? 0 : 1];
    if (!per_chars_permitted(t, v->p, v->n))
        return WRITE_FAIL(w, ASN1_CONSTRAINT, "character outside the permitted alphabet");
    WRITE_TRY(writer_size(w, t, v->n, &general, &in_root));
    bool direct = t->n_alphabet && (uint8_t)t->alphabet[t->n_alphabet - 1] >> width == 0;
    if (general && width == 8 && direct)
        return writer_octet_run(w, v->p, v->n);
    if (general) {
        if (v->n >= PER_16K)
            return WRITE_FAIL(w, ASN1_UNSUPPORTED, "character string of 16K characters or more");
        WRITE_TRY(writer_length(w, v->n));
    } else {
        uint64_t most_bits = (uint64_t)t->ub * width; /* X.691 30.5.6, 30.5.7 */
        if (most_bits > 16 || (most_bits == 16 && t->lb != t->ub))
            WRITE_TRY(writer_align(w));
    }
    if (width == 8 && direct)
        return writer_octets(w, v->p, v->n);
    for (uint32_t i = 0; i < v->n; i++) {
        uint64_t code = v->p[i];
        if (!direct)
            code = (uint64_t)((const char *)memchr(t->alphabet, v->p[i], t->n_alphabet) - t->alphabet);
        WRITE_TRY(writer_bits(w, code, width));
    }
    return 0;
}

static int encode_real(writer_t *w, double v)
{
    uint8_t octets[ASN1_REAL_MAX];
    return writer_octet_run(w, octets, asn1_real_encode(v, octets));
}

static int encode_oid(writer_t *w, const asn1_oid_t *v)
{
    if (!v->n || v->p[v->n - 1] & 0x80)
        return WRITE_FAIL(w, ASN1_CONSTRAINT, "octets that are no OBJECT IDENTIFIER");
    return writer_octet_run(w, v->p, v->n);
}

int asn1_encode_simple(writer_t *w, const asn1_type_t *t, const void *v)
{
    double real;
    switch (t->kind) {
    case ASN1_K_BOOL:
        return writer_bits(w, *(const bool *)v, 1);
    case ASN1_K_NULL:
        return 0;
    case ASN1_K_INT:
        return encode_int(w, t, v);
    case ASN1_K_ENUM:
        return encode_enum(w, t, per_get32(v, 0));
    case ASN1_K_REAL:
        memcpy(&real, v, sizeof real);
        return encode_real(w, real);
    case ASN1_K_BITS:
        return encode_bits(w, t, v);
    case ASN1_K_OCTETS:
        return encode_octets(w, t, v);
    case ASN1_K_CHARS:
        return encode_chars(w, t, v);
    case ASN1_K_OID:
        return encode_oid(w, v);
    default: { /* ASN1_K_OPEN */
        const asn1_bytes_t *open = v;
        return writer_octet_run(w, open->p, open->n);
    }
    }
}

static bool same_octets(const uint8_t *a, size_t n, const uint8_t *b, size_t m)
{
    return n == m && (!n || !memcmp(a, b, n));
}

bool asn1_simple_equal(const asn1_type_t *t, const void *a, const void *b)
{
    switch (t->kind) {
    case ASN1_K_BITS: {
        const asn1_bits_t *x = a, *y = b;
        return x->n_bits == y->n_bits && same_octets(x->p, (x->n_bits + 7) / 8, y->p, (y->n_bits + 7) / 8);
    }
    case ASN1_K_OCTETS:
    case ASN1_K_CHARS:
    case ASN1_K_OID:
    case ASN1_K_OPEN: {
        const asn1_bytes_t *x = a, *y = b;
        return same_octets(x->p, x->n, y->p, y->n);
    }
    default:
        return !memcmp(a, b, t->size);
    }
}
