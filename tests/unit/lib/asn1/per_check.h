/* SPDX-License-Identifier: Apache-2.0 */
/* What the PER tests share: a value against the bytes that a standard's example or a hand gives for it. */
#ifndef VITRAN_TESTS_PER_CHECK_H
#define VITRAN_TESTS_PER_CHECK_H

#include "lib/asn1/asn1.h"
#include "tests/unit/cu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint8_t per_memory[1 << 20];

static inline size_t per_hex(const char *text, uint8_t *out)
{
    size_t n = 0;
    unsigned byte;
    for (; *text; text += *text == ' ' ? 1 : 2)
        if (*text != ' ' && sscanf(text, "%2x", &byte) == 1)
            out[n++] = (uint8_t)byte;
    return n;
}

/* Decodes hex into *ret (arena reset first) from a buffer of exactly that size, so that a sanitizer sees any
 * step beyond it. The input is never freed before the next call: values hold views. */
static inline int per_decode(const asn1_type_t *type, asn1_rule_t rule, const char *hex, void *ret,
                             asn1_error_t *err)
{
    static uint8_t *input;
    static uint8_t bytes[1 << 16];
    arena_t arena;
    size_t n = per_hex(hex, bytes);
    free(input);
    input = malloc(n ? n : 1);
    memcpy(input, bytes, n);
    arena_init(&arena, per_memory, sizeof per_memory);
    return asn1_decode(type, rule, input, n, &arena, ret, err);
}

/* Encodes *v into a buffer of exactly the right size and compares. */
static inline void per_encodes(const asn1_type_t *type, asn1_rule_t rule, const void *v, const char *hex,
                               int line)
{
    static uint8_t want[1 << 16];
    size_t want_n = per_hex(hex, want), n = 0;
    uint8_t *out = malloc(want_n);
    asn1_error_t err;
    int rc = asn1_encode(type, rule, v, out, want_n, &n, &err);
    bool same = !rc && n == want_n && !memcmp(out, want, n);
    if (!same) {
        printf("    line %d: %s %s: %s %s, got ", line, asn1_type_name(type), rule ? "UPER" : "APER",
               err.what, err.path);
        for (size_t i = 0; !rc && i < n; i++)
            printf("%02x", out[i]);
        putchar('\n');
    }
    CU_ASSERT(same);
    free(out);
}

/* The value encodes to the bytes, the bytes decode to a value that encodes to them, and no shorter input
 * decodes. */
static inline void per_both(const asn1_type_t *type, asn1_rule_t rule, const void *v, const char *hex,
                            int line)
{
    static _Alignas(16) uint8_t value[4096];
    asn1_error_t err;
    per_encodes(type, rule, v, hex, line);
    int rc = per_decode(type, rule, hex, value, &err);
    if (rc)
        printf("    line %d: %s in %s at bit %u\n", line, err.what, err.path, err.bit);
    CU_ASSERT_EQUAL(rc, 0);
    if (rc)
        return;
    per_encodes(type, rule, value, hex, line);
    char *shorter = strdup(hex);
    shorter[strlen(hex) - 2] = 0;
    CU_ASSERT(err.bit == 0 || per_decode(type, rule, shorter, value, &err) == -EBADMSG);
    free(shorter);
}

#define CHECK(type, v, aper, uper)                                                                           \
    do {                                                                                                     \
        per_both(&type, ASN1_APER, v, aper, __LINE__);                                                       \
        per_both(&type, ASN1_UPER, v, uper, __LINE__);                                                       \
    } while (0)

#endif
