/* SPDX-License-Identifier: Apache-2.0 */
/* E2SM-KPM v03.00: what a RIC asks to measure and what a node reports, as plain C. Report style 1 (the cell,
 * action format 1, indication format 1) and style 4 (each UE that meets conditions, action format 4,
 * indication format 3). Stateless; the decoders build in the caller's arena and point into the input. */
#ifndef VITRAN_E2SM_KPM_H
#define VITRAN_E2SM_KPM_H

#include "e2sm/e2sm.h"
#include "lib/asn1/asn1.h"

#define KPM_STYLE_NODE 1
#define KPM_STYLE_UES 4
#define KPM_MIN_PERIOD_MS 10u
#define KPM_MAX_PERIOD_MS 10000u
#define KPM_MAX_MEASUREMENTS 128u /* name and label pairs of one action */
#define KPM_MAX_CONDITIONS 16u
#define KPM_MAX_ROWS 1000u /* granularity periods in a reporting period */

typedef struct {
    asn1_bytes_t name; /* TS 28.552, "DRB.UEThpDl" */
    uint32_t slice;    /* label; E2SM_NO_SLICE: noLabel */
} kpm_measurement_t;

/* A condition of style 4. A UE is reported when the conditions hold, joined by AND, or by OR where `or_next`.
 */
typedef enum { KPM_TEST_SLICE, KPM_TEST_CQI } kpm_test_t;
typedef enum {
    KPM_EQUAL,
    KPM_GREATER,
    KPM_LESS,
    KPM_CONTAINS,
    KPM_PRESENT
} kpm_expression_t; /* as in TestCond-Expression */
typedef struct {
    kpm_test_t test;
    kpm_expression_t expression;
    int64_t value; /* CQI, or slice */
    bool or_next;
} kpm_condition_t;

typedef struct {
    int64_t style;
    uint32_t granularity_ms;
    uint32_t n, n_conditions;
    kpm_measurement_t measurements[KPM_MAX_MEASUREMENTS];
    kpm_condition_t conditions[KPM_MAX_CONDITIONS];
} kpm_action_t;

typedef enum { KPM_NONE, KPM_INTEGER, KPM_REAL } kpm_value_type_t;
typedef struct {
    kpm_value_type_t type;
    uint32_t integer;
    double real;
} kpm_value_t;

/* Values of the cell (style 1) or of one UE (style 4): row by row, one row a granularity period. */
typedef struct {
    e2sm_ue_t ue; /* style 4 */
    uint32_t n_rows;
    kpm_value_t *values; /* [size: n_rows x n_measurements] */
} kpm_rows_t;

typedef struct {
    int64_t style;     /* 1 or 4 */
    uint64_t start_ms; /* of the first row, since 1970-01-01 UTC */
    uint32_t granularity_ms;
    uint32_t n_measurements;
    kpm_measurement_t *measurements; /* [size: n_measurements] */
    uint32_t n;                      /* style 1: 1; style 4: UEs */
    kpm_rows_t *rows;                /* [size: n] */
} kpm_report_t;

/* Encoders: 0; -ENOBUFS, or -ENOMEM with too small an arena, -ERANGE for a value outside of the schema.
 * Decoders: 0; -EBADMSG and the like from asn1_decode, -ENOTSUP for what stands in a format that is not
 * supported here. */

/* RAN function description: styles 1 and 4 with these measurement names. */
int kpm_function_encode(const char *const *cell_names, uint32_t n_cell, const char *const *ue_names,
                        uint32_t n_ue, arena_t *arena, uint8_t *buf, size_t cap, size_t *ret_n);
int kpm_trigger_encode(uint32_t period_ms, uint8_t *buf, size_t cap, size_t *ret_n);
int kpm_trigger_decode(const uint8_t *bytes, size_t n, arena_t *arena, uint32_t *ret_period_ms);
int kpm_action_encode(const kpm_action_t *action, const e2sm_cell_t *cell, arena_t *arena, uint8_t *buf,
                      size_t cap, size_t *ret_n);
/* *ret_cell is zeroed when the action names none. -ENOTSUP: another style, label, condition or distribution.
 */
int kpm_action_decode(const uint8_t *bytes, size_t n, arena_t *arena, kpm_action_t *ret,
                      e2sm_cell_t *ret_cell);
/* vendor may be NULL. A style 4 report without UEs has no encoding (the list has at least one): -ENOENT. */
int kpm_report_encode(const kpm_report_t *r, const char *vendor, arena_t *arena, uint8_t *header,
                      size_t header_cap, size_t *ret_header_n, uint8_t *message, size_t message_cap,
                      size_t *ret_message_n);
/* Where the message does not repeat the measurements, those of `asked` (may be NULL) name its columns. */
int kpm_report_decode(asn1_bytes_t header, asn1_bytes_t message, const kpm_action_t *asked, arena_t *arena,
                      kpm_report_t *ret);

#endif
