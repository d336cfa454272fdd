/* SPDX-License-Identifier: Apache-2.0 */
/* Encodes what holds members, in one pass over the value. Values come from our own code but are checked as if
 * they did not: a bound, an alternative or a pointer that does not hold is refused with its path. */
#include "lib/asn1/writer.h"

static inline int encode(writer_t *w, const asn1_type_t *t, const void *v);

/* --- members */

static inline bool present(const asn1_type_t *t, const asn1_member_t *m, const void *v)
{
    if (m->flags & ASN1_M_PTR)
        return per_value(m, v) != NULL;
    if (m->flags & ASN1_M_HAS)
        return per_has(t, m, v) && !(m->flags & ASN1_M_DEFAULT &&
                                     asn1_simple_equal(m->type, per_const_at(v, m->offset), m->dflt));
    return !(m->flags & ASN1_M_UNSUPPORTED);
}

static inline __attribute__((always_inline)) int encode_member(writer_t *w, const asn1_member_t *m,
                                                               const void *v)
{
    int rc;
    const void *value = m->flags & ASN1_M_UNSUPPORTED ? NULL : per_value(m, v);
    if (LIKELY(value != NULL))
        rc = encode(w, m->type, value);
    else
        rc = m->flags & ASN1_M_UNSUPPORTED
                 ? WRITE_FAIL(w, ASN1_UNSUPPORTED, "component that this schema does not describe")
                 : WRITE_FAIL(w, ASN1_CONSTRAINT, "NULL where a value must be");
    if (UNLIKELY(rc))
        asn1_path_name(w->err, m->name);
    return rc;
}

/* Presence bits, then the components that are there: seen once, kept as a list of positions. */
static int encode_components(writer_t *w, const asn1_type_t *t, unsigned first, unsigned count, const void *v)
{
    uint16_t here[PER_MAX_MEMBERS];
    unsigned n_here = 0, bits = 0;
    uint64_t word = 0;
    for (unsigned i = first; i < first + count; i++) {
        const asn1_member_t *m = &t->members[i];
        if (!(m->flags & ASN1_M_OPTIONAL)) {
            here[n_here++] = (uint16_t)i;
            continue;
        }
        bool is_here = present(t, m, v);
        word = word << 1 | is_here;
        here[n_here] = (uint16_t)i;
        n_here += is_here;
        if (UNLIKELY(++bits == 56)) {
            WRITE_TRY(writer_bits(w, word, 56));
            word = bits = 0;
        }
    }
    WRITE_TRY(writer_bits(w, word, bits));
    for (unsigned i = 0; i < n_here; i++) {
        const asn1_member_t *m = &t->members[here[i]];
        if (UNLIKELY((m->flags & (ASN1_M_HAS | ASN1_M_OPTIONAL)) == ASN1_M_HAS && !per_has(t, m, v))) {
            asn1_fail(w->err, ASN1_CONSTRAINT, "missing beside other components of its group", w->pos);
            asn1_path_name(w->err, m->name);
            return -1;
        }
        WRITE_TRY(encode_member(w, m, v));
    }
    return 0;
}

/* Presence of a plain type's members, bit i for member i: the bits of `has`, with those of the pointers put
 * between. */
static inline uint64_t presence(const asn1_type_t *t, const void *v)
{
    const uint8_t *has = per_const_at(v, t->has_off);
    unsigned n_has = t->n_plain - (unsigned)__builtin_popcountll(t->ptrs);
    uint64_t word = 0;
    for (unsigned i = 0; i < (n_has + 7) / 8; i++)
        word |= (uint64_t)has[i] << (8 * i);
    word &= (UINT64_C(1) << n_has) - 1;
    for (uint64_t ptrs = t->ptrs; ptrs; ptrs &= ptrs - 1) {
        unsigned at = (unsigned)__builtin_ctzll(ptrs);
        uint64_t below = word & ((UINT64_C(1) << at) - 1);
        uint64_t here = per_value(&t->members[at], v) != NULL;
        word = below | here << at | word >> at << (at + 1);
    }
    return word;
}

static inline uint64_t reverse_bits(uint64_t v)
{
    v = (v >> 1 & 0x5555555555555555) | (v & 0x5555555555555555) << 1;
    v = (v >> 2 & 0x3333333333333333) | (v & 0x3333333333333333) << 2;
    v = (v >> 4 & 0x0f0f0f0f0f0f0f0f) | (v & 0x0f0f0f0f0f0f0f0f) << 4;
    return __builtin_bswap64(v);
}

/* A plain type with none of its additions there: presence is the preamble, and only what is there is looked
 * at. */
static int encode_plain(writer_t *w, const asn1_type_t *t, uint64_t word, const void *v)
{
    if (t->ext)
        WRITE_TRY(writer_bits(w, 0, 1));
    WRITE_TRY(writer_bits(w, reverse_bits(word) >> (64 - t->n_root), t->n_root));
    for (; word; word &= word - 1)
        WRITE_TRY(encode_member(w, t->members + __builtin_ctzll(word), v));
    return 0;
}

static inline bool addition_present(const asn1_type_t *t, const asn1_addition_t *a, const void *v)
{
    for (unsigned i = a->first; i < a->first + a->count; i++)
        if (!(t->members[i].flags & ASN1_M_UNSUPPORTED) && present(t, &t->members[i], v))
            return true;
    return false;
}

static int encode_addition(writer_t *w, const asn1_type_t *t, const asn1_addition_t *a, const void *v)
{
    size_t open;
    WRITE_TRY(writer_open_begin(w, &open));
    if (a->group)
        WRITE_TRY(encode_components(w, t, a->first, a->count, v));
    else
        WRITE_TRY(encode_member(w, &t->members[a->first], v));
    return writer_open_end(w, open);
}

static int encode_seq(writer_t *w, const asn1_type_t *t, const void *v)
{
    if (t->n_plain) {
        uint64_t word = presence(t, v);
        if (LIKELY(!(word >> t->n_root)))
            return encode_plain(w, t, word, v);
    }
    bool extended = false;
    for (unsigned i = 0; i < t->n_additions && !extended; i++)
        extended = addition_present(t, &t->additions[i], v);
    if (t->ext)
        WRITE_TRY(writer_bits(w, extended, 1));
    WRITE_TRY(encode_components(w, t, 0, t->n_root, v));
    if (LIKELY(!extended))
        return 0;
    WRITE_TRY(writer_small_length(w, t->n_additions));
    for (unsigned i = 0; i < t->n_additions; i++)
        WRITE_TRY(writer_bits(w, addition_present(t, &t->additions[i], v), 1));
    for (unsigned i = 0; i < t->n_additions; i++)
        if (addition_present(t, &t->additions[i], v))
            WRITE_TRY(encode_addition(w, t, &t->additions[i], v));
    return 0;
}

/* --- SEQUENCE OF */

static int encode_elements(writer_t *w, const asn1_type_t *elem, const uint8_t *p, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (UNLIKELY(encode(w, elem, p + i * elem->size))) {
            asn1_path_index(w->err, i);
            return -1;
        }
    }
    return 0;
}

static int encode_seqof(writer_t *w, const asn1_type_t *t, const void *v)
{
    struct {
        uint32_t n;
        const uint8_t *p;
    } list;
    bool general, in_root;
    memcpy(&list, v, sizeof list);
    WRITE_TRY(writer_size(w, t, list.n, &general, &in_root));
    if (list.n && !list.p)
        return WRITE_FAIL(w, ASN1_CONSTRAINT, "NULL where elements must be");
    size_t from = 0;
    if (general) {
        while (UNLIKELY(list.n - from >= PER_16K)) {
            size_t k = (list.n - from) / PER_16K;
            k = k > 4 ? 4 : k;
            WRITE_TRY(writer_align(w));
            WRITE_TRY(writer_bits(w, 0xc0 | k, 8));
            WRITE_TRY(encode_elements(w, t->elem, list.p, from, from + k * PER_16K));
            from += k * PER_16K;
        }
        WRITE_TRY(writer_length(w, list.n - from));
    }
    return encode_elements(w, t->elem, list.p, from, list.n);
}

/* --- CHOICE */

static int encode_choice(writer_t *w, const asn1_type_t *t, const void *v)
{
    uint32_t index = per_get32(v, t->has_off) - 1;
    if (UNLIKELY(index >= t->n_members))
        return WRITE_FAIL(w, ASN1_CONSTRAINT, "no alternative chosen");
    const asn1_member_t *m = &t->members[index];
    bool outside = index >= t->n_root;
    if (t->ext)
        WRITE_TRY(writer_bits(w, outside, 1));
    if (!outside) {
        WRITE_TRY(writer_constrained(w, index, (uint64_t)t->ub, t->width));
        return encode_member(w, m, v);
    }
    size_t open;
    WRITE_TRY(writer_small(w, index - t->n_root));
    WRITE_TRY(writer_open_begin(w, &open));
    WRITE_TRY(encode_member(w, m, v));
    return writer_open_end(w, open);
}

/* --- information objects: {id, criticality, open type} */

static int encode_row_head(writer_t *w, const asn1_type_t *t, uint64_t key, uint32_t crit)
{
    WRITE_TRY(writer_int(w, t->row[0], &key));
    return asn1_encode_simple(w, t->row[1], &crit);
}

static int encode_object(writer_t *w, const asn1_type_t *t, const asn1_member_t *m, const void *v)
{
    size_t open;
    WRITE_TRY(encode_row_head(w, t, m->key, m->crit));
    WRITE_TRY(writer_open_begin(w, &open));
    WRITE_TRY(encode_member(w, m, v));
    return writer_open_end(w, open);
}

static int encode_unknown(writer_t *w, const asn1_type_t *t, const asn1_unknown_t *u)
{
    WRITE_TRY(encode_row_head(w, t, u->id, u->criticality));
    return writer_octet_run(w, u->bytes.p, u->bytes.n);
}

/* The object says its id and criticality; those in the struct count only for an object that we do not know.
 */
static int encode_row(writer_t *w, const asn1_type_t *t, const void *v)
{
    uint32_t choice = per_get32(v, t->has_off);
    if (choice > t->n_members)
        return WRITE_FAIL(w, ASN1_CONSTRAINT, "no such object in the set");
    if (choice)
        return encode_object(w, t, &t->members[choice - 1], v);
    asn1_unknown_t u = *(const asn1_unknown_t *)per_const_at(v, t->extra_off);
    if (!u.bytes.p)
        return WRITE_FAIL(w, ASN1_CONSTRAINT, "no object of the set chosen");
    return encode_unknown(w, t, &u);
}

static int encode_ies(writer_t *w, const asn1_type_t *t, const void *v)
{
    const asn1_unknown_list_t *unknown = per_const_at(v, t->extra_off);
    uint64_t here[PER_MAX_MEMBERS / 64] = {0};
    size_t n = unknown->n;
    for (unsigned i = 0; i < t->n_members; i++) {
        if (present(t, &t->members[i], v)) {
            here[i / 64] |= UINT64_C(1) << (i % 64);
            n++;
        }
    }
    bool general, in_root;
    WRITE_TRY(writer_size(w, t, n, &general, &in_root));
    if (general) {
        if (n >= PER_16K)
            return WRITE_FAIL(w, ASN1_UNSUPPORTED, "16K IEs or more");
        WRITE_TRY(writer_length(w, n));
    }
    for (unsigned i = 0; i < t->n_members; i++)
        if (here[i / 64] >> (i % 64) & 1)
            WRITE_TRY(encode_object(w, t, &t->members[i], v));
    for (uint32_t i = 0; i < unknown->n; i++)
        WRITE_TRY(encode_unknown(w, t, &unknown->p[i]));
    return 0;
}

/* --- the walk */

static int encode_constructed(writer_t *w, const asn1_type_t *t, const void *v)
{
    if (UNLIKELY(w->depth >= ASN1_MAX_DEPTH))
        return WRITE_FAIL(w, ASN1_DEPTH, "nested too deep");
    w->depth++;
    int rc;
    switch (t->kind) {
    case ASN1_K_SEQ:
        rc = encode_seq(w, t, v);
        break;
    case ASN1_K_SEQOF:
        rc = encode_seqof(w, t, v);
        break;
    case ASN1_K_CHOICE:
        rc = encode_choice(w, t, v);
        break;
    case ASN1_K_IES:
        rc = encode_ies(w, t, v);
        break;
    default: /* ASN1_K_ROW */
        rc = encode_row(w, t, v);
        break;
    }
    w->depth--;
    return rc;
}

static inline int encode(writer_t *w, const asn1_type_t *t, const void *v)
{
    if (!per_is_simple(t))
        return encode_constructed(w, t, v);
    if (t->kind == ASN1_K_INT && t->has_lb && t->has_ub && !t->ext)
        return writer_int(w, t, v);
    return asn1_encode_simple(w, t, v);
}

int asn1_encode(const asn1_type_t *type, asn1_rule_t rule, const void *v, uint8_t *buf, size_t cap,
                size_t *ret_n, asn1_error_t *err)
{
    asn1_error_t unused;
    if (!err)
        err = &unused;
    err->cause = ASN1_OK;
    err->what = "";
    err->ie_id = ASN1_NO_IE;
    err->ie_criticality = 0;
    err->path[0] = 0;
    writer_t w = {buf, cap, 0, rule == ASN1_APER, 0, err};
    int rc = encode(&w, type, v);
    if (!rc && !w.pos)
        rc = writer_bits(&w, 0, 8);
    if (UNLIKELY(rc)) {
        asn1_path_name(err, asn1_type_name(type));
        return asn1_cause_errno(err->cause);
    }
    err->bit = (uint32_t)w.pos;
    size_t n = (w.pos + 7) / 8;
    if (w.pos % 8)
        buf[n - 1] &= (uint8_t)(0xff00u >> (w.pos % 8));
    *ret_n = n;
    return 0;
}
