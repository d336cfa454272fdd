/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes what holds members: SEQUENCE, SEQUENCE OF, CHOICE, IE containers and the open types in them. Walks
 * the descriptor; recursion is bounded by ASN1_MAX_DEPTH, memory by the arena, work by the input's length. */
#include "lib/asn1/reader.h"

static inline int decode(reader_t *r, const asn1_type_t *t, void *out);

/* --- open types: what is inside is read in place, up to its own end */

typedef struct {
    reader_t outer;
    bool joined; /* the fragments lie in a buffer of their own */
} open_t;

static int open_enter(reader_t *r, open_t *o)
{
    size_t n;
    bool more;
    READ_TRY(reader_length(r, &n, &more));
    o->joined = more;
    if (LIKELY(!more)) {
        if (UNLIKELY(n > reader_left(r) / 8))
            return READ_FAIL(r, ASN1_TRUNCATED, "open type beyond the end");
        o->outer.end = r->end;
        r->end = r->pos + 8 * n;
        return 0;
    }
    asn1_bytes_t joined;
    READ_TRY(reader_octet_run(r, n, more, &joined));
    o->outer = *r;
    r->buf = joined.p;
    r->n = joined.n;
    r->pos = 0;
    r->end = (size_t)joined.n * 8;
    return 0;
}

/* What follows the value in the open type is of a later release, and is skipped. */
static void open_leave(reader_t *r, const open_t *o)
{
    if (LIKELY(!o->joined)) {
        r->pos = r->end;
        r->end = o->outer.end;
    } else {
        unsigned depth = r->depth;
        *r = o->outer;
        r->depth = depth;
    }
}

static int open_skip(reader_t *r)
{
    bool more = true;
    while (more) {
        size_t n;
        READ_TRY(reader_length(r, &n, &more));
        if (n > reader_left(r) / 8)
            return READ_FAIL(r, ASN1_TRUNCATED, "open type beyond the end");
        r->pos += 8 * n;
    }
    return 0;
}

/* --- members */

/* Where a present member's value goes; NULL when the arena is full. */
static inline void *place(reader_t *r, const asn1_type_t *t, const asn1_member_t *m, void *out)
{
    if (m->flags & ASN1_M_HAS)
        per_set_has(t, m, out);
    void *at = per_at(out, m->offset);
    if (m->flags & ASN1_M_PTR) {
        void *p = arena_alloc(r->arena, m->type->size, 8);
        memcpy(at, &p, sizeof p);
        return p;
    }
    return at;
}

static inline __attribute__((always_inline)) int decode_member(reader_t *r, const asn1_type_t *t,
                                                               const asn1_member_t *m, void *out)
{
    int rc;
    if (UNLIKELY(m->flags & ASN1_M_UNSUPPORTED)) {
        rc = READ_FAIL(r, ASN1_UNSUPPORTED, "component that this schema does not describe");
    } else {
        void *at = place(r, t, m, out);
        rc = LIKELY(at != NULL) ? decode(r, m->type, at) : READ_FAIL(r, ASN1_NO_MEMORY, "arena full");
    }
    if (UNLIKELY(rc))
        asn1_path_name(r->err, m->name);
    return rc;
}

static inline void set_default(const asn1_member_t *m, void *out)
{
    if (m->flags & ASN1_M_DEFAULT)
        memcpy(per_at(out, m->offset), m->dflt, m->type->size);
}

/* The optional components of a type that has no others: only those that are there are looked at. */
static int decode_sparse(reader_t *r, const asn1_type_t *t, size_t preamble, void *out)
{
    unsigned first = 0, n_opt = t->n_opt;
    while (n_opt) {
        unsigned have = n_opt < 56 ? n_opt : 56;
        uint64_t present = reader_peek(r, preamble, have) << 1 << (63 - have);
        while (present) {
            unsigned at = (unsigned)__builtin_clzll(present);
            present &= ~(UINT64_C(1) << (63 - at));
            READ_TRY(decode_member(r, t, t->members + first + at, out));
        }
        first += have;
        preamble += have;
        n_opt -= have;
    }
    return 0;
}

/* Components from `first` on, whose presence bits start at bit `preamble`. */
static inline int decode_mixed(reader_t *r, const asn1_type_t *t, unsigned first, unsigned count,
                               unsigned n_opt, size_t preamble, void *out)
{
    uint64_t present = 0;
    unsigned have = 0;
    for (const asn1_member_t *m = t->members + first, *last = m + count; m < last; m++) {
        if (m->flags & ASN1_M_OPTIONAL) {
            if (!have) {
                have = n_opt < 56 ? n_opt : 56;
                present = reader_peek(r, preamble, have) << 1 << (63 - have);
                preamble += have;
                n_opt -= have;
            }
            bool here = present >> 63;
            present <<= 1;
            have--;
            if (!here) {
                set_default(m, out);
                continue;
            }
        }
        READ_TRY(decode_member(r, t, m, out));
    }
    return 0;
}

static int decode_components(reader_t *r, const asn1_type_t *t, unsigned first, unsigned count,
                             unsigned n_opt, void *out)
{
    size_t preamble = r->pos;
    if (!count)
        return 0;
    if (UNLIKELY(n_opt > reader_left(r)))
        return reader_short(r);
    r->pos += n_opt;
    return t->sparse && !first ? decode_sparse(r, t, preamble, out)
                               : decode_mixed(r, t, first, count, n_opt, preamble, out);
}

static int decode_addition(reader_t *r, const asn1_type_t *t, const asn1_addition_t *a, void *out)
{
    const asn1_member_t *m = t->members + a->first;
    if (!a->group && m->flags & ASN1_M_UNSUPPORTED)
        return open_skip(r);
    open_t o;
    READ_TRY(open_enter(r, &o));
    if (a->group)
        READ_TRY(decode_components(r, t, a->first, a->count, a->n_opt, out));
    else
        READ_TRY(decode_member(r, t, m, out));
    open_leave(r, &o);
    return 0;
}

/* X.691 19.7 to 19.9. Those beyond what the schema knows are skipped. */
static int decode_additions(reader_t *r, const asn1_type_t *t, void *out)
{
    size_t n;
    READ_TRY(reader_small_length(r, &n));
    if (n > reader_left(r))
        return READ_FAIL(r, ASN1_TRUNCATED, "extension bitmap beyond the end");
    size_t bitmap = r->pos;
    const reader_t at_bitmap = *r;
    r->pos += n;
    for (size_t i = 0; i < n; i++) {
        if (!reader_peek(&at_bitmap, bitmap + i, 1))
            continue;
        if (i < t->n_additions)
            READ_TRY(decode_addition(r, t, t->additions + i, out));
        else
            READ_TRY(open_skip(r));
    }
    return 0;
}

static int decode_seq(reader_t *r, const asn1_type_t *t, void *out)
{
    bool extended = false;
    if (t->ext)
        READ_TRY(reader_bit(r, &extended));
    if (t->ext_defaults)
        for (unsigned i = t->n_root; i < t->n_members; i++)
            set_default(t->members + i, out);
    READ_TRY(decode_components(r, t, 0, t->n_root, t->n_opt, out));
    return extended ? decode_additions(r, t, out) : 0;
}

/* --- SEQUENCE OF */

/* A count is believed only as far as the input left can hold it; elements that take no bits are held to 64K.
 */
static int check_count(reader_t *r, const asn1_type_t *elem, size_t total, size_t n)
{
    bool fits = elem->min_bits ? (uint64_t)n * elem->min_bits <= reader_left(r) : total + n <= PER_64K;
    return UNLIKELY(!fits) ? READ_FAIL(r, ASN1_TRUNCATED, "more elements than the input can hold") : 0;
}

static int decode_elements(reader_t *r, const asn1_type_t *elem, uint8_t *at, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        int rc = decode(r, elem, at + i * elem->size);
        if (UNLIKELY(rc)) {
            asn1_path_index(r->err, i);
            return rc;
        }
    }
    return 0;
}

static int decode_seqof(reader_t *r, const asn1_type_t *t, void *out)
{
    struct {
        uint32_t n;
        uint8_t *p;
    } list = {0, NULL};
    const asn1_type_t *elem = t->elem;
    bool more = true, in_root;
    size_t total = 0, n;
    READ_TRY(reader_size(r, t, &n, &more, &in_root));
    while (true) {
        READ_TRY(check_count(r, elem, total, n));
        if (total + n > UINT32_MAX / (elem->size ? elem->size : 1))
            return READ_FAIL(r, ASN1_NO_MEMORY, "list too long");
        uint8_t *grown = arena_alloc(r->arena, (total + n) * elem->size, 8);
        if (!grown)
            return READ_FAIL(r, ASN1_NO_MEMORY, "arena full");
        if (UNLIKELY(total))
            memcpy(grown, list.p, total * elem->size);
        list.p = grown;
        READ_TRY(decode_elements(r, elem, grown, total, total + n));
        total += n;
        if (LIKELY(!more))
            break;
        READ_TRY(reader_length(r, &n, &more));
    }
    if (UNLIKELY(in_root && !per_size_in_root(t, total)))
        return READ_FAIL(r, ASN1_CONSTRAINT, "size outside its constraint");
    list.n = (uint32_t)total;
    memcpy(out, &list, sizeof list);
    return 0;
}

/* --- CHOICE */

static int decode_choice(reader_t *r, const asn1_type_t *t, void *out)
{
    bool outside = false;
    uint64_t index;
    if (t->ext)
        READ_TRY(reader_bit(r, &outside));
    if (!outside) {
        READ_TRY(reader_constrained(r, (uint64_t)t->ub, t->width, &index));
        per_set32(out, t->has_off, (uint32_t)index + 1);
        return decode_member(r, t, t->members + index, out);
    }
    READ_TRY(reader_small(r, &index));
    index += t->n_root;
    if (index >= t->n_members)
        return open_skip(r); /* of a later release: choice stays 0 */
    open_t o;
    READ_TRY(open_enter(r, &o));
    per_set32(out, t->has_off, (uint32_t)index + 1);
    READ_TRY(decode_member(r, t, t->members + index, out));
    open_leave(r, &o);
    return 0;
}

/* --- information objects: {id, criticality, open type} */

static int decode_row_head(reader_t *r, const asn1_type_t *t, uint64_t *ret_key, uint32_t *ret_crit)
{
    uint64_t crit;
    READ_TRY(reader_int(r, t->row[0], ret_key));
    READ_TRY(reader_constrained(r, (uint64_t)t->row[1]->ub, t->row[1]->width, &crit));
    *ret_crit = (uint32_t)crit;
    return 0;
}

/* Objects mostly come in the set's order, so the search starts at *hint and goes round. */
static const asn1_member_t *find_object(const asn1_type_t *t, uint64_t key, unsigned *hint)
{
    unsigned at = *hint;
    for (unsigned i = 0; i < t->n_members; i++, at++) {
        if (at >= t->n_members)
            at = 0;
        if (t->members[at].key == key) {
            *hint = at + 1;
            return &t->members[at];
        }
    }
    return NULL;
}

static int ie_failed(reader_t *r, uint64_t key, uint32_t crit)
{
    if (r->err->ie_id == ASN1_NO_IE) {
        r->err->ie_id = (uint32_t)key;
        r->err->ie_criticality = crit;
    }
    return -1;
}

static int decode_object(reader_t *r, const asn1_type_t *t, const asn1_member_t *m, uint64_t key,
                         uint32_t crit, void *out)
{
    open_t o;
    int rc = open_enter(r, &o);
    if (LIKELY(!rc))
        rc = decode_member(r, t, m, out);
    if (UNLIKELY(rc))
        return ie_failed(r, key, crit);
    open_leave(r, &o);
    return 0;
}

static int keep_unknown(reader_t *r, asn1_unknown_t *unknown, uint64_t key, uint32_t crit)
{
    size_t n;
    bool more;
    unknown->id = (uint32_t)key;
    unknown->criticality = crit;
    READ_TRY(reader_length(r, &n, &more));
    return reader_octet_run(r, n, more, &unknown->bytes);
}

static int decode_row(reader_t *r, const asn1_type_t *t, void *out)
{
    uint64_t key;
    uint32_t crit;
    unsigned hint = 0;
    READ_TRY(decode_row_head(r, t, &key, &crit));
    if (t->key_off != ASN1_NO_OFF) {
        memcpy(per_at(out, t->key_off), &key, sizeof key);
        per_set32(out, t->crit_off, crit);
    }
    const asn1_member_t *m = find_object(t, key, &hint);
    if (!m)
        return keep_unknown(r, per_at(out, t->extra_off), key, crit);
    per_set32(out, t->has_off, (uint32_t)(m - t->members) + 1);
    return decode_object(r, t, m, key, crit, out);
}

static int missing_object(reader_t *r, const asn1_type_t *t, const uint64_t *seen)
{
    for (unsigned i = 0; i < t->n_members; i++) {
        const asn1_member_t *m = &t->members[i];
        if (!(m->flags & ASN1_M_OPTIONAL) && !(seen[i / 64] >> (i % 64) & 1)) {
            asn1_fail(r->err, ASN1_MISSING_IE, "mandatory IE missing", r->pos);
            asn1_path_name(r->err, m->name);
            return ie_failed(r, m->key, m->crit);
        }
    }
    return 0;
}

static int decode_ies(reader_t *r, const asn1_type_t *t, void *out)
{
    size_t n;
    bool more, in_root;
    READ_TRY(reader_size(r, t, &n, &more, &in_root));
    if (more || n * 26 > reader_left(r)) /* id, criticality, length */
        return READ_FAIL(r, ASN1_TRUNCATED, "more IEs than the input can hold");
    asn1_unknown_list_t *unknown = per_at(out, t->extra_off);
    uint64_t seen[PER_MAX_MEMBERS / 64] = {0};
    unsigned hint = 0, mandatory = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t key;
        uint32_t crit;
        READ_TRY(decode_row_head(r, t, &key, &crit));
        const asn1_member_t *m = find_object(t, key, &hint);
        if (UNLIKELY(!m)) {
            if (!unknown->p && !(unknown->p = ARENA_ARRAY(r->arena, asn1_unknown_t, n - i)))
                return READ_FAIL(r, ASN1_NO_MEMORY, "arena full");
            READ_TRY(keep_unknown(r, &unknown->p[unknown->n++], key, crit));
            continue;
        }
        unsigned index = (unsigned)(m - t->members);
        if (UNLIKELY(seen[index / 64] >> (index % 64) & 1)) {
            asn1_fail(r->err, ASN1_DUPLICATE_IE, "IE comes twice", r->pos);
            asn1_path_name(r->err, m->name);
            return ie_failed(r, key, crit);
        }
        seen[index / 64] |= UINT64_C(1) << (index % 64);
        mandatory += !(m->flags & ASN1_M_OPTIONAL);
        READ_TRY(decode_object(r, t, m, key, crit, out));
    }
    return mandatory == t->n_opt ? 0 : missing_object(r, t, seen);
}

/* --- the walk */

static int decode_constructed(reader_t *r, const asn1_type_t *t, void *out)
{
    if (UNLIKELY(r->depth >= ASN1_MAX_DEPTH))
        return READ_FAIL(r, ASN1_DEPTH, "nested too deep");
    r->depth++;
    int rc;
    switch (t->kind) {
    case ASN1_K_SEQ:
        rc = decode_seq(r, t, out);
        break;
    case ASN1_K_SEQOF:
        rc = decode_seqof(r, t, out);
        break;
    case ASN1_K_CHOICE:
        rc = decode_choice(r, t, out);
        break;
    case ASN1_K_IES:
        rc = decode_ies(r, t, out);
        break;
    default: /* ASN1_K_ROW */
        rc = decode_row(r, t, out);
        break;
    }
    r->depth--;
    return rc;
}

static inline int decode(reader_t *r, const asn1_type_t *t, void *out)
{
    if (!per_is_simple(t))
        return decode_constructed(r, t, out);
    if (t->kind == ASN1_K_INT && t->has_lb && t->has_ub && !t->ext)
        return reader_int(r, t, out);
    return asn1_decode_simple(r, t, out);
}

int asn1_decode(const asn1_type_t *type, asn1_rule_t rule, const uint8_t *buf, size_t n, arena_t *arena,
                void *ret, asn1_error_t *err)
{
    asn1_error_t unused;
    if (!err)
        err = &unused;
    err->cause = ASN1_OK;
    err->what = "";
    err->ie_id = ASN1_NO_IE;
    err->ie_criticality = 0;
    err->path[0] = 0;
    reader_t r = {buf, n, 0, n * 8, rule == ASN1_APER, 0, arena, err};
    memset(ret, 0, type->size);
    int rc = decode(&r, type, ret);
    if (UNLIKELY(rc)) {
        asn1_path_name(err, asn1_type_name(type));
        memset(ret, 0, type->size);
        return asn1_cause_errno(err->cause);
    }
    err->bit = (uint32_t)r.pos;
    return 0;
}
