/* SPDX-License-Identifier: Apache-2.0 */
#include "e2sm/kpm/kpm.h"

#include <errno.h>
#include <string.h>

#include "lib/asn1/schema/e2sm_kpm.asn.h"

#define TRY(x)                                                                                               \
    do {                                                                                                     \
        int try_r = (x);                                                                                     \
        if (try_r < 0)                                                                                       \
            return try_r;                                                                                    \
    } while (0)

static asn1_bytes_t text(const char *s)
{
    return (asn1_bytes_t){(const uint8_t *)s, (uint32_t)strlen(s)};
}

/* ---- RAN function description ---- */

static int name_list(arena_t *a, const char *const *names, uint32_t n,
                     e2sm_kpm_MeasurementInfo_Action_List_t *ret)
{
    ret->n = n;
    ret->p = ARENA_ARRAY(a, e2sm_kpm_MeasurementInfo_Action_Item_t, n);
    if (!ret->p)
        return -ENOMEM;
    for (uint32_t i = 0; i < n; i++)
        ret->p[i].measName = text(names[i]);
    return 0;
}

int kpm_function_encode(const char *const *cell_names, uint32_t n_cell, const char *const *ue_names,
                        uint32_t n_ue, arena_t *arena, uint8_t *buf, size_t cap, size_t *ret_n)
{
    e2sm_kpm_RIC_EventTriggerStyle_Item_t trigger = {1, text("Periodic Report"), 1};
    e2sm_kpm_E2SM_KPM_RANfunction_Description_ric_EventTriggerStyle_List_t triggers = {1, &trigger};
    e2sm_kpm_RIC_ReportStyle_Item_t styles[2] = {
        {.ric_ReportStyle_Type = KPM_STYLE_NODE,
         .ric_ReportStyle_Name = text("E2 Node Measurement"),
         .ric_ActionFormat_Type = 1,
         .ric_IndicationHeaderFormat_Type = 1,
         .ric_IndicationMessageFormat_Type = 1},
        {.ric_ReportStyle_Type = KPM_STYLE_UES,
         .ric_ReportStyle_Name = text("Common Condition-based, UE-level Measurement"),
         .ric_ActionFormat_Type = 4,
         .ric_IndicationHeaderFormat_Type = 1,
         .ric_IndicationMessageFormat_Type = 3},
    };
    e2sm_kpm_E2SM_KPM_RANfunction_Description_ric_ReportStyle_List_t list = {2, styles};
    e2sm_kpm_E2SM_KPM_RANfunction_Description_t d = {
        .ranFunction_Name = {.ranFunction_ShortName = text("ORAN-E2SM-KPM"),
                             .ranFunction_E2SM_OID = text(E2SM_OID_KPM),
                             .ranFunction_Description = text("KPM Monitor")},
        .ric_EventTriggerStyle_List = &triggers,
        .ric_ReportStyle_List = &list,
    };
    TRY(name_list(arena, cell_names, n_cell, &styles[0].measInfo_Action_List));
    TRY(name_list(arena, ue_names, n_ue, &styles[1].measInfo_Action_List));
    return asn1_encode(&e2sm_kpm_E2SM_KPM_RANfunction_Description_type, ASN1_APER, &d, buf, cap, ret_n, NULL);
}

/* ---- event trigger ---- */

int kpm_trigger_encode(uint32_t period_ms, uint8_t *buf, size_t cap, size_t *ret_n)
{
    e2sm_kpm_E2SM_KPM_EventTriggerDefinition_Format1_t f = {.reportingPeriod = period_ms};
    e2sm_kpm_E2SM_KPM_EventTriggerDefinition_t t = {
        .eventDefinition_formats = {
            .choice =
                e2sm_kpm_E2SM_KPM_EventTriggerDefinition_eventDefinition_formats_choice_eventDefinition_Format1,
            .u = {.eventDefinition_Format1 = &f}}};
    return asn1_encode(&e2sm_kpm_E2SM_KPM_EventTriggerDefinition_type, ASN1_APER, &t, buf, cap, ret_n, NULL);
}

int kpm_trigger_decode(const uint8_t *bytes, size_t n, arena_t *arena, uint32_t *ret_period_ms)
{
    e2sm_kpm_E2SM_KPM_EventTriggerDefinition_t t;
    TRY(asn1_decode(&e2sm_kpm_E2SM_KPM_EventTriggerDefinition_type, ASN1_APER, bytes, n, arena, &t, NULL));
    if (t.eventDefinition_formats.choice !=
        e2sm_kpm_E2SM_KPM_EventTriggerDefinition_eventDefinition_formats_choice_eventDefinition_Format1)
        return -ENOTSUP;
    *ret_period_ms = (uint32_t)t.eventDefinition_formats.u.eventDefinition_Format1->reportingPeriod;
    return 0;
}

/* ---- measurement lists ---- */

/* One item for each run of equal names, so that a name with several labels stands once. */
static int info_list(arena_t *a, const kpm_measurement_t *m, uint32_t n, e2sm_kpm_MeasurementInfoList_t *ret)
{
    ret->n = 0;
    ret->p = ARENA_ARRAY(a, e2sm_kpm_MeasurementInfoItem_t, n);
    e2sm_kpm_LabelInfoItem_t *labels = ARENA_ARRAY(a, e2sm_kpm_LabelInfoItem_t, n);
    e2sm_kpm_S_NSSAI_t *slices = ARENA_ARRAY(a, e2sm_kpm_S_NSSAI_t, n);
    uint8_t *octets = ARENA_ARRAY(a, uint8_t, 4 * (size_t)n);
    if (!ret->p || !labels || !slices || !octets)
        return -ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        if (m[i].slice == E2SM_NO_SLICE) {
            labels[i].measLabel.has.noLabel = 1;
        } else {
            E2SM_SLICE_TO(&slices[i], m[i].slice, octets + 4 * i);
            labels[i].measLabel.sliceID = &slices[i];
        }
        if (i && m[i].name.n == m[i - 1].name.n && memcmp(m[i].name.p, m[i - 1].name.p, m[i].name.n) == 0) {
            ret->p[ret->n - 1].labelInfoList.n++;
            continue;
        }
        e2sm_kpm_MeasurementInfoItem_t *item = &ret->p[ret->n++];
        item->measType.choice = e2sm_kpm_MeasurementType_choice_measName;
        item->measType.u.measName = m[i].name;
        item->labelInfoList.n = 1;
        item->labelInfoList.p = &labels[i];
    }
    return 0;
}

/* Without label or with a slice; every other label is one that we do not measure by. */
static int read_label(const e2sm_kpm_MeasurementLabel_t *l, uint32_t *ret_slice)
{
    e2sm_kpm_MeasurementLabel_t rest = *l;
    static const e2sm_kpm_MeasurementLabel_t none;
    rest.has.noLabel = 0;
    if (memcmp(&rest.has, &none.has, sizeof none.has) != 0)
        return -ENOTSUP;
    *ret_slice = l->sliceID ? E2SM_SLICE_FROM(l->sliceID) : E2SM_NO_SLICE;
    return 0;
}

static int read_info_list(const e2sm_kpm_MeasurementInfoList_t *list, kpm_measurement_t *ret, uint32_t cap,
                          uint32_t *ret_n)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < list->n; i++) {
        const e2sm_kpm_MeasurementInfoItem_t *item = &list->p[i];
        if (item->measType.choice != e2sm_kpm_MeasurementType_choice_measName)
            return -ENOTSUP; /* we give no measurement IDs */
        for (uint32_t j = 0; j < item->labelInfoList.n; j++) {
            if (n >= cap)
                return -E2BIG;
            ret[n].name = item->measType.u.measName;
            TRY(read_label(&item->labelInfoList.p[j].measLabel, &ret[n++].slice));
        }
    }
    *ret_n = n;
    return 0;
}

/* ---- action definition ---- */

static int conditions_to(arena_t *a, const kpm_action_t *action, e2sm_kpm_MatchingUeCondPerSubList_t *ret)
{
    ret->n = action->n_conditions;
    ret->p = ARENA_ARRAY(a, e2sm_kpm_MatchingUeCondPerSubItem_t, ret->n);
    e2sm_kpm_TestCond_Value_t *values = ARENA_ARRAY(a, e2sm_kpm_TestCond_Value_t, ret->n);
    uint8_t *octets = ARENA_ARRAY(a, uint8_t, 4 * (size_t)ret->n);
    if (!ret->p || !values || !octets)
        return -ENOMEM;
    for (uint32_t i = 0; i < ret->n; i++) {
        const kpm_condition_t *c = &action->conditions[i];
        e2sm_kpm_TestCondInfo_t *t = &ret->p[i].testCondInfo;
        t->has.testExpr = 1;
        t->testExpr = (e2sm_kpm_TestCond_Expression_t)c->expression;
        if (c->expression != KPM_PRESENT)
            t->testValue = &values[i];
        if (c->test == KPM_TEST_CQI) {
            t->testType.choice = e2sm_kpm_TestCond_Type_choice_cQI;
            values[i].choice = e2sm_kpm_TestCond_Value_choice_valueInt;
            values[i].u.valueInt = c->value;
        } else {
            uint8_t *o = octets + 4 * i;
            for (int b = 0; b < 4; b++)
                o[b] = (uint8_t)((uint32_t)c->value >> (24 - 8 * b));
            t->testType.choice = e2sm_kpm_TestCond_Type_choice_sNSSAI;
            values[i].choice = e2sm_kpm_TestCond_Value_choice_valueOctS;
            values[i].u.valueOctS =
                (asn1_bytes_t){o, E2SM_SLICE_SD((uint32_t)c->value) == E2SM_NO_SD ? 1 : 4};
        }
        if (c->or_next) {
            ret->p[i].has.logicalOR = 1;
            ret->p[i].logicalOR = e2sm_kpm_LogicalOR_true;
        }
    }
    return 0;
}

static int conditions_from(const e2sm_kpm_MatchingUeCondPerSubList_t *list, kpm_action_t *ret)
{
    if (list->n > KPM_MAX_CONDITIONS)
        return -E2BIG;
    for (uint32_t i = 0; i < list->n; i++) {
        const e2sm_kpm_TestCondInfo_t *t = &list->p[i].testCondInfo;
        kpm_condition_t *c = &ret->conditions[i];
        *c = (kpm_condition_t){.expression = t->has.testExpr ? (kpm_expression_t)t->testExpr : KPM_PRESENT,
                               .or_next = list->p[i].has.logicalOR};
        if (c->expression != KPM_PRESENT && !t->testValue)
            return -EBADMSG;
        const e2sm_kpm_TestCond_Value_t *v = t->testValue;
        if (t->testType.choice == e2sm_kpm_TestCond_Type_choice_cQI) {
            c->test = KPM_TEST_CQI;
            if (c->expression == KPM_CONTAINS || c->expression > KPM_PRESENT)
                return -ENOTSUP;
            if (c->expression != KPM_PRESENT && v->choice != e2sm_kpm_TestCond_Value_choice_valueInt)
                return -EBADMSG;
            c->value = c->expression == KPM_PRESENT ? 0 : v->u.valueInt;
        } else if (t->testType.choice == e2sm_kpm_TestCond_Type_choice_sNSSAI) {
            c->test = KPM_TEST_SLICE;
            if (c->expression == KPM_PRESENT)
                continue;
            if (c->expression != KPM_EQUAL)
                return -ENOTSUP;
            if (v->choice == e2sm_kpm_TestCond_Value_choice_valueInt) { /* SST alone, as some RICs send it */
                c->value = E2SM_SLICE(v->u.valueInt & 0xff, E2SM_NO_SD);
            } else if (v->choice == e2sm_kpm_TestCond_Value_choice_valueOctS &&
                       (v->u.valueOctS.n == 1 || v->u.valueOctS.n == 4)) {
                const uint8_t *o = v->u.valueOctS.p;
                c->value = v->u.valueOctS.n == 1
                               ? E2SM_SLICE(o[0], E2SM_NO_SD)
                               : E2SM_SLICE(o[0], (uint32_t)o[1] << 16 | (uint32_t)o[2] << 8 | o[3]);
            } else {
                return -EBADMSG;
            }
        } else {
            return -ENOTSUP;
        }
    }
    ret->n_conditions = list->n;
    return 0;
}

int kpm_action_encode(const kpm_action_t *action, const e2sm_cell_t *cell, arena_t *arena, uint8_t *buf,
                      size_t cap, size_t *ret_n)
{
    uint8_t bits[5];
    e2sm_kpm_NR_CGI_t nr = {0};
    e2sm_kpm_CGI_t cgi = {.choice = e2sm_kpm_CGI_choice_nR_CGI, .u = {.nR_CGI = &nr}};
    e2sm_kpm_E2SM_KPM_ActionDefinition_Format1_t f1 = {.granulPeriod = action->granularity_ms};
    e2sm_kpm_E2SM_KPM_ActionDefinition_Format4_t f4;
    e2sm_kpm_E2SM_KPM_ActionDefinition_t d = {.ric_Style_Type = action->style};
    TRY(info_list(arena, action->measurements, action->n, &f1.measInfoList));
    if (cell) {
        e2sm_cell_bits(cell->nr_cell_id, bits);
        nr.pLMNIdentity = (asn1_bytes_t){cell->plmn, 3};
        nr.nRCellIdentity = (asn1_bits_t){bits, 36};
        f1.cellGlobalID = &cgi;
    }
    if (action->style == KPM_STYLE_UES) {
        f4.subscriptionInfo = f1;
        TRY(conditions_to(arena, action, &f4.matchingUeCondList));
        d.actionDefinition_formats.choice =
            e2sm_kpm_E2SM_KPM_ActionDefinition_actionDefinition_formats_choice_actionDefinition_Format4;
        d.actionDefinition_formats.u.actionDefinition_Format4 = &f4;
    } else {
        d.actionDefinition_formats.choice =
            e2sm_kpm_E2SM_KPM_ActionDefinition_actionDefinition_formats_choice_actionDefinition_Format1;
        d.actionDefinition_formats.u.actionDefinition_Format1 = &f1;
    }
    return asn1_encode(&e2sm_kpm_E2SM_KPM_ActionDefinition_type, ASN1_APER, &d, buf, cap, ret_n, NULL);
}

int kpm_action_decode(const uint8_t *bytes, size_t n, arena_t *arena, kpm_action_t *ret,
                      e2sm_cell_t *ret_cell)
{
    e2sm_kpm_E2SM_KPM_ActionDefinition_t d;
    const e2sm_kpm_E2SM_KPM_ActionDefinition_Format1_t *f1;
    TRY(asn1_decode(&e2sm_kpm_E2SM_KPM_ActionDefinition_type, ASN1_APER, bytes, n, arena, &d, NULL));
    memset(ret, 0, sizeof *ret);
    memset(ret_cell, 0, sizeof *ret_cell);
    ret->style = d.ric_Style_Type;
    if (d.ric_Style_Type == KPM_STYLE_NODE &&
        d.actionDefinition_formats.choice ==
            e2sm_kpm_E2SM_KPM_ActionDefinition_actionDefinition_formats_choice_actionDefinition_Format1) {
        f1 = d.actionDefinition_formats.u.actionDefinition_Format1;
    } else if (
        d.ric_Style_Type == KPM_STYLE_UES &&
        d.actionDefinition_formats.choice ==
            e2sm_kpm_E2SM_KPM_ActionDefinition_actionDefinition_formats_choice_actionDefinition_Format4) {
        f1 = &d.actionDefinition_formats.u.actionDefinition_Format4->subscriptionInfo;
        TRY(conditions_from(&d.actionDefinition_formats.u.actionDefinition_Format4->matchingUeCondList, ret));
    } else {
        return -ENOTSUP;
    }
    if (f1->distMeasBinRangeInfo)
        return -ENOTSUP;
    ret->granularity_ms = (uint32_t)f1->granulPeriod;
    if (f1->cellGlobalID) {
        if (f1->cellGlobalID->choice != e2sm_kpm_CGI_choice_nR_CGI)
            return -ENOTSUP;
        memcpy(ret_cell->plmn, f1->cellGlobalID->u.nR_CGI->pLMNIdentity.p, 3);
        ret_cell->nr_cell_id = e2sm_cell_from_bits(f1->cellGlobalID->u.nR_CGI->nRCellIdentity.p);
    }
    return read_info_list(&f1->measInfoList, ret->measurements, KPM_MAX_MEASUREMENTS, &ret->n);
}

/* ---- indication ---- */

/* Seconds from 1900 to 1970: the time stamp is NTP's (RFC 5905 6). */
#define NTP_EPOCH INT64_C(2208988800)

static int rows_to(arena_t *a, const kpm_report_t *r, const kpm_rows_t *rows,
                   e2sm_kpm_MeasurementInfoList_t *columns,
                   e2sm_kpm_E2SM_KPM_IndicationMessage_Format1_t *ret)
{
    size_t n = (size_t)rows->n_rows * r->n_measurements;
    memset(ret, 0, sizeof *ret);
    ret->measData.n = rows->n_rows;
    ret->measData.p = ARENA_ARRAY(a, e2sm_kpm_MeasurementDataItem_t, rows->n_rows);
    e2sm_kpm_MeasurementRecordItem_t *items = ARENA_ARRAY(a, e2sm_kpm_MeasurementRecordItem_t, n);
    if (!ret->measData.p || !items)
        return -ENOMEM;
    ret->measInfoList = columns;
    ret->has.granulPeriod = 1;
    ret->granulPeriod = r->granularity_ms;
    for (uint32_t i = 0; i < rows->n_rows; i++)
        ret->measData.p[i].measRecord =
            (e2sm_kpm_MeasurementRecord_t){r->n_measurements, items + (size_t)i * r->n_measurements};
    for (size_t i = 0; i < n; i++) {
        const kpm_value_t *v = &rows->values[i];
        if (v->type == KPM_INTEGER) {
            items[i].choice = e2sm_kpm_MeasurementRecordItem_choice_integer;
            items[i].u.integer = v->integer;
        } else if (v->type == KPM_REAL) {
            items[i].choice = e2sm_kpm_MeasurementRecordItem_choice_real;
            items[i].u.real = v->real;
        } else {
            items[i].choice = e2sm_kpm_MeasurementRecordItem_choice_noValue;
        }
    }
    return 0;
}

int kpm_report_encode(const kpm_report_t *r, const char *vendor, arena_t *arena, uint8_t *header,
                      size_t header_cap, size_t *ret_header_n, uint8_t *message, size_t message_cap,
                      size_t *ret_message_n)
{
    uint8_t stamp[8];
    uint64_t ntp =
        (uint64_t)((int64_t)(r->start_ms / 1000) + NTP_EPOCH) << 32 | ((r->start_ms % 1000) << 32) / 1000;
    for (int i = 0; i < 8; i++)
        stamp[i] = (uint8_t)(ntp >> (56 - 8 * i));
    e2sm_kpm_E2SM_KPM_IndicationHeader_Format1_t h1 = {.colletStartTime = {stamp, 8}};
    if (vendor) {
        h1.has.vendorName = 1;
        h1.vendorName = text(vendor);
    }
    e2sm_kpm_E2SM_KPM_IndicationHeader_t h = {
        .indicationHeader_formats = {
            .choice =
                e2sm_kpm_E2SM_KPM_IndicationHeader_indicationHeader_formats_choice_indicationHeader_Format1,
            .u = {.indicationHeader_Format1 = &h1}}};
    e2sm_kpm_E2SM_KPM_IndicationMessage_t m;
    e2sm_kpm_E2SM_KPM_IndicationMessage_Format1_t f1;
    e2sm_kpm_E2SM_KPM_IndicationMessage_Format3_t f3;
    e2sm_kpm_MeasurementInfoList_t columns; /* every UE's report names the same */
    if (!r->n)
        return -ENOENT;
    TRY(info_list(arena, r->measurements, r->n_measurements, &columns));
    if (r->style == KPM_STYLE_UES) {
        e2sm_kpm_UEMeasurementReportItem_t *items =
            ARENA_ARRAY(arena, e2sm_kpm_UEMeasurementReportItem_t, r->n);
        e2sm_kpm_UEID_GNB_DU_t *ids = ARENA_ARRAY(arena, e2sm_kpm_UEID_GNB_DU_t, r->n);
        if (!items || !ids)
            return -ENOMEM;
        for (uint32_t i = 0; i < r->n; i++) {
            const e2sm_ue_t *ue = &r->rows[i].ue;
            ids[i].gNB_CU_UE_F1AP_ID = ue->cu_ue_f1ap_id;
            ids[i].has.ran_UEID = ue->has_ran_ue_id;
            ids[i].ran_UEID = (asn1_bytes_t){ue->ran_ue_id, 8};
            items[i].ueID.choice = e2sm_kpm_UEID_choice_gNB_DU_UEID;
            items[i].ueID.u.gNB_DU_UEID = &ids[i];
            TRY(rows_to(arena, r, &r->rows[i], &columns, &items[i].measReport));
        }
        f3.ueMeasReportList.n = r->n;
        f3.ueMeasReportList.p = items;
        m.indicationMessage_formats.choice =
            e2sm_kpm_E2SM_KPM_IndicationMessage_indicationMessage_formats_choice_indicationMessage_Format3;
        m.indicationMessage_formats.u.indicationMessage_Format3 = &f3;
    } else {
        TRY(rows_to(arena, r, &r->rows[0], &columns, &f1));
        m.indicationMessage_formats.choice =
            e2sm_kpm_E2SM_KPM_IndicationMessage_indicationMessage_formats_choice_indicationMessage_Format1;
        m.indicationMessage_formats.u.indicationMessage_Format1 = &f1;
    }
    TRY(asn1_encode(&e2sm_kpm_E2SM_KPM_IndicationHeader_type, ASN1_APER, &h, header, header_cap, ret_header_n,
                    NULL));
    return asn1_encode(&e2sm_kpm_E2SM_KPM_IndicationMessage_type, ASN1_APER, &m, message, message_cap,
                       ret_message_n, NULL);
}

/* Every UE's report may name its columns; a report has one list, so that all must say the same. */
static int same_columns(const kpm_report_t *r, const kpm_measurement_t *m, uint32_t n)
{
    if (n != r->n_measurements)
        return -ENOTSUP;
    for (uint32_t i = 0; i < n; i++)
        if (m[i].slice != r->measurements[i].slice || m[i].name.n != r->measurements[i].name.n ||
            memcmp(m[i].name.p, r->measurements[i].name.p, m[i].name.n) != 0)
            return -ENOTSUP;
    return 0;
}

static int rows_from(arena_t *a, const e2sm_kpm_E2SM_KPM_IndicationMessage_Format1_t *f,
                     const kpm_action_t *asked, kpm_report_t *r, kpm_rows_t *ret)
{
    kpm_measurement_t m[KPM_MAX_MEASUREMENTS];
    uint32_t n = 0;
    if (f->measInfoList) {
        TRY(read_info_list(f->measInfoList, m, KPM_MAX_MEASUREMENTS, &n));
    } else if (asked) {
        n = asked->n;
        memcpy(m, asked->measurements, n * sizeof *m);
    } else {
        return -ENOTSUP;
    }
    if (!r->measurements) {
        r->measurements = ARENA_ARRAY(a, kpm_measurement_t, n);
        if (!r->measurements)
            return -ENOMEM;
        memcpy(r->measurements, m, n * sizeof *m);
        r->n_measurements = n;
    }
    TRY(same_columns(r, m, n));
    if (f->has.granulPeriod)
        r->granularity_ms = (uint32_t)f->granulPeriod;
    ret->n_rows = f->measData.n;
    ret->values = ARENA_ARRAY(a, kpm_value_t, (size_t)f->measData.n * n);
    if (!ret->values)
        return -ENOMEM;
    for (uint32_t i = 0; i < f->measData.n; i++) {
        const e2sm_kpm_MeasurementRecord_t *record = &f->measData.p[i].measRecord;
        if (record->n != n)
            return -EBADMSG;
        for (uint32_t j = 0; j < n; j++) {
            kpm_value_t *v = &ret->values[(size_t)i * n + j];
            if (record->p[j].choice == e2sm_kpm_MeasurementRecordItem_choice_integer)
                *v = (kpm_value_t){KPM_INTEGER, (uint32_t)record->p[j].u.integer, 0};
            else if (record->p[j].choice == e2sm_kpm_MeasurementRecordItem_choice_real)
                *v = (kpm_value_t){KPM_REAL, 0, record->p[j].u.real};
        }
    }
    return 0;
}

int kpm_report_decode(asn1_bytes_t header, asn1_bytes_t message, const kpm_action_t *asked, arena_t *arena,
                      kpm_report_t *ret)
{
    e2sm_kpm_E2SM_KPM_IndicationHeader_t h;
    e2sm_kpm_E2SM_KPM_IndicationMessage_t m;
    TRY(asn1_decode(&e2sm_kpm_E2SM_KPM_IndicationHeader_type, ASN1_APER, header.p, header.n, arena, &h,
                    NULL));
    TRY(asn1_decode(&e2sm_kpm_E2SM_KPM_IndicationMessage_type, ASN1_APER, message.p, message.n, arena, &m,
                    NULL));
    if (h.indicationHeader_formats.choice !=
        e2sm_kpm_E2SM_KPM_IndicationHeader_indicationHeader_formats_choice_indicationHeader_Format1)
        return -ENOTSUP;
    memset(ret, 0, sizeof *ret);
    uint64_t ntp = 0;
    for (int i = 0; i < 8; i++)
        ntp = ntp << 8 | h.indicationHeader_formats.u.indicationHeader_Format1->colletStartTime.p[i];
    int64_t seconds = (int64_t)(ntp >> 32) - NTP_EPOCH;
    ret->start_ms =
        seconds < 0 ? 0 : (uint64_t)seconds * 1000 + ((((ntp & 0xffffffffu) * 1000) + (1u << 31)) >> 32);
    if (asked)
        ret->granularity_ms = asked->granularity_ms;
    if (m.indicationMessage_formats.choice ==
        e2sm_kpm_E2SM_KPM_IndicationMessage_indicationMessage_formats_choice_indicationMessage_Format1) {
        ret->style = KPM_STYLE_NODE;
        ret->n = 1;
        ret->rows = ARENA_NEW(arena, kpm_rows_t);
        return ret->rows ? rows_from(arena, m.indicationMessage_formats.u.indicationMessage_Format1, asked,
                                     ret, ret->rows)
                         : -ENOMEM;
    }
    if (m.indicationMessage_formats.choice !=
        e2sm_kpm_E2SM_KPM_IndicationMessage_indicationMessage_formats_choice_indicationMessage_Format3)
        return -ENOTSUP;
    const e2sm_kpm_UEMeasurementReportList_t *list =
        &m.indicationMessage_formats.u.indicationMessage_Format3->ueMeasReportList;
    ret->style = KPM_STYLE_UES;
    ret->n = list->n;
    ret->rows = ARENA_ARRAY(arena, kpm_rows_t, list->n);
    if (!ret->rows)
        return -ENOMEM;
    for (uint32_t i = 0; i < list->n; i++) {
        if (list->p[i].ueID.choice != e2sm_kpm_UEID_choice_gNB_DU_UEID)
            return -ENOTSUP;
        const e2sm_kpm_UEID_GNB_DU_t *id = list->p[i].ueID.u.gNB_DU_UEID;
        ret->rows[i].ue.cu_ue_f1ap_id = (uint32_t)id->gNB_CU_UE_F1AP_ID;
        ret->rows[i].ue.has_ran_ue_id = id->has.ran_UEID;
        if (id->has.ran_UEID)
            memcpy(ret->rows[i].ue.ran_ue_id, id->ran_UEID.p, 8);
        TRY(rows_from(arena, &list->p[i].measReport, asked, ret, &ret->rows[i]));
    }
    return 0;
}
