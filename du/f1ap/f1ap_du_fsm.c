/* SPDX-License-Identifier: Apache-2.0 */
/* The two machines of the gNB-DU's F1AP: the interface, and a UE. Messages are events; what has no row in the
 * state at hand is answered as not compatible with it (TS 38.473 10.4). */
#include "du/f1ap/f1ap_du_inner.h"

#define NAME(name, message, type, member) #message,

static const char *const link_states[] = {"down", "setting up", "ready", "resetting"};
static const char *const link_events[] = {F1AP_MESSAGES(NAME) "association up", "association down", "timer",
                                          "reset wanted"};

static const fsm_row_t link_rows[] = {
    FSM_ROW(LINK_DOWN, LINK_EV_UP, f1ap_du_on_up, LINK_SETUP),
    FSM_ROW(FSM_ANY, LINK_EV_DOWN, f1ap_du_on_down, LINK_DOWN),
    /* 8.2.3 */
    FSM_ROW(LINK_SETUP, LINK_EV_TIMER, f1ap_du_on_timer, LINK_SETUP),
    FSM_ROW(LINK_SETUP, F1AP_SETUP_RESPONSE, f1ap_du_on_setup_response, LINK_READY),
    FSM_ROW(LINK_SETUP, F1AP_SETUP_FAILURE, f1ap_du_on_setup_failure, LINK_SETUP),
    /* 8.2.4, 8.2.5 */
    FSM_ROW(LINK_READY, F1AP_DU_UPDATE_ACK, f1ap_du_on_update_answer, LINK_READY),
    FSM_ROW(LINK_READY, F1AP_DU_UPDATE_FAILURE, f1ap_du_on_update_answer, LINK_READY),
    FSM_ROW(LINK_READY, F1AP_CU_UPDATE, f1ap_du_on_cu_update, LINK_READY),
    /* 8.2.1 */
    FSM_ROW(LINK_READY, F1AP_RESET, f1ap_du_on_reset, LINK_READY),
    FSM_ROW(LINK_RESETTING, F1AP_RESET, f1ap_du_on_reset, LINK_RESETTING),
    FSM_ROW(LINK_READY, LINK_EV_RESET, f1ap_du_do_reset, LINK_RESETTING),
    FSM_ROW(LINK_RESETTING, F1AP_RESET_ACK, f1ap_du_on_reset_ack, LINK_READY),
    FSM_ROW(LINK_RESETTING, LINK_EV_TIMER, f1ap_du_on_reset_ack, LINK_READY),
    FSM_ROW(FSM_ANY, F1AP_ERROR_INDICATION, f1ap_du_on_error, FSM_ANY),
    /* 8.7, 8.5 */
    FSM_ROW(LINK_READY, F1AP_PAGING, f1ap_du_on_paging, LINK_READY),
    FSM_ROW(LINK_READY, F1AP_SI_DELIVERY, f1ap_du_on_si_delivery, LINK_READY),
    /* UE-associated: 8.3, 8.4 */
    FSM_ROW(LINK_READY, F1AP_DL_RRC, f1ap_du_on_ue, LINK_READY),
    FSM_ROW(LINK_READY, F1AP_CONTEXT_SETUP_REQUEST, f1ap_du_on_ue, LINK_READY),
    FSM_ROW(LINK_READY, F1AP_CONTEXT_MODIFY_REQUEST, f1ap_du_on_ue, LINK_READY),
    FSM_ROW(LINK_READY, F1AP_CONTEXT_CONFIRM, f1ap_du_on_ue, LINK_READY),
    FSM_ROW(LINK_READY, F1AP_CONTEXT_REFUSE, f1ap_du_on_ue, LINK_READY),
    FSM_ROW(LINK_READY, F1AP_RELEASE_COMMAND, f1ap_du_on_ue, LINK_READY),
};

const fsm_t f1ap_du_fsm = {"f1ap-du",
                           link_states,
                           link_events,
                           link_rows,
                           LINK_N_STATES,
                           LINK_N_EVENTS,
                           sizeof link_rows / sizeof link_rows[0]};

static const char *const ue_states[] = {"access", "active", "configuring", "lost", "releasing"};
static const char *const ue_events[] = {F1AP_MESSAGES(NAME) "DCCH message",
                                        "delivered",
                                        "configured",
                                        "removed",
                                        "radio link failure",
                                        "inactive"};

static const fsm_row_t ue_rows[] = {
    /* The CU's first message brings its id; it may also turn the UE away. */
    FSM_ROW(UE_ACCESS, F1AP_DL_RRC, f1ap_du_ue_dl_rrc, UE_ACTIVE),
    FSM_ROW(UE_ACCESS, F1AP_CONTEXT_SETUP_REQUEST, f1ap_du_ue_configure, UE_CONFIGURING),
    FSM_ROW(UE_ACCESS, F1AP_RELEASE_COMMAND, f1ap_du_ue_release, UE_RELEASING),
    FSM_ROW(UE_ACCESS, UE_EV_RADIO_LOST, f1ap_du_ue_radio_lost, UE_LOST),

    FSM_ROW(UE_ACTIVE, F1AP_DL_RRC, f1ap_du_ue_dl_rrc, UE_ACTIVE),
    FSM_ROW(UE_ACTIVE, F1AP_CONTEXT_SETUP_REQUEST, f1ap_du_ue_configure, UE_CONFIGURING),
    FSM_ROW(UE_ACTIVE, F1AP_CONTEXT_MODIFY_REQUEST, f1ap_du_ue_configure, UE_CONFIGURING),
    FSM_ROW(UE_ACTIVE, F1AP_CONTEXT_CONFIRM, f1ap_du_ue_confirm, UE_ACTIVE),
    FSM_ROW(UE_ACTIVE, F1AP_CONTEXT_REFUSE, NULL, UE_ACTIVE),
    FSM_ROW(UE_ACTIVE, F1AP_RELEASE_COMMAND, f1ap_du_ue_release, UE_RELEASING),
    FSM_ROW(UE_ACTIVE, UE_EV_DCCH, f1ap_du_ue_dcch, UE_ACTIVE),
    FSM_ROW(UE_ACTIVE, UE_EV_DELIVERED, f1ap_du_ue_delivered, UE_ACTIVE),
    FSM_ROW(UE_ACTIVE, UE_EV_CONFIGURED, NULL, UE_ACTIVE),
    FSM_ROW(UE_ACTIVE, UE_EV_RADIO_LOST, f1ap_du_ue_radio_lost, UE_LOST),
    FSM_ROW(UE_ACTIVE, UE_EV_INACTIVE, f1ap_du_ue_inactive, UE_ACTIVE),

    FSM_ROW(UE_CONFIGURING, UE_EV_CONFIGURED, f1ap_du_ue_configured, UE_ACTIVE),
    FSM_ROW(UE_CONFIGURING, F1AP_DL_RRC, f1ap_du_ue_dl_rrc, UE_CONFIGURING),
    FSM_ROW(UE_CONFIGURING, F1AP_CONTEXT_SETUP_REQUEST, f1ap_du_ue_busy, UE_CONFIGURING),
    FSM_ROW(UE_CONFIGURING, F1AP_CONTEXT_MODIFY_REQUEST, f1ap_du_ue_busy, UE_CONFIGURING),
    FSM_ROW(UE_CONFIGURING, F1AP_RELEASE_COMMAND, f1ap_du_ue_release, UE_RELEASING),
    FSM_ROW(UE_CONFIGURING, UE_EV_DCCH, f1ap_du_ue_dcch, UE_CONFIGURING),
    FSM_ROW(UE_CONFIGURING, UE_EV_DELIVERED, f1ap_du_ue_delivered, UE_CONFIGURING),
    FSM_ROW(UE_CONFIGURING, UE_EV_RADIO_LOST, f1ap_du_ue_radio_lost, UE_LOST),
    FSM_ROW(UE_CONFIGURING, UE_EV_INACTIVE, NULL, UE_CONFIGURING),

    /* Messages for a lost UE cross our release request on the wire: they go nowhere, and that is no error. */
    FSM_ROW(UE_LOST, F1AP_DL_RRC, NULL, UE_LOST),
    FSM_ROW(UE_LOST, F1AP_CONTEXT_SETUP_REQUEST, f1ap_du_ue_busy, UE_LOST),
    FSM_ROW(UE_LOST, F1AP_CONTEXT_MODIFY_REQUEST, f1ap_du_ue_busy, UE_LOST),
    FSM_ROW(UE_LOST, F1AP_RELEASE_COMMAND, f1ap_du_ue_release, UE_RELEASING),
    FSM_ROW(UE_LOST, UE_EV_CONFIGURED, NULL, UE_LOST),
    FSM_ROW(UE_LOST, UE_EV_DCCH, NULL, UE_LOST),
    FSM_ROW(UE_LOST, UE_EV_DELIVERED, NULL, UE_LOST),
    FSM_ROW(UE_LOST, UE_EV_RADIO_LOST, NULL, UE_LOST),
    FSM_ROW(UE_LOST, UE_EV_INACTIVE, NULL, UE_LOST),

    FSM_ROW(UE_RELEASING, UE_EV_REMOVED, f1ap_du_ue_released, UE_RELEASING),
    FSM_ROW(UE_RELEASING, F1AP_DL_RRC, NULL, UE_RELEASING),
    FSM_ROW(UE_RELEASING, UE_EV_DCCH, f1ap_du_ue_dcch, UE_RELEASING),
    FSM_ROW(UE_RELEASING, UE_EV_CONFIGURED, NULL, UE_RELEASING),
    FSM_ROW(UE_RELEASING, UE_EV_DELIVERED, NULL, UE_RELEASING),
    FSM_ROW(UE_RELEASING, UE_EV_RADIO_LOST, NULL, UE_RELEASING),
    FSM_ROW(UE_RELEASING, UE_EV_INACTIVE, NULL, UE_RELEASING),
    FSM_ROW(UE_RELEASING, F1AP_RELEASE_COMMAND, NULL, UE_RELEASING),

    /* The slot engine ended it on its own (L1 down). */
    FSM_ROW(FSM_ANY, UE_EV_REMOVED, f1ap_du_ue_gone, FSM_ANY),
};

const fsm_t f1ap_du_ue_fsm = {"f1ap-du-ue",
                              ue_states,
                              ue_events,
                              ue_rows,
                              UE_N_STATES,
                              UE_N_EVENTS,
                              sizeof ue_rows / sizeof ue_rows[0]};
