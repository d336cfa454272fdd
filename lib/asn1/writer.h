/* SPDX-License-Identifier: Apache-2.0 */
/* The encoder's cursor: bits of X.691 clause 11 into the caller's buffer, in one pass. An open type is
 * written behind one octet kept for its length; a longer one is moved by the octet or so that its length
 * takes. Bytes behind the cursor may be overwritten, up to the end of the buffer. Internal to lib/asn1. */
#ifndef VITRAN_ASN1_WRITER_H
#define VITRAN_ASN1_WRITER_H

#include "lib/asn1/per.h"

typedef struct {
    uint8_t *buf;
    size_t cap; /* bytes */
    size_t pos; /* next bit */
    bool aligned;
    unsigned depth;
    asn1_error_t *err;
} writer_t;

/* Every function here returns 0 or -1; -1 means that err says why. */
#define WRITE_FAIL(w, cause, what) (asn1_fail((w)->err, cause, what, (w)->pos), -1)
#define WRITE_TRY(call)                                                                                      \
    do {                                                                                                     \
        if (UNLIKELY((call) != 0))                                                                           \
            return -1;                                                                                       \
    } while (0)

/* The slow way: byte by byte, at the end of the buffer. */
int writer_bits_checked(writer_t *w, uint64_t v, unsigned bits);

/* The low `bits` (0 to 56) of v, whose other bits must be 0. */
static inline int writer_bits(writer_t *w, uint64_t v, unsigned bits)
{
    size_t byte = w->pos / 8;
    unsigned skip = w->pos % 8;
    if (UNLIKELY(byte + 8 > w->cap))
        return writer_bits_checked(w, v, bits);
    uint64_t word = (uint64_t)(w->buf[byte] & (0xff00u >> skip)) << 56 | v << 1 << (63 - skip - bits);
    word = __builtin_bswap64(word);
    memcpy(w->buf + byte, &word, 8);
    w->pos += bits;
    return 0;
}

static inline int writer_align(writer_t *w)
{
    return w->aligned && w->pos % 8 ? writer_bits(w, 0, 8 - w->pos % 8) : 0;
}

/* n octets of an unsigned number, n <= 8. */
static inline int writer_octets_number(writer_t *w, uint64_t v, unsigned n)
{
    if (n == 8) {
        WRITE_TRY(writer_bits(w, v >> 56, 8));
        v &= UINT64_MAX >> 8;
        n = 7;
    }
    return writer_bits(w, v, 8 * n);
}

int writer_constrained_long(writer_t *w, uint64_t v, unsigned width);

/* Constrained whole number 0..range, X.691 11.5; v <= range. */
static inline int writer_constrained(writer_t *w, uint64_t v, uint64_t range, unsigned width)
{
    if (!w->aligned) {
        if (UNLIKELY(width > 56)) {
            WRITE_TRY(writer_bits(w, v >> 32, width - 32));
            return writer_bits(w, v & UINT32_MAX, 32);
        }
        return writer_bits(w, v, width);
    }
    if (range < 255)
        return writer_bits(w, v, width);
    if (range < PER_64K) {
        WRITE_TRY(writer_align(w));
        return writer_bits(w, v, range == 255 ? 8 : 16);
    }
    return writer_constrained_long(w, v, width);
}

/* General length determinant below 16K, X.691 11.9.3.6, 11.9.3.7. */
static inline int writer_length(writer_t *w, size_t n)
{
    WRITE_TRY(writer_align(w));
    return n < 128 ? writer_bits(w, n, 8) : writer_bits(w, n | 0x8000, 16);
}

/* Extension bit and length of a sized type; *ret_general: the length takes the general form, and the caller
 * writes it with the contents since it may go in fragments. */
int writer_size(writer_t *w, const asn1_type_t *t, size_t n, bool *ret_general, bool *ret_in_root);

int writer_small(writer_t *w, uint64_t v);      /* normally small non-negative whole number, X.691 11.6 */
int writer_small_length(writer_t *w, size_t n); /* X.691 11.9.3.4 */
int writer_octets(writer_t *w, const uint8_t *p, size_t n);
int writer_octet_run(writer_t *w, const uint8_t *p,
                     size_t n); /* general length and octets, in fragments if need be */

/* Around the contents of an open type. */
int writer_open_begin(writer_t *w, size_t *ret_at);
int writer_open_end(writer_t *w, size_t at);

int asn1_encode_simple(writer_t *w, const asn1_type_t *t, const void *v);

/* Constrained INTEGER without extension. */
static inline int writer_int(writer_t *w, const asn1_type_t *t, const void *v)
{
    uint64_t n, range = (uint64_t)t->ub - (uint64_t)t->lb;
    memcpy(&n, v, sizeof n);
    n -= (uint64_t)t->lb;
    if (UNLIKELY(n > range))
        return WRITE_FAIL(w, ASN1_CONSTRAINT, "value outside its bounds");
    return writer_constrained(w, n, range, t->width);
}

#endif
