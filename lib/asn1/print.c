/* SPDX-License-Identifier: Apache-2.0 */
/* Values as text, for goldens and logs: a component a line, two spaces a level. */
#include "lib/asn1/per.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

typedef struct {
    FILE *out;
    unsigned depth;
} printer_t;

static void print_value(printer_t *p, const asn1_type_t *t, const void *v);

static void indent(const printer_t *p)
{
    fprintf(p->out, "%*s", (int)(2 * p->depth), "");
}

static void print_hex(const printer_t *p, const uint8_t *octets, size_t n)
{
    putc('\'', p->out);
    for (size_t i = 0; i < n; i++)
        fprintf(p->out, "%02X", octets[i]);
    fputs("'H", p->out);
}

static void print_text(const printer_t *p, const asn1_bytes_t *v)
{
    putc('"', p->out);
    for (uint32_t i = 0; i < v->n; i++) {
        if (v->p[i] < 32 || v->p[i] == 127)
            fprintf(p->out, "\\x%02x", v->p[i]);
        else if (v->p[i] == '"' || v->p[i] == '\\')
            fprintf(p->out, "\\%c", v->p[i]);
        else
            putc(v->p[i], p->out);
    }
    putc('"', p->out);
}

static void print_bits(const printer_t *p, const asn1_bits_t *v)
{
    if (v->n_bits > 64 && v->n_bits % 8 == 0) {
        print_hex(p, v->p, v->n_bits / 8);
        return;
    }
    putc('\'', p->out);
    for (uint32_t i = 0; i < v->n_bits; i++)
        putc('0' + (v->p[i / 8] >> (7 - i % 8) & 1), p->out);
    fputs("'B", p->out);
}

static void print_enum(const printer_t *p, const asn1_type_t *t, uint32_t v)
{
    const char *name = asn1_value_name(t, v);
    if (name)
        fputs(name, p->out);
    else
        fprintf(p->out, "%" PRIu32 " (not in this release)", v);
}

/* A CONTAINING string is shown as what it contains, when it can be read as that. Which rule it is in is not
 * in the schema: inside RRC it is the unaligned one, the only schemas that use CONTAINING. */
static bool print_contained(printer_t *p, const asn1_type_t *contained, const asn1_bytes_t *v)
{
    size_t room = contained->size + 64 * (size_t)v->n + 65536;
    void *memory = v->n && p->depth < 2 * ASN1_MAX_DEPTH ? malloc(room) : NULL;
    if (!memory)
        return false;
    arena_t arena;
    arena_init(&arena, memory, room);
    void *value = arena_alloc(&arena, contained->size, 8);
    bool decoded = !asn1_decode(contained, ASN1_UPER, v->p, v->n, &arena, value, NULL);
    if (decoded) {
        fprintf(p->out, " containing %s", asn1_type_name(contained));
        print_value(p, contained, value);
    }
    free(memory);
    return decoded;
}

static void print_octets(printer_t *p, const asn1_type_t *t, const asn1_bytes_t *v)
{
    putc(' ', p->out);
    print_hex(p, v->p, v->n);
    if (!t->contains || !print_contained(p, t->contains, v))
        putc('\n', p->out);
}

static void print_int(const printer_t *p, const asn1_type_t *t, const void *v)
{
    int64_t n;
    memcpy(&n, v, sizeof n);
    if (t->is_unsigned)
        fprintf(p->out, "%" PRIu64, (uint64_t)n);
    else
        fprintf(p->out, "%" PRId64, n);
}

static void print_oid(const printer_t *p, const asn1_oid_t *v)
{
    char text[512];
    if (!asn1_oid_format(*v, text, sizeof text))
        fputs(text, p->out);
    else
        print_hex(p, v->p, v->n);
}

/* " value\n" of a kind without members. */
static void print_simple(printer_t *p, const asn1_type_t *t, const void *v)
{
    double real;
    if ((t->kind == ASN1_K_OCTETS && !t->utf8) || t->kind == ASN1_K_OPEN) {
        print_octets(p, t, v);
        return;
    }
    putc(' ', p->out);
    switch (t->kind) {
    case ASN1_K_BOOL:
        fputs(*(const bool *)v ? "TRUE" : "FALSE", p->out);
        break;
    case ASN1_K_INT:
        print_int(p, t, v);
        break;
    case ASN1_K_ENUM:
        print_enum(p, t, per_get32(v, 0));
        break;
    case ASN1_K_REAL:
        memcpy(&real, v, sizeof real);
        fprintf(p->out, "%.17g", real);
        break;
    case ASN1_K_BITS:
        print_bits(p, v);
        break;
    case ASN1_K_OCTETS: /* UTF8String */
    case ASN1_K_CHARS:
        print_text(p, v);
        break;
    case ASN1_K_OID:
        print_oid(p, v);
        break;
    default:
        fputs("NULL", p->out);
    }
    putc('\n', p->out);
}

static void print_member(printer_t *p, const asn1_member_t *m, const void *v)
{
    const void *value = per_value(m, v);
    indent(p);
    fputs(m->name, p->out);
    if (value)
        print_value(p, m->type, value);
    else
        fputs(" (missing)\n", p->out);
}

static void print_unknown(printer_t *p, const asn1_unknown_t *u)
{
    static const char *const criticality[] = {"reject", "ignore", "notify"};
    indent(p);
    fprintf(p->out, "unknown %" PRIu32 " %s ", u->id, criticality[u->criticality % 3]);
    print_hex(p, u->bytes.p, u->bytes.n);
    putc('\n', p->out);
}

static void print_components(printer_t *p, const asn1_type_t *t, const void *v)
{
    for (unsigned i = 0; i < t->n_members; i++) {
        const asn1_member_t *m = &t->members[i];
        if (m->flags & ASN1_M_UNSUPPORTED || (m->flags & ASN1_M_PTR && !per_value(m, v)) ||
            (m->flags & ASN1_M_HAS && !(m->flags & ASN1_M_DEFAULT) && !per_has(t, m, v)))
            continue;
        print_member(p, m, v);
    }
}

static void print_list(printer_t *p, const asn1_type_t *t, const void *v)
{
    struct {
        uint32_t n;
        const uint8_t *p;
    } list;
    memcpy(&list, v, sizeof list);
    for (uint32_t i = 0; i < list.n; i++) {
        indent(p);
        fprintf(p->out, "[%" PRIu32 "]", i);
        print_value(p, t->elem, list.p + (size_t)i * t->elem->size);
    }
}

static void print_chosen(printer_t *p, const asn1_type_t *t, const void *v)
{
    uint32_t choice = per_get32(v, t->has_off);
    if (t->kind == ASN1_K_ROW && !choice) {
        print_unknown(p, per_const_at(v, t->extra_off));
    } else if (choice && choice <= t->n_members && !(t->members[choice - 1].flags & ASN1_M_UNSUPPORTED)) {
        print_member(p, &t->members[choice - 1], v);
    } else {
        indent(p);
        fputs("(alternative not in this release)\n", p->out);
    }
}

/* What follows a name: " value" on its line, or the members on lines of their own. */
static void print_value(printer_t *p, const asn1_type_t *t, const void *v)
{
    if (per_is_simple(t)) {
        print_simple(p, t, v);
        return;
    }
    putc('\n', p->out);
    if (p->depth >= 2 * ASN1_MAX_DEPTH)
        return;
    p->depth++;
    if (t->kind == ASN1_K_SEQOF)
        print_list(p, t, v);
    else if (t->kind == ASN1_K_CHOICE || t->kind == ASN1_K_ROW)
        print_chosen(p, t, v);
    else
        print_components(p, t, v);
    if (t->kind == ASN1_K_IES) {
        const asn1_unknown_list_t *unknown = per_const_at(v, t->extra_off);
        for (uint32_t i = 0; i < unknown->n; i++)
            print_unknown(p, &unknown->p[i]);
    }
    p->depth--;
}

int asn1_print(const asn1_type_t *type, const void *v, FILE *out)
{
    printer_t p = {out, 0};
    fputs(asn1_type_name(type), out);
    print_value(&p, type, v);
    return ferror(out) ? -EIO : 0;
}
