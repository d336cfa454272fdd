/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/vectors/vec.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMPARED "compared" /* a member that marks what was asked for */
#define ALLOC_PAD 256       /* kernels may read behind */

void vec_die(const vec_t *v, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("    %s %s (%s): ", v->channel, v->name, phy_isa_name(v->phy->isa));
    vprintf(format, args);
    printf("\n");
    va_end(args);
    longjmp(((vec_t *)(uintptr_t)v)->stop, 1);
}

void vec_fail(vec_t *v, const char *stage, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("    %s %s (%s), %s: ", v->channel, v->name, phy_isa_name(v->phy->isa), stage);
    vprintf(format, args);
    printf("\n");
    va_end(args);
    v->n_failures++;
}

const char *vec_stage(vec_t *v, const char *format, ...)
{
    char *text = vec_alloc(v, 128);
    va_list args;
    va_start(args, format);
    vsnprintf(text, 128, format, args);
    va_end(args);
    return text;
}

/* Inputs */

static json_t *find(const vec_t *v, const char *key)
{
    json_t *at = v->inputs;
    char part[128];
    for (const char *k = key; at && *k;) {
        size_t n = strcspn(k, ".");
        snprintf(part, sizeof part, "%.*s", (int)n, k);
        at = json_object_get(at, part);
        k += n + (k[n] == '.');
    }
    return at;
}

bool vec_has(const vec_t *v, const char *key)
{
    json_t *j = find(v, key);
    return j && !json_is_null(j);
}

json_t *vec_json(const vec_t *v, const char *key)
{
    json_t *j = find(v, key);
    if (!j)
        vec_die(v, "no input %s", key);
    return j;
}

json_t *vec_like(const vec_t *v, const char *part)
{
    const char *key;
    json_t *value;
    json_object_foreach(v->inputs, key, value) if (strstr(key, part)) return value;
    return NULL;
}

int64_t vec_int(const vec_t *v, const char *key)
{
    json_t *j = vec_json(v, key);
    if (!json_is_integer(j))
        vec_die(v, "input %s is no integer", key);
    return json_integer_value(j);
}

double vec_num(const vec_t *v, const char *key)
{
    json_t *j = vec_json(v, key);
    if (!json_is_number(j))
        vec_die(v, "input %s is no number", key);
    return json_number_value(j);
}

bool vec_bool(const vec_t *v, const char *key)
{
    json_t *j = vec_json(v, key);
    if (!json_is_boolean(j))
        vec_die(v, "input %s is not true or false", key);
    return json_is_true(j);
}

const char *vec_str(const vec_t *v, const char *key)
{
    json_t *j = vec_json(v, key);
    if (!json_is_string(j))
        vec_die(v, "input %s is no string", key);
    return json_string_value(j);
}

bool vec_str_is(const vec_t *v, const char *key, const char *value)
{
    return !strcmp(vec_str(v, key), value);
}

size_t vec_ints(const vec_t *v, const char *key, int64_t *ret, size_t max)
{
    json_t *j = vec_json(v, key);
    size_t n = json_array_size(j);
    if (!json_is_array(j) || n > max)
        vec_die(v, "input %s is no list of at most %zu", key, max);
    for (size_t i = 0; i < n; i++)
        ret[i] = json_integer_value(json_array_get(j, i));
    return n;
}

unsigned vec_qm(const vec_t *v, const char *name)
{
    static const struct {
        const char *name;
        unsigned qm;
    } table[] = {{"pi/2-BPSK", 1}, {"BPSK", 1},   {"QPSK", 2},    {"16QAM", 4},
                 {"64QAM", 6},     {"256QAM", 8}, {"1024QAM", 10}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!strcmp(table[i].name, name))
            return table[i].qm;
    vec_die(v, "modulation %s", name);
}

/* Inline results */

json_t *vec_expected(vec_t *v, const char *key)
{
    json_t *expected = json_object_get(v->root, "expected");
    json_t *j = json_is_object(expected) ? json_object_get(expected, key) : *key ? NULL : expected;
    if (!j)
        vec_die(v, "no expected %s", key);
    json_t *compared = json_object_get(v->root, COMPARED);
    if (!compared) {
        compared = json_object();
        json_object_set_new(v->root, COMPARED, compared);
    }
    json_object_set(compared, key, json_true());
    return j;
}

void vec_same_int(vec_t *v, const char *key, int64_t got)
{
    json_t *j = vec_expected(v, key);
    if (!json_is_integer(j))
        vec_die(v, "expected %s is no integer", key);
    if (json_integer_value(j) != got)
        vec_fail(v, key, "got %lld, want %lld", (long long)got, (long long)json_integer_value(j));
}

void vec_same_bool(vec_t *v, const char *key, bool got)
{
    json_t *j = vec_expected(v, key);
    if (!json_is_boolean(j))
        vec_die(v, "expected %s is not true or false", key);
    if (json_is_true(j) != got)
        vec_fail(v, key, "got %d, want %d", got, !got);
}

void vec_same_num(vec_t *v, const char *key, double got, double tolerance)
{
    json_t *j = vec_expected(v, key);
    if (!json_is_number(j))
        vec_die(v, "expected %s is no number", key);
    if (!(fabs(json_number_value(j) - got) <= tolerance))
        vec_fail(v, key, "got %g, want %g", got, json_number_value(j));
}

/* Memory and files */

void *vec_alloc(vec_t *v, size_t bytes)
{
    size_t size = (bytes + ALLOC_PAD + PHY_ALIGN - 1) / PHY_ALIGN * PHY_ALIGN;
    void *block = aligned_alloc(PHY_ALIGN, size);
    void **blocks = realloc(v->blocks, (v->n_blocks + 1) * sizeof *blocks);
    if (!block || !blocks)
        vec_die(v, "no memory");
    memset(block, 0, size);
    v->blocks = blocks;
    v->blocks[v->n_blocks++] = block;
    return block;
}

uint8_t *vec_pack(vec_t *v, const uint8_t *unpacked, size_t n)
{
    uint8_t *packed = vec_alloc(v, (n + 7) / 8);
    for (size_t i = 0; i < n; i++)
        packed[i / 8] |= (uint8_t)((unpacked[i] & 1) << (7 - i % 8));
    return packed;
}

phy_grid_t vec_grid(vec_t *v, unsigned n_ant, unsigned n_prb)
{
    return (phy_grid_t){
        .re = vec_alloc(v, ((size_t)n_ant * PHY_SYMBOLS + 1) * PHY_GRID_STRIDE * sizeof(ci16_t)),
        .n_sc = (uint16_t)(n_prb * 12),
        .n_ant = (uint8_t)n_ant,
        .n_symbols = PHY_SYMBOLS,
        .stride = PHY_GRID_STRIDE,
    };
}

/* The description of a file and its place in the list, or NULL. */
static json_t *describe(const vec_t *v, const char *part, size_t *ret_at)
{
    char filename[256];
    snprintf(filename, sizeof filename, "%s.%s.bin", v->name, part);
    json_t *files = json_object_get(v->root, "files");
    for (size_t i = 0; i < json_array_size(files); i++) {
        json_t *f = json_array_get(files, i);
        const char *given = json_string_value(json_object_get(f, "filename"));
        if (given && !strcmp(given, filename)) {
            *ret_at = i;
            return f;
        }
    }
    return NULL;
}

bool vec_has_file(const vec_t *v, const char *part)
{
    size_t at;
    return describe(v, part, &at) != NULL;
}

const char *vec_file_of_role(vec_t *v, const char *role)
{
    json_t *files = json_object_get(v->root, "files");
    size_t name = strlen(v->name) + 1, end = strlen(".bin");
    for (size_t i = 0; i < json_array_size(files); i++) {
        const char *given = json_string_value(json_object_get(json_array_get(files, i), "filename")),
                   *is = json_string_value(json_object_get(json_array_get(files, i), "role"));
        if (given && is && !strcmp(is, role) && strlen(given) > name + end)
            return vec_stage(v, "%.*s", (int)(strlen(given) - name - end), given + name);
    }
    return NULL;
}

static size_t element_bytes(const char *dtype)
{
    return !strcmp(dtype, "uint8") || !strcmp(dtype, "int8") ? 1
           : !strcmp(dtype, "uint16le")                      ? 2
           : !strcmp(dtype, "f32le")                         ? 4
           : !strcmp(dtype, "cf32le")                        ? 8
                                                             : 0;
}

vec_file_t vec_file(vec_t *v, const char *part)
{
    size_t at;
    json_t *d = describe(v, part, &at);
    if (!d)
        vec_die(v, "no file %s", part);
    if (at >= VEC_MAX_FILES)
        vec_die(v, "more than %d files", VEC_MAX_FILES);
    v->file_used[at] = true;

    vec_file_t f = {.n = 1};
    json_t *shape = json_object_get(d, "shape");
    f.n_dims = (unsigned)json_array_size(shape);
    if (!f.n_dims || f.n_dims > VEC_MAX_DIMS)
        vec_die(v, "%s has %u dimensions", part, f.n_dims);
    for (unsigned i = 0; i < f.n_dims; i++) {
        f.shape[i] = (size_t)json_integer_value(json_array_get(shape, i));
        f.n *= f.shape[i];
    }
    size_t bytes = f.n * element_bytes(json_string_value(json_object_get(d, "dtype")));
    if (!bytes || bytes != (size_t)json_integer_value(json_object_get(d, "bytes")))
        vec_die(v, "%s: size does not agree with shape and type", part);

    char path[1024];
    snprintf(path, sizeof path, "%s/%s.%s.bin", v->folder, v->name, part);
    void *data = vec_alloc(v, bytes);
    FILE *in = fopen(path, "rb");
    if (!in || fread(data, 1, bytes, in) != bytes || fgetc(in) != EOF)
        vec_die(v, "%s is not there or not %zu bytes long", path, bytes);
    fclose(in);
    f.data = data;
    return f;
}

/* Comparisons */

static unsigned packed_bit(const uint8_t *bits, size_t i)
{
    return (bits[i / 8] >> (7 - i % 8)) & 1;
}

void vec_same_bits(vec_t *v, const char *stage, const uint8_t *got_packed, const uint8_t *want, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (packed_bit(got_packed, i) != want[i]) {
            vec_fail(v, stage, "bit %zu of %zu: got %u, want %u", i, n, packed_bit(got_packed, i), want[i]);
            return;
        }
}

void vec_same_bytes(vec_t *v, const char *stage, const uint8_t *got, const uint8_t *want, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (got[i] != want[i]) {
            vec_fail(v, stage, "element %zu of %zu: got %d, want %d", i, n, (int8_t)got[i], (int8_t)want[i]);
            return;
        }
}

static bool near(cf_t a, cf_t b, double tolerance)
{
    return fabs((double)a.re - (double)b.re) <= tolerance && fabs((double)a.im - (double)b.im) <= tolerance;
}

void vec_same_cf(vec_t *v, const char *stage, const cf_t *got, const cf_t *want, size_t n, double tolerance)
{
    for (size_t i = 0; i < n; i++)
        if (!near(got[i], want[i], tolerance)) {
            vec_fail(v, stage, "sample %zu of %zu: got %.6f%+.6fi, want %.6f%+.6fi", i, n, (double)got[i].re,
                     (double)got[i].im, (double)want[i].re, (double)want[i].im);
            return;
        }
}

static cf_t scaled(ci16_t x, double unit)
{
    return (cf_t){(float)(x.re / unit), (float)(x.im / unit)};
}

void vec_same_ci(vec_t *v, const char *stage, const ci16_t *got, double unit, const cf_t *want, size_t n,
                 double tolerance)
{
    for (size_t i = 0; i < n; i++)
        if (!near(scaled(got[i], unit), want[i], tolerance)) {
            vec_fail(v, stage, "symbol %zu of %zu: got %d%+di (%.5f%+.5fi), want %.5f%+.5fi", i, n, got[i].re,
                     got[i].im, got[i].re / unit, got[i].im / unit, (double)want[i].re, (double)want[i].im);
            return;
        }
}

void vec_same_grid(vec_t *v, const char *stage, const phy_grid_t *got, const cf_t *want, double tolerance)
{
    for (unsigned a = 0; a < got->n_ant; a++)
        for (unsigned l = 0; l < got->n_symbols; l++)
            for (unsigned k = 0; k < got->n_sc; k++) {
                cf_t is = scaled(phy_grid_symbol(got, a, l)[k], PHY_UNIT);
                cf_t w = want[((size_t)a * got->n_symbols + l) * got->n_sc + k];
                if (!near(is, w, tolerance)) {
                    vec_fail(v, stage,
                             "antenna %u, symbol %u, subcarrier %u: got %.5f%+.5fi, want %.5f%+.5fi", a, l, k,
                             (double)is.re, (double)is.im, (double)w.re, (double)w.im);
                    return;
                }
            }
}

void vec_same_sparse(vec_t *v, const char *stage, const phy_grid_t *got, vec_file_t index, vec_file_t value,
                     unsigned slot, const unsigned *ports, double tolerance)
{
    size_t columns = index.shape[1], skip = columns - 3;
    if (index.n_dims != 2 || (columns != 3 && columns != 4) || value.n != index.shape[0])
        vec_die(v, "%s: no list of resource elements", stage);
    cf_t *want = vec_alloc(v, (size_t)got->n_ant * got->n_symbols * got->n_sc * sizeof *want);
    for (size_t i = 0; i < value.n; i++) {
        const uint16_t *row = index.u16 + i * columns;
        if (skip && row[0] != slot)
            continue;
        unsigned a = 0;
        while (a < got->n_ant && ports[a] != row[skip])
            a++;
        if (a == got->n_ant || row[skip + 1] >= got->n_symbols || row[skip + 2] >= got->n_sc) {
            vec_fail(v, stage, "row %zu lies outside: port %u, symbol %u, subcarrier %u", i, row[skip],
                     row[skip + 1], row[skip + 2]);
            return;
        }
        want[((size_t)a * got->n_symbols + row[skip + 1]) * got->n_sc + row[skip + 2]] = value.cf[i];
    }
    vec_same_grid(v, stage, got, want, tolerance);
}
