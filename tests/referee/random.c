/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/referee/random.h"
#include "lib/asn1/per.h"

typedef struct {
    uint64_t state;
    arena_t *arena;
    unsigned depth;
    unsigned budget; /* constructed values that may still be made: recursion and lists thin out */
    bool full;
} random_t;

static bool fill(random_t *r, const asn1_type_t *t, void *out);

/* splitmix64 */
static uint64_t next(random_t *r)
{
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint64_t below(random_t *r, uint64_t n)
{
    return n ? next(r) % n : next(r);
}

static bool chance(random_t *r, unsigned percent)
{
    return below(r, 100) < percent;
}

static void *take(random_t *r, size_t n, size_t align)
{
    void *p = arena_alloc(r->arena, n, align);
    r->full |= !p;
    return p;
}

/* low..low+span, the edges and their neighbours often, otherwise of any magnitude. */
static uint64_t in_range(random_t *r, uint64_t low, uint64_t span)
{
    switch (below(r, 6)) {
    case 0:
        return low;
    case 1:
        return low + span;
    case 2:
        return low + (span ? 1 : 0);
    default: {
        uint64_t v = next(r) >> below(r, 64);
        return low + (span == UINT64_MAX ? v : v % (span + 1));
    }
    }
}

static void fill_int(random_t *r, const asn1_type_t *t, void *out)
{
    uint64_t low = t->has_lb ? (uint64_t)t->lb : (uint64_t)(INT64_MIN / 2);
    uint64_t high = t->has_ub ? (uint64_t)t->ub : (uint64_t)(INT64_MAX / 2);
    uint64_t v = in_range(r, low, high - low);
    if (!t->has_lb && chance(r, 50))
        v = low < (uint64_t)-300 && (!t->has_ub || t->ub >= 300) ? below(r, 600) - 300 : high;
    if (t->ext && chance(r, 20) && (int64_t)high < INT32_MAX)
        v = high + 1 + (below(r, 70000));
    memcpy(out, &v, sizeof v);
}

static size_t fill_size(random_t *r, const asn1_type_t *t, size_t usual)
{
    uint64_t low = (uint64_t)t->lb, high = t->has_ub ? (uint64_t)t->ub : low + usual;
    if (high > low + usual && !chance(r, 3))
        high = low + usual;
    if (high > 70000)
        high = 70000;
    if (t->ext && chance(r, 10))
        return (size_t)(t->ub + 1 + (int64_t)below(r, 3));
    return (size_t)in_range(r, low, high - low);
}

static bool fill_octets(random_t *r, const asn1_type_t *t, asn1_bytes_t *out)
{
    size_t n = fill_size(r, t, chance(r, 5) ? 300 : 12);
    uint8_t *p = take(r, n + 1, 1);
    if (!p)
        return false;
    for (size_t i = 0; i < n; i++)
        p[i] = t->kind == ASN1_K_CHARS ? (uint8_t)t->alphabet[below(r, t->n_alphabet)]
                                       : (uint8_t)('a' + below(r, 26)); /* valid UTF-8 too */
    *out = (asn1_bytes_t){p, (uint32_t)n};
    return true;
}

static bool fill_bits(random_t *r, const asn1_type_t *t, asn1_bits_t *out)
{
    size_t n = fill_size(r, t, 40);
    uint8_t *p = take(r, n / 8 + 1, 1);
    if (!p)
        return false;
    for (size_t i = 0; i < n; i++)
        p[i / 8] |= (uint8_t)(below(r, 2) << (7 - i % 8));
    *out = (asn1_bits_t){p, (uint32_t)n};
    return true;
}

static bool fill_oid(random_t *r, asn1_oid_t *out)
{
    size_t n = 1 + below(r, 6), arcs = n;
    uint8_t *p = take(r, n, 1);
    if (!p)
        return false;
    while (arcs--)
        p[arcs] = (uint8_t)below(r, 80);
    *out = (asn1_oid_t){p, (uint32_t)n};
    return true;
}

static void fill_real(random_t *r, void *out)
{
    double v = (double)(int64_t)(next(r) >> 12 | 1) - 2251799813685248.0;
    for (uint64_t halve = below(r, 80); halve; halve--)
        v /= 2;
    if (chance(r, 20))
        v = (double)(1 + below(r, 100)); /* not 0, which asn1ct cannot read */
    memcpy(out, &v, sizeof v);
}

static bool fill_simple(random_t *r, const asn1_type_t *t, void *out)
{
    switch (t->kind) {
    case ASN1_K_BOOL:
        *(bool *)out = below(r, 2);
        return true;
    case ASN1_K_NULL:
        return true;
    case ASN1_K_INT:
        fill_int(r, t, out);
        return true;
    case ASN1_K_ENUM:
        per_set32(out, 0, (uint32_t)below(r, t->n_names));
        return true;
    case ASN1_K_REAL:
        fill_real(r, out);
        return true;
    case ASN1_K_BITS:
        return fill_bits(r, t, out);
    case ASN1_K_OID:
        return fill_oid(r, out);
    case ASN1_K_OPEN: { /* an INTEGER, whatever stands there */
        static const uint8_t open[] = {1, 7};
        *(asn1_bytes_t *)out = ASN1_BYTES(open);
        return true;
    }
    default:
        return fill_octets(r, t, out);
    }
}

static bool fill_member(random_t *r, const asn1_type_t *t, const asn1_member_t *m, void *out)
{
    void *at = per_at(out, m->offset);
    if (m->flags & ASN1_M_PTR) {
        void *p = take(r, m->type->size, 8);
        if (!p)
            return false;
        memcpy(at, &p, sizeof p);
        at = p;
    }
    if (fill(r, m->type, at)) {
        if (m->flags & ASN1_M_HAS)
            per_set_has(t, m, out);
        return true;
    }
    if (m->flags & ASN1_M_PTR)
        memset(per_at(out, m->offset), 0, sizeof(void *)); /* no value can be made: absent, if it may be */
    return false;
}

/* Few optional members deep down, where values would grow without end. */
static bool wanted(random_t *r)
{
    return r->budget && chance(r, r->depth < 12 ? 50 : r->depth < 20 ? 25 : 4);
}

static bool cannot_do_without(const random_t *r, const asn1_member_t *m)
{
    return r->full || !(m->flags & ASN1_M_OPTIONAL);
}

static bool fill_seq(random_t *r, const asn1_type_t *t, void *out)
{
    for (unsigned i = 0; i < t->n_root; i++) {
        const asn1_member_t *m = &t->members[i];
        if (m->flags & ASN1_M_UNSUPPORTED && !(m->flags & ASN1_M_OPTIONAL))
            return false;
        if (m->flags & ASN1_M_UNSUPPORTED || (m->flags & ASN1_M_OPTIONAL && !wanted(r))) {
            if (m->flags & ASN1_M_DEFAULT)
                memcpy(per_at(out, m->offset), m->dflt, m->type->size);
            continue;
        }
        if (!fill_member(r, t, m, out) && cannot_do_without(r, m))
            return false;
    }
    for (unsigned i = 0; i < t->n_additions; i++) {
        const asn1_addition_t *a = &t->additions[i];
        bool here = r->budget && chance(r, r->depth < 14 ? 30 : 3);
        for (unsigned k = a->first; k < (unsigned)a->first + a->count; k++) {
            const asn1_member_t *m = &t->members[k];
            if (m->flags & ASN1_M_DEFAULT)
                memcpy(per_at(out, m->offset), m->dflt, m->type->size);
            if (!here || m->flags & ASN1_M_UNSUPPORTED || (m->flags & ASN1_M_OPTIONAL && chance(r, 40)))
                continue;
            if (!fill_member(r, t, m, out) && cannot_do_without(r, m))
                return false;
        }
    }
    return true;
}

static bool fill_choice(random_t *r, const asn1_type_t *t, void *out)
{
    if (!t->n_members)
        return false;
    unsigned index = (unsigned)below(r, r->depth > 20 && t->n_root ? t->n_root : t->n_members);
    if (t->n_members == 2 && chance(r, 60))
        index = 0; /* the other is often an empty one for later releases */
    for (unsigned tries = 0; tries < t->n_members; tries++, index = (index + 1) % t->n_members) {
        const asn1_member_t *m = &t->members[index];
        /* Far down take what ends soonest. */
        if (m->flags & ASN1_M_UNSUPPORTED ||
            (r->depth > 24 && !per_is_simple(m->type) && tries + 1 < t->n_members))
            continue;
        per_set32(out, t->has_off, index + 1);
        if (fill_member(r, t, m, out))
            return true;
        if (r->full)
            return false;
    }
    return false;
}

static bool fill_seqof(random_t *r, const asn1_type_t *t, void *out)
{
    size_t n = fill_size(r, t, r->depth > 16 ? 0 : 3);
    if (n > (size_t)t->lb && (!r->budget || n > 64 + (size_t)t->lb))
        n = (size_t)t->lb;
    struct {
        uint32_t n;
        uint8_t *p;
    } list = {(uint32_t)n, take(r, n * t->elem->size + 1, 8)};
    if (!list.p)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!fill(r, t->elem, list.p + i * t->elem->size))
            return false;
    memcpy(out, &list, sizeof list);
    return true;
}

static bool fill_ies(random_t *r, const asn1_type_t *t, void *out)
{
    unsigned made = 0;
    for (unsigned i = 0; i < t->n_members; i++) {
        const asn1_member_t *m = &t->members[i];
        if (m->flags & ASN1_M_OPTIONAL && !wanted(r) && !(i + 1 == t->n_members && made < (unsigned)t->lb))
            continue;
        if (fill_member(r, t, m, out))
            made++;
        else if (cannot_do_without(r, m))
            return false;
    }
    return made >= (unsigned)t->lb;
}

static bool fill(random_t *r, const asn1_type_t *t, void *out)
{
    if (per_is_simple(t))
        return fill_simple(r, t, out);
    if (r->depth >= ASN1_MAX_DEPTH - 8)
        return false;
    r->depth++;
    r->budget -= r->budget > 0;
    bool made;
    switch (t->kind) {
    case ASN1_K_SEQ:
        made = fill_seq(r, t, out);
        break;
    case ASN1_K_SEQOF:
        made = fill_seqof(r, t, out);
        break;
    case ASN1_K_IES:
        made = fill_ies(r, t, out);
        break;
    default:
        made = fill_choice(r, t, out);
    }
    r->depth--;
    return made;
}

void *random_value(const asn1_type_t *type, uint64_t seed, arena_t *arena)
{
    random_t r = {seed * UINT64_C(0xd1342543de82ef95), arena, 0, 400, false};
    void *out = take(&r, type->size, 16);
    return out && fill(&r, type, out) ? out : NULL;
}
