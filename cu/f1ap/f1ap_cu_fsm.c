/* SPDX-License-Identifier: Apache-2.0 */
/* What a gNB-DU may say when. The events are the messages themselves; a message without a row in the link's
 * state is answered as not compatible with it (TS 38.473 10.4). */
#include "cu/f1ap/f1ap_cu_inner.h"

static const char *const states[] = {"free", "connected", "ready", "resetting", "removed"};

#define NAME(name, message, type, member) #message,
static const char *const events[] = {F1AP_MESSAGES(NAME)};

static const fsm_row_t rows[] = {
    /* interface management, 8.2 */
    FSM_ROW(DU_CONNECTED, F1AP_SETUP_REQUEST, f1ap_cu_on_setup, DU_READY),
    FSM_ROW(DU_REMOVED, F1AP_SETUP_REQUEST, f1ap_cu_on_setup, DU_READY),
    /* A second F1 SETUP REQUEST starts the interface anew: what was agreed on is erased, 8.2.3.1. */
    FSM_ROW(DU_READY, F1AP_SETUP_REQUEST, f1ap_cu_on_setup, DU_READY),
    FSM_ROW(DU_RESETTING, F1AP_SETUP_REQUEST, f1ap_cu_on_setup, DU_READY),
    FSM_ROW(DU_READY, F1AP_DU_UPDATE, f1ap_cu_on_du_update, DU_READY),
    FSM_ROW(DU_READY, F1AP_CU_UPDATE_ACK, f1ap_cu_on_cu_update_ack, DU_READY),
    FSM_ROW(DU_READY, F1AP_CU_UPDATE_FAILURE, f1ap_cu_on_cu_update_failure, DU_READY),
    FSM_ROW(DU_READY, F1AP_RESET, f1ap_cu_on_reset, DU_READY),
    FSM_ROW(DU_RESETTING, F1AP_RESET, f1ap_cu_on_reset, DU_RESETTING),
    FSM_ROW(DU_RESETTING, F1AP_RESET_ACK, f1ap_cu_on_reset_ack, DU_READY),
    FSM_ROW(DU_READY, F1AP_REMOVAL_REQUEST, f1ap_cu_on_removal, DU_REMOVED),
    FSM_ROW(DU_READY, F1AP_DU_STATUS, f1ap_cu_on_status, DU_READY),
    FSM_ROW(FSM_ANY, F1AP_ERROR_INDICATION, f1ap_cu_on_error, FSM_ANY),
    /* UEs, 8.3 and 8.4 */
    FSM_ROW(DU_READY, F1AP_INITIAL_UL_RRC, f1ap_cu_on_initial_ul, DU_READY),
    FSM_ROW(DU_READY, F1AP_UL_RRC, f1ap_cu_on_ue, DU_READY),
    FSM_ROW(DU_READY, F1AP_DELIVERY_REPORT, f1ap_cu_on_ue, DU_READY),
    FSM_ROW(DU_READY, F1AP_CONTEXT_SETUP_RESPONSE, f1ap_cu_on_ue, DU_READY),
    FSM_ROW(DU_READY, F1AP_CONTEXT_SETUP_FAILURE, f1ap_cu_on_ue, DU_READY),
    FSM_ROW(DU_READY, F1AP_CONTEXT_MODIFY_RESPONSE, f1ap_cu_on_ue, DU_READY),
    FSM_ROW(DU_READY, F1AP_CONTEXT_MODIFY_FAILURE, f1ap_cu_on_ue, DU_READY),
    FSM_ROW(DU_READY, F1AP_CONTEXT_REQUIRED, f1ap_cu_on_ue, DU_READY),
    FSM_ROW(DU_READY, F1AP_RELEASE_REQUEST, f1ap_cu_on_ue, DU_READY),
    FSM_ROW(DU_READY, F1AP_RELEASE_COMPLETE, f1ap_cu_on_ue, DU_READY),
    FSM_ROW(DU_READY, F1AP_INACTIVITY, f1ap_cu_on_ue, DU_READY),
    FSM_ROW(DU_READY, F1AP_NOTIFY, f1ap_cu_on_ue, DU_READY),
};

const fsm_t f1ap_cu_fsm = {
    "f1ap-cu", states, events, rows, DU_N_STATES, F1AP_N_TYPES, sizeof rows / sizeof rows[0]};
