/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration: a YAML file (libyaml) read into a struct under a declared table. A key has a name, type,
 * unit, range, default and help; an error names file, line, key and what was expected. Keys that the table
 * does not have are errors: a typing mistake never becomes a silent default. [control] thread, before
 * anything runs.
 *
 *   typedef struct { char f1c_addr[64]; int64_t port; bool on; struct {...} ues[64]; uint32_t n_ues; }
 * du_config_t; static const config_key_t du_keys[] = { CONFIG_STR(du_config_t, f1c_addr, "f1c.addr" ...
 * Nested mappings are tables of their own (CONFIG_MAP), sequences of mappings are CONFIG_LIST with a
 * capacity. */
#ifndef VITRAN_CORE_CONFIG_H
#define VITRAN_CORE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum {
    CONFIG_I64,  /* int64_t; decimal or 0x hexadecimal */
    CONFIG_F64,  /* double */
    CONFIG_BOOL, /* bool; true or false */
    CONFIG_STR,  /* char[size], always terminated */
    CONFIG_ENUM, /* int64_t: index into labels */
    CONFIG_HEX,  /* uint8_t[size]: exactly 2 x size hexadecimal digits */
    CONFIG_IPV4, /* uint32_t, host byte order, from a dotted quad */
    CONFIG_MAP,  /* a nested mapping: struct at offset, described by sub */
    CONFIG_LIST, /* a sequence: array of struct_size elements at offset, at most `size` of them; uint32_t at
                    count_offset */
} config_type_t;

typedef struct config_key {
    const char *name;
    config_type_t type;
    size_t offset;   /* of the member in the struct */
    size_t size;     /* STR, HEX: bytes; LIST: capacity */
    double min, max; /* I64 and F64, inclusive; both 0: no limit */
    const char *def; /* text as it would stand in the file; NULL: the key is required; LIST, MAP: "" = may be
                        absent */
    const char *unit, *help;
    const char *const *labels; /* ENUM; NULL-terminated */
    const struct config_key
        *sub;        /* MAP, LIST; ends with a key whose name is NULL. A LIST of scalars: one key named "" */
    size_t sub_size; /* LIST: bytes of an element */
    size_t count_offset; /* LIST */
} config_key_t;

typedef struct {
    char text[512]; /* "cell.yaml:12: cell.pci: expected an integer from 0 to 1007, found \"abc\"" */
} config_error_t;

/* Reads the file into `ret` (caller-zeroed struct that the table describes). 0; -ENOENT, -EINVAL with err
 * filled. */
int config_load(const char *path, const config_key_t *keys, void *ret, config_error_t *err);
/* The same from text; `name` stands for the file in errors. */
int config_parse(const char *name, const char *text, size_t n, const config_key_t *keys, void *ret,
                 config_error_t *err);
/* For a check of what the tables cannot say: err->text holds "key: what was expected"; puts "file:line: "
 * before it, with the line of the key, or of the innermost part of it that the file has. Returns -EINVAL. */
int config_located(const char *path, config_error_t *err);
/* A table of all keys: name, type, unit, range, default, help. */
void config_print_help(const config_key_t *keys, FILE *to);

#endif
