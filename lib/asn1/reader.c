/* SPDX-License-Identifier: Apache-2.0 */
/* The less frequent half of the cursor: lengths by constraint, small numbers, octets that are not aligned. */
#include "lib/asn1/reader.h"

/* Range above 64K in the aligned variant: octet count, then octets. X.691 11.5.7.4 */
int reader_constrained_long(reader_t *r, unsigned width, uint64_t *ret)
{
    unsigned most = (width + 7) / 8;
    uint64_t n;
    READ_TRY(reader_bits(r, most > 1 ? 32 - (unsigned)__builtin_clz(most - 1) : 0, &n));
    if (++n > most)
        return READ_FAIL(r, ASN1_SYNTAX, "more octets than the number's range takes");
    READ_TRY(reader_align(r));
    return reader_octets_number(r, (unsigned)n, ret);
}

int reader_size(reader_t *r, const asn1_type_t *t, size_t *ret, bool *ret_more, bool *ret_in_root)
{
    bool outside = false;
    *ret_more = false;
    if (t->ext)
        READ_TRY(reader_bit(r, &outside));
    *ret_in_root = !outside;
    if (!outside && t->has_ub && t->ub < PER_64K) {
        uint64_t v = 0;
        if (t->ub != t->lb)
            READ_TRY(reader_constrained(r, (uint64_t)(t->ub - t->lb), t->width, &v));
        *ret = v + (uint64_t)t->lb;
        return 0;
    }
    READ_TRY(reader_length(r, ret, ret_more));
    if (!outside && !*ret_more && !per_size_in_root(t, *ret))
        return READ_FAIL(r, ASN1_CONSTRAINT, "size outside its constraint");
    return 0;
}

int reader_small(reader_t *r, uint64_t *ret)
{
    bool large;
    READ_TRY(reader_bit(r, &large));
    if (LIKELY(!large))
        return reader_bits(r, 6, ret);
    size_t n;
    bool more;
    READ_TRY(reader_length(r, &n, &more));
    if (more || n > 4 || n < 1)
        return READ_FAIL(r, ASN1_UNSUPPORTED, "normally small number beyond 32 bits");
    return reader_octets_number(r, (unsigned)n, ret);
}

int reader_small_length(reader_t *r, size_t *ret)
{
    bool large, more;
    READ_TRY(reader_bit(r, &large));
    if (LIKELY(!large)) {
        uint64_t v;
        READ_TRY(reader_bits(r, 6, &v));
        *ret = v + 1;
        return 0;
    }
    READ_TRY(reader_length(r, ret, &more));
    return more ? READ_FAIL(r, ASN1_UNSUPPORTED, "16K extension additions or more") : 0;
}

/* Copies octets from any bit position. */
static void copy_octets(const reader_t *r, size_t pos, size_t n, uint8_t *out)
{
    if (pos % 8 == 0) {
        memcpy(out, r->buf + pos / 8, n);
        return;
    }
    size_t i = 0;
    for (; i + 7 <= n; i += 7) {
        uint64_t word = __builtin_bswap64(reader_peek(r, pos + 8 * i, 56) << 8);
        memcpy(out + i, &word, 7);
    }
    for (; i < n; i++)
        out[i] = (uint8_t)reader_peek(r, pos + 8 * i, 8);
}

static int check_octets(reader_t *r, size_t n)
{
    return UNLIKELY(n > reader_left(r) / 8) ? READ_FAIL(r, ASN1_TRUNCATED, "length beyond the end") : 0;
}

int reader_octets(reader_t *r, size_t n, const uint8_t **ret)
{
    READ_TRY(check_octets(r, n));
    if (LIKELY(r->pos % 8 == 0)) {
        *ret = r->buf + r->pos / 8;
    } else {
        uint8_t *copy = arena_alloc(r->arena, n, 1);
        if (!copy)
            return READ_FAIL(r, ASN1_NO_MEMORY, "arena full");
        copy_octets(r, r->pos, n, copy);
        *ret = copy;
    }
    r->pos += 8 * n;
    return 0;
}

/* Fragments of 16K to 64K and a last one below 16K, X.691 11.9.3.8: measured first, then joined. */
int reader_octet_run(reader_t *r, size_t n, bool more, asn1_bytes_t *ret)
{
    if (LIKELY(!more)) {
        READ_TRY(reader_octets(r, n, &ret->p));
        ret->n = (uint32_t)n;
        return 0;
    }
    size_t start = r->pos, first = n, total = 0;
    while (true) {
        READ_TRY(check_octets(r, n));
        r->pos += 8 * n;
        total += n;
        if (!more)
            break;
        READ_TRY(reader_length(r, &n, &more));
    }
    if (total > UINT32_MAX)
        return READ_FAIL(r, ASN1_UNSUPPORTED, "string of 4 GiB or more");
    uint8_t *joined = arena_alloc(r->arena, total, 1);
    if (!joined)
        return READ_FAIL(r, ASN1_NO_MEMORY, "arena full");
    ret->p = joined;
    ret->n = (uint32_t)total;
    r->pos = start;
    for (n = first, more = true;;) {
        copy_octets(r, r->pos, n, joined);
        joined += n;
        r->pos += 8 * n;
        if (!more)
            return 0;
        READ_TRY(reader_length(r, &n, &more));
    }
}
