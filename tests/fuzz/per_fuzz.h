/* SPDX-License-Identifier: Apache-2.0 */
/* A PER decoder under any bytes. The first byte picks one of the schema's entry types, the rest is the
 * message. What decodes is printed; what then encodes must decode again, and encode to the same bytes. */
#ifndef VITRAN_TESTS_FUZZ_PER_FUZZ_H
#define VITRAN_TESTS_FUZZ_PER_FUZZ_H

#include "lib/asn1/asn1.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#define PER_FUZZ_ARENA (4u << 20)
#define PER_FUZZ_OUT (1u << 18)

/* Decodes and encodes; 0 with the bytes in out, or -1 when the value cannot be sent (an alternative that we
 * do not know). */
static int per_fuzz_recode(const asn1_type_t *type, asn1_rule_t rule, const uint8_t *p, size_t n,
                           arena_t *arena, uint8_t *out, size_t *ret_n, FILE *print)
{
    asn1_error_t err;
    void *value = arena_alloc(arena, asn1_type_size(type), 16);
    if (asn1_decode(type, rule, p, n, arena, value, &err)) {
        if (err.cause == ASN1_OK || !err.what[0] || strlen(err.path) >= sizeof err.path)
            abort();
        return -1;
    }
    if (err.bit > n * 8)
        abort();
    if (print)
        asn1_print(type, value, print);
    return asn1_encode(type, rule, value, out, PER_FUZZ_OUT, ret_n, &err) ? -1 : 0;
}

static int per_fuzz(const asn1_type_t *const *types, size_t n_types, asn1_rule_t rule, const uint8_t *p,
                    size_t n)
{
    static uint8_t *memory, *first, *second;
    static FILE *null;
    if (!memory) {
        memory = malloc(PER_FUZZ_ARENA);
        first = malloc(PER_FUZZ_OUT);
        second = malloc(PER_FUZZ_OUT);
        null = fopen("/dev/null", "w");
    }
    if (!n || !memory || !first || !second || !null)
        return 0;
    const asn1_type_t *type = types[p[0] % n_types];
    size_t first_n, second_n;
    arena_t arena;
    arena_init(&arena, memory, PER_FUZZ_ARENA);
    if (per_fuzz_recode(type, rule, p + 1, n - 1, &arena, first, &first_n, null))
        return 0;
    arena_reset(&arena);
    if (per_fuzz_recode(type, rule, first, first_n, &arena, second, &second_n, NULL) || first_n != second_n ||
        memcmp(first, second, first_n))
        abort();
    return 0;
}

#define PER_FUZZ(rule, ...)                                                                                  \
    int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)                                                   \
    {                                                                                                        \
        static const asn1_type_t *const types[] = {__VA_ARGS__};                                             \
        return per_fuzz(types, sizeof types / sizeof *types, rule, p, n);                                    \
    }

#endif
