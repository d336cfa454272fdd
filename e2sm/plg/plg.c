/* SPDX-License-Identifier: Apache-2.0 */
#include "e2sm/plg/plg.h"

#include <errno.h>
#include <string.h>

static asn1_bytes_t text(const char *s)
{
    return s ? (asn1_bytes_t){(const uint8_t *)s, (uint32_t)strlen(s)} : (asn1_bytes_t){NULL, 0};
}

/* ---- RAN function definition ---- */

static int type_to(arena_t *a, const vtn_param_t *p, plg_ParameterType_t *ret)
{
    if (p->type == VTN_F64) {
        plg_RealType_t *t = ARENA_NEW(a, plg_RealType_t);
        if (!t)
            return -ENOMEM;
        *t = (plg_RealType_t){p->min.f, p->max.f, p->step.f, p->def.f};
        ret->choice = plg_ParameterType_choice_real;
        ret->u.real = t;
    } else if (p->type == VTN_I64) {
        plg_IntegerType_t *t = ARENA_NEW(a, plg_IntegerType_t);
        if (!t)
            return -ENOMEM;
        *t = (plg_IntegerType_t){p->min.i, p->max.i, p->step.i, p->def.i};
        ret->choice = plg_ParameterType_choice_integer;
        ret->u.integer = t;
    } else if (p->type == VTN_BOOL) {
        plg_BooleanType_t *t = ARENA_NEW(a, plg_BooleanType_t);
        if (!t)
            return -ENOMEM;
        t->initial = p->def.i != 0;
        ret->choice = plg_ParameterType_choice_boolean;
        ret->u.boolean = t;
    } else {
        plg_EnumerationType_t *t = ARENA_NEW(a, plg_EnumerationType_t);
        asn1_bytes_t *labels = ARENA_ARRAY(a, asn1_bytes_t, p->n_labels);
        if (!t || !labels)
            return -ENOMEM;
        for (uint32_t i = 0; i < p->n_labels; i++)
            labels[i] = text(p->labels[i]);
        t->labels.n = p->n_labels;
        t->labels.p = labels;
        t->initial = p->def.i;
        ret->choice = plg_ParameterType_choice_enumeration;
        ret->u.enumeration = t;
    }
    return 0;
}

static int plugin_to(arena_t *a, const tunables_plugin_t *p, plg_Plugin_t *ret)
{
    *ret = (plg_Plugin_t){
        .id = text(p->id),
        .version = text(p->version),
        .vendor = text(p->vendor),
        .licence = text(p->licence),
        .factory = text(p->factory),
        .state = (plg_PluginState_t)p->state,
        .parameters = {p->n_params, ARENA_ARRAY(a, plg_Parameter_t, p->n_params)},
    };
    if (!ret->parameters.p)
        return -ENOMEM;
    for (uint32_t i = 0; i < p->n_params; i++) {
        plg_Parameter_t *q = &ret->parameters.p[i];
        q->id = p->params[i]->id;
        q->name = text(p->params[i]->name);
        q->scope = (plg_Parameter_scope_t)p->params[i]->scope;
        q->unit = text(p->params[i]->unit);
        q->help = text(p->params[i]->help);
        int r = type_to(a, p->params[i], &q->type);
        if (r < 0)
            return r;
    }
    return 0;
}

int plg_function_encode(const e2sm_cell_t *cell, const uint32_t *slices, uint32_t n_slices,
                        const tunables_plugin_t *plugins, uint32_t n_plugins, arena_t *arena, uint8_t *buf,
                        size_t cap, size_t *ret_n)
{
    uint8_t bits[5];
    uint8_t *octets = ARENA_ARRAY(arena, uint8_t, 4 * (size_t)n_slices);
    plg_RANfunctionDefinition_t d = {
        .ranFunction_Name = {.ranFunction_ShortName = text("VITRAN-E2SM-PLG"),
                             .ranFunction_E2SM_OID = text(E2SM_OID_PLG),
                             .ranFunction_Description = text("Replaceable algorithms and their parameters")},
        .cell = {.pLMNIdentity = {cell->plmn, 3}, .nRCellIdentity = {bits, 36}},
        .slices = {n_slices, ARENA_ARRAY(arena, plg_S_NSSAI_t, n_slices)},
        .plugins = {n_plugins, ARENA_ARRAY(arena, plg_Plugin_t, n_plugins)},
    };
    if (!octets || !d.slices.p || !d.plugins.p)
        return -ENOMEM;
    e2sm_cell_bits(cell->nr_cell_id, bits);
    for (uint32_t i = 0; i < n_slices; i++)
        E2SM_SLICE_TO(&d.slices.p[i], slices[i], octets + 4 * i);
    for (uint32_t i = 0; i < n_plugins; i++) {
        int r = plugin_to(arena, &plugins[i], &d.plugins.p[i]);
        if (r < 0)
            return r;
    }
    return asn1_encode(&plg_RANfunctionDefinition_type, ASN1_APER, &d, buf, cap, ret_n, NULL);
}

/* ---- values ---- */

int plg_value_to(const vtn_param_t *p, const plg_Value_t *v, vtn_value_t *ret)
{
    if (p->type == VTN_F64 && v->choice == plg_Value_choice_real)
        ret->f = v->u.real;
    else if (p->type == VTN_F64 && v->choice == plg_Value_choice_integer)
        ret->f = (double)v->u.integer;
    else if (p->type == VTN_I64 && v->choice == plg_Value_choice_integer)
        ret->i = v->u.integer;
    else if (p->type == VTN_BOOL && v->choice == plg_Value_choice_boolean)
        ret->i = v->u.boolean;
    else if (p->type == VTN_ENUM && v->choice == plg_Value_choice_enumeration)
        ret->i = v->u.enumeration;
    else
        return -EPROTOTYPE;
    return 0;
}

plg_Value_t plg_value_from(const vtn_param_t *p, vtn_value_t v)
{
    switch (p->type) {
    case VTN_F64:
        return (plg_Value_t){.choice = plg_Value_choice_real, .u = {.real = v.f}};
    case VTN_BOOL:
        return (plg_Value_t){.choice = plg_Value_choice_boolean, .u = {.boolean = v.i != 0}};
    case VTN_ENUM:
        return (plg_Value_t){.choice = plg_Value_choice_enumeration, .u = {.enumeration = v.i}};
    default:
        return (plg_Value_t){.choice = plg_Value_choice_integer, .u = {.integer = v.i}};
    }
}

plg_Reason_t plg_reason(int status)
{
    switch (status) {
    case -ENOENT:
        return plg_Reason_unknown_parameter;
    case -ENXIO:
        return plg_Reason_unknown_ue;
    case -EPROTOTYPE:
        return plg_Reason_wrong_type;
    case -ERANGE:
        return plg_Reason_out_of_range;
    case -EDOM:
        return plg_Reason_not_on_step;
    case -ESTALE:
        return plg_Reason_slot_passed;
    case -EAGAIN:
    case -EBUSY:
    case -ENOSPC:
        return plg_Reason_busy;
    case -ETIMEDOUT:
        return plg_Reason_timeout;
    case -ENOEXEC:
        return plg_Reason_incompatible_plugin;
    case -E2BIG:
    case -EEXIST:
    case -EBADMSG:
        return plg_Reason_malformed;
    case -EINVAL:
    case -EPERM:
        return plg_Reason_refused_by_plugin;
    default:
        return plg_Reason_unspecified;
    }
}

const char *plg_reason_name(plg_Reason_t reason)
{
    const char *name = asn1_value_name(&plg_Reason_type, reason);
    return name ? name : "unspecified";
}
