/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/core/config.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* The tree that libyaml builds is walked beside the table. `path` is the dotted key so far. */
typedef struct {
    const char *name; /* of the file */
    yaml_document_t *doc;
    config_error_t *err;
    char path[256];
} reader_t;

static int fail(reader_t *r, const yaml_node_t *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int fail(reader_t *r, const yaml_node_t *at, const char *format, ...)
{
    va_list args;
    size_t cap = sizeof r->err->text;
    int n = snprintf(r->err->text, cap, "%s:%zu: %s%s", r->name, at ? at->start_mark.line + 1 : 1, r->path,
                     r->path[0] ? ": " : "");
    va_start(args, format);
    if (n > 0 && (size_t)n < cap)
        vsnprintf(r->err->text + n, cap - (size_t)n, format, args);
    va_end(args);
    return -EINVAL;
}

/* Appends ".name" or "[i]" to the path; the return value undoes it by path_pop. */
static size_t path_push(reader_t *r, const char *name, long index)
{
    size_t n = strlen(r->path), left = sizeof r->path - n;
    if (index >= 0)
        snprintf(r->path + n, left, "[%ld]", index);
    else
        snprintf(r->path + n, left, "%s%s", n ? "." : "", name);
    return n;
}

static void path_pop(reader_t *r, size_t n)
{
    r->path[n] = '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static void range_text(const config_key_t *k, char *ret, size_t cap)
{
    if (k->min == 0 && k->max == 0)
        ret[0] = '\0';
    else
        snprintf(ret, cap, " from %.15g to %.15g", k->min, k->max);
}

static int read_number(reader_t *r, const yaml_node_t *at, const config_key_t *k, const char *s, void *to)
{
    char *end, range[64];
    bool integer = k->type == CONFIG_I64, limited = k->min != 0 || k->max != 0;
    int64_t i = 0;
    double f;
    errno = 0;
    if (integer) {
        i = strtoll(s, &end, strncmp(s, "0x", 2) == 0 ? 16 : 10);
        f = (double)i;
    } else {
        f = strtod(s, &end);
    }
    if (end == s || *end || errno == ERANGE || !isfinite(f) || (limited && (f < k->min || f > k->max))) {
        range_text(k, range, sizeof range);
        return fail(r, at, "expected %s%s%s%s, found \"%s\"", integer ? "an integer" : "a number", range,
                    k->unit ? " in " : "", k->unit ? k->unit : "", s);
    }
    if (integer)
        *(int64_t *)to = i;
    else
        *(double *)to = f;
    return 0;
}

static int read_enum(reader_t *r, const yaml_node_t *at, const config_key_t *k, const char *s, void *to)
{
    char list[256] = "";
    for (int64_t i = 0; k->labels[i]; i++) {
        if (strcmp(s, k->labels[i]) == 0) {
            *(int64_t *)to = i;
            return 0;
        }
        size_t n = strlen(list);
        snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", k->labels[i]);
    }
    return fail(r, at, "expected one of %s, found \"%s\"", list, s);
}

static int read_ipv4(reader_t *r, const yaml_node_t *at, const char *s, void *to)
{
    unsigned a, b, c, d;
    char tail;
    if (sscanf(s, "%3u.%3u.%3u.%3u%c", &a, &b, &c, &d, &tail) != 4 || a > 255 || b > 255 || c > 255 ||
        d > 255)
        return fail(r, at, "expected an IPv4 address such as 10.0.0.1, found \"%s\"", s);
    *(uint32_t *)to = a << 24 | b << 16 | c << 8 | d;
    return 0;
}

static int read_scalar(reader_t *r, const yaml_node_t *at, const config_key_t *k, const char *s, uint8_t *to)
{
    switch (k->type) {
    case CONFIG_I64:
    case CONFIG_F64:
        return read_number(r, at, k, s, to);
    case CONFIG_BOOL:
        if (strcmp(s, "true") != 0 && strcmp(s, "false") != 0)
            return fail(r, at, "expected true or false, found \"%s\"", s);
        *(bool *)to = s[0] == 't';
        return 0;
    case CONFIG_STR:
        if (strlen(s) >= k->size)
            return fail(r, at, "expected at most %zu characters, found %zu", k->size - 1, strlen(s));
        memcpy(to, s, strlen(s) + 1);
        return 0;
    case CONFIG_ENUM:
        return read_enum(r, at, k, s, to);
    case CONFIG_HEX:
        for (size_t i = 0; i < 2 * k->size; i++)
            if (hex_digit(s[i]) < 0) /* the terminator is no digit either */
                return fail(r, at, "expected %zu hexadecimal digits, found \"%s\"", 2 * k->size, s);
        if (s[2 * k->size])
            return fail(r, at, "expected %zu hexadecimal digits, found %zu characters", 2 * k->size,
                        strlen(s));
        for (size_t i = 0; i < k->size; i++)
            to[i] = (uint8_t)(hex_digit(s[2 * i]) << 4 | hex_digit(s[2 * i + 1]));
        return 0;
    case CONFIG_IPV4:
        return read_ipv4(r, at, s, to);
    case CONFIG_MAP:
    case CONFIG_LIST:
        break;
    }
    return fail(r, at, "the table of this key is broken");
}

static int read_map(reader_t *r, const yaml_node_t *map, const config_key_t *keys, uint8_t *base);

static int read_list(reader_t *r, const yaml_node_t *node, const config_key_t *k, uint8_t *base)
{
    uint32_t n = 0;
    if (node->type != YAML_SEQUENCE_NODE)
        return fail(r, node, "expected a sequence");
    for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++, n++) {
        const yaml_node_t *item = yaml_document_get_node(r->doc, *i);
        uint8_t *to = base + k->offset + n * k->sub_size;
        if (n == k->size)
            return fail(r, item, "expected at most %zu elements", k->size);
        size_t at = path_push(r, "", n);
        int e;
        if (k->sub[0].name && k->sub[0].name[0] == '\0')
            e = item->type == YAML_SCALAR_NODE
                    ? read_scalar(r, item, &k->sub[0], (const char *)item->data.scalar.value,
                                  to + k->sub[0].offset)
                    : fail(r, item, "expected one value");
        else
            e = read_map(r, item, k->sub, to);
        if (e < 0)
            return e;
        path_pop(r, at);
    }
    *(uint32_t *)(void *)(base + k->count_offset) = n;
    return 0;
}

static int read_value(reader_t *r, const yaml_node_t *node, const config_key_t *k, uint8_t *base)
{
    if (k->type == CONFIG_MAP)
        return read_map(r, node, k->sub, base + k->offset);
    if (k->type == CONFIG_LIST)
        return read_list(r, node, k, base);
    if (node->type != YAML_SCALAR_NODE)
        return fail(r, node, "expected one value, found a %s",
                    node->type == YAML_MAPPING_NODE ? "mapping" : "sequence");
    return read_scalar(r, node, k, (const char *)node->data.scalar.value, base + k->offset);
}

/* A key that the file leaves out takes its default, a mapping that it leaves out those of its keys. */
static int read_missing(reader_t *r, const yaml_node_t *map, const config_key_t *k, uint8_t *base)
{
    if (k->type == CONFIG_MAP) {
        const yaml_node_t empty = {.type = YAML_MAPPING_NODE, .start_mark = map->start_mark};
        return read_map(r, &empty, k->sub, base + k->offset);
    }
    if (!k->def)
        return fail(r, map, "missing; expected %s", k->help ? k->help : "a value");
    if (k->type == CONFIG_LIST)
        return 0;
    return read_scalar(r, map, k, k->def, base + k->offset);
}

static int read_map(reader_t *r, const yaml_node_t *map, const config_key_t *keys, uint8_t *base)
{
    uint64_t seen = 0; /* bit i: keys[i] was in the file */
    if (map->type != YAML_MAPPING_NODE)
        return fail(r, map, "expected a mapping of keys to values");
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
        const yaml_node_t *key = yaml_document_get_node(r->doc, p->key);
        const yaml_node_t *value = yaml_document_get_node(r->doc, p->value);
        const char *name = key->type == YAML_SCALAR_NODE ? (const char *)key->data.scalar.value : "?";
        const config_key_t *k = keys;
        while (k->name && strcmp(k->name, name) != 0)
            k++;
        size_t at = path_push(r, name, -1);
        if (!k->name) {
            char known[256] = "";
            for (k = keys; k->name; k++) {
                size_t n = strlen(known);
                snprintf(known + n, sizeof known - n, "%s%s", n ? ", " : "", k->name);
            }
            return fail(r, key, "unknown key; expected one of: %s", known);
        }
        uint64_t bit = UINT64_C(1) << (k - keys);
        if (seen & bit)
            return fail(r, key, "this key stands here twice");
        seen |= bit;
        int e = read_value(r, value, k, base);
        if (e < 0)
            return e;
        path_pop(r, at);
    }
    for (const config_key_t *k = keys; k->name; k++) {
        if (seen >> (k - keys) & 1)
            continue;
        size_t at = path_push(r, k->name, -1);
        int e = read_missing(r, map, k, base);
        if (e < 0)
            return e;
        path_pop(r, at);
    }
    return 0;
}

int config_parse(const char *name, const char *text, size_t n, const config_key_t *keys, void *ret,
                 config_error_t *err)
{
    yaml_parser_t parser;
    yaml_document_t doc;
    reader_t r = {.name = name, .doc = &doc, .err = err};
    if (!yaml_parser_initialize(&parser))
        return -ENOMEM;
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
    if (!yaml_parser_load(&parser, &doc)) {
        snprintf(err->text, sizeof err->text, "%s:%zu: not YAML: %s", name, parser.problem_mark.line + 1,
                 parser.problem ? parser.problem : "unreadable");
        yaml_parser_delete(&parser);
        return -EINVAL;
    }
    const yaml_node_t *root = yaml_document_get_root_node(&doc);
    const yaml_node_t empty = {.type = YAML_MAPPING_NODE};
    int e = read_map(&r, root ? root : &empty, keys, ret);
    yaml_document_delete(&doc);
    yaml_parser_delete(&parser);
    return e;
}

#define FILE_MAX_BYTES (4u << 20)

/* One step down: a key, or "[3]". Moves *key behind it. The line is the key's own, not its value's. NULL: not
 * there. */
static const yaml_node_t *step(yaml_document_t *doc, const yaml_node_t *at, const char **key, size_t *line)
{
    const char *k = *key;
    size_t n = strcspn(k, ".[:");
    if (at->type == YAML_SEQUENCE_NODE && *k == '[') {
        char *end;
        unsigned long i = strtoul(k + 1, &end, 10);
        yaml_node_item_t *first = at->data.sequence.items.start;
        if (*end != ']' || i >= (size_t)(at->data.sequence.items.top - first))
            return NULL;
        *key = end + 1;
        const yaml_node_t *item = yaml_document_get_node(doc, first[i]);
        *line = item->start_mark.line + 1;
        return item;
    }
    if (at->type != YAML_MAPPING_NODE || !n)
        return NULL;
    for (yaml_node_pair_t *p = at->data.mapping.pairs.start; p < at->data.mapping.pairs.top; p++) {
        const yaml_node_t *name = yaml_document_get_node(doc, p->key);
        if (name->type == YAML_SCALAR_NODE && name->data.scalar.length == n &&
            memcmp(name->data.scalar.value, k, n) == 0) {
            *key = k + n;
            *line = name->start_mark.line + 1;
            return yaml_document_get_node(doc, p->value);
        }
    }
    return NULL;
}

int config_located(const char *path, config_error_t *err)
{
    yaml_parser_t parser;
    yaml_document_t doc;
    char what[sizeof err->text];
    size_t line = 1;
    FILE *f = fopen(path, "rb");
    memcpy(what, err->text, sizeof what);
    what[sizeof what - 1] = '\0';
    if (f && yaml_parser_initialize(&parser)) {
        yaml_parser_set_input_file(&parser, f);
        if (yaml_parser_load(&parser, &doc)) {
            const char *key = what;
            for (const yaml_node_t *at = yaml_document_get_root_node(&doc); at; key += *key == '.')
                at = step(&doc, at, &key, &line);
            yaml_document_delete(&doc);
        }
        yaml_parser_delete(&parser);
    }
    if (f)
        fclose(f);
    int n = snprintf(err->text, sizeof err->text, "%s:%zu: ", path, line);
    if (n > 0 && (size_t)n < sizeof err->text) {
        size_t left = sizeof err->text - 1 - (size_t)n, most = strlen(what) < left ? strlen(what) : left;
        memcpy(err->text + n, what, most);
        err->text[(size_t)n + most] = '\0';
    }
    return -EINVAL;
}

int config_load(const char *path, const config_key_t *keys, void *ret, config_error_t *err)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        int e = errno;
        snprintf(err->text, sizeof err->text, "%s: cannot be read: %s", path, strerror(e));
        return -e;
    }
    char *text = malloc(FILE_MAX_BYTES);
    size_t n = text ? fread(text, 1, FILE_MAX_BYTES, f) : 0;
    int e = !text ? -ENOMEM : ferror(f) ? -EIO : n == FILE_MAX_BYTES ? -EFBIG : 0;
    fclose(f);
    if (e < 0)
        snprintf(err->text, sizeof err->text, "%s: cannot be read: %s", path, strerror(-e));
    else
        e = config_parse(path, text, n, keys, ret, err);
    free(text);
    return e;
}

static void print_keys(const config_key_t *keys, const char *prefix, FILE *to)
{
    static const char *const types[] = {"integer", "number", "true/false", "text", "one of",
                                        "hex",     "IPv4",   "",           ""};
    for (const config_key_t *k = keys; k->name; k++) {
        char name[160], range[64];
        snprintf(name, sizeof name, "%s%s%s", prefix, k->name, k->type == CONFIG_LIST ? "[]" : "");
        if (k->type == CONFIG_MAP || k->type == CONFIG_LIST) {
            char sub[192];
            snprintf(sub, sizeof sub, "%s%s", name, k->sub[0].name && k->sub[0].name[0] ? "." : "");
            print_keys(k->sub, sub, to);
            continue;
        }
        range_text(k, range, sizeof range);
        fprintf(to, "%-36s %s%s%s%s", name, types[k->type], range, k->unit ? " " : "",
                k->unit ? k->unit : "");
        for (size_t i = 0; k->type == CONFIG_ENUM && k->labels[i]; i++)
            fprintf(to, "%s%s", i ? "|" : " ", k->labels[i]);
        fprintf(to, "; %s%s. %s\n", k->def ? "default " : "required", k->def ? k->def : "",
                k->help ? k->help : "");
    }
}

void config_print_help(const config_key_t *keys, FILE *to)
{
    print_keys(keys, "", to);
}
