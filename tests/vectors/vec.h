/* SPDX-License-Identifier: Apache-2.0 */
/* What drivers of the shared vectors are written with. A driver is one function a channel: it reads a case's
 * inputs, calls the kernels of lib/phy or lib/mac, and compares each stage with what the case expects. It has
 * no idea of its own of what is right: every expected value comes from the files.
 *
 * A field or file that is asked for and is not there ends the case (the vectors are not what the driver was
 * written for), and it has failed; the next one runs. An expected value or file that nothing asked for fails
 * the case. Single-threaded. */
#ifndef VITRAN_TESTS_VECTORS_VEC_H
#define VITRAN_TESTS_VECTORS_VEC_H

#include "lib/phy/phy.h"

#include <jansson.h>
#include <setjmp.h>

#define VEC_MAX_FILES 16
#define VEC_MAX_DIMS 4

/* Comparison bounds, a real or imaginary part, in units of a unit-power symbol. */
#define VEC_FLOAT_TOL 1e-5       /* the vectors' own rounding */
#define VEC_LSB (1.0 / PHY_UNIT) /* of a grid */
#define VEC_PRECODED_TOL 1e-3    /* after a precoder */

/* A file in memory. shape is row-major; n is the number of elements. */
typedef struct {
    unsigned n_dims;
    size_t shape[VEC_MAX_DIMS];
    size_t n;
    union {
        const void *data;
        const uint8_t *u8;
        const int8_t *i8;
        const uint16_t *u16;
        const float *f32;
        const cf_t *cf;
    };
} vec_file_t;

typedef struct vec {
    const phy_t *phy;
    const char *channel;
    const char *name;
    const char *folder; /* of the extracted files */
    json_t *root, *inputs;
    unsigned n_failures;
    void **blocks; /* memory of this case */
    size_t n_blocks;
    bool file_used[VEC_MAX_FILES];
    jmp_buf stop; /* vec_die */
} vec_t;

typedef struct {
    const char *channel;
    void (*run)(vec_t *v);
} vec_channel_t;

/* Inputs. A key with dots goes into objects ("csi_rs.row"). */
bool vec_has(const vec_t *v, const char *key); /* there, and not null */
int64_t vec_int(const vec_t *v, const char *key);
double vec_num(const vec_t *v, const char *key);
bool vec_bool(const vec_t *v, const char *key);
const char *vec_str(const vec_t *v, const char *key);
bool vec_str_is(const vec_t *v, const char *key, const char *value);
/* A list of integers; its length, at most max (more ends the case). */
size_t vec_ints(const vec_t *v, const char *key, int64_t *ret, size_t max);
json_t *vec_json(const vec_t *v, const char *key);
/* The value of the input whose key contains `part`: for names that are not known to the letter. NULL: none.
 */
json_t *vec_like(const vec_t *v, const char *part);

/* Inline results. vec_expected marks a key as compared. */
json_t *vec_expected(vec_t *v, const char *key);
void vec_same_int(vec_t *v, const char *key, int64_t got);
void vec_same_bool(vec_t *v, const char *key, bool got);
void vec_same_num(vec_t *v, const char *key, double got, double tolerance);

/* Files by the part of their name between the case's name and ".bin". */
bool vec_has_file(const vec_t *v, const char *part);
vec_file_t vec_file(vec_t *v, const char *part);
/* The first file of a role ("expected"): its part of the name, or NULL. */
const char *vec_file_of_role(vec_t *v, const char *role);

/* Zeroed, 64-byte aligned, the case's: freed after it. */
void *vec_alloc(vec_t *v, size_t bytes);
/* One bit a byte to packed, with room for 64 bytes behind. */
uint8_t *vec_pack(vec_t *v, const uint8_t *unpacked, size_t n);
/* A grid of zeros with all its subcarriers. */
phy_grid_t vec_grid(vec_t *v, unsigned n_ant, unsigned n_prb);

/* Comparisons. `stage` names what is compared, in the report; a slot or block number may be added with
 * vec_stage. All say the first difference and count a failure of the case. */
void vec_fail(vec_t *v, const char *stage, const char *format, ...) __attribute__((format(printf, 3, 4)));
const char *vec_stage(vec_t *v, const char *format, ...) __attribute__((format(printf, 2, 3)));
void vec_same_bits(vec_t *v, const char *stage, const uint8_t *got_packed, const uint8_t *want, size_t n);
/* got is one bit a byte */
void vec_same_bytes(vec_t *v, const char *stage, const uint8_t *got, const uint8_t *want, size_t n);
void vec_same_cf(vec_t *v, const char *stage, const cf_t *got, const cf_t *want, size_t n, double tolerance);
/* got / unit is compared */
void vec_same_ci(vec_t *v, const char *stage, const ci16_t *got, double unit, const cf_t *want, size_t n,
                 double tolerance);

/* Sparse grids: rows of index (columns: slot, port, symbol, subcarrier; or the last three) and values.
 * Compares all REs of a grid: those of no row must be zero. `slot` is what the first column says (ignored
 * with three columns); grid antenna a is port ports[a]. */
void vec_same_sparse(vec_t *v, const char *stage, const phy_grid_t *got, vec_file_t index, vec_file_t value,
                     unsigned slot, const unsigned *ports, double tolerance);
/* Dense grid of a slot: want[antenna][symbol][subcarrier]. */
void vec_same_grid(vec_t *v, const char *stage, const phy_grid_t *got, const cf_t *want, double tolerance);

/* Ends the case as failed: the vectors or the driver are wrong, not the kernels. */
void vec_die(const vec_t *v, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));

/* The bits of a symbol of "QPSK", "pi/2-BPSK" (1) ... */
unsigned vec_qm(const vec_t *v, const char *name);

#endif
