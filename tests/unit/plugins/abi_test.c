/* SPDX-License-Identifier: Apache-2.0 */
/* The layout that plugins are built against. A change here breaks plugins that exist: with a major of 0 it
 * asks for another minor, later on for another major. */
#include "vitran/plugin.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpadded"
#pragma GCC diagnostic ignored "-Wconversion"
#include "tests/unit/cu.h"
#include "vitran/sched_util.h"
#pragma GCC diagnostic pop

#define AT(type, member, offset) CU_ASSERT_EQUAL(offsetof(type, member), offset)

static void test_layout(void)
{
    CU_ASSERT_EQUAL(sizeof(vtn_param_t), 88);
    AT(vtn_param_t, name, 24);
    AT(vtn_param_t, min, 56);
    AT(vtn_param_t, def, 80);
    AT(vtn_set_t, v, 8);
    AT(vtn_grant_t, ue, 40);
    AT(vtn_grant_t, dir, 44);
    AT(vtn_grant_t, first_cce, 52);
    AT(vtn_grant_t, k1, 56);
    AT(vtn_grant_t, reserved, 59);
    AT(vtn_feedback_t, ue, 12);
    AT(vtn_feedback_t, outcome, 18);
    AT(vtn_slot_in_t, abs_slot, 8);
    AT(vtn_slot_in_t, events, 40);
    AT(vtn_slot_in_t, sets_seq, 64);
    AT(vtn_slot_in_t, dl, 72);
    AT(vtn_slot_in_t, free_cces, 88);
    CU_ASSERT_EQUAL(sizeof(vtn_slot_in_t), 104);
    AT(vtn_slot_out_t, applied_seq, 16);
    CU_ASSERT_EQUAL(sizeof(vtn_slot_out_t), 32);
    AT(vtn_ues_t, generation, 16);
    AT(vtn_ues_t, cce, 240);
    AT(vtn_ues_t, n_lcs, 272);
    CU_ASSERT_EQUAL(sizeof(vtn_ues_t), 360);
    AT(vtn_direction_t, active, 56);
    CU_ASSERT_EQUAL(sizeof(vtn_direction_t), 96);
    AT(vtn_scheduler_t, create, 48);
    AT(vtn_scheduler_t, get_ext, 88);
    CU_ASSERT_EQUAL(sizeof(vtn_plugin_entry_t), 40);
}

static void test_has(void)
{
    /* A host that is older than the member: VTN_HAS says no. */
    vtn_slot_in_t in = {0};
    in.struct_size = offsetof(vtn_slot_in_t, free_cces);
    CU_ASSERT(VTN_HAS(&in, ul) && !VTN_HAS(&in, free_cces));
}

static void test_take(void)
{
    vtn_direction_t d = {0};
    vtn_prb_mask_t free_prbs = {{0}}, got;
    d.n_prb = 51;
    d.rbg_size = 4;
    d.rbg_offset = 3; /* the first RBG has one PRB */
    vtn_prb_set(&free_prbs, 0, 51);
    CU_ASSERT_EQUAL(vtn_prb_take(&free_prbs, 5, 51, VTN_ALLOC_RBG, &d, &got), 5);
    CU_ASSERT_EQUAL(got.bits[0], 0x1fu);
    CU_ASSERT_EQUAL(vtn_prb_take(&free_prbs, 3, 3, VTN_ALLOC_RBG, &d, &got),
                    0); /* not even one RBG within the limit */
    vtn_prb_mask_t hole = {{0}};
    vtn_prb_set(&hole, 20, 10);
    vtn_prb_remove(&free_prbs, &hole); /* runs of 15 and 21 */
    CU_ASSERT_EQUAL(vtn_prb_take(&free_prbs, 10, 51, VTN_ALLOC_CONTIGUOUS, &d, &got), 10);
    CU_ASSERT_EQUAL(vtn_prb_next(&got, 0, 1), 5); /* out of the shorter one that holds it */
    CU_ASSERT_EQUAL(vtn_prb_take(&free_prbs, 40, 51, VTN_ALLOC_CONTIGUOUS, &d, &got), 21);
    CU_ASSERT_EQUAL(vtn_prb_next(&got, 0, 1), 30);
    uint32_t start;
    CU_ASSERT(vtn_prb_longest(&free_prbs, &start) == 5 && start == 15);
    vtn_prb_mask_t all = {{0}};
    vtn_prb_set(&all, 0, 275);
    CU_ASSERT_EQUAL(vtn_prb_count(&all), 275);
}

CU_MAIN("plugin-abi", {"layout", test_layout}, {"sized structs", test_has}, {"taking PRBs", test_take})
