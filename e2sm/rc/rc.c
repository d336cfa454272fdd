/* SPDX-License-Identifier: Apache-2.0 */
#include "e2sm/rc/rc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/asn1/schema/e2sm_rc.asn.h"

#define TRY(x)                                                                                               \
    do {                                                                                                     \
        int try_r = (x);                                                                                     \
        if (try_r < 0)                                                                                       \
            return try_r;                                                                                    \
    } while (0)

#define TEXT(s) ASN1_STR(s)
#define N(a) ((uint32_t)(sizeof(a) / sizeof *(a)))

/* ---- RAN function definition ---- */

int rc_function_encode(arena_t *arena, uint8_t *buf, size_t cap, size_t *ret_n)
{
    (void)arena;
    e2sm_rc_ControlAction_RANParameter_Item_t parameters[] = {
        {.ranParameter_ID = RC_POLICY_RATIO_LIST, .ranParameter_name = TEXT("RRM Policy Ratio List")},
        {.ranParameter_ID = RC_POLICY_RATIO_GROUP, .ranParameter_name = TEXT("RRM Policy Ratio Group")},
        {.ranParameter_ID = RC_POLICY, .ranParameter_name = TEXT("RRM Policy")},
        {.ranParameter_ID = RC_MEMBER_LIST, .ranParameter_name = TEXT("RRM Policy Member List")},
        {.ranParameter_ID = RC_MEMBER, .ranParameter_name = TEXT("RRM Policy Member")},
        {.ranParameter_ID = RC_PLMN, .ranParameter_name = TEXT("PLMN Identity")},
        {.ranParameter_ID = RC_S_NSSAI, .ranParameter_name = TEXT("S-NSSAI")},
        {.ranParameter_ID = RC_SST, .ranParameter_name = TEXT("SST")},
        {.ranParameter_ID = RC_SD, .ranParameter_name = TEXT("SD")},
        {.ranParameter_ID = RC_MIN_RATIO, .ranParameter_name = TEXT("Min PRB Policy Ratio")},
        {.ranParameter_ID = RC_MAX_RATIO, .ranParameter_name = TEXT("Max PRB Policy Ratio")},
        {.ranParameter_ID = RC_DEDICATED_RATIO, .ranParameter_name = TEXT("Dedicated PRB Policy Ratio")},
    };
    e2sm_rc_RANFunctionDefinition_Control_Action_Item_ran_ControlActionParameters_List_t parameter_list = {
        N(parameters), parameters};
    e2sm_rc_RANFunctionDefinition_Control_Action_Item_t action = {
        .ric_ControlAction_ID = RC_ACTION_SLICE_PRB_QUOTA,
        .ric_ControlAction_Name = TEXT("Slice-level PRB quota"),
        .ran_ControlActionParameters_List = &parameter_list,
    };
    e2sm_rc_RANFunctionDefinition_Control_Item_ric_ControlAction_List_t actions = {1, &action};
    e2sm_rc_ControlOutcome_RANParameter_Item_t outcomes[] = {
        {.ranParameter_ID = RC_MIN_RATIO, .ranParameter_name = TEXT("Min PRB Policy Ratio")},
        {.ranParameter_ID = RC_MAX_RATIO, .ranParameter_name = TEXT("Max PRB Policy Ratio")},
        {.ranParameter_ID = RC_DEDICATED_RATIO, .ranParameter_name = TEXT("Dedicated PRB Policy Ratio")},
        {.ranParameter_ID = RC_APPLIED_SLOT, .ranParameter_name = TEXT("VitRAN Applied Slot")},
        {.ranParameter_ID = RC_ELAPSED_US, .ranParameter_name = TEXT("VitRAN Elapsed Microseconds")},
        {.ranParameter_ID = RC_REASON, .ranParameter_name = TEXT("VitRAN Failure Reason")},
    };
    e2sm_rc_RANFunctionDefinition_Control_Item_ran_ControlOutcomeParameters_List_t outcome_list = {
        N(outcomes), outcomes};
    e2sm_rc_RANFunctionDefinition_Control_Item_t style = {
        .ric_ControlStyle_Type = RC_STYLE_RADIO_RESOURCE,
        .ric_ControlStyle_Name = TEXT("Radio Resource Allocation Control"),
        .ric_ControlAction_List = &actions,
        .ric_ControlHeaderFormat_Type = 1,
        .ric_ControlMessageFormat_Type = 1,
        .ric_ControlOutcomeFormat_Type = 1,
        .ran_ControlOutcomeParameters_List = &outcome_list,
    };
    e2sm_rc_RANFunctionDefinition_Control_t control = {.ric_ControlStyle_List = {1, &style}};
    e2sm_rc_E2SM_RC_RANFunctionDefinition_t d = {
        .ranFunction_Name = {.ranFunction_ShortName = TEXT("ORAN-E2SM-RC"),
                             .ranFunction_E2SM_OID = TEXT(E2SM_OID_RC),
                             .ranFunction_Description = TEXT("RAN Control")},
        .ranFunctionDefinition_Control = &control,
    };
    return asn1_encode(&e2sm_rc_E2SM_RC_RANFunctionDefinition_type, ASN1_APER, &d, buf, cap, ret_n, NULL);
}

/* ---- control, encoding: nested RAN parameters, built bottom up in the arena ---- */

typedef e2sm_rc_RANParameter_ValueType_t value_t;
typedef e2sm_rc_RANParameter_STRUCTURE_Item_t item_t;

static int element(arena_t *a, item_t *ret, int64_t id, e2sm_rc_RANParameter_Value_t v)
{
    e2sm_rc_RANParameter_ValueType_Choice_ElementFalse_t *e =
        ARENA_NEW(a, e2sm_rc_RANParameter_ValueType_Choice_ElementFalse_t);
    e2sm_rc_RANParameter_Value_t *value = ARENA_NEW(a, e2sm_rc_RANParameter_Value_t);
    if (!e || !value)
        return -ENOMEM;
    *value = v;
    e->ranParameter_value = value;
    ret->ranParameter_ID = id;
    ret->ranParameter_valueType.choice = e2sm_rc_RANParameter_ValueType_choice_ranP_Choice_ElementFalse;
    ret->ranParameter_valueType.u.ranP_Choice_ElementFalse = e;
    return 0;
}

static int element_int(arena_t *a, item_t *ret, int64_t id, int64_t v)
{
    return element(a, ret, id,
                   (e2sm_rc_RANParameter_Value_t){.choice = e2sm_rc_RANParameter_Value_choice_valueInt,
                                                  .u = {.valueInt = v}});
}

static int element_octets(arena_t *a, item_t *ret, int64_t id, const uint8_t *p, uint32_t n)
{
    uint8_t *copy = arena_alloc(a, n, 1);
    if (!copy)
        return -ENOMEM;
    memcpy(copy, p, n);
    return element(a, ret, id,
                   (e2sm_rc_RANParameter_Value_t){.choice = e2sm_rc_RANParameter_Value_choice_valueOctS,
                                                  .u = {.valueOctS = {copy, n}}});
}

/* n empty items behind a STRUCTURE. */
static item_t *open_structure(arena_t *a, e2sm_rc_RANParameter_STRUCTURE_t *s, uint32_t n)
{
    s->sequence_of_ranParameters = ARENA_NEW(a, e2sm_rc_RANParameter_STRUCTURE_sequence_of_ranParameters_t);
    if (!s->sequence_of_ranParameters)
        return NULL;
    s->sequence_of_ranParameters->n = n;
    return s->sequence_of_ranParameters->p = ARENA_ARRAY(a, item_t, n);
}

static item_t *structure(arena_t *a, item_t *ret, int64_t id, uint32_t n)
{
    e2sm_rc_RANParameter_ValueType_Choice_Structure_t *s =
        ARENA_NEW(a, e2sm_rc_RANParameter_ValueType_Choice_Structure_t);
    if (!s)
        return NULL;
    ret->ranParameter_ID = id;
    ret->ranParameter_valueType.choice = e2sm_rc_RANParameter_ValueType_choice_ranP_Choice_Structure;
    ret->ranParameter_valueType.u.ranP_Choice_Structure = s;
    return open_structure(a, &s->ranParameter_Structure, n);
}

static e2sm_rc_RANParameter_STRUCTURE_t *list(arena_t *a, value_t *ret, uint32_t n)
{
    e2sm_rc_RANParameter_ValueType_Choice_List_t *l =
        ARENA_NEW(a, e2sm_rc_RANParameter_ValueType_Choice_List_t);
    if (!l)
        return NULL;
    ret->choice = e2sm_rc_RANParameter_ValueType_choice_ranP_Choice_List;
    ret->u.ranP_Choice_List = l;
    l->ranParameter_List.list_of_ranParameter.n = n;
    return l->ranParameter_List.list_of_ranParameter.p = ARENA_ARRAY(a, e2sm_rc_RANParameter_STRUCTURE_t, n);
}

static int group_to(arena_t *a, const rc_quota_t *q, e2sm_rc_RANParameter_STRUCTURE_t *entry)
{
    uint32_t sd = E2SM_SLICE_SD(q->slice), n = 1;
    uint8_t sst = E2SM_SLICE_SST(q->slice),
            sd_octets[3] = {(uint8_t)(sd >> 16), (uint8_t)(sd >> 8), (uint8_t)sd};
    item_t *outer = open_structure(a, entry, 1);
    item_t *group =
        outer ? structure(a, outer, RC_POLICY_RATIO_GROUP, 1u + q->has_min + q->has_max + q->has_dedicated)
              : NULL;
    item_t *policy = group ? structure(a, group, RC_POLICY, 1) : NULL;
    if (!policy)
        return -ENOMEM;
    policy->ranParameter_ID = RC_MEMBER_LIST;
    e2sm_rc_RANParameter_STRUCTURE_t *members = list(a, &policy->ranParameter_valueType, 1);
    item_t *holder = members ? open_structure(a, members, 1) : NULL;
    item_t *member = holder ? structure(a, holder, RC_MEMBER, 1u + q->has_plmn) : NULL;
    item_t *nssai = member ? structure(a, &member[q->has_plmn], RC_S_NSSAI, sd == E2SM_NO_SD ? 1 : 2) : NULL;
    if (!nssai)
        return -ENOMEM;
    if (q->has_plmn)
        TRY(element_octets(a, member, RC_PLMN, q->plmn, 3));
    TRY(element_octets(a, nssai, RC_SST, &sst, 1));
    if (sd != E2SM_NO_SD)
        TRY(element_octets(a, nssai + 1, RC_SD, sd_octets, 3));
    if (q->has_min)
        TRY(element_int(a, &group[n++], RC_MIN_RATIO, q->min));
    if (q->has_max)
        TRY(element_int(a, &group[n++], RC_MAX_RATIO, q->max));
    if (q->has_dedicated)
        TRY(element_int(a, &group[n++], RC_DEDICATED_RATIO, q->dedicated));
    return 0;
}

int rc_control_encode(const rc_control_t *c, arena_t *arena, uint8_t *header, size_t header_cap,
                      size_t *ret_header_n, uint8_t *message, size_t message_cap, size_t *ret_message_n)
{
    /* Format 1 must name a UE; an action on slices has none, and its receiver does not look. */
    e2sm_rc_UEID_GNB_DU_t nobody = {0};
    e2sm_rc_E2SM_RC_ControlHeader_Format1_t h1 = {
        .ueID = {.choice = e2sm_rc_UEID_choice_gNB_DU_UEID, .u = {.gNB_DU_UEID = &nobody}},
        .ric_Style_Type = c->style,
        .ric_ControlAction_ID = c->action,
    };
    e2sm_rc_E2SM_RC_ControlHeader_t h = {
        .ric_controlHeader_formats = {
            .choice = e2sm_rc_E2SM_RC_ControlHeader_ric_controlHeader_formats_choice_controlHeader_Format1,
            .u = {.controlHeader_Format1 = &h1}}};
    e2sm_rc_E2SM_RC_ControlMessage_Format1_Item_t top = {.ranParameter_ID = RC_POLICY_RATIO_LIST};
    e2sm_rc_E2SM_RC_ControlMessage_Format1_t m1 = {.ranP_List = {1, &top}};
    e2sm_rc_E2SM_RC_ControlMessage_t m = {
        .ric_controlMessage_formats = {
            .choice = e2sm_rc_E2SM_RC_ControlMessage_ric_controlMessage_formats_choice_controlMessage_Format1,
            .u = {.controlMessage_Format1 = &m1}}};
    e2sm_rc_RANParameter_STRUCTURE_t *groups = list(arena, &top.ranParameter_valueType, c->n);
    if (!groups)
        return -ENOMEM;
    for (uint32_t i = 0; i < c->n; i++)
        TRY(group_to(arena, &c->quotas[i], &groups[i]));
    TRY(asn1_encode(&e2sm_rc_E2SM_RC_ControlHeader_type, ASN1_APER, &h, header, header_cap, ret_header_n,
                    NULL));
    return asn1_encode(&e2sm_rc_E2SM_RC_ControlMessage_type, ASN1_APER, &m, message, message_cap,
                       ret_message_n, NULL);
}

/* ---- control, decoding: RICs nest differently (some leave out the structures that stand for a list's
 * element), so the tree is walked by parameter id ---- */

typedef struct {
    rc_control_t *c;
    rc_quota_t *group; /* being filled */
    uint32_t n_members;
    bool has_sst;
} walk_t;

static int walk_structure(walk_t *w, const e2sm_rc_RANParameter_STRUCTURE_t *s);

static int open_group(walk_t *w)
{
    if (w->c->n >= RC_MAX_QUOTAS)
        return -E2BIG;
    w->group = &w->c->quotas[w->c->n++];
    w->n_members = 0;
    w->has_sst = false;
    return 0;
}

static int close_group(walk_t *w)
{
    w->group = NULL;
    return w->has_sst && w->n_members <= 1 ? 0 : -ENOTSUP; /* a quota that several slices share is not ours */
}

static int read_int(const e2sm_rc_RANParameter_Value_t *v, int64_t *ret, bool *ret_has)
{
    if (!v || v->choice != e2sm_rc_RANParameter_Value_choice_valueInt)
        return -EBADMSG;
    *ret = v->u.valueInt;
    *ret_has = true;
    return 0;
}

/* Octets, or an integer of that many octets. */
static int read_number(const e2sm_rc_RANParameter_Value_t *v, uint32_t n_octets, uint32_t *ret)
{
    uint32_t x = 0;
    if (v && v->choice == e2sm_rc_RANParameter_Value_choice_valueInt) {
        if (v->u.valueInt < 0 || v->u.valueInt >> (8 * n_octets))
            return -EBADMSG;
        *ret = (uint32_t)v->u.valueInt;
        return 0;
    }
    if (!v || v->choice != e2sm_rc_RANParameter_Value_choice_valueOctS || v->u.valueOctS.n != n_octets)
        return -EBADMSG;
    for (uint32_t i = 0; i < n_octets; i++)
        x = x << 8 | v->u.valueOctS.p[i];
    *ret = x;
    return 0;
}

static int read_element(walk_t *w, int64_t id, const e2sm_rc_RANParameter_Value_t *v)
{
    rc_quota_t *g = w->group;
    uint32_t x;
    if (!g)
        return -EBADMSG;
    switch (id) {
    case RC_PLMN:
        if (!v || v->choice != e2sm_rc_RANParameter_Value_choice_valueOctS || v->u.valueOctS.n != 3)
            return -EBADMSG;
        memcpy(g->plmn, v->u.valueOctS.p, 3);
        g->has_plmn = true;
        return 0;
    case RC_SST:
        TRY(read_number(v, 1, &x));
        g->slice = E2SM_SLICE(x, w->has_sst ? E2SM_SLICE_SD(g->slice) : E2SM_NO_SD);
        w->has_sst = true;
        return 0;
    case RC_SD:
        TRY(read_number(v, 3, &x));
        if (!w->has_sst)
            return -EBADMSG;
        g->slice = E2SM_SLICE(E2SM_SLICE_SST(g->slice), x);
        return 0;
    case RC_MIN_RATIO:
        return read_int(v, &g->min, &g->has_min);
    case RC_MAX_RATIO:
        return read_int(v, &g->max, &g->has_max);
    case RC_DEDICATED_RATIO:
        return read_int(v, &g->dedicated, &g->has_dedicated);
    default:
        return -ENOTSUP;
    }
}

static int walk_list(walk_t *w, int64_t id, const e2sm_rc_RANParameter_LIST_t *l)
{
    if (id != RC_POLICY_RATIO_LIST && id != RC_MEMBER_LIST)
        return -ENOTSUP;
    if ((id == RC_POLICY_RATIO_LIST) != !w->group)
        return -EBADMSG;
    for (uint32_t i = 0; i < l->list_of_ranParameter.n; i++) {
        if (id == RC_POLICY_RATIO_LIST)
            TRY(open_group(w));
        else
            w->n_members++;
        TRY(walk_structure(w, &l->list_of_ranParameter.p[i]));
        if (id == RC_POLICY_RATIO_LIST)
            TRY(close_group(w));
    }
    return 0;
}

static int walk(walk_t *w, int64_t id, const value_t *v)
{
    switch (v->choice) {
    case e2sm_rc_RANParameter_ValueType_choice_ranP_Choice_ElementTrue:
        return read_element(w, id, &v->u.ranP_Choice_ElementTrue->ranParameter_value);
    case e2sm_rc_RANParameter_ValueType_choice_ranP_Choice_ElementFalse:
        return read_element(w, id, v->u.ranP_Choice_ElementFalse->ranParameter_value);
    case e2sm_rc_RANParameter_ValueType_choice_ranP_Choice_List:
        return walk_list(w, id, &v->u.ranP_Choice_List->ranParameter_List);
    case e2sm_rc_RANParameter_ValueType_choice_ranP_Choice_Structure:
        break;
    default:
        return -ENOTSUP;
    }
    const e2sm_rc_RANParameter_STRUCTURE_t *s = &v->u.ranP_Choice_Structure->ranParameter_Structure;
    if (id == RC_POLICY_RATIO_GROUP && !w->group) { /* a single group without its list */
        TRY(open_group(w));
        TRY(walk_structure(w, s));
        return close_group(w);
    }
    if (id != RC_POLICY_RATIO_GROUP && id != RC_POLICY && id != RC_MEMBER && id != RC_S_NSSAI)
        return -ENOTSUP;
    return w->group ? walk_structure(w, s) : -EBADMSG;
}

static int walk_structure(walk_t *w, const e2sm_rc_RANParameter_STRUCTURE_t *s)
{
    for (uint32_t i = 0; s->sequence_of_ranParameters && i < s->sequence_of_ranParameters->n; i++)
        TRY(walk(w, s->sequence_of_ranParameters->p[i].ranParameter_ID,
                 &s->sequence_of_ranParameters->p[i].ranParameter_valueType));
    return 0;
}

int rc_control_decode(asn1_bytes_t header, asn1_bytes_t message, arena_t *arena, rc_control_t *ret)
{
    e2sm_rc_E2SM_RC_ControlHeader_t h;
    e2sm_rc_E2SM_RC_ControlMessage_t m;
    walk_t w = {.c = ret};
    memset(ret, 0, sizeof *ret);
    TRY(asn1_decode(&e2sm_rc_E2SM_RC_ControlHeader_type, ASN1_APER, header.p, header.n, arena, &h, NULL));
    if (h.ric_controlHeader_formats.choice !=
        e2sm_rc_E2SM_RC_ControlHeader_ric_controlHeader_formats_choice_controlHeader_Format1)
        return -ENOTSUP;
    ret->style = h.ric_controlHeader_formats.u.controlHeader_Format1->ric_Style_Type;
    ret->action = h.ric_controlHeader_formats.u.controlHeader_Format1->ric_ControlAction_ID;
    if (ret->style != RC_STYLE_RADIO_RESOURCE || ret->action != RC_ACTION_SLICE_PRB_QUOTA)
        return -ENOTSUP;
    TRY(asn1_decode(&e2sm_rc_E2SM_RC_ControlMessage_type, ASN1_APER, message.p, message.n, arena, &m, NULL));
    if (m.ric_controlMessage_formats.choice !=
        e2sm_rc_E2SM_RC_ControlMessage_ric_controlMessage_formats_choice_controlMessage_Format1)
        return -ENOTSUP;
    const e2sm_rc_E2SM_RC_ControlMessage_Format1_t *f = m.ric_controlMessage_formats.u.controlMessage_Format1;
    for (uint32_t i = 0; i < f->ranP_List.n; i++)
        TRY(walk(&w, f->ranP_List.p[i].ranParameter_ID, &f->ranP_List.p[i].ranParameter_valueType));
    return ret->n ? 0 : -EBADMSG;
}

/* ---- outcome ---- */

int rc_outcome_encode(const rc_outcome_t *o, uint8_t *buf, size_t cap, size_t *ret_n)
{
    e2sm_rc_E2SM_RC_ControlOutcome_Format1_Item_t items[6];
    uint32_t n = 0;
#define ADD_INT(id, v)                                                                                       \
    items[n++] = (e2sm_rc_E2SM_RC_ControlOutcome_Format1_Item_t)                                             \
    {                                                                                                        \
        .ranParameter_ID = (id), .ranParameter_value = {                                                     \
            .choice = e2sm_rc_RANParameter_Value_choice_valueInt,                                            \
            .u = {.valueInt = (v)}                                                                           \
        }                                                                                                    \
    }
    if (o->has_quota) {
        ADD_INT(RC_MIN_RATIO, o->min);
        ADD_INT(RC_MAX_RATIO, o->max);
        ADD_INT(RC_DEDICATED_RATIO, o->dedicated);
    }
    if (o->has_slot) {
        ADD_INT(RC_APPLIED_SLOT, (int64_t)o->slot);
        ADD_INT(RC_ELAPSED_US, o->elapsed_us);
    }
#undef ADD_INT
    if (o->reason[0])
        items[n++] = (e2sm_rc_E2SM_RC_ControlOutcome_Format1_Item_t){
            .ranParameter_ID = RC_REASON,
            .ranParameter_value = {
                .choice = e2sm_rc_RANParameter_Value_choice_valuePrintableString,
                .u = {.valuePrintableString = {(const uint8_t *)o->reason, (uint32_t)strlen(o->reason)}}}};
    e2sm_rc_E2SM_RC_ControlOutcome_Format1_t f = {.ranP_List = {n, items}};
    e2sm_rc_E2SM_RC_ControlOutcome_t m = {
        .ric_controlOutcome_formats = {
            .choice = e2sm_rc_E2SM_RC_ControlOutcome_ric_controlOutcome_formats_choice_controlOutcome_Format1,
            .u = {.controlOutcome_Format1 = &f}}};
    return asn1_encode(&e2sm_rc_E2SM_RC_ControlOutcome_type, ASN1_APER, &m, buf, cap, ret_n, NULL);
}

int rc_outcome_decode(asn1_bytes_t bytes, arena_t *arena, rc_outcome_t *ret)
{
    e2sm_rc_E2SM_RC_ControlOutcome_t m;
    memset(ret, 0, sizeof *ret);
    TRY(asn1_decode(&e2sm_rc_E2SM_RC_ControlOutcome_type, ASN1_APER, bytes.p, bytes.n, arena, &m, NULL));
    if (m.ric_controlOutcome_formats.choice !=
        e2sm_rc_E2SM_RC_ControlOutcome_ric_controlOutcome_formats_choice_controlOutcome_Format1)
        return -ENOTSUP;
    const e2sm_rc_E2SM_RC_ControlOutcome_Format1_t *f = m.ric_controlOutcome_formats.u.controlOutcome_Format1;
    for (uint32_t i = 0; i < f->ranP_List.n; i++) {
        const e2sm_rc_RANParameter_Value_t *v = &f->ranP_List.p[i].ranParameter_value;
        int64_t id = f->ranP_List.p[i].ranParameter_ID;
        if (id == RC_REASON && v->choice == e2sm_rc_RANParameter_Value_choice_valuePrintableString) {
            snprintf(ret->reason, sizeof ret->reason, "%.*s", (int)v->u.valuePrintableString.n,
                     (const char *)v->u.valuePrintableString.p);
            continue;
        }
        if (v->choice != e2sm_rc_RANParameter_Value_choice_valueInt)
            continue;
        if (id == RC_MIN_RATIO)
            ret->min = v->u.valueInt;
        else if (id == RC_MAX_RATIO)
            ret->max = v->u.valueInt;
        else if (id == RC_DEDICATED_RATIO)
            ret->dedicated = v->u.valueInt;
        else if (id == RC_APPLIED_SLOT)
            ret->slot = (uint64_t)v->u.valueInt;
        else if (id == RC_ELAPSED_US)
            ret->elapsed_us = (uint32_t)v->u.valueInt;
        ret->has_slot |= id == RC_APPLIED_SLOT;
        ret->has_quota |= id == RC_MIN_RATIO;
    }
    return 0;
}
