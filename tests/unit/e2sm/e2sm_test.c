/* SPDX-License-Identifier: Apache-2.0 */
/* What goes into a service model's message comes out of it, and what another RIC may nest differently is
 * understood. */
#include <errno.h>
#include <stdlib.h>

#include "e2sm/kpm/kpm.h"
#include "e2sm/plg/plg.h"
#include "e2sm/rc/rc.h"
#include "lib/asn1/schema/e2sm_rc.asn.h"
#include "tests/doubles/plugin_host.h"
#include "tests/unit/cu.h"

static uint8_t mem[1 << 20], buf[65536], buf2[65536];
static arena_t arena;
static size_t n, n2;

static asn1_bytes_t name(const char *s)
{
    return (asn1_bytes_t){(const uint8_t *)s, (uint32_t)strlen(s)};
}

static void test_kpm_action(void)
{
    static kpm_action_t a, b;
    e2sm_cell_t cell = {{0x00, 0xf1, 0x10}, 0x123456789}, got;
    arena_init(&arena, mem, sizeof mem);
    a = (kpm_action_t){.style = KPM_STYLE_NODE,
                       .granularity_ms = 250,
                       .n = 3,
                       .measurements = {{name("RRU.PrbTotDl"), E2SM_NO_SLICE},
                                        {name("RRU.PrbTotDl"), E2SM_SLICE(1, 2)},
                                        {name("CQI"), E2SM_SLICE(1, E2SM_NO_SD)}}};
    CU_ASSERT_EQUAL(kpm_action_encode(&a, &cell, &arena, buf, sizeof buf, &n), 0);
    CU_ASSERT_EQUAL(kpm_action_decode(buf, n, &arena, &b, &got), 0);
    CU_ASSERT_EQUAL(b.style, KPM_STYLE_NODE);
    CU_ASSERT_EQUAL(b.granularity_ms, 250);
    CU_ASSERT_EQUAL_FATAL(b.n, 3);
    for (uint32_t i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(b.measurements[i].slice, a.measurements[i].slice);
        CU_ASSERT_BYTES(b.measurements[i].name.p, b.measurements[i].name.n, a.measurements[i].name.p,
                        a.measurements[i].name.n);
    }
    CU_ASSERT_EQUAL(got.nr_cell_id, cell.nr_cell_id);
    a.style = KPM_STYLE_UES;
    a.n = 1;
    a.n_conditions = 2;
    a.conditions[0] = (kpm_condition_t){KPM_TEST_SLICE, KPM_EQUAL, E2SM_SLICE(1, 0xabcdef), true};
    a.conditions[1] = (kpm_condition_t){KPM_TEST_CQI, KPM_GREATER, 7, false};
    CU_ASSERT_EQUAL(kpm_action_encode(&a, NULL, &arena, buf, sizeof buf, &n), 0);
    CU_ASSERT_EQUAL(kpm_action_decode(buf, n, &arena, &b, &got), 0);
    CU_ASSERT_EQUAL_FATAL(b.n_conditions, 2);
    CU_ASSERT_EQUAL(b.conditions[0].value, (int64_t)E2SM_SLICE(1, 0xabcdef));
    CU_ASSERT_TRUE(b.conditions[0].or_next);
    CU_ASSERT_EQUAL(b.conditions[1].test, KPM_TEST_CQI);
    CU_ASSERT_EQUAL(b.conditions[1].value, 7);
    CU_ASSERT_FALSE(b.conditions[1].or_next);
    for (size_t cut = 0; cut < n; cut++) /* every shorter message is refused, none is misread */
        CU_ASSERT_NOT_EQUAL(kpm_action_decode(buf, cut, &arena, &b, &got), 0);
}

static void test_kpm_report(void)
{
    kpm_measurement_t columns[2] = {{name("DRB.UEThpDl"), E2SM_NO_SLICE}, {name("CQI"), E2SM_NO_SLICE}};
    kpm_value_t values[2][4] = {
        {{KPM_INTEGER, 4000000000u, 0}, {KPM_REAL, 0, 12.5}, {KPM_NONE, 0, 0}, {KPM_REAL, 0, -0.1}},
        {{KPM_INTEGER, 0, 0}, {KPM_NONE, 0, 0}, {KPM_INTEGER, 7, 0}, {KPM_REAL, 0, 1e300}}};
    kpm_rows_t rows[2] = {{{7, true, {1, 2, 3, 4, 5, 6, 7, 8}}, 2, values[0]},
                          {{4294967295u, false, {0}}, 2, values[1]}};
    kpm_report_t r = {KPM_STYLE_UES, 1795298908342, 50, 2, columns, 2, rows}, got;
    arena_init(&arena, mem, sizeof mem);
    CU_ASSERT_EQUAL(kpm_report_encode(&r, "VitRAN", &arena, buf, sizeof buf, &n, buf2, sizeof buf2, &n2), 0);
    asn1_bytes_t header = {buf, (uint32_t)n}, message = {buf2, (uint32_t)n2};
    CU_ASSERT_EQUAL(kpm_report_decode(header, message, NULL, &arena, &got), 0);
    CU_ASSERT_EQUAL(got.start_ms, r.start_ms);
    CU_ASSERT_EQUAL(got.granularity_ms, 50);
    CU_ASSERT_EQUAL_FATAL(got.n, 2);
    CU_ASSERT_EQUAL_FATAL(got.n_measurements, 2);
    CU_ASSERT_TRUE(got.rows[0].ue.has_ran_ue_id);
    CU_ASSERT_EQUAL(got.rows[0].ue.ran_ue_id[7], 8);
    CU_ASSERT_EQUAL(got.rows[1].ue.cu_ue_f1ap_id, 4294967295u);
    for (uint32_t u = 0; u < 2; u++)
        for (uint32_t i = 0; i < 4; i++) {
            CU_ASSERT_EQUAL(got.rows[u].values[i].type, values[u][i].type);
            CU_ASSERT_EQUAL(got.rows[u].values[i].integer, values[u][i].integer);
            CU_ASSERT_EQUAL(got.rows[u].values[i].real, values[u][i].real);
        }
    r.n = 0;
    CU_ASSERT_EQUAL(kpm_report_encode(&r, NULL, &arena, buf, sizeof buf, &n, buf2, sizeof buf2, &n2),
                    -ENOENT);
}

static void test_rc_control(void)
{
    rc_control_t a = {.style = 2,
                      .action = 6,
                      .n = 2,
                      .quotas = {{.has_plmn = true,
                                  .has_min = true,
                                  .has_max = true,
                                  .has_dedicated = true,
                                  .plmn = {0x00, 0xf1, 0x10},
                                  .slice = E2SM_SLICE(1, 2),
                                  .min = 20,
                                  .max = 80,
                                  .dedicated = 5},
                                 {.has_max = true, .slice = E2SM_SLICE(3, E2SM_NO_SD), .max = 100}}},
                 b;
    arena_init(&arena, mem, sizeof mem);
    CU_ASSERT_EQUAL(rc_control_encode(&a, &arena, buf, sizeof buf, &n, buf2, sizeof buf2, &n2), 0);
    asn1_bytes_t header = {buf, (uint32_t)n}, message = {buf2, (uint32_t)n2};
    CU_ASSERT_EQUAL(rc_control_decode(header, message, &arena, &b), 0);
    CU_ASSERT_EQUAL_FATAL(b.n, 2);
    CU_ASSERT_EQUAL(b.quotas[0].slice, E2SM_SLICE(1, 2));
    CU_ASSERT_EQUAL(b.quotas[0].min, 20);
    CU_ASSERT_EQUAL(b.quotas[0].dedicated, 5);
    CU_ASSERT_EQUAL(b.quotas[0].plmn[1], 0xf1);
    CU_ASSERT_EQUAL(b.quotas[1].slice, E2SM_SLICE(3, E2SM_NO_SD));
    CU_ASSERT_FALSE(b.quotas[1].has_min);
    CU_ASSERT_EQUAL(b.quotas[1].max, 100);
    a.action = 7;
    CU_ASSERT_EQUAL(rc_control_encode(&a, &arena, buf, sizeof buf, &n, buf2, sizeof buf2, &n2), 0);
    header.n = (uint32_t)n;
    CU_ASSERT_EQUAL(rc_control_decode(header, message, &arena, &b), -ENOTSUP);
}

/* A RIC that leaves out the structures that stand for an element of a list, group (2) and member (6), and
 * gives the SST as a number: 1 > {3 > 5 > {8 > {9, 10}}, 11}. */
#define ELEMENT(id, kind, ...)                                                                               \
    {                                                                                                        \
        id,                                                                                                  \
        {                                                                                                    \
            .choice = e2sm_rc_RANParameter_ValueType_choice_ranP_Choice_ElementFalse, .u = {                 \
                .ranP_Choice_ElementFalse =                                                                  \
                    &(e2sm_rc_RANParameter_ValueType_Choice_ElementFalse_t){&(e2sm_rc_RANParameter_Value_t){ \
                        .choice = e2sm_rc_RANParameter_Value_choice_##kind, .u = {.kind = __VA_ARGS__}}}     \
            }                                                                                                \
        }                                                                                                    \
    }
#define ITEMS(list)                                                                                          \
    {                                                                                                        \
        &(e2sm_rc_RANParameter_STRUCTURE_sequence_of_ranParameters_t)                                        \
        {                                                                                                    \
            sizeof(list) / sizeof *(list), list                                                              \
        }                                                                                                    \
    }
#define STRUCTURE(list)                                                                                      \
    {                                                                                                        \
        .choice = e2sm_rc_RANParameter_ValueType_choice_ranP_Choice_Structure, .u = {                        \
            .ranP_Choice_Structure = &(e2sm_rc_RANParameter_ValueType_Choice_Structure_t){ITEMS(list)}       \
        }                                                                                                    \
    }
#define LIST_OF_ONE(list)                                                                                    \
    {                                                                                                        \
        .choice = e2sm_rc_RANParameter_ValueType_choice_ranP_Choice_List, .u = {                             \
            .ranP_Choice_List =                                                                              \
                &(e2sm_rc_RANParameter_ValueType_Choice_List_t){                                             \
                    {{1, &(e2sm_rc_RANParameter_STRUCTURE_t)ITEMS(list)}}}                                   \
        }                                                                                                    \
    }

static void test_rc_control_nested_otherwise(void)
{
    rc_control_t a = {.style = 2, .action = 6, .n = 1, .quotas = {{.slice = E2SM_SLICE(1, 2)}}}, b;
    arena_init(&arena, mem, sizeof mem);
    CU_ASSERT_EQUAL(rc_control_encode(&a, &arena, buf, sizeof buf, &n, buf2, sizeof buf2, &n2), 0);
    asn1_bytes_t header = {buf, (uint32_t)n};
    e2sm_rc_RANParameter_STRUCTURE_Item_t nssai[] = {
        ELEMENT(RC_SST, valueInt, 1), ELEMENT(RC_SD, valueOctS, {(const uint8_t *)"\0\0\2", 3})};
    e2sm_rc_RANParameter_STRUCTURE_Item_t member[] = {{RC_S_NSSAI, STRUCTURE(nssai)}};
    e2sm_rc_RANParameter_STRUCTURE_Item_t policy[] = {{RC_MEMBER_LIST, LIST_OF_ONE(member)}};
    e2sm_rc_RANParameter_STRUCTURE_Item_t group[] = {{RC_POLICY, STRUCTURE(policy)},
                                                     ELEMENT(RC_MIN_RATIO, valueInt, 30)};
    e2sm_rc_E2SM_RC_ControlMessage_Format1_Item_t top = {RC_POLICY_RATIO_LIST, LIST_OF_ONE(group)};
    e2sm_rc_E2SM_RC_ControlMessage_Format1_t f = {{1, &top}};
    e2sm_rc_E2SM_RC_ControlMessage_t m = {
        {.choice = e2sm_rc_E2SM_RC_ControlMessage_ric_controlMessage_formats_choice_controlMessage_Format1,
         .u = {.controlMessage_Format1 = &f}}};
    CU_ASSERT_EQUAL(
        asn1_encode(&e2sm_rc_E2SM_RC_ControlMessage_type, ASN1_APER, &m, buf2, sizeof buf2, &n2, NULL), 0);
    CU_ASSERT_EQUAL(rc_control_decode(header, (asn1_bytes_t){buf2, (uint32_t)n2}, &arena, &b), 0);
    CU_ASSERT_EQUAL_FATAL(b.n, 1);
    CU_ASSERT_EQUAL(b.quotas[0].slice, E2SM_SLICE(1, 2));
    CU_ASSERT_EQUAL(b.quotas[0].min, 30);
    CU_ASSERT_FALSE(b.quotas[0].has_max);
    /* A quota without a slice, and one that two slices share, are refused. */
    f.ranP_List.p->ranParameter_valueType.u.ranP_Choice_List->ranParameter_List.list_of_ranParameter.p[0]
        .sequence_of_ranParameters->p = &group[1];
    f.ranP_List.p->ranParameter_valueType.u.ranP_Choice_List->ranParameter_List.list_of_ranParameter.p[0]
        .sequence_of_ranParameters->n = 1;
    CU_ASSERT_EQUAL(
        asn1_encode(&e2sm_rc_E2SM_RC_ControlMessage_type, ASN1_APER, &m, buf2, sizeof buf2, &n2, NULL), 0);
    CU_ASSERT_EQUAL(rc_control_decode(header, (asn1_bytes_t){buf2, (uint32_t)n2}, &arena, &b), -ENOTSUP);
}

static void test_rc_outcome(void)
{
    rc_outcome_t a = {.has_slot = true,
                      .has_quota = true,
                      .slot = 1ull << 40,
                      .elapsed_us = 123,
                      .min = 1,
                      .max = 2},
                 b;
    arena_init(&arena, mem, sizeof mem);
    CU_ASSERT_EQUAL(rc_outcome_encode(&a, buf, sizeof buf, &n), 0);
    CU_ASSERT_EQUAL(rc_outcome_decode((asn1_bytes_t){buf, (uint32_t)n}, &arena, &b), 0);
    CU_ASSERT_EQUAL(b.slot, 1ull << 40);
    CU_ASSERT_EQUAL(b.max, 2);
    rc_outcome_t f = {.reason = "out-of-range: x"};
    CU_ASSERT_EQUAL(rc_outcome_encode(&f, buf, sizeof buf, &n), 0);
    CU_ASSERT_EQUAL(rc_outcome_decode((asn1_bytes_t){buf, (uint32_t)n}, &arena, &b), 0);
    CU_ASSERT_STRING_EQUAL(b.reason, "out-of-range: x");
    CU_ASSERT_FALSE(b.has_slot);
}

static void test_plg_function(void)
{
    static plugin_host_t host;
    const tunables_plugin_t *plugins;
    const uint32_t slices[] = {E2SM_SLICE(1, E2SM_NO_SD), E2SM_SLICE(1, 2)};
    e2sm_cell_t cell = {{0x00, 0xf1, 0x10}, 411u << 14 | 1};
    plg_RANfunctionDefinition_t d;
    arena_init(&arena, mem, sizeof mem);
    host_init(&host, 2, 0);
    uint32_t n_plugins = host_provider.plugins(&host, &plugins);
    CU_ASSERT_EQUAL(plg_function_encode(&cell, slices, 2, plugins, n_plugins, &arena, buf, sizeof buf, &n),
                    0);
    CU_ASSERT_EQUAL(asn1_decode(&plg_RANfunctionDefinition_type, ASN1_APER, buf, n, &arena, &d, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(d.plugins.n, 2);
    CU_ASSERT_EQUAL(d.plugins.p[1].parameters.n, 7);
    const plg_Parameter_t *alpha = &d.plugins.p[1].parameters.p[0];
    CU_ASSERT_BYTES(alpha->name.p, alpha->name.n, "pf.alpha", 8);
    CU_ASSERT_EQUAL(alpha->type.u.real->max, 2.0);
    CU_ASSERT_EQUAL(E2SM_SLICE_FROM(&d.slices.p[1]), slices[1]);
    CU_ASSERT_EQUAL(e2sm_cell_from_bits(d.cell.nRCellIdentity.p), cell.nr_cell_id);
}

static void test_plg_values(void)
{
    plg_Value_t i = {.choice = plg_Value_choice_integer, .u = {.integer = 3}},
                b = {.choice = plg_Value_choice_boolean, .u = {.boolean = true}};
    vtn_value_t v;
    CU_ASSERT_EQUAL(plg_value_to(&host_alpha, &i, &v), 0); /* an integer is a real, too */
    CU_ASSERT_EQUAL(v.f, 3.0);
    CU_ASSERT_EQUAL(plg_value_to(&host_alpha, &b, &v), -EPROTOTYPE);
    CU_ASSERT_EQUAL(plg_value_to(&host_on, &i, &v), -EPROTOTYPE);
    CU_ASSERT_EQUAL(plg_value_to(&host_on, &b, &v), 0);
    CU_ASSERT_EQUAL(plg_value_from(&host_on, v).u.boolean, true);
    CU_ASSERT_STRING_EQUAL(plg_reason_name(plg_reason(-ERANGE)), "out-of-range");
}

CU_MAIN("e2sm", {"KPM action", test_kpm_action}, {"KPM report", test_kpm_report},
        {"RC control", test_rc_control}, {"RC control nested otherwise", test_rc_control_nested_otherwise},
        {"RC outcome", test_rc_outcome}, {"PLG function", test_plg_function}, {"PLG values", test_plg_values})
