/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "e2sm/e2sm.h"
#include "lib/asn1/schema/e2sm_kpm.asn.h"
#include "lib/asn1/schema/e2sm_rc.asn.h"
#include "ric/xapp/internal.h"

static char *text(arena_t *a, asn1_bytes_t b)
{
    return message_text_n(a, b.p, b.n);
}

/* ---- identities ---- */

uint32_t slice_from_message(const Vitran__Ric__V1__Slice *m)
{
    return E2SM_SLICE(m->sst & 0xff, m->differentiator_case == VITRAN__RIC__V1__SLICE__DIFFERENTIATOR_SD
                                         ? m->sd
                                         : E2SM_NO_SD);
}

Vitran__Ric__V1__Slice *slice_message(arena_t *a, uint32_t slice)
{
    Vitran__Ric__V1__Slice *m = MESSAGE_NEW(a, vitran__ric__v1__slice);
    if (!m)
        return NULL;
    m->sst = E2SM_SLICE_SST(slice);
    if (E2SM_SLICE_SD(slice) != E2SM_NO_SD) {
        m->differentiator_case = VITRAN__RIC__V1__SLICE__DIFFERENTIATOR_SD;
        m->sd = E2SM_SLICE_SD(slice);
    }
    return m;
}

Vitran__Ric__V1__UeId *ue_message(arena_t *a, uint32_t cu_ue_f1ap_id, const uint8_t *ran_ue_id)
{
    Vitran__Ric__V1__UeId *m = MESSAGE_NEW(a, vitran__ric__v1__ue_id);
    if (!m)
        return NULL;
    m->gnb_cu_ue_f1ap_id = cu_ue_f1ap_id;
    if (ran_ue_id) {
        m->ran_ue_id.data = (uint8_t *)message_text_n(a, ran_ue_id, 8);
        m->ran_ue_id.len = 8;
    }
    return m;
}

/* ---- PLG: what a node declares ---- */

const plg_RANfunctionDefinition_t *plg_definition(arena_t *a, node_t *n)
{
    const ran_function_t *f = node_function(n, MODEL_PLG);
    plg_RANfunctionDefinition_t *d = f ? ARENA_NEW(a, plg_RANfunctionDefinition_t) : NULL;
    if (!d || asn1_decode(&plg_RANfunctionDefinition_type, ASN1_APER, f->definition, f->definition_n, a, d,
                          NULL) < 0)
        return NULL;
    return d;
}

const plg_Plugin_t *plg_running(const plg_RANfunctionDefinition_t *d)
{
    for (uint32_t i = 0; d && i < d->plugins.n; i++)
        if (d->plugins.p[i].state == plg_PluginState_running)
            return &d->plugins.p[i];
    return NULL;
}

const plg_Parameter_t *plg_find_parameter(const plg_Plugin_t *p, int64_t id)
{
    for (uint32_t i = 0; p && i < p->parameters.n; i++)
        if (p->parameters.p[i].id == id)
            return &p->parameters.p[i];
    return NULL;
}

const plg_Parameter_t *plg_find_parameter_named(const plg_Plugin_t *p, const char *name, size_t n)
{
    for (uint32_t i = 0; p && i < p->parameters.n; i++)
        if (p->parameters.p[i].name.n == n && memcmp(p->parameters.p[i].name.p, name, n) == 0)
            return &p->parameters.p[i];
    return NULL;
}

const plg_Parameter_t *plg_find_quota(const plg_Plugin_t *p, const char *suffix)
{
    size_t n = strlen(suffix);
    for (uint32_t i = 0; p && i < p->parameters.n; i++) {
        const plg_Parameter_t *q = &p->parameters.p[i];
        if (q->scope == plg_Parameter_scope_slice && q->name.n > n && q->name.p[q->name.n - n - 1] == '.' &&
            memcmp(q->name.p + q->name.n - n, suffix, n) == 0)
            return q;
    }
    return NULL;
}

static Vitran__Ric__V1__Value *integer_message(arena_t *a, int64_t v)
{
    Vitran__Ric__V1__Value *m = MESSAGE_NEW(a, vitran__ric__v1__value);
    if (m) {
        m->value_case = VITRAN__RIC__V1__VALUE__VALUE_INTEGER;
        m->integer = v;
    }
    return m;
}

static Vitran__Ric__V1__Value *real_message(arena_t *a, double v)
{
    Vitran__Ric__V1__Value *m = MESSAGE_NEW(a, vitran__ric__v1__value);
    if (m) {
        m->value_case = VITRAN__RIC__V1__VALUE__VALUE_REAL;
        m->real = v;
    }
    return m;
}

static Vitran__Ric__V1__Value *value_message(arena_t *a, const plg_Value_t *v)
{
    Vitran__Ric__V1__Value *m;
    if (v->choice == plg_Value_choice_integer)
        return integer_message(a, v->u.integer);
    if (v->choice == plg_Value_choice_real)
        return real_message(a, v->u.real);
    m = MESSAGE_NEW(a, vitran__ric__v1__value);
    if (m && v->choice == plg_Value_choice_boolean) {
        m->value_case = VITRAN__RIC__V1__VALUE__VALUE_BOOLEAN;
        m->boolean = v->u.boolean;
    } else if (m) {
        m->value_case = VITRAN__RIC__V1__VALUE__VALUE_ENUMERATION;
        m->enumeration = (uint32_t)v->u.enumeration;
    }
    return m;
}

static Vitran__Ric__V1__Parameter *parameter_message(arena_t *a, const plg_Parameter_t *p)
{
    Vitran__Ric__V1__Parameter *m = MESSAGE_NEW(a, vitran__ric__v1__parameter);
    if (!m)
        return NULL;
    m->id = (uint32_t)p->id;
    m->name = text(a, p->name);
    m->scope = (Vitran__Ric__V1__Parameter__ScopeKind)p->scope;
    m->unit = text(a, p->unit);
    m->help = text(a, p->help);
    if (p->type.choice == plg_ParameterType_choice_integer) {
        const plg_IntegerType_t *t = p->type.u.integer;
        m->min = integer_message(a, t->min);
        m->max = integer_message(a, t->max);
        m->step = integer_message(a, t->step);
        m->initial = integer_message(a, t->initial);
    } else if (p->type.choice == plg_ParameterType_choice_real) {
        const plg_RealType_t *t = p->type.u.real;
        m->min = real_message(a, t->min);
        m->max = real_message(a, t->max);
        m->step = real_message(a, t->step);
        m->initial = real_message(a, t->initial);
    } else if (p->type.choice == plg_ParameterType_choice_boolean) {
        plg_Value_t v = {.choice = plg_Value_choice_boolean, .u = {.boolean = p->type.u.boolean->initial}};
        m->initial = value_message(a, &v);
    } else if (p->type.choice == plg_ParameterType_choice_enumeration) {
        const plg_EnumerationType_t *t = p->type.u.enumeration;
        plg_Value_t v = {.choice = plg_Value_choice_enumeration, .u = {.enumeration = t->initial}};
        m->initial = value_message(a, &v);
        m->labels = message_list(a, t->labels.n);
        for (uint32_t i = 0; m->labels && i < t->labels.n; i++)
            m->labels[m->n_labels++] = text(a, t->labels.p[i]);
    }
    return m;
}

static Vitran__Ric__V1__Plugin *plugin_message(arena_t *a, const plg_Plugin_t *p)
{
    Vitran__Ric__V1__Plugin *m = MESSAGE_NEW(a, vitran__ric__v1__plugin);
    if (!m)
        return NULL;
    m->id = text(a, p->id);
    m->version = text(a, p->version);
    m->vendor = text(a, p->vendor);
    m->licence = text(a, p->licence);
    m->factory = text(a, p->factory);
    m->state = (Vitran__Ric__V1__Plugin__State)p->state;
    m->parameters = message_list(a, p->parameters.n);
    for (uint32_t i = 0; m->parameters && i < p->parameters.n; i++)
        if ((m->parameters[m->n_parameters] = parameter_message(a, &p->parameters.p[i])))
            m->n_parameters++;
    return m;
}

/* ---- RAN functions ---- */

static Vitran__Ric__V1__PlgFunction *plg_function(arena_t *a, const plg_RANfunctionDefinition_t *d)
{
    Vitran__Ric__V1__PlgFunction *m = MESSAGE_NEW(a, vitran__ric__v1__plg_function);
    if (!m)
        return NULL;
    m->slices = message_list(a, d->slices.n);
    for (uint32_t i = 0; m->slices && i < d->slices.n; i++)
        if ((m->slices[m->n_slices] = slice_message(a, E2SM_SLICE_FROM(&d->slices.p[i]))))
            m->n_slices++;
    m->plugins = message_list(a, d->plugins.n);
    for (uint32_t i = 0; m->plugins && i < d->plugins.n; i++)
        if ((m->plugins[m->n_plugins] = plugin_message(a, &d->plugins.p[i])))
            m->n_plugins++;
    return m;
}

static Vitran__Ric__V1__KpmFunction *kpm_function(arena_t *a,
                                                  const e2sm_kpm_E2SM_KPM_RANfunction_Description_t *d)
{
    Vitran__Ric__V1__KpmFunction *m = MESSAGE_NEW(a, vitran__ric__v1__kpm_function);
    const e2sm_kpm_E2SM_KPM_RANfunction_Description_ric_ReportStyle_List_t *list = d->ric_ReportStyle_List;
    if (!m || !list || !(m->report_styles = message_list(a, list->n)))
        return m;
    for (uint32_t i = 0; i < list->n; i++) {
        Vitran__Ric__V1__KpmFunction__Style *s = MESSAGE_NEW(a, vitran__ric__v1__kpm_function__style);
        if (!s)
            break;
        s->type = (uint32_t)list->p[i].ric_ReportStyle_Type;
        s->name = text(a, list->p[i].ric_ReportStyle_Name);
        s->measurements = message_list(a, list->p[i].measInfo_Action_List.n);
        for (uint32_t j = 0; s->measurements && j < list->p[i].measInfo_Action_List.n; j++)
            s->measurements[s->n_measurements++] = text(a, list->p[i].measInfo_Action_List.p[j].measName);
        m->report_styles[m->n_report_styles++] = s;
    }
    return m;
}

static Vitran__Ric__V1__RcFunction *rc_function(arena_t *a, const e2sm_rc_E2SM_RC_RANFunctionDefinition_t *d)
{
    Vitran__Ric__V1__RcFunction *m = MESSAGE_NEW(a, vitran__ric__v1__rc_function);
    if (!m || !d->ranFunctionDefinition_Control)
        return m;
    const e2sm_rc_RANFunctionDefinition_Control_ric_ControlStyle_List_t *list =
        &d->ranFunctionDefinition_Control->ric_ControlStyle_List;
    m->control_styles = message_list(a, list->n);
    for (uint32_t i = 0; m->control_styles && i < list->n; i++) {
        Vitran__Ric__V1__RcFunction__Style *s = MESSAGE_NEW(a, vitran__ric__v1__rc_function__style);
        if (!s)
            break;
        s->type = (uint32_t)list->p[i].ric_ControlStyle_Type;
        s->name = text(a, list->p[i].ric_ControlStyle_Name);
        uint32_t n = list->p[i].ric_ControlAction_List ? list->p[i].ric_ControlAction_List->n : 0;
        s->actions = message_list(a, n);
        for (uint32_t j = 0; s->actions && j < n; j++) {
            const e2sm_rc_RANFunctionDefinition_Control_Action_Item_t *q =
                &list->p[i].ric_ControlAction_List->p[j];
            Vitran__Ric__V1__RcFunction__Action *x = MESSAGE_NEW(a, vitran__ric__v1__rc_function__action);
            if (!x)
                break;
            x->id = (uint32_t)q->ric_ControlAction_ID;
            x->name = text(a, q->ric_ControlAction_Name);
            s->actions[s->n_actions++] = x;
        }
        m->control_styles[m->n_control_styles++] = s;
    }
    return m;
}

Vitran__Ric__V1__RanFunction *function_message(arena_t *a, node_t *n, const ran_function_t *f)
{
    Vitran__Ric__V1__RanFunction *m = MESSAGE_NEW(a, vitran__ric__v1__ran_function);
    if (!m)
        return NULL;
    m->id = (uint32_t)f->id;
    m->revision = (uint32_t)f->revision;
    m->oid = message_text(a, f->oid);
    if (f->model == MODEL_PLG) {
        const plg_RANfunctionDefinition_t *d = plg_definition(a, n);
        if (!d)
            return m;
        m->name = text(a, d->ranFunction_Name.ranFunction_ShortName);
        m->description = text(a, d->ranFunction_Name.ranFunction_Description);
        m->definition_case = VITRAN__RIC__V1__RAN_FUNCTION__DEFINITION_PLG;
        m->plg = plg_function(a, d);
    } else if (f->model == MODEL_KPM) {
        e2sm_kpm_E2SM_KPM_RANfunction_Description_t d;
        if (asn1_decode(&e2sm_kpm_E2SM_KPM_RANfunction_Description_type, ASN1_APER, f->definition,
                        f->definition_n, a, &d, NULL) < 0)
            return m;
        m->name = text(a, d.ranFunction_Name.ranFunction_ShortName);
        m->description = text(a, d.ranFunction_Name.ranFunction_Description);
        m->definition_case = VITRAN__RIC__V1__RAN_FUNCTION__DEFINITION_KPM;
        m->kpm = kpm_function(a, &d);
    } else if (f->model == MODEL_RC) {
        e2sm_rc_E2SM_RC_RANFunctionDefinition_t d;
        if (asn1_decode(&e2sm_rc_E2SM_RC_RANFunctionDefinition_type, ASN1_APER, f->definition,
                        f->definition_n, a, &d, NULL) < 0)
            return m;
        m->name = text(a, d.ranFunction_Name.ranFunction_ShortName);
        m->description = text(a, d.ranFunction_Name.ranFunction_Description);
        m->definition_case = VITRAN__RIC__V1__RAN_FUNCTION__DEFINITION_RC;
        m->rc = rc_function(a, &d);
    }
    return m;
}

/* ---- settings ---- */

Vitran__Ric__V1__Setting *setting_message(arena_t *a, const plg_Plugin_t *p, const plg_Setting_t *s)
{
    Vitran__Ric__V1__Setting *m = MESSAGE_NEW(a, vitran__ric__v1__setting);
    const plg_Parameter_t *q = plg_find_parameter(p, s->parameter);
    if (!m)
        return NULL;
    if (q) {
        m->parameter_case = VITRAN__RIC__V1__SETTING__PARAMETER_NAME;
        m->name = text(a, q->name);
    } else {
        m->parameter_case = VITRAN__RIC__V1__SETTING__PARAMETER_ID;
        m->id = (uint32_t)s->parameter;
    }
    if (s->scope.choice == plg_Scope_choice_slice) {
        m->scope_case = VITRAN__RIC__V1__SETTING__SCOPE_SLICE;
        m->slice = slice_message(a, E2SM_SLICE_FROM(s->scope.u.slice));
    } else if (s->scope.choice == plg_Scope_choice_ue) {
        m->scope_case = VITRAN__RIC__V1__SETTING__SCOPE_UE;
        m->ue = ue_message(a, (uint32_t)s->scope.u.ue->gNB_CU_UE_F1AP_ID,
                           s->scope.u.ue->has.ran_UEID ? s->scope.u.ue->ran_UEID.p : NULL);
    }
    m->value = value_message(a, &s->value);
    return m;
}

static bool value_from_message(const plg_Parameter_t *p, const Vitran__Ric__V1__Value *m, plg_Value_t *ret)
{
    bool is_integer = m->value_case == VITRAN__RIC__V1__VALUE__VALUE_INTEGER;
    ret->choice = p->type.choice; /* the alternatives stand in the same order */
    switch (p->type.choice) {
    case plg_ParameterType_choice_integer:
        ret->u.integer = m->integer;
        return is_integer;
    case plg_ParameterType_choice_real:
        ret->u.real = is_integer ? (double)m->integer : m->real;
        return is_integer || m->value_case == VITRAN__RIC__V1__VALUE__VALUE_REAL;
    case plg_ParameterType_choice_boolean:
        ret->u.boolean = m->boolean;
        return m->value_case == VITRAN__RIC__V1__VALUE__VALUE_BOOLEAN;
    case plg_ParameterType_choice_enumeration:
        ret->u.enumeration = m->enumeration;
        return m->value_case == VITRAN__RIC__V1__VALUE__VALUE_ENUMERATION;
    default:
        return false;
    }
}

grpc_status_code setting_from_message(arena_t *a, const node_t *n, const plg_Plugin_t *p,
                                      const Vitran__Ric__V1__Setting *m, bool with_value, plg_Setting_t *ret,
                                      guard_item_t *ret_item, const char **ret_text)
{
    const plg_Parameter_t *q = m->parameter_case == VITRAN__RIC__V1__SETTING__PARAMETER_NAME
                                   ? plg_find_parameter_named(p, m->name, strlen(m->name))
                                   : plg_find_parameter(p, m->id);
    memset(ret, 0, sizeof *ret);
    *ret_item = (guard_item_t){.node = n};
    if (!q) {
        *ret_text = "the running plugin has no such parameter";
        return GRPC_STATUS_NOT_FOUND;
    }
    ret->parameter = q->id;
    ret_item->parameter = (uint32_t)q->id;
    *ret_text = "another scope than the parameter's";
    if (m->scope_case == VITRAN__RIC__V1__SETTING__SCOPE_SLICE) {
        plg_S_NSSAI_t *s = ARENA_NEW(a, plg_S_NSSAI_t);
        uint8_t *octets = ARENA_ARRAY(a, uint8_t, 4);
        if (q->scope != plg_Parameter_scope_slice || !m->slice || !s || !octets)
            return GRPC_STATUS_INVALID_ARGUMENT;
        ret_item->whom = slice_from_message(m->slice);
        E2SM_SLICE_TO(s, (uint32_t)ret_item->whom, octets);
        ret->scope.choice = plg_Scope_choice_slice;
        ret->scope.u.slice = s;
    } else if (m->scope_case == VITRAN__RIC__V1__SETTING__SCOPE_UE) {
        plg_UEID_t *u = ARENA_NEW(a, plg_UEID_t);
        if (q->scope != plg_Parameter_scope_ue || !m->ue || !u)
            return GRPC_STATUS_INVALID_ARGUMENT;
        if (m->ue->ran_ue_id.len && m->ue->ran_ue_id.len != 8) {
            *ret_text = "ran_ue_id has 8 bytes";
            return GRPC_STATUS_INVALID_ARGUMENT;
        }
        ret_item->whom = m->ue->gnb_cu_ue_f1ap_id;
        u->gNB_CU_UE_F1AP_ID = m->ue->gnb_cu_ue_f1ap_id;
        u->has.ran_UEID = m->ue->ran_ue_id.len == 8;
        u->ran_UEID = (asn1_bytes_t){m->ue->ran_ue_id.data, 8};
        ret->scope.choice = plg_Scope_choice_ue;
        ret->scope.u.ue = u;
    } else {
        if (q->scope != plg_Parameter_scope_cell)
            return GRPC_STATUS_INVALID_ARGUMENT;
        ret->scope.choice = plg_Scope_choice_cell;
    }
    ret_item->scope = ret->scope.choice;
    if (!with_value)
        return GRPC_STATUS_OK;
    if (!m->value || !value_from_message(q, m->value, &ret->value)) {
        *ret_text = "another type than the parameter's";
        return GRPC_STATUS_INVALID_ARGUMENT;
    }
    if (ret->value.choice == plg_Value_choice_boolean)
        ret_item->value = ret->value.u.boolean;
    else
        memcpy(&ret_item->value, &ret->value.u, sizeof ret_item->value);
    return GRPC_STATUS_OK;
}

/* ---- reports ---- */

static Vitran__Ric__V1__MeasurementRow *row_message(arena_t *a, const kpm_report_t *r,
                                                    const kpm_value_t *values)
{
    Vitran__Ric__V1__MeasurementRow *m = MESSAGE_NEW(a, vitran__ric__v1__measurement_row);
    if (!m || !(m->measurements = message_list(a, r->n_measurements)))
        return NULL;
    for (uint32_t i = 0; i < r->n_measurements; i++) {
        Vitran__Ric__V1__Measurement *x = MESSAGE_NEW(a, vitran__ric__v1__measurement);
        if (!x)
            break;
        x->name = text(a, r->measurements[i].name);
        if (r->measurements[i].slice != E2SM_NO_SLICE)
            x->slice = slice_message(a, r->measurements[i].slice);
        if (values[i].type == KPM_INTEGER) {
            x->value_case = VITRAN__RIC__V1__MEASUREMENT__VALUE_INTEGER;
            x->integer = values[i].integer;
        } else if (values[i].type == KPM_REAL) {
            x->value_case = VITRAN__RIC__V1__MEASUREMENT__VALUE_REAL;
            x->real = values[i].real;
        }
        m->measurements[m->n_measurements++] = x;
    }
    return m;
}

static Vitran__Ric__V1__MeasurementRow **rows_message(arena_t *a, const kpm_report_t *r,
                                                      const kpm_rows_t *rows, size_t *ret_n)
{
    Vitran__Ric__V1__MeasurementRow **list = message_list(a, rows->n_rows);
    *ret_n = 0;
    for (uint32_t i = 0; list && i < rows->n_rows; i++)
        if ((list[*ret_n] = row_message(a, r, rows->values + (size_t)i * r->n_measurements)))
            ++*ret_n;
    return list;
}

Vitran__Ric__V1__KpmReport *kpm_message(arena_t *a, const kpm_report_t *r)
{
    Vitran__Ric__V1__KpmReport *m = MESSAGE_NEW(a, vitran__ric__v1__kpm_report);
    if (!m)
        return NULL;
    m->collection_start_ms = r->start_ms;
    m->granularity_ms = r->granularity_ms;
    if (r->style == KPM_STYLE_NODE) {
        m->cell = rows_message(a, r, &r->rows[0], &m->n_cell);
        return m;
    }
    m->ues = message_list(a, r->n);
    for (uint32_t i = 0; m->ues && i < r->n; i++) {
        Vitran__Ric__V1__UeReport *u = MESSAGE_NEW(a, vitran__ric__v1__ue_report);
        if (!u)
            break;
        u->ue = ue_message(a, r->rows[i].ue.cu_ue_f1ap_id,
                           r->rows[i].ue.has_ran_ue_id ? r->rows[i].ue.ran_ue_id : NULL);
        u->rows = rows_message(a, r, &r->rows[i], &u->n_rows);
        m->ues[m->n_ues++] = u;
    }
    return m;
}

static Vitran__Ric__V1__PlgEvent *event_message(arena_t *a, const plg_Plugin_t *p, const plg_Event_t *e)
{
    Vitran__Ric__V1__PlgEvent *m = MESSAGE_NEW(a, vitran__ric__v1__plg_event);
    if (!m)
        return NULL;
    if (e->choice == plg_Event_choice_plugin) {
        m->event_case = VITRAN__RIC__V1__PLG_EVENT__EVENT_PLUGIN;
        m->plugin = MESSAGE_NEW(a, vitran__ric__v1__plugin_event);
        if (!m->plugin)
            return NULL;
        m->plugin->id = text(a, e->u.plugin->id);
        m->plugin->state = (Vitran__Ric__V1__Plugin__State)e->u.plugin->state;
        m->plugin->text = text(a, e->u.plugin->text);
    } else if (e->choice == plg_Event_choice_value) {
        m->event_case = VITRAN__RIC__V1__PLG_EVENT__EVENT_VALUE;
        m->value = MESSAGE_NEW(a, vitran__ric__v1__value_event);
        if (!m->value)
            return NULL;
        m->value->setting = setting_message(a, p, &e->u.value->setting);
        m->value->cause = (Vitran__Ric__V1__ValueEvent__Cause)e->u.value->cause;
    }
    return m;
}

Vitran__Ric__V1__PlgReport *plg_message(arena_t *a, const plg_Plugin_t *p, const plg_IndicationHeader_t *h,
                                        const plg_IndicationMessage_t *m)
{
    Vitran__Ric__V1__PlgReport *r = MESSAGE_NEW(a, vitran__ric__v1__plg_report);
    if (!r)
        return NULL;
    r->slot = (uint64_t)h->slot;
    r->events = message_list(a, m->n);
    for (uint32_t i = 0; r->events && i < m->n; i++)
        if ((r->events[r->n_events] = event_message(a, p, &m->p[i])))
            r->n_events++;
    return r;
}
