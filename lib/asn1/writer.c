/* SPDX-License-Identifier: Apache-2.0 */
/* The less frequent half of the encoder's cursor: lengths by constraint, octets, open types, fragments. */
#include "lib/asn1/writer.h"

int writer_bits_checked(writer_t *w, uint64_t v, unsigned bits)
{
    if (bits > w->cap * 8 - w->pos)
        return WRITE_FAIL(w, ASN1_NO_SPACE, "output buffer full");
    while (bits) {
        unsigned skip = w->pos % 8, take = 8 - skip < bits ? 8 - skip : bits;
        uint8_t *byte = w->buf + w->pos / 8;
        unsigned chunk = (unsigned)(v >> (bits - take)) & (0xffu >> (8 - take));
        *byte = (uint8_t)((*byte & (0xff00u >> skip)) | chunk << (8 - skip - take));
        bits -= take;
        w->pos += take;
    }
    return 0;
}

/* Range above 64K in the aligned variant. X.691 11.5.7.4 */
int writer_constrained_long(writer_t *w, uint64_t v, unsigned width)
{
    unsigned most = (width + 7) / 8, n = v ? (71 - (unsigned)__builtin_clzll(v)) / 8 : 1;
    WRITE_TRY(writer_bits(w, n - 1, most > 1 ? 32 - (unsigned)__builtin_clz(most - 1) : 0));
    WRITE_TRY(writer_align(w));
    return writer_octets_number(w, v, n);
}

int writer_size(writer_t *w, const asn1_type_t *t, size_t n, bool *ret_general, bool *ret_in_root)
{
    bool inside = per_size_in_root(t, n);
    if (UNLIKELY(!inside && !t->ext))
        return WRITE_FAIL(w, ASN1_CONSTRAINT, "size outside its constraint");
    if (t->ext)
        WRITE_TRY(writer_bits(w, !inside, 1));
    *ret_in_root = inside;
    *ret_general = !(inside && t->has_ub && t->ub < PER_64K);
    if (*ret_general || t->ub == t->lb)
        return 0;
    return writer_constrained(w, n - (uint64_t)t->lb, (uint64_t)(t->ub - t->lb), t->width);
}

int writer_small(writer_t *w, uint64_t v)
{
    if (LIKELY(v < 64))
        return writer_bits(w, v, 7);
    unsigned n = (71 - (unsigned)__builtin_clzll(v)) / 8;
    WRITE_TRY(writer_bits(w, 1, 1));
    WRITE_TRY(writer_length(w, n));
    return writer_octets_number(w, v, n);
}

int writer_small_length(writer_t *w, size_t n)
{
    if (LIKELY(n <= 64))
        return writer_bits(w, n - 1, 7);
    WRITE_TRY(writer_bits(w, 1, 1));
    return writer_length(w, n);
}

int writer_octets(writer_t *w, const uint8_t *p, size_t n)
{
    if (UNLIKELY(n > w->cap || n * 8 > w->cap * 8 - w->pos))
        return WRITE_FAIL(w, ASN1_NO_SPACE, "output buffer full");
    if (LIKELY(w->pos % 8 == 0)) {
        if (n)
            memcpy(w->buf + w->pos / 8, p, n);
        w->pos += 8 * n;
        return 0;
    }
    for (; n >= 7; n -= 7, p += 7) {
        uint64_t word = 0;
        memcpy(&word, p, 7);
        WRITE_TRY(writer_bits(w, __builtin_bswap64(word) >> 8, 56));
    }
    for (; n; n--, p++)
        WRITE_TRY(writer_bits(w, *p, 8));
    return 0;
}

/* The largest fragment that n units fill, X.691 11.9.3.8.1; 0 when n takes none. */
static size_t fragment(size_t n)
{
    size_t k = n / PER_16K;
    return k > 4 ? 4 : k;
}

int writer_octet_run(writer_t *w, const uint8_t *p, size_t n)
{
    for (size_t k; UNLIKELY((k = fragment(n))); n -= k * PER_16K, p += k * PER_16K) {
        WRITE_TRY(writer_align(w));
        WRITE_TRY(writer_bits(w, 0xc0 | k, 8));
        WRITE_TRY(writer_octets(w, p, k * PER_16K));
    }
    WRITE_TRY(writer_length(w, n));
    return writer_octets(w, p, n);
}

int writer_open_begin(writer_t *w, size_t *ret_at)
{
    WRITE_TRY(writer_align(w));
    *ret_at = w->pos;
    return writer_bits(w, 0, 8);
}

/* Overwrites bits that are already there. */
static void patch(writer_t *w, size_t at, uint64_t v, unsigned bits)
{
    while (bits) {
        unsigned skip = at % 8, take = 8 - skip < bits ? 8 - skip : bits;
        unsigned mask = (0xffu >> (8 - take)) << (8 - skip - take);
        unsigned chunk = (unsigned)(v >> (bits - take)) << (8 - skip - take) & mask;
        uint8_t *byte = w->buf + at / 8;
        *byte = (uint8_t)((*byte & ~mask) | chunk);
        bits -= take;
        at += take;
    }
}

/* Moves all bits from `at` on by n octets; the bits at `at` are then to be patched. */
static int insert_octets(writer_t *w, size_t at, size_t n)
{
    size_t first = at / 8, last = (w->pos + 7) / 8;
    if (n > w->cap - last)
        return WRITE_FAIL(w, ASN1_NO_SPACE, "output buffer full");
    memmove(w->buf + first + n, w->buf + first, last - first);
    w->pos += 8 * n;
    return 0;
}

int writer_open_end(writer_t *w, size_t at)
{
    size_t bits = w->pos - at - 8;
    if (UNLIKELY(!bits)) /* an empty encoding is one zero octet, X.691 11.1.3 */
        WRITE_TRY(writer_bits(w, 0, 8));
    else if (bits % 8)
        WRITE_TRY(writer_bits(w, 0, 8 - bits % 8));
    size_t n = (w->pos - at - 8) / 8;
    for (size_t k; UNLIKELY((k = fragment(n)));) {
        patch(w, at, 0xc0 | k, 8);
        at += 8 + 8 * k * PER_16K;
        n -= k * PER_16K;
        WRITE_TRY(insert_octets(w, at, 1));
    }
    if (LIKELY(n < 128)) {
        patch(w, at, n, 8);
        return 0;
    }
    WRITE_TRY(insert_octets(w, at + 8, 1));
    patch(w, at, n | 0x8000, 16);
    return 0;
}
