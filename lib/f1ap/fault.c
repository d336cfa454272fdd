/* SPDX-License-Identifier: Apache-2.0 */
/* Handling of unknown, unforeseen and erroneous protocol data, TS 38.473 clause 10. */
#include <string.h>

#include "lib/f1ap/fault.h"

enum { ID_CU_UE = 40, ID_DU_UE = 41, ID_TRANSACTION = 78 }; /* protocol IE ids, 9.4.7 */
enum { CRITICALITY_REJECT, CRITICALITY_IGNORE, CRITICALITY_NOTIFY };

const char *f1ap_fault_name(f1ap_fault_type_t type)
{
    static const char *const names[F1AP_N_FAULTS] = {"none",       "transfer syntax", "unknown procedure",
                                                     "unknown IE", "missing IE",      "falsely built",
                                                     "too large"};
    return type < F1AP_N_FAULTS ? names[type] : "?";
}

/* ---- reading by hand ---- */

typedef struct {
    const uint8_t *p, *end;
} cursor_t;

/* A length determinant below 16K, X.691 11.9. */
static bool length(cursor_t *c, size_t *ret)
{
    if (c->end - c->p < 1)
        return false;
    if (!(c->p[0] & 0x80)) {
        *ret = *c->p++;
        return true;
    }
    if ((c->p[0] & 0xc0) == 0xc0 || c->end - c->p < 2)
        return false;
    *ret = (size_t)(c->p[0] & 0x3f) << 8 | c->p[1];
    c->p += 2;
    return true;
}

/* A constrained INTEGER (0..4294967295) as an open type holds it: 2 bits of length in octets less 1. */
static bool ue_id(const uint8_t *p, size_t n, uint32_t *ret)
{
    size_t octets = n ? (size_t)(p[0] >> 6) + 1 : 0;
    uint32_t v = 0;
    if (!octets || n < 1 + octets)
        return false;
    for (size_t i = 0; i < octets; i++)
        v = v << 8 | p[1 + i];
    *ret = v;
    return true;
}

/* Procedure, class and the ids that an answer needs, as far as they can be made out. */
static void skim(const uint8_t *bytes, size_t n, f1ap_fault_t *ret)
{
    f1ap_diagnostics_t *d = &ret->diagnostics;
    cursor_t c = {bytes, bytes + n};
    size_t len;
    if (n < 3 || bytes[0] >> 6 > 2)
        return;
    d->has_procedure = true;
    d->triggering = bytes[0] >> 6;
    d->procedure_code = bytes[1];
    d->criticality = bytes[2] >> 6;
    if (d->criticality > CRITICALITY_NOTIFY)
        d->criticality = CRITICALITY_REJECT;
    c.p += 3;
    if (!length(&c, &len) || c.end - c.p < 3)
        return;
    uint32_t count = (uint32_t)c.p[1] << 8 | c.p[2]; /* behind the octet with the extension bit */
    c.p += 3;
    for (uint32_t i = 0; i < count && c.end - c.p >= 4; i++) {
        uint32_t id = (uint32_t)c.p[0] << 8 | c.p[1];
        c.p += 3;
        if (!length(&c, &len) || len > (size_t)(c.end - c.p))
            return;
        if (id == ID_CU_UE)
            ret->ue.has_cu = ue_id(c.p, len, &ret->ue.cu_ue_id);
        else if (id == ID_DU_UE)
            ret->ue.has_du = ue_id(c.p, len, &ret->ue.du_ue_id);
        else if (id == ID_TRANSACTION && len >= 2 && !(c.p[0] & 0x80)) {
            d->has_transaction = true; /* INTEGER (0..255, ...): extension bit, then an aligned octet */
            d->transaction_id = c.p[1];
        }
        c.p += len;
    }
}

static void blame(f1ap_fault_t *f, uint32_t id, uint32_t criticality, bool missing)
{
    f1ap_diagnostics_t *d = &f->diagnostics;
    if (d->n_ies == F1AP_MAX_IE_DIAGNOSTICS)
        return;
    d->ies[d->n_ies].id = (uint16_t)id;
    d->ies[d->n_ies].criticality = (uint8_t)criticality;
    d->ies[d->n_ies].missing = missing;
    d->n_ies++;
}

/* ---- the cases ---- */

void f1ap_fault_from_decoder(const uint8_t *bytes, size_t n, f1ap_fault_t *ret)
{
    const asn1_error_t *e = &ret->detail;
    skim(bytes, n, ret);
    ret->answer = true;
    switch (e->cause) {
    case ASN1_MISSING_IE:
        ret->type = F1AP_FAULT_MISSING_IE;
        ret->cause = F1AP_PROTOCOL(abstract_syntax_error_reject);
        /* Ignore: go on without; but what it stands for is mandatory for the procedure, so it ends here, with
         * nothing said. */
        ret->answer = e->ie_criticality != CRITICALITY_IGNORE;
        blame(ret, e->ie_id, e->ie_criticality, true);
        break;
    case ASN1_DUPLICATE_IE:
        ret->type = F1AP_FAULT_FALSELY_BUILT;
        ret->cause = F1AP_PROTOCOL(abstract_syntax_error_falsely_constructed_message);
        if (e->ie_id != ASN1_NO_IE)
            blame(ret, e->ie_id, e->ie_criticality, false);
        break;
    case ASN1_NO_MEMORY:
        f1ap_fault_too_large(bytes, n, ret);
        break;
    case ASN1_CONSTRAINT:
    case ASN1_UNSUPPORTED:
        if (e->ie_id == ASN1_NO_IE && ret->diagnostics.has_procedure && n >= 5) {
            f1ap_fault_unknown_procedure(bytes, n, ret);
            break;
        } /* fall through */
    default:
        ret->type = F1AP_FAULT_TRANSFER_SYNTAX;
        ret->cause = F1AP_PROTOCOL(transfer_syntax_error);
        break;
    }
    /* An error indication is never answered by another, 10.1 and 8.2.2. */
    if (ret->diagnostics.has_procedure && ret->diagnostics.procedure_code == 2)
        ret->answer = false;
}

void f1ap_fault_unknown_procedure(const uint8_t *bytes, size_t n, f1ap_fault_t *ret)
{
    ret->type = F1AP_FAULT_UNKNOWN_PROCEDURE;
    if (!ret->diagnostics.has_procedure)
        skim(bytes, n, ret);
    ret->answer = ret->diagnostics.criticality != CRITICALITY_IGNORE;
    ret->cause = ret->diagnostics.criticality == CRITICALITY_NOTIFY
                     ? F1AP_PROTOCOL(abstract_syntax_error_ignore_and_notify)
                     : F1AP_PROTOCOL(abstract_syntax_error_reject);
}

void f1ap_fault_too_large(const uint8_t *bytes, size_t n, f1ap_fault_t *ret)
{
    ret->type = F1AP_FAULT_TOO_LARGE;
    if (!ret->diagnostics.has_procedure)
        skim(bytes, n, ret);
    ret->answer = true;
    ret->cause = F1AP_MISC(control_processing_overload);
}

bool f1ap_fault_from_unknown(const uint8_t *bytes, size_t n, const asn1_unknown_list_t *unknown,
                             f1ap_fault_t *ret)
{
    bool reject = false;
    for (uint32_t i = 0; i < unknown->n; i++)
        reject |= unknown->p[i].criticality == CRITICALITY_REJECT;
    if (!reject)
        return false;
    skim(bytes, n, ret);
    for (uint32_t i = 0; i < unknown->n; i++)
        if (unknown->p[i].criticality != CRITICALITY_IGNORE)
            blame(ret, unknown->p[i].id, unknown->p[i].criticality, false);
    ret->type = F1AP_FAULT_UNKNOWN_IE;
    ret->cause = F1AP_PROTOCOL(abstract_syntax_error_reject);
    ret->answer = true;
    return true;
}

/* ---- the answer ---- */

void f1ap_fault_answer(const f1ap_fault_t *fault, f1ap_msg_t *ret)
{
    const f1ap_diagnostics_t *d = &fault->diagnostics;
    f1ap_msg_type_t failure = F1AP_N_TYPES, ue_failure = F1AP_N_TYPES;
    memset(ret, 0, sizeof *ret);
    if (d->has_procedure && d->triggering == f1ap_TriggeringMessage_initiating_message)
        switch (d->procedure_code) {
        case 1:
            failure = F1AP_SETUP_FAILURE;
            break;
        case 3:
            failure = F1AP_DU_UPDATE_FAILURE;
            break;
        case 4:
            failure = F1AP_CU_UPDATE_FAILURE;
            break;
        case 5:
            ue_failure = F1AP_CONTEXT_SETUP_FAILURE;
            break;
        case 7:
            ue_failure = F1AP_CONTEXT_MODIFY_FAILURE;
            break;
        case 8:
            ue_failure = F1AP_CONTEXT_REFUSE;
            break;
        case 26:
            failure = F1AP_REMOVAL_FAILURE;
            break;
        default:
            break;
        }
    if (failure != F1AP_N_TYPES && d->has_transaction) {
        ret->type = failure;
        ret->u.failure =
            (f1ap_failure_t){.transaction_id = d->transaction_id, .cause = fault->cause, .diagnostics = *d};
    } else if (ue_failure != F1AP_N_TYPES && fault->ue.has_cu &&
               (fault->ue.has_du || ue_failure == F1AP_CONTEXT_SETUP_FAILURE)) {
        ret->type = ue_failure;
        ret->u.ue_cause = (f1ap_ue_cause_t){.cu_ue_id = fault->ue.cu_ue_id,
                                            .has_du_ue_id = fault->ue.has_du,
                                            .du_ue_id = fault->ue.du_ue_id,
                                            .cause = fault->cause,
                                            .diagnostics = *d};
    } else {
        ret->type = F1AP_ERROR_INDICATION;
        ret->u.error = (f1ap_error_t){.transaction_id = d->has_transaction ? d->transaction_id : 0,
                                      .ue = fault->ue,
                                      .has_cause = true,
                                      .cause = fault->cause,
                                      .diagnostics = *d};
    }
}
