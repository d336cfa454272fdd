/* SPDX-License-Identifier: Apache-2.0 */
/* E2SM-RC v01.03, control style 2 (radio resource allocation), action 6 (slice-level PRB quota),
 * clause 8.4.3.6: the RRM policy ratios of TS 28.541 as plain C. Stateless; decoders build in the caller's
 * arena. */
#ifndef VITRAN_E2SM_RC_H
#define VITRAN_E2SM_RC_H

#include "e2sm/e2sm.h"
#include "lib/asn1/asn1.h"

#define RC_STYLE_RADIO_RESOURCE 2
#define RC_ACTION_SLICE_PRB_QUOTA 6
#define RC_MAX_QUOTAS 32u

/* RAN parameters of action 6; there is no 4. */
enum {
    RC_POLICY_RATIO_LIST = 1,
    RC_POLICY_RATIO_GROUP = 2,
    RC_POLICY = 3,
    RC_MEMBER_LIST = 5,
    RC_MEMBER = 6,
    RC_PLMN = 7,
    RC_S_NSSAI = 8,
    RC_SST = 9,
    RC_SD = 10,
    RC_MIN_RATIO = 11,
    RC_MAX_RATIO = 12,
    RC_DEDICATED_RATIO = 13,
    /* Our own, in outcomes; named in the RAN function definition like the others. */
    RC_APPLIED_SLOT = 65537,
    RC_ELAPSED_US = 65538,
    RC_REASON = 65539,
};

typedef struct {
    bool has_plmn, has_min, has_max, has_dedicated;
    uint8_t plmn[3];
    uint32_t slice;              /* E2SM_SLICE */
    int64_t min, max, dedicated; /* percent; as they came: not checked */
} rc_quota_t;

typedef struct {
    int64_t style, action;
    uint32_t n;
    rc_quota_t quotas[RC_MAX_QUOTAS];
} rc_control_t;

typedef struct {
    bool has_slot, has_quota;
    uint64_t slot; /* in force since */
    uint32_t elapsed_us;
    int64_t min, max, dedicated; /* read back, of the last slice of the control */
    char reason[128];            /* "" or why not */
} rc_outcome_t;

/* Errors as in kpm.h. */
int rc_function_encode(arena_t *arena, uint8_t *buf, size_t cap, size_t *ret_n);
int rc_control_encode(const rc_control_t *c, arena_t *arena, uint8_t *header, size_t header_cap,
                      size_t *ret_header_n, uint8_t *message, size_t message_cap, size_t *ret_message_n);
/* -ENOTSUP: another style, action, format or parameter; -EBADMSG: a parameter of another kind than it has. */
int rc_control_decode(asn1_bytes_t header, asn1_bytes_t message, arena_t *arena, rc_control_t *ret);
int rc_outcome_encode(const rc_outcome_t *o, uint8_t *buf, size_t cap, size_t *ret_n);
int rc_outcome_decode(asn1_bytes_t bytes, arena_t *arena, rc_outcome_t *ret);

#endif
