/* SPDX-License-Identifier: Apache-2.0 */
/* Helpers of lib/rrc's builders and parsers: enumerations whose values stand for numbers, components that
 * live in the scratch arena, and a sticky error so that a builder reads as the schema does. Internal to
 * lib/rrc. */
#ifndef VITRAN_RRC_WIRE_H
#define VITRAN_RRC_WIRE_H

#include <errno.h>
#include <stdio.h>

#include "lib/rrc/sysinfo.h"

/* One build or parse: the first error stays, later steps are harmless. */
typedef struct {
    arena_t *arena;
    rrc_why_t *why; /* may be NULL */
    int error;      /* 0 or -errno */
} rrc_wire_t;

static inline void wire_fail(rrc_wire_t *w, int error, const char *what)
{
    if (w->error)
        return;
    w->error = error;
    if (w->why)
        snprintf(w->why->text, sizeof w->why->text, "%.150s", what);
}

/* Begins a build: -ENOMEM unless the arena has room for the largest message that lib/rrc makes, so that no
 * step in between can run out of it. */
void wire_begin(rrc_wire_t *w);
#define WIRE_BUILD_BYTES (24 * 1024)

/* Memory for one optional component or list, zeroed. Only after wire_begin without an error. */
void *wire_new(rrc_wire_t *w, size_t n, size_t align);
#define WIRE_NEW(w, lvalue) ((lvalue) = wire_new((w), sizeof *(lvalue), _Alignof(__typeof__(*(lvalue)))))
#define WIRE_LIST(w, list, count)                                                                            \
    ((list).n = (uint32_t)(count),                                                                           \
     (list).p = wire_new((w), sizeof *(list).p * ((count) ? (count) : 1), _Alignof(__typeof__(*(list).p))))

/* SetupRelease { T }, TS 38.331 6.3.2: the alternatives, whatever T is. */
enum { WIRE_RELEASE = 1, WIRE_SETUP = 2 };
/* Alternatives count from 1 (lib/asn1/README.md): what to add to a table's index. */
enum { WIRE_FIRST = 1 };

/* Index of `value` in the numbers that an enumeration stands for; -ERANGE with `what` when it has none. */
int32_t wire_index(rrc_wire_t *w, const uint32_t *table, uint32_t n, uint32_t value, const char *what);
/* The number of an index that came off the wire; spare values are -ENOTSUP. */
uint32_t wire_number(rrc_wire_t *w, const uint32_t *table, uint32_t n, int32_t index, const char *what);
#define WIRE_INDEX(w, table, value, what)                                                                    \
    wire_index((w), (table), sizeof(table) / sizeof *(table), (value), (what))
#define WIRE_NUMBER(w, table, index, what)                                                                   \
    wire_number((w), (table), sizeof(table) / sizeof *(table), (int32_t)(index), (what))

/* RIV of locationAndBandwidth, which is coded as if the carrier had 275 PRBs. TS 38.331 BWP. */
#define WIRE_BWP_PRBS 275

#define WIRE_INFINITY UINT32_MAX

/* T-Reassembly and the like are shared by tables of RRC. Values in ms; TS 38.331 6.3.2. */
extern const uint32_t wire_ta_ms[8];   /* TimeAlignmentTimer; infinity last */
extern const uint32_t wire_t300_ms[8]; /* t300, t301, t319 */
extern const uint32_t wire_t310_ms[9]; /* t310; SIB1 knows the first 7 */
extern const uint32_t wire_t311_ms[7];
extern const uint32_t wire_n310[8], wire_n311[8];

#endif
