/* SPDX-License-Identifier: Apache-2.0 */
/* One message of every type with every member in use, for goldens, round trips and damage. */
#ifndef VITRAN_TESTS_F1AP_SAMPLES_H
#define VITRAN_TESTS_F1AP_SAMPLES_H

#include <stdio.h>
#include <string.h>

#include "lib/f1ap/f1ap.h"

static const f1ap_cgi_t sample_cgi = {{0x00, 0xf1, 0x10}, UINT64_C(411) << 14 | 1};
static const uint8_t sample_bytes[] = {0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70};
/* MeasurementTimingConfiguration: one frequency, ARFCN 632628, 30 kHz, sf20, 5 subframes. */
static const uint8_t sample_timing[] = {0x10, 0x11, 0x34, 0xe6, 0x85, 0x02, 0x00};

static f1ap_cell_t sample_cell(void)
{
    return (f1ap_cell_t){.cgi = sample_cgi,
                         .pci = 1,
                         .has_tac = true,
                         .tac = 7,
                         .n_slices = 2,
                         .slices = {{1, F1AP_NO_SD}, {1, 2}},
                         .tdd = true,
                         .arfcn = 632004,
                         .band = 78,
                         .scs = f1ap_NRSCS_scs30,
                         .n_prb = 51,
                         .measurement_timing = {sample_timing, sizeof sample_timing},
                         .mib = {sample_bytes, 3},
                         .sib1 = {sample_bytes, sizeof sample_bytes}};
}

static f1ap_diagnostics_t sample_diagnostics(void)
{
    return (f1ap_diagnostics_t){.has_procedure = true,
                                .procedure_code = 1,
                                .triggering = f1ap_TriggeringMessage_initiating_message,
                                .criticality = f1ap_Criticality_reject,
                                .has_transaction = true,
                                .transaction_id = 9,
                                .n_ies = 1,
                                .ies = {{.id = 42, .criticality = f1ap_Criticality_reject, .missing = true}}};
}

static f1ap_drb_t sample_drb(uint8_t id)
{
    f1ap_flow_t flow = {.qfi = id, .five_qi = 9, .arp_priority = 8, .preemptable = true};
    f1ap_drb_t d = {.drb_id = id,
                    .qos = flow,
                    .snssai = {1, 2},
                    .n_flows = 1,
                    .flows = {flow},
                    .ul = {0x0a0a0014, 0x01020300u + id},
                    .rlc_mode = f1ap_RLCMode_rlc_am,
                    .dl_sn_bits = 18,
                    .ul_sn_bits = 12};
    d.qos.qfi = 0;
    if (id == 2) {
        d.qos.gbr = d.flows[0].gbr = true;
        d.qos.gfbr_dl_bps = d.flows[0].gfbr_dl_bps = 1000000;
        d.qos.mfbr_ul_bps = d.flows[0].mfbr_ul_bps = 4000000000000;
    }
    return d;
}

static void sample(f1ap_msg_type_t type, f1ap_msg_t *m)
{
    memset(m, 0, sizeof *m);
    m->type = type;
    switch (type) {
    case F1AP_RESET:
    case F1AP_RESET_ACK:
        m->u.reset = (f1ap_reset_t){.transaction_id = 3, .n_ues = 2};
        m->u.reset.ues[0] = (f1ap_ue_ref_t){true, true, 1024, 65536};
        m->u.reset.ues[1] = (f1ap_ue_ref_t){.has_du = true, .du_ue_id = 4294967295};
        if (type == F1AP_RESET)
            m->u.reset.cause = F1AP_MISC(om_intervention);
        break;
    case F1AP_SETUP_REQUEST:
        m->u.setup_request = (f1ap_setup_request_t){
            .transaction_id = 1, .du_id = 68719476735, .du_name = "vitran-du", .n_cells = 2};
        m->u.setup_request.cells[0] = m->u.setup_request.cells[1] = sample_cell();
        m->u.setup_request.cells[1].tdd = false; /* FDD without system information, slices or TAC */
        m->u.setup_request.cells[1].ul_arfcn = 384000;
        m->u.setup_request.cells[1].sib1.n = m->u.setup_request.cells[1].mib.n = 0;
        m->u.setup_request.cells[1].n_slices = 0;
        m->u.setup_request.cells[1].has_tac = false;
        m->u.setup_request.cells[1].n_prb = 242; /* an extension of NRNRB */
        break;
    case F1AP_SETUP_RESPONSE:
    case F1AP_DU_UPDATE_ACK:
        m->u.setup_response =
            (f1ap_setup_response_t){.transaction_id = 255,
                                    .n_activate = 1,
                                    .activate = {{.cgi = sample_cgi, .has_pci = true, .pci = 1007}}};
        if (type == F1AP_SETUP_RESPONSE) {
            strcpy(m->u.setup_response.cu_name, "vitran-cu");
        } else {
            m->u.setup_response.n_deactivate = 1;
            m->u.setup_response.deactivate[0].cgi = sample_cgi;
        }
        break;
    case F1AP_SETUP_FAILURE:
    case F1AP_DU_UPDATE_FAILURE:
    case F1AP_CU_UPDATE_FAILURE:
    case F1AP_REMOVAL_FAILURE:
        m->u.failure = (f1ap_failure_t){.transaction_id = 9,
                                        .cause = F1AP_RADIO(plmn_not_served_by_the_gNB_CU),
                                        .wait_s = type == F1AP_REMOVAL_FAILURE ? 0 : 20,
                                        .diagnostics = sample_diagnostics()};
        break;
    case F1AP_DU_UPDATE:
        m->u.du_update = (f1ap_du_update_t){
            .transaction_id = 4, .has_du_id = true, .du_id = 1, .n_add = 1, .n_modify = 1, .n_delete = 1};
        m->u.du_update.add[0] = m->u.du_update.modify[0].cell = sample_cell();
        m->u.du_update.modify[0].old = m->u.du_update.delete[0] = sample_cgi;
        break;
    case F1AP_CU_UPDATE:
        m->u.cu_update = (f1ap_cu_update_t){.transaction_id = 5, .n_activate = 1, .n_deactivate = 1};
        m->u.cu_update.activate[0] = (f1ap_cell_ref_t){.cgi = sample_cgi, .has_pci = true, .pci = 1};
        m->u.cu_update.deactivate[0] = (f1ap_cell_ref_t){.cgi = sample_cgi};
        break;
    case F1AP_CU_UPDATE_ACK:
        m->u.cu_update_ack = (f1ap_cu_update_ack_t){.transaction_id = 5, .n_failed = 1};
        m->u.cu_update_ack.failed[0] =
            (f1ap_cell_ref_t){.cgi = sample_cgi, .cause = F1AP_RADIO(cell_not_available)};
        break;
    case F1AP_ERROR_INDICATION:
        m->u.error = (f1ap_error_t){.transaction_id = 9,
                                    .ue = {true, true, 7, 8},
                                    .has_cause = true,
                                    .cause = F1AP_PROTOCOL(semantic_error),
                                    .diagnostics = sample_diagnostics()};
        break;
    case F1AP_REMOVAL_REQUEST:
    case F1AP_REMOVAL_RESPONSE:
        m->u.transaction.transaction_id = 77;
        break;
    case F1AP_DU_STATUS:
        m->u.du_status = (f1ap_du_status_t){.transaction_id = 6, .overloaded = true};
        break;
    case F1AP_CONTEXT_SETUP_REQUEST:
    case F1AP_CONTEXT_MODIFY_REQUEST:
        m->u.context_request = (f1ap_context_request_t){.cu_ue_id = 1024,
                                                        .has_du_ue_id = true,
                                                        .du_ue_id = 65536,
                                                        .has_cell = true,
                                                        .cell = sample_cgi,
                                                        .capability = {sample_bytes, 4},
                                                        .rrc_container = {sample_bytes, 7},
                                                        .srb_mask = 1 << 2,
                                                        .n_drbs = 2,
                                                        .monitor_inactivity = true,
                                                        .has_ambr_ul = true,
                                                        .ambr_ul_bps = 1000000000};
        m->u.context_request.drbs[0] = sample_drb(1);
        m->u.context_request.drbs[1] = sample_drb(2);
        if (type == F1AP_CONTEXT_MODIFY_REQUEST) {
            m->u.context_request.n_release = 1;
            m->u.context_request.release[0] = 3;
            m->u.context_request.reconfiguration_failure = true;
            m->u.context_request.restart_transmission = true;
        }
        break;
    case F1AP_CONTEXT_SETUP_RESPONSE:
    case F1AP_CONTEXT_MODIFY_RESPONSE:
        m->u.context_response = (f1ap_context_response_t){.cu_ue_id = 1024,
                                                          .du_ue_id = 65536,
                                                          .cell_group = {sample_bytes, 7},
                                                          .has_crnti = true,
                                                          .crnti = 0x4601,
                                                          .full_configuration = true,
                                                          .srb_failed_mask = 1 << 3,
                                                          .n_drbs = 2};
        m->u.context_response.drbs[0] =
            (f1ap_drb_result_t){.drb_id = 1, .ok = true, .dl = {0x0a0a001e, 0xdeadbeef}, .lcid = 4};
        m->u.context_response.drbs[1] =
            (f1ap_drb_result_t){.drb_id = 2, .cause = F1AP_RADIO(resources_not_available_for_the_slice)};
        break;
    case F1AP_CONTEXT_SETUP_FAILURE:
    case F1AP_CONTEXT_MODIFY_FAILURE:
    case F1AP_CONTEXT_REFUSE:
    case F1AP_RELEASE_REQUEST:
    case F1AP_RELEASE_COMPLETE:
        m->u.ue_cause = (f1ap_ue_cause_t){.cu_ue_id = 1024, .has_du_ue_id = true, .du_ue_id = 65536};
        if (type != F1AP_RELEASE_COMPLETE)
            m->u.ue_cause.cause = F1AP_RADIO(rl_failure_rlc);
        if (type != F1AP_RELEASE_REQUEST)
            m->u.ue_cause.diagnostics = sample_diagnostics();
        break;
    case F1AP_RELEASE_COMMAND:
        m->u.release_command = (f1ap_release_command_t){.cu_ue_id = 1024,
                                                        .du_ue_id = 65536,
                                                        .cause = F1AP_RADIO(normal_release),
                                                        .rrc_container = {sample_bytes, 7},
                                                        .srb_id = 1,
                                                        .has_old_du_ue_id = true,
                                                        .old_du_ue_id = 65537};
        break;
    case F1AP_CONTEXT_REQUIRED:
        m->u.context_required =
            (f1ap_context_required_t){.cu_ue_id = 1024,
                                      .du_ue_id = 65536,
                                      .cause = F1AP_RADIO(action_desirable_for_radio_reasons),
                                      .cell_group = {sample_bytes, 7},
                                      .n_release = 1,
                                      .release = {32}};
        break;
    case F1AP_CONTEXT_CONFIRM:
        m->u.context_confirm =
            (f1ap_context_confirm_t){.cu_ue_id = 1024, .du_ue_id = 65536, .rrc_container = {sample_bytes, 7}};
        break;
    case F1AP_INACTIVITY:
    case F1AP_NOTIFY:
        m->u.drb_states = (f1ap_drb_states_t){.cu_ue_id = 1024, .du_ue_id = 65536, .n_drbs = 2};
        m->u.drb_states.drbs[0].drb_id = 1;
        m->u.drb_states.drbs[0].on = true;
        m->u.drb_states.drbs[1].drb_id = 2;
        break;
    case F1AP_INITIAL_UL_RRC:
        m->u.initial_ul = (f1ap_initial_ul_t){.du_ue_id = 65536,
                                              .cell = sample_cgi,
                                              .crnti = 0x4601,
                                              .rrc_container = {sample_bytes, 6},
                                              .cell_group = {sample_bytes, 7},
                                              .transaction_id = 8};
        break;
    case F1AP_DL_RRC:
        m->u.dl_rrc = (f1ap_dl_rrc_t){.cu_ue_id = 1024,
                                      .du_ue_id = 65536,
                                      .has_old_du_ue_id = true,
                                      .old_du_ue_id = 65537,
                                      .srb_id = 1,
                                      .rrc_container = {sample_bytes, 7},
                                      .want_delivery_report = true};
        break;
    case F1AP_UL_RRC:
        m->u.ul_rrc = (f1ap_ul_rrc_t){.cu_ue_id = 1024,
                                      .du_ue_id = 65536,
                                      .srb_id = 2,
                                      .rrc_container = {sample_bytes, 7},
                                      .has_new_du_ue_id = true,
                                      .new_du_ue_id = 3};
        break;
    case F1AP_DELIVERY_REPORT:
        m->u.delivery_report = (f1ap_delivery_report_t){
            .cu_ue_id = 1024, .du_ue_id = 65536, .srb_id = 1, .delivered_sn = 4095, .triggering_sn = 5};
        break;
    case F1AP_PAGING:
        m->u.paging =
            (f1ap_paging_t){.ue_index = 1023, .five_s_tmsi = UINT64_C(0x0040a2f490ea), .n_cells = 1};
        m->u.paging.cells[0] = sample_cgi;
        break;
    case F1AP_SI_DELIVERY:
        m->u.si_delivery = (f1ap_si_delivery_t){.transaction_id = 2,
                                                .cell = sample_cgi,
                                                .confirmed_ue = 65536,
                                                .si_mask = 1 << 1 | UINT32_C(1) << 31};
        break;
    case F1AP_N_TYPES:
        break;
    }
}

#endif
