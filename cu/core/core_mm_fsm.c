/* SPDX-License-Identifier: Apache-2.0 */
/* The network's 5GMM machine for one UE: TS 24.501 5.4 and 5.5. Steps that can end in more than one state set
 * it themselves (next: stay here) and name the states beside the row. */
#include "cu/core/core_internal.h"

#define ROW FSM_ROW
#define STAY FSM_ANY

static const fsm_row_t rows[] = {
    /* A new request starts the procedure anew wherever it was, 5.5.1.2.8 d to f. Next: IDENTITY,
     * AUTHENTICATION, ACCEPTED (context known), RELEASING. */
    ROW(MM_NULL, EV_REGISTRATION_REQUEST, core_mm_on_registration_request, STAY),
    ROW(MM_IDENTITY, EV_REGISTRATION_REQUEST, core_mm_on_registration_request, STAY),
    ROW(MM_AUTHENTICATION, EV_REGISTRATION_REQUEST, core_mm_on_registration_request, STAY),
    ROW(MM_SECURITY_MODE, EV_REGISTRATION_REQUEST, core_mm_on_registration_request, STAY),
    ROW(MM_ACCEPTED, EV_REGISTRATION_REQUEST, core_mm_on_registration_request, STAY),
    ROW(MM_REGISTERED, EV_REGISTRATION_REQUEST, core_mm_on_registration_request, STAY),

    ROW(MM_IDENTITY, EV_IDENTITY_RESPONSE, core_mm_on_identity_response,
        STAY), /* AUTHENTICATION, RELEASING */
    ROW(MM_AUTHENTICATION, EV_AUTHENTICATION_RESPONSE, core_mm_on_authentication_response,
        STAY), /* SECURITY_MODE, .. */
    ROW(MM_AUTHENTICATION, EV_AUTHENTICATION_FAILURE, core_mm_on_authentication_failure,
        STAY), /* again, RELEASING */
    ROW(MM_SECURITY_MODE, EV_SECURITY_MODE_COMPLETE, core_mm_on_security_mode_complete,
        STAY), /* ACCEPTED, RELEASING */
    ROW(MM_SECURITY_MODE, EV_SECURITY_MODE_REJECT, core_mm_on_security_mode_reject, STAY), /* RELEASING */

    ROW(MM_ACCEPTED, EV_REGISTRATION_COMPLETE, core_mm_on_registration_complete, MM_REGISTERED),
    ROW(MM_ACCEPTED, EV_UL_NAS_TRANSPORT, core_mm_on_ul_nas_transport,
        STAY),                                                /* it was sent right behind the COMPLETE */
    ROW(MM_REGISTERED, EV_REGISTRATION_COMPLETE, NULL, STAY), /* of a repeated ACCEPT */
    ROW(MM_REGISTERED, EV_UL_NAS_TRANSPORT, core_mm_on_ul_nas_transport, STAY),
    ROW(MM_REGISTERED, EV_CONFIGURATION_UPDATE_COMPLETE, NULL, STAY),

    ROW(MM_NULL, EV_SERVICE_REQUEST, core_mm_on_service_request, STAY), /* RELEASING */
    ROW(MM_REGISTERED, EV_SERVICE_REQUEST, core_mm_on_service_request, STAY),

    ROW(MM_NULL, EV_DEREGISTRATION_REQUEST, core_mm_on_deregistration_request, STAY), /* RELEASING */
    ROW(MM_ACCEPTED, EV_DEREGISTRATION_REQUEST, core_mm_on_deregistration_request, STAY),
    ROW(MM_REGISTERED, EV_DEREGISTRATION_REQUEST, core_mm_on_deregistration_request, STAY),
    ROW(MM_DEREGISTERING, EV_DEREGISTRATION_REQUEST, core_mm_on_deregistration_request, STAY),
    ROW(MM_DEREGISTERING, EV_DEREGISTRATION_ACCEPT, core_mm_on_deregistration_accept, STAY), /* RELEASING */

    ROW(MM_IDENTITY, EV_TIMEOUT, core_mm_on_setup_timeout, STAY), /* RELEASING */
    ROW(MM_AUTHENTICATION, EV_TIMEOUT, core_mm_on_setup_timeout, STAY),
    ROW(MM_SECURITY_MODE, EV_TIMEOUT, core_mm_on_setup_timeout, STAY),
    ROW(MM_ACCEPTED, EV_TIMEOUT, core_mm_on_accept_timeout, MM_REGISTERED), /* 5.5.1.2.8 c */
    ROW(MM_DEREGISTERING, EV_TIMEOUT, core_mm_on_deregistration_accept, STAY),

    ROW(FSM_ANY, EV_STATUS, core_mm_on_status, STAY),
};

static const char *const states[] = {"NULL",     "IDENTITY",   "AUTHENTICATION", "SECURITY_MODE",
                                     "ACCEPTED", "REGISTERED", "DEREGISTERING",  "RELEASING"};
static const char *const events[] = {"REGISTRATION REQUEST",
                                     "IDENTITY RESPONSE",
                                     "AUTHENTICATION RESPONSE",
                                     "AUTHENTICATION FAILURE",
                                     "SECURITY MODE COMPLETE",
                                     "SECURITY MODE REJECT",
                                     "REGISTRATION COMPLETE",
                                     "DEREGISTRATION REQUEST",
                                     "DEREGISTRATION ACCEPT",
                                     "SERVICE REQUEST",
                                     "UL NAS TRANSPORT",
                                     "CONFIGURATION UPDATE COMPLETE",
                                     "5GMM STATUS",
                                     "TIMEOUT"};

const fsm_t core_mm_fsm = {"core_mm", states, events, rows, MM_STATES, EV_COUNT, sizeof rows / sizeof *rows};
