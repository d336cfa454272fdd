/* SPDX-License-Identifier: Apache-2.0 */
/* A UE's control plane as a table. Messages that change nothing (NAS both ways, measurement reports) are not
 * events. */
#include "cu/rrc/rrc_inner.h"

static const char *const states[] = {"setup",      "connected",     "security", "capability",
                                     "context",    "reconfiguring", "ready",    "reestablishing",
                                     "radio lost", "asked release", "releasing"};
static const char *const events[] = {"setup complete",
                                     "security mode complete",
                                     "security mode failure",
                                     "capability information",
                                     "reconfiguration complete",
                                     "reestablishment complete",
                                     "reestablishment request",
                                     "context response",
                                     "context failure",
                                     "release request",
                                     "radio link failure",
                                     "modification required",
                                     "inactivity",
                                     "release complete",
                                     "DU lost",
                                     "job",
                                     "release command",
                                     "bearer lost",
                                     "timeout"};

static const fsm_row_t rows[] = {
    FSM_ROW(UE_SETUP, EV_SETUP_COMPLETE, rrc_do_connected, UE_CONNECTED),

    /* The first job of a UE is its initial context: security first. */
    FSM_ROW(UE_CONNECTED, EV_JOB, rrc_do_security, UE_SECURITY),
    FSM_ROW(UE_SECURITY, EV_SECURITY_COMPLETE, rrc_do_secured, UE_CAPABILITY),
    FSM_ROW(UE_SECURITY, EV_SECURITY_FAILURE, rrc_do_security_failed, UE_CONNECTED),
    FSM_ROW(UE_CAPABILITY, EV_CAPABILITY, rrc_do_capability, UE_CONTEXT),
    FSM_ROW(UE_CONTEXT, EV_CONTEXT_OK, rrc_do_context_ok, UE_RECONFIGURING),
    FSM_ROW(UE_CONTEXT, EV_CONTEXT_FAILED, rrc_do_context_failed, UE_READY),
    FSM_ROW(UE_RECONFIGURING, EV_RECONFIGURED, rrc_do_reconfigured, UE_READY),
    /* Jobs wait while another is under way. */
    FSM_ROW(UE_READY, EV_JOB, rrc_do_start_job, UE_CONTEXT),
    FSM_ROW(UE_SECURITY, EV_JOB, NULL, UE_SECURITY),
    FSM_ROW(UE_CAPABILITY, EV_JOB, NULL, UE_CAPABILITY),
    FSM_ROW(UE_CONTEXT, EV_JOB, NULL, UE_CONTEXT),
    FSM_ROW(UE_RECONFIGURING, EV_JOB, NULL, UE_RECONFIGURING),
    FSM_ROW(UE_REESTABLISHING, EV_JOB, NULL, UE_REESTABLISHING),
    FSM_ROW(UE_RADIO_LOST, EV_JOB, NULL, UE_RADIO_LOST),
    FSM_ROW(UE_ASKED_RELEASE, EV_JOB, NULL, UE_ASKED_RELEASE),

    /* Re-establishment: SRB1 anew with new keys, then the other bearers as a job. */
    FSM_ROW(UE_READY, EV_REESTABLISH, rrc_do_reestablish, UE_REESTABLISHING),
    FSM_ROW(UE_RADIO_LOST, EV_REESTABLISH, rrc_do_reestablish, UE_REESTABLISHING),
    FSM_ROW(UE_REESTABLISHING, EV_REESTABLISHED, rrc_do_reestablished, UE_READY),

    /* The DU */
    FSM_ROW(UE_READY, EV_DU_REQUIRES, rrc_do_required, UE_READY),
    FSM_ROW(UE_READY, EV_DU_INACTIVE, rrc_do_inactive, UE_READY),
    FSM_ROW(FSM_ANY, EV_DU_INACTIVE, NULL, FSM_ANY),
    FSM_ROW(UE_ASKED_RELEASE, EV_DU_WANTS_RELEASE, NULL, UE_ASKED_RELEASE),
    FSM_ROW(UE_RELEASING, EV_DU_WANTS_RELEASE, NULL, UE_RELEASING),
    FSM_ROW(FSM_ANY, EV_DU_WANTS_RELEASE, rrc_do_ask_release, UE_ASKED_RELEASE),
    /* The DU notices a lost radio link before the UE gives up: the context is kept for a while. */
    FSM_ROW(UE_READY, EV_DU_RADIO_LOST, rrc_do_radio_lost, UE_RADIO_LOST),
    FSM_ROW(UE_ASKED_RELEASE, EV_DU_RADIO_LOST, NULL, UE_ASKED_RELEASE),
    FSM_ROW(UE_RELEASING, EV_DU_RADIO_LOST, NULL, UE_RELEASING),
    FSM_ROW(FSM_ANY, EV_DU_RADIO_LOST, rrc_do_ask_release, UE_ASKED_RELEASE),
    FSM_ROW(FSM_ANY, EV_DU_LOST, rrc_do_lost, UE_ASKED_RELEASE),
    FSM_ROW(UE_RELEASING, EV_DU_LOST, rrc_do_released, UE_RELEASING),
    FSM_ROW(UE_RELEASING, EV_DU_RELEASED, rrc_do_released, UE_RELEASING),

    /* The core */
    FSM_ROW(FSM_ANY, EV_RELEASE, rrc_do_release, UE_RELEASING),
    FSM_ROW(UE_RELEASING, EV_RELEASE, NULL, UE_RELEASING),

    FSM_ROW(UE_READY, EV_UP_LOST, rrc_do_ask_release, UE_ASKED_RELEASE),
    FSM_ROW(FSM_ANY, EV_UP_LOST, NULL, FSM_ANY),

    FSM_ROW(FSM_ANY, EV_TIMEOUT, rrc_do_timeout, UE_ASKED_RELEASE),
    FSM_ROW(UE_ASKED_RELEASE, EV_TIMEOUT, rrc_do_release, UE_RELEASING),
    FSM_ROW(UE_RELEASING, EV_TIMEOUT, rrc_do_give_up, UE_RELEASING),
};

const fsm_t rrc_cu_fsm = {"rrc-cu", states, events, rows, UE_N_STATES, EV_N, sizeof rows / sizeof rows[0]};
