/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder's cursor: bits of X.691 clause 11. Every read is checked against `end`, which is the end of the
 * innermost open type; the bytes at buf [size: n] may go on behind it. Internal to lib/asn1. */
#ifndef VITRAN_ASN1_READER_H
#define VITRAN_ASN1_READER_H

#include "lib/asn1/per.h"

typedef struct {
    const uint8_t *buf;
    size_t n;   /* bytes at buf */
    size_t pos; /* next bit */
    size_t end; /* bits, <= 8 n */
    bool aligned;
    unsigned depth;
    arena_t *arena;
    asn1_error_t *err;
} reader_t;

/* Every function here returns 0 or -1; -1 means that err says why. */
#define READ_FAIL(r, cause, what) (asn1_fail((r)->err, cause, what, (r)->pos), -1)
#define READ_TRY(call)                                                                                       \
    do {                                                                                                     \
        if (UNLIKELY((call) != 0))                                                                           \
            return -1;                                                                                       \
    } while (0)

static inline int reader_short(reader_t *r)
{
    return READ_FAIL(r, ASN1_TRUNCATED, "ends inside the value");
}

static inline size_t reader_left(const reader_t *r)
{
    return r->end - r->pos;
}

/* `bits` (0 to 57) at bit `pos`; the caller has checked that they are there. */
static inline uint64_t reader_peek(const reader_t *r, size_t pos, unsigned bits)
{
    size_t byte = pos / 8;
    uint64_t word;
    if (LIKELY(byte + 8 <= r->n)) {
        memcpy(&word, r->buf + byte, 8);
        word = __builtin_bswap64(word);
    } else {
        word = 0;
        for (size_t i = byte; i < r->n; i++)
            word |= (uint64_t)r->buf[i] << (56 - 8 * (i - byte));
    }
    return word << (pos % 8) >> 1 >> (63 - bits);
}

static inline int reader_bits(reader_t *r, unsigned bits, uint64_t *ret)
{
    if (UNLIKELY(bits > reader_left(r)))
        return reader_short(r);
    *ret = reader_peek(r, r->pos, bits);
    r->pos += bits;
    return 0;
}

static inline int reader_bit(reader_t *r, bool *ret)
{
    if (UNLIKELY(r->pos >= r->end))
        return reader_short(r);
    *ret = r->buf[r->pos / 8] >> (7 - r->pos % 8) & 1;
    r->pos++;
    return 0;
}

/* To the next octet boundary in the aligned variant; the skipped bits are not looked at. */
static inline int reader_align(reader_t *r)
{
    if (r->aligned) {
        r->pos = (r->pos + 7) & ~(size_t)7;
        if (UNLIKELY(r->pos > r->end))
            return reader_short(r);
    }
    return 0;
}

/* Unsigned number of n octets, n <= 8. */
static inline int reader_octets_number(reader_t *r, unsigned n, uint64_t *ret)
{
    uint64_t high = 0, low = 0;
    if (n > 7) {
        READ_TRY(reader_bits(r, 8, &high));
        n = 7;
    }
    READ_TRY(reader_bits(r, 8 * n, &low));
    *ret = high << 56 | low;
    return 0;
}

int reader_constrained_long(reader_t *r, unsigned width, uint64_t *ret);

/* Constrained whole number 0..range, X.691 11.5; `width` is the bits that range takes. */
static inline int reader_constrained(reader_t *r, uint64_t range, unsigned width, uint64_t *ret)
{
    if (!r->aligned) {
        if (UNLIKELY(width > 57)) {
            uint64_t high, low;
            READ_TRY(reader_bits(r, width - 32, &high));
            READ_TRY(reader_bits(r, 32, &low));
            *ret = high << 32 | low;
        } else {
            READ_TRY(reader_bits(r, width, ret));
        }
    } else if (range < 255) {
        READ_TRY(reader_bits(r, width, ret));
    } else if (range < PER_64K) {
        READ_TRY(reader_align(r));
        READ_TRY(reader_bits(r, range == 255 ? 8 : 16, ret));
    } else {
        READ_TRY(reader_constrained_long(r, width, ret));
    }
    if (UNLIKELY(*ret > range))
        return READ_FAIL(r, ASN1_CONSTRAINT, "value beyond its upper bound");
    return 0;
}

/* General length determinant, X.691 11.9.3.5 on. *ret_more: a fragment of *ret units, another length follows.
 */
static inline int reader_length(reader_t *r, size_t *ret, bool *ret_more)
{
    uint64_t v;
    *ret_more = false;
    READ_TRY(reader_align(r));
    READ_TRY(reader_bits(r, 8, &v));
    if (UNLIKELY(v & 0x80)) {
        if (v & 0x40) {
            v &= 0x3f;
            if (v < 1 || v > 4)
                return READ_FAIL(r, ASN1_SYNTAX, "fragment that is not 1 to 4 times 16K");
            *ret_more = true;
            *ret = v * PER_16K;
            return 0;
        }
        uint64_t low;
        READ_TRY(reader_bits(r, 8, &low));
        v = (v & 0x3f) << 8 | low;
    }
    *ret = v;
    return 0;
}

/* Length of a sized type: from its constraint if there is one, else general. *ret_in_root: the constraint
 * holds. */
int reader_size(reader_t *r, const asn1_type_t *t, size_t *ret, bool *ret_more, bool *ret_in_root);

/* Normally small non-negative whole number, X.691 11.6. */
int reader_small(reader_t *r, uint64_t *ret);

/* Normally small length, X.691 11.9.3.4. */
int reader_small_length(reader_t *r, size_t *ret);

/* `n` octets as a view, or as a copy in the arena where they are not on a byte boundary. */
int reader_octets(reader_t *r, size_t n, const uint8_t **ret);

/* All of a general length's octets: a view if there is one fragment, else joined in the arena. Takes the
 * length. */
int reader_octet_run(reader_t *r, size_t n, bool more, asn1_bytes_t *ret);

/* Value of a simple kind into its C place. */
int asn1_decode_simple(reader_t *r, const asn1_type_t *t, void *out);

/* Constrained INTEGER without extension, the commonest value. */
static inline int reader_int(reader_t *r, const asn1_type_t *t, void *out)
{
    uint64_t v;
    READ_TRY(reader_constrained(r, (uint64_t)t->ub - (uint64_t)t->lb, t->width, &v));
    v += (uint64_t)t->lb;
    memcpy(out, &v, sizeof v);
    return 0;
}

#endif
