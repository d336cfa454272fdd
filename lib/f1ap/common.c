/* SPDX-License-Identifier: Apache-2.0 */
/* The small types that many messages share: cell identity, cause, slice, tunnel, diagnostics. */
#include <string.h>

#include "lib/f1ap/codec.h"

int f1ap_bytes_copy(arena_t *a, const void *bytes, uint32_t n, asn1_bytes_t *ret)
{
    uint8_t *p = (uint8_t *)arena_alloc(a, n, 1);
    if (!p)
        return -ENOMEM;
    if (n)
        memcpy(p, bytes, n);
    *ret = (asn1_bytes_t){p, n};
    return 0;
}

f1ap_cgi_t f1ap_cgi_read(const f1ap_NRCGI_t *c)
{
    f1ap_cgi_t v = {.nr_cell_id = 0};
    memcpy(v.plmn, c->pLMN_Identity.p, 3);
    for (int i = 0; i < 5; i++)
        v.nr_cell_id = v.nr_cell_id << 8 | c->nRCellIdentity.p[i];
    v.nr_cell_id >>= 4;
    return v;
}

int f1ap_cgi_write(const f1ap_cgi_t *v, arena_t *a, f1ap_NRCGI_t *ret)
{
    uint64_t id = v->nr_cell_id << 4;
    uint8_t bits[5] = {(uint8_t)(id >> 32), (uint8_t)(id >> 24), (uint8_t)(id >> 16), (uint8_t)(id >> 8),
                       (uint8_t)id};
    asn1_bytes_t b;
    F1AP_TRY(f1ap_bytes_copy(a, v->plmn, 3, &ret->pLMN_Identity));
    F1AP_TRY(f1ap_bytes_copy(a, bits, sizeof bits, &b));
    ret->nRCellIdentity = (asn1_bits_t){b.p, 36};
    return 0;
}

f1ap_cause_t f1ap_cause_read(const f1ap_Cause_t *c)
{
    switch (c->choice) {
    case f1ap_Cause_choice_radioNetwork:
        return (f1ap_cause_t){F1AP_CAUSE_RADIO, (uint32_t)c->u.radioNetwork};
    case f1ap_Cause_choice_transport:
        return (f1ap_cause_t){F1AP_CAUSE_TRANSPORT, (uint32_t)c->u.transport};
    case f1ap_Cause_choice_protocol:
        return (f1ap_cause_t){F1AP_CAUSE_PROTOCOL, (uint32_t)c->u.protocol};
    case f1ap_Cause_choice_misc:
        return (f1ap_cause_t){F1AP_CAUSE_MISC, (uint32_t)c->u.misc};
    default: /* choice-extension: a cause of a later release */
        return F1AP_MISC(unspecified);
    }
}

f1ap_Cause_t f1ap_cause_write(f1ap_cause_t cause)
{
    f1ap_Cause_t c = {.choice = 0};
    switch (cause.group) {
    case F1AP_CAUSE_RADIO:
        c.choice = f1ap_Cause_choice_radioNetwork;
        c.u.radioNetwork = (f1ap_CauseRadioNetwork_t)cause.value;
        break;
    case F1AP_CAUSE_TRANSPORT:
        c.choice = f1ap_Cause_choice_transport;
        c.u.transport = (f1ap_CauseTransport_t)cause.value;
        break;
    case F1AP_CAUSE_PROTOCOL:
        c.choice = f1ap_Cause_choice_protocol;
        c.u.protocol = (f1ap_CauseProtocol_t)cause.value;
        break;
    case F1AP_CAUSE_MISC:
        c.choice = f1ap_Cause_choice_misc;
        c.u.misc = (f1ap_CauseMisc_t)cause.value;
        break;
    }
    return c;
}

const char *f1ap_cause_name(f1ap_cause_t cause)
{
    static const asn1_type_t *const types[] = {
        [F1AP_CAUSE_RADIO] = &f1ap_CauseRadioNetwork_type,
        [F1AP_CAUSE_TRANSPORT] = &f1ap_CauseTransport_type,
        [F1AP_CAUSE_PROTOCOL] = &f1ap_CauseProtocol_type,
        [F1AP_CAUSE_MISC] = &f1ap_CauseMisc_type,
    };
    const char *name = asn1_value_name(types[cause.group], cause.value);
    return name ? name : "of a later release";
}

f1ap_snssai_t f1ap_snssai_read(const f1ap_SNSSAI_t *s)
{
    f1ap_snssai_t v = {s->sST.p[0], F1AP_NO_SD};
    if (s->has.sD)
        v.sd = (uint32_t)s->sD.p[0] << 16 | (uint32_t)s->sD.p[1] << 8 | s->sD.p[2];
    return v;
}

int f1ap_snssai_write(const f1ap_snssai_t *v, arena_t *a, f1ap_SNSSAI_t *ret)
{
    uint8_t sd[3] = {(uint8_t)(v->sd >> 16), (uint8_t)(v->sd >> 8), (uint8_t)v->sd};
    F1AP_TRY(f1ap_bytes_copy(a, &v->sst, 1, &ret->sST));
    ret->has.sD = v->sd != F1AP_NO_SD;
    return ret->has.sD ? f1ap_bytes_copy(a, sd, 3, &ret->sD) : 0;
}

int f1ap_tunnel_read(const f1ap_UPTransportLayerInformation_t *t, f1ap_tunnel_t *ret)
{
    if (t->choice != f1ap_UPTransportLayerInformation_choice_gTPTunnel)
        return -E2BIG;
    const asn1_bits_t *b = &t->u.gTPTunnel->transportLayerAddress;
    const uint8_t *e = t->u.gTPTunnel->gTP_TEID.p;
    if (b->n_bits != 32 && b->n_bits != 160) /* 160: IPv4 then IPv6, TS 38.414 5.1 */
        return -E2BIG;
    ret->address = (uint32_t)b->p[0] << 24 | (uint32_t)b->p[1] << 16 | (uint32_t)b->p[2] << 8 | b->p[3];
    ret->teid = (uint32_t)e[0] << 24 | (uint32_t)e[1] << 16 | (uint32_t)e[2] << 8 | e[3];
    return 0;
}

static int u32_write(uint32_t v, arena_t *a, asn1_bytes_t *ret)
{
    uint8_t b[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
    return f1ap_bytes_copy(a, b, 4, ret);
}

int f1ap_tunnel_write(const f1ap_tunnel_t *v, arena_t *a, f1ap_UPTransportLayerInformation_t *ret)
{
    f1ap_GTPTunnel_t *t;
    asn1_bytes_t address;
    F1AP_NEW(t);
    F1AP_TRY(u32_write(v->address, a, &address));
    F1AP_TRY(u32_write(v->teid, a, &t->gTP_TEID));
    t->transportLayerAddress = (asn1_bits_t){address.p, 32};
    ret->choice = f1ap_UPTransportLayerInformation_choice_gTPTunnel;
    ret->u.gTPTunnel = t;
    return 0;
}

void f1ap_diagnostics_read(const f1ap_CriticalityDiagnostics_t *d, f1ap_diagnostics_t *ret)
{
    if (!d)
        return;
    ret->has_procedure = d->has.procedureCode;
    ret->procedure_code = (uint8_t)d->procedureCode;
    ret->triggering = (uint8_t)d->triggeringMessage;
    ret->criticality = (uint8_t)d->procedureCriticality;
    ret->has_transaction = d->has.transactionID;
    ret->transaction_id = (uint8_t)d->transactionID;
    if (!d->iEsCriticalityDiagnostics)
        return;
    for (uint32_t i = 0; i < d->iEsCriticalityDiagnostics->n && ret->n_ies < F1AP_MAX_IE_DIAGNOSTICS; i++) {
        const f1ap_CriticalityDiagnostics_IE_Item_t *ie = &d->iEsCriticalityDiagnostics->p[i];
        ret->ies[ret->n_ies].id = (uint16_t)ie->iE_ID;
        ret->ies[ret->n_ies].criticality = (uint8_t)ie->iECriticality;
        ret->ies[ret->n_ies].missing = ie->typeOfError == f1ap_TypeOfError_missing;
        ret->n_ies++;
    }
}

int f1ap_diagnostics_write(const f1ap_diagnostics_t *v, arena_t *a, f1ap_CriticalityDiagnostics_t **ret)
{
    f1ap_CriticalityDiagnostics_t *d;
    *ret = NULL;
    if (!v->has_procedure && !v->has_transaction && !v->n_ies)
        return 0;
    F1AP_NEW(d);
    if (v->has_procedure) {
        d->has.procedureCode = d->has.triggeringMessage = d->has.procedureCriticality = 1;
        d->procedureCode = v->procedure_code;
        d->triggeringMessage = (f1ap_TriggeringMessage_t)v->triggering;
        d->procedureCriticality = (f1ap_Criticality_t)v->criticality;
    }
    d->has.transactionID = v->has_transaction;
    d->transactionID = v->transaction_id;
    if (v->n_ies) {
        F1AP_NEW(d->iEsCriticalityDiagnostics);
        F1AP_LIST(d->iEsCriticalityDiagnostics, v->n_ies);
        for (uint32_t i = 0; i < v->n_ies; i++) {
            f1ap_CriticalityDiagnostics_IE_Item_t *ie = &d->iEsCriticalityDiagnostics->p[i];
            ie->iE_ID = v->ies[i].id;
            ie->iECriticality = (f1ap_Criticality_t)v->ies[i].criticality;
            ie->typeOfError = v->ies[i].missing ? f1ap_TypeOfError_missing : f1ap_TypeOfError_not_understood;
        }
    }
    *ret = d;
    return 0;
}
