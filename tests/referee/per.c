/* SPDX-License-Identifier: Apache-2.0 */
/* Command line over all schemas, for the referees and for a person with a hex string in hand:
 *
 *     per print SCHEMA                  reads lines "TYPE HEX": decodes and prints each
 *     per recode SCHEMA                 decodes, encodes again, writes hex
 *     per random SCHEMA N SEED TYPE...  N random values of each type as lines "TYPE HEX"
 *     per types SCHEMA                  names of all types
 *
 * A line that fails gives "error ..." in its place; exit 1 then. Single-threaded. */
#include "lib/asn1/schema/e2ap.asn.h"
#include "lib/asn1/schema/e2sm_kpm.asn.h"
#include "lib/asn1/schema/e2sm_rc.asn.h"
#include "lib/asn1/schema/f1ap.asn.h"
#include "lib/asn1/schema/plg.asn.h"
#include "lib/asn1/schema/rrc.asn.h"
#include "tests/unit/lib/asn1/kinds.asn.h"
#include "tests/unit/lib/asn1/x691.asn.h"
#include "tests/referee/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BYTES (1u << 20)
#define ARENA_BYTES (64u << 20)

typedef struct {
    const char *name;
    asn1_rule_t rule;
    const asn1_type_t *const *types;
    const unsigned *n_types;
} schema_t;

static const schema_t schemas[] = {
    {"f1ap", ASN1_APER, f1ap_types, &f1ap_n_types},
    {"e2ap", ASN1_APER, e2ap_types, &e2ap_n_types},
    {"e2sm_kpm", ASN1_APER, e2sm_kpm_types, &e2sm_kpm_n_types},
    {"e2sm_rc", ASN1_APER, e2sm_rc_types, &e2sm_rc_n_types},
    {"plg", ASN1_APER, plg_types, &plg_n_types},
    {"rrc", ASN1_UPER, rrc_types, &rrc_n_types},
    {"kinds", ASN1_APER, kinds_types, &kinds_n_types},
    {"kinds_uper", ASN1_UPER, kinds_types, &kinds_n_types},
    {"x691", ASN1_APER, x691_types, &x691_n_types},
    {"x691_uper", ASN1_UPER, x691_types, &x691_n_types},
};

static const schema_t *find_schema(const char *name)
{
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++)
        if (!strcmp(schemas[i].name, name))
            return &schemas[i];
    return NULL;
}

static const asn1_type_t *find_type(const schema_t *s, const char *name)
{
    for (unsigned i = 0; i < *s->n_types; i++)
        if (!strcmp(asn1_type_name(s->types[i]), name))
            return s->types[i];
    return NULL;
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* Bytes of a line of hex, or -EINVAL. */
static long from_hex(const char *text, uint8_t *out, size_t cap)
{
    size_t n = 0;
    for (; digit(text[0]) >= 0 && digit(text[1]) >= 0; text += 2) {
        if (n == cap)
            return -EINVAL;
        out[n++] = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
    }
    return *text && *text != '\n' ? -EINVAL : (long)n;
}

static void put_hex(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        printf("%02x", p[i]);
    putchar('\n');
}

static int put_error(const char *what, const asn1_error_t *err)
{
    printf("error %s: %s at bit %u in %s\n", what, err->what, err->bit, err->path);
    return 1;
}

static int one_line(const schema_t *s, const asn1_type_t *type, bool print, const uint8_t *in, size_t n,
                    arena_t *arena)
{
    static uint8_t out[MAX_BYTES];
    asn1_error_t err;
    size_t out_n;
    arena_reset(arena);
    void *value = arena_alloc(arena, asn1_type_size(type), 16);
    if (asn1_decode(type, s->rule, in, n, arena, value, &err))
        return put_error("decoding", &err);
    if (print)
        return asn1_print(type, value, stdout) != 0;
    if (asn1_encode(type, s->rule, value, out, sizeof out, &out_n, &err))
        return put_error("encoding", &err);
    put_hex(out, out_n);
    return 0;
}

static int all_lines(const schema_t *s, bool print, arena_t *arena)
{
    static uint8_t in[MAX_BYTES];
    char *line = NULL;
    size_t cap = 0;
    int failed = 0;
    while (getline(&line, &cap, stdin) > 0) {
        char *hex = strchr(line, ' ');
        if (hex)
            *hex++ = 0;
        const asn1_type_t *type = hex ? find_type(s, line) : NULL;
        long n = type ? from_hex(hex, in, sizeof in) : -EINVAL;
        if (n < 0) {
            printf("error: %s\n", type ? "no hex" : "no such type");
            failed = 1;
        } else {
            failed |= one_line(s, type, print, in, (size_t)n, arena);
        }
    }
    free(line);
    return failed;
}

/* A seed that runs into a corner with no end is passed over; a type that has no value gives no line. */
static int random_values(const schema_t *s, const asn1_type_t *type, unsigned n, uint64_t seed,
                         arena_t *arena)
{
    static uint8_t out[MAX_BYTES];
    asn1_error_t err;
    size_t out_n;
    for (unsigned made = 0, tries = 0; made < n && tries < 10 * n; tries++) {
        arena_reset(arena);
        void *value = random_value(type, seed + tries, arena);
        if (!value)
            continue;
        if (asn1_encode(type, s->rule, value, out, sizeof out, &out_n, &err))
            return put_error("encoding", &err);
        printf("%s ", asn1_type_name(type));
        put_hex(out, out_n);
        made++;
    }
    return 0;
}

static int usage(void)
{
    fprintf(stderr, "usage: per print|recode|types SCHEMA, per random SCHEMA N SEED TYPE...\n");
    return 2;
}

int main(int argc, char **argv)
{
    const schema_t *s = argc >= 3 ? find_schema(argv[2]) : NULL;
    if (!s)
        return usage();
    if (!strcmp(argv[1], "types")) {
        for (unsigned i = 0; i < *s->n_types; i++)
            puts(asn1_type_name(s->types[i]));
        return 0;
    }
    void *memory = malloc(ARENA_BYTES);
    arena_t arena;
    arena_init(&arena, memory, memory ? ARENA_BYTES : 0);
    int rc = 0;
    if (!strcmp(argv[1], "random") && argc > 5) {
        for (int i = 5; i < argc && !rc; i++) {
            const asn1_type_t *type = find_type(s, argv[i]);
            rc = type ? random_values(s, type, (unsigned)strtoul(argv[3], NULL, 0),
                                      strtoull(argv[4], NULL, 0), &arena)
                      : 2;
        }
    } else if (!strcmp(argv[1], "print") || !strcmp(argv[1], "recode")) {
        rc = all_lines(s, argv[1][0] == 'p', &arena);
    } else {
        rc = usage();
    }
    free(memory);
    return rc;
}
